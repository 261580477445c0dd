"""What a verdict costs beyond the bare HMAC, for every scheme that is described by a row alone.

``python -m benchmarks.signing`` signs a body of 1 KiB as each sender does, and takes the time of the engine's
verdict and of the HMAC in turns, on the processor's own clock.
"""

from __future__ import annotations

import hmac
import sys
import time
from collections.abc import Callable
from statistics import median

from inspector.models import Message, Secret
from inspector.settings import KIB
from inspector.signing import Scheme, check, find_scheme, generate_secret, scheme_names, sign_message
from inspector.signing.scheme import Algorithm

MOST_MICROSECONDS = 20.0
BODY = b'{"text":"' + b"x" * (KIB - 11) + b'"}'
NOW = 1_735_891_210
CALLS = 500
ROUNDS = 15

BESIDE = (
    (b"Host", b"localhost:2255"),
    (b"User-Agent", b"Sender/1.0"),
    (b"Content-Type", b"application/json"),
    (b"Content-Length", b"1024"),
)
"""Headers that no scheme looks at, as many as a sender usually writes."""


def main() -> int:
    """Measure every row, print a line for each; 1 when one costs more than it may."""
    print(f"beyond the bare HMAC of 1 KiB, at most {MOST_MICROSECONDS:g} µs are asked for")
    within = [_report(find_scheme(name)) for name in scheme_names() if _is_measured(find_scheme(name))]
    return 0 if all(within) else 1


def _is_measured(row: Scheme) -> bool:
    """Whether *row* is all there is to know of the sender, so that nothing but its HMAC takes long."""
    dates_its_body = row.timestamp is not None and row.timestamp.json_path
    return row.signs and row.algorithm is Algorithm.HMAC and not (row.code or row.needs or dates_its_body)


def _report(row: Scheme) -> bool:
    beyond = microseconds_beyond_the_hmac(row)
    print(f"{row.name:24}{beyond:6.1f} µs{'' if beyond < MOST_MICROSECONDS else '   too much'}")
    return beyond < MOST_MICROSECONDS


def microseconds_beyond_the_hmac(row: Scheme) -> float:
    """The median, over rounds, of what a verdict by *row* takes more than the HMAC alone."""
    secret = generate_secret(row)
    plain = Message(BODY, (), url="https://receiver.example/hook")
    signed = sign_message(plain, row, secret, timestamp=NOW)
    headers = (*BESIDE, *((name.encode(), value.encode()) for name, value in signed))
    message, secrets, key = Message(BODY, headers, url=plain.url), [Secret("key-1", secret)], b"k" * 32
    assert check(message, row, secrets, now=NOW)
    differences = []
    for _ in range(ROUNDS):
        verdict = _seconds(lambda: check(message, row, secrets, now=NOW))
        bare = _seconds(lambda: hmac.digest(key, BODY, row.hash))
        differences.append((verdict - bare) / CALLS * 1e6)
    return median(differences)


def _seconds(call: Callable[[], object]) -> float:
    """The processor time of many calls."""
    started = time.process_time()
    for _ in range(CALLS):
        call()
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
