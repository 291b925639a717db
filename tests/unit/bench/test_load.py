"""The client of the load reads answers with a length and in chunks."""

from __future__ import annotations

import socket
import threading

import pytest

from bench.errors import MeasureError
from bench.load import Client, joined

OK = b"HTTP/1.1 200 OK\r\n"


class Server:
    """Answers requests with given bytes, each in two parts; counts connections and requests."""

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.requests: list[bytes] = []
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while self._answers:
            connection, _ = self._socket.accept()
            self.connections += 1
            with connection:
                while self._answers and (request := connection.recv(4096)):
                    self.requests.append(request)
                    answer = self._answers.pop(0)
                    connection.sendall(answer[:25])
                    connection.sendall(answer[25:])
                    if b"Connection: close" in answer:
                        break

    def stop(self) -> None:
        self._thread.join(10)
        self._socket.close()


def test_bodies_are_read_over_one_connection_until_the_server_closes_it() -> None:
    server = Server(
        [
            OK + b"Content-Length: 7\r\n\r\n" + b'{"a":1}',
            OK + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            + b'5\r\n{"a":\r\n2\r\n2}\r\n0\r\n\r\n',
            OK + b"Content-Length: 2\r\n\r\n" + b"{}",
        ]
    )  # fmt: skip
    with Client(server.port, "a-key") as client:
        bodies = [client.get(f"/{number}") for number in range(3)]
    server.stop()

    assert bodies == [b'{"a":1}', b'{"a":2}', b"{}"]
    assert server.connections == 2
    assert server.requests[2].startswith(b"GET /2 HTTP/1.1\r\n")
    assert b"\r\nX-API-Key: a-key\r\n" in server.requests[2]


def test_another_status_ends_the_measurement() -> None:
    server = Server([b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"])
    with (
        Client(server.port, "a-key") as client,
        pytest.raises(MeasureError, match=r"/path returned http/1\.1 429"),
    ):
        client.get("/path")
    server.stop()


def test_chunks_are_joined() -> None:
    assert joined(b"a\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n") == b"0123456789x"
