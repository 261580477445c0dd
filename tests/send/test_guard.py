"""The guard in front of every connection. What lies elsewhere is only ever dialled on paper."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from support.recorder import Recorder, recorder, replying
from support.servers import running_server

from inspector.errors import TargetRefused
from inspector.send.dialer import SYSTEM, Network, Streams, on_this_machine, send
from inspector.send.exchange import Exchange
from inspector.send.outgoing import Outgoing
from inspector.send.targets import Rules, plain, read_target

REQUEST = Outgoing("POST", b"/x", (), b"{}")


@dataclass(slots=True)
class PaperNetwork:
    """A network that notes what is asked of it: names have these answers, and connections end at *recorder*,
    or are refused without one. Each look-up takes the next answer, the last for ever."""

    answers: list[list[str]] = field(default_factory=list)
    recorder: Recorder | None = None
    looked_up: list[tuple[str, int]] = field(default_factory=list)
    dialled: list[tuple[str, int]] = field(default_factory=list)

    @property
    def network(self) -> Network:
        return replace(SYSTEM, resolve=self.resolve, connect=self.connect)

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.looked_up.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def connect(
        self, address: str, port: int, _tls: ssl.SSLContext | None, _host: str | None
    ) -> Streams:
        self.dialled.append((address, port))
        if self.recorder is None:
            raise ConnectionRefusedError
        return await asyncio.open_connection("127.0.0.1", self.recorder.port)


def send_on_paper(url: str, paper: PaperNetwork, *, typed: bool = False) -> Exchange:
    target = read_target(url)
    rules = Rules().permit(target) if typed else Rules()
    return asyncio.run(send(REQUEST, target, rules, network=paper.network))


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize(
    "answers",
    [
        ["169.254.169.254"],
        ["::ffff:169.254.169.254"],
        ["64:ff9b::a9fe:a9fe"],
        ["2002:a9fe:a9fe::1"],
        ["fe80::1%1"],
        ["fd00:ec2::254"],
        ["100.100.100.200"],
        ["0.0.0.0"],
        ["::"],
        ["224.0.0.1"],
        ["127.0.0.1", "169.254.169.254"],
        ["::1", "93.184.216.34", "fe80::1"],
    ],
)
def test_one_forbidden_address_of_a_name_refuses_it_unasked(answers: list[str], typed: bool) -> None:
    paper = PaperNetwork([answers])
    with pytest.raises(TargetRefused):
        send_on_paper("http://agent.example:3000/", paper, typed=typed)
    assert paper.looked_up == [("agent.example", 3000)]
    assert paper.dialled == []


def test_a_name_elsewhere_needs_permission() -> None:
    paper = PaperNetwork([["93.184.216.34"]])
    with pytest.raises(TargetRefused, match=r"agent\.example \(93\.184\.216\.34\) is not on this machine"):
        send_on_paper("http://agent.example:3000/", paper)
    assert paper.dialled == []
    send_on_paper("http://agent.example:3000/", paper, typed=True)
    assert paper.dialled == [("93.184.216.34", 3000)]


def test_a_name_that_leads_here_and_elsewhere_is_not_this_machine() -> None:
    paper = PaperNetwork([["127.0.0.1", "93.184.216.34"]])
    with pytest.raises(TargetRefused):
        send_on_paper("http://agent.example:3000/", paper)
    assert paper.dialled == []


def test_a_name_is_looked_up_once_and_what_was_judged_is_dialled() -> None:
    async def run() -> tuple[Exchange, PaperNetwork, bytes]:
        async with recorder() as record:
            paper = PaperNetwork([["93.184.216.34"], ["127.0.0.1"], ["169.254.169.254"]], record)
            target = read_target("http://agent.example:3000/")
            done = await send(REQUEST, target, Rules().permit(target), network=paper.network)
        return done, paper, record.requests[0]

    done, paper, received = asyncio.run(run())
    assert paper.looked_up == [("agent.example", 3000)]
    assert paper.dialled == [("93.184.216.34", 3000)] == [done.address]
    assert received.startswith(b"POST /x HTTP/1.1\r\nHost: agent.example:3000\r\n")


def test_an_address_is_not_looked_up() -> None:
    paper = PaperNetwork([["127.0.0.1"]])
    send_on_paper("http://[::ffff:127.0.0.1]:3000/", paper)
    assert paper.looked_up == []
    assert paper.dialled == [("127.0.0.1", 3000)]


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"307 Temporary", b"308 Permanent"])
def test_a_redirect_is_a_reply_like_any_other(status: bytes) -> None:
    async def run() -> tuple[Exchange, Recorder]:
        elsewhere = b"http://169.254.169.254/latest/meta-data/"
        reply = b"HTTP/1.1 %s\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, elsewhere)
        async with recorder(replying(reply)) as record:
            paper = PaperNetwork([["127.0.0.1"]], record)
            done = await send(REQUEST, read_target("http://localhost:3000/"), Rules(), network=paper.network)
        return done, record

    done, record = asyncio.run(run())
    assert done.response is not None
    assert done.response.status == int(status[:3])
    assert record.connections == 1


def test_proxies_and_credentials_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / ".netrc").write_text("default login somebody password secret\n")
    monkeypatch.setenv("HOME", str(home))

    async def run() -> bytes:
        async with recorder() as proxy, recorder() as record:
            for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url)
            await send(REQUEST, read_target(record.url), Rules())
        assert proxy.connections == 0
        return record.requests[0]

    assert b"authorization" not in asyncio.run(run()).lower()


class TestOurOwnInspector:
    """A real server: its inspector takes nothing from here, its callback listener does."""

    @pytest.mark.parametrize(
        "spelling",
        [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "127.0.0.2",
            "0.0.0.0",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::]",
        ],
    )
    def test_is_refused_in_every_spelling(self, spelling: str) -> None:
        paper = PaperNetwork([["127.0.0.1", "::1"]])
        with pytest.raises(TargetRefused):
            self._send(spelling, 2256, Rules(inspector_ports=frozenset((2256,))), paper.network)
        assert paper.dialled == []

    def test_is_told_from_the_callback_listener_by_its_port(self) -> None:
        with running_server() as server:
            rules = Rules(inspector_ports=frozenset((server.inspector[1],)))
            for host in ("localhost", "127.0.0.1"):
                with pytest.raises(TargetRefused, match="the inspector itself"):
                    self._send(host, server.inspector[1], rules)
                done = self._send(host, server.callbacks[1], rules)
                assert done.response is not None
                assert done.response.status == 200
            assert server.store.count() == 2

    def test_is_refused_at_other_addresses_of_this_machine(self) -> None:
        paper = PaperNetwork([["10.1.2.3"]])
        here = replace(paper.network, is_here=lambda address: str(address) == "10.1.2.3")
        target = read_target("http://my-machine.example:2256/")
        rules = Rules(inspector_ports=frozenset((2256,))).permit(target)
        with pytest.raises(TargetRefused, match="the inspector itself"):
            asyncio.run(send(REQUEST, target, rules, network=here))
        assert paper.dialled == []

    def _send(self, host: str, port: int, rules: Rules, network: Network = SYSTEM) -> Exchange:
        target = read_target(f"http://{host}:{port}/")
        return asyncio.run(send(REQUEST, target, rules.permit(target), network=network))


def test_this_machine_knows_its_own_addresses() -> None:
    assert on_this_machine(plain(ipaddress.ip_address("127.0.0.1")))
    assert on_this_machine(plain(ipaddress.ip_address("::1")))
    assert not on_this_machine(plain(ipaddress.ip_address("192.0.2.1")))
    assert not on_this_machine(plain(ipaddress.ip_address("2001:db8::1")))
