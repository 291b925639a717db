"""Cash below /api/v1: movements, transfers, busts, and the balances they give."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.helpers.service import Service, assert_refused, is_time

CASH = "/api/v1/cash"
TRANSFERS = f"{CASH}/transfers"


def deposit(account: str, **fields: object) -> dict[str, object]:
    return {
        "cash_id": "d1", "kind": "deposit", "currency": "USDT", "amount": "1000.50",
        "account": account, "effective_at": "2026-01-01T00:00:00Z",
    } | fields  # fmt: skip


def shown(service: Service, account: str, **asked: str) -> dict[str, Any]:
    answer = service.get(CASH, params={"account": account, **asked})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_cash_is_recorded_once_and_shown_with_its_entries(service: Service, account: str) -> None:
    answers = [service.post(CASH, json=deposit(account)) for _ in range(2)]
    assert [each.json()["outcome"] for each in answers] == ["applied", "duplicate"]
    assert_refused(service.post(CASH, json=deposit(account, amount=7)), 409)

    found = shown(service, account)
    assert found["balances"] == [
        {
            "account": account, "currency": "USDT", "cash": "1000.5", "settled": "0",
            "invested": "0", "balance": "1000.5", "usdt_rate": "1", "rate_status": "fresh",
            "value_usdt": "1000.5",
        }
    ]  # fmt: skip
    [entry] = found["entries"]
    assert (found["count"], found["value_usdt"], entry["amount"]) == (1, "1000.5", "1000.5")
    assert (entry["identity"], entry["is_busted"]) == ("cash:d1", False)
    assert is_time(entry["recorded_at"])


def test_a_transfer_links_two_accounts_and_is_undone_in_both(
    service: Service, account: str
) -> None:
    other = f"{account}-b"
    body = {
        "transfer_id": "t/1", "currency": "USDT", "amount": 5, "from_account": account,
        "to_account": other,
    }  # fmt: skip
    assert [service.post(TRANSFERS, json=body).json()["outcome"] for _ in range(2)] == [
        "applied", "duplicate",
    ]  # fmt: skip
    assert_refused(service.post(TRANSFERS, json=body | {"amount": 6}), 409)
    assert [shown(service, each)["value_usdt"] for each in (account, other)] == ["-5", "5"]

    bust = f"{CASH}/transfer%3At%2F1/bust"
    answers = [service.post(bust, json={"account": other}) for _ in range(2)]
    assert [each.json()["outcome"] for each in answers] == ["applied", "duplicate"]
    assert [shown(service, each)["balances"] for each in (account, other)] == [[], []]
    assert shown(service, account)["count"] == 2


def test_a_page_of_entries_is_newest_first(service: Service, account: str) -> None:
    for day in range(1, 4):
        service.post(
            CASH,
            json=deposit(
                account, cash_id=day, amount=day, effective_at=f"2026-01-0{day}T00:00:00Z"
            ),
        )
    page = shown(service, account, limit="1", offset="1")
    assert ([each["amount"] for each in page["entries"]], page["count"]) == (["2"], 3)
    past = shown(service, account, as_of="2026-01-02T00:00:00Z")
    assert (past["value_usdt"], past["count"]) == ("3", 2)
    assert past["as_of"].startswith("2026-01-02T00:00:00")


def test_rates_that_are_missing_or_stale_are_named(
    service: Service, account: str, asset: str
) -> None:
    stale, dark = asset.removesuffix("USDT"), f"D{asset.removesuffix('USDT')}"
    price = {"asset": asset, "price": "2", "timestamp": "2026-01-01T00:00:00Z"}
    assert service.post("/api/v1/prices", json=price).json()["outcome"] == "applied"
    for currency in (stale, dark):
        service.post(CASH, json=deposit(account, cash_id=currency, currency=currency, amount=3))

    found = shown(service, account)
    assert (found["missing_rates"], found["stale_rates"]) == ([dark], [stale])
    assert found["value_usdt"] == "6"
    only = shown(service, account, currency=dark.lower())
    assert [each["value_usdt"] for each in only["balances"]] == [None]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"amount": None}, "amount"),
        ({"amount": "1e21"}, "amount"),
        ({"currency": 7}, "currency"),
        ({"kind": "gift"}, "kind"),
        ({"color": "red"}, "color"),
        ({"effective_at": "2999-01-01T00:00:00Z"}, "effective_at"),
    ],
    ids=str,
)
def test_a_body_out_of_range_is_refused(
    fields: dict[str, object], named: str, service: Service, account: str
) -> None:
    refused = assert_refused(service.post(CASH, json=deposit(account, **fields)), 400)
    assert named in refused["details"]


def test_what_is_not_recorded_cannot_be_undone(service: Service, account: str) -> None:
    assert_refused(service.post(f"{CASH}/none/bust", json={"account": account}), 404)


def test_a_bust_needs_no_body_in_main(service: Service) -> None:
    entry = uuid.uuid4().hex
    service.post(CASH, json=deposit("main", cash_id=entry))
    assert service.post(f"{CASH}/{entry}/bust").json()["outcome"] == "applied"


@pytest.mark.parametrize(
    ("body", "named"),
    [({"comment": "a"}, "comment"), ({"account": 7}, "account"), ({"account": "a|b"}, "account"),
     (["a"], "body")],
    ids=str,
)  # fmt: skip
def test_a_bad_body_of_a_bust_is_refused_by_name(
    body: object, named: str, service: Service
) -> None:
    """And undoes nothing in main."""
    entry = uuid.uuid4().hex
    service.post(CASH, json=deposit("main", cash_id=entry))
    path = f"{CASH}/{entry}/bust"
    assert_refused(service.post(path, json=body), 400, named)
    assert_refused(service.post(path, params={"account": "main"}), 400, "account")
    assert service.post(path).json()["outcome"] == "applied"


def test_a_reader_may_look_and_not_record(service: Service, account: str, reader_key: str) -> None:
    assert_refused(service.post(CASH, json=deposit(account), key=reader_key), 403)
    assert service.get(CASH, params={"account": account}, key=reader_key).status_code == 200
