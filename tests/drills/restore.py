"""Back up, destroy and restore a stack: ``python -m tests.drills.restore --fills N``.

The backup is taken while fills arrive; then the stack is deleted, with its data and its broker, and
the backup restored into a new one. All fills of the load are sent again. Prints seconds and
comparisons; exits with 1 when anything is missing, doubled or different.
"""

from __future__ import annotations

import json
import sys
import time

from position_manager.stack.processes import wait
from position_manager.stack.stack import Stack
from tests.drills.common import (
    LOAD,
    Figures,
    await_fills,
    command,
    fills_wanted,
    own_stack,
    report,
    resend,
    rows,
)
from tests.helpers.ledger_check import assert_verified
from tests.helpers.service import Service
from tests.helpers.traffic import Fills

JOBS = "SELECT j.jobname, j.command, j.username, j.active FROM cron.job j ORDER BY 1"
KEYS = "SELECT k.* FROM pms.api_keys k WHERE k.id <> 'first' ORDER BY k.id"
RUNS = """
    SELECT count(*) > 0 FROM cron.job_run_details d
    WHERE d.status = 'succeeded' AND d.start_time > '{}'
"""
# pg_cron starts jobs at full minutes; on a busy machine they take a while.
PATIENCE = 180.0
EPOCH = "SELECT pms.current_epoch()"


def main() -> int:
    fills = fills_wanted()
    with own_stack() as (stack, folder):
        stack.up()
        command(stack, "demo", "--fills", str(fills), "--ticks", str(fills), "--json")
        rows(stack, "SELECT cron.schedule('desk/nightly', '0 3 * * *', 'SELECT 1')")
        key = json.loads(command(stack, "keys", "create", "desk", "--json"))["key"]
        jobs, keys, ((epoch,),) = rows(stack, JOBS), rows(stack, KEYS), rows(stack, EPOCH)
        before = Figures(stack)
        with Fills(Service(stack), LOAD) as load:
            time.sleep(2)
            taken = json.loads(
                command(stack, "backup", str(folder / "backup"), "--verify", "--json")
            )
            time.sleep(2)
        applied_before = await_fills(stack, load.sent)
        stack.down(delete=True)

        stack = Stack(stack.config)
        restored = json.loads(command(stack, "restore", str(folder / "backup"), "--json"))
        kept = await_fills(stack, 0)
        resend(stack, load.bodies)
        applied = await_fills(stack, load.sent)
        differences = before.differences(stack)
        entries = assert_verified(stack.context.dsn())
        ((new_epoch,),) = rows(stack, EPOCH)
        answer = Service(stack).get("/api/v1/positions", key=key)
        # The service runs: the same backup replaces it in place, and pg_cron goes on.
        began = time.monotonic()
        again = json.loads(command(stack, "restore", str(folder / "backup"), "--replace", "--json"))
        replaced = time.monotonic() - began
        ((since,),) = rows(stack, "SELECT clock_timestamp()::text")
        runs_jobs = wait(lambda: rows(stack, RUNS.format(since)) == [(True,)], PATIENCE)
        checks = {
            "jobs equal": rows(stack, JOBS) == jobs,
            "keys equal": rows(stack, KEYS) == keys,
            "a key of before works": answer.status_code == 200,
            "the epoch is greater each time": again["epoch"] > new_epoch > epoch,
            "pg_cron runs jobs after --replace": runs_jobs,
        }
        return report(
            f"backup and restoration, with {fills} fills",
            {
                "seconds of the backup, verified": taken["seconds"],
                "bytes, rows": f"{taken['bytes']}, {taken['rows']}",
                "seconds of the restoration": restored["seconds"],
                "seconds of a restoration in place": f"{replaced:.1f}",
                "fills sent under load": load.sent,
                "applied, restored, after resending": f"{applied_before}, {kept}, {applied}",
                "entries verified, no discrepancy": entries,
                **checks,
                **{f"{view} equal": view not in differences for view in before.seen},
            },
            ok=not differences and applied_before == applied == load.sent and all(checks.values()),
        )


if __name__ == "__main__":
    sys.exit(main())
