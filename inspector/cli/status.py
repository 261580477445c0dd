"""``status`` and ``open``: the server that runs, told and shown."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator
from pathlib import Path

import click

from inspector.cli.discovery import find_server
from inspector.cli.exits import ExitCode
from inspector.cli.options import json_option, named_source, server_options, token
from inspector.cli.reading import DeliveryId
from inspector.cli.source import named_client, server_client
from inspector.cli.terminal import counted, json_text, note, safe_text
from inspector.client import Json

LABEL_COLUMNS = 14
UNITS = ("B", "KiB", "MiB", "GiB")


@click.command()
@server_options
@json_option
def status(url: str | None, db: str | None, token_file: Path | None, as_json: bool) -> None:
    """Tell how the running server stands: addresses, data, limits, and what is wrong."""
    told = server_client(url, db, token_file).get("/api/status")
    if as_json:
        click.echo(json_text(told, indent=2))
        return
    for label, value in _facts(told):
        click.echo(safe_text(f"{label:{LABEL_COLUMNS}}{value}"))


def _facts(told: Json) -> Iterator[tuple[str, str]]:
    yield "Version", told["version"]
    yield "Callback URL", told["callback_url"]
    yield "Inspector", told["inspector_url"]
    yield "Data", told["database"] or "in a temporary folder, gone when the server stops"
    yield "Kept", f"{counted(told['deliveries'])}, {_size(told['database_bytes'])} on disk"
    yield "Limits", ", ".join(_limits(told["retention"])) or "none"
    yield (
        "Open",
        f"{counted(told['streams'], 'stream', 'streams')}, {counted(told['waits'], 'wait', 'waits')}",
    )
    yield "Fault", told["fault"] or "none"


def _limits(retention: Json) -> Iterator[str]:
    """The bounds of what is kept; 0 is none."""
    if retention["deliveries"]:
        yield counted(retention["deliveries"])
    if retention["bytes"]:
        yield _size(retention["bytes"])
    if retention["days"]:
        yield f"{retention['days']:g} days"


def _size(size_bytes: int) -> str:
    amount = float(size_bytes)
    for unit in UNITS[:-1]:
        if amount < 1024:
            return f"{amount:.3g} {unit}"
        amount /= 1024
    return f"{amount:.3g} {UNITS[-1]}"


@click.command("open")
@click.argument("delivery_id", metavar="[ID|latest]", required=False, type=DeliveryId())
@click.option("--print", "only_print", is_flag=True, help="Print the address and open nothing.")
@server_options
def open_page(
    delivery_id: str | None, only_print: bool, url: str | None, db: str | None, token_file: Path | None
) -> None:
    """Open the page of the running server in the browser, or that of a delivery."""
    named, database = named_source(url, db)
    client = named_client(named, database, token_file)
    # So that no browser is sent to where nothing is.
    client.get("/healthz" if delivery_id is None else f"/api/deliveries/{delivery_id}")
    server = find_server(url=named, database=database)
    path = "" if delivery_id is None else f"deliveries/{delivery_id}"
    known = token(token_file) or (server.token if server else None)
    # What stands behind the # never leaves the browser.
    address = f"{client.url}login?next=/{path}#{known}" if known else f"{client.url}{path}"
    if only_print:
        click.echo(safe_text(address))
    elif not webbrowser.open(address):
        note(f"No browser can be started here; the address is {address}")
        click.get_current_context().exit(ExitCode.FAILED)
