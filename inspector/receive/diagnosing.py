"""Diagnosing: why a stored delivery did not verify, found out after its sender had its reply.

It reads the delivery back from the store, so that nothing but ids waits. One runs at a time, in a thread,
with pauses in between: receiving goes before. When far more fail than can be looked at, the others are left
to whoever asks for them. What is found is kept with the delivery, together with a mark of what it was found
with, so that one made with other secrets is made anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import zlib
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress

from inspector.errors import InvalidInput, NotFound, StorageFailed
from inspector.models import Delivery, DeliverySummary, Endpoint, Secret, Verification, VerificationStatus
from inspector.receive.receiver import message_of
from inspector.settings import KIB
from inspector.signing import Scheme
from inspector.signing.diagnose import diagnose
from inspector.signing.diagnosis import as_json
from inspector.signing.facts import History
from inspector.store import Archive, Store

MOST_WAITING = 256
"""Failures beyond these are diagnosed when somebody asks."""

REST = 19
"""How many times the processor time of the last one passes before the next: diagnosing takes a twentieth."""

COMPARED_DELIVERIES = 50
COMPARED_BODIES = 20
COMPARED_BYTES = 64 * KIB
"""What is looked at of earlier deliveries: the newest summaries, and a few bodies that are not long."""

_RIGHT = (VerificationStatus.VALID, VerificationStatus.EXPIRED)
_UNJUDGED = (VerificationStatus.UNCONFIGURED, VerificationStatus.UNAVAILABLE)


class Diagnoser:
    """Diagnoses deliveries one after the other, as long as there are any that wait."""

    def __init__(self, store: Store, public_url: str | None, *, rest: float = REST) -> None:
        self._rest = rest
        self._store = store
        self._public_url = public_url
        self._waiting: deque[int] = deque()
        self._work: asyncio.Task[None] | None = None

    def later(self, delivery_id: int, verification: Verification) -> None:
        """Diagnose a delivery that was just stored, if it failed and there is room. Called in the loop."""
        if verification or verification.status in _UNJUDGED or len(self._waiting) >= MOST_WAITING:
            return
        self._waiting.append(delivery_id)
        if self._work is None or self._work.done():
            self._work = asyncio.get_running_loop().create_task(self._work_off())

    async def settle(self) -> None:
        """Wait until none waits any more."""
        if self._work is not None:
            await self._work

    async def _work_off(self) -> None:
        while self._waiting:
            number, worked_seconds = self._waiting.popleft(), 0.0
            # What is gone meanwhile needs no diagnosis; without a disk to read there is nothing to diagnose.
            with suppress(NotFound, StorageFailed):
                _, worked_seconds = await _diagnosed(self._store, self._public_url, number)
            await asyncio.sleep(self._rest * worked_seconds)


async def diagnosed(store: Store, public_url: str | None, delivery_id: int) -> Mapping[str, object]:
    """Why a delivery did not verify, as JSON: as it is kept, else found out now, and kept if that can be.

    Raises NotFound.
    """
    return (await _diagnosed(store, public_url, delivery_id))[0]


async def _diagnosed(
    store: Store, public_url: str | None, delivery_id: int
) -> tuple[Mapping[str, object], float]:
    """The diagnosis, and the processor time that it took, which waiting for others does not count in."""

    def work() -> tuple[Mapping[str, object], Mapping[str, object] | None, float]:
        started = time.thread_time()
        found, new = _look_up(store, public_url, delivery_id)
        return found, new, time.thread_time() - started

    found, new, worked_seconds = await asyncio.to_thread(work)
    if new is not None:
        with suppress(StorageFailed):
            await store.keep_diagnosis(delivery_id, new)
    return found, worked_seconds


def kept_diagnosis(archive: Archive, delivery: Delivery) -> Mapping[str, object] | None:
    """Why *delivery* did not verify, where that is kept and was found with what is registered now."""
    kept = None if delivery.verification else archive.diagnosis(delivery.id)
    return unpacked(kept) if kept is not None and kept.get("basis") == _basis(archive) else None


def looked_into(archive: Archive, public_url: str | None, delivery_id: int) -> Mapping[str, object]:
    """The same, found out in this thread, and not kept. Raises NotFound."""
    return _look_up(archive, public_url, delivery_id)[0]


def packed(found: Mapping[str, object], basis: str) -> Mapping[str, object]:
    """A diagnosis as it is kept: what was tried says much the same each time, and shrinks to a quarter."""
    text = json.dumps(found, separators=(",", ":")).encode()
    return {"cause": found["cause"], "basis": basis, "packed": b64encode(zlib.compress(text)).decode("ascii")}


def unpacked(kept: Mapping[str, object]) -> Mapping[str, object]:
    """The diagnosis that is kept so."""
    found: Mapping[str, object] = json.loads(zlib.decompress(b64decode(str(kept["packed"]))))
    return found


def _look_up(
    store: Archive, public_url: str | None, delivery_id: int
) -> tuple[Mapping[str, object], Mapping[str, object] | None]:
    """The diagnosis of a delivery; and the same as it is to be kept, None when it is not."""
    kept, basis = store.diagnosis(delivery_id), _basis(store)
    if kept is not None and kept.get("basis") == basis:
        return unpacked(kept), None
    delivery = store.delivery(delivery_id)
    verification = delivery.verification
    try:
        endpoint = store.endpoint(delivery.endpoint_id)
        scheme = store.schemes.find(endpoint.scheme, endpoint.scheme_options)
    except (NotFound, InvalidInput):
        scheme = None  # the endpoint is gone with its secrets, or its scheme is: nothing can be tried
    if verification or scheme is None:
        nothing = {"causes": [], "tried": [], "facts": [], "seconds": 0.0}
        return {"status": str(verification.status), "cause": verification.cause, **nothing}, None
    found = _diagnose(store, public_url, delivery, endpoint, scheme)
    return found, packed(found, basis)


def _diagnose(
    store: Archive, public_url: str | None, delivery: Delivery, endpoint: Endpoint, scheme: Scheme
) -> Mapping[str, object]:
    found = diagnose(
        message_of(delivery.request, endpoint, public_url),
        scheme,
        store.secrets.usable(endpoint.id),
        other_secrets=tuple(_secrets_elsewhere(store, endpoint)),
        own_schemes=tuple(store.schemes.own.values()),
        now=delivery.request.received_ns / 1e9,
        tolerance=endpoint.tolerance_seconds,
        history=_history(store, delivery),
    )
    return as_json(found)


def _basis(store: Archive) -> str:
    """A mark that changes with any scheme, tolerance, address or secret. It does not give a secret away."""
    endpoints = [
        (
            endpoint.path,
            endpoint.scheme,
            sorted(endpoint.scheme_options.items()),
            endpoint.tolerance_seconds,
            endpoint.public_url,
            [(info.name, info.fingerprint) for info in store.secrets.infos(endpoint.id)],
        )
        for endpoint in store.endpoints()
    ]
    parts = repr((endpoints, sorted(store.schemes.own.items())))
    return hashlib.sha256(parts.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _secrets_elsewhere(store: Archive, endpoint: Endpoint) -> Iterable[Secret]:
    """The secrets of all other endpoints, with the path in their names."""
    for other in store.endpoints():
        if other.id != endpoint.id:
            for secret in store.secrets.usable(other.id):
                yield Secret(f"{secret.name} of {other.path}", secret.value)


def _history(store: Archive, delivery: Delivery) -> History:
    """What came to the same endpoint, of late."""
    recent = store.newest(endpoint_id=delivery.endpoint_id, limit=COMPARED_DELIVERIES)
    rows = [row for row in recent.rows if row.id != delivery.id]
    right = [row for row in rows if row.status in _RIGHT]
    wrong = [row for row in rows if row.status is VerificationStatus.INVALID]
    body = delivery.request.body
    seen = not body.isascii()
    return History(
        verified=len(right),
        failed=len(wrong),
        verified_non_ascii=_count_non_ascii(store, right) if seen else 0,
        failed_non_ascii=_count_non_ascii(store, wrong) if seen else 0,
        same_body=_same_body(store, delivery, rows) if body else None,
    )


def _count_non_ascii(store: Archive, rows: Iterable[DeliverySummary]) -> int:
    """How many of the newest of *rows* have bytes outside ASCII; all *rows*, when all looked at do."""
    rows = list(rows)
    looked_at = [row for row in rows if row.body_size <= COMPARED_BYTES][:COMPARED_BODIES]
    bodies = [body for row in looked_at if (body := _body(store, row)) is not None]
    found = sum(not body.isascii() for body in bodies)
    return len(rows) if found == len(bodies) else found


def _same_body(store: Archive, delivery: Delivery, rows: Iterable[DeliverySummary]) -> int | None:
    """The newest other message with the very same body."""
    body = delivery.request.body
    alike = [row for row in rows if row.body_size == len(body) and row.message_id != delivery.message_id]
    if len(body) > COMPARED_BYTES:
        return None
    return next((row.id for row in alike[:COMPARED_BODIES] if _body(store, row) == body), None)


def _body(store: Archive, row: DeliverySummary) -> bytes | None:
    try:
        return store.body(row.id)
    except NotFound:
        return None
