"""requirements.lock pins what the requirements ask for; `uv pip compile`, as its head has it, makes it anew."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]


def requirements(name: str) -> list[Requirement]:
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


WANTED = [*requirements("requirements.txt"), *requirements("requirements-dev.txt")]
LOCKED = {requirement.name: str(requirement.specifier).removeprefix("==") for requirement in requirements("requirements.lock")}


@pytest.mark.parametrize("wanted", WANTED, ids=lambda wanted: wanted.name)
def test_the_lock_has_a_version_in_the_range_that_is_asked_for(wanted):
    name = wanted.name.replace("_", "-").lower()
    assert wanted.specifier.contains(LOCKED[name]), f"{name} {LOCKED[name]} is locked; {wanted} is asked for."
