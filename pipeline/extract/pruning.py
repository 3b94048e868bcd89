"""What is cut from a page's tree before its text is looked for: menus, embedded posts, links to other articles."""

import re
from collections.abc import Collection
from typing import Final

from lxml import etree, html

from pipeline.extract.declared import element_text
from pipeline.extract.words import same_words

FURNITURE: Final = ("nav", "footer", "button", "select", "dialog", "menu", "input", "label", "textarea")
EMBEDS: Final = etree.XPath(
    ".//blockquote[re:test(@class, 'twitter-|instagram-|tiktok-|bluesky-|fb-|telegram-|reddit-')]",
    namespaces={"re": "http://exslt.org/regular-expressions"},
)
LINKED_PARAGRAPHS: Final = etree.XPath(".//*[self::p or self::h3 or self::h4 or self::h5][.//a]")
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
    for heading in list(root.iter("h1", "h2")):
        if any(same_words(element_text(heading), title) for title in titles):
            heading.drop_tree()
    for paragraph in LINKED_PARAGRAPHS(root):
        if _refers_elsewhere(paragraph):
            paragraph.drop_tree()
    if keep_captions:
        for figure in CAPTIONS(root):
            _unfold_caption(figure)


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
