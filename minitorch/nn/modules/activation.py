"""Activations: functions of each element."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...ops.promotion import constant, floating
from ...quiet import quiet
from ..module import Module
from .checks import check_array


class Sigmoid(Module):
    """The logistic function σ(x) = 1 / (1 + exp(-x)), for each element.

    Shapes: input and output (*), any shape. The dtype stays; integers and booleans become the
    default dtype. Accurate to the last digits and silent for every input; where the result is too
    small for a normal number it is 0, as in PyTorch.

    Raises:
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Sigmoid()(minitorch.tensor([-10000.0, 0.0, 10000.0]))
        tensor([0.0000, 0.5000, 1.0000])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
    """

    differentiable_backward = True

    def forward(self, input: Any) -> Any:
        if type(input) is not np.ndarray or input.dtype.kind != "f":
            check_array(self, input)
            input = floating(input)
        output = sigmoid(input)
        self.save_for_backward(output)
        return output

    def backward(self, grad_output: Any) -> Any:
        # dσ/dx = σ(x) (1 - σ(x))
        (output,) = self.saved_tensors
        return grad_output * output * (constant(1.0, output.dtype) - output)


def sigmoid(x: Any) -> Any:
    """The logistic function of a floating-point array, in one new array."""
    return quiet.run(_sigmoid, x)


def _sigmoid(x: Any) -> Any:
    if x.dtype == np.float16:  # whose exp(-x) is infinite where σ(x) can still be told from 0
        return _sigmoid(x.astype(np.float32)).astype(np.float16)
    output = np.negative(x)
    if type(output) is not np.ndarray:  # of a 0-d array NumPy makes a scalar
        output = np.asarray(output)
    # exp(-x) may overflow to infinity, whose reciprocal is the right limit, 0.
    np.exp(output, output)
    np.add(output, constant(1.0, output.dtype), output)
    return np.reciprocal(output, output)
