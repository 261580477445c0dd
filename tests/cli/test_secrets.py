"""``secrets``: a value goes in by a safe way, and never comes out again."""

from __future__ import annotations

import os
import pty
from pathlib import Path

import pytest
from support.command import Command, Serving, read_terminal

import inspector

SECRET = "cbk_of_this_test"
BODY = b'{"status_code": 200}'


def status_of_signed(command: Command, serving: Serving, secret: str = SECRET) -> str:
    """The verdict on a callback that is signed with *secret*."""
    serving.deliver("/", BODY, inspector.sign(BODY, secret))
    return str(command.run("show", "latest", "--json").json()["verification"]["status"])


def test_from_standard_input(command: Command, serving: Serving) -> None:
    result = command.run("secrets", "add", "/", "-", stdin=f"{SECRET}\n".encode())
    assert (result.code, result.stdout) == (0, "")
    assert result.stderr == "Added secret key-1 to /.\n"
    # A pipe is as clear as the dash.
    again = command.run("secrets", "add", "/", stdin=SECRET.encode())
    assert (again.code, again.stderr) == (0, "Added secret key-2 to /.\n")
    assert status_of_signed(command, serving) == "valid"


def test_from_a_file(command: Command, serving: Serving) -> None:
    (command.folder / "secret").write_bytes(SECRET.encode() + b"\r\n")
    result = command.run("secrets", "add", "/", "--file", "secret", "--name", "main", "--json")
    assert (result.code, result.json()["name"], result.json()["source"]) == (0, "main", "stored")
    assert SECRET not in result.stdout + result.stderr
    assert status_of_signed(command, serving) == "valid"


def test_from_a_variable_of_the_server(command: Command) -> None:
    with command.serving("--db", ":memory:", environment={"HOOK_SECRET": SECRET}) as serving:
        assert command.run("secrets", "add", "/", "--env", "HOOK_SECRET").code == 0
        assert status_of_signed(command, serving) == "valid"
        unset = command.run("secrets", "add", "/", "--env", "NOT_THERE", "--name", "later")
        assert unset.code == 0
        assert "has no NOT_THERE" in unset.stderr
        listed = command.run("secrets", "list", "/").stdout
    assert "variable HOOK_SECRET" in listed
    assert "not set" in listed


def test_generated(command: Command, serving: Serving) -> None:
    result = command.run("secrets", "add", "/", "--generate")
    secret = result.stdout.removesuffix("\n")
    assert len(secret) == 32
    assert status_of_signed(command, serving, secret) == "valid"


def test_asked_for_without_an_echo(command: Command, serving: Serving) -> None:
    ours, theirs = pty.openpty()
    process = command.popen("secrets", "add", "/", stdin=theirs)
    os.close(theirs)
    # The prompt is on stderr, for stdout may be a file; the answer is typed once it is there.
    assert process.stderr is not None
    assert process.stderr.read(len("Secret: ")) == b"Secret: "
    os.write(ours, f"{SECRET}\n".encode())
    stdout, stderr = process.communicate(timeout=30)
    echo = read_terminal(ours)
    os.close(ours)
    assert (process.returncode, stdout) == (0, b"")
    assert SECRET.encode() not in echo + stderr
    assert status_of_signed(command, serving) == "valid"


@pytest.mark.parametrize(
    "arguments", [(SECRET,), ("-", SECRET), ("--secret", SECRET), (f"--secret={SECRET}",)]
)
def test_never_from_the_command_line(command: Command, serving: Serving, arguments: tuple[str, ...]) -> None:
    result = command.run("secrets", "add", "/", *arguments, stdin=b"x")
    assert (result.code, result.stdout) == (2, "")
    assert command.run("secrets", "list", "--json").json() == {"secrets": []}
    if "--secret" not in arguments[0]:
        assert "does not belong on the command line" in result.stderr
        assert SECRET not in result.stderr


def test_one_origin_at_a_time_and_at_least_one(command: Command, serving: Serving) -> None:
    assert command.run("secrets", "add", "/", "-", "--generate", stdin=b"x").code == 2
    nowhere = command.run("secrets", "add", "/")
    assert (nowhere.code, nowhere.stdout) == (2, "")
    assert nowhere.stderr.startswith("Error: secret")


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_an_unusable_value_is_refused(command: Command, serving: Serving, content: bytes) -> None:
    result = command.run("secrets", "add", "/", "-", stdin=content)
    assert (result.code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    assert command.run("secrets", "list", "--json").json() == {"secrets": []}


def test_rotation_and_removal(command: Command, serving: Serving) -> None:
    for value in (b"old", SECRET.encode()):
        assert command.run("secrets", "add", "/", "-", stdin=value).code == 0
    taken = command.run("secrets", "add", "/", "-", "--name", "key-1", stdin=b"x")
    assert (taken.code, taken.stdout) == (2, "")
    assert [each["name"] for each in command.run("secrets", "list", "--json").json()["secrets"]] == [
        "key-1",
        "key-2",
    ]
    assert status_of_signed(command, serving) == "valid"
    assert command.run("secrets", "remove", "/", "key-2").stderr == "Removed secret key-2 from /.\n"
    assert status_of_signed(command, serving) == "invalid"
    for name in ("key-2", "a/b", "../key-1", ""):
        assert command.run("secrets", "remove", "/", name).code in (2, 3)
    assert len(command.run("secrets", "list", "--json").json()["secrets"]) == 1


def test_of_an_endpoint_that_is_not_there(command: Command, serving: Serving) -> None:
    for arguments in (("list", "/x"), ("add", "/x", "--generate"), ("remove", "/x", "key-1")):
        result = command.run("secrets", *arguments)
        assert (result.code, result.stdout) == (3, ""), arguments
        assert "/x" in result.stderr


def test_the_value_is_in_no_output_and_in_no_other_file(command: Command) -> None:
    with command.serving("--db", "data/callbacks.db") as server:
        command.run("secrets", "add", "/", "-", stdin=SECRET.encode())
        shown = [
            command.run(*arguments) for arguments in (("secrets", "list"), ("secrets", "list", "--json"))
        ]
        ended = server.stop()
    assert "key-1" in shown[0].stdout
    assert all(SECRET not in result.stdout + result.stderr for result in [*shown, ended])
    holders = [
        path for path in command.folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()
    ]
    assert holders == [Path(command.folder, "data", "callbacks.secrets.json")]
    assert holders[0].stat().st_mode & 0o777 == 0o600
