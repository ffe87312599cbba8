"""Which intent a message has: n-grams of two readings of it, its meaning as a vector, logistic regression.

Rasa's own featurizers and classifier see raw counts of each language for itself. Here Cantonese function words are
read as Mandarin ones, names become their kind (深圳呢 and 广州呢 are one message), counts are weighed by rarity, and
a vector that is the same for a word's translations stands beside them: the training messages of one language then
help the other two. README.md has the figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import skops.io
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.components.shared import encoder, gazetteer
from knowledge.text.normalise import normalise
from knowledge.text.terms import default_terms
from knowledge.text.tokens import nlu_tokens

_FILE = "intent.skops"
# skops refuses whatever is not named: a model file cannot bring code of its own.
_TRUSTED = ["scipy.sparse._csr.csr_matrix"]
_NUMBER = re.compile(r"\d+")
_RANKING = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentModel(GraphComponent):
    """Sets `intent` and `intent_ranking` (the ten likeliest) with probabilities that sum to 1 over all intents."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Loads what all models share: names, terms and the embedded encoder."""
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._gazetteer = gazetteer()
        self._encoder = encoder()
        self._vectorizers: list[TfidfVectorizer] = []
        self._classes: list[str] = []
        self._weights: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self._intercepts: NDArray[np.float32] = np.zeros(0, np.float32)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`strength`: inverse regularisation; `dense`: length of the meaning vectors; `tolerance`: when to stop."""
        return {"strength": 10.0, "dense": 1.5, "tolerance": 0.01}

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
        """Rasa's constructor for service. Raises when the model is missing or holds foreign types."""
        model = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            stored = skops.io.load(folder / _FILE, trusted=_TRUSTED)
        model._vectorizers, model._classes, model._weights, model._intercepts = stored
        return model

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from all examples that have a text and an intent, and stores the model."""
        texts, intents = self._examples(training_data)
        views = self._views(texts)
        self._vectorizers = [
            TfidfVectorizer(sublinear_tf=True, lowercase=False, token_pattern=r"\S+", ngram_range=(1, 2)),
            TfidfVectorizer(sublinear_tf=True, lowercase=False, token_pattern=r"\S+", ngram_range=(1, 2)),
            TfidfVectorizer(sublinear_tf=True, lowercase=False, analyzer="char", ngram_range=(1, 4), min_df=2),
        ]
        for vectorizer, view in zip(self._vectorizers, views, strict=True):
            vectorizer.fit(view)
        self._fit(self._features(texts, views), intents)
        with self._storage.write_to(self._resource) as folder:
            stored = (self._vectorizers, self._classes, self._weights, self._intercepts)
            skops.io.dump(stored, folder / _FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Ranks the intents of each message."""
        texts = [message.get(TEXT) or "" for message in messages]
        for message, row in zip(messages, self._probabilities(texts), strict=True):
            order = np.argsort(-row)[:_RANKING]
            ranking = [{"name": self._classes[one], "confidence": float(row[one])} for one in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _examples(self, training_data: TrainingData) -> tuple[list[str], list[str]]:
        """Texts and intents to learn from, one for each reading: fifty cities are one message to the model.

        Kept apart they would teach it that whoever names a city only answers a question.
        """
        found: dict[tuple[str, str], str] = {}
        for one in training_data.intent_examples:
            text, intent = one.get(TEXT), one.get(INTENT)
            if text and intent:
                found.setdefault((self._reading(text), intent), text)
        return list(found.values()), [intent for _, intent in found]

    def _fit(self, features: csr_matrix, intents: list[str]) -> None:
        """Keeps what a probability needs, as one row of float32 a feature.

        scikit-learn keeps a row a class, in float64, and copies all of it for each message: 5 ms and 40 MB more.
        """
        regression = LogisticRegression(
            C=self._config["strength"],
            solver="liblinear",
            class_weight="balanced",
            tol=self._config["tolerance"],
            random_state=12367,
        ).fit(features, intents)
        self._classes = [str(one) for one in regression.classes_]
        self._weights = np.ascontiguousarray(regression.coef_.T, dtype=np.float32)
        self._intercepts = regression.intercept_.astype(np.float32)

    def _probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text: each intent against all others, scaled to a sum of 1."""
        scores = self._features(texts, self._views(texts)) @ self._weights + self._intercepts
        each = 1 / (1 + np.exp(-scores))
        found: NDArray[np.float32] = each / each.sum(axis=1, keepdims=True)
        return found

    def _features(self, texts: Sequence[str], views: Sequence[Sequence[str]]) -> csr_matrix:
        terms, length = default_terms(), self._config["dense"]
        readings = [terms.to_mandarin(normalise(text)) for text in texts]
        counts = [one.transform(view) for one, view in zip(self._vectorizers, views, strict=True)]
        return hstack([*counts, csr_matrix(self._encoder.encode(readings) * length)], dtype=np.float32).tocsr()

    def _views(self, texts: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
        """Words as typed; words and characters of the Mandarin reading with names replaced by their kind."""
        readings = [self._reading(text) for text in texts]
        return (
            [_words(normalise(text)) for text in texts],
            [_words(reading) for reading in readings],
            [f"^{reading}$" for reading in readings],
        )

    def _reading(self, text: str) -> str:
        parts, done = [], 0
        for mention in self._gazetteer.find(text):
            parts += [text[done : mention.start], f" {mention.kind}x "]
            done = mention.end
        return default_terms().to_mandarin(_NUMBER.sub("0", normalise("".join(parts) + text[done:])))


def _words(text: str) -> str:
    return " ".join(["^", *(word for word, _, _ in nlu_tokens(text)), "$"])
