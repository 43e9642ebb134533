"""What all tests share: the device they run on, one thread, and small data sets made on the spot."""

import sys
from pathlib import Path

import pytest
import torch

from tests import synthetic


def pytest_addoption(parser):
    parser.addoption("--device", default="cpu", choices=["cpu", "cuda"], help="where the models are tested")


def pytest_configure(config):
    if config.getoption("--device") == "cuda" and not torch.cuda.is_available():
        raise pytest.UsageError("There is no CUDA device here; leave out --device cuda.")


@pytest.fixture(scope="session")
def device(request) -> str:
    return request.config.getoption("--device")


@pytest.fixture(autouse=True)
def one_thread():
    """Sums come out alike everywhere, in float32 on a GPU too, and the tests leave a core for the browser."""
    torch.set_num_threads(1)
    torch.backends.cudnn.allow_tf32 = False
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def digits_dir(tmp_path_factory) -> Path:
    """A class folder tree of 100 synthetic digits, of which 80 are for training, for `--dataset folder`."""
    return synthetic.digit_tree(tmp_path_factory.mktemp("data") / "digits")


@pytest.fixture(scope="session")
def pairs_dir(tmp_path_factory) -> Path:
    """A folder of 20 side-by-side pairs, for `--dataset folder`."""
    return synthetic.pair_folder(tmp_path_factory.mktemp("data") / "pairs")


@pytest.fixture(autouse=True)
def a_fresh_accelerator():
    """Accelerate has one precision a process; tests have several, and "auto" is bf16 on some machines."""
    yield
    if "accelerate" in sys.modules:
        sys.modules["accelerate"].state.AcceleratorState._reset_state(reset_partial_state=True)
