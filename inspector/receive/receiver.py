"""The receiver: finds a request's endpoint, judges it, plans the reply and stores it all as one delivery."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from inspector import signing
from inspector.content import decoded_text
from inspector.errors import InvalidInput, StorageFailed
from inspector.matching import Subject
from inspector.models import (
    Endpoint,
    Message,
    NewDelivery,
    Reply,
    Request,
    SignatureState,
    TimestampState,
    Verification,
    VerificationStatus,
    header_values,
)
from inspector.receive import cors, handshakes, replies, tokens
from inspector.receive.scripts import Scripts, Turn
from inspector.settings import MIB, Settings
from inspector.store import Store

ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")

THREAD_BYTES = MIB
"""Bodies above this are judged in a thread: to hash one would hold up the loop for half a millisecond."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A stored delivery's id, and the reply its sender is to get.

    ``turn`` is there when a script has a hand in how it gets that.
    """

    delivery_id: int
    reply: Reply
    turn: Turn | None = None


class Later(Protocol):
    """Who looks, after the reply, into deliveries that are not valid."""

    def later(self, delivery_id: int, verification: Verification) -> None:
        """Take note of a stored delivery. Does not wait."""


class Receiver:
    """Turns requests into deliveries."""

    def __init__(
        self, store: Store, settings: Settings, scripts: Scripts | None = None, diagnoser: Later | None = None
    ) -> None:
        self._store = store
        self._diagnoser = diagnoser
        self._scripts = Scripts() if scripts is None else scripts
        self._public_url = settings.public_url

    async def receive(self, request: Request, instead: Reply | None = None) -> Receipt:
        """Judge and store *request*; when this returns it is on disk.

        *instead* replaces the endpoint's reply. Raises StorageFailed when nothing was stored.
        """
        endpoint = tokens.as_asked(self._store.match(path_of(request.target)), request.target)
        size_bytes = len(request.body)
        if size_bytes > THREAD_BYTES or signing.takes_long(request.headers, size_bytes):
            verification, message_id = await asyncio.to_thread(self.judge, endpoint, request)
        else:
            verification, message_id = self.judge(endpoint, request)
        turn = None
        reply = (
            instead
            or (cors.preflight(request) if endpoint.cors else None)
            or self._handshake_answer(endpoint, request, verification)
            or replies.rejection(endpoint, verification)
        )
        if reply is None:
            if self._scripts:
                turn = await self._turn(endpoint, request, verification, message_id)
            reply = replies.whole(turn.reply if turn else endpoint.reply, request.method)
        if endpoint.cors:
            reply = cors.readable(reply, request)
        if turn is None:
            delivery = NewDelivery(endpoint.id, request, verification, reply, message_id)
            return Receipt(await self._keep(delivery), reply)
        try:
            delivery = NewDelivery(
                endpoint.id,
                request,
                verification,
                replies.planned(reply, turn.fault),
                message_id,
                answered=turn.answers_at_once,
                scripted=turn.scripted,
            )
            return Receipt(await self._keep(delivery), reply, turn)
        except StorageFailed:
            turn.give_back()
            raise

    async def _turn(
        self, endpoint: Endpoint, request: Request, verification: Verification, message_id: str | None
    ) -> Turn | None:
        """The turn of the script's entry that answers *request*; None when the endpoint's own reply does."""
        script = self._scripts.find(endpoint.id)
        if script is None:
            return None
        attempt = 1
        if message_id is not None and script.asks_for_attempt:
            attempt = await self._store.reading(
                self._store.next_attempt, endpoint.id, message_id, request.received_ns
            )
        subject = Subject(
            id=0,
            endpoint_id=endpoint.id,
            endpoint_path=endpoint.path,
            request=request,
            status=verification.status,
            scheme=verification.scheme,
            reply_status=0,
            message_id=message_id,
            attempt=attempt,
            pinned=False,
            body_text=partial(decoded_text, request.body, request.headers),
        )
        if len(request.body) > THREAD_BYTES:
            return script.take(await asyncio.to_thread(script.fitting, subject))
        return script.take(script.fitting(subject))

    async def _keep(self, delivery: NewDelivery) -> int:
        """Store *delivery* and return its id; why it did not verify is looked for afterwards."""
        delivery_id = await self._store.add(delivery)
        if self._diagnoser is not None and not delivery.verification:
            self._diagnoser.later(delivery_id, delivery.verification)
        return delivery_id

    def _handshake_answer(
        self, endpoint: Endpoint, request: Request, verification: Verification
    ) -> Reply | None:
        """The answer to the handshake that *request* is; None when it is none, or gets no answer."""
        asked = handshakes.recognise(request, endpoint.handshake)
        if asked is None:
            return None
        secrets = self._store.secrets.usable(endpoint.id)
        answer = handshakes.answer_to(asked, endpoint, verification, secrets)
        # What is given back is the sender's text: no browser is to take it for a page.
        return None if answer is None else replies.with_defaults(answer)

    def reply_unsent(self, delivery_id: int) -> None:
        """Note that the sender of a stored delivery was gone before its reply."""
        self._store.reply_unsent(delivery_id)

    def reply_held(self, delivery_id: int, seconds: float, *, sent: bool) -> None:
        """Note for how long the reply to a stored delivery was held, and whether it was *sent* then."""
        self._store.reply_held(delivery_id, seconds, time.time_ns() if sent else None)

    def judge(self, endpoint: Endpoint, request: Request) -> tuple[Verification, str | None]:
        """The verdict on *request*, and the id of the message it carries."""
        message = message_of(request, endpoint, self._public_url)
        message_id = signing.message_id(message, request.target)
        try:
            scheme = self._store.schemes.find(endpoint.scheme, endpoint.scheme_options)
        except InvalidInput as unknown:
            return _unknown_scheme(endpoint, unknown), message_id
        secrets = self._store.secrets.usable(endpoint.id)
        now, tolerance = request.received_ns / 1e9, endpoint.tolerance_seconds
        return signing.check(message, scheme, secrets, now=now, tolerance=tolerance), message_id


def message_of(request: Request, endpoint: Endpoint, public_url: str | None) -> Message:
    """What of *request* a signature can cover. *public_url* is the callback listener's, where it has one."""
    return Message(
        body=request.body,
        headers=request.headers,
        method=request.method,
        url=_url_as_sent(request, endpoint, public_url),
        complete=request.complete,
    )


