"""Operators that work element by element, with broadcasting: arithmetic and functions.

Comparisons, logic and what chooses between two values are in `comparison`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..autograd.variable import Array, buffer, ndarray
from ..quiet import quiet
from . import error_function
from .comparison import isinf, logical_and, where
from .promotion import as_array, convert, floating, promote, promote_floating
from .ufunc import Elementwise, binary, evaluate, not_implemented, zeros_for

if TYPE_CHECKING:
    from ..tensor import Tensor

# -- the shapes of code that many functions share -----------------------------------------


class OfInput(Elementwise):
    """function(input) in floating point, with a gradient that is a formula in the input."""

    function: ClassVar[Callable[..., Any]]

    def forward(self, input: Any) -> Any:
        self.save_for_backward(input)
        return evaluate(self.function, floating(input))

    def backward(self, grad: Any) -> Any:
        (input,) = self.saved_tensors
        return self.gradient(grad, input)

    def gradient(self, grad: Any, input: Any) -> Any:
        """dL/d(input), given dL/d(output)."""
        raise NotImplementedError


class OfOutput(Elementwise):
    """function(input) in floating point, with a gradient that is a formula in the output."""

    function: ClassVar[Callable[..., Any]]

    def forward(self, input: Any) -> Any:
        output = evaluate(self.function, floating(input))
        self.save_for_backward(output)
        return output

    def backward(self, grad: Any) -> Any:
        (output,) = self.saved_tensors
        return self.gradient(grad, output)

    def gradient(self, grad: Any, output: Any) -> Any:
        """dL/d(input), given dL/d(output)."""
        raise NotImplementedError


class Rounding(Elementwise):
    """A step function of numbers; its gradient is zero."""

    function: ClassVar[Callable[..., Any]]

    def forward(self, input: Any) -> Any:
        input = as_array(input)
        if input.dtype.kind == "b":
            not_implemented(type(self).__name__.lower(), input.dtype)
        return evaluate(self.function, input) if input.dtype.kind == "f" else input.copy()

    def backward(self, grad: Any) -> Any:
        return zeros_for(grad)


# -- sums and differences -----------------------------------------------------------------


class Add(Elementwise):
    """input + other; both gradients are dL/d(output)."""

    def forward(self, input: Any, other: Any) -> Any:
        return binary(np.add, input, other)

    def backward(self, grad: Any) -> Any:
        return grad, grad


class AddScaled(Elementwise):
    """input + alpha * other, computed in the dtype of the sum."""

    def forward(self, input: Any, other: Any, *, alpha: Any) -> Any:
        self.alpha = alpha
        input, other = promote(input, other)
        kind = input.dtype.kind
        if isinstance(alpha, bool) and kind != "b":
            raise RuntimeError("Boolean alpha only supported for Boolean results.")
        if isinstance(alpha, float) and kind != "f":
            raise RuntimeError(
                "For integral input tensors, argument alpha must not be a floating point number; "
                f"got {alpha}"
            )
        scaled = evaluate(np.multiply, other, convert(alpha, other.dtype))
        return evaluate(np.add, input, scaled)

    def backward(self, grad: Any) -> Any:
        return grad, grad * self.alpha


class Sub(Elementwise):
    """input - other; the second gradient is -dL/d(output)."""

    def forward(self, input: Any, other: Any) -> Any:
        if type(input) is not ndarray or type(other) is not ndarray or input.dtype.kind != "f":
            _refuse_booleans(input)
        if type(other) is not ndarray or other.dtype.kind != "f":
            _refuse_booleans(other)
        return binary(np.subtract, input, other)

    def backward(self, grad: Any) -> Any:
        return grad, -grad if self.needs_input_grad[1] else None


def _refuse_booleans(operand: Any) -> None:
    if isinstance(operand, bool) or getattr(operand, "dtype", None) == np.bool_:
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. Use the `^` or "
            "`logical_xor()` operator for where two differ, the `~` or `logical_not()` operator "
            "to invert a mask, or convert it to numbers with .int()"
        )


def _number(alpha: Any) -> Any:
    """A factor as a Python number; a tensor of one element is taken for its value."""
    return alpha if isinstance(alpha, (int, float)) else buffer(alpha).item()


def add(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """Compute input + alpha * other.

    Args:
        input: a tensor, broadcast with `other`.
        other: a tensor or a number.
        alpha: a number. Default: 1.

    Raises:
        RuntimeError: the shapes do not broadcast, or `alpha` is floating point and the result
            is not.

    Example:
        >>> import minitorch
        >>> minitorch.add(minitorch.tensor([1, 2]), 10, alpha=2)
        tensor([21, 22])
    """
    if type(alpha) is int and alpha == 1:
        return Add.apply(input, other)
    return AddScaled.apply(input, other, alpha=_number(alpha))


def sub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """Compute input - alpha * other.

    Args:
        input: a tensor, broadcast with `other`.
        other: a tensor or a number.
        alpha: a number. Default: 1.

    Raises:
        RuntimeError: an operand is boolean, the shapes do not broadcast, or `alpha` is floating
            point and the result is not.

    Example:
        >>> import minitorch
        >>> minitorch.sub(minitorch.tensor([1.0, 2.0]), minitorch.tensor([0.5, 0.5]))
        tensor([0.5000, 1.5000])
    """
    if type(alpha) is int and alpha == 1:
        return Sub.apply(input, other)
    for operand in (input, other):
        _refuse_booleans(buffer(operand))
    return AddScaled.apply(input, other, alpha=-_number(alpha))


def rsub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """Compute other - alpha * input, with the rules of `sub`.

    Example:
        >>> import minitorch
        >>> minitorch.rsub(minitorch.tensor([1, 2]), 10)
        tensor([9, 8])
    """
    return sub(other, input, alpha=alpha)


subtract = sub


class Neg(Elementwise):
    """-input."""

    def forward(self, input: Any) -> Any:
        input = as_array(input)
        if input.dtype.kind == "b":
            raise RuntimeError(
                "Negation, the `-` operator, on a bool tensor is not supported. If you are trying "
                "to invert a mask, use the `~` or `logical_not()` operator instead."
            )
        return evaluate(np.negative, input)

    def backward(self, grad: Any) -> Any:
        return -grad


def neg(input: Tensor) -> Tensor:
    """Compute -input; unsigned integers wrap around.

    Raises:
        RuntimeError: the input is boolean.

    Example:
        >>> import minitorch
        >>> minitorch.neg(minitorch.tensor([1, -2]))
        tensor([-1,  2])
    """
    return Neg.apply(input)


negative = neg


def positive(input: Tensor) -> Tensor:
    """Return the input itself.

    Raises:
        RuntimeError: the input is boolean.

    Example:
        >>> import minitorch
        >>> minitorch.positive(minitorch.tensor([1, -2]))
        tensor([ 1, -2])
    """
    if as_array(buffer(input)).dtype.kind == "b":
        raise RuntimeError(
            "The `+` operator, on a bool tensor is not supported. Convert it with .int() first"
        )
    return input


# -- products and quotients ---------------------------------------------------------------


class Mul(Elementwise):
    """input * other; each gradient is dL/d(output) times the other operand."""

    frees_all = True  # a number counts as a saved tensor, as in PyTorch

    def forward(self, input: Any, other: Any) -> Any:
        # Only what a gradient needs: the other may then be changed in place.
        needs_input, needs_other = self.needs_input_grad or (False, False)
        self.save_for_backward(input if needs_other else None, other if needs_input else None)
        return binary(np.multiply, input, other)

    def backward(self, grad: Any) -> Any:
        input, other = self.saved_tensors
        needs_input, needs_other = self.needs_input_grad
        return grad * other if needs_input else None, grad * input if needs_other else None


def mul(input: Tensor, other: Any) -> Tensor:
    """Compute input * other; of booleans, whether both are True.

    Args:
        input: a tensor, broadcast with `other`.
        other: a tensor or a number.

    Raises:
        RuntimeError: the shapes do not broadcast.

    Example:
        >>> import minitorch
        >>> minitorch.mul(minitorch.tensor([1.0, 2.0]), 3)
        tensor([3., 6.])
    """
    return Mul.apply(input, other)


multiply = mul


class Div(Elementwise):
    """input / other; the gradients are dL/d(output) / other and -dL/d(output) input / other^2."""

    frees_all = True  # a number counts as a saved tensor, as in PyTorch

    def forward(self, input: Any, other: Any) -> Any:
        _, needs_other = self.needs_input_grad or (False, False)
        self.save_for_backward(input if needs_other else None, other)
        if type(input) is not ndarray or input.dtype.kind != "f":
            input, other = promote_floating(input, other)
        return binary(np.divide, input, other)

    def backward(self, grad: Any) -> Any:
        input, other = self.saved_tensors
        quotient = grad / other
        return quotient, -(quotient * input / other) if self.needs_input_grad[1] else None


def _division_operands(name: str, input: Any, other: Any) -> tuple[Array, Array]:
    """Promote the operands of a division with remainder, and refuse what has none."""
    input, other = promote(input, other)
    if input.dtype.kind == "b":
        not_implemented(name, input.dtype)
    if input.dtype.kind != "f" and not other.all():
        raise RuntimeError("ZeroDivisionError: an integer division by zero has no result")
    return input, other


def _truncated_quotient(input: Array, other: Array) -> Any:
    if input.dtype.kind == "f":
        return np.trunc(input / other)
    return np.floor_divide(np.subtract(input, np.fmod(input, other)), other)


class DivRounded(Elementwise):
    """input / other, rounded towards zero ('trunc') or down ('floor'); the gradients are zero."""

    def forward(self, input: Any, other: Any, *, rounding_mode: str) -> Any:
        input, other = _division_operands(f"div_{rounding_mode}", input, other)
        quotient = np.floor_divide if rounding_mode == "floor" else _truncated_quotient
        return evaluate(quotient, input, other)

    def backward(self, grad: Any) -> Any:
        return zeros_for(grad), zeros_for(grad)


class FloorDivide(Elementwise):
    """input / other, rounded down. As in PyTorch it has no derivative."""

    def forward(self, input: Any, other: Any) -> Any:
        return evaluate(np.floor_divide, *_division_operands("floor_divide", input, other))

    def backward(self, grad: Any) -> Any:
        raise RuntimeError(
            "derivative for floor_divide is not implemented, as in PyTorch; use "
            "div(input, other, rounding_mode='floor'), whose gradient is zero"
        )


class Remainder(Elementwise):
    """input - other * floor(input / other)."""

    def forward(self, input: Any, other: Any) -> Any:
        self.save_for_backward(input, other)
        return evaluate(np.remainder, *_division_operands("remainder", input, other))

    def backward(self, grad: Any) -> Any:
        input, other = self.saved_tensors
        if not self.needs_input_grad[1]:
            return grad, None
        return grad, -grad * div(input, other, rounding_mode="floor")


class Fmod(Elementwise):
    """input - other * trunc(input / other)."""

    def forward(self, input: Any, other: Any) -> Any:
        self.save_for_backward(input, other)
        return evaluate(np.fmod, *_division_operands("fmod", input, other))

    def backward(self, grad: Any) -> Any:
        input, other = self.saved_tensors
        if not self.needs_input_grad[1]:
            return grad, None
        return grad, -grad * div(input, other, rounding_mode="trunc")


def div(input: Tensor, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """Compute input / other.

    Args:
        input: a tensor, broadcast with `other`.
        other: a tensor or a number.
        rounding_mode: None for true division, which gives integers in the default floating-point
            dtype; "trunc" rounds towards zero and "floor" down, both keep integers, and their
            gradient is zero. Default: None.

    Raises:
        RuntimeError: the shapes do not broadcast, an integer is divided by zero with a rounding
            mode, or there is no such rounding mode.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([-7, 7])
        >>> minitorch.div(x, 2)
        tensor([-3.5000,  3.5000])
        >>> minitorch.div(x, 2, rounding_mode="floor")
        tensor([-4,  3])
    """
    if rounding_mode is None:
        return Div.apply(input, other)
    if rounding_mode not in ("trunc", "floor"):
        raise RuntimeError(
            "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found "
            f"{rounding_mode!r}"
        )
    return DivRounded.apply(input, other, rounding_mode=rounding_mode)


divide = div


def true_divide(input: Tensor, other: Any) -> Tensor:
    """Compute input / other: `div` without a rounding mode.

    Example:
        >>> import minitorch
        >>> minitorch.true_divide(minitorch.tensor([1, 2]), 2)
        tensor([0.5000, 1.0000])
    """
    return Div.apply(input, other)


def floor_divide(input: Tensor, other: Any) -> Tensor:
    """Compute input / other rounded down, `input // other`. It has no derivative.

    Raises:
        RuntimeError: an integer is divided by zero, or a gradient is asked for.

    Example:
        >>> import minitorch
        >>> minitorch.floor_divide(minitorch.tensor([-7, 7]), 2)
        tensor([-4,  3])
    """
    return FloorDivide.apply(input, other)


def remainder(input: Tensor, other: Any) -> Tensor:
    """Compute input - other * floor(input / other), `input % other`: it has the sign of `other`.

    Raises:
        RuntimeError: an integer is divided by zero.

    Example:
        >>> import minitorch
        >>> minitorch.remainder(minitorch.tensor([-7, 7]), 3)
        tensor([2, 1])
    """
    return Remainder.apply(input, other)


def fmod(input: Tensor, other: Any) -> Tensor:
    """Compute input - other * trunc(input / other): it has the sign of `input`.

    Raises:
        RuntimeError: an integer is divided by zero.

    Example:
        >>> import minitorch
        >>> minitorch.fmod(minitorch.tensor([-7, 7]), 3)
        tensor([-1,  1])
    """
    return Fmod.apply(input, other)


class Reciprocal(OfOutput):
    """1 / input."""

    function = np.reciprocal

    def gradient(self, grad: Any, output: Any) -> Any:
        return -grad * output * output


def reciprocal(input: Tensor) -> Tensor:
    """Compute 1 / input.

    Example:
        >>> import minitorch
        >>> minitorch.reciprocal(minitorch.tensor([2.0, 4.0]))
        tensor([0.5000, 0.2500])
    """
    return Reciprocal.apply(input)


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """Compute input + value * tensor1 * tensor2.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([1.0, 2.0])
        >>> minitorch.addcmul(x, x, x, value=0.5)
        tensor([1.5000, 4.0000])
    """
    return add(input, mul(tensor1, tensor2), alpha=value)


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """Compute input + value * tensor1 / tensor2.

    Raises:
        RuntimeError: `tensor1` and `tensor2` are both integers.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([1.0, 2.0])
        >>> minitorch.addcdiv(x, x, x, value=0.5)
        tensor([1.5000, 2.5000])
    """
    if "f" not in (as_array(buffer(tensor1)).dtype.kind, as_array(buffer(tensor2)).dtype.kind):
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported; convert tensor1 or tensor2 "
            "with .float(), or compute input + value * div(tensor1, tensor2, rounding_mode=...)"
        )
    return add(input, div(tensor1, tensor2), alpha=value)


class Lerp(Elementwise):
    """input + weight * (end - input)."""

    def forward(self, input: Any, end: Any, weight: Any) -> Any:
        self.save_for_backward(input, end, weight)
        input, end = as_array(input), as_array(end)
        if input.dtype.kind != "f":
            not_implemented("lerp", input.dtype)
        for name, operand in (("end", end), ("weight", weight)):
            dtype = getattr(operand, "dtype", input.dtype)
            if dtype != input.dtype and (operand is end or operand.ndim):
                raise RuntimeError(f"expected dtype {input.dtype} for `{name}` but got {dtype}")
        return evaluate(_interpolate, input, end, convert(weight, input.dtype))

    def backward(self, grad: Any) -> Any:
        input, end, weight = self.saved_tensors
        to_end = grad * weight
        return grad - to_end, to_end, grad * (end - input) if self.needs_input_grad[2] else None


def _interpolate(start: Array, end: Array, weight: Array) -> Any:
    """Exactly `start` at weight 0 and `end` at weight 1, which one formula alone is not."""
    distance = end - start
    near_start = np.abs(weight) < 0.5
    return np.where(near_start, start + weight * distance, end - distance * (1 - weight))


def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """Compute input + weight * (end - input), on the line from `input` to `end`.

    Args:
        input: where the line starts.
        end: where it ends, of the same dtype.
        weight: how far to go, a number or a tensor of the same dtype.

    Raises:
        RuntimeError: the dtypes differ.
        NotImplementedError: the input is not floating point.

    Example:
        >>> import minitorch
        >>> minitorch.lerp(minitorch.tensor([1.0, 2.0]), minitorch.tensor([3.0, 4.0]), 0.25)
        tensor([1.5000, 2.5000])
    """
    return Lerp.apply(input, end, weight)


# -- powers and roots ---------------------------------------------------------------------


def _inverse_square_root(x: Array) -> Any:
    return np.reciprocal(np.sqrt(x))


# Exponents for which there is a faster function, which PyTorch uses for numbers too.
_POWERS: dict[float, Callable[..., Any]] = {
    0.5: np.sqrt,
    2.0: np.square,
    3.0: lambda x: x * x * x,
    -0.5: _inverse_square_root,
    -1.0: np.reciprocal,
    -2.0: lambda x: np.reciprocal(x * x),
}


class Pow(Elementwise):
    """input ^ exponent; the gradients are

    dL/d(output) exponent input^(exponent - 1), and 0 where the exponent is 0;
    dL/d(output) output log(input), and 0 where the input is 0 and the exponent not negative.
    """  # noqa: D415 - the equations belong to the first line

    def forward(self, input: Any, exponent: Any) -> Any:
        output = _power(input, exponent)
        dtype = output.dtype
        saved_output = output if any(self.needs_input_grad[1:]) else None
        self.save_for_backward(_constant(input, dtype), _constant(exponent, dtype), saved_output)
        return output

    def backward(self, grad: Any) -> Any:
        input, exponent, output = self.saved_tensors
        needs_input, needs_exponent = self.needs_input_grad
        return (
            _power_gradient(grad, input, exponent) if needs_input else None,
            _exponent_gradient(grad, input, exponent, output) if needs_exponent else None,
        )


def _constant(operand: Any, dtype: np.dtype[Any]) -> Any:
    """An operand as backward needs it: integers, which have no gradient, in the output's dtype."""
    if type(operand) is ndarray and operand.dtype.kind != "f" and dtype.kind == "f":
        return operand.astype(dtype)
    return operand


