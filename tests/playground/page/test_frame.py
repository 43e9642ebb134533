"""What the frame says of a model under its tab."""

import json

from playground import zoo
from playground.page.values import measured


def test_the_split_and_the_binarisation_stand_before_the_figures_that_they_hold_for(tmp_path, monkeypatch):
    of = {"unit": "nats", "bound": None, "published": None, "split": "test", "binarisation": "dynamic, test set fixed by seed 0"}
    metrics = [
        {**of, "name": "elbo", "value": 82.5, "bound": "upper"},
        {**of, "name": "mse", "value": 0.5, "binarisation": None},
        {**of, "name": "kl", "value": 25.0},
        {**of, "name": "accuracy", "value": 99.0, "split": "train", "binarisation": "threshold 0.5"},
    ]
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "config.json").write_text('{"system": "vae"}')
    (tmp_path / "vae" / "metrics.json").write_text(json.dumps({"metrics": metrics}))
    monkeypatch.setattr(zoo, "ROOT", tmp_path)
    assert measured("vae") == (
        "<p><b>vae</b> &middot; test split, dynamic binarisation: elbo \u2264 82.5 nats &middot; kl 25 nats &middot; "
        "test split: mse 0.5 nats &middot; train split, threshold 0.5 binarisation: accuracy 99 nats</p>"
    )
