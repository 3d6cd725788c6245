"""Operators that reduce, accumulate or order the elements along dimensions."""

from __future__ import annotations

import builtins
import math
import warnings
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from .. import dtypes
from ..autograd.operator import Operator
from ..autograd.variable import FLOATING, Array, Variable, buffer, ndarray
from ..quiet import quiet
from . import comparison, elementwise, shape
from .dims import Dims, normalize_dim, normalize_dims, numpy_names
from .indexing import Scatter, ScatterAdd
from .promotion import floating

if TYPE_CHECKING:
    from ..tensor import Tensor

FLOAT16, FLOAT32, INT64 = np.dtype("float16"), np.dtype("float32"), np.dtype("int64")
# PyTorch is silent where NumPy warns of infinities and NaN: ∞ − ∞ in a sum, log(0), 0/0.
silent = np.errstate(all="ignore")


class return_types:  # noqa: N801 - PyTorch's name
    """Named tuples that functions with several results return, such as `return_types.max`.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([3, 5]).max(dim=0).indices
        tensor(1)
    """

    class _Printed:
        def __repr__(self) -> str:
            fields = (f"{name}={value!r}" for name, value in self._asdict().items())  # type: ignore[attr-defined]
            return f"minitorch.return_types.{type(self).__name__}(\n" + ",\n".join(fields) + ")"

    class _ValuesAndIndices(NamedTuple):
        values: Any
        indices: Any

    class _MinAndMax(NamedTuple):
        min: Any
        max: Any

    class max(_Printed, _ValuesAndIndices):  # noqa: N801 - PyTorch's name
        """What `minitorch.max` returns for one dimension."""

    class min(_Printed, _ValuesAndIndices):  # noqa: N801 - PyTorch's name
        """What `minitorch.min` returns for one dimension."""

    class median(_Printed, _ValuesAndIndices):  # noqa: N801 - PyTorch's name
        """What `minitorch.median` returns for one dimension."""

    class kthvalue(_Printed, _ValuesAndIndices):  # noqa: N801 - PyTorch's name
        """What `minitorch.kthvalue` returns."""

    class topk(_Printed, _ValuesAndIndices):  # noqa: N801 - PyTorch's name
        """What `minitorch.topk` returns."""

    class sort(_Printed, _ValuesAndIndices):  # noqa: N801 - PyTorch's name
        """What `minitorch.sort` returns."""

    class cummax(_Printed, _ValuesAndIndices):  # noqa: N801 - PyTorch's name
        """What `minitorch.cummax` returns."""

    class cummin(_Printed, _ValuesAndIndices):  # noqa: N801 - PyTorch's name
        """What `minitorch.cummin` returns."""

    class aminmax(_Printed, _MinAndMax):  # noqa: N801 - PyTorch's name
        """What `minitorch.aminmax` returns."""


# -- helpers ------------------------------------------------------------------------------


def reduced_dims(dim: Dims, ndim: int) -> tuple[int, ...]:
    """The dimensions that a reduction goes over: None and an empty tuple mean all of them."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(ndim))
    dims = normalize_dims(dim, ndim)
    return dims if ndim else ()


def count(sizes: tuple[int, ...], dims: tuple[int, ...]) -> int:
    """How many elements are reduced to one."""
    return math.prod(sizes[dim] for dim in dims)


def restore(reduced: Any, sizes: tuple[int, ...], dims: tuple[int, ...]) -> Any:
    """Spread what was reduced over `dims`, kept or not, over tensors of shape `sizes` again."""
    if type(reduced) is ndarray and reduced.ndim == 0:
        # Strides of 0 show the one element everywhere; broadcast_to takes four times as long.
        spread = ndarray(sizes, reduced.dtype, reduced, 0, (0,) * len(sizes))
        spread.flags.writeable = False
        return spread
    kept = tuple(1 if dim in dims else size for dim, size in enumerate(sizes))
    if isinstance(reduced, (ndarray, np.generic)):
        return np.broadcast_to(np.reshape(reduced, kept), sizes)
    return shape.expand(reduced.reshape(kept), sizes)


def widened(array: Any) -> Any:
    """An array of float16 as float32, in which its sums are accurate; others as they are."""
    return array.astype(FLOAT32) if array.dtype == FLOAT16 else array


def cast(array: Any, dtype: Any) -> Any:
    """The array in a data type given by the user, or as it is for None."""
    return array if dtype is None else array.astype(dtypes.to_numpy_dtype(dtype), copy=False)


def summable(array: Any, dtype: Any) -> Any:
    """The array in the data type that sums have: the given one; int64 for integers and bool."""
    if dtype is not None:
        return cast(array, dtype)
    return array if array.dtype.kind == FLOATING else array.astype(INT64, copy=False)


def _require_elements(name: str, array: Any, dims: tuple[int, ...], whole: bool) -> None:
    """Refuse to choose an element out of none.

    Raises:
        RuntimeError: all dimensions are reduced and there is no element.
        IndexError: a dimension that is named has no element.
    """
    if array.size:
        return
    if whole:
        raise RuntimeError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0, got shape "
            f"{list(array.shape)}. Specify the reduction dim with the 'dim' argument."
        )
    for dim in dims:
        if array.shape[dim] == 0:
            raise IndexError(
                f"{name}(): Expected reduction dim {dim} to have non-zero size, got shape "
                f"{list(array.shape)}."
            )


class _Named(Operator):
    """An operator whose recorded calls have another name than its class."""

    known_as: str = ""

    def name(self) -> str:
        return self.known_as or super().name()


# -- sums ---------------------------------------------------------------------------------


class Sum(_Named):
    """Σ input over `dim`; every summed element's gradient is the sum's."""

    def forward(self, input: Any, dim: Dims, keepdim: Any, dtype: Any) -> Any:
        dims = reduced_dims(dim, input.ndim)
        self.known_as = "SumBackward0" if dim is None else "SumBackward1"
        self.save_for_backward(input.shape, dims)
        return _total(summable(input, dtype), dims, keepdim)

    def backward(self, grad: Any) -> Any:
        return restore(grad, *self.saved_tensors)


def _total(input: Any, dims: tuple[int, ...], keepdim: Any) -> Any:
    """The sum of an array over `dims`, in its own dtype."""
    if input.dtype == FLOAT16:
        return _total(widened(input), dims, keepdim).astype(FLOAT16)
    return quiet.run(np.add.reduce, input, axis=dims, dtype=input.dtype, keepdims=keepdim)


class Nansum(Operator):
    """Σ input over `dim`, with NaN as 0; a NaN's gradient is 0."""

    def forward(self, input: Any, dim: Dims, keepdim: Any, dtype: Any) -> Any:
        dims = reduced_dims(dim, input.ndim)
        given = input.dtype.kind == FLOATING and ~np.isnan(input)
        self.save_for_backward(input.shape, dims, given)
        input = summable(input, dtype)
        if given is not False:
            input = np.where(given, input, input.dtype.type(0))
        return _total(input, dims, keepdim)

    @silent
    def backward(self, grad: Any) -> Any:
        sizes, dims, given = self.saved_tensors
        return restore(grad, sizes, dims) * given


