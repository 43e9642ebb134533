"""Autoregressive models in the browser write what `playground/sampling` writes, pixel for pixel; by steps.wasm, in a worker.

More images than here, and how many ties float32 decides otherwise: `python -m benchmarks.writing --equal 200`.
"""

import pytest
import torch

from playground import catalog
from playground.browser.programs import describe
from playground.models.base import uniforms
from playground.sampling import cached
from tests.browser.ties import ties

FAMILIES = (
    "pixelcnn-mnist",
    "gated-pixelcnn-mnist",
    "row-lstm-mnist",
    "diagonal-bilstm-mnist",
    "pixelcnnpp-flowers",
    "gated-pixelcnn-flowers",
)

WORKER = """([key, name, program]) => new Promise((resolve, reject) => {
    window.worker ??= new Worker("/playground/browser/steps-worker.js", { type: "module" });
    window.asked ??= 0;
    window.ask = (message, heard) => new Promise((resolve, reject) => {
        const id = ++window.asked;
        const hear = ({ data }) => {
            if (data.id !== id) return;
            if (!("done" in data) && !("error" in data)) return heard?.(data, id);
            worker.removeEventListener("message", hear);
            "error" in data ? reject(new Error(data.error)) : resolve(data.done);
        };
        worker.addEventListener("message", hear);
        worker.postMessage({ id, ...message });
    });
    const files = {
        wasm: "/playground/browser/steps.wasm",
        program: URL.createObjectURL(new Blob([JSON.stringify(program)])),
        weights: `/pretrained/${name}/model.safetensors`,
    };
    ask({ open: { key, ...files } }).then(resolve, reject);
})"""

RUN = """async (asked) => {
    const { images, nats, odds, pixels } = await ask({ run: asked });
    return { images: Array.from(images), nats: Array.from(nats), odds: Array.from(odds), pixels };
}"""


@pytest.fixture
def opened(blank):
    def open(name: str):
        model = catalog.load(name)
        blank.evaluate(WORKER, [name, name, describe(model)])
        return model

    return open


def ran(blank, name: str, labels: list[int], **asked) -> dict:
    numbers = {key: value.flatten().tolist() if isinstance(value, torch.Tensor) else value for key, value in asked.items()}
    return blank.evaluate(RUN, {"key": name, "labels": labels, **numbers})


def images(model, said: dict) -> torch.Tensor:
    return torch.tensor(said["images"]).view(-1, model.planes, model.size, model.size)


@pytest.mark.parametrize(("count", "temperature"), [(1, 1.0), (3, 0.7)])
@pytest.mark.parametrize("name", FAMILIES)
def test_images_are_those_of_python(name, count, temperature, blank, opened):
    model = opened(name)
    noise, y = uniforms(3, count, model.planes, model.size, model.size), torch.arange(count)
    said = ran(blank, name, y.tolist(), noise=noise, temperature=temperature)
    assert ties(model, images(model, said), cached.sample(model, y, noise, temperature), y, noise, temperature) <= 1


@pytest.mark.parametrize("name", FAMILIES)
def test_given_pixels_stay_and_the_rest_is_pythons(name, blank, opened):
    model = opened(name)
    noise, y = uniforms(5, 2, model.planes, model.size, model.size), torch.arange(2)
    given = cached.sample(model, y, uniforms(6, 2, model.planes, model.size, model.size))
    known = torch.zeros(2, 1, model.size, model.size, dtype=torch.bool)
    known[:, :, 4:11] = True
    known[0, :, 20, 3] = known[1, :, -1, 2:] = True
    said = ran(blank, name, y.tolist(), noise=noise, given=given, known=known)
    made = images(model, said)
    assert torch.equal(torch.where(known, made, 0), torch.where(known, given, 0))
    assert ties(model, made, cached.sample(model, y, noise, given=given, known=known), y, noise) <= 1


@pytest.mark.parametrize("name", FAMILIES)
@torch.no_grad()
def test_surprise_and_odds_are_those_of_a_forward_pass(name, blank, opened):
    model = opened(name)
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


def test_a_run_tells_how_far_it_is_and_can_be_stopped(blank, opened):
    model = opened("gated-pixelcnn-mnist")
    whole = cached.sample(model, torch.tensor([4]), noise := uniforms(2, 1, 1, 28, 28))
    told = blank.evaluate(
        """async (noise) => {
            const seen = [];
            const done = await ask({ run: { key: "gated-pixelcnn-mnist", labels: [4], noise, every: 7 } }, ({ pixels }, id) => {
                seen.push(pixels);
                if (pixels === 98) worker.postMessage({ stop: id });
            });
            return [seen, done.pixels, Array.from(done.images)];
        }""",
        noise.flatten().tolist(),
    )
    seen, pixels, written = told
    assert seen[:14] == list(range(7, 99, 7)) and 98 <= pixels < 784
    assert written[:pixels] == whole.flatten()[:pixels].tolist() and not any(written[pixels:])


def test_a_file_that_lacks_a_weight_is_named(blank):
    program = describe(catalog.load("pixelcnn-mnist"))
    with pytest.raises(Exception, match=r"model\.safetensors should hold 5 numbers named no\.such\."):
        blank.evaluate(WORKER, ["broken", "pixelcnn-mnist", {**program, "tensors": [["no.such", 5]]}])
