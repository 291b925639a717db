"""Fills of a file, sorted for their import."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from position_manager.cli.fill_staging import BY_ID, Facts, Staging


@pytest.fixture
def staging() -> Iterator[Staging]:
    with closing(Staging()) as staging:
        yield staging


def fill(asset: str, at: str, **more: str) -> dict[str, str]:
    return {"account": "main", "asset": asset, "executed_at": at} | more


def test_batches_come_by_leg_and_time(staging: Staging) -> None:
    hours = ("2026-01-01T02:00:00Z", "1767225600000", "2026-01-01T02:30:00+01:00")
    for line, (asset, at) in enumerate([("b", hours[0]), *(("A", at) for at in hours)], 2):
        staging.add(line, fill(asset, at), has_id=True)

    batches = list(staging.batches(3))
    assert [list(lines) for lines, _ in batches] == [[4, 5, 3], [2]]
    assert [each["executed_at"] for each in json.loads(batches[0][1])] == [
        hours[1], hours[2], hours[0],
    ]  # fmt: skip
    assert staging.facts() == Facts(4, 1, 2, "2026-01-01T00:00:00Z", "2026-01-01T02:00:00Z")


def test_fills_of_one_moment_are_not_separated(staging: Staging) -> None:
    for line in range(3):
        staging.add(line, fill("A", "2026-01-01T00:00:00Z"), has_id=True)
    staging.add(3, fill("A", "2026-01-01T00:00:01Z"), has_id=True)

    assert [list(lines) for lines, _ in staging.batches(2)] == [[0, 1, 2], [3]]


def test_fills_of_one_id_are_not_separated_in_a_plan(staging: Staging) -> None:
    for line, each in enumerate(("a", "b", "c", "a")):
        made = fill("A", f"2026-01-01T00:00:0{line}Z", execution_id=each)
        staging.add(line, made, has_id=True)

    assert [list(lines) for lines, _ in staging.batches(2, BY_ID)] == [[0, 3], [1, 2]]


def test_a_batch_is_never_more_than_twice_its_size(staging: Staging) -> None:
    for line in range(5):
        staging.add(line, fill("A", "2026-01-01T00:00:00Z"), has_id=True)

    assert [list(lines) for lines, _ in staging.batches(2)] == [[0, 1, 2, 3], [4]]


def test_a_file_from_the_newest_on_is_turned_around(staging: Staging) -> None:
    times = ("03", "02", "02", "01")
    for line, second in enumerate(times):
        staging.add(line, fill("A", f"2026-01-01T00:00:{second}Z"), has_id=True)

    ((lines, _),) = staging.batches(10)
    assert list(lines) == [3, 2, 1, 0]


def test_rows_without_an_id_are_known_by_content_and_number(staging: Staging) -> None:
    row = fill("A", "2026-01-01T00:00:00Z", execution_quantity="1.50")
    for line, each in enumerate(
        (row, row | {"execution_quantity": "2"}, row | {"execution_quantity": "1.5"})
    ):
        staging.add(line, each | {"account": str(line // 3)}, has_id=False)

    ((_, fills),) = staging.batches(10)
    first, other, second = (each["execution_id"] for each in json.loads(fills))
    assert (first[-2:], other[-2:], second[-2:]) == ("-1", "-1", "-2")
    assert first[:-2] == second[:-2] != other[:-2]


def test_refused_rows_come_by_line(staging: Staging) -> None:
    staging.refuse(7, {"outcome": "rejected"})
    staging.refuse(3, {"outcome": "quarantined"})

    assert [each["line"] for each in staging.refused()] == [3, 7]
