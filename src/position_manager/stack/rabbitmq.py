"""The stack's own RabbitMQ node and port mapper, on 127.0.0.1 only."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pika

from position_manager.stack.context import LOCALHOST, Context, StackError
from position_manager.stack.launch import Spec
from position_manager.stack.parts import CLEAN_ENV, Part, listening
from position_manager.worker.broker import BROKER_ERRORS

# The user of the neighbors, and that of the worker. Neither is an administrator.
USER = "position_manager"
WORKER = "position_manager_worker"
VHOST = "/"
NODE = "position_manager@localhost"
# The wrapper on PATH switches to another user and to the system's node.
SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")

# The node has the users of the definitions from each start on, and no guest.
CONFIGURATION = """\
load_definitions = {definitions}
loopback_users.{user} = true
loopback_users.{worker} = true
log.console = true
log.console.level = info
log.file = false
"""

# Idle schedulers must not spin: the database needs the cores.
ERLANG_ARGUMENTS = (
    "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false "
    "+sbwt none +sbwtdcpu none +sbwtdio none"
)


def check(_context: Context) -> None:
    """Raise StackError when the server is missing."""
    if not SERVER.exists():
        raise StackError(f"RabbitMQ is missing in {SERVER}: run  make setup")


def epmd_part(context: Context) -> Part:
    """Erlang's port mapper, as a part so that it is supervised and stops with the stack."""
    data = context.folder("rabbitmq", "rabbitmq")
    port = context.ports.epmd_port
    return Part(
        name="epmd",
        spec=Spec(
            argv=["/usr/bin/epmd", "-address", LOCALHOST, "-port", str(port)],
            env=CLEAN_ENV,
            cwd=str(data),
            user=context.user("epmd"),
        ),
        ready=lambda: listening(port),
    )


def rabbitmq_part(context: Context) -> Part:
    """The broker node."""
    data = context.folder("rabbitmq", "rabbitmq")
    definitions = data / "definitions.json"
    users = json.dumps(_definitions(context), indent=1)
    context.owned_file(definitions, users, "rabbitmq")
    text = CONFIGURATION.format(definitions=definitions, user=USER, worker=WORKER)
    context.owned_file(data / "rabbitmq.conf", text, "rabbitmq")
    context.owned_file(data / "enabled_plugins", "[].\n", "rabbitmq")
    _write_cookie(context, data / ".erlang.cookie")
    ports = context.ports
    return Part(
        name="rabbitmq",
        spec=Spec(
            argv=[str(SERVER)],
            env=CLEAN_ENV
            | {
                "HOME": str(data),
                "RABBITMQ_NODENAME": NODE,
                "RABBITMQ_NODE_IP_ADDRESS": LOCALHOST,
                "RABBITMQ_NODE_PORT": str(ports.rabbitmq_port),
                "RABBITMQ_DIST_PORT": str(ports.rabbitmq_dist_port),
                "ERL_EPMD_PORT": str(ports.epmd_port),
                "ERL_EPMD_ADDRESS": LOCALHOST,
                "RABBITMQ_MNESIA_BASE": str(data / "mnesia"),
                "RABBITMQ_LOG_BASE": str(data / "log"),
                "RABBITMQ_LOGS": "-",
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(data / "enabled_plugins"),
                "RABBITMQ_CONFIG_FILE": str(data / "rabbitmq.conf"),
                "RABBITMQ_CONF_ENV_FILE": "/dev/null",
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG_ARGUMENTS,
                # Makes the script execute the node instead of staying its parent.
                "RUNNING_UNDER_SYSTEMD": "true",
            },
            cwd=str(data),
            user=context.user("rabbitmq"),
            after_port=ports.epmd_port,
            inputs={"configuration": sha256((text + users).encode()).hexdigest()},
        ),
        ready=lambda: _answers(context),
        patience=120,
    )


def _definitions(context: Context) -> dict[str, Any]:
    """The users of the node; the worker only publishes events, and consumes its queues."""
    service = context.service
    own = [r"position-manager\..*"]
    own += map(re.escape, (service.events_exchange, service.dead_letter_exchange))
    inputs = (*service.order_queues, *service.position_queues, *service.price_queues)
    # By the default exchange, an event goes once more to the queue that refused it.
    published = _any_of([*own, re.escape("amq.default")])
    used = _any_of([*own, *map(re.escape, inputs)])
    return {
        "users": [
            _user(USER, context.secrets.rabbitmq),
            _user(WORKER, context.secrets.rabbitmq_worker),
        ],
        "vhosts": [{"name": VHOST}],
        "permissions": [
            _permissions(USER, configure=".*", write=".*", read=".*"),
            _permissions(WORKER, configure=used, write=published, read=used),
        ],
    }


def _any_of(patterns: Iterable[str]) -> str:
    return f"^({'|'.join(patterns)})$"


def _user(name: str, password: str) -> dict[str, str]:
    # Of the password, so that the file changes with it only.
    salt = sha256(f"{name}:{password}".encode()).digest()[:4]
    return {
        "name": name,
        "password_hash": b64encode(salt + sha256(salt + password.encode()).digest()).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "",
    }


def _permissions(user: str, **patterns: str) -> dict[str, str]:
    return {"user": user, "vhost": VHOST, **patterns}


def url(context: Context) -> str:
    """The AMQP URL of the broker for its neighbors."""
    return f"amqp://{USER}:{context.secrets.rabbitmq}@{LOCALHOST}:{context.ports.rabbitmq_port}/%2F"


def _write_cookie(context: Context, path: Path) -> None:
    """Write Erlang's cookie, which only its owner may be able to read."""
    context.owned_file(path, context.secrets.erlang_cookie, "rabbitmq")
    path.chmod(0o400)


def _answers(context: Context) -> bool:
    if not listening(context.ports.rabbitmq_port):
        return False
    try:
        pika.BlockingConnection(pika.URLParameters(url(context))).close()
    except BROKER_ERRORS:
        return False
    return True
