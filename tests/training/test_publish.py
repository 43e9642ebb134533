"""The Hub, over a socket: what is pushed comes back the same, versions are tagged, and a person's card is never lost."""

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml

from playground import catalog
from playground.errors import UserError
from playground.models.digit_classifier import DigitClassifier
from tests.hub_server import READ_TOKEN, Repository
from tests.training.conftest import WITHOUT_GRAPHS
from training import cards, export, publish, run
from training.files import write_json

ROOT = Path(__file__).resolve().parents[2]
ID = "ann/my-judge"


@pytest.fixture
def folder(tmp_path) -> Path:
    return trained(tmp_path / "my-judge", seed=1)


def trained(folder: Path, seed: int, dataset: str = "mnist") -> Path:
    """A model's folder as the engine writes it, with figures as evaluate.py writes them."""
    folder.mkdir(exist_ok=True)
    torch.manual_seed(seed)
    export.save_model(DigitClassifier(channels=2), folder)
    record = {
        "recipe": "digit-classifier", "command": "python training/run.py digit-classifier --epochs 3", "started_from": None,
        "steps": 2345, "images": 150080, "epochs": 3.0, "minutes": 7.5, "total_minutes": 7.5, "images_per_second": 333.5,
        "precision": "bf16",
        "hardware": "A processor, 1 thread", "parameters": {"stages": 2468}, "training_examples": 50000, "code_revision": "abc1234",
        "torch": "2.14.1", "settings": {"dataset": dataset, "preset": "small", "seed": seed},
    }  # fmt: skip
    metric = {
        "name": "accuracy", "value": 99.512, "stderr": 0.07, "unit": "%", "data": "MNIST, 10,000 digits", "split": "test",
        "binarisation": None, "estimator": "share of right answers", "bound": None, "n": 10000, "published": "99.8 | a paper",
        "hardware": "A processor", "weights_sha256": sha256(folder / "model.safetensors"), "command": "python training/evaluate.py x",
        "seconds": 3.2,
    }  # fmt: skip
    write_json(folder / "training.json", record)
    write_json(folder / "metrics.json", {"metrics": [metric]})
    cards.write_card(folder)
    return folder


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def front_matter(text: str) -> dict:
    return yaml.safe_load(text.split("---\n")[1])


def child(*arguments, environment: dict[str, str], cwd: Path) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *map(str, arguments)], env=environment, cwd=cwd, capture_output=True, text=True, timeout=300)


def script(code: str, *arguments, environment: dict[str, str]) -> dict:
    """What a child process prints, as JSON; it starts in the repository's root."""
    done = child("-c", code, *arguments, environment=environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


# --- the card ---


def test_the_card_reports_what_was_measured_and_how_it_was_trained(folder):
    (folder / "notes.md").write_text("## What was compared\n\nWider was slower.\n")
    assert cards.write_card(folder)
    text = (folder / "README.md").read_text()
    assert "99.51 ± 0.07 %" in text and "99.8 \\| a paper" in text and "n = 10,000" in text
    assert "`python training/run.py digit-classifier --epochs 3`" in text and "7.5 minutes" in text and "abc1234" in text
    assert "2,345 steps" in text and "stages 2,468" in text and "Wider was slower." in text
    assert 'load("my-judge")' in text and f'load("{ID}")' in cards.card(folder, ID)
    assert front_matter(text)["model-index"][0]["results"][0]["metrics"][0]["value"] == 99.512
    assert "statistics per process" in text, "the judge has batch normalisation"
    fields = front_matter(text)
    assert fields["license"] == "apache-2.0" and fields["library_name"] == "pytorch" and fields["datasets"] == ["ylecun/mnist"]


@pytest.mark.parametrize("dataset", ["facades", "flowers17", "flowers-yellow-violet"])
def test_weights_trained_on_research_only_data_say_so(tmp_path, dataset):
    text = (trained(tmp_path / "model", 1, dataset) / "README.md").read_text()
    assert front_matter(text)["license"] == "other" and front_matter(text)["license_name"] == "research-only-data"
    assert "use them for research only" in text and "The code is Apache-2.0" in text


def test_weights_trained_on_ones_own_images_get_no_licence_from_us(tmp_path):
    text = (trained(tmp_path / "model", 1, "folder") / "README.md").read_text()
    assert "license" not in front_matter(text) and "the weights are their owner's" in text


def test_figures_of_other_weights_are_not_in_the_card(folder):
    export.save_model(DigitClassifier(channels=2), folder)  # retrained, not measured
    assert cards.write_card(folder) and "99.51" not in (folder / "README.md").read_text()


def test_both_ways_to_load_it_that_the_card_tells_work(folder):
    snippets = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    kept = [f"{snippet}\nmodels.append(model.eval().state_dict())" for snippet in snippets]
    same = "a, b = models\nassert a.keys() == b.keys() and all(a[name].equal(b[name]) for name in a)"
    code = "\n".join(["models = []", *kept, same])
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PLAYGROUND_PRETRAINED": str(folder.parent), "OMP_NUM_THREADS": "1"}
    done = child("-c", code, environment=environment, cwd=folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "origin, said",
    [
        ("https://ann:secret@code.example/ann/playground.git", "https://code.example/ann/playground"),
        ("git@code.example:ann/playground.git", "https://code.example/ann/playground"),
        ("/home/ann/playground", None),
    ],
)
def test_a_card_for_the_hub_says_where_the_code_is_and_no_secret(folder, monkeypatch, origin, said):
    monkeypatch.setattr(cards.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, origin + "\n"))
    text = cards.card(folder, ID)
    assert (f"`pip install git+{said}`" if said else "`pip install .` in a checkout") in text and "secret" not in text
    assert "git+" not in cards.card(folder, "my-judge"), "a card in a checkout is the same in every one"


