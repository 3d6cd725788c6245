"""Indexing: `x[index]`, `x[index] = value`, and the functions that pick or place elements."""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..autograd.inplace import changed, check_history, check_no_overlap
from ..autograd.operator import Operator
from ..autograd.variable import Variable, buffer, ndarray
from ..quiet import quiet
from .creation import fitting
from .dims import normalize_dim, numpy_names
from .promotion import as_array
from .shape import as_integer, broadcast_to, flatten, shape_of

if TYPE_CHECKING:
    from ..tensor import Tensor

Shape: TypeAlias = tuple[int, ...]
Basic: TypeAlias = tuple[Any, ...]  # ints, slices and None, closed by an Ellipsis
ALL = slice(None)


# -- reading an index ---------------------------------------------------------------------------


def parse(index: Any, shape: Shape) -> tuple[Basic, tuple[Any, ...]]:
    """Split an index into a basic one and arrays to index its result with.

    Ints count as basic, so `x[0, :, [1, 2]]` is `x[0][:, [1, 2]]`; NumPy would move the
    dimension of [1, 2] to the front.

    Returns:
        What a view of an array of `shape` is taken with, and per dimension of that view an
        array of integers, a mask or a full slice; nothing if it is a view already.

    Raises:
        IndexError: there are more indices than dimensions, an int lies outside, or something
            is no index.
        ValueError: the step of a slice is not positive.
    """
    items = [_read(each) for each in _as_items(index)]
    missing = len(shape) - sum(map(_consumed, items))
    if missing < 0:
        raise IndexError(
            f"too many indices for tensor of dimension {len(shape)}: got {len(shape) - missing}"
        )
    basic: list[Any] = []
    arrays: list[Any] = []
    dim = 0
    for item in items:
        if item is Ellipsis:
            basic += [ALL] * missing
            arrays += [ALL] * missing
            dim, missing = dim + missing, 0
            continue
        if type(item) is int:
            basic.append(_check_int(item, dim, shape[dim]))
        elif type(item) is bool:  # a new dimension, taken once or not at all
            basic.append(None)
            arrays.append(np.zeros(int(item), np.int64))
        elif item is None or type(item) is slice:
            basic.append(item)
            arrays.append(ALL)
        else:
            basic += [ALL] * _consumed(item)
            arrays.append(item)
        dim += _consumed(item)
    if all(type(each) is slice for each in arrays):
        arrays = []
    return (*basic, ...), tuple(arrays)


def _as_items(index: Any) -> Sequence[Any]:
    if type(index) is tuple:
        return index
    if isinstance(index, list) and any(_makes_tuple(each) for each in index):
        warnings.warn(
            "Using a non-tuple sequence for multidimensional indexing is deprecated: write "
            "x[tuple(index)] instead of x[index]",
            stacklevel=4,
        )
        return index
    return (index,)


def _makes_tuple(item: Any) -> bool:
    """Whether a list that holds `item` means several indices."""
    return (
        isinstance(item, (Variable, ndarray, list, tuple, slice))
        or item is None
        or (item is Ellipsis)
    )


def _read(item: Any) -> Any:
    """An index as an int, bool, slice, None, Ellipsis, or an array or Tensor of dimensions."""
    if type(item) in (int, bool) or item is None or item is Ellipsis:
        return item
    if type(item) is slice:
        if item.step is not None and operator.index(item.step) <= 0:
            raise ValueError(
                f"step must be greater than zero, got {item.step}; x.flip(dim) reverses"
            )
        return item
    if isinstance(item, (Variable, ndarray)):
        return _read_array(item)
    if isinstance(item, (list, tuple, range)):
        array = np.asarray(item)
        return _read_array(array if array.size else array.astype(np.int64))
    try:
        return operator.index(item)
    except TypeError:
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None, and integer or bool arrays are "
            f"valid indices (got {type(item).__name__})"
        ) from None


def _read_array(item: Any) -> Any:
    """An array of integers or a mask; without dimensions it counts as its number."""
    array = buffer(item)
    if array.dtype == np.uint8:
        warnings.warn(
            "indexing with dtype uint8 is now deprecated, please use dtype bool", stacklevel=5
        )
        item = array = array.astype(bool)
    if array.ndim == 0 and array.dtype.kind in "bi":
        return array.item()
    if array.dtype not in (np.int64, np.int32, np.bool_):
        raise IndexError(
            f"tensors used as indices must be long, int, byte or bool tensors, got {array.dtype}"
        )
    return item


def _consumed(item: Any) -> int:
    """How many dimensions an index takes up."""
    if type(item) in (int, slice):
        return 1
    if isinstance(item, (Variable, ndarray)):
        array = buffer(item)
        return array.ndim if array.dtype == np.bool_ else 1
    return 0


def _check_int(number: int, dim: int, size: int) -> int:
    if not -size <= number < size:
        raise IndexError(f"index {number} is out of bounds for dimension {dim} with size {size}")
    return number


# -- picking and placing ------------------------------------------------------------------------


class Slice(Operator):
    """A view by a basic index; the gradient goes to its place among zeros."""

    def forward(self, input: Any, *, place: Basic) -> Any:
        self.place, self.input_shape = place, input.shape
        return input[place]

    def backward(self, grad: Any) -> Any:
        return PlaceSlice.apply(grad, place=self.place, shape=self.input_shape)


class Select(Slice):
    """A view by a basic index that has an int in it."""


class PlaceSlice(Operator):
    """Zeros with an array at the place of a basic index; the gradient is read there."""

    def forward(self, input: Any, *, place: Basic, shape: Shape) -> Any:
        self.place = place
        output = np.zeros(shape, input.dtype)
        output[place] = input
        return output

    def backward(self, grad: Any) -> Any:
        return Slice.apply(grad, place=self.place)


class Index(Operator):
    """A copy of the elements at arrays of indices; each adds its gradient to its element's."""

    def forward(self, input: Any, *places: Any) -> Any:
        self.input_shape = input.shape
        self.save_for_backward(*places)
        return pick(input, places)

    def backward(self, grad: Any) -> Any:
        places = self.saved_tensors
        return PlaceIndex.apply(grad, *places, shape=self.input_shape), *(None for _ in places)


class PlaceIndex(Operator):
    """Elements added up at their indices in zeros; the gradient is read there."""

    def forward(self, input: Any, *places: Any, shape: Shape) -> Any:
        self.save_for_backward(*places)
        return add_up(input, places, shape)

    def backward(self, grad: Any) -> Any:
        places = self.saved_tensors
        return Index.apply(grad, *places), *(None for _ in places)


class Blank(Operator):
    """A copy with zeros at an index; the gradient is zero there too."""

    def forward(self, input: Any, *places: Any, basic: Basic) -> Any:
        self.save_for_backward(*places)
        self.basic = basic
        output = input.copy()
        assign(output, basic, places, ZERO)
        return output

    def backward(self, grad: Any) -> Any:
        places = self.saved_tensors
        return Blank.apply(grad, *places, basic=self.basic), *(None for _ in places)


