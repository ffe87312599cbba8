"""What actions need of the process that mounts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from actions.replies import Choice, HandoffWish, Kind, Reply
from actions.turn import Turn
from knowledge.entries import Entry, ended
from knowledge.language import Language
from knowledge.search import Hit
from knowledge.text.corrections import denied
from knowledge.text.gazetteer import Gazetteer, fold
from knowledge.text.normalise import in_hongkong
from knowledge.texts import Referrals, Script, Texts, in_script, spoken_day
from knowledge.tools.toolbox import Toolbox, default_toolbox


class KnowledgeBase(Protocol):
    """Published knowledge: search and look-up, both filtered by date."""

    def search(
        self,
        query: str,
        *,
        language: Language,
        region: str | None,
        k: int = 5,
        with_ended: bool = False,
        topic: str | None = None,
    ) -> list[Hit]:
        """The best entries for a question, best first; asked for, also those whose policy is over; of one topic."""
        ...

    def entry(self, entry_id: str) -> Entry | None:
        """A published entry in force today."""
        ...

    def ended(self, entry_id: str) -> Entry | None:
        """A published entry whose policy is over."""
        ...

    def now(self) -> datetime:
        """The present moment, with its zone."""
        ...

    def today(self) -> date:
        """The day that counts for validity."""
        ...


@dataclass(frozen=True)
class Services:
    """Everything an action may use; it reads, and never writes."""

    knowledge: KnowledgeBase
    texts: Texts
    referrals: Referrals
    authorities: Mapping[str, Mapping[str, str]]
    gazetteer: Gazetteer
    tools: Toolbox = field(default_factory=default_toolbox)

    def say(self, turn: Turn, kind: Kind, key: str, *, choices: Sequence[Choice] = (), **values: object) -> Reply:
        """A fixed sentence as a reply in the visitor's language and script."""
        text = self.texts.get(key, turn.language, turn.script, **values)
        return Reply(kind, text, turn.language, choices=tuple(choices))

    def human(self, turn: Turn, key: str = "human") -> Choice:
        """The button that leads to a human."""
        return Choice(self.texts.get(key, turn.language, turn.script), "/handoff")

    def handoff(self, turn: Turn, wish: HandoffWish, key: str | None = None) -> Reply:
        """A human is the outcome; the gateway completes the text when it has routed the case."""
        text = self.texts.get(key, turn.language, turn.script) if key else ""
        return Reply("handoff", text, turn.language, handoff=wish)

    def answer(self, turn: Turn, entry: Entry, confidence: float | None) -> Reply:
        """An entry's approved text, word for word, with source, authority and date."""
        text = self.wording(entry.answer, turn.language, turn.script)
        if entry.general:
            text = f"{text}\n{self.texts.get('general_guidance', turn.language, turn.script)}"
        if entry.valid_to:
            until = spoken_day(entry.valid_to, turn.language)
            text = f"{text}\n{self.texts.get('policy_until', turn.language, turn.script, date=until)}"
        return Reply(
            "answer",
            text,
            turn.language,
            entry={"id": entry.id, "version": entry.version},
            more=self.wording(entry.more, turn.language, turn.script) if entry.more else None,
            sources=self.sources(entry, turn.language, turn.script),
            valid_to=str(entry.valid_to) if entry.valid_to else None,
            region=entry.region,
            confidence=round(confidence, 3) if confidence is not None else None,
        )

    def ended(self, turn: Turn, entry: Entry) -> Reply | None:
        """What is said instead of an answer when an entry's policy is over; ``None`` while it is in force."""
        if entry.valid_to is None or not ended(entry, self.knowledge.today()):
            return None
        return self.policy_ended(turn, entry.valid_to)

    def policy_ended(self, turn: Turn, day: date) -> Reply:
        """A policy ended on that day: nothing is answered from it any more, and here is where to check."""
        until = spoken_day(day, turn.language)
        return self.say(turn, "decline", "policy_ended", choices=[self.human(turn)], date=until)

    def joined(self, question: str, more: str) -> str:
        """A question and what leans on it: 罗湖口岸几点关 + 拱北呢 is 拱北口岸几点关, else one after the other."""
        folded = fold(more)
        named = [one for one in self.gazetteer.find(more) if not denied(folded, one.start)]
        said = {mention.kind: mention for mention in reversed(named)}
        changed = question
        for mention in reversed(self.gazetteer.find(question)):
            if (new := said.get(mention.kind)) and new.candidates != mention.candidates:
                kind = "口岸" if mention.text.endswith("口岸") and not new.text.endswith("口岸") else ""
                changed = changed[: mention.start] + new.text + kind + changed[mention.end :]
        return changed if changed != question else f"{question} {more}"

    def sources(self, entry: Entry, language: Language, script: Script) -> list[dict[str, str | None]]:
        """An entry's sources as a message carries them, with the responsible authority's name."""
        authority = self.wording(self.authorities[entry.authority], language, script)
        return [
            {
                "title": self.wording(source.title, language, script),
                "url": source.url,
                "authority": authority,
                "date": source.date,
            }
            for source in entry.sources
        ]

    def wording(self, texts: Mapping[str, str], language: Language, script: Script) -> str:
        """A text in the visitor's language; Cantonese falls back to Chinese as Hong Kong prints it."""
        if language == "yue" and not texts.get("yue"):
            return in_hongkong(texts["zh"])
        return in_script(texts.get(language) or texts["zh"], language, script)

    def plain_question(self, entry: Entry, language: Language) -> str:
        """The plainest wording of what an entry answers: its first one."""
        return (entry.questions.get(language) or entry.questions["zh"])[0]

    def label(self, entry: Entry, language: Language, script: Script) -> str:
        """How an entry is offered as a choice: its first wording, the plain one, and whether its policy is over."""
        label = in_script(self.plain_question(entry, language), language, script)
        if entry.valid_to and ended(entry, self.knowledge.today()):
            until = spoken_day(entry.valid_to, language)
            return self.texts.get("label_ended", language, script, label=label, date=until)
        return label
