"""Batch normalization."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...autograd.inplace import changed
from ...autograd.variable import Array, wrap
from ...ops.creation import ones, zeros
from ...quiet import Silence
from ...tensor import Tensor
from ..module import Module
from .checks import check_array, check_floating
from .standardize import (
    Affine,
    as_working,
    blocks,
    center,
    check_parameter,
    for_sets,
    go_through,
    inverse_deviation,
    over_sets,
    scale,
    spread,
    sums,
    sums_of_products,
)


class _NormBase(Affine):
    """Normalization with a weight for each channel and running statistics: batch and instance.

    A subclass says which numbers are normalized together, by the view (batch, sets, length) in
    which a set is what has the same middle index (`_sets`), and how it keeps statistics.

    Attributes:
        weight: γ, one for each channel, at first 1; None without `affine`.
        bias: β, at first 0; None without `affine` or `bias`.
        running_mean: a moving average of the means, at first 0; None without statistics.
        running_var: one of the unbiased variances, at first 1; None without statistics.
        num_batches_tracked: how many calls it has taken; None without statistics.
    """

    _version = 2  # of the state: since 2 it has num_batches_tracked

    num_features: int
    eps: float
    momentum: float | None
    affine: bool
    track_running_stats: bool
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self._register_affine(num_features, device, dtype, weight=affine, bias=affine and bias)
        options = {"device": device, "dtype": dtype}
        tracks = track_running_stats
        self.register_buffer("running_mean", zeros(num_features, **options) if tracks else None)
        self.register_buffer("running_var", ones(num_features, **options) if tracks else None)
        count = wrap(np.array(0, np.int64)) if tracks else None
        self.register_buffer("num_batches_tracked", count)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget what was seen: the mean is 0, the variance 1, the number of batches 0."""
        if self.track_running_stats:
            assert self.running_mean is not None
            assert self.running_var is not None
            assert self.num_batches_tracked is not None
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Set the weight to 1 and the bias to 0, and forget what was seen."""
        self.reset_running_stats()
        super().reset_parameters()

    # -- what the subclasses say ----------------------------------------------------------

    def _check_input_dim(self, input: Any) -> None:
        """Refuse an input with the wrong number of dimensions."""
        raise NotImplementedError(f"{type(self).__name__} has no _check_input_dim")

    def _sets(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        """The view (batch, sets, length) of an input of this shape."""
        raise NotImplementedError

    def _channels(self, shape: tuple[int, ...]) -> int:
        """How many channels an input of this shape has."""
        return shape[1]

    def _uses_input(self) -> bool:
        """Whether the statistics of the input are used, not the running ones."""
        raise NotImplementedError

    def _count_call(self) -> float | None:
        """Count a call that uses the input's statistics; how much it weighs in the running ones."""
        raise NotImplementedError

    # -- the pair -------------------------------------------------------------------------

    def forward(self, input: Any) -> Any:
        # Of each set: x̂ = (x - μ) s with s = 1 / √(v + ε), and y = γ x̂ + β.
        check_array(self, input, error=AttributeError)
        self._check_input_dim(input)
        shape, uses_input = self._sets(input.shape), self._uses_input()
        self._check(input, shape, uses_input)
        x = as_working(input).reshape(shape)
        output = np.empty(input.shape, x.dtype)
        result = output.reshape(shape)
        sets, dtype = shape[1], x.dtype
        gamma, beta = for_sets(self.weight, sets, dtype), for_sets(self.bias, sets, dtype)
        if uses_input:
            mean, variance = np.empty((2, sets), dtype)
        else:
            mean = for_sets(self.running_mean, sets, dtype)
            variance = for_sets(self.running_var, sets, dtype)
        inverse_std = np.empty(sets, dtype)
        with Silence():
            for block in blocks(shape):
                part, centered = x[:, block], np.empty_like(x[:, block])
                if uses_input:
                    mean[block], variance[block] = center(part, centered)
                else:
                    np.subtract(part, spread(mean[block], part), centered)
                factor = inverse_std[block] = inverse_deviation(variance[block], self.eps)
                if gamma is not None:
                    factor = factor * gamma[block]
                scale(centered, factor, None if beta is None else beta[block], result[:, block])
            if uses_input:
                self._track(mean, variance, shape)
            output = output.astype(input.dtype, copy=False)
        self.save_for_backward(input, self.weight, self.bias, mean, inverse_std, uses_input)
        return output

    def backward(self, grad_output: Any) -> Any:
        # dL/dβ = Σ g, dL/dγ = Σ g x̂ over the numbers of the channel;
        # dL/dx = γ s (g - mean(g) - x̂ mean(g x̂)), without the means where μ and s are constants.
        input, weight, bias, mean, inverse_std, uses_input = self.saved_tensors
        shape = self._sets(input.shape)
        x, grad = as_working(input).reshape(shape), as_working(grad_output).reshape(shape)
        gamma = for_sets(weight, shape[1], x.dtype)
        needs_input = self.needs_input_grad[0]
        needs_weight = weight is not None and weight.requires_grad
        needs_bias = bias is not None and bias.requires_grad
        total, product = np.zeros((2, shape[1]), x.dtype)
        grad_input = np.empty(input.shape, x.dtype)
        result = grad_input.reshape(shape)
        for block in blocks(shape):
            part, g, s = x[:, block], grad[:, block], inverse_std[block]
            factor = s if gamma is None else s * gamma[block]
            if uses_input or needs_weight:
                centered = np.subtract(part, spread(mean[block], part), np.empty_like(part))
            if uses_input and needs_input:
                out = result[:, block]
                total[block], product[block] = go_through(g, centered, s, factor, out)
                continue
            if needs_weight:
                product[block] = sums_of_products(g, centered) * s
            if needs_bias:
                total[block] = sums(g)
            if needs_input:
                np.multiply(g, spread(factor, g), result[:, block])
        if needs_weight:
            weight.accumulate_grad(over_sets(product, weight))
        if needs_bias:
            bias.accumulate_grad(over_sets(total, bias))
        return grad_input if needs_input else None

    def _check(self, input: Array, shape: tuple[int, int, int], uses_input: bool) -> None:
        """Refuse what does not fit the weights, and sets of one number, which have no variance."""
        check_floating(self, input)
        if not uses_input and (self.running_mean is None or self.running_var is None):
            raise RuntimeError(
                f"{type(self).__name__} has no running statistics to use in evaluation mode: set "
                "running_mean and running_var, or call .train()"
            )
        expected = (self._channels(input.shape),)
        for name in ("running_mean", "running_var", "weight", "bias"):
            check_parameter(self, name, getattr(self, name), expected, input)
        if uses_input and shape[0] * shape[2] == 1:
            raise ValueError(
                f"{type(self).__name__} expected more than 1 value per channel when training, got "
                f"an input of shape {list(input.shape)}: their variance would be 0. Give more, or "
                "call .eval() to use the running statistics"
            )

    def _track(self, mean: Array, variance: Array, shape: tuple[int, int, int]) -> None:
        """Let the running statistics follow: r ← (1 - f) r + f (mean over the sets)."""
        factor = self._count_call()
        number = shape[0] * shape[2]
        if factor is None or self.running_mean is None or self.running_var is None:
            return
        if not shape[1] * number:
            return
        unbiased = variance * (number / (number - 1))
        for running, values in ((self.running_mean, mean), (self.running_var, unbiased)):
            channels = len(running.array)
            value = values.reshape(-1, channels).mean(0) if len(values) > channels else values
            np.multiply(running.array, 1 - factor, running.array)
            np.add(running.array, factor * value, running.array, casting="same_kind")
            changed(running)

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )

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
        """Load; a state of version 1 has no num_batches_tracked, which then stays as it is."""
        key = prefix + "num_batches_tracked"
        old = local_metadata.get("version") is None or local_metadata["version"] < 2
        if old and self.num_batches_tracked is not None:
            state_dict.setdefault(key, self.num_batches_tracked)
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )


