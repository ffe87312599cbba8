"""Finding the entry that answers a question, and knowing when none does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from knowledge.calibration import Calibration, Floats, Verdict, default_calibration, signals
from knowledge.encoder import Encoder
from knowledge.entries import Entry, effective, ended
from knowledge.index import KnowledgeIndex, UnusableIndexError
from knowledge.language import Language
from knowledge.ranking import Candidates, Filter, candidates

__all__ = ["Calibration", "Hit", "Searcher", "decide"]

_LOCAL_ADVANTAGE = 0.25
"""Share of a national entry's order by which a local one on its topic may trail it and still come first."""


@dataclass(frozen=True)
class Hit:
    """A found entry. `score`: probability (0..1) that it answers the question; `matched`: the nearest wording."""

    entry: Entry
    score: float
    dense: float
    lexical: float
    matched: str


class _Snapshot:
    """One index with its filters, replaced as a whole: a search sees the old one or the new one, never a mixture."""

    def __init__(self, index: KnowledgeIndex) -> None:
        self.index = index
        self.filter = lru_cache(maxsize=256)(self._filter)

    def _filter(self, region: str | None, on: date, with_ended: bool, topic: str | None) -> Filter:
        """The entries in force on a day, national or of the caller's city or province; asked for, also ended ones.

        Of one topic alone where one is given.

        An ended entry that another one in force has replaced stays out: its question has a newer answer.
        """
        regions = {None, region, f"{region[:2]}0000" if region else None}
        entries = self.index.entries
        replaced = {entry.supersedes for entry in entries if effective(entry, on)}
        allowed = [
            effective(entry, on) or (with_ended and ended(entry, on) and entry.id not in replaced)
            for entry in entries
        ]
        fits = [entry.region in regions and topic in (None, entry.topic) for entry in entries]
        return Filter(self.index, [ok and fit for ok, fit in zip(allowed, fits, strict=True)])


class Searcher:
    """Searches one index at a time; `swap` puts another in its place while searches go on.

    >>> from knowledge.encoder import StaticEncoder
    >>> from knowledge.entries import from_dict
    >>> from knowledge.paths import DATA
    >>> encoder = StaticEncoder(DATA / "encoder")
    >>> entry = from_dict({"id": "fee", "topic": "t", "area": "life", "questions": {"zh": ["护照多少钱"]},
    ...     "answer": {"zh": "120元。"}, "authority": "nia"})
    >>> searcher = Searcher(KnowledgeIndex.build([entry], encoder), encoder, default_calibration())
    >>> [hit.entry.id for hit in searcher.search("passport fee", language="en", region=None, on=date(2026, 11, 23))]
    ['fee']
    """

    def __init__(self, index: KnowledgeIndex, encoder: Encoder, calibration: Calibration) -> None:
        self._encoder = encoder
        self._calibration = calibration
        self.swap(index)

    @property
    def index(self) -> KnowledgeIndex:
        """The index that searches use now."""
        return self._snapshot.index

    def swap(self, index: KnowledgeIndex) -> None:
        """Search another index from now on.

        Raises UnusableIndexError, and goes on with the old one, when another encoder built it.
        """
        if index.fingerprint != self._encoder.fingerprint:
            raise UnusableIndexError("the index was built by another encoder")
        self._snapshot = _Snapshot(index)

    def search(
        self,
        query: str,
        *,
        language: Language,
        region: str | None,
        on: date,
        k: int = 5,
        with_ended: bool = False,
        topic: str | None = None,
    ) -> list[Hit]:
        """The best `k` entries for a question, best first; none for an empty question or index.

        Only published entries in force on that day, national or of the caller's city or province (`region`, a
        division code), are looked at. Wordings of every language count: an English question finds an entry that was
        only ever asked about in Chinese. `with_ended` also looks at entries whose policy is over, for a caller who
        then says so: without them the next best entry would answer a question that has lost its answer. `topic`
        leaves out all entries on others: for a question that is known to be about it and need not say so.
        """
        snapshot = self._snapshot
        allowed = snapshot.filter(region, on, with_ended, topic)
        if not query.strip() or not allowed.count or k < 1:
            return []
        found = candidates(snapshot.index, self._encoder, query, language, allowed)
        entries = [snapshot.index.entries[number] for number in found.entries]
        order = self._calibration.order(found.features)
        ranked = np.argsort(-_with_local_advantage(entries, order), kind="stable")
        scores = self._calibration.probability(signals(found, order, rivals(entries, order), language))
        return [_hit(entries[place], found, int(place), float(scores[place])) for place in ranked[:k]]


def _hit(entry: Entry, found: Candidates, place: int, score: float) -> Hit:
    features = found.features[place]
    return Hit(entry, score, float(features[0]), float(features[4]), found.matched[place])


def _with_local_advantage(entries: Sequence[Entry], order: Floats) -> Floats:
    """Lift a local entry over national ones on its topic that are not much better."""
    lifted = order.copy()
    for place, entry in enumerate(entries):
        if entry.region is None:
            continue
        above = [order[other] for other, rival in enumerate(entries) if _twins(entry, rival)]
        near = [value for value in above if 0 <= value - order[place] <= _LOCAL_ADVANTAGE * abs(value)]
        if near:
            lifted[place] = max(near) + 1e-6
    return lifted


def rivals(entries: Sequence[Entry], order: Floats) -> list[float]:
    """For each entry, the best order among those that say something else.

    Entries resting on a common fact, and the national twin of a local entry, are no rivals: either would do.
    """
    best_first = np.argsort(-order, kind="stable").tolist()
    facts = [frozenset(entry.facts) for entry in entries]
    found = []
    for place, entry in enumerate(entries):
        against = (
            float(order[other])
            for other in best_first
            if other != place and facts[place].isdisjoint(facts[other]) and not _twins(entry, entries[other])
        )
        found.append(next(against, float(order[place]) - 8))
    return found


def _twins(one: Entry, other: Entry) -> bool:
    """Whether one entry says for a place what the other says nationwide: the same topic, resting on a common fact.

    A topic alone is too wide: it holds the fee of a permit as well as what one city grants with it.
    """
    if (one.region is None) == (other.region is None) or one.topic != other.topic:
        return False
    return one.facts == other.facts or not frozenset(one.facts).isdisjoint(other.facts)


def decide(hits: Sequence[Hit], calibration: Calibration | None = None) -> Verdict:
    """Answer from the best hit, ask "did you mean", or decline: a wrong answer is worse than a question.

    >>> decide([])
    'decline'
    """
    if not hits:
        return "decline"
    return (calibration or default_calibration()).verdict(hits[0].score)
