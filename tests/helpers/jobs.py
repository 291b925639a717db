"""Jobs that only tests have, added to those of the service."""

from __future__ import annotations

from typing import Any

import psycopg

VIEW = "SELECT pg_get_viewdef('pms.jobs'::regclass)"


def add_job(owner: psycopg.Connection[Any], job: str, body: str, every: str = "1 minute") -> None:
    """Have a job in the list.

    body: PL/pgSQL that knows ``progress`` and returns the step.
    """
    row = owner.execute(VIEW).fetchone()
    assert row is not None
    before = str(row[0]).rstrip(";")
    define_step(owner, job, body)
    listed = f"{before} UNION ALL SELECT '{job}', interval '{every}', 'of a test'"
    owner.execute(f"CREATE OR REPLACE VIEW pms.jobs AS {listed}".encode())


def define_step(owner: psycopg.Connection[Any], job: str, body: str) -> None:
    """Define the step of a job."""
    owner.execute(
        f"""
        CREATE OR REPLACE FUNCTION pms.{job}(progress jsonb) RETURNS pms.job_step
        LANGUAGE plpgsql AS $$ BEGIN {body} END $$
        """.encode()
    )
