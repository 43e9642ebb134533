"""View: the models' figures, as a chart that ranks them and as a table."""

import html
from dataclasses import dataclass

import gradio as gr

from playground import api, catalog
from playground.errors import UserError
from playground.ui import plots
from playground.ui.builder import TabBuilder
from playground.ui.state import choice
from playground.ui.tabs.compare.shared import WithModels, html_table, named, plain_cell, plain_models, plain_name
from playground.ui.values import figure_text

# The table's columns: the key in `api.compare_figures`, the heading, and which way is better
COLUMNS = (
    ("nats", "\u2212log p(x)", "lower is better"),
    ("agreement", "agreement", "higher is better; needs classes"),
    ("class_share_gap", "class share gap", "lower is better"),
    ("nn_error", "nearest-neighbour error", "lower is better; needs classes"),
    ("two_sample_nn", "two-sample 1-NN", "50 % is ideal"),
    ("feature_distance", "feature distance", "lower is better"),
    ("milliseconds_per_image", "time an image", "on one core; lower is better"),
)
# The figures by which the chart can rank the models: all of these, and those of their training, which have their own file and unit
TRAINING = {"parameters": ("parameters", 1e6, "millions"), "minutes": ("time of training", 1, "minutes")}
RANKED = {key: title for key, title, _ in COLUMNS} | {key: title for key, (title, _, _) in TRAINING.items()}
IDEAL = {"agreement": 100.0, "two_sample_nn": 50.0}  # in %; for all other figures less is better
TOGETHER = "mean-of-conditionals-mnist"  # the mean of the other autoregressive models' conditionals
DENSITY = {"exact": "exactly", "bound": "a bound", "none": "no"}


@dataclass(frozen=True)
class Figures(WithModels):
    figure: str = choice("nats", RANKED)


def build(tab: TabBuilder) -> None:
    with tab.view("figures", "Figures", Figures):
        with gr.Row(elem_classes="form"):
            choices = [(title, key) for key, title in RANKED.items()]
            tab.control("figure", gr.Radio(choices, label="Rank the models by", elem_id="compare-figure"))
        with tab.wide():
            chart = gr.Plot(show_label=False, container=False, elem_id="compare-ranked")
            hint = gr.HTML(elem_classes="hint", elem_id="compare-ranked-said", apply_default_css=False)
            place = gr.HTML(js_on_load="playground.table(element)", elem_id="compare-table", apply_default_css=False)

    @tab.on_change(place, on=("models",))
    def table_of(state: Figures):
        return table([(name, api.compare_figures(name)) for name in state.models])

    @tab.on_change(chart, hint, on=("models", "figure"))
    def ranked(state: Figures):
        rows = ranking(state.models, state.figure)
        unit = rows[0][1]["unit"] if rows else ""
        title = f"{RANKED[state.figure]}, {unit}" if unit else RANKED[state.figure]
        return plots.ladder(
            [(named(name), metric) for name, metric in rows], title, IDEAL.get(state.figure)
        ), f"<p>{_under(state, rows)}</p>"


def ranking(models: tuple[str, ...], figure: str) -> list[tuple[str, dict]]:
    """The models that have this figure (a key of `RANKED`), the best first, each with its entry in `metrics.json` or one of the same
    form."""
    rows = [(name, _charted(api.compare_figures(name), figure)) for name in models]
    away = lambda value: abs(value - IDEAL[figure]) if figure in IDEAL else value  # noqa: E731
    return sorted([(name, metric) for name, metric in rows if metric], key=lambda row: away(row[1]["value"]))


def _charted(row: dict, figure: str) -> dict | None:
    if figure not in TRAINING:
        return row[figure]
    _, scale, unit = TRAINING[figure]
    return row[figure] and {"value": row[figure] / scale, "unit": unit, "stderr": None, "bound": None, "published": None}


def _under(state: Figures, rows: list[tuple[str, dict]]) -> str:
    """How to read the chart of `ranking`, and which models are not in it."""
    better = {key: text for key, _, text in COLUMNS}.get(state.figure, "the least first")
    missing = [named(name) for name in state.models if name not in dict(rows)]
    sentences = [
        f"{better[0].upper()}{better[1:]}.",
        "A triangle is a bound: the value lies where it points." if any(metric["bound"] in plots.ACROSS for _, metric in rows) else "",
        "Grey diamonds: published values; the table's notes name their sources." if any(metric["published"] for _, metric in rows) else "",
        f"Without this figure: {html.escape(', '.join(missing))}." if missing else "",
    ]
    return " ".join(filter(None, sentences))


