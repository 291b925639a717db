"""Bad input to commands and queries of instruments, prices, actions and reviews.

A refusal names the field, and nothing changes.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.helpers.service import Service, assert_refused

Arguments = dict[str, object]
NOW = "2026-01-01T00:00:00Z"
ACTION: Arguments = {"action_id": "bad", "asset": "{asset}", "effective_at": NOW}
SPLIT: Arguments = ACTION | {"action": "split", "ratio": "2"}
RENAME: Arguments = ACTION | {"action": "rename", "to_asset": "N{asset}"}
CONTRACT: Arguments = ACTION | {"action": "contract", "multiplier": "10"}
SETTLEMENT: Arguments = ACTION | {"action": "settlement", "price": "100"}
DISTRIBUTION: Arguments = ACTION | {"action": "distribution", "amount": "1"}
MOVE: Arguments = {"move_id": "bad", "asset": "{asset}", "to_mode": "hedge", "account": "{account}"}
BOOK_MOVE: Arguments = {
    "move_id": "bad", "to_book": "b", "asset": "{asset}", "quantity": "1", "account": "{account}",
}  # fmt: skip
ALIAS: Arguments = {"alias": "X{asset}", "asset": "{asset}"}
DEFINITION: Arguments = {"asset": "{asset}"}
LONG = "x" * 129
# What no name of an asset has; the second is a control character, the third changes the order.
NO_NAMES = ("A,B", "A\x07B", "A\u202eB", "A" * 65, "-", "", " ", None)

# A command with correct arguments, and by argument the values that are out of its range.
COMMANDS: list[tuple[str, Arguments, dict[str, tuple[object, ...]]]] = [
    ("define_instrument", DEFINITION, {
        "asset": NO_NAMES,
        "kind": ("option", "", None),
        "multiplier": ("0", "-1", "x", "NaN", "Infinity", None),
        "quote_currency": NO_NAMES,
        "settlement_currency": NO_NAMES,
        "allows_negative_price": ("maybe", None),
        "expires_at": (
            "tomorrow", "01/02/2026", "infinity", "1970-13-01T00:00:00Z", "1970-01-01T00:00:00Z",
        ),
        "tick_size": ("0", "-0.5", "x", "NaN", "Infinity"),
        "quantity_step": ("0", "-1", "x", "NaN", "Infinity"),
    }),
    ("alias_instrument", ALIAS, {"alias": (*NO_NAMES, "{asset}"), "asset": NO_NAMES}),
    ("remove_alias", {}, {"alias": NO_NAMES}),
    ("accept_price", {}, {"asset": NO_NAMES}),
    ("drop_price", {}, {"asset": NO_NAMES}),
    ("record_corporate_action", SPLIT, {
        "action_id": ("", None, LONG, "a\x07b"),
        "action": ("", None, "merger"),
        "asset": NO_NAMES,
        "effective_at": ("", None, "soon", "1970-01-01T00:00:00Z"),
        "ratio": ("", None, "0", "-1", "1:0", "0:1", "1:2:3", "x", "NaN"),
    }),
    ("record_corporate_action", RENAME, {
        "to_asset": (*NO_NAMES, "{asset}"), "ratio": ("0", "x"), "rate": ("0", "-1", "x"),
    }),
    ("record_corporate_action", CONTRACT, {"multiplier": ("", None, "0", "-1", "x")}),
    ("record_corporate_action", SETTLEMENT, {"price": ("", None, "-1", "x", "NaN")}),
    ("record_corporate_action", DISTRIBUTION, {"amount": ("", None, "x", "NaN")}),
    ("move_fills", MOVE, {
        "move_id": ("", None, LONG, "a\x07b"),
        "asset": NO_NAMES,
        "to_mode": ("", None, "both"),
        "position_side": ("up",),
        "account": ("a,b", "a\x07b", "a" * 65),
    }),
    ("move_to_book", BOOK_MOVE, {
        "move_id": ("", None, LONG, "a\x07b"),
        "to_book": ("", None, "a|b", "a,b"),
        "from_book": ("a|b",),
        "asset": NO_NAMES,
        "quantity": ("", None, "0", "-1", "x"),
        "price": ("-1", "x"),
        "mode": ("both",),
        "account": ("a,b", "a\x07b", "a|b"),
    }),
    ("settle_suspected_repeat", {"id": 1, "decision": "drop"}, {
        "decision": ("", None, "keep"), "id": ("x", "1.5"),
    }),
]  # fmt: skip
QUERIES: list[tuple[str, dict[str, tuple[str, ...]]]] = [
    ("/api/v1/reviews", {
        "asset": ("A,B", "A\x07B", "-"), "mode": ("both",), "account": ("a,b", "-"),
        "limit": ("0", "1001", "x"), "offset": ("-1", "x"),
    }),
    ("/api/v1/portfolio/pnl/periods", {
        "by": ("quarter", "2"), "time_zone": ("CEST", "Mars/Olympus", "+05:45", "posix/UTC"),
        "account": ("a,b", "-"), "asset": ("A,B", "-"), "from": ("x", "2026-13-01T00:00:00Z"),
        "to": ("x", "1"), "include_positions": ("2",), "limit": ("0", "1001"),
    }),
    ("/rest/rpc/pnl_by_period", {
        "unit": ("quarter", ""), "time_zone": ("CEST", ""), "from_time": ("x",), "to_time": ("x",),
    }),
    ("/rest/rpc/position_pnl_by_period", {
        "unit": ("quarter", ""), "time_zone": ("CEST", ""), "from_time": ("x",), "to_time": ("x",),
    }),
]  # fmt: skip
# PostgREST casts an argument with a type before the function sees it: the error has the value.
TYPE_ERRORS = ("22P02", "22007", "22008")
STATE = """
    SELECT 'instrument', to_jsonb(i) FROM pms.instruments i WHERE strpos(i.asset, '{asset}') > 0
    UNION ALL
    SELECT 'alias', to_jsonb(a) FROM pms.instrument_aliases a WHERE strpos(a.asset, '{asset}') > 0
    UNION ALL
    SELECT 'action', to_jsonb(c) FROM pms.corporate_actions c WHERE strpos(c.asset, '{asset}') > 0
    UNION ALL
    SELECT 'price', to_jsonb(m) - 'is_marked' FROM pms.prices m WHERE strpos(m.asset, '{asset}') > 0
    UNION ALL
    SELECT 'leg', jsonb_build_array(p.account, p.mode, p.leg, p.size, p.version, p.needs_review)
    FROM pms.positions p WHERE strpos(p.asset, '{asset}') > 0
    UNION ALL
    SELECT 'entry', to_jsonb(e)
    FROM pms.entries e INNER JOIN pms.legs l ON e.leg_id = l.leg_id
    WHERE strpos(l.asset, '{asset}') > 0
