"""A day at the desk in a real Chromium: two seats, a supervisor, visitors in three languages, and an order of 12345.

With CONSULT_SHOTS=FOLDER every step is kept as a picture, and every page as a film (where ffmpeg is installed).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.e2e.conftest import PARTNER_SECRET, Service
from tests.e2e.hotline import Hotline, hotline
from tests.e2e.pages import DESKTOP, PHONE, ask, opened, shot
from tests.processes import SeatClient

pytestmark = [pytest.mark.browser, pytest.mark.engine]
PASSWORD = "long enough for a test"
STAFF: dict[str, dict[str, Any]] = {
    "li": {"name": "李敏", "unit": "psb-440600", "languages": ["zh", "yue"], "roles": ["seat"]},
    "chen": {"name": "陈晓", "unit": "masc", "languages": ["zh", "yue", "en"], "roles": ["seat"]},
    "boss": {"name": "王立", "unit": "masc", "languages": ["zh"], "roles": ["supervisor"]},
}
NUMBER = re.compile(r"12367-\d{8}-\d{4}")


@pytest.fixture(scope="module")
def staff(service: Service) -> SeatClient:
    """The administrator, once the accounts are there."""
    admin = SeatClient(service.url, "demo-admin", service.seat_password)
    for username, account in STAFF.items():
        body = {"username": username, "password": PASSWORD, "capacity": 5, **account}
        assert admin.http.post("/v1/seats/accounts", json=body).status_code in (201, 409)
    return admin


@pytest.fixture
def partner(service: Service) -> Iterator[Hotline]:
    with hotline(service.url, service.partner_port, PARTNER_SECRET) as listening:
        yield listening


class Desk:
    """One console."""

    def __init__(self, service: Service, browser: Browser, faults: list[str], who: str) -> None:
        self.who, self.page = who, opened(browser, faults, service.url + "/console", DESKTOP, filmed=True)
        self.lines: list[WebSocketRoute] = []
        self.page.route_web_socket(re.compile("/v1/seats/stream"), self._line)
        self.page.locator("input[name=username]").fill(who)
        self.page.locator("input[type=password]").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".dot.open")).to_be_visible()

    def _line(self, socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        self.lines.append(socket)

    def key(self, letter: str) -> None:
        """A key of the desk, from outside every field."""
        if self.page.locator("[data-reply]:focus").count():
            self.page.keyboard.press("Escape")
        self.page.keyboard.press(letter)

    def open(self, number: str) -> None:
        """A ticket in one of the lists."""
        self.page.evaluate("location.hash = '#/'")
        self.page.locator(f"[data-ticket][data-number='{number}']").first.click()

    def say(self, text: str) -> None:
        self.page.locator("[data-reply]").fill(text)
        self.page.locator("[data-reply]").press("Enter")

    def confirm(self) -> None:
        """The open dialog."""
        self.page.locator("dialog[open] button[type=submit]").click()
        expect(self.page.locator("dialog[open]")).to_have_count(0)

    def act(self, name: str) -> None:
        """Something of the menu."""
        self.page.locator("[data-more]").click()
        self.page.locator(f"[data-act={name}]").click()

    def break_line(self) -> None:
        self.page.context.set_offline(True)
        for line in self.lines:
            line.close()

    def shot(self, name: str) -> None:
        shot(self.page, f"desk-{name}-{self.who}")


def visitor(
    service: Service, browser: Browser, faults: list[str], path: str, question: str,
    language: str | None = None, business: str | None = None, place: str | None = None,
) -> tuple[Page, str]:  # fmt: skip
    """A visitor who asked for a human and answered what was asked first; with the ticket's number."""
    page = opened(browser, faults, service.url + path, PHONE, filmed=True)
    page.locator(".launcher").click()
    expect(page.locator(".row.greeting")).to_be_visible()
    if language:
        page.locator(".languages").get_by_text(language, exact=True).click()
        expect(page.locator(".languages [aria-pressed=true]", has_text=language)).to_be_visible()
    ask(page, question)
    expect(page.locator(".row.answer, .row.clarify").last).to_be_visible()
    page.locator(".composer .human").click()
    told = page.locator(".row.handoff")
    expect(told).to_have_count(1)
    offered = told.last.get_by_text(business or "-", exact=True)
    if offered.count():  # the question may have told what it is about
        offered.click()
        expect(told).to_have_count(2)
    if place:
        ask(page, place)
    expect(told.last).to_contain_text(NUMBER)
    found = NUMBER.search(told.last.inner_text())
    assert found
    return page, found.group()


