"""The error of a measurement; without imports, because each process of the load imports it."""

from __future__ import annotations


class MeasureError(Exception):
    """A measurement failed, or did not measure what it should; the text says why."""
