from __future__ import annotations

import random

import pytest

from k8stui.kube.tables import PIECE
from k8stui.kube.timing import Timing
from k8stui.kube.watch import Lines, gone_back, watch_query, whole_objects


@pytest.mark.parametrize("seed", range(10))
def test_lines_are_whole_however_the_bytes_arrive(seed: int) -> None:
    rng = random.Random(seed)
    data = b"".join(b'{"n":%d,"x":"%s"}\n' % (i, b"y" * rng.randrange(300)) for i in range(200))
    lines, got, rest = Lines(), b"", data + b'{"half":'
    while rest:
        size = rng.choice([1, 5, 100, 4000])
        blocks = list(lines.feed(rest[:size]))
        assert all(block.endswith(b"\n") for block in blocks)
        got += b"".join(blocks)
        rest = rest[size:]
    assert got == data


def test_a_burst_comes_in_blocks_of_bounded_size() -> None:
    data = b'{"x":"%s"}\n' % (b"y" * 1000) * 2000
    blocks = list(Lines().feed(data))
    assert b"".join(blocks) == data
    assert max(map(len, blocks)) <= PIECE
    assert len(blocks) >= len(data) // PIECE


def test_one_line_longer_than_a_block_stays_whole() -> None:
    long = b'{"x":"%s"}\n' % (b"y" * 3 * PIECE)
    lines = Lines()
    blocks = [*lines.feed(long[:1000]), *lines.feed(long[1000:] + b"{}\n")]
    assert blocks == [long, b"{}\n"]


def test_a_watch_asks_for_bookmarks_and_an_end_by_chance() -> None:
    query, silence = watch_query(Timing(chance=lambda: 0.5), "77")
    assert dict(query) == {
        "watch": "1",
        "allowWatchBookmarks": "true",
        "resourceVersion": "77",
        "timeoutSeconds": "450",
    }
    assert silence > 450


def test_whole_objects_of_a_block() -> None:
    assert whole_objects(b'{"type":"ADDED","object":{"a":1}}\n{"object":{}}\n') == [
        ("ADDED", {"a": 1}),
        ("", {}),
    ]


@pytest.mark.parametrize(
    ("before", "now", "back"),
    [("10", "9", True), ("10", "10", False), ("9", "10", False), ("", "1", False), ("x", "1", False)],
)
def test_only_a_smaller_number_is_a_step_back(before: str, now: str, back: bool) -> None:
    assert gone_back(before, now) is back
