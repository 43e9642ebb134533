"""View: what the models cost, in training and in sampling."""

import html

import gradio as gr

from playground import api
from playground.ui import plots
from playground.ui.builder import TabBuilder
from playground.ui.tabs.compare.shared import WithModels, html_table, named, plain_cell


def build(tab: TabBuilder) -> None:
    with tab.view("cost", "What they cost", WithModels):
        with tab.wide():
            with gr.Row(elem_classes="charts"):
                with gr.Column(min_width=320):
                    gr.HTML("<h2>&minus;log p(x) against time of training</h2>", apply_default_css=False)
                    trained = gr.Plot(show_label=False, container=False, elem_id="compare-trained")
                    hint = "Dotted: published, by whom say the notes under Figures. A triangle is a bound: the value lies where it points."
                    gr.HTML(f"<p>{hint}</p>", elem_classes="hint", apply_default_css=False)
                with gr.Column(min_width=320):
                    gr.HTML("<h2>Distance from real digits against time an image</h2>", apply_default_css=False)
                    sampling = gr.Plot(show_label=False, container=False, elem_id="compare-made")
            title = "What must wait for what, while an autoregressive model is trained on 28 &times; 28 pixels"
            gr.HTML(f"<h2>{title}</h2>", apply_default_css=False)
            steps = gr.HTML(js_on_load="playground.table(element)", elem_id="compare-steps", apply_default_css=False)

    @tab.on_change(trained, sampling, steps, on=("models",))
    def costs(state: WithModels):
        rows = [(name, api.compare_figures(name)) for name in state.models]
        nats = [(named(name), row["minutes"], row["nats"]) for name, row in rows if row["nats"] and row["minutes"]]
        quality = [(named(name), row["milliseconds_per_image"], row["feature_distance"]) for name, row in rows]
        quality = [(name, cost["value"], metric) for name, cost, metric in quality if cost and metric]
        return (
            plots.trade(nats, "minutes of training", "nats"),
            plots.trade(quality, "milliseconds an image", "feature distance"),
            steps_table(api.compare_steps()),
        )


def steps_table(rows: list[dict]) -> str:
    """`api.compare_steps` as HTML."""
    body = "".join(
        f'<tr><th scope="row" data-value="{html.escape(row["model"] or "")}" title="{html.escape(row["model"] or "")}">'
        f"{html.escape(named(row['model']) if row['model'] else 'a plain recurrence')}</th>"
        f'<td data-value="{row["steps"]}">{_counted(row)}</td>'
        + plain_cell(row["images_per_second"], lambda rate: f"{rate:.3g} a second", f"{row['hardware']}, {row['precision']}")
        + plain_cell(row["parameters"], lambda count: f"{count / 1e6:.2f} M")
        + plain_cell(row["nats"], lambda nats: f"{nats:.2f} nats")
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
    return html_table("Sequential steps of training", heads, body)


def _counted(row: dict) -> str:
    return f"{row['formula']} = {row['steps']}" if "n" in row["formula"] else row["formula"]


def disagreement() -> str:
    """Where one machine's training speeds disagree with the count of sequential steps; and whether models with fewer steps are worse."""
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
    """Whether a PixelCNN has more nats than the recurrent models, from rows of `api.compare_steps`."""
    known = [row for row in rows if row["nats"]]
    reasons = [
        f"{'holds' if cnn['nats'] > rnn['nats'] else 'fails'} against {rnn['model']}: \u2212log p(x) on test digits is "
        f"{cnn['nats']:.2f} nats for {cnn['model']} and {rnn['nats']:.2f} for the other"
        for cnn in known
        for rnn in known
        if cnn["system"] == "pixelcnn" and rnn["steps"] > 1
    ]
    return f"That PixelCNN is a little worse {'; it '.join(reasons) or 'was not measured yet'}."
