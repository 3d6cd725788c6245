"""Operators that compare, combine truth values and bits, or choose by a comparison."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..autograd.variable import Array, Variable, buffer, ndarray
from .indexing import nonzero
from .promotion import as_array, convert, promote, result_dtype
from .ufunc import Elementwise, binary, evaluate, not_implemented

if TYPE_CHECKING:
    from ..tensor import Tensor


# -- comparisons --------------------------------------------------------------------------


class Comparison(Elementwise):
    """A question about two operands, answered with booleans; there is nothing to differentiate."""

    function: ClassVar[Callable[..., Any]]

    def forward(self, input: Any, other: Any) -> Any:
        return binary(self.function, input, other)


class Eq(Comparison):
    """input == other."""

    function = np.equal


class Ne(Comparison):
    """input != other."""

    function = np.not_equal


class Lt(Comparison):
    """input < other."""

    function = np.less


class Le(Comparison):
    """input <= other."""

    function = np.less_equal


class Gt(Comparison):
    """input > other."""

    function = np.greater


class Ge(Comparison):
    """input >= other."""

    function = np.greater_equal


def eq(input: Tensor, other: Any) -> Tensor:
    """Compute input == other, a bool tensor; NaN equals nothing.

    Example:
        >>> import minitorch
        >>> minitorch.eq(minitorch.tensor([1, 2]), 2)
        tensor([False,  True])
    """
    return Eq.apply(input, other)


def ne(input: Tensor, other: Any) -> Tensor:
    """Compute input != other, a bool tensor.

    Example:
        >>> import minitorch
        >>> minitorch.ne(minitorch.tensor([1, 2]), 2)
        tensor([ True, False])
    """
    return Ne.apply(input, other)


def lt(input: Tensor, other: Any) -> Tensor:
    """Compute input < other, a bool tensor; comparing with NaN gives False.

    Example:
        >>> import minitorch
        >>> minitorch.lt(minitorch.tensor([1, 2]), 2)
        tensor([ True, False])
    """
    return Lt.apply(input, other)


def le(input: Tensor, other: Any) -> Tensor:
    """Compute input <= other, a bool tensor; comparing with NaN gives False.

    Example:
        >>> import minitorch
        >>> minitorch.le(minitorch.tensor([1, 2, 3]), 2)
        tensor([ True,  True, False])
    """
    return Le.apply(input, other)


def gt(input: Tensor, other: Any) -> Tensor:
    """Compute input > other, a bool tensor; comparing with NaN gives False.

    Example:
        >>> import minitorch
        >>> minitorch.gt(minitorch.tensor([1, 2, 3]), 2)
        tensor([False, False,  True])
    """
    return Gt.apply(input, other)


def ge(input: Tensor, other: Any) -> Tensor:
    """Compute input >= other, a bool tensor; comparing with NaN gives False.

    Example:
        >>> import minitorch
        >>> minitorch.ge(minitorch.tensor([1, 2, 3]), 2)
        tensor([False,  True,  True])
    """
    return Ge.apply(input, other)


not_equal, less, less_equal, greater, greater_equal = ne, lt, le, gt, ge


class IsClose(Elementwise):
    """|input - other| <= atol + rtol * |other|."""

    def forward(self, input: Any, other: Any, *, rtol: float, atol: float, equal_nan: bool) -> Any:
        input, other = as_array(input), as_array(other)
        if input.dtype != other.dtype:
            raise RuntimeError(
                f"{input.dtype} did not match {other.dtype}; convert one of them with .to(...)"
            )
        for name, tolerance in (("rtol", rtol), ("atol", atol)):
            if tolerance < 0:
                raise RuntimeError(
                    f"{name} must be greater than or equal to zero, but got {tolerance}"
                )
        if input.dtype.kind != "f":
            input, other = input.astype(np.float64), other.astype(np.float64)
        return evaluate(_is_close, input, other, rtol, atol, equal_nan)


def _is_close(input: Array, other: Array, rtol: float, atol: float, equal_nan: bool) -> Any:
    distance = np.abs(input - other)
    close = np.isfinite(distance) & (distance <= atol + np.abs(rtol * other))
    close |= input == other  # infinities of the same sign
    if equal_nan:
        close |= np.isnan(input) & np.isnan(other)
    return close


def isclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor:
    """Compute |input - other| <= atol + rtol * |other|, a bool tensor.

    Args:
        input: any tensor.
        other: a tensor of the same dtype.
        rtol: relative tolerance. Default: 1e-5.
        atol: absolute tolerance. Default: 1e-8.
        equal_nan: whether NaN is close to NaN. Default: False.

    Raises:
        RuntimeError: the dtypes differ, or a tolerance is negative.

    Example:
        >>> import minitorch
        >>> a, b = minitorch.tensor([1.0, 2.0]), minitorch.tensor([1.000001, 2.1])
        >>> minitorch.isclose(a, b)
        tensor([ True, False])
    """
    return IsClose.apply(input, other, rtol=rtol, atol=atol, equal_nan=equal_nan)


def allclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """Say whether `isclose` holds for every element.

    Example:
        >>> import minitorch
        >>> minitorch.allclose(minitorch.tensor([1.0]), minitorch.tensor([1.000001]))
        True
    """
    close = isclose(input, other, rtol=rtol, atol=atol, equal_nan=equal_nan)
    return bool(buffer(close).all())


def equal(input: Tensor, other: Tensor) -> bool:
    """Say whether both have the same shape and the same elements; dtypes may differ.

    Example:
        >>> import minitorch
        >>> minitorch.equal(minitorch.tensor([1, 2]), minitorch.tensor([1, 2]))
        True
    """
    first, second = as_array(buffer(input)), as_array(buffer(other))
    return first.shape == second.shape and bool(binary(np.equal, first, second).all())


class Predicate(Elementwise):
    """A question about one array, answered with booleans."""

    function: ClassVar[Callable[..., Any]]

    def forward(self, input: Any) -> Any:
        return evaluate(self.function, as_array(input))


class IsNan(Predicate):
    """Whether an element is not a number."""

    function = np.isnan


class IsInf(Predicate):
    """Whether an element is infinite."""

    function = np.isinf


class IsFinite(Predicate):
    """Whether an element is neither infinite nor NaN."""

    function = np.isfinite


def isnan(input: Tensor) -> Tensor:
    """Say of each element whether it is NaN.

    Example:
        >>> import minitorch
        >>> minitorch.isnan(minitorch.tensor([1.0, float("nan")]))
        tensor([False,  True])
    """
    return IsNan.apply(input)


def isinf(input: Tensor) -> Tensor:
    """Say of each element whether it is infinite, of either sign.

    Example:
        >>> import minitorch
        >>> minitorch.isinf(minitorch.tensor([1.0, -float("inf")]))
        tensor([False,  True])
    """
    return IsInf.apply(input)


def isfinite(input: Tensor) -> Tensor:
    """Say of each element whether it is neither infinite nor NaN.

    Example:
        >>> import minitorch
        >>> minitorch.isfinite(minitorch.tensor([1.0, float("inf"), float("nan")]))
        tensor([ True, False, False])
    """
    return IsFinite.apply(input)


# -- logic and bits -----------------------------------------------------------------------


class LogicalAnd(Comparison):
    """Whether both are non-zero."""

    function = np.logical_and


class LogicalOr(Comparison):
    """Whether one is non-zero."""

    function = np.logical_or


class LogicalXor(Comparison):
    """Whether exactly one is non-zero."""

    function = np.logical_xor


class LogicalNot(Predicate):
    """Whether an element is zero."""

    function = np.logical_not


def logical_and(input: Tensor, other: Tensor) -> Tensor:
    """Say whether both elements are non-zero.

    Example:
        >>> import minitorch
        >>> minitorch.logical_and(minitorch.tensor([0, 1, 2]), minitorch.tensor([1, 0, 3]))
        tensor([False, False,  True])
    """
    return LogicalAnd.apply(input, other)


def logical_or(input: Tensor, other: Tensor) -> Tensor:
    """Say whether at least one of the two elements is non-zero.

    Example:
        >>> import minitorch
        >>> minitorch.logical_or(minitorch.tensor([0, 1, 2]), minitorch.tensor([0, 0, 3]))
        tensor([False,  True,  True])
    """
    return LogicalOr.apply(input, other)


def logical_xor(input: Tensor, other: Tensor) -> Tensor:
    """Say whether exactly one of the two elements is non-zero.

    Example:
        >>> import minitorch
        >>> minitorch.logical_xor(minitorch.tensor([0, 1, 2]), minitorch.tensor([0, 0, 3]))
        tensor([False,  True, False])
    """
    return LogicalXor.apply(input, other)


def logical_not(input: Tensor) -> Tensor:
    """Say whether the element is zero.

    Example:
        >>> import minitorch
        >>> minitorch.logical_not(minitorch.tensor([0.0, 0.5]))
        tensor([ True, False])
    """
    return LogicalNot.apply(input)


class Bitwise(Elementwise):
    """An operation on the bits of two integers, or on two booleans."""

    function: ClassVar[Callable[..., Any]]
    kinds: ClassVar[str] = "biu"

    def forward(self, input: Any, other: Any) -> Any:
        input, other = promote(input, other)
        if input.dtype.kind not in self.kinds:
            not_implemented(self.function.__name__, input.dtype)
        return binary(self.function, input, other)


class BitwiseAnd(Bitwise):
    """The bits set in both."""

    function = np.bitwise_and


class BitwiseOr(Bitwise):
    """The bits set in one of them."""

    function = np.bitwise_or


class BitwiseXor(Bitwise):
    """The bits set in exactly one of them."""

    function = np.bitwise_xor


class BitwiseLeftShift(Bitwise):
    """input * 2^other, without the bits that fall out."""

    function = np.left_shift
    kinds = "iu"


class BitwiseRightShift(Bitwise):
    """input / 2^other, rounded down."""

    function = np.right_shift
    kinds = "iu"


class BitwiseNot(Elementwise):
    """Every bit turned over."""

    def forward(self, input: Any) -> Any:
        input = as_array(input)
        if input.dtype.kind == "f":
            not_implemented("bitwise_not", input.dtype)
        return evaluate(np.invert, input)


def bitwise_and(input: Tensor, other: Any) -> Tensor:
    """Compute input & other of integers or booleans.

    Raises:
        NotImplementedError: an operand is floating point.

    Example:
        >>> import minitorch
        >>> minitorch.bitwise_and(minitorch.tensor([6, 5]), 3)
        tensor([2, 1])
    """
    return BitwiseAnd.apply(input, other)


def bitwise_or(input: Tensor, other: Any) -> Tensor:
    """Compute input | other of integers or booleans.

    Raises:
        NotImplementedError: an operand is floating point.

    Example:
        >>> import minitorch
        >>> minitorch.bitwise_or(minitorch.tensor([6, 5]), 3)
        tensor([7, 7])
    """
    return BitwiseOr.apply(input, other)


def bitwise_xor(input: Tensor, other: Any) -> Tensor:
    """Compute input ^ other of integers or booleans.

    Raises:
        NotImplementedError: an operand is floating point.

    Example:
        >>> import minitorch
        >>> minitorch.bitwise_xor(minitorch.tensor([6, 5]), 3)
        tensor([5, 6])
    """
    return BitwiseXor.apply(input, other)


def bitwise_not(input: Tensor) -> Tensor:
    """Compute ~input of integers or booleans.

    Raises:
        NotImplementedError: the input is floating point.

    Example:
        >>> import minitorch
        >>> minitorch.bitwise_not(minitorch.tensor([0, 5]))
        tensor([-1, -6])
    """
    return BitwiseNot.apply(input)


def bitwise_left_shift(input: Tensor, other: Any) -> Tensor:
    """Compute input << other of integers; a shift by all bits or more gives 0.

    Raises:
        NotImplementedError: the operands are not integers.

    Example:
        >>> import minitorch
        >>> minitorch.bitwise_left_shift(minitorch.tensor([1, 3]), 2)
        tensor([ 4, 12])
    """
    return BitwiseLeftShift.apply(input, other)


def bitwise_right_shift(input: Tensor, other: Any) -> Tensor:
    """Compute input >> other of integers; the sign moves in from the left.

    Raises:
        NotImplementedError: the operands are not integers.

    Example:
        >>> import minitorch
        >>> minitorch.bitwise_right_shift(minitorch.tensor([9, -9]), 2)
        tensor([ 2, -3])
    """
    return BitwiseRightShift.apply(input, other)


# -- choosing -----------------------------------------------------------------------------

_INTEGERS = {1: np.int8, 2: np.int16, 4: np.int32, 8: np.int64}
_SMALL = 4096  # elements


def select(condition: Array, first: Array, second: Array) -> Any:
    """As np.where, for arrays of one dtype.

    np.where branches at every element, which a processor cannot predict on mixed conditions.
    Choosing among the bits, (first ^ second) & mask ^ second, takes a tenth of the time there.
    """
    if condition.size < _SMALL:
        return np.where(condition, first, second)
    integers = _INTEGERS[first.dtype.itemsize]
    mask = np.negative(condition.view(np.int8)).astype(integers)  # every bit set, or none
    first_bits, second_bits = first.view(integers), second.view(integers)
    bits = (first_bits ^ second_bits) & mask
    bits ^= second_bits
    return bits.view(first.dtype)


def zero_where(condition: Any, grad: Any) -> Any:
    """0 where the condition holds, elsewhere `grad`, infinities and NaN included.

    Both are arrays, or both Tensors.
    """
    if type(grad) is not ndarray or grad.size < _SMALL:
        return (
            where(condition, 0, grad)
            if isinstance(grad, Variable)
            else np.where(condition, grad.dtype.type(0), grad)
        )
    integers = _INTEGERS[grad.dtype.itemsize]
    mask = condition.astype(integers)
    mask -= 1  # 1 becomes no bit, 0 every bit
    mask &= grad.view(integers)
    return mask.view(grad.dtype)


class Where(Elementwise):
    """input where the condition holds, other elsewhere; so do their gradients."""

    def forward(self, condition: Any, input: Any, other: Any) -> Any:
        condition = as_array(condition)
        if condition.dtype == np.uint8:
            condition = condition != 0
        elif condition.dtype.kind != "b":
            raise RuntimeError(
                "where expected condition to be a boolean tensor, but got a tensor with dtype "
                f"{condition.dtype}; write a comparison such as condition != 0"
            )
        self.save_for_backward(condition)
        input, other = promote(input, other)
        return evaluate(select, condition, input, other)

    def backward(self, grad: Any) -> Any:
        (condition,) = self.saved_tensors
        _, needs_input, needs_other = self.needs_input_grad
        return (
            None,
            where(condition, grad, 0) if needs_input else None,
            where(condition, 0, grad) if needs_other else None,
        )


def where(condition: Any, input: Any = None, other: Any = None) -> Tensor | Any:
    """Choose from `input` where `condition` holds and from `other` elsewhere.

    The three broadcast; `input` and `other` are promoted to one dtype.

    Args:
        condition: a bool tensor; alone, any tensor.
        input: a tensor or a number.
        other: a tensor or a number.

    Returns:
        A tensor; with the condition alone a tuple, for each of its dimensions a tensor of the
        indices at which it is not zero.

    Raises:
        RuntimeError: the condition is not boolean, or the shapes do not broadcast.
        TypeError: only one of `input` and `other` is given.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([-1.0, 2.0])
        >>> minitorch.where(x > 0, x, 0.0)
        tensor([0., 2.])
        >>> minitorch.where(x > 0)
        (tensor([1]),)
    """
    if input is None and other is None:
        return nonzero(condition, as_tuple=True)
    if input is None or other is None:
        raise TypeError(
            "where() takes the condition alone, or the condition, input and other; got only one "
            "of input and other"
        )
    return Where.apply(condition, input, other)


class Extremum(Elementwise):
    """The larger or the smaller of two; NaN wins, and a tie gives each half of the gradient."""

    function: ClassVar[Callable[..., Any]]
    loses: ClassVar[Callable[..., Any]]  # whether the first operand is not the one chosen

    def forward(self, input: Any, other: Any) -> Any:
        input, other = as_array(input), as_array(other)
        self.save_for_backward(input, other)
        return binary(self.function, input, other)

    def backward(self, grad: Any) -> Any:
        input, other = self.saved_tensors
        needs_input, needs_other = self.needs_input_grad
        share = where(eq(input, other), grad / 2, grad)
        return (
            where(self.loses(input, other), 0, share) if needs_input else None,
            where(self.loses(other, input), 0, share) if needs_other else None,
        )


class Maximum(Extremum):
    """The larger of two."""

    function = np.maximum
    loses = staticmethod(lt)


class Minimum(Extremum):
    """The smaller of two."""

    function = np.minimum
    loses = staticmethod(gt)


class ExtremumButNan(Elementwise):
    """The larger or the smaller of two, a number before NaN; a tie gives it all to the first."""

    function: ClassVar[Callable[..., Any]]
    wins: ClassVar[Callable[..., Any]]  # whether the first operand is the one chosen, NaN apart

    def forward(self, input: Any, other: Any) -> Any:
        input, other = as_array(input), as_array(other)
        self.save_for_backward(input, other)
        return binary(self.function, input, other)

    def backward(self, grad: Any) -> Any:
        input, other = self.saved_tensors
        needs_input, needs_other = self.needs_input_grad
        chosen = logical_or(self.wins(input, other), isnan(other))
        return (
            where(chosen, grad, 0) if needs_input else None,
            where(chosen, 0, grad) if needs_other else None,
        )


class Fmax(ExtremumButNan):
    """The larger of two, a number before NaN."""

    function = np.fmax
    wins = staticmethod(ge)


class Fmin(ExtremumButNan):
    """The smaller of two, a number before NaN."""

    function = np.fmin
    wins = staticmethod(le)


def maximum(input: Tensor, other: Tensor) -> Tensor:
    """Compute the larger of two elements; NaN if one is NaN.

    Where both are equal, each gets half of the gradient.

    Example:
        >>> import minitorch
        >>> minitorch.maximum(minitorch.tensor([1, 5]), minitorch.tensor([3, 4]))
        tensor([3, 5])
    """
    return Maximum.apply(input, other)


def minimum(input: Tensor, other: Tensor) -> Tensor:
    """Compute the smaller of two elements; NaN if one is NaN.

    Where both are equal, each gets half of the gradient.

    Example:
        >>> import minitorch
        >>> minitorch.minimum(minitorch.tensor([1, 5]), minitorch.tensor([3, 4]))
        tensor([1, 4])
    """
    return Minimum.apply(input, other)


def fmax(input: Tensor, other: Tensor) -> Tensor:
    """Compute the larger of two elements; a number wins over NaN.

    Where both are equal, `input` gets the gradient.

    Example:
        >>> import minitorch
        >>> minitorch.fmax(minitorch.tensor([1.0, float("nan")]), minitorch.tensor([3.0, 4.0]))
        tensor([3., 4.])
    """
    return Fmax.apply(input, other)


def fmin(input: Tensor, other: Tensor) -> Tensor:
    """Compute the smaller of two elements; a number wins over NaN.

    Where both are equal, `input` gets the gradient.

    Example:
        >>> import minitorch
        >>> minitorch.fmin(minitorch.tensor([1.0, float("nan")]), minitorch.tensor([3.0, 4.0]))
        tensor([1., 4.])
    """
    return Fmin.apply(input, other)


class Clamp(Elementwise):
    """min(max(input, min), max), where each bound may be None.

    The gradient goes to the input between the bounds and on them, else to the bound in force.
    """

    def forward(self, input: Any, min: Any, max: Any) -> Any:
        input = as_array(input)
        self.save_for_backward(input, min, max)
        dtype = result_dtype(*(item for item in (input, min, max) if item is not None))
        output = convert(input, dtype)
        if min is not None:
            output = evaluate(np.maximum, output, _bound(min, dtype))
        if max is not None:
            output = evaluate(np.minimum, output, _bound(max, dtype))
        return output

    def backward(self, grad: Any) -> Any:
        input, min, max = self.saved_tensors
        needs_input, needs_min, needs_max = self.needs_input_grad
        grad_input = grad_min = grad_max = None
        if needs_input:
            above = True if min is None else ge(input, min)
            below = True if max is None else le(input, max)
            grad_input = where(logical_and(above, below), grad, 0)  # type: ignore[arg-type]
        if needs_min:
            in_force = True if max is None else lt(min, max)
            grad_min = where(logical_and(lt(input, min), in_force), grad, 0)  # type: ignore[arg-type]
        if needs_max:
            in_force = False if min is None else lt(max, min)
            grad_max = where(logical_or(gt(input, max), in_force), grad, 0)  # type: ignore[arg-type]
        return grad_input, grad_min, grad_max


def _bound(bound: Any, dtype: np.dtype[Any]) -> Array:
    """A bound of `clamp` in the dtype of the result; one that would wrap around is an error."""
    if dtype.kind in "iu" and isinstance(bound, int):
        limits = np.iinfo(dtype)
        if not limits.min <= bound <= limits.max:
            raise RuntimeError(
                f"value cannot be converted to type {dtype} without overflow: {bound}; leave the "
                "bound out, or give one within the range"
            )
    return convert(bound, dtype)


def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Compute min(max(input, min), max): `input` brought between the bounds.

    The gradient is 1 between the bounds and on them and 0 outside, where a bound that is a
    tensor gets it. Where min > max the result is max.

    Args:
        input: any tensor.
        min: the lower bound, a number or a tensor. Default: none.
        max: the upper bound, a number or a tensor. Default: none.

    Raises:
        RuntimeError: no bound is given, or one is beyond the range of an integer dtype.

    Example:
        >>> import minitorch
        >>> minitorch.clamp(minitorch.tensor([-2.0, 0.5, 2.0]), -1, 1)
        tensor([-1.0000,  0.5000,  1.0000])
    """
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    return Clamp.apply(input, min, max)


