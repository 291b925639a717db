"""The ledger stores letters, numbers and keys; they mean what the words said."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, correction, fill
from tests.helpers.owner_queries import OwnerQueries

WORDS = {
    "kind": ["trade", "opening", "transfer", "adjustment", "funding"],
    "source": ["order_execution", "api", "venue", "validation", "import"],
}
SCHEMES = [
    "execution", "order", "event", "fill", "funding", "correction", "transfer", "adjustment",
    "adoption", "import",
]  # fmt: skip


POST = """
    SELECT pms.post_entries(ARRAY[pms.new_entry(
        'main', 'BTCUSDT', 'one-way', 'net', %(kind)s, %(identity)s, 1, now(),
        pms.lock_legs(ARRAY[('main', 'BTCUSDT', 'one-way', 'net')::pms.leg_key]),
        %(source)s, NULL, price => 1, amount => 1
    )])
"""


def post(owner: psycopg.Connection[Any], **words: str) -> None:
    usual = {"kind": "trade", "identity": "x", "source": "api"}
    owner.execute(POST.encode(), usual | words)


@pytest.mark.parametrize("word", [(name, word) for name in WORDS for word in WORDS[name]])
def test_the_ledger_shows_the_word_that_was_posted(
    word: tuple[str, str], owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    name, posted = word
    post(owner, **{name: posted})

    assert queries.value(f"SELECT e.{name} FROM pms.ledger_entries e") == posted
    [letter] = queries.rows(f"SELECT e.{name}::text AS letter FROM pms.entries e")
    assert len(letter["letter"]) == 1


@pytest.mark.parametrize(
    "identity",
    [*(f"{scheme}:a:b" for scheme in SCHEMES), "execution:", "execution", ":a", "", "other:a"],
)
def test_the_ledger_shows_the_identity_that_was_posted(
    identity: str, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    post(owner, identity=identity)

    assert queries.value("SELECT e.identity FROM pms.ledger_entries e") == identity
    has_prefix = identity.partition(":")[0] in SCHEMES and ":" in identity
    stored = identity.partition(":")[2] if has_prefix else identity
    assert queries.value("SELECT e.identity FROM pms.entries e") == stored


def test_an_entry_from_an_unknown_source_is_refused(owner: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.NotNullViolation, match='column "source"'):
        post(owner, source="nobody")


def test_identities_of_one_key_are_different_entries(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    assert ledger.apply(fill("first", "Buy", "1", "100")) == ["applied"]
    owner.execute("UPDATE pms.entries SET identity_key = pms.identity_key('main', 'execution:b')")

    assert ledger.apply(fill("b", "Buy", "2", "100")) == ["applied"]
    assert ledger.apply(fill("b", "Buy", "2", "100")) == ["duplicate"]
    assert ledger.apply(fill("b", "Buy", "3", "100")) == ["rejected"]
    assert ledger.apply(correction("b", execution_price="90")) == ["applied"]

    stored = "SELECT e.identity, e.occurrence FROM pms.entries e WHERE e.amends IS NULL ORDER BY id"
    assert queries.rows(stored) == [
        {"identity": "first", "occurrence": 0},
        {"identity": "b", "occurrence": 1},
    ]


def test_orders_of_one_key_are_different_orders(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    ledger.apply(fill("a", "Buy", "1", "100", order_id="first"))
    owner.execute("UPDATE pms.entries SET order_key = pms.order_key('main', 'second')")

    parts = """
        SELECT count(*)
        FROM pms.parts_of_orders(
            ARRAY[(1, 'main', 'BTCUSDT', %(order)s, NULL)::pms.begun_order]
        )
    """
    assert queries.value(parts, order="second") == 0


def test_a_leg_keeps_its_number(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    numbered = "SELECT p.leg_id FROM pms.positions p"
    ledger.apply(fill("a", "Buy", "1", "100"))
    number = queries.value(numbered)
    owner.execute("DELETE FROM pms.positions")

    ledger.apply(fill("b", "Buy", "1", "100"))

    assert queries.value(numbered) == number
