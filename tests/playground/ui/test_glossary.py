"""The glossary: each term is explained once, and found where it stands in words and not in formulas."""

import re

from playground.ui import glossary
from playground.ui.builder import LESSONS, VIEWS


def terms_in(text: str) -> list[str]:
    return re.findall(r'<button type="button" class="term" data-term="\d+">(.+?)</button>', glossary.marked(text))


def test_the_first_place_of_a_term_is_marked_and_no_formula_link_or_heading():
    text = "### The ELBO\n\nThe ELBO is $\\log p(x)$ minus a KL; see [KL](x) and q(z|x). z, the ELBO, D(x), D's and one nat.\n\n$$ELBO$$"
    assert terms_in(text) == ["ELBO", "KL", "z", "D", "nat"]
    assert re.sub(r"</?button[^>]*>", "", glossary.marked(text)) == text


def test_each_term_is_explained_once_in_few_words():
    names = [name for term in glossary.terms() for name in (term["name"], *term.get("also", ()))]
    assert len(set(names)) == len(names) >= 26
    assert all(len(term["words"].split()) <= 40 for term in glossary.terms())
    wanted = {"nat", "KL", "ELBO", "z", "E[x|z]", "G", "D", "logit", "beta", "IoU", "receptive field"}
    assert wanted <= set(names)


def test_most_terms_stand_somewhere_on_the_page():
    said = [view["words"] for tab in VIEWS.values() for view in tab.values()]
    said += [path.read_text(encoding="utf-8") for path in LESSONS.glob("*.md")]
    found = {term for text in said for term in terms_in(text)}
    assert len(found) >= 20, found
