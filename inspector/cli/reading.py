"""``list`` and ``show``: what has been received."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Any

import click

from inspector.cli.options import reading_options
from inspector.cli.source import LARGEST_ID, LATEST, reading_source
from inspector.cli.terminal import json_text, note, safe_text
from inspector.client import Json

PAGE_ROWS = 500


class DeliveryId(click.ParamType[str]):
    """The id of a delivery, or the word ``latest``."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if text != LATEST and not (text.isascii() and text.isdigit()):
            self.fail(f"{text!r} is neither the number of a delivery nor `latest`.", param, ctx)
        return text


endpoint_option = click.option("--endpoint", metavar="ID|PATH", help="Only deliveries of this endpoint.")


@click.command("list")
@endpoint_option
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(1, PAGE_ROWS),
    default=50,
    show_default=True,
    help="How many, at most 500.",
)
@click.option(
    "--before", metavar="ID", type=click.IntRange(0, LARGEST_ID), help="Those before this one, newest first."
)
@click.option(
    "--after", metavar="ID", type=click.IntRange(0, LARGEST_ID), help="Those after this one, oldest first."
)
@reading_options
def list_deliveries(
    endpoint: str | None,
    limit: int,
    before: int | None,
    after: int | None,
    url: str | None,
    db: str | None,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """List deliveries, newest first."""
    if before is not None and after is not None:
        raise click.UsageError("--before and --after are two directions: give one of them.")
    with reading_source(url, db, token_file) as source:
        page = source.deliveries(endpoint=endpoint, before=before, after=after, limit=limit)
    if as_json:
        click.echo(json_text(page, indent=2))
        return
    if not page["deliveries"]:
        note("No deliveries here yet." if before is None and after is None else "No more deliveries.")
        return
    from inspector.cli.rows import print_deliveries

    print_deliveries(page["deliveries"])
    if page["more"]:
        note(f"There are more: {'--before' if after is None else '--after'} {page['cursor']}")


@click.command()
@click.argument("delivery_id", metavar="ID|latest", type=DeliveryId())
@click.option("--endpoint", metavar="ID|PATH", help="The endpoint that `latest` is about.")
@click.option("--body", "only_body", is_flag=True, help="Write the exact bytes of the body and nothing else.")
@reading_options
def show(
    delivery_id: str,
    endpoint: str | None,
    only_body: bool,
    url: str | None,
    db: str | None,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Show one delivery: verification and why, headers, body."""
    if only_body and as_json:
        raise click.UsageError("--body and --json are two forms: give one of them.")
    with reading_source(url, db, token_file) as source:
        delivery = source.delivery(delivery_id, endpoint=endpoint)
        if as_json:
            click.echo(json_text(delivery, indent=2))
        elif only_body:
            _write_body(source.body(delivery["id"]))
        else:
            _print_whole(delivery)


def _write_body(body: bytes) -> None:
    """The exact bytes to a pipe or file. A terminal would obey them, so it gets them escaped."""
    if sys.stdout.isatty():
        click.echo(safe_text(_as_text(body), lines=True))
        note("Shown escaped; a pipe or a file gets the exact bytes.")
    else:
        click.echo(body, nl=False)


def _print_whole(delivery: Json) -> None:
    from inspector.cli.rows import print_delivery

    print_delivery(delivery)
    if delivery["body_text"] is not None:
        text = delivery["body_text"]
    elif delivery["body_base64"] is not None:
        text = _as_text(base64.b64decode(delivery["body_base64"]))
    else:
        note(f"Too large to show here: `callback-inspector show {delivery['id']} --body` writes it.")
        return
    if text:
        click.echo(safe_text(text, lines=True))


def _as_text(body: bytes) -> str:
    return body.decode("utf-8", "backslashreplace")
