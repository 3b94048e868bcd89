"""One grammar of charts for e-mail, web and report: stacked bars of reports by tone (Vega-Lite, drawn offline).

Numbers stand inside the bars and tones are named in the legend: nothing depends on colour alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import altair as alt
import vl_convert

from dashboards.palette import with_palette
from dashboards.tones import TONE_COLOURS, TONE_ORDER
from pipeline.records import Tone

FONT = "Diembao Sans"
"""In ``dashboards/fonts``, with every Vietnamese letter: the picture is the same on any machine."""

INK = "#27303d"
RULE = "#d9dee6"

BAR_PX = 26
"""Height of a row of the bar chart."""
LEGEND_PX = 52
"""What the legend and the padding take of the height."""
COLUMNS_PX = 200
LABEL_SHARE = {"across": 0.04, "up": 0.12}
"""A segment shorter than this share of the longest bar has no room for its figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneRow:
    """One bar: a label and how many reports of each tone it stands for; None: no data."""

    label: str
    counts: Mapping[Tone, int] | None


def tone_chart(
    rows: Sequence[ToneRow],
    *,
    bars: Literal["across", "up"],
    tone_names: Mapping[Tone, str],
    no_data: str,
    width_px: int = 560,
    scale: float = 2.0,
) -> bytes:
    """Return a PNG of stacked bars in the given order.

    ``width_px`` is the whole picture. ``across``: one bar a row (outlets); ``up``: one column a row (days). A row
    without data says ``no_data``.
    """
    chart = _tone_layers(rows, bars=bars, tone_names=tone_names, no_data=no_data)
    height_px = max(len(rows), 1) * BAR_PX + LEGEND_PX if bars == "across" else COLUMNS_PX
    return draw(chart, width_px=width_px, height_px=height_px, scale=scale)


def draw(chart: Any, *, width_px: int, height_px: int, scale: float, label_px: int = 12) -> bytes:
    """Return a chart of Altair as PNG, in the frame and with the type that all charts share."""
    framed = (
        chart.properties(
            width=width_px,
            height=height_px,
            autosize=alt.AutoSizeParams(type="fit", contains="padding"),
            background="white",
            padding=8,
        )
        .configure(font=FONT)
        .configure_axis(labelFontSize=label_px, labelColor=INK, domainColor=RULE)
        .configure_legend(labelFontSize=12, labelColor=INK)
        .configure_view(stroke=None)
    )
    _register_fonts()
    return with_palette(vl_convert.vegalite_to_png(vl_spec=framed.to_dict(), vl_version="6.4", scale=scale))


@lru_cache
def _register_fonts() -> None:
    vl_convert.register_font_directory(str(files("dashboards") / "fonts"))


def _tone_layers(
    rows: Sequence[ToneRow], *, bars: Literal["across", "up"], tone_names: Mapping[Tone, str], no_data: str
) -> Any:
    keys = [f"{place:03d}{row.label}" for place, row in enumerate(rows)]  # two outlets may share a name
    keyed = list(zip(keys, rows, strict=True))
    segments = alt.InlineData(values=_segments(keyed, tone_names))
    gaps = alt.InlineData(values=[{"label": key, "says": no_data} for key, row in keyed if row.counts is None])
    totals = alt.InlineData(
        values=[{"label": key, "total": sum(row.counts.values())} for key, row in keyed if row.counts is not None]
    )
    across = bars == "across"
    longest = max((sum(row.counts.values()) for row in rows if row.counts), default=0)
    label_axis = alt.Axis(
        title=None,
        labelExpr="slice(datum.value, 3)",
        labelAngle=0,
        ticks=False,
        domain=False,
        labelLimit=190,
        labelPadding=6,
    )
    count_axis = alt.Axis(title=None, labels=False, ticks=False, domain=False, grid=False)
    by_label: dict[str, Any] = {"sort": keys, "axis": label_axis, "scale": alt.Scale(domain=keys, padding=0.28)}
    by_count: dict[str, Any] = {"axis": count_axis, "scale": alt.Scale(domain=[0, max(longest * 1.08, 1)])}
    label_at, count_at = (alt.Y, alt.X) if across else (alt.X, alt.Y)
    count_end = alt.X2 if across else alt.Y2
    label = label_at("label:N", **by_label)
    bar = (
        alt.Chart(segments)
        .mark_bar()
        .encode(
            label,
            count_at("from:Q", **by_count),
            count_end("to:Q"),
            alt.Color(
                "tone:N",
                scale=alt.Scale(
                    domain=[tone_names[tone] for tone in TONE_ORDER], range=[TONE_COLOURS[tone] for tone in TONE_ORDER]
                ),
                legend=alt.Legend(title=None, orient="top", direction="horizontal", symbolType="square"),
            ),
        )
    )
    inside = (
        alt.Chart(segments)
        .transform_filter(f"datum.count >= {longest * LABEL_SHARE[bars]}")
        .mark_text(color="white", fontWeight="bold", fontSize=11)
        .encode(label, count_at("middle:Q", **by_count), text="count:Q")
    )
    outside: dict[str, Any] = {"align": "left", "dx": 5} if across else {"baseline": "bottom", "dy": -3}
    total = (
        alt.Chart(totals)
        .mark_text(color=INK, fontWeight="bold", fontSize=12, **outside)
        .encode(label, count_at("total:Q", **by_count), text="total:Q")
    )
    gap = (
        alt.Chart(gaps)
        .mark_text(color=INK, fontSize=10, fontStyle="italic", **outside)
        .encode(label, count_at(datum=0, **by_count), text="says:N")
    )
    return alt.layer(bar, inside, total, gap)


def _segments(keyed: Sequence[tuple[str, ToneRow]], tone_names: Mapping[Tone, str]) -> list[dict[str, object]]:
    segments: list[dict[str, object]] = []
    for key, row in keyed:
        start = 0
        for tone in TONE_ORDER:
            count = row.counts[tone] if row.counts is not None else 0
            if count:
                segments.append(
                    {
                        "label": key,
                        "tone": tone_names[tone],
                        "count": count,
                        "from": start,
                        "to": start + count,
                        "middle": start + count / 2,
                    }
                )
                start += count
    return segments
