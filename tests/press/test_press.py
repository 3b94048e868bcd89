"""The loopback press itself: what it serves, what it logs, and that each fault is what it claims to be."""

from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

from tests.press.server import Press
from tests.press.small import small_site

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)


def fetch(url: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=5)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request("GET", target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_every_endpoint_and_article_is_served() -> None:
    with Press(small_site(NOW)) as press:
        for source in press.sources():
            (address,) = source.endpoints
            response, body = fetch(address)
            assert response.status == 200
            assert body
        for article in press.site.articles:
            response, body = fetch(press.article_url(article.id))
            assert response.status == (200 if article.stage == 1 else 404)
            assert (article.title in body.decode()) == (article.stage == 1)
