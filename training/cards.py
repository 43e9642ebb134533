"""The card of a trained model: README.md, generated from the other files in its folder.

No figure is typed by hand: they come from `config.json`, `training.json` and `metrics.json`.  Hand-written notes (what was compared, what
failed) stand in `notes.md`, with headings of level two, and are copied into the card.
"""

import hashlib
import importlib
import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import NamedTuple

from huggingface_hub import EvalResult, ModelCardData
from safetensors import safe_open

from playground import catalog
from playground.hub import HUB_ID
from playground.models import model_class
from playground.models.base import Model
from playground.systems import SYSTEMS
from training import hub_data

MARK = "<!-- made by training/cards.py, sha256 {} of the text above; a card that a person changes is never overwritten -->\n"


class Source(NamedTuple):
    name: str
    url: str
    hub: str | None = None  # the same data on the Hugging Face Hub
    research_only: bool = False
    licence: str = "apache-2.0"  # of the weights, as the Hub names it; empty if their owner chooses
    attribution: str = ""  # the text that the licence requires


_FLOWERS17 = Source("Oxford 17 flowers (Nilsback and Zisserman)", "https://www.robots.ox.ac.uk/~vgg/data/flowers/17/", research_only=True)
_FASHION = "https://github.com/zalandoresearch/fashion-mnist"
SOURCES = {
    "mnist": Source("MNIST (LeCun, Cortes and Burges)", "http://yann.lecun.com/exdb/mnist/", "ylecun/mnist"),
    "fashion": Source("Fashion-MNIST (Zalando Research, MIT)", _FASHION, "zalando-datasets/fashion_mnist"),
    "things": Source("sixteen things that this program draws", "../../playground/drawing/pictures.py"),
    "flowers5": Source(
        "five kinds of flowers from Flickr, under Creative Commons (4,200 photos; TensorFlow's copy, which a download gets, has 3,670)",
        "https://www.tensorflow.org/datasets/catalog/tf_flowers",
    ),
    "facades": Source("CMP facades (Tylecek and Sara)", "https://cmp.felk.cvut.cz/~tylecr1/facade/", research_only=True),
    "flowers17": _FLOWERS17,
    "mnist-static": Source(
        "MNIST, binarised once by Larochelle and Murray (2011)",
        "http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/",
    ),
    "openmoji": Source(
        "OpenMoji 17.0.0",
        "https://openmoji.org",
        licence="cc-by-sa-4.0",
        attribution="All emojis designed by OpenMoji, the open-source emoji and icon project. License: CC BY-SA 4.0.",
    ),
    "emoji3d": Source(
        "Twemoji 15.0.0 and Fluent Emoji 3D",
        "https://github.com/microsoft/fluentui-emoji",
        licence="cc-by-4.0",
        attribution="Twemoji: copyright Twitter, Inc and other contributors, graphics under CC BY 4.0 "
        "(https://creativecommons.org/licenses/by/4.0/). Fluent Emoji: copyright Microsoft Corporation, under the MIT licence.",
    ),
    "horses": Source(
        "the CycleGAN authors' horse2zebra (photographs from ImageNet)",
        "http://efrosgans.eecs.berkeley.edu/cyclegan/datasets/",
        research_only=True,
    ),
    "shoes": Source("edges2shoes (UT Zappos50K)", "https://vision.cs.utexas.edu/projects/finegrained/utzap50k/", research_only=True),
    "handbags": Source("edges2handbags", "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets/", research_only=True),
    "flowers-yellow-violet": _FLOWERS17,
}


def _source(dataset: str) -> Source | None:
    """The source of a data set; None for one's own folder."""
    if not hub_data.is_hub(dataset):
        return SOURCES.get(dataset)
    name = hub_data.parsed(dataset)
    return Source(f"{name.id}, revision {name.revision}", f"https://huggingface.co/datasets/{name.id}", name.id, licence="")


def write_card(folder: Path, name: str | None = None) -> bool:
    """Writes `folder`/README.md, unless a person has edited it; returns whether it did.

    Args:
        folder: with `config.json`, and optionally `training.json`, `metrics.json`, `notes.md` and `film.webp`.
        name: the name by which `catalog.load` finds the model: the folder's name, or a Hub id.
    """
    path = folder / "README.md"
    if path.exists() and not is_generated(path.read_text(encoding="utf-8")):
        return False
    path.write_text(card(folder, name or folder.name), encoding="utf-8")
    return True


def is_generated(text: str) -> bool:
    """Whether a card is unchanged since `write_card` wrote it: its last line holds the checksum of the text before."""
    body, mark, checksum = text.replace("\r\n", "\n").rpartition(MARK.partition("{}")[0])
    return bool(mark) and checksum.startswith(_sha256(body.encode())) and checksum.endswith(MARK.partition("{}")[2])


