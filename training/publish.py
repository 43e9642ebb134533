"""Sends a trained model, or the whole playground, to the Hugging Face Hub.

python training/publish.py NAME user/name [--private]      a model of pretrained/, as a new version
python training/publish.py --space user/name [--private]   the page and the models that came with it, as a Space

A Space is the static edition, which any account may have and which needs no server; --kind gradio makes one that runs app.py, with a
processor of its own or on ZeroGPU.  Both hold the code and the models, so that the notebooks in them open in Colab.  A Space gets models of
your own only where --models names them.  --dry-run lists the files and their sizes, and sends nothing.

--collection "My models" puts the model, or the Space, into a collection of that title of the same user's, made where there is none.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # started as a file, from anywhere

from huggingface_hub import (  # noqa: E402
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    ModelInfo,
    get_session,
    get_token,
    set_client_factory,
)
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled, RemoteEntryNotFoundError, RevisionNotFoundError  # noqa: E402
from huggingface_hub.utils import httpx, validate_repo_id  # noqa: E402

from playground import catalog, hub  # noqa: E402
from playground.errors import UserError, run_command  # noqa: E402
from training import cards  # noqa: E402

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent
SPACE_FILES = ["app.py", "README.md", "LICENSE", "requirements.txt", "pyproject.toml", "pretrained/speeds.json"]
SPACE_FOLDERS = ["playground", "docs"]
KINDS = ("static", "gradio")
# Files of a Space that are deleted if they are no longer here, or were of the other kind
STALE = [f"{folder}/*" for folder in ("playground", "docs", "notebooks", "pretrained", "assets", "browser", "kept", "static")]
STALE += ["index.html", "quiz.html", "edition.json"]
INSTALLED = "This needs the playground installed: `pip install .` in a checkout."  # of each notebook
ENDPOINT = HfApi().endpoint  # of the Hub, or HF_ENDPOINT
COLAB = "https://colab.research.google.com"
FRONT_PAGE = """
# Generative playground

Classic deep generative models that compute in your browser: this Space is a folder of files, and has no server.  It holds the code and the
models, too: `notebooks/` has a short notebook for each tab, which its badge opens in Colab.
"""

SILENT = 60.0  # seconds that the Hub may be silent
PAUSES = (1.0, 2.0, 5.0, 15.0)  # seconds before a call is tried again


HOOKS = get_session().event_hooks  # huggingface_hub's own; they know whether it is offline
# Its client has no time limit by default, and waits for an answer for ever
set_client_factory(lambda: httpx.Client(event_hooks=HOOKS, follow_redirects=True, timeout=httpx.Timeout(SILENT, connect=10.0)))


def check_token(repo_id: str) -> None:
    """Raises UserError unless the Hub can be reached with a token that may write, and `repo_id` reads user/name."""
    if not hub.HUB_ID.fullmatch(repo_id):
        raise UserError(f"{repo_id!r} is not a Hugging Face id, which has the form user/name.")
    try:
        validate_repo_id(repo_id)
    except ValueError as error:
        raise UserError(f"{repo_id!r} is not a Hugging Face id: {str(error).splitlines()[0].rstrip('.')}.") from error
    if not get_token():
        raise UserError("Publishing needs a Hugging Face token: run `hf auth login`, or set HF_TOKEN.")
    with _explained("sign in"):
        user = patiently(HfApi().whoami)
    if user.get("auth", {}).get("accessToken", {}).get("role") == "read":
        raise UserError("This Hugging Face token may only read: create one that may write, at https://huggingface.co/settings/tokens.")


def check(repo_id: str, private: bool = False, make: bool = True) -> bool:
    """Checks all that publishing a model needs of the Hub, and creates the repository if there is none; returns whether it did.

    make: False to check the token only and leave the Hub as it is.

    Raises UserError as `publish` does.
    """
    check_token(repo_id)
    if not make:
        return False
    with _explained(f"publish {repo_id}"):
        there = patiently(lambda: HfApi().repo_exists(repo_id))
        patiently(lambda: _repository(HfApi(), repo_id, private))
    return not there


def _repository(api: HfApi, repo_id: str, private: bool) -> ModelInfo:
    """The Hub's information on the repository, which is created if there is none.  Raises UserError if it is public and should not be."""
    api.create_repo(repo_id, private=private, exist_ok=True)
    try:
        api.auth_check(repo_id, write=True)  # `create_repo` accepts a repository of somebody else
    except HfHubHTTPError as error:
        if error.response.status_code in (401, 403, 429) or error.response.status_code >= 500:
            raise
    there = api.model_info(repo_id)
    if private and there.private is False:
        raise UserError(f"{repo_id} is public on the Hub; make it private there, or leave out --private.")
    return there


