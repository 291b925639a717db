"""Suspected repeats and fills in the wrong mode, settled over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.helpers.service import Service, assert_refused

SETTLE = "/rest/rpc/settle_suspected_repeat"
MOVE = "/rest/rpc/move_fills"
APPLY = "SELECT o.outcome FROM pms.apply_order_events(ARRAY[%s]::jsonb[]) o"


@pytest.fixture
def repeat(service: Service, account: str, asset: str) -> dict[str, Any]:
    """A fill of 2 that came in two messages, without an id."""
    fill = {
        "event_type": "order_executed", "order_id": "o", "account": account, "asset": asset,
        "side": "buy", "execution_quantity": "2", "execution_price": "100",
        "executed_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    for trace_id, outcome in (("one", "applied"), ("two", "quarantined")):
        assert service.query(APPLY, Jsonb(fill | {"trace_id": trace_id})) == [(outcome,)]
    [found] = service.get("/rest/suspected_repeats", params={"account": f"eq.{account}"}).json()
    assert isinstance(found, dict)
    return found


def position(service: Service, account: str, asset: str, mode: str = "one-way") -> dict[str, Any]:
    asked = {"account": account, "mode": mode}
    found: dict[str, Any] = service.get(f"/api/v1/positions/{asset}", params=asked).json()
    return found


@pytest.mark.parametrize(
    ("decision", "outcome", "size", "status"),
    [("count", "applied", "4", "counted"), ("drop", "dropped", "2", "dropped")],
)
def test_a_suspected_repeat_is_settled_once(
    service: Service, account: str, asset: str, repeat: dict[str, Any],
    decision: str, outcome: str, size: str, status: str,
) -> None:  # fmt: skip
    key = service.new_key("trader", accounts=[account])
    held = position(service, account, asset)
    assert (held["size"], held["review_reasons"]) == ("2", ["suspected_repeat"])

    asked = {"id": repeat["id"], "decision": decision}
    done = service.post(SETTLE, json=asked, key=key).json()

    assert (done["id"], done["outcome"], done["trace_id"]) == (repeat["id"], outcome, "two")
    held = position(service, account, asset)
    assert (held["size"], held["needs_review"], held["review_reasons"]) == (size, False, [])
    assert service.get("/api/v1/reviews", key=key).json() == {"reviews": [], "count": 0}
    again = assert_refused(service.post(SETTLE, json=asked, key=key), 409, "id", "status")
    assert again["details"]["status"] == status


def test_only_a_trader_of_the_account_settles_a_repeat(
    service: Service, account: str, asset: str, reader_key: str, repeat: dict[str, Any]
) -> None:
    asked = {"id": repeat["id"], "decision": "count"}
    foreign = service.new_key("trader", accounts=[f"{account}-other"])

    assert_refused(service.post(SETTLE, json=asked, key=reader_key), 403)
    assert_refused(service.post(SETTLE, json=asked, key=foreign), 404, "id")
    assert service.get("/rest/suspected_repeats", key=foreign).json() == []
    assert service.get("/rest/position_reviews", key=foreign).json() == []
    assert position(service, account, asset)["review_reasons"] == ["suspected_repeat"]


def test_fills_are_moved_to_the_other_mode_once(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "2", "100")
    key = service.new_key("trader", accounts=[account])
    move = {"move_id": "m", "asset": asset.lower(), "to_mode": "Hedge", "account": account}

    answers = [service.post(MOVE, json=move, key=key).json() for _ in range(2)]

    assert [answer["outcome"] for answer in answers] == ["applied", "duplicate"]
    assert position(service, account, asset)["size"] == "0"
    hedge = position(service, account, asset, "hedge")
    assert (hedge["long_size"], hedge["average_entry_price"]) == ("2", "100")
    for other, message in (
        ({"to_mode": "one-way"}, "already recorded with other content"),
        ({"move_id": "n"}, "nothing is held in the other mode"),
    ):
        refused = service.post(MOVE, json=move | other, key=key)
        assert assert_refused(refused, 409)["message"] == message
    assert position(service, account, asset, "hedge")["long_size"] == "2"


def test_only_a_trader_of_the_account_moves_fills(
    service: Service, account: str, asset: str, reader_key: str
) -> None:
    service.fill(account, asset, "2", "100")
    foreign = service.new_key("trader", accounts=[f"{account}-other"])
    move = {"move_id": "m", "asset": asset, "to_mode": "hedge", "account": account}

    for key in (reader_key, foreign):
        assert_refused(service.post(MOVE, json=move, key=key), 403)
    assert position(service, account, asset)["size"] == "2"
