"""How much of a picture is fine detail: what blur takes away."""

import torch
from torch import Tensor

HIGH = 0.25  # cycles a pixel above which a frequency is high: half of the highest that a row or column of pixels can hold


def high_frequency_energy(x: Tensor, radius: float = HIGH) -> Tensor:
    """Per image, the share of its power spectrum above `radius` cycles a pixel, the mean left out: (N, C, H, W) to (N,) in [0, 1]."""
    power = torch.fft.fft2(x).abs().square().sum(1)  # (N, H, W)
    frequency = torch.hypot(*torch.meshgrid(*(torch.fft.fftfreq(side, device=x.device) for side in x.shape[2:]), indexing="ij"))
    return power[:, frequency > radius].sum(1) / power[:, frequency > 0].sum(1).clamp(min=torch.finfo(power.dtype).tiny)
