"""Functions of `torch` that are layers too: they run the layers' pairs.

The layers are built on these packages, so they are looked up when a function is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .dims import numpy_names

if TYPE_CHECKING:
    from ..tensor import Tensor


def relu(input: Tensor) -> Tensor:
    """Compute max(input, 0): see `minitorch.nn.ReLU`.

    Raises:
        RuntimeError: the input is boolean.

    Example:
        >>> import minitorch
        >>> minitorch.relu(minitorch.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """
    from ..nn import functional

    return functional.relu(input)  # type: ignore[no-any-return]


def sigmoid(input: Tensor) -> Tensor:
    """Compute 1 / (1 + exp(-input)): see `minitorch.nn.Sigmoid`.

    Example:
        >>> import minitorch
        >>> minitorch.sigmoid(minitorch.zeros(1))
        tensor([0.5000])
    """
    from ..nn import functional

    return functional.sigmoid(input)  # type: ignore[no-any-return]


def tanh(input: Tensor) -> Tensor:
    """Compute sinh(input) / cosh(input): see `minitorch.nn.Tanh`.

    Example:
        >>> import minitorch
        >>> minitorch.tanh(minitorch.tensor([0.0, 1.0]))
        tensor([0.0000, 0.7616])
    """
    from ..nn import functional

    return functional.tanh(input)  # type: ignore[no-any-return]


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """Compute max(input, 0) + weight min(input, 0): see `minitorch.nn.PReLU`.

    Example:
        >>> import minitorch
        >>> minitorch.prelu(minitorch.tensor([-1.0, 2.0]), minitorch.tensor([0.5]))
        tensor([-0.5000,  2.0000])
    """
    from ..nn import functional

    return functional.prelu(input, weight)  # type: ignore[no-any-return]


@numpy_names
def softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """exp(input) / Σ exp(input) along `dim`, without overflow: see `minitorch.nn.Softmax`.

    Args:
        input: of any shape, floating point unless `dtype` is given.
        dim: a dimension.
        dtype: a floating-point dtype to convert to first. Default: the input's.

    Raises:
        TypeError: the dimension is None.
        IndexError: there is no such dimension.
        NotImplementedError: the input is not floating point.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([0.0, 0.0]).softmax(dim=0)
        tensor([0.5000, 0.5000])
    """
    from ..nn import functional

    return functional.softmax(input, _given("softmax", dim), dtype=dtype)  # type: ignore[no-any-return]


@numpy_names
def log_softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """input - log Σ exp(input) along `dim`, without overflow; arguments as `softmax`.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([0.0, 0.0]).log_softmax(dim=0)
        tensor([-0.6931, -0.6931])
    """
    from ..nn import functional

    return functional.log_softmax(input, _given("log_softmax", dim), dtype=dtype)  # type: ignore[no-any-return]


def _given(function: str, dim: int) -> int:
    if dim is None:
        raise TypeError(f"{function}(): argument 'dim' must be int, not None")
    return dim
