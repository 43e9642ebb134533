import os
import subprocess
import sys
from pathlib import Path


def test_a_gpu_that_is_not_there_is_told_in_one_sentence():
    command = [sys.executable, "-m", "pytest", "--device", "cuda", __file__]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    ran = subprocess.run(command, cwd=Path(__file__).parents[1], env=environment, capture_output=True, text=True)
    assert ran.returncode == 4
    assert ran.stderr.strip() == "ERROR: There is no CUDA device here; leave out --device cuda."
