"""``run``: a server around a command, told by the command's environment, gone with it."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest
from support.command import RUN_SECONDS, Command

CALLS = """
import json, os, sys, urllib.request
from inspector import sign
secret, url = os.environ["CALLBACK_SECRET"], os.environ["CALLBACK_URL"]
for line in sys.argv[1:]:
    body = line.encode()
    request = urllib.request.Request(url + "jobs", body, dict(sign(body, secret)))
    urllib.request.urlopen(request)
"""

ASKS = """
import json, os, urllib.request
print(json.dumps({name: os.environ.get(name) for name in (
    "CALLBACK_URL", "CALLBACK_SECRET", "CALLBACK_INSPECTOR_URL", "HOOK_SECRET")}))
with urllib.request.urlopen(os.environ["CALLBACK_INSPECTOR_URL"] + "api/endpoints") as answer:
    print(answer.read().decode())
"""

OTHER = {"PYTHONPATH": str(Path(__file__).parents[2])}


def test_the_command_is_told_where_to_call(command: Command) -> None:
    result = command.run("run", "--", sys.executable, "-c", ASKS)
    assert result.code == 0
    told, endpoints = map(json.loads, result.stdout.splitlines())
    assert re.fullmatch(r"http://localhost:\d+/", told["CALLBACK_URL"])
    assert re.fullmatch(r"http://localhost:\d+/", told["CALLBACK_INSPECTOR_URL"])
    assert re.fullmatch(r"[a-z0-9]{32}", told["CALLBACK_SECRET"])
    [secret] = endpoints["endpoints"][0]["secrets"]
    assert (secret["source"], secret["env"]) == ("env", "CALLBACK_SECRET")
    assert secret["fingerprint"]
    assert told["CALLBACK_INSPECTOR_URL"] in result.stderr
    again = json.loads(command.run("run", sys.executable, "-c", ASKS).stdout.splitlines()[0])
    assert again["CALLBACK_SECRET"] != told["CALLBACK_SECRET"]


def test_a_given_secret_is_used(command: Command) -> None:
    given = {"HOOK_SECRET": "s" * 32, "CALLBACK_SECRET": "another"}
    result = command.run(
        "run", "--secret-env", "HOOK_SECRET", "--", sys.executable, "-c", ASKS, environment=given
    )
    told, endpoints = map(json.loads, result.stdout.splitlines())
    assert (told["HOOK_SECRET"], told["CALLBACK_SECRET"]) == ("s" * 32, "s" * 32)
    assert [secret["env"] for secret in endpoints["endpoints"][0]["secrets"]] == ["HOOK_SECRET"]


def test_expectations_decide_where_the_command_does_not(command: Command) -> None:
    calls = (sys.executable, "-c", CALLS, '{"n":1}', '{"n":2}')
    expected = ("--expect", "verified:yes json.n:1", "--expect", "path:/jobs json.n:2")
    good = command.run("run", *expected, "--", *calls, environment=OTHER)
    assert (good.code, good.stdout) == (0, "")
    bad = command.run("run", *expected, "--expect", "json.n:3 method:POST", "--", *calls, environment=OTHER)
    assert (bad.code, bad.stdout) == (1, "")
    assert bad.stderr.splitlines()[1:4] == [
        "Expected a delivery that json.n:3 method:POST means; 2 deliveries came in all.",
        "  nearest  #2, 1 of 2 conditions hold",
        "    json.n  wanted 3  got 2",
    ]
    both = command.run("run", "--expect", "json.n:3", "--", sys.executable, "-c", "raise SystemExit(7)")
    assert both.code == 7
    assert "nothing came at all" in both.stderr


def test_what_comes_after_the_command_may_still_count(command: Command) -> None:
    later = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', *sys.argv[1:]])"
    result = command.run(
        "run", "--timeout", "20s", "--expect", "json.n:1", "--",
        sys.executable, "-c", later, CALLS, '{"n":1}', environment=OTHER,
    )  # fmt: skip
    assert result.code == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 9), (signal.SIGTERM, 9)])
def test_signals_are_handed_on(command: Command, number: signal.Signals, code: int) -> None:
    script = (
        "import signal, sys, time\n"
        f"signal.signal({number:d}, lambda *_: sys.exit({code}))\n"
        "print('ready', flush=True)\n"
        "time.sleep(30)\n"
    )
    with command.following("run", "--", sys.executable, "-c", script) as running:
        assert running.line() == "ready\n"
        assert running.stop(number).code == code


def test_how_the_command_ends_is_how_it_ends(command: Command) -> None:
    killed = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert command.run("run", "--", sys.executable, "-c", killed).code == 128 + signal.SIGKILL
    missing = command.run("run", "--", "no-such-command-here", "--port", "1")
    assert (missing.code, missing.stdout) == (127, "")
    assert "no-such-command-here" in missing.stderr
    assert command.run("run", "--", str(command.folder)).code == 126
    assert command.run("run").code == 2
    assert command.run("run", "--expect", "statsu:valid", "--", "true").code == 2


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--expect", ""),
        ("--expect", "  "),
        ("--secret-env", ""),
        ("--secret-env", "A=B"),
        ("--secret-env", "A\nB"),
        ("--timeout", "nan"),
        ("--timeout", "-1"),
    ],
)
def test_what_cannot_be_meant_is_said_before_the_command_runs(
    command: Command, option: str, value: str
) -> None:
    made = command.folder / "made"
    refused = command.run("run", option, value, "--", "touch", str(made))
    assert (refused.code, refused.stdout) == (2, "")
    assert f"'{option}'" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not made.exists()


def test_nothing_is_left_behind_and_nobody_else_finds_it(command: Command) -> None:
    looks = (
        "import os, subprocess, sys\n"
        "del os.environ['CALLBACK_INSPECTOR_URL']\n"
        "sys.exit(subprocess.call([sys.executable, '-m', 'inspector', 'list']))\n"
    )
    temporary = command.folder / "temporary"
    temporary.mkdir()
    environment = {**OTHER, "TMPDIR": str(temporary)}
    found = command.run("run", "--", sys.executable, "-c", looks, environment=environment)
    assert found.code == 5
    assert list(temporary.iterdir()) == []
    assert not command.runtime.exists()
    listed = command.run("run", "--", sys.executable, "-m", "inspector", "list", environment=OTHER)
    assert (listed.code, listed.stdout) == (0, "")


def test_under_github_actions_it_says_so_there(command: Command) -> None:
    page = command.folder / "summary.md"
    page.write_text("before\n")
    actions = {**OTHER, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(page)}
    hostile = '{"n":"|<b>`*_[x](javascript:1)"}'
    script = CALLS.replace('"jobs"', '"j%7C|<b>*"')
    result = command.run(
        "run", "--expect", "json.n:1", "--expect", "method:POST", "--",
        sys.executable, "-c", script, hostile, environment=actions,
    )  # fmt: skip
    assert result.code == 1
    assert result.stdout == ("::error title=Callback Inspector::No callback came that json.n:1 means.\n")
    told = page.read_text("utf-8")
    assert told.startswith("before\n### Callbacks\n")
    assert "- **not met**: json.n&#58;1\n" in told
    assert "- met: method&#58;POST\n" in told
    [row] = [line for line in told.splitlines() if line.startswith("| 1 ")]
    assert row == "| 1 | POST | /j&#37;7C&#124;&#60;b&#62;&#42; | valid | 200 | 32 |"


@pytest.mark.parametrize(("ends_with", "code"), [(7, 7), (0, 1)])
def test_what_cannot_be_told_changes_no_code(command: Command, ends_with: int, code: int) -> None:
    """Neither a summary that cannot be written, nor a reader of the error lines that is gone."""
    nowhere = command.folder / "no" / "summary.md"
    actions = {**OTHER, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(nowhere)}
    arguments = (
        "run", "--expect", "path:*", "--", sys.executable, "-c", f"raise SystemExit({ends_with})"
    )  # fmt: skip
    result = command.run(*arguments, environment=actions)
    assert result.code == code
    assert str(nowhere) in result.stderr
    reader, writer = os.pipe()
    os.close(reader)
    with command.popen(*arguments, environment=actions, stdout=writer) as unread:
        os.close(writer)
        unread.communicate(timeout=RUN_SECONDS)
    assert unread.returncode == code
