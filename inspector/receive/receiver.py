"""The receiver: finds a request's endpoint, judges it, plans the reply and stores it all as one delivery."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from inspector import signing
from inspector.errors import InvalidInput
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
from inspector.receive import replies
from inspector.settings import MIB, Settings
from inspector.store import Store

THREAD_BYTES = MIB
"""Bodies above this are judged in a thread: to hash one would hold up the loop for half a millisecond."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A stored delivery's id, and the reply its sender is to get."""

    delivery_id: int
    reply: Reply


class Receiver:
    """Turns requests into deliveries."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._public_url = settings.public_url

    async def receive(self, request: Request, instead: Reply | None = None) -> Receipt:
        """Judge and store *request*; when this returns it is on disk.

        *instead* replaces the endpoint's reply. Raises StorageFailed when nothing was stored.
        """
        endpoint = self._store.match(path_of(request.target))
        if len(request.body) > THREAD_BYTES:
            verification, message_id = await asyncio.to_thread(self.judge, endpoint, request)
        else:
            verification, message_id = self.judge(endpoint, request)
        reply = instead or replies.plan(endpoint, request.method, verification)
        delivery = NewDelivery(endpoint.id, request, verification, reply, message_id)
        return Receipt(await self._store.add(delivery), reply)

    def reply_unsent(self, delivery_id: int) -> None:
        """Note that the sender of a stored delivery was gone before its reply."""
        self._store.reply_unsent(delivery_id)

    def judge(self, endpoint: Endpoint, request: Request) -> tuple[Verification, str | None]:
        """The verdict on *request*, and the id of the message it carries."""
        message = message_of(request, endpoint, self._public_url)
        message_id = signing.message_id(message, request.target)
        try:
            scheme = signing.find_scheme(endpoint.scheme, endpoint.scheme_options)
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
        return url_behind(endpoint.public_url, endpoint.path, target)
    if not target.startswith("/"):
        return target
    if public_url is not None:
        return public_url.rstrip("/") + target
    hosts = header_values(request.headers, b"host")
    return "http://" + (hosts[0].decode("latin-1") if hosts else "localhost") + target


def path_of(target: bytes) -> bytes:
    """The path of a request target as sent: without query and fragment, nothing decoded or resolved."""
    return target.partition(b"?")[0].partition(b"#")[0]


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
