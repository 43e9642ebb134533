"""The English texts of the page, gathered from its components, the program's sentences, and its scripts.

A message is a text as the browser has it between two tags, or in an attribute that people read, with white space collapsed; "{}" is a
placeholder for what the program inserts.
"""

import ast
import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

from playground import catalog
from playground.ui import locale
from playground.ui.gradio_compat import components

PACKAGE = Path(__file__).parents[2]
LESSONS = PACKAGE / "ui" / "lessons"
PROGRAM = ("ui", "api", "imaging", "drawing", "graphs", "analysis", "catalog.py", "static.py")  # sources of what visitors read
# or for logs and commands
FOR_PROGRAMS = ("doors.py", "gradio_page.py", "gradio_server.py", "browser.py", "server.py", "export.py", "kept.py", "page.py", "room.py")
SCRIPTS = (
    *("ui/page.js", "ui/components/controls.js", "ui/components/board.js", "ui/components/sheets.js", "ui/components/canvas/canvas.js"),
    *(f"browser/{name}.js" for name in ("alone", "intercept", "live")),
)
READ = ("title", "aria-label", "alt", "placeholder", "aria-roledescription", "label")  # attributes that people read
LABELS = ("label", "info", "placeholder")  # of components
NOT_READ = ("js", "js_on_load", "css_template", "elem_id", "elem_classes", "prog", "help", "description")  # arguments nobody sees
LOGS = ("warning", "info", "exception", "error", "print", "compile", "add_argument", "KeyError", "ValueError", "TypeError", "RuntimeError")

# What stays Latin in a translation: names of systems, models, data and machines, and letters of formulas.
NAMES = frozenset(
    "PCA AE VAE VAEs Autoencoder Autoencoders GAN DCGAN cGAN Pix2Pix CycleGAN PixelCNN PixelRNN Row LSTM Diagonal BiLSTM Gated Net Dropout "
    "MNIST EMNIST mnist openmoji OpenMoji facades things KL ELBO JSD IWAE FID IoU NN NADE DRAW MADE PixelSNAIL ImageGPT Jensen Shannon "
    "log tanh exp logsumexp softmax ssim mu beta sigma epochs RGB JSON URL PNG JPEG WebP GIF BMP MB AMD EPYC Intel Xeon Processor "
    "QR Evidence Lower Bound Kullback Leibler Principal Component Analysis Generative Adversarial Network "
    "maxout torchmetrics pytorch generative Hugging Face Ctrl Shift Delete Gradio API MCP".split()
)
_CODE = re.compile(  # quoted text, commands and addresses
    r"`[^`]*`|\"[!-~ ]*\"|python [\w/.]+(?: --\w+)*(?: \w+-\w+)?|pip install -r|data URL|data:image\S*|https?://\S*"
    r"|[\w-]+[./_@=][\w/.-]+|\{\}\.\w+|#\w+|\w+\d\w*"  # files, keys, colours, words with digits
)
_NO_WORDS = re.compile(  # strings of the program that aren't text
    r"""^\{"|=>|%\{|!important|^\$\{|^p \{|sans-serif|^(Segoe UI|Helvetica Neue)$|^[#{}]+ (canvas|pixelated)$|^(preset|claim) \{"""
    r"""|^(top|middle|bottom) \w+$|\| Named|"\$"|^"?,"|,\d+$|^its own$|^const |name a new| input\["""
)


def english(text: str) -> bool:
    """Whether a text has a word that needs translation."""
    text = _CODE.sub(" ", re.sub("|".join(map(re.escape, _models())), " ", text))
    return any(len(word) > 1 and word not in NAMES for word in re.findall(r"[A-Za-z]+", text))


@lru_cache
def _models() -> list[str]:
    return sorted(catalog.names(), key=len, reverse=True)


