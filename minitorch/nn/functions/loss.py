"""Losses as functions."""

from __future__ import annotations

from typing import Any

from ...ops import elementwise
from ...ops import reduction as reductions
from ..modules.loss import MSELoss, reduction_of
from ..stateless import run

_mse_losses = {reduction: MSELoss(reduction=reduction) for reduction in ("none", "mean", "sum")}


def mse_loss(
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """The mean squared error: see `minitorch.nn.MSELoss`.

    Args:
        input: (*).
        target: (*).
        size_average: no longer used; give `reduction`.
        reduce: no longer used; give `reduction`.
        reduction: "mean", "sum" or "none".
        weight: of the input's shape, multiplies each square; with "mean" the sum is divided by
            the sum of the weights. Default: None.

    Raises:
        ValueError: there is no such reduction, or `weight` has another shape than `input`.
        RuntimeError, AttributeError, NotImplementedError: as `minitorch.nn.MSELoss`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.mse_loss(minitorch.ones(2), minitorch.zeros(2), reduction="sum")
        tensor(2.)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if reduction not in _mse_losses:
        raise ValueError(f"{reduction} is not a valid value for reduction")
    if weight is None:
        return run(_mse_losses[reduction], input, target)
    if weight.shape != input.shape:
        raise ValueError(
            f"Weights and input must have the same size, got {list(weight.shape)} and "
            f"{list(input.shape)}"
        )
    squares = elementwise.mul(run(_mse_losses["none"], input, target), weight)
    if reduction == "none":
        return squares
    total = reductions.sum(squares)
    return total if reduction == "sum" else elementwise.div(total, reductions.sum(weight))