class Mean(_Named):
    """Σ input / n over `dim`; each of the n elements' gradient is the mean's divided by n."""

    def forward(self, input: Any, dim: Dims, keepdim: Any, dtype: Any) -> Any:
        input = cast(input, dtype)
        if input.dtype.kind != FLOATING:
            raise RuntimeError(
                "mean(): could not infer output dtype. Input dtype must be a floating point "
                f"dtype. Got: {input.dtype}. Convert with .float() or give dtype="
            )
        dims = reduced_dims(dim, input.ndim)
        number = count(input.shape, dims)
        self.known_as = "MeanBackward0" if dim is None else "MeanBackward1"
        self.save_for_backward(input.shape, dims, number)
        wide = widened(input)
        output = quiet.run(np.divide, _total(wide, dims, keepdim), number)
        return output if wide is input else output.astype(FLOAT16)

    def backward(self, grad: Any) -> Any:
        sizes, dims, number = self.saved_tensors
        return restore(grad / builtins.max(number, 1), sizes, dims)


class Prod(_Named):
    """Π input over `dim`; an element's gradient is the product of the others."""

    @silent
    def forward(self, input: Any, dim: int | None, keepdim: Any, dtype: Any) -> Any:
        dims = reduced_dims(None if dim is None else normalize_dim(dim, input.ndim), input.ndim)
        self.known_as = "ProdBackward0" if dim is None else "ProdBackward1"
        factors = summable(input, dtype)
        product = np.multiply.reduce(widened(factors), axis=dims, keepdims=keepdim)
        output = np.asarray(product, factors.dtype)
        self.save_for_backward(input, output, dims)
        return output

    @silent
    def backward(self, grad: Any) -> Any:
        input, output, dims = self.saved_tensors
        sizes = input.shape
        zero = buffer(input) == 0
        if not zero.any():
            return restore(grad * output, sizes, dims) / input
        if isinstance(input, Variable):
            return restore(grad, sizes, dims) * _product_of_others(input, dims)
        # One zero takes all of the gradient, two leave none.
        zeros = np.add.reduce(zero, axis=dims, keepdims=True)
        nonzero = np.where(zero, input.dtype.type(1), input)
        others = np.multiply.reduce(nonzero, axis=dims, keepdims=True) / nonzero
        return restore(grad, sizes, dims) * others * (zeros == zero)


def _product_of_others(input: Any, dims: tuple[int, ...]) -> Any:
    """For each element the product of the others, without a division; in n² steps.

    Row k of a square of copies has 1 in place of the k-th element.
    """
    whole = len(dims) == input.ndim
    line = input.reshape(-1) if whole else shape.transpose(input, dims[0], -1)
    own = np.eye(line.shape[-1], dtype=input.array.dtype)
    others = prod(shape.unsqueeze(line, -2) * (1 - own) + own, -1)
    return others.reshape(input.shape) if whole else shape.transpose(others, dims[0], -1)


# -- variance -----------------------------------------------------------------------------


class Var(Operator):
    """Σ (input − mean)² / (n − correction) over `dim`.

    The derivative is 2 (input − mean) / (n − correction): that of the mean cancels out.
    """

    @silent
    def forward(self, input: Any, dim: Dims, correction: float, keepdim: Any) -> Any:
        dims = reduced_dims(dim, input.ndim)
        self.save_for_backward(input, dims, correction)
        return _variance("var", input, dims, correction, keepdim).astype(input.dtype, copy=False)

    @silent
    def backward(self, grad: Any) -> Any:
        input, dims, correction = self.saved_tensors
        return _variance_gradient(grad, input, dims, correction)


class Std(Operator):
    """The square root of the variance over `dim`; its derivative is 1 / (2 std) times that's.

    Where std is 0 the gradient is 0.
    """

    @silent
    def forward(self, input: Any, dim: Dims, correction: float, keepdim: Any) -> Any:
        dims = reduced_dims(dim, input.ndim)
        variance = _variance("std", input, dims, correction, keepdim)
        output = np.asarray(np.sqrt(variance), input.dtype)
        self.save_for_backward(input, output, dims, correction)
        return output

    @silent
    def backward(self, grad: Any) -> Any:
        input, output, dims, correction = self.saved_tensors
        zero = buffer(output) == 0
        grad = grad * ~zero / ((output + zero) * 2)
        return _variance_gradient(grad, input, dims, correction)


def _variance(name: str, input: Any, dims: tuple[int, ...], correction: float, keepdim: Any) -> Any:
    """The variance of an array, in float32 for float16; warns as PyTorch if nothing is left of n.

    Raises:
        RuntimeError: the array is not floating point.
    """
    if input.dtype.kind != FLOATING:
        raise RuntimeError(
            f"{name}(): std and var only support floating point dtypes, got {input.dtype}; "
            "convert with .float() first"
        )
    number = count(input.shape, dims)
    if number <= correction:
        warnings.warn(
            f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the "
            f"reduction factor (input numel divided by output numel): {correction} against "
            f"{number}.",
            UserWarning,
            stacklevel=7,
        )
    input = widened(input)
    centred = input - np.add.reduce(input, axis=dims, keepdims=True) / number
    squares = np.add.reduce(centred * centred, axis=dims, keepdims=keepdim)
    return np.divide(squares, builtins.max(number - correction, 0), dtype=input.dtype)


def _variance_gradient(grad: Any, input: Any, dims: tuple[int, ...], correction: float) -> Any:
    degrees = count(input.shape, dims) - correction
    scale = 2.0 / degrees if degrees else np.inf
    return restore(grad * scale, input.shape, dims) * (input - mean(input, dims, True))


# -- extremes -----------------------------------------------------------------------------


class _Shared(_Named):
    """A reduction to a value that some elements have: they share its gradient evenly."""

    nan_shares: ClassVar[bool] = False  # whether NaN elements share the gradient of a NaN

    @silent
    def backward(self, grad: Any) -> Any:
        input, output, dims = self.saved_tensors
        elements = buffer(input)
        value = restore(buffer(output), elements.shape, dims)
        equal = elements == value
        if self.nan_shares:
            equal |= np.isnan(elements) & np.isnan(value)
        weights = equal / np.add.reduce(equal, axis=dims, keepdims=True)
        return restore(grad, elements.shape, dims) * weights.astype(elements.dtype)


