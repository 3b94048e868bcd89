"""One page from the network to one article: parsed once, read as deeply as it deserves."""

import copy
from functools import cached_property
from typing import Final

from config.errors import ParseError
from pipeline.extract.body_check import align_with_declared_body
from pipeline.extract.boilerplate import clean_lines
from pipeline.extract.content import find_text
from pipeline.extract.declared import Declared, read_declared
from pipeline.extract.encoding import Decoded, decode_body
from pipeline.extract.headline import Headline, choose_headline
from pipeline.extract.identity import (
    choose_author,
    choose_language,
    choose_outlet,
    choose_section,
    choose_url,
    outlet_names,
)
from pipeline.extract.lead import find_lead, holds
from pipeline.extract.markup import Markup, parse_markup, visible_text
from pipeline.extract.paywall import is_paywalled
from pipeline.extract.pruning import prune
from pipeline.extract.published import choose_published
from pipeline.extract.structured import StructuredArticle, read_structured
from pipeline.extract.words import tidy
from pipeline.records import Article, Page, Rejected, Source

MAX_BYTES: Final = 16 * 2**20
"""Larger bodies are no article pages; the crawl stops earlier by default."""
NOT_MARKUP: Final = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"\x00\x00\x00",
)
"""First bytes of what is served as HTML by mistake."""
DEFAULT_TIMEZONE: Final = "Asia/Ho_Chi_Minh"
MAX_GATE_CHARS: Final = 300_000
"""A page's visible text has some ten thousand."""
MAX_FALLBACK_TITLE: Final = 120
"""Characters of the page's text that stand for a headline where there is none."""
MIN_TEXT_CHARS: Final = 40
"""A shorter text is a caption or a stray label."""


def parse_page(page: Page, *, source: Source | None = None) -> "ParsedPage | Rejected":
    """Return the page ready to be read, or why it cannot be read.

    Reasons: ``http_status``, ``too_large``, ``not_markup``, ``no_content``, ``bad_url``. ``source`` gives the timezone
    of dates without one, and the language of pages that declare none.
    """
    refusal, detail = _refusal(page)
    markup = decoded = None
    if not refusal:
        decoded = decode_body(page.body, page.content_type)
        markup = parse_markup(decoded.utf8)
        refusal = "" if markup else "no_content"
    if markup is None or decoded is None:
        return Rejected(reason=refusal, url=page.url, detail=detail)
    parsed = ParsedPage(page, source, decoded, markup)
    if not parsed.gate_text:
        return Rejected(reason="no_content", url=page.url)
    try:
        parsed.url  # noqa: B018 -- computed once, here, where a wrong address can still be a rejection
    except ParseError as exc:
        return Rejected(reason="bad_url", url=page.url, detail=str(exc))
    return parsed


def _refusal(page: Page) -> tuple[str, str]:
    """Return the reason (and its detail) not even to look into a page; empty when there is none."""
    if page.status >= 300:
        return "http_status", str(page.status)
    if len(page.body) > MAX_BYTES:
        return "too_large", str(len(page.body))
    return ("not_markup", page.content_type) if page.body.startswith(NOT_MARKUP) else ("", "")


