"""What a crawl refuses: addresses inside networks in any spelling, other schemes, media."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import IPv4Address, ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego
from scrapy.resolver import dnscache
from twisted.internet.address import IPv4Address as TwistedIPv4
from twisted.internet.address import IPv6Address as TwistedIPv6

from config.settings import CrawlSettings
from crawlers.conditional import conditional_headers, content_hash, parse_retry_after
from crawlers.failures import Failure
from crawlers.guards import (
    Kind,
    parse_address,
    refuse_address,
    refuse_body,
    refuse_content_type,
    refuse_url,
)
from crawlers.hosts import Hosts
from crawlers.ledger import PollState
from crawlers.resolver import GuardedResolver
from crawlers.robots import CRAWL_DELAY_MAX_S, HostRules, read_robots
from crawlers.scrapy_settings import build_settings, user_agent

NOW = datetime(2026, 3, 5, 3, 30, tzinfo=UTC)

INNER = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0/",
    "http://10.1.2.3/",
    "http://10.1.2.3./",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://user:secret@127.0.0.1:8080/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:a00:1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fc00::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[2002:7f00:1::]/",
    "http://[64:ff9b::7f00:1]/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://toa-soan.localhost/",
    "http://metadata.google.internal/",
    "http://router.lan/",
    "http://intranet/",
]


@pytest.mark.parametrize("url", INNER)
def test_inner_addresses_are_refused_in_every_spelling(url: str) -> None:
    assert refuse_url(url, allow_loopback=False) == "private_address"


@pytest.mark.parametrize(
    "url",
    [
        "https://vnexpress.net/a",
        "http://8.8.8.8/",
        "http://[2606:4700::1111]/",
        "https://báo.example:8443/",
        "http://134744072/",
    ],
)
def test_public_addresses_pass(url: str) -> None:
    assert refuse_url(url, allow_loopback=False) is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "scheme"),
        ("ftp://bao.example/a", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("http:///a", "bad_url"),
        ("http://bao.example:99999/", "bad_url"),
        ("http://[::1/", "bad_url"),
    ],
)
def test_only_http_addresses_are_requested(url: str, reason: str) -> None:
    assert refuse_url(url, allow_loopback=True) == reason


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/", "http://localhost/", "http://[::1]/", "http://192.168.1.9/"])
def test_loopback_and_private_pass_when_allowed(url: str) -> None:
    assert refuse_url(url, allow_loopback=True) is None


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/", "http://0.0.0.0/", "http://224.0.0.1/", "http://[fe80::1]/"]
)
def test_metadata_and_multicast_stay_refused_when_loopback_is_allowed(url: str) -> None:
    assert refuse_url(url, allow_loopback=True) == "private_address"


@given(st.ip_addresses(v=4))
def test_every_notation_of_an_address_is_judged_alike(address: IPv4Address) -> None:
    verdict = refuse_address(address, allow_loopback=False)
    a, b, c, d = address.packed
    spellings = [
        str(int(address)),
        hex(int(address)),
        f"0{int(address):o}",
        f"{a}.{b}.{(c << 8) + d}",
        f"0x{a:x}.{b}.{c}.{d}",
    ]
    for spelling in spellings:
        parsed = parse_address(spelling)
        assert parsed == address
        assert refuse_address(parsed, allow_loopback=False) == verdict
    assert refuse_address(ip_address(f"::ffff:{address}"), allow_loopback=False) == verdict


@pytest.mark.parametrize(
    ("kind", "content_type", "refused"),
    [
        ("page", "text/html; charset=utf-8", False),
        ("page", "application/xhtml+xml", False),
        ("page", "", False),
        ("page", "application/pdf", True),
        ("page", "image/jpeg", True),
        ("page", "application/rss+xml", True),
        ("endpoint", "application/rss+xml; charset=utf-8", False),
        ("endpoint", "text/plain", False),
        ("endpoint", "application/json", False),
        ("endpoint", "application/octet-stream", False),
        ("endpoint", "application/gzip", False),
        ("endpoint", "video/mp4", True),
        ("endpoint", "Application/PDF", True),
        ("robots", "image/png", False),
    ],
)
def test_content_types(kind: Kind, content_type: str, refused: bool) -> None:
    assert refuse_content_type(kind, content_type) == ("content_type" if refused else None)


def test_a_page_without_a_content_type_must_look_like_markup() -> None:
    assert refuse_body("page", "", b"\x89PNG\r\n" + bytes(100)) == "content_type"
    assert refuse_body("page", "", "<html>".encode("utf-16")) is None
    assert refuse_body("page", "text/html", b" \n") == "empty_body"
    assert refuse_body("endpoint", "text/xml", b"") is None


# ---- the resolver ---------------------------------------------------------------------------------------------------


class Network:
    """Stands for the reactor: answers each name with the next of its scripted address lists."""

    def __init__(self, answers: dict[str, list[list[Any]]]) -> None:
        self.answers = answers
        self.nameResolver = self

    def resolveHostName(self, receiver: Any, host: str, *_: Any, **__: Any) -> Any:  # noqa: N802
        receiver.resolutionBegan(self)
        for address in self.answers[host].pop(0):
            receiver.addressResolved(address)
        receiver.resolutionComplete()
        return self


class Asked:
    """Stands for the connection that waits for addresses."""

    def __init__(self) -> None:
        self.hosts: list[str] = []
        self.complete = False

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        pass

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self.hosts.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self.complete = True


def resolve(resolver: GuardedResolver, host: str) -> list[str]:
    asked = Asked()
    resolver.resolveHostName(asked, host)
    assert asked.complete
    return asked.hosts


def make_resolver(answers: dict[str, list[list[Any]]], *, allow_loopback: bool = False) -> GuardedResolver:
    return GuardedResolver(Network(answers), 0, allow_loopback=allow_loopback, proxy_host="proxy.example")


def v4(host: str) -> TwistedIPv4:
    return TwistedIPv4("TCP", host, 80)


def v6(host: str) -> TwistedIPv6:
    return TwistedIPv6("TCP", host, 80)


def test_a_name_that_resolves_into_the_network_has_no_address() -> None:
    resolver = make_resolver({"evil-a.example": [[v4("10.0.0.1"), v6("::1"), v6("::ffff:127.0.0.1")]]})
    assert resolve(resolver, "evil-a.example") == []
    assert resolver.refused_hosts == {"evil-a.example"}


def test_public_addresses_beside_private_ones_are_used() -> None:
    resolver = make_resolver({"mixed.example": [[v4("192.168.0.1"), v4("8.8.8.8")]]})
    assert resolve(resolver, "mixed.example") == ["8.8.8.8"]
    assert resolver.refused_hosts == set()


def test_a_name_that_changes_its_address_later_is_checked_again() -> None:
    resolver = make_resolver({"rebind.example": [[v4("8.8.8.8")], [v4("127.0.0.1")]]})
    assert resolve(resolver, "rebind.example") == ["8.8.8.8"]
    dnscache.clear()  # as after a day
    assert resolve(resolver, "rebind.example") == []


def test_only_the_proxy_may_lie_inside_the_network() -> None:
    resolver = make_resolver({"proxy.example": [[v4("10.0.0.8")]]})
    assert resolve(resolver, "proxy.example") == ["10.0.0.8"]


# ---- robots.txt -----------------------------------------------------------------------------------------------------


def test_no_robots_txt_allows_everything_and_a_broken_server_nothing() -> None:
    assert read_robots(404, b"User-agent: *\nDisallow: /").allows("https://bao.example/a")
    assert read_robots(503, b"").failure == "http_503"
    assert read_robots(429, b"").failure == "http_429"


def test_rules_for_us_win_over_rules_for_all() -> None:
    rules = read_robots(200, b"User-agent: *\nDisallow: /\n\nUser-agent: DiemBao\nDisallow: /private\nCrawl-delay: 7\n")
    assert rules.allows("https://bao.example/tin")
    assert not rules.allows("https://bao.example/private/a")
    assert rules.crawl_delay_s == 7


def test_a_crawl_delay_is_bounded_and_garbage_asks_for_none() -> None:
    assert HostRules(rules=Protego.parse("User-agent: *\nCrawl-delay: 86400")).crawl_delay_s == CRAWL_DELAY_MAX_S
    assert read_robots(200, b"\xff\xfe\x00User-agent: *\nCrawl-delay: soon").crawl_delay_s == 0


# ---- politeness and memory ------------------------------------------------------------------------------------------


def test_user_agent_shows_the_contact_and_only_plain_characters() -> None:
    assert user_agent("0.1.0", "so-ttdl@caobang.example") == "DiemBao/0.1.0 (+so-ttdl@caobang.example)"
    assert user_agent("0.1.0", "") == "DiemBao/0.1.0"
    assert user_agent("0.1.0", "Sở\r\nX-Evil: 1") == "DiemBao/0.1.0 (+SX-Evil: 1)"


def test_public_outlets_are_asked_once_a_second_at_most() -> None:
    public = build_settings(CrawlSettings(), version="0.1.0", contact="")
    assert public["DOWNLOAD_DELAY"] >= 1
    assert public["AUTOTHROTTLE_ENABLED"]
    assert public["CONCURRENT_REQUESTS_PER_DOMAIN"] == 1
    assert public["DOWNLOAD_VERIFY_CERTIFICATES"]


def test_validators_are_sent_except_once_in_an_hour_and_after_failures() -> None:
    state = PollState(
        url="u",
        source_id="s",
        etag='"a"',
        last_modified="Thu, 05 Mar 2026 03:00:00 GMT",
        content_hash="x",
        polled_at=NOW,
    )
    headers = {"If-None-Match": '"a"', "If-Modified-Since": "Thu, 05 Mar 2026 03:00:00 GMT"}
    assert conditional_headers(state, NOW + timedelta(minutes=10)) == headers
    assert conditional_headers(state, NOW + timedelta(minutes=40)) == {}
    failed = PollState(url="u", source_id="s", etag='"a"', content_hash="x", failures=1, polled_at=NOW)
    assert conditional_headers(failed, NOW) == {}
    assert conditional_headers(PollState(url="u", source_id="s"), NOW) == {}


def test_content_hash_keeps_bodies_apart() -> None:
    assert content_hash(b"ab", b"c") != content_hash(b"a", b"bc")
    assert content_hash(b"ab") == content_hash(b"ab")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300),
        (format_datetime(NOW - timedelta(minutes=5), usegmt=True), 0),
        ("9999999", 86400),
        ("9" * 400, None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after(value: str, seconds: int | None) -> None:
    assert parse_retry_after(value, NOW) == (None if seconds is None else timedelta(seconds=seconds))


def test_a_host_in_trouble_rests_and_its_pages_are_not_blamed() -> None:
    hosts = Hosts()
    down = Failure(reason="timeout")
    hosts.note_failure("https://a.example/1", down)
    assert not hosts.is_resting("https://a.example/2")
    hosts.note_failure("https://a.example/2", down)
    assert hosts.is_resting("https://a.example/3")
    assert not hosts.is_resting("https://b.example/")
    assert not hosts.blames_page("https://a.example/1", down)


def test_a_page_is_blamed_when_its_host_answers_others() -> None:
    hosts = Hosts()
    broken = Failure(reason="http_500", status=500)
    hosts.note_answer("https://a.example/1")
    hosts.note_failure("https://a.example/2", broken)
    assert hosts.blames_page("https://a.example/2", broken)
    hosts.note_failure("https://a.example/3", Failure(reason="http_404", status=404))
    hosts.note_failure("https://a.example/2", broken)
    assert not hosts.is_resting("https://a.example/4")


def test_retry_after_lets_a_host_rest_at_once() -> None:
    hosts = Hosts()
    hosts.note_failure("https://a.example/1", Failure(reason="http_429", status=429, retry_after=timedelta(minutes=5)))
    assert hosts.is_resting("https://a.example/2")
