"""Tensors that a module registers when they are assigned to it."""

from __future__ import annotations

from typing import Any, Self

from ..autograd.variable import wrap
from ..tensor import Tensor


def _same_buffer(cls: type[Tensor], data: Any) -> Any:
    """A tensor of class `cls` over the buffer of `data`, which counts changes for both."""
    if data is None:
        data = Tensor()
    if not isinstance(data, Tensor):
        raise TypeError(
            f"{cls.__name__} expected a Tensor as data, got {type(data).__name__}; "
            "convert it with minitorch.tensor(...) first"
        )
    result = object.__new__(cls)
    result.array = data.array
    result._counter = data._shared_counter()
    return result


class Parameter(Tensor):
    """A tensor that a module trains: assigned as an attribute, it appears in `parameters()`.

    Args:
        data: the values; the buffer is shared. Default: an empty tensor.
        requires_grad: whether gradients are computed for it. Default: True.

    Raises:
        TypeError: `data` is not a Tensor.
        RuntimeError: a gradient is asked for and `data` is not floating point.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Parameter(minitorch.ones(2))
        Parameter containing:
        tensor([1., 1.], requires_grad=True)
    """

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Parameter:
        result: Parameter = _same_buffer(cls, data)
        result.requires_grad = requires_grad
        return result

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        """Everything is done in `__new__`."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Copy the values alone: the copy has no gradient, as in PyTorch."""
        result: Self = _same_buffer(type(self), wrap(self.array.copy("K")))
        result.requires_grad = self.requires_grad
        return result

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class Buffer(Tensor):
    """A tensor that belongs to a module's state but is not trained.

    Args:
        data: the values; the buffer is shared. Default: an empty tensor.
        persistent: whether it is part of `state_dict`. Default: True.

    Raises:
        TypeError: `data` is not a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> module = nn.Module()
        >>> module.steps = nn.Buffer(minitorch.tensor(0))
        >>> list(module.state_dict())
        ['steps']
    """

    persistent: bool

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True) -> Buffer:
        result: Buffer = _same_buffer(cls, data)
        if isinstance(data, Tensor):
            result.requires_grad = data.requires_grad
        result.persistent = persistent
        return result

    def __init__(self, data: Tensor | None = None, *, persistent: bool = True) -> None:
        """Everything is done in `__new__`."""
