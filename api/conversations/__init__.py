"""Conversations: what a visitor says, what comes back, and who owns the talk (bot, queue, seat, closed)."""
