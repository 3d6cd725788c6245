"""Changes of shape."""

from __future__ import annotations

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
