"""Linear maps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...ops.creation import empty
from ...ops.promotion import ones
from ...quiet import quiet
from ...tensor import Tensor
from .. import init
from ..module import Module
from ..parameter import Parameter
from .checks import check_array, check_dtype


class Identity(Module):
    """Returns its input; takes and ignores any constructor arguments.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Identity(54, unused=True)(minitorch.ones(2))
        tensor([1., 1.])
    """

    transparent = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        return input

    def backward(self, grad_output: Any) -> Any:
        return grad_output


class Linear(Module):
    r"""A linear map with a bias: y = x Wᵀ + b.

    Shapes: input (*, in_features), output (*, out_features), weight (out_features, in_features),
    bias (out_features,). The dtype of the input must be the weight's, and is the output's.

    Args:
        in_features: size of the last dimension of the input.
        out_features: size of the last dimension of the output.
        bias: add a learnt bias. Default: True.
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of weight and bias. Default: the default dtype, float32.

    Attributes:
        weight: drawn from U(-k, k) with k = 1/sqrt(in_features).
        bias: drawn likewise, or None.

    Raises:
        RuntimeError: the input's last dimension is not in_features, or its dtype is another.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> layer = nn.Linear(3, 2)
        >>> layer(minitorch.ones(4, 3)).shape
        minitorch.Size([4, 2])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
    """

    in_features: int
    out_features: int
    weight: Tensor
    bias: Tensor | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(empty(out_features, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias afresh."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Any) -> Any:
        weight, bias = self.weight, self.bias
        self.save_for_backward(input, weight, bias)
        matrix = weight.array
        if type(input) is not np.ndarray or input.dtype is not matrix.dtype or not input.ndim:
            check_input(self, input, matrix.dtype)
        try:
            output = quiet.run(product, input, matrix.T)
        except ValueError:
            raise misfit(self, input) from None
        if bias is not None:
            if bias.array.dtype is not matrix.dtype:
                check_dtype(self, "bias", bias.array.dtype, matrix.dtype)
            try:
                output += bias.array
            except ValueError:
                raise RuntimeError(
                    f"Linear: a bias of shape {list(bias.array.shape)} cannot be added to an "
                    f"output of shape {list(output.shape)}: expected [{self.out_features}]"
                ) from None
        return output

    def backward(self, grad_output: Any) -> Any:
        # dL/dW = gᵀ x, dL/db = sum of g over the batch, dL/dx = g W
        input, weight, bias = self.saved_tensors
        rows, inputs = grad_output, input
        if input.ndim != 2:
            count = math.prod(input.shape[:-1])  # not -1: the last dimension may be 0
            rows = rows.reshape(count, rows.shape[-1])
            inputs = inputs.reshape(count, inputs.shape[-1])
        if bias is not None and bias.requires_grad:
            bias.accumulate_grad(ones(len(rows), rows.dtype).dot(rows))
        if weight.requires_grad:
            weight.accumulate_grad(rows.T.dot(inputs))
        if self.needs_input_grad[0]:
            return product(grad_output, weight.array)
        return None

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class NonDynamicallyQuantizableLinear(Linear):
    """`Linear` under another name, as the last projection of a `MultiheadAttention` has it."""


def product(input: Any, matrix: Any) -> Any:
    """x M as one product of two matrices: of more dimensions `np.dot` would go vector by vector."""
    if input.ndim <= 2:
        return input.dot(matrix)
    output = np.empty((*input.shape[:-1], matrix.shape[1]), matrix.dtype)
    count = math.prod(input.shape[:-1])
    rows = input.reshape(count, input.shape[-1])
    np.dot(rows, matrix, output.reshape(count, matrix.shape[1]))
    return output


def check_input(module: Linear, input: Any, dtype: np.dtype[Any]) -> None:
    """Refuse anything but an array with dimensions of the dtype of the weight.

    Raises:
        TypeError: it is no array.
        RuntimeError: its dtype is another, or it has no dimensions.
    """
    check_array(module, input)
    check_dtype(module, "input", input.dtype, dtype)
    if not input.ndim:
        raise RuntimeError(
            "Linear expected an input of at least 1 dimension, got a single number: its last "
            f"dimension must be in_features={module.in_features}"
        )


def misfit(module: Linear, input: Any) -> RuntimeError:
    """The error for an input of the wrong size."""
    rows = input.size // max(input.shape[-1], 1)
    return RuntimeError(
        f"mat1 and mat2 shapes cannot be multiplied ({rows}x{input.shape[-1]} and "
        f"{module.in_features}x{module.out_features}): Linear expected an input whose last "
        f"dimension is in_features={module.in_features}, got shape {list(input.shape)}"
    )
