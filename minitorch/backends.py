"""Settings of libraries that PyTorch uses: scripts may make them, and nothing depends on them.

What is computed here is deterministic without any setting.

Example:
    >>> import minitorch
    >>> minitorch.backends.cudnn.deterministic = True
    >>> minitorch.backends.mps.is_available()
    False
"""

from __future__ import annotations

__all__ = [
    "Backend",
    "are_deterministic_algorithms_enabled",
    "cudnn",
    "mps",
    "use_deterministic_algorithms",
]


class Backend:
    """A library that is not there.

    Attributes:
        enabled: whether it may be used. Default: True.
        benchmark: whether the fastest algorithm is looked for. Default: False.
        deterministic: whether only deterministic algorithms are taken. Default: False.
        allow_tf32: whether products of matrices may be rounded to fewer digits. Default: True.
    """

    def __init__(self) -> None:
        self.enabled = True
        self.benchmark = False
        self.deterministic = False
        self.allow_tf32 = True

    def is_available(self) -> bool:
        """Say that it cannot be used."""
        return False

    def is_built(self) -> bool:
        """Say that it is not there."""
        return False


cudnn, mps = Backend(), Backend()

_deterministic = False


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Note that only deterministic algorithms are wanted; all are, with or without it."""
    global _deterministic
    _deterministic = bool(mode)


def are_deterministic_algorithms_enabled() -> bool:
    """Say what `use_deterministic_algorithms` was last told. Default: False."""
    return _deterministic
