"""The registry: one entry for each system says all that the playground needs to know of it besides its model and its recipe.

It is imported without torch, so that the page opens without waiting.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class System:
    """One paper's system.  Its recipe is found by its name: that of "row-lstm" is `training/recipes/row_lstm.py`."""

    model: str  # module in playground/models/, and class in it
    family: Literal["autoregressive", "generator"] | None = None  # systems that a tab offers together
    density: Literal["exact", "bound", "none"] | None = None  # how it gives p(x); None if it makes no images from noise
    order: Literal["rows", "diagonals", "at once"] | None = None  # in which training computes pixels, see analysis/receptive_field.py
    preview: str | None = None  # function in playground/previews.py that draws a model's opening picture
    task: str = "unconditional-image-generation"  # as the Hugging Face Hub names it
    ablations: tuple[str, ...] = ()  # models that differ from another in one thing, trained to show its effect


# In the order in which recipes and figures are listed
SYSTEMS = {
    "pca": System(model="pca.PCA"),
    "autoencoder": System(model="autoencoder.Autoencoder"),
    "vae": System(model="vae.VAE", density="bound", preview="vae"),
    "gan": System(model="gan.GAN", family="generator", density="none", preview="gan"),
    "dcgan": System(
        model="dcgan.DCGAN",
        family="generator",
        density="none",
        preview="gan",
        ablations=("dcgan-mnist-300", "dcgan-mnist-300-augmented"),
    ),
    "cgan": System(model="cgan.CGAN", density="none", preview="cgan"),
    "pix2pix": System(
        model="pix2pix.Pix2Pix",
        preview="pix2pix",
        task="image-to-image",
        ablations=tuple(f"pix2pix-flowers-{loss}" for loss in ("l1", "gan", "both")),
    ),
    "cyclegan": System(
        model="cyclegan.CycleGAN",
        preview="cyclegan",
        task="image-to-image",
        ablations=("cyclegan-facades-short", "cyclegan-facades-nocycle"),
    ),
    "pixelcnn": System(
        model="autoregressive.pixelcnn.PixelCNN",
        family="autoregressive",
        density="exact",
        order="at once",
        preview="autoregressive",
    ),
    "row-lstm": System(
        model="autoregressive.pixelrnn.RowLSTM",
        family="autoregressive",
        density="exact",
        order="rows",
        preview="autoregressive",
    ),
    "diagonal-bilstm": System(
        model="autoregressive.pixelrnn.DiagonalBiLSTM",
        family="autoregressive",
        density="exact",
        order="diagonals",
        preview="autoregressive",
    ),
    "gated-pixelcnn": System(
        model="autoregressive.gated_pixelcnn.GatedPixelCNN",
        family="autoregressive",
        density="exact",
        order="at once",
        preview="autoregressive",
        ablations=("gated-pixelcnn-mnist-once",),
    ),
    "pixelcnnpp": System(
        model="autoregressive.pixelcnnpp.PixelCNNpp",
        family="autoregressive",
        density="exact",
        order="at once",
        preview="autoregressive",
        ablations=tuple(f"pixelcnnpp-flowers-{change}" for change in ("small", "softmax", "planes", "one-size", "no-skips", "no-dropout")),
    ),
    "mean-of-conditionals": System(
        model="autoregressive.mean.MeanOfConditionals",
        family="autoregressive",
        density="exact",
        preview="autoregressive",
    ),
    "digit-classifier": System(model="digit_classifier.DigitClassifier", task="image-classification"),
}


def family(name: str) -> tuple[str, ...]:
    """The names of the systems of a family."""
    return tuple(system for system, entry in SYSTEMS.items() if entry.family == name)
