"""curl commands read as requests: the same that curl itself sends when a shell runs them."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.requests import receiver, request

from inspector.content.curl import curl_command
from inspector.content.curl_reading import is_curl, read_curl_command
from inspector.content.shell_words import shell_words
from inspector.content.written_request import WrittenRequest
from inspector.errors import InvalidInput
from inspector.models import header_values

UNSIGNED = {b"user-agent", b"accept", b"content-length", b"connection", b"expect", b"accept-encoding"}
"""What curl adds by itself."""


def no_file(name: str) -> bytes:
    raise AssertionError(f"{name} was read")


def read(text: str, **variables: str) -> WrittenRequest:
    return read_curl_command(text, variables, no_file)


COMMANDS = [
    "curl {}/a",
    "curl -d 'a=1&b=2' {}/a?q=1",
    "curl -d a=1 -d 'b=two words' {}/a",
    "curl --data-urlencode 'a=é &' --data-urlencode =x=y --data-urlencode 'pl ain' {}/a",
    "curl -G -d a=1 -d b=2 {}/a?q=1",
    """curl --json '{{"a":"it'\\''s"}}' {}/a""",
    "curl -XPUT --data-binary $'a\\n\\x00b\\xff\\u00e9' {}/a".replace("\\x00", ""),
    "curl {}/a -sS --compressed -k -m 5 --data-raw @not-a-file",
    "curl -H 'X-A: 1' -H 'X-A:2' -H 'X-Empty;' -H 'Content-Type: text/x' -d x {}/",
    "curl -H 'Content-Type:' -d x {}/",
    "curl -d @file --data-binary @file {}/from-files",
    "curl -T file {}/put",
    "curl -u user:pass -A agent -e http://r/ -b c=d {}/a",
    'curl \\\n  -X "$VERB" \\\n  -H "X-Sig: ${{SIG:?}}" \\\n  {}/a',
    "curl --request-target /r%2F/../x {}/a",
    "curl -0 {}/old",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_request_is_the_one_that_curl_sends(command: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"line\r\nline\n")
    variables = {"VERB": "PATCH", "SIG": "s g"}
    with receiver() as (address, received):
        text = command.format(address)
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", **variables}
        done = subprocess.run(
            ["bash", "-c", text], cwd=tmp_path, env=environment, capture_output=True, timeout=20
        )
        assert done.returncode == 0, done.stderr
    found = read_curl_command(text, variables, lambda name: (tmp_path / name).read_bytes()).request
    target = found.target.decode("latin-1")
    assert received.request_line == f"{found.method} {target} HTTP/{found.http_version}".encode("latin-1")
    assert found.body == received.body
    signed = [pair for pair in received.headers if pair[0].lower() not in UNSIGNED]
    named = {name.lower() for name, _ in found.headers} & UNSIGNED - {b"content-length"}
    expected = [pair for pair in received.headers if pair[0].lower() in named]
    assert sorted(pair for pair in found.headers if pair[0].lower() != b"content-length") == sorted(
        [*signed, *expected]
    )


@settings(max_examples=200, deadline=None)
@given(
    body=st.binary(max_size=200) | st.text(max_size=100).map(str.encode),
    values=st.lists(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=20)),
)
def test_a_copied_command_is_read_back(body: bytes, values: list[str]) -> None:
    body = body.replace(b"\0", b"")
    headers = [("X-N", value.strip()) for value in values]
    sent = request(body, "application/json", *headers, target=b"/x?y=%20")
    command = curl_command(sent, "http://localhost:2255", reveal=True)
    found = read(command.text)
    assert (found.request.method, found.request.target, found.request.body) == ("POST", sent.target, body)
    assert found.url == "http://localhost:2255/x?y=%20"
    values_found = header_values(found.request.headers, b"x-n")
    assert values_found == [value.encode() for _, value in headers]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert read_curl_command(f"curl {text}", {}, lambda _name: b"").url


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("curl http://x | jq", "a pipe"),
        ("curl http://x; rm x", "a second command"),
        ("curl -d $(date) http://x", "a command substitution"),
        ("curl -d `date` http://x", "a command substitution"),
        ("curl -d x http://x > out", "a redirection"),
        ("curl -d 'x http://x", "not closed"),
        ("curl http://x\ncurl http://y", "a second line"),
        ("curl http://x http://y", "two addresses"),
        ("curl -d x", "no address"),
        ("curl -F a=b http://x", "boundary"),
        ('curl -H "X: $GONE" http://x', "no GONE"),
        ("curl http://x -d", "wants a value"),
        ("curl -H nonsense http://x", "no colon"),
        ("wget http://x", "does not begin with curl"),
    ],
)
def test_what_cannot_be_known_without_running_it_is_refused(command: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        read(command)


def test_words_are_the_shells(tmp_path: Path) -> None:
    text = r"""a 'b c' "d $V \" \$ \n" e\ f $'g\t\101\'' h"i"'j' "" k#l $ ${V} # m"""
    printed = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {text}"],
        env={"PATH": os.environ["PATH"], "V": "v v"},
        capture_output=True,
        check=True,
    ).stdout
    words = shell_words(text, {"V": "v"})
    # bash splits an unquoted variable at blanks, which no value of a header or body is meant to be.
    assert words[:-1] == [word.replace(b"v v", b"v") for word in printed.split(b"\0")[: len(words) - 1]]


@pytest.mark.parametrize(
    ("text", "is_one"), [("curl x", True), ("  $ curl x", True), ("curly x", False), ("POST /", False)]
)
def test_curl_is_told_from_other_text(text: str, is_one: bool) -> None:
    assert is_curl(text) is is_one
