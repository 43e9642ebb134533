"""Two processes on one machine (gloo, over loopback) are one process with twice the batch.

Whatever `--device` says they run on the CPU: NCCL, the backend of GPUs, has no two processes on one.
"""

import os
import subprocess
import sys
from pathlib import Path

import torch

from training import engine

WITHOUT_GRAPHS = Path(__file__).with_name("run_without_graphs.py")
# `accelerate launch --cpu --num_processes 2` would start one process only, silently, where there is no mpirun
TORCHRUN = ["torch.distributed.run", "--standalone", "--nproc-per-node=2"]


def train(launcher: list[str], data: Path, output: Path) -> dict[str, torch.Tensor]:
    """Three steps of batches of 8 images, over however many processes; the weights in float64."""
    tiny = "--layers 1 --channels 4 --head 4 --max-steps 3 --batch-size 8 --precision float64 --device cpu --dataset folder"
    command = [sys.executable, *(["-m", *launcher] if launcher else []), str(WITHOUT_GRAPHS), "gated-pixelcnn", *tiny.split()]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    ran = subprocess.run(
        [*command, "--data-dir", str(data), "--output", str(output)],
        cwd=output.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return engine.load_checkpoint(output.parent / ".runs" / output.name / engine.CHECKPOINT)["model"]


def test_two_processes_reach_the_weights_of_one_with_twice_the_batch(digits_dir, tmp_path):
    alone, together = train([], digits_dir, tmp_path / "alone"), train(TORCHRUN, digits_dir, tmp_path / "together")
    for name, value in alone.items():
        assert value.dtype == torch.float64
        torch.testing.assert_close(together[name], value, rtol=0, atol=1e-5, msg=name)
    assert "2 threads" in (tmp_path / "together" / "training.json").read_text()  # one thread each: they were two processes
