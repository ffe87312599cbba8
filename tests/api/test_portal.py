"""The portal's pages, asked for as a browser without script does: every page, every language, every entry."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import yaml

from api.portal.endpoints import PAGES
from api.portal.site import HREFLANG, PREFIX, TAGS
from knowledge.entries import is_template, load_folder
from knowledge.entry_rules import load_facts
from knowledge.paths import DATA
from tests.api.knowledge.conftest import REVIEWED, entry, seeded
from tests.processes import gateway, prepare, settings

EXAMPLES = {"topic": "passport", "entry_id": "passport-fee", "port_id": "port-luohu"}
PATHS = [path.format(**EXAMPLES) for path in PAGES]
ASKED = [
    "/search?q=护照丢了", "/search?q=红烧肉怎么做", "/ports?q=深圳&now=1&type=road", "/ports?q=香港",
    "/offices?place=佛山", "/offices?place=440000", "/visa-free?nationality=FR&stay=20&unit=days&purpose=tourism",
    "/visa-free?nationality=US&stay=5&unit=days",
    "/visa-free?nationality=US&stay=5&purpose=transit&origin=JP&onward=HK&port=air-pvg",
]  # fmt: skip
"""The forms, filled in."""
LISTED, XHTML = "{http://www.sitemaps.org/schemas/sitemap/0.9}", "{http://www.w3.org/1999/xhtml}"


class Page(HTMLParser):
    """What a test looks at in a page."""

    VOID = {"meta", "link", "input", "br", "img", "hr"}

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.response, self.text = response, response.text
        self.title, self.lang, self.canonical, self.robots = "", "", "", ""
        self.alternates: dict[str, str] = {}
        self.links: list[dict[str, str | None]] = []
        self.scripts: list[dict[str, str | None]] = []
        self._open: list[str] = []
        self.faults: list[str] = []
        self.words: list[str] = []
        self.feed(self.text)
        self.faults += [f"<{tag}> is never closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in self.VOID:
            self._open.append(tag)
        if tag == "html":
            self.lang = given["lang"] or ""
        elif tag == "link" and given["rel"] == "canonical":
            self.canonical = given["href"] or ""
        elif tag == "link" and given["rel"] == "alternate":
            self.alternates[given["hreflang"] or ""] = given["href"] or ""
        elif tag == "meta" and given.get("name") == "robots":
            self.robots = given["content"] or ""
        elif tag == "a":
            self.links.append(given)
        elif tag == "script":
            self.scripts.append(given)
        if "style" in given or any(name.startswith("on") for name in given):
            self.faults.append(f"<{tag}> has what the security policy forbids: {given}")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title":
            self.title += data
        elif self._open and self._open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def said(self) -> str:
        """The page's text."""
        return " ".join("".join(self.words).split())


ENTRIES = load_folder(DATA / "knowledge" / "entries")


@pytest.fixture(scope="module")
def http(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=30, trust_env=False, headers={"Accept": "text/html"}) as client:
        yield client


def opened(http: httpx.Client, path: str, status: int = 200) -> Page:
    response = http.get(path)
    assert response.status_code == status, response.text[:500]
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return Page(response)


@pytest.mark.parametrize("language", PREFIX)
@pytest.mark.parametrize("path", [*PATHS, *ASKED])
def test_every_page_in_every_language(http: httpx.Client, path: str, language: str) -> None:
    page = opened(http, PREFIX[language] + path)  # type: ignore[index]
    assert page.faults == []
    assert page.lang == TAGS[language]  # type: ignore[index]
    assert page.title and page.text.count("<h1") == 1
    assert "演示" in page.said or "示範" in page.said or "Demonstration" in page.said
    assert {"src": "/widget.js", "data-lang": language, "defer": None} in page.scripts
    assert any("data-ask" in link for link in page.links), "consultation is one click away everywhere"


@pytest.mark.parametrize("path", PATHS)
def test_languages_name_each_other(http: httpx.Client, url: str, path: str) -> None:
    pages = {language: opened(http, start + path) for language, start in PREFIX.items()}
    named = {HREFLANG[language]: page.canonical for language, page in pages.items()}
    for language, page in pages.items():
        assert page.canonical == url + PREFIX[language] + path
        assert page.alternates == named | {"x-default": named["en"]}


