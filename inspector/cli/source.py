"""Where a verb finds what it shows or changes: a running server, or a database file that none has open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from inspector.cli.discovery import find_server, no_server
from inspector.cli.options import named_source, token
from inspector.client import Client, Json
from inspector.errors import NotFound

if TYPE_CHECKING:
    from inspector.models import Endpoint
    from inspector.store import Archive

LATEST = "latest"
LARGEST_ID = 2**63 - 1
"""The last id that SQLite can count to."""


class Source(Protocol):
    """What the reading verbs ask; the answers have the shapes of the API whoever gives them."""

    def deliveries(self, *, endpoint: str | None, before: int | None, after: int | None, limit: int) -> Json:
        """A page of summaries, newest first, or oldest first with *after*."""

    def delivery(self, which: str, *, endpoint: str | None = None) -> Json:
        """The whole delivery with the id *which*, or the ``latest`` (of *endpoint*)."""

    def body(self, delivery_id: int) -> bytes:
        """The body of a delivery as it was received."""

    def endpoints(self) -> Json:
        """Every endpoint, by path."""


class ServerSource:
    """A running server, asked through its API."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def deliveries(self, *, endpoint: str | None, before: int | None, after: int | None, limit: int) -> Json:
        return self._client.get("/api/deliveries", endpoint=endpoint, before=before, after=after, limit=limit)

    def delivery(self, which: str, *, endpoint: str | None = None) -> Json:
        return self._client.get(f"/api/deliveries/{which}", endpoint=endpoint)

    def body(self, delivery_id: int) -> bytes:
        return self._client.read(f"/api/deliveries/{delivery_id}/body")

    def endpoints(self) -> Json:
        return self._client.get("/api/endpoints")


class FileSource:
    """A database file, read directly."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def deliveries(self, *, endpoint: str | None, before: int | None, after: int | None, limit: int) -> Json:
        from inspector.web.representation import deliveries_page

        endpoint_id = self._endpoint_id(endpoint)
        if after is not None:
            return deliveries_page(self._archive.after(after, endpoint_id=endpoint_id, limit=limit))
        return deliveries_page(self._archive.newest(endpoint_id=endpoint_id, before=before, limit=limit))

    def delivery(self, which: str, *, endpoint: str | None = None) -> Json:
        from inspector.web.representation import whole_delivery

        if which == LATEST:
            return whole_delivery(self._archive.latest(endpoint_id=self._endpoint_id(endpoint)))
        number = int(which)
        if number > LARGEST_ID:
            raise NotFound(f"There is no delivery {which}.")
        return whole_delivery(self._archive.delivery(number))

    def body(self, delivery_id: int) -> bytes:
        return self._archive.body(delivery_id)

    def endpoints(self) -> Json:
        return {"endpoints": [self._endpoint(endpoint) for endpoint in self._archive.endpoints()]}

    def _endpoint(self, endpoint: Endpoint) -> Json:
        """An endpoint as the API tells it; no server runs, so of its address only the path is known."""
        from inspector.models import Addresses
        from inspector.web import representation

        nowhere = Addresses(callback_url="", inspector_url="", callback_port=0, inspector_port=0)
        infos = self._archive.secrets.infos(endpoint.id)
        return representation.endpoint(endpoint, infos, self._archive.activity().get(endpoint.id), nowhere)

    def _endpoint_id(self, id_or_path: str | None) -> str | None:
        return None if id_or_path is None else self._archive.endpoint(id_or_path).id


@contextmanager
def reading_source(url: str | None, db: str | None, token_file: Path | None) -> Iterator[Source]:
    """What a reading verb reads: the server that is named or running, else the named database file."""
    url, database = named_source(url, db)
    if database is not None and find_server(database=database) is None:
        from inspector.store import Store

        with closing(Store.open_reading(database)) as archive:
            yield FileSource(archive)
    else:
        yield ServerSource(named_client(url, database, token_file))


def server_client(url: str | None, db: str | None, token_file: Path | None) -> Client:
    """A client of the server that is named by address or database file, else of the only one that runs."""
    return named_client(*named_source(url, db), token_file)


def named_client(url: str | None, database: Path | None, token_file: Path | None) -> Client:
    """A client of the server at *url*, else of that on *database*, else of the only one; or Unreachable."""
    server = find_server(url=url, database=database)
    if url is None and server is None:
        raise no_server(database)
    known_token = server.token if server else None
    address = url or (server.inspector_url if server else "")
    return Client(address, token(token_file) or known_token)


def endpoint_named(id_or_path: str, source: Source) -> Json:
    """The endpoint with that id or path. NotFound when there is none."""
    path = id_or_path.rstrip("/") or "/"
    for endpoint in source.endpoints()["endpoints"]:
        if id_or_path == endpoint["id"] or path == endpoint["path"]:
            return dict(endpoint)
    raise NotFound(f"There is no endpoint {id_or_path}.")
