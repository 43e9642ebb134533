"""Where libraries put what they make anew: folders of this user's own, where the usual ones can't be written to."""

import atexit
import os
import shutil
import stat
import tempfile
from functools import lru_cache
from pathlib import Path


def use_writable_caches() -> None:
    """Points Gradio's uploads and numba's compiled code to folders that can be written to.  Call it before either is imported.

    Gradio takes /tmp/gradio, which on a shared machine is another user's; numba wants to write beside the source or into HOME.
    """
    gradio = Path(os.environ.get("GRADIO_TEMP_DIR") or Path(tempfile.gettempdir(), "gradio"))
    if not _writable(gradio):
        os.environ["GRADIO_TEMP_DIR"] = str(_own_folder("gradio"))
    beside_the_source = Path(__file__).parent / "sampling" / "backends" / "__pycache__"
    if "NUMBA_CACHE_DIR" not in os.environ and not _writable(beside_the_source) and not _writable(Path.home() / ".cache" / "numba"):
        os.environ["NUMBA_CACHE_DIR"] = str(_own_folder("numba"))


def take_a_folder_for_pictures() -> None:
    """Lets Gradio put pictures, those uploaded and those asked for, into a folder of this process, which goes when it ends.

    What lies there is bounded and the oldest files are deleted (`ui/uploads.py`), so nothing of another program may lie there.
    """
    parent = os.environ.get("GRADIO_TEMP_DIR") or os.path.join(tempfile.gettempdir(), "gradio")
    os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="playground-", dir=parent)
    atexit.register(shutil.rmtree, os.environ["GRADIO_TEMP_DIR"], ignore_errors=True)


@lru_cache
def cache(name: str) -> Path:
    """A folder of this user's in which what can be made anew is kept from one start of the program to the next."""
    usual = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "playground" / name
    return usual if _writable(usual) else _own_folder(name)


def _writable(folder: Path) -> bool:
    """Whether files can be written into a folder, which is made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _own_folder(name: str) -> Path:
    """A folder that this user alone can write to: what another one put there could be run."""
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
