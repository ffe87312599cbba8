"""Partners: organisations whose systems call ours, each call signed with a shared secret."""