class SetItem(Operator):
    """`input` with `value` at an index, where the gradient is `value`'s; else it is `input`'s.

    It writes into `input`: `setitem` is there to change it.
    """

    def forward(self, input: Any, value: Any, *places: Any, basic: Basic) -> Any:
        self.save_for_backward(*places)
        self.basic, self.value_ndim = basic, value.ndim
        assign(input, basic, places, value)
        return input

    def backward(self, grad: Any) -> Any:
        places = self.saved_tensors
        needs_input, needs_value, *_ = self.needs_input_grad
        outside = inside = None
        if needs_input:
            outside = Blank.apply(grad, *places, basic=self.basic)
        if needs_value:
            inside = Slice.apply(grad, place=self.basic)
            inside = _prefix_ones(
                Index.apply(inside, *places) if places else inside, self.value_ndim
            )
        return outside, inside, *(None for _ in places)


class IndexPut(Operator):
    """A copy with `values` put, or added, at arrays of indices."""

    def forward(self, input: Any, values: Any, *places: Any, accumulate: bool) -> Any:
        self.save_for_backward(*places)
        self.accumulate = accumulate
        values = _broadcast_value(values, pick(input, places).shape)
        if accumulate:
            return add_up(values, places, input.shape, input)
        output = input.copy()
        assign(output, (...,), places, values)
        return output

    def backward(self, grad: Any) -> Any:
        places = self.saved_tensors
        needs_input, needs_values, *_ = self.needs_input_grad
        kept = taken = None
        if needs_input:
            kept = grad if self.accumulate else Blank.apply(grad, *places, basic=(...,))
        if needs_values:
            taken = Index.apply(grad, *places)
        return kept, taken, *(None for _ in places)


def _prefix_ones(grad: Any, ndim: int) -> Any:
    """A gradient with dimensions of size 1 in front, for a value that had them."""
    return grad.reshape((1,) * (ndim - grad.ndim) + tuple(grad.shape))


def pick(array: Any, places: tuple[Any, ...]) -> Any:
    """`array[places]` in a contiguous buffer; for a single array of integers `take` is faster."""
    arrays = [(dim, each) for dim, each in enumerate(places) if type(each) is ndarray]
    if len(arrays) == 1 and arrays[0][1].dtype != np.bool_:
        dim, index = arrays[0]
        return array.take(index, axis=dim)
    try:
        return np.ascontiguousarray(array[places])
    except IndexError as error:
        raise IndexError(f"{error} (shape {list(array.shape)})") from None


def add_up(values: Any, places: tuple[Any, ...], shape: Shape, start: Any = None) -> Any:
    """`start`, or zeros of `shape`, with `values` added at `places`; repeated indices add up.

    The indexed dimensions are brought to the front and joined to one, so that every index is a
    row number.
    """
    arrays, dims = _without_masks(places)
    rest = tuple(dim for dim in range(len(shape)) if dim not in dims)
    order = (*dims, *rest)
    rows, width = (math.prod(shape[dim] for dim in group) for group in (dims, rest))
    if start is None:
        output = np.zeros((rows, width), values.dtype)
    else:
        output = start.transpose(order).reshape(rows, width).copy()
    if values.size:
        wide = np.broadcast_arrays(*arrays)
        count = wide[0].ndim
        first = dims[0] if dims[-1] - dims[0] == len(dims) - 1 else 0  # where NumPy puts them
        front = (*range(first, first + count), *range(first))
        front = (*front, *range(first + count, values.ndim))
        numbers = np.ravel_multi_index(wide, tuple(shape[dim] for dim in dims), mode="wrap")
        flat_values = values.transpose(front).reshape(numbers.size, -1)
        add_rows(output, numbers.reshape(-1), flat_values)
    inverse = sorted(range(len(order)), key=order.__getitem__)
    return output.reshape(tuple(shape[dim] for dim in order)).transpose(inverse)


def _without_masks(places: tuple[Any, ...]) -> tuple[list[Any], list[int]]:
    """The arrays of integers among `places`, masks as such, and the dimensions they index."""
    arrays: list[Any] = []
    dims: list[int] = []
    dim = 0
    for each in places:
        if type(each) is not ndarray:
            dim += 1
        elif each.dtype == np.bool_:
            arrays += each.nonzero()
            dims += range(dim, dim + each.ndim)
            dim += each.ndim
        else:
            arrays.append(each)
            dims.append(dim)
            dim += 1
    return arrays, dims


# Below this many elements, or with more repetitions, one flat pass is faster than rounds.
ROUNDS_FROM_SIZE, ROUNDS_TO_REPETITIONS = 1 << 15, 8


def add_rows(output: Any, index: Any, rows: Any) -> None:
    """output[index[k]] += rows[k] for every k, in place; `index` may repeat itself.

    Many rows with few repetitions are sorted and added in rounds of different indices;
    otherwise every element is added one by one, which NumPy does fast in one dimension.
    """
    if rows.size >= ROUNDS_FROM_SIZE and rows.shape[1] > 1:
        repetitions = np.bincount(index)
        if repetitions.max() <= ROUNDS_TO_REPETITIONS:
            _add_in_rounds(output, index, rows, repetitions[repetitions > 0])
            return
    if rows.shape[1] == 1:
        np.add.at(output[:, 0], index, rows[:, 0])
        return
    width = output.shape[1]
    flat = (index[:, None] * width + np.arange(width)).reshape(-1)
    np.add.at(output.reshape(-1), flat, rows.reshape(-1))


def _add_in_rounds(output: Any, index: Any, rows: Any, repetitions: Any) -> None:
    """Add the first row of each index, then the second of those that have one, and so on."""
    order = np.argsort(index, kind="stable")
    starts = np.cumsum(repetitions) - repetitions
    for turn in range(repetitions.max()):
        numbers = order[starts[repetitions > turn] + turn]
        output[index[numbers]] += rows.take(numbers, axis=0)


# -- assigning ----------------------------------------------------------------------------------

ZERO = np.zeros((), np.bool_)


def assign(array: Any, basic: Basic, places: tuple[Any, ...], value: Any) -> None:
    """Write `value` into `array` at an index, cast to its dtype and broadcast.

    Raises:
        RuntimeError: `value` does not broadcast to what the index picks.
    """
    target = array[basic]
    place: Any = ...
    if places:
        place = places if value.ndim == 0 else _spread_masks(places)
    try:
        quiet.run(operator.setitem, target, place, value)  # casts of NaN and large numbers
    except ValueError as error:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(value.shape)} cannot be broadcast to "
            f"what the index picks of shape {list(target.shape)}: {error}"
        ) from None


