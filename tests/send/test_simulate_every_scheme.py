"""Test callbacks as every known sender signs them: each kind of tampering gets the verdict it promises."""

from __future__ import annotations

import time

import pytest
from support.signed import IN_BODY, SIGNING, secret_of

from inspector.errors import InvalidInput
from inspector.models import Message, Secret
from inspector.send.simulate import Simulation, callback
from inspector.send.tamper import Tamper
from inspector.send.targets import read_target
from inspector.signing import Scheme, check, find_scheme, generate_secret

TARGET = read_target("http://localhost:2255/hook")

MEANINGFUL_TO_ALL = (
    Tamper.WRONG_SECRET,
    Tamper.SIGNATURE,
    Tamper.CONTENT_TYPE,
    Tamper.DUPLICATE_HEADER,
    None,
)


def verdict_on(simulation: Simulation, row: Scheme, tolerance: float | None) -> str:
    message = Message(simulation.request.body, simulation.request.headers, url=TARGET.url)
    secrets = [Secret("key-1", secret_of(row))]
    return check(message, row, secrets, now=time.time(), tolerance=tolerance).status


@pytest.mark.parametrize("tolerance", [None, 60])
@pytest.mark.parametrize("row", SIGNING, ids=lambda row: str(row.name))
def test_the_verdict_is_the_promised_one(row: Scheme, tolerance: float | None) -> None:
    simulated = 0
    for tamper in (None, *Tamper):
        try:
            simulation = callback(row, secret_of(row), TARGET, tamper=tamper, tolerance_seconds=tolerance)
        except InvalidInput as pointless:
            if tamper in MEANINGFUL_TO_ALL or [error.field for error in pointless.errors] != ["tamper"]:
                raise
            continue
        simulated += 1
        assert verdict_on(simulation, row, tolerance) == simulation.expected, tamper
    assert simulated >= len(MEANINGFUL_TO_ALL)


@pytest.mark.parametrize("name", IN_BODY)
def test_what_stands_in_the_body_cannot_be_simulated(name: str) -> None:
    row = find_scheme(name)
    with pytest.raises(InvalidInput, match="into the body") as caught:
        callback(row, generate_secret(row), TARGET)
    assert [error.field for error in caught.value.errors] == ["scheme"]


def test_a_body_that_linear_would_date_has_to_be_dated() -> None:
    row = find_scheme("linear")
    with pytest.raises(InvalidInput, match="webhookTimestamp") as caught:
        callback(row, "secret", TARGET, body=b"{}")
    assert [error.field for error in caught.value.errors] == ["body"]
