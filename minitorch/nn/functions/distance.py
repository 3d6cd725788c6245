"""Similarities and distances as functions."""

from __future__ import annotations

from typing import Any

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
