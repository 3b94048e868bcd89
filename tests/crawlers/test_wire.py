"""What lies between us and an outlet: a proxy, TLS, redirects to other hosts."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from config.settings import CrawlSettings
from pipeline.records import Source
from tests.crawlers.crawling import make_request, pages_of, run_crawl
from tests.press import faults
from tests.press.certificate import self_signed
from tests.press.server import Press
from tests.press.small import small_site

NOW = datetime(2026, 3, 5, 3, 10, tzinfo=UTC)
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Bao</title><link>http://bao.example/</link>
<description>-</description>
<item><title>Mot</title><link>http://bao.example/1.html</link></item>
<item><title>Hai</title><link>http://10.0.0.5/quan-tri</link></item>
<item><title>Ba</title><link>http://metadata.google.internal/</link></item>
</channel></rss>"""


class Proxy(BaseHTTPRequestHandler):
    """An HTTP proxy that knows one outlet; it alone can resolve the outlet's name."""

    protocol_version = "HTTP/1.1"
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        answers = {
            "http://bao.example/rss": (200, "application/rss+xml", FEED),
            "http://bao.example/1.html": (200, "text/html", b"<html><title>Mot</title></html>"),
        }
        status, content_type, body = answers.get(self.path, (404, "text/plain", b"-"))
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve on a free port of the loopback interface and yield the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def outlet(feed: str) -> Source:
    return Source(id="bao", name="Báo", kind="local", tier=3, country="VN", language="vi", feeds=(feed,))


@pytest.mark.parametrize("scheme", ["http://", ""])
def test_everything_goes_through_the_proxy_and_names_are_still_checked(tmp_path: Path, scheme: str) -> None:
    class Logging(Proxy):
        asked: list[str] = []  # noqa: RUF012

    with serving(Logging) as port:
        crawl = CrawlSettings(proxy=f"{scheme}127.0.0.1:{port}")
        summary = run_crawl(tmp_path, make_request((outlet("http://bao.example/rss"),), crawl=crawl), now=NOW)
    assert [page.url for page in pages_of(tmp_path)] == ["http://bao.example/1.html"]
    assert summary.refused == {"private_address": 2}
    assert Logging.asked == [f"http://bao.example/{path}" for path in ("robots.txt", "rss", "1.html")]


def test_a_proxy_of_the_environment_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with Press(small_site(NOW, outlets=1)) as press:
        assert run_crawl(tmp_path, make_request(press.sources()), now=NOW).pages == 5


def test_a_proxy_that_is_down_is_a_failure_of_the_connection(tmp_path: Path) -> None:
    crawl = CrawlSettings(proxy="http://127.0.0.1:9")
    summary = run_crawl(tmp_path, make_request((outlet("https://bao.example/rss"),), crawl=crawl), now=NOW)
    assert summary.sources[0].reason == "connection"


def test_a_certificate_that_nobody_signed_is_not_trusted(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path / "server.pem"))
    with serving(Proxy, context) as port:
        summary = run_crawl(tmp_path, make_request((outlet(f"https://127.0.0.1:{port}/rss"),)), now=NOW)
    assert summary.sources[0].reason == "tls"


NAMES = {"bao.example": "127.0.0.1", "127.0.0.1": "127.0.0.1"}


def feed_by_name(press: Press, name: str) -> Source:
    return outlet(press.url("outlet-1", "/rss/home.rss").replace("127.0.0.1", name))


def test_a_name_that_leads_into_the_network_is_not_connected_to(tmp_path: Path) -> None:
    with Press(small_site(NOW, outlets=1)) as press:
        request = make_request((feed_by_name(press, "bao.example"),), crawl=CrawlSettings())
        summary = run_crawl(tmp_path, request, now=NOW, names=NAMES)
        assert summary.sources[0].reason == "private_address"
        assert press.log == []
        unknown = make_request((feed_by_name(press, "khong-co.example"),), crawl=CrawlSettings())
        assert run_crawl(tmp_path, unknown, now=NOW, names=NAMES).sources[0].reason == "dns"


def test_the_same_name_is_used_where_loopback_is_allowed(tmp_path: Path) -> None:
    with Press(small_site(NOW, outlets=1)) as press:
        request = make_request((feed_by_name(press, "bao.example"),))
        assert run_crawl(tmp_path, request, now=NOW, names=NAMES).pages == 5


def test_a_redirect_to_another_host_is_followed_by_its_rules(tmp_path: Path) -> None:
    with Press(small_site(NOW, outlets=2, articles=2)) as press:
        target = press.article_url("outlet-2-article-1")
        closed = press.article_url("outlet-2-article-2")
        press.break_("outlet-1", "/thoi-su/thong-xe-1.html", faults.redirect(target, status=301))
        press.break_("outlet-1", "/thoi-su/thong-xe-2.html", faults.redirect(closed))
        press.break_("outlet-2", "/robots.txt", faults.robots("User-agent: *\nDisallow: /thoi-su/thong-xe-2.html\n"))
        summary = run_crawl(tmp_path, make_request(press.sources()[:1]), now=NOW)
        (page,) = pages_of(tmp_path)
        assert page.url == target
        assert page.requested_url == press.article_url("outlet-1-article-1")
        assert summary.refused == {"robots": 1}
        assert press.requests("outlet-2", "*thong-xe-2*") == []
