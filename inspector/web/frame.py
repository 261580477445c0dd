"""Frame: what every page shows around its own content, and what scripts need to go on from there."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from inspector import __version__
from inspector.models import Addresses, Endpoint
from inspector.store import Position
from inspector.web.context import Context
from inspector.web.place import Place
from inspector.web.representation import callback_url
from inspector.web.sparkline import Sparkline, sparkline


@dataclass(frozen=True, slots=True)
class Frame:
    """The bar, the settings, and the position of the data that the page was made of.

    ``page`` is ``deliveries``, ``endpoints`` or ``malformed``; ``endpoint`` is the one whose deliveries are
    shown, None for all. Addresses of other endpoints keep the filter. ``address`` is the page's own, to come
    back to. ``position`` was read before everything else, so that nothing that came meanwhile is missed: it
    is at most shown twice, which scripts notice.
    """

    page: str
    address: str
    addresses: Addresses
    endpoints: tuple[Endpoint, ...]
    endpoint: Endpoint | None
    endpoint_urls: Mapping[str, str]
    everything_url: str
    callback_url: str
    arrivals: Sparkline
    fault: str | None
    database: str
    instance: str
    version: str
    position: Position
    now_ms: int


def frame(context: Context, page: str, place: Place, address: str, *, with_arrivals: bool = True) -> Frame:
    """The frame of a page. Reads the database: to be called in a reading thread.

    Arrivals are not counted for a part of a page that does not show them.
    """
    store = context.store
    position = store.position()
    arrivals = store.arrivals(endpoint_id=place.endpoint_id) if with_arrivals else ()
    state = store.state()
    endpoints = store.endpoints()
    filtered = Place(q=place.q)
    return Frame(
        page=page,
        address=address,
        addresses=context.addresses,
        endpoints=endpoints,
        endpoint=place.endpoint,
        endpoint_urls={other.id: replace(filtered, endpoint=other).list_url() for other in endpoints},
        everything_url=filtered.list_url(),
        callback_url=callback_url(place.endpoint, context.shown)
        if place.endpoint
        else context.shown.callback_url,
        arrivals=sparkline(arrivals),
        fault=state.fault,
        database="memory, until the server stops" if store.temporary else str(store.database),
        instance=store.instance,
        version=__version__,
        position=position,
        now_ms=time.time_ns() // 1_000_000,
    )
