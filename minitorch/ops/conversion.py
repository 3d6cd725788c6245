"""Copies: in another dtype, in a buffer of their own, or into a tensor that exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import apply_in_place, changed, check_history, check_in_place
from ..autograd.operator import Operator
from ..autograd.variable import Variable, buffer
from ..device import check_device
from ..quiet import quiet
from .creation import fitting, number_of, zeros_like

if TYPE_CHECKING:
    from ..tensor import Tensor


# -- to another dtype ---------------------------------------------------------------------


class ToCopy(Operator):
    """A copy in another dtype; its gradient is cast back."""

    def forward(self, input: Any, *, dtype: np.dtype[Any]) -> Any:
        # Silently, too large a number becomes infinite or wraps around.
        return quiet.run(input.astype, dtype)

    def backward(self, grad: Any) -> Any:
        return grad  # the engine casts it


def to(
    input: Tensor,
    *args: Any,
    dtype: Any = None,
    device: Any = None,
    non_blocking: bool = False,
    copy: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """The tensor in another dtype; the tensor itself if nothing changes.

    Args:
        input: of any dtype.
        args: a dtype, a device, a device and a dtype, or a tensor whose dtype is taken; then
            perhaps `non_blocking` and `copy`.
        dtype: the dtype as a keyword.
        device: the CPU.
        non_blocking: accepted for PyTorch's signature only.
        copy: return a copy even if nothing changes. Default: False.
        memory_format: accepted for PyTorch's signature only.

    Raises:
        RuntimeError: another device than the CPU.
        TypeError: other arguments.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([1, 2]).to(minitorch.float32)
        tensor([1., 2.])
    """
    flags: tuple[Any, ...] = ()
    if args:
        first, *rest = args
        if isinstance(first, Variable):
            dtype, flags = first.array.dtype, tuple(rest)
        elif isinstance(first, (dtypes.dtype, np.dtype, type)):
            dtype, flags = first, tuple(rest)
        else:
            device, flags = first, tuple(rest[1:])
            dtype = rest[0] if rest else dtype
    if len(flags) > 2:
        raise TypeError(f"to() takes a dtype, a device or a tensor, and two flags; got {args!r}")
    check_device(device)
    return _converted(input, dtype, copy=copy or (len(flags) == 2 and flags[1]))


def _converted(input: Tensor, dtype: Any, *, copy: bool = False) -> Tensor:
    held = buffer(input).dtype
    wanted = held if dtype is None else dtypes.to_numpy_dtype(dtype)
    if held == wanted and not copy:
        return input
    return ToCopy.apply(input, dtype=wanted)  # type: ignore[no-any-return]


def type_as(input: Tensor, other: Tensor) -> Tensor:
    """The tensor in the dtype of `other`; the tensor itself if it has it already."""
    return _converted(input, buffer(other).dtype)


_TYPE_NAMES = {
    dtypes.float16: "HalfTensor",
    dtypes.float32: "FloatTensor",
    dtypes.float64: "DoubleTensor",
    dtypes.uint8: "ByteTensor",
    dtypes.uint16: "UInt16Tensor",
    dtypes.uint32: "UInt32Tensor",
    dtypes.uint64: "UInt64Tensor",
    dtypes.int8: "CharTensor",
    dtypes.int16: "ShortTensor",
    dtypes.int32: "IntTensor",
    dtypes.int64: "LongTensor",
    dtypes.bool: "BoolTensor",
}
_TYPES_BY_NAME = {name: dtype for dtype, name in _TYPE_NAMES.items()}


def astype(input: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the tensor's type, or the tensor in another dtype: `Tensor.type`.

    Args:
        input: of any dtype.
        dtype: a dtype, or the name of a type such as `"torch.DoubleTensor"`.
            Default: none; the name is returned.
        non_blocking: accepted for PyTorch's signature only.

    Raises:
        ValueError: there is no type of that name.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([1, 2]).type()
        'minitorch.LongTensor'
        >>> minitorch.tensor([1, 2]).type(minitorch.float64)
        tensor([1., 2.], dtype=minitorch.float64)
    """
    if dtype is None:
        return "minitorch." + _TYPE_NAMES[dtypes.from_numpy_dtype(buffer(input).dtype)]
    if isinstance(dtype, str):
        package, _, name = dtype.rpartition(".")
        if package not in ("torch", "minitorch") or name not in _TYPES_BY_NAME:
            raise ValueError(f"invalid type: {dtype!r}; expected such as 'torch.FloatTensor'")
        dtype = _TYPES_BY_NAME[name]
    return _converted(input, dtype)


def caster(name: str, dtype: dtypes.dtype) -> Callable[..., Tensor]:
    """The method that converts to `dtype` and is called `name`: `Tensor.float` and its like."""

    def cast(input: Tensor, memory_format: Any = None) -> Tensor:
        return _converted(input, dtype)

    cast.__name__ = cast.__qualname__ = name
    cast.__doc__ = f"The tensor in {dtype}; the tensor itself if it has that dtype already."
    return cast


