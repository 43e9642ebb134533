"""Digits on demand: a conditional GAN writes what it is asked for, in as many hands as there are seeds."""

from dataclasses import dataclass, replace

import gradio as gr
from PIL import Image

from playground import api, catalog
from playground.ui import nearest_neighbours, training_snapshots
from playground.ui.builder import TabBuilder
from playground.ui.components import controls
from playground.ui.state import choice, number, text, whole
from playground.ui.values import bar, measure, opening_picture, shown

CLASSES = [str(digit) for digit in range(10)]
VIEWS = ("ask", "blend", "write", "film")
NAMED = 6  # at most so many digits of the grid that are not read as asked are named


@dataclass(frozen=True)
class Digits:
    view: str = choice("ask", VIEWS)
    model: str = choice("cgan-mnist", lambda: catalog.names("cgan"))
    digit: str = choice("3", CLASSES)
    a: str = choice("3", CLASSES)
    b: str = choice("8", CLASSES)
    t: float = number(0.5, 0, 1)
    number: str = text("31415", 10, "0123456789")
    frame: int = training_snapshots.frame()
    seed: int = whole(1, 0, api.SEEDS)


def build() -> TabBuilder:
    sentence = (
        "Ask for a digit, and the generator writes it, in as many hands as there are seeds. A row is one hand: one z for all ten classes."
    )
    with TabBuilder("digits", "Digits on demand", sentence, Digits) as tab:
        _ask(tab)
        _blend(tab)
        _write(tab)
        training_snapshots.view(tab, "model", aspect=1.25)
        tab.seed()
        with gr.Row(elem_classes="form"):
            tab.control("model", gr.Dropdown(label="Model"))
        tab.models("model")
        tab.preset("Another hand", "The digit is the same, the hand is not: slant, width and stroke come from z.", digit="3", seed=12)
        why = "Half of one class and half of another: neither judge was trained on such a thing."
        tab.preset("Half a 3, half an 8", why, view="blend", a="3", b="8", t=0.5)
        why = "The way leads through shapes that are neither: nothing asked G to be right between two classes."
        tab.preset("Where it fails: 1 into 0", why, view="blend", a="1", b="0", t=0.5)
        why = "All ten digits have one z: the same slant and stroke run through them."
        tab.preset("A number in one hand", why, view="write", number="2718281828")
        question = "Every column of the grid is asked for one digit, in six hands. How many of 100 such digits are what was asked for?"
        tab.claim("C12", question, _agreement, seed=7)
    return tab


def _classes(model: str) -> list[str]:
    """What one can ask this model for: one that was trained on a folder of one's own may have fewer than ten classes."""
    return CLASSES[: catalog.entry(model).config.get("classes", len(CLASSES))]


def within(state: Digits) -> Digits:
    """The state with what is asked for pulled into the classes of its model; A and B stay apart, and a number loses its other digits."""
    classes = _classes(state.model)
    digit, a, b = (min(asked, classes[-1]) for asked in (state.digit, state.a, state.b))
    if a == b and state.a != state.b:
        a = classes[0]
    return replace(state, digit=digit, a=a, b=b, number="".join(digit for digit in state.number if digit in classes))


def _offered(field: str, given: Digits, state: Digits) -> dict:
    """What a radio's model has, and its value where `within` made another of it: one set anew would take back the next click."""
    pulled = {"value": getattr(state, field)} if getattr(state, field) != getattr(given, field) else {}
    return gr.update(choices=_classes(state.model), **pulled)


def _ask(tab: TabBuilder) -> None:
    with tab.view("ask", "Ask for a digit"):
        with tab.controls():
            asked = tab.control("digit", gr.Radio(label="Digit", elem_classes="digits", elem_id="digits-digit"))
            opening = _opening()
            first = opening and opening.crop((3 * 28, 0, 4 * 28, 28))
            value = first and shown(first, "A made 3.")
            picture = tab.picture("generated", pixelated=True, value=value, caption="G(z|y)", elem_id="digits-asked")
            said = gr.HTML(elem_id="digits-opinion", apply_default_css=False)
        with tab.outputs():
            grid = tab.picture(
                "generated",
                aspect=10 / api.ROWS,
                pixelated=True,
                value=opening and shown(opening, _rows(CLASSES)),
                caption="a row is one z, a column one class; the first row is this seed's hand",
                elem_id="digits-grid",
            )
            counted = gr.HTML("<p>&nbsp;</p>", elem_classes="hint", elem_id="digits-grid-opinion", apply_default_css=False)
            near = nearest_neighbours.panel(elem_id="digits-memory")

    @tab.on_change(picture, said, near, asked, on=("digit", "seed", "model"))
    def ask(given: Digits):
        from playground.imaging import to_tensor

        state = within(given)
        image, opinion = api.digits_ask(int(state.digit), state.seed, state.model)
        nearest = nearest_neighbours.of(to_tensor(image), state.model)
        words = judged([(state.digit, opinion)]) + distribution(opinion)
        return shown(image, f"A made {state.digit}. {in_words(opinion)}"), words, nearest, _offered("digit", given, state)

    @tab.on_change(grid, counted, on=("seed", "model"))
    def grid_of(state: Digits):
        image = api.digits_grid(state.seed, api.ROWS, state.model)
        opinion = api.digits_grid_judged(state.seed, api.ROWS, state.model)
        return shown(image, _rows(_classes(state.model))), f"<p>{grid_in_words(opinion)}</p>"


