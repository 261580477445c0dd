"""The README's test in Node: run as it stands by ``run``, with Node alone and nothing installed."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from support.command import Command

README = Path(__file__).parents[2] / "README.md"
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None and not os.environ.get("CI"), reason="there is no Node here")


def listing() -> str:
    [found] = re.findall(r"^```js\n(.*?)^```", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return str(found)


def run_in_node(command: Command, text: str) -> tuple[int, str]:
    (command.folder / "refund.test.mjs").write_text(text, "utf-8")
    result = command.run("run", "--", "node", "--test", "refund.test.mjs")
    return result.code, result.stdout


def test_the_listing_passes_as_it_stands(command: Command) -> None:
    code, told = run_in_node(command, listing())
    assert code == 0, told
    assert re.search(r"^# pass 1$|pass 1$", told, re.MULTILINE), told


def test_what_did_not_come_is_explained_where_it_fails(command: Command) -> None:
    badly_signed = listing().replace('createHmac("sha256", CALLBACK_SECRET)', 'createHmac("sha256", "wrong")')
    code, told = run_in_node(command, badly_signed.replace('timeout: "10"', 'timeout: "1"'))
    assert code == 1, told
    assert "wait-timeout" in told
    assert re.search(r'condition\\*":\\*"verified\\*",\\*"wanted\\*":\\*"yes', told), told
