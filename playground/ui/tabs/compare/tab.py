"""Compare: every model that makes digits, side by side, by what it makes, by its figures, and by what these cost."""

import html
import json
import string
import time
from dataclasses import dataclass

import gradio as gr

from playground import api, catalog
from playground.ui import nearest_neighbours, plots
from playground.ui.builder import TabBuilder
from playground.ui.components import controls
from playground.ui.state import choice, several, text, whole
from playground.ui.values import said_figure, shown, sign

VIEWS = ("samples", "figures", "cost")
PAUSE = 0.15  # seconds at least between two pictures of the sheets: all of them travel each time
LETTERS = string.ascii_letters + string.digits + "-_./,"

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
# What the chart ranks the models by: all of these, and what is known of their training, which a file of its own holds in a unit of its own
TRAINING = {"parameters": ("parameters", 1e6, "millions"), "minutes": ("time of training", 1, "minutes")}
RANKED = {key: title for key, title, _ in COLUMNS} | {key: title for key, (title, _, _) in TRAINING.items()}
IDEAL = {"agreement": 100.0, "two_sample_nn": 50.0}  # in %; of all other figures less is better
DENSITY = {"exact": "exactly", "bound": "a bound", "none": "no"}


def plain_models() -> tuple[str, ...]:
    """The models that are shown at first: all but variants, whose names say more than system and data set."""
    return tuple(name for name in api.compare_models() if not name.startswith(f"{catalog.entry(name).system}-mnist-"))


@dataclass(frozen=True)
class Compare:
    view: str = choice("samples", VIEWS)
    models: tuple[str, ...] = several(plain_models(), api.compare_models)
    chosen: str = text(f"{next(iter(plain_models()), '')},0", 200, LETTERS)
    figure: str = choice("nats", RANKED)
    seed: int = whole(1, 0, api.SEEDS)


def build() -> TabBuilder:
    sentence = "Every model that makes digits: sixteen each, from one seed. Roll the dice, then click a digit: was it learnt by heart?"
    with TabBuilder("compare", "Compare", sentence, Compare) as tab:
        with gr.Row(elem_classes="form"):
            tab.control("models", gr.CheckboxGroup(label="Models", elem_id="compare-models"))
        _samples(tab)
        _figures(tab)
        _cost(tab)
        tab.seed()
        why = (
            "A pixel model draws each pixel, black or white, strokes astray and all. What is shown of a VAE is the mean of p(x|z), in "
            "greys, with nothing drawn."
        )
        tab.preset("Another sixteen", why, seed=7)
        why = (
            "With a code of two numbers the strokes are blurred, and yet nearly all are digits. With many numbers they are sharp, and more "
            "of what is drawn from the prior is no digit: between the codes of training digits there is more room."
        )
        tab.preset("A small code blurs", why, models=tuple(n for n in ("vae-mnist", "vae-mnist-2d") if n in api.compare_models()))
        tab.preset("Which can say p(x)?", _densities, view="figures")
        question = (
            "A PixelCNN's training waits for one step where a recurrent one waits for 28 or 55. Is it faster here by as much, and is it "
            "a little worse?"
        )
        tab.claim("C18", question, _disagreement, view="cost")
    return tab


# --- the three views ---


def _samples(tab: TabBuilder) -> None:
    with tab.view("samples", "Side by side"):
        with tab.wide():
            with gr.Row(elem_classes="drawing"):
                start = gr.Button("Draw", elem_classes="quiet", elem_id="compare-start")
                stop = gr.Button("Stop", elem_classes="quiet", elem_id="compare-stop")
            sheets = tab.control("chosen", controls.sheets(start="compare-start", sheets=_sheets(Compare()), elem_id="compare-sheets"))
            near = nearest_neighbours.panel(elem_id="compare-memory")

    @tab.on_change(sheets, on=("models", "seed"))
    def sheets_of(state: Compare):
        """What was made before; what was not, the page then asks for by itself."""
        return gr.update(sheets=_sheets(state, ask=True))

    @tab.on_change(near, on=("chosen", "models", "seed"))
    def nearest(state: Compare):
        name, _, index = state.chosen.rpartition(",")
        if name not in state.models or not index.isdigit() or int(index) >= api.SIXTEEN:
            return '<p class="empty">Click a digit.</p>'
        sheet = api.drawn(name, state.seed)
        if sheet is None:
            return '<p class="empty">This digit is not drawn yet.</p>'
        return nearest_neighbours.of(api.digit_of(sheet, int(index)), name)

    @tab.stream(start, stop, sheets, near)
    def draw(state: Compare):
        """Model by model; at the end the chosen digit's neighbours, too."""
        told = 0.0
        for name in state.models:
            for sheet, done in api.drawing(name, state.seed):
                if done == 1 or time.monotonic() - told > PAUSE:
                    yield gr.update(sheets=_sheets(state, {name: (sheet, done)})), gr.skip()
                    told = time.monotonic()
        time.sleep(PAUSE)
        yield gr.update(sheets=_sheets(state)), nearest(state)


