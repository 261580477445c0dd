"""``serve``: the server in the foreground."""

from __future__ import annotations

import gc
import json
import os
import signal
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType, MappingProxyType
from urllib.parse import urlsplit

import click

from inspector.admission import host_entry
from inspector.cli.configuration import configuration_option, setting
from inspector.cli.discovery import RunningServer, announced, data_folder
from inspector.cli.exits import ExitCode
from inspector.cli.options import TEMPORARY, Amount, Size, token, token_option
from inspector.cli.own_schemes import own_schemes, scheme_file_option
from inspector.cli.terminal import abandon_stdout, safe_text
from inspector.cli.welcome import page_url, welcome
from inspector.errors import FieldError, InvalidInput, NotFound
from inspector.settings import CALLBACK_PORT, INSPECTOR_PORT, MIB, Limits, Retention, Settings

PORT = click.IntRange(0, 65535)
MOST_BODY_BYTES = 100 * MIB
NEW_OBJECTS = 20_000
"""Python looks for unreachable objects when there are so many new ones. With its own 700, at 64 connections
and with the database in memory, that took a twentieth of the processor time, and the 99th percentile of a
reply was 15 ms in place of 7."""

DATABASE_NAME = "callbacks.db"

defaults = Settings()


@click.command()
@setting(
    "--port",
    metavar="N",
    type=PORT,
    default=CALLBACK_PORT,
    show_default=True,
    help="Callback port; 0 picks free ports.",
)
@setting(
    "--inspector-port",
    metavar="N",
    type=PORT,
    help=f"Port of page and API. [default: {INSPECTOR_PORT}; 0 with --port 0]",
)
@setting("--host", metavar="ADDRESS", help="Address to receive callbacks on. [default: 127.0.0.1 and ::1]")
@setting(
    "--inspector-host",
    metavar="ADDRESS",
    help="Address of page and API; one beyond loopback demands a token.",
)
@setting(
    "--db",
    metavar="FILE",
    help="Database file, or :memory: for temporary data. [default: the user data folder]",
)
@setting(
    "--ready-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the URLs and the pid there as JSON.",
)
@setting("--open", "open_page", is_flag=True, help="Open the page in the browser.")
@setting(
    "--public-url", metavar="URL", help="What senders call instead of the callback URL: the tunnel's address."
)
@setting(
    "--max-body",
    type=Size(least=1, most=MOST_BODY_BYTES),
    default=defaults.limits.body_bytes,
    help="Largest body that is kept whole, up to 100MiB. [default: 10MiB]",
)
@setting(
    "--keep-deliveries",
    metavar="N",
    type=click.IntRange(min=0),
    default=defaults.retention.deliveries,
    show_default=True,
    help="Deliveries to keep; 0 is no limit, here and in the next two.",
)
@setting("--keep-bytes", type=Size(), default=defaults.retention.bytes, help="Bytes to keep. [default: 1GiB]")
@setting(
    "--keep-days",
    metavar="N",
    type=Amount(min=0, max=1_000_000),
    default=defaults.retention.days,
    show_default=True,
    help="Days to keep.",
)
@setting(
    "--secret-env",
    metavar="NAME",
    default=defaults.secret_env,
    show_default=True,
    help="Variable whose value, when set, is a secret of / for this process.",
)
@setting(
    "--allow-host", metavar="HOST:PORT", multiple=True, help="One more Host that page and API answer to."
)
@setting("--behind-proxy", is_flag=True, help="Let a proxy of your own forward to page and API.")
@setting("--no-delivery-header", is_flag=True, help="Reply without the X-Callback-Delivery header.")
@scheme_file_option
@token_option
@configuration_option
def serve(
    port: int,
    inspector_port: int | None,
    host: str | None,
    inspector_host: str | None,
    db: str | None,
    ready_file: Path | None,
    open_page: bool,
    public_url: str | None,
    max_body: int,
    keep_deliveries: int,
    keep_bytes: int,
    keep_days: float,
    secret_env: str,
    allow_host: Sequence[str],
    behind_proxy: bool,
    no_delivery_header: bool,
    scheme_file: Sequence[Path],
    token_file: Path | None,
) -> None:
    """Receive callbacks and show them.

    Two listeners: every request to the callback port is kept as a delivery, page and API have a port of their
    own. Ctrl-C or SIGTERM stops.
    """
    if inspector_port is None:
        inspector_port = 0 if port == 0 else INSPECTOR_PORT
    if port == inspector_port != 0:
        raise click.BadParameter("page and API need a port of their own.", param_hint="--inspector-port")
    settings = Settings(
        database=_database(db),
        port=port,
        inspector_port=inspector_port,
        host=host,
        inspector_host=inspector_host,
        public_url=_web_address(public_url, "--public-url"),
        secret_env=secret_env,
        token=token(token_file),
        allow_hosts=tuple(_host_and_port(value) for value in allow_host),
        behind_proxy=behind_proxy,
        delivery_header=not no_delivery_header,
        limits=Limits(body_bytes=max_body),
        retention=Retention(deliveries=keep_deliveries, bytes=keep_bytes, days=keep_days),
        environ=MappingProxyType(dict(os.environ)),
        schemes=own_schemes(scheme_file),
    )
    _run(settings, ready_file, open_page=open_page)


