"""``export`` and ``import``: deliveries leave as a file and come back as they were."""

from __future__ import annotations

import base64
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.command import RUN_SECONDS, Command, Serving, read_terminal
from support.strangers import answering

from inspector.client import Client

NOW = datetime.now(UTC).isoformat()
BODIES = (b'{"a": 1}', bytes(range(256)), b"", "\u202eé".encode())
HEADERS = [
    ("Content-Type", "text/plain"),
    ("Authorization", "Bearer s3cr3t"),
    ("X-Twice", "1"),
    ("X-Twice", "2"),
]
KEPT = ("method", "path", "headers", "body_base64", "received_at", "note", "pinned", "complete")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Command:
    return Command(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def server(home: Command) -> Iterator[Serving]:
    """A server with deliveries that no test changes: four with a credential, one pinned with a note."""
    with home.serving("--db", "callbacks.db") as serving:
        for number, body in enumerate(BODIES, 1):
            serving.deliver(f"/{number}?token=t0p", body, HEADERS, method="PUT" if number == 2 else "POST")
        serving.deliver("/plain", b"plain")
        client = Client(serving.inspector_url)
        client.send("PATCH", "/api/deliveries/2", {"note": "kept", "pinned": True})
        yield serving


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Command]:
    """Another home, where an empty server runs."""
    folder = tmp_path / "other"
    folder.mkdir()
    command = Command(folder)
    with command.serving("--db", ":memory:"):
        yield command


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def entries(text: str) -> list[dict[str, Any]]:
    log = json.loads(text)["log"]
    assert log["version"] == "1.2"
    found = log["entries"]
    assert isinstance(found, list)
    return found


def whole(command: Command) -> list[dict[str, Any]]:
    """What is kept of every delivery, oldest first."""
    page = command.run("list", "--after", "0", "--json").json()
    shown = (command.run("show", str(row["id"]), "--json").json() for row in page["deliveries"])
    return [{key: delivery[key] for key in KEPT} for delivery in shown]


def test_json_lines_to_stdout(home: Command, server: Serving) -> None:
    result = home.run("export", "--format", "jsonl")
    assert result.code == 0
    found = lines(result.stdout)
    assert [each["id"] for each in found] == [1, 2, 3, 4, 5]
    assert [base64.b64decode(each["body_base64"]) for each in found] == [*BODIES, b"plain"]
    assert "s3cr3t" not in result.stdout
    assert "t0p" not in result.stdout
    said = result.stderr.splitlines()
    assert said[0] == "Exported 5 deliveries."
    assert said[1].startswith("Masked: ")
    assert "Authorization (4 deliveries)" in said[1]
    assert "token (4 deliveries)" in said[1]
    assert said[1].endswith("--reveal leaves credentials in.")


def test_har_is_the_default(home: Command, server: Serving) -> None:
    result = home.run("export")
    found = entries(result.stdout)
    assert len(found) == 5
    assert [pair["value"] for pair in found[0]["request"]["headers"] if pair["name"] == "X-Twice"] == [
        "1",
        "2",
    ]
    assert "s3cr3t" not in result.stdout
    assert "Authorization (4 deliveries)" in result.stderr


@pytest.mark.parametrize("form", ["har", "jsonl"])
def test_credentials_can_be_revealed(home: Command, server: Serving, form: str) -> None:
    result = home.run("export", "--format", form, "--reveal")
    assert result.stdout.count("Bearer s3cr3t") == 4
    assert result.stderr == "Exported 5 deliveries.\n"


def test_some_are_chosen_by_filter_and_endpoint(home: Command, server: Serving) -> None:
    result = home.run("export", "method:put", "--format", "jsonl", "--endpoint", "/")
    assert [each["id"] for each in lines(result.stdout)] == [2]
    assert result.stderr.startswith("Exported 1 delivery.\n")
    nothing = home.run("export", "no", "such", "thing")
    assert (nothing.code, entries(nothing.stdout)) == (0, [])
    assert nothing.stderr == "Exported 0 deliveries.\n"


