"""Meaning of a message as a vector, from the embedded static model; measured against plain n-grams in the README."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message

from bot.components.base import MessageReader
from bot.components.shared import encoder
from knowledge.text.normalise import normalise


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class StaticFeaturizer(MessageReader):
    """Adds one dense sentence vector to a message, times `scale`: a unit vector is faint beside n-gram counts."""

    def __init__(self, config: dict[str, Any]) -> None:
        """Loads the encoder that lies in the project's data."""
        super().__init__(config)
        self._encoder = encoder()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`scale`: the length of the vectors."""
        return {"scale": 8.0}

    def read(self, message: Message) -> None:
        """Adds the sentence feature, and the same vector for each token: DIET wants both kinds to match."""
        text = message.get(TEXT)
        if not isinstance(text, str):
            return
        vector = self._encoder.encode([normalise(text)])[0] * np.float32(self.config["scale"])
        row = vector.reshape(1, -1)
        tokens = len(message.get(TOKENS_NAMES[TEXT]) or [None])
        message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, "StaticFeaturizer"))
        message.add_features(Features(row.repeat(tokens, 0), FEATURE_TYPE_SEQUENCE, TEXT, "StaticFeaturizer"))
