"""Whatever the other side does ends in a result, in bounded time and memory."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import uvloop
from support.recorder import Answer, Reader, Writer, recorder, replying, waiting

from inspector.send.dialer import SYSTEM, DialLimits, send
from inspector.send.exchange import Exchange, FailureClass
from inspector.send.outgoing import Outgoing
from inspector.send.targets import Rules, read_target
from inspector.settings import KIB, MIB

REQUEST = Outgoing("POST", b"/", (), b"{}")
SHORT = DialLimits(seconds=0.4)
LOOPS = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])

Loop = Callable[[], asyncio.AbstractEventLoop]


def run(work: Coroutine[Any, Any, Exchange], loop: Loop = asyncio.new_event_loop) -> Exchange:
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(work)


async def exchange(
    answer: Answer,
    request: Outgoing = REQUEST,
    limits: DialLimits = SHORT,
    *,
    reads: bool = True,
) -> Exchange:
    async with recorder(answer, reads=reads) as record:
        return await send(request, read_target(record.url), Rules(), limits=limits)


def failed(done: Exchange) -> FailureClass:
    """The class of the failure, which has to have a sentence."""
    assert done.failure is not None, done
    assert done.failure.message.endswith(".")
    assert ".." not in done.failure.message
    return done.failure.kind


@pytest.fixture
def free_port() -> int:
    """A port at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@LOOPS
def test_nothing_listens(loop: Loop, free_port: int) -> None:
    for host in ("127.0.0.1", "localhost"):
        done = run(send(REQUEST, read_target(f"http://{host}:{free_port}/"), Rules()), loop)
        assert failed(done) is FailureClass.REFUSED
        assert (done.address, done.response) == (None, None)


@LOOPS
def test_a_name_that_does_not_exist(loop: Loop) -> None:
    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    for resolve in (nowhere, answering([])):
        network = replace(SYSTEM, resolve=resolve)
        done = run(send(REQUEST, read_target("http://agent.example/"), Rules(), network=network), loop)
        assert failed(done) is FailureClass.DNS


def test_no_way_there() -> None:
    async def connect(*_: object) -> Any:
        raise OSError(113, "No route to host")

    network = replace(SYSTEM, resolve=answering(["127.0.0.1"]), connect=connect)
    done = run(send(REQUEST, read_target("http://agent.example/"), Rules(), network=network))
    assert failed(done) is FailureClass.CONNECT
    assert done.failure is not None
    assert done.failure.message == "No connection to agent.example: No route to host."


def answering(addresses: list[str]) -> Callable[[str, int], Coroutine[Any, Any, Sequence[str]]]:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


@LOOPS
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_localhost_is_found_on_either_family(loop: Loop, host: str) -> None:
    async def work() -> Exchange:
        async with recorder(host=host) as record:
            network = replace(SYSTEM, resolve=answering(["::1", "127.0.0.1"]))
            target = read_target(f"http://localhost:{record.port}/")
            return await send(REQUEST, target, Rules(), network=network)

    done = run(work(), loop)
    assert done.failure is None
    assert done.address is not None
    assert done.address[0] == host


@LOOPS
def test_one_that_says_nothing(loop: Loop) -> None:
    done = run(exchange(waiting), loop)
    assert failed(done) is FailureClass.TIMEOUT
    assert done.response is None
    assert done.address is not None
    assert 0.3 < done.seconds < 5


def repeating(start: bytes, piece: bytes) -> Answer:
    """Sends *start*, and then *piece* again and again until the other side has gone."""

    async def answer(reader: Reader, writer: Writer) -> None:
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.02)
                return

    return answer


def test_one_that_drips() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    done = run(exchange(repeating(head, b".")))
    assert failed(done) is FailureClass.TIMEOUT
    assert done.response is not None
    assert (done.response.status, done.response.complete) == (200, False)
    assert 0 < len(done.response.body) < 1000


