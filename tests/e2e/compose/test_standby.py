"""The files of ``ops/standby``, as far as neither Docker nor Patroni is needed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from position_manager.config.environment import load
from position_manager.config.service import ServiceSettings
from position_manager.gateway import serve
from position_manager.gateway.render import server_names
from position_manager.paths import ROOT
from tests.helpers.composefile import environment, services

FOLDER = ROOT / "ops" / "standby"


def read(name: str) -> dict[str, Any]:
    found = yaml.safe_load((FOLDER / name).read_text())
    assert isinstance(found, dict)
    return found


def test_the_gateway_reaches_the_postgrest_of_a_standby() -> None:
    added = read("compose.yml")["services"]
    sockets = server_names(serve.POSTGREST_FOLDER)

    for name, server in (
        ("postgrest-standby", "STANDBY_SERVER"),
        ("postgrest-standby-queries", "STANDBY_QUERIES_SERVER"),
    ):
        settings = environment(added[name])
        assert f"unix:{settings['PGRST_SERVER_UNIX_SOCKET']}" == sockets[server]
        assert settings["PGTARGETSESSIONATTRS"] == "standby"
        assert added[name]["extends"]["service"] in services()
    set_here = {name: str(value) for name, value in environment(added["gateway"]).items()}
    assert load(set_here).service.standby_reads


def test_patroni_promotes_only_what_confirms_commits() -> None:
    found = read("patroni.yml")
    shared = found["bootstrap"]["dcs"]

    assert shared["synchronous_mode"] is True
    assert shared["loop_wait"] + 2 * shared["retry_timeout"] <= shared["ttl"]
    # With version 3 of the API, Patroni 3.0 renews a lease that another host has taken.
    assert "etcd" in found
    assert "etcd3" not in found


def test_alerts_fire_when_no_host_is_scraped() -> None:
    """A sum of no series is no series, which no comparison holds for."""
    (group,) = read("alerts.yml")["groups"]
    sums = [rule["expr"] for rule in group["rules"] if "sum(" in rule["expr"]]

    assert len(sums) == 3
    assert [
        expr for expr in sums if not re.search(r"^\(sum\(\w+{.+}\) or vector\(0\)\) ", expr)
    ] == []


@pytest.mark.parametrize("queries", [False, True])
def test_a_read_has_one_server_without_standby_reads(tmp_path: Path, queries: bool) -> None:
    """nginx sends a request again to the same server only if that is the only one."""
    server, standby, primary = (
        ("QUERY_READS_SERVERS", "STANDBY_QUERIES_SERVER", "QUERIES_SERVER")
        if queries
        else ("READS_SERVERS", "STANDBY_SERVER", "POSTGREST_SERVER")
    )
    found = [serve.names(ServiceSettings(standby_reads=on), tmp_path) for on in (False, True)]

    alone = f"server {found[0][primary]} max_fails=0"
    assert found[0][server] == f"{alone};"
    assert found[1][server] == f"server {found[1][standby]} max_fails=0; {alone} backup;"


def test_hosts_are_admitted_over_tls_with_a_password() -> None:
    rules = [line.split() for line in read("patroni.yml")["postgresql"]["pg_hba"]]
    remote = [rule for rule in rules if rule[0] != "local"]

    assert {rule[0] for rule in remote} == {"hostssl"}
    assert {rule[-1] for rule in remote} == {"scram-sha-256", "reject"}
    role = [rule[1:] for rule in remote if rule[2] == "replicator"]
    assert [(rule[0], rule[-1]) for rule in role] == [
        ("replication", "scram-sha-256"),
        ("all", "reject"),
    ]
