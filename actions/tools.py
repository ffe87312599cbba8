"""Computed answers in a conversation: the visa-free check, asked for or where it is surer than any entry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from actions.replies import Choice, Reply
from actions.services import Services
from actions.turn import OUTSIDE, Turn
from knowledge.search import Hit
from knowledge.text.gazetteer import fold
from knowledge.texts import in_script
from knowledge.tools.reading import TripReader, from_json, hours_of, to_json
from knowledge.tools.visa import SAME, THIRD, Outcome, Trip, TripError, changed, check
from knowledge.tools.wording import Wording, fill, template

CHECK = "visa-check"
"""As the entry of a button: begin the check."""
AWAITING = "trip:"
LEANING = ("inform", "followup", "correct", "nlu_fallback")
COMPUTABLE = ("hours", "purpose", "passport", "origin", "onward", "group", "card", "airside", "urgent", "entry")
STAYS = (3, 10, 15, 30, 60)
"""Days offered as buttons: at and beyond the limits of the policies."""
FREQUENT = ("US", "IN", "PH", "GB", "DE", "JP")
ASKED_FOR = "asked_for"


def begin(services: Services, turn: Turn) -> list[Reply]:
    """The check, asked for: what is missing is asked one thing at a time."""
    trip = from_json(turn.memory.trip) if turn.memory.trip else Trip()
    turn.memory.trip = {**turn.memory.trip, ASKED_FOR: True}
    return _say(services, turn, trip, asked_for=True) or []


def continued(services: Services, turn: Turn) -> list[Reply] | None:
    """The check goes on: what it waited for, a correction of what it answered, or a plain wish for it.

    ``None`` when the message is about something else; the check is then over.
    """
    memory = turn.memory
    awaiting = memory.awaiting or ""
    waiting = awaiting.removeprefix(AWAITING) if awaiting.startswith(AWAITING) else ""
    news = _read(services, turn, waiting)
    folded = fold(turn.text)
    known = from_json(memory.trip) if memory.trip else Trip()
    asked_for = bool(memory.trip.get(ASKED_FOR))
    if services.tools.cues.has("check", folded):
        memory.trip = {ASKED_FOR: True}
        return _say(services, turn, news, asked_for=True)
    if waiting:
        memory.awaiting = None
        said = to_json(news).keys() - {"places", "port"}
        if waiting in said or (said and turn.intent in LEANING):
            return _say(services, turn, changed(known, news), asked_for=asked_for)
        if turn.intent not in LEANING:  # another subject first: the check may be resumed
            memory.suspended = {"awaiting": awaiting, "question": memory.question or "", "trip": memory.trip}
    elif awaiting == "nationality" and news.nationality and _was_about_visas(services, turn):
        memory.forget_question()
        return _say(services, turn, news, asked_for=False)
    elif memory.trip and _corrects(services, turn, news, folded):
        return _say(services, turn, changed(known, news), asked_for=asked_for)
    if turn.intent not in LEANING:
        memory.trip = {}
    return None


def instead(services: Services, turn: Turn, hits: Sequence[Hit], verdict: str) -> Reply | None:
    """A computed answer where it is surer than the entries found: who and something to compute with were named,
    and no entry answers more to the point than in general. Where nobody was named, the check asks who."""
    tools = services.tools
    reader = TripReader(services.gazetteer, tools.cues)
    news = _read(services, turn, "")
    if _asks_for_anybody(services, turn, news):
        return next(iter(_say(services, turn, news, asked_for=False) or []), None)
    routed = news.origin is not None and news.onward is not None
    names_alone = _is_a_whole_journey(turn, news)
    asked = routed or names_alone or tools.cues.has("need_visa", fold(turn.text)) or _flies_on(services, turn, news)
    if news.nationality is None or not asked:
        return None
    if reader.about_something_else(turn.text):
        return None
    found = hits[0].entry.id if hits and verdict == "answer" else None
    if found is None and not names_alone and not reader.is_person(turn.text):
        return None  # a country's visa, or a journey there, is no nationality
    if found is not None and not names_alone and found not in tools.general:
        return None
    turn.memory.trip = to_json(news)  # "and my wife, who is American?" leans on it whoever answers now
    if found is not None and not any(getattr(news, name) is not None for name in COMPUTABLE):
        return None
    replies = _say(services, turn, news, asked_for=False)
    return replies[0] if replies else None


def _asks_for_anybody(services: Services, turn: Turn, news: Trip) -> bool:
    """Whether a visa is needed for China, of somebody whose nationality is not told: 去中国玩要签证吗."""
    cues, folded, places = services.tools.cues, fold(turn.text), turn.entities.get("place", [])
    if any(code[:2] in OUTSIDE for code in places):
        return False  # who lives in Hong Kong, Macao or Taiwan has permits, and a journey there other rules
    if set(turn.entities.get("document", [])) - {"visa"} or set(turn.entities.get("nationality", [])) - {"CN"}:
        return False
    goes_there = cues.has("to_china", folded) or bool(places and news.purpose != "transit" and cues.has("to", folded))
    if not (goes_there and cues.has("whether_visa", folded)):
        return False
    return not TripReader(services.gazetteer, cues).about_something_else(turn.text)


def resumed(services: Services, turn: Turn) -> list[Reply] | None:
    """What an interrupted check had asked, asked again; ``None`` when no check was interrupted."""
    if not (turn.memory.awaiting or "").startswith(AWAITING):
        return None
    return repeat(services, turn) or begin(services, turn)


def repeat(services: Services, turn: Turn) -> list[Reply] | None:
    """The last computed answer once more."""
    if not turn.memory.trip:
        return None
    return _say(services, turn, from_json(turn.memory.trip), asked_for=bool(turn.memory.trip.get(ASKED_FOR)))


def _flies_on(services: Services, turn: Turn, news: Trip) -> bool:
    """Whether a stop on the way is told of, and how long or where to; what it is for may be named as well (去玩)."""
    on_the_way = news.purpose == "transit" or services.tools.cues.has("purpose_transit", fold(turn.text))
    return on_the_way and (news.hours is not None or news.onward is not None)


def _is_a_whole_journey(turn: Turn, news: Trip) -> bool:
    """Whether names alone tell who travels, where in China, how long and where to next: that asks for the check."""
    return turn.intent == "inform" and bool(news.nationality and news.hours and news.onward and news.places)


def _was_about_visas(services: Services, turn: Turn) -> bool:
    """Whether the entry that waits for the nationality says in general what the check says for one journey."""
    pending = services.knowledge.entry(turn.memory.pending or "") or services.knowledge.ended(
        turn.memory.pending or ""
    )
    return pending is not None and pending.id in services.tools.general


def _corrects(services: Services, turn: Turn, news: Trip, folded: str) -> bool:
    """Whether a message after an answer says what is different about the journey."""
    if not to_json(news) or TripReader(services.gazetteer, services.tools.cues).about_something_else(turn.text):
        return False
    return turn.intent in LEANING or services.tools.cues.has("correction", folded)


def _read(services: Services, turn: Turn, awaited: str) -> Trip:
    """What a message says of the journey, typed or pressed."""
    entities = turn.entities
    if turn.text.startswith("/"):
        hours = [found for value in entities.get("duration", []) if (found := hours_of(value))]
        return Trip(
            nationality=turn.entity("nationality"),
            hours=hours[0] if hours else None,
            onward=turn.entity("onward"),
            origin=turn.entity("origin"),
        )
    reader = TripReader(services.gazetteer, services.tools.cues)
    today = services.knowledge.today()
    return reader.read(turn.text, entities.get("duration", []), entities.get("date", []), today, awaited)


def _say(services: Services, turn: Turn, trip: Trip, *, asked_for: bool) -> list[Reply] | None:
    """The outcome of the check as a reply; ``None`` for a journey that it knows nothing about."""
    memory = turn.memory
    try:
        outcome = check(trip, services.tools.policies, services.knowledge.today(), assume=not asked_for)
    except TripError:
        memory.trip = {}
        return None
    memory.trip = to_json(trip) | ({ASKED_FOR: True} if asked_for else {})
    memory.misses = 0
    memory.forget_question()
    if outcome.status == "ask" and (asked_for or outcome.missing == "nationality"):
        return [_ask(services, turn, outcome)]
    if outcome.status == "ended" and outcome.until:
        return [services.policy_ended(turn, outcome.until)]
    return _answer(services, turn, outcome)


def _ask(services: Services, turn: Turn, outcome: Outcome) -> Reply:
    """The next thing to know, with likely answers as buttons."""
    missing = outcome.missing or "nationality"
    turn.memory.awaiting = f"{AWAITING}{missing}"
    wording = Wording(services.texts, services.gazetteer)
    name = services.gazetteer.name
    options: list[tuple[str, str, str]] = []
    if missing == "nationality":
        options = [(name("nationality", code, turn.language), "nationality", code) for code in FREQUENT]
    elif missing == "hours":
        options = [(wording.stay(days * 24, turn.language), "duration", f"P{days}D") for days in STAYS]
    elif missing == "onward":
        options = [(_part(services, turn, f"onward_{where}"), "onward", where) for where in (SAME, THIRD)]
        options.append((name("place", "810000", turn.language), "onward", "HK"))
    choices = [
        Choice(in_script(label, turn.language, turn.script), f"/inform{json.dumps({entity: value})}")
        for label, entity, value in options
    ]
    return Reply(
        "clarify", _part(services, turn, f"ask_{missing}"), turn.language, choices=(*choices, services.human(turn))
    )


def _answer(services: Services, turn: Turn, outcome: Outcome) -> list[Reply] | None:
    """The template of an outcome, filled in. A journey with its way on still open gets the conditions instead."""
    open_route = outcome.status == "ask"
    entry = services.knowledge.entry((_conditions(outcome) if open_route else template(outcome)) or "")
    if entry is None:
        return None
    values = Wording(services.texts, services.gazetteer).values(outcome, turn.language)
    reply = services.answer(turn, entry, None)
    text = in_script(fill(reply.text, values), turn.language, turn.script)
    turn.memory.entry, turn.memory.topic = entry.id, entry.topic
    turn.memory.business = "clearance"
    check_more = Choice(_part(services, turn, "check"), f'/answer{{"entry": "{CHECK}"}}')
    until = outcome.until.isoformat() if outcome.status == "visa_free" and outcome.until else reply.valid_to
    return [replace(reply, text=text, valid_to=until, choices=(check_more,) if open_route else ())]


def _conditions(outcome: Outcome) -> str | None:
    """The entry with the conditions of what may still apply: 240 hours, or for all others 24 inside the port."""
    policy = outcome.finding.policy if outcome.finding else None
    return policy.entry if policy and policy.airside else "computed-visa-transit-only"


def _part(services: Services, turn: Turn, key: str) -> str:
    wording = Wording(services.texts, services.gazetteer)
    return in_script(wording.part(key, turn.language), turn.language, turn.script)
