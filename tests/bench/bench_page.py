"""How fast an object's page is, beside kubectl and a bare Textual app in the same run.

    python -m tests.bench.bench_page [--kubeconfig FILE] [--runs 7] [--seconds 15] [--json]

Without ``--kubeconfig`` it takes K8STUI_TEST_KUBECONFIG, and without that starts the practice cluster. In a
namespace of its own it makes a Deployment of 500 Pods and a ConfigMap of 5,000 lines, and deletes it after.
It prints medians in milliseconds and the limits they are held against (exit status 1 when one is not kept):

open KIND tab       from the object's arrival until it is painted in that tab: 100; 150 for the long YAML
described           the same until all that stands beside it has been read and painted (no limit)
relations           from the object's arrival until its relations are painted: 300, in at most 12 requests
unfold              from the key until the 500 Pods of its ReplicaSet have been read and painted (no limit)
key to paint        in a terminal, from a cursor key in the long YAML to the first output: 95th percentile 16
kubectl ...         the command that shows the same, as a process; a bare app's key beside ours
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import ExitStack, aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("TEXTUAL_FPS", "120")

import msgspec
from textual import events

from k8stui.core.lang import Lang
from k8stui.core.refs import ObjectRef, Scope
from k8stui.session.page import ObjectState
from k8stui.session.session import Session
from k8stui.settings import Settings
from k8stui.ui.app import ExplorerApp, StartRequest
from k8stui.ui.screens.page import PageScreen
from tests.bench.bench_keys import drain
from tests.bench.bench_start import kubectl_path, practice
from tests.bench.pty_run import Run

SPACE = f"bench-page-{os.getpid()}"
PODS = 500
LINES = 5_000
OPEN_MS, LONG_MS, RELATIONS_MS, KEY_MS, REQUESTS = 100.0, 150.0, 300.0, 16.0, 12
BARE = """
from textual.app import App
from textual.widgets import DataTable
class Lines(DataTable):
    BINDINGS = [("j", "cursor_down"), ("k", "cursor_up")]
class Bare(App):
    CSS = "DataTable > .datatable--cursor { background: #123456; }"
    def compose(self):
        yield Lines(cursor_type="row", show_header=False)
    def on_mount(self):
        table = self.query_one(DataTable)
        table.focus()
        table.add_column("", width=150)
        for n in range(5000):
            table.add_row(f"line {n:04}")
Bare().run()
"""


class NoStarter:
    """The cluster of the bench is started by it."""

    async def start(self) -> Path:
        raise NotImplementedError

    async def stop(self) -> None:
        return


class BenchApp(ExplorerApp):
    """The explorer, and a way to wait until something is painted."""

    def __init__(self, session: Session, log: Path) -> None:
        super().__init__(session, StartRequest("namespaces"), log=log)
        self._wanted: Callable[[str], bool] | None = None
        self._painted = asyncio.Event()
        self.painted_at = 0.0
        self.arrived_at = 0.0
        self.requests = 0
        states = session.object_states

        async def told(ref: ObjectRef) -> AsyncGenerator[ObjectState, None]:
            async with aclosing(states(ref)) as steps:
                async for state in steps:
                    if state.obj is not None and not self.arrived_at:
                        self.arrived_at = time.perf_counter()
                    yield state

        session.object_states = told  # type: ignore[method-assign]

    def count_requests(self) -> None:
        """Count what is asked of the server from now on."""
        transport = self.session.client.transport
        ask = transport.request

        async def counted(*words: Any, **more: Any) -> Any:
            self.requests += 1
            return await ask(*words, **more)

        transport.request = counted  # type: ignore[method-assign]

    def post_display_hook(self) -> None:
        """Look at what has been painted."""
        if self._wanted is not None:
            now = time.perf_counter()
            if self.arrived_at and self._wanted(
                "\n".join(strip.text for strip in self.screen._compositor.render_strips())
            ):
                self.painted_at, self._wanted = now, None
                self._painted.set()

    async def painted(self, wanted: Callable[[str], bool]) -> float:
        """Wait until the screen is as wanted; when it was."""
        self._painted.clear()
        self._wanted = wanted
        self.screen.refresh()
        await asyncio.wait_for(self._painted.wait(), 60)
        return self.painted_at


Figures = dict[str, list[float]]


async def opened(app: BenchApp, ref: ObjectRef, tab: str, wanted: Callable[[str], bool]) -> float:
    """Open the page of an object at a tab; milliseconds from its arrival until it is painted."""
    app.arrived_at, app.requests = 0.0, 0
    app._painted.clear()
    app._wanted = wanted
    app.push_screen(PageScreen(app.session, ref, tab))
    await asyncio.wait_for(app._painted.wait(), 60)
    return (app.painted_at - app.arrived_at) * 1000


async def closed(app: BenchApp) -> None:
    """Go back to the explorer, and wait until nothing moves."""
    app.screen.dismiss(None)
    while isinstance(app.screen, PageScreen):  # noqa: ASYNC110  # no event tells of it
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)


async def pages(app: BenchApp, refs: Mapping[str, ObjectRef], runs: int, found: Figures) -> None:
    """Each kind's page at each tab that is drawn from the object alone."""
    marks = {"note": "◆", "page.yaml": "apiVersion: ", "page.describe": "Identity"}
    titles = {"note": "note", "page.yaml": "YAML", "page.describe": "description"}
    for name, ref in refs.items():
        for tab, mark in marks.items():
            if name == "long ConfigMap" and tab != "page.yaml":
                continue
            if tab == "note":
                mark = ref.name
            for _ in range(runs):
                took = await opened(app, ref, tab, lambda text, mark=mark: mark in text)  # type: ignore[misc]
                found.setdefault(f"open {name} {titles[tab]}", []).append(took)
                if tab == "page.describe":
                    done = await app.painted(lambda text: "◌ Reading" not in text and "reading" not in text)
                    found.setdefault(f"described {name}", []).append((done - app.arrived_at) * 1000)
                await closed(app)


