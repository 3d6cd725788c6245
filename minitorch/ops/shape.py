"""Operators that arrange elements anew: other dimensions, other order, joined, split, repeated.

Results are views of their input wherever PyTorch's are: they share its memory.
"""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from .. import dtypes
from ..autograd.node import root
from ..autograd.operator import Operator
from ..autograd.variable import Variable, buffer, ndarray
from ..size import Size
from .dims import normalize_dim, normalize_dims, numpy_names
from .promotion import as_array, promote_types

if TYPE_CHECKING:
    from ..tensor import Tensor

Shape: TypeAlias = tuple[int, ...]


# -- arguments ----------------------------------------------------------------------------------


def as_integer(value: Any, name: str) -> int:
    """An integer of any type, such as NumPy's or a Tensor with one element, as Python's.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, bool):
        try:
            return operator.index(value)
        except TypeError:
            pass
    raise TypeError(f"{name} must be ints, got {type(value).__name__}: {value!r}") from None


def integers(given: tuple[Any, ...], keyword: Any, name: str) -> Shape:
    """The integers of `f(1, 2)`, `f((1, 2))` or `f(name=(1, 2))`.

    Raises:
        TypeError: nothing was given, or something that is not an integer.
    """
    if keyword is not None:
        given = (*given, keyword)
    if not given:
        raise TypeError(f"missing the argument {name!r}: give ints, or one tuple of ints")
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        given = tuple(given[0])
    return tuple(each if type(each) is int else as_integer(each, name) for each in given)


def infer_shape(shape: Shape, size: int) -> Shape:
    """`shape` with -1 replaced by what makes `size` elements.

    Raises:
        RuntimeError: `size` elements do not fill that shape, or -1 could be anything.
    """
    if any(each < 0 for each in shape):
        unknown = [index for index, each in enumerate(shape) if each == -1]
        if len(unknown) > 1:
            raise RuntimeError(f"only one dimension can be inferred, got shape {list(shape)}")
        for index, each in enumerate(shape):
            if each < -1:
                raise RuntimeError(
                    f"invalid shape dimension {each} at index {index} of shape {list(shape)}"
                )
        known = -math.prod(shape)
        if known == 0:
            raise RuntimeError(
                f"cannot reshape tensor of {size} elements into shape {list(shape)} because the "
                "unspecified dimension size -1 can be any value and is ambiguous"
            )
        if size % known == 0:
            return tuple(size // known if each == -1 else each for each in shape)
    elif math.prod(shape) == size:
        return shape
    raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {size}")


def slice_along(dim: int, start: int, stop: int) -> tuple[Any, ...]:
    """The index that takes `start:stop` of dimension `dim`."""
    return (*(slice(None),) * dim, slice(start, stop))


def shape_of(input: Any) -> Shape:
    """The shape of a Tensor or array as a tuple."""
    shape: Shape = as_array(buffer(input)).shape
    return shape


def strided(array: Any, shape: Shape, strides: Shape) -> Any:
    """A view of an array's memory in another shape, with other strides.

    Its base is an array, by which it is recognised as a view; `as_strided` would hide that.
    """
    if array.flags.c_contiguous and array.size:
        return np.ndarray(shape, array.dtype, array, strides=strides)
    owner = root(array)
    dense = owner.transpose(sorted(range(owner.ndim), key=lambda dim: -owner.strides[dim]))
    if not (dense.flags.c_contiguous and array.size):
        return np.lib.stride_tricks.as_strided(array, shape, strides)
    offset = _address(array) - _address(owner)
    return np.ndarray(shape, array.dtype, dense, offset, strides)


def _address(array: Any) -> int:
    return array.__array_interface__["data"][0]  # type: ignore[no-any-return]


# -- other dimensions, same order ---------------------------------------------------------------


class View(Operator):
    """The same elements in another shape; the gradient goes back to the input's."""

    def forward(self, input: Any, *, shape: Shape) -> Any:
        self.input_shape = input.shape
        return input.reshape(shape)

    def backward(self, grad: Any) -> Any:
        return grad.reshape(self.input_shape)


class Unsqueeze(View):
    """A view with a dimension of size 1 more."""


class Squeeze(View):
    """A view without dimensions of size 1."""


class StrictView(View):
    """A view that is refused where the elements would have to be copied."""

    def forward(self, input: Any, *, shape: Shape) -> Any:
        output = super().forward(input, shape=shape)
        if input.size and root(output) is not root(input):
            raise RuntimeError(
                f"view size {list(shape)} is not compatible with input tensor's size "
                f"{list(input.shape)} and stride: elements that are apart in memory would become "
                "neighbours. Use .reshape(...) instead, which copies"
            )
        return output

    def name(self) -> str:
        return "ViewBackward0"


def reshape(input: Tensor, *sizes: Any, shape: Any = None) -> Tensor:
    """The same elements in another shape: a view where memory allows, else a copy.

    Args:
        input: of any shape.
        *sizes: the new shape, as ints or as one tuple; one of them may be -1, which is
            inferred from the others.
        shape: the same as a keyword.

    Raises:
        RuntimeError: the elements do not fill that shape.

    Example:
        >>> import minitorch
        >>> minitorch.arange(6).reshape(2, -1)
        tensor([[0, 1, 2],
                [3, 4, 5]])
    """
    wanted = infer_shape(integers(sizes, shape, "shape"), math.prod(shape_of(input)))
    return View.apply(input, shape=wanted)  # type: ignore[no-any-return]


def view(input: Tensor, *sizes: Any, size: Any = None, dtype: Any = None) -> Tensor:
    """The same memory in another shape, or read as another dtype.

    Args:
        input: of any shape.
        *sizes: the new shape, with -1 for one inferred size; or a dtype alone.
        size: the new shape as a keyword.
        dtype: the dtype as a keyword.

    Raises:
        RuntimeError: the elements do not fill that shape, or would have to be copied.

    Example:
        >>> import minitorch
        >>> minitorch.arange(4).view(2, 2)
        tensor([[0, 1],
                [2, 3]])
    """
    if dtype is None and len(sizes) == 1 and isinstance(sizes[0], (dtypes.dtype, np.dtype, type)):
        dtype = sizes[0]
    if dtype is not None:
        return _view_dtype(input, dtypes.to_numpy_dtype(dtype))  # type: ignore[no-any-return]
    wanted = infer_shape(integers(sizes, size, "size"), math.prod(shape_of(input)))
    return StrictView.apply(input, shape=wanted)  # type: ignore[no-any-return]


