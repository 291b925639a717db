"""A deployment with pending migrations: the pause, failures at each step, and going on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from position_manager import __version__
from position_manager.deploy import database as deployment
from position_manager.deploy import loader, migrations
from position_manager.deploy.database import Deployed, DeploymentError
from position_manager.paths import ROOT
from position_manager.stack import deploy
from position_manager.stack.stack import Stack
from tests.conftest import Database
from tests.helpers.clones import clone_of_template
from tests.helpers.deployment import add_migration, copy_tree
from tests.helpers.prepared_cluster import TEMPLATE

DROP = "ALTER TABLE pms.positions DROP COLUMN extra;"
ADD = "ALTER TABLE pms.positions ADD COLUMN extra text;"
MARK = "-- Only adds.\n"
REQUIRE_SERVICE = """DO $$ BEGIN
    ASSERT has_database_privilege('pms_worker', current_database(), 'CONNECT'), 'paused';
END $$;
"""
VIEW = "CREATE OR REPLACE VIEW api.extras AS SELECT p.{} AS value FROM pms.positions p;"


class Deployments:
    """Deploys a tree that a test edits, and looks at the database."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.folder = folder
        self.database = database

    def migrate(self, name: str, script: str, revert: str = "SELECT 1;") -> None:
        add_migration(self.folder, name, script, revert)

    def view(self, column: str) -> None:
        (self.folder / "db" / "views" / "extras.sql").write_text(VIEW.format(column))

    def target(self) -> deployment.Database:
        return deploy.database(self.database.context, self.database.name)

    def deploy(self, *, recreate_dependents: bool = False) -> Deployed:
        return deployment.deploy_schema(
            self.target(),
            tree=self.folder,
            recreate_dependents=recreate_dependents,
        )

    def connect(self, role: str = "pms_worker") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.database.dsn(role), autocommit=True)

    def execute(self, *statements: str) -> None:
        with self.connect("postgres") as conn:
            for statement in statements:
                conn.execute(statement.encode())

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with self.connect("postgres") as conn:
            return conn.execute(statement.encode()).fetchall()

    def count_changes(self) -> int:
        return len(migrations.read_plan(self.folder))

    def revert_to_baseline(self) -> None:
        """Undo the migrations after the baseline, with the code that depends on them."""
        names = [one.name for one in migrations.read_plan(self.folder)]
        for name in reversed(names[names.index(migrations.BASELINE) + 1 :]):
            script = (self.folder / "db" / "sqitch" / "revert" / f"{name}.sql").read_text()
            cascading = re.sub(r"(DROP (?:TABLE|COLUMN|SCHEMA) [\w.]+)", r"\1 CASCADE", script)
            self.execute("SET ROLE pms_owner", cascading)

    def is_paused(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError as error:
            return "does not have CONNECT privilege" in str(error)
        return False


@contextmanager
def clone(server: Stack, folder: Path, template: str) -> Iterator[Deployments]:
    with clone_of_template(server.context, template) as name:
        # A clone does not have the owner of its template, nor the privileges of its roles.
        deploy.create_database(server.context, name)
        yield Deployments(Database(name, server.context), folder)


@pytest.fixture(scope="module")
def extended(server: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployments]:
    """A database with a column that a view reads: each test has a clone of it."""
    folder = tmp_path_factory.mktemp("extended")
    copy_tree(folder)
    with clone(server, folder, TEMPLATE) as deployments:
        deployments.migrate("base/add_extra", MARK + ADD, DROP)
        deployments.view("extra")
        deployments.deploy()
        yield deployments


@pytest.fixture
def deployments(server: Stack, extended: Deployments, tmp_path: Path) -> Iterator[Deployments]:
    shutil.copytree(extended.folder, tmp_path, dirs_exist_ok=True)
    with clone(server, tmp_path, extended.database.name) as deployments:
        # It changes nothing but these privileges.
        deployments.deploy()
        yield deployments


def test_a_second_deployment_does_nothing(deployments: Deployments) -> None:
    done = deployments.deploy()

    assert not done
    assert str(done) == "the schema was up to date"


def test_a_load_changes_code_alone(deployments: Deployments) -> None:
    deployments.view("asset")

    assert deployment.load_code(deployments.target(), tree=deployments.folder).created
    deployments.migrate("base/drop_extra", DROP)
    deployments.view("mode")
    with pytest.raises(DeploymentError, match="migrations are pending: deploy them first"):
        deployment.load_code(deployments.target(), tree=deployments.folder)

    assert not deployments.is_paused()
    assert deployments.rows("SELECT extra FROM pms.positions") == []


def test_migrations_that_only_add_run_without_a_pause(deployments: Deployments) -> None:
    deployments.migrate("base/more", MARK + "CREATE TABLE pms.more (one int);")

    with deployments.connect() as session:
        done = deployments.deploy()
        assert session.execute("SELECT 1").fetchall() == [(1,)]

    assert done.migrations == ["base/more"]
    assert done.paused_seconds is None
    assert str(done).startswith("migrations deployed: 1, objects loaded: ")


def test_a_view_that_reads_all_columns_follows_an_added_one_after_a_failure(
    deployments: Deployments,
) -> None:
    deployments.view("*, 1")
    deployments.deploy()
    deployments.migrate("base/more", MARK + "ALTER TABLE pms.positions ADD COLUMN more text;")
    broken = deployments.folder / "db" / "views" / "broken.sql"
    broken.write_text("CREATE OR REPLACE VIEW api.broken AS SELECT missing;")

    with pytest.raises(DeploymentError, match=r"broken.sql"):
        deployments.deploy()
    assert not deployments.is_paused()
    broken.unlink()
    deployments.deploy()

    assert deployments.rows("SELECT more FROM api.extras") == []


def test_a_migration_under_code_pauses_the_service(deployments: Deployments) -> None:
    deployments.migrate("base/drop_extra", DROP)
    deployments.view("asset")

    with deployments.connect() as session:
        done = deployments.deploy()
        with pytest.raises(psycopg.OperationalError, match="terminating connection"):
            session.execute("SELECT 1")

    assert done.migrations == ["base/drop_extra"]
    assert done.paused_seconds is not None
    assert done.paused_seconds > 0
    assert str(done).endswith(f"dropped: 0, {done.paused_seconds:.1f} s without service")
    assert not deployments.is_paused()
    assert deployments.rows("SELECT value FROM api.extras") == []


def test_what_only_adds_runs_before_the_pause_of_a_later_migration(
    deployments: Deployments,
) -> None:
    deployments.migrate("base/first", MARK + REQUIRE_SERVICE)
    deployments.migrate("base/drop_extra", DROP)
    deployments.migrate("base/last", MARK + "CREATE TABLE pms.more (one int);")
    deployments.view("asset")

    done = deployments.deploy()

    assert done.migrations == ["base/first", "base/drop_extra", "base/last"]
    assert done.paused_seconds is not None
    assert deployments.rows("SELECT one FROM pms.more") == []


def test_a_deployment_reports_the_grants_that_ended(deployments: Deployments) -> None:
    deployments.execute("GRANT SELECT ON api.extras TO pms_worker")
    deployments.migrate("base/drop_extra", DROP)
    deployments.view("asset")

    done = deployments.deploy()

    assert done.code.revoked == ["GRANT SELECT ON TABLE api.extras TO pms_worker"]
    assert str(done).endswith(
        "\nno longer in effect: GRANT SELECT ON TABLE api.extras TO pms_worker"
    )


def test_a_migration_that_fails_leaves_the_service_paused(
    deployments: Deployments,
) -> None:
    deployments.migrate("base/drop_extra", DROP)
    deployments.migrate("base/broken", "SELECT 1 / 0;")
    deployments.view("asset")

    with pytest.raises(DeploymentError, match=r"(?s)division by zero.*The service is paused"):
        deployments.deploy()
    assert deployments.is_paused()
    with pytest.raises(DeploymentError, match="division by zero"):
        deployments.deploy()
    assert deployments.is_paused()
    (deployments.folder / "db" / "migrations" / "base" / "broken.sql").write_text("SELECT 1;")
    done = deployments.deploy()

    # The first of the two had run already.
    assert done.migrations == ["base/broken"]
    assert "the paused service resumes" in str(done)
    assert not deployments.is_paused()
    assert deployments.rows("SELECT value FROM api.extras") == []


def test_a_load_that_fails_after_a_migration_leaves_the_service_paused(
    deployments: Deployments,
) -> None:
    deployments.migrate("base/drop_extra", DROP)

    with pytest.raises(
        DeploymentError,
        match=r"(?s)db/views/extras.sql: api.extras: column p.extra.*The service is paused",
    ):
        deployments.deploy()
    assert deployments.is_paused()
    deployments.view("asset")
    done = deployments.deploy()

    assert (done.migrations, done.was_paused) == ([], True)
    assert not deployments.is_paused()
    assert deployments.rows("SELECT value FROM api.extras") == []


def test_a_tree_that_cannot_be_read_pauses_nothing(deployments: Deployments) -> None:
    deployments.migrate("base/drop_extra", DROP)
    deployments.view("asset; SELECT 1")

    with deployments.connect() as session:
        with pytest.raises(DeploymentError, match="neither the definition of code"):
            deployments.deploy()
        assert session.execute("SELECT 1").fetchall() == [(1,)]


def test_objects_of_others_are_refused_before_a_migration(deployments: Deployments) -> None:
    deployments.execute(
        "CREATE SCHEMA reports", "CREATE VIEW reports.v AS SELECT e.value FROM api.extras e"
    )
    deployments.migrate("base/drop_extra", DROP)
    deployments.view("asset")

    with pytest.raises(DeploymentError, match=r"view reports.v;") as refused:
        deployments.deploy()
    assert "paused" not in str(refused.value)
    assert not deployments.is_paused()
    deployments.deploy(recreate_dependents=True)

    assert deployments.rows("SELECT value FROM reports.v") == []


def test_objects_of_others_outlive_a_deployment_that_fails(deployments: Deployments) -> None:
    deployments.execute(
        "CREATE SCHEMA reports", "CREATE VIEW reports.v AS SELECT e.value FROM api.extras e"
    )
    deployments.migrate("base/drop_extra", DROP)

    with pytest.raises(DeploymentError, match=r"extras.sql"):
        deployments.deploy(recreate_dependents=True)
    deployments.view("asset")
    deployments.deploy()

    assert deployments.rows("SELECT value FROM reports.v") == []


def test_a_deployed_migration_never_changes(deployments: Deployments) -> None:
    script = deployments.folder / "db" / "migrations" / "base" / "add_extra.sql"
    script.write_text(script.read_text() + "-- More.\n")

    with pytest.raises(DeploymentError, match="edited since they were deployed: base/add_extra"):
        deployments.deploy()


def test_an_older_tree_does_not_know_a_migration(deployments: Deployments) -> None:
    for name in ("sqitch.plan",):
        shutil.copy(ROOT / name, deployments.folder / name)

    deployments.execute("UPDATE pms.deployed_version SET version = '9.8.7'")

    refusal = (
        rf"(?s)that of version 9.8.7, with changes that this tree, version {__version__}, does not"
        r" know: base/add_extra\.\nNothing was changed\. Deploy that version or a newer one;.*"
        r"restore a backup that it made"
    )
    with pytest.raises(DeploymentError, match=refusal):
        deployments.deploy()
    assert not deployments.is_paused()


def test_a_deployment_records_its_version(deployments: Deployments) -> None:
    recorded = "SELECT d.version FROM pms.deployed_version d"
    deployments.execute("UPDATE pms.deployed_version SET version = '0.0.1'")

    deployments.deploy()

    assert deployments.rows(recorded) == [(__version__,)]
    assert deployments.rows("SELECT api.get_health() ->> 'version'") == [(__version__,)]
    metric = f'\nposition_manager_info{{version="{__version__}"}} 1\n'
    ((text,),) = deployments.rows("SELECT api.get_metrics_text()")
    assert metric.encode() in bytes(text) if isinstance(text, bytes) else metric in str(text)


def test_a_registry_that_was_emptied_records_the_baseline_only(deployments: Deployments) -> None:
    deployments.revert_to_baseline()
    deployments.execute(
        "TRUNCATE sqitch.changes, sqitch.dependencies, sqitch.events, sqitch.tags",
    )

    deployments.deploy()

    assert deployments.rows("SELECT value FROM api.extras") == []
    recorded = "SELECT count(*) FROM sqitch.events WHERE event = 'deploy'"
    assert deployments.rows(recorded) == [(deployments.count_changes(),)]


def test_a_baseline_that_was_recorded_in_part_is_recorded_to_its_end(
    deployments: Deployments,
) -> None:
    deployments.revert_to_baseline()
    deployments.execute(
        "TRUNCATE sqitch.dependencies",
        "DELETE FROM sqitch.changes WHERE change NOT IN ('base/schemas', 'base/settings')",
    )

    deployments.deploy()

    changes = deployments.rows("SELECT count(*) FROM sqitch.changes")
    assert changes == [(deployments.count_changes(),)]


def test_of_two_deployments_one_waits_for_the_other(deployments: Deployments) -> None:
    deployments.migrate("base/drop_extra", DROP)
    deployments.view("asset")

    with ThreadPoolExecutor(1) as pool:
        with deployments.connect("pms_owner") as other:
            other.execute(f"SELECT pg_advisory_lock({loader.LOCK})")
            waiting = pool.submit(deployments.deploy)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=1)
            assert not deployments.is_paused()
        assert waiting.result(timeout=30).migrations == ["base/drop_extra"]


