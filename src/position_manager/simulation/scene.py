"""Besides fills: capital, a limit that is breached, a venue that disagrees."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from position_manager.simulation import shapes
from position_manager.simulation.delivery import Delivery
from position_manager.simulation.expectation import Figures
from position_manager.simulation.facts import Message, Nothing, Queue
from position_manager.simulation.ledger import Service

CAPITAL = Decimal(250_000)
# A limit below what the account has on at the end, so that it is breached.
LIMITED, WARNED = Decimal("0.8"), Decimal("0.7")
# How much more than the ledger the venue reports.
EXCESS = Decimal("1.25")
PATIENCE = 20.0
POLL_SECONDS = 0.2

SET_CAPITAL = "SELECT api.set_capital(%(amount)s, %(account)s, %(since)s)"
EXPOSURE = "SELECT p.exposure_usdt FROM api.portfolio p WHERE p.account = %(account)s"
SET_LIMIT = """
    SELECT api.set_limit(
        'gross_exposure', %(breach)s, warn_level => %(warn)s, account => %(account)s
    )
"""
# Some malformed messages have no trace that can be read.
DROP_REJECTED = """
    SELECT api.drop_dead_letter(d.id)
    FROM api.dead_letters d
    WHERE starts_with(d.trace_id, %(traces)s) OR position('bad-' || %(traces)s IN d.body) > 0
"""
OPEN = """
    SELECT count(*)
    FROM api.discrepancies d
    WHERE d.account = ANY(%(accounts)s) AND d.asset = %(asset)s AND d.status = 'open'
"""


def drop_rejected(service: Service, run: str) -> int:
    """Drop the malformed messages of a session, which were rejected as meant; their number."""
    return len(service.query(DROP_REJECTED, traces=f"demo-{run}-"))


def set_capital(service: Service, accounts: Sequence[str], since: datetime) -> None:
    """Say what each account had to trade with from the start."""
    for account in accounts:
        service.query(SET_CAPITAL, amount=CAPITAL, account=account, since=since)


def limit_exposure(service: Service, account: str) -> str | None:
    """Set a limit that the account exceeds; its id, or None for an account without exposure."""
    found = service.query(EXPOSURE, account=account)
    exposure = Decimal(found[0][0]) if found else Decimal(0)
    if not exposure:
        return None
    breach, warn = round(exposure * LIMITED), round(exposure * WARNED)
    ((limit,),) = service.query(SET_LIMIT, breach=breach, warn=warn, account=account)
    return str(limit)


def disagree(
    service: Service, delivery: Delivery, account: str, held: dict[str, Figures]
) -> str | None:
    """Let the venue report more than one open position has; the asset of it.

    None when the service has recorded no discrepancy, or there is no open position.
    """
    opened = [
        (asset, figures, figures.current_price)
        for asset, figures in held.items()
        if figures.size and figures.current_price is not None
    ]
    if not opened:
        return None
    asset, figures, price = opened[0]
    at = datetime.now(UTC)
    ids = {"event_id": f"scene-{at.timestamp()}", "trace_id": f"demo-scene-{at.timestamp()}"}
    amounts = (
        figures.size * EXCESS, figures.average_entry_price, price,
        figures.unrealized_pnl,
    )  # fmt: skip
    body = shapes.venue_position(ids, asset, amounts, at, camel=False)
    if account != "main":
        body["payload"]["account"] = account
    delivery.send([Message(Queue.POSITION, shapes.encoded(body), Nothing("applied"))])
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ((count,),) = service.query(OPEN, asset=asset)
        if count:
            return asset
        time.sleep(POLL_SECONDS)
    return None
