"""Files that are whole at any moment, whatever happens to the process or the disk."""

import json
import os
from contextlib import suppress
from pathlib import Path


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Writes files into a folder that exists, all of them or, where there is no room, none; each is the old or the new one at any moment.

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
