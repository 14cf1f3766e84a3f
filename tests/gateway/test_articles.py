import pytest

from storage import knowledge
from storage.knowledge import KnowledgeDraft
from tests.gateway.running import error_of

BODY = """## 条件

签收后 **7 天**内，<script>alert(1)</script> 商品完好。

| 情形 | 运费 |
| --- | --- |
| 质量问题 | 商家 |

[入口](https://example.com/a) [坏](javascript:alert(1)) ![图](https://tracker.example/x.png)
"""


@pytest.fixture
def articles(gateway):
    draft = {"kind": "article", "body": BODY, "tags": ("售后",)}
    with gateway.database() as conn:
        now = gateway.clock()
        knowledge.publish(
            conn,
            [
                KnowledgeDraft(id="returns", title="退货 <规则>", **draft),
                KnowledgeDraft(id="future", title="还没到", valid_from=now + 3600, **draft),
                KnowledgeDraft(id="past", title="过期", valid_until=now - 1, **draft),
                KnowledgeDraft(id="gone", title="删除", **draft),
            ],
            source="test",
            now=now,
        )
        knowledge.retire(conn, ["gone"], now=now)


def test_as_json(gateway, articles):
    article = gateway.client.get("/api/v1/articles/returns").json()
    assert article["title"] == "退货 <规则>" and article["body"] == BODY and article["tags"] == ["售后"]
    assert article["revision"] == 1


def test_as_a_page(gateway, articles):
    answer = gateway.client.get("/articles/returns")
    page = answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "<h1>退货 &lt;规则&gt;</h1>" in page and "<strong>7 天</strong>" in page and "<td>质量问题</td>" in page
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert 'href="javascript:' not in page and "<img" not in page
    assert 'href="https://example.com/a"' in page


@pytest.mark.parametrize("entry_id", ["nothing", "future", "past", "gone", "'; DROP TABLE x", "<script>"])
def test_what_is_not_valid_now_is_unknown(gateway, articles, entry_id):
    error_of(gateway.client.get(f"/api/v1/articles/{entry_id}"), 404, "unknown_article")
    answer = gateway.client.get(f"/articles/{entry_id}")
    error_of(answer, 404, "unknown_article")
