"""Busts, corrections, funding and transfers by hand, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.service import Service, assert_refused

BUST = "/rest/rpc/bust_fill"
CORRECT = "/rest/rpc/correct_fill"
FUND = "/rest/rpc/record_funding"
TRANSFER = "/rest/rpc/record_transfer"


@pytest.fixture
def filled(service: Service, account: str, asset: str) -> dict[str, str]:
    """The account and asset in which the fill `one` has bought 2 at 100."""
    service.fill(account, asset, "2", "100", execution_id="one")
    return {"account": account, "asset": asset}


def held(service: Service, account: str, asset: str) -> dict[str, Any]:
    answer = service.get(f"/api/v1/positions/{asset}", params={"account": account})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def bust(account: str) -> dict[str, str]:
    return {"execution_id": "one", "account": account}


def correction(account: str) -> dict[str, str]:
    return {
        "execution_id": "one",
        "account": account,
        "correction_id": "c",
        "corrected_at": "2026-01-02T00:00:00Z",
        "execution_price": "90",
    }


def funding(account: str, asset: str) -> dict[str, str]:
    return {
        "funding_id": "f",
        "account": account,
        "asset": asset,
        "amount": "-0.5",
        "executed_at": "2026-01-01T08:00:00Z",
    }


def transfer(account: str, asset: str) -> dict[str, str]:
    return {
        "transfer_id": "t",
        "asset": asset,
        "quantity": "0.5",
        "from_account": account,
        "to_account": f"{account}-to",
    }


def everything(account: str, asset: str) -> dict[str, dict[str, str]]:
    return {
        BUST: bust(account),
        CORRECT: correction(account),
        FUND: funding(account, asset),
        TRANSFER: transfer(account, asset),
    }


def test_a_trader_busts_a_fill_once(service: Service, filled: dict[str, str]) -> None:
    trader = service.new_key("trader")
    answers = [service.post(BUST, json=bust(filled["account"]), key=trader) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json()["outcome"] for answer in answers] == ["applied", "duplicate"]
    assert (held(service, **filled)["size"], held(service, **filled)["version"]) == ("0", 2)


def test_a_bust_accepts_the_identity_shown_by_fills(
    service: Service, filled: dict[str, str]
) -> None:
    ask = {"account": f"eq.{filled['account']}", "select": "identity"}
    ((shown),) = service.get("/rest/fills", params=ask).json()

    answer = service.post(BUST, json={"account": filled["account"], **shown})

    assert answer.json()["outcome"] == "applied"
    assert held(service, **filled)["size"] == "0"


def test_a_bust_of_an_unknown_fill_is_reported_as_pending(service: Service, account: str) -> None:
    answer = service.post(BUST, json=bust(account))

    assert answer.status_code == 200
    assert (answer.json()["outcome"], answer.json()["reason"]) == ("applied", "pending_fill")


def test_a_trader_corrects_a_fill_once(service: Service, filled: dict[str, str]) -> None:
    trader = service.new_key("trader")
    asked = correction(filled["account"])
    answers = [service.post(CORRECT, json=asked, key=trader) for _ in range(2)]

    assert [answer.json()["outcome"] for answer in answers] == ["applied", "duplicate"]
    assert held(service, **filled)["average_entry_price"] == "90"
    other = service.post(CORRECT, json=asked | {"execution_price": "91"}, key=trader)
    assert_refused(other, 409, "reason", "detail")
    assert held(service, **filled)["average_entry_price"] == "90"


def test_a_trader_records_funding_once(service: Service, filled: dict[str, str]) -> None:
    trader = service.new_key("trader")
    asked = funding(**filled)
    answers = [service.post(FUND, json=asked, key=trader) for _ in range(2)]

    assert [answer.json()["outcome"] for answer in answers] == ["applied", "duplicate"]
    assert held(service, **filled)["funding"] == "-0.5"
    other = service.post(FUND, json=asked | {"amount": "-0.6"}, key=trader)
    assert_refused(other, 409, "reason", "detail")
    assert held(service, **filled)["funding"] == "-0.5"


def test_a_trader_transfers_once(service: Service, filled: dict[str, str]) -> None:
    trader = service.new_key("trader")
    asked = transfer(**filled)
    answers = [service.post(TRANSFER, json=asked, key=trader) for _ in range(2)]

    assert [answer.json()["outcome"] for answer in answers] == ["applied", "duplicate"]
    assert held(service, **filled)["size"] == "1.5"
    moved = held(service, asked["to_account"], asked["asset"])
    assert (moved["size"], moved["average_entry_price"]) == ("0.5", "100")
    other = service.post(TRANSFER, json=asked | {"quantity": "1"}, key=trader)
    assert_refused(other, 409, "reason", "transfer_id")
    more = service.post(TRANSFER, json=asked | {"quantity": "5", "transfer_id": "u"}, key=trader)
    assert_refused(more, 409, "from_account", "asset", "mode", "quantity")
    assert held(service, **filled)["size"] == "1.5"


def test_the_trace_id_of_a_request_is_stored_with_its_entries(
    service: Service, filled: dict[str, str]
) -> None:
    for path, body in (
        (CORRECT, correction(filled["account"])),
        (FUND, funding(**filled)),
        (TRANSFER, transfer(**filled)),
    ):
        trace = path.rpartition("/")[2]
        answer = service.post(path, json=body, headers={"X-Trace-Id": trace})
        assert answer.json()["trace_id"] == answer.headers["x-trace-id"] == trace

    ask = {"account": f"eq.{filled['account']}", "select": "trace_id", "order": "id"}
    traces = [each["trace_id"] for each in service.get("/rest/fills", params=ask).json()]
    assert traces[1:] == ["correct_fill", "record_funding", "record_transfer"]


BAD: list[tuple[str, dict[str, str | None], str]] = [
    (BUST, {"execution_id": None}, "execution_id"),
    (BUST, {"identity": "transfer:t"}, "identity"),
    (BUST, {"account": "a,b"}, "account"),
    (CORRECT, {"execution_id": None}, "execution_id"),
    (CORRECT, {"correction_id": None}, "correction_id"),
    (CORRECT, {"corrected_at": None}, "corrected_at"),
    (CORRECT, {"corrected_at": "noon"}, "corrected_at"),
    (CORRECT, {"corrected_at": "2099-01-01T00:00:00Z"}, "corrected_at"),
    (CORRECT, {"execution_price": None}, "quantity"),
    (CORRECT, {"execution_price": "0"}, "execution_price"),
    (CORRECT, {"execution_quantity": "-1"}, "execution_quantity"),
    (CORRECT, {"execution_fees": "free"}, "execution_fees"),
    (CORRECT, {"fee_currency": "BNB"}, "fee_currency"),
    (CORRECT, {"side": "up"}, "side"),
    (CORRECT, {"executed_at": "noon"}, "executed_at"),
    (FUND, {"funding_id": None}, "funding_id"),
    (FUND, {"funding_id": "x" * 129}, "funding_id"),
    (FUND, {"asset": "A,B"}, "asset"),
    (FUND, {"amount": "NaN"}, "amount"),
    (FUND, {"executed_at": None}, "executed_at"),
    (FUND, {"mode": "hedge"}, "position_side"),
    (FUND, {"mode": "both"}, "mode"),
]


@pytest.mark.parametrize(("path", "change", "field"), BAD, ids=str)
def test_a_bad_field_is_refused_by_name(
    service: Service,
    filled: dict[str, str],
    path: str,
    change: dict[str, str | None],
    field: str,
) -> None:
    answer = service.post(path, json=everything(**filled)[path] | change)

    body = assert_refused(answer, 400, "field", "reason")
    assert body["details"]["field"] == field
    assert body["message"].startswith(f"{field}: ")
    assert held(service, **filled)["version"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"transfer_id": None}, "transfer_id"),
        ({"quantity": "0"}, "quantity"),
        ({"price": "0"}, "price"),
        ({"from_account": None}, "from_account"),
        ({"to_account": "a,b"}, "to_account"),
        ({"mode": "hedge"}, "position_side"),
    ],
    ids=str,
)
def test_a_bad_field_of_a_transfer_is_refused_by_name(
    service: Service, filled: dict[str, str], change: dict[str, str | None], field: str
) -> None:
    answer = service.post(TRANSFER, json=transfer(**filled) | change)

    assert_refused(answer, 400, field)
    assert held(service, **filled)["version"] == 1


@pytest.mark.parametrize("path", [BUST, CORRECT, FUND, TRANSFER])
def test_a_reader_cannot_amend(
    service: Service, reader_key: str, filled: dict[str, str], path: str
) -> None:
    body = everything(**filled)[path]

    assert_refused(service.post(path, json=body, key=reader_key), 403)
    assert_refused(service.post(path, json=body, key=None), 401)
    assert held(service, **filled)["version"] == 1


@pytest.mark.parametrize("path", [BUST, CORRECT, FUND, TRANSFER])
def test_a_get_request_amends_nothing(service: Service, filled: dict[str, str], path: str) -> None:
    answer = service.get(path, params=everything(**filled)[path])

    assert_refused(answer, 405)
    assert answer.headers["allow"] == "POST"
    assert held(service, **filled)["version"] == 1