class _Texts(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found: list[str] = []
        self._silent: list[str] = []  # open tags whose content isn't translated
        self._going_on = self._in_term = False  # a term of the glossary is part of the text around it

    def handle_starttag(self, tag, attributes):
        self._in_term = ("class", "term") in attributes
        self._going_on = self._in_term and self._going_on
        if tag in ("style", "script", "code") or ("translate", "no") in attributes:
            self._silent.append(tag)
        self.found += [value for name, value in attributes if name in READ and value]

    def handle_endtag(self, tag):
        self._going_on, self._in_term = self._in_term and self._going_on, False
        if self._silent[-1:] == [tag]:
            self._silent.pop()

    def handle_data(self, data):
        if self._going_on:
            self.found[-1] += data
        elif not self._silent:
            self.found.append(data)
            self._going_on = True


def messages(markup: str) -> list[str]:
    """The messages in a text or in HTML that are English."""
    if _NO_WORDS.search(markup):
        return []
    parser = _Texts()
    parser.feed(markup)
    parser.close()
    return [message for text in parser.found if english(message := " ".join(text.split()))]


def of_page(page) -> Iterator[tuple[str, str]]:
    """(message, where) of the texts in the components, presets and claims of the page of `app.build()`."""
    tab = ""
    for kind, props in components(page):
        if kind == "tabitem":
            tab = f" of the tab {props['id']}"
        if kind == "api":
            continue
        said = [props.get(name) for name in LABELS] + [choice[0] for choice in props.get("choices") or () if kind != "dropdown"]
        said += [props.get("html_template")] + [props.get("value")] * (kind in ("html", "button"))
        for text in said:
            if isinstance(text, dict):
                text = text.get("alt")
            for message in messages(text) if isinstance(text, str) else ():
                yield message, f"a {kind}{tab}"
    for tab in page.builders:
        for kind, said in (("preset", tab.presets), ("claim", tab.claims)):
            for name, *_, words, _ in said:
                if isinstance(words, str):
                    yield words, f"{kind} {name} of the tab {tab.name}"


def of_models() -> Iterator[tuple[str, str]]:
    """(message, where) of the names of all CycleGANs' domains, and of their directions, as the tab of two worlds names them."""
    for name in catalog.names("cyclegan"):
        x, y = catalog.entry(name).config["worlds"]
        yield from ((message, f"domains of {name}") for message in (x, y, f"{x} \u2192 {y}", f"{y} \u2192 {x}"))


def of_program() -> Iterator[tuple[str, str]]:
    """(message, where) of the sentences in the program and its scripts."""
    for path in _program():
        for line, text in _strings(ast.parse(path.read_text(encoding="utf-8"))):
            yield from ((message, f"{path.relative_to(PACKAGE.parent)}:{line}") for message in messages(text) if " " in message)
    for name in SCRIPTS:
        for line, text in enumerate((PACKAGE / name).read_text(encoding="utf-8").splitlines(), 1):
            for message in re.findall(r'"([A-Z{][^"]* [^"]*)"|`([A-Z$][^`]* [^`]*)`', text) if "console." not in text else ():
                found = messages(re.sub(r"\$\{[^}]*\}", "{}", "".join(message)))
                yield from ((one, f"playground/{name}:{line}") for one in found if " " in one)


def _program() -> Iterator[Path]:
    for name in PROGRAM:
        for path in sorted((PACKAGE / name).rglob("*.py")) or [PACKAGE / name]:
            if path.parent != Path(__file__).parent and path.name not in FOR_PROGRAMS:
                yield path


def missing(page, language: str) -> dict[str, str]:
    """Message -> where it is, for those without a translation in a language's catalogue."""
    found: dict[str, str] = {}
    for message, where in (*of_page(page), *of_models(), *of_program()):
        if english(locale.translated(message, language)):
            found.setdefault(message, where)
    return found


def stale(page, language: str) -> list[str]:
    """The messages of a catalogue that are no longer used: no text has their longest literal piece."""
    texts = [message for message, _ in (*of_page(page), *of_models())]
    for path in _program():
        texts += [text for _, text in _strings(ast.parse(path.read_text(encoding="utf-8")))]
    texts += [(PACKAGE / name).read_text(encoding="utf-8") for name in SCRIPTS]
    texts.append((catalog.ROOT / "speeds.json").read_text(encoding="utf-8"))
    for name in catalog.names():
        for metric in catalog.entry(name).metrics.values():
            texts += [
                metric["name"].replace("_", " "),
                metric["estimator"],
                metric["data"],
                *filter(None, (metric["published"], metric["binarisation"])),
            ]
    present = {" ".join(text.split()) for text in texts}
    ours = [message for section, those in locale.sections(language).items() if section != "outside" for message in those]
    longest = {message: max(message.split("{}"), key=len).strip() for message in ours}
    return [message for message, piece in longest.items() if not any(piece in text for text in present)]


def outdated(language: str) -> list[str]:
    """What to do about lessons whose translation is missing or of an older English text."""
    found = []
    for english_one in sorted((LESSONS / "en").glob("*.md")):
        text = english_one.read_text(encoding="utf-8")
        mark = f"<!-- English: {hashlib.sha256(text.encode()).hexdigest()[:10]} -->"
        theirs = LESSONS / language / english_one.name
        if not theirs.exists() or not theirs.read_text(encoding="utf-8").startswith(mark):
            found.append(f"lessons/{language}/{theirs.name}: say what lessons/en/{theirs.name} says now, and in the first line {mark}")
    return found


def _strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, text) of the strings that visitors may read; "{}" replaces the expressions in an f-string."""
    silent = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(node, clean=False):
            silent.add(id(node.body[0].value))
        elif isinstance(node, ast.keyword) and node.arg in NOT_READ:
            silent.update(map(id, ast.walk(node)))
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in LOGS:
            silent.update(map(id, ast.walk(node)))
        elif isinstance(node, ast.arg | ast.AnnAssign):
            silent.update(map(id, ast.walk(node.annotation)) if node.annotation else ())
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            silent.update(map(id, node.values))
            yield node.lineno, "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
