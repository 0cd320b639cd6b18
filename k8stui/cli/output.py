"""The two standard streams, which may be closed, full, gone, or in an encoding that lacks half the words."""

from __future__ import annotations

import io
import os
import sys

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Text
from k8stui.core.text import clean


class OutputError(ExplorerError):
    """Standard output takes nothing."""

    title = Text("No output", "出力できません")


def take_every_character() -> None:
    """Let both streams escape what their encoding lacks (``backslashreplace``) instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def put(text: str) -> None:
    """Write a result to standard output, to its last character.

    Raises:
        OutputError: it is closed, or what stands behind it is full.
        BrokenPipeError: whoever read it has gone.
    """
    if sys.stdout is None:
        raise _cannot(Text("it is closed", "閉じられています"))
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        drop_stdout()
        raise _cannot(Text.same(error.strerror or type(error).__name__)) from None


def complain(words: str) -> None:
    """Write one sentence to standard error, if there is one."""
    if sys.stderr is not None:
        try:
            print(f"k8stui: {clean(words)}", file=sys.stderr)
        except OSError:  # nobody can be told
            return


def drop_stdout() -> None:
    """Let what is still buffered go nowhere: the interpreter must not fail when it flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _cannot(why: Text) -> OutputError:
    return OutputError(
        Text(
            "The result could not be written to standard output: {why}.",
            "結果を標準出力に書き込めませんでした（{why}）。",
        ).format(why=why),
        Text("Write it to another place.", "出力先を変えてお試しください。"),
    )
