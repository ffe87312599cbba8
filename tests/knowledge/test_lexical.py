"""Lexical scores are those of a known library, whatever the texts."""

import bm25s
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.lexical import K1, B, Bags, Lexicon, Vocabulary

WORDS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8)


def lexicon(documents: list[list[str]]) -> Lexicon:
    words = Vocabulary()
    return Lexicon(Bags.of([words.number(tokens) for tokens in documents]), words)


@settings(deadline=None, max_examples=60)
@given(st.lists(WORDS, min_size=1, max_size=12), WORDS)
def test_scores_are_bm25s_divided_by_what_is_reachable(documents: list[list[str]], query: list[str]) -> None:
    known = [word for word in dict.fromkeys(query) if any(word in tokens for tokens in documents)]
    scores = lexicon(documents).scores(query)
    if not known:
        assert not scores.any()
        return
    library = bm25s.BM25(method="lucene", k1=K1, b=B)
    library.index(documents, show_progress=False)
    expected = library.get_scores(known)
    if (top := float(scores.max())) > 0:
        assert np.allclose(scores / top, expected / expected.max(), atol=1e-4)


def test_a_query_of_unknown_words_cannot_score_high() -> None:
    words = lexicon([["visa", "fee"], ["passport", "fee"]])
    assert words.scores(["visa", "x", "y", "z"]).max() < words.scores(["visa"]).max() / 2


def test_words_of_a_later_index_are_unknown_to_this_one() -> None:
    words = Vocabulary()
    old = Lexicon(Bags.of([words.number(["visa"])]), words)
    words.number(["passport"])
    assert old.scores(["passport"]).tolist() == [0.0]


def test_no_texts_have_no_scores() -> None:
    assert lexicon([]).scores(["visa"]).shape == (0,)
