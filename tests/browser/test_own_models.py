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
        hub.repositories["models", "ann/vae"] = Repository(False)
        hub.model("ann/vae").commit({name: (ROOT / "vae-mnist-2d" / name).read_bytes() for name in TRAINED})
        environment = hub.environment(home) | {"PLAYGROUND_PRETRAINED": str(models), "XDG_CACHE_HOME": str(home)}
        with serving(None, "--model", "ann/vae", environment=environment) as (address, server):
            answers(address, server)
            yield address


@pytest.mark.parametrize("model", ["my-model", "ann/vae"])
def test_its_digit_follows_the_pointer_without_the_server(page, address, model):
    until = time.monotonic() + 4 * PATIENCE / 1000
    while "decode" not in json.loads(ask(address, "GET", "/browser/gestures.json")[2])["models"].get(model, {}).get("graphs", {}):
        assert time.monotonic() < until, f"{model} has got no graphs"
        time.sleep(0.5)
    opened(page, f"/?tab=latent&plane={model}")
    box, before = page.locator("#latent-map .map").bounding_box(), settled(page, "#latent-digit")
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])  # loads what computes; until then the server answers
    before = changed(page, "#latent-digit", before)
    asked = predictions_once_loaded(page, 1)
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.6 * box["height"], steps=8)
    changed(page, "#latent-digit", before)
    settled(page, "#latent-digit")
    page.wait_for_url("**z=**")
    said = dict(parse_qsl(urlsplit(page.url).query))
    assert said["plane"] == model
    shows(page, "#latent-digit", api.latent_decode([float(z) for z in said["z"].split(",")], "vae-mnist-2d"))  # whose weights both have
    assert asked == []
