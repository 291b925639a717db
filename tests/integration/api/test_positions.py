"""GET /api/v1/positions and /api/v1/positions/{asset}."""

from __future__ import annotations

import pytest

from tests.helpers.service import UUID, Service, amounts, assert_refused, is_decimal, is_time

ALWAYS_DECIMAL = {"size", "unrealized_pnl", "realized_pnl", "fees_paid", "funding", "net_pnl"}
MAYBE_DECIMAL = {
    "average_entry_price",
    "break_even_price",
    "current_price",
    "long_size",
    "short_size",
    "unrealized_pnl_pct",
    "position_size_norm",
}
ALWAYS_TIME = {"last_updated", "created_at"}
MAYBE_TIME = {"last_snapshot_at", "closed_at", "price_updated_at"}
OTHERS = {
    "id",
    "account",
    "asset",
    "mode",
    "time_held_minutes",
    "version",
    "price_status",
    "needs_review",
    "review_reasons",
    "settlement_currency",
    "unconverted_fees",
}
FIELDS = ALWAYS_DECIMAL | MAYBE_DECIMAL | ALWAYS_TIME | MAYBE_TIME | OTHERS


def assert_is_position(body: dict[str, object]) -> None:
    assert set(body) == FIELDS
    assert all(is_decimal(body[name]) for name in ALWAYS_DECIMAL)
    assert all(body[name] is None or is_decimal(body[name]) for name in MAYBE_DECIMAL)
    assert all(is_time(body[name]) for name in ALWAYS_TIME)
    assert all(body[name] is None or is_time(body[name]) for name in MAYBE_TIME)
    assert UUID.fullmatch(str(body["id"]))
    assert type(body["version"]) is int
    assert type(body["needs_review"]) is bool
    assert (body["review_reasons"] != []) == body["needs_review"]
    assert body["settlement_currency"] == "USDT"
    assert body["unconverted_fees"] == 0
    assert body["time_held_minutes"] is None or type(body["time_held_minutes"]) is int
    assert body["price_status"] in ("fresh", "stale", "missing")


def test_an_open_position(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "2", "100", execution_fees="0.50")
    service.fill(account, asset, "1", "103")
    service.mark(asset, "110.5")

    answer = service.get(f"/api/v1/positions/{asset}", params={"account": account})

    assert answer.status_code == 200
    body = answer.json()
    assert_is_position(body)
    assert body | {"account": account, "asset": asset, "mode": "one-way"} == body
    assert amounts(body, ["size", "average_entry_price", "current_price"]) == {
        "size": "3",
        "average_entry_price": "101",
        "current_price": "110.5",
    }
    assert amounts(body, ["unrealized_pnl", "realized_pnl", "fees_paid", "net_pnl"]) == {
        "unrealized_pnl": "28.5",
        "realized_pnl": "0",
        "fees_paid": "0.5",
        "net_pnl": "28",
    }
    assert body["unrealized_pnl_pct"] == "9.405940594059"
    assert body["break_even_price"] == "101.166666666667"
    assert body["position_size_norm"] == "1"
    assert body["time_held_minutes"] == 0
    assert body["version"] == 3
    assert body["closed_at"] is None
    assert (body["long_size"], body["short_size"]) == (None, None)


def test_a_closed_position_is_still_shown(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "2", "100")
    service.fill(account, asset, "-2", "90")

    body = service.get(f"/api/v1/positions/{asset}", params={"account": account}).json()

    assert_is_position(body)
    assert amounts(body, ["size", "realized_pnl", "average_entry_price", "time_held_minutes"]) == {
        "size": "0",
        "realized_pnl": "-20",
        "average_entry_price": None,
        "time_held_minutes": None,
    }
    assert is_time(body["closed_at"])


def test_a_hedge_shows_both_legs(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "3", "100", mode="hedge", position_side="long")
    service.fill(account, asset, "-1", "100", mode="hedge", position_side="short")

    path = f"/api/v1/positions/{asset}"
    body = service.get(path, params={"account": account, "mode": "Hedge"}).json()

    assert_is_position(body)
    assert amounts(body, ["mode", "size", "long_size", "short_size"]) == {
        "mode": "hedge",
        "size": "2",
        "long_size": "3",
        "short_size": "1",
    }
    assert_refused(service.get(path, params={"account": account}), 404, "account", "asset", "mode")


def test_a_position_without_a_price_is_marked_as_such(
    service: Service, account: str, asset: str
) -> None:
    service.fill(account, asset, "0.000000000000000001", "100")

    body = service.get(f"/api/v1/positions/{asset}", params={"account": account}).json()

    assert amounts(body, ["size", "price_status", "current_price", "unrealized_pnl"]) == {
        "size": "0.000000000000000001",
        "price_status": "missing",
        "current_price": None,
        "unrealized_pnl": "0",
    }
    assert body["position_size_norm"] is None


def test_the_default_account_is_main(service: Service, asset: str) -> None:
    service.fill("main", asset)

    assert service.get(f"/api/v1/positions/{asset}").json()["account"] == "main"


def test_asset_and_mode_match_in_any_case(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset)

    for path in (f"/api/v1/positions/{asset.lower()}", f"/api/v1/positions/{asset.title()}"):
        body = service.get(path, params={"account": account, "mode": "ONE-Way"}).json()
        assert (body["asset"], body["mode"]) == (asset, "one-way")
    listed = service.get(
        "/api/v1/positions", params={"account": account, "asset": asset.lower(), "mode": "ONE-WAY"}
    )
    assert listed.json()["count"] == 1


