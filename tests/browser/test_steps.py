"""Autoregressive models in the browser give what Python gives: all numbers bit for bit, images, odds, surprise, completions.

More images than here: `python -m benchmarks.writing --equal 200`.
"""

import hashlib

import numpy as np
import pytest
import torch

from playground import api, catalog
from playground.models.base import uniforms
from playground.sampling import cached
from playground.sampling.backends import numba_backend
from playground.sampling.backends.wasm_backend import describe
from tests.browser.steps_worker import ASK, WORKER

FAMILIES = (
    "pixelcnn-mnist",
    "gated-pixelcnn-mnist",
    "row-lstm-mnist",
    "diagonal-bilstm-mnist",
    "mean-of-conditionals-mnist",
    "pixelcnnpp-flowers",
    "gated-pixelcnn-flowers",
)

# What `Steps.begin` takes -> its images, nats and odds, and what the memory holds after each row; in the page itself
RUN = """async ([name, program, asked]) => {
    const { Steps } = await import("/playground/browser/steps.js");
    const bytes = async (path) => (await fetch(path)).arrayBuffer();
    window.models ??= {};
    const code = WebAssembly.compile(await bytes("/playground/browser/steps.wasm"));
    const steps = (models[name] ??= new Steps(await code, program, await bytes(`/pretrained/${name}/model.safetensors`)));
    const run = steps.begin(asked), digests = [];
    for (let row = 1; row <= program.size; row++) {
        const digest = await crypto.subtle.digest("SHA-256", run.until(row * program.size).places.memory.view().slice());
        digests.push(Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join(""));
    }
    return { images: Array.from(run.images), nats: Array.from(run.nats), odds: Array.from(run.odds), digests };
}"""


@pytest.fixture
def opened(blank):
    def open(name: str):
        model = catalog.load(name)
        blank.evaluate(WORKER, [name, name, describe(model)])
        return model

    return open


def plain(asked: dict) -> dict:
    return {key: value.flatten().tolist() if isinstance(value, torch.Tensor) else value for key, value in asked.items()}


def ran(blank, name: str, labels: list[int], **asked) -> dict:
    return blank.evaluate(RUN, [name, describe(catalog.load(name)), {"labels": labels, **plain(asked)}])


def images(model, said: dict) -> torch.Tensor:
    return torch.tensor(said["images"]).view(-1, model.planes, model.size, model.size)


@pytest.mark.parametrize(("count", "temperature"), [(1, 1.0), (5, 0.7)])
@pytest.mark.parametrize("name", FAMILIES)
def test_all_numbers_are_pythons_to_the_last_bit(name, count, temperature, blank):
    """After each row: features of all layers, logits or parameters of a mixture, and the images."""
    model = catalog.load(name)
    noise, y = uniforms(3, count, model.planes, model.size, model.size), torch.arange(count)
    said, x = ran(blank, name, y.tolist(), noise=noise, temperature=temperature), torch.zeros_like(noise)
    run = numba_backend.Run(cached.program(model), y, noise, x, torch.ones_like(x[:, 0], dtype=torch.bool), temperature)
    for row, digest in enumerate(said["digests"], 1):
        run.until(row * model.size)
        assert hashlib.sha256(run.memory).hexdigest() == digest, f"row {row}"
    assert torch.equal(images(model, said), x) and np.unique(run.memory).size > 1000


@pytest.mark.parametrize("name", FAMILIES)
def test_given_pixels_stay_and_the_rest_is_pythons(name, blank):
    model = catalog.load(name)
    noise, y = uniforms(5, 2, model.planes, model.size, model.size), torch.arange(2)
    given = cached.sample(model, y, uniforms(6, 2, model.planes, model.size, model.size))
    known = torch.zeros(2, 1, model.size, model.size, dtype=torch.bool)
    known[:, :, 4:11] = True
    known[0, :, 20, 3] = known[1, :, -1, 2:] = True
    said = ran(blank, name, y.tolist(), noise=noise, given=given, known=known)
    made = images(model, said)
    assert torch.equal(torch.where(known, made, 0), torch.where(known, given, 0))
    assert torch.equal(made, cached.sample(model, y, noise, given=given, known=known))


