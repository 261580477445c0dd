"""The files of a database: private, one server at a time, and never somebody else's."""

from __future__ import annotations

import os
import sqlite3
import stat
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.deliveries import add, new_delivery, opened

from inspector.errors import DatabaseInUse, NotFound, UnusableDatabase
from inspector.settings import Settings
from inspector.store import Store
from inspector.store.sqlite import APPLICATION_ID


@pytest.fixture
def open_umask() -> Iterator[None]:
    """A umask that would let everyone read everything."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike ``tmp_path``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def open_for_a_server(path: Path) -> Store:
    return Store.open(Settings(database=path))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_file_is_the_owners_alone_whatever_the_umask(tmp_path: Path, open_umask: None) -> None:
    folder = tmp_path / "new" / "folder"
    with opened(folder) as store:
        add(store, new_delivery())
        store.secrets.add("root", value="s3cret")
        modes = {path.name: mode(path) for path in folder.iterdir()}
    assert modes == dict.fromkeys(
        ("callbacks.db", "callbacks.db-wal", "callbacks.db-shm", "callbacks.lock", "callbacks.secrets.json"),
        0o600,
    )
    assert mode(folder) == mode(folder.parent) == 0o700


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    folder.chmod(0o755)
    with opened(folder):
        assert mode(folder) == 0o755


def test_a_file_of_ours_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.secrets.add("root", value="s3cret")
    for name in ("callbacks.db", "callbacks.secrets.json"):
        (tmp_path / name).chmod(0o644)
    with opened(tmp_path):
        assert mode(tmp_path / "callbacks.db") == mode(tmp_path / "callbacks.secrets.json") == 0o600


def test_after_closing_the_database_is_one_file(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, new_delivery())
        store.newest()
        store.close()
    assert [path.name for path in tmp_path.iterdir()] == ["callbacks.db"]


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    (tmp_path / "callbacks.db").touch()
    with opened(tmp_path) as store:
        assert add(store, new_delivery()) == [1]


def test_names_that_sqlite_would_read_otherwise(tmp_path: Path) -> None:
    database = tmp_path / "what?mode=memory&100%#ü" / "a b"
    with Store.open(Settings(database=database)) as store:
        add(store, new_delivery(b"there"))
        assert store.body(1) == b"there"
        assert {path.name for path in database.parent.iterdir()} > {"a b", "a b.lock"}


def test_a_link_and_its_target_are_one_database(tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "callbacks.db")
    with opened(tmp_path), pytest.raises(DatabaseInUse):
        Store.open(Settings(database=link))


def test_a_second_store_is_refused_and_told_who_has_the_first(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for _ in range(2):
            with pytest.raises(DatabaseInUse, match=f"process {os.getpid()} "):
                Store.open(Settings(database=tmp_path / "callbacks.db"))
        with pytest.raises(DatabaseInUse):
            Store.open_reading(tmp_path / "callbacks.db")
        add(store, new_delivery())
    with opened(tmp_path) as store:
        assert store.count() == 1


def test_the_lock_of_a_server_that_was_killed_is_free(tmp_path: Path) -> None:
    database = tmp_path / "callbacks.db"
    program = """if True:
        import os, pathlib, signal, sys
        from inspector.settings import Settings
        from inspector.store import Store
        Store.open(Settings(database=pathlib.Path(sys.argv[1])))
        os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", program, database], timeout=30)
    assert (tmp_path / "callbacks.lock").exists()
    with opened(tmp_path) as store:
        assert add(store, new_delivery()) == [1]


def sqlite_file(path: Path, application_id: int, version: int) -> bytes:
    connection = sqlite3.connect(path)
    connection.execute("create table things (name text)")
    connection.execute(f"pragma application_id = {application_id}")
    connection.execute(f"pragma user_version = {version}")
    connection.close()
    return path.read_bytes()


def log_of_another(path: Path) -> bytes:
    """A database in WAL mode that its owner did not close."""
    content = bytearray(sqlite_file(path, 0, 0))
    content[18:20] = b"\2\2"
    path.write_bytes(content)
    return bytes(content)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.write_bytes(b"name,age\nann,7\n"), "not a SQLite database"),
        (lambda path: path.write_bytes(b"SQLite format 3\0"), "not a SQLite database"),
        (lambda path: path.write_bytes(os.urandom(5000)), "not a SQLite database"),
        (lambda path: sqlite_file(path, 0, 0), "another application's"),
        (lambda path: sqlite_file(path, 0x12345678, 1), "another application's"),
        (log_of_another, "another application's"),
        (lambda path: sqlite_file(path, APPLICATION_ID, 99), "newer Callback Inspector"),
        (lambda path: path.mkdir(), "not a file"),
        (lambda path: os.mkfifo(path), "not a file"),
        (lambda path: path.symlink_to(path), "cannot be read"),
    ],
)
@pytest.mark.parametrize("reading", [False, True])
def test_a_file_that_is_not_ours_is_refused_and_left_alone(
    tmp_path: Path, make: object, why: str, reading: bool
) -> None:
    path = tmp_path / "callbacks.db"
    assert callable(make)
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    open_it = Store.open_reading if reading else open_for_a_server
    with pytest.raises(UnusableDatabase) as refused:
        open_it(path)
    assert why in str(refused.value)
    assert str(path) in str(refused.value)
    assert str(refused.value).count("\n") == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["callbacks.db"]
    assert not path.is_file() or path.read_bytes() == before


