"""How a function becomes a method: Python's operators and the forms that change a tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.grad_mode import enable_grad
from ..autograd.inplace import apply_in_place, changed, check_in_place, set_history
from ..autograd.variable import Variable, buffer, ndarray
from ..quiet import quiet
from .conversion import Copy

if TYPE_CHECKING:
    from ..tensor import Tensor

ARRAYS = (Variable, ndarray)
OPERANDS = (Variable, int, float, ndarray, np.generic)  # an operator takes these, bool among int


def operator_form(
    function: Callable[..., Tensor], accepted: tuple[type, ...] = OPERANDS
) -> Callable[[Any, Any], Any]:
    """The function as an operator: it leaves an operand that it does not know to Python."""

    def method(self: Any, other: Any) -> Any:
        if not isinstance(other, accepted):
            return NotImplemented
        return function(self, other)

    return method


def reflected(
    function: Callable[..., Tensor], accepted: tuple[type, ...] = OPERANDS
) -> Callable[[Any, Any], Any]:
    """The function as the operator whose right operand is the tensor: `2 - x`."""

    def method(self: Any, other: Any) -> Any:
        if not isinstance(other, accepted):
            return NotImplemented
        return function(other, self)

    return method


def in_place(function: Callable[..., Tensor], ufunc: np.ufunc | None = None) -> Any:
    """The form of `function` that changes its first argument: `add_` of `add`.

    Args:
        function: what computes the new values.
        ufunc: the NumPy function of the same meaning, which writes into the buffer directly
            where nothing is recorded.
    """
    direct_operands = None if ufunc is None else ufunc.nin - 1

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if len(args) != direct_operands or kwargs or not _fits(self.array, args):
            return apply_in_place(replace, self, *args, **kwargs)
        if check_in_place(self, *args):
            return apply_in_place(replace, self, *args)
        quiet.run(ufunc, self.array, *map(buffer, args), self.array)
        changed(self)
        return self

    def replace(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        result = function(self, *args, **kwargs)
        if self.requires_grad and not result.requires_grad:  # a comparison's: the gradient is zero
            result = Copy.apply(self, result)
        return result

    name = function.__name__
    method.__name__ = method.__qualname__ = f"{name}_"
    method.__doc__ = f"`{name}`, written into the tensor itself, which is returned."
    return method


def _fits(array: Any, operands: tuple[Any, ...]) -> bool:
    """Whether NumPy computes on a buffer and these operands as PyTorch does."""
    if array.dtype.kind != "f":
        return False
    for operand in operands:
        if isinstance(operand, Variable):
            operand = operand.array
        if type(operand) is ndarray:
            if operand.dtype != array.dtype or operand.shape not in (array.shape, ()):
                return False
        elif type(operand) is not float and type(operand) is not int:
            return False
    return True


def metadata_in_place(function: Callable[..., Tensor]) -> Any:
    """The form of a view function that gives the tensor itself another shape: `squeeze_`.

    The buffer's elements stay as they are.
    """

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        check_in_place(self)
        if self.is_leaf:
            self.array = buffer(function(self.detach(), *args, **kwargs))
            return self
        with enable_grad():  # its history must fit the new shape, whether recording or not
            view = function(self, *args, **kwargs)
        self.array = view.array
        assert view._node is not None  # it was recorded
        set_history(self, view._node)
        return self

    name = function.__name__
    method.__name__ = method.__qualname__ = f"{name}_"
    method.__doc__ = f"`{name}` of the tensor itself, which is returned."
    return method
