"""In Python: `from playground import load`; one protocol for all systems, and what is saved can be loaded."""

from dataclasses import asdict

import pytest
import torch

from playground import catalog, load
from playground.errors import UserError
from playground.models import model_class
from playground.models.base import normals
from playground.models.cgan import CGAN
from playground.models.vae import VAE

SAMPLED = {
    "vae-mnist": 1, "gan-mnist": 1, "dcgan-mnist": 1, "cgan-mnist": 1, "pixelcnn-mnist": 1, "gated-pixelcnn-mnist": 1, "row-lstm-mnist": 1,
    "diagonal-bilstm-mnist": 1, "pixelcnnpp-flowers": 3,
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLED)
def test_what_makes_images_samples_them_by_a_seed(name):
    model = load(name)
    x = model.sample(3, seed=5)
    assert x.shape == (3, SAMPLED[name], model.size if hasattr(model, "size") else 28, x.shape[3]) and x.dtype == torch.float32
    assert -1 <= x.min() < x.max() <= 1 and x.device.type == "cpu"
    torch.testing.assert_close(model.sample(2, seed=5), x[:2], rtol=0, atol=1e-4)
    assert not torch.equal(model.sample(3, seed=6), x)


def test_classes_are_those_that_are_asked_for():
    model, judge = load("cgan-mnist"), load("digit-classifier")
    for y in (7, [7] * 20, torch.full((20,), 7)):
        assert (judge(model.sample(20, y=y)).argmax(1) == 7).float().mean() > 0.8
    for wrong in (10, -1, [1, 2]):
        with pytest.raises(UserError, match="class from 0 to 9"):
            model.sample(20, y=wrong)
    assert len(set(judge(model.sample(60)).argmax(1).tolist())) == 10, "unasked, all of them come"


def test_what_each_system_knows():
    x = load("cgan-mnist").sample(2, y=3)
    vae, pca, pixelcnn = load("vae-mnist"), load("pca-mnist"), load("pixelcnn-mnist")
    assert torch.equal(vae.elbo((x > 0).float(), seed=3), vae.elbo((x > 0).float(), normals(3, 2, vae.latent)))
    assert load("pix2pix-flowers").translate(torch.ones(1, 1, 128, 128)).shape == (1, 3, 128, 128)
    assert vae.encode(x)[0].shape == (2, vae.latent)
    assert pca.decode(pca.encode(x)).shape == x.shape and pixelcnn.log_prob((x > 0).float()).shape == (2,)
    made, again = load("cyclegan-facades").translate(torch.zeros(1, 3, 128, 128))
    assert made.shape == again.shape == (1, 3, 128, 128)
    with pytest.raises(UserError, match="no images from noise"):
        pca.sample(1)


def test_what_is_saved_is_what_load_takes(tmp_path):
    torch.manual_seed(0)
    model = CGAN(latent=4, channels=4, classes=3, class_names=["a", "b", "c"]).eval()
    model.save_pretrained(tmp_path / "mine")
    again = load(str(tmp_path / "mine"))
    assert again.settings == model.settings and torch.equal(again.sample(2, seed=1), model.sample(2, seed=1))
    assert catalog.Entry("mine", tmp_path / "mine").system == "cgan"
    with pytest.raises(UserError, match="no pretrained model"):
        load("nowhere")


def test_every_shipped_config_is_of_the_fields_of_its_model_and_keeps_their_values():
    for name in catalog.names():
        system, config = catalog.entry(name).system, {key: value for key, value in catalog.entry(name).config.items() if key != "system"}
        assert asdict(model_class(system).Config(**config)).items() >= config.items(), name


def test_a_model_takes_its_settings_by_name_alone_and_no_others():
    for positional, named in (((32,), {}), ((), {"latents": 32}), ((), {"system": "gan"})):
        with pytest.raises(TypeError):
            VAE(*positional, **named)
    assert VAE(**VAE(latent=2).settings).settings == VAE(latent=2).settings
