"""One file a paper: its networks and its losses, in pure torch."""

from importlib import import_module

from playground.models.base import Model

# system -> (module, class); imported on first use, so that opening the page does not pay for all of them
_CLASSES = {
    "pca": ("pca", "PCA"),
    "autoencoder": ("autoencoder", "Autoencoder"),
    "vae": ("vae", "VAE"),
    "digit-classifier": ("digit_classifier", "DigitClassifier"),
    "gan": ("gan", "GAN"),
    "dcgan": ("dcgan", "DCGAN"),
    "cgan": ("cgan", "CGAN"),
    "pix2pix": ("pix2pix", "Pix2Pix"),
    "cyclegan": ("cyclegan", "CycleGAN"),
    "gated-pixelcnn": ("autoregressive.gated_pixelcnn", "GatedPixelCNN"),
    "pixelcnnpp": ("autoregressive.pixelcnnpp", "PixelCNNpp"),
    "pixelcnn": ("autoregressive.pixelcnn", "PixelCNN"),
    "row-lstm": ("autoregressive.pixelrnn", "RowLSTM"),
    "diagonal-bilstm": ("autoregressive.pixelrnn", "DiagonalBiLSTM"),
}

SYSTEMS = tuple(_CLASSES)


def model_class(system: str) -> type[Model]:
    """The class of a system.  Raises KeyError for a name that is not in SYSTEMS."""
    module, name = _CLASSES[system]
    return getattr(import_module(f"playground.models.{module}"), name)