def heard(page: Page, text: str) -> None:
    """A visitor reads this from a seat."""
    expect(page.locator(".row.seat .text", has_text=text)).to_be_visible()


def test_a_case_is_taken_answered_and_transferred(
    service: Service, browser: Browser, faults: list[str], staff: SeatClient
) -> None:
    li, chen = (Desk(service, browser, faults, who) for who in ("li", "chen"))
    page, number = visitor(service, browser, faults, "/", "办护照要多少钱", None, "出入境证件", "佛山")
    li.open(number)
    expect(li.page.locator(".understood").first).to_contain_text("咨询")
    li.shot("1-waiting")
    li.key("c")
    expect(page.locator(".row.system", has_text="李敏")).to_be_visible()
    li.page.locator(".suggestion button.secondary").first.click()
    expect(li.page.locator("[data-reply]")).not_to_have_value("")
    li.shot("2-suggested")
    li.page.locator("[data-reply]").press("Enter")
    expect(page.locator(".row.seat")).to_have_count(1)
    page.locator(".composer textarea").press_sequentially("还有")
    expect(li.page.get_by_text("来访者正在输入")).to_be_visible()
    ask(page, "还有，境外怎么办？")
    expect(li.page.locator(".message.user", has_text="境外怎么办")).to_be_visible()

    li.key("n")
    li.page.locator("dialog textarea[name=text]").fill("来访者人在境外，像是要问驻外使领馆")
    li.confirm()
    expect(li.page.locator(".notes li")).to_contain_text("驻外使领馆")
    li.key("t")
    li.page.locator("dialog input[name=unit]").fill("移民事务服务中心")
    expect(li.page.locator("dialog small")).to_contain_text("masc")
    li.page.locator("dialog input[name=reason]").fill("境外业务")
    li.shot("3-transfer")
    li.confirm()
    expect(page.locator(".row.system", has_text="已转给")).to_be_visible()

    chen.open(number)
    expect(chen.page.locator(".notes li")).to_contain_text("驻外使领馆")
    expect(chen.page.locator(".message.seat .speaker")).to_have_text("李敏")
    chen.key("c")
    chen.say("您好，境外请向中国驻外使领馆申请。")
    heard(page, "驻外使领馆")
    expect(page.locator(".row.seat .sender")).to_have_text(["李敏", "陈晓"])
    assert not page.get_by_text("像是要问").count(), "a note is for seats alone"
    chen.shot("4-transferred")
    chen.key("r")
    chen.page.locator("dialog select").select_option("documents")
    chen.confirm()
    expect(page.locator(".row.system", has_text="本次服务已结束")).to_be_visible()
    shot(page, "desk-5-resolved-visitor")


