"""Grouping of questions: what has laws."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.insights.grouping import MAX_TEXTS, group
from knowledge.encoder import StaticEncoder
from knowledge.entries import from_dict
from knowledge.index import KnowledgeIndex
from knowledge.paths import DATA

ENCODER = StaticEncoder(Path(DATA) / "encoder")
ENTRY = {"topic": "t", "area": "life", "authority": "nia", "answer": {"zh": "答。"}}
INDEX = KnowledgeIndex.build(
    [
        from_dict({**ENTRY, "id": "fee", "questions": {"zh": ["护照多少钱"]}}),
        from_dict({**ENTRY, "id": "lost", "questions": {"zh": ["护照丢了怎么办"]}}),
        from_dict({**ENTRY, "id": "visa", "questions": {"zh": ["签证怎么延期"]}}),
    ],
    ENCODER,
)
EMPTY = KnowledgeIndex.build([], ENCODER)
WORDS = st.lists(
    st.text("护照签证多少钱丢了怎么办办理延期 abcvisapassport?？", min_size=1, max_size=12), max_size=12, unique=True
)


def found(texts: list[str], index: KnowledgeIndex = INDEX) -> set[frozenset[str]]:
    return {frozenset(texts[number] for number in members) for members in group(texts, ENCODER, index)}


def test_the_same_question_in_three_languages_is_one_group() -> None:
    texts = ["护照多少钱", "護照幾多錢", "how much is a passport", "签证怎么延期", "how do I extend my visa"]
    assert found(texts) == {frozenset(texts[:3]), frozenset(texts[3:])}


@given(texts=WORDS, seed=st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_every_text_is_in_one_group_whatever_the_order(texts: list[str], seed: object) -> None:
    groups = group(texts, ENCODER, INDEX)
    assert sorted(number for members in groups for number in members) == list(range(len(texts)))
    shuffled = list(texts)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    assert found(shuffled) == found(texts)


@pytest.mark.parametrize("texts", [[], ["?"], ["?", "!!", "🙂"], ["护照多少钱"]])
def test_texts_without_words_and_an_empty_index_group_too(texts: list[str]) -> None:
    for index in (INDEX, EMPTY):
        assert sum(map(len, group(texts, ENCODER, index))) == len(texts)


def test_too_many_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 2000"):
        group([str(number) for number in range(MAX_TEXTS + 1)], ENCODER, INDEX)
