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


def check_floating(
    module: Module, value: Any, name: str = "input", error: type[Exception] = NotImplementedError
) -> None:
    """Refuse anything but an array of floating-point numbers.

    Raises:
        TypeError: it is no array, or one of objects or strings.
        NotImplementedError: it is not floating point; or the `error` that is given.
    """
    if type(value) is np.ndarray and value.dtype.kind == "f":
        return
    check_array(module, value, name)
    if value.dtype.kind != "f":
        raise not_implemented(module, value, name, error)


def not_implemented(
    module: Module,
    value: Any,
    name: str = "input",
    error: type[Exception] = NotImplementedError,
) -> Exception:
    """The error for an array of a dtype that the layer does not take."""
    return error(
        f"{type(module).__name__} is not implemented for {value.dtype}: convert the {name} with "
        ".float()"
    )


def check_dtype(
    module: Module,
    name: str,
    found: np.dtype[Any],
    expected: np.dtype[Any],
    error: type[Exception] = RuntimeError,
) -> None:
    """Refuse an array of another dtype than the weight's.

    Raises:
        error: it is another.
    """
    if found != expected:
        raise error(
            f"{type(module).__name__}: {name} and weight must have the same dtype, but got "
            f"{found} and {expected}: convert the {name} (.to(minitorch.{expected}) or "
            f".astype('{expected}')) or the module ({_CONVERSIONS.get(found.name, '.to(dtype)')})"
        )


_CONVERSIONS = {"float16": ".half()", "float32": ".float()", "float64": ".double()"}


def within(indices: Any, count: int) -> bool:
    """Whether all integers of an array are from 0 to `count` - 1.

    Example:
        >>> within(np.array([0, 2]), 3), within(np.array([0, -1]), 3)
        (True, False)
    """
    if not indices.size:
        return True
    unsigned = indices.view(_UNSIGNED[indices.itemsize])  # where -1 is the largest number
    return bool(np.maximum.reduce(unsigned, axis=None) < count)


_UNSIGNED = {size: np.dtype(f"u{size}") for size in (1, 2, 4, 8)}


def called(module: Any) -> str:
    """The layer's name, or `_function`, the one that runs its pair without a layer."""
    return type(module).__name__ if "training" in vars(module) else str(module._function)


def no_common_shape(module: Module, **arrays: Any) -> RuntimeError:
    """The error for arrays that do not broadcast."""
    shapes = [f"{name} of shape {list(array.shape)}" for name, array in arrays.items()]
    return RuntimeError(
        f"{type(module).__name__}: {' and '.join(shapes)} cannot be broadcast to one shape"
    )
