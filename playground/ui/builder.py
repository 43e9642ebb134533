"""What all tabs share: five bands, the same in every tab, and one way for a gesture to become a picture.

A tab is a folder in `playground/ui/tabs/` with a module `tab`: a dataclass of all that its controls say (`state.py`) and a `build()`:

    @dataclass(frozen=True)
    class Latent:
        model: str = choice("vae-mnist-2d", lambda: catalog.names("vae"))
        x: float = number(0.0, -4, 4)
        seed: int = whole(1, 0, SEEDS)

    def build() -> Frame:
        with Frame("latent", "Latent space", "Move over the map ...", Latent) as tab:
            with tab.do():                                            # left: what you do
                tab.control("model", gr.Dropdown(label="Model"))      # a control stands for a field; its value is the field's default
                tab.control("x", gr.Slider(-4, 4, label="z"))
            with tab.see():                                           # right: what the model makes
                digit = tab.picture("generated", pixelated=True, value=shown(opening, "A seven."))
                nats = tab.numbers()                                  # figures that belong to the picture

            @tab.shows(digit, nats)                                   # runs on every change of a control (or `on=("x", "seed")`)
            def walk(state: Latent):
                image = api.latent_decode(state.model, ...)           # PIL image
                return shown(image, "A seven."), figures(("KL", 12.3, "nats"))

            tab.preset("Between 4 and 9", "Two classes meet here, and the digit is neither.", x=1.5)
            tab.claim("C7", "Does a heavier KL term blur?", lambda: f"Yes: {measure('vae-mnist-beta4', 'mse')}.", model="vae-mnist-beta4")
            tab.models("model")                                       # fields that name models whose measured figures the last band shows
        return tab

Rules.  A function under `tab.shows` gets the whole state and passes the gate, so it may call a model; it must be fast (under a second).
What takes longer is a generator: `@tab.plays(start=button, stop=button, outputs=[...])` streams what it yields.  The dice change the
field `seed`, if there is one, and what a function under `@tab.rolls` says.  Presets, claims and links set controls and call the same
functions, so they give the same picture.  Uploads are no part of the address: hand their components over with `extra=[...]`; the
function gets them after the state (None where there is none).  A canvas is a control of a `strokes()` field; its value reaches the
function as JSON (see `components/canvas`).
A tab with several things to do has views: `with tab.view("map", "Walk the map"):` around its own `do`, `see` and `shows`; the field `view`
(a `choice`) says which is open.  The functions of a view get the values of its own controls, of those outside all views and of `on`, and
defaults for the others.  torch and the models are imported inside functions, never at a tab's top: opening the page must not wait.
What `shown`, `figures`, `measure` and their like give stands in `values.py`.
The lesson is `playground/ui/lessons/en/<tab>.md`, with $...$ and $$...$$ for formulas.
"""

import html
import inspect
import json
import random
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path

import gradio as gr

from playground.errors import UserError
from playground.ui import executor, state
from playground.ui.gradio_compat import with_preprocess
from playground.ui.values import figures, measured

LESSONS = Path(__file__).parent / "lessons" / "en"
ON_TOP = """p { position: fixed; z-index: 100; left: 50%; bottom: 18px; transform: translateX(-50%);
    width: max-content; max-width: 92vw; box-shadow: 0 2px 16px rgb(0 0 0 / 25%); }"""
LATEX = [{"left": "$$", "right": "$$", "display": True}, {"left": "$", "right": "$", "display": False}]


def another(chance: random.Random, options: Iterable, now):
    """One of the options that is not the one there is now, where there is another; for functions under `tab.rolls`."""
    return chance.choice([option for option in options if option != now] or [now])


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


# --- one tab ---


@dataclass(frozen=True)
class _Shows:
    call: Callable  # (state, *extra) -> values of the outputs
    outputs: Sequence
    on: Sequence[str]  # the fields whose controls call it
    extra: Sequence
    view: str | None
    rest: bool
    in_browser: bool


@dataclass(frozen=True)
class Gesture:
    """An event of the page that the browser answers itself (playground/browser), or puts off while the hand moves."""

    call: Callable  # (state, *extra) -> values of the outputs
    reads: Sequence[str]  # the fields whose values the event sends, in this order
    extra: Sequence  # components whose values follow
    outputs: Sequence
    view: str | None  # in which it is seen
    rest: bool  # it is wanted once the hand rests
    in_browser: bool  # or the server does, once the hand rests


