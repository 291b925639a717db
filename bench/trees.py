"""Two trees side by side: this one and another commit, each with a private stack of its own.

The other tree is installed by its own Makefile and run by its own command line, and no module of
it is imported: its layout is its own business. Clients find a stack by its file ``env`` and by the
passwords in its ``secrets.json``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bench.batches import MeasureError
from position_manager.paths import ROOT
from position_manager.stack.ports import free_ports
from position_manager.stack.processes import wait

Say = Callable[[str], None]

STARTED_WITHIN = 900.0
ENDED_WITHIN = 20.0
LOG_TAIL = 2000
SIGNALS = (signal.SIGINT, signal.SIGTERM)
# Each port of a stack stands in the tree's list of settings by this name.
PORT = re.compile(r"^(?:# ?)?(POSITION_MANAGER_(?:STACK_[A-Z_]+_)?PORT)=", re.MULTILINE)
# Settings of the caller's own stack, and of the make that runs this one.
NOT_PASSED_ON = re.compile(r"POSITION_MANAGER_|PMS_|POSTGRES_|RABBITMQ_|PG|PYTHON|VIRTUAL_ENV|MAKE")


@dataclass(frozen=True, slots=True)
class Service:
    """A running stack, as its clients find it."""

    url: str
    key: str
    broker: str
    operator: str
    passwords: dict[str, str]

    @classmethod
    def of(cls, folder: Path) -> Service:
        lines = (folder / "env").read_text().splitlines()
        env = dict(line.split("=", 1) for line in lines)
        return cls(
            url=env["POSITION_MANAGER_URL"],
            key=env["POSITION_MANAGER_API_KEY"],
            broker=env["RABBITMQ_URL"],
            operator=env["DATABASE_URL"],
            passwords=json.loads((folder / "secrets.json").read_text()),
        )

    @property
    def database(self) -> str:
        """The database that the service itself works on."""
        return str(conninfo_to_dict(self.operator)["dbname"])

    def dsn(self, dbname: str, role: str = "postgres") -> str:
        """A connection string as one of the roles, by default the superuser."""
        password = self.passwords[role]
        return make_conninfo(self.operator, user=role, password=password, dbname=dbname)


class Tree:
    """A tree of files, and a private stack that runs its code."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self._folder = folder
        self._log = folder.with_suffix(".log")
        self._program = root / ".venv" / "bin" / "position-manager"
        self._environment = {
            name: value for name, value in os.environ.items() if not NOT_PASSED_ON.match(name)
        } | {
            "POSITION_MANAGER_STACK_DIR": str(folder),
            # Requests come faster than any key may send them.
            "POSITION_MANAGER_RATE_LIMIT_ENABLED": "false",
            # An installation that is interrupted leaves its files there.
            "TMPDIR": str(folder.parent),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def port_names(self) -> list[str]:
        """The setting of each port of its stack."""
        return PORT.findall((self._root / "env.example").read_text())

    def start(self, ports: dict[str, int], *, install: bool) -> None:
        """Begin to start the stack, after installing what its code needs if wanted."""
        self._environment |= {name: str(port) for name, port in ports.items()}
        commands = [f"exec '{self._program}' up"]
        if install:
            commands.insert(0, "make --silent setup")
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(
                ["/bin/sh", "-ec", "\n".join(commands)],
                cwd=self._root,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                # A signal from the terminal is ours alone: we end it in order.
                start_new_session=True,
            )

    def service(self) -> Service:
        """Wait for the stack; return how clients find it."""
        assert self._process is not None
        if not wait(self._has_started, STARTED_WITHIN) or self._process.returncode != 0:
            raise MeasureError(f"the stack of {self._root} does not start:\n{self._tail()}")
        return Service.of(self._folder)

    def _has_started(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """Stop and delete the stack, however far its start has come."""
        if self._process is not None:
            self._end_start(self._process)
        if not self._folder.exists():
            return
        done = subprocess.run(
            [self._program, "down", "--delete"],
            cwd=self._root,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            start_new_session=True,
        )
        if done.returncode != 0:
            raise MeasureError(f"the stack in {self._folder} does not stop:\n{done.stderr}")

    @staticmethod
    def _end_start(process: subprocess.Popen[bytes]) -> None:
        def ended() -> bool:
            process.poll()
            try:
                os.killpg(process.pid, 0)
            except ProcessLookupError:
                return True
            return False

        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            if wait(ended, ENDED_WITHIN):
                return

    def _tail(self) -> str:
        return self._log.read_text(errors="replace")[-LOG_TAIL:]


@contextmanager
def side_by_side(commit: str, say: Say) -> Iterator[tuple[Service, Service]]:
    """The services of this tree and of the commit; neither exists afterwards."""
    with _signals_as_exits():
        trees: list[Tree] = []
        base = ROOT / ".stack"
        base.mkdir(exist_ok=True)
        with _postponed_signals():
            folder = Path(tempfile.mkdtemp(prefix="bench-", dir=base))
        try:
            other = folder / "tree"
            _check_out(commit, other)
            trees += [Tree(ROOT, folder / "this"), Tree(other, folder / "that")]
            names = [tree.port_names() for tree in trees]
            ports = iter(free_ports(sum(map(len, names))))
            say(f"starting both stacks in {folder}, the other one after its setup")
            for tree, wanted in zip(trees, names, strict=True):
                with _postponed_signals():
                    tree.start({name: next(ports) for name in wanted}, install=tree is trees[1])
            this, that = [tree.service() for tree in trees]
            yield this, that
        finally:
            with _postponed_signals():
                _remove(trees, folder)


def _remove(trees: list[Tree], folder: Path) -> None:
    """Stop both stacks, even if one does not; the folder of such a one stays."""
    failures = []
    for tree in trees:
        try:
            tree.stop()
        except MeasureError as error:
            failures.append(str(error))
    if failures:
        raise MeasureError("\n".join(failures))
    shutil.rmtree(folder)


def commit_of(reference: str) -> str:
    """The commit that a reference of git names."""
    done = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    if done.returncode != 0:
        raise MeasureError(f"{reference} names no commit: give a branch, a tag or a hash")
    return done.stdout.decode().strip()


@contextmanager
def _signals_as_exits() -> Iterator[None]:
    """Let SIGINT and SIGTERM end the run through an exception, past everything that cleans up."""

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    with _handled_by(leave):
        yield


@contextmanager
def _postponed_signals() -> Iterator[None]:
    """Hold a signal back until the block is done."""
    held: list[int] = []
    with _handled_by(lambda number, _: held.append(number)):
        yield
    for number in held:
        signal.raise_signal(number)


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in SIGNALS}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _check_out(commit: str, folder: Path) -> None:
    archive = _git("archive", "--format=tar", commit)
    if archive.returncode != 0:
        raise MeasureError(f"git archive {commit}: {archive.stderr.decode().strip()}")
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True)
