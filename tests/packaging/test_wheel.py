"""What users install: the wheel, in an environment of its own, away from the checkout."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as `make dist` builds it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment that holds the wheel and what it depends on, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    return folder


@pytest.fixture
def serving(installed: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The installed command, serving from a folder outside the checkout; its ready file."""
    ready = tmp_path / "ready.json"
    command = [str(installed / "bin" / "callback-inspector"), "serve", "--port", "0", "--inspector-port", "0"]
    command += ["--db", ":memory:", "--ready-file", str(ready)]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 20
        while not ready.exists():
            assert process.poll() is None, "the server ended before it was ready"
            assert time.monotonic() < deadline, "the server was not ready in 20 s"
        yield json.loads(ready.read_text())
        process.terminate()
        process.communicate()
    assert process.returncode == 0


def fetch(url: str, data: bytes | None = None) -> tuple[str, bytes]:
    with urllib.request.urlopen(url, data, timeout=10) as reply:
        return reply.headers["Content-Type"], reply.read()


def test_wheel_holds_the_page_and_the_types_and_nothing_of_the_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {
        "inspector/py.typed",
        "inspector/templates/base.html",
        "inspector/signing/catalog/__init__.py",
    } <= names
    assert {f"inspector/static/{path.relative_to(ROOT / 'static')}" for path in static_files()} <= names
    assert not [name for name in names if name.split("/")[0] != "inspector" and ".dist-info/" not in name]


def static_files() -> list[Path]:
    files = [path for path in (ROOT / "static").rglob("*") if path.is_file()]
    assert files
    return files


def test_the_installed_page_has_its_styles(serving: dict[str, str]) -> None:
    kind, page = fetch(serving["inspector_url"])
    assert kind.startswith("text/html")
    styles = re.findall(r'<link rel="stylesheet" href="/([^"]+)"', page.decode())
    scripts = re.findall(r'<script type="module" src="/([^"]+)"', page.decode())
    assert styles
    assert scripts
    sheets = [fetch(serving["inspector_url"] + path) for path in styles]
    assert all(kind.startswith("text/css") and body for kind, body in sheets)
    assert any(b"--accent:" in body for _, body in sheets)
    for path in scripts:
        kind, body = fetch(serving["inspector_url"] + path)
        assert kind.startswith("text/javascript")
        assert body


def test_the_installed_command_keeps_a_callback(serving: dict[str, str]) -> None:
    fetch(serving["callback_url"] + "jobs/7", b'{"status_code":200}')
    _, listed = fetch(serving["inspector_url"] + "api/deliveries")
    [delivery] = json.loads(listed)["deliveries"]
    assert (delivery["method"], delivery["path"], delivery["body_size"]) == ("POST", "/jobs/7", 19)
