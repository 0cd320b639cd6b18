"""The programs that the images with a shell have."""

from __future__ import annotations

from collections.abc import Mapping

from k8stui.practice.inside.commands import filing, lookup, system, texts, web
from k8stui.practice.inside.commands.base import Context, Program, UsageTrouble

__all__ = ["COMMANDS", "NAMES", "Context", "Program", "UsageTrouble"]

COMMANDS: Mapping[str, Program] = {
    **filing.COMMANDS,
    **texts.COMMANDS,
    **system.COMMANDS,
    **lookup.COMMANDS,
    **web.COMMANDS,
}
"""Every program by its name."""
NAMES = ("sh", "test", "[", *COMMANDS)
"""The names that are in /bin."""