def _view_dtype(input: Any, dtype: np.dtype[Any]) -> Any:
    """Read the bytes of `input` as another dtype; gradients do not go through that."""
    array = buffer(input)
    if dtype.itemsize != array.dtype.itemsize:
        if array.ndim == 0:
            raise RuntimeError(
                f"a tensor without dimensions cannot be viewed from {array.dtype} as {dtype}: "
                "their elements differ in size"
            )
        if array.shape[-1] * array.dtype.itemsize % dtype.itemsize:
            raise RuntimeError(
                f"self.size(-1) must be divisible by {dtype.itemsize // array.dtype.itemsize} to "
                f"view {array.dtype} as {dtype} (different element sizes), but got "
                f"{array.shape[-1]}"
            )
        if array.strides[-1] != array.dtype.itemsize:
            raise RuntimeError(
                f"self.stride(-1) must be 1 to view {array.dtype} as {dtype} (different element "
                "sizes); call .contiguous() first"
            )
    if not isinstance(input, Variable):
        return array.view(dtype)
    result = input.detach()
    result.array = array.view(dtype)
    return result


def view_as(input: Tensor, other: Tensor) -> Tensor:
    """`input.view(other.shape)`."""
    return view(input, shape_of(other))


def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """`input.reshape(other.shape)`."""
    return reshape(input, shape_of(other))


@numpy_names
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A view with a dimension of size 1 inserted at `dim`, from -(n+1) to n for n dimensions.

    Raises:
        IndexError: there is no such position.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(2, 3).unsqueeze(1).shape
        minitorch.Size([2, 1, 3])
    """
    shape = shape_of(input)
    place = normalize_dim(dim, len(shape) + 1)
    return Unsqueeze.apply(input, shape=(*shape[:place], 1, *shape[place:]))  # type: ignore[no-any-return]


@numpy_names
def squeeze(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """A view without dimensions of size 1.

    Args:
        input: of any shape.
        dim: which may go; those of another size stay. Default: all.

    Raises:
        IndexError: there is no such dimension.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(1, 2, 1).squeeze(0).shape
        minitorch.Size([2, 1])
    """
    shape = shape_of(input)
    dims = normalize_dims(dim, len(shape))
    kept = tuple(size for each, size in enumerate(shape) if size != 1 or each not in dims)
    return Squeeze.apply(input, shape=kept)  # type: ignore[no-any-return]


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dimensions from `start_dim` to `end_dim` as one.

    Raises:
        RuntimeError: `start_dim` comes after `end_dim`.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(2, 3, 4).flatten(1).shape
        minitorch.Size([2, 12])
    """
    shape = shape_of(input)
    start, end = normalize_dim(start_dim, len(shape)), normalize_dim(end_dim, len(shape))
    if not shape:
        return reshape(input, 1)
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if start == end:
        return input
    middle = math.prod(shape[start : end + 1])
    return View.apply(input, shape=(*shape[:start], middle, *shape[end + 1 :]))  # type: ignore[no-any-return]


def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """A view with dimension `dim` spread over several of the given sizes, one of them maybe -1.

    Raises:
        RuntimeError: the sizes do not multiply to that dimension's.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(2, 12).unflatten(1, (3, -1)).shape
        minitorch.Size([2, 3, 4])
    """
    shape = shape_of(input)
    place = normalize_dim(dim, len(shape))
    wanted = integers((sizes,), None, "sizes")
    if not wanted:
        raise RuntimeError("unflatten: sizes must be non-empty")
    try:
        spread = infer_shape(wanted, shape[place])
    except RuntimeError as error:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(wanted)} don't multiply up to the size of dim "
            f"{place} ({shape[place]}) in the input tensor: {error}"
        ) from None
    return view(input, (*shape[:place], *spread, *shape[place + 1 :]))


def ravel(input: Tensor) -> Tensor:
    """All elements in one dimension, in a contiguous buffer."""
    return reshape(contiguous(input), -1)


def _at_least(count: int, tensors: tuple[Any, ...]) -> Any:
    """Each tensor with at least `count` dimensions: one, or a tuple of several."""
    if len(tensors) == 1:
        if isinstance(tensors[0], (tuple, list)):
            return tuple(_with_dims(each, count) for each in tensors[0])
        return _with_dims(tensors[0], count)
    return tuple(_with_dims(each, count) for each in tensors)


def _with_dims(input: Any, count: int) -> Any:
    shape = shape_of(input)
    if len(shape) >= count:
        return input
    if count == 3 and shape:  # the new dimensions stand around those there are, as in NumPy
        wanted = (1, *shape, 1) if len(shape) == 1 else (*shape, 1)
    else:
        wanted = (1,) * (count - len(shape)) + shape
    return reshape(input, wanted)


def atleast_1d(*tensors: Any) -> Any:
    """Each tensor with at least one dimension; several give a tuple.

    Example:
        >>> import minitorch
        >>> minitorch.atleast_1d(minitorch.tensor(3.0))
        tensor([3.])
    """
    return _at_least(1, tensors)


def atleast_2d(*tensors: Any) -> Any:
    """Each tensor with at least two dimensions, new ones in front; several give a tuple."""
    return _at_least(2, tensors)


def atleast_3d(*tensors: Any) -> Any:
    """Each tensor with at least three dimensions: (N,) is (1, N, 1) and (M, N) is (M, N, 1)."""
    return _at_least(3, tensors)


# -- same dimensions, other order ---------------------------------------------------------------


