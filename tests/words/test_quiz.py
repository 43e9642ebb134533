"""The quiz: that its items are whole, and that a program which has only the page's figures answers all of them."""

import re
from dataclasses import replace

import pytest

from playground.quiz import LANGUAGES, items
from tests.words.quiz import ANSWERS

CLAIMS = [f"C{number}" for number in range(1, 24)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_item_a_claim_with_four_options_and_the_misconception_behind_each_wrong_one(language):
    assert list(items(language)) == CLAIMS
    for claim, item in items(language).items():
        assert item.question.endswith("?") and len(item.options) == 4, claim
        assert [bool(option.misconception) for option in item.options] == [False, True, True, True], claim
        for texts in ([option.words for option in item.options], [option.name for option in item.options]):
            assert len(set(texts)) == 4, claim
        assert [option.name for option in item.options] == [option.name for option in items()[claim].options], claim
    lengths = [[len(option.words) for option in item.options] for item in items(language).values()]
    for outermost in (min, max):  # nobody finds the key by its length
        assert sum(those[0] == outermost(those) for those in lengths) <= 9


def test_the_hebrew_items_say_the_same_formulas():
    """Numbers, names of models and formulas stand in both languages."""
    said = re.compile(r"\d[\d,.]*\d|\b(?:PCA|ELBO|VAE|GAN|D\(G\(z\)\)|KL\([^)]*\) \|\| p\(z\)\))")
    for english, hebrew in zip(items().values(), items("he").values()):
        for ours, theirs in zip(
            (english.question, *(o.words for o in english.options)), (hebrew.question, *(o.words for o in hebrew.options))
        ):
            assert set(said.findall(theirs)) <= set(said.findall(ours)), (ours, theirs)
            assert re.search("[\u05d0-\u05ea]", theirs) or not re.search("[a-z]{2}", ours), theirs


@pytest.mark.parametrize("claim", CLAIMS)
def test_figures_answer_it(claim, frames):
    """The figures are those of the state that the item's link opens."""
    (state,) = (replace(frame.cls(), **values) for frame in frames.values() for name, _, _, values in frame.claims if name == claim)
    answer, item = ANSWERS[claim], items()[claim]
    figures = answer.figures(state)
    assert answer.option(*figures) == item.key, figures


@pytest.mark.parametrize("claim", CLAIMS)
def test_other_figures_would_answer_otherwise(claim):
    """Or it would be the author that answers, and not the figures."""
    answer = ANSWERS[claim]
    assert answer.otherwise and answer.otherwise.keys() <= {option.name for option in items()[claim].options[1:]}
    for option, figures in answer.otherwise.items():
        assert answer.option(*figures) == option, figures