def test_a_repository_made_for_a_run_that_failed_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(publish, "check", lambda *_, **__: True)
    with pytest.raises(UserError, match="needs --data-dir"):
        run.main(["vae", "--dataset", "folder", "--output", str(tmp_path / "new"), "--push-to-hub", ID])
    assert f"{ID} was made on the Hub for this run and is empty; `hf repo delete {ID}` removes it." in capsys.readouterr().err


def test_a_card_that_a_person_edited_is_left_alone(folder):
    path = folder / "README.md"
    assert cards.is_generated(path.read_text()) and cards.write_card(folder)
    edited = path.read_text().replace("# my-judge", "# My own judge")
    path.write_text(edited)
    assert not cards.write_card(folder) and path.read_text() == edited
    for text in ("", "# only a title\n", path.read_text() + "more\n"):
        assert not cards.is_generated(text)


def test_cards_of_shipped_models_have_commands_that_work():
    for name in catalog.names():
        text, made = (catalog.ROOT / name / "README.md").read_text(), set(catalog.names())
        trained = re.findall(r"`python training/run.py ([^`]+)`", text)
        assert trained and f"`python training/evaluate.py {name}`" in text, name
        for command in trained:
            _, settings = run.parse(shlex.split(command))
            assert settings.start is None or settings.start.name in made, f"{name}: {command}"
            made |= {settings.output.name} if settings.output else set()


def test_a_run_that_started_from_others_is_made_anew_by_its_cards_commands():
    first = {"command": "python training/run.py cgan --output pretrained/x", "started_from": None}
    second = {"command": "python training/run.py cgan --from .runs/x --seed 1", "started_from": first | {"name": "x"}}
    assert cards.commands(second, "my-cgan") == [
        "python training/run.py cgan --output pretrained/my-cgan-part1",
        "python training/run.py cgan --seed 1 --from my-cgan-part1 --output pretrained/my-cgan",
    ]
    hub = {"command": "python training/run.py vae --from ann/vae", "started_from": {"name": "ann/vae", "command": "x"}}
    assert cards.commands(hub, "mine") == [hub["command"]]
    own = {"command": "python training/run.py vae --dataset folder", "settings": {"dataset": "folder"}, "started_from": None}
    assert cards.commands(own, "mine") == ["python training/run.py vae --dataset folder --data-dir FOLDER"]


def test_published_figures_stand_beside_the_same_data_alone():
    for name in catalog.names():
        entry = catalog.entry(name)
        for metric in entry.metrics.values():
            assert not metric["published"] or entry.training["settings"]["dataset"].startswith("mnist"), f"{name}: {metric['published']}"


# --- push and pull ---

PUSH_AND_PULL = """
import json, sys
import torch
from pathlib import Path
from playground import catalog, load
from playground.errors import UserError
from training.publish import collect, publish

def error(call, *args, **options):
    try:
        return call(*args, **options) and None
    except UserError as told:
        return str(told)

first, second, third, repo = *map(Path, sys.argv[1:4]), sys.argv[4]
catalog.load_entry(catalog.Entry("local", first)).push_to_hub("ann/by-its-method")  # of PyTorchModelHubMixin
said = publish(second, repo)
publish(third, "ann/private", private=True)
x = torch.linspace(-1, 1, 2 * 28 * 28).view(2, 1, 28, 28)
def same(model, folder):
    local = catalog.load_entry(catalog.Entry("local", folder))
    return all(a.equal(b) for a, b in zip(model.state_dict().values(), local.state_dict().values())) and model(x).equal(local(x))
v1, v2, latest = catalog.load(repo, revision="v1"), catalog.load(repo, revision="v2"), catalog.load(repo)
print(json.dumps({
    "said": said, "v1 is the first": same(v1, first), "v2 is the second": same(v2, second), "v1 is the second": same(v1, second),
    "by its method": same(load("ann/by-its-method"), first), "latest is the second": same(latest, second),
    "metrics of v1": catalog.entry(repo, "v1").metrics["accuracy"]["value"],
    "no such revision": error(catalog.load, repo, revision="v9"), "no such model": error(catalog.load, "ann/nothing"),
    "collected again": [collect(repo, "My models"), collect("ann/private", "My models")][0],
    "public": error(publish, second, repo, private=True), "bad id": error(publish, second, "no-slash"),
}))
"""


