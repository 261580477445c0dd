"""The yardstick: a raw ASGI application under stock uvicorn, uvloop and httptools, that says ok to a body."""

from __future__ import annotations

import sys

import uvicorn
from starlette.types import Receive, Scope, Send

HEADERS = [(b"content-type", b"text/plain"), (b"content-length", b"2")]


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the whole body, answer 200."""
    assert scope["type"] == "http"
    while (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"ok"})


if __name__ == "__main__":
    uvicorn.run(
        hello,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
