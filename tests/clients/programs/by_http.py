"""A program on the package that openapi-python-client writes: python by_http.py ACCOUNT ASSET."""

from __future__ import annotations

import json
import os
import sys
import time

from http_client import AuthenticatedClient
from http_client.api.events import get_events
from http_client.api.positions import get_position
from http_client.api.recording import post_fills
from http_client.models import Event, FillInput, Outcome, Position
from http_client.models.get_events_response_200 import GetEventsResponse200

PATIENCE = 20.0

account, asset = sys.argv[1:]
fill = FillInput(
    execution_id=account, account=account, asset=asset, side="buy",
    quantity="1.000000000000000001", price="0.1", fee="0.3",
)  # fmt: skip

with AuthenticatedClient(
    base_url=os.environ["POSITION_MANAGER_URL"],
    token=os.environ["POSITION_MANAGER_API_KEY"],
    prefix="",
    auth_header_name="X-API-Key",
    raise_on_unexpected_status=True,
) as client:
    outcome = post_fills.sync(client=client, body=fill)
    assert isinstance(outcome, Outcome), outcome
    position = get_position.sync(asset, client=client, account=account)
    assert isinstance(position, Position), position
    deadline = time.monotonic() + PATIENCE
    events: list[Event] = []
    while not events and time.monotonic() < deadline:
        time.sleep(0.1)
        read = get_events.sync(client=client, account=account)
        assert isinstance(read, GetEventsResponse200), read
        events = read.events

found = {"outcome": outcome, "position": position, "event": events[0]}
print(json.dumps({name: each.to_dict() for name, each in found.items()}))
