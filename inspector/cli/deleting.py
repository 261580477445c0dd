"""``delete``: deliveries by id, by filter, or all of them. Says how many before anything is gone."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from inspector.cli.filters import filter_option
from inspector.cli.malformed import delete_malformed, malformed_option
from inspector.cli.options import server_options
from inspector.cli.reading import DeliveryId, endpoint_option
from inspector.cli.source import ServerSource, delivery_number, server_client
from inspector.cli.terminal import counted, note
from inspector.client import Client

PINNED = "pinned:yes"
NOT_PINNED = "pinned:no"


@click.command()
@click.argument("delivery_ids", metavar="[ID|latest]...", nargs=-1, type=DeliveryId())
@filter_option
@click.option("--all", "everything", is_flag=True, help="All of them, or with --endpoint all of its.")
@endpoint_option
@click.option("--pinned", is_flag=True, help="With --filter or --all: pinned ones too.")
@malformed_option
@click.option(
    "--yes", is_flag=True, help="Do not ask. Without a terminal nothing is deleted unless this is given."
)
@server_options
def delete(
    delivery_ids: tuple[str, ...],
    wanted: str | None,
    everything: bool,
    endpoint: str | None,
    pinned: bool,
    malformed: bool,
    yes: bool,
    url: str | None,
    db: str | None,
    token_file: Path | None,
) -> None:
    """Delete deliveries: those with an ID, those that a filter means, or all; or the malformed requests.

    Asks before, with their number. If one of several ids does not exist, none is deleted.
    """
    if sum(map(bool, (delivery_ids, wanted, everything, malformed))) != 1:
        raise click.UsageError("Say which: give ids, a --filter that says something, --all, or --malformed.")
    if malformed and (pinned or endpoint):
        raise click.UsageError("--malformed means all of them: they are never pinned, and of no endpoint.")
    if delivery_ids and pinned:
        raise click.UsageError("--pinned is for --filter and --all: an id means its delivery, pinned or not.")
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("Without a terminal to ask on, deleting needs --yes.")
    client = server_client(url, db, token_file)
    if malformed:
        delete_malformed(client, ask=not yes)
    elif delivery_ids:
        _delete_each(client, _existing(client, delivery_ids, endpoint), ask=not yes)
    else:
        _delete_many(client, wanted, endpoint, pinned=pinned, ask=not yes)


def _existing(client: Client, ids: tuple[str, ...], endpoint: str | None) -> list[int]:
    """The numbers that *ids* mean, each once. Raises NotFound at the first that is not there."""
    source = ServerSource(client)
    return list(dict.fromkeys(delivery_number(which, source, endpoint=endpoint) for which in ids))


def _delete_each(client: Client, numbers: list[int], *, ask: bool) -> None:
    if ask:
        named = ", ".join(f"#{number}" for number in numbers)
        click.confirm(f"Delete {counted(len(numbers))} ({named})?", abort=True, err=True)
    for number in numbers:
        client.send("DELETE", f"/api/deliveries/{number}")
    note(f"Deleted {counted(len(numbers))}.")


def _delete_many(
    client: Client, wanted: str | None, endpoint: str | None, *, pinned: bool, ask: bool
) -> None:
    if ask:
        question = _question(client, wanted, endpoint, pinned=pinned)
        if question is None:
            note("Nothing to delete.")
            return
        click.confirm(question, abort=True, err=True)
    answer = client.send(
        "DELETE", "/api/deliveries", endpoint=endpoint, q=wanted, pinned="true" if pinned else None
    )
    note(f"Deleted {counted(answer['deleted'])}.")


def _question(client: Client, wanted: str | None, endpoint: str | None, *, pinned: bool) -> str | None:
    """What to ask: how many go, and how many stay because they are pinned. None when none would go."""

    def count(*terms: str | None) -> tuple[int, bool]:
        text = " ".join(term for term in terms if term) or None
        answer = client.get("/api/deliveries/count", endpoint=endpoint, q=text)
        return answer["count"], answer["complete"]

    going, complete = count(wanted, None if pinned else NOT_PINNED)
    staying, _ = (0, True) if pinned else count(wanted, PINNED)
    one = staying == 1
    stay = f" {staying:,} pinned {'stays; --pinned takes it' if one else 'stay; --pinned takes them'} too."
    if not going and complete:
        return None
    return f"Delete {'' if complete else 'at least '}{counted(going)}?{stay if staying else ''}"
