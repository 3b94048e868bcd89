"""Read a rendered digest back, as a person (and not the template) sees it."""

import re
from dataclasses import dataclass

from lxml import html as lxml_html

NUMBER = re.compile(r"\d+(?:\.\d{3})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSection:
    title: str
    count: int
    """In the heading; 0 when it has none."""
    items: tuple[str, ...]
    """Tone words, in order."""
    folded: int


class ReadPage:
    """A rendered page as a tree."""

    def __init__(self, page: str) -> None:
        self.tree = lxml_html.document_fromstring(page)

    def text(self, path: str) -> str:
        (node,) = self.tree.xpath(path)
        return " ".join(node.text_content().split())

    def number(self, element_id: str) -> int:
        return number_in(self.text(f"//*[@id='{element_id}']"))

    def sections(self) -> list[ReadSection]:
        return [self._section(table) for table in self.tree.xpath("//table[starts-with(@id, 'section-')]")]

    def _section(self, table: lxml_html.HtmlElement) -> ReadSection:
        (heading,) = table.xpath(".//h2")
        (count,) = table.xpath(".//td[contains(@class, 'count')]")
        tones = tuple(node.text_content().strip("[]") for node in table.xpath(".//td[@class='item']//b"))
        notes = (node.text_content() for node in table.xpath(".//td[@class='note']"))
        folded = sum(number_in(note) for note in notes if note.startswith("và ") or "không in tiêu đề" in note)
        return ReadSection(
            title=heading.text_content(),
            count=number_in(count.text_content()) if count.text_content() else 0,
            items=tones,
            folded=folded,
        )

    def outlet_rows(self) -> list[tuple[int, ...]]:
        """Return total, positive, neutral, negative of each row; the last one is the sum."""
        rows = self.tree.xpath("//table[@id='outlets']//tr[td]")
        return [tuple(number_in(cell.text_content()) for cell in row.xpath("./td")[1:]) for row in rows]

    def links(self) -> list[str]:
        return [str(link) for link in self.tree.xpath("//a/@href")]


def number_in(text: str) -> int:
    """Return the first number in the text, 1.234 being one thousand two hundred thirty-four."""
    found = NUMBER.search(text)
    assert found, text
    return int(found[0].replace(".", ""))
