"""Over https the receiver proves who it is: by a trusted authority, for the name in the URL."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from support.recorder import recorder, replying

from inspector.send.dialer import SYSTEM, DialLimits, Network, send, verifying_tls
from inspector.send.exchange import Exchange, FailureClass
from inspector.send.outgoing import Outgoing
from inspector.send.targets import Rules, read_target

NAME = "agent.example"
REQUEST = Outgoing("POST", b"/", ((b"host", b"another.example"), (b"Content-Length", b"2")), b"{}")

Loop = Callable[[], asyncio.AbstractEventLoop]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that vouches for itself, made for one test run."""

    server: ssl.SSLContext
    file: Path

    def network(self, *, trusted: bool) -> Network:
        """Where the name and every other one lead to this machine, and the certificate may be trusted."""

        async def resolve(_host: str, _port: int) -> Sequence[str]:
            return ["127.0.0.1"]

        context = ssl.create_default_context(cafile=self.file) if trusted else verifying_tls()
        return replace(SYSTEM, resolve=resolve, tls=lambda: context)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "callback-inspector test")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return Certificate(context, file)


async def exchange(
    certificate: Certificate, *, host: str = NAME, trusted: bool = True
) -> tuple[Exchange, list[bytes]]:
    async with recorder(tls=certificate.server) as record:
        target = read_target(f"https://{host}:{record.port}/")
        network = certificate.network(trusted=trusted)
        return await send(REQUEST, target, Rules(), network=network), record.requests


LOOPS = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])


@LOOPS
@pytest.mark.parametrize("host", [NAME, "127.0.0.1"])
def test_one_that_proves_its_name(certificate: Certificate, loop: Loop, host: str) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        done, received = runner.run(exchange(certificate, host=host))
    assert done.failure is None
    assert done.response is not None
    assert done.response.body == b"ok"
    assert received == [b"POST / HTTP/1.1\r\nhost: another.example\r\nContent-Length: 2\r\n\r\n{}"]


@LOOPS
@pytest.mark.parametrize(("host", "trusted"), [("other.example", True), (NAME, False), ("127.0.0.1", False)])
def test_one_that_does_not_is_sent_nothing(
    certificate: Certificate, loop: Loop, host: str, trusted: bool
) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        done, received = runner.run(exchange(certificate, host=host, trusted=trusted))
    assert done.failure is not None
    assert done.failure.kind is FailureClass.TLS
    assert done.response is None
    assert received == []


@LOOPS
@pytest.mark.parametrize("reply", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_one_that_speaks_no_tls(certificate: Certificate, loop: Loop, reply: bytes) -> None:
    async def work() -> Exchange:
        async with recorder(replying(reply), reads=False) as record:
            target = read_target(f"https://127.0.0.1:{record.port}/")
            network = certificate.network(trusted=True)
            return await send(REQUEST, target, Rules(), limits=DialLimits(seconds=5), network=network)

    with asyncio.Runner(loop_factory=loop) as runner:
        done = runner.run(work())
    assert done.failure is not None
    assert done.failure.kind is FailureClass.TLS
    assert done.address is None
