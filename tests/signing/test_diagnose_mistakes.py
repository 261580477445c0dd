"""Typical mistakes made on purpose in real Flask, FastAPI and Express programs: each is named."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

import pytest
import uvicorn
from support.mistaken_apps import fastapi_receiver, flask_receiver
from werkzeug.serving import make_server

import inspector
from inspector.signing.diagnosis import Diagnosis

NODE = Path(__file__).parent.parent / "node"
SECRET = "q7x2m9k4v1b8n3c6z0l5j2h7g4f1d8s3"
OBJECT = {"status_code": 200, "response_body": "café & crème", "timestamp": 1735891200}
COMPACT = json.dumps(OBJECT, separators=(",", ":"), ensure_ascii=False).encode()

Headers = list[tuple[str, str]]


def post(port: int, path: str, body: bytes, headers: Headers | None = None) -> bytes:
    """What the program on *port* answers to a POST."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path, body, dict(headers or [("Content-Type", "application/json")]))
        reply = connection.getresponse()
        answer = reply.read()
        assert reply.status == 200, answer
        return answer
    finally:
        connection.close()


@pytest.fixture(scope="module")
def flask_port() -> Iterator[int]:
    server = make_server("127.0.0.1", 0, flask_receiver(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join(30)
    server.server_close()


@pytest.fixture(scope="module")
def fastapi_port() -> Iterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(fastapi_receiver(), log_level="warning", lifespan="off", proxy_headers=False)
    )
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(30)


@pytest.fixture(scope="module")
def express_port() -> Iterator[int]:
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules" / "express").is_dir():
        assert "CI" not in os.environ, "Express is missing: npm ci --prefix tests/node"
        pytest.skip("Express is missing: npm ci --prefix tests/node")
    with subprocess.Popen(
        [node, "mistakes.js"], cwd=NODE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        yield int(program.stdout.readline())
        assert program.stdin is not None
        program.stdin.close()
        program.wait(30)


def diagnose(body: bytes, headers: Headers, secret: str = SECRET, **options: object) -> Diagnosis:
    """The diagnosis of what a program holds for the body that was signed."""
    scheme, url = options.get("scheme", "blaxel"), options.get("url")
    assert isinstance(scheme, str)
    assert url is None or isinstance(url, str)
    return inspector.diagnose(body, headers, secret, scheme=scheme, url=url)


def assert_named(diagnosis: Diagnosis, cause: str) -> None:
    assert diagnosis.cause == cause, diagnosis.causes
    assert diagnosis.causes[0].matched
    assert diagnosis.match is not None


class TestFlaskReceivers:
    def test_that_hashes_the_parsed_body(self, flask_port: int) -> None:
        """1: ``request.get_json()`` written again; the sender had written it with blanks."""
        sent = json.dumps(OBJECT).encode()
        hashed = post(flask_port, "/parsed", sent)
        assert hashed != sent
        assert_named(diagnose(hashed, inspector.sign(sent, SECRET)), "body_json_spaced_ascii")

    def test_that_strips_the_body(self, flask_port: int) -> None:
        """2: the text of the body, stripped."""
        sent = COMPACT + b"\n"
        hashed = post(flask_port, "/stripped", sent)
        assert_named(diagnose(hashed, inspector.sign(sent, SECRET)), "body_newline_removed")

    def test_that_hashes_a_field_of_the_form(self, flask_port: int) -> None:
        """3: GitHub's form-encoded deliveries, unwrapped first."""
        sent = b"payload=" + quote_plus(COMPACT).encode()
        hashed = post(
            flask_port, "/form-field", sent, [("Content-Type", "application/x-www-form-urlencoded")]
        )
        signed = inspector.sign(sent, SECRET, scheme="github")
        assert_named(diagnose(hashed, signed, scheme="github"), "body_form_decoded")

    def test_that_reads_its_secret_with_the_newline_of_the_file(self, tmp_path: Path) -> None:
        """4: a secret written by ``echo``, read without ``strip()``."""
        file = tmp_path / "secret"
        subprocess.run(["sh", "-c", 'echo "$1" > "$2"', "sh", SECRET, str(file)], check=True, timeout=30)
        secret = file.read_text()
        assert_named(diagnose(COMPACT, inspector.sign(COMPACT, SECRET), secret), "secret_whitespace")

    def test_that_takes_a_line_of_the_environment_file_for_the_secret(self) -> None:
        """5: the whole line, with name and quotes."""
        line = f'CALLBACK_SECRET="{SECRET}"'
        assert_named(diagnose(COMPACT, inspector.sign(COMPACT, SECRET), line), "secret_env_line")


class TestFastApiReceivers:
    def test_that_declares_a_model(self, fastapi_port: int) -> None:
        """6: a body parameter, written again with Python's blanks, where Stripe signs indented JSON."""
        sent = json.dumps(OBJECT, indent=2).encode()
        hashed = post(fastapi_port, "/model", sent)
        signed = inspector.sign(sent, SECRET, scheme="stripe")
        assert_named(diagnose(hashed, signed, scheme="stripe"), "body_json_indent2_ascii")

    def test_that_decodes_with_a_wrong_charset(self, fastapi_port: int) -> None:
        """7: UTF-8 read as ISO-8859-1."""
        hashed = post(fastapi_port, "/latin1", COMPACT)
        assert_named(diagnose(hashed, inspector.sign(COMPACT, SECRET)), "body_charset")

    def test_that_verifies_its_own_idea_of_the_url(self, fastapi_port: int) -> None:
        """8: behind a proxy that ends TLS, ``request.url`` is not what was called."""
        signed = inspector.sign(COMPACT, SECRET, scheme="square", url="https://hooks.example.com/url")
        arrived = [*signed, ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "hooks.example.com")]
        url = post(fastapi_port, "/url", COMPACT, arrived).decode()
        assert url == f"http://127.0.0.1:{fastapi_port}/url"
        assert_named(diagnose(COMPACT, arrived, scheme="square", url=url), "url_proxy")


class TestExpressReceivers:
    def test_that_uses_the_json_middleware(self, express_port: int) -> None:
        """9: ``express.json()`` and ``JSON.stringify(request.body)``, where the sender indents."""
        sent = json.dumps(OBJECT, indent=2, ensure_ascii=False).encode()
        hashed = post(express_port, "/receive/parsed", sent)
        assert hashed == COMPACT
        assert_named(diagnose(hashed, inspector.sign(sent, SECRET)), "body_json_indent2")

    def test_that_reads_text_as_latin1(self, express_port: int) -> None:
        hashed = post(express_port, "/receive/text-as-latin1", COMPACT)
        assert_named(diagnose(hashed, inspector.sign(COMPACT, SECRET)), "body_charset")

    def test_behind_a_gateway_that_hands_over_base64(self, express_port: int) -> None:
        """10: the body of a gateway's event."""
        hashed = post(express_port, "/receive/base64-event", COMPACT)
        assert_named(diagnose(hashed, inspector.sign(COMPACT, SECRET)), "body_base64")


class TestExpressSenders:
    """11 and on: what is captured is diagnosed."""

    @pytest.mark.parametrize(
        ("mistake", "cause"),
        [
            ("base64", "encoding_base64"),
            ("timestamp-signed", "content_ts_dot_body"),
            ("milliseconds", "timestamp_unit_ms"),
            ("object", "body_as_object"),
            ("sha1", "hash_sha1"),
        ],
    )
    def test_that_signs_wrongly(self, express_port: int, mistake: str, cause: str) -> None:
        with recording() as (url, captured):
            post(
                express_port,
                f"/send/{mistake}?{urlencode({'to': url, 'secret': SECRET}, quote_via=quote)}",
                b"",
            )
        ((headers, body),) = captured
        assert_named(diagnose(body, list(headers.items())), cause)

    def test_that_has_the_secret_of_another_endpoint(self, express_port: int) -> None:
        with recording() as (url, captured):
            post(
                express_port, f"/send/milliseconds?{urlencode({'to': url, 'secret': 'staging-secret'})}", b""
            )
        ((headers, body),) = captured
        diagnosis = inspector.diagnose(
            body, headers, SECRET, now=time.time(), other_secrets={"staging": "staging-secret"}
        )
        assert_named(diagnosis, "other_secret:staging")


@contextmanager
def recording() -> Iterator[tuple[str, list[tuple[Mapping[str, str], bytes]]]]:
    """A server that keeps headers and body of what it is sent, and its URL."""
    captured: list[tuple[Mapping[str, str], bytes]] = []

    class Recorder(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            captured.append((dict(self.headers.items()), body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/hook", captured
        finally:
            server.shutdown()
            thread.join(30)
