"""What NumPy's own functions do with Tensors.

Functions that have a counterpart here run as that one and are recorded. Any other computes on
the arrays, which cannot be differentiated, so it refuses tensors that require a gradient.
Source: https://numpy.org/doc/stable/user/basics.interoperability.html
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from .autograd.nest import leaves, transform
from .autograd.variable import Variable, buffer, ndarray, wrap
from .ops import activation, comparison, creation, elementwise, linalg, reduction, shape
from .ops.forms import ARRAYS, OPERANDS
from .ops.promotion import result_dtype

if TYPE_CHECKING:
    from .tensor import Tensor

KINDS = "buif"  # of the dtypes that tensors hold


# -- ufuncs: np.exp(t), array * t ---------------------------------------------------------

UFUNCS: dict[np.ufunc, Callable[..., Any]] = {
    np.absolute: elementwise.abs,
    np.add: elementwise.add,
    np.arccos: elementwise.acos,
    np.arccosh: elementwise.acosh,
    np.arcsin: elementwise.asin,
    np.arcsinh: elementwise.asinh,
    np.arctan: elementwise.atan,
    np.arctan2: elementwise.atan2,
    np.arctanh: elementwise.atanh,
    np.bitwise_and: comparison.bitwise_and,
    np.bitwise_or: comparison.bitwise_or,
    np.bitwise_xor: comparison.bitwise_xor,
    np.ceil: elementwise.ceil,
    np.copysign: elementwise.copysign,
    np.cos: elementwise.cos,
    np.cosh: elementwise.cosh,
    np.deg2rad: elementwise.deg2rad,
    np.divide: elementwise.div,
    np.equal: comparison.eq,
    np.exp: elementwise.exp,
    np.exp2: elementwise.exp2,
    np.expm1: elementwise.expm1,
    np.floor: elementwise.floor,
    np.floor_divide: elementwise.floor_divide,
    np.fmax: comparison.fmax,
    np.fmin: comparison.fmin,
    np.fmod: elementwise.fmod,
    np.greater: comparison.gt,
    np.greater_equal: comparison.ge,
    np.hypot: elementwise.hypot,
    np.invert: comparison.bitwise_not,
    np.isfinite: comparison.isfinite,
    np.isinf: comparison.isinf,
    np.isnan: comparison.isnan,
    np.left_shift: comparison.bitwise_left_shift,
    np.less: comparison.lt,
    np.less_equal: comparison.le,
    np.log: elementwise.log,
    np.log10: elementwise.log10,
    np.log1p: elementwise.log1p,
    np.log2: elementwise.log2,
    np.logaddexp: elementwise.logaddexp,
    np.logical_and: comparison.logical_and,
    np.logical_not: comparison.logical_not,
    np.logical_or: comparison.logical_or,
    np.logical_xor: comparison.logical_xor,
    np.matmul: linalg.matmul,
    np.maximum: comparison.maximum,
    np.minimum: comparison.minimum,
    np.multiply: elementwise.mul,
    np.negative: elementwise.neg,
    np.not_equal: comparison.ne,
    np.positive: elementwise.positive,
    np.power: elementwise.pow,
    np.rad2deg: elementwise.rad2deg,
    np.reciprocal: elementwise.reciprocal,
    np.remainder: elementwise.remainder,
    np.right_shift: comparison.bitwise_right_shift,
    np.rint: elementwise.round,
    np.sign: elementwise.sign,
    np.sin: elementwise.sin,
    np.sinh: elementwise.sinh,
    np.sqrt: elementwise.sqrt,
    np.square: elementwise.square,
    np.subtract: elementwise.sub,
    np.tan: elementwise.tan,
    np.tanh: activation.tanh,
    np.trunc: elementwise.trunc,
}


# These take no numbers in PyTorch, but they do in NumPy.
NO_NUMBERS = frozenset(
    (np.arctan2, np.copysign, np.fmax, np.fmin, np.hypot, np.logaddexp, np.maximum, np.minimum)
)


def array_ufunc(self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
    """Run a NumPy ufunc on Tensors: `Tensor.__array_ufunc__`."""
    if not all(isinstance(item, (*OPERANDS, list, tuple)) for item in inputs):
        return NotImplemented
    function = UFUNCS.get(ufunc)
    if function is None or method != "__call__" or options:
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        return on_arrays(getattr(ufunc, method), f"numpy.{name}", inputs, options)
    operands = [np.asarray(item) if isinstance(item, (list, tuple)) else item for item in inputs]
    if ufunc in NO_NUMBERS:
        dtype = result_dtype(*map(buffer, operands))
        operands = [
            item if isinstance(item, ARRAYS) else np.array(item, dtype) for item in operands
        ]
    return function(*operands)


# -- functions: np.sum(t), np.concatenate([t, array]) -------------------------------------


def array_function(
    self: Tensor,
    function: Callable[..., Any],
    types: Iterable[type],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Run a NumPy function on Tensors: `Tensor.__array_function__`."""
    if not all(issubclass(kind, (Variable, ndarray)) for kind in types):
        return NotImplemented
    own = FUNCTIONS.get(function)
    if own is not None and _accepts(own, args, kwargs):
        return own(*args, **kwargs)
    return on_arrays(function, f"{function.__module__}.{function.__name__}", args, kwargs)


