"""Launch one part of the stack: ``python -m position_manager.stack.launch SPEC``.

The supervisor starts this at every start of the part, instead of the program itself. It ends
processes left over from an earlier start (workers of a killed nginx still hold the port), records
the process of the part, switches to the part's user and executes the program.

A part that runs as wanted, from before its supervisor was killed, is adopted instead: this process
waits for its end, and passes signals on to it.
"""

from __future__ import annotations

import json
import os
import pwd
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from position_manager.stack.processes import GRACE, Record, exists, send, wait, working_in

# A part that fails at once is restarted indefinitely, but not more often than this.
SECONDS_BETWEEN_STARTS = 1.0
PATIENCE = 30.0
SETPRIV = "/usr/bin/setpriv"


@dataclass(frozen=True, slots=True)
class Spec:
    """The command of a part, with its environment and user."""

    argv: list[str]
    env: dict[str, str]
    cwd: str
    user: str | None = None
    capabilities: list[str] = field(default_factory=list)
    """Of root, those that the user keeps, as setpriv names them."""
    stop_signal: str = "TERM"
    after_port: int | None = None
    """A port on this machine that must answer before the start."""
    memory: int | None = None
    """Bytes of its own that each of its processes may have."""
    postgres_data: str | None = None
    """The cluster's folder, for at most one server at a time."""
    inputs: dict[str, str] = field(default_factory=dict)
    """Digests of the inputs that the part reads only at its start; a change restarts it."""

    def text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    def digest(self) -> str:
        return sha256(self.text().encode()).hexdigest()


def record_path(spec_path: Path) -> Path:
    """The file with the record of the part's process."""
    return spec_path.with_suffix(".process")


def log_path(spec_path: Path) -> Path:
    """The part's log."""
    return spec_path.parent.parent / "logs" / f"{spec_path.stem}.log"


def main(spec_path: Path) -> None:
    spec = Spec(**json.loads(spec_path.read_text()))
    record = record_path(spec_path)
    _write_to(log_path(spec_path))
    if (last := Record.read(record)) is not None and last.pid != os.getpid():
        if last.alive() and last.spec == spec.digest():
            _adopt(last)
            return
        last.end()
    _pace_starts(record)
    if spec.after_port is not None:
        _await_port(spec.after_port)
    if spec.postgres_data is not None:
        clear_postmaster_lock(Path(spec.postgres_data), Path(spec.argv[0]))
    Record.of_this_process(spec.digest(), spec.stop_signal).write(record)
    argv = as_user(spec.user, spec.argv, spec.capabilities)
    if spec.memory is not None:
        _bound_memory(spec.memory)
    if spec.user is not None:
        # A program that opens /dev/stdout needs more than the open descriptor.
        os.fchown(sys.stdout.fileno(), pwd.getpwnam(spec.user).pw_uid, -1)
    os.chdir(spec.cwd)
    os.execve(argv[0], argv, spec.env)


def as_user(user: str | None, argv: list[str], capabilities: Sequence[str] = ()) -> list[str]:
    """The command `argv` as another user, with these capabilities of root; None: unchanged."""
    if user is None:
        return argv
    kept = ",".join(f"+{name}" for name in capabilities)
    keep = [f"--inh-caps={kept}", f"--ambient-caps={kept}"] if kept else []
    group = str(pwd.getpwnam(user).pw_gid)
    return [SETPRIV, f"--reuid={user}", f"--regid={group}", "--init-groups", *keep, *argv]


def _write_to(log: Path) -> None:
    """Write to the part's own log: a pipe to the supervisor fills when the supervisor hangs."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for output in (sys.stdout, sys.stderr):
        os.dup2(file, output.fileno())
    os.close(file)


def _adopt(part: Record) -> None:
    """Wait for the end of a running part, and pass on the signals that the supervisor sends."""

    def pass_on(number: int, _frame: object) -> None:
        send(part.pid, signal.Signals(number))

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, pass_on)
    try:
        process = os.pidfd_open(part.pid)
    except ProcessLookupError:
        return
    # Another process may have the number already.
    if part.alive():
        select.select([process], [], [])


def _pace_starts(record: Path) -> None:
    if record.exists():
        waited = time.time() - record.stat().st_mtime
        time.sleep(min(max(SECONDS_BETWEEN_STARTS - waited, 0), SECONDS_BETWEEN_STARTS))


def _await_port(port: int) -> None:
    def answers() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    if not wait(answers, PATIENCE):
        sys.exit(f"port {port} does not answer yet")


def clear_postmaster_lock(data: Path, program: Path) -> None:
    """End the backends that outlive a killed server, then remove its stale lock file.

    Most backends end when they notice that the server is gone. One that is stopped, or waits for a
    lock in shared memory, never notices, and PostgreSQL refuses to start beside it. PostgreSQL
    removes most stale locks itself, but it refuses to start while the pid in one belongs to another
    process of the same user.
    """
    lock = data / "postmaster.pid"
    server = int(lock.read_text().split("\n", 1)[0]) if lock.exists() else None
    _end_backends(data, program, server)
    if not wait(lambda: not working_in(data, program), PATIENCE):
        sys.exit(f"an earlier server still runs in {data}")
    if server is not None and exists(server):
        lock.unlink(missing_ok=True)


def _end_backends(data: Path, program: Path, server: int | None) -> None:
    """End processes of a dead server the way the server itself would: SIGQUIT, then SIGKILL."""
    for number in (signal.SIGQUIT, signal.SIGKILL):
        ended = wait(lambda: not working_in(data, program), GRACE)
        left = [] if ended else working_in(data, program)
        if server is None or server in left:
            return
        for pid in left:
            send(pid, number)


def _bound_memory(size: int) -> None:
    """Limit private memory: what is shared, or only reserved, does not count."""
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    size = size if most == resource.RLIM_INFINITY else min(size, most)
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
