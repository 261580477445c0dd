"""The filter language on the command line: which deliveries, how far it searched, where a filter is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from support.command import Command, Serving


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Command:
    return Command(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def server(home: Command) -> Iterator[Serving]:
    """A server with four deliveries that no test changes."""
    with home.serving("--db", "callbacks.db", environment={"CALLBACK_SECRET": "cbk_local"}) as serving:
        serving.deliver("/orders/1", b'{"kind": "refund", "n": 1}')
        serving.deliver("/orders/2", b'{"kind": "sale", "n": 2}', [("X-Kind", "Test")])
        serving.deliver("/health", b"refund of health", method="PUT")
        serving.deliver("/orders/3?debug=1", b'{"kind": "refund", "n": 3}')
        yield serving


def ids(home: Command, *arguments: str) -> list[int]:
    result = home.run("list", "--json", *arguments)
    assert result.code == 0, result.stderr
    return [row["id"] for row in result.json()["deliveries"]]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("refund",), [4, 3, 1]),
        (("refund path:/orders/**",), [4, 1]),
        (("refund", "path:/orders/**"), [4, 1]),
        (('"refund of health"',), [3]),
        (("refund", "of", "health"), [3]),
        (("json.kind:sale",), [2]),
        (("--", "-refund"), [2]),
        (("method:put",), [3]),
        (("header.x-kind:*",), [2]),
        (("status:valid",), []),
        (("id:2..3",), [3, 2]),
        (("",), [4, 3, 2, 1]),
    ],
)
def test_list_shows_what_the_filter_means(
    home: Command, server: Serving, words: tuple[str, ...], found: list[int]
) -> None:
    assert ids(home, *words) == found


def test_a_filter_goes_with_the_other_options(home: Command, server: Serving) -> None:
    assert ids(home, "refund", "--limit", "1") == [4]
    assert ids(home, "refund", "--before", "4") == [3, 1]
    assert ids(home, "refund", "--after", "1", "--endpoint", "/") == [3, 4]
    more = home.run("list", "refund", "--limit", "2")
    assert "There are more: --before 3" in more.stderr
    nothing = home.run("list", "method:delete")
    assert (nothing.code, nothing.stdout, nothing.stderr) == (0, "", "No delivery matches.\n")


def test_a_file_is_filtered_as_its_server_filters(command: Command) -> None:
    with command.serving("--db", "callbacks.db") as server:
        for number in range(5):
            server.deliver(f"/{number % 2}", b'{"n": %d}' % number)
        arguments = (("path:/1",), ("json.n:3",), ("path:/0", "--after", "1"), ("path:/0", "--endpoint", "/"))
        live = [ids(command, *each) for each in arguments]
        server.stop()
    assert live == [[4, 2], [4], [3, 5], [5, 3, 1]]
    assert [ids(command, *each, "--db", "callbacks.db") for each in arguments] == live


@pytest.mark.parametrize("verb", ["list", "tail"])
@pytest.mark.parametrize(
    ("text", "sentence", "column"),
    [
        ("statsu:valid", "Unknown key statsu at character 1. Did you mean status?", 0),
        ("refund status:vaild", "Unknown status vaild at character 15. Did you mean valid?", 14),
        ('refund "not found', "The quote at character 8 is not closed.", 7),
        ("size:big", "Cannot read big at character 6", 5),
    ],
)
def test_a_wrong_filter_is_pointed_at(
    home: Command, server: Serving, verb: str, text: str, sentence: str, column: int
) -> None:
    result = home.run(verb, text)
    assert (result.code, result.stdout) == (2, "")
    said, shown, caret = result.stderr.splitlines()
    assert said.startswith(f"Error: {sentence}")
    assert (shown, caret) == (f"  {text}", f"  {' ' * column}^")


def test_the_caret_stands_under_the_place_whatever_is_before_it(home: Command) -> None:
    wide = home.run("list", "日本 status:x").stderr.splitlines()
    assert wide[1:] == ["  日本 status:x", "  " + " " * len(".....status:") + "^"]
    hostile = home.run("list", "\x1b[2J status:x").stderr.splitlines()
    assert hostile[1:] == [r"  \x1b[2J status:x", "  " + " " * len(r"\x1b[2J status:") + "^"]
    long = home.run("list", f"{'a' * 500} status:x {'b' * 500}").stderr.splitlines()
    assert long[1].startswith("  …aaa")
    assert long[1].endswith("bbb…")
    assert long[1][long[2].index("^")] == "x"


def test_tail_follows_what_the_filter_means(command: Command, serving: Serving) -> None:
    def paths(count: int) -> list[str]:
        return [json.loads(following.line())["path"] for _ in range(count)]

    for number in range(1, 7):
        serving.deliver(f"/{'even' if number % 2 == 0 else 'odd'}/{number}")
    with command.following("tail", "path:/even/*", "--json", "-n", "2") as following:
        assert paths(2) == ["/even/4", "/even/6"]
        serving.deliver("/odd/7")
        serving.deliver("/even/8")
        assert paths(1) == ["/even/8"]
        assert following.stop().stdout == ""
    with command.following("listen", "path:/odd/*", "--json", "--after", "1") as following:
        assert paths(3) == ["/odd/3", "/odd/5", "/odd/7"]
    with command.following("tail", "nothing-like-this", "--json", "-n", "5") as following:
        assert following.note().startswith("Following")
        serving.deliver("/nothing-like-this")
        assert paths(1) == ["/nothing-like-this"]


def test_a_search_that_stopped_in_time_says_how_to_go_on(command: Command) -> None:
    long = b'{"items": [' + b"0," * 400_000 + b"0]}"
    with command.serving("--db", "callbacks.db") as server:
        server.deliver("/first", b'{"wanted": 1}')
        for _ in range(40):
            server.deliver("/long", long, [("Content-Type", "application/json")])
        stopped = command.run("list", "json.wanted")
        assert (stopped.code, stopped.stdout) == (0, "")
        reached = int(stopped.stderr.split("#")[1].split(";")[0])
        assert stopped.stderr == f"Searched back to #{reached}; go on with --before {reached}\n"
        assert 1 < reached < 42
        forward = command.run("list", "json.nothing", "--after", "0")
        assert forward.stderr.startswith("Searched to #")
        assert "go on with --after" in forward.stderr
        with command.following("tail", "json.wanted", "--json", "-n", "1") as following:
            assert json.loads(following.line())["id"] == 1
        server.stop()
    as_json = command.run("list", "json.wanted", "--json", "--db", "callbacks.db")
    page = as_json.json()
    assert (page["deliveries"], page["more"]) == ([], True)
    assert as_json.stderr == f"Searched back to #{page['cursor']}; go on with --before {page['cursor']}\n"