def _while_open(shows: _Shows) -> Callable:
    """The call, which does nothing while another view is open: a seed moves all views, but only one is seen."""
    return lambda now, *extra: shows.call(now, *extra) if shows.view in (None, getattr(now, "view", None)) else _nothing(shows.outputs)


def hidden(notice: gr.HTML) -> dict:
    """No sign of progress on an event's outputs.  Gradio's page keeps account of them all the same, and at each event goes over every
    component that ever was an output: with all of this page's, that took 80 ms a frame of what plays.  So it is told of `notice` alone."""
    return {"show_progress": "hidden", "show_progress_on": notice}


class Frame:
    """One tab under construction; see the module's docstring for how it is used."""

    def __init__(self, name: str, title: str, sentence: str, cls: type):
        """name: the tab in the address.  sentence: what one sees and what to try first.  cls: the dataclass of its state."""
        self.name, self.title, self.sentence, self.cls = name, title, sentence, cls
        self.controls: dict[str, gr.components.Component] = {}  # field -> its control
        self._shows: list[_Shows] = []
        self.gestures: dict[str, Gesture] = {}  # name of the event -> what answers it
        self._plays: list[tuple] = []
        self._advances: list[tuple] = []
        self._presets: list[tuple[str, str, dict]] = []
        self._claims: list[tuple[str, str, str | Callable, dict]] = []
        self._views: dict[str, tuple[str, gr.Column]] = {}  # view -> (label, column)
        self._view: str | None = None  # the view under construction
        self._view_of: dict[str, str | None] = {}  # field -> the view that its control is in
        self._model_fields: Sequence[str] = ()
        self._rolls: Callable | None = None
        self._spec = {spec.name: spec for spec in fields(cls)}

    # --- building ---

    def __enter__(self) -> "Frame":
        self.tab = gr.Tab(self.title, id=self.name, elem_id=f"tab-{self.name}")
        self.tab.__enter__()
        with gr.Row(elem_classes="opening-line"):
            gr.HTML(f"<p>{html.escape(self.sentence)}</p>", elem_classes="sentence", apply_default_css=False)
            self._seed_place = gr.Row(elem_classes="seed")
            self._dice = gr.Button("Roll the dice", elem_classes="quiet dice", visible=False)
            self._share = gr.Button("Copy link", elem_classes="quiet share")
        if "view" in self._spec:
            self.control("view", gr.Radio(label="What to do", show_label=False, container=False, elem_classes="views"))
        self._stage = gr.Column(elem_classes="stage")
        self._stage.__enter__()
        return self

    def do(self) -> gr.Column:
        """The left column: what the visitor does."""
        return gr.Column(elem_classes="do", min_width=0)

    def see(self) -> gr.Column:
        """The right column: what the model makes.  On a phone it comes first and stays in view."""
        return gr.Column(elem_classes="see", min_width=0)

    def wide(self) -> gr.Column:
        """A column over the whole stage, for what is not done here and seen there."""
        return gr.Column(elem_classes="wide", min_width=0)

    @contextmanager
    def view(self, name: str, label: str):
        """One of several things to do in this tab; `name` is an option of the field `view`."""
        shown_first = self._spec["view"].default == name
        with gr.Column(elem_classes=_view_classes(shown_first), elem_id=f"{self.name}-view-{name}") as column:
            self._views[name], self._view = (label, column), name
            yield
        self._view = None

    def control(self, name: str, component):
        """Lets `component` stand for the field `name`: it gets the field's default, and its options if it has none.  Returns it."""
        spec = self._spec[name]
        component.value = state.said(spec, spec.default)
        if spec.metadata["kind"] in ("choice", "several") and name != "view" and not component.choices:
            # Where there is none yet (no weights), the default stands, so that only what needs it fails, and says why.
            usual = spec.default if spec.metadata["kind"] == "several" else [spec.default]
            _offer(component, [(option, option) for option in state.options(spec) or usual])
        if isinstance(component, gr.Number | gr.Slider | gr.Radio):
            # what is too large, or no choice of another model's, is set right by `state.parse`
            with_preprocess(component, lambda payload: payload)
        self.controls[name], self._view_of[name] = component, self._view
        return component

    def picture(self, actor: str, **kwargs) -> gr.HTML:
        """A picture, see `picture` above, that downloads under this tab's name."""
        return picture(actor, **{"name": self.name, **kwargs})

    def numbers(self, *rows: tuple[str, float | str, str]) -> gr.HTML:
        """A line of figures; the value is what `figures` returns.  `rows` stand there until the first change."""
        return gr.HTML(figures(*rows), elem_classes="numbers", apply_default_css=False)

    def seed(self) -> gr.Number:
        """The control of the field `seed`, beside the dice."""
        with self._seed_place:
            kept, self._view = self._view, None
            control = self.control("seed", gr.Number(label="Seed", precision=0, minimum=0, maximum=self._spec["seed"].metadata["high"]))
            self._view = kept
        return control

    def rolls(self, call: Callable) -> Callable:
        """Decorates `f(state, chance: random.Random) -> state`: what the dice do besides drawing a new seed."""
        self._rolls = call
        return call

    def shows(self, *outputs, on: Iterable[str] | None = None, extra: Iterable = (), rest: bool = False, in_browser: bool = False):
        """Decorates `f(state, *extra) -> value of each output`: called whenever a control of a field in `on` moves (None: any of
        this view's and of those outside views), or a component of `extra` changes, a `gr.State` excepted; and for links, presets, dice
        and on opening.  `rest`: while a hand moves, it is not called before the hand rests.  `in_browser`: it does nothing but call graphs
        and put their outputs into words, so that the browser can do the same (`playground/graphs/recording.py`)."""

        def register(call: Callable) -> Callable:
            inside = self._view_with(outputs[0])
            near = [name for name, view in self._view_of.items() if view in (None, inside)]
            self._shows.append(_Shows(call, outputs, tuple(near if on is None else on), tuple(extra), inside, rest, in_browser))
            return call

        return register

    def _view_with(self, component) -> str | None:
        """The view that a component stands in; None outside all views."""
        views = {column: name for name, (_, column) in self._views.items()}
        while component is not None and component not in views:
            component = component.parent
        return views.get(component)

    def plays(self, start: gr.Button, stop: gr.Button, *outputs, on: Iterable[str] = (), extra: Iterable = ()):
        """Decorates a generator `f(state, *extra)`: each yield is the outputs' values, from a click on `start` until it ends or `stop`.
        It starts anew, too, when a control of a field in `on` moves."""

        def register(call: Callable) -> Callable:
            self._plays.append((call, start, stop, outputs, tuple(on), tuple(extra)))
            return call

        return register

    def advances(self, field: str, start: gr.Button, stop: gr.Button, step: str | int, on: Iterable[str] = ()) -> None:
        """A slider that moves by itself, from a click on `start` until its end or `stop`: `step` at a time, a number or the field of one;
        and again from its beginning when a control of a field in `on` moves.  What it moves through is computed as if a hand moved it."""
        self._advances.append((field, start, stop, step, tuple(on)))

    def preset(self, label: str, why: str, **values) -> None:
        """A button that sets these fields (all others to their defaults), and the sentence that says what to look at."""
        self._presets.append((label, why, values))

    def claim(self, name: str, question: str, answer: str | Callable[[], str], **values) -> None:
        """One of the chapter's claims, to be predicted and then looked at: a button sets these fields and shows the answer.

        name: "C12".  question: what to predict.  answer: what there is to see, and the number that says so; a function reads it from
        `metrics.json` when asked (`measure`).
        """
        self._claims.append((name, question, answer, values))

    def models(self, *names: str) -> None:
        """The fields that name the models whose measured figures stand in the last band."""
        self._model_fields = names

    # --- the bands below, and the wiring ---

    def __exit__(self, kind, error, trace) -> None:
        if kind is not None:
            return
        default = self.cls()
        self._stage.__exit__()
        buttons = []
        if self._presets:
            with gr.Row(elem_classes="presets"):
                gr.HTML("<p>Try this</p>", elem_classes="try", apply_default_css=False)
                buttons = [gr.Button(label, elem_classes="quiet preset") for label, _, _ in self._presets]
            self._why = gr.HTML("", elem_classes="why", apply_default_css=False)
        looks = []
        if self._claims:
            with gr.Accordion("Predict, then look", open=False, elem_classes="claims"):
                for name, question, _, _ in self._claims:
                    with gr.Row(elem_classes="claim"):
                        gr.HTML(f"<p><b>{name}</b> {html.escape(question)}</p>", apply_default_css=False)
                        button = gr.Button("Look", elem_classes="quiet look", elem_id=f"{self.name}-{name.lower()}")
                    looks.append((button, gr.HTML("", elem_classes="why", apply_default_css=False)))
        with gr.Accordion("How it works", open=False, elem_classes="lesson"):
            gr.Markdown(_with_footnotes((LESSONS / f"{self.name}.md").read_text(encoding="utf-8")), latex_delimiters=LATEX)
        self._card = gr.HTML(self._measured(default), elem_classes="measured", apply_default_css=False)
        self._notice = gr.HTML(elem_classes="notice", css_template=ON_TOP, apply_default_css=False)
        self.tab.__exit__()

        if "view" in self._spec:
            _offer(self.controls["view"], self._offered(default))
        missing = set(self._spec) - set(self.controls)
        if missing:
            raise TypeError(f"The tab {self.name!r} has no control for {', '.join(sorted(missing))}.")
        self.inputs = [self.controls[name] for name in self._spec]
        self._outputs = list(dict.fromkeys(output for shows in self._shows for output in shows.outputs))
        self.shown_by_link = list(
            dict.fromkeys([*self.inputs, *self._outputs, *(column for _, column in self._views.values()), self._card])
        )

        if self._model_fields:
            changed = [_moves(self.controls[name]) for name in self._model_fields]
            views = [self.controls["view"], *(column for _, column in self._views.values())] if hasattr(default, "views") else []
            self._listen(changed, self._model_moved, "models", [self._card, *views])
        named = set()
        for shows in self._shows:
            moved = [component for component in shows.extra if not isinstance(component, gr.State)]
            triggers = [_moves(self.controls[name]) for name in shows.on] + [_changes(component) for component in moved]
            reads, name = self._reads(shows.view, shows.on), shows.call.__name__
            event = executor.event_name(f"{self.name}.{name}")
            known_here = shows.in_browser or shows.rest
            if event in self.gestures or known_here and event in named:
                raise ValueError(f"The tab {self.name} has two functions named {name}, which the browser could not tell apart.")
            named.add(event)
            if known_here:
                self.gestures[event] = Gesture(shows.call, reads, shows.extra, shows.outputs, shows.view, shows.rest, shows.in_browser)
            self._listen(triggers, self._with_state(_while_open(shows), reads), name, shows.outputs, shows.extra, reads)
        for call, start, stop, outputs, on, extra in self._plays:
            reads = self._reads(self._view_with(outputs[0]), on)
            event = gr.on(
                [start.click, *(_moves(self.controls[name]) for name in on)],
                executor.listener(self._with_state(call, reads), f"{self.name}.{call.__name__}", _nothing(outputs)),
                [*(self.controls[name] for name in reads), *extra],
                list(outputs),
                **hidden(self._notice),
                trigger_mode="multiple",  # the newest stream ends the older one, at the gate
                concurrency_limit=8,
                concurrency_id="plays",
                api_visibility="private",
            )
            stop.click(None, cancels=[event], api_visibility="private")
        for field, start, stop, step, on in self._advances:
            slider, steps = json.dumps(f"#{self.controls[field].elem_id}"), [self.controls[step]] if isinstance(step, str) else []
            by = "step" if steps else step
            gr.on([start.click], None, steps, js=f"(step) => playground.advance({slider}, {by}, false)", api_visibility="private")
            moves = [_moves(self.controls[name]) for name in on]
            gr.on(moves, None, steps, js=f"(step) => playground.advance({slider}, {by}, true)", api_visibility="private")
            gr.on([stop.click], None, js=f"() => playground.halt({slider})", api_visibility="private")
        if self._views:
            self._listen([self.controls["view"].input], self._with_state(self.pictures), "view", self.shown_by_link)
        if "seed" in self._spec or self._rolls:
            self._dice.visible = True
            self._listen([self._dice.click], self._with_state(self._roll), "dice", self.shown_by_link)
        for button, (label, why, values) in zip(buttons, self._presets):
            self._listen([button.click], self._sets(values, self._why, why), f"preset {label}", [*self.shown_by_link, self._why], reads=[])
        for (button, seen), (name, _, answer, values) in zip(looks, self._claims):
            self._listen([button.click], self._sets(values, seen, answer), f"claim {name}", [*self.shown_by_link, seen], reads=[])
        script = json.dumps([{"name": n, "kind": s.metadata["kind"], "default": state.said(s, s.default)} for n, s in self._spec.items()])
        gr.on(
            [control.change for control in self.inputs] + [self.tab.select],
            None,
            self.inputs,
            js=f"(...values) => playground.address('{self.name}', {script}, values)",
            api_visibility="private",
        )
        self._share.click(
            None, self.inputs, js=f"(...values) => playground.share('{self.name}', {script}, values)", api_visibility="private"
        )

    def _reads(self, view: str | None, on: Iterable[str]) -> list[str]:
        """The fields that a function of a view may read: at each event, Gradio's page searches all its components for each input of it."""
        return [name for name in self._spec if view is None or self._view_of[name] in (None, view) or name in on]

    def _listen(self, triggers, call, name, outputs, extra=(), reads=None) -> None:
        """Calls `call` on each of the events, with one request at a time; the newest value is never left out.  It gets the values of the
        controls of the fields `reads`, of all by default.

        Gradio repeats an event for all its listeners, when one of them had put it off; two such listeners would keep each other going.  So
        an event only begins what follows it, and that is repeated alone.
        """
        outputs = [*outputs, self._notice]
        gr.on(triggers, None, js="() => []", api_visibility="private").then(
            executor.listener(call, f"{self.name}.{name}", _nothing(outputs), self._notice),
            [*(self.controls[name] for name in (self._spec if reads is None else reads)), *extra],
            outputs,
            queue=False,
            trigger_mode="always_last",
            **hidden(self._notice),
            api_visibility="private",
        )

    def _with_state(self, call: Callable, reads: Sequence[str] | None = None) -> Callable:
        """`call(state, *extra)` as a function of the values of these fields' controls, of all by default."""
        names = list(self._spec) if reads is None else reads

        if inspect.isgeneratorfunction(call):

            def stream(*values):
                yield from call(self._read(values, names), *values[len(names) :])

            return stream
        return lambda *values: call(self._read(values, names), *values[len(names) :])

    def _read(self, values: Iterable, names: Iterable[str] | None = None):
        return state.parse(self.cls, dict(zip(self._spec if names is None else names, values)))[0]

    def show(self, values: Iterable) -> dict:
        """`pictures` of the components' values."""
        return self.pictures(self._read(values))

    def everything(self, now) -> dict:
        """Component -> value of all that this state shows: the controls and `pictures`."""
        return {control: self._said(name, now) for name, control in self.controls.items()} | self.pictures(now)

    def _said(self, name: str, now):
        said = state.said(self._spec[name], getattr(now, name))
        return gr.update(value=said, choices=self._offered(now)) if name == "view" and hasattr(now, "views") else said

    def _offered(self, now) -> list[tuple[str, str]]:
        """The views that this state offers, all of them unless it says otherwise, as choices."""
        return [(self._views[name][0], name) for name in getattr(now, "views", self._views)]

    def _model_moved(self, *values) -> dict:
        """Component -> value of what changes when another model is chosen, beside its pictures: the card, and perhaps the view."""
        now = self._read(values)
        moved = {self._card: self._measured(now)}
        if hasattr(now, "views"):
            moved[self.controls["view"]] = gr.update(choices=self._offered(now))
            if now.view not in values:
                moved |= {self.controls["view"]: self._said("view", now)} | self._columns(now)
        return moved

    def _columns(self, now) -> dict:
        view = getattr(now, "view", None)
        return {column: gr.update(elem_classes=_view_classes(name == view)) for name, (_, column) in self._views.items()}

    def pictures(self, now) -> dict:
        """Component -> value of what this state's view shows: pictures, figures, the models' card."""
        view = getattr(now, "view", None)
        values = self._columns(now)
        for shows in self._shows:
            if shows.view in (None, view):
                answer = shows.call(now, *[None] * len(shows.extra))
                values |= dict(zip(shows.outputs, answer if len(shows.outputs) > 1 else [answer]))
        for name, control in self.controls.items():
            if control in values:  # a control may be an output, too (a strip gets its picture): it has the state's value unless it is set
                values[control] = {"value": self._said(name, now)} | values[control]
        return values | {self._card: self._measured(now)}

    def _roll(self, now) -> dict:
        seed = random.randrange(1000)
        rolled = replace(now, seed=seed) if "seed" in self._spec else now
        return self.everything(self._rolls(rolled, random.Random(seed)) if self._rolls else rolled)

    def _sets(self, values: dict, place, words: str | Callable[[], str]) -> Callable:
        """A function that sets these fields, all others to their defaults, and says these words in `place`."""

        def call() -> dict:
            said = words() if callable(words) else words
            return self.everything(replace(self.cls(), **values)) | {place: f"<p>{html.escape(said)}</p>"}

        return call

    def _measured(self, now) -> str:
        return "".join(measured(model) for model in dict.fromkeys(getattr(now, name) for name in self._model_fields))


