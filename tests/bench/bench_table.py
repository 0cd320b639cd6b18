"""How fast the live table is: against Textual's DataTable, and from key to screen in a real terminal.

    python tests/bench/bench_table.py            everything
    python tests/bench/bench_table.py compare    against DataTable in one process: medians, ratios
    python tests/bench/bench_table.py latency    keys, events and idling in a pseudo-terminal

There is no server in it: rows are made here.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

os.environ.setdefault("TEXTUAL_FPS", "120")
sys.path.insert(0, str(Path(__file__).parents[2]))

from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import DataTable

from k8stui.core.rows import Column, Row, RowDelta
from k8stui.ui.widgets.resource_table import ResourceTable
from tests.bench.terminal import Terminal

TITLES = ("Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated", "Gates")
COLUMNS = tuple(Column(title, format="name" if title == "Name" else "") for title in TITLES)
STATES = ("Running", "Running", "Running", "Pending", "Completed", "CrashLoopBackOff")
CURSOR = "#123456"
CURSOR_CODE = rb"48;2;18;52;86m"


def name_of(i: int) -> str:
    """The name of row number i."""
    return f"pod-{i:06d}"


def cells_of(i: int, restarts: int = 0, ip: str = "10.244.0.1", age: str = "") -> tuple[str, ...]:
    """The cells of row number i."""
    age = age or f"{i % 90 + 10}d"
    return (name_of(i), "1/1", STATES[i % 6], str(restarts), age, ip, f"node-{i % 20}", "<none>", "<none>")


def row_of(i: int, restarts: int = 0, ip: str = "10.244.0.1", age: str = "") -> Row:
    """Row number i."""
    return Row(("", name_of(i)), cells_of(i, restarts, ip, age), time.time())


class BenchApp(App[None]):
    """One table, and a way to wait until something is painted."""

    CSS = f".table--cursor {{ background: {CURSOR}; }}"

    def __init__(self, table: Widget) -> None:
        super().__init__()
        self.table = table
        self._wanted: Callable[[list[str]], bool] | None = None
        self._painted = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Only the table."""
        yield self.table

    def on_mount(self) -> None:
        """Keys go to the table."""
        self.table.focus()

    def post_display_hook(self) -> None:
        """Look at what has been painted."""
        if self._wanted is not None:
            lines = [strip.text for strip in self.screen._compositor.render_strips()]
            if self._wanted(lines):
                self._wanted = None
                self._painted.set()

    async def painted(self, wanted: Callable[[list[str]], bool], act: Callable[[], object]) -> float:
        """Milliseconds from an act until the screen's lines are as wanted."""
        self._painted.clear()
        start = time.perf_counter()
        act()
        self._wanted = wanted
        await asyncio.wait_for(self._painted.wait(), 120)
        return (time.perf_counter() - start) * 1_000


# ResourceTable and DataTable side by side


async def with_resource_table(count: int) -> dict[str, list[float]]:
    """Times of the live table, in milliseconds."""
    table = ResourceTable()
    app, results = BenchApp(table), {}
    async with app.run_test(size=(160, 50)):
        table.set_columns(COLUMNS, namespaced=False)
        rows = [row_of(i) for i in range(count)]

        def update(numbers: list[int], value: int) -> Callable[[], None]:
            return lambda: table.apply(RowDelta(put=[row_of(i, value) for i in numbers]))

        results["add all rows, painted"] = [
            await app.painted(lambda lines: name_of(40) in lines[41], lambda: table.apply(RowDelta(put=rows)))
        ]
        results |= await common(app, count, lambda: table.action_page(1), lambda: table.action_top(), update)

        def remove(n: int) -> Callable[[], None]:
            def act() -> None:
                table.apply(RowDelta(drop=[("", name_of(199 + n))]))
                table.move_to(("", name_of(200 + n)))

            return act

        results["remove one row, painted"] = await repeat(
            5,
            lambda n: app.painted(lambda lines: any(name_of(200 + n) in line for line in lines), remove(n)),
        )
    return results


