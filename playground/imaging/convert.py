"""Between pictures and tensors: PIL images in 0..255, tensors in [-1, 1]."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def to_tensor(image: Image.Image) -> Tensor:
    """A grey or RGB picture as (1, 1 or 3, H, W) float32 in [-1, 1]."""
    levels = torch.from_numpy(np.array(image, dtype=np.float32))  # (H, W) or (H, W, 3)
    levels = levels[..., None] if levels.ndim == 2 else levels
    return levels.permute(2, 0, 1)[None] / 127.5 - 1  # (1, C, H, W)


def to_image(picture: Tensor, scale: int = 1, smooth: bool = False) -> Image.Image:
    """A tensor (C, H, W) or (1, C, H, W) in [-1, 1] as a grey or RGB picture, `scale` times as large.

    Enlarged pixels stay squares, for digits, unless it is `smooth`, for photographs.
    """
    levels = (picture.detach().float().cpu().reshape(picture.shape[-3:]) + 1) * 127.5
    levels = levels.round().clamp(0, 255).byte().permute(1, 2, 0).numpy()  # (H, W, C)
    image = Image.fromarray(levels[..., 0] if levels.shape[2] == 1 else levels)
    how = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    return image if scale == 1 else image.resize((image.width * scale, image.height * scale), how)
