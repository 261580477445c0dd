"""The lines that read a raw body: they verify what a parser would have changed, in the real frameworks."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import fastapi
import flask
import pytest
from starlette.testclient import TestClient

import inspector
from inspector.content.raw_bodies import RECIPES

SECRET = "secret of the recipe"
BODY = b'{ "a": 1.50, "b": "\\u00e9", "a": 2 }\r\n'
ENDS = {"Flask": '    return "ok"', "FastAPI": '    return "ok"'}


def application(framework: str, names: dict[str, Any]) -> Any:
    """The application of *framework* that its recipe is, with *names* imported."""
    [recipe] = [each for each in RECIPES if each.framework == framework]
    source = "\n".join([*recipe.lines, ENDS[framework]])
    names = {"inspector": inspector, "SECRET": SECRET, **names}
    exec(compile(source, framework, "exec", dont_inherit=True), names)
    return names["app"]


def statuses(send: Any) -> list[int]:
    """What is answered to a signed body, and to the same one with a byte more."""
    headers = [*inspector.sign(BODY, SECRET), ("Content-Type", "application/json")]
    return [send(BODY, headers), send(BODY + b" ", headers)]


def test_flask() -> None:
    app = application("Flask", {"app": flask.Flask("recipe"), "request": flask.request, "abort": flask.abort})
    client = app.test_client()

    def send(body: bytes, headers: list[tuple[str, str]]) -> int:
        status: int = client.post("/hook", data=body, headers=headers).status_code
        return status

    assert statuses(send) == [200, 401]


def test_fastapi() -> None:
    names = {"Request": fastapi.Request, "HTTPException": fastapi.HTTPException}
    client = TestClient(application("FastAPI", {"app": fastapi.FastAPI(), **names}))
    assert statuses(
        lambda body, headers: client.post("/hook", content=body, headers=headers).status_code
    ) == [
        200,
        401,
    ]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.framework)
def test_a_recipe_fits_a_terminal_and_is_one_block(recipe: Any) -> None:
    assert max(map(len, recipe.lines)) < 100
    assert dedent("\n".join(recipe.lines)) == "\n".join(recipe.lines)
    assert recipe.mistake.endswith(".")
