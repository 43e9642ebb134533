"""What all tabs share: five bands, the same in every tab, and one way for a gesture to become a picture.

A tab is a folder in `playground/ui/tabs/`.  A view, one of several things to do in the tab, is a file of it: the fields that its controls
set, and a function that builds it.

    @dataclass(frozen=True)
    class Map:
        model: str = choice("vae-mnist-2d", lambda: catalog.names("vae"))
        x: float = number(0.0, -4, 4)

    def build(tab: TabBuilder) -> None:
        with tab.view("map", "Walk the map", Map):
            with tab.controls():                                      # left: what the visitor does
                tab.control("model", gr.Dropdown(label="Model"))      # a control stands for a field; its value is the field's default
                tab.control("x", gr.Slider(-4, 4, label="z"))
            with tab.outputs():                                       # right: what the model makes
                digit = tab.picture("generated", pixelated=True, value=shown(opening, "A seven."))
                nats = tab.numbers()                                  # figures that belong to the picture

        @tab.on_change(digit, nats)                                   # runs whenever a field of `Map` changes (or only `on=("x",)`)
        def walk(state: Map):
            image = api.latent_decode([state.x], state.model)
            return shown(image, "A seven."), figures(("KL", 12.3, "nats"))

The folder's module `tab` puts the views together; `state.py` has the kinds of fields.

    @dataclass(frozen=True)
    class Latent(Map, Rebuild, ...):                                  # the address has the fields of all views
        view: str = choice("map", ("map", "rebuild", ...))
        seed: int = whole(1, 0, SEEDS)

    def build() -> TabBuilder:
        with TabBuilder("latent", "Latent space: PCA, AE, VAE", Latent) as tab:
            map_view.build(tab)
            tab.seed()
            tab.preset("Between 4 and 9", "Two classes meet here, and the digit is neither.", x=1.5)
            tab.claim("C7", "Does a heavier KL term blur?", lambda: f"Yes: {measure('vae-mnist-beta4', 'mse')}.", model="vae-mnist-beta4")
            tab.models("model")                                       # fields that name models whose measured figures the last band shows
        return tab

Rules.  A function under `tab.on_change` runs in the executor, so it may call a model; it must be fast (under a second).  Anything slower is
a generator under `tab.stream`.  Where nothing is drawn yet (`EmptyCanvas`), the output `hint` says so and the others keep their values.
The dice change the field `seed`, if there is one, and whatever a function under `tab.randomize` changes.  Presets, claims and links set
fields and call the same functions, so they give the same picture.  Uploads are not part of the address: pass their components as
`extra=[...]`; the function gets their values after the state (None where there is no upload).  A canvas is a control of a `strokes()`
field; its value reaches the function as JSON (see `components/canvas`).  torch and the models are imported inside functions, never at the
top of a tab's module: opening the page must not wait for them.  `shown`, `figures`, `measure` and the like are in `values.py`.  The lesson
is `playground/ui/lessons/en/<tab>.md`, with $...$ and $$...$$ for formulas; beside it, `views.toml` says what each view shows.
"""

import html
import random
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path

import gradio as gr

from playground.ui import state
from playground.ui.components.picture import picture
from playground.ui.events import Advance, Listener, connect
from playground.ui.glossary import marked
from playground.ui.gradio_compat import set_choices, with_preprocess
from playground.ui.networks import drawn
from playground.ui.values import figures, measured

LESSONS = Path(__file__).parent / "lessons" / "en"
GUESSES = tomllib.loads((LESSONS / "claims.toml").read_text(encoding="utf-8"))  # claim -> its guesses, the right one first
VIEWS = tomllib.loads((LESSONS / "views.toml").read_text(encoding="utf-8"))  # tab -> view -> its words, and where the lesson explains it
MANY = 4  # views; a narrow page shows more than these as a menu
ON_TOP = """p { position: fixed; z-index: 100; left: 50%; bottom: 18px; transform: translateX(-50%);
    width: max-content; max-width: 92vw; box-shadow: 0 2px 16px rgb(0 0 0 / 25%); }"""
LATEX = [{"left": "$$", "right": "$$", "display": True}, {"left": "$", "right": "$", "display": False}]


def choose_other(chance: random.Random, options: Iterable, now):
    """An option other than the present one, if there is another; for functions under `tab.randomize`."""
    return chance.choice([option for option in options if option != now] or [now])


@dataclass(frozen=True)
class View:
    """A view: one of several things to do in a tab."""

    label: str
    column: gr.Column
    cls: type | None  # the dataclass of its fields; None: its functions get the whole state of the tab


