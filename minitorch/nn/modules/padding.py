"""Padding: arrays that grow at their borders, and what their gradients are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from ...autograd.operator import Operator
from ...autograd.variable import Array
from ...quiet import Silence
from ..module import Module
from ..stateless import run, stateless
from .checks import called, check_array
from .spatial import per_dimension

MODES = ("constant", "reflect", "replicate", "circular")

# -- on arrays ----------------------------------------------------------------------------


def pad(array: Array, padding: Sequence[int], mode: str = "constant", value: float = 0) -> Array:
    """A new array with borders.

    Args:
        array: (*, *sizes).
        padding: how many elements are added on the left and on the right of the last dimension,
            then of the one before it, and so on; a negative number takes elements away.
        mode: "constant" fills with `value`; "reflect" mirrors the array at its outermost
            elements; "replicate" repeats these; "circular" takes the opposite end.
        value: for "constant".

    Raises:
        RuntimeError: the array is too small for this padding, or its dtype for the value.

    Example:
        >>> pad(np.array([[1, 2, 3]]), (1, 2), "reflect")
        array([[2, 1, 2, 3, 2, 1]])
    """
    if min(padding, default=0) < 0:
        growth, loss = _growth_and_loss(padding)
        if mode in _CROPPED_FIRST:
            return pad(crop(array, loss), growth, mode, value)
        output = crop(pad(array, growth, mode, value), loss).copy()
        if not output.size and array.size:
            raise RuntimeError(
                f"pad: mode '{mode}' with a padding of {tuple(padding)} leaves nothing of an input "
                f"of shape {list(array.shape)}: its output would be {list(output.shape)}"
            )
        return output
    shape, interior = list(array.shape), [slice(None)] * array.ndim
    sides = _by_axis(array.ndim, padding)
    for axis, left, right in sides:
        interior[axis] = slice(left, left + shape[axis])
        shape[axis] += left + right
    if mode == "constant":
        output = np.zeros(shape, array.dtype)
        if value:
            output[...] = as_element(value, array.dtype)
        output[tuple(interior)] = array
        return output
    check_room(array.shape, padding, mode)
    output = np.empty(shape, array.dtype)
    output[tuple(interior)] = array
    for axis, left, right in sides:  # what is in one dimension's borders, the next one copies
        interior[axis] = slice(None)
        rows = output[tuple(interior)].swapaxes(0, axis)
        inner = rows[left : left + array.shape[axis]]
        for border, source in _borders(rows, inner, left, right, mode):
            border[...] = source
    return output


def pad_gradient(
    grad_output: Array, input_shape: Sequence[int], padding: Sequence[int], mode: str = "constant"
) -> Array:
    """The gradient of what was padded: each element adds up what was made of it.

    Args:
        grad_output: the gradient of `pad`'s output; it is not changed.
        input_shape: the shape of `pad`'s input.
        padding: as in `pad`.
        mode: as in `pad`.

    Returns:
        An array of shape `input_shape`; for "constant" it may be a view of `grad_output`.

    Example:
        >>> pad_gradient(np.ones((1, 6)), (1, 3), (1, 2), "reflect")
        array([[2., 3., 1.]])
    """
    if min(padding, default=0) < 0:
        growth, loss = _growth_and_loss(padding)
        if mode in _CROPPED_FIRST:
            shape = list(input_shape)
            for axis, left, right in _by_axis(len(shape), loss):
                shape[axis] -= left + right
            return pad(pad_gradient(grad_output, shape, growth, mode), loss)
        return pad_gradient(pad(grad_output, loss), input_shape, growth, mode)
    if mode == "constant":
        return crop(grad_output, padding)
    grad = grad_output
    for axis, left, right in reversed(_by_axis(grad.ndim, padding)):
        rows = grad.swapaxes(0, axis)
        inner = rows[left : len(rows) - right].copy("K")
        for border, source in _borders(rows, inner, left, right, mode):
            with Silence():
                source += np.add.reduce(border, 0, keepdims=True) if mode == "replicate" else border
        grad = inner.swapaxes(0, axis)
    return grad


def crop(array: Array, padding: Sequence[int]) -> Array:
    """A view without so many elements on either side of each dimension, the last one first.

    Raises:
        RuntimeError: there are not so many.

    Example:
        >>> crop(np.arange(5), (1, 2))
        array([1, 2])
    """
    place = [slice(None)] * array.ndim
    for axis, left, right in _by_axis(array.ndim, padding):
        stop = array.shape[axis] - right
        if stop < left:
            raise RuntimeError(
                f"pad: {left} + {right} elements cannot be taken from the {array.shape[axis]} of "
                f"dimension {axis} of an array of shape {list(array.shape)}"
            )
        place[axis] = slice(left, stop)
    return array[tuple(place)]


def check_room(shape: Sequence[int], padding: Sequence[int], mode: str) -> None:
    """Refuse borders that are made of more elements than there are.

    Raises:
        RuntimeError: "reflect" needs a size above the padding, "replicate" one above 0, "circular"
            one that is not below the padding.
    """
    for axis, left, right in _by_axis(len(shape), padding):
        size, most = shape[axis], max(left, right)
        if most and size < (most + 1 if mode == "reflect" else most if mode == "circular" else 1):
            least = {"reflect": most + 1, "circular": most, "replicate": 1}[mode]
            raise RuntimeError(
                f"pad: mode '{mode}' with a padding of ({left}, {right}) needs a size of at least "
                f"{least}, but dimension {axis} of an input of shape {list(shape)} has {size}"
            )


def as_element(value: float, dtype: np.dtype[Any]) -> Any:
    """A number as an element of an array.

    Raises:
        RuntimeError: it is beyond the dtype's range.
    """
    if dtype.kind == "b":
        return bool(value)
    floating = dtype.kind == "f"
    limits: Any = np.finfo(dtype) if floating else np.iinfo(dtype)
    lowest, highest = (float(each) if floating else each for each in (limits.min, limits.max))
    if not (lowest <= value <= highest or (floating and not math.isfinite(value))):
        raise RuntimeError(
            f"pad: value={value} cannot be converted to {dtype} without overflow: it must be "
            f"between {lowest} and {highest}"
        )
    return value if floating else int(value)


_CROPPED_FIRST = ("constant", "circular")  # the other modes mirror or repeat what is taken away


def _by_axis(ndim: int, padding: Sequence[int]) -> list[tuple[int, int, int]]:
    """(axis, left, right) for each padded dimension, the last one first."""
    return [
        (ndim - 1 - place // 2, padding[place], padding[place + 1])
        for place in range(0, len(padding), 2)
    ]


def _borders(
    rows: Array, inner: Array, left: int, right: int, mode: str
) -> Iterator[tuple[Array, Array]]:
    """Both borders of the first dimension of `rows`, beside what of `inner` they are made of.

    Element i of a border belongs to element i of its source, all of them to the one where mode
    is "replicate".
    """
    size = len(inner)
    if left:
        if mode == "reflect":
            yield rows[:left][::-1], inner[1 : left + 1]
        else:
            yield rows[:left], inner[:1] if mode == "replicate" else inner[size - left :]
    if right:
        border = rows[left + size :]
        if mode == "reflect":
            yield border[::-1], inner[size - 1 - right : size - 1]
        else:
            yield border, inner[size - 1 :] if mode == "replicate" else inner[:right]


def _growth_and_loss(padding: Sequence[int]) -> tuple[list[int], list[int]]:
    """The positive and the negative numbers of a padding, the latter as positive ones."""
    return [max(each, 0) for each in padding], [max(-each, 0) for each in padding]


# -- the pair -----------------------------------------------------------------------------


class _Padding(Module):
    """The family's pair, over the last len(padding) / 2 dimensions.

    Attributes:
        padding: left and right of the last dimension, then of the one before it, and so on.
        value: what constant borders are filled with.
    """

    differentiable_backward = True

    padding: tuple[int, ...]
    value: float = 0.0
    _function = "pad"
    _mode: str = "constant"
    _wrong_dimensions: type[Exception] = NotImplementedError

    def forward(self, input: Any) -> Any:
        check_array(self, input)
        padding, mode = self.padding, self._mode
        self._check_dimensions(input.shape)
        self.save_for_backward(input.shape, padding)
        return pad(input, padding, mode, self.value)

    def backward(self, grad_output: Any) -> Any:
        # dL/dx_i is the sum of dL/dy_j over all j that x_i was copied to
        shape, padding = self.saved_tensors
        return PadBackward.apply(grad_output, shape=shape, padding=padding, mode=self._mode)

    def _check_dimensions(self, shape: Sequence[int]) -> None:
        """Refuse a padding that is not for an input of this shape.

        But for constant borders the input has a channel, maybe a batch, beside the padded
        dimensions.

        Raises:
            NotImplementedError or ValueError: the number of dimensions is another.
            RuntimeError: it is too small, the padding is no pair for each dimension, or a dimension
                other than the batch is empty.
        """
        count, odd = divmod(len(self.padding), 2)
        if odd:
            raise RuntimeError(
                f"{called(self)}: the padding must have two numbers for each dimension, got "
                f"{self.padding}"
            )
        if count > len(shape) and self._wrong_dimensions is NotImplementedError:
            raise RuntimeError(
                f"{called(self)}: a padding of length {len(self.padding)} is for an input of at "
                f"least {count} dimensions, got shape {list(shape)}"
            )
        if self._mode == "constant":
            return
        if not (1 <= count <= 3 and len(shape) in (count + 1, count + 2)):
            expected = (
                f"an input of {count + 1} or {count + 2} dimensions"
                if 1 <= count <= 3
                else "a padding of length 2, 4 or 6"
            )
            raise self._wrong_dimensions(
                f"{called(self)}: mode '{self._mode}' with a padding of length "
                f"{len(self.padding)}: expected {expected}, got an input of shape {list(shape)}"
            )
        if self._mode != "circular" and 0 in shape[-count - 1 :]:
            raise RuntimeError(
                f"{called(self)}: expected an input in which no dimension but the batch is "
                f"empty, got shape {list(shape)}"
            )

    def extra_repr(self) -> str:
        return str(self.padding)


class PadBackward(Operator):
    """The gradient of padding as an operator of its own, which has a gradient too."""

    def forward(
        self, grad: Any, *, shape: tuple[int, ...], padding: tuple[int, ...], mode: str
    ) -> Any:
        self.padding, self.mode = padding, mode
        return pad_gradient(grad, shape, padding, mode)

    def backward(self, grad: Any) -> Any:
        return padded(grad, self.padding, self.mode)


def padded(input: Any, padding: tuple[int, ...], mode: str, value: float = 0.0) -> Any:
    """A Tensor or an array with borders."""
    return run(stateless(_Padding, padding=padding, _mode=mode, value=value), input)


class _LayerNd(_Padding):
    """What the layers share: a padding that is the same on all sides if it is a number."""

    _dimensions: ClassVar[int]

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__()
        self.padding = per_dimension(padding, 2 * self._dimensions)


# -- layers -------------------------------------------------------------------------------


class _ConstantPad(_LayerNd):
    def __init__(self, padding: int | Sequence[int], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """Adds borders filled with a given number, in one dimension.

    y_j = x_(j - left), and `value` where that is outside the input.

    Shapes: input (*, W), output of size W + left + right.

    Args:
        padding: (left, right), or one number for all; a negative one takes elements away.
        value: what the borders are filled with.

    Raises:
        RuntimeError: the input has fewer dimensions, or a negative padding takes away more than
            there is, or its dtype cannot hold the value.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ConstantPad1d((1, 2), 9.0)(minitorch.tensor([[1.0, 2.0, 3.0]]))
        tensor([[9., 1., 2., 3., 9., 9.]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad1d.html
    """

    _dimensions = 1


class ConstantPad2d(_ConstantPad):
    """Adds borders filled with a given number, in two dimensions.

    As `ConstantPad1d` in each dimension.

    Shapes: input (*, H, W), output of sizes H + top + bottom and
    W + left + right.

    Args:
        padding: (left, right, top, bottom), or one number for all; negative ones take elements
            away.
        value: what the borders are filled with.

    Raises:
        RuntimeError: the input has fewer dimensions, or a negative padding takes away more than
            there is, or its dtype cannot hold the value.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ConstantPad2d(1, 9.0)(minitorch.ones(1, 3, 3)).shape
        minitorch.Size([1, 5, 5])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad2d.html
    """

    _dimensions = 2


class ConstantPad3d(_ConstantPad):
    """Adds borders filled with a given number, in three dimensions.

    As `ConstantPad1d` in each dimension.

    Shapes: input (*, D, H, W), output of
    sizes D + front + back, H + top + bottom and W + left + right.

    Args:
        padding: (left, right, top, bottom, front, back), or one number for all; negative
            ones take elements away.
        value: what the borders are filled with.

    Raises:
        RuntimeError: the input has fewer dimensions, or a negative padding takes away more than
            there is, or its dtype cannot hold the value.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ConstantPad3d(1, 9.0)(minitorch.ones(1, 3, 3, 3)).shape
        minitorch.Size([1, 5, 5, 5])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad3d.html
    """

    _dimensions = 3


class ZeroPad1d(ConstantPad1d):
    """Adds borders of zeros, in one dimension.

    y_j = x_(j - left), and 0 where that is outside the input.

    Shapes: input (*, W), output of size W + left + right.

    Args:
        padding: (left, right), or one number for all; a negative one takes elements away.

    Raises:
        RuntimeError: the input has fewer dimensions, or a negative padding takes away more than
            there is.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ZeroPad1d((1, 2))(minitorch.tensor([[1.0, 2.0, 3.0]]))
        tensor([[0., 1., 2., 3., 0., 0.]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad1d.html
    """

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return str(self.padding)


class ZeroPad2d(ConstantPad2d):
    """Adds borders of zeros, in two dimensions.

    As `ZeroPad1d` in each dimension.

    Shapes: input (*, H, W), output of sizes H + top + bottom and
    W + left + right.

    Args:
        padding: (left, right, top, bottom), or one number for all; negative ones take elements
            away.

    Raises:
        RuntimeError: the input has fewer dimensions, or a negative padding takes away more than
            there is.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ZeroPad2d(1)(minitorch.ones(1, 3, 3)).shape
        minitorch.Size([1, 5, 5])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html
    """

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return str(self.padding)


class ZeroPad3d(ConstantPad3d):
    """Adds borders of zeros, in three dimensions.

    As `ZeroPad1d` in each dimension.

    Shapes: input (*, D, H, W), output of
    sizes D + front + back, H + top + bottom and W + left + right.

    Args:
        padding: (left, right, top, bottom, front, back), or one number for all; negative
            ones take elements away.

    Raises:
        RuntimeError: the input has fewer dimensions, or a negative padding takes away more than
            there is.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ZeroPad3d(1)(minitorch.ones(1, 3, 3, 3)).shape
        minitorch.Size([1, 5, 5, 5])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad3d.html
    """

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return str(self.padding)


class _ReflectionPad(_LayerNd):
    _mode = "reflect"


class ReflectionPad1d(_ReflectionPad):
    """Adds borders that mirror the input at its outermost elements, in one dimension.

    y_j = x_|j - left|, and likewise on the right: the outermost element is not repeated.

    Shapes: input (N, C, W) or (C, W), output of size W + left + right.

    Args:
        padding: (left, right), or one number for all; a negative one takes elements away.

    Raises:
        NotImplementedError: the input has not 2 or 3 dimensions.
        RuntimeError: a padding is not smaller than the input in its dimension, or that is empty.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ReflectionPad1d((1, 2))(minitorch.tensor([[1.0, 2.0, 3.0]]))
        tensor([[2., 1., 2., 3., 2., 1.]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad1d.html
    """

    _dimensions = 1


class ReflectionPad2d(_ReflectionPad):
    """Adds borders that mirror the input at its outermost elements, in two dimensions.

    As `ReflectionPad1d` in each dimension.

    Shapes: input (N, C, H, W) or (C, H, W), output of sizes H + top + bottom and
    W + left + right.

    Args:
        padding: (left, right, top, bottom), or one number for all; negative ones take elements
            away.

    Raises:
        NotImplementedError: the input has not 3 or 4 dimensions.
        RuntimeError: a padding is not smaller than the input in its dimension, or that is empty.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ReflectionPad2d(1)(minitorch.ones(1, 3, 3)).shape
        minitorch.Size([1, 5, 5])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html
    """

    _dimensions = 2


class ReflectionPad3d(_ReflectionPad):
    """Adds borders that mirror the input at its outermost elements, in three dimensions.

    As `ReflectionPad1d` in each dimension.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), output of
    sizes D + front + back, H + top + bottom and W + left + right.

    Args:
        padding: (left, right, top, bottom, front, back), or one number for all; negative
            ones take elements away.

    Raises:
        NotImplementedError: the input has not 4 or 5 dimensions.
        RuntimeError: a padding is not smaller than the input in its dimension, or that is empty.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ReflectionPad3d(1)(minitorch.ones(1, 3, 3, 3)).shape
        minitorch.Size([1, 5, 5, 5])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad3d.html
    """

    _dimensions = 3


class _ReplicationPad(_LayerNd):
    _mode = "replicate"


class ReplicationPad1d(_ReplicationPad):
    """Adds borders that repeat the outermost elements, in one dimension.

    y_j = x_i, where i is j - left, but at least 0 and at most the last index.

    Shapes: input (N, C, W) or (C, W), output of size W + left + right.

    Args:
        padding: (left, right), or one number for all; a negative one takes elements away.

    Raises:
        NotImplementedError: the input has not 2 or 3 dimensions.
        RuntimeError: a dimension is empty that is not the batch.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ReplicationPad1d((1, 2))(minitorch.tensor([[1.0, 2.0, 3.0]]))
        tensor([[1., 1., 2., 3., 3., 3.]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad1d.html
    """

    _dimensions = 1


class ReplicationPad2d(_ReplicationPad):
    """Adds borders that repeat the outermost elements, in two dimensions.

    As `ReplicationPad1d` in each dimension.

    Shapes: input (N, C, H, W) or (C, H, W), output of sizes H + top + bottom and
    W + left + right.

    Args:
        padding: (left, right, top, bottom), or one number for all; negative ones take elements
            away.

    Raises:
        NotImplementedError: the input has not 3 or 4 dimensions.
        RuntimeError: a dimension is empty that is not the batch.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ReplicationPad2d(1)(minitorch.ones(1, 3, 3)).shape
        minitorch.Size([1, 5, 5])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html
    """

    _dimensions = 2


class ReplicationPad3d(_ReplicationPad):
    """Adds borders that repeat the outermost elements, in three dimensions.

    As `ReplicationPad1d` in each dimension.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), output of
    sizes D + front + back, H + top + bottom and W + left + right.

    Args:
        padding: (left, right, top, bottom, front, back), or one number for all; negative
            ones take elements away.

    Raises:
        NotImplementedError: the input has not 4 or 5 dimensions.
        RuntimeError: a dimension is empty that is not the batch.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ReplicationPad3d(1)(minitorch.ones(1, 3, 3, 3)).shape
        minitorch.Size([1, 5, 5, 5])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad3d.html
    """

    _dimensions = 3


class _CircularPad(_LayerNd):
    _mode = "circular"
    _wrong_dimensions = ValueError


class CircularPad1d(_CircularPad):
    """Adds borders that continue at the opposite end, in one dimension.

    y_j = x_((j - left) mod W), where W is the input's size in that dimension.

    Shapes: input (N, C, W) or (C, W), output of size W + left + right.

    Args:
        padding: (left, right), or one number for all; a negative one takes elements away.

    Raises:
        ValueError: the input has not 2 or 3 dimensions.
        RuntimeError: a padding is larger than the input in its dimension.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.CircularPad1d((1, 2))(minitorch.tensor([[1.0, 2.0, 3.0]]))
        tensor([[3., 1., 2., 3., 1., 2.]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad1d.html
    """

    _dimensions = 1


class CircularPad2d(_CircularPad):
    """Adds borders that continue at the opposite end, in two dimensions.

    As `CircularPad1d` in each dimension.

    Shapes: input (N, C, H, W) or (C, H, W), output of sizes H + top + bottom and
    W + left + right.

    Args:
        padding: (left, right, top, bottom), or one number for all; negative ones take elements
            away.

    Raises:
        ValueError: the input has not 3 or 4 dimensions.
        RuntimeError: a padding is larger than the input in its dimension.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.CircularPad2d(1)(minitorch.ones(1, 3, 3)).shape
        minitorch.Size([1, 5, 5])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad2d.html
    """

    _dimensions = 2


class CircularPad3d(_CircularPad):
    """Adds borders that continue at the opposite end, in three dimensions.

    As `CircularPad1d` in each dimension.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), output of
    sizes D + front + back, H + top + bottom and W + left + right.

    Args:
        padding: (left, right, top, bottom, front, back), or one number for all; negative
            ones take elements away.

    Raises:
        ValueError: the input has not 4 or 5 dimensions.
        RuntimeError: a padding is larger than the input in its dimension.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.CircularPad3d(1)(minitorch.ones(1, 3, 3, 3)).shape
        minitorch.Size([1, 5, 5, 5])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad3d.html
    """

    _dimensions = 3
