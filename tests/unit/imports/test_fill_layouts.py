"""The exports of venues, read as fills: each sample beside what is in it."""

from __future__ import annotations

import io
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from position_manager.cli.fill_formats import Venue
from position_manager.cli.fill_layouts import LAYOUTS
from position_manager.cli.fill_rows import FileError, FillFile
from tests.helpers.tree import ROOT

SAMPLES = ROOT / "tests/fills"
NEW_YORK = ZoneInfo("America/New_York")
FIELDS = (
    "execution_id", "order_id", "asset", "side", "execution_quantity", "execution_price",
    "execution_fees", "fee_currency", "executed_at", "position_side", "account",
)  # fmt: skip


def opened(text: str, venue: Venue | None = None, zone: ZoneInfo | None = None) -> FillFile:
    return FillFile(io.StringIO(text, newline=""), venue, zone)


def listed(file: FillFile) -> list[str]:
    """The layout and the rows of a file, as the samples' lists have them."""
    lines = [file.layout.title]
    for each in file:
        fields = (each.fill or {}).get
        shown = [(fields(name) or "-").replace(" ", "_") for name in FIELDS]
        lines.append(f"{each.line}: {' '.join(shown) if each.fill else each.objection or 'none'}")
    return lines


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.csv")), ids=lambda path: path.stem)
def test_a_sample_is_read_as_listed_beside_it(sample: Path) -> None:
    text = sample.read_text(encoding="utf-8-sig")
    zone = NEW_YORK if sample.stem.startswith("ibkr") else None

    assert listed(opened(text, zone=zone)) == sample.with_suffix(".txt").read_text().splitlines()


def test_every_layout_has_a_sample() -> None:
    titles = {each.read_text().splitlines()[0] for each in SAMPLES.glob("*.txt")}

    assert titles == {each.title for each in LAYOUTS} - {"fills export"}


def test_a_header_is_of_one_layout_alone() -> None:
    for sample in SAMPLES.glob("*.csv"):
        text = sample.read_text(encoding="utf-8-sig")
        layout = opened(text, zone=NEW_YORK).layout
        for venue in set(Venue) - {layout.venue}:
            with pytest.raises(FileError, match="header: "):
                opened(text, venue, NEW_YORK)


def test_times_without_a_zone_need_one() -> None:
    for name in ("ibkr_flex", "ibkr_activity"):
        with pytest.raises(FileError, match="have no zone"):
            opened((SAMPLES / f"{name}.csv").read_text())
    zoneless = (SAMPLES / "binance_futures.csv").read_text().replace("Time(UTC)", "Time")
    with pytest.raises(FileError, match="have no zone"):
        opened(zoneless)
    first = next(iter(opened(zoneless, zone=NEW_YORK))).fill
    assert first is not None
    assert first["executed_at"] == "2026-05-22T20:25:18+00:00"


def test_a_time_that_came_twice_or_never_is_not_guessed() -> None:
    text = (SAMPLES / "ibkr_flex.csv").read_text()
    for time in ("20261101;013000", "20260308;023000"):
        rows = list(opened(text.replace("20260105;093001", time), zone=NEW_YORK))
        assert rows[1].objection == f"executed_at: {time} is no time, or two, in America/New_York"


def test_a_row_without_a_time_is_refused() -> None:
    rows = list(opened("id,symbol,side,price,amount,datetime\n1,BTC/USDT,buy,2,3,\n"))

    assert [each.objection for each in rows] == ["executed_at: missing"]