def test_one_that_sends_informational_replies_for_ever() -> None:
    done = run(exchange(repeating(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n")))
    assert failed(done) is FailureClass.TIMEOUT
    assert done.response is None


@LOOPS
def test_one_that_resets(loop: Loop) -> None:
    async def reset(_: Reader, writer: Writer) -> None:
        taken = writer.get_extra_info("socket")
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        writer.transport.abort()

    assert failed(run(exchange(reset), loop)) is FailureClass.RESET


@LOOPS
@pytest.mark.parametrize(
    ("reply", "started"),
    [
        (b"", False),
        (b"HTTP/1.1 200 OK\r\nConte", False),
        (b"HTTP/1.1 100 Continue\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", True),
    ],
)
def test_one_that_closes_too_early(loop: Loop, reply: bytes, started: bool) -> None:
    done = run(exchange(replying(reply)), loop)
    assert failed(done) is FailureClass.RESET
    assert (done.response is not None) is started
    if done.response is not None:
        assert (done.response.body, done.response.complete) == (b"abc", False)


@pytest.mark.parametrize(
    "reply",
    [
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * (400 * KIB),
    ],
    ids=lambda reply: repr(reply[:40]),
)
def test_one_that_speaks_no_http(reply: bytes) -> None:
    assert failed(run(exchange(replying(reply)))) is FailureClass.INVALID_HTTP


@LOOPS
def test_one_that_never_ends(loop: Loop) -> None:
    async def flood(_: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * MIB)
            await writer.drain()

    done = run(exchange(flood, limits=DialLimits(seconds=10)), loop)
    assert failed(done) is FailureClass.TOO_LARGE
    assert done.response is not None
    assert done.response.body == b"x" * (5 * MIB)
    assert done.response.complete is False


def test_a_reply_of_just_the_limit_is_whole() -> None:
    body = b"x" * 1000
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + body
    done = run(exchange(replying(reply), limits=DialLimits(response_bytes=1000)))
    assert done.failure is None
    done = run(exchange(replying(reply), limits=DialLimits(response_bytes=999)))
    assert failed(done) is FailureClass.TOO_LARGE
    assert done.response is not None
    assert done.response.body == body[:-1]


def test_a_compressed_reply_stays_compressed() -> None:
    bomb = gzip.compress(b"\0" * (20 * MIB))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    done = run(exchange(replying(head + bomb)))
    assert done.failure is None
    assert done.response is not None
    assert done.response.body == bomb


def test_a_reply_is_kept_as_it_came() -> None:
    early = b"HTTP/1.1 100 Continue\r\n\r\n"
    head = b"HTTP/1.1 299 What\xe4ver\r\nX-FoO: \x1b[2J\r\nx-foo: b\r\nTransfer-Encoding: chunked\r\n\r\n"
    done = run(exchange(replying(early + head + b"2\r\nok\r\n0\r\n\r\n")))
    assert done.failure is None
    assert done.response is not None
    assert (done.response.http_version, done.response.status, done.response.body) == ("1.1", 299, b"ok")
    assert done.response.headers == (
        (b"X-FoO", b"\x1b[2J"),
        (b"x-foo", b"b"),
        (b"Transfer-Encoding", b"chunked"),
    )


@pytest.mark.parametrize(
    ("method", "reply", "body"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", b""),
        ("POST", b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        ("POST", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", b""),
        ("POST", b"HTTP/1.0 200 OK\r\n\r\nto the end", b"to the end"),
        ("POST", b"HTTP/1.1 200\r\nConnection: close\r\n\r\nto the end", b"to the end"),
    ],
)
def test_where_a_reply_ends(method: str, reply: bytes, body: bytes) -> None:
    done = run(exchange(replying(reply), replace(REQUEST, method=method)))
    assert done.failure is None
    assert done.response is not None
    assert done.response.body == body


def test_an_offer_to_change_the_protocol_that_is_taken() -> None:
    request = Outgoing("GET", b"/", ((b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")))
    done = run(
        exchange(replying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nbytes"), request)
    )
    assert done.failure is None
    assert done.response is not None
    assert (done.response.status, done.response.body) == (101, b"")


@LOOPS
def test_a_reply_that_comes_before_the_body_was_read(loop: Loop) -> None:
    async def refuse(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch")
        await writer.drain()
        await reader.read()

    request = replace(REQUEST, body=b"x" * (20 * MIB))
    done = run(exchange(refuse, request, DialLimits(seconds=10), reads=False), loop)
    assert done.failure is None
    assert done.response is not None
    assert (done.response.status, done.response.body) == (413, b"much")


def test_giving_up_closes_the_connection() -> None:
    gone = asyncio.Event()

    async def notice(reader: Reader, _: Writer) -> None:
        await reader.read()
        gone.set()

    async def work() -> None:
        async with recorder(notice) as record:
            call = asyncio.create_task(send(REQUEST, read_target(record.url), Rules()))
            async with asyncio.timeout(10):
                while not record.requests:
                    await asyncio.wait({call}, timeout=0.01)
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
                await gone.wait()

    asyncio.run(work())