async def with_data_table(count: int) -> dict[str, list[float]]:
    """Times of Textual's own table, in milliseconds."""
    table: DataTable[str] = DataTable(cursor_type="row")
    app, results = BenchApp(table), {}
    async with app.run_test(size=(160, 50)):
        keys = table.add_columns(*TITLES)

        def add() -> None:
            for i in range(count):
                table.add_row(*cells_of(i), key=name_of(i))

        def update(numbers: list[int], value: int) -> Callable[[], None]:
            def act() -> None:
                for i in numbers:
                    table.update_cell(name_of(i), keys[3], str(value))

            return act

        def remove(n: int) -> Callable[[], None]:
            def act() -> None:
                table.remove_row(name_of(199 + n))
                table.move_cursor(row=199)

            return act

        results["add all rows, painted"] = [await app.painted(lambda lines: name_of(40) in lines[41], add)]
        results |= await common(
            app, count, table.action_page_down, lambda: table.move_cursor(row=0, animate=False), update
        )
        results["remove one row, painted"] = await repeat(
            5,
            lambda n: app.painted(lambda lines: any(name_of(200 + n) in line for line in lines), remove(n)),
        )
    return results


async def common(
    app: BenchApp,
    count: int,
    page_down: Callable[[], object],
    top: Callable[[], object],
    update: Callable[[list[int], int], Callable[[], None]],
) -> dict[str, list[float]]:
    """What both tables are asked to do."""
    results: dict[str, list[float]] = {}

    async def visible(n: int, rows: int) -> float:
        value = 1_000 + n
        act = update(list(range(1, rows + 1)), value)
        return await app.painted(lambda lines: str(value) in lines[rows + 1], act)

    results["1 visible cell, painted"] = await repeat(15, lambda n: visible(n, 1))
    results["45 visible rows, painted"] = await repeat(15, lambda n: visible(100 + n, 45))
    rng = random.Random(1)

    async def anywhere(n: int) -> float:
        value = 3_000 + n
        numbers = [1, *rng.sample(range(2, count), 49)]
        return await app.painted(lambda lines: str(value) in lines[2], update(numbers, value))

    results["50 cells anywhere, painted"] = await repeat(15, anywhere)

    async def page(n: int) -> float:
        known = list(strip.text for strip in app.screen._compositor.render_strips())
        return await app.painted(lambda lines: lines[5] != known[5], page_down)

    page_down()
    await asyncio.sleep(0.3)
    results["page down, painted"] = await repeat(15, page)
    top()
    await asyncio.sleep(0.3)
    return results


async def repeat(times: int, measure: Callable[[int], Awaitable[float]]) -> list[float]:
    """The same measurement several times, with quiet between."""
    results = []
    for n in range(times):
        results.append(await measure(n))
        await asyncio.sleep(0.12)
    return results


def compare() -> None:
    """Print medians and ratios."""
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    print(f"{'milliseconds, median':32}{'rows':>7}{'DataTable':>11}{'ResourceTable':>15}{'ratio':>8}")
    for count in (1_000, 10_000):
        theirs = asyncio.run(with_data_table(count))
        ours = asyncio.run(with_resource_table(count))
        for what, times in ours.items():
            their, our = statistics.median(theirs[what]), statistics.median(times)
            print(f"{what:32}{count:>7}{their:>11.1f}{our:>15.1f}{their / our:>7.1f}x", flush=True)


# In a terminal


class LoadApp(BenchApp):
    """A table whose rows keep changing, and a log of when the marked ones were applied."""

    def __init__(self, table: ResourceTable, count: int, rate: int, log: Path, age: str = "") -> None:
        super().__init__(table)
        self.age = age
        self.resource_table = table
        self.count, self.rate, self.log_path = count, rate, log

    def on_ready(self) -> None:
        """Fill the table; begin."""
        self.resource_table.set_columns(COLUMNS, namespaced=False)
        self.resource_table.apply(RowDelta(put=[row_of(i, age=self.age) for i in range(self.count)]))
        self.resource_table.live = True
        gc.collect()
        gc.freeze()
        if self.rate:
            self.run_worker(self.change(), group="load")

    async def change(self) -> None:
        """Changes at the rate, thirty batches a second: half of them visible, one in 25 comes or goes."""
        rng, owed, serial = random.Random(2), 0.0, 0
        last = time.monotonic()
        with self.log_path.open("w", buffering=1) as log:
            while True:
                await asyncio.sleep(1 / 30)
                now = time.monotonic()
                owed, last = owed + (now - last) * self.rate, now
                if owed < 1:
                    continue
                put, drop = [], []
                for _ in range(int(owed)):
                    i = rng.randrange(6, 45) if rng.random() < 0.5 else rng.randrange(60, self.count)
                    if i >= 60 and rng.random() < 0.08:
                        drop.append(("", name_of(i)))
                    else:
                        put.append(row_of(i, rng.randrange(100)))
                owed -= int(owed)
                serial += 1
                put.append(row_of(2, ip=f"e{serial:06d}"))
                dropped = set(drop)
                put = [row for row in {row.key: row for row in put}.values() if row.key not in dropped]
                log.write(f"{serial} {time.monotonic()}\n")
                self.resource_table.apply(RowDelta(put=put, drop=drop))


