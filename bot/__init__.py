"""The engine: a Rasa project in an environment of its own. It understands a message; the actions answer it."""
