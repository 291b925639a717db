"""A request about an account that another shard has is refused, with the number of that shard."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, fill
from tests.helpers.owner_queries import OwnerQueries
from tests.helpers.shard_maps import set_map, shard_map

FILL: dict[str, Any] = {
    "asset": "BTCUSDT", "side": "buy", "execution_quantity": "1", "execution_price": "95",
    "execution_id": "a",
}  # fmt: skip
TRANSFER = {"transfer_id": "t", "asset": "BTCUSDT", "quantity": "1"}
CASH = {"transfer_id": "t", "currency": "USDT", "amount": "1"}


@pytest.fixture
def shard(ledger: Ledger) -> Ledger:
    """A shard on which all accounts are but four."""
    set_map(ledger.operator, shard_map(away=3, off=3, far=4, main=3))
    return ledger


def denied(ledger: Ledger, function: str, **arguments: object) -> tuple[dict[str, Any], ...]:
    """The error and its answer, as PostgREST reads them."""
    given = {
        name: json.dumps(value) if isinstance(value, list | dict) else value
        for name, value in arguments.items()
    }
    with pytest.raises(psycopg.Error) as error:
        ledger.call(function, **given)
    assert error.value.sqlstate == "PGRST"
    message, detail = error.value.diag.message_primary, error.value.diag.message_detail
    assert message is not None
    assert detail is not None
    return json.loads(message), json.loads(detail)


def test_the_refusal_names_the_shard_and_has_the_form_of_all_errors(shard: Ledger) -> None:
    error, answer = denied(shard, "get_positions", account="away")

    said = "this is shard 0, the account is on 3"
    assert error == {"code": "MISDIRECTED", "message": said}
    assert (answer["status"], answer["headers"]["X-Shard"]) == (421, "3")
    assert json.loads(answer["headers"]["X-Refusal"]) == {
        "error_code": "MISDIRECTED", "message": said, "trace_id": None,
        "details": {"shards": {"away": 3}},
    }  # fmt: skip


def test_a_request_that_leaves_the_account_out_is_about_main(shard: Ledger) -> None:
    for function, arguments in (("get_position", {"asset": "BTCUSDT"}), ("record_funding", {})):
        assert denied(shard, function, **arguments)[1]["status"] == 421


def test_a_request_about_all_accounts_is_answered(shard: Ledger) -> None:
    shard.apply(fill("a", "Buy", "1", "100", account="near"))

    (position,) = shard.call("get_positions")["positions"]
    assert position["account"] == "near"
    assert "total_exposure_usdt" in shard.call("get_portfolio")


def test_a_malformed_account_is_refused_as_malformed(shard: Ledger) -> None:
    assert shard.call("get_positions", account="no,name")["error_code"] == "VALIDATION_ERROR"


def test_fills_of_one_other_shard_are_sent_there_as_a_whole(
    shard: Ledger, queries: OwnerQueries
) -> None:
    fills = [FILL | {"account": "away"}, FILL | {"order": {"account": "off"}}]

    assert denied(shard, "record_fills", fills=fills)[1]["headers"]["X-Shard"] == "3"
    assert queries.value("SELECT count(*) FROM pms.audit a WHERE a.command = 'record_fills'") == 0


@pytest.mark.parametrize("other", ["near", "far"])
def test_fills_of_several_shards_are_refused(
    shard: Ledger, queries: OwnerQueries, other: str
) -> None:
    fills = [FILL | {"account": other}, FILL | {"account": "away"}]

    error, answer = denied(shard, "record_fills", fills=fills)

    assert (error["code"], answer["status"]) == ("CONFLICT", 409)
    assert "away on 3" in error["message"]
    assert "X-Shard" not in answer["headers"]
    assert queries.rows("SELECT * FROM pms.legs") == []


@pytest.mark.parametrize(("function", "given"), [("record_transfer", TRANSFER),
                                                 ("transfer_cash", CASH)])  # fmt: skip
def test_a_transfer_needs_both_accounts_on_one_shard(
    shard: Ledger, function: str, given: dict[str, str]
) -> None:
    def answer(from_account: str, to_account: str) -> int:
        accounts = {"from_account": from_account, "to_account": to_account}
        status: int = denied(shard, function, **given, **accounts)[1]["status"]
        return status

    assert answer("away", "off") == 421
    assert {answer("near", "away"), answer("away", "near"), answer("away", "far")} == {409}


def test_cash_of_a_pair_that_was_parted_is_not_taken_back(ledger: Ledger) -> None:
    moved = ledger.call("transfer_cash", **CASH, from_account="near", to_account="away")
    assert moved["outcome"] == "applied"
    set_map(ledger.operator, shard_map(away=3))

    assert denied(ledger, "bust_cash", id="transfer:t", account="near")[1]["status"] == 409


def test_an_import_plans_and_leaves_out_what_another_shard_has(shard: Ledger) -> None:
    fills = [FILL | {"account": "near"}, FILL | {"account": "away"}]
    for only_plan in (True, False):
        done = shard.call("import_fills", fills=json.dumps(fills), only_plan=only_plan)
        assert done["counts"] == {"applied": 1, "misdirected": 1}
        ((place, outcome, detail),) = [
            (each["ordinal"], each["outcome"], each["detail"]) for each in done["rejected"]
        ]
        assert (place, outcome, detail) == (2, "misdirected", "3")

    rows = [{"account": "away", "asset": "BTCUSDT", "size": "1", "average_entry_price": "9"}]
    done = shard.call("import_positions", positions=json.dumps(rows))
    assert done["legs"][0]["detail"] == "account: is on shard 3"


def test_capital_is_set_where_the_account_is(shard: Ledger) -> None:
    assert denied(shard, "set_capital", amount=1, account="away")[1]["status"] == 421
