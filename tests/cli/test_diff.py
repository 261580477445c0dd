"""``diff``: what changed from one delivery to another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.command import Command, Serving

JSON = ("Content-Type", "application/json")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Command:
    return Command(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def server(home: Command) -> Iterator[Serving]:
    """A server with deliveries that differ in known ways."""
    with home.serving("--db", "callbacks.db") as serving:
        serving.deliver("/a?x=1", b'{"n": 1, "at": 1764000000, "gone": true}', [JSON, ("X-Kind", "one")])
        serving.deliver("/a?x=2", b'{"n": 2, "at": 1764000100, "new": "\xe2\x80\xaex"}', [JSON], method="PUT")
        serving.deliver("/a?x=1", b'{"n": 1, "at": 1764000200, "gone": true}', [JSON, ("X-Kind", "one")])
        serving.deliver("/text", b"one\ntwo\nthree\n")
        serving.deliver("/text", b"one\n2\nthree\n")
        yield serving


def test_every_difference_has_a_line(home: Command, server: Serving) -> None:
    result = home.run("diff", "1", "2")
    assert result.code == 0
    lines = result.stdout.splitlines()
    assert "~ request method  POST → PUT" in lines
    assert "~ query x  1 → 2" in lines
    assert "- headers x-kind  one" in lines
    assert any(line.startswith("~ body") and line.endswith("1 → 2") for line in lines)
    assert any(line.startswith("- body") and line.endswith("gone  true") for line in lines)
    assert any(line.startswith("+ body") and r"\u202e" in line for line in lines)
    assert "\u202e" not in result.stdout


def test_text_is_compared_by_lines(home: Command, server: Serving) -> None:
    lines = home.run("diff", "4", "latest").stdout.splitlines()
    assert "- two" in lines
    assert "+ 2" in lines


def test_json_is_what_the_api_answers(home: Command, server: Serving) -> None:
    result = home.run("diff", "1", "2", "--json")
    found = result.json()
    assert (found["before"], found["after"], found["same"], found["body"]) == (1, 2, False, "json")
    assert found["ignored"] == []
    assert {"section": "request", "where": "method", "change": "changed", "before": "POST"}.items() <= found[
        "differences"
    ][0].items()


def test_what_differs_each_time_can_be_left_out(home: Command, server: Serving) -> None:
    assert home.run("diff", "1", "3").stdout != ""
    result = home.run("diff", "1", "3", "--ignore-volatile")
    assert (result.code, result.stdout) == (0, "")
    said = result.stderr.splitlines()
    assert said[0] == "#1 and #3 do not differ."
    assert said[1].startswith("Ignored: ")
    assert "at" in said[1]
    whole = home.run("diff", "1", "3", "--ignore-volatile", "--json").json()
    assert (whole["same"], whole["differences"]) == (True, [])
    assert whole["ignored"] != []


def test_a_delivery_does_not_differ_from_itself(home: Command, server: Serving) -> None:
    result = home.run("diff", "latest", "5")
    assert (result.code, result.stdout, result.stderr) == (0, "", "#5 and #5 do not differ.\n")


def test_what_cannot_be_compared(home: Command, server: Serving) -> None:
    for arguments, code in (
        (("1", "99"), 3),
        (("99", "1"), 3),
        (("1", "99999999999999999999"), 3),
        (("1",), 2),
        (("1", "two"), 2),
        (("1", "latest", "--endpoint", "/unknown"), 3),
    ):
        result = home.run("diff", *arguments)
        assert (result.code, result.stdout) == (code, ""), arguments
        assert "Traceback" not in result.stderr


def test_a_file_is_compared_as_its_server_does(command: Command) -> None:
    with command.serving("--db", "callbacks.db") as server:
        server.deliver("/", b'{"a": 1}')
        server.deliver("/", b'{"a": 2}')
        live = command.run("diff", "1", "2", "--json").json()
        server.stop()
    assert command.run("diff", "1", "2", "--json", "--db", "callbacks.db").json() == live
    assert command.run("diff", "1", "3", "--db", "callbacks.db").code == 3
