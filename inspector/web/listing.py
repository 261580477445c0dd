"""The list of deliveries as the page shows it: a window of rows, and what lies before and after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode

from inspector.models import DeliverySummary, Endpoint, Page, VerificationStatus
from inspector.web import wording
from inspector.web.wording import Verdict

WINDOW_ROWS = 100
TIMES = "\u00d7"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one is on the deliveries page: what every link to another place there carries along.

    ``before`` is the id below which the list begins, None for the newest.
    """

    endpoint: Endpoint | None = None
    tab: str = ""
    before: int | None = None

    def list_url(self, *, before: int | None = None) -> str:
        return self._url("/", before=before)

    def delivery_url(self, delivery_id: int | str, **query: str) -> str:
        """The address of a delivery here, on the current tab unless *query* names another."""
        return self._url(f"/deliveries/{delivery_id}", **{"tab": self.tab, "before": self.before, **query})

    def _url(self, path: str, **query: str | int | None) -> str:
        parameters = {"endpoint": self.endpoint.path if self.endpoint else None, **query}
        named = {name: value for name, value in parameters.items() if value not in (None, "")}
        return f"{path}?{urlencode(named, safe='/', quote_via=quote)}" if named else path


@dataclass(frozen=True, slots=True)
class Row:
    """One delivery in the list, all of it text. The row of no delivery is what scripts clone and fill in."""

    id: int | str = ""
    url: str = "/"
    method: str = ""
    path_head: str = ""
    path_tail: str = ""
    attempt: str = ""
    verdict: Verdict = field(default_factory=lambda: wording.VERDICTS[VerificationStatus.MISSING])
    warned: bool = False
    pinned: bool = False
    reply: int | str = ""
    size: str = ""
    age: str = ""
    iso: str = ""
    moment: str = ""
    day: str = ""
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A window of rows. ``newest_url`` is None on the newest; ``end`` is said where nothing is older."""

    rows: tuple[Row, ...]
    newest_url: str | None
    older_url: str
    more: bool
    end: str


def listing(page: Page[DeliverySummary], place: Place, now: datetime) -> Listing:
    """The rows of *page*, with a heading over each day but today, by the clock of this machine."""
    today = now.astimezone().date()
    rows = []
    shown_day = today
    for summary in page.rows:
        received_day = summary.received_at.astimezone().date()
        heading = wording.day(received_day, today) if received_day != shown_day else ""
        shown_day = received_day
        rows.append(_row(summary, place, now, heading))
    return Listing(
        rows=tuple(rows),
        newest_url=place.list_url() if place.before is not None else None,
        older_url=place.list_url(before=page.cursor),
        more=page.more,
        end="The first delivery that is kept." if rows else "Nothing has come here yet.",
    )


def _row(summary: DeliverySummary, place: Place, now: datetime, heading: str) -> Row:
    head, tail = wording.split_path(summary.path[: wording.SHOWN_PATH_CHARACTERS])
    return Row(
        id=summary.id,
        url=place.delivery_url(summary.id),
        method=summary.method,
        path_head=head,
        path_tail=tail,
        attempt=f"{TIMES}{summary.attempt}" if summary.attempt > 1 else "",
        verdict=wording.VERDICTS[summary.status],
        warned=summary.warned,
        pinned=summary.pinned,
        reply=summary.reply_status,
        size=wording.size(summary.body_size),
        age=wording.age((now - summary.received_at).total_seconds()),
        iso=wording.iso(summary.received_at),
        moment=wording.moment(summary.received_at),
        day=summary.received_at.astimezone().date().isoformat(),
        heading=heading,
    )
