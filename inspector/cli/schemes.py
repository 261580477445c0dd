"""``schemes``: how senders sign, the user's own schemes among them, and which one fits a message."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from inspector.cli.configuration import configuration_option
from inspector.cli.exits import ExitCode
from inspector.cli.options import json_option, reading_options
from inspector.cli.own_schemes import own_schemes, scheme_file_option
from inspector.cli.signed_messages import (
    Given,
    Parts,
    is_stored,
    message_options,
    stored_message,
    written_message,
)
from inspector.cli.source import ServerSource, reading_source
from inspector.cli.terminal import counted, json_text, note, safe_text
from inspector.cli.verification_secret import secret_options, typed_secret, usual_secret
from inspector.client import Json
from inspector.errors import NotFound
from inspector.models import Secret

FIELDS = (
    ("description", "Signs"),
    ("signature_header", "Signature header"),
    ("signature_place", "Signature in the body"),
    ("prefix", "Prefix"),
    ("encoding", "Encoding"),
    ("timestamp_header", "Timestamp header"),
    ("tolerance_seconds", "Tolerance, seconds"),
    ("message_id_header", "Message id header"),
    ("secret_form", "Form of the secret"),
    ("secret_note", "Which secret"),
    ("docs_url", "Documentation"),
    ("basis", "Basis"),
)


@click.group()
def schemes() -> None:
    """How senders sign: every known scheme, and your own ones."""


@schemes.command("list")
@scheme_file_option
@configuration_option
@json_option
def list_schemes(scheme_file: Sequence[Path], as_json: bool) -> None:
    """List schemes by name."""
    found = _known(scheme_file)
    if as_json:
        click.echo(json_text({"schemes": found}, indent=2))
        return
    from inspector.cli.rows import print_table

    print_table(
        ("Scheme", "Sender", "Signature", "Signs"),
        (
            (
                each["name"],
                "your own" if each["own"] else each["sender"],
                each["signature_header"] or each["signature_place"] or "",
                each["description"] or "",
            )
            for each in found
        ),
        elastic="Signs",
    )
    note(f"{counted(len(found), 'scheme', 'schemes')}.")


@schemes.command("show")
@click.argument("name")
@scheme_file_option
@configuration_option
@json_option
def show_scheme(name: str, scheme_file: Sequence[Path], as_json: bool) -> None:
    """Show how the scheme NAME signs, and what its signature leaves uncovered."""
    found = next((each for each in _known(scheme_file) if each["name"] == name), None)
    if found is None:
        raise NotFound(f"There is no scheme {name}: `callback-inspector schemes list` names those there are.")
    if as_json:
        click.echo(json_text(found, indent=2))
        return
    click.echo(safe_text(f"{found['name']}, {'your own' if found['own'] else found['sender']}"))
    for field, label in FIELDS:
        if found[field] is not None:
            click.echo(safe_text(f"{label + ':':23}{found[field]}"))
    if found["needs"]:
        click.echo(safe_text(f"{'Needs:':23}{', '.join(found['needs'])} (the extra signatures)"))
    for caveat in found["caveats"]:
        click.echo(safe_text(f"Note: {caveat}"))


@schemes.command("guess")
@click.argument("named", metavar="[ID|latest|FILE|-|'curl …']", required=False)
@message_options
@secret_options
@reading_options
def guess_scheme(
    named: str | None,
    body_file: Path | None,
    header: Sequence[tuple[str, str]],
    method: str | None,
    request_url: str | None,
    entry: int | None,
    secret_env: str,
    secret_file: Path | None,
    ask: bool,
    url: str | None,
    db: str | None,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Find out how a message was signed: search layouts, hashes, encodings and forms of the secret.

    Message and secret are named as for `verify`; without a secret, a running server tries the registered ones
    on a stored delivery. Ends with 0 when a scheme fits, else with 1.
    """
    parts = Parts(body_file, header, method, request_url, entry)
    secret = typed_secret(secret_env, secret_file, ask=ask)
    with ExitStack() as held:
        if is_stored(named):
            assert named is not None
            source = held.enter_context(reading_source(url, db, token_file))
            given = stored_message(named, parts, source)
            if secret is None and isinstance(source, ServerSource) and given.delivery is not None:
                _end(source.guess(given.delivery["id"]), as_json=as_json)
                return
        else:
            given = written_message(named, parts)
    _end(_guessed(given, secret or usual_secret(secret_env)), as_json=as_json)


def _guessed(given: Given, secret: Secret) -> Json | None:
    from inspector.signing import Schemes
    from inspector.signing.guess import as_json, guess

    arrived = time.time() if given.arrived is None else given.arrived
    own = tuple(Schemes(own_schemes(())).own.values())
    found = guess(given.message, secret.value, now=arrived, own=own)
    return None if found is None else as_json(found, secret.name)


def _end(found: Json | None, *, as_json: bool) -> None:
    """Print what was found, with the lines that make it a scheme of one's own; nothing ends with 1."""
    if as_json:
        click.echo(json_text({"guess": found}, indent=2))
    elif found is None:
        note("Nothing fits: neither a known scheme nor any layout that was tried gives the digest.")
    else:
        click.echo(safe_text(found["sentence"]))
        if found["secret_prefix"]:
            click.echo(f"Register the secret without its beginning {found['secret_prefix']}")
        if found["scheme_options"]:
            click.echo("[schemes.my-sender]")
            for key, value in found["scheme_options"].items():
                click.echo(f"{key} = {json_text(value)}")
            note("That is a scheme of your own, for callback-inspector.toml or --scheme-file.")
    if found is None:
        click.get_current_context().exit(ExitCode.FAILED)


def _known(files: Sequence[Path]) -> list[Json]:
    from inspector.signing import Schemes
    from inspector.web import representation

    known = Schemes(own_schemes(files))
    return [representation.scheme(known.find(name)) for name in known.names]
