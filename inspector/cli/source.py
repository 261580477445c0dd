"""Where a verb finds what it shows or changes: a running server, or a database file that none has open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from json import loads
from pathlib import Path
from typing import Protocol

from inspector.cli.discovery import find_server, no_server
from inspector.cli.options import named_source, token
from inspector.client import Client, Json
from inspector.errors import NotFound
from inspector.settings import Settings

LATEST = "latest"
LARGEST_ID = 2**63 - 1
"""The last id that SQLite can count to."""


MASKED_HEADER = "X-Callback-Masked"
NOTES_HEADER = "X-Callback-Notes"
"""Where the API tells what a copy leaves out, and what to know about it: JSON lists of text."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A delivery in some format. ``masked`` are the credentials left out, ``notes`` what to know about it."""

    content: bytes
    masked: tuple[str, ...]
    notes: tuple[str, ...]


class Source(Protocol):
    """What the reading verbs ask; the answers have the shapes of the API whoever gives them."""

    def deliveries(
        self,
        wanted: str | None = None,
        *,
        endpoint: str | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int,
    ) -> Json:
        """A page of summaries that the filter *wanted* means, newest first, or oldest first with *after*."""

    def delivery(self, which: str, *, endpoint: str | None = None) -> Json:
        """The whole delivery with the id *which*, or the ``latest`` (of *endpoint*)."""

    def body(self, delivery_id: int) -> bytes:
        """The body of a delivery as it was received."""

    def diagnosis(self, delivery_id: int) -> Json:
        """Why a delivery did not verify."""

    def malformed(self, *, before: int | None = None, limit: int) -> Json:
        """A page of malformed requests, newest first."""

    def one_malformed(self, which: str) -> Json:
        """The malformed request with the id *which*."""

    def endpoints(self) -> Json:
        """Every endpoint, by path."""

    def comparison(self, before: int, after: int, *, ignore_volatile: bool) -> Json:
        """What differs from the delivery *before* to the delivery *after*."""

    def copy(self, delivery_id: int, form: str, *, reveal: bool) -> Copy:
        """A delivery in a format to paste or keep."""

    def count(self, wanted: str | None, *, endpoint: str | None) -> Json:
        """How many deliveries the filter *wanted* means; ``complete`` is false when there are more."""

    def archive(
        self, form: str, wanted: str | None, *, endpoint: str | None, reveal: bool
    ) -> Iterator[bytes]:
        """All deliveries that *wanted* means as one file, oldest first, in pieces of a delivery at most."""


class ServerSource:
    """A running server, asked through its API."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def deliveries(
        self,
        wanted: str | None = None,
        *,
        endpoint: str | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int,
    ) -> Json:
        return self._client.get(
            "/api/deliveries", q=wanted, endpoint=endpoint, before=before, after=after, limit=limit
        )

    def delivery(self, which: str, *, endpoint: str | None = None) -> Json:
        return self._client.get(f"/api/deliveries/{which}", endpoint=endpoint)

    def body(self, delivery_id: int) -> bytes:
        return self._client.read(f"/api/deliveries/{delivery_id}/body")

    def diagnosis(self, delivery_id: int) -> Json:
        return self._client.get(f"/api/deliveries/{delivery_id}/diagnosis")

    def guess(self, delivery_id: int) -> Json | None:
        """The scheme that fits a delivery with the secrets of its endpoint, which only the server has."""
        found: Json | None = self._client.send("POST", f"/api/deliveries/{delivery_id}/guess", {})["guess"]
        return found

    def malformed(self, *, before: int | None = None, limit: int) -> Json:
        return self._client.get("/api/malformed", before=before, limit=limit)

    def one_malformed(self, which: str) -> Json:
        return self._client.get(f"/api/malformed/{which}")

    def endpoints(self) -> Json:
        return self._client.get("/api/endpoints")

    def comparison(self, before: int, after: int, *, ignore_volatile: bool) -> Json:
        return self._client.get(
            f"/api/deliveries/{before}/diff/{after}", ignore_volatile="true" if ignore_volatile else None
        )

    def copy(self, delivery_id: int, form: str, *, reveal: bool) -> Copy:
        content, headers = self._client.download(
            f"/api/deliveries/{delivery_id}/export/{form}", reveal="true" if reveal else None
        )
        masked, notes = (tuple(loads(headers.get(name, "[]"))) for name in (MASKED_HEADER, NOTES_HEADER))
        return Copy(content, masked, notes)

    def count(self, wanted: str | None, *, endpoint: str | None) -> Json:
        return self._client.get("/api/deliveries/count", q=wanted, endpoint=endpoint)

    def archive(
        self, form: str, wanted: str | None, *, endpoint: str | None, reveal: bool
    ) -> Iterator[bytes]:
        return self._client.lines(
            "/api/export", format=form, q=wanted, endpoint=endpoint, reveal="true" if reveal else None
        )


@contextmanager
def reading_source(
    url: str | None, db: str | None, token_file: Path | None, settings: Settings | None = None
) -> Iterator[Source]:
    """What a reading verb reads: the server that is named or running, else the named database file.

    *settings* tell what a file is to be judged by: the environment for secrets, and the user's own schemes.
    """
    url, database = named_source(url, db)
    if database is not None and find_server(database=database) is None:
        # Imported here: with a server nobody needs to wait for the database.
        from inspector.cli.file_source import FileSource
        from inspector.store import Store

        with closing(Store.open_reading(database, settings)) as archive:
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


def delivery_number(which: str, source: Source, *, endpoint: str | None = None) -> int:
    """The id of the delivery that *which* means, a number or ``latest`` (of *endpoint*). Raises NotFound."""
    if which == LATEST:
        page = source.deliveries(endpoint=endpoint, limit=1)
    elif int(which) < LARGEST_ID:
        page = source.deliveries(before=int(which) + 1, limit=1)
    else:
        page = {"deliveries": []}
    number = next((int(delivery["id"]) for delivery in page["deliveries"]), None)
    if number is None or (which != LATEST and int(which) != number):
        raise NotFound("There is no delivery yet." if which == LATEST else f"There is no delivery {which}.")
    return number
