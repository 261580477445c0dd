"""The pytest plugin in runs of its own: fixtures, marker, options, reports, and what it leaves behind."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from support.servers import running_server

PLUGINS = ("-p", "inspector.pytest_plugin", "-p", "no:cacheprovider")
"""What is loaded in most runs, which is quicker than everything that is installed; the examples load that."""

SEND = "assert callbacks.send({'job': 1, 'password': 'hunter2'}).status == 200"


@pytest.fixture
def project(pytester: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty project; what is made in the system's temporary folder ends up in ``tmp_path``."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "CALLBACK_INSPECTOR_URL", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return pytester


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """A run of the project's tests in a process of its own."""
    return project.runpytest_subprocess(*PLUGINS, *arguments)


def test_every_test_has_an_endpoint_of_its_own(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        kept = []

        def test_one(callbacks, callback_inspector):
            callbacks.reply(500)
            assert callbacks.send({"job": 1}).status == 500
            assert callbacks.path.startswith("/test_one-")
            assert callbacks.name == "test_one"
            assert callbacks.scheme == "blaxel"
            kept.append(callbacks)
            assert False, "and it fails"

        def test_two(callbacks, make_callbacks):
            assert callbacks.deliveries == []
            assert callbacks.send().status == 200
            other = make_callbacks("billing", scheme="github")
            assert other.name == "test_two-billing"
            assert other.send().expected == "valid"
            assert len(callbacks.deliveries) == 1

        def test_three(callbacks):
            with pytest.raises(RuntimeError, match="test_one cannot be used any more: its test, .*, is over"):
                kept[0].wait_for()

        @pytest.mark.callbacks(secret="given", path="/agents")
        class TestMarked:
            def test_four(self, callbacks):
                assert (callbacks.secret, callbacks.path) == ("given", "/agents")

            @pytest.mark.callbacks(path="/nearer", tolerance="1h")
            def test_five(self, callbacks):
                assert (callbacks.secret, callbacks.path) == ("given", "/nearer")
        """
    )
    result = run(project, "--strict-markers")
    result.assert_outcomes(passed=4, failed=1)


def test_what_is_left_over_warns_and_fails_where_it_is_strict(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        def test_unused(callbacks):
            callbacks.reply(503, times=2)

        def test_unverified(callbacks):
            import http.client
            from urllib.parse import urlsplit
            url = urlsplit(callbacks.url)
            connection = http.client.HTTPConnection(url.hostname, url.port)
            connection.request("POST", url.path, b"{}")
            connection.getresponse().read()
            connection.close()

        def test_asked_for(callbacks):
            callbacks.send(tamper="wrong-secret")
            callbacks.wait_for(verified=False)

        @pytest.mark.callbacks(strict=True)
        def test_strict(callbacks):
            callbacks.reply(503, times=1)

        @pytest.mark.callbacks(expect_all=True)
        def test_all(callbacks):
            callbacks.send({"job": 1})
            callbacks.send({"job": 2})
            callbacks.wait_for(json={"job": 1})

        @pytest.mark.callbacks(strict=True, expect_all=True)
        def test_failed_already(callbacks):
            callbacks.reply(503, times=1)
            assert False
        """
    )
    result = run(project, "-rw")
    result.assert_outcomes(passed=5, failed=1, errors=2, warnings=2)
    result.stdout.re_match_lines(
        [
            r"A scripted reply of http://localhost:\d+/test_strict-\w+ was not used: 503, 1 more time\.",
            r"#\d+ POST / came to http://localhost:\d+/test_all-\w+ and was asserted on nowhere\.",
            r".*test_\w+\.py:\d+: CallbackWarning: A scripted reply of .* was not used: 503, 2 more times\.",
            r".*CallbackWarning: #\d+ at http://.*/test_unverified-\w+ is not verified\. missing: .*",
        ]
    )


def test_a_failure_comes_with_what_arrived_and_without_credentials(project: pytest.Pytester) -> None:
    project.makepyfile(
        f"""
        def test_it(callbacks):
            {SEND}
            callbacks.wait_for(json={{"job": 2}}, timeout=0.05)

        def test_nothing(callbacks):
            assert 1 == 2
        """
    )
    result = run(project)
    result.assert_outcomes(failed=2)
    result.stdout.re_match_lines(
        [
            r">       callbacks\.wait_for\(json=.*",
            r"E       inspector\.testing\.CallbackTimeout: No callback matched within 0\.05 s at http://.*",
            r"-+ callbacks received -+",
            r"1 callback at http://localhost:\d+/test_it-\w+",
            r"#1 \d\d:\d\d:\d\d\.\d\d\d POST /test_it-\w+",
            r"  valid",
            r"  answered 200, attempt 1",
            r'  \{"job":1,"password":"\[masked\]"\}',
            r"no callback at http://localhost:\d+/test_nothing-\w+",
        ]
    )
    text = result.stdout.str()
    assert "hunter2" not in text.partition("callbacks received")[2].partition("test_nothing")[0]
    assert "watch.py" not in text  # nobody wants to read our frames


