"""``POSITION_MANAGER_*``: the settings of the service."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from position_manager.config.settings import (
    PREFIX,
    File,
    Fraction,
    Group,
    Key,
    Limits,
    LogLevel,
    Origins,
    Port,
    QueueName,
    Queues,
    WebAddress,
    env_name,
)


class ServiceSettings(Group):
    """``POSITION_MANAGER_*``: what the service does."""

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    port: Port = 4800
    api_key: Key | None = None
    log_level: LogLevel = "INFO"
    service_name: str = Field("position-manager", pattern=r"^[A-Za-z0-9._-]{1,64}$")

    snapshot_interval: int = Field(3600, ge=1, le=604_800)
    snapshot_retention_days: int = Field(365, ge=1, le=3650)
    validation_interval: int = Field(1800, ge=1, le=604_800)
    verification_interval: int = Field(300, ge=60, le=604_800)
    use_ws_avg_price: bool = True
    avg_price_diff_threshold: Fraction = Decimal("0.001")
    size_validation_threshold: Decimal = Field(Decimal("0.0001"), ge=0, le=1_000_000)
    price_staleness_threshold: int = Field(300, ge=1, le=86_400)
    price_retention_days: int = Field(400, ge=1, le=3650)
    venue_adoption_delay: int = Field(5, ge=0, le=3600)
    portfolio_history_interval: int = Field(60, ge=60, le=86_400)
    portfolio_history_retention_days: int = Field(400, ge=1, le=3650)
    optimistic_lock_retries: int = Field(3, ge=0, le=100)
    optimistic_lock_backoff_base: int = Field(100, ge=1, le=60_000)
    rate_limit_enabled: bool = True
    rate_limit_default: int = Field(100, ge=1, le=1_000_000)
    rate_limit_overrides: Limits = Field(default_factory=dict)
    cors_origins: Origins = ()
    tls_certificate: File | None = None
    tls_key: File | None = None
    tls_port: Port = 4843
    portfolio_max_exposure_usdt: Decimal | None = Field(None, gt=0, le=Decimal("1e18"))
    portfolio_event_interval_ms: int = Field(1000, ge=1, le=3_600_000)

    order_queues: Queues = ("order-manager.order_events", "order-manager.order_executed")
    position_queues: Queues = ("ws-gateway.position",)
    price_queues: Queues = ("ws-gateway.ticker",)
    events_exchange: QueueName = "position-manager.events"
    dead_letter_exchange: QueueName = "position-manager.dead-letters"
    legacy_queue_ttl_ms: int = Field(86_400_000, ge=1000, le=604_800_000)
    legacy_queue_max_length: int = Field(100_000, ge=1, le=10_000_000)
    batch_size: int = Field(1000, ge=1, le=10_000)
    batch_wait_ms: int = Field(50, ge=1, le=10_000)
    message_max_bytes: int = Field(262_144, ge=1024, le=16_777_216)
    report_interval_ms: int = Field(1000, ge=100, le=2000)
    retry_backoff_max_ms: int = Field(5000, ge=100, le=60_000)
    price_api_url: WebAddress | None = None
    # Whoever stops the worker waits for what it has in hand, and not for long.
    price_api_timeout: int = Field(5, ge=1, le=5)

    def for_database(self) -> dict[str, Any]:
        """What ``pms.settings`` is loaded with: amounts as text, never as float."""
        kept_here = {"port", "api_key", "log_level"} | {
            name
            for name in type(self).model_fields
            if name.endswith(_WORKER_ONLY) or name.startswith(_GATEWAY_ONLY)
        }
        return self.model_dump(mode="json", exclude=kept_here)

    def environment(self) -> dict[str, str]:
        """What was set, as variables again: for a process that is to read the same settings."""
        return {
            env_name(type(self), name): _as_text(value)
            for name in sorted(self.model_fields_set - {"api_key"})
            if (value := getattr(self, name)) is not None
        }


_GATEWAY_ONLY = ("cors_", "tls_")
_WORKER_ONLY = (
    "_queues",
    "_exchange",
    "legacy_queue_ttl_ms",
    "legacy_queue_max_length",
    "batch_size",
    "batch_wait_ms",
    "message_max_bytes",
    "report_interval_ms",
    "retry_backoff_max_ms",
    "price_api_url",
    "price_api_timeout",
)


def _as_text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, dict):
        return ",".join(f"{name}:{limit}" for name, limit in value.items())
    return str(value)
