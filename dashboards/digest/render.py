"""Render a digest: HTML that stays below the mail size limit, its text twin, the JSON of its facts.

Every function is pure: the same digest gives the same bytes.
"""

import json
import textwrap
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.resources import files

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from config.messages import Lang
from dashboards.digest.fit import DETAILS, HTML_LIMIT_BYTES, reduced
from dashboards.digest.pictures import days_fit, days_in_words, pictures_of
from dashboards.digest.typography import number
from dashboards.digest.view import view_of
from pipeline.digest.facts import facts_of
from pipeline.records import Digest

TEXT_WIDTH = 78
EMBEDDED_SCALES = (2.0, 1.0)
"""Chart resolutions tried for the stand-alone page, best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartTag:
    """A chart as the HTML refers to it."""

    title: str
    alt: str
    source: str
    """``cid:`` or ``data:`` URI."""


def render_html(digest: Digest) -> str:
    """Return the page that stands alone, below 90 KB; charts are embedded when there is room for them."""
    printed = fitted(digest)
    for scale in EMBEDDED_SCALES:
        charts = [
            ChartTag(
                title=picture.title,
                alt=picture.alt,
                source=f"data:image/png;base64,{b64encode(picture.png).decode('ascii')}",
            )
            for picture in pictures_of(printed, scale=scale)
        ]
        page = html_page(printed, charts)
        if size_of(page) < HTML_LIMIT_BYTES:
            return page
    return html_page(printed, ())


def render_text(digest: Digest) -> str:
    """Return the text twin: the facts of the HTML in its order, wrapped, links on lines of their own."""
    printed = fitted(digest)
    view = view_of(printed)
    told = days_fit(printed) and (printed.counts.total or printed.kind == "daily")
    days = days_in_words(printed) if told else ""
    return (
        template_environment("dashboards.digest", digest.language)
        .get_template("digest.txt.j2")
        .render(view=view, days=days)
    )


def render_json(digest: Digest) -> str:
    """Return the text of ``digest.json``."""
    return json.dumps(facts_of(digest), ensure_ascii=False, indent=2) + "\n"


@lru_cache(maxsize=2)
def fitted(digest: Digest) -> Digest:
    """Return the digest with as much detail as an HTML mail below the limit can print; kept for its other forms."""
    for detail in DETAILS[:-1]:
        printed = reduced(digest, detail)
        if size_of(html_page(printed, ())) < HTML_LIMIT_BYTES - CHART_TAGS_BYTES:
            return printed
    return reduced(digest, DETAILS[-1])


CHART_TAGS_BYTES = 6_000
"""Room kept for two chart references with their alternative texts."""


def html_page(digest: Digest, charts: Sequence[ChartTag]) -> str:
    """Return the HTML of what is left of the digest, styles inlined."""
    template = template_environment("dashboards.digest", digest.language).get_template("digest.html.j2")
    return with_styles(template.render(view=view_of(digest), charts=charts, css=stylesheet()))


def size_of(page: str) -> int:
    """Return the size in bytes as it is sent."""
    return len(page.encode())


def wrap(text: str, first: str = "", rest: str = "") -> str:
    """Wrap to the width of a mail window, never inside a word unless it is longer than a line."""
    return textwrap.fill(
        text, TEXT_WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False, tabsize=1
    )


@lru_cache
def template_environment(package: str, lang: Lang) -> Environment:
    """Return what renders the templates of a package, with numbers and line widths as ``lang`` has them."""
    environment = Environment(
        loader=FileSystemLoader(str(files(package) / "templates")),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["number"] = partial(number, lang=lang)
    environment.filters["wrap"] = wrap
    return environment


@lru_cache
def _inliner() -> CSSInliner:
    return CSSInliner(keep_at_rules=True, minify_css=True, load_remote_stylesheets=False)


def with_styles(page: str) -> str:
    """Return the page with its styles inlined, as mail programs want them."""
    return _inliner().inline(page)


@lru_cache
def stylesheet() -> Markup:
    """Return our own style sheet, which needs no escaping."""
    return Markup((files("dashboards.digest") / "templates" / "digest.css").read_text(encoding="utf-8"))  # noqa: S704
