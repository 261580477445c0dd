"""``run``: a server of its own around a command, gone with it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, MappingProxyType

import click

from inspector.cli.configuration import configuration_option, setting
from inspector.cli.exits import ExitCode
from inspector.cli.filters import checked_filter
from inspector.cli.job_summary import error_line, summary
from inspector.cli.own_schemes import own_schemes
from inspector.cli.terminal import abandon_stdout, note, safe_text
from inspector.cli.waiting import TIMED_OUT, Duration, awaited, came, nearest
from inspector.client import Client
from inspector.errors import Refused
from inspector.settings import Retention, Settings

NOT_FOUND = 127
NOT_EXECUTABLE = 126
SIGNALLED = 128
"""The codes by which shells tell what became of a command; the last plus the signal's number."""

FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SUMMARY_ROWS = 100

defaults = Settings()


def _filters(_context: click.Context, _parameter: click.Parameter, texts: Sequence[str]) -> tuple[str, ...]:
    for text in texts:
        if checked_filter(text) is None:  # a shell variable that is not set, more likely than a wish
            raise click.BadParameter("an empty filter expects nothing; path:* means every delivery.")
    return tuple(texts)


def _variable(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    """A name that the command's environment can have."""
    if not name or "=" in name or not name.isprintable():
        raise click.BadParameter(f"{name!r} is no name of a variable.")
    return name


@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("command", metavar="-- CMD...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option(
    "--expect",
    "expectations",
    metavar="FILTER",
    multiple=True,
    callback=_filters,
    help="A delivery that has to have come in the end; may be given several times.",
)
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=Duration(),
    default=0.0,
    help="For how long after the command's end it may still come. [default: 0]",
)
@setting(
    "--secret-env",
    metavar="NAME",
    default=defaults.secret_env,
    show_default=True,
    callback=_variable,
    help="Variable with the secret of /, given to the command too; generated when not set.",
)
@configuration_option
def run(command: Sequence[str], expectations: Sequence[str], timeout: float, secret_env: str) -> None:
    """Run a command with a server of its own, on free ports and with temporary data.

    The command finds the server in CALLBACK_URL, CALLBACK_SECRET and CALLBACK_INSPECTOR_URL. The exit code is
    the command's; 1 when it ended well but an expectation did not come true.
    """
    # Imported here: the web stack takes half a second, which no other verb needs to wait for.
    from inspector.server import background
    from inspector.signing import find_scheme, generate_secret

    secret = os.environ.get(secret_env) or generate_secret(find_scheme("blaxel"))
    settings = Settings(
        port=0,
        inspector_port=0,
        secret_env=secret_env,
        retention=Retention(deliveries=0, bytes=0, days=0),
        environ=MappingProxyType({**os.environ, secret_env: secret}),
        schemes=own_schemes(()),
    )
    with _handed_on() as processes, background(settings) as server:
        addresses = server.addresses
        note(f"Callbacks to {addresses.callback_url}, page and API at {addresses.inspector_url}")
        code = _ended(
            command,
            processes,
            {
                **os.environ,
                "CALLBACK_URL": addresses.callback_url,
                defaults.secret_env: secret,
                secret_env: secret,
                "CALLBACK_INSPECTOR_URL": addresses.inspector_url,
            },
        )
        met = _judge(Client(addresses.inspector_url), expectations, timeout)
    click.get_current_context().exit(code or (ExitCode.OK if met else ExitCode.FAILED))


def _ended(
    command: Sequence[str], processes: list[subprocess.Popen[bytes]], environment: Mapping[str, str]
) -> int:
    """Run *command* to its end, as one of *processes*; the code that a shell would give."""
    try:
        process = subprocess.Popen(command, env=environment)  # noqa: S603  # running it is what the verb is for
    except FileNotFoundError:
        note(f"Error: there is no command {command[0]}.")
        return NOT_FOUND
    except OSError as error:
        note(f"Error: {command[0]} cannot be run: {error.strerror}.")
        return NOT_EXECUTABLE
    processes.append(process)
    code = process.wait()
    return code if code >= 0 else SIGNALLED - code


@contextmanager
def _handed_on() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Hand signals on to the process in the list; before it has begun and when it has ended they end us."""
    processes: list[subprocess.Popen[bytes]] = []

    def hand_on(number: int, _frame: FrameType | None) -> None:
        if not processes or processes[0].poll() is not None:
            raise SystemExit(SIGNALLED + number)
        if number != signal.SIGINT or not _has_terminal():  # which sends it to both of us
            processes[0].send_signal(number)

    before = {number: signal.signal(number, hand_on) for number in FORWARDED}
    try:
        yield processes
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _has_terminal() -> bool:
    """Whether a terminal's Ctrl-C comes to us, and so to the command by itself."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def _judge(client: Client, expectations: Sequence[str], seconds: float) -> bool:
    """Whether every expectation has come true; says which have not, and what came instead."""
    begun = datetime.now(UTC)
    results = []
    for wanted in expectations:
        left = max(0.0, seconds - (datetime.now(UTC) - begun).total_seconds())
        results.append((wanted, _comes_true(client, wanted, left)))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        _tell_github(client, results)
    return all(met for _, met in results)


def _comes_true(client: Client, wanted: str, seconds: float) -> bool:
    try:
        awaited(client, seconds, q=wanted)
    except Refused as refused:
        if refused.code != TIMED_OUT:
            raise
        note(f"Expected a delivery that {wanted} means; {came(refused.facts['received'])}.")
        for line in nearest(refused.facts):
            note(line)
        return False
    return True


def _tell_github(client: Client, results: Sequence[tuple[str, bool]]) -> None:
    try:
        for wanted, met in results:
            if not met:
                click.echo(error_line(safe_text(f"No callback came that {wanted} means.")))
    except OSError:  # nobody reads them; that is no reason to end otherwise than the command did
        abandon_stdout()
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        newest = client.get("/api/deliveries", limit=SUMMARY_ROWS)["deliveries"]
        total = client.get("/api/deliveries/count")["count"]
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(summary(newest[::-1], total, results))
        except OSError as error:  # nor is this
            note(f"The job's summary cannot be written: {path}: {error.strerror}.")
