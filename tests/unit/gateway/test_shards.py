"""The file of shards that nginx reads."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from position_manager.config.environment import load
from position_manager.config.service import ServiceSettings
from position_manager.config.settings import ConfigError
from position_manager.config.shard_map import bucket_of
from position_manager.gateway.shards import FILE, NO_SHARDS, Shards
from tests.helpers.split_clients import SHARDS, nginx_buckets

HALVES = {"version": 1, "buckets": [[0, 499, 0], [500, 999, 1]], "pinned": {"whale": 1}}


def service(file: Path, servers: str = "0=/run/near,1=10.0.0.7:3000:3001") -> ServiceSettings:
    return ServiceSettings.model_validate({"shard_map": file, "shard_servers": servers})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "map.json"
    path.write_text(json.dumps(HALVES))
    return path


@pytest.mark.parametrize(
    "name", ["whale", "~^tilde", "default", "hostnames", "new_line", "x:y", "0", "Whale"]
)
def test_a_pinned_account_is_where_it_is_pinned(name: str) -> None:
    other = (bucket_of(name) + 1) % 1000

    found = nginx_buckets([name, f"{name}-not"], replace(SHARDS, pinned={name: other}))

    assert found == [other, bucket_of(f"{name}-not")]


def test_names_that_differ_in_case_can_both_be_pinned() -> None:
    # To nginx they are one; the shard that it asks corrects it.
    found = nginx_buckets(["whale", "Whale"], replace(SHARDS, pinned={"whale": 3, "Whale": 4}))

    assert found == [3, 3]


def test_without_shards_nothing_is_divided(tmp_path: Path) -> None:
    Shards(ServiceSettings(), tmp_path).write()

    assert (tmp_path / FILE).read_text() == NO_SHARDS


def test_shards_that_are_taken_away_are_gone(file: Path, tmp_path: Path) -> None:
    Shards(service(file), tmp_path).write()

    assert Shards(ServiceSettings(), tmp_path).follow()

    assert (tmp_path / FILE).read_text() == NO_SHARDS


def test_a_map_that_could_not_be_written_is_written_later(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "nginx"
    shards = Shards(service(file), folder)
    with pytest.raises(FileNotFoundError):
        shards.follow()

    folder.mkdir()
    assert shards.follow()


def test_a_shard_is_a_folder_of_sockets_or_two_ports_of_a_host(file: Path, tmp_path: Path) -> None:
    Shards(service(file), tmp_path).write()

    text = " ".join((tmp_path / FILE).read_text().split())
    for name, server in (
        ("postgrest_0", "unix:/run/near/postgrest.sock"),
        ("query_reads_0", "unix:/run/near/postgrest-queries.sock"),
        ("reads_1", "10.0.0.7:3000"),
        ("postgrest_queries_1", "10.0.0.7:3001"),
    ):
        assert f"upstream {name} {{ server {server} max_fails=0;" in text


def test_a_shard_without_a_server_is_refused_by_name(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="POSITION_MANAGER_SHARD_SERVERS has no shard 1"):
        Shards(service(file, "0=/run/near"), tmp_path).write()

    assert not (tmp_path / FILE).exists()


def test_a_map_that_cannot_be_read_leaves_the_former_one(file: Path, tmp_path: Path) -> None:
    shards = Shards(service(file), tmp_path)
    shards.write()
    before = (tmp_path / FILE).read_text()

    file.write_text("{}")
    with pytest.raises(ConfigError, match="version"):
        shards.follow()
    assert not shards.follow()

    assert (tmp_path / FILE).read_text() == before


@pytest.mark.parametrize(
    "servers",
    [
        "0",
        "0=",
        "0=host",
        "0=host:1",
        "x=/run",
        "0=/a,0=/b",
        "1000=/a",
        "0=127.0.0.1:1:0",
        "00=/a",
        "0=host:1:2",
        "0=999.0.0.1:1:2",
        "0=127.0.0.1:1:65536",
        "0=/" + "a" * 81,
    ],
)
def test_servers_of_another_form_are_refused(servers: str) -> None:
    with pytest.raises(ConfigError, match="POSITION_MANAGER_SHARD_SERVERS"):
        load({"POSITION_MANAGER_SHARD_MAP": "/map", "POSITION_MANAGER_SHARD_SERVERS": servers})


def test_servers_need_a_map() -> None:
    with pytest.raises(ConfigError, match="POSITION_MANAGER_SHARD_MAP is required with"):
        load({"POSITION_MANAGER_SHARD_SERVERS": "0=/run/near"})
