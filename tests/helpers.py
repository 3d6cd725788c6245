"""What several tests share: a gradient check by central differences, and small modules."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import minitorch
from minitorch import nn


def leaves(structure: Any) -> Iterator[Any]:
    """Yield what tuples, lists and dicts hold, in order."""
    if isinstance(structure, (tuple, list)):
        for item in structure:
            yield from leaves(item)
    elif isinstance(structure, dict):
        yield from leaves(list(structure.values()))
    else:
        yield structure


def replace(structure: Any, change: Callable[[Any], Any]) -> Any:
    """Rebuild nested tuples, lists and dicts with `change` applied to what they hold."""
    if isinstance(structure, (tuple, list)):
        return type(structure)(replace(item, change) for item in structure)
    if isinstance(structure, dict):
        return {key: replace(value, change) for key, value in structure.items()}
    return change(structure)


def arrays_in(structure: Any) -> list[np.ndarray]:
    """The arrays that a structure holds, in order."""
    return [item for item in leaves(structure) if isinstance(item, np.ndarray)]


def tensors_in(structure: Any) -> list[minitorch.Tensor]:
    """The Tensors that a structure holds, in order."""
    return [item for item in leaves(structure) if isinstance(item, minitorch.Tensor)]


def central_difference(
    function: Callable[[], float], array: np.ndarray, step: float = 1e-6
) -> np.ndarray:
    """The derivative of `function()` by each element of `array`, which it reads."""
    gradient = np.empty_like(array)
    for index in np.ndindex(array.shape):
        value = array[index]
        array[index] = value + step
        above = function()
        array[index] = value - step
        below = function()
        array[index] = value
        gradient[index] = (above - below) / (2 * step)
    return gradient


def to_leaf(item: Any) -> Any:
    """An array as a Tensor, which requires a gradient where it can; anything else as it is."""
    if not isinstance(item, np.ndarray):
        return item
    tensor = minitorch.tensor(item)
    return tensor.requires_grad_() if item.dtype.kind == "f" else tensor


def check_gradients(rng: np.random.Generator, module: nn.Module, *args: Any, **kwargs: Any) -> None:
    """Compare the gradients of inputs and parameters with central differences, in both modes.

    Arrays among `args` and `kwargs`, and all parameters, have to be float64 (or integer).
    """
    arguments = inspect.signature(module.forward).bind(*args, **kwargs).arguments
    inputs = arrays_in(arguments)
    weights = [weight for weight in module.parameters() if weight.requires_grad]
    with minitorch.no_grad():
        shapes = [output.shape for output in arrays_in(module(*args, **kwargs))]
    grads = [rng.standard_normal(shape) for shape in shapes]

    def loss() -> float:
        with minitorch.no_grad():
            outputs = arrays_in(module(*args, **kwargs))
        return sum(float(np.sum(o * g)) for o, g in zip(outputs, grads, strict=True))

    for_inputs = [
        central_difference(loss, item) if item.dtype.kind == "f" else None for item in inputs
    ]
    for_weights = [central_difference(loss, weight.array) for weight in weights]

    # By hand.
    module.zero_grad()
    outputs = module(*args, **kwargs)
    values = arrays_in(outputs)
    assert not tensors_in(outputs)
    result = module.backward(*grads)
    assert not tensors_in(result)
    _compare(result if isinstance(result, tuple) else (result,), for_inputs, "input by hand")
    _compare([weight.grad for weight in weights], for_weights, "weight by hand")

    # By autograd.
    module.zero_grad()
    tensors, keywords = replace((args, kwargs), to_leaf)
    outputs = module(*tensors, **keywords)
    assert not arrays_in(outputs)
    for tensor, value in zip(tensors_in(outputs), values, strict=True):
        np.testing.assert_allclose(tensor.array, value, rtol=1e-12, atol=1e-12)
    minitorch.autograd.backward(tensors_in(outputs), [minitorch.tensor(grad) for grad in grads])
    bound = inspect.signature(module.forward).bind(*tensors, **keywords).arguments
    _compare([tensor.grad for tensor in tensors_in(bound)], for_inputs, "input by autograd")
    _compare([weight.grad for weight in weights], for_weights, "weight by autograd")


def _compare(found: Any, expected: list[np.ndarray | None], what: str) -> None:
    assert len(found) == len(expected), f"{len(found)} gradients of {what}, not {len(expected)}"
    for index, (got, wanted) in enumerate(zip(found, expected, strict=True)):
        if isinstance(got, minitorch.Tensor):
            got = got.array
        if wanted is None or got is None:
            # No gradient at all stands for one of zeros.
            assert got is None, f"{what} {index}: a gradient where there is none"
            assert wanted is None or not wanted.any(), f"{what} {index}: no gradient"
            continue
        # A difference quotient loses digits in proportion to the largest derivative.
        noise = 1e-7 + 1e-8 * np.max(np.abs(wanted), initial=0.0)
        np.testing.assert_allclose(
            got, wanted, rtol=1e-6, atol=noise, err_msg=f"gradient of {what} {index}"
        )


# -- arrays, Tensors and the two modes ----------------------------------------------------


def array(*values: float) -> np.ndarray:
    """A float64 array."""
    return np.array(values, dtype=np.float64)


def constant(*values: float) -> minitorch.Tensor:
    """A float64 Tensor without gradient."""
    return minitorch.tensor(values, dtype=minitorch.float64)


def leaf(*values: float) -> minitorch.Tensor:
    """A float64 leaf that requires a gradient."""
    return constant(*values).requires_grad_()


def by_hand(module: nn.Module, *values: float) -> None:
    """Call a module with an array and go back by hand."""
    output = module(array(*values))
    module.backward(np.ones_like(output))


def by_autograd(module: nn.Module, *values: float) -> None:
    """Call a module with a Tensor and let autograd go back."""
    module(leaf(*values)).sum().backward()


def change(tensor: minitorch.Tensor) -> None:
    """Change a tensor in place, where no graph sees it."""
    with minitorch.no_grad():
        tensor.add_(1)


def swap(module: nn.Module, weight: minitorch.Tensor) -> minitorch.Tensor:
    """Put another tensor in the place of the module's weight, as `functional_call` does."""
    old = module.weight
    del module.weight
    module.weight = weight
    return old


