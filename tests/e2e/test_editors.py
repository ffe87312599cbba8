"""The life of an entry in a real Chromium: one editor writes, another publishes, a visitor is answered."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PARTNER_SECRET, Service
from tests.e2e.hotline import Hotline
from tests.e2e.pages import DESKTOP, PHONE, ask, opened, shot

pytestmark = [pytest.mark.browser, pytest.mark.engine]

QUESTION = "带宠物仓鼠坐绿皮火车过满洲里边检要单独登记吗"
FACT = "acc-24h"
ANSWER = "边检不为宠物单独登记；仓鼠能否出境要问海关（12360）。"
WORDINGS = {
    "zh": [QUESTION, *(f"带仓鼠过满洲里边检第{n}种问法" for n in range(1, 12))],
    "yue": [f"帶倉鼠過滿洲里邊檢嘅第{n}種問法" for n in range(1, 13)],
    "en": [f"hamster on the train through Manzhouli border, wording {n}" for n in range(1, 13)],
}
ANSWERS = {
    "zh": ANSWER,
    "yue": "邊檢唔會幫寵物登記；倉鼠出唔出得境，要問海關（12360）。",
    "en": "Border inspection does not register pets; ask customs (12360) whether a hamster may leave.",
}


def logged_in(service: Service, browser: Browser, faults: list[str], who: str, size: dict[str, int]) -> Page:
    """An editor's console, at the entries."""
    page = opened(browser, faults, service.url + "/console", size)
    page.set_default_timeout(60_000)
    page.locator("input[name=username]").fill(who)
    page.locator("input[type=password]").fill(service.seat_password)
    page.locator("form button[type=submit]").click()
    expect(page.locator(".kb")).to_be_visible(timeout=30_000)
    return page


def write(page: Page) -> None:
    """Fill in a complete entry."""
    for language, wordings in WORDINGS.items():
        page.locator(f"[data-field='questions.{language}']").fill("\n".join(wordings))
        page.locator(f"[data-field='answer.{language}']").fill(ANSWERS[language])
    page.locator("[data-field=id]").fill("hamster-manzhouli")
    page.locator("[data-field=topic]").fill("customs_not_nia")
    page.locator("[data-field=review_by]").fill("2027-01-15")
    page.get_by_role("searchbox").fill(FACT)
    page.locator(".offered button").first.click()


def test_a_draft_is_written_reviewed_published_and_found(
    service: Service, browser: Browser, faults: list[str]
) -> None:
    writer = logged_in(service, browser, faults, "demo-writer", DESKTOP)
    writer.goto(f"{service.url}/console#/k/new/n1")
    write(writer)
    expect(writer.locator(".preview").first).to_contain_text(ANSWER)
    shot(writer, "editor-new")

    writer.reload()  # nothing that was typed is lost
    expect(writer.locator("[data-field='answer.zh']")).to_have_value(ANSWER)
    expect(writer.locator(".checks-block .good-text")).to_be_visible()
    writer.keyboard.press("Control+s")
    expect(writer.locator(".life .state.draft").first).to_be_visible()
    expect(writer.locator("[data-move=reviewed]")).to_be_disabled()

    editor = logged_in(service, browser, faults, "demo-editor", PHONE)
    editor.goto(f"{service.url}/console#/k/entry/hamster-manzhouli")
    editor.locator("[data-move=reviewed]").click()
    editor.locator("[data-move=published]").click()
    expect(editor.locator(".life .state.published").first).to_be_visible()
    shot(editor, "editor-published-360")

    visitor = opened(browser, faults, service.url, PHONE)
    visitor.locator(".launcher").click()
    expect(visitor.locator(".row.greeting")).to_be_visible()
    ask(visitor, QUESTION)
    expect(visitor.locator(".row.answer .text").last).to_contain_text(ANSWER)
    visitor.locator(".thumb").last.click()
    visitor.locator(".remark input").fill("没有说仓鼠要什么证明")
    visitor.locator(".remark button[type=submit]").click()
    expect(visitor.locator(".thanks")).to_be_visible()

    editor.goto(f"{service.url}/console#/k/questions")
    expect(editor.locator(".group").get_by_text(QUESTION).first).to_be_visible()
    shot(editor, "editor-questions-360")


def test_two_editors_at_once_lose_nothing(service: Service, browser: Browser, faults: list[str]) -> None:
    one, two = (logged_in(service, browser, faults, who, DESKTOP) for who in ("demo-writer", "demo-editor"))
    for page in (one, two):
        page.goto(f"{service.url}/console#/k/entry/passport-fee")
        page.locator("[data-field='more.zh']").wait_for()
    before = two.locator(".versions li").count()
    one.locator("[data-field='more.en']").fill("From the first editor.")
    one.locator("[data-save]").click()
    expect(one.locator(".life .state.draft").first).to_be_visible()
    two.locator("[data-field='more.zh']").fill("第二位编辑写的。")
    two.locator("[data-save]").click()
    expect(two.locator(".conflict")).to_be_visible()
    shot(two, "editor-conflict")
    two.locator(".conflict > .primary").click()
    expect(two.locator("[data-field='more.en']")).to_have_value("From the first editor.")
    expect(two.locator("[data-field='more.zh']")).to_have_value("第二位编辑写的。")
    two.locator("[data-save]").click()
    expect(two.locator(".versions li")).to_have_count(before + 2)
    two.locator(".version-tools button").first.click()
    expect(two.locator("dialog.diff ins").get_by_text("第二位编辑写的。")).to_be_visible()
    shot(two, "editor-diff")
    faults[:] = [fault for fault in faults if "409" not in fault]  # the browser tells of every refused call


def test_a_partners_proposal_is_settled_field_by_field(service: Service, browser: Browser, faults: list[str]) -> None:
    hotline = Hotline(service.url, PARTNER_SECRET)
    before = httpx.get(f"{service.url}/v1/knowledge/entries/passport-validity", trust_env=False).json()
    answer = before["answer"] | {"zh": "12345写的答案。", "en": "An answer that 12345 wrote."}
    assert hotline.propose("passport-validity", {"answer": answer})["result"] == "proposed"

    editor = logged_in(service, browser, faults, "demo-editor", DESKTOP)
    editor.goto(f"{service.url}/console#/k/merges/passport-validity")
    panel = editor.locator("[data-proposal]")
    expect(panel.locator(".clash")).to_have_count(2)
    shot(editor, "editor-merges")
    panel.locator(".clash").first.locator("input[value=mine]").check()
    panel.locator("[data-take]").click()
    expect(editor.locator("[data-field='answer.zh']")).to_have_value(before["answer"]["zh"])
    expect(editor.locator("[data-field='answer.en']")).to_have_value("An answer that 12345 wrote.")
    expect(editor.locator(".life .state.draft").first).to_be_visible()
    editor.goto(f"{service.url}/console#/k/merges")
    expect(editor.locator("[data-proposal]")).to_have_count(0)

    hotline.propose("passport-time", {"answer": before["answer"]})
    editor.reload()
    editor.locator("[data-proposal] [data-down]").click()
    expect(editor.locator("[data-proposal]")).to_have_count(0)
