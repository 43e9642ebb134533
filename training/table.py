"""Writes the tables of figures in README.md, docs/figures.md and docs/likelihood.md: `python training/table.py`; `--check` only says
whether they are up to date.

Figures of speed come from `benchmarks/load.json`, `soak.json` and `app.json`, the last results of the benchmarks of these names.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # started as a file, from anywhere

from playground import catalog  # noqa: E402
from playground.systems import SYSTEMS  # noqa: E402

# Figures that only the Compare tab and the cards show; and models that differ from others in one thing, of which one figure is enough
ON_THE_PAGE = {"milliseconds_per_image", "two_sample_nn", "high_frequency_energy", "kl", "probe_accuracy"}
LADDER = re.compile(r"(ae|vae)-mnist-(\d+|linear|deep|beta)")

# Figures by which papers compare systems; the first that a model has is shown
HEADLINES = ("bits_per_dim", "nats", "iw_bound", "pixel_accuracy", "agreement", "accuracy", "mse", "feature_distance", "l1", "cycle_l1_x")
HEAD = ["| model | figure | here | published | parameters | trained |", "| --- | --- | --- | --- | --- | --- |"]


def row(name: str, metric: dict | None, first: bool = True) -> str:
    """Model, metric, our value, the published value, and in the model's first row its size and training time."""
    figure, value, published = "not measured yet", "", ""
    if metric:
        figure = f"`{metric['name']}`" + (f", {metric['binarisation']} binarisation" if metric["binarisation"] else "")
        spread = f" ± {metric['stderr']:.2g}" if metric["stderr"] else ""
        bound = {"upper": "≤ ", "lower": "≥ "}.get(metric["bound"], "")
        value = f"{bound}{metric['value']:.4g}{spread} {metric['unit']}".strip()
        published = metric["published"] or ""
    if not first:
        return f"| | {figure} | {value} | {published} |  |  |"
    record = catalog.entry(name).training
    size = f"{sum(record['parameters'].values()) / 1e6:.2f} M"
    return f"| `{name}` | {figure} | {value} | {published} | {size} | {record['total_minutes']:.0f} min, {record['hardware']} |"


def of_systems() -> list[str]:
    """One row for each system: its model of MNIST, or else its largest, and one figure."""
    lines = list(HEAD)
    for system in SYSTEMS:
        names = catalog.offered(system)
        if names:
            size = {name: sum(catalog.entry(name).training["parameters"].values()) for name in names}
            name = f"{system}-mnist" if f"{system}-mnist" in names else max(names, key=size.__getitem__)
            metrics = catalog.entry(name).metrics
            lines.append(row(name, next((metrics[key] for key in HEADLINES if key in metrics), None)))
    return lines


def of_all() -> list[str]:
    """One row for each figure of every model."""
    lines = list(HEAD)
    for name in catalog.names():
        figures = [metric for metric in catalog.entry(name).metrics.values() if metric["name"] not in ON_THE_PAGE]
        few = figures[:1] if name in catalog.ABLATIONS or LADDER.match(name) else figures
        lines += [row(name, metric, first=i == 0) for i, metric in enumerate(few or [None])]
    return lines


