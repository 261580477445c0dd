"""The HTTP protocol of both listeners: every request as it was sent, at the speed of stock uvicorn.

How a connection is read:

- ``protocol`` is the gate. It lets one request in at a time, and keeps what comes behind it until that one is
  answered.
- ``heads`` holds a head back until it is whole. ``ordinary`` reads those that nearly all senders write, by
  one strict pattern. Every other one is left to ``odd``, where h11 decides what is HTTP. Both make the same
  ``record``.
- Bodies are counted, or read by ``chunks``; of a body that cannot become whole, a part is kept.
- ``cycle`` is one request and its reply as an ASGI application sees them.
- ``watch`` has the deadlines, ``flow`` the back-pressure, ``lingering`` the end of a connection that was
  refused, ``malformed`` the reasons why, ``terms`` the limits of each listener.

Where it departs from uvicorn's own protocols, on purpose:

- The exact head, names in their letter case, trailers and oddities travel in ``scope["extensions"]["wire"]``;
  trailers never stand among the headers.
- What has come of a body is delivered before a disconnect is, also when the sender closes early.
- A sender that closes its own side and listens on gets its reply, on the callback listener.
- Offers to leave HTTP/1.1 (WebSocket, h2c) are ignored: the request is answered as HTTP/1.1.
- A reply that is ready as a whole leaves in one write. One that comes before its request is whole ends the
  connection, gently.
- What is no HTTP request is kept, with a reason.
- Nothing is written to the log but failures of the application.

The names used of uvicorn and h11 are pinned by ``tests/receive/test_uvicorn_contract.py``.
"""

from inspector.receive.wire.protocol import WireProtocol
from inspector.receive.wire.record import Wire
from inspector.receive.wire.terms import Terms, terms

__all__ = ["Terms", "Wire", "WireProtocol", "terms"]
