"""Initial values of parameters, drawn as PyTorch draws them."""

from __future__ import annotations

import math
import warnings

import numpy as np

from ..autograd.inplace import changed
from ..random import Generator, default_generator
from ..tensor import Tensor

__all__ = [
    "calculate_gain",
    "constant_",
    "kaiming_uniform_",
    "ones_",
    "uniform_",
    "zeros_",
]


def _fill(tensor: Tensor, values: object) -> Tensor:
    """Set the values of a tensor, outside its graph."""
    np.copyto(tensor.array, values, casting="same_kind")  # type: ignore[arg-type]
    changed(tensor)
    return tensor


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one value."""
    return _fill(tensor, np.asarray(val, tensor.array.dtype))


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones."""
    return constant_(tensor, 1.0)


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Draw from the uniform distribution on [a, b).

    Args:
        tensor: what to fill.
        a: the lower bound.
        b: the upper bound.
        generator: where to draw from. Default: the default generator.

    Raises:
        RuntimeError: a > b.
        NotImplementedError: the tensor's dtype is not floating point.
    """
    if tensor.array.dtype.kind != "f":
        raise NotImplementedError(
            f"uniform_ draws floating-point numbers, but the tensor is of dtype {tensor.dtype}"
        )
    if a > b:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={a} > to={b}"
        )
    array = tensor.array
    return _fill(tensor, (generator or default_generator).uniform(a, b, array.shape, array.dtype))


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The recommended gain for a nonlinearity.

    1 for linear layers and sigmoid, 5/3 for tanh, √2 for relu, √(2 / (1 + slope²)) for
    leaky_relu (slope `param`, by default 0.01), 3/4 for selu.

    Raises:
        ValueError: the nonlinearity is not known, or `param` is no number.
    """
    linear = ("linear", "sigmoid", *(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3)))
    if nonlinearity in linear:
        return 1.0
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"negative_slope {slope} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    gains = {"tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 3.0 / 4}
    if nonlinearity not in gains:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return gains[nonlinearity]


def _fans(tensor: Tensor) -> dict[str, int]:
    """How many inputs feed one output of a weight, and the reverse."""
    shape = tensor.array.shape
    if len(shape) < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"
        )
    receptive = math.prod(shape[2:])
    return {"fan_in": shape[1] * receptive, "fan_out": shape[0] * receptive}


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Draw from U(-bound, bound), bound = gain · √(3 / fan), which keeps variances through layers.

    Args:
        tensor: a weight of at least two dimensions, (out, in, ...).
        a: the negative slope of a leaky ReLU that follows.
        mode: "fan_in" keeps the variance in forward, "fan_out" in backward.
        nonlinearity: what follows, for `calculate_gain`.
        generator: where to draw from. Default: the default generator.

    Raises:
        ValueError: `mode` is neither, or the tensor has fewer than two dimensions.

    Warns:
        UserWarning: the tensor has no elements.

    Source: He et al., Delving deep into rectifiers (2015).
    """
    if 0 in tensor.array.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    if mode.lower() not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    fan = _fans(tensor)[mode.lower()]
    bound = math.sqrt(3.0) * (calculate_gain(nonlinearity, a) / math.sqrt(fan))
    return uniform_(tensor, -bound, bound, generator)
