"""Graphics cards, of which there are none here: for the first lines of many PyTorch scripts."""

from __future__ import annotations

__all__ = ["device_count", "is_available"]


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
