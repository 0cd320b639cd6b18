"""A small POSIX shell in memory."""
