"""Orders of a tensor's elements in memory, which PyTorch's functions take as `memory_format`."""

from __future__ import annotations

from typing import Final


class memory_format:  # noqa: N801 - PyTorch's name
    """An order of elements in memory. It is accepted, and changes no value.

    Args:
        name: PyTorch's name.

    Example:
        >>> import minitorch
        >>> w = minitorch.ones(2, 3)
        >>> minitorch.zeros_like(w, memory_format=minitorch.preserve_format).shape
        minitorch.Size([2, 3])
        >>> minitorch.preserve_format
        minitorch.preserve_format
    """

    def __init__(self, name: str) -> None:
        self.name: Final = name

    def __repr__(self) -> str:
        return f"minitorch.{self.name}"

    def __reduce__(self) -> str:
        return self.name


preserve_format: Final = memory_format("preserve_format")
contiguous_format: Final = memory_format("contiguous_format")
channels_last: Final = memory_format("channels_last")
channels_last_3d: Final = memory_format("channels_last_3d")
