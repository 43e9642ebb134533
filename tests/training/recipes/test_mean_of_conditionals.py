"""The mean of trained models' conditionals is put together, exported and measured like any other model."""

import pytest
import torch

from playground import catalog
from playground.errors import UserError
from playground.models.autoregressive.mean import MeanOfConditionals
from tests.playground.models.autoregressive.test_families import FAMILIES, tiny
from training import run
from training.recipes import recipe_class
from training.recipes.mean_of_conditionals import nats

NAME = "mean-of-conditionals"


def recipe(digits_dir, **changes):
    cls = recipe_class(NAME)
    return cls(cls.Settings(dataset="folder", data_dir=digits_dir, **changes))


def test_nats_of_the_mean_and_of_each_member_are_their_own_densities():
    members = [tiny("cpu", system, size=4, classes=3) for system in FAMILIES]
    mean, x = MeanOfConditionals.of(members), torch.randint(2, (30, 1, 4, 4)).double()
    with torch.no_grad():
        expected = torch.stack([-model.log_prob(x) for model in (mean, *members)], 1)
        torch.testing.assert_close(nats(mean, x), expected, rtol=1e-12, atol=1e-12)


def test_a_run_puts_its_members_together_and_their_minutes(digits_dir, tmp_path):
    folder, members = tmp_path / "mean-mine", ("pixelcnn-mnist", "row-lstm-mnist")
    command = [NAME, "--dataset", "folder", "--data-dir", str(digits_dir), "--members", *members, "--output", str(folder)]
    assert run.main([*command, "--device", "cpu"]) == 0
    model, alone = catalog.load_entry(catalog.Entry("mean-mine", folder)), [catalog.load(name) for name in members]
    for mine, theirs in zip(model.members, alone, strict=True):
        assert all(torch.equal(value, theirs.state_dict()[name]) for name, value in mine.state_dict().items())
    record = catalog.Entry("mean-mine", folder).training
    assert record["steps"] == 0
    assert record["total_minutes"] == pytest.approx(sum(catalog.entry(name).training["total_minutes"] for name in members), abs=0.02)
    assert "trained in" in (folder / "README.md").read_text() and "images at once" not in (folder / "README.md").read_text()


def test_where_all_test_digits_are_measured_or_a_few_the_figure_is_of_all(digits_dir, monkeypatch):
    made, (x, _) = recipe(digits_dir, every=1), recipe(digits_dir, every=1).observed("test")
    with torch.inference_mode():
        every = nats(made.model(), x)
        whole = made.likelihood(made.model(), "nats", "folder", x)
        assert whole.value == pytest.approx(every[:, 0].mean().item()) and whole.n == len(x)
        few = recipe(digits_dir, every=3)  # what its members cost on all is unknown at first
        assert few.likelihood(few.model(), "nats", "folder", x).value == pytest.approx(every[::3, 0].mean().item())
        said = {"data": f"folder, {len(x):,} images", "stderr": 0.2}
        metrics = iter([{"nats": {**said, "value": value}} for value in every[:, 1:].mean(0).tolist()])
        monkeypatch.setattr(catalog.Entry, "metrics", property(lambda self: next(metrics)))
        found = few.likelihood(few.model(), "nats", "folder", x)
    gain = (every[:, 1:].mean(1) - every[:, 0])[::3]
    assert found.value == pytest.approx(every[:, 1:].mean().item() - gain.mean().item()) and "cancels" in found.estimator
    assert found.stderr > 0.2 and found.extra["gain"] == pytest.approx(gain.mean().item())


@pytest.mark.parametrize("members", [("gated-pixelcnn-mnist", "gated-pixelcnn-flowers"), ("vae-mnist",), ()])
def test_members_that_write_no_digits_are_refused(digits_dir, members):
    with pytest.raises(UserError, match="--members takes names of models"):
        recipe(digits_dir, members=members)


def test_the_shipped_mean_is_that_of_the_shipped_models():
    """After a member was trained anew: `run.py mean-of-conditionals --output pretrained/mean-of-conditionals-mnist --overwrite`."""
    mean = catalog.load(f"{NAME}-mnist")
    for mine, name in zip(mean.members, catalog.entry(f"{NAME}-mnist").training["settings"]["members"], strict=True):
        theirs = catalog.load(name).state_dict()
        assert mine.state_dict().keys() == theirs.keys()
        assert all(torch.equal(value, theirs[key]) for key, value in mine.state_dict().items()), name


def test_the_shipped_figures_are_those_of_its_weights_and_better_than_any_members():
    entry = catalog.entry(f"{NAME}-mnist")
    for name in ("nats", "nats_static"):
        metric = entry.metrics[name]
        assert metric["weights_sha256"][:16] == entry.graphs["write"]["of"]
        mean, *alone = metric["of_these"].values()
        assert len(alone) == 4 and mean < min(alone)
        assert metric["gain"] == pytest.approx(sum(alone) / 4 - mean, abs=1e-4)
