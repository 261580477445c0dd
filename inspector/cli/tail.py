"""``tail`` (also ``listen``): deliveries as they come, whatever happens to the connection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import click

from inspector.cli.discovery import RunningServer, find_server, no_server
from inspector.cli.filters import filter_argument
from inspector.cli.options import json_option, named_source, server_options
from inspector.cli.reading import PAGE_ROWS, endpoint_option
from inspector.cli.source import named_client
from inspector.cli.terminal import json_text, note
from inspector.client import Client, Json
from inspector.errors import Unreachable

RETRY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Pauses between attempts to reach a server that is gone; the last one repeats."""


@click.command()
@filter_argument
@endpoint_option
@click.option(
    "--after", metavar="ID", type=click.IntRange(0), help="Begin after this delivery; 0 is everything kept."
)
@click.option(
    "-n", "--last", metavar="N", type=click.IntRange(0, PAGE_ROWS), help="Begin with the last N deliveries."
)
@server_options
@json_option
def tail(
    wanted: str | None,
    endpoint: str | None,
    after: int | None,
    last: int | None,
    url: str | None,
    db: str | None,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Follow deliveries as they come, until Ctrl-C: all of them, or those that FILTER means.

    Begins now, unless --after or --last say otherwise. A server that goes away is waited for, and nothing
    that it received in between is missing.
    """
    if after is not None and last is not None:
        raise click.UsageError("--after and --last are two beginnings: give one of them.")
    for delivery in Follower(url, db, token_file, endpoint, wanted).deliveries(after, last or 0):
        if as_json:
            click.echo(json_text(delivery))
        else:
            _print(delivery)


def _print(delivery: Json) -> None:
    from inspector.cli.rows import print_delivery_line

    print_delivery_line(delivery)


class Follower:
    """Follows one server by the id of the last delivery seen, across broken connections and restarts.

    Raises Unreachable when no server answers at first; later it waits for one.
    """

    def __init__(
        self,
        url: str | None,
        db: str | None,
        token_file: Path | None,
        endpoint: str | None,
        wanted: str | None = None,
    ) -> None:
        self._url, self._database = named_source(url, db)
        self._token_file = token_file
        self._asked = {"endpoint": endpoint, "q": wanted}
        self._instance: str | None = None
        self._cursor: int | None = None
        self._failures = 0
        if self._url is None and self._database is None:
            self._settle_on(find_server())

    def deliveries(self, after: int | None, last: int = 0) -> Iterator[Json]:
        """Summaries after the id *after*, or the *last* ones and what follows, else what comes from now on.

        Never ends by itself.
        """
        self._cursor = after
        if last:
            yield from self._last(self._client(), last)
        while True:
            try:
                yield from self._connection()
            except Unreachable:
                if self._instance is None:
                    raise
            if self._failures == 0:
                note("The server is gone; waiting for it.")
            time.sleep(RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS) - 1)])
            self._failures += 1

    def _last(self, client: Client, count: int) -> Iterator[Json]:
        """The last *count* deliveries, oldest first; the cursor stands behind them when they are given."""
        newest = client.get("/api/deliveries", limit=1)["deliveries"]
        self._cursor = newest[0]["id"] if newest else 0
        found: list[Json] = []
        page: Json = {"cursor": self._cursor + 1, "more": True}
        while page["more"] and len(found) < count:  # a search stops in time, wherever it is
            page = self._page(client, before=page["cursor"], limit=count - len(found))
            found += page["deliveries"]
        yield from reversed(found)

    def _connection(self) -> Iterator[Json]:
        """What one connection brings until the server ends it."""
        client = self._client()
        for event in client.stream("/api/stream", **self._asked, after=self._cursor):
            if event.kind == "hello":
                if self._instance is None:
                    note(f"Following {client.url}. Ctrl-C stops.")
                elif self._failures:
                    note("The server is back.")
                self._failures = 0
                if self._instance not in (None, event.data["instance"]):
                    note("It has another database: following that from its beginning.")
                    self._instance, self._cursor = event.data["instance"], 0
                    yield from self._connection()
                    return
                self._instance = event.data["instance"]
            elif event.kind == "delivery":
                yield event.data
            elif event.kind == "reset":
                note("Deliveries were deleted or have aged out; going on with what is kept.")
                yield from self._kept(client, until=event.id or 0)
            if event.id is not None:
                self._cursor = event.id

    def _kept(self, client: Client, *, until: int) -> Iterator[Json]:
        """What is still there between our cursor and *until*, where the stream goes on."""
        more = self._cursor is not None
        while more:
            page = self._page(client, after=self._cursor, limit=PAGE_ROWS)
            yield from (delivery for delivery in page["deliveries"] if delivery["id"] <= until)
            self._cursor = page["cursor"]
            more = page["more"] and page["cursor"] < until

    def _page(self, client: Client, **query: object) -> Json:
        return client.get("/api/deliveries", **self._asked, **query)

    def _client(self) -> Client:
        return named_client(self._url, self._database, self._token_file)

    def _settle_on(self, server: RunningServer | None) -> None:
        """Stay with the one server that runs now, even if others have started when it comes back."""
        if server is None:
            raise no_server()
        self._database = Path(server.database) if server.database else None
        self._url = None if server.database else server.inspector_url
