"""Generated clients record a fill, read the position and follow its events, exactly."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from tests.clients.conftest import PROGRAMS, Run
from tests.helpers.asyncapi import document, messages, target
from tests.helpers.openapi import FILE as OPENAPI
from tests.helpers.service import Service, amounts

EXACT = "1.000000000000000001"
OTHER_SIDE = {"send": "receive", "receive": "send"}


@pytest.fixture(scope="module")
def http_client(run: Run) -> str:
    """What openapi-python-client warns of while it writes the package `http_client`."""
    return run(
        "openapi-python-client", "generate", "--path", OPENAPI, "--output-path", "http_client",
        "--meta", "none",
    ).stderr  # fmt: skip


@pytest.fixture(scope="module")
def amqp_client(run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    """asyncapi-python writes the package `amqp_client`, of the clients' side of the document.

    It does not follow references where it looks for the place of the routing key in a message.
    """
    operations = {
        name: operation | {"action": OTHER_SIDE[operation["action"]]}
        for name, operation in document()["operations"].items()
    }
    events = {
        name: message | {"payload": target(message["payload"])[1]}
        for name, message in messages("events").items()
    }
    channels = document()["channels"]
    channels = channels | {"events": channels["events"] | {"messages": events}}
    source = tmp_path_factory.mktemp("asyncapi") / "client.yaml"
    client = document() | {"operations": operations, "channels": channels}
    source.write_text(yaml.safe_dump(client, sort_keys=False))
    run("asyncapi-python-codegen", source, "amqp_client")


def test_every_operation_is_generated(http_client: str) -> None:
    # Of the document itself only: the package has its text, undecoded.
    assert re.findall("^WARNING parsing (.*?) within", http_client, re.MULTILINE) == [
        "GET /api/v1/openapi.yaml"
    ]


def test_a_client_by_http(
    run: Run, http_client: str, service: Service, account: str, asset: str
) -> None:
    found = json.loads(run("python", PROGRAMS / "by_http.py", account, asset).stdout)

    assert found["outcome"]["outcome"] == "applied"
    names = ("size", "average_entry_price", "fees_paid")
    assert amounts(found["position"], names) == {
        "size": EXACT, "average_entry_price": "0.1", "fees_paid": "0.3",
    }  # fmt: skip
    assert (found["event"]["event_type"], found["event"]["size"]) == ("position_updated", EXACT)
    # As the service wrote it: the package has every field.
    answer = service.get(f"/api/v1/positions/{asset}", params={"account": account}).json()
    assert found["position"].keys() == answer.keys()


def test_a_client_by_amqp(
    run: Run, amqp_client: None, service: Service, account: str, asset: str
) -> None:
    event = json.loads(run("python", PROGRAMS / "by_amqp.py", account, asset).stdout)
    position = service.get(f"/api/v1/positions/{asset}", params={"account": account}).json()

    names = ("account", "asset", "size", "average_entry_price", "realized_pnl", "version")
    assert amounts(event, names) == amounts(position, names)
    assert (event["size"], event["average_entry_price"]) == (EXACT, "0.1")
