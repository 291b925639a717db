"""Corporate actions by hand, over HTTP."""

from __future__ import annotations

from tests.helpers.service import Service, assert_refused

ACT = "/rest/rpc/record_corporate_action"
BUST = "/rest/rpc/bust_fill"


def test_an_operator_splits_an_asset_once(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "2", "100", execution_id="one")
    operator = service.new_key("operator")
    split = {
        "action_id": f"split-{asset}", "action": "split", "asset": asset, "ratio": "10",
        "effective_at": service.get("/health").json()["timestamp"],
    }  # fmt: skip

    assert_refused(service.post(ACT, json=split, key=service.new_key("trader")), 403)
    answers = [service.post(ACT, json=split, key=operator).json() for _ in range(2)]
    assert [answer["outcome"] for answer in answers] == ["applied", "duplicate"]
    other = service.post(ACT, json=split | {"ratio": "2"}, key=operator)
    assert_refused(other, 409, "reason", "detail")
    bad = service.post(ACT, json=split | {"action_id": "x", "ratio": "0"}, key=operator)
    assert_refused(bad, 400, "field", "reason")

    def size() -> str:
        found = service.get(f"/api/v1/positions/{asset}", params={"account": account}).json()
        return str(found["size"])

    assert size() == "20"
    shown = service.get(f"/api/v1/positions/{asset}/entries", params={"account": account}).json()
    newest = shown["entries"][0]
    assert (newest["kind"], newest["cause"], newest["size_change"]) == ("split", "10:1", "18")
    [listed] = service.get("/rest/corporate_actions", params={"asset": f"eq.{asset}"}).json()
    assert (listed["ratio"], listed["busted_at"]) == ("10:1", None)

    undo = {"identity": f"action:{split['action_id']}"}
    assert_refused(service.post(BUST, json=undo, key=service.new_key("trader")), 403)
    assert size() == "20"
    assert service.post(BUST, json=undo, key=operator).json()["outcome"] == "applied"
    assert size() == "2"


def test_a_chart_has_one_unit_across_a_split(service: Service, account: str, asset: str) -> None:
    moments = [f"2026-01-01T{hour:02}:00:00Z" for hour in (1, 2, 3)]
    for moment, price in zip(moments[::2], ("100", "11"), strict=True):
        service.fill(account, asset, "3", price, executed_at=moment)
        body = {"symbol": asset, "mark_price": price, "timestamp": moment}
        assert service.post("/rest/rpc/record_price", json=body).status_code == 200
    split = {
        "action_id": f"split-{asset}", "action": "split", "asset": asset, "ratio": "10",
        "effective_at": moments[1],
    }  # fmt: skip
    assert service.post(ACT, json=split, key=service.new_key("operator")).status_code == 200

    line = {
        "assets": f"{{{asset}}}", "points": "2", "from_time": moments[0], "to_time": moments[2],
    }  # fmt: skip
    lines = service.get("/rest/rpc/price_lines", params=line).json()
    explained = service.get(f"/api/v1/positions/{asset}/entries", params={"account": account})

    assert lines == [{"asset": asset, "prices": ["10", "11"]}]
    fills = [entry for entry in explained.json()["entries"] if entry["kind"] == "trade"]
    assert [(fill["price"], fill["adjusted_price"]) for fill in fills] == [
        ("11", "11"),
        ("100", "10"),
    ]