def _power(input: Any, exponent: Any) -> Array:
    special = _POWERS.get(exponent) if type(exponent) in (int, float) else None
    if special is not None and type(input) is ndarray and input.dtype.kind == "f":
        return evaluate(special, input)
    base, power = promote(input, exponent)
    if base.dtype.kind == "f":
        return evaluate(np.power, base, power)
    if base.dtype.kind == "b":
        not_implemented("pow", base.dtype)
    if not isinstance(exponent, ndarray) and exponent < 0:
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    return evaluate(_integer_power, base, power)


def _integer_power(base: Array, power: Array) -> Any:
    """np.power, which refuses negative exponents, with 1/base rounded towards zero for those."""
    inverse = np.where(np.abs(base) == 1, base, 0)  # 1 and -1 are their own inverses
    return np.power(np.where(power < 0, inverse, base), np.abs(power))


def _power_gradient(grad: Any, input: Any, exponent: Any) -> Any:
    if isinstance(exponent, (int, float)):
        if exponent == 0:
            return zeros_for(grad)
        if exponent == 2 and type(input) is ndarray:  # the most frequent one, without a power
            return grad * (2 * input)
        return grad * (exponent * pow(input, exponent - 1))
    slope = exponent * pow(input, exponent - 1)
    return where(exponent == 0, 0, grad * slope)


