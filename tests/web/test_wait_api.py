"""Waiting through the API: what came before counts as much as what comes, and a time-out says what came."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from support import raw_http
from support.inspected import Inspected, inspected, problem
from support.raw_http import Connection, RawReply, request_bytes
from support.searched import q
from support.waiting import until

from inspector.client import Client
from inspector.errors import Refused
from inspector.settings import Limits
from inspector.web.stream import Hub

SENDERS = 8
EACH = 25


@pytest.fixture
def server() -> Iterator[Inspected]:
    with inspected() as running:
        yield running


@pytest.fixture(scope="module")
def refusing() -> Iterator[Inspected]:
    """A server that never has to wait."""
    with inspected() as running:
        yield running


@pytest.fixture
def later() -> Iterator[Callable[..., Future[Any]]]:
    """Calls something in a thread; the block of the test ends when all of it is done."""
    with ThreadPoolExecutor() as pool:
        yield pool.submit


def hub_of(server: Inspected) -> Hub:
    """The server's count of what is open."""
    return server.server._http._hub


def ids(answer: Any) -> list[int]:
    return [each["id"] for each in answer["deliveries"]]


def test_what_is_there_answers_at_once_and_whole(server: Inspected) -> None:
    numbers = [server.deliver("/a?x=1", body) for body in (b"one", b"two", b"three")]
    answer = server.get("/api/wait?timeout=0")
    assert answer["deliveries"] == [server.get(f"/api/deliveries/{numbers[0]}")]
    assert answer["cursor"] == numbers[0]
    two = server.get("/api/wait?timeout=0&count=2")
    assert (ids(two), two["cursor"]) == (numbers[:2], numbers[1])
    assert ids(server.get(f"/api/wait?timeout=0&after={two['cursor']}")) == numbers[2:]
    assert ids(server.get(f"/api/wait?timeout=0&{q('body:two')}")) == [numbers[1]]


def test_what_comes_later_wakes_it(server: Inspected, later: Callable[..., Future[Any]]) -> None:
    waiting = later(server.get, f"/api/wait?timeout=60&count=2&{q('body:wanted')}")
    until(lambda: hub_of(server).open_waits, what="the wait")
    server.deliver("/", b"other")
    first = server.deliver("/", b"wanted")
    assert not waiting.done()
    second = server.deliver("/", b"wanted too")
    assert ids(waiting.result(10)) == [first, second]
    assert hub_of(server).open_waits == 0


def test_an_endpoint_by_id_or_path(server: Inspected, later: Callable[..., Future[Any]]) -> None:
    mine = server.send("POST", "/api/endpoints", {"path": "/mine"}, status=201)
    waits = [later(server.get, f"/api/wait?endpoint={name}") for name in (mine["id"], "/mine")]
    until(lambda: hub_of(server).open_waits == 2, what="both waits")
    server.deliver("/other")
    number = server.deliver("/mine/below")
    assert [ids(wait.result(10)) for wait in waits] == [[number], [number]]
    answer = problem(server.ask("GET", "/api/wait?endpoint=/none&timeout=0"), 404)
    assert answer["code"] == "not-found"


def test_a_time_out_tells_what_came_and_what_came_nearest(server: Inspected) -> None:
    old = server.deliver("/", b'{"status_code":200}')
    as_json = [("Content-Type", "application/json")]
    far = server.deliver("/x", b"", method="PUT")
    near = server.deliver("/", b'{"status_code":500}', as_json)
    nearer = server.deliver("/", b'{"status_code":"\x1b"}', as_json)
    query = f"/api/wait?timeout=0.05&after={old}&{q('method:POST json.status_code:200')}"
    answer = problem(server.ask("GET", query), 404)
    assert (answer["code"], answer["received"]) == ("wait-timeout", 3)
    assert [(miss["id"], miss["held"]) for miss in answer["nearest"]] == [(nearer, 1), (near, 1), (far, 0)]
    assert answer["nearest"][1]["failed"] == [
        {"condition": "json.status_code", "wanted": "200", "got": "500"}
    ]
    assert "3 came" in answer["detail"]
    with pytest.raises(Refused) as refused:
        Client(server.server.addresses.inspector_url).wait(timeout=0, after=nearer)
    assert (refused.value.code, refused.value.facts["received"]) == ("wait-timeout", 0)
    assert refused.value.facts["nearest"] == []


def test_some_that_fit_but_too_few(server: Inspected) -> None:
    for body in (b"wanted", b"other"):
        server.deliver("/", body)
    answer = problem(server.ask("GET", f"/api/wait?timeout=0&count=2&{q('body:wanted')}"), 404)
    assert (answer["received"], [miss["id"] for miss in answer["nearest"]]) == (2, [2])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("timeout=-1", "timeout"),
        ("timeout=61", "timeout"),
        ("timeout=nan", "timeout"),
        ("timeout=inf", "timeout"),
        ("timeout=1e1", "timeout"),
        ("timeout=", "timeout"),
        ("count=0", "count"),
        ("count=501", "count"),
        ("count=1.5", "count"),
        ("after=-1", "after"),
        ("after=x", "after"),
        ("within=1", "within"),
        ("count=1&count=2", "count"),
        ("q=status:wrong", "q"),
    ],
)
def test_bad_input_names_the_parameter(refusing: Inspected, query: str, field: str) -> None:
    answer = problem(refusing.ask("GET", f"/api/wait?{query}"), 400)
    assert [error["field"] for error in answer["errors"]] == [field]