class Permute(Operator):
    """The dimensions in another order; the gradient's go back to theirs."""

    def forward(self, input: Any, *, dims: Shape) -> Any:
        self.dims = dims
        return input.transpose(dims)

    def backward(self, grad: Any) -> Any:
        inverse = sorted(range(len(self.dims)), key=self.dims.__getitem__)
        return Permute.apply(grad, dims=tuple(inverse))


class Transpose(Operator):
    """Two dimensions exchanged; exchanging them again leads back."""

    def forward(self, input: Any, *, dim0: int, dim1: int) -> Any:
        self.dim0, self.dim1 = dim0, dim1
        return input.swapaxes(dim0, dim1)

    def backward(self, grad: Any) -> Any:
        return grad.swapaxes(self.dim0, self.dim1)


class T(Operator):
    """A matrix transposed."""

    def forward(self, input: Any) -> Any:
        return input.T

    def backward(self, grad: Any) -> Any:
        return grad.T


class Contiguous(Operator):
    """A copy whose elements lie in memory in index order."""

    def forward(self, input: Any) -> Any:
        return input.copy()

    def backward(self, grad: Any) -> Any:
        return grad

    def name(self) -> str:
        return "CloneBackward0"


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """A view with two dimensions exchanged.

    Raises:
        IndexError: there is no such dimension.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(2, 3, 4).transpose(0, 2).shape
        minitorch.Size([4, 3, 2])
    """
    ndim = len(shape_of(input))
    first, second = normalize_dim(dim0, ndim), normalize_dim(dim1, ndim)
    if ndim == 0:
        return View.apply(input, shape=())  # type: ignore[no-any-return]
    return Transpose.apply(input, dim0=first, dim1=second)  # type: ignore[no-any-return]


def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """`transpose` under NumPy's name."""
    return transpose(input, axis0, axis1)


