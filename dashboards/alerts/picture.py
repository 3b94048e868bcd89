"""The small chart of an alert: what was counted each day, and what is usual."""

from config.messages import message
from dashboards.alerts.notice import Notice
from dashboards.count_chart import CountDay, count_chart
from dashboards.digest.pictures import Picture
from dashboards.digest.typography import number, short_day
from pipeline.records import AlertDay

DAYS_IN_WORDS = 7
LEAST_DAYS = 2
"""One column alone shows nothing that the figures do not."""


def picture_of(notice: Notice, *, scale: float = 2.0) -> Picture | None:
    """Draw the days that led to an alert; None when too few are known."""
    days, lang = notice.alert.days, notice.lang
    if sum(day.observed is not None for day in days) < LEAST_DAYS:
        return None
    rows = [CountDay(label=short_day(one.day, lang), observed=one.observed, expected=one.expected) for one in days]
    return Picture(
        name="days",
        title=message("alert.chart_title", lang),
        alt=days_in_words(notice),
        png=count_chart(
            rows,
            observed_name=message("alert.chart_observed", lang),
            expected_name=message("alert.chart_expected", lang),
            scale=scale,
        ),
    )


def days_in_words(notice: Notice) -> str:
    """Return the last days of the chart as one sentence."""
    rows = "; ".join(_in_words(day, notice) for day in notice.alert.days[-DAYS_IN_WORDS:])
    return message("alert.chart_alt", notice.lang, rows=rows)


def _in_words(one: AlertDay, notice: Notice) -> str:
    day = short_day(one.day, notice.lang)
    if one.observed is None:
        return message("alert.chart_gap", notice.lang, day=day)
    observed = number(one.observed, notice.lang)
    if one.expected is None:
        return message("alert.chart_row_unknown", notice.lang, day=day, observed=observed)
    expected = number(one.expected, notice.lang)
    return message("alert.chart_row", notice.lang, day=day, observed=observed, expected=expected)
