"""A Space, over a socket: what it holds, what goes when it is published again, and its notebooks as Colab opens them."""

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import nbformat
from packaging.requirements import Requirement

from playground import catalog
from tests.training.test_publish import ID, ROOT, child, front_matter, trained
from training import publish


def test_the_space_holds_what_the_page_and_the_notebooks_need_and_nothing_else(hub, tmp_path):
    environment = hub.environment(tmp_path / "home")
    done = child(ROOT / "training/publish.py", "--space", "ann/playground", "--kind", "gradio", environment=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"Published {hub.url}/spaces/ann/playground.\n"
    space = hub.repositories["spaces", "ann/playground"]
    names = space.head[1].keys()
    assert space.sdk == "gradio" and "playground/catalog.py" in names
    assert {"app.py", "README.md", "LICENSE", "requirements.txt", "pyproject.toml", "pretrained/speeds.json"} <= names
    assert {f"pretrained/{path.relative_to(ROOT / 'pretrained')}" for path in (ROOT / "pretrained").glob("[!.]*/config.json")} <= names
    assert {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")} == {n for n in names if n.startswith("notebooks/")}
    assert not [
        name for name in names if "__pycache__" in name or "/." in name or name.startswith(("training/", "tests/", "data/", ".runs"))
    ]


IN_COLAB = """
import sys
import nbformat
from nbclient import NotebookClient
book = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(book)
book.cells.append(nbformat.v4.new_code_cell("import playground; print(playground.__file__)"))
NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": sys.argv[2]}}).execute()
assert "image/png" in book.cells[-2].outputs[-1].data
print(book.cells[-1].outputs[0].text.strip())
"""


def test_a_spaces_notebook_opens_in_colab_and_runs_there(hub, tmp_path):
    """As in Colab: only the notebook is there, the rest comes from the Space.  What is installed goes to a folder of the test's."""
    environment = hub.environment(tmp_path / "home")
    models = ("--models", "vae-mnist-2d", "cgan-mnist")
    done = child(
        ROOT / "training/publish.py", "--space", "ann/playground", "--kind", "gradio", *models, environment=environment, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    files = hub.repositories["spaces", "ann/playground"].head[1]
    first = nbformat.reads(files["notebooks/latent.ipynb"].decode(), as_version=4).cells[0].source
    address = re.search(r"\(https://colab.research.google.com/#fileId=(\S+)\)", first)[1]
    assert unquote(address) == f"{hub.url}/spaces/ann/playground/blob/main/notebooks/latent.ipynb"
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "latent.ipynb").write_bytes(files["notebooks/latent.ipynb"])
    installed = tmp_path / "installed"
    installed.mkdir()  # Python keeps in mind what was no folder when it started
    environment |= {"PIP_TARGET": str(installed), "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_INDEX": "1"}
    environment |= {"PYTHONPATH": str(installed)}
    done = child("-c", IN_COLAB, tmp_path / "content" / "latent.ipynb", tmp_path / "content", environment=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(installed)


def test_a_dry_run_lists_what_would_go_up_and_a_space_has_no_model_of_ones_own(tmp_path, monkeypatch, capsys):
    for name in ("shipped", "private-experiment"):
        (tmp_path / "pretrained" / name).mkdir(parents=True)
        trained(tmp_path / "pretrained" / name, seed=1)
    (tmp_path / "training").mkdir()
    for name in ("app.py", "training/run.py"):
        (tmp_path / name).write_text("x")
    for words in ("init -q", "add pretrained/shipped"):
        subprocess.run(["git", "-C", str(tmp_path), *words.split()], check=True)
    monkeypatch.setattr(publish, "ROOT", tmp_path)
    monkeypatch.setattr(catalog, "ROOT", tmp_path / "pretrained")
    assert publish.main(["shipped", ID, "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "model.safetensors" in told and "in 5 files; nothing was sent" in told
    for more, sent, kept in (((), "shipped", "private-experiment"), (("--models", "private-experiment"), "private-experiment", "shipped")):
        assert publish.main(["--space", "ann/playground", "--kind", "gradio", "--dry-run", *more]) == 0
        told = capsys.readouterr().out
        assert f"pretrained/{sent}/model.safetensors" in told and kept not in told and "app.py" in told and "training/" not in told


STATIC = """
import os, sys
from pathlib import Path
from training import publish

def written(command, cwd, env, stdout):  # what the edition holds, tests/browser/test_static.py sees
    assert command[1:3] == ["-m", "playground.static"]
    models = [path.name for path in Path(env["PLAYGROUND_PRETRAINED"]).iterdir() if path.is_dir()]
    for name in ("index.html", *(f"browser/models/{model}/model.safetensors" for model in models)):
        path = Path(command[3], name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('<meta property="og:image" content="kept/a.png">')
    return publish.subprocess.CompletedProcess(command, 0)

run = publish.subprocess.run
publish.subprocess.run = lambda command, **how: (written if "playground.static" in command else run)(command, **how)
sys.exit(publish.main(sys.argv[1:]))
"""


def test_a_space_is_static_unless_told_otherwise(hub, tmp_path):
    environment = hub.environment(tmp_path / "home")
    for models in (("gan-mnist", "vae-mnist"), ("vae-mnist",)):  # what is no longer there goes
        arguments = ("-c", STATIC, "--space", "ann/static", "--models", *models)
        done = child(*arguments, environment=environment, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"Published {hub.url}/spaces/ann/static.\n"
        space = hub.repositories["spaces", "ann/static"]
        names = {f"browser/models/{model}/model.safetensors" for model in models}
        pages = {name for name in space.head[1] if name.split("/")[0] not in ("playground", "docs", "notebooks", "pretrained")}
        code = {"LICENSE", "app.py", "pyproject.toml", "requirements.txt"}
        assert pages == {".gitattributes", "README.md", "index.html", *code, *names}
        assert {name.split("/")[1] for name in space.head[1] if name.startswith("pretrained/")} == {*models, "speeds.json"}
        assert "notebooks/latent.ipynb" in space.head[1] and "playground/catalog.py" in space.head[1]
    fields = front_matter(space.head[1]["README.md"].decode())
    assert space.head[1]["index.html"] == b'<meta property="og:image" content="https://ann-static.static.hf.space/kept/a.png">'
    assert space.sdk == "static" == fields["sdk"] and fields["app_file"] == "index.html" and "python_version" not in fields
    assert len(fields["short_description"]) <= 60 and fields["title"]


def test_the_readme_is_a_spaces_front_page():
    fields = front_matter((ROOT / "README.md").read_text())
    gradio = next(Requirement(line) for line in (ROOT / "requirements.txt").read_text().splitlines() if line.startswith("gradio"))
    assert fields["sdk"] == "gradio" and (ROOT / fields["app_file"]).exists()
    assert fields["sdk_version"] in gradio.specifier and fields["sdk_version"].count(".") == 2, "pinned, and what the tests run with"
    assert isinstance(fields["python_version"], str), "3.10 without quotes would be 3.1"
    assert len(fields["short_description"]) <= 60 and fields["title"] and fields["license"] == "apache-2.0"
    colours = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
    assert {fields["colorFrom"], fields["colorTo"]} <= colours
