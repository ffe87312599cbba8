"""Computed answers for everybody: the visa-free check, ports, offices, fees."""