def test_a_damaged_database_of_ours_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, new_delivery())
    path = tmp_path / "callbacks.db"
    content = bytearray(path.read_bytes())
    content[100:] = os.urandom(len(content) - 100)
    path.write_bytes(content)
    with pytest.raises(UnusableDatabase, match="cannot be opened: "):
        Store.open(Settings(database=path))
    with pytest.raises(UnusableDatabase):
        Store.open_reading(path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnusableDatabase, match=r"file/folder cannot be made"):
        Store.open(Settings(database=tmp_path / "file" / "folder" / "callbacks.db"))


def test_reading_without_a_server(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, new_delivery(b"one"), new_delivery(b"two"))
    before = (tmp_path / "callbacks.db").read_bytes()
    with Store.open_reading(tmp_path / "callbacks.db") as archive:
        assert [row.id for row in archive.newest().rows] == [2, 1]
        assert archive.body(1) == b"one"
        assert archive.latest().request.body == b"two"
        assert archive.count() == archive.position().cursor == 2
        assert [endpoint.path for endpoint in archive.endpoints()] == ["/"]
        assert archive.state().fault is None
        with pytest.raises(DatabaseInUse):
            Store.open(Settings(database=tmp_path / "callbacks.db"))
    assert [path.name for path in tmp_path.iterdir()] == ["callbacks.db"]
    assert (tmp_path / "callbacks.db").read_bytes() == before


def test_reading_what_a_killed_server_left_in_its_log(tmp_path: Path) -> None:
    program = """if True:
        import os, pathlib, signal, sys
        sys.path.insert(0, sys.argv[2])
        from support.deliveries import add, new_delivery
        from inspector.settings import Settings
        from inspector.store import Store
        add(Store.open(Settings(database=pathlib.Path(sys.argv[1]))), new_delivery(b"kept"))
        os.kill(os.getpid(), signal.SIGKILL)
    """
    tests = Path(__file__).parent.parent
    subprocess.run([sys.executable, "-c", program, tmp_path / "callbacks.db", tests], timeout=30)
    with Store.open_reading(tmp_path / "callbacks.db") as archive:
        assert archive.body(1) == b"kept"


def test_reading_a_database_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no database"):
        Store.open_reading(tmp_path / "callbacks.db")
    assert list(tmp_path.iterdir()) == []


def test_reading_in_a_folder_that_cannot_be_written(public_folder: Path) -> None:
    with opened(public_folder) as store:
        add(store, new_delivery(b"read only"))
    # As another user where the tests run as root, whom no mode keeps out.
    program = """if True:
        import os, pathlib, sys
        import sqlite_utils
        from inspector.errors import UnusableDatabase
        from inspector.settings import Settings
        from inspector.store import Store, migrations
        path = pathlib.Path(sys.argv[1], "callbacks.db")
        if os.getuid() == 0:
            os.setuid(65534)
        with Store.open_reading(path) as archive:
            print(archive.body(1).decode())
        try:
            Store.open(Settings(database=path))
        except UnusableDatabase as error:
            print(error)
    """
    (public_folder / "callbacks.db").chmod(0o444)
    public_folder.chmod(0o555)
    run = subprocess.run(
        [sys.executable, "-c", program, public_folder], capture_output=True, text=True, timeout=30
    )
    assert run.stderr == ""
    assert run.stdout.splitlines()[0] == "read only"
    assert "cannot be" in run.stdout.splitlines()[1]
    assert [path.name for path in public_folder.iterdir()] == ["callbacks.db"]


def test_a_temporary_store_lives_in_a_private_folder_until_it_is_closed() -> None:
    with opened() as store:
        folder = store.database.parent
        assert store.temporary
        assert mode(folder) == 0o700
        assert mode(store.database) == 0o600
        add(store, new_delivery(b"short-lived"))
        store.secrets.add("root", value="s3cret")
        assert store.body(1) == b"short-lived"
        assert not list(folder.glob("*secret*"))
    assert not folder.exists()


def test_the_header_of_our_files() -> None:
    assert struct.pack(">I", APPLICATION_ID) == b"CBKI"
