"""Rasa's custom actions: they decide what to say and write nothing; the gateway stores, sends and routes."""
