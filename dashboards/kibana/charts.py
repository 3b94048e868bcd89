"""The visualisations of the dashboard, each an object of Kibana's library that analysts can reuse."""

from config.messages import Lang
from dashboards.digest.wording import tone_name
from dashboards.kibana.columns import Choices, Column, Count, Days, Distinct, Latest, TopValues
from dashboards.kibana.conditions import about_us, not_dropped
from dashboards.kibana.data_view import TIME_FIELD
from dashboards.kibana.lens import Bars, Figure, Lens, Ring, Rows
from dashboards.kibana.wording import say
from dashboards.tones import TONE_COLOURS, TONE_ORDER

OUTLETS_SHOWN = 20
TOPICS_SHOWN = 14
"""All there are at the first level."""
UNITS_SHOWN = 63
STORIES_SHOWN = 10

FIGURE_TOTAL = "diembao-lens-total"
FIGURE_NEGATIVE = "diembao-lens-negative"
FIGURE_POSITIVE = "diembao-lens-positive"
FIGURE_FOREIGN = "diembao-lens-foreign"
BY_DAY = "diembao-lens-days"
BY_OUTLET = "diembao-lens-outlets"
BY_TOPIC = "diembao-lens-topics"
BY_ORIGIN = "diembao-lens-origin"
BY_UNIT = "diembao-lens-units"
STORIES = "diembao-lens-stories"


def build_charts(lang: Lang) -> tuple[Lens, ...]:
    """Return all visualisations with titles in one language."""
    return (*_figures(lang), _days(lang), _outlets(lang), _topics(lang), _origin(lang), _units(lang), _stories(lang))


def _figures(lang: Lang) -> tuple[Figure, ...]:
    def figure(id_: str, key: str, where: str, colour: str | None = None) -> Figure:
        title = say(key, lang)
        count = Count(id="articles", label=title, where=where)
        return Figure(id=id_, title=title, columns=(count,), filters=(about_us(),), colour=colour)

    return (
        figure(FIGURE_TOTAL, "figure_total", ""),
        figure(FIGURE_NEGATIVE, "figure_negative", "tone: negative", TONE_COLOURS["negative"]),
        figure(FIGURE_POSITIVE, "figure_positive", "tone: positive", TONE_COLOURS["positive"]),
        figure(FIGURE_FOREIGN, "figure_foreign", "outlet.foreign: true"),
    )


def _tones(lang: Lang) -> tuple[Column, ...]:
    return tuple(Count(id=tone, label=tone_name(tone, lang), where=f"tone: {tone}") for tone in TONE_ORDER)


def _total(lang: Lang) -> Column:
    return Count(id="articles", label=say("column_articles", lang))


def _days(lang: Lang) -> Lens:
    return Bars(
        id=BY_DAY,
        title=say("chart_days", lang),
        description=say("chart_days_about", lang),
        columns=(Days(id="day", label=say("column_day", lang), field=TIME_FIELD), *_tones(lang)),
        filters=(about_us(),),
        shape="bar_stacked",
        colours={str(tone): colour for tone, colour in TONE_COLOURS.items()},
    )


def _outlets(lang: Lang) -> Lens:
    outlet = TopValues(
        id="outlet", label=say("column_outlet", lang), field="outlet.name.keyword", size=OUTLETS_SHOWN, by="articles"
    )
    return Rows(
        id=BY_OUTLET,
        title=say("chart_outlets", lang),
        columns=(outlet, _total(lang), *_tones(lang)),
        filters=(about_us(),),
        widths={"outlet": 220},
    )


def _topics(lang: Lang) -> Lens:
    topic = TopValues(id="topic", label=say("column_topic", lang), field="topic", size=TOPICS_SHOWN, by="articles")
    return Bars(
        id=BY_TOPIC,
        title=say("chart_topics", lang),
        columns=(topic, _total(lang)),
        filters=(about_us(),),
        shape="bar_horizontal",
        colours={"articles": TONE_COLOURS["neutral"]},
    )


def _origin(lang: Lang) -> Lens:
    origin = Choices(
        id="origin",
        label=say("column_origin", lang),
        choices=((say("domestic", lang), "outlet.foreign: false"), (say("foreign", lang), "outlet.foreign: true")),
    )
    return Ring(id=BY_ORIGIN, title=say("chart_origin", lang), columns=(origin, _total(lang)), filters=(about_us(),))


def _units(lang: Lang) -> Lens:
    unit = TopValues(id="unit", label=say("column_unit", lang), field="units", size=UNITS_SHOWN, by="articles")
    return Rows(
        id=BY_UNIT,
        title=say("chart_units", lang),
        description=say("chart_units_about", lang),
        columns=(
            unit,
            _total(lang),
            Distinct(id="outlets", label=say("column_outlets", lang), field="outlet.id"),
            Count(id="foreign", label=say("foreign", lang), where="outlet.foreign: true"),
        ),
        filters=(not_dropped(lang),),
        widths={"unit": 220},
    )


def _stories(lang: Lang) -> Lens:
    story = TopValues(id="story", label=say("column_story", lang), field="story", size=STORIES_SHOWN, by="outlets")
    return Rows(
        id=STORIES,
        title=say("chart_stories", lang),
        description=say("chart_stories_about", lang),
        columns=(
            story,
            Latest(id="title", label=say("column_title", lang), field="title.keyword", newest_by=TIME_FIELD),
            Distinct(id="outlets", label=say("column_outlets", lang), field="outlet.id"),
            _total(lang),
            Count(id="negative", label=tone_name("negative", lang), where="tone: negative"),
            Latest(id="url", label=say("column_link", lang), field="url", newest_by=TIME_FIELD),
        ),
        filters=(about_us(),),
        hidden=frozenset({"story"}),
        widths={"outlets": 90, "articles": 90, "negative": 90, "url": 90},
    )
