"""Losses of the difference between an output and its target."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ....ops.promotion import constant, promote
from ....ops.reduction import widened
from ....quiet import Silence, quiet
from ...module import Module
from ..checks import check_array, check_floating, no_common_shape
from .base import (
    _Loss,
)


class L1Loss(_Loss):
    """The mean absolute error: L = mean over all elements of |input - target|.

    Its derivative is dL/d(input) = sign(input - target) / N, and 0 where both are equal.

    Shapes: input (*), target of the same shape; output () for "mean" and "sum", else (*).

    Args:
        size_average: no longer used; give `reduction`.
        reduce: no longer used; give `reduction`.
        reduction: "mean" divides the sum by the number of elements N, "sum" does not, "none"
            gives every element's loss. Default: "mean".

    Raises:
        ValueError: `reduction` is none of these.
        RuntimeError: the shapes do not broadcast.
        AttributeError: one is neither an array nor a Tensor.
        NotImplementedError: neither is floating point.

    Warns:
        UserWarning: the shapes differ, so that the error is computed between broadcast pairs.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.L1Loss()(minitorch.tensor([1.0, 2.0]), minitorch.tensor([0.0, 4.0]))
        tensor(1.5000)

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.L1Loss.html
    """

    def forward(self, input: Any, target: Any) -> Any:
        difference = subtract(self, input, target)
        self.save_for_backward(difference)
        return quiet.run(self.reduced, np.abs(difference), difference.dtype, difference.size)

    def backward(self, grad_output: Any) -> Any:
        # d|e| = sign(e) de
        (difference,) = self.saved_tensors
        return self.from_difference(np.sign(difference) * self.share(grad_output, difference.size))


class MSELoss(_Loss):
    """The mean squared error: L = mean over all elements of (input - target)².

    Its derivative is dL/d(input) = 2 (input - target) / N. The error term (target - output)·f'
    of many textbooks belongs to ½(target - output)²: for its numbers write
    `criterion(output, target) / 2`, or by hand `criterion.backward(0.5)`.

    Shapes: input (*), target of the same shape; output () for "mean" and "sum", else (*).

    Args:
        size_average: no longer used; give `reduction`.
        reduce: no longer used; give `reduction`.
        reduction: "mean" divides the sum by the number of elements N, "sum" does not, "none"
            gives every element's square. Default: "mean".

    Raises:
        ValueError: `reduction` is none of these.
        RuntimeError: the shapes do not broadcast.
        AttributeError: one is neither an array nor a Tensor.
        NotImplementedError: neither is floating point.

    Warns:
        UserWarning: the shapes differ, so that the error is computed between broadcast pairs.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.MSELoss()(minitorch.tensor([1.0, 2.0]), minitorch.tensor([0.0, 0.0]))
        tensor(2.5000)

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
    """

    def forward(self, input: Any, target: Any) -> Any:
        difference = subtract(self, input, target)
        self.save_for_backward(difference)
        if self.reduction == "none":
            return quiet.run(np.multiply, difference, difference)
        flat = widened(difference).reshape(-1)
        total = quiet.run(flat.dot, flat)  # squares and their sum in one pass
        if self.reduction == "mean":
            total = total / (difference.size or np.nan)  # the mean of nothing is not a number
        return quiet.run(np.asarray, total, difference.dtype)

    def backward(self, grad_output: Any) -> Any:
        # d(e²) = 2 e de, and the mean divides it by N
        (difference,) = self.saved_tensors
        factor = 2.0 / (difference.size or 1) if self.reduction == "mean" else 2.0
        grad = np.multiply(difference, constant(factor, difference.dtype))
        grad = np.multiply(grad, grad_output)
        return (grad, -grad) if self.needs_input_grad[1] else (grad, None)


class SmoothL1Loss(_Loss):
    """Squares where the error e is below β, absolute values beyond; the mean over all elements.

    With e = input - target, each element's loss is e² / (2 β) where |e| < β, else |e| - β / 2.
    Its derivative is e / β there, else sign(e). β = 0 is `L1Loss`.

    Shapes: input (*), target of the same shape; output () for "mean" and "sum", else (*).

    Args:
        size_average: no longer used; give `reduction`.
        reduce: no longer used; give `reduction`.
        reduction: "mean" divides the sum by the number of elements N, "sum" does not, "none"
            gives every element's loss. Default: "mean".
        beta: β, not below 0. Default: 1.

    Raises:
        ValueError: `reduction` is none of these.
        RuntimeError: `beta` is below 0, or the shapes do not broadcast.
        AttributeError: one is neither an array nor a Tensor.
        NotImplementedError: neither is floating point.

    Warns:
        UserWarning: the shapes differ, so that the error is computed between broadcast pairs.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> criterion = nn.SmoothL1Loss(reduction="none")
        >>> criterion(minitorch.tensor([0.5, 3.0]), minitorch.zeros(2))
        tensor([0.1250, 2.5000])

    Source: Girshick, Fast R-CNN (2015), equation 3.
    """

    beta: float

    def __init__(
        self,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Any:
        if self.beta < 0:
            raise RuntimeError(
                f"SmoothL1Loss does not support negative values for beta: {self.beta}"
            )
        error = subtract(self, input, target)
        with Silence():
            # The slope s = clip(e / β, -1, 1) gives the loss too: s (e - β s / 2).
            slope = clip(error / self.beta, 1.0) if self.beta else np.sign(error)
            self.save_for_backward(slope)
            losses = (error - slope * (self.beta / 2)) * slope
            return self.reduced(losses, error.dtype, error.size)

    def backward(self, grad_output: Any) -> Any:
        (slope,) = self.saved_tensors
        return self.from_difference(slope * self.share(grad_output, slope.size))


class HuberLoss(_Loss):
    """Squares where the error e is below δ, δ times absolute values beyond; their mean.

    With e = input - target, each element's loss is e² / 2 where |e| ≤ δ, else δ (|e| - δ / 2).
    Its derivative is e there, else δ sign(e). It is δ times `SmoothL1Loss` with β = δ.

    Shapes: input (*), target of the same shape; output () for "mean" and "sum", else (*), of the
    input's dtype.

    Args:
        reduction: "mean" divides the sum by the number of elements N, "sum" does not, "none"
            gives every element's loss. Default: "mean".
        delta: δ, above 0. Default: 1.

    Raises:
        ValueError: `reduction` is none of these.
        RuntimeError: `delta` is not above 0, or the shapes do not broadcast.
        AttributeError: one is neither an array nor a Tensor.
        NotImplementedError: the input is not floating point.

    Warns:
        UserWarning: the shapes differ, so that the error is computed between broadcast pairs.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> criterion = nn.HuberLoss(reduction="none", delta=2.0)
        >>> criterion(minitorch.tensor([1.0, 3.0]), minitorch.zeros(2))
        tensor([0.5000, 4.0000])

    Source: Huber, Robust estimation of a location parameter (1964).
    """

    delta: float

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Any:
        if not self.delta > 0:
            raise RuntimeError(
                f"HuberLoss does not support non-positive values for delta: {self.delta}"
            )
        error = subtract(self, input, target)
        check_floating(self, input)
        with Silence():
            # The slope s = clip(e, -δ, δ) gives the loss too: s (e - s / 2).
            slope = clip(error, self.delta)
            self.save_for_backward(slope)
            losses = (error - slope * constant(0.5, slope.dtype)) * slope
            return self.reduced(losses, input.dtype, error.size)

    def backward(self, grad_output: Any) -> Any:
        (slope,) = self.saved_tensors
        return self.from_difference(slope * self.share(grad_output, slope.size))


def subtract(module: Module, input: Any, target: Any) -> Any:
    """input - target as a new array, with PyTorch's warning where their shapes differ."""
    if type(input) is not np.ndarray or type(target) is not np.ndarray:
        check_array(module, input, "input", AttributeError)
        check_array(module, target, "target", AttributeError)
    if input.shape != target.shape:
        warnings.warn(
            f"Using a target size ({list(target.shape)}) that is different to the input size "
            f"({list(input.shape)}). This will likely lead to incorrect results due to "
            "broadcasting. Please ensure they have the same size.",
            stacklevel=2,
        )
    if input.dtype is not target.dtype:
        check_array(module, input)
        check_array(module, target, "target")
        input, target = promote(input, target)
    if input.dtype.kind != "f":
        check_floating(module, input, "input or target")
    try:
        difference = quiet.run(np.subtract, input, target)
    except ValueError:
        raise no_common_shape(module, input=input, target=target) from None
    return difference if type(difference) is np.ndarray else np.asarray(difference)


def clip(values: Any, bound: float) -> Any:
    """A new array, clipped to the interval from -bound to bound."""
    clipped = np.maximum(values, constant(-bound, values.dtype))
    return np.minimum(clipped, constant(bound, values.dtype))
