"""The compare_* functions and what the tab says of their figures: on tiny untrained models."""

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from playground import api, catalog, imaging
from playground.analysis import nearest_neighbours
from playground.api.recent import Recent
from playground.errors import UserError
from playground.models import model_class
from playground.models.autoregressive.gated_pixelcnn import GatedPixelCNN
from playground.models.base import Model, asked_classes
from playground.models.cgan import CGAN
from playground.models.vae import VAE
from playground.systems import SYSTEMS
from playground.ui import plots
from playground.ui.tabs.compare import figures, samples, shared
from playground.ui.tabs.compare import tab as compare
from training.export import save_model, write_assets

METRIC = {
    "name": "nats",
    "value": 82.5,
    "stderr": 0.25,
    "unit": "nats",
    "data": "mnist, 10,000 images",
    "split": "test",
    "n": 10_000,
    "binarisation": "dynamic, seed 0",
    "estimator": "minus the mean log p(x)",
    "bound": "exact",
    "published": "81.50 (one <paper>, dynamic), 81.30 (another, static)",
    "hardware": "a machine",
}
TRAINING = {
    "parameters": {"a": 1_500_000, "b": 500_000},
    "total_minutes": 12.4,
    "images_per_second": 50.0,
    "precision": "bf16",
    "hardware": "a machine",
}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with three models of digits, a visitor's own, and two that make none."""
    folder = tmp_path_factory.mktemp("pretrained")
    torch.manual_seed(0)
    made = {
        "vae-mnist": VAE(),
        "vae-mnist-3": VAE(latent=3, width=4, hidden=16),
        "gated-pixelcnn-mnist": GatedPixelCNN(layers=1, channels=4, head=4),
        "my-model": CGAN(latent=4, channels=4),
        "cgan-fashion": CGAN(latent=4, channels=4, dataset="fashion"),
        "gated-pixelcnn-small": GatedPixelCNN(layers=1, channels=4, head=4, size=8),
    }
    for name, model in made.items():
        (folder / name).mkdir()
        save_model(model, folder / name)
    write_assets(SimpleNamespace(export_assets=lambda *_: None), made["my-model"].eval(), folder / "my-model")
    codes = torch.randn(50, 32)
    nearest_neighbours.save(folder / "vae-mnist", codes, torch.arange(50) % 10, [codes + 1, codes + 1])
    write = lambda name, file, content: (folder / name / file).write_text(json.dumps(content))  # noqa: E731
    write("gated-pixelcnn-mnist", "metrics.json", {"metrics": [METRIC]})
    write("gated-pixelcnn-mnist", "training.json", TRAINING)
    bound = METRIC | {"name": "iw_bound", "value": 85.0, "bound": "upper", "published": None}
    write("vae-mnist", "metrics.json", {"metrics": [METRIC | {"name": "elbo", "value": 87.0, "bound": "upper"}, bound]})
    return folder


@pytest.fixture(autouse=True)
def at_home(models, monkeypatch):
    monkeypatch.setattr(catalog, "ROOT", models)
    monkeypatch.setattr(api.compare, "_sheets", Recent(api.compare.SHEETS_KEPT))


def test_models_of_digits_are_listed_and_a_visitors_own_is_shown(models):
    assert api.compare_models() == ["gated-pixelcnn-mnist", "my-model", "vae-mnist", "vae-mnist-3"]
    assert shared.plain_models() == ("gated-pixelcnn-mnist", "my-model", "vae-mnist")  # variants only when asked for
    assert '<th scope="row" data-value="my-model">' in figures.table([(name, api.compare_figures(name)) for name in shared.plain_models()])


@pytest.mark.parametrize("name", ["gated-pixelcnn-mnist", "my-model", "vae-mnist"])
def test_a_digit_depends_on_seed_and_place_alone(name):
    sheet = np.asarray(api.compare_samples(name, 3))
    assert sheet.shape == (112, 112) and (sheet != np.asarray(api.compare_samples(name, 4))).any()
    net = catalog.load(name)
    *_, (some, _) = api.generated_digits(net, 3, 5)
    for i in range(5):
        made, kept = some[i, 0], api.digit_of(api.compare_samples(name, 3), i)[0, 0]
        assert abs(made - kept).max() <= 1 / 127.5  # a picture has 256 levels


