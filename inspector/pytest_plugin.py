"""The pytest plugin: a server for the session, and a fresh endpoint for each test that asks for one.

``callback_inspector`` is the session's server (under pytest-xdist one for each worker), ``callbacks`` an
endpoint of the test's own, ``make_callbacks`` makes further ones. Nothing happens in a run that uses none of
them: this module imports pytest and nothing else that is not there already.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from inspector.testing import Endpoint, Inspector

URL_VARIABLE = "CALLBACK_INSPECTOR_URL"
TOKEN_VARIABLE = "CALLBACK_INSPECTOR_TOKEN"  # noqa: S105  # the name of a variable, not a token
"""Where these are set, as by ``callback-inspector run``, that server is used and none is started."""

MARKER = (
    "callbacks(secret, scheme, strict, expect_all, ...): how the test's endpoints are made. strict: only "
    "verified callbacks count, and what would warn fails. expect_all: every callback has to be asserted on."
)

MADE = pytest.StashKey[list["Endpoint"]]()
"""The endpoints of a test."""

FAILED = pytest.StashKey[bool]()
"""Whether the test itself has failed or given up; then nothing else is said about its callbacks."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("callbacks", "Callback Inspector")
    group.addoption(
        "--callbacks-ui",
        action="store_true",
        help="print the inspector page's link, and wait there when a test fails",
    )
    group.addoption("--callbacks-db", metavar="FILE", help="keep what is received in this database file")
    group.addoption(
        "--callbacks-timeout-scale",
        metavar="FACTOR",
        type=float,
        default=1.0,
        help="wait so many times as long for callbacks, on a slow machine",
    )
    parser.addini(
        "callback_timeout", "how long to wait for callbacks: seconds, or text like 5s", default="5s"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    if not 0 < config.getoption("callbacks_timeout_scale") < float("inf"):
        raise pytest.UsageError("--callbacks-timeout-scale must be more than 0 and finite")
    if config.getoption("callbacks_ui") and config.getoption("numprocesses", default=None):
        raise pytest.UsageError("--callbacks-ui waits at a terminal, so it cannot go with -n")


@pytest.fixture(scope="session")
def callback_inspector_options() -> dict[str, Any]:
    """Arguments for ``inspector.testing.start``; override the fixture to give some."""
    return {}


@pytest.fixture(scope="session")
def callback_inspector(
    request: pytest.FixtureRequest, callback_inspector_options: dict[str, Any]
) -> Iterator[Inspector]:
    """The server of this session, or of this worker: an ``inspector.testing.Inspector``."""
    from inspector.testing import connect, start

    config = request.config
    waiting = {"timeout": _timeout(config), "timeout_scale": config.getoption("callbacks_timeout_scale")}
    url = os.environ.get(URL_VARIABLE)
    if url:
        inspector = connect(url, token=os.environ.get(TOKEN_VARIABLE), **waiting)
    else:
        database = _database(config)
        kept = {} if database is None else {"db": database}
        inspector = start(**{**waiting, **kept, **callback_inspector_options})
    with inspector:
        if config.getoption("callbacks_ui"):
            _say(config, f"\ncallbacks: {inspector.inspector_url}")
        yield inspector


@pytest.fixture
def make_callbacks(
    request: pytest.FixtureRequest, callback_inspector: Inspector
) -> Iterator[Callable[..., Endpoint]]:
    """Makes endpoints for this test: ``make_callbacks("billing", scheme="stripe")``."""
    from inspector.testing.aftermath import settle

    node = request.node
    options = _marked(node)
    expect_all = bool(options.pop("expect_all", False))
    made = node.stash[MADE] = []  # anew, for tests that are run again
    node.stash[FAILED] = False

    def make(name: str | None = None, **more: Any) -> Endpoint:
        __tracebackhide__ = True
        endpoint = callback_inspector.endpoint(
            node.name if name is None else f"{node.name}-{name}", **{**options, **more}
        )
        made.append(endpoint)
        return endpoint

    yield make
    failures, warnings = ([], []) if node.stash[FAILED] else settle(made, expect_all=expect_all)
    for endpoint in made:
        endpoint.close(f"its test, {node.nodeid}, is over")
    for warning in warnings:
        node.warn(warning)
    if failures:
        pytest.fail("\n".join(failures), pytrace=False)


@pytest.fixture
def callbacks(make_callbacks: Callable[..., Endpoint]) -> Endpoint:
    """An endpoint of this test's own: an ``inspector.testing.Endpoint``, Blaxel-signed unless marked."""
    return make_callbacks()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    made = item.stash.get(MADE, [])
    if call.when == "call" and made and call.excinfo is not None:
        item.stash[FAILED] = True
    if call.when == "call" and made and report.failed:
        from inspector.testing.aftermath import section

        report.sections.append(("callbacks received", section(made)))
        if item.config.getoption("callbacks_ui"):
            links = "\n".join(f"  {endpoint.inspector_url}" for endpoint in made)
            _say(item.config, f"\n{item.nodeid} failed. Its callbacks:\n{links}", wait=True)
    return report


def _marked(node: pytest.Item) -> dict[str, Any]:
    """What the test's markers say, the nearest last."""
    options: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("callbacks"))):
        if marker.args:
            raise pytest.UsageError(f"{node.nodeid}: the marker callbacks takes keywords only")
        options.update(marker.kwargs)
    return options


def _timeout(config: pytest.Config) -> float:
    """The ini value in seconds, which may stand there without a unit."""
    from inspector.testing.durations import seconds_of

    text = str(config.getini("callback_timeout"))
    try:
        given: float | str = float(text)
    except ValueError:
        given = text
    return seconds_of(given, "callback_timeout")


def _database(config: pytest.Config) -> Path | None:
    """The database file that was asked for; each worker has its own beside it."""
    given = config.getoption("callbacks_db")
    if given is None:
        return None
    path = Path(given)
    worker = getattr(config, "workerinput", {}).get("workerid")
    return path if worker is None else path.with_stem(f"{path.stem}-{worker}")


def _say(config: pytest.Config, text: str, *, wait: bool = False) -> None:
    """Write to the terminal past the capture; *wait* there until Enter is pressed, if somebody can."""
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.suspend(in_=True)
    try:
        sys.stdout.write(f"{text}\n")
        if wait and sys.stdin.isatty():
            sys.stdout.write("Press Enter to go on. ")
            sys.stdout.flush()
            sys.stdin.readline()
        sys.stdout.flush()
    finally:
        if capture is not None:
            capture.resume()