def _figures(tab: TabBuilder) -> None:
    with tab.view("figures", "Figures"):
        with gr.Row(elem_classes="form"):
            choices = [(title, key) for key, title in RANKED.items()]
            tab.control("figure", gr.Radio(choices, label="Rank the models by", elem_id="compare-figure"))
        with tab.wide():
            chart = gr.Plot(show_label=False, container=False, elem_id="compare-ranked")
            said = gr.HTML(elem_classes="hint", elem_id="compare-ranked-said", apply_default_css=False)
            place = gr.HTML(js_on_load="playground.table(element)", elem_id="compare-table", apply_default_css=False)

    @tab.on_change(place, on=("models",))
    def table_of(state: Compare):
        return table([(name, api.compare_figures(name)) for name in state.models])

    @tab.on_change(chart, said, on=("models", "figure"))
    def ranked(state: Compare):
        rows = ranking(state.models, state.figure)
        unit = rows[0][1]["unit"] if rows else ""
        title = f"{RANKED[state.figure]}, {unit}" if unit else RANKED[state.figure]
        return plots.ladder(rows, title, IDEAL.get(state.figure)), f"<p>{_under(state, rows)}</p>"


def _cost(tab: TabBuilder) -> None:
    with tab.view("cost", "What they cost"):
        with tab.wide():
            with gr.Row(elem_classes="charts"):
                with gr.Column(min_width=320):
                    gr.HTML("<h3>&minus;log p(x) against time of training</h3>", apply_default_css=False)
                    trained = gr.Plot(show_label=False, container=False, elem_id="compare-trained")
                    said = "Dotted: published, by whom say the notes under Figures. A triangle is a bound: the value lies where it points."
                    gr.HTML(f"<p>{said}</p>", elem_classes="hint", apply_default_css=False)
                with gr.Column(min_width=320):
                    gr.HTML("<h3>Distance from real digits against time an image</h3>", apply_default_css=False)
                    made = gr.Plot(show_label=False, container=False, elem_id="compare-made")
            title = "What must wait for what, while an autoregressive model is trained on 28 &times; 28 pixels"
            gr.HTML(f"<h3>{title}</h3>", apply_default_css=False)
            steps = gr.HTML(js_on_load="playground.table(element)", elem_id="compare-steps", apply_default_css=False)

    @tab.on_change(trained, made, steps, on=("models",))
    def costs(state: Compare):
        rows = [(name, api.compare_figures(name)) for name in state.models]
        nats = [(name, row["minutes"], row["nats"]) for name, row in rows if row["nats"] and row["minutes"]]
        quality = [(name, row["milliseconds_per_image"], row["feature_distance"]) for name, row in rows]
        quality = [(name, cost["value"], metric) for name, cost, metric in quality if cost and metric]
        return (
            plots.trade(nats, "minutes of training", "nats"),
            plots.trade(quality, "milliseconds an image", "feature distance"),
            steps_table(api.compare_steps()),
        )


# --- pictures and words ---