class _Extreme(_Shared):
    """The result of `choose` over all elements of `dim`."""

    choose: ClassVar[np.ufunc]

    def forward(self, input: Any, dim: Dims = None, keepdim: Any = False) -> Any:
        dims = reduced_dims(dim, input.ndim)
        name = type(self).__name__.removesuffix("OfAll").lower()
        _require_elements(name, input, dims, whole=dim is None or dim in ((), []))
        output = np.asarray(self.choose.reduce(input, axis=dims, keepdims=keepdim))
        self.save_for_backward(input, output, dims)
        return output


class Amax(_Extreme):
    """The largest value over `dim`."""

    choose = np.maximum


class Amin(_Extreme):
    """The smallest value over `dim`."""

    choose = np.minimum


class MaxOfAll(_Extreme):
    """The largest element."""

    choose = np.maximum
    nan_shares = True
    known_as = "MaxBackward1"


class MinOfAll(_Extreme):
    """The smallest element."""

    choose = np.minimum
    nan_shares = True
    known_as = "MinBackward1"


class MedianOfAll(_Shared):
    """The element in the middle, the lower of two; NaN if any element is."""

    nan_shares = True
    known_as = "MedianBackward0"

    def forward(self, input: Any) -> Any:
        _refuse_bool("median", input)
        elements = input.reshape(-1)
        if elements.size:
            output = np.asarray(elements[Median().indices(elements, 0)[0]])
        else:
            output = np.asarray(np.nan if input.dtype.kind == FLOATING else 0, input.dtype)
        self.save_for_backward(input, output, tuple(range(input.ndim)))
        return output


class Argmax(Operator):
    """Where along `dim`, or in the flattened input, the first largest element is."""

    find: ClassVar[Any] = staticmethod(np.argmax)

    def forward(self, input: Any, dim: int | None, keepdim: Any) -> Any:
        name = type(self).__name__.lower()
        if input.dtype.kind == "b":
            raise RuntimeError(f"{name}(): does not support bool input; convert with .int() first")
        if dim is None:
            if not input.size:
                raise IndexError(
                    f"{name}(): Expected reduction dim to be specified for input.numel() == 0, "
                    f"got shape {list(input.shape)}."
                )
            position = np.asarray(self.find(input))
            return position.reshape((1,) * input.ndim) if keepdim else position
        dim = normalize_dim(dim, input.ndim)
        _require_elements(name, input, (dim,), whole=False)
        return self.find(input, axis=dim, keepdims=keepdim)


class Argmin(Argmax):
    """Where along `dim`, or in the flattened input, the first smallest element is."""

    find = staticmethod(np.argmin)


# -- elements picked along a dimension ----------------------------------------------------


class _Pick(_Named):
    """Elements picked along a dimension, and where they were; the gradient goes there.

    Subclasses say in `indices` which elements, for inputs with at least one dimension.
    """

    materialize_grads = False
    repeated: ClassVar[bool] = False  # whether an element may be picked more than once

    def indices(self, input: Array, dim: int, *_: Any, **options: Any) -> Any:
        """Where along `dim` the picked elements are; the other dimensions stay."""
        raise NotImplementedError

    def forward(self, input: Any, dim: int, keepdim: Any = True, **options: Any) -> Any:
        dim = normalize_dim(dim, input.ndim)
        line = input if input.ndim else input.reshape(1)
        indices = self.indices(line, dim, **options)
        values = np.take_along_axis(line, indices, dim)
        self.save_for_backward(indices, dim, line.shape, input.shape)
        if not input.ndim:
            return values.reshape(()), indices.reshape(())
        if keepdim:
            return values, indices
        return values.squeeze(dim), indices.squeeze(dim)

    def backward(self, grad: Any, _: Any = None) -> Any:
        indices, dim, line_sizes, sizes = self.saved_tensors
        indices = buffer(indices)
        zeros = np.zeros(line_sizes, buffer(grad).dtype)
        scatter = ScatterAdd if self.repeated else Scatter
        return scatter.apply(zeros, indices, grad.reshape(indices.shape), dim=dim).reshape(sizes)


class Max(_Pick):
    """The largest element along a dimension; the first of equals."""

    def indices(self, input: Array, dim: int) -> Any:
        _require_elements("max", input, (dim,), whole=False)
        return np.argmax(input, axis=dim, keepdims=True)


class Min(_Pick):
    """The smallest element along a dimension; the first of equals."""

    def indices(self, input: Array, dim: int) -> Any:
        _require_elements("min", input, (dim,), whole=False)
        return np.argmin(input, axis=dim, keepdims=True)


class Kthvalue(_Pick):
    """The k-th smallest element along a dimension; NaN counts as the largest."""

    def indices(self, input: Array, dim: int, k: int) -> Array:
        _refuse_bool("kthvalue", input)
        _require_elements("kthvalue", input, (dim,), whole=False)
        size = input.shape[dim]
        if not 1 <= k <= size:
            raise RuntimeError(
                f"kthvalue(): selected number k out of range for dimension {dim}: expected 1 to "
                f"{size}, got {k}"
            )
        return np.argpartition(input, k - 1, axis=dim).take([k - 1], axis=dim)


class Median(_Pick):
    """The element in the middle along a dimension, the lower of two; the first NaN if any is."""

    known_as = "MedianBackward1"

    def indices(self, input: Array, dim: int) -> Any:
        _refuse_bool("median", input)
        _require_elements("median", input, (dim,), whole=False)
        middle = (input.shape[dim] - 1) // 2
        indices = np.argpartition(input, middle, axis=dim).take([middle], axis=dim)
        if input.dtype.kind == FLOATING:
            nan = np.isnan(input)
            first = np.argmax(nan, axis=dim, keepdims=True)
            indices = np.where(np.take_along_axis(nan, first, dim), first, indices)
        return indices


class Sort(_Pick):
    """All elements along a dimension in order; equals keep theirs; NaN counts as the largest."""

    def indices(self, input: Array, dim: int, descending: bool) -> Any:
        return _order(input, dim, descending)


