"""The stack's own PostgreSQL cluster: durable, on 127.0.0.1 only."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import psycopg

from position_manager.stack.context import DATABASE, LOCALHOST, SUPERUSER, Context, StackError
from position_manager.stack.launch import Spec
from position_manager.stack.parts import CLEAN_ENV, STOPS, Part

OLDEST_VERSION = 15
DEBIAN_SERVERS = Path("/usr/lib/postgresql")
# Otherwise the C library returns the memory of every batch to the system and requests it again.
MALLOC = {"MALLOC_TRIM_THRESHOLD_": "67108864", "MALLOC_MMAP_THRESHOLD_": "33554432"}

# A statement that needs more fails, and nothing else does. work_mem bounds no aggregate.
BACKEND_MEMORY = 1024**3

CONFIGURATION = """\
# Written by `position-manager up`: changes here are lost.
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
max_connections = 100

# A small machine shared with the broker.
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
# The first change of a page after a checkpoint logs all of it.
checkpoint_timeout = 15min
wal_compression = lz4
# A table that starts to grow needs new statistics soon.
autovacuum_naptime = 10s
# Of a table that is only added to, little waits for the vacuum that freezes all of it.
autovacuum_vacuum_insert_scale_factor = 0.05
random_page_cost = 1.1
# pg_cron starts all jobs of a minute at once, each in its own process.
max_worker_processes = 32

# An acknowledged message is on disk.
fsync = on
full_page_writes = on
synchronous_commit = on

shared_preload_libraries = 'pg_cron,pg_stat_statements'
cron.database_name = '{database}'
cron.use_background_workers = on
cron.timezone = 'UTC'

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
password_encryption = 'scram-sha-256'

# Logs go to the part's log. Parameters are never logged, as they include API keys, nor is the row
# that breaks a constraint, which is a detail of the error.
log_destination = 'stderr'
logging_collector = off
log_line_prefix = '%m [%p] %u@%d %a '
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_min_duration_statement = 2s
log_checkpoints = off
"""

RUNS_JOBS = """
    SELECT NOT EXISTS (SELECT 1 FROM pg_database d WHERE d.datname = %s)
        OR EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.backend_type = 'pg_cron launcher')
"""


def check(context: Context) -> None:
    """Raise StackError when no installed server can open the cluster."""
    bin_dir(context.data / "postgres" / "cluster")


def part(context: Context) -> Part:
    """The server, with its cluster initialized if necessary."""
    data = context.folder("postgres", "postgres")
    cluster = data / "cluster"
    programs = bin_dir(cluster)
    if not (cluster / "PG_VERSION").exists():
        _initialize(context, programs, cluster)
    text = CONFIGURATION.format(host=LOCALHOST, port=context.ports.postgres_port, database=DATABASE)
    context.owned_file(cluster / "postgresql.conf", text, "postgres")
    return Part(
        name="postgres",
        spec=Spec(
            argv=[str(programs / "postgres"), "-D", str(cluster)],
            env=CLEAN_ENV | {"HOME": str(data), "LC_ALL": "C.UTF-8"} | MALLOC,
            cwd=str(data),
            user=context.user("postgres"),
            stop_signal=STOPS["postgres"][0],
            memory=BACKEND_MEMORY,
            postgres_data=str(cluster),
            inputs={"postgresql.conf": sha256(text.encode()).hexdigest()},
        ),
        ready=lambda: _answers(context),
        patience=120,
    )


def bin_dir(cluster: Path | None = None) -> Path:
    """The folder of the newest server's programs, or of the version that initialized `cluster`."""
    found = {
        int(path.parent.name): path
        for path in DEBIAN_SERVERS.glob("*/bin")
        if path.parent.name.isdigit() and (path / "postgres").exists()
    }
    if cluster is not None and (cluster / "PG_VERSION").exists():
        version = int((cluster / "PG_VERSION").read_text())
        if version not in found:
            raise StackError(
                f"the data in {cluster} need PostgreSQL {version}: install that version"
            )
        return found[version]
    newest = max(found, default=0)
    if newest < OLDEST_VERSION:
        raise StackError(f"install PostgreSQL {OLDEST_VERSION} or newer below {DEBIAN_SERVERS}")
    return found[newest]


def _initialize(context: Context, programs: Path, cluster: Path) -> None:
    """Run initdb beside the final folder, so that an incomplete cluster is never used."""
    partial = cluster.with_name("cluster.new")
    password = cluster.with_name("password")
    user = context.user("postgres")
    subprocess.run(["rm", "-rf", partial], check=True)
    context.owned_file(password, context.secrets.postgres, "postgres")
    try:
        done = subprocess.run(
            [
                programs / "initdb",
                f"--pgdata={partial}",
                f"--username={SUPERUSER}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--data-checksums",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--lc-messages=C",
                "--no-instructions",
            ],
            cwd=cluster.parent,
            env=CLEAN_ENV | {"HOME": str(cluster.parent)},
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            capture_output=True,
            text=True,
        )
    finally:
        password.unlink()
    if done.returncode != 0:
        raise StackError(f"initdb failed:\n{done.stdout}{done.stderr}")
    partial.rename(cluster)


def runs_jobs(context: Context) -> bool:
    """Whether pg_cron runs, or has no database to run in.

    It ends when its database is dropped. PostgreSQL starts it again, before pg_cron 1.6.1 only with
    the server.
    """
    with psycopg.connect(context.dsn(dbname="postgres"), connect_timeout=2) as connection:
        return connection.execute(RUNS_JOBS, [DATABASE]).fetchone() == (True,)


def _answers(context: Context) -> bool:
    with suppress(psycopg.OperationalError):
        psycopg.connect(context.dsn(dbname="postgres"), connect_timeout=2).close()
        return True
    return False
