"""Maps of accounts to shards in tests: this database is shard 0."""

from __future__ import annotations

import json
from typing import Any

import psycopg

from tests.helpers.service import Service

Map = dict[str, Any]


def shard_map(version: int = 1, shard: int = 0, **pinned: int) -> Map:
    """A map in which shard 0 has all buckets, and other shards have pinned accounts."""
    return {"version": version, "shard": shard, "buckets": [[0, 999, 0]], "pinned": pinned}


def set_map(operator: psycopg.Connection[Any], wanted: Map) -> Map:
    """Set the map, as an operator."""
    with operator.transaction():
        row = operator.execute("SELECT api.set_shard_map(%s)", [json.dumps(wanted)]).fetchone()
    assert row is not None
    answer: Map = row[0]
    return answer


def remove_map(service: Service) -> None:
    """Have the database have all accounts again."""
    for table in ("shard", "shard_buckets", "pinned_accounts"):
        service.query(f"DELETE FROM pms.{table}")
