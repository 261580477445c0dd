"""TokenCallbacks: what comes to a token's path on the inspector's port is a callback, as on the other port.

Tests written against webhook.site know one base URL, for its API and for what they have called. So for
tokens, and for nothing else, the inspector's port receives.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inspector.receive.receiver import path_of
from inspector.receive.replies import DELIVERY_HEADER
from inspector.receive.tokens import is_token
from inspector.store import Store
from inspector.web.token_shapes import request_uuid

NOT_OF_OURS = (
    (b"content-security-policy", b"sandbox; default-src 'none'"),
    (b"x-content-type-options", b"nosniff"),
)
"""A reply is what somebody made up, and it comes from the page's own origin: it must not run there."""

NO_PART_OF_OURS = (b"content-type", b"application/octet-stream")
"""Nor may our page take it for a script or a style of its own, where the policy of the reply has no say."""

READ = ("document", "empty")
"""The destinations (Fetch, 2.2.5) of what a browser only shows, or hands to a script that asked for it."""

CROSS_ORIGIN = b"access-control-"
"""How a reply opens up to pages of other origins: only on the callback port, never here."""

_DELIVERY = DELIVERY_HEADER.lower().encode("ascii")


class TokenCallbacks:
    """Hands what is for a token to *callbacks*, the application of the callback port, else to *app*."""

    def __init__(self, app: ASGIApp, callbacks: ASGIApp, store: Store) -> None:
        self._app = app
        self._callbacks = callbacks
        self._store = store

    def takes(self, scope: Scope) -> bool:
        """Whether *scope* is a request to a token, and not to an endpoint below one. Never raises."""
        target: bytes = scope.get("raw_path") or b""
        return target.startswith(b"/") and is_token(self._store.match(path_of(target)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.takes(scope):
            await self._app(scope, receive, send)
            return
        token = scope["raw_path"][1:37]
        used = any(
            name == b"sec-fetch-dest" and value.decode("latin-1") not in READ
            for name, value in scope["headers"]
        )

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _named(message["headers"], token, used=used)}
            await send(message)

        await self._callbacks(scope, receive, send_named)


def _named(headers: list[tuple[bytes, bytes]], token: bytes, *, used: bool) -> list[tuple[bytes, bytes]]:
    """*headers* with the names that webhook.site gives to request and token, and fit for the page's origin.

    *used* says that the browser wants the reply as a part of a page.
    """
    ours = (*NOT_OF_OURS, NO_PART_OF_OURS) if used else NOT_OF_OURS
    replaced = {name for name, _ in ours}
    kept = [
        (name, value)
        for name, value in headers
        if name.lower() not in replaced and not name.lower().startswith(CROSS_ORIGIN)
    ]
    numbers = [int(value) for name, value in kept if name.lower() == _DELIVERY]
    ids = [(b"X-Request-Id", request_uuid(number).encode("ascii")) for number in numbers]
    return [*kept, *ids, (b"X-Token-Id", token), *ours]
