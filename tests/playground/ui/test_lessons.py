"""The lessons: short paragraphs under headings, where the views' "Why?" finds them."""

import re

import pytest

from playground.ui.builder import LESSONS, VIEWS


@pytest.mark.parametrize("tab", VIEWS)
def test_the_lesson_has_the_headings_that_the_views_name(tab):
    headings = re.findall(r"^### (.+)$", (LESSONS / f"{tab}.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(set(headings)) == len(headings)
    assert {view["lesson"] for view in VIEWS[tab].values()} <= set(headings)


@pytest.mark.parametrize("tab", VIEWS)
def test_a_paragraph_of_a_lesson_has_ninety_words_at_most(tab):
    lesson = re.sub(r"^\[\^\w+\]: .*$", "", (LESSONS / f"{tab}.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert max(len(paragraph.split()) for paragraph in lesson.split("\n\n")) <= 90