def _spread_masks(places: tuple[Any, ...]) -> tuple[Any, ...]:
    """Masks as arrays of integers, one per dimension, to which values broadcast."""
    spread: list[Any] = []
    for each in places:
        if type(each) is ndarray and each.dtype == np.bool_:
            spread += each.nonzero()
        else:
            spread.append(each)
    return tuple(spread)


def _broadcast_value(value: Any, shape: Shape) -> Any:
    try:
        return np.broadcast_to(value, shape)
    except ValueError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(value.shape)} cannot be broadcast to "
            f"indexing result of shape {list(shape)}"
        ) from None


def as_value(value: Any, dtype: np.dtype[Any]) -> Any:
    """What is to be written: a Tensor or array as it is, a number as an array.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(value, (Variable, ndarray)):
        return value
    if isinstance(value, np.generic):
        return np.asarray(value)
    if isinstance(value, (bool, int, float)):
        return fitting(value, dtype)
    raise TypeError(
        f"can't assign a {type(value).__name__} to a tensor of {dtype}; assign a Tensor, an "
        "array or a number"
    )


# -- x[index] and x[index] = value --------------------------------------------------------------


def getitem(input: Tensor, index: Any) -> Tensor:
    """`input[index]`: a view for ints, slices, None and Ellipsis; a copy for arrays and masks.

    Args:
        input: of any shape.
        index: what Python or NumPy take, except that steps are positive and that ints beside
            arrays are taken first, as PyTorch does.

    Raises:
        IndexError: there are more indices than dimensions, one lies outside, or is no index.
        ValueError: the step of a slice is not positive.

    Example:
        >>> import minitorch
        >>> x = minitorch.arange(6).reshape(2, 3)
        >>> x[1, 1:]
        tensor([4, 5])
        >>> x[x > 2]
        tensor([3, 4, 5])
    """
    basic, arrays = parse(index, shape_of(input))
    if any(type(each) is int for each in basic):
        input = Select.apply(input, place=basic)
    elif not arrays or any(each is not ALL for each in basic[:-1]):
        input = Slice.apply(input, place=basic)
    return Index.apply(input, *arrays) if arrays else input


def setitem(input: Tensor, index: Any, value: Any) -> None:
    """`input[index] = value`, in place; gradients go to `value` and to what `input` was.

    Args:
        input: the tensor to change.
        index: as for `getitem`.
        value: a Tensor, an array or a number that broadcasts to what the index picks; its
            dtype is cast.

    Raises:
        RuntimeError: `value` does not broadcast, or the tensor is a leaf that requires a
            gradient, or as any operation in place.
        TypeError: `value` is something else.

    Example:
        >>> import minitorch
        >>> x = minitorch.zeros(3)
        >>> x[1:] = 5
        >>> x
        tensor([0., 5., 5.])
    """
    array = input.array
    value = as_value(value, array.dtype)
    basic, arrays = parse(index, array.shape)
    if arrays and isinstance(value, Variable) and not _fills_mask(arrays, value):
        _check_dtypes(input, value, "Index put requires the source and destination dtypes match")
    check_no_overlap(array[basic])
    recorded = check_history(input, value)
    if recorded:
        changed(input, SetItem.apply(input, value, *arrays, basic=basic))
    else:
        assign(array, basic, tuple(map(buffer, arrays)), buffer(value))
        changed(input)


def _fills_mask(arrays: tuple[Any, ...], value: Any) -> bool:
    """Whether one element is written where a single mask is True, which casts it as a number."""
    masks = [each for each in arrays if each is not ALL]
    return len(masks) == 1 and buffer(masks[0]).dtype == np.bool_ and buffer(value).size == 1


def index_put(
    input: Tensor, indices: Sequence[Tensor], values: Tensor, accumulate: bool = False
) -> Tensor:
    """A copy of `input` with `values` put at arrays of indices.

    Args:
        input: of any shape.
        indices: one tensor of integers or mask per dimension, from the first on.
        values: of the same dtype; broadcast to what the indices pick.
        accumulate: add to what is there; repeated indices add up. Default: False.

    Raises:
        RuntimeError: dtypes differ, or `values` does not broadcast.
        TypeError: `indices` is no sequence of tensors.

    Example:
        >>> import minitorch
        >>> at = minitorch.tensor([0, 0])
        >>> minitorch.zeros(2).index_put((at,), minitorch.tensor(1.0), accumulate=True)
        tensor([2., 0.])
    """
    if not isinstance(indices, (tuple, list)):
        raise TypeError(
            f"index_put(): indices must be a tuple of Tensors, not {type(indices).__name__}"
        )
    for number, each in enumerate(indices):
        if not isinstance(each, (Variable, ndarray)):
            raise TypeError(
                f"index_put(): expected a Tensor as element {number} of indices, but got "
                f"{type(each).__name__}"
            )
    _check_tensor(values, "index_put", "values")
    _check_dtypes(input, values, "Index put requires the source and destination dtypes match")
    places = tuple(_at_least_1d(_read_array(each)) for each in indices)
    if not places:
        raise RuntimeError("index_put: needs at least one tensor of indices")
    return IndexPut.apply(input, values, *places, accumulate=accumulate)  # type: ignore[no-any-return]


def _at_least_1d(place: Any) -> Any:
    """An index tensor without dimensions, which was read as a number, as an array of one."""
    if type(place) is bool:
        return np.zeros(int(place), np.int64)
    return np.array([place]) if type(place) is int else place


# -- checks that several functions make ---------------------------------------------------------


def _check_tensor(value: Any, function: str, name: str) -> None:
    if not isinstance(value, (Variable, ndarray)):
        raise TypeError(
            f"{function}(): argument {name!r} must be Tensor, not {type(value).__name__}"
        )


def _check_dtypes(input: Any, source: Any, what: str) -> None:
    held, got = buffer(input).dtype, buffer(source).dtype
    if held != got:
        raise RuntimeError(f"{what}, got {held} for the destination and {got} for the source")


def _check_index_dtype(
    index: Any, function: str, kinds: str = "int64", error: type[Exception] = RuntimeError
) -> None:
    _check_tensor(index, function, "index")
    dtype = buffer(index).dtype
    if dtype.name not in kinds.split(" or "):
        raise error(f"{function}(): Expected dtype {kinds} for index but got: {dtype}")


def _check_bounds(
    index: Any, size: int, dim: int, error: type[Exception], *, negative: bool = False
) -> None:
    """Refuse indices that lie outside a dimension."""
    array = buffer(index)
    outside = (array < (-size if negative else 0)) | (array >= size)
    if outside.any():
        raise error(
            f"index {array[outside].flat[0]} is out of bounds for dimension {dim} with size {size}"
        )


def _as_vector(index: Any, function: str, error: type[Exception] = IndexError) -> Any:
    """A 1-d index from one with at most one dimension."""
    ndim = buffer(index).ndim
    if ndim > 1:
        raise error(f"{function}(): Index is supposed to be a vector, but got dim: {ndim}")
    return index if ndim else index.reshape(1)


# -- gather and scatter -------------------------------------------------------------------------


def _grid(index: Any, dim: int) -> tuple[Any, ...]:
    """Indices for every dimension that pick element [.., index[i, j, ..], ..] for each i, j, .."""
    last = index.ndim - 1
    return tuple(
        index if each == dim else np.arange(size).reshape((size,) + (1,) * (last - each))
        for each, size in enumerate(index.shape)
    )


def _positions(index: Any, dim: int, shape: Shape) -> Any:
    """The same as numbers of elements in a contiguous array of `shape`."""
    return np.ravel_multi_index(_grid(index, dim), shape).reshape(-1)


class Gather(Operator):
    """output[i][j] = input[index[i][j]][j] for dim 0; gradients add up where they came from."""

    def forward(self, input: Any, index: Any, *, dim: int) -> Any:
        self.save_for_backward(index)
        self.dim, self.input_shape = dim, input.shape
        return input[_grid(index, dim)]

    def backward(self, grad: Any) -> Any:
        (index,) = self.saved_tensors
        zeros = np.zeros(self.input_shape, buffer(grad).dtype)
        return ScatterAdd.apply(zeros, index, grad, dim=self.dim), None


class ScatterAdd(Operator):
    """output = input, then output[index[i][j]][j] += src[i][j] for dim 0."""

    def forward(self, input: Any, index: Any, src: Any, *, dim: int) -> Any:
        self.save_for_backward(index)
        self.dim = dim
        output = input.copy()
        np.add.at(output.reshape(-1), _positions(index, dim, input.shape), src.reshape(-1))
        return output

    def backward(self, grad: Any) -> Any:
        (index,) = self.saved_tensors
        return grad, None, Gather.apply(grad, index, dim=self.dim)


class Scatter(Operator):
    """output = input, then output[index[i][j]][j] = src[i][j] for dim 0; what it hid gets none."""

    def forward(self, input: Any, index: Any, src: Any, *, dim: int) -> Any:
        self.save_for_backward(index)
        self.dim = dim
        output = input.copy()
        output[_grid(index, dim)] = src
        return output

    def backward(self, grad: Any) -> Any:
        (index,) = self.saved_tensors
        needs_input, _, needs_src = self.needs_input_grad
        return (
            Scatter.apply(grad, index, ZERO, dim=self.dim) if needs_input else None,
            None,
            Gather.apply(grad, index, dim=self.dim) if needs_src else None,
        )


class ScatterMultiply(Operator):
    """output = input, then output[index[i][j]][j] *= src[i][j] for dim 0.

    The derivative with respect to a factor is the product of all the others, zeros included.
    """

    differentiable_backward = False

    def forward(self, input: Any, index: Any, src: Any, *, dim: int, include_self: bool) -> Any:
        self.save_for_backward(input, index, src)
        self.dim, self.include_self = dim, include_self
        output = input.copy()
        flat, positions = output.reshape(-1), _positions(index, dim, input.shape)
        if not include_self:
            flat[positions] = 1
        np.multiply.at(flat, positions, src.reshape(-1))
        return output

    def backward(self, grad: Any) -> Any:
        input, index, src = self.saved_tensors
        positions = _positions(index, self.dim, input.shape)
        factors, own = src.reshape(-1), input.flatten()
        if not self.include_self:
            own[positions] = 1
        # the product without zeros, and how many zeros there are
        product, zeros = np.where(own == 0, 1, own), (own == 0).astype(np.int64)
        np.multiply.at(product, positions, np.where(factors == 0, 1, factors))
        np.add.at(zeros, positions, factors == 0)
        flat_grad = grad.reshape(-1)
        grad_own = flat_grad * _product_of_others(own, product, zeros)
        if not self.include_self:
            grad_own[positions] = 0
        grad_src = flat_grad[positions] * _product_of_others(
            factors, product[positions], zeros[positions]
        )
        return grad_own.reshape(input.shape), None, grad_src.reshape(src.shape)


def _product_of_others(factor: Any, product: Any, zeros: Any) -> Any:
    """The product of all factors but one, from the product of those that are not zero."""
    is_zero = factor == 0
    others = np.where(is_zero, product, product / np.where(is_zero, 1, factor))
    return np.where(zeros - is_zero == 0, others, 0)


class ScatterExtreme(Operator):
    """output[index[i][j]][j] = the largest or smallest of src[i][j] and input's there.

    The gradient is shared equally by all the elements that are the extreme.
    """

    def forward(
        self, input: Any, index: Any, src: Any, *, dim: int, largest: bool, include_self: bool
    ) -> Any:
        self.dim, self.include_self = dim, include_self
        output = input.copy()
        flat, positions = output.reshape(-1), _positions(index, dim, input.shape)
        if not include_self:
            flat[positions] = _worst(input.dtype, largest)
        extreme = np.maximum if largest else np.minimum
        extreme.at(flat, positions, src.reshape(-1))
        self.save_for_backward(input, index, src, output)
        return output

    def backward(self, grad: Any) -> Any:
        input, index, src, output = map(buffer, self.saved_tensors)
        positions = _positions(index, self.dim, input.shape)
        is_input = (input.reshape(-1) == output.reshape(-1)).reshape(input.shape)
        is_src = src.reshape(-1) == output.reshape(-1)[positions]
        if not self.include_self:
            is_input.reshape(-1)[positions] = False
        winners = is_input.astype(output.dtype)
        np.add.at(winners.reshape(-1), positions, is_src)
        share = 1 / np.maximum(winners, 1)
        src_share = is_src.reshape(src.shape) * share[_grid(index, self.dim)]
        to_src = Gather.apply(grad, index, dim=self.dim) * src_share
        return grad * (is_input * share), None, to_src


def _worst(dtype: np.dtype[Any], largest: bool) -> Any:
    """What every other number beats in a search for the largest or smallest."""
    if dtype.kind == "b":
        return not largest
    if dtype.kind == "f":
        return -np.inf if largest else np.inf
    return np.iinfo(dtype).min if largest else np.iinfo(dtype).max


@numpy_names
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """output[i][j] = input[index[i][j]][j] for `dim` 0; for 1, input[i][index[i][j]].

    Args:
        input: of n dimensions.
        dim: along which `index` counts.
        index: int64 or int32, of n dimensions; no larger than `input` except along `dim`. The
            result has its shape.
        sparse_grad: accepted for PyTorch's signature only: gradients here are dense.

    Raises:
        RuntimeError: `index` has another dtype, does not fit, or points outside.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([[1, 2], [3, 4]])
        >>> x.gather(1, minitorch.tensor([[0], [1]]))
        tensor([[1],
                [4]])
    """
    place = _check_gather(input, dim, index, "gather")
    if buffer(index).size == 0:
        return input.reshape(-1)[:0].reshape(shape_of(index))
    if buffer(input).ndim == 0 or buffer(index).ndim == 0:
        result = Gather.apply(input.reshape(-1), index.reshape(-1), dim=0)
        return result.reshape(shape_of(index))  # type: ignore[no-any-return]
    return Gather.apply(input, index, dim=place)  # type: ignore[no-any-return]


def _check_gather(input: Any, dim: int, index: Any, function: str) -> int:
    """The dimension as a number from 0 on, after checking `index` against `input`."""
    _check_index_dtype(index, function, "int32 or int64")
    held, wanted = shape_of(input), shape_of(index)
    place = normalize_dim(dim, len(held))
    if math.prod(wanted) == 0:
        return place
    if max(len(held), 1) != max(len(wanted), 1):
        raise RuntimeError(
            f"{function}(): Index tensor must have the same number of dimensions as input tensor, "
            f"got {len(wanted)} and {len(held)}"
        )
    if len(held) == len(wanted) and any(
        each != place and size > held[each] for each, size in enumerate(wanted)
    ):
        raise RuntimeError(
            f"{function}(): Size does not match: expected index {list(wanted)} to be no larger "
            f"than self {list(held)} apart from dimension {place}"
        )
    _check_bounds(index, held[place] if held else 1, place, RuntimeError)
    return place


def _check_source(index: Any, src: Any, function: str) -> None:
    wanted, given = shape_of(index), shape_of(src)
    if len(wanted) != len(given):
        raise RuntimeError(
            f"{function}(): Index tensor must have the same number of dimensions as src tensor, "
            f"got {len(wanted)} and {len(given)}"
        )
    if any(size > held for size, held in zip(wanted, given, strict=True)):
        raise RuntimeError(
            f"{function}(): Expected index {list(wanted)} to be no larger size than src "
            f"{list(given)}"
        )


def _run_scatter(pair: type[Operator], input: Any, index: Any, src: Any, **options: Any) -> Any:
    """Apply a scattering pair to the part of `src` that `index` covers."""
    if buffer(index).size == 0:
        return input.copy() if isinstance(input, ndarray) else input.clone()
    if shape_of(src) != shape_of(index):
        src = src[tuple(slice(size) for size in shape_of(index))]
    if buffer(input).ndim == 0 or buffer(index).ndim == 0:
        flat = (input.reshape(-1), index.reshape(-1), src.reshape(-1))
        return pair.apply(*flat, **options).reshape(shape_of(input))
    return pair.apply(input, index, src, **options)


@numpy_names
def scatter(
    input: Tensor,
    dim: int,
    index: Tensor,
    src: Any = None,
    *,
    value: Any = None,
    reduce: str | None = None,
) -> Tensor:
    """A copy of `input` with output[index[i][j]][j] = src[i][j] for `dim` 0; see `gather`.

    Args:
        input: of n dimensions.
        dim: along which `index` counts.
        index: int64 or int32, of n dimensions; no larger than `src`, nor than `input` except
            along `dim`. Where it repeats itself, the last one counts.
        src: a tensor of `input`'s dtype, or a number.
        value: the number as a keyword.
        reduce: "add" or "multiply" instead of replacing. Default: replace.

    Raises:
        RuntimeError: dtypes differ, shapes do not fit, or `index` points outside.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(2, 2).scatter(1, minitorch.tensor([[0], [1]]), 1.0)
        tensor([[1., 0.],
                [0., 1.]])
    """
    place = _check_gather(input, dim, index, "scatter")
    src = value if src is None else src
    if isinstance(src, (Variable, ndarray)):
        _check_dtypes(input, src, "scatter(): Expected self.dtype to be equal to src.dtype")
        _check_source(index, src, "scatter")
    else:
        number = as_value(src, buffer(input).dtype)
        src = np.broadcast_to(number, shape_of(index))
    if reduce is None:
        return _run_scatter(Scatter, input, index, src, dim=place)  # type: ignore[no-any-return]
    if reduce == "add":
        return _run_scatter(ScatterAdd, input, index, src, dim=place)  # type: ignore[no-any-return]
    if reduce == "multiply":
        options: dict[str, Any] = {"dim": place, "include_self": True}
        return _run_scatter(ScatterMultiply, input, index, src, **options)  # type: ignore[no-any-return]
    raise RuntimeError(f"reduce argument must be either add or multiply, got {reduce!r}")


@numpy_names
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """A copy of `input` with output[index[i][j]][j] += src[i][j] for `dim` 0; see `scatter`.

    Raises:
        RuntimeError: dtypes differ, shapes do not fit, or `index` points outside.

    Example:
        >>> import minitorch
        >>> at = minitorch.tensor([0, 0, 1])
        >>> minitorch.zeros(2).scatter_add(0, at, minitorch.ones(3))
        tensor([2., 1.])
    """
    place = _check_gather(input, dim, index, "scatter_add")
    _check_tensor(src, "scatter_add", "src")
    _check_dtypes(input, src, "scatter_add(): Expected self.dtype to be equal to src.dtype")
    _check_source(index, src, "scatter_add")
    return _run_scatter(ScatterAdd, input, index, src, dim=place)  # type: ignore[no-any-return]


@numpy_names
def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """A copy of `input` with the elements of `src` reduced where `index` sends them.

    Args:
        input: of n dimensions.
        dim: along which `index` counts, as for `scatter`.
        index: int64 or int32, of n dimensions.
        src: of `input`'s dtype.
        reduce: "sum", "prod", "mean", "amax" or "amin".
        include_self: whether the elements of `input` take part. Default: True.

    Raises:
        RuntimeError: dtypes differ, shapes do not fit, `index` points outside, or there is no
            such reduction.

    Example:
        >>> import minitorch
        >>> at = minitorch.tensor([0, 0, 1])
        >>> src = minitorch.tensor([1.0, 5.0, 2.0])
        >>> minitorch.zeros(2).scatter_reduce(0, at, src, "amax")
        tensor([5., 2.])
    """
    place = _check_gather(input, dim, index, "scatter_reduce")
    _check_tensor(src, "scatter_reduce", "src")
    _check_dtypes(input, src, "scatter_reduce(): Expected self.dtype to be equal to src.dtype")
    _check_source(index, src, "scatter_reduce")
    options: dict[str, Any] = {"dim": place, "include_self": include_self}
    if reduce == "prod":
        return _run_scatter(ScatterMultiply, input, index, src, **options)  # type: ignore[no-any-return]
    if reduce in ("amax", "amin", "max", "min"):
        largest = reduce.endswith("max")
        return _run_scatter(ScatterExtreme, input, index, src, largest=largest, **options)  # type: ignore[no-any-return]
    if reduce not in ("sum", "mean"):
        raise RuntimeError(
            f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}"
        )
    start = input if include_self else scatter(input, dim, index, 0)
    total = _run_scatter(ScatterAdd, start, index, src, dim=place)
    if reduce == "sum":
        return total  # type: ignore[no-any-return]
    return _divide(total, _counts(input, index, place, include_self))  # type: ignore[no-any-return]


def _counts(input: Any, index: Any, dim: int, include_self: bool) -> Any:
    """How many elements went into each of the sums; 1 where there were none."""
    held, numbers = buffer(input), buffer(index)
    start = np.full(held.shape, 1 if include_self else 0, held.dtype)
    ones = np.ones(numbers.shape, held.dtype)
    return np.maximum(_run_scatter(ScatterAdd, start, numbers, ones, dim=dim), 1)


def _divide(total: Any, count: Any) -> Any:
    """The mean, rounded down for integers."""
    if count.dtype.kind == "f":
        return total / count
    return total // count


# -- whole slices by a 1-d index ----------------------------------------------------------------


def _along(dim: int, index: Any) -> tuple[Any, ...]:
    return (*(ALL,) * dim, index)


class IndexSelect(Operator):
    """The slices that `index` names; their gradients add up where they came from."""

    def forward(self, input: Any, index: Any, *, dim: int) -> Any:
        self.save_for_backward(index)
        self.dim, self.input_shape = dim, input.shape
        return input.take(index, axis=dim)

    def backward(self, grad: Any) -> Any:
        (index,) = self.saved_tensors
        place = _along(self.dim, index)
        return PlaceIndex.apply(grad, *place, shape=self.input_shape), None


class IndexAdd(Operator):
    """output = input, then the slices of `source` times `alpha` added where `index` says."""

    def forward(self, input: Any, index: Any, source: Any, *, dim: int, alpha: Any) -> Any:
        self.save_for_backward(index)
        self.dim, self.alpha = dim, alpha
        if type(alpha) is not int or alpha != 1:
            source = source * np.asarray(alpha, source.dtype)
        return add_up(source, _along(dim, index), input.shape, input)

    def backward(self, grad: Any) -> Any:
        (index,) = self.saved_tensors
        return grad, None, IndexSelect.apply(grad, index, dim=self.dim) * self.alpha


class IndexCopy(Operator):
    """output = input, then the slices of `source` put where `index` says."""

    def forward(self, input: Any, index: Any, source: Any, *, dim: int) -> Any:
        self.save_for_backward(index)
        self.dim = dim
        output = input.copy()
        output[_along(dim, index)] = source
        return output

    def backward(self, grad: Any) -> Any:
        (index,) = self.saved_tensors
        outside = Blank.apply(grad, *_along(self.dim, index), basic=(...,))
        return outside, None, IndexSelect.apply(grad, index, dim=self.dim)


class IndexFill(Operator):
    """output = input, then `value` put in the slices that `index` names."""

    def forward(self, input: Any, index: Any, value: Any, *, dim: int) -> Any:
        self.save_for_backward(index)
        self.dim = dim
        output = input.copy()
        assign(output, (...,), _along(dim, index), value)
        return output

    def backward(self, grad: Any) -> Any:
        (index,) = self.saved_tensors
        outside = Blank.apply(grad, *_along(self.dim, index), basic=(...,))
        once = np.unique(index % grad.shape[self.dim])  # a slice named twice is filled once
        return outside, None, IndexSelect.apply(grad, once, dim=self.dim).sum()


def _with_dimension(input: Any) -> Any:
    """A tensor without dimensions as one of a single element."""
    return input if buffer(input).ndim else input.reshape(1)


@numpy_names
def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices along `dim` that `index` names, as a copy.

    Args:
        input: of any shape.
        dim: which dimension `index` counts.
        index: int64 or int32, 1-d, not negative.

    Raises:
        IndexError: `index` points outside or has more dimensions.
        RuntimeError: it has another dtype.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([[1, 2], [3, 4]])
        >>> x.index_select(1, minitorch.tensor([1, 1]))
        tensor([[2, 2],
                [4, 4]])
    """
    _check_index_dtype(index, "index_select", "int32 or int64")
    shape = shape_of(input)
    place = normalize_dim(dim, len(shape))
    vector = _as_vector(index, "index_select")
    _check_bounds(vector, shape[place] if shape else 1, place, IndexError)
    if shape:
        return IndexSelect.apply(input, vector, dim=place)  # type: ignore[no-any-return]
    if buffer(vector).size != 1:
        raise RuntimeError(
            "index_select(): Index to scalar can have only 1 value, got "
            f"{buffer(vector).size} value(s)"
        )
    return input.reshape(())


