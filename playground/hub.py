"""Models of the Hugging Face Hub: the form of an id, and the download of its files."""

import re
from functools import lru_cache
from pathlib import Path

from playground.errors import UserError

HUB_ID = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")
FILES = [
    "config.json",
    "model.safetensors",
    "README.md",
    "metrics.json",
    "training.json",
    "*.webp",
    "codes.safetensors",
    "graphs.json",
    "steps.json",
    "*.onnx",
]


@lru_cache(maxsize=64)
def download(name: str, revision: str | None) -> Path:
    """The folder of the model `name` ("user/name") in the Hub's cache, downloaded if it is not there yet.

    Raises UserError if there is no such model or revision, or the Hub can't be reached.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=FILES))
    except RevisionNotFoundError as error:
        raise UserError(f"{name} has no revision {revision!r} on the Hugging Face Hub.") from error
    except RepositoryNotFoundError as error:
        raise UserError(f"There is no model {name} on the Hugging Face Hub, or it is private and you are not logged in.") from error
    except (LocalEntryNotFoundError, OSError) as error:
        raise UserError(f"The Hugging Face Hub can't be reached to download {name}; check the connection and try again.") from error
