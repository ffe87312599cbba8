"""The portal in a real Chromium: every kind of page is accessible at both sizes, with and without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Service
from tests.e2e.pages import DESKTOP, PHONE, opened, shot
from tests.e2e.test_accessibility import faults_found

pytestmark = [pytest.mark.browser, pytest.mark.engine]
KINDS = {
    "home": "/en/",
    "guides": "/guides",
    "topic": "/en/guides/accommodation_reg",
    "entry": "/yue/entries/t240-what",
    "policies": "/policies",
    "services": "/en/services",
    "life": "/life",
    "contact": "/en/contact",
    "ports": "/ports?q=深圳",
    "port": "/en/ports/port-hzmb",
    "office": "/offices?place=佛山",
    "fees": "/en/fees",
    "visa": "/visa-free?nationality=FR&stay=20&unit=days&purpose=tourism",
    "visa-asks": "/yue/visa-free?nationality=US&stay=5&unit=days",
    "visa-transit": "/en/visa-free?nationality=US&stay=5&purpose=transit&origin=JP&onward=HK&port=air-pvg",
    "results": "/search?q=护照丢了怎么补办",
}
WRONG = {"visa-wrong": "/en/visa-free?nationality=CN&stay=x", "missing": "/nothing"}
"""Pages that a browser logs as failed, because they are."""


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"])
def test_every_kind_of_page_is_accessible(
    service: Service, browser: Browser, faults: list[str], size: dict[str, int], scheme: str
) -> None:
    """The sizes and the colour schemes take turns; nothing needs scrolling sideways."""
    page = opened(browser, faults, service.url, size)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for name, path in (KINDS | WRONG).items():
        page.goto(service.url + path)
        assert faults_found(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
        shot(page, f"portal-{name}-{size['width']}")
        if name in WRONG:
            assert any("Failed to load resource" in fault for fault in faults), "the browser saw the status"
            faults.clear()


def test_asking_about_an_entry_opens_the_widget(service: Service, browser: Browser, faults: list[str]) -> None:
    page = opened(browser, faults, service.url + "/en/entries/passport-fee", PHONE)
    page.get_by_role("link", name="Ask about this").click()
    expect(page.locator(".row.user .text").last).to_have_text("Passport fee")
    expect(page.locator(".row.answer, .row.clarify").last).to_be_visible()
    assert page.url.endswith("/en/entries/passport-fee"), "the page stays where it was"


def test_without_a_script_every_way_leads_on(service: Service, browser: Browser) -> None:
    """Menu, language, search, and the way to a person: links and forms do it all."""
    page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()  # type: ignore[arg-type]
    page.goto(service.url)
    page.get_by_role("searchbox").fill("护照费用")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("普通护照每本120元").first).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("护照费用")
    page.locator(".menu summary").click()
    page.locator(".menu").get_by_role("link", name="Visa-free check").click()
    page.get_by_label("Nationality").select_option("FR")
    page.get_by_label("Length of stay").fill("20")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", name="No visa needed")).to_be_visible()
    page.get_by_label("Nationality").select_option("US")
    page.get_by_label("Length of stay").fill("5")
    page.get_by_label("Where do you go after China?").select_option("TH")
    page.get_by_role("button", name="Change and check again").click()
    expect(page.get_by_label("Where do you come from?")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Where do you come from?").select_option("JP")
    page.get_by_label("Where do you enter China?").select_option(label="Shanghai Pudong International Airport")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", name="No visa needed")).to_be_visible()
    expect(page.get_by_text("240-hour transit exemption").first).to_be_visible()
    page.get_by_role("link", name="Open online consultation").click()
    expect(page.get_by_role("link", name="12367", exact=True).first).to_be_visible()
    assert page.url.endswith("/en/contact")
