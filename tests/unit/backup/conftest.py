"""A database of its own, filled by a session; its server has no other one of that name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from position_manager.backup import restore as restoration
from position_manager.backup import take
from position_manager.backup.archive import Backup
from position_manager.backup.restore import Restored
from position_manager.deploy.database import Database
from position_manager.simulation.session import Session
from position_manager.stack import deploy
from position_manager.stack.stack import Stack
from tests.helpers.clones import clone_of_template
from tests.helpers.sessions import apply, assert_exact, session

FILLS = 60


@dataclass(frozen=True)
class Vault:
    """A database to back up, and a folder for its backups."""

    database: Database
    folder: Path

    def back_up(self, name: str = "backup") -> Backup:
        return take.take(self.database, self.folder / name)

    def restore(self, backup: Backup, *, replace: bool = False, after_epoch: int = 0) -> Restored:
        return restoration.restore(
            self.database, backup, replace_content=replace, after_epoch=after_epoch
        )

    def dsn(self, role: str = "pms_operator") -> str:
        return self.database.conninfo(role)

    def rows(self, query: str, role: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn(role), autocommit=True) as conn:
            cursor = conn.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def destroy(self) -> None:
        """Drop the database."""
        server = self.database.conninfo("postgres", "postgres")
        with psycopg.connect(server, autocommit=True) as conn:
            name = sql.Identifier(self.database.name)
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@contextmanager
def deployed_vault(server: Stack, folder: Path) -> Iterator[Vault]:
    with clone_of_template(server.context) as name:
        # A clone does not have the privileges of its template.
        deploy.create_database(server.context, name)
        deploy.deploy_schema(server.context, name)
        yield Vault(deploy.database(server.context, name), folder)


@pytest.fixture
def vault(server: Stack, tmp_path: Path) -> Iterator[Vault]:
    """A deployed database without data."""
    with deployed_vault(server, tmp_path) as vault:
        yield vault


@dataclass(frozen=True)
class Kept:
    """A backup, and its database, which has more fills since. Tests leave both as they are."""

    vault: Vault
    backup: Backup
    fills: int
    """In the backup."""
    played: Session

    def assert_untouched(self) -> None:
        """The database has all fills."""
        assert_exact(self.vault.dsn(), self.played)


@pytest.fixture(scope="module")
def kept(server: Stack, seed: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with deployed_vault(server, tmp_path_factory.mktemp("kept")) as vault:
        played = session(seed, FILLS)
        half = len(played.messages) // 2
        apply(vault.dsn("pms_worker"), played.messages[:half])
        ((fills,),) = vault.rows("SELECT count(*) FROM api.fills")
        backup = vault.back_up()
        apply(vault.dsn("pms_worker"), played.messages[half:])
        yield Kept(vault, backup, fills, played)


@pytest.fixture
def copy(kept: Kept, tmp_path: Path) -> Backup:
    """A copy of the backup, to be damaged."""
    return Backup(shutil.copytree(kept.backup.folder, tmp_path / "copy"), kept.backup.manifest)
