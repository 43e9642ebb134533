"""What a class has learnt: `python -m playground.quiz.gain FILE ...` reads the answers that the quiz's page exported, before and after.

    python -m playground.quiz.gain before/*.csv after/*.csv

A file has a row an answer: code,form,item,option,correct,order,seconds.  The form is "before" or "after", the code a participant's own, the
same in both; the order counts the items as they were shown, from 1.  Those who answered all items of both forms are counted.

The gain is the mean over participants of the share of right answers after less that before, with Student's interval of the paired
differences.  The normalised gain is (after - before) / (1 - before) of the class's means (Hake, American Journal of Physics 66, 1998), with
a bootstrap interval over participants (bias-corrected and accelerated).
"""

import argparse
import csv
import re
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats

from playground.errors import UserError, run_command
from playground.quiz import items

COLUMNS = ("code", "form", "item", "option", "correct", "order", "seconds")
FORMS = ("before", "after")
CONFIDENCE = 0.95


class Estimate(NamedTuple):
    """A figure and its interval; nan where there is none: of participants who all changed alike, or where nobody could gain."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.2f}" + (f"  [{self.low:+.2f}, {self.high:+.2f}]" if self.low == self.low else "  [no interval]")


def read(paths: list[Path]) -> tuple[np.ndarray, list[str]]:
    """The right answers of those who answered all items of both forms, bool (participants, forms, items); and the codes of the others.

    Raises UserError, with the file and the line, where a file is none that the page exports, and where one code has two answers to an item.
    """
    answers: dict[str, dict[tuple[str, str], str]] = {}  # code -> (form, item) -> option
    for path in paths:
        for where, row in _rows(path):
            by_place = answers.setdefault(row["code"], {})
            place = row["form"], row["item"]
            if by_place.setdefault(place, row["option"]) != row["option"]:
                raise UserError(
                    f"{where}: {row['code']} has already given another answer to {row['item']} {row['form']}; leave out one of the files."
                )
    places = [(form, claim) for form in FORMS for claim in items()]
    whole = [code for code, by_place in answers.items() if len(by_place) == len(places)]
    right = [[answers[code][form, claim] == items()[claim].key for form, claim in places] for code in whole]
    return np.array(right, bool).reshape(-1, len(FORMS), len(items())), [code for code in answers if code not in whole]


def _rows(path: Path):
    """Where it stands, and a dict, of each answer of a file."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text; it should be the CSV that the quiz's page exports.") from None
    reader = csv.DictReader(lines)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise UserError(f"{path} should begin with the line {','.join(COLUMNS)}.")
    for row in reader:
        where = f"{path}, line {reader.line_num}"
        if None in row or None in row.values():
            raise UserError(f"{where}: a row has {len(COLUMNS)} values, separated by commas.")
        if not row["code"]:
            raise UserError(f"{where}: the participant's code is missing.")
        if row["form"] not in FORMS:
            raise UserError(f'{where}: a form is "before" or "after"; {row["form"][:40]!r} is neither.')
        if row["item"] not in items():
            raise UserError(f"{where}: items are C1 to C{len(items())}; {row['item'][:40]!r} is none.")
        item = items()[row["item"]]
        if row["option"] not in (names := [option.name for option in item.options]):
            raise UserError(f"{where}: {row['item']} has the options {', '.join(names)}; {row['option'][:40]!r} is none.")
        if row["correct"] != str(int(row["option"] == item.key)):
            raise UserError(
                f"{where}: `correct` is {row['correct'][:40]!r}, but the key of {row['item']} is {item.key}; is the file an older one?"
            )
        if not (row["order"].isdecimal() and 1 <= int(row["order"]) <= len(items())):
            raise UserError(f"{where}: the order is a whole number from 1 to {len(items())}; {row['order'][:40]!r} is none.")
        if not re.fullmatch(r"\d+(\.\d+)?", row["seconds"]):
            raise UserError(f"{where}: seconds are a number, such as 12.5; {row['seconds'][:40]!r} is none.")
        yield where, row


def gain(right: np.ndarray) -> Estimate:
    """The mean difference, after less before, of the share of right answers.  right: bool (participants, 2, items), of two or more."""
    return _paired(right.mean(2))


def item_gains(right: np.ndarray) -> dict[str, Estimate]:
    """The same of each item by itself."""
    return {claim: _paired(right[:, :, place].astype(float)) for place, claim in enumerate(items())}


def _paired(shares: np.ndarray) -> Estimate:
    """The mean difference of (participants, 2), and Student's interval."""
    before, after = shares.T
    value = (after - before).mean()
    if np.ptp(after - before) == 0:
        return Estimate(value, np.nan, np.nan)
    return Estimate(value, *stats.ttest_rel(after, before).confidence_interval(CONFIDENCE))


def normalised_gain(right: np.ndarray, seed: int = 0, resamples: int = 9999) -> Estimate:
    """Of what the class could have gained, the share that it has."""
    before, after = right.mean(2).T

    def share(before, after, axis=-1):
        could = 1 - before.mean(axis)
        return np.divide(after.mean(axis) - before.mean(axis), could, out=np.full_like(could, np.nan), where=could > 0)

    value = float(share(before, after, 0))
    if np.ptp(after - before) == 0 or np.isnan(value):
        return Estimate(value, np.nan, np.nan)
    found = stats.bootstrap(
        (before, after), share, paired=True, vectorized=True, n_resamples=resamples, confidence_level=CONFIDENCE, rng=seed
    )
    return Estimate(value, *found.confidence_interval)


def report(right: np.ndarray, left_out: list[str]) -> str:
    """What the command prints."""
    count, (before, after) = len(right), right.mean((0, 2))
    lines = [f"{count} participants answered all {len(items())} items before and after; intervals are of {CONFIDENCE:.0%}."]
    if left_out:
        lines.append(f"Left out, since some answer is missing: {', '.join(left_out)}.")
    lines += [
        "",
        f"right before      {before:.2f}",
        f"right after       {after:.2f}",
        f"gain             {gain(right)}",
        f"normalised gain  {normalised_gain(right)}",
        "",
        "item  before  after  gain",
    ]
    shares = right.mean(0)
    lines += [f"{claim:4}  {shares[0, i]:6.2f}  {shares[1, i]:5.2f} {one}" for i, (claim, one) in enumerate(item_gains(right).items())]
    lines += [
        "",
        f"Of {len(items())} intervals of 95 %, one misses its true value on average. Without a class that was taught otherwise, a gain",
    ]
    return "\n".join([*lines, "says that they know more than before, and not that the page taught it."])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m playground.quiz.gain", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="CSV files that the quiz's page exported, of both forms")
    right, left_out = read(parser.parse_args(arguments).files)
    if len(right) < 2:
        raise UserError(
            f"A gain needs at least two participants who answered all items before and after, under the same code; there are {len(right)}."
        )
    print(report(right, left_out))
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main, sys.argv[1:]))
