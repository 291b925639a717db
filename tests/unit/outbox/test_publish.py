"""The outbox has one writer: what it adds to each event, their order, and the notification."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.helpers.owner_queries import OwnerQueries

PUBLISH = """
    SELECT pms.publish_events(ARRAY(
        SELECT ('position', u.key, u.type, u.trace_id, jsonb_build_object('asset', u.key))
            ::pms.outbox_event
        FROM unnest(%(keys)s::text[], %(types)s::text[], %(trace_ids)s::text[])
            AS u (key, type, trace_id)
    ))
"""
WRITTEN = """
    SELECT o.id::text AS id, o.aggregatetype, o.aggregateid, o.type, o.trace_id, o.payload
    FROM pms.outbox o
    ORDER BY o.sequence
"""


def publish(queries: OwnerQueries, *events: tuple[str, str, str | None]) -> None:
    """Publish (key, type, trace_id), in one call."""
    keys, types, trace_ids = zip(*events, strict=True) if events else ((), (), ())
    queries.rows(PUBLISH, keys=list(keys), types=list(types), trace_ids=list(trace_ids))


def test_events_are_written_in_their_order(queries: OwnerQueries) -> None:
    publish(queries, ("b", "position_updated", "t1"), ("a", "position_closed", "t2"))
    publish(queries, ("c", "position_updated", None))

    written = queries.rows(WRITTEN)
    assert [(row["aggregateid"], row["type"], row["trace_id"]) for row in written] == [
        ("b", "position_updated", "t1"),
        ("a", "position_closed", "t2"),
        ("c", "position_updated", None),
    ]
    assert {row["aggregatetype"] for row in written} == {"position"}


def test_each_event_has_the_fields_of_all_events(queries: OwnerQueries) -> None:
    publish(queries, ("a", "position_updated", "t1"), ("b", "position_closed", None))

    written = queries.rows(WRITTEN)
    ((epoch,),) = (row.values() for row in queries.rows("SELECT pms.current_epoch()"))
    assert len({row["id"] for row in written}) == 2
    for row in written:
        payload: dict[str, Any] = row["payload"]
        published_at = datetime.fromisoformat(payload.pop("timestamp"))
        assert abs(datetime.now(UTC) - published_at) < timedelta(minutes=1)
        assert payload == {
            "asset": row["aggregateid"],
            "event_type": row["type"],
            "event_id": row["id"],
            "trace_id": row["trace_id"],
            "epoch": epoch,
        }


def test_a_transaction_has_its_number_before_its_sequences(queries: OwnerQueries, dsn: str) -> None:
    """From the running transactions the relay concludes which sequences may still come."""
    with psycopg.connect(dsn) as other:
        # No other session takes a sequence until this one ends.
        other.execute("ALTER SEQUENCE pms.outbox_sequence_seq INCREMENT 1")
        with queries.owner.transaction(force_rollback=True):
            queries.owner.execute("SET LOCAL lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable), queries.owner.transaction():
                publish(queries, ("a", "position_updated", None))

            assert queries.rows("SELECT pg_current_xact_id_if_assigned() IS NULL AS none") == [
                {"none": False}
            ]
        other.rollback()


def test_only_events_notify_the_relay(queries: OwnerQueries, dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as listener:
        listener.execute("LISTEN pms_outbox")

        publish(queries)
        assert list(listener.notifies(timeout=0.2)) == []

        publish(queries, ("a", "position_updated", None), ("b", "position_updated", None))
        (notice,) = listener.notifies(timeout=10, stop_after=1)
        assert notice.channel == "pms_outbox"


def test_a_relay_that_looks_by_itself_is_not_notified(queries: OwnerQueries, dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as listener:
        listener.execute("LISTEN pms_outbox")

        queries.owner.execute("SELECT pms.set_outbox_reader(FALSE)")
        publish(queries, ("a", "position_updated", None))
        assert list(listener.notifies(timeout=0.2)) == []

        queries.owner.execute("SELECT pms.set_outbox_reader(TRUE)")
        publish(queries, ("b", "position_updated", None))
        assert len(list(listener.notifies(timeout=10, stop_after=1))) == 1
