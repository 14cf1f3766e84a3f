from tests.gateway.running import check_error


def test_alive(gateway):
    assert gateway.client.get("/healthz").json() == {"status": "ok"}


def test_ready(gateway, worker):
    assert gateway.client.get("/readyz").json() == {
        "status": "ready",
        "workers": [{"worker": "worker-0", "ready": True, "model": "stand-in"}],
    }
    worker.ready = False
    loading = gateway.client.get("/readyz")
    assert loading.status_code == 503
    check_error(loading.json()["error"], "not_ready")
    worker.stop()
    assert gateway.client.get("/readyz").status_code == 503
    worker.start()


def test_metrics(visitor):
    visitor.ask("你好")
    visitor.send("你好", "auto-1")
    text = visitor.gateway.client.get("/metrics").text
    assert "yingda_messages_accepted_total 1.0" in text
    assert "yingda_messages_duplicate_total 1.0" in text
    assert 'yingda_replies_total{kind="template"} 1.0' in text
    assert 'yingda_turns_total{state="done"} 1.0' in text
    assert "yingda_inbox_pending 0.0" in text
