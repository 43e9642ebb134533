"""A model that somebody trained into pretrained/, and one of the Hub, which come without graphs: the browser computes with them, too."""

import json
import shutil
import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from playground import api, catalog
from tests.browser.conftest import PATIENCE, changed, opened, settled, shows
from tests.browser.serving import answers, serving
from tests.browser.test_doors import ask
from tests.browser.test_in_browser import predictions_once_loaded
from tests.hub_server import Hub, Repository

ROOT = catalog.ROOT
TRAINED = ("config.json", "training.json", "model.safetensors")  # of a training that was told to make no graphs, or an older one


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a page with both models."""
    home, models = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("pretrained")
    for folder in ROOT.iterdir():
        if folder.is_dir():
            (models / folder.name).symlink_to(folder)
    (models / "my-model").mkdir()
    for name in TRAINED:
        shutil.copy(ROOT / "vae-mnist-2d" / name, models / "my-model" / name)
    with Hub() as hub:
        hub.repositories["models", "ann/gan"] = Repository(False)
        hub.model("ann/gan").commit({name: (ROOT / "gan-mnist" / name).read_bytes() for name in TRAINED})
        environment = hub.environment(home) | {"PLAYGROUND_PRETRAINED": str(models), "XDG_CACHE_HOME": str(home)}
        with serving(None, "--model", "ann/gan", environment=environment) as (address, server):
            answers(address, server)
            yield address


def made(address: str, model: str, graph: str) -> None:
    """Waits until the page has made the graphs of a model, of which this is one."""
    until = time.monotonic() + 4 * PATIENCE / 1000
    while graph not in json.loads(ask(address, "GET", "/browser/gestures.json")[2])["models"].get(model, {}).get("graphs", {}):
        assert time.monotonic() < until, f"{model} has got no graphs"
        time.sleep(0.5)


def said_in(page) -> dict:
    return dict(parse_qsl(urlsplit(page.url).query))


def test_a_trained_models_digit_follows_the_pointer_without_the_server(page, address):
    made(address, "my-model", "decode")
    opened(page, "/?tab=latent&plane=my-model")
    box, before = page.locator("#latent-map .map").bounding_box(), settled(page, "#latent-digit")
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])  # loads what computes; until then the server answers
    before = changed(page, "#latent-digit", before)
    asked = predictions_once_loaded(page, 1)
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.6 * box["height"], steps=8)
    changed(page, "#latent-digit", before)
    settled(page, "#latent-digit")
    page.wait_for_url("**z=**")
    said = said_in(page)
    assert said["plane"] == "my-model"
    shows(page, "#latent-digit", api.latent_decode([float(z) for z in said["z"].split(",")], "vae-mnist-2d"))  # whose weights it has
    assert asked == []


def test_samples_of_a_model_of_the_hub_follow_the_slider_without_the_server(page, address):
    made(address, "ann/gan", "way")
    opened(page, "/?tab=game&view=pair&left=ann/gan")
    slider, before = page.locator("#game-t input[type=range]"), settled(page, "#game-left")
    slider.press("ArrowRight")  # loads what computes; until then the server answers
    before = changed(page, "#game-left", before)
    asked = predictions_once_loaded(page, 2)
    for _ in range(8):
        slider.press("ArrowRight")
    changed(page, "#game-left", before)
    settled(page, "#game-left")
    there = "() => new URLSearchParams(location.search).get('t') === document.querySelector('#game-t input[type=range]').value"
    page.wait_for_function(there)
    said = said_in(page)
    assert said["left"] == "ann/gan"
    shows(page, "#game-left", api.game_samples(t=float(said["t"]), model="gan-mnist"))  # whose weights it has
    assert asked == []
