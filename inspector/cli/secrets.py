"""``secrets``: what endpoints check signatures with. A value is never an argument, and never read back."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import quote

import click

from inspector.cli.options import json_option, read_line, reading_options, server_options
from inspector.cli.source import ServerSource, endpoint_named, reading_source, server_client
from inspector.cli.terminal import json_text, note, safe_text
from inspector.client import Json

STANDARD_INPUT = "-"

endpoint_argument = click.argument("endpoint", metavar="ID|PATH")


@click.group()
def secrets() -> None:
    """Secrets of endpoints: added and removed by name, never read back."""


@secrets.command("list")
@click.argument("endpoint", metavar="[ID|PATH]", required=False)
@reading_options
def list_secrets(
    endpoint: str | None, url: str | None, db: str | None, token_file: Path | None, as_json: bool
) -> None:
    """List secrets by name and fingerprint, of one endpoint or of all."""
    with reading_source(url, db, token_file) as source:
        chosen = [endpoint_named(endpoint, source)] if endpoint else source.endpoints()["endpoints"]
    found = [{"endpoint": each["path"], **secret} for each in chosen for secret in each["secrets"]]
    if as_json:
        click.echo(json_text({"secrets": found}, indent=2))
    elif not found:
        note("No secrets here yet: `callback-inspector secrets add /` adds one to /.")
    else:
        from inspector.cli.rows import print_secrets

        print_secrets(found)


@secrets.command()
@endpoint_argument
@click.argument("standard_input", metavar="[-]", nargs=-1)
@click.option("--file", metavar="FILE", type=click.Path(path_type=Path), help="File that holds the secret.")
@click.option(
    "--env", metavar="NAME", help="Variable of the server's environment, read at each use, stored nowhere."
)
@click.option(
    "--generate", is_flag=True, help="Let the server make one of the scheme's shape; it is shown this once."
)
@click.option("--name", help="Name of the secret. [default: key-1, key-2, …]")
@server_options
@json_option
def add(
    endpoint: str,
    standard_input: tuple[str, ...],
    file: Path | None,
    env: str | None,
    generate: bool,
    name: str | None,
    url: str | None,
    db: str | None,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Add a secret to an endpoint: asked for, or read from stdin (-), a file, or a variable by name."""
    if standard_input not in ((), (STANDARD_INPUT,)):
        # Without the value: an error message may end up in a log.
        raise click.UsageError(
            "A secret does not belong on the command line, where history and process list keep it. "
            "Leave it out to be asked for it, or give -, --file, --env or --generate."
        )
    if sum(map(bool, (standard_input, file, env, generate))) > 1:
        raise click.UsageError("-, --file, --env and --generate are four origins of a secret: give one.")
    client = server_client(url, db, token_file)
    found = endpoint_named(endpoint, ServerSource(client))
    wanted: Json = {"name": name} if name else {}
    if env:
        wanted["env"] = env
    elif generate:
        wanted["generate"] = True
    else:
        wanted["secret"] = _secret(file, from_stdin=bool(standard_input))
    added = client.send("POST", f"/api/endpoints/{found['id']}/secrets", wanted)
    if as_json:
        click.echo(json_text(added, indent=2))
    elif generate:
        click.echo(safe_text(str(added["secret"])))
    note(
        f"Added secret {added['name']} to {found['path']}."
        + (" This is the only time it is shown." if generate else "")
    )
    if env and added["fingerprint"] is None:
        note(f"The server's environment has no {env}: until it has, this secret checks nothing.")


@secrets.command()
@endpoint_argument
@click.argument("name")
@server_options
def remove(endpoint: str, name: str, url: str | None, db: str | None, token_file: Path | None) -> None:
    """Remove the secret NAME from an endpoint."""
    client = server_client(url, db, token_file)
    found = endpoint_named(endpoint, ServerSource(client))
    client.send("DELETE", f"/api/endpoints/{found['id']}/secrets/{quote(name, safe='')}")
    note(f"Removed secret {name} from {found['path']}.")


def _secret(file: Path | None, *, from_stdin: bool) -> str:
    """The secret from the file that was named, from a pipe, or from the person at the terminal."""
    if file is not None:
        return read_line(file, "--file")
    if from_stdin or not sys.stdin.isatty():
        return read_line(Path(STANDARD_INPUT), "stdin")
    return str(click.prompt("Secret", hide_input=True, err=True))
