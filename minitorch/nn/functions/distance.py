"""Similarities and distances as functions."""

from __future__ import annotations

from typing import Any

from ...ops import comparison, elementwise, reduction
from ..modules.distance import CosineSimilarity, PairwiseDistance
from ..stateless import run, stateless


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosine of the angle between vectors: see `minitorch.nn.CosineSimilarity`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.cosine_similarity(minitorch.tensor([1.0, 0.0]), minitorch.ones(2), dim=0)
        tensor(0.7071)
    """
    return run(stateless(CosineSimilarity, dim=dim, eps=eps), x1, x2)


def pairwise_distance(
    x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Any:
    """The p-norm of the difference of vectors: see `minitorch.nn.PairwiseDistance`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.pairwise_distance(minitorch.tensor([3.0, 4.0]), minitorch.zeros(2), p=1)
        tensor(7.0000)
    """
    return run(stateless(PairwiseDistance, norm=p, eps=eps, keepdim=keepdim), x1, x2)


def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Any:
    """x / max(‖x‖, ε), with the p-norm along a dimension: vectors of length 1.

    Args:
        input: (*), floating point.
        p: of the norm. Default: 2.
        dim: the dimension of the vectors, or several. Default: 1.
        eps: ε, which replaces smaller lengths. Default: 1e-12.

    Raises:
        IndexError: there is no such dimension.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.normalize(minitorch.tensor([3.0, 4.0]), dim=0)
        tensor([0.6000, 0.8000])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.normalize.html
    """
    length = reduction.norm(input, p, dim, keepdim=True)
    return elementwise.div(input, comparison.clamp_min(length, eps))
