"""A proxy before a PostgreSQL server that counts what the client says and cuts everything at one message."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

ANSWERED_WITHIN_SECONDS = 0.5


@dataclass(frozen=True)
class Cut:
    """Before which message of all connections together, or after it, when the server has answered."""

    message: int
    after: bool


@dataclass
class Proxy:
    """``heard``: messages so far. ``commits``: those that commit. ``done``: whether it has cut."""

    upstream: int
    cut: Cut
    listener: socket.socket
    heard: int = 0
    commits: list[int] = field(default_factory=list)
    done: bool = False
    _open: list[socket.socket] = field(default_factory=list)
    _counting: threading.Lock = field(default_factory=threading.Lock)
    _mute: threading.Event = field(default_factory=threading.Event)
    _answered: threading.Event = field(default_factory=threading.Event)

    @property
    def port(self) -> int:
        number: int = self.listener.getsockname()[1]
        return number

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.upstream))
                self._open += [client, server]
                for work in (self._says, self._answers):
                    threading.Thread(target=work, args=(client, server), daemon=True).start()

    def close(self) -> None:
        for end in [self.listener, *self._open]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _says(self, client: socket.socket, server: socket.socket) -> None:
        """Client to server, message by message; the first has no letter before its length."""
        with suppress(OSError, EOFError):
            server.sendall(_message(client, lettered=False))
            while True:
                message = _message(client, lettered=True)
                with self._counting:
                    number, self.heard = self.heard, self.heard + 1
                    if b"COMMIT" in message[:16]:
                        self.commits.append(number)
                if number == self.cut.message:
                    self.done = True
                    if self.cut.after:
                        self._mute.set()
                        server.sendall(message)
                        self._answered.wait(ANSWERED_WITHIN_SECONDS)
                    self._cut_all()
                    self._mute.clear()
                    return
                server.sendall(message)
        self._end(client, server)

    def _cut_all(self) -> None:
        """Every connection there is ends; later ones go through."""
        with self._counting:
            ends, self._open = self._open, []
        self._end(*ends)

    def _answers(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while answer := server.recv(65536):
                if self._mute.is_set():
                    self._answered.set()
                    break
                client.sendall(answer)
        self._end(client, server)

    @staticmethod
    def _end(*ends: socket.socket) -> None:
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxied(upstream: int, cut: Cut) -> Iterator[Proxy]:
    """A proxy on a port of its own for the block."""
    proxy = Proxy(upstream, cut, socket.create_server(("127.0.0.1", 0)))
    threading.Thread(target=proxy.serve, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.close()


def _message(client: socket.socket, *, lettered: bool) -> bytes:
    letter = _exactly(client, 1) if lettered else b""
    length = _exactly(client, 4)
    return letter + length + _exactly(client, struct.unpack("!I", length)[0] - 4)


def _exactly(client: socket.socket, many: int) -> bytes:
    received = b""
    while len(received) < many:
        part = client.recv(many - len(received))
        if not part:
            raise EOFError
        received += part
    return received
