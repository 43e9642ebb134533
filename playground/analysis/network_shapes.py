"""The shapes of a network's activations, layer by layer: `python -m playground.analysis.network_shapes` writes them for the lessons.

The file lies beside the lessons, so that the page need not load a model to draw it; a test traces the networks again.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import nn

from playground import catalog

PLACE = Path(__file__).parents[1] / "ui" / "lessons" / "networks.json"
WHOLE = {  # modules of these classes are one layer of a drawing
    "ResidualBlock": "residual block",
    "Residual": "residual block",
    "GatedLayer": "gated layer",
    "RowLSTMLayer": "Row LSTM layer",
    "DiagonalBiLSTMLayer": "Diagonal BiLSTM layer",
    "MaskedConv": "masked convolution",
    "VerticalConv": "convolution of the rows above",
    "HorizontalConv": "convolution of the pixels to the left",
    "Maxout": "maxout",
}


def _codes(of: str) -> Callable:
    """The arguments of a part that gets z, or x."""
    return lambda model: (torch.zeros(1, model.latent),) if of == "z" else (torch.zeros(1, model.planes, model.size, model.size),)


def _pairs(model) -> tuple:
    lines = model.generator.down[0][0].in_channels
    return torch.zeros(1, lines, model.size, model.size), torch.zeros(1, 3, model.size, model.size)


def _labelled(*shape: str) -> Callable:
    """The arguments of a part that gets z or x, and a class."""
    return lambda model: (*_codes(shape[0])(model), torch.zeros(1, dtype=torch.int64))


NETWORKS = (  # tab, title of the drawing, model, its part ("": all of it), arguments of the part
    ("latent", "Autoencoder, encoder", "ae-mnist-2", "encoder", _codes("x")),
    ("latent", "Autoencoder, decoder", "ae-mnist-2", "decoder", _codes("z")),
    ("latent", "VAE, encoder: \u03bc and log \u03c3\u00b2", "vae-mnist", "encoder", _codes("x")),
    ("latent", "VAE, decoder", "vae-mnist", "decoder", _codes("z")),
    ("game", "GAN, G", "gan-mnist", "generator", _codes("z")),
    ("game", "GAN, D", "gan-mnist", "discriminator", _codes("x")),
    ("game", "DCGAN, G", "dcgan-mnist", "generator", _codes("z")),
    ("game", "DCGAN, D", "dcgan-mnist", "discriminator", _codes("x")),
    ("digits", "Conditional GAN, G", "cgan-mnist", "generator", _labelled("z")),
    ("digits", "Conditional GAN, D", "cgan-mnist", "discriminator", _labelled("x")),
    ("sketch", "Pix2Pix, G, a U-Net", "pix2pix-flowers", "generator", lambda model: _pairs(model)[:1]),
    ("sketch", "Pix2Pix, D, of pairs", "pix2pix-flowers", "discriminator", _pairs),
    ("worlds", "CycleGAN, F", "cyclegan-flowers", "F", lambda model: (torch.zeros(1, 3, model.size, model.size),)),
    ("worlds", "CycleGAN, D of one world", "cyclegan-flowers", "D_X", lambda model: (torch.zeros(1, 3, model.size, model.size),)),
    ("pixels", "PixelCNN", "pixelcnn-mnist", "", _labelled("x")),
    ("pixels", "Gated PixelCNN", "gated-pixelcnn-mnist", "", _labelled("x")),
    ("pixels", "Row LSTM", "row-lstm-mnist", "", _labelled("x")),
    ("pixels", "Diagonal BiLSTM", "diagonal-bilstm-mnist", "", _labelled("x")),
)


def _layers(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """The layers of a network that a drawing names: (name of its kind, module)."""
    for child in module.children():
        name = WHOLE.get(type(child).__name__) or _called(child)
        if name:
            yield name, getattr(child, "out", child) if name == "gated layer" else child  # a gated layer's parts are called one by one
        else:
            yield from _layers(child)


def _called(module: nn.Module) -> str:
    match module:
        case nn.ConvTranspose2d():
            return f"transposed convolution {_size(module)}"
        case nn.Conv2d():
            return f"convolution {_size(module)}"
        case nn.Linear():
            return "fully connected"
        case nn.Upsample():
            return "enlarge"
    return ""


def _size(convolution) -> str:
    (height, width), (step, _) = convolution.kernel_size, convolution.stride
    return f"{height} \u00d7 {width}" + (f", step {step}" if step > 1 else "")


@torch.inference_mode()
def traced(model: nn.Module, part: str, arguments: Callable) -> list[list]:
    """[["", shape of the input], [layer, shape of its output], ...], in the order of computation, shapes without the batch.

    Repeated layers are one entry, [layer, shape, times].
    """
    network = getattr(model, part) if part else model
    given = arguments(model)
    found: list[list] = [["", list(given[0].shape[1:])]]

    def note(name: str) -> Callable:
        def hook(_, __, output):
            first = output[0] if isinstance(output, tuple | list) else output
            found.append([name, list(first.shape[1:])])

        return hook

    hooks = [layer.register_forward_hook(note(name)) for name, layer in _layers(network)]
    try:
        network(*given)
    finally:
        for hook in hooks:
            hook.remove()
    short: list[list] = []
    for entry in found:
        if short and short[-1][:2] == entry:
            short[-1] = [*entry, (short[-1][2] if len(short[-1]) > 2 else 1) + 1]
        else:
            short.append(entry)
    return short


def described() -> list[dict]:
    """All of `NETWORKS`, as the file has them."""
    return [
        {"tab": tab, "title": title, "model": model, "layers": traced(catalog.load(model), part, arguments)}
        for tab, title, model, part, arguments in NETWORKS
    ]


def main() -> int:
    PLACE.write_text(json.dumps(described(), ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
