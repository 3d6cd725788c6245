"""Losses of the scores of classes, one of which is right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....autograd.variable import Array
from ....ops.promotion import ones, promote
from ....ops.reduction import widened
from ....quiet import Silence
from ....tensor import Tensor
from ..checks import check_array, check_floating, within
from .base import (
    _WeightedLoss,
)


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