def card(folder: Path, name: str) -> str:
    """The card's text, which depends only on the files in the folder and the name.  Raises UserError for a damaged file."""
    entry = catalog.Entry(name, folder)
    source = _source(entry.training.get("settings", {}).get("dataset", ""))
    parts = [
        f"# {name}",
        _about(entry, source),
        *[f"![{what}]({file})" for file, what in _PICTURES.items() if (folder / file).exists()],
        _usage(entry),
        _figures(entry),
        _training(entry),
        (folder / "notes.md").read_text(encoding="utf-8").strip() if (folder / "notes.md").exists() else "",
        _licence(source),
    ]
    text = f"---\n{_front_matter(entry, source)}\n---\n\n" + "\n\n".join(part for part in parts if part) + "\n\n"
    return text + MARK.format(_sha256(text.encode()))


ORDER = ["library_name", "tags", "pipeline_tag", "license", "license_name", "license_link", "datasets", "base_model", "model-index"]
_PICTURES = {"opening.webp": "samples", "test.webp": "test pictures, none chosen", "film.webp": "the same input during training"}


def _front_matter(entry: catalog.Entry, source: Source | None) -> str:
    data, about = entry.training.get("settings", {}).get("dataset", ""), {}
    if source and source.research_only:
        about |= {"license": "other", "license_name": "research-only-data", "license_link": source.url}
    elif source and source.licence:
        about["license"] = source.licence
    if source and source.hub:
        about["datasets"] = [source.hub]
    if HUB_ID.fullmatch(before := (entry.training.get("started_from") or {}).get("name", "")):
        about["base_model"] = before
    return ModelCardData(
        library_name="pytorch",
        tags=[entry.system, "generative-playground", *[data] * (data in SOURCES)],
        pipeline_tag=SYSTEMS[entry.system].task,
        model_name=entry.name,
        eval_results=_results(entry, source),
        **about,
    ).to_yaml(original_order=ORDER)


def _measured(entry: catalog.Entry) -> list[dict]:
    """The figures in metrics.json that were measured with these very weights; some have the same name and differ in the binarisation."""
    weights = entry.folder / "model.safetensors"
    now = _sha256(weights.read_bytes()) if weights.exists() else None
    return [m for m in catalog.read_json(entry.folder / "metrics.json").get("metrics", []) if m.get("weights_sha256") == now]


def _results(entry: catalog.Entry, source: Source | None) -> list[EvalResult] | None:
    """The figures in the Hub's format (`model-index`), or None if there are none."""
    name = entry.training.get("settings", {}).get("dataset", "")
    return [
        EvalResult(
            task_type=SYSTEMS[entry.system].task,
            dataset_type=source.hub if source and source.hub else name,
            dataset_name=source.name if source else "images of the owner's",
            dataset_revision=hub_data.parsed(name).revision if hub_data.is_hub(name) else None,
            dataset_split=metric["split"],
            metric_type=metric["name"],
            metric_value=round(metric["value"], 4),
            metric_name=f"{metric['name']} ({metric['unit']})" if metric["unit"] else metric["name"],
            metric_args={key: metric[key] for key in ("estimator", "binarisation", "bound", "n") if metric.get(key)},
        )
        for metric in _measured(entry)
    ] or None


def _about(entry: catalog.Entry, source: Source | None) -> str:
    about = importlib.import_module(model_class(entry.system).__module__).__doc__ or ""
    lines = [" ".join(about.strip().split("\n\n")[0].split())]
    if source:
        lines.append(f"Trained on [{source.name}]({source.url}).")
    elif entry.training:
        lines.append("Trained on a folder of images of its owner's.")
    return "  \n".join(lines)


def _usage(entry: catalog.Entry) -> str:
    cls, name = model_class(entry.system), entry.name
    of_hub = "/" in name
    sampling = "\nx = model.sample(16, seed=1)  # (16, C, H, W) in [-1, 1]" if cls.sample is not Model.sample else ""
    versions = '\n\nEach version has a tag: `revision="v1"` loads the first, and so on.' if of_hub else ""
    code = address(of_hub)
    install = f"`pip install git+{code}`" if code else "`pip install .` in a checkout of the playground"
    there = f"[the playground]({code})" if code else "the playground"
    files = f", after `hf download {name} config.json model.safetensors --local-dir .`" if of_hub else ", in this folder"
    return f"""## Use

After {install}:

```python
from playground import load

model = load("{name}")  # torch.nn.Module, in eval mode{sampling}
```

`python app.py{f" --model {name}" if of_hub else ""}` shows it in its tab.

Without installing it, by torch, safetensors and huggingface_hub, where `{_file(cls)}` of {there}
is on Python's path{files}:

```python
import json

from safetensors.torch import load_file
from {cls.__module__} import {cls.__name__}

settings = json.load(open("config.json"))
model = {cls.__name__}(**{{name: value for name, value in settings.items() if name != "system"}}).eval()
model.load_state_dict(load_file("model.safetensors"))
```{versions}"""


def _file(cls: type[Model]) -> str:
    return cls.__module__.replace(".", "/") + ".py"


