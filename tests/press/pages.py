"""What an outlet's web site answers to a path: its feed or sitemap or section page, its articles, and 404."""

import gzip
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.press.exchange import Reply
from tests.press.site import Article, Listing, Outlet, Site

TEMPLATES = Path(__file__).parent / "templates"
CHROME = Path(__file__).parent / "content" / "chrome.yaml"
ENDPOINTS: dict[Listing, str] = {
    "rss": "/rss/home.rss",
    "atom": "/atom.xml",
    "news_sitemap": "/sitemap-news-index.xml",
    "section": "/thoi-su",
}
SECTION_LINKS = "main h3.headline > a"
"""CSS selector of the article links on every section page here."""
MOBILE = "/m"
"""Prefix of the mobile twin of an article: the same page at another address."""
WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An article as one template sees it, at one stage."""

    article: Article
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    published_at: datetime
    """In the outlet's zone."""
    updated_at: datetime
    url: str
    listed: tuple[str, ...]
    """The addresses that feeds give."""
    gone: bool
    """Taken down, though still listed."""


def endpoint(outlet: Outlet) -> str:
    """Return the path that a crawler polls."""
    return ENDPOINTS[outlet.listing]


def amp_path(path: str) -> str:
    """Return the path of an article's AMP twin: ``/a.html`` has ``/a.amp.html``, ``/a`` has ``/a/amp``."""
    return f"{path.removesuffix('.html')}.amp.html" if path.endswith(".html") else f"{path}/amp"


def render(site: Site, outlet: Outlet, path: str, *, stage: int, root: str) -> Reply:
    """Return the true reply to ``path``; ``root`` is the outlet's address without a slash at the end."""
    shown = [_shown(article, outlet, stage=stage, root=root) for article in site.published(outlet.id, stage)]
    known: dict[str, Callable[[], Reply]] = {
        "/": lambda: _page("front.html.j2", outlet=outlet, root=root, shown=shown),
        "/robots.txt": lambda: _robots(outlet),
        endpoint(outlet): lambda: _listing(outlet, shown, root),
    }
    if path in known:
        return known[path]()
    if outlet.listing == "news_sitemap" and path.startswith("/sitemaps/"):
        return _child_sitemap(outlet, shown, path, root)
    return _article(outlet, shown, path, root)


def _article(outlet: Outlet, shown: list[Shown], path: str, root: str) -> Reply:
    for item in shown:
        if path in (item.article.path, f"{MOBILE}{item.article.path}", amp := amp_path(item.article.path)):
            if item.gone:
                return Reply(status=410, headers={"Content-Type": HTML}, body="<title>Đã gỡ bài</title>".encode())
            related = [other for other in shown if other is not item][:4]
            layout = "amp" if path == amp else outlet.layout
            return _page(f"{layout}.html.j2", outlet=outlet, root=root, item=item, related=related)
    return Reply(status=404, headers={"Content-Type": HTML}, body="<title>Không tìm thấy</title>".encode())


def _listing(outlet: Outlet, shown: list[Shown], root: str) -> Reply:
    if outlet.listing == "rss":
        return _xml("feed.rss.j2", "application/rss+xml; charset=utf-8", outlet=outlet, root=root, shown=shown)
    if outlet.listing == "atom":
        return _xml("feed.atom.j2", "application/atom+xml; charset=utf-8", outlet=outlet, root=root, shown=shown)
    if outlet.listing == "news_sitemap":
        days = [(day, max(item.updated_at for item in items)) for day, items in _by_day(shown)]
        return _xml("sitemap_index.xml.j2", "application/xml; charset=utf-8", root=root, days=days)
    return _page("section.html.j2", outlet=outlet, root=root, shown=shown)


def _child_sitemap(outlet: Outlet, shown: list[Shown], path: str, root: str) -> Reply:
    for day, items in _by_day(shown):
        if path == f"/sitemaps/news-{day}.xml.gz":
            reply = _xml("sitemap.xml.j2", "application/gzip", outlet=outlet, root=root, shown=items)
            return Reply(headers=reply.headers, body=gzip.compress(reply.body, mtime=0))
    return Reply(status=404, headers={"Content-Type": HTML})


def _robots(outlet: Outlet) -> Reply:
    if not outlet.robots:
        return Reply(status=404, headers={"Content-Type": HTML})
    return Reply(headers={"Content-Type": "text/plain; charset=utf-8"}, body=outlet.robots.encode())


def _by_day(shown: Iterable[Shown]) -> list[tuple[str, list[Shown]]]:
    return [(day, list(items)) for day, items in groupby(shown, key=lambda item: item.published_at.date().isoformat())]


def _shown(article: Article, outlet: Outlet, *, stage: int, root: str) -> Shown:
    zone = ZoneInfo(outlet.timezone)
    title, lead, paragraphs, updated_at = article.at_stage(stage)
    return Shown(
        article=article,
        title=title,
        lead=lead,
        paragraphs=paragraphs,
        published_at=article.published_at.astimezone(zone),
        updated_at=updated_at.astimezone(zone),
        url=f"{root}{article.path}",
        listed=tuple(f"{root}{path}" for path in article.listed_as or (article.path,)),
        gone=article.gone_from is not None and article.gone_from <= stage,
    )


@lru_cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["rfc822"] = format_datetime
    environment.filters["iso"] = lambda instant: instant.isoformat(timespec="seconds")
    environment.filters["spoken"] = lambda at: f"{WEEKDAYS[at.weekday()]}, {at:%d/%m/%Y %H:%M} GMT{at:%z}"[:-2]
    environment.globals.update(labels=_chrome, endpoint=endpoint, news_article=_news_article)
    return environment


@lru_cache
def _all_chrome() -> dict[str, dict[str, Any]]:
    words: dict[str, dict[str, Any]] = yaml.safe_load(CHROME.read_text(encoding="utf-8"))
    return words


def _chrome(outlet: Outlet) -> dict[str, Any]:
    return _all_chrome()[outlet.language]


def _news_article(outlet: Outlet, item: Shown) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": item.title,
        "description": item.lead,
        "mainEntityOfPage": item.url,
        "datePublished": item.published_at.isoformat(timespec="seconds"),
        "dateModified": item.updated_at.isoformat(timespec="seconds"),
        "author": {"@type": "Person", "name": item.article.author},
        "publisher": {"@type": "Organization", "name": outlet.name},
        "articleSection": item.article.section,
        "isAccessibleForFree": not item.article.paywalled,
    }


def _page(template: str, **values: object) -> Reply:
    return Reply(headers={"Content-Type": HTML}, body=_templates().get_template(template).render(**values).encode())


def _xml(template: str, content_type: str, **values: object) -> Reply:
    text = _templates().get_template(template).render(**values)
    return Reply(headers={"Content-Type": content_type}, body=text.encode())
