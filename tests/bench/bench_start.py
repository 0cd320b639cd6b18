"""From process start to rows on the screen, beside kubectl and a bare Textual app in the same run.

    python -m tests.bench.bench_start [--kubeconfig FILE] [--runs 5] [--json]

Without ``--kubeconfig`` it takes K8STUI_TEST_KUBECONFIG, and without that starts the practice cluster with
``--pods N`` more pods. Prints medians over the runs, their spread, and the ratios:

first frame     process start until the tree of categories is on the screen
first rows      until rows of pods are on the screen
complete        until the header says live with the full count
memory          peak resident memory of the app (kubectl: of kubectl)
idle            processor time per second over ten quiet seconds

The bare app is one Static in a Textual App: the least that any Textual program takes.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import k8stui
from tests.bench.pty_run import Run

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("bare app is up")
Bare().run()
"""
LIVE = re.compile(r"● (?:live|最新)")


def kubectl_path() -> str:
    """The kubectl beside this interpreter, else the one on PATH."""
    beside = Path(sys.executable).with_name("kubectl")
    return str(beside) if beside.exists() else "kubectl"


def bare_frame() -> float:
    """Seconds to the first frame of a bare Textual app."""
    run = Run.start([sys.executable, "-c", BARE])
    try:
        if not run.until(lambda text: "bare app is up" in text, 30):
            raise SystemExit("the bare app painted nothing")
        shown = run.first(lambda screen: any("bare app is up" in line for line in screen))
    finally:
        run.stop()
    assert shown is not None
    return shown


def kubectl_get(kubeconfig: str) -> tuple[float, float, int]:
    """Seconds, peak MB and number of pods of ``kubectl get pods -A``."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [kubectl_path(), "--kubeconfig", kubeconfig, "get", "pods", "-A", "--no-headers"], stdout=out
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit("kubectl failed")
        out.seek(0)
        count = sum(chunk.count(b"\n") for chunk in iter(lambda: out.read(1 << 20), b""))
    return seconds, usage.ru_maxrss / 1000, count


def explorer(kubeconfig: str, count: int, *, idle: float) -> dict[str, float]:
    """The figures of one start of the explorer."""
    argv = [sys.executable, "-m", "k8stui", "pods", "-A", "--kubeconfig", kubeconfig, "--lang", "en"]
    full = re.compile(rf"{LIVE.pattern}.*\b{count:,} Pods")
    run = Run.start(argv)
    try:
        complete = run.until(lambda text: LIVE.search(text) is not None and f"{count:,}" in text, 120)
        if not complete:
            print(f"the explorer did not show {count:,} pods", file=sys.stderr)
        settled = time.perf_counter() + 3
        while time.perf_counter() < settled:
            run.pump(0.1)
        peak, _ = run.memory()
        used, begun = run.cpu(), time.perf_counter()
        while time.perf_counter() < begun + idle:
            run.pump(0.5)
        share = (run.cpu() - used) / (time.perf_counter() - begun) if idle else float("nan")
        figures = {
            "first frame": run.first(_any("Workloads APIs")),
            "first rows": run.first(_any("Running")),
            "complete": run.first(lambda screen: any(full.search(line) for line in screen[:2])),
        }
    finally:
        run.stop()
    return {
        **{name: (value if value is not None else float("nan")) for name, value in figures.items()},
        "peak MB": peak,
        "idle core %": share * 100,
    }


def _any(text: str) -> Callable[[list[str]], bool]:
    return lambda screen: any(text in line for line in screen)


def measure(kubeconfig: str, runs: int, idle: float) -> dict[str, list[float]]:
    """All figures, a list per name, taken in turn so that a drifting machine hits all alike."""
    figures: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        figures.setdefault(name, []).append(value)

    # As pip does at installation: an editable checkout may never have been compiled.
    compileall.compile_dir(str(Path(k8stui.__file__).parent), quiet=1)
    kubectl_get(kubeconfig)
    for _ in range(runs):
        note("bare first frame", bare_frame())
        seconds, peak, count = kubectl_get(kubeconfig)
        note("kubectl", seconds)
        note("kubectl peak MB", peak)
        note("pods", count)
        for name, value in explorer(kubeconfig, count, idle=idle).items():
            note(name, value)
    return figures


def report(figures: dict[str, list[float]]) -> None:
    """Medians, spread and ratios."""
    median = {name: statistics.median(values) for name, values in figures.items()}
    print(f"pods: {median['pods']:,.0f}   runs: {len(figures['pods'])}")
    for name, values in figures.items():
        unit = "" if name == "pods" or "MB" in name or "%" in name else " s"
        print(f"  {name:18} {median[name]:10.3f}{unit}   ({min(values):.3f} to {max(values):.3f})")
    for name, over in (
        ("first frame", "bare first frame"),
        ("first rows", "bare first frame"),
        ("complete", "kubectl"),
    ):
        ratios = [a / b for a, b in zip(figures[name], figures[over], strict=True)]
        print(
            f"  {name} / {over}: {statistics.median(ratios):.3f}   ({min(ratios):.3f} to {max(ratios):.3f})"
        )


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kubeconfig", default=os.environ.get("K8STUI_TEST_KUBECONFIG"))
    parser.add_argument("--pods", type=int, default=0, help="more pods in the practice cluster")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--idle", type=float, default=10.0, help="seconds to watch it at rest")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        kubeconfig = arguments.kubeconfig
        if kubeconfig is None:
            kubeconfig = stack.enter_context(practice(arguments.pods))
        figures = measure(kubeconfig, arguments.runs, arguments.idle)
    if arguments.json:
        print(json.dumps(figures))
    else:
        report(figures)


class practice:  # noqa: N801  # reads as a verb where it is used
    """The practice cluster as a process of its own, by default standing still so that counts stay equal."""

    def __init__(self, pods: int, *, moving: bool = False) -> None:
        self._pods = pods
        self._moving = moving

    def __enter__(self) -> str:
        self._folder = tempfile.TemporaryDirectory()
        path = str(Path(self._folder.name) / "kubeconfig")
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "k8stui.practice",
                "--pods",
                str(self._pods),
                "--kubeconfig",
                path,
                *([] if self._moving else ["--still"]),
            ],
            stdout=subprocess.PIPE,
            stdin=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise SystemExit("the practice cluster did not start")
        return path

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()
        self._folder.cleanup()


if __name__ == "__main__":
    main()
