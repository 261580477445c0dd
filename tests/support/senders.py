"""Senders of callbacks that do what senders do: by hand over a socket, and from threads of their own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from support import raw_http
from support.raw_http import Connection, RawReply, request_bytes

from inspector.testing import Endpoint

JSON = [("Content-Type", "application/json")]


def post(
    endpoint: Endpoint,
    body: bytes = b"",
    *,
    beyond: str = "",
    headers: Iterable[tuple[str, str]] = (),
    method: str = "POST",
) -> RawReply:
    """Send one request, unsigned, to the endpoint's URL with *beyond* added to it."""
    url = urlsplit(endpoint.url)
    assert url.port is not None
    return raw_http.send(("127.0.0.1", url.port), method, url.path + beyond, headers, body)


def post_json(endpoint: Endpoint, value: Any, **more: Any) -> RawReply:
    """Send *value* as JSON, unsigned."""
    return post(endpoint, json.dumps(value).encode(), headers=JSON, **more)


def post_signed(endpoint: Endpoint, value: Any, *, secret: str | None = None) -> RawReply:
    """Send *value* as JSON, signed with the endpoint's secret or another."""
    body = json.dumps(value).encode()
    return post(endpoint, body, headers=[*JSON, *endpoint.sign(body, secret=secret).items()])


def open_connection(endpoint: Endpoint) -> Connection:
    """A connection to the endpoint's port, on which a request was begun."""
    url = urlsplit(endpoint.url)
    assert url.port is not None
    connection = Connection(("127.0.0.1", url.port))
    connection.send(request_bytes("POST", url.path))
    return connection


@contextmanager
def doing(*works: Callable[[], object]) -> Iterator[None]:
    """Does *works* in threads of their own during the block, which ends when they have."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()
