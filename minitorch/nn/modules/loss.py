"""Losses: how far an output is from its target."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ...autograd.grad_mode import state
from ...autograd.variable import Array, Variable
from ...ops.promotion import constant, ones, promote, promote_floating
from ...ops.reduction import widened
from ...quiet import Silence, quiet
from ...tensor import Tensor
from ..module import Module
from .activation import logistic
from .checks import check_array, check_floating, no_common_shape, within

REDUCTIONS = ("none", "mean", "sum")


class _Loss(Module):
    """What losses share: the reduction of their elements to one number, and its derivative."""

    is_loss: ClassVar[bool] = True
    reductions: ClassVar[tuple[str, ...]] = REDUCTIONS
    reduction: str

    def __init__(
        self, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
    ) -> None:
        super().__init__()
        if size_average is not None or reduce is not None:
            mro = type(self).__mro__
            callers = [cls for cls in mro[: mro.index(_Loss)] if "__init__" in vars(cls)]
            reduction = reduction_of(size_average, reduce, reduction, 3 + len(callers))
        self.reduction = check_reduction(reduction, self.reductions)

    def reduced(self, losses: Any, dtype: np.dtype[Any], count: float) -> Any:
        """The losses of all elements as the reduction has it.

        Args:
            losses: of each element.
            dtype: of the result.
            count: N, what the mean divides their sum by.
        """
        if self.reduction != "none":
            losses = np.add.reduce(widened(losses), axis=None)
            if self.reduction != "sum":
                losses = losses / (count or np.nan)  # the mean of nothing is not a number
        return np.asarray(losses, dtype)

    def share(self, grad_output: Any, count: float) -> Any:
        """dL/d(the loss of each element): what arrives, which a mean has divided by N."""
        if self.reduction in ("none", "sum"):
            return grad_output
        return grad_output * constant(1 / count if count else np.inf, grad_output.dtype)

    def from_difference(self, grad: Any) -> Any:
        """The gradients of input and target, of which the loss knows the difference alone."""
        return (grad, -grad) if self.needs_input_grad[1] else (grad, None)

    def constant_weight(self, name: str = "weight") -> Any:
        """The array of the weights of that name, or None where there are none.

        Raises:
            TypeError: they are no Tensor.
            RuntimeError: a gradient is asked for.
        """
        weight = getattr(self, name)
        if weight is None:
            return None
        if not isinstance(weight, Variable):
            raise TypeError(
                f"{type(self).__name__}: argument '{name}' must be a Tensor or a NumPy array, not "
                f"{type(weight).__name__}; convert it with minitorch.tensor(...)"
            )
        if weight.requires_grad and state.grad_enabled:
            raise RuntimeError(
                f"{type(self).__name__} is not differentiable with respect to {name}, which "
                f"requires a gradient: give {name}.detach()"
            )
        return weight.array


def check_reduction(reduction: str, known: tuple[str, ...] = REDUCTIONS) -> str:
    """The name of a reduction, if it is one.

    Raises:
        ValueError: it is none.
    """
    if reduction not in known:
        raise ValueError(
            f"{reduction} is not a valid value for reduction: expected one of {', '.join(known)}"
        )
    return reduction


def reduction_of(size_average: Any, reduce: Any, reduction: str, stacklevel: int = 3) -> str:
    """The reduction, which PyTorch's former options may say, with its warning."""
    if size_average is None and reduce is None:
        return reduction
    meant = "none" if reduce is False else "sum" if size_average is False else "mean"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{meant}' instead.",
        stacklevel=stacklevel,
    )
    return meant


class _WeightedLoss(_Loss):
    """What losses with constant weights share."""

    weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


# -- of the difference --------------------------------------------------------------------


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


# -- of probabilities ---------------------------------------------------------------------


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


def weighted(module: _Loss, losses: Any, weight: Any, name: str = "weight") -> Any:
    """The losses times their weights, in their own dtype.

    Raises:
        RuntimeError: the weights do not broadcast to the shape of the losses.
    """
    if weight is None:
        return losses
    try:
        product = np.multiply(losses, weight, dtype=losses.dtype, casting="same_kind")
    except ValueError:
        product = weight
    if product.shape != losses.shape:
        raise RuntimeError(
            f"{type(module).__name__}: {name} of shape {list(weight.shape)} cannot be broadcast to "
            f"the input's shape {list(losses.shape)}"
        )
    return product


