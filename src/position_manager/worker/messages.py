"""Strict validation of messages before they reach the database.

A batch is passed to the database as one array, so a single text that ``jsonb`` refuses would fail
the whole batch. Constructs that only lenient parsers accept (NaN, repeated keys, half a surrogate
pair) are refused, so every parser reads an accepted message in the same way.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NoReturn

MAX_DEPTH = 32
MAX_NUMBER_LENGTH = 100
MAX_EXPONENT = 100
MAX_TRACE_ID_LENGTH = 100

# Objects in an object that name a position: those of an order or a report, and its raw form.
NAMING_LEVELS = 3
# Of a broken message no more is searched.
NAMING_CHARACTERS = 65_536

_DOUBTFUL = "\N{REPLACEMENT CHARACTER}"
_IMPOSSIBLE = re.compile("[\x00\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# A text, which may contain brackets, or a bracket.
_TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_TEXT_OR_SEPARATOR = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},]', re.DOTALL)
# The largest double, by which some venues say that an amount is not set.
_UNSET = re.compile(r"-?1(?:\.79769[0-9]*[eE]\+?308|79769[0-9]{303}(?:\.0*)?)")
_TRACE_ID = re.compile(rb'"trace_id"\s*:\s*"([A-Za-z0-9._:-]{1,%d})"' % MAX_TRACE_ID_LENGTH)


class Refused(Exception):
    """A message that will never be accepted: `reason` is a code, `detail` explains it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


def read(body: bytes) -> tuple[str, dict[str, Any]]:
    """Return the text of a message, and its members with numbers as text.

    Raises :class:`Refused` unless it is one strict JSON object.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Refused("invalid_encoding", f"not UTF-8 at byte {error.start}") from None
    # The number of brackets bounds the depth, and invalid characters can only occur as escapes, so
    # nearly all messages need not be traversed. Python's own limit of nesting depends on its
    # version, so the depth is known before the message is parsed.
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise Refused("too_deep", f"nested deeper than {MAX_DEPTH} levels")
    try:
        value = _decode(text)
    except json.JSONDecodeError as error:
        # Some of its texts end with the word.
        fault = error.msg.removesuffix(" at")
        raise Refused("invalid_json", f"{fault} at character {error.pos}") from None
    if not isinstance(value, dict):
        raise Refused("not_an_object", "the message must be one JSON object")
    if "\\u" in text:
        _refuse_impossible_characters(value)
    return text, value


def readable(body: bytes) -> str | None:
    """What every parser reads alike of a refused message, as JSON; None if it is nothing.

    For the position that it names. Whatever is doubtful is the replacement character: a key that
    is repeated with another value, an impossible number or character, a list. Of a message that is
    broken or cut it is the beginning, of a list of messages the first.
    """
    text = body.decode(json.detect_encoding(body), errors="replace")
    try:
        value = _decode_leniently(text)
    except json.JSONDecodeError as error:
        value = _beginning(text[: min(error.pos, NAMING_CHARACTERS)])
    except RecursionError:
        return None
    if isinstance(value, list) and value:
        value = value[0]
    return json.dumps(_shallow(value, NAMING_LEVELS)) if isinstance(value, dict) else None


def trace_id_of(body: bytes) -> str | None:
    """The trace id of a message that could not be parsed, if a search finds one."""
    found = _TRACE_ID.search(body, 0, 65_536)
    return found.group(1).decode() if found else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        repeated = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise Refused("duplicate_key", f"the key {repeated[:60]!r} comes twice in one object")
    return members


def _integer(literal: str) -> str:
    if len(literal) > MAX_NUMBER_LENGTH and not _UNSET.fullmatch(literal):
        raise _absurd_number()
    return literal


def _fraction(literal: str) -> str:
    exponent = literal.lower().partition("e")[2]
    is_absurd = len(literal) > MAX_NUMBER_LENGTH or (exponent and abs(int(exponent)) > MAX_EXPONENT)
    if is_absurd and not _UNSET.fullmatch(literal):
        raise _absurd_number()
    return literal


def _constant(literal: str) -> NoReturn:
    raise Refused("invalid_json", f"{literal} is not JSON")


# Numbers stay text: only their form is checked.
_decode = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_int=_integer,
    parse_float=_fraction,
    parse_constant=_constant,
).decode


def _sound(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        is_doubtful = isinstance(value, list) or members.get(key, value) != value
        members[_printable(key)] = _DOUBTFUL if is_doubtful else _printable(value)
    return members


def _beginning(text: str) -> Any:
    """The value that the beginning of a text has as far as it is complete; None if it has none."""
    # Behind the last text, which is a value or the name of one, and behind the last member.
    value_end = member_end = 0
    for found in _TEXT_OR_SEPARATOR.finditer(text):
        if found[0] == ",":
            member_end = found.start()
        elif found[0] in "{}[]":
            member_end = found.end()
        elif len(found[0]) > 1 and found[0].endswith('"'):
            value_end = found.end()
    for end in (max(value_end, member_end), member_end):
        with suppress(json.JSONDecodeError, RecursionError):
            return _decode_leniently(text[:end] + _closing(text[:end]))
    return None


def _closing(text: str) -> str:
    """The brackets that close those that are open."""
    opened: list[str] = []
    for found in _TEXT_OR_BRACKET.finditer(text):
        if found[0] in "{[":
            opened.append("}" if found[0] == "{" else "]")
        elif found[0] in "}]":
            del opened[-1:]
    return "".join(reversed(opened))


def _printable(value: Any) -> Any:
    return _IMPOSSIBLE.sub(_DOUBTFUL, value) if isinstance(value, str) else value


def _shallow(members: dict[str, Any], levels: int) -> dict[str, Any]:
    return {
        key: _shallow(value, levels - 1) if isinstance(value, dict) else value
        for key, value in members.items()
        if levels > 1 or not isinstance(value, dict)
    }


_decode_leniently = json.JSONDecoder(
    object_pairs_hook=_sound,
    parse_int=lambda literal: literal if len(literal) <= MAX_NUMBER_LENGTH else _DOUBTFUL,
    parse_float=lambda literal: literal if len(literal) <= MAX_NUMBER_LENGTH else _DOUBTFUL,
    parse_constant=lambda literal: _DOUBTFUL,
).decode


def _absurd_number() -> Refused:
    return Refused(
        "number_out_of_range",
        f"a number longer than {MAX_NUMBER_LENGTH} characters, or an exponent over {MAX_EXPONENT}",
    )


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _depth(text: str) -> int:
    """The largest number of brackets open at once; brackets in texts do not count."""
    deepest = depth = 0
    for found in _TEXT_OR_BRACKET.finditer(text):
        if found[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif found[0] in "]}":
            depth -= 1
    return deepest


def _strings(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from item
        waiting.extend(_children(item))


def _refuse_impossible_characters(value: Any) -> None:
    for text in _strings(value):
        if "\x00" in text:
            raise Refused("invalid_character", "the escape \\u0000 cannot be stored as text")
        if _SURROGATE.search(text):
            raise Refused("invalid_character", "an escape is half of a surrogate pair")
