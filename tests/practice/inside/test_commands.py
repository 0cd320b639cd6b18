"""Commands in a container."""

from __future__ import annotations

import pytest

from k8stui.practice.inside.box import Box
from k8stui.practice.inside.patterns import Pattern, PatternTrouble
from tests.practice.inside.boxes import Company, run, said
from tests.practice.streams.pods import NOON, PODS, container


@pytest.mark.parametrize(
    ("script", "output"),
    [
        ("grep -n b", "2:b\n"),
        ("grep -v a", "b\nc a c\n"[:2]),
        ("grep -c .", "3\n"),
        ("grep -E '^(a|b)$' | wc -l", "2\n"),
        ("grep -o 'c.a'", "c a\n"),
        ("head -n 1", "a\n"),
        ("tail -1", "c a c\n"),
        ("tail -n +2", "b\nc a c\n"),
        ("wc", "         3         5        10\n"),
        ("sort -r", "c a c\nb\na\n"),
        ("tr a-c A-C", "A\nB\nC A C\n"),
        ("cut -d ' ' -f 2", "a\nb\na\n"),
        ("sed 's/c/x/g'", "a\nb\nx a x\n"),
        ("sed -E 's/[ab]+/<&>/'", "<a>\n<b>\nc <a> c\n"),
        ("base64 | base64 -d", "a\nb\nc a c\n"),
        ("tee /tmp/t > /dev/null; cat /tmp/t", "a\nb\nc a c\n"),
        ("cat -n", "     1\ta\n     2\tb\n     3\tc a c\n"),
    ],
)
async def test_text(box: Box, script: str, output: str) -> None:
    assert await said(box, script, b"a\nb\nc a c\n") == output


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a.c", "xabcx", True),
        ("^a.c$", "xabcx", False),
        ("a\\.c", "abc", False),
        ("[[:digit:]]+x", "12x", False),
        ("[0-9][0-9]*", "a12", True),
        ("a\\{2\\}", "baab", True),
        ("\\(ab\\)\\|c", "c", True),
        ("[^a]", "aaa", False),
        ("[]x]", "]", True),
    ],
)
def test_patterns(pattern: str, text: str, found: bool) -> None:
    assert Pattern(pattern).found(text) is found


def test_a_pattern_cannot_take_for_ever() -> None:
    assert not Pattern("(a+)+(a|a)*b", extended=True).found("a" * 2_000)
    for wrong in ("(", "[a", "a{", "(" * 50):
        with pytest.raises(PatternTrouble):
            Pattern(wrong, extended=True)


async def test_files(box: Box) -> None:
    script = """
        mkdir -p /tmp/a/b; echo one > /tmp/a/b/f; cp /tmp/a/b/f /tmp/g; mv /tmp/g /tmp/a; ls /tmp/a | head -1
        cat /tmp/a/g; rm -r /tmp/a; ls /tmp; touch /tmp/x; ls /tmp; find /etc/nginx -name '*.conf'
    """
    out = await said(box, script)
    assert out.split() == ["b", "one", "x", "/etc/nginx/conf.d/default.conf", "/etc/nginx/nginx.conf"]
    assert "No such file" in (await run(box, "rm /nope"))[2]
    assert "Is a directory" in (await run(box, "rm /etc"))[2]
    assert "busy" in (await run(box, "rm -r /etc/hosts /etc"))[2]
    assert (await said(box, "ls -ld /etc")).startswith("drwxr-xr-x")
    assert "File too large" in (await run(box, "seq 1000000 > /tmp/big"))[2]
    assert "Read-only" in (await run(box, "echo x > /etc/hosts"))[2]


async def test_a_disk_gets_full(box: Box) -> None:
    out = (await run(box, "for i in 1 2 3 4 5 6 7 8; do seq 100000 > /tmp/f$i; done; ls /tmp | wc -l"))[2]
    assert "No space left on device" in out
    assert "No space left" in (await run(box, "for i in $(seq 5000); do touch /tmp/n$i; done"))[2]


async def test_who_one_is(company: Company) -> None:
    root = company.box(company.pod("r"))
    assert await said(root, "id; whoami; hostname") == "uid=0(root) gid=0(root) groups=0(root)\nroot\nr\n"
    security = {"runAsUser": 1000, "runAsGroup": 3000, "fsGroup": 2000}
    box = company.box(company.pod("p", securityContext=security))
    assert await said(box, "id") == "uid=1000 gid=3000 groups=3000,2000\n"
    assert "unknown uid 1000" in (await run(box, "whoami"))[2]
    assert "Permission denied" in (await run(box, "echo x > /etc/x"))[2]
    assert await said(box, "echo x > /tmp/x; cat /tmp/x") == "x\n"
    locked = container(securityContext={"readOnlyRootFilesystem": True})
    assert "Read-only" in (await run(company.box(company.pod("l", locked)), "touch /tmp/x"))[2]


async def test_processes_and_their_end(company: Company) -> None:
    pod = company.pod("p", container("c", "busybox:1.37", command=["sleep", "1d"]))
    box = company.box(pod)
    assert "sleep 1d" in await said(box, "ps")
    assert await said(box, "kill -9 1; cat /proc/1/comm") == "sleep\n"
    assert "No such process" in (await run(box, "kill 99"))[2]
    await said(box, "kill 1")
    state = company.store.get(PODS, "default", "p")["status"]["containerStatuses"][0]["state"]
    assert state["terminated"]["exitCode"] == 143
    assert state["terminated"]["startedAt"] == "2026-11-25T12:00:00Z"


async def test_time(company: Company, box: Box) -> None:
    company.hands.now = NOON + 3_723
    assert await said(box, "date") == "Wed Nov 25 13:02:03 UTC 2026\n"
    assert await said(box, "date -u +%Y-%m-%dT%H:%M:%SZ") == "2026-11-25T13:02:03Z\n"
    assert " up 0 days,  1:02" in await said(box, "uptime")


async def test_limits_are_seen(company: Company) -> None:
    limits = {"limits": {"memory": "64Mi", "cpu": "500m"}}
    box = company.box(company.pod("p", container(resources=limits)))
    assert await said(box, "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max; nproc") == (
        "67108864\n50000 100000\n1\n"
    )
