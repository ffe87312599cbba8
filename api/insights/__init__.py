"""What conversations teach about the knowledge base: questions without an answer, traffic, coverage. Reads only."""