def _sheets(state: Compare, now: dict | None = None, ask: bool = False) -> str:
    """What the sheets show; `now`: a model's sheet as far as it is drawn, and its share; `ask`: for those that are missing."""
    cards = []
    for name in state.models:
        sheet, done = (now or {}).get(name) or ((whole := api.drawn(name, state.seed)), float(whole is not None))
        words = f"Sixteen digits by {name}" if done == 1 else f"{name}: {done:.0%} drawn"
        src = shown(sheet, "")["src"] if sheet else ""
        cards.append({"name": name, "src": src, "alt": f"{words}; arrow keys choose one.", "caption": _caption(name), "done": done})
    return json.dumps({"drawn": cards, "wanted": ask and any(card["done"] < 1 for card in cards)})


def _caption(name: str) -> str:
    """How well its model tells digits from all else, in a few words."""
    row = api.compare_figures(name)
    if row["density"] == "none":
        return "can't say p(x)"
    return nats_in_words(row["nats"]) if row["nats"] else "not measured yet"


def nats_in_words(metric: dict) -> str:
    return f"{sign(metric)}{metric['value']:.2f} nats, {'a bound' if sign(metric) else 'exact'}"


def ranking(models: tuple[str, ...], figure: str) -> list[tuple[str, dict]]:
    """The models that have this figure (a key of `RANKED`), the best first, each with its entry in `metrics.json` or what is like one."""
    rows = [(name, _charted(api.compare_figures(name), figure)) for name in models]
    away = lambda value: abs(value - IDEAL[figure]) if figure in IDEAL else value  # noqa: E731
    return sorted([(name, metric) for name, metric in rows if metric], key=lambda row: away(row[1]["value"]))


def _charted(row: dict, figure: str) -> dict | None:
    if figure not in TRAINING:
        return row[figure]
    _, scale, unit = TRAINING[figure]
    return row[figure] and {"value": row[figure] / scale, "unit": unit, "stderr": None, "bound": None, "published": None}


def _under(state: Compare, rows: list[tuple[str, dict]]) -> str:
    """How to read the chart of `ranking`, and which models are not in it."""
    better = {key: text for key, _, text in COLUMNS}.get(state.figure, "the least first")
    missing = [name for name in state.models if name not in dict(rows)]
    said = [
        f"{better[0].upper()}{better[1:]}.",
        "A triangle is a bound: the value lies where it points." if any(metric["bound"] in plots.ACROSS for _, metric in rows) else "",
        "Grey diamonds: published, by whom say the table's notes." if any(metric["published"] for _, metric in rows) else "",
        f"Without this figure: {html.escape(', '.join(missing))}." if missing else "",
    ]
    return " ".join(filter(None, said))


def note(metric: dict) -> str:
    """How a figure was measured: data, split, binarisation and estimator, and what was published."""
    said = [f"{metric['name']}: {metric['estimator']}", f"{metric['data']}, {metric['split']} split"]
    if metric["binarisation"]:
        said.append(f"binarisation {metric['binarisation']}")
    if metric["name"] == "milliseconds_per_image":
        said.append(metric["hardware"])
    if metric["published"]:
        said.append(f"published: {metric['published']}")
    return "; ".join(said) + "."


