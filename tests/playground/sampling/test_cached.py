"""The fast sampler makes the plain one's images, pixel for pixel, under the same noise: by numba's loops, and by torch."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest
import torch

from playground import catalog
from playground.models.autoregressive.gated_pixelcnn import GatedPixelCNN
from playground.models.autoregressive.mean import MeanOfConditionals
from playground.models.base import uniforms
from playground.sampling import cached, reference
from playground.sampling.backends import numba_backend, torch_backend
from playground.sampling.cached import sample, write
from tests.playground.models.autoregressive import test_families, test_pixelcnnpp

MODELS = {
    **{system: ("grey", {"system": system}) for system in test_families.FAMILIES},
    **{f"{system}-5": ("grey", {"system": system, "kernel": 5}) for system in ("gated-pixelcnn", "pixelcnn", "row-lstm")},
    "gated-pixelcnn-wide": ("grey", {"system": "gated-pixelcnn", "channels": 16}),  # whose filters multiply in place
    "gated-pixelcnn-colour": ("grey", {"system": "gated-pixelcnn", "planes": 3, "channels": 18, "head": 9, "size": 5}),
    "pixelcnn-colour": ("grey", {"system": "pixelcnn", "planes": 3, "channels": 18, "head": 9, "size": 5}),
    **{f"pixelcnnpp-{ablation}": ("colour", changes) for ablation, changes in test_pixelcnnpp.ABLATIONS.items()},
    "pixelcnnpp-deep": ("colour", {"stages": 3, "features": 16, "size": 8}),
    "mean": ("mean", {"members": test_families.FAMILIES}),
    "mean-colour": ("mean", {"members": ("gated-pixelcnn", "pixelcnn"), "planes": 3, "channels": 18, "head": 9, "size": 5}),
}


def model_of(name: str, device: str = "cpu", **changes):
    kind, settings = MODELS[name]
    if kind == "mean":
        members, settings = settings["members"], {key: value for key, value in settings.items() if key != "members"}
        return MeanOfConditionals.of([test_families.tiny(device, system, **{"size": 8, **settings, **changes}) for system in members])
    make = test_families.tiny if kind == "grey" else test_pixelcnnpp.tiny
    return make(device, **{"size": 8 if kind == "grey" else 4, **settings, **changes})


@pytest.fixture(params=["numba", "torch"])
def runs(request, device, monkeypatch):
    """Both ways to run a model's steps; on a GPU there is one."""
    if request.param == "numba" and device != "cpu":
        pytest.skip("numba's loops run on the processor")
    monkeypatch.setattr(cached, "runner", lambda weights: {"numba": numba_backend.Run, "torch": torch_backend.Run}[request.param])


def asked(model, batch: int, device: str):
    noise = uniforms(3, batch, model.planes, model.size, model.size).double().to(device)
    return torch.arange(batch, device=device) % model.classes, noise


def both_ways(monkeypatch, device: str, *args, **keywords):
    """The images of either way to run a model's steps; on a GPU there is one."""
    for way in (numba_backend, torch_backend)[device != "cpu" :]:
        monkeypatch.setattr(cached, "runner", lambda weights, way=way: way.Run)
        yield sample(*args, **keywords)


@pytest.mark.parametrize(("batch", "temperature"), [(3, 1.0), (1, 0.6), (1, 1.7)])
@pytest.mark.parametrize("name", MODELS)
def test_samples_are_those_of_the_plain_sampler(name, batch, temperature, device, monkeypatch):
    model = model_of(name, device)
    y, noise = asked(model, batch, device)
    expected = reference.sample(model, y, noise, temperature)
    for made in both_ways(monkeypatch, device, model, y, noise, temperature):
        assert torch.equal(made, expected)


@pytest.mark.parametrize("system", test_families.FAMILIES)
def test_samples_of_several_levels_and_an_odd_side_are_the_plain_samplers(system, device, monkeypatch):
    model = test_families.tiny(device, system, size=9, levels=4)
    y, noise = asked(model, 3, device)
    expected = reference.sample(model, y, noise)
    for made in both_ways(monkeypatch, device, model, y, noise):
        assert torch.equal(made, expected)


@pytest.mark.parametrize("rows", [slice(0, 2), slice(1, 3), slice(3, 8), slice(0, 8)])
@pytest.mark.parametrize("name", MODELS)
def test_given_rows_stay_and_the_rest_is_the_plain_samplers(name, rows, device, monkeypatch):
    model = model_of(name, device)
    y, noise = asked(model, 2, device)
    given = torch.randint(0, model.levels, noise.shape, device=device).double() / (model.levels - 1)
    known = torch.zeros_like(noise[:, :1], dtype=torch.bool)
    known[:, :, rows] = True
    known[0, :, 2, 3] = known[1, :, -1, 2:] = True  # and some pixels of one image
    everywhere, expected = known.expand_as(given), reference.sample(model, y, noise, given=given, known=known)
    assert torch.equal(expected[everywhere], given[everywhere])
    for made in both_ways(monkeypatch, device, model, y, noise, given=given, known=known):
        assert torch.equal(made, expected)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize("name", MODELS)
