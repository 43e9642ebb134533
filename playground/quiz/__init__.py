"""A quiz on the chapter's claims, to be taken before and after a lesson: an item a claim.

en.toml  he.toml   the items: a question, four options, and the misconception behind each wrong one
    page.html          the page on which it is taken, without its words (playground/ui/quiz.py puts them in)
    gain.py            reads the answers of a class, and says the gain with its interval
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
LANGUAGES = {"en": "English", "he": "עברית"}


class Option(NamedTuple):
    name: str  # the same in every language
    words: str
    misconception: str = ""  # of those who choose it; of the key none


class Item(NamedTuple):
    question: str
    options: tuple[Option, ...]  # the key comes first

    @property
    def key(self) -> str:
        return self.options[0].name


def items(language: str = "en") -> dict[str, Item]:
    """The number of a claim, "C1" to "C23" -> its item, in the words of one of `LANGUAGES`."""
    return {
        claim: Item(entry["question"], tuple(Option(*option) for option in entry["options"]))
        for claim, entry in _read(language).items()
        if claim != "page"
    }


def words(language: str) -> dict[str, str]:
    """What the page says around the items."""
    return _read(language)["page"]


@cache
def _read(language: str) -> dict:
    return tomllib.loads((HERE / f"{language}.toml").read_text(encoding="utf-8"))
