"""``position-manager deploy``: deploy to the database that the environment names.

For databases other than the private stack's: in containers, or shared with other services.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import psycopg
import typer

from position_manager.config.deploy import DeploySettings, read_settings
from position_manager.config.environment import Config, load
from position_manager.config.settings import ConfigError, as_text
from position_manager.deploy import database as deployment
from position_manager.deploy.catalog import OWNER
from position_manager.terminal import echo, echo_lines, print_json

PATIENCE = 60.0
PAUSE = 1.0


def deploy(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    recreate_dependents: Annotated[
        bool,
        typer.Option(
            "--recreate-dependents",
            help="Drop the views of others that depend on changed code, and create them again.",
        ),
    ] = False,
) -> None:
    """Deploy the schema, the settings and the first key to the database of POSTGRES_*.

    Connects as the owner of the schema, with PMS_OWNER_PASSWORD. With POSTGRES_SUPERUSER_PASSWORD,
    creates the database and the roles and sets their passwords first; otherwise they must exist:
    see db/bootstrap.sql.
    """
    try:
        done = run(load(), read_settings(DeploySettings), recreate_dependents)
    except (ConfigError, deployment.DeploymentError) as error:
        echo_lines(str(error), err=True, color="red")
        raise typer.Exit(1) from None
    if as_json:
        print_json({"done": done})
    else:
        for line in done:
            echo(line)


def run(config: Config, settings: DeploySettings, recreate_dependents: bool = False) -> list[str]:
    """Deploy, and return what was done, in sentences."""
    database = server(config, settings)
    has_superuser = database.superuser in database.passwords
    _await(database, database.superuser if has_superuser else OWNER)
    done = []
    if has_superuser:
        deployment.create(database)
        done.append("the database, its roles and their passwords are set")
    deployed = deployment.deploy_schema(database, recreate_dependents=recreate_dependents)
    done.extend(str(deployed).splitlines())
    key = config.service.api_key
    deployment.load_settings(
        database, config.service, None if key is None else key.get_secret_value()
    )
    done.append("the settings are loaded")
    done.append(f"partitions: {deployment.maintain_partitions(database)}")
    done.append(deployment.schedule_jobs(database))
    return done


def server(config: Config, settings: DeploySettings) -> deployment.Database:
    """The database of ``POSTGRES_*``, to deploy to."""
    found = target(config, settings.passwords())
    return replace(found, superuser=settings.postgres_superuser, channel=settings.pgrst_db_channel)


def target(config: Config, passwords: Mapping[str, str]) -> deployment.Database:
    """The database of ``POSTGRES_*``, with all known passwords."""
    postgres = config.postgres
    password = postgres.password.get_secret_value()
    worker = {postgres.user: password} if password else {}
    return deployment.Database(
        host=as_text(postgres.host),
        port=as_text(postgres.port),
        name=postgres.db,
        passwords={**worker, **passwords},
        environment={
            name: os.environ[name]
            for name in ("PATH", "HOME", "LANG", "TZ", "PGSSLMODE", "PGSSLROOTCERT")
            if name in os.environ
        },
    )


def _await(database: deployment.Database, role: str) -> None:
    """Wait for a server that is starting; raises DeploymentError after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    name = "postgres" if role == database.superuser else None
    while True:
        try:
            psycopg.connect(database.conninfo(role, name)).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise deployment.DeploymentError(
                    f"{role} cannot reach {database.host}, port {database.port}, after"
                    f" {PATIENCE:.0f} s: {str(error).strip()}"
                ) from error
            time.sleep(PAUSE)
        else:
            return


if __name__ == "__main__":
    typer.run(deploy)
