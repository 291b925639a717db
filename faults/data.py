"""Faults of what is stored and sent: backlogs, large letters, odd times, a restored backup."""

from __future__ import annotations

import itertools
import json
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from faults.events import set_aside
from faults.site import Fault, Site
from faults.stream import ACCOUNT
from position_manager.reference.fold import Entry
from position_manager.simulation.delivery import PERSISTENT
from position_manager.worker.consumer import UNREADABLE_BYTES
from tests.drills.common import command

# Messages of a backlog.
BACKLOG = 20_000
LARGE, LARGE_BYTES = 20, 10_000_000
TIMES_ASSET = "TIMESUSDT"
TIMES = ("2000-01-01T00:00:00Z", "2000-02-29T00:00:00+23:59")
# An event before 2000 has the zero of some clock.
BAD_TIMES = (
    "0001-01-01T00:00:00Z",
    "1971-06-30T23:59:59.999999Z",
    "1900-02-29T00:00:00Z",
    "0044-03-15T00:00:00Z BC",
    "99999-01-01T00:00:00Z",
)
NEVER = "9999-12-31T23:59:59Z"
# Distinguishes messages of the same kind.
_numbers = itertools.count()


def hold_snapshot_under_backlog(site: Site) -> None:
    """A backlog is worked off while no row that is deleted can be removed."""
    with site.snapshot():
        with site.stopped(site.pid("ingest")), site.queued.paused():
            first = site.queued.sent
            while site.queued.sent < first + BACKLOG:
                site.queued.send()
        site.wait(lambda: site.queued.depth() == 0, 300)


def send_large_letters(site: Site) -> None:
    """Each is rejected, and kept by its beginning."""
    beginnings = [f"large {next(_numbers)} ".encode() for _ in range(LARGE)]
    bodies = [each.ljust(LARGE_BYTES, b"x") for each in beginnings]
    _publish(site, bodies)
    site.queued.bad.update(body[:UNREADABLE_BYTES] for body in bodies)


def send_odd_times(site: Site) -> None:
    """Fills of all times are booked or rejected."""
    soon = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
    booked, rejected = ([_fill(at) for at in times] for times in (
        (*TIMES, soon), (*BAD_TIMES, NEVER)
    ))  # fmt: skip
    _publish(site, [body for body, _ in booked + rejected])
    entries = [
        Entry(Decimal(1), Decimal(10), executed_at=datetime.fromisoformat(at)) for _, at in booked
    ]
    site.audit.others.setdefault(TIMES_ASSET, []).extend(entries)
    site.queued.bad.update(body for body, _ in rejected)


def _fill(at: str) -> tuple[bytes, str]:
    body = {
        "event_type": "order_executed", "execution_id": f"time-{next(_numbers)}",
        "account": ACCOUNT, "asset": TIMES_ASSET, "side": "BUY", "execution_price": "10",
        "execution_quantity": "1", "executed_at": at,
    }  # fmt: skip
    return json.dumps(body).encode(), at


def _publish(site: Site, bodies: list[bytes]) -> None:
    queue = site.stack.context.service.order_queues[-1]
    with site.channel() as channel:
        channel.confirm_delivery()
        for body in bodies:
            channel.basic_publish("", queue, body, PERSISTENT, mandatory=True)


def dump_and_restore(site: Site) -> None:
    """Back the database up and restore it in place, while nothing is sent."""
    with site.queued.paused(), site.requested.paused():
        site.audit.settle()
        # The role of backups reads no tables of others.
        with set_aside(site.stack), tempfile.TemporaryDirectory(dir=site.stack.config.dir) as name:
            folder = str(Path(name) / "backup")
            command(site.stack, "backup", folder, "--verify")
            command(site.stack, "restore", folder, "--replace")


FAULTS: dict[str, Fault] = {
    "hold a snapshot under a backlog": hold_snapshot_under_backlog,
    "send large letters": send_large_letters,
    "send fills of odd times": send_odd_times,
    "dump and restore": dump_and_restore,
}
