"""Activations: functions of each element, and of the elements along one dimension."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ...autograd.variable import Array
from ...ops import elementwise, reduction
from ...ops.comparison import zero_where
from ...ops.creation import empty
from ...ops.dims import normalize_dim
from ...ops.error_function import normal_probability
from ...ops.promotion import constant, floating, ones
from ...quiet import quiet
from .. import init
from ..module import Module
from ..parameter import Parameter
from .checks import check_array, check_dtype, not_implemented

if TYPE_CHECKING:
    from ...tensor import Tensor


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
        output = logistic(input)
        self.save_for_backward(output)
        return output

    def backward(self, grad_output: Any) -> Any:
        # dσ/dx = σ(x) (1 - σ(x))
        (output,) = self.saved_tensors
        return grad_output * output * (constant(1.0, output.dtype) - output)


class Tanh(Module):
    """The hyperbolic tangent (exp(x) - exp(-x)) / (exp(x) + exp(-x)), for each element.

    Shapes: input and output (*), any shape. The dtype stays; integers and booleans become the
    default dtype.

    Raises:
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Tanh()(minitorch.tensor([-10000.0, 0.0, 0.5]))
        tensor([-1.0000,  0.0000,  0.4621])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanh.html
    """

    differentiable_backward = True

    def forward(self, input: Any) -> Any:
        if type(input) is not np.ndarray or input.dtype.kind != "f":
            check_array(self, input)
            input = floating(input)
        output = np.tanh(input)
        self.save_for_backward(output)
        return output

    def backward(self, grad_output: Any) -> Any:
        # d tanh(x)/dx = 1 - tanh(x)²
        (output,) = self.saved_tensors
        return grad_output * (constant(1.0, output.dtype) - output * output)


class LogSigmoid(Module):
    """The logarithm of the logistic function, log σ(x) = min(x, 0) - log(1 + exp(-|x|)).

    Shapes: input and output (*), any shape; the dtype stays. Finite for every finite input.

    Raises:
        TypeError: the input is neither an array nor a Tensor.
        NotImplementedError: the input is not floating point.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.LogSigmoid()(minitorch.tensor([-10000.0, 0.0, 10000.0]))
        tensor([-1.0000e+04, -6.9315e-01,  0.0000e+00])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html
    """

    def forward(self, input: Any) -> Any:
        x = working(self, input)
        self.save_for_backward(x)
        return rounded(quiet.run(_log_sigmoid, x), input)

    def backward(self, grad_output: Any) -> Any:
        # d log σ(x)/dx = σ(-x)
        (x,) = self.saved_tensors
        return grad_output * _logistic(-x)


def _log_sigmoid(x: Array) -> Any:
    smaller = np.log1p(np.exp(-np.abs(x)))
    return np.minimum(x, constant(0.0, x.dtype)) - smaller


class Softplus(Module):
    """A smooth ReLU, log(1 + exp(β x)) / β; where β x is above the threshold, x itself.

    Shapes: input and output (*), any shape; the dtype stays.

    Args:
        beta: β. Default: 1.
        threshold: of β x, above which the function is linear. Default: 20.

    Raises:
        TypeError: the input is neither an array nor a Tensor.
        NotImplementedError: the input is not floating point.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Softplus()(minitorch.tensor([-10000.0, 0.0, 10000.0]))
        tensor([0.0000e+00, 6.9315e-01, 1.0000e+04])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Softplus.html
    """

    beta: float
    threshold: float

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Any) -> Any:
        x = working(self, input)
        self.save_for_backward(x)
        return rounded(quiet.run(self._softplus, x), input)

    def backward(self, grad_output: Any) -> Any:
        # dy/dx = σ(β x), and 1 above the threshold
        (x,) = self.saved_tensors
        scaled = x * constant(self.beta, x.dtype)
        slope = _logistic(scaled)
        np.copyto(slope, 1, where=scaled > self.threshold)
        return grad_output * slope

    def _softplus(self, x: Array) -> Array:
        scaled = x * constant(self.beta, x.dtype)
        curved = np.log1p(np.exp(scaled)) / constant(self.beta, x.dtype)
        return np.where(scaled > self.threshold, x, curved)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class ReLU(Module):
    """The rectified linear unit max(x, 0), for each element; its derivative at 0 is 0.

    Shapes: input and output (*), any shape; the dtype stays, that of integers too.

    Args:
        inplace: write the output over the input, and return the input. Default: False.

    Raises:
        TypeError: the input is neither an array nor a Tensor.
        RuntimeError: the input is boolean; or with `inplace`, it is a leaf that requires a
            gradient, an expanded Tensor or a read-only array.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ReLU()(minitorch.tensor([-1.0, 0.0, 2.0]))
        tensor([0., 0., 2.])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html
    """

    graph_name = "Relu"
    differentiable_backward = True
    obeys_inplace = True

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        if type(input) is not np.ndarray or input.dtype.kind != "f":
            refuse_booleans(self, input)
        output = np.maximum(input, constant(0, input.dtype))
        self.save_for_backward(output)
        return output

    def backward(self, grad_output: Any) -> Any:
        # dy/dx = 0 where y is 0, else 1
        (output,) = self.saved_tensors
        return zero_where(output <= constant(0, output.dtype), grad_output)

    def extra_repr(self) -> str:
        return shown_inplace(self)


class Hardtanh(Module):
    """Clips to an interval: max(min_val, min(max_val, x)); the derivative at its ends is 0.

    Shapes: input and output (*), any shape; the dtype stays, that of integers too.

    Args:
        min_val: the lower end. Default: -1.
        max_val: the upper end. Default: 1.
        inplace: write the output over the input, and return the input. Default: False.
        min_value: no longer used; give `min_val`.
        max_value: no longer used; give `max_val`.

    Raises:
        AssertionError: `min_val` is not below `max_val`.
        TypeError: the input is neither an array nor a Tensor.
        RuntimeError: the input is boolean, or unsigned and `min_val` negative; or with `inplace`,
            as `ReLU`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Hardtanh()(minitorch.tensor([-3.0, 0.5, 3.0]))
        tensor([-1.0000,  0.5000,  1.0000])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html
    """

    graph_name = "Hardtanh"
    obeys_inplace = True

    min_val: float
    max_val: float

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        super().__init__()
        self.min_val = former(min_value, "min_value", "min_val", min_val)
        self.max_val = former(max_value, "max_value", "max_val", max_val)
        self.inplace = inplace
        if not self.max_val > self.min_val:
            raise AssertionError(
                f"{type(self).__name__}: max_val={self.max_val} must be greater than "
                f"min_val={self.min_val}"
            )

    def forward(self, input: Any) -> Any:
        if type(input) is not np.ndarray or input.dtype.kind != "f":
            refuse_booleans(self, input)
            self._check_ends(input.dtype)
        ends = (np.asarray(end).astype(input.dtype) for end in (self.min_val, self.max_val))
        output = np.clip(input, *ends)
        self.save_for_backward(output)
        return output

    def backward(self, grad_output: Any) -> Any:
        # dy/dx = 1 inside the interval, else 0
        (output,) = self.saved_tensors
        return zero_where((output <= self.min_val) | (output >= self.max_val), grad_output)

    def _check_ends(self, dtype: np.dtype[Any]) -> None:
        """Refuse an interval that begins below 0 for numbers that cannot be negative.

        Raises:
            RuntimeError: it does, and the numbers are unsigned.
        """
        if dtype.kind == "u" and self.min_val <= -1:  # a fraction is cut off
            raise RuntimeError(
                f"{type(self).__name__}: min_val={self.min_val} must not be negative for "
                f"{dtype}: convert the input with .float()"
            )

    def extra_repr(self) -> str:
        return f"min_val={self.min_val}, max_val={self.max_val}{shown_inplace(self, ', ')}"


class ReLU6(Hardtanh):
    """A ReLU that is clipped at 6: min(max(x, 0), 6).

    Shapes: input and output (*), any shape; the dtype stays, that of integers too.

    Args:
        inplace: write the output over the input, and return the input. Default: False.

    Raises:
        TypeError: the input is neither an array nor a Tensor.
        RuntimeError: the input is boolean; or with `inplace`, as `ReLU`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ReLU6()(minitorch.tensor([-1.0, 2.0, 8.0]))
        tensor([0., 2., 6.])

    Source: Howard et al., MobileNets: efficient convolutional neural networks for mobile vision
    applications (2017).
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        return shown_inplace(self)


