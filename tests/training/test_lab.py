"""The queue of trainings: what it starts, halts and stops, and what its files say afterwards."""

import fcntl
import sys
import time

import pytest

from playground.errors import UserError
from training import lab

BUSY = [sys.executable, "-c", "while True: pass"]


def run(folder, name: str, command: list[str], minutes: float = 10) -> lab.Run:
    return lab.Run(name, minutes, [*command, "training/run.py", "--output", "x"], folder)


def wait_for(condition, runs, lock=None, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, [(one.name, one.state, one.code) for one in runs]
        lab.step(runs, lock)
        time.sleep(0.05)


def state(pid: int) -> str:
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def test_jobs_are_read_the_smallest_budget_first_and_go_on_where_they_stopped(tmp_path):
    (tmp_path / "jobs.txt").write_text("# a comment\nlong 90 vae --seed 1\n\nshort 2.5 gan\nkept 1 dcgan\n")
    (tmp_path / "kept.json").write_text('{"state": "running", "minutes": 0.4}')  # cut off by whatever it was
    runs = lab.read_jobs(tmp_path, tmp_path)
    assert [(one.name, one.state, one.used) for one in runs] == [
        ("kept", "waiting", 0.4),
        ("short", "waiting", 0.0),
        ("long", "waiting", 0.0),
    ]
    command = runs[2].command
    assert command[1:5] == ["training/run.py", "vae", "--seed", "1"] and command[-2:] == ["--resume", "auto"]
    (tmp_path / "kept.json").write_text('{"state": "over its budget", "minutes": 1.2}')
    assert lab.read_jobs(tmp_path, None)[0].state == "over its budget"
    for line in ("vae", "vae ten vae", "vae 10", "../vae 10 vae", "a 1 vae\na 1 vae"):
        (tmp_path / "jobs.txt").write_text(line)
        with pytest.raises(UserError, match="should be NAME MINUTES RECIPE"):
            lab.read_jobs(tmp_path, None)
    with pytest.raises(UserError, match="The file .*jobs.txt is missing"):
        lab.read_jobs(tmp_path / "nowhere", None)


def test_two_run_at_once_halt_for_the_lock_and_stop_at_their_budget(tmp_path):
    said = [sys.executable, "-c", "print('step 9: held-out l1 0.25')"]
    failing = [sys.executable, "-c", "raise SystemExit(3)"]
    leaving = [sys.executable, "-c", "import signal, sys\nsignal.signal(15, lambda *_: sys.exit(130))\nwhile True: pass"]
    runs = [
        run(tmp_path, "said", said),
        run(tmp_path, "failing", failing),
        run(tmp_path, "busy", BUSY),
        run(tmp_path, "brief", leaving, 0.005),
    ]
    lock = tmp_path / "lock"
    lock.touch()
    with lab.ended_with_us(runs):
        lab.step(runs, lock)
        assert [one.state for one in runs] == ["running", "running", "waiting", "waiting"]
        wait_for(lambda: runs[0].state == "done" and runs[1].state == "failed" and runs[2].process, runs, lock)
        with open(lock) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            wait_for(lambda: runs[2].state == "halted" and state(runs[2].process.pid) == "T", runs, lock)
        wait_for(lambda: runs[2].state == "running" and state(runs[2].process.pid) != "T", runs, lock)
        wait_for(lambda: runs[3].state == "over its budget" and not runs[3].process, runs, lock, 60)
        assert runs[3].used > 0.005
    assert runs[2].process is None and runs[2].state == "waiting"  # ended with the queue
    table = (tmp_path / "table.md").read_text()
    assert "| said | done | 0 of 10 | l1 0.25 |" in table and "| failing | failed |" in table
    assert lab.read_json(tmp_path / "failing.json")["code"] == 3
