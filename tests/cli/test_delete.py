"""``delete``: what goes, what stays, and that nothing goes unasked."""

from __future__ import annotations

import os
import pty
from dataclasses import dataclass

import pytest
from support.command import RUN_SECONDS, Command, Serving, read_terminal

from inspector.client import Client


@pytest.fixture
def kept(serving: Serving) -> Client:
    """The API of a server with six deliveries, of which the third is pinned."""
    for number in range(1, 7):
        serving.deliver(f"/{'a' if number % 2 else 'b'}/{number}")
    client = Client(serving.inspector_url)
    client.send("PATCH", "/api/deliveries/3", {"pinned": True})
    return client


def left(client: Client) -> list[int]:
    return [row["id"] for row in client.get("/api/deliveries", after=0)["deliveries"]]


def test_by_id(command: Command, kept: Client) -> None:
    result = command.run("delete", "1", "latest", "1", "--yes")
    assert (result.code, result.stdout, result.stderr) == (0, "", "Deleted 2 deliveries.\n")
    assert left(kept) == [2, 3, 4, 5]
    assert command.run("delete", "3", "--yes").stderr == "Deleted 1 delivery.\n"
    assert left(kept) == [2, 4, 5]


def test_an_id_that_is_not_there_deletes_nothing(command: Command, kept: Client) -> None:
    for number in ("99", "99999999999999999999", str(2**63 - 1)):
        result = command.run("delete", "1", number, "--yes")
        assert (result.code, result.stdout) == (3, "")
        assert number in result.stderr
    assert left(kept) == [1, 2, 3, 4, 5, 6]


def test_by_filter_and_everything(command: Command, kept: Client) -> None:
    result = command.run("delete", "--filter", "path:/a/*", "--yes")
    assert (result.code, result.stderr) == (0, "Deleted 2 deliveries.\n")
    assert left(kept) == [2, 3, 4, 6]
    assert command.run("delete", "--filter", "id:3", "--pinned", "--yes").stderr == "Deleted 1 delivery.\n"
    assert command.run("delete", "--all", "--yes").stderr == "Deleted 3 deliveries.\n"
    assert command.run("delete", "--all", "--yes").stderr == "Deleted 0 deliveries.\n"
    assert left(kept) == []


def test_those_of_one_endpoint(command: Command, serving: Serving) -> None:
    command.run("endpoints", "create", "/a")
    for path in ("/a/1", "/b", "/a/2"):
        serving.deliver(path)
    client = Client(serving.inspector_url)
    assert command.run("delete", "--filter", "b", "--endpoint", "/a", "--yes").code == 0
    assert left(client) == [1, 2, 3]
    assert command.run("delete", "latest", "--endpoint", "/", "--yes").code == 0
    assert left(client) == [1, 3]
    serving.deliver("/b")
    assert command.run("delete", "--all", "--endpoint", "/a", "--yes").code == 0
    assert left(client) == [4]
    assert command.run("delete", "--all", "--endpoint", "/nothing", "--yes").code == 3


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--endpoint", "/"),
        ("--filter", "", "--yes"),
        ("--filter", "  ", "--yes"),
        ("1", "--all", "--yes"),
        ("1", "--filter", "a", "--yes"),
        ("--all", "--filter", "a", "--yes"),
        ("1", "--pinned", "--yes"),
        ("first", "--yes"),
        ("--filter", "statsu:valid", "--yes"),
    ],
)
def test_what_does_not_say_which_deletes_nothing(
    command: Command, kept: Client, arguments: tuple[str, ...]
) -> None:
    result = command.run("delete", *arguments)
    assert (result.code, result.stdout) == (2, "")
    assert left(kept) == [1, 2, 3, 4, 5, 6]


def test_without_a_terminal_it_has_to_be_said(command: Command, kept: Client) -> None:
    for arguments in (("1",), ("--filter", "a"), ("--all",)):
        result = command.run("delete", *arguments, stdin=b"y\n")
        assert (result.code, result.stdout) == (2, "")
        assert "--yes" in result.stderr
    assert left(kept) == [1, 2, 3, 4, 5, 6]


@dataclass(frozen=True, slots=True)
class Asked:
    code: int
    said: str


def answering(command: Command, answer: bytes, *arguments: str) -> Asked:
    """How ``delete`` ends when a person on a terminal gives *answer*, and all that it said."""
    ours, theirs = pty.openpty()
    process = command.popen("delete", *arguments, stdin=theirs)
    os.close(theirs)
    os.write(ours, answer)
    stdout, stderr = process.communicate(timeout=RUN_SECONDS)
    read_terminal(ours)
    os.close(ours)
    assert stdout == b""
    return Asked(process.returncode, stderr.decode())


def test_on_a_terminal_it_asks_with_the_number(command: Command, kept: Client) -> None:
    no = answering(command, b"n\n", "--filter", "path:/a/*")
    assert no.code == 130
    assert "Delete 2 deliveries? 1 pinned stays; --pinned takes it too." in no.said
    assert (
        "Delete 3 deliveries? [y/N]" in answering(command, b"n\n", "--filter", "path:/a/*", "--pinned").said
    )
    assert "Delete 5 deliveries? 1 pinned stays" in answering(command, b"n\n", "--all").said
    assert "Delete 2 deliveries (#1, #6)? [y/N]" in answering(command, b"n\n", "1", "latest").said
    assert left(kept) == [1, 2, 3, 4, 5, 6]
    yes = answering(command, b"y\n", "--filter", "path:/a/*")
    assert (yes.code, yes.said.splitlines()[-1][-21:]) == (0, "Deleted 2 deliveries.")
    assert left(kept) == [2, 3, 4, 6]


def test_on_a_terminal_nothing_is_not_asked_about(command: Command, kept: Client) -> None:
    nothing = answering(command, b"", "--filter", "no-such-thing")
    assert (nothing.code, nothing.said) == (0, "Nothing to delete.\n")


def test_a_file_without_a_server_is_not_written(command: Command) -> None:
    with command.serving("--db", "callbacks.db") as server:
        server.deliver("/one")
        server.stop()
    result = command.run("delete", "1", "--yes", "--db", "callbacks.db")
    assert (result.code, result.stdout) == (5, "")