def test_a_model_pushed_twice_comes_back_as_two_versions(hub, folder, tmp_path):
    environment = hub.environment(tmp_path / "home")
    pushed = child(ROOT / "training/publish.py", folder, ID, "--collection", "My models", environment=environment, cwd=tmp_path)
    assert pushed.returncode == 0, pushed.stderr
    collected = f"It is in the collection {hub.url}/collections/ann/my-models-1."
    assert pushed.stdout == f"Published my-judge as {hub.url}/{ID}, version v1.\n{collected}\n"
    repository = hub.model(ID)
    assert len(repository.commits) == 2, "the Hub's own first one, and one for everything"
    assert repository.tags == {"v1": repository.head[0]} and not repository.private
    files = repository.head[1]
    assert files.keys() == {".gitattributes", "README.md", "config.json", "model.safetensors", "metrics.json", "training.json"}
    assert files["model.safetensors"] == (folder / "model.safetensors").read_bytes()
    assert f'load("{ID}")' in files["README.md"].decode() and cards.is_generated(files["README.md"].decode())

    edited = files["README.md"] + b"\nA sentence of a person's own.\n"
    repository.commit(files | {"README.md": edited})
    second = trained(tmp_path / "second", seed=2)
    (second / "metrics.json").unlink()  # not measured yet
    third = trained(tmp_path / "third", seed=3)
    (third / "README.md").write_text("---\nlicense: mit\n---\n# My own card\n")
    answers = script(PUSH_AND_PULL, folder, second, third, ID, environment=environment)
    assert answers["said"].endswith("version v2.")
    assert answers["by its method"] and answers["v1 is the first"] and answers["v2 is the second"] and answers["latest is the second"]
    assert not answers["v1 is the second"]
    assert answers["metrics of v1"] == 99.512
    assert answers["collected again"] == collected and hub.collections["ann/my-models-1"] == [("model", ID), ("model", "ann/private")]
    assert "no revision 'v9'" in answers["no such revision"] and "no model ann/nothing" in answers["no such model"]
    assert "is public on the Hub" in answers["public"] and "has the form user/name" in answers["bad id"]
    assert len(repository.commits) == 4 and repository.tags["v2"] == repository.head[0]
    assert repository.head[1]["README.md"] == edited, "the person's card stayed"
    assert "metrics.json" not in repository.head[1], "figures of the weights before do not stand beside these"
    private = hub.model("ann/private")
    assert private.private and private.head[1]["README.md"] == (third / "README.md").read_bytes(), "an edited local card is sent as it is"


REFUSED = """
import json, os, sys
from playground import catalog, load
from playground.errors import UserError
from training.publish import publish, publish_space

told = []
for token in (None, "hf_wrong", sys.argv[1]):
    os.environ.pop("HF_TOKEN", None)
    if token:
        os.environ["HF_TOKEN"] = token
    for call in (lambda: publish(sys.argv[2], "ann/x"), lambda: publish_space("ann/x")):
        try:
            told.append(call())
        except UserError as error:
            told.append(str(error))
print(json.dumps(told))
"""


def test_without_a_token_that_may_write_nothing_is_made(hub, folder, tmp_path):
    told = script(REFUSED, READ_TOKEN, folder, environment=hub.environment(tmp_path / "home", token=None))
    assert all("Publishing needs a Hugging Face token: run `hf auth login`" in sentence for sentence in told[:2])
    assert all("the token is not valid" in sentence for sentence in told[2:4])
    assert all("may only read" in sentence for sentence in told[4:])
    assert not hub.repositories and not any(request.startswith("POST") for request in hub.requests)


UNREACHABLE = """
import json, sys
from playground import catalog, load
from playground.errors import UserError
from training.publish import collect, publish

told = []
for call in (lambda: catalog.load("ann/my-judge"), lambda: publish(sys.argv[1], "ann/my-judge")):
    try:
        told.append(str(call()))
    except UserError as error:
        told.append(str(error))
print(json.dumps(told))
"""


def test_a_hub_that_is_not_there_is_told_in_one_sentence(hub, folder, tmp_path):
    nowhere = hub.environment(tmp_path / "home") | {"HF_ENDPOINT": "http://127.0.0.1:9"}
    pull, push = script(UNREACHABLE, folder, environment=nowhere)
    assert "can't be reached" in pull and "can't be reached" in push


