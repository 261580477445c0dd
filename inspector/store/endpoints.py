"""The registered endpoints, all of them in memory: every delivery asks which one its path belongs to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from types import MappingProxyType
from typing import Any

from inspector.errors import NotFound
from inspector.models import Endpoint, Reply
from inspector.store.rows import Row, stored_text

ROOT_ID = "root"
"""The id of the endpoint ``/``, which always exists."""

ROOT_PATH = "/"


class EndpointTable:
    """An immutable set of endpoints, found by id, by path, or by the path of a request."""

    def __init__(self, endpoints: Iterable[Endpoint] = ()) -> None:
        self._by_id = {endpoint.id: endpoint for endpoint in endpoints}
        self.by_path = tuple(sorted(self._by_id.values(), key=lambda endpoint: endpoint.path))
        self._routes = {_route(endpoint.path): endpoint for endpoint in self.by_path}
        # A request's path is looked up once per length that is registered, longest first: the cost depends
        # neither on the number of endpoints nor on what the sender sends.
        self._lengths = sorted({len(route) for route in self._routes}, reverse=True)

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self.by_path)

    def __contains__(self, endpoint_id: str) -> bool:
        return endpoint_id in self._by_id

    def find(self, id_or_path: str) -> Endpoint:
        """The endpoint with that id, else the one registered at exactly that path. Raises NotFound."""
        endpoint = self._by_id.get(id_or_path) or self._routes.get(_route(id_or_path))
        if endpoint is None:
            raise NotFound(f"There is no endpoint {id_or_path}.")
        return endpoint

    def at(self, path: str) -> Endpoint | None:
        """The endpoint registered at exactly *path*."""
        return self._routes.get(_route(path))

    def match(self, path: bytes) -> Endpoint:
        """The endpoint whose path is the longest that fits *path* on a ``/`` boundary; ``/`` takes the rest.

        *path* is the request target as sent, without its query: nothing is decoded or normalised.
        """
        for length in self._lengths:
            route = path[:length]
            endpoint = self._routes.get(route)
            if endpoint and (
                len(path) == length or route.endswith(b"/") or path[length : length + 1] == b"/"
            ):
                return endpoint
        return self._by_id[ROOT_ID]

    def with_endpoint(self, endpoint: Endpoint) -> EndpointTable:
        """This table with *endpoint* added, or put in the place of the one with its id."""
        return EndpointTable((self._by_id | {endpoint.id: endpoint}).values())

    def without(self, endpoint_id: str) -> EndpointTable:
        """This table without the endpoint *endpoint_id*."""
        return EndpointTable(endpoint for endpoint in self.by_path if endpoint.id != endpoint_id)


def _route(path: str) -> bytes:
    return path.encode("utf-8", "surrogatepass")


def endpoint_values(endpoint: Endpoint) -> dict[str, Any]:
    """The row of *endpoint* in the table ``endpoints``."""
    settings = {
        "path": endpoint.path,
        "created_at": endpoint.created_at.isoformat(),
        "name": endpoint.name,
        "scheme": endpoint.scheme,
        "scheme_options": dict(endpoint.scheme_options),
        "tolerance_seconds": endpoint.tolerance_seconds,
        "public_url": endpoint.public_url,
        "reject_invalid": endpoint.reject_invalid,
        "cors": endpoint.cors,
        "handshake": endpoint.handshake,
        "verify_token": endpoint.verify_token,
        "reply_status": endpoint.reply.status,
        "reply_headers": endpoint.reply.headers,
        "reply_delay_seconds": endpoint.reply.delay_seconds,
    }
    return {
        "id": endpoint.id,
        "path": stored_text(endpoint.path),
        "settings": json.dumps(settings),
        "reply_body": endpoint.reply.body,
    }


def read_endpoint(row: Row) -> Endpoint:
    """The endpoint in *row* of the table ``endpoints``."""
    settings = json.loads(row["settings"])
    return Endpoint(
        id=row["id"],
        path=settings["path"],
        created_at=datetime.fromisoformat(settings["created_at"]),
        name=settings["name"],
        scheme=settings["scheme"],
        scheme_options=MappingProxyType(settings["scheme_options"]),
        tolerance_seconds=settings["tolerance_seconds"],
        public_url=settings["public_url"],
        reject_invalid=settings["reject_invalid"],
        reply=Reply(
            status=settings["reply_status"],
            headers=tuple((name, value) for name, value in settings["reply_headers"]),
            body=row["reply_body"],
            delay_seconds=settings["reply_delay_seconds"],
        ),
        # An endpoint that an older version stored has none.
        cors=settings.get("cors", False),
        handshake=settings.get("handshake", "auto"),
        verify_token=settings.get("verify_token"),
    )
