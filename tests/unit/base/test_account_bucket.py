"""nginx, the database and the worker have an account in the same bucket."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path

import psycopg
import pytest

from position_manager.config.shard_map import bucket_of
from tests.helpers.split_clients import nginx_buckets

VECTORS: dict[str, int] = json.loads(
    (Path(__file__).parents[2] / "bucket_vectors.json").read_text()
)
LETTERS = "abcXYZ019._:/@=^&+#-éßΩжहक口座한𝒜"
BUCKETS = """
    SELECT array_agg(pms.account_bucket(a.account) ORDER BY a.place)
    FROM unnest(%s::text[]) WITH ORDINALITY a (account, place)
"""


def database_buckets(dsn: str, accounts: Iterable[str]) -> list[int]:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(BUCKETS, [list(accounts)]).fetchone()
    assert row is not None
    buckets: list[int] = row[0]
    return buckets


@pytest.fixture(scope="module")
def names(seed: int) -> list[str]:
    """Names of 1 to 64 letters."""
    chance = random.Random(seed)
    return ["".join(chance.choices(LETTERS, k=chance.randint(1, 64))) for _ in range(500)]


def test_the_database_has_each_account_in_its_bucket(dsn: str) -> None:
    assert database_buckets(dsn, VECTORS) == list(VECTORS.values())


def test_nginx_has_each_account_in_its_bucket() -> None:
    # Without a name it asks none.
    named = {name: bucket for name, bucket in VECTORS.items() if name}

    assert nginx_buckets(named) == list(named.values())


def test_the_worker_has_each_account_in_its_bucket() -> None:
    assert [bucket_of(name) for name in VECTORS] == list(VECTORS.values())


def test_all_three_agree_on_any_name(dsn: str, names: list[str]) -> None:
    chosen = nginx_buckets(names)
    assert database_buckets(dsn, names) == chosen
    assert [bucket_of(name) for name in names] == chosen


def test_the_bucket_of_no_account_is_unknown(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT pms.account_bucket(NULL)").fetchone() == (None,)