def _url_as_sent(request: Request, endpoint: Endpoint, public_url: str | None) -> str:
    """The URL of *request* as its sender knows it."""
    target = request.path
    if endpoint.public_url is not None:
        behind = origin_form(request.target).decode("latin-1")
        return url_behind(endpoint.public_url, endpoint.path, behind)
    if not target.startswith("/"):
        return target
    if public_url is not None:
        return public_url.rstrip("/") + target
    hosts = header_values(request.headers, b"host")
    return "http://" + (hosts[0].decode("latin-1") if hosts else "localhost") + target


def path_of(target: bytes) -> bytes:
    """The path of a request target as sent: without query and fragment, nothing decoded or resolved."""
    return origin_form(target).partition(b"?")[0].partition(b"#")[0]


def origin_form(target: bytes) -> bytes:
    """*target* without scheme and host, which it begins with when it is a whole URL (RFC 9112, 3.2.2)."""
    if target.startswith(b"/"):
        return target
    begins = ABSOLUTE.match(target)
    if begins is None:
        return target
    rest = target[begins.end() :]
    return rest if rest.startswith(b"/") else b"/" + rest


def url_behind(public_url: str, endpoint_path: str, target: str) -> str:
    """The public URL of *target*, for an endpoint whose own public URL is *public_url*.

    What the target has beyond the endpoint's path is appended; its query, if any, replaces the URL's own.
    """
    base, _, public_query = public_url.partition("?")
    path, _, query = target.partition("?")
    if path != endpoint_path:
        base = base.rstrip("/") + path[len(endpoint_path.rstrip("/")) :]
    query = query or public_query
    return f"{base}?{query}" if query else base


def _unknown_scheme(endpoint: Endpoint, why: InvalidInput) -> Verification:
    """The verdict when the endpoint's scheme is unknown: a newer version stored it, or it was removed."""
    return Verification(
        status=VerificationStatus.UNCONFIGURED,
        signature=SignatureState.NOT_CHECKED,
        timestamp=TimestampState.NOT_USED,
        scheme=endpoint.scheme,
        reason=f"The endpoint's scheme {endpoint.scheme} cannot be used. {why.errors[0].message}",
        cause="unknown_scheme",
    )