def _accepts(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether the counterpart has these of NumPy's arguments; it has none for `out`, say."""
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def on_arrays(
    function: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call a NumPy function on the arrays and wrap the arrays that it returns.

    Raises:
        RuntimeError: a tensor among the arguments requires a gradient, which would be lost.
        TypeError: a tensor is to be written into.
    """
    for item in leaves((args, kwargs)):
        if isinstance(item, Variable) and item.requires_grad:
            _refuse(name)
    written = kwargs.get("out", ())
    if any(isinstance(item, Variable) for item in leaves(written)):
        raise TypeError(f"{name} cannot write into a Tensor; assign its result: t[...] = result")
    result = function(*transform(buffer, args), **transform(buffer, kwargs))
    given = [item for item in leaves(written) if item is not None]
    return transform(lambda item: _wrapped(item, given), result)


def _refuse(name: str) -> NoReturn:
    raise RuntimeError(
        f"{name} on a Tensor that requires grad would lose the gradient. Use the minitorch "
        "function of that name, or tensor.detach() for a result without gradient"
    )


def _wrapped(item: Any, given: list[Any]) -> Any:
    """An array as a Tensor, unless it is one that the caller gave to be written into."""
    if not isinstance(item, (ndarray, np.generic)) or item.dtype.kind not in KINDS:
        return item
    return item if any(item is each for each in given) else wrap(np.asarray(item))


def _sum(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.sum(a, axis, keepdims)


def _prod(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.prod(a) if axis is None else reduction.prod(a, axis, keepdims)


def _mean(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.mean(a, axis, keepdims)


def _max(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.amax(a, () if axis is None else axis, keepdims)


def _min(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.amin(a, () if axis is None else axis, keepdims)


def _var(a: Any, axis: Any = None, *, ddof: int = 0, keepdims: bool = False) -> Any:
    return reduction.var(a, axis, correction=ddof, keepdim=keepdims)


def _std(a: Any, axis: Any = None, *, ddof: int = 0, keepdims: bool = False) -> Any:
    return reduction.std(a, axis, correction=ddof, keepdim=keepdims)


def _cumsum(a: Any, axis: Any = None) -> Any:
    return reduction.cumsum(shape.ravel(a), 0) if axis is None else reduction.cumsum(a, axis)


def _concatenate(arrays: Any, /, axis: Any = 0) -> Any:
    if axis is None:
        return shape.cat([shape.ravel(each) for each in arrays], 0)
    return shape.cat(arrays, axis)


def _stack(arrays: Any, axis: int = 0) -> Any:
    return shape.stack(arrays, axis)


def _where(condition: Any, x: Any, y: Any, /) -> Any:
    return comparison.where(condition, x, y)


def _dot(a: Any, b: Any) -> Any:
    operands: list[Any] = [x if isinstance(x, Variable) else np.asarray(x) for x in (a, b)]
    if any(buffer(operand).ndim == 0 for operand in operands):
        return elementwise.mul(*operands)
    return linalg.matmul(*operands)


def _reshape(a: Any, /, shape_: Any) -> Any:
    return shape.reshape(a, shape_)


def _transpose(a: Any, axes: Any = None) -> Any:
    return shape.numpy_transpose(a) if axes is None else shape.permute(a, axes)


def _squeeze(a: Any, axis: Any = None) -> Any:
    return shape.squeeze(a, axis)


def _expand_dims(a: Any, axis: int) -> Any:
    return shape.unsqueeze(a, axis)


def _clip(a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    return comparison.clamp(a, a_min, a_max)


def _zeros_like(a: Any, dtype: Any = None) -> Any:
    return creation.zeros_like(a, dtype=dtype)


def _ones_like(a: Any, dtype: Any = None) -> Any:
    return creation.ones_like(a, dtype=dtype)


def _shape(a: Any) -> Any:
    return shape.shape_of(a)


def _ndim(a: Any) -> int:
    return len(shape.shape_of(a))


# Keyed by NumPy's function; the arguments are NumPy's, those that both have.
FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.sum: _sum,
    np.prod: _prod,
    np.mean: _mean,
    np.max: _max,
    np.min: _min,
    np.var: _var,
    np.std: _std,
    np.cumsum: _cumsum,
    np.concatenate: _concatenate,
    np.stack: _stack,
    np.where: _where,
    np.dot: _dot,
    np.reshape: _reshape,
    np.transpose: _transpose,
    np.swapaxes: shape.swapaxes,
    np.ravel: shape.ravel,
    np.squeeze: _squeeze,
    np.expand_dims: _expand_dims,
    np.broadcast_to: shape.broadcast_to,
    np.clip: _clip,
    np.zeros_like: _zeros_like,
    np.ones_like: _ones_like,
    np.shape: _shape,
    np.ndim: _ndim,
    np.size: creation.numel,
}
