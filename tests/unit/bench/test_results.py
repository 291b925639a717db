"""Results of a run are shown beside those of the newest earlier run of the same sizes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import results

COPY, EXECUTIONS = "COPY of the same rows", "executions, batches of 1000"
QUEUE = "queue to committed positions"
SIZES = {"scale": 1.0}


def document(taken_at: str, factor: float = 1, **sizes: float) -> dict[str, Any]:
    """What a run of two rounds stores."""
    run = results.Results(SIZES | sizes)
    for copied, applied, queued in ((40_000, 12_000, 6_000), (50_000, 25_000, 4_000)):
        run.add(COPY, "rows/s", copied * factor)
        run.add(EXECUTIONS, "fills/s", applied)
        run.add(QUEUE, "fills/s", queued)
    return run.document() | {"taken_at": taken_at}


def printed(table: Table) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=200).print(table)
    return [" ".join(line.split()) for line in text.getvalue().splitlines()]


def test_a_figure_is_shown_beside_its_earlier_median() -> None:
    before = document("2026-01-01T00:00:00+00:00", factor=2)

    lines = printed(results.figures_table(document("2026-01-02T00:00:00+00:00"), before))

    assert f"{COPY} 45,000 40,000 50,000 rows/s 90,000 x 0.50" in lines
    assert f"{QUEUE} 5,000 4,000 6,000 fills/s 5,000 x 1.00" in lines


def test_a_change_since_a_median_of_zero_is_not_shown() -> None:
    before = document("2026-01-01T00:00:00+00:00")
    before["figures"][COPY]["median"] = 0.0

    lines = printed(results.figures_table(document("2026-01-02T00:00:00+00:00"), before))

    assert f"{COPY} 45,000 40,000 50,000 rows/s 0.00" in lines


def test_a_ratio_is_that_within_the_rounds_beside_its_earlier_value_and_bound() -> None:
    before = document("2026-01-01T00:00:00+00:00", factor=2)

    lines = printed(results.ratios_table(document("2026-01-02T00:00:00+00:00"), before))

    assert "executions of 1000 / COPY 0.400 >= 0.35 0.200 x 2.00" in lines
    assert f"{QUEUE} 5,000 >= 5,000" in lines


def test_without_an_earlier_run_nothing_is_compared() -> None:
    lines = printed(results.figures_table(document("2026-01-02T00:00:00+00:00"), None))

    assert f"{COPY} 45,000 40,000 50,000 rows/s" in lines


def test_the_earlier_run_is_the_newest_of_the_same_sizes(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    assert results.previous(folder, document("2026-01-05T00:00:00+00:00")) is None

    older, newer = document("2026-01-01T00:00:00+00:00"), document("2026-01-02T10:20:30+00:00")
    paths = [
        results.keep(folder, each)
        for each in (newer, older, document("2026-01-03T00:00:00+00:00", seconds=9.0))
    ]

    assert paths[0] == folder / "2026-01-02T102030Z.json"
    assert results.previous(folder, document("2026-01-05T00:00:00+00:00")) == newer


def test_a_figure_that_the_newest_run_did_not_measure_is_that_of_an_older_one(
    tmp_path: Path,
) -> None:
    partial = results.Results(SIZES)
    partial.add(COPY, "rows/s", 1)
    results.keep(tmp_path, document("2026-01-01T00:00:00+00:00"))
    results.keep(tmp_path, partial.document() | {"taken_at": "2026-01-02T00:00:00+00:00"})

    found = results.previous(tmp_path, document("2026-01-05T00:00:00+00:00"))

    assert found is not None
    assert found["figures"][COPY]["median"] == 1
    assert found["figures"][QUEUE]["median"] == 5000
    assert found["ratios"]["executions of 1000 / COPY"] == 0.4
