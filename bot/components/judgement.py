"""The last word on the intent: plain requests are heard, and doors are closed only when it is sure."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.base import MessageReader
from knowledge.text.cues import find_cue

_NAME, _CONFIDENCE = "name", "confidence"
FALLBACK = "nlu_fallback"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Judgement(MessageReader):
    """Overrides the classifier in two cases, and otherwise leaves its intent.

    A cue (a human asked for, a crime, distress, an attack) sets its intent with confidence 1. An intent in `sure`
    needs the confidence given there: it ends in a refusal, so a wrong one costs a visitor the answer, while the
    fallback merely searches the knowledge base, which can still decline.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`sure`: least confidence by intent; `least`: for every other intent."""
        return {"sure": {}, "least": 0.0}

    def read(self, message: Message) -> None:
        """Sets the intent of a typed message."""
        text = message.get(TEXT)
        if not isinstance(text, str) or text.startswith("/"):
            return
        cue = find_cue(text)
        if cue is not None:
            _decide(message, cue, 1.0)
            return
        intent = message.get(INTENT) or {}
        name, confidence = intent.get(_NAME), float(intent.get(_CONFIDENCE) or 0.0)
        if name is None or confidence < self.config["sure"].get(name, self.config["least"]):
            _decide(message, FALLBACK, 1.0 - confidence)

    def process_training_data(self, training_data: Any) -> Any:
        """Leaves the examples alone: their intents are given."""
        return training_data


def _decide(message: Message, name: str, confidence: float) -> None:
    intent = {_NAME: name, _CONFIDENCE: confidence}
    others = [one for one in message.get(INTENT_RANKING_KEY) or [] if one[_NAME] != name]
    message.set(INTENT, intent, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [intent, *others], add_to_output=True)
