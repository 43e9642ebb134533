"""Two processes on one machine (gloo, over loopback) are one process with twice the batch.

Whatever `--device` says they run on the CPU: NCCL, the backend of GPUs, has no two processes on one.
"""

import os
import subprocess
import sys
from pathlib import Path

import torch

from tests.training.conftest import WITHOUT_GRAPHS
from training import engine, run

# `accelerate launch --cpu --num_processes 2` would start one process only, silently, where there is no mpirun
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", str(WITHOUT_GRAPHS)]


def command(data: Path, output: Path) -> list[str]:
    """Three steps of batches of 8 images, over however many processes."""
    tiny = "--layers 1 --channels 4 --head 4 --max-steps 3 --batch-size 8 --precision float64 --device cpu --dataset folder"
    return ["gated-pixelcnn", *tiny.split(), "--data-dir", str(data), "--output", str(output)]


def test_two_processes_reach_the_weights_of_one_with_twice_the_batch(digits_dir, tmp_path):
    assert run.main(command(digits_dir, tmp_path / "alone")) == 0
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    ran = subprocess.run(
        [*TORCHRUN, *command(digits_dir, tmp_path / "together")], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    checkpoints = [tmp_path / ".runs" / name / engine.CHECKPOINT for name in ("alone", "together")]
    alone, together = (engine.load_checkpoint(checkpoint)["model"] for checkpoint in checkpoints)
    for name, value in alone.items():
        assert value.dtype == torch.float64
        torch.testing.assert_close(together[name], value, rtol=0, atol=1e-5, msg=name)
    assert "2 threads" in (tmp_path / "together" / "training.json").read_text()  # one thread each: they were two processes
