"""``--malformed``: what came and was no HTTP request, listed, shown, deleted, from server and file."""

from __future__ import annotations

import base64

import pytest
from click.testing import CliRunner
from support.command import Command, Serving
from support.raw_http import Connection
from support.waiting import until

from inspector.cli.main import group

HELLO = bytes.fromhex("1603010200010001fc0303") + bytes(range(256))


def knock(server: Serving, raw: bytes) -> None:
    """Send *raw* and wait until the server has had enough."""
    with Connection(server.address) as connection:
        connection.send(raw)
        connection.half_close()
        while connection.socket.recv(65536):
            pass


def kept(command: Command, *arguments: str) -> list[int]:
    """The ids of those that are kept."""
    page = command.run("list", "--malformed", "--json", *arguments).json()
    return [each["id"] for each in page["malformed"]]


def test_listing_showing_and_deleting(command: Command) -> None:
    with command.serving("--db", "callbacks.db") as server:
        assert "No malformed requests here." in command.run("list", "--malformed").stderr
        knock(server, HELLO)
        knock(server, b"GET /a\x1bb HTTP/1.1\r\nHost: h\r\n\r\n")
        until(lambda: kept(command) == [2, 1], what="both")

        listed = command.run("list", "--malformed")
        heading, second, first = listed.stdout.splitlines()
        assert heading.split() == ["ID", "Received", "Client", "Reply", "Size", "Reason"]
        assert (second.split()[0], first.split()[0]) == ("2", "1")
        assert "TLS" in first
        assert "--before 2" in command.run("list", "--malformed", "--limit", "1").stderr
        assert kept(command, "--before", "2") == [1]

        shown = command.run("show", "--malformed", "1")
        assert "TLS" in shown.stdout
        assert "00000000  16 03 01 02 00 01 00 01  fc 03 03" in shown.stdout
        assert command.run("show", "--malformed", "1", "--body").output == HELLO
        whole = command.run("show", "--malformed", "2", "--json").json()
        assert b"/a\x1bb" in base64.b64decode(whole["raw_base64"])
        assert command.run("show", "--malformed", "9").code == 3
        assert command.run("list").stdout == ""
        server.stop()

    # Without the server they are read from the file.
    file = ("--db", "callbacks.db")
    assert kept(command, *file) == [2, 1]
    assert "16 03 01" in command.run("show", "--malformed", "1", *file).stdout

    with command.serving("--db", "callbacks.db"):
        assert command.run("delete", "--malformed").code == 2
        assert "Deleted 2 malformed requests." in command.run("delete", "--malformed", "--yes").stderr
        assert kept(command) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "--malformed", "status:valid"),
        ("list", "--malformed", "--endpoint", "/"),
        ("list", "--malformed", "--after", "1"),
        ("show", "--malformed", "latest"),
        ("show", "--malformed", "1", "--as", "curl"),
        ("delete", "--malformed", "1", "--yes"),
        ("delete", "--malformed", "--all", "--yes"),
        ("delete", "--malformed", "--pinned", "--yes"),
    ],
)
def test_what_makes_no_sense_with_it_is_refused(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(group, arguments).exit_code == 2
