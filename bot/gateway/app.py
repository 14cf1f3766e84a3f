"""The gateway's FastAPI app: parts made, routes listed, nothing decided."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.cors import CORSMiddleware

from bot.gateway import (
    articles,
    conversations,
    demo,
    errors,
    health,
    messages,
    ratings,
    sessions,
    stream,
)
from bot.gateway.buttons import Buttons
from bot.gateway.config import GatewayConfig
from bot.gateway.context import Gateway
from bot.gateway.dispatch import Dispatcher, Profiles
from bot.gateway.errors import ErrorBody
from bot.gateway.guard import Guard
from bot.gateway.hub import Hub
from bot.gateway.identity import Identity
from bot.gateway.limits import Limit
from bot.gateway.metrics import Metrics
from bot.gateway.transactions import Transactions
from bot.gateway.workers import Workers

_DESCRIPTION = """Customers talk to Yingda through this API. Every answer that is not a success has the one error shape
(`ErrorBody`). Messages are accepted with 202 once they are committed; replies come over the WebSocket
`/api/v1/conversations/{conversation_id}/stream` or with the next read."""
_ERROR_STATUSES = (400, 401, 403, 404, 405, 413, 415, 422, 429, 500, 503)
_ERRORS: dict[int | str, dict[str, Any]] = {status: {"model": ErrorBody} for status in _ERROR_STATUSES}


def create_app(
    config: GatewayConfig,
    *,
    profiles: Profiles | None = None,
    mask: Callable[[str], str] | None = None,
    demo_customers: Callable[[], Sequence[Mapping[str, Any]]] | None = None,
    clock: Callable[[], float] = time.time,
) -> FastAPI:
    """Return the app for one process; the database must have been migrated (`storage.migration.migrate`).

    :param profiles: analytics.profiles, or something with the same functions.
    :param mask: hides personal data before a text reaches the teach queue; nlu_data.privacy.mask.
    :param demo_customers: customers ({"id", "name", …}) that the demo page may log in as; called for each request.
    :param clock: UTC epoch seconds.
    """
    if profiles is None:
        from analytics import profiles
    if mask is None:
        from nlu_data.privacy import mask

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Semaphores, clients and tasks belong to the running event loop, so they are made here.
        gateway = _gateway(config, profiles, mask, demo_customers or (lambda: ()), clock)
        app.state.gateway = gateway
        await gateway.dispatcher.start()
        try:
            yield
        finally:
            gateway.hub.close()
            await gateway.dispatcher.stop()
            await gateway.workers.close()
            gateway.transactions.close()

    app = FastAPI(
        title="Yingda 应答",
        version="1",
        description=_DESCRIPTION,
        lifespan=lifespan,
        openapi_url="/api/v1/openapi.json",
        # Their pages load scripts from elsewhere, which a self-hosted product should not.
        docs_url=None,
        redoc_url=None,
    )
    errors.install(app)
    app.include_router(_api(), prefix="/api/v1", responses=_ERRORS)
    app.include_router(stream.router, prefix="/api/v1")
    app.include_router(articles.page)
    app.include_router(health.router, responses={503: {"model": ErrorBody}, 500: {"model": ErrorBody}})
    _add_pages(app, config)
    app.add_middleware(Guard, max_body_bytes=config.max_body_bytes)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=config.allowed_origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "X-Request-Id"],
        expose_headers=["Retry-After", "X-Request-Id"],
    )
    return app


def _api() -> APIRouter:
    api = APIRouter()
    for part in (sessions.router, conversations.router, messages.router, ratings.router, articles.api):
        api.include_router(part)
    return api


def _add_pages(app: FastAPI, config: GatewayConfig) -> None:
    if config.web_dir is not None:
        widget = config.web_dir / "yingda-widget.js"

        @app.get("/widget/yingda-widget.js", include_in_schema=False)
        async def widget_script() -> FileResponse:
            return FileResponse(widget, media_type="text/javascript")

    if config.demo:
        app.include_router(demo.router, responses=_ERRORS)

        @app.get("/", include_in_schema=False)
        async def start_page() -> RedirectResponse:
            return RedirectResponse("/demo/")

        if config.web_dir is not None:
            app.mount("/demo", StaticFiles(directory=config.web_dir / "demo", html=True, check_dir=False))


def _gateway(
    config: GatewayConfig,
    profiles: Profiles,
    mask: Callable[[str], str],
    demo_customers: Callable[[], Sequence[Mapping[str, Any]]],
    clock: Callable[[], float],
) -> Gateway:
    metrics = Metrics()
    transactions = Transactions(config.database_url)
    hub = Hub(
        max_connections=config.max_connections,
        max_per_conversation=config.max_connections_per_conversation,
        metrics=metrics,
    )
    workers = Workers(
        config.worker_sockets, turn_timeout_s=config.turn_timeout_s, turns_per_worker=config.turns_per_worker
    )

    def limit(what: str, per_minute: int) -> Limit:
        return Limit(what, per_minute=per_minute, clock=time.monotonic)

    return Gateway(
        config=config,
        clock=clock,
        transactions=transactions,
        identity=Identity(
            secret_key=config.secret_key,
            identity_secret=config.identity_secret,
            visitor_seconds=config.visitor_token_days * 86_400,
            customer_seconds=config.customer_token_hours * 3_600,
            clock=clock,
        ),
        buttons=Buttons(secret_key=config.secret_key, seconds=config.button_hours * 3_600, clock=clock),
        hub=hub,
        workers=workers,
        dispatcher=Dispatcher(
            config,
            transactions=transactions,
            workers=workers,
            hub=hub,
            metrics=metrics,
            profiles=profiles,
            mask=mask,
            clock=clock,
        ),
        metrics=metrics,
        profiles=profiles,
        mask=mask,
        demo_customers=demo_customers,
        messages_limit=limit("messages", config.messages_per_minute),
        address_limit=limit("messages", config.messages_per_minute_per_address),
        sessions_limit=limit("sessions", config.sessions_per_minute_per_address),
    )
