"""The map of accounts to shards: what it must be, and where it has an account."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from position_manager.stack.processes import wait
from tests.conftest import Database
from tests.helpers.ledger import Ledger
from tests.helpers.owner_queries import OwnerQueries
from tests.helpers.shard_maps import Map, set_map, shard_map

HALVES = [[0, 499, 0], [500, 999, 1]]
WAITING = (
    "SELECT count(*) FROM pg_locks l WHERE l.relation = 'pms.shard'::regclass AND NOT l.granted"
)
DUMPED = "LOCK TABLE pms.shard, pms.amendments IN ACCESS SHARE MODE"
AUDITED = "SELECT count(*) FROM pms.audit a WHERE a.command = 'set_shard_map'"


def shard_of(queries: OwnerQueries, account: str) -> Any:
    return queries.value("SELECT pms.shard_of(%(account)s)", account=account)


def refused(ledger: Ledger, wanted: object) -> tuple[str | None, str]:
    with pytest.raises(psycopg.Error) as error, ledger.operator.transaction():
        ledger.operator.execute("SELECT api.set_shard_map(%s)", [json.dumps(wanted)])
    return error.value.sqlstate, error.value.diag.message_primary or ""


def test_a_map_is_shown_as_it_was_set(ledger: Ledger) -> None:
    wanted = shard_map(7, whale=3, Zürich=1) | {"buckets": [[999, 999, 0], [0, 0, 1], [1, 998, 0]]}

    set_map(ledger.operator, wanted)

    shown = ledger.call("get_shard_map")
    assert shown == wanted | {"buckets": [[0, 0, 1], [1, 999, 0]]}
    assert set_map(ledger.operator, shown) == shown


def test_without_a_map_no_account_is_elsewhere(ledger: Ledger, queries: OwnerQueries) -> None:
    nothing: Map = {"version": None, "shard": None, "buckets": [], "pinned": {}}
    assert ledger.call("get_shard_map") == nothing
    assert shard_of(queries, "main") is None


def test_an_account_is_where_its_bucket_is_unless_it_is_pinned(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    set_map(ledger.operator, shard_map(whale=5) | {"buckets": HALVES})

    buckets = queries.rows("SELECT a.*, pms.account_bucket(a.*) AS b FROM unnest("
                           "'{main,desk-1,desk-2,whale}'::text[]) a (name)")  # fmt: skip

    expected = {row["name"]: int(row["b"] > 499) for row in buckets} | {"whale": 5}
    assert {*expected.values()} == {0, 1, 5}
    assert {name: shard_of(queries, name) for name in expected} == expected


def test_a_book_is_where_its_account_is(ledger: Ledger, queries: OwnerQueries) -> None:
    set_map(ledger.operator, shard_map(whale=5) | {"buckets": HALVES})

    for account in ("main", "desk-1", "desk-2", "whale"):
        assert shard_of(queries, f"{account}|alpha") == shard_of(queries, account)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weights": 2}, "weights: unknown field"),
        ({"version": 0}, "version: must be a whole number"),
        ({"version": "2"}, "version: must be a whole number"),
        ({"version": 1.5}, "version: must be a whole number"),
        ({"version": None}, "version: must be a whole number"),
        ({"shard": 1000}, "shard: must be a whole number from 0 to 999"),
        ({"shard": -1}, "shard: must be a whole number from 0 to 999"),
        ({"buckets": None}, "buckets: must be an array"),
        ({"buckets": []}, "buckets: must have each of 0 to 999 once; 0 is there 0 times"),
        ({"buckets": [[0, 998, 0]]}, "999 is there 0 times"),
        ({"buckets": [[0, 500, 0], [500, 999, 1]]}, "500 is there 2 times"),
        ({"buckets": [[0, 400, 0], [402, 999, 1]]}, "401 is there 0 times"),
        ({"buckets": [[0, 1000, 0]]}, "not [0, 1000, 0]"),
        ({"buckets": [[999, 0, 0]]}, "not [999, 0, 0]"),
        ({"buckets": [[0, 999]]}, "not [0, 999]"),
        ({"buckets": [[0, 999, "0"]]}, 'not [0, 999, "0"]'),
        ({"buckets": ["0-999"]}, 'not "0-999"'),
        ({"pinned": []}, "pinned: must be an object"),
        ({"pinned": {"whale": "1"}}, "pinned: whale must be the name of an account"),
        ({"pinned": {"whale|alpha": 1}}, "pinned: whale|alpha must be"),
        ({"pinned": {" whale": 1}}, "pinned:  whale must be"),
    ],
)
def test_a_malformed_map_is_refused_by_name(
    ledger: Ledger, change: dict[str, Any], said: str
) -> None:
    sqlstate, message = refused(ledger, shard_map() | change)

    assert sqlstate == "PT400"
    assert said in message
    assert ledger.call("get_shard_map")["version"] is None


def test_a_map_must_be_an_object(ledger: Ledger) -> None:
    assert refused(ledger, [1]) == ("PT400", "map: must be an object")


def test_a_map_is_followed_by_newer_ones_only(ledger: Ledger) -> None:
    set_map(ledger.operator, shard_map(7))

    assert refused(ledger, shard_map(6)) == (
        "PT409", "version: must not be below 7, which is set"
    )  # fmt: skip
    assert refused(ledger, shard_map(7, whale=1)) == (
        "PT409", "version: 7 is set with another map"
    )  # fmt: skip
    assert set_map(ledger.operator, shard_map(8, whale=1))["version"] == 8


def test_a_database_stays_the_shard_that_it_is(ledger: Ledger) -> None:
    set_map(ledger.operator, shard_map())

    assert refused(ledger, shard_map(2, shard=1)) == (
        "PT409", "shard: this is shard 0, and the map is for 1"
    )  # fmt: skip


def test_setting_a_map_is_audited_once(ledger: Ledger, queries: OwnerQueries) -> None:
    for _ in range(2):
        set_map(ledger.operator, shard_map(whale=1))

    assert queries.value(AUDITED) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM pms.apply_order_events('{}')",
        "SELECT * FROM pms.apply_venue_positions('{}')",
        "SELECT pms.require_account('whale')",
        "SELECT pms.lock_rules()",
    ],
)
def test_a_map_waits_for_what_has_read_the_former(
    ledger: Ledger, queries: OwnerQueries, statement: str
) -> None:
    with queries.owner.transaction():
        queries.owner.execute(statement.encode())
        with pytest.raises(psycopg.errors.LockNotAvailable):
            set_map(ledger.operator, shard_map(whale=1))

    assert set_map(ledger.operator, shard_map(whale=1))["version"] == 1


def test_a_map_can_be_set_during_a_backup(ledger: Ledger, queries: OwnerQueries) -> None:
    with queries.owner.transaction():
        queries.owner.execute(DUMPED)
        assert set_map(ledger.operator, shard_map(whale=1))["version"] == 1


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("set_capital", {"account": "whale", "amount": 5}),
        ("record_transfer", {
            "transfer_id": "t", "asset": "BTCUSDT", "quantity": "1", "price": "2",
            "from_account": "whale", "to_account": "whale2",
        }),
        ("record_cash", {
            "cash_id": "c", "account": "whale", "currency": "USDT", "amount": "5",
            "kind": "deposit",
        }),
    ],
)  # fmt: skip
def test_a_request_that_waits_for_a_map_goes_by_it(
    ledger: Ledger,
    queries: OwnerQueries,
    database: Database,
    function: str,
    arguments: dict[str, object],
) -> None:
    call = f"SELECT api.{function}({', '.join(f'{name} => %({name})s' for name in arguments)})"
    with psycopg.connect(database.dsn("pms_operator")) as other, ThreadPoolExecutor(1) as pool:
        with ledger.operator.transaction():
            set_map(ledger.operator, shard_map(whale=1, whale2=1))
            waiting = pool.submit(other.execute, call.encode(), arguments)
            assert wait(lambda: queries.value(WAITING) == 1, 10)

        with pytest.raises(psycopg.Error) as refused:
            waiting.result(30)
    assert "421" in (refused.value.diag.message_detail or "")
