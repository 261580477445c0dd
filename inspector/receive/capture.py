"""The callback listener's application: every request becomes a delivery, then gets its reply.

A plain ASGI callable without routes, so that no method and no target is beyond it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

from starlette.types import Message, Receive, Scope, Send

from inspector.errors import StorageFailed
from inspector.models import Reply, Request
from inspector.receive.performing import commit, hold
from inspector.receive.receiver import Receiver
from inspector.receive.replies import DELIVERY_HEADER, encoded_headers, refusal
from inspector.receive.scripts import Turn
from inspector.receive.wire import Wire
from inspector.settings import Settings

DELIVERY_FIELD = DELIVERY_HEADER.encode("ascii")


class TooBusy(StorageFailed):
    """Other requests hold all the memory that bodies may take. ``retry_after`` is in seconds."""

    code = "too-busy"
    retry_after = 1


class Budget:
    """The bytes of bodies that are being read, or wait for the store, together."""

    __slots__ = ("held_bytes", "limit_bytes")

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.held_bytes = 0


class Body:
    """One request's body as far as it came. Its bytes count against the budget until they are released.

    ``incomplete_reason`` is None when it is whole; if not, ``instead`` is the reply that takes the place of
    the endpoint's, None where nobody is left to answer. ``unread`` says that more of it may come.
    """

    __slots__ = ("_budget", "_content", "_held_bytes", "incomplete_reason", "instead", "unread")

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._content = bytearray()
        self._held_bytes = 0
        self.incomplete_reason: str | None = None
        self.instead: Reply | None = None
        self.unread = True

    async def read(self, wire: Wire, receive: Receive, limit_bytes: int) -> None:
        """Read to the end, to the limit or until the sender is gone. Raises TooBusy."""
        if wire.waits_for_word and (wire.length or 0) > limit_bytes:
            self._cut(limit_bytes)  # before the sender is told to go on
            return
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self._break_off(wire)
                return
            self.unread = message["more_body"]
            self._take(message["body"])
            if len(self._content) > limit_bytes:
                self._cut(limit_bytes)
                return
            if not self.unread:
                return

    def detach(self) -> bytes:
        """The bytes that are kept; from now on they are the caller's."""
        content, self._content = bytes(self._content), bytearray()
        return content

    def release(self) -> None:
        """Give the bytes back to the budget."""
        self._budget.held_bytes -= self._held_bytes

    def _take(self, piece: bytes) -> None:
        self._content += piece
        self._held_bytes += len(piece)
        self._budget.held_bytes += len(piece)
        # Whoever holds everything there is goes on: one request is always admitted.
        if self._budget.limit_bytes < self._budget.held_bytes != self._held_bytes:
            raise TooBusy("Too many bytes are being received at once; nothing was stored. Try again.")

    def _cut(self, limit_bytes: int) -> None:
        del self._content[limit_bytes:]
        self.incomplete_reason = f"The body is longer than the limit of {limit_bytes:,} bytes."
        kept = "Its beginning was stored." if self._content else "The request was stored without it."
        self.instead = refusal(413, f"{self.incomplete_reason} {kept}")

    def _break_off(self, wire: Wire) -> None:
        self.unread = False
        if wire.broken is not None:
            self.incomplete_reason = wire.broken
            self.instead = refusal(wire.broken_status, wire.broken)
        else:
            declared = wire.length
            of = "" if declared is None else f" of {declared:,}"
            came = f"{len(self._content):,}{of} bytes"
            self.incomplete_reason = f"The sender closed the connection after {came} of the body."


class CallbackApp:
    """The ASGI application behind the callback listener."""

    def __init__(self, receiver: Receiver, settings: Settings) -> None:
        self._receiver = receiver
        self._limit_bytes = settings.limits.body_bytes
        self._budget = Budget(settings.limits.waiting_bytes)
        self._names_delivery = settings.delivery_header

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wire: Wire = scope["extensions"]["wire"]
        body = Body(self._budget)
        fields: list[tuple[bytes, bytes]] = []
        turn = None
        try:
            await body.read(wire, receive, self._limit_bytes)
            instead = body.instead or _to_no_endpoint(wire)
            receipt = await self._receiver.receive(_request(wire, body), instead)
        except StorageFailed as failure:
            reply = refusal(503, str(failure), retry_after_seconds=failure.retry_after)
        else:
            reply, turn = receipt.reply, receipt.turn
            if turn is None or turn.answers_at_once:
                wire.when_gone(partial(self._receiver.reply_unsent, receipt.delivery_id))
            if self._names_delivery:
                fields.append((DELIVERY_FIELD, b"%d" % receipt.delivery_id))
        finally:
            body.release()
        if turn is not None and turn.holds:
            await self._hold(turn, receipt.delivery_id, wire, receive)
        if reply.delay_seconds:
            await _wait(receive, reply.delay_seconds)
        start: Message = {
            "type": "http.response.start",
            "status": reply.status,
            "headers": [*encoded_headers(reply), *fields],
        }
        if turn is not None and turn.fault is not None:
            await commit(turn.fault, start, reply.body, wire, receive, send)
            return
        await send(start)
        await send({"type": "http.response.body", "body": reply.body})

    async def _hold(self, turn: Turn, delivery_id: int, wire: Wire, receive: Receive) -> None:
        """Keep the reply back until it is released, or its sender is gone."""
        there = await hold(turn, receive)
        self._receiver.reply_held(delivery_id, turn.held_seconds, sent=there and turn.fault is None)
        if there and turn.fault is None:
            wire.when_gone(partial(self._receiver.reply_unsent, delivery_id))


def _to_no_endpoint(wire: Wire) -> Reply | None:
    """The reply to a request whose target asks for nothing that an endpoint could answer for."""
    if "asterisk-form" in wire.flags:
        return Reply(status=204)
    if "relative-target" in wire.flags:
        return refusal(400, "The request target is neither a path nor a URL. The request was stored.")
    return None


def _request(wire: Wire, body: Body) -> Request:
    return Request(
        method=wire.method,
        target=wire.target,
        http_version=wire.version,
        headers=wire.headers,
        body=body.detach(),
        client=wire.client,
        received_ns=wire.received_ns,
        trailers=tuple(wire.trailers),
        incomplete_reason=body.incomplete_reason,
        head=wire.head,
        framing=wire.framing,
        chunks=wire.chunks,
        flags=tuple(wire.flags),
    )


async def _wait(receive: Receive, seconds: float) -> None:
    """Let *seconds* pass, fewer when the sender goes away."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
