"""Callbacks in tests: a receiver in three lines, waiting without sleeps, failures that say what came instead.

``start()`` runs a server in a thread, ``connect(url)`` uses one that runs; what they give is the same.
Nothing here needs pytest; its plugin hands the same objects out as fixtures.
"""

from __future__ import annotations

from inspector.errors import InspectorError, InvalidInput, Unreachable
from inspector.testing.aio import AsyncEndpoint, AsyncGate
from inspector.testing.answering import Gate
from inspector.testing.blaxel_result import BlaxelResult
from inspector.testing.capture import Capture
from inspector.testing.delivery import Delivery
from inspector.testing.endpoint import Endpoint, Sent
from inspector.testing.errors import (
    CallbackError,
    CallbackMissing,
    CallbackTimeout,
    CallbackWarning,
    OutOfUse,
    UnexpectedCallback,
)
from inspector.testing.inspecting import Inspector, connect, start
from inspector.testing.match import Match
from inspector.testing.pairs import Pairs
from inspector.testing.replies import Reply, Unused
from inspector.testing.values import ANY

__all__ = [
    "ANY",
    "AsyncEndpoint",
    "AsyncGate",
    "BlaxelResult",
    "CallbackError",
    "CallbackMissing",
    "CallbackTimeout",
    "CallbackWarning",
    "Capture",
    "Delivery",
    "Endpoint",
    "Gate",
    "Inspector",
    "InspectorError",
    "InvalidInput",
    "Match",
    "OutOfUse",
    "Pairs",
    "Reply",
    "Sent",
    "UnexpectedCallback",
    "Unreachable",
    "Unused",
    "connect",
    "start",
]
