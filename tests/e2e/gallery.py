"""Pictures of every state a visitor and a desk can see, to be looked at: `python -m tests.e2e.gallery FOLDER`.

Three languages (the console has two), desktop and phone; a state's pictures stand side by side in FOLDER/STATE.png,
so that one look compares them. Needs what the browser tests need.
"""

from __future__ import annotations

import sys
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.conftest import Service, start, stop
from tests.e2e.pages import ARGUMENTS, CHROMIUM, DESKTOP, PHONE, ask, opened
from tests.processes import SeatClient

LANGUAGES = {"zh": "", "yue": "/yue", "en": "/en"}
SIZES = {"desktop": DESKTOP, "phone": PHONE}
ASKED = {
    "answer": {
        "zh": "办护照要多少钱", "yue": "整本護照要幾錢", "en": "how much does a passport cost"},
    "clarify": {"zh": "通行证", "yue": "通行證", "en": "permit"},
    "decline": {"zh": "美国签证怎么办", "yue": "美國簽證點申請", "en": "how do I get a US visa"},
    "personal": {
        "zh": "帮我查下我的护照办好没 E12345678", "yue": "幫我查下我本護照搞掂未 E12345678",
        "en": "is my passport E12345678 ready yet"},
    "visa-asks": {
        "zh": "我想去中国旅游要签证吗", "yue": "我想去中國旅行要唔要簽證", "en": "do I need a visa to visit China"},
}  # fmt: skip
"""State → what a visitor types to get there."""
GREETING = {"zh": "您好，请讲。", "yue": "你好，請講。", "en": "Hello, how can I help?"}
PORTAL = {
    "portal-home": "/", "portal-guides": "/guides", "portal-topic": "/guides/passport",
    "portal-entry": "/entries/passport-fee", "portal-policies": "/policies", "portal-services": "/services",
    "portal-life": "/life", "portal-contact": "/contact", "portal-ports": "/ports?q=深圳",
    "portal-port": "/ports/port-luohu", "portal-offices": "/offices?place=佛山", "portal-fees": "/fees",
    "portal-visa": "/visa-free?nationality=FR&stay=20&unit=days&purpose=tourism",
    "portal-visa-wrong": "/visa-free?nationality=FR&stay=x", "portal-results": "/search?q=护照丢了",
    "portal-missing": "/nothing",
}  # fmt: skip


CONSOLE = {
    "console-desk": ("demo-centre", "#/"),
    "console-lead": ("demo-centre", "#/lead"),
    "console-accounts": ("demo-admin", "#/accounts"),
    "console-audit": ("demo-admin", "#/audit"),
    "console-entries": ("demo-editor", "#/k/entries"),
    "console-entry": ("demo-editor", "#/k/entry/passport-fee"),
    "console-find": ("demo-editor", "#/k/find"),
    "console-due": ("demo-editor", "#/k/due"),
    "console-questions": ("demo-editor", "#/k/questions"),
    "console-coverage": ("demo-editor", "#/k/coverage"),
    "console-traffic": ("demo-editor", "#/k/traffic"),
}
"""State → who looks, and where."""


class Gallery:
    """Collects the pictures of one state after another."""

    def __init__(self, service: Service, browser: Browser, folder: Path) -> None:
        self.service, self.browser, self.folder = service, browser, folder
        self._parts: dict[str, list[bytes]] = {}

    @contextmanager
    def page(self, path: str, size: dict[str, int], dark: bool = False) -> Iterator[Page]:
        """A page of its own, closed afterwards."""
        page = opened(self.browser, [], self.service.url + path, size)
        if dark:
            page.emulate_media(color_scheme="dark")
        try:
            yield page
        finally:
            page.context.close()

    def take(self, state: str, page: Page) -> None:
        """One picture of a state; what moves comes to rest first."""
        page.wait_for_timeout(350)
        self._parts.setdefault(state, []).append(page.screenshot())

    def everywhere(self, visit: Callable[[Page, str], None], dark: bool = False) -> None:
        """Visit in each language at each size."""
        for size in SIZES.values():
            for language, prefix in LANGUAGES.items():
                with self.page(f"{prefix}/", size, dark) as page:
                    visit(page, language)

    def write(self) -> None:
        """Put the pictures of each state side by side: the browser is the one that pastes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        page = self.browser.new_page(viewport={"width": 1700, "height": 400})
        for state, parts in self._parts.items():
            images = "".join(
                f"<img style='height:328px' src='data:image/png;base64,{b64encode(part).decode()}'>" for part in parts
            )
            page.set_content(f"<body style='margin:6px;background:#888;display:flex;flex-wrap:wrap;gap:6px'>{images}")
            page.screenshot(path=self.folder / f"{state}.png", full_page=True)
        page.close()
        print(f"{len(self._parts)} states in {self.folder}", flush=True)


def launched(page: Page) -> None:
    """The widget, open and greeting."""
    page.locator(".launcher").click()
    expect(page.locator(".row.greeting")).to_be_visible()


def said(page: Page, text: str) -> None:
    """Ask, and wait for what comes back."""
    before = page.locator(".row.bot, .row.system").count()
    ask(page, text)
    expect(page.locator(".row.bot, .row.system").nth(before)).to_be_visible()
    expect(page.locator(".working")).to_have_count(0)


def tool(page: Page, place: int) -> None:
    """The n-th entry of the widget's menu."""
    page.locator(".header .icon").first.click()
    page.locator(".panel .menu button").nth(place).click()


