import torch

from playground.models.autoregressive.mean import MeanOfConditionals
from tests.playground.models.autoregressive.test_families import FAMILIES, tiny
from training import mean_of_conditionals


def test_nats_of_the_mean_and_of_each_member_are_their_own_densities():
    members = [tiny("cpu", system, size=4, classes=3) for system in FAMILIES]
    mean, x = MeanOfConditionals.of(members), torch.randint(2, (30, 1, 4, 4)).double()
    with torch.no_grad():
        expected = torch.stack([-model.log_prob(x) for model in (mean, *members)], 1)
    torch.testing.assert_close(mean_of_conditionals.nats(mean, x).double(), expected, rtol=1e-6, atol=1e-6)


def test_a_row_takes_the_place_of_the_one_of_its_binarisation():
    text = mean_of_conditionals.DOCUMENT.read_text(encoding="utf-8")
    first = mean_of_conditionals.with_row(text, "| a | 1 |\n")
    second = mean_of_conditionals.with_row(first, "| b | 2 |\n")
    third = mean_of_conditionals.with_row(second, "| a | 3 |\n")
    assert "| a | 3 |\n| b | 2 |\n" in third and "| a | 1 |" not in third and third.count("\n") == text.count("\n") + 2