@pytest.mark.parametrize("form", ["har", "jsonl"])
def test_what_is_exported_comes_back_as_it_was(
    home: Command, server: Serving, other: Command, form: str
) -> None:
    file = other.folder / f"kept.{form}"
    assert home.run("export", "--format", form, "--reveal", "-o", str(file)).code == 0
    result = other.run("import", file.name)
    assert (result.code, result.stdout, result.stderr) == (0, "", "Imported 5 deliveries: #1 to #5.\n")
    assert whole(other) == whole(home)


def test_import_reads_stdin_and_another_tools_har(other: Command) -> None:
    entry = {
        "startedDateTime": "2126-11-25T10:00:00+01:00",
        "request": {
            "method": "POST",
            "url": "https://shop.example/hook?a=1",
            "headers": [],
            "postData": {"text": "x"},
        },
    }
    result = other.run("import", "-", stdin=json.dumps({"log": {"entries": [entry]}}).encode())
    assert (result.code, result.stderr) == (0, "Imported 1 delivery: #1.\n")
    [delivery] = whole(other)
    assert (delivery["path"], delivery["received_at"]) == ("/hook?a=1", "2126-11-25T09:00:00.000000Z")


@pytest.mark.parametrize("form", ["har", "jsonl"])
def test_a_long_file_goes_in_parts_and_in_order(other: Command, form: str) -> None:
    body = base64.b64encode(b"a" * 1_500_000).decode()
    record = {"method": "POST", "received_at": NOW, "body_base64": body}
    if form == "jsonl":
        data = "\n".join(json.dumps({**record, "path": f"/{number}"}) for number in range(12))
    else:
        request = {"method": "POST", "headers": [], "postData": {"text": body, "encoding": "base64"}}
        listed = [
            {"startedDateTime": NOW, "request": {**request, "url": f"http://h/{number}"}}
            for number in range(12)
        ]
        data = json.dumps({"log": {"entries": listed}})
    result = other.run("import", "-", stdin=data.encode())
    assert (result.code, result.stderr) == (0, "Imported 12 deliveries: #1 to #12.\n")
    page = other.run("list", "--after", "0", "--json").json()["deliveries"]
    assert [(row["path"], row["body_size"]) for row in page] == [(f"/{n}", 1_500_000) for n in range(12)]


GOOD = json.dumps({"method": "POST", "path": "/good", "received_at": NOW}).encode() + b"\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (GOOD + b'{"method": 1}\n', "line 2: method must be a string"),
        (GOOD + b"\nnothing\n", "line 3 is not a JSON object"),
        (GOOD + b'{"method": "POST", "path": "/", "received_at": "today"}', "line 2: received_at"),
        (b'{"log": {"entries": [{"request": {}}]}}', "entry 1, request: method"),
        (b"PK\x03\x04", "neither a HAR file nor JSON Lines"),
        (b"", "neither a HAR file nor JSON Lines"),
        (GOOD.replace(b"POST", b"PO ST"), "delivery 1: its method is none"),
    ],
    ids=["field", "line", "time", "har", "archive", "empty", "method"],
)
def test_what_cannot_be_understood_is_named_and_nothing_is_imported(
    other: Command, data: bytes, said: str
) -> None:
    result = other.run("import", "-", stdin=data)
    assert (result.code, result.stdout) == (2, "")
    assert said in result.stderr
    assert whole(other) == []


def test_what_fails_in_the_middle_says_how_much_is_there(other: Command) -> None:
    body = base64.b64encode(b"a" * 3_000_000).decode()
    record = {"received_at": NOW, "body_base64": body, "path": "/"}
    methods = ("POST", "POST", "POST", "NO SUCH", "POST")
    data = "\n".join(json.dumps({**record, "method": method}) for method in methods)
    result = other.run("import", "-", stdin=data.encode())
    assert (result.code, result.stdout) == (2, "")
    before, error = result.stderr.splitlines()
    assert before == "3 of 5 deliveries in the file had been imported when this happened:"
    assert "its method is none" in error
    assert len(whole(other)) == 3


