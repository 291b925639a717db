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
    as_text,
    env_name,
)


class GatewaySettings(Group):
    """Settings that only the gateway uses."""

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    cors_origins: Origins = Field(
        (),
        description="Origins of pages that may send requests from a browser, such as"
        " https://page.example,https://other.example:8443",
    )
    tls_certificate: File | None = Field(
        None,
        description="PEM file of a certificate that the gateway's user can read. With it and its"
        " key, the gateway also serves TLS on a second port. In containers, mount both files and"
        " publish the port in docker-compose.override.yml.",
    )
    tls_key: File | None = Field(None, description="PEM file of the certificate's key.")
    tls_port: Port = Field(4843, description="Port with TLS.")


class WorkerSettings(Group):
    """Settings that only the worker uses."""

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    order_queues: Queues = Field(
        ("order-manager.order_events", "order-manager.order_executed"),
        description="Queues of order events, separated by commas. Where another service reads the"
        " same queue, declare a separate one for this service and name it here.",
    )
    position_queues: Queues = Field(
        ("ws-gateway.position",), description="Queues of the venue's position reports."
    )
    price_queues: Queues = Field(("ws-gateway.ticker",), description="Queues of prices.")
    events_exchange: QueueName = Field(
        "position-manager.events", description="Exchange to which events are published."
    )
    dead_letter_exchange: QueueName = Field(
        "position-manager.dead-letters",
        description="Exchange to which rejected messages are published.",
    )
    legacy_queue_ttl_ms: int = Field(
        86_400_000,
        ge=1000,
        le=604_800_000,
        description="Milliseconds that an event stays in a consumer's queue. This and the next"
        " setting bound the queues that other services read, so that an unread one does not grow.",
    )
    legacy_queue_max_length: int = Field(
        100_000, ge=1, le=10_000_000, description="Largest number of events in such a queue."
    )
    batch_size: int = Field(
        1000, ge=1, le=10_000, description="Number of messages at which a batch is complete."
    )
    batch_wait_ms: int = Field(
        50,
        ge=1,
        le=10_000,
        description="Milliseconds after its first message at which a batch is complete.",
    )
    message_max_bytes: int = Field(
        262_144, ge=1024, le=16_777_216, description="Size above which a message is rejected."
    )
    report_interval_ms: int = Field(
        1000, ge=100, le=2000, description="Milliseconds between the worker's reports of its state."
    )
    retry_backoff_max_ms: int = Field(
        5000, ge=100, le=60_000, description="Longest wait between two attempts, in milliseconds."
    )
    price_api_url: WebAddress | None = Field(
        None,
        description="Address from which the worker requests the price of an open position when it"
        " is stale or missing; empty turns the requests off. {asset} in the address is replaced"
        " by the asset; without it, ?symbol= is appended. The answer is JSON with the fields of a"
        " ticker: flat, or below payload, data or result.list[0].",
    )
    # Short: the worker finishes the request in hand before it stops.
    price_api_timeout: int = Field(
        5, ge=1, le=5, description="Seconds after which such a request is given up."
    )


class ServiceSettings(GatewaySettings, WorkerSettings):
    """All settings of the service."""

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    port: Port = Field(4800, description="Port of the gateway.", examples=["4800"])
    api_key: Key | None = Field(
        None,
        description="The first API key, of role operator. pms_NAME_ in front names it in the"
        " gateway's log.",
        examples=["pms_operator_change-me"],
    )
    log_level: LogLevel = Field("INFO", description="DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    service_name: str = Field(
        "position-manager",
        pattern=r"^[A-Za-z0-9._-]{1,64}$",
        description="Name of the service in logs and database connections.",
    )
    size_validation_threshold: Decimal = Field(
        Decimal("0.0001"),
        ge=0,
        le=1_000_000,
        description="A size that differs from the venue's by more is a discrepancy.",
    )
    use_ws_avg_price: bool = Field(
        True, description="Whether average entry prices are compared with the venue's as well."
    )
    avg_price_diff_threshold: Fraction = Field(
        Decimal("0.001"),
        description="An average entry price that differs from the venue's by a larger fraction is a"
        " discrepancy.",
    )
    venue_adoption_delay: int = Field(
        5,
        ge=0,
        le=3600,
        description="Seconds during which a fill may still explain a position that only the venue"
        " reports; then the position is adopted.",
    )
    price_staleness_threshold: int = Field(
        300,
        ge=1,
        le=86_400,
        description="Seconds after which a price is stale. It is still used, and marked as stale.",
    )
    price_retention_days: int = Field(
        400,
        ge=1,
        le=3650,
        description="Days of price history, by minutes. Positions have a value at any moment in"
        " it.",
    )
    portfolio_history_interval: int = Field(
        60,
        ge=60,
        le=86_400,
        description="Seconds, in whole minutes, between two records of the totals of every"
        " account.",
    )
    portfolio_history_retention_days: int = Field(
        400, ge=1, le=3650, description="Days for which these records are kept."
    )
    snapshot_interval: int = Field(
        3600,
        ge=1,
        le=604_800,
        description="Seconds between snapshots of the positions that are open or have changed. Jobs"
        " such as this one are run by pg_cron; where it is absent, by `position-manager jobs run"
        " --due` from a crontab, every minute.",
    )
    snapshot_retention_days: int = Field(
        365,
        ge=1,
        le=3650,
        description="Days for which snapshots are kept; they are deleted by whole months.",
    )
    validation_interval: int = Field(
        1800,
        ge=1,
        le=604_800,
        description="Seconds between validations of all positions against ledger, rules and venue.",
    )
    verification_interval: int = Field(
        300,
        ge=60,
        le=604_800,
        description="Seconds, in whole minutes, between verifications of all positions against the"
        " whole ledger.",
    )
    portfolio_max_exposure_usdt: Decimal | None = Field(
        None,
        gt=0,
        le=Decimal("1e18"),
        description="Exposure in USDT above which limit_exceeded is set; empty is no limit.",
    )
    portfolio_event_interval_ms: int = Field(
        1000,
        ge=1,
        le=3_600_000,
        description="Least number of milliseconds between two portfolio_updated events.",
    )
    rate_limit_enabled: bool = Field(
        True, description="Whether the gateway limits the number of requests a minute."
    )
    rate_limit_default: int = Field(
        100,
        ge=1,
        le=1_000_000,
        description="Requests a minute of a key without a tier, and of an address without a key.",
    )
    rate_limit_overrides: Limits = Field(
        default_factory=dict,
        description="Requests a minute of keys or tiers by name, as name:limit,name:limit. The"
        " tiers are model-service 100, risk-manager 200, ui 1000 and operator 6000 unless"
        " overridden.",
    )
    optimistic_lock_retries: int = Field(
        3,
        ge=0,
        le=100,
        description="Accepted, without effect: positions are locked by row, and nothing is"
        " retried.",
    )
    optimistic_lock_backoff_base: int = Field(
        100, ge=1, le=60_000, description="Accepted, without effect, for the same reason."
    )

    def for_database(self) -> dict[str, Any]:
        """The settings that ``pms.settings`` is loaded with: amounts as text, never as float."""
        elsewhere = {*GatewaySettings.model_fields, *WorkerSettings.model_fields}
        return self.model_dump(mode="json", exclude={"port", "api_key", "log_level"} | elsewhere)

    def environment(self) -> dict[str, str]:
        """The settings that were set, as variables: for a process that is to read the same ones."""
        return {
            env_name(type(self), name): as_text(value)
            for name in sorted(self.model_fields_set - {"api_key"})
            if (value := getattr(self, name)) is not None
        }
