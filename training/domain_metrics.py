"""What unpaired translations are judged by: are they of the other domain, and still of the same thing?

Both judges are small convolutional networks, trained here on the true pictures of the training split alone, never on a translation.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.transforms import v2

from playground.models.digit_classifier import convolution

SIZE, BATCH = 64, 32
# A batch has one crop and one change of colour: batches are many
SHIFTED = v2.Compose([v2.RandomCrop(SIZE, padding=4, padding_mode="edge"), v2.RandomHorizontalFlip()])
RECOLOURED = v2.Compose(
    [
        v2.RandomResizedCrop(SIZE, scale=(0.5, 1), antialias=True),
        v2.RandomHorizontalFlip(),
        v2.RandomAffine([-15.0, 15.0], shear=[-10.0, 10.0], fill=1.0),
        v2.ColorJitter(0.4, 0.4, 0.4, 0.05),
        v2.RandomGrayscale(0.2),
    ]
)


class Judge(nn.Module):
    """Logits of `classes` for pictures (N, 3, SIZE, SIZE) in [0, 1]."""

    def __init__(self, classes: int, channels: int = 24):
        super().__init__()
        c = channels
        self.body = nn.Sequential(*(convolution(a, b, stride=2) for a, b in ((3, c), (c, 2 * c), (2 * c, 4 * c), (4 * c, 4 * c))))
        self.head = nn.Linear(4 * c, classes)

    def features(self, pictures: Tensor) -> Tensor:
        """(N, 4 channels): the last stage, averaged over the picture."""
        return self.body(pictures).mean((2, 3))

    def forward(self, pictures: Tensor) -> Tensor:
        return self.head(self.features(pictures))


def small(pictures: Tensor) -> Tensor:
    """uint8 in 0..255, or floats in [-1, 1], (N, 3, H, W), as a judge takes them: (N, 3, SIZE, SIZE) in [0, 1]."""
    pictures = pictures.cpu() / 255 if pictures.dtype == torch.uint8 else (pictures.float().cpu() + 1) / 2
    return functional.interpolate(pictures.clamp(0, 1), (SIZE, SIZE), mode="area")


def trained(pictures: Tensor, labels: Tensor, changes: v2.Transform, epochs: int) -> Judge:
    """A judge of these pictures, as `small` gives them, and their labels (N,) int64; the same one each time."""
    with torch.random.fork_rng([]), torch.inference_mode(False):  # what is measured is measured without gradients
        torch.manual_seed(0)
        pictures, labels = pictures.clone(), labels.clone()
        judge = Judge(int(labels.max()) + 1)
        optimizer = torch.optim.AdamW(judge.parameters(), lr=2e-3, weight_decay=0.05)
        steps = epochs * (len(pictures) // BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
        while schedule.last_epoch < steps:
            for some in torch.randperm(len(pictures)).split(BATCH)[: len(pictures) // BATCH]:
                loss = functional.cross_entropy(judge(changes(pictures[some])), labels[some])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
    return judge.eval().requires_grad_(False)


class DomainJudge:
    """Tells the pictures of two domains apart.

    x, y: those of the training split; heldout: those of another one, by which `accuracy`, 0 to 1, is measured.
    """

    def __init__(self, x: Tensor, y: Tensor, heldout: tuple[Tensor, Tensor], epochs: int = 40):
        labels = torch.arange(2).repeat_interleave(torch.tensor([len(x), len(y)]))
        self.network = trained(torch.cat([small(x), small(y)]), labels, SHIFTED, epochs)
        right = [self.says_y(heldout[0]) < 0.5, self.says_y(heldout[1]) > 0.5]
        self.accuracy = torch.cat(right).double().mean().item()

    def says_y(self, pictures: Tensor) -> Tensor:
        """1.0 for each picture that is taken for one of Y, or else 0.0: (N,)."""
        return self.network(small(pictures)).argmax(1).double()


class NameJudge:
    """Knows each picture of the training split by its own name; how near two pictures are is the cosine of its features."""

    def __init__(self, x: Tensor, y: Tensor, epochs: int = 30):
        pictures = torch.cat([small(x), small(y)])
        self.network = trained(pictures, torch.arange(len(pictures)), RECOLOURED, epochs)

    def finds(self, pictures: Tensor, partners: Tensor) -> Tensor:
        """1.0 for each of `pictures` (N, ...) whose nearest of `partners` is the one at its own place, or else 0.0: (N,)."""
        a, b = (functional.normalize(self.network.features(small(some)), dim=1) for some in (pictures, partners))
        return ((a @ b.T).argmax(1) == torch.arange(len(a))).double()
