"""A worker for the gateway's tests: a real server on a Unix socket that keeps the contract, and can misbehave.

Like the real one it stores each result under its message id and returns the stored one when asked again. Its store
outlives `stop()`, as the real one's database does.
"""

import asyncio
import threading
from collections import Counter
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response


class WorkerStandIn:
    """Answers "回声：TEXT"; what a text makes it do beside that stands in `behaviours`."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.requests: list[dict] = []  # every TurnRequest that arrived, in order
        self.runs: Counter[str] = Counter()  # message id → how often the turn was really run
        self.at_once: Counter[str] = Counter()  # conversation id → turns running now
        self.most_at_once = 0
        self.stored: dict[str, dict] = {}
        self.results: dict[str, dict] = {}  # text → parts of the TurnResult that differ from an echo
        self.behaviours: dict[str, list[str]] = {}  # text → one of die, die_after, hang, error, garbage, stranger …
        self.arrived = threading.Event()
        self.ready = True
        self.release = threading.Event()  # ends "hold"
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> "WorkerStandIn":
        app = FastAPI()
        app.post("/turn")(self._turn)
        app.get("/health")(self._health)
        config = uvicorn.Config(app, uds=str(self.socket), log_level="critical", lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
        return self

    def stop(self) -> None:
        """Cut every connection and go, as a killed process does."""
        self._server.force_exit = self._server.should_exit = True
        self._thread.join()
        self.socket.unlink(missing_ok=True)

    async def _health(self) -> dict:
        return {"ready": self.ready, "model": "stand-in"}

    async def _turn(self, request: Request) -> Response:
        turn = await request.json()
        self.requests.append(turn)
        conversation, message, text = turn["conversation_id"], turn["message_id"], turn["text"]
        self.at_once[conversation] += 1
        self.most_at_once = max(self.most_at_once, self.at_once[conversation])
        self.arrived.set()
        try:
            behaviours = self.behaviours.get(text, [])
            behaviour = behaviours.pop(0) if behaviours else "answer"
            if behaviour == "die":
                await self._die()
            if behaviour == "hang":
                await asyncio.sleep(3600)
            if behaviour == "hold":
                while not self.release.is_set():
                    await asyncio.sleep(0.005)
            if behaviour == "error":
                return JSONResponse({"error": "no"}, status_code=500)
            if behaviour == "not_ready":
                return JSONResponse({"error": "loading"}, status_code=503)
            if behaviour == "garbage":
                return Response(b'{"replies": [}', media_type="application/json")
            if message not in self.stored:
                self.runs[message] += 1
                self.stored[message] = self._result(turn)
            if behaviour == "die_after":
                await self._die()
            if behaviour == "stranger":
                return JSONResponse({**self.stored[message], "message_id": "m_another"})
            return JSONResponse(self.stored[message])
        finally:
            self.at_once[conversation] -= 1

    async def _die(self) -> None:
        self._server.force_exit = self._server.should_exit = True
        await asyncio.sleep(3600)

    def _result(self, turn: dict) -> dict:
        return {
            "message_id": turn["message_id"],
            "conversation_id": turn["conversation_id"],
            "replies": [reply(f"回声：{turn['text']}")],
            "intent": {"name": "greet", "confidence": 0.9},
            "entities": [],
            "insight": {
                "sentiment": {"label": "neutral", "negative": 0.1, "neutral": 0.8, "positive": 0.1},
                "frustration": 0.05,
                "behaviour": {"messages": 1},
            },
            "handoff": None,
            "unknown": None,
            "model": "stand-in",
            "elapsed_ms": 1.0,
            **self.results.get(turn["text"], {}),
        }


def reply(text: str, **parts) -> dict:
    """One reply of a TurnResult."""
    return {"text": text, "buttons": [], "sources": [], "custom": None, "answer_kind": "template", **parts}
