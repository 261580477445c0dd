"""The page of two deliveries side by side: what differs from one to the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inspector.content.diff import Comparison, compare
from inspector.content.json_diff import Difference
from inspector.content.masking import is_credential_header, is_credential_parameter
from inspector.errors import InvalidInput, NotFound
from inspector.models import Delivery
from inspector.web import reading, wording
from inspector.web.context import Context, context_of
from inspector.web.frame import frame
from inspector.web.place import Place
from inspector.web.templating import render
from inspector.web.values_tab import MASK
from inspector.web.wording import Verdict

SECTIONS = {"request": "Request", "query": "Query", "headers": "Headers", "body": "Body"}

BODIES = {
    "same": "The bodies are the same, byte for byte.",
    "json": "The bodies are compared as JSON, by path.",
    "form": "The bodies are compared as forms, by field.",
    "text": "The bodies are compared as text, line by line.",
    "bytes": "The bodies are compared byte by byte.",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two deliveries."""

    id: int
    method: str
    path: str
    verdict: Verdict
    received_at: datetime


@dataclass(frozen=True, slots=True)
class DiffPage:
    """The comparison in sections, and the ways to look at it. ``volatile_url`` is the toggle's."""

    before: Side
    after: Side
    comparison: Comparison
    sections: tuple[tuple[str, tuple[Difference, ...]], ...]
    body_words: str
    count: int
    ignoring: bool
    all_url: str
    ignoring_url: str
    swapped_url: str


async def choose(request: Request) -> Response:
    """Leads from a form that names the other delivery to the differences, the older one first."""
    this = reading.delivery_id(request.path_params["id"])
    named = request.query_params.get("other", "").strip().lstrip("#")
    context = context_of(request)
    try:
        other = reading.delivery_id(named)
    except NotFound:
        if named != "latest":
            raise InvalidInput.of("other", "must be the id of a delivery") from None
        other = (await context.store.reading(context.store.latest)).id
    older, newer = sorted((this, other))
    return RedirectResponse(_url(older, newer), 303)


async def show(request: Request) -> Response:
    """The differences from one delivery to the other."""
    context = context_of(request)
    ids = tuple(_id(request, name) for name in ("id", "other"))
    ignoring = request.query_params.get("volatile") == "ignore"
    return await context.store.reading(lambda: _page(context, request, ids[0], ids[1], ignoring))


def routes() -> list[Route]:
    """The addresses of differences."""
    return [Route("/deliveries/{id}/diff", choose), Route("/deliveries/{id}/diff/{other}", show)]


def _id(request: Request, name: str) -> int:
    return reading.delivery_id(request.path_params[name])


def _url(before: int, after: int, *, ignoring: bool = False) -> str:
    return f"/deliveries/{before}/diff/{after}{'?volatile=ignore' if ignoring else ''}"


def _page(context: Context, request: Request, before_id: int, after_id: int, ignoring: bool) -> Response:
    """The page, made in a reading thread: both bodies may be long."""
    around = frame(context, "deliveries", Place(), _url(before_id, after_id, ignoring=ignoring))
    before, after = context.store.delivery(before_id), context.store.delivery(after_id)
    comparison = compare(before.request, after.request, ignore_volatile=ignoring)
    sections = tuple(
        (SECTIONS[name], tuple(map(_masked, group)))
        for name, group in groupby(comparison.differences, key=lambda difference: difference.section)
    )
    page = DiffPage(
        _side(before),
        _side(after),
        comparison,
        sections,
        BODIES[comparison.body],
        len(comparison.differences),
        ignoring,
        _url(before_id, after_id),
        _url(before_id, after_id, ignoring=True),
        _url(after_id, before_id, ignoring=ignoring),
    )
    return render(request, "diff.html", {"frame": around, "diff": page})


def _masked(difference: Difference) -> Difference:
    """*difference* without the values of a credential: that they differ is enough."""
    is_credential = {"headers": is_credential_header, "query": is_credential_parameter}.get(
        difference.section
    )
    if is_credential is None or not is_credential(difference.where):
        return difference
    before, after = (value and MASK for value in (difference.before, difference.after))
    return replace(difference, before=before, after=after)


def _side(delivery: Delivery) -> Side:
    request = delivery.request
    return Side(
        delivery.id,
        request.method,
        request.path,
        wording.VERDICTS[delivery.verification.status],
        request.received_at,
    )
