"""What one request for a page knows: the visitor's language and address, and the services pages are made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import Request, Response

from actions.services import Services
from api.knowledge.service import KnowledgeService
from api.portal import rendering
from api.portal.words import Words
from api.routing.geography import Geography
from api.settings import Settings
from api.tools.service import ToolService
from knowledge.entries import Entry, effective, ended, is_template
from knowledge.language import Language
from knowledge.texts import spoken_day

PREFIX: Mapping[Language, str] = {"zh": "", "en": "/en", "yue": "/yue"}
"""Where each language's pages begin; without one it is Mandarin."""
TAGS: Mapping[Language, str] = {"zh": "zh-Hans-CN", "en": "en", "yue": "yue-Hant-HK"}
HREFLANG: Mapping[Language, str] = {"zh": "zh-Hans", "en": "en", "yue": "yue"}
NAMES: Mapping[Language, str] = {"zh": "中文", "en": "English", "yue": "粵語"}
State = Literal["current", "upcoming", "ended"]
NAV = ("guides", "visa_free", "ports_page", "offices", "fees", "policies", "life", "services", "contact")
"""The sections, as their titles are called in ``data/portal``."""
ADDRESSES = {name: f"/{name.replace('_', '-')}" for name in NAV} | {"ports_page": "/ports"}


class Moved(Exception):
    """A page has gone for good to another address, which is given without a language."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True)
class View:
    """A page to be: its template and what goes into it. ``query`` is kept when the language is switched; a page that
    is not ``listed`` asks search engines to leave it out."""

    template: str
    title: str
    description: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    query: Mapping[str, str] = field(default_factory=dict)
    listed: bool = True
    trail: tuple[tuple[str, str], ...] = ()
    """Pages above this one: (address, title)."""


@dataclass(frozen=True)
class Card:
    """An entry in a page's language; ``answer`` and ``more`` are empty unless it may be answered from today."""

    entry: Entry
    state: State
    title: str
    answer: str
    more: str
    topic: str
    authority: str
    as_of: str | None
    """The day of its newest source, in words."""
    place: str | None
    valid_from: str | None
    valid_to: str | None

    @property
    def path(self) -> str:
        """Its stable address, without a language."""
        return f"/entries/{self.entry.id}"


@dataclass(frozen=True)
class Site:
    """Everything that pages are made from."""

    settings: Settings
    knowledge: KnowledgeService
    services: Services
    tools: ToolService
    geography: Geography
    words: Words
    templates: Any = field(default_factory=rendering.environment)

    def state(self, entry: Entry) -> State:
        """Whether a published entry counts today."""
        today = self.knowledge.today()
        return "current" if effective(entry, today) else "ended" if ended(entry, today) else "upcoming"

    def entries(self) -> list[Entry]:
        """Every published entry that has a page: all but the templates, which only a computation fills in."""
        return [entry for entry in self.knowledge.snapshot.values() if not is_template(entry)]

    def current(self) -> list[Entry]:
        """Those in force today."""
        return [entry for entry in self.entries() if self.state(entry) == "current"]


class Ask:
    """One request for a page, in one language."""

    def __init__(self, site: Site, request: Request, language: Language, path: str) -> None:
        """``path`` is the address without the language: ``/guides/passport``."""
        self.site, self.request, self.language, self.path = site, request, language, path
        self.query: Mapping[str, str] = {key: value.strip() for key, value in request.query_params.items()}

    def t(self, key: str, **values: object) -> str:
        """The portal's words for a key."""
        return self.site.words.texts.get(key, self.language, "hans", **values)

    def name(self, group: str, key: str, **values: object) -> str:
        """One of a group of words."""
        text = self.site.words.texts.name(group, key, self.language)
        return text.format(**values) if values else text

    def day(self, day: object) -> str:
        """A day in words."""
        return rendering.spoken(str(day), self.language)

    def place(self, code: str) -> str:
        """A division's name."""
        place = self.site.geography.place(code)
        return place.name(self.language) if place else code

    def link(self, path: str, language: Language | None = None) -> str:
        """The address of a page, in this language unless another is named."""
        return PREFIX[language or self.language] + path

    def absolute(self, address: str) -> str:
        """The whole address, as the site's visitors see it."""
        base = self.site.settings.public_url or str(self.request.base_url)
        return base.rstrip("/") + address

    def card(self, entry: Entry) -> Card:
        """An entry as this page's language has it."""
        services, state, language = self.site.services, self.site.state(entry), self.language
        shown = state == "current"
        title = services.wording({"zh": "", **first_wordings(entry)}, language, "hans")
        return Card(
            entry=entry,
            state=state,
            title=title[:1].upper() + title[1:],
            answer=services.wording(entry.answer, language, "hans") if shown else "",
            more=services.wording(entry.more, language, "hans") if shown and entry.more else "",
            topic=self.site.words.topic(entry.topic, language),
            authority=services.wording(services.authorities[entry.authority], language, "hans"),
            as_of=self.day(newest) if (newest := newest_source(entry)) else None,
            place=self.place(entry.region) if entry.region else None,
            valid_from=spoken_day(entry.valid_from, language) if entry.valid_from else None,
            valid_to=spoken_day(entry.valid_to, language) if entry.valid_to else None,
        )

    def cards(self, ids: Iterable[str]) -> list[Card]:
        """Entries in force by id, in that order; the others are left out."""
        known = self.site.knowledge.snapshot
        found = [known[entry_id] for entry_id in ids if entry_id in known]
        return [card for card in map(self.card, found) if card.state == "current" and card.title]

    def render(self, view: View) -> Response:
        """The response for a page."""
        others = [language for language in PREFIX if language != self.language]
        body = self.site.templates.get_template(view.template).render(
            ask=self,
            view=view,
            t=self.t,
            name=self.name,
            link=self.link,
            day=self.day,
            nav=self._nav(),
            alternates=[(HREFLANG[one], self.absolute(self.link(self.path, one))) for one in PREFIX],
            switches=[(TAGS[one], NAMES[one], self._switched(view, one)) for one in others],
            canonical=self.absolute(self.link(self.path)),
            tag=TAGS[self.language],
            assets=rendering.assets(self.site.settings.web_dir),
            **view.values,
        )
        return rendering.respond(self.request, body, view.status, "text/html", TAGS[self.language])

    def _nav(self) -> list[tuple[str, str, bool]]:
        """The sections: address, title, whether this page is in it."""
        inside = {address: self.path.startswith(address) for address in ADDRESSES.values()}
        return [(address, self.name("nav", name), inside[address]) for name, address in ADDRESSES.items()]

    def _switched(self, view: View, language: Language) -> str:
        kept = {key: value for key, value in view.query.items() if value}
        return self.link(self.path, language) + (f"?{urlencode(kept)}" if kept else "")


def first_wordings(entry: Entry) -> dict[str, str]:
    """The first wording of each language: the plain one, which stands as the title."""
    return {language: wordings[0] for language, wordings in entry.questions.items() if wordings}


def newest_source(entry: Entry) -> str:
    """The date of an entry's newest source; empty where none has one."""
    return max((source.date for source in entry.sources if source.date), default="")
