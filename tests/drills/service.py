"""The product beside a cluster: schema, PostgREST, gateway and worker, by the stack's parts."""

from __future__ import annotations

from pathlib import Path

from position_manager.deploy import database as deployment
from position_manager.stack import nginx, postgrest, worker
from position_manager.stack.parts import Part, answers_ok
from position_manager.stack.processes import wait
from position_manager.stack.stack import Stack
from tests.drills.cluster import Cluster, Processes

# PostgREST that reads from a standby, by the part whose settings it has.
STANDBYS = {"postgrest": "postgrest-standby", "postgrest-queries": "postgrest-standby-queries"}
PATIENCE = 60.0


def deploy(stack: Stack, cluster: Cluster) -> str:
    """Deploy to the primary by the list of hosts; return what pg_cron will run."""
    database = cluster.database()
    deployment.create(database)
    deployment.deploy_schema(database)
    deployment.load_settings(database, stack.context.service, stack.context.secrets.api_key)
    deployment.maintain_partitions(database)
    return deployment.schedule_jobs(database)


def serve(stack: Stack, cluster: Cluster, processes: Processes) -> None:
    """Start everything that clients and the broker talk to; wait until the gateway is healthy."""
    context = stack.context
    role = "pms_authenticator"
    for name in postgrest.POOLS:
        part = postgrest.part(context, name)
        _start(part, processes, {"PGRST_DB_URI": cluster.dsn(role)})
        if name in STANDBYS:
            reads = {
                "PGRST_DB_URI": cluster.dsn(role, target_session_attrs="standby"),
                "PGRST_SERVER_UNIX_SOCKET": f"{STANDBYS[name]}.sock",
                # A standby has no notifications.
                "PGRST_DB_CHANNEL_ENABLED": "false",
                # A connection to a standby that was promoted ends, and the next is to a standby.
                "PGRST_DB_POOL_MAX_LIFETIME": "30",
            }
            _start(part, processes, reads, STANDBYS[name])
    hosts = {"POSTGRES_HOST": cluster.hosts, "POSTGRES_PORT": cluster.ports}
    for part in (
        worker.part(context, "ingest"),
        worker.part(context, "relay"),
        worker.rate_limit_sync_part(context),
    ):
        _start(part, processes, hosts)
    _start(nginx.part(context), processes, {})
    url = f"{stack.env()['POSITION_MANAGER_URL']}/health"
    if not wait(lambda: answers_ok(url), PATIENCE):
        raise TimeoutError(f"the service is not healthy; see {context.logs}")


def _start(
    part: Part, processes: Processes, settings: dict[str, str], name: str | None = None
) -> None:
    spec = part.spec
    processes.start(name or part.name, spec.argv, spec.env | settings, Path(spec.cwd), spec.user)
