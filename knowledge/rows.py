"""The texts that search looks through, column by column: every wording, and every answer's first sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import Encoder
from knowledge.entries import LANGUAGES, Entry, is_template
from knowledge.lexical import Bags, Vocabulary, letter_groups
from knowledge.text.tokens import search_tokens

_SENTENCE = re.compile(r".+?(?:[。！？；\n]|[.!?](?=\s)|$)", re.DOTALL)


@dataclass(frozen=True)
class Vocabularies:
    """The numbers of words and of letter groups; shared by an index and its successors."""

    words: Vocabulary
    letters: Vocabulary


@dataclass(frozen=True)
class Rows:
    """Searchable texts. `languages` holds places in `LANGUAGES`, `answers` marks first sentences of answers."""

    texts: tuple[str, ...]
    languages: NDArray[np.int8]
    answers: NDArray[np.bool_]
    vectors: NDArray[np.float32]
    words: Bags
    letters: Bags

    def __len__(self) -> int:
        return len(self.texts)

    def part(self, start: int, end: int) -> "Rows":
        """The rows from `start` up to `end`, as views."""
        return Rows(
            self.texts[start:end], self.languages[start:end], self.answers[start:end], self.vectors[start:end],
            self.words.part(start, end), self.letters.part(start, end),
        )  # fmt: skip

    @classmethod
    def join(cls, parts: Sequence["Rows"]) -> "Rows":
        """Rows after one another. Mere copying: NumPy lets other threads run meanwhile."""
        return cls(
            tuple(text for part in parts for text in part.texts),
            np.concatenate([part.languages for part in parts]),
            np.concatenate([part.answers for part in parts]),
            np.concatenate([part.vectors for part in parts]),
            Bags.join([part.words for part in parts]),
            Bags.join([part.letters for part in parts]),
        )

    @classmethod
    def of(
        cls, entries: Sequence[Entry], encoder: Encoder, numbers: Vocabularies, known: "Rows | None" = None
    ) -> "Rows":
        """The rows of entries; a text that `known` has (under the same encoder) is taken from there."""
        texts = [text for entry in entries for text, _, _ in texts_of(entry)]
        vectors = dict(zip(known.texts, known.vectors, strict=True)) if known else {}
        missing = [text for text in dict.fromkeys(texts) if text not in vectors]
        if missing:
            vectors |= zip(missing, encoder.encode(missing), strict=True)
        stacked = np.zeros((len(texts), encoder.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            stacked[row] = vectors[text]
        words = Bags.of([numbers.words.number(search_tokens(text)) for text in texts])
        letters = Bags.of([numbers.letters.number(letter_groups(text)) for text in texts])
        return cls.described(entries, stacked, words, letters)

    @classmethod
    def described(cls, entries: Sequence[Entry], vectors: NDArray[np.float32], words: Bags, letters: Bags) -> "Rows":
        """The rows of entries, given what was computed of them. Raises ValueError when the numbers do not agree."""
        listed = [row for entry in entries for row in texts_of(entry)]
        if not len(listed) == len(vectors) == len(words.sizes) == len(letters.sizes):
            raise ValueError(f"{len(listed)} texts, {len(vectors)} vectors")
        languages = np.array([LANGUAGES.index(language) for _, language, _ in listed], dtype=np.int8)
        answers = np.array([answer for _, _, answer in listed], dtype=bool)
        return cls(tuple(text for text, _, _ in listed), languages, answers, vectors, words, letters)


def texts_of(entry: Entry) -> list[tuple[str, str, bool]]:
    """An entry's searchable texts as (text, language, whether it is an answer's first sentence), wordings first.

    A template has none: it answers nothing before something was computed.
    """
    if is_template(entry):
        return []
    rows = [(wording, language, False) for language, wordings in entry.questions.items() for wording in wordings]
    for language, text in entry.answer.items():
        first = _SENTENCE.match(text)
        rows.append((first.group().strip() if first else text, language, True))
    return rows
