"""All settings, read once from the environment and `.env`, typed; anything unknown or impossible stops the start."""

import difflib
import hashlib
import ipaddress
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import BaseModel, Field, SecretStr, ValidationError, validator

PREFIX = "YINGDA_"
#: The longest path that the kernel takes for a Unix socket is 107 bytes (unix(7)).
LONGEST_SOCKET_PATH = 107


class SettingsError(ValueError):
    """A setting is unknown or impossible. The message names the key, the value, what is expected, and the remedy."""


class Settings(BaseModel):
    """The settings of one installation. Field `name` is the environment variable `YINGDA_NAME`."""

    host: str = Field("127.0.0.1", description="Address the gateway listens on; 0.0.0.0 for all of the machine's.")
    port: int = Field(8000, ge=1, le=65535, description="Port the gateway listens on.")
    data_dir: Path = Field(Path("var"), description="Folder for databases, secrets, imported logs and sockets.")
    model_dir: Path = Field(Path("models"), description="Folder for trained models.")
    database_url: str = Field(
        "", description="Product database: sqlite:///PATH or postgresql://…; empty means yingda.db in the data folder."
    )
    shop_database_url: str = Field(
        "", description="Database of the embedded sample shop; empty means shop.db in the data folder."
    )
    workers: int = Field(2, ge=1, le=64, description="Engine processes; each holds one model, about 1 GB.")
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs sessions and buttons, 32 characters or more; empty means one made at the first start.",
    )
    identity_secret: SecretStr = Field(
        SecretStr(""),
        description="Shared with the shop's server, which signs its customers' identity; empty means one made.",
    )
    demo: bool = Field(
        True,
        description="Serve the demo shop page; its sign-in lets anyone in as any demo customer. Must be set to true or "
        "false where YINGDA_HOST is not this machine alone; turn off in production.",
    )
    allowed_origins: str = Field(
        "", description="Web origins whose pages may embed the widget, separated by commas, e.g. https://shop.example."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    messages_per_minute: int = Field(30, ge=1, le=6000, description="Messages one participant may send a minute.")
    sessions_per_minute: int = Field(60, ge=1, le=60000, description="New visitors one address may open a minute.")
    turn_timeout: float = Field(
        15.0, gt=0, le=300, description="Seconds a turn may take before the customer gets an apology and a human."
    )
    action_server_url: str = Field(
        "", description="A stock Rasa action server, e.g. http://127.0.0.1:5055/webhook; empty runs actions in process."
    )

    class Config:
        allow_mutation = False
        extra = "forbid"

    @validator("host")
    def _named_host(cls, value: str) -> str:
        if not value or value != value.strip() or "/" in value:
            raise ValueError("expected an address or a host name, without a port")
        return value

    @validator("secret_key", "identity_secret")
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < 32:
            raise ValueError("expected 32 characters or more, or nothing; make one with: openssl rand -hex 32")
        return value

    @validator("database_url", "shop_database_url")
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg2://")):
            raise ValueError("expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME")
        return value

    @validator("action_server_url")
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("expected an http:// or https:// address, or nothing")
        return value

    @validator("allowed_origins")
    def _origins(cls, value: str) -> str:
        for origin in filter(None, (part.strip() for part in value.split(","))):
            scheme, _, rest = origin.partition("://")
            if scheme not in ("http", "https") or not rest or "/" in rest or "*" in rest:
                raise ValueError(f"expected origins like https://shop.example without a path, got {origin!r}")
        return value

    def __repr_args__(self):
        return [(name, _without_password(value) if isinstance(value, str) else value) for name, value in self]

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(filter(None, (part.strip() for part in self.allowed_origins.split(","))))

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'yingda.db').absolute()}"

    @property
    def shop_database(self) -> str:
        return self.shop_database_url or f"sqlite:///{(self.data_dir / 'shop.db').absolute()}"

    @property
    def logs_dir(self) -> Path:
        return self.data_dir / "logs"

    @property
    def run_dir(self) -> Path:
        """Folder of the workers' sockets; a short one elsewhere where the data folder's path is too long for them."""
        wanted = (self.data_dir / "run").absolute()
        if len(os.fsencode(wanted / "worker-63.sock")) <= LONGEST_SOCKET_PATH:
            return wanted
        name = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"yingda-{name}"

    def worker_socket(self, index: int) -> Path:
        return self.run_dir / f"worker-{index}.sock"

    @property
    def worker_sockets(self) -> list[Path]:
        return [self.worker_socket(index) for index in range(self.workers)]


def load_settings(environ: Mapping[str, str] | None = None, env_file: Path | str | None = Path(".env")) -> Settings:
    """Read the settings: the environment first, then `.env`, then the defaults.

    :raises SettingsError: naming the first unknown name or impossible value; also where the demo would be open to
        other machines only because nobody turned it off.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, str] = {}
    if env_file is not None and Path(env_file).is_file():
        for name, value in dotenv_values(env_file, interpolate=False).items():
            values[_field_name(name, f"in {env_file}")] = value or ""
    for name, value in environ.items():
        if name.startswith(PREFIX):
            values[_field_name(name, "in the environment")] = value
    try:
        settings = Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        shown = "(hidden)" if "secret" in name else _without_password(repr(values.get(name)))
        raise SettingsError(
            f"{PREFIX}{name.upper()}={shown} is not possible: {_without_password(first['msg'])}. "
            f"Expected: {Settings.__fields__[name].field_info.description}"
        ) from None
    if settings.demo and "demo" not in values and not _is_this_machine_alone(settings.host):
        raise SettingsError(
            f"YINGDA_HOST={settings.host!r} can be reached from other machines, and the demo is on by default: its "
            "sign-in lets anyone in as any demo customer. Set YINGDA_DEMO=false, or YINGDA_DEMO=true if that is meant, "
            "or YINGDA_HOST=127.0.0.1"
        )
    return settings


def _is_this_machine_alone(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # another name: whatever it means today, tomorrow it may be another address
        return False


def _without_password(text: str) -> str:
    """Return the text with the password of each URL in it hidden."""
    return re.sub(r"(://[^/@:\s]*):[^/@\s]+@", r"\1:(hidden)@", text)


def _field_name(name: str, where: str) -> str:
    field = name[len(PREFIX) :].lower()
    known = [each.upper() for each in Settings.__fields__]
    if name.startswith(PREFIX) and field.upper() == name[len(PREFIX) :] and field.upper() in known:
        return field
    # Compared without the prefix: it alone would make any name look like one of ours.
    close = difflib.get_close_matches(name.upper().removeprefix(PREFIX), known, n=1)
    hint = f"did you mean {PREFIX}{close[0]}?" if close else "the settings are listed in README.md."
    raise SettingsError(f"{name} {where} is not a setting of Yingda; {hint}")
