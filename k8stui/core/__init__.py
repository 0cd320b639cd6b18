"""Values that every room may know: no I/O, nothing third-party."""
