"""``tail``: every delivery once and in order, whatever happens to the connection."""

from __future__ import annotations

import json
import signal
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from support.command import Command, Following, Serving
from support.waiting import until

from inspector.client import Client


def fixed_ports(server: Serving) -> list[str]:
    """The options with which a server starts again where *server* was."""
    callback_port, inspector_port = (
        urlsplit(url).port for url in (server.callback_url, server.inspector_url)
    )
    return ["--port", str(callback_port), "--inspector-port", str(inspector_port)]


def paths(following: Following, count: int) -> list[str]:
    return [json.loads(following.line())["path"] for _ in range(count)]


def test_follows_from_an_id(command: Command, serving: Serving) -> None:
    for number in (1, 2, 3):
        serving.deliver(f"/{number}")
    with command.following("tail", "--json", "--after", "1") as following:
        assert paths(following, 2) == ["/2", "/3"]
        serving.deliver("/4")
        assert paths(following, 1) == ["/4"]
        ended = following.stop()
    assert (ended.code, ended.stdout) == (130, "")
    assert "Traceback" not in ended.stderr


def test_follows_from_now_on(command: Command, serving: Serving) -> None:
    serving.deliver("/before")
    with command.following("tail", "--json") as following:
        assert following.note().startswith("Following")
        serving.deliver("/now", b"body")
        summary = json.loads(following.line())
    whole = command.run("show", "latest", "--json").json()
    assert summary["path"] == "/now"
    assert {key: whole[key] for key in summary if key != "verification"} == {
        key: value for key, value in summary.items() if key != "verification"
    }


def test_begins_with_the_last_ones(command: Command, serving: Serving) -> None:
    for number in (1, 2, 3):
        serving.deliver(f"/{number}")
    with command.following("tail", "--json", "-n", "2") as following:
        assert paths(following, 2) == ["/2", "/3"]
        serving.deliver("/4")
        assert paths(following, 1) == ["/4"]
        assert following.stop().stdout == ""


def test_the_last_ones_of_nothing_miss_nothing(command: Command, serving: Serving) -> None:
    with command.following("listen", "--json", "-n", "5") as following:
        serving.deliver("/first")
        assert paths(following, 1) == ["/first"]


def test_a_line_for_people(command: Command, serving: Serving) -> None:
    with command.following("tail", "--after", "0") as following:
        serving.deliver("/a%1b[31m", b"\x1b[2J")
        line = following.line()
    assert line.startswith("#1  ")
    assert "POST /a%1b[31m  unconfigured  200  4 B  " in line
    assert "\x1b" not in line


def test_one_endpoint_alone(command: Command, serving: Serving) -> None:
    assert command.run("endpoints", "create", "/a").code == 0
    with command.following("tail", "--json", "--after", "0", "--endpoint", "/a") as following:
        for path in ("/b", "/a/1", "/c", "/a/2"):
            serving.deliver(path)
        assert paths(following, 2) == ["/a/1", "/a/2"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_server_that_comes_back_is_followed_on(command: Command, number: signal.Signals) -> None:
    with ExitStack() as until_end:
        server = until_end.enter_context(command.serving("--db", "callbacks.db"))
        following = until_end.enter_context(command.following("tail", "--json", "--after", "0"))
        assert "Following" in following.note()
        server.deliver("/1")
        assert paths(following, 1) == ["/1"]
        server.stop(number)
        assert "waiting" in following.note()
        again = until_end.enter_context(command.serving("--db", "callbacks.db", ports=fixed_ports(server)))
        again.deliver("/2")
        assert paths(following, 1) == ["/2"]
        assert "back" in following.note()
        again.stop(number)
        assert "waiting" in following.note()
        # Elsewhere this time, and not alone: the database is what is followed.
        until_end.enter_context(command.serving("--db", ":memory:"))
        elsewhere = until_end.enter_context(command.serving("--db", "callbacks.db"))
        elsewhere.deliver("/3")
        assert paths(following, 1) == ["/3"]
        assert following.stop().stdout == ""


def test_another_database_in_its_place_is_followed_from_its_beginning(command: Command) -> None:
    with command.serving("--db", ":memory:") as server:
        for number in range(5):
            server.deliver(f"/{number}")
        with command.following("tail", "--json", "--after", "0") as following:
            assert paths(following, 5)[-1] == "/4"
            server.stop()
            with command.serving("--db", ":memory:", ports=fixed_ports(server)) as again:
                again.deliver("/new-1")
                again.deliver("/new-2")
                assert paths(following, 2) == ["/new-1", "/new-2"]


def test_what_has_aged_out_is_said_and_the_rest_follows(command: Command) -> None:
    with command.serving("--db", ":memory:", "--keep-deliveries", "3") as server:
        for number in range(1, 41):
            server.deliver(f"/{number}")
        client = Client(server.inspector_url)
        until(lambda: len(client.get("/api/deliveries")["deliveries"]) < 10, what="the limit")
        with command.following("tail", "--json", "--after", "1") as following:
            assert "Following" in following.note()
            assert "aged out" in following.note()
            [first] = paths(following, 1)
            kept = range(int(first[1:]) + 1, 41)
            assert paths(following, len(kept)) == [f"/{number}" for number in kept]
            server.deliver("/41")
            assert paths(following, 1) == ["/41"]


def test_deleting_everything_is_said_once(command: Command, serving: Serving) -> None:
    for number in (1, 2):
        serving.deliver(f"/{number}")
    with command.following("tail", "--json", "--after", "0") as following:
        assert paths(following, 2) == ["/1", "/2"]
        assert "Following" in following.note()
        Client(serving.inspector_url).send("DELETE", "/api/deliveries")
        assert "deleted" in following.note()
        serving.deliver("/3")
        assert paths(following, 1) == ["/3"]
        ended = following.stop()
    assert (ended.stdout, ended.stderr.strip()) == ("", "")


def test_what_cannot_be_followed(command: Command, serving: Serving) -> None:
    for arguments, code in (
        (("--endpoint", "/unknown"), 3),
        (("--after", "1", "-n", "1"), 2),
        (("--after", "x"), 2),
        (("--db", "nothing.db"), 5),
        (("--url", "http://127.0.0.1:9/"), 5),
    ):
        result = command.run("tail", *arguments)
        assert (result.code, result.stdout) == (code, ""), arguments
        assert "Traceback" not in result.stderr