def test_sixty_tests_on_four_workers_leave_nothing_behind(project: pytest.Pytester, tmp_path: Path) -> None:
    project.makepyfile(
        """
        import os
        import pytest

        ports = set()

        @pytest.mark.parametrize("number", range(60))
        def test_it(callbacks, callback_inspector, number):
            ports.add(callback_inspector.url)
            assert len(ports) == 1
            callbacks.send({"job": number})
            [delivery] = callbacks.wait_for_all(1, exactly=True, settle=0)
            assert delivery.json() == {"job": number}
        """
    )
    files = {path.name for path in project.path.iterdir()}
    result = run(project, "-p", "xdist", "-n", "4", "-W", "error")
    result.assert_outcomes(passed=60)
    left = {path.name for path in project.path.iterdir()} - files
    assert not {name for name in left if "callback" in name or name.endswith(".db")}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("callback-inspector")]


def test_options_and_their_limits(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\ncallback_timeout = 20ms\n")
    project.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def callback_inspector_options():
            return {"max_body_bytes": 100}
        """
    )
    project.makepyfile(
        """
        import pytest

        def test_it(callbacks):
            with pytest.raises(TimeoutError, match="within 0.06 s"):
                callbacks.wait_for()
            assert callbacks.send(body=b"x" * 101).status == 413
        """
    )
    result = run(project, "--callbacks-timeout-scale=3", "--callbacks-db=kept/callbacks.db")
    result.assert_outcomes(passed=1, warnings=1)  # an incomplete body is not verified
    assert (project.path / "kept" / "callbacks.db").exists()
    result = run(project, "-p", "xdist", "-n1", "--callbacks-timeout-scale=3", "--callbacks-db=kept/own.db")
    result.assert_outcomes(passed=1, warnings=1)
    assert (project.path / "kept" / "own-gw0.db").exists()
    for scale in ("0", "nan"):
        result = run(project, f"--callbacks-timeout-scale={scale}")
        result.stderr.fnmatch_lines(["*--callbacks-timeout-scale must be more than 0 and finite"])
    result = run(project, "-p", "xdist", "--callbacks-ui", "-n2")
    result.stderr.fnmatch_lines(["*--callbacks-ui waits at a terminal, so it cannot go with -n"])


def test_what_cannot_be_used_is_said_by_the_fixture(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.callbacks(sceme="github")
        def test_unknown(callbacks): pass

        @pytest.mark.callbacks("github")
        def test_positional(callbacks): pass

        @pytest.mark.callbacks(scheme="nonsense")
        def test_scheme(callbacks): pass
        """
    )
    result = run(project)
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines(
        [
            "*unexpected keyword argument 'sceme'*",
            "*test_positional: the marker callbacks takes keywords only",
            "*InvalidInput: scheme: There is no scheme of this name*",
        ]
    )
    project.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def callback_inspector_options():
            return {"host": "192.0.2.1"}
        """
    )
    result = run(project, "-k", "test_unknown")
    result.assert_outcomes(errors=1, deselected=2)
    result.stdout.fnmatch_lines(["*InvalidInput: host: *192.0.2.1*"])
    assert "listeners.py" not in result.stdout.str()
    result = run(project, "-k", "test_unknown", "-o", "callback_timeout=0")
    result.stdout.fnmatch_lines(["*ValueError: callback_timeout must be more than 0 seconds*"])


def test_a_running_server_is_used_where_one_is_named(
    project: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.makepyfile(f"def test_it(callbacks):\n    {SEND}\n    callbacks.wait_for(verified=True)\n")
    with running_server(tmp_path / "served", token="let-me-in") as running:
        monkeypatch.setenv("CALLBACK_INSPECTOR_URL", running.server.addresses.inspector_url)
        monkeypatch.setenv("CALLBACK_INSPECTOR_TOKEN", "let-me-in")
        run(project, "-W", "error").assert_outcomes(passed=1)
        assert running.store.count() == 1
        assert len(running.store.endpoints()) == 1


def test_the_page_is_there_to_look_at_while_a_failure_waits(project: pytest.Pytester) -> None:
    project.makepyfile(f"def test_it(callbacks):\n    {SEND}\n    assert False\n")
    result = run(project, "--callbacks-ui")  # nobody at a terminal: it only says where
    result.stdout.re_match_lines(
        [
            r"callbacks: http://localhost:\d+/",
            r".*test_it failed\. Its callbacks:",
            r"  http://localhost:\d+/\?endpoint=\w+",
        ]
    )
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", *PLUGINS, "--callbacks-ui"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(theirs)
        assert process.stdout is not None
        said = ""
        while "Press Enter to go on. " not in said:
            character = process.stdout.read(1)
            assert character, said
            said += character
        os.write(ours, b"\n")
        assert "1 failed" in process.stdout.read()
    os.close(ours)


def test_it_costs_nothing_where_it_is_not_used() -> None:
    script = (
        "import sys, json, pytest\n"
        "before = set(sys.modules)\n"
        "import inspector.pytest_plugin\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))\n"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout
    assert json.loads(printed) == ["inspector", "inspector.pytest_plugin"]


def test_a_run_that_does_not_use_it_loads_nothing_of_it(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import sys

        def test_it():
            loaded = {name for name in sys.modules if name.partition(".")[0] in
                      ("inspector", "starlette", "uvicorn", "sqlite_utils", "jinja2", "click")}
            assert loaded <= {"inspector", "inspector.pytest_plugin"}, loaded
        """
    )
    run(project).assert_outcomes(passed=1)
