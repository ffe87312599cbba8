"""Seats: the people who answer, and their sessions."""