@numpy_names
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """A copy of `input` with `alpha` times the slices of `source` added where `index` says.

    Args:
        input: of any shape.
        dim: which dimension `index` counts.
        index: int64 or int32, 1-d, not negative; repeated ones add up.
        source: of `input`'s dtype, and of its shape but for `dim`, which is `index`'s.
        alpha: a factor. Default: 1.

    Raises:
        RuntimeError: dtypes or shapes do not fit, or `index` points outside.
        IndexError: `index` has more dimensions.

    Example:
        >>> import minitorch
        >>> at = minitorch.tensor([0, 0])
        >>> minitorch.zeros(2).index_add(0, at, minitorch.ones(2))
        tensor([2., 0.])
    """
    _check_index_dtype(index, "index_add", "int32 or int64")
    vector = _as_vector(index, "index_add")
    place = _check_slices(input, dim, vector, source, "index_add", RuntimeError)
    if type(alpha) is float and buffer(input).dtype.kind != "f":
        alpha = int(alpha)
    pair = (_with_dimension(input), vector, _with_dimension(source))
    result = IndexAdd.apply(*pair, dim=place, alpha=alpha)
    return result if buffer(input).ndim else result.reshape(())  # type: ignore[no-any-return]


def _check_slices(
    input: Any, dim: int, index: Any, source: Any, function: str, error: type[Exception]
) -> int:
    """The dimension as a number from 0 on, after checking `index` and `source` against `input`."""
    _check_tensor(source, function, "source")
    _check_dtypes(input, source, f"{function}(): self and source must have the same dtype")
    held, given = shape_of(input), shape_of(source)
    place = normalize_dim(dim, len(held))
    count = buffer(index).size
    if len(held) != len(given):
        raise error(
            f"{function}(): self and source must have the same number of dimensions, got "
            f"{list(held)} and {list(given)}"
        )
    if (given[place] if given else 1) != count:
        raise error(
            f"{function}(): Number of indices ({count}) should be equal to source.size(dim) "
            f"({given[place] if given else 1}), for dim: {place}"
        )
    if held[:place] != given[:place] or held[place + 1 :] != given[place + 1 :]:
        raise RuntimeError(
            f"{function}(): source tensor shape must match self tensor shape, excluding the "
            f"specified dimension {place}. Got self.shape = {list(held)} source.shape = "
            f"{list(given)}"
        )
    _check_bounds(index, held[place] if held else 1, place, error)
    return place