def patiently(call: Callable[[], T]) -> T:
    """`call()`, tried again after pauses if the Hub is busy (429), has an error (5xx), or is silent."""
    for pause in (*PAUSES, None):
        try:
            return call()
        except (HfHubHTTPError, httpx.TransportError) as error:
            status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
            passing = status == 429 or status >= 500 if status else not isinstance(error, httpx.ConnectError)
            if pause is None or not passing:
                raise
            what = f"answers {status}" if status else "does not answer"
            print(f"The Hugging Face Hub {what}; trying again in {pause:g} s.", file=sys.stderr)
            time.sleep(pause)
    raise AssertionError("the last try returns or raises")


def publish(model: str | Path, repo_id: str, private: bool = False) -> str:
    """Uploads a trained model in one commit, tags it v1, v2 ..., and returns a sentence that says so.

    Creates the repository if there is none.  A card that a person has edited is kept: the one on the Hub, or else the one in the folder.

    Args:
        model: a name of `pretrained/`, or a folder as the engine writes it.
        repo_id: user/name.
        private: visible only to its owner; a repository that is already public is refused.

    Raises:
        UserError: no such model, no token, or the Hub refuses or can't be reached.
    """
    entry = found(model)
    check_token(repo_id)
    catalog.load_entry(entry)  # raises where the files are damaged
    api = HfApi()
    with _explained(f"publish {repo_id}"):
        commit = patiently(lambda: _commit(api, entry, repo_id, private))
        version = patiently(lambda: _tag(api, repo_id, commit))
    return f"Published {entry.name} as {ENDPOINT}/{repo_id}, version {version}."


def collect(repo_id: str, title: str, kind: Literal["model", "space"] = "model", private: bool = False) -> str:
    """Puts a repository into a collection of its owner's, which is created if there is none, and returns a sentence that says so.

    Raises UserError if the Hub refuses or can't be reached.
    """
    api = HfApi()
    with _explained(f"collect {repo_id}"):
        place = {"title": title, "namespace": repo_id.partition("/")[0], "private": private, "exists_ok": True}
        slug = patiently(lambda: api.create_collection(**place)).slug
        patiently(lambda: api.add_collection_item(slug, repo_id, kind, exists_ok=True))
    return f"It is in the collection {ENDPOINT}/collections/{slug}."


def _commit(api: HfApi, entry: catalog.Entry, repo_id: str, private: bool) -> str:
    """Commits everything at once; returns the commit's id."""
    there = _repository(api, repo_id, private)
    files = {path.name: path for path in model_files(entry.folder)}
    operations = [CommitOperationAdd(name, path) for name, path in files.items() if name != "README.md"]
    if (text := _card(api, entry, there.sha, repo_id)) is not None:
        operations.append(CommitOperationAdd("README.md", text.encode()))
    stale = {"metrics.json", "training.json", "film.webp", "opening.webp", "samples.webp", "test.webp"} - files.keys()
    stale &= {file.rfilename for file in there.siblings or []}
    operations += [CommitOperationDelete(name) for name in sorted(stale)]  # they describe the previous weights
    # parent_commit: if somebody edits the card at this moment, the Hub refuses instead of losing the edit
    return api.create_commit(repo_id, operations, commit_message=f"{entry.name}: weights, card and figures", parent_commit=there.sha).oid


def found(model: str | Path) -> catalog.Entry:
    """A model by its folder, or by its name in pretrained/.  Raises UserError if there is none."""
    return catalog.Entry(Path(model).name, Path(model)) if Path(model, "config.json").exists() else catalog.entry(str(model))


def model_files(folder: Path) -> list[Path]:
    """The files of a model's folder that are uploaded."""
    return [path for pattern in hub.FILES for path in sorted(folder.glob(pattern))]


