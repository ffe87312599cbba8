"""What an action says: typed replies, sent as one Rasa custom payload a turn."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from knowledge.language import Language

Kind = Literal["greeting", "chitchat", "notice", "answer", "clarify", "handoff", "decline"]


@dataclass(frozen=True)
class Choice:
    """A button: what it says, and the payload it sends (``/intent{"entity": "value"}``)."""

    label: str
    payload: str


@dataclass(frozen=True)
class HandoffWish:
    """What an action knows about a wanted human; the gateway asks for the rest, routes and opens the ticket."""

    business: str | None = None
    place: str | None = None
    unit: str | None = None  # the visitor accepted this unit instead (overflow)
    urgent: bool = False
    why: str = "asked"


@dataclass(frozen=True)
class Reply:
    """One message to the visitor; fields as in the public Message, ``handoff`` for the gateway alone."""

    kind: Kind
    text: str
    language: Language
    entry: dict[str, Any] | None = None
    sources: list[dict[str, Any]] = field(default_factory=list)
    more: str | None = None  # the answer's second part, folded until asked for
    valid_to: str | None = None
    region: str | None = None
    choices: tuple[Choice, ...] = ()
    confidence: float | None = None
    handoff: HandoffWish | None = None

    def to_payload(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)
