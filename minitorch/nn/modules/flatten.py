"""Changes of shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...ops import shape
from ..module import Module
from .checks import check_array


class Flatten(Module):
    """Joins dimensions `start_dim` to `end_dim` into one.

    Shapes: input (*, S_start, ..., S_end, *), output (*, ∏ S_i, *).

    Args:
        start_dim: the first dimension to join. Default: 1, which keeps the batch.
        end_dim: the last one. Default: -1.

    Raises:
        AttributeError: the input is neither an array nor a Tensor.
        IndexError: a dimension is out of range.
        RuntimeError: `start_dim` comes after `end_dim`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Flatten()(minitorch.ones(2, 3, 4)).shape
        minitorch.Size([2, 12])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html
    """

    differentiable_backward = True

    start_dim: int
    end_dim: int

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Any) -> Any:
        check_array(self, input, error=AttributeError)
        self.save_for_backward(input.shape)
        return shape.flatten(input, self.start_dim, self.end_dim)

    def backward(self, grad_output: Any) -> Any:
        (input_shape,) = self.saved_tensors
        return grad_output.reshape(input_shape)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Spreads dimension `dim` over several.

    Shapes: input (*, S_dim, *), output (*, *unflattened_size, *), where ∏ unflattened_size = S_dim.

    Args:
        dim: the dimension to spread.
        unflattened_size: the sizes of the new dimensions; one of them may be -1, which takes what
            the others leave.

    Raises:
        TypeError: `unflattened_size` is no tuple or list of ints, or `dim` is no int.
        AttributeError: the input is neither an array nor a Tensor.
        IndexError: `dim` is out of range.
        RuntimeError: the sizes do not multiply to that dimension's.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Unflatten(1, (3, -1))(minitorch.ones(2, 12)).shape
        minitorch.Size([2, 3, 4])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Unflatten.html
    """

    differentiable_backward = True

    dim: int
    unflattened_size: Sequence[int]

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        if not isinstance(unflattened_size, (tuple, list)):
            raise TypeError(
                "Unflatten: unflattened_size must be a tuple of ints, got "
                f"{type(unflattened_size).__name__}: {unflattened_size!r}"
            )
        for place, size in enumerate(unflattened_size):
            if not isinstance(size, int):
                raise TypeError(
                    "Unflatten: unflattened_size must be a tuple of ints, got "
                    f"{type(size).__name__} at place {place} of {unflattened_size!r}"
                )
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, input: Any) -> Any:
        check_array(self, input, error=AttributeError)
        self.save_for_backward(input.shape)
        return shape.unflatten(input, self.dim, self.unflattened_size)

    def backward(self, grad_output: Any) -> Any:
        (input_shape,) = self.saved_tensors
        return grad_output.reshape(input_shape)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
