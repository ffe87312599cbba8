"""Who owns a conversation: one table of allowed moves, everything else is refused."""

from __future__ import annotations

from api.conversations.models import Conversation
from api.problems import Problem

MOVES: dict[str, frozenset[str]] = {
    "bot": frozenset({"queue", "seat", "closed"}),
    "queue": frozenset({"seat", "bot", "closed"}),
    "seat": frozenset({"queue", "bot", "closed"}),
    "closed": frozenset(),
}


def move(conversation: Conversation, to: str) -> None:
    """Give a locked conversation another owner.

    Raises:
        Problem: 409 when that move is not allowed.
    """
    if to not in MOVES[conversation.owner]:
        raise Problem(409, "not-allowed-now", f"a conversation with owner {conversation.owner} cannot go to {to}")
    conversation.owner = to
