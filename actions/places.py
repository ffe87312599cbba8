"""Computed answers about places in a conversation: is a port open now, which is nearest, who handles documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from actions.replies import Reply
from actions.services import Services
from actions.turn import ELLIPTICAL, OUTSIDE, Turn
from knowledge.search import Hit
from knowledge.text.corrections import put_right
from knowledge.text.gazetteer import Kind, Mention, fold
from knowledge.texts import in_script
from knowledge.tools.cues import Cues
from knowledge.tools.ports import SHANGHAI, Port, nearest
from knowledge.tools.wording import fill

OFFICE = "computed-office"  # the entry
NEAREST = 3
LIKELY = 0.6  # the engine's share for a question from which its subject, a place, is believed
_SIDES = {"71": "taiwan", "81": "hk_macao", "82": "hk_macao"}  # by the beginning of the division's code
_SIDE_OF_DOCUMENT = {
    "taiwan_permit": "taiwan", "taiwan_compatriot_permit": "taiwan",
    "home_return_permit": "hk_macao", "non_chinese_hkm_permit": "hk_macao", "one_way_permit": "hk_macao",
}  # fmt: skip
_SIDE_OF_TOPIC = {
    "taiwan_permit": "taiwan", "taiwan_resident_permit": "taiwan",
    "hk_macao_permit": "hk_macao", "hk_macao_resident_permit": "hk_macao",
}  # fmt: skip
_PORTS_OF_THE_DELTA = ("sz_hk_ports", "zh_mo_ports")  # topics
_DELTA = ("44", "81", "82")  # Guangdong, Hong Kong, Macao
_MARKS = " ,.?!:;，。？！：；、~…"  # nothing said


def at_this_moment(services: Services, turn: Turn) -> Reply | None:
    """What no entry can know: whether a named port is open now, which ports are nearest, which of them is meant."""
    folded, cues = fold(turn.text), services.tools.cues
    port = _port(services, turn)
    if port and cues.has("open_now", folded):
        return _open_now(services, turn, port)
    if port is None and cues.has("nearest", folded):
        return _nearest(services, turn)
    return _which_port(services, turn)


def where_named(services: Services, query: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits that are about the places that a question names.

    No permits for Hong Kong and Macao when only Taiwan is named, and the other way round; a permit names its side as
    well as a place does: a Taiwan permit lost in Hong Kong is about both. No ports of Shenzhen and Zhuhai when only
    places outside Guangdong, Hong Kong and Macao are named (厦门码头).
    """
    mentions = services.gazetteer.find(query)
    sides, elsewhere = {_side(mention) for mention in mentions} - {None}, _elsewhere(services, query, mentions)
    return [
        hit
        for hit in hits
        if (not sides or _SIDE_OF_TOPIC.get(hit.entry.topic) in {None, *sides})
        and not (elsewhere and hit.entry.topic in _PORTS_OF_THE_DELTA)
    ]


def _elsewhere(services: Services, query: str, mentions: Sequence[Mention]) -> bool:
    """Whether places are named (not where somebody is from), all of them outside Guangdong, Hong Kong and Macao.

    A name that a port there has as well (Huanggang, also a city in Hubei) does not count.
    """
    places = [one for one in mentions if one.kind in ("place", "port") and not one.person]
    regions = [services.gazetteer.region_of(one.kind, code) or code for one in places for code in one.candidates]
    ports = [services.gazetteer.find(f"{query[one.start : one.end]} port") for one in places if one.kind == "place"]
    shared = [port for found in ports for port in found if port.kind == "port"]
    regions += [services.gazetteer.region_of("port", code) or "" for port in shared for code in port.candidates]
    return bool(regions) and not any(region.startswith(_DELTA) for region in regions)


def _side(mention: Mention) -> str | None:
    if len(mention.candidates) != 1:
        return None
    code = mention.candidates[0]
    return _SIDES.get(code[:2]) if mention.kind == "place" else _SIDE_OF_DOCUMENT.get(code)


def _which_port(services: Services, turn: Turn) -> Reply | None:
    """Asks for the port where hours are asked for without any: those of another one would be no answer."""
    folded, cues = fold(turn.text), services.tools.cues
    if turn.memory.port or turn.area or not (cues.has("some_port", folded) and cues.has("some_hours", folded)):
        return None
    for words in ("some_hours", "some_port", "nothing_more"):
        folded = cues.without(words, folded)
    if folded.strip(_MARKS):
        return None  # what is left may tell which: 地铁四号线末站那个关几点开
    turn.memory.suspend_question()
    turn.memory.awaiting, turn.memory.question, turn.memory.topic, turn.memory.misses = "port", turn.text, None, 0
    return services.say(turn, "clarify", "ask_port", choices=[services.human(turn)])


