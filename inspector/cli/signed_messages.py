"""What is to be verified: a stored delivery, a request in a file, or a body and headers from options."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inspector.cli.configuration import Command
from inspector.cli.endpoints import Pair
from inspector.cli.options import STANDARD_STREAM, read_file
from inspector.cli.source import LATEST, Source
from inspector.client import Json
from inspector.errors import NotFound
from inspector.models import Message

if TYPE_CHECKING:
    from inspector.content.written_request import WrittenRequest

LOCAL_ADDRESSES = ("http://localhost:", "http://127.0.0.1:", "http://[::1]:")


@dataclass(frozen=True, slots=True)
class Given:
    """A signed message; ``arrived`` is when, in Unix seconds, None where nothing tells.

    ``delivery`` and ``endpoint`` are the stored ones that it is, as the API has them. ``notes`` are sentences
    on how it was read.
    """

    message: Message
    arrived: float | None = None
    delivery: Json | None = None
    endpoint: Json | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """What the options say of a message that is given in parts."""

    body: Path | None
    headers: Sequence[tuple[str, str]]
    method: str | None
    url: str | None
    entry: int | None


def message_options(command: Command) -> Command:
    """Add what describes a message that is no stored delivery."""
    for option in (
        click.option("--entry", metavar="N", type=click.IntRange(1), help="Which entry of a HAR file."),
        click.option(
            "--request-url", metavar="URL", help="The URL that the sender called, for schemes that sign it."
        ),
        click.option("--method", metavar="METHOD", help="The request's method. [default: POST]"),
        click.option(
            "--header",
            type=Pair(":"),
            multiple=True,
            metavar="'NAME: VALUE'",
            help="A header that came; repeat it for each.",
        ),
        click.option(
            "--body",
            "body_file",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="File with the exact bytes of the body; - is stdin.",
        ),
    ):
        command = option(command)
    return command


def is_stored(named: str | None) -> bool:
    """Whether *named* means a stored delivery: its number, or ``latest``."""
    return named is not None and (named == LATEST or (named.isascii() and named.isdigit()))


def stored_message(named: str, parts: Parts, source: Source) -> Given:
    """The stored delivery *named*, with whatever *parts* replace of it."""
    delivery = source.delivery(named)
    body = delivery["body_base64"]
    endpoints = source.endpoints()["endpoints"]
    endpoint = next((each for each in endpoints if each["id"] == delivery["endpoint_id"]), None)
    message = Message(
        body=source.body(delivery["id"]) if body is None else base64.b64decode(body),
        headers=tuple((_bytes(name), _bytes(value)) for name, value in delivery["headers"]),
        method=delivery["method"],
        url=_stored_url(delivery, endpoint),
        complete=delivery["complete"],
    )
    arrived = datetime.fromisoformat(delivery["received_at"]).timestamp()
    return Given(_with(message, parts), arrived, delivery, endpoint)


def written_message(named: str | None, parts: Parts) -> Given:
    """The message in a file or a command, or the one that *parts* make up."""
    if named is None:
        if parts.body is None:
            raise click.UsageError(
                "Nothing to verify: give a delivery's number, a file, a curl command, or --body and --header."
            )
        return Given(_with(Message(b"", ()), parts))
    found = _read(named, parts.entry)
    request = found.request
    message = Message(request.body, request.headers, request.method, found.url, request.complete)
    arrived = request.received_ns / 1e9 if found.dated else None
    notes = found.notes if request.complete else (*found.notes, str(request.incomplete_reason))
    return Given(_with(message, parts), arrived, notes=notes)


def _with(message: Message, parts: Parts) -> Message:
    """*message* with what the options say in place of what it had; headers are added."""
    added = tuple((_bytes(name), _bytes(value)) for name, value in parts.headers)
    names = {name.lower() for name, _ in added}
    kept = tuple(pair for pair in message.headers if pair[0].lower() not in names)
    return Message(
        body=message.body if parts.body is None else read_file(parts.body, "--body"),
        headers=(*kept, *added),
        method=parts.method or message.method,
        url=parts.url or message.url,
        complete=message.complete if parts.body is None else True,
    )


def _read(named: str, entry: int | None) -> WrittenRequest:
    """The request in a curl command, or in a file of any kind that is known."""
    # Imported here: only this verb reads requests that somebody wrote down.
    from inspector.content.curl_reading import is_curl, read_curl_command
    from inspector.content.raw_request import read_raw_request

    if is_curl(named):
        return read_curl_command(named, os.environ, _named_file)
    data = read_file(Path(named), "FILE")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _entry_of(data, entry)
    if entry is not None:
        raise click.UsageError("--entry is for HAR files, and this is none.")
    text = data.decode("utf-8", "surrogateescape")
    return read_curl_command(text, os.environ, _named_file) if is_curl(text) else read_raw_request(data)


def _entry_of(data: bytes, entry: int | None) -> WrittenRequest:
    from inspector.content.importing import read_archive
    from inspector.content.written_request import WrittenRequest, url_of

    requests = list(read_archive(data))
    if not requests:
        raise NotFound("There is no request in the file.")
    if entry is None and len(requests) > 1:
        raise click.UsageError(f"The file has {len(requests):,} requests: choose one with --entry N.")
    if entry is not None and entry > len(requests):
        raise NotFound(f"The file has {len(requests):,} requests, and no entry {entry}.")
    found = requests[(entry or 1) - 1]
    return WrittenRequest(found.request, found.url or url_of(found.request.target, found.request.headers))


def _named_file(name: str) -> bytes:
    return read_file(STANDARD_STREAM if name == "-" else Path(name), "curl")


def _stored_url(delivery: Json, endpoint: Json | None) -> str | None:
    """The URL that the sender called: through the public one, where there is one, else by its Host."""
    from inspector.content.written_request import url_of
    from inspector.receive.receiver import url_behind

    target = delivery["path"]
    if endpoint is not None and not endpoint["url"].startswith(LOCAL_ADDRESSES):
        return url_behind(endpoint["url"], endpoint["path"], target)
    headers = tuple((_bytes(name), _bytes(value)) for name, value in delivery["headers"])
    called = url_of(_bytes(target), headers)
    # What reached the listener itself came by http, whatever the name.
    return called.replace("https://", "http://", 1) if called and target.startswith("/") else called


def _bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")
