"""Dropout as functions."""

from __future__ import annotations

from typing import Any

from ..modules.dropout import (
    AlphaDropout,
    Dropout,
    Dropout1d,
    Dropout2d,
    Dropout3d,
    FeatureAlphaDropout,
    drop,
)


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