class Topk(_Pick):
    """The k largest or smallest elements along a dimension; NaN counts as the largest."""

    def indices(self, input: Array, dim: int, k: int, largest: bool, in_order: bool) -> Any:
        if input.dtype.kind == "b":
            raise RuntimeError("topk does not support bool dtypes; convert with .int() first")
        size = input.shape[dim]
        if not 0 <= k <= size:
            raise RuntimeError(f"selected index k out of range: expected 0 to {size}, got {k}")
        if k in (0, size):
            return _order(input, dim, largest).take(np.arange(k), axis=dim)
        if largest:
            best = np.argpartition(input, size - k, axis=dim).take(np.arange(size - k, size), dim)
        else:
            best = np.argpartition(input, k - 1, axis=dim).take(np.arange(k), dim)
        if not in_order:
            return best
        order = _order(np.take_along_axis(input, best, dim), dim, largest)
        return np.take_along_axis(best, order, dim)


class Cummax(_Pick):
    """The largest element so far along a dimension; the last of equals."""

    repeated = True
    choose: ClassVar[np.ufunc] = np.maximum

    def indices(self, input: Array, dim: int) -> Any:
        best = self.choose.accumulate(input, axis=dim)
        new = input == best
        if input.dtype.kind == FLOATING:
            new |= np.isnan(input)
        sizes = [1] * input.ndim
        sizes[dim] = -1
        positions = np.arange(input.shape[dim]).reshape(sizes)
        return np.maximum.accumulate(np.where(new, positions, 0), axis=dim)


class Cummin(Cummax):
    """The smallest element so far along a dimension; the last of equals."""

    choose = np.minimum


class Argsort(Operator):
    """The indices that put the elements along `dim` in order."""

    def forward(self, input: Any, dim: int, descending: bool) -> Any:
        dim = normalize_dim(dim, input.ndim)
        return _order(input, dim, descending) if input.ndim else np.zeros((), INT64)


def _order(input: Array, dim: int, descending: bool) -> Any:
    """Argsort that keeps the order of equals.

    Descending, the input is read backwards: the ascending order of that, read backwards again,
    has equals in their order, whatever the data type.
    """
    if not descending:
        return np.argsort(input, axis=dim, kind="stable")
    backwards = np.argsort(np.flip(input, dim), axis=dim, kind="stable")
    return input.shape[dim] - 1 - np.flip(backwards, dim)


def _refuse_bool(name: str, input: Array) -> None:
    if input.dtype.kind == "b":
        raise NotImplementedError(
            f"{name}() is not implemented for bool tensors; convert with .int() first"
        )


# -- truth and counting -------------------------------------------------------------------


class _Truth(Operator):
    """Whether elements over `dim` are nonzero; uint8 stays uint8, as in PyTorch."""

    decide: ClassVar[np.ufunc]

    def forward(self, input: Any, dim: Dims, keepdim: Any) -> Any:
        dims = normalize_dims(dim, input.ndim) if input.ndim else reduced_dims(dim, 0)
        output = self.decide.reduce(input, axis=dims, keepdims=keepdim, dtype=bool)
        return output.astype(np.uint8) if input.dtype == np.uint8 else output


class AllNonzero(_Truth):
    """Whether all elements are nonzero."""

    decide = np.logical_and


class AnyNonzero(_Truth):
    """Whether any element is nonzero."""

    decide = np.logical_or


class CountNonzero(Operator):
    """The number of nonzero elements over `dim`."""

    def forward(self, input: Any, dim: Dims) -> Any:
        return np.add.reduce(input != 0, axis=reduced_dims(dim, input.ndim), dtype=INT64)


class Bincount(Operator):
    """How often each of 0, 1, 2, ... occurs, or the sum of the weights where it does."""

    def forward(self, input: Any, weights: Any, minlength: int) -> Any:
        if input.dtype.kind not in "iu":
            raise NotImplementedError(
                f"bincount() is not implemented for {input.dtype}; convert with .long() first"
            )
        if input.ndim != 1 or (input.size and input.min() < 0):
            raise RuntimeError(
                "bincount only supports 1-d non-negative integral inputs, got shape "
                f"{list(input.shape)}" + (f", smallest {input.min()}" if input.size else "")
            )
        if minlength < 0:
            raise RuntimeError(f"minlength should be >= 0, got {minlength}")
        input = input.astype(INT64, copy=False)
        if weights is None:
            return np.bincount(input, minlength=minlength)
        if weights.shape != input.shape:
            raise RuntimeError(
                "weights should be 1-d and have the same length as input, got shapes "
                f"{list(weights.shape)} and {list(input.shape)}"
            )
        counts = np.bincount(input, weights, minlength)
        return counts.astype(weights.dtype) if weights.dtype == FLOAT32 else counts

    def backward(self, grad: Any) -> Any:
        raise RuntimeError("derivative for bincount is not implemented")


class Unique(Operator):
    """The distinct elements, or slices along `dim`, in order."""

    def forward(self, input: Any, dim: int | None) -> Any:
        if dim is not None:
            dim = self._check(input, dim)
        elements, inverse, counts = np.unique(
            input, return_inverse=True, return_counts=True, axis=dim, equal_nan=False
        )
        inverse = inverse.reshape(input.shape if dim is None else input.shape[dim])
        return elements, inverse, counts

    def _check(self, input: Any, dim: int) -> int:
        if not input.ndim:
            raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
        dim = normalize_dim(dim, input.ndim)
        if not input.size and input.shape[dim]:
            raise RuntimeError(
                "There are 0 sized dimensions, and they aren't selected, so unique cannot be "
                f"applied along dim {dim} of shape {list(input.shape)}"
            )
        return dim

    def backward(self, *grads: Any) -> Any:
        raise NotImplementedError("the derivative for 'unique' is not implemented.")


# -- accumulated along a dimension --------------------------------------------------------


class Cumsum(Operator):
    """Sums of the first 1, 2, ... elements along `dim`; of the last ones if `backwards`.

    An element is in its own and every later sum, so the gradient is the cumulative sum from
    the other end.
    """

    @silent
    def forward(self, input: Any, dim: int, dtype: Any = None, backwards: bool = False) -> Any:
        dim = normalize_dim(dim, input.ndim)
        self.save_for_backward(dim, backwards)
        return _accumulate(np.add, summable(input, dtype), dim, backwards)

    def backward(self, grad: Any) -> Any:
        dim, backwards = self.saved_tensors
        return Cumsum.apply(grad, dim=dim, backwards=not backwards)


