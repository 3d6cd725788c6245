"""The layers as functions of their inputs and weights; each runs its module's own pair.

Arrays in, arrays out; with a Tensor among the arguments the result is a Tensor.
"""

from __future__ import annotations

from typing import Any

from ..autograd.variable import Variable, ndarray
from ..ops import elementwise, linalg
from ..ops import reduction as reductions
from .modules.activation import Sigmoid
from .modules.dropout import (
    AlphaDropout,
    Dropout,
    Dropout1d,
    Dropout2d,
    Dropout3d,
    FeatureAlphaDropout,
    drop,
)
from .modules.linear import Linear
from .modules.loss import MSELoss, reduction_of
from .stateless import as_weight, on_tensors, run, stateless


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


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Set each element to 0 with probability p, scale up the others: see `minitorch.nn.Dropout`.

    Args:
        input: (*), any shape.
        p: the probability of being set to 0. Default: 0.5.
        training: False returns the input itself. Default: True.
        inplace: write the output over the input, and return the input. Default: False.

    Raises:
        ValueError, RuntimeError: as `minitorch.nn.Dropout`.
        TypeError: the input is neither an array nor a Tensor, or `training` is no bool.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> _ = minitorch.manual_seed(0)
        >>> F.dropout(minitorch.ones(5), 0.2)
        tensor([0.0000, 1.2500, 1.2500, 0.0000, 1.2500])
    """
    return drop(Dropout, input, p, training, inplace)


def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Dropout that keeps mean 0 and variance 1: see `minitorch.nn.AlphaDropout`.

    The arguments and errors are those of `dropout`, but by default `training` is False.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> _ = minitorch.manual_seed(0)
        >>> F.alpha_dropout(minitorch.zeros(5), 0.2, training=True)
        tensor([-1.2362,  0.3090,  0.3090, -1.2362,  0.3090])
    """
    return drop(AlphaDropout, input, p, training, inplace)


def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Dropout of whole channels, (N, C, L) or (C, L): see `minitorch.nn.Dropout1d`.

    The arguments are those of `dropout`; errors as `minitorch.nn.Dropout1d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> _ = minitorch.manual_seed(0)
        >>> F.dropout1d(minitorch.ones(1, 5, 2), 0.2).mean(2)
        tensor([[0.0000, 1.2500, 1.2500, 0.0000, 1.2500]])
    """
    return drop(Dropout1d, input, p, training, inplace)


def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Dropout of whole channels, (N, C, H, W): see `minitorch.nn.Dropout2d`.

    The arguments are those of `dropout`; errors and warnings as `minitorch.nn.Dropout2d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> _ = minitorch.manual_seed(0)
        >>> F.dropout2d(minitorch.ones(1, 5, 2, 2), 0.2).mean((2, 3))
        tensor([[0.0000, 1.2500, 1.2500, 0.0000, 1.2500]])
    """
    return drop(Dropout2d, input, p, training, inplace)


def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Dropout of whole channels, (N, C, D, H, W) or (C, D, H, W): see `minitorch.nn.Dropout3d`.

    The arguments are those of `dropout`; errors and warnings as `minitorch.nn.Dropout3d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> _ = minitorch.manual_seed(0)
        >>> F.dropout3d(minitorch.ones(1, 5, 2, 2, 2), 0.2).mean((2, 3, 4))
        tensor([[0.0000, 1.2500, 1.2500, 0.0000, 1.2500]])
    """
    return drop(Dropout3d, input, p, training, inplace)


def feature_alpha_dropout(
    input: Any, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Any:
    """`alpha_dropout` of whole channels, (N, C, *): see `minitorch.nn.FeatureAlphaDropout`.

    The arguments are those of `alpha_dropout`; errors as `minitorch.nn.FeatureAlphaDropout`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> _ = minitorch.manual_seed(0)
        >>> F.feature_alpha_dropout(minitorch.zeros(1, 5, 2), 0.2, training=True).mean(2)
        tensor([[-1.2362,  0.3090,  0.3090, -1.2362,  0.3090]])
    """
    return drop(FeatureAlphaDropout, input, p, training, inplace)


__all__ = [
    "alpha_dropout",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
    "linear",
    "mse_loss",
    "sigmoid",
]
