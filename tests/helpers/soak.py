"""The long forms of a few tests: ``SOAK=1``, as in ``make soak``."""

from __future__ import annotations

import os

SOAKING = os.environ.get("SOAK") == "1"


def sized(usual: int, soaking: int) -> int:
    """The size of a test: the usual one, or that of its long form."""
    return soaking if SOAKING else usual
