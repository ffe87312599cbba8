"""The knowledge base's records: every version of every entry, and the index that follows them."""
