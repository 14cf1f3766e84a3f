"""Serves the gateway: python -m bot.gateway."""

import os
from pathlib import Path

import uvicorn

from bot.gateway.app import create_app
from bot.gateway.config import GatewayConfig
from bot.keys import load_keys
from bot.process_log import configure_log
from bot.settings import Settings, load_settings

WEB_DIR = Path(__file__).parent.parent / "web" / "dist"


def gateway_config(settings: Settings) -> GatewayConfig:
    """Return the gateway's part of the settings."""
    keys = load_keys(settings)
    return GatewayConfig(
        database_url=settings.database,
        secret_key=keys.secret_key,
        identity_secret=keys.identity_secret,
        worker_sockets=tuple(settings.worker_sockets),
        demo=settings.demo,
        web_dir=WEB_DIR,
        allowed_origins=settings.origins,
        messages_per_minute=settings.messages_per_minute,
        sessions_per_minute_per_address=settings.sessions_per_minute,
        turn_timeout_s=settings.turn_timeout,
    )


def demo_customers(settings: Settings):
    """Return a function that lists the sample shop's customers, as the demo page's sign-in shows them."""
    from actions.shop import EmbeddedShop
    from storage.database import open_database

    shop = EmbeddedShop(open_database(settings.shop_database))
    return lambda: [{"id": each.id, "name": each.name, "level": each.level} for each in shop.customers()]


def main() -> None:
    """Serve until told to stop. Databases and keys that it makes are readable by this user only."""
    os.umask(0o077)
    settings = load_settings()
    configure_log(settings.log_level)
    app = create_app(gateway_config(settings), demo_customers=demo_customers(settings) if settings.demo else None)
    # wsproto: Rasa holds websockets at 10.4, which this uvicorn's other implementation cannot import.
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        ws="wsproto",
        # The gateway refuses frames over 16 KiB itself; this keeps larger ones from being buffered first.
        ws_max_size=65_536,
        log_level="warning",
        # uvicorn's own formatter would print the text of exceptions (bot.process_log).
        log_config=None,
        access_log=False,
        # The widget reconnects by itself; waiting longer for open WebSockets would only delay the stop.
        timeout_graceful_shutdown=5,
        server_header=False,
    )


if __name__ == "__main__":
    main()
