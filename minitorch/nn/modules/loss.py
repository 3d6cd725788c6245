"""Losses: how far an output is from its target."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np

from ...ops.promotion import constant, promote
from ...quiet import quiet
from ..module import Module
from .checks import check_array

REDUCTIONS = ("none", "mean", "sum")


class _Loss(Module):
    """What losses share: the reduction of their elements to one number."""

    is_loss: ClassVar[bool] = True
    reduction: str

    def __init__(
        self, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
    ) -> None:
        super().__init__()
        reduction = reduction_of(size_average, reduce, reduction)
        if reduction not in REDUCTIONS:
            raise ValueError(
                f"{reduction} is not a valid value for reduction: expected one of "
                f"{', '.join(REDUCTIONS)}"
            )
        self.reduction = reduction


def reduction_of(size_average: Any, reduce: Any, reduction: str) -> str:
    """The reduction, which PyTorch's former options may say, with its warning."""
    if size_average is None and reduce is None:
        return reduction
    meant = "none" if reduce is False else "sum" if size_average is False else "mean"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{meant}' instead.",
        stacklevel=3,
    )
    return meant


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
        flat = difference.reshape(-1)
        total = quiet.run(flat.dot, flat)
        if self.reduction == "sum":
            return total
        return total / (difference.size or np.nan)  # the mean of nothing is not a number

    def backward(self, grad_output: Any) -> Any:
        # d(e²) = 2 e de, and the mean divides it by N
        (difference,) = self.saved_tensors
        factor = 2.0 / (difference.size or 1) if self.reduction == "mean" else 2.0
        grad = np.multiply(difference, constant(factor, difference.dtype))
        grad = np.multiply(grad, grad_output)
        return (grad, -grad) if self.needs_input_grad[1] else (grad, None)


def subtract(module: MSELoss, input: Any, target: Any) -> Any:
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
        check_array(module, input)
        raise NotImplementedError(
            f"MSELoss is not implemented for {input.dtype}: convert input or target with .float()"
        )
    try:
        difference = quiet.run(np.subtract, input, target)
    except ValueError:
        raise RuntimeError(
            f"MSELoss: input of shape {list(input.shape)} and target of shape "
            f"{list(target.shape)} cannot be broadcast to one shape"
        ) from None
    return difference if type(difference) is np.ndarray else np.asarray(difference)
