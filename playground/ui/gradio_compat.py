"""Everything undocumented in Gradio on which the page relies, each with its reason.

`tests/playground/ui/test_gradio_compat.py` tests each of them, and fails if a new Gradio changes it.
"""

import inspect
import json
import urllib.request
from collections.abc import Callable, Sequence
from typing import get_type_hints

import gradio as gr
from gradio.data_classes import FileData
from gradio.processing_utils import save_pil_to_cache
from gradio.utils import get_return_types, get_upload_folder
from PIL.Image import Image

from playground.api.signature import Picture

PICTURES: set[str] = set()  # files of pictures that programs asked for


# --- components ---


def with_preprocess(component: gr.components.Component, preprocess: Callable):
    """The same component, with `preprocess(payload)` instead of Gradio's own, which rejects some values before we can say why.

    Gradio recreates a component from its class whenever it is an output that is updated or skipped: so the class itself must have it.  The
    class is created without Gradio's metaclass, which would write a .pyi beside it.
    """
    kind = type(component)
    members = {"preprocess": lambda self, payload: preprocess(payload), "__module__": kind.__module__}
    component.__class__ = type.__new__(type(kind), kind.__name__, (kind,), members)
    return component


def set_choices(component: gr.components.Component, choices: list[tuple[str, str]]) -> None:
    """Gives a component its choices after its creation.  Gradio recreates it from its arguments if it is an output that is skipped."""
    component.choices = component.constructor_args["choices"] = choices


def number(block: gr.blocks.Block) -> int:
    """The number by which Gradio's page and server name a component or a layout."""
    return block._id


def components(page: gr.Blocks) -> list[tuple[str, dict]]:
    """(kind, properties) of each component and layout of a page, as Gradio's own page gets them."""
    return [(component["type"], component["props"]) for component in page.get_config_file()["components"]]


# --- events ---


def moved(control: gr.components.Component):
    """The event by which a control says that the visitor moved it, once.

    A `gr.Textbox` sends `input` only for keys that write; a `gr.Dropdown` sends it with the choice and again when the list closes, so its
    closing is used for both.
    """
    if isinstance(control, gr.Dropdown):
        return control.blur
    return control.change if isinstance(control, gr.Textbox) else control.input


def changed(component: gr.components.Component):
    """The event by which a component that isn't a control says that it changed."""
    return component.input if hasattr(component, "input") else component.change


def after(triggers: Sequence):
    """An object whose `then` listens to these events, so that each listener is repeated separately.

    With `trigger_mode="always_last"` Gradio's page repeats an event for *all* its listeners when one of them had postponed it; two such
    listeners of one event would retrigger each other for ever.  So the event itself does nothing but start a chain.
    """
    return gr.on(list(triggers), None, js="() => []", api_visibility="private")


def hidden_progress(notice: gr.HTML) -> dict:
    """Arguments of a listener without a sign of progress on its outputs.

    Gradio's page tracks them all the same, and at each event goes over every component that ever was an output: with all of this page's
    components, that took 80 ms per frame of a stream.  So only `notice` is passed to it.
    """
    return {"show_progress": "hidden", "show_progress_on": notice}


def as_sent(component: gr.components.Component, answer):
    """A recorded answer for a component (see `playground.graphs.recording`) as Gradio's server sends it: a `gr.HTML` has its template's own
    properties in "props", and a choice is a pair of label and value."""
    if not isinstance(answer, dict):
        return answer
    if not isinstance(component, gr.HTML):
        paired = lambda options: [option if isinstance(option, list) else [option, option] for option in options]  # noqa: E731
        return {key: paired(value) if key == "choices" else value for key, value in answer.items()}
    if answer.get("$") == "choose":
        return {**answer, "of": [as_sent(component, option) for option in answer["of"]]}
    if answer.get("__type__") != "update" or answer == gr.skip():
        return answer
    own = inspect.signature(gr.HTML.__init__).parameters
    props = {key: value for key, value in answer.items() if key not in own}
    return {**{key: value for key, value in answer.items() if key in own}, "props": props, "__type__": "update"}


# --- the API ---

# The schema by which clients recognise a file; Gradio's own for a picture is five times as long, and the page has eighty of them.
FILE = {
    "type": "object",
    "title": "ImageData",
    "properties": {"path": {"type": "string"}, "meta": {"type": "object", "default": {"_type": "gradio.FileData"}}},
}


def pictures(function: Callable) -> set[int]:
    """The positions of a public function's arguments that are pictures."""
    hints = get_type_hints(function, include_extras=True)
    return {i for i, name in enumerate(inspect.signature(function).parameters) if hints[name] == Picture}


def add_endpoint(blocks: gr.Blocks, function: Callable, name: str) -> None:
    """`gr.api` with a description that has the names of arguments and outputs, and files for pictures; Gradio's says "1st" and "Any"."""
    gr.api(function, api_name=name)
    added = blocks.fns[max(blocks.fns)]
    for i, (argument, called) in enumerate(zip(added.inputs, inspect.signature(function).parameters, strict=True)):
        argument.label = called
        if i in pictures(function):
            argument._api_info = {"anyOf": [{"type": "string"}, FILE]}
    for output, called, kind in zip(added.outputs, function.outputs, get_return_types(function), strict=True):
        output.label = called
        if kind is Image:
            output._api_info = FILE


# --- the server ---

SKIPS = (gr.skip(), {"props": gr.skip(), **gr.skip()})  # outputs that stay as they are


class Server:
    """The page's own server, asked as its page asks it."""

    def __init__(self, address: str, blocks: gr.Blocks):
        self.address = address
        self.events = {event["api_name"]: event for event in blocks.config["dependencies"]}

    def get(self, path: str) -> bytes:
        return urllib.request.urlopen(self.address + path, timeout=60).read()

    def ask(self, name: str, data: list) -> dict[int, object]:
        """Component's `number` -> value of what an event changes."""
        event = self.events[name]
        body = json.dumps({"data": data, "fn_index": event["id"], "session_hash": "edition"}).encode()
        request = urllib.request.Request(f"{self.address}/gradio_api/run/predict", body, {"Content-Type": "application/json"})
        values = json.loads(urllib.request.urlopen(request, timeout=300).read())["data"]
        return {output: value for output, value in zip(event["outputs"], values) if value not in SKIPS}


def picture_file(picture: Image) -> dict:
    """A picture as a file that Gradio serves and MCP clients see.  Gradio does this for components only, and an endpoint has none."""
    path = save_pil_to_cache(picture, get_upload_folder(), name="picture", format="png")
    PICTURES.add(path)
    return FileData(path=path, mime_type="image/png").model_dump()


def clear_pictures_with_cache(blocks: gr.Blocks) -> None:
    """Makes `delete_cache` of these Blocks delete the files of `picture_file`, too; by itself it knows those of components only."""
    blocks.temp_file_sets.append(PICTURES)


def forget_session(blocks: gr.Blocks, session_hash: str) -> None:
    """Drops a visitor's state at once: Gradio would keep it for an hour after the page was closed."""
    blocks.app.state_holder.forget(session_hash)  # of `gradio_server.Sessions`
