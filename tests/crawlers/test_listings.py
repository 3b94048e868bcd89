"""What a crawl takes from the entries of a feed or sitemap."""

from datetime import UTC, datetime, timedelta

from crawlers.listings import MAX_ENTRIES, NEWS_SPAN, endpoints_of, keyed, recent
from crawlers.summary import CrawlSummary, EndpointOutcome, SourceOutcome
from pipeline.records import FeedEntry, SectionPage, Source

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)


def entry(url: str, title: str = "", age: timedelta | None = None) -> FeedEntry:
    return FeedEntry(url=url, title=title, published_at=None if age is None else NOW - age)


def test_endpoints_keep_kind_and_order() -> None:
    source = Source(
        id="bao",
        name="Báo",
        kind="local",
        tier=3,
        country="VN",
        language="vi",
        feeds=("https://bao.example/rss",),
        sitemaps=("https://bao.example/news.xml",),
        sections=(SectionPage(url="https://bao.example/tin", links="a"),),
    )
    endpoints = endpoints_of(source)
    assert [endpoint.kind for endpoint in endpoints] == ["feed", "sitemap", "section"]
    assert tuple(endpoint.url for endpoint in endpoints) == source.endpoints
    assert endpoints[2].links_css == "a"


def test_one_article_under_two_addresses_is_one_entry() -> None:
    entries = [
        entry("https://bao.example/a?utm_source=rss", "đầu"),
        entry("/a#phan-2", "sau"),
        entry("mailto:toasoan@bao.example"),
    ]
    ((key, kept),) = keyed(entries, base="https://bao.example/rss")
    assert key == "https://bao.example/a"
    assert kept.title == "đầu"


def test_muted_entries_are_left_out_by_listed_or_canonical_address() -> None:
    entries = [entry("https://bao.example/quang-cao/1?utm_source=rss"), entry("https://bao.example/tin/2")]
    kept = keyed(entries, base="https://bao.example/", skip_url=lambda url: "/quang-cao/" in url)
    assert [key for key, _ in kept] == ["https://bao.example/tin/2"]
    kept = keyed(entries, base="https://bao.example/", skip_url=lambda url: "utm_source" in url)
    assert [key for key, _ in kept] == ["https://bao.example/tin/2"]


def test_a_feed_without_end_is_cut() -> None:
    endless = (entry(f"https://bao.example/{number}") for number in range(MAX_ENTRIES * 2))
    assert len(keyed(endless, base="https://bao.example/")) == MAX_ENTRIES


def test_a_sitemap_gives_the_days_before_its_newest_entry() -> None:
    archive = timedelta(days=900)
    fresh = entry("https://bao.example/1", age=archive)
    edge = entry("https://bao.example/2", age=archive + NEWS_SPAN)
    old = entry("https://bao.example/3", age=archive + NEWS_SPAN + timedelta(seconds=1))
    page = entry("https://bao.example/lien-he")
    news = entry("https://bao.example/4", "Có tựa, không ngày")
    assert recent([fresh, edge, old, page, news]) == (fresh, edge, news)
    assert recent([page, news]) == (news,)


def test_a_summary_adds_up() -> None:
    poll = EndpointOutcome(url="u", reason="ok")
    failed = EndpointOutcome(url="v", reason="timeout")
    good = SourceOutcome(source_id="a", endpoints=(failed, poll), pages=2, bytes=10, refused={"robots": 1})
    bad = SourceOutcome(source_id="b", endpoints=(failed,), refused={"robots": 2, "http_404": 1})
    idle = SourceOutcome(source_id="c", pages=1, bytes=5)
    summary = CrawlSummary(sources=(good, bad, idle))
    assert (summary.polled, summary.pages, summary.bytes) == (3, 3, 15)
    assert summary.refused == {"robots": 3, "http_404": 1}
    assert summary.failed_sources == (bad,)
    assert [source.reason for source in summary.sources] == ["ok", "timeout", "ok"]
