"""Two trees side by side: this one and another commit, each with its own private stack.

The other tree is installed by its own Makefile and run by its own command line. None of its modules
are imported, so its layout does not matter. Clients find a stack by its files ``env`` and
``secrets.json``, and its processes by ``run/supervisord.pid``.
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

from bench.errors import MeasureError
from position_manager.paths import ROOT
from position_manager.stack.ports import free_ports
from position_manager.stack.processes import wait

Log = Callable[[str], None]

STARTED_WITHIN = 900.0
ENDED_WITHIN = 20.0
LOG_TAIL = 2000
SIGNALS = (signal.SIGINT, signal.SIGTERM)
# The setting of each port in the tree's env.example.
PORT = re.compile(r"^(?:# ?)?(POSITION_MANAGER_(?:STACK_[A-Z_]+_)?PORT)=", re.MULTILINE)
# Settings of the caller's stack, and of the make process that runs this one.
NOT_PASSED_ON = re.compile(r"POSITION_MANAGER_|PMS_|POSTGRES_|RABBITMQ_|PG|PYTHON|VIRTUAL_ENV|MAKE")


@dataclass(frozen=True, slots=True)
class Service:
    """The addresses and passwords of a running stack, and the pid of its supervisor."""

    url: str
    key: str
    broker: str
    operator: str
    passwords: dict[str, str]
    supervisor: int

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
            supervisor=int((folder / "run" / "supervisord.pid").read_text()),
        )

    @property
    def database(self) -> str:
        """The name of the service's database."""
        return str(conninfo_to_dict(self.operator)["dbname"])

    def dsn(self, dbname: str, role: str = "postgres") -> str:
        """A connection string of a role, by default of the superuser."""
        password = self.passwords[role]
        return make_conninfo(self.operator, user=role, password=password, dbname=dbname)


class Tree:
    """A source tree, and a private stack that runs its code."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self._folder = folder
        self._log = folder.with_suffix(".log")
        self._program = root / ".venv" / "bin" / "position-manager"
        self._environment = {
            name: value for name, value in os.environ.items() if not NOT_PASSED_ON.match(name)
        } | {
            "POSITION_MANAGER_STACK_DIR": str(folder),
            # The benchmark sends requests faster than any limit allows.
            "POSITION_MANAGER_RATE_LIMIT_ENABLED": "false",
            # An interrupted installation leaves its temporary files here, where they are deleted.
            "TMPDIR": str(folder.parent),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def port_names(self) -> list[str]:
        """The names of the port settings of its stack."""
        return PORT.findall((self._root / "env.example").read_text())

    def start(self, ports: dict[str, int], *, install: bool) -> None:
        """Start the stack in the background; with `install`, run ``make setup`` first."""
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
                # Signals of the terminal must not reach it: stop() ends it in order.
                start_new_session=True,
            )

    def service(self) -> Service:
        """Wait until the stack has started; return its addresses."""
        assert self._process is not None
        if not wait(self._has_started, STARTED_WITHIN) or self._process.returncode != 0:
            raise MeasureError(f"the stack of {self._root} did not start:\n{self._tail()}")
        return Service.of(self._folder)

    def _has_started(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """Stop and delete the stack, even if its start is not complete."""
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
            raise MeasureError(f"the stack in {self._folder} did not stop:\n{done.stderr}")

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
def side_by_side(commit: str, log: Log) -> Iterator[tuple[Service, Service]]:
    """Run a stack of this tree and one of the commit; both are deleted afterwards."""
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
            log(f"starting both stacks in {folder}; the other tree runs its setup first")
            for tree, wanted in zip(trees, names, strict=True):
                with _postponed_signals():
                    tree.start({name: next(ports) for name in wanted}, install=tree is trees[1])
            this, that = [tree.service() for tree in trees]
            yield this, that
        finally:
            with _postponed_signals():
                _remove(trees, folder)


def _remove(trees: list[Tree], folder: Path) -> None:
    """Stop both stacks and delete the folder; if one fails to stop, keep the folder."""
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
    """The hash of the commit that a git reference names; raises MeasureError for none."""
    done = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    if done.returncode != 0:
        raise MeasureError(f"{reference} is not a commit: give a branch, a tag or a hash")
    return done.stdout.decode().strip()


@contextmanager
def _signals_as_exits() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into SystemExit, so that all clean-up code runs."""

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    with _handled_by(leave):
        yield


@contextmanager
def _postponed_signals() -> Iterator[None]:
    """Postpone signals until the block has ended."""
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
