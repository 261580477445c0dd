"""Scripted replies as tests set them: in turn, when asked for, late, broken, or held."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
from support.senders import doing, open_connection, post, post_json, post_signed

from inspector.testing import Endpoint, Inspector, InvalidInput, Reply


def statuses(endpoint: Endpoint, count: int) -> list[int]:
    return [post(endpoint, b"%d" % number).status for number in range(count)]


def test_a_reply_of_ones_own(endpoint: Endpoint) -> None:
    endpoint.reply(202, json={"ok": True}, headers={"X-Own": "yes"})
    reply = post(endpoint)
    assert (reply.status, json.loads(reply.body), reply.header("x-own")) == (202, {"ok": True}, "yes")
    endpoint.reply(body=b"\xff\x00", headers=[("Content-Type", "application/x-own")])
    reply = post(endpoint)
    assert (reply.status, reply.body, reply.header("content-type")) == (200, b"\xff\x00", "application/x-own")
    assert [each.reply.status for each in endpoint.deliveries] == [202, 200]


def test_the_last_reply_of_a_sequence_stays(endpoint: Endpoint) -> None:
    endpoint.reply_sequence(503, Reply(429, headers={"Retry-After": "1"}), 200)
    assert statuses(endpoint, 5) == [503, 429, 200, 200, 200]
    assert endpoint.unused_replies() == []


def test_a_sequence_says_what_it_takes(endpoint: Any) -> None:
    with pytest.raises(TypeError, match="a callable is not asked: say when by Reply"):
        endpoint.reply_sequence(503, lambda _: 200)
    with pytest.raises(TypeError, match="statuses and Reply objects, not '503'"):
        endpoint.reply_sequence("503", 200)


def test_replies_queue_up_before_the_one_that_stays(endpoint: Endpoint) -> None:
    endpoint.reply(200).reply(503, times=2)
    assert statuses(endpoint, 1) == [503]
    endpoint.reply(429, times=1).reply(201)
    assert statuses(endpoint, 4) == [503, 429, 201, 201]


def test_a_reply_when_asked_for(endpoint: Endpoint) -> None:
    endpoint.reply(402, when="json.kind:refund").reply(200)
    assert [post_json(endpoint, {"kind": kind}).status for kind in ("refund", "other", "refund")] == [
        402,
        200,
        402,
    ]
    assert endpoint.unused_replies() == []  # it was to be given whenever it is asked for


def test_what_was_not_used_is_known(endpoint: Endpoint) -> None:
    endpoint.reply(503, times=3).reply(402, times=1, when="json.kind:refund").reply(fault="reset", times=1)
    post(endpoint)
    assert [str(each) for each in endpoint.unused_replies()] == [
        "503, 2 more times",
        "402 when json.kind:refund, 1 more time",
        "reset, 1 more time",
    ]


def test_a_late_reply_holds_up_nobody_else(inspector: Inspector) -> None:
    slow, quick = inspector.endpoint("slow"), inspector.endpoint("quick")
    slow.reply(delay="400ms")
    began, ended = time.monotonic(), []
    with doing(lambda: ended.append((post(slow).status, time.monotonic()))):
        assert slow.wait_for().reply.status == 200
        post(quick)
        assert not ended
    assert ended[0][1] - began >= 0.4


def test_a_held_reply_waits_and_its_callback_is_there(endpoint: Endpoint) -> None:
    gate = endpoint.hold(201, body="at last")
    answered: list[object] = []
    with doing(lambda: answered.append(post(endpoint))):
        delivery = endpoint.wait_for()
        assert (answered, gate.held, delivery.replied) == ([], 1, False)
        assert gate.release() == 1
    [reply] = answered
    assert getattr(reply, "status", None) == 201
    assert post(endpoint).body == b"at last"  # an open gate stays open
    assert gate.held == 0


def test_a_gate_opens_at_the_end_of_its_block(endpoint: Endpoint) -> None:
    sending = threading.Thread(target=post, args=(endpoint,))
    with endpoint.hold():
        sending.start()
        endpoint.wait_for()
        assert sending.is_alive()
    sending.join(10)
    assert not sending.is_alive()


@pytest.mark.parametrize("fault", ["reset", "close", "garbage", "half"])
def test_faults_break_the_connection(endpoint: Any, fault: str) -> None:
    endpoint.reply(body="whole", fault=fault, times=1).reply(200)
    with open_connection(endpoint) as connection, pytest.raises((OSError, EOFError, ValueError)):
        connection.read_reply()
    assert endpoint.wait_for().method == "POST"
    assert post(endpoint).status == 200


def test_bad_signatures_are_refused_as_a_receiver_would(endpoint: Endpoint) -> None:
    endpoint.verify_replies("reject")
    assert post_signed(endpoint, {"job": 1}).status == 200
    assert post_signed(endpoint, {"job": 2}, secret="another").status == 401
    endpoint.verify_replies("accept")
    assert post_json(endpoint, {"job": 3}).status == 200
    assert len(endpoint.deliveries) == 3


@pytest.mark.parametrize(
    ("reply", "field"),
    [
        ({"status": 99}, "status"),
        ({"status": 600}, "status"),
        ({"headers": {"X-Bad": "a\r\nb"}}, "headers"),
        ({"headers": {"bad name": "a"}}, "headers"),
        ({"headers": {"Content-Length": "7"}}, "headers"),
        ({"status": 204, "body": "something"}, "body"),
        ({"delay": 3600}, "delay_seconds"),
        ({"fault": "explode"}, "fault"),
        ({"when": "json.kind:refund nonsense:1"}, "when"),
        ({"when": "reply:500"}, "when"),
    ],
)
def test_a_reply_that_cannot_be_sent_is_refused_at_the_call(
    endpoint: Endpoint, reply: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput, match=field):
        endpoint.reply(**reply)
    assert post(endpoint).status == 200
    with pytest.raises(InvalidInput, match=field):
        endpoint.reply_sequence(503, Reply(**reply))


def test_replies_that_make_no_sense_are_refused_too(endpoint: Any) -> None:
    with pytest.raises(TypeError, match="json or body, not both"):
        endpoint.reply(json={}, body="")
    with pytest.raises(TypeError, match="when is a filter"):
        endpoint.reply(when=lambda each: each.attempt > 1)
    with pytest.raises(ValueError, match="times must be 1 or more"):
        endpoint.reply(times=0)
    with pytest.raises(TypeError, match="one reply at least"):
        endpoint.reply_sequence()
    with pytest.raises(TypeError, match="statuses and Reply objects"):
        endpoint.reply_sequence("503")
    with pytest.raises(ValueError, match="'reject' or 'accept'"):
        endpoint.verify_replies("maybe")
    with pytest.raises(ValueError, match="delay must be 0 or more"):
        endpoint.reply(delay=-1)


def test_preflights_are_answered_where_cors_is_on(inspector: Inspector) -> None:
    endpoint = inspector.endpoint("cors", cors=True, scheme="none")
    asked = [
        ("Origin", "http://localhost:8080"),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "content-type,x-own"),
    ]
    reply = post(endpoint, method="OPTIONS", headers=asked)
    assert reply.status in (200, 204)
    assert reply.header("access-control-allow-origin")
    assert "x-own" in (reply.header("access-control-allow-headers") or "").lower()
    assert endpoint.wait_for(method="OPTIONS").method == "OPTIONS"
