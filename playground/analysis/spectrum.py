"""How much of a picture is fine detail, which blur removes."""

import numpy as np
import torch
from torch import Tensor

HIGH = 0.25  # cycles a pixel: higher frequencies are fine detail; half of the highest that a row or column of pixels can hold


def high_frequency_energy(x: Tensor, radius: float = HIGH) -> Tensor:
    """Per image, the fraction of its power above `radius` cycles a pixel, the mean excluded: (N, C, H, W) to (N,) in [0, 1]."""
    power = torch.fft.fft2(x).abs().square().sum(1)  # (N, H, W)
    frequency = np.hypot(*np.meshgrid(*map(np.fft.fftfreq, x.shape[2:]), indexing="ij"))  # (H, W)
    high, any_at_all = ((power * torch.from_numpy(frequency > least).to(x.device)).sum((1, 2)) for least in (radius, 0))
    return high / any_at_all.clamp(min=torch.finfo(power.dtype).tiny)