class Cumprod(Operator):
    """Products of the first 1, 2, ... elements along `dim`.

    The derivative of a product by one of its factors is the product divided by it. Only the
    first zero and what is before it can have a gradient.
    """

    @silent
    def forward(self, input: Any, dim: int, dtype: Any) -> Any:
        dim = normalize_dim(dim, input.ndim)
        output = _accumulate(np.multiply, summable(input, dtype), dim)
        self.save_for_backward(input, output, dim)
        return output

    @silent
    def backward(self, grad: Any) -> Any:
        input, output, dim = self.saved_tensors
        zero = buffer(input) == 0
        if not zero.any():
            return Cumsum.apply(grad * output, dim=dim, backwards=True) / input
        if isinstance(input, Variable):
            return _cumprod_gradient(grad, input, dim)
        zeros = _accumulate(np.add, zero.astype(INT64), dim)
        first = zero & (zeros == 1)
        without = np.where(first, input.dtype.type(1), input)
        later = Cumsum.apply(grad * _accumulate(np.multiply, without, dim), dim=dim, backwards=True)
        before = Cumsum.apply(grad * output, dim=dim, backwards=True)
        return np.where(first, later, np.where(zeros == 0, before / np.where(zero, 1, input), 0))


def _cumprod_gradient(grad: Any, input: Any, dim: int) -> Any:
    """The gradient of cumprod without a division, so with all derivatives; in n² steps.

    Row k of a square of copies has 1 in place of the k-th element, and only products from the
    k-th on contain it.
    """
    if not input.ndim:
        return grad
    grad, line = shape.transpose(grad, dim, -1), shape.transpose(input, dim, -1)
    own = np.eye(line.shape[-1], dtype=input.array.dtype)
    products = cumprod(shape.unsqueeze(line, -2) * (1 - own) + own, -1)
    result = sum(products * shape.unsqueeze(grad, -2) * np.triu(np.ones_like(own)), -1)
    return shape.transpose(result, dim, -1)


class Logcumsumexp(Operator):
    """log of the cumulative sum of exp(input) along `dim`."""

    differentiable_backward = False  # the logarithm of a gradient has no derivative at 0

    @silent
    def forward(self, input: Any, dim: int) -> Any:
        if input.dtype.kind != FLOATING:
            raise NotImplementedError(
                f"logcumsumexp() is not implemented for {input.dtype}; convert with .float() first"
            )
        dim = normalize_dim(dim, input.ndim)
        output = _accumulate(np.logaddexp, input, dim)
        self.save_for_backward(input, output, dim)
        return output

    @silent
    def backward(self, grad: Any) -> Any:
        """Σ_j≥i grad_j exp(input_i − output_j), in logarithms so that nothing overflows."""
        input, output, dim = self.saved_tensors

        def part(grad: Any) -> Any:
            terms = _accumulate(np.logaddexp, np.log(grad) - output, dim, backwards=True)
            return np.exp(terms + input)

        return part(np.maximum(grad, 0)) - part(np.maximum(-grad, 0))


def _accumulate(function: np.ufunc, input: Array, dim: int, backwards: bool = False) -> Array:
    """`function` of the first 1, 2, ... elements along `dim`, from its end if `backwards`."""
    if not input.ndim:
        return input.copy()
    line = widened(np.flip(input, dim) if backwards else input)
    output = function.accumulate(line, axis=dim, dtype=line.dtype)
    if backwards:
        output = np.ascontiguousarray(np.flip(output, dim))
    return output.astype(input.dtype, copy=False)


# -- exponentials and norms ---------------------------------------------------------------


class Logsumexp(Operator):
    """log Σ exp(input) over `dim`; its derivative is exp(input − output)."""

    @silent
    def forward(self, input: Any, dim: Dims, keepdim: Any) -> Any:
        elements = floating(input)
        dims = reduced_dims(dim, input.ndim)
        largest = np.maximum.reduce(elements, axis=dims, keepdims=True, initial=-np.inf)
        largest = widened(np.where(np.isfinite(largest), largest, elements.dtype.type(0)))
        total = np.add.reduce(np.exp(elements - largest), axis=dims, keepdims=True)
        sizes = [size for dim, size in enumerate(total.shape) if keepdim or dim not in dims]
        result = np.log(total) + largest
        output = np.asarray(result, elements.dtype).reshape(sizes)
        self.save_for_backward(input, output, dims)
        return output

    @silent
    def backward(self, grad: Any) -> Any:
        input, output, dims = self.saved_tensors
        sizes = input.shape
        return restore(grad, sizes, dims) * elementwise.exp(input - restore(output, sizes, dims))


class LinalgVectorNorm(Operator):
    """(Σ |input|^p)^(1/p) over `dim`; the largest |input| for p = ∞, the smallest for −∞.

    The derivative is sign(input) (|input| / norm)^(p − 1), and 0 where the input is 0. For
    p = ±∞ the elements that are as large as the norm share its gradient evenly. p = 0 counts
    the elements that are not 0, and has no gradient.
    """

    @silent
    def forward(self, input: Any, p: float, dim: Dims, keepdim: Any, dtype: Any) -> Any:
        elements = cast(input, dtype)
        if input.dtype.kind != FLOATING or elements.dtype.kind != FLOATING:
            raise RuntimeError(
                "norm: Expected a floating point tensor as input. Got "
                f"{elements.dtype}; convert with .float() first"
            )
        dims = reduced_dims(dim, input.ndim)
        if p == np.inf or p < 0:
            self._require_identity(elements, p, dims)
        sizes = np.abs(widened(elements))
        output = np.asarray(_norm(sizes, p, dims, keepdim), elements.dtype)
        self.save_for_backward(input, output, p, dims)
        return output

    def _require_identity(self, elements: Array, p: float, dims: tuple[int, ...]) -> None:
        if count(elements.shape, dims) == 0:
            raise RuntimeError(
                f"norm cannot compute the {p} norm over the empty dimensions {dims} of shape "
                f"{list(elements.shape)}, because the operation does not have an identity"
            )

    @silent
    def backward(self, grad: Any) -> Any:
        input, output, p, dims = self.saved_tensors
        if p == 0:
            return None
        elements = buffer(input)
        sizes = elements.shape
        grad = restore(grad, sizes, dims)
        if p == 1 or abs(p) == np.inf:
            weights = np.sign(elements)
            if p != 1:
                equal = np.abs(elements) == restore(buffer(output), sizes, dims)
                weights *= equal / np.add.reduce(equal, axis=dims, keepdims=True)
            return grad * weights
        norm = restore(output, sizes, dims)
        norm = norm + (buffer(norm) == 0)  # the numerator is 0 where the norm is
        if p == 2:
            return grad * (input / norm)
        size = elementwise.abs(input) + (elements == 0)
        sign = np.sign(elements) * (restore(buffer(output), sizes, dims) != 0)
        return grad * sign * (size / norm) ** (p - 1)


