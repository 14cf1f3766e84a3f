"""What holds for every address: the document, the headers, the error shape, the light start."""

import subprocess
import sys

import pytest

from storage import messages
from tests.gateway.running import error_of


def test_the_document_lists_every_address_with_the_error_shape(gateway):
    document = gateway.client.get("/api/v1/openapi.json").json()
    public = {path for path in document["paths"] if path.startswith("/api/")}
    assert public == {
        "/api/v1/sessions",
        "/api/v1/sessions/identify",
        "/api/v1/sessions/me",
        "/api/v1/conversations",
        "/api/v1/conversations/{conversation_id}/messages",
        "/api/v1/conversations/{conversation_id}/messages/{message_id}/rating",
        "/api/v1/conversations/{conversation_id}/rating",
        "/api/v1/articles/{entry_id}",
    }
    for path in public:
        for method, operation in document["paths"][path].items():
            for status in ("401", "404", "422", "429", "500"):
                schema = operation["responses"][status]["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/ErrorBody"}, (path, method, status)
    assert set(document["components"]["schemas"]["ErrorDetail"]["required"]) == {"code", "message", "request_id"}
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_security_headers(gateway):
    for answer in (
        gateway.client.get("/healthz"),
        gateway.client.get("/nothing"),
        gateway.client.post("/api/v1/sessions"),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-request-id"]


def test_a_request_id_is_kept_when_it_is_harmless(gateway):
    answer = gateway.client.get("/nothing", headers={"X-Request-Id": "abc-12345678"})
    assert error_of(answer, 404, "not_found")["request_id"] == answer.headers["x-request-id"] == "abc-12345678"
    answer = gateway.client.get("/nothing", headers={"X-Request-Id": "<script>alert(1)"})
    assert "<" not in error_of(answer, 404, "not_found")["request_id"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_wrong_methods(gateway, method):
    error_of(gateway.client.request(method, "/api/v1/sessions"), 405, "method_not_allowed")


def test_too_large_a_body(gateway):
    def pieces():
        for _ in range(40):
            yield b" " * 1024

    headers = {"Content-Type": "application/json"}
    for content in (b" " * 20_000, pieces()):
        error_of(gateway.client.post("/api/v1/sessions", content=content, headers=headers), 413, "body_too_large")


def test_an_unexpected_error_tells_nothing(visitor, monkeypatch, caplog):
    def broken(*arguments, **named):
        raise RuntimeError("SELECT 我的电话13800138000")

    monkeypatch.setattr(messages, "page_for", broken)
    answer = visitor.get(f"{visitor.path}/messages")
    error = error_of(answer, 500, "internal")
    assert "13800138000" not in answer.text and "SELECT" not in answer.text
    assert error["request_id"] in caplog.text and "RuntimeError at broken" in caplog.text
    assert "13800138000" not in caplog.text


def test_other_origins(start_gateway):
    client = start_gateway(allowed_origins=("https://shop.example",)).client
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    allowed = client.options("/api/v1/sessions", headers={"Origin": "https://shop.example", **ask})
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    refused = client.options("/api/v1/sessions", headers={"Origin": "https://evil.example", **ask})
    assert "access-control-allow-origin" not in refused.headers
    error = client.get("/api/v1/sessions/me", headers={"Origin": "https://shop.example"})
    error_of(error, 401, "token_missing")
    assert error.headers["access-control-allow-origin"] == "https://shop.example"


def test_nothing_heavy_is_imported():
    program = (
        "import sys, bot.gateway.app, analytics.profiles, nlu_data.privacy;"
        "print([m for m in ('tensorflow', 'torch', 'rasa', 'faiss', 'sentence_transformers') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"
