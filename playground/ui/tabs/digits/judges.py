"""What the digit classifier and the discriminator say of digits, as text and as bars."""

from dataclasses import dataclass

from playground import api, graphs
from playground.graphs.recording import choose
from playground.graphs.sizes import NAMED
from playground.ui.tabs.digits.state import CLASSES
from playground.ui.values import bar


@dataclass(frozen=True)
class Opinion:
    """What is thought of a digit: probabilities, and a class."""

    real: float  # says D
    read: int | None = None  # the classifier's likeliest class; None where it is not asked
    sure: float | None = None  # the probability of that
    classes: list[float] | None = None  # of each class; None where only the likeliest is shown


def opinion_of(generated, model: str) -> Opinion:
    """Of a digit that the graph "ask" or "blend" of a model made."""
    if not api.reads(model):
        return Opinion(generated.real)
    reading = graphs.run("read", api.CLASSIFIER, x=generated.x)
    return Opinion(generated.real, reading.read, reading.sure, reading.classes)


def opinions_of(generated, model: str) -> list[Opinion]:
    """Of each digit that the graph "number" made."""
    if not api.reads(model):
        return [Opinion(real) for real in generated.real]
    reading = graphs.run("read-number", api.CLASSIFIER, x=generated.x)
    return [Opinion(*one) for one in zip(generated.real, reading.read, reading.sure)]


def in_words(opinion: Opinion) -> str:
    read = "" if opinion.read is None else f"The digit classifier reads it as {opinion.read} ({opinion.sure:.0%}). "
    return f"{read}The discriminator gives it {opinion.real:.0%} to be real."


def grid_in_words(count: int, real: int, read=None) -> str:
    """Of a grid of so many digits: how many are read as asked, the first that are not, and how many the discriminator believes.

    read: what the graph "read-grid" gives; None where the classifier is not asked.
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
    """Under each digit: what the classifier reads, and how real the discriminator holds it to be."""
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
