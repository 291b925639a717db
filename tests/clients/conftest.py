"""Clients that generators of others write from our documents, as programs on the run's stack."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from position_manager.paths import ROOT
from position_manager.stack.stack import Stack
from tests.helpers.service import Service

# They have an environment of their own, which `make generators` creates.
BIN = ROOT / ".venv" / "share" / "generators" / "bin"
PROGRAMS = Path(__file__).parent / "programs"
PATIENCE = 60

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def service(stack: Stack) -> Service:
    """The service with its gateway."""
    return Service(stack)


@pytest.fixture
def account() -> str:
    """A new account."""
    return f"test-{uuid.uuid4().hex[:16]}"


@pytest.fixture
def asset() -> str:
    """A new asset."""
    return f"T{uuid.uuid4().hex[:12]}USDT".upper()


@pytest.fixture(scope="session")
def run(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a program of that environment in a folder of generated packages."""
    folder = tmp_path_factory.mktemp("generated")

    def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        path = {"PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONPATH": "."}
        done = subprocess.run(
            [BIN / program, *arguments],
            cwd=folder,
            env=os.environ | stack.env() | path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    return run