def _run(settings: Settings, ready_file: Path | None, *, open_page: bool) -> None:
    """Serve until a signal comes; tell other commands and *ready_file* once all sockets listen."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)  # before the server has its own handlers, and after
    if ready_file is not None:
        if not ready_file.parent.is_dir():
            raise NotFound(f"--ready-file: there is no folder {ready_file.parent}.")
        ready_file.unlink(missing_ok=True)  # one left by a server before would announce what is not there yet
    # Imported here: the web stack takes half a second, which no other verb needs to wait for.
    from inspector.server import Server

    gc.freeze()  # what is there now stays
    gc.set_threshold(NEW_OBJECTS)
    with ExitStack() as until_stopped:
        server = Server(settings)
        try:
            server.bind()
        except InvalidInput as error:
            raise InvalidInput(*(_named_as_option(wrong) for wrong in error.errors)) from None
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # else somebody wants it ignored, as nohup does
            signal.signal(signal.SIGHUP, lambda *_: server.stop())  # the terminal was closed

        def ready() -> None:
            addresses, store = server.addresses, server.store
            database = None if store.temporary else store.database.resolve()
            until_stopped.enter_context(
                announced(
                    RunningServer(
                        pid=os.getpid(),
                        callback_url=addresses.callback_url,
                        inspector_url=addresses.inspector_url,
                        database=str(database) if database else None,
                        token=server.token,
                    )
                )
            )
            text = welcome(
                addresses,
                secrets=store.secrets.infos(store.endpoint("/").id),
                database=database,
                public_url=settings.public_url,
                token=server.token,
                secret_env=settings.secret_env,
            )
            try:
                click.echo(safe_text(text, lines=True))
            except BrokenPipeError:
                abandon_stdout()  # nobody reads what is said; callbacks are received all the same
            if ready_file is not None:
                _write_ready_file(ready_file, addresses.callback_url, addresses.inspector_url)
                until_stopped.callback(ready_file.unlink, missing_ok=True)
            if open_page:
                _open_in_browser(page_url(addresses, server.token))

        server.run(on_ready=ready)


def _write_ready_file(path: Path, callback_url: str, inspector_url: str) -> None:
    """Write the whole file or nothing: who waits for it may read as soon as it is there."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    facts = {"callback_url": callback_url, "inspector_url": inspector_url, "pid": os.getpid()}
    unfinished.write_text(json.dumps(facts) + "\n", "utf-8")
    unfinished.replace(path)


def _open_in_browser(url: str) -> None:
    """Open *url* without waiting: a browser in the terminal returns only when it is closed."""
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(ExitCode.OK)


def _named_as_option(error: FieldError) -> FieldError:
    return FieldError(f"--{error.field.replace('_', '-')}", error.message)


def _database(db: str | None) -> Path | None:
    """The database file that *db* means; None for temporary data."""
    if db == TEMPORARY:
        return None
    return data_folder() / DATABASE_NAME if db is None else Path(db).expanduser()


def _web_address(url: str | None, option: str) -> str | None:
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        usable = (
            parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
        )
    except ValueError:
        usable = False
    if not usable:
        raise click.BadParameter(f"{url!r} is not an address like https://name.example/.", param_hint=option)
    return url


def _host_and_port(value: str) -> str:
    try:
        return host_entry(value)
    except InvalidInput as error:
        raise click.BadParameter(error.errors[0].message, param_hint="--allow-host") from None
