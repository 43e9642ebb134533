"""View: lines are drawn, and become the photograph of a flower while the pen is down."""

from dataclasses import dataclass, replace
from pathlib import Path

import gradio as gr

from playground import api
from playground.drawing.flowers import FLOWERS
from playground.drawing.strokes import canvas_value
from playground.graphs.recording import known
from playground.ui.builder import TabBuilder
from playground.ui.components.canvas import canvas
from playground.ui.components.upload import picture_upload
from playground.ui.state import choice, number, strokes
from playground.ui.tabs.sketch.shared import colours_of, first_picture, other_drawing, random_colours, verdict
from playground.ui.tabs.sketch.state import GROUNDS, PETALS, WithColours, WithPatches, models_of
from playground.ui.values import shown


@dataclass(frozen=True)
class Flowers(WithColours, WithPatches):
    model: str = choice("pix2pix-flowers", lambda: models_of("lines"))
    sketch: str = strokes(FLOWERS["daisy"])
    detail: float = number(2.5, 1.2, 4.5)


def build(tab: TabBuilder) -> None:
    with tab.view("flowers", "Draw a flower", Flowers):
        with tab.controls():
            drawn = tab.control("sketch", canvas("sketch", size=256, label="Draw a flower", elem_id="sketch-canvas"))
            tab.control("petals", _colour("Petals", PETALS, elem_id="sketch-petals"))
            tab.control("background", _colour("Background", GROUNDS, elem_id="sketch-background"))
            with gr.Accordion("Take a sketch or a photo of your own", open=False):
                given = picture_upload(label="Your picture", in_link=True, elem_id="sketch-upload")
                kind = gr.Radio([("a photo: find its lines", "photo"), ("a sketch on paper", "sketch")], value="photo", label="It is")
                tab.control("detail", gr.Slider(1.2, 4.5, step=0.1, label="Smoothing before lines are sought, in pixels",
                                                info="Little keeps veins, much keeps outlines only.", elem_id="sketch-detail"))  # fmt: skip
            tab.control("model", gr.Dropdown(label="Model"))
        with tab.outputs():
            photo = tab.picture("generated", value=first_picture("pix2pix-flowers"), caption="G(x), a photograph that nobody took",
                                elem_id="sketch-photo")  # fmt: skip
            numbers = tab.numbers(("D takes it for real", "", ""), ("G took", "", "ms"))

        @tab.randomize
        def roll(state: Flowers, chance) -> Flowers:
            return replace(random_colours(state, chance), sketch=other_drawing(chance, FLOWERS, state.sketch))

        @tab.on_change(drawn, photo, numbers, on=("detail",), extra=[given, kind], hint=numbers, label="Finding the lines of your picture")
        def take_lines(state: Flowers, path: Path | None, kind: str | None):
            if path is None:
                return gr.skip(), gr.skip(), gr.skip()
            from playground import imaging

            size = 128
            lines = imaging.sketch(path, size) if kind == "sketch" else imaging.lines(imaging.photo(path, size), state.detail)
            value = canvas_value(imaging.trace(lines))
            return gr.update(value=value), *_flower(state, value)

        @tab.on_change(photo, numbers, on=("sketch", "petals", "background", "patches", "model"), hint=numbers, in_browser=True)
        def draw(state: Flowers):
            return _flower(state, state.sketch)


def _flower(state: Flowers, sketch: str):
    found = api.painted(sketch, known(state.model), known(state.patches), **colours_of(state))
    return shown(found.picture, "A photograph that the generator made of your lines."), verdict(found)


def _colour(label: str, swatches: dict[str, str], **kwargs) -> gr.HTML:
    """A colour, "#rrggbb": one of a few with a name, or any other."""
    buttons = "".join(
        f'<button type="button" title="{name}" aria-label="{name}" data-colour="{colour}"></button>' for name, colour in swatches.items()
    )
    return gr.HTML(
        html_template=f"""<div class="colour" role="group" aria-label="{label}"><span>{label}</span>{buttons}
            <input type="color" title="any other colour" aria-label="{label}, any colour"></div>""",
        css_template="""
            .colour { display: flex; flex-wrap: wrap; align-items: center; gap: 5px; }
            span { min-width: 82px; }
            button { width: 26px; height: 26px; border: 1px solid var(--hair, #ddd); border-radius: 50%; cursor: pointer; }
            button[aria-pressed="true"] { box-shadow: 0 0 0 2px var(--card, #fff), 0 0 0 4px var(--visitor, #cc79a7); }
            input { width: 34px; height: 28px; padding: 0; border: 1px solid var(--hair, #ddd); background: none; cursor: pointer; }
        """,
        js_on_load="""
            const input = element.querySelector("input"), buttons = [...element.querySelectorAll("button")];
            const show = () => {
              if (/^#[0-9a-f]{6}$/i.test(props.value)) input.value = props.value;
              for (const b of buttons) {
                b.style.background = b.dataset.colour;
                b.setAttribute("aria-pressed", String(b.dataset.colour === input.value));
              }
            };
            const choose = (value) => { props.value = value; show(); trigger("input"); };
            buttons.forEach((b) => b.addEventListener("click", () => choose(b.dataset.colour)));
            input.addEventListener("input", () => choose(input.value));
            watch("value", show);
            show();
        """,
        apply_default_css=False,
        **kwargs,
    )  # fmt: skip
