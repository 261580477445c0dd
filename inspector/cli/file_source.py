"""A database file that no server has open, asked what the reading verbs ask of a server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from inspector import __version__
from inspector.cli.source import LARGEST_ID, LATEST, Copy
from inspector.client import Json
from inspector.content.diff import compare
from inspector.content.export import Format, export_delivery
from inspector.content.har import har_document, har_entry
from inspector.content.json_archive import json_line
from inspector.content.masking import mask_request
from inspector.errors import NotFound
from inspector.matching import Filter, parse
from inspector.models import Addresses, Delivery, Endpoint
from inspector.settings import CALLBACK_PORT
from inspector.store import Archive
from inspector.web import representation

BASE_URL = f"http://localhost:{CALLBACK_PORT}/"
"""Where a server would take the callbacks: commands are addressed to it."""

ROWS_AT_ONCE = 500


class FileSource:
    """A ``Source`` that reads an archive directly."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def deliveries(
        self,
        wanted: str | None = None,
        *,
        endpoint: str | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int,
    ) -> Json:
        endpoint_id, where = self._endpoint_id(endpoint), _parsed(wanted)
        if after is not None:
            page = self._archive.after(after, endpoint_id=endpoint_id, where=where, limit=limit)
        else:
            page = self._archive.newest(endpoint_id=endpoint_id, before=before, where=where, limit=limit)
        return representation.deliveries_page(page)

    def delivery(self, which: str, *, endpoint: str | None = None) -> Json:
        if which == LATEST:
            return representation.whole_delivery(
                self._archive.latest(endpoint_id=self._endpoint_id(endpoint))
            )
        number = int(which)
        if number > LARGEST_ID:
            raise NotFound(f"There is no delivery {which}.")
        return representation.whole_delivery(self._archive.delivery(number))

    def body(self, delivery_id: int) -> bytes:
        return self._archive.body(delivery_id)

    def diagnosis(self, delivery_id: int) -> Json:
        # Imported here: only `verify --explain` asks.
        from inspector.receive.diagnosing import looked_into

        return dict(looked_into(self._archive, None, delivery_id))

    def malformed(self, *, before: int | None = None, limit: int) -> Json:
        page = self._archive.malformed(before=before, limit=limit)
        return representation.malformed_page(page, self._archive.malformed_total())

    def one_malformed(self, which: str) -> Json:
        return representation.malformed(self._archive.one_malformed(int(which)))

    def endpoints(self) -> Json:
        return {"endpoints": [self._endpoint(endpoint) for endpoint in self._archive.endpoints()]}

    def comparison(self, before: int, after: int, *, ignore_volatile: bool) -> Json:
        old, new = self._archive.delivery(before), self._archive.delivery(after)
        found = compare(old.request, new.request, ignore_volatile=ignore_volatile)
        return representation.comparison(before, after, found)

    def copy(self, delivery_id: int, form: str, *, reveal: bool) -> Copy:
        done = export_delivery(
            self._archive.delivery(delivery_id), form, BASE_URL, version=__version__, reveal=reveal
        )
        masked = dict.fromkeys(f"{hidden.section} {hidden.name}" for hidden in done.hidden)
        return Copy(done.content, tuple(masked), done.notes)

    def count(self, wanted: str | None, *, endpoint: str | None) -> Json:
        endpoint_id, where = self._endpoint_id(endpoint), _parsed(wanted)
        if where is None:
            return {"count": self._archive.count(endpoint_id=endpoint_id), "complete": True}
        counted = self._archive.count_meant(where, endpoint_id=endpoint_id)
        return {"count": counted.found, "complete": counted.complete}

    def archive(
        self, form: str, wanted: str | None, *, endpoint: str | None, reveal: bool
    ) -> Iterator[bytes]:
        kept = self._kept(self._endpoint_id(endpoint), _parsed(wanted))
        masked = ((each, mask_request(each.request, reveal=reveal)) for each in kept)
        if form == Format.JSON_LINES:
            texts: Iterator[str] = (json_line(each, request) for each, request in masked)
        else:
            entries = (har_entry(each, request, BASE_URL) for each, request in masked)
            texts = har_document(entries, __version__)
        return (text.encode("ascii") for text in texts)

    def _kept(self, endpoint_id: str | None, where: Filter | None) -> Iterator[Delivery]:
        cursor, more = 0, True
        while more:
            page = self._archive.after(cursor, endpoint_id=endpoint_id, where=where, limit=ROWS_AT_ONCE)
            yield from (self._archive.delivery(row.id) for row in page.rows)
            cursor, more = page.cursor, page.more

    def _endpoint(self, endpoint: Endpoint) -> Json:
        """An endpoint as the API tells it; no server runs, so of its address only the path is known."""
        nowhere = Addresses(callback_url="", inspector_url="", callback_port=0, inspector_port=0)
        infos = self._archive.secrets.infos(endpoint.id)
        return representation.endpoint(endpoint, infos, self._archive.activity().get(endpoint.id), nowhere)

    def _endpoint_id(self, id_or_path: str | None) -> str | None:
        return None if id_or_path is None else self._archive.endpoint(id_or_path).id


def _parsed(wanted: str | None) -> Filter | None:
    """The tree of a filter, None when it means every delivery."""
    return None if wanted is None else parse(wanted, now=datetime.now(UTC)) or None