@numpy_names
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """A copy of `input` with the slices of `source` put where `index` says.

    Args:
        input: of any shape.
        dim: which dimension `index` counts.
        index: int64, 1-d, not negative.
        source: of `input`'s dtype, and of its shape but for `dim`, which is `index`'s.

    Raises:
        RuntimeError: dtypes or slices do not fit.
        IndexError: `index` points outside, or its number differs from `source`'s.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(3).index_copy(0, minitorch.tensor([2]), minitorch.ones(1))
        tensor([0., 0., 1.])
    """
    _check_index_dtype(index, "index_copy", "int64")
    vector = _as_vector(index, "index_copy")
    place = _check_slices(input, dim, vector, source, "index_copy", IndexError)
    pair = (_with_dimension(input), vector, _with_dimension(source))
    result = IndexCopy.apply(*pair, dim=place)
    return result if buffer(input).ndim else result.reshape(())  # type: ignore[no-any-return]


@numpy_names
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """A copy of `input` with `value` in the slices along `dim` that `index` names.

    Args:
        input: of any shape.
        dim: which dimension `index` counts.
        index: int64, 1-d.
        value: a number, or a tensor without dimensions.

    Raises:
        IndexError: `index` has another dtype or points outside.
        RuntimeError: `value` or `index` has more dimensions.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(3).index_fill(0, minitorch.tensor([0, -1]), 7)
        tensor([7., 0., 7.])
    """
    _check_index_dtype(index, "index_fill", "int64", IndexError)
    shape = shape_of(input)
    place = normalize_dim(dim, len(shape))
    vector = _as_vector(index, "index_fill", RuntimeError)
    _check_bounds(vector, shape[place] if shape else 1, place, IndexError, negative=True)
    filling = _fill_value(value, buffer(input).dtype, "index_fill")
    result = IndexFill.apply(_with_dimension(input), vector, filling, dim=place)
    return result if shape else result.reshape(())  # type: ignore[no-any-return]