class _BatchNorm(_NormBase):
    """Batch normalization: the numbers of a channel in all samples are normalized together."""

    def _sets(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        batch, channels, *sizes = shape
        return batch, channels, math.prod(sizes)

    def _uses_input(self) -> bool:
        return self.training or (self.running_mean is None and self.running_var is None)

    def _check(self, input: Array, shape: tuple[int, int, int], uses_input: bool) -> None:
        if self.eps < 0 or (uses_input and not self.eps):
            raise ValueError(
                f"{type(self).__name__}: eps must be positive where the statistics of the input "
                f"are used, and not negative elsewhere, but got eps={self.eps}"
            )
        super()._check(input, shape, uses_input)

    def _count_call(self) -> float | None:
        if not (self.training and self.track_running_stats):
            return None
        tracked = self.num_batches_tracked
        if tracked is not None:
            np.add(tracked.array, 1, tracked.array)
            changed(tracked)
        if self.momentum is not None:
            return self.momentum
        return 0.0 if tracked is None else 1 / float(tracked.array)  # the mean of all so far


class BatchNorm1d(_BatchNorm):
    r"""Normalizes each channel by its mean and variance in the batch.

    With the mean μ and the variance v of a channel over all samples (and positions), it gives::

        y = γ (x - μ) / √(v + ε) + β

    In training mode μ and v are those of the input (v divides by n), and running statistics
    follow: running ← (1 - momentum) running + momentum · new, with the unbiased variance, which
    divides by n - 1. In evaluation mode the running statistics take the place of μ and v.

    Shapes: input and output (N, C) or (N, C, L).

    Args:
        num_features: C.
        eps: ε, for channels that hardly vary. Default: 1e-5.
        momentum: how much the latest batch weighs in the running statistics; None gives every
            batch the same weight. Default: 0.1.
        affine: learn γ and β; otherwise they are 1 and 0. Default: True.
        track_running_stats: keep running statistics; without them those of the input are used in
            evaluation mode too. Default: True.
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of weights and statistics. Default: the default dtype, float32.
        bias: with `affine`, learn β. Default: True.

    Attributes:
        weight: γ, (C,), at first 1; or None.
        bias: β, (C,), at first 0; or None.
        running_mean: (C,), at first 0; or None.
        running_var: (C,), at first 1; or None.
        num_batches_tracked: the number of batches seen, an int64; or None.

    Raises:
        ValueError: the input has another number of dimensions; it has one value per channel, and
            its statistics are to be used; or `eps` is not positive.
        RuntimeError: the number of channels or the dtype is not that of the weights.
        AttributeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.BatchNorm1d(1, affine=False)(minitorch.tensor([[1.0], [3.0]]))
        tensor([[-1.0000],
                [ 1.0000]])

    Source: Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing
    internal covariate shift (2015).
    """

    def _check_input_dim(self, input: Any) -> None:
        check_dimensions(self, input, (2, 3), "(N, C) or (N, C, L)")


class BatchNorm2d(_BatchNorm):
    r"""Normalizes each channel of images by its mean and variance in the batch.

    Shapes: input and output (N, C, H, W). Equation, arguments and errors: see `BatchNorm1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> layer = nn.BatchNorm2d(3)
        >>> layer(minitorch.ones(2, 3, 4, 4)).shape
        minitorch.Size([2, 3, 4, 4])
        >>> layer.running_mean
        tensor([0.1000, 0.1000, 0.1000])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
    """

    def _check_input_dim(self, input: Any) -> None:
        check_dimensions(self, input, (4,), "(N, C, H, W)")


class BatchNorm3d(_BatchNorm):
    r"""Normalizes each channel of volumes by its mean and variance in the batch.

    Shapes: input and output (N, C, D, H, W). Equation, arguments and errors: see `BatchNorm1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.BatchNorm3d(3)(minitorch.ones(2, 3, 4, 4, 4)).shape
        minitorch.Size([2, 3, 4, 4, 4])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm3d.html
    """

    def _check_input_dim(self, input: Any) -> None:
        check_dimensions(self, input, (5,), "(N, C, D, H, W)")


def check_dimensions(module: Module, input: Any, accepted: tuple[int, ...], shapes: str) -> None:
    """Refuse an input with another number of dimensions.

    Raises:
        ValueError: it has.
    """
    if input.ndim not in accepted:
        wanted = " or ".join(f"{ndim}D" for ndim in accepted)
        raise ValueError(
            f"{type(module).__name__} expected {wanted} input {shapes}, got {input.ndim}D input of "
            f"shape {list(input.shape)}"
        )