@pytest.mark.parametrize("name", FAMILIES)
@torch.no_grad()
def test_surprise_and_odds_are_those_of_a_forward_pass(name, blank):
    model = catalog.load(name)
    y = torch.arange(2)
    x = cached.sample(model, y[:1], uniforms(1, 1, model.planes, model.size, model.size)).expand(2, -1, -1, -1)
    pixel = 17 * model.size + 11
    said = ran(blank, name, y.tolist(), given=x, known=torch.ones(2, model.size, model.size), scored=True, asked=pixel)
    nats = torch.tensor(said["nats"], dtype=torch.float64).view(2, model.size, model.size)
    model = model.double()
    torch.testing.assert_close(nats, -model.pixel_log_prob(x.double(), y), rtol=1e-3, atol=1e-4)
    odds = torch.tensor(said["odds"], dtype=torch.float64).view(model.planes, model.levels).softmax(1)
    expected = model.value_logits(x.double(), y)[0].flatten(2)[:, :, pixel].T.softmax(1)
    model.float()
    torch.testing.assert_close(odds, expected, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize(("first", "last", "wanted"), [(0, 13, "any"), (8, 20, "any"), (14, 28, "3"), (0, 28, "1"), (0, 0, "any")])
def test_completions_are_those_of_the_api(first, last, wanted, ahead, blank, opened):
    model, x = opened("row-lstm-mnist"), api.binarised("7", 4)
    images, labels, worth = api.completions(model, x, first, last, wanted, 5, 0.9, api.MOST_IMAGES, ahead)
    label = -1 if wanted == "any" else int(wanted)
    asked = {"x": x, "first": first, "last": last, "label": label, "seed": 5, "temperature": 0.9, "tries": api.TRIES * ahead}
    said = blank.evaluate(ASK, ["row-lstm-mnist", "complete", plain(asked)])
    assert said["labels"] == labels and torch.equal(torch.tensor(said["images"]).view_as(images), images)
    assert said["worth"] == (pytest.approx(worth, rel=1e-3) if worth else 0)


@pytest.mark.parametrize("name", ["gated-pixelcnn-mnist", "pixelcnnpp-flowers"])
@torch.no_grad()
def test_a_written_image_is_scored_and_its_odds_told(name, blank, opened):
    model, pixel = opened(name), 400
    shape = (-1, model.size, model.size)
    written = blank.evaluate(ASK, [name, "write", {"label": 2, "seed": 9, "temperature": 1}])
    x = torch.tensor(written["x"], dtype=torch.float32).view(1, *shape)
    noise = uniforms(9, 1, model.planes, model.size, model.size)
    assert torch.equal(x, cached.sample(model, torch.tensor([2]), noise))
    scored = blank.evaluate(ASK, [name, "score", plain({"x": x, "rows": 9})])
    nats = torch.tensor(scored["nats"], dtype=torch.float32).view(shape)
    expected = torch.cat([-model.pixel_log_prob(x, torch.tensor([y])) for y in range(model.classes)])
    torch.testing.assert_close(nats[:, :9], expected[:, :9], rtol=1e-3, atol=1e-3)
    assert not nats[:, 9:].any()
    asked = {"x": x, "label": 2, "seed": 9, "temperature": 0.8, "pixel": pixel}
    odds = blank.evaluate(ASK, [name, "odds", plain(asked)])
    expected = (model.value_logits(x, torch.tensor([2]))[0].flatten(2)[:, :, pixel].T / 0.8).softmax(1)
    torch.testing.assert_close(torch.tensor(odds["probabilities"], dtype=torch.float32).view_as(expected), expected, rtol=1e-3, atol=1e-5)
    assert odds["noise"] == noise.flatten(2)[0, :, pixel].tolist()
    assert odds["drawn"] == (x.flatten(2)[0, :, pixel] * (model.levels - 1)).round().tolist()


def test_a_run_tells_how_far_it_is_and_can_be_stopped(blank, opened):
    model = opened("gated-pixelcnn-mnist")
    whole = cached.sample(model, torch.tensor([4]), uniforms(2, 1, 1, 28, 28))
    told = blank.evaluate(
        """async () => {
            const seen = [], inputs = { label: 4, seed: 2, temperature: 1 };
            const done = await ask({ run: { key: "gated-pixelcnn-mnist", graph: "write", inputs, every: 7 } }, ({ pixels }, id) => {
                seen.push(pixels);
                if (pixels === 98) worker.postMessage({ stop: id });
            });
            return [seen, done.pixels, Array.from(done.x)];
        }"""
    )
    seen, pixels, written = told
    assert seen[:14] == list(range(7, 99, 7)) and 98 <= pixels < 784
    assert written[:pixels] == whole.flatten()[:pixels].tolist() and not any(written[pixels:])


def test_a_file_that_lacks_a_weight_is_named(blank):
    program = describe(catalog.load("pixelcnn-mnist"))
    with pytest.raises(Exception, match=r"model\.safetensors should hold 5 numbers named no\.such\."):
        blank.evaluate(WORKER, ["broken", "pixelcnn-mnist", {**program, "tensors": [["no.such", 5]]}])