# -- in a buffer of its own ---------------------------------------------------------------


class Clone(Operator):
    """A copy with the same order of elements in memory, but none shared as after `expand`."""

    def forward(self, input: Any) -> Any:
        return input.copy("C" if 0 in input.strides else "K")

    def backward(self, grad: Any) -> Any:
        return grad


def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy that gradients go through.

    Args:
        input: of any shape.
        memory_format: accepted for PyTorch's signature only.

    Example:
        >>> import minitorch
        >>> minitorch.ones(2, requires_grad=True).clone()
        tensor([1., 1.], grad_fn=<CloneBackward0>)
    """
    return Clone.apply(input)  # type: ignore[no-any-return]


# -- into a tensor that exists ------------------------------------------------------------


class Fill(Operator):
    """One value everywhere: no gradient for the old values, the sum for the value."""

    def forward(self, input: Any, value: Any) -> Any:
        output = np.empty_like(input)
        quiet.run(output.fill, value)
        return output

    def backward(self, grad: Any) -> Any:
        return zeros_like(grad), grad  # the engine sums the second to the value's shape


class Copy(Operator):
    """Another tensor's values, broadcast and cast: no gradient for the old values."""

    def forward(self, input: Any, source: Any) -> Any:
        output = np.empty_like(input)
        _copy(output, source)
        return output

    def backward(self, grad: Any) -> Any:
        return zeros_like(grad), grad  # the engine sums and casts the second as the source was

    def name(self) -> str:
        return "CopyBackwards"


def _copy(target: Any, source: Any) -> None:
    """Write `source` into `target`, whatever their dtypes.

    Raises:
        RuntimeError: `source` cannot be broadcast to the shape of `target`.
    """
    try:
        quiet.run(np.copyto, target, source, "unsafe")
    except ValueError:
        raise RuntimeError(
            f"cannot copy a tensor of shape {list(source.shape)} into one of shape "
            f"{list(target.shape)}: the first must be broadcastable to the second"
        ) from None


def fill(input: Tensor, value: Any) -> Tensor:
    """A tensor like `input` that holds `value` everywhere.

    Args:
        input: gives shape and dtype; its gradient is zero.
        value: a number, or a tensor without dimensions, which gets the sum of the gradient.

    Raises:
        RuntimeError: `value` has dimensions, or does not fit the dtype.
        TypeError: `value` is not a number.

    Example:
        >>> import minitorch
        >>> minitorch.fill(minitorch.tensor([1, 2]), 7)
        tensor([7, 7])
    """
    return Fill.apply(input, _fill_value(input, value))  # type: ignore[no-any-return]


def fill_(input: Tensor, value: Any) -> Tensor:
    """Set every element to `value`, in place; the arguments are those of `fill`.

    Raises:
        RuntimeError: as `fill`; or the tensor is a leaf that requires a gradient.
        TypeError: `value` is not a number.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(2).fill_(7)
        tensor([7., 7.])
    """
    value = _fill_value(input, value)
    if check_history(input, value):  # elements that lie at one place may do so: all get the same
        return apply_in_place(Fill.apply, input, value)
    quiet.run(input.array.fill, buffer(value))
    changed(input)
    return input


def zero_(input: Tensor) -> Tensor:
    """Set every element to zero, in place.

    Raises:
        RuntimeError: the tensor is a leaf that requires a gradient.
    """
    if check_history(input):
        return apply_in_place(Fill.apply, input, 0)
    input.array.fill(0)
    changed(input)
    return input


def copy_(input: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:
    """Take over the values of `src`, in place, broadcast to the shape and cast to the dtype.

    The gradient goes to `src`.

    Args:
        input: what is changed.
        src: a tensor or an array of a shape that broadcasts to that of `input`.
        non_blocking: accepted for PyTorch's signature only.

    Raises:
        RuntimeError: the shape does not fit, or `input` is a leaf that requires a gradient.
        TypeError: `src` is neither a tensor nor an array.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(2, 2).copy_(minitorch.tensor([1, 2]))
        tensor([[1., 2.],
                [1., 2.]])
    """
    source = buffer(src)
    if not isinstance(source, np.ndarray):
        raise TypeError(f"copy_(): 'src' must be a Tensor or an array, not {type(src).__name__}")
    if check_in_place(input, src):
        return apply_in_place(Copy.apply, input, src)
    _copy(input.array, source)
    changed(input)
    return input


def _fill_value(input: Tensor, value: Any) -> Any:
    """A number that fits the dtype of `input`, or a tensor without dimensions."""
    array = buffer(value)
    if isinstance(array, np.ndarray):
        if array.ndim:
            raise RuntimeError(
                f"fill_ only supports 0-dimension value tensor but got tensor with {array.ndim} "
                "dimensions."
            )
        return value
    dtype = buffer(input).dtype
    if type(array) is float and dtype.kind == "f":
        return array
    return fitting(number_of(array, "fill_", "value"), dtype)
