"""PostgreSQL clusters with the tree deployed in them, kept for the stacks of this and later runs.

An entry is a folder below ``.stack/cache/``: the files of a cluster that was shut down, and its
passwords. Its name has two halves, one for what makes tables (migrations, deployment, the server's
version), one for the code that is loaded. A stack takes a copy of the entry that fits the tree;
where only code changed, of one whose first half fits, and loads the code.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psycopg
from filelock import FileLock

from position_manager.paths import ROOT
from position_manager.stack import deploy, postgres
from position_manager.stack.context import DATABASE
from position_manager.stack.stack import Stack
from tests.helpers.runs import private_stack

CACHE = ROOT / ".stack" / "cache"
KEPT = 3
TEMPLATE = "pms_template"

STATE = (
    "sqitch.plan",
    "sqitch.conf",
    "db/bootstrap.sql",
    "db/migrations",
    "db/sqitch",
    "src/position_manager/deploy",
    "src/position_manager/stack/deploy.py",
    "src/position_manager/stack/postgres.py",
    "src/position_manager/stack/context.py",
    "tests/helpers/prepared_cluster.py",
)
CODE = ("db/functions", "db/views")


@dataclass(frozen=True)
class Key:
    """The tree, as far as the template depends on it."""

    state: str
    code: str

    @classmethod
    def of(cls, tree: Path) -> Key:
        server = subprocess.run(
            [postgres.bin_dir() / "postgres", "--version"],
            check=True,
            capture_output=True,
        ).stdout
        return cls(_digest(tree, STATE, server), _digest(tree, CODE))

    @property
    def name(self) -> str:
        return f"{self.state}-{self.code}"


def prepared_stack(folder: Path, **settings: object) -> Stack:
    """A stack in `folder` with the tree deployed in its database and in the template."""
    stack = private_stack(folder, **settings)
    if not stack.context.exists() and not PreparedClusters().copy_into(stack, Key.of(ROOT)):
        stack.up(["postgres"])
        for name in (DATABASE, TEMPLATE):
            deploy.deploy_schema(stack.context, name)
    return stack


def make_cluster(stack: Stack) -> None:
    """Start PostgreSQL, with the roles, the stack's own database and the deployed template."""
    stack.up(["postgres"])
    _hasten(stack)
    deploy.create_database(stack.context)
    deploy.deploy_schema(stack.context)
    deploy.create_database(stack.context, TEMPLATE, ["pgtap", "plpgsql_check"])
    # pgTAP is there, and a test that has become a role still calls it.
    with psycopg.connect(stack.context.dsn(dbname=TEMPLATE)) as connection:
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    deploy.deploy_schema(stack.context, TEMPLATE)


def _hasten(stack: Stack) -> None:
    """Wait for no disk, compile no plan.

    Parts die in the tests, the machine does not: a write survives without a sync. The roles of the
    service do not compile either; the superuser would, for up to a second.
    """
    with psycopg.connect(stack.context.dsn(dbname="postgres"), autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "jit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


class PreparedClusters:
    """The entries of one cache."""

    def __init__(self, folder: Path = CACHE) -> None:
        self._folder = folder

    def copy_into(
        self, stack: Stack, key: Key, make: Callable[[Stack], None] = make_cluster
    ) -> bool:
        """Give a new stack the cluster of an entry; return whether its code is that of the tree.

        Where no entry fits, `make` starts the stack's own cluster, which is stopped afterwards and
        becomes the entry. Runs take turns, so only one of them makes it.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder / "lock"):
            entry = self._find(key)
            if entry is None:
                make(stack)
                stack.down()
                self._keep(stack, self._folder / key.name)
                return True
            os.utime(entry)
            stack.context.dir.mkdir(parents=True, exist_ok=True)
            shutil.copy2(entry / "secrets.json", stack.context.dir)
            stack.context.prepare()
            data = stack.context.folder("postgres", "postgres")
            _copy(entry / "cluster", data / "cluster")
            return entry.name == key.name

    def _find(self, key: Key) -> Path | None:
        """The entry of this key, or the newest that has other code."""
        exact = self._folder / key.name
        if exact.exists():
            return exact
        return max(self._folder.glob(f"{key.state}-*"), key=_used, default=None)

    def _keep(self, stack: Stack, entry: Path) -> None:
        partial = self._folder / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        shutil.copy2(stack.context.dir / "secrets.json", partial)
        _copy(stack.context.data / "postgres" / "cluster", partial / "cluster")
        partial.rename(entry)
        entries = sorted(self._folder.glob("*-*"), key=_used)
        for old in entries[:-KEPT]:
            shutil.rmtree(old)


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "--archive", "--reflink=auto", source, target], check=True)


def _used(entry: Path) -> float:
    return entry.stat().st_mtime


def _digest(tree: Path, names: tuple[str, ...], *more: bytes) -> str:
    total = sha256(b"".join(more))
    for name in names:
        path = tree / name
        files = [path] if path.is_file() else path.rglob("*.*")
        for file in sorted(files):
            if file.suffix != ".pyc" and file.is_file():
                total.update(f"{file.relative_to(tree)}\0".encode())
                total.update(sha256(file.read_bytes()).digest())
    return total.hexdigest()[:16]
