"""The window of the list that a place shows: read from the store, under the filter of the place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from inspector.matching import Filter, InvalidFilter, parse
from inspector.models import Delivery, DeliverySummary, Page
from inspector.store import Store
from inspector.web.listing import WINDOW_ROWS, Listing, folded, listing, message_of
from inspector.web.place import Place


@dataclass(frozen=True, slots=True)
class Found:
    """How many deliveries the list means, of how many; ``at_least`` while a count came to no end in time.

    ``fault`` says why the filter cannot be read.
    """

    number: int
    of: int
    at_least: bool = False
    fault: str = ""


def wanted(place: Place, now: datetime) -> Filter | None:
    """The filter of *place*. Raises InvalidFilter."""
    return parse(place.q, now=now) if place.q else None


def read_found(store: Store, place: Place, now: datetime) -> Found:
    """How many deliveries *place* means. Reads the database, as all functions below do."""
    of = store.count(endpoint_id=place.endpoint_id)
    try:
        where = wanted(place, now)
    except InvalidFilter as error:
        return Found(0, of, fault=str(error))
    if where is None:
        return Found(of, of)
    count = store.count_meant(where, endpoint_id=place.endpoint_id)
    return Found(count.found, of, at_least=not count.complete)


def read_window(store: Store, place: Place, now: datetime, shown: Delivery | None = None) -> Listing:
    """The rows of *place*, none for a filter that cannot be read.

    The earlier attempts of a row are unfolded when the place says so, or when *shown* is one of them.
    """
    try:
        page = _page(store, place, wanted(place, now))
    except InvalidFilter:
        return Listing(foot="The filter cannot be read.")
    top = _unfolded(page, place, shown)
    if top is None:
        return listing(page, place, now)
    attempts = (row for row in reversed(store.attempts(top)) if row.id < top.id)
    return listing(page, place, now, top.id, tuple(attempts))


def neighbours(store: Store, place: Place, delivery_id: int) -> tuple[int | None, int | None]:
    """The next newer and older delivery that *place* means; none for a filter that cannot be read."""
    try:
        where = wanted(place, datetime.now(UTC))
    except InvalidFilter:
        return None, None
    return store.neighbours(delivery_id, endpoint_id=place.endpoint_id, where=where)


def read_fold(store: Store, place: Place, now: datetime) -> Listing:
    """The unfolded row of *place* alone."""
    page = store.newest(before=(place.unfolded or 0) + 1, limit=1)
    if not page.rows:
        return Listing()
    [row] = page.rows
    attempts = (other for other in reversed(store.attempts(row)) if other.id < row.id)
    return listing(page, place, now, place.unfolded, tuple(attempts))


def _page(store: Store, place: Place, where: Filter | None) -> Page[DeliverySummary]:
    if place.after is not None:
        return store.after(place.after, endpoint_id=place.endpoint_id, where=where, limit=WINDOW_ROWS)
    return store.newest(before=place.before, endpoint_id=place.endpoint_id, where=where, limit=WINDOW_ROWS)


def _unfolded(page: Page[DeliverySummary], place: Place, shown: Delivery | None) -> DeliverySummary | None:
    """The row whose earlier attempts are shown, when it is on *page*."""
    below = message_of(shown) if shown else ""
    newest_first = sorted(page.rows, key=lambda row: -row.id)
    for row in folded(newest_first):
        if row.attempt > 1 and (
            row.id == place.unfolded or (shown and below and message_of(row) == below and shown.id < row.id)
        ):
            return row
    return None
