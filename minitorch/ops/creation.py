"""Making tensors, from data, filled with one value or as a range; and asking what is one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from .. import dtypes
from ..autograd.variable import Array, Variable, buffer, ndarray, wrap
from ..device import check_device
from ..exact import multiply_add
from ..quiet import Silence, quiet
from .layout import dense_like
from .promotion import number_dtype, promote_types
from .shape import as_integer, integers

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from ..tensor import Tensor

DType: TypeAlias = "dtypes.dtype | None"
Device: TypeAlias = Any
_NUMBERS = frozenset((bool, int, float))


# -- from data ----------------------------------------------------------------------------


def tensor(
    data: Any,
    *,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Make a tensor of a copy of `data`.

    Args:
        data: a number, an array, a tensor, or nested sequences of numbers.
        dtype: Default: an array's or NumPy number's own; bool, int64 or the default dtype for
            Python's bools, integers and floats.
        device: the CPU.
        requires_grad: whether gradients are computed for it. Default: False.
        pin_memory: accepted for PyTorch's signature only.

    Raises:
        ValueError: sequences beside one another have different lengths, or an integer is too
            large for 64 bits.
        TypeError: `data` holds strings or objects, or numbers beside sequences.
        RuntimeError: `data` is no number or sequence at all, a number does not fit `dtype`, or
            `requires_grad` is asked of a dtype that is not floating point.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1, 2], [3, 4]])
        tensor([[1, 2],
                [3, 4]])
        >>> minitorch.tensor(1.5, requires_grad=True)
        tensor(1.5000, requires_grad=True)
    """
    return _finish(_copied(data, _numpy_dtype(dtype)), device, requires_grad)


def as_tensor(data: Any, dtype: DType = None, device: Device = None) -> Tensor:
    """Make a tensor of `data`, without a copy where that is possible.

    A tensor of the right dtype is returned itself; an array's memory is shared. The conversion
    of a tensor to another dtype is recorded.

    Raises:
        ValueError, TypeError, RuntimeError: as `tensor`.

    Example:
        >>> import minitorch, numpy as np
        >>> array = np.zeros(2)
        >>> x = minitorch.as_tensor(array)
        >>> array[0] = 7
        >>> x
        tensor([7., 0.], dtype=minitorch.float64)
    """
    if isinstance(data, Variable):
        return data.to(device=device, dtype=dtype)  # type: ignore[attr-defined, no-any-return]
    wanted = _numpy_dtype(dtype)
    if not isinstance(data, ndarray):
        return _finish(_copied(data, wanted), device, False)
    array = _checked(data)
    return _finish(array if wanted is None else _cast(array, wanted), device, False)