# -- of classes ---------------------------------------------------------------------------


@dataclass(slots=True)
class _Labels:
    """What a target of class indices says of each sample.

    Attributes:
        positions: where the number of each sample's class is in the flattened input.
        counts: how much each sample counts: the weight of its class; None where each counts 1.
        ignored: which samples do not count; None where all do.
        total: what all count together, by which the mean divides.
        shape: of the losses of all samples.
    """

    positions: Array
    counts: Array | None
    ignored: Array | None
    total: float
    shape: tuple[int, ...]

    def scale(self, losses: Array) -> Any:
        """Multiply the losses of all samples, a flat array, by how much they count."""
        if self.counts is not None:
            losses = losses * self.counts
        return losses if self.ignored is None else np.where(self.ignored, 0, losses)


class _ClassLoss(_WeightedLoss):
    """What losses of class indices share: the arguments, and what the target says."""

    ignore_index: int

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Any = None,
        ignore_index: int = -100,
        reduce: Any = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def labels(self, input: Any, target: Any) -> _Labels:
        """Check a target of class indices, and say what it means.

        Raises:
            ValueError: the batch sizes differ.
            RuntimeError: the shapes, or the target's or the weights' dtype are not as they must be.
            IndexError: an index is no class, and not `ignore_index`.
        """
        shape = self._check_labels(input, target)
        classes = input.shape[classes_axis(input)]
        weight = self._class_weights(input.dtype, classes)
        index = target.reshape(-1)
        ignored = None
        if not within(index, classes):
            ignored = index == self.ignore_index
            index = np.where(ignored, 0, index)
            if not within(index, classes):
                wrong = index[(index < 0) | (index >= classes)][0]
                raise IndexError(
                    f"Target {wrong} is out of bounds: {type(self).__name__} expected classes from "
                    f"0 to {classes - 1}, for an input of shape {list(input.shape)}, or "
                    f"ignore_index={self.ignore_index}"
                )
        elif 0 <= self.ignore_index < classes:
            ignored = index == self.ignore_index
        counts = None if weight is None else weight.take(index)
        places = math.prod(input.shape[2:])  # the numbers of a sample's classes are so far apart
        step = classes * places or 1
        positions = np.arange(0, index.size // (places or 1) * step, step)
        if places != 1:
            positions = (positions[:, None] + np.arange(places)).reshape(-1)
            index = index * places
        positions += index
        total: Any = target.size
        if ignored is not None:
            counting = ~ignored
            total = np.count_nonzero(counting) if counts is None else counts[counting].sum()
        elif counts is not None:
            total = counts.sum()
        return _Labels(positions, counts, ignored, float(total), shape)

    def _check_labels(self, input: Any, target: Any) -> tuple[int, ...]:
        """Refuse shapes and dtypes that do not fit; the shape of the losses."""
        sizes, given = input.shape, target.shape
        if not sizes:
            raise self._misfit(ValueError, "an input of 1 or more dimensions", input, target)
        if len(sizes) == 1:
            if given not in ((), (1,)):
                error = ValueError if len(given) == 1 else RuntimeError
                raise self._misfit(error, "one class as the target", input, target)
        else:
            if given[:1] != sizes[:1]:
                raise self._misfit(ValueError, "equal batch sizes", input, target)
            if given[1:] != sizes[2:]:
                expected = f"a target of classes of shape {[sizes[0], *sizes[2:]]}"
                raise self._misfit(RuntimeError, expected, input, target)
        if target.dtype != np.int64 and (target.dtype != np.uint8 or len(sizes) > 2):
            raise RuntimeError(
                f"{type(self).__name__} expected a target of classes to be int64 (or uint8 for an "
                f"input of at most 2 dimensions), got {target.dtype}: convert it with .long()"
            )
        return given if len(sizes) > 1 else ()

    def _misfit(self, error: type[Exception], expected: str, input: Any, target: Any) -> Exception:
        """The error for shapes that are not as expected."""
        return error(
            f"{type(self).__name__} expected {expected}, got an input of shape {list(input.shape)} "
            f"and a target of shape {list(target.shape)}"
        )

    def _class_weights(self, dtype: np.dtype[Any] | None, classes: int) -> Any:
        """The weights of the classes, which must have that dtype if one is given, or None."""
        weight = self.constant_weight()
        if weight is None:
            return None
        if weight.shape != (classes,):
            raise RuntimeError(
                f"{type(self).__name__}: weight must have a number for each of {classes} classes, "
                f"but has shape {list(weight.shape)}"
            )
        if dtype is not None and weight.dtype != dtype:
            raise RuntimeError(
                f"{type(self).__name__}: weight must have the input's dtype {dtype}, but has "
                f"{weight.dtype}: convert it with .to(input.dtype)"
            )
        return weight

    def reduced_labels(self, losses: Array, labels: _Labels, dtype: np.dtype[Any]) -> Any:
        """The losses of all samples as the reduction has it."""
        return self.reduced(labels.scale(losses).reshape(labels.shape), dtype, labels.total)

    def share_of_labels(self, grad_output: Any, labels: _Labels) -> Any:
        """dL/d(the loss of each sample), a number or a flat array."""
        if self.reduction == "none":
            grad_output = grad_output.reshape(-1)
        return labels.scale(self.share(grad_output, labels.total))


class NLLLoss(_ClassLoss):
    """The negative log-likelihood of the right classes: L = Σ -w_t x_t / Σ w_t.

    The input x holds the logarithm of each class's probability, as `LogSoftmax` gives it, t is a
    sample's class and w_t the weight of that class. The derivative by x_t is -w_t / Σ w_t.

    Shapes: input (C,), (N, C) or (N, C, d_1, d_2, ...), target (), (N,) or (N, d_1, d_2, ...);
    output () for "mean" and "sum", else as the target.

    Args:
        weight: of each class, (C,). Default: None, all 1.
        size_average: no longer used; give `reduction`.
        ignore_index: a target that does not count. Default: -100.
        reduce: no longer used; give `reduction`.
        reduction: "mean" divides the sum by the sum of the samples' weights, "sum" does not, "none"
            gives every sample's loss. Default: "mean".

    Raises:
        ValueError: `reduction` is none of these, or the batch sizes differ.
        IndexError: a class is below 0 or not below C, and not `ignore_index`.
        TypeError: an argument is neither an array nor a Tensor.
        RuntimeError: the other sizes differ, the target is not int64, or `weight` has another shape
            or dtype or requires a gradient.
        NotImplementedError: the input is not floating point.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> log_probabilities = minitorch.tensor([[0.5, 0.5], [0.9, 0.1]]).log()
        >>> nn.NLLLoss()(log_probabilities, minitorch.tensor([0, 1]))
        tensor(1.4979)

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
    """

    def forward(self, input: Any, target: Any) -> Any:
        check_array(self, target, "target")
        check_floating(self, input)
        labels = self.labels(input, target)
        self.save_for_backward(labels, input.shape)
        with Silence():
            losses = -input.reshape(-1).take(labels.positions)
            return self.reduced_labels(losses, labels, input.dtype)

    def backward(self, grad_output: Any) -> Any:
        labels, shape = self.saved_tensors
        grad = np.zeros(shape, grad_output.dtype)
        grad.reshape(-1)[labels.positions] = -self.share_of_labels(grad_output, labels)
        return grad, None


class CrossEntropyLoss(_ClassLoss):
    """Softmax and the negative log-likelihood in one: L = mean of log Σ_c exp(x_c) - x_t.

    The input x holds the logits of C classes, t is a sample's class. The derivative by x is
    softmax(x), less 1 at t. With class weights w each sample counts w_t times and the mean divides
    by Σ w_t, as in `NLLLoss`. It is finite for all finite logits.

    With probabilities q_c of the classes as the target, each sample's loss is
    Σ_c w_c q_c (log Σ exp(x) - x_c), whose derivative is softmax(x) Σ w_c q_c - w_c q_c, and the
    mean divides by the number of samples. Label smoothing ε puts (1 - ε) q_c + ε / C for q_c;
    class indices then stand for q_t = 1, and the mean divides by Σ w_t.

    Shapes: input (C,), (N, C) or (N, C, d_1, d_2, ...), target of indices (), (N,) or
    (N, d_1, d_2, ...), or of probabilities as the input; output () for "mean" and "sum", else (),
    (N,) or (N, d_1, d_2, ...).

    Args:
        weight: of each class, (C,). Default: None, all 1.
        size_average: no longer used; give `reduction`.
        ignore_index: a target index that does not count. Default: -100.
        reduce: no longer used; give `reduction`.
        reduction: "mean" divides the sum as said above, "sum" does not, "none" gives every sample's
            loss. Default: "mean".
        label_smoothing: ε, from 0 to 1. Default: 0.

    Raises:
        ValueError: `reduction` is none of these, or the batch sizes differ.
        IndexError: a class is below 0 or not below C, and not `ignore_index`.
        TypeError: an argument is neither an array nor a Tensor.
        RuntimeError: the other sizes differ, a target of the input's shape is not floating point or
            another is not int64, `weight` has another shape or dtype or requires a gradient,
            `label_smoothing` is above 1, or `ignore_index` is a class and the target probabilities.
        NotImplementedError: the input is not floating point.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> logits = minitorch.tensor([[0.0, 0.0], [1e4, -1e4]])
        >>> nn.CrossEntropyLoss(reduction="none")(logits, minitorch.tensor([0, 1]))
        tensor([6.9315e-01, 2.0000e+04])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
    """

    label_smoothing: float

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Any = None,
        ignore_index: int = -100,
        reduce: Any = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, ignore_index, reduce, reduction)
        self.label_smoothing = label_smoothing

    def forward(self, input: Any, target: Any) -> Any:
        check_array(self, target, "target")
        check_floating(self, input)
        if self.label_smoothing > 1:
            raise RuntimeError(
                f"CrossEntropyLoss: label_smoothing must be from 0 to 1, got {self.label_smoothing}"
            )
        if self.label_smoothing > 0 or target.shape == input.shape:
            return self._forward_on_probabilities(input, target)
        labels = self.labels(input, target)
        with Silence():
            logits, axis = widened(input), classes_axis(input)
            highest = np.maximum.reduce(logits, axis=axis, keepdims=True, initial=-np.inf)
            powers = np.subtract(logits, highest, order="C")
            np.exp(powers, powers)
            sums = sum_classes(powers, axis)
            self.save_for_backward(labels, powers, sums)
            losses = highest.reshape(-1) - logits.reshape(-1).take(labels.positions)
            losses += np.log(sums).reshape(-1)
            return self.reduced_labels(losses, labels, input.dtype)

    def backward(self, grad_output: Any) -> Any:
        # dL/dx = softmax(x), less 1 at the sample's class
        labels, powers, sums = self.saved_tensors
        if sums is None:
            return self._backward_of_probabilities(grad_output)
        share = self.share_of_labels(grad_output, labels)
        grad = powers * (as_samples(share, sums) / sums)
        grad.reshape(-1)[labels.positions] -= share
        return grad, None

    def _forward_on_probabilities(self, input: Any, target: Any) -> Any:
        """The loss for a probability of each class, given or made from labels by smoothing."""
        if target.shape == input.shape:
            labels, input, target = self._given(input, target)
            given, dtype = widened(target), None
        else:
            labels, dtype = self.labels(input, target), input.dtype
            labels.counts = None  # the weights of classes come in below
            given = np.zeros(input.shape, widened(input).dtype)
            given.reshape(-1)[labels.positions] = 1
        logits, axis = widened(input), classes_axis(input)
        classes = input.shape[axis]
        weight = self._class_weights(dtype, classes)
        epsilon = max(self.label_smoothing, 0.0)
        with Silence():
            given = given * (1 - epsilon) + epsilon / (classes or 1)
            factors: Any = 1 - epsilon  # the derivative of `given` by the target
            dtype = input.dtype
            if weight is not None:
                spread = weight.reshape(-1, *[1] * (input.ndim - 2))
                given, factors = given * spread, factors * spread
                dtype = np.result_type(dtype, weight.dtype)
            highest = np.maximum.reduce(logits, axis=axis, keepdims=True, initial=-np.inf)
            logs = logits - highest
            logs -= np.log(sum_classes(np.exp(logs), axis))
            losses = -np.add.reduce(given * logs, axis=axis).reshape(-1)
            self.save_for_backward(labels, (logs, given, factors), None)
            return self.reduced_labels(losses, labels, dtype)

    def _backward_of_probabilities(self, grad_output: Any) -> Any:
        # dL/dx = softmax(x) Σ q - q and dL/dq = -log softmax(x), for the target q with its weights
        labels, (logs, given, factors), _ = self.saved_tensors
        total = np.add.reduce(given, axis=classes_axis(given), keepdims=True)
        share = as_samples(self.share_of_labels(grad_output, labels), total)
        grad = (np.exp(logs) * total - given) * share
        return grad, logs * (-factors * share) if self.needs_input_grad[1] else None

    def _given(self, input: Any, target: Any) -> tuple[_Labels, Any, Any]:
        """Check a target of probabilities: what it says of each sample, and both in one dtype."""
        got = f"got a target of {target.dtype} for an input of shape {list(input.shape)}"
        if target.dtype.kind != "f":
            raise RuntimeError(
                "CrossEntropyLoss expected a target of the input's shape to be floating point, "
                f"since it holds probabilities, {got}"
            )
        if not input.ndim:
            raise IndexError(f"CrossEntropyLoss expected a dimension of classes, {got}")
        if self.ignore_index >= 0:
            raise RuntimeError(
                f"CrossEntropyLoss: ignore_index={self.ignore_index} is not supported for a target "
                f"of probabilities: leave it out; {got}"
            )
        shape = (input.shape[0], *input.shape[2:]) if input.ndim > 1 else ()
        nowhere = np.empty(0, np.int64)
        labels = _Labels(nowhere, None, None, math.prod(shape), shape)
        return labels, *promote(input, target)


