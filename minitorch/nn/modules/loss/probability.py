"""Losses of probabilities, and of the logits that they come from."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ....ops.promotion import constant, promote
from ....ops.reduction import widened
from ....quiet import Silence
from ....tensor import Tensor
from ...module import Module
from ..activation import logistic
from ..checks import check_floating, no_common_shape
from .base import (
    REDUCTIONS,
    _Loss,
    _WeightedLoss,
    check_same_shape,
    weighted,
)


class KLDivLoss(_Loss):
    """The Kullback-Leibler divergence: Σ target (log target - input) of log-probabilities.

    Each element's loss is t (log t - x) for the target t and the input x = log p: a distribution p
    that is to come near to t. Where t is 0, so is the loss. The derivative by x is -t.

    The divergence is the sum over the classes, and "batchmean" its mean over a batch (N, classes):
    "mean" divides by the number of classes too, which is not what the definition says.

    Shapes: input (*), target (*) or what broadcasts with it; output () or, for "none", (*).

    Args:
        size_average: no longer used; give `reduction`.
        reduce: no longer used; give `reduction`.
        reduction: "batchmean" divides the sum by the size of the first dimension, "mean" by the
            number of elements, "sum" by nothing; "none" gives every element. Default: "mean".
        log_target: the target is log t too; then the loss is exp(target) (target - input).
            Default: False.

    Raises:
        ValueError: `reduction` is none of these.
        TypeError: one is neither an array nor a Tensor.
        RuntimeError: the shapes do not broadcast, or one is not floating point.

    Warns:
        UserWarning: `reduction` is "mean".

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> criterion = nn.KLDivLoss(reduction="batchmean")
        >>> criterion(minitorch.tensor([[0.5, 0.5]]).log(), minitorch.tensor([[1.0, 0.0]]))
        tensor(0.6931)

    Source: Kullback and Leibler, On information and sufficiency (1951).
    """

    reductions = (*REDUCTIONS, "batchmean")

    log_target: bool

    def __init__(
        self,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Any:
        if self.reduction == "mean":
            warnings.warn(
                "KLDivLoss: reduction='mean' divides by the number of elements; the divergence of "
                "a batch is reduction='batchmean', which divides by its size",
                stacklevel=2,
            )
        check_floating(self, input, error=RuntimeError)
        check_floating(self, target, "target", RuntimeError)
        input, target = promote(input, target)
        x, t = widened(input), widened(target)
        with Silence():
            try:
                losses = np.exp(t) * (t - x) if self.log_target else times_log(t) - t * x
            except ValueError:
                raise no_common_shape(self, input=input, target=target) from None
            batch = input.shape[0] if input.ndim else 1
            count = batch if self.reduction == "batchmean" else losses.size
            self.save_for_backward(x, t, losses.shape, count)
            return self.reduced(losses, input.dtype, count)

    def backward(self, grad_output: Any) -> Any:
        # d(t (log t - x)) = (log t + 1 - x) dt - t dx
        x, t, shape, count = self.saved_tensors
        share = np.broadcast_to(self.share(grad_output, count), shape)
        weights = np.exp(t) if self.log_target else t
        if not self.needs_input_grad[1]:
            return -weights * share, None
        # For a target of 0, t / t and so its gradient is not a number, as in PyTorch.
        slope = weights * (t - x + 1) if self.log_target else np.log(t) + t / t - x
        return -weights * share, slope * share


def times_log(t: Any) -> Any:
    """t log t, and 0 where t is 0."""
    return t * np.log(np.where(t == 0, constant(1.0, t.dtype), t))


class BCELoss(_WeightedLoss):
    """Binary cross entropy: L = mean of -(t log x + (1 - t) log(1 - x)) of probabilities x.

    The logarithms are not taken below -100, so that a wrong certainty costs 100 and not infinity.
    The derivative by x is (x - t) / (x (1 - x)), with a denominator of at least 1e-12. Where x is
    a sigmoid's output, `BCEWithLogitsLoss` on the sigmoid's input is more accurate.

    Shapes: input (*), target (*); output () for "mean" and "sum", else (*).

    Args:
        weight: multiplies each element's loss; of a shape that broadcasts to the input's. The mean
            divides by the number of elements all the same. Default: None.
        size_average: no longer used; give `reduction`.
        reduce: no longer used; give `reduction`.
        reduction: "mean" divides the sum by the number of elements N, "sum" does not, "none"
            gives every element's loss. Default: "mean".

    Raises:
        ValueError: `reduction` is none of these, or the shapes differ.
        RuntimeError: input or target have elements outside [0, 1], their dtypes differ, or
            `weight` does not broadcast or requires a gradient.
        AttributeError: one is neither an array nor a Tensor.
        NotImplementedError: they are not floating point.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.BCELoss()(minitorch.tensor([0.5, 1.0]), minitorch.tensor([1.0, 0.0]))
        tensor(50.3466)

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
    """

    def forward(self, input: Any, target: Any) -> Any:
        check_same_shape(self, input, target)
        check_floating(self, input)
        if input.dtype != target.dtype:
            raise RuntimeError(
                f"BCELoss: input and target must have the same dtype, but got {input.dtype} and "
                f"{target.dtype}: convert the target with .to(input.dtype)"
            )
        check_probabilities(self, input, "input")
        check_probabilities(self, target, "target")
        weight = self.constant_weight()
        x, t = widened(input), widened(target)
        self.save_for_backward(x, t, weight)
        with Silence():
            least = constant(-100.0, x.dtype)
            losses = (t - 1) * np.maximum(np.log1p(-x), least)
            losses -= t * np.maximum(np.log(x), least)
            losses = weighted(self, losses, weight)
            return self.reduced(losses, input.dtype, input.size)

    def backward(self, grad_output: Any) -> Any:
        # dL/dx = (x - t) / (x (1 - x)), dL/dt = log(1 - x) - log(x)
        x, t, weight = self.saved_tensors
        share = self.share(grad_output, x.size)
        if weight is not None:
            share = share * weight
        grad = (x - t) / np.maximum(x * (1 - x), constant(1e-12, x.dtype)) * share
        if not self.needs_input_grad[1]:
            return grad, None
        return grad, (np.log1p(-x) - np.log(x)) * share


class BCEWithLogitsLoss(_Loss):
    """Binary cross entropy of σ(x): L = mean of -(p t log σ(x) + (1 - t) log(1 - σ(x))).

    The input x is a logit, and p a weight of the positive examples. As
    max(x, 0) - t x + log(1 + exp(-|x|)) it is accurate for every x; with p, (p - 1) t log(1 +
    exp(-x)) comes on top. The derivative by x is σ(x) - t, plus (p - 1) t (σ(x) - 1).

    Shapes: input (*), target (*); output () for "mean" and "sum", else (*).

    Args:
        weight: multiplies each element's loss; of a shape that broadcasts to the input's. The mean
            divides by the number of elements all the same. Default: None.
        size_average: no longer used; give `reduction`.
        reduce: no longer used; give `reduction`.
        reduction: "mean" divides the sum by the number of elements N, "sum" does not, "none"
            gives every element's loss. Default: "mean".
        pos_weight: p, one number or one for each class: of a shape that broadcasts to the
            input's. Default: None, 1.

    Raises:
        ValueError: `reduction` is none of these, or the shapes differ.
        RuntimeError: `weight` or `pos_weight` do not broadcast or require a gradient.
        AttributeError: one is neither an array nor a Tensor.
        NotImplementedError: the input is not floating point.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.BCEWithLogitsLoss()(minitorch.tensor([0.0, 1e4]), minitorch.tensor([1.0, 0.0]))
        tensor(5000.3467)

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
    """

    weight: Tensor | None
    pos_weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Any, target: Any) -> Any:
        check_same_shape(self, input, target)
        check_floating(self, input)
        check_floating(self, target, "target", RuntimeError)
        weight, positive = self.constant_weight(), self.constant_weight("pos_weight")
        input, target = promote(input, target)
        x, t = widened(input), widened(target)
        self.save_for_backward(x, t, weight, positive)
        with Silence():
            half, size = constant(0.5, x.dtype), np.abs(x)
            losses = np.log1p(np.exp(-size))
            if positive is not None:
                above = losses + np.maximum(-x, constant(0.0, x.dtype))  # log(1 + exp(-x))
                losses += weighted(self, t * above, positive - 1, "pos_weight")
            losses += size * half
            losses += (half - t) * x  # with |x| / 2, max(x, 0) - t x
            losses = weighted(self, losses, weight)
            return self.reduced(losses, input.dtype, input.size)

    def backward(self, grad_output: Any) -> Any:
        # dL/dx = σ(x) - t + (p - 1) t (σ(x) - 1), dL/dt = -x + (p - 1) log(1 + exp(-x))
        x, t, weight, positive = self.saved_tensors
        share = self.share(grad_output, x.size)
        if weight is not None:
            share = share * weight
        probability = logistic(x)
        grad = probability - t
        if positive is not None:
            grad += (positive - 1) * t * (probability - 1)
        grad *= share
        if not self.needs_input_grad[1]:
            return grad, None
        slope = -x
        if positive is not None:
            slope = slope + (positive - 1) * np.logaddexp(0, -x)
        return grad, slope * share


def check_probabilities(module: Module, values: Any, name: str) -> None:
    """Refuse numbers that are no probabilities.

    Raises:
        RuntimeError: one is below 0, above 1 or not a number.
    """
    if not values.size:
        return
    least, most = np.minimum.reduce(values, axis=None), np.maximum.reduce(values, axis=None)
    if not (least >= 0 and most <= 1):
        raise RuntimeError(
            f"{type(module).__name__}: all elements of {name} should be between 0 and 1, but they "
            f"are between {least} and {most}"
        )