def swapdims(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """`transpose` under another name."""
    return transpose(input, dim0, dim1)


def permute(input: Tensor, *order: Any, dims: Any = None) -> Tensor:
    """A view with its dimensions in the given order.

    Args:
        input: of any shape.
        *order: every dimension once, as ints or as one tuple.
        dims: the same as a keyword.

    Raises:
        RuntimeError: a dimension is missing or named twice.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(2, 3, 4).permute(2, 0, 1).shape
        minitorch.Size([4, 2, 3])
    """
    ndim = len(shape_of(input))
    given = integers(order, dims, "dims")
    if len(given) != ndim:
        raise RuntimeError(
            f"permute: the number of dimensions in the tensor input ({ndim}) does not match the "
            f"length of the desired ordering of dimensions {list(given)}"
        )
    wanted = tuple(normalize_dim(each, ndim) for each in given)
    if len(set(wanted)) != ndim:
        raise RuntimeError(f"permute(): duplicate dims are not allowed, got {list(given)}")
    return Permute.apply(input, dims=wanted)  # type: ignore[no-any-return]


def movedim(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """A view with the dimensions `source` moved to `destination`; the others keep their order.

    Raises:
        RuntimeError: a dimension is named twice, or the numbers of dimensions differ.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(2, 3, 4).movedim(0, -1).shape
        minitorch.Size([3, 4, 2])
    """
    ndim = len(shape_of(input))
    sources, targets = normalize_dims(source, ndim), normalize_dims(destination, ndim)
    if len(sources) != len(targets):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({list(sources)} dims) should "
            f"contain the same number of dims as destination ({list(targets)} dims)"
        )
    if ndim == 0:
        return View.apply(input, shape=())  # type: ignore[no-any-return]
    rest = iter([each for each in range(ndim) if each not in sources])
    placed = dict(zip(targets, sources, strict=True))
    order = tuple(placed[each] if each in placed else next(rest) for each in range(ndim))
    return Permute.apply(input, dims=order)  # type: ignore[no-any-return]


moveaxis = movedim


def t(input: Tensor) -> Tensor:
    """The transpose of a matrix, a view; tensors of fewer dimensions stay as they are.

    Raises:
        RuntimeError: `input` has more than two dimensions.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1, 2], [3, 4]]).t()
        tensor([[1, 3],
                [2, 4]])
    """
    ndim = len(shape_of(input))
    if ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {ndim}D")
    return T.apply(input)  # type: ignore[no-any-return]


def numpy_transpose(input: Tensor) -> Tensor:
    """A view with its dimensions in reverse order: the property `Tensor.T`."""
    return Permute.apply(input, dims=tuple(reversed(range(len(shape_of(input))))))  # type: ignore[no-any-return]


def matrix_transpose(input: Tensor) -> Tensor:
    """A view with its last two dimensions exchanged: the property `Tensor.mT`.

    Raises:
        RuntimeError: `input` has one dimension.
    """
    ndim = len(shape_of(input))
    if ndim == 1:
        raise RuntimeError(
            "tensor.mT is only supported on matrices or batches of matrices. Got 1-D tensor."
        )
    return transpose(input, -2, -1) if ndim else input


def adjoint(input: Tensor) -> Tensor:
    """The transpose of the last two dimensions; numbers here are real."""
    return matrix_transpose(input)


def contiguous(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """The tensor itself if its elements lie in memory in index order, else such a copy.

    `memory_format` is accepted for PyTorch's signature only.
    """
    if as_array(buffer(input)).flags.c_contiguous:
        return input
    return Contiguous.apply(input)  # type: ignore[no-any-return]


def is_contiguous(input: Tensor) -> bool:
    """Whether the elements lie in memory in index order.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(2, 3).t().is_contiguous()
        False
    """
    return bool(buffer(input).flags.c_contiguous)


def stride(input: Tensor, dim: int | None = None) -> Any:
    """How many elements apart neighbours are in memory, per dimension or in one.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(2, 3).stride()
        (3, 1)
    """
    array = buffer(input)
    strides = tuple(each // array.itemsize for each in array.strides)
    return strides if dim is None else strides[normalize_dim(dim, array.ndim)]


# -- broadcasting -------------------------------------------------------------------------------


class Expand(Operator):
    """A view that shows dimensions of size 1 several times; their gradients are summed."""

    def forward(self, input: Any, *, shape: Shape) -> Any:
        added = len(shape) - input.ndim
        strides = tuple(
            stride if size == wide else 0
            for size, wide, stride in zip(input.shape, shape[added:], input.strides, strict=True)
        )
        return strided(input, shape, (0,) * added + strides)

    def backward(self, grad: Any) -> Any:
        return grad  # the engine sums over the widened dimensions


def expand(input: Tensor, *sizes: Any, size: Any = None) -> Tensor:
    """A view with dimensions of size 1 widened, and new ones in front.

    Args:
        input: of any shape.
        *sizes: the new shape, as ints or as one tuple; -1 keeps a size.
        size: the same as a keyword.

    Raises:
        RuntimeError: a dimension of another size than 1 would change.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1], [2]]).expand(-1, 3)
        tensor([[1, 1, 1],
                [2, 2, 2]])
    """
    shape = shape_of(input)
    wanted = integers(sizes, size, "size")
    return Expand.apply(input, shape=_expanded_shape(shape, wanted))  # type: ignore[no-any-return]


def _expanded_shape(shape: Shape, wanted: Shape) -> Shape:
    added = len(wanted) - len(shape)
    if added < 0:
        raise RuntimeError(
            f"expand: the number of sizes provided ({len(wanted)}) must be greater or equal to "
            f"the number of dimensions in the tensor ({len(shape)})"
        )
    for place, size in enumerate(wanted[:added]):
        if size < 0:
            raise RuntimeError(
                f"The expanded size of the tensor ({size}) isn't allowed in a leading, "
                f"non-existing dimension {place}"
            )
    kept = []
    for place, (held, size) in enumerate(zip(shape, wanted[added:], strict=True), added):
        if size not in (-1, held) and (held != 1 or size < 0):
            raise RuntimeError(
                f"The expanded size of the tensor ({size}) must match the existing size ({held}) "
                f"at non-singleton dimension {place}.  Target sizes: {list(wanted)}.  Tensor "
                f"sizes: {list(shape)}"
            )
        kept.append(held if size == -1 else size)
    return (*wanted[:added], *kept)


def broadcast_to(input: Tensor, *shape: Any, size: Any = None) -> Tensor:
    """`expand` under NumPy's name."""
    return expand(input, *shape, size=size)


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """`input.expand(other.shape)`."""
    return expand(input, shape_of(other))


def broadcast_shapes(*shapes: Any) -> Any:
    """The shape that arrays of the given shapes have together.

    Raises:
        RuntimeError: they do not broadcast.

    Example:
        >>> import minitorch
        >>> minitorch.broadcast_shapes((2, 1), (3,))
        minitorch.Size([2, 3])
    """
    return Size(_broadcast(*((each,) if isinstance(each, int) else each for each in shapes)))


def _broadcast(*shapes: Any) -> Shape:
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise RuntimeError(
            "shapes do not broadcast: sizes at the same place, counted from the right, must be "
            f"equal or 1; got {', '.join(str(list(each)) for each in shapes)}"
        ) from None


def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Each tensor expanded to the shape that all have together.

    Raises:
        RuntimeError: they do not broadcast.
    """
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    shape = _broadcast(*(shape_of(each) for each in tensors))
    return tuple(expand(each, shape) for each in tensors)


# -- joining ------------------------------------------------------------------------------------


class Cat(Operator):
    """Arrays one after the other along `dim`; each gets its part of the gradient."""

    def forward(self, *inputs: Any, dim: int) -> Any:
        self.dim, self.input_shapes = dim, [each.shape for each in inputs]
        joined = [each for each in inputs if each.shape != (0,)] or inputs
        return np.concatenate(joined, dim, dtype=_common_dtype(inputs), casting="unsafe")

    def backward(self, grad: Any) -> Any:
        parts, start = [], 0
        for shape, needed in zip(self.input_shapes, self.needs_input_grad, strict=True):
            if shape == (0,):
                parts.append(grad.reshape(-1)[:0] if needed else None)
                continue
            stop = start + shape[self.dim]
            parts.append(grad[slice_along(self.dim, start, stop)] if needed else None)
            start = stop
        return tuple(parts)


class Stack(Operator):
    """Arrays side by side along a new dimension; each gets its slice of the gradient."""

    def forward(self, *inputs: Any, dim: int) -> Any:
        self.dim = dim
        place = (slice(None),) * dim + (None,)
        rows = [each[place] for each in inputs]
        return np.concatenate(rows, dim, dtype=_common_dtype(inputs), casting="unsafe")

    def backward(self, grad: Any) -> Any:
        before = (slice(None),) * self.dim
        return tuple(
            grad[(*before, index)] if needed else None
            for index, needed in enumerate(self.needs_input_grad)
        )


def _common_dtype(arrays: Sequence[Any]) -> np.dtype[Any]:
    dtype: np.dtype[Any] = arrays[0].dtype
    for each in arrays[1:]:
        if each.dtype is not dtype and each.dtype != dtype:
            dtype = promote_types(dtype, each.dtype)
    return dtype


def _check_tensors(tensors: Any, function: str) -> tuple[Any, ...]:
    if not isinstance(tensors, (tuple, list)):
        raise TypeError(
            f"{function}(): argument 'tensors' must be a tuple or list of Tensors, not "
            f"{type(tensors).__name__}"
        )
    for index, each in enumerate(tensors):
        if not isinstance(each, (Variable, ndarray)):
            raise TypeError(
                f"{function}(): expected a Tensor as element {index}, but got {type(each).__name__}"
            )
    return tuple(tensors)


@numpy_names
def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Join tensors along an existing dimension; the other sizes must agree.

    Different dtypes are promoted. Tensors of shape (0,) are skipped.

    Raises:
        ValueError: there are no tensors.
        RuntimeError: sizes or numbers of dimensions differ, or a tensor has no dimensions.

    Example:
        >>> import minitorch
        >>> minitorch.cat([minitorch.zeros(2), minitorch.ones(1)])
        tensor([0., 0., 1.])
    """
    given = _check_tensors(tensors, "cat")
    if not given:
        raise ValueError("cat(): expected a non-empty list of Tensors")
    place = _check_joinable([shape_of(each) for each in given], dim)
    return Cat.apply(*given, dim=place)  # type: ignore[no-any-return]


def _check_joinable(shapes: list[Shape], dim: int) -> int:
    """The dimension to join along, after comparing the shapes."""
    if shapes[0] not in ((), (0,)) and shapes.count(shapes[0]) == len(shapes):
        return normalize_dim(dim, len(shapes[0]))
    if () in shapes:
        raise RuntimeError(
            f"zero-dimensional tensor (at position {shapes.index(())}) cannot be concatenated; "
            "stack joins those"
        )
    first = next((shape for shape in shapes if shape != (0,)), None)
    if first is None:
        return 0
    place = normalize_dim(dim, len(first))
    for index, shape in enumerate(shapes):
        if shape == (0,):
            continue
        if len(shape) != len(first):
            raise RuntimeError(
                f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}"
            )
        for each, (expected, size) in enumerate(zip(first, shape, strict=True)):
            if each != place and size != expected:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {place}. Expected size "
                    f"{expected} but got size {size} for tensor number {index} in the list."
                )
    return place


concat = concatenate = cat


@numpy_names
def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Join tensors of one shape along a new dimension `dim`.

    Raises:
        RuntimeError: there are no tensors, or their shapes differ.

    Example:
        >>> import minitorch
        >>> minitorch.stack([minitorch.zeros(2), minitorch.ones(2)], dim=1)
        tensor([[0., 1.],
                [0., 1.]])
    """
    given = _check_tensors(tensors, "stack")
    if not given:
        raise RuntimeError("stack expects a non-empty TensorList")
    shapes = [shape_of(each) for each in given]
    shape = shapes[0]
    if shapes.count(shape) != len(shapes):
        index, other = next((place, each) for place, each in enumerate(shapes) if each != shape)
        raise RuntimeError(
            f"stack expects each tensor to be equal size, but got {list(shape)} at entry 0 and "
            f"{list(other)} at entry {index}"
        )
    return Stack.apply(*given, dim=normalize_dim(dim, len(shape) + 1))  # type: ignore[no-any-return]


def _check_some(tensors: Any, function: str) -> tuple[Any, ...]:
    given = _check_tensors(tensors, function)
    if not given:
        raise RuntimeError(f"{function} expects a non-empty TensorList")
    return given


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Join along the second dimension, or the only one.

    Example:
        >>> import minitorch
        >>> minitorch.hstack([minitorch.zeros(1), minitorch.ones(2)])
        tensor([0., 1., 1.])
    """
    given = [atleast_1d(each) for each in _check_some(tensors, "hstack")]
    return cat(given, 0 if buffer(given[0]).ndim == 1 else 1)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Join along the first dimension; one dimension counts as a row.

    Example:
        >>> import minitorch
        >>> minitorch.vstack([minitorch.zeros(2), minitorch.ones(2)])
        tensor([[0., 0.],
                [1., 1.]])
    """
    return cat([atleast_2d(each) for each in _check_some(tensors, "vstack")], 0)


row_stack = vstack


def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """Join along the third dimension, as `atleast_3d` makes it."""
    return cat([atleast_3d(each) for each in _check_some(tensors, "dstack")], 2)


def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Join along the second dimension; one dimension counts as a column.

    Example:
        >>> import minitorch
        >>> minitorch.column_stack([minitorch.zeros(2), minitorch.ones(2)])
        tensor([[0., 1.],
                [0., 1.]])
    """
    given = _check_some(tensors, "column_stack")
    return hstack([reshape(each, -1, 1) if buffer(each).ndim < 2 else each for each in given])


# -- splitting ----------------------------------------------------------------------------------


class Split(Operator):
    """Consecutive pieces along `dim`, views; their gradients are joined."""

    def forward(self, input: Any, *, sizes: Sequence[int], dim: int) -> Any:
        self.dim = dim
        pieces, start = [], 0
        for size in sizes:
            pieces.append(input[slice_along(dim, start, start + size)])
            start += size
        return tuple(pieces)

    def backward(self, *grads: Any) -> Any:
        return Cat.apply(*grads, dim=self.dim)


class SplitWithSizes(Split):
    """Pieces of given sizes."""


class Unbind(Operator):
    """The slices along `dim`, views; their gradients are stacked."""

    def forward(self, input: Any, *, dim: int) -> Any:
        self.dim, self.input_shape = dim, input.shape
        before = (slice(None),) * dim
        return tuple(input[(*before, index, ...)] for index in range(input.shape[dim]))

    def backward(self, *grads: Any) -> Any:
        return Stack.apply(*grads, dim=self.dim)


@numpy_names
def split(
    tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0
) -> tuple[Tensor, ...]:
    """Views of consecutive pieces along `dim`.

    Args:
        tensor: of at least one dimension.
        split_size_or_sections: the size of each piece, the last may be smaller; or a list of
            sizes.
        dim: along which to split. Default: 0.

    Raises:
        RuntimeError: a size is negative, or the sizes do not sum to the dimension's.

    Example:
        >>> import minitorch
        >>> minitorch.arange(5).split(2)
        (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    extent, place = _splittable(tensor, dim, "split")
    if isinstance(split_size_or_sections, (tuple, list)):
        return _split_with_sizes(tensor, split_size_or_sections, extent, place)
    size = as_integer(split_size_or_sections, "split_size")
    if size < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={size}")
    if size == 0 and extent:
        raise RuntimeError(
            f"split_size can only be 0 if dimension size is 0, but got dimension size of {extent}"
        )
    return Split.apply(tensor, sizes=_equal_sizes(extent, size), dim=place)  # type: ignore[no-any-return]


def _splittable(tensor: Any, dim: int, function: str) -> tuple[int, int]:
    """The size of the dimension and its number."""
    shape = shape_of(tensor)
    if not shape:
        raise RuntimeError(f"{function} expects at least a 1-dimensional tensor")
    place = normalize_dim(dim, len(shape))
    return shape[place], place


def _equal_sizes(extent: int, size: int) -> list[int]:
    """Sizes of pieces of `size` elements each, the last of what is left."""
    if extent == 0:
        return [0]
    return [min(size, extent - start) for start in range(0, extent, size)]


def _split_with_sizes(
    tensor: Any, sections: Sequence[int], extent: int, dim: int
) -> tuple[Tensor, ...]:
    sizes = integers((sections,), None, "split_sizes")
    if any(size < 0 for size in sizes):
        raise RuntimeError(
            "split_with_sizes expects split_sizes have only non-negative entries, but got "
            f"split_sizes={list(sizes)}"
        )
    if sum(sizes) != extent:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {extent} (input tensor's "
            f"size at dimension {dim}), but got split_sizes={list(sizes)}"
        )
    return SplitWithSizes.apply(tensor, sizes=sizes, dim=dim)  # type: ignore[no-any-return]


@numpy_names
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Views of at most `chunks` consecutive pieces of one size, the last maybe smaller.

    Raises:
        RuntimeError: `chunks` is not positive.

    Example:
        >>> import minitorch
        >>> minitorch.arange(5).chunk(4)
        (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    extent, place = _splittable(input, dim, "chunk")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    sizes = _equal_sizes(extent, -(-extent // chunks)) if extent else [0] * chunks
    return Split.apply(input, sizes=sizes, dim=place)  # type: ignore[no-any-return]


@numpy_names
def tensor_split(
    input: Tensor,
    indices_or_sections: Any = None,
    dim: int = 0,
    *,
    indices: Any = None,
    sections: Any = None,
) -> tuple[Tensor, ...]:
    """Views of consecutive pieces along `dim`.

    Args:
        input: of at least one dimension.
        indices_or_sections: into how many pieces of nearly one size; or a list or 1-d tensor
            of the places at which to cut.
        dim: along which to split. Default: 0.
        indices: the places, as a keyword.
        sections: the number, as a keyword.

    Raises:
        RuntimeError: the number is not positive.

    Example:
        >>> import minitorch
        >>> minitorch.arange(5).tensor_split(2)
        (tensor([0, 1, 2]), tensor([3, 4]))
    """
    extent, place = _splittable(input, dim, "tensor_split")
    given = next(each for each in (indices_or_sections, indices, sections) if each is not None)
    if isinstance(given, (Variable, ndarray)):
        given = buffer(given).tolist()
    if isinstance(given, (tuple, list)):
        cuts = list(integers((given,), None, "indices"))
    else:
        cuts = _even_cuts(extent, as_integer(given, "sections"))
    pieces = zip([0, *cuts], [*cuts, extent], strict=True)
    return tuple(input[slice_along(place, start, stop)] for start, stop in pieces)


def _even_cuts(extent: int, sections: int) -> list[int]:
    """Where to cut into nearly equal pieces, the larger ones first."""
    if sections <= 0:
        raise RuntimeError(f"number of sections must be larger than 0, got {sections}")
    size, larger = divmod(extent, sections)
    return [index * size + min(index, larger) for index in range(1, sections)]


def _split_evenly(input: Any, given: Any, dim: int, function: str) -> tuple[Tensor, ...]:
    """`tensor_split` that refuses pieces of different sizes."""
    extent = shape_of(input)[dim]
    if isinstance(given, int) and given > 0 and extent % given:
        raise RuntimeError(
            f"{function} attempted to split along dimension {dim}, but the size of the dimension "
            f"{extent} is not divisible by the split_size {given}!"
        )
    return tensor_split(input, given, dim)


def hsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Split along the second dimension, or the only one.

    Raises:
        RuntimeError: the number of pieces does not divide the dimension.
    """
    ndim = len(shape_of(input))
    if ndim < 1:
        raise RuntimeError(f"hsplit requires at least 1 dimension, but got {ndim}")
    return _split_evenly(input, indices_or_sections, 0 if ndim == 1 else 1, "hsplit")


def vsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Split along the first of at least two dimensions.

    Raises:
        RuntimeError: the number of pieces does not divide the dimension.
    """
    ndim = len(shape_of(input))
    if ndim < 2:
        raise RuntimeError(f"vsplit requires at least 2 dimensions, but got {ndim}")
    return _split_evenly(input, indices_or_sections, 0, "vsplit")


def dsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Split along the third dimension.

    Raises:
        RuntimeError: the number of pieces does not divide the dimension.
    """
    ndim = len(shape_of(input))
    if ndim < 3:
        raise RuntimeError(f"dsplit requires at least 3 dimensions, but got {ndim}")
    return _split_evenly(input, indices_or_sections, 2, "dsplit")


@numpy_names
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """Views of every slice along `dim`, which goes away.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1, 2], [3, 4]]).unbind(1)
        (tensor([1, 3]), tensor([2, 4]))
    """
    ndim = len(shape_of(input))
    if ndim == 0:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return Unbind.apply(input, dim=normalize_dim(dim, ndim))  # type: ignore[no-any-return]


@numpy_names
def narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """A view of `length` elements along `dim`, from `start` on.

    Raises:
        RuntimeError: the dimension ends before that.
        IndexError: `start` lies outside.

    Example:
        >>> import minitorch
        >>> minitorch.arange(5).narrow(0, 1, 3)
        tensor([1, 2, 3])
    """
    shape = shape_of(input)
    if not shape:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    place = normalize_dim(dim, len(shape))
    extent, first = shape[place], as_integer(start, "start")
    if length < 0:
        raise RuntimeError(f"narrow(): length must be non-negative, got {length}")
    if not -extent <= first <= extent:
        raise IndexError(
            f"start out of range (expected to be in range of [-{extent}, {extent}], but got "
            f"{first})"
        )
    first = first + extent if first < 0 else first
    if first + length > extent:
        raise RuntimeError(
            f"start ({first}) + length ({length}) exceeds dimension size ({extent})."
        )
    return input[slice_along(place, first, first + length)]


@numpy_names
def select(input: Tensor, dim: int, index: Any) -> Tensor:
    """A view of the slice at `index` along `dim`, which goes away.

    Raises:
        IndexError: there is no such dimension or index.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1, 2], [3, 4]]).select(1, 0)
        tensor([1, 3])
    """
    shape = shape_of(input)
    if not shape:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    place, number = normalize_dim(dim, len(shape)), as_integer(index, "index")
    if not -shape[place] <= number < shape[place]:
        raise IndexError(
            f"select(): index {number} out of range for tensor of size {list(shape)} at "
            f"dimension {place}"
        )
    return input[(slice(None),) * place + (number, ...)]


# -- repeating ----------------------------------------------------------------------------------


class Repeat(Operator):
    """The whole array several times along each dimension; the gradients of all are summed."""

    def forward(self, input: Any, *, repeats: Shape) -> Any:
        shape = (1,) * (len(repeats) - input.ndim) + input.shape
        # (r0, s0, r1, s1, ...): each size with the number of times in front of it
        self.pairs = tuple(each for pair in zip(repeats, shape, strict=True) for each in pair)
        self.input_shape = input.shape
        ones = tuple(each for size in shape for each in (1, size))
        total = tuple(count * size for count, size in zip(repeats, shape, strict=True))
        output = np.empty(self.pairs, input.dtype)
        output[...] = input.reshape(ones)
        return output.reshape(total)

    def backward(self, grad: Any) -> Any:
        counts = tuple(range(0, len(self.pairs), 2))
        if not counts:
            return grad
        return grad.reshape(self.pairs).sum(counts).reshape(self.input_shape)


def repeat(input: Tensor, *counts: Any, repeats: Any = None) -> Tensor:
    """The whole tensor several times along each dimension, as a copy.

    Args:
        input: of any shape.
        *counts: how often, per dimension, as ints or as one tuple; more than there are
            dimensions add new ones in front.
        repeats: the same as a keyword.

    Raises:
        RuntimeError: there are fewer counts than dimensions, or one is negative.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([1, 2]).repeat(2, 2)
        tensor([[1, 2, 1, 2],
                [1, 2, 1, 2]])
    """
    wanted = integers(counts, repeats, "repeats")
    if len(wanted) < len(shape_of(input)):
        raise RuntimeError(
            f"Number of dimensions of repeat dims ({len(wanted)}) can not be smaller than number "
            f"of dimensions of tensor ({len(shape_of(input))})"
        )
    if any(count < 0 for count in wanted):
        raise RuntimeError(f"repeats must not be negative, got {list(wanted)}")
    return Repeat.apply(input, repeats=wanted)  # type: ignore[no-any-return]


def tile(input: Tensor, *counts: Any, dims: Any = None) -> Tensor:
    """`repeat` that fills in 1 for the dimensions in front.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1], [2]]).tile(2)
        tensor([[1, 1],
                [2, 2]])
    """
    wanted = integers(counts, dims, "dims")
    return repeat(input, (1,) * (len(shape_of(input)) - len(wanted)) + wanted)


# -- turning round ------------------------------------------------------------------------------


class Flip(Operator):
    """The order along some dimensions reversed; the gradient is reversed too."""

    def forward(self, input: Any, *, dims: Shape) -> Any:
        self.dims = dims
        backwards = slice(None, None, -1)
        place = tuple(backwards if each in dims else slice(None) for each in range(input.ndim))
        return input[place].copy()

    def backward(self, grad: Any) -> Any:
        return Flip.apply(grad, dims=self.dims)


class Roll(Operator):
    """Elements shifted round along some dimensions; the gradient is shifted back."""

    def forward(self, input: Any, *, shifts: Shape, dims: Shape | None) -> Any:
        self.shifts, self.dims = shifts, dims
        return np.roll(input, shifts if dims else sum(shifts), dims)

    def backward(self, grad: Any) -> Any:
        return Roll.apply(grad, shifts=tuple(-each for each in self.shifts), dims=self.dims)


class Rot90(Operator):
    """A plane turned by quarter turns; the gradient is turned back."""

    def forward(self, input: Any, *, k: int, dims: tuple[int, int]) -> Any:
        self.k, self.dims = k, dims
        return np.rot90(input, k, dims).copy()

    def backward(self, grad: Any) -> Any:
        return Rot90.apply(grad, k=-self.k, dims=self.dims)


def flip(input: Tensor, *order: Any, dims: Any = None) -> Tensor:
    """A copy with the order reversed along the given dimensions.

    Raises:
        RuntimeError: a dimension is named twice.

    Example:
        >>> import minitorch
        >>> minitorch.arange(3).flip(0)
        tensor([2, 1, 0])
    """
    wanted = normalize_dims(integers(order, dims, "dims"), len(shape_of(input)))
    return Flip.apply(input, dims=wanted)  # type: ignore[no-any-return]


def fliplr(input: Tensor) -> Tensor:
    """A copy with the order reversed along the second dimension."""
    if len(shape_of(input)) < 2:
        raise RuntimeError(f"fliplr: input must be >= 2-d, got {len(shape_of(input))}-d")
    return flip(input, 1)


def flipud(input: Tensor) -> Tensor:
    """A copy with the order reversed along the first dimension."""
    if len(shape_of(input)) < 1:
        raise RuntimeError("flipud: input must be >= 1-d, got 0-d")
    return flip(input, 0)


def roll(
    input: Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] | None = None
) -> Tensor:
    """A copy with the elements shifted round: what leaves at the end comes in at the start.

    Args:
        input: of any shape.
        shifts: by how many places, per dimension of `dims`.
        dims: along which. Default: over all elements as if they were in one dimension.

    Raises:
        RuntimeError: the numbers of shifts and dimensions differ.

    Example:
        >>> import minitorch
        >>> minitorch.arange(4).roll(1)
        tensor([3, 0, 1, 2])
    """
    ndim = len(shape_of(input))
    moves = integers((shifts,), None, "shifts")
    places = () if dims is None else integers((dims,), None, "dims")
    if not moves:
        raise RuntimeError("`shifts` required")
    if len(moves) != len(places) and not (len(moves) == 1 and not places):
        raise RuntimeError(
            f"shifts and dimensions must align. shifts: {len(moves)}, dims:{len(places)}"
        )
    if places and ndim == 0:
        raise IndexError(f"Dimension specified as {places[0]} but tensor has no dimensions")
    wanted = tuple(normalize_dim(each, ndim) for each in places)
    return Roll.apply(input, shifts=moves, dims=wanted or None)  # type: ignore[no-any-return]


