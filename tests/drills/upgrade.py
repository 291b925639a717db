"""Upgrade a stack of the last release under load: ``python -m tests.drills.upgrade --fills N``.

The release deploys, trades the demo and keeps serving; then this tree's `up` upgrades it, while
fills arrive. Prints seconds and comparisons; exits with 1 when anything differs.
"""

from __future__ import annotations

import sys
import time

from position_manager import __version__
from tests.drills.common import (
    LOAD,
    Figures,
    await_fills,
    command,
    fills_wanted,
    own_stack,
    report,
    rows,
)
from tests.helpers import release
from tests.helpers.ledger_check import assert_verified
from tests.helpers.service import Service
from tests.helpers.traffic import Fills


def main() -> int:
    fills = fills_wanted()
    with own_stack() as (stack, folder):
        tree = release.extract(folder)
        command(stack, "up", tree=tree)
        command(stack, "demo", "--fills", str(fills), "--ticks", str(fills), "--json", tree=tree)
        before = Figures(stack)
        with Fills(Service(stack), LOAD) as load:
            time.sleep(2)
            sent_before = load.sent
            began = time.monotonic()
            stack.up()
            seconds = time.monotonic() - began
            time.sleep(2)
        applied = await_fills(stack, load.sent)
        differences = before.differences(stack)
        entries = assert_verified(stack.context.dsn())
        ((version,),) = rows(stack, "SELECT api.get_health() ->> 'version'")
        return report(
            f"upgrade of {release.VERSION} ({release.COMMIT[:7]}) to {version}, with {fills} fills",
            {
                "seconds of `up`, all restarts included": f"{seconds:.1f}",
                "fills sent before, in all": f"{sent_before}, {load.sent}",
                "fills in the ledger": applied,
                "entries verified, no discrepancy": entries,
                **{f"{view} equal": view not in differences for view in before.seen},
            },
            ok=not differences and applied == load.sent and version == __version__,
        )


if __name__ == "__main__":
    sys.exit(main())
