"""Batch normalization as a function."""

from __future__ import annotations

from typing import Any

from ..modules.batchnorm import _BatchNorm
from ..stateless import as_weight, on_tensors, run, stateless


class BatchNorm(_BatchNorm):
    """Batch normalization of any number of dimensions, which tracks what it is given."""

    def _check_input_dim(self, input: Any) -> None:
        if input.ndim < 2:
            raise RuntimeError(
                f"batch_norm expected an input (N, C, *), got shape {list(input.shape)}"
            )


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Normalize each channel by its mean and variance in the batch: see `minitorch.nn.BatchNorm1d`.

    Args:
        input: (N, C, *).
        running_mean: (C,), changed in place by `training`, otherwise used; or None.
        running_var: (C,), likewise; None if the mean is None.
        weight: γ, (C,), or None.
        bias: β, (C,), or None.
        training: use the statistics of the input. Default: False.
        momentum: how much they weigh in the running ones. Default: 0.1.
        eps: ε. Default: 1e-5.

    Raises:
        ValueError: only one of the running statistics is given, there is one value per channel in
            training, or `eps` is out of range.
        RuntimeError: shapes or dtypes do not fit, or statistics are missing outside training.
        TypeError: `training` is no bool.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.batch_norm(minitorch.tensor([[1.0], [3.0]]), None, None, training=True)
        tensor([[-1.0000],
                [ 1.0000]])
    """
    if type(training) is not bool:
        raise TypeError(f"batch_norm: training must be True or False, not {training!r}")
    check_statistics("batch_norm", running_mean, running_var, needed=not training)
    tensors = (running_mean, running_var, weight, bias)
    if on_tensors(input, *tensors):
        input = as_weight(input)
    running_mean, running_var, weight, bias = map(as_weight, tensors)
    layer = stateless(
        BatchNorm,
        weight=weight,
        bias=bias,
        running_mean=running_mean,
        running_var=running_var,
        num_batches_tracked=None,
        training=training,
        track_running_stats=True,
        momentum=momentum,
        eps=eps,
    )
    return run(layer, input)


def check_statistics(name: str, mean: Any, var: Any, needed: bool) -> None:
    """Refuse running statistics of which one is missing, or both if they are needed.

    Raises:
        RuntimeError: they are needed, and one is missing; or one requires a gradient.
        ValueError: only one is given.
    """
    if needed and (mean is None or var is None):
        missing = "running_mean" if mean is None else "running_var"
        raise RuntimeError(
            f"{name}: {missing} must be given where the statistics of the input are not used"
        )
    if (mean is None) != (var is None):
        raise ValueError(
            f"{name}: running_mean and running_var belong together, but only one is given"
        )
    for statistic in (mean, var):
        if getattr(statistic, "requires_grad", False):
            raise RuntimeError(
                f"{name}: running statistics have no gradient, so they cannot require one; give "
                "them detached"
            )