def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """A copy turned by `k` quarter turns in a plane, from its first dimension to its second.

    Raises:
        RuntimeError: `dims` are not two different dimensions.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1, 2], [3, 4]]).rot90()
        tensor([[2, 4],
                [1, 3]])
    """
    ndim = len(shape_of(input))
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {ndim}")
    first, second = normalize_dim(dims[0], ndim), normalize_dim(dims[1], ndim)
    if first == second:
        raise RuntimeError(
            f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}"
        )
    return Rot90.apply(input, k=k, dims=(first, second))  # type: ignore[no-any-return]


# -- sliding windows ----------------------------------------------------------------------------


class Unfold(Operator):
    """Windows along `dim` as a view; each element gets the gradients of all its windows."""

    def forward(self, input: Any, *, dim: int, size: int, step: int) -> Any:
        self.window = {"dim": dim, "size": size, "step": step}
        self.input_shape = input.shape
        count = (input.shape[dim] - size) // step + 1
        shape = (*input.shape[:dim], count, *input.shape[dim + 1 :], size)
        apart = input.strides[dim]
        strides = (*input.strides[:dim], apart * step, *input.strides[dim + 1 :], apart)
        return strided(input, shape, strides)

    def backward(self, grad: Any) -> Any:
        return UnfoldBackward.apply(grad, shape=self.input_shape, **self.window)


