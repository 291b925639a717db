"""A database of its own, filled by a session; its server has no other one of that name."""

from __future__ import annotations

from collections.abc import Iterator
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
from position_manager.stack import deploy
from position_manager.stack.stack import Stack
from tests.helpers.clones import clone_of_template


@dataclass(frozen=True)
class Vault:
    """A database to back up, and a folder for its backups."""

    database: Database
    folder: Path

    def back_up(self, name: str = "backup") -> Backup:
        return take.take(self.database, self.folder / name)

    def restore(self, backup: Backup, *, replace: bool = False) -> Restored:
        return restoration.restore(self.database, backup, replace_content=replace)

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


@pytest.fixture
def vault(server: Stack, tmp_path: Path) -> Iterator[Vault]:
    """A deployed database without data."""
    with clone_of_template(server.context) as name:
        # A clone does not have the privileges of its template.
        deploy.create_database(server.context, name)
        deploy.deploy_schema(server.context, name)
        yield Vault(deploy.database(server.context, name), tmp_path)
