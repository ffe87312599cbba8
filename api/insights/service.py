"""Puts stored conversations beside the knowledge base."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from actions.services import Services
from actions.turn import Memory, Turn
from api.clock import SHANGHAI, Clock
from api.conversations.schemas import MessageOut
from api.database import Database
from api.insights import repository
from api.insights.grouping import MAX_TEXTS, group
from api.insights.repository import Asked, Count, Reason
from api.insights.schemas import (
    CoverageOut,
    DayCount,
    EntryTraffic,
    FactRef,
    Named,
    Near,
    Preview,
    PreviewWish,
    QuestionGroup,
    Questions,
    References,
    ThinEntry,
    Title,
    TopicCoverage,
    Traffic,
    Wording,
)
from api.knowledge.service import KnowledgeService
from api.portal.words import Words
from api.routing.geography import Geography
from knowledge.coverage import coverage
from knowledge.entries import AREAS, AUDIENCES, NEEDS, Entry, Source
from knowledge.entry_rules import load_facts
from knowledge.language import Language
from knowledge.text.normalise import normalise

MAX_QUESTIONS = 5000
"""Questions of a period that are read from each source: declined or disliked, handed over, rated badly."""
SAMPLES = 8
NEAREST = 3


class InsightService:
    """Reads for those who keep the knowledge base, and for supervisors."""

    def __init__(
        self,
        data: Path,
        database: Database,
        clock: Clock,
        knowledge: KnowledgeService,
        services: Services,
        geography: Geography,
        words: Words,
    ) -> None:
        self._data, self._database, self._clock = data, database, clock
        self._knowledge, self._services, self._geography, self._words = knowledge, services, geography, words

    async def questions(
        self, days: int, reasons: Sequence[Reason] = (), language: str | None = None, limit: int = 50
    ) -> Questions:
        """What was not answered well in the last days, grouped by meaning."""
        since, until = self._period(days)
        async with self._database.read() as session:
            asked = await repository.unserved(session, _moment(since), _moment(until, 1), MAX_QUESTIONS)
        wanted = [
            one
            for one in asked
            if (not reasons or one.reason in reasons) and (language is None or one.language == language)
        ]
        groups, left_out = await asyncio.to_thread(self._grouped, wanted)
        return Questions(
            since=since,
            until=until,
            questions=len(wanted),
            left_out=left_out,
            total=len(groups),
            groups=await asyncio.to_thread(lambda: [self._group(members) for members in groups[:limit]]),
        )

    def _grouped(self, asked: Sequence[Asked]) -> tuple[list[list[Asked]], int]:
        """Questions by meaning, the most frequent group first; texts that differ only in spelling count as one."""
        by_text: dict[str, list[Asked]] = defaultdict(list)
        for one in asked:
            by_text[normalise(one.text) or one.text].append(one)
        ranked = sorted(by_text.values(), key=lambda same: (-len(same), same[0].text))
        kept, rest = ranked[:MAX_TEXTS], ranked[MAX_TEXTS:]
        found = group([same[0].text for same in kept], self._knowledge.encoder, self._knowledge.index)
        groups = [[one for number in members for one in kept[number]] for members in found]
        groups.sort(key=lambda members: (-len(members), members[0].text))
        return groups, sum(map(len, rest))

    def _group(self, members: Sequence[Asked]) -> QuestionGroup:
        """One group; its first member is the most typical, and search looks that one up."""
        typical, texts = members[0], Counter((one.text, one.language) for one in members)
        hits = self._knowledge.search(typical.text, language=typical.language, region=None, k=NEAREST)  # type: ignore[arg-type]
        near = [
            Near(id=hit.entry.id, version=hit.entry.version, title=title(hit.entry), score=round(hit.score, 3))
            for hit in hits
        ]
        wordings = [
            Wording(text=text, language=language, count=count)
            for (text, language), count in texts.most_common(SAMPLES)
        ]
        return QuestionGroup(
            id=_stable_id(typical),
            count=len(members),
            languages=Counter(one.language for one in members),
            reasons=Counter(one.reason for one in members),
            wordings=wordings,
            nearest=near,
            entries=sorted({one.entry_id for one in members if one.entry_id}),
            first_at=min(one.at for one in members),
            last_at=max(one.at for one in members),
        )

    async def traffic(self, days: int, entry_id: str | None = None, limit: int = 50) -> Traffic:
        """How often entries were answered with, by day and language."""
        since, until = self._period(days)
        async with self._database.read() as session:
            counts = await repository.traffic(session, _moment(since), _moment(until, 1), entry_id)
        by_entry: dict[str, list[Count]] = defaultdict(list)
        for count in counts:
            by_entry[count.entry_id].append(count)
        ranked = sorted(by_entry.items(), key=lambda item: (-sum(one.answers for one in item[1]), item[0]))
        return Traffic(
            since=since,
            until=until,
            answers=sum(count.answers for count in counts),
            days=_by_day(counts),
            entries=[self._entry_traffic(one, rows) for one, rows in ranked[:limit]],
            total=len(ranked),
        )

    def _entry_traffic(self, entry_id: str, counts: Sequence[Count]) -> EntryTraffic:
        entry = self._entries.get(entry_id)
        return EntryTraffic(
            id=entry_id,
            title=title(entry) if entry else {},
            answers=sum(one.answers for one in counts),
            languages=_languages(counts),
            helpful=sum(one.helpful for one in counts),
            unhelpful=sum(one.unhelpful for one in counts),
            days=_by_day(counts),
        )

    def coverage(self) -> CoverageOut:
        """What the published entries cover, by topic and language."""
        entries = self._entries
        found = coverage(list(entries.values()), self._facts)
        thin = [
            ThinEntry(
                id=one.entry, title=title(entries[one.entry]), topic=entries[one.entry].topic,
                language=one.language, wordings=one.wordings, wanted=one.wanted,
            )
            for one in found.thin
        ]  # fmt: skip
        lacking = {(one.topic, one.id) for one in thin}
        topics = [
            TopicCoverage(
                topic=one.name, entries=one.entries, wordings=dict(one.wordings), unanswered=dict(one.unanswered),
                thin=sum(topic == one.name for topic, _ in lacking),
            )
            for one in found.topics
        ]  # fmt: skip
        facts = {fact.id: fact for fact in self._fact_refs(found.missing)}
        return CoverageOut(
            entries=sum(topic.entries for topic in topics),
            facts=found.facts,
            topics=topics,
            thin=thin,
            missing=list(facts.values()),
        )

    def references(self) -> References:
        """What an entry may refer to."""
        names: dict[str, dict[str, str]] = yaml.safe_load(
            (self._data / "knowledge" / "authorities.yaml").read_text("utf-8")
        )
        topics = {entry.topic for entry in self._entries.values()} | {fact["topic"] for fact in self._facts.values()}
        return References(
            areas=list(AREAS),
            audiences=list(AUDIENCES),
            needs=list(NEEDS),
            authorities=[Named(code=code, zh=name["zh"], en=name["en"]) for code, name in names.items()],
            topics=[
                Named(code=topic, zh=self._words.topic(topic, "zh"), en=self._words.topic(topic, "en"))
                for topic in sorted(topics)
            ],
            regions=[Named(code=place.code, zh=place.zh, en=place.en) for place in self._geography.divisions()],
            facts=self._fact_refs(self._facts),
        )

    def preview(self, wish: PreviewWish) -> Preview:
        """A draft's answer, made by what makes all answers."""
        if not wish.answer.get("zh"):
            return Preview(messages={})
        known = wish.authority in self._services.authorities
        entry = Entry(
            id="preview",
            topic="",
            area="",
            questions={},
            answer={language: text for language, text in wish.answer.items() if text},
            authority=wish.authority if known else next(iter(self._services.authorities)),
            sources=tuple(found for given in wish.sources if (found := _source(given))),
            general=wish.general,
            valid_to=wish.valid_to,
            region=wish.region,
            more={language: text for language, text in wish.more.items() if text},
        )
        languages: tuple[Language, ...] = ("zh", "yue", "en")
        return Preview(messages={language: self._answered(entry, language) for language in languages})

    def _answered(self, entry: Entry, language: Language) -> MessageOut:
        if not (entry.more.get("zh") or entry.more.get(language)):
            entry = replace(entry, more={})  # a second part that is not written yet in this language
        turn = Turn("", "", 1.0, {}, language, "hant" if language == "yue" else "hans", None, None, Memory())
        reply = self._services.answer(turn, entry, None).to_payload()
        shown = {key: reply[key] for key in ("text", "language", "sources", "more", "valid_to", "region")}
        return MessageOut(
            id="preview", seq=1, sender="bot", kind="answer", created_at=self._clock.now(), **shown
        )  # fmt: skip

    def _fact_refs(self, ids: Iterable[str]) -> list[FactRef]:
        stated: dict[str, list[str]] = defaultdict(list)
        for entry in self._entries.values():
            for fact_id in entry.facts:
                stated[fact_id].append(entry.id)
        return [_fact_ref(self._facts[fact_id], stated[fact_id]) for fact_id in ids]

    @cached_property
    def _facts(self) -> dict[str, dict[str, Any]]:
        return load_facts(self._data / "facts" / "facts.jsonl")

    @property
    def _entries(self) -> dict[str, Entry]:
        """The published entries by id."""
        return {entry.id: entry for entry in self._knowledge.index.entries}

    def _period(self, days: int) -> tuple[date, date]:
        """The last days, today included, in China."""
        today = self._clock.today()
        return today - timedelta(days=days - 1), today


