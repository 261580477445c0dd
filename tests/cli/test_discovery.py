"""How commands find the server that runs."""

from __future__ import annotations

import json
from pathlib import Path

from support.command import Command, Serving


def runtime_files(command: Command) -> list[Path]:
    return sorted(command.runtime.glob("*")) if command.runtime.is_dir() else []


def test_a_server_leaves_a_private_file_while_it_runs(command: Command) -> None:
    with command.serving("--db", "callbacks.db") as server:
        path = command.runtime / f"{server.pid}.json"
        assert runtime_files(command) == [path]
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert json.loads(path.read_text()) == {
            "pid": server.pid,
            "callback_url": server.callback_url,
            "inspector_url": server.inspector_url,
            "database": str(command.folder / "callbacks.db"),
            "token": None,
        }
        assert command.run("list").code == 0
        server.stop()
    assert runtime_files(command) == []


def test_a_system_without_a_runtime_folder_uses_the_data_folder(command: Command) -> None:
    elsewhere = {"XDG_RUNTIME_DIR": ""}
    with command.serving("--db", ":memory:", environment=elsewhere) as server:
        servers = command.data / "callback-inspector" / "servers"
        assert [path.name for path in servers.iterdir()] == [f"{server.pid}.json"]
        assert servers.stat().st_mode & 0o777 == 0o700
        # A session that knows a runtime folder finds it too.
        assert command.run("list").code == 0
        assert server.stop().stderr == ""


def test_a_server_that_cannot_leave_a_file_serves_all_the_same(command: Command) -> None:
    (command.folder / "data").write_text("a file where the folder should be")
    with command.serving("--db", ":memory:", environment={"XDG_RUNTIME_DIR": ""}) as server:
        assert command.run("list", "--url", server.inspector_url).code == 0
        ended = server.stop()
    assert ended.code == 0
    assert f"--url {server.inspector_url}" in ended.stderr


def test_what_a_killed_server_left_is_ignored_and_cleaned(command: Command) -> None:
    with command.serving("--db", ":memory:") as server:
        server.process.kill()
        server.process.wait()
        assert len(runtime_files(command)) == 1
    result = command.run("list")
    assert (result.code, result.stdout) == (5, "")
    assert "No server is running" in result.stderr
    assert runtime_files(command) == []


def test_files_that_are_not_ours_to_believe_are_ignored(command: Command) -> None:
    command.runtime.mkdir(parents=True)
    readable_by_all = command.runtime / "1.json"
    readable_by_all.write_text(
        json.dumps({"pid": 1, "callback_url": "", "inspector_url": "http://127.0.0.1:1/"})
    )
    readable_by_all.chmod(0o644)
    (command.runtime / "2.json").symlink_to(readable_by_all)
    assert command.run("list").code == 5
    assert len(runtime_files(command)) == 2


def test_several_running_and_none_named(command: Command) -> None:
    with command.serving("--db", ":memory:") as one, command.serving("--db", "other.db") as other:
        other.deliver("/to-the-other")
        result = command.run("list")
        assert (result.code, result.stdout) == (2, "")
        for server in (one, other):
            assert f"--url {server.inspector_url}  (pid {server.pid}," in result.stderr
        named = command.run("list", "--json", "--url", other.inspector_url)
        assert [row["path"] for row in named.json()["deliveries"]] == ["/to-the-other"]
        # Naming the database names its server.
        assert command.run("list", "--json", "--db", "other.db").json() == named.json()
        assert command.run("list", "--json", "--url", one.inspector_url).json()["deliveries"] == []


def test_the_token_comes_from_the_runtime_file_or_from_the_user(command: Command) -> None:
    (command.folder / "token").write_text("s3cret-token\n")
    with command.serving("--db", ":memory:", "--token-file", "token") as server:
        assert command.run("list").code == 0
        port = server.inspector_url.rsplit(":", 1)[1]
        assert command.run("list", "--url", f"http://127.0.0.1:{port}").code == 0
        (command.runtime / f"{server.pid}.json").unlink()
        arguments = ("list", "--url", server.inspector_url)
        refused = command.run(*arguments)
        assert (refused.code, refused.stdout) == (2, "")
        assert "--token-file" in refused.stderr
        assert command.run(*arguments, environment={"CALLBACK_INSPECTOR_TOKEN": "s3cret-token"}).code == 0
        assert command.run(*arguments, "--token-file", "token").code == 0
        wrong = {"CALLBACK_INSPECTOR_TOKEN": "wrong"}
        assert command.run(*arguments, environment=wrong).code == 2
        assert command.run(*arguments, "--token-file", "token", environment=wrong).code == 0


def test_the_callback_port_is_not_asked(command: Command, serving: Serving) -> None:
    result = command.run("list", "--url", serving.callback_url)
    assert result.code == 2
    assert serving.inspector_url in result.stderr
    assert command.run("list", "--json").json()["deliveries"] == []


def test_what_is_no_inspector_is_unreachable(command: Command, serving: Serving) -> None:
    port = serving.callback_url.rsplit(":", 1)[1]
    result = command.run("list", "--url", f"http://127.0.0.2:{port}")
    assert (result.code, result.stdout) == (5, "")
    assert f"http://127.0.0.2:{port}" in result.stderr


def test_an_address_that_is_none(command: Command) -> None:
    for url in ("localhost:2256", "ftp://localhost/", "http://", "http://[::1", "http://localhost:99999"):
        result = command.run("list", "--url", url)
        assert (result.code, result.stdout) == (2, ""), url
        assert "url" in result.stderr
