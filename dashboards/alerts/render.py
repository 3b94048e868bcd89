"""Render one alert: HTML, its text twin, a mail, a note for chat rooms. Pure: the same notice gives the same bytes."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from hashlib import blake2b

from config.messages import message
from dashboards.alerts.notice import (
    Notice,
    StoryView,
    day_line,
    footer_lines,
    headline,
    kibana_link,
    level_name,
    sentences,
    state_line,
    stories_left,
    story_views,
    subject_of,
)
from dashboards.alerts.picture import days_in_words, picture_of
from dashboards.digest.render import ChartTag, stylesheet, template_environment, with_styles
from dashboards.digest.typography import number
from dashboards.digest.wording import unit_title
from pipeline.deliver.mail_policy import MAIL_POLICY

NOTE_STORIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """Everything the templates print."""

    lang: str
    subject: str
    masthead: str
    internal: str
    unit: str
    day: str
    headline: str
    calm: bool
    """True for what is only to be watched, or over."""
    cards: tuple[tuple[str, str, str], ...]
    """(figure, what it is, class)."""
    lines: tuple[str, ...]
    verify: str
    state: str
    stories_title: str
    stories: Sequence[StoryView]
    stories_more: str
    kibana: str
    kibana_name: str
    footer: tuple[str, ...]


def render_html(notice: Notice) -> str:
    """Return the page that stands alone, with its chart."""
    picture = picture_of(notice)
    if picture is None:
        return html_page(notice, None)
    source = f"data:image/png;base64,{b64encode(picture.png).decode('ascii')}"
    return html_page(notice, ChartTag(title=picture.title, alt=picture.alt, source=source))


def html_page(notice: Notice, chart: ChartTag | None) -> str:
    """Return the HTML, styles inlined."""
    template = template_environment("dashboards.alerts", notice.lang).get_template("alert.html.j2")
    return with_styles(template.render(view=_view(notice), chart=chart, css=stylesheet()))


def render_text(notice: Notice) -> str:
    """Return the text twin."""
    days = days_in_words(notice) if notice.alert.days else ""
    template = template_environment("dashboards.alerts", notice.lang).get_template("alert.txt.j2")
    return template.render(view=_view(notice), days=days)


def compose_mail(notice: Notice, sender: str) -> EmailMessage:
    """Return the mail for nobody yet; who receives it, and its identity, are for the delivery to add."""
    address = Address(display_name=message("digest.sender", notice.lang), addr_spec=sender)
    picture = picture_of(notice)
    mark = f"alert.{notice.alert.id}.{notice.happened}"
    content_id = f"days.{mark}@{address.domain}"
    chart = ChartTag(title=picture.title, alt=picture.alt, source=f"cid:{content_id}") if picture else None
    mail = EmailMessage(policy=MAIL_POLICY)
    mail["Subject"] = subject_of(notice)
    mail["From"] = address
    mail["Auto-Submitted"] = "auto-generated"
    if notice.alert.level and notice.happened != "closed":
        mail["Importance"] = "high"
    mail.set_content(render_text(notice), cte="quoted-printable")
    mail.add_alternative(html_page(notice, chart), subtype="html", cte="quoted-printable")
    page = mail.get_payload(1)
    assert isinstance(page, EmailMessage)  # noqa: S101 - what add_alternative just put there
    if picture:
        page.add_related(
            picture.png,
            maintype="image",
            subtype="png",
            cid=f"<{content_id}>",
            filename="days.png",
            disposition="inline",
        )
    mail["Content-Language"] = notice.lang
    for depth, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{blake2b(f'{mark}.{depth}'.encode(), digest_size=12).hexdigest()}")
    return mail


def note_of(notice: Notice) -> tuple[str, str]:
    """Return a title and a few lines, for chat rooms and phones."""
    stories = [f"- {story.title} ({story.source}) {story.link}" for story in story_views(notice)[:NOTE_STORIES]]
    lines = [headline(notice) + ".", *sentences(notice), message("alert.verify", notice.lang), *stories]
    return subject_of(notice), "\n".join(lines)


def _view(notice: Notice) -> AlertView:
    alert, lang = notice.alert, notice.lang
    calm = alert.level == 0 or alert.state == "closed"
    figures = [(number(alert.observed, lang), message("alert.card_observed", lang), "negative")]
    if alert.expected is not None:
        figures.append((number(alert.expected, lang), message("alert.card_expected", lang), ""))
    figures.append((number(alert.outlets, lang), message("alert.card_outlets", lang), ""))
    return AlertView(
        lang=lang,
        subject=subject_of(notice),
        masthead=f"{message('alert.masthead', lang)} · {level_name(alert, lang)}",
        internal=message("digest.internal", lang) if notice.internal else "",
        unit=unit_title(alert.unit, lang),
        day=day_line(notice),
        headline=headline(notice),
        calm=calm,
        cards=tuple(figures) if alert.kind == "spike" else (),
        lines=tuple(sentences(notice)),
        verify=message("alert.verify", lang),
        state=state_line(notice),
        stories_title=message("alert.stories_title", lang),
        stories=story_views(notice),
        stories_more=stories_left(notice),
        kibana=kibana_link(notice),
        kibana_name=message("kibana.view", lang),
        footer=tuple(footer_lines(notice)),
    )
