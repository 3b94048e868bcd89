"""What a press publishes: outlets, articles, and how both change from one stage to the next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.records import Relevance, SourceKind, Tone
from tests.press.faults import Fault

Layout = Literal["json_ld", "open_graph", "meta_time", "microdata"]
Listing = Literal["rss", "atom", "news_sitemap", "section"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a careful reader would say an article tells about one unit."""

    unit: str
    """Slug of the unit as named."""
    relevance: Relevance
    tone: Tone | None = None
    """Toward the unit; None for a mention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The second version of an article."""

    stage: int
    """From this stage on the article reads so."""
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of one outlet."""

    id: str
    """Unique in the site."""
    outlet_id: str
    path: str
    """Canonical path at its outlet."""
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    published_at: datetime
    author: str = ""
    section: str = ""
    stage: int = 1
    """Appears at this stage."""
    edit: Edit | None = None
    gone_from: int | None = None
    """Removed (410) from this stage on, though feeds still list it."""
    paywalled: bool = False
    """The page shows title and lead only."""
    listed_as: tuple[str, ...] = ()
    """Addresses under which feeds list it instead of the canonical one: AMP, mobile, tracking parameters."""
    labels: tuple[Label, ...] = ()
    bad_event: bool = False
    copy_of: str | None = None
    """Id of the article that it reprints."""

    def at_stage(self, stage: int) -> tuple[str, str, tuple[str, ...], datetime]:
        """Return title, lead, paragraphs and time of the last change as published at ``stage``."""
        if self.edit and stage >= self.edit.stage:
            return self.edit.title, self.edit.lead, self.edit.paragraphs, self.edit.updated_at
        return self.title, self.lead, self.paragraphs, self.published_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A fault that an outlet has from one stage on."""

    stage: int
    path: str
    """Shell pattern of the paths concerned, such as ``*`` or ``/rss/*``."""
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One invented outlet and the shape of its web site."""

    id: str
    name: str
    kind: SourceKind = "central"
    tier: int = 2
    country: str = "VN"
    language: str = "vi"
    timezone: str = "Asia/Ho_Chi_Minh"
    unit: str | None = None
    layout: Layout = "json_ld"
    listing: Listing = "rss"
    robots: str = ""
    """Text of /robots.txt; empty: 404."""
    ttl_min: int | None = None
    """The feed's own ``ttl``."""
    motto: str = ""
    address: str = ""
    """Printed in the footer of every page, outside the articles."""
    credit: str = ""
    """Boilerplate under every article."""
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """All that a `Press` serves."""

    outlets: tuple[Outlet, ...]
    articles: tuple[Article, ...]

    def outlet(self, outlet_id: str) -> Outlet:
        """Return the outlet. KeyError when there is none."""
        for outlet in self.outlets:
            if outlet.id == outlet_id:
                return outlet
        raise KeyError(outlet_id)

    def article(self, article_id: str) -> Article:
        """Return the article. KeyError when there is none."""
        for article in self.articles:
            if article.id == article_id:
                return article
        raise KeyError(article_id)

    def published(self, outlet_id: str, stage: int) -> Iterator[Article]:
        """Yield what the outlet has out at ``stage``, newest first."""
        shown = [article for article in self.articles if article.outlet_id == outlet_id and article.stage <= stage]
        yield from sorted(shown, key=lambda article: (article.published_at, article.id), reverse=True)
