"""Pages made from entries: home, guides by topic, one entry, policies by date, what is put together by hand."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from starlette.exceptions import HTTPException

from api.portal.site import ADDRESSES, Ask, Card, Moved, View, newest_source
from api.portal.words import REST, Group
from knowledge.entries import Entry, is_template

LATEST = 6
NEIGHBOURS = 6
SUMMARY = 150
"""Characters of an answer that search engines show."""


def home(ask: Ask) -> View:
    """Services, guides, the latest policies, and how to ask."""
    latest = [card for card in _by_date(ask) if card.state == "current" and card.valid_from][:LATEST]
    words, services = ask.site.words, [(path, name) for name, path in ADDRESSES.items() if name != "contact"]
    values = {
        "groups": _groups(ask), "latest": latest, "examples": words.examples, "others": words.others,
        "services": services,
    }  # fmt: skip
    return View("home.html", ask.t("brand"), ask.t("description"), values)


def guides(ask: Ask) -> View:
    """All groups with their topics."""
    return View("guides.html", ask.t("guides"), ask.t("guides_lead"), {"groups": _groups(ask)})


def _groups(ask: Ask) -> list[tuple[Group, list[tuple[str, str, int]]]]:
    """Groups with their topics in use: (id, name, number of entries)."""
    counts = Counter(entry.topic for entry in ask.site.current())
    found = []
    for group in ask.site.words.groups:
        topics = list(group.topics)
        if group.id == REST:
            topics = sorted(topic for topic in counts if ask.site.words.group_of(topic).id == REST)
        rows = [(one, ask.site.words.topic(one, ask.language), counts[one]) for one in topics if counts[one]]
        if rows:
            found.append((group, rows))
    return found


def topic(ask: Ask, topic: str) -> View:
    """The entries of one topic: what holds everywhere, then what holds in some places. Raises 404."""
    cards = [ask.card(entry) for entry in ask.site.current() if entry.topic == topic]
    if not cards:
        raise HTTPException(404)
    group = ask.site.words.group_of(topic)
    name = ask.site.words.topic(topic, ask.language)
    around = next((rows for one, rows in _groups(ask) if one.id == group.id), [])
    values = {
        "everywhere": [card for card in cards if not card.place],
        "local": [card for card in cards if card.place],
        "group": group,
        "around": [row for row in around if row[0] != topic],
    }
    trail = ((ADDRESSES["guides"], ask.t("guides")),)
    lead = f"{name}：{group.lead[ask.language]}" if ask.language != "en" else f"{name}: {group.lead['en']}"
    return View("topic.html", name, lead, values, trail=trail)


def entry(ask: Ask, entry_id: str) -> View:
    """One entry with its sources, dates and neighbours; a policy that is over is said to be.

    Raises:
        Moved: another entry has taken its place.
        HTTPException: 404.
    """
    found = ask.site.knowledge.snapshot.get(entry_id)
    if found is None:
        for one in ask.site.entries():
            if one.supersedes == entry_id:
                raise Moved(f"/entries/{one.id}")
    if found is None or is_template(found):
        raise HTTPException(404)
    card = ask.card(found)
    values = {
        "card": card,
        "sources": ask.site.services.sources(found, ask.language, "hans"),
        "related": _related(ask, found),
    }
    trail = ((ADDRESSES["guides"], ask.t("guides")), (f"/guides/{found.topic}", card.topic))
    listed = card.state == "current"
    return View("entry.html", card.title, _summary(card), values, listed=listed, trail=trail)


def _summary(card: Card) -> str:
    text = card.answer or card.title
    return text if len(text) <= SUMMARY else text[: SUMMARY - 1] + "…"


def _related(ask: Ask, entry: Entry) -> list[Card]:
    """What the editors named, then others of the topic that hold in the same place."""
    others = (one.id for one in ask.site.current() if one.topic == entry.topic and one.region in (None, entry.region))
    ids = dict.fromkeys((*entry.related, *others))
    return ask.cards(one for one in ids if one != entry.id)[:NEIGHBOURS]


def policies(ask: Ask) -> View:
    """What has a day from or until which it holds, by year, newest first."""
    years = [(year, list(cards)) for year, cards in groupby(_by_date(ask), key=lambda card: _date(card.entry)[:4])]
    return View("policies.html", ask.t("policies"), ask.t("policies_lead"), {"years": years})


def _by_date(ask: Ask) -> list[Card]:
    dated = [entry for entry in ask.site.entries() if entry.valid_from or entry.valid_to]
    return [ask.card(entry) for entry in sorted(dated, key=lambda one: (_date(one), one.id), reverse=True)]


def _date(entry: Entry) -> str:
    """The day that a policy took effect; where that is not on record, the day of its newest source."""
    return entry.valid_from.isoformat() if entry.valid_from else newest_source(entry)


def services(ask: Ask) -> View:
    """Where to book, to apply and to ask for the state of things."""
    return _sections(ask, "services")


def life(ask: Ask) -> View:
    """Living in China and learning Chinese, and the guides about it."""
    return _sections(ask, "life")


def _sections(ask: Ask, page: str) -> View:
    rows = [(section, ask.cards(section.entries)) for section in ask.site.words.sections[page]]
    sections = [(section.id, section.name[ask.language], cards) for section, cards in rows if cards]
    more = [row for group, rows in _groups(ask) if group.id == page for row in rows]
    return View("sections.html", ask.t(page), ask.t(f"{page}_lead"), {"sections": sections, "more": more})


def contact(ask: Ask) -> View:
    """The ways to ask, with and without a script."""
    words = ask.site.words
    return View(
        "contact.html", ask.t("contact"), ask.t("contact_lead"), {"steps": words.steps, "others": words.others}
    )


def missing(ask: Ask) -> View:
    """What stands in the place of a page that does not exist."""
    return View("missing.html", ask.t("not_found"), ask.t("not_found_text"), status=404, listed=False)
