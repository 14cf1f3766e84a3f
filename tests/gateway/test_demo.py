import pytest

from tests.gateway.running import CUSTOMERS, error_of


def test_customers_and_login(gateway):
    assert gateway.client.get("/demo/customers").json() == {"customers": CUSTOMERS}
    login = gateway.client.post("/demo/login", json={"customer_id": "1002"}).json()
    assert login["customer"] == CUSTOMERS[1]
    assert gateway.parts.identity.customer(login["identity_token"]).name == "周明"


def test_an_unknown_customer(gateway):
    error_of(gateway.client.post("/demo/login", json={"customer_id": "9"}), 404, "unknown_customer")


@pytest.mark.parametrize("body", [{}, {"customer_id": 1001}, {"customer_id": "1001", "name": "x"}])
def test_wrong_types(gateway, body):
    error_of(gateway.client.post("/demo/login", json=body), 422, "invalid_request")


def test_outside_demo_mode_there_is_no_demo(start_gateway):
    client = start_gateway(demo=False).client
    error_of(client.post("/demo/login", json={"customer_id": "1001"}), 404, "not_found")
    error_of(client.get("/demo/customers"), 404, "not_found")
    error_of(client.get("/"), 404, "not_found")


def test_pages_and_widget(start_gateway, tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "index.html").write_text("<!doctype html><title>云杉商城</title>", encoding="utf-8")
    (tmp_path / "yingda-widget.js").write_text("customElements", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    client = start_gateway(web_dir=tmp_path).client
    start = client.get("/")
    assert start.status_code == 307 and start.headers["location"] == "/demo/"
    page = client.get("/demo/")
    assert "云杉商城" in page.text and "script-src 'self'" in page.headers["content-security-policy"]
    script = client.get("/widget/yingda-widget.js")
    assert script.text == "customElements" and script.headers["content-type"].startswith("text/javascript")
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    error_of(client.get("/demo/nothing.js"), 404, "not_found")
    error_of(client.get("/demo/..%2fsecret.txt"), 404, "not_found")