def instead(services: Services, turn: Turn, hits: Sequence[Hit], verdict: str) -> Reply | None:
    """A port without hours on record must not get those of another one; where a city's office is, no entry says."""
    folded, cues = fold(turn.text), services.tools.cues
    port = _port(services, turn)
    if port and port.hours is None and not port.open_24h and cues.has("hours", folded):
        told = hits and verdict == "answer" and port.zh.removesuffix("口岸") in hits[0].entry.answer["zh"]
        return None if told else _unknown(services, turn, port)
    place = _named(services, turn, "place")
    if port is None and place and not place.startswith(OUTSIDE) and _asks_for_an_office(turn, cues, verdict):
        name = services.gazetteer.name("place", place, turn.language)
        return _filled(services, turn, OFFICE, {"place": name})
    return None


def _asks_for_an_office(turn: Turn, cues: Cues, verdict: str) -> bool:
    """Whether a message that names a city asks for the office there: by its name, or for a place nobody knows."""
    folded = fold(turn.text)
    if turn.intent in ELLIPTICAL and turn.memory.entry == OFFICE:
        return True  # 那珠海呢
    if cues.has("office", folded):
        return verdict != "answer" or cues.has("where", folded)
    if verdict == "answer" or turn.subject != "place" or turn.asked < LIKELY:
        return False
    a_port = cues.has("some_port", folded) or cues.has("hours", folded)
    return not a_port and (cues.has("where", folded) or cues.has("building", folded))


def _open_now(services: Services, turn: Turn, port: Port) -> Reply | None:
    now = services.knowledge.now().astimezone(SHANGHAI)
    if port.hours is None:
        return _unknown(services, turn, port)
    opening = port.opening(now)
    values = {
        "port": services.gazetteer.name("port", port.id, turn.language),
        "now": f"{now:%H:%M}",
        "hours": str(port.hours),
        "opens": f"{port.hours.opens:%H:%M}",
        "as_of": port.hours_as_of or "",
    }
    return _filled(services, turn, f"computed-port-{opening}", values)


def _unknown(services: Services, turn: Turn, port: Port) -> Reply:
    """No hours on record: said, instead of a guess."""
    key = "port_by_flights" if port.by_flights else "port_hours_unknown"
    name = services.gazetteer.name("port", port.id, turn.language)
    return services.say(turn, "decline", key, choices=[services.human(turn)], port=name)


def _nearest(services: Services, turn: Turn) -> Reply | None:
    place = _named(services, turn, "place")
    city = services.gazetteer.region_of("place", place) if place else None
    point = services.tools.coordinates.get(city or "")
    if place is None or point is None:
        return None
    found = nearest(services.tools.policies.ports.values(), point)[:NEAREST]
    name, english = services.gazetteer.name, turn.language == "en"
    ports = [
        f"{name('port', port.id, turn.language)} ({km:.0f} km)"
        if english
        else f"{name('port', port.id, turn.language)}（约{km:.0f}公里）"
        for port, km in found
    ]
    values = {"place": name("place", place, turn.language), "ports": (", " if english else "、").join(ports)}
    return _filled(services, turn, "computed-port-nearest", values)


def _filled(services: Services, turn: Turn, entry_id: str, values: Mapping[str, str]) -> Reply | None:
    entry = services.knowledge.entry(entry_id)
    if entry is None:
        return None
    turn.memory.entry, turn.memory.topic, turn.memory.misses = entry.id, entry.topic, 0
    reply = services.answer(turn, entry, None)
    return replace(reply, text=in_script(fill(reply.text, values), turn.language, turn.script))


def _port(services: Services, turn: Turn) -> Port | None:
    port = _named(services, turn, "port")
    return services.tools.policies.ports.get(port) if port else None


def _named(services: Services, turn: Turn, kind: Kind) -> str | None:
    """The one port or mainland place that a message names."""
    said = put_right(turn.text) if turn.intent == "correct" else turn.text
    mentions = [m for m in services.gazetteer.find(said) if m.kind == kind and not m.person]
    named = {code for m in mentions for code in m.candidates}
    return named.pop() if len(named) == 1 else None
