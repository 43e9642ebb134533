"""The page of the quiz (playground/quiz/), one file that needs nothing else: `quiz.html` beside the playground, in both editions."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from playground.quiz import HERE, LANGUAGES, items, words
from playground.ui import state
from playground.ui.builder import TabBuilder

NAME = "quiz.html"
# What is written from left to right within Hebrew: names, numbers, formulas with their brackets
_LEFT_TO_RIGHT = re.compile(r"[A-Za-z0-9(\u2212](((?![,.:;?]\s)[^\u05d0-\u05ea])*[A-Za-z0-9)\]\u00b2])?")


def page(builders: Sequence[TabBuilder]) -> str:
    """HTML with the items in all languages; each item's address is that of its claim's state."""
    at = {}
    for tab in builders:
        for claim, _, _, values in tab.claims:
            at[claim] = state.address(tab.name, replace(tab.cls(), **values))
    quiz = {
        language: {
            "name": name,
            "page": words(language),
            "items": [
                {"claim": claim, "question": isolated(item.question), "options": [[o.name, *map(isolated, o[1:])] for o in item.options]}
                | {"at": at[claim]}
                for claim, item in items(language).items()
            ],
        }
        for language, name in LANGUAGES.items()
    }
    data = json.dumps(quiz, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return (HERE / "page.html").read_text(encoding="utf-8").replace("const QUIZ = {};", f"const QUIZ = {data};", 1)


def isolated(text: str) -> str:
    """Of a Hebrew text, what is written from left to right stands apart, so that its brackets and signs keep their places."""
    if not re.search("[\u05d0-\u05ea]", text):
        return text
    return _LEFT_TO_RIGHT.sub("\u2066\\g<0>\u2069", text)


def route(builders: Sequence[TabBuilder]) -> Route:
    async def serve(_: Request) -> HTMLResponse:
        return HTMLResponse(page(builders))

    return Route(f"/{NAME}", serve)