@pytest.mark.parametrize(
    "path", ["/ports?q=深圳&h24=1", "/visa-free?nationality=FR&stay=20", "/search?q=passport+fee"]
)
def test_the_switch_of_language_stays_on_the_page(http: httpx.Client, path: str) -> None:
    """One click to English and one back: what was asked stays asked."""
    page = opened(http, path)
    there = next(link["href"] for link in page.links if link.get("hreflang") == "en")
    assert there and there.startswith(f"/en{path.partition('?')[0]}?")
    english = opened(http, there)
    back = next(link["href"] for link in english.links if link.get("hreflang") == TAGS["zh"])
    assert back and opened(http, back).said == page.said


def test_every_published_entry_has_a_page(http: httpx.Client) -> None:
    """Word for word, with its title; the languages take turns, since each page is made the same way."""
    entries = [one for one in ENTRIES if not is_template(one)]
    languages = list(PREFIX)
    for number, one in enumerate(entries):
        language = languages[number % len(languages)]
        page = opened(http, f"{PREFIX[language]}/entries/{one.id}")
        assert " ".join(one.answer[language].split()) in page.said, one.id
        assert page.faults == []
    for template in (one for one in ENTRIES if is_template(one)):
        opened(http, f"/entries/{template.id}", 404)


def test_every_link_inside_leads_somewhere(http: httpx.Client) -> None:
    """From the home pages, two clicks deep."""
    seen: set[str] = set()
    level = list(PREFIX.values())
    for _ in range(2):
        found: list[str] = []
        for path in level:
            found += [link["href"].partition("#")[0] for link in opened(http, path or "/").links if link["href"]]
        level = [path for path in dict.fromkeys(found) if path.startswith("/") and path not in seen]
        level = [path for path in level if not path.startswith("/entries/")]  # all of them were opened above
        seen |= set(level)
        level = level[:60]
    for path in sorted(seen):
        status = http.get(path).status_code
        assert status == 200, path


def test_an_entry_names_source_authority_and_dates(http: httpx.Client) -> None:
    page = opened(http, "/en/entries/progress-check")
    assert "NIA replies to online questions" in page.said and "16 July 2025" in page.said
    assert any(link["href"] == "https://www.gov.cn/hudong/202507/content_7032330.htm" for link in page.links)
    assert "Exit-Entry Administration" in page.said and "30 September 2027" in page.said
    assert any(link["href"] == "/en/entries/document-delivery" for link in page.links), "what the editors named"


def test_markup_in_a_question_stays_text(http: httpx.Client) -> None:
    page = opened(http, '/search?q="><script>alert(1)</script><img src=x onerror=alert(2)>护照')
    assert "<script>alert" not in page.text and "<img" not in page.text
    assert page.faults == [] and "<script>alert(1)</script>" in page.said


def test_personal_numbers_are_not_repeated(http: httpx.Client) -> None:
    page = opened(http, "/search?q=我的护照E12345678丢了")
    assert "E12345678" not in page.text and "[证件号]" in page.said and "已隐去" in page.said


def test_search_is_the_conversations_search(http: httpx.Client) -> None:
    found = http.get("/v1/knowledge/search", params={"q": "护照丢了", "language": "zh"}).json()["results"]
    best = found[0]["entry"]
    page = opened(http, "/search?q=护照丢了")
    assert "最符合的答案" in page.said and best["answer"]["zh"][:20] in page.said


@pytest.mark.parametrize(("path", "said"), [("", "没有找到可靠的答案"), ("/en", "No reliable answer found")])
def test_search_says_when_it_has_nothing(http: httpx.Client, path: str, said: str) -> None:
    page = opened(http, f"{path}/search?q=红烧肉怎么做")
    assert said in page.said and "12367" in page.said
    assert any(link.get("data-ask") == "红烧肉怎么做" for link in page.links)


