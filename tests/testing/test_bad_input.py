"""What cannot be meant is refused by the call that says it, in words that lead on."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Callable
from typing import Any, get_args

import pytest

from inspector.errors import Conflict, PortInUse
from inspector.matching import InvalidFilter
from inspector.models import Fault
from inspector.send.tamper import Tamper
from inspector.testing import (
    Endpoint,
    Inspector,
    InvalidInput,
    Match,
    OutOfUse,
    Unreachable,
    connect,
    replies,
    start,
)
from inspector.testing import endpoint as endpoints


@pytest.mark.parametrize("timeout", [0, -1, math.nan, math.inf, "0s", -0.0])
def test_a_timeout_that_is_none(endpoint: Endpoint, timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout must be more than 0 seconds"):
        endpoint.wait_for(timeout=timeout)
    with pytest.raises(ValueError, match="within must be more than 0 seconds"):
        endpoint.expect_none(within=timeout)
    with pytest.raises(ValueError, match="timeout must be more than 0"):
        asyncio.run(endpoint.aio.wait_for(timeout=timeout))
    with pytest.raises(ValueError, match="timeout must be more than 0"):
        start(timeout=timeout)


@pytest.mark.parametrize("timeout", ["5", "five", "5 parsecs", "", "-5s"])
def test_a_timeout_without_its_unit(endpoint: Endpoint, timeout: str) -> None:
    with pytest.raises(ValueError, match="timeout must carry its unit"):
        endpoint.wait_for(timeout=timeout)


@pytest.mark.parametrize("timeout", [True, [], object()])
def test_a_timeout_of_another_type(endpoint: Endpoint, timeout: Any) -> None:
    with pytest.raises(TypeError, match="timeout must be seconds"):
        endpoint.wait_for(timeout=timeout)


def test_counts(endpoint: Any) -> None:
    with pytest.raises(ValueError, match=r"count must be 1 or more, not 0; .*expect_none"):
        endpoint.wait_for_all(0)
    with pytest.raises(TypeError, match="count must be a whole number"):
        endpoint.wait_for_all(1.5)
    with pytest.raises(ValueError, match="count must be 0 or more"):
        endpoint.assert_received(count=-1)
    with pytest.raises(ValueError, match="settle must be 0 or more"):
        endpoint.wait_for_all(1, exactly=True, settle=-1)
    with pytest.raises(ValueError, match="after must be 0 or more"):
        endpoint.wait_for(after=-1)
    with pytest.raises(TypeError, match="after must be a delivery or its id"):
        endpoint.wait_for(after="1")
    with pytest.raises(TypeError, match="needs to be told which"):
        endpoint.assert_order()


anything: Any = Match
"""What nobody checks the types of, before it runs."""

CALLS: list[Callable[[Any], object]] = [
    lambda endpoint: endpoint.wait_for(josn={}),
    lambda endpoint: endpoint.expect_none(josn={}),
    lambda endpoint: endpoint.assert_received(josn={}),
    lambda endpoint: asyncio.run(endpoint.aio.wait_for_all(1, josn={})),
    lambda _: anything(josn={}),
]


@pytest.mark.parametrize("call", CALLS)
def test_an_unknown_keyword_names_the_one_that_was_meant(
    endpoint: Endpoint, call: Callable[[Endpoint], object]
) -> None:
    with pytest.raises(TypeError, match="unknown keyword 'josn' for a callback; did you mean 'json'"):
        call(endpoint)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"header": "X-Kind"}, "header must be a mapping"),
        ({"query": [("a", "b")]}, "query must be a mapping"),
        ({"json_path": "a.b"}, "json_path must be a mapping"),
        ({"method": 5}, "method must be text"),
        ({"header": {"X-Kind": 5}}, "must be text"),
        ({"body": {"a": 1}}, "body must be bytes, text"),
        ({"attempt": "1"}, "attempt must be a whole number"),
        ({"verified": 1}, "verified must be text"),
    ],
)
def test_a_keyword_with_a_value_it_cannot_take(wanted: dict[str, Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        Match(**wanted)


def test_what_is_meant_has_to_be_something(endpoint: Any) -> None:
    with pytest.raises(InvalidFilter, match="Unknown key"):
        endpoint.wait_for("statsu:valid")
    with pytest.raises(TypeError, match="must be a filter, a Match or a callable"):
        endpoint.wait_for(5)
    with pytest.raises(TypeError, match="must be a filter, a Match or a callable"):
        anything(json={}) & 5


def test_endpoints_that_cannot_be_made(inspector: Inspector) -> None:
    with pytest.raises(InvalidInput, match="scheme"):
        inspector.endpoint(scheme="nonsense")
    with pytest.raises(InvalidInput, match="path"):
        inspector.endpoint(path="no-slash")
    inspector.endpoint(path="/taken")
    with pytest.raises(Conflict, match="/taken"):
        inspector.endpoint(path="/taken")
    with pytest.raises(InvalidInput, match="secret"):
        inspector.endpoint(scheme="standard-webhooks", secret="whsec_not base64")


@pytest.mark.parametrize("secret", [5, b"bytes", ["one", 2], {"name": "value"}])
def test_a_secret_that_is_no_text(inspector: Any, secret: object) -> None:
    with pytest.raises(TypeError, match="secret must be text, or a sequence of texts"):
        inspector.endpoint(secret=secret)


def test_an_endpoint_without_secret_signs_nothing(inspector: Inspector) -> None:
    endpoint = inspector.endpoint(scheme="none")
    assert endpoint.secret is None
    with pytest.raises(ValueError, match="has no secret to sign with"):
        endpoint.sign(b"")


def test_a_callback_that_cannot_be_sent(endpoint: Any) -> None:
    with pytest.raises(TypeError, match="json or body, not both"):
        endpoint.send({}, body="")
    with pytest.raises(InvalidInput, match="tamper"):
        endpoint.send(tamper="nonsense")


def test_use_after_the_end(inspector: Inspector) -> None:
    endpoint = inspector.endpoint("over")
    endpoint.close("its test is over")
    for call in (
        endpoint.wait_for,
        lambda: endpoint.deliveries,
        lambda: endpoint.reply(500),
        lambda: endpoint.send({}),
        lambda: asyncio.run(endpoint.aio.wait_for()),
        endpoint.hold,
    ):
        with pytest.raises(OutOfUse, match="over cannot be used any more: its test is over"):
            call()
    with start() as closed:
        kept = closed.endpoint("kept")
    with pytest.raises(OutOfUse, match="This inspector was closed"):
        closed.endpoint()
    with pytest.raises(OutOfUse, match="kept cannot be used any more: its inspector was closed"):
        kept.wait_for()
    closed.close()  # twice does no harm


def test_a_server_that_cannot_bind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=str(port)):
            start(port=port)
        with pytest.raises(InvalidInput, match="host"):
            start(host="192.0.2.1")


@pytest.mark.parametrize("name", ["port", "inspector_port"])
def test_a_port_that_is_none(name: str) -> None:
    begin: Any = start
    for port in (-1, 65_536):
        with pytest.raises(ValueError, match=f"{name} must be 0 .* to 65535, not {port}"):
            begin(**{name: port})
    with pytest.raises(TypeError, match=f"{name} must be a whole number"):
        begin(**{name: "80"})


def test_nobody_there_to_connect_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match=f"No server answers at http://127.0.0.1:{port}/"):
        connect(f"http://127.0.0.1:{port}")
    with pytest.raises(InvalidInput, match="not an address"):
        connect("localhost")


def test_a_blocking_wait_in_a_running_loop_names_the_other_form(endpoint: Any) -> None:
    async def inside() -> None:
        for call, instead in (
            (endpoint.wait_for, "wait_for"),
            (lambda: endpoint.wait_for_all(1), "wait_for_all"),
            (endpoint.expect_none, "expect_none"),
        ):
            with pytest.raises(RuntimeError, match=rf"`await endpoint\.aio\.{instead}\(\.\.\.\)`"):
                call()
        with pytest.raises(RuntimeError, match=r"aio\.capture"):
            endpoint.capture()

    asyncio.run(inside())


def test_what_can_be_spoilt_and_broken_is_what_the_server_knows() -> None:
    assert set(get_args(endpoints.Tamper)) == set(Tamper)
    assert set(get_args(replies.Fault)) == set(Fault)
