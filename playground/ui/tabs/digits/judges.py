"""What the digit classifier and the discriminator say of digits, as text and as bars."""

from playground.ui.tabs.digits.state import CLASSES
from playground.ui.values import bar

NAMED = 6  # at most so many digits of the grid that are not read as asked are named


def best(opinion: dict) -> tuple[str, float]:
    """The class that the classifier takes it for, and its probability."""
    p = max(opinion["classifier"])
    return CLASSES[opinion["classifier"].index(p)], p


def in_words(opinion: dict) -> str:
    read = "The digit classifier reads it as {} ({:.0%}). ".format(*best(opinion)) if "classifier" in opinion else ""
    return f"{read}The discriminator gives it {opinion['discriminator']:.0%} to be real."


def grid_in_words(opinion: dict) -> str:
    """What `api.digits_grid_judged` says: how many are read as asked, the first that are not, and how many the discriminator believes."""
    count, read = opinion["digits"], ""
    if "misread" in opinion:
        wrong = [f"the {one['asked']} of row {one['row']} as {one['read']} ({one['probability']:.0%})" for one in opinion["misread"]]
        others = ", ".join([*wrong[:NAMED], *([f"and {len(wrong) - NAMED} more otherwise"] if len(wrong) > NAMED else [])])
        read = f"The digit classifier reads {opinion['as_asked']} of {count} as asked{f'; {others}' if others else ''}. "
    return f"{read}The discriminator holds {opinion['real']} of {count} to be real."


def judged(rows: list[tuple[str, dict]]) -> str:
    """Under each digit: what the classifier reads, and how real the discriminator holds it to be."""
    cells = []
    for asked, opinion in rows:
        read = bar(f"read as {best(opinion)[0]}", best(opinion)[1], "visitor") if "classifier" in opinion else ""
        cells.append(f'<li aria-label="{asked}">{read}{bar("real, says D", opinion["discriminator"], "discriminator")}</li>')
    return f'<ol class="judged" style="--count:{len(cells)}">{"".join(cells)}</ol>'


def distribution(opinion: dict) -> str:
    """The classifier's probability of each class, as ten bars."""
    if "classifier" not in opinion:
        return ""
    bars = "".join(
        f'<li><i style="height:{p:.1%}"></i><span>{name}</span><b>{p:.0%}</b></li>' for name, p in zip(CLASSES, opinion["classifier"])
    )
    return f'<figure class="classes"><ol>{bars}</ol><figcaption>what the digit classifier reads</figcaption></figure>'
