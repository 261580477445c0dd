"""The Verification tab as text: why, what differs, what was tried, attempts, handshakes, previews."""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from support import raw_http
from support.servers import RunningServer, running_server
from support.waiting import until

from inspector import sign

SECRET = "the-secret-of-the-sender"
BODY = b'{"order": 5126}'


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as running:
        running.client.send(
            "POST", "/api/endpoints", {"path": "/agents", "scheme": "blaxel", "secret": SECRET}
        )
        yield running


def text(page: bytes) -> str:
    """What one reads on *page*, tags and all white space but single blanks left out."""
    main = page.decode().partition("<main")[2]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def tab(server: RunningServer, number: int) -> str:
    reply = server.ask("GET", f"/deliveries/{number}?tab=verification", [("Accept", "text/html")])
    assert reply.status == 200
    return text(reply.body)


def post(server: RunningServer, target: str, **fields: str) -> tuple[int, str, str]:
    """A form post of the page: status, where it leads, what it says."""
    host = f"127.0.0.1:{server.inspector[1]}"
    headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", f"http://{host}")]
    reply = raw_http.send(server.inspector, "POST", target, headers, urlencode(fields).encode())
    return reply.status, reply.header("location") or "", text(reply.body)


def send(server: RunningServer, target: str, body: bytes, headers: list[tuple[str, str]]) -> int:
    return server.delivery(server.send("POST", target, headers, body)).id


def endpoint(server: RunningServer, path: str, **fields: Any) -> str:
    created = server.client.send("POST", "/api/endpoints", {"path": path, **fields})
    return str(created["id"])


def test_the_proven_cause_comes_first_with_what_to_do_and_where_it_differs(server: RunningServer) -> None:
    number = send(server, "/agents/a", BODY + b"\n", sign(BODY, SECRET))
    said = tab(server, number)
    assert "Invalid: what was signed is this body without its final newline" in said
    assert "--data-binary" in said
    assert "Byte 16 of the body, of 16 bytes here and 15 bytes when it was signed" in said
    assert "match The body without its final newline" in said
    assert re.search(r"no match The secret in other forms \d+ tried", said)
    assert "Key the text of the secret as it stands" in said


def test_without_a_cause_it_says_what_is_known(server: RunningServer) -> None:
    number = send(server, "/agents/b", b'{"a": 1.50}\n', sign(BODY, "nobody knows"))
    said = tab(server, number)
    assert "Invalid: the digest is not that of key-1" in said
    assert "cannot be told apart" in said
    assert "What is known" in said
    assert "1.50 or 1.5" in said
    assert "no match The body in other forms" in said


def test_what_is_valid_needs_no_causes(server: RunningServer) -> None:
    number = send(server, "/agents/c", BODY, sign(BODY, SECRET))
    said = tab(server, number)
    assert "Valid: signed with key-1" in said
    assert "Causes tried" not in said
    assert "What is known" not in said
    assert "Attempts of this message" not in said


def test_attempts_are_a_conversation(server: RunningServer) -> None:
    endpoint(server, "/github", scheme="github", secret=SECRET)
    signature = "sha256=" + hmac.digest(SECRET.encode(), BODY, "sha256").hex()
    headers = [("X-GitHub-Delivery", "d-1"), ("X-Hub-Signature-256", signature)]
    send(server, "/github", BODY, headers)
    send(server, "/github", BODY, headers)
    number = send(server, "/github", b"{}", [headers[0], ("X-Hub-Signature-256", "sha256=" + "0" * 64)])
    said = tab(server, number)
    assert "Attempts of this message attempt 1" in said
    assert "answered 200 same id, same body, same signature attempt 3" in said
    assert "same id, another body, fresh signature" in said
    assert "was promised" not in said  # GitHub's documentation does not speak of the signature
    assert "an attempt should repeat the body" in said
    assert "GitHub never sends again by itself" in said


def test_an_attempt_is_held_against_what_its_sender_documents(server: RunningServer) -> None:
    endpoint(server, "/shopify", scheme="shopify", secret=SECRET)
    for body in (BODY, b"{}"):
        signature = b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()
        headers = [("X-Shopify-Webhook-Id", "w-1"), ("X-Shopify-Hmac-Sha256", signature)]
        number = send(server, "/shopify", body, headers)
    said = tab(server, number)
    assert "the same signature was promised" in said
    assert "Shopify tries 8 times more within 4 hours" in said


