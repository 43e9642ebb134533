"""The models that all views of the tab compare, and their figures as cells of a table."""

import html
from dataclasses import dataclass

from playground import api, catalog
from playground.ui.state import several


def plain_models() -> tuple[str, ...]:
    """The models shown at first: all but variants, whose names have more than system and data set."""
    return tuple(name for name in api.compare_models() if not name.startswith(f"{catalog.entry(name).system}-mnist-"))


PAPERS = {  # a system, as its paper calls it
    "vae": "VAE",
    "gan": "GAN",
    "dcgan": "DCGAN",
    "cgan": "Conditional GAN",
    "pixelcnn": "PixelCNN",
    "row-lstm": "Row LSTM",
    "diagonal-bilstm": "Diagonal BiLSTM",
    "gated-pixelcnn": "Gated PixelCNN",
    "pixelcnnpp": "PixelCNN++",
    "mean-of-conditionals": "The four together",
}


def plain_name(model: str, system: str) -> str:
    """A model's name for students: its system, and what distinguishes it from the system's other models, "VAE, 2d"."""
    what = PAPERS.get(system, system)
    if not model.startswith(f"{system}-"):
        return f"{what}, {model}"
    apart = model.removeprefix(f"{system}-").removeprefix("mnist").strip("-")
    return f"{what}, {apart}" if apart else what


def named(model: str) -> str:
    """`plain_name` of an available model."""
    return plain_name(model, catalog.entry(model).system)


@dataclass(frozen=True)
class WithModels:
    models: tuple[str, ...] = several(plain_models(), api.compare_models)


def html_table(caption: str, heads: list[tuple[str, str]], body: str) -> str:
    cells = "".join(
        f'<th scope="col" aria-sort="none"><button type="button">{title}</button>{f"<small>{better}</small>" if better else ""}</th>'
        for title, better in heads
    )
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}; a click on a heading sorts them'
        f"</caption><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def plain_cell(number: float | None, words, title: str = "") -> str:
    return "<td>&ndash;</td>" if number is None else f'<td data-value="{number}" title="{html.escape(title)}">{words(number)}</td>'
