"""GET log: the lines of a container, as they were or as they come (core/v1 PodLogOptions)."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from k8stui.core.objects import JsonObject
from k8stui.core.units import parse_time
from k8stui.practice import errors
from k8stui.practice.inside.insides import Insides
from k8stui.practice.inside.loglines import Line
from k8stui.practice.inside.runs import Run
from k8stui.practice.inside.scripts import Script, words_of
from k8stui.practice.streams import targets

_AT_ONCE = 500
"""Lines after which others on the event loop are served."""
_AHEAD = 5.0
"""Seconds in which the next line is looked for."""
_TRUE = frozenset(("1", "t", "T", "true", "TRUE", "True"))


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for."""

    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    since: float = -math.inf
    """Seconds since the epoch."""
    tail: int | None = None
    limit: int | None = None
    """Bytes after which the log is cut off."""


def options(query: Mapping[str, str], name: str, now: float) -> Options:
    """The options in a query.

    Raises:
        StatusError: 400 for what is no number or time, 422 for one that makes no sense.
    """
    seconds = _integer(query, "sinceSeconds")
    moment = query.get("sinceTime", "")
    tail, limit = _integer(query, "tailLines"), _integer(query, "limitBytes")
    since = parse_time(moment) if moment else None
    if moment and since is None:
        raise errors.bad_request(f'parsing time "{moment}" as "2006-01-02T15:04:05Z07:00": cannot parse')
    wrong = []
    if tail is not None and tail < 0:
        wrong.append(("tailLines", tail, "must be greater than or equal to 0"))
    if limit is not None and limit < 1:
        wrong.append(("limitBytes", limit, "must be greater than 0"))
    if seconds is not None and seconds < 1:
        wrong.append(("sinceSeconds", seconds, "must be greater than 0"))
    causes = [("FieldValueInvalid", field, f"Invalid value: {value}: {why}") for field, value, why in wrong]
    if seconds is not None and moment:
        why = "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
        causes.append(("FieldValueForbidden", "", why))
    if causes:
        raise errors.invalid("", "PodLogOptions", name, causes)
    if seconds is not None:
        since = now - seconds
    return Options(
        follow=query.get("follow", "") in _TRUE,
        previous=query.get("previous", "") in _TRUE,
        timestamps=query.get("timestamps", "") in _TRUE,
        since=-math.inf if since is None else since,
        tail=tail,
        limit=limit,
    )


async def answer(insides: Insides, request: web.BaseRequest, pod: JsonObject) -> web.StreamResponse:
    """The log of a container.

    Raises:
        StatusError: 400 or 422 when there is none, or it cannot be told which one.
    """
    asked = options(request.query, pod["metadata"]["name"], insides.clock())
    name = targets.container(pod, request.query.get("container", ""))
    scheduled = bool(pod["spec"].get("nodeName"))
    run = targets.logged(pod, name, before=asked.previous) if scheduled else None
    response = web.StreamResponse(
        headers={"Content-Type": "text/plain", "Cache-Control": "no-cache, private"}
    )
    response.enable_chunked_encoding()
    await response.prepare(request)
    try:
        if run is not None:
            async for part in _cut(_parts(insides, run, asked), asked.limit):
                await response.write(part)
        await response.write_eof()
    except ConnectionResetError:
        return response
    return response


async def _cut(parts: AsyncIterator[bytes], limit: int | None) -> AsyncIterator[bytes]:
    left = math.inf if limit is None else limit
    async for part in parts:
        if len(part) >= left:
            yield part[: int(left)]
            return
        left -= len(part)
        yield part


async def _parts(insides: Insides, run: Run, asked: Options) -> AsyncIterator[bytes]:
    async for lines in _batches(insides, run, asked):
        for begin in range(0, len(lines), _AT_ONCE):
            yield written(lines[begin : begin + _AT_ONCE], timestamps=asked.timestamps)
            await asyncio.sleep(0)


async def _batches(insides: Insides, run: Run, asked: Options) -> AsyncIterator[list[Line]]:
    now = insides.clock()
    if words_of(insides.box(run)):
        async for found in scripted(insides, run, follow=asked.follow, since=asked.since, tail=asked.tail):
            yield found
        return
    lines = insides.lines(run)
    if asked.tail is None:
        found = list(lines.between(asked.since, now))
    else:
        found = [line for line in lines.last(asked.tail, now) if line.at >= asked.since]
    yield found
    if asked.follow:
        async for more in follow(insides, run, now):
            yield more


async def scripted(
    insides: Insides, run: Run, *, follow: bool, since: float = -math.inf, tail: int | None = None
) -> AsyncIterator[list[Line]]:
    """What a container prints whose main process is a script: what there is, and then what comes."""
    script = Script(insides, run)
    try:
        found = [line for line in await script.history() if line.at >= since]
        yield found if tail is None else found[max(0, len(found) - tail) :]
        script.fresh()
        while follow:
            known = insides.again(run)
            if known is None or known.finished is not None:
                return
            await insides.tick()
            yield script.fresh()
    finally:
        await script.close()


async def follow(insides: Insides, run: Run, begin: float) -> AsyncIterator[list[Line]]:
    """The lines of a run from a time on, as they come, until it has ended or its Pod has gone."""
    if words_of(insides.box(run)):
        async for lines in scripted(insides, run, follow=True, since=begin):
            yield lines
        return
    said = begin
    before: tuple[JsonObject | None, Line | None] | None = None
    silent = begin
    while True:
        now, heard = insides.clock(), insides.heard(run)
        if before is not None and heard[0] is before[0] and heard[1] is before[1] and now < silent:
            await insides.tick()
            continue
        before = heard
        known = insides.again(run)
        if known is None:
            yield [line for line in insides.lines(run).between(said, now) if line.at > said]
            return
        run = known
        over = run.finished is not None
        if now > begin or over:
            found = list(insides.lines(run).between(said if over else begin, math.inf if over else now))
            begin = now
            if found:
                yield [line for line in found if not over or line.at > said]
                said = found[-1].at
        if over:
            return
        ahead = insides.lines(run).between(now, now + _AHEAD)
        silent = next((line.at for line in ahead), now + _AHEAD)
        await insides.tick()


def written(lines: Iterable[Line], *, timestamps: bool) -> bytes:
    """Lines as the log has them."""
    if timestamps:
        return "".join(f"{_stamp(line.at)} {line.text}\n" for line in lines).encode()
    return "".join(f"{line.text}\n" for line in lines).encode()


def _stamp(at: float) -> str:
    """RFC 3339 with nanoseconds."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + f"{int(at * 1e7) % 10}00Z"


def _integer(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise errors.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None
