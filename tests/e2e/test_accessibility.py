"""WCAG 2.2 AA as far as a program can tell: axe finds nothing serious on any page, and a keyboard is enough."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Service
from tests.e2e.pages import DESKTOP, PHONE, ask, opened
from tests.processes import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.engine]
AXE = ROOT / "api" / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
YUE = "yue-Hant-HK"
TARGET = 44
"""Pixels a target measures at least, in either direction."""


def faults_found(page: Page) -> list[str]:
    """What axe calls serious or critical, each with where it is and why."""
    page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run({runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
    )
    return [
        f"{fault['id']}: {node['target']}: {node['failureSummary']}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def with_an_answer(page: Page, question: str) -> None:
    page.locator(".launcher").click()
    expect(page.locator(".row.greeting")).to_be_visible()
    ask(page, question)
    expect(page.locator(".row.answer, .row.clarify, .row.decline").last).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    ("path", "question"), [("/", "办护照要多少钱"), ("/en/", "What is the 240-hour transit policy?")]
)
def test_axe_finds_nothing_serious_for_visitors(
    service: Service, browser: Browser, faults: list[str], size: dict[str, int], scheme: str, path: str, question: str
) -> None:
    page = opened(browser, faults, service.url + path, size)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    assert faults_found(page) == []
    with_an_answer(page, question)
    assert faults_found(page) == []
    page.locator(".header .icon").first.click()
    expect(page.locator(".panel .menu")).to_be_visible()
    assert faults_found(page) == []


def test_axe_finds_nothing_serious_in_the_console(service: Service, browser: Browser, faults: list[str]) -> None:
    page = opened(browser, faults, service.url + "/console", DESKTOP)
    assert faults_found(page) == []
    page.locator("input[name=username]").fill("demo-centre")
    page.locator("input[type=password]").fill(service.seat_password)
    page.locator("form button[type=submit]").click()
    expect(page.locator("input[name=username]")).to_have_count(0)
    assert faults_found(page) == []


def test_what_is_tapped_is_large_enough(service: Service, browser: Browser, faults: list[str]) -> None:
    page = opened(browser, faults, service.url, PHONE)
    with_an_answer(page, "办护照要多少钱")
    small = page.evaluate(
        """least => [...document.querySelector("consult-12367").shadowRoot.querySelectorAll(
            ".panel button, .panel summary")]
            .map(e => [e.className || e.textContent.trim(), e.getBoundingClientRect()])
            .filter(([_, box]) => box.width && (box.height < least - 0.5 || box.width < least - 0.5))
            .map(([name, box]) => `${name} ${Math.round(box.width)}x${Math.round(box.height)}`)""",
        TARGET,
    )
    assert small == [], json.dumps(small, ensure_ascii=False)


def test_a_keyboard_is_enough(service: Service, browser: Browser, faults: list[str]) -> None:
    """Open, ask, read, choose the language, and close: no mouse."""
    page = opened(browser, faults, service.url + "/en/", DESKTOP)
    page.locator(".launcher").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".row.greeting")).to_be_visible()
    expect(page.locator(".composer textarea")).to_be_focused()
    page.keyboard.type("passport fee")
    page.keyboard.press("Enter")
    expect(page.locator(".row.answer, .row.clarify").last).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.shadowRoot?.activeElement?.getAttribute('lang')") == YUE:
            break
    page.keyboard.press("Enter")
    expect(page.locator(f".panel .languages [lang='{YUE}']")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_have_count(0)
    expect(page.locator(".launcher")).to_be_focused()


def test_replies_are_announced(service: Service, browser: Browser, faults: list[str]) -> None:
    page = opened(browser, faults, service.url, DESKTOP)
    with_an_answer(page, "办护照要多少钱")
    log = page.locator("[role=log]")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log.locator(".row.answer").last).to_be_visible()
