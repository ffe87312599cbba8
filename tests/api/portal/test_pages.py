"""Every page, every language, every entry: whole, linked, named to search engines."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import httpx
import pytest

from api.portal.endpoints import PAGES
from api.portal.site import HREFLANG, PREFIX, TAGS
from knowledge.entries import is_template
from tests.api.portal.page import ENTRIES, LISTED, XHTML, opened

EXAMPLES = {"topic": "passport", "entry_id": "passport-fee", "port_id": "port-luohu"}
PATHS = [path.format(**EXAMPLES) for path in PAGES]
ASKED = [
    "/search?q=护照丢了", "/search?q=红烧肉怎么做", "/ports?q=深圳&now=1&type=road", "/ports?q=香港",
    "/offices?place=佛山", "/offices?place=440000", "/visa-free?nationality=FR&stay=20&unit=days&purpose=tourism",
    "/visa-free?nationality=US&stay=5&unit=days",
    "/visa-free?nationality=US&stay=5&purpose=transit&origin=JP&onward=HK&port=air-pvg",
]  # fmt: skip
"""The forms, filled in."""


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
