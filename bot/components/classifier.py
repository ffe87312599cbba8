"""Which intent a message has: n-grams of two readings, meaning as a vector, word lists, logistic regression.

Rasa's own featurizers and classifier see raw counts of each language for itself. Here Cantonese function words are
read as Mandarin ones, names become their kind (深圳呢 and 广州呢 are one message), counts are weighed by rarity, and
a vector that is the same for a word's translations stands beside them: the training messages of one language then
help the other two. The names of known things (`data/terms.yaml`) and the word lists of `data/nlu/lexicon.yaml` tell
what no training message happens to say. Each message is read by a transformer as well, of its script, which was tuned
to the same classes (readers.py); the geometric mean of both counts. README.md has the figures.

All questions that the knowledge base answers are one intent, `ask`, since one action answers them; its subject
(clearance, documents, …) is kept as well, because it says which human would know. In the training data they are
Rasa's retrieval intents (`ask/clearance`); the classes are these, and the intent's probability is their sum.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from bot.components.counts import Counts
from bot.components.hints import Hints
from bot.components.neighbours import Neighbours
from bot.components.readers import CHINESE, reader_of, readers
from bot.components.shared import encoder, gazetteer
from knowledge.paths import DATA
from knowledge.text.normalise import normalise
from knowledge.text.terms import default_terms
from knowledge.text.tokens import nlu_tokens

# Numbers and words, no pickled objects: a model file cannot bring code of its own, and loads at once.
_ARRAYS, _WORDS = "intent.npz", "intent.json"
# Words as typed; words and characters of the Mandarin reading; the known things named.
_VIEWS: list[dict[str, Any]] = [
    {"longest": 2, "least": 1},
    {"longest": 2, "least": 1},
    {"longest": 4, "least": 2, "characters": True},
    {"longest": 2, "least": 2},
]
_NUMBER = re.compile(r"\d+")
_RANKING = 10


class _Read(NamedTuple):
    """A message as the features see it: normalised, as Mandarin, and that with names by kind and digits alike."""

    plain: str
    mandarin: str
    reading: str


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentModel(GraphComponent):
    """Sets `intent` and `intent_ranking` (the ten likeliest) with probabilities that sum to 1 over all intents.

    Sets `subject` too: of the questions that could be asked, the likeliest kind.
    """

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Loads what all models share: names, terms and the embedded encoder."""
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._gazetteer = gazetteer()
        self._encoder = encoder()
        self._hints = Hints()
        self._counts: list[Counts] = []
        self._neighbours = Neighbours(np.zeros((0, self._encoder.dimension), np.float32), np.zeros(1, np.int64))
        self._readers = readers(Path(config["readers"])) if config["readers"] else {}
        self._classes: list[str] = []
        self._weights: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self._intercepts: NDArray[np.float32] = np.zeros(0, np.float32)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`strength`: inverse regularisation; `dense`, `near`: weight of vectors and of neighbours.

        `readers`: folder of the tuned transformers, None to do without; `ours`: the regression's part beside them.
        """
        readers = str(DATA / "readers")
        return {"strength": 5.0, "dense": 1.5, "near": 4.0, "tolerance": 0.04, "readers": readers, "ours": 0.5}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentModel:
        """Rasa's constructor for training."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentModel:
        """Rasa's constructor for service. Raises OSError when the model is missing, ValueError for a foreign one."""
        model = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            words = json.loads((folder / _WORDS).read_text(encoding="utf-8"))
            with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
                model._weights, model._intercepts = arrays["weights"], arrays["intercepts"]
                model._neighbours = Neighbours(arrays["vectors"], arrays["bounds"])
                model._counts = [
                    Counts(terms, arrays[f"rarity{place}"], options)
                    for place, (terms, options) in enumerate(zip(words["terms"], _VIEWS, strict=True))
                ]
        model._classes = words["classes"]
        return model

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from all examples that have a text and an intent, and stores the model.

        Raises ValueError naming the intents that a reader does not know.
        """
        texts, intents = self._examples(training_data)
        for reader in self._readers.values():
            reader.require(intents)
        reads = [self._read(text) for text in texts]
        views = self._views(reads)
        self._counts = [Counts.fit(view, options) for view, options in zip(views, _VIEWS, strict=True)]
        vectors = self._vectors(reads)
        self._neighbours, near = Neighbours.fit(vectors, intents)
        self._fit(self._joined(reads, views, vectors, near), intents)
        with self._storage.write_to(self._resource) as folder:
            rarity = {f"rarity{place}": one.rarity for place, one in enumerate(self._counts)}
            near_by = {"vectors": self._neighbours.vectors, "bounds": self._neighbours.bounds}
            np.savez(folder / _ARRAYS, weights=self._weights, intercepts=self._intercepts, **near_by, **rarity)
            words = {"classes": self._classes, "terms": [one.terms for one in self._counts]}
            (folder / _WORDS).write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Ranks the intents of each message."""
        texts = [message.get(TEXT) or "" for message in messages]
        for message, row in zip(messages, self._probabilities(texts), strict=True):
            shares: dict[str, float] = {}
            for name, share in zip(self._classes, row.tolist(), strict=True):
                intent = name.partition("/")[0]
                shares[intent] = shares.get(intent, 0.0) + share
            order = sorted(shares, key=lambda name: -shares[name])[:_RANKING]
            ranking = [{"name": name, "confidence": shares[name]} for name in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set("subject", self._subject(row), add_to_output=True)
        return messages

    def _subject(self, row: NDArray[np.float32]) -> str | None:
        asked = [
            (share, name.partition("/")[2]) for name, share in zip(self._classes, row, strict=True) if "/" in name
        ]
        return max(asked)[1] if asked else None

    def _examples(self, training_data: TrainingData) -> tuple[list[str], list[str]]:
        """Texts and intents to learn from, one for each reading: fifty cities are one message to the model.

        Kept apart they would teach it that whoever names a city only answers a question.
        """
        found: dict[tuple[str, str], str] = {}
        for one in training_data.intent_examples:
            text, intent = one.get(TEXT), one.get(INTENT_RESPONSE_KEY) or one.get(INTENT)
            if text and intent:
                found.setdefault((self._reading(text), intent), text)
        return list(found.values()), [intent for _, intent in found]

    def _fit(self, features: csr_matrix, intents: list[str]) -> None:
        """Keeps what a probability needs, as one row of float32 a feature.

        scikit-learn keeps a row a class, in float64, and copies all of it for each message: 5 ms and 40 MB more.
        """
        classes, labels, sizes = np.unique(intents, return_inverse=True, return_counts=True)

        def against_all_others(place: int) -> LogisticRegression:
            # Rare intents count as much as frequent ones; liblinear does this one class after the other.
            balanced = len(intents) / len(classes) / sizes[place]
            return LogisticRegression(
                C=self._config["strength"],
                solver="liblinear",
                class_weight={1: balanced},
                tol=self._config["tolerance"],
                random_state=12367,
            ).fit(features, (labels == place).astype(int))

        with ThreadPoolExecutor(os.cpu_count()) as pool:  # liblinear lets go of the interpreter
            fitted = list(pool.map(against_all_others, range(len(classes))))
        self._classes = classes.tolist()
        self._weights = np.ascontiguousarray(np.vstack([one.coef_ for one in fitted]).T, dtype=np.float32)
        self._intercepts = np.concatenate([one.intercept_ for one in fitted]).astype(np.float32)

    def _probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text: each class against all others, scaled to a sum of 1."""
        reads = [self._read(text) for text in texts]
        vectors = self._vectors(reads)
        sums = np.tile(self._intercepts, (len(texts), 1))
        start = 0
        for counts, view in zip(self._counts, self._views(reads), strict=True):
            for place, one in enumerate(view):
                columns, values = counts.row(one)
                sums[place] += values @ self._weights[[start + column for column in columns]]
            start += len(counts.terms)
        sums += self._dense(reads, vectors, self._neighbours.features(vectors)) @ self._weights[start:]
        each = 1 / (1 + np.exp(-sums))
        found: NDArray[np.float32] = each / each.sum(axis=1, keepdims=True)
        for place, (text, read) in enumerate(zip(texts, reads, strict=True)):
            if self._readers:
                name = reader_of(text)
                other = self._readers[name].shares(read.mandarin if name == CHINESE else text, self._classes)
                found[place] = _agreed(found[place], other, self._config["ours"])
        return found

    def _vectors(self, reads: Sequence[_Read]) -> NDArray[np.float32]:
        """The meaning of each text, read as Mandarin."""
        return self._encoder.encode([one.mandarin for one in reads])

    def _joined(
        self,
        reads: Sequence[_Read],
        views: Sequence[Sequence[str]],
        vectors: NDArray[np.float32],
        near: NDArray[np.float32],
    ) -> csr_matrix:
        """All features side by side, one row a text."""
        counts = [one.rows(view) for one, view in zip(self._counts, views, strict=True)]
        return hstack([*counts, csr_matrix(self._dense(reads, vectors, near))], dtype=np.float32).tocsr()

    def _dense(
        self, reads: Sequence[_Read], vectors: NDArray[np.float32], near: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Meaning, neighbours and hints, one row a text."""
        hints = self._hints.features([one.plain for one in reads])
        return np.hstack([vectors * self._config["dense"], near * self._config["near"], hints])

    def _views(self, reads: Sequence[_Read]) -> tuple[list[str], ...]:
        """Words as typed; words and characters of the Mandarin reading, names by kind; the known things named."""
        terms = default_terms()
        return (
            [_words(one.plain) for one in reads],
            [_words(one.reading) for one in reads],
            [f"^{one.reading}$" for one in reads],
            [" ".join(terms.ids(one.mandarin)) or "nothing" for one in reads],
        )

    def _read(self, text: str) -> _Read:
        plain = _spelt_out(normalise(text))
        return _Read(plain, default_terms().to_mandarin(plain), _spelt_out(self._reading(text)))

    def _reading(self, text: str) -> str:
        parts, done = [], 0
        for mention in self._gazetteer.find(text):
            parts += [text[done : mention.start], f" {mention.kind}x "]
            done = mention.end
        return default_terms().to_mandarin(_NUMBER.sub("0", normalise("".join(parts) + text[done:])))


# English as it is typed: the same words, whether written out, run together or cut short.
_SPELLINGS = [
    (re.compile(pattern), written)
    for pattern, written in (
        (r"\b(i)'?m\b", "i am"),
        (r"\b(you|we|they)'?re\b", r"\1 are"),
        (r"\b(do|does|did|is|are|was|were|would|could|should|have|has|had)n'?t\b", r"\1 not"),
        (r"\bcan'?t\b|\bcannot\b", "can not"),
        (r"\bwon'?t\b", "will not"),
        (r"\b(that|what|it|he|she|there|where|who|how|let)'?s\b", r"\1 is"),
        (r"\bi'?ve\b", "i have"),
        (r"\bi'd\b", "i would"),
        (r"\bi'll\b", "i will"),
        (r"\bu\b", "you"),
        (r"\br\b", "are"),
        (r"\bur\b", "your"),
        (r"\b(pls|plz)\b", "please"),
        (r"\bwanna\b", "want to"),
        (r"\bgonna\b", "going to"),
        (r"\bgotta\b", "have to"),
        (r"\bthru\b", "through"),
        (r"\bw/o\b", "without"),
        (r"(.)\1{2,}", r"\1\1"),
    )
]


def _agreed(one: NDArray[np.float32], other: NDArray[np.float32], part: float) -> NDArray[np.float32]:
    """The geometric mean of two rows of probabilities, `part` of it the first's, scaled to a sum of 1.

    What both hold likely stays likely. The arithmetic mean orders intents as well, but one model's doubt made all of
    its probabilities timid: -0.40 a Chinese message in log likelihood instead of -0.32, -0.51 instead of -0.44 an
    English one.
    """
    both = np.exp(part * np.log(one + 1e-9) + (1 - part) * np.log(other + 1e-9))
    agreed: NDArray[np.float32] = (both / both.sum()).astype(np.float32)
    return agreed


def _spelt_out(normalised: str) -> str:
    """A normalised text with English contractions and shorthand written out, and drawn-out letters shortened."""
    for pattern, written in _SPELLINGS:
        normalised = pattern.sub(written, normalised)
    return normalised


def _words(text: str) -> str:
    return " ".join(["^", *(word for word, _, _ in nlu_tokens(text)), "$"])
