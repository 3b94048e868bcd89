"""How Scrapy is told to behave: polite, visible, bounded."""

from typing import Any
from urllib.parse import urlsplit

from scrapy.utils.url import add_http_if_no_scheme

from config.settings import CrawlSettings
from crawlers.middlewares import PROXY
from crawlers.resolver import ALLOW_LOOPBACK, PROXY_HOST
from crawlers.robots import ROBOTS_TOKEN

PAGE_TIMEOUT_S = 30.0
"""For a whole response, body included: a slow drip ends here."""
REDIRECTS_MAX = 8
PUBLIC_DELAY_S = 1.0
"""At least so long between two requests to one host, however fast it answers; a press on this machine needs no care."""
START_DELAY_S = 0.2
"""Before AutoThrottle has seen how fast a host answers."""
DELAY_MAX_S = 15.0
BUSY_SHARE = 0.5
"""AutoThrottle's target: a host is kept busy by us half of the time at most."""
LOOKUPS_AT_A_TIME = 48
"""Names are looked up in threads. Where no name server answers, each look-up takes seconds, and they would queue."""
UNUSED_EXTENSIONS = (
    "scrapy.extensions.closespider.CloseSpider",
    "scrapy.extensions.feedexport.FeedExporter",
    "scrapy.extensions.logstats.LogStats",
    "scrapy.extensions.memdebug.MemoryDebugger",
    "scrapy.extensions.memusage.MemoryUsage",
    "scrapy.extensions.remote_control.RemoteControl",
    "scrapy.extensions.spiderstate.SpiderState",
    "scrapy.extensions.telnet.TelnetConsole",
)
"""Doors that nobody here uses; they are not even imported."""
MEBIBYTE = 1024 * 1024


def user_agent(version: str, contact: str) -> str:
    """Return ``DiemBao/<version> (+<contact>)``; only printable ASCII travels in a header."""
    visible = "".join(char for char in contact if " " <= char <= "~").strip()
    return f"{ROBOTS_TOKEN}/{version} (+{visible})" if visible else f"{ROBOTS_TOKEN}/{version}"


def build_settings(
    crawl: CrawlSettings, *, version: str, contact: str, timeout_s: float = PAGE_TIMEOUT_S, debug: bool = False
) -> dict[str, Any]:
    """Return the Scrapy settings of one run."""
    proxy = add_http_if_no_scheme(crawl.proxy) if crawl.proxy else ""
    return {
        "USER_AGENT": user_agent(version, contact),
        "CONCURRENT_REQUESTS_PER_DOMAIN": crawl.per_host,
        "DOWNLOAD_DELAY": 0.0 if crawl.allow_loopback else PUBLIC_DELAY_S,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": START_DELAY_S,
        "AUTOTHROTTLE_MAX_DELAY": DELAY_MAX_S,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": BUSY_SHARE * crawl.per_host,
        "DOWNLOAD_TIMEOUT": timeout_s,
        "DOWNLOAD_MAXSIZE": int(crawl.max_page_mb * MEBIBYTE),
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOADER_MIDDLEWARES": {
            # GuardMiddleware asks robots.txt for every request, each hop of a redirect too.
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawlers.middlewares.GuardMiddleware": 100,
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
            "crawlers.middlewares.NamedCompression": 590,
            "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
            "crawlers.middlewares.NamedRedirects": 600,
        },
        "DOWNLOAD_HANDLERS": {
            "http": "crawlers.transfers.BoundedHandler",
            "https": "crawlers.transfers.BoundedHandler",
            **dict.fromkeys(("data", "file", "ftp", "s3")),
        },
        "EXTENSIONS": dict.fromkeys(UNUSED_EXTENSIONS),
        "REDIRECT_MAX_TIMES": REDIRECTS_MAX,
        "METAREFRESH_ENABLED": False,
        "RETRY_ENABLED": False,  # what failed stays queued for the next crawl
        "HTTPPROXY_ENABLED": bool(proxy),
        "TWISTED_DNS_RESOLVER": "crawlers.resolver.GuardedResolver",
        "REACTOR_THREADPOOL_MAXSIZE": LOOKUPS_AT_A_TIME,
        ALLOW_LOOPBACK: crawl.allow_loopback,
        PROXY: proxy,
        PROXY_HOST: urlsplit(proxy).hostname or "",
        "STATS_DUMP": False,
        "LOG_LEVEL": "DEBUG" if debug else "WARNING",
        "LOG_INSTALL_ROOT_HANDLER": debug,
    }
