"""``endpoints``: the registered paths, with their scheme and reply."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from inspector.cli.configuration import Command
from inspector.cli.options import Amount, json_option, read_line, reading_options, server_options
from inspector.cli.source import ServerSource, endpoint_named, reading_source, server_client
from inspector.cli.terminal import json_text, note, safe_text
from inspector.client import Json
from inspector.settings import Limits

SCHEMES_OWN = "scheme"
"""The word for "as the scheme has it", where a number of seconds could stand."""


@click.group()
def endpoints() -> None:
    """Registered paths: scheme, secrets, tolerance and reply of each."""


@endpoints.command("list")
@reading_options
def list_endpoints(url: str | None, db: str | None, token_file: Path | None, as_json: bool) -> None:
    """List endpoints by path."""
    with reading_source(url, db, token_file) as source:
        found = source.endpoints()
    if as_json:
        click.echo(json_text(found, indent=2))
        return
    from inspector.cli.rows import print_endpoints

    print_endpoints(found["endpoints"])


class Pair(click.ParamType[tuple[str, str]]):
    """Two texts around a separator, as in ``Name: value``."""

    name = "pair"

    def __init__(self, separator: str) -> None:
        self.separator = separator

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        name, separator, rest = str(value).partition(self.separator)
        if not separator or not name.strip():
            self.fail(f"{value!r} has no {self.separator!r} after a name.", param, ctx)
        return name.strip(), rest.strip()


class Tolerance(click.ParamType[object]):
    """Seconds, or the word that leaves them to the scheme."""

    name = "tolerance"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> object:
        if value == SCHEMES_OWN:
            return None
        return click.IntRange(min=0).convert(value, param, ctx)


def field_options(command: Command) -> Command:
    """Add the options that describe an endpoint; what is not given is left out of ``fields``."""
    for option in (
        click.option(
            "--reply-delay",
            metavar="SECONDS",
            type=Amount(min=0, max=Limits().reply_delay_seconds),
            help="Seconds between keeping and replying.",
        ),
        click.option("--reply-body", help="Text of the reply's body."),
        click.option(
            "--reply-header",
            type=Pair(":"),
            multiple=True,
            metavar="'NAME: VALUE'",
            help="Header of the reply.",
        ),
        click.option("--reply-status", metavar="N", type=int, help="Status of the reply, 200 to 599."),
        click.option(
            "--reject-invalid/--accept-invalid",
            default=None,
            help="Reply 401 to every delivery that is not valid.",
        ),
        click.option(
            "--cors/--no-cors",
            default=None,
            help="Let the scripts of every web page call it.",
        ),
        click.option(
            "--public-url", metavar="URL", help="What senders call instead; an empty one removes it."
        ),
        click.option(
            "--verify-token",
            metavar="TEXT",
            help="What Meta's handshake has to know; an empty one removes it.",
        ),
        click.option(
            "--handshake",
            metavar="NAME",
            help="Whose handshakes are answered: a sender's name, auto, or off.",
        ),
        click.option(
            "--tolerance",
            type=Tolerance(),
            metavar="SECONDS|scheme",
            help="How old a timestamp may be; `scheme` leaves it to the scheme.",
        ),
        click.option(
            "--scheme-option",
            type=Pair("="),
            multiple=True,
            metavar="KEY=VALUE",
            help="Option of the scheme `hmac`.",
        ),
        click.option("--scheme", metavar="NAME", help="How the sender signs: blaxel, github, auto, none, …"),
        click.option("--name", help="A name to show; the path stays what matters."),
    ):
        command = option(command)
    return command


def fields(given: dict[str, Any]) -> Json:
    """The API's fields of an endpoint that the options in *given* set."""
    plain = (
        "name",
        "scheme",
        "tolerance",
        "public_url",
        "reject_invalid",
        "cors",
        "handshake",
        "verify_token",
    )
    names = {"tolerance": "tolerance_seconds"}
    found = {names.get(key, key): given[key] for key in plain if _is_given(key)}
    for key in ("public_url", "verify_token"):
        if found.get(key) == "":
            found[key] = None
    if given["scheme_option"]:
        found["scheme_options"] = dict(given["scheme_option"])
    return found


