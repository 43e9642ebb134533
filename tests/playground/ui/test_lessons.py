"""The lessons: short paragraphs under headings, in which the views' "Why?" finds the one that explains them."""

import re

import pytest

from playground.ui import locale
from playground.ui.builder import LESSONS, VIEWS, explained, lesson, paragraphs_of


@pytest.mark.parametrize("tab", VIEWS)
def test_the_lesson_has_the_headings_that_the_views_name(tab):
    headings = re.findall(r"^### (.+)$", (LESSONS / f"{tab}.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(set(headings)) == len(headings)
    assert {view["lesson"] for view in VIEWS[tab].values()} <= set(headings)


@pytest.mark.parametrize("tab", VIEWS)
def test_a_paragraph_of_a_lesson_has_ninety_words_at_most(tab):
    lesson = re.sub(r"^\[\^\w+\]: .*$", "", (LESSONS / f"{tab}.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert max(len(paragraph.split()) for paragraph in lesson.split("\n\n")) <= 90


@pytest.mark.parametrize("tab", VIEWS)
@pytest.mark.parametrize("language", ("en", *locale.LANGUAGES))
def test_the_paragraph_that_explains_a_view_is_words_and_the_same_in_all_languages(language, tab):
    ours, english = paragraphs_of(tab, language), paragraphs_of(tab)
    assert [len(section) for section in ours] == [len(section) for section in english]
    said = lesson(tab, language)
    for view, (section, place) in explained(tab).items():
        assert re.match(r"[^\W\d_*`]|\*+\w|\$[^$]|`\w", ours[section][place]), ours[section][place]  # no list, and no formula alone
        assert said.count(f'<span class="why-{view}"></span>') == 1


def test_how_a_paragraph_begins_is_said_of_one_alone():
    for tab, views in VIEWS.items():
        for view in views.values():
            if "begins" in view:
                section = next(section for section in paragraphs_of(tab) if section[0] == f"### {view['lesson']}")
                assert sum(paragraph.startswith(view["begins"]) for paragraph in section) == 1, view