"""


@pytest.fixture
def state(service: Service, account: str, asset: str) -> Any:
    """A position with a price, and what the database has of it and its asset."""
    service.fill(account, asset, "2", "100")
    service.mark(asset, "100")

    def read() -> list[str]:
        return sorted(map(str, service.query(STATE.replace("{asset}", asset))))

    return read


def filled(arguments: Arguments, account: str, asset: str) -> Arguments:
    return {
        name: value.replace("{asset}", asset).replace("{account}", account)
        if isinstance(value, str)
        else value
        for name, value in arguments.items()
    }


def is_named(answer: httpx.Response, name: str) -> bool:
    """Whether an argument is refused by its name."""
    body = assert_refused(answer, 400) if answer.status_code == 400 else {}
    return name in f"{body.get('message')} {body.get('details')}" or (
        bool(body) and body.get("code") in TYPE_ERRORS
    )


@pytest.mark.parametrize(("command", "right", "wrong"), COMMANDS)
def test_a_command_refuses_a_bad_argument_by_its_name(
    service: Service, account: str, asset: str, state: Any,
    command: str, right: Arguments, wrong: dict[str, tuple[object, ...]],
) -> None:  # fmt: skip
    before = state()

    failed = []
    for name, values in wrong.items():
        for value in values:
            asked = filled(right | {name: value}, account, asset)
            answer = service.post(f"/rest/rpc/{command}", json=asked)
            if not is_named(answer, name):
                failed.append((name, value, answer.status_code, answer.text))

    assert failed == []
    assert state() == before


@pytest.mark.parametrize(("path", "wrong"), QUERIES)
def test_a_query_refuses_a_bad_argument_by_its_name(
    service: Service, path: str, wrong: dict[str, tuple[str, ...]]
) -> None:
    failed = []
    for name, values in wrong.items():
        for value in values:
            answer = service.get(path, params={name: value})
            if not is_named(answer, name):
                failed.append((name, value, answer.status_code, answer.text))

    assert failed == []


@pytest.mark.parametrize(
    ("command", "name"), [("record_fills", "fills"), ("record_prices", "prices")]
)
def test_a_batch_that_is_refused_whole_says_its_size(
    service: Service, command: str, name: str
) -> None:
    batches: tuple[object, ...] = ([], {}, [{}] * 1001)
    for batch in batches:
        body = assert_refused(service.post(f"/rest/rpc/{command}", json={name: batch}), 400)
        assert body["message"] == f"{name} must be an array of 1 to 1000 {name}"
