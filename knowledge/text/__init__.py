"""Text as the machines read it: normalised, masked, cut into tokens. People always see the original."""