class LeakyReLU(Module):
    """A ReLU that leaks: x where x > 0, elsewhere s x, with the negative slope s.

    Shapes: input and output (*), any shape; the dtype stays.

    Args:
        negative_slope: s. Default: 0.01.
        inplace: write the output over the input, and return the input. Default: False.

    Raises:
        TypeError: the input is neither an array nor a Tensor.
        NotImplementedError: the input is not floating point.
        RuntimeError: with `inplace`, as `ReLU`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.LeakyReLU(0.1)(minitorch.tensor([-1.0, 2.0]))
        tensor([-0.1000,  2.0000])

    Source: Maas et al., Rectifier nonlinearities improve neural network acoustic models (2013).
    """

    graph_name = "LeakyRelu"
    obeys_inplace = True

    negative_slope: float

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        x = working(self, input)
        self.save_for_backward(x)
        slopes = _slopes(x, constant(self.negative_slope, x.dtype))
        return rounded(quiet.run(np.multiply, x, slopes), input)

    def backward(self, grad_output: Any) -> Any:
        # dy/dx = 1 where x > 0, else s
        (x,) = self.saved_tensors
        return grad_output * _slopes(x, constant(self.negative_slope, x.dtype))

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}{shown_inplace(self, ', ')}"


def _slopes(x: Array, negative_slope: Array) -> Array:
    """1 where x > 0, else the negative slope."""
    slopes: Array = (x > constant(0.0, x.dtype)) * (constant(1.0, x.dtype) - negative_slope)
    slopes += negative_slope
    return slopes


