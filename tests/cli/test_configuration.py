"""Where options come from: typed, environment, file, default; and what is said of unusable values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support.command import Command

from inspector.cli.configuration import configuration_option, setting
from inspector.cli.options import Size


@click.command()
@setting("--port", type=int, default=1)
@setting("--allow-host", multiple=True)
@setting("--behind-proxy", "proxied", is_flag=True)
@setting("--max-body", type=Size(), default=2)
@configuration_option
def probe(port: int, allow_host: Sequence[str], proxied: bool, max_body: int) -> None:
    """Prints what its options are."""
    click.echo(f"{port} {','.join(allow_host)} {proxied} {max_body}")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def outcome(*arguments: str, **environment: str) -> str:
    result = CliRunner().invoke(probe, arguments, env=environment, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output.strip()


def test_each_origin_gives_way_to_the_one_before(folder: Path) -> None:
    assert outcome() == "1  False 2"
    (folder / "pyproject.toml").write_text("[tool.callback-inspector]\nport = 10\nbehind-proxy = true\n")
    assert outcome() == "10  True 2"
    (folder / "callback-inspector.toml").write_text('port = 20\nmax-body = "1KiB"\n')
    assert outcome() == "20  False 1024"
    (folder / "other.toml").write_text('port = 30\nallow-host = ["a.example:1", "b.example:2"]\n')
    assert outcome("--config", "other.toml") == "30 a.example:1,b.example:2 False 2"
    assert outcome(CALLBACK_INSPECTOR_CONFIG="other.toml") == "30 a.example:1,b.example:2 False 2"
    assert (
        outcome("--config", "other.toml", CALLBACK_INSPECTOR_PORT="40")
        == "40 a.example:1,b.example:2 False 2"
    )
    assert outcome("--port", "50", CALLBACK_INSPECTOR_PORT="40") == "50  False 1024"


def test_variables_of_lists_and_switches(folder: Path) -> None:
    assert (
        outcome(CALLBACK_INSPECTOR_ALLOW_HOST="a:1 b:2", CALLBACK_INSPECTOR_BEHIND_PROXY="1")
        == "1 a:1,b:2 True 2"
    )


def test_other_tables_of_the_project_file_are_not_ours(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.ruff]\nport = 10\n')
    assert outcome() == "1  False 2"


@pytest.mark.parametrize(
    ("content", "code", "complaint"),
    [
        ("port = ", 2, "Error: --config: settings.toml is not TOML"),
        ("prot = 1", 2, "Error: settings.toml: there is no option 'prot'"),
        ("port = {}", 2, "Error: settings.toml: port wants a text, a number"),
        ("allow-host = [[]]", 2, "Error: settings.toml: allow-host wants a list of texts"),
        ("port = 1.5", 2, "Invalid value for '--port': '1.5'"),
        ("port = true", 2, "Invalid value for '--port': 'True'"),
        ("port = 70000", 2, "Invalid value for '--port': 70000"),
        ('max-body = "25 apples"', 2, "Invalid value for '--max-body': '25 apples'"),
        ('keep-bytes = ["1"]', 2, "Error: settings.toml: keep-bytes wants a text, a number"),
        ('allow-host = "a.example"', 2, "Invalid value for --allow-host: 'a.example'"),
        ('allow-host = ["a.example:1", "*:2"]', 2, "Invalid value for --allow-host: '*:2'"),
        (None, 3, "Error: --config: there is no file settings.toml"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    command: Command, content: str | None, code: int, complaint: str
) -> None:
    if content is not None:
        (command.folder / "settings.toml").write_text(content)
    result = command.run("serve", "--config", "settings.toml")
    assert (result.code, result.stdout) == (code, "")
    assert complaint in result.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--port", "none"), "'--port'"),
        (("--port", "65536"), "'--port'"),
        (("--inspector-port", "-1"), "'--inspector-port'"),
        (("--port", "4000", "--inspector-port", "4000"), "--inspector-port"),
        (("--max-body", "101MiB"), "'--max-body'"),
        (("--max-body", "0"), "'--max-body'"),
        (("--keep-bytes", "-1"), "'--keep-bytes'"),
        (("--keep-days", "nan"), "'--keep-days'"),
        (("--keep-deliveries", "many"), "'--keep-deliveries'"),
        (("--public-url", "tunnel.example"), "--public-url"),
        (("--public-url", "http://[::1"), "--public-url"),
        (("--allow-host", "*:80"), "--allow-host"),
        (("--no-such-option",), "--no-such-option"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(
    command: Command, arguments: Sequence[str], complaint: str
) -> None:
    result = command.run("serve", *arguments)
    assert (result.code, result.stdout) == (2, "")
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("0", 0),
        ("26214400", 26214400),
        ("25MiB", 26214400),
        ("25mib", 26214400),
        ("1.5 kB", 1500),
        ("1GiB", 2**30),
    ],
)
def test_sizes(text: str, size_bytes: int) -> None:
    assert Size().convert(text, None, None) == size_bytes


@pytest.mark.parametrize("text", ["", "MiB", "1 apple", "1e3", "-1", "0x10", "1..5", "٣", "inf"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a size"):
        Size().convert(text, None, None)


@pytest.mark.parametrize("content", [b"", b"\n", b"two words", b"caf\xc3\xa9", b"\xff", b"a\nb"])
def test_a_token_that_no_header_can_carry_is_refused(command: Command, content: bytes) -> None:
    (command.folder / "token").write_bytes(content)
    result = command.run("serve", "--token-file", "token")
    assert (result.code, result.stdout) == (2, "")
    assert "--token-file" in result.stderr


def test_a_missing_token_file_is_not_found(command: Command) -> None:
    assert command.run("serve", "--token-file", "token").code == 3
