"""``wait``: a script's way to stop until a callback has come, and to learn what came instead."""

from __future__ import annotations

import json
import signal

import pytest
from support.command import Command, Serving
from support.waiting import until

from inspector.client import Client


def open_waits(serving: Serving) -> int:
    waits: int = Client(serving.inspector_url).get("/api/status")["waits"]
    return waits


def test_what_is_there_is_printed_whole(command: Command, serving: Serving) -> None:
    serving.deliver("/a", b"one")
    serving.deliver("/b", b"two")
    [line] = command.run("wait", "--timeout", "0").stdout.splitlines()
    assert json.loads(line) == Client(serving.inspector_url).get("/api/deliveries/1")
    both = command.run("wait", "--count", "2", "--timeout", "0").stdout.splitlines()
    assert [json.loads(line)["body_text"] for line in both] == ["one", "two"]
    later = command.run("wait", "--after", "1", "--timeout", "500ms").json()
    assert later["path"] == "/b"


def test_what_comes_ends_it(command: Command, serving: Serving) -> None:
    assert command.run("endpoints", "create", "/mine").code == 0
    with command.following("wait", "--endpoint", "/mine", "json.a:1") as waiting:
        until(lambda: open_waits(serving), what="the wait")
        serving.deliver("/other", b'{"a":1}')
        serving.deliver("/mine", b'{"a":2}')
        serving.deliver("/mine/x", b'{"a":1}')
        assert json.loads(waiting.line())["path"] == "/mine/x"
        assert waiting.end().code == 0


def test_a_time_out_tells_what_came_nearest(command: Command, serving: Serving) -> None:
    serving.deliver("/x", b'{"status_code":"\\u001b[2J"}')
    result = command.run("wait", "--timeout", "0.1", "method:POST json.status_code:200")
    assert (result.code, result.stdout) == (4, "")
    wanted = "method:POST json.status_code:200"
    assert result.stderr.splitlines() == [
        f"Within 0.1 s there came no delivery that {wanted} means; 1 delivery came in all.",
        "  nearest  #1, 1 of 2 conditions hold",
        "    json.status_code  wanted 200  got \\x1b[2J",
    ]
    nothing = command.run("wait", "--timeout", "0", "--after", "1", "--count", "2")
    assert nothing.code == 4
    assert nothing.stderr == "Within 0 s there came not 2 deliveries; nothing came at all.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--timeout", "-1"),
        ("--timeout", "nan"),
        ("--timeout", "soon"),
        ("--count", "0"),
        ("--count", "501"),
        ("--after", "-1"),
        ("statsu:valid",),
    ],
)
def test_bad_input_is_a_usage_error(command: Command, arguments: tuple[str, ...]) -> None:
    result = command.run("wait", *arguments)
    assert (result.code, result.stdout) == (2, "")


def test_other_endings(command: Command, serving: Serving) -> None:
    assert command.run("wait", "--endpoint", "/none", "--timeout", "0").code == 3
    with command.following("wait") as waiting:
        until(lambda: open_waits(serving), what="the wait")
        assert waiting.stop(signal.SIGINT).code == 130
    until(lambda: not open_waits(serving), what="its end")
    with command.following("wait") as waiting:
        until(lambda: open_waits(serving), what="the wait")
        serving.stop()
        ended = waiting.end()
        assert ended.code == 5
        assert "stopping" in ended.stderr
    assert command.run("wait").code == 5