def _exponent_gradient(grad: Any, input: Any, exponent: Any, output: Any) -> Any:
    if isinstance(input, (int, float)):
        slope = output * _log(input)
        return where(exponent >= 0, 0, grad * slope) if input == 0 else grad * slope
    settled = logical_and(input == 0, exponent >= 0)
    return where(settled, 0, grad * (output * log(input)))


def pow(input: Any, exponent: Any) -> Tensor:
    """Compute input ^ exponent.

    Args:
        input: a tensor or a number, broadcast with `exponent`.
        exponent: a tensor or a number. Integers to integer powers stay integers.

    Raises:
        RuntimeError: the shapes do not broadcast, or the exponent is a negative integer number
            and the input are integers.
        NotImplementedError: both are boolean.

    Example:
        >>> import minitorch
        >>> minitorch.pow(minitorch.tensor([1.0, 2.0, 3.0]), 2)
        tensor([1., 4., 9.])
        >>> minitorch.pow(2, minitorch.tensor([1, 2, 3]))
        tensor([2, 4, 8])
    """
    return Pow.apply(input, exponent)


class Square(Elementwise):
    """input^2; the derivative is 2 input."""

    def forward(self, input: Any) -> Any:
        input = as_array(input)
        self.save_for_backward(input)
        return evaluate(np.square, input if input.dtype.kind != "b" else input.astype(np.int64))

    def backward(self, grad: Any) -> Any:
        (input,) = self.saved_tensors
        return _power_gradient(grad, input, 2)


