"""Which language a message is in, as the gateway decided it, else as the text shows it."""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.base import MessageReader
from knowledge.language import detect

_SERVED = frozenset({"zh", "yue", "en"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class LanguageReader(MessageReader):
    """Sets `language` on the parsed message: zh, yue, en, or None when neither metadata nor text tells.

    The gateway knows the conversation, so its word goes before what a single message looks like.
    """

    def read(self, message: Message) -> None:
        """Reads metadata first, then the text."""
        metadata = message.get(METADATA) or {}
        language = metadata.get("language")
        if language not in _SERVED:
            language = detect(message.get(TEXT) or "").language
        message.set("language", language, add_to_output=True)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves the examples alone: nothing is trained on their language."""
        return training_data