def _blend(tab: TabBuilder) -> None:
    with tab.view("blend", "Blend two"):
        with tab.controls():
            a = tab.control("a", gr.Radio(label="A", elem_classes="digits"))
            b = tab.control("b", gr.Radio(label="B", elem_classes="digits"))
            strip = tab.control("t", controls.strip(label="How much of B", tiles=api.STRIP, elem_id="digits-strip"))
            said = gr.HTML(elem_id="digits-blend-opinion", apply_default_css=False)
        with tab.outputs():
            picture = tab.picture("generated", pixelated=True, caption="G(z | (1 - t) A + t B)", elem_id="digits-blended")

    @tab.on_change(picture, strip, said, a, b, on=("a", "b", "t", "seed", "model"))
    def blend(given: Digits):
        state = within(given)
        image, way, opinion = api.digits_blend(int(state.a), int(state.b), state.t, state.seed, state.model)
        share = f"{1 - state.t:.0%} {state.a}, {state.t:.0%} {state.b}"
        return (
            shown(image, f"A digit that is {share}. {in_words(opinion)}"),
            gr.update(picture=shown(way, "")["src"]),
            judged([(share, opinion)]) + distribution(opinion),
            _offered("a", given, state),
            _offered("b", given, state),
        )


def _write(tab: TabBuilder) -> None:
    with tab.view("write", "Write a number"):
        with tab.controls():
            tab.control("number", gr.Textbox(label="Number, up to ten digits", max_length=10, max_lines=1, elem_id="digits-number"))
        with tab.outputs():
            picture = tab.picture("generated", aspect=5, pixelated=True, caption="one z for all of them", elem_id="digits-written")
            said = gr.HTML(elem_id="digits-number-opinion", apply_default_css=False)

    @tab.on_change(picture, said, on=("number", "seed", "model"))
    def write(given: Digits):
        state, words = within(given), ""
        if state.number != given.number:
            words = f'<p class="empty">This model has the classes 0 to {_classes(state.model)[-1]}; other digits are left out.</p>'
        if not state.number:  # while one types
            return gr.skip(), words or '<p class="empty">Type a number.</p>'
        image, opinions = api.digits_write(state.number, state.seed, state.model)
        return shown(image, f"The number {state.number} in one hand."), words + judged(list(zip(state.number, opinions)))


def _rows(classes: list[str]) -> str:
    """What there is to see in a grid, in words."""
    return f"{api.ROWS} rows of the digits 0 to {classes[-1]}, each row in a hand of its own."


def _opening() -> Image.Image | None:
    """The grid that the export drew for the default state; None where the model is not there."""
    return opening_picture(Digits().model, "L")


def _agreement() -> str:
    said = measure(Digits().model, "agreement")
    return f"The classifier reads {said} of 10,000 made digits as what was asked for. The hand changes with the row, the digit does not."


# --- what the judges say, as text and bars ---


def best(opinion: dict) -> tuple[str, float]:
    """The class that the classifier takes it for, and its probability."""
    p = max(opinion["classifier"])
    return CLASSES[opinion["classifier"].index(p)], p


def in_words(opinion: dict) -> str:
    read = "The digit classifier reads it as {} ({:.0%}). ".format(*best(opinion)) if "classifier" in opinion else ""
    return f"{read}The discriminator gives it {opinion['discriminator']:.0%} to be real."


def grid_in_words(opinion: dict) -> str:
    """What `api.digits_grid_judged` says: how many are read as asked, the first that are not, and how many the discriminator believes."""
    count, read = opinion["digits"], ""
    if "misread" in opinion:
        wrong = [f"the {one['asked']} of row {one['row']} as {one['read']} ({one['probability']:.0%})" for one in opinion["misread"]]
        others = ", ".join([*wrong[:NAMED], *([f"and {len(wrong) - NAMED} more otherwise"] if len(wrong) > NAMED else [])])
        read = f"The digit classifier reads {opinion['as_asked']} of {count} as asked{f'; {others}' if others else ''}. "
    return f"{read}The discriminator holds {opinion['real']} of {count} to be real."


def judged(rows: list[tuple[str, dict]]) -> str:
    """Under each digit: what the classifier reads, and how real the discriminator holds it to be."""
    cells = []
    for asked, opinion in rows:
        read = bar(f"read as {best(opinion)[0]}", best(opinion)[1], "visitor") if "classifier" in opinion else ""
        cells.append(f'<li aria-label="{asked}">{read}{bar("real, says D", opinion["discriminator"], "discriminator")}</li>')
    return f'<ol class="judged" style="--count:{len(cells)}">{"".join(cells)}</ol>'


def distribution(opinion: dict) -> str:
    """The classifier's probability of each class, as ten bars."""
    if "classifier" not in opinion:
        return ""
    bars = "".join(
        f'<li><i style="height:{p:.1%}"></i><span>{name}</span><b>{p:.0%}</b></li>' for name, p in zip(CLASSES, opinion["classifier"])
    )
    return f'<figure class="classes"><ol>{bars}</ol><figcaption>what the digit classifier reads</figcaption></figure>'