def address(published: bool) -> str | None:
    """The address of the code: that in pyproject.toml, or, in a card for the Hub, the origin of this checkout; None if there is neither."""
    root = Path(__file__).resolve().parent.parent
    urls = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("project", {}).get("urls", {})
    if "Repository" in urls or not published:
        return urls.get("Repository")
    try:
        remote = subprocess.run(["git", "-C", str(root), "remote", "get-url", "origin"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.fullmatch(r"(?:https://(?:[^@/]*@)?|(?:ssh://)?git@)([\w.-]+)[:/]([\w./-]+?)(?:\.git)?/?", remote.stdout.strip())
    return f"https://{found[1]}/{found[2]}" if found else None  # without a token that the address may contain


def _figures(entry: catalog.Entry) -> str:
    """The table of the figures in metrics.json that were measured with these very weights."""
    rows = [_row(metric) for metric in _measured(entry)]
    if not rows:
        return ""
    head = "| figure | value | data | how | published |\n| --- | --- | --- | --- | --- |\n"
    own = " --data-dir FOLDER" if entry.training.get("settings", {}).get("dataset") == "folder" else ""
    return f"## Figures\n\n{head}" + "\n".join(rows) + f"\n\nMeasured by `python training/evaluate.py {shlex.quote(entry.name)}{own}`."


def _row(metric: dict) -> str:
    value = f"{metric['value']:.4g}" + (f" ± {metric['stderr']:.1g}" if metric.get("stderr") else "") + f" {metric['unit']}"
    if metric.get("bound") in ("upper", "lower"):
        value += f" ({metric['bound']} bound)"
    data = f"{metric['data']}, {metric['split']} split" + (f", binarised: {metric['binarisation']}" if metric.get("binarisation") else "")
    cells = [f"`{metric['name']}`", value, data, f"{metric['estimator']}; n = {metric['n']:,}", metric.get("published") or ""]
    return "| " + " | ".join(str(cell).strip().replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _training(entry: catalog.Entry) -> str:
    record = entry.training
    if not record:
        return ""
    settings = {key: value for key, value in record["settings"].items() if value is not None}
    lines = [
        *[f"- {'then ' * (i > 0)}`{command}`" for i, command in enumerate(commands(record, entry.name.rpartition("/")[2]))],
        f"- {record['steps']:,} steps, {record['images']:,} images ({record['epochs']:g} epochs of {record['training_examples']:,}), "
        f"{record['total_minutes']:g} minutes in all, {record['images_per_second']:g} images a second"
        if record["steps"]
        else f"- no steps of its own: its members' weights as they stand, trained in {record['total_minutes']:g} minutes together"
        if "members" in settings
        else f"- all {record['training_examples']:,} images at once, {record['total_minutes']:g} minutes",
        f"- {record['hardware']}; {record['precision']}, torch {record['torch']}, code revision {record['code_revision']}",
        "- parameters: " + ", ".join(f"{part} {count:,}" for part, count in record["parameters"].items()),
        "- settings: " + ", ".join(f"{key} {value}" for key, value in settings.items()),
    ]
    if _has_batch_norm(entry.folder / "model.safetensors"):
        lines.append("- batch normalisation takes its statistics per process: several processes are not one with a larger batch")
    return "## Training\n\n" + "\n".join(lines)


def commands(record: dict, name: str) -> list[str]:
    """The commands that train a model again in a checkout, in order: before a run that started from another one comes that run's command.

    record: the content of `training.json`.
    """
    runs = [record]
    while (before := runs[0].get("started_from")) and "command" in before and not HUB_ID.fullmatch(before.get("name", "")):
        runs.insert(0, before)
    typed, names = [], [*(f"{name}-part{i}" for i in range(1, len(runs))), name]
    for i, run in enumerate(runs):
        words = shlex.split(run["command"])
        if run.get("settings", {}).get("dataset") == "folder":
            words += ["--data-dir", "FOLDER"]
        if len(runs) > 1:
            words = _without(words, "--from", "--output") + (["--from", names[i - 1]] if i else []) + ["--output", f"pretrained/{names[i]}"]
        typed.append(shlex.join(words))
    return typed


def _without(words: list[str], *options: str) -> list[str]:
    """A command without these options and their values."""
    pairs = zip(["", *words], words)
    return [word for before, word in pairs if before not in options and word not in options and word.partition("=")[0] not in options]


def _has_batch_norm(weights: Path) -> bool:
    if not weights.exists():
        return False
    with safe_open(weights, "pt") as file:
        return any(re.search(r"running_mean$", key) for key in file.keys())


def _licence(source: Source | None) -> str:
    if source is None or not source.licence:
        return "## Licence\n\nThe code is Apache-2.0; the weights are their owner's, who also answers for the images they were trained on."
    if source.research_only:
        return (
            f"## Licence\n\nThe code is Apache-2.0. The weights are not: they were trained on {source.name}, published for research "
            f"only ([terms]({source.url})), so use them for research only."
        )
    if source.attribution:
        return (
            f"## Licence\n\nThe code is Apache-2.0. The weights were trained on {source.name} and are shared under "
            f"{source.licence.upper().replace('CC-', 'CC ').replace('-4.0', ' 4.0')}. {source.attribution}"
        )
    return f"## Licence\n\nCode and weights are Apache-2.0; the weights were trained on {source.name}."


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
