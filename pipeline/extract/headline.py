"""Which of the titles a page gives is its headline, and what part of it is the outlet's name."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from config.units import slugify, unit_names
from pipeline.extract.declared import Declared
from pipeline.extract.structured import StructuredArticle
from pipeline.extract.words import same_words, tidy, words

SEPARATOR: Final = re.compile(r"\s+[-–—|*•·»:/]+\s+|\s*[|｜ㅣ]\s*|：|\s+::\s+")
"""What stands between a headline and the outlet's name."""
DATE_ONLY: Final = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
MIN_NAME_CHARS: Final = 3
"""Shorter names (``SZ``) are contained in too much to prove anything."""
MIN_SEGMENT_CHARS: Final = 2
MIN_HEADLINE_WORDS: Final = 2
MAX_SECTION_WORDS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The chosen headline and why."""

    text: str
    rule: str
    """``json-ld``, ``opengraph``, ``meta``, ``h1``, ``title-tag``, ``feed``."""


def choose_headline(
    declared: Declared, structured: StructuredArticle, *, outlet_names: Collection[str], feed_title: str = ""
) -> Headline:
    """Return the headline as an editor wrote it for readers, without the outlet's name.

    ``og:title`` is that line where it was written by hand. It was made by software, and the JSON-LD headline or the
    ``<h1>`` is nearer to print, when it carries the outlet's name or only repeats the ``<title>``, which is written
    for search engines.
    """
    social = tidy(declared.first("og:title"))
    printed = tidy(structured.headline)
    tag = tidy(declared.title)
    heading = _main_heading(declared.headings, (printed, social, tag))
    names = {plain_name(name) for name in outlet_names if len(plain_name(name)) >= MIN_NAME_CHARS}
    known = [text for text in (printed, heading) if text]
    bare_social = cut_outlet(social, names, known)
    bare_tag = cut_outlet(tag, names, known)
    bare_printed = cut_outlet(printed, names, [text for text in (heading, bare_social) if text])
    bare_heading = cut_outlet(heading, names, [])
    from_software = bare_social != social or same_words(bare_social, bare_tag)
    ranked = [
        (bare_social if not from_software else "", "opengraph"),
        (bare_printed, "json-ld"),
        (bare_heading if bare_social != social or not bare_social else "", "h1"),
        (bare_social, "opengraph"),
        (cut_outlet(tidy(declared.first("twitter:title", "title", "dc.title", "headline")), names, known), "meta"),
        (tidy(declared.microdata.get("headline", "")), "microdata"),
        (bare_heading, "h1"),
        (bare_tag, "title-tag"),
        (tidy(feed_title), "feed"),
    ]
    return next((Headline(text=text, rule=rule) for text, rule in ranked if text), Headline(text="", rule=""))


def cut_outlet(title: str, names: Collection[str], others: Iterable[str]) -> str:
    """Return ``title`` without what software hangs behind it: the outlet's name, a date, a section between bars.

    ``names``: the outlet's names in plain form; ``others``: titles of the same page, which show where the headline
    ends. A dash is at home in headlines, so what stands behind one goes only when it names the outlet; a bar is not,
    so a short section between two bars goes with the outlet's name.
    """
    for other in others:
        rest = title[len(other) :] if title.startswith(other) else ""
        if rest and SEPARATOR.match(rest) and len(words(other)) >= MIN_HEADLINE_WORDS:
            return other
    separators = [separator for separator in SEPARATOR.finditer(title) if separator.start()]
    cut, cut_by, end = len(title), "", len(title)
    for separator in reversed(separators):
        segment, bar = title[separator.end() : end], separator[0].strip()
        exactly = plain_name(segment) in names and _names_outlet(segment, names)
        at_end = end == cut and (_names_outlet(segment, names) or DATE_ONLY.fullmatch(segment.strip()))
        section = end == cut and bar == cut_by == "|" and len(words(segment)) <= MAX_SECTION_WORDS
        if exactly or at_end or section:
            cut, cut_by = separator.start(), bar
        end = separator.start()
    return title[:cut].rstrip()


def _main_heading(headings: tuple[str, ...], others: tuple[str, ...]) -> str:
    """Return the heading that another title repeats, else the only one: logos and teasers are headings too."""
    tidied = [tidy(heading) for heading in headings]
    for heading in tidied:
        if any(same_words(heading, other) or _begins(other, heading) for other in others):
            return heading
    return tidied[0] if len(tidied) == 1 and len(words(tidied[0])) >= MIN_HEADLINE_WORDS else ""


def _begins(text: str, start: str) -> bool:
    said = words(start)
    return len(said) >= MIN_HEADLINE_WORDS and words(text)[: len(said)] == said


def _names_outlet(segment: str, names: Collection[str]) -> bool:
    """True when a segment is an outlet's name or its beginning or end; a province's name is none (Báo Cao Bằng)."""
    plain = plain_name(segment)
    if len(plain) < MIN_SEGMENT_CHARS or slugify(segment) in unit_names():
        return False
    return any(
        plain.startswith(name) or plain.endswith(name) or name.startswith(plain) or name.endswith(plain)
        for name in names
    )


def plain_name(name: str) -> str:
    """Return a name as an address would have it: no diacritics, case, spaces or punctuation."""
    decomposed = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return "".join(char for char in decomposed if char.isalnum())
