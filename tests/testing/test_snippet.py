"""The pytest assertion that a delivery is exported as runs against this API, and means that delivery."""

from __future__ import annotations

from typing import Any

import pytest
from support.senders import JSON, post, post_json, post_signed

from inspector.client import Client
from inspector.testing import CallbackTimeout, Endpoint, Inspector


def run_snippet(inspector: Inspector, delivery_id: int, endpoint: Endpoint) -> None:
    """Export the delivery as a test, and run that on *endpoint*, where the same has come again."""
    path = f"/api/deliveries/{delivery_id}/export/pytest"
    source = Client(inspector.inspector_url).read(path).decode()
    names: dict[str, Any] = {}
    exec(compile(source, "snippet", "exec"), names)
    [test] = [value for name, value in names.items() if name.startswith("test_")]
    test(endpoint)


def test_signed_json_with_ids_and_times(inspector: Inspector) -> None:
    value = {
        "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "timestamp": 1735891200,
        "kind": "refund",
        "items": [{"sku": "A", "n": 1.0}, None, True],
        "response_body": '{"result": "ok"}',
        "big": 12345678901234567890,
    }
    first, again = inspector.endpoint("a"), inspector.endpoint("b")
    post_signed(first, value)
    post_signed(again, {**value, "id": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "timestamp": 1735891999})
    run_snippet(inspector, first.wait_for().id, again)
    other = inspector.endpoint("c")
    post_signed(other, {**value, "kind": "payment"})
    with pytest.raises(CallbackTimeout):
        run_snippet(inspector, first.wait_for().id, _impatient(other))


@pytest.mark.parametrize("body", [b"plain words", b'"quoted"', b"", b"[1, 2]", b"\xff\x00", "Grüße".encode()])
def test_other_bodies(inspector: Inspector, body: bytes) -> None:
    endpoint = inspector.endpoint()
    post(endpoint, body, beyond="/hooks/refund-1?x=1", method="PUT")
    run_snippet(inspector, endpoint.wait_for().id, endpoint)


def test_json_that_is_not_verified(inspector: Inspector) -> None:
    endpoint = inspector.endpoint()
    post(endpoint, b'{"a": {"b": []}}', headers=JSON)
    run_snippet(inspector, endpoint.wait_for().id, endpoint)
    post_json(endpoint, [{}])
    run_snippet(inspector, endpoint.wait_for(json=[{}]).id, endpoint)


class _Impatient:
    """An endpoint whose waits are short."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def wait_for(self, **wanted: Any) -> object:
        return self._endpoint.wait_for(timeout=0.05, **wanted)


def _impatient(endpoint: Endpoint) -> Any:
    return _Impatient(endpoint)