def test_search_finds_ports_and_offices_too(http: httpx.Client) -> None:
    assert any(link["href"] == "/ports/port-luohu" for link in opened(http, "/search?q=罗湖口岸几点关").links)
    assert any(link["href"] == "/offices?place=440600" for link in opened(http, "/search?q=佛山办护照").links)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/ports?q=不存在的地方", "没有认出"),
        ("/ports?type=space", "口岸类型"),
        ("/en/ports?q=Suzhou", "add the province"),
        ("/offices?place=xyzzy", "没有认出“xyzzy”"),
        ("/visa-free?nationality=XX&stay=5", "请从列表中选择国籍"),
        ("/visa-free?nationality=CN&stay=5", "中国公民不需要"),
        ("/en/visa-free?nationality=FR&stay=many", "whole number"),
        ("/en/visa-free?nationality=FR&stay=0", "whole number"),
        ("/yue/visa-free?nationality=FR&stay=5&date=2020-01-01", "唔可以早過今日"),
        ("/en/visa-free?nationality=FR&stay=5&purpose=fun", "choose the purpose"),
        ("/visa-free?nationality=US&stay=5&origin=CN", "请从列表中选择从哪里来中国"),
        ("/yue/visa-free?nationality=US&stay=5&onward=mars", "請喺列表入面揀離開中國之後去邊度"),
        ("/en/visa-free?nationality=US&stay=5&port=air-xxx", "choose the port"),
        ("/visa-free?nationality=US&stay=5&passport_valid_until=soon", "护照有效期请按"),
        ("/yue/visa-free?nationality=US&stay=5&onward_ticket=maybe", "請喺列表入面揀係咪已經有聯程客票"),
    ],
)
def test_a_form_filled_in_wrongly_says_what_is_wrong(http: httpx.Client, path: str, said: str) -> None:
    page = opened(http, path, 422)
    assert said in page.said and 'role="alert"' in page.text
    assert page.faults == []


def test_the_check_answers_as_the_tool_does(http: httpx.Client) -> None:
    trip = {"nationality": "FR", "days": 20, "purpose": "tourism", "language": "en"}
    told = http.post("/v1/tools/visa-free", json=trip).json()
    page = opened(http, "/en/visa-free?nationality=FR&stay=20&unit=days&purpose=tourism")
    assert told["status"] == "visa_free" and "No visa needed" in page.said
    assert " ".join(told["text"].split())[:60] in page.said


@pytest.mark.parametrize("language", PREFIX)
@pytest.mark.parametrize(
    ("onward", "port", "policy"),
    [("TH", "air-pvg", "transit_240h"), ("JP", "air-pvg", None), ("TH", "port-luohu", None)],
)
def test_transit_is_answered_as_the_tool_does(
    http: httpx.Client, language: str, onward: str, port: str, policy: str | None
) -> None:
    """By the route and the port; what was filled in stays filled in."""
    trip = {"nationality": "US", "purpose": "transit", "origin": "JP", "onward": onward, "port": port}
    told = http.post("/v1/tools/visa-free", json=trip | {"days": 5, "language": language}).json()
    assert (told["policy"]["id"] if told["status"] == "visa_free" else None) == policy
    query = "&".join(f"{field}={value}" for field, value in trip.items())
    page = opened(http, f"{PREFIX[language]}/visa-free?{query}&stay=5")  # type: ignore[index]
    assert " ".join(told["text"].split()) in page.said
    for value in trip.values():
        assert f'<option value="{value}" selected>' in page.text


