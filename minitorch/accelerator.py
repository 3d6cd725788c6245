"""Accelerators, of which there are none here: for the first lines of many PyTorch scripts."""

from __future__ import annotations

__all__ = ["current_accelerator", "device_count", "is_available"]


def is_available() -> bool:
    """Say that no accelerator can be used: everything is computed on the CPU.

    Example:
        >>> import minitorch
        >>> accelerator = minitorch.accelerator
        >>> accelerator.current_accelerator().type if accelerator.is_available() else "cpu"
        'cpu'
    """
    return False


def device_count() -> int:
    """The number of accelerators that can be used: 0."""
    return 0


def current_accelerator(check_available: bool = False) -> None:
    """The accelerator in use: None."""
    return None