def square(input: Tensor) -> Tensor:
    """Compute input^2.

    Example:
        >>> import minitorch
        >>> minitorch.square(minitorch.tensor([1.0, -3.0]))
        tensor([1., 9.])
    """
    return Square.apply(input)


class Sqrt(OfOutput):
    """sqrt(input); the derivative at 0 is infinite."""

    function = np.sqrt

    def gradient(self, grad: Any, output: Any) -> Any:
        return grad / (2 * output)


class Rsqrt(OfOutput):
    """1 / sqrt(input)."""

    function = staticmethod(_inverse_square_root)

    def gradient(self, grad: Any, output: Any) -> Any:
        return grad * -0.5 * output * output * output


class Hypot(Elementwise):
    """sqrt(input^2 + other^2); the gradients are dL/d(output) times operand / output."""

    def forward(self, input: Any, other: Any) -> Any:
        output = _floating_only("hypot", np.hypot, input, other)
        self.save_for_backward(input, other, output)
        return output

    def backward(self, grad: Any) -> Any:
        input, other, output = self.saved_tensors
        scaled = grad / output
        return scaled * input, scaled * other


def _floating_only(name: str, function: Callable[..., Any], input: Any, other: Any) -> Array:
    """Evaluate a function of two tensors that PyTorch does not offer for integers."""
    input, other = promote(as_array(input), as_array(other))
    if input.dtype.kind != "f":
        not_implemented(name, input.dtype)
    return evaluate(function, input, other)


