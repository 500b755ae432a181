"""A TCP proxy in front of a server: what it carries can be held, cut, reset or refused."""

import contextlib
import socket
import struct
import threading
from urllib.parse import urlsplit

FAULTS = ("hold", "cut", "reset", "refuse")
# Linger for no time at all: what is closed so is reset, and what was on its way is lost.
_AT_ONCE = struct.pack("ii", 1, 0)


class Proxy:
    """Carries bytes between a browser and a server, both ways, while nothing is wrong."""

    def __init__(self, server):
        self._server = (urlsplit(server).hostname, urlsplit(server).port)
        self._lock = threading.Lock()
        self._flowing = threading.Event()
        self._flowing.set()
        self._sockets = set()
        self._listener = self._listening(0)
        self._port = self._listener.getsockname()[1]
        self.address = f"http://127.0.0.1:{self._port}"

    def go_wrong(self, fault):
        """Hold all bytes from now on, or end every connection; one that refuses takes no new ones either."""
        if fault == "hold":
            self._flowing.clear()
            return
        if fault == "refuse":
            _end(self._listener, socket.SHUT_RDWR)
        self._drop(reset=fault != "cut")

    def recover(self, *, reset=False):
        """Carry again; what was held arrives late, or with `reset` never."""
        if reset:
            self._drop(reset=True)
        self._flowing.set()
        if self._listener.fileno() < 0:
            self._listener = self._listening(self._port)

    def close(self):
        _end(self._listener, socket.SHUT_RDWR)
        self._drop(reset=True)
        self._flowing.set()

    def _listening(self, port):
        listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._server)
            except OSError:
                near.close()
                continue
            with self._lock:
                self._sockets |= {near, far}
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                target.sendall(data)
        with self._lock:
            living, self._sockets = self._sockets & {source, target}, self._sockets - {source, target}
        for each in living:
            _end(each, socket.SHUT_RDWR)

    def _drop(self, *, reset):
        with self._lock:
            sockets, self._sockets = self._sockets, set()
        for each in sockets:
            if reset:
                with contextlib.suppress(OSError):
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            # A reset is not preceded by the end of what was sent.
            _end(each, socket.SHUT_RD if reset else socket.SHUT_RDWR)


def _end(used, how):
    """Close a socket that another thread may be waiting on, which wakes."""
    with contextlib.suppress(OSError):
        used.shutdown(how)
    used.close()
