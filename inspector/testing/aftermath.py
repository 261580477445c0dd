"""What is left to say when a test is over: replies not used, callbacks not verified or not asked for.

And for one that failed: everything that came, credentials left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC

from inspector.content.masking import mask_request, masked_bytes
from inspector.errors import InspectorError
from inspector.testing.delivery import Delivery
from inspector.testing.endpoint import Endpoint
from inspector.testing.errors import CallbackWarning
from inspector.testing.keywords import verdict_text
from inspector.testing.masked import without_credentials
from inspector.testing.plain import plain, plain_bytes, plain_lines

BODY_CHARACTERS = 2_000
BODY_LINES = 20
SHOWN_DELIVERIES = 10


def settle(endpoints: Sequence[Endpoint], *, expect_all: bool) -> tuple[list[str], list[CallbackWarning]]:
    """What is wrong at the end of a test that passed: what fails it, and what it is only warned of."""
    failures: list[str] = []
    warnings: list[CallbackWarning] = []
    for endpoint in endpoints:
        odd = [*_unused(endpoint), *_unverified(endpoint)]
        if endpoint.strict:
            failures.extend(odd)
        else:
            warnings.extend(map(CallbackWarning, odd))
        if expect_all:
            failures.extend(_unclaimed(endpoint))
    return failures, warnings


def section(endpoints: Sequence[Endpoint]) -> str:
    """What came to *endpoints*, for the report of a test that failed."""
    try:
        return "\n".join(line for endpoint in endpoints for line in _lines(endpoint))
    except InspectorError as error:
        # The test's own failure is what counts; that its server is gone as well belongs to it.
        return f"They cannot be read any more: {plain(str(error))}"


def _unused(endpoint: Endpoint) -> Iterator[str]:
    for reply in endpoint.unused_replies():
        yield f"A scripted reply of {endpoint.url} was not used: {reply}."


def _unverified(endpoint: Endpoint) -> Iterator[str]:
    """Callbacks that do not verify and that the test did not ask to be so."""
    if endpoint.secret is None:
        return
    for delivery in endpoint.deliveries:
        if not delivery.verification and delivery.id not in endpoint.judged:
            yield f"#{delivery.id} at {endpoint.url} is not verified. {verdict_text(delivery)}"


def _unclaimed(endpoint: Endpoint) -> Iterator[str]:
    for delivery in endpoint.deliveries:
        if delivery.id not in endpoint.claimed:
            what = f"{plain(delivery.method, 20)} {plain(delivery.subpath, 80)}"
            yield f"#{delivery.id} {what} came to {endpoint.url} and was asserted on nowhere."


def _lines(endpoint: Endpoint) -> Iterator[str]:
    received = endpoint.deliveries
    count = f"{len(received)} callback{'' if len(received) == 1 else 's'}" if received else "no callback"
    yield f"{count} at {endpoint.url}"
    for delivery in received[:SHOWN_DELIVERIES]:
        yield from _delivery(delivery)
    if len(received) > SHOWN_DELIVERIES:
        yield f"... and {len(received) - SHOWN_DELIVERIES:,} more"


def _delivery(delivery: Delivery) -> Iterator[str]:
    request = delivery.stored.request
    target = masked_bytes(mask_request(request).target).decode("latin-1")
    at = delivery.received_at.astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]
    yield f"#{delivery.id} {at} {plain(delivery.method, 20)} {plain(target, 200)}"
    yield f"  {verdict_text(delivery)}"
    yield f"  answered {delivery.reply.status}, attempt {delivery.attempt}"
    for line in _body(delivery):
        yield f"  {line}"


def _body(delivery: Delivery) -> list[str]:
    text = delivery.text
    if not delivery.body:
        return ["no body"]
    if delivery.stored.request.content_type is None and not text.isprintable():
        return [plain_bytes(delivery.body)]
    if "\0" in text or text.count("\ufffd") > len(text) // 10:
        return [plain_bytes(delivery.body)]
    shown = without_credentials(text[:BODY_CHARACTERS])
    lines = plain_lines(shown, BODY_LINES, 300)
    if len(text) > BODY_CHARACTERS:
        lines.append(f"... {len(text) - BODY_CHARACTERS:,} more characters")
    return lines
