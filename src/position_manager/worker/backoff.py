"""Exponential backoff between retries."""

from __future__ import annotations

import random

from position_manager.config.service import ServiceSettings


class Backoff:
    """Delays that double up to a cap, with jitter so that parts do not retry in step."""

    def __init__(self, base: float, cap: float) -> None:
        self._base = min(base, cap)
        self._cap = cap
        self._step = self._base

    @classmethod
    def configured(cls, settings: ServiceSettings) -> Backoff:
        """A backoff with the delays of the settings."""
        return cls(
            settings.optimistic_lock_backoff_base / 1000, settings.retry_backoff_max_ms / 1000
        )

    def next(self) -> float:
        """The delay before the next retry, in seconds."""
        delay = random.uniform(self._step / 2, self._step)
        self._step = min(self._step * 2, self._cap)
        return delay

    def reset(self) -> None:
        """Start over, after a success."""
        self._step = self._base
