"""``make load`` names file and line of a fault in a function."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from position_manager.deploy.source import SourceError, read_tree
from position_manager.stack.load import check

PLACE = "functions/base/edited.sql"
CODE = """\
-- A comment before it.
CREATE OR REPLACE FUNCTION pms.edited(a integer)
RETURNS integer
LANGUAGE {language}
AS $$
{body}
$$;
"""


@pytest.mark.parametrize(
    ("language", "body", "finding"),
    [
        ("sql", "SELECT\n    b", '7: error: column "b" does not exist'),
        ("plpgsql", "BEGIN\n    IFF a THEN;\nEND", '7: error: syntax error at or near "IFF"'),
        ("plpgsql", "BEGIN\n    RETURN (\n        SELECT b);\nEND", "7: error: column"),
        (
            "plpgsql",
            "DECLARE\n    b integer;\nBEGIN\n    RETURN a;\nEND",
            '7: warning: unused variable "b"',
        ),
        ("plpgsql", "BEGIN\n    RETURN a;\nEND", ""),
    ],
    ids=["sql", "syntax", "column", "warning", "clean"],
)
def test_a_finding_has_its_place(
    dsn: str, tmp_path: Path, language: str, body: str, finding: str
) -> None:
    path = tmp_path / PLACE
    path.parent.mkdir(parents=True)
    path.write_text(CODE.format(language=language, body=body))

    with psycopg.connect(dsn) as conn:
        found = "\n".join(check(conn, read_tree(tmp_path), tmp_path))
        conn.rollback()
        assert conn.execute("SELECT to_regproc('pms.edited')").fetchone() == (None,)

    assert found.startswith(f"db/{PLACE}:" if finding else "")
    assert finding in found
    assert bool(found) == bool(finding)


def test_a_file_that_is_no_sql_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / PLACE
    path.parent.mkdir(parents=True)
    path.write_text("SELECT 1;\n\nCREAT VIEW pms.v AS SELECT 1;\n")

    with pytest.raises(SourceError) as refused:
        read_tree(tmp_path)

    assert str(refused.value) == f'db/{PLACE}:3: syntax error at or near "CREAT"'