def _fill_value(value: Any, dtype: np.dtype[Any], function: str) -> Any:
    filling = as_value(value, dtype)
    if buffer(filling).ndim:
        raise RuntimeError(
            f"{function} only supports a 0-dimensional value tensor, but got tensor with "
            f"{buffer(filling).ndim} dimension(s)."
        )
    return filling


# -- masks --------------------------------------------------------------------------------------


class MaskedFill(Operator):
    """`value` where `mask` is True, else `input`."""

    def forward(self, input: Any, mask: Any, value: Any) -> Any:
        self.save_for_backward(mask)
        return np.where(mask, quiet.run(value.astype, input.dtype), input)

    def backward(self, grad: Any) -> Any:
        (mask,) = self.saved_tensors
        needs_input, _, needs_value = self.needs_input_grad
        return (
            MaskedFill.apply(grad, mask, ZERO) if needs_input else None,
            None,
            MaskedFill.apply(grad, ~mask, ZERO).sum() if needs_value else None,
        )


class MaskedSelect(Operator):
    """The elements where `mask` is True, in one dimension."""

    def forward(self, input: Any, mask: Any) -> Any:
        self.save_for_backward(mask)
        shape = np.broadcast_shapes(input.shape, mask.shape)
        return np.broadcast_to(input, shape)[np.broadcast_to(mask, shape)]

    def backward(self, grad: Any) -> Any:
        (mask,) = self.saved_tensors
        return PlaceMasked.apply(grad, mask), None


