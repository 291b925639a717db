"""``POSITION_MANAGER_SHARD*``: the settings of a service with several databases."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from position_manager.config.settings import MAX_SHARD, PREFIX, File, Group, ShardServers


class ShardSettings(Group):
    """Settings of a service whose accounts are in several databases, its shards."""

    prefix: ClassVar[str] = PREFIX

    shard: int | None = Field(
        None,
        ge=0,
        le=MAX_SHARD,
        description="Number of the shard that this database is. Then ingest consumes the queues of"
        " the shard, such as position-manager.shard.0.order_events, unless it is given others."
        " Empty: there is one database.",
    )
    shard_map: File | None = Field(
        None,
        description="JSON file with the shard of each account, required by the part split of the"
        " worker and by the gateway of several shards. A change is noticed: see"
        " specs/001-position-management/scale.md.",
    )
    shard_servers: ShardServers = Field(
        (),
        description="PostgREST of each shard, for the gateway: number=FOLDER with its sockets, or"
        " number=ADDRESS:PORT:PORT, an IP address and the ports for the contract and for"
        " /rest/. Requests about an account go to its shard, others to the PostgREST beside the"
        " gateway.",
    )
    shard_queue_type: Literal["classic", "quorum"] = Field(
        "classic",
        description="Type of the queues of shards when they are declared: classic, or quorum for a"
        " cluster of brokers.",
    )
    price_keeper_interval_ms: int = Field(
        1000,
        ge=0,
        le=60_000,
        description="Shortest time between two prices of an asset that the part split sends to the"
        " shards; of those between, the newest counts. 0: every price is sent.",
    )
