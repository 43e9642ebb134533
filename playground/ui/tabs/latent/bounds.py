"""View: the ELBO, importance-weighted bounds, log p(x) and the true posterior of a digit."""

import json
from dataclasses import dataclass, replace

import gradio as gr
from PIL import Image

from playground import api
from playground.drawing.digit_strokes import DIGITS
from playground.ui.builder import TabBuilder
from playground.ui.digit_picker import digit_canvas, on_digit_change
from playground.ui.state import choice, strokes
from playground.ui.tabs.latent.state import DIGIT_NAMES, WithSeed, vaes
from playground.ui.values import figures, shown, signed

WITHIN = "vae-mnist-2d"  # the model whose bounds are shown first
LEANING = "1"  # the digit of claim C6


@dataclass(frozen=True)
class Bounds(WithSeed):
    weighed: str = strokes(json.loads(DIGITS["3"])["strokes"])
    within: str = choice(WITHIN, lambda: vaes(flat=True))


def build(tab: TabBuilder) -> None:
    with tab.view("bounds", "Bounds", Bounds):
        with tab.controls():
            weighed, picker = digit_canvas(tab, "weighed", elem_id="latent-bounds-canvas", picker_id="latent-bounds-hands")
            tab.control("within", gr.Dropdown(label="Model with two latent dimensions"))
        with tab.outputs():
            with gr.Row(elem_classes="beside"):
                posterior = gr.HTML(elem_id="latent-posterior", apply_default_css=False)
                bound_of_k = gr.HTML(elem_id="latent-tightening", apply_default_css=False)
            numbers = tab.numbers(("ELBO", "", "nats"))
            bars = gr.HTML(elem_id="latent-bounds-bars", apply_default_css=False)

        @tab.randomize
        def roll(state: Bounds, chance) -> Bounds:
            return replace(state, weighed=DIGITS[chance.choice(DIGIT_NAMES)])

    @on_digit_change(tab, "weighed", weighed, picker, posterior, bound_of_k, numbers, bars, on=("within", "seed"), hint=numbers, rest=True)
    def bound(state: Bounds):
        picture, stats = api.latent_bounds(state.weighed, state.within, state.seed)
        return (
            _posterior(picture, stats),
            _tightening(stats),
            figures(
                ("ELBO", _nats(stats["elbo"]), "nats"),
                (f"bound with k = {stats['bounds'][-1][0]:,}", _nats(stats["bounds"][-1][1]), "nats"),
                ("log p(x), by integration", _nats(stats["log_p"]), "nats"),
                ("KL(q(z|x) || p(z|x)), the gap", _nats(stats["log_p"] - stats["elbo"]), "nats"),
            ),
            _bars(stats),
        )


def _nats(value: float) -> str:
    return f"{value:.2f}".replace("-", "\u2212")


def _posterior(picture: Image.Image, stats: dict) -> str:
    """The window of the latent space: the true posterior as grey levels, q as the ellipses of one and two sigma, SVG."""
    left, bottom, side = stats["window"]
    x, y = ((m - low) / side * 100 for m, low in zip(stats["mu"], (left, bottom)))
    radii = [s / side * 100 for s in stats["sigma"]]
    rings = "".join(f'<ellipse cx="{x:.2f}" cy="{100 - y:.2f}" rx="{k * radii[0]:.2f}" ry="{k * radii[1]:.2f}"/>' for k in (1, 2))
    source = shown(picture, "")["src"]
    return f"""<figure class="chart posterior"><svg viewBox="0 0 100 100" role="img"
        aria-label="The true posterior as a white cloud, and q as two ellipses centred at {stats["mu"][0]:.2f}, {stats["mu"][1]:.2f}">
        <image href="{source}" width="100" height="100" preserveAspectRatio="none"/>{rings}</svg>
        <figcaption>white: the true p(z|x); <b class="visitor">ellipses</b>: q(z|x) at one and two sigma. z from
        ({left:.2f}, {bottom:.2f}) to ({left + side:.2f}, {bottom + side:.2f})</figcaption></figure>"""


def _bars(stats: dict) -> str:
    """What the image costs in nats: by the ELBO, as reconstruction and KL, and by log p(x) itself; HTML."""
    most = max(-stats["elbo"], -stats["log_p"])

    def part(what: str, nats: float, kind: str) -> str:
        return f'<i class="{kind}" style="width:{max(100 * nats / most, 0):.2f}%" title="{what}: {nats:.1f} nats"></i>'

    rows = (
        ("minus the ELBO", part("reconstruction", -stats["reconstruction"], "generated") + part("KL", stats["kl"], "visitor")),
        ("minus log p(x)", part("log p(x)", -stats["log_p"], "real")),
    )
    cells = "".join(f"<div><span>{what}</span><p>{bar}</p></div>" for what, bar in rows)
    return f"""<figure class="chart costs">{cells}<figcaption><b class="generated">reconstruction</b> {-stats["reconstruction"]:.1f} and
        <b class="visitor">KL</b> {stats["kl"]:.1f} nats; <b class="real">the truth</b> {-stats["log_p"]:.1f} nats</figcaption></figure>"""


def _tightening(stats: dict) -> str:
    """The importance-weighted bound against k, a logarithmic axis, with the spread of one estimate, and log p(x); SVG."""
    steps, exact = stats["bounds"], stats["log_p"]
    low = min(mean - (spread or 0) for _, mean, spread in steps)
    high = max(exact, *(mean + (spread or 0) for _, mean, spread in steps))
    margin = 0.08 * (high - low) + 1e-6
    x = [14 + 82 * i / (len(steps) - 1) for i in range(len(steps))]
    y = lambda nats: 4 + 46 * (high + margin - nats) / (high - low + 2 * margin)  # noqa: E731
    band = [f"{a:.2f},{y(mean + (spread or 0)):.2f}" for a, (_, mean, spread) in zip(x, steps)]
    band += [f"{a:.2f},{y(mean - (spread or 0)):.2f}" for a, (_, mean, spread) in reversed(list(zip(x, steps)))]
    points = " ".join(f"{a:.2f},{y(mean):.2f}" for a, (_, mean, _) in zip(x, steps))
    ticks = "".join(f'<text x="{a:.2f}" y="56">{k:,}</text>' for a, (k, *_) in zip(x, steps) if k in (1, 16, 256, 2048))
    return f"""<figure class="chart"><svg viewBox="0 0 100 58" role="img"
        aria-label="From {steps[0][1]:.1f} nats with one sample to {steps[-1][1]:.1f} with {steps[-1][0]:,}; log p(x) is {exact:.1f}">
        <polygon class="band visitor" points="{" ".join(band)}"/><polyline class="visitor" points="{points}"/>
        <line class="real" x1="14" x2="96" y1="{y(exact):.2f}" y2="{y(exact):.2f}"/>
        <text class="left" x="1" y="{y(exact) + 1.2:.2f}">log p(x)</text>
        <text class="left" x="1" y="{y(steps[0][1]) + 1.2:.2f}">ELBO</text>{ticks}</svg>
        <figcaption>the bound with k samples of z, and the spread of one such estimate; chance may put it
        above log p(x)</figcaption></figure>"""


def c6() -> str:
    stats = api.latent_bounds(LEANING, WITHIN)[1]
    elbo, exact = (signed(stats[name], ".1f") for name in ("elbo", "log_p"))
    return (
        f"The ELBO is {elbo} nats, log p(x) is {exact}: the gap of {stats['log_p'] - stats['elbo']:.1f} nats is KL(q(z|x) || p(z|x)). "
        "For this digit the encoder looks where the true posterior is not; many samples find only part of the way."
    )
