"""``position-manager actions``: corporate actions recorded, listed and busted by hand."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.helpers.commands import Cli

if TYPE_CHECKING:
    pass

AT = "2026-02-01T00:00:00Z"
# The terms of each action, as its command takes them and as its row shows them.
ACTIONS = {
    "split": ("split {asset} --ratio 10", "split 10:1"),
    "rename": (
        "rename {asset} {other} --ratio 2:3 --rate 1.5",
        "rename 2:3, into {other}, rate 1.5",
    ),
    "contract": ("contract {asset} --multiplier 1000", "contract multiplier 1,000"),
    "settle": ("settle {asset} --price 0", "settlement price 0"),
    "distribute": ("distribute {asset} --amount -0.5", "distribution amount -0.5"),
}
# Each with what names the option.
REFUSED = {
    "asset": ("split A,B --ratio 2", "asset: must be 1 to 64 letters, digits, blanks within or"),
    "ratio": ("split {asset} --ratio 0", "ratio: must be new units for an old one"),
    "ratio of a rename": ("rename {asset} {other} --ratio x", "ratio: must be new units"),
    "same asset": ("rename {asset} {asset}", "to_asset: must be another asset"),
    "rate": ("rename {asset} {other} --rate 0", "rate: must be a decimal > 0"),
    "multiplier": ("contract {asset} --multiplier x", "multiplier: must be a decimal > 0"),
    "price": ("settle {asset} --price -1", "price: must be a decimal >= 0"),
    "amount": ("distribute {asset} --amount nan", "amount: must be a decimal"),
    "future": (
        "split {asset} --ratio 2 --at 2099-01-01T00:00:00Z",
        "effective_at: lies in the future",
    ),
    "before 2000": (
        "split {asset} --ratio 2 --at 1999-12-31T00:00:00Z",
        "must not be before the year 2000",
    ),
    "id": ("split {asset} --ratio 2 --id ", "action_id: must have 1 to 128 characters"),
}


@pytest.fixture
def asset(operator: Cli) -> str:
    """An asset that no other test has: 100 at 0.1, of the first of January."""
    name = f"A{uuid.uuid4().hex[:8].upper()}USDT"
    done = operator(
        "fills", "record", name, "buy", "100", "0.1", "--id", "a", "--executed-at",
        "2026-01-01T00:00:00Z",
    )  # fmt: skip
    assert done.stdout == "applied\n", done.output
    return name


def held(operator: Cli, asset: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(operator("positions", asset, "--json").stdout)
    return found


def listed(operator: Cli, asset: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(operator("actions", "list", asset, "--json").stdout)[
        "actions"
    ]
    return found


@pytest.mark.parametrize(("terms", "shown"), ACTIONS.values(), ids=ACTIONS)
def test_an_action_counts_once_and_is_listed(
    operator: Cli, asset: str, terms: str, shown: str
) -> None:
    other = f"B{asset}"
    words = terms.format(asset=asset.lower(), other=other).split()

    outcomes = [operator("actions", *words, "--at", AT, "--id", asset).stdout for _ in range(2)]

    assert outcomes == ["applied\n", "duplicate\n"]
    (line,) = operator("actions", "list", asset.lower()).stdout.splitlines()[-1:]
    assert (
        " ".join(line.split()) == f"2026-02-01 00:00:00 {asset} {shown.format(other=other)} {asset}"
    )
    narrow = operator("actions", "list", asset, width=80).stdout
    assert max(map(len, narrow.splitlines())) <= 80
    assert "…" not in narrow


def test_a_settlement_at_zero_is_explained(operator: Cli, asset: str) -> None:
    operator("actions", "settle", asset, "--price", "0", "--at", AT, "--id", asset)

    explained = operator("explain", asset, width=80).stdout
    listed = operator("fills", "list", asset).stdout
    cycle = operator("cycles", asset, "--from", "2026-01-01T00:00:00Z").stdout

    (line,) = (line for line in explained.splitlines() if "settlement" in line)
    assert line.split()[4:] == ["-100", "0", "0", "-", "-10.00"]
    (line,) = (line for line in listed.splitlines() if "settlement" in line)
    assert "-10.00" in line
    assert "-10.00" in cycle


@pytest.mark.parametrize(
    ("terms", "cause"),
    [
        ("split {asset} --ratio 10", "api, 10:1"),
        ("rename {asset} B{asset} --ratio 2:3 --rate 1.5", "api, 2:3, rate 1.5"),
        ("contract {asset} --multiplier 1000", "api, 1:1, multiplier 1000"),
    ],
)
def test_the_terms_of_an_action_are_explained(
    operator: Cli, asset: str, terms: str, cause: str
) -> None:
    words = terms.format(asset=asset).split()
    operator("actions", *words, "--at", AT, "--id", asset)

    newest = operator("explain", asset, width=250).stdout.splitlines()[2]

    assert words[0] in newest
    assert cause in newest
    if words[0] == "rename":
        received = operator("explain", f"B{asset}", width=250).stdout.splitlines()[2]
        assert received.split()[-2:] == ["api", "-"]


def test_an_action_is_busted(operator: Cli, asset: str) -> None:
    operator("actions", "split", asset, "--ratio", "10", "--at", AT, "--id", asset)
    assert held(operator, asset)["size"] == "1000"

    done = operator("actions", "bust", asset, "--json")
    again = operator("actions", "bust", asset)

    assert json.loads(done.stdout)["outcome"] == "applied"
    assert again.stdout == "duplicate\n"
    assert held(operator, asset)["size"] == "100"
    assert operator("actions", "list", asset, width=80).stdout.split()[-1] == "void"
    assert listed(operator, asset)[0]["busted_at"] is not None


def test_other_terms_under_one_id_are_refused(operator: Cli, asset: str) -> None:
    words = ("actions", "split", asset, "--at", AT, "--id", asset, "--ratio")
    operator(*words, "10")

    refused = operator(*words, "20")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("refused: already recorded with other content\n")
    assert held(operator, asset)["size"] == "1000"


@pytest.mark.parametrize(
    "terms", ["split --ratio 10", "contract --multiplier 2", "distribute --amount 1"]
)
def test_equal_terms_under_another_id_count_on_request(
    operator: Cli, asset: str, terms: str
) -> None:
    command, *options = terms.split()
    words = ("actions", command, asset, *options, "--at", AT, "--id")
    operator(*words, asset)

    refused = operator(*words, f"{asset}-2")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("refused: already recorded under another id\n")
    assert operator(*words, f"{asset}-2", "--another").stdout == "applied\n"


@pytest.mark.parametrize(("command", "error"), REFUSED.values(), ids=REFUSED)
def test_a_bad_value_is_refused_by_name_and_changes_nothing(
    operator: Cli, asset: str, command: str, error: str
) -> None:
    words = command.format(asset=asset, other=f"B{asset}").split(" ")
    for name, value in (("--at", AT), ("--id", asset)):
        words += [] if name in words else [name, value]

    refused = operator("actions", *words)

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert error in refused.stderr.splitlines()[0]
    assert listed(operator, asset) == []
    assert held(operator, asset)["version"] == 1


def test_a_missing_option_is_named(operator: Cli, asset: str) -> None:
    for words, missing in (
        (("split", asset, "--at", AT, "--id", "x"), "--ratio"),
        (("settle", asset, "--price", "1", "--id", "x"), "--at"),
        (("distribute", asset, "--amount", "1", "--at", AT), "--id"),
    ):
        refused = operator("actions", *words)
        assert refused.exit_code == 2
        assert f"Missing option '{missing}'" in refused.stderr
    assert listed(operator, asset) == []


def test_an_asset_without_actions_is_reported(operator: Cli, asset: str) -> None:
    shown = operator("actions", "list", asset)

    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, "", "no corporate actions\n")
