"""Two shards: the stack, which has the gateway, and a second database with PostgREST before it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from position_manager.stack import postgrest
from position_manager.stack.stack import Stack
from tests.helpers.gateway import Gateway, gateway
from tests.helpers.prepared_cluster import prepared_stack
from tests.helpers.service import Service
from tests.helpers.shard_maps import remove_map, shard_map


@dataclass
class Shards:
    """Shard 0 is the stack, which other tests use as well; shard 1 has accounts that are pinned."""

    near: Service
    far: Service
    folder: Path
    version: int = 0

    def pin(self, far: Mapping[str, int], near: Mapping[str, int] | None = None) -> None:
        """Set where the two databases believe accounts to be: `near` in the stack's, as `far`."""
        self.version += 1
        for shard, service, pinned in ((0, self.near, near), (1, self.far, far)):
            wanted = shard_map(self.version, shard, **(far if pinned is None else pinned))
            service.query("SELECT api.set_shard_map(%s)", json.dumps(wanted))

    def map_file(self, pinned: Mapping[str, int], others: int = 0) -> None:
        """Replace the file of the gateway's map; `others`: the shard of all other accounts."""
        wanted = shard_map(self.version + 1, 0, **pinned) | {"buckets": [[0, 999, others]]}
        partial = self.folder / "map.new"
        partial.write_text(json.dumps(wanted))
        partial.rename(self.folder / "map.json")

    def settings(self, far: str | None = None) -> dict[str, Any]:
        """Those of the gateway; `far`: where it believes shard 1 to be."""
        places = (_sockets(self.near), far or _sockets(self.far))
        return {
            "shard_map": self.folder / "map.json",
            "shard_servers": ",".join(f"{number}={place}" for number, place in enumerate(places)),
        }

    def gateway(
        self, pinned: Mapping[str, int], far: str | None = None, others: int = 0
    ) -> AbstractContextManager[Gateway]:
        """A gateway with this map."""
        self.map_file(pinned, others)
        return gateway(self.near.stack, **self.settings(far))


def _sockets(service: Service) -> str:
    return str(service.stack.context.data / postgrest.FOLDER)


@pytest.fixture(scope="session")
def far(stack: Stack, run_folder: Path) -> Iterator[Service]:
    """The second database, with the same key."""
    key = stack.env()["POSITION_MANAGER_API_KEY"]
    other = prepared_stack(run_folder.with_name(f"{run_folder.name}-far"), api_key=key)
    try:
        other.up(["postgres", *postgrest.POOLS])
        yield Service(other)
    finally:
        other.down(delete=True)


@pytest.fixture
def account() -> str:
    """A new account."""
    return f"test-{uuid.uuid4().hex[:16]}"


@pytest.fixture
def shards(stack: Stack, far: Service, tmp_path: Path) -> Iterator[Shards]:
    """Both, without a map at the end."""
    found = Shards(Service(stack), far, tmp_path)
    yield found
    for service in (found.near, found.far):
        remove_map(service)
