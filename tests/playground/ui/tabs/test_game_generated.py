"""GAN and DCGAN side by side, and the search for a digit's z, on tiny untrained models."""

import json

import numpy as np
import pytest
import torch

from playground import api, catalog, previews
from playground.errors import UserError
from playground.models.dcgan import DCGAN
from playground.models.gan import GAN
from playground.models.vae import VAE
from playground.ui.tabs.game import pair, search
from training.export import save_model


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pretrained")
    torch.manual_seed(0)
    made = {
        "gan-mnist": GAN(latent=4, generator_widths=[8], discriminator_widths=[4], pieces=2),
        "dcgan-mnist": DCGAN(latent=4, widths=[8, 4, 2]),
        "dcgan-large": DCGAN(latent=4, widths=[8, 4, 4], smallest=8, border=0),
        "vae-mnist": VAE(latent=3, width=4, hidden=8),
        "vae-grey": VAE(latent=3, likelihood="gaussian", width=4, hidden=8),
    }
    for name, model in made.items():
        if isinstance(model, DCGAN):  # whose first weights are so small that all images are one grey
            for p in model.parameters():
                torch.nn.init.normal_(p)
        (folder / name).mkdir()
        save_model(model, folder / name)
    return folder


@pytest.fixture(autouse=True)
def at_home(models, monkeypatch):
    monkeypatch.setattr(catalog, "ROOT", models)


def pixels(image) -> np.ndarray:
    return np.asarray(image, dtype=int)


@pytest.mark.parametrize(("model", "side"), [("gan-mnist", 112), ("dcgan-mnist", 112), ("dcgan-large", 256)])
def test_the_way_between_two_seeds_begins_and_ends_with_their_samples(model, side):
    begin, end = (pixels(api.game_samples(seed, 1, 0.0, model)) for seed in (3, 4))
    assert begin.shape == (side, side)
    assert abs(pixels(api.game_samples(3, 4, 1.0, model)) - end).max() <= 1
    middle = pixels(api.game_samples(3, 4, 0.5, model))
    assert abs(middle - begin).max() > 1 and abs(middle - end).max() > 1


def test_the_opening_is_what_the_view_shows_first():
    for name in ("gan-mnist", "dcgan-mnist"):
        assert np.array_equal(pixels(previews.gan(catalog.load(name))), pixels(api.game_samples(model=name)))


@pytest.mark.parametrize("encoder", ["vae-mnist", "vae-grey"])
def test_the_search_says_what_both_models_make_of_a_digit(encoder):
    wanted, rebuilt, found, said = api.game_search("7", "dcgan-mnist", encoder, steps=3)
    assert {image.size for image in (wanted, rebuilt, found)} == {(28, 28)}
    for image, error in ((rebuilt, said["vae_error"]), (found, said["gan_error"])):
        assert np.square((pixels(image) - pixels(wanted)) / 127.5).mean() == pytest.approx(error, abs=0.01)
    assert said["vae_seconds"] > 0 and said["gan_seconds"] > 0 and len(said["z"]) == 4


def test_more_steps_never_end_further_away():
    errors = [said["gan_error"] for _, said in api.searched("7", "gan-mnist", 5, 1)]
    assert len(errors) == 6 and errors == sorted(errors, reverse=True)
    assert api.game_search("7", "gan-mnist", steps=0)[3]["gan_error"] == errors[0]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: api.game_samples(model="vae-mnist"), "not a gan or dcgan model"),
        (lambda: api.game_samples(seed=-1), "A seed must be"),
        (lambda: api.game_samples(other=1.5), "A seed must be"),
        (lambda: api.game_samples(t=2), "`t` must be a number from 0 to 1"),
        (lambda: api.game_samples(t=float("nan")), "`t` must be a number from 0 to 1"),
        (lambda: api.game_search("7", encoder="gan-mnist"), "not a vae model"),
        (lambda: api.game_search("7", steps=501), "`steps` must be a whole number from 0 to 500"),
        (lambda: api.game_search(7), "A digit is"),
        (lambda: api.game_search("data:image/png;base64,AAAA"), "not a readable picture"),
        (lambda: api.game_search("7", model="dcgan-large"), "28 x 28"),
    ],
)
def test_bad_arguments_are_refused_in_a_sentence(call, says):
    with pytest.raises(UserError, match=says):
        call()


def test_the_searching_side_counts_its_steps_and_the_other_has_none():
    *_, said = api.game_search("7", steps=3)
    assert [what for what, _, _ in search._error("VAE", said)][:2] == ["VAE: squared error", "VAE: time"]
    rows = search._error("GAN", said)
    assert rows[0] == ("GAN: squared error", said["gan_error"], "a pixel")
    assert rows[2] == ("steps", "3", f"of {api.STEPS}")
    assert all(value == "" for _, value, _ in search._error("GAN", {}))  # before anything is said


def test_the_scores_are_those_that_were_measured(models):
    figure = {"name": "feature_distance", "value": 3.25, "unit": "", "stderr": None}
    (models / "gan-mnist" / "metrics.json").write_text(json.dumps({"metrics": [figure, {**figure, "name": "parameters"}]}))
    assert pair._scores("gan-mnist") == [("feature distance to real digits", 3.25, "(0 is ideal)")]
    assert pair._scores("dcgan-mnist") == [] and pair._scores("not-there") == []
