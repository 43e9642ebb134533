"""View: a digit is encoded, and decoded again; the two terms of the ELBO."""

import json
from dataclasses import dataclass

import gradio as gr

from playground import api, graphs
from playground.drawing.digit_strokes import DIGITS
from playground.ui.builder import TabBuilder
from playground.ui.digit_picker import digit_canvas, on_digit_change
from playground.ui.state import strokes
from playground.ui.tabs.latent.state import WithModel, WithSeed
from playground.ui.values import figures, shown


@dataclass(frozen=True)
class Rebuild(WithModel, WithSeed):
    digit: str = strokes(json.loads(DIGITS["3"])["strokes"])


def build(tab: TabBuilder) -> None:
    with tab.view("rebuild", "Encode and rebuild", Rebuild):
        with tab.controls():
            drawn, picker = digit_canvas(tab, "digit", elem_id="latent-canvas", picker_id="latent-hands")
            tab.control("model", gr.Dropdown(label="Model"))
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                seen = tab.picture("visitor", pixelated=True, caption="x, as the encoder sees it", elem_id="latent-seen")
                rebuilt = tab.picture("generated", pixelated=True, caption="x rebuilt from z", elem_id="latent-rebuilt")
            numbers = tab.numbers(("reconstruction", "", "nats"), ("KL", "", "nats"), ("ELBO", "", "nats"))
            code = gr.HTML(elem_id="latent-code", apply_default_css=False)

    @on_digit_change(tab, "digit", drawn, picker, seen, rebuilt, numbers, code, on=("model", "seed"), hint=numbers, in_browser=True)
    def rebuild(state: Rebuild):
        found = api.rebuilt(graphs.drawn_digit(state.digit).digit, state.model, state.seed)
        return (
            shown(found.seen, "The digit as the encoder sees it: 28 by 28 pixels, black or white."),
            shown(found.rebuilt, "The digit rebuilt by the decoder."),
            figures(
                ("reconstruction, log p(x|z)", found.reconstruction, "nats"),
                ("KL(q(z|x) || p(z))", found.kl, "nats"),
                ("ELBO, their difference", found.elbo, "nats"),
            ),
            _code(found.mu, found.sigma),
        )


def _code(mu: list[float], sigma: list[float]) -> str:
    """q(z|x) of each dimension as a bar from mu - sigma to mu + sigma, on the prior's scale from -4 to 4, as SVG."""
    width = 100 / len(mu)
    bars = "".join(
        f'<rect x="{i * width + width * 0.2:.2f}" width="{width * 0.6:.2f}" y="{20 - 5 * (m + s):.2f}" height="{10 * s:.2f}" rx="0.4"/>'
        for i, (m, s) in enumerate(zip(mu, sigma))
    )
    return f"""<figure class="code"><svg viewBox="0 0 100 40" preserveAspectRatio="none" role="img"
        aria-label="The code: mu plus and minus sigma of {len(mu)} dimensions">
        <rect class="prior" x="0" y="15" width="100" height="10"/><line x1="0" x2="100" y1="20" y2="20"/>{bars}</svg>
        <figcaption>q(z|x): \u03bc \u00b1 \u03c3 in {len(mu)} dimensions; the band is the prior's \u00b1 1</figcaption></figure>"""
