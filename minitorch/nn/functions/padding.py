"""Padding as a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...ops.shape import as_integer
from ..modules.padding import MODES, padded


def pad(input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Any:
    """A copy with borders: see `minitorch.nn.ConstantPad1d` and the layers beside it.

    Args:
        input: (*); for the modes other than "constant", the padded dimensions, one before them,
            and maybe another for the batch.
        pad: how many elements are added on the left and on the right of the last dimension, then
            of the one before it, and so on; a negative number takes elements away.
        mode: "constant", "reflect", "replicate" or "circular". Default: "constant".
        value: what "constant" fills with. Default: 0.

    Raises:
        NotImplementedError: there is no such mode, or it is not for that many dimensions.
        RuntimeError: the input has too few dimensions or is too small, its dtype cannot hold
            the value, or the mode takes no value.
        TypeError: an argument is of the wrong type.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.pad(minitorch.ones(2), (1, 2), value=5.0)
        tensor([5., 1., 1., 5., 5.])
    """
    if not isinstance(pad, (tuple, list)):
        raise TypeError(f"pad(): argument 'pad' must be a tuple of ints, not {pad!r}")
    padding = tuple(each if type(each) is int else as_integer(each, "pad") for each in pad)
    if mode not in MODES:
        raise NotImplementedError(
            f"pad(): there is no mode {mode!r}; give one of {', '.join(MODES)}"
        )
    number = 0.0 if value is None else _as_number(value)
    if number and mode != "constant":
        raise RuntimeError(f"pad(): mode '{mode}' takes no value, got value={value}")
    return padded(input, padding, mode, number)


def _as_number(value: Any) -> float:
    try:
        return value if type(value) in (float, int) else float(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"pad(): argument 'value' must be a number, not {type(value).__name__}"
        ) from None
