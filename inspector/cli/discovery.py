"""Running servers, found by the file each leaves in a folder that only its user can read.

A server holds a lock on its file for as long as it lives. So a file that can be locked belongs to a server
that is gone, however it went and whoever has its process id now; such files are ignored and removed.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from platformdirs import RuntimeDirWarning, user_data_path, user_runtime_path

from inspector.cli.terminal import note
from inspector.errors import InvalidInput, Unreachable
from inspector.settings import LOOPBACK_HOSTS

APPLICATION = "callback-inspector"


@dataclass(frozen=True, slots=True)
class RunningServer:
    """One server as its runtime file tells. ``database`` is a resolved path, None for temporary data."""

    pid: int
    callback_url: str
    inspector_url: str
    database: str | None = None
    token: str | None = field(default=None, repr=False)


def data_folder() -> Path:
    """The user's data folder of this application; it need not exist yet."""
    return user_data_path(APPLICATION, appauthor=False)


def runtime_folders() -> list[Path]:
    """Where runtime files may stand, the preferred folder first.

    Not every system has a runtime folder, and not every session of a user knows it: servers write into the
    first, readers look into all.
    """
    folders = [data_folder() / "servers"]
    with warnings.catch_warnings(), suppress(PermissionError):
        warnings.simplefilter("ignore", RuntimeDirWarning)
        runtime = user_runtime_path(APPLICATION, appauthor=False)
        if runtime.parent.is_dir():
            folders.insert(0, runtime / "servers")
    return folders


@contextmanager
def announced(server: RunningServer) -> Iterator[None]:
    """Let other commands find *server* inside the block; where no file can be written, they need --url."""
    try:
        file, path = _write(server)
    except OSError as error:
        note(f"Other commands need --url {server.inspector_url} to find this server: {error}")
        yield
        return
    with file:
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _write(server: RunningServer) -> tuple[TextIO, Path]:
    """The runtime file of *server*, open and locked, and where it stands."""
    folder = runtime_folders()[0]
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{server.pid}.json"
    unfinished = folder / f".{server.pid}.new"
    unfinished.unlink(missing_ok=True)
    file = os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
    # Locked before it has its name: whoever finds the file finds the lock.
    fcntl.flock(file, fcntl.LOCK_EX)
    json.dump(asdict(server), file)
    file.flush()
    unfinished.replace(path)
    return file, path


def running_servers() -> list[RunningServer]:
    """Every running server of this user, in the order of their process ids."""
    files = [path for folder in runtime_folders() for path in folder.glob("*.json")]
    servers = [server for path in files if (server := _read(path))]
    return sorted(servers, key=lambda server: server.pid)


def _read(path: Path) -> RunningServer | None:
    """The server that *path* tells of, None when it is gone or the file is not ours to believe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    with os.fdopen(descriptor) as file:
        state = os.fstat(file.fileno())
        if state.st_uid != os.getuid() or stat.S_IMODE(state.st_mode) & 0o077:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            with suppress(ValueError, TypeError):
                return RunningServer(**json.load(file))
            return None
        path.unlink(missing_ok=True)
        return None


def find_server(*, url: str | None = None, database: Path | None = None) -> RunningServer | None:
    """The server meant by *url* or *database*, else the only one that runs. None when there is none.

    Raises InvalidInput when several run and none is named, and when *url* is a callback listener, which would
    keep our requests as deliveries.
    """
    servers = running_servers()
    if url is not None:
        for server in servers:
            if _same_listener(url, server.callback_url):
                raise InvalidInput.of(
                    "--url", f"{url} receives callbacks; its inspector is {server.inspector_url}"
                )
        return next((server for server in servers if _same_listener(url, server.inspector_url)), None)
    if database is not None:
        wanted = str(database.resolve())
        return next((server for server in servers if server.database == wanted), None)
    if len(servers) > 1:
        raise InvalidInput.of("--url", "several servers are running; name one:\n" + _listing(servers))
    return servers[0] if servers else None


def _same_listener(one: str, other: str) -> bool:
    """Whether two base URLs lead to the same listener, however each spells the loopback address."""

    def place(url: str) -> tuple[str | None, int | None]:
        try:
            parts = urlsplit(url)
            return "localhost" if parts.hostname in LOOPBACK_HOSTS else parts.hostname, parts.port
        except ValueError:
            return None, None

    return place(one) == place(other)


def no_server(database: Path | None = None) -> Unreachable:
    """The error that says that nothing runs (on *database*) and what to do."""
    if database is not None:
        return Unreachable(
            f"No server runs on {database}: `callback-inspector serve --db {database}` starts one."
        )
    return Unreachable(
        "No server is running: `callback-inspector serve` starts one, --url names one elsewhere."
    )


def _listing(servers: list[RunningServer]) -> str:
    return "\n".join(
        f"  --url {server.inspector_url}  (pid {server.pid}, {server.database or 'temporary data'})"
        for server in servers
    )
