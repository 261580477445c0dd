"""``serve``: what it says, what it leaves, and how it ends."""

from __future__ import annotations

import json
import signal
import socket
import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.command import Command, Serving
from support.waiting import until

SECRET = "cbk_local_of_this_test"


def test_says_where_everything_is_and_ends_with_zero(command: Command) -> None:
    with command.serving("--db", "callbacks.db") as server:
        ended = server.stop()
    callback_port, inspector_port = (
        urlsplit(url).port for url in (server.callback_url, server.inspector_url)
    )
    assert (ended.code, ended.stderr) == (0, "")
    for line in (
        f"Callback URL    {server.callback_url}",
        f"Inspector       {server.inspector_url}",
        f"Data            {command.folder / 'callbacks.db'}",
        "/ has no secret yet",
        "CALLBACK_SECRET=… callback-inspector serve",
        "callback-inspector secrets add /",
        f"  cloudflared tunnel --url http://localhost:{callback_port}\n",
        f"  ngrok http {callback_port}\n",
        f"Never tunnel port {inspector_port}",
    ):
        assert line in ended.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_a_way_to_stop(serving: Serving, number: signal.Signals) -> None:
    ended = serving.stop(number)
    assert (ended.code, ended.stderr) == (0, "")
    assert not serving.ready_file.exists()


def test_ready_file(serving: Serving) -> None:
    facts = json.loads(serving.ready_file.read_bytes())
    assert facts == {
        "callback_url": serving.callback_url,
        "inspector_url": serving.inspector_url,
        "pid": serving.process.pid,
    }
    assert serving.callback_url.endswith("/")
    assert serving.inspector_url.endswith("/")
    for url in (serving.callback_url, serving.inspector_url):
        parts = urlsplit(url)
        for host in ("127.0.0.1", "::1") if has_ipv6() else ("127.0.0.1",):
            socket.create_connection((host, parts.port), 5).close()


def test_a_ready_file_of_a_server_before_does_not_stay(command: Command) -> None:
    ready = command.folder / "ready.json"
    ready.write_text("{}")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert (
            command.run("serve", "--db", ":memory:", "--port", port, "--ready-file", "ready.json").code == 5
        )
    assert not ready.exists()


def test_a_ready_file_in_no_folder(command: Command) -> None:
    result = command.run("serve", "--db", ":memory:", "--port", "0", "--ready-file", "nowhere/ready.json")
    assert (result.code, result.stdout) == (3, "")
    assert "--ready-file: there is no folder nowhere" in result.stderr


def test_the_secret_of_the_environment_is_named_but_not_shown(command: Command) -> None:
    with command.serving("--db", ":memory:", environment={"CALLBACK_SECRET": SECRET}) as server:
        listed = command.run("secrets", "list", "/", "--json").json()["secrets"]
        ended = server.stop()
    assert [(each["name"], each["source"], each["env"]) for each in listed] == [
        (listed[0]["name"], "env", "CALLBACK_SECRET")
    ]
    assert f"/ checks with variable CALLBACK_SECRET (fingerprint {listed[0]['fingerprint']})" in ended.stdout
    assert SECRET not in ended.stdout + ended.stderr


def test_another_variable_can_hold_the_secret(command: Command) -> None:
    with command.serving(
        "--db",
        ":memory:",
        "--secret-env",
        "MY_SECRET",
        environment={"MY_SECRET": SECRET, "CALLBACK_SECRET": "x"},
    ) as server:
        assert "variable MY_SECRET (fingerprint" in server.stop().stdout
    with command.serving("--db", ":memory:", "--secret-env", "MY_SECRET") as server:
        assert "MY_SECRET=… callback-inspector serve" in server.stop().stdout


def test_temporary_data_is_said_to_be_temporary(serving: Serving) -> None:
    assert "in a temporary folder" in serving.stop().stdout


def test_data_lives_in_the_user_data_folder_for_its_user_alone(command: Command) -> None:
    with command.serving() as server:
        server.deliver("/kept")
        assert f"Data            {command.data}" in server.stop().stdout
    folder = command.data / "callback-inspector"
    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.rglob("*") if path.is_file()} == {0o600}
    assert (
        command.run("list", "--db", str(folder / "callbacks.db"), "--json").json()["deliveries"][0]["path"]
        == "/kept"
    )


