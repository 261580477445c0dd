"""``send`` (also ``trigger``): a test callback, signed as a sender signs or spoilt in one known way.

It is sent from this process, to what was typed. No running server has a part in it.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from inspector.cli.configuration import configuration_option, setting
from inspector.cli.discovery import running_servers
from inspector.cli.exits import ExitCode
from inspector.cli.options import STANDARD_STREAM, json_option, read_file, read_line
from inspector.cli.own_schemes import own_schemes, scheme_file_option
from inspector.cli.terminal import json_text, note, safe_text
from inspector.client import Json
from inspector.errors import InvalidInput
from inspector.send.tamper import Tamper
from inspector.settings import Settings

if TYPE_CHECKING:
    from inspector.send.exchange import Exchange, Response
    from inspector.send.simulate import Simulation
    from inspector.send.targets import Target
    from inspector.signing import Scheme

FAILING_STATUS = 400
"""From this status on, a target has not taken the callback."""

SHOWN_CHARACTERS = 16_384
"""How much of the reply's body is shown."""

KINDS = "\b\nKinds of --tamper, by what was done to the callback:\n" + "\n".join(
    f"  {kind.value:18}{kind.done}" for kind in Tamper
)


@click.command(epilog=KINDS)
@click.argument("target_url", metavar="URL")
@click.option(
    "--scheme", metavar="NAME", default="blaxel", show_default=True, help="How the sender signs: github, …"
)
@setting(
    "--secret-env",
    metavar="NAME",
    default=Settings().secret_env,
    show_default=True,
    help="Variable that holds the secret; without one, nothing is signed.",
)
@click.option(
    "--secret-file", metavar="FILE", type=click.Path(path_type=Path), help="File with the secret; - is stdin."
)
@click.option(
    "--body",
    "body_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="File with the body; - is stdin. [default: what Blaxel sends for an agent that answered]",
)
@click.option(
    "--tamper",
    metavar="KIND",
    type=click.Choice([kind.value for kind in Tamper]),
    help="Spoil the callback in this way.",
)
@click.option(
    "--timestamp", metavar="N", type=float, help="Unix seconds that the callback claims. [default: now]"
)
@scheme_file_option
@configuration_option
@json_option
def send(
    target_url: str,
    scheme: str,
    secret_env: str,
    secret_file: Path | None,
    body_file: Path | None,
    tamper: str | None,
    timestamp: float | None,
    scheme_file: Sequence[Path],
    as_json: bool,
) -> None:
    """Send a signed test callback to URL and show what it answers.

    Ends with 0 when the target answered below 400, else with 1. Every host may be sent to but link-local and
    metadata addresses and our own inspector: typing the URL is the permission.
    """
    if secret_file == body_file == STANDARD_STREAM:
        raise click.UsageError("--secret-file and --body cannot both be stdin.")
    # Imported here: signing and the dialer take a tenth of a second, which no other verb waits for.
    import asyncio

    from inspector import signing
    from inspector.send import dialer
    from inspector.send.simulate import callback
    from inspector.send.targets import Rules, read_target

    target = read_target(target_url)
    row = signing.Schemes(own_schemes(scheme_file)).find(scheme)
    secret = _secret(row, secret_env, secret_file)
    simulation = callback(
        row,
        secret,
        target,
        body=None if body_file is None else read_file(body_file, "--body"),
        tamper=Tamper(tamper) if tamper else None,
        timestamp=timestamp,
    )
    rules = Rules(inspector_ports=_inspector_ports()).permit(target)
    exchange = asyncio.run(dialer.send(simulation.request, target, rules))
    if secret is None:
        note(f"Not signed: set {secret_env}, or name another variable or a file that holds the secret.")
    if as_json:
        click.echo(json_text(_as_json(simulation, exchange, target), indent=2))
    else:
        _print(simulation, exchange, target)
    if exchange.failure or exchange.response is None or exchange.response.status >= FAILING_STATUS:
        click.get_current_context().exit(ExitCode.FAILED)


def _secret(row: Scheme, variable: str, file: Path | None) -> str | None:
    """The secret to sign with, which the scheme can use. None when nobody named one and there is none."""
    from inspector.signing import usable_secret

    origin = click.get_current_context().get_parameter_source("secret_env")
    if file is not None:
        if origin is ParameterSource.COMMANDLINE:
            raise click.UsageError("--secret-file and --secret-env are two origins of a secret: give one.")
        secret = read_line(file, "--secret-file")
    else:
        secret = os.environ.get(variable, "")
        if not secret and origin is ParameterSource.DEFAULT:
            return None
        if not secret:
            raise InvalidInput.of("--secret-env", f"the environment has no {variable}")
    usable_secret(row, secret)
    return secret


def _inspector_ports() -> frozenset[int]:
    """The ports of every inspector of this user, which are never sent to."""
    ports = (urlsplit(server.inspector_url).port for server in running_servers())
    return frozenset(port for port in ports if port is not None)


def _as_json(simulation: Simulation, exchange: Exchange, target: Target) -> Json:
    from inspector.web.representation import header_pairs

    sent, response, failure = exchange.request, exchange.response, exchange.failure
    return {
        "target": target.url,
        "tamper": simulation.tamper,
        "done": simulation.done,
        "expected": simulation.expected,
        "sent": {
            "method": sent.method,
            "path": sent.target.decode("latin-1"),
            "headers": header_pairs(sent.headers),
            "body_base64": b64encode(sent.body).decode("ascii"),
        },
        "status": response.status if response else None,
        "headers": header_pairs(response.headers) if response else None,
        "body_base64": b64encode(response.body).decode("ascii") if response else None,
        "error": {"class": failure.kind, "message": failure.message} if failure else None,
        "seconds": round(exchange.seconds, 6),
    }


def _print(simulation: Simulation, exchange: Exchange, target: Target) -> None:
    """What was done, the verdict that is due, and the reply or why there is none."""
    from inspector.cli.rows import styled
    from inspector.cli.terminal import console

    show = console()
    show.print(styled(f"{exchange.request.method} {target.url}", "bold"), soft_wrap=True)
    show.print(styled(simulation.sentence), soft_wrap=True)
    if exchange.response is not None:
        _print_reply(exchange.response, exchange.seconds)
    if exchange.failure is not None:
        lack = "No reply" if exchange.response is None else "The reply is not whole"
        show.print(styled(f"{lack}: {exchange.failure.message}", "red"), soft_wrap=True)


def _print_reply(reply: Response, seconds: float) -> None:
    from rich.text import Text

    from inspector.cli.rows import print_headers, size, styled
    from inspector.cli.terminal import console
    from inspector.content import decoded_text

    style = "green" if reply.status < FAILING_STATUS else "bold red"
    facts = f" after {seconds:.3f} s, {size(len(reply.body))}"
    console().print(Text.assemble("Reply ", styled(str(reply.status), style), facts), soft_wrap=True)
    print_headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in reply.headers])
    text = decoded_text(reply.body, reply.headers)
    shown = reply.body.decode("utf-8", "backslashreplace") if text is None else text
    if shown:
        click.echo(safe_text(shown[:SHOWN_CHARACTERS], lines=True))
    if len(shown) > SHOWN_CHARACTERS:
        note("The rest of the body is left out; --json has it whole.")
