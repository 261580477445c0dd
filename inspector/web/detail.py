"""The head of one delivery, over every tab: what came, how it was judged, the ways to others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inspector.models import Delivery, DeliverySummary, Endpoint
from inspector.receive.handshakes import recognise
from inspector.web import answer, wording
from inspector.web.place import Place
from inspector.web.values_tab import query_count
from inspector.web.wording import Verdict

TABS = ("body", "headers", "query", "verification", "reply", "wire")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A delivery of the same message."""

    number: int
    id: int
    url: str


@dataclass(frozen=True, slots=True)
class Tab:
    """A link to one view of the delivery. ``verdict`` puts a glyph beside its label."""

    name: str
    label: str
    url: str
    count: int | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A link to the differences from another delivery to this one."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Head:
    """What stands over every tab. Facts that need attention are in ``cautions``."""

    id: int
    method: str
    path: str
    verdict: Verdict
    warned: bool
    reason: str
    secret: str | None
    answer: str
    received_at: datetime
    age: str
    facts: tuple[str, ...]
    cautions: tuple[str, ...]
    attempt: int
    attempts: tuple[Attempt, ...]
    note: str
    pinned: bool
    newer_url: str | None
    older_url: str | None
    back_url: str
    comparisons: tuple[Comparison, ...]
    tabs: tuple[Tab, ...]
    tab: str


def head(
    delivery: Delivery,
    endpoint: Endpoint | None,
    attempts: Sequence[DeliverySummary],
    neighbours: tuple[int | None, int | None],
    place: Place,
    now: datetime,
    cause: str = "",
) -> Head:
    """The head of *delivery*, seen from *place*.

    *endpoint* is None when it was deleted since. *cause*, where one is proven, takes the place of the reason.
    """
    request, verification = delivery.request, delivery.verification
    newer, older = neighbours
    client = request.client.rpartition(":")[0].strip("[]") or request.client
    cautions = [] if request.incomplete_reason is None else [f"incomplete: {request.incomplete_reason}"]
    listed = tuple(Attempt(other.attempt, other.id, place.delivery_url(other.id)) for other in attempts)
    return Head(
        id=delivery.id,
        method=request.method,
        path=request.path,
        verdict=wording.VERDICTS[verification.status],
        warned=verification.warned,
        reason=cause or verification.reason,
        secret=verification.secret,
        answer=_answered(delivery),
        received_at=request.received_at,
        age=wording.age((now - request.received_at).total_seconds()),
        facts=(
            f"from {client}",
            f"HTTP/{request.http_version}",
            f"endpoint {endpoint.path}" if endpoint else "endpoint deleted since",
            *([f"handshake of {asked.sender}"] if (asked := recognise(request)) else []),
        ),
        cautions=tuple(cautions),
        attempt=delivery.attempt,
        attempts=listed if len(listed) > 1 else (),
        note=delivery.note,
        pinned=delivery.pinned,
        newer_url=None if newer is None else place.delivery_url(newer),
        older_url=None if older is None else place.delivery_url(older),
        back_url=place.list_url(before=place.before, after=place.after),
        comparisons=tuple(_comparisons(delivery, listed, older)),
        tabs=_tabs(delivery, place),
        tab=place.tab or "body",
    )


def _tabs(delivery: Delivery, place: Place) -> tuple[Tab, ...]:
    request = delivery.request

    def url(tab: str) -> str:
        return place.delivery_url(delivery.id, tab=tab)

    return (
        Tab("body", "Body", url("body")),
        Tab("headers", "Headers", url("headers"), count=len(request.headers) + len(request.trailers)),
        Tab("query", "Query", url("query"), count=query_count(request) or None),
        Tab(
            "verification",
            "Verification",
            url("verification"),
            verdict=wording.VERDICTS[delivery.verification.status],
        ),
        Tab("reply", "Reply", url("reply"), count=delivery.sent.reply.status or None),
        Tab("wire", "Wire", url("wire"), count=len(request.flags) or None),
    )


def _comparisons(delivery: Delivery, attempts: Sequence[Attempt], older: int | None) -> list[Comparison]:
    """What one likely wants to compare: the attempt before, and the delivery before."""
    before = [attempt for attempt in attempts if attempt.number < delivery.attempt][-1:]
    found = [
        Comparison(
            f"With attempt {attempt.number} (#{attempt.id})", f"/deliveries/{attempt.id}/diff/{delivery.id}"
        )
        for attempt in before
    ]
    if older is not None and older not in {attempt.id for attempt in before}:
        found.append(Comparison(f"With the one before (#{older})", f"/deliveries/{older}/diff/{delivery.id}"))
    return found


def _answered(delivery: Delivery) -> str:
    sent = delivery.sent
    delay = f" after {sent.reply.delay_seconds:g} s" if sent.reply.delay_seconds else ""
    if not sent.completed:
        if sent.scripted is not None:
            return answer.not_sent(sent)
        return f"The sender was gone before it could be answered {sent.reply.status}."
    return f"Answered {sent.reply.status}{delay}."
