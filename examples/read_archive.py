"""Read an archive of the ledger as it lies: what each leg did in it.

Run it with a folder that  position-manager ledger archive  wrote; without one it reads the sample
in archive/. DuckDB and pandas read the same file:  SELECT … FROM 'entries.parquet',
pandas.read_parquet("entries.parquet").
"""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

from pyarrow import compute, parquet


def main(folder: Path) -> None:
    """Print the fills of each leg, without those that were busted or corrected."""
    entries = parquet.read_table(
        folder / "entries.parquet",
        columns=["account", "asset", "mode", "leg", "kind", "quantity", "fee", "void_cause"],
    )
    fills = entries.filter(
        (compute.field("kind") == "trade") & compute.field("void_cause").is_null()
    )
    legs = fills.group_by(["account", "asset", "mode", "leg"]).aggregate(
        [("quantity", "count"), ("quantity", "sum"), ("fee", "sum")]
    )
    for leg in sorted(legs.to_pylist(), key=lambda each: (each["account"], each["asset"])):
        print(
            leg["account"], leg["asset"], leg["leg"],
            f"{leg['quantity_count']} fills",
            f"net {_plain(leg['quantity_sum'])}",
            f"fees {_plain(leg['fee_sum'])}",
        )  # fmt: skip


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("archive"))
