"""Gradients that are too large, made smaller."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from types import GeneratorType
from typing import Any

import numpy as np

from ...autograd.inplace import changed
from ...autograd.variable import Array, Variable, ndarray, wrap
from ...dtypes import default_numpy_dtype
from ...ops.reduction import LinalgVectorNorm
from ...quiet import Silence
from ...tensor import Tensor


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale all gradients, in place, so that their norm as one vector is at most `max_norm`.

    With the norm n of all gradients together, each is multiplied by min(1, max_norm / (n + 1e-6)).

    Args:
        parameters: a Tensor or an iterable of Tensors; those without a gradient do not count.
        max_norm: the largest norm.
        norm_type: the norm's order; it may be infinite. Default: 2.
        error_if_nonfinite: refuse a norm that is infinite or not a number. Default: False.
        foreach: accepted for PyTorch's signature.

    Returns:
        n, before the scaling: a Tensor without dimensions.

    Raises:
        RuntimeError: n is not finite, if that is to be an error.

    Warns:
        UserWarning: `parameters` is a generator that is used up.

    Example:
        >>> import minitorch
        >>> w = minitorch.zeros(2, requires_grad=True)
        >>> w.grad = minitorch.tensor([3.0, 4.0])
        >>> minitorch.nn.utils.clip_grad_norm_([w], max_norm=1.0)
        tensor(5.)
        >>> w.grad
        tensor([0.6000, 0.8000])

    Source: Pascanu et al., On the difficulty of training recurrent neural networks (2013).
    """
    clipped = _with_gradients(parameters)
    if not clipped and isinstance(parameters, GeneratorType):
        warnings.warn(
            "`parameters` is a generator that gave no parameter with a gradient: nothing is "
            "clipped. A generator can be used only once",
            stacklevel=2,
        )
    grads = [_gradient(parameter) for parameter in clipped]
    total = _total_norm(grads, float(norm_type), error_if_nonfinite)
    _scale(clipped, float(max_norm), total)
    return wrap(total)


def clip_grad_norm(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The former name of `clip_grad_norm_`.

    Warns:
        FutureWarning: always.
    """
    warnings.warn("clip_grad_norm is deprecated, use clip_grad_norm_", FutureWarning, stacklevel=2)
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    total_norm: Tensor,
    foreach: bool | None = None,
) -> None:
    """Multiply all gradients, in place, by min(1, max_norm / (total_norm + 1e-6)).

    It is the second half of `clip_grad_norm_`; `get_total_norm` is the first.

    Args:
        parameters: a Tensor or an iterable of Tensors; those without a gradient do not count.
        max_norm: the largest norm.
        total_norm: the norm that the gradients have together.
        foreach: accepted for PyTorch's signature.

    Raises:
        TypeError: `total_norm` is no Tensor.

    Example:
        >>> import minitorch
        >>> w = minitorch.zeros(2, requires_grad=True)
        >>> w.grad = minitorch.tensor([3.0, 4.0])
        >>> minitorch.nn.utils.clip_grads_with_norm_(w, 1.0, minitorch.tensor(5.0))
        >>> w.grad
        tensor([0.6000, 0.8000])
    """
    if not isinstance(total_norm, Variable):
        raise TypeError(
            f"clip_grads_with_norm_() expected total_norm to be a Tensor, got {total_norm!r}; "
            "get_total_norm() gives one"
        )
    _scale(_with_gradients(parameters), float(max_norm), total_norm.array)


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None
) -> None:
    """Clip every number of all gradients, in place, to the interval from -c to c.

    Args:
        parameters: a Tensor or an iterable of Tensors; those without a gradient do not count.
        clip_value: c.
        foreach: accepted for PyTorch's signature.

    Example:
        >>> import minitorch
        >>> w = minitorch.zeros(2, requires_grad=True)
        >>> w.grad = minitorch.tensor([3.0, -0.5])
        >>> minitorch.nn.utils.clip_grad_value_([w], 1.0)
        >>> w.grad
        tensor([ 1.0000, -0.5000])
    """
    bound = float(clip_value)
    for parameter in _with_gradients(parameters):
        with _change(parameter) as grad:
            np.clip(grad, -bound, bound, out=grad)


def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of all tensors as one vector: the norm of their norms.

    Args:
        tensors: a Tensor or an iterable of Tensors.
        norm_type: the norm's order; it may be infinite. Default: 2.
        error_if_nonfinite: refuse a norm that is infinite or not a number. Default: False.
        foreach: accepted for PyTorch's signature.

    Raises:
        RuntimeError: a tensor is not floating point; or the norm is not finite, if that is to be
            an error.

    Example:
        >>> import minitorch
        >>> minitorch.nn.utils.get_total_norm([minitorch.tensor([3.0]), minitorch.tensor(4.0)])
        tensor(5.)
    """
    arrays = [tensor.array for tensor in _listed(tensors)]
    return wrap(_total_norm(arrays, float(norm_type), error_if_nonfinite))


def _listed(tensors: Tensor | Iterable[Tensor]) -> list[Tensor]:
    """The Tensors of an argument that may be a single one."""
    listed = [tensors] if isinstance(tensors, Variable) else list(tensors)
    for tensor in listed:
        if not isinstance(tensor, Variable):
            raise AttributeError(
                f"expected a Tensor or an iterable of Tensors, but one is {type(tensor).__name__}"
            )
    return listed


def _with_gradients(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    """Those parameters that have a gradient."""
    return [each for each in _listed(parameters) if each._grad is not None]


def _gradient(parameter: Tensor) -> Array:
    """The buffer of a gradient that is there."""
    grad = parameter._grad_array()
    assert grad is not None
    return grad


def _total_norm(arrays: list[Array], order: float, error_if_nonfinite: bool) -> Array:
    with Silence():
        norms = [_norm(array, order) for array in arrays]
        total = _norm(np.asarray(norms), order) if norms else np.zeros((), default_numpy_dtype())
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(
            f"The total norm of order {order} is {float(total)}, so gradients cannot be clipped to "
            "it: look for infinities and NaN in the loss; error_if_nonfinite=False lets them pass"
        )
    return total


def _norm(array: Array, order: float) -> Array:
    """The norm of all numbers of an array, as an array without dimensions."""
    if order == 2 and array.dtype.kind == "f" and array.itemsize > 2:
        flat = array.reshape(-1)
        return np.asarray(np.sqrt(flat.dot(flat)))
    norm: Array = LinalgVectorNorm.apply(array, p=order, dim=None, keepdim=False, dtype=None)
    return norm


def _scale(parameters: list[Tensor], max_norm: float, total: Array) -> None:
    """Multiply the gradients so that their norm, `total`, becomes `max_norm` if it is larger."""
    with Silence():
        factor = np.minimum(max_norm / (total + 1e-6), 1.0)
        for parameter in parameters:
            with _change(parameter) as grad:
                np.multiply(grad, factor, out=grad, casting="same_kind")


class _change:  # noqa: N801 - read as a statement: with _change(parameter) as grad
    """`with` this, a parameter's gradient is an array that may be changed in place."""

    def __init__(self, parameter: Tensor) -> None:
        self.parameter = parameter

    def __enter__(self) -> Array:
        parameter = self.parameter
        grad = parameter._grad
        if type(grad) is ndarray and not grad.flags.writeable:  # a constant
            parameter._grad = grad.copy()
        return _gradient(parameter)

    def __exit__(self, *error: Any) -> None:
        grad = self.parameter._grad
        if isinstance(grad, Variable):
            changed(grad)
