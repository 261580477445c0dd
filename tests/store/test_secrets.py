"""Secrets: in a private file of their own or in the environment, never in the database, never given back."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.deliveries import add, new_delivery, opened

from inspector.errors import Conflict, NotFound, StorageFailed, UnusableDatabase
from inspector.models import Endpoint, Secret
from inspector.settings import Settings
from inspector.store import Store

CANARY = "c4n4ry-\N{SNOWMAN}-\ud800-s3cret"


def test_a_secret_is_kept_over_a_restart_and_told_by_its_fingerprint_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        before = datetime.now(UTC)
        info = store.secrets.add("root", value=CANARY)
        assert (info.name, info.source, info.env) == ("key-1", "stored", None)
        assert before <= info.created_at <= datetime.now(UTC)
        assert info.fingerprint is not None
        assert len(bytes.fromhex(info.fingerprint)) == 4
    with opened(tmp_path) as store:
        assert store.secrets.infos("root") == (info,)
        assert store.secrets.usable("root") == (Secret("key-1", CANARY),)
        assert CANARY not in repr((store.secrets.infos("root"), store.secrets.usable("root"), store.secrets))
    with Store.open_reading(tmp_path / "callbacks.db") as archive:
        assert archive.secrets.infos("root") == (info,)


def test_the_database_never_holds_a_secret(tmp_path: Path) -> None:
    with opened(tmp_path, environ={"CALLBACK_SECRET": "from-the-environment"}) as store:
        store.secrets.add("root", value="s3cret-value")
        add(store, new_delivery())
        contents = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    holders = {name for name, content in contents.items() if b"s3cret-value" in content}
    assert holders == {"callbacks.secrets.json"}
    assert not any(b"from-the-environment" in content for content in contents.values())


def test_names(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        secrets = store.secrets
        names = [secrets.add("root", name=name, value="v").name for name in (None, None, "key-4", None, None)]
        assert names == ["key-1", "key-2", "key-4", "key-3", "key-5"]
        with pytest.raises(Conflict, match="key-2"):
            secrets.add("root", name="key-2", value="v")
        secrets.remove("root", "key-2")
        assert secrets.add("root", value="v").name == "key-2"
        assert secrets.add("other", value="v").name == "key-1"
        with pytest.raises(NotFound, match="no secret key-9"):
            secrets.remove("root", "key-9")
        with pytest.raises(NotFound):
            secrets.remove("unknown", "key-1")
        with pytest.raises(TypeError):
            secrets.add("root", value="v", env="NAME")
        with pytest.raises(TypeError):
            secrets.add("root")


def test_a_variable_is_read_at_each_use_and_stored_nowhere(tmp_path: Path) -> None:
    environ = {"FIRST": "one", "EMPTY": ""}
    with opened(tmp_path, environ=environ) as store:
        for name in ("FIRST", "SECOND", "EMPTY"):
            info = store.secrets.add("root", name=name.lower(), env=name)
            assert (info.source, info.env) == ("env", name)
            assert (info.fingerprint is None) == (name != "FIRST")
        assert store.secrets.usable("root") == (Secret("first", "one"),)
        environ["SECOND"] = "two"
        assert store.secrets.usable("root") == (Secret("first", "one"), Secret("second", "two"))
        del environ["FIRST"]
        assert [info.fingerprint is None for info in store.secrets.infos("root")] == [True, False, True]
    content = (tmp_path / "callbacks.secrets.json").read_text()
    assert '"env": "SECOND"' in content
    assert "two" not in content


def test_the_secret_that_the_environment_gives_the_root(tmp_path: Path) -> None:
    with opened(tmp_path, environ={"CALLBACK_SECRET": "given"}) as store:
        stored = store.secrets.add("root", value="stored")
        given, info = store.secrets.infos("root")[::-1]
        assert info == stored
        assert (given.name, given.source, given.env) == ("CALLBACK_SECRET", "env", "CALLBACK_SECRET")
        assert [secret.value for secret in store.secrets.usable("root")] == ["stored", "given"]
        assert store.secrets.infos("other") == ()
        with pytest.raises(Conflict, match="environment"):
            store.secrets.remove("root", "CALLBACK_SECRET")
        with pytest.raises(Conflict):
            store.secrets.add("root", name="CALLBACK_SECRET", value="v")
    with opened(tmp_path, environ={"CALLBACK_SECRET": ""}) as store:
        assert [info.name for info in store.secrets.infos("root")] == ["key-1"]
    with opened(tmp_path, environ={"MINE": "given"}, secret_env="MINE") as store:
        assert [info.name for info in store.secrets.infos("root")] == ["key-1", "MINE"]


def test_an_endpoints_secrets_go_with_it(tmp_path: Path) -> None:
    async def make_and_delete() -> None:
        await store.create_endpoint(Endpoint("e2", "/agents", datetime.now(UTC)))
        store.secrets.add("e2", value="v")
        await store.delete_endpoint("e2")

    with opened(tmp_path) as store:
        asyncio.run(make_and_delete())
        assert store.secrets.infos("e2") == ()
    assert json.loads((tmp_path / "callbacks.secrets.json").read_bytes())["endpoints"] == {}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"endpoints": {}}',
        b'{"format": 1}',
        b'{"format": 1, "endpoints": []}',
        b'{"format": 1, "endpoints": {"root": 7}}',
        b'{"format": 1, "endpoints": {"root": [7]}}',
        b'{"format": 1, "endpoints": {"root": [{"name": "a", "created_at": "today", "value": "s3cret"}]}}',
        b'{"format": 1, "endpoints": {"root": [{"name": "a", "created_at": "2025-11-25T00:00:00+00:00"}]}}',
        b'{"format": 1, "endpoints": {"root": [{"name": 1, "created_at": "2025-11-25", "value": "v"}]}}',
        b'{"format": 99, "endpoints": {}}',
    ],
)
def test_a_secrets_file_that_cannot_be_used_is_said_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "callbacks.secrets.json"
    path.write_bytes(content)
    with pytest.raises(UnusableDatabase) as refused:
        Store.open(Settings(database=tmp_path / "callbacks.db"))
    assert str(path) in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert path.read_bytes() == content
    assert [entry.name for entry in tmp_path.iterdir()] == ["callbacks.secrets.json"]


def test_a_secrets_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "callbacks.secrets.json").mkdir()
    with pytest.raises(UnusableDatabase, match=r"secrets\.json cannot be read"):
        Store.open(Settings(database=tmp_path / "callbacks.db"))


def test_a_file_that_cannot_be_replaced_leaves_everything_as_it_was(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.secrets.add("root", value="first")
        # The draft's name is taken by something that no file can replace.
        (tmp_path / "callbacks.secrets.json.new").mkdir()
        with pytest.raises(StorageFailed, match="cannot be written"):
            store.secrets.add("root", value="second")
        assert [secret.value for secret in store.secrets.usable("root")] == ["first"]
        (tmp_path / "callbacks.secrets.json.new").rmdir()
        store.secrets.add("root", value="second")
    with opened(tmp_path) as store:
        assert [secret.value for secret in store.secrets.usable("root")] == ["first", "second"]


def test_a_temporary_store_keeps_its_secrets_in_memory() -> None:
    with opened() as store:
        store.secrets.add("root", value="s3cret-value")
        assert [secret.value for secret in store.secrets.usable("root")] == ["s3cret-value"]
        assert not any(b"s3cret" in path.read_bytes() for path in store.database.parent.iterdir())
