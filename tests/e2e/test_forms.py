"""The widget's small forms: the visa-free check becomes a sentence of the talk, ports are looked up beside it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Service
from tests.e2e.pages import DESKTOP, PHONE, opened, shot

pytestmark = [pytest.mark.browser, pytest.mark.engine]
DAY, LAST = "2099-12-20", "2104-01-31"
"""Of entry, and of the passport."""


def with_form(page: Page, name: str) -> None:
    page.locator(".launcher").click()
    expect(page.locator(".row.greeting")).to_be_visible()
    page.locator(".header .icon").first.click()
    page.locator(".panel .menu").get_by_text(name, exact=True).click()
    expect(page.locator(".tool")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    ("path", "name", "nationality"),
    [("/", "免签自查", "法国"), ("/en/", "Visa-free check", "France")],
    ids=["zh", "en"],
)
def test_the_visa_form_asks_and_is_answered(
    service: Service,
    browser: Browser,
    faults: list[str],
    size: dict[str, int],
    path: str,
    name: str,
    nationality: str,
) -> None:
    page = opened(browser, faults, service.url + path, size)
    with_form(page, name)
    page.locator(".tool input").nth(0).fill(nationality)
    page.locator(".tool input").nth(1).fill("20")
    page.locator(".tool button[type=submit]").click()
    expect(page.locator(".tool")).to_have_count(0)
    expect(page.locator(".row.user .text").last).to_contain_text(nationality)
    answer = page.locator(".row.answer .text").last
    expect(answer).to_be_visible()
    expect(answer).to_contain_text("30")
    shot(page, f"{path.strip('/') or 'zh'}-{size['width']}-visa-form")


@pytest.mark.parametrize(
    ("path", "name", "purpose", "filled", "answer", "size"),
    [
        ("/", "免签自查", "过境", ("美国", "5", DAY, "上海浦东国际机场", "日本", "泰国", LAST), "240小时", PHONE),
        (
            "/yue/", "免簽自查", "過境",
            ("美國", "5", DAY, "上海浦東國際機場", "日本", "泰國", LAST),
            "240小時", DESKTOP,
        ),
        (
            "/en/", "Visa-free check", "Transit",
            ("United States", "5", DAY, "Shanghai Pudong International Airport", "Japan", "Thailand", LAST),
            "240-hour", PHONE,
        ),
    ],
    ids=["zh", "yue", "en"],
)  # fmt: skip
def test_the_visa_form_asks_for_a_transit(
    service: Service,
    browser: Browser,
    faults: list[str],
    path: str,
    name: str,
    purpose: str,
    filled: tuple[str, ...],
    answer: str,
    size: dict[str, int],
) -> None:
    """With day and port, whose names are offered; the answer is the one for that route."""
    page = opened(browser, faults, service.url + path, size)
    with_form(page, name)
    page.locator(".tool select").first.select_option(label=purpose)
    page.locator(".tool select").last.select_option("Yes")
    for number, value in enumerate(filled):
        page.locator(".tool input").nth(number).fill(value)
    expect(page.locator(f'#consult-ports option[value="{filled[3]}"]')).to_be_attached()
    shot(page, f"visa-form-{path.strip('/') or 'zh'}-{size['width']}")
    page.locator(".tool button[type=submit]").click()
    expect(page.locator(".row.user .text").last).to_contain_text(filled[3])
    expect(page.locator(".row.answer .text").last).to_contain_text(answer)


def test_ports_show_their_hours_and_whether_they_are_open(
    service: Service, browser: Browser, faults: list[str]
) -> None:
    page = opened(browser, faults, service.url, PHONE)
    with_form(page, "口岸查询")
    page.locator(".tool input").fill("罗湖")
    page.locator(".tool button[type=submit]").click()
    card = page.locator(".ports li").first
    expect(card).to_contain_text("罗湖")
    expect(card).to_contain_text("06:30")
    page.locator(".tool input").fill("没有这个地方")
    page.locator(".tool button[type=submit]").click()
    expect(page.get_by_text("没有找到")).to_be_visible()
