"""Instance normalization as a function."""

from __future__ import annotations

from typing import Any

from ..modules.instancenorm import _InstanceNorm
from ..stateless import as_weight, on_tensors, run, stateless
from .batchnorm import check_statistics


class InstanceNorm(_InstanceNorm):
    """Instance normalization of any number of dimensions, always with a batch."""

    def _check_input_dim(self, input: Any) -> None:
        if input.ndim < 3:
            raise ValueError(
                "instance_norm expected an input (N, C, *) with more than 1 position, got shape "
                f"{list(input.shape)}"
            )
        self.unbatched_dimensions = input.ndim - 1


def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Normalize each channel of each sample by itself: see `minitorch.nn.InstanceNorm1d`.

    Args:
        input: (N, C, *).
        running_mean: (C,), changed in place by `use_input_stats`, otherwise used. Default: None.
        running_var: (C,), likewise; None if the mean is None.
        weight: γ, (C,), or None.
        bias: β, (C,), or None.
        use_input_stats: normalize by the statistics of the input. Default: True.
        momentum: how much they weigh in the running ones. Default: 0.1.
        eps: ε. Default: 1e-5.

    Raises:
        ValueError: only one of the running statistics is given, or there is one position per
            channel.
        RuntimeError: shapes or dtypes do not fit, or statistics are missing.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.instance_norm(minitorch.tensor([[[1.0, 3.0], [40.0, 20.0]]]))
        tensor([[[-1.0000,  1.0000],
                 [ 1.0000, -1.0000]]])
    """
    check_statistics("instance_norm", running_mean, running_var, needed=not use_input_stats)
    tensors = (running_mean, running_var, weight, bias)
    if on_tensors(input, *tensors):
        input = as_weight(input)
    running_mean, running_var, weight, bias = map(as_weight, tensors)
    layer = stateless(
        InstanceNorm,
        weight=weight,
        bias=bias,
        running_mean=running_mean,
        running_var=running_var,
        training=use_input_stats,
        track_running_stats=True,
        momentum=momentum,
        eps=eps,
    )
    return run(layer, input)