def test_a_proven_cause_stands_above_every_tab(server: RunningServer) -> None:
    proving = endpoint(server, "/proven", scheme="blaxel", secret="of this endpoint alone")
    number = send(server, "/proven", BODY + b"\n", sign(BODY, "of this endpoint alone"))

    def above(name: str) -> str:
        return text(server.ask("GET", f"/deliveries/{number}?tab={name}").body)

    assert "Invalid: what was signed is this body" in tab(server, number)
    for other in ("body", "headers", "reply", "wire"):
        page = above(other)
        assert "invalid What was signed is this body without its final newline" in page
        assert "another secret signed it" not in page
    # It is told no longer than it holds.
    server.client.send("DELETE", f"/api/endpoints/{proving}/secrets/key-1")
    until(lambda: "no secret" in above("body"), what="the new verdict")
    assert "What was signed" not in above("body")


def test_no_form_of_a_key_is_told_where_there_is_none(server: RunningServer) -> None:
    endpoint(server, "/keyless", scheme="blaxel")
    said = tab(server, send(server, "/keyless", BODY, sign(BODY, SECRET)))
    assert "No secret: " in said
    assert "the text of the secret as it stands" not in said


def test_a_secret_that_was_handed_over_is_offered_until_it_is_taken(server: RunningServer) -> None:
    endpoint(server, "/handed")
    number = send(server, "/handed", b"{}", [("X-Hook-Secret", "handed-over-0123456789")])
    said = tab(server, number)
    assert "Add it to the secrets of /handed" in said
    assert UNPROVEN in said
    post(server, f"/deliveries/{number}/adopt")
    said = tab(server, number)
    assert "among the secrets of /handed, as asana" in said
    assert "Add it to" not in said
    assert UNPROVEN not in said


UNPROVEN = "whoever knows this address can have sent it"


@pytest.mark.parametrize(
    "body",
    [
        b'{"Type": "SubscriptionConfirmation", "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?T=t"}',
        b'{"type": "url_verification", "challenge": "c"}',
        b'{"application_id": "1", "type": 1}',
        b'{"live": "false", "notificationItems": []}',
        b'{"verification_token": "secret_1"}',
    ],
)
def test_what_a_sender_signs_is_not_excused_when_it_comes_unsigned(
    server: RunningServer, body: bytes
) -> None:
    said = tab(server, send(server, f"/agents/unsigned/{len(body)}", body, []))
    signs = b"verification_token" not in body
    assert ("Senders do not sign a handshake like this one." in said) is not signs
    # Only what leaves a person something to do needs the warning.
    assert (UNPROVEN in said) is (b"SubscribeURL" in body or not signs)


def test_a_handshake_says_what_is_left_to_do(server: RunningServer) -> None:
    link = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
    body = f'{{"Type": "SubscriptionConfirmation", "SubscribeURL": "{link}"}}'.encode()
    number = send(server, "/sns", body, [])
    page = server.ask("GET", f"/deliveries/{number}?tab=verification").body.decode()
    assert f'href="{link.replace("&", "&amp;")}"' in page
    assert 'rel="noopener noreferrer"' in page
    number = send(server, "/sns", body.replace(b"sns.eu-west-1.amazonaws.com", b"evil.test"), [])
    page = server.ask("GET", f"/deliveries/{number}?tab=verification").body.decode()
    assert 'href="https://evil.test' not in page
    assert "do not open it" in page
    assert "https://evil.test" in page


