"""Connects a tab's events to its functions: which event calls which function, with which controls' values, for which outputs."""

import html
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import gradio as gr

from playground.errors import EmptyCanvas
from playground.ui import executor, state
from playground.ui.components.picture import cleared
from playground.ui.gradio_compat import after, changed, hidden_progress, moved

if TYPE_CHECKING:
    from playground.ui.builder import TabBuilder


@dataclass(frozen=True)
class Listener:
    """A function that is called when one of its controls moves (`tab.on_change`), or on a click of a button (`tab.stream`)."""

    call: Callable  # (state of the view, *extra) -> values of the outputs, or an iterator of them
    outputs: Sequence
    on: Sequence[str]  # the fields whose controls call it
    extra: Sequence
    view: str | None  # the view that it is in; None: outside all views
    cls: type | None  # the dataclass of the view's fields; None: it gets the whole state
    hint: gr.HTML | None  # the output that says that nothing is drawn yet
    start: gr.Button | None = None
    stop: gr.Button | None = None
    rest: bool = False  # called only when the control has come to rest, not while it moves
    label: str = ""  # what the static edition, which can't answer it, calls it; by default its view's label
    # True: the function only calls graphs and formats their outputs, so the browser can do the same (`browser.py`).  A name: the script
    # of playground/browser that answers it, with the data of `tab.scripts[name]()`
    in_browser: bool | str = False

    def is_open(self, now) -> bool:
        """Whether its view is the visible one: a seed changes all views, but only the visible one need answer."""
        return self.view in (None, getattr(now, "view", None))

    def part(self, now):
        """The part of the tab's state that it gets."""
        return state.part(now, self.cls)

    def answer(self, now, *extra) -> tuple:
        """The values of its outputs for a tab's state; none while another view is open, and a hint where nothing is drawn yet."""
        if not self.is_open(now):
            return (gr.skip(),) * len(self.outputs)
        try:
            answer = self.call(self.part(now), *extra)
        except EmptyCanvas as error:
            return self.hinted(error)
        return answer if len(self.outputs) > 1 else (answer,)

    def hinted(self, error: EmptyCanvas) -> tuple:
        """The values of its outputs where nothing is drawn yet: its hint says so, and results of an earlier drawing are cleared.

        Raises the error again where it has no hint.
        """
        if self.hint is None:
            raise error
        words = f'<p class="empty">{html.escape(str(error))}</p>'
        return tuple(words if output is self.hint else cleared(output) for output in self.outputs)


@dataclass(frozen=True)
class Advance:
    """A slider that moves by itself (`tab.advance`)."""

    field: str
    start: gr.Button
    stop: gr.Button
    step: str | int
    on: Sequence[str]
    pause: int  # ms from step to step


def connect(tab: "TabBuilder") -> None:
    """Connects all events of a tab: its changes, streams, buttons, and the address."""
    if tab.model_fields:
        views = [tab.control_of["view"], *(view.column for view in tab.views.values())] if hasattr(tab.cls, "views") else []
        changes = [moved(tab.control_of[name]) for name in tab.model_fields]
        models = _listen(tab, changes, tab.model_moved, "models", [tab.card, *views])
    for change in tab.changes:
        _connect_change(tab, change)
    for stream in tab.streams:
        _connect_stream(tab, stream)
    for advance in tab.advances:
        _connect_advance(tab, advance, models if tab.model_fields else None)
    if tab.views:
        _listen(tab, [tab.control_of["view"].input], lambda *values: tab.pictures(tab.parse(values)), "view", tab.shown_by_link)
    if "seed" in tab.spec or tab.randomizers:
        tab.dice.visible = True
        _listen(tab, [tab.dice.click], _rolls(tab), "dice", tab.shown_by_link)
    for (button, place), (label, why, values) in zip(tab.preset_buttons, tab.presets):
        _listen(tab, [button.click], _sets(tab, values, place, why), f"preset {label}", [*tab.shown_by_link, place], reads=[])
    for (button, place), (name, _, answer, values) in zip(tab.claim_buttons, tab.claims):
        _listen(tab, [button.click], _sets(tab, values, place, answer), f"claim {name}", [*tab.shown_by_link, place], reads=[])
    _connect_address(tab)


def _connect_change(tab: "TabBuilder", change: Listener) -> None:
    triggers = [moved(tab.control_of[name]) for name in change.on]
    triggers += [changed(component) for component in change.extra if not isinstance(component, gr.State)]
    reads = tab.reads(change.view, change.on)

    def call(*values) -> tuple:
        return change.answer(tab.parse(values, reads), *values[len(reads) :])

    _listen(tab, triggers, call, change.call.__name__, change.outputs, change.extra, reads)


