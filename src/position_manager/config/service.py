"""``POSITION_MANAGER_*``: the settings of the service."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import Field

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
    Producers,
    QueueName,
    Queues,
    WebAddress,
    WebAddresses,
    WebhookSecret,
    as_text,
    env_name,
)
from position_manager.config.shards import ShardSettings

# Of the worker, in seconds; a batch needs two statements, and perhaps a new connection.
STATEMENT_TIMEOUT = 60
CONNECT_TIMEOUT = 5
BATCH_TIMEOUT = 2 * STATEMENT_TIMEOUT + CONNECT_TIMEOUT


class GatewaySettings(Group):
    """Settings that only the gateway uses."""

    prefix: ClassVar[str] = PREFIX

    cors_origins: Origins = Field(
        (),
        description="Allowed CORS origins, separated by commas, such as"
        " https://page.example,https://other.example:8443",
    )
    tls_certificate: File | None = Field(
        None,
        description="PEM file of a certificate, readable by the gateway's user. With it and its"
        " key, the gateway also serves TLS on a second port. In containers, mount both files and"
        " publish the port in docker-compose.override.yml.",
    )
    tls_key: File | None = Field(None, description="PEM file of the certificate's private key.")
    tls_port: Port = Field(4843, description="Port for TLS.")
    standby_reads: bool = Field(
        False,
        description="Whether a hot standby answers GET and HEAD, and the primary only what the"
        " standby cannot: see specs/001-position-management/standby.md.",
    )


class WorkerSettings(Group):
    """Settings that only the worker uses."""

    prefix: ClassVar[str] = PREFIX

    order_queues: Queues = Field(
        ("order-manager.order_events", "order-manager.order_executed"),
        description="Queues of order events, separated by commas. If another service consumes"
        " one of them, declare a separate one for this service.",
    )
    position_queues: Queues = Field(
        ("ws-gateway.position",), description="Queues of the venue's position reports."
    )
    price_queues: Queues = Field(("ws-gateway.ticker",), description="Queues of prices.")
    producer_accounts: Producers = Field(
        default_factory=dict,
        description="Accounts that each producer may write to, by its user at the broker, such as"
        " order-manager:main+hedge,ws-gateway:*. If set, messages of all input queues need the"
        " property user_id, which the broker checks, and a message of another user, or for another"
        " account, is rejected. Empty: every message is accepted.",
    )
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
        description="TTL in milliseconds of events in the legacy queues, from which other services"
        " consume events. TTL and length limit keep an unread queue from growing.",
    )
    legacy_queue_max_length: int = Field(
        100_000, ge=1, le=10_000_000, description="Length limit of the legacy queues, in events."
    )
    batch_size: int = Field(
        1000, ge=1, le=10_000, description="Largest number of messages in a batch."
    )
    message_max_bytes: int = Field(
        262_144, ge=1024, le=16_777_216, description="Largest size of a message in bytes."
    )
    stream_clients_per_key: int = Field(
        20,
        ge=1,
        le=10_000,
        description="Streams that one key may have open at a time; one more is answered 429.",
    )
    report_interval_ms: int = Field(
        1000, ge=100, le=2000, description="Worker heartbeat interval in milliseconds."
    )
    retry_backoff_max_ms: int = Field(
        5000, ge=100, le=60_000, description="Longest delay between retries, in milliseconds."
    )
    hang_limit: int = Field(
        180,
        ge=BATCH_TIMEOUT,
        le=86_400,
        description="Seconds without progress after which a part of the worker ends, so that its"
        f" supervisor restarts it. A batch may take {BATCH_TIMEOUT} seconds: two statements of"
        f" {STATEMENT_TIMEOUT} and a new connection.",
    )
    price_api_url: WebAddress | None = Field(
        None,
        description="URL from which the worker requests stale or missing prices of open positions;"
        " empty disables the requests. {asset} in the URL is replaced by the asset; without it,"
        " ?symbol= is appended. The response is JSON with the fields of a ticker: flat, or below"
        " payload, data or result.list[0].",
    )
    # Short, because the worker finishes a running request before it stops.
    price_api_timeout: int = Field(
        5, ge=1, le=5, description="Timeout of such a request, in seconds."
    )
    webhook_urls: WebAddresses = Field(
        (),
        description="Addresses to which breaches of limits and discrepancies are sent as POST,"
        " separated by commas. Signed as Standard Webhooks describes, and sent again for a day"
        " until the answer is 2xx.",
    )
    webhook_secret: WebhookSecret | None = Field(
        None,
        description='Secret of the signatures, required with addresses:  echo "whsec_$(openssl rand'
        ' -base64 32)"',
    )
    webhook_allow_http: bool = Field(
        False, description="Whether an address may start with http://, unencrypted."
    )
    webhook_allow_private: bool = Field(
        False,
        description="Whether an address may lead into the own network: private, link-local and"
        " loopback addresses.",
    )


class ServiceSettings(GatewaySettings, WorkerSettings, ShardSettings):
    """All settings of the service."""

    prefix: ClassVar[str] = PREFIX

    port: Port = Field(4800, description="Port of the gateway.", examples=["4800"])
    api_key: Key | None = Field(
        None,
        description="The first API key, with the role operator. In the form pms_NAME_SECRET, the"
        " gateway logs it as NAME.",
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
        description="Largest difference from the venue's size that is not a discrepancy.",
    )
    use_ws_avg_price: bool = Field(
        True, description="Whether average entry prices are compared with the venue's, too."
    )
    avg_price_diff_threshold: Fraction = Field(
        Decimal("0.001"),
        description="Largest relative difference from the venue's average entry price that is not a"
        " discrepancy.",
    )
    venue_adoption_delay: int = Field(
        5,
        ge=0,
        le=3600,
        description="Grace period in seconds before a position that only the venue reports is"
        " adopted.",
    )
    clock_skew_limit: int = Field(
        60,
        ge=1,
        le=86_400,
        description="Seconds by which the time of a message may lie ahead of the database's clock."
        " A price counts from its arrival at the latest. A message further ahead is rejected as"
        " time_in_future; order events are retried every minute until their time has come.",
    )
    unknown_instruments: Literal["assume", "refuse"] = Field(
        "assume",
        description="What becomes of a fill in an instrument that nobody has defined: assume counts"
        " it as linear in USDT, refuse rejects it as unknown_instrument.",
    )
    price_staleness_threshold: int = Field(
        300,
        ge=1,
        le=86_400,
        description="Age in seconds above which a price is reported as stale. It is still used.",
    )
    price_jump_limit: Fraction = Field(
        Decimal("0.5"),
        description="Largest relative difference between a price and the one before it. A price"
        " that jumps further is held until a second one confirms it. 0: no price is held.",
    )
    price_event_interval_ms: int = Field(
        1000,
        ge=0,
        le=60_000,
        description="Smallest time in milliseconds between two position_updated events of a"
        " position that prices cause. The newest price is always the last. 0: an event for every"
        " price.",
    )
    price_retention_days: int = Field(
        400,
        ge=1,
        le=3650,
        description="Days of one-minute price bars that are kept; limits how far back as_of can"
        " value positions.",
    )
    time_zone: str = Field(
        "UTC",
        pattern=r"^[A-Za-z0-9._+/-]{1,64}$",
        description="IANA name of the time zone in which days, weeks and months of PnL begin, such"
        " as Asia/Kathmandu; a query may name another. So do the days of limits on a daily loss;"
        " for them a change counts from the next day on.",
    )
    reporting_currency: str = Field(
        "USDT",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$",
        description="Currency in which the portfolio, the exposure and PnL show their amounts"
        " beside those in USDT, such as EUR; a query may name another. Its rate is the price of"
        " EURUSDT, or of what that is an alias of.",
    )
    compat: bool = Field(
        False,
        description="Whether the schema compat has the positions of account main as tables, for"
        " other services of the same database: see specs/001-position-management/operations.md.",
    )
    portfolio_history_interval: int = Field(
        60,
        ge=60,
        le=86_400,
        description="Seconds between two records of each account's totals, in whole minutes.",
    )
    portfolio_history_retention_days: int = Field(
        400, ge=1, le=3650, description="Days for which those records are kept."
    )
    snapshot_interval: int = Field(
        3600,
        ge=1,
        le=604_800,
        description="Seconds between snapshots of the positions that are open or have changed."
        " Scheduled jobs such as this one run under pg_cron; without pg_cron, run"
        " `position-manager jobs run --due` every minute from a crontab.",
    )
    snapshot_retention_days: int = Field(
        365,
        ge=1,
        le=3650,
        description="Days for which snapshots are kept; they are deleted in whole months.",
    )
    rejected_retention_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="Days for which rejected messages and conflicts are kept. Those that flag a"
        " position are kept until they are settled.",
    )
    rejected_max_bytes: int = Field(
        268_435_456,
        ge=1_048_576,
        le=1_099_511_627_776,
        description="Bytes of rejected messages that are kept of each feed, and of conflicts; the"
        " oldest are deleted first, once a minute. Each counts as its message and 1 kB.",
    )
    event_retention_days: int = Field(
        7,
        ge=1,
        le=400,
        description="Days for which published events are kept, for clients that read on from where"
        " they were; they are deleted in whole days, and never before the broker has them.",
    )
    audit_retention_days: int = Field(
        400,
        ge=1,
        le=3650,
        description="Days for which the audit log is kept; it is deleted in whole months.",
    )
    audit_max_bytes: int = Field(
        21_474_836_480,
        ge=1_048_576,
        le=1_099_511_627_776,
        description="Size of the audit log above which its oldest months are deleted early, and"
        " then the oldest rows of the present month, once an hour.",
    )
    record_retention_days: int = Field(
        400,
        ge=30,
        le=3650,
        description="Days for which records of the operation are kept: validations, verifications,"
        " closed discrepancies, breaches that have ended, restatements, backups.",
    )
    record_max_bytes: int = Field(
        1_073_741_824,
        ge=1_048_576,
        le=1_099_511_627_776,
        description="Size of each table of these records above which the oldest are deleted.",
    )
    checkpoint_retention_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="Days for which checkpoints are kept that were replaced, or that later ones"
        " cover. Beyond, a query about the past reads more entries.",
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
        description="Seconds between verifications of the positions that have changed against"
        " their ledger, in whole minutes. Each also verifies a part of all others.",
    )
    verification_period: int = Field(
        86_400,
        ge=3600,
        le=31_536_000,
        description="Seconds in which these parts cover the whole ledger once, so that every"
        " position is folded again from its first entry.",
    )
    portfolio_max_exposure_usdt: Decimal | None = Field(
        None,
        gt=0,
        le=Decimal("1e18"),
        description="Exposure in USDT above which limit_exceeded is set; empty means no limit.",
    )
    portfolio_event_interval_ms: int = Field(
        1000,
        ge=1,
        le=3_600_000,
        description="Shortest time in milliseconds between two portfolio_updated events.",
    )
    rate_limit_enabled: bool = Field(
        True, description="Whether the gateway limits requests per minute."
    )
    rate_limit_default: int = Field(
        100,
        ge=1,
        le=1_000_000,
        description="Requests per minute for a key without a tier or an address without a key.",
    )
    rate_limit_overrides: Limits = Field(
        default_factory=dict,
        description="Requests per minute for keys or tiers, as name:limit,name:limit. Tiers by"
        " default: model-service 100, risk-manager 200, ui 1000, operator 6000.",
    )
    optimistic_lock_retries: int = Field(
        3, ge=0, le=100, description="Accepted for compatibility; no effect."
    )
    optimistic_lock_backoff_base: int = Field(
        100, ge=1, le=60_000, description="Base of the worker's retry backoff, in milliseconds."
    )

    def for_database(self) -> dict[str, Any]:
        """The settings stored in ``pms.settings``, with amounts as text."""
        groups = (GatewaySettings, WorkerSettings, ShardSettings)
        elsewhere = {name for group in groups for name in group.model_fields}
        return self.model_dump(mode="json", exclude={"port", "api_key", "log_level"} | elsewhere)

    def environment(self) -> dict[str, str]:
        """The settings that are set, as variables for another process; without the key."""
        return {
            env_name(type(self), name): as_text(value)
            for name in sorted(self.model_fields_set - {"api_key"})
            if (value := getattr(self, name)) is not None
        }
