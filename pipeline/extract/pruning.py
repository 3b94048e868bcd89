"""What is cut from a page's tree before its text is looked for: menus, embedded posts, links to other articles."""

import re
from collections.abc import Collection
from typing import Final

from lxml import etree, html

from pipeline.extract.declared import element_text
from pipeline.extract.words import same_words

FURNITURE: Final = ("head", "nav", "footer", "button", "select", "dialog", "menu", "input", "label", "textarea")
MEDIA: Final = ("picture", "img", "video", "audio", "canvas", "object", "embed", "source", "map")
EMPHASIS: Final = ("b", "strong", "i", "em", "u", "font", "small", "big", "mark")
LINES: Final = ("p", "h2", "h3", "h4", "li")
CONTAINERS: Final = ("div", "span", "p", "section", "li", "ul", "a", "article")
EMBEDS: Final = etree.XPath(
    ".//blockquote[re:test(@class, 'twitter-|instagram-|tiktok-|bluesky-|fb-|telegram-|reddit-')]",
    namespaces={"re": "http://exslt.org/regular-expressions"},
)
LINKED_PARAGRAPHS: Final = etree.XPath(".//*[self::p or self::h3 or self::h4 or self::h5][.//a]")
CARDS: Final = etree.XPath(".//a[.//p or .//h1 or .//h2 or .//h3 or .//h4]")
"""A link around a heading or a paragraph is a teaser of another article."""
CAPTIONS: Final = etree.XPath(".//figure[.//figcaption]")
LINK_SHARE: Final = 0.75
"""Of a paragraph's characters; above, the paragraph is a reference to another article."""
MIN_LINK_WORDS: Final = 4
"""A shorter link is a term, a name or a dateline."""
SENTENCE_END: Final = re.compile(r"[.!?…。」”\"]\s*$")


def prune(root: html.HtmlElement, *, titles: Collection[str], keep_captions: bool) -> None:
    """Cut from the tree, in place, what is no text of the article.

    ``titles``: the headline in all its wordings, which is not repeated in the text. With ``keep_captions`` a photo's
    caption becomes a paragraph: Vietnamese outlets tell part of the story there, often the place.
    """
    etree.strip_elements(root, *FURNITURE, with_tail=False)
    for embed in EMBEDS(root):
        embed.drop_tree()
    own = _own_headings(root, titles)
    _drop_other_articles(root, own)
    for heading in own:
        heading.drop_tree()
    for card in CARDS(root):
        if len(element_text(card).split()) >= MIN_LINK_WORDS:
            card.drop_tree()
    for paragraph in LINKED_PARAGRAPHS(root):
        if _refers_elsewhere(paragraph):
            paragraph.drop_tree()
    if keep_captions:
        for figure in CAPTIONS(root):
            _unfold_caption(figure)
    _thin(root)


def _own_headings(root: html.HtmlElement, titles: Collection[str]) -> list[html.HtmlElement]:
    """Return the headings that say the headline, else the first ``<h1>`` of an ``<article>``."""
    own = [
        heading
        for heading in root.iter("h1", "h2")
        if any(same_words(element_text(heading), title) for title in titles)
    ]
    return (
        own or [heading for heading in root.iter("h1") if next(heading.iterancestors("article"), None) is not None][:1]
    )


def _drop_other_articles(root: html.HtmlElement, own: Collection[html.HtmlElement]) -> None:
    """Drop whole articles appended for endless scrolling: an ``<article>`` with an ``<h1>`` of its own."""
    if not own:
        return
    own_places = {ancestor for heading in own for ancestor in heading.iterancestors("article")}
    for heading in list(root.iter("h1")):
        outer = [ancestor for ancestor in heading.iterancestors("article") if ancestor not in own_places]
        if heading not in own and outer and outer[-1].getparent() is not None:
            outer[-1].drop_tree()


def _thin(root: html.HtmlElement) -> None:
    """Drop what carries no text, so that the searches behind walk over a third fewer elements."""
    etree.strip_elements(root, *MEDIA, with_tail=False)
    etree.strip_tags(root, *EMPHASIS)
    for line in root.iter(*LINES):
        if len(line):
            etree.strip_tags(line, "span")
    for element in reversed(list(root.iter(*CONTAINERS))):
        if len(element) == 0 and not (element.text and element.text.strip()):
            element.drop_tree()


def _refers_elsewhere(paragraph: html.HtmlElement) -> bool:
    links = [element_text(link) for link in paragraph.iter("a")]
    linked, text = sum(map(len, links)), element_text(paragraph)
    if not text or linked < LINK_SHARE * len(text) or len(" ".join(links).split()) < MIN_LINK_WORDS:
        return False
    return not (len(links) > 1 and SENTENCE_END.search(text))


def _unfold_caption(figure: html.HtmlElement) -> None:
    caption = " ".join(filter(None, (element_text(part) for part in figure.iter("figcaption"))))
    tail = figure.tail
    figure.clear()
    figure.tail = tail
    figure.tag = "p"
    figure.text = caption
