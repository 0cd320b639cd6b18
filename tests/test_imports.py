"""What may be imported when: the first frame waits for nothing that only a connection needs."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

AT_FIRST_PAINT = """
import sys
from pathlib import Path
from k8stui.cli import main
from k8stui.cli.practice import PracticeCluster
from k8stui.core.lang import Lang
from k8stui.session.session import Session
from k8stui.settings import Settings
from k8stui.ui.app import ExplorerApp, StartRequest

painted = []

def note_modules(app):
    painted[:] = painted or sorted({name.partition(".")[0] for name in sys.modules})
    app.exit()

ExplorerApp.post_display_hook = note_modules
session = Session(Settings(kubeconfig=Path(sys.argv[1])), PracticeCluster(), lang=Lang.EN, environ={})
app = ExplorerApp(session, StartRequest(), log=Path(sys.argv[1]).with_suffix(".log"))
app.run()
Path(sys.argv[2]).write_text("\\n".join(painted))
sys.exit(app.return_code)
"""
HEAVY = {"aiohttp", "kubernetes", "yaml", "cel", "cryptography", "msgspec", "requests", "pydantic"}


def run(folder: Path, code: str, *arguments: str) -> list[str]:
    script = folder / "script.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, str(script), *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def in_a_terminal(argv: list[str]) -> int:
    """Run a program in a pseudo-terminal; its exit status."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(argv[0], argv, {**os.environ, "TERM": "xterm-256color"})
    while True:
        try:
            if not os.read(terminal, 1 << 16):
                break
        except OSError:  # Linux: the other end has been closed
            break
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a pseudo-terminal")
def test_nothing_heavy_is_imported_before_the_first_frame(tmp_path: Path) -> None:
    script, told = tmp_path / "script.py", tmp_path / "painted"
    script.write_text(AT_FIRST_PAINT)
    assert in_a_terminal([sys.executable, str(script), str(tmp_path / "kubeconfig"), str(told)]) == 0
    painted = told.read_text().split()
    assert "textual" in painted
    assert HEAVY.isdisjoint(painted)


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("k8stui.core.units", {"textual", "rich", "msgspec", "yaml", *HEAVY}),
        ("k8stui.catalog", {"textual", "rich", *HEAVY}),
        ("k8stui.notes", {"textual", "rich", *HEAVY}),
        ("k8stui.session.session", {"textual", "rich", *HEAVY}),
        ("k8stui.cli", {"textual", "rich", *HEAVY}),
        ("k8stui.practice.process", {"textual", "rich", *HEAVY}),
    ],
)
def test_a_room_brings_no_more_than_it_needs(module: str, unwanted: set[str], tmp_path: Path) -> None:
    loaded = run(tmp_path, f"import sys, {module}\nfor name in sys.modules: print(name.partition('.')[0])")
    assert unwanted.isdisjoint(loaded)
