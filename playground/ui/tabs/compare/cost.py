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
                    hint = "Dotted: published values; the notes under Figures name their sources. "
                    hint += "A triangle is a bound: the value lies where it points."
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
    """Whether a PixelCNN trains faster than recurrent models by as much as its steps are fewer, on one machine; and whether it is worse."""
    rows = api.compare_steps()
    cnn = next((row for row in rows if row["system"] == "pixelcnn" and row["images_per_second"]), None)
    slow = [row for row in rows if row["steps"] > 1 and row["images_per_second"]]
    if not cnn or not slow:
        return "There is no recurrent model here yet to compare: python training/run.py row-lstm trains one."
    times = [cnn["images_per_second"] / row["images_per_second"] for row in slow]
    if min(times) < 1:
        verdict = "Not faster than all of them"
    else:
        as_much = all(ratio >= row["steps"] / cnn["steps"] for ratio, row in zip(times, slow))
        verdict = "Faster, and by as much" if as_much else "Faster, but not by as much"
    names = [named(row["model"]) for row in slow]
    each = (f"a PixelCNN is {n:.2g} times as fast as {name} with {row['steps']} steps" for n, name, row in zip(times, names, slow))
    return f"{verdict}: {'; '.join(each)}. {_others(rows, slow)}{_worse(cnn, slow)}"


def _others(rows: list[dict], slow: list[dict]) -> str:
    """Which models wait for one step, and learn from fewer images a second than the fastest of those that wait for many."""
    fastest = max(slow, key=lambda row: row["images_per_second"])
    slower = [row for row in rows if row["steps"] == 1 and 0 < (row["images_per_second"] or 0) < fastest["images_per_second"]]
    each = (f"{named(row['model'])} waits for one step, too, and is slower than {named(fastest['model'])}. " for row in slower)
    costs = "Steps in a row cost time where a machine could do all of them at once; on two cores the arithmetic costs it. "
    return costs + "".join(each)


def _worse(cnn: dict, recurrent: list[dict]) -> str:
    """Whether a PixelCNN has more nats than the recurrent models."""
    known = [row for row in recurrent if row["nats"]]
    if not cnn["nats"] or not known:
        return "Whether it is worse was not measured yet."
    worse = [cnn["nats"] > row["nats"] for row in known]
    verdict = "It is a little worse" if all(worse) else "It is worse than some" if any(worse) else "It is not worse"
    theirs = "; ".join(f"{named(row['model'])} {row['nats']:.2f}" for row in known)
    return f"{verdict}: \u2212log p(x) on test digits is {cnn['nats']:.2f} nats, of the others {theirs}."
