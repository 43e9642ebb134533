"""C16 and C17: what a pixel can see, by gradients and by kernel sizes.

On random weights the two are the same set of pixels; on the shipped weights the gradients stay inside it.
"""

import pytest
import torch

from playground import catalog
from playground.analysis.receptive_field import ORDERS, earlier, gradient_field, steps, theoretical_field
from playground.models.autoregressive.gated_pixelcnn import GatedPixelCNN
from playground.models.autoregressive.pixelcnn import PixelCNN
from playground.models.autoregressive.pixelrnn import DiagonalBiLSTM, RowLSTM
from playground.ui.tabs.pixels import field
from tests.experiments.shipped import measured

SIZE = 15
SPOTS = [(10, 7), (7, 1), (9, 13), (0, 3), (14, 14)]
MODELS = {
    "pixelcnn": lambda: PixelCNN(layers=2, channels=8, head=4, size=SIZE),
    "gated-pixelcnn": lambda: GatedPixelCNN(layers=2, channels=4, head=4, size=SIZE),
    "row-lstm": lambda: RowLSTM(layers=1, channels=8, head=4, size=SIZE),
    "diagonal-bilstm": lambda: DiagonalBiLSTM(layers=1, channels=8, head=4, size=SIZE),
}
SHIPPED = ("pixelcnn-mnist", "gated-pixelcnn-mnist", "row-lstm-mnist", "diagonal-bilstm-mnist")


def random_model(system: str, device: str = "cpu"):
    """A shallow model in float64 with all weights random."""
    torch.manual_seed(1)
    model = MODELS[system]().double()
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.4)
    return model.to(device)


def support(model, row: int, column: int, images: int = 32) -> torch.Tensor:
    """Where the gradient is not zero, for several images: rectifiers close some paths in any single one."""
    like = next(model.parameters())
    x, y = torch.rand(images, 1, model.size, model.size, dtype=like.dtype).to(like), torch.arange(images, device=like.device) % 10
    return gradient_field(model, x, y, row, column).ne(0).cpu()


@pytest.mark.parametrize("system", MODELS)
def test_c16_the_gradients_reach_just_what_the_kernels_do(system, device):
    model = random_model(system, device)
    for row, column in SPOTS:
        assert torch.equal(support(model, row, column), theoretical_field(model, row, column)), (row, column)


def test_c16_the_row_lstm_sees_a_triangle_and_the_diagonal_bilstm_all_before_but_one():
    row, column = 10, 7
    before = earlier(SIZE, row, column)
    everything = before.clone()
    # All but one: the features of the row above are of the pixels before each of them (mask A), so none of them knows the row's last.
    everything[row - 1, -1] = False
    assert torch.equal(theoretical_field(random_model("diagonal-bilstm"), row, column), everything)
    triangle = theoretical_field(random_model("row-lstm"), row, column)
    assert (triangle & ~before).sum() == 0 and (before & ~triangle).sum() > 0
    widths = triangle[:row].sum(1)
    assert (widths.diff() <= 0).all() and widths[0] > widths[-1]  # it widens upwards, row by row


def test_c16_a_plain_recurrence_waits_for_every_pixel_a_row_lstm_for_rows_a_bilstm_for_diagonals():
    assert {kind: steps(kind, 28) for kind in ORDERS} == {"pixels": 28**2, "diagonals": 2 * 28 - 1, "rows": 28, "at once": 1}


@pytest.mark.parametrize("name", SHIPPED)
def test_c16_shipped_weights_look_inside_what_their_kernels_reach(name):
    model = catalog.load(name)
    for row, column in ((14, 14), (3, 25), (27, 0)):
        field = support(model, row, column, images=4)
        assert not (field & ~theoretical_field(model, row, column)).any()
        assert field.any()


def test_c17_pixelcnn_has_a_blind_spot(device):
    """Pixels above and to the right that no filter reaches, though they lie no farther than those that it does reach, and more layers
    do not help; Gated PixelCNN's two stacks see all of them."""
    row, column = 10, 7
    blind = {}
    for system in ("pixelcnn", "gated-pixelcnn"):
        model = random_model(system, device)
        field = support(model, row, column)
        rows, columns = field.nonzero(as_tuple=True)
        box = torch.zeros_like(field)  # as far up and to either side as it sees anywhere
        box[rows.min() : row + 1, columns.min() : columns.max() + 1] = True
        blind[system] = box & earlier(SIZE, row, column) & ~field
    assert not blind["gated-pixelcnn"].any()
    assert blind["pixelcnn"].any()
    assert blind["pixelcnn"].nonzero()[:, 1].min() > column  # all of it to the right
    deep = PixelCNN(layers=20, channels=4, head=4, size=SIZE)
    assert not theoretical_field(deep, row, column)[row - 1, -1]


def test_c17_the_page_says_whether_gated_pixelcnn_has_fewer_nats_than_pixelcnn():
    """On the weights shipped so far the claim may fail, since they saw unlike numbers of images; then the page must say so."""
    plain, gated = (measured(name, "nats")["value"] for name in ("pixelcnn-mnist", "gated-pixelcnn-mnist"))
    answer = field.blind_spot()
    assert f"fewer nats for it {'holds' if gated < plain else 'fails'} here" in answer
    assert f"{plain:.4g}" in answer and f"{gated:.4g}" in answer