def sqrt(input: Tensor) -> Tensor:
    """Compute the square root; NaN for negative numbers.

    Example:
        >>> import minitorch
        >>> minitorch.sqrt(minitorch.tensor([4.0, 9.0]))
        tensor([2., 3.])
    """
    return Sqrt.apply(input)


def rsqrt(input: Tensor) -> Tensor:
    """Compute 1 / sqrt(input).

    Example:
        >>> import minitorch
        >>> minitorch.rsqrt(minitorch.tensor([4.0, 16.0]))
        tensor([0.5000, 0.2500])
    """
    return Rsqrt.apply(input)


def hypot(input: Tensor, other: Tensor) -> Tensor:
    """Compute sqrt(input^2 + other^2) without overflow in between.

    Raises:
        NotImplementedError: both operands are integers.

    Example:
        >>> import minitorch
        >>> minitorch.hypot(minitorch.tensor([3.0]), minitorch.tensor([4.0]))
        tensor([5.])
    """
    return Hypot.apply(input, other)


# -- exponentials and logarithms ----------------------------------------------------------

_LN_2, _LN_10 = math.log(2), math.log(10)


class Exp(OfOutput):
    """exp(input); the derivative is the output."""

    function = np.exp

    def gradient(self, grad: Any, output: Any) -> Any:
        return grad * output


class Exp2(OfOutput):
    """2^input."""

    function = np.exp2

    def gradient(self, grad: Any, output: Any) -> Any:
        return grad * output * _LN_2


class Expm1(OfOutput):
    """exp(input) - 1."""

    function = np.expm1

    def gradient(self, grad: Any, output: Any) -> Any:
        return grad * (output + 1)


class Log(OfInput):
    """log(input)."""

    function = np.log

    def gradient(self, grad: Any, input: Any) -> Any:
        return grad / input


class Log2(OfInput):
    """log(input) / log(2)."""

    function = np.log2

    def gradient(self, grad: Any, input: Any) -> Any:
        return grad / (input * _LN_2)


class Log10(OfInput):
    """log(input) / log(10)."""

    function = np.log10

    def gradient(self, grad: Any, input: Any) -> Any:
        return grad / (input * _LN_10)


class Log1p(OfInput):
    """log(1 + input)."""

    function = np.log1p

    def gradient(self, grad: Any, input: Any) -> Any:
        return grad / (input + 1)


class LogAddExp(Elementwise):
    """log(exp(input) + exp(other)); the gradients are dL/d(output) times the two softmax shares."""

    def forward(self, input: Any, other: Any) -> Any:
        output = _floating_only("logaddexp", np.logaddexp, input, other)
        self.save_for_backward(_constant(input, output.dtype), _constant(other, output.dtype))
        return output

    def backward(self, grad: Any) -> Any:
        input, other = self.saved_tensors
        return grad / (1 + exp(other - input)), grad / (1 + exp(input - other))


class Xlogy(Elementwise):
    """input log(other), and 0 where the input is 0 unless other is NaN."""

    def forward(self, input: Any, other: Any) -> Any:
        output = evaluate(_times_log, *promote_floating(input, other))
        self.save_for_backward(_constant(input, output.dtype), _constant(other, output.dtype))
        return output

    def backward(self, grad: Any) -> Any:
        input, other = self.saved_tensors
        needs_input, needs_other = self.needs_input_grad
        grad_input = grad_other = None
        if needs_input:
            settled = logical_and(input == 0, other <= 0)
            grad_input = where(settled, 0, grad * _log(other))
        if needs_other:
            grad_other = grad * input / other
        return grad_input, grad_other


def _times_log(x: Array, y: Array) -> Any:
    return np.where((x == 0) & ~np.isnan(y), x.dtype.type(0), x * np.log(y))


def _log(value: Any) -> Any:
    """The logarithm of an array, a Tensor or a number, as one of the same."""
    if isinstance(value, (int, float)):
        return float(quiet.run(np.log, float(value)))
    return log(value)


def exp(input: Tensor) -> Tensor:
    """Compute e^input.

    Example:
        >>> import minitorch
        >>> minitorch.exp(minitorch.tensor([0.0, 1.0]))
        tensor([1.0000, 2.7183])
    """
    return Exp.apply(input)


