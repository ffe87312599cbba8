"""Entities by look-up instead of by learning: a place that routing acts on must be right, not probable."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.base import MessageReader
from bot.components.quantities import find_quantities
from bot.components.routes import find_routes
from bot.components.shared import gazetteer
from knowledge.text.gazetteer import Mention, fold

_EXTRACTOR = "GazetteerExtractor"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class GazetteerExtractor(MessageReader):
    """Adds place, port, nationality, document, duration, age, date and route entities.

    A name that means several things has a list as its value. A place that only describes a person (香港人) has the
    role `person`, so that it does not become the region of the conversation.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        """Loads the gazetteer from the project's data."""
        super().__init__(config)
        self._gazetteer = gazetteer()

    def read(self, message: Message) -> None:
        """Adds the entities of a typed message; the entities of a button's payload are already there."""
        text = message.get(TEXT)
        if not isinstance(text, str) or text.startswith("/"):
            return
        mentions = self._gazetteer.find(text)
        found = [_entity(mention) for mention in mentions]
        for one in find_quantities(fold(text)):
            if all(one.end <= other.start or one.start >= other.end for other in mentions):
                found.append(
                    {"entity": one.entity, "value": one.value, "start": one.start, "end": one.end,
                     "extractor": _EXTRACTOR}
                )  # fmt: skip
        found += [
            {"entity": "route", "value": value, "start": start, "end": end, "extractor": _EXTRACTOR}
            for value, start, end in find_routes(fold(text), mentions)
        ]
        message.set(ENTITIES, [*(message.get(ENTITIES) or []), *found], add_to_output=True)

    def process_training_data(self, training_data: Any) -> Any:
        """Leaves the examples alone: nothing is trained on entities."""
        return training_data


def _entity(mention: Mention) -> dict[str, Any]:
    entity: dict[str, Any] = {
        "entity": mention.kind,
        "value": mention.candidates[0] if len(mention.candidates) == 1 else list(mention.candidates),
        "start": mention.start,
        "end": mention.end,
        "extractor": _EXTRACTOR,
    }
    if mention.areas:
        entity["areas"] = list(mention.areas)
    if mention.person and mention.kind == "place":
        entity["role"] = "person"
    return entity
