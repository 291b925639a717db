"""The gateway of the containers: the same template, with PostgREST on a socket."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from position_manager.config.service import ServiceSettings
from position_manager.gateway import limits, serve, shards
from position_manager.gateway.limits import Limit, configuration
from position_manager.gateway.render import SOCKET, STREAM_SOCKET, server_names
from position_manager.stack import nginx, postgrest
from position_manager.stack.context import LOCALHOST
from position_manager.stack.launch import as_user
from position_manager.stack.parts import CLEAN_ENV, answers_ok
from position_manager.stack.ports import free_ports
from position_manager.stack.processes import wait
from position_manager.stack.stack import Stack
from tests.helpers.composefile import environment, services

# The last step of the container's process, once the configuration is written.
START = [
    sys.executable,
    "-c",
    "import json, sys; from pathlib import Path;"
    "from position_manager.gateway.serve import serve;"
    "sys.exit(serve(json.loads(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])))",
]


def test_the_template_gets_the_variables_of_the_private_stack(
    server: Stack, tmp_path: Path
) -> None:
    context = server.context
    alone = nginx.names(context, tmp_path)
    contained = serve.names(context.service, tmp_path)

    assert set(contained) == set(alone)
    differing = {name for name in alone if alone[name] != contained[name]}
    assert differing <= {
        "GATEWAY_DIR",
        "LISTEN_LINES",
        "LOG_SOCKET",
        "STREAM_SOCKET",
        "READS_SERVERS",
        "QUERY_READS_SERVERS",
        *server_names(""),
    }


def test_the_stream_listens_where_the_gateway_asks(server: Stack, tmp_path: Path) -> None:
    contained = Path(serve.names(server.context.service, tmp_path)["STREAM_SOCKET"])

    command = services()["stream"]["command"]
    assert contained == Path(command[command.index("--folder") + 1]) / STREAM_SOCKET
    alone = nginx.names(server.context, tmp_path)["STREAM_SOCKET"]
    assert alone == f"../{nginx.FOLDER}/{STREAM_SOCKET}"


def test_the_access_log_goes_to_rate_limit_sync(server: Stack, tmp_path: Path) -> None:
    log_socket = Path(serve.names(server.context.service, tmp_path)["LOG_SOCKET"])

    command = services()["rate-limit-sync"]["command"]
    assert log_socket == Path(command[command.index("--folder") + 1]) / SOCKET
    # The stack's nginx is started in the folder that its rate-limit sync is given.
    assert nginx.names(server.context, tmp_path)["LOG_SOCKET"] == SOCKET


def test_the_gateway_reaches_postgrest_by_its_compose_name(tmp_path: Path) -> None:
    serve.command(ServiceSettings(), tmp_path)

    text = " ".join((tmp_path / "nginx.conf").read_text().split())
    for name in postgrest.POOLS:
        socket = environment(services()[name])["PGRST_SERVER_UNIX_SOCKET"]
        assert f"upstream {name.replace('-', '_')} {{ server unix:{socket} " in text


@pytest.fixture
def url(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The gateway as the container starts it, in front of the stack's PostgREST."""
    monkeypatch.setattr(serve, "POSTGREST_FOLDER", str(stack.context.data / postgrest.FOLDER))
    # nginx's user may read the stack's copy, but not a tree below /root.
    monkeypatch.setattr(serve, "GATEWAY", stack.context.data / "nginx" / "gateway")
    (port,) = free_ports(1)
    # Everything belongs to one user who is not root, as in the container; standard output as well.
    folder = stack.context.folder(f"gateway-{port}", "web")
    argv = serve.command(ServiceSettings.model_validate({"port": port}), folder)
    stack.context.owned_file(folder / "log", "", "web")
    stack.context.give("web", folder / limits.FILE, folder / shards.FILE)
    argv = as_user(stack.context.user("web"), argv)
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(argv, env=CLEAN_ENV, cwd=folder, stdout=log)
    try:
        found = f"http://{LOCALHOST}:{port}"
        assert wait(lambda: answers_ok(f"{found}/metrics"), 30)
        yield found
    finally:
        process.terminate()
        process.wait()


def test_the_gateway_serves_the_contract(url: str, stack: Stack) -> None:
    key = {"X-API-Key": stack.env()["POSITION_MANAGER_API_KEY"]}

    assert httpx.get(f"{url}/health").json()["status"] == "healthy"
    assert httpx.get(f"{url}/api/v1/portfolio", headers=key).status_code == 200
    assert httpx.get(f"{url}/api/v1/portfolio").status_code == 401


def test_the_gateway_reads_the_files_of_rate_limit_sync(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "POSTGREST_FOLDER", str(stack.context.data / postgrest.FOLDER))
    (port,) = free_ports(1)
    url = f"http://{LOCALHOST}:{port}"
    limits_folder = tmp_path / "limits_folder"
    limits_folder.mkdir()
    folder = stack.context.folder(f"gateway-{port}", "web", mode=0o755)
    argv = serve.command(ServiceSettings.model_validate({"port": port}), folder)
    argv += ["-g", "user root;"] if stack.context.as_root else []
    code = [*START, json.dumps(argv)]
    with (folder / "log").open("w") as log:
        argv = [*code, str(folder), str(limits_folder)]
        process = subprocess.Popen(argv, env=CLEAN_ENV, cwd=folder, stdout=log)
    try:
        assert wait(lambda: answers_ok(f"{url}/metrics"), 30)
        (limits_folder / limits.FILE).write_text(configuration([Limit("address", 1, 1, 16)]))
        assert wait(lambda: httpx.get(f"{url}/api/v1/portfolio").status_code == 429, 30)
        (limits_folder / shards.FILE).write_text(f"{shards.NO_SHARDS}# Another one.\n")
        assert wait(lambda: "Another" in (folder / shards.FILE).read_text(), 30)
    finally:
        process.send_signal(signal.SIGQUIT)
        assert process.wait(10) == 0
    assert not answers_ok(f"{url}/metrics")
