"""TokenCallbacks: what comes to a token's path on the inspector's port is a callback, as on the other port.

Tests written against webhook.site know one base URL, for its API and for what they have called. So for
tokens, and for nothing else, the inspector's port receives.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inspector.errors import NotFound
from inspector.receive.replies import DELIVERY_HEADER
from inspector.receive.tokens import UUID, is_token
from inspector.store import Store
from inspector.web.token_shapes import request_uuid

NOT_OF_OURS = (b"content-security-policy", b"sandbox; default-src 'none'")
"""A reply is what somebody made up, and it comes from the page's own origin: it must not run there."""

_DELIVERY = DELIVERY_HEADER.lower().encode("ascii")


class TokenCallbacks:
    """Hands what is for a token to *callbacks*, the application of the callback port, else to *app*."""

    def __init__(self, app: ASGIApp, callbacks: ASGIApp, store: Store) -> None:
        self._app = app
        self._callbacks = callbacks
        self._store = store

    def takes(self, scope: Scope) -> bool:
        """Whether *scope* is a request to a token. Never raises."""
        path: bytes = scope.get("raw_path") or b""
        segment = path[1:].partition(b"/")[0].decode("latin-1")
        if not UUID.fullmatch(segment):
            return False
        try:
            return is_token(self._store.endpoint(segment))
        except NotFound:
            return False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.takes(scope):
            await self._app(scope, receive, send)
            return
        token = scope["raw_path"][1:37]

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _named(message["headers"], token)}
            await send(message)

        await self._callbacks(scope, receive, send_named)


def _named(headers: list[tuple[bytes, bytes]], token: bytes) -> list[tuple[bytes, bytes]]:
    """*headers* with the names that webhook.site gives to request and token."""
    kept = [(name, value) for name, value in headers if name.lower() != NOT_OF_OURS[0]]
    numbers = [int(value) for name, value in kept if name.lower() == _DELIVERY]
    ids = [(b"X-Request-Id", request_uuid(number).encode("ascii")) for number in numbers]
    return [*kept, *ids, (b"X-Token-Id", token), NOT_OF_OURS]
