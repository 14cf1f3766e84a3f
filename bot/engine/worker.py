"""A worker process: one model, one event loop, turns over HTTP on a Unix socket that only this user can open."""

import asyncio
import logging
import os
import sys
from pathlib import Path

from bot.process_log import configure_log, silence_rasa_debug
from bot.settings import Settings, load_settings

logger = logging.getLogger(__name__)

#: Questions asked before the worker says it is ready: they build the index, trace TensorFlow, load jieba.
WARM_UP = ("你好", "多久发货？", "我的快递到哪了")


def limit_threads() -> None:
    """One thread per worker for numeric libraries: the workers together already fill the cores.

    Must run before numpy and TensorFlow are imported; they read these names once.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    for name in ("TF_INTRA_OP_PARALLELISM_THREADS", "TF_INTER_OP_PARALLELISM_THREADS"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")


def create_app(settings: Settings, model: Path):
    """Return the worker's ASGI application; the model is loaded when the application starts."""
    from fastapi import FastAPI

    from actions.shop import EmbeddedShop, use_shop
    from bot.engine.agent import load_agent
    from bot.engine.turn import TurnRequest, TurnRunner
    from storage.database import open_database

    app = FastAPI(title="Yingda engine worker", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.runner = None

    @app.on_event("startup")
    async def load() -> None:
        # Before Rasa says its first word: unconfigured, structlog prints every debug line with the customer's text.
        silence_rasa_debug()
        database = open_database(settings.database)
        # The settings' shop, also where it stands in `.env`, which actions.shop.current_shop does not read.
        use_shop(EmbeddedShop(open_database(settings.shop_database)))
        agent, store = load_agent(model, database=database, action_server_url=settings.action_server_url)
        for text in WARM_UP:
            await agent.parse_message(text)
        app.state.database = database
        app.state.runner = TurnRunner(agent, store, database)
        logger.info("worker %s ready with %s", os.getpid(), app.state.runner.model)

    @app.on_event("shutdown")
    async def close() -> None:
        app.state.database.dispose()

    @app.get("/health")
    async def health() -> dict:
        return {"ready": app.state.runner is not None, "model": app.state.runner.model, "pid": os.getpid()}

    @app.post("/turn")
    async def turn(request: TurnRequest) -> dict:
        # Shielded: a gateway that goes away must not cut a turn in two.
        return await asyncio.shield(asyncio.ensure_future(app.state.runner.run(request)))

    return app


def main(index: int) -> None:
    """Serve worker `index` until it is told to stop. What it writes is readable by this user only."""
    os.umask(0o077)
    limit_threads()
    settings = load_settings()
    configure_log(settings.log_level)
    import uvicorn

    from bot.training.models import current_model

    model = current_model(settings.model_dir)
    if model is None:
        sys.exit(f"no trained model in {settings.model_dir}; run: yingda train")
    socket = settings.worker_socket(index)
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket.parent.chmod(0o700)
    # In a folder that only this user enters, so that no other user of the machine can speak to the worker.
    # log_config: uvicorn's own formatter would print the text of an exception that a turn ends with.
    uvicorn.run(
        create_app(settings, model), uds=str(socket), log_level="warning", log_config=None, lifespan="on", ws="none"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