def exp2(input: Tensor) -> Tensor:
    """Compute 2^input.

    Example:
        >>> import minitorch
        >>> minitorch.exp2(minitorch.tensor([0.0, 3.0]))
        tensor([1., 8.])
    """
    return Exp2.apply(input)


def expm1(input: Tensor) -> Tensor:
    """Compute e^input - 1, precisely also where the input is near 0.

    Example:
        >>> import minitorch
        >>> minitorch.expm1(minitorch.tensor([0.0, 1.0]))
        tensor([0.0000, 1.7183])
    """
    return Expm1.apply(input)


def log(input: Tensor) -> Tensor:
    """Compute the natural logarithm; -inf at 0, NaN below.

    Example:
        >>> import minitorch
        >>> minitorch.log(minitorch.tensor([1.0, 2.0]))
        tensor([0.0000, 0.6931])
    """
    return Log.apply(input)


def log2(input: Tensor) -> Tensor:
    """Compute the logarithm to base 2.

    Example:
        >>> import minitorch
        >>> minitorch.log2(minitorch.tensor([1.0, 8.0]))
        tensor([0., 3.])
    """
    return Log2.apply(input)


def log10(input: Tensor) -> Tensor:
    """Compute the logarithm to base 10.

    Example:
        >>> import minitorch
        >>> minitorch.log10(minitorch.tensor([1.0, 2.0]))
        tensor([0.0000, 0.3010])
    """
    return Log10.apply(input)


def log1p(input: Tensor) -> Tensor:
    """Compute log(1 + input), precisely also where the input is near 0.

    Example:
        >>> import minitorch
        >>> minitorch.log1p(minitorch.tensor([0.0, 1.0]))
        tensor([0.0000, 0.6931])
    """
    return Log1p.apply(input)


def logaddexp(input: Tensor, other: Tensor) -> Tensor:
    """Compute log(exp(input) + exp(other)) without overflow in between.

    Raises:
        NotImplementedError: both operands are integers.

    Example:
        >>> import minitorch
        >>> minitorch.logaddexp(minitorch.tensor([0.0]), minitorch.tensor([0.0]))
        tensor([0.6931])
    """
    return LogAddExp.apply(input, other)


def xlogy(input: Any, other: Any) -> Tensor:
    """Compute input * log(other), and 0 where the input is 0, even if `other` is 0 too.

    Example:
        >>> import minitorch
        >>> minitorch.xlogy(minitorch.tensor([0.0, 2.0]), minitorch.tensor([0.0, 1.0]))
        tensor([0., 0.])
    """
    return Xlogy.apply(input, other)


# -- trigonometry -------------------------------------------------------------------------


class Sin(OfInput):
    """sin(input)."""

    function = np.sin

    def gradient(self, grad: Any, input: Any) -> Any:
        return grad * cos(input)


class Cos(OfInput):
    """cos(input)."""

    function = np.cos

    def gradient(self, grad: Any, input: Any) -> Any:
        return -grad * sin(input)


class Tan(OfOutput):
    """tan(input)."""

    function = np.tan

    def gradient(self, grad: Any, output: Any) -> Any:
        return grad * (1 + output * output)


class Asin(OfInput):
    """arcsin(input)."""

    function = np.arcsin

    def gradient(self, grad: Any, input: Any) -> Any:
        return grad * rsqrt(1 - input * input)


class Acos(OfInput):
    """arccos(input)."""

    function = np.arccos

    def gradient(self, grad: Any, input: Any) -> Any:
        return -grad * rsqrt(1 - input * input)


class Atan(OfInput):
    """arctan(input)."""

    function = np.arctan

    def gradient(self, grad: Any, input: Any) -> Any:
        return grad / (1 + input * input)


class Atan2(Elementwise):
    """The angle of the point (other, input); at the origin its gradients are 0."""

    def forward(self, input: Any, other: Any) -> Any:
        input, other = as_array(input), as_array(other)
        self.save_for_backward(input, other)
        return evaluate(np.arctan2, *promote_floating(input, other))

    def backward(self, grad: Any) -> Any:
        input, other = self.saved_tensors
        inverse = reciprocal(input * input + other * other)
        scaled = grad * where(isinf(inverse), 0, inverse)
        return scaled * other, -scaled * input


def sin(input: Tensor) -> Tensor:
    """Compute the sine of angles in radians.

    Example:
        >>> import minitorch
        >>> minitorch.sin(minitorch.tensor([0.0, 1.0]))
        tensor([0.0000, 0.8415])
    """
    return Sin.apply(input)


def cos(input: Tensor) -> Tensor:
    """Compute the cosine of angles in radians.

    Example:
        >>> import minitorch
        >>> minitorch.cos(minitorch.tensor([0.0, 1.0]))
        tensor([1.0000, 0.5403])
    """
    return Cos.apply(input)


def tan(input: Tensor) -> Tensor:
    """Compute the tangent of angles in radians.

    Example:
        >>> import minitorch
        >>> minitorch.tan(minitorch.tensor([0.0, 1.0]))
        tensor([0.0000, 1.5574])
    """
    return Tan.apply(input)


def asin(input: Tensor) -> Tensor:
    """Compute the arc sine in radians; NaN outside [-1, 1].

    Example:
        >>> import minitorch
        >>> minitorch.asin(minitorch.tensor([0.0, 1.0]))
        tensor([0.0000, 1.5708])
    """
    return Asin.apply(input)


def acos(input: Tensor) -> Tensor:
    """Compute the arc cosine in radians; NaN outside [-1, 1].

    Example:
        >>> import minitorch
        >>> minitorch.acos(minitorch.tensor([0.0, 1.0]))
        tensor([1.5708, 0.0000])
    """
    return Acos.apply(input)


