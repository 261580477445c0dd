"""A TCP relay that can be cut: what a flaky network does to open connections."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from support.raw_http import Address


class Relay:
    """Passes every connection to :attr:`port` on to *target*, which may be set later, until it is cut."""

    def __init__(self) -> None:
        self.target: Address | None = None
        self.heard = bytearray()
        """Everything that came from those who connected."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._streams: set[socket.socket] = set()
        self._stalled: set[socket.socket] = set()
        self._is_cut = False
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Breaks all connections; new ones are broken at once, until :meth:`mend`."""
        self._is_cut = True
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def stall_streams(self) -> None:
        """Lets what comes on event streams that are open now vanish, without a word to either end."""
        self._stalled.update(self._streams)

    def mend(self) -> None:
        """Lets new connections through again."""
        self._is_cut = False

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join()
        for end in self._open:
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = self._connect()
            except OSError:
                near.close()
                continue
            self._open += (near, far)
            for source, sink, heard in ((near, far, self.heard), (far, near, bytearray())):
                thread = threading.Thread(target=self._pass_on, args=(source, sink, heard), daemon=True)
                thread.start()
                self._threads.append(thread)

    def _connect(self) -> socket.socket:
        if self._is_cut or self.target is None:
            raise ConnectionRefusedError
        return socket.create_connection(self.target)

    def _pass_on(self, source: socket.socket, sink: socket.socket, heard: bytearray) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                heard += data
                if b"text/event-stream; charset" in data:
                    self._streams.add(source)
                if source not in self._stalled:
                    sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def relay() -> Iterator[Relay]:
    """A relay for the length of the block."""
    made = Relay()
    try:
        yield made
    finally:
        made.close()
