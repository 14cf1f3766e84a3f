from pathlib import Path

import pytest

from bot.gateway.config import GatewayConfig

GOOD = {
    "database_url": "sqlite:///x.sqlite3",
    "secret_key": "a" * 32,
    "identity_secret": "b" * 32,
    "worker_sockets": (Path("/run/worker-0.sock"),),
}


def test_secrets_are_not_shown():
    shown = repr(GatewayConfig(**GOOD))
    assert "a" * 32 not in shown and "b" * 32 not in shown


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"secret_key": "short"}, "secret_key"),
        ({"identity_secret": ""}, "identity_secret"),
        ({"identity_secret": "a" * 32}, "identity_secret"),
        ({"worker_sockets": ()}, "worker_sockets"),
        ({"allowed_origins": ("*",)}, "allowed_origins"),
        ({"allowed_origins": ("https://shop.example/",)}, "allowed_origins"),
        ({"allowed_origins": ("shop.example",)}, "allowed_origins"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"turn_timeout_s": -1}, "turn_timeout_s"),
        ({"sweep_every_s": 0}, "sweep_every_s"),
    ],
)
def test_impossible_values_are_named(change, names):
    with pytest.raises(ValueError, match=names):
        GatewayConfig(**{**GOOD, **change})
