from __future__ import annotations

import asyncio

import pytest

from k8stui.kube.pulse import Beat, Interrupted, Pulse, Why
from k8stui.kube.timing import Backoff
from tests.kube.scripted import FakeTime, settle, until


class Reader:
    """Something that reads a stream which says nothing."""

    def __init__(self, pulse: Pulse) -> None:
        self.beat: Beat | None = None
        self.why: Why | None = None
        self._pulse = pulse
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            async with self._pulse.guard() as self.beat:
                await asyncio.Event().wait()
        except Interrupted as interruption:
            self.why = interruption.why

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})


async def test_silence_ends_only_a_stream_that_had_bookmarks() -> None:
    time = FakeTime()
    pulse = Pulse(time.timing)
    async with pulse:
        quiet, live = Reader(pulse), Reader(pulse)
        await settle()
        assert live.beat is not None
        live.beat.bookmarks = True
        await time.advance(89)
        live.beat.touched = time.mono
        await time.advance(89)
        assert [live.why, quiet.why] == [None, None]
        await time.advance(3)
        assert [live.why, quiet.why] == [Why.SILENT, None]
        await quiet.close()


async def test_a_server_is_asked_after_silence_and_not_while_it_speaks() -> None:
    time, asked, lives = FakeTime(), 0, True

    async def alive() -> bool:
        nonlocal asked
        asked += 1
        return lives

    pulse = Pulse(time.timing, alive)
    async with pulse:
        await time.advance(60)
        assert asked == 0, "nobody reads"
        reader, other = Reader(pulse), Reader(pulse)
        await settle()
        assert other.beat is not None
        for _ in range(4):
            await time.advance(15)
            other.beat.touched = time.mono
        assert asked == 0
        await time.advance(22)
        assert (asked, reader.why) == (1, None)
        lives = False
        await time.advance(22)
        assert (asked, reader.why, other.why) == (2, Why.SILENT, Why.SILENT)


async def test_sleep_of_the_machine_ends_every_stream_and_every_wait() -> None:
    time = FakeTime()
    pulse = Pulse(time.timing)
    async with pulse:
        reader, waiting = Reader(pulse), asyncio.create_task(pulse.wait(30))
        await time.advance(2)
        time.suspend(4)
        await time.advance(2)
        assert reader.why is None
        time.suspend(3600)
        await time.advance(1)
        assert reader.why is Why.SLEPT
        await until(waiting.done)


async def test_a_clock_set_back_ends_nothing() -> None:
    time = FakeTime()
    pulse = Pulse(time.timing)
    async with pulse:
        reader = Reader(pulse)
        await time.advance(2)
        time.suspend(-3600)
        await time.advance(2)
        assert reader.why is None
        await reader.close()


async def test_waits_end_by_time_or_when_woken() -> None:
    time = FakeTime()
    pulse = Pulse(time.timing)
    short, long = asyncio.create_task(pulse.wait(5)), asyncio.create_task(pulse.wait(30))
    await time.advance(6)
    assert (short.done(), long.done()) == (True, False)
    pulse.wake()
    await until(long.done)


async def test_the_ticker_runs_only_while_someone_is_inside() -> None:
    def tickers() -> int:
        return sum(task.get_name() == "kube-pulse" for task in asyncio.all_tasks())

    pulse = Pulse(FakeTime().timing)
    async with pulse:
        async with pulse:
            assert tickers() == 1
        assert tickers() == 1
    assert tickers() == 0


async def test_a_guard_lets_other_timeouts_through() -> None:
    pulse = Pulse(FakeTime().timing)
    with pytest.raises(TimeoutError):
        async with pulse.guard():
            raise TimeoutError


def test_waits_double_up_to_a_cap_and_start_small_after_health() -> None:
    time = FakeTime()
    time.chance = 0.0
    backoff = Backoff(time.timing)
    assert [backoff.next() for _ in range(8)] == [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]
    time.mono += 119
    assert backoff.next() == 30.0
    time.mono += 121
    assert backoff.next() == 0.8
    time.chance = 1.0
    assert backoff.next() == 3.2
