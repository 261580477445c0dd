"""What ``list``, ``show`` and ``delete`` do with ``--malformed``: what came and was no HTTP request."""

from __future__ import annotations

import base64

import click

from inspector.cli.source import Source
from inspector.cli.terminal import console, counted, json_text, note
from inspector.client import Client, Json

NOUNS = ("malformed request", "malformed requests")

SHOWN_BYTES = 4 * 1024
"""So many bytes are shown in hexadecimal; all of them are written by --body."""

malformed_option = click.option(
    "--malformed", is_flag=True, help="Malformed requests instead: what came and was no HTTP request."
)


def list_malformed(source: Source, *, before: int | None, limit: int, as_json: bool) -> None:
    """Print a page of them, newest first."""
    page = source.malformed(before=before, limit=limit)
    if as_json:
        click.echo(json_text(page, indent=2))
    elif page["malformed"]:
        _print_list(page["malformed"])
    else:
        note("No malformed requests here." if before is None else "No more malformed requests.")
    if page["more"] and not as_json:
        note(f"There are more: --before {page['cursor']}")


def show_malformed(source: Source, which: str, *, as_json: bool) -> None:
    """Print one of them for people or programs."""
    each = source.one_malformed(which)
    if as_json:
        click.echo(json_text(each, indent=2))
    else:
        _print_one(each)


def raw_bytes(source: Source, which: str) -> bytes:
    """What is kept of the bytes of one."""
    return base64.b64decode(source.one_malformed(which)["raw_base64"])


def delete_malformed(client: Client, *, ask: bool) -> None:
    """Delete all of them, after a question when *ask*."""
    if ask:
        click.confirm("Delete all malformed requests?", abort=True, err=True)
    deleted = client.send("DELETE", "/api/malformed")["deleted"]
    note(f"Deleted {counted(deleted, *NOUNS)}.")


def _print_list(found: list[Json]) -> None:
    from inspector.cli.rows import DAY_AND_TIME, local_time, print_table, size

    print_table(
        ("ID", "Received", "Client", "Reply", "Size", "Reason"),
        (
            (
                str(each["id"]),
                local_time(each["received_at"], DAY_AND_TIME),
                each["client"],
                str(each["reply_status"] or "gone"),
                size(each["size"]),
                each["reason"],
            )
            for each in found
        ),
        elastic="Reason",
    )


def _print_one(each: Json) -> None:
    from rich.text import Text

    from inspector.cli.rows import local_time, size, styled
    from inspector.content import hexdump

    raw = base64.b64decode(each["raw_base64"])
    reply = "none: the sender was gone" if each["reply_status"] is None else str(each["reply_status"])
    show = console()
    show.print(styled(f"Malformed #{each['id']}", "bold"), soft_wrap=True)
    for label, value in (
        ("Reason", each["reason"]),
        ("Received", local_time(each["received_at"])),
        (
            "Client",
            each["client"] if each["listener"] is None else f"{each['client']}, to {each['listener']}",
        ),
        ("Reply", reply),
    ):
        show.print(Text.assemble((f"{label:14}", "dim"), styled(value)), soft_wrap=True)
    show.print(styled(f"Bytes ({size(each['size'])})", "bold"), soft_wrap=True)
    if raw:
        click.echo(str(hexdump(raw, count=SHOWN_BYTES)))
    if len(raw) > SHOWN_BYTES:
        more = counted(len(raw) - SHOWN_BYTES, "byte", "bytes")
        note(f"{more} more: `callback-inspector show --malformed {each['id']} --body` writes all.")
    if each["size"] > len(raw):
        note(f"Of {each['size']:,} bytes the first {len(raw):,} are kept.")
