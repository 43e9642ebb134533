"""Principal component analysis (Pearson 1901) of 28x28 grey images."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor
from torchvision.utils import make_grid

from playground.errors import UserError
from playground.imaging.examples import drawn_digits
from playground.models.autoencoder import squared_error
from playground.models.pca import PCA, mean_and_covariance
from training import data
from training.metrics import mean, probe_accuracy
from training.recipes import Metric, Recipe, Settings

LADDER = (1, 2, 3, 4, 8, 16, 32)  # dimensions at which PCA, autoencoders and VAEs are compared


@dataclass(frozen=True)
class PCASettings(Settings):
    components: int = 64  # axes that are kept


class PCARecipe(Recipe):
    """Principal component analysis: the best linear encoder and decoder, in closed form (Pearson 1901)."""

    name = "pca"
    Settings = PCASettings
    presets = {"small": {}, "paper": {"components": 784}}  # Pearson keeps as many axes as there are coordinates
    steps = False

    def __init__(self, settings: PCASettings):
        self.settings = settings
        if settings.components > 784:
            raise UserError(f"Images of 28x28 pixels have 784 components at most; --components is {settings.components}.")
        self.images, self.labels = data.digits(settings.dataset, "train", settings.data_dir)

    def __len__(self) -> int:
        return len(self.images)

    def model(self) -> PCA:
        return PCA(self.settings.components, self.settings.dataset)

    def fit(self, model: PCA) -> None:
        model.fit(*mean_and_covariance(self.images / 127.5 - 1))

    def film(self, model: PCA) -> Tensor:
        """The ten drawn digits, rebuilt."""
        return make_grid(model.decode(model.encode(drawn_digits().to(model.mean))), nrow=5, padding=1)

    def metrics(self, model: PCA) -> Iterator[Metric]:
        images, labels = data.digits(self.settings.dataset, "test", self.settings.data_dir)
        codes, test_codes = (model.encode(split.to(model.axes) / 127.5 - 1) for split in (self.images, images))
        x = images.to(model.axes) / 127.5 - 1
        count = len(model.axes)
        errors = {d: mean(squared_error(model.decode(test_codes[:, :d]), x)) for d in (*[d for d in LADDER if d < count], count)}
        found = {d: probe_accuracy(codes[:, :d], self.labels, test_codes[:, :d], labels) for d in errors}
        common = {"data": f"{self.settings.dataset}, {len(x):,} images", "n": len(x)}
        yield Metric(
            "mse",
            errors[count][0],
            stderr=errors[count][1],
            unit="",
            estimator=f"squared error of the image rebuilt from {count} dimensions, mean over pixels, which are in [-1, 1]",
            extra={"by_dimensions": {str(d): error for d, (error, _) in errors.items()}},
            **common,
        )
        yield Metric(
            "probe_accuracy",
            found[count][0],
            stderr=found[count][1],
            unit="%",
            estimator=f"test codes of {count} dimensions whose nearest of {len(codes):,} training codes is of the same class",
            extra={"by_dimensions": {str(d): right for d, (right, _) in found.items()}},
            **common,
        )


RECIPE = PCARecipe