def from_numpy(ndarray: Array, /) -> Tensor:
    """Make a tensor that shares the memory of an array.

    Raises:
        TypeError: the argument is not an array, or of a dtype that tensors cannot hold.

    Example:
        >>> import minitorch, numpy as np
        >>> minitorch.from_numpy(np.arange(3))
        tensor([0, 1, 2])
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    return wrap(_checked(ndarray))


def asarray(
    obj: Any,
    *,
    dtype: DType = None,
    device: Device = None,
    copy: bool | None = None,
    requires_grad: bool | None = None,
) -> Tensor:
    """Make a tensor of `obj`, sharing memory or copying as asked.

    Args:
        obj: what `tensor` takes.
        dtype: as for `tensor`.
        device: the CPU.
        copy: True always copies, False never does. Default: only where it must be.
        requires_grad: False cuts the result off from the graph. Default: as `obj`.

    Raises:
        ValueError: `copy` is False but a copy is needed; or as `tensor`.
        TypeError, RuntimeError: as `tensor`.

    Example:
        >>> import minitorch
        >>> minitorch.asarray([1.0, 2.0], requires_grad=True)
        tensor([1., 2.], requires_grad=True)
    """
    result = as_tensor(obj, dtype, device)
    shared = isinstance(obj, (Variable, ndarray)) and np.may_share_memory(
        result.array, obj.array if isinstance(obj, Variable) else obj
    )
    if copy is False and not shared and result.array.size:
        raise ValueError(
            f"copy=False: can't alias {type(obj).__name__} into a tensor of dtype "
            f"{result.array.dtype}; leave copy out to allow a copy"
        )
    if copy and shared:
        result = result.clone()
    if requires_grad is None or requires_grad == result.requires_grad:
        return result
    if requires_grad:
        return result.requires_grad_()
    return result.detach()


def scalar_tensor(
    s: Any, *, dtype: DType = None, device: Device = None, requires_grad: bool = False
) -> Tensor:
    """Make a tensor without dimensions, of the default dtype unless told otherwise.

    Raises:
        TypeError: `s` is not a number.

    Example:
        >>> import minitorch
        >>> minitorch.scalar_tensor(3)
        tensor(3.)
    """
    array = np.array(number_of(s, "scalar_tensor", "s"))
    return _finish(_cast(array, _dtype_or_default(dtype)), device, requires_grad)


def _finish(array: Array, device: Device, requires_grad: bool) -> Tensor:
    """Wrap a new array as the arguments of every creating function ask."""
    check_device(device)
    result = wrap(array)
    if requires_grad:
        result.requires_grad = True
    return result


def _numpy_dtype(dtype: DType) -> np.dtype[Any] | None:
    return None if dtype is None else dtypes.to_numpy_dtype(dtype)


def _checked(data: Any) -> Array:
    """An array or NumPy number as a plain array of a dtype that tensors can hold."""
    array = np.asarray(data)
    if not array.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order; convert it "
            "with array.astype(array.dtype.newbyteorder('='))"
        )
    dtypes.from_numpy_dtype(array.dtype)
    return array


def _cast(array: Array, dtype: np.dtype[Any]) -> Array:
    """The array in another dtype; what does not fit wraps around or becomes infinite, silently."""
    if array.dtype == dtype:
        return array
    return quiet.run(array.astype, dtype)  # type: ignore[no-any-return]


def _copied(data: Any, dtype: np.dtype[Any] | None) -> Array:
    """A new array of what `tensor` takes."""
    if isinstance(data, Variable):
        data = data.array
    if isinstance(data, (ndarray, np.generic)):
        array = _checked(data)
        return quiet.run(array.astype, dtype or array.dtype)  # type: ignore[no-any-return]
    if isinstance(data, str):
        raise TypeError("new(): invalid data type 'str'; expected numbers")
    nested = _Nested()
    items = nested.read(data, 0)
    found = nested.dtype()
    if dtype is None:
        dtype = found
    if found.kind == "f":  # Python's floats have 64 bits: round them once
        found = np.dtype(np.float64)
    elif found.kind == "i" and dtype == np.uint64:  # it holds more than int64
        found = dtype
    try:
        array = np.array(items, found).reshape(nested.shape)
    except OverflowError:
        raise ValueError(f"Overflow when unpacking an integer as {found}") from None
    _check_range(array, dtype)
    return _cast(array, dtype)


def _check_range(array: Array, dtype: np.dtype[Any]) -> None:
    """Refuse numbers that an integer dtype cannot hold; negative integers wrap in unsigned ones."""
    if dtype.kind not in "iu" or array.dtype == dtype or array.size == 0:
        return
    limits = np.iinfo(dtype)
    lowest = -limits.max if dtype.kind == "u" and array.dtype.kind != "f" else limits.min
    if not (array.min() >= lowest and array.max() <= limits.max):
        raise RuntimeError(
            f"value cannot be converted to type {dtype} without overflow: the numbers go from "
            f"{array.min()} to {array.max()}"
        )


class _Nested:
    """Reads nested sequences of numbers.

    Attributes:
        shape: the lengths of the first sequence at each depth, which all others must have.
    """

    def __init__(self) -> None:
        self.shape: list[int] = []
        self._complete = False  # whether `shape` has all its dimensions
        self._found: set[np.dtype[Any]] = set()

    def dtype(self) -> np.dtype[Any]:
        """The dtype that holds all numbers; the default one if there are none."""
        found = list(self._found) or [dtypes.default_numpy_dtype()]
        result = found[0]
        for other in found[1:]:
            result = promote_types(result, other)
        return result

    def read(self, data: Any, depth: int) -> Any:
        """Check `data` and return it as nested lists and arrays, which NumPy understands."""
        if isinstance(data, (list, tuple, range)):
            self._note_length(len(data), depth)
            kinds = set(map(type, data))
            if not kinds <= _NUMBERS:
                return [self.read(item, depth + 1) for item in data]
            self._note_numbers(depth + 1)
            self._found.update(number_dtype(kind()) for kind in kinds)
            return data
        if isinstance(data, (bool, int, float)) and not isinstance(data, np.generic):
            self._note_numbers(depth)
            self._found.add(number_dtype(data))
            return data
        if isinstance(data, (Variable, ndarray, np.generic)):
            return self._read_array(data, depth)
        if isinstance(data, str) and self._complete:  # beside a number
            raise TypeError("new(): invalid data type 'str'; expected a number")
        return self.read(_as_list(data), depth)

    def _read_array(self, data: Any, depth: int) -> Array:
        """Note an array within the sequences; a tensor there must be a single number."""
        if isinstance(data, Variable):
            if data.array.size != 1:
                raise ValueError(
                    "only one element tensors can be converted to Python scalars; use "
                    "minitorch.stack to join tensors of several elements"
                )
            data = data.array.reshape(())
        array = _checked(data)
        for axis, length in enumerate(array.shape):
            self._note_length(length, depth + axis)
        self._note_numbers(depth + array.ndim)
        self._found.add(array.dtype)
        return array

    def _note_length(self, length: int, depth: int) -> None:
        if depth < len(self.shape):
            if self.shape[depth] != length:
                raise ValueError(
                    f"expected sequence of length {self.shape[depth]} at dim {depth} (got {length})"
                )
        elif self._complete:
            raise TypeError(f"expected a number at dim {depth}, got a sequence of length {length}")
        else:
            self.shape.append(length)

    def _note_numbers(self, depth: int) -> None:
        if depth < len(self.shape):
            raise TypeError(
                f"not a sequence: expected one of length {self.shape[depth]} at dim {depth}, got "
                "a number"
            )
        self._complete = True


def _as_list(data: Any) -> list[Any]:
    """A sequence that is neither list nor tuple as a list."""
    if isinstance(data, str):
        raise ValueError("too many dimensions 'str': expected numbers")
    if isinstance(data, (bytes, complex)):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'; expected real numbers")
    if isinstance(data, (dict, type)) or not (
        hasattr(data, "__len__") and hasattr(data, "__getitem__")
    ):
        raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")
    return list(data)


# -- filled with one value ----------------------------------------------------------------


def zeros(
    *sizes: Any,
    size: Any = None,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Make a tensor of zeros.

    Args:
        sizes: the shape: integers, or one tuple of them.
        size: the same as a keyword.
        dtype: Default: the default dtype.
        device: the CPU.
        requires_grad: whether gradients are computed for it. Default: False.

    Raises:
        TypeError: a size is not an integer.
        RuntimeError: a size is negative, or `requires_grad` is asked of a dtype that is not
            floating point.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(2, 3)
        tensor([[0., 0., 0.],
                [0., 0., 0.]])
    """
    return _finish(np.zeros(*_form("zeros", sizes, size, dtype)), device, requires_grad)


