"""``status`` and ``open``: what is told of a running server, and where its page is."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from support.command import Command, Serving
from support.waiting import until

from inspector.client import Client


@pytest.fixture
def browser(command: Command) -> tuple[dict[str, str], Path]:
    """An environment whose browser writes down what it is to show, and where it does."""
    seen = command.folder / "seen"
    program = command.folder / "browser"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > {seen}.new && mv {seen}.new {seen}\n')
    program.chmod(0o755)
    return {"BROWSER": f"{program} %s"}, seen


def test_status_for_people_and_for_programs(command: Command, serving: Serving) -> None:
    serving.deliver()
    told = command.run("status", "--json").json()
    answered = Client(serving.inspector_url).get("/api/status")
    assert {**told, "database_bytes": 0} == {**answered, "database_bytes": 0}
    text = command.run("status")
    assert (text.code, text.stderr) == (0, "")
    lines = text.stdout.splitlines()
    assert f"Callback URL  {serving.callback_url}" in lines
    assert f"Inspector     {serving.inspector_url}" in lines
    assert any(line.startswith("Kept          1 delivery, ") for line in lines)
    assert "Limits        100,000 deliveries, 1 GiB, 30 days" in lines
    assert "Fault         none" in lines


def test_status_needs_a_server(command: Command) -> None:
    assert command.run("status").code == 5
    assert command.run("open").code == 5
    for verb in (("status",), ("open",), ("open", "--print"), ("open", "--print", "1")):
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            result = command.run(*verb, "--url", f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        assert (result.code, result.stdout) == (5, ""), verb


def test_open_shows_the_page(
    command: Command, serving: Serving, browser: tuple[dict[str, str], Path]
) -> None:
    environment, seen = browser
    serving.deliver()
    for arguments, page in (((), ""), (("1",), "deliveries/1"), (("latest",), "deliveries/latest")):
        result = command.run("open", *arguments, environment=environment)
        assert (result.code, result.stdout, result.stderr) == (0, "", "")
        until(seen.exists, what="the browser")
        assert seen.read_text() == serving.inspector_url + page
        seen.unlink()
        assert command.run("open", "--print", *arguments).stdout == f"{serving.inspector_url}{page}\n"
    assert command.run("open", "2", environment=environment).code == 3
    assert not seen.exists()


def test_open_logs_in_where_that_is_asked_for(command: Command) -> None:
    with command.serving(
        "--db", ":memory:", environment={"CALLBACK_INSPECTOR_TOKEN": "open-sesame"}
    ) as running:
        running.deliver()
        printed = command.run("open", "--print", "1")
        assert printed.stdout == f"{running.inspector_url}login?next=/deliveries/1#open-sesame\n"


def test_without_a_browser_the_address_is_said(command: Command, serving: Serving) -> None:
    result = command.run("open", environment={"PATH": str(command.folder)})
    assert (result.code, result.stdout) == (1, "")
    assert serving.inspector_url in result.stderr
