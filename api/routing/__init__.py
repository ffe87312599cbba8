"""Routing: who answers whom, by one rule file (``data/routing.yaml``) for the phone line and for chat."""
