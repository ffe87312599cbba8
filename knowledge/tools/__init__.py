"""Answers that are computed from dated tables instead of searched for: visa-free entry, ports, offices, fees."""
