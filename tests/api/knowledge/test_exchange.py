"""12345 as a second gateway of its own: signed imports, conflicts, replays, and the sync command over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from pydantic import SecretStr

from api.app import build
from api.knowledge.sync import HttpRemote, Report, Sync, SyncError
from api.partners.signature import signed
from api.settings import Settings
from tests.api.knowledge.conftest import PASSWORD, Editor, entry, prepare, seeded
from tests.processes import gateway, settings

SECRET = "a secret of the test, thirty-two characters"


class Side(NamedTuple):
    """A gateway with its settings."""

    url: str
    settings: Settings

    def editor(self, name: str) -> Editor:
        return Editor(self.url, name, PASSWORD)

    def publish(self, body: dict[str, Any], base: int | None = None) -> int:
        """Write, review and publish; returns the version."""
        anna, ben = self.editor("anna"), self.editor("ben")
        made = anna.create(body) if base is None else anna.edit(body, base)
        number: int = made["entry"]["version"]
        ben.move(body["id"], number, "reviewed")
        ben.move(body["id"], number, "published")
        return number

    def read(self, name: str) -> httpx.Response:
        return httpx.get(f"{self.url}/v1/knowledge/entries/{name}", trust_env=False)

    def changes(self, after: int = 0) -> list[dict[str, Any]]:
        query = {"after": after, "limit": 500}
        found: list[dict[str, Any]] = httpx.get(
            f"{self.url}/v1/knowledge/changes", params=query, trust_env=False
        ).json()["changes"]
        return found

    def put(self, body: dict[str, Any], base: str | None, **headers: str) -> httpx.Response:
        """A signed import by 12345."""
        target = f"/v1/knowledge/entries/{body['id']}"
        content = json.dumps({"entry": {"version": 1, **body}, "base": base}).encode()
        now = datetime.now(timezone.utc)
        given = signed("12345", SECRET, "PUT", target, content, now) | {"Content-Type": "application/json"} | headers
        return httpx.put(self.url + target, content=content, headers=given, trust_env=False)

    def state(self, name: str) -> str:
        states: list[str] = [change["state"] for change in self.changes() if change["entry"]["id"] == name]
        return states[-1]


@pytest.fixture(scope="module")
def sides(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, Side]]:
    """12367 with the seed, and 12345 with an empty knowledge base."""
    empty = seeded([], tmp_path_factory.mktemp("empty"))
    here = settings(tmp_path_factory.mktemp("a"), data_dir=data, partners={"12345": SecretStr(SECRET)})
    there = settings(
        tmp_path_factory.mktemp("b"), data_dir=empty, owner="12345", partners={"12367": SecretStr(SECRET)}
    )
    for current in (here, there):
        asyncio.run(prepare(current))
    with gateway(here) as one, gateway(there) as two:
        yield Side(one, here), Side(two, there)


def sync(side: Side, other: Side, url: str | None = None) -> Report:
    """What ``consult knowledge sync`` does."""

    async def work() -> Report:
        container = build(side.settings)
        partner = other.settings.owner
        remote = HttpRemote(url or other.url, side.settings.owner, SECRET, container.clock, pause=0.01)
        try:
            return await Sync(
                side.settings.owner, partner, container.database, container.journal, container.exchange, remote
            ).run()
        finally:
            await remote.close()
            await container.engine.close()
            await container.database.close()

    return asyncio.run(work())


def test_the_owner_publishes_others_propose_and_both_sides_converge(sides: tuple[Side, Side]) -> None:
    here, there = sides
    assert sync(there, here).pulled == {"published": 3}
    assert there.read("alpha").json()["owner"] == "12367"

    there.publish(entry("theirs", owner="12345"))
    assert sync(there, here).pushed["published"] == 1
    assert here.read("theirs").json()["owner"] == "12345"
    refused = here.editor("anna").edit(entry("theirs", owner="12345", topic="visa"), 1)
    here.editor("ben").move("theirs", refused["entry"]["version"], "reviewed")
    blocked = here.editor("ben").move("theirs", refused["entry"]["version"], "published", 409)
    assert blocked["type"] == "/problems/not-owner" and "12345" in blocked["detail"]

    assert sync(here, there).pushed["proposed"] == 1
    detail = there.editor("anna").ask("GET", "/entries/theirs", 200)
    proposal = next(version for version in detail["versions"] if version["proposal"])
    assert (proposal["writer"], proposal["status"]) == ("partner:12367", "draft")
    there.editor("anna").move("theirs", proposal["version"], "reviewed")
    there.editor("ben").move("theirs", proposal["version"], "published")
    assert sync(here, there).conflicts == []
    assert here.read("theirs").json()["topic"] == there.read("theirs").json()["topic"] == "visa"
    assert here.state("theirs") == there.state("theirs")

    counts = [len(side.changes()) for side in sides]
    again = [sync(here, there), sync(there, here)]
    assert not any(report.conflicts or report.refused for report in again)
    assert [len(side.changes()) for side in sides] == counts, "one more exchange changes nothing"


def test_a_change_on_both_sides_is_a_conflict_that_shows_both(sides: tuple[Side, Side]) -> None:
    here, _ = sides
    base = here.state("beta")
    here.publish(entry("beta", answer={"zh": "160元。", "yue": "160蚊。", "en": "160 yuan."}, topic="visa"), 1)
    theirs = entry("beta", answer={"zh": "200元。", "yue": "200蚊。", "en": "200 yuan."}, owner="12367")
    answer = here.put(theirs, base)
    assert answer.status_code == 409 and answer.headers["content-type"] == "application/problem+json"
    report = answer.json()
    conflict = report["conflict"]
    assert conflict["base"]["answer"]["zh"] == "beta：120元。"
    assert conflict["ours"]["answer"]["zh"] == "160元。" and conflict["theirs"]["answer"]["zh"] == "200元。"
    assert conflict["both"] == ["answer.en", "answer.yue", "answer.zh"]
    assert {change["field"] for change in conflict["our_changes"]} >= {"topic"}
    assert here.read("beta").json()["answer"]["zh"] == "160元。", "nothing was overwritten"

    assert here.put(theirs, base).json() == report, "the same again is the same answer and no second proposal"
    proposal = report["version"]
    merged = here.editor("anna").edit(
        entry("beta", answer={"zh": "180元。", "yue": "180蚊。", "en": "180 yuan."}), 2, merges=proposal
    )
    kept = next(version for version in merged["versions"] if version["version"] == proposal)
    assert (kept["proposal"], kept["status"]) == (True, "retired")
    assert merged["entry"]["version"] == proposal + 1


def test_an_import_that_is_repeated_or_comes_late_changes_nothing(sides: tuple[Side, Side]) -> None:
    here, _ = sides
    first = entry("late", owner="12345")
    assert here.put(first, None).json()["result"] == "published"
    state = here.state("late")
    second = first | {"topic": "visa", "version": 2}
    assert here.put(second, state).json()["result"] == "published"
    count = len(here.changes())
    assert here.put(first, None).json()["result"] == "published", "what it came to then"
    assert here.put(first | {"version": 9}, None).json()["result"] == "unchanged", "an old message, sent late"
    assert here.put(second, state).json()["version"] == 2
    assert here.put(second, here.state("late")).json()["result"] == "unchanged"
    assert len(here.changes()) == count and here.read("late").json()["topic"] == "visa"
    assert here.put(second | {"status": "retired", "version": 3}, here.state("late")).json()["result"] == "retired"
    assert here.read("late").status_code == 404


def test_who_may_not_and_what_is_wrong_is_refused(sides: tuple[Side, Side]) -> None:
    here, _ = sides
    body = entry("wrong", owner="12345")
    assert here.put(body, None, **{"X-Consult-Signature": "0" * 64}).status_code == 401
    assert here.put(body | {"area": "x"}, None).json()["errors"][0]["field"] == "area"
    assert here.put(body | {"supersedes": "nobody"}, None).json()["errors"][0]["field"] == "supersedes"
    plain = {"entry": {"version": 1, **body}, "base": None}
    url = f"{here.url}/v1/knowledge/entries/wrong"
    assert httpx.put(url, json=plain, trust_env=False).status_code == 401
    anna = here.editor("anna")
    assert anna.http.put(url, json=plain).status_code == 202
    assert anna.http.put(url, json=plain).json()["version"] == 1
    assert anna.http.put(f"{url}x", json=plain).status_code == 422
    assert anna.http.put(url, json=plain | {"base": "published-unknown"}).json()["version"] == 1
    changed = {"entry": {"version": 1, **body, "topic": "visa"}, "base": "published-unknown"}
    assert anna.http.put(url, json=changed).json()["type"] == "/problems/unknown-base"
    assert here.editor("seat").http.put(url, json=plain).status_code == 403
    assert here.read("wrong").status_code == 404


def test_a_sync_that_breaks_off_goes_on_where_it_was(sides: tuple[Side, Side]) -> None:
    here, there = sides
    with pytest.raises(SyncError, match="cannot be reached"):
        sync(there, here, url="http://127.0.0.1:9")
    for number in range(3):
        there.publish(entry(f"many-{number}", owner="12345"))
    sync(there, here)
    sync(there, here)
    assert [here.read(f"many-{number}").status_code for number in range(3)] == [200, 200, 200]
