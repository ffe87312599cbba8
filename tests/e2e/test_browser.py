"""What a visitor and a seat see, in a real Chromium: three languages, phone and desktop, a handoff, a reload."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Service
from tests.e2e.pages import DESKTOP, PHONE, ask, opened, shot

pytestmark = [pytest.mark.browser, pytest.mark.engine]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    ("path", "switch", "question", "said"),
    [
        ("/", None, "办护照要多少钱", "120"),
        ("/", "粵", "回鄉證唔見咗點算", "回鄉證"),
        ("/en/", None, "What is the 240-hour transit policy?", "240"),
    ],
    ids=["zh", "yue", "en"],
)
def test_a_visitor_asks_and_gets_a_sourced_answer(
    service: Service,
    browser: Browser,
    faults: list[str],
    size: dict[str, int],
    path: str,
    switch: str | None,
    question: str,
    said: str,
) -> None:
    page = opened(browser, faults, service.url + path, size)
    name = f"{switch or path.strip('/') or 'zh'}-{size['width']}"
    shot(page, f"{name}-portal")
    page.locator(".launcher").click()
    expect(page.locator(".row.greeting")).to_be_visible()
    if switch:
        page.locator(".languages").get_by_text(switch, exact=True).click()
    ask(page, question)
    answer = page.locator(".row.answer").last
    expect(answer.locator(".text")).to_contain_text(said)
    expect(answer.locator(".sources")).to_be_visible()
    shot(page, f"{name}-answer")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"], "nothing may need scrolling sideways"


def test_markup_in_a_message_stays_text(service: Service, browser: Browser, faults: list[str]) -> None:
    page = opened(browser, faults, service.url, DESKTOP)
    page.locator(".launcher").click()
    expect(page.locator(".row.greeting")).to_be_visible()
    ask(page, "<img src=x onerror=alert(1)><script>alert(2)</script>护照")
    expect(page.locator(".row.user .text").last).to_have_text(
        "<img src=x onerror=alert(1)><script>alert(2)</script>护照"
    )
    assert page.locator(".log img, .log script").count() == 0


def test_a_conversation_survives_a_reload(service: Service, browser: Browser, faults: list[str]) -> None:
    page = opened(browser, faults, service.url, PHONE)
    page.locator(".launcher").click()
    expect(page.locator(".row.greeting")).to_be_visible()
    ask(page, "办护照要多少钱")
    expect(page.locator(".row.answer")).to_have_count(1)
    page.reload()
    expect(page.locator(".row.answer")).to_have_count(1)
    expect(page.locator(".row.user .text")).to_have_text("办护照要多少钱")


def test_a_seat_takes_over_and_the_visitor_sees_the_reply_at_once(
    service: Service, browser: Browser, faults: list[str]
) -> None:
    visitor = opened(browser, faults, service.url + "/en/", PHONE)
    visitor.locator(".launcher").click()
    expect(visitor.locator(".row.greeting")).to_be_visible()
    visitor.locator(".composer .human").click()
    expect(visitor.locator(".row.handoff").last).to_contain_text("12367-")
    shot(visitor, "en-360-queue")

    seat = opened(browser, faults, service.url + "/console", DESKTOP)
    shot(seat, "console-login")
    seat.locator("input[name=username]").fill("demo-centre")
    seat.locator("input[type=password]").fill(service.seat_password)
    seat.locator("form button[type=submit]").click()
    row = seat.locator("[data-ticket]").first
    row.click()
    shot(seat, "console-ticket")
    seat.keyboard.press("c")
    expect(visitor.locator(".row.system").last).to_contain_text("示范服务中心席")
    box = seat.locator("textarea").last
    box.fill("Hello, how can I help you?")
    box.press("Enter")
    expect(visitor.locator(".row.seat .text").last).to_have_text("Hello, how can I help you?")
    ask(visitor, "My case is complicated")
    expect(seat.get_by_text("My case is complicated").last).to_be_visible()
    shot(seat, "console-talk")
    shot(visitor, "en-360-seat")
