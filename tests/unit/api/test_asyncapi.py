"""``contracts/asyncapi.yaml`` says what the parsers read and what the outbox has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from position_manager.config.service import ServiceSettings
from position_manager.worker.broker import EVENT_QUEUES
from tests.conftest import Database
from tests.helpers.asyncapi import (
    PAGE,
    document,
    messages,
    page,
    place,
    properties,
    target,
    validator,
)

INCOMING = {
    "orderEvents": "pms.apply_order_events",
    "venuePositions": "pms.apply_venue_positions",
    "tickers": "pms.apply_prices",
}
# The functions that look fields up, and the messages that they read.
READERS = {
    ("pms.normalize_order_events", "pms.named_book"): (
        "orderStatus",
        "execution",
        "positionUpdate",
        "funding",
    ),
    ("pms.read_amendment_messages", "pms.parse_corporate_actions", "pms.named_action"): (
        "bust",
        "correction",
        "corporateAction",
    ),
    ("pms.normalize_venue_positions",): ("venuePosition",),
    ("pms.parse_prices", "pms.other_ticker_price"): ("ticker",),
}
LOOKED_UP = re.compile(r"->>? '(\w+)'")

Connection = psycopg.Connection[Any]


@pytest.fixture
def owner(database: Database) -> Iterator[Connection]:
    with psycopg.connect(database.dsn("pms_owner"), autocommit=True) as connection:
        yield connection


def apply(owner: Connection, function: str, *payloads: dict[str, Any]) -> None:
    for payload in payloads:
        rows = owner.execute(
            f"SELECT o.outcome, o.detail FROM {function}(%s::jsonb[]) o".encode(),
            [[Jsonb(payload)]],
        ).fetchall()
        assert rows == [("applied", None)], payload


def test_every_example_is_valid_and_applied(owner: Connection) -> None:
    for channel, function in INCOMING.items():
        for message in messages(channel).values():
            assert message["examples"], message["name"]
            for example in message["examples"]:
                validator(message).validate(example["payload"])
                apply(owner, function, example["payload"])


@pytest.mark.parametrize("functions", READERS, ids=lambda it: it[0])
def test_the_schemas_have_the_fields_that_are_read(
    owner: Connection, functions: tuple[str, ...]
) -> None:
    names = [name.removeprefix("pms.") for name in functions]
    sources = owner.execute(
        "SELECT pg_get_functiondef(p.oid) FROM pg_proc p"
        " WHERE p.pronamespace = 'pms'::regnamespace AND p.proname = ANY (%s)",
        [names],
    ).fetchall()
    assert len(sources) == len(names)
    read = {field for (source,) in sources for field in LOOKED_UP.findall(source)}
    described = {
        name
        for message in READERS[functions]
        for name, _ in properties(document()["components"]["messages"][message]["payload"])
    }

    assert described - read == set()
    assert read - described == set()


def test_a_message_without_a_required_field_is_rejected(owner: Connection) -> None:
    for channel, function in INCOMING.items():
        for message in messages(channel).values():
            payload = message["examples"][0]["payload"]
            schema = document()["components"]["schemas"][message["payload"]["$ref"].split("/")[-1]]
            for name in schema["required"]:
                less = {key: value for key, value in payload.items() if key != name}
                rows = owner.execute(
                    f"SELECT o.outcome FROM {function}(%s::jsonb[]) o".encode(), [[Jsonb(less)]]
                ).fetchall()
                assert rows == [("rejected",)], (message["name"], name)


# Events


@pytest.fixture
def published(owner: Connection) -> dict[str, list[dict[str, Any]]]:
    """The events of a session that has all types, as the log has them."""
    owner.execute("SELECT api.set_limit('gross_exposure', 1)")
    fill = {
        "event_type": "order_executed",
        "asset": "BTCUSDT",
        "side": "buy",
        "execution_quantity": "2",
        "execution_price": "100",
        "execution_id": "1",
        "executed_at": "2026-01-02T00:00:00Z",
    }
    orders = "pms.apply_order_events"
    apply(owner, orders, fill)
    apply(
        owner,
        "pms.apply_prices",
        {"event_type": "ticker", "payload": {"symbol": "BTCUSDT", "mark_price": "101"}},
    )
    owner.execute("SELECT pms.publish_portfolio()")
    owner.execute("SELECT api.create_snapshot('BTCUSDT')")
    sale = fill | {"side": "sell", "executed_at": "2026-01-03T00:00:00Z"}
    apply(owner, orders, sale | {"execution_id": "2", "execution_quantity": "1"})
    late = {"execution_price": "90", "executed_at": "2026-01-01T00:00:00Z"}
    apply(owner, orders, fill | late | {"execution_id": "0"})
    apply(owner, orders, sale | {"execution_id": "4", "execution_quantity": "3"})
    owner.execute("SELECT pms.publish_portfolio()")
    apply(owner, orders, fill | {"execution_id": "3", "asset": "ETHUSDT"})
    # A report that is older than the last fill, which a person has to judge.
    later = {"asset": "ETHUSDT", "executed_at": "2026-01-04T00:00:00Z"}
    apply(owner, orders, fill | later | {"execution_id": "5"})
    apply(
        owner,
        "pms.apply_venue_positions",
        {
            "event_type": "position",
            "payload": {
                "symbol": "ETHUSDT",
                "side": "Buy",
                "size": "7",
                "timestamp": "2026-01-03T00:00:00Z",
            },
        },
    )
    owner.execute("SELECT api.validate_position('ETHUSDT')")
    owner.execute("SELECT pms.report_worker('ingest', '{\"queue_connected\": false}')")
    owner.execute(
        "INSERT INTO pms.service_failures (reason, subject, detail, began_at, announced_at)"
        " VALUES ('part_down', 'ingest', '', now() - interval '2 minutes', NULL),"
        " ('backup_old', '', '40 hours', now(), now())"
    )
    owner.execute("SELECT pms.watch_service()")
    owner.execute("SELECT pms.log_events(0, 1000)")
    found: dict[str, list[dict[str, Any]]] = {}
    for event_type, payload in owner.execute(
        "SELECT l.type, l.payload FROM pms.event_log l ORDER BY l.number"
    ).fetchall():
        found.setdefault(event_type, []).append(payload)
    return found


def test_every_event_matches_its_schema(published: dict[str, list[dict[str, Any]]]) -> None:
    described = messages("events")

    assert set(published) == set(described)
    for event_type, payloads in published.items():
        _, schema = target(described[event_type]["payload"])
        # Every field is there, and no other, though clients have to expect more.
        assert set(schema["required"]) == set(schema["properties"])
        for payload in payloads:
            validator(described[event_type]).validate(payload)
            assert set(payload) == set(schema["properties"]), event_type


def test_the_queues_are_those_of_the_settings() -> None:
    channels = document()["channels"]
    settings = ServiceSettings()

    incoming = {place(channel) for name, channel in channels.items() if name != "events"}
    assert incoming == {
        *settings.order_queues,
        *settings.position_queues,
        *settings.price_queues,
    }
    assert place(channels["events"]) == settings.events_exchange
    assert set(EVENT_QUEUES) <= set(messages("events"))


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "run  python -m tests.helpers.asyncapi"
