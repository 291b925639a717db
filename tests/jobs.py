"""Jobs that only tests have, added to those of the service."""

from __future__ import annotations

from typing import Any

import psycopg

VIEW = "SELECT pg_get_viewdef('pms.jobs'::regclass)"


def add_job(owner: psycopg.Connection[Any], job: str, body: str, every: str = "1 minute") -> str:
    """Have a job in the list; return the list as it was, for :func:`restore_jobs`.

    body: PL/pgSQL that knows ``progress`` and returns the step.
    """
    row = owner.execute(VIEW).fetchone()
    assert row is not None
    before = str(row[0]).rstrip(";")
    define_step(owner, job, body)
    listed = f"{before} UNION ALL SELECT '{job}', interval '{every}', 'of a test'"
    owner.execute(f"CREATE OR REPLACE VIEW pms.jobs AS {listed}".encode())
    return before


def define_step(owner: psycopg.Connection[Any], job: str, body: str) -> None:
    """Say what a step of a job does."""
    owner.execute(
        f"""
        CREATE OR REPLACE FUNCTION pms.{job}(progress jsonb) RETURNS pms.job_step
        LANGUAGE plpgsql AS $$ BEGIN {body} END $$
        """.encode()
    )


def restore_jobs(owner: psycopg.Connection[Any], before: str, job: str) -> None:
    """Take a job out of the list again."""
    owner.execute(f"CREATE OR REPLACE VIEW pms.jobs AS {before}".encode())
    owner.execute(f"DROP FUNCTION pms.{job}(jsonb)".encode())