def atan(input: Tensor) -> Tensor:
    """Compute the arc tangent in radians.

    Example:
        >>> import minitorch
        >>> minitorch.atan(minitorch.tensor([0.0, 1.0]))
        tensor([0.0000, 0.7854])
    """
    return Atan.apply(input)


def atan2(input: Tensor, other: Tensor) -> Tensor:
    """Compute the angle of the point (other, input), in radians from -pi to pi.

    Example:
        >>> import minitorch
        >>> minitorch.atan2(minitorch.tensor([1.0, -1.0]), minitorch.tensor([0.0, -1.0]))
        tensor([ 1.5708, -2.3562])
    """
    return Atan2.apply(input, other)


arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2


def deg2rad(input: Tensor) -> Tensor:
    """Compute input * pi / 180: degrees in radians.

    Example:
        >>> import minitorch
        >>> minitorch.deg2rad(minitorch.tensor([180.0, 90.0]))
        tensor([3.1416, 1.5708])
    """
    return Mul.apply(input, math.pi / 180)


def rad2deg(input: Tensor) -> Tensor:
    """Compute input * 180 / pi: radians in degrees.

    Example:
        >>> import minitorch
        >>> minitorch.rad2deg(minitorch.tensor([1.0]))
        tensor([57.2958])
    """
    return Mul.apply(input, 180 / math.pi)


# -- hyperbolic functions and erf ---------------------------------------------------------


class Sinh(OfInput):
    """sinh(input)."""

    function = np.sinh

    def gradient(self, grad: Any, input: Any) -> Any:
        return grad * cosh(input)


class Cosh(OfInput):
    """cosh(input)."""

    function = np.cosh

    def gradient(self, grad: Any, input: Any) -> Any:
        return grad * sinh(input)


class Asinh(OfInput):
    """arsinh(input)."""

    function = np.arcsinh

    def gradient(self, grad: Any, input: Any) -> Any:
        return grad * rsqrt(input * input + 1)


class Acosh(OfInput):
    """arcosh(input)."""

    function = np.arccosh

    def gradient(self, grad: Any, input: Any) -> Any:
        return grad * rsqrt(input * input - 1)


class Atanh(OfInput):
    """artanh(input)."""

    function = np.arctanh

    def gradient(self, grad: Any, input: Any) -> Any:
        return grad / (1 - input * input)


class Erf(OfInput):
    """2 / sqrt(pi) times the integral of exp(-t^2) from 0 to the input."""

    function = staticmethod(error_function.erf)

    def gradient(self, grad: Any, input: Any) -> Any:
        return grad * exp(-(input * input)) * (2 / math.sqrt(math.pi))


class Erfinv(OfOutput):
    """The number whose error function is the input; the derivative is sqrt(pi) / 2 exp(y^2)."""

    function = staticmethod(error_function.erfinv)

    def gradient(self, grad: Any, output: Any) -> Any:
        return grad * exp(output * output) * (math.sqrt(math.pi) / 2)


def sinh(input: Tensor) -> Tensor:
    """Compute (e^input - e^-input) / 2.

    Example:
        >>> import minitorch
        >>> minitorch.sinh(minitorch.tensor([0.0, 1.0]))
        tensor([0.0000, 1.1752])
    """
    return Sinh.apply(input)


def cosh(input: Tensor) -> Tensor:
    """Compute (e^input + e^-input) / 2.

    Example:
        >>> import minitorch
        >>> minitorch.cosh(minitorch.tensor([0.0, 1.0]))
        tensor([1.0000, 1.5431])
    """
    return Cosh.apply(input)


def asinh(input: Tensor) -> Tensor:
    """Compute the inverse of `sinh`.

    Example:
        >>> import minitorch
        >>> minitorch.asinh(minitorch.tensor([0.0, 1.0]))
        tensor([0.0000, 0.8814])
    """
    return Asinh.apply(input)


def acosh(input: Tensor) -> Tensor:
    """Compute the inverse of `cosh`; NaN below 1.

    Example:
        >>> import minitorch
        >>> minitorch.acosh(minitorch.tensor([1.0, 2.0]))
        tensor([0.0000, 1.3170])
    """
    return Acosh.apply(input)


def atanh(input: Tensor) -> Tensor:
    """Compute the inverse of `tanh`; NaN outside [-1, 1].

    Example:
        >>> import minitorch
        >>> minitorch.atanh(minitorch.tensor([0.0, 0.5]))
        tensor([0.0000, 0.5493])
    """
    return Atanh.apply(input)


arcsinh, arccosh, arctanh = asinh, acosh, atanh


def erf(input: Tensor) -> Tensor:
    """Compute the error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to the input.

    Example:
        >>> import minitorch
        >>> minitorch.erf(minitorch.tensor([0.0, 1.0]))
        tensor([0.0000, 0.8427])
    """
    return Erf.apply(input)


def erfinv(input: Tensor) -> Tensor:
    """Compute the inverse of `erf`: infinite at -1 and 1, NaN outside [-1, 1].

    Example:
        >>> import minitorch
        >>> minitorch.erfinv(minitorch.tensor([0.0, 0.5]))
        tensor([0.0000, 0.4769])
    """
    return Erfinv.apply(input)


# -- size, sign and rounding --------------------------------------------------------------


