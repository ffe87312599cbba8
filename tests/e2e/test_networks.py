"""Slow and broken networks: nothing typed is lost, nothing is shown twice, and the visitor sees what is going on."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.e2e.conftest import Service
from tests.e2e.pages import PHONE, ask, opened

pytestmark = [pytest.mark.browser, pytest.mark.engine]
QUESTION = "办护照要多少钱"


def test_what_is_asked_offline_is_sent_when_the_network_is_back(service: Service, browser: Browser) -> None:
    page = opened(browser, [], service.url, PHONE)
    page.locator(".launcher").click()
    expect(page.locator(".row.greeting")).to_be_visible()
    page.context.set_offline(True)
    ask(page, QUESTION)
    expect(page.locator(".row.unsent")).to_have_count(1)
    expect(page.get_by_text("网络已断开")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".row.answer")).to_have_count(1, timeout=30_000)
    expect(page.locator(".row.user .text")).to_have_count(1)


def test_an_answer_lost_on_the_way_is_neither_lost_nor_doubled(service: Service, browser: Browser) -> None:
    """The gateway took the question, the reply never arrived: the same question again is the same message."""
    page = opened(browser, [], service.url, PHONE)
    page.locator(".launcher").click()
    expect(page.locator(".row.greeting")).to_be_visible()
    cut: list[str] = []

    def lose_first(route: Route) -> None:
        if route.request.method == "POST" and not cut:
            cut.append(route.request.url)
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/v1/conversations/*/messages*", lose_first)
    ask(page, QUESTION)
    expect(page.locator(".row.answer")).to_have_count(1, timeout=30_000)
    expect(page.locator(".row.user .text")).to_have_count(1, timeout=30_000)
    assert cut


def test_a_slow_network_shows_that_it_is_looking(service: Service, browser: Browser, faults: list[str]) -> None:
    page = opened(browser, faults, service.url, PHONE)
    session = page.context.new_cdp_session(page)
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 1500, "downloadThroughput": 6000, "uploadThroughput": 6000},
    )
    page.locator(".launcher").click()
    expect(page.locator(".row.greeting")).to_be_visible(timeout=30_000)
    ask(page, QUESTION)
    expect(page.locator(".row.unsent, .working").first).to_be_visible()
    expect(page.locator(".row.answer")).to_have_count(1, timeout=30_000)
    expect(page.locator(".working")).to_have_count(0)
