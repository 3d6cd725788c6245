"""Layer, group and RMS normalization as functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...ops.shape import as_integer
from ..modules.normalization import GroupNorm, LayerNorm, RMSNorm
from ..stateless import as_weight, on_tensors, run, stateless


def layer_norm(
    input: Any,
    normalized_shape: Sequence[int],
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Any:
    """Normalize each sample over its last dimensions: see `minitorch.nn.LayerNorm`.

    Args:
        input: (*, *normalized_shape).
        normalized_shape: the sizes of the last dimensions, a tuple or list.
        weight: w, of `normalized_shape`, or None.
        bias: b, of `normalized_shape`, or None.
        eps: ε. Default: 1e-5.

    Raises:
        RuntimeError: shapes or dtypes do not fit.
        TypeError: `normalized_shape` is not a sequence of integers.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.layer_norm(minitorch.tensor([1.0, 3.0]), (2,))
        tensor([-1.0000,  1.0000])
    """
    if on_tensors(input, weight, bias):
        input = as_weight(input)
    layer = stateless(
        LayerNorm,
        normalized_shape=_sizes("layer_norm", normalized_shape),
        weight=as_weight(weight),
        bias=as_weight(bias),
        eps=eps,
    )
    return run(layer, input)


def rms_norm(
    input: Any, normalized_shape: Sequence[int], weight: Any = None, eps: float | None = None
) -> Any:
    """Divide each sample by its root mean square: see `minitorch.nn.RMSNorm`.

    Args:
        input: (*, *normalized_shape).
        normalized_shape: the sizes of the last dimensions, a tuple or list.
        weight: w, of `normalized_shape`, or None.
        eps: ε. Default: None, as there.

    Raises:
        RuntimeError, ValueError: shapes do not fit.
        TypeError: `normalized_shape` is not a sequence of integers.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.rms_norm(minitorch.tensor([1.0, 7.0]), (2,))
        tensor([0.2000, 1.4000])
    """
    if on_tensors(input, weight):
        input = as_weight(input)
    layer = stateless(
        RMSNorm,
        normalized_shape=_sizes("rms_norm", normalized_shape),
        weight=as_weight(weight),
        eps=eps,
    )
    return run(layer, input)


def group_norm(
    input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Normalize groups of channels of each sample: see `minitorch.nn.GroupNorm`.

    Args:
        input: (N, C, *).
        num_groups: into how many groups the channels are divided.
        weight: γ, (C,), or None.
        bias: β, (C,), or None.
        eps: ε. Default: 1e-5.

    Raises:
        ValueError: there is one sample with one number in each group.
        RuntimeError: shapes or dtypes do not fit.
        ZeroDivisionError: `num_groups` is 0.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.group_norm(minitorch.tensor([[1.0, 3.0, 90.0, 50.0]]), 2)
        tensor([[-1.0000,  1.0000,  1.0000, -1.0000]])
    """
    if num_groups == 0:
        raise ZeroDivisionError("group_norm: channels cannot be divided into num_groups=0 groups")
    if on_tensors(input, weight, bias):
        input = as_weight(input)
    layer = stateless(
        GroupNorm,
        num_groups=num_groups,
        weight=as_weight(weight),
        bias=as_weight(bias),
        eps=eps,
    )
    return run(layer, input)


def _sizes(function: str, normalized_shape: Any) -> tuple[int, ...]:
    if not isinstance(normalized_shape, Sequence):
        raise TypeError(
            f"{function}: normalized_shape must be a tuple of integers, not {normalized_shape!r}"
        )
    return tuple(as_integer(size, "normalized_shape") for size in normalized_shape)