def _norm(sizes: Array, p: float, dims: tuple[int, ...], keepdim: Any) -> Any:
    """The p-norm of absolute values."""
    if p == np.inf:
        return np.maximum.reduce(sizes, axis=dims, keepdims=keepdim)
    if p == -np.inf:
        return np.minimum.reduce(sizes, axis=dims, keepdims=keepdim)
    if p == 0:
        return np.add.reduce(sizes != 0, axis=dims, keepdims=keepdim)
    if p == 1:
        return np.add.reduce(sizes, axis=dims, keepdims=keepdim)
    if p == 2:
        return np.sqrt(np.add.reduce(sizes * sizes, axis=dims, keepdims=keepdim))
    return np.add.reduce(sizes**p, axis=dims, keepdims=keepdim) ** (1 / p)


# -- functions: sums ----------------------------------------------------------------------


@numpy_names
def sum(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Σ input over all elements, or over `dim`.

    Args:
        input: of any shape and dtype.
        dim: a dimension or several; None and () are all of them.
        keepdim: keep the reduced dimensions with size 1. Default: False.
        dtype: the result's dtype, in which it is computed. Default: the input's; int64 for
            integers and bool.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: a dimension is named twice.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1.0, 2.0], [3.0, 4.0]]).sum(dim=0)
        tensor([4., 6.])
    """
    return Sum.apply(input, dim=dim, keepdim=keepdim, dtype=dtype)  # type: ignore[no-any-return]


@numpy_names
def nansum(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Σ input over all elements, or over `dim`, with NaN as 0; arguments as `sum`.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([1.0, float("nan")]).nansum()
        tensor(1.)
    """
    return Nansum.apply(input, dim=dim, keepdim=keepdim, dtype=dtype)  # type: ignore[no-any-return]


@numpy_names
def mean(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Σ input / n over all n elements, or over those of `dim`; NaN if there is none.

    Args:
        input: of any shape, floating point unless `dtype` is given.
        dim: a dimension or several; None and () are all of them.
        keepdim: keep the reduced dimensions with size 1. Default: False.
        dtype: a floating-point dtype to convert to first. Default: the input's.

    Raises:
        RuntimeError: the input is not floating point, or a dimension is named twice.
        IndexError: there is no such dimension.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1.0, 2.0], [3.0, 4.0]]).mean(dim=1, keepdim=True)
        tensor([[1.5000],
                [3.5000]])
    """
    return Mean.apply(input, dim=dim, keepdim=keepdim, dtype=dtype)  # type: ignore[no-any-return]


@numpy_names
def prod(
    input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """Π input over all elements, or over one dimension; 1 if there is none.

    Args:
        input: of any shape and dtype.
        dim: a dimension; None is all of them.
        keepdim: keep the reduced dimension with size 1. Default: False.
        dtype: as in `sum`.

    Raises:
        IndexError: there is no such dimension.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([2.0, 3.0]).prod()
        tensor(6.)
    """
    return Prod.apply(input, dim=dim, keepdim=keepdim, dtype=dtype)  # type: ignore[no-any-return]


def _correction(dim: Any, unbiased: Any, correction: Any) -> tuple[Any, Any]:
    """`dim` and the correction from the ways to write them, such as `var(unbiased=False)`."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if unbiased is None:
        return dim, 1 if correction is None else correction
    if correction is not None:
        raise TypeError("give either unbiased or correction, not both")
    return dim, int(unbiased)


