"""The last word on the intent: plain requests are heard, and doors are closed only when it is sure."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.base import MessageReader
from knowledge.text.corrections import corrects
from knowledge.text.cues import find_cue
from knowledge.text.gazetteer import fold
from knowledge.text.normalise import normalise
from knowledge.text.terms import default_terms

_NAME, _CONFIDENCE = "name", "confidence"
FALLBACK, INFORM = "nlu_fallback", "inform"
ASK, CORRECT, PERSONAL = "ask", "correct", "personal_case"
_TO_A_HUMAN = frozenset({"handoff", "report_crime", "distress"})
# What may stand around names in a message that only answers a question: 我在深圳, 德国籍的, "I'm from France".
_FILLER = re.compile(
    r"[\W_]+|我们|我人?|喺|在|是|係|系|来自|的|嘅|人|籍|国籍|公民|这边|呢边|大概|大约|待|留|那边|持|拿|攞"
    r"|\b(?:i am|i'm|im|we are|in|at|from|the|please|for|about|to|it's|citizen|national|now|staying)\b"
)
# Whoever asks where to look their case up is answered; of 77 such messages in data/nlu one wants it looked up.
_WHERE_TO_LOOK = re.compile(
    r"(?:哪里|哪儿|哪个网\w?|什么(?:网站|地方|app)|怎么|如何)(?:能|可以|才能|去|上)*(?:查|看|见到)"
    r"|\b(?:where|how) (?:can|could|do|to|should) ?(?:i|we|you)? ?(?:check|see|look|track|follow|find out)"
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Judgement(MessageReader):
    """Overrides the classifier in five cases, and otherwise leaves its intent.

    A cue (a human asked for, a crime, distress, an attack) sets its intent with confidence 1. One name denied and
    another of its kind given (不是深圳，是珠海) corrects. A message of names alone (德国, "Suzhou", 20天) informs: to
    the classifier it looks like any subject one can talk of. A case of one's own with "where can I look it up" asks
    just that. An intent in `sure` needs the confidence given there,
    and a refusal less than `asked` for questions in scope: a wrong refusal costs the visitor an answer, while a
    search that finds nothing still declines.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`sure`: least confidence by intent; `least`: for all others; `asked`: share of the questions that wins."""
        return {"sure": {}, "least": 0.0, "asked": 1.0}

    def read(self, message: Message) -> None:
        """Sets the intent of a typed message."""
        text = message.get(TEXT)
        if not isinstance(text, str) or text.startswith("/"):
            return
        decided = self._plain(text, message.get(ENTITIES) or [])
        if decided is not None:
            _decide(message, decided, 1.0)
            return
        intent = message.get(INTENT) or {}
        name, confidence = intent.get(_NAME), float(intent.get(_CONFIDENCE) or 0.0)
        if name == PERSONAL and _WHERE_TO_LOOK.search(default_terms().to_mandarin(normalise(text))):
            _decide(message, ASK, confidence)
            return
        if name in self.config["sure"] and name not in _TO_A_HUMAN:
            ranking = message.get(INTENT_RANKING_KEY) or []
            share = sum(one[_CONFIDENCE] for one in ranking if one[_NAME] == ASK)
            if share >= self.config["asked"]:
                _decide(message, ASK, share)
                return
        if name is None or confidence < self.config["sure"].get(name, self.config["least"]):
            _decide(message, FALLBACK, 1.0 - confidence)

    @staticmethod
    def _plain(text: str, entities: list[dict[str, Any]]) -> str | None:
        """The intent of a message that says it in so many words, or None."""
        if (cue := find_cue(text)) is not None:
            return cue
        if corrects(fold(text), [(one["entity"], one["start"]) for one in entities]):
            return CORRECT
        return INFORM if _only_names(text, entities) else None

    def process_training_data(self, training_data: Any) -> Any:
        """Leaves the examples alone: their intents are given."""
        return training_data


def _only_names(text: str, entities: list[dict[str, Any]]) -> bool:
    if not entities:
        return False
    rest = list(fold(text))
    for entity in entities:
        rest[entity["start"] : entity["end"]] = " " * (entity["end"] - entity["start"])
    return not _FILLER.sub("", "".join(rest))


def _decide(message: Message, name: str, confidence: float) -> None:
    intent = {_NAME: name, _CONFIDENCE: confidence}
    others = [one for one in message.get(INTENT_RANKING_KEY) or [] if one[_NAME] != name]
    message.set(INTENT, intent, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [intent, *others], add_to_output=True)