def test_seats_and_12345_talk_together_in_cantonese(
    service: Service, browser: Browser, faults: list[str], staff: SeatClient, partner: Hotline
) -> None:
    gone: list[str] = []  # whoever has left is refused the case that the page may still ask for
    li, chen = Desk(service, browser, faults, "li"), Desk(service, browser, gone, "chen")
    page, number = visitor(service, browser, faults, "/", "喺內地換護照要幾多錢", "粵", "出入境證件", "佛山")
    li.open(number)
    li.key("c")
    li.say("你好，你本護照幾時到期？")
    heard(page, "幾時到期")
    li.key("v")
    option = li.page.locator("dialog option", has_text="陈晓")
    expect(option).to_have_count(1)
    li.page.locator("dialog select[name=seat]").select_option(option.get_attribute("value"))
    li.confirm()
    expect(page.locator(".row.system", has_text="陈晓")).to_be_visible()
    chen.open(number)
    chen.say("我都喺度，可以幫手睇下要帶咩文件。")
    heard(page, "幫手睇下")
    expect(page.locator(".row.seat .sender")).to_have_text(["李敏", "陈晓"])
    expect(li.page.locator(".message.seat .speaker").last).to_have_text("陈晓")
    ask(page, "下個月到期")
    for desk in (li, chen):
        expect(desk.page.locator(".message.user", has_text="下個月到期")).to_be_visible()
        desk.shot("6-three")
    shot(page, "desk-6-three-visitor")

    li.act("invite-partner")
    li.page.locator("dialog input[name=reason]").fill("来访者还想问社保")
    li.confirm()
    expect(page.locator(".row.system", has_text="「12345」嘅職員獲邀加入")).to_be_visible()
    talk = partner.rung(number)
    assert talk["reason"] == "来访者还想问社保"
    assert any("下個月到期" in message["text"] for message in talk["messages"])
    partner.say(talk["number"], "你好，社保嘅事我呢邊跟進。")
    heard(page, "社保嘅事")
    expect(page.locator(".row.seat .sender")).to_have_text(["李敏", "陈晓", "12345"])
    for desk in (li, chen):
        answer = desk.page.locator(".message.seat", has_text="社保嘅事")
        expect(answer.locator(".meta")).to_contain_text("合作方12345")
        desk.shot("6-with-12345")
    shot(page, "desk-6-with-12345-visitor")
    ask(page, "咁要去邊度辦？")
    assert partner.listen(talk["number"], "去邊度辦")["sender"] == "user"
    li.page.locator("[data-more]").click()
    expect(li.page.locator("[data-act=invite-partner]")).to_have_count(0)
    li.page.locator("[data-more]").click()
    partner.leave(talk["number"])
    expect(page.locator(".row.system", has_text="「12345」已經離開")).to_be_visible()
    chen.act("leave")
    chen.confirm()
    expect(page.locator(".row.system", has_text="「陈晓」已經離開")).to_be_visible()
    assert all("404" in fault for fault in gone), gone


def test_nothing_is_lost_while_a_line_is_broken(service: Service, browser: Browser, staff: SeatClient) -> None:
    unheeded: list[str] = []  # a browser complains about a network that is gone
    chen = Desk(service, browser, unheeded, "chen")
    page, number = visitor(service, browser, unheeded, "/en/", "What is the 240-hour transit policy?")
    chen.open(number)
    chen.key("c")
    expect(chen.page.locator("[data-reply]")).to_be_visible()
    chen.break_line()
    ask(page, "I arrive in Shanghai tomorrow")
    expect(chen.page.locator(".link-banner")).to_be_visible()
    chen.shot("7-offline")
    chen.page.locator("[data-reply]").fill("You can stay 240 hours")
    chen.page.context.set_offline(False)
    expect(chen.page.locator(".message.user", has_text="I arrive in Shanghai")).to_be_visible(timeout=30_000)
    expect(chen.page.locator(".link-banner")).to_have_count(0)
    chen.page.reload()  # neither the session, nor the place, nor what was half written is lost
    expect(chen.page.locator("[data-reply]")).to_have_value("You can stay 240 hours")
    chen.page.locator("[data-reply]").press("Enter")
    heard(page, "You can stay 240 hours")

    page.context.set_offline(True)
    ask(page, "Thank you")
    expect(page.locator(".row.unsent")).to_have_count(1)
    page.context.set_offline(False)
    expect(chen.page.locator(".message.user", has_text="Thank you")).to_have_count(1, timeout=30_000)
    expect(page.locator(".row.user", has_text="Thank you")).to_have_count(1)
    chen.shot("8-back")