class TabBuilder:
    """One tab under construction; see the module's docstring for how it is used."""

    def __init__(self, name: str, title: str, cls: type):
        """name: the tab's name in the address. title: its topic and the systems in it. cls: the dataclass of its state."""
        self.name, self.title, self.cls = name, title, cls
        self.spec, self.opening = {spec.name: spec for spec in fields(cls)}, state.opening(cls)
        self.control_of: dict[str, gr.components.Component] = {}  # field -> its control
        self.views: dict[str, View] = {}
        self.changes: list[Listener] = []
        self.scripts: dict[str, Callable[[], dict]] = {}  # a script that answers some of them in the browser -> its data
        self.streams: list[Listener] = []
        self.advances: list[Advance] = []
        self.presets: list[tuple[str, str | Callable, dict]] = []
        self.claims: list[tuple[str, str, str | Callable, dict]] = []
        self.model_fields: Sequence[str] = ()
        self.randomizers: dict[str | None, Callable] = {}  # view, or None for all -> the function that the dice call there
        self._view: str | None = None  # the view under construction
        self._view_of: dict[str, str | None] = {}  # field -> the view that its control is in

    # --- building ---

    def __enter__(self) -> "TabBuilder":
        self.tab = gr.Tab(self.title, id=self.name, elem_id=f"tab-{self.name}")
        self.tab.__enter__()
        with gr.Row(elem_classes="opening-line"):
            if "view" in self.spec:
                self.control("view", gr.Radio(label="What to do", show_label=False, container=False, elem_classes="views"))
                self._menu = gr.HTML(visible=False, elem_classes="menu", apply_default_css=False)
            self._seed_place = gr.Row(elem_classes="seed")
            self.dice = gr.Button("Roll the dice", elem_classes="quiet dice", visible=False)
            self.share = gr.Button("Copy link", elem_classes="quiet share")
        gr.HTML(
            '<p class="guess" role="status"></p>', elem_classes="revealed", apply_default_css=False
        )  # the visitor's guess; page.js writes it
        self._revealed = gr.HTML("", elem_classes="why revealed", apply_default_css=False)  # and the answer
        self._stage = gr.Column(elem_classes="stage")
        self._stage.__enter__()
        return self

    def controls(self) -> gr.Column:
        """The left column: what the visitor does."""
        return gr.Column(elem_classes="controls", min_width=0)

    def outputs(self) -> gr.Column:
        """The right column: what the model makes.  On a phone it comes first and stays in view."""
        return gr.Column(elem_classes="outputs", min_width=0)

    def wide(self) -> gr.Column:
        """A column over the whole width of the stage, for a view that isn't split into controls and outputs."""
        return gr.Column(elem_classes="wide", min_width=0)

    @contextmanager
    def view(self, name: str, label: str, cls: type | None = None) -> Iterator[None]:
        """One of several things to do in this tab; `name` is an option of the field `view`, `cls` the dataclass of the view's fields.

        It begins with its sentence from `lessons/en/views.toml`.
        """
        opens = self.spec["view"].default == name
        with gr.Column(elem_classes=_view_classes(opens), elem_id=f"{self.name}-view-{name}") as column:
            self.views[name], self._view = View(label, column, cls), name
            gr.HTML(_sentence(name, VIEWS[self.name][name]), elem_classes="sentence", apply_default_css=False)
            yield
        self._view = None

    def control(self, name: str, component):
        """Makes `component` the control of the field `name`: it gets the opening value, and the options if it has none.  Returns it."""
        spec = self.spec[name]
        component.value = state.component_value(spec, getattr(self.opening, name))
        if spec.metadata["kind"] in ("choice", "several") and name != "view" and not component.choices:
            # Without an option (no weights) the value is kept, so that only what needs the model fails, with its reason.
            usual = component.value if spec.metadata["kind"] == "several" else [component.value]
            set_choices(component, [(option, option) for option in state.options(spec) or usual])
        if isinstance(component, gr.Number | gr.Slider | gr.Radio):
            # `state.parse` corrects values that are too large, or that another model doesn't offer
            with_preprocess(component, lambda payload: payload)
        self.control_of[name], self._view_of[name] = component, self._view
        return component

    def picture(self, actor: str, **kwargs) -> gr.HTML:
        """A picture, see `components.picture`, that downloads under this tab's name."""
        return picture(actor, **{"name": self.name, **kwargs})

    def numbers(self, *rows: tuple[str, float | str, str]) -> gr.HTML:
        """A line of figures; the value is what `figures` returns.  `rows` are shown until the first change."""
        return gr.HTML(figures(*rows), elem_classes="numbers", apply_default_css=False)

    def seed(self) -> gr.Number:
        """The control of the field `seed`, beside the dice."""
        with self._seed_place:
            kept, self._view = self._view, None
            control = self.control("seed", gr.Number(label="Seed", precision=0, minimum=0, maximum=self.spec["seed"].metadata["high"]))
            self._view = kept
        return control

    def randomize(self, call: Callable) -> Callable:
        """Decorates `f(state, chance: random.Random) -> state`: what the dice change besides the seed, in this view or in all."""
        self.randomizers[self._view] = call
        return call

    def on_change(
        self, *outputs, on: Iterable[str] | None = None, extra: Iterable = (), hint: gr.HTML | None = None, **how: bool | str
    ) -> Callable:
        """Decorates `f(state, *extra) -> value of each output`: called whenever a control of a field in `on` moves (None: any field of
        this view, or one outside all views), or a component of `extra` changes, a `gr.State` excepted; and for links, presets, dice and on
        opening. hint: the output that says that nothing is drawn yet. how: `rest`, `label` and `in_browser`, see `Listener`."""

        def register(call: Callable) -> Callable:
            view = self.view_with(outputs[0])
            listened = self.reads(view) if on is None else on
            self.changes.append(Listener(call, outputs, tuple(listened), tuple(extra), view, self._class_of(view), hint, **how))
            return call

        return register

    def stream(
        self, start: gr.Button, stop: gr.Button, *outputs, on: Iterable[str] = (), extra: Iterable = (), hint: gr.HTML | None = None
    ) -> Callable:
        """Decorates a generator `f(state, *extra)`: each yield is the outputs' values, from a click on `start` until it ends or `stop`.
        It also restarts when a control of a field in `on` moves while its view is open."""

        def register(call: Callable) -> Callable:
            view = self.view_with(outputs[0])
            self.streams.append(Listener(call, outputs, tuple(on), tuple(extra), view, self._class_of(view), hint, start, stop))
            return call

        return register

    def advance(self, field: str, start: gr.Button, stop: gr.Button, step: str | int, on: Iterable[str] = (), pause: int = 30) -> None:
        """A slider that moves by itself, from a click on `start` until its end or `stop`: `step` at a time, a number or the field of one;
        and again from its beginning when a control of a field in `on` moves. pause: ms from step to step.  Each position is computed as if
        the visitor had moved the slider there."""
        self.advances.append(Advance(field, start, stop, step, tuple(on), pause))

    def preset(self, label: str, why: str | Callable[[], str], **values) -> None:
        """A button that sets these fields (all others to their defaults), and the sentence that says what to look at; if a function gives
        the sentence, it reads its figures where the panel does, at that moment."""
        self.presets.append((label, why, values))

    def claim(self, name: str, question: str, answer: str | Callable[[], str], **values) -> None:
        """One of the chapter's claims: the visitor commits to a guess of `lessons/en/claims.toml`; then a button sets these fields, brings
        the picture into view and shows the answer.

        name: "C12".  question: what to predict. answer: what there is to see, with the number that shows it; a function reads the number
        from `metrics.json` when the answer is shown (`measure`).
        """
        self.claims.append((name, question, answer, values))

    def models(self, *names: str) -> None:
        """The fields that name the models whose measured figures the last band shows."""
        self.model_fields = names

    def __exit__(self, kind, error, trace) -> None:
        if kind is not None:
            return
        self._stage.__exit__()
        self._lower_bands()
        self.tab.__exit__()
        if "view" in self.spec:
            set_choices(self.control_of["view"], self._offered(self.opening))
            if len(self.views) > MANY:
                self._menu.visible, self._menu.value = True, _menu(self.name, self.views)
        if missing := set(self.spec) - set(self.control_of):
            raise TypeError(f"The tab {self.name!r} has no control for {', '.join(sorted(missing))}.")
        self.inputs = [self.control_of[name] for name in self.spec]
        outputs = [output for change in self.changes for output in change.outputs]
        self.shown_by_link = list(dict.fromkeys([*self.inputs, *outputs, *(view.column for view in self.views.values()), self.card]))
        connect(self)

    def _lower_bands(self) -> None:
        """Presets, claims, the lesson, and the card of the models; each preset and claim gets its button and a place for its text."""
        self.preset_buttons, self.claim_buttons = [], []
        if self.presets:
            with gr.Row(elem_classes="presets"):
                gr.HTML("<p>Try this</p>", elem_classes="try", apply_default_css=False)
                buttons = [gr.Button(label, elem_classes="quiet preset") for label, _, _ in self.presets]
            why = gr.HTML("", elem_classes="why", apply_default_css=False)
            self.preset_buttons = [(button, why) for button in buttons]
        if self.claims:
            self.claims.sort(key=lambda claim: int(claim[0][1:]))  # in the chapter's order
            with gr.Accordion("Predict, then look", open=False, elem_classes="claims"):
                gr.HTML('<p class="score"></p>', elem_classes="hint", apply_default_css=False)
                for name, question, _, _ in self.claims:
                    with gr.Row(elem_classes="claim"):
                        gr.HTML(_prediction(name, question), apply_default_css=False)
                        button = gr.Button("Reveal", elem_classes="quiet look", elem_id=f"{self.name}-{name.lower()}")
                    self.claim_buttons.append((button, self._revealed))
        with gr.Accordion("How it works", open=False, elem_classes="lesson"):
            if networks := drawn(self.name):
                gr.HTML(networks, apply_default_css=False)
            self.lesson = gr.Markdown(lesson(self.name), latex_delimiters=LATEX)
        self.card = gr.HTML(self._measured(self.opening), elem_classes="measured", apply_default_css=False)
        self.notice = gr.HTML(elem_classes="notice", css_template=ON_TOP, apply_default_css=False)

    def view_with(self, component) -> str | None:
        """The view that a component is in; None outside all views."""
        columns = {view.column: name for name, view in self.views.items()}
        while component is not None and component not in columns:
            component = component.parent
        return columns.get(component)

    def _class_of(self, view: str | None) -> type | None:
        """The dataclass of a view's fields; None where its functions get the whole state."""
        return self.views[view].cls if view else None

    def reads(self, view: str | None, on: Iterable[str] = ()) -> list[str]:
        """The fields that a function of a view may read: only these, as Gradio's page searches all components for each input."""
        cls = self._class_of(view)
        own = {spec.name for spec in fields(cls)} if cls else {name for name, where in self._view_of.items() if where == view}
        shared = {name for name, where in self._view_of.items() if where is None}
        return [name for name in self.spec if view is None or name in own or name in shared or name in on]

    # --- the values of all components for a state ---

    def parse(self, values: Iterable, names: Iterable[str] | None = None):
        """The state given by the values of the controls of these fields (all by default); the other fields have their defaults."""
        return state.parse(self.cls, dict(zip(self.spec if names is None else names, values)))[0]

    def pictures(self, now) -> dict:
        """Component -> value for the outputs of this state's view: pictures, figures, the models' card."""
        values = self.columns(now)
        for change in self.changes:
            if change.is_open(now):
                values |= dict(zip(change.outputs, change.answer(now, *[None] * len(change.extra))))
        for name, control in self.control_of.items():
            if control in values:  # a control that is also an output (a strip gets its picture) has the state's value unless set
                values[control] = {"value": self._component_value(name, now)} | values[control]
        return values | {self.card: self._measured(now)}

    def everything(self, now) -> dict:
        """Component -> value for everything that this state shows: the controls and `pictures`."""
        return {control: self._component_value(name, now) for name, control in self.control_of.items()} | self.pictures(now)

    def roll(self, now, seed: int):
        """The state after a roll of the dice: with this seed, and whatever the open view draws at random."""
        if "seed" in self.spec:
            now = replace(now, seed=seed)
        for view in (None, getattr(now, "view", None)):
            if call := self.randomizers.get(view):
                part = call(state.part(now, self._class_of(view)), random.Random(seed))
                now = replace(now, **{spec.name: getattr(part, spec.name) for spec in fields(part)})
        return now

    def model_moved(self, *values) -> dict:
        """Component -> value for what another model changes beside its pictures: the card, and perhaps the view."""
        now = self.parse(values)
        moved = {self.card: self._measured(now)}
        if hasattr(now, "views"):
            moved[self.control_of["view"]] = gr.update(choices=self._offered(now))
            if now.view not in values:
                moved |= {self.control_of["view"]: self._component_value("view", now)} | self.columns(now)
        return moved

    def columns(self, now) -> dict:
        """Component -> value that opens the column of the state's view and closes the others."""
        return {view.column: gr.update(elem_classes=_view_classes(name == now.view)) for name, view in self.views.items()}

    def _component_value(self, name: str, now):
        value = state.component_value(self.spec[name], getattr(now, name))
        return gr.update(value=value, choices=self._offered(now)) if name == "view" and hasattr(now, "views") else value

    def _offered(self, now) -> list[tuple[str, str]]:
        """The views that this state offers (by default all), as choices."""
        return [(self.views[name].label, name) for name in getattr(now, "views", self.views)]

    def _measured(self, now) -> str:
        shown = self.models_in(getattr(now, "view", None))
        return "".join(measured(model) for model in dict.fromkeys(getattr(now, name) for name in shown))

    def models_in(self, view: str | None) -> list[str]:
        """The fields of `models` on which a view's content depends."""
        read = {name for listener in (*self.changes, *self.streams) if listener.view in (view, None) for name in listener.on}
        read |= {name for advance in self.advances if self.view_with(advance.start) in (view, None) for name in advance.on}
        return [name for name in self.model_fields if name in read]