def note(metric: dict) -> str:
    """How a figure was measured: data, split, binarisation and estimator, and what was published."""
    parts = [f"{metric['name']}: {metric['estimator']}", f"{metric['data']}, {metric['split']} split"]
    if metric["binarisation"]:
        parts.append(f"binarisation {metric['binarisation']}")
    if metric["name"] == "milliseconds_per_image":
        parts.append(metric["hardware"])
    if metric["published"]:
        parts.append(f"published: {metric['published']}")
    return "; ".join(parts) + "."


def table(rows: list[tuple[str, dict]]) -> str:
    """All figures as HTML, sorted by a click on a heading: rows of (model, its `api.compare_figures`), and below them how each was
    measured."""
    notes: list[str] = []
    body = "".join(
        f'<tr><th scope="row" data-value="{html.escape(name)}">{html.escape(plain_name(name, row["system"]))}'
        f'<small class="raw">{html.escape(name)}</small></th>'
        f'<td data-value="{list(DENSITY).index(row["density"])}">{DENSITY[row["density"]]}</td>'
        + "".join(_cell(row[key], notes) for key, _, _ in COLUMNS)
        + plain_cell(row["parameters"], lambda count: f"{count / 1e6:.2f} M")
        + plain_cell(row["minutes"], lambda minutes: f"{minutes:.0f} min", row["hardware"] or "")
        + "</tr>"
        for name, row in rows
    )
    heads = [
        ("model", ""),
        ("p(x)", "can the model say it?"),
        *((title, better) for _, title, better in COLUMNS),
        ("parameters", "in all its networks"),
        ("training", "a cell's title names the machine"),
    ]
    listed = "".join(f"<li>{html.escape(text)}</li>" for text in notes)
    summary = "<summary>How each was measured, and the models' own names</summary>"
    how = f'<details class="how">{summary}<ol class="notes">{listed}</ol></details>'
    return html_table("All figures of the models chosen", heads, body) + how


def _cell(metric: dict | None, notes: list[str]) -> str:
    if not metric:
        return "<td>&ndash;</td>"
    text = note(metric)
    if text not in notes:
        notes.append(text)
    theirs = ", ".join(f"{published:g}" for published, _ in plots.published(metric["published"]))
    theirs = f"<small>published {theirs}</small>" if theirs else ""
    number = f"<sup>{notes.index(text) + 1}</sup>"
    return f'<td data-value="{metric["value"]}" title="{html.escape(text)}">{html.escape(figure_text(metric))}{number}{theirs}</td>'


def densities() -> str:
    rows = [(name, api.compare_figures(name)) for name in plain_models()]
    sentences = []
    for density, words in (("exact", "Exactly"), ("bound", "As a bound"), ("none", "Not at all")):
        those = [(named(name), row["nats"]) for name, row in rows if row["density"] == density]
        names = [f"{name} ({figure_text(nats)})" if nats else name for name, nats in those]
        sentences.append(f"{words}: {'; '.join(names) or 'none that is here'}.")
    return " ".join(sentences)


def members() -> list[str]:
    """The models whose mean `TOGETHER` is."""
    try:
        return catalog.entry(TOGETHER).training["settings"]["members"]
    except (UserError, KeyError):
        return []


def together() -> str:
    """What the mean of the models' conditionals gains, on digits binarised anew and on the papers' file."""
    try:
        anew, static = (catalog.entry(TOGETHER).metrics[name] for name in ("nats", "nats_static"))
        alone = [catalog.entry(name).metrics["nats"]["value"] for name in members()]
    except (UserError, KeyError):
        return "Not measured yet: python training/evaluate.py mean-of-conditionals-mnist measures it."
    file = [nats for name, nats in static["of_these"].items() if name != "mean"]
    return (
        "No fifth network: at each pixel, the mean of four models' probabilities. It costs at most what they cost on average there "
        "(Jensen's inequality), and the more they differ the more it saves. "
        f"On test digits binarised anew: {anew['value']:.2f} nats, its members alone {min(alone):.2f} to {max(alone):.2f}. "
        f"On {static['n']:,} digits of the papers' static file: {static['value']:.2f}, its members {min(file):.2f} to {max(file):.2f}."
    )
