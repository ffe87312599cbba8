"""The gateway: owns conversations, messages and tickets, and speaks to visitors, seats and the engine."""
