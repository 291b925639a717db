"""What ``position-manager instruments`` refuses, and its lists in 80 columns."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.helpers.commands import Cli

if TYPE_CHECKING:
    pass

ALL = (
    "--kind", "linear", "--multiplier", "50", "--quote", "USD", "--settlement", "USD",
    "--expires-at", "2026-12-18", "--tick-size", "0.25", "--quantity-step", "1",
)  # fmt: skip
# By option: an exit code and an error that names it.
REFUSED = {
    "--kind": ("option", 2, "'--kind'"),
    "--multiplier": ("x", 2, "'--multiplier': must be a decimal"),
    "--tick-size": ("", 2, "'--tick-size': must be a decimal"),
    "--expires-at": ("soon", 2, "'--expires-at': must be a time such as"),
    "--quantity-step": ("nan", 1, "refused: quantity_step: must be a decimal > 0"),
    "--quote": ("", 1, "refused: quote_currency: must be given"),
    "--settlement": ("a,b", 1, "refused: settlement_currency: must be 1 to 64"),
}


@pytest.fixture
def asset() -> str:
    return f"I{uuid.uuid4().hex[:8].upper()}"


def defined(operator: Cli) -> set[str]:
    listed = json.loads(operator("instruments", "list", "--json").stdout)["instruments"]
    return {each["asset"] for each in listed}


def test_a_definition_is_shown_in_80_columns(operator: Cli, asset: str) -> None:
    done = operator("instruments", "define", asset, *ALL, "--json")
    assert json.loads(done.stdout)["recounted_legs"] == 0

    narrow = operator("instruments", "list", width=80).stdout
    wide = operator("instruments", "list", width=200).stdout

    assert max(map(len, narrow.splitlines())) <= 80
    assert "…" not in narrow
    (line,) = (each for each in narrow.splitlines() if each.startswith(asset))
    assert line.split()[:3] == [asset, "linear", "50"]
    (line,) = (each for each in wide.splitlines() if each.startswith(asset))
    assert line.split()[3:] == ["-", "USD", "USD", "2026-12-18", "00:00:00", "0.25", "1"]


@pytest.mark.parametrize(
    ("option", "value", "code", "error"),
    [(option, *found) for option, found in REFUSED.items()],
    ids=REFUSED,
)
def test_a_bad_value_is_refused_by_name_and_defines_nothing(
    operator: Cli, asset: str, option: str, value: str, code: int, error: str
) -> None:
    refused = operator("instruments", "define", asset, option, value)

    assert (refused.exit_code, refused.stdout) == (code, "")
    assert error in refused.stderr
    assert asset not in defined(operator)


@pytest.mark.parametrize("multiplier", ["0", "-1", "1e400", "0.0000000000000000001"])
def test_a_multiplier_out_of_its_range_is_refused_on_one_line(
    operator: Cli, asset: str, multiplier: str
) -> None:
    refused = operator("instruments", "define", asset, "--multiplier", multiplier)

    assert refused.exit_code == 1
    assert refused.stderr == (
        "refused: multiplier: must be a decimal > 0, < 10^20, at most 18 fractional digits\n"
    )
    assert asset not in defined(operator)


def test_an_inverse_contract_has_no_negative_prices(operator: Cli, asset: str) -> None:
    refused = operator("instruments", "define", asset, "--kind", "inverse", "--negative-prices")

    assert refused.exit_code == 1
    assert "refused: allows_negative_price: must be false" in refused.stderr
    assert asset not in defined(operator)


def test_an_alias_that_cannot_be_is_refused(operator: Cli, asset: str) -> None:
    operator("fills", "record", asset, "buy", "2", "100", "--id", asset)

    for alias, other, error in (
        (asset, "BTCUSDT", "the alias has entries of its own"),
        ("a,b", asset, "alias: must be 1 to 64 letters"),
        ("FREE", "a,b", "asset: must be 1 to 64 letters"),
        (asset, asset, "alias: must be another name"),
    ):
        refused = operator("instruments", "alias", alias, other)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert refused.stderr.splitlines()[0].startswith(f"refused: {error}")
    found = json.loads(operator("instruments", "aliases", "--json").stdout)["aliases"]
    assert [each for each in found if each["alias"] in (asset, "A,B", "FREE")] == []
