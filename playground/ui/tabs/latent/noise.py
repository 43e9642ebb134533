"""View: two estimators of a gradient from samples, and their spread."""

from dataclasses import dataclass

import gradio as gr

from playground import api
from playground.ui.builder import TabBuilder
from playground.ui.state import number
from playground.ui.tabs.latent.state import WithSeed
from playground.ui.values import figures

SAMPLES = 4096  # for the two gradient estimators, in the panel and in the claim
BELL = {"mu": 1.0, "sigma": 0.5}  # the distribution of claim C8
_GRAPH = """<figure class="chart graph"><svg viewBox="0 0 120 56" role="img"
    aria-label="mu and sigma lead to z; the noise z0 comes from outside; z leads to z squared">
    <defs><marker id="latent-tip" viewBox="0 0 6 6" refX="5.5" refY="3" markerWidth="5" markerHeight="5" orient="auto">
    <path d="M0 0 6 3 0 6z"/></marker></defs>
    <path d="M22 13 L46 25" marker-end="url(#latent-tip)"/><path d="M22 43 L46 31" marker-end="url(#latent-tip)"/>
    <path d="M74 28 L92 28" marker-end="url(#latent-tip)"/>
    <path d="M60 4 L60 18" class="noise"/>
    <rect x="4" y="5" width="18" height="14" rx="3"/><rect x="4" y="37" width="18" height="14" rx="3"/>
    <rect x="47" y="20" width="27" height="16" rx="3"/><rect x="93" y="20" width="22" height="16" rx="3"/>
    <text x="13" y="14">\u03bc</text><text x="13" y="46">\u03c3</text>
    <text x="60.5" y="30">\u03bc + \u03c3 z\u2080</text><text x="104" y="30">z\u00b2</text>
    <text x="64" y="9" class="left">z\u2080 ~ N(0, 1), outside</text></svg>
    <figcaption>the gradient flows back along the solid arrows; no chance stands in its way</figcaption></figure>"""


@dataclass(frozen=True)
class Noise(WithSeed):
    mu: float = number(1.0, -2, 2)
    sigma: float = number(1.0, 0.1, 2)


def build(tab: TabBuilder) -> None:
    with tab.view("noise", "Reparameterise", Noise):
        with tab.controls():
            tab.control("mu", gr.Slider(-2, 2, step=0.05, label="mu", elem_id="latent-mu"))
            tab.control("sigma", gr.Slider(0.1, 2, step=0.05, label="sigma", elem_id="latent-sigma"))
            gr.HTML(_GRAPH, apply_default_css=False)
        with tab.outputs():
            arrows = gr.HTML(elem_id="latent-arrows", apply_default_css=False)
            numbers = tab.numbers(("d E[z²] / d mu", "", ""))

    @tab.on_change(arrows, numbers, on=("mu", "sigma", "seed"))
    def estimate(state: Noise):
        result = api.latent_gradients(state.mu, state.sigma, SAMPLES, state.seed)
        ratio = _scatter(result)
        return _arrows(result), figures(
            ("gradient of E[z\u00b2] by mu", result["exact"][0], "exactly"),
            ("gradient of E[z\u00b2] by sigma", result["exact"][1], "exactly"),
            ("spread, score function over pathwise, by mu", ratio[0], "times"),
            ("spread, score function over pathwise, by sigma", ratio[1], "times"),
        )


def _scatter(result: dict) -> list[float]:
    """The ratio of the standard deviation of the score-function estimator to that of the pathwise one, for mu and for sigma."""
    return [result["score"]["spread"][i] / result["pathwise"]["spread"][i] for i in range(2)]


def _arrows(result: dict) -> str:
    """Both estimators' mean and spread, and the exact value, on one axis for mu and one for sigma; SVG."""
    reach = 12.0
    x = lambda value: 50 + 46 * max(-1, min(1, value / reach))  # noqa: E731
    rows = []
    for i, name in enumerate(("\u03bc", "\u03c3")):
        top = 6 + 34 * i
        rows.append(f'<text class="left" x="2" y="{top + 2}">by {name}</text><line x1="4" x2="96" y1="{top + 22}" y2="{top + 22}"/>')
        exact = x(result["exact"][i])
        rows.append(f'<line class="real" x1="{exact:.2f}" x2="{exact:.2f}" y1="{top + 3}" y2="{top + 24}"/>')
        for j, (estimator, kind) in enumerate((("pathwise", "visitor"), ("score", "generator"))):
            mean, spread = result[estimator]["mean"][i], result[estimator]["spread"][i]
            y = top + 8 + 8 * j
            rows.append(f'<line class="{kind} wide" x1="{x(mean - spread):.2f}" x2="{x(mean + spread):.2f}" y1="{y}" y2="{y}"/>')
            rows.append(f'<circle class="{kind}" cx="{x(mean):.2f}" cy="{y}" r="1.6"/>')
        rows += [f'<text x="{x(tick):.2f}" y="{top + 27}">{tick}</text>'.replace("-", "\u2212") for tick in (-10, -5, 0, 5, 10)]
    return f"""<figure class="chart"><svg viewBox="0 0 100 72" role="img" aria-label="Two estimators of the gradient and their spread">
        {"".join(rows)}</svg><figcaption><b class="real">line</b>: the exact gradient; <b class="visitor">pathwise</b> and
        <b class="generator">score function</b>: mean of {SAMPLES:,} samples, and the spread of one</figcaption></figure>"""


def c8() -> str:
    ratios = _scatter(api.latent_gradients(**BELL, count=SAMPLES))
    return (
        f"Both are right on average. With mu {BELL['mu']:g} and sigma {BELL['sigma']:g} a sample of the score function's scatters "
        f"{ratios[0]:.3g} times as much by mu and {ratios[1]:.3g} times by sigma; with more dimensions it gets worse, and an encoder is "
        f"trained on one sample an image."
    )
