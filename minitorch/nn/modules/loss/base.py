"""What losses share: reduction and its derivative, weights, checks."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np

from ....autograd.grad_mode import state
from ....autograd.variable import Variable
from ....ops.promotion import constant
from ....ops.reduction import widened
from ....tensor import Tensor
from ...module import Module
from ..checks import check_array

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