def test_the_secret_of_a_handshake_becomes_the_endpoints(server: RunningServer) -> None:
    endpoint(server, "/asana")
    number = send(server, "/asana", b"{}", [("X-Hook-Secret", "b537207f")])
    assert "It got that." in tab(server, number)
    reply = text(server.ask("GET", f"/deliveries/{number}?tab=reply").body)
    assert "handshake of asana" in reply
    assert "It answers a handshake. Asana hands over the secret" in reply
    for _ in range(2):  # once is enough
        status, where, _ = post(server, f"/deliveries/{number}/adopt")
        assert (status, where) == (303, f"/deliveries/{number}?tab=verification")
        infos = server.store.secrets.infos(server.store.endpoint("/asana").id)
        assert [info.name for info in infos] == ["asana"]
    again = send(server, "/asana", b"{}", [("X-Hook-Secret", "another")])
    assert post(server, f"/deliveries/{again}/adopt")[0] == 303
    infos = server.store.secrets.infos(server.store.endpoint("/asana").id)
    assert [info.name for info in infos] == ["asana", "key-1"]
    ordinary = send(server, "/asana", b"{}", [])
    assert post(server, f"/deliveries/{ordinary}/adopt")[0] == 404


def test_settings_can_be_tried_on_before_they_are_saved(server: RunningServer) -> None:
    number = endpoint(server, "/own", scheme="hmac", scheme_options={"header": "X-Old"}, secret=SECRET)
    fields = {
        "path": "/own",
        "name": "",
        "scheme": "hmac",
        "scheme_options.header": "X-Own",
        "scheme_options.content": "v1:{timestamp}:{body}",
        "scheme_options.timestamp_header": "X-At",
        "tolerance_seconds": "",
        "public_url": "",
        "preview": "",
    }
    url = f"/endpoints/{number}/preview"
    status, _, said = post(server, url, **fields)
    assert (status, "Nothing has come here yet" in said) == (200, True)
    signature = hmac.digest(SECRET.encode(), b"v1:1700000000:" + BODY, "sha256").hex()
    delivery = send(server, "/own", BODY, [("X-At", "1700000000"), ("X-Own", signature)])
    status, _, said = post(server, url, **fields)
    assert status == 200
    assert "Expired: the signature is right" in said
    assert f"not saved yet, make of #{delivery}" in said
    assert "v1:1700000000:" in said
    status, _, said = post(server, url, **{**fields, "preview": f"#{delivery}", "tolerance_seconds": "1e12"})
    assert status == 400
    status, _, said = post(server, url, **{**fields, "preview": "999999"})
    assert (status, "no delivery 999999" in said) == (400, True)
    status, _, said = post(server, url, **{**fields, "scheme_options.content": "{nothing}"})
    assert status == 400
    assert dict(server.store.endpoint("/own").scheme_options) == {"header": "X-Old"}
    assert post(server, f"/endpoints/{number}", **fields)[0] == 303
    assert server.store.endpoint("/own").scheme_options["header"] == "X-Own"
    until(lambda: server.store.delivery(delivery).verification.status == "expired", what="the new verdict")


def test_the_scheme_that_is_guessed_can_be_used(server: RunningServer) -> None:
    number = endpoint(server, "/guess", scheme="blaxel", secret=SECRET)
    signature = hmac.digest(SECRET.encode(), b"1700000000." + BODY, "sha512").hex()
    delivery = send(server, "/guess", BODY, [("X-My-Timestamp", "1700000000"), ("X-Mine", f"v2={signature}")])
    status, _, said = post(server, f"/deliveries/{delivery}/check", guess="yes", secret="", scheme="")
    assert status == 200
    assert "The X-Mine header holds HMAC-SHA512" in said
    assert "Use it for /guess" in said
    assert server.store.endpoint(number).scheme == "blaxel"
    wrong = post(server, f"/deliveries/{delivery}/check", guess="yes", secret="another", scheme="")
    assert "No header of this delivery holds a digest that this secret would give." in wrong[2]
    found = server.client.send("POST", f"/api/deliveries/{delivery}/guess", {})["guess"]
    assert (found["scheme"], found["secret"], found["secret_prefix"]) == ("hmac", "key-1", "")
    assert server.client.send("POST", f"/api/deliveries/{delivery}/guess", {"secret": "x"}) == {"guess": None}
    fields = {f"scheme_options.{name}": value for name, value in found["scheme_options"].items()}
    status, where, _ = post(server, f"/deliveries/{delivery}/use", scheme="hmac", **fields)
    assert (status, where) == (303, f"/deliveries/{delivery}?tab=verification")
    assert server.store.endpoint(number).scheme == "hmac"
    until(lambda: server.store.delivery(delivery).verification.status == "expired", what="the new verdict")
    assert server.store.delivery(delivery).verification.secret == "key-1"