clip = clamp


def clamp_min(input: Tensor, min: Any) -> Tensor:
    """Compute max(input, min) with the gradient of `clamp`.

    Example:
        >>> import minitorch
        >>> minitorch.clamp_min(minitorch.tensor([-2.0, 0.5]), -1)
        tensor([-1.0000,  0.5000])
    """
    return Clamp.apply(input, min, None)


def clamp_max(input: Tensor, max: Any) -> Tensor:
    """Compute min(input, max) with the gradient of `clamp`.

    Example:
        >>> import minitorch
        >>> minitorch.clamp_max(minitorch.tensor([0.5, 2.0]), 1)
        tensor([0.5000, 1.0000])
    """
    return Clamp.apply(input, None, max)


class Heaviside(Elementwise):
    """0 below 0, values at 0, 1 above."""

    def forward(self, input: Any, values: Any) -> Any:
        input, values = as_array(input), as_array(values)
        if input.dtype != values.dtype:
            raise RuntimeError(
                "heaviside is not yet implemented for tensors with different dtypes: "
                f"{input.dtype} and {values.dtype}; convert one of them with .to(...)"
            )
        return evaluate(_heaviside, input, values)

    def backward(self, grad: Any) -> Any:
        raise RuntimeError(
            "derivative for heaviside is not implemented, as in PyTorch; detach() its input"
        )


