"""Scripted replies over real sockets: who answers whom, what is held, and what goes wrong on purpose."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from support import raw_http
from support.event_stream import streaming
from support.inspected import Inspected, inspected, problem
from support.raw_http import Connection, RawReply, request_bytes
from support.waiting import until

from inspector.settings import Limits


@pytest.fixture
def server() -> Iterator[Inspected]:
    with inspected() as running:
        yield running


@pytest.fixture(scope="module")
def refusing() -> Iterator[Inspected]:
    """A server that is asked for nothing it does."""
    with inspected() as running:
        script(running, {"status": 418})
        yield running


@pytest.fixture
def later() -> Iterator[Callable[..., Future[Any]]]:
    with ThreadPoolExecutor() as pool:
        yield pool.submit


def script(server: Inspected, *replies: dict[str, Any], path: str = "/hook", **endpoint: Any) -> str:
    """A new endpoint with that script; its id."""
    created = server.send("POST", "/api/endpoints", {"path": path, **endpoint}, status=201)
    server.send("PUT", f"/api/endpoints/{created['id']}/replies", {"replies": list(replies)})
    return str(created["id"])


def post(server: Inspected, target: str = "/hook", body: bytes = b"", **fields: str) -> RawReply:
    headers = [(name.replace("_", "-"), value) for name, value in fields.items()]
    return raw_http.send(server.callbacks, "POST", target, headers, body)


def reply_of(server: Inspected, number: int) -> Any:
    return server.get(f"/api/deliveries/{number}")["reply"]


def test_a_sequence_whose_last_entry_stays(server: Inspected) -> None:
    endpoint = script(server, {"status": 503}, {"status": 429, "times": 2}, {"json": {"ok": True}})
    assert [post(server).status for _ in range(5)] == [503, 429, 429, 200, 200]
    told = server.get(f"/api/endpoints/{endpoint}/replies")["replies"]
    assert [(each["times"], each["used"], each["held"]) for each in told] == [
        (1, 1, 0),
        (2, 2, 0),
        (None, 2, 0),
    ]
    last = server.get("/api/deliveries/latest")
    assert json.loads(post(server).body) == {"ok": True}
    assert (last["reply_status"], last["reply"]["script"]) == (
        200,
        {"entry": 3, "fault": None, "hold": False, "held_seconds": None},
    )
    assert server.get("/api/deliveries?q=reply:429")["deliveries"][0]["reply_status"] == 429


def test_used_up_it_leaves_the_endpoints_own_reply(server: Inspected) -> None:
    endpoint = script(server, {"status": 500, "times": 1}, reply={"status": 202})
    assert [post(server).status for _ in range(2)] == [500, 202]
    assert reply_of(server, 2)["script"] is None
    assert post(server, "/other").status == 200
    server.send("PUT", f"/api/endpoints/{endpoint}/replies", {"replies": [{"status": 500}]})
    assert post(server).status == 500
    server.send("DELETE", f"/api/endpoints/{endpoint}/replies", status=204)
    assert post(server).status == 202
    assert server.get(f"/api/endpoints/{endpoint}/replies") == {"replies": []}
    assert server.send("POST", f"/api/endpoints/{endpoint}/release", {}) == {"released": 0}


def test_conditions_choose_by_the_delivery(server: Inspected) -> None:
    endpoint = script(
        server,
        {"status": 404, "when": "path:/hook/missing", "times": 9},
        {"status": 409, "when": "json.kind:refund header.x-run:7", "times": 9},
        {"status": 503, "when": "attempt:1", "times": 9},
        {"status": 201},
    )
    as_json = {"Content_Type": "application/json"}
    assert post(server, "/hook/missing").status == 404
    assert post(server, body=b'{"kind":"refund"}', X_Run="7", **as_json).status == 409
    assert [post(server, body=b"again", webhook_id="msg_1").status for _ in range(2)] == [503, 201]
    assert post(server, body=b"x" * 1_100_000).status == 503
    used = [each["used"] for each in server.get(f"/api/endpoints/{endpoint}/replies")["replies"]]
    assert used == [1, 1, 2, 1]


def test_a_rejected_delivery_uses_nothing_up(server: Inspected) -> None:
    secret = "s" * 32
    endpoint = script(
        server, {"status": 503}, {"status": 200}, scheme="blaxel", secret=secret, reject_invalid=True
    )
    assert post(server, body=b"{}").status == 401
    sent = server.send("POST", f"/api/endpoints/{endpoint}/send", {"json": {}})
    assert sent["status"] == 503
    assert reply_of(server, 1)["script"] is None


def test_a_held_reply_waits_while_the_callback_is_there(
    server: Inspected, later: Callable[..., Future[Any]]
) -> None:
    endpoint = script(server, {"status": 202, "hold": True, "body": "at last"})
    with streaming(server) as stream:
        stream.next()
        waiting = [later(post, server), later(post, server)]
        assert sorted(event.data["id"] for event in stream.take(2)) == [1, 2]
        replies = f"/api/endpoints/{endpoint}/replies"
        assert server.get(replies)["replies"][0]["held"] == 2
        held = reply_of(server, 1)
        assert (held["completed"], held["sent_at"], held["status"]) == (False, None, 202)
        assert held["script"] == {"entry": 1, "fault": None, "hold": True, "held_seconds": None}
        assert not any(each.done() for each in waiting)
        assert server.send("POST", f"/api/endpoints/{endpoint}/release", {}) == {"released": 2}
        assert [each.result(10).body for each in waiting] == [b"at last"] * 2
        # What turned out differently is told to who follows.
        assert {stream.next().name, stream.next().name} == {"update"}
    sent = reply_of(server, 1)
    assert sent["completed"] is True
    assert sent["sent_at"] is not None
    assert sent["script"]["held_seconds"] > 0
    assert post(server).status == 202  # nothing is held any more
    assert reply_of(server, 3)["script"]["hold"] is False
    assert server.get(replies)["replies"][0]["held"] == 0


def test_a_sender_that_leaves_while_held_is_noted(server: Inspected) -> None:
    endpoint = script(server, {"hold": True})
    with Connection(server.callbacks) as sender:
        sender.send(request_bytes(target="/hook", body=b"x"))
        until(lambda: server.get("/api/deliveries")["deliveries"], what="the delivery")
        sender.reset()
    until(
        lambda: server.get(f"/api/endpoints/{endpoint}/replies")["replies"][0]["held"] == 0,
        what="the end of the hold",
    )
    noted = until(lambda: _if_held_is_known(reply_of(server, 1)), what="the note")
    assert (noted["completed"], noted["sent_at"]) == (False, None)
    assert server.send("POST", f"/api/endpoints/{endpoint}/release", {}) == {"released": 0}


def test_one_that_only_closes_might_still_listen_until_the_reply_shows(server: Inspected) -> None:
    endpoint = script(server, {"hold": True})
    with Connection(server.callbacks) as listening, Connection(server.callbacks) as leaving:
        for sender in (listening, leaving):
            sender.send(request_bytes(target="/hook", body=b"x"))
        until(lambda: server.server.store.count() == 2, what="both deliveries")
        listening.half_close()
        leaving.socket.close()
        assert server.send("POST", f"/api/endpoints/{endpoint}/release", {}) == {"released": 2}
        first = int(listening.read_reply().header("x-callback-delivery") or 0)
    gone = until(lambda: _if_not_sent(reply_of(server, 3 - first)), what="the note")
    assert (gone["sent_at"], reply_of(server, first)["completed"]) == (None, True)


def _if_not_sent(reply: Any) -> Any:
    known = reply["script"]["held_seconds"] is not None
    return reply if known and not reply["completed"] else None


def _if_held_is_known(reply: Any) -> Any:
    return reply if reply["script"]["held_seconds"] is not None else None


@pytest.mark.parametrize("end", ["replace", "remove", "endpoint"])
def test_what_is_held_is_let_go_when_its_script_goes(
    server: Inspected, later: Callable[..., Future[Any]], end: str
) -> None:
    endpoint = script(server, {"status": 202, "hold": True})
    waiting = later(post, server)
    until(lambda: server.get("/api/deliveries")["deliveries"], what="the delivery")
    replies = f"/api/endpoints/{endpoint}/replies"
    if end == "replace":
        server.send("PUT", replies, {"replies": [{"status": 500}]})
    elif end == "remove":
        server.send("DELETE", replies, status=204)
    else:
        server.send("DELETE", f"/api/endpoints/{endpoint}", status=204)
    assert waiting.result(10).status == 202


def test_the_end_of_the_server_lets_it_go(later: Callable[..., Future[Any]]) -> None:
    with inspected() as server:
        script(server, {"status": 202, "hold": True})
        waiting = later(post, server)
        until(lambda: server.get("/api/deliveries")["deliveries"], what="the delivery")
    assert waiting.result(10).status == 202


def first_bytes(server: Inspected) -> bytes:
    """Everything that comes back until the connection ends, however it does."""
    with Connection(server.callbacks) as sender:
        sender.send(request_bytes(target="/hook", body=b"{}"))
        return sender.read_to_end()


def test_faults(server: Inspected) -> None:
    endpoint = script(
        server,
        {"fault": "reset"},
        {"fault": "close"},
        {"fault": "garbage"},
        {"fault": "half", "status": 201, "body": "0123456789"},
        {"fault": "half"},
    )
    with pytest.raises(ConnectionResetError):
        first_bytes(server)
    assert first_bytes(server) == b""
    garbage = first_bytes(server)
    assert garbage
    assert not garbage.startswith(b"HTTP/")
    half = first_bytes(server)
    assert half.startswith(b"HTTP/1.1 201 Created\r\n")
    assert b"Content-Length: 10\r\n" in half
    assert half.endswith(b"\r\n\r\n01234")
    headless = first_bytes(server)
    assert headless.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\n\r\n" not in headless
    kept = server.get("/api/deliveries?after=0")["deliveries"]
    assert [each["reply_status"] for each in kept] == [0, 0, 0, 201, 200]
    told = [reply_of(server, each["id"]) for each in kept]
    assert [each["script"]["fault"] for each in told] == ["reset", "close", "garbage", "half", "half"]
    assert {(each["completed"], each["sent_at"]) for each in told} == {(False, None)}
    assert server.get(f"/api/endpoints/{endpoint}/replies")["replies"][0]["used"] == 1


def test_a_fault_that_never_answers_ends_with_its_sender_or_its_server() -> None:
    with inspected() as server:
        script(server, {"fault": "timeout"})
        with Connection(server.callbacks, timeout_seconds=0.2) as sender:
            sender.send(request_bytes(target="/hook", body=b"{}"))
            until(lambda: server.get("/api/deliveries")["deliveries"], what="the delivery")
            with pytest.raises(TimeoutError):
                sender.read_reply()
        staying = socket.create_connection(server.callbacks, 10)
        staying.sendall(request_bytes(target="/hook", body=b"{}"))
        until(lambda: len(server.get("/api/deliveries")["deliveries"]) == 2, what="the other")
    with staying:
        try:
            assert staying.recv(1) == b""
        except ConnectionResetError:
            return


def test_a_held_fault_after_a_delay(server: Inspected, later: Callable[..., Future[Any]]) -> None:
    endpoint = script(server, {"fault": "close", "hold": True, "delay_seconds": 0.05})
    waiting = later(first_bytes, server)
    until(lambda: server.get("/api/deliveries")["deliveries"], what="the delivery")
    server.send("POST", f"/api/endpoints/{endpoint}/release", {})
    assert waiting.result(10) == b""
    noted = until(lambda: _if_held_is_known(reply_of(server, 1)), what="the note")
    assert (noted["completed"], noted["status"], noted["script"]["fault"]) == (False, 0, "close")


def test_a_delay_of_its_own_holds_up_nobody_else(
    server: Inspected, later: Callable[..., Future[Any]]
) -> None:
    script(server, {"delay_seconds": 30}, {"status": 202})
    slow = later(_disconnected_post, server)
    until(lambda: server.get("/api/deliveries")["deliveries"], what="the delivery")
    assert (post(server).status, post(server, "/other").status) == (202, 200)
    assert not slow.done()
    slow.result(10)


def _disconnected_post(server: Inspected) -> None:
    with Connection(server.callbacks, timeout_seconds=1) as sender:
        sender.send(request_bytes(target="/hook"))
        with pytest.raises(TimeoutError):
            sender.read_reply()


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"status": 99}, "status"),
        ({"status": 101}, "status"),
        ({"status": "200"}, "status"),
        ({"headers": [["X-A", "b\r\nX-C: d"]]}, "headers"),
        ({"headers": [["X A", "b"]]}, "headers"),
        ({"headers": [["Content-Length", "1"]]}, "headers"),
        ({"status": 204, "body": "x"}, "body"),
        ({"status": 204, "json": {}}, "body"),
        ({"body": "x", "json": 1}, "json"),
        ({"body": "x", "body_base64": "eA=="}, "body_base64"),
        ({"body_base64": "?"}, "body_base64"),
        ({"delay_seconds": -1}, "delay_seconds"),
        ({"delay_seconds": Limits().reply_delay_seconds + 1}, "delay_seconds"),
        ({"times": 0}, "times"),
        ({"times": 1.5}, "times"),
        ({"when": "statsu:valid"}, "when"),
        ({"when": 'a "b'}, "when"),
        ({"when": "reply:200"}, "when"),
        ({"when": "-id:7"}, "when"),
        ({"when": 7}, "when"),
        ({"fault": "explode"}, "fault"),
        ({"fault": 1}, "fault"),
        ({"hold": "yes"}, "hold"),
        ({"used": 1}, "used"),
    ],
)
def test_a_bad_entry_names_its_field(refusing: Inspected, entry: dict[str, Any], field: str) -> None:
    endpoints = refusing.get("/api/endpoints")["endpoints"]
    [endpoint] = [each["id"] for each in endpoints if each["path"] == "/hook"]
    target = f"/api/endpoints/{endpoint}/replies"
    answer = problem(refusing.ask("PUT", target, {"replies": [{}, entry]}), 400)
    assert [error["field"] for error in answer["errors"]] == [f"replies.1.{field}"]
    assert refusing.get(target)["replies"][0]["status"] == 418


@pytest.mark.parametrize(
    "value", [{}, {"replies": []}, {"replies": {}}, {"replies": [1]}, {"replies": [{}] * 101}]
)
def test_a_script_is_a_list_of_some_length(refusing: Inspected, value: dict[str, Any]) -> None:
    answer = problem(refusing.ask("PUT", "/api/endpoints/root/replies", value), 400)
    assert [error["field"] for error in answer["errors"]] == ["replies"]
    assert problem(refusing.ask("GET", "/api/endpoints/none/replies"), 404)["code"] == "not-found"
    unknown = problem(refusing.ask("POST", "/api/endpoints/root/release", {"all": True}), 400)
    assert unknown["errors"][0]["field"] == "all"
