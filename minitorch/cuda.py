"""Graphics cards, of which there are none here: for the first lines of many PyTorch scripts."""

from __future__ import annotations

__all__ = [
    "device_count",
    "empty_cache",
    "is_available",
    "manual_seed",
    "manual_seed_all",
    "seed",
    "seed_all",
]


def is_available() -> bool:
    """Say that no graphics card can be used: everything is computed on the CPU.

    Example:
        >>> import minitorch
        >>> minitorch.device("cuda" if minitorch.cuda.is_available() else "cpu")
        device(type='cpu')
    """
    return False


def device_count() -> int:
    """The number of graphics cards that can be used: 0."""
    return 0


def manual_seed(seed: int) -> None:
    """Do nothing, as PyTorch does without a graphics card: there is no stream to seed."""


def manual_seed_all(seed: int) -> None:
    """Do nothing, as PyTorch does without a graphics card."""


def seed() -> None:
    """Do nothing, as PyTorch does without a graphics card."""


def seed_all() -> None:
    """Do nothing, as PyTorch does without a graphics card."""


def empty_cache() -> None:
    """Do nothing, as PyTorch does without a graphics card."""
