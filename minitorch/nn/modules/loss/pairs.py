"""Losses of two inputs that are to be alike, unlike or ordered."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....ops.promotion import constant, promote, promote_floating
from ....ops.reduction import widened
from ....quiet import Silence
from ..checks import check_array, no_common_shape
from .base import (
    _Loss,
)


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
