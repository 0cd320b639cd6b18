"""Kubeconfigs, sessions and command lines for tests of what can be wrong with them."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Lang, Text
from k8stui.practice.cluster import PracticeCluster
from k8stui.session.session import Session
from k8stui.settings import Settings
from tests.driver import Explorer

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_UNWRITTEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class Starter:
    """The practice cluster of the test stands for the built-in one; without any, it cannot be started."""

    def __init__(self, cluster: PracticeCluster | None = None) -> None:
        self._cluster = cluster
        self.starts = 0

    async def start(self) -> Path:
        self.starts += 1
        if self._cluster is None:
            raise ExplorerError(Text("No practice cluster here.", "練習用クラスターはありません。"))
        return self._cluster.kubeconfig

    async def stop(self) -> None:
        return


def session_of(
    kubeconfig: Path | None,
    *,
    lang: Lang = Lang.EN,
    practice: PracticeCluster | None = None,
    environ: Mapping[str, str] | None = None,
    **settings: object,
) -> Session:
    """A session as ``--kubeconfig`` opens it."""
    chosen = Settings(**{"kubeconfig": kubeconfig, "motion": False, "lang": lang, **settings})  # type: ignore[arg-type]
    return Session(chosen, Starter(practice), lang=lang, environ=environ or {"HOME": "/nonexistent"})


async def in_both_languages(it: Explorer, english: str, japanese: str) -> None:
    """The sentence stands where rows would be, and follows the language."""
    squeezed = japanese.replace(" ", "")
    await it.until(lambda: english in " ".join(it.place.split()), f"said {english!r}")
    assert not JAPANESE.search(it.place), it.place
    await it.press("f2")
    await it.until(lambda: squeezed in "".join(it.place.split()), f"said {japanese!r}")
    await it.press("f2")
    assert_harmless(it.text)


def assert_harmless(text: str) -> None:
    """Nothing in the text steers a terminal; line feeds are meant."""
    found = _UNWRITTEN.search(text)
    assert found is None, repr(text[max(0, found.start() - 40) : found.end() + 40]) if found else ""


@dataclass(frozen=True)
class Said:
    """How a command line ended."""

    status: int
    out: str
    err: str


async def k8stui(
    *arguments: str | bytes, home: Path, environ: Mapping[str, str] | None = None, shell: str = ""
) -> Said:
    """Run the program with nothing of this person's; ``shell`` is a redirection such as ``>&-``."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **(environ or {})}
    command = [sys.executable, "-m", "k8stui", *arguments]
    if shell:
        command = ["/bin/sh", "-c", f'"$@" {shell}', "sh", *command]
    process = await asyncio.create_subprocess_exec(
        *command,
        env=clean,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode is not None
    return Said(process.returncode, out.decode(errors="backslashreplace"), err.decode())


def assert_refused(said: Said, *words: str, status: int = 1) -> None:
    """One sentence on standard error, nothing on standard output."""
    assert said.out == ""
    assert said.err.startswith("k8stui: "), said.err
    assert said.err.count("\n") == 1, said.err
    assert said.status == status, said.err
    assert_harmless(said.err)
    squeezed = "".join(said.err.split())
    for word in words:
        assert "".join(word.split()) in squeezed, (word, said.err)
