"""The analyst's SQL: rows of the published functions and views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]


@dataclass(frozen=True)
class Analyst:
    """A connection in the role of an analyst."""

    conn: psycopg.Connection[Any]

    def explain(self, asset: object = "BTCUSDT", **asked: object) -> list[Row]:
        """The entries of a position, with its legs after each."""
        return self._call("position_entries", asset=asset, **asked)

    def cycles(self, asset: object = "BTCUSDT", **asked: object) -> list[Row]:
        """The closed cycles of a position."""
        return self._call("closed_cycles", asset=asset, **asked)

    def positions(self, asset: object, at: object = "infinity", **asked: object) -> list[Row]:
        """The positions in an asset at a moment."""
        return self._call("positions_as_of", at=at, asset=asset, **asked)

    def view(self, name: str, **wanted: object) -> list[Row]:
        """The rows of a view with these values."""
        conditions = "".join(f" AND v.{column} = %({column})s" for column in wanted)
        return self._rows(f"SELECT v.* FROM api.{name} v WHERE TRUE{conditions}", wanted)

    def _call(self, function: str, **arguments: object) -> list[Row]:
        named = ", ".join(f"{name} => %({name})s" for name in arguments)
        return self._rows(f"SELECT r.* FROM api.{function}({named}) r", arguments)

    def _rows(self, statement: str, values: dict[str, object]) -> list[Row]:
        with self.conn.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement.encode(), values).fetchall()
