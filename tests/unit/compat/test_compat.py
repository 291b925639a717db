"""The schema compat: other services read and write a table of positions that has what we count."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.rows import dict_row

from position_manager.deploy.database import load_settings
from position_manager.stack import deploy
from position_manager.stack.stack import Stack
from tests.conftest import Database
from tests.helpers.ledger import Ledger, fill, ticker

Row = dict[str, Any]

# As the services send them, but for the placeholders.
COLUMNS = (
    "id, asset, mode, size, average_entry_price, current_price, unrealized_pnl, realized_pnl,"
    " long_size, short_size, long_avg_price, short_avg_price, version, last_updated,"
    " last_snapshot_at, closed_at, created_at"
)
SELECT = f"SELECT {COLUMNS} FROM positions WHERE asset = %(asset)s AND mode = %(mode)s"
UPSERT = """
    INSERT INTO positions (asset, size, average_entry_price, mode, last_updated)
    VALUES (%(asset)s, %(size)s, %(average)s, %(mode)s, NOW())
    ON CONFLICT (asset, mode)
    DO UPDATE SET
        size = EXCLUDED.size,
        average_entry_price = EXCLUDED.average_entry_price,
        last_updated = NOW()
    RETURNING id, asset, size, average_entry_price, unrealized_pnl, realized_pnl,
              mode, long_size, short_size, long_avg_price, short_avg_price,
              last_updated, last_snapshot_at
"""
INSERT = """
    INSERT INTO positions (
        asset, mode, size, average_entry_price,
        unrealized_pnl, realized_pnl,
        current_price, version, last_updated, created_at
    )
    VALUES (%(asset)s, %(mode)s, %(size)s, %(average)s, 0, 0, NULL, 1, NOW(), NOW())
    ON CONFLICT (asset, mode) DO NOTHING
    RETURNING id, asset, mode, size, average_entry_price, current_price,
              unrealized_pnl, realized_pnl,
              long_size, short_size, version,
              last_updated, closed_at, created_at
"""
UPDATE = """
    UPDATE positions
    SET size = %(size)s, average_entry_price = %(average)s, version = version + 1
    WHERE asset = %(asset)s AND mode = %(mode)s
    RETURNING size, average_entry_price, version
