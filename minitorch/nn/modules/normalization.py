"""Normalization of each sample by itself: layer, group and RMS normalization."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...autograd.variable import Array
from ...ops.promotion import constant, ones
from ...quiet import Silence
from ...tensor import Tensor
from .checks import check_array, check_floating
from .standardize import (
    Affine,
    as_working,
    blocks,
    center,
    check_parameter,
    count,
    for_sets,
    inverse_deviation,
    over_sets,
    scale,
    spread,
    sums,
    sums_of_products,
)

# -- over the last dimensions -------------------------------------------------------------

_LONG_ROW = 512  # from here on two multiplications are quicker than one by a matrix of products


class _LastDimensionsNorm(Affine):
    """What layer and RMS normalization share: the last dimensions are normalized together.

    Attributes:
        eps: ε; None stands for the least difference from 1 of the dtype.
        subtracts_mean: x̂ = (x - μ) / √(v + ε); otherwise x̂ = x / √(mean(x²) + ε).
        converts_weight: a weight of another dtype than the input's is converted.
        too_few_dimensions: the error for an input that has fewer than `normalized_shape`.
    """

    normalized_shape: tuple[int, ...]
    eps: float | None
    elementwise_affine: bool
    subtracts_mean: bool = True
    converts_weight: bool = False
    too_few_dimensions: type[Exception] = RuntimeError

    def _set_shape(self, normalized_shape: Any) -> None:
        if isinstance(normalized_shape, numbers.Integral):
            normalized_shape = (normalized_shape,)
        self.normalized_shape = tuple(normalized_shape)

    def _sets(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        """The view (1, samples, length) of an input of this shape."""
        outer = len(shape) - len(self.normalized_shape)
        return 1, math.prod(shape[:outer]), math.prod(shape[outer:])

    def forward(self, input: Any) -> Any:
        # Of each sample: x̂ = (x - μ) s with s = 1 / √(v + ε); of each place: y = w x̂ + b.
        check_array(self, input)
        self._check(input)
        x = as_working(input).reshape(self._sets(input.shape))
        weight = for_places(self.weight, x)
        bias = None if self.bias is None else for_places(self.bias, x)
        eps = float(np.finfo(x.dtype).eps) if self.eps is None else self.eps
        output = np.empty(input.shape, x.dtype)
        result = output.reshape(x.shape)
        mean = np.empty(x.shape[1], x.dtype) if self.subtracts_mean else None
        inverse_std = np.empty(x.shape[1], x.dtype)
        with Silence():
            for block in blocks(x.shape):
                part, y = x[:, block], result[:, block]
                if mean is not None:
                    mean[block], variance = center(part, y)
                else:
                    variance = sums_of_products(part, part) / constant(count(part), x.dtype)
                s = inverse_std[block] = inverse_deviation(variance, eps)
                weigh(part if mean is None else y, s, weight, y)
                if bias is not None:
                    y += bias
            output = output.astype(input.dtype, copy=False)
        self.save_for_backward(input, self.weight, self.bias, mean, inverse_std)
        return output

    def backward(self, grad_output: Any) -> Any:
        # dL/db = Σ g and dL/dw = Σ g x̂ over the samples; with h = g w = dL/dx̂,
        # dL/dx = s (h - mean(h) - x̂ mean(h x̂)), where mean(h) is left out if μ is.
        # The means are products of matrices with w / n, so that h is written only once.
        input, weight, bias, mean, inverse_std = self.saved_tensors
        x = as_working(input).reshape(self._sets(input.shape))
        grad = as_working(grad_output).reshape(x.shape)
        length = x.shape[2]
        gamma = for_places(weight, x)
        average = gamma / constant(length or 1, x.dtype)
        grad_weight, grad_bias = np.zeros((2, length), x.dtype)
        grad_input = np.empty(input.shape, x.dtype)
        for block in blocks(x.shape):
            g, s, out = grad[0, block], inverse_std[block], grad_input.reshape(x.shape)[0, block]
            centered = x[0, block]
            if mean is not None:
                centered = centered - mean[block, None]
            products = np.multiply(g, centered, out)
            grad_weight += s.dot(products)
            if bias is not None:
                grad_bias += ones(len(g), x.dtype).dot(g)
            slope = products.dot(average) * s * s * s
            rest = np.multiply(centered, slope[:, None], None if mean is None else centered)
            if mean is not None:
                rest += (g.dot(average) * s)[:, None]
            weigh(g, s, gamma, out)
            out -= rest
        if weight is not None and weight.requires_grad:
            weight.accumulate_grad(grad_weight.reshape(weight.array.shape))
        if bias is not None and bias.requires_grad:
            bias.accumulate_grad(grad_bias.reshape(bias.array.shape))
        return grad_input if self.needs_input_grad[0] else None

    def _check(self, input: Array) -> None:
        expected, shape, name = self.normalized_shape, input.shape, type(self).__name__
        if not expected:
            raise RuntimeError(f"{name}: normalized_shape must have at least one number, got ()")
        if shape[-len(expected) :] != expected:
            few = len(shape) < len(expected)
            ends = ", ".join(map(str, expected))
            raise (self.too_few_dimensions if few else RuntimeError)(
                f"{name} with normalized_shape={list(expected)} expected an input of shape "
                f"[*, {ends}], got {list(shape)}"
            )
        if self.weight is None or self.converts_weight:
            check_floating(self, input)
        for weight_name in ("weight", "bias"):
            weight = getattr(self, weight_name)
            check_parameter(self, weight_name, weight, expected, input, self.converts_weight)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


def for_places(weight: Tensor | None, x: Array) -> Any:
    """A weight as a vector of a number for each place of a sample; 1 for None."""
    if weight is None:
        return ones(x.shape[2], x.dtype)
    return weight.array.astype(x.dtype, copy=False).ravel()


def weigh(values: Array, inverse_std: Array, weight: Array, out: Array) -> None:
    """Write values · s w into `out`; s is for each sample, w for each place."""
    column = inverse_std[:, None]
    if len(weight) < _LONG_ROW:
        np.multiply(values, column.dot(weight[None]), out)
    else:
        np.multiply(values, column, out)
        out *= weight


class LayerNorm(_LastDimensionsNorm):
    r"""Normalizes each sample over its last dimensions: y = w ∘ (x - μ) / √(v + ε) + b.

    The mean μ and the variance v (which divides by n) are those of the n numbers in the last
    dimensions of one sample; it makes no difference which others are in the batch, nor whether the
    layer is trained.

    Shapes: input and output (*, *normalized_shape).

    Args:
        normalized_shape: the sizes of the last dimensions; a number for one dimension.
        eps: ε, for samples that hardly vary. Default: 1e-5.
        elementwise_affine: learn w and b; otherwise they are 1 and 0. Default: True.
        bias: with `elementwise_affine`, learn b. Default: True.
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of weight and bias. Default: the default dtype, float32.

    Attributes:
        weight: w, (*normalized_shape), at first 1; or None.
        bias: b, (*normalized_shape), at first 0; or None.

    Raises:
        RuntimeError: the input's last dimensions are not `normalized_shape`, or its dtype is not
            that of the weights.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.LayerNorm(2, elementwise_affine=False)(minitorch.tensor([[1.0, 3.0], [9.0, 5.0]]))
        tensor([[-1.0000,  1.0000],
                [ 1.0000, -1.0000]])

    Source: Ba, Kiros and Hinton, Layer normalization (2016).
    """

    eps: float

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._set_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        affine = elementwise_affine
        shape = self.normalized_shape
        self._register_affine(shape, device, dtype, weight=affine, bias=affine and bias)
        self.reset_parameters()

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, bias={self.bias is not None}"


class RMSNorm(_LastDimensionsNorm):
    r"""Divides each sample by its root mean square: y = w ∘ x / √(mean(x²) + ε).

    The mean is that of the numbers in the last dimensions of one sample. It is `LayerNorm` without
    the mean and the bias.

    Shapes: input and output (*, *normalized_shape).

    Args:
        normalized_shape: the sizes of the last dimensions; a number for one dimension.
        eps: ε, for samples near 0. Default: None, the difference from 1 to the next number of
            the dtype (1.19e-7 in float32).
        elementwise_affine: learn w; otherwise it is 1. Default: True.
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of the weight. Default: the default dtype, float32.

    Attributes:
        weight: w, (*normalized_shape), at first 1; or None. If its dtype is not the input's, it is
            converted.

    Raises:
        RuntimeError: the input's last dimensions are not `normalized_shape`.
        ValueError: it has fewer dimensions.
        NotImplementedError: it is not floating point.
        TypeError: it is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.RMSNorm(2)(minitorch.tensor([1.0, 7.0]))
        tensor([0.2000, 1.4000], grad_fn=<RMSNormBackward0>)

    Source: Zhang and Sennrich, Root mean square layer normalization (2019).
    """

    bias = None
    subtracts_mean = False
    converts_weight = True
    too_few_dimensions = ValueError

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._set_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self._register_affine(self.normalized_shape, device, dtype, weight=elementwise_affine)
        self.reset_parameters()


# -- over groups of channels --------------------------------------------------------------


class GroupNorm(Affine):
    r"""Normalizes groups of channels of each sample: y = γ (x - μ) / √(v + ε) + β.

    The channels are divided into groups of neighbours; the mean μ and the variance v (which divides
    by n) are those of one group in one sample, and γ and β belong to the channels. With one group
    it is layer normalization of the whole sample, with a group for each channel it is instance
    normalization.

    Shapes: input and output (N, C, *).

    Args:
        num_groups: how many groups.
        num_channels: C, a multiple of `num_groups`.
        eps: ε, for groups that hardly vary. Default: 1e-5.
        affine: learn γ and β; otherwise they are 1 and 0. Default: True.
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of weight and bias. Default: the default dtype, float32.
        bias: with `affine`, learn β. Default: True.

    Attributes:
        weight: γ, (C,), at first 1; or None.
        bias: β, (C,), at first 0; or None.

    Raises:
        ValueError: `num_channels` is no multiple of `num_groups`; or there is one sample with
            one number in each group.
        RuntimeError: the input has fewer than 2 dimensions, or its channels or its dtype do not
            fit the groups or the weights.
        AttributeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.GroupNorm(2, 4, affine=False)(minitorch.tensor([[1.0, 3.0, 90.0, 50.0]]))
        tensor([[-1.0000,  1.0000,  1.0000, -1.0000]])

    Source: Wu and He, Group normalization (2018).
    """

    num_groups: int
    num_channels: int
    eps: float
    affine: bool

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_channels={num_channels} cannot be divided into "
                f"num_groups={num_groups} groups of the same size"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self._register_affine(num_channels, device, dtype, weight=affine, bias=affine and bias)
        self.reset_parameters()

    def _sets(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        """The view (groups of all samples, channels of a group, positions) of an input."""
        samples, channels, *sizes = shape
        return samples * self.num_groups, channels // self.num_groups, math.prod(sizes)

    def forward(self, input: Any) -> Any:
        # Of each group: x̂ = (x - μ) s with s = 1 / √(v + ε); of each channel: y = γ x̂ + β.
        check_array(self, input, error=AttributeError)
        self._check(input)
        groups, channels, positions = sets = self._sets(input.shape)
        x = as_working(input).reshape(1, groups, channels * positions)
        gamma = for_channels(self.weight, sets, x)
        beta = None if self.bias is None else for_channels(self.bias, sets, x)
        output = np.empty(input.shape, x.dtype)
        result = output.reshape(x.shape)
        mean, inverse_std = np.empty((2, groups), x.dtype)
        with Silence():
            for block in blocks(x.shape):
                y = result[:, block]
                mean[block], variance = center(x[:, block], y)
                s = inverse_std[block] = inverse_deviation(variance, self.eps)
                factor = (s[:, None] * gamma[block]).ravel()
                rows = y.reshape(1, len(factor), positions)  # a view: each channel is a set
                scale(rows, factor, None if beta is None else beta[block].ravel(), rows)
            output = output.astype(input.dtype, copy=False)
        self.save_for_backward(input, self.weight, self.bias, mean, inverse_std)
        return output

    def backward(self, grad_output: Any) -> Any:
        # dL/dβ = Σ g and dL/dγ = Σ g x̂ over the positions and samples of the channel. The means
        # over the group of h = γ g = dL/dx̂ and of h x̂ are made of the same sums, and
        # dL/dx = γ s g - s (mean(h) + x̂ mean(h x̂)).
        input, weight, bias, mean, inverse_std = self.saved_tensors
        groups, channels, positions = sets = self._sets(input.shape)
        x = as_working(input).reshape(1, groups, channels * positions)
        grad = as_working(grad_output).reshape(x.shape)
        gamma = for_channels(weight, sets, x)
        number = constant(count(x), x.dtype)
        total, product = np.empty((2, groups, channels), x.dtype)
        grad_input = np.empty(input.shape, x.dtype)
        for block in blocks(x.shape):
            part, s, out = x[:, block], inverse_std[block], grad_input.reshape(x.shape)[:, block]
            rows = (1, len(s) * channels, positions)
            g = grad[:, block].reshape(rows)
            centered = part - mean[block, None]
            column = s[:, None]
            t = total[block] = sums(g).reshape(len(s), channels)
            p = sums_of_products(g, centered.reshape(rows)).reshape(len(s), channels)
            p = product[block] = p * column
            factor = column * gamma[block]
            centered *= (np.vecdot(p, factor) * s / number)[:, None]
            centered += (np.vecdot(t, factor) / number)[:, None]
            np.multiply(g, spread(factor.ravel(), g), out.reshape(rows))
            out -= centered
        if weight is not None and weight.requires_grad:
            weight.accumulate_grad(over_sets(product.ravel(), weight))
        if bias is not None and bias.requires_grad:
            bias.accumulate_grad(over_sets(total.ravel(), bias))
        return grad_input if self.needs_input_grad[0] else None

    def _check(self, input: Array) -> None:
        shape, groups = input.shape, self.num_groups
        if len(shape) < 2:
            raise RuntimeError(
                f"GroupNorm expected an input (N, C, *) of at least 2 dimensions, got shape "
                f"{list(shape)}"
            )
        if groups <= 0 or shape[1] % groups:
            raise RuntimeError(
                f"GroupNorm: {shape[1]} channels, in an input of shape {list(shape)}, cannot be "
                f"divided into num_groups={groups} groups of the same size"
            )
        if self.weight is None:
            check_floating(self, input)
        for name in ("weight", "bias"):
            check_parameter(self, name, getattr(self, name), (shape[1],), input)
        if shape[0] == 1 and math.prod(shape[1:]) == groups:
            raise ValueError(
                f"GroupNorm expected more than 1 value per group, got an input of shape "
                f"{list(shape)} for num_groups={groups}: their variance would be 0"
            )

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


def for_channels(weight: Tensor | None, sets: tuple[int, int, int], x: Array) -> Any:
    """A number for each channel as (groups of all samples, channels of a group); 1 for None."""
    groups, channels, _ = sets
    count = groups * channels
    values = ones(count, x.dtype) if weight is None else for_sets(weight, count, x.dtype)
    return values.reshape(groups, channels)
