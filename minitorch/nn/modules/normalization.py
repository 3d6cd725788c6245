"""Normalization of each sample by itself: layer, group and RMS normalization."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...autograd.variable import Array
from ...ops.creation import empty
from ...ops.promotion import constant, ones
from ...quiet import Silence
from ...tensor import Tensor
from .. import init
from ..module import Module
from ..parameter import Parameter
from .checks import check_array
from .standardize import (
    as_working,
    blocks,
    center,
    check_floating,
    check_parameter,
    count,
    go_through,
    inverse_deviation,
    sums_of_products,
)


class _SampleNorm(Module):
    """Normalization within each sample, then a weight for each place: the family's pair.

    A subclass says which numbers are normalized together, by the view (samples, groups, length) in
    which the last dimension is one set (`_sets`), and spreads its weights over the others.

    Attributes:
        eps: ε; None stands for the least difference from 1 of the dtype.
        subtracts_mean: x̂ = (x - μ) / √(v + ε); otherwise x̂ = x / √(mean(x²) + ε).
        not_an_array: the error for an input that is none.
    """

    eps: float | None
    weight: Tensor | None
    bias: Tensor | None
    subtracts_mean: bool = True
    not_an_array: type[Exception] = TypeError

    def _sets(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        """The view (samples, groups, length) of an input of this shape."""
        raise NotImplementedError

    def _check(self, input: Array) -> None:
        """Refuse an input that does not fit."""
        raise NotImplementedError

    def forward(self, input: Any) -> Any:
        # Of each set: x̂ = (x - μ) s with s = 1 / √(v + ε); of each place: y = w x̂ + b.
        check_array(self, input, error=self.not_an_array)
        self._check(input)
        samples, groups, length = self._sets(input.shape)
        x = as_working(input).reshape(1, samples * groups, length)
        weight, bias = for_places(self.weight, x, groups), for_places(self.bias, x, groups)
        eps = float(np.finfo(x.dtype).eps) if self.eps is None else self.eps
        output = np.empty(input.shape, x.dtype)
        result = output.reshape(x.shape)
        mean = np.empty(x.shape[1], x.dtype) if self.subtracts_mean else None
        inverse_std = np.empty(x.shape[1], x.dtype)
        with Silence():
            for block in blocks(x.shape, groups):
                part, y = x[:, block], result[:, block]
                if mean is not None:
                    mean[block], variance = center(part, y)
                else:
                    variance = sums_of_products(part, part) / constant(count(part), x.dtype)
                s = inverse_std[block] = inverse_deviation(variance, eps)
                weigh(part if mean is None else y, s, weight, y)
                if bias is not None:
                    by_place = y.reshape(len(s) // groups, groups, length)  # a view
                    by_place += bias
            output = output.astype(input.dtype, copy=False)
        self.save_for_backward(input, self.weight, self.bias, mean, inverse_std)
        return output

    def backward(self, grad_output: Any) -> Any:
        # dL/db = Σ g and dL/dw = Σ g x̂ over the samples; with h = g w = dL/dx̂,
        # dL/dx = s (h - mean(h) - x̂ mean(h x̂)), where mean(h) is left out if μ is.
        input, weight, bias, mean, inverse_std = self.saved_tensors
        samples, groups, length = self._sets(input.shape)
        x = as_working(input).reshape(1, samples * groups, length)
        grad = as_working(grad_output).reshape(x.shape)
        gamma = for_places(weight, x, groups)
        needs_weight = weight is not None and weight.requires_grad
        needs_bias = bias is not None and bias.requires_grad
        grad_weight, grad_bias = np.zeros((2, groups, length), x.dtype)
        grad_input = np.empty(input.shape, x.dtype) if self.needs_input_grad[0] else None
        for block in blocks(x.shape, groups):
            part, g, s = x[:, block], grad[:, block], inverse_std[block]
            if needs_bias:
                grad_bias += over_samples(g, None, groups)
            if needs_weight or grad_input is not None:
                centered = part.copy() if mean is None else part - mean[block][:, None]
            if needs_weight:
                grad_weight += over_samples(g * centered, s, groups)
            if grad_input is not None:
                out = grad_input.reshape(x.shape)[:, block]
                h = weigh(g, s, gamma, np.empty_like(g))
                go_through(h, centered, s, None, out, self.subtracts_mean)
        if needs_weight:
            weight.accumulate_grad(for_weight(grad_weight, weight))
        if needs_bias:
            bias.accumulate_grad(for_weight(grad_bias, bias))
        return grad_input


def for_places(weight: Tensor | None, x: Array, groups: int) -> Any:
    """Weights as (groups, length), one for each place of a sample; a channel's repeated."""
    if weight is None:
        return None
    array, length = as_working(weight.array), x.shape[2]
    if array.dtype != x.dtype:
        array = array.astype(x.dtype)
    if array.size != groups * length:
        array = array.repeat(groups * length // array.size)
    return array.reshape(groups, length)


def weigh(values: Array, inverse_std: Array, weight: Array | None, out: Array) -> Array:
    """Write values · s w into `out` and return it; s is for each set, w for each place."""
    column = inverse_std[:, None]
    if weight is not None and len(weight) == 1:  # sets may be short: a matrix product is quickest
        np.multiply(values, column.dot(weight), out)
        return out
    np.multiply(values, column, out)
    if weight is not None:
        by_place = out.reshape(len(column) // len(weight), *weight.shape)  # a view
        by_place *= weight
    return out


def over_samples(values: Array, factor: Array | None, groups: int) -> Array:
    """Σ values · factor over the samples: (groups, length); the factor is for each set."""
    _, sets, length = values.shape
    samples = sets // groups
    if factor is None:
        total: Array = ones(samples, values.dtype).dot(values.reshape(samples, groups * length))
    else:
        by_group = values.reshape(samples, groups, length).swapaxes(0, 1)
        total = factor.reshape(samples, groups).T[:, None] @ by_group
    return total.reshape(groups, length)


def for_weight(grad: Array, weight: Tensor) -> Array:
    """The gradient of places as that of their weights; the places of a channel add up."""
    array = weight.array
    if grad.size != array.size and array.size:
        grad = grad.reshape(array.size, -1 if grad.size else 0).sum(1)
    return grad.reshape(array.shape)


# -- over the last dimensions -------------------------------------------------------------


class _LastDimensionsNorm(_SampleNorm):
    """What layer and RMS normalization share: the last dimensions are normalized together."""

    normalized_shape: tuple[int, ...]
    elementwise_affine: bool
    converts_weight: bool = False
    too_few_dimensions: type[Exception] = RuntimeError

    def _set_shape(self, normalized_shape: Any) -> None:
        if isinstance(normalized_shape, numbers.Integral):
            normalized_shape = (normalized_shape,)
        self.normalized_shape = tuple(normalized_shape)

    def _sets(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        outer = len(shape) - len(self.normalized_shape)
        return math.prod(shape[:outer]), 1, math.prod(shape[outer:])

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
        for name, wanted in (("weight", True), ("bias", bias)):
            made = elementwise_affine and wanted
            weight = empty(self.normalized_shape, device=device, dtype=dtype) if made else None
            self.register_parameter(name, None if weight is None else Parameter(weight))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weight to 1 and the bias to 0."""
        fill_affine(self)

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
        weight = None
        if elementwise_affine:
            weight = Parameter(empty(self.normalized_shape, device=device, dtype=dtype))
        self.register_parameter("weight", weight)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weight to 1."""
        fill_affine(self)


def fill_affine(module: _SampleNorm) -> None:
    """Set the weight to 1 and the bias to 0."""
    if module.weight is not None:
        init.ones_(module.weight)
    if module.bias is not None:
        init.zeros_(module.bias)


# -- over groups of channels --------------------------------------------------------------


class GroupNorm(_SampleNorm):
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
    not_an_array = AttributeError

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
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            weight = empty(num_channels, device=device, dtype=dtype) if wanted else None
            self.register_parameter(name, None if weight is None else Parameter(weight))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weight to 1 and the bias to 0."""
        fill_affine(self)

    def _sets(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        return shape[0], self.num_groups, math.prod(shape[1:]) // self.num_groups

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
