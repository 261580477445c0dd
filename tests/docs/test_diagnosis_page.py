"""``docs/diagnosis.md`` lists every cause with the product's own sentence and fix, and every fact."""

from __future__ import annotations

import re
from pathlib import Path

from inspector.signing import facts
from inspector.signing.causes import EXPLANATIONS

PAGE = (Path(__file__).parents[2] / "docs" / "diagnosis.md").read_text("utf-8")
NAMES = {
    "words": "…",
    "secret": "NAME",
    "detail": "NAME",
    "scheme": "SCHEME",
    "sender": "SENDER",
    "header": "HEADER",
}


def rows() -> list[str]:
    """The lines of the table of causes."""
    return [
        f"| `{code}` | {sentence.format(**NAMES)} | {fix.format(**NAMES)} |"
        for code, (sentence, fix) in EXPLANATIONS.items()
    ]


def test_every_cause_has_its_row() -> None:
    shown = [line for line in PAGE.splitlines() if line.startswith("| `") and line.count("|") == 4]
    assert shown == rows(), "\n".join(rows())


def test_every_fact_is_named() -> None:
    source = Path(facts.__file__).read_text("utf-8")
    codes = set(re.findall(r'Fact\(\s*"(\w+)"', source)) | {
        "search_stopped",
        "body_not_varied",
        "digest_cut",
        "states_otherwise",
    }
    assert len(codes) > 15
    assert {code for code in codes if f"`{code}`" not in PAGE} == set()
