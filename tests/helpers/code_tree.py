"""A tree of code that a test edits, and a database to load it into."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

from position_manager.deploy import loader
from position_manager.deploy.loader import Loaded

# On the tables of the migrations; each definition refers to another one.
SMALL = {
    "functions/base/types.sql": """
CREATE TYPE pms.pair AS (one integer, two integer);

COMMENT ON TYPE pms.pair IS 'Two numbers.';
""",
    "functions/base/pairs.sql": """
CREATE OR REPLACE FUNCTION pms.pairs() RETURNS SETOF pms.pair LANGUAGE sql
AS $$ SELECT 1, 2 $$;
""",
    "functions/base/twice.sql": """
CREATE OR REPLACE FUNCTION pms.twice(amount numeric) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN 2 * amount;

COMMENT ON FUNCTION pms.twice IS 'Twice as much.';

GRANT EXECUTE ON FUNCTION pms.twice TO pms_reader;
""",
    "views/api/sizes.sql": """
CREATE OR REPLACE VIEW api.sizes AS
SELECT p.asset, pms.twice(p.size) AS size, p.mode FROM pms.positions p;

COMMENT ON VIEW api.sizes IS 'Sizes, twice.';

COMMENT ON COLUMN api.sizes.size IS 'Two times the size.';

GRANT SELECT ON api.sizes TO pms_reader;
""",
    "views/api/copies.sql": """
CREATE OR REPLACE VIEW api.copies AS SELECT s.* FROM api.sizes s;
""",
    "views/ledger/tables.sql": """
COMMENT ON TABLE pms.positions IS 'Positions.';

GRANT SELECT ON pms.positions TO pms_analyst;
""",
}


class CodeTree:
    """A folder like ``db/``, and a connection of a superuser to the database that has its code."""

    def __init__(self, folder: Path, conn: psycopg.Connection[Any]) -> None:
        self.folder = folder
        self.conn = conn

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()

    def load(self, *, recreate_dependents: bool = False, everything: bool = False) -> Loaded:
        return loader.load(
            self.conn, self.folder, recreate_dependents=recreate_dependents, everything=everything
        )

    def execute(self, *statements: str) -> None:
        for statement in statements:
            self.conn.execute(statement.encode())

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self.conn.execute(statement.encode()).fetchall()

    def value(self, statement: str) -> Any:
        ((value,),) = self.rows(statement)
        return value

    def comment(self, name: str, catalog: str = "pg_class") -> Any:
        kind = {"pg_class": "regclass", "pg_proc": "regproc", "pg_type": "regtype"}[catalog]
        return self.value(f"SELECT obj_description('{name}'::{kind}, '{catalog}')")
