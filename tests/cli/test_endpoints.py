"""``endpoints``: registering, changing and deleting paths."""

from __future__ import annotations

import base64

import pytest
from support.command import Command, Serving


def test_create_answers_with_the_callback_url(command: Command, serving: Serving) -> None:
    result = command.run("endpoints", "create", "/agents", "--scheme", "github", "--name", "My agents")
    assert (result.code, result.stderr) == (0, "")
    assert f"Callback URL: {serving.callback_url}agents\n" in result.stdout
    serving.deliver("/agents/one")
    [root, agents] = command.run("endpoints", "list", "--json").json()["endpoints"]
    assert (root["path"], agents["path"], agents["scheme"], agents["name"]) == (
        "/",
        "/agents",
        "github",
        "My agents",
    )
    assert agents["deliveries"] == 1
    table = command.run("endpoints", "list").stdout
    assert f"{serving.callback_url}agents" in table
    assert agents["id"] in table


def test_a_path_can_be_generated(command: Command, serving: Serving) -> None:
    first, second = (command.run("endpoints", "create", "--json").json() for _ in range(2))
    assert first["path"] != second["path"]
    assert len(first["path"]) > 16


def test_every_field_can_be_given_and_changed(command: Command, serving: Serving) -> None:
    created = command.run(
        *("endpoints", "create", "/x", "--json", "--scheme", "hmac", "--scheme-option", "header=X-Sig"),
        *("--scheme-option", "encoding=base64", "--tolerance", "60", "--public-url", "https://t.example/x"),
        *(
            "--reject-invalid",
            "--reply-status",
            "202",
            "--reply-header",
            "X-A: 1",
            "--reply-header",
            "X-A: 2",
        ),
        *("--reply-body", "thanks", "--reply-delay", "0.5"),
        *("--handshake", "meta", "--verify-token", "local-token"),
    ).json()
    assert (created["handshake"], created["verify_token"]) == ("meta", "local-token")
    assert created["scheme_options"] == {"header": "X-Sig", "encoding": "base64"}
    assert (created["tolerance_seconds"], created["public_url"]) == (60, "https://t.example/x")
    assert created["reject_invalid"] is True
    assert created["reply"] == {
        "status": 202,
        "headers": [["X-A", "1"], ["X-A", "2"]],
        "body": "thanks",
        "delay_seconds": 0.5,
    }
    changed = command.run(
        *("endpoints", "set", created["id"], "--json", "--path", "/y", "--scheme-option", "encoding=hex"),
        *("--tolerance", "scheme", "--public-url", "", "--accept-invalid", "--reply-status", "503"),
        *("--handshake", "off", "--verify-token", ""),
    ).json()
    assert (changed["handshake"], changed["verify_token"]) == ("off", None)
    assert (changed["id"], changed["path"]) == (created["id"], "/y")
    assert changed["scheme_options"] == {"header": "X-Sig", "encoding": "hex"}
    assert (changed["tolerance_seconds"], changed["public_url"], changed["reject_invalid"]) == (
        None,
        None,
        False,
    )
    assert changed["reply"] == {**created["reply"], "status": 503}
    assert (
        command.run("endpoints", "set", "/y/", "--json", "--scheme", "github").json()["scheme_options"] == {}
    )
    assert serving.deliver("/y").status == 503


def test_a_reply_that_is_not_text_stays_when_its_status_changes(command: Command, serving: Serving) -> None:
    from inspector.client import Client

    body = base64.b64encode(b"\xff\x00").decode()
    Client(serving.inspector_url).send(
        "POST", "/api/endpoints", {"path": "/b", "reply": {"body_base64": body}}
    )
    assert command.run("endpoints", "set", "/b", "--reply-status", "201").code == 0
    reply = serving.deliver("/b")
    assert (reply.status, reply.body) == (201, b"\xff\x00")
    assert command.run("endpoints", "set", "/b", "--reply-body", "text").code == 0
    assert serving.deliver("/b").body == b"text"


