"""``import``: the deliveries of a HAR file or of JSON Lines, kept as they arrived once."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from json import dumps
from pathlib import Path

import click

from inspector.cli.options import read_file, server_options
from inspector.cli.source import server_client
from inspector.cli.terminal import counted, note
from inspector.client import Client, Json
from inspector.errors import InspectorError

PART_CHARACTERS = 4 * 1024 * 1024
"""A file is sent in parts of about this length, one delivery at least."""


DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Part:
    """Some deliveries of the file, as a file of their own; ``count`` of them."""

    count: int
    content: bytes


@click.command("import")
@click.argument("file", metavar="FILE|-", type=click.Path(path_type=Path))
@server_options
def import_file(file: Path, url: str | None, db: str | None, token_file: Path | None) -> None:
    """Keep the deliveries of FILE: a HAR file or JSON Lines, from `export` or another tool.

    Signatures are checked anew. The whole file is read first: one that cannot be understood changes nothing.
    """
    # Imported here: no other verb reads archives.
    from inspector.content.importing import read_archive

    client = server_client(url, db, token_file)
    data = read_file(file, "FILE")
    total, received_ns = 0, []
    for found in read_archive(data):
        total += 1
        if not found.pinned:
            received_ns.append(found.request.received_ns)
    if not total:
        note("There is no delivery in it.")
        return
    imported: list[Json] = []
    try:
        with click.progressbar(
            length=total, label="Importing", show_pos=True, hidden=not sys.stderr.isatty(), file=sys.stderr
        ) as bar:
            for part in _parts(data):
                imported.append(client.upload("POST", "/api/import", part.content, "application/json"))
                bar.update(part.count)
    except InspectorError:
        before = sum(answer["imported"] for answer in imported)
        note(f"{before:,} of {counted(total)} in the file had been imported when this happened:")
        raise
    first, last = imported[0]["first_id"], imported[-1]["last_id"]
    ids = f"#{first}" if first == last else f"#{first} to #{last}"
    note(f"Imported {counted(total)}: {ids}.")
    _warn_of_age(client, received_ns)


def _warn_of_age(client: Client, received_ns: list[int]) -> None:
    """Say how many of those received at *received_ns* the server will delete for their age."""
    days = client.get("/api/status")["retention"]["days"]
    oldest_ns = time.time_ns() - days * DAY_NS
    aged = sum(moment < oldest_ns for moment in received_ns)
    if days and aged:
        note(
            f"{counted(aged)} of them will not stay: received more than {days:g} days ago, which is what this"
            " server keeps. `serve --keep-days 0` keeps them."
        )


def _parts(data: bytes) -> Iterator[Part]:
    """The deliveries of the archive *data* in its order, in parts that a server reads at once."""
    from inspector.content.har_reading import HarText

    text = data.decode("utf-8-sig", "replace")
    archive = HarText(text)
    if archive.is_har:
        records: Iterator[str] = map(dumps, archive.entries())
        beginning, between, end = '{"log": {"entries": [', ",", "]}}"
    else:
        records = (line for line in text.split("\n") if line.strip())
        beginning, between, end = "", "\n", "\n"
    for batch in _batches(records):
        yield Part(len(batch), (beginning + between.join(batch) + end).encode())


def _batches(records: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    characters = 0
    for record in records:
        if batch and characters + len(record) > PART_CHARACTERS:
            yield batch
            batch, characters = [], 0
        batch.append(record)
        characters += len(record)
    if batch:
        yield batch
