"""A raw ASGI application that reads a body and says ok, behind the HTTP protocol that is asked for.

``httptools`` and ``h11`` are uvicorn's own; ``wire`` is ours, without anything behind it.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import cast

import uvicorn
from starlette.types import Receive, Scope, Send

from inspector.models import NewMalformed
from inspector.receive.wire import WireProtocol, terms
from inspector.settings import Limits

HEADERS = [(b"content-type", b"text/plain"), (b"content-length", b"2")]


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the whole body, answer 200."""
    assert scope["type"] == "http"
    while (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"ok"})


def _forget(new: NewMalformed) -> None:
    """Keep nothing."""


def main(protocol: str, port: int) -> None:
    """Serve on *port* until a signal comes."""
    http: object = protocol
    if protocol == "wire":
        http = partial(WireProtocol, terms=terms(Limits(), port, 0, _forget))
    uvicorn.run(
        hello,
        port=port,
        loop="uvloop",
        http=cast("type", http),
        lifespan="off",
        access_log=False,
        log_level="error",
        ws="none",
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
