"""The film of a training: its steps, its file, and the view in which it is watched."""

import json

import pytest
from PIL import Image

from playground import catalog, snapshots
from playground.errors import UserError
from playground.ui.training_snapshots import LAST, seen


def greys(*levels: int) -> list[Image.Image]:
    return [Image.new("RGB", (8, 8), (level, level, level)) for level in levels]


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """trained(levels, steps, before) -> the name of a model with a film of grey frames."""
    monkeypatch.setattr(catalog, "ROOT", tmp_path)

    def make(levels, steps: int, before: dict | None = None) -> str:
        name = f"model-{len(list(tmp_path.iterdir()))}"
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text('{"system": "vae"}')
        record = {"steps": steps, "settings": {"batch_size": 4}, "started_from": before}
        (tmp_path / name / "training.json").write_text(json.dumps(record))
        snapshots.save(greys(*levels), tmp_path / name / "film.webp")
        return name

    return make


def test_the_steps_are_log_spaced_from_the_start_to_the_end():
    steps = snapshots.steps(20_000)
    assert len(steps) == snapshots.FRAMES and steps[:3] == [0, 1, 2] and steps[-1] == 20_000
    ratios = [after / before for before, after in zip(steps[8:], steps[9:])]
    assert max(ratios) / min(ratios) < 1.1
    assert snapshots.steps(5) == [0, 1, 2, 3, 4, 5]


def test_a_film_comes_back_frame_by_frame_though_equal_ones_are_stored_once(tmp_path):
    levels = [0, 0, 0, 90, 90, 200]
    snapshots.save(greys(*levels), tmp_path / "film.webp")
    with Image.open(tmp_path / "film.webp") as stored:
        assert stored.n_frames == 3
    assert [frame.getpixel((4, 4))[0] for frame in snapshots.load(tmp_path / "film.webp")] == pytest.approx(levels, abs=4)
    snapshots.save(greys(10, 20), tmp_path / "film.webp")
    assert len(snapshots.load(tmp_path / "film.webp")) == 2, "a film that was made anew is read anew"


def test_no_film_and_a_damaged_one_are_told_in_a_sentence(tmp_path):
    with pytest.raises(UserError, match="no film"):
        snapshots.load(tmp_path / "film.webp")
    for content in (b"", b"RIFF no film", b"\x89PNG"):
        (tmp_path / "film.webp").write_bytes(content)
        with pytest.raises(UserError, match="damaged"):
            snapshots.load(tmp_path / "film.webp")
    Image.new("RGB", (8, 8)).save(tmp_path / "film.webp")  # one picture that doesn't move
    with pytest.raises(UserError, match="damaged"):
        snapshots.load(tmp_path / "film.webp")


def test_a_frame_is_seen_with_its_step(trained):
    name = trained(range(0, 240, 10), 1000)
    steps = snapshots.steps(1000)
    for frame in (0, 11, LAST):
        picture, figures, words = seen(name, frame)
        assert picture["alt"] == f"What {name} made after {steps[frame]:,} steps."
        assert f"<dd>{steps[frame]:,} <span>of 1,000 steps" in figures and f"<dd>{4 * steps[frame]:,} " in figures
        assert "random" in words
    assert "after 77 steps" in seen(trained(range(0, 240, 10), 1000, {"steps": 77}), 0)[2]


def test_the_film_of_the_run_before_has_that_runs_steps(trained):
    name = trained(range(0, 240, 10), 1000)
    record = {"steps": 7, "film": "of the run before", "started_from": catalog.entry(name).training}
    (catalog.ROOT / name / "training.json").write_text(json.dumps(record))
    assert "of 1,000 steps" in seen(name, 12)[1]


def test_a_film_of_a_shortened_run_says_about(trained):
    name = trained(range(0, 200, 10), 1000)  # 20 frames, where 1,000 steps have 24
    assert "about" not in seen(name, 0)[1] and "<dd>1,000 " in seen(name, LAST)[1]
    assert "<dd>about " in seen(name, 12)[1]
    assert "about" not in "".join(seen(trained(range(0, 120, 20), 5), frame)[1] for frame in range(LAST + 1)), (
        "six frames are all there are"
    )


def test_a_record_without_steps_is_told_in_a_sentence(trained):
    name = trained([0, 50], 10)
    (catalog.ROOT / name / "training.json").write_text("{}")
    with pytest.raises(UserError, match="doesn't say"):
        seen(name, 0)