# -- modules ------------------------------------------------------------------------------


class Square(nn.Module):
    """Input squared; a written pair without weights."""

    def forward(self, input):
        self.save_for_backward(input)
        return input * input

    def backward(self, grad_output):
        (input,) = self.saved_tensors
        return 2 * input * grad_output


class Scale(nn.Module):
    """Input times a weight, element by element; a written pair with a weight."""

    def __init__(self, *values):
        super().__init__()
        self.weight = nn.Parameter(minitorch.tensor(values, dtype=minitorch.float64))

    def forward(self, input):
        self.save_for_backward(input, self.weight)
        return input * self.weight.array

    def backward(self, grad_output):
        input, weight = self.saved_tensors
        if weight.requires_grad:
            weight.accumulate_grad(grad_output * input)
        return grad_output * weight.array


class DerivedScale(nn.Module):
    """The same, with forward alone."""

    def __init__(self, *values):
        super().__init__()
        self.weight = nn.Parameter(minitorch.tensor(values, dtype=minitorch.float64))

    def forward(self, input):
        return input * self.weight


class PassOn(nn.Module):
    """A hand-written parent that hands its input on as it is, so that the child saves it."""

    def __init__(self, child):
        super().__init__()
        self.child = child

    def forward(self, input):
        return self.child(input)

    def backward(self, grad_output):
        return self.child.backward(grad_output)


class Doubling(nn.Module):
    """A hand-written parent that calls its child with twice the input."""

    def __init__(self, child):
        super().__init__()
        self.child = child

    def forward(self, input):
        return self.child(input * 2)

    def backward(self, grad_output):
        return self.child.backward(grad_output) * 2


class Rewired(DerivedScale):
    """A derived forward with a backward that replays it."""

    def backward(self, grad_output):
        return super().backward(grad_output)


class Product(nn.Module):
    """The product of two inputs; a written pair."""

    def forward(self, left, right):
        self.save_for_backward(left, right)
        return left * right

    def backward(self, grad_output):
        left, right = self.saved_tensors
        return grad_output * right, grad_output * left


def linear64(in_features: int, out_features: int, bias: bool = True) -> nn.Linear:
    """A `Linear` in float64."""
    return nn.Linear(in_features, out_features, bias=bias, dtype=minitorch.float64)
