"""What the service knows and how it is found: language, text, entries, index, search, evaluation.

A library without a server, a database or a clock of its own: callers hand in dates, folders and encoders,
so the same code runs in the gateway, in the engine's older environment and in a test.
"""
