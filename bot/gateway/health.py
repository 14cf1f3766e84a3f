"""Is it alive, is it ready, how does it do?"""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from bot.gateway.context import InGateway
from bot.gateway.errors import Unavailable
from storage import inbox

router = APIRouter(tags=["operation"])


@router.get("/healthz")
async def alive() -> dict:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def ready(request: Request, gateway: InGateway) -> Response:
    """The database answers and every worker is ready to take turns; otherwise 503 with the one that is not."""
    await gateway.transactions.read(inbox.backlog)
    workers = await gateway.workers.health()
    if all(worker["ready"] for worker in workers):
        return JSONResponse({"status": "ready", "workers": workers})
    error = Unavailable(
        "not_ready",
        "Not every worker is ready.",
        key="workers",
        value=", ".join(worker["worker"] for worker in workers if not worker["ready"]),
        remedy="wait: a worker loads its model for some seconds after the start",
    )
    body = {"error": error.detail(request.state.request_id), "workers": workers}
    return JSONResponse(body, status_code=error.status)


@router.get("/metrics")
async def metrics(gateway: InGateway) -> Response:
    """Counters in Prometheus' text format."""
    pending, oldest = await gateway.transactions.read(inbox.backlog)
    gateway.metrics.backlog.set(pending)
    gateway.metrics.backlog_age.set(0.0 if oldest is None else max(0.0, gateway.clock() - oldest))
    return Response(gateway.metrics.text(), media_type=gateway.metrics.content_type)
