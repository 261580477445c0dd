"""``list`` and ``show``: from a server, from a file, for people and for programs."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator

import pytest
from support.command import Command, Serving, read_terminal
from support.raw_http import Connection

HOSTILE_HEADERS = [
    ("X-Bidi", "\u202eevil".encode().decode("latin-1")),
    ("X-C1", "\x9b31m"),
    ("X-Markup", "[bold red]not markup[/]"),
]
HOSTILE_BODY = b"\x1b[2Jone\n\ttwo\r\x08\x7f\xe2\x80\xae\xe2\x80\x8b\xc2\x9b end\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """A home in which one server runs for all tests that only read."""
    return Command(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def server(home: Command) -> Iterator[Serving]:
    """A server with three deliveries: plain, hostile, binary."""
    with home.serving("--db", "callbacks.db", environment={"CALLBACK_SECRET": "cbk_local"}) as serving:
        serving.deliver("/plain?a=1", b'{"id": 1}', [("Content-Type", "application/json")])
        serving.deliver("/%1b[31mred", HOSTILE_BODY, [("Content-Type", "text/plain"), *HOSTILE_HEADERS])
        serving.deliver("/binary", bytes(range(256)), [("Content-Type", "application/octet-stream")])
        yield serving


def is_safe(output: bytes) -> bool:
    """Whether nothing in *output* makes a terminal do anything."""
    text = output.decode()
    controls = [c for c in text if (c < " " and c not in "\n\t") or "\x7f" <= c <= "\x9f"]
    return not controls and not set(text) & set("\u202e\u200b")


def test_list_shows_a_line_for_each(home: Command, server: Serving) -> None:
    result = home.run("list")
    assert (result.code, result.stderr) == (0, "")
    heading, *rows = result.stdout.splitlines()
    assert heading.split() == ["ID", "Received", "Method", "Path", "Verification", "Reply", "Size", "Attempt"]
    assert [row.split()[0] for row in rows] == ["3", "2", "1"]
    assert rows[2].split()[3:] == ["POST", "/plain?a=1", "missing", "200", "9", "B", "1"]


def test_list_as_json_is_what_the_api_answers(home: Command, server: Serving) -> None:
    result = home.run("list", "--json")
    assert (result.code, result.stderr) == (0, "")
    page = result.json()
    assert [row["id"] for row in page["deliveries"]] == [3, 2, 1]
    assert (page["cursor"], page["more"]) == (1, False)
    assert page["deliveries"][2]["verification"]["status"] == "missing"


def test_list_pages_both_ways(home: Command, server: Serving) -> None:
    def ids(*arguments: str) -> list[int]:
        return [row["id"] for row in home.run("list", "--json", *arguments).json()["deliveries"]]

    assert ids("--limit", "2") == [3, 2]
    assert ids("--limit", "2", "--before", "2") == [1]
    assert ids("--after", "1") == [2, 3]
    assert "--before 2" in home.run("list", "--limit", "2").stderr
    assert home.run("list", "--after", "3").stdout == ""
    assert home.run("list", "--after", "1", "--before", "3").code == 2
    assert home.run("list", "--limit", "501").code == 2


def test_list_of_one_endpoint(home: Command, server: Serving) -> None:
    assert len(home.run("list", "--json", "--endpoint", "/").json()["deliveries"]) == 3
    unknown = home.run("list", "--endpoint", "/unknown")
    assert (unknown.code, unknown.stdout) == (3, "")
    assert "/unknown" in unknown.stderr


def test_show_tells_the_verdict_and_why(home: Command, server: Serving) -> None:
    result = home.run("show", "1")
    assert (result.code, result.stderr) == (0, "")
    whole = home.run("show", "1", "--json").json()
    lines = result.stdout.splitlines()
    assert lines[0] == "#1  POST /plain?a=1"
    assert f"Verification  missing\n              {whole['verification']['reason']}\n" in result.stdout
    assert "  Content-Type: application/json" in lines
    assert lines[-2:] == ["Body (9 B)", '{"id": 1}']
    assert whole["headers"][1] == ["Content-Type", "application/json"]
    assert "Framing       by Content-Length" in lines


def test_show_explains_what_was_odd_on_the_wire(home: Command, server: Serving) -> None:
    with Connection(server.address) as connection:
        connection.send(
            b"PUT /odd HTTP/1.1\r\nHost: h\r\nX-Fold: a\r\n b\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        connection.send(b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n")
        number = connection.read_reply().header("x-callback-delivery")
    shown = home.run("show", str(number)).stdout
    assert "Framing       chunked, in 2 chunks\n" in shown
    assert "On the wire   obs-fold: A header value goes on in a further line" in shown
    home.run("delete", str(number), "--yes")


def test_show_latest(home: Command, server: Serving) -> None:
    assert home.run("show", "latest", "--json").json()["id"] == 3
    assert home.run("show", "latest", "--json", "--endpoint", "/").json()["id"] == 3


def test_show_what_is_not_there(home: Command, server: Serving) -> None:
    for number in ("99", "99999999999999999999"):
        result = home.run("show", number)
        assert (result.code, result.stdout) == (3, "")
        assert result.stderr.count("\n") == 1
    assert home.run("show", "first").code == 2
    assert home.run("show", "1", "--json", "--body").code == 2


def test_show_body_is_the_exact_bytes(home: Command, server: Serving) -> None:
    assert home.run("show", "2", "--body").output == HOSTILE_BODY
    assert home.run("show", "3", "--body").output == bytes(range(256))


@pytest.mark.parametrize(
    "arguments", [("list",), ("show", "2"), ("show", "3"), ("list", "--json"), ("show", "2", "--json")]
)
def test_nothing_captured_reaches_the_terminal_unescaped(
    home: Command, server: Serving, arguments: tuple[str, ...]
) -> None:
    result = home.run(*arguments)
    assert result.code == 0
    assert is_safe(result.output)
    assert is_safe(result.stderr.encode())


def test_what_is_escaped_stays_readable(home: Command, server: Serving) -> None:
    shown = home.run("show", "2").stdout
    assert r"  X-C1: \x9b31m" in shown
    assert r"  X-Bidi: â\x80®evil" in shown  # bytes of a header are shown as latin-1, as the API has them
    assert "  X-Markup: [bold red]not markup[/]" in shown
    assert "\\x1b[2Jone\n\ttwo\\r\\x08\\x7f\\u202e\\u200b\\x9b end\n" in shown
    assert r"/%1b[31mred" in shown


def test_a_terminal_gets_even_the_body_escaped(home: Command, server: Serving) -> None:
    output = on_a_terminal(home, "show", "2", "--body")
    assert b"\x1b" not in output
    assert rb"\x1b[2Jone" in output
    assert b"exact bytes" in output


def test_colours_are_for_terminals_that_want_them(home: Command, server: Serving) -> None:
    assert b"\x1b[" in on_a_terminal(home, "list")
    assert b"\x1b" not in on_a_terminal(home, "list", NO_COLOR="1")
    assert b"\x1b" not in on_a_terminal(home, "show", "2", NO_COLOR="1")
    assert b"\x1b" not in on_a_terminal(home, "list", TERM="dumb")
    # Colours are ours alone: what was captured is as escaped as without them.
    assert rb"\x1b[2J" in on_a_terminal(home, "show", "2")


def test_a_reader_that_goes_away_is_no_error(home: Command, server: Serving) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    for arguments in (("list",), ("list", "--json"), ("show", "3", "--body"), ("list", "--help")):
        process = home.popen(*arguments, stdout=os.dup(writing))
        _, stderr = process.communicate(timeout=30)
        assert (process.returncode, stderr) == (0, b""), arguments
    os.close(writing)


def test_an_output_that_cannot_show_a_character_shows_its_escape(home: Command, server: Serving) -> None:
    server_environment = {"PYTHONIOENCODING": "ascii"}
    result = home.run("show", "1", "--help", environment=server_environment)
    assert result.code == 0
    assert home.run("list", environment=server_environment).code == 0


def test_a_file_is_read_through_its_server(home: Command, server: Serving) -> None:
    through = home.run("list", "--json", "--db", "callbacks.db")
    assert through.json() == home.run("list", "--json").json()


def test_a_file_is_read_without_a_server(command: Command) -> None:
    with command.serving("--db", "callbacks.db") as server:
        server.deliver("/one", b"1")
        server.deliver("/two", b"\x1b[2J")
        live = [
            command.run(*arguments, "--json").json()
            for arguments in (
                ("list",),
                ("list", "--after", "1"),
                ("show", "latest"),
                ("show", "1"),
                ("secrets", "list"),
            )
        ]
        endpoints = command.run("endpoints", "list", "--json").json()["endpoints"]
        server.stop()
    before = (command.folder / "callbacks.db").read_bytes()
    db = ("--db", "callbacks.db")
    read = [
        command.run(*arguments, *db, "--json").json()
        for arguments in (
            ("list",),
            ("list", "--after", "1"),
            ("show", "latest"),
            ("show", "1"),
            ("secrets", "list"),
        )
    ]
    assert read == live
    assert command.run("show", "2", "--body", *db).output == b"\x1b[2J"
    assert is_safe(command.run("show", "2", *db).output)
    [endpoint] = command.run("endpoints", "list", *db, "--json").json()["endpoints"]
    assert {**endpoint, "url": None} == {**endpoints[0], "url": None}
    assert (command.folder / "callbacks.db").read_bytes() == before


def test_what_a_file_does_not_hold(command: Command) -> None:
    missing = command.run("list", "--db", "nothing.db")
    assert (missing.code, missing.stdout) == (3, "")
    assert "nothing.db" in missing.stderr
    assert not (command.folder / "nothing.db").exists()
    with command.serving("--db", "callbacks.db") as server:
        server.stop()
    for arguments in (
        ("show", "latest"),
        ("show", "1"),
        ("show", "99999999999999999999"),
        ("list", "--endpoint", "/x"),
    ):
        result = command.run(*arguments, "--db", "callbacks.db")
        assert (result.code, result.stdout) == (3, ""), arguments
        assert result.stderr.count("\n") == 1
    empty = command.run("list", "--db", "callbacks.db")
    assert (empty.code, empty.stdout, empty.stderr) == (0, "", "No deliveries here yet.\n")


def test_what_can_be_named(command: Command, serving: Serving) -> None:
    both = command.run("list", "--db", "callbacks.db", "--url", serving.inspector_url)
    assert both.code == 2
    assert command.run("list", "--db", ":memory:").code == 2
    # A variable meant for serve does not stand in the way of an address.
    environment = {"CALLBACK_INSPECTOR_DB": "other.db"}
    assert command.run("list", "--url", serving.inspector_url, environment=environment).code == 0
    assert command.run("list", environment=environment).code == 3
    assert command.run("list", environment={"CALLBACK_INSPECTOR_URL": serving.inspector_url}).code == 0


def test_a_body_cut_short_and_a_body_too_large_to_show(command: Command) -> None:
    with command.serving("--db", ":memory:", "--max-body", "2MiB") as server:
        server.deliver("/whole", b"a" * (2 * 2**20))
        server.deliver("/cut", b"a" * (2 * 2**20 + 1))
        assert "--body" in command.run("show", "1").stderr
        assert command.run("show", "1", "--body").output == b"a" * (2 * 2**20)
        assert "cut off before its end" in command.run("show", "2").stdout
        assert " cut" in command.run("list").stdout


def on_a_terminal(command: Command, *arguments: str, **environment: str) -> bytes:
    """What the command writes, stdout and stderr, when a terminal is on the other side."""
    ours, theirs = pty.openpty()
    settings = {"TERM": "xterm-256color", "COLUMNS": "100", **environment}
    process = command.popen(*arguments, environment=settings, stdin=theirs, stdout=theirs)
    os.close(theirs)
    output = read_terminal(ours)
    os.close(ours)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 0
    return output.replace(b"\r\n", b"\n") + stderr