def test_a_generated_secret_is_shown_once(command: Command, serving: Serving) -> None:
    result = command.run("endpoints", "create", "/g", "--generate-secret")
    [line] = [line for line in result.stdout.splitlines() if line.startswith("Secret: ")]
    secret = line.removeprefix("Secret: ")
    assert len(secret) == 32
    assert "only time" in result.stderr
    everything = (
        command.run("endpoints", "list", "--json").stdout + command.run("secrets", "list", "--json").stdout
    )
    assert secret not in everything


def test_a_secret_can_come_with_the_endpoint(command: Command) -> None:
    (command.folder / "secret").write_text("of-the-file\n")
    with command.serving("--db", ":memory:", environment={"HOOK_SECRET": "of-the-variable"}):
        assert command.run("endpoints", "create", "/file", "--secret-file", "secret").code == 0
        assert (
            command.run("endpoints", "create", "/stdin", "--secret-file", "-", stdin=b"of-the-file").code == 0
        )
        assert command.run("endpoints", "create", "/env", "--secret-env", "HOOK_SECRET").code == 0
        both = command.run("endpoints", "create", "/both", "--secret-env", "HOOK_SECRET", "--generate-secret")
        assert (both.code, both.stdout) == (2, "")
        found = {
            each["endpoint"]: each for each in command.run("secrets", "list", "--json").json()["secrets"]
        }
    assert found["/file"]["fingerprint"] == found["/stdin"]["fingerprint"]
    assert (found["/env"]["source"], found["/env"]["env"]) == ("env", "HOOK_SECRET")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("/x", "--scheme", "blaxl"), "scheme"),
        (("x",), "path"),
        (("/x?y",), "path"),
        (("/x", "--reply-status", "99"), "reply.status"),
        (("/x", "--reply-status", "many"), "--reply-status"),
        (("/x", "--reply-header", "no colon"), "--reply-header"),
        (("/x", "--reply-header", "Content-Length: 5"), "reply.headers"),
        (("/x", "--reply-delay", "nan"), "--reply-delay"),
        (("/x", "--tolerance", "-1"), "--tolerance"),
        (("/x", "--public-url", "nowhere"), "public_url"),
        (("/x", "--handshake", "nobody"), "handshake"),
        (("/x", "--scheme", "hmac", "--scheme-option", "hash=md1"), "scheme_options"),
        (("/x", "--scheme", "standard-webhooks", "--secret-file", "secret"), "secret"),
    ],
)
def test_bad_input_names_the_field(
    command: Command, serving: Serving, arguments: tuple[str, ...], field: str
) -> None:
    (command.folder / "secret").write_text("whsec_=not=base64=")
    result = command.run("endpoints", "create", *arguments)
    assert (result.code, result.stdout) == (2, "")
    assert field in result.stderr
    assert len(command.run("endpoints", "list", "--json").json()["endpoints"]) == 1


def test_a_path_is_taken_once(command: Command, serving: Serving) -> None:
    assert command.run("endpoints", "create", "/x").code == 0
    again = command.run("endpoints", "create", "/x")
    assert (again.code, again.stdout) == (2, "")
    assert "/x" in again.stderr


def test_set_wants_something_to_set(command: Command, serving: Serving) -> None:
    assert command.run("endpoints", "set", "/").code == 2
    unknown = command.run("endpoints", "set", "/unknown", "--name", "x")
    assert (unknown.code, unknown.stdout) == (3, "")


def test_delete_keeps_the_deliveries(command: Command, serving: Serving) -> None:
    command.run("endpoints", "create", "/x")
    serving.deliver("/x")
    assert command.run("endpoints", "delete", "/x").code == 0
    assert command.run("endpoints", "delete", "/x").code == 3
    assert command.run("list", "--json").json()["deliveries"][0]["path"] == "/x"
    root = command.run("endpoints", "delete", "/")
    assert (root.code, root.stdout) == (2, "")
    assert root.stderr.count("\n") == 1


def test_writing_needs_a_running_server(command: Command) -> None:
    with command.serving("--db", "callbacks.db") as server:
        assert command.run("endpoints", "create", "/x", "--db", "callbacks.db").code == 0
        server.stop()
    result = command.run("endpoints", "create", "/y", "--db", "callbacks.db")
    assert (result.code, result.stdout) == (5, "")
    assert "callbacks.db" in result.stderr
