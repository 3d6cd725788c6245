"""Initial values of parameters, drawn as PyTorch draws them.

Every function writes into its first argument, outside any graph, and returns it. The numbers come
from a generator, by default the default one: equal seeds give PyTorch's numbers, to the last bit
where a docstring does not say otherwise. More than 2¹⁹ normal numbers in one tensor differ now and
then by a few units in the last place (`minitorch/streams.py`).
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import ParamSpec

import numpy as np

from ..autograd.grad_mode import no_grad
from ..autograd.variable import Array, wrap
from ..ops import creation
from ..ops.sampling import randperm
from ..quiet import Silence
from ..random import Generator
from ..tensor import Tensor

__all__ = [
    "calculate_gain",
    "constant",
    "constant_",
    "dirac",
    "dirac_",
    "eye",
    "eye_",
    "kaiming_normal",
    "kaiming_normal_",
    "kaiming_uniform",
    "kaiming_uniform_",
    "normal",
    "normal_",
    "ones_",
    "orthogonal",
    "orthogonal_",
    "sparse",
    "sparse_",
    "trunc_normal_",
    "uniform",
    "uniform_",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
    "zeros_",
]

_Arguments = ParamSpec("_Arguments")

# -- values that are not drawn ------------------------------------------------------------


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one value.

    Args:
        tensor: what is filled, of any dtype.
        val: the value.

    Raises:
        RuntimeError: the dtype cannot hold `val`.
        TypeError: `val` is no number.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import init
        >>> init.constant_(minitorch.empty(2), 0.5)
        tensor([0.5000, 0.5000])
    """
    with no_grad():
        return tensor.fill_(val)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros."""
    return constant_(tensor, 0.0)


def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with ones on the diagonal and zeros elsewhere.

    A linear layer with such a weight hands on its first inputs as they are.

    Args:
        tensor: a matrix; it need not be square.

    Raises:
        ValueError: the tensor does not have two dimensions.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import init
        >>> init.eye_(minitorch.empty(2, 3))
        tensor([[1., 0., 0.],
                [0., 1., 0.]])
    """
    _check_matrix("eye_", tensor)
    with no_grad():
        return tensor.copy_(creation.eye(*tensor.shape, dtype=tensor.dtype))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill the weight of a convolution so that it hands on its first input channels as they are.

    The middle of the kernel that leads from input channel i to output channel i is 1, in each
    group of output channels anew; everything else is 0.

    Args:
        tensor: a weight (out_channels, in_channels / groups, *kernel) with one to three
            dimensions of the kernel.
        groups: into how many groups the channels are divided. Default: 1.

    Raises:
        ValueError: the tensor has not three to five dimensions, or its first is no multiple of
            `groups`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import init
        >>> init.dirac_(minitorch.empty(2, 2, 3))
        tensor([[[0., 1., 0.],
                 [0., 0., 0.]],
        <BLANKLINE>
                [[0., 0., 0.],
                 [0., 1., 0.]]])
    """
    if tensor.dim() not in (3, 4, 5):
        raise ValueError(
            "dirac_ fills the weight of a convolution, which has 3, 4 or 5 dimensions, but the "
            f"tensor has the shape {list(tensor.shape)}"
        )
    out_channels, in_channels, *kernel = tensor.shape
    if out_channels % groups != 0:
        raise ValueError(
            f"the first dimension must be divisible by groups, but got {out_channels} and {groups}"
        )
    size = out_channels // groups
    middle = [length // 2 for length in kernel]
    ones = [
        (group * size + channel, channel, *middle)
        for group in range(groups)
        for channel in range(min(size, in_channels))
    ]
    with no_grad():
        tensor.zero_()
        for place in ones:
            tensor[place] = 1
    return tensor


# -- the usual distributions --------------------------------------------------------------


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Draw from the uniform distribution on [a, b).

    Args:
        tensor: what is filled.
        a: the lower bound. Default: 0.
        b: the upper bound. Default: 1.
        generator: where to draw from. Default: the default generator.

    Raises:
        RuntimeError: a > b.
        NotImplementedError: the tensor's dtype is not floating point.
        TypeError: `generator` is no generator, or a bound no number.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import init
        >>> _ = minitorch.manual_seed(0)
        >>> init.uniform_(minitorch.empty(2), -1, 1)
        tensor([-0.0075,  0.5364])
    """
    with no_grad():
        return tensor.uniform_(a, b, generator=generator)


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Draw from the normal distribution.

    Args:
        tensor: what is filled.
        mean: its mean. Default: 0.
        std: its standard deviation. Default: 1.
        generator: where to draw from. Default: the default generator.

    Raises:
        RuntimeError: `std` is negative.
        NotImplementedError: the tensor's dtype is not floating point.
        TypeError: `generator` is no generator, or a parameter no number.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import init
        >>> _ = minitorch.manual_seed(0)
        >>> init.normal_(minitorch.empty(2), std=0.1)
        tensor([ 0.1541, -0.0293])
    """
    with no_grad():
        return tensor.normal_(mean, std, generator=generator)


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Draw from the part of the normal distribution that lies in [a, b].

    What is refused is drawn again, with a number for every element each time. Where [a, b] holds
    more than 0.3 of the normal distribution, normal numbers outside it are refused. Elsewhere
    numbers x are drawn from the uniform distribution on [a, b), and each is accepted with the
    probability φ(x) / max φ, φ being the normal density between the bounds.

    The second case compares logarithms, whose last bit may differ from PyTorch's: less than once in
    10⁸ draws this decides otherwise, and other numbers follow.

    Args:
        tensor: what is filled.
        mean: the mean of the normal distribution before it is cut off. Default: 0.
        std: its standard deviation before it is cut off. Default: 1.
        a: the lower bound, in the units of the values, not of `std`. Default: -2.
        b: the upper bound. Default: 2.
        generator: where to draw from. Default: the default generator.

    Raises:
        RuntimeError: a > b.
        ZeroDivisionError: `std` is 0.
        NotImplementedError: the tensor's dtype is not floating point.

    Warns:
        UserWarning: the mean is more than two standard deviations outside [a, b].

    Source: Robert, Simulation of truncated normal variables (1995), section 2.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import init
        >>> _ = minitorch.manual_seed(0)
        >>> init.trunc_normal_(minitorch.empty(3), std=0.02, a=-0.04, b=0.04)
        tensor([ 0.0308, -0.0059, -0.0280])
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            f"the mean {mean} is more than 2 std (std = {std}) from [a, b] = [{a}, {b}]; "
            "trunc_normal_ may draw from another distribution than intended",
            stacklevel=2,
        )
    share = _normal_probability((b - mean) / std) - _normal_probability((a - mean) / std)
    with no_grad():
        if share > 0.3:
            return _redraw_outside(tensor, mean, std, a, b, generator)
        return _redraw_refused(tensor, mean, std, a, b, generator)


def _normal_probability(x: float) -> float:
    """How likely it is that a number of mean 0 and variance 1 is below `x`."""
    return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0


def _redraw_outside(
    tensor: Tensor, mean: float, std: float, a: float, b: float, generator: Generator | None
) -> Tensor:
    """Draw normal numbers until none is outside [a, b]."""
    low, high = tensor.new_tensor(a).item(), tensor.new_tensor(b).item()  # as its dtype holds them
    values = tensor.normal_(mean, std, generator=generator).array
    while (outside := (values < low) | (values > high)).any():
        again = creation.empty_like(tensor).normal_(mean, std, generator=generator)
        np.copyto(values, again.array, where=outside)
    return tensor


def _redraw_refused(
    tensor: Tensor, mean: float, std: float, a: float, b: float, generator: Generator | None
) -> Tensor:
    """Draw uniform numbers until each is accepted in proportion to its normal density."""
    highest = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2  # of log φ between the bounds
    tensor.uniform_(a, b, generator=generator)
    candidates = creation.empty_like(tensor)
    refused = _refused(tensor, mean, std, highest, generator)
    while refused.any():
        candidates.uniform_(a, b, generator=generator)
        np.copyto(tensor.array, candidates.array, where=refused)
        refused &= _refused(candidates, mean, std, highest, generator)
    return tensor


def _refused(
    candidates: Tensor, mean: float, std: float, highest: float, generator: Generator | None
) -> Array:
    """Which candidates x a draw u refuses: where log u > log φ(x) - highest."""
    chances = creation.empty_like(candidates).uniform_(generator=generator).array
    x, number = candidates.array, candidates.array.dtype.type
    wide = np.promote_types(x.dtype, np.float32).type  # PyTorch divides float16 by a float32
    with Silence():
        deviation = ((x - number(mean)) / wide(std)).astype(x.dtype)
        limit = number(-0.5) * (deviation * deviation) - number(highest)
        return np.log(chances, dtype=np.float64).astype(x.dtype) > limit  # type: ignore[no-any-return]


# -- distributions that keep variances through layers -------------------------------------


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The recommended gain for a nonlinearity.

    1 for linear layers and sigmoid, 5/3 for tanh, √2 for relu, √(2 / (1 + slope²)) for
    leaky_relu, 3/4 for selu.

    Args:
        nonlinearity: its name in `nn.functional`.
        param: the slope of leaky_relu for negative numbers. Default: 0.01.

    Raises:
        ValueError: the nonlinearity is not known, or `param` is no number.

    Source: He et al., Delving deep into rectifiers (2015), for relu and leaky_relu.

    Example:
        >>> from minitorch.nn import init
        >>> init.calculate_gain("leaky_relu", 1)
        1.0
    """
    linear = ("linear", "sigmoid", *(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3)))
    if nonlinearity in linear:
        return 1
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"negative_slope {slope} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    gains = {"tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 3.0 / 4}
    if nonlinearity not in gains:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return gains[nonlinearity]


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """How many inputs feed one output of a weight (out, in, *kernel), and the reverse.

    Raises:
        ValueError: the tensor has fewer than two dimensions.
    """
    if tensor.dim() < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"
        )
    outputs, inputs, *kernel = tensor.shape
    receptive_field = math.prod(kernel)
    return inputs * receptive_field, outputs * receptive_field


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Draw from U(-bound, bound), bound = gain · √(6 / (fan_in + fan_out)).

    The variance is a compromise between keeping that of the values in forward and that of the
    gradients in backward.

    Args:
        tensor: a weight of at least two dimensions, (out, in, *kernel).
        gain: a factor, from `calculate_gain`. Default: 1.
        generator: where to draw from. Default: the default generator.

    Raises:
        ValueError: the tensor has fewer than two dimensions.
        ZeroDivisionError: neither of the first two dimensions has a length.
        NotImplementedError: the tensor's dtype is not floating point.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks (2010).

    Example:
        >>> import minitorch
        >>> from minitorch.nn import init
        >>> _ = minitorch.manual_seed(0)
        >>> init.xavier_uniform_(minitorch.empty(1, 2))
        tensor([[-0.0106,  0.7586]])
    """
    bound = math.sqrt(3.0) * _xavier_deviation(tensor, gain)
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Draw from N(0, std²), std = gain · √(2 / (fan_in + fan_out)).

    Arguments, errors and source are those of `xavier_uniform_`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import init
        >>> _ = minitorch.manual_seed(0)
        >>> init.xavier_normal_(minitorch.empty(1, 2))
        tensor([[ 1.2582, -0.2396]])
    """
    return normal_(tensor, 0.0, _xavier_deviation(tensor, gain), generator)


