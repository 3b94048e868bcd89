"""Section pages: the article links of outlets that offer neither feed nor sitemap, chosen by a configured selector."""

from typing import Final

from cssselect import SelectorError
from lxml import etree, html
from parsel.csstranslator import HTMLTranslator
from w3lib.encoding import html_to_unicode
from w3lib.html import get_base_url

from config.errors import ParseError
from crawlers.entryfields import MAX_TITLE_CHARS, usable_address
from crawlers.plaintext import element_text, plain_text
from pipeline.records import FeedEntry

MAX_BYTES: Final = 8 << 20


def parse_section(
    body: bytes, *, url: str, links_css: str, content_type: str = "", max_bytes: int = MAX_BYTES
) -> tuple[FeedEntry, ...]:
    """Return the linked articles in the order of the page, each once, with the longest text of its links as title.

    ``links_css`` selects the ``<a>`` elements. Raises ParseError: ``crawl.section_too_large``,
    ``crawl.section_bad_selector``, ``crawl.section_no_links`` (the selector finds nothing: the page was redesigned, or
    is another one).
    """
    if len(body) > max_bytes:
        raise ParseError("crawl.section_too_large", url=url, limit_mb=max_bytes >> 20)
    _, text = html_to_unicode(content_type or None, body, default_encoding="utf-8")
    base = get_base_url(text, url)
    titles: dict[str, str] = {}
    for link in _links(text, links_css, url):
        href = link.get("href", "").strip()
        if not href.startswith("#") and (address := usable_address(href, base)):
            shown = plain_text(element_text(link), MAX_TITLE_CHARS) or plain_text(link.get("title"), MAX_TITLE_CHARS)
            titles[address] = max(titles.get(address, ""), shown, key=len)
    if not titles:
        raise ParseError("crawl.section_no_links", url=url, selector=links_css)
    return tuple(FeedEntry(url=address, title=title) for address, title in titles.items())


def _links(text: str, links_css: str, url: str) -> list[html.HtmlElement]:
    try:
        select = etree.XPath(HTMLTranslator().css_to_xpath(links_css))
    except (SelectorError, etree.XPathError, ValueError) as exc:
        raise ParseError("crawl.section_bad_selector", url=url, selector=links_css) from exc
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), html.HTMLParser(encoding="utf-8"))
    except etree.LxmlError:  # nothing in it that could be an element
        return []
    return [link for link in select(root) if isinstance(link, html.HtmlElement)]
