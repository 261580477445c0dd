"""``schemes``: how senders sign; and schemes of one's own, wherever the name of a scheme stands."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from support.command import Command

from inspector.signing import scheme_names

SECRET = "a secret of mine"
KEYED = {"CALLBACK_SECRET": SECRET}
BODY = b'{"order": 1}'

ACME = """
[schemes.acme]
header = "X-Acme-Signature"
prefix = "v1="
encoding = "base64"
content = "{timestamp}.{body}"
timestamp_header = "X-Acme-Time"
"""


def acme_headers(body: bytes = BODY, at: int = 1_795_608_000) -> list[tuple[str, str]]:
    digest = hmac.new(SECRET.encode(), b"%d." % at + body, hashlib.sha256).digest()
    return [
        ("X-Acme-Time", str(at)),
        ("X-Acme-Signature", f"v1={base64.b64encode(digest).decode()}"),
    ]


def verify_options(at: int = 1_795_608_000) -> list[str]:
    headers = [word for name, value in acme_headers() for word in ("--header", f"{name}: {value}")]
    return ["--body", "-", *headers, "--now", str(at), "--json"]


def test_the_list_names_every_scheme(command: Command) -> None:
    listed = command.run("schemes", "list", "--json").json()["schemes"]
    assert tuple(each["name"] for each in listed) == scheme_names()
    table = command.run("schemes", "list")
    assert table.code == 0
    assert "X-Hub-Signature-256" in table.stdout
    assert table.stderr == f"{len(listed)} schemes.\n"


def test_one_scheme_is_shown(command: Command) -> None:
    shown = command.run("schemes", "show", "stripe")
    assert shown.code == 0
    assert shown.stdout.startswith("stripe, Stripe\n")
    assert "Signature header:      Stripe-Signature\n" in shown.stdout
    as_json = command.run("schemes", "show", "stripe", "--json").json()
    assert (as_json["signature_header"], as_json["own"]) == ("Stripe-Signature", False)
    assert command.run("schemes", "show", "nobody").code == 3


@pytest.mark.parametrize("place", ["callback-inspector.toml", "pyproject.toml", "--config", "--scheme-file"])
def test_a_scheme_of_ones_own_from_each_place(command: Command, place: str) -> None:
    text = ACME.replace("[schemes", "[tool.callback-inspector.schemes") if place == "pyproject.toml" else ACME
    file = "mine.toml" if place.startswith("--") else place
    (command.folder / file).write_text(text)
    named = [place, file] if place.startswith("--") else []
    shown = command.run("schemes", "show", "acme", *named)
    assert shown.stdout.startswith("acme, your own\n"), shown.stderr
    assert 'HMAC-SHA256 of the timestamp, ".", raw body, as base64' in shown.stdout
    assert "as you describe it" in shown.stdout
    for scheme in (["--scheme", "acme"], []):
        result = command.run("verify", *verify_options(), *scheme, *named, stdin=BODY, environment=KEYED)
        verdict = result.json()["verification"]
        assert (verdict["status"], verdict["scheme"]) == ("valid", "acme"), verdict
    late = command.run("verify", *verify_options(at=1_795_609_000), *named, stdin=BODY, environment=KEYED)
    assert late.json()["verification"]["status"] == "expired"


def test_a_server_knows_it_everywhere(command: Command) -> None:
    (command.folder / "mine.toml").write_text(ACME)
    (command.folder / "other.toml").write_text('[schemes.other]\nheader = "X-Other"\n')
    files = ["--scheme-file", "mine.toml", "--scheme-file", "other.toml"]
    with command.serving("--db", ":memory:", *files, environment=KEYED) as server:
        created = command.run(
            "endpoints",
            "create",
            "/acme",
            "--scheme",
            "acme",
            "--secret-file",
            "-",
            "--json",
            stdin=SECRET.encode(),
        )
        assert created.json()["scheme"] == "acme"
        tested = command.run(
            "send", f"{server.callback_url}acme", "--scheme", "acme", *files, environment=KEYED
        )
        assert tested.code == 0, tested.stderr
        by_auto = command.run("send", server.callback_url, "--scheme", "acme", *files, environment=KEYED)
        assert by_auto.code == 0
        for number in ("1", "2"):
            verdict = command.run("show", number, "--json").json()["verification"]
            assert (verdict["status"], verdict["scheme"]) == ("valid", "acme"), verdict
        generated = command.run(
            "endpoints", "create", "/other", "--scheme", "other", "--generate-secret", "--json"
        )
        assert generated.json()["secret"]
        refused = command.run("endpoints", "create", "/none", "--scheme", "nobody")
        assert (refused.code, "acme" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[schemes.acme]\nprefix = 'v1='\n", "mine.toml: schemes.acme.header: Name the header"),
        ("[schemes.acme]\nheader = 'X'\nhash = 'md5'\n", "schemes.acme.hash: The value must be one of sha1"),
        (
            "[schemes.acme]\nheader = 'X'\ntypo = '1'\n",
            "schemes.acme.typo: There is no such option; there are header, prefix,",
        ),
        ("[schemes.acme]\nheader = 1\n", "schemes.acme.header: The value must be text."),
        ("[schemes.acme]\nheader = 'X'\ncontent = '{timestamp}'\n", "timestamp_header"),
        ("[schemes.github]\nheader = 'X'\n", "schemes.github: There is a scheme github already"),
        ("[schemes.'A b']\nheader = 'X'\n", "The name must be of lower-case letters"),
        ("[schemes]\nacme = 'X'\n", "schemes.acme must be a table"),
        ("schemes = 'X'\n", "schemes must hold a table for each scheme"),
        ("header = 'X'\n", "there is no [schemes.NAME] in it"),
        ("[schemes", "mine.toml is not TOML"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(command: Command, text: str, said: str) -> None:
    (command.folder / "mine.toml").write_text(text)
    result = command.run("schemes", "list", "--scheme-file", "mine.toml")
    assert (result.code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_server_with_a_mistaken_scheme_does_not_start(command: Command) -> None:
    (command.folder / "callback-inspector.toml").write_text("[schemes.acme]\nprefix = 'v1='\n")
    result = command.run("serve", "--port", "0", "--db", ":memory:")
    assert (result.code, result.stdout) == (2, "")
    assert "callback-inspector.toml: schemes.acme.header: Name the header" in result.stderr


def test_two_files_cannot_name_one_scheme(command: Command) -> None:
    (command.folder / "callback-inspector.toml").write_text(ACME)
    (command.folder / "mine.toml").write_text(ACME)
    twice = command.run("schemes", "list", "--scheme-file", "mine.toml")
    assert (twice.code, "[schemes.acme] stands in callback-inspector.toml too" in twice.stderr) == (2, True)
    assert command.run("schemes", "list", "--scheme-file", "gone.toml").code == 3


def test_a_delivery_in_a_file_is_diagnosed_by_ones_own_schemes(command: Command) -> None:
    (command.folder / "mine.toml").write_text(ACME)
    files = ["--scheme-file", "mine.toml"]
    with command.serving("--db", "mine.db", *files, environment=KEYED) as server:
        named = ["--scheme", "acme", "--tamper", "reserialised"]
        sent = command.run("send", server.callback_url, *named, *files, environment=KEYED)
        assert sent.code == 0, sent.stderr
        server.stop()
    explained = command.run(
        "verify", "1", "--db", "mine.db", "--json", "--explain", *files, environment=KEYED
    ).json()
    assert explained["verification"]["scheme"] == "acme"
    assert explained["diagnosis"]["cause"].startswith("body_")


def test_the_options_of_a_file_stay_what_they_are(command: Command) -> None:
    (command.folder / "callback-inspector.toml").write_text(f"secret-env = 'MINE'\n{ACME}")
    result = command.run("verify", *verify_options(), stdin=BODY, environment={"MINE": SECRET})
    assert result.json()["verification"]["secret"] == "MINE"


def guessed(command: Command, *arguments: str, stdin: bytes = BODY) -> Any:
    return command.run("schemes", "guess", *arguments, "--json", stdin=stdin, environment=KEYED).json()[
        "guess"
    ]


def test_a_scheme_is_guessed_and_then_verifies(command: Command) -> None:
    digest = hmac.new(SECRET.encode(), BODY, hashlib.sha512).digest()
    header = f"X-Mine: sig={base64.b64encode(digest).decode()}"
    found = guessed(command, "--body", "-", "--header", header)
    assert found["scheme"] == "hmac"
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in found["scheme_options"].items())
    (command.folder / "mine.toml").write_text(f"[schemes.mine]\n{lines}\n")
    checked = command.run(
        "verify",
        "--body",
        "-",
        "--header",
        header,
        "--scheme-file",
        "mine.toml",
        stdin=BODY,
        environment=KEYED,
    )
    assert (checked.code, "scheme mine" in checked.stdout) == (0, True)
    printed = command.run(
        "schemes", "guess", "--body", "-", "--header", header, stdin=BODY, environment=KEYED
    )
    assert "[schemes.my-sender]\n" in printed.stdout
    (command.folder / "callback-inspector.toml").write_text(f"[schemes.mine]\n{lines}\n")
    assert guessed(command, "--body", "-", "--header", header)["scheme"] == "mine"
    with command.serving("--db", ":memory:", environment=KEYED) as server:
        name, _, value = header.partition(": ")
        server.deliver("/", BODY, [(name, value)])
        found = command.run("schemes", "guess", "latest", "--json").json()["guess"]
    assert (found["scheme"], found["scheme_options"]) == ("mine", {})


def test_a_stored_delivery_is_guessed_with_the_secrets_of_its_endpoint(command: Command) -> None:
    digest = hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()
    with command.serving("--db", ":memory:", environment=KEYED) as server:
        server.deliver("/", BODY, [("X-Mine", digest)])
        found = command.run("schemes", "guess", "latest", "--json").json()["guess"]
    assert (found["scheme"], found["scheme_options"]["hash"]) == ("hmac", "sha1")


def test_a_known_sender_is_guessed_and_nothing_is_not(command: Command) -> None:
    digest = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
    found = guessed(command, "--body", "-", "--header", f"X-Hub-Signature-256: sha256={digest}")
    assert found["scheme"] in ("github", "meta")
    nothing = command.run(
        "schemes", "guess", "--body", "-", "--header", "X-Mine: 00", stdin=BODY, environment=KEYED
    )
    assert (nothing.code, nothing.stdout) == (1, "")
