"""Canonical URLs: one article, one address."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.errors import ParseError
from crawlers.urls import canonical_url, document_id

ARTICLE = "https://bao.example/thoi-su/bai-1.html"


@pytest.mark.parametrize(
    "twin",
    [
        ARTICLE,
        "http://bao.example/thoi-su/bai-1.html",
        "HTTPS://BAO.Example/thoi-su/bai-1.html",
        "https://bao.example:443/thoi-su/bai-1.html",
        "http://bao.example:80/thoi-su/bai-1.html",
        "https://bao.example./thoi-su/bai-1.html",
        "https://user:secret@bao.example/thoi-su/bai-1.html",
        "  https://bao.example/thoi-su/bai-1.html\n",
        "https://bao.example/kinh-te/../thoi-su/bai-1.html",
        f"{ARTICLE}#binh-luan",
        f"{ARTICLE}?utm_source=zalo&utm_medium=zalo&zarsrc=30",
        f"{ARTICLE}?fbclid=IwAR0&gclid=1&gidzl=x",
        f"{ARTICLE}?vn_source=rss&vn_campaign=home&vn_medium=1&vn_thumb=1",
        f"{ARTICLE}?ref=home&source=rss&_ga=2.1",
        f"{ARTICLE}?CMP=share_btn",
        "https://m.bao.example/thoi-su/bai-1.html",
        "https://amp.bao.example/thoi-su/bai-1.html",
        "https://mobile.bao.example/thoi-su/bai-1.html",
        f"{ARTICLE}/amp",
        f"{ARTICLE}.amp",
        "https://bao.example/thoi-su/bai-1.amp.html",
        f"{ARTICLE}?amp=1",
        f"{ARTICLE}?amp",
        f"{ARTICLE}?outputType=amp",
        "https://m.bao.example/thoi-su/bai-1.html?amp=1&utm_source=x#top",
        "https://bao-example.cdn.ampproject.org/c/s/bao.example/thoi-su/bai-1.html",
        "https://www.google.com/amp/s/bao.example/thoi-su/bai-1.html",
    ],
)
def test_twins_have_one_address(twin: str) -> None:
    assert canonical_url(twin) == ARTICLE


@pytest.mark.parametrize(
    "url",
    [
        "https://bao.example/",
        "https://www.bao.example/a",
        "https://bao.example/a/",
        "https://bao.example/amp",
        "https://bao.example/amplify",
        "https://bao.example/den-ban-amp.html",
        "https://bao.example/amp/vol-1.html",
        "https://bao.example/tin?amp=220",
        "https://bao.example/tin?id=12&trang=2",
        "https://bao.example/tin?cid=3&gallery=4",
        "https://ampbao.example/a",
        "https://mobile.example/a",
        "https://bao.example:8443/a",
        "http://bao.example:8080/a",
        "http://127.0.0.1:8001/a",
        "http://127.0.0.1/a",
        "http://[::1]:8001/a",
        "http://localhost/a",
        "https://bao.example/a;v=1",
    ],
)
def test_ordinary_addresses_stay_as_they_are(url: str) -> None:
    assert canonical_url(url) == url


def test_the_query_is_sorted_and_blank_values_stay() -> None:
    assert canonical_url("https://bao.example/a?b=2&a=1&c") == "https://bao.example/a?a=1&b=2&c="
    assert canonical_url("https://bao.example/a?1") != canonical_url("https://bao.example/a?2")


def test_letters_beyond_ascii_are_encoded_once() -> None:
    encoded = "https://xn--bo-mia.example/%C4%91%C6%B0%E1%BB%9Dng.html"
    assert canonical_url("https://báo.example/đường.html") == encoded
    assert canonical_url(encoded.replace("%C4%91", "%c4%91")) == encoded


def test_a_relative_address_is_resolved() -> None:
    assert canonical_url("/thoi-su/bai-1.html?utm_source=x", "https://m.bao.example/rss/home.rss") == ARTICLE
    assert canonical_url("//bao.example/thoi-su/bai-1.html", "http://x.example") == ARTICLE


@pytest.mark.parametrize(
    "url",
    [
        "",
        "bai-1.html",
        "mailto:a@bao.example",
        "javascript:alert(1)",
        "ftp://bao.example/a",
        "file:///etc/passwd",
        "data:text/html,x",
        "http://",
        "https:///a",
        "https://bao.example:99999/",
        "https://[::1",
        "https://bao example/",
        "https://bao.example/" + "a" * 5000,
    ],
)
def test_what_is_no_web_address_is_refused_by_name(url: str) -> None:
    with pytest.raises(ParseError) as error:
        canonical_url(url)
    assert error.value.code == "crawl.not_http_url"


def test_the_id_is_short_stable_and_the_same_with_and_without_www() -> None:
    assert document_id(ARTICLE) == "02703fd3b510fe77af5f"
    assert document_id(ARTICLE.replace("bao.", "www.bao.")) == document_id(ARTICLE)
    assert document_id(ARTICLE + "?id=1") != document_id(ARTICLE)


# ---- properties -----------------------------------------------------------------------------------------------------

words = st.text(string.ascii_letters + string.digits + "-_.~%/;,:@!*'()+ áđ", max_size=12)
hosts = st.sampled_from(
    ["bao.example", "m.bao.example", "m.m.bao.example", "amp.m.vn", "m.vn", "www.bao.vn", "BÁO.example", "127.0.0.1:80"]
)
names = (
    st.sampled_from(["id", "amp", "utm_source", "fbclid", "CMP", "ref", "cid", "x y", "á", "%41", "AMP", "ga_"]) | words
)
pairs = st.tuples(names, st.sampled_from(["", "1", "amp", "a b", "á", "%2f"]) | words)
endings = st.sampled_from(["", "/amp", "/amp/", ".amp", ".amp.html", "/amp.amp", "//amp", "#top", "/./amp", "/../amp"])


@st.composite
def addresses(draw: st.DrawFn) -> str:
    """An http(s) URL made of what canonicalisation touches."""
    query = "&".join(f"{name}={value}" for name, value in draw(st.lists(pairs, max_size=4)))
    scheme = draw(st.sampled_from(["http", "https", "HTTP"]))
    return f"{scheme}://{draw(hosts)}/{draw(words)}{draw(endings)}?{query}{draw(endings)}"


@given(addresses())
@example("https://bao.example/a?amp=1&%61mp=1")
@example("https://bao.example//amp//amp")
@example("https://bao.example/a%2Famp")
def test_canonical_urls_are_canonical(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once
    assert "#" not in once
    assert once.isascii()


@given(addresses())
def test_tracking_changes_nothing(url: str) -> None:
    tracked = url.replace("?", "?utm_source=zalo&", 1)
    assert canonical_url(tracked) == canonical_url(url)


@given(st.text(max_size=60) | st.text(max_size=60).map("https://".__add__))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        url = canonical_url(text)
    except ParseError:
        return
    assert url.startswith(("http://", "https://"))
    assert canonical_url(url) == url