def lesson(tab: str, language: str = "en") -> str:
    """The text beside a tab, Markdown, with a mark in each paragraph that explains a view."""
    paragraphs = paragraphs_of(tab, language)
    for view, (section, place) in explained(tab).items():
        paragraphs[section][place] = f'<span class="why-{view}"></span>{paragraphs[section][place]}'
    return _with_footnotes(marked("\n\n".join("\n\n".join(section) for section in paragraphs), language))


def paragraphs_of(tab: str, language: str = "en") -> list[list[str]]:
    """The sections of a lesson, each a heading and its paragraphs; the first line of a translation names its English text."""
    text = (LESSONS.parent / language / f"{tab}.md").read_text(encoding="utf-8")
    sections = re.split(r"^(?=### )", re.sub(r"\A<!--.*-->\s+", "", text), flags=re.MULTILINE)
    return [section.strip().split("\n\n") for section in sections]


def explained(tab: str) -> dict[str, tuple[int, int]]:
    """View -> section and paragraph of the lesson that explain it, as `views.toml` names them; the same in all languages."""
    english = paragraphs_of(tab)
    sections = {section[0].removeprefix("### "): place for place, section in enumerate(english)}
    found = {}
    for name, view in VIEWS[tab].items():
        section = sections[view["lesson"]]
        begins = [paragraph.startswith(view.get("begins", "")) for paragraph in english[section][1:]]
        found[name] = section, 1 + begins.index(True)
    return found


