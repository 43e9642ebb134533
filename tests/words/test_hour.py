"""The guided hour: its stops open what they say, and what is to be seen there is what a check asserts on the weights that ship."""

from urllib.parse import parse_qsl

import pytest

import app
from playground.ui import course
from playground.ui.state import parse
from tests.words.hour import unchecked

BUILDERS = app.demo.builders


def test_what_is_to_be_seen_is_what_a_check_asserts():
    assert unchecked() == []


def test_twelve_stops_follow_the_chapter():
    order = [tab.name for tab in BUILDERS]
    tabs = [stop["at"][0] for stop in course.STOPS[:-1]]  # the last one sums up
    assert len(course.STOPS) == 12 and tabs == sorted(tabs, key=order.index)
    assert all(set(stop) == {"at", "question", "do", "see", "note", "key"} for stop in course.STOPS)


@pytest.mark.parametrize("number", range(1, 13))
def test_a_stop_opens_the_state_that_its_check_sees(number):
    said = dict(parse_qsl(course.address(BUILDERS, number)))
    tab, name = course.STOPS[number - 1]["at"]
    cls = next(builder.cls for builder in BUILDERS if builder.name == tab)
    assert parse(cls, said) == (course.stated(BUILDERS, tab, name), None)


@pytest.mark.parametrize("name, where", [(name, where) for family in course.FAMILIES for name, _, where in family["systems"]])
def test_the_map_of_models_leads_to_them(name, where):
    said = dict(parse_qsl(where))
    tab = next(builder for builder in BUILDERS if builder.name == said["tab"])
    state, wrong = parse(tab.cls, said)
    assert wrong is None and set(said) - {"tab"} <= set(tab.spec)


def test_the_map_has_the_fourteen_systems_of_the_chapter():
    assert sum(len(family["systems"]) for family in course.FAMILIES) == 14