def _with_footnotes(lesson: str) -> str:
    """Markdown's footnotes, `text[^name]` and `[^name]: note`, as raised numbers and a list at the end; Gradio has none of its own."""
    notes = re.findall(r"^\[\^(\w+)\]: (.*)$", lesson, re.MULTILINE)
    lesson = re.sub(r"^\[\^\w+\]: .*\n?", "", lesson, flags=re.MULTILINE)
    for number, (name, _) in enumerate(notes, 1):
        lesson = lesson.replace(f"[^{name}]", f"<sup>{number}</sup>")
    return lesson + "\n\n---\n\n" * bool(notes) + "\n".join(f"{number}. {note}" for number, (_, note) in enumerate(notes, 1))


def _view_classes(is_open: bool) -> list[str]:
    return ["stage"] if is_open else ["stage", "closed"]


def _offer(component, choices: list[tuple[str, str]]) -> None:
    """Gives a component its choices after it was made; Gradio makes it anew from its arguments when it is an output that is skipped."""
    component.choices = component.constructor_args["choices"] = choices


def _moves(control):
    """The event by which a control says that the visitor moved it, once.  Of a `gr.Textbox`, `input` comes with keys that write only; of a
    `gr.Dropdown` it comes with the choice and again when the list closes, so its end stands for both."""
    if isinstance(control, gr.Dropdown):
        return control.blur
    return control.change if isinstance(control, gr.Textbox) else control.input