def _connect_stream(tab: "TabBuilder", stream: Listener) -> None:
    reads = tab.reads(stream.view, stream.on)

    def call(*values) -> Iterator[tuple]:
        now = tab.parse(values, reads)
        if not stream.is_open(now):
            return
        try:
            yield from stream.call(stream.part(now), *values[len(reads) :])
        except EmptyCanvas as error:
            answer = stream.hinted(error)
            yield answer if len(answer) > 1 else answer[0]

    event = gr.on(
        [stream.start.click, *(moved(tab.control_of[name]) for name in stream.on)],
        executor.listener(call, f"{tab.name}.{stream.call.__name__}", _nothing(stream.outputs)),
        [*(tab.control_of[name] for name in reads), *stream.extra],
        list(stream.outputs),
        **hidden_progress(tab.notice),
        trigger_mode="multiple",  # the newest stream ends the older one, in the executor
        concurrency_limit=8,
        concurrency_id="streams",
        api_visibility="private",
    )
    stream.stop.click(None, cancels=[event], api_visibility="private")


def _connect_advance(tab: "TabBuilder", advance: Advance, models) -> None:
    """models: Gradio's event after which another model's views are open, or None."""
    slider = json.dumps(f"#{tab.control_of[advance.field].elem_id}")
    steps = [tab.control_of[advance.step]] if isinstance(advance.step, str) else []
    by = "step" if steps else advance.step
    moves = [moved(tab.control_of[name]) for name in advance.on if name not in tab.model_fields]
    for triggers, anew in ([advance.start.click], "false"), (moves, "true"):
        gr.on(triggers, None, steps, js=f"(step) => playground.advance({slider}, {by}, {anew}, {advance.pause})", api_visibility="private")
    if models and set(advance.on) & set(tab.model_fields):
        models.then(None, steps, js=f"(step) => playground.advance({slider}, {by}, true, {advance.pause})", api_visibility="private")
    advance.stop.click(None, js=f"() => playground.halt({slider})", api_visibility="private")


def _listen(tab: "TabBuilder", triggers: Sequence, call: Callable, name: str, outputs: Sequence, extra=(), reads=None):
    """Calls `call` on each of the events, one request at a time; the newest value is always sent.  It gets the values of the
    controls of the fields `reads`, of all by default.  Returns Gradio's event."""
    outputs = [*outputs, tab.notice]
    return after(triggers).then(
        executor.listener(call, f"{tab.name}.{name}", _nothing(outputs), tab.notice),
        [*(tab.control_of[name] for name in (tab.spec if reads is None else reads)), *extra],
        outputs,
        queue=False,
        trigger_mode="always_last",
        **hidden_progress(tab.notice),
        api_visibility="private",
    )


def _rolls(tab: "TabBuilder") -> Callable:
    """A function that rolls the dice."""
    return lambda *values: tab.everything(tab.roll(tab.parse(values), random.randrange(1000)))


def _sets(tab: "TabBuilder", values: dict, place: gr.HTML, words: str | Callable[[], str]) -> Callable:
    """A function that sets these fields, all others to their defaults, and puts these words into `place`."""

    def call() -> dict:
        text = words() if callable(words) else words
        return tab.everything(replace(tab.cls(), **values)) | {place: f"<p>{html.escape(text)}</p>"}

    return call


def _connect_address(tab: "TabBuilder") -> None:
    """Every change goes into the address; and *Copy link*."""
    usual = {name: state.component_value(tab.spec[name], value) for name, value in state.unwritten(tab.cls).items()}
    script = json.dumps([{"name": name, "kind": spec.metadata["kind"], "default": usual.get(name)} for name, spec in tab.spec.items()])
    gr.on(
        [control.change for control in tab.inputs] + [tab.tab.select],
        None,
        tab.inputs,
        js=f"(...values) => playground.address('{tab.name}', {script}, values)",
        api_visibility="private",
    )
    tab.share.click(None, tab.inputs, js=f"(...values) => playground.share('{tab.name}', {script}, values)", api_visibility="private")


def _nothing(outputs: Sequence):
    """Values that leave these outputs as they are, in the shape that Gradio expects."""
    return gr.skip() if len(outputs) == 1 else (gr.skip(),) * len(outputs)