class PReLU(Module):
    """A leaky ReLU whose negative slope a is learnt: x where x > 0, elsewhere a x.

    Shapes: input (N, C, *) or any with a single a; output the same; weight (num_parameters,). The
    dtype is the weight's.

    Args:
        num_parameters: 1, or the number of channels C: one a for each. Default: 1.
        init: of a. Default: 0.25.
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of the weight. Default: the default dtype, float32.

    Attributes:
        weight: the negative slopes a.

    Raises:
        TypeError: the input is neither an array nor a Tensor.
        RuntimeError: the input has another number of channels, or another dtype.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.PReLU()(minitorch.tensor([-1.0, 2.0]))
        tensor([-0.2500,  2.0000], grad_fn=<PreluKernelBackward0>)

    Source: He et al., Delving deep into rectifiers (2015).
    """

    graph_name = "PreluKernel"
    num_parameters: int
    init: float
    weight: Tensor

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set every slope to its first value."""
        init.constant_(self.weight, self.init)

    def forward(self, input: Any) -> Any:
        weight = self.weight
        self.save_for_backward(input, weight)
        slopes = _slopes(input, self._slope_of_channels(input, weight.array))
        return quiet.run(np.multiply, input, slopes)

    def backward(self, grad_output: Any) -> Any:
        # dy/dx = 1 where x > 0, else a; dL/da = sum of g x over the x ≤ 0 of its channel
        input, weight = self.saved_tensors
        slope = self._slope_of_channels(input, weight.array)
        if weight.requires_grad:
            shares = grad_output * np.minimum(input, constant(0.0, input.dtype))
            others = tuple(dim for dim in range(input.ndim) if weight.array.size == 1 or dim != 1)
            total = np.add.reduce(shares, axis=others)
            weight.accumulate_grad(total.reshape(weight.array.shape))
        if self.needs_input_grad[0]:
            return grad_output * _slopes(input, slope)
        return None

    def _slope_of_channels(self, input: Any, weight: Array) -> Array:
        """The weight in a shape that broadcasts to the input's.

        Raises:
            RuntimeError: it has neither one element nor one for each channel.
        """
        check_array(self, input)
        check_dtype(self, "input", input.dtype, weight.dtype)
        if weight.size == 1 and weight.ndim < 2:
            return weight.reshape(())
        channels = input.shape[1] if input.ndim > 1 else 1
        if weight.shape != (channels,):
            raise RuntimeError(
                f"PReLU expected a weight of 1 element, or of one for each of the input's "
                f"{channels} channels (dimension 1), got a weight of shape {list(weight.shape)} "
                f"for an input of shape {list(input.shape)}"
            )
        return weight.reshape(channels, *(1,) * (input.ndim - 2))

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class ELU(Module):
    """The exponential linear unit: x where x > 0, elsewhere α (exp(x) - 1).

    Shapes: input and output (*), any shape; the dtype stays.

    Args:
        alpha: α, the negative of the limit on the left. Default: 1.
        inplace: write the output over the input, and return the input. Default: False.

    Raises:
        TypeError: the input is neither an array nor a Tensor.
        NotImplementedError: the input is not floating point.
        RuntimeError: with `inplace`, as `ReLU`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ELU()(minitorch.tensor([-100.0, 0.0, 2.0]))
        tensor([-1.,  0.,  2.])

    Source: Clevert et al., Fast and accurate deep network learning by exponential linear units
    (2015).
    """

    graph_name = "Elu"
    obeys_inplace = True

    alpha: float

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        x = working(self, input)
        self.save_for_backward(x)
        zero, alpha = constant(0.0, x.dtype), constant(self.alpha, x.dtype)
        return rounded(np.maximum(x, zero) + alpha * np.expm1(np.minimum(x, zero)), input)

    def backward(self, grad_output: Any) -> Any:
        # dy/dx = 1 where x > 0, else α exp(x)
        (x,) = self.saved_tensors
        zero, alpha = constant(0.0, x.dtype), constant(self.alpha, x.dtype)
        return grad_output * np.exp(np.minimum(x, zero)) * _slopes(x, alpha)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}{shown_inplace(self, ', ')}"


class SiLU(Module):
    """The sigmoid linear unit, also called swish: x σ(x), for each element.

    Shapes: input and output (*), any shape; the dtype stays.

    Args:
        inplace: write the output over the input, and return the input. Default: False.

    Raises:
        TypeError: the input is neither an array nor a Tensor.
        NotImplementedError: the input is not floating point.
        RuntimeError: with `inplace`, as `ReLU`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.SiLU()(minitorch.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.2689,  0.0000,  0.7311])

    Source: Elfwing et al., Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning (2017).
    """

    graph_name = "Silu"
    obeys_inplace = True

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        x = working(self, input)
        gate = logistic(x)
        self.save_for_backward(x, gate)
        return rounded(quiet.run(np.multiply, x, gate), input)

    def backward(self, grad_output: Any) -> Any:
        # dy/dx = σ(x) (1 + x (1 - σ(x)))
        x, gate = self.saved_tensors
        one = constant(1.0, x.dtype)
        slope = one - gate
        slope *= x
        slope += one
        slope *= gate
        return slope * grad_output

    def extra_repr(self) -> str:
        return shown_inplace(self)


class GELU(Module):
    r"""The Gaussian error linear unit x Φ(x), with Φ(x) = P(X ≤ x) of the standard normal X.

    Φ(x) = ½ (1 + erf(x / √2)); approximately ½ (1 + tanh(√(2/π) (x + 0.044715 x³))).

    Shapes: input and output (*), any shape; the dtype stays.

    Args:
        approximate: "none", or "tanh" for the approximation. Default: "none".

    Raises:
        TypeError: the input is neither an array nor a Tensor.
        NotImplementedError: the input is not floating point.
        RuntimeError: `approximate` is neither.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.GELU()(minitorch.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.1587,  0.0000,  0.8413])

    Source: Hendrycks and Gimpel, Gaussian error linear units (2016).
    """

    graph_name = "Gelu"
    approximate: str

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Any) -> Any:
        x = working(self, input)
        if self.approximate not in ("none", "tanh"):
            raise RuntimeError(
                f"GELU: approximate must be 'none' or 'tanh', got {self.approximate!r}"
            )
        exact = self.approximate == "none"
        share = quiet.run(normal_probability if exact else _tanh_probability, x)
        self.save_for_backward(x, share)
        return rounded(quiet.run(np.multiply, x, share), input)

    def backward(self, grad_output: Any) -> Any:
        # dy/dx = Φ(x) + x Φ'(x), where Φ'(x) = φ(x) = exp(-x²/2) / √(2π), or with
        # Φ = ½ (1 + tanh u): Φ' = 2 Φ (1 - Φ) u', as 1 - tanh² u = 4 Φ (1 - Φ)
        x, share = self.saved_tensors
        square = x * x
        if self.approximate == "none":
            slope = np.exp(square * constant(-0.5, x.dtype))
            slope *= constant(1 / math.sqrt(2 * math.pi), x.dtype)
        else:
            slope = square * constant(2 * 3 * _CUBIC * _ROOT, x.dtype)
            slope += constant(2 * _ROOT, x.dtype)
            slope *= share * (constant(1.0, x.dtype) - share)
        slope *= x
        slope += share
        return slope * grad_output

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


_ROOT = math.sqrt(2 / math.pi)
_CUBIC = 0.044715


def _tanh_probability(x: Array) -> Array:
    """Φ(x) approximately, by a hyperbolic tangent."""
    inner = np.multiply(x, x, np.empty_like(x))
    inner *= constant(_CUBIC * _ROOT, x.dtype)
    inner += constant(_ROOT, x.dtype)
    inner *= x
    np.tanh(inner, inner)
    inner *= constant(0.5, x.dtype)
    inner += constant(0.5, x.dtype)
    return inner


class GLU(Module):
    """The gated linear unit a σ(b), where a and b are the halves of the input along `dim`.

    Shapes: input (*, 2 n, *), output (*, n, *); the dtype stays.

    Args:
        dim: the dimension that is halved. Default: -1.

    Raises:
        AttributeError: the input is neither an array nor a Tensor.
        RuntimeError: the input is a single number, or its size along `dim` is odd.
        IndexError: there is no such dimension.
        NotImplementedError: the input is not floating point.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.GLU()(minitorch.tensor([3.0, 0.0]))
        tensor([1.5000])

    Source: Dauphin et al., Language modeling with gated convolutional networks (2016).
    """

    graph_name = "Glu"
    dim: int

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        x = working(self, input, AttributeError)
        value, gate = self._halves(x)
        gate = logistic(gate)
        self.save_for_backward(value, gate)
        return rounded(quiet.run(np.multiply, value, gate), input)

    def backward(self, grad_output: Any) -> Any:
        # dL/da = g σ(b), dL/db = g a σ(b) (1 - σ(b))
        value, gate = self.saved_tensors
        of_value = grad_output * gate
        of_gate = of_value * value * (constant(1.0, value.dtype) - gate)
        return np.concatenate((of_value, of_gate), self.dim)

    def _halves(self, input: Array) -> list[Array]:
        if not input.ndim:
            raise RuntimeError("GLU expected an input of at least 1 dimension, got a single number")
        dim = normalize_dim(self.dim, input.ndim)
        if input.shape[dim] % 2:
            raise RuntimeError(
                f"GLU halves dimension {dim} of the input, whose size must be even, got "
                f"{input.shape[dim]} in shape {list(input.shape)}"
            )
        return np.split(input, 2, dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class _AlongDimension(Module):
    """What softmax and its logarithm share: their dimension."""

    dim: int | None

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def _axis(self, input: Any) -> int:
        """The dimension, of an input that is checked.

        Raises:
            IndexError: there is no such dimension.
        """
        dim = self.dim
        if dim is None:
            dim = implicit_dim(type(self).__name__, input.ndim)
        return normalize_dim(dim, input.ndim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Softmax(_AlongDimension):
    """Positive numbers of sum 1 along a dimension: y_i = exp(x_i) / Σ_j exp(x_j).

    The largest element is subtracted first, which changes nothing but the size of the
    exponentials; so no finite input overflows.

    Shapes: input and output (*), any shape; the dtype stays.

    Args:
        dim: the dimension along which the sum is 1. Default: None, which warns and takes 0 for
            inputs of 0, 1 or 3 dimensions and 1 for others.

    Raises:
        AttributeError: the input is neither an array nor a Tensor.
        NotImplementedError: the input is not floating point.
        IndexError: there is no such dimension.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Softmax(dim=0)(minitorch.tensor([0.0, 10000.0, 10000.0]))
        tensor([0.0000, 0.5000, 0.5000])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html
    """

    differentiable_backward = True

    def forward(self, input: Any) -> Any:
        x = working(self, input, AttributeError)
        axis = self._axis(x)
        output = rounded(quiet.run(softmax_along, x, axis), input)
        self.save_for_backward(output, axis)
        return output

    def backward(self, grad_output: Any) -> Any:
        # dL/dx = y (g - Σ g y)
        output, axis = self.saved_tensors
        shares = grad_output * output
        return shares - output * reduction.sum(shares, axis, True)


class LogSoftmax(_AlongDimension):
    """The logarithm of softmax along a dimension: y_i = x_i - log Σ_j exp(x_j).

    Shapes: input and output (*), any shape; the dtype stays.

    Args:
        dim: as in `Softmax`.

    Raises:
        AttributeError: the input is neither an array nor a Tensor.
        NotImplementedError: the input is not floating point.
        IndexError: there is no such dimension.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.LogSoftmax(dim=0)(minitorch.tensor([0.0, 10000.0, 10000.0]))
        tensor([-1.0001e+04, -6.9315e-01, -6.9315e-01])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
    """

    differentiable_backward = True

    def forward(self, input: Any) -> Any:
        x = working(self, input, AttributeError)
        axis = self._axis(x)
        output = rounded(quiet.run(log_softmax_along, x, axis), input)
        self.save_for_backward(output, axis)
        return output

    def backward(self, grad_output: Any) -> Any:
        # dL/dx = g - exp(y) Σ g
        output, axis = self.saved_tensors
        return grad_output - elementwise.exp(output) * reduction.sum(grad_output, axis, True)


def softmax_along(x: Array, axis: int) -> Array:
    """exp(x) / Σ exp(x) along an axis, in one new array."""
    output = _below_largest(x, axis)
    np.exp(output, output)
    output /= _sums(output, axis)
    return output


def log_softmax_along(x: Array, axis: int) -> Array:
    """x - log Σ exp(x) along an axis."""
    output = _below_largest(x, axis)
    output -= np.log(_sums(np.exp(output), axis))
    return output


def _below_largest(x: Array, axis: int) -> Array:
    """x minus its largest element along an axis, so that exponentials do not overflow."""
    if not x.ndim:
        return np.subtract(x, x, np.empty_like(x))  # 0, but NaN for what is not finite
    return x - np.maximum.reduce(x, axis=axis, keepdims=True, initial=-np.inf)


def _sums(x: Array, axis: int) -> Array:
    """Sums along an axis, which is kept; along the last a product, the quickest."""
    if x.ndim > 1 and axis == x.ndim - 1 and x.flags.c_contiguous:
        return x.dot(ones(x.shape[-1], x.dtype))[..., None]  # type: ignore[no-any-return]
    return np.add.reduce(x, axis=axis if x.ndim else None, keepdims=True)


def implicit_dim(name: str, ndim: int) -> int:
    """The dimension that PyTorch takes where none is given, with its warning."""
    warnings.warn(
        f"{name}: the implicit choice of a dimension is deprecated; give dim=X as an argument",
        stacklevel=4,
    )
    return 0 if ndim in (0, 1, 3) else 1


# -- what they share ----------------------------------------------------------------------


def working(module: Module, input: Any, error: type[Exception] = TypeError) -> Array:
    """The input in the dtype in which functions are computed: float32 for float16.

    Raises:
        TypeError: it is no array; or the `error` that is given.
        NotImplementedError: it is not floating point.
    """
    if type(input) is np.ndarray and input.dtype.kind == "f":
        return input if input.itemsize > 2 else input.astype(np.float32)
    check_array(module, input, error=error)
    raise not_implemented(module, input)


def rounded(output: Array, input: Array) -> Array:
    """The output in the dtype of the input."""
    return output if output.dtype is input.dtype else output.astype(input.dtype)


def refuse_booleans(module: Module, input: Any) -> None:
    """Refuse what is no array of numbers.

    Raises:
        TypeError: it is no array.
        RuntimeError: it is boolean.
    """
    check_array(module, input)
    if input.dtype.kind == "b":
        raise RuntimeError(
            f"{type(module).__name__} is not implemented for booleans: convert the input with "
            ".float()"
        )


def shown_inplace(module: Any, separator: str = "") -> str:
    """How `extra_repr` shows `inplace`: where it is true."""
    return f"{separator}inplace=True" if module.inplace else ""


def former(value: float | None, name: str, now: str, otherwise: float) -> float:
    """The value of a former keyword, with PyTorch's warning; if it is not given, `otherwise`."""
    if value is None:
        return otherwise
    warnings.warn(
        f"the keyword {name} is no longer used: give {now}",
        FutureWarning,
        stacklevel=3,
    )
    return value


def logistic(x: Any) -> Any:
    """The logistic function of a floating-point array, in one new array."""
    return quiet.run(_logistic, x)


def _logistic(x: Any) -> Any:
    if x.dtype == np.float16:  # whose exp(-x) is infinite where σ(x) can still be told from 0
        return _logistic(x.astype(np.float32)).astype(np.float16)
    output = np.negative(x)
    if type(output) is not np.ndarray:  # of a 0-d array NumPy makes a scalar
        output = np.asarray(output)
    # exp(-x) may overflow to infinity, whose reciprocal is the right limit, 0.
    np.exp(output, output)
    np.add(output, constant(1.0, output.dtype), output)
    return np.reciprocal(output, output)