def test_an_order_of_12345_is_answered_and_the_supervisor_watches(
    service: Service, browser: Browser, faults: list[str], staff: SeatClient, partner: Hotline
) -> None:
    li, boss = (Desk(service, browser, faults, who) for who in ("li", "boss"))
    number = partner.send(
        order_no="12345-e2e-1", title="护照换发", text="市民问护照过期后要带什么材料", business="documents",
        place="佛山", contact={"phone": "13800138000"},
    )["ticket"]  # fmt: skip
    partner.heard("12345-e2e-1", "accepted")
    li.open(number)
    expect(li.page.locator(".talk")).to_contain_text("市民问护照过期后要带什么材料")
    li.shot("9-order")

    boss.page.locator("[data-page=lead]").click()
    expect(boss.page.locator(".board")).to_contain_text("李敏")
    boss.page.locator("input[name=q]").fill(number)
    boss.page.locator("input[name=q]").press("Enter")
    found = boss.page.locator(".search-tickets tbody button", has_text=number)
    expect(found).to_be_visible()
    boss.shot("10-board")
    with boss.page.expect_download() as download:
        boss.page.get_by_text("导出CSV").click()
    assert number in download.value.path().read_text("utf-8-sig")
    found.click()
    expect(boss.page.locator(".talk")).to_contain_text("市民问护照过期后要带什么材料")
    boss.act("supervise")
    boss.page.locator("dialog input[name=reason]").fill("今天内答复12345")
    boss.confirm()
    boss.shot("11-read-along")

    expect(li.page.locator(f"[data-number='{number}'] .chip", has_text="督办").first).to_be_visible()
    li.key("c")
    li.say("请带旧护照、身份证和照片到窗口换发。")
    assert partner.heard("12345-e2e-1", "answered")["answers"] == ["请带旧护照、身份证和照片到窗口换发。"]
    li.key("r")
    li.page.locator("dialog select").select_option("documents")
    li.confirm()
    assert partner.heard("12345-e2e-1", "resolved")["category"] == "documents"

    audited = httpx.get(f"{service.url}/v1/audit", headers=dict(staff.http.headers), trust_env=False).json()
    done = {(row["actor"], row["action"]) for row in audited["records"]}
    assert {("boss", "conversation.read"), ("boss", "tickets.export"), ("boss", "ticket.supervise")} <= done


def test_a_message_left_is_read_again_by_number_and_code(
    service: Service, browser: Browser, faults: list[str], staff: SeatClient
) -> None:
    page, number = visitor(service, browser, faults, "/", "办护照要多少钱", None, "出入境证件", "东莞")
    page.locator(".choices").last.get_by_text("留言", exact=False).click()
    form = page.locator(".card.tool")
    form.locator("textarea").fill("护照丢了，下周要出国，怎么补办最快？")
    form.locator("input[name=reach]").fill("不是电话")
    expect(form.locator("button[type=submit]")).to_be_disabled()
    form.locator("input[name=reach]").fill("138 0013 8000")
    shot(page, "desk-12-leave-visitor")
    form.locator("button[type=submit]").click()
    receipt = page.locator(".receipt")
    expect(receipt).to_contain_text(number)
    shot(page, "desk-13-receipt-visitor")
    link = receipt.locator("a").get_attribute("href")
    expect(page.locator(".row.system", has_text="留言已收到")).to_be_visible()

    account = {
        "username": "dongguan",
        "name": "何敏",
        "unit": "psb-441900",
        "password": PASSWORD,
        "languages": ["zh"],
    }
    staff.http.post("/v1/seats/accounts", json=account)
    seat = SeatClient(service.url, "dongguan", PASSWORD)
    ticket = next(one for one in seat.tickets() if one["number"] == number)
    assert ticket["contact_hint"] == "138****8000"
    seat.act(ticket["id"], "claim")
    seat.act(ticket["id"], "messages", {"text": "请当天到窗口申请，并说明行程。"})

    elsewhere = opened(browser, faults, f"{service.url}{link}", PHONE)
    answer = elsewhere.locator(".card.tool .found")
    expect(answer).to_contain_text("请当天到窗口申请，并说明行程。")
    expect(answer).to_contain_text("已答复")
    shot(elsewhere, "desk-14-looked-up-visitor")
    heard(page, "请当天到窗口申请")


def test_whoever_has_every_page_can_press_everything_on_a_phone(
    service: Service, browser: Browser, faults: list[str]
) -> None:
    page = opened(browser, faults, service.url + "/console", PHONE)
    page.locator("input[name=username]").fill("demo-centre")
    page.locator("input[type=password]").fill(service.seat_password)
    page.keyboard.press("Enter")
    page.locator("button[lang=en]").click()
    page.locator("[data-page=lead]").click()
    expect(page.locator(".board")).to_contain_text("Mandarin, Cantonese")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
