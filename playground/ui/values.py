"""Values of the page's components: pictures with their descriptions, figures, small tables; and the models' measured figures as text."""

import base64
import html
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from playground import catalog
from playground.errors import UserError
from playground.graphs.recording import Named

# The page's names of metrics whose names in `metrics.json` don't say what was measured
CALLED = {
    **dict.fromkeys(("nats", "nats_static"), "\u2212log p(x)"),
    "elbo": "\u2212log p(x) by the ELBO",
    "iw_bound": "\u2212log p(x) by importance-weighted samples",
    "kl": "KL(q(z|x) || p(z))",
    "mse": "squared error",
    "nn_error": "nearest-neighbour error",
    "two_sample_nn": "told from real ones by the nearest neighbour",
}


def called(metric: str) -> str:
    """The name of a metric in words."""
    return CALLED.get(metric, metric.replace("_", " "))


def shown(image: Image.Image | np.ndarray | Named, alt: str, photo: bool = False) -> dict:
    """The value of a picture: a PIL image, or levels as a graph gives them, and its description.  `photo` sends it as WebP instead of
    PNG."""
    if isinstance(image, Named):
        return {"src": str(image), "alt": alt}
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    buffer = io.BytesIO()
    if photo:
        image.save(buffer, "webp", quality=90, method=2)
    else:
        image.save(buffer, "png", compress_level=1)
    kind = "webp" if photo else "png"
    return {"src": f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}", "alt": alt}


def opening_picture(model: str, mode: str = "RGB") -> Image.Image | None:
    """A model's opening picture, in one of PIL's modes; None if there is none yet, or no such model."""
    try:
        picture = catalog.entry(model).opening
    except UserError:
        return None
    return picture and picture.convert(mode)


def signed(value: float | Named, spec: str) -> str:
    """`format(value, spec)` with a true minus sign."""
    return format(value, f"\u2212{spec}") if isinstance(value, Named) else format(value, spec).replace("-", "\u2212")


def figures(*rows: tuple[str, float | str, str]) -> str:
    """The value of `tab.numbers()`: (what, value, unit) each; a float is shown with three digits."""
    cells = []
    for what, value, unit in rows:
        text = signed(value, "#.3g").rstrip(".") if isinstance(value, float | Named) else str(value)
        cells.append(f"<div><dt>{html.escape(what)}</dt><dd>{html.escape(text)} <span>{html.escape(unit)}</span></dd></div>")
    return f'<dl class="figures">{"".join(cells)}</dl>'


def side_by_side(columns: Sequence[str], rows: dict[str, Sequence[str]], note: str) -> str:
    """A small table, HTML: what was measured (the rows' names) of several models (the columns'), and a note under it."""
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{html.escape(what)}</th>{"".join(f"<td>{html.escape(cell)}</td>" for cell in cells)}</tr>'
        for what, cells in rows.items()
    )
    caption = f"<caption>{html.escape(note)}</caption>"
    return f'<table class="side-by-side">{caption}<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>'


def bar(label: str, p: float, actor: str) -> str:
    """A probability as a bar, HTML."""
    meter = f'<div role="meter" aria-label="{label}" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{100 * p:.0f}">'
    return f'<div class="bar {actor}"><span>{label}</span><b>{p:.0%}</b>{meter}<i style="width:{p:.1%}"></i></div></div>'


def measure(name: str, metric: str) -> str:
    """A figure of a pretrained model as its `metrics.json` has it, "3.98 \u00b1 0.20 %".  Raises UserError where it was not measured."""
    try:
        found = catalog.entry(name).metrics[metric]
    except KeyError as error:
        raise UserError(f"{name} has no {called(metric)} yet; python training/evaluate.py {name} measures it.") from error
    return figure_text(found)


def figure_text(metric: dict) -> str:
    """A measured figure with its bound's sign, standard error and unit, "82.77 \u00b1 0.20 nats"."""
    spread = f" \u00b1 {metric['stderr']:.2g}" if metric["stderr"] else ""
    return f"{sign(metric)}{signed(metric['value'], '.4g')}{spread} {metric['unit']}".strip()


def sign(metric: dict) -> str:
    """The sign before a figure that is a bound."""
    return {"upper": "\u2264 ", "lower": "\u2265 "}.get(metric["bound"], "")


def measured(name: str) -> str:
    """One line on a model, as HTML: its data, size, training and figures; all read from its folder."""
    try:
        entry = catalog.entry(name)
        training, metrics = entry.training, entry.metrics
    except UserError as error:
        return f"<p>{html.escape(str(error))}</p>"
    parts = [f"<b>{html.escape(name)}</b>"]
    try:
        if training:
            parts.append(html.escape(str(training["settings"]["dataset"])))
            parts.append(f"{sum(training['parameters'].values()) / 1e6:.2f} M parameters")
            parts.append(f"trained for {training['total_minutes']:.0f} min on {html.escape(training['hardware'])}")
        under: dict[str, list[str]] = {}  # split and binarisation -> the figures measured on them
        for metric in metrics.values():
            published = f" (published: {html.escape(metric['published'])})" if metric["published"] else ""
            figure = f"{sign(metric)}{signed(metric['value'], '.4g')} {html.escape(metric['unit'])}"
            under.setdefault(_measured_on(metric), []).append(f"{html.escape(called(str(metric['name'])))} {figure}{published}")
        parts += [f"{html.escape(where)}: {' &middot; '.join(those)}" for where, those in under.items()]
    except (KeyError, TypeError, ValueError):  # a model of the Hub may have less, or other fields
        pass
    return f"<p>{' &middot; '.join(parts)}</p>"


def _measured_on(metric: dict) -> str:
    """The split and the binarisation of a figure, "test split, dynamic binarisation"."""
    how = f", {metric['binarisation'].partition(',')[0]} binarisation" if metric["binarisation"] else ""
    return f"{metric['split']} split{how}"
