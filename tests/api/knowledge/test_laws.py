"""Laws of an entry's life: whatever editors try, the table holds, eyes are four, and nothing written changes."""

from __future__ import annotations

import asyncio
import copy
import itertools
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.audit.service import newest
from api.clock import SHANGHAI, Clock
from api.knowledge.editing import Caller
from api.knowledge.life import TABLE, Life
from api.knowledge.shape import content, difference, state_of
from api.problems import Problem
from knowledge.entries import STATUSES, from_dict, to_dict
from tests.api.knowledge.conftest import entry
from tests.api.knowledge.houses import READER, WRITER, House, template

PEOPLE = (WRITER, READER, Caller("carol", "administrator"))


@pytest.fixture(scope="module")
def empty() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield asyncio.run(template(Path(folder)))


people = st.sampled_from(PEOPLE)
attempts = st.lists(
    st.one_of(
        st.tuples(st.just("write"), people, st.integers(0, 2)),
        st.tuples(st.just("move"), people, st.integers(0, 4), st.sampled_from(STATUSES)),
        st.tuples(st.just("rollback"), people, st.integers(0, 4), st.booleans()),
    ),
    min_size=1,
    max_size=16,
)


async def attempt(house: House, what: tuple[Any, ...]) -> None:
    life = await house.editing.find("one")
    if what[0] == "write":
        body = entry("one", topic=f"topic-{what[2]}")
        if life.versions:
            await house.editing.edit("one", life.head, body, what[1])
        else:
            await house.editing.create(body, what[1])
    elif what[0] == "move":
        await house.editing.move("one", life.newest - what[2], what[3], what[1])
    else:
        await house.editing.rollback("one", life.newest - what[2], life.head, what[1], publish=what[3])


def check(life: Life, seen: dict[int, Any]) -> None:
    assert sorted(life.versions) == list(range(1, life.newest + 1))
    assert sum(life.status(number) == "published" for number in life.versions) == (life.in_force is not None)
    for number, row in life.versions.items():
        assert seen.setdefault(number, copy.deepcopy(row.body)) == row.body, "a version never changes"
        steps = [move for move in life.moves if move.version == number]
        assert all((move.before, move.after) in TABLE for move in steps)
        assert all(one.after == two.before for one, two in itertools.pairwise(steps))
        assert not [move for move in steps if move.after == "reviewed" and move.actor == row.writer]
        if any(move.after == "published" for move in steps):
            assert any(move.after == "reviewed" for move in steps) or steps[0].actor == "carol"


async def live(empty: Path, plan: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        house, seen = House("12367", empty, Path(folder)), {}
        for what in plan:
            before = await house.editing.find("one")
            try:
                await attempt(house, what)
            except Problem:
                assert len((await house.editing.find("one")).moves) == len(before.moves), "refused is unchanged"
            check(await house.editing.find("one"), seen)
        await house.close()


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(attempts)
def test_whatever_is_tried_the_table_holds(empty: Path, plan: list[tuple[Any, ...]]) -> None:
    asyncio.run(live(empty, plan))


class Later(Clock):
    """A clock that is set by hand, in Shanghai."""

    def __init__(self, moment: str) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        return datetime.fromisoformat(self.moment).replace(tzinfo=SHANGHAI)


async def test_a_plan_is_made_by_the_first_gateway_after_midnight_in_shanghai(empty: Path, tmp_path: Path) -> None:
    clock = Later("2026-11-25T23:59:59")
    house = House("12367", empty, tmp_path, clock)
    await house.editing.create(entry("one"), WRITER)
    await house.editing.move("one", 1, "reviewed", READER)
    await house.editing.move("one", 1, "published", WRITER, on=date(2026, 11, 26))
    assert await house.editing.keep_dates() == 0
    clock.moment = "2026-11-26T00:00:00"
    assert sorted(await asyncio.gather(*(house.editing.keep_dates() for _ in range(3)))) == [0, 0, 1]
    life = await house.editing.life("one")
    assert life.in_force == 1 and life.moves[-1].actor == "clock"

    await house.editing.move("one", 1, "retired", READER, on=date(2026, 12, 31))
    await house.editing.edit("one", 1, entry("one", topic="visa"), WRITER)
    await house.editing.move("one", 2, "reviewed", READER)
    await house.editing.move("one", 2, "published", READER)
    clock.moment = "2027-01-05T09:00:00"
    assert await house.editing.keep_dates() == 1, "the end is the entry's, whichever version is published by then"
    assert (await house.editing.life("one")).in_force is None
    await house.close()


async def test_a_plan_that_became_impossible_is_dropped_and_recorded(empty: Path, tmp_path: Path) -> None:
    clock = Later("2026-11-25T12:00:00")
    house = House("12367", empty, tmp_path, clock)
    await house.editing.create(entry("one"), WRITER)
    await house.editing.move("one", 1, "reviewed", READER)
    await house.editing.move("one", 1, "published", WRITER, on=date(2026, 12, 1))
    await house.editing.move("one", 1, "draft", READER)
    clock.moment = "2026-12-01T00:00:00"
    assert await house.editing.keep_dates() == 0
    assert (await house.editing.life("one")).in_force is None
    async with house.database.read() as session:
        assert (await newest(session, "one", 1))[0].action == "entry.unplan"
    await house.close()


bodies = st.fixed_dictionaries(
    {"topic": st.text(min_size=1, max_size=9).filter(str.strip)},
    optional={
        "answer": st.dictionaries(
            st.sampled_from(["zh", "yue", "en"]), st.text(min_size=1).filter(str.strip), min_size=1
        ),
        "general": st.booleans(),
        "facts": st.lists(st.text("abc", min_size=1, max_size=3), max_size=2),
    },
)


@given(bodies, bodies)
def test_a_state_names_the_content_and_a_difference_shows_every_field(one: Any, other: Any) -> None:
    here, there = (to_dict(from_dict(entry("a") | fields)) for fields in (one, other))
    same = content(here) == content(there)
    assert (state_of(here, "published", None) == state_of(there, "published", None)) == same
    assert state_of(here, "published", None) != state_of(here, "retired", None)
    changes = difference(here, there)
    assert bool(changes) != same
    for change in changes:
        if change["parts"]:
            assert "".join(text for kind, text in change["parts"] if kind != "new") == (change["old"] or "")
            assert "".join(text for kind, text in change["parts"] if kind != "gone") == (change["new"] or "")
