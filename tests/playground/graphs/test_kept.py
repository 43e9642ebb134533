"""Models that come without graphs, or with those of other weights, get them once, and the folder that they lie in stays as it is."""

import logging
import shutil

import pytest

from playground import catalog, graphs, scratch
from playground.graphs import kept, recording
from playground.graphs.recording import record
from playground.ui import browser, state
from playground.ui.tabs.digits.state import Shared


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A folder of models that can't be written to, and a cache of its own."""
    folder = tmp_path / "my models"
    for name in ("dcgan-mnist", "digit-classifier"):
        shutil.copytree(catalog.entry(name).folder, folder / name)
    for path in folder.glob("dcgan-mnist/*.onnx"):
        path.unlink()
    (folder / "dcgan-mnist/graphs.json").unlink()
    monkeypatch.setattr(catalog, "ROOT", folder)
    monkeypatch.setattr(kept, "cache", lambda name: tmp_path / "cache")
    return folder


def recorded(model: str):
    """What a function that asks `model` for samples is recorded as."""
    return record(lambda state: graphs.run("way", model, a=0, b=1, t=0.5).sheet, Shared, state.options)


def test_a_model_without_graphs_gets_them_in_the_cache_and_once(models, monkeypatch):
    before = {path: path.read_bytes() for path in models.rglob("*") if path.is_file()}
    with pytest.raises(recording.NotRecordable, match="has no"):
        recorded("dcgan-mnist")
    place = browser._place(catalog.entry("dcgan-mnist"))
    assert kept.make_missing()
    entry = catalog.entry("dcgan-mnist")
    assert recorded("dcgan-mnist")["calls"][0]["graph"] == "way" and browser._place(entry) != place
    assert set(kept.manifest(entry)) == set(graphs.graphs_of(entry))
    assert all(kept.path(entry, file).exists() for file in graphs.files_of(kept.manifest(entry)))
    assert {path: path.read_bytes() for path in models.rglob("*") if path.is_file()} == before
    monkeypatch.setattr(kept.subprocess, "run", lambda *_, **__: pytest.fail("made again"))
    assert not kept.make_missing()


def test_graphs_of_other_weights_are_made_anew(models):
    folder = models / "digit-classifier"
    assert not kept.is_wanting(catalog.entry("digit-classifier"))
    manifest = (folder / "graphs.json").read_text()
    (folder / "graphs.json").write_text(manifest.replace(kept.digest(catalog.entry("digit-classifier")), "0" * 16))
    catalog.refresh()
    assert kept.is_wanting(catalog.entry("digit-classifier"))


def test_what_cant_be_exported_is_said_in_one_line(models, monkeypatch, caplog):
    (models / "dcgan-mnist/model.safetensors").write_bytes(b"damaged")
    catalog.refresh()
    with caplog.at_level(logging.WARNING):
        kept.make_missing()
    said = [record.getMessage() for record in caplog.records]
    assert said and all(line.startswith("dcgan-mnist is computed by the server: ") for line in said)
    assert "damaged" in said[0] and kept.manifest(catalog.entry("dcgan-mnist")) == {}


def test_a_manifest_names_no_file_outside_its_folder():
    reads = {"../secret.txt": [0, 1], "..": [0, 1], "a/b": [0, 1], "..\\x": [0, 1], ".hidden": [0, 1], "model.safetensors": [0, 1]}
    assert graphs.files_of({"decode": {"reads": reads}}) == {"decode.onnx", "model.safetensors"}


def test_the_cache_is_a_folder_of_the_users_own_where_home_cant_be_written_to(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch, "_writable", lambda folder: False)
    monkeypatch.setattr(scratch.tempfile, "gettempdir", lambda: str(tmp_path))
    assert scratch.cache.__wrapped__("graphs").parent == tmp_path
