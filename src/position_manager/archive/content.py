"""What a file of entries holds: sums of each leg, to compare, and rows, to restore."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from position_manager.archive.store import ENTRIES, MANIFEST, ArchiveError, Store

BATCH = 50_000
LEG = ("account", "asset", "mode", "leg")
SUMMED = ("quantity", "fee", "amount")
Leg = tuple[str, ...]
Sums = dict[Leg, tuple[Decimal, ...]]
"""Of each leg: entries, voided ones, and the sums of quantity, fee and amount."""


def sums_of(store: Store) -> Sums:
    """The sums of the entries in an archive, read from its file."""
    from pyarrow import parquet

    sums: Sums = {}
    with store.open(ENTRIES) as file:
        for batch in parquet.ParquetFile(file).iter_batches(
            BATCH, columns=[*LEG, *SUMMED, "void_cause"]
        ):
            for row in batch.to_pylist():
                added = (
                    Decimal(1),
                    Decimal(row["void_cause"] is not None),
                    *(row[name] or Decimal(0) for name in SUMMED),
                )
                leg = tuple(row[name] for name in LEG)
                held = sums.get(leg)
                sums[leg] = (
                    added
                    if held is None
                    else tuple(a + b for a, b in zip(held, added, strict=True))
                )
    return sums


def folder_for(period: Mapping[str, Any], store: Store) -> Store:
    """The folder of a period: its own, or one that has no other archive."""
    for number in itertools.count(1):
        name = period["partition"] if number == 1 else f"{period['partition']}-{number}"
        folder = store.within(name)
        held = folder.manifest_if_any()
        if held is None or all(held[each] == period[each] for each in ("archive_id", "closed_at")):
            break
    return folder


def manifest_of(period: Mapping[str, Any], sums: Sums) -> dict[str, Any]:
    """The manifest of an archive, without its files."""
    return {
        "format": 1,
        "partition": period["partition"],
        "archive_id": period["archive_id"],
        "closed_at": period["closed_at"],
        "since": period["since"],
        "until": period["until"],
        "entries": int(sum(each[0] for each in sums.values())),
        "voids": int(sum(each[1] for each in sums.values())),
        "files": [],
        "legs": [
            dict(zip(LEG, leg, strict=True))
            | {"entries": int(each[0]), "voids": int(each[1])}
            | {name: f"{each[2 + n]:f}" for n, name in enumerate(SUMMED)}
            for leg, each in sorted(sums.items())
        ],
    }


def difference(expected: Sums, found: Sums) -> str | None:
    """The first leg whose sums differ; None when all are equal."""
    for leg in sorted(expected.keys() | found.keys()):
        if expected.get(leg) != found.get(leg):
            return f"{' '.join(leg)}: {_shown(expected.get(leg))} != {_shown(found.get(leg))}"
    return None


def verify(store: Store, manifest_sha256: str | None) -> dict[str, Any]:
    """Read an archive whole and compare it with its manifest; raises ArchiveError."""
    if manifest_sha256 is not None and store.sha256(MANIFEST) != manifest_sha256:
        raise ArchiveError(f"{store.location}: {MANIFEST} is not the one that was written")
    manifest = store.manifest()
    for file in manifest["files"]:
        if store.sha256(file["name"]) != file["sha256"]:
            raise ArchiveError(f"{store.location}: {file['name']} has changed")
    stated: Sums = {
        tuple(each[name] for name in LEG): tuple(
            Decimal(each[name]) for name in ("entries", "voids", *SUMMED)
        )
        for each in manifest["legs"]
    }
    differs = difference(stated, sums_of(store))
    if differs is not None:
        raise ArchiveError(f"{store.location}: {differs}")
    return manifest


def require_equal(store: Store, rows: Iterable[Mapping[str, Any]]) -> None:
    """Compare each value in the file with the rows, in its order; raises ArchiveError."""
    from pyarrow import parquet

    with store.open(ENTRIES) as file:
        read = (
            row
            for batch in parquet.ParquetFile(file).iter_batches(BATCH)
            for row in batch.to_pylist()
        )
        for found, expected in itertools.zip_longest(read, rows):
            if found is None or expected is None or found != dict(expected):
                number = (found or expected)["id"]
                raise ArchiveError(f"{store.location}: entry {number} differs from the ledger")


def rows_of(store: Store, size: int) -> Iterator[tuple[int, str]]:
    """The rows of an archive in JSON, as texts of at most `size` rows, with their number."""
    from pyarrow import parquet

    with store.open(ENTRIES) as file:
        for batch in parquet.ParquetFile(file).iter_batches(size):
            rows = [
                {name: value for name, value in row.items() if value is not None}
                for row in batch.to_pylist()
            ]
            yield len(rows), json.dumps(rows, default=_written)


def _written(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else value.isoformat()


def _shown(sums: tuple[Decimal, ...] | None) -> str:
    return "nothing" if sums is None else ", ".join(f"{each:f}" for each in sums)
