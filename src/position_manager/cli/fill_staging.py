"""Fills of a file on disk, sorted for their import, so that memory does not grow with the file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter

from position_manager.names import account_name, asset_name

# An unnamed database of SQLite is a file that ends with its connection.
CREATE = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -8000;
    CREATE TABLE fills (
        line INTEGER PRIMARY KEY, account TEXT, asset TEXT, leg TEXT, at INTEGER, fill TEXT,
        content BLOB
    );
    CREATE TABLE refused (line INTEGER PRIMARY KEY, outcome TEXT);
"""
# A batch changes few legs, and replays one whose ledger goes on after it once.
BY_LEG_AND_TIME = "account, asset, leg, at"
# A batch has all fills of an id.
BY_ID = "account, json_extract(fill, '$.execution_id')"
SORTED = """
    SELECT line, fill, {number}, {key}
    FROM fills
    ORDER BY {key}, at, line{direction}
"""
# How often a row of the same content came before it in the file.
NUMBER = "row_number() OVER (PARTITION BY content ORDER BY line)"
FACTS = """
    SELECT count(*), count(DISTINCT account), count(DISTINCT asset), min(at), max(at) FROM fills
"""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ROWS = 1000

Fill = Mapping[str, str]


@dataclass(frozen=True)
class Facts:
    """Facts of a file."""

    fills: int
    accounts: int
    assets: int
    first: str | None
    last: str | None


class Staging:
    """The fills of a file, and the rows of it that were refused."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.executescript(CREATE)
        self._waiting: list[tuple[int, str, str, str, int | None, str, bytes | None]] = []
        self._before: int | None = None
        self._rises = 0

    def close(self) -> None:
        """Remove the file."""
        self._base.close()

    def add(self, line: int, fill: Fill, has_id: bool) -> None:
        """Add a fill; without an id, it is known by its content."""
        at = microseconds(fill.get("executed_at", ""))
        if at is not None:
            if self._before is not None and at != self._before:
                self._rises += 1 if at > self._before else -1
            self._before = at
        account, asset = account_name(fill["account"]), asset_name(fill.get("asset", ""))
        text, content = json.dumps(fill, ensure_ascii=False), None if has_id else digest(fill)
        self._waiting.append(
            (line, account, asset, fill.get("position_side", ""), at, text, content)
        )
        if len(self._waiting) == ROWS:
            self._write()

    def refuse(self, line: int, outcome: Mapping[str, str | None]) -> None:
        """Keep the outcome of a row that is no fill of the ledger."""
        self._base.execute("INSERT INTO refused VALUES (?, ?)", (line, json.dumps(outcome)))

    def refused(self) -> Iterator[dict[str, str | int]]:
        """The rows that were refused, in the order of the file, with their lines."""
        for line, outcome in self._base.execute("SELECT line, outcome FROM refused ORDER BY line"):
            yield {"line": line} | json.loads(outcome)

    def facts(self) -> Facts:
        """Facts of the file."""
        self._write()
        *counts, first, last = self._base.execute(FACTS).fetchone()
        return Facts(*counts, *(None if at is None else time_text(at) for at in (first, last)))

    def batches(self, size: int, key: str = BY_LEG_AND_TIME) -> Iterator[tuple[Sequence[int], str]]:
        """The fills in the order of a key: their lines, and a JSON array of them.

        Fills of one key stay together, so that those that come twice meet, unless they are more
        than twice the size.
        """
        self._write()
        lines: list[int] = []
        texts: list[str] = []
        statement = SORTED.format(
            key=key,
            number=NUMBER if self._has_no_ids() else "NULL",
            # The newest comes first in many exports, also of those of one moment.
            direction=" DESC" if self._rises < 0 else "",
        )
        rows = self._base.execute(statement)
        for _, same in groupby(rows, key=itemgetter(slice(3, None))):
            for line, text, number, *_ in same:
                lines.append(line)
                texts.append(text if number is None else numbered(text, number))
                if len(lines) == 2 * size:
                    yield lines, f"[{','.join(texts)}]"
                    lines, texts = [], []
            if len(lines) >= size:
                yield lines, f"[{','.join(texts)}]"
                lines, texts = [], []
        if lines:
            yield lines, f"[{','.join(texts)}]"

    def _has_no_ids(self) -> bool:
        found = self._base.execute("SELECT EXISTS (SELECT 1 FROM fills WHERE content IS NOT NULL)")
        return bool(found.fetchone()[0])

    def _write(self) -> None:
        self._base.execute("BEGIN")
        self._base.executemany("INSERT INTO fills VALUES (?, ?, ?, ?, ?, ?, ?)", self._waiting)
        self._base.execute("COMMIT")
        self._waiting.clear()


def microseconds(text: str) -> int | None:
    """A time as a number, to sort by; None when it is no time that is read here."""
    with suppress(ValueError):
        time = datetime.fromisoformat(text)
        return _since_epoch(time if time.tzinfo else time.replace(tzinfo=UTC))
    if not text.isdecimal():
        return None
    # As the service reads an epoch: by its magnitude of s, ms, us or ns.
    for digits, factor in ((11, 1_000_000), (14, 1_000), (17, 1)):
        if len(text) <= digits:
            return int(text) * factor
    return int(text[:19]) // 1_000


def time_text(at: int) -> str:
    """The inverse of microseconds, in ISO 8601."""
    seconds, rest = divmod(at, 1_000_000)
    return (
        datetime.fromtimestamp(seconds, UTC)
        .replace(microsecond=rest)
        .isoformat()
        .replace("+00:00", "Z")
    )


def _since_epoch(time: datetime) -> int:
    gone = time - EPOCH
    return (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds


def digest(fill: Fill) -> bytes:
    """The same for fills of the same content, however their amounts are written."""
    parts = (f"{name}={_canonical(value)}" for name, value in sorted(fill.items()))
    text = "\n".join(part for part in parts if not part.startswith("account="))
    return blake2b(text.encode(), digest_size=12).digest()


def _canonical(text: str) -> str:
    with suppress(InvalidOperation):
        return str(Decimal(text).normalize())
    return text


def numbered(text: str, number: int) -> str:
    """A fill without an id, with one of its content and its number among its equals."""
    fill = json.loads(text)
    return json.dumps(
        fill | {"execution_id": f"row-{digest(fill).hex()}-{number}"}, ensure_ascii=False
    )