def _heaviside(input: Array, values: Array) -> Any:
    return np.where(input == 0, values, np.greater(input, 0).astype(input.dtype))


def heaviside(input: Tensor, values: Tensor) -> Tensor:
    """Compute the step function: 0 below 0, `values` at 0, 1 above. It has no derivative.

    Raises:
        RuntimeError: the dtypes differ, or a gradient is asked for.

    Example:
        >>> import minitorch
        >>> minitorch.heaviside(minitorch.tensor([-1.5, 0.0, 2.0]), minitorch.tensor(0.5))
        tensor([0.0000, 0.5000, 1.0000])
    """
    return Heaviside.apply(input, values)


class NanToNum(Elementwise):
    """input with NaN and infinities replaced; the gradient passes where nothing was."""

    def forward(self, input: Any, *, nan: float, posinf: Any, neginf: Any) -> Any:
        input = as_array(input)
        self.save_for_backward(input)
        copy = True
        return evaluate(np.nan_to_num, input, copy, nan, posinf, neginf)

    def backward(self, grad: Any) -> Any:
        (input,) = self.saved_tensors
        return where(isfinite(input), grad, 0)


def nan_to_num(
    input: Tensor,
    nan: float | None = None,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Tensor:
    """Replace NaN and infinities by numbers.

    Args:
        input: any tensor; only a floating-point one changes.
        nan: what replaces NaN. Default: 0.
        posinf: what replaces infinity. Default: the largest finite number of the dtype.
        neginf: what replaces minus infinity. Default: the lowest finite number of the dtype.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([float("nan"), float("inf"), 1.0])
        >>> minitorch.nan_to_num(x, posinf=9.0)
        tensor([0., 9., 1.])
    """
    return NanToNum.apply(input, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf)