def _changes(component):
    """The event by which a component that is no control says that it changed."""
    return component.input if hasattr(component, "input") else component.change


def _nothing(outputs: Sequence):
    return gr.skip() if len(outputs) == 1 else tuple(gr.skip() for _ in outputs)


# --- all tabs together ---


def open_links(demo: gr.Blocks, notice: gr.HTML, tabs: gr.Tabs, frames: Sequence[Frame]) -> None:
    """On load, opens what the address says: the tab, its controls, its pictures; `notice` says what of it was unusable."""
    by_name = {frame.name: frame for frame in frames}

    def read(query: dict) -> dict:
        frame, warning = by_name.get(query.get("tab", frames[0].name)), None
        if frame is None:
            frame, query, warning = frames[0], {}, f"There is no tab {query['tab'][:40]!r} in this page; this is the first one."
        now, unusable = state.parse(frame.cls, getattr(frame.cls, "renewed", dict)(query))
        try:
            values = frame.everything(now)
        except UserError as error:  # a damaged drawing, missing weights: the page stays as it opens
            values, unusable = {}, str(error)
        warning = warning or unusable
        return {tabs: gr.Tabs(selected=frame.name), notice: f"<p>{html.escape(warning)}</p>" if warning else ""} | values

    outputs = [tabs, notice, *dict.fromkeys(component for frame in frames for component in frame.shown_by_link)]
    load = executor.listener(read, "load", _nothing(outputs))

    async def open_link(request: gr.Request):
        return await load(request, dict(request.query_params))

    quietly = {"queue": False, **hidden(notice), "api_visibility": "private"}
    opened = demo.load(open_link, None, outputs, **quietly)
    opened.then(None, js="() => playground.ready()", api_visibility="private")

    def read_tab(index: int, *values) -> dict:
        before = sum(len(frame.controls) for frame in frames[:index])
        return frames[index].show(values[before:])

    switch = executor.listener(read_tab, "switch", _nothing(outputs[2:]))

    async def switch_tab(request: gr.Request, event: gr.SelectData, *values):
        return await switch(request, event.index, *values)

    tabs.select(switch_tab, [control for frame in frames for control in frame.inputs], outputs[2:], trigger_mode="always_last", **quietly)
