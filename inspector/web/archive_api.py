"""The API's files: deliveries exported, one or many, parts of a body, and archives read in again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from inspector import __version__
from inspector.content.export import Format, export_delivery
from inspector.content.masking import Hidden
from inspector.content.views import body_part
from inspector.errors import InvalidInput, NotFound
from inspector.web import exporting, importing, reading, representation
from inspector.web.context import context_of
from inspector.web.deliveries_api import ENDPOINT, FILTER, endpoint_filter
from inspector.web.exporting import ARCHIVE_FORMATS, MEDIA_TYPES, Wanted
from inspector.web.filtering import filter_of
from inspector.web.operations import Operation, Parameter
from inspector.web.problems import JsonAnswer

IMPORT_PATH = "/api/import"

FORMAT = Parameter(
    "format", {"type": "string", "enum": list(ARCHIVE_FORMATS)}, "HAR 1.2, or JSON Lines; has to be given."
)
REVEAL = Parameter("reveal", {"type": "boolean", "default": False}, "With the credentials, not masked.")

MASKED_HEADER = "X-Callback-Masked"
NOTES_HEADER = "X-Callback-Notes"
"""What an export leaves out, and what to know about it: JSON lists of text."""

LISTED = 50
LISTED_CHARACTERS = 200
"""A header holds no more than so many texts, none of them longer."""


async def export_one(request: Request) -> Response:
    """A delivery as text to paste or a file. It is a download: what a stranger sent is no page of ours."""
    context = context_of(request)
    number = reading.delivery_id(request.path_params["id"])
    reveal = reading.flag(request.query_params, "reveal")

    def export() -> Response:
        done = export_delivery(
            context.store.delivery(number),
            request.path_params["format"],
            context.shown.callback_url,
            version=__version__,
            reveal=reveal,
        )
        headers = {MASKED_HEADER: _listed(_names(done.hidden)), NOTES_HEADER: _listed(done.notes)}
        return _download(done.content, done.media_type, done.filename, headers)

    return await context.store.reading(export)


async def export_many(request: Request) -> Response:
    context, query = context_of(request), request.query_params
    named = query.get("format", "")
    if named not in ARCHIVE_FORMATS:
        raise InvalidInput.of("format", f"must be one of {', '.join(ARCHIVE_FORMATS)}")
    form = Format(named)
    wanted = Wanted(
        form,
        context.shown.callback_url,
        endpoint_id=endpoint_filter(context, request),
        where=filter_of(query),
        reveal=reading.flag(query, "reveal"),
    )
    headers = _as_download(f"callbacks.{form}")
    if request.method == "HEAD":
        return Response(headers=headers, media_type=MEDIA_TYPES[form])
    pieces = exporting.exported(context.store, wanted)
    return StreamingResponse(pieces, headers=headers, media_type=MEDIA_TYPES[form])


async def import_many(request: Request) -> Response:
    outcome = await importing.import_archive(context_of(request), await request.body())
    return JsonAnswer(
        {"imported": outcome.imported, "first_id": outcome.first_id, "last_id": outcome.last_id}, status=201
    )


async def download_part(request: Request) -> Response:
    """A part of a multipart body as it came, but never as a document."""
    store = context_of(request).store
    number, part_number = reading.delivery_id(request.path_params["id"]), request.path_params["number"]

    def find() -> bytes:
        found = body_part(store.delivery(number).request, reading.part_number(part_number))
        if found is None:
            raise NotFound(f"Delivery {number} has no part {part_number}.")
        return found[1]

    content = await store.reading(find)
    return _download(content, "application/octet-stream", f"delivery-{number}-part-{int(part_number)}.bin")


def _download(
    content: bytes, media_type: str, filename: str, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(content, headers={**_as_download(filename), **(headers or {})}, media_type=media_type)


def _as_download(filename: str) -> dict[str, str]:
    """Headers that keep a browser from showing what it gets. *filename* is ours."""
    return {
        "Content-Disposition": f'attachment; filename="{filename}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }


def _names(hidden: Sequence[Hidden]) -> list[str]:
    return list(dict.fromkeys(f"{each.section} {each.name}" for each in hidden))


def _listed(texts: Sequence[str]) -> str:
    """*texts* as a header's value: JSON in ASCII, whatever a stranger wrote."""
    shown = [text[:LISTED_CHARACTERS] for text in texts[:LISTED]]
    more = len(texts) - LISTED
    return representation.json_bytes([*shown, f"and {more:,} more"] if more > 0 else shown).decode("ascii")


OPERATIONS = (
    Operation(
        "GET",
        "/api/deliveries/{id}/export/{format}",
        export_one,
        f"One delivery as {', '.join(Format)}; {MASKED_HEADER} names what was left out",
        answer="Bytes",
        query=(REVEAL,),
        media_type="application/octet-stream",
        refusals=(404,),
    ),
    Operation(
        "GET",
        "/api/export",
        export_many,
        "Deliveries as one file, oldest first; each tells what was masked in it",
        answer="Bytes",
        query=(FORMAT, ENDPOINT, FILTER, REVEAL),
        media_type="application/octet-stream",
        refusals=(404,),
    ),
    Operation(
        "POST",
        IMPORT_PATH,
        import_many,
        "Read a HAR file or JSON Lines in: deliveries as they arrived once, judged anew",
        answer="Outcome",
        status=201,
        body="Archive",
        refusals=(503,),
    ),
    Operation(
        "GET",
        "/api/deliveries/{id}/parts/{number}",
        download_part,
        "One part of a multipart body, as a download",
        answer="Bytes",
        media_type="application/octet-stream",
        refusals=(404,),
    ),
)
