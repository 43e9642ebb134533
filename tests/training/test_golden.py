import json

import pytest

from tests.training import golden
from training.recipes import recipe_class


@pytest.mark.parametrize("recipe", json.loads(golden.FILE.read_text()))
def test_the_first_20_losses_are_the_golden_ones(recipe, tmp_path, device):
    expected = json.loads(golden.FILE.read_text())[recipe]
    found = golden.curve(recipe, tmp_path, device)
    assert len(found) == golden.STEPS
    for step, (mine, theirs) in enumerate(zip(found, expected)):
        # other processors round differently, and a game amplifies it: still far below what any change of the code does
        assert mine == pytest.approx(theirs, rel=1e-6, abs=1e-9), f"step {step}"


def test_every_recipe_has_a_golden_curve():
    from playground.systems import SYSTEMS

    assert set(json.loads(golden.FILE.read_text())) == {name for name in SYSTEMS if recipe_class(name).steps}
