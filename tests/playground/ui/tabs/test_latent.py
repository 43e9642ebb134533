"""The functions behind the latent tab's claims, and what its views draw, on tiny untrained models."""

import math

import gradio as gr
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from playground import api, catalog
from playground.errors import UserError
from playground.models.autoencoder import Autoencoder
from playground.models.pca import PCA
from playground.models.vae import VAE
from playground.ui import charts
from playground.ui.tabs.latent import tab as latent
from playground.ui.tabs.latent.ladders import ladder
from playground.ui.tabs.latent.state import vaes
from playground.ui.values import shown
from training.export import save_model


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pretrained")
    torch.manual_seed(0)
    pca = PCA(components=32)
    pca.axes.copy_(torch.linalg.qr(torch.randn(784, 32))[0].T)
    pca.variances.copy_(torch.arange(32, 0, -1.0))
    made = {
        "pca-mnist": pca,
        "ae-things-1": Autoencoder(latent=1, widths=(8,), dataset="things"),
        "vae-mnist": VAE(latent=3, network="mlp", hidden=8),
    }
    for size in (2, 8):
        made |= {f"ae-mnist-{size}": Autoencoder(latent=size, widths=(8,)), f"vae-mnist-deep-{size}": VAE(latent=size, network="deep")}
        made[f"ae-mnist-linear-{size}"] = Autoencoder(latent=size, network="linear")
    made |= {api.beta_model(beta): VAE(latent=2, network="deep") for beta in api.BETAS if beta != "1"}
    for name, model in made.items():
        (folder / name).mkdir()
        save_model(model, folder / name)
        if name.startswith("ae-mnist-"):
            save_file({"mean": torch.ones(model.latent), "std": torch.full((model.latent,), 0.5)}, folder / name / "codes.safetensors")
    return folder


@pytest.fixture(autouse=True)
def at_home(models, monkeypatch):
    monkeypatch.setattr(catalog, "ROOT", models)


def test_a_squeezed_digit_comes_back_from_each_with_its_error():
    *images, errors = api.latent_squeeze("3", 2)
    seen, *rebuilt = (np.asarray(image) / 127.5 - 1 for image in images)
    assert set(errors) == {"pca", "autoencoder", "vae"}
    # pictures are clipped and rounded, and the model's own output is not
    assert ((seen - rebuilt[1]) ** 2).mean() == pytest.approx(errors["autoencoder"], abs=0.02)
    assert ((seen - rebuilt[2]) ** 2).mean() == pytest.approx(errors["vae"], abs=0.02)


def test_the_axes_are_pictures_and_their_correlations_matrices():
    left, right, said = api.latent_axes(8)
    assert left.size == right.size == (4 * 28, 2 * 28)
    assert len(said["angles"]) == 8 and said["angles"] == sorted(said["angles"]) and said["angles"][-1] <= 90
    assert said["pca_largest"] < 1e-5 < said["autoencoder_largest"] <= 1
    assert np.allclose(np.diag(said["autoencoder"]), 1)


def test_the_line_goes_from_the_smallest_code_to_the_largest():
    first, strip, names = api.latent_line(0.0)
    last = api.latent_line(1.0)[0]
    assert strip.size == (16 * 28, 28) and sorted(names) == sorted(["bird", "cat", "plane", "car"] * 4)
    assert abs(np.asarray(strip, int)[:, :28] - np.asarray(first, int)).max() <= 1
    assert abs(np.asarray(strip, int)[:, -28:] - np.asarray(last, int)).max() <= 1


def test_random_codes_are_scaled_to_the_autoencoders_own(models):
    from playground.api.validation import tiles
    from playground.models.base import normals

    ae, vae = api.latent_random(8, 5)
    z = normals(5, 16, 8)
    assert np.array_equal(ae, tiles(catalog.load("ae-mnist-8").decode(1 + 0.5 * z), 4))
    assert np.array_equal(vae, tiles(catalog.load("vae-mnist-deep-8").decode(z) * 2 - 1, 4))


def test_a_digit_is_rebuilt_by_the_vae_of_each_beta_from_the_same_noise():
    x, *rebuilt, said = api.latent_betas("7", 3)
    assert len(rebuilt) == len(api.BETAS) and len({np.asarray(image).tobytes() for image in rebuilt}) == len(api.BETAS)
    for beta, image, reconstruction, kl in zip(api.BETAS, rebuilt, said["reconstruction"], said["kl"]):
        seen, alone, terms = api.latent_rebuild("7", api.beta_model(beta), 3)
        assert np.array_equal(seen, x) and np.array_equal(alone, image)
        assert (terms["reconstruction"], terms["kl"]) == (reconstruction, kl) and kl > 0 > reconstruction