@pytest.mark.parametrize(
    ("query", "given", "reason"),
    [
        ("passport_valid_until=2100-01-31", {"passport_valid_until": "2100-01-31"}, "passport_expiry"),
        ("onward_ticket=no", {"onward_ticket": False}, "ticket"),
        ("onward_ticket=yes&passport_valid_until=2104-01-31",
         {"onward_ticket": True, "passport_valid_until": "2104-01-31"}, None),
    ],
)  # fmt: skip
def test_passport_and_ticket_count_for_a_transit(
    http: httpx.Client, query: str, given: dict[str, Any], reason: str | None
) -> None:
    trip = {"nationality": "US", "purpose": "transit", "origin": "JP", "onward": "TH", "date": "2099-12-20"}
    told = http.post("/v1/tools/visa-free", json=trip | given | {"days": 5, "language": "en"}).json()
    assert told["reason"] == reason
    page = opened(
        http, f"/en/visa-free?{'&'.join(f'{field}={value}' for field, value in trip.items())}&stay=5&{query}"
    )
    assert " ".join(told["text"].split()) in page.said
    assert ("A visa is needed" if reason else "No visa needed") in page.said


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("", "onward", "go after China"),
        ("&onward=TH", "origin", "From which country or region"),
        ("&port=x", "port", "port"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_its_field(
    http: httpx.Client, query: str, field: str, said: str
) -> None:
    response = http.get(f"/en/visa-free?nationality=US&stay=5{query}")
    note = re.search(r'<strong id="(\w+)-note" class="fault">(.*?)</strong>', response.text)
    assert note and note[1] == field and said in note[2]
    select = re.search(rf'<select id="{field}".*?>', response.text)
    assert select and f"{field}-hint {field}-note" in select[0] and 'aria-invalid="true"' in select[0]


def test_the_check_asks_for_what_decides(http: httpx.Client) -> None:
    page = opened(http, "/en/visa-free?nationality=US&stay=5&unit=days")
    assert "One more thing is needed" in page.said and "go after China" in page.said


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        ("q=深圳", "port-luohu", "port-gongbei"),
        ("q=Hong+Kong", "port-luohu", "air-pek"),
        ("face=1", "port-luohu", "air-pek"),
        ("t240=1", "air-pek", "port-luohu"),
        ("h24=1", "port-huanggang", "port-luohu"),
        ("type=rail", "rail-xijiulong", "port-luohu"),
        ("q=PVG", "air-pvg", "air-pek"),
    ],
)
def test_ports_are_found_by_place_and_by_what_they_offer(
    http: httpx.Client, query: str, inside: str, outside: str
) -> None:
    links = {link["href"] for link in opened(http, f"/ports?{query}").links}
    assert f"/ports/{inside}" in links and f"/ports/{outside}" not in links


def test_a_city_without_a_port_gets_the_nearest(http: httpx.Client) -> None:
    page = opened(http, "/ports?q=佛山")
    assert "公里" in page.said and any((link["href"] or "").startswith("/ports/") for link in page.links)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/offices?place=佛山", "佛山市公安局出入境管理部門"),
        ("/offices", "深圳出入境邊防檢查總站"),
        ("/ports/port-luohu", "深圳出入境邊防檢查總站"),
        ("/ports?q=溫州", "溫州龍灣國際機場"),
        ("/entries/hk-macao-individual-options", "赴港澳個人旅遊簽注種類說明"),
        (
            "/visa-free?nationality=FR&stay=20&purpose=tourism",
            "免簽政策彙總資料（據外交部、國家移民管理局公布內容核對）",
        ),
    ],
)
def test_cantonese_pages_are_written_as_hong_kong_reads(http: httpx.Client, path: str, said: str) -> None:
    """Also what nobody wrote in Cantonese: names of units and places, titles of sources."""
    page = opened(http, f"/yue{path}")
    assert said in page.said
    assert not re.findall("免籤|簽註|公佈|[厅边检总国门签证]", page.said)


def test_fees_are_those_of_the_table(http: httpx.Client) -> None:
    fees = http.get("/v1/tools/fees").json()["fees"]
    page = opened(http, "/fees")
    assert page.text.count("<tr>") - page.text.count("<thead>") == len(fees)
    assert "120元" in page.said and "7个工作日" in page.said


