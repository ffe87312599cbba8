"""Registers the actions with rasa-sdk's executor, which answers the engine's webhook calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions import answer, talk
from actions.replies import Reply
from actions.services import Services
from actions.turn import Turn

Decision = Callable[[Services, Turn], list[Reply]]
SLOTS = ("nationality", "document", "topic", "port")

ACTIONS: dict[str, Decision] = {
    "action_answer": answer.answer,
    "action_open_entry": answer.open_entry,
    "action_handoff": talk.hand_over,
    "action_decline": talk.refuse,
    "action_talk": talk.small_talk,
    "action_choose": talk.choose,
}


class TypedAction(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """A decision as Rasa calls it: tracker in, one custom payload and slot events out."""

    def __init__(self, name: str, decision: Decision, services: Services) -> None:
        self._name, self._decision, self._services = name, decision, services

    def name(self) -> str:
        """The action's name in the domain."""
        return self._name

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Decide, and hand the replies to Rasa as one payload."""
        turn = Turn.from_tracker(tracker)
        dispatcher.utter_message(json_message=respond(self._services, turn, self._decision))
        remembered = turn.memory.to_dict()
        slots = [SlotSet(name, remembered.get(name)) for name in SLOTS]
        return [
            *slots,
            SlotSet("language", turn.language),
            SlotSet("region", turn.memory.place or turn.region),
        ]


def respond(services: Services, turn: Turn, decision: Decision) -> dict[str, Any]:
    """The payload of one turn: replies, what to remember, and what the engine understood."""
    replies = decision(services, turn)
    if turn.other:  # a language that is not served: said once a message, and answered as well as possible
        name = services.texts.other_language(turn.other, turn.language, turn.script)
        replies = [services.say(turn, "notice", "other_language", name=name), *replies]
    return {
        "replies": [reply.to_payload() for reply in replies],
        "memory": turn.memory.to_dict(),
        "understood": {"intent": turn.intent, "confidence": turn.confidence, "entities": turn.entities},
    }


def build_executor(services: Services) -> ActionExecutor:
    """An executor with every action of the domain."""
    executor = ActionExecutor()
    for name, decision in ACTIONS.items():
        executor.register_action(TypedAction(name, decision, services))
    return executor