def widget(gallery: Gallery) -> None:
    """What a visitor sees who only talks to the automatic service."""

    def visit(page: Page, language: str) -> None:
        launched(page)
        gallery.take("widget-greeting", page)
        for state, texts in ASKED.items():
            said(page, texts[language])
            gallery.take(f"widget-{state}", page)
        page.locator(".header .icon").first.click()
        gallery.take("widget-menu", page)
        page.keyboard.press("Escape")

    gallery.everywhere(visit)

    def forms(page: Page, language: str) -> None:
        launched(page)
        for place, state in enumerate(("visa-form", "ports", "leave", "look-up")):
            tool(page, place)
            expect(page.locator(".tool")).to_be_visible()
            gallery.take(f"widget-{state}", page)
            page.locator(".tool .plain").last.click()
        tool(page, 6)
        page.locator(".rating input").first.check()
        gallery.take("widget-rating", page)
        page.context.set_offline(True)
        ask(page, ASKED["answer"][language])
        gallery.take("widget-offline", page)

    gallery.everywhere(forms)

    def dark(page: Page, language: str) -> None:
        launched(page)
        said(page, ASKED["answer"][language])
        gallery.take("widget-dark", page)

    gallery.everywhere(dark, dark=True)


def handed_over(gallery: Gallery) -> None:
    """Waiting, talking to a seat, and the end of it; and what the seat sees."""
    seat = SeatClient(gallery.service.url, "demo-centre", gallery.service.seat_password)

    def visit(page: Page, language: str) -> None:
        launched(page)
        said(page, ASKED["answer"][language])
        page.locator(".composer .human").click()
        expect(page.locator(".row.handoff")).to_have_count(1)
        gallery.take("widget-handoff", page)
        asked = page.locator(".row.handoff").last.locator(".choice")
        if asked.count():  # from abroad nothing is asked
            asked.first.click()
        expect(page.locator(".strip.info")).to_be_visible()
        gallery.take("widget-queue", page)
        ticket = seat.tickets(status="waiting")[0]["id"]
        seat.act(ticket, "claim").raise_for_status()
        expect(page.locator(".strip.good")).to_be_visible()
        seat.act(ticket, "messages", {"text": GREETING[language]}).raise_for_status()
        expect(page.locator(".row.seat")).to_be_visible()
        gallery.take("widget-seat", page)
        seat.act(ticket, "resolve", {"category": "documents"}).raise_for_status()
        expect(page.locator(".strip.good")).to_have_count(0)
        gallery.take("widget-resolved", page)

    gallery.everywhere(visit)


def console(gallery: Gallery) -> None:
    """The desk with a ticket in it, and the pages of supervisors, editors and administrators."""
    with gallery.page("/en/", PHONE) as visitor:
        launched(visitor)
        said(visitor, ASKED["clarify"]["en"])
        visitor.locator(".composer .human").click()
        expect(visitor.locator(".row.handoff")).to_have_count(1)
        for state, (who, place) in CONSOLE.items():
            for size in SIZES.values():
                for language in ("zh", "en"):
                    with gallery.page("/console", size) as page:
                        page.evaluate(
                            "language => localStorage.setItem('consult.console.language', language)", language
                        )
                        page.reload()
                        page.locator("input[name=username]").fill(who)
                        page.locator("input[type=password]").fill(gallery.service.seat_password)
                        page.keyboard.press("Enter")
                        expect(page.locator("form input[type=password]")).to_have_count(0)
                        page.evaluate("place => { location.hash = place; }", place)
                        if state == "console-desk" and page.locator("[data-ticket]").count():
                            page.locator("[data-ticket]").first.click()
                        gallery.take(state, page)


def portal(gallery: Gallery) -> None:
    """Every kind of page."""
    for state, path in PORTAL.items():
        for size in SIZES.values():
            for prefix in LANGUAGES.values():
                with gallery.page(f"{prefix}{path}", size) as page:
                    gallery.take(state, page)


def main() -> None:
    """Take them all."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m tests.e2e.gallery FOLDER")
    with tempfile.TemporaryDirectory() as var, sync_playwright() as playwright:
        service = start(Path(var))
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            gallery = Gallery(service, chromium, Path(sys.argv[1]))
            for part in (portal, widget, handed_over, console):
                part(gallery)
                gallery.write()
        finally:
            chromium.close()
            stop(service)


if __name__ == "__main__":
    main()
