"""Obstacles to a stack are named before any part starts."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mirakuru import TCPExecutor

from position_manager.config.service import ServiceSettings
from position_manager.config.stack import StackSettings
from position_manager.stack.context import LOCALHOST, PORT_FIELDS, StackConfig, StackError
from position_manager.stack.parts import NAMES
from position_manager.stack.ports import OUTGOING, free_ports
from position_manager.stack.stack import Stack


@contextmanager
def stack_in(folder: Path, port: int, **ports: int) -> Iterator[Stack]:
    """A stack that cannot start; its files are removed."""
    config = StackConfig(folder, ServiceSettings(port=port), StackSettings.model_validate(ports))
    stack = Stack(config)
    yield stack
    assert [part.state for part in stack.status()] == ["stopped"] * len(NAMES)
    assert not (folder / "logs" / "supervisord.log").exists()
    stack.down(delete=True)


CHOOSE = """
import sys
from position_manager.stack.ports import free_ports
port = int(sys.argv[1])
print(free_ports(2, range(port, port + 1)))
"""


@pytest.fixture
def busy_port() -> Iterator[int]:
    [port] = free_ports(1)
    server = [sys.executable, "-m", "http.server", "--bind", LOCALHOST, str(port)]
    with TCPExecutor(server, LOCALHOST, port, timeout=30):
        yield port


def test_a_busy_port_is_named_with_its_setting(tmp_path: Path, busy_port: int) -> None:
    # Those of the defaults may be in use by a stack of this machine.
    port, *others = free_ports(1 + len(PORT_FIELDS))
    ports = dict(zip(PORT_FIELDS, others, strict=True)) | {"rabbitmq_port": busy_port}
    with stack_in(tmp_path, port, **ports) as stack:
        with pytest.raises(StackError) as refused:
            stack.up()

        assert str(refused.value) == (
            f"port {busy_port} is in use by another program: "
            "set POSITION_MANAGER_STACK_RABBITMQ_PORT to a free port"
        )


def test_all_busy_ports_are_named_at_once(tmp_path: Path, busy_port: int) -> None:
    port, *others = free_ports(1 + len(PORT_FIELDS))
    ports = dict(zip(PORT_FIELDS, others, strict=True)) | {"postgres_port": busy_port}
    with socket.create_server((LOCALHOST, port)), stack_in(tmp_path, port, **ports) as stack:
        with pytest.raises(StackError) as refused:
            stack.up()

        assert [line.split()[1] for line in str(refused.value).splitlines()] == [
            str(port), str(busy_port)
        ]  # fmt: skip


def test_a_port_shared_by_two_parts_is_refused(tmp_path: Path) -> None:
    with stack_in(tmp_path, 28901) as stack:
        with pytest.raises(StackError) as refused:
            stack.up()

        assert str(refused.value) == (
            "port 28901 is set by POSITION_MANAGER_PORT and "
            "POSITION_MANAGER_STACK_SUPERVISOR_PORT: each needs its own port"
        )


def test_a_port_among_those_of_outgoing_connections_is_named(tmp_path: Path) -> None:
    first, last = (int(port) for port in OUTGOING.read_text().split())
    # That of the supervisor, so that no part starts.
    with stack_in(tmp_path, 28901, rabbitmq_port=last) as stack:
        lines: list[str] = []
        with pytest.raises(StackError, match="port 28901 is set by"):
            Stack(stack.config, lines.append).up()

    assert lines == [
        f"POSITION_MANAGER_STACK_RABBITMQ_PORT: port {last} lies among those of outgoing"
        f" connections ({first} to {last}), one of which may hold it when a part restarts"
    ]


def test_a_path_the_supervisor_cannot_write_is_refused(tmp_path: Path) -> None:
    port, *others = free_ports(1 + len(PORT_FIELDS))
    numbers = dict(zip(PORT_FIELDS, others, strict=True))
    with (
        stack_in(tmp_path / "my stack", port, **numbers) as stack,
        pytest.raises(StackError, match="must not contain spaces, quotes"),
    ):
        stack.up()


def test_a_chosen_port_is_kept_from_other_processes_but_not_from_its_server() -> None:
    [port] = free_ports(1)

    choice = [sys.executable, "-c", CHOOSE, str(port)]
    elsewhere = subprocess.run(choice, check=True, capture_output=True, text=True).stdout

    assert elsewhere == "[]\n"
    assert free_ports(1, range(port, port + 1)) == []
    with socket.create_server((LOCALHOST, port)) as server:
        socket.create_connection(server.getsockname()).close()
