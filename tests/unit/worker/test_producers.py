"""A producer writes to its accounts only, whatever its messages say."""

from __future__ import annotations

import json
from typing import Any

import pika
import psycopg
import pytest

from position_manager.config.environment import load
from position_manager.config.settings import ConfigError, as_text
from position_manager.worker.consumer import Delivery
from position_manager.worker.messages import Refused
from position_manager.worker.producers import account_of, check_producer
from tests.conftest import Database

PRODUCERS = {"order-manager": ("main", "alpha"), "ws-gateway": ("*",)}

ORDER_DOCUMENTS: list[dict[str, Any]] = [
    {},
    {"account": "alpha"},
    {"account": None},
    {"account": 7},
    {"order": {"account": "alpha"}, "account": "beta"},
    {"order": {"account": None}, "account": "beta"},
    {"order": {"id": "1"}, "account": "beta"},
    {"order": None, "account": "beta"},
    {"order": "text", "account": "beta"},
    {"order": [{"account": "alpha"}], "account": "beta"},
    {"payload": {"account": "alpha"}},
]
VENUE_DOCUMENTS: list[dict[str, Any]] = [
    {},
    {"account": "alpha"},
    {"payload": {"account": "alpha"}, "data": {"account": "beta"}},
    {"payload": {"symbol": "BTCUSDT"}, "data": {"account": "beta"}},
    {"payload": None, "data": {"account": "beta"}},
    {"data": {"account": "beta"}},
    {"order": {"account": "beta"}},
]
# With an order it is none.
AMENDMENT_DOCUMENTS = [
    document | {"event_type": "trade_busted"}
    for document in ORDER_DOCUMENTS
    if "order" not in document
]


def delivery(user: str | None) -> Delivery:
    return Delivery("queue", 1, pika.BasicProperties(user_id=user), b"")


@pytest.mark.parametrize(
    ("feed", "documents", "read"),
    [
        ("order_events", ORDER_DOCUMENTS, "pms.normalize_order_events(%s::jsonb[])"),
        ("venue_positions", VENUE_DOCUMENTS, "pms.normalize_venue_positions(%s::jsonb[])"),
        (
            "order_events",
            AMENDMENT_DOCUMENTS,
            "pms.read_amendment_messages(%s::jsonb[], ARRAY[1, 2, 3, 4, 5])",
        ),
    ],
    ids=["orders", "venue", "amendments"],
)
def test_the_account_is_the_one_that_the_database_reads(
    database: Database, feed: str, documents: list[dict[str, Any]], read: str
) -> None:
    texts = [json.dumps(document) for document in documents]
    with psycopg.connect(database.dsn()) as conn:
        query = f"SELECT n.account FROM {read} n ORDER BY n.ordinal"
        rows = conn.execute(query.encode(), [texts]).fetchall()

    assert [account_of(feed, document) for document in documents] == [row[0] for row in rows]


@pytest.mark.parametrize(
    ("user", "feed", "account", "detail"),
    [
        (None, "order_events", "main", "the message has no user_id"),
        (None, "prices", "main", "the message has no user_id"),
        ("stranger", "prices", "main", "the user 'stranger' is no producer"),
        ("order-manager", "order_events", "beta", "may not write to the account 'beta'"),
    ],
)
def test_a_message_of_another_producer_is_refused(
    user: str | None, feed: str, account: str, detail: str
) -> None:
    with pytest.raises(Refused, match=detail) as refused:
        check_producer(PRODUCERS, feed, delivery(user), {"account": account})

    assert refused.value.reason == "forbidden_producer"


@pytest.mark.parametrize(
    ("user", "feed", "account"),
    [
        ("order-manager", "order_events", "alpha"),
        ("order-manager", "prices", "beta"),
        ("ws-gateway", "venue_positions", "beta"),
    ],
)
def test_a_message_for_an_account_of_its_producer_is_accepted(
    user: str, feed: str, account: str
) -> None:
    document = {"account": account, "payload": {"account": account}}

    check_producer(PRODUCERS, feed, delivery(user), document)


def test_the_map_is_read_from_a_setting() -> None:
    text = "order-manager:main+alpha,ws-gateway:*"
    service = load({"POSITION_MANAGER_PRODUCER_ACCOUNTS": text}).service

    assert service.producer_accounts == PRODUCERS
    assert as_text(service.producer_accounts) == text


@pytest.mark.parametrize("text", ["order-manager", "a:main,a:beta", "a:", "a:two;words", ":main"])
def test_a_malformed_map_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="PRODUCER_ACCOUNTS"):
        load({"POSITION_MANAGER_PRODUCER_ACCOUNTS": text})
