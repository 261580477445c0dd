"""``verify``: whether a signature is right, of a stored delivery or of anything in a file, and why not."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from inspector.cli.endpoints import Pair
from inspector.cli.exits import ExitCode
from inspector.cli.options import STANDARD_STREAM, Amount, reading_options
from inspector.cli.own_schemes import own_schemes, scheme_file_option
from inspector.cli.signed_messages import (
    Given,
    Parts,
    is_stored,
    message_options,
    stored_message,
    written_message,
)
from inspector.cli.source import reading_source
from inspector.cli.terminal import json_text, note
from inspector.cli.verification_secret import secret_options, typed_secret, usual_secret
from inspector.client import Json
from inspector.models import Secret, VerificationStatus
from inspector.settings import Settings

if TYPE_CHECKING:
    from inspector.signing import Scheme, Schemes

NEED_A_SECRET = (
    "scheme",
    "scheme_option",
    "now",
    "tolerance",
    "no_age",
    "body_file",
    "header",
    "method",
    "request_url",
)
"""Options of a check that is made here: for it the secret has to be known."""


class Moment(click.ParamType[float]):
    """A point in time, in Unix seconds: a number of them, or ISO 8601 (UTC without a zone)."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            seconds = float(value)
        except ValueError:
            try:
                moment = datetime.fromisoformat(str(value))
            except ValueError:
                self.fail(
                    f"{value!r} is neither Unix seconds nor a time like 2026-11-25T12:00:00Z.", param, ctx
                )
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        if not math.isfinite(seconds):
            self.fail(f"{value!r} is no time.", param, ctx)
        return seconds


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict as the API writes it, with what else was asked for."""

    verification: Json
    diagnosis: Mapping[str, Any] | None = None
    working: Mapping[str, Any] | None = None


@click.command()
@click.argument("named", metavar="[ID|latest|FILE|-|'curl …']", required=False)
@message_options
@click.option("--scheme", metavar="NAME", help="How the sender signs. [default: the endpoint's, else auto]")
@click.option(
    "--scheme-option",
    type=Pair("="),
    multiple=True,
    metavar="KEY=VALUE",
    help="Option of the scheme `hmac`.",
)
@scheme_file_option
@secret_options
@click.option(
    "--now", metavar="TIME", type=Moment(), help="When it arrived. [default: when it did, else this moment]"
)
@click.option(
    "--tolerance",
    metavar="SECONDS",
    type=Amount(min=0),
    help="How old a timestamp may be. [default: as the scheme has it]",
)
@click.option("--no-age", is_flag=True, help="Let a timestamp be as old as it is.")
@click.option("--explain", is_flag=True, help="Say why it fails, and how frameworks give the raw body.")
@reading_options
def verify(
    named: str | None,
    body_file: Path | None,
    header: Sequence[tuple[str, str]],
    method: str | None,
    request_url: str | None,
    entry: int | None,
    scheme: str | None,
    scheme_option: Sequence[tuple[str, str]],
    scheme_file: Sequence[Path],
    secret_env: str,
    secret_file: Path | None,
    ask: bool,
    now: float | None,
    tolerance: float | None,
    no_age: bool,
    explain: bool,
    url: str | None,
    db: str | None,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Verify a signature: of a stored delivery, a HAR entry, a raw HTTP request, a curl command, a body.

    A stored delivery without a secret is judged by those that are registered. Everything else needs one: from
    CALLBACK_SECRET or another variable, a file, or a prompt. Ends with 0 when it is valid, else with 1.
    """
    parts = Parts(body_file, header, method, request_url, entry)
    if [named, str(body_file), str(secret_file)].count(str(STANDARD_STREAM)) > 1:
        raise click.UsageError("Only one of FILE, --body and --secret-file can be stdin.")
    if no_age and tolerance is not None:
        raise click.UsageError("--no-age and --tolerance contradict each other.")
    own = own_schemes(scheme_file)
    secret = typed_secret(secret_env, secret_file, ask=ask)
    with ExitStack() as held:
        if is_stored(named):
            assert named is not None
            environ = MappingProxyType(dict(os.environ))
            settings = Settings(environ=environ, schemes=own, secret_env=secret_env)
            source = held.enter_context(reading_source(url, db, token_file, settings))
            given = stored_message(named, parts, source)
            if secret is None:
                _refuse_without_secret()
                assert given.delivery is not None
                number = given.delivery["id"]
                failed = given.delivery["verification"]["status"] != VerificationStatus.VALID
                diagnosis = source.diagnosis(number) if explain and failed else None
                _end(given, Outcome(given.delivery["verification"], diagnosis), explain, as_json)
                return
        else:
            given = written_message(named, parts)
        from inspector.signing import Schemes

        known = Schemes(own)
        row = _row(scheme, dict(scheme_option), given, known)
        tolerance = math.inf if no_age else tolerance
        secret = secret or usual_secret(secret_env)
        others = tuple(known.own.values())
        outcome = _judge(given, row, secret, now, tolerance, own_schemes=others, explain=explain)
    _end(given, outcome, explain, as_json)