class UnfoldBackward(Operator):
    """Windows added up where they lie in an array of `shape`; taking windows leads back."""

    def forward(self, input: Any, *, shape: Shape, dim: int, size: int, step: int) -> Any:
        self.window = {"dim": dim, "size": size, "step": step}
        output = np.zeros(shape, input.dtype)
        span = step * input.shape[dim]
        for offset in range(size):
            stop = min(offset + span, shape[dim])
            place = (slice(None),) * dim + (slice(offset, stop, step),)
            output[place] += input[..., offset]
        return output

    def backward(self, grad: Any) -> Any:
        return Unfold.apply(grad, **self.window)


def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """A view of all windows of `size` elements along a dimension, `step` apart.

    The dimension counts the windows; a new last dimension holds their elements.

    Raises:
        RuntimeError: no window fits, `size` is negative, or `step` is not positive.

    Example:
        >>> import minitorch
        >>> minitorch.arange(4).unfold(0, 2, 1)
        tensor([[0, 1],
                [1, 2],
                [2, 3]])
    """
    shape = shape_of(input)
    dim = normalize_dim(dimension, len(shape))
    extent = shape[dim] if shape else 1
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if size > extent:
        raise RuntimeError(
            f"maximum size for tensor at dimension {dim} is {extent} but size is {size}"
        )
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    if not shape:
        return reshape(input, 1)[:size]
    return Unfold.apply(input, dim=dim, size=size, step=step)  # type: ignore[no-any-return]


