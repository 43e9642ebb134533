"""Caches of libraries: folders of this user's own if the usual ones are not writable."""

import atexit
import os
import shutil
import stat
import tempfile
from functools import lru_cache
from pathlib import Path


def use_writable_caches() -> None:
    """Points Gradio's uploads and numba's compiled code to writable folders.  Call it before either is imported.

    Gradio uses /tmp/gradio, which on a shared machine may be another user's; numba writes beside the source or into HOME.
    """
    gradio = Path(os.environ.get("GRADIO_TEMP_DIR") or Path(tempfile.gettempdir(), "gradio"))
    if not _writable(gradio):
        os.environ["GRADIO_TEMP_DIR"] = str(_own_folder("gradio"))
    beside_the_source = Path(__file__).parent / "sampling" / "backends" / "__pycache__"
    if "NUMBA_CACHE_DIR" not in os.environ and not _writable(beside_the_source) and not _writable(Path.home() / ".cache" / "numba"):
        os.environ["NUMBA_CACHE_DIR"] = str(_own_folder("numba"))


def take_a_folder_for_pictures() -> None:
    """Lets Gradio store pictures, uploads and results, in a folder of this process, which is deleted when it ends.

    The size of this folder is limited by deleting the oldest files (`ui/uploads.py`), so it must hold no other program's files.
    """
    parent = os.environ.get("GRADIO_TEMP_DIR") or os.path.join(tempfile.gettempdir(), "gradio")
    os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="playground-", dir=parent)
    atexit.register(shutil.rmtree, os.environ["GRADIO_TEMP_DIR"], ignore_errors=True)


@lru_cache
def cache(name: str) -> Path:
    """A cache folder of this user that is kept between two starts of the program."""
    usual = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "playground" / name
    return usual if _writable(usual) else _own_folder(name)


def _writable(folder: Path) -> bool:
    """Whether files can be written into a folder, which is created if necessary."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _own_folder(name: str) -> Path:
    """A folder that only this user can write to, since code is loaded from it."""
    if not hasattr(os, "getuid"):  # Windows, whose temporary folder is the user's own
        return Path(tempfile.mkdtemp(prefix=f"playground-{name}-"))
    folder = Path(tempfile.gettempdir(), f"playground-{os.getuid()}-{name}")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022:
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix=f"playground-{name}-"))