@torch.no_grad()
def test_the_last_planes_distribution_is_that_of_a_full_pass(name, dtype, tolerance, runs, device):
    """Pixel after pixel: log-probabilities of all values, given the image that was drawn so far."""
    model = model_of(name, device).to(dtype)
    for p in model.parameters():
        p.mul_(0.3)  # so that all values have a chance
    y, noise = asked(model, 2, device)
    x, (run,), _ = cached._begin(model, y, noise.to(dtype), 1.0, None, None)
    seen = []
    for pixel in range(model.size**2):
        run.until(pixel + 1)
        seen.append(distribution(run, model, *divmod(pixel, model.size)))
    whole = model.value_logits(x, y)[:, :, -1].log_softmax(1).flatten(2)  # (N, levels, pixels)
    torch.testing.assert_close(torch.stack(seen, 2).to(whole), whole, rtol=tolerance, atol=tolerance)


def distribution(run, model, i: int, j: int) -> torch.Tensor:
    """log-probabilities (N, levels) of the last plane of the pixel that `run` has just written."""
    program = cached.program(model)
    reader = run
    if isinstance(run, numba_backend.Run):  # the memory is laid out alike
        reader = torch_backend.Run(program, torch.zeros(2, dtype=torch.long), *[torch.zeros(2, 1, 1, 1)] * 3, 1.0)
        reader.memory = torch.from_numpy(run.memory)
    numbers, count = reader.part(reader.output, i, j)[0], 3 * program.mixtures or program.levels
    return torch_backend.distribution(program, numbers[:, -count:]).log_softmax(1)


def test_images_are_written_side_by_side_as_alone(runs, device):
    model = model_of("gated-pixelcnn", device)
    y, noise = asked(model, 2 * cached.TOGETHER + 1, device)
    with torch.inference_mode():  # as in `training/evaluate.py`; the threads that write know nothing of it
        made = sample(model, y, noise)
    alone = [sample(model, y[k : k + 1], noise[k : k + 1]) for k in range(len(y))]
    assert torch.equal(made, torch.cat(alone)) and torch.equal(made[3:4], reference.sample(model, y[3:4], noise[3:4]))


def test_several_visitors_sample_at_once_and_each_has_their_own_image():
    model = model_of("pixelcnn", size=9)
    y, noise = asked(model, 6, "cpu")
    with ThreadPoolExecutor(6) as visitors:
        made = list(visitors.map(lambda k: sample(model, y[k : k + 1], noise[k : k + 1]), range(6)))
    assert torch.equal(torch.cat(made), reference.sample(model, y, noise))


@pytest.mark.parametrize("name", catalog.names(*test_families.FAMILIES, "pixelcnnpp", "mean-of-conditionals"))
def test_an_image_of_a_shipped_model_takes_less_than_two_megabytes(name):
    """Bands of a few rows, and what one row or pixel passes on: not the maps of all layers."""
    assert cached.program(catalog.load(name)).memory * 4 < 2 * 2**20


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_a_model_that_was_trained_on_is_sampled_anew(mode):
    with mode():
        model = model_of("pixelcnn")
        y, noise = asked(model, 1, "cpu")
        before = sample(model, y, noise)
        for p in model.parameters():
            p.data.mul_(-1)
    assert not torch.equal(sample(model, y, noise), before)
    assert torch.equal(sample(model, y, noise), reference.sample(model, y, noise))


def test_it_yields_after_every_pixel_and_leaves_written_ones_alone(runs):
    model = model_of("gated-pixelcnn", size=4)
    frames = [(x.clone(), done) for x, done in write(model, torch.tensor([0]), uniforms(1, 1, 1, 4, 4).double())]
    assert [done for _, done in frames] == list(range(1, 17))
    for x, done in frames:
        assert torch.equal(x.flatten()[:done], frames[-1][0].flatten()[:done]) and not x.flatten()[done:].any()


def test_nothing_to_write_gives_the_given_image(runs):
    model, given = model_of("gated-pixelcnn", size=4), torch.ones(1, 1, 4, 4).double()
    made = sample(model, torch.tensor([0]), uniforms(1, 1, 1, 4, 4).double(), given=given, known=torch.ones(1, 1, 4, 4, dtype=torch.bool))
    assert torch.equal(made, given)


def test_each_position_of_each_layer_is_computed_once():
    """What the table multiplies for an image is no more than what a forward pass does: masked weights are not there to be multiplied."""
    model = GatedPixelCNN(layers=3, channels=16, size=8)
    program = cached.program(model)
    products = sum(
        int(line[3] * line[5] * line[6] * line[7]) * int(line[12]) * (8 if k < program.rows else 64)
        for k, line in enumerate(program.table)
        if line[0] == 1
    )
    weights = sum(p.numel() for name, p in model.named_parameters() if p.ndim == 4 and name != "place")
    assert products == 64 * weights


