"""Two organisations edit as they like and exchange as often as they like: laws that hold whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.knowledge.sync import SyncError
from api.problems import Problem
from tests.api.knowledge.conftest import entry
from tests.api.knowledge.houses import ADMIN, READER, WRITER, House, exchanged, template

NAMES = ("alpha", "beta")
OWNER = {"alpha": "12367", "beta": "12345"}
_texts = (f"第{number}稿。" for number in itertools.count())


@pytest.fixture(scope="module")
def empty() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield asyncio.run(template(Path(folder)))


steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 1), st.sampled_from(NAMES)),
        st.tuples(st.just("retire"), st.integers(0, 1), st.sampled_from(NAMES)),
        st.tuples(st.just("rollback"), st.integers(0, 1), st.sampled_from(NAMES)),
        st.tuples(st.just("accept"), st.integers(0, 1), st.sampled_from(NAMES)),
        st.tuples(st.just("sync"), st.integers(0, 1), st.none()),
        st.tuples(st.just("broken sync"), st.integers(0, 1), st.integers(0, 4)),
    ),
    max_size=14,
)


async def write(house: House, name: str, written: dict[str, set[str]]) -> None:
    """A new text, reviewed by somebody else, and published where the house may."""
    text = next(_texts)
    body = entry(name, owner=OWNER[name], answer={"zh": text, "yue": text, "en": "text"})
    editing = house.editing
    life = await editing.find(name)
    if life.versions:
        life = await editing.edit(name, life.head, body, WRITER)
    else:
        life = await editing.create(body, WRITER)
    written.setdefault(name, set()).add(text)
    for to in ("reviewed", "published"):
        try:
            await editing.move(name, life.newest, to, READER)
        except Problem as refused:
            assert refused.code in ("not-owner", "overtaken")
            assert to == "published" or refused.code == "overtaken"
            return


async def act(houses: list[House], step: tuple[Any, ...], written: dict[str, set[str]]) -> None:
    what, which, detail = step
    house, other = houses[which], houses[1 - which]
    if what == "sync":
        await house.sync(other).run()
    elif what == "broken sync":
        with contextlib.suppress(SyncError):
            await house.sync(other, breaks_after=detail).run()
    elif what == "write":
        await write(house, detail, written)
    else:
        life = await house.editing.find(detail)
        with contextlib.suppress(Problem):
            if what == "retire" and life.in_force and OWNER[detail] == house.name:
                await house.editing.move(detail, life.in_force, "retired", WRITER)
            elif what == "rollback" and life.versions:
                await house.editing.rollback(detail, 1, life.head, ADMIN, publish=True)
            elif what == "accept":
                for number, row in life.versions.items():
                    if row.proposal and life.status(number) == "draft":
                        await house.editing.move(detail, number, "reviewed", READER)
                        await house.editing.move(detail, number, "published", READER)


async def run(empty: Path, plan: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        houses = [House(name, empty, Path(folder) / name) for name in ("12367", "12345")]
        written: dict[str, set[str]] = {}
        for step in plan:
            await act(houses, step, written)
        await exchanged(*houses)
        faces = [await house.faces() for house in houses]
        assert faces[0] == faces[1], "both sides show the same"

        kept = [await house.texts() for house in houses]
        for name, texts in written.items():
            owner = houses[0] if OWNER[name] == houses[0].name else houses[1]
            everywhere = kept[0].get(name, set()) | kept[1].get(name, set())
            assert texts <= everywhere, "what anybody wrote is kept"
            public = await published(owner, name)
            elsewhere = kept[1 - houses.index(owner)].get(name, set())
            assert public <= elsewhere, "what was published is known on the other side"

        cursors = [await count(house) for house in houses]
        reports = await exchanged(*houses)
        assert [await count(house) for house in houses] == cursors, "one more exchange changes nothing"
        assert not any(report.conflicts for report in reports)
        for house in houses:
            await house.close()


async def count(house: House) -> int:
    return sum([len((await house.editing.life(name)).moves) for name in await house.ids()])


async def published(house: House, name: str) -> set[str]:
    life = await house.editing.find(name)
    return {life.versions[move.version].body["answer"]["zh"] for move in life.moves if move.after == "published"}


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_both_sides_converge_and_nothing_is_overwritten(empty: Path, plan: list[tuple[Any, ...]]) -> None:
    asyncio.run(run(empty, plan))
