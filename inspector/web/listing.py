"""The list of deliveries as the page shows it: a window of rows, and what lies before and after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from inspector.models import Delivery, DeliverySummary, Page, VerificationStatus
from inspector.web import wording
from inspector.web.place import Place
from inspector.web.wording import Verdict

WINDOW_ROWS = 100

SAME_MESSAGE_CHARACTERS = 200
"""Rows with a longer message id are not folded: the id stands in the page."""


@dataclass(frozen=True, slots=True)
class Row:
    """One delivery in the list, all of it text. The row of no delivery is what scripts clone and fill in.

    ``message`` is the same for all attempts of one message. ``fold_url`` leads to the list with the
    ``earlier`` attempts shown, or hidden where they are.
    """

    id: int | str = ""
    url: str = "/"
    method: str = ""
    path_head: str = ""
    path_tail: str = ""
    message: str = ""
    attempt: int | str = ""
    fold_url: str = "/"
    is_unfolded: bool = False
    earlier: tuple[Row, ...] = ()
    verdict: Verdict = field(default_factory=lambda: wording.VERDICTS[VerificationStatus.MISSING])
    warned: bool = False
    pinned: bool = False
    note: str = ""
    reply: int | str = ""
    size: str = ""
    age: str = ""
    iso: str = ""
    moment: str = ""
    heading: str = ""

    @property
    def is_repeat(self) -> bool:
        """Whether there were earlier attempts. The row of no delivery has the place for their number."""
        return self.attempt == "" or int(self.attempt) > 1


@dataclass(frozen=True, slots=True)
class Listing:
    """A window of rows.

    ``newest_url`` is None on the newest, ``newer_url`` leads one window up from another. ``older_url`` goes
    on below the rows, None where nothing is older; ``foot`` says where they end, ``is_full`` that they end
    only because a window is no longer.
    """

    rows: tuple[Row, ...] = ()
    newest_url: str | None = None
    newer_url: str | None = None
    older_url: str | None = None
    oldest_url: str | None = None
    foot: str = ""
    is_full: bool = False


def listing(
    page: Page[DeliverySummary],
    place: Place,
    now: datetime,
    unfolded: int | None = None,
    earlier: Sequence[DeliverySummary] = (),
) -> Listing:
    """The rows of *page*, with the *earlier* attempts below the row with the id *unfolded*."""
    from_below = place.after is not None
    summaries = page.rows[::-1] if from_below else page.rows
    below = tuple(_row(attempt, place, now) for attempt in earlier)
    rows = tuple(_rows(folded(summaries), place, now, unfolded, below))
    is_newest = place.before is None and not (from_below and page.more)
    if from_below:
        older_from = summaries[-1].id if summaries and place.after else None
    else:
        older_from = page.cursor if page.more else None
    return Listing(
        rows=rows,
        newest_url=None if is_newest else place.list_url(),
        newer_url=None if is_newest or not summaries else place.list_url(after=summaries[0].id),
        older_url=None if older_from is None else place.list_url(before=older_from),
        oldest_url=None if older_from is None else place.list_url(after=0),
        foot=_foot(page, place, older_from),
        is_full=len(page.rows) >= WINDOW_ROWS,
    )


def folded(summaries: Iterable[DeliverySummary]) -> Iterator[DeliverySummary]:
    """*summaries*, newest first, without the attempts that a later one of the same message stands for."""
    numbers: dict[str, int] = {}
    for summary in summaries:
        message = message_of(summary)
        if not message or summary.attempt >= numbers.get(message, 0):
            yield summary
        numbers[message] = summary.attempt


def _rows(
    summaries: Iterable[DeliverySummary],
    place: Place,
    now: datetime,
    unfolded: int | None,
    below: tuple[Row, ...],
) -> Iterator[Row]:
    """Rows with a heading over each day but today, by the clock of this machine."""
    today = now.astimezone().date()
    shown_day = today
    for summary in summaries:
        received_day = summary.received_at.astimezone().date()
        heading = wording.day(received_day, today) if received_day != shown_day else ""
        shown_day = received_day
        yield _row(summary, place, now, heading, below if summary.id == unfolded else ())


def _row(
    summary: DeliverySummary, place: Place, now: datetime, heading: str = "", earlier: tuple[Row, ...] = ()
) -> Row:
    head, tail = wording.split_path(summary.path[: wording.SHOWN_PATH_CHARACTERS])
    return Row(
        id=summary.id,
        url=place.delivery_url(summary.id),
        method=summary.method,
        path_head=head,
        path_tail=tail,
        message=message_of(summary),
        attempt=summary.attempt,
        fold_url=place.unfolding_url(None if earlier else summary.id),
        is_unfolded=bool(earlier),
        earlier=earlier,
        verdict=wording.VERDICTS[summary.status],
        warned=summary.warned,
        pinned=summary.pinned,
        note=summary.note,
        reply=summary.reply_status or "none",
        size=wording.size(summary.body_size),
        age=wording.age((now - summary.received_at).total_seconds()),
        iso=wording.iso(summary.received_at),
        moment=wording.moment(summary.received_at),
        heading=heading,
    )


def message_of(summary: DeliverySummary | Delivery) -> str:
    """What all attempts of one message have in common; empty when it cannot have others."""
    if summary.message_id is None or len(summary.message_id) > SAME_MESSAGE_CHARACTERS:
        return ""
    return f"{summary.endpoint_id} {summary.message_id}"


def _foot(page: Page[DeliverySummary], place: Place, older_from: int | None) -> str:
    if older_from is not None:
        searched = place.q and place.after is None and len(page.rows) < WINDOW_ROWS
        return f"Searched back to #{page.cursor}." if searched else ""
    if place.q:
        return "No delivery further back matches." if page.rows else "No delivery matches."
    return "The first delivery that is kept." if page.rows else "Nothing has come here yet."
