"""Device, precision and random seeds of a run, and how the record names them."""

import os
import platform
import subprocess
import zlib
from contextlib import contextmanager
from pathlib import Path

import torch

from playground.errors import UserError

ROOT = Path(__file__).resolve().parent.parent


def resolve_device(device: str) -> str:
    """ "auto" is an NVIDIA GPU if there is one, or else Apple's, or else the processor."""
    if device != "auto":
        return device
    return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"


def check_device(device: str, precision: str = "auto") -> None:
    """Raises UserError if the device is missing or lacks the precision, or if more processes were started than there are GPUs."""
    if device == "cuda" and not torch.cuda.is_available():
        raise UserError("There is no CUDA device here; use --device cpu.")
    if device == "mps" and not torch.backends.mps.is_available():
        raise UserError("There is no Apple GPU here; use --device cpu.")
    if resolve_device(device) == "mps" and precision == "float64":
        raise UserError("Apple GPUs have no float64; add --device cpu, or choose another --precision.")
    local, gpus = int(os.environ.get("LOCAL_WORLD_SIZE", 1)), torch.cuda.device_count()
    if device != "cpu" and torch.cuda.is_available() and local > gpus:
        raise UserError(
            f"{local} processes were started, but this machine has {gpus} GPU{'s' * (gpus > 1)}: start {gpus}, or add --device cpu."
        )


def resolve_precision(precision: str, device: str) -> str:
    """ "auto" is bf16 if the hardware multiplies it natively, or else float32."""
    if precision != "auto":
        return precision
    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    if device == "mps":
        return "float32"
    return "bf16" if torch.backends.mkldnn.is_available() and "avx512_bf16" in cpu_flags() else "float32"


COMPILER = {"cuda": {"mode": "reduce-overhead"}}  # device -> options of torch.compile; on a GPU small models wait for kernel launches


def compile_networks(model: torch.nn.Module, device: str) -> None:
    """Compiles a model and its networks in place, which changes neither names nor weights."""
    for network in (model, *model.children()):
        if not isinstance(network, torch.nn.ModuleList | torch.nn.ModuleDict):
            network.compile(**COMPILER.get(device, {}))


def cpu_flags() -> str:
    info = Path("/proc/cpuinfo")
    return info.read_text() if info.exists() else ""


def hardware(device: torch.device, processes: int = 1) -> str:
    """The hardware of a run in words, e.g. "AMD EPYC, 1 thread"."""
    if device.type == "cuda":
        return f"{processes} x {torch.cuda.get_device_name(device)}"
    if device.type == "mps":
        return f"Apple GPU, {platform.machine()}"
    model = next((line.split(":")[1].strip() for line in cpu_flags().splitlines() if line.startswith("model name")), platform.machine())
    threads = torch.get_num_threads() * processes
    return f"{model}, {threads} thread{'s' if threads > 1 else ''}"


def code_revision() -> str:
    """The commit of the code, with "+" if files have changed since; "unknown" outside a git checkout."""
    try:
        run = lambda *args: subprocess.run(["git", "-C", str(ROOT), *args], capture_output=True, text=True, check=True).stdout.strip()  # noqa: E731
        return run("rev-parse", "--short", "HEAD") + ("+" if run("status", "--porcelain", "--", "playground/models", "training") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


@contextmanager
def default_dtype(dtype: torch.dtype):
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def seed_everything(*key: int) -> None:
    """Seeds torch's global generator (for initial weights, and for dropout in each step) from a tuple of numbers."""
    torch.manual_seed(zlib.crc32(repr(key).encode()))
