"""``k8stui practice``: run a practice cluster until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from k8stui.core.lang import Lang, Text
from k8stui.practice import addresses
from k8stui.practice.authority.users import ADMIN, PEOPLE
from k8stui.practice.process import READY, WITH_PARENT

_EXPLAINED = Text(
    "A Kubernetes API server to practise with: nothing runs in it, nothing leaves this machine.",
    "練習用の Kubernetes API サーバーです。コンテナは実際には動かず、このマシンの外には何も出ません。",
)
_GARBAGE_AFTER = 50_000
"""How many new containers there may be before garbage is looked for among them."""
_FASTEST = 1_000


def arguments(lang: Lang) -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="k8stui practice", description=_EXPLAINED.get(lang))

    def say(en: str, ja: str) -> str:
        return Text(en, ja).get(lang)

    parser.add_argument(
        "--pods", type=int, default=0, metavar="N", help=say("this many more Pods", "追加する Pod の数")
    )
    parser.add_argument(
        "--port",
        type=int,
        default=0,
        metavar="P",
        help=say("listen here (default: any free port)", "待ち受けるポート (既定値: 空いているポート)"),
    )
    parser.add_argument(
        "--kubeconfig",
        type=Path,
        metavar="FILE",
        help=say(
            "write the kubeconfig here (default: a temporary file)",
            "kubeconfig の書き込み先 (既定値: 一時ファイル)",
        ),
    )
    parser.add_argument(
        "--as-user",
        choices=[name for name in PEOPLE if name != ADMIN],
        default="",
        help=say(
            "write the kubeconfig for somebody with fewer rights: viewer reads everything but Secrets, "
            "dev-team works in one namespace",
            "権限の少ないユーザーの kubeconfig を書き込みます (viewer: Secret 以外を閲覧、"
            "dev-team: 1 つの Namespace で作業)",
        ),
    )
    parser.add_argument(
        "--address",
        default=addresses.LOOPBACK,
        metavar="IP",
        help=say(
            f"listen on this address (default: {addresses.LOOPBACK})",
            f"待ち受けるアドレス (既定値: {addresses.LOOPBACK})",
        ),
    )
    parser.add_argument(
        "--insecure-bind-anywhere",
        action="store_true",
        help=say(
            "allow an --address that other machines can reach",
            "ほかのマシンから届く --address を許可します",
        ),
    )
    parser.add_argument(
        "--still", action="store_true", help=say("nothing changes by itself", "何もひとりでに変化しません")
    )
    parser.add_argument(
        "--empty",
        action="store_true",
        help=say("start with no workloads", "ワークロードのない状態で始めます"),
    )
    parser.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="N",
        help=say(
            "let the cluster's time run N times as fast (default: 1)",
            "クラスター内の時間を N 倍の速さで進めます (既定値: 1)",
        ),
    )
    parser.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help=say(
            "the same number gives the same names, addresses and turns of fate",
            "同じ数を指定すると、名前、アドレス、起きる出来事が毎回同じになります",
        ),
    )
    parser.add_argument("--faults", type=Path, help=argparse.SUPPRESS)
    parser.add_argument(WITH_PARENT, action="store_true", help=argparse.SUPPRESS)
    return parser


def _speed(text: str) -> float:
    """A speed of the clock: more than nothing, and not so much that a day goes by at once."""
    found = float(text)
    if not 0 < found <= _FASTEST:
        raise argparse.ArgumentTypeError(f"{text}: not between 0 and {_FASTEST}")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server; the exit status of the program."""
    lang = Lang.from_environment(os.environ)
    parser = arguments(lang)
    options = parser.parse_args(argv)
    _check_address(parser, options, lang)
    try:
        asyncio.run(_serve(options))
    except OSError as error:
        what = Text(
            f"The practice cluster could not start: {error}.",
            f"練習用クラスターを起動できませんでした: {error}。",
        )
        print(what.get(lang), file=sys.stderr)
        return 1
    except ValueError as error:
        what = Text(f"The faults file cannot be used: {error}.", f"faults ファイルを使えません: {error}。")
        print(what.get(lang), file=sys.stderr)
        return 2
    return 0


def _check_address(parser: argparse.ArgumentParser, options: argparse.Namespace, lang: Lang) -> None:
    """Refuse an address that others can reach unless it is forced, and warn then."""
    try:
        local = addresses.is_loopback(options.address)
    except ValueError:
        wrong = Text(
            f"argument --address: {options.address} is no IP address",
            f"引数 --address: {options.address} は IP アドレスではありません",
        )
        parser.error(wrong.get(lang))
    if local:
        return
    if not options.insecure_bind_anywhere:
        refused = Text(
            f"argument --address: other machines could reach {options.address}; "
            "add --insecure-bind-anywhere if they may",
            f"引数 --address: {options.address} にはほかのマシンからも接続できてしまいます。"
            "それでよければ --insecure-bind-anywhere を付けてください",
        )
        parser.error(refused.get(lang))
    warning = Text(
        f"Warning: listening on {options.address}. Whoever can reach it and has the token "
        "controls the practice cluster.",
        f"警告: {options.address} で待ち受けます。ここに接続でき、トークンを持つ人は誰でも"
        "練習用クラスターを操作できます。",
    )
    print(warning.get(lang), file=sys.stderr)


async def _serve(options: argparse.Namespace) -> None:
    # Until the server is ready nearly everything that is made stays: searching it for garbage is in vain.
    gc.disable()
    # aiohttp reads the system's certificate authorities when it is imported, a tenth of a second for a
    # process that never speaks to another server.
    os.environ.update(SSL_CERT_FILE=os.devnull, SSL_CERT_DIR=os.devnull)
    from k8stui.practice.cluster import practice_cluster

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if options.with_parent:
        loop.add_reader(sys.stdin.fileno(), _end_with_parent, stop)
    async with practice_cluster(
        pods=options.pods,
        port=options.port,
        address=options.address,
        as_user=options.as_user,
        seeded=not options.empty,
        moving=not options.still,
        path=options.kubeconfig,
        speed=options.speed,
        random_seed=options.seed,
    ) as cluster:
        if options.faults is not None:
            from k8stui.practice.api.app import decode_faults

            cluster.faults.load(decode_faults(options.faults.read_bytes()))
        gc.freeze()
        # Nearly all that writes leave behind is history, which is no garbage: to look for some at every few
        # hundred new maps took a fifth of a write's time.
        gc.set_threshold(_GARBAGE_AFTER, 10, 10)
        gc.enable()
        print(READY + shlex.quote(str(cluster.kubeconfig)), flush=True)
        await stop.wait()


def _end_with_parent(stop: asyncio.Event) -> None:
    """Standard input has something to say; at its end so has this process."""
    if not os.read(sys.stdin.fileno(), 1024):
        stop.set()


if __name__ == "__main__":
    sys.exit(main())