# -- grids --------------------------------------------------------------------------------------


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """The coordinates of a grid: views of each tensor, widened along the dimensions of the others.

    Args:
        *tensors: 1-d (or 0-d) tensors of one dtype, or one list of them.
        indexing: "ij" gives the i-th tensor dimension i; "xy" exchanges the first two
            dimensions. Default: "ij", with a warning as in PyTorch.

    Raises:
        RuntimeError: dtypes differ, or a tensor has more dimensions.

    Example:
        >>> import minitorch
        >>> rows, columns = minitorch.meshgrid(
        ...     minitorch.arange(2), minitorch.arange(3), indexing="ij"
        ... )
        >>> columns
        tensor([[0, 1, 2],
                [0, 1, 2]])
    """
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    if indexing is None:
        warnings.warn(
            "meshgrid: PyTorch will require the indexing argument in an upcoming release; pass "
            'indexing="ij" for what it does now',
            stacklevel=2,
        )
        indexing = "ij"
    _check_grid(tensors, indexing)
    exchange = indexing == "xy" and len(tensors) > 1
    if exchange:
        tensors = (tensors[1], tensors[0], *tensors[2:])
    sizes = tuple(buffer(each).size for each in tensors)
    grids = []
    for place, each in enumerate(tensors):
        ones = [1] * len(sizes)
        ones[place] = sizes[place]
        grids.append(expand(reshape(each, ones), sizes))
    if exchange:
        return (grids[1], grids[0], *grids[2:])
    return tuple(grids)


