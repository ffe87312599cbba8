"""A small knowledge base that each search test can read at a glance."""

from collections.abc import Callable
from typing import Any

import pytest

from knowledge.encoder import StaticEncoder
from knowledge.entries import Entry, from_dict
from knowledge.index import KnowledgeIndex
from knowledge.paths import DATA

Make = Callable[..., Entry]


def make_entry(id: str, zh: str, **fields: Any) -> Entry:
    """An entry with one Chinese wording unless `questions` says otherwise."""
    values: dict[str, Any] = {
        "id": id,
        "topic": "topic",
        "area": "documents",
        "questions": {"zh": [zh]},
        "answer": {"zh": "答案。", "yue": "答案。", "en": "An answer."},
        "authority": "exit_entry",
    }
    return from_dict({**values, **fields})


@pytest.fixture(scope="session")
def encoder() -> StaticEncoder:
    return StaticEncoder(DATA / "encoder")


@pytest.fixture(scope="session")
def small_base() -> list[Entry]:
    return [
        make_entry("passport-fee", "办护照多少钱", questions={"zh": ["办护照多少钱"], "en": ["passport fee"]}),
        make_entry("visa-extension", "签证怎么延期", questions={"zh": ["签证怎么延期", "想多待几天"]}),
        make_entry("permit-lost", "回乡证丢了怎么补", questions={"yue": ["回鄉證唔見咗點補"]}),
        make_entry("port-hours", "罗湖口岸几点关门"),
    ]


@pytest.fixture(scope="session")
def small_index(small_base: list[Entry], encoder: StaticEncoder) -> KnowledgeIndex:
    return KnowledgeIndex.build(small_base, encoder)
