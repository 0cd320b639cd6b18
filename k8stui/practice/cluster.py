"""A practice cluster in this process, for tests and for the server program."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from k8stui.practice import addresses, kubeconfig, tls
from k8stui.practice.clock import Clock, RunningClock, SteppedClock
from k8stui.practice.errors import StatusError
from k8stui.practice.kinds import BUILTIN_KINDS, builtin
from k8stui.practice.process import PracticeProcess, start_process
from k8stui.practice.registry import Registry
from k8stui.practice.serviceaddresses import follow_services
from k8stui.practice.store import Store

if TYPE_CHECKING:
    from k8stui.practice.authority.gate import Gate
    from k8stui.practice.authority.users import Person
    from k8stui.practice.faults import Faults

__all__ = ["PracticeCluster", "PracticeProcess", "practice_cluster", "start_process"]

_BOOKMARK_SECONDS = 60.0
_SYSTEM_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
_STOP_SECONDS = 0.1


class PracticeCluster(msgspec.Struct, frozen=True):
    """A running cluster."""

    kubeconfig: Path
    server: str
    """Base URL, such as ``https://127.0.0.1:40123``."""
    token: str
    """The token in the kubeconfig."""
    authority: bytes
    """The certificate authority, PEM."""
    store: Store
    faults: Faults
    registry: Registry
    gate: Gate
    """Who may do what, and the tokens of all people."""


@asynccontextmanager
async def practice_cluster(
    *,
    pods: int = 0,
    port: int = 0,
    address: str = addresses.LOOPBACK,
    as_user: str = "",
    seeded: bool = True,
    moving: bool = True,
    clock: SteppedClock | Callable[[], float] | None = None,
    speed: float = 1.0,
    path: Path | None = None,
    random_seed: int | None = None,
    bookmark_seconds: float = _BOOKMARK_SECONDS,
) -> AsyncIterator[PracticeCluster]:
    """Run a cluster in this event loop.

    Args:
        pods: How many Pods to have beside those of the seed.
        port: Where to listen; 0 takes a free port.
        address: The IP address to listen on. Anything but loopback lets others in who know a token.
        as_user: For whom the kubeconfig is: one of ``authority.users.PEOPLE``; empty for who may do all.
        seeded: Whether there is something in it.
        moving: Whether controllers run; without them nothing changes by itself, and deletion is immediate.
        clock: Seconds since the epoch, or a clock that a test moves; real time when None.
        speed: How many seconds go by in the cluster in a real one.
        path: Where to write the kubeconfig; a temporary file when None. It is removed at the end.
        random_seed: Makes names, uids and what happens the same each time.
        bookmark_seconds: How often watches get a bookmark.

    Raises:
        ValueError: the speed is not more than zero.
        KeyError: nobody is called ``as_user``.
        OSError: the port is taken, or the kubeconfig cannot be written.
    """
    from aiohttp import web

    from k8stui.practice.api.app import handler, receive
    from k8stui.practice.api.call import Server
    from k8stui.practice.api.discovery import Discovery
    from k8stui.practice.api.openapi import OpenApi
    from k8stui.practice.api.schemas import Schemas
    from k8stui.practice.authority.gate import Gate
    from k8stui.practice.authority.users import ADMIN, PEOPLE
    from k8stui.practice.faults import Faults
    from k8stui.practice.inside.insides import Insides
    from k8stui.practice.metrics import api as metrics_api
    from k8stui.practice.metrics.usage import Metrics
    from k8stui.practice.seeding import programs

    # Not what the past is made of: the same numbers again would be the same uids.
    rng = random.Random(None if random_seed is None else f"after the past {random_seed}")
    clock = _clock(clock, speed)
    store = Store(clock, rng=rng)
    if seeded:
        from k8stui.practice.seeding import seed

        seed(store, clock, pods=pods, random_seed=random_seed or 0)
    else:
        _empty(store)
    _bootstrap(store)
    metrics = Metrics(store, clock, programs())
    registry = Registry(store, BUILTIN_KINDS, metrics_api.served(store, clock, metrics))
    insides = Insides(store, clock)
    faults, gate, person = Faults(), Gate(store, clock), PEOPLE[as_user or ADMIN]
    token = gate.tokens.of[person.user.name]
    server = Server(
        store=store,
        registry=registry,
        discovery=Discovery(registry),
        openapi=OpenApi(registry, Schemas()),
        faults=faults,
        insides=insides,
        clock=clock,
        gate=gate,
        exposed=not addresses.is_loopback(address),
        graceful=moving,
        bookmark_seconds=bookmark_seconds,
    )
    certificates = tls.make(addresses.reached_by(address))
    async with AsyncExitStack() as stack:
        stack.callback(registry.close)
        stack.callback(insides.close)
        gate.attend(certificates.authority)
        stack.callback(gate.close)
        runner = web.ServerRunner(
            web.Server(handler(server), request_factory=receive, handler_cancellation=True, access_log=None),
            shutdown_timeout=_STOP_SECONDS,
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        stack.callback(server.close)
        site = web.TCPSite(runner, address, port, ssl_context=certificates.server_context())
        await site.start()
        url = f"https://{addresses.in_url(address)}:{runner.addresses[0][1]}"
        if path is None:
            path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="practice-")), "kubeconfig")
        kubeconfig.write(path, _kubeconfig(store, url, certificates.authority, token, person))
        stack.callback(path.unlink, missing_ok=True)
        if moving:
            await stack.enter_async_context(_moving(store, clock, rng))
        yield PracticeCluster(path, url, token, certificates.authority, store, faults, registry, gate)
        faults.clear()


def _clock(given: SteppedClock | Callable[[], float] | None, speed: float) -> Clock:
    if isinstance(given, SteppedClock):
        return given
    return RunningClock(speed) if given is None else RunningClock(speed, given)


@asynccontextmanager
async def _moving(store: Store, clock: Clock, rng: random.Random) -> AsyncIterator[None]:
    from k8stui.practice import movement

    task = asyncio.create_task(movement.run(store, clock, rng), name="practice movement")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _empty(store: Store) -> None:
    """What an empty cluster has all the same: its metrics, which no Pod of its own serves."""
    from k8stui.practice.metrics.api import API_SERVICE, GROUP, VERSION
    from k8stui.practice.registry import API_SERVICES

    spec = {"group": GROUP, "version": VERSION, "groupPriorityMinimum": 100, "versionPriority": 100}
    store.create(API_SERVICES, {"metadata": {"name": API_SERVICE}, "spec": spec, "status": {}})


def _kubeconfig(store: Store, url: str, authority: bytes, token: str, person: Person) -> str:
    found = store.find(builtin("namespaces"), "", person.namespace)
    return kubeconfig.text(
        url,
        authority,
        token,
        user=kubeconfig.NAME if person.user.privileged else person.user.name,
        namespace=person.namespace if found is not None else "default",
    )


def _bootstrap(store: Store) -> None:
    """What an API server makes by itself: namespaces, default roles, IPAddresses; rights for our people."""
    follow_services(store)
    from k8stui.practice.authority import people, roles

    kind = builtin("namespaces")
    for name in _SYSTEM_NAMESPACES:
        with suppress(StatusError), store.written_by("kube-apiserver"):
            store.create(
                kind,
                {
                    "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}},
                    "spec": {"finalizers": ["kubernetes"]},
                    "status": {"phase": "Active"},
                },
            )
    with store.written_by("kube-apiserver"):
        roles.bootstrap(store, store.get(kind, "", "kube-system")["metadata"]["creationTimestamp"])
        people.admit(store)
