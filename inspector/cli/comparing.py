"""``diff``: what differs between two deliveries."""

from __future__ import annotations

from pathlib import Path

import click

from inspector.cli.options import reading_options
from inspector.cli.reading import DeliveryId
from inspector.cli.source import delivery_number, reading_source
from inspector.cli.terminal import console, json_text, note
from inspector.client import Json

SIGNS = {"added": "+", "removed": "-", "changed": "~", "spelling": "="}
STYLES = {"+": "green", "-": "red", "~": "yellow", "@": "dim"}
SHOWN_NAMES = 10


@click.command()
@click.argument("before", metavar="A", type=DeliveryId())
@click.argument("after", metavar="B", type=DeliveryId())
@click.option(
    "--ignore-volatile",
    is_flag=True,
    help="Leave out what differs each time by its nature: times, ids, signatures.",
)
@click.option("--endpoint", metavar="ID|PATH", help="The endpoint that `latest` is about.")
@reading_options
def diff(
    before: str,
    after: str,
    ignore_volatile: bool,
    endpoint: str | None,
    url: str | None,
    db: str | None,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Show what changed from delivery A to delivery B: method, path, query, headers, and the body by its
    structure."""
    with reading_source(url, db, token_file) as source:
        old, new = (delivery_number(which, source, endpoint=endpoint) for which in (before, after))
        found = source.comparison(old, new, ignore_volatile=ignore_volatile)
    if as_json:
        click.echo(json_text(found, indent=2))
    else:
        _print(found)


def _print(found: Json) -> None:
    """Print a line for each difference, as far as there are any; what is not data is said on stderr."""
    from rich.text import Text

    from inspector.cli.rows import styled

    show = console()
    for each in found["differences"]:
        sign = SIGNS[each["change"]]
        line = Text.assemble(
            styled(sign, STYLES.get(sign, "dim")),
            styled(f" {each['section']} ", "dim"),
            styled(f"{each['where']}  ", "cyan"),
            styled(_values(each)),
        )
        show.print(line, soft_wrap=True)
    for each in found["lines"]:
        show.print(styled(f"{each['sign']} {each['text']}", STYLES.get(each["sign"], "")), soft_wrap=True)
    for sentence in found["notes"]:
        note(sentence)
    if found["left_out"]:
        note("There are more differences; they are left out.")
    if found["same"]:
        note(f"#{found['before']} and #{found['after']} do not differ.")
    if found["ignored"]:
        note(f"Ignored: {_named(found['ignored'])}.")


def _values(difference: Json) -> str:
    old, new = difference["before"], difference["after"]
    values = " → ".join(value for value in (old, new) if value is not None)
    return f"{values}  (the same, written differently)" if difference["change"] == "spelling" else values


def _named(differences: list[Json]) -> str:
    named = [f"{each['section']} {each['where']}" for each in differences[:SHOWN_NAMES]]
    more = len(differences) - len(named)
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")
