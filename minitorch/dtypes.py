"""Data types: `minitorch.float32` and the others, their limits, and which of two wins."""

from __future__ import annotations

import builtins
from typing import Any, Final

import numpy as np

from .autograd.variable import buffer


class dtype:  # noqa: N801 - PyTorch's name
    """A data type of tensors, such as `minitorch.float32`.

    Args:
        name: PyTorch's name, which is NumPy's too.

    Attributes:
        dtype: the NumPy data type, so that NumPy accepts this object wherever it takes one.

    Example:
        >>> import minitorch, numpy as np
        >>> minitorch.float64
        minitorch.float64
        >>> np.zeros(2, dtype=minitorch.float64).dtype
        dtype('float64')
    """

    def __init__(self, name: str) -> None:
        self.name: Final = name
        self.dtype: Final = np.dtype(name)
        self.char: Final = self.dtype.char
        self.itemsize: Final = self.dtype.itemsize
        self.is_floating_point: Final = self.dtype.kind == "f"
        self.is_complex: Final = False
        self.is_signed: Final = self.dtype.kind in "fi"

    def __repr__(self) -> str:
        return f"minitorch.{self.name}"

    def __reduce__(self) -> Any:
        return _named, (self.name,)

    def to_real(self) -> dtype:
        """The type itself: there are no complex types here."""
        return self


float16 = half = dtype("float16")
float32 = float = dtype("float32")
float64 = double = dtype("float64")
uint8 = dtype("uint8")
uint16 = dtype("uint16")
uint32 = dtype("uint32")
uint64 = dtype("uint64")
int8 = dtype("int8")
int16 = short = dtype("int16")
int32 = int = dtype("int32")
int64 = long = dtype("int64")
bool = dtype("bool")

_ALL: Final = {
    each.name: each
    for each in (
        float16, float32, float64, uint8, uint16, uint32, uint64, int8, int16, int32, int64, bool
    )
}  # fmt: skip
_BY_NUMPY: Final = {each.dtype: each for each in _ALL.values()}
# What Python's own types stand for where a dtype is expected.
_BY_PYTHON: Final = {"bool": bool, "int": int64, "float": float64}


def _named(name: str) -> dtype:
    return _ALL[name]


def from_numpy_dtype(numpy_dtype: Any) -> dtype:
    """The dtype object of a NumPy data type.

    Raises:
        TypeError: tensors cannot hold that type.
    """
    try:
        return _BY_NUMPY[numpy_dtype]
    except KeyError:
        raise TypeError(
            f"can't convert np.ndarray of type {numpy_dtype}. The only supported types are: "
            f"{', '.join(_ALL)}"
        ) from None


def to_numpy_dtype(value: Any) -> np.dtype[Any]:
    """The NumPy data type of a dtype object, a NumPy dtype or scalar type, or a Python type.

    Raises:
        TypeError: `value` is none of these, or tensors cannot hold that type.
    """
    if isinstance(value, dtype):
        return value.dtype
    if isinstance(value, type) and value.__module__ == "builtins" and value.__name__ in _BY_PYTHON:
        return _BY_PYTHON[value.__name__].dtype
    if isinstance(value, (np.dtype, type)):
        return from_numpy_dtype(np.dtype(value)).dtype
    raise TypeError(f"dtype must be a minitorch.dtype, got {type(value).__name__}: {value!r}")


_default = float32


def get_default_dtype() -> dtype:
    """The data type of tensors made from Python floats.

    Example:
        >>> import minitorch
        >>> minitorch.get_default_dtype()
        minitorch.float32
    """
    return _default


def set_default_dtype(d: dtype, /) -> None:
    """Set the data type of tensors made from Python floats, and of new modules' parameters.

    Args:
        d: a floating-point dtype.

    Raises:
        TypeError: `d` is not a floating-point dtype.

    Example:
        >>> import minitorch
        >>> minitorch.set_default_dtype(minitorch.float64)
        >>> minitorch.tensor([1.5]).dtype
        minitorch.float64
        >>> minitorch.set_default_dtype(minitorch.float32)
    """
    global _default
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeError(f"only floating-point types are supported as the default type, got {d!r}")
    _default = d


def default_numpy_dtype() -> np.dtype[Any]:
    """The default data type as NumPy's."""
    return _default.dtype


# -- limits -------------------------------------------------------------------------------


class _Limits:
    """The base of `finfo` and `iinfo`: equal for equal dtypes, printed with six digits."""

    dtype: str
    bits: builtins.int
    _printed: tuple[str, ...]

    def __eq__(self, other: object) -> builtins.bool:
        return type(self) is type(other) and self.dtype == other.dtype

    def __hash__(self) -> builtins.int:
        return hash((type(self), self.dtype))

    def __repr__(self) -> str:
        values = "".join(f"{name}={getattr(self, name):g}, " for name in self._printed)
        return f"{type(self).__name__}({values}dtype={self.dtype})"