def reply_fields(given: dict[str, Any]) -> Json:
    """The API's fields of a reply that the options in *given* set."""
    names = {"reply_status": "status", "reply_body": "body", "reply_delay": "delay_seconds"}
    found = {name: given[key] for key, name in names.items() if _is_given(key)}
    if given["reply_header"]:
        found["headers"] = [list(pair) for pair in given["reply_header"]]
    return found


def _is_given(parameter: str) -> bool:
    source = click.get_current_context().get_parameter_source(parameter)
    return source is not None and source < click.core.ParameterSource.DEFAULT


@endpoints.command()
@click.argument("path", required=False)
@field_options
@click.option("--generate-secret", is_flag=True, help="Let the server make a secret; it is shown this once.")
@click.option(
    "--secret-env", metavar="NAME", help="Variable of the server's environment that holds the secret."
)
@click.option(
    "--secret-file", metavar="FILE", type=click.Path(path_type=Path), help="File with the secret; - is stdin."
)
@server_options
@json_option
def create(
    path: str | None,
    generate_secret: bool,
    secret_env: str | None,
    secret_file: Path | None,
    url: str | None,
    db: str | None,
    token_file: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Register PATH, or a generated one that nobody can guess."""
    if sum(map(bool, (generate_secret, secret_env, secret_file))) > 1:
        raise click.UsageError(
            "--generate-secret, --secret-env and --secret-file are three origins: give one."
        )
    wanted = fields(given)
    if reply := reply_fields(given):
        wanted["reply"] = reply
    if path is not None:
        wanted["path"] = path
    if generate_secret:
        wanted["generate_secret"] = True
    if secret_env:
        wanted["secret_env"] = secret_env
    if secret_file:
        wanted["secret"] = read_line(secret_file, "--secret-file")
    created = server_client(url, db, token_file).send("POST", "/api/endpoints", wanted)
    _show_changed(created, as_json=as_json)


@endpoints.command("set")
@click.argument("endpoint", metavar="ID|PATH")
@click.option("--path", help="Move the endpoint to this path.")
@field_options
@server_options
@json_option
def set_fields(
    endpoint: str,
    path: str | None,
    url: str | None,
    db: str | None,
    token_file: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Change an endpoint: only what an option names."""
    client = server_client(url, db, token_file)
    current = endpoint_named(endpoint, ServerSource(client))
    wanted = fields(given)
    if path is not None:
        wanted["path"] = path
    if reply := reply_fields(given):
        kept = {
            key: value
            for key, value in current["reply"].items()
            if not ("body" in reply and key == "body_base64")
        }
        wanted["reply"] = kept | reply
    if wanted.get("scheme", current["scheme"]) != current["scheme"]:
        wanted.setdefault("scheme_options", {})  # those of the scheme before mean nothing to another
    elif "scheme_options" in wanted:
        wanted["scheme_options"] = current["scheme_options"] | wanted["scheme_options"]
    if not wanted:
        raise click.UsageError("Nothing to change: give at least one option.")
    _show_changed(client.send("PATCH", f"/api/endpoints/{current['id']}", wanted), as_json=as_json)


@endpoints.command()
@click.argument("endpoint", metavar="ID|PATH")
@click.option("--yes", is_flag=True, help="Do not ask.")
@server_options
def delete(endpoint: str, yes: bool, url: str | None, db: str | None, token_file: Path | None) -> None:
    """Delete an endpoint and its secrets; its deliveries stay. Asks on a terminal."""
    client = server_client(url, db, token_file)
    found = endpoint_named(endpoint, ServerSource(client))
    if sys.stdin.isatty() and not yes:
        click.confirm(safe_text(f"Delete endpoint {found['path']} and its secrets?"), abort=True, err=True)
    client.send("DELETE", f"/api/endpoints/{found['id']}")
    note(f"Deleted endpoint {found['path']}.")


def _show_changed(endpoint: Json, *, as_json: bool) -> None:
    """Print an endpoint as the server answered it, with the secret that it generated."""
    if as_json:
        click.echo(json_text(endpoint, indent=2))
        return
    click.echo(safe_text(f"Endpoint {endpoint['path']} ({endpoint['id']}), scheme {endpoint['scheme']}"))
    click.echo(safe_text(f"Callback URL: {endpoint['url']}"))
    if "secret" in endpoint:
        click.echo(safe_text(f"Secret: {endpoint['secret']}"))
        note("This is the only time the secret is shown.")
