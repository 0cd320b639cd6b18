"""Which clusters there are, and opening one: contexts of the kubeconfig, and the practice cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from k8stui.core.errors import ExplorerError, UsageError
from k8stui.core.lang import Lang, Text
from k8stui.core.nearest import did_you_mean
from k8stui.session.model import ClusterInfo, ContextEntry
from k8stui.settings import Settings

if TYPE_CHECKING:
    from k8stui.kube.client import Client
    from k8stui.kube.kubeconfig import ChosenContext, Kubeconfig

PRACTICE = "built-in"
"""The name under which the practice cluster stands among the contexts."""
PROBE_SECONDS = 10.0
"""How long another cluster may take to answer before the switch is given up."""


class PracticeStarter(Protocol):
    """Starts the practice cluster, which only the composition root knows."""

    async def start(self) -> Path:
        """Start it unless it runs; the path of its kubeconfig.

        Raises:
            ExplorerError: it did not come up.
        """

    async def stop(self) -> None:
        """End it if it runs."""


class Connections:
    """Opens clusters. It holds none open itself: the caller owns the client it is given."""

    def __init__(
        self,
        settings: Settings,
        practice: PracticeStarter,
        environ: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._practice = practice
        self._environ = environ
        self._clock = clock
        self._kubeconfig: Kubeconfig | None = None

    async def first(self, *, practice: bool, instead: bool = True) -> tuple[Client, ClusterInfo]:
        """The cluster that settings, environment and kubeconfig name; without any, the practice cluster.

        Nothing is asked of the server.

        Args:
            practice: Open the practice cluster in any case.
            instead: Whether it may take the place of a kubeconfig that cannot be used.

        Raises:
            ExplorerError: the kubeconfig or context cannot be used, and it was asked for by name or nothing
                may take its place; or the practice cluster does not start.
        """
        reason: Text | None = None
        await asyncio.to_thread(_warm)
        if not practice:
            try:
                chosen = (await asyncio.to_thread(self._load)).choose(self._settings.context)
            except ExplorerError as error:
                if not instead or self._settings.context or self._settings.kubeconfig:
                    raise
                reason = self._reason(error)
            else:
                client = self._open(chosen)
                return client, _info(client, chosen.name)
        return await self.practice(reason)

    def _reason(self, error: ExplorerError) -> Text:
        """Why none of the person's clusters is open; without any kubeconfig the greeting says what to do."""
        if self._kubeconfig is not None and not self._kubeconfig.contexts:
            return error.message
        return Text(error.sentence(Lang.EN), error.sentence(Lang.JA))

    async def practice(self, reason: Text | None = None) -> tuple[Client, ClusterInfo]:
        """The practice cluster, started if it does not run."""
        from k8stui.kube import kubeconfig

        path = await self._practice.start()
        client = self._open(kubeconfig.load([path], {}).choose(None))
        return client, _info(client, PRACTICE, practice=True, reason=reason)

    async def probed(self, entry: ContextEntry) -> tuple[Client, ClusterInfo]:
        """Another cluster, once it has answered.

        Raises:
            ExplorerError: the context cannot be used, or its server did not answer in time.
        """
        if entry.practice:
            client, info = await self.practice()
        else:
            client = self._open(self._load().choose(entry.name))
            info = _info(client, entry.name)
        try:
            version = await asyncio.wait_for(client.version(), PROBE_SECONDS)
        except TimeoutError:
            await client.close()
            raise _no_answer(entry.name, client.host) from None
        except BaseException:
            await client.close()
            raise
        return client, info.identified(version.git)

    def contexts(self, now: ClusterInfo | None) -> list[ContextEntry]:
        """Every context of the kubeconfig, then the practice cluster."""
        practising = now is not None and now.practice
        current = "" if now is None or practising else now.context
        try:
            config = self._load()
        except ExplorerError:
            entries = []
        else:
            entries = [
                ContextEntry(name, c.cluster, c.user, c.namespace or "default", name == current)
                for name, c in config.contexts.items()
            ]
        return [*entries, ContextEntry(PRACTICE, PRACTICE, PRACTICE, "", practising, practice=True)]

    def named(self, name: str, now: ClusterInfo | None) -> ContextEntry:
        """The context of that name.

        Raises:
            UsageError: there is none.
        """
        entries = self.contexts(now)
        for entry in entries:
            if entry.name == name:
                return entry
        raise UsageError(
            Text('There is no context called "{name}".', "「{name}」というコンテキストはありません。").format(
                name=name
            ),
            did_you_mean(name, [entry.name for entry in entries]),
        )

    def own_namespaces(self, now: ClusterInfo) -> tuple[str, ...]:
        """Where a person without cluster-wide rights may look.

        The context's namespace, then those of the other contexts with the same cluster and user.
        """
        names = [now.namespace]
        if self._kubeconfig is not None and not now.practice:
            contexts = self._kubeconfig.contexts
            here = contexts.get(now.context)
            if here is not None:
                same = (c for c in contexts.values() if (c.cluster, c.user) == (here.cluster, here.user))
                names += [c.namespace for c in same if c.namespace]
        return tuple(dict.fromkeys(names))

    async def close(self) -> None:
        """End the practice cluster if it was started here."""
        await self._practice.stop()

    def _load(self) -> Kubeconfig:
        from k8stui.kube import kubeconfig

        if self._kubeconfig is None:
            path = self._settings.kubeconfig
            self._kubeconfig = kubeconfig.load([path] if path else None, self._environ)
        return self._kubeconfig

    def _open(self, chosen: ChosenContext) -> Client:
        from k8stui.kube.client import Client

        return Client.open(chosen, cache=self._settings.cache_dir, clock=self._clock)


def _warm() -> None:
    """Import what a connection needs, away from the event loop: keys must not wait for it."""
    from k8stui.kube import client, transport

    _ = client, transport


def _info(client: Client, context: str, *, practice: bool = False, reason: Text | None = None) -> ClusterInfo:
    return ClusterInfo(
        context, client.host, client.namespace, practice=practice, insecure=client.insecure, reason=reason
    )


def _no_answer(context: str, host: str) -> ExplorerError:
    return ExplorerError(
        Text(
            "The server of context {context} ({host}) did not answer within {seconds} seconds.",
            "コンテキスト{context}のサーバー（{host}）から{seconds}秒以内に応答がありませんでした。",
        ).format(context=context, host=host, seconds=int(PROBE_SECONDS)),
        Text("The view you had is still open.", "今の画面はそのまま使えます。"),
    )