def table(rows: list[tuple[str, dict]]) -> str:
    """All figures as HTML, sorted by a click on a heading: rows of (model, its `api.compare_figures`), and how each was measured below."""
    notes: list[str] = []
    body = "".join(
        f'<tr><th scope="row" data-value="{html.escape(name)}">{html.escape(name)}</th>'
        f'<td data-value="{list(DENSITY).index(row["density"])}">{DENSITY[row["density"]]}</td>'
        + "".join(_cell(row[key], notes) for key, _, _ in COLUMNS)
        + _plain_cell(row["parameters"], lambda count: f"{count / 1e6:.2f} M")
        + _plain_cell(row["minutes"], lambda minutes: f"{minutes:.0f} min", row["hardware"] or "")
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
    return f'{_table("All figures of the models chosen", heads, body)}<ol class="notes">{listed}</ol>'


def steps_table(rows: list[dict]) -> str:
    """`api.compare_steps` as HTML."""
    body = "".join(
        f'<tr><th scope="row" data-value="{html.escape(row["model"] or "")}">{html.escape(row["model"] or "a plain recurrence")}</th>'
        f'<td data-value="{row["steps"]}">{_counted(row)}</td>'
        + _plain_cell(row["images_per_second"], lambda rate: f"{rate:.3g} a second", f"{row['hardware']}, {row['precision']}")
        + _plain_cell(row["parameters"], lambda count: f"{count / 1e6:.2f} M")
        + _plain_cell(row["nats"], lambda nats: f"{nats:.2f} nats")
        + "</tr>"
        for row in rows
    )
    heads = [
        ("model", ""),
        ("steps in a row", "n is the side of the images"),
        ("images in training", "in one run of all; a cell's title names the machine"),
        ("parameters", ""),
        ("&minus;log p(x)", "on test digits"),
    ]
    return _table("Sequential steps of training", heads, body)


def _counted(row: dict) -> str:
    return f"{row['formula']} = {row['steps']}" if "n" in row["formula"] else row["formula"]


def _table(caption: str, heads: list[tuple[str, str]], body: str) -> str:
    cells = "".join(
        f'<th scope="col" aria-sort="none"><button type="button">{title}</button>{f"<small>{better}</small>" if better else ""}</th>'
        for title, better in heads
    )
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}; a click on a heading sorts them'
        f"</caption><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(metric: dict | None, notes: list[str]) -> str:
    if not metric:
        return "<td>&ndash;</td>"
    said = note(metric)
    if said not in notes:
        notes.append(said)
    theirs = ", ".join(f"{published:g}" for published, _ in plots.published(metric["published"]))
    theirs = f"<small>published {theirs}</small>" if theirs else ""
    number = f"<sup>{notes.index(said) + 1}</sup>"
    return f'<td data-value="{metric["value"]}" title="{html.escape(said)}">{html.escape(said_figure(metric))}{number}{theirs}</td>'


def _plain_cell(number: float | None, words, title: str = "") -> str:
    return "<td>&ndash;</td>" if number is None else f'<td data-value="{number}" title="{html.escape(title)}">{words(number)}</td>'


# --- the claims ---


def _densities() -> str:
    rows = [(name, api.compare_figures(name)) for name in plain_models()]
    said = []
    for density, words in (("exact", "Exactly"), ("bound", "As a bound"), ("none", "Not at all")):
        names = [f"{name} ({said_figure(row['nats'])})" if row["nats"] else name for name, row in rows if row["density"] == density]
        said.append(f"{words}: {', '.join(names) or 'none that is here'}.")
    return " ".join(said)


def _disagreement() -> str:
    """Where one machine's speeds of training disagree with the count of steps; and whether what waits for less is worse."""
    everything = api.compare_steps()
    rows = [row for row in everything if row["images_per_second"]]
    pairs = [(few, many) for few in rows for many in rows if few["steps"] < many["steps"]]
    against = [
        f"{many['model']} waits for {many['steps']} steps and learns from {many['images_per_second']:.3g} images a second, "
        f"{few['model']} for {few['steps']} and from {few['images_per_second']:.3g}"
        for few, many in pairs
        if many["images_per_second"] >= few["images_per_second"]
    ]
    if not pairs:
        return "There is no recurrent model here yet to compare: python training/run.py row-lstm trains one."
    if not against:
        return f"Yes, in all {len(pairs)} pairs of models: fewer steps in a row, more images a second. {_worse(everything)}"
    return (
        f"Not on two cores, in {len(against)} of {len(pairs)} pairs: {'; '.join(against)}. Waiting costs time where a machine could do "
        f"all steps at once; here the arithmetic does. {_worse(everything)}"
    )


def _worse(rows: list[dict]) -> str:
    """Whether a PixelCNN has more nats than the recurrent models, of rows of `api.compare_steps`."""
    known = [row for row in rows if row["nats"]]
    said = [
        f"{'holds' if cnn['nats'] > rnn['nats'] else 'fails'} against {rnn['model']}: \u2212log p(x) on test digits is "
        f"{cnn['nats']:.2f} nats for {cnn['model']} and {rnn['nats']:.2f} for the other"
        for cnn in known
        for rnn in known
        if cnn["system"] == "pixelcnn" and rnn["steps"] > 1
    ]
    return f"That PixelCNN is a little worse {'; it '.join(said) or 'was not measured yet'}."