def test_models_with_classes_draw_the_same_ones_each_as_likely():
    y = asked_classes(2000, None, 10, 1)
    assert torch.equal(y[:16], asked_classes(16, None, 10, 1))
    assert (y.bincount(minlength=10) / 2000 - 0.1).abs().max() < 0.025


def test_a_sheet_is_drawn_once_and_then_at_hand():
    done = [share for _, share in api.drawing("gated-pixelcnn-mnist", 5)]
    assert done == [i / 28 for i in range(1, 29)]
    assert [share for _, share in api.drawing("gated-pixelcnn-mnist", 5)] == [1.0]
    assert api.drawn("gated-pixelcnn-mnist", 5) is not None and api.drawn("gated-pixelcnn-mnist", 6) is None


def test_the_tab_opens_with_the_sheet_that_the_export_drew():
    assert np.array_equal(np.asarray(api.drawn("my-model", 1)), np.asarray(api.compare_samples("my-model", 1)))
    said = json.loads(samples._sheets(compare.Compare(models=("my-model",)), ask=True))
    assert said["drawn"][0]["src"] == samples.shown(api.compare_samples("my-model", 1), "")["src"]
    assert said["drawn"][0]["done"] == 1 and not said["wanted"]
    assert json.loads(samples._sheets(compare.Compare(models=("my-model",), seed=8), ask=True))["wanted"]


def test_neighbours_are_the_vaes_reconstructions():
    strip, said = api.compare_neighbours("my-model", 2, 6, 3)
    vae, kept = catalog.load("vae-mnist"), nearest_neighbours.load(catalog.entry("vae-mnist"))
    x = api.digit_of(api.compare_samples("my-model", 2), 6)
    z = nearest_neighbours.encode(vae, x)
    places = (kept.codes - z).norm(dim=1).argsort()[:3]
    assert said["classes"] == kept.labels[places].tolist() and 0 <= said["nearer"] <= 1
    assert said["distances"] == pytest.approx((kept.codes - z).norm(dim=1)[places].tolist(), abs=1e-3)
    seen = [imaging.to_tensor(strip.crop((28 * i, 0, 28 * i + 28, 28))) for i in range(5)]
    assert torch.equal(seen[0], x)
    for picture, code in zip(seen[1:], torch.cat([z, kept.codes[places]])):
        assert abs(picture - (vae.decode(code[None]) * 2 - 1)).max() <= 1 / 127.5


def test_nats_are_exact_or_a_bound_and_never_made_up():
    exact, bound, none = (api.compare_figures(name) for name in ("gated-pixelcnn-mnist", "vae-mnist", "my-model"))
    assert (exact["density"], exact["nats"]["value"], exact["parameters"]) == ("exact", 82.5, 2_000_000)
    assert (bound["density"], bound["nats"]["name"], bound["nats"]["value"]) == ("bound", "iw_bound", 85.0)  # the tighter one
    assert none["density"] == "none" and none["nats"] is none["minutes"] is none["agreement"] is None
    text = figures.table([("gated-pixelcnn-mnist", exact), ("vae-mnist", bound), ("my-model", none)])
    assert "82.5 \u00b1 0.25 nats" in text and "\u2264 85 \u00b1 0.25 nats" in text and "published 81.5, 81.3" in text
    cells = re.findall(r"<td.*?</td>", text.split("my-model</small></th>")[1])
    assert cells == ['<td data-value="2">no</td>', *["<td>&ndash;</td>"] * 9]
    assert "<paper>" not in text and "&lt;paper&gt;" in text


def test_what_can_say_p_of_x_has_the_method_for_it():
    for system, entry in SYSTEMS.items():
        cls = model_class(system)
        can = "exact" if hasattr(cls, "log_prob") else "bound" if hasattr(cls, "elbo") else "none"
        assert entry.density == (can if cls.sample is not Model.sample else None), system


def test_published_figures_are_read_out_of_their_words():
    assert plots.published("81.50 (a, dynamic), 81.30 (b, static)") == [(81.5, "a, dynamic"), (81.3, "b, static")]
    assert plots.published("2.98 (DCGAN paper, conditional DCGAN)") == [(2.98, "DCGAN paper, conditional DCGAN")]
    assert plots.published(None) == []


