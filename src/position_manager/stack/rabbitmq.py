"""The stack's own RabbitMQ node and port mapper, on 127.0.0.1 only."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pika

from position_manager.stack.context import LOCALHOST, Context, StackError
from position_manager.stack.launch import Spec
from position_manager.stack.parts import CLEAN_ENV, Part, listening
from position_manager.worker.broker import BROKER_ERRORS

USER = "position_manager"
NODE = "position_manager@localhost"
# The wrapper on PATH switches to another user and to the system's node.
SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")

# The node creates this user at its first start, instead of guest.
CONFIGURATION = """\
default_user = {user}
default_pass = {password}
default_user_tags.administrator = true
loopback_users.{user} = true
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
    text = CONFIGURATION.format(user=USER, password=context.secrets.rabbitmq)
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
            inputs={"rabbitmq.conf": sha256(text.encode()).hexdigest()},
        ),
        ready=lambda: _answers(context),
        patience=120,
    )


def url(context: Context) -> str:
    """The AMQP URL of the broker."""
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
