"""The shell: what a script says and how it ends."""

from __future__ import annotations

import asyncio

import pytest

from k8stui.practice.inside.box import Box
from k8stui.practice.inside.session import RealPace, execute, streams_of
from k8stui.practice.inside.shell.io import Given, Kept, Pipe, Reader
from k8stui.practice.inside.shell.state import Breath, first
from tests.practice.api_client import until
from tests.practice.inside.boxes import Company, run, said


@pytest.mark.parametrize(
    ("script", "output"),
    [
        ("echo a b   c", "a b c\n"),
        ("echo 'a  b' \"c  d\"", "a  b c  d\n"),
        ('X=1; echo $X "$X" \'$X\' ${X}2 ${Y:-none} "${X:+set}" ${#X}', "1 1 $X 12 none set 1\n"),
        ("P=/a/b.txt; echo ${P##*/} ${P%.txt} ${P%%/*}${P#/a}", "b.txt /a/b /b.txt\n"),
        ("true && echo yes || echo no", "yes\n"),
        ("false && echo yes || echo no", "no\n"),
        ("! false; echo $?", "0\n"),
        ("echo one; echo two", "one\ntwo\n"),
        ("echo b a | tr ' ' '\\n' | sort", "a\nb\n"),
        ("for i in 1 2 3; do echo $i; done | tail -1", "3\n"),
        ("i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i", "3\n"),
        ("i=0; until [ $i = 2 ]; do i=$((i+1)); done; echo $i", "2\n"),
        ("for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done", "1\n3\n"),
        ("if false; then echo a; elif true; then echo b; else echo c; fi", "b\n"),
        ("case abc in x) echo x;; a*|b) echo a;; *) echo all;; esac", "a\n"),
        ("echo $(echo inner $(echo deeper)) `echo old`", "inner deeper old\n"),
        ("echo $((2 + 3 * 4)) $(( (1 + 1) << 3 )) $((7 % 4)) $((-7 / 2))", "14 16 3 -3\n"),
        ("cat <<E\nhello\nthere\nE\necho after", "hello\nthere\nafter\n"),
        ("echo err 2>/dev/null >&2; echo out", "out\n"),
        ("{ echo a; echo b; } | wc -l", "2\n"),
        ("X=1; (X=2; echo $X); echo $X", "2\n1\n"),
        ("X=1 sh -c 'echo $X'; echo ${X:-gone}", "1\ngone\n"),
        ("Y=1; export Z=2; sh -c 'echo ${Y:-no} $Z'", "no 2\n"),
        ("set -- a 'b c'; for x in \"$@\"; do echo $x; done; echo $#", "a\nb c\n2\n"),
        ("sh -c 'echo $0 $1' name first", "name first\n"),
        ("echo # a comment\necho two # more", "\ntwo\n"),
        ("cd /etc; pwd; cd -; pwd", "/etc\n/\n"),
        ("cd /etc/nginx && ls; echo nginx*", "conf.d\nnginx.conf\nnginx.conf\n"),
        ("echo /etc/nginx/*.conf '*'", "/etc/nginx/nginx.conf *\n"),
        ("seq 3 | while read x; do echo got $x; done", "got 1\ngot 2\ngot 3\n"),
        ("yes | head -2", "y\ny\n"),
        ("eval 'echo e'; command -v ls; type cd", "e\n/bin/ls\ncd is a shell builtin\n"),
        ("echo a > /tmp/f; echo b >> /tmp/f; cat /tmp/f; cat < /tmp/f | wc -l", "a\nb\n2\n"),
        ("printf '%s-%03d\\n' a 7 b 8", "a-007\nb-008\n"),
        ("echo ~ ~/x", "/root /root/x\n"),
        ('echo "a\\"b" a\\ b', 'a"b a b\n'),
        ("sleep 0 & echo now; wait; echo done", "now\ndone\n"),
        ("test -f /etc/hosts && test -d /etc && [ ! -e /nope ] && echo ok", "ok\n"),
    ],
)
async def test_what_scripts_say(box: Box, script: str, output: str) -> None:
    assert await said(box, script) == output


