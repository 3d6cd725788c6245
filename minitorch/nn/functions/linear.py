"""Linear maps as functions."""

from __future__ import annotations

from typing import Any

from ...autograd.variable import Variable, ndarray
from ...ops import linalg
from ..modules.linear import Linear
from ..stateless import as_weight, on_tensors, run, stateless


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """y = x Wᵀ + b: see `minitorch.nn.Linear`.

    Args:
        input: (*, in_features).
        weight: (out_features, in_features), or (in_features,).
        bias: what broadcasts to the output, usually (out_features,), or None.

    Returns:
        (*, out_features), or (*) for a weight of one dimension.

    Raises:
        TypeError: an argument is neither an array nor a Tensor.
        RuntimeError: shapes or dtypes do not fit.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.linear(minitorch.ones(1, 2), minitorch.tensor([[1.0, 2.0]]))
        tensor([[3.]])
    """
    _check_weight("weight", weight)
    if bias is not None:
        _check_weight("bias", bias)
    if weight.ndim == 1 or (bias is not None and bias.ndim > 1):
        output = linalg.matmul(input, weight if weight.ndim == 1 else weight.T)
        return output if bias is None else output + bias
    if weight.ndim != 2:
        raise RuntimeError(
            f"linear(): weight must have 1 or 2 dimensions, but has shape {list(weight.shape)}"
        )
    if on_tensors(input, weight, bias):
        input = as_weight(input)
    out_features, in_features = weight.shape
    layer = stateless(
        Linear,
        in_features=in_features,
        out_features=out_features,
        weight=as_weight(weight),
        bias=as_weight(bias),
    )
    return run(layer, input)


def _check_weight(name: str, value: Any) -> None:
    if not isinstance(value, (Variable, ndarray)):
        raise TypeError(
            f"linear(): argument '{name}' must be a Tensor or a NumPy array, not "
            f"{type(value).__name__}; convert it with minitorch.tensor(...)"
        )