@pytest.mark.parametrize(
    "name", ["%20", "BTC%2CUSDT", "B%22", "-", "A" * 65, "%F0%9F%92%A9", "A+B", "%E2%80%AEB", "%ff"]
)
def test_a_malformed_asset_is_refused_by_name(service: Service, name: str) -> None:
    body = assert_refused(service.get(f"/api/v1/positions/{name}"), 400, "asset")

    assert "1 to 64 letters" in body["details"]["asset"]


def test_the_list_is_ordered_by_asset_and_mode(service: Service, account: str) -> None:
    for name in ("ZZZ", "AAA"):
        service.fill(account, name)
        service.fill(account, name, mode="hedge", position_side="long")

    body = service.get("/api/v1/positions", params={"account": account}).json()

    assert set(body) == {"positions", "count"}
    for position in body["positions"]:
        assert_is_position(position)
    assert [(found["asset"], found["mode"]) for found in body["positions"]] == [
        ("AAA", "hedge"),
        ("AAA", "one-way"),
        ("ZZZ", "hedge"),
        ("ZZZ", "one-way"),
    ]
    assert body["count"] == 4


def test_a_page_carries_the_total_count(service: Service, account: str) -> None:
    for name in ("AAA", "BBB", "CCC"):
        service.fill(account, name)

    page = {"account": account, "limit": "1", "offset": "1"}
    body = service.get("/api/v1/positions", params=page).json()

    assert [found["asset"] for found in body["positions"]] == ["BBB"]
    assert body["count"] == 3


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ({"size_min": "2"}, ["BBB", "CCC"]),
        ({"size_max": "-1.5"}, ["AAA"]),
        ({"size_min": "-1.5", "size_max": "2"}, ["AAA", "BBB"]),
        ({"size_min": "2.0000001", "size_max": "2.9"}, []),
    ],
)
def test_size_bounds_are_signed_and_inclusive(
    service: Service, account: str, bounds: dict[str, str], found: list[str]
) -> None:
    for name, quantity in (("AAA", "-1.5"), ("BBB", "2"), ("CCC", "3")):
        service.fill(account, name, quantity)

    body = service.get("/api/v1/positions", params={"account": account} | bounds).json()

    assert [position["asset"] for position in body["positions"]] == found
    assert body["count"] == len(found)


def test_an_account_without_positions_gets_an_empty_list(service: Service, account: str) -> None:
    answer = service.get("/api/v1/positions", params={"account": account})

    assert (answer.status_code, answer.json()) == (200, {"positions": [], "count": 0})


@pytest.mark.parametrize("limit", ["1", "1000"])
def test_a_limit_is_accepted_only_within_its_range(
    service: Service, account: str, limit: str
) -> None:
    page = {"account": account, "limit": limit, "offset": "0"}

    assert service.get("/api/v1/positions", params=page).status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("limit", "0", "from 1 to 1000"),
        ("limit", "1001", "from 1 to 1000"),
        ("limit", "-1", "from 1 to 1000"),
        ("limit", "1.5", "from 1 to 1000"),
        ("limit", "99999999999999999999", "from 1 to 1000"),
        ("limit", "ten", "from 1 to 1000"),
        ("offset", "-1", "from 0 to"),
        ("mode", "both", "one-way or hedge"),
        ("asset", "BTC,USDT", "1 to 64 letters"),
        ("asset", "B\x00", "1 to 64 letters"),
        ("account", "a,b", "1 to 64 letters"),
        ("size_min", "NaN", "a decimal"),
        ("size_min", "Infinity", "a decimal"),
        ("size_max", "1e99", "a decimal"),
        ("size_max", "100000000000000000000", "a decimal"),
        ("size_max", "0.0000000000000000001", "a decimal"),
        ("size_max", "'; DROP TABLE", "a decimal"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_range(
    service: Service, name: str, value: str, allowed: str
) -> None:
    body = assert_refused(service.get("/api/v1/positions", params={name: value}), 400, name)

    assert allowed in body["details"][name]
    assert body["message"].startswith(f"{name}: must be ")


def test_every_bad_value_is_named_at_once(service: Service) -> None:
    asked = {"limit": "0", "mode": "x", "size_min": "y", "offset": "0"}

    assert_refused(service.get("/api/v1/positions", params=asked), 400, "limit", "mode", "size_min")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v1/positions?order=asset", "order"),
        ("/api/v1/positions?asset=A&select=id", "select"),
        ("/api/v1/positions?page_limit=1", "page_limit"),
        ("/api/v1/positions?MODE=hedge", "MODE"),
        ("/api/v1/positions/BTCUSDT?asset=ETHUSDT", "asset"),
        ("/api/v1/positions/BTCUSDT/snapshots?size_min=1", "size_min"),
        ("/api/v1/portfolio?mode=hedge", "mode"),
        ("/api/v1/portfolio/pnl?accounts=main", "accounts"),
    ],
)
def test_an_unknown_parameter_is_refused_by_name(service: Service, path: str, name: str) -> None:
    assert_refused(service.get(path), 400, name)


def test_a_position_never_held_is_not_found(service: Service, account: str) -> None:
    body = assert_refused(
        service.get("/api/v1/positions/never", params={"account": account}),
        404,
        "account",
        "asset",
        "mode",
    )

    assert body["details"] == {"account": account, "asset": "NEVER", "mode": "one-way"}
