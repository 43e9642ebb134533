"""The catalogues of translations: whole, and nothing in them that the page no longer says."""

import re

import pytest

import app
from playground.ui import glossary, locale
from playground.ui.builder import LESSONS, VIEWS
from playground.ui.locale import extract


@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_every_message_has_its_translation_and_every_translation_its_message(language):
    missing, stale = extract.missing(app.demo, language), extract.stale(app.demo, language)
    todo = f"Add to playground/ui/locale/{language}.toml what `python -m playground.ui.locale` prints, and take out what is no longer said."
    assert (missing, stale) == ({}, []), todo


@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_a_translation_has_the_places_of_its_message(language):
    def places(said):
        found = re.findall(r"\{(\d?)\}", said)
        return sorted(int(place) for place in found) if all(found) else list(range(len(found)))

    assert [message for message, said in locale.messages(language).items() if places(message) != places(said)] == []


@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_a_lesson_is_translated_from_the_english_text_that_is_there(language):
    assert extract.outdated(language) == []


@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_the_glossary_has_the_terms_of_the_english_one(language):
    assert len(glossary.terms(language)) == len(glossary.terms())


@pytest.mark.parametrize("tab", VIEWS)
@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_a_lesson_has_the_formulas_links_and_notes_of_the_english_one_and_the_headings_that_views_name(language, tab):
    ours, theirs = ((LESSONS.parent / name / f"{tab}.md").read_text(encoding="utf-8") for name in ("en", language))
    for same in (r"\$\$.+?\$\$", r"(?<!\$)\$[^$\n]+\$(?!\$)", r"\]\(http[^)]+\)", r"\[\^\w+\]"):
        assert sorted(re.findall(same, theirs, re.DOTALL)) == sorted(re.findall(same, ours, re.DOTALL))
    headings = [re.findall("^### (.+)$", text, re.MULTILINE) for text in (ours, theirs)]
    wanted = {view["lesson"] for view in VIEWS[tab].values()}
    assert {one: other for one, other in zip(*headings, strict=True) if one in wanted} == {
        one: locale.translated(one, language) for one in wanted
    }


def test_words_that_the_program_fills_in_are_translated_too():
    assert locale.translated("row 3, column 14", "he") == "שורה 3, עמודה 14"
    assert locale.translated("4 (7), trousers (3)", "he") == "4 (7), מכנסיים (3)"
    assert locale.translated("1 of your 2 predictions were right.", "he") == "1 מתוך 2 הניחושים שלכם היו נכונים."


def test_english_words_are_told_from_names_and_formulas():
    same = ("VAE", "log p(x) ≤ 82.7", "vae-mnist-2d", "python training/evaluate.py", "#ecb218", "KL(q(z|x) || p(z))")
    assert [text for text in same if extract.english(text)] == []
    assert all(map(extract.english, ("nats", "VAE: time", "ספרה of vae-mnist")))


def test_a_term_is_part_of_its_sentence():
    sentence = '<p>Each place is a <button type="button" class="term">code</button>, and no more. <button>Why?</button> So</p>'
    assert extract.messages(sentence) == ["Each place is a code, and no more.", "Why?", "So"]


def test_only_what_is_read_by_people_is_a_message():
    page = '<p title="A digit">Draw<b>a <i>seven</i></b></p><style>p { color: red }</style><code>python app.py</code>'
    assert extract.messages(f'{page}<a translate="no">English</a>') == ["A digit", "Draw", "seven"]
