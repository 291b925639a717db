"""Deploy to the database of a stack; see :mod:`position_manager.deploy.database`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from position_manager.deploy import database as deployment
from position_manager.deploy import loader
from position_manager.deploy.catalog import LOGINS
from position_manager.stack import postgres
from position_manager.stack.context import DATABASE, LOCALHOST, SUPERUSER, Context, StackError
from position_manager.stack.parts import CLEAN_ENV


def database(context: Context, dbname: str = DATABASE) -> deployment.Database:
    """The stack's database, or another one on its server."""
    # The server's own psql comes first on PATH: Debian's wrapper is slow.
    programs = postgres.bin_dir(context.data / "postgres" / "cluster")
    words = asdict(context.secrets)
    return deployment.Database(
        host=LOCALHOST,
        port=str(context.ports.postgres_port),
        name=dbname,
        passwords={role: words[role] for role in (SUPERUSER, *LOGINS)},
        environment=CLEAN_ENV
        | {"PATH": f"{programs}:{CLEAN_ENV['PATH']}", "HOME": str(context.dir)},
        channel=context.secrets.postgrest_channel,
    )


def create_database(
    context: Context, dbname: str = DATABASE, extensions: Sequence[str] = ()
) -> None:
    """Create the database and the roles, unless they exist, as the superuser."""
    deployment.create(database(context, dbname), extensions)


def check(context: Context) -> None:
    """Raise StackError when the tree cannot be deployed to the stack's database."""
    try:
        deployment.check(database(context))
    except deployment.DeploymentError as error:
        raise StackError(str(error)) from error


def deploy_schema(context: Context, dbname: str = DATABASE) -> deployment.Deployed:
    """Deploy pending migrations and load the code of the tree; the data stay."""
    try:
        return deployment.deploy_schema(database(context, dbname))
    except deployment.DeploymentError as error:
        raise StackError(str(error)) from error


def load_code(context: Context, dbname: str = DATABASE) -> loader.Loaded:
    """Load the code of the tree; refuse where migrations are pending."""
    try:
        return deployment.load_code(database(context, dbname))
    except deployment.DeploymentError as error:
        raise StackError(f"{error}; run  make up") from error


def load_settings(context: Context) -> None:
    """Store the settings of the environment and the first key in the database."""
    deployment.load_settings(database(context), context.service, context.secrets.api_key)


def maintain_partitions(context: Context) -> None:
    """Create the coming partitions."""
    deployment.maintain_partitions(database(context))


def schedule_jobs(context: Context) -> None:
    """Schedule the service's jobs with pg_cron."""
    deployment.schedule_jobs(database(context))
