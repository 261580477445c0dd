"""What the receiver makes of a request before it is stored: its endpoint, its message, its verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.models import Endpoint, Request
from inspector.receive.receiver import Receiver, message_of, path_of, url_behind
from inspector.settings import Settings
from inspector.store import Store

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def request(target: str = "/hook", host: str | None = "localhost:2255") -> Request:
    headers = () if host is None else ((b"HoSt", host.encode("latin-1")),)
    return Request(
        method="POST",
        target=target.encode("latin-1"),
        http_version="1.1",
        headers=headers,
        body=b"{}",
        client="127.0.0.1:50000",
        received_ns=int(NOON.timestamp()) * 10**9,
    )


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/a", "/a"),
        ("/a?b?c", "/a"),
        ("/a#b?c", "/a"),
        ("/a?b#c", "/a"),
        ("?", ""),
        ("*", "*"),
        ("http://x/a?b", "/a"),
        ("x://y", "/"),
        ("a?b://c/d", "a"),
    ],
)
def test_the_path_of_a_target(target: str, path: str) -> None:
    assert path_of(target.encode()) == path.encode()


@given(st.binary())
def test_a_path_is_the_beginning_of_its_target(target: bytes) -> None:
    path = path_of(target)
    assert target.startswith(path)
    assert not set(path) & set(b"?#")


@pytest.mark.parametrize(
    ("public_url", "endpoint_path", "target", "url"),
    [
        ("https://x.test/voice", "/hook", "/hook", "https://x.test/voice"),
        ("https://x.test/voice?t=7", "/hook", "/hook", "https://x.test/voice?t=7"),
        ("https://x.test/voice?t=7", "/hook", "/hook?t=8", "https://x.test/voice?t=8"),
        ("https://x.test/voice", "/hook", "/hook/more?a", "https://x.test/voice/more?a"),
        ("https://x.test/", "/", "/hook", "https://x.test/hook"),
        ("https://x.test", "/", "/hook", "https://x.test/hook"),
        ("https://x.test/all", "/", "/", "https://x.test/all"),
        ("https://x.test:443/a/", "/hook", "/hook/b", "https://x.test:443/a/b"),
    ],
)
def test_the_url_a_sender_knows_an_endpoint_by(
    public_url: str, endpoint_path: str, target: str, url: str
) -> None:
    assert url_behind(public_url, endpoint_path, target) == url


@pytest.mark.parametrize(
    ("target", "host", "public_url", "url"),
    [
        ("/hook?a", "localhost:2255", None, "http://localhost:2255/hook?a"),
        ("/hook", None, None, "http://localhost/hook"),
        ("/hook", "a\xff", None, "http://a\xff/hook"),
        ("/hook?a", "localhost:2255", "https://t.test/", "https://t.test/hook?a"),
        ("http://other.test/hook", "localhost", "https://t.test/", "http://other.test/hook"),
        ("*", "localhost", None, "*"),
    ],
)
def test_the_url_a_sender_knows_the_server_by(
    target: str, host: str | None, public_url: str | None, url: str
) -> None:
    root = Endpoint(id="root", path="/", created_at=NOON)
    assert message_of(request(target, host), root, public_url).url == url


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store.open(Settings())) as opened:
        yield opened


def test_a_scheme_nobody_knows_any_more_is_no_reason_to_lose_a_callback(store: Store) -> None:
    async def receive() -> int:
        await store.create_endpoint(Endpoint(id="old", path="/old", created_at=NOON, scheme="no-such-scheme"))
        receipt = await Receiver(store, Settings()).receive(request("/old/thing"))
        return receipt.delivery_id

    delivery = store.delivery(asyncio.run(receive()))
    assert (delivery.endpoint_id, delivery.verification.status) == ("old", "unconfigured")
    assert "no-such-scheme" in delivery.verification.reason


def test_two_requests_with_one_message_are_two_attempts(store: Store) -> None:
    async def receive() -> list[int]:
        receiver = Receiver(store, Settings())
        return [(await receiver.receive(request())).delivery_id for _ in range(2)]

    assert [store.delivery(number).attempt for number in asyncio.run(receive())] == [1, 2]
