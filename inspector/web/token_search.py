"""Searching a token's requests: by date, and by the query of webhook.site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from inspector.errors import InvalidInput, NotFound
from inspector.models import Delivery, DeliverySummary, Endpoint, header_values
from inspector.store import Store
from inspector.web import token_shapes
from inspector.web.context import Context
from inspector.web.representation import Json
from inspector.web.token_dates import read_date
from inspector.web.token_query import Meant, read_query

SEARCHED_AT_ONCE = 50
"""Deliveries that are read whole before other readers get a turn."""

LISTED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Search:
    """Which of a token's requests are meant; None is no condition. Both dates are included."""

    since: datetime | None = None
    until: datetime | None = None
    meant: Meant | None = None

    @property
    def is_empty(self) -> bool:
        return self.since is None and self.until is None and self.meant is None

    def takes_date_of(self, row: DeliverySummary) -> bool:
        """Whether a delivery was received between the dates, to the second as requests tell it."""
        received = row.received_at.replace(microsecond=0)
        return (self.since is None or received >= self.since) and (
            self.until is None or received <= self.until
        )


def read_search(query: Mapping[str, str]) -> Search:
    """The search that the parameters ``date_from``, ``date_to`` and ``query`` ask for."""
    now = datetime.now(UTC)
    dates = {}
    for name, last in (("date_from", False), ("date_to", True)):
        text = query.get(name)
        try:
            dates[name] = read_date(text, now, last=last) if text else None
        except ValueError:
            raise InvalidInput.of(name, "must be a date as in 2022-12-31 23:59:59, or as in now-7d") from None
    text = query.get("query", "").strip()
    return Search(dates["date_from"], dates["date_to"], read_query(text, now) if text else None)


async def find_ids(context: Context, token: Endpoint, search: Search, *, pinned: bool = True) -> list[int]:
    """The ids of the token's requests that are meant, oldest first; without *pinned* ones if it is false."""
    ids: list[int] = []
    cursor, more = 0, True
    while more:
        some, cursor, more = await context.store.reading(_slice, context, token, search, cursor, pinned)
        ids += some
    return ids


def _slice(
    context: Context, token: Endpoint, search: Search, cursor: int, pinned: bool
) -> tuple[list[int], int, bool]:
    limit = SEARCHED_AT_ONCE if search.meant else LISTED_AT_ONCE
    page = context.store.after(cursor, endpoint_id=token.id, limit=limit)
    ids = [row.id for row in page.rows if search.takes_date_of(row) and (pinned or not row.pinned)]
    if search.meant is not None:
        among = deliveries(context.store, ids)
        ids = [delivery.id for delivery in among if search.meant(request_shape(context, delivery))]
    return ids, page.cursor, page.more


def deliveries(store: Store, ids: list[int]) -> list[Delivery]:
    """The deliveries with *ids*; what was deleted meanwhile is left out."""
    found = []
    for number in ids:
        try:
            found.append(store.delivery(number))
        except NotFound:
            continue
    return found


def request_shape(context: Context, delivery: Delivery) -> Json:
    """A delivery as a request, with the URL that its sender called."""
    path = delivery.request.path
    hosts = header_values(delivery.request.headers, b"host")
    base = f"http://{hosts[0].decode('latin-1')}" if hosts else context.addresses.callback_url.rstrip("/")
    return token_shapes.request(delivery, base + path if path.startswith("/") else path)
