"""The folder, ports, passwords and users of a stack, shared by all its parts."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import filelock

from position_manager.config.deploy import PublishSettings
from position_manager.config.service import ServiceSettings
from position_manager.config.settings import env_name
from position_manager.config.stack import StackSettings
from position_manager.deploy.loader import CHANNEL

SYSTEM_DATA = Path("/var/lib/position-manager")
LOCALHOST = "127.0.0.1"
DATABASE = "position_manager"
GATEWAY_SETTING = env_name(ServiceSettings, "port")
TLS_SETTING = env_name(ServiceSettings, "tls_port")
PORT_FIELDS = tuple(name for name in StackSettings.model_fields if name.endswith("_port"))
SUPERUSER = "postgres"

# Started as root, no part runs as root. PostgREST and nginx have separate users: who takes over the
# gateway must not read the password of PostgREST.
USERS = {
    "postgres": "postgres",
    "epmd": "rabbitmq",
    "rabbitmq": "rabbitmq",
    "web": "www-data",
    "rest": "position-manager-rest",
    "worker": "position-manager",
}
# Those that no package of Debian brings.
OWN_USERS = ("rest", "worker")
USERS_LOCK = "/run/position-manager-users.lock"


class StackError(Exception):
    """A command on the stack failed; the text says why, and the remedy."""


@dataclass(frozen=True)
class Secrets:
    """Passwords and keys, generated once and stored in a file that only its owner can read."""

    postgres: str
    pms_owner: str
    pms_authenticator: str
    pms_operator: str
    pms_worker: str
    pms_analyst: str
    rabbitmq: str
    erlang_cookie: str
    supervisor: str
    api_key: str
    # Also read from the file of an earlier release, which has none.
    postgrest_channel: str = CHANNEL
    # Empty in the file of an older stack until it is started again.
    rabbitmq_worker: str = ""
    pms_backup: str = ""
    pms_stream: str = ""
    pms_compat: str = ""

    @classmethod
    def generate(cls) -> Secrets:
        words = {name: secrets.token_hex(20) for name in cls.__dataclass_fields__}
        return cls(**words | {"api_key": f"pms_operator_{secrets.token_hex(20)}"})


@dataclass(frozen=True)
class StackConfig:
    """The folder, settings and ports of a stack."""

    dir: Path
    service: ServiceSettings
    ports: StackSettings
    publish: PublishSettings = field(default_factory=PublishSettings)

    def as_started(self) -> StackConfig:
        """The same stack with the ports on which it was last started."""
        found = self.started_ports()
        if not found:
            return self
        numbers = {name: found[env_name(StackSettings, name)] for name in PORT_FIELDS}
        return replace(
            self,
            service=self.service.model_copy(update={"port": found[GATEWAY_SETTING]}),
            ports=self.ports.model_copy(update=numbers),
        )

    def started_ports(self) -> dict[str, int]:
        """The ports of the last start, by the names of their settings; empty without one."""
        path = self.dir / "ports.json"
        found: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def port_settings(self) -> dict[str, int]:
        """All ports, by the names of their settings."""
        named = {env_name(StackSettings, name): getattr(self.ports, name) for name in PORT_FIELDS}
        gateway = {GATEWAY_SETTING: self.service.port}
        if self.service.tls_certificate is not None:
            gateway[TLS_SETTING] = self.service.tls_port
        return gateway | named

    def started_tls_ports(self) -> tuple[int, ...]:
        """The port for TLS of the last start; empty when it had none."""
        found = self.started_ports()
        return (found[TLS_SETTING],) if TLS_SETTING in found else ()

    def addresses(self) -> tuple[str, ...]:
        """The addresses on which the gateway listens."""
        published = self.publish.publish_address
        return (LOCALHOST, published) if self.publish.serves_other_machines() else (LOCALHOST,)

    def addresses_of(self, setting: str) -> tuple[str, ...]:
        """The addresses on which the part with the port of a setting listens."""
        return self.addresses() if setting in (GATEWAY_SETTING, TLS_SETTING) else (LOCALHOST,)


class Context:
    """A stack's files on this machine."""

    def __init__(self, config: StackConfig) -> None:
        self.config = config
        self.dir = config.dir
        self.service = config.service
        self.ports = config.ports
        self.as_root = os.geteuid() == 0

    @property
    def run(self) -> Path:
        return self.dir / "run"

    @property
    def logs(self) -> Path:
        return self.dir / "logs"

    @cached_property
    def data(self) -> Path:
        """The folder of the parts' files, resolved: their users may be unable to follow links."""
        return (self.dir / "data").resolve()

    @cached_property
    def secrets(self) -> Secrets:
        return Secrets(**json.loads(self._secrets_path.read_text()))

    @property
    def _secrets_path(self) -> Path:
        return self.dir / "secrets.json"

    def exists(self) -> bool:
        """Whether the stack was ever started."""
        return self._secrets_path.exists()

    def user(self, role: str) -> str | None:
        """The user of a part when started as root; otherwise None, for the current user."""
        return USERS[role] if self.as_root else None

    def prepare(self) -> None:
        """Create missing folders and passwords."""
        for folder in (self.dir, self.run, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.run, self.logs):
            folder.chmod(0o700)
        if self.as_root:
            create_users(USERS[role] for role in OWN_USERS)
        self._prepare_data()
        self._prepare_secrets()

    def _prepare_data(self) -> None:
        link = self.dir / "data"
        if link.exists():
            return
        link.unlink(missing_ok=True)  # It may point to a deleted folder.
        if not self.as_root or self._reachable():
            link.mkdir()
            link.chmod(0o755)
            return
        # PostgreSQL and RabbitMQ refuse to run as root, and their users cannot reach this folder.
        # The name has a random part: data of a deleted stack, whose passwords are lost, stay apart.
        SYSTEM_DATA.mkdir(parents=True, exist_ok=True)
        clone = sha256(str(self.dir).encode()).hexdigest()[:16]
        home = Path(tempfile.mkdtemp(prefix=f"{clone}-", dir=SYSTEM_DATA))
        for folder in (SYSTEM_DATA, home):
            folder.chmod(0o755)
        link.symlink_to(home)

    def _reachable(self) -> bool:
        return all(
            subprocess.run(
                ["/usr/bin/test", "-x", self.dir],
                cwd="/",
                user=user,
                group=pwd.getpwnam(user).pw_gid,
                extra_groups=[],
            ).returncode
            == 0
            for user in set(USERS.values())
        )

    def _prepare_secrets(self) -> None:
        path = self._secrets_path
        kept = json.loads(path.read_text()) if path.exists() else {}
        words = asdict(Secrets.generate()) | kept
        if self.service.api_key is not None:
            words["api_key"] = self.service.api_key.get_secret_value()
        write(path, json.dumps(words, indent=1))
        # Those of an older stack, if they were read before.
        self.__dict__.pop("secrets", None)

    def folder(self, name: str, role: str, mode: int = 0o700, group: str | None = None) -> Path:
        """A folder below the data, created if missing and owned by the user of `role`.

        Its group is that of the role `group`, by default also that of `role`.
        """
        path = self.data / name
        path.mkdir(exist_ok=True)
        self.give(role, path, group=group)
        # After the change of the group, which would clear its bit.
        path.chmod(mode)
        return path

    def owned_file(self, path: Path, text: str, role: str) -> None:
        """Write a file that only the user of `role` can read."""
        write(path, text)
        self.give(role, path)

    def give(self, role: str, *paths: Path, group: str | None = None) -> None:
        """Make the user of `role` the owner of files, when started as root."""
        user, member = self.user(role), self.user(group or role)
        if user is not None and member is not None:
            for path in paths:
                shutil.chown(path, user, pwd.getpwnam(member).pw_gid)

    def change_key(self, key: str) -> None:
        """Replace the stack's own API key."""
        write(self._secrets_path, json.dumps(asdict(replace(self.secrets, api_key=key)), indent=1))
        del self.secrets

    def dsn(self, user: str = SUPERUSER, dbname: str = DATABASE) -> str:
        """A connection string of the role `user`."""
        password = getattr(self.secrets, user)
        return f"postgresql://{user}:{password}@{LOCALHOST}:{self.ports.postgres_port}/{dbname}"

    @property
    def key_header(self) -> Path:
        """The file with the header of a request, for ``curl -H @FILE``."""
        return self.dir / "key.header"

    @property
    def passfile(self) -> Path:
        """The password file of libpq that the connection strings of clients name."""
        return self.dir / "pgpass"

    def passfile_text(self, user: str) -> str:
        """The content of the password file for the role `user`."""
        return f"{LOCALHOST}:{self.ports.postgres_port}:*:{user}:{getattr(self.secrets, user)}\n"

    def url(self, user: str) -> str:
        """A connection string of the role `user` that names the password file."""
        address = f"{LOCALHOST}:{self.ports.postgres_port}/{DATABASE}"
        return f"postgresql://{user}@{address}?passfile={quote(str(self.passfile), safe='/')}"

    def remove(self) -> None:
        """Delete the stack's folder and its data elsewhere."""
        link = self.dir / "data"
        if link.is_symlink() and link.resolve().parent == SYSTEM_DATA:
            if link.exists():
                shutil.rmtree(link.resolve())
            if not any(SYSTEM_DATA.iterdir()):
                SYSTEM_DATA.rmdir()
        if self.dir.exists():
            shutil.rmtree(self.dir)


def create_users(names: Iterable[str]) -> None:
    """Create the system users that do not exist yet, as root."""
    options = ("--system", "--user-group", "--no-create-home", "--home-dir=/nonexistent")
    # Two stacks may start at once.
    with filelock.FileLock(USERS_LOCK):
        known = {user.pw_name for user in pwd.getpwall()}
        for name in set(names) - known:
            command = ["/usr/sbin/useradd", *options, "--shell=/usr/sbin/nologin", name]
            subprocess.run(command, check=True)


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file atomically, with these permissions from the start."""
    partial = path.with_name(path.name + ".new")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