"""
FOREIGN = {"asset": "BTCUSDT", "mode": "one-way", "size": "77", "average": "1.5"}
SWITCH = "UPDATE pms.settings SET compat = %s"
FEED = "SELECT pms.feed_compat()"
AT = "2026-01-01T00:00:00Z"


@pytest.fixture
def service(database: Database) -> Iterator[psycopg.Connection[Row]]:
    """The login of another service, which knows no schema."""
    dsn = database.dsn("pms_compat")
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as conn:
        yield conn


@pytest.fixture
def switched_on(owner: psycopg.Connection[Any]) -> None:
    owner.execute(SWITCH, [True])


def feed(ledger: Ledger) -> None:
    with ledger.worker.transaction():
        ledger.worker.execute(FEED)


def rows(service: psycopg.Connection[Row], statement: str, **values: object) -> list[Row]:
    return service.execute(statement.encode(), FOREIGN | values).fetchall()


def counted(ledger: Ledger, **key: str) -> Row:
    """A position as published, under the names of compat that are columns of both."""
    position = ledger.position(**key)
    common = [name.strip() for name in COLUMNS.split(",") if "_avg_" not in name]
    return {name: position[name] for name in common}


def test_a_service_reads_the_positions_of_account_main(
    ledger: Ledger, service: psycopg.Connection[Row], switched_on: None
) -> None:
    ledger.apply(
        fill("1", "Buy", "0.123456789012345678", "50000.1", "1"),
        fill("2", "Buy", "3", "10", asset="ETHUSDT", account="other"),
    )
    ledger.price(ticker("50100.123456789012345678", AT))
    feed(ledger)

    (row,) = rows(service, SELECT)

    assert row == counted(ledger) | {"long_avg_price": None, "short_avg_price": None}
    assert row["size"] == Decimal("0.123456789012345678")
    assert row["current_price"] == Decimal("50100.123456789012345678")
    assert rows(service, "SELECT asset FROM positions") == [{"asset": "BTCUSDT"}]


def test_a_hedge_has_the_average_of_each_leg(
    ledger: Ledger, service: psycopg.Connection[Row], switched_on: None
) -> None:
    hedge = {"mode": "hedge"}
    ledger.apply(
        fill("1", "Buy", "3", "100", position_side="long", **hedge),
        fill("2", "Buy", "1", "200", position_side="long", **hedge),
        fill("3", "Sell", "2", "130", position_side="short", **hedge),
    )
    feed(ledger)

    (row,) = rows(service, SELECT, **hedge)

    assert row == counted(ledger, **hedge) | {
        "long_avg_price": Decimal(125),
        "short_avg_price": Decimal(130),
    }
    assert (row["size"], row["long_size"], row["short_size"]) == (2, 4, 2)

    ledger.apply(fill("4", "Buy", "2", "120", position_side="short", **hedge))
    feed(ledger)
    (row,) = rows(service, SELECT, **hedge)
    assert (row["short_size"], row["short_avg_price"], row["realized_pnl"]) == (0, None, 20)
    assert row["average_entry_price"] == row["long_avg_price"] == 125


@pytest.mark.parametrize("change", ["fill", "price", "snapshot", "close", "nothing"])
def test_each_change_is_fed(
    ledger: Ledger, service: psycopg.Connection[Row], switched_on: None, change: str
) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    feed(ledger)
    writer = "SELECT xmin::text FROM positions"
    before = rows(service, writer)

    if change == "fill":
        ledger.apply(fill("2", "Buy", "1", "130"))
    elif change == "price":
        ledger.judge("apply_prices", [ticker("110", AT)])
    elif change == "snapshot":
        ledger.call("create_snapshot", asset="BTCUSDT")
    elif change == "close":
        ledger.apply(fill("2", "Sell", "2", "130"))
    feed(ledger)

    (row,) = rows(service, SELECT)
    assert {name: row[name] for name in counted(ledger)} == counted(ledger)
    assert (rows(service, writer) == before) == (change == "nothing")


def test_an_upsert_of_a_held_asset_returns_what_is_counted_now(
    ledger: Ledger, service: psycopg.Connection[Row], switched_on: None
) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    feed(ledger)
    ledger.apply(fill("2", "Buy", "1", "130"))

    (row,) = rows(service, UPSERT)

    ours = counted(ledger) | {"long_avg_price": None, "short_avg_price": None}
    assert row.items() <= ours.items()
    assert (row["size"], row["average_entry_price"]) == (3, 110)
    assert rows(service, SELECT)[0]["size"] == 3


def test_an_upsert_before_the_first_feed_returns_what_is_counted(
    ledger: Ledger, service: psycopg.Connection[Row], switched_on: None
) -> None:
    ledger.apply(fill("1", "Sell", "2", "100"))

    (row,) = rows(service, UPSERT, asset="btcusdt", mode="One-Way")

    assert (row["asset"], row["mode"], row["size"]) == ("BTCUSDT", "one-way", -2)
    assert rows(service, SELECT)[0].items() >= row.items()


@pytest.mark.parametrize("statement", [UPSERT, INSERT])
@pytest.mark.parametrize(("mode", "leg"), [("one-way", None), ("hedge", 0)])
def test_an_asset_that_is_not_held_is_flat_and_not_kept(
    ledger: Ledger,
    service: psycopg.Connection[Row],
    switched_on: None,
    statement: str,
    mode: str,
    leg: int | None,
) -> None:
    (row,) = rows(service, statement, asset="NEWUSDT", mode=mode)

    assert (row["asset"], row["mode"], row["size"]) == ("NEWUSDT", mode, 0)
    assert (row["average_entry_price"], row["unrealized_pnl"], row["realized_pnl"]) == (None, 0, 0)
    assert (row["long_size"], row["short_size"]) == (leg, leg)
    assert rows(service, "SELECT * FROM positions") == []

    # The id is the one that the position will have.
    side = {"position_side": "long"} if mode == "hedge" else {}
    ledger.apply(fill("1", "Buy", "1", "10", asset="NEWUSDT", mode=mode, **side))
    assert ledger.position("NEWUSDT", mode)["id"] == row["id"]


def test_an_insert_or_update_of_a_held_asset_changes_nothing(
    ledger: Ledger, service: psycopg.Connection[Row], switched_on: None
) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    feed(ledger)
    before = rows(service, SELECT)

    assert rows(service, INSERT) == []
    assert rows(service, UPDATE) == [{"size": 2, "average_entry_price": 100, "version": 1}]
    service.execute("UPDATE positions SET asset = 'OTHER', id = gen_random_uuid()")
    with service.cursor().copy("COPY positions (asset, mode, size) FROM STDIN") as copy:
        copy.write_row(("NEWUSDT", "one-way", "5"))

    assert rows(service, SELECT) == before
    assert rows(service, "SELECT count(*) FROM positions") == [{"count": 1}]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM positions",
        "TRUNCATE positions",
        "DROP TABLE positions",
        "ALTER TABLE positions DISABLE TRIGGER ALL",
        "CREATE TABLE compat.mine ()",
        "SET session_replication_role = replica",
        "INSERT INTO position_snapshots (id) VALUES (gen_random_uuid())",
        "SELECT * FROM pms.positions",
        "SELECT * FROM api.positions",
        "SELECT pms.feed_compat()",
        "SELECT pms.compat_position('BTCUSDT', 'one-way')",
    ],
)
def test_a_service_may_do_nothing_else(
    service: psycopg.Connection[Row], switched_on: None, statement: str
) -> None:
    with pytest.raises((errors.InsufficientPrivilege, errors.ObjectNotInPrerequisiteState)):
        service.execute(statement.encode())


def test_a_login_of_its_own_works_like_that_of_compat(
    ledger: Ledger, dsn: str, switched_on: None
) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    with psycopg.connect(dsn, row_factory=dict_row) as conn:
        conn.execute("CREATE ROLE order_manager IN ROLE pms_compat")
        conn.execute("SET LOCAL ROLE order_manager")
        conn.execute("SET LOCAL search_path = compat")

        (row,) = rows(conn, UPSERT)
        conn.rollback()

    assert row["size"] == 2


def test_snapshots_are_those_of_account_main(
    ledger: Ledger, service: psycopg.Connection[Row], switched_on: None
) -> None:
    for account in ("main", "other"):
        ledger.apply(fill(account, "Buy", "2.50", "100", account=account))
        ledger.call("create_snapshot", asset="BTCUSDT", account=account)

    (row,) = rows(
        service,
        "SELECT id, position_id, asset, mode, snapshot_data, created_at FROM position_snapshots",
    )

    position = counted(ledger)
    assert (row["position_id"], row["asset"], row["mode"]) == (position["id"], "BTCUSDT", "one-way")
    assert row["created_at"] == position["last_snapshot_at"]
    assert (row["snapshot_data"]["account"], row["snapshot_data"]["size"]) == ("main", "2.5")


def test_off_is_empty(
    ledger: Ledger,
    service: psycopg.Connection[Row],
    owner: psycopg.Connection[Any],
    switched_on: None,
) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    ledger.call("create_snapshot", asset="BTCUSDT")
    feed(ledger)
    assert rows(service, SELECT)

    owner.execute(SWITCH, [False])
    feed(ledger)

    assert rows(service, "SELECT * FROM positions") == []
    assert rows(service, "SELECT * FROM position_snapshots") == []
    with pytest.raises(errors.ObjectNotInPrerequisiteState, match="are not kept") as refused:
        service.execute(UPSERT, FOREIGN)
    assert refused.value.diag.message_hint == "Set POSITION_MANAGER_COMPAT=on and deploy."


def test_a_deployment_feeds_or_empties_the_table(
    ledger: Ledger, service: psycopg.Connection[Row], server: Stack, database: Database
) -> None:
    """So rows do not stay behind when the worker does not run."""
    ledger.apply(fill("1", "Buy", "2", "100"))
    target = deploy.database(server.context, database.name)
    sizes = "SELECT size FROM positions"

    for compat, expected in ((True, [{"size": 2}]), (False, [])):
        settings = server.context.service.model_copy(update={"compat": compat})
        load_settings(target, settings, api_key=None)

        assert rows(service, sizes) == expected


def test_a_deployment_waits_for_the_transactions_of_services(
    ledger: Ledger,
    service: psycopg.Connection[Row],
    server: Stack,
    database: Database,
    switched_on: None,
) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    target = deploy.database(server.context, database.name)
    off = server.context.service.model_copy(update={"compat": False})

    with ThreadPoolExecutor(1) as pool:
        with service.transaction():
            rows(service, UPSERT, asset="BTCUSDT")
            feed(ledger)
            deployment = pool.submit(load_settings, target, off, api_key=None)
            with pytest.raises(TimeoutError):
                deployment.result(timeout=0.5)
        deployment.result(timeout=30)

    assert rows(service, "SELECT size FROM positions") == []


def test_a_row_of_an_unknown_position_is_deleted_by_the_feed(
    ledger: Ledger,
    service: psycopg.Connection[Row],
    owner: psycopg.Connection[Any],
    switched_on: None,
) -> None:
    """As after the restoration of an older ledger."""
    ledger.apply(fill("1", "Buy", "2", "100"))
    feed(ledger)
    owner.execute("UPDATE compat.positions SET asset = 'GONEUSDT'")

    feed(ledger)

    assert rows(service, "SELECT asset FROM positions") == [{"asset": "BTCUSDT"}]


def test_a_service_in_a_transaction_holds_up_its_own_rows_alone(
    ledger: Ledger, service: psycopg.Connection[Row], switched_on: None
) -> None:
    assets = ("AUSDT", "BUSDT", "CUSDT")
    ledger.apply(*(fill(asset, "Buy", "1", "100", asset=asset) for asset in assets[:2]))
    feed(ledger)
    sizes = "SELECT asset, size FROM positions ORDER BY asset"

    with service.transaction():
        for asset in (assets[0], assets[2]):
            rows(service, UPSERT, asset=asset)
        ledger.apply(*(fill(f"{asset} 2", "Buy", "1", "100", asset=asset) for asset in assets))
        feed(ledger)
        found = rows(service, sizes)
    assert [(row["asset"], row["size"]) for row in found] == [("AUSDT", 1), ("BUSDT", 2)]

    feed(ledger)
    found = rows(service, sizes)
    assert [(row["asset"], row["size"]) for row in found] == [
        ("AUSDT", 2),
        ("BUSDT", 2),
        ("CUSDT", 1),
    ]


def test_applying_a_fill_does_nothing_for_compat(owner: psycopg.Connection[Any]) -> None:
    """The tables of the ledger have no trigger, and its code does not know the schema."""
    with_trigger = """
        SELECT DISTINCT t.tgrelid::regclass::text FROM pg_trigger t WHERE NOT t.tgisinternal
    """
    knowing = """
        SELECT DISTINCT p.oid::regproc::text FROM pg_proc p
        WHERE p.pronamespace = 'pms'::regnamespace AND p.prosrc ~ 'compat'
    """

    assert owner.execute(with_trigger).fetchall() == [("compat.positions",)]
    assert sorted(name for (name,) in owner.execute(knowing)) == [
        "pms.compat_changes",
        "pms.compat_position",
        "pms.compat_positions_of",
        "pms.counted_tables",
        "pms.feed_compat",
        "pms.load_settings",
    ]
