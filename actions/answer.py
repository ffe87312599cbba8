"""Answer, ask back, or say "I don't know, here is who does"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions import menu, places, readings, tools
from actions.readings import UNSAID, WHOLE, Reading, look_up
from actions.replies import Choice, HandoffWish, Reply
from actions.services import Services
from actions.turn import ELLIPTICAL, Turn
from knowledge.entries import Entry, is_template
from knowledge.search import Hit, decide
from knowledge.text.normalise import normalise

MISSES_BEFORE_OFFER = 2
CHOICES = 3
BUSINESS_OF_AREA = {"clearance": "clearance", "documents": "documents", "suggestions": "suggestions"}
BUSINESS_OF_SUBJECT = {"clearance": "clearance", "documents": "documents", "progress": "documents"}
_ORDINAL = re.compile(
    r"\W*(?:第|the |option |no\.? ?|number )?(?:(?P<first>一|1|first|1st)|(?P<second>二|两|2|second|2nd)"
    r"|(?P<third>三|3|third|3rd))(?:个|條|条|项|項|one|个吧|个啦)?(?: one)?(?:吧|啦|please|,? thanks)?\W*"
)
_PART = re.compile(
    r"(?<=[?？])|\n|[,，、。;；]?\s*(?:另外|还有|還有|顺便问(?:一下)?|同埋|仲有|仲想问|仲想問|再问(?:一下)?)[,，]?"
    r"|[,.;]?\s+(?:and also|also|and (?=(?:how|what|where|when|which) ))",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"[?？]$|吗|嗎|呢|咩|怎|如何|[点點](?!开|開)|哪|[边邊][度個个]|[几幾][时時多耐点點天日钱錢]|多少|多久|什[么麼]|要不要|可不可以|可唔可以"
    r"|得唔得|使唔使|^(?:and )?(?:how|what|where|when|which|can|do|does|is|are)\b",
    re.IGNORECASE,
)


def answer(services: Services, turn: Turn, reading: Reading | None = None) -> list[Reply]:
    """The reply to a question, or to what completes one; `reading`: what it was found to be, where that is known."""
    memory = turn.memory
    if chosen := picked(services, turn):
        return chosen
    if turn.intent == "resume":
        return [_resumed(services, turn)]
    if memory.awaiting == "place" and (wish := _completed_wish(turn)):
        memory.forget_question()
        return [services.handoff(turn, wish)]
    if (computed := tools.continued(services, turn)) is not None:
        return computed
    if now := places.at_this_moment(services, turn):
        memory.question = turn.text
        return [now]
    if memory.pending and memory.awaiting and (reply := _completed_answer(services, turn)):
        return [reply]
    if turn.intent in ELLIPTICAL and not memory.awaiting and _brings(turn, memory.suspended.get("awaiting")):
        memory.resume_question()
        if reply := _completed_answer(services, turn):
            return [reply]
    if turn.intent not in ELLIPTICAL:
        memory.suspend_question(undecided=bool(turn.options))
        memory.business = BUSINESS_OF_SUBJECT.get(turn.subject or "", memory.business)
    parts = _questions(turn.text) if turn.intent not in ELLIPTICAL else []
    if len(parts) > 1 and (replies := _several(services, turn, parts)):
        return replies
    return [_one(services, turn, reading or readings.best(services, turn))]


def open_entry(services: Services, turn: Turn) -> list[Reply]:
    """A pressed "did you mean" button, or a link to an entry."""
    entry_id = turn.entity("entry") or ""
    if entry_id == tools.CHECK:
        return tools.begin(services, turn)
    entry = services.knowledge.entry(entry_id) or services.knowledge.ended(entry_id)
    if entry is None or is_template(entry):
        return [_miss(services, turn)]
    return [_chosen(services, turn, entry)]


def again(services: Services, turn: Turn) -> list[Reply]:
    """The last answer once more; who did not understand it is offered a human to explain."""
    entry_id = turn.memory.entry or ""
    entry = services.knowledge.entry(entry_id) or services.knowledge.ended(entry_id)
    if entry is None:
        return [services.say(turn, "clarify", "repeat_nothing", choices=[services.human(turn)])]
    if is_template(entry):
        nothing = services.say(turn, "clarify", "repeat_nothing", choices=[services.human(turn)])
        return tools.repeat(services, turn) or [nothing]
    if ended := services.ended(turn, entry):
        return [ended]
    reply = services.answer(turn, entry, None)
    choices = (services.human(turn, "human_explains"),) if turn.intent == "not_understood" else ()
    return [replace(reply, choices=choices)]


def _completed_wish(turn: Turn) -> HandoffWish | None:
    """The handoff that waited for a place, when this message is one."""
    if not (turn.entities.get("place") or turn.entities.get("port")):
        return None
    wish = turn.memory.wish
    return HandoffWish(wish.get("business"), place=turn.text, why=wish.get("why", "asked"))


def _completed_answer(services: Services, turn: Turn) -> Reply | None:
    """The entry that waited for a city, nationality …, when this message brings it."""
    if not _brings(turn, turn.memory.awaiting):
        return None
    pending = turn.memory.pending or ""
    waited = services.knowledge.entry(pending) or services.knowledge.ended(pending)
    question = turn.memory.question
    turn.memory.forget_question()
    if waited is None:
        return None
    # With the place or document known, another entry may be the better one: a local variant, a special case.
    hits = look_up(services, turn, f"{question} {_said(services, turn)}") if question else []
    if hits and hits[0].entry.id != waited.id and decide(hits) == "answer":
        return _give(services, turn, hits[0])
    return _give(services, turn, _certain(waited))


def picked(services: Services, turn: Turn) -> list[Reply] | None:
    """What the visitor takes of what was just offered: by its number, or with a yes when it is the only one.

    Offered are entries, or the businesses of the menu, which every conversation begins with.
    """
    match = _ORDINAL.fullmatch(normalise(turn.text))
    place = next((at for at, name in enumerate(("first", "second", "third")) if match and match[name]), None)
    if place is None and turn.intent == "affirm" and len(turn.options) == 1:
        place = 0
    if place is None or place >= len(turn.options):
        return None
    option = turn.options[place]
    if option in menu.BUSINESSES:
        return [menu.chosen(services, turn, option)]
    entry = services.knowledge.entry(option) or services.knowledge.ended(option)
    return [_chosen(services, turn, entry)] if entry else None


def _chosen(services: Services, turn: Turn, entry: Entry) -> Reply:
    """An entry that was picked by button or number: what is asked next leans on it as on one asked for in words."""
    turn.memory.question = services.plain_question(entry, turn.language)
    return _give(services, turn, _certain(entry))


def _resumed(services: Services, turn: Turn) -> Reply:
    """Back to what was left open: the same thing is asked again, or the last question answered once more."""
    memory = turn.memory
    if memory.resume_question():
        if checked := tools.resumed(services, turn):
            return checked[0]
        if memory.awaiting:
            choices = _need_choices(services, turn, memory.awaiting)
            return services.say(turn, "clarify", f"ask_{memory.awaiting}", choices=choices)
        hits = look_up(services, turn, memory.question or "")
        return _give(services, turn, hits[0]) if decide(hits) == "answer" else _did_you_mean(services, turn, hits)
    return again(services, turn)[0]


def _brings(turn: Turn, awaited: str | None) -> bool:
    """Whether the message names what was asked for."""
    names = {"city": ("place",), "port": ("port", "place")}.get(awaited or "", (awaited or "",))
    return any(turn.entities.get(name) for name in names)


def _certain(entry: Entry) -> Hit:
    """An entry that was chosen, not searched for."""
    return Hit(entry=entry, score=1.0, dense=0.0, lexical=0.0, matched="")


def _said(services: Services, turn: Turn) -> str:
    """What the visitor said in words: a pressed button sends a code, which is no word to search for."""
    if not turn.text.startswith("/"):
        return turn.text
    return " ".join(
        services.texts.name("documents", code, turn.language) for code in turn.entities.get("document", [])
    )


def _one(services: Services, turn: Turn, reading: Reading) -> Reply:
    """One question, as it was read."""
    hits, verdict = reading.hits, readings.verdict_on(turn, reading)
    if computed := tools.instead(services, turn, hits, verdict) or places.instead(services, turn, hits, verdict):
        turn.memory.question = turn.text
        return computed
    if verdict == "answer" and turn.intent in UNSAID and turn.asked < WHOLE and not turn.memory.question:
        verdict = "clarify"  # "how much?" as a first word: the best guess is still a guess
    if verdict == "answer":
        turn.memory.question = reading.question
        return _give(services, turn, hits[0])
    other = not readings.is_scrap(turn) or readings.tells_of_a_foreigner(services, turn)
    if other:
        turn.memory.topic = None  # not answered, and not about the same: nothing leans on the last answer any more
    if verdict == "clarify":
        turn.memory.question = turn.text if other else reading.question
        turn.memory.misses = 0
        return _did_you_mean(services, turn, hits)
    if turn.intent in ELLIPTICAL:
        turn.memory.question = turn.memory.question or turn.text
        return services.say(turn, "clarify", "ask_rephrase", choices=[services.human(turn)])
    turn.memory.question = turn.text
    return _miss(services, turn)


def _several(services: Services, turn: Turn, parts: list[str]) -> list[Reply]:
    """Two questions in one message get two answers, when each clearly has one of its own.

    One question in two clauses (我护照丢了，怎么补办) must not be cut: parts without marks of their own are two
    questions only if the whole message's best answers are among theirs.
    """
    found = [(part, look_up(services, turn, part)) for part in parts]
    if any(decide(hits) != "answer" for _, hits in found):
        return []
    entries = {hits[0].entry.id: (part, hits[0]) for part, hits in found}
    if len(entries) < 2:
        return []
    marked = sum(turn.text.count(mark) for mark in "?？") >= len(parts)
    if not marked and not any(hit.entry.id in entries for hit in look_up(services, turn, turn.text)[:2]):
        return []
    turn.memory.question = parts[-1]
    return [_give(services, turn, hit) for _, hit in entries.values()]


def _questions(text: str) -> list[str]:
    """The parts of a message that are questions of their own: cut at question marks, lines and words like 另外, also.

    Never at commas: most of them part a question from what it is about (我护照丢了，怎么补办).
    """
    parts = [part.strip(" ,，、。") for part in _PART.split(text) if part]
    return [part for part in parts if len(part) >= 4 and _ASKS.search(part)][:3]


def _give(services: Services, turn: Turn, hit: Hit) -> Reply:
    """The answer, unless it would be wrong without something that is still unknown."""
    entry, memory = hit.entry, turn.memory
    memory.misses = 0
    memory.topic, memory.business = entry.topic, BUSINESS_OF_AREA.get(entry.area, memory.business)
    if over := services.ended(turn, entry):
        memory.forget_question()
        return over
    for need in entry.needs:
        if not _known(turn, need):
            memory.awaiting, memory.pending = need, entry.id
            memory.question = memory.question or turn.text
            return services.say(turn, "clarify", f"ask_{need}", choices=_need_choices(services, turn, need))
    memory.entry = entry.id
    memory.forget_question()
    return services.answer(turn, entry, hit.score)


def _known(turn: Turn, need: str) -> bool:
    if need == "city":
        return turn.area is not None
    if need == "port":  # 深圳的 is enough to say which of its ports close when
        return turn.memory.port is not None or turn.area is not None
    return bool(getattr(turn.memory, need))


def _need_choices(services: Services, turn: Turn, need: str) -> list[Choice]:
    if need != "document":
        return [services.human(turn)]
    names = ("passport", "hk_macao_permit", "taiwan_permit", "visa")
    return [
        Choice(
            services.texts.name("documents", name, turn.language, turn.script),
            f'/inform{{"document": "{name}"}}',
        )
        for name in names
    ]


def _did_you_mean(services: Services, turn: Turn, hits: Sequence[Hit]) -> Reply:
    choices = [
        Choice(services.label(hit.entry, turn.language, turn.script), f'/answer{{"entry": "{hit.entry.id}"}}')
        for hit in hits[:CHOICES]
    ]
    turn.memory.options = [hit.entry.id for hit in hits[:CHOICES]]
    return services.say(
        turn, "clarify", "did_you_mean", choices=[*choices, services.human(turn, "did_you_mean_none")]
    )


def _miss(services: Services, turn: Turn) -> Reply:
    """No answer: better than a wrong one. The second time in a row a human is offered before being asked for."""
    turn.memory.misses += 1
    if referral := services.referrals.find(turn.text):
        text = services.wording(referral.text, turn.language, turn.script)
        return Reply("decline", text, turn.language, choices=(services.human(turn),))
    key = "miss_again" if turn.memory.misses >= MISSES_BEFORE_OFFER else "miss"
    turn.memory.offered = key == "miss_again"
    return services.say(turn, "decline", key, choices=[services.human(turn)])


def instead(services: Services, turn: Turn, in_context: bool) -> list[Reply] | None:
    """What search has to say to a message that would be turned away; ``None`` when it is nothing to the point.

    `in_context`: it may lean on what was said before. Danger may not: an old question's words are no answer to it.
    """
    reading = readings.best(services, turn) if in_context else readings.alone(services, turn)
    verdict = readings.verdict_on(turn, reading)
    if verdict == "answer":
        return answer(services, turn, reading)
    if verdict == "clarify" and turn.asked >= WHOLE:
        turn.memory.question, turn.memory.misses = turn.text, 0
        return [_did_you_mean(services, turn, reading.hits)]
    return None