class PlaceMasked(Operator):
    """The elements of a 1-d array, in order, where `mask` is True among zeros."""

    def forward(self, input: Any, mask: Any) -> Any:
        self.save_for_backward(mask)
        output = np.zeros(mask.shape, input.dtype)
        output[mask] = input
        return output

    def backward(self, grad: Any) -> Any:
        (mask,) = self.saved_tensors
        return MaskedSelect.apply(grad, mask), None


class MaskedScatter(Operator):
    """`input` with the first elements of `source`, in order, where `mask` is True."""

    def forward(self, input: Any, mask: Any, source: Any) -> Any:
        self.save_for_backward(mask)
        self.source_shape = source.shape
        output = np.broadcast_to(input, mask.shape).copy()
        output[mask] = source.reshape(-1)[: np.count_nonzero(mask)]
        return output

    def backward(self, grad: Any) -> Any:
        (mask,) = self.saved_tensors
        taken = MaskedSelect.apply(grad, mask)
        place, size = (slice(0, taken.shape[0]),), math.prod(self.source_shape)
        to_source = PlaceSlice.apply(taken, place=place, shape=(size,)).reshape(self.source_shape)
        return MaskedFill.apply(grad, mask, ZERO), None, to_source


def _check_mask(input: Any, mask: Any, function: str) -> Shape:
    """The shape that `input` and `mask` have together."""
    _check_tensor(mask, function, "mask")
    if buffer(mask).dtype != np.bool_:
        raise RuntimeError(
            f"{function} only supports boolean masks, but got mask with dtype "
            f"{buffer(mask).dtype}; compare with 0 to get one"
        )
    try:
        return np.broadcast_shapes(shape_of(input), shape_of(mask))
    except ValueError:
        raise RuntimeError(
            f"{function}: the shapes of the tensor {list(shape_of(input))} and of the mask "
            f"{list(shape_of(mask))} do not broadcast"
        ) from None


