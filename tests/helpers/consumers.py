"""The consumers as they read: contract, section 1, "Who reads what"."""

from __future__ import annotations

import math
from typing import Any

import httpx


class TemporarilyUnavailable(Exception):
    """The order-manager got a 503: it places no order, and retries later."""


class OrderManager:
    """Reads the position and the exposure before each order."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.headers = {"X-API-Key": key}

    def position(self, asset: str) -> dict[str, Any] | None:
        """The position in an asset; None if there never was one."""
        answer = httpx.get(
            f"{self.url}/api/v1/positions/{asset}",
            params={"mode": "one-way"},
            headers=self.headers,
        )
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def exposure(self) -> float:
        """The exposure in USDT."""
        answer = httpx.get(f"{self.url}/api/v1/portfolio/exposure", headers=self.headers)
        if answer.status_code == 503:
            raise TemporarilyUnavailable(answer.headers["Retry-After"])
        answer.raise_for_status()
        return float(answer.json()["total_exposure_usdt"])


class ModelService:
    """Reads a position's profit and its share of the portfolio."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.headers = {"X-API-Key": key}

    def signals(self, asset: str) -> dict[str, bool]:
        """The decisions to take profit and to buy more."""
        answer = httpx.get(f"{self.url}/api/v1/positions/{asset}", headers=self.headers)
        if answer.status_code == 404:
            return {"take_profit": False, "may_buy": True}
        answer.raise_for_status()
        found = answer.json()
        pct, norm = (
            None if found[name] is None else float(found[name])
            for name in ("unrealized_pnl_pct", "position_size_norm")
        )
        assert math.isfinite(float(found["size"]))
        return {
            "take_profit": float(found["size"]) != 0 and pct is not None and pct > 3.0,
            "may_buy": norm is None or norm <= 0.8,
        }
