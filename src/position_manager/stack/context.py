"""The folder, ports, passwords and users of a stack, shared by all its parts."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from position_manager.config.environment import Config
from position_manager.config.service import ServiceSettings
from position_manager.config.settings import env_name
from position_manager.config.stack import StackSettings
from position_manager.deploy.loader import CHANNEL
from position_manager.paths import ROOT

SYSTEM_DATA = Path("/var/lib/position-manager")
LOCALHOST = "127.0.0.1"
DATABASE = "position_manager"
GATEWAY_SETTING = env_name(ServiceSettings, "port")
PORT_FIELDS = tuple(name for name in StackSettings.model_fields if name.endswith("_port"))
SUPERUSER = "postgres"

# Started as root, parts that do not need root run as these users of Debian's packages.
USERS = {"postgres": "postgres", "epmd": "rabbitmq", "rabbitmq": "rabbitmq", "web": "www-data"}


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
    pms_backup: str = ""

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

    @classmethod
    def of(cls, config: Config) -> StackConfig:
        """The stack that the environment names; by default the one in ``.stack/``."""
        folder = config.stack.dir or ROOT / ".stack"
        return cls(folder.absolute(), config.service, config.stack)

    def as_started(self) -> StackConfig:
        """The same stack with the ports on which it was last started."""
        ports = self.dir / "ports.json"
        if not ports.exists():
            return self
        found = json.loads(ports.read_text())
        numbers = {name: found[env_name(StackSettings, name)] for name in PORT_FIELDS}
        return StackConfig(
            self.dir,
            self.service.model_copy(update={"port": found[GATEWAY_SETTING]}),
            self.ports.model_copy(update=numbers),
        )

    def port_settings(self) -> dict[str, int]:
        """All ports, by the names of their settings."""
        named = {env_name(StackSettings, name): getattr(self.ports, name) for name in PORT_FIELDS}
        return {GATEWAY_SETTING: self.service.port} | named


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
        return Secrets(**json.loads((self.dir / "secrets.json").read_text()))

    def exists(self) -> bool:
        """Whether the stack was ever started."""
        return (self.dir / "secrets.json").exists()

    def user(self, role: str) -> str | None:
        """The user of a part when started as root; otherwise None, for the current user."""
        return USERS[role] if self.as_root else None

    def prepare(self) -> None:
        """Create missing folders and passwords."""
        for folder in (self.dir, self.run, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        self.run.chmod(0o700)
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
        path = self.dir / "secrets.json"
        kept = json.loads(path.read_text()) if path.exists() else {}
        words = asdict(Secrets.generate()) | kept
        if self.service.api_key is not None:
            words["api_key"] = self.service.api_key.get_secret_value()
        write(path, json.dumps(words, indent=1))

    def folder(self, name: str, role: str, mode: int = 0o700) -> Path:
        """A folder below the data, created if missing and owned by the user of `role`."""
        path = self.data / name
        path.mkdir(exist_ok=True)
        path.chmod(mode)
        if (user := self.user(role)) is not None:
            shutil.chown(path, user, pwd.getpwnam(user).pw_gid)
        return path

    def owned_file(self, path: Path, text: str, role: str) -> None:
        """Write a file that only the user of `role` can read."""
        write(path, text)
        if (user := self.user(role)) is not None:
            shutil.chown(path, user, pwd.getpwnam(user).pw_gid)

    def dsn(self, user: str = SUPERUSER, dbname: str = DATABASE) -> str:
        """A connection string of the role `user`."""
        password = getattr(self.secrets, user)
        return f"postgresql://{user}:{password}@{LOCALHOST}:{self.ports.postgres_port}/{dbname}"

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


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file atomically, with these permissions from the start."""
    partial = path.with_name(path.name + ".new")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
