"""Instance normalization."""

from __future__ import annotations

import math
import warnings
from typing import Any

from .batchnorm import _NormBase, check_dimensions


class _InstanceNorm(_NormBase):
    """Instance normalization: the numbers of a channel in each sample are normalized by themselves.

    A subclass says how many dimensions an input without a batch has.
    """

    unbatched_dimensions: int

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )

    def _check_input_dim(self, input: Any) -> None:
        ndim = self.unbatched_dimensions
        sizes = ", ".join("DHW"[4 - ndim :]) if ndim > 2 else "L"
        check_dimensions(self, input, (ndim, ndim + 1), f"(C, {sizes}) or (N, C, {sizes})")
        channels = self._channels(input.shape)
        if channels == self.num_features:
            return
        if self.affine:
            raise ValueError(
                f"{type(self).__name__} expected num_features={self.num_features} channels in "
                f"dimension {input.ndim - ndim}, got {channels} in an input of shape "
                f"{list(input.shape)}"
            )
        warnings.warn(
            f"{type(self).__name__} was made for num_features={self.num_features} channels, and "
            f"the input has {channels}; without affine=True this has no effect",
            stacklevel=6,  # whoever called the layer
        )

    def _sets(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        spatial = len(shape) - self.unbatched_dimensions + 1
        return 1, math.prod(shape[:spatial]), math.prod(shape[spatial:])

    def _channels(self, shape: tuple[int, ...]) -> int:
        return shape[len(shape) - self.unbatched_dimensions]

    def _uses_input(self) -> bool:
        return self.training or not self.track_running_stats

    def _count_call(self) -> float | None:
        # The number of batches stays 0, as in PyTorch, so there is no mean of all so far.
        return 0.0 if self.momentum is None else self.momentum

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load; a state without a version may hold statistics that are not kept any more."""
        if local_metadata.get("version") is None and not self.track_running_stats:
            found = [
                key
                for name in ("running_mean", "running_var")
                if (key := prefix + name) in state_dict
            ]
            if found:
                names = " and ".join(f'"{key}"' for key in found)
                error_msgs.append(
                    f"{type(self).__name__} keeps no running statistics, but the state has {names}:"
                    " delete them, or make the layer with track_running_stats=True"
                )
                for key in found:
                    del state_dict[key]
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )


class InstanceNorm1d(_InstanceNorm):
    r"""Normalizes each channel of each sample by its own mean and variance.

    With the mean μ and the variance v (which divides by n) of a channel over the positions of one
    sample, it gives::

        y = γ (x - μ) / √(v + ε) + β

    in training and in evaluation mode. With `track_running_stats` running statistics follow in
    training mode, running ← (1 - momentum) running + momentum · new, by the mean of the samples'
    (with the unbiased variance), and take the place of μ and v in evaluation mode.

    Shapes: input and output (N, C, L) or (C, L).

    Args:
        num_features: C.
        eps: ε, for channels that hardly vary. Default: 1e-5.
        momentum: how much the latest batch weighs in the running statistics. Default: 0.1.
        affine: learn γ and β; otherwise they are 1 and 0. Default: False.
        track_running_stats: keep running statistics. Default: False.
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of weights and statistics. Default: the default dtype, float32.
        bias: with `affine`, learn β. Default: True.

    Attributes:
        weight: γ, (C,), at first 1; or None.
        bias: β, (C,), at first 0; or None.
        running_mean: (C,), at first 0; or None.
        running_var: (C,), at first 1; or None.
        num_batches_tracked: 0, or None; PyTorch does not count here.

    Raises:
        ValueError: the input has another number of dimensions, with `affine` another number of
            channels, or only one position while its own statistics are to be used.
        RuntimeError: the dtype is not that of the weights, or the number of channels not that of
            the statistics.
        AttributeError: the input is neither an array nor a Tensor.

    Warns:
        UserWarning: the number of channels is not `num_features`, without `affine`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.InstanceNorm1d(2)(minitorch.tensor([[1.0, 3.0], [40.0, 20.0]]))
        tensor([[-1.0000,  1.0000],
                [ 1.0000, -1.0000]])

    Source: Ulyanov, Vedaldi and Lempitsky, Instance normalization: the missing ingredient for fast
    stylization (2016).
    """

    unbatched_dimensions = 2


class InstanceNorm2d(_InstanceNorm):
    r"""Normalizes each channel of each image by its own mean and variance.

    Shapes: input and output (N, C, H, W) or (C, H, W). Equation, arguments and errors: see
    `InstanceNorm1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.InstanceNorm2d(3)(minitorch.ones(2, 3, 4, 4)).shape
        minitorch.Size([2, 3, 4, 4])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html
    """

    unbatched_dimensions = 3


class InstanceNorm3d(_InstanceNorm):
    r"""Normalizes each channel of each volume by its own mean and variance.

    Shapes: input and output (N, C, D, H, W) or (C, D, H, W). Equation, arguments and errors: see
    `InstanceNorm1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.InstanceNorm3d(3)(minitorch.ones(2, 3, 4, 4, 4)).shape
        minitorch.Size([2, 3, 4, 4, 4])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html
    """

    unbatched_dimensions = 4
