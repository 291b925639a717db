"""The options of the benchmark."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from bench import groups
from bench.__main__ import main

app = typer.Typer()
app.command()(main)


def test_all_groups_are_measured_by_default() -> None:
    assert groups.chosen(None) == frozenset(groups.NAMES)
    assert len(groups.NAMES) == len(set(groups.NAMES)) == 16


def test_groups_are_chosen_by_name() -> None:
    assert groups.chosen("spread, holders") == {"spread", "holders"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "spread,legs"], "'legs': must be of batches, spread"),
        (["--only", ""], "'': must be of batches"),
        (["--only", "spread", "--against", "HEAD"], "--only: not with --against"),
        (["--entries", "0"], "--entries"),
    ],
)
def test_wrong_options_are_refused(arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "400", "NO_COLOR": "1"})

    assert done.exit_code == 2
    assert message in " ".join(done.output.split())
