"""Files that are written atomically, whatever happens to the process or the disk."""

import json
import os
from contextlib import suppress
from pathlib import Path


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Writes files into an existing folder: all of them or, if the disk is full, none.  At any moment each file is the old or the new one.

    Raises OSError.
    """
    staged = {folder / f".{name}.tmp": folder / name for name in files}
    try:
        for temporary, content in zip(staged, files.values()):
            with open(temporary, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for temporary, path in staged.items():
            os.replace(temporary, path)
    finally:
        for temporary in staged:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def json_bytes(content: dict) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def write_json(path: Path, content: dict) -> None:
    write_files(path.parent, {path.name: json_bytes(content)})
