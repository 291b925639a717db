"""Corporate actions by other names of their assets."""

from __future__ import annotations

import pytest

from tests.helpers.ledger import Ledger, action, bust, fill

pytestmark = pytest.mark.usefixtures("verified")

OTHER = "BTC-USDT-SWAP"
BUY = fill("buy", "Buy", "2", "100", asset="MATICUSDT", at="2026-01-01T01:00:00Z")
RENAME = action("pol", "rename", asset="MATICUSDT", to_asset="POLUSDT")


def test_an_action_is_one_under_either_name(ledger: Ledger) -> None:
    ledger.call("alias_instrument", alias=OTHER, asset="BTCUSDT")
    ledger.apply(fill("1", "Buy", "1", "100"))

    split = action("split", "split", ratio="10", asset=OTHER.lower())
    assert ledger.apply(split, {**split, "asset": "BTCUSDT"}) == ["applied", "duplicate"]

    assert ledger.position()["size"] == 10


def test_a_rename_into_an_alias_leads_to_its_asset(ledger: Ledger) -> None:
    ledger.call("alias_instrument", alias="POL-USDT", asset="POLUSDT")
    ledger.apply(BUY)

    assert ledger.apply({**RENAME, "to_asset": "POL-USDT"}, RENAME) == ["applied", "duplicate"]

    assert ledger.position("POLUSDT")["size"] == 2


def test_a_blank_term_is_absent(ledger: Ledger) -> None:
    ledger.apply(BUY)
    blank = {"ratio": " ", "rate": "", "price": " \t", "trace_id": " ", "is_another": ""}

    assert ledger.apply({**RENAME, **blank}, RENAME) == ["applied", "duplicate"]
    [(outcome, reason, detail)] = ledger.judge(
        "apply_order_events", [action(" ", "split", ratio="2")]
    )
    assert (outcome, reason) == ("rejected", "invalid_action_id"), detail


def test_blanks_around_the_terms_say_nothing(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "1", "100"))

    assert ledger.apply(action("split", " Split ", ratio=" 10 : 1 ")) == ["applied"]
    assert ledger.apply(action("split", "split", ratio="10")) == ["duplicate"]

    assert ledger.position()["size"] == 10


def test_a_name_with_an_action_cannot_become_an_alias(ledger: Ledger) -> None:
    ledger.apply(action("split", "split", ratio="10", asset=OTHER))

    answer = ledger.call("alias_instrument", alias=OTHER, asset="BTCUSDT")
    assert (answer["error_code"], answer["message"]) == (
        "CONFLICT", "the alias has corporate actions of its own",
    )  # fmt: skip

    ledger.apply(bust(None, identity="action:split"))
    assert ledger.call("alias_instrument", alias=OTHER, asset="BTCUSDT")["outcome"] == "aliased"
