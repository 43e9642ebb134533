"""View: where a digit surprises a model, and how much compared with the digits of the test set."""

import json
from dataclasses import dataclass

import gradio as gr

from playground import catalog, graphs
from playground.drawing.digit_strokes import DIGITS
from playground.errors import UserError
from playground.graphs.recording import choose
from playground.ui.builder import TabBuilder
from playground.ui.components.pixel_picker import HEAT
from playground.ui.digit_picker import digit_canvas, on_digit_change
from playground.ui.state import strokes
from playground.ui.tabs.pixels.state import Shared
from playground.ui.values import figures, shown


@dataclass(frozen=True)
class Surprise(Shared):
    mine: str = strokes(json.loads(DIGITS["4"])["strokes"])


def build(tab: TabBuilder) -> None:
    with tab.view("surprise", "Surprise it", Surprise):
        with tab.controls():
            mine, picker = digit_canvas(tab, "mine", elem_id="pixels-mine", picker_id="pixels-mine-hands")
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                seen = tab.picture("visitor", pixelated=True, caption="x, as the model sees it", elem_id="pixels-seen")
                heat = tab.picture("generated", pixelated=True, caption="surprise, black 0 bits, white 8 or more", elem_id="pixels-heat")
            numbers = tab.numbers(("surprise", "", "nats"), ("bits per pixel", "", ""), ("taken for", "", ""))
            beside = gr.HTML(elem_id="pixels-histogram", apply_default_css=False)

    @on_digit_change(tab, "mine", mine, picker, seen, heat, numbers, beside, on=("seed", "model"), hint=numbers, in_browser=True)
    def surprise(state: Surprise):
        x = graphs.run("binarise", state.model, digit=graphs.drawn_digit(state.mine).digit, seed=state.seed).x
        found = graphs.run("surprise", state.model, x=x, nats=graphs.run("score", state.model, x=x).nats, colours=HEAT)
        where = f"row {found.row + 1}, column {found.column + 1}"
        return (
            shown(found.seen, "The digit as the model sees it: 28 by 28 pixels, black or white."),
            shown(found.heat, f"Where the model was surprised, most of all in {where}."),
            figures(
                ("surprise, -log p(x)", found.total, "nats"),
                ("bits per pixel", found.bits_per_pixel, ""),
                ("taken for", f"{found.kind} ({found.share:.0%})", ""),
            ),
            _histogram(state.model, found.total),
        )


def _histogram(model: str, nats: float) -> str:
    """The position of these nats among those of the test set, as SVG."""
    try:
        counted = catalog.entry(model).metrics["nats"]["histogram"]
    except (KeyError, UserError):
        return '<p class="empty">The test set was not measured yet with this model.</p>'
    edges, counts = counted["edges"], counted["counts"]
    low, high = edges[0], choose(nats > edges[-1], (edges[-1], nats)) + 5
    across = lambda value: (value - low) / (high - low) * 100  # noqa: E731
    bars = "".join(
        f'<rect x="{across(edges[i]):.2f}" width="{across(edges[i + 1]) - across(edges[i]):.2f}" y="{34 - 32 * count / max(counts):.2f}" '
        f'height="{32 * count / max(counts):.2f}"/>'
        for i, count in enumerate(counts)
    )
    less = sum(count * (1 - (edge > nats)) for edge, count in zip(edges[1:], counts)) / sum(counts)
    rank = f"more surprising than {less:.0%} of the {sum(counts):,} test digits ({edges[0]:.0f} to {edges[-1]:.0f} nats)"
    line = f'<line x1="{across(nats):.2f}" x2="{across(nats):.2f}" y1="0" y2="36" stroke="var(--visitor)" stroke-width="0.8"/>'
    return f"""<figure class="picture"><svg viewBox="0 0 100 36" preserveAspectRatio="none" width="100%" height="110" role="img"
        aria-label="Your digit is {rank}."><g fill="var(--real)">{bars}</g>{line}</svg>
        <figcaption><b class="visitor">Your digit</b>, {nats:.1f} nats, is {rank}; <b class="real">test digits</b> in blue.</figcaption>
        </figure>"""