def _xavier_deviation(tensor: Tensor, gain: float) -> float:
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return gain * math.sqrt(2.0 / (fan_in + fan_out))


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Draw from U(-bound, bound), bound = gain · √(3 / fan), which keeps variances through layers.

    Args:
        tensor: a weight of at least two dimensions, (out, in, *kernel).
        a: the slope for negative numbers of a leaky ReLU that follows. Default: 0.
        mode: "fan_in" keeps the variance in forward, "fan_out" in backward. Default: "fan_in".
        nonlinearity: what follows, for `calculate_gain`. Default: "leaky_relu".
        generator: where to draw from. Default: the default generator.

    Raises:
        ValueError: `mode` is neither, the nonlinearity is not known, or the tensor has fewer than
            two dimensions.
        NotImplementedError: the tensor's dtype is not floating point.

    Warns:
        UserWarning: the tensor has no elements.

    Source: He et al., Delving deep into rectifiers (2015).

    Example:
        >>> import minitorch
        >>> from minitorch.nn import init
        >>> _ = minitorch.manual_seed(0)
        >>> init.kaiming_uniform_(minitorch.empty(1, 2), nonlinearity="relu")
        tensor([[-0.0130,  0.9291]])
    """
    if _is_empty(tensor):
        return tensor
    bound = math.sqrt(3.0) * _kaiming_deviation(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Draw from N(0, std²), std = gain / √fan, which keeps variances through layers.

    Arguments, errors, warning and source are those of `kaiming_uniform_`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import init
        >>> _ = minitorch.manual_seed(0)
        >>> init.kaiming_normal_(minitorch.empty(1, 2), nonlinearity="relu")
        tensor([[ 1.5410, -0.2934]])
    """
    if _is_empty(tensor):
        return tensor
    return normal_(tensor, 0.0, _kaiming_deviation(tensor, a, mode, nonlinearity), generator)


