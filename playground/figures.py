"""Plotly figures of the page.  Their words get the page's colours, in light and in dark, from page.css."""

import math
import re
from typing import Any

from playground.page.theme import GENERATED

QUIET = "#8a837b"  # published figures and axes: seen on light and on dark
ACROSS = {"upper": "triangle-left", "lower": "triangle-right"}  # a bound points to where the value is
UP = {"upper": "triangle-down", "lower": "triangle-up"}


def published(text: str | None) -> list[tuple[float, str]]:
    """The figures in a metric's words on what was published: "86.76 (IWAE paper, k = 5,000)" to [(86.76, "IWAE paper, k = 5,000")]."""
    return [(float(value), source) for value, source in re.findall(r"(\d+(?:\.\d+)?)(?: %)? \(([^()]*)\)", text or "")]


def ladder(rows: list[tuple[str, dict]], title: str, ideal: float | None = None) -> Any:
    """One metric of several models, a line each: ours with two standard errors, what was published as diamonds, and the ideal, if any.

    rows: a model's name and the metric's entry in `metrics.json`.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    values = [metric["value"] for _, metric in rows]
    theirs = [(value, name, source) for name, metric in rows for value, source in published(metric["published"])]
    figure.add_scatter(
        x=[value for value, _, _ in theirs],
        y=[name for _, name, _ in theirs],
        text=[source for _, _, source in theirs],
        name="published",
        mode="markers",
        marker={"symbol": "diamond", "size": 10, "color": QUIET},
        hovertemplate="%{x}: %{text}<extra></extra>",
    )
    figure.add_scatter(
        x=values,
        y=[name for name, _ in rows],
        error_x={"type": "data", "array": [2 * (metric["stderr"] or 0) for _, metric in rows], "thickness": 1.5},
        name="here",
        mode="markers",
        marker={"symbol": [ACROSS.get(metric["bound"], "circle") for _, metric in rows], "size": 12, "color": GENERATED},
        hovertemplate="%{y}: %{x:.4g}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", automargin=True)
    if ideal is not None:
        figure.add_scatter(
            x=[ideal for _ in rows],
            y=[name for name, _ in rows],
            name="ideal",
            mode="lines+markers",
            line={"dash": "dot", "width": 1, "color": QUIET},
            marker={"symbol": "line-ns-open", "size": 12},
            hovertemplate="%{x:g} is ideal<extra></extra>",
        )
    elif rows and 0 < 100 * min(values) < max(values):  # on a linear axis all but the largest would fall together
        figure.update_xaxes(type="log", dtick=1, tickformat=",~g")
    return _styled(figure, title, "", 110 + 38 * max(1, len(rows)))


def trade(rows: list[tuple[str, float, dict]], across: str, title: str) -> Any:
    """What a metric costs: a point a model, on a logarithmic axis of cost, and what was published as dotted lines, whose cost nobody said.

    rows: a model's name, its cost, and the metric's entry in `metrics.json`.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for i, (value, source) in enumerate(sorted({found for _, _, metric in rows for found in published(metric["published"])})):
        side = "top right" if i % 2 else "top left"  # two that are close don't hide each other's words
        words = {"text": f"{value:g} {source}", "font": {"size": 11}}
        figure.add_hline(value, line={"dash": "dot", "width": 1, "color": QUIET}, annotation=words, annotation_position=side)
    costs = [cost for _, cost, _ in rows]
    figure.add_scatter(
        x=costs,
        y=[metric["value"] for _, _, metric in rows],
        text=[f" {name}" for name, _, _ in rows],
        error_y={"type": "data", "array": [2 * (metric["stderr"] or 0) for _, _, metric in rows], "thickness": 1.5},
        mode="markers+text",
        textposition="middle right",
        marker={"symbol": [UP.get(metric["bound"], "circle") for _, _, metric in rows], "size": 12, "color": GENERATED},
        hovertemplate="%{text}: %{y:.4g} at %{x:.3g}<extra></extra>",
        cliponaxis=False,
    )
    if costs:
        low, high = math.log10(min(costs)), math.log10(max(costs))
        room = max(0.2, (high - low) / 8)  # decades, beside the first point and thrice beside the last, for its name
        places = [digit * 10.0**power for power in range(-4, 7) for digit in (1, 2, 5)]
        figure.update_xaxes(type="log", range=[low - room, high + 3 * room], tickvals=places, ticktext=[f"{place:,g}" for place in places])
    return _styled(figure, across, title, 380)


def _styled(figure: Any, across: str, up: str, height: int) -> Any:
    """On the page's ground, without grids or buttons that nobody needs; it keeps still under the pointer."""
    clear = "rgba(0,0,0,0)"
    lines = {"gridcolor": "rgba(138,131,123,0.25)", "zeroline": False, "linecolor": QUIET, "fixedrange": True}
    figure.update_xaxes(title=across, **lines)
    figure.update_yaxes(title=up, **lines)
    if not any(len(trace.x) for trace in figure.data):
        figure.update_xaxes(visible=False).update_yaxes(visible=False)
        figure.add_annotation(text="Not measured yet.", showarrow=False)
    return figure.update_layout(
        template="none",
        paper_bgcolor=clear,
        plot_bgcolor=clear,
        height=height,
        margin={"l": 60, "r": 24, "t": 24, "b": 56},
        font={"family": "system-ui, sans-serif", "size": 13, "color": QUIET},
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        dragmode=False,
    )
