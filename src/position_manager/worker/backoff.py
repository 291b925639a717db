"""How long to wait before something is tried again."""

from __future__ import annotations

import random

from position_manager.config.service import ServiceSettings


class Backoff:
    """Delays that double up to a cap, with jitter so that neighbours do not come back in step."""

    def __init__(self, base: float, cap: float) -> None:
        self._base = min(base, cap)
        self._cap = cap
        self._step = self._base

    @classmethod
    def configured(cls, settings: ServiceSettings) -> Backoff:
        """The delays the settings ask for."""
        return cls(
            settings.optimistic_lock_backoff_base / 1000, settings.retry_backoff_max_ms / 1000
        )

    def next(self) -> float:
        """The delay before the next try, in seconds."""
        delay = random.uniform(self._step / 2, self._step)
        self._step = min(self._step * 2, self._cap)
        return delay

    def reset(self) -> None:
        """Start over: it went well."""
        self._step = self._base
