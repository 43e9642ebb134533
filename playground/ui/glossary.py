"""The glossary: terms in the page's sentences and lessons become buttons that show their definition; visit.js does that."""

import html
import re
import tomllib
from functools import lru_cache
from pathlib import Path

LESSONS = Path(__file__).parent / "lessons"
# Parts of a lesson in which nothing is marked: formulas, links, code, headings, footnotes, tags
KEPT = re.compile(r"\$\$[^$]*\$\$|\$[^$\n]*\$|\[[^\]\n]*\]\([^)\n]*\)|`[^`\n]*`|^#.*$|^\[\^\w+\]:.*$|\[\^\w+\]|<[^>]+>", re.MULTILINE)


@lru_cache
def terms(language: str = "en") -> list[dict]:
    """The terms, {"name", "words", "also"} each; none where a language has no glossary."""
    path = LESSONS / language / "glossary.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))["term"] if path.exists() else []


def marked(text: str, language: str = "en") -> str:
    """Markdown or HTML, in which the first occurrence of each term is a button."""
    names = {name: place for place, term in enumerate(terms(language)) for name in (term["name"], *term.get("also", ()))}
    if not names:
        return text
    found = re.compile(r"(?<![\w(|\[-])(" + "|".join(map(re.escape, sorted(names, key=len, reverse=True))) + r")(?![\w(|\]-])")
    seen: set[int] = set()

    def button(match: re.Match) -> str:
        place = names[match[1]]
        if place in seen:
            return match[1]
        seen.add(place)
        return f'<button type="button" class="term" data-term="{place}">{match[1]}</button>'

    parts, at = [], 0
    for kept in KEPT.finditer(text):
        parts += [found.sub(button, text[at : kept.start()]), kept[0]]
        at = kept.end()
    return "".join([*parts, found.sub(button, text[at:])])


def page() -> str:
    """The whole glossary, HTML; the buttons take their definitions from it."""
    rows = "".join(
        f'<div data-term="{place}"><dt>{html.escape(term["name"])}</dt><dd>{html.escape(term["words"])}</dd></div>'
        for place, term in sorted(enumerate(terms()), key=lambda row: row[1]["name"].lower())
    )
    return f'<section class="guide glossary"><h2>Glossary</h2><dl>{rows}</dl></section><div class="says" role="tooltip" id="says"></div>'