# --- from the recipes' command line ---


def train(
    *options, output: Path, digits: Path, environment: dict[str, str], cwd: Path, program: Path = ROOT / "training/run.py"
) -> subprocess.CompletedProcess:
    command = [program, "vae", "--dataset", "folder", "--data-dir", digits, "--max-steps", "2", "--batch-size", "8"]
    return child(*command, "--output", output, "--push-to-hub", ID, *options, environment=environment, cwd=cwd)


def test_a_recipe_pushes_what_it_trained(hub, digits_dir, tmp_path, device):
    environment = hub.environment(tmp_path / "home")
    run_it = {"environment": environment, "cwd": tmp_path, "program": WITHOUT_GRAPHS}
    done = train("--private", "--device", device, output=tmp_path / "mine", digits=digits_dir, **run_it)
    assert done.returncode == 0, done.stderr
    repository = hub.model(ID)
    assert repository.private and repository.tags.keys() == {"v1"}
    assert repository.head[1]["model.safetensors"] == (tmp_path / "mine" / "model.safetensors").read_bytes()
    assert {"README.md", "training.json", "film.webp", "metrics.json"} <= repository.head[1].keys()
    assert b"| `elbo` |" in repository.head[1]["README.md"] and len(repository.head[1]["metrics.json"]) > 1000
    assert str(digits_dir) not in repository.head[1]["training.json"].decode(), "no paths of this machine"


def test_a_recipe_without_a_token_fails_before_training(hub, digits_dir, tmp_path):
    done = train(output=tmp_path / "mine", digits=digits_dir, environment=hub.environment(tmp_path / "home", token=None), cwd=tmp_path)
    assert done.returncode == 2 and "token" in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "mine").exists() and not (tmp_path / ".runs").exists() and hub.requests == []


CHECKED = """
import json, os, sys
from playground.errors import UserError
from training import publish

publish.SILENT, publish.PAUSES = 0.5, (0.1, 0.2)
told = []
for repo_id, private in json.loads(sys.argv[1]):
    try:
        told.append(publish.check(repo_id, private))
    except UserError as error:
        told.append(str(error))
print(json.dumps(told))
"""


def test_all_that_publishing_needs_is_tried_before(hub, tmp_path):
    environment = hub.environment(tmp_path / "home")
    hub.repositories["models", "bob/his"] = Repository(False)
    hub.repositories["models", "bob/his"].commit({})
    asked = [("ann/new", False), ("ann/new", True), ("ann/secret", True), ("ann/secret", False), ("bob/his", False), ("bob/none", False)]
    asked += [("no-slash", False), ("ann/bad--name", False), ("ann/x.git", False), ("a/b/c", False)]
    told = script(CHECKED, json.dumps(asked), environment=environment)
    assert told[0] is True and "ann/new is public" in told[1] and told[2] is True and told[3] is False, "which it made"
    assert all("the token may not write there" in sentence for sentence in told[4:6])
    assert all("is not a Hugging Face id" in sentence for sentence in told[6:])
    assert hub.model("ann/secret").private and ("models", "bob/none") not in hub.repositories


def test_a_busy_hub_is_tried_again_and_a_silent_one_given_up(hub, tmp_path):
    hub.troubles = {"whoami": [429, 503, 200, *[0] * 3, *[503] * 3], "repos/create": [500], "auth-check": [0]}
    told = script(CHECKED, json.dumps([("ann/new", False)] * 3), environment=hub.environment(tmp_path / "home"))
    assert told[0] is True and "can't be reached to sign in" in told[1] and "refused to sign in" in told[2]
    assert not any(hub.troubles.values())


def test_what_is_trained_is_kept_where_the_hub_fails_afterwards(hub, digits_dir, tmp_path):
    hub.troubles = {"/commit/": [403]}
    environment = hub.environment(tmp_path / "home")
    done = train(output=tmp_path / "my model", digits=digits_dir, environment=environment, cwd=tmp_path, program=WITHOUT_GRAPHS)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert f"The trained model is in {tmp_path / 'my model'}" in done.stderr and (tmp_path / "my model/metrics.json").exists()
    again = shlex.split(done.stderr.split("to publish it later: ")[1])
    assert again[:2] == ["python", "training/publish.py"]
    assert child(*again[1:], environment=environment, cwd=ROOT).returncode == 0 and hub.model(ID).tags.keys() == {"v1"}


# --- the command line ---


@pytest.mark.parametrize("arguments", [[], ["only-a-name"], ["a", "ann/b", "--space", "ann/c"], ["a", "--space", "ann/c"]])
def test_usage_errors_exit_with_2(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        publish.main(arguments)
    assert "give NAME and user/name, or --space user/name" in capsys.readouterr().err
