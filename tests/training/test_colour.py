"""Colour and size of one's own: each recipe trains on coloured photos, ends with pictures in colour, and its tab shows it."""

import pytest
from PIL import Image

from playground import api, catalog, load
from playground.errors import UserError
from playground.ui.tabs.game.shared import gans
from playground.ui.tabs.latent.state import vaes
from playground.ui.tabs.pixels.tab import COLOUR_VIEWS, Pixels
from tests import synthetic
from training import run
from training.recipes import recipe_class

SMALL = {  # recipe -> its options
    "pca": "--size 64 --components 12",
    "autoencoder": "--size 32 --latent 8 --width 8 --hidden 32 --max-steps 5",
    "vae": "--size 32 --latent 4 --width 8 --hidden 32 --max-steps 5",
    "gan": "--size 32 --generator-widths 32 --discriminator-widths 16 --max-steps 3",
    "dcgan": "--size 64 --widths 16 8 8 --max-steps 3",
    "cgan": "--size 32 --channels 8 --max-steps 3",
    "pixelcnn": "--size 8 --layers 1 --channels 12 --head 12 --max-steps 3",
    "gated-pixelcnn": "--size 8 --layers 1 --channels 12 --head 12 --max-steps 3",
}
OF_NOISE = {  # recipe -> what its tab shows of the model of this name
    **dict.fromkeys(("pca", "autoencoder", "vae"), lambda name: api.latent_picture("a town house", name)),
    **dict.fromkeys(("gan", "dcgan"), lambda name: (api.game_samples(model=name),)),
    "cgan": lambda name: (api.digits_ask(1, model=name)[0], api.digits_grid(model=name), *api.digits_blend(0, 1, 0.5, model=name)),
    **dict.fromkeys(
        ("pixelcnn", "gated-pixelcnn"), lambda name: (api.pixels_colour(1, model=name), api.pixels_colour_at(3, 3, 1, model=name)[0])
    ),
}


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return synthetic.colour_tree(tmp_path_factory.mktemp("photos") / "my photos (1)")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    return tmp_path


def train(recipe: str, home, photos, options: str, expected: int = 0):
    given = ["--dataset", "folder", "--data-dir", str(photos), "--batch-size", "4", "--device", "cpu", "--output", str(home / "mine")]
    assert run.main([recipe, *given, *options.split()]) == expected
    catalog.refresh()
    return catalog.entry("mine")


def coloured(picture: Image.Image) -> bool:
    return picture.mode == "RGB" and picture.convert("HSV").getchannel("S").getextrema()[1] > 0


@pytest.mark.parametrize("recipe", SMALL)
def test_it_trains_on_coloured_photos_and_its_tab_shows_them(recipe, home, photos):
    entry = train(recipe, home, photos, SMALL[recipe])
    model, size = load("mine"), int(SMALL[recipe].split()[1])
    assert (model.planes, model.size) == (3, size) and getattr(model, "network", "") != "deep"
    with Image.open(entry.folder / "film.webp") as film:
        assert coloured(film.convert("RGB"))
    for picture in OF_NOISE[recipe]("mine"):
        if isinstance(picture, Image.Image):
            assert coloured(picture) and picture.height % size == 0
    if recipe not in ("pca", "autoencoder"):
        assert coloured(entry.opening)
        assert model.sample(2, seed=1).shape == (2, 3, size, size)


def test_figures_of_coloured_models(home, photos, monkeypatch):
    monkeypatch.setattr("training.metrics.SAMPLES", 20)
    monkeypatch.setattr("training.recipes.cgan.FITTED", 10)
    monkeypatch.setattr("training.recipes.vae.IW_SAMPLES", 50)
    for name in ("pca", "vae", "cgan"):
        train(name, home, photos, SMALL[name] + " --overwrite")
        cls = recipe_class(name)
        made = {"dataset": "folder", "data_dir": photos, "size": int(SMALL[name].split()[1])}
        made |= {"components": 12} if name == "pca" else {}
        found = {metric.name: metric.value for metric in cls(cls.Settings(**made)).metrics(load("mine"))}
        assert found and all(value == value for value in found.values())


def test_each_tab_offers_it_where_it_can_be_shown(home, photos):
    train("vae", home, photos, SMALL["vae"])
    assert vaes(flat=False) == [] and "mine" in catalog.names(*api.CODERS)
    with pytest.raises(UserError, match="takes images of 32 x 32 pixels in colour, and no digits; call `latent_picture`"):
        api.latent_rebuild("3", "mine")
    train("dcgan", home, photos, SMALL["dcgan"] + " --overwrite")
    assert gans() == ["mine"]
    with pytest.raises(UserError, match="64 x 64 pixels in colour; a digit can be searched for"):
        list(api.searched("3", "mine", 1, 1))
    train("pixelcnn", home, photos, SMALL["pixelcnn"] + " --overwrite")
    assert api.colour_models() == ["mine"] and api.digit_models() == [] and Pixels(model="mine").views == COLOUR_VIEWS


def test_grey_photos_of_many_levels(home, photos):
    train("gated-pixelcnn", home, photos, SMALL["gated-pixelcnn"] + " --colour grey --levels 256")
    model = load("mine")
    assert (model.planes, model.levels, model.size) == (1, 256, 8)
    picture, said = api.pixels_colour_at(3, 3, 1, model="mine")
    assert picture.mode == "L" and len(said["grey"]["probabilities"]) == 256
    assert api.pixels_colour_field(3, 3, 1, model="mine")[1]["grey"]["grey"] == 0


@pytest.mark.parametrize(
    "recipe, options, sentence",
    [
        ("vae", "--size 30", "--size must be a multiple of 4, such as 28, 32 or 64, not 30"),
        ("autoencoder", "--size 30 --network convolutional", "--size must be a multiple of 4, such as 28, 32 or 64, not 30"),
        ("cgan", "--size 33", "multiple of 4"),
        ("dcgan", "--size 31", "--size must be an even number"),
        ("row-lstm", "--colour rgb", "row-lstm is for black and white digits; pixelcnn, gated-pixelcnn and pixelcnnpp write photos"),
        ("gated-pixelcnn", "--levels 2", "--levels 2 is for grey images"),
        ("pca", "--size 64 --components 30", "20 images of 64x64x3 have 20 components at most; --components is 30"),
    ],
)
def test_what_a_recipe_cant_do_it_refuses_by_name(recipe, options, sentence, home, photos):
    with pytest.raises(UserError, match=sentence):
        train(recipe, home, photos, options)