async def relations(app: BenchApp, ref: ObjectRef, runs: int, found: Figures) -> None:
    """The relations of the Deployment, and the Pods of its ReplicaSet."""
    for _ in range(runs):
        took = await opened(app, ref, "page.relations", lambda text: "Owns ReplicaSets" in text)
        found.setdefault("relations", []).append(took)
        await asyncio.sleep(0.5)
        found.setdefault("relations, requests", []).append(app.requests)
        begun = time.perf_counter()
        app.post_message(events.Key("right", None))
        done = await app.painted(lambda text: "Owns Pods" in text)
        found.setdefault("unfold 500 Pods", []).append((done - begun) * 1000)
        await closed(app)


def kubectl(kubeconfig: str, runs: int, found: Figures) -> None:
    """What kubectl takes for the same."""
    for name, words in (
        ("kubectl describe deployment", ["describe", "deployment", "web", "-n", SPACE]),
        ("kubectl get -o yaml, long", ["get", "configmap", "long", "-n", SPACE, "-o", "yaml"]),
    ):
        for _ in range(max(3, runs // 2)):
            begun = time.perf_counter()
            command = [kubectl_path(), "--kubeconfig", kubeconfig, *words]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            found.setdefault(name, []).append((time.perf_counter() - begun) * 1000)


def keys(kubeconfig: str, seconds: float, found: Figures) -> None:
    """Cursor keys in the long YAML, and in a bare app of as many lines."""
    for name, argv in (
        (
            "key to paint",
            ["-m", "k8stui", "configmaps", "-n", SPACE, "--kubeconfig", kubeconfig, "--lang", "en"],
        ),
        ("key to paint, bare app", ["-c", BARE]),
    ):
        run = Run.start([sys.executable, *argv], env={"TEXTUAL_FPS": "120"})
        try:
            if name == "key to paint":
                reach(run, "live")
                run.send(b"/long\r")
                drain(run, time.perf_counter() + 1)
                run.send(b"y")
                reach(run, "key-0003")
            else:
                reach(run, "line 0010")
            drain(run, time.perf_counter() + 2)
            found[name] = answered(run, seconds)
        finally:
            run.stop()


def answered(run: Run, seconds: float) -> list[float]:
    """Milliseconds from each key until the first output after it; keys come when all is quiet."""
    for _ in range(5):
        run.send(b"\x1b[6~")
        drain(run, time.perf_counter() + 0.3)
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        run.chunks.clear()
        key = time.perf_counter()
        run.send(b"j" if len(times) % 20 < 15 else b"k")
        drain(run, key + 0.4)
        times += [(at - key) * 1000 for at, _ in run.chunks[:1]]
    return times


def reach(run: Run, text: str) -> None:
    """Wait until a text is on the screen."""
    if not run.until(lambda seen: text in seen, 120):
        raise SystemExit(f"never saw {text!r}")


async def make(session: Session) -> dict[str, ObjectRef]:
    """Make the objects; those whose pages are opened."""
    kinds = {kind.name: kind for kind in session.kinds}

    async def create(plural: str, body: dict[str, Any], space: str = SPACE) -> None:
        kind = kinds[plural]
        body = {"apiVersion": kind.api_version, "kind": kind.kind, **body}
        await session.client.transport.request(
            "POST", kind.path(space if kind.namespaced else ""), body=msgspec.json.encode(body)
        )

    await create("namespaces", {"metadata": {"name": SPACE}})
    data = {f"key-{n:04}": f"value of line {n}" for n in range(LINES)}
    await create("configmaps", {"metadata": {"name": "long"}, "data": data})
    await create(
        "services",
        {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}},
    )
    container = {"name": "web", "image": "nginx:1.29", "envFrom": [{"configMapRef": {"name": "long"}}]}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    selector = {"matchLabels": {"app": "web"}}
    await create(
        "deployments.apps",
        {"metadata": {"name": "web"}, "spec": {"replicas": PODS, "selector": selector, "template": template}},
    )
    pods: list[Any] = []
    end = time.monotonic() + 180
    while len(pods) < PODS:
        if time.monotonic() > end:
            raise SystemExit(f"only {len(pods)} Pods were made")
        await asyncio.sleep(1)
        pods = await session.client.list(kinds["pods"], Scope.of(SPACE))
    nodes = await session.client.list(kinds["nodes"], Scope.all())
    return {
        "Pod": ObjectRef(kinds["pods"], SPACE, pods[0]["metadata"]["name"]),
        "Deployment": ObjectRef(kinds["deployments.apps"], SPACE, "web"),
        "Service": ObjectRef(kinds["services"], SPACE, "web"),
        "Node": ObjectRef(kinds["nodes"], "", nodes[-1]["metadata"]["name"]),
        "long ConfigMap": ObjectRef(kinds["configmaps"], SPACE, "long"),
    }


@asynccontextmanager
async def session_at(kubeconfig: str) -> AsyncIterator[Session]:
    """A session of its own."""
    session = Session(Settings(kubeconfig=Path(kubeconfig)), NoStarter(), lang=Lang.EN, environ={})
    await session.start()
    try:
        await session.discover()
        yield session
    finally:
        await session.close()


async def measure(kubeconfig: str, runs: int, seconds: float) -> Figures:
    """Everything."""
    found: Figures = {}
    async with session_at(kubeconfig) as maker:
        try:
            refs = await make(maker)
            with tempfile.TemporaryDirectory() as directory:
                session = Session(
                    Settings(kubeconfig=Path(kubeconfig)), NoStarter(), lang=Lang.EN, environ={}
                )
                app = BenchApp(session, Path(directory) / "log")
                async with app.run_test(size=(160, 48)):
                    while not session.discovered:  # noqa: ASYNC110
                        await asyncio.sleep(0.1)
                    await asyncio.sleep(2)
                    app.count_requests()
                    await pages(app, refs, runs, found)
                    await relations(app, refs["Deployment"], runs, found)
            kubectl(kubeconfig, runs, found)
            keys(kubeconfig, seconds, found)
        finally:
            namespaces = next(kind for kind in maker.kinds if kind.name == "namespaces")
            await maker.client.transport.request("DELETE", namespaces.path("") + f"/{SPACE}")
    return found


def limit_of(name: str) -> float | None:
    """What a figure is held against."""
    if name.startswith("open long"):
        return LONG_MS
    if name.startswith("open "):
        return OPEN_MS
    return {"relations": RELATIONS_MS, "relations, requests": REQUESTS, "key to paint": KEY_MS}.get(name)


def value_of(name: str, times: list[float]) -> float:
    """The median; of keys the 95th percentile."""
    return statistics.quantiles(times, n=20)[18] if name.startswith("key ") else statistics.median(times)


def main() -> int:
    """Measure and print; 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kubeconfig", default=os.environ.get("K8STUI_TEST_KUBECONFIG"))
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        kubeconfig = chosen.kubeconfig or stack.enter_context(practice(0, moving=True))
        found = asyncio.run(measure(kubeconfig, chosen.runs, chosen.seconds))
    values = {name: value_of(name, times) for name, times in found.items()}
    if chosen.json:
        print(json.dumps(values, indent=2))
    else:
        for name, value in values.items():
            limit = limit_of(name)
            spread = f"{min(found[name]):7.1f} … {max(found[name]):.1f}"
            print(f"{name:<32}{value:8.1f}  {f'of {limit:.0f}' if limit else '':<8}{spread}")
    return int(any((limit := limit_of(name)) is not None and value > limit for name, value in values.items()))


if __name__ == "__main__":
    sys.exit(main())