@numpy_names
def var(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """Σ (input − mean)² / (n − correction) over all n elements, or over those of `dim`.

    Args:
        input: floating point, of any shape.
        dim: a dimension or several; None and () are all of them. A bool is `unbiased`.
        unbiased: True for a correction of 1, False for 0.
        keepdim: keep the reduced dimensions with size 1. Default: False.
        correction: the degrees of freedom that the mean takes away. Default: 1.

    Raises:
        RuntimeError: the input is not floating point, or a dimension is named twice.
        IndexError: there is no such dimension.
        TypeError: both `unbiased` and `correction` are given.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([1.0, 2.0, 6.0]).var()
        tensor(7.)
    """
    dim, correction = _correction(dim, unbiased, correction)
    return Var.apply(input, dim=dim, correction=correction, keepdim=keepdim)  # type: ignore[no-any-return]


@numpy_names
def std(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """The square root of the variance; arguments as `var`. Where it is 0, so is its gradient.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([1.0, 5.0]).std(correction=0)
        tensor(2.)
    """
    dim, correction = _correction(dim, unbiased, correction)
    return Std.apply(input, dim=dim, correction=correction, keepdim=keepdim)  # type: ignore[no-any-return]


@numpy_names
def var_mean(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """The variance and the mean; arguments as `var`."""
    dim, correction = _correction(dim, unbiased, correction)
    variance = var(input, dim, keepdim=keepdim, correction=correction)
    return variance, mean(input, dim, keepdim)


@numpy_names
def std_mean(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """The standard deviation and the mean; arguments as `var`."""
    dim, correction = _correction(dim, unbiased, correction)
    deviation = std(input, dim, keepdim=keepdim, correction=correction)
    return deviation, mean(input, dim, keepdim)


# -- functions: extremes ------------------------------------------------------------------


@numpy_names
def max(input: Tensor, dim: Any = None, keepdim: bool | None = None, *, other: Any = None) -> Any:
    """The largest element; the largest along `dim`; or the larger of two tensors' elements.

    Args:
        input: of any shape and dtype.
        dim: a dimension, or the other tensor.
        keepdim: keep the reduced dimension with size 1. Default: False.
        other: the other tensor by keyword; see `maximum`.

    Returns:
        A Tensor; along `dim`, `values` and `indices`. Equal largest elements share the
        gradient of `max(input)`; the first of them gets that of `max(input, dim)`.

    Raises:
        RuntimeError: there is no element at all.
        IndexError: there is no such dimension, or it has no element.
        TypeError: `dim` is neither an integer nor a tensor.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1, 7], [5, 3]]).max(dim=1)
        minitorch.return_types.max(
        values=tensor([7, 5]),
        indices=tensor([1, 0]))
    """
    return _choose(input, dim, keepdim, other, MaxOfAll, Max, comparison.maximum, return_types.max)


@numpy_names
def min(input: Tensor, dim: Any = None, keepdim: bool | None = None, *, other: Any = None) -> Any:
    """The smallest element; the smallest along `dim`; or the smaller of two tensors' elements.

    Arguments, results and errors as `max`.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1, 7], [5, 3]]).min()
        tensor(1)
    """
    return _choose(input, dim, keepdim, other, MinOfAll, Min, comparison.minimum, return_types.min)


def _choose(
    input: Any,
    dim: Any,
    keepdim: bool | None,
    other: Any,
    of_all: type[Operator],
    along: type[Operator],
    binary: Any,
    result: Any,
) -> Any:
    """The three forms of `max` and `min`."""
    if isinstance(dim, (Variable, ndarray)):
        other, dim = dim, None
    if dim is not None and other is None:
        return result(*along.apply(input, dim=dim, keepdim=bool(keepdim)))
    if keepdim is not None or dim is not None:
        raise TypeError(
            f"{result.__name__}() takes a dimension with keepdim, or another tensor: got "
            f"dim={dim!r}, keepdim={keepdim!r}, other={other!r}"
        )
    return of_all.apply(input) if other is None else binary(input, other)


@numpy_names
def amax(input: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
    """The largest element, or those over `dim`; equal ones share the gradient evenly.

    Args:
        input: of any shape and dtype.
        dim: a dimension or several; () is all of them.
        keepdim: keep the reduced dimensions with size 1. Default: False.

    Raises:
        IndexError: there is no such dimension, or it has no element.
        RuntimeError: there is no element at all, or a dimension is named twice.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1.0, 7.0], [5.0, 3.0]]).amax(dim=(0, 1))
        tensor(7.)
    """
    return Amax.apply(input, dim=dim, keepdim=keepdim)  # type: ignore[no-any-return]


@numpy_names
def amin(input: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
    """The smallest element, or those over `dim`; equal ones share the gradient evenly.

    Arguments and errors as `amax`.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1.0, 7.0], [5.0, 3.0]]).amin(dim=0)
        tensor([1., 3.])
    """
    return Amin.apply(input, dim=dim, keepdim=keepdim)  # type: ignore[no-any-return]


@numpy_names
def aminmax(
    input: Tensor, *, dim: int | None = None, keepdim: bool = False
) -> return_types.aminmax:
    """The smallest and the largest element, or those along `dim`, as `min` and `max`.

    Raises:
        IndexError: there is no such dimension, or it has no element.
        RuntimeError: there is no element at all.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([1.0, 7.0, 3.0]).aminmax()
        minitorch.return_types.aminmax(
        min=tensor(1.),
        max=tensor(7.))
    """
    dims: Dims = () if dim is None else normalize_dim(dim, buffer(input).ndim)
    return return_types.aminmax(amin(input, dims, keepdim), amax(input, dims, keepdim))


@numpy_names
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index of the first largest element: in the flattened input, or along `dim`.

    Args:
        input: of any shape, not bool.
        dim: a dimension; None is the flattened input.
        keepdim: keep the reduced dimensions with size 1. Default: False.

    Raises:
        IndexError: there is no such dimension, or no element.
        RuntimeError: the input is bool.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1.0, 7.0], [5.0, 3.0]]).argmax(dim=1)
        tensor([1, 0])
    """
    return Argmax.apply(input, dim=dim, keepdim=keepdim)  # type: ignore[no-any-return]


@numpy_names
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index of the first smallest element; arguments and errors as `argmax`.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1.0, 7.0], [5.0, 3.0]]).argmin()
        tensor(0)
    """
    return Argmin.apply(input, dim=dim, keepdim=keepdim)  # type: ignore[no-any-return]


# -- functions: order ---------------------------------------------------------------------


@numpy_names
def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The element in the middle, the lower of two: of all, or along `dim`. NaN if any is.

    Args:
        input: of any shape, not bool.
        dim: a dimension; None is all of them.
        keepdim: keep the reduced dimension with size 1. Default: False.

    Returns:
        A Tensor; along `dim`, `values` and `indices`. Elements equal to the median share the
        gradient of `median(input)`; the one at the index gets that of `median(input, dim)`.

    Raises:
        IndexError: there is no such dimension, or it has no element.
        NotImplementedError: the input is bool.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([4.0, 1.0, 3.0, 2.0]).median()
        tensor(2.)
    """
    if dim is None:
        return MedianOfAll.apply(input)
    return return_types.median(*Median.apply(input, dim=dim, keepdim=keepdim))


@numpy_names
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> return_types.kthvalue:
    """The k-th smallest element along `dim`, counted from 1, and its index.

    Raises:
        IndexError: there is no such dimension, or it has no element.
        RuntimeError: `k` is not one of 1 to the dimension's size.
        NotImplementedError: the input is bool.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([4.0, 1.0, 3.0]).kthvalue(2)
        minitorch.return_types.kthvalue(
        values=tensor(3.),
        indices=tensor(2))
    """
    return return_types.kthvalue(*Kthvalue.apply(input, dim=dim, keepdim=keepdim, k=k))


@numpy_names
def topk(
    input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> return_types.topk:
    """The `k` largest elements along `dim`, and their indices.

    Args:
        input: of any shape, not bool.
        k: how many.
        dim: a dimension. Default: the last.
        largest: False for the smallest elements. Default: True.
        sorted: give them in order, the most extreme first. Default: True.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: there are not so many elements, or the input is bool.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([4.0, 1.0, 3.0]).topk(2)
        minitorch.return_types.topk(
        values=tensor([4., 3.]),
        indices=tensor([0, 2]))
    """
    picked = Topk.apply(input, dim=dim, k=k, largest=largest, in_order=sorted)
    return return_types.topk(*picked)


@numpy_names
def sort(
    input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool | None = None
) -> return_types.sort:
    """The elements along `dim` in order, and their indices; NaN counts as the largest.

    Args:
        input: of any shape and dtype.
        dim: a dimension. Default: the last.
        descending: the largest first. Default: False.
        stable: accepted as PyTorch's; equal elements always keep their order here.

    Raises:
        IndexError: there is no such dimension.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([4, 1, 3]).sort()
        minitorch.return_types.sort(
        values=tensor([1, 3, 4]),
        indices=tensor([1, 2, 0]))
    """
    return return_types.sort(*Sort.apply(input, dim=dim, descending=descending))


@numpy_names
def argsort(
    input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False
) -> Tensor:
    """The indices that put the elements along `dim` in order; arguments and errors as `sort`.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([4, 1, 3]).argsort()
        tensor([1, 2, 0])
    """
    return Argsort.apply(input, dim=dim, descending=descending)  # type: ignore[no-any-return]


@numpy_names
def cummax(input: Tensor, dim: int) -> return_types.cummax:
    """The largest element so far along `dim`, and its index, the last of equals.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([1, 3, 2]).cummax(dim=0)
        minitorch.return_types.cummax(
        values=tensor([1, 3, 3]),
        indices=tensor([0, 1, 1]))
    """
    return return_types.cummax(*Cummax.apply(input, dim=dim))


@numpy_names
def cummin(input: Tensor, dim: int) -> return_types.cummin:
    """The smallest element so far along `dim`, and its index, the last of equals.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([3, 1, 2]).cummin(dim=0)
        minitorch.return_types.cummin(
        values=tensor([3, 1, 1]),
        indices=tensor([0, 1, 1]))
    """
    return return_types.cummin(*Cummin.apply(input, dim=dim))


@numpy_names
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The distinct elements in order, or the distinct slices along `dim`. It has no gradient.

    Args:
        input: of any shape and dtype; every NaN is distinct.
        sorted: accepted as PyTorch's; the result is always in order.
        return_inverse: also give, for each element or slice, its place in the result.
        return_counts: also give how often each occurs.
        dim: a dimension; None is the flattened input.

    Returns:
        A Tensor, or a tuple with what was asked for beside it.

    Raises:
        IndexError: there is no such dimension.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([3, 1, 3]).unique(return_counts=True)
        (tensor([1, 3]), tensor([1, 2]))
    """
    elements, inverse, counts = Unique.apply(input, dim=dim)
    wanted = (elements, *[inverse] * return_inverse, *[counts] * return_counts)
    return wanted if len(wanted) > 1 else elements


# -- functions: truth and counting --------------------------------------------------------


@numpy_names
def all(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Whether all elements, or all over `dim`, are nonzero; NaN is.

    Args:
        input: of any shape and dtype.
        dim: a dimension or several; None is all of them, () is none.
        keepdim: keep the reduced dimensions with size 1. Default: False.

    Returns:
        bool; uint8 for uint8.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: a dimension is named twice.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1, 0], [1, 1]]).all(dim=0)
        tensor([ True, False])
    """
    return AllNonzero.apply(input, dim=dim, keepdim=keepdim)  # type: ignore[no-any-return]


@numpy_names
def any(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Whether any element, or any over `dim`, is nonzero; arguments as `all`.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1, 0], [0, 0]]).any(dim=1)
        tensor([ True, False])
    """
    return AnyNonzero.apply(input, dim=dim, keepdim=keepdim)  # type: ignore[no-any-return]


@numpy_names
def count_nonzero(input: Tensor, dim: Dims = None) -> Tensor:
    """The number of nonzero elements, in all or over `dim`, as int64.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1, 0], [2, 3]]).count_nonzero(dim=0)
        tensor([2, 1])
    """
    return CountNonzero.apply(input, dim=dim)  # type: ignore[no-any-return]


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each of 0, 1, 2, ... occurs in `input`. It has no gradient.

    Args:
        input: (N), non-negative integers.
        weights: (N); given, the sum of the weights where the number occurs, in float32 for
            float32 and float64 otherwise.
        minlength: the least length of the result. Default: 0.

    Raises:
        RuntimeError: a shape is another, an element or `minlength` is negative.
        NotImplementedError: `input` is not of integers.

    Example:
        >>> import minitorch
        >>> minitorch.bincount(minitorch.tensor([1, 3, 1]))
        tensor([0, 2, 0, 1])
    """
    return Bincount.apply(input, weights, minlength=minlength)  # type: ignore[no-any-return]


# -- functions: accumulated along a dimension ---------------------------------------------


@numpy_names
def cumsum(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """Sums of the first 1, 2, ... elements along `dim`.

    Args:
        input: of any shape and dtype.
        dim: a dimension.
        dtype: as in `sum`.

    Raises:
        IndexError: there is no such dimension.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([1, 2, 3]).cumsum(dim=0)
        tensor([1, 3, 6])
    """
    return Cumsum.apply(input, dim=dim, dtype=dtype)  # type: ignore[no-any-return]


@numpy_names
def cumprod(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """Products of the first 1, 2, ... elements along `dim`; arguments as `cumsum`.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([1, 2, 3]).cumprod(dim=0)
        tensor([1, 2, 6])
    """
    return Cumprod.apply(input, dim=dim, dtype=dtype)  # type: ignore[no-any-return]


@numpy_names
def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """log of the cumulative sum of exp(input) along `dim`, without overflow.

    Raises:
        IndexError: there is no such dimension.
        NotImplementedError: the input is not floating point.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([0.0, 0.0]).logcumsumexp(dim=0)
        tensor([0.0000, 0.6931])
    """
    return Logcumsumexp.apply(input, dim=dim)  # type: ignore[no-any-return]


# -- functions: exponentials and norms ----------------------------------------------------


@numpy_names
def logsumexp(input: Tensor, dim: Dims, keepdim: bool = False) -> Tensor:
    """log Σ exp(input) over `dim`, without overflow.

    Args:
        input: of any shape; integers are converted to the default dtype.
        dim: a dimension or several.
        keepdim: keep the reduced dimensions with size 1. Default: False.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: a dimension is named twice.
        TypeError: `dim` is None.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([1000.0, 1000.0]).logsumexp(dim=0)
        tensor(1000.6932)
    """
    if dim is None:
        raise TypeError("logsumexp(): argument 'dim' must be int or a tuple of ints, not None")
    return Logsumexp.apply(input, dim=dim, keepdim=keepdim)  # type: ignore[no-any-return]


def norm(
    input: Tensor,
    p: float | str | None = "fro",
    dim: Dims = None,
    keepdim: bool = False,
    dtype: Any = None,
) -> Tensor:
    """(Σ |input|^p)^(1/p) over all elements, or over `dim`.

    Args:
        input: floating point, of any shape.
        p: a number; 'fro' and None are 2; ∞ gives the largest |input|, −∞ the smallest, 0 the
            number of nonzero elements. Default: 'fro'.
        dim: a dimension or several; None and () are all of them.
        keepdim: keep the reduced dimensions with size 1. Default: False.
        dtype: a floating-point dtype to convert to first. Default: the input's.

    Returns:
        A Tensor. Where the norm is 0, so is its gradient.

    Raises:
        RuntimeError: the input is not floating point, there is no such norm, or it is not
            defined for no elements.
        IndexError: there is no such dimension.
        NotImplementedError: `p` is 'nuc', the sum of the singular values.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([3.0, 4.0]).norm()
        tensor(5.)
    """
    if p is None or p == "fro":
        p = 2.0
    elif p == "nuc":
        raise NotImplementedError("norm(p='nuc') is not offered; give a number or 'fro'")
    elif isinstance(p, str):
        raise RuntimeError(f"norm: Order {p} not supported. Give a number or 'fro'")
    return LinalgVectorNorm.apply(  # type: ignore[no-any-return]
        input, p=float(p), dim=dim, keepdim=keepdim, dtype=dtype
    )
