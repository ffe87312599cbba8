"""What to say when the engine is away: straight from the knowledge base, or a human. Never silence."""

from __future__ import annotations

import json
from typing import Any

from actions.executor import ACTIONS, respond
from actions.services import Services
from actions.turn import Memory, Turn
from api.engine.client import Understood, parse
from knowledge.text.cues import find_cue
from knowledge.text.normalise import normalise

BY_INTENT = {
    "handoff": "action_handoff",
    "report_crime": "action_handoff",
    "distress": "action_handoff",
    "injection": "action_decline",
    "answer": "action_open_entry",
    "inform": "action_answer",
    "choose_language": "action_choose",
    "choose_business": "action_choose",
}


def reply_without_engine(services: Services, text: str, metadata: dict[str, Any]) -> Understood:
    """One turn decided in the gateway: buttons and cues as always, everything else searched for."""
    intent, entities = _payload(text) if text.startswith("/") else (find_cue(normalise(text)), {})
    turn = Turn(
        text=text,
        intent=intent or "nlu_fallback",
        confidence=1.0 if intent else 0.0,
        entities=entities,
        language=metadata["language"],
        script=metadata["script"],
        region=metadata.get("region"),
        other=metadata.get("other"),
        memory=Memory.from_dict(metadata.get("memory")),
    )
    decision = ACTIONS[BY_INTENT.get(turn.intent, "action_answer")]
    return parse(respond(services, turn, decision))


def _payload(text: str) -> tuple[str, dict[str, list[str]]]:
    """``/handoff{"place": "440300"}`` -> ``("handoff", {"place": ["440300"]})``."""
    intent, brace, rest = text[1:].partition("{")
    entities = json.loads(brace + rest) if brace else {}
    return intent, {name: [str(value)] for name, value in entities.items()}
