"""View: sixteen things on one number."""

from dataclasses import dataclass

import gradio as gr

from playground import api, graphs
from playground.drawing.pictures import THINGS, thing
from playground.graphs.recording import choose
from playground.ui.builder import TabBuilder
from playground.ui.components.controls import strip
from playground.ui.state import number
from playground.ui.values import figures, measure, shown


@dataclass(frozen=True)
class Line:
    line: float = number(0.0, 0, 1)


def build(tab: TabBuilder) -> None:
    with tab.view("line", "One number", Line):
        with tab.controls():
            place = tab.control("line", strip(label="Place on the line", tiles=16, elem_id="latent-line"))
            gr.HTML(elem_id="latent-plane", value=_meaning(), apply_default_css=False)
        with tab.outputs():
            picture = tab.picture("generated", pixelated=True, caption="decoded from one number", elem_id="latent-thing")
            numbers = tab.numbers(("nearest on the line", "", ""))

    @tab.on_change(picture, place, numbers, on=("line",), in_browser=True)
    def along(state: Line):
        found, names = graphs.run("line", "ae-things-1", t=state.line), api.things_on_line()
        nearest = choose(found.nearest, names)
        alive, flies = (
            choose(found.nearest, ["yes" if name in kind else "no" for name in names]) for kind in (("bird", "cat"), ("bird", "plane"))
        )
        return (
            shown(found.picture, f"What the autoencoder makes of this number; nearest to it: a {nearest}."),
            gr.update(picture=shown(found.strip, "")["src"]),
            figures(("nearest on the line", nearest, ""), ("alive", alive, ""), ("flies", flies, "")),
        )


def _meaning() -> str:
    """The chapter's picture: four things by one property, and by two."""
    sources = {name: shown(thing(name), "")["src"] for name in THINGS}

    def at(name: str, x: float, y: float) -> str:
        return f'<image href="{sources[name]}" x="{x}" y="{y}" width="22" height="22"/><text x="{x + 11}" y="{y + 27}">{name}</text>'

    one = at("car", 4, 4) + at("plane", 30, 4) + at("cat", 62, 4) + at("bird", 88, 4)
    two = at("car", 12, 34) + at("plane", 12, 2) + at("cat", 72, 34) + at("bird", 72, 2)
    return f"""<figure class="chart"><svg viewBox="0 0 114 46" role="img"
        aria-label="Four things on a line: car and plane left, cat and bird right">
        {one}<line x1="2" x2="112" y1="37" y2="37"/><text x="57" y="44">more and more alive</text></svg>
        <svg viewBox="0 0 114 76" role="img" aria-label="Four things in a plane: alive to the right, flies to the top">
        {two}<line x1="2" x2="112" y1="66" y2="66"/><line x1="4" x2="4" y1="2" y2="70"/><text x="57" y="73">alive</text>
        <text x="58" y="8">flies</text></svg>
        <figcaption>What one would wish for: a number that says &ldquo;alive&rdquo;, and a second one that says &ldquo;flies&rdquo;
        </figcaption></figure>"""


def c4() -> str:
    probe = {size: measure(f"ae-mnist-{size}", "probe_accuracy") for size in (1, 8)}
    return (
        f"All sixteen come back, with a squared error of {measure('ae-things-1', 'mse')}, and the order on the line means nothing: living "
        f"and dead things take turns. On MNIST, the nearest code is of the same class for {probe[8]} of test digits with eight numbers, "
        f"for {probe[1]} with one."
    )
