"""Plotly figures of the page.  Their text gets the page's colours, in light and dark mode, from page.css."""

import math
import re
from typing import Any

from playground.drawing.palettes import GENERATED

QUIET = "#8a837b"  # published figures and axes: visible on light and on dark
ACROSS = {"upper": "triangle-left", "lower": "triangle-right"}  # a bound points to where the value is
UP = {"upper": "triangle-down", "lower": "triangle-up"}


def published(text: str | None) -> list[tuple[float, str]]:
    """The figures in a metric's text on what was published: "86.76 (IWAE paper, k = 5,000)" to [(86.76, "IWAE paper, k = 5,000")]."""
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
    lines = [name for name, _ in rows]  # as ranked: plotly would begin with those that have published figures
    figure.update_yaxes(autorange="reversed", automargin=True, categoryorder="array", categoryarray=lines)
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
    elif rows and 0 < 100 * min(values) < max(values):  # on a linear axis all but the largest would coincide
        figure.update_xaxes(type="log", dtick=1, tickformat=",~g")
    return _styled(figure, title, "", 110 + 38 * max(1, len(rows)))


def trade(rows: list[tuple[str, float, dict]], across: str, title: str) -> Any:
    """A metric against its cost: one point per model, on a logarithmic axis of cost, and published figures, whose cost is unknown, as
    dotted lines.

    rows: a model's name, its cost, and the metric's entry in `metrics.json`.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    if not rows:
        return _styled(figure, across, title, 380)
    names, costs, metrics = zip(*rows)
    values = [metric["value"] for metric in metrics]
    theirs = sorted({found for metric in metrics for found in published(metric["published"])})
    logs = [math.log10(cost) for cost in costs]
    room = max(0.2, (max(logs) - min(logs)) / 8)  # decades before the first point, three times that after the last, for names
    left, right = min(logs) - room, max(logs) + 3 * room
    everything = [*values, *(value for value, _ in theirs)]
    span = max(everything) - min(everything) or 1.0
    low, high = min(everything) - span / 12, max(everything) + span / 12
    for value, source in theirs:
        line = {"dash": "dot", "width": 1, "color": QUIET}
        says = f"published {value:g}: {source}<extra></extra>"
        figure.add_scatter(x=[10**left, 10**right], y=[value, value], mode="lines", line=line, hovertemplate=says)
    for group in _grouped([value for value, _ in theirs], span / 20):
        text = f"{group[0]:g}" if group[0] == group[-1] else f"{group[0]:g} to {group[-1]:g}"
        figure.add_annotation(text=text, x=1, xref="paper", xanchor="left", y=sum(group) / len(group), showarrow=False, font={"size": 11})
    figure.add_scatter(
        x=costs,
        y=values,
        text=[f" {name} " for name in names],
        error_y={"type": "data", "array": [2 * (metric["stderr"] or 0) for metric in metrics], "thickness": 1.5},
        mode="markers+text",
        textposition=_beside([((x - left) / (right - left), (y - low) / (high - low)) for x, y in zip(logs, values)], names),
        marker={"symbol": [UP.get(metric["bound"], "circle") for metric in metrics], "size": 12, "color": GENERATED},
        hovertemplate="%{text}: %{y:.4g} at %{x:.3g}<extra></extra>",
        cliponaxis=False,
    )
    places = [digit * 10.0**power for power in range(-4, 7) for digit in (1, 2, 5)]
    figure.update_xaxes(type="log", range=[left, right], tickvals=places, ticktext=[f"{place:,g}" for place in places])
    figure.update_yaxes(range=[low, high])
    return _styled(figure, across, title, 380).update_layout(showlegend=False, margin={"r": 100 if theirs else 24})


def _grouped(values: list[float], near: float) -> list[list[float]]:
    """Groups sorted values: a value within this distance of its predecessor joins its group."""
    groups: list[list[float]] = []
    for value in values:
        if groups and value - groups[-1][-1] < near:
            groups[-1].append(value)
        else:
            groups.append([value])
    return groups


def _beside(points: list[tuple[float, float]], names: list[str], size: tuple[int, int] = (400, 300)) -> list[str]:
    """The position of each point's name, in Plotly's terms, so that names hide neither each other nor a point if possible.

    points: across and up, as shares of a chart of this size in pixels.
    """
    centres = [(x * size[0], y * size[1]) for x, y in points]
    taken = [(x - 8, y - 8, x + 8, y + 8) for x, y in centres]
    chosen = []
    for (x, y), name in zip(centres, names):
        wide = 7 * len(name) + 8
        boxes = {
            "middle right": (x + 8, y - 8, x + 8 + wide, y + 8),
            "top center": (x - wide / 2, y + 8, x + wide / 2, y + 24),
            "bottom center": (x - wide / 2, y - 24, x + wide / 2, y - 8),
            "top right": (x, y + 8, x + wide, y + 24),
            "bottom right": (x, y - 24, x + wide, y - 8),
            "top left": (x - wide, y + 8, x, y + 24),
            "bottom left": (x - wide, y - 24, x, y - 8),
            "middle left": (x - 8 - wide, y - 8, x - 8, y + 8),
        }
        hidden = {  # a name under another name is worst
            place: sum(_overlap(box, other) * (1 + (k >= len(points))) for k, other in enumerate(taken)) + (box[0] < 0 or box[2] > size[0])
            for place, box in boxes.items()
        }
        chosen.append(min(hidden, key=hidden.get))
        taken.append(boxes[chosen[-1]])
    return chosen


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Whether two boxes (left, low, right, high) do."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _styled(figure: Any, across: str, up: str, height: int) -> Any:
    """On the page's background, without grid and buttons, and without reacting to the pointer."""
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
