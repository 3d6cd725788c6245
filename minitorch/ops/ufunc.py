"""What the elementwise operators share: calls of NumPy that answer as PyTorch would."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from ..autograd.operator import Operator
from ..autograd.variable import Array, Variable, ndarray, wrap
from ..quiet import quiet
from .promotion import promote

if TYPE_CHECKING:
    from ..tensor import Tensor


class Elementwise(Operator):
    """An operator with a single output."""

    if TYPE_CHECKING:

        @classmethod
        def apply(cls, *inputs: Any, **options: Any) -> Tensor:
            """Run the pair; here it only has a narrower type."""


def evaluate(function: Callable[..., Any], *arrays: Any) -> Array:
    """Call `function` on arrays without warnings; the result is an array also without dimensions.

    Raises:
        RuntimeError: the shapes do not broadcast.
    """
    try:
        output = quiet.run(function, *arrays)
    except ValueError:
        check_broadcast(*arrays)
        raise
    return output if type(output) is ndarray else np.asarray(output)


def binary(function: Callable[..., Any], first: Any, second: Any) -> Array:
    """Evaluate a ufunc of two operands in the dtype that promotion gives.

    Raises:
        RuntimeError: the shapes do not broadcast.
        TypeError: an operand is neither an array nor a number.
    """
    if type(first) is not ndarray:
        first, second = promote(first, second)
    elif type(second) is ndarray:
        if first.dtype != second.dtype:
            first, second = promote(first, second)
    elif type(second) not in (float, int) or first.dtype.kind != "f":
        first, second = promote(first, second)
    # else a number beside a floating-point array, which NumPy takes for one of the array's dtype
    try:  # as `evaluate`, written out: this is the most frequent call of all
        output = quiet.run(function, first, second)
    except ValueError:
        check_broadcast(first, second)
        raise
    return output if type(output) is ndarray else np.asarray(output)


def check_broadcast(*arrays: Any) -> None:
    """Raise PyTorch's RuntimeError if the shapes of the arrays do not broadcast."""
    result: list[int] = []
    for array in arrays:
        shape = list(np.shape(array))
        ndim = max(len(shape), len(result))
        result = [1] * (ndim - len(result)) + result
        shape = [1] * (ndim - len(shape)) + shape
        for axis in reversed(range(ndim)):
            if result[axis] != shape[axis] and 1 not in (result[axis], shape[axis]):
                raise RuntimeError(
                    f"The size of tensor a ({result[axis]}) must match the size of tensor b "
                    f"({shape[axis]}) at non-singleton dimension {axis}"
                )
        result = [b if a == 1 else a for a, b in zip(result, shape, strict=True)]


def zeros_for(grad: Any) -> Any:
    """A gradient of zeros, array or Tensor as `grad` is."""
    if isinstance(grad, Variable):
        return wrap(np.zeros_like(grad.array))
    return np.zeros_like(grad)


def not_implemented(name: str, dtype: Any) -> NoReturn:
    """Raise PyTorch's error for a dtype that a function is not offered for."""
    raise NotImplementedError(
        f'"{name}" not implemented for {dtype}; convert the operands with .to(...) first'
    )
