"""Trains a list of models while the machine is otherwise idle: `python training/lab.py FOLDER [--lock FILE]`.

FOLDER/jobs.txt has one run a line, `NAME MINUTES RECIPE [options]`; lines that begin with # are skipped:

    pix2pix-openmoji  60  pix2pix --dataset openmoji --target right --hints

MINUTES is the run's budget of processor time; the run with the smallest budget starts first.  Two runs train at once, each with one
thread and at idle priority.  While another process holds FILE (by flock), they are halted.  A run that is over its budget stops with a
checkpoint, and continues from there when its budget is raised; so does a run that was interrupted for any reason.  A run that failed is
tried again when its FOLDER/NAME.json is deleted.

Everything is a plain file: FOLDER/NAME.log, FOLDER/NAME.json (state, exit code, minutes), the models in FOLDER/NAME/, and FOLDER/table.md,
which is rewritten whenever something changes.
"""

import fcntl
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # started as a file, from anywhere

import tyro  # noqa: E402

from playground.catalog import read_json  # noqa: E402
from playground.errors import UserError, run_command  # noqa: E402

AT_ONCE = 2
PAUSE = 2.0  # seconds between two steps
STATES = ("waiting", "running", "halted", "over its budget", "failed", "done")


@dataclass(frozen=True)
class Arguments:
    folder: tyro.conf.Positional[Path]  # with jobs.txt
    lock: Path | None = None  # runs are halted while another process holds it
    data_dir: Path | None = None  # for all runs


@dataclass
class Run:
    name: str
    minutes: float
    command: list[str]
    folder: Path
    state: str = "waiting"
    used: float = 0.0  # minutes of processor time, of all attempts
    code: int | None = None
    process: subprocess.Popen | None = None
    before: float = field(default=0.0)  # `used` when this attempt began

    @property
    def file(self) -> Path:
        return self.folder / f"{self.name}.json"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        """Starts the run in its own process group, so that it can be halted as a whole and Ctrl-C here does not reach it first."""

        def at_idle_priority() -> None:
            os.setsid()
            os.nice(19)
            with suppress(OSError), open("/proc/self/autogroup", "w") as file:  # of Linux: the share of a session as a whole
                file.write("19")
            if hasattr(os, "SCHED_IDLE"):
                os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))

        with open(self.log, "ab") as log:
            environment = os.environ | {"OMP_NUM_THREADS": "1"}
            self.process = subprocess.Popen(self.command, cwd=ROOT, stdout=log, stderr=log, env=environment, preexec_fn=at_idle_priority)
        self.state, self.before = "running", self.used

    def signal(self, number: int) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def look(self) -> None:
        """Updates the state from the process, and stops it if it is over its budget."""
        assert self.process, "it is looked at while it runs"
        self.code = self.process.poll()
        if self.code is None:
            self.used = self.before + processor_minutes(self.process.pid)
            if self.used > self.minutes and self.state == "running":
                self.state = "over its budget"
                self.signal(signal.SIGTERM)
        else:
            stopped = self.code in (130, -signal.SIGTERM)  # by us, after a checkpoint, or before there was one to write
            unfinished = "over its budget" if self.used > self.minutes else "waiting"
            self.state = "done" if self.code == 0 else unfinished if stopped else "failed"
            self.process = None

    def save(self) -> None:
        about = {"state": self.state, "minutes": round(self.used, 2), "code": self.code, "command": shlex.join(self.command)}
        replace(self.file, json.dumps(about, indent=2) + "\n")


def processor_minutes(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has just ended
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") / 60


def replace(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def read_jobs(folder: Path, data_dir: Path | None) -> list[Run]:
    """The runs of jobs.txt, the smallest budget first.  Raises UserError for a missing file or a malformed line."""
    path = folder / "jobs.txt"
    if not path.exists():
        raise UserError(f"The file {path} is missing; each of its lines describes a run: NAME MINUTES RECIPE [options].")
    runs = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, minutes, *command = (shlex.split(line) + ["", ""])[: max(2, len(shlex.split(line)))]
        if not re.fullmatch(r"[\w.-]+", name) or not re.fullmatch(r"\d+(\.\d+)?", minutes) or not command or name in runs:
            expected = "NAME MINUTES RECIPE [options], each NAME once"
            raise UserError(f"Line {number} of {path} should be {expected}; it is {line.strip()[:60]!r}.")
        output = ["--output", str(folder.resolve() / name), "--resume", "auto"]
        data = ["--data-dir", str(data_dir.resolve())] if data_dir else []
        run = Run(name, float(minutes), [sys.executable, "training/run.py", *command, *data, *output], folder)
        known = read_json(run.file)
        run.used, run.state = known.get("minutes", 0.0), known.get("state", "waiting")
        if run.state not in ("done", "failed"):
            run.state = "over its budget" if run.used > run.minutes else "waiting"
        runs[name] = run
    return sorted(runs.values(), key=lambda run: run.minutes)


def held(lock: Path | None) -> bool:
    """Whether another process holds the lock."""
    if not lock or not lock.exists():
        return False
    with open(lock) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def step(runs: list[Run], lock: Path | None) -> None:
    """One step: updates the states, halts or continues runs, and starts new ones."""
    halt = held(lock)
    for run in runs:
        if run.process:
            if halt != (run.state == "halted") and run.state in ("running", "halted"):
                run.signal(signal.SIGSTOP if halt else signal.SIGCONT)
                run.state = "halted" if halt else "running"
            run.look()
    for run in runs:
        if not halt and run.state == "waiting" and sum(other.process is not None for other in runs) < AT_ONCE:
            run.start()


def table(runs: list[Run]) -> str:
    """One row for each run: its state, the processor time, and its last held-out figures."""
    lines = ["| run | state | minutes | held out | command |", "| --- | --- | --- | --- | --- |"]
    for run in sorted(runs, key=lambda run: STATES.index(run.state)):
        log = run.log.read_text(encoding="utf-8", errors="replace") if run.log.exists() else ""
        figures = dict(re.findall(r"held-out (\w+) ([\d.e+-]+)", log))
        held_out = ", ".join(f"{name} {value}" for name, value in figures.items())
        command = " ".join(run.command[2 : run.command.index("--output")])
        lines.append(f"| {run.name} | {run.state} | {run.used:.0f} of {run.minutes:g} | {held_out} | `{command}` |")
    return "\n".join(lines) + "\n"


@contextmanager
def ended_with_us(runs: list[Run]) -> Iterator[None]:
    """When the queue ends, however it ends, every run is asked to leave a checkpoint and is waited for."""

    def leave(*_) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        for number in (signal.SIGTERM, signal.SIGCONT):  # a halted run receives SIGTERM when it continues
            for run in runs:
                run.signal(number)
        for run in runs:
            if run.process:
                run.process.wait()
                run.look()
            run.save()
        if runs:
            replace(runs[0].folder / "table.md", table(runs))


def main(arguments: list[str]) -> int:
    options = tyro.cli(Arguments, args=arguments, prog="lab.py", description=__doc__)
    runs, shown = read_jobs(options.folder, options.data_dir), ""
    with ended_with_us(runs):
        while any(run.process or run.state == "waiting" for run in runs):
            step(runs, options.lock)
            if (now := table(runs)) != shown:
                replace(options.folder / "table.md", now)
                shown = now
                for run in runs:
                    run.save()
            time.sleep(PAUSE)
    print(table(runs))
    return 1 if any(run.state == "failed" for run in runs) else 0


if __name__ == "__main__":
    try:
        sys.exit(run_command(main, sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