def ones(
    *sizes: Any,
    size: Any = None,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Make a tensor of ones; the arguments are those of `zeros`.

    Example:
        >>> import minitorch
        >>> minitorch.ones(2, dtype=minitorch.int64)
        tensor([1, 1])
    """
    return _finish(np.ones(*_form("ones", sizes, size, dtype)), device, requires_grad)


def empty(
    *sizes: Any,
    size: Any = None,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Make a tensor whose values are whatever the memory held; the arguments are as for `zeros`.

    Example:
        >>> import minitorch
        >>> minitorch.empty((2, 3)).shape
        minitorch.Size([2, 3])
    """
    return _finish(np.empty(*_form("empty", sizes, size, dtype)), device, requires_grad)


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Make a tensor of one value.

    Args:
        size: the shape: a tuple of integers.
        fill_value: a number.
        dtype: Default: bool, int64 or the default dtype, as `fill_value` is.
        device: the CPU.
        requires_grad: whether gradients are computed for it. Default: False.

    Raises:
        TypeError: `size` is not a tuple of integers, or `fill_value` not a number.
        RuntimeError: a size is negative, or `fill_value` does not fit `dtype`.

    Example:
        >>> import minitorch
        >>> minitorch.full((2,), 7)
        tensor([7, 7])
    """
    if not isinstance(size, (tuple, list)):
        raise TypeError(f"full(): 'size' must be a tuple of ints, got {type(size).__name__}")
    value = number_of(fill_value, "full", "fill_value")
    numpy_dtype = _numpy_dtype(dtype) or number_dtype(value)
    array = np.full(_shape("full", (), size), fitting(value, numpy_dtype))
    return _finish(array, device, requires_grad)


def zeros_like(
    input: Tensor,
    *,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Zeros of the shape and dtype of `input`.

    Args:
        input: a tensor, or an array, for which an array is returned.
        dtype: Default: that of `input`.
        device: the CPU.
        requires_grad: whether gradients are computed for the result. Default: False.
        memory_format: accepted for PyTorch's signature only.

    Raises:
        TypeError: `input` is neither a tensor nor an array.

    Example:
        >>> import minitorch
        >>> minitorch.zeros_like(minitorch.tensor([1, 2]))
        tensor([0, 0])
    """
    return _like("zeros_like", 0, input, dtype, device, requires_grad)  # type: ignore[no-any-return]


def ones_like(
    input: Tensor,
    *,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Ones of the shape and dtype of `input`; the arguments are those of `zeros_like`.

    Example:
        >>> import minitorch
        >>> minitorch.ones_like(minitorch.tensor([1.5, 2.5]))
        tensor([1., 1.])
    """
    return _like("ones_like", 1, input, dtype, device, requires_grad)  # type: ignore[no-any-return]


def empty_like(
    input: Tensor,
    *,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """An uninitialised tensor of the shape and dtype of `input`; arguments as `zeros_like`.

    Example:
        >>> import minitorch
        >>> minitorch.empty_like(minitorch.tensor([1.5, 2.5])).shape
        minitorch.Size([2])
    """
    return _like("empty_like", None, input, dtype, device, requires_grad)  # type: ignore[no-any-return]


def full_like(
    input: Tensor,
    fill_value: Any,
    *,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """One value in the shape and dtype of `input`; the other arguments are as for `zeros_like`.

    Raises:
        TypeError: `fill_value` is not a number.
        RuntimeError: `fill_value` does not fit the dtype.

    Example:
        >>> import minitorch
        >>> minitorch.full_like(minitorch.tensor([1, 2]), 7)
        tensor([7, 7])
    """
    value = number_of(fill_value, "full_like", "fill_value")
    return _like("full_like", value, input, dtype, device, requires_grad)  # type: ignore[no-any-return]


def _dtype_or_default(dtype: DType) -> np.dtype[Any]:
    return _numpy_dtype(dtype) or dtypes.default_numpy_dtype()


def _form(
    function: str, sizes: tuple[Any, ...], size: Any, dtype: DType
) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """The shape and NumPy dtype that the arguments of `zeros` and its like ask for."""
    return _shape(function, sizes, size), _dtype_or_default(dtype)


def _shape(function: str, sizes: tuple[Any, ...], size: Any) -> tuple[int, ...]:
    """The shape given as several integers, or as one tuple of them."""
    shape = integers(sizes, size, "size")
    if any(item < 0 for item in shape):
        raise RuntimeError(
            f"{function}(): trying to create a tensor with negative dimension: {list(shape)}"
        )
    return shape


def number_of(value: Any, function: str, name: str) -> Any:
    """A Python number, also of a tensor or array without dimensions.

    Raises:
        TypeError: `value` is no number; the error names the function and its argument.
    """
    if isinstance(value, Variable) and value.array.ndim == 0 and not value.requires_grad:
        value = value.array
    if isinstance(value, (ndarray, np.generic)) and value.ndim == 0:
        value = value.item()
    if not isinstance(value, (bool, int, float)):
        raise TypeError(f"{function}(): '{name}' must be a number, not {type(value).__name__}")
    return value


def _array_of(function: str, input: Any) -> Array:
    """The array of a tensor, or the array that `input` is."""
    array = buffer(input)
    if not isinstance(array, ndarray):
        raise TypeError(
            f"{function}(): 'input' must be a Tensor or an array, not {type(input).__name__}"
        )
    return array


def fitting(number: Any, dtype: np.dtype[Any]) -> Array:
    """A number as an array of `dtype`.

    Raises:
        RuntimeError: an integer `dtype` cannot hold it.
    """
    _check_range(np.array(number), dtype)
    return _cast(np.array(number), dtype)


def _like(
    function: str,
    value: Any,
    input: Any,
    dtype: DType,
    device: Device,
    requires_grad: bool,
) -> Any:
    """An array like `input` that holds `value`, or anything for None; a tensor for a tensor."""
    result = dense_like(_array_of(function, input), _numpy_dtype(dtype))
    if value is not None:
        result.fill(fitting(value, result.dtype))
    return _finish(result, device, requires_grad) if isinstance(input, Variable) else result


# -- ranges and patterns ------------------------------------------------------------------


def arange(
    *bounds: Any,
    start: Any = 0,
    end: Any = None,
    step: Any = 1,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """The numbers start, start + step, start + 2·step, ... before `end`.

    Args:
        bounds: `end`, or `start, end`, or `start, end, step`, as for Python's `range`.
        start: the first number. Default: 0.
        end: where to stop; it does not belong to the range.
        step: the distance. Default: 1.
        dtype: Default: int64 if all of these are integers, else the default dtype.
        device: the CPU.
        requires_grad: whether gradients are computed for it. Default: False.

    Raises:
        RuntimeError: `step` is 0 or leads away from `end`, or the range is not finite.
        TypeError: a bound is not a number.
        NotImplementedError: `dtype` is bool.

    Example:
        >>> import minitorch
        >>> minitorch.arange(1, 10, 3)
        tensor([1, 4, 7])
        >>> minitorch.arange(0, 1, 0.25)
        tensor([0.0000, 0.2500, 0.5000, 0.7500])
    """
    if len(bounds) == 1:
        end = bounds[0]
    elif len(bounds) == 2:
        start, end = bounds
    elif len(bounds) == 3:
        start, end, step = bounds
    if end is None or len(bounds) > 3:
        raise TypeError(f"arange() takes end, or start, end and step; got {len(bounds)} bounds")
    first, last, distance = (
        number_of(value, "arange", name)
        for name, value in (("start", start), ("end", end), ("step", step))
    )
    numpy_dtype = _numpy_dtype(dtype)
    if numpy_dtype is None:
        fractional = any(isinstance(value, float) for value in (first, last, distance))
        numpy_dtype = dtypes.default_numpy_dtype() if fractional else np.dtype(np.int64)
    return _finish(_range(first, last, distance, numpy_dtype), device, requires_grad)


def _range(start: Any, end: Any, step: Any, dtype: np.dtype[Any]) -> Array:
    if dtype.kind == "b":
        raise NotImplementedError("arange is not implemented for bool; use an integer dtype")
    if not (math.isfinite(start) and math.isfinite(end) and math.isfinite(step)):
        raise RuntimeError(f"unsupported range: {start} -> {end} by {step}")
    if dtype.kind != "f":
        start, end, step = int(start), int(end), int(step)
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError(
            f"upper bound and lower bound inconsistent with step sign: {start} -> {end} by {step}"
        )
    if dtype.kind != "f":
        return np.arange(start, end, step, dtype)  # type: ignore[call-overload, no-any-return]
    # NumPy's arange would take the step from the rounded difference of the first two numbers.
    return _cast(start + step * np.arange(math.ceil((end - start) / step), dtype="f8"), dtype)


def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` numbers at equal distances from `start` to `end`, which both belong to it.

    Args:
        start: the first number.
        end: the last number.
        steps: how many numbers; 1 gives `start` alone.
        dtype: Default: the default dtype.
        device: the CPU.
        requires_grad: whether gradients are computed for it. Default: False.

    Raises:
        RuntimeError: `steps` is negative.
        TypeError: an argument is not a number, or `steps` not an integer.

    Example:
        >>> import minitorch
        >>> minitorch.linspace(0, 1, 5)
        tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    target = _dtype_or_default(dtype)
    kind = np.float32 if target == np.float32 else np.float64
    numbers = _spaced("linspace", start, end, steps, dtype, kind)
    return _finish(_cast(numbers, target), device, requires_grad)


def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` numbers from base**start to base**end, their exponents at equal distances.

    Args:
        start: the first exponent.
        end: the last exponent.
        steps: how many numbers.
        base: Default: 10.
        dtype: Default: the default dtype.
        device: the CPU.
        requires_grad: whether gradients are computed for it. Default: False.

    Raises:
        RuntimeError: `steps` is negative.
        TypeError: an argument is not a number, or `steps` not an integer.

    Example:
        >>> import minitorch
        >>> minitorch.logspace(0, 2, 3)
        tensor([  1.,  10., 100.])
    """
    exponents = _spaced("logspace", start, end, steps, dtype)
    numbers = quiet.run(np.power, float(base), exponents)
    return _finish(_cast(numbers, _dtype_or_default(dtype)), device, requires_grad)


def _spaced(
    function: str, start: Any, end: Any, steps: Any, dtype: DType, kind: Any = np.float64
) -> Array:
    """Equally spaced numbers in float64, counted from the nearer end.

    The distance is a number of the given kind. PyTorch multiplies it and adds in one step.
    """
    first, last = number_of(start, function, "start"), number_of(end, function, "end")
    count = as_integer(steps, "steps")
    if count < 0:
        raise RuntimeError(f"number of steps must be non-negative, got {count}")
    if _dtype_or_default(dtype).kind != "f":
        first, last = int(first), int(last)
    half = count // 2 if count > 1 else count  # one number alone is the first
    ahead = np.arange(half, dtype="f8")
    behind = np.arange(count - 1 - half, -1, -1, dtype="f8")
    with Silence():
        first, last = kind(first), kind(last)
        distance = float((last - first) / kind(max(count - 1, 1)))
        return np.concatenate(
            (
                multiply_add(ahead, distance, float(first)),
                multiply_add(behind, -distance, float(last)),
            )
        )


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Ones on the diagonal, zeros elsewhere, in an (n, m) matrix.

    Args:
        n: the number of rows.
        m: the number of columns. Default: `n`.
        dtype: Default: the default dtype.
        device: the CPU.
        requires_grad: whether gradients are computed for it. Default: False.

    Raises:
        RuntimeError: a size is negative.
        TypeError: a size is not an integer.

    Example:
        >>> import minitorch
        >>> minitorch.eye(2)
        tensor([[1., 0.],
                [0., 1.]])
    """
    rows = as_integer(n, "n")
    columns = rows if m is None else as_integer(m, "m")
    for name, size in (("n", rows), ("m", columns)):
        if size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    return _finish(np.eye(rows, columns, dtype=_dtype_or_default(dtype)), device, requires_grad)


def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: DType = dtypes.int64, device: Device = None
) -> Tensor:
    """The indices of the elements on and below a diagonal of a (row, col) matrix.

    Args:
        row: the number of rows.
        col: the number of columns.
        offset: which diagonal: 0 the main one, 1 the one above it, -1 the one below it.
        dtype: Default: int64.
        device: the CPU.

    Returns:
        A (2, count) tensor: the row and the column of each element, row by row.

    Raises:
        RuntimeError: a size is negative.

    Example:
        >>> import minitorch
        >>> minitorch.tril_indices(2, 2)
        tensor([[0, 1, 1],
                [0, 0, 1]])
    """
    return _triangle("tril_indices", np.tril_indices, row, col, offset, dtype, device)


def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: DType = dtypes.int64, device: Device = None
) -> Tensor:
    """The indices of the elements on and above a diagonal; the arguments are as `tril_indices`.

    Example:
        >>> import minitorch
        >>> minitorch.triu_indices(2, 2)
        tensor([[0, 0, 1],
                [0, 1, 1]])
    """
    return _triangle("triu_indices", np.triu_indices, row, col, offset, dtype, device)


def _triangle(
    function: str,
    indices: Callable[..., Any],
    row: Any,
    col: Any,
    offset: Any,
    dtype: DType,
    device: Device,
) -> Tensor:
    shape = _shape(function, (row, col), None)
    array = np.stack(indices(shape[0], k=as_integer(offset, "offset"), m=shape[1]))
    return _finish(array.astype(_numpy_dtype(dtype)), device, False)


# -- questions ----------------------------------------------------------------------------


def is_tensor(obj: Any) -> TypeIs[Tensor]:
    """Say whether `obj` is a tensor.

    Example:
        >>> import minitorch
        >>> minitorch.is_tensor([1, 2])
        False
    """
    return isinstance(obj, Variable)


def numel(input: Tensor) -> int:
    """The number of elements of a tensor or an array.

    Raises:
        TypeError: `input` is neither.

    Example:
        >>> import minitorch
        >>> minitorch.numel(minitorch.zeros(2, 3))
        6
    """
    return _array_of("numel", input).size


def is_nonzero(input: Tensor) -> bool:
    """Say whether the only element of a tensor or an array is not zero.

    Raises:
        RuntimeError: there are several elements, or none.
        TypeError: `input` is neither a tensor nor an array.

    Example:
        >>> import minitorch
        >>> minitorch.is_nonzero(minitorch.tensor([0.5]))
        True
    """
    array = _array_of("is_nonzero", input)
    if array.size != 1:
        values = "more than one value" if array.size else "no values"
        raise RuntimeError(f"Boolean value of Tensor with {values} is ambiguous")
    return bool(array.item())