class Abs(Elementwise):
    """|input|; the derivative is the sign, 0 at 0."""

    def forward(self, input: Any) -> Any:
        input = as_array(input)
        if input.dtype.kind == "b":
            not_implemented("abs", input.dtype)
        self.save_for_backward(input)
        return evaluate(np.absolute, input)

    def backward(self, grad: Any) -> Any:
        (input,) = self.saved_tensors
        return grad * sign(input)


class Sign(Elementwise):
    """-1, 0 or 1, and 0 for NaN; the gradient is zero."""

    def forward(self, input: Any) -> Any:
        input = as_array(input)
        if input.dtype.kind == "b":
            return input.copy()
        return evaluate(_sign, input)

    def backward(self, grad: Any) -> Any:
        return zeros_for(grad)


def _sign(x: Array) -> Any:
    return np.subtract(x > 0, x < 0, dtype=x.dtype)  # np.sign keeps NaN, PyTorch gives 0


class Copysign(Elementwise):
    """|input| with the sign of other; the gradient changes its sign where the input does."""

    def forward(self, input: Any, other: Any) -> Any:
        output = evaluate(np.copysign, *promote_floating(input, other))
        self.save_for_backward(input, output)
        return output

    def backward(self, grad: Any) -> Any:
        input, output = self.saved_tensors
        return where(input == 0, 0, grad * (output / input)), zeros_for(grad)


class Floor(Rounding):
    """The largest integer that is not above."""

    function = np.floor


class Ceil(Rounding):
    """The smallest integer that is not below."""

    function = np.ceil


class Trunc(Rounding):
    """The integer part."""

    function = np.trunc


class Round(Elementwise):
    """The nearest multiple of 10^-decimals, the even one of two; the gradient is zero."""

    def forward(self, input: Any, *, decimals: int) -> Any:
        input = as_array(input)
        kind = input.dtype.kind
        if kind == "b" or (kind != "f" and decimals != 0):
            not_implemented("round", input.dtype)
        return evaluate(np.round, input, decimals)

    def backward(self, grad: Any) -> Any:
        return zeros_for(grad)


class Frac(Elementwise):
    """input - trunc(input); the derivative is 1."""

    def forward(self, input: Any) -> Any:
        input = as_array(input)
        if input.dtype.kind != "f":
            not_implemented("frac", input.dtype)
        return evaluate(_fraction, input)

    def backward(self, grad: Any) -> Any:
        return grad


def _fraction(x: Array) -> Any:
    return x - np.trunc(x)


def abs(input: Tensor) -> Tensor:
    """Compute |input|; the derivative at 0 is 0.

    Raises:
        NotImplementedError: the input is boolean.

    Example:
        >>> import minitorch
        >>> minitorch.abs(minitorch.tensor([-1.5, 2.0]))
        tensor([1.5000, 2.0000])
    """
    return Abs.apply(input)


absolute = abs


def sign(input: Tensor) -> Tensor:
    """Compute -1, 0 or 1 as the input is below, at or above 0; 0 for NaN.

    Example:
        >>> import minitorch
        >>> minitorch.sign(minitorch.tensor([-1.5, 0.0, 2.0]))
        tensor([-1.,  0.,  1.])
    """
    return Sign.apply(input)


sgn = sign


def copysign(input: Tensor, other: Any) -> Tensor:
    """Compute |input| with the sign of `other`, in floating point.

    Example:
        >>> import minitorch
        >>> minitorch.copysign(minitorch.tensor([1.0, -2.0]), -1)
        tensor([-1., -2.])
    """
    return Copysign.apply(input, other)


def floor(input: Tensor) -> Tensor:
    """Round down; the gradient is zero.

    Raises:
        NotImplementedError: the input is boolean.

    Example:
        >>> import minitorch
        >>> minitorch.floor(minitorch.tensor([-1.5, 1.5]))
        tensor([-2.,  1.])
    """
    return Floor.apply(input)


def ceil(input: Tensor) -> Tensor:
    """Round up; the gradient is zero.

    Raises:
        NotImplementedError: the input is boolean.

    Example:
        >>> import minitorch
        >>> minitorch.ceil(minitorch.tensor([-1.5, 1.5]))
        tensor([-1.,  2.])
    """
    return Ceil.apply(input)


def trunc(input: Tensor) -> Tensor:
    """Round towards zero; the gradient is zero.

    Raises:
        NotImplementedError: the input is boolean.

    Example:
        >>> import minitorch
        >>> minitorch.trunc(minitorch.tensor([-1.5, 1.5]))
        tensor([-1.,  1.])
    """
    return Trunc.apply(input)


fix = trunc


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """Round to the nearest number with `decimals` digits after the point, a half to the even one.

    The gradient is zero.

    Args:
        input: any tensor.
        decimals: how many digits stay; a negative number counts to the left. Default: 0.

    Raises:
        NotImplementedError: the input is boolean, or integers are rounded to other than 0
            decimals.

    Example:
        >>> import minitorch
        >>> minitorch.round(minitorch.tensor([0.5, 1.5, 2.567]))
        tensor([0., 2., 3.])
        >>> minitorch.round(minitorch.tensor([2.567]), decimals=1)
        tensor([2.6000])
    """
    return Round.apply(input, decimals=decimals)


def frac(input: Tensor) -> Tensor:
    """Compute input - trunc(input), the part after the point.

    Raises:
        NotImplementedError: the input is not floating point.

    Example:
        >>> import minitorch
        >>> minitorch.frac(minitorch.tensor([1.25, -1.25]))
        tensor([ 0.2500, -0.2500])
    """
    return Frac.apply(input)
