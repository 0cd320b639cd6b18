"""What leaves a script before its end."""

from __future__ import annotations


class Leave(Exception):
    """``exit``."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status & 255


class Jump(Exception):
    """``break`` and ``continue``, out of so many loops."""

    def __init__(self, loops: int, *, again: bool) -> None:
        super().__init__()
        self._loops = loops
        self._again = again

    def over(self, *, here: bool) -> bool:
        """Whether the loop that has caught it is over; one further out gets it if it is meant.

        Raises:
            Jump: an outer loop is meant.
        """
        self._loops -= here
        if self._loops > 0:
            raise self
        return not self._again
