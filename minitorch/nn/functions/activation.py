"""Activations as functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...autograd.variable import ndarray
from ...dtypes import to_numpy_dtype
from ..modules.activation import (
    ELU,
    GELU,
    GLU,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from ..stateless import as_weight, on_tensors, run, stateless

_sigmoid, _tanh, _log_sigmoid = Sigmoid(), Tanh(), LogSigmoid()
_relu = {inplace: ReLU(inplace) for inplace in (False, True)}
_relu6 = {inplace: ReLU6(inplace) for inplace in (False, True)}
_silu = {inplace: SiLU(inplace) for inplace in (False, True)}


def sigmoid(input: Any) -> Any:
    """σ(x) = 1 / (1 + exp(-x)) for each element: see `minitorch.nn.Sigmoid`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.sigmoid(minitorch.zeros(1))
        tensor([0.5000])
    """
    return run(_sigmoid, input)


def logsigmoid(input: Any) -> Any:
    """log σ(x) for each element: see `minitorch.nn.LogSigmoid`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.logsigmoid(minitorch.zeros(1))
        tensor([-0.6931])
    """
    return run(_log_sigmoid, input)


def tanh(input: Any) -> Any:
    """The hyperbolic tangent of each element: see `minitorch.nn.Tanh`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.tanh(minitorch.tensor([0.5]))
        tensor([0.4621])
    """
    return run(_tanh, input)


def relu(input: Any, inplace: bool = False) -> Any:
    """max(x, 0) for each element: see `minitorch.nn.ReLU`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.relu(minitorch.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """
    return run(_relu[bool(inplace)], input)


def relu6(input: Any, inplace: bool = False) -> Any:
    """min(max(x, 0), 6) for each element: see `minitorch.nn.ReLU6`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.relu6(minitorch.tensor([-1.0, 8.0]))
        tensor([0., 6.])
    """
    return run(_relu6[bool(inplace)], input)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """Clip each element to an interval: see `minitorch.nn.Hardtanh`.

    Raises:
        ValueError: `min_val` is above `max_val`.
        TypeError, RuntimeError: as `minitorch.nn.Hardtanh`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.hardtanh(minitorch.tensor([-3.0, 0.5]))
        tensor([-1.0000,  0.5000])
    """
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val={min_val} is greater than max_val={max_val}")
    return run(stateless(Hardtanh, min_val=min_val, max_val=max_val, inplace=inplace), input)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """x where x > 0, elsewhere s x: see `minitorch.nn.LeakyReLU`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.leaky_relu(minitorch.tensor([-1.0, 2.0]), 0.1)
        tensor([-0.1000,  2.0000])
    """
    return run(stateless(LeakyReLU, negative_slope=negative_slope, inplace=inplace), input)


def prelu(input: Any, weight: Any) -> Any:
    """x where x > 0, elsewhere a x: see `minitorch.nn.PReLU`.

    Args:
        input: (N, C, *), or any with a weight of one element.
        weight: a, of one element or (C,).

    Raises:
        TypeError, RuntimeError: as `minitorch.nn.PReLU`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.prelu(minitorch.tensor([-1.0, 2.0]), minitorch.tensor([0.5]))
        tensor([-0.5000,  2.0000])
    """
    if on_tensors(input, weight):
        input = as_weight(input)
    return run(stateless(PReLU, weight=as_weight(weight)), input)


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """x where x > 0, elsewhere α (exp(x) - 1): see `minitorch.nn.ELU`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.elu(minitorch.tensor([-1.0, 2.0]))
        tensor([-0.6321,  2.0000])
    """
    return run(stateless(ELU, alpha=alpha, inplace=inplace), input)


def silu(input: Any, inplace: bool = False) -> Any:
    """x σ(x) for each element: see `minitorch.nn.SiLU`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.silu(minitorch.tensor([1.0]))
        tensor([0.7311])
    """
    return run(_silu[bool(inplace)], input)


def gelu(input: Any, *, approximate: str = "none") -> Any:
    """x Φ(x) for each element: see `minitorch.nn.GELU`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.gelu(minitorch.tensor([1.0]))
        tensor([0.8413])
    """
    return run(stateless(GELU, approximate=approximate), input)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """log(1 + exp(β x)) / β for each element: see `minitorch.nn.Softplus`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.softplus(minitorch.zeros(1))
        tensor([0.6931])
    """
    return run(stateless(Softplus, beta=beta, threshold=threshold), input)


def glu(input: Any, dim: int = -1) -> Any:
    """One half of the input, gated by the sigmoid of the other: see `minitorch.nn.GLU`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.glu(minitorch.tensor([3.0, 0.0]))
        tensor([1.5000])
    """
    return run(stateless(GLU, dim=dim), input)


def softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """exp(x) / Σ exp(x) along a dimension: see `minitorch.nn.Softmax`.

    Args:
        input: (*).
        dim: the dimension along which the sum is 1. Default: None, as `minitorch.nn.Softmax`.
        _stacklevel: accepted for PyTorch's signature.
        dtype: the input is converted to it first. Default: None.

    Raises:
        AttributeError, NotImplementedError, IndexError: as `minitorch.nn.Softmax`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.softmax(minitorch.zeros(2), 0)
        tensor([0.5000, 0.5000])
    """
    return run(stateless(Softmax, dim=dim), cast(input, dtype))


def log_softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """x - log Σ exp(x) along a dimension: see `minitorch.nn.LogSoftmax`; as `softmax`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.log_softmax(minitorch.zeros(2), 0)
        tensor([-0.6931, -0.6931])
    """
    return run(stateless(LogSoftmax, dim=dim), cast(input, dtype))


def cast(input: Any, dtype: Any) -> Any:
    """A Tensor or an array in a data type given by the user, or as it is for None."""
    if dtype is None:
        return input
    return input.astype(to_numpy_dtype(dtype)) if isinstance(input, ndarray) else input.to(dtype)


def _over_input(function: Callable[..., Any]) -> Callable[..., Any]:
    """The form of a function that writes its output over its input."""

    def over_input(input: Any, *args: Any, **kwargs: Any) -> Any:
        return function(input, *args, inplace=True, **kwargs)

    over_input.__name__ = over_input.__qualname__ = f"{function.__name__}_"
    over_input.__doc__ = f"`{function.__name__}`, written over the input, which is returned."
    return over_input


elu_ = _over_input(elu)
hardtanh_ = _over_input(hardtanh)
leaky_relu_ = _over_input(leaky_relu)
relu_ = _over_input(relu)
