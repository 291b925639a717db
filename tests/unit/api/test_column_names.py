"""One quantity has one name in all views of schema api, which the glossary defines."""

from __future__ import annotations

import re

import psycopg
import pytest

from tests.helpers.documents import SPECS

COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, NULL), col_description(c.oid, a.attnum)
    FROM pg_class c
    INNER JOIN pg_attribute a ON c.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'api'::regnamespace AND c.relkind = 'v'
    ORDER BY c.relname, a.attnum
"""
# Which of several amounts of a kind it is.
OF_A_KIND = re.compile(
    r"^(?:fifo|average|opening|closing|peak|restated|carried|target)_|_(?:before|after|change)$"
)
# Identities of different things, and counts of several widths.
OF_THEIR_OWN = {"id", "times_seen", "version"}

Column = tuple[str, str, str, str]


@pytest.fixture
def columns(dsn: str) -> list[Column]:
    """View, name, type and comment of each column."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(COLUMNS).fetchall()


@pytest.fixture
def words() -> set[str]:
    """The words for amounts."""
    section = (SPECS / "glossary.md").read_text().partition("## Money")[2]
    bold = {word.replace(" ", "_") for word in re.findall(r"\*\*([a-z ]+)\*\*", section)}
    return bold | set(re.findall(r"`([a-z_]+)`", section))


def test_an_amount_has_the_name_of_the_glossary(columns: list[Column], words: set[str]) -> None:
    amounts = [
        (view, name)
        for view, name, _, comment in columns
        if comment.startswith(("USDT:", "Settlement currency"))
    ]

    assert len(amounts) > 100
    unknown = {
        f"{view}.{name}"
        for view, name in amounts
        if OF_A_KIND.sub("", name.removesuffix("_usdt")) not in words and name not in words
    }
    assert unknown == set()


def test_an_amount_in_usdt_says_so(columns: list[Column]) -> None:
    named = {(view, name) for view, name, *_ in columns if name.endswith("_usdt")}

    assert named == {(view, name) for view, name, _, text in columns if text.startswith("USDT:")}


def test_a_moment_is_named_by_what_happened(columns: list[Column]) -> None:
    moments = {name for _, name, kind, _ in columns if kind == "timestamp with time zone"}

    # The first is a name of the contract.
    assert {name for name in moments if not name.endswith("_at")} == {"last_updated", "held_since"}


def test_one_name_has_one_type(columns: list[Column]) -> None:
    types: dict[str, set[str]] = {}
    for _, name, kind, _ in columns:
        types.setdefault(name, set()).add(kind)

    several = {name for name, kinds in types.items() if len(kinds) > 1}
    assert several - OF_THEIR_OWN == set()
