"""What the gateway needs to know, read once and never changed."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

#: HS256 wants a key at least as long as its hash.
MIN_SECRET_LENGTH = 32


@dataclass(frozen=True)
class GatewayConfig:
    """Settings of one gateway process; secrets stay out of the repr.

    :raises ValueError: when a value is impossible; the message names the field and the remedy.
    """

    database_url: str
    #: Signs visitor tokens and encrypts button tokens; the same for every gateway of one installation.
    secret_key: str = field(repr=False)
    #: Shared with the shop's own server, which signs its customers' identities with it.
    identity_secret: str = field(repr=False)
    #: Unix sockets of the engine workers; conversations are spread over them by hash.
    worker_sockets: tuple[Path, ...]
    #: Serves the demo shop page and its stand-in for the shop's server. Never in production.
    demo: bool = False
    #: Folder with yingda-widget.js and demo/index.html, or None to serve neither.
    web_dir: Path | None = None
    #: Other origins whose pages may embed the widget, e.g. ("https://shop.example",). Same origin always may.
    allowed_origins: tuple[str, ...] = ()

    max_text_characters: int = 500
    max_body_bytes: int = 16 * 1024
    messages_per_minute: int = 30
    #: One address may be a whole office: wider than the limit per participant.
    messages_per_minute_per_address: int = 300
    sessions_per_minute_per_address: int = 20
    max_connections: int = 5_000
    max_connections_per_conversation: int = 10

    visitor_token_days: float = 30
    customer_token_hours: float = 12
    button_hours: float = 24

    turn_timeout_s: float = 15.0
    #: Attempts that reached a worker and brought no result, before the customer gets an apology and a human.
    max_attempts: int = 3
    #: How long a worker may be unreachable (starting, replaced) before the same happens.
    worker_patience_s: float = 120.0
    #: First pause between attempts; it doubles up to `retry_pause_max_s`.
    retry_pause_s: float = 0.2
    retry_pause_max_s: float = 5.0
    #: How often the gateway looks for owed turns that nobody sees to, such as those of a gateway that is gone.
    sweep_every_s: float = 5.0
    #: Turns that one worker is given at a time.
    turns_per_worker: int = 4
    #: Human agents' hours, as told to a customer who is handed over.
    service_hours: str = "每天 9:00–21:00"

    def __post_init__(self) -> None:
        for name in ("secret_key", "identity_secret"):
            secret = getattr(self, name)
            if len(secret.encode()) < MIN_SECRET_LENGTH:
                raise ValueError(
                    f"{name}: has {len(secret.encode())} bytes, expected at least {MIN_SECRET_LENGTH}; "
                    'make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
                )
        if self.secret_key == self.identity_secret:
            raise ValueError(
                "identity_secret: is the same as secret_key, expected a different one; "
                "the shop's server must not be able to sign the gateway's own tokens"
            )
        if not self.worker_sockets:
            raise ValueError("worker_sockets: is empty, expected the Unix socket of at least one engine worker")
        for origin in self.allowed_origins:
            parts = urlsplit(origin)
            if (
                parts.scheme not in ("http", "https")
                or not parts.netloc
                or origin != f"{parts.scheme}://{parts.netloc}"
            ):
                raise ValueError(
                    f"allowed_origins: {origin!r} is not an origin; expected scheme and host only, "
                    "e.g. https://shop.example (no path, no final slash, no *)"
                )
        for name in _POSITIVE:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}: {getattr(self, name)!r} is not possible, expected a number above 0")


_POSITIVE = (
    "max_text_characters",
    "max_body_bytes",
    "messages_per_minute",
    "messages_per_minute_per_address",
    "sessions_per_minute_per_address",
    "max_connections",
    "max_connections_per_conversation",
    "visitor_token_days",
    "customer_token_hours",
    "button_hours",
    "turn_timeout_s",
    "max_attempts",
    "worker_patience_s",
    "retry_pause_s",
    "retry_pause_max_s",
    "sweep_every_s",
    "turns_per_worker",
)
