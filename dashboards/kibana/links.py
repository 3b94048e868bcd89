"""Links from a digest or an alert into Kibana, with the time range and the filters of what was said.

Kibana keeps a page's state in its address as Rison (a JSON that survives in addresses): ``_g`` is what all pages share,
``_a`` what one page shows.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import rison

from dashboards.kibana.dashboard import DASHBOARD
from dashboards.kibana.data_view import DATA_VIEW, TIME_FIELD
from dashboards.kibana.filters import MATCH_ALL, Filter
from dashboards.kibana.searches import LISTED


def dashboard_link(kibana_url: str, from_at: datetime, to_at: datetime, filters: Sequence[Filter] = ()) -> str:
    """Return the address of the dashboard over [from, to); filters hold for the whole page."""
    page = {"filters": _pills(filters), "query": MATCH_ALL} if filters else None
    return _address(kibana_url, f"dashboards#/view/{DASHBOARD}", from_at, to_at, page)


def articles_link(kibana_url: str, from_at: datetime, to_at: datetime, filters: Sequence[Filter] = ()) -> str:
    """Return the address of the list of articles in [from, to) that fit every filter, newest first."""
    page = {
        "columns": list(LISTED),
        "dataSource": {"dataViewId": DATA_VIEW, "type": "dataView"},
        "filters": _pills(filters),
        "index": DATA_VIEW,
        "interval": "auto",
        "query": MATCH_ALL,
        "sort": [[TIME_FIELD, "desc"]],
    }
    return _address(kibana_url, "discover#/", from_at, to_at, page)


def _pills(filters: Sequence[Filter]) -> list[dict[str, Any]]:
    return [pill.state({"index": DATA_VIEW}) for pill in filters]


def _address(kibana_url: str, page: str, from_at: datetime, to_at: datetime, state: dict[str, Any] | None) -> str:
    span = {"from": _instant(from_at), "to": _instant(to_at)}
    shared = {"filters": [], "refreshInterval": {"pause": True, "value": 60_000}, "time": span}
    parameters = {"_g": shared} | ({"_a": state} if state else {})
    query = "&".join(f"{name}={_encode(value)}" for name, value in parameters.items())
    return f"{kibana_url.rstrip('/')}/app/{page}?{query}"


def _encode(value: object) -> str:
    """Quotes and parentheses are percent-encoded: mail programs end a link at them."""
    return quote(rison.dumps(value), safe=":,!")


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
