"""A picture of the page, with its size reserved."""

import html
import json

import gradio as gr


def picture(actor: str, *, aspect: float = 1.0, pixelated: bool = False, name: str = "picture", caption: str = "", **kwargs) -> gr.HTML:
    """One picture with its size reserved, its actor's colour, an alternative text and a download button; its value is what `shown` gives.

    actor: "real", "generated", "generator", "discriminator" or "visitor".  aspect: width over height.  pixelated: squares for pixels.
    name: of the file that is downloaded.  caption: a few words under it.
    """
    # What never changes is part of the text: Gradio drops the properties of a component that is updated before its tab was ever open.
    kind = f"{actor} pixelated" if pixelated else actor
    return gr.HTML(
        html_template=f"""<figure class="picture {kind}"><div class="frame" style="aspect-ratio: {aspect}; --aspect: {aspect}"><img alt="">
            <button class="download" type="button" title="Download" aria-label="Download this picture">&#8595;</button></div>
            <figcaption>{html.escape(caption)}</figcaption></figure>""",
        js_on_load=f"playground.picture(element, {json.dumps(name)}, props, watch)",
        apply_default_css=False,
        **kwargs,
    )


def cleared(output: gr.components.Component):
    """The value of an output that shows nothing: of a picture, or of words; what a hand sets stays as it is."""
    script = output.js_on_load if isinstance(output, gr.HTML) else "its own"
    if script and script.startswith("playground.picture("):
        return {"src": "", "alt": ""}
    return gr.skip() if script else ""
