"""Links: on load, the page opens the state in its address; a tab that is opened later shows the state of its controls."""

import html
import json
from collections.abc import Sequence

import gradio as gr

from playground.errors import UserError
from playground.ui import executor, state
from playground.ui.builder import TabBuilder
from playground.ui.gradio_compat import hidden_progress


def open_links(demo: gr.Blocks, notice: gr.HTML, tabs: gr.Tabs, builders: Sequence[TabBuilder]) -> None:
    """On load, opens the state in the address: the tab, its controls, its pictures; `notice` says which parts were unusable."""
    outputs = [tabs, notice, *dict.fromkeys(component for tab in builders for component in tab.shown_by_link)]
    quietly = {"queue": False, **hidden_progress(notice), "api_visibility": "private"}

    load = executor.listener(lambda query: _opened(query, notice, tabs, builders), "load", (gr.skip(),) * len(outputs))

    async def open_link(request: gr.Request):
        return await load(request, dict(request.query_params))

    opened = demo.load(open_link, None, outputs, **quietly)
    opened.then(None, js="() => playground.ready()", api_visibility="private")
    _translate_lessons(demo, builders)

    def read_tab(index: int, *values) -> dict:
        before = sum(len(tab.inputs) for tab in builders[:index])
        return builders[index].pictures(builders[index].parse(values[before:]))

    switch = executor.listener(read_tab, "switch", (gr.skip(),) * len(outputs[2:]))

    async def switch_tab(request: gr.Request, event: gr.SelectData, *values):
        return await switch(request, event.index, *values)

    inputs = [control for tab in builders for control in tab.inputs]
    tabs.select(switch_tab, inputs, outputs[2:], trigger_mode="always_last", **quietly)


def _translate_lessons(demo: gr.Blocks, builders: Sequence[TabBuilder]) -> None:
    """On load, replaces the lessons by those of the page's language, if it isn't English."""
    names, lessons = json.dumps([tab.name for tab in builders]), [tab.lesson for tab in builders]
    script = f"""async (...texts) => {{
        const names = {names}, said = await playground_language.lessons(Object.fromEntries(names.map((name, i) => [name, texts[i]])));
        return names.map((name) => said[name]);
    }}"""
    demo.load(None, lessons, lessons, js=script, api_visibility="private")


def _opened(query: dict, notice: gr.HTML, tabs: gr.Tabs, builders: Sequence[TabBuilder]) -> dict:
    """Component -> value for everything in an address."""
    by_name = {tab.name: tab for tab in builders}
    tab, warning = by_name.get(query.get("tab", builders[0].name)), None
    if tab is None:
        tab, query, warning = builders[0], {}, f"There is no tab {query['tab'][:40]!r} in this page; this is the first one."
    now, unusable = state.opened(tab.cls, query)
    try:
        values = tab.everything(now)
    except UserError as error:  # a damaged drawing, missing weights: the page stays in its initial state
        values, unusable = {}, str(error)
    warning = warning or unusable
    return {tabs: gr.Tabs(selected=tab.name), notice: f"<p>{html.escape(warning)}</p>" if warning else ""} | values
