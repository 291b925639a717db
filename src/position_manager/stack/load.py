"""``make load``: put the code of the tree into the running stack, then check what was loaded.

The checks never prevent a load: bodies are compiled afterwards, as PostgreSQL does at CREATE
FUNCTION by default, and plpgsql_check reads those of PL/pgSQL.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg

from position_manager.deploy.source import CodeObject, read_tree
from position_manager.paths import ROOT
from position_manager.stack import deploy, settings
from position_manager.stack.context import Context, StackError

DB = ROOT / "db"
FINDINGS = """
    SELECT f.lineno, concat_ws(': ', f.level, f.message, f.detail, f.hint)
    FROM pg_proc p
    INNER JOIN pg_language l ON p.prolang = l.oid
    CROSS JOIN LATERAL plpgsql_check_function_tb(p.oid) f
    WHERE p.oid = to_regproc(%s) AND l.lanname = 'plpgsql'
"""


def main() -> int:
    began = time.monotonic()
    context = Context(settings.chosen().as_started())
    try:
        code = deploy.load_code(context)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    loaded = set(code.created)
    print(f"{code} in {time.monotonic() - began:.2f} s", *code.ended(), sep="\n")
    routines = [code for code in read_tree(DB) if code.kind == "routine" and code.name in loaded]
    with psycopg.connect(context.dsn()) as conn:
        findings = list(check(conn, routines))
        conn.rollback()
    for finding in findings:
        print(finding, file=sys.stderr)
    return 0


def check(
    conn: psycopg.Connection[Any], routines: Sequence[CodeObject], db: Path = DB
) -> Iterator[str]:
    """Findings of PostgreSQL and plpgsql_check in functions, with file and line.

    The connection's transaction must be rolled back: it creates the functions again, to have their
    bodies compiled, and an extension.
    """
    if not routines:
        return
    conn.execute("SET client_min_messages = error")
    conn.execute("CREATE EXTENSION IF NOT EXISTS plpgsql_check")
    # Before a function of PL/pgSQL is called in the session: plpgsql_check 2.8 requires it.
    conn.execute("LOAD 'plpgsql_check'")
    for code in routines:
        conn.execute("SAVEPOINT checked")
        try:
            conn.execute(code.definition.encode())
        except psycopg.Error as error:
            conn.execute("ROLLBACK TO SAVEPOINT checked")
            position = int(error.diag.statement_position or 1)
            offset = code.definition.count("\n", 0, position - 1)
            yield f"{_place(db, code, offset)}: error: {error.diag.message_primary}"
        else:
            for line, text in conn.execute(FINDINGS, [code.name]):
                yield f"{_place(db, code, _body_offset(code) + (line or 1) - 1)}: {text}"


def _body_offset(code: CodeObject) -> int:
    """How many lines of the definition come before the one in which the body begins."""
    body = re.search(r"\bAS\s+\$", code.definition)
    return code.definition.count("\n", 0, body.end()) if body else 0


def _place(db: Path, code: CodeObject, offset: int) -> str:
    """File and line of an object's definition, `offset` lines after its first."""
    text = (db / code.path).read_text()
    return f"db/{code.path}:{text.count(chr(10), 0, text.index(code.definition)) + offset + 1}"


if __name__ == "__main__":
    sys.exit(main())
