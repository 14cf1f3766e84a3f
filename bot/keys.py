"""The installation's two signing keys: taken from the settings, or made once and kept in the data folder."""

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings import Settings, SettingsError

#: Characters; the same as for keys that are set (bot.settings).
SHORTEST_KEY = 32


@dataclass(frozen=True)
class Keys:
    """Keys as text; they never show in a repr or a log."""

    secret_key: str = field(repr=False)  # signs visitors' sessions, encrypts button payloads
    identity_secret: str = field(repr=False)  # shared with the shop's server, which signs who its customers are


def load_keys(settings: Settings) -> Keys:
    """Return both keys; those that are not set are made and stored, readable by this user only.

    :raises SettingsError: when the stored file cannot be read as keys.
    """
    secret_key = settings.secret_key.get_secret_value()
    identity_secret = settings.identity_secret.get_secret_value()
    if secret_key and identity_secret:
        return Keys(secret_key, identity_secret)
    stored = _stored(settings.data_dir / "keys.json")
    return Keys(secret_key or stored["secret_key"], identity_secret or stored["identity_secret"])


def _stored(path: Path) -> dict[str, str]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    made = {"secret_key": secrets.token_hex(32), "identity_secret": secrets.token_hex(32)}
    try:
        # link(2) fails where the file exists: of two processes that start at once, both read the first one's keys.
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(made, file)
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)
    try:
        stored = json.loads(path.read_text())
        short = [name for name in made if not isinstance(stored[name], str) or len(stored[name]) < SHORTEST_KEY]
        if short:
            raise ValueError(f"{' and '.join(short)}: expected text of {SHORTEST_KEY} characters or more")
        return {name: stored[name] for name in made}
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"{path} does not hold the two signing keys ({error!r}); restore it from a backup, or delete it to make "
            "new keys: every visitor then starts a new session"
        ) from None