def _check_grid(tensors: tuple[Any, ...], indexing: str) -> None:
    if indexing not in ("ij", "xy"):
        raise RuntimeError(
            f'meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}'
        )
    if not tensors:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    for each in tensors:
        if buffer(each).ndim > 1:
            raise RuntimeError(
                "meshgrid: Expected 0D or 1D tensor in the tensor list but got shape "
                f"{list(shape_of(each))}"
            )
        if buffer(each).dtype != buffer(tensors[0]).dtype:
            raise RuntimeError("meshgrid expects all tensors to have the same dtype")


def cartesian_prod(*tensors: Any) -> Tensor:
    """Every combination of the elements of 1-d tensors, one a row.

    Raises:
        RuntimeError: a tensor is not 1-d, or dtypes differ.

    Example:
        >>> import minitorch
        >>> minitorch.cartesian_prod(minitorch.tensor([1, 2]), minitorch.tensor([3, 4]))
        tensor([[1, 3],
                [1, 4],
                [2, 3],
                [2, 4]])
    """
    for each in tensors:
        if buffer(each).ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(shape_of(each))}")
    if len(tensors) == 1:
        return tensors[0]  # type: ignore[no-any-return]
    grids = meshgrid(*tensors, indexing="ij")
    return stack([flatten(each) for each in grids], dim=1)
