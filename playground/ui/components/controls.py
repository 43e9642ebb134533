"""Controls that Gradio lacks: a map to move over, a strip to slide along, a row of dials, sheets of digits to choose from; and a game's
board, drawn in the browser from a few numbers per frame.  Their scripts are in controls.js, board.js and sheets.js.

Each sends its value while the pointer moves, about twenty-five times a second, and works with the keyboard.  What they show besides the
value are properties, updated with `gr.update(picture=...)`; constant parts are in the HTML itself (see `components.picture`).
"""

import html
import json

import gradio as gr


def plane_map(*, label: str, reach: float, picture: str, dots: str, colours: list[str], classes: list[str], **kwargs) -> gr.HTML:
    """A square of the plane; the value "x,y" is the point under the pointer, or the last clicked one once the pointer has left.

    reach: the square is [-reach, reach]^2.  picture: a data URL, or "".  dots: JSON of [[x, y, class], ...] in thousandths of `reach`, as
    text because Gradio clones lists element by element at each event; colours: one per class; classes: their names.
    """
    label = html.escape(label)
    constants = json.dumps({"reach": reach, "colours": colours})
    key = "".join(f'<li><i style="background:{colour}"></i>{html.escape(name)}</li>' for colour, name in zip(colours, classes))
    return gr.HTML(
        html_template=f"""<div class="map" tabindex="0" role="application" aria-roledescription="map" aria-label="{label}">
            <img alt=""><canvas></canvas><div class="place"></div></div><ul class="key">{key}</ul>""",
        js_on_load=f"playground.map(element, {constants}, props, watch, trigger)",
        apply_default_css=False,
        picture=picture,
        dots=dots,
        **kwargs,
    )


def strip(*, label: str, tiles: int, **kwargs) -> gr.HTML:
    """A row of pictures with a slider under it; the value is the position, from 0 (the left picture) to 1.  picture: a data URL."""
    return gr.HTML(
        html_template=f"""<div class="strip"><img alt=""><div class="place"></div>
            <input type="range" min="0" max="1" step="0.01" aria-label="{html.escape(label)}"></div>""",
        js_on_load=f"playground.strip(element, {tiles}, props, watch, trigger)",
        apply_default_css=False,
        picture="",
        **kwargs,
    )


def dials(*, label: str, count: int, reach: float, **kwargs) -> gr.HTML:
    """Vertical sliders side by side; the value is "0,-1.5,...", a number in [-reach, reach] for each.

    A double click resets a dial to 0. active: how many are enabled.
    """
    label = html.escape(label)
    inputs = "".join(
        f'<input type="range" min="{-reach}" max="{reach}" step="0.05" value="0" aria-label="{label} {i + 1}">' for i in range(count)
    )
    return gr.HTML(
        html_template=f'<div class="dials">{inputs}</div>',
        js_on_load="playground.dials(element, props, watch, trigger)",
        apply_default_css=False,
        active=count,
        **kwargs,
    )


def board(*, label: str, **kwargs) -> gr.HTML:
    """A game of a generator and a discriminator in the plane: points, arrows and a field; figures; and the curves of its history.

    The value is JSON: "real", "made": x, y, x, y, ... in thousandths of half the square's side; "arrows": lists of the same length, the
    pull on each generated point; "field": base64 of bytes, D's output on a square grid, the top row first; "records": [[moves, D's loss,
    G's loss, divergence], ...]; "numbers": HTML; "alt": a description of the board; "mover": "D", "G" or "", who has just moved.  While it
    plays, an `input` event asks for the next frame, "wait" milliseconds after the last one; "play": whether it plays, null for unchanged;
    "match": the session's number: frames of an earlier session are not shown.  Missing keys leave their parts unchanged.
    """
    return gr.HTML(
        html_template=f"""<figure class="board"><canvas class="plane" role="img" aria-label="{html.escape(label)}"></canvas>
            <figcaption><b class="real">&#9679; real</b> <b class="generated">&#9679; made, G(z)</b>
            <b class="generator">&#8594; where G is drawn</b> <b class="discriminator">&#9632; D says real</b></figcaption></figure>
            <div class="numbers"></div>
            <figure class="curves"><canvas role="img" aria-label="The course of the losses and of the divergence"></canvas>
            <figcaption>Left: <b class="discriminator">D's loss</b> and <b class="generator">G's loss</b>, nats. Right: Jensen-Shannon
            divergence, 0 to log 2. Across: moves of D.</figcaption></figure>""",
        js_on_load="playground.board(element, props, watch, trigger)",
        apply_default_css=False,
        **kwargs,
    )


def subpixels(*, label: str, **kwargs) -> gr.HTML:
    """2 x 2 pixels of three sub-pixels each, R, G and B; a click makes a sub-pixel lit, then dark, then free again.

    The value has a character per sub-pixel, "1", "0" or ".". odds: JSON of p(lit) of each, which the free ones show.
    """
    buttons = [f'<button type="button"><i></i>{i + 1} {"RGB"[i % 3]}<b></b></button>' for i in range(12)]
    pixels = "".join(f"<div>{''.join(buttons[i : i + 3])}</div>" for i in range(0, 12, 3))
    return gr.HTML(
        html_template=f'<div class="subpixels" role="group" aria-label="{html.escape(label)}">{pixels}</div>',
        js_on_load="playground.subpixels(element, props, watch, trigger)",
        apply_default_css=False,
        odds="[]",
        **kwargs,
    )


def sheets(*, start: str, **kwargs) -> gr.HTML:
    """Sheets of sixteen pictures side by side, one per model, each with a progress bar; the value "model,index" is the chosen picture.

    sheets: JSON of {"drawn": [{"name", "src" (a data URL, or ""), "alt", "caption", "done" (from 0 to 1)}, ...], "wanted": whether some are
    still to be generated; the script then clicks the button with the id `start`}.
    """
    return gr.HTML(
        html_template='<div class="sheets"></div>',
        js_on_load=f"playground.sheets(element, {json.dumps(start)}, props, watch, trigger)",
        apply_default_css=False,
        **kwargs,
    )
