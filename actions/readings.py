"""What a message is read as: a question by itself, or one that leans on what was asked and answered before.

A visitor goes on in scraps: 要多少钱 after how a permit is applied for, "and macau?" after hours. Three readings are
searched for: the scrap alone, together with the last question, and within the topic of the last answer, where it need
not say again what it is about. The engine says whether a message leans; how sure search is of each reading decides.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from actions import places
from actions.services import Services
from actions.turn import ELLIPTICAL, Turn
from knowledge.calibration import Verdict, default_calibration
from knowledge.entries import is_template
from knowledge.search import Hit, decide
from knowledge.text.corrections import denied, put_right
from knowledge.text.gazetteer import fold
from knowledge.text.normalise import normalise
from knowledge.text.terms import default_terms

UNSAID = ("followup", "correct")  # what they are about is only known from what was said before
WHOLE = 0.3  # the share of "a question" from which such a message may well be one by itself
BELIEF = 0.25  # the part of the engine's log odds that a message is a question, or leans on one, in search's odds
SAME_TOPIC = 0.7  # added to the odds of an entry on the topic last answered, for what leans on that answer
HITS = 12  # looked at: some may be about something else than what is named
# Search's probability from which a reading is taken before the others are compared, is worth comparing, or supports
# another; belief in a question by itself from which it is read as one. data/eval/followups_dev.jsonl was in view.
CERTAIN, SURE, FAIR, AGREED, BY_ITSELF = 0.9, 0.85, 0.6, 0.8, 0.65
WORTH = 0.2  # search's probability from which an entry is worth offering where the reading is unclear
# Audiences of which nobody belongs to two, and the known words (data/terms.yaml) that name one of them.
_GROUPS = {"chinese_citizens", "foreigners", "hk_macao_residents", "taiwan_residents"}
_WHO = {"foreigner", "hk_resident", "taiwan_resident", "mainland_resident", "overseas_chinese"}


class Reading(NamedTuple):
    """What was found, best first, and the question it was found for, in words that a later scrap can lean on.

    `doubtful`: however sure search is, it is to be asked back. Only the old question's words may have found it, or it
    is for other people than were answered before.
    """

    hits: list[Hit]
    question: str
    doubtful: bool = False

    @property
    def score(self) -> float:
        """Search's probability (0..1) of its best hit."""
        return self.hits[0].score if self.hits else 0.0


def look_up(services: Services, turn: Turn, query: str, topic: str | None = None) -> list[Hit]:
    """Entries for a question, best first, of one topic where one is given.

    None about the other side of a border, and none for Chinese citizens once a scrap tells of a foreigner.
    """
    hits = services.knowledge.search(
        query, language=turn.language, region=turn.area, k=HITS, with_ended=True, topic=topic
    )
    hits = places.where_named(services, query, hits)
    if is_scrap(turn) and tells_of_a_foreigner(services, turn):
        return [hit for hit in hits if hit.entry.audience != "chinese_citizens"]
    return hits


def alone(services: Services, turn: Turn) -> Reading:
    """The message as a question by itself."""
    said = put_right(turn.text) if turn.intent == "correct" else turn.text
    return Reading(look_up(services, turn, said), said)


def best(services: Services, turn: Turn) -> Reading:
    """The reading that search is surest of, as far as the engine allows it; doubtful if it is for other people."""
    reading = _surest(services, turn)
    if reading.score >= FAIR and _for_others(services, turn, reading):
        nearer = _within(services, turn, turn.text).hits[:1]
        return Reading([*nearer, *reading.hits], reading.question, doubtful=True)
    return reading


def _surest(services: Services, turn: Turn) -> Reading:
    memory, by_itself = turn.memory, alone(services, turn)
    if not memory.question or (turn.asked >= CERTAIN and by_itself.score >= CERTAIN):
        return by_itself
    within = _within(services, turn, by_itself.question)
    if not is_scrap(turn) and turn.asked >= BY_ITSELF and within.score < CERTAIN:
        return by_itself
    joined = services.joined(memory.question, by_itself.question)
    together = Reading(look_up(services, turn, joined), joined)
    if not is_scrap(turn):
        return _whole(turn, by_itself, together, within)
    if together.score >= SURE and joined != f"{memory.question} {by_itself.question}":
        return together  # another place, nationality … in the last question: 拱北呢
    return _leaning(services, turn, by_itself, together, within)


def is_scrap(turn: Turn) -> bool:
    """Whether the engine takes a message for less than a question."""
    return turn.intent in ELLIPTICAL or turn.asked < WHOLE


def tells_of_a_foreigner(services: Services, turn: Turn) -> bool:
    """Whether it says who somebody is ("i am from the US", 她是巴西人), and all of them are foreigners."""
    folded = fold(turn.text)
    persons = [one for one in services.gazetteer.find(turn.text) if one.person and not denied(folded, one.start)]
    return bool(persons) and all(one.kind == "nationality" and "CN" not in one.candidates for one in persons)


