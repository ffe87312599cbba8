"""A gateway with a small knowledge base, and editors of every role."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.app import build
from api.migrations import migrate
from api.settings import ROOT, Settings
from tests.processes import SeatClient, gateway, settings

PASSWORD = "long enough for a test"
ROLES = {
    "anna": ("editor",), "ben": ("editor",), "carol": ("administrator",), "seat": ("seat",), "sue": ("supervisor",),
}  # fmt: skip
WORDS = {
    "zh": "护照{n}丢了第{k}种问法怎么补办",
    "yue": "護照{n}唔見咗第{k}種問法點補辦",
    "en": "passport {n} lost, way {k} of asking",
}


def entry(name: str, **fields: Any) -> dict[str, Any]:
    """A complete entry: nothing keeps it from being published."""
    wordings = {code: [text.format(n=name, k=k) for k in range(12)] for code, text in WORDS.items()}
    return {
        "id": name,
        "topic": "passport",
        "area": "documents",
        "questions": wordings,
        "answer": {"zh": f"{name}：120元。", "yue": f"{name}：120蚊。", "en": f"{name}: 120 yuan."},
        "authority": "exit_entry",
        "sources": [{"title": {"zh": "收费标准"}, "url": None, "date": "2024-07"}],
        "review_by": "2027-01-15",
        "facts": ["pp-fee"],
        **fields,
    }


def seeded(entries: list[dict[str, Any]], folder: Path) -> Path:
    """A data folder like the project's, but with these entries as its seed."""
    (folder / "knowledge" / "entries").mkdir(parents=True)
    for source in (ROOT / "data").iterdir():
        if source.name != "knowledge":
            (folder / source.name).symlink_to(source)
    for source in (ROOT / "data" / "knowledge").iterdir():
        if source.name != "entries":
            (folder / "knowledge" / source.name).symlink_to(source)
    text = yaml.safe_dump(entries, allow_unicode=True, sort_keys=False)
    (folder / "knowledge" / "entries" / "all.yaml").write_text(text, "utf-8")
    return folder


REVIEWED = {"on": "2026-11-01", "role": "second reader"}
SEED = [entry(name, review=REVIEWED) for name in ("alpha", "beta", "gamma")]


async def prepare(current: Settings) -> None:
    """Migrate, and make everybody's account."""
    container = build(current)
    await migrate(container.database)
    for username, roles in ROLES.items():
        await container.seats.add(username, username, "masc", PASSWORD, ("zh",), roles=roles)  # type: ignore[arg-type]
    await container.engine.close()
    await container.database.close()


@pytest.fixture(scope="package")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeded(SEED, tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="package")
def house(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    current = settings(tmp_path_factory.mktemp("house"), data_dir=data)
    asyncio.run(prepare(current))
    with gateway(current) as address:
        yield address


class Editor(SeatClient):
    """An editor with a real HTTP client."""

    def ask(self, method: str, path: str, expected: int, body: Any = None, **query: Any) -> Any:
        """Call, check the status, and return the JSON."""
        answer = self.http.request(method, f"/v1/editor{path}", json=body, params=query)
        assert answer.status_code == expected, answer.text
        return answer.json()

    def create(self, body: dict[str, Any], status: int = 201) -> Any:
        """A new entry."""
        return self.ask("POST", "/entries", status, {"entry": body})

    def edit(self, body: dict[str, Any], base: int, status: int = 200, **more: Any) -> Any:
        """A new version."""
        return self.ask("PUT", f"/entries/{body['id']}", status, {"entry": body, "base": base, **more})

    def move(self, name: str, version: int, to: str, status: int = 200, **more: Any) -> Any:
        """A step."""
        return self.ask("POST", f"/entries/{name}/moves", status, {"to": to, "version": version, **more})


@pytest.fixture
def anna(house: str) -> Editor:
    return Editor(house, "anna", PASSWORD)


@pytest.fixture
def ben(house: str) -> Editor:
    return Editor(house, "ben", PASSWORD)


@pytest.fixture
def carol(house: str) -> Editor:
    return Editor(house, "carol", PASSWORD)
