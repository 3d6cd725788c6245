"""What every test shares: a seed of its own, and backward as in a process that just began."""

import zlib

import numpy as np
import pytest

from minitorch.autograd.variable import LeafHooks


@pytest.fixture(autouse=True)
def seed(request: pytest.FixtureRequest) -> int:
    """Seed NumPy's global generator from the test's name, whatever ran before it.

    The seed is printed, and pytest shows it where a test fails.
    """
    number = zlib.crc32(request.node.nodeid.encode())
    np.random.seed(number)
    print(f"seed: {number}")
    return number


@pytest.fixture(autouse=True)
def no_hooks_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backward takes a shorter path until the first hook of a process is registered."""
    monkeypatch.setattr(LeafHooks, "exist", False)


@pytest.fixture
def rng(seed: int) -> np.random.Generator:
    """Return a NumPy generator that starts at the test's seed."""
    return np.random.default_rng(seed)