def classes_axis(array: Any) -> int:
    """Which dimension of an input (C), (N, C) or (N, C, *) is that of the classes."""
    return 1 if array.ndim > 1 else 0


def sum_classes(array: Any, axis: int) -> Any:
    """The sums over the dimension of the classes, which stays with size 1."""
    if array.ndim != 2:
        return np.add.reduce(array, axis=axis, keepdims=True)
    return array.dot(ones(array.shape[1], array.dtype))[:, None]


def as_samples(share: Any, sums: Any) -> Any:
    """A number for each sample in the shape of sums over classes; one for all as it is."""
    return share.reshape(sums.shape) if share.ndim else share


# -- of two inputs ------------------------------------------------------------------------


class CosineEmbeddingLoss(_Loss):
    """Makes two vectors alike or unlike: 1 - cos(x, y) for target 1, max(0, cos(x, y) - m) for -1.

    The cosine is x·y / √((x·x + 1e-12) (y·y + 1e-12)); its derivative by x is
    y / √(..) - cos x / (x·x + 1e-12). Any other target gives 0.

    Shapes: input1 and input2 (N, D) with target (N,), or (D,) with (); output () for "mean" and
    "sum", else as the target.

    Args:
        margin: m, best from 0 to 0.5. Default: 0.
        size_average: no longer used; give `reduction`.
        reduce: no longer used; give `reduction`.
        reduction: "mean" divides the sum by N, "sum" does not, "none" gives every pair's loss.
            Default: "mean".

    Raises:
        ValueError: `reduction` is none of these.
        TypeError: an argument is neither an array nor a Tensor.
        RuntimeError: the shapes do not fit.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> x = minitorch.tensor([[1.0, 0.0], [1.0, 0.0]])
        >>> y = minitorch.tensor([[0.0, 1.0], [1.0, 1.0]])
        >>> nn.CosineEmbeddingLoss(reduction="none")(x, y, minitorch.tensor([1, -1]))
        tensor([1.0000, 0.7071])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html
    """

    margin: float

    def __init__(
        self,
        margin: float = 0.0,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:
        self._check(input1, input2, target)
        x, y = promote_floating(input1, input2)
        dtype, x, y = x.dtype, widened(x), widened(y)
        alike, unlike = target == 1, target == -1
        with Silence():
            try:
                product = np.add.reduce(x * y, axis=-1)
                square_x, square_y = (
                    np.add.reduce(each * each, axis=-1) + 1e-12 for each in (x, y)
                )
                size = np.sqrt(square_x) * np.sqrt(square_y)
                cosine = product / size
                above = cosine - self.margin
                losses = np.where(unlike, np.maximum(above, constant(0.0, x.dtype)), 0)
                losses = np.where(alike, 1 - cosine, losses)
            except ValueError:
                raise no_common_shape(self, input1=x, input2=y, target=target) from None
            slope = (unlike & (above >= 0)).astype(x.dtype) - alike
            self.save_for_backward(x, y, slope, cosine, size, square_x, square_y)
            return self.reduced(losses, dtype, losses.size)

    def backward(self, grad_output: Any) -> Any:
        # d cos/dx = y / (|x| |y|) - cos x / |x|²
        x, y, slope, cosine, size, square_x, square_y = self.saved_tensors
        share = np.asarray(self.share(grad_output, slope.size) * slope)[..., None]
        cosine, size, square_x, square_y = (
            np.asarray(each)[..., None] for each in (cosine, size, square_x, square_y)
        )
        grad_x = (y / size - cosine / square_x * x) * share
        grad_y = (x / size - cosine / square_y * y) * share
        return grad_x, grad_y, None

    def _check(self, input1: Any, input2: Any, target: Any) -> None:
        for name, value in (("input1", input1), ("input2", input2), ("target", target)):
            check_array(self, value, name)
        sizes = [input1.ndim, input2.ndim, target.ndim]
        if sizes not in ([1, 1, 0], [2, 2, 1]):
            raise RuntimeError(
                "CosineEmbeddingLoss expected inputs (N, D) with a target (N,), or (D,) with (), "
                f"got {list(input1.shape)}, {list(input2.shape)} and {list(target.shape)}"
            )


class MarginRankingLoss(_Loss):
    """Puts one input above the other: L = mean of max(0, m - t (x - y)).

    The target t is 1 where x should be ranked higher than y, and -1 where lower. The derivative by
    x is -t where the loss is not below 0 before it is cut, and 0 elsewhere.

    Shapes: input1, input2 and target (*), of as many dimensions; output () for "mean" and "sum",
    else (*).

    Args:
        margin: m. Default: 0.
        size_average: no longer used; give `reduction`.
        reduce: no longer used; give `reduction`.
        reduction: "mean" divides the sum by the number of elements, "sum" does not, "none" gives
            every element's loss. Default: "mean".

    Raises:
        ValueError: `reduction` is none of these.
        AttributeError: an argument is neither an array nor a Tensor.
        RuntimeError: the shapes do not fit, or the target is boolean.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> x, y = minitorch.tensor([1.0, 2.0]), minitorch.tensor([3.0, 0.0])
        >>> nn.MarginRankingLoss(reduction="none")(x, y, minitorch.tensor([1, 1]))
        tensor([2., 0.])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html
    """

    margin: float

    def __init__(
        self,
        margin: float = 0.0,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:
        self._check(input1, input2, target)
        x, y = promote_floating(input1, input2)
        x, t = promote(x, target)
        with Silence():
            try:
                difference = x - y
                slack = self.margin - t * difference
            except ValueError:
                raise no_common_shape(self, input1=x, input2=y, target=t) from None
            self.save_for_backward(difference, t, slack >= 0)
            losses = np.maximum(slack, constant(0.0, slack.dtype))
            return self.reduced(losses, losses.dtype, losses.size)

    def backward(self, grad_output: Any) -> Any:
        # dL/dx = -t, dL/dy = t, dL/dt = -(x - y), where the loss is not cut
        difference, t, active = self.saved_tensors
        share = self.share(grad_output, active.size) * active
        grad = t * share
        return -grad, grad, -difference * share if self.needs_input_grad[2] else None

    def _check(self, input1: Any, input2: Any, target: Any) -> None:
        for name, value in (("input1", input1), ("input2", input2), ("target", target)):
            check_array(self, value, name, AttributeError)
        if not input1.ndim == input2.ndim == target.ndim:
            raise RuntimeError(
                "MarginRankingLoss expected inputs and target of as many dimensions, got shapes "
                f"{list(input1.shape)}, {list(input2.shape)} and {list(target.shape)}"
            )
        if target.dtype.kind == "b":
            raise RuntimeError("MarginRankingLoss expected a target of 1 and -1, got booleans")


# -- checks -------------------------------------------------------------------------------


def check_same_shape(module: Module, input: Any, target: Any) -> None:
    """Refuse an input and a target of different shapes, or what is no array.

    Raises:
        AttributeError: one is no array.
        ValueError: the shapes differ.
    """
    check_array(module, input, "input", AttributeError)
    check_array(module, target, "target", AttributeError)
    if input.shape != target.shape:
        raise ValueError(
            f"{type(module).__name__}: target of shape {list(target.shape)} must have the input's "
            f"shape {list(input.shape)}"
        )


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
