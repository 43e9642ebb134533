"""A picture from a visitor's disk, clipboard or camera, kept as a file until `playground.imaging` decodes it."""

from pathlib import Path

import gradio as gr

from playground.ui.gradio_compat import with_preprocess


def picture_upload(label: str, in_link: bool = False, **kwargs) -> gr.Image:
    """A `gr.Image` whose value is the `Path` of the uploaded file, or None.

    in_link: a link contains what was computed from it; otherwise *Copy link* says that the picture is not in the link.

    Gradio itself would open the file, without our bounds and with its own errors.
    """
    classes = [] if in_link else ["no-part-of-links"]
    image = gr.Image(label=label, type="filepath", sources=["upload", "clipboard", "webcam"], height=150, elem_classes=classes, **kwargs)
    return with_preprocess(image, lambda payload: Path(payload.path) if payload is not None and payload.path else None)