@pytest.mark.parametrize(
    ("breaks", "says"),
    [
        ("import numba; del numba.njit", "The fast sampler could not be built"),
        ("import numba, llvmlite.ir; del llvmlite.ir.VectorType", "The fast product of matrices could not be built"),
        ("from playground.sampling.backends import numba_backend as b; b.run = lambda *_: 1 / 0", "The fast sampler could not be built"),
    ],
)
def test_where_numba_is_another_one_images_are_the_same_and_one_warning_says_why(breaks, says, tmp_path):
    said = run_alone(
        f"import os; os.environ['NUMBA_CACHE_DIR'] = {str(tmp_path)!r}",  # what was compiled before would be found
        "import warnings; warned = []",
        "warnings.showwarning = lambda message, *_: warned.append(str(message))",
        breaks,
        "from playground.sampling import cached",
        "cached.warm_up()",
        *PRINT_AN_IMAGE,
        "print(len(warned), warned)",
    )
    image, warned = said.splitlines()
    assert warned.startswith("1 ") and says in warned
    assert image == image_of_the_fast_sampler()


def test_where_numba_is_missing_images_are_the_same():
    said = run_alone(
        "import sys; sys.modules['numba'] = None",
        "from playground.sampling import cached\nfrom playground.sampling.backends import torch_backend",
        "cached.warm_up()",
        "assert cached.runner(torch.zeros(1)) is torch_backend.Run",
        *PRINT_AN_IMAGE,
    )
    assert said.strip() == image_of_the_fast_sampler()


def test_what_is_warmed_up_is_what_is_needed():
    said = run_alone(
        "from playground.sampling import cached\nfrom playground.sampling.backends import numba_backend",
        "cached.warm_up()",
        *PRINT_AN_IMAGE,
        "assert cached.runner(torch.zeros(1)) is numba_backend.Run",
        "print(len(numba_backend.run.signatures))",
    )
    assert said.split()[-1] == "1"


PRINT_DIGESTS = (  # of the memory after five images of each model
    "import hashlib\nfrom playground import catalog\nfrom playground.models.base import uniforms",
    "from playground.sampling import cached\nfrom playground.sampling.backends import llvm_product, numba_backend",
    "print(sorted({'+fma', '+avx', '+avx512f'} & set(llvm_product.FEATURES.split(','))))",
    "for name in ('gated-pixelcnn-mnist', 'row-lstm-mnist', 'pixelcnnpp-flowers-small'):",
    "    model = catalog.load(name)",
    "    x = torch.zeros(5, model.planes, model.size, model.size)",
    "    everywhere = torch.ones_like(x[:, 0], dtype=torch.bool)",
    "    run = numba_backend.Run(cached.program(model), torch.arange(5), uniforms(3, *x.shape), x, everywhere, 1.0)",
    "    run.until(model.size**2)",
    "    print(hashlib.sha256(run.memory).hexdigest())",
)


def test_every_processor_comes_to_the_same_bits(tmp_path):
    plain, *digests = run_alone(
        "import os; os.environ.update(NUMBA_CPU_NAME='generic', NUMBA_CPU_FEATURES='')",
        f"os.environ['NUMBA_CACHE_DIR'] = {str(tmp_path)!r}",
        *PRINT_DIGESTS,
    ).splitlines()
    features, *expected = run_alone(*PRINT_DIGESTS).splitlines()
    assert plain == "[]" and digests == expected
    if features == "[]":
        pytest.skip("this processor has nothing that a plain one lacks")


PRINT_AN_IMAGE = (
    "from playground.models.autoregressive.gated_pixelcnn import GatedPixelCNN",
    "from playground.models.base import uniforms",
    "from playground.sampling.cached import sample",
    "torch.manual_seed(0)",
    "x = sample(GatedPixelCNN(layers=1, channels=4, size=8), torch.tensor([3]), uniforms(1, 1, 1, 8, 8))",
    "print(x.int().flatten().tolist())",
)


@cache
def image_of_the_fast_sampler() -> str:
    return run_alone(*PRINT_AN_IMAGE).strip()


def run_alone(*lines: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", "\n".join(("import torch", *lines))], capture_output=True, text=True, check=True, timeout=300
    ).stdout


def test_workers_that_ask_together_get_one_program(monkeypatch):
    model, recorded = model_of("pixelcnn"), []
    together, steps = threading.Barrier(4), type(model).steps
    monkeypatch.setattr(type(model), "steps", lambda self, builder: recorded.append(builder) or time.sleep(0.05) or steps(self, builder))

    def ask(_) -> object:
        together.wait(10)
        return cached.program(model)

    with ThreadPoolExecutor(4) as workers:
        programs = set(map(id, workers.map(ask, range(4))))
    assert len(programs) == len(recorded) == 1
