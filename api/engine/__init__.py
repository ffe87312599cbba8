"""The way to the Rasa engine, and what happens when it does not answer."""
