"""The pages, by what they are made from; each function gives one page for one request."""
