"""Servers of tests come and go without a trace, beside each other, in this process or another."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.senders import doing, post, post_json
from support.servers import RunningServer, running_server

from inspector.errors import Refused
from inspector.testing import Endpoint, Inspector, InspectorError, OutOfUse, connect, start

CYCLES = 8


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningServer]:
    """A server that was not started by ``inspector.testing``, with a token."""
    with running_server(tmp_path, token="let-me-in") as server:
        yield server


def test_connected_to_a_running_server_it_is_the_same(running: RunningServer) -> None:
    url = running.server.addresses.inspector_url
    with connect(url, token="let-me-in") as inspector:
        endpoint = inspector.endpoint("remote")
        assert endpoint.send({"job": 1}).status == 200
        assert endpoint.wait_for(json={"job": 1}, verified=True).url.startswith(url)
        endpoint.reply_sequence(503, 200)
        assert [endpoint.send({"job": 1}).status for _ in range(2)] == [503, 200]
        assert inspector.url == running.server.addresses.callback_url
        assert running.store.endpoint(endpoint.id).path == endpoint.path
    assert [each.path for each in running.store.endpoints()] == ["/"]
    assert running.store.count() == 3


def test_a_token_is_asked_for(running: RunningServer) -> None:
    with pytest.raises(Refused, match="token"):
        connect(running.server.addresses.inspector_url)


def test_connecting_loads_no_web_stack() -> None:
    script = (
        "import sys, inspector.testing\n"
        "heavy = {'starlette', 'uvicorn', 'sqlite_utils', 'jinja2', 'sqlite3'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_two_servers_at_once_do_not_disturb_each_other() -> None:
    with start() as one, start() as other:
        first, second = one.endpoint("same"), other.endpoint("same")
        post_json(first, {"job": 1})
        with doing(lambda: post_json(second, {"job": 2})):
            assert second.wait_for().json() == {"job": 2}
        one.close()
        assert post(second).status == 200
        assert [each.method for each in second.deliveries] == ["POST", "POST"]
        assert first.url != second.url


def test_starting_again_and_again_leaves_nothing() -> None:
    def counted() -> tuple[int, int]:
        return threading.active_count(), len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # no Path is kept

    before: tuple[int, int] | None = None
    for cycle in range(CYCLES):
        with start() as inspector:
            endpoint = inspector.endpoint()
            wait = threading.Thread(target=_wait_until_closed, args=(endpoint,))
            wait.start()
            assert post(endpoint).status == 200
        wait.join()
        if cycle == 2:  # imports and caches are warm
            before = counted()
    assert before == counted()


def _wait_until_closed(endpoint: Endpoint) -> None:
    with suppress(InspectorError, OutOfUse):
        endpoint.wait_for(method="GET", timeout=60)


def test_many_endpoints_on_one_server() -> None:
    with start() as inspector:
        endpoints = [inspector.endpoint(f"job-{number}") for number in range(60)]
        assert len({endpoint.url for endpoint in endpoints}) == 60
        post_json(endpoints[30], {"job": 30})
        assert endpoints[30].wait_for().json() == {"job": 30}
        endpoints[31].expect_none(within=0.05)


def test_its_data_can_be_kept(tmp_path: Path) -> None:
    database = tmp_path / "kept.db"
    with start(db=database) as inspector:
        post_json(inspector.endpoint(path="/kept"), {"job": 1})
    with start(db=str(database)) as inspector:
        assert [each.json() for each in inspector.deliveries] == [{"job": 1}]


def test_one_secret_for_all() -> None:
    with start(secret="of-the-whole-run") as inspector:
        assert inspector.endpoint().secret == "of-the-whole-run"
        assert inspector.endpoint(secret="own").secret == "own"
        assert inspector.endpoint(scheme="none").secret is None


def test_the_limit_of_a_body_can_be_set() -> None:
    with start(max_body_bytes=10) as inspector:
        endpoint = inspector.endpoint()
        assert post(endpoint, b"0123456789a").status == 413
        assert not endpoint.wait_for().complete


def test_waits_can_be_longer_for_all() -> None:
    with start(timeout="50ms", timeout_scale=4) as inspector:
        began = time.monotonic()
        with pytest.raises(TimeoutError, match=r"within 0\.2 s"):
            inspector.endpoint().wait_for()
        assert time.monotonic() - began >= 0.2
        endpoint = inspector.endpoint()
        began = time.monotonic()
        endpoint.expect_none(within="50ms")
        assert time.monotonic() - began >= 0.2
        post(endpoint)
        began = time.monotonic()
        endpoint.wait_for_all(1, exactly=True, settle="50ms")
        assert time.monotonic() - began >= 0.2


def test_a_process_that_forgets_to_close_it_ends_clean(tmp_path: Path) -> None:
    script = (
        "from inspector.testing import start\n"
        "inspector = start()\n"
        "endpoint = inspector.endpoint()\n"
        "endpoint.send({})\n"
        "endpoint.wait_for()\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_a_server_started_inside_a_running_loop() -> None:
    async def scenario() -> Inspector:
        with start() as inspector:
            endpoint = inspector.endpoint()
            await endpoint.aio.send()
            await endpoint.aio.wait_for(verified=True)
            return inspector

    inspector = asyncio.run(scenario())
    with pytest.raises(OutOfUse):
        inspector.deliveries  # noqa: B018  # reading it is the point


def test_endpoints_are_made_as_they_are_wanted(inspector: Inspector) -> None:
    rotating = inspector.endpoint(secret=["new", "old"], tolerance="1h")
    body = b"{}"
    for secret in ("new", "old"):
        post(rotating, body, headers=rotating.sign(body, secret=secret).items())
    post(rotating, body, headers=rotating.sign(body, timestamp=time.time() - 3000).items())
    assert [each.verification.secret for each in rotating.assert_all_verified()] == [
        "key-1",
        "key-2",
        "key-1",
    ]
    assert rotating.secret == "new"

    tunnelled = inspector.endpoint(public_url="https://tunnel.example/hook", scheme="none")
    assert tunnelled.url == "https://tunnel.example/hook"

    options: dict[str, object] = {"header": "X-Own", "prefix": "v1="}
    own = inspector.endpoint(scheme="hmac", scheme_options=options, secret="s")
    assert own.sign(body)["X-Own"].startswith("v1=")
    assert own.send().expected == "valid"
    own.assert_all_verified()

    told_apart = inspector.endpoint(scheme="auto")
    post(told_apart, body, headers=told_apart.sign(body).items())
    assert told_apart.wait_for(verified=True).verification.scheme == "blaxel"