def percentile(values: list[float], part: float) -> float:
    """The value below which so much of the values is."""
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))]


def keys_and_events(count: int, rate: int, keys: int) -> None:
    """Print how long keys and events take to the screen."""
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory) / "log"
        serve = ["serve", str(count), str(rate), str(log)]
        terminal = Terminal([sys.executable, __file__, *serve])
        try:
            terminal.wait(rb"pod-000010", seconds=60)
            terminal.read_for(2.0)
            rng, times = random.Random(3), []
            cpu, began, begun_at = terminal.cpu_seconds(), time.monotonic(), len(terminal.output)
            for n in range(keys):
                terminal.read_for(rng.uniform(0.08, 0.2))
                down = n // 20 % 2 == 0
                place = n % 20 + 1 if down else 19 - n % 20
                start = len(terminal.output)
                pressed = terminal.send(b"j" if down else b"k")
                pattern = CURSOR_CODE + rb"[^\x1b]*" + name_of(place).encode()
                times.append((terminal.wait(pattern, start=start) - pressed) * 1_000)
            seconds = time.monotonic() - began
            load = (terminal.cpu_seconds() - cpu) / seconds * 100
            rate_out = (len(terminal.output) - begun_at) / seconds / 1_024
            events = event_times(terminal, log.read_text(), began) if rate else []
        finally:
            terminal.close()
    line = f"{count:>7} rows {rate:>5}/s  key p50 {percentile(times, 0.5):5.1f}"
    line += f" p95 {percentile(times, 0.95):5.1f}"
    line += f" max {max(times):5.1f} ms  cpu {load:4.1f} %  {rate_out:5.0f} KB/s"
    line += f"  (load of the machine {os.getloadavg()[0]:.1f})"
    if events:
        line += f"  event p50 {percentile(events, 0.5):5.1f} p95 {percentile(events, 0.95):5.1f} ms"
        line += f" ({len(events)} events)"
    print(line, flush=True)


def event_times(terminal: Terminal, log: str, since: float) -> list[float]:
    """Milliseconds from applying an event until a picture with it, or with a later one, has arrived."""
    output = bytes(terminal.output)
    arrivals: list[tuple[int, float]] = []
    at = 0
    while (at := output.find(b"e0", at)) >= 0:
        digits = output[at + 1 : at + 7]
        if len(digits) == 6 and digits.isdigit():
            arrivals.append((int(digits), terminal.arrival(at + 7)))
        at += 2
    times, place = [], 0
    for line in log.splitlines()[:-2]:
        serial, applied = line.split()
        while place < len(arrivals) and arrivals[place][0] < int(serial):
            place += 1
        if place == len(arrivals):
            break
        if float(applied) > since:
            times.append((arrivals[place][1] - float(applied)) * 1_000)
    return times


def idle(count: int, age: str) -> None:
    """Print what doing nothing costs, when every row is so old."""
    with tempfile.TemporaryDirectory() as directory:
        serve = ["serve", str(count), "0", str(Path(directory) / "log"), age]
        terminal = Terminal([sys.executable, __file__, *serve])
        try:
            terminal.wait(rb"pod-000010", seconds=60)
            terminal.read_for(3.0)
            cpu, at = terminal.cpu_seconds(), len(terminal.output)
            terminal.read_for(20.0)
            load = (terminal.cpu_seconds() - cpu) / 20 * 100
            written = len(terminal.output) - at
            print(f"{count:>7} rows of {age:4} idle for 20 s: cpu {load:.2f} % of a core, {written} bytes")
        finally:
            terminal.close()


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", default="all", choices=["all", "compare", "latency", "serve"])
    parser.add_argument("rest", nargs="*")
    parser.add_argument("--keys", type=int, default=80)
    arguments = parser.parse_args()
    if arguments.what == "serve":
        count, rate, log, *age = arguments.rest
        LoadApp(ResourceTable(), int(count), int(rate), Path(log), *age).run()
        return
    if arguments.what in ("all", "compare"):
        compare()
    if arguments.what in ("all", "latency"):
        for rate in (0, 180, 1_000):
            keys_and_events(10_000, rate, arguments.keys)
        keys_and_events(100_000, 1_000, arguments.keys)
        for age in ("20d", "30m", "3m"):
            idle(10_000, age)


if __name__ == "__main__":
    main()
