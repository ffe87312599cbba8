"""Messaging platforms beside the web: who writes to us there, and how what we say reaches them."""
