"""A client of the gateway: one connection that is kept, one request at a time.

``python -m bench.load PORT KEY`` is a process of the load. For each path on its input it sends a
few requests and prints ``ready``. The next line is a number of seconds: it sends requests for that
time and prints the milliseconds of each as JSON. It imports little, so that many start quickly, and
parses no more of an answer than its status and length: it shares the machine that it measures.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from typing import Self

from bench.errors import MeasureError

HOST = "127.0.0.1"
TIMEOUT = 30.0
SIZE = 1 << 18
# PostgreSQL plans the first five calls on a connection separately, and there may be ten of them.
WARM_UP_REQUESTS = 10


class Client:
    """Sends GET requests with a key."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._end = f" HTTP/1.1\r\nHost: {HOST}\r\nX-API-Key: {key}\r\n\r\n".encode()
        self._socket = self._connected()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def get(self, path: str) -> bytes:
        """The body of the answer; raises MeasureError unless its status is 200."""
        self._socket.sendall(b"GET " + path.encode() + self._end)
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more(path)
        head = bytes(received[: end + 2]).lower()
        del received[: end + 4]
        if not head.startswith(b"http/1.1 200 "):
            raise MeasureError(f"{path} returned {head.decode()}")
        body = self._body(path, head, received)
        # nginx ends a connection after 1,000 requests.
        if b"\r\nconnection: close\r\n" in head:
            self._socket.close()
            self._socket = self._connected()
        return body

    def _body(self, path: str, head: bytes, received: bytearray) -> bytes:
        if b"\r\ntransfer-encoding: chunked\r\n" in head:
            # JSON has no line breaks of this kind, so this is the last chunk.
            while not received.endswith(b"0\r\n\r\n"):
                received += self._more(path)
            return joined(bytes(received))
        length = int(head.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0])
        while len(received) < length:
            received += self._more(path)
        return bytes(received)

    def _more(self, path: str) -> bytes:
        data = self._socket.recv(SIZE)
        if not data:
            raise MeasureError(f"{path}: the connection was closed")
        return data

    def _connected(self) -> socket.socket:
        connection = socket.create_connection((HOST, self._port), TIMEOUT)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def joined(chunks: bytes) -> bytes:
    """The body of an answer in chunks, each after its length."""
    parts = []
    while chunks:
        size, _, rest = chunks.partition(b"\r\n")
        length = int(size, 16)
        parts.append(rest[:length])
        chunks = rest[length + 2 :]
    return b"".join(parts)


def milliseconds(client: Client, path: str, seconds: float) -> list[float]:
    """The milliseconds of each request that began within `seconds`."""
    taken = []
    end = time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        client.get(path)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def main(port: int, key: str) -> None:
    with Client(port, key) as client:
        for line in sys.stdin:
            path = line.strip()
            for _ in range(WARM_UP_REQUESTS):
                client.get(path)
            print("ready", flush=True)
            seconds = float(sys.stdin.readline())
            print(json.dumps(milliseconds(client, path, seconds)), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
