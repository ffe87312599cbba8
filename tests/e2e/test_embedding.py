"""The widget in somebody else's page: what it takes from its tag, what it leaves behind, who may use it."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.pages import DESKTOP, PHONE, ask, opened
from tests.processes import ROOT, free_port, gateway, prepare, settings, small_data

pytestmark = pytest.mark.browser
DIST = ROOT / "api" / "web" / "dist"
FIRST_LOAD, WHOLE = 10_000, 60_000
"""Bytes, compressed: what every visitor of an embedding page loads, and what who opens the widget loads in all."""
LEFT_BEHIND = """() => ({
    names: Object.getOwnPropertyNames(window).filter(name => !before.includes(name) && isNaN(name)),
    cookies: document.cookie, session: sessionStorage.length, local: localStorage.length,
    elements: [...document.body.children].map(e => e.localName)})"""


class Site:
    """Another organisation's web site, with pages that embed the widget."""

    def __init__(self, folder: Path, widget: str) -> None:
        self._folder, self.widget = folder, widget
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def page(self, name: str, attributes: str = "", lang: str = "zh") -> str:
        """A page with the tag; its address."""
        tag = f'<script src="{self.widget}/widget.js" {attributes}></script>'
        watch = "<script>var before = Object.getOwnPropertyNames(window)</script>"
        head = f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>x</title>'
        head += '<link rel="icon" href="data:,">'
        (self._folder / f"{name}.html").write_text(f"{head}<body>{watch}{tag}</body></html>", "utf-8")
        return f"{self.origin}/{name}.html"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    """A site that may embed the widget, and one that may not."""
    var, port = tmp_path_factory.mktemp("embedding"), free_port()
    friend, stranger = (
        Site(tmp_path_factory.mktemp("site"), f"http://127.0.0.1:{port}") for _ in ("friend", "stranger")
    )
    current = settings(var, port=port, data_dir=small_data(var), allowed_origins=[friend.origin])
    with ThreadPoolExecutor(1) as beside:  # the browser's own loop runs in this thread
        beside.submit(lambda: asyncio.run(prepare(current, {}))).result()
    with gateway(current):
        yield friend, stranger
    for site in (friend, stranger):
        site.close()


def begun(page: Page) -> None:
    page.locator(".launcher").click()
    expect(page.locator(".row.greeting")).to_be_visible()


def test_a_page_gets_one_element_and_nothing_else(
    sites: tuple[Site, Site], browser: Browser, faults: list[str]
) -> None:
    page = opened(browser, faults, sites[0].page("plain"), DESKTOP)
    begun(page)
    ask(page, "护照多少钱")
    expect(page.locator(".row.answer")).to_be_visible()
    left = page.evaluate(LEFT_BEHIND)
    assert left["names"] == []
    assert (left["cookies"], left["session"], left["local"]) == ("", 1, 0)
    assert left["elements"] == ["script", "script", "consult-12367"]
    assert page.context.cookies() == []


def test_nothing_but_the_button_is_loaded_until_it_is_pressed(
    sites: tuple[Site, Site], browser: Browser, faults: list[str]
) -> None:
    page = opened(browser, faults, "about:blank", PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("/", 3)[3]))
    page.goto(sites[0].page("light"), wait_until="networkidle")
    assert [url for url in asked if url != "light.html" and "favicon" not in url] == ["widget.js"]
    begun(page)
    assert any(url.startswith("assets/widget-panel-") for url in asked)


def test_the_tags_attributes_are_taken(sites: tuple[Site, Site], browser: Browser, faults: list[str]) -> None:
    attributes = (
        'data-lang="en" data-region="440300" data-origin="domestic" data-position="left" data-color="#7a1f3d" '
        'data-greeting="Welcome to the Foshan portal" data-open data-keep'
    )
    page = opened(browser, faults, "about:blank", DESKTOP)
    started: list[Any] = []
    page.on(
        "request", lambda call: started.append(call.post_data_json) if call.url.endswith("conversations") else None
    )
    page.goto(sites[0].page("attributes", attributes))
    expect(page.locator(".row.greeting")).to_be_visible()
    expect(page.get_by_text("Welcome to the Foshan portal")).to_be_visible()
    expect(page.locator(".languages [lang=en]")).to_have_attribute("aria-pressed", "true")
    assert started == [{"channel": "web", "language": "en", "region": "440300", "origin": "domestic"}]
    assert page.locator(".panel").evaluate("e => Math.round(e.getBoundingClientRect().left)") == 20
    assert page.locator(".header").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(122, 31, 61)"
    left = page.evaluate(LEFT_BEHIND)
    assert (left["session"], left["local"], left["cookies"]) == (0, 1, "")


def test_a_colour_on_which_nothing_can_be_read_is_not_taken(
    sites: tuple[Site, Site], browser: Browser, faults: list[str]
) -> None:
    page = opened(browser, faults, sites[0].page("pale", 'data-color="#ffee88"'), DESKTOP)
    assert page.locator(".launcher").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(31, 95, 168)"


def test_a_site_that_may_not_is_told_so(sites: tuple[Site, Site], browser: Browser) -> None:
    page = opened(browser, [], sites[1].page("stranger", lang="en"), DESKTOP)
    page.locator(".launcher").click()
    expect(page.locator(".card.bad")).to_contain_text(f"the site {sites[1].origin} may not use this service")
    expect(page.locator(".card.bad")).to_contain_text("CONSULT_ALLOWED_ORIGINS")
    expect(page.locator(".card.bad")).to_contain_text("12367")


def test_a_button_whose_rest_cannot_be_loaded_says_so_and_tries_again(
    sites: tuple[Site, Site], browser: Browser
) -> None:
    page = opened(browser, [], sites[0].page("broken"), DESKTOP)
    page.route("**/assets/widget-panel-*", lambda route: route.abort())
    page.locator(".launcher").click()
    expect(page.locator(".launcher")).to_contain_text("12367")
    page.unroute("**/assets/widget-panel-*")
    page.reload()
    begun(page)


def test_the_widget_weighs_little() -> None:
    (panel,) = (DIST / "assets").glob("widget-panel-*.js")
    first, rest = (len(gzip.compress(path.read_bytes())) for path in (DIST / "widget.js", panel))
    assert first <= FIRST_LOAD and first + rest <= WHOLE, (first, rest)
