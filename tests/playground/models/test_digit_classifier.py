import torch

from playground.models.base import parameter_count
from playground.models.digit_classifier import DigitClassifier, classification_loss


def test_the_paper_preset_has_the_size_of_its_layers():
    """Six 3x3 convolutions without biases, each with a batch norm's scale and shift, and a linear layer."""
    c = 48
    widths = [1, c, 2 * c, 2 * c, 4 * c, 4 * c, 4 * c]
    expected = sum(9 * i * o + 2 * o for i, o in zip(widths, widths[1:])) + 4 * c * 10 + 10
    assert parameter_count(DigitClassifier(channels=48)) == expected


def test_features_and_logits_have_their_shapes_and_features_are_not_negative(device):
    model = DigitClassifier(channels=4, classes=7).to(device).eval()
    x = torch.rand(3, 1, 28, 28, device=device) * 2 - 1
    assert model.features(x).shape == (3, 16)
    assert (model.features(x) >= 0).all()
    assert model(x).shape == (3, 7)


def test_the_loss_of_equal_logits_is_the_logarithm_of_the_number_of_classes():
    loss = classification_loss(torch.zeros(5, 10, dtype=torch.float64), torch.arange(5))
    torch.testing.assert_close(loss, torch.tensor(10.0, dtype=torch.float64).log())


def test_the_loss_of_bfloat16_logits_is_computed_in_float32():
    assert classification_loss(torch.zeros(2, 10, dtype=torch.bfloat16), torch.arange(2)).dtype == torch.float32
