"""A picture from a visitor's disk, clipboard or camera, untouched until `playground.imaging` decodes it."""

from pathlib import Path

import gradio as gr

from playground.page.controls import taking


def picture_upload(label: str, **kwargs) -> gr.Image:
    """A `gr.Image` whose value is the `Path` of what was handed over, or None.

    Gradio by itself would open the file, without our bounds and with errors of its own.
    """
    image = gr.Image(label=label, type="filepath", sources=["upload", "clipboard", "webcam"], height=200, **kwargs)
    return taking(image, lambda payload: Path(payload.path) if payload is not None and payload.path else None)