class finfo(_Limits):  # noqa: N801 - PyTorch's name
    """The limits of a floating-point dtype.

    Args:
        type: the dtype. Default: the default dtype.

    Attributes:
        bits: the size in bits.
        eps: the distance from 1 to the next larger number.
        max, min: the largest and the smallest finite number.
        tiny, smallest_normal: the smallest positive number of full precision.
        resolution: 10**-d, where d decimal digits are always kept.
        dtype: the dtype's name.

    Raises:
        TypeError: `type` is not a floating-point dtype.

    Example:
        >>> import minitorch
        >>> minitorch.finfo(minitorch.float16).max
        65504.0
    """

    _printed = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")

    def __init__(self, type: dtype | None = None) -> None:
        kind = _checked("finfo", get_default_dtype() if type is None else type)
        if not kind.is_floating_point:
            raise TypeError(f"finfo() requires a floating point dtype, got {kind}; use iinfo()")
        limits = np.finfo(kind.dtype)
        self.dtype = kind.name
        self.bits = limits.bits
        self.eps = builtins.float(limits.eps)
        self.max = builtins.float(limits.max)
        self.min = builtins.float(limits.min)
        self.tiny = self.smallest_normal = builtins.float(limits.smallest_normal)
        self.resolution = 10.0**-limits.precision


class iinfo(_Limits):  # noqa: N801 - PyTorch's name
    """The limits of an integer dtype.

    Args:
        type: the dtype.

    Attributes:
        bits: the size in bits.
        max, min: the largest and the smallest number.
        dtype: the dtype's name.

    Raises:
        TypeError: `type` is not an integer dtype.

    Example:
        >>> import minitorch
        >>> minitorch.iinfo(minitorch.int8)
        iinfo(min=-128, max=127, dtype=int8)
    """

    _printed = ("min", "max")

    def __init__(self, type: dtype) -> None:
        kind = _checked("iinfo", type)
        if kind.dtype.kind not in "iu":
            raise TypeError(f"iinfo() requires an integer dtype, got {kind}; use finfo()")
        limits = np.iinfo(kind.dtype)
        self.dtype = kind.name
        self.bits = limits.bits
        self.max = builtins.int(limits.max)
        self.min = builtins.int(limits.min)


def _checked(function: str, value: Any) -> dtype:
    if not isinstance(value, dtype):
        raise TypeError(
            f"{function}() expects a minitorch.dtype, got {type(value).__name__}: {value!r}"
        )
    return value


# -- which of two wins --------------------------------------------------------------------


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The smallest dtype that holds both; an integer beside a float takes the float's dtype.

    Raises:
        RuntimeError: one is uint16, uint32 or uint64 and the other another integer or bool.
        TypeError: an argument is not a dtype.

    Example:
        >>> import minitorch
        >>> minitorch.promote_types(minitorch.int8, minitorch.uint8)
        minitorch.int16
        >>> minitorch.promote_types(minitorch.int64, minitorch.float16)
        minitorch.float16
    """
    from .ops import promotion

    first, second = _checked("promote_types", type1), _checked("promote_types", type2)
    return from_numpy_dtype(promotion.promote_types(first.dtype, second.dtype))


def result_type(tensor1: Any, tensor2: Any) -> dtype:
    """The dtype of an operation on two tensors, arrays or Python numbers.

    A tensor without dimensions changes the dtype of one with dimensions only if it belongs to a
    higher category (bool < integer < floating point); a Python number likewise beside a tensor.

    Raises:
        TypeError: an argument is none of these.

    Example:
        >>> import minitorch
        >>> minitorch.result_type(minitorch.tensor([1, 2]), 1.5)
        minitorch.float32
    """
    from .ops import promotion

    return from_numpy_dtype(promotion.result_dtype(buffer(tensor1), buffer(tensor2)))


def can_cast(from_: dtype, to: dtype) -> builtins.bool:
    """Say whether a result of dtype `from_` may be written into a tensor of dtype `to`.

    It may not go from floating point to integer, nor from a number to bool.

    Raises:
        TypeError: an argument is not a dtype.

    Example:
        >>> import minitorch
        >>> minitorch.can_cast(minitorch.float64, minitorch.float32)
        True
        >>> minitorch.can_cast(minitorch.float32, minitorch.int64)
        False
    """
    source, target = _checked("can_cast", from_), _checked("can_cast", to)
    if source.is_floating_point:
        return target.is_floating_point
    return target is not bool or source is bool


def is_floating_point(input: Any) -> builtins.bool:
    """Say whether a tensor or an array holds floating-point numbers.

    Raises:
        TypeError: `input` is neither.

    Example:
        >>> import minitorch
        >>> minitorch.is_floating_point(minitorch.tensor([1, 2]))
        False
    """
    array: Any = buffer(input)
    if not isinstance(array, np.ndarray):
        raise TypeError(
            f"is_floating_point() expects a Tensor or an array, got {type(input).__name__}"
        )
    return from_numpy_dtype(array.dtype).is_floating_point
