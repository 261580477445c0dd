"""The page of malformed requests: a list of what came and was no HTTP request, and the bytes of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inspector.content import HexDump, hexdump
from inspector.models import Malformed
from inspector.web import reading, wording
from inspector.web.context import Context, context_of
from inspector.web.frame import frame
from inspector.web.place import Place
from inspector.web.reply_tab import phrase
from inspector.web.templating import render
from inspector.web.unseen import set_seen
from inspector.web.wire_tab import WireLine, wire_lines

ADDRESS = "/malformed"
WINDOW_ROWS = 50

TEXT, HEX = "text", "hex"
TEXT_BYTES = 8 * 1024
"""So much is shown as text; in hexadecimal stands all that is kept."""


@dataclass(frozen=True, slots=True)
class Row:
    """One malformed request in the list."""

    id: int
    url: str
    reason: str
    client: str
    reply: str
    size: str
    age: str
    iso: str
    moment: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The one whose bytes are shown. ``left_out`` is how many came and are not shown."""

    id: int
    reason: str
    answer: str
    received_at: datetime
    age: str
    facts: tuple[str, ...]
    back_url: str
    view: str
    hex_url: str
    text_url: str
    size: int
    kept: int
    dump: HexDump | None
    lines: tuple[WireLine, ...]
    left_out: int


async def show(request: Request) -> Response:
    """The newest, or those before another, with the one that the address names open, else the newest."""
    context, query = context_of(request), request.query_params
    before, which = reading.cursor(query, "before"), reading.cursor(query, "id")
    total = context.store.malformed_total()
    data = await context.store.reading(_data, context, before, which, query.get("view", ""))
    # Whoever looks has seen them, which this very page is to show.
    answer = render(request, "malformed.html", {**data, "unseen": 0})
    set_seen(context, answer, total)
    return answer


async def clear(request: Request) -> Response:
    """Deletes all of them."""
    await context_of(request).store.clear_malformed()
    return RedirectResponse(ADDRESS, 303)


def routes() -> list[Route]:
    """The routes of the page."""
    return [Route(ADDRESS, show), Route(ADDRESS, clear, methods=["POST"])]


def _data(context: Context, before: int | None, which: int | None, view: str) -> dict[str, object]:
    """What the template shows. Reads the database."""
    store, now = context.store, datetime.now(UTC)
    page = store.malformed(before=before, limit=WINDOW_ROWS)
    opened = page.rows[0] if which is None and page.rows else None
    if which is not None:
        opened = store.one_malformed(which)
    address = _url(id=which, before=before)
    return {
        "frame": frame(context, "malformed", Place(), address),
        "rows": [_row(each, before, now) for each in page.rows],
        "opened": None if opened is None else _opened(opened, before, view, now),
        "chosen": which is not None,
        "total": store.malformed_total(),
        "older_url": _url(before=page.cursor) if page.more else None,
        "newest_url": None if before is None else ADDRESS,
    }


def _row(each: Malformed, before: int | None, now: datetime) -> Row:
    return Row(
        id=each.id,
        url=_url(id=each.id, before=before),
        reason=each.reason,
        client=_host(each.client),
        reply=str(each.status) if each.status else "",
        size=wording.size(each.size),
        age=wording.age((now - each.received_at).total_seconds()),
        iso=wording.iso(each.received_at),
        moment=wording.moment(each.received_at),
    )


def _opened(each: Malformed, before: int | None, view: str, now: datetime) -> Opened:
    in_text = view == TEXT
    shown = each.raw[:TEXT_BYTES] if in_text else each.raw
    answer = f"Answered {each.status} {phrase(each.status)}".rstrip() if each.status else ""
    return Opened(
        id=each.id,
        reason=each.reason,
        answer=f"{answer}." if answer else "The sender was gone before it could be answered.",
        received_at=each.received_at,
        age=wording.age((now - each.received_at).total_seconds()),
        facts=(
            f"from {each.client}",
            *((f"to port {each.listener}",) if each.listener else ()),
            wording.plural(each.size, "byte"),
        ),
        back_url=_url(before=before),
        view=TEXT if in_text else HEX,
        hex_url=_url(id=each.id, before=before),
        text_url=_url(id=each.id, before=before, view=TEXT),
        size=each.size,
        kept=len(each.raw),
        dump=None if in_text else hexdump(shown, count=max(1, len(shown)) + 16),
        lines=wire_lines(shown) if in_text else (),
        left_out=each.size - len(shown),
    )


def _host(client: str) -> str:
    return client.rpartition(":")[0].strip("[]") or client


def _url(**query: object) -> str:
    named = {name: value for name, value in query.items() if value is not None}
    return f"{ADDRESS}?{urlencode(named)}" if named else ADDRESS
