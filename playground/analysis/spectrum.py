"""How much of a picture is fine detail, which blur removes."""

import numpy as np
import torch
from torch import Tensor

HIGH = 0.25  # cycles a pixel: higher frequencies are fine detail; half of the highest that a row or column of pixels can hold


def high_frequency_energy(x: Tensor, radius: float = HIGH) -> Tensor:
    """Per image, the fraction of its power above `radius` cycles a pixel, the mean excluded: (N, C, H, W) to (N,) in [0, 1]."""
    height, width = x.shape[2:]
    power = torch.fft.rfft2(x).abs().square().sum(1)  # (N, H, W // 2 + 1): the other half is the same, mirrored
    down, right = np.meshgrid(np.fft.fftfreq(height), np.fft.rfftfreq(width), indexing="ij")
    frequency = np.hypot(down, right)
    times = np.where((right == 0) | (right == 0.5), 1, 2).astype(np.uint8)  # how often each value occurs in the whole spectrum
    high, total = ((power * torch.from_numpy((frequency > least) * times).to(power)).sum((1, 2)) for least in (radius, 0))
    return high / total.clamp(min=torch.finfo(power.dtype).tiny)
