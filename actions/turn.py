"""One turn as an action sees it: what was said, what the engine understood, and what is remembered."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from rasa_sdk import Tracker

from knowledge.language import Language
from knowledge.text.corrections import denied
from knowledge.text.gazetteer import fold
from knowledge.texts import Script

DIVISION = re.compile(r"\d{6}")  # a code of GB/T 2260
OUTSIDE = ("71", "81", "82")  # Taiwan, Hong Kong and Macao: their codes begin so

ELLIPTICAL = ("inform", "followup", "correct")  # intents that complete or change what was asked before


@dataclass
class Memory:
    """What the dialogue remembers between turns.

    It travels with every message and is kept in the gateway's conversation record, so that an engine can be
    restarted, or replaced by another one, between any two turns.
    """

    question: str | None = None  # the last question that was searched for
    entry: str | None = None  # the last entry that was answered
    business: str | None = None
    topic: str | None = None
    place: str | None = None  # division code
    port: str | None = None
    nationality: str | None = None  # ISO 3166 code
    document: str | None = None
    awaiting: str | None = None  # what was asked back: place (for a handoff), city, nationality, document, port
    pending: str | None = None  # the entry that waits for it
    wish: dict[str, Any] = field(default_factory=dict)  # the handoff that waits for it
    suspended: dict[str, Any] = field(default_factory=dict)  # what was left open when the subject changed
    options: list[str] = field(default_factory=list)  # entries, or businesses, offered by the last reply, in order
    offered: bool = False  # the last reply asked whether a human is wanted
    language: Language | None = None  # asked for in words: the gateway takes it over and forgets it
    misses: int = 0
    trip: dict[str, Any] = field(default_factory=dict)  # the journey that the visa-free check is about

    @classmethod
    def from_dict(cls, data: dict[str, Any] | None) -> Memory:
        """Read it back; what an older version wrote and this one does not know is left out."""
        known = {f.name for f in fields(cls)}
        return cls(**{key: value for key, value in (data or {}).items() if key in known})

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON, empty fields left out."""
        return {key: value for key, value in asdict(self).items() if value not in (None, {}, [], 0)}

    def forget_question(self) -> None:
        """Nothing is awaited any more."""
        self.awaiting, self.pending, self.wish = None, None, {}

    def suspend_question(self, undecided: bool = False) -> None:
        """The visitor asks something else first: what was awaited may still come.

        `undecided`: the last reply offered several answers, and none of them was taken.
        """
        if self.awaiting and self.pending:
            self.suspended = {"awaiting": self.awaiting, "pending": self.pending, "question": self.question or ""}
        elif undecided and self.question:
            self.suspended = {"question": self.question}
        self.forget_question()

    def resume_question(self) -> bool:
        """Back to the question that was left open; false when there is none."""
        if not self.suspended:
            return False
        self.awaiting, self.pending = self.suspended.get("awaiting"), self.suspended.get("pending")
        self.question, self.trip = self.suspended["question"] or None, self.suspended.get("trip", {})
        self.suspended = {}
        return True


@dataclass
class Turn:
    """The visitor's message and its context."""

    text: str
    intent: str
    confidence: float
    entities: dict[str, list[str]]
    language: Language
    script: Script
    region: str | None
    other: str | None
    memory: Memory
    subject: str | None = None  # of a question: clearance, documents, life, service, progress or place
    asked: float = 0.5  # the classifier's share (0..1) for "a question to the knowledge base"; 0.5: it does not know
    offered: bool = field(init=False)  # whether the message before this one asked if a human is wanted
    options: list[str] = field(init=False)  # the entries or businesses that it offered

    def __post_init__(self) -> None:
        """What the last reply offered can be accepted by this message, and by no later one."""
        self.offered, self.memory.offered = self.memory.offered, False
        self.options, self.memory.options = self.memory.options, []

    @classmethod
    def from_tracker(cls, tracker: Tracker) -> Turn:
        """Read the latest message and the gateway's metadata from a Rasa tracker."""
        message = tracker.latest_message or {}
        metadata = message.get("metadata") or {}
        intent = message.get("intent") or {}
        memory = Memory.from_dict(metadata.get("memory"))
        turn = cls(
            text=str(message.get("text") or ""),
            intent=str(intent.get("name") or "nlu_fallback"),
            confidence=float(intent.get("confidence") or 0.0),
            entities=_entities(message.get("entities") or [], fold(str(message.get("text") or ""))),
            language=metadata.get("language") or "zh",
            script=metadata.get("script") or "hans",
            region=metadata.get("region"),
            other=metadata.get("other"),
            memory=memory,
            subject=message.get("subject"),
            asked=_asked(message.get("intent_ranking") or []),
        )
        turn._remember()
        return turn

    def entity(self, name: str) -> str | None:
        """The only value of an entity; ``None`` when there is none or it is ambiguous."""
        values = self.entities.get(name, [])
        return values[0] if len(values) == 1 else None

    @property
    def area(self) -> str | None:
        """The mainland division that counts for local practice: named just now, told before, or chosen."""
        named = [
            code for code in self.entities.get("place", []) if DIVISION.fullmatch(code) and code[:2] not in OUTSIDE
        ]
        return named[0] if len(named) == 1 else self.memory.place or self.region

    def _remember(self) -> None:
        for name in ("port", "nationality", "document"):
            if value := self.entity(name):
                setattr(self.memory, name, value)
        place = self.entity("place")
        # "Do I need a permit for Tibet?" does not say that the visitor is there; a place alone does. The button of
        # those who cannot tell sends no division.
        if (
            place
            and DIVISION.fullmatch(place)
            and (self.intent in ("inform", "correct") or self.memory.awaiting in ("place", "city"))
        ):
            self.memory.place = place


def _asked(ranking: list[dict[str, Any]]) -> float:
    return next((float(one["confidence"]) for one in ranking if one["name"] == "ask"), 0.0) if ranking else 0.5


def _entities(found: list[dict[str, Any]], folded: str) -> dict[str, list[str]]:
    """Entity values by name, in the order said; several candidates of one ambiguous name all count.

    香港人 says who somebody is, not where; of 不是深圳，是珠海 only the second counts.
    """
    values: dict[str, list[str]] = {}
    for entity in found:
        if entity.get("role") == "person" or denied(folded, int(entity.get("start") or 0)):
            continue
        value = entity.get("value")
        listed = value if isinstance(value, list) else [value]
        for item in listed:
            if item is not None and str(item) not in values.setdefault(entity["entity"], []):
                values[entity["entity"]].append(str(item))
    return values
