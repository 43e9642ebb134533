"""C18: does a PixelCNN train faster than a PixelRNN, and is it a little worse?  The page says what was counted and measured."""

from playground import api, catalog
from playground.models.base import parameter_count
from playground.ui.tabs.compare import cost
from tests.experiments.shipped import measured

RECURRENT = {"row-lstm-mnist": 28, "diagonal-bilstm-mnist": 55}
NAMES = {"row-lstm-mnist": "Row LSTM", "diagonal-bilstm-mnist": "Diagonal BiLSTM"}


def test_c18_steps_are_counted():
    plain, *rows = api.compare_steps(28)
    assert (plain["model"], plain["formula"], plain["steps"]) == (None, "n\u00b2", 784)
    counted = {row["model"]: row["steps"] for row in rows}
    assert counted.items() >= {**RECURRENT, "pixelcnn-mnist": 1, "gated-pixelcnn-mnist": 1}.items()


def test_c18_the_rows_are_of_the_weights_that_ship_and_of_one_machine():
    rows = api.compare_steps()[1:]
    assert len({(row["hardware"], row["precision"]) for row in rows if row["images_per_second"]}) == 1
    for row in rows:
        assert row["parameters"] == parameter_count(catalog.load(row["model"]))
        if row["nats"]:
            assert row["nats"] == measured(row["model"], "nats")["value"]  # which are of these weights


def test_c18_the_page_says_how_much_faster_and_who_is_not():
    rows = {row["model"]: row for row in api.compare_steps()}
    said, cnn = cost.disagreement(), rows["pixelcnn-mnist"]["images_per_second"]
    for name, steps in RECURRENT.items():
        assert f"{cnn / rows[name]['images_per_second']:.2g} times as fast as {NAMES[name]} with {steps} steps" in said
    gated = rows["gated-pixelcnn-mnist"]["images_per_second"]
    slower = gated < max(rows[name]["images_per_second"] for name in RECURRENT)
    assert ("Gated PixelCNN waits for one step, too, and is slower" in said) == slower
    assert not any(name in said for name in rows if name)  # a model's name in the files says little to a reader


def test_c18_the_page_says_whether_pixelcnn_is_a_little_worse():
    cnn, *recurrent = (measured(name, "nats")["value"] for name in ("pixelcnn-mnist", *RECURRENT))
    said = cost.disagreement()
    assert ("It is a little worse:" in said) == all(cnn > nats for nats in recurrent)
    assert f"{cnn:.2f} nats" in said and all(f"{NAMES[name]} {nats:.2f}" in said for name, nats in zip(RECURRENT, recurrent))


def test_c18_the_answer_follows_the_figures(monkeypatch):
    said = lambda *rows: monkeypatch.setattr(api, "compare_steps", lambda: list(rows)) or cost.disagreement()  # noqa: E731
    plain, *rows = api.compare_steps()
    cnn, row = ({r["model"]: r for r in rows}[name] | {"images_per_second": 50.0} for name in ("pixelcnn-mnist", "row-lstm-mnist"))
    assert "no recurrent model" in said(plain, cnn)
    slower, faster = row | {"images_per_second": 5.0, "nats": 82.0}, row | {"images_per_second": 640.0, "nats": None}
    disagrees = said(plain, cnn, faster)
    assert disagrees.startswith("Not faster than all of them: a PixelCNN is 0.078 times as fast as Row LSTM with 28 steps.")
    assert "PixelCNN waits for one step, too, and is slower than Row LSTM." in disagrees
    assert disagrees.endswith("Whether it is worse was not measured yet.")
    agrees = said(plain, cnn | {"nats": 82.5}, slower)
    assert agrees.startswith("Faster, but not by as much: a PixelCNN is 10 times")
    assert "It is a little worse: " in agrees and "82.50" in agrees
    assert said(plain, cnn, slower | {"images_per_second": 1.0}).startswith("Faster, and by as much: a PixelCNN is 50 times")
    assert "It is not worse: " in said(plain, cnn | {"nats": 81.5}, slower)
    assert "It is worse than some: " in said(plain, cnn | {"nats": 82.5}, slower, slower | {"nats": 83.0})
