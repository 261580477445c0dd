"""A delivery in the formats it can be copied and saved in, credentials left out unless asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from inspector.content.curl import ShellSignature, curl_command
from inspector.content.har import har_document, har_entry
from inspector.content.httpie import httpie_command, httpie_notes
from inspector.content.json_archive import json_line
from inspector.content.masking import Hidden, mask_request
from inspector.content.python_snippets import pytest_test, python_program
from inspector.content.raw_http import raw_message, raw_notes
from inspector.errors import InvalidInput
from inspector.models import Delivery, Request


class Format(StrEnum):
    """What a delivery can be exported as."""

    CURL = "curl"
    HTTPIE = "httpie"
    PYTHON = "python"
    HTTP = "http"
    HAR = "har"
    JSON_LINES = "jsonl"
    PYTEST = "pytest"


@dataclass(frozen=True, slots=True)
class Exported:
    """A delivery in some format. ``hidden`` are the credentials left out, ``notes`` what to know."""

    content: bytes
    media_type: str
    filename: str
    hidden: tuple[Hidden, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")


def export_delivery(
    delivery: Delivery,
    form: str,
    base_url: str,
    *,
    version: str = "",
    reveal: bool = False,
    sign: ShellSignature | None = None,
) -> Exported:
    """*delivery* in the format *form*, addressed to the host of *base_url*.

    With *reveal* credentials stand in it. With *sign* a curl command signs the body when it runs. *version*
    is ours. Raises InvalidInput on ``format`` when *form* is none.
    """
    if form not in set(Format):
        raise InvalidInput.of("format", f"must be one of {', '.join(Format)}")
    request = delivery.request
    masked = mask_request(request, reveal=reveal)
    stem = f"delivery-{delivery.id}"
    body_file = f"{stem}.body"
    plain, notes = "text/plain; charset=utf-8", _notes(request)
    match Format(form):
        case Format.CURL:
            command = curl_command(request, base_url, reveal=reveal, sign=sign, body_file=body_file)
            return Exported(command.text.encode(), plain, f"{stem}.sh", command.hidden, command.notes)
        case Format.HTTPIE:
            text = httpie_command(request, masked, base_url, body_file)
            return Exported(
                text.encode(), plain, f"{stem}.sh", masked.hidden, (*notes, *httpie_notes(request))
            )
        case Format.PYTHON:
            text = python_program(request, masked, base_url, body_file)
            return Exported(text.encode(), plain, f"{stem}.py", masked.hidden, notes)
        case Format.PYTEST:
            return Exported(pytest_test(delivery).encode(), plain, f"test_{delivery.id}.py")
        case Format.HTTP:
            raw = raw_message(request, masked)
            return Exported(
                raw, "application/octet-stream", f"{stem}.http", masked.hidden, raw_notes(request)
            )
        case Format.HAR:
            text = "".join(har_document([har_entry(delivery, masked, base_url)], version))
            return Exported(text.encode(), "application/json", f"{stem}.har", masked.hidden)
        case Format.JSON_LINES:
            text = json_line(delivery, masked)
            return Exported(text.encode(), "application/x-ndjson", f"{stem}.jsonl", masked.hidden)


def _notes(request: Request) -> tuple[str, ...]:
    return ("Trailers are left out.",) if request.trailers else ()