def _for_others(services: Services, turn: Turn, reading: Reading) -> bool:
    """Whether its entry is on another topic and for other people than the last answer, and nobody else is named now.

    Who asked about their home return permit is not told, for half a question, what mainland residents do.
    """
    last = services.knowledge.entry(turn.memory.entry or "") if turn.memory.topic else None
    if last is None or turn.asked >= CERTAIN or not reading.hits or reading.hits[0].entry.topic == last.topic:
        return False
    groups = {last.audience, reading.hits[0].entry.audience}
    return len(groups) == 2 and groups <= _GROUPS and not _names_who_or_what(services, turn)


def _names_who_or_what(services: Services, turn: Turn) -> bool:
    named = services.gazetteer.find(turn.text)
    terms = {term for term, _, _ in default_terms().find(normalise(turn.text))}
    return bool(terms & _WHO) or any(one.person or one.kind in ("document", "nationality") for one in named)


def _whole(turn: Turn, by_itself: Reading, together: Reading, within: Reading) -> Reading:
    """The reading of what looks like a question by itself, though it may be a scrap: 老外有这卡来要签证吗."""
    if within.score >= CERTAIN and together.score >= AGREED and _first(within) == _first(together):
        return within
    if by_itself.score >= CERTAIN or turn.asked >= BY_ITSELF:
        return by_itself
    fresh = within.score >= SURE and not _repeats(turn, within)
    better = within if fresh else together
    return better if better.score >= max(SURE, by_itself.score) else by_itself


def _within(services: Services, turn: Turn, said: str) -> Reading:
    """The message as one about the topic of the last answer."""
    if turn.memory.topic is None:
        return Reading([], said)
    hits = look_up(services, turn, said, turn.memory.topic)
    return Reading(hits, services.plain_question(hits[0].entry, turn.language) if hits else said)


def _leaning(services: Services, turn: Turn, by_itself: Reading, together: Reading, within: Reading) -> Reading:
    """The reading of a scrap."""
    again = _repeats(turn, together)
    if within.score >= SURE and (again or not _repeats(turn, within)):
        far = again and together.score >= CERTAIN and not _near(services, turn, within)
        return _unclear(within, together, by_itself) if far else within
    new = [one for one in (within, together) if one.score >= FAIR and not _repeats(turn, one)]
    if new:
        return max(new, key=lambda one: one.score)
    if again and turn.intent != "inform" and within.hits and not _repeats(turn, within):
        return _unclear(within, together, by_itself)
    return together if together.score >= by_itself.score * 0.8 else _unclear(within, together, by_itself)


def _unclear(within: Reading, together: Reading, by_itself: Reading) -> Reading:
    """The best of each that is worth offering, to choose from: it may be any of them."""
    firsts = {
        hit.entry.id: hit for one in (within, together, by_itself) for hit in one.hits[:1] if hit.score >= WORTH
    }
    return Reading(list(firsts.values()), together.question, doubtful=True)


def _near(services: Services, turn: Turn, reading: Reading) -> bool:
    """Whether the answer is related to the last one, or both to a third: a topic may hold much (单程证, 签注).

    A computed answer, which is no entry, is taken for related to all of its topic.
    """
    found, last = reading.hits[0].entry, services.knowledge.entry(turn.memory.entry or "")
    if last is None or is_template(last):
        return True
    if {last.id, *last.related} & {found.id, *found.related}:
        return True
    thirds = (services.knowledge.entry(one) for one in {*last.related, *found.related})
    return any({last.id, found.id} <= set(third.related) for third in thirds if third)


def _first(reading: Reading) -> str | None:
    return reading.hits[0].entry.id if reading.hits else None


def _repeats(turn: Turn, reading: Reading) -> bool:
    """Whether it would say the last answer again."""
    return bool(reading.hits) and _first(reading) == turn.memory.entry


def verdict_on(turn: Turn, reading: Reading) -> Verdict:
    """What to do with a reading: search's probability, lowered where the engine doubts that anything is asked.

    Never raised where it does not: that a message is a question for this service says nothing about whether an entry
    answers it, and gave strangers twice as many wrong answers. What leans on an answer gains as much as the engine is
    sure that it leans, and where it stays with the topic, if that question was understood: not missed, nor answered
    with several to choose from.
    """
    hits, memory, leans = reading.hits, turn.memory, turn.intent in ELLIPTICAL
    if reading.doubtful and hits:
        return "clarify"
    if not hits or (leans and (not memory.question or memory.misses or turn.options)):
        return decide(hits)
    belief = BELIEF * _odds(turn.confidence if leans else turn.asked)
    odds = _odds(hits[0].score) + (belief if leans else min(0.0, belief))
    if leans and hits[0].entry.topic == memory.topic:
        odds += SAME_TOPIC
    return default_calibration().verdict(1 / (1 + math.exp(-odds)))


def _odds(probability: float) -> float:
    """Its logarithm, within what a classifier can be sure of."""
    kept = min(max(probability, 0.05), 0.95)
    return math.log(kept / (1 - kept))