def test_an_error_of_the_database_after_a_migration_reports_the_pause(
    deployments: Deployments,
) -> None:
    deployments.migrate(
        "base/strict",
        "ALTER TABLE pms.loaded_code ADD CONSTRAINT no_views CHECK (kind <> 'view') NOT VALID;",
    )

    with pytest.raises(DeploymentError, match=r"(?s)no_views.*The service is paused"):
        deployments.deploy()


def test_a_missing_sqitch_pauses_nothing(deployments: Deployments) -> None:
    deployments.migrate("base/drop_extra", DROP)
    target = replace(deployments.target(), environment={"PATH": str(deployments.folder)})

    with pytest.raises(DeploymentError, match="sqitch is not on PATH") as refused:
        deployment.deploy_schema(target, tree=deployments.folder)

    assert "paused" not in str(refused.value)
    assert not deployments.is_paused()


def test_a_pause_ends_the_sessions_of_jobs(deployments: Deployments) -> None:
    deployments.migrate("base/drop_extra", DROP)
    deployments.view("asset")

    with deployments.connect("pms_owner") as job, deployments.connect("pms_owner") as other:
        job.execute("CALL pms.run_job('purge_job_runs')")
        other.execute("SELECT 1")
        deployments.deploy()
        with pytest.raises(psycopg.OperationalError, match="terminating connection"):
            job.execute("SELECT 1")
        assert other.execute("SELECT 1").fetchall() == [(1,)]
