"""Where a digest's links into Kibana lead: the same articles, by the same window and judgement."""

from datetime import datetime, timedelta

from dashboards.kibana.conditions import section_filters
from dashboards.kibana.links import articles_link, dashboard_link
from pipeline.records import Digest, SectionId

LAST_INSTANT = timedelta(milliseconds=1)
"""Kibana's time range includes its end, an edition's window does not; both count milliseconds."""


def edition_link(digest: Digest) -> str:
    """Return the address of the dashboard over the edition's window; empty when the edition has no links."""
    return dashboard_link(digest.kibana_url, *_span(digest)) if digest.kibana_url else ""


def section_link(digest: Digest, section: SectionId) -> str:
    """Return the address of the articles that fit a section, also those that another section owns; or empty."""
    filters = section_filters(section, digest.language)
    return articles_link(digest.kibana_url, *_span(digest), filters) if digest.kibana_url and filters else ""


def _span(digest: Digest) -> tuple[datetime, datetime]:
    return digest.window_from_at, digest.window_to_at - LAST_INSTANT