def test_a_file_is_written_whole_or_not_at_all(home: Command, server: Serving) -> None:
    output = home.folder / "all.har"
    output.write_text("before")
    assert home.run("export", "statsu:x", "-o", "all.har").code == 2
    assert home.run("export", "--endpoint", "/unknown", "-o", "all.har").code == 3
    assert output.read_text() == "before"
    assert home.run("export", "--output", "all.har").code == 0
    assert len(entries(output.read_text())) == 5
    assert home.run("export", "-o", "missing/all.har").code == 3
    assert home.run("export", "-o", "/dev/null").code == 0
    assert not [path for path in home.folder.iterdir() if path.name.startswith(".all.har")]


def test_an_export_that_breaks_off_leaves_what_was_there(home: Command) -> None:
    output = home.folder / "broken.jsonl"
    output.write_text("before")
    broken = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n"
    with answering(broken) as url:
        result = home.run("export", "--url", url, "--format", "jsonl", "-o", "broken.jsonl")
    assert (result.code, result.stdout) == (5, "")
    assert "Exported" not in result.stderr
    assert output.read_text() == "before"
    assert not [path for path in home.folder.iterdir() if path.name.startswith(".broken")]


def test_a_database_is_exported_as_its_server_exports_it(command: Command) -> None:
    with command.serving("--db", "callbacks.db") as server:
        for number in range(3):
            server.deliver(f"/{number}", b"x", HEADERS)
        live = [command.run("export", "path:/0", "--format", form) for form in ("har", "jsonl")]
        server.stop()
    for form, before in zip(("har", "jsonl"), live, strict=True):
        after = command.run("export", "path:/0", "--format", form, "--db", "callbacks.db")
        assert after.stderr == before.stderr
        if form == "jsonl":
            assert after.stdout == before.stdout
        assert (
            [each["id"] for each in lines(after.stdout)] == [1] if form == "jsonl" else entries(after.stdout)
        )
    assert command.run("import", "-", "--db", "callbacks.db", stdin=GOOD).code == 5


def test_a_terminal_sees_the_progress_and_nothing_else_does(
    home: Command, server: Serving, other: Command
) -> None:
    file = other.folder / "all.jsonl"
    assert "Exporting" in seen(home, "export", "--format", "jsonl", "--reveal", "-o", str(file))
    assert "Importing" in seen(other, "import", file.name)
    assert "5/5" in seen(other, "import", file.name)
    quiet = other.run("import", file.name)
    assert quiet.stderr == "Imported 5 deliveries: #11 to #15.\n"


def seen(command: Command, *arguments: str) -> str:
    """What a terminal behind stderr shows while the command runs."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "inspector", *arguments],
        env={**command.environment, "TERM": "xterm"},
        cwd=command.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    output = read_terminal(ours)
    os.close(ours)
    assert process.wait(RUN_SECONDS) == 0
    return output.decode()


def test_what_cannot_be_imported(other: Command) -> None:
    for arguments, code in ((("not-there.har",), 3), ((".",), 2), ((), 2)):
        result = other.run("import", *arguments)
        assert (result.code, result.stdout) == (code, ""), arguments
        assert "Traceback" not in result.stderr


def test_those_too_old_to_stay_are_told(other: Command) -> None:
    old = {"method": "POST", "path": "/", "received_at": "2001-01-01T00:00:00Z"}
    data = json.dumps(old) + "\n" + json.dumps({**old, "pinned": True}) + "\n" + GOOD.decode()
    result = other.run("import", "-", stdin=data.encode())
    assert result.code == 0
    imported, aged = result.stderr.splitlines()
    assert imported == "Imported 3 deliveries: #1 to #3."
    assert aged.startswith("1 delivery of them will not stay: received more than 30 days ago")
