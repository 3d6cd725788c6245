"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

from ...autograd.variable import Variable
from ...ops.shape import cat
from ...tensor import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """Lay all parameters end to end in one vector, which gradients flow through.

    Args:
        parameters: Tensors, such as `module.parameters()`.

    Returns:
        A new Tensor of one dimension.

    Raises:
        ValueError: there is no parameter.

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.Linear(2, 3)
        >>> minitorch.nn.utils.parameters_to_vector(layer.parameters()).shape
        minitorch.Size([9])
    """
    flat = [parameter.reshape(-1) for parameter in parameters]
    if not flat:
        raise ValueError("parameters_to_vector() expected at least one parameter, got none")
    return cat(flat)


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Give all parameters the numbers of one vector, in order; the parameters become views of it.

    Args:
        vec: a Tensor of one dimension, of at least as many numbers as the parameters have.
        parameters: Tensors, such as `module.parameters()`.

    Raises:
        TypeError: `vec` is no Tensor.
        RuntimeError: it has another number of dimensions, or too few numbers.

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.Linear(2, 1)
        >>> minitorch.nn.utils.vector_to_parameters(minitorch.arange(3.0), layer.parameters())
        >>> layer.bias
        Parameter containing:
        tensor([2.], requires_grad=True)
    """
    if not isinstance(vec, Variable):
        raise TypeError(f"expected minitorch.Tensor, but got: {type(vec).__name__}")
    targets = list(parameters)
    needed = sum(target.numel() for target in targets)
    if vec.array.ndim != 1 or vec.array.size < needed:
        raise RuntimeError(
            f"vector_to_parameters() expected a vector of the parameters' {needed} numbers, got "
            f"shape {list(vec.array.shape)}"
        )
    start = 0
    for target in targets:
        stop = start + target.numel()
        target.data = vec.detach()[start:stop].view(target.shape)
        start = stop
