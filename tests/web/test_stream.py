"""The event stream over a real socket: what it tells, where it resumes, when it starts anew, how it ends."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support import raw_http
from support.event_stream import Event, EventStream, streaming
from support.inspected import Inspected, inspected, problem
from support.malformed import keep, mishap
from support.raw_http import Connection
from support.waiting import until

import inspector
from inspector.settings import Retention


@pytest.fixture
def server() -> Iterator[Inspected]:
    with inspected() as running:
        yield running


def deliveries(events: list[Event]) -> list[int]:
    """The ids of the deliveries among *events*, each of which has to carry its own id as the cursor."""
    told = [event for event in events if event.name == "delivery"]
    assert [event.id for event in told] == [str(event.data["id"]) for event in told]
    return [event.data["id"] for event in told]


def test_a_stream_begins_with_where_it_stands_and_tells_what_arrives(server: Inspected) -> None:
    earlier = server.deliver()
    with streaming(server) as stream:
        assert stream.status == 200
        headers = dict(stream.headers)
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert headers["cache-control"] == "no-store"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        hello = stream.next()
        status = server.get("/api/status")
        assert (hello.name, hello.id) == ("hello", str(earlier))
        assert hello.data == {
            "instance": status["instance"],
            "version": inspector.__version__,
            "generation": status["generation"],
            "revision": status["revision"],
            "cursor": earlier,
        }
        number = server.deliver("/a?b=c", b"{}")
        event = stream.next()
        assert (event.name, event.id) == ("delivery", str(number))
        assert event.data == server.get("/api/deliveries")["deliveries"][0]


def test_what_is_captured_cannot_forge_an_event(server: Inspected) -> None:
    body = '{"t":"line1\\nline2","raw":"\u2028\u2029\x85"}\r\n\r\ndata: forged\nevent: x\nid: 9\n\n'.encode()
    target, note = "/a?q=a%0Adata:+x%0d%0a%0d%0aid:%209", "x\r\n\r\ndata: forged\n\nid: 1\n"
    with streaming(server) as stream:
        stream.next()
        number = server.deliver(target, body, [("Content-Type", "a\x85b\xa0c")])
        delivery = stream.next()
        assert (delivery.name, delivery.id, delivery.data["path"]) == ("delivery", str(number), target)
        assert delivery.data["content_type"] == "a\x85b\xa0c"
        server.send("PATCH", f"/api/deliveries/{number}", {"note": note})
        update = stream.next()
        assert (update.name, update.id, update.data["note"]) == ("update", None, note)
        assert deliveries([stream.next() for _ in [server.deliver()]]) == [number + 1]


def test_malformed_requests_are_told_by_their_number_alone(server: Inspected) -> None:
    with streaming(server) as stream:
        stream.next()
        keep(server.server.store, mishap(), mishap())
        told = stream.next()
        if told.data["total"] == 1:  # it may be quick enough to tell of each
            told = stream.next()
        assert (told.name, told.id, told.data) == ("malformed", None, {"total": 2})
        number = server.deliver()
        assert deliveries([stream.next()]) == [number]


def test_every_byte_of_an_event_is_plain_ascii(server: Inspected) -> None:
    with Connection(server.inspector) as connection:
        connection.send(raw_http.request_bytes("GET", "/api/stream", host=server.host))
        connection.read_head()
        server.deliver("/%e2%80%ae", b"", [("Content-Type", "t\xe9xt/\x9b31m\x85")])
        while b"event: delivery" not in connection.pending or not connection.pending.endswith(b"\n\n\r\n"):
            connection.pending += connection.socket.recv(65536)
        assert all(byte in b"\r\n" or 0x20 <= byte < 0x7F for byte in connection.pending)


def test_an_update_and_a_deletion_are_told(server: Inspected) -> None:
    first, second, third = (server.deliver() for _ in range(3))
    with streaming(server) as stream:
        stream.next()
        server.send("PATCH", f"/api/deliveries/{second}", {"pinned": True})
        update = stream.next()
        assert (update.name, update.id) == ("update", None)
        assert (update.data["id"], update.data["pinned"]) == (second, True)
        server.ask("DELETE", f"/api/deliveries/{first}")
        deleted = stream.next()
        assert (deleted.name, deleted.id, deleted.data) == ("deleted", None, {"ids": [first]})
        fourth = server.deliver()
        assert deliveries([stream.next()]) == [fourth]
    assert third < fourth


def test_a_delivery_still_to_be_told_is_told_as_it_is_by_then(server: Inspected) -> None:
    numbers = [server.deliver() for _ in range(3)]
    server.send("PATCH", f"/api/deliveries/{numbers[1]}", {"note": "changed"})
    server.ask("DELETE", f"/api/deliveries/{numbers[2]}")
    with streaming(server, "?after=0") as stream:
        events = stream.take(3)
        assert [event.name for event in events] == ["hello", "delivery", "delivery"]
        assert [event.data["note"] for event in events[1:]] == ["", "changed"]


def test_one_endpoint_can_be_followed(server: Inspected) -> None:
    endpoint = server.send("POST", "/api/endpoints", {"path": "/mine"}, status=201)
    for named in (endpoint["id"], "/mine"):
        with streaming(server, f"?endpoint={named}") as stream:
            stream.next()
            other = server.deliver("/other")
            mine = server.deliver("/mine/x")
            assert deliveries([stream.next()]) == [mine]
            server.send("PATCH", f"/api/deliveries/{other}", {"pinned": True})
            server.send("PATCH", f"/api/deliveries/{mine}", {"pinned": True})
            assert stream.next().data["id"] == mine
    problem(server.ask("GET", "/api/stream?endpoint=/nowhere"), 404)


def ids_after(server: Inspected, query: str = "", header: str | None = None, *, count: int) -> list[int]:
    """The first *count* deliveries that a stream tells which begins as *query* and *header* say."""
    headers = [] if header is None else [("Last-Event-ID", header)]
    with streaming(server, query, headers) as stream:
        assert stream.next().name == "hello"
        return deliveries(stream.take(count))


def test_where_a_stream_resumes(server: Inspected) -> None:
    numbers = [server.deliver() for _ in range(4)]
    assert ids_after(server, "?after=0", count=4) == numbers
    assert ids_after(server, f"?after={numbers[1]}", count=2) == numbers[2:]
    assert ids_after(server, header=str(numbers[2]), count=1) == numbers[3:]
    # A browser repeats the address of its first request when it reconnects: the header is newer.
    assert ids_after(server, "?after=0", header=str(numbers[2]), count=1) == numbers[3:]
    assert ids_after(server, "?after=0", header="", count=4) == numbers


def test_a_stream_cut_right_after_its_beginning_resumes_there(server: Inspected) -> None:
    server.deliver()
    with streaming(server) as stream:
        hello = stream.next()
    missed = server.deliver()
    assert hello.id is not None
    assert ids_after(server, header=hello.id, count=1) == [missed]


@pytest.mark.parametrize("after", ["", "x", "-1", "1.5", "9223372036854775808", "1%0A"])
def test_a_bad_after_is_refused(server: Inspected, after: str) -> None:
    answer = problem(server.ask("GET", f"/api/stream?after={after}"), 400)
    assert [error["field"] for error in answer["errors"]] == ["after"]
    assert problem(server.ask("GET", "/api/stream?filter=x"), 400)["errors"][0]["field"] == "filter"


@pytest.mark.parametrize(
    ("query", "header"),
    [("?after=1000", None), ("", "1000"), ("", "garbage"), ("", "-1"), ("", "9" * 30), ("?after=1", "1e3")],
)
def test_a_cursor_from_elsewhere_starts_anew(server: Inspected, query: str, header: str | None) -> None:
    number = server.deliver()
    with streaming(server, query, [] if header is None else [("Last-Event-ID", header)]) as stream:
        hello, reset = stream.take(2)
        # Without an id of its own, a cut right here is told to start anew once more.
        assert (hello.name, hello.id) == ("hello", None)
        assert (reset.name, reset.id) == ("reset", str(number))
        assert reset.data == {"generation": hello.data["generation"], "cursor": number}
        later = server.deliver()
        assert deliveries([stream.next()]) == [later]


def test_clearing_everything_starts_every_stream_anew(server: Inspected) -> None:
    last = [server.deliver() for _ in range(3)][-1]
    with streaming(server) as live:
        hello = live.next()
        assert server.send("DELETE", "/api/deliveries") == {"deleted": 3}
        reset = live.next()
        assert (reset.name, reset.id) == ("reset", str(last + 1))
        assert reset.data == {"generation": hello.data["generation"] + 1, "cursor": last + 1}
        later = server.deliver()
        assert deliveries([live.next()]) == [later]
    with streaming(server, headers=[("Last-Event-ID", str(last))]) as resumed:
        assert [event.name for event in resumed.take(2)] == ["hello", "reset"]
    assert ids_after(server, header=str(last + 1), count=1) == [later]
    assert ids_after(server, "?after=0", count=1) == [later]


def test_deleting_an_endpoints_deliveries_does_not_start_anew(server: Inspected) -> None:
    server.send("POST", "/api/endpoints", {"path": "/mine"}, status=201)
    mine, other = server.deliver("/mine"), server.deliver("/other")
    with streaming(server) as stream:
        stream.next()
        server.send("DELETE", "/api/deliveries?endpoint=/mine")
        assert stream.next() == Event("deleted", {"ids": [mine]}, None)
    assert ids_after(server, f"?after={mine}", count=1) == [other]


def test_a_hundred_random_cuts_lose_nothing_and_repeat_nothing(server: Inspected) -> None:
    luck = random.Random(7)
    total = 3000
    stop = threading.Event()

    def post() -> None:
        with Connection(server.callbacks) as connection:
            for index in range(total):
                connection.send(raw_http.request_bytes("POST", f"/{index}", body=b"{}"))
                connection.read_reply()
        stop.set()

    sender = threading.Thread(target=post)
    sender.start()
    seen: list[int] = []
    cursor = "0"
    cuts = 0
    while not (stop.is_set() and cuts >= 100 and len(seen) == total):
        by_header = cuts % 2
        query = "" if by_header else f"?after={cursor}"
        headers = [("Last-Event-ID", cursor)] if by_header else []
        with streaming(server, query, headers) as stream:
            wanted = luck.randrange(60) if cuts < 100 else total
            for _ in range(wanted):
                if len(seen) == total:
                    break
                event = stream.next()
                cursor = event.id or cursor
                seen += deliveries([event])
            # The cut falls in the middle of whatever the server is writing.
        cuts += 1
    sender.join()
    assert seen == list(range(seen[0], seen[0] + total))


def test_a_flood_reaches_every_stream_whole_and_in_order(server: Inspected) -> None:
    total = 1500
    found: dict[int, list[int]] = {}
    with Connection(server.callbacks) as connection:
        streams = [streaming(server) for _ in range(8)]
        opened = [stream.__enter__() for stream in streams]
        for stream in opened:
            stream.next()

        def read(index: int, stream: EventStream) -> None:
            found[index] = deliveries(stream.take(total))

        readers = [threading.Thread(target=read, args=pair) for pair in enumerate(opened)]
        for reader in readers:
            reader.start()
        for _ in range(total):
            connection.send(raw_http.request_bytes("POST", "/", body=b"{}"))
            connection.read_reply()
        for reader in readers:
            reader.join()
        for stream_context in streams:
            stream_context.__exit__(None, None, None)
    first = found[0][0]
    assert all(numbers == list(range(first, first + total)) for numbers in found.values())


def test_streams_that_were_dropped_are_not_counted_any_more(server: Inspected) -> None:
    def open_streams() -> Any:
        return server.get("/api/status")["streams"]

    with streaming(server) as kept:
        kept.next()
        for _ in range(20):
            with streaming(server) as dropped:
                dropped.next()
        until(lambda: open_streams() == 1, what="the end of the dropped streams")
        number = server.deliver()
        assert deliveries([kept.next()]) == [number]
        assert server.ask("HEAD", "/api/stream").status == 200
        assert open_streams() == 1
    until(lambda: open_streams() == 0, what="the end of the last stream")


def test_the_129th_stream_is_asked_to_come_later(server: Inspected) -> None:
    connections = []
    try:
        for _ in range(128):
            connection = Connection(server.inspector)
            connections.append(connection)
            connection.send(raw_http.request_bytes("GET", "/api/stream", host=server.host))
            assert connection.read_head()[0] == 200
        refused = server.ask("GET", "/api/stream")
        assert problem(refused, 503)["code"] == "too-many-streams"
        assert int(refused.header("retry-after") or 0) > 0
        connections.pop().socket.close()
        until(lambda: server.get("/api/status")["streams"] < 128, what="a free place")
        with streaming(server) as stream:
            assert stream.next().name == "hello"
    finally:
        for connection in connections:
            connection.socket.close()


def test_a_server_that_stops_says_goodbye_to_every_stream() -> None:
    with inspected() as server:
        number = server.deliver()
        contexts = [streaming(server, "?after=0") for _ in range(3)]
        streams = [context.__enter__() for context in contexts]
        assert [[event.name for event in stream.take(2)] for stream in streams] == [["hello", "delivery"]] * 3
    for stream in streams:
        assert [(event.name, event.data) for event in stream.rest()] == [("bye", {})]
        assert stream.ended
    for context in contexts:
        context.__exit__(None, None, None)
    assert number


def test_a_stream_needs_the_token() -> None:
    with inspected(token="a-token") as server:
        with streaming(server) as stream:
            assert stream.next().name == "hello"
        reply = raw_http.send(server.inspector, "GET", "/api/stream")
        assert json.loads(reply.body)["code"] == "token-missing"


def test_what_the_limits_took_is_told_to_whoever_comes_late() -> None:
    with inspected(retention=Retention(deliveries=5)) as server:
        numbers = [server.deliver() for _ in range(20)]
        until(lambda: server.get("/api/status")["deliveries"] <= 5, what="the limit to bite")
        with streaming(server, f"?after={numbers[0]}") as late:
            assert [event.name for event in late.take(2)] == ["hello", "reset"]
        kept = [row["id"] for row in server.get("/api/deliveries")["deliveries"]]
        # Who asks for everything gets everything there is.
        assert ids_after(server, "?after=0", count=len(kept)) == sorted(kept)


def test_a_stream_resumes_over_a_restart(tmp_path: Path) -> None:
    database = tmp_path / "callbacks.db"
    with inspected(database=database) as server, streaming(server) as stream:
        before = stream.next()
        first = server.deliver()
        assert deliveries([stream.next()]) == [first]
        missed = server.deliver()
    with inspected(database=database) as server:
        with streaming(server, headers=[("Last-Event-ID", str(first))]) as stream:
            after = stream.next()
            assert after.data["instance"] == before.data["instance"]
            assert deliveries([stream.next()]) == [missed]
        assert server.send("DELETE", "/api/deliveries") == {"deleted": 2}
    with (
        inspected(database=database) as server,
        streaming(server, headers=[("Last-Event-ID", str(missed))]) as stream,
    ):
        assert [event.name for event in stream.take(2)] == ["hello", "reset"]


def test_a_stream_ends_quietly_when_the_database_cannot_be_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = tmp_path / "callbacks.db"
    with inspected(database=database) as server, streaming(server) as stream:
        stream.next()
        with closing(sqlite3.connect(database)) as vandal:
            vandal.execute("drop view kept")
        server.deliver()
        assert stream.rest() == []
        assert stream.ended
        answer = problem(server.ask("GET", "/api/deliveries"), 503)
        assert answer["code"] == "storage-failed"
        assert not [record for record in caplog.records if record.exc_info]
