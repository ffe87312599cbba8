"""Rasa components of the engine: what a message is, before an action decides what to say."""
