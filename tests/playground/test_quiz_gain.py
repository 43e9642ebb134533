"""The gain of a class: recovered where it was planted in simulated answers, and malformed files are named in a sentence."""

import csv

import numpy as np
import pytest

from playground.errors import UserError, run_command
from playground.quiz import gain, items

CLASS, EFFECT = 30, 0.8  # participants; by how much ability grows, in logits
DIFFICULTY = np.linspace(-1.5, 1.5, len(items()))


def p_right(ability):
    """Rasch's model: the probability of a right answer to each item."""
    return 1 / (1 + np.exp(DIFFICULTY - np.asarray(ability)[..., None]))


def simulated(chance, effect=EFFECT) -> np.ndarray:
    """The right answers of one class, bool (participants, 2, items)."""
    ability = chance.normal(size=CLASS)
    p = np.stack([p_right(ability), p_right(ability + effect)], 1)
    return chance.random(p.shape) < p


def true_shares(effect=EFFECT) -> np.ndarray:
    """The expected share of right answers of each form and item, (2, items), by quadrature over ability."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    return np.stack([weights @ p_right(nodes + shift) for shift in (0, effect)]) / weights.sum()


@pytest.mark.parametrize("effect", [0.0, EFFECT])
def test_a_planted_gain_is_recovered(effect):
    chance = np.random.default_rng(1)
    before, after = true_shares(effect).mean(1)
    found = [gain.gain(simulated(chance, effect)) for _ in range(1000)]
    assert np.mean([one.value for one in found]) == pytest.approx(after - before, abs=0.005)
    assert 0.93 < np.mean([one.low <= after - before <= one.high for one in found]) < 0.97
    if effect:
        assert np.mean([one.low > 0 for one in found]) > 0.95  # and a class of thirty is enough to see it


def test_a_planted_normalised_gain_is_recovered():
    chance = np.random.default_rng(2)
    before, after = true_shares().mean(1)
    found = [gain.normalised_gain(simulated(chance), resamples=999) for _ in range(300)]
    true = (after - before) / (1 - before)
    assert np.mean([one.value for one in found]) == pytest.approx(true, abs=0.01)
    assert 0.91 < np.mean([one.low <= true <= one.high for one in found]) < 0.98


def test_a_gain_in_one_item_is_found_there():
    chance = np.random.default_rng(3)
    covered, seen = [], []
    for _ in range(100):
        right = simulated(chance, 0)
        right[:, 1, 15] = chance.random(CLASS) < 0.95  # C16 alone was taught
        found = gain.item_gains(right)
        seen.append(found["C16"].low > 0)
        covered += [one.low <= 0 <= one.high for claim, one in found.items() if claim != "C16" and one.low == one.low]
    assert np.mean(seen) > 0.9 and 0.93 < np.mean(covered) < 0.97


def test_where_nobody_can_gain_or_all_gain_alike_there_is_no_interval():
    everything = np.ones((5, 2, len(items())), bool)
    assert gain.gain(everything).value == 0 and np.isnan(gain.gain(everything).low)
    assert np.isnan(gain.normalised_gain(everything).value)
    assert "no interval" in gain.report(everything, [])


# --- files ---


def rows(code: str, form: str, right) -> list[list]:
    """What the page exports of one participant, in an order of its own."""
    claims = list(items())
    answers = []
    for order, place in enumerate(np.random.default_rng(len(code)).permutation(len(claims)), 1):
        item = items()[claims[place]]
        answers.append([code, form, claims[place], item.options[0 if right[place] else 2].name, int(right[place]), order, 12.5])
    return answers


def write(path, *answers, header=gain.COLUMNS):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *answers])
    return path


@pytest.fixture
def files(tmp_path):
    right = simulated(np.random.default_rng(4))
    for form in (0, 1):
        (tmp_path / gain.FORMS[form]).mkdir()
        for i, one in enumerate(right):
            write(tmp_path / gain.FORMS[form] / f"{i}.csv", *rows(f"p{i:02}", gain.FORMS[form], one[form]))
    return right, sorted(tmp_path.glob("*/*.csv"))


def test_answers_in_files_are_those_that_were_given(files, capsys):
    right, paths = files
    found, left_out = gain.read([*paths, paths[0]])  # one of them twice
    assert sorted(map(bytes, found)) == sorted(map(bytes, right)) and not left_out
    assert run_command(gain.main, [str(path) for path in paths]) == 0
    said = capsys.readouterr().out
    assert f"gain             {gain.gain(right)}" in said and said.count("\nC") == 23


def test_who_did_not_answer_everything_is_left_out_and_named(files):
    right, paths = files
    lines = paths[3].read_text().splitlines()
    paths[3].write_text("\n".join(lines[:-1]))
    found, left_out = gain.read(paths)
    assert len(found) == CLASS - 1 and left_out == [lines[1].partition(",")[0]]
    assert f"Left out, since some answer is missing: {left_out[0]}." in gain.report(found, left_out)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["", "before", "C1", "best", 1, 1, 3], "line 2: the participant's code is missing"),
        (["a", "during", "C1", "best", 1, 1, 3], "line 2: a form is"),
        (["a", "before", "C24", "best", 1, 1, 3], "line 2: items are C1 to C23; 'C24'"),
        (["a", "before", "C1", "worst", 1, 1, 3], "line 2: C1 has the options best, luck, trained, oblique; 'worst'"),
        (["a", "before", "C1", "luck", 1, 1, 3], "line 2: `correct` is '1', but the key of C1 is best"),
        (["a", "before", "C1", "best", 1, 24, 3], "line 2: the order is a whole number from 1 to 23; '24'"),
        (["a", "before", "C1", "best", 1, 1, "3,5"], "line 2: seconds are a number, such as 12.5; '3,5'"),
        (["a", "before", "C1"], "line 2: a row has 7 values"),
        (["a", "before", "C1", "best", 1, 1, 3, 4], "line 2: a row has 7 values"),
    ],
)
def test_what_is_malformed_is_said_with_its_line(tmp_path, row, said):
    with pytest.raises(UserError, match=r"answers\.csv, " + said):
        gain.read([write(tmp_path / "answers.csv", row)])


def test_other_files_and_two_answers_of_one_code_are_refused(tmp_path, capsys):
    with pytest.raises(UserError, match="should begin with the line code,form,item"):
        gain.read([write(tmp_path / "semicolons.csv", header=[";".join(gain.COLUMNS)])])
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\xff")
    with pytest.raises(UserError, match="not UTF-8 text"):
        gain.read([tmp_path / "picture.csv"])
    one, other = (
        write(tmp_path / f"{option}.csv", ["a", "before", "C1", option, int(option == "best"), 1, 3]) for option in ("best", "luck")
    )
    with pytest.raises(UserError, match=r"luck\.csv, line 2: a has already given another answer to C1 before"):
        gain.read([one, other])
    assert run_command(gain.main, [str(one)]) == 2 and "at least two participants" in capsys.readouterr().err
    assert run_command(gain.main, [str(tmp_path / "none.csv")]) == 2 and "none.csv can't be read" in capsys.readouterr().err
