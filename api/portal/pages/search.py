"""Search across everything, with the search that conversations use; when nothing fits, that is said."""

from __future__ import annotations

from api.portal.pages.finders import port_card
from api.portal.site import PREFIX, Ask, Card, View, first_wordings
from knowledge.calibration import default_calibration
from knowledge.language import detect
from knowledge.search import decide
from knowledge.text.gazetteer import fold
from knowledge.text.mask import mask, strip_placeholders

LONGEST = 200
MOST = 10
PORTS = 6
SHORTEST = 2
"""Characters that a subject has at least: one alone stands in nearly everything."""


def search(ask: Ask) -> View:
    """The results for ``q``, or the form alone."""
    typed = " ".join(ask.query.get("q", "").split())
    masked = mask(typed[:LONGEST])
    q = masked.text
    values = {"q": q, "masked": bool(masked.found), "cut": len(typed) > LONGEST, "busy": False, **_results(ask, q)}
    title = ask.t("results_for", q=q) if q else ask.t("search")
    return View("search.html", title, ask.t("search_hint"), values, query={"q": q}, listed=not q)


def too_fast(ask: Ask) -> View:
    """What is said to who searches faster than anybody reads."""
    values = {"q": "", "masked": False, "cut": False, "busy": True, **_results(ask, "")}
    return View("search.html", ask.t("search"), ask.t("search_hint"), values, 429, listed=False)


def _results(ask: Ask, q: str) -> dict[str, object]:
    words = strip_placeholders(q)
    mentions = ask.site.services.gazetteer.find(words)
    places = [one.candidates[0] for one in mentions if one.kind == "place" and len(one.candidates) == 1]
    region = ask.site.services.gazetteer.region_of("place", places[0]) or places[0] if places else None
    language = detect(words).language or ask.language if words.strip() else ask.language
    hits = ask.site.knowledge.search(words, language=language, region=region, k=MOST, with_ended=True)
    verdict = decide(hits)
    near = [hit for hit in hits if hit.score >= default_calibration().clarify_from]
    cards = [ask.card(hit.entry) for hit in near] if verdict != "decline" else []
    ports = ask.site.services.tools.policies.ports
    named = dict.fromkeys(code for one in mentions if one.kind == "port" for code in one.candidates if code in ports)
    return {
        "best": cards[0] if cards and verdict == "answer" else None,
        "cards": cards[1:] if verdict == "answer" else cards,
        "titled": [] if cards else _titled(ask, words),
        "ports": [port_card(ask, ports[code]) for code in list(named)[:PORTS]],
        "offices": [(code, ask.place(code)) for code in dict.fromkeys(places)],
        "topics": _topics(ask, words),
    }


def _titled(ask: Ask, words: str) -> list[Card]:
    """Entries with the words in their title: a word alone (visa, Shanghai) is a subject, not yet a question."""
    asked = fold(words).strip()
    if len(asked) < SHORTEST:
        return []
    found = (one for one in ask.site.current() if any(asked in fold(title) for title in first_wordings(one).values()))
    return [ask.card(one) for one in found][:MOST]


def _topics(ask: Ask, words: str) -> list[tuple[str, str]]:
    """Topics in use whose name, in any language, holds what was asked for."""
    asked = fold(words).strip()
    if len(asked) < SHORTEST:
        return []
    topics, named = dict.fromkeys(entry.topic for entry in ask.site.current()), ask.site.words.topic
    found = (topic for topic in topics if any(asked in fold(named(topic, language)) for language in PREFIX))
    return [(topic, named(topic, ask.language)) for topic in found]
