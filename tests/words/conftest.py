"""The page's tabs, built once for all that is said of them."""

import gradio as gr
import pytest

from playground.ui.page import TABS


@pytest.fixture(scope="session")
def frames() -> dict:
    with gr.Blocks():
        return {frame.name: frame for frame in (tab.build() for tab in TABS)}
