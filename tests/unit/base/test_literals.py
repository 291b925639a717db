"""Literals: the database reads what the reference implementation reads."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from position_manager import names
from position_manager.cli.access import NewKey
from position_manager.reference import literals

if TYPE_CHECKING:
    from tests.conftest import Database

DIGITS = st.text("0123456789", max_size=30)
NUMBERS = st.builds(
    lambda sign, whole, fraction, exponent: f"{sign}{whole}{fraction}{exponent}",
    st.sampled_from(["", "+", "-"]),
    st.one_of(DIGITS, st.just("1" + "0" * 19), st.just("9" * 20)),
    st.one_of(st.just(""), DIGITS.map(".{}".format), st.just("." + "0" * 18 + "5")),
    st.sampled_from(["", "", "e0", "E-5", "e-18", "e-19", "E19", "e+20", "e308", "e999", "e1000"]),
)
EPOCHS = st.one_of(
    st.integers(0, 10**19).map(str),
    st.decimals(0, 10**14, places=6).map("{:f}".format),
    st.decimals(0, 10**14, places=20).map(" +{:f} ".format),
    NUMBERS,
)


@pytest.fixture(scope="module")
def owner(shared_database: Database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(shared_database.dsn("pms_owner"), autocommit=True) as connection:
        yield connection


def column(owner: psycopg.Connection[Any], expression: str, texts: list[str]) -> list[Any]:
    """The value of an expression for each text."""
    query = f"SELECT {expression} FROM unnest(%s::text[]) WITH ORDINALITY t (text, place) ORDER BY t.place"  # noqa: E501
    return [value for (value,) in owner.execute(query, [texts]).fetchall()]


@given(st.lists(NUMBERS, min_size=50, max_size=50))
def test_amounts(owner: psycopg.Connection[Any], texts: list[str]) -> None:
    found = column(owner, "pms.parse_decimal(t.text)", texts)

    expected = [literals.amount(text) for text in texts]
    assert dict(zip(texts, found, strict=True)) == dict(zip(texts, expected, strict=True))


@given(st.lists(NUMBERS, min_size=20, max_size=20))
def test_unset_doubles(owner: psycopg.Connection[Any], texts: list[str]) -> None:
    texts = [*texts, "1.7976931348623157E308", "17976931348623157" + "0" * 292, "1.7e308"]

    found = column(owner, "pms.unless_unset(t.text) IS NULL", texts)

    assert found == [literals.is_unset(text) for text in texts]


@given(st.lists(EPOCHS, min_size=50, max_size=50))
def test_epochs(owner: psycopg.Connection[Any], texts: list[str]) -> None:
    found = column(owner, "pms.parse_time(t.text)", texts)

    expected = [literals.epoch_time(text) for text in texts]
    assert dict(zip(texts, found, strict=True)) == dict(zip(texts, expected, strict=True))


def test_each_character_is_allowed_in_a_name_or_not(owner: psycopg.Connection[Any]) -> None:
    known = [
        chr(code)
        for code in range(1, sys.maxunicode + 1)
        # The tables of Unicode of Python and of PostgreSQL have different ages.
        if unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs")
    ]
    texts = [f"A{unicodedata.normalize('NFC', each)}B" for each in known]

    found = column(owner, "pms.is_name(t.text)", texts)

    differing = {
        unicodedata.normalize("NFC", each)
        for each, text, is_name in zip(known, texts, found, strict=True)
        if is_name != names.is_name(text)
    }
    # Symbols within the ranges of the marks: they are shown, and need no escapes.
    assert {unicodedata.category(each[0])[0] for each in differing} <= {"S", "N"}, differing
    refused = column(owner, "pms.check_account(t.text) IS NOT NULL", texts)
    assert refused == [not each for each in found]


def test_no_api_key_is_a_name(owner: psycopg.Connection[Any]) -> None:
    keys = [NewKey.make().text for _ in range(20)] + [f"pms_{'a' * 32}_{'b' * 27}"]
    texts = [
        text
        for key in keys
        for each in (key, f"x{key}"[:64], f"{key}-x"[:64], key[:33], f"é{key}"[:64])
        for text in (each, each.upper(), each.lower(), each.swapcase())
        # The id of the longest key ends after this.
        if "_" in text[4:]
    ]

    assert not any(names.is_name(text) for text in texts)
    for expression in (
        "NOT pms.is_name(t.text)",
        "pms.check_account(t.text) IS NOT NULL",
        "pms.check_asset(pms.asset_name(t.text)) IS NOT NULL",
    ):
        assert all(column(owner, expression, texts)), expression


@pytest.mark.parametrize(
    "text",
    ["pms_desk_7", "PMS_" + "A" * 26 + "_B", "A" * 64, "pms-" + "a_b" * 20, "pm_fund_" + "a" * 50],
)
def test_a_name_may_resemble_an_api_key(owner: psycopg.Connection[Any], text: str) -> None:
    assert names.is_name(text)
    assert column(owner, "pms.check_account(t.text)", [text]) == [None]
    assert column(owner, "pms.check_asset(pms.asset_name(t.text))", [text]) == [None]


def test_the_tables_take_every_name(owner: psycopg.Connection[Any]) -> None:
    query = """
        SELECT count(*) FILTER (WHERE ('A' || c.letter || 'B') !~ r.pattern), count(*)
        FROM generate_series(1, 1114111) u (code)
        CROSS JOIN LATERAL (
            SELECT normalize(chr(u.code), NFC) AS letter
            WHERE u.code NOT BETWEEN 55296 AND 57343
        ) c
        CROSS JOIN (
            SELECT
                (regexp_match(pg_get_constraintdef(k.oid), '''(\\^\\[A-Za-z0-9.*\\$)'''))[1]
                AS pattern
            FROM pg_constraint k
            WHERE k.conname = 'legs_account_is_name'
        ) r
        WHERE pms.is_name('A' || c.letter || 'B')
    """
    [(refused, known)] = owner.execute(query).fetchall()

    assert (refused, known > 100_000) == (0, True)


@pytest.mark.parametrize(
    "text",
    ["btc/usdt", " é ", "stra\u00dfe", "\u0149", "e\u0301", "\u01c5", "\u03c2", "\u0390", "ab c"],
)
def test_names_are_stored_alike(owner: psycopg.Connection[Any], text: str) -> None:
    assert column(owner, "pms.asset_name(t.text)", [text]) == [names.asset_name(text)]
    assert column(owner, "pms.account_name(t.text)", [text]) == [names.account_name(text)]
