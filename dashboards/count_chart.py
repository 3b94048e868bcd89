"""A small chart of daily counts against what is usual, in the grammar of `dashboards.charts`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from dashboards.charts import INK, RULE, draw
from dashboards.tones import TONE_COLOURS

SMALL_PX = 150
GAP = "#c3cad4"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountDay:
    """One column: how many were counted and how many are usual."""

    label: str
    observed: int | None
    """None: not enough data; a grey mark says so."""
    expected: float | None


def count_chart(
    days: Sequence[CountDay], *, observed_name: str, expected_name: str, width_px: int = 592, scale: float = 2.0
) -> bytes:
    """Return a PNG of a column a day, with what is usual as a line over them, oldest first.

    The last column stands out; its figure is printed above it.
    """
    keys = [f"{place:03d}{day.label}" for place, day in enumerate(days)]
    keyed = list(zip(keys, days, strict=True))
    counted: list[dict[str, Any]] = [
        {"label": key, "count": day.observed, "name": observed_name, "last": key == keys[-1]}
        for key, day in keyed
        if day.observed is not None
    ]
    usual = [
        {"label": key, "count": day.expected, "name": expected_name} for key, day in keyed if day.expected is not None
    ]
    gaps = [{"label": key} for key, day in keyed if day.observed is None]
    highest = max([0.0, *(day.observed or 0 for day in days), *(day.expected or 0 for day in days)])
    shown = keys[-1 :: -max(1, len(keys) // 7)]  # a label a week, the last day's always
    label = alt.X(
        "label:N",
        sort=keys,
        axis=alt.Axis(
            title=None,
            labelExpr="slice(datum.value, 3)",
            labelAngle=0,
            ticks=False,
            domain=True,
            values=shown,
            labelOverlap=False,
        ),
        scale=alt.Scale(domain=keys, padding=0.25),
    )
    count: dict[str, Any] = {
        "axis": alt.Axis(title=None, tickMinStep=1, tickCount=3, domain=False, ticks=False, gridColor=RULE),
        "scale": alt.Scale(domain=[0, max(highest * 1.15, 1)], nice=False),
    }
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=[observed_name, expected_name], range=[TONE_COLOURS["negative"], INK]),
        legend=alt.Legend(title=None, orient="top", direction="horizontal", symbolType="square"),
    )
    columns = (
        alt.Chart(alt.InlineData(values=counted))
        .mark_bar()
        .encode(
            label,
            alt.Y("count:Q", **count),
            colour,
            opacity=alt.condition("datum.last", alt.value(1.0), alt.value(0.5)),
        )
    )
    line = (
        alt.Chart(alt.InlineData(values=usual))
        .mark_line(interpolate="step", strokeWidth=2)
        .encode(label, alt.Y("count:Q", **count), colour)
    )
    figure = (
        alt.Chart(alt.InlineData(values=[row for row in counted if row["last"]]))
        .mark_text(color=INK, fontWeight="bold", fontSize=12, baseline="bottom", dy=-3)
        .encode(label, alt.Y("count:Q", **count), text="count:Q")
    )
    gap = (
        alt.Chart(alt.InlineData(values=gaps))
        .mark_text(text="–", color=GAP, fontSize=14, fontWeight="bold", baseline="bottom")
        .encode(label, alt.Y(datum=0, **count))
    )
    chart = alt.layer(columns, line, figure, gap)
    return draw(chart, width_px=width_px, height_px=SMALL_PX, scale=scale, label_px=11)
