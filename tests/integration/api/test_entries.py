"""GET …/entries: a position explained."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.helpers.service import Service, assert_refused, is_decimal, is_time

# In the order of the entry and of its leg after it.
ENTRY = {
    "id", "leg", "kind", "side", "quantity", "price", "value", "amount", "fee", "fee_native",
    "fee_currency", "fee_rate", "settlement_currency", "executed_at", "recorded_at", "identity",
    "order_id", "amends", "cause", "counter_account", "is_voided", "voided_by",
    "amendment", "voided_at", "source", "trace_id", "version", "size_change", "cost_change",
    "closing_price", "closing_source", "adjusted_price",
    "realized_pnl_change",
}  # fmt: skip
STATE = {
    "size", "average_entry_price", "cost", "realized", "realized_pnl", "fees_paid", "funding",
}  # fmt: skip


def entries(service: Service, asset: str, **asked: object) -> httpx.Response:
    return service.get(f"/api/v1/positions/{asset}/entries", params=asked)


def page(service: Service, asset: str, **asked: object) -> dict[str, Any]:
    answer = entries(service, asset, **asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_an_entry_shows_the_leg_after_it(service: Service, account: str, asset: str) -> None:
    service.fill(
        account, asset, "2", "100.50", execution_fees="0.25", trace_id="of-the-fill",
        executed_at="2026-01-01T00:00:00+01:00",
    )  # fmt: skip
    service.fill(account, asset, "-0.5", "110")

    body = page(service, asset.lower(), account=account, mode="One-Way")

    assert set(body) == {"entries", "next_before"}
    sold, bought = body["entries"]
    assert set(bought) == ENTRY | STATE
    given = ENTRY - {"id", "recorded_at", "identity", "order_id"}
    assert {name: bought[name] for name in given} == {
        "leg": "net", "kind": "trade", "side": "buy", "quantity": "2", "price": "100.5",
        "value": "201", "amount": None, "fee": "0.25", "fee_native": None, "fee_currency": "USDT",
        "fee_rate": None, "settlement_currency": "USDT",
        "executed_at": "2025-12-31T23:00:00.000000Z", "amends": None, "cause": None,
        "counter_account": None,
        "is_voided": False, "voided_by": None, "amendment": None, "voided_at": None,
        "source": "order_execution", "trace_id": "of-the-fill", "version": 1,
        "size_change": "2", "cost_change": "201", "closing_price": None, "closing_source": None,
        "realized_pnl_change": "0", "adjusted_price": "100.5",
    }  # fmt: skip
    assert is_time(bought["recorded_at"])
    assert {name: bought[name] for name in STATE} == {
        "size": "2", "average_entry_price": "100.5", "cost": "201", "realized": "0",
        "realized_pnl": "0", "fees_paid": "0.25", "funding": "0",
    }  # fmt: skip
    assert {name: sold[name] for name in STATE} == {
        "size": "1.5", "average_entry_price": "100.5", "cost": "150.75", "realized": "4.75",
        "realized_pnl": "4.75", "fees_paid": "0.25", "funding": "0",
    }  # fmt: skip
    assert all(is_decimal(sold[name]) for name in STATE | {"quantity", "price", "value", "fee"})
    assert sold["quantity"] == "-0.5"


def test_each_page_continues_the_one_before(service: Service, account: str, asset: str) -> None:
    for _ in range(5):
        service.fill(account, asset)
    whole = page(service, asset, account=account)
    assert (len(whole["entries"]), whole["next_before"]) == (5, None)
    assert [entry["size"] for entry in whole["entries"]] == ["5", "4", "3", "2", "1"]

    joined: list[Any] = []
    asked: dict[str, object] = {"account": account, "limit": 2}
    while len(joined) <= 5:
        body = page(service, asset, **asked)
        joined += body["entries"]
        if body["next_before"] is None:
            break
        assert body["next_before"] == joined[-1]["id"]
        asked["before"] = body["next_before"]
    assert joined == whole["entries"]
    # The last page may be full: it still is the last.
    assert page(service, asset, account=account, limit=5)["next_before"] is None
    assert page(service, asset, account=account, before=joined[-1]["id"]) == {
        "entries": [],
        "next_before": None,
    }


def test_a_busted_fill_is_listed_without_effect(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "1", "100", execution_id=f"{asset}-1")
    service.fill(account, asset, "2", "100", execution_id=f"{asset}-2")
    answer = service.post(
        "/rest/rpc/bust_fill", json={"execution_id": f"{asset}-2", "account": account}
    )
    assert answer.json()["outcome"] == "applied", answer.text

    busted, kept = page(service, asset, account=account)["entries"]
    assert (busted["is_voided"], busted["voided_by"]) == (True, "bust")
    assert busted["amendment"] == f"bust:execution:{asset}-2"
    assert is_time(busted["voided_at"])
    assert {name: busted[name] for name in STATE} == {name: kept[name] for name in STATE}


def test_the_legs_of_a_hedge_are_named(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "1", position_side="long")
    service.fill(account, asset, "-3", position_side="short")

    body = page(service, asset, account=account, mode="hedge")
    assert [(entry["leg"], entry["size"]) for entry in body["entries"]] == [
        ("short", "-3"), ("long", "1"),
    ]  # fmt: skip
    assert_refused(entries(service, asset, account=account), 404)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"), ("limit", "1001"), ("before", "-1"), ("before", "1.5"), ("before", "last"),
        ("before", "9" * 19), ("before", "0"), ("mode", "net"), ("account", "-"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_by_name(
    service: Service, asset: str, name: str, value: str
) -> None:
    service.fill("main", asset)

    assert_refused(entries(service, asset, **{name: value}), 400, name)


def test_a_page_starts_only_at_an_entry_of_the_same_position(
    service: Service, account: str, asset: str
) -> None:
    service.fill(account, asset)
    service.fill(account, f"{asset}X")
    [other] = page(service, f"{asset}X", account=account)["entries"]

    refused = assert_refused(
        entries(service, asset, account=account, before=other["id"]), 404, "before"
    )
    assert refused["details"]["before"] == "must be the id of an entry of this position"


def test_a_position_never_held_has_no_explanation(service: Service, account: str) -> None:
    assert_refused(entries(service, "NEVER", account=account), 404)


def test_a_reader_may_query_rows(
    service: Service, reader_key: str, account: str, asset: str
) -> None:
    service.fill(account, asset)

    path = f"/api/v1/positions/{asset}/entries"
    assert service.get(path, key=reader_key, params={"account": account}).status_code == 200
    rows = service.get(
        "/rest/rpc/position_entries",
        key=reader_key,
        params={"asset": asset, "account": account, "select": "leg,size::text"},
    )
    assert rows.json() == [{"leg": "net", "size": "1"}]
    refused = service.get("/rest/rpc/position_entries", params={"asset": asset, "page_limit": "0"})
    assert (refused.status_code, refused.json()["message"]) == (400, "page_limit out of range")
