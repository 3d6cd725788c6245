"""Activations as functions."""

from __future__ import annotations

from typing import Any

from ..modules.activation import Sigmoid
from ..stateless import run

_sigmoid = Sigmoid()


def sigmoid(input: Any) -> Any:
    """σ(x) = 1 / (1 + exp(-x)) for each element: see `minitorch.nn.Sigmoid`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.sigmoid(minitorch.zeros(1))
        tensor([0.5000])
    """
    return run(_sigmoid, input)