def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """`value` where `mask` is True, else `input`.

    Args:
        input: of any shape.
        mask: bool, broadcast with `input`.
        value: a number, or a tensor without dimensions.

    Raises:
        RuntimeError: `mask` is not bool, shapes do not broadcast, or `value` has dimensions or
            cannot be converted to `input`'s dtype.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([1.0, -2.0])
        >>> x.masked_fill(x < 0, 0)
        tensor([1., 0.])
    """
    _check_mask(input, mask, "masked_fill")
    return MaskedFill.apply(  # type: ignore[no-any-return]
        input, mask, _fill_value(value, buffer(input).dtype, "masked_fill")
    )


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where `mask` is True, in one dimension.

    Args:
        input: of any shape.
        mask: bool, broadcast with `input`.

    Raises:
        RuntimeError: `mask` is not bool, or shapes do not broadcast.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([1, -2, 3])
        >>> x.masked_select(x > 0)
        tensor([1, 3])
    """
    shape = _check_mask(input, mask, "masked_select")
    return MaskedSelect.apply(input, _broadcast_mask(mask, shape))  # type: ignore[no-any-return]


def _broadcast_mask(mask: Any, shape: Shape) -> Any:
    return mask if shape_of(mask) == shape else broadcast_to(mask, shape)


def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """`input` with the elements of `source`, one after the other, where `mask` is True.

    Args:
        input: of any shape.
        mask: bool, broadcast with `input`.
        source: of `input`'s dtype, with at least as many elements as `mask` has True.

    Raises:
        RuntimeError: `mask` is not bool, shapes do not broadcast, dtypes differ, or `source`
            has too few elements.

    Example:
        >>> import minitorch
        >>> mask = minitorch.tensor([True, False, True])
        >>> minitorch.zeros(3).masked_scatter(mask, minitorch.tensor([7.0, 8.0]))
        tensor([7., 0., 8.])
    """
    shape = _check_mask(input, mask, "masked_scatter")
    _check_tensor(source, "masked_scatter", "source")
    _check_dtypes(input, source, "masked_scatter: expected self and source to have same dtypes")
    wide = _broadcast_mask(mask, shape)
    if np.count_nonzero(buffer(wide)) > buffer(source).size:
        raise RuntimeError(
            f"Number of elements of source ({buffer(source).size}) < number of ones in mask "
            f"({np.count_nonzero(buffer(wide))})"
        )
    return MaskedScatter.apply(input, wide, source)  # type: ignore[no-any-return]


# -- single elements ----------------------------------------------------------------------------


def take(input: Tensor, index: Tensor) -> Tensor:
    """The elements at `index`, counted as if `input` had one dimension; of `index`'s shape.

    Args:
        input: of any shape.
        index: int64, of any shape; negative ones count from the end.

    Raises:
        IndexError: `index` points outside.
        RuntimeError: it has another dtype.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1, 2], [3, 4]]).take(minitorch.tensor([0, -1]))
        tensor([1, 4])
    """
    _check_index_dtype(index, "take", "int64")
    size = buffer(input).size
    _check_bounds(index, size, 0, IndexError, negative=True)
    flat = input.reshape(-1)
    return Index.apply(flat, index.reshape(-1)).reshape(shape_of(index))  # type: ignore[no-any-return]


@numpy_names
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """`gather` with `input` and `indices` broadcast but for `dim`, such as `argmax`'s result.

    Args:
        input: of n dimensions.
        indices: int64, of n dimensions; negative ones count from the end.
        dim: along which `indices` counts. Default: over all elements in one dimension.

    Raises:
        RuntimeError: another dtype or number of dimensions, or `indices` points outside.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([[1, 2], [4, 3]])
        >>> x.take_along_dim(minitorch.tensor([[1], [0]]), dim=1)
        tensor([[2],
                [4]])
    """
    _check_index_dtype(indices, "take_along_dim", "int64")
    if dim is None:
        return take_along_dim(flatten(input), flatten(indices), 0)
    held, wanted = shape_of(input), shape_of(indices)
    if len(held) != len(wanted):
        raise RuntimeError(
            "take_along_dim(): input and indices should have the same number of dimensions, but "
            f"got {len(held)} dimensions for input, and {len(wanted)} dimensions for indices"
        )
    place = normalize_dim(dim, len(held))
    size = held[place]
    _check_bounds(indices, size, place, RuntimeError, negative=True)
    others = _broadcast_others(held, wanted, place)
    wide = broadcast_to(input, (*others[:place], size, *others[place:]))
    numbers = np.broadcast_to(
        buffer(indices) % max(size, 1), (*others[:place], wanted[place], *others[place:])
    )
    return gather(wide, place, numbers)  # type: ignore[arg-type]


def _broadcast_others(first: Shape, second: Shape, dim: int) -> Shape:
    """The common shape of two without dimension `dim`."""
    try:
        return np.broadcast_shapes(first[:dim] + first[dim + 1 :], second[:dim] + second[dim + 1 :])
    except ValueError:
        raise RuntimeError(
            f"take_along_dim(): shapes {list(first)} and {list(second)} do not broadcast apart "
            f"from dimension {dim}"
        ) from None


@numpy_names
def repeat_interleave(
    input: Any, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Each element several times along `dim`, copies next to each other.

    Args:
        input: of any shape. Alone, it is the repeats, and the result the repeated indices.
        repeats: how often: an int, or an integer tensor with one count per element of `dim`.
        dim: along which. Default: all elements in one dimension.
        output_size: the size of `dim` in the result, only checked.

    Raises:
        RuntimeError: a count is negative, or their number differs from the dimension's size.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([1, 2]).repeat_interleave(minitorch.tensor([1, 3]))
        tensor([1, 2, 2, 2])
    """
    if repeats is None:
        return RepeatedIndices.apply(input)  # type: ignore[no-any-return]
    if dim is None:
        input, dim = flatten(input), 0
    extent = shape_of(input)[normalize_dim(dim, buffer(input).ndim)] if shape_of(input) else None
    if extent is None:
        raise IndexError("repeat_interleave() along a dimension needs a tensor that has one")
    indices = np.repeat(np.arange(extent), _repeat_counts(repeats, extent))
    if output_size is not None and output_size != indices.size:
        raise RuntimeError(
            f"repeat_interleave: Invalid output_size, expected {indices.size} but got {output_size}"
        )
    return index_select(input, dim, indices)  # type: ignore[arg-type]


class RepeatedIndices(Operator):
    """The number of each element, as often as the element says; integers have no gradient."""

    def forward(self, input: Any) -> Any:
        return np.repeat(np.arange(input.size), _repeat_counts(input, input.size))


def _repeat_counts(repeats: Any, extent: int) -> Any:
    """One count per element, from an int or an integer tensor."""
    if isinstance(repeats, (Variable, ndarray)):
        counts = buffer(repeats)
        if counts.dtype.kind not in "iu":
            raise NotImplementedError(f"repeats must be integers, got {counts.dtype}")
        if counts.ndim > 1:
            raise RuntimeError(f"repeats must be 0-dim or 1-dim tensor, got {counts.ndim}-dim")
    else:
        counts = np.asarray(as_integer(repeats, "repeats"))
    if counts.size not in (1, extent):
        raise RuntimeError(
            "repeats must have the same size as input along dim, but got repeats.size(0) = "
            f"{counts.size} and input.size = {extent}"
        )
    if (counts < 0).any():
        raise RuntimeError("repeats can not be negative")
    return np.broadcast_to(counts.reshape(-1), (extent,))


# -- where elements are not zero ----------------------------------------------------------------


class Nonzero(Operator):
    """The indices of the elements that are not zero; they have no gradient."""

    def forward(self, input: Any, *, as_tuple: bool) -> Any:
        if as_tuple:
            return np.atleast_1d(as_array(input)).nonzero()
        return np.argwhere(as_array(input))


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The indices of the elements that are not zero, in index order.

    Args:
        input: of n dimensions.
        as_tuple: give one 1-d tensor per dimension, ready for indexing. Default: False.

    Returns:
        int64: one row of n indices per element, or a tuple.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[0, 5], [6, 0]]).nonzero()
        tensor([[0, 1],
                [1, 0]])
    """
    return Nonzero.apply(input, as_tuple=as_tuple)


def argwhere(input: Tensor) -> Tensor:
    """`nonzero` under NumPy's name."""
    return nonzero(input)  # type: ignore[no-any-return]
