"""A server of databases and a private stack per test run, shared by all its processes.

Each is made when the first test asks for it, in a folder below ``.stack/`` that is named after the
run, and deleted when the run ends. The stack has a server of its own: its parts would take the
connections that the roles may have.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import psycopg
import pytest
from filelock import FileLock

from position_manager.config.settings import PREFIX
from position_manager.stack.context import SUPERUSER, Context
from position_manager.stack.processes import exists
from position_manager.stack.stack import Stack
from tests.helpers.clones import Clones, clone_of_template
from tests.helpers.prepared_cluster import prepared_stack
from tests.helpers.runs import FOLDER_VARIABLE, remove_stacks, start_guard

# The seed of Hypothesis and of every other random choice: the same number repeats a run.
SEED_VARIABLE = "SEED"
SEED_OPTION = "--hypothesis-seed"
# Bytes shown from the end of each log when a test fails.
LOG_BYTES = 2000

# An example takes as long as a busy machine needs for it.
hypothesis.settings.register_profile("busy", deadline=None)
hypothesis.settings.load_profile("busy")

# Tests use their own settings, not those of the caller's environment.
for _name in [name for name in os.environ if name.startswith(PREFIX)]:
    del os.environ[_name]


# Before hypothesis reads its option; the processes of pytest-xdist are handed the options.
@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.getoption(SEED_OPTION) is None:
        config.option.hypothesis_seed = os.environ.get(SEED_VARIABLE) or str(secrets.randbits(32))
    if not config.option.hypothesis_seed.isdecimal():
        raise pytest.UsageError(f"{SEED_VARIABLE} must be a number")
    if not hasattr(config, "workerinput"):
        remove_stacks(lambda run: not exists(run) or run == os.getpid())
        start_guard()


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {seed_of(config)} (SEED={seed_of(config)} make test repeats it)"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    # Beside the failures, and where -q has left the header out.
    if exitstatus != pytest.ExitCode.OK or terminalreporter.verbosity < 0:
        terminalreporter.line(pytest_report_header(terminalreporter.config))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of the parts' logs with the failure of a test that uses a stack."""
    test = yield
    stacks = {value for value in getattr(item, "funcargs", {}).values() if isinstance(value, Stack)}
    for stack in stacks if test.failed else ():
        for log in sorted(stack.context.logs.glob("*.log")):
            with log.open("rb") as file:
                file.seek(max(log.stat().st_size - LOG_BYTES, 0))
                test.sections.append((log.name, file.read().decode(errors="replace")))
    return test


def seed_of(config: pytest.Config) -> int:
    return int(config.getoption(SEED_OPTION))


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """The random seed of this run."""
    return seed_of(request.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        remove_stacks(lambda run: run == os.getpid())


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """The folder of this run's server; those of its stacks start with its name."""
    folder = Path(os.environ[FOLDER_VARIABLE])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def server(run_folder: Path) -> Stack:
    """PostgreSQL with the roles and the deployed template in it."""
    with FileLock(run_folder / "server.lock"):
        server = prepared_stack(run_folder)
        server.up(["postgres"])
    return server


@pytest.fixture(scope="session")
def stack(run_folder: Path) -> Stack:
    """The run's stack with every part running. No test may stop or break a part of this one."""
    with FileLock(run_folder / "stack.lock"):
        # As many requests as a test likes: the tests of the limits have a gateway of their own.
        folder = run_folder.with_name(f"{run_folder.name}-service")
        stack = prepared_stack(folder, rate_limit_default=1_000_000)
        if stack.up():
            # Scheduled jobs would run in the midst of a test: tests/integration/stack has theirs.
            with psycopg.connect(stack.context.dsn("pms_owner")) as connection:
                connection.execute("SELECT cron.unschedule(j.jobid) FROM cron.job j")
    return stack


@dataclass(frozen=True)
class Database:
    """A clone of the template."""

    name: str
    context: Context

    def dsn(self, role: str = SUPERUSER) -> str:
        """Connect as one of the roles that may log in."""
        return self.context.dsn(role, self.name)


@pytest.fixture(scope="session")
def clones(server: Stack) -> Iterator[Clones]:
    """Where the databases of this process's tests come from."""
    clones = Clones(server.context)
    yield clones
    clones.drop()


@pytest.fixture
def fresh_database(clones: Clones) -> None:
    """Have `database` be a new clone: for tests of plans, which depend on sizes and statistics."""
    clones.drop()


@pytest.fixture
def database(server: Stack, clones: Clones) -> Iterator[Database]:
    """A database of its own, as the plan makes it."""
    with clones.lend() as name:
        yield Database(name, server.context)


@pytest.fixture(scope="module")
def shared_database(server: Stack) -> Iterator[Database]:
    """One for the tests of a module that keep apart by their accounts."""
    with clone_of_template(server.context) as name:
        yield Database(name, server.context)


@pytest.fixture
def dsn(database: Database) -> str:
    """The superuser's way into the test's own database."""
    return database.dsn()
