"""Logs of containers whose main process is a script."""

from __future__ import annotations

from typing import Any

from k8stui.practice.inside import runs
from k8stui.practice.inside.loglines import Line
from k8stui.practice.inside.scripts import Script, words_of
from tests.practice.api_client import until
from tests.practice.inside.boxes import Company
from tests.practice.streams.pods import NOON, PODS, container

COUNT = 'i=0; while true; do echo "$i: $(date)"; i=$((i+1)); sleep 1; done'


async def printed(company: Company, name: str, **spec: Any) -> list[str]:
    volumes = [{"name": "v", "emptyDir": {}}]
    pod = company.pod(name, container("c", "busybox:1.37", **spec), volumes=volumes)
    run = runs.running(pod, "c")
    assert run is not None
    script = Script(company.insides, run)
    try:
        return [line.text for line in await script.history()]
    finally:
        await script.close()


async def test_what_a_script_prints(company: Company) -> None:
    assert await printed(
        company, "a", args=["sh", "-c", "echo one; sleep 30; echo two; sleep 50; echo three"]
    ) == [
        "one",
        "two",
    ]
    assert await printed(company, "b", command=["date"]) == ["Wed Nov 25 12:00:00 UTC 2026"]
    assert await printed(company, "c", command=["sleep", "1d"]) == []


async def test_a_counter_counts_the_same_for_everybody(company: Company) -> None:
    company.hands.now = NOON + 100
    first = await printed(company, "a", args=["sh", "-c", COUNT])
    assert first[0] == "0: Wed Nov 25 12:00:00 UTC 2026"
    assert len(first) == 100
    for days in (1, 30):
        company.hands.now = NOON + days * 86_400
        last = (await printed(company, f"p{days}", args=["sh", "-c", COUNT]))[-1]
        number, _, rest = last.partition(": ")
        assert days * 86_300 < int(number) <= days * 86_400
        assert rest.startswith("Thu Nov 26 11:59:" if days == 1 else "Fri Dec 25 11:59:")
    one = await printed(company, "x", args=["sh", "-c", COUNT])
    company.hands.now += 60
    two = await printed(company, "y", args=["sh", "-c", COUNT])
    assert set(one[150:]) & set(two) == set(one[150:])


async def test_one_that_never_sleeps_prints_up_to_now_and_goes_on(company: Company) -> None:
    company.hands.now = NOON + 86_400
    pod = company.pod("p", container("c", "busybox:1.37", args=["sh", "-c", "while true; do echo x; done"]))
    run = runs.running(pod, "c")
    assert run is not None
    script = Script(company.insides, run)
    try:
        history = await script.history()
        script.fresh()
        assert {line.text for line in history} == {"x"}
        assert company.hands.now - 0.01 < history[-1].at <= company.hands.now
        assert [line.at for line in history] == sorted(line.at for line in history)
        company.hands.now += 1
        more: list[Line] = []

        def came() -> bool:
            more.extend(script.fresh())
            return len(more) >= 1_900

        await until(came)
        assert history[-1].at < more[0].at
        assert more[-1].at <= company.hands.now
    finally:
        await script.close()


async def test_a_script_leaves_no_trace(company: Company) -> None:
    web = company.pod("web", address="10.244.1.9")
    script = "echo x > /v/f; wget -qO- 10.244.1.9 | grep -c Welcome; kill 1; cat /v/f"
    mounts = {"volumeMounts": [{"name": "v", "mountPath": "/v"}]}
    found = await printed(company, "p", args=["sh", "-c", script], **mounts)
    assert found == ["2", "x"]
    run = runs.running(web, "web")
    assert run is not None
    assert not [line for line in company.insides.lines(run).between(0, NOON + 999) if "Wget" in line.text]
    assert runs.running(company.store.get(PODS, "default", "p"), "c") is not None


def test_which_containers_run_scripts(company: Company) -> None:
    nginx = company.box(company.pod("n", container("c", args=["-g", "daemon off;"])))
    assert words_of(nginx) == []
    known = company.box(company.pod("k", container("c", command=["nginx"])))
    assert words_of(known) == []
    shell = company.box(
        company.pod("s", container("c", "alpine", args=["echo", "$(X)"], env=[{"name": "X", "value": "y"}]))
    )
    assert words_of(shell) == ["echo", "y"]
