"""Names of accounts and assets, by the rule of the database.

For what the worker and the command line compare with names that the database has.
"""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 64
PUNCTUATION = frozenset("._-:/@=^&+# ")
# A shorter name is not an API key.
_MAX_LENGTH_UNLIKE_KEYS = 32
_API_KEY = re.compile(r"pms_[a-z0-9-]{1,32}_", re.ASCII | re.IGNORECASE)
# Letters and marks that show nothing.
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
# Variation selectors, and the marks of music and of sign writing.
NO_LETTERS = (
    ("\ufe00", "\ufe0f"),
    ("\U0001bc00", "\U0001dfff"),
    ("\U000e0100", "\U000e01ef"),
)
_BLANK = re.compile(r"[ \t\n\v\f\r]*")


def is_blank(value: object) -> bool:
    """Whether a member of a message is a text that is empty or blank, which means absent."""
    return isinstance(value, str) and _BLANK.fullmatch(value) is not None


def account_name(text: str) -> str:
    """The name of an account as it is stored."""
    return unicodedata.normalize("NFC", text.strip(" "))


def asset_name(text: str) -> str:
    """The symbol of an asset, or of a currency, as it is stored."""
    return unicodedata.normalize("NFC", account_name(text).upper())


def is_name(name: str) -> bool:
    """Whether a text can be the name of an account or, in upper case, of an asset."""
    return (
        0 < len(name) <= MAX_LENGTH
        and account_name(name) == name
        and (len(name) <= _MAX_LENGTH_UNLIKE_KEYS or _API_KEY.search(name) is None)
        and any(_is_letter(character) for character in name)
        and all(
            character in PUNCTUATION or _is_letter(character) or _is_mark(character)
            for character in name
        )
    )


def _is_letter(character: str) -> bool:
    category = unicodedata.category(character)
    return (category[0] == "L" or category == "Nd") and character not in INVISIBLE


def _is_mark(character: str) -> bool:
    return (
        unicodedata.category(character)[0] == "M"
        and character not in INVISIBLE
        and not any(first <= character <= last for first, last in NO_LETTERS)
    )
