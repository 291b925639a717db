"""The files of ``ops/standby``, as far as neither Docker nor Patroni is needed."""

from __future__ import annotations

from typing import Any

import yaml

from position_manager.config.environment import load
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
    assert load(environment(added["gateway"])).service.standby_reads  # type: ignore[arg-type]


def test_patroni_promotes_only_what_confirms_commits() -> None:
    found = read("patroni.yml")
    shared = found["bootstrap"]["dcs"]

    assert shared["synchronous_mode"] is True
    assert shared["loop_wait"] + 2 * shared["retry_timeout"] <= shared["ttl"]
    # With version 3 of the API, Patroni 3.0 renews a lease that another host has taken.
    assert "etcd" in found
    assert "etcd3" not in found


def test_a_lost_standby_does_not_fill_the_disk() -> None:
    parameters = read("patroni.yml")["bootstrap"]["dcs"]["postgresql"]["parameters"]

    assert parameters["max_slot_wal_keep_size"] == "10GB"


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
