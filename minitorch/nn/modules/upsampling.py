"""Interpolation: images, signals and volumes of another size.

Every mode is linear and separable: along each dimension, an output is a weighted sum of a few
inputs. `Weights` says which, `resample` computes it, and the gradient is the same with each
dimension's transposed weights.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...autograd.operator import Operator
from ...autograd.variable import Array
from ...ops.shape import as_integer
from ...quiet import Silence, quiet
from ..module import Module
from .checks import called, check_array

# -- weights along a dimension ------------------------------------------------------------


class Weights:
    """A linear map along one dimension: y_j = Σ_k w_kj x_(i_kj).

    Args:
        size: how many inputs there are.
        indices: i, of shape (terms, outputs).
        weights: w, of the same shape.

    Attributes:
        size: how many inputs there are.
        output_size: how many outputs there are.
        terms: for each k the indices, as a slice where they are evenly spaced, and the weights,
            None where all are 1.
    """

    def __init__(self, size: int, indices: Array, weights: Array) -> None:
        self.size = size
        self.output_size = indices.shape[1]
        self.indices, self.weights = indices, weights
        used = [k for k, row in enumerate(weights) if row.any()] or [0]
        self.terms = [(_as_slice(indices[k]), _unless_ones(weights[k])) for k in used]

    @functools.cached_property
    def transposed(self) -> Weights:
        """The map of gradients: x_i = Σ_j w_ij y_j, again as a few terms for each i."""
        size, count = self.size, self.output_size
        used = self.weights != 0
        outputs = np.broadcast_to(np.arange(count), used.shape)[used]
        pairs, place = np.unique(self.indices[used] * count + outputs, return_inverse=True)
        weights = np.bincount(place, self.weights[used], len(pairs))
        inputs, outputs = pairs // max(count, 1), pairs % max(count, 1)
        first = np.searchsorted(inputs, np.arange(size))
        order = np.arange(len(pairs)) - first[inputs]  # which of its input's terms each pair is
        terms = int(order.max(initial=0)) + 1
        # Terms that an input lacks have weight 0, and an index that it has anyway.
        filler = outputs[np.minimum(first, len(pairs) - 1)] if len(pairs) else np.zeros(size, int)
        all_indices = np.tile(filler, (terms, 1))
        all_weights = np.zeros((terms, size), self.weights.dtype)
        all_indices[order, inputs] = outputs
        all_weights[order, inputs] = weights
        result = Weights(count, all_indices, all_weights)
        vars(result)["transposed"] = self
        return result


def _as_slice(indices: Array) -> Any:
    """Evenly spaced indices as a slice, which is a view; others as they are."""
    if len(indices) == 0:
        return slice(0, 0)
    step = int(indices[1] - indices[0]) if len(indices) > 1 else 1
    if step > 0 and (np.diff(indices) == step).all():
        return slice(int(indices[0]), int(indices[-1]) + 1, step)
    return indices


def _unless_ones(weights: Array) -> Array | None:
    return None if (weights == 1).all() else weights


def resample(array: Array, weights: Sequence[Weights]) -> Array:
    """A new array: each of the last dimensions mapped by its weights.

    Half precision and integers are computed in single precision. Integers are rounded after each
    dimension, the last one first, as in PyTorch.
    """
    dtype = array.dtype
    first = array.ndim - len(weights)
    if not array.size:
        return np.zeros((*array.shape[:first], *(each.output_size for each in weights)), dtype)
    output = array if array.itemsize >= 4 else array.astype(np.float32)
    axes = range(first, array.ndim)
    # Along the last dimension elements are picked one by one: do that where they are fewer.
    inputs = math.prod(each.size for each in weights)
    growing = math.prod(each.output_size for each in weights) > inputs
    for axis in reversed(axes) if growing or dtype.kind != "f" else axes:
        with Silence():
            output = _resample_axis(output, axis, weights[axis - first])
        if dtype.kind != "f":
            limits = np.iinfo(dtype)
            output = np.clip(np.floor(output + np.float32(0.5)), limits.min, limits.max)
    if output.dtype != dtype:
        return quiet.run(output.astype, dtype)  # type: ignore[no-any-return]
    return output.copy() if np.may_share_memory(output, array) else output


def _resample_axis(array: Array, axis: int, weights: Weights) -> Array:
    """The sum of the terms; may be a view where there is one without weights."""
    output: Array | None = None
    column = (-1, *(1,) * (array.ndim - axis - 1))
    before = (slice(None),) * axis
    for indices, weight in weights.terms:
        picked = type(indices) is not slice
        term = array.take(indices, axis, mode="clip") if picked else array[(*before, indices)]
        if weight is not None:
            factor = weight.reshape(column)
            term = np.multiply(term, factor, out=term) if picked else term * factor
            picked = True
        if output is None:
            output, fresh = term, picked
        elif fresh:
            output += term
        else:
            output, fresh = output + term, True
    assert output is not None
    return output


# -- modes --------------------------------------------------------------------------------

_NEAREST = {"nearest": 0.0, "nearest-exact": 0.5}  # where in an output's cell its input is sought
_ANY = (3, 4, 5)
_DIMENSIONS = {  # of inputs, batch and channels included
    "nearest": _ANY, "nearest-exact": _ANY, "area": _ANY,
    "linear": (3,), "bilinear": (4,), "trilinear": (5,), "bicubic": (4,), "lanczos": (4,),
}  # fmt: skip
_ALIGNABLE = ("linear", "bilinear", "bicubic", "trilinear")
_SMOOTHABLE = ("bilinear", "bicubic", "lanczos")


@functools.lru_cache(maxsize=256)
def weights_of(
    mode: str,
    size: int,
    output_size: int,
    factor: float | None = None,
    align_corners: bool = False,
    antialias: bool = False,
    double: bool = False,
) -> Weights:
    """The weights with which a mode maps `size` inputs to `output_size` outputs.

    Args:
        mode: as `Upsample`'s.
        size: how many inputs there are.
        output_size: how many outputs there are.
        factor: the scale factor, where one was given; else it follows from the sizes.
        align_corners: the outermost inputs and outputs are at the same places.
        antialias: each output takes all inputs in its cell into account when shrinking.
        double: in double precision.

    Example:
        >>> [(each[0], each[1].tolist()) for each in weights_of("area", 4, 2).terms]
        [(slice(0, 3, 2), [0.5, 0.5]), (slice(1, 4, 2), [0.5, 0.5])]
    """
    number: Any = np.float64 if double else np.float32
    if mode == "area":
        indices, weights = _area(size, output_size)
    elif mode in _NEAREST:
        indices, weights = _nearest(size, output_size, factor, _NEAREST[mode])
    else:
        step = _step(size, output_size, factor, align_corners, number)
        if antialias:
            indices, weights = _antialiased(size, output_size, step, _FILTERS[mode])
        else:
            places = np.arange(output_size, dtype=number)
            places = step * places if align_corners else step * (places + number(0.5)) - number(0.5)
            indices, weights = (_cubic if mode == "bicubic" else _linear)(size, places)
    return Weights(size, np.clip(indices, 0, size - 1), weights.astype(number))


def _step(
    size: int, output_size: int, factor: float | None, align_corners: bool, number: Any
) -> Any:
    """The distance of two outputs in inputs, computed in the precision of the type `number`."""
    if align_corners:
        return number(size - 1) / number(output_size - 1) if output_size > 1 else number(0)
    return number(1 / factor) if factor else number(size) / number(output_size)


def _nearest(
    size: int, output_size: int, factor: float | None, offset: float
) -> tuple[Array, Array]:
    """i_j = ⌊(j + offset) step⌋, in single precision for every dtype."""
    step = _step(size, output_size, factor, False, np.float32)
    places = (np.arange(output_size, dtype=np.float32) + np.float32(offset)) * step
    return np.floor(places).astype(np.int64)[None], np.ones((1, output_size))


def _linear(size: int, places: Array) -> tuple[Array, Array]:
    """The inputs on both sides of each place, weighted by how near they are."""
    places = np.maximum(places, 0)
    left = np.minimum(np.floor(places), size - 1).astype(np.int64)
    right_weight = np.clip(places - left.astype(places.dtype), 0, 1)
    return np.stack([left, left + 1]), np.stack([1 - right_weight, right_weight])


def _cubic(size: int, places: Array) -> tuple[Array, Array]:
    """The two inputs on both sides of each place, weighted by cubic convolution."""
    left = np.floor(places)
    distance = places - left
    weights = [
        _cubic_filter(distance + 1, -0.75),
        _cubic_filter(distance, -0.75),
        _cubic_filter(1 - distance, -0.75),
        _cubic_filter(2 - distance, -0.75),
    ]
    return left.astype(np.int64) + np.arange(-1, 3)[:, None], np.stack(weights)


def _area(size: int, output_size: int) -> tuple[Array, Array]:
    """The mean of all inputs that an output's cell touches."""
    outputs = np.arange(output_size)
    start = outputs * size // max(output_size, 1)
    count = -(-(outputs + 1) * size // max(output_size, 1)) - start
    place = np.arange(count.max(initial=1))[:, None]
    return start + place, (place < count) / count


def _antialiased(
    size: int, output_size: int, step: Any, kernel: tuple[int, Callable[[Array], Array]]
) -> tuple[Array, Array]:
    """A filter around each output's centre, as wide as its cell where that has several inputs."""
    radius, function = kernel
    width = max(step, type(step)(1))
    centre = step * (np.arange(output_size, dtype=type(step)) + type(step)(0.5))
    start = np.maximum((centre - radius * width + 0.5).astype(np.int64), 0)
    stop = np.minimum((centre + radius * width + 0.5).astype(np.int64), size)
    places = start + np.arange((stop - start).max())[:, None]
    weights = function(np.abs((places - centre + 0.5) / width)) * (places < stop)
    total = weights.sum(0)
    return places, weights / np.where(total == 0, 1, total)


def _cubic_filter(distance: Array, a: float) -> Array:
    """Keys' cubic convolution, whose slope at distance 1 is `a`.

    Source: https://en.wikipedia.org/wiki/Bicubic_interpolation#Bicubic_convolution_algorithm
    """
    near = ((a + 2) * distance - (a + 3)) * distance * distance + 1
    far = ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0))