def _is_empty(tensor: Tensor) -> bool:
    """Say whether there is nothing to fill; and warn, since the variance would mean nothing."""
    if 0 not in tensor.shape:
        return False
    warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
    return True


def _kaiming_deviation(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode.lower() not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    fan = fan_in if mode.lower() == "fan_in" else fan_out
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


# -- matrices of a kind -------------------------------------------------------------------


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """Draw a matrix whose rows are orthonormal, or else its columns, times `gain`.

    It is the Q of the decomposition QR of a matrix of normal numbers, with the signs that make
    R's diagonal positive: so every orthogonal matrix is equally likely. The decomposition is
    computed in float64 and then rounded; PyTorch computes it in the tensor's dtype, and its values
    differ by rounding errors (about 1e-6 in float32, 1e-14 in float64).

    Args:
        tensor: a weight (rows, ...) of at least two dimensions; all but the first count as columns.
        gain: a factor. Default: 1.
        generator: where to draw from. Default: the default generator.

    Raises:
        ValueError: the tensor has fewer than two dimensions.
        RuntimeError: the tensor is no view of a matrix, its dimensions being permuted.
        NotImplementedError: the tensor's dtype is neither float32 nor float64.

    Source: Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks (2013); Mezzadri, How to generate random matrices from the classical compact groups
    (2007), for the signs.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import init
        >>> _ = minitorch.manual_seed(0)
        >>> w = init.orthogonal_(minitorch.empty(2, 3))
        >>> minitorch.allclose(w @ w.T, minitorch.eye(2), atol=1e-6)
        True
    """
    if tensor.dim() < 2:
        raise ValueError(
            f"orthogonal_ needs 2 or more dimensions, but the tensor has the shape "
            f"{list(tensor.shape)}"
        )
    if tensor.numel() == 0:
        return tensor
    if tensor.array.dtype not in (np.float32, np.float64):
        raise NotImplementedError(
            "orthogonal_ decomposes matrices of float32 or float64, but the tensor's dtype is "
            f"{tensor.dtype}; fill one of these and copy it with .copy_()"
        )
    with no_grad():
        matrix = tensor.view(tensor.shape[0], -1)
        tall = matrix.shape[0] >= matrix.shape[1]
        normal = tensor.new_empty(matrix.shape).normal_(generator=generator).array
        q, r = np.linalg.qr(normal if tall else normal.T)
        q *= np.sign(np.diagonal(r))
        matrix.copy_(wrap(q if tall else q.T))
        tensor.mul_(gain)
    return tensor


def sparse_(
    tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None
) -> Tensor:
    """Draw a matrix from N(0, std²) and set a part of each column to zero.

    Which elements become zero is drawn from the default generator also where another one is given,
    as in PyTorch.

    Args:
        tensor: a matrix.
        sparsity: the part of each column that becomes zero, rounded up to whole elements.
        std: the standard deviation of the others. Default: 0.01.
        generator: where to draw the values from. Default: the default generator.

    Raises:
        ValueError: the tensor does not have two dimensions.
        RuntimeError: `std` is negative.
        NotImplementedError: the tensor's dtype is not floating point.

    Source: Martens, Deep learning via Hessian-free optimization (2010).

    Example:
        >>> import minitorch
        >>> from minitorch.nn import init
        >>> _ = minitorch.manual_seed(0)
        >>> init.sparse_(minitorch.empty(4, 2), sparsity=0.5)
        tensor([[ 0.0000, -0.0029],
                [ 0.0000,  0.0000],
                [-0.0108, -0.0140],
                [ 0.0040,  0.0000]])
    """
    _check_matrix("sparse_", tensor)
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    with no_grad():
        tensor.normal_(0, std, generator=generator)
        for column in range(columns):
            tensor[randperm(rows)[:zeros], column] = 0
    return tensor


def _check_matrix(function: str, tensor: Tensor) -> None:
    if tensor.dim() != 2:
        raise ValueError(
            f"{function} fills a matrix, which has 2 dimensions, but the tensor has the shape "
            f"{list(tensor.shape)}"
        )


# -- former names -------------------------------------------------------------------------


def _former_name(function: Callable[_Arguments, Tensor]) -> Callable[_Arguments, Tensor]:
    """The function under its name without the underscore, which warns and will go."""
    name = function.__name__.removesuffix("_")

    @functools.wraps(function)
    def former(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> Tensor:
        warnings.warn(
            f"`nn.init.{name}` is now deprecated in favor of `nn.init.{name}_`.",
            FutureWarning,
            stacklevel=2,
        )
        return function(*args, **kwargs)

    former.__name__ = former.__qualname__ = name
    former.__doc__ = f"The former name of `{name}_`; it warns with a FutureWarning."
    return former


uniform = _former_name(uniform_)
normal = _former_name(normal_)
constant = _former_name(constant_)
eye = _former_name(eye_)
dirac = _former_name(dirac_)
xavier_uniform = _former_name(xavier_uniform_)
xavier_normal = _former_name(xavier_normal_)
kaiming_uniform = _former_name(kaiming_uniform_)
kaiming_normal = _former_name(kaiming_normal_)
orthogonal = _former_name(orthogonal_)
sparse = _former_name(sparse_)
