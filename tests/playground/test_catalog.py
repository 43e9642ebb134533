"""The catalog reads what lies beside the weights once, and again when it has changed."""

import json
import os

import pytest

from playground import catalog
from playground.errors import UserError


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    return tmp_path


def put(root, name: str, **files) -> None:
    (root / name).mkdir(exist_ok=True)
    for file, content in files.items():
        (root / name / f"{file}.json").write_text(json.dumps(content))


def test_what_was_read_is_read_again_only_where_a_file_changed(root):
    put(root, "vae-mine", config={"system": "vae"}, metrics={"metrics": []})
    put(root, "gan-mine", config={"system": "gan"})
    catalog.refresh()
    vae, gan = catalog.entry("vae-mine"), catalog.entry("gan-mine")
    assert vae.metrics == {} and gan.system == "gan"
    put(root, "vae-mine", metrics={"metrics": [{"name": "elbo", "value": -90.0}]})
    catalog.refresh()
    assert catalog.entry("gan-mine") is gan and catalog.entry("vae-mine").metrics["elbo"]["value"] == -90


def test_a_model_that_has_just_come_is_found_and_one_that_went_is_told(root):
    assert catalog.names() == []
    put(root, "vae-mine", config={"system": "vae"})
    assert catalog.entry("vae-mine").system == "vae" and catalog.names("vae") == ["vae-mine"]
    (root / "vae-mine" / "config.json").unlink()
    catalog.refresh()
    with pytest.raises(UserError, match="no pretrained model 'vae-mine' here; there are: none yet"):
        catalog.entry("vae-mine")


def test_folders_without_a_model_hidden_ones_and_damaged_ones_are_passed_over(root):
    put(root, "vae-mine", config={"system": "vae"})
    put(root, ".vae-mine.new", config={"system": "vae"})
    put(root, "empty")
    put(root, "broken", config={})
    (root / "broken" / "config.json").write_text("{")
    (root / "speeds.json").write_text("{}")
    catalog.refresh()
    assert catalog.names("vae") == ["vae-mine"] and catalog.names() == ["broken", "vae-mine"]


def test_the_folders_are_looked_at_at_most_once_in_a_while(root, monkeypatch):
    put(root, "vae-mine", config={"system": "vae"})
    catalog.refresh()
    looks, now = [], catalog.time.monotonic()
    monkeypatch.setattr(catalog.os, "scandir", lambda path, scandir=os.scandir: looks.append(path) or scandir(path))
    for hundredths in range(250):  # two and a half seconds of a gesture
        monkeypatch.setattr(catalog.time, "monotonic", lambda hundredths=hundredths: now + hundredths / 100)
        assert catalog.names("vae") == ["vae-mine"]
    assert looks.count(root) == 2
