"""The verdicts of the digit classifier and the discriminator on digits, as text and as bars."""

from dataclasses import dataclass

from playground import api, graphs
from playground.graphs.recording import choose
from playground.graphs.sizes import NAMED
from playground.ui.tabs.digits.state import CLASSES
from playground.ui.values import bar


@dataclass(frozen=True)
class Opinion:
    """The verdict on a digit: probabilities, and a class."""

    real: float  # by D
    read: int | None = None  # the classifier's most probable class; None if it wasn't used
    sure: float | None = None  # its probability
    classes: list[float] | None = None  # of each class; None if only the most probable is shown


def opinion_of(generated, model: str) -> Opinion:
    """The verdict on a digit that a model's graph "ask" or "blend" generated."""
    if not api.reads(model):
        return Opinion(generated.real)
    reading = graphs.run("read", api.CLASSIFIER, x=generated.x)
    return Opinion(generated.real, reading.read, reading.sure, reading.classes)


def opinions_of(generated, model: str) -> list[Opinion]:
    """The verdict on each digit that the graph "number" generated."""
    if not api.reads(model):
        return [Opinion(real) for real in generated.real]
    reading = graphs.run("read-number", api.CLASSIFIER, x=generated.x)
    return [Opinion(*one) for one in zip(generated.real, reading.read, reading.sure)]


def in_words(opinion: Opinion) -> str:
    read = "" if opinion.read is None else f"The digit classifier reads it as {opinion.read} ({opinion.sure:.0%}). "
    return f"{read}The discriminator gives it {opinion.real:.0%} to be real."


def grid_in_words(count: int, real: int, read=None) -> str:
    """A sentence on a grid of this many digits: how many are read as requested, the first that are not, and how many the discriminator
    takes for real.

    read: the output of the graph "read-grid"; None if the classifier isn't used.
    """
    words = ""
    if read is not None:
        rows = zip(read.asked, read.row, read.read, read.probability)
        wrong = [f"the {asked} of row {row} as {other} ({p:.0%})" for asked, row, other, p in rows]
        some = ["", *(f"; {', '.join(wrong[: n + 1])}" for n in range(NAMED))]
        others = choose(read.named, [*some, f"{some[-1]}, and {read.more} more otherwise"])
        words = f"The digit classifier reads {read.as_asked} of {count} as asked{others}. "
    return f"{words}The discriminator holds {real} of {count} to be real."


def judged(rows: list[tuple[str, Opinion]]) -> str:
    """The text under each digit: the classifier's reading, and the discriminator's probability that it is real."""
    cells = []
    for asked, opinion in rows:
        read = "" if opinion.read is None else bar(f"read as {opinion.read}", opinion.sure, "visitor")
        cells.append(f'<li aria-label="{asked}">{read}{bar("real, says D", opinion.real, "discriminator")}</li>')
    return f'<ol class="judged" style="--count:{len(cells)}">{"".join(cells)}</ol>'


def distribution(opinion: Opinion) -> str:
    """The classifier's probability of each class, as ten bars."""
    if opinion.classes is None:
        return ""
    bars = "".join(f'<li><i style="height:{p:.1%}"></i><span>{name}</span><b>{p:.0%}</b></li>' for name, p in zip(CLASSES, opinion.classes))
    return f'<figure class="classes"><ol>{bars}</ol><figcaption>what the digit classifier reads</figcaption></figure>'
