"""What all tests of training share."""

from pathlib import Path

import pytest

from tests.hub_server import Hub
from training import export

WRITE_GRAPHS = export.write_graphs
WITHOUT_GRAPHS = Path(__file__).with_name("run_without_graphs.py")  # the same for a training in a child process


@pytest.fixture(autouse=True)
def without_graphs(monkeypatch):
    """A training in this process ends without its graphs, which take ten times as long as the few steps of a test."""
    monkeypatch.setattr(export, "write_graphs", lambda folder: None)


@pytest.fixture
def with_graphs(without_graphs, monkeypatch):
    monkeypatch.setattr(export, "write_graphs", WRITE_GRAPHS)


@pytest.fixture
def hub():
    with Hub() as server:
        yield server