def test_who_has_the_page_gets_no_second_copy(http: httpx.Client) -> None:
    first = http.get("/guides")
    assert (
        "no-cache" in first.headers["cache-control"]
        and "script-src 'self'" in first.headers["content-security-policy"]
    )
    again = http.get("/guides", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content
    assert http.get("/guides", headers={"If-None-Match": 'W/"other"'}).status_code == 200
    assert http.head("/guides").status_code == 200


def test_pages_are_compressed_and_conversations_are_not(http: httpx.Client) -> None:
    assert http.get("/guides").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in http.get("/v1/knowledge/search", params={"q": "护照"}).headers


@pytest.mark.parametrize("path", ["/nothing", "/guides/nothing", "/entries/nothing", "/ports/nothing"])
def test_a_page_that_is_not_there_helps_on(http: httpx.Client, path: str) -> None:
    page = opened(http, path, 404)
    assert "没有这个页面" in page.said and page.robots == "noindex" and 'role="search"' in page.text
    assert "There is no such page" in opened(http, f"/en{path}", 404).said


def test_programs_get_problem_documents(http: httpx.Client) -> None:
    for path, accept in (("/v1/nothing", "text/html"), ("/nothing", "application/json")):
        refused = http.get(path, headers={"Accept": accept})
        assert refused.status_code == 404 and refused.headers["content-type"] == "application/problem+json"


def test_search_engines_are_told_of_every_page(http: httpx.Client, url: str) -> None:
    robots = http.get("/robots.txt").text
    assert f"Sitemap: {url}/sitemap.xml" in robots and "Disallow: /v1/" in robots
    sitemap = http.get("/sitemap.xml")
    assert sitemap.headers["content-type"].startswith("application/xml")
    listed = re.findall(r"<loc>(.*?)</loc>", sitemap.text)
    alternates = {
        row.findtext(f"{LISTED}loc"): {one.attrib["hreflang"]: one.attrib["href"] for one in row.iter(f"{XHTML}link")}
        for row in ElementTree.fromstring(sitemap.text)
    }
    assert list(alternates) == listed
    for path in ("/", "/ports/port-luohu"):
        named = {HREFLANG[language]: f"{url}{start}{path}" for language, start in PREFIX.items()}
        assert all(alternates[address] == named for address in named.values())
    assert len(listed) == len(set(listed)) > 1000
    for path in ("/", "/en/", "/yue/entries/passport-fee", "/en/ports/port-luohu", "/guides/passport"):
        assert f"{url}{path}" in listed
    for address in listed[:: len(listed) // 25]:
        assert http.get(address).status_code == 200


def test_words_are_there_in_every_language() -> None:
    """`Texts` compares the files' own keys; here also what is inside groups, and the hand-made pages."""
    words = {
        language: yaml.safe_load((DATA / "portal" / f"{language}.yaml").read_text("utf-8")) for language in PREFIX
    }
    for key, value in words["zh"].items():
        inner = set(value) if isinstance(value, dict) else None
        for other in ("yue", "en"):
            assert inner is None or set(words[other][key]) == inner, key
            assert _placeholders(words[other][key]) == _placeholders(value), key
    entries = {one.id: one for one in ENTRIES}
    topics = yaml.safe_load((DATA / "portal" / "topics.yaml").read_text("utf-8"))
    named = {topic for group in topics for topic in group["topics"]}
    assert {one.topic for one in entries.values() if not is_template(one)} <= named
    pages = yaml.safe_load((DATA / "portal" / "pages.yaml").read_text("utf-8"))
    for section in (*pages["services"], *pages["life"]):
        assert set(section["entries"]) <= set(entries), section["id"]


def test_a_ports_note_states_facts_or_what_its_record_notes() -> None:
    """In every language, with the numbers that are on record; what no fact says, the port's own record does."""
    notes = yaml.safe_load((DATA / "portal" / "port_notes.yaml").read_text("utf-8"))
    facts = load_facts(DATA / "facts" / "facts.jsonl")
    rows = (DATA / "places" / "ports.jsonl").read_text("utf-8").splitlines()
    ports = {row["id"]: row for row in map(json.loads, rows)}
    assert {port for port, row in ports.items() if row["note"]} == set(notes)
    for port, note in notes.items():
        assert set(note) == {"facts", *PREFIX} and set(note["facts"]) <= set(facts), port
        stated = [facts[one] for one in note["facts"]]
        sources = [ports[port]["note"], *(one["fact_zh"] + one["fact_en"] for one in stated)]
        numbers = {language: _numbers(note[language]) for language in PREFIX}
        assert numbers["zh"] == numbers["yue"], port
        assert numbers["zh"] | numbers["en"] <= _numbers(" ".join(sources)), port


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?::\d+)?", text))


def test_a_ports_page_shows_its_note(http: httpx.Client) -> None:
    notes = yaml.safe_load((DATA / "portal" / "port_notes.yaml").read_text("utf-8"))
    for port in ("port-huanggang", "port-yantian"):
        for language, start in PREFIX.items():
            assert notes[port][language] in opened(http, f"{start}/ports/{port}").said


def _placeholders(value: Any) -> set[str]:
    return set(re.findall(r"\{\w+\}", str(value))) if isinstance(value, str) else set()


SEED = [
    entry("current", review=REVIEWED),
    entry("ended", review=REVIEWED, valid_to="2026-11-20", review_by="2026-11-01"),
    entry("replaced", review=REVIEWED),
    entry("successor", review=REVIEWED, supersedes="replaced"),
    entry("upcoming", review=REVIEWED, valid_from="2027-01-01"),
    entry("last-day", review=REVIEWED, valid_to="2026-11-25", review_by="2026-11-01"),
    entry("odd-topic", review=REVIEWED, topic="R&D <visas>"),
    entry("draft", status="draft"),
    entry("retired", review=REVIEWED, status="retired"),
]
SITE = "https://portal.example"


@pytest.fixture(scope="module", params=["2026-11-25T23:59:00+08:00", "2026-11-26T00:00:00+08:00"])
def dated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[httpx.Client, bool]]:
    """A small site on the last day of a policy, and a minute later; and whether that day is over."""
    data: Path = seeded(SEED, tmp_path_factory.mktemp("data"))
    current = settings(tmp_path_factory.mktemp("var"), data_dir=data, now=request.param, public_url=SITE)
    asyncio.run(prepare(current, {}))
    with gateway(current) as address, httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
        client.headers["Accept"] = "text/html"
        yield client, request.param > "2026-11-26"


