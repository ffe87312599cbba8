"""Days: what is in force, over, or still to come, and a small site's public addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest

from tests.api.knowledge.conftest import REVIEWED, entry, seeded
from tests.api.portal.page import LISTED, opened
from tests.processes import gateway, prepare, settings

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