def test_a_token_is_in_the_link(command: Command) -> None:
    with command.serving("--db", ":memory:", environment={"CALLBACK_INSPECTOR_TOKEN": "t0ken"}) as server:
        assert f"{server.inspector_url}login#t0ken" in server.stop().stdout


def test_an_inspector_beyond_loopback_has_a_token_of_its_own(command: Command) -> None:
    with command.serving("--db", ":memory:", "--inspector-host", "0.0.0.0") as server:
        assert command.run("list").code == 0
        assert f"{server.inspector_url}login#" in server.stop().stdout


def test_the_public_url_is_shown(command: Command) -> None:
    with command.serving("--db", ":memory:", "--public-url", "https://tunnel.example/") as server:
        assert (
            command.run("endpoints", "list", "--json").json()["endpoints"][0]["url"]
            == "https://tunnel.example/"
        )
        assert "Public URL      https://tunnel.example/" in server.stop().stdout


def test_open_opens_the_page(command: Command) -> None:
    seen = command.folder / "opened"
    browser = command.folder / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{seen}.new" && mv "{seen}.new" "{seen}"\n')
    browser.chmod(0o700)
    environment = {"BROWSER": str(browser), "CALLBACK_INSPECTOR_TOKEN": "t0ken"}
    with command.serving("--db", ":memory:", "--open", environment=environment) as server:
        until(seen.exists, what="the browser")
        assert seen.read_text() == f"{server.inspector_url}login#t0ken"


def test_a_busy_port_is_one_line(command: Command, serving: Serving) -> None:
    port = urlsplit(serving.callback_url).port
    result = command.run("serve", "--db", ":memory:", "--port", str(port), "--inspector-port", "0")
    assert (result.code, result.stdout) == (5, "")
    assert result.stderr.count("\n") == 1
    assert str(port) in result.stderr
    assert "--port 0" in result.stderr


def test_a_busy_port_leaves_no_database_behind(command: Command, serving: Serving) -> None:
    port = urlsplit(serving.callback_url).port
    assert command.run("serve", "--db", "new.db", "--port", str(port), "--inspector-port", "0").code == 5
    assert not list(command.folder.glob("new*"))


def test_a_busy_inspector_port_is_one_line(command: Command, serving: Serving) -> None:
    port = urlsplit(serving.inspector_url).port
    result = command.run("serve", "--db", ":memory:", "--port", "0", "--inspector-port", str(port))
    assert (result.code, result.stdout) == (5, "")
    assert result.stderr.count("\n") == 1
    assert str(port) in result.stderr


def test_a_database_in_use_is_one_line(command: Command) -> None:
    with command.serving("--db", "callbacks.db"):
        result = command.run("serve", "--db", "callbacks.db", "--port", "0")
        assert (result.code, result.stdout) == (5, "")
        assert result.stderr.count("\n") == 1
        assert f"{command.folder}/callbacks." in result.stderr


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be read as one" * 20, b"SQLite format 3\0"]
)
def test_a_foreign_file_is_one_line_and_stays_as_it_was(command: Command, content: bytes) -> None:
    foreign = command.folder / "foreign.db"
    foreign.write_bytes(content)
    for arguments in (("serve", "--port", "0"), ("list",)):
        result = command.run(*arguments, "--db", "foreign.db")
        assert (result.code, result.stdout) == (2, "")
        assert result.stderr.count("\n") == 1
        assert "foreign.db" in result.stderr
        assert foreign.read_bytes() == content


def test_an_address_that_is_not_ours_names_the_option(command: Command) -> None:
    for option in ("--host", "--inspector-host"):
        result = command.run("serve", "--db", ":memory:", "--port", "0", option, "192.0.2.1")
        assert (result.code, result.stdout) == (2, "")
        assert f"{option}: " in result.stderr
        assert "192.0.2.1" in result.stderr


def test_options_reach_the_server(command: Command) -> None:
    (command.folder / "callback-inspector.toml").write_text('max-body = "10B"\nno-delivery-header = true\n')
    with command.serving("--db", ":memory:") as server:
        assert server.deliver("/", b"x" * 10).header("x-callback-delivery") is None
        assert server.deliver("/", b"x" * 11).status == 413


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True
