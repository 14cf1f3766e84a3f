"""Articles: what a source link leads to, as JSON and as a page to read."""

import html
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from markdown_it import MarkdownIt
from pydantic import BaseModel

from bot.gateway.context import Gateway, InGateway
from bot.gateway.errors import NotFound
from bot.gateway.views import iso
from storage import knowledge
from storage.knowledge import KnowledgeEntry

api = APIRouter(prefix="/articles", tags=["articles"])
page = APIRouter(prefix="/articles", tags=["articles"], include_in_schema=False)

# "js-default" switches raw HTML off: tags in an article are shown as text. Pictures from elsewhere would tell a third
# party who reads what.
_markdown = MarkdownIt("js-default", {"linkify": False}).disable("image")

_STYLE = """
body{font:17px/1.75 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;margin:0;color:#1f2328;
background:#f6f7f8}main{max-width:44rem;margin:0 auto;padding:2rem 1.25rem 4rem;background:#fff;min-height:100vh;
box-sizing:border-box}h1{font-size:1.6rem;line-height:1.35}h2{font-size:1.2rem;margin-top:2rem}
table{border-collapse:collapse;display:block;overflow-x:auto}td,th{border:1px solid #d0d7de;padding:.4rem .7rem;
text-align:left}footer{margin-top:3rem;color:#656d76;font-size:.85rem}a{color:#0a58ca}
@media (prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}main{background:#161b22}a{color:#79b8ff}
td,th{border-color:#30363d}footer{color:#9198a1}}
"""


class ArticleOut(BaseModel):
    """A knowledge entry that is valid now; `body` is Markdown."""

    id: str
    kind: str
    title: str
    body: str
    tags: list[str]
    language: str
    revision: int
    updated_at: str


@api.get("/{entry_id}", response_model=ArticleOut)
async def read_article(entry_id: str, gateway: InGateway) -> dict[str, Any]:
    """Return one entry of the knowledge."""
    entry = await _entry(gateway, entry_id)
    return {
        "id": entry.id,
        "kind": entry.kind,
        "title": entry.title,
        "body": entry.body,
        "tags": list(entry.tags),
        "language": entry.language,
        "revision": entry.revision,
        "updated_at": iso(entry.updated_at),
    }


@page.get("/{entry_id}", response_class=HTMLResponse)
async def show_article(entry_id: str, gateway: InGateway) -> HTMLResponse:
    """Return the entry as a page."""
    entry = await _entry(gateway, entry_id)
    title = html.escape(entry.title)
    language = "zh-CN" if entry.language == "zh" else html.escape(entry.language)
    updated = iso(entry.updated_at)[:10]
    footer = (
        f"更新于 {updated} · 第 {entry.revision} 版"
        if entry.language == "zh"
        else (f"Updated {updated} · revision {entry.revision}")
    )
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main><article><h1>{title}</h1>"
        f"{_markdown.render(entry.body)}</article><footer>{footer}</footer></main></body></html>"
    )


async def _entry(gateway: Gateway, entry_id: str) -> KnowledgeEntry:
    def valid_entry(conn: Any) -> KnowledgeEntry | None:
        if entry_id not in knowledge.valid_entries(conn, [entry_id], gateway.clock()):
            return None
        return knowledge.entry(conn, entry_id)

    entry = await gateway.transactions.read(valid_entry)
    if entry is None:
        raise NotFound("unknown_article", "There is no such article.", key="entry_id", value=entry_id)
    return entry
