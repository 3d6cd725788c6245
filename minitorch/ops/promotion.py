"""Type promotion: the dtype in which an operation on several operands is computed.

Three kinds of operand take part with falling priority: arrays with dimensions, arrays without,
and Python numbers. An operand of a lower kind changes the dtype only if it belongs to a higher
category (bool < integer < floating point).
Source: https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .. import dtypes
from ..autograd.variable import Array, ndarray
from ..quiet import quiet

_CATEGORY = {"b": 0, "u": 1, "i": 1, "f": 2}
_BOOL, _INT64 = np.dtype(bool), np.dtype(np.int64)
_WIDE_UNSIGNED = {np.dtype(np.uint16), np.dtype(np.uint32), np.dtype(np.uint64)}


@functools.cache
def promote_types(first: np.dtype[Any], second: np.dtype[Any]) -> np.dtype[Any]:
    """The smallest dtype that holds both; an integer beside a float takes the float's dtype.

    Raises:
        RuntimeError: one is uint16, uint32 or uint64 and the other is another type without a
            fraction.

    Example:
        >>> import numpy as np
        >>> from minitorch.ops.promotion import promote_types
        >>> promote_types(np.dtype("int64"), np.dtype("float32"))
        dtype('float32')
    """
    if first == second:
        return first
    if "f" in (first.kind, second.kind):
        if first.kind == second.kind:
            return np.promote_types(first, second)
        return first if first.kind == "f" else second
    if first in _WIDE_UNSIGNED or second in _WIDE_UNSIGNED:
        raise RuntimeError(
            "Promotion for uint16, uint32, uint64 types is not supported, attempted to promote "
            f"{first} and {second}; convert one of them with .to(...) first"
        )
    return np.promote_types(first, second)


def result_dtype(*operands: Any) -> np.dtype[Any]:
    """The dtype of an operation on arrays and numbers.

    A NumPy scalar beside an array counts as a Python number, as in PyTorch; where there is no
    array, it keeps its own dtype.

    Raises:
        TypeError: an operand is neither an array nor a number.

    Example:
        >>> import numpy as np
        >>> from minitorch.ops.promotion import result_dtype
        >>> result_dtype(np.ones(2, np.int64), 0.5)
        dtype('float32')
    """
    dimensioned: np.dtype[Any] | None = None
    dimensionless: np.dtype[Any] | None = None
    numbers = []
    for operand in operands:
        if not isinstance(operand, ndarray):
            numbers.append(operand)
        elif operand.ndim:
            dimensioned = _join(dimensioned, operand.dtype)
        else:
            dimensionless = _join(dimensionless, operand.dtype)
    number = None
    alone = dimensioned is None and dimensionless is None
    for operand in numbers:
        keeps_own = alone and isinstance(operand, np.generic)
        number = _join(number, operand.dtype if keeps_own else number_dtype(operand))
    result = _combine(dimensioned, _combine(dimensionless, number))
    assert result is not None
    return result


def _join(known: np.dtype[Any] | None, dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of operands of the same priority."""
    return dtype if known is None else promote_types(known, dtype)


def _combine(higher: np.dtype[Any] | None, lower: np.dtype[Any] | None) -> np.dtype[Any] | None:
    """The dtype of operands of a higher priority beside operands of a lower one."""
    if higher is None or lower is None:
        return higher or lower
    if _CATEGORY[lower.kind] > _CATEGORY[higher.kind]:
        return promote_types(higher, lower)
    return higher


def number_dtype(number: Any) -> np.dtype[Any]:
    """The dtype that a number stands for: bool, int64 or the default floating-point dtype.

    Raises:
        TypeError: it is no real number.
    """
    if isinstance(number, (bool, np.bool_)):
        return _BOOL
    if isinstance(number, (int, np.integer)):
        return _INT64
    if isinstance(number, (float, np.floating)):
        return dtypes.default_numpy_dtype()
    raise TypeError(
        f"expected a Tensor, an array or a number, got {type(number).__name__}: {number!r}"
    )


def promote(first: Any, second: Any) -> tuple[Array, Array]:
    """Bring two operands to the dtype of their operation; arrays of one dtype pass untouched.

    Raises:
        TypeError: an operand is neither an array nor a number.
    """
    if type(first) is ndarray:
        if type(second) is ndarray:
            if first.dtype == second.dtype:
                return first, second
        elif type(second) in (float, int) and first.dtype.kind == "f":
            return first, convert(second, first.dtype)
    elif type(second) is ndarray and type(first) in (float, int) and second.dtype.kind == "f":
        return convert(first, second.dtype), second
    dtype = result_dtype(first, second)
    return convert(first, dtype), convert(second, dtype)


def promote_floating(first: Any, second: Any) -> tuple[Array, Array]:
    """As `promote`, but integers and booleans come in the default floating-point dtype."""
    first, second = promote(first, second)
    if first.dtype.kind == "f":
        return first, second
    return floating(first), floating(second)


def convert(operand: Any, dtype: np.dtype[Any]) -> Array:
    """An array of `dtype`; numbers beyond its range become infinite or, for integers, wrap around.

    Raises:
        OverflowError: an integer needs more than 64 bits.
    """
    try:
        return quiet.run(np.asarray, operand, dtype)  # type: ignore[no-any-return]
    except OverflowError:
        return np.asarray(operand).astype(dtype)


def as_array(operand: Any) -> Array:
    """An array as it is, a NumPy scalar as an array without dimensions.

    Raises:
        TypeError: it is neither.
    """
    if type(operand) is ndarray:
        return operand
    if isinstance(operand, (ndarray, np.generic)):
        return np.asarray(operand)
    raise TypeError(
        f"expected a Tensor or an array, got {type(operand).__name__}: {operand!r}; "
        "minitorch.tensor(...) makes a Tensor of it"
    )


def floating(operand: Any) -> Array:
    """An array of integers or booleans in the default floating-point dtype; others as they are.

    Raises:
        TypeError: it is not an array.
    """
    array = operand if type(operand) is ndarray else as_array(operand)
    if array.dtype.kind == "f":
        return array
    return array.astype(dtypes.default_numpy_dtype())


def constant(value: float, dtype: Any) -> Any:
    """A number as a read-only 0-d array, which NumPy takes faster than a Python float."""
    key = (value, dtype.char)  # the character hashes faster than the dtype
    array = _constants.get(key)
    if array is None:
        if len(_constants) >= 1000:  # a learning rate that changes at every step, say
            _constants.clear()
        array = _constants[key] = np.asarray(value, dtype)
        array.flags.writeable = False
    return array


_constants: dict[tuple[float, str], Any] = {}


@functools.lru_cache(maxsize=64)
def ones(length: int, dtype: np.dtype[Any]) -> Any:
    """A read-only vector of ones: `ones.dot(rows)` sums rows faster than `np.add.reduce`."""
    array = np.ones(length, dtype)
    array.flags.writeable = False
    return array