def _lanczos_filter(distance: Array) -> Array:
    return np.where(distance < 3, np.sinc(distance) * np.sinc(distance / 3), 0)


_FILTERS: dict[str, tuple[int, Callable[[Array], Array]]] = {  # radius, value at a distance
    "bilinear": (1, lambda distance: np.maximum(1 - distance, 0)),
    "bicubic": (2, lambda distance: _cubic_filter(distance, -0.5)),
    "lanczos": (3, _lanczos_filter),
}

# -- the layers ---------------------------------------------------------------------------


class Resample(Operator):
    """`resample` as an operator, whose gradient is the same with transposed weights."""

    def forward(self, input: Any, *, weights: Sequence[Weights]) -> Any:
        self.dimensions = weights
        return resample(input, weights)

    def backward(self, grad: Any) -> Any:
        return Resample.apply(grad, weights=[each.transposed for each in self.dimensions])


class Upsample(Module):
    r"""Changes the size of signals, images and volumes by interpolation.

    Along each dimension y_j = Σ_i w_ij x_i. With the step s = 1 / `scale_factor`, or
    size / output size where a size is given, output j is at the input's place p:

    - "nearest": w = 1 for i = ⌊s j⌋; "nearest-exact": for i = ⌊s (j + ½)⌋.
    - "linear", "bilinear", "trilinear": p = s (j + ½) − ½, at least 0; the inputs on both sides of
      it count as 1 − |p − i|.
    - "bicubic": the four inputs around p, weighted by cubic convolution with a = −¾.
    - "area": the mean of the inputs that the output's cell touches.

    With `align_corners`, p = j (size − 1) / (output size − 1).

    Shapes: input (N, C, *sizes) with one to three sizes ("linear" takes one, "bilinear" and
    "bicubic" two, "trilinear" three), output (N, C, *output sizes), where an output size is given
    by `size` or is ⌊size · scale_factor⌋.

    Args:
        size: the output size, one number for all dimensions or one for each.
        scale_factor: output size / input size, likewise. Give one of the two.
        mode: how to interpolate. Default: "nearest".
        align_corners: the outermost elements keep their places; for the (bi-, tri-)linear modes
            and "bicubic". Default: False.
        recompute_scale_factor: take the step from the sizes, not from `scale_factor`. Default:
            False.

    Raises:
        ValueError: `size` and `scale_factor` are both given or both missing, or do not fit the
            input's dimensions; an option is not for this mode.
        NotImplementedError: there is no such mode, or not for that many dimensions.
        RuntimeError: a dimension other than the batch is empty.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Upsample(scale_factor=2, mode="linear")(minitorch.tensor([[[1.0, 2.0]]]))
        tensor([[[1.0000, 1.2500, 1.7500, 2.0000]]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html
    """

    differentiable_backward = True

    name: str
    size: int | tuple[int, ...] | None
    scale_factor: float | tuple[float, ...] | None
    mode: str
    align_corners: bool | None
    recompute_scale_factor: bool | None
    _function = "interpolate"
    _antialias = False

    def __init__(
        self,
        size: int | tuple[int, ...] | None = None,
        scale_factor: float | tuple[float, ...] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.name = type(self).__name__
        self.size = size
        if isinstance(scale_factor, tuple):
            self.scale_factor = tuple(float(each) for each in scale_factor)
        else:
            self.scale_factor = float(scale_factor) if scale_factor else None
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Any) -> Any:
        check_array(self, input, error=AttributeError)
        self._check_options()
        self._check_input(input)
        sizes, factors = self._output_sizes(input.shape[2:])
        self._check_sizes(input.shape, sizes)
        how = (bool(self.align_corners), self._antialias, input.dtype == np.float64)
        weights = [
            weights_of(self.mode, size, output_size, factor, *how)
            for size, output_size, factor in zip(input.shape[2:], sizes, factors, strict=True)
        ]
        self.save_for_backward(weights)
        return resample(input, weights)

    def backward(self, grad_output: Any) -> Any:
        # dL/dx_i = Σ_j w_ij dL/dy_j along each dimension
        (weights,) = self.saved_tensors
        return Resample.apply(grad_output, weights=[each.transposed for each in weights])

    def _check_options(self) -> None:
        """Refuse options that do not go together.

        Raises:
            NotImplementedError: there is no such mode.
            ValueError: an option is not for this mode, or not beside another.
        """
        mode, layer = self.mode, called(self)
        if mode not in _DIMENSIONS:
            raise NotImplementedError(
                f"{layer}: there is no mode {mode!r}; give one of {', '.join(_DIMENSIONS)}"
            )
        if (self.size is None) == (self.scale_factor is None):
            raise ValueError(
                f"{layer}: give either size or scale_factor, got size={self.size} and "
                f"scale_factor={self.scale_factor}"
            )
        aligned = self.align_corners if mode == "lanczos" else self.align_corners is not None
        if aligned and mode not in _ALIGNABLE:
            raise ValueError(
                f"{layer}: align_corners is for the modes {', '.join(_ALIGNABLE)}, not for "
                f"'{mode}': leave it out"
            )
        if self.recompute_scale_factor and self.size is not None:
            raise ValueError(f"{layer}: recompute_scale_factor needs scale_factor, but got a size")
        if self._antialias and mode not in _SMOOTHABLE:
            raise ValueError(
                f"{layer}: antialias is for the modes {', '.join(_SMOOTHABLE)}, not for '{mode}'"
            )
        if mode == "lanczos" and not self._antialias:
            raise ValueError(f"{layer}: mode 'lanczos' needs antialias=True")

    def _check_input(self, input: Array) -> None:
        """Refuse an input that the mode is not for.

        Raises:
            NotImplementedError: its number of dimensions or its dtype is another.
            ValueError: it is not of four dimensions, with `antialias`.
        """
        dimensions = _DIMENSIONS[self.mode]
        if input.ndim not in dimensions:
            error = ValueError if self._antialias else NotImplementedError
            raise error(
                f"{called(self)}: mode '{self.mode}' is for an input of "
                f"{' or '.join(map(str, dimensions))} dimensions (batch, channels, sizes), got "
                f"shape {list(input.shape)}"
            )
        if input.dtype.kind != "f" and (input.dtype != np.uint8 or self.mode == "area"):
            raise NotImplementedError(
                f"{called(self)}: mode '{self.mode}' is not for the dtype {input.dtype}: convert "
                "the input with .float()"
            )

    def _output_sizes(
        self, sizes: tuple[int, ...]
    ) -> tuple[tuple[int, ...], Sequence[float | None]]:
        """The output's sizes, and for each the scale factor that counts, if any.

        Raises:
            ValueError: `size` or `scale_factor` is for another number of dimensions.
            TypeError: one of them is not made of numbers.
        """
        count = len(sizes)
        if self.size is not None:
            given = self._each("size", self.size, count)
            return tuple(as_integer(each, f"{called(self)}: size") for each in given), (
                (None,) * count
            )
        factors = self._each("scale_factor", self.scale_factor, count)
        try:
            output = tuple(
                math.floor(size * factor) for size, factor in zip(sizes, factors, strict=True)
            )
        except TypeError:
            raise TypeError(
                f"{called(self)}: scale_factor must be a number or a tuple of numbers, got "
                f"{self.scale_factor!r}"
            ) from None
        if self.recompute_scale_factor:
            return output, (None,) * count
        return output, [
            None if self._exact(size, output_size, count) else factor
            for size, output_size, factor in zip(sizes, output, factors, strict=True)
        ]

    def _exact(self, size: int, output_size: int, count: int) -> bool:
        """Whether the step follows from the sizes though a factor is given, as in PyTorch.

        A factor of 1.2 or 2.2 that gives the same or twice the size copies each input, then.
        """
        if self.mode in _NEAREST:
            return self.mode == "nearest" and count == 2 and output_size in (size, 2 * size)
        return size == output_size and (self.mode != "bicubic" or self._antialias)

    def _each(self, name: str, value: Any, count: int) -> tuple[Any, ...]:
        """A number for each of the dimensions."""
        if not isinstance(value, (tuple, list)):
            return (value,) * count
        if len(value) != count:
            raise ValueError(
                f"{called(self)}: {name} must have a number for each of the input's {count} "
                f"spatial dimensions, got {tuple(value)}"
            )
        return tuple(value)

    def _check_sizes(self, shape: tuple[int, ...], sizes: tuple[int, ...]) -> None:
        """Refuse empty inputs and outputs.

        Raises:
            RuntimeError: a dimension is empty that is not the batch.
        """
        area = self.mode == "area"  # this takes no channels, and makes outputs without elements
        if min(sizes) < (0 if area else 1) or 0 in shape[2 if area else 1 :]:
            raise RuntimeError(
                f"{called(self)}: expected no dimension but the batch to be empty, got an input "
                f"of shape {list(shape)} and an output of sizes {list(sizes)}"
            )

    def extra_repr(self) -> str:
        if self.scale_factor is not None:
            return f"scale_factor={self.scale_factor!r}, mode={self.mode!r}"
        return f"size={self.size!r}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Changes the size of images by repeating the nearest pixel.

    `Upsample` with mode "nearest", which see.

    Shapes: input (N, C, H, W), output (N, C, H', W').

    Args:
        size: H' and W', or one number for both.
        scale_factor: H' / H and W' / W, likewise. Give one of the two.

    Raises:
        ValueError, NotImplementedError, RuntimeError: as `Upsample`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.UpsamplingNearest2d(scale_factor=2)(minitorch.tensor([[[[1.0, 2.0]]]]))
        tensor([[[[1., 1., 2., 2.],
                  [1., 1., 2., 2.]]]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.UpsamplingNearest2d.html
    """

    def __init__(
        self,
        size: int | tuple[int, int] | None = None,
        scale_factor: float | tuple[float, float] | None = None,
    ) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Changes the size of images by bilinear interpolation that keeps the corners in place.

    `Upsample` with mode "bilinear" and `align_corners=True`, which see.

    Shapes: input (N, C, H, W), output (N, C, H', W').

    Args:
        size: H' and W', or one number for both.
        scale_factor: H' / H and W' / W, likewise. Give one of the two.

    Raises:
        ValueError, NotImplementedError, RuntimeError: as `Upsample`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.UpsamplingBilinear2d(size=(1, 3))(minitorch.tensor([[[[1.0, 2.0]]]]))
        tensor([[[[1.0000, 1.5000, 2.0000]]]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.UpsamplingBilinear2d.html
    """

    def __init__(
        self,
        size: int | tuple[int, int] | None = None,
        scale_factor: float | tuple[float, float] | None = None,
    ) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