def _refuse_without_secret() -> None:
    context = click.get_current_context()
    for name in NEED_A_SECRET:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = next(each.opts[0] for each in context.command.params if each.name == name)
            raise click.UsageError(
                f"{option} is for a check made here, which needs the secret, and no server tells it. "
                "Name it with --secret-env or --secret-file, or type it with --ask."
            )


def _row(scheme: str | None, options: Mapping[str, str], given: Given, known: Schemes) -> Scheme:
    """The scheme that was typed, else the endpoint's, else whichever fits the headers."""
    if scheme is None and given.endpoint is not None:
        return known.find(given.endpoint["scheme"], options or given.endpoint["scheme_options"])
    return known.find(scheme or ("hmac" if options else "auto"), options)


def _judge(
    given: Given,
    row: Scheme,
    secret: Secret,
    now: float | None,
    tolerance: float | None,
    *,
    own_schemes: Sequence[Scheme],
    explain: bool,
) -> Outcome:
    from inspector import signing
    from inspector.signing.diagnose import diagnose
    from inspector.signing.diagnosis import as_json
    from inspector.web import representation

    if tolerance is None and given.endpoint is not None:
        tolerance = given.endpoint["tolerance_seconds"]
    arrived = now if now is not None else given.arrived if given.arrived is not None else time.time()
    verdict = signing.check(given.message, row, [secret], now=arrived, tolerance=tolerance)
    shape = representation.verification(verdict)
    if not explain:
        return Outcome(shape)
    working = signing.explain(given.message, row, [secret], now=arrived, tolerance=tolerance)
    shown = {
        "description": working.description,
        "received": list(working.received),
        "expected": [expected.digest for expected in working.expected if expected.digest],
    }
    if verdict:
        return Outcome(shape, working=shown)
    found = diagnose(given.message, row, [secret], own_schemes=own_schemes, now=arrived, tolerance=tolerance)
    return Outcome(shape, as_json(found), shown)


def _end(given: Given, outcome: Outcome, explain: bool, as_json: bool) -> None:
    """Print the outcome and leave with its exit code."""
    for sentence in given.notes:
        note(sentence)
    if as_json:
        shape: Json = {
            "delivery": given.delivery["id"] if given.delivery else None,
            "verification": outcome.verification,
        }
        if explain:
            shape["diagnosis"] = outcome.diagnosis
            shape["working"] = outcome.working
        click.echo(json_text(shape, indent=2))
    else:
        from inspector.cli.verdicts import print_outcome

        print_outcome(outcome.verification, outcome.diagnosis, outcome.working)
    if outcome.verification["status"] != VerificationStatus.VALID:
        click.get_current_context().exit(ExitCode.FAILED)
