"""Tickets: a human's part of a conversation, from the handoff to its resolution."""