class ParsedPage:
    """A page whose markup is parsed; every further step is computed when asked for, and once."""

    def __init__(self, page: Page, source: Source | None, decoded: Decoded, markup: Markup) -> None:
        self.page = page
        self.source = source
        self._decoded = decoded
        self._root = markup.root
        self._json_ld = markup.json_ld

    @cached_property
    def gate_text(self) -> str:
        """Title, description and the visible text, raw: all in which a place can be named."""
        declared, entry = self._declared, self.page.entry
        parts = [declared.title, declared.first("og:title"), declared.first("description", "og:description")]
        parts += [entry.title, entry.summary] if entry else []
        parts.append(visible_text(self._root))
        return tidy("\n".join(dict.fromkeys(part for part in parts if part))[:MAX_GATE_CHARS])

    @cached_property
    def url(self) -> str:
        """The canonical address."""
        return self._url[0]

    def headline(self) -> Article:
        """Return what the page says about its article, without the text: for pages that name no watched place."""
        return self._article(text="", text_rule="", flags=())

    def article(self) -> Article:
        """Return the article. Never without a headline; a page that shows no text, or a part, says so in ``flags``."""
        headline, author = self._headline.text, self._author[0]
        titles = [title for title in (headline, *self._title_wordings()) if title]
        tree = copy.deepcopy(self._root)
        prune(tree, titles=titles, keep_captions=self._reading_language() == "vi")
        lines = clean_lines(find_text(tree), titles=titles, author=author)
        lines, from_body = align_with_declared_body(lines, self._structured.body, self.gate_text)
        lead, printed = self._lead
        text = "\n".join(lines)
        if printed and len(text) >= MIN_TEXT_CHARS and not holds(text, lead):
            text = f"{lead}\n{text}"
        if len(text) < MIN_TEXT_CHARS:
            text = ""
        flags = []
        if is_paywalled(text, self._structured):
            flags.append("paywalled")
        if not text:
            flags.append("empty_text")
        rule = ("json-ld" if from_body else "trafilatura") if text else ""
        return self._article(text=text, text_rule=rule, flags=tuple(flags))

    # ---- steps, each computed once --------------------------------------------------------------------------------

    @cached_property
    def _declared(self) -> Declared:
        return read_declared(self._root)

    @cached_property
    def _structured(self) -> StructuredArticle:
        return read_structured(self._json_ld)

    @cached_property
    def _url(self) -> tuple[str, str]:
        return choose_url(self.page.url, self._declared)

    @cached_property
    def _outlet(self) -> tuple[str, str]:
        return choose_outlet(self._declared, self._structured)

    @cached_property
    def _author(self) -> tuple[str, str]:
        return choose_author(self._declared, self._structured, self.page.entry)

    @cached_property
    def _language(self) -> tuple[str, str]:
        return choose_language(self._declared, self._structured, self.page.entry)

    @cached_property
    def _headline(self) -> Headline:
        names = list(outlet_names(self._outlet[0], self._declared, self._structured, self.url))
        if self.source:
            names.append(self.source.name)
        entry = self.page.entry
        chosen = choose_headline(
            self._declared, self._structured, outlet_names=names, feed_title=entry.title if entry else ""
        )
        if chosen.text:
            return chosen
        return Headline(text=self.gate_text[:MAX_FALLBACK_TITLE].rsplit(" ", 1)[0], rule="text")

    @cached_property
    def _lead(self) -> tuple[str, bool]:
        lead, printed = find_lead(self._root, self._declared, self._structured)
        if not lead and self.page.entry:
            lead = tidy(self.page.entry.summary)
        return lead, printed

    def _title_wordings(self) -> tuple[str, ...]:
        declared = self._declared
        return (
            tidy(self._structured.headline),
            tidy(declared.first("og:title")),
            tidy(declared.title),
        )

    def _reading_language(self) -> str:
        if self._language[0]:
            return self._language[0]
        return self.source.language if self.source else ""

    def _article(self, *, text: str, text_rule: str, flags: tuple[str, ...]) -> Article:
        section, section_rule = choose_section(self._declared, self._structured, self.page.entry)
        published = choose_published(
            self._root,
            self._declared,
            self._structured,
            entry=self.page.entry,
            url=self.url,
            timezone=self.source.timezone if self.source else DEFAULT_TIMEZONE,
            fetched_at=self.page.fetched_at,
        )
        lead, printed = self._lead
        rules = {
            "url": self._url[1],
            "title": self._headline.rule,
            "lead": ("page" if printed else "description") if lead else "",
            "text": text_rule,
            "published_at": published.rule,
            "author": self._author[1],
            "section": section_rule,
            "outlet": self._outlet[1],
            "language": self._language[1],
            "encoding": f"{self._decoded.encoding} ({self._decoded.rule})",
        }
        return Article(
            url=self.url,
            title=self._headline.text,
            lead=lead,
            text=text,
            published_at=published.at,
            fetched_at=self.page.fetched_at,
            published_raw=published.raw,
            author=self._author[0],
            section=section,
            outlet=self._outlet[0],
            language=self._language[0],
            flags=((published.flag,) if published.flag else ()) + flags,
            rules={name: rule for name, rule in rules.items() if rule},
        )