def test_only_what_is_in_force_is_shown_as_such(dated: tuple[httpx.Client, bool]) -> None:
    http, over = dated
    shown = {link["href"] for link in opened(http, "/guides/passport").links}
    names = ("current", "ended", "replaced", "successor", "upcoming", "last-day", "draft", "retired")
    current = {name for name in names if f"/entries/{name}" in shown}
    assert current == {"current", "successor"} | (set() if over else {"last-day"})
    listed = http.get("/sitemap.xml").text
    assert {name for name in names if f"{SITE}/entries/{name}<" in listed} == current
    topics = [row.findtext(f"{LISTED}loc") for row in ElementTree.fromstring(listed)]
    assert f"{SITE}/guides/R&D <visas>" in topics, "whatever an editor calls a topic, the list can be read"
    assert "120元" in opened(http, "/entries/current").said


def test_a_policy_that_is_over_is_said_to_be(dated: tuple[httpx.Client, bool]) -> None:
    http, over = dated
    page = opened(http, "/entries/ended")
    assert "已于2026年11月20日结束" in page.said and "120元" not in page.said and page.robots == "noindex"
    assert ("120元" in opened(http, "/entries/last-day").said) != over
    assert "自2027年1月1日起施行" in opened(http, "/entries/upcoming").said
    for hidden in ("draft", "retired"):
        opened(http, f"/entries/{hidden}", 404)
    moved = http.get("/en/entries/replaced")
    assert (moved.status_code, moved.headers["location"]) == (301, "/en/entries/successor")
    policies = opened(http, "/policies")
    assert policies.text.count('class="mark bad">已结束') == 1 + over and policies.said.count("未施行") == 1
    assert policies.text.index('id="y2027"') < policies.text.index('id="y2024"'), "newest first"


def test_addresses_are_the_public_ones(dated: tuple[httpx.Client, bool]) -> None:
    page = opened(dated[0], "/en/entries/current")
    assert page.canonical == f"{SITE}/en/entries/current" and page.alternates["yue"] == f"{SITE}/yue/entries/current"