def shipped() -> list[str]:
    """The models that came with this checkout, and are not the user's own.  Raises UserError if that can't be determined."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "pretrained/*/config.json"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise UserError(
            "This is no git checkout, so the models that came with it are unknown; name the models to send with --models."
        ) from error
    return [Path(line).parent.name for line in listed.stdout.splitlines() if (ROOT / line).exists()]


@contextmanager
def space_folder(repo_id: str, kind: str, models: list[str] | None) -> Iterator[Path]:
    """A folder with the files of a Space of this kind.

    repo_id: of the Space, which its notebooks name.  models: those of pretrained/ to include; by default the ones that came with this
    checkout.  Raises UserError for an unknown name.
    """
    folders = [catalog.entry(name).folder for name in (shipped() if models is None else models)]
    with tempfile.TemporaryDirectory() as temporary:
        out, site = Path(temporary, "space"), Path(temporary, "site")
        for name in filter(lambda name: (ROOT / name).exists(), SPACE_FILES):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, out / name)
        for source, place in [*((ROOT / name, name) for name in SPACE_FOLDERS), *((path, f"pretrained/{path.name}") for path in folders)]:
            if source.exists():
                shutil.copytree(source, out / place, ignore=shutil.ignore_patterns(".*", "__pycache__", "*.tmp"))
        for notebook in (ROOT / "notebooks").glob("*.ipynb"):
            (out / "notebooks").mkdir(exist_ok=True)
            (out / "notebooks" / notebook.name).write_text(in_colab(notebook, repo_id), encoding="utf-8")
        if kind == "static":
            # Addresses in the edition are relative, also where this Space's is made in another one
            environment = {**os.environ, "PLAYGROUND_PRETRAINED": str(out / "pretrained"), "SPACE_HOST": ""}
            done = subprocess.run(
                [sys.executable, "-m", "playground.static", str(site)], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
            )
            if done.returncode:
                raise UserError("The static edition could not be written, for the reason above.")
            page, image = site / "index.html", b'property="og:image" content="'
            page.write_bytes(page.read_bytes().replace(image, image + static_address(repo_id).encode()))  # relative ones are not shown
            shutil.copytree(site, out, dirs_exist_ok=True)
            (out / "README.md").write_text(static_front_page((ROOT / "README.md").read_text(encoding="utf-8")), encoding="utf-8")
        yield out


def static_address(repo_id: str) -> str:
    """The address under which the Hub serves the files of a static Space."""
    return f"https://{re.sub('[^a-z0-9]+', '-', repo_id.lower())}.static.hf.space/"


def in_colab(notebook: Path, repo_id: str) -> str:
    """A notebook as a Space has it: with a badge that opens it in Colab, and a cell that installs the Space's code and models there."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    first, place = content["cells"][0], f"{ENDPOINT}/spaces/{repo_id}"
    link = quote(f"{place}/blob/main/notebooks/{notebook.name}", safe="/")
    badge = f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]({COLAB}/#fileId={link})\n\n"
    text = "".join(first["source"]).replace("](.)", f"]({place}/tree/main/notebooks)")
    first["source"] = badge + text.replace(INSTALLED, "The next cell installs the playground.")
    install = f"""from huggingface_hub import snapshot_download

space = snapshot_download("{repo_id}", repo_type="space")
%pip install -q {{space}}"""
    cell = {"cell_type": "code", "id": "install", "metadata": {}, "source": install, "execution_count": None, "outputs": []}
    content["cells"].insert(1, cell)
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def static_front_page(readme: str) -> str:
    """README.md of a static Space, with the title and looks of this repository's README."""
    _, front, _ = readme.split("---\n", 2)
    lines = [line for line in front.splitlines() if not line.startswith(("sdk", "python_version", "app_file"))]
    return "\n".join(["---", *lines, "sdk: static", "app_file: index.html", "---", FRONT_PAGE])


def listing(files: list[Path], root: Path) -> str:
    """Each file with its size, and the sum."""
    sizes = [path.stat().st_size for path in files]
    lines = [f"{size / 2**20:8.2f} MB  {path.relative_to(root)}" for path, size in zip(files, sizes)]
    return "\n".join([*lines, f"{sum(sizes) / 2**20:8.2f} MB  in {len(files)} files; nothing was sent"])


def publish_space(repo_id: str, private: bool = False, models: list[str] | None = None, kind: str = "static") -> str:
    """Uploads the playground as a Space, and returns a sentence that says so.

    models: as for `space_folder`.  kind: "static" or "gradio".

    Raises:
        UserError: no token, no such model, or the Hub refuses or can't be reached.
    """
    check_token(repo_id)
    api = HfApi()
    with space_folder(repo_id, kind, models) as folder, _explained(f"publish the Space {repo_id}"):
        patiently(lambda: api.create_repo(repo_id, repo_type="space", space_sdk=kind, private=private, exist_ok=True))
        patiently(
            lambda: api.upload_folder(
                repo_id=repo_id,
                repo_type="space",
                folder_path=folder,
                delete_patterns=STALE,
                commit_message="The playground",
            )
        )
    return f"Published {ENDPOINT}/spaces/{repo_id}."


def _card(api: HfApi, entry: catalog.Entry, revision: str | None, repo_id: str) -> str | None:
    """The card to upload, or None if a person has edited the one on the Hub."""
    try:
        there = Path(api.hf_hub_download(repo_id, "README.md", revision=revision)).read_text(encoding="utf-8")
        if not cards.is_generated(there):
            return None
    except (RemoteEntryNotFoundError, RevisionNotFoundError):
        pass  # the first version
    local = entry.folder / "README.md"
    if local.exists() and not cards.is_generated(text := local.read_text(encoding="utf-8")):
        return text
    return cards.card(entry.folder, repo_id)


def _tag(api: HfApi, repo_id: str, commit: str) -> str:
    """Tags the commit with the next free version."""
    for number in count(1):
        try:
            api.create_tag(repo_id, tag=f"v{number}", revision=commit)
            return f"v{number}"
        except HfHubHTTPError as error:
            if error.response.status_code != 409:  # taken
                raise
    raise AssertionError("there is always another number")


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turns errors of the Hub into a UserError of one sentence."""
    try:
        yield
    except UserError:
        raise
    except HfHubHTTPError as error:
        message = error.server_message or str(error)
        reason = {401: "the token is not valid", 403: "the token may not write there"}.get(error.response.status_code, message)
        raise UserError(f"The Hugging Face Hub refused to {what}: {' '.join(reason.split()).rstrip('.')}.") from error
    except (httpx.HTTPError, OfflineModeIsEnabled, OSError) as error:
        raise UserError(f"The Hugging Face Hub ({ENDPOINT}) can't be reached to {what}; check the connection and try again.") from error
    except ValueError as error:  # e.g. a name or a card that the Hub does not accept
        raise UserError(f"The Hugging Face Hub can't {what}: {str(error).splitlines()[0].rstrip('.')}.") from error


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="publish.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", help="a model of pretrained/, or a folder", metavar="NAME")
    parser.add_argument("repo_id", nargs="?", metavar="user/name")
    parser.add_argument("--space", metavar="user/name", help="send the whole playground, as a Space")
    parser.add_argument("--kind", choices=KINDS, default="static", help="of the Space: files alone, or a server that runs app.py")
    parser.add_argument("--models", nargs="*", metavar="NAME", help="the models in the Space; by default those that came with the checkout")
    parser.add_argument("--collection", metavar="TITLE", help="put it into this collection of the same user's")
    parser.add_argument("--private", action="store_true", help="make the repository private")
    parser.add_argument("--dry-run", action="store_true", help="list the files and their sizes, and send nothing")
    options = parser.parse_args(arguments)
    if (options.repo_id is None) == (options.space is None) or (options.space and options.model):
        parser.error("give NAME and user/name, or --space user/name")
    if options.dry_run and options.space:
        with space_folder(options.space, options.kind, options.models) as folder:
            print(listing(sorted(path for path in folder.rglob("*") if path.is_file()), folder))
    elif options.dry_run:
        folder = found(options.model).folder
        print(listing(model_files(folder), folder))
    elif options.space:
        print(publish_space(options.space, options.private, options.models, options.kind))
    else:
        print(publish(options.model, options.repo_id, options.private))
    if options.collection and not options.dry_run:
        print(collect(options.space or options.repo_id, options.collection, "space" if options.space else "model", options.private))
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main, sys.argv[1:]))