def test_charts_show_the_figures_of_the_files():
    metric = api.compare_figures("gated-pixelcnn-mnist")["nats"]
    theirs, ours = plots.ladder([("gated-pixelcnn-mnist", metric)], "nats").data
    assert list(ours.x) == [82.5] and list(ours.error_x.array) == [0.5] and list(theirs.x) == [81.5, 81.3]
    ranked = plots.ladder([("unpublished", metric | {"value": 80.0, "published": None}), ("gated-pixelcnn-mnist", metric)], "nats")
    assert list(ranked.layout.yaxis.categoryarray) == ["unpublished", "gated-pixelcnn-mnist"]
    figure = plots.trade([("gated-pixelcnn-mnist", 12.4, metric)], "minutes", "nats")
    *lines, ours = figure.data
    assert list(ours.x) == [12.4] and list(ours.y) == [82.5]
    assert [set(line.y) for line in lines] == [{81.3}, {81.5}] and "another, static" in lines[0].hovertemplate
    assert [said.text for said in figure.layout.annotations] == ["81.3", "81.5"]


def test_names_in_a_chart_hide_neither_each_other_nor_a_point():
    alone, *crowd = plots._beside([(0.1, 0.9), (0.5, 0.5), (0.52, 0.5), (0.54, 0.52)], ["alone", "first", "second", "third"])
    assert alone == "middle right" and len(set(crowd)) == 3
    assert plots._beside([(0.95, 0.5)], ["a-long-name"]) == ["top left"]
    assert plots._grouped([79.2, 81.3, 81.45, 81.5, 86.76], 0.3) == [[79.2], [81.3, 81.45, 81.5], [86.76]]


def test_the_chart_ranks_by_each_figure_of_the_table(monkeypatch):
    """By the least first; where there is an ideal, by what is nearest to it.  A model without the figure is named."""
    known = {"a": 3.0, "b": 1.0, "c": None, "d": 49.0, "e": 99.0}
    rows = {n: {key: value and METRIC | {"value": value} for key, _, _ in figures.COLUMNS} for n, value in known.items()}
    rows = {n: row | {"parameters": known[n] and known[n] * 1e6, "minutes": known[n]} for n, row in rows.items()}
    monkeypatch.setattr(api, "compare_figures", rows.get)
    monkeypatch.setattr(figures, "named", str.upper)
    for figure in figures.RANKED:
        found = figures.ranking(tuple(known), figure)
        assert "".join(name for name, _ in found) == {"agreement": "edab", "two_sample_nn": "dabe"}.get(figure, "bade")
        assert [metric["value"] for _, metric in found] == [known[name] for name, _ in found]
        assert figures._under(compare.Compare(models=tuple(known), figure=figure), found).endswith("Without this figure: C.")
    assert {key for key, _, _ in figures.COLUMNS} < set(figures.RANKED)  # all of the table's


def test_the_chart_marks_the_ideal_and_spreads_what_falls_together():
    row = lambda name, value: (name, METRIC | {"value": value})  # noqa: E731
    figure = plots.ladder([row("a", 60.0), row("b", 80.0)], "two-sample 1-NN, %", 50.0)
    assert figure.data[2].name == "ideal" and list(figure.data[2].x) == [50, 50]
    assert figure.layout.xaxis.type is None
    assert plots.ladder([row("a", 0.08), row("b", 87.0)], "ms").layout.xaxis.type == "log"
    assert plots.ladder([], "ms", 50.0).layout.annotations[0].text == "Not measured yet."


@pytest.mark.parametrize(
    "call",
    [
        lambda: api.compare_samples("no-model"),
        lambda: api.compare_samples("cgan-fashion"),
        lambda: api.compare_samples("../vae-mnist"),
        lambda: api.compare_samples("my-model", -1),
        lambda: api.compare_samples(["my-model"]),
        lambda: api.compare_figures("digit-classifier"),
        lambda: api.compare_steps(0),
        lambda: api.compare_steps(10**9),
        lambda: api.compare_neighbours("my-model", 1, 16),
        lambda: api.compare_neighbours("my-model", 1, 0, 10_000),
        lambda: api.compare_neighbours("my-model", 1, True),
    ],
)
def test_a_wrong_argument_ends_in_one_sentence(call):
    with pytest.raises(UserError, match=r"^[^\n]+\.$"):
        call()
