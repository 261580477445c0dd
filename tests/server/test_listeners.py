"""Which sockets a server listens on, and what it says when it cannot."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from inspector.errors import DatabaseInUse, InspectorError, InvalidInput, PortInUse
from inspector.listeners import Listener
from inspector.server import Server
from inspector.settings import Settings

OTHER_HOST = "192.0.2.1"
"""An address for documentation (RFC 5737): no machine has it."""


def listener(port: int = 0, host: str | None = None) -> Listener:
    return Listener(host, port, "inspector_host", "inspector_port")


@pytest.fixture(params=[("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)], ids=["IPv4", "IPv6"])
def taken(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """An address and a port that somebody else listens on, on one family only."""
    host, family = request.param
    with socket.create_server((host, 0), family=family) as other:
        yield host, other.getsockname()[1]


def test_any_free_port_is_the_same_on_both_addresses() -> None:
    opened = listener().open()
    assert [each.getsockname()[0] for each in opened] == ["127.0.0.1", "::1"]
    assert len({each.getsockname()[1] for each in opened}) == 1
    assert {each.proto for each in opened} == {socket.IPPROTO_TCP}
    for each in opened:
        each.close()


def test_a_port_taken_on_one_address_is_taken(taken: tuple[str, int]) -> None:
    host, port = taken
    with pytest.raises(PortInUse) as problem:
        listener(port).open()
    assert str(port) in str(problem.value)
    assert host in str(problem.value)
    assert "--inspector-port 0" in str(problem.value)
    with socket.socket(socket.AF_INET if host == "::1" else socket.AF_INET6) as probe:
        probe.bind(("127.0.0.1" if host == "::1" else "::1", port))  # the other one was let go


def test_a_host_of_another_machine_is_refused() -> None:
    for host in (OTHER_HOST, "no-such-host.invalid"):
        with pytest.raises(InvalidInput) as problem:
            listener(host=host).open()
        assert [error.field for error in problem.value.errors] == ["inspector_host"]
        assert host in str(problem.value)


@pytest.mark.parametrize(
    ("host", "addresses"),
    [("127.0.0.1", ["127.0.0.1"]), ("::1", ["::1"]), ("0.0.0.0", ["0.0.0.0"]), ("", ["127.0.0.1", "::1"])],
)
def test_a_given_host_is_bound_alone(host: str, addresses: list[str]) -> None:
    opened = listener(host=host).open()
    assert [each.getsockname()[0] for each in opened] == addresses
    for each in opened:
        each.close()


def settings(folder: Path, **changes: object) -> Settings:
    return Settings(**{"database": folder / "callbacks.db", "port": 0, "inspector_port": 0, **changes})  # type: ignore[arg-type]  # a test's own choice


def test_a_server_that_cannot_listen_leaves_nothing_behind(tmp_path: Path, taken: tuple[str, int]) -> None:
    with pytest.raises(PortInUse, match=str(taken[1])):
        Server(settings(tmp_path, inspector_port=taken[1])).bind()
    with closing(Server(settings(tmp_path))) as second:
        second.bind()


def test_a_database_in_use_is_refused_and_its_ports_let_go(tmp_path: Path) -> None:
    with closing(Server(settings(tmp_path))) as first:
        first.bind()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with pytest.raises(DatabaseInUse):
            Server(settings(tmp_path, port=port)).bind()
        for each in listener(port=port).open():
            each.close()


def test_both_ports_the_same_is_refused(tmp_path: Path) -> None:
    (opened, *rest) = listener().open()
    port = opened.getsockname()[1]
    for each in (opened, *rest):
        each.close()
    with pytest.raises(InspectorError, match=str(port)):
        Server(settings(tmp_path, port=port, inspector_port=port)).bind()


@pytest.mark.parametrize(
    ("host", "url_host", "has_token"),
    [
        (None, "localhost", False),
        ("127.0.0.1", "127.0.0.1", False),
        ("::1", "[::1]", False),
        ("0.0.0.0", "localhost", True),
    ],
)
def test_an_inspector_beyond_loopback_demands_a_token(
    tmp_path: Path, host: str | None, url_host: str, has_token: bool
) -> None:
    with closing(Server(settings(tmp_path, inspector_host=host))) as server:
        server.bind()
        assert server.addresses.inspector_url == f"http://{url_host}:{server.addresses.inspector_port}/"
        assert bool(server.token) is has_token
        assert len(server.token or "x" * 40) >= 40


def test_a_given_token_stays(tmp_path: Path) -> None:
    assert Server(settings(tmp_path, inspector_host="0.0.0.0", token="given")).token == "given"
