"""Devices: everything is computed by NumPy, so there is one, the CPU."""

from __future__ import annotations

import re
from typing import Any, Final


class device:  # noqa: N801 - PyTorch's name
    """Where a tensor lives: always the CPU.

    Args:
        type: `"cpu"` or, with an index, `"cpu:0"`; or a device. A number means an accelerator,
            of which there is none.
        index: the number of the device; None, the default, is the current one.

    Attributes:
        type: `"cpu"`.
        index: the number that was given, or None.

    Raises:
        RuntimeError: any other device.
        TypeError: `type` is neither a string nor a device.

    Example:
        >>> import minitorch
        >>> minitorch.device("cpu")
        device(type='cpu')
        >>> minitorch.ones(2).device == minitorch.device("cpu")
        True
    """

    __slots__ = ("index", "type")

    def __init__(self, type: str | int | device, index: int | None = None) -> None:
        if not isinstance(type, (str, int, device)):
            raise TypeError(
                f"device() expects a string such as 'cpu', got {type.__class__.__name__}: {type!r}"
            )
        match = re.fullmatch(r"cpu(?::(\d+))?", str(type))
        if match is None or (index is not None and match[1] is not None):
            raise RuntimeError(
                f"device {type!r} is not available: minitorch computes with NumPy on the CPU; "
                "use 'cpu'"
            )
        self.type: Final = "cpu"
        self.index: Final = index if match[1] is None else int(match[1])

    def __repr__(self) -> str:
        number = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{number})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and self.index == other.index

    def __hash__(self) -> int:
        return hash((device, self.index))

    def __reduce__(self) -> Any:
        return device, (self.type, self.index)


CPU: Final = device("cpu")


def check_device(value: Any) -> None:
    """Accept what a `device=` argument may be: None, or something that means the CPU.

    Raises:
        RuntimeError: it means another device.
        TypeError: it means no device.
    """
    if value is not None and not isinstance(value, device):
        device(value)
