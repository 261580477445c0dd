"""``list`` and ``show``: what has been received."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Any

import click

from inspector.cli.filters import filter_argument
from inspector.cli.malformed import (
    list_malformed,
    malformed_option,
    raw_bytes,
    show_malformed,
)
from inspector.cli.options import reading_options
from inspector.cli.source import LARGEST_ID, LATEST, Copy, delivery_number, reading_source
from inspector.cli.terminal import json_text, note, safe_text
from inspector.client import Json

PAGE_ROWS = 500
FORMATS = ("curl", "httpie", "python", "http", "har", "pytest")


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
@filter_argument
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
@malformed_option
@reading_options
def list_deliveries(
    wanted: str | None,
    endpoint: str | None,
    limit: int,
    before: int | None,
    after: int | None,
    malformed: bool,
    url: str | None,
    db: str | None,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """List deliveries, newest first: all of them, or those that FILTER means."""
    if before is not None and after is not None:
        raise click.UsageError("--before and --after are two directions: give one of them.")
    if malformed and (wanted or endpoint or after is not None):
        raise click.UsageError("--malformed lists what belongs to no endpoint and no filter, newest first.")
    with reading_source(url, db, token_file) as source:
        if malformed:
            list_malformed(source, before=before, limit=limit, as_json=as_json)
            return
        page = source.deliveries(wanted, endpoint=endpoint, before=before, after=after, limit=limit)
    found = len(page["deliveries"])
    if as_json:
        click.echo(json_text(page, indent=2))
    elif found:
        from inspector.cli.rows import print_deliveries

        print_deliveries(page["deliveries"])
    elif not page["more"]:
        note(_nothing(wanted, is_beginning=before is None and after is None))
    if page["more"]:
        back, option = ("back ", "--before") if after is None else ("", "--after")
        if found < limit:  # it stopped in time, not at the limit
            note(f"Searched {back}to #{page['cursor']}; go on with {option} {page['cursor']}")
        elif not as_json:
            note(f"There are more: {option} {page['cursor']}")


def _nothing(wanted: str | None, *, is_beginning: bool) -> str:
    """What is said when a list is empty and there is nothing more to search."""
    if wanted:
        return "No delivery matches." if is_beginning else "No more deliveries match."
    return "No deliveries here yet." if is_beginning else "No more deliveries."


@click.command()
@click.argument("delivery_id", metavar="ID|latest", type=DeliveryId())
@click.option("--endpoint", metavar="ID|PATH", help="The endpoint that `latest` is about.")
@click.option("--body", "only_body", is_flag=True, help="Write the exact bytes of the body and nothing else.")
@click.option("--as", "form", type=click.Choice(FORMATS), help="Write it in this form, to paste or to keep.")
@click.option("--reveal", is_flag=True, help="With --as: leave credentials in.")
@malformed_option
@reading_options
def show(
    delivery_id: str,
    endpoint: str | None,
    only_body: bool,
    form: str | None,
    reveal: bool,
    malformed: bool,
    url: str | None,
    db: str | None,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Show one delivery: verification and why, headers, body. Or write it as a command, a program, a file."""
    if sum(map(bool, (only_body, as_json, form))) > 1:
        raise click.UsageError("--body, --as and --json are three forms: give one of them.")
    if reveal and not form:
        raise click.UsageError("--reveal is for --as: everything else is shown as it is.")
    if malformed and (form or endpoint):
        raise click.UsageError(
            "--malformed has neither forms nor endpoints: give --body, --json, or neither."
        )
    if malformed and delivery_id == LATEST:
        raise click.UsageError("A malformed request is named by its number: `list --malformed` tells it.")
    with reading_source(url, db, token_file) as source:
        if malformed:
            if only_body:
                _write_bytes(raw_bytes(source, delivery_id))
            else:
                show_malformed(source, delivery_id, as_json=as_json)
            return
        if form:
            number = delivery_number(delivery_id, source, endpoint=endpoint)
            _write_copy(source.copy(number, form, reveal=reveal), form)
            return
        delivery = source.delivery(delivery_id, endpoint=endpoint)
        if as_json:
            click.echo(json_text(delivery, indent=2))
        elif only_body:
            _write_bytes(source.body(delivery["id"]))
        else:
            _print_whole(delivery)


def _write_copy(copy: Copy, form: str) -> None:
    is_text = form != "http"  # which ends where the body does
    _write_bytes(copy.content.rstrip(b"\n") + b"\n" if is_text else copy.content)
    if copy.masked:
        note(f"Masked: {', '.join(copy.masked)}. --reveal leaves credentials in.")
    for sentence in copy.notes:
        note(sentence)


def _write_bytes(content: bytes) -> None:
    """The exact bytes to a pipe or file. A terminal would obey them, so it gets them escaped."""
    if not sys.stdout.isatty():
        click.echo(content, nl=False)
        return
    text = _as_text(content)
    shown = safe_text(text, lines=True)
    click.echo(shown)
    if shown != text:
        note("Shown escaped; a pipe or a file gets the exact bytes.")


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