def title(entry: Entry) -> Title:
    """How people call an entry: the first wording of each language."""
    return {language: wordings[0] for language, wordings in entry.questions.items() if wordings}  # type: ignore[misc]


def _source(given: Mapping[str, Any]) -> Source | None:
    """A source as far as it is written; None without a Chinese title, which the others fall back to."""
    titles = {language: text for language, text in (given.get("title") or {}).items() if text}
    return Source(titles, given.get("url"), given.get("date")) if titles.get("zh") else None


def _fact_ref(fact: Mapping[str, Any], stated_by: Sequence[str]) -> FactRef:
    return FactRef(
        id=fact["id"],
        topic=fact["topic"],
        zh=fact["fact_zh"],
        en=fact["fact_en"],
        confidence=fact["confidence"],
        volatile=fact["volatile"],
        stated_by=list(stated_by),
    )


def _stable_id(typical: Asked) -> str:
    """A group is called by its most typical question, however the others change."""
    return hashlib.sha256(typical.text.encode()).hexdigest()[:12]


def _by_day(counts: Sequence[Count]) -> list[DayCount]:
    by_day: dict[str, list[Count]] = defaultdict(list)
    for count in counts:
        by_day[count.day].append(count)
    return [
        DayCount(
            day=date.fromisoformat(day),
            answers=_languages(rows),
            helpful=sum(one.helpful for one in rows),
            unhelpful=sum(one.unhelpful for one in rows),
        )
        for day, rows in sorted(by_day.items())
    ]


def _languages(counts: Sequence[Count]) -> Any:
    found: Counter[str] = Counter()
    for count in counts:
        found[count.language] += count.answers
    return dict(found)


def _moment(day: date, after: int = 0) -> datetime:
    """The beginning of a day in China, or of one some days after it."""
    return datetime.combine(day + timedelta(days=after), time(), SHANGHAI)
