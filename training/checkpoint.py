"""A run's checkpoint: written atomically, never with weights that are not finite, and continued only by the same run."""

import io
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from playground import snapshots
from playground.errors import UserError
from training.files import write_files
from training.recipes import Settings

CHECKPOINT = "checkpoint.pt"
# Settings that may differ when a run is continued: where files are, and how long it runs.
FREE = {
    *("resume", "overwrite", "push_to_hub", "private", "checkpoint_minutes", "data_dir", "output", "dry_run", "device", "tracker"),
    *("epochs", "max_steps", "compile"),
}


def save_checkpoint(path: Path, state: dict) -> None:
    """Raises OSError if the disk is full or not writable; the previous file stays."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_files(path.parent, {path.name: buffer.getvalue()})


def load_checkpoint(path: Path) -> dict:
    """Raises UserError for a file that is not one of our checkpoints."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise UserError(f"{path.name} in {path.parent} is damaged or no checkpoint; start anew with --overwrite.") from error


def all_finite(*states: dict | None) -> bool:
    """Whether every floating-point tensor of these state dictionaries is finite."""
    tensors = (value for state in states if state for value in state.values())
    return all(value.isfinite().all() for value in tensors if value.is_floating_point())


def check_same_run(state: dict, settings: Settings, fingerprint: str, total: int) -> None:
    """Raises UserError if a checkpoint's state was written with other settings, on other data, or is already past `total` steps."""
    mine = {key: str(value) for key, value in asdict(settings).items()}
    theirs = state["settings"]
    changed = [key for key in mine if key in theirs and key not in FREE and mine[key] != theirs[key]]
    if changed:
        what = ", ".join(f"{key} was {theirs[key]}, is {mine[key]}" for key in changed)
        raise UserError(f"The checkpoint is of a run with other settings ({what}); repeat them, or start anew with --overwrite.")
    if state.get("fingerprint") not in (None, fingerprint):
        raise UserError(
            "The training images are not those that the checkpoint's run was trained on; restore them, or start anew with --overwrite."
        )
    if total < state["step"]:
        raise UserError(f"The checkpoint has {state['step']:,} steps already, and this run asks for {total:,}; ask for more --epochs.")


def frames_so_far(frames: list[Tensor], before: int, total: int, step: int) -> list[Tensor]:
    """Of frames that were taken at `snapshots.steps(before)`, those that a film of `total` steps has by `step`: fewer, if it is longer."""
    if before == total or not frames:
        return frames
    taken = snapshots.steps(before)[: len(frames)]
    wanted = [at for at in snapshots.steps(total) if at <= step]
    return [frames[min(range(len(taken)), key=lambda i: abs(taken[i] - at))] for at in wanted]
