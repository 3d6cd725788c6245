"""Checks of what a layer is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..module import Module

_NUMBERS = "fiub"  # the kinds of NumPy dtypes that a Tensor can have


def check_array(
    module: Module, value: Any, name: str = "input", error: type[Exception] = TypeError
) -> None:
    """Refuse anything but an array of numbers as an argument of a written forward.

    Args:
        module: whose forward it is.
        value: what was given.
        name: the argument's name.
        error: what to raise for something that is no array, as PyTorch's layer does.

    Raises:
        TypeError: it is no array, or one of objects or strings.
    """
    layer = type(module).__name__
    if not isinstance(value, np.ndarray):
        raise error(
            f"{layer}: argument '{name}' must be a Tensor or a NumPy array, not "
            f"{type(value).__name__}; convert it with minitorch.tensor(...)"
        )
    if value.dtype.kind not in _NUMBERS:
        raise TypeError(
            f"{layer}: argument '{name}' must be an array of real numbers, not of dtype "
            f"{value.dtype}"
        )
