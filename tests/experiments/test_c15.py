"""C15: CycleGAN needs no pairs, and it is cycle consistency that keeps the content."""

import math

from playground import catalog
from tests.experiments.shipped import measured

WITH, WITHOUT = "cyclegan-facades-short", "cyclegan-facades-nocycle"
CYCLE = {"cycle_weight_x", "cycle_weight_y"}


def test_c15_cycle_consistency_keeps_the_content():
    for metric in ("cycle_l1_x", "cycle_l1_y"):
        assert measured(WITH, metric)["value"] < measured(WITHOUT, metric)["value"]
    better, worse = measured(WITH, "class_iou"), measured(WITHOUT, "class_iou")
    assert better["value"] > worse["value"] and math.isfinite(worse["value"])


def test_c15_the_two_were_trained_alike_but_for_the_cycle_term():
    short, nocycle = (catalog.entry(name).training for name in (WITH, WITHOUT))
    assert short["steps"] == nocycle["steps"] and short["parameters"] == nocycle["parameters"]
    assert short["code_revision"] == nocycle["code_revision"]
    assert all(short["settings"][key] > 0 == nocycle["settings"][key] for key in CYCLE)
    others = [{k: v for k, v in record["settings"].items() if k not in CYCLE} for record in (short, nocycle)]
    assert others[0] == others[1]