def _with_footnotes(lesson: str) -> str:
    """Markdown's footnotes, `text[^name]` and `[^name]: note`, as raised numbers and a list at the end; Gradio has none of its own."""
    notes = re.findall(r"^\[\^(\w+)\]: (.*)$", lesson, re.MULTILINE)
    lesson = re.sub(r"^\[\^\w+\]: .*\n?", "", lesson, flags=re.MULTILINE)
    for number, (name, _) in enumerate(notes, 1):
        lesson = lesson.replace(f"[^{name}]", f"<sup>{number}</sup>")
    return lesson + "\n\n---\n\n" * bool(notes) + "\n".join(f"{number}. {note}" for number, (_, note) in enumerate(notes, 1))


def _sentence(name: str, view: dict[str, str]) -> str:
    """What there is to see in a view of `views.toml`, and the button that opens the paragraph of the lesson that explains it; HTML."""
    lesson = html.escape(view["lesson"])
    button = f'<button type="button" class="explain" data-why="why-{name}" title="The lesson: {lesson}">Why?</button>'
    return f"<p>{marked(html.escape(view['words']))} {button}</p>"


def _menu(tab: str, views: dict[str, View]) -> str:
    """The views as a menu, in the groups of `views.toml` if it has such; HTML."""
    groups: dict[str, str] = {}
    for name, view in views.items():
        group = VIEWS[tab][name].get("group", "")
        groups[group] = groups.get(group, "") + f'<option value="{name}">{html.escape(view.label)}</option>'
    options = "".join(f'<optgroup label="{html.escape(group)}">{those}</optgroup>' if group else those for group, those in groups.items())
    return f'<select aria-label="What to do">{options}</select>'


def _prediction(name: str, question: str) -> str:
    """A claim's question and its guesses, HTML.  The first guess in the catalogue is the right one; the page reorders them."""
    guesses = list(enumerate(GUESSES[name]))
    turn = int(name[1:]) % len(guesses)
    options = "".join(
        f'<label><input type="radio" name="{name}" value="{place}">{html.escape(guess)}</label>'
        for place, guess in guesses[turn:] + guesses[:turn]
    )
    return f'<fieldset data-claim="{name}"><legend><b>{name}</b> {html.escape(question)}</legend>{options}</fieldset>'


def _view_classes(is_open: bool) -> list[str]:
    return ["stage"] if is_open else ["stage", "closed"]