@pytest.mark.parametrize(
    ("script", "status", "errors"),
    [
        ("exit 3", 3, ""),
        ("false", 1, ""),
        ("true; exit", 0, ""),
        ("nosuch", 127, "sh: nosuch: not found\n"),
        ("/etc/hosts", 126, "sh: /etc/hosts: Permission denied\n"),
        ("/no/such", 127, "sh: /no/such: not found\n"),
        ("if true", 2, "sh: syntax error: unexpected end of file\n"),
        ("echo 'a", 2, "sh: syntax error: unterminated quoted string\n"),
        ("done", 2, 'sh: syntax error: unexpected "done"\n'),
        ("echo $((1/0))", 2, "sh: divide by zero\n"),
        ("cat /nope", 1, "cat: /nope: No such file or directory\n"),
        ("cd /nope", 1, "cd: can't cd to /nope: No such file or directory\n"),
        ("echo a | (exit 4)", 4, ""),
        ("ls -Z", 2, "ls: unrecognized option: Z\n"),
        ("cat < /nope", 1, "sh: can't open /nope: No such file or directory\n"),
        ('x=\'eval "$x"\'; eval "$x"', 2, "sh: nested too deeply\n"),
    ],
)
async def test_how_scripts_end(box: Box, script: str, status: int, errors: str) -> None:
    assert await run(box, script) == (status, "", errors)


@pytest.mark.parametrize(
    "script",
    [
        "(" * 500 + "echo" + ")" * 500,
        "x=a; while true; do x=$x$x; done",
        "$(" * 300 + ")" * 300,
        "echo " + "$((" * 99,
    ],
)
async def test_what_is_too_much_ends(box: Box, script: str) -> None:
    async with asyncio.timeout(20):
        status, _, err = await run(box, script)
    assert status
    assert err


async def test_a_shell_reads_its_script(box: Box) -> None:
    text = b"echo a\nif true\nthen echo b\nfi\nexit 5\necho never\n"
    assert await run(box, ["sh"], text) == (5, "a\nb\n", "")
    assert await run(box, ["sh", "/nope"]) == (1, "", "sh: No such file or directory\n")


async def test_busy_scripts_leave_others_their_turn(box: Box) -> None:
    busy = asyncio.create_task(run(box, "while true; do :; done"))
    turns = 0
    async with asyncio.timeout(10):
        for _ in range(100):
            await asyncio.sleep(0)
            turns += 1
    busy.cancel()
    await asyncio.gather(busy, return_exceptions=True)
    assert turns == 100


async def test_sleep_goes_by_the_clusters_clock(company: Company, box: Box) -> None:
    out = Kept()
    script = ["sh", "-c", "date +%s; sleep 1h; date +%s"]
    sleeping = asyncio.create_task(execute(box, script, streams_of(Given(b""), out, out)))
    await until(lambda: bool(out.data))
    begin = company.hands.now
    company.hands.now += 3_599
    assert not sleeping.done()
    company.hands.now += 1
    async with asyncio.timeout(5):
        assert await sleeping == 0
    assert out.data.split() == [b"%d" % begin, b"%d" % (begin + 3_600)]


async def test_a_script_rests_after_a_moment_of_work() -> None:
    now = 0.0
    breath = Breath(lambda: now)
    assert not breath.spent()
    now = 1.0
    assert breath.spent()
    ran = asyncio.Event()
    asyncio.get_running_loop().call_soon(ran.set)
    await breath.take()
    assert ran.is_set()
    assert not breath.spent()


def test_shells_that_a_script_starts_share_its_breath(box: Box) -> None:
    state = first(box, RealPace(box.insides))
    assert state.copy().copy().breath is state.breath


async def test_lines_out_of_pieces() -> None:
    pipe = Pipe()
    reader = Reader(pipe)
    await pipe.write(b"one\ntwo\nth")
    assert [await reader.line(), await reader.line()] == [b"one\n", b"two\n"]
    await pipe.write(b"ree\nrest\n")
    assert await reader.line() == b"three\n"
    await pipe.write(b"more")
    pipe.close()
    assert [await reader.read(), await reader.line(), await reader.line()] == [b"rest\n", b"more", b""]