def test_what_is_changed_or_deleted_while_it_waits(
    server: Inspected, later: Callable[..., Future[Any]]
) -> None:
    first, second, third = (server.deliver("/", body) for body in (b"a", b"b", b"c"))
    waiting = later(server.get, f"/api/wait?timeout=60&count=2&{q('pinned:yes')}")
    until(lambda: hub_of(server).open_waits, what="the wait")
    server.send("PATCH", f"/api/deliveries/{second}", {"pinned": True})
    server.send("PATCH", f"/api/deliveries/{second}", {"pinned": False})
    server.send("PATCH", f"/api/deliveries/{third}", {"pinned": True})
    server.send("DELETE", f"/api/deliveries/{third}", status=204)
    server.send("PATCH", f"/api/deliveries/{second}", {"pinned": True})
    assert not waiting.done()
    server.send("PATCH", f"/api/deliveries/{first}", {"pinned": True})
    assert ids(waiting.result(10)) == [first, second]


def test_what_was_cleared_does_not_count(server: Inspected, later: Callable[..., Future[Any]]) -> None:
    server.deliver()
    waiting = later(server.get, "/api/wait?timeout=60&count=2")
    until(lambda: hub_of(server).open_waits, what="the wait")
    server.send("DELETE", "/api/deliveries?pinned=true")
    second = server.deliver()
    assert not waiting.done()
    third = server.deliver()
    assert ids(waiting.result(10)) == [second, third]


def test_no_wake_up_is_lost(server: Inspected) -> None:
    """Every waiter follows the log by cursor while senders race it: none may sleep over a delivery."""

    def follow() -> list[int]:
        seen: list[int] = []
        cursor = 0
        while len(seen) < SENDERS * EACH:
            answer = server.get(f"/api/wait?after={cursor}&timeout=20")
            seen += ids(answer)
            cursor = answer["cursor"]
        return seen

    def deliver() -> None:
        with Connection(server.callbacks) as connection:
            for _ in range(EACH):
                connection.send(request_bytes(body=b"x"))
                assert connection.read_reply().status == 200

    with ThreadPoolExecutor(SENDERS + 3) as pool:
        waiters = [pool.submit(follow) for _ in range(3)]
        for sender in [pool.submit(deliver) for _ in range(SENDERS)]:
            sender.result(30)
        for waiter in waiters:
            assert waiter.result(30) == list(range(1, SENDERS * EACH + 1))


def test_whoever_goes_away_gives_up_a_place() -> None:
    with inspected(limits=Limits(waits=2)) as server:
        request = request_bytes("GET", "/api/wait?timeout=60", host=server.host)
        with Connection(server.inspector) as one, Connection(server.inspector) as other:
            one.send(request)
            other.send(request)
            until(lambda: hub_of(server).open_waits == 2, what="both waits")
            full = server.ask("GET", "/api/wait?timeout=0")
            assert problem(full, 503)["code"] == "too-many-waits"
            assert full.header("retry-after") == "5"
            one.socket.close()
            until(lambda: hub_of(server).open_waits == 1, what="the end of one")
            number = server.deliver()
            assert ids(json.loads(other.read_reply().body)) == [number]
        until(lambda: hub_of(server).open_waits == 0, what="the end of both")


def test_streams_and_waits_leave_room_to_ask() -> None:
    limits = Limits()
    few = Limits(streams=2, waits=2, inspector_connections=5)
    assert limits.streams + limits.waits < limits.inspector_connections
    with inspected(limits=few) as server, ExitStack() as held:
        for target in ("/api/stream", "/api/wait?timeout=60") * 2:
            asking = held.enter_context(Connection(server.inspector))
            asking.send(request_bytes("GET", target, host=server.host))
        until(lambda: hub_of(server).open_waits + hub_of(server).open_streams == 4, what="all of them")
        for target in ("/api/stream", "/api/wait"):
            problem(server.ask("GET", target), 503)
        assert server.get("/api/status")["waits"] == 2


def test_the_end_of_the_server_ends_it() -> None:
    replies: list[RawReply] = []
    with inspected() as server:
        request = request_bytes("GET", "/api/wait?timeout=60", host=server.host)

        def wait() -> None:
            replies.append(raw_http.send_raw(server.inspector, request))

        waiter = threading.Thread(target=wait)
        waiter.start()
        until(lambda: hub_of(server).open_waits, what="the wait")
    waiter.join(10)
    assert problem(replies[0], 503)["code"] == "stopping"


def test_a_long_answer_comes_whole(server: Inspected) -> None:
    numbers = [server.deliver("/", b"x" * 700_000) for _ in range(5)]
    server.deliver("/", b"y" * (1024 * 1024 + 1))
    answer = server.get("/api/wait?timeout=0&count=6")
    assert ids(answer) == [*numbers, 6]
    assert [each["body_base64"] is None for each in answer["deliveries"]] == [False] * 5 + [True]
