"""Strict JSON: an accepted message has one meaning for every parser."""

from __future__ import annotations

import json

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from position_manager.worker.messages import MAX_DEPTH, Refused, read, trace_id_of


def nested(depth: int) -> bytes:
    """An object with lists in it, `depth` levels in all."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


REFUSALS = {
    "empty": (b"", "invalid_json"),
    "no JSON": (b"side=BUY", "invalid_json"),
    "cut off": (b'{"a": 1', "invalid_json"),
    "more than one value": (b'{"a": 1} {"a": 1}', "invalid_json"),
    "single quotes": (b"{'a': 1}", "invalid_json"),
    "trailing comma": (b'{"a": 1,}', "invalid_json"),
    "byte order mark": (b'\xef\xbb\xbf{"a": 1}', "invalid_json"),
    "raw control character": (b'{"a": "\x01"}', "invalid_json"),
    "raw zero byte": (b'{"a": "\x00"}', "invalid_json"),
    "NaN": (b'{"a": NaN}', "invalid_json"),
    "Infinity": (b'{"a": Infinity}', "invalid_json"),
    "minus Infinity": (b'{"a": -Infinity}', "invalid_json"),
    "leading zero": (b'{"a": 01}', "invalid_json"),
    "not UTF-8": (b'{"a": "\xff"}', "invalid_encoding"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "invalid_encoding"),
    "a surrogate in UTF-8": (b'{"a": "\xed\xa0\x80"}', "invalid_encoding"),
    "a key twice": (b'{"a": 1, "b": 2, "a": 1}', "duplicate_key"),
    "a key twice, once escaped": (b'{"a": 1, "\\u0061": 1}', "duplicate_key"),
    "a key twice further in": (b'{"order": [{"a": 1, "a": 2}]}', "duplicate_key"),
    "a list": (b"[1]", "not_an_object"),
    "a text": (b'"a"', "not_an_object"),
    "null": (b"null", "not_an_object"),
    "escaped zero character": (b'{"a": "\\u0000"}', "invalid_character"),
    "escaped zero character in a key": (b'{"a": {"\\u0000": 1}}', "invalid_character"),
    "half a pair": (b'{"a": ["\\ud83d"]}', "invalid_character"),
    "other half of a pair": (b'{"a": "x\\ude00"}', "invalid_character"),
    "pair the wrong way round": (b'{"a": "\\ude00\\ud83d"}', "invalid_character"),
    "absurd exponent": (b'{"a": 1e101}', "number_out_of_range"),
    "absurd negative exponent": (b'{"a": 1E-101}', "number_out_of_range"),
    "exponent nobody can count to": (b'{"a": 1e99999999999999999999}', "number_out_of_range"),
    "number of 101 digits": (b'{"a": ' + b"1" * 101 + b"}", "number_out_of_range"),
    "fraction of 101 characters": (b'{"a": 0.' + b"1" * 99 + b"}", "number_out_of_range"),
    "too deep": (nested(MAX_DEPTH + 1), "too_deep"),
    "too deep, and cut off": (b'{"a":' + b"[" * MAX_DEPTH, "too_deep"),
    "absurdly deep": (b'{"a":' + b"[" * 100_000, "too_deep"),
}

ACCEPTED = {
    "empty object": b"{}",
    "whitespace": b' \t\r\n{ "a" : 1 } \n',
    "any character": '{"a": "\u00e9\u4e2d\U0001f600\\n"}'.encode(),
    "escaped pair": b'{"a": "\\ud83d\\ude00"}',
    "the text of an escape": b'{"a": "\\\\u0000"}',
    "the same key in two objects": b'{"a": {"a": 1}, "b": {"a": 1}}',
    "as deep as allowed": nested(MAX_DEPTH),
    "many brackets, none deep": b'{"a": [' + b"[],{}," * 50 + b"0]}",
    "brackets in a text": b'{"a": "' + b"[{" * 100 + b'"}',
    "brackets behind an escaped quote": b'{"a": "\\"' + b"[{" * 100 + b'"}',
    "brackets behind an escaped backslash": b'{"a": "\\\\", "b": "' + b"[" * 100 + b'"}',
    "the largest double": b'{"a": 1.7976931348623157E308, "b": -1.79769e+308}',
    "the largest double in full": b'{"a": 17976931348623157' + b"0" * 292 + b"}",
    "number of 100 digits": b'{"a": ' + b"1" * 100 + b"}",
    "exponents": b'{"a": 1e100, "b": -1.5E-100, "c": 0e+0}',
}


@pytest.mark.parametrize(("body", "reason"), REFUSALS.values(), ids=REFUSALS)
def test_an_invalid_message_is_refused_with_its_reason(body: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        read(body)

    assert refused.value.reason == reason
    assert refused.value.detail


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"a": "b', "Unterminated string starting at character 6"),
        (b'{"a": "\x01"}', "Invalid control character at character 7"),
        (b'{"a" 1}', "Expecting ':' delimiter at character 5"),
    ],
)
def test_a_refusal_names_the_place_once(body: bytes, detail: str) -> None:
    with pytest.raises(Refused) as refused:
        read(body)

    assert refused.value.detail == detail


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_a_valid_message_is_accepted_unchanged(body: bytes) -> None:
    assert read(body)[0] == body.decode()


def test_the_detail_of_a_refusal_does_not_quote_the_message() -> None:
    with pytest.raises(Refused) as refused:
        read(b'{"password": secret}')

    assert "secret" not in refused.value.detail


@pytest.mark.parametrize(
    ("body", "trace_id"),
    [
        (b'{"trace_id": "9f5f-1", "a": NaN}', "9f5f-1"),
        (b'\xff{"trace_id":"t.1:x_y"', "t.1:x_y"),
        (b'{"trace_id": 7}', None),
        (b'{"trace_id": "a b"}', None),
        (b'{"trace_id": "' + b"x" * 101 + b'"}', None),
        (b"", None),
    ],
)
def test_the_trace_id_of_an_invalid_message_is_extracted(body: bytes, trace_id: str | None) -> None:
    assert trace_id_of(body) == trace_id


ESCAPES = st.sampled_from(["\\u0000", "\\ud83d", "\\ude00", "\\ud83d\\ude00", "\\n", "\\u0041"])
NUMBERS = st.one_of(
    st.integers().map(str),
    st.floats().map(repr),
    st.tuples(st.integers(), st.integers(-400, 400)).map(lambda parts: f"{parts[0]}e{parts[1]}"),
    st.integers(0, 200).map(lambda digits: "9" * digits),
)
TEXTS = st.one_of(st.text().map(json.dumps), ESCAPES.map(lambda escape: f'"{escape}"'))
VALUES = st.recursive(
    st.one_of(st.sampled_from(["null", "true", "[", "NaN", ""]), NUMBERS, TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]"),
        st.lists(st.tuples(TEXTS, inner), max_size=4).map(
            lambda pairs: "{" + ",".join(f"{key}:{value}" for key, value in pairs) + "}"
        ),
    ),
    max_leaves=8,
)


def test_the_database_accepts_every_parsed_message(dsn: str) -> None:
    with psycopg.connect(dsn) as conn:

        @given(VALUES)
        def accepted(text: str) -> None:
            body = b'{"a":' + text.encode("utf-8", "surrogatepass") + b"}"
            try:
                message, _ = read(body)
            except Refused:
                return
            (length,) = conn.execute("SELECT length(%s::jsonb::text)", [message]).fetchone() or (0,)
            assert length > 0

        accepted()