def test_bounds_lie_below_log_p_and_the_terms_add_up():
    picture, said = api.latent_bounds("7", "vae-mnist-deep-2")
    assert picture.size == (40, 40) and np.asarray(picture).max() == 255
    assert said["elbo"] == pytest.approx(said["reconstruction"] - said["kl"])
    means = [mean for _, mean, _ in said["bounds"]]
    assert means == sorted(means) and means[0] == said["elbo"] and said["bounds"][-1][2] is None
    assert said["log_p"] == pytest.approx(means[-1], abs=0.1)  # an untrained decoder hardly cares for z
    left, bottom, side = said["window"]
    for low, m, s in zip((left, bottom), said["mu"], said["sigma"]):
        assert low <= m - 3.9 * s and m + 3.9 * s <= low + side


def test_gradients_are_the_exact_ones_on_average():
    said = api.latent_gradients(0.5, 1.5, 4096, 3)
    assert said["exact"] == [1.0, 3.0]
    for estimator in ("pathwise", "score"):
        for mean, spread, exact in zip(said[estimator]["mean"], said[estimator]["spread"], said["exact"]):
            assert abs(mean - exact) < 5 * spread / 64


@pytest.mark.parametrize(
    "call",
    [
        lambda: api.latent_squeeze("3", 5),
        lambda: api.latent_squeeze("3", True),
        lambda: api.latent_squeeze("3", "8"),
        lambda: api.latent_squeeze("data:image/png;base64,AAAA", 8),
        lambda: api.latent_squeeze("", 8),
        lambda: api.latent_squeeze("3", 16),  # not trained here
        lambda: api.latent_axes(3),
        lambda: api.latent_line(2),
        lambda: api.latent_line(math.nan),
        lambda: api.latent_random(8, -1),
        lambda: api.latent_random([8], 1),
        lambda: api.latent_betas(""),
        lambda: api.latent_betas("data:image/png;base64,AAAA"),
        lambda: api.latent_betas("3", -1),
        lambda: api.latent_betas("3", True),
        lambda: api.latent_bounds("3", "vae-mnist"),
        lambda: api.latent_bounds("3", "../secrets"),
        lambda: api.latent_bounds("3", "vae-mnist-deep-2", 2**31),
        lambda: api.latent_gradients(3, 1),
        lambda: api.latent_gradients(1, 0),
        lambda: api.latent_gradients(1, 1, 10**9),
    ],
)
def test_a_wrong_argument_ends_in_one_sentence(call):
    with pytest.raises(UserError, match=r"^[^\n]+\.$"):
        call()


def test_models_that_are_there_for_comparison_are_not_offered_where_sixteen_pictures_are():
    assert vaes(flat=True) == sorted(map(api.beta_model, api.BETAS)) and vaes(flat=False) == ["vae-mnist"]


def test_a_chart_draws_what_is_known_and_says_where_it_stands():
    series, colours = {"PCA": [4.0, 2.0, 1.0], "AE": [2.0, None, 0.5]}, {"PCA": "quiet", "AE": "generator"}
    drawn = charts.curves("error", "dimensions", (1, 2, 4), 1, series, colours)
    assert 'aria-label="error at dimensions 2: PCA 2; AE not measured"' in drawn
    assert drawn.count("<polyline") == 2 and drawn.count("<circle") == 1 and ">4<" in drawn
    assert "<polyline" not in charts.curves("error", "x", (1, 2), 0, {"AE": [None, None]}, colours)


def test_the_ladder_is_read_from_what_was_measured(models, monkeypatch):
    assert ladder("AE", "mse") == [None] * 7
    entry = '{"metrics": [{"name": "mse", "value": 1, "by_dimensions": {"2": 0.25}}]}'
    (models / "pca-mnist/metrics.json").write_text(entry)
    assert ladder("PCA", "mse") == [None, 0.25, *[None] * 5]


def test_a_model_of_three_dimensions_has_three_dials():
    with gr.Blocks():
        tab = latent.build()
    values = tab.pictures(latent.Latent(view="dials", dials=(3.0,) + (1.0,) * 11))
    picture = shown(api.latent_vary("7", [3.0, 1.0, 1.0])[0], "")["src"]
    assert picture in [value["src"] for value in values.values() if isinstance(value, dict) and "src" in value]
    assert values[tab.control_of["dials"]]["active"] == 3
    assert any("3.32" in str(value) for value in values.values())  # moved by the root of 11
