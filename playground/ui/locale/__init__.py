"""The page in other languages: catalogues of its sentences (English -> translation), and lessons in `ui/lessons/<language>/`.

A message is a text of the English page between two tags, or in an attribute that people read. "{}" is a placeholder for what the program
inserts; a translation has as many, or "{0}", "{1}" if their order differs.  `language.js` replaces messages in the page; `python -m
playground.ui.locale` lists messages without a translation, and translations without a message.
"""

import re
import tomllib
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).parent
LANGUAGES = ("he",)
SEPARATORS = (r"(^· | · )", r"((?<=[.?!]) )", r"(; )", r"(\.$)", r"(: )", r"(, )")  # between the messages of a list, the outermost first
SHORT = 12  # letters
PART = "((?:(?! · ).)*?)"  # matches "{}"


def sections(language: str) -> dict[str, dict[str, str]]:
    """The catalogue: section -> English -> translation.  The section "outside" has messages that aren't in the sources literally."""
    return tomllib.loads((HERE / f"{language}.toml").read_text(encoding="utf-8"))


@lru_cache
def messages(language: str) -> dict[str, str]:
    """English -> translation.  Raises ValueError if two sections of the catalogue have the same message."""
    found: dict[str, str] = {}
    for section in sections(language).values():
        if twice := found.keys() & section.keys():
            raise ValueError(f"{language}.toml has {sorted(twice)} twice.")
        found |= section
    return found


def translated(text: str, language: str, level: int = 0) -> str:
    """The translation that `language.js` gives of a text, without marks of direction.

    The lookup stands twice, here and in `part` there: what lacks a translation is found without a browser, and a page can't ask the server
    for each text that comes into it.  `tests/browser/test_language.py` compares the two.
    """
    core = text.strip()
    if not re.search("[A-Za-z]", core):
        return text
    words = _translated(core, language, level < len(SEPARATORS) - 1)
    if words is None and level < len(SEPARATORS):
        words = "".join(one if i % 2 else translated(one, language, level + 1) for i, one in enumerate(re.split(SEPARATORS[level], core)))
    return text.replace(core, core if words is None else words)


def _translated(text: str, language: str, is_list: bool) -> str | None:
    """The translation of a whole message, or None.  Templates of little more than "{}" apply only to texts that aren't lists."""
    for same in (text, text[0].lower() + text[1:]):  # some messages also begin a sentence
        if same in messages(language):
            return messages(language)[same]
    for message, pattern in _templates(language):
        if is_list and len(message.replace("{}", "")) < SHORT:
            return None
        if found := pattern.fullmatch(text):
            return messages(language)[message].format(*(translated(part, language) for part in found.groups()))
    return None


@lru_cache
def _templates(language: str) -> list[tuple[str, re.Pattern]]:
    """The messages with "{}", those with most literal text first."""
    found = sorted((message for message in messages(language) if "{}" in message), key=lambda message: -len(message.replace("{}", "")))
    return [(message, re.compile(PART.join(map(re.escape, message.split("{}"))), re.DOTALL)) for message in found]
