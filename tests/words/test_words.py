"""Every sentence of the page that says what is seen is checked on the weights that ship."""

from dataclasses import replace

import pytest

from playground.ui import locale
from playground.ui.locale.extract import english
from tests.words import compare, digits, game, latent, pixels, sketch, worlds  # noqa: F401 (their checks are registered)
from tests.words.before import BEFORE
from tests.words.page import CHECKS, Seen, statements


@pytest.fixture(scope="module")
def said(frames) -> dict:
    return {key: statement for frame in frames.values() for key, statement in statements(frame).items()}


def test_every_sentence_has_its_check(said):
    assert set(said) == set(CHECKS)


def test_each_of_the_chapters_claims_stands_once_and_in_order(frames):
    claims = {tab: [int(claim[0].removeprefix("C")) for claim in frame.claims] for tab, frame in frames.items()}
    assert sorted(sum(claims.values(), [])) == list(range(1, 24))
    assert all(numbers == sorted(numbers) for numbers in claims.values())


@pytest.mark.parametrize("tab, name", CHECKS, ids=map(": ".join, CHECKS))
def test_what_the_page_says_is_seen(tab, name, frames, said):
    words, check = CHECKS[tab, name]
    assert said[tab, name].words == words, "other words: read the check again, then quote them there"
    check(Seen(frames[tab], said[tab, name]))


@pytest.mark.parametrize("tab, name, values", BEFORE, ids=[f"{tab}: {name}" for tab, name, _ in BEFORE])
def test_a_state_that_does_not_show_it_fails(tab, name, values, frames, said):
    """The states with which the page once said these things; each check tells them from what it says now."""
    statement = said[tab, name]
    with pytest.raises(AssertionError):
        CHECKS[tab, name][1](Seen(frames[tab], statement._replace(state=replace(statement.state, **values))))


@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_what_is_written_with_figures_is_translated(frames, language):
    said = [why for frame in frames.values() for *_, why, _ in (*frame.presets, *frame.claims)]
    words = [why() for why in said if callable(why)]
    assert len(words) > 20
    assert [one for one in words if english(locale.translated(one, language))] == []