def of_likelihood() -> list[str]:
    """One row for each model that was trained for its likelihood: cost, and results."""
    lines = [
        "| model | parameters | minutes | images seen | a second | test set | command |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in catalog.names():
        found = catalog.entry(name)
        figures = [found.metrics[key] for key in ("bits_per_dim", "nats", "elbo", "iw_bound") if key in found.metrics]
        if not figures or LADDER.match(name) or not found.training["steps"]:
            continue
        if not figures[0]["binarisation"] and (figures[0]["name"] != "bits_per_dim" or name in catalog.ABLATIONS):
            continue
        runs = [found.training]  # this run, and those from which it started
        while runs[-1].get("started_from"):
            runs.append(runs[-1]["started_from"])
        values = ", ".join(f"{metric['name']} {metric['value']:.2f} ± {metric['stderr']:.2f}" for metric in figures)
        size, seen, minutes = sum(runs[0]["parameters"].values()), sum(run["images"] for run in runs), runs[0]["total_minutes"]
        speed = f"{runs[0]['images_per_second']:.0f}, {runs[0]['precision']}"
        lines.append(f"| `{name}` | {size:,} | {minutes:.0f} | {seen:,} | {speed} | {values} | `{runs[0]['command']}` |")
    return lines


def of_means() -> list[str]:
    """One row for each data set on which a mean of models' conditionals was measured."""
    lines = [
        "| binarisation | test digits | saved over its members' mean | the mean on these | its members on these | the mean on all |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name in catalog.names("mean-of-conditionals"):
        for metric in (metric for metric in catalog.entry(name).metrics.values() if "of_these" in metric):
            alone = ", ".join(f"{member} {nats:.2f}" for member, nats in metric["of_these"].items() if member != "mean")
            mean, whole = metric["of_these"]["mean"], f"{metric['value']:.2f} ± {metric['stderr']:.2f}"
            saved = f"{metric['gain']:.2f} ± {metric['gain_stderr']:.2f}"
            on_all = whole if metric["value"] != mean else "as on these, " + whole
            lines.append(f"| {metric['binarisation']} | {metric['n']:,} | {saved} | {mean:.2f} | {alone} | {on_all} |")
    return lines


# Measurements: (description, key, format, required value)
UNDER_LOAD = (
    ("memory after 10,000 sessions of one request each", "memory_mb_after_10000_sessions", "{:,} MB", "1,500 MB"),
    ("processor time of a new session's first request", "first_request_ms", "{} ms", "15 ms"),
    ("pictures of the map a second over HTTP", "pictures_per_second", "{:.0f}", "300"),
    ("100 visitors, three in real browsers, two movements a second each: p95", "p95_ms_100_visitors", "{:.0f} ms", "500 ms"),
    ("of these, refused", "refused_100_visitors", "{}", "0"),
    ("60 visitors open the page together: all have it after", "opened_60_seconds", "{} s", "3 s"),
    ("bytes over the wire to the first picture", "bytes_to_first_picture", "{:,}", "800,000"),
    ("ten visitors play the live game on the server: frames a second each", "game_fps_10_visitors", "{}", "8"),
)
IN_THE_BROWSER = (
    ("a movement to its painted picture, of the slowest of map, strip, dials and blend: p50", "movement_p50_ms", "{} ms", "20 ms"),
    ("the same: p95", "movement_p95_ms", "{} ms", "40 ms"),
    ("a point of a stroke to its painted photograph: p50", "stroke_p50_ms", "{} ms", "60 ms"),
    ("an upload to its picture, translated there and back: p50", "upload_p50_ms", "{} ms", "200 ms"),
    ("all 784 pixels of a digit written", "digit_written_ms", "{} ms", "120 ms"),
    ("eight completions of half a digit", "eight_completions_ms", "{} ms", "600 ms"),
    ("the live game: frames a second", "game_frames_per_second", "{}", "30"),
    ("the live game: rounds a second", "game_steps_per_second", "{:,.0f}", "240"),
    ("requests to the server in 3 seconds of dragging", "requests_during_drag", "{}", "0"),
)


OVER_HALF_AN_HOUR = (
    ("half an hour of twenty visitors, one of them hostile: p95", "p95_ms", "{:.0f} ms", "1,000 ms"),
    ("the same: growth of memory after the first tenth", "memory_growth", "{:.1%}", "5%"),
)


def measured(benchmark: str) -> dict:
    """The last result of a benchmark."""
    return json.loads((ROOT / "benchmarks" / f"{benchmark}.json").read_text(encoding="utf-8"))


def rows_of(what: tuple, *columns: dict) -> list[str]:
    """One row for each measurement, with its value in each of the columns."""
    return [f"| {words} | {' | '.join(how.format(result[key]) for result in columns)} | {floor} |" for words, key, how, floor in what]


def of_browser() -> list[str]:
    """Measurements of the visitor's browser, near the server and 150 ms away, and the server's share of the work."""
    result = measured("app")
    slow, crowd = result["first_gesture_slow_ms"] / 1000, result["dragging"]
    return [
        f"| in the visitor's browser, {result['hardware']} | measured | 150 ms away | wanted |",
        "| --- | --- | --- | --- |",
        *rows_of(IN_THE_BROWSER, result["browser"], result["browser_150ms"]),
        f"| 10 Mbit/s and a processor slowed 4 times: from the address to the first answered gesture | {slow:.1f} s | | 8 s |",
        f"| {crowd['visitors']} visitors drag: the server's processor; refused "
        f"| {crowd['server_share_percent']} %; {crowd['refused']} | | 5 %; 0 |",
    ]


def of_load() -> list[str]:
    """Measurements of the server under load."""
    result, soaked = measured("load"), measured("soak")
    head = [f"| the server under load, {result['hardware']} | measured | wanted |", "| --- | --- | --- |"]
    return [*head, *rows_of(UNDER_LOAD, result), *rows_of(OVER_HALF_AN_HOUR, soaked)]


TABLES = {
    ("README.md", "figures"): of_systems,
    ("README.md", "browser"): of_browser,
    ("README.md", "load"): of_load,
    ("docs/figures.md", "figures"): of_all,
    ("docs/likelihood.md", "figures"): of_likelihood,
    ("docs/likelihood.md", "means"): of_means,
}


def updated(text: str, table: str, rows: list[str]) -> str:
    start, end = f"<!-- {table}: python training/table.py -->", f"<!-- end of {table} -->"
    before, rest = text.split(start)
    return before + start + "\n" + "\n".join(rows) + "\n" + end + rest.split(end)[1]


def main(arguments: list[str]) -> int:
    stale = 0
    for (name, table), rows in TABLES.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        new = updated(text, table, rows())
        stale |= text != new
        if arguments != ["--check"]:
            (ROOT / name).write_text(new, encoding="utf-8")
    return int(stale) if arguments == ["--check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
