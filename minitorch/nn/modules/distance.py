"""Similarities and distances of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...autograd.variable import Variable
from ...ops import reduction
from ...ops.dims import normalize_dim
from ...ops.promotion import constant, promote
from ...ops.reduction import widened
from ...quiet import Silence
from ..module import Module
from .checks import check_array, no_common_shape


class CosineSimilarity(Module):
    """The cosine of the angle between vectors: x·y / (max(|x|, ε) max(|y|, ε)).

    The derivative by x is (y / max(|y|, ε) - cos x / |x|) / max(|x|, ε), and by y likewise; for
    x = 0 it is that without x / |x|.

    Shapes: x1 and x2 (*, D, *), which broadcast, with D at `dim`; output (*, *).

    Args:
        dim: where the vectors' numbers are. Default: 1.
        eps: ε, which keeps the denominator from zero. Default: 1e-8.

    Raises:
        TypeError: an argument is neither an array nor a Tensor, or `dim` is no int.
        IndexError: there is no such dimension.
        RuntimeError: the shapes do not broadcast, or both are integers.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> x, y = minitorch.tensor([[1.0, 0.0]]), minitorch.tensor([[1.0, 1.0]])
        >>> nn.CosineSimilarity()(x, y)
        tensor([0.7071])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html
    """

    dim: int
    eps: float

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Any, x2: Any) -> Any:
        dtype, x1, x2, dim = self._operands(x1, x2)
        with Silence():
            norm1, norm2 = (
                np.sqrt(np.add.reduce(each * each, axis=dim, keepdims=True)) for each in (x1, x2)
            )
            bound = constant(self.eps, x1.dtype)
            first, second = x1 / np.maximum(norm1, bound), x2 / np.maximum(norm2, bound)
            cosine = np.asarray(np.add.reduce(first * second, axis=dim), dtype)
            self.save_for_backward(x1, x2, norm1, norm2, cosine, dim)
            return cosine

    def backward(self, grad_output: Any) -> Any:
        # d cos/dx = (y / |y| - cos x / |x|) / |x|
        x1, x2, norm1, norm2, cosine, dim = self.saved_tensors
        grad, cosine = np.expand_dims(grad_output, dim), np.expand_dims(cosine, dim)
        needs1, needs2 = self.needs_input_grad
        grad1 = self._towards(x1, norm1, x2, norm2, cosine) * grad if needs1 else None
        grad2 = self._towards(x2, norm2, x1, norm1, cosine) * grad if needs2 else None
        return grad1, grad2

    def _towards(self, x: Any, norm: Any, other: Any, other_norm: Any, cosine: Any) -> Any:
        """The derivative of the cosine by x."""
        bound, one = constant(self.eps, x.dtype), constant(1.0, x.dtype)
        direction = x / np.where(norm == 0, one, norm)
        slope = other / np.maximum(other_norm, bound) - cosine * direction
        return slope / np.maximum(norm, bound)

    def _operands(self, x1: Any, x2: Any) -> tuple[Any, Any, Any, int]:
        """The result's dtype, both inputs in one shape, and the dimension's number from 0."""
        check_array(self, x1, "x1")
        check_array(self, x2, "x2")
        first, second = promote(x1, x2)
        if first.dtype.kind != "f":
            raise RuntimeError(
                f"CosineSimilarity expected floating point inputs, got {x1.dtype} and {x2.dtype}: "
                "convert one with .float()"
            )
        if type(self.dim) is not int:
            raise TypeError(f"CosineSimilarity: dim must be an int, not {type(self.dim).__name__}")
        try:
            a, b = np.broadcast_arrays(widened(first), widened(second))
        except ValueError:
            raise no_common_shape(self, x1=x1, x2=x2) from None
        return first.dtype, a, b, normalize_dim(self.dim, a.ndim)


class PairwiseDistance(Module):
    """The p-norm of the difference of vectors: (Σ |x - y + ε|^p)^(1/p) over the last dimension.

    Shapes: x1 and x2 (*, D), which broadcast; output (*), or (*, 1) with `keepdim`.

    Args:
        p: the norm's order; it may be infinite or negative. Default: 2.
        eps: ε, added to each difference. Default: 1e-6.
        keepdim: keep the last dimension, with size 1. Default: False.

    Attributes:
        norm: p.

    Raises:
        TypeError: an argument is neither an array nor a Tensor.
        RuntimeError: the shapes do not broadcast.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> x, y = minitorch.tensor([[3.0, 4.0]]), minitorch.zeros(1, 2)
        >>> nn.PairwiseDistance()(x, y)
        tensor([5.0000])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html
    """

    norm: float
    eps: float
    keepdim: bool

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Any, x2: Any) -> Any:
        for name, value in (("x1", x1), ("x2", x2)):
            if not isinstance(value, Variable):
                check_array(self, value, name)
        try:
            np.broadcast_shapes(x1.shape, x2.shape)
        except ValueError:
            raise no_common_shape(self, x1=x1, x2=x2) from None
        return reduction.norm(x1 - x2 + self.eps, self.norm, -1, self.keepdim)
