"""Performing: replies held back, and faults that a connection is made to have in the place of a reply."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from inspector.models import Fault, Reply
from inspector.receive.replies import encoded_headers
from inspector.receive.scripts import Turn
from inspector.receive.wire import Wire

SILENT_SECONDS = 300.0
"""How long a sender is kept waiting for nothing, at most."""

GARBAGE = b"\x00\xff\x16\x03 this is no HTTP reply \r\r\n\n\x7f\x1b"

Receive = Callable[[], Awaitable[Any]]


async def hold(turn: Turn, receive: Receive) -> bool:
    """Wait until *turn* is free to go on, or the sender is gone; whether it is still there."""
    freed = asyncio.ensure_future(turn.free.wait())
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait((freed, gone), return_when=asyncio.FIRST_COMPLETED)
        return not gone.done()
    finally:
        turn.give_up()
        freed.cancel()
        gone.cancel()


async def commit(fault: Fault, reply: Reply, wire: Wire, receive: Receive) -> None:
    """Do *fault* instead of sending *reply*; returns when the connection has ended."""
    match fault:
        case Fault.RESET:
            wire.reset()
        case Fault.CLOSE:
            wire.close()
        case Fault.GARBAGE:
            wire.write_raw(GARBAGE)
            wire.close()
        case Fault.HALF:
            wire.write_raw(first_half(reply))
            wire.close()
        case Fault.TIMEOUT:
            with suppress(TimeoutError):
                async with asyncio.timeout(SILENT_SECONDS):
                    await _gone(receive)
            wire.abort()
    # A connection that is closing is not gone at once; whoever returns before that is taken to have failed.
    await _gone(receive)


def first_half(reply: Reply) -> bytes:
    """The head of *reply* and half of its body; half of the head when it has none."""
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {reply.status} {phrase}".encode("ascii")]
    lines += [name + b": " + value for name, value in encoded_headers(reply)]
    head = b"\r\n".join(lines) + b"\r\n\r\n"
    return head + reply.body[: len(reply.body) // 2] if reply.body else head[: len(head) // 2]


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
