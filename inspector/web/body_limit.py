"""BodyLimit: the middleware that stops a request body at its limit while it is being read."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """Counts what arrives, declared or not, and answers 413 as soon as it is more than *limit_bytes*.

    *exceptions* are the paths with a limit of their own.
    """

    def __init__(self, app: ASGIApp, limit_bytes: int, exceptions: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.limit_bytes = limit_bytes
        self.exceptions = exceptions or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received_bytes = 0
        limit_bytes = self.exceptions.get(scope.get("path", ""), self.limit_bytes)

        async def limited() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > limit_bytes:
                # Closing the connection spares us from reading the rest only to throw it away.
                raise HTTPException(
                    413,
                    f"The body is larger than {limit_bytes:,} bytes, the most that the inspector reads.",
                    headers={"Connection": "close"},
                )
            return message

        await self.app(scope, limited, send)
