"""The composition root: arguments, settings, which cluster, which front end.

Results go to stdout, everything else to stderr. Exit status: 0 done, 1 the cluster or a file said no, 2 the
command line makes no sense. Nothing heavy is imported before it is known what is wanted, and nothing that
talks to a cluster before the first frame.
"""

from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from itertools import pairwise

from k8stui.cli import output
from k8stui.cli.options import Options, parse
from k8stui.core.errors import ExplorerError, UsageError
from k8stui.core.lang import Lang
from k8stui.settings import SettingsError


def main(argv: Sequence[str] | None = None) -> int:
    """Run k8stui; the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    output.take_every_character()
    lang = _language(arguments, os.environ)
    try:
        options = parse(arguments, os.environ)
        lang = options.settings.lang
        return _run(options)
    except ExplorerError as error:
        output.complain(error.sentence(lang))
        return 2 if isinstance(error, UsageError | SettingsError) else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        output.drop_stdout()
        return 1


def _language(arguments: Sequence[str], environ: Mapping[str, str]) -> Lang:
    """The language for saying what is wrong with the command line or the settings themselves."""
    flags = [
        value if word == "--lang" else word.removeprefix("--lang=")
        for word, value in pairwise([*arguments, ""])
        if word == "--lang" or word.startswith("--lang=")
    ]
    asked = flags[-1] if flags else environ.get("K8STUI_LANG", "")
    return Lang(asked) if asked in ("en", "ja") else Lang.from_environment(environ)


def _run(options: Options) -> int:
    match options.command:
        case "practice":
            from k8stui.practice.__main__ import main as practice

            return practice(options.rest)
        case "notes":
            from k8stui.cli import notes

            return notes.run(options)
        case "categories" | "explain":
            from k8stui.cli import headless

            return headless.run(options)
        case _:
            return _explore(options)


def _explore(options: Options) -> int:
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        from k8stui.cli.words import NO_TERMINAL

        raise NO_TERMINAL
    if os.environ.get("TERM") == "dumb":
        from k8stui.cli.words import DUMB_TERMINAL

        raise DUMB_TERMINAL
    # Textual reads this once at import; 120 halves the 95th percentile from key to paint against 60.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    # Nothing that start-up makes is garbage; the app lets the collector run again when the rows are there.
    gc.disable()
    from k8stui.cli.practice import PracticeCluster, wanted_for_sure

    practice = PracticeCluster(options.as_user)
    if wanted_for_sure(options, os.environ):
        practice.launch()
    # Who leaves at once leaves work that has not begun; that is no news for the terminal.
    warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
    from k8stui.session.session import Session
    from k8stui.ui.app import StartRequest, run

    session = Session(options.settings, practice, lang=options.settings.lang, environ=os.environ)
    request = StartRequest(
        kind=options.kind or "pods",
        practice=options.practice,
    )
    return run(session, request)
