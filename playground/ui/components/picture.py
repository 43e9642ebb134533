"""The page's pictures, with their size reserved."""

import html
import json

import gradio as gr


def picture(actor: str, *, aspect: float = 1.0, pixelated: bool = False, name: str = "picture", caption: str = "", **kwargs) -> gr.HTML:
    """One picture with its size reserved, its actor's colour, an alternative text and a download button; its value is what `shown` gives.

    actor: "real", "generated", "generator", "discriminator" or "visitor".  aspect: width over height.  pixelated: shows pixels as squares.
    name: of the downloaded file. caption: a few words under it.
    """
    # Constant parts are in the HTML itself: Gradio drops the properties of a component that is updated before its tab is first opened.
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
    """The value of an output that shows nothing, for a picture or for text; a control keeps its value."""
    script = output.js_on_load if isinstance(output, gr.HTML) else "its own"
    if script and script.startswith("playground.picture("):
        return {"src": "", "alt": ""}
    return gr.skip() if script else ""
