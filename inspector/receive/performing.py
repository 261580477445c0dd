"""Performing: replies held back, and faults that a connection is made to have in the place of a reply."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from inspector.models import Fault
from inspector.receive.scripts import Turn
from inspector.receive.wire import Wire

SILENT_SECONDS = 300.0
"""How long a sender is kept waiting for nothing, at most."""

GARBAGE = b"\x00\xff\x16\x03 this is no HTTP reply \r\r\n\n\x7f\x1b"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


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


async def commit(fault: Fault, start: Message, body: bytes, wire: Wire, receive: Receive, send: Send) -> None:
    """Do *fault* instead of sending the reply that *start* begins; returns when the connection has ended."""
    match fault:
        case Fault.RESET:
            wire.reset()
        case Fault.CLOSE:
            wire.close()
        case Fault.GARBAGE:
            wire.write_raw(GARBAGE)
            wire.close()
        case Fault.HALF:
            if body:  # sent like any other, so that whatever is said with a reply is said with this one
                await send(start)
                await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            else:
                wire.write_raw(half_a_head(start))
            wire.close()
        case Fault.TIMEOUT:
            with suppress(TimeoutError):
                async with asyncio.timeout(SILENT_SECONDS):
                    await _gone(receive)
            wire.abort()
    # A connection that is closing is not gone at once; whoever returns before that is taken to have failed.
    await _gone(receive)


def half_a_head(start: Message) -> bytes:
    """The first half of the head of a reply without a body."""
    status = start["status"]
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {status} {phrase}".encode("ascii")]
    lines += [name + b": " + value for name, value in start["headers"]]
    head = b"\r\n".join(lines)
    return head[: len(head) // 2]


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
