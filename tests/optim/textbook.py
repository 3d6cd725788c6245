"""What the tests of update rules share: an optimizer beside its rule in Python floats.

A textbook is that rule: `textbook(start, derivatives, **options)` is one weight after a step for
each of the derivatives.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

import minitorch
from minitorch.optim import Optimizer

Options = dict[str, Any]
Textbook = Callable[..., float]


def leaf(values: Any, dtype: Any = np.float64) -> Any:
    return minitorch.tensor(np.array(values, dtype), requires_grad=True)


def product(**choices: Iterable[Any]) -> list[Options]:
    """All combinations of the given values."""
    return [
        dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())
    ]


def run(optimizer: Optimizer, gradients: Iterable[Any]) -> None:
    """A step with each of these gradients for the optimizer's one parameter."""
    (weight,) = optimizer.param_groups[0]["params"]
    for gradient in gradients:
        array = np.array(gradient, weight.array.dtype)
        weight.grad = minitorch.tensor(array.copy())
        optimizer.step()
        np.testing.assert_array_equal(weight.grad.array, array)  # only read


def check_equation(
    kind: Callable[..., Optimizer], textbook: Textbook, options: Options, rng: np.random.Generator
) -> None:
    """Twenty steps of five weights, whose gradients are missing now and then."""
    starts, derivatives = rng.normal(size=5), rng.normal(size=(20, 5))
    missing = rng.random(size=(20, 5)) < 0.1
    weights = [leaf(start) for start in starts]
    optimizer = kind(weights, **options)
    for row, absent in zip(derivatives, missing, strict=True):
        for weight, derivative, skip in zip(weights, row, absent, strict=True):
            weight.grad = None if skip else minitorch.tensor(derivative)
        optimizer.step()
    for index, weight in enumerate(weights):
        taken = derivatives[~missing[:, index], index].tolist()
        expected = textbook(float(starts[index]), taken, **options)
        np.testing.assert_allclose(weight.array, expected, rtol=1e-12, atol=1e-12)
        assert optimizer.state[weight]["step"].array == len(taken)


def check_layouts(
    kind: Callable[..., Optimizer],
    textbook: Textbook,
    options: Options,
    rng: np.random.Generator,
    tolerance: float = 8,
) -> None:
    """Weights by columns, with gaps, without dimensions, without elements, in every dtype.

    The tolerance is in units of the dtype's rounding error.
    """
    for dtype in (np.float16, np.float32, np.float64):
        start = rng.normal(size=(4, 6)).astype(dtype)
        gradients = (rng.choice([-1, 1], (3, 4, 6)) * rng.uniform(0.5, 2, (3, 4, 6))).astype(dtype)
        plain, columns, strided = leaf(start, dtype), leaf(start, dtype), leaf(start, dtype)
        columns.array = np.asfortranarray(start)
        strided.array = np.repeat(start, 2, axis=1)[:, ::2]
        single, empty = leaf(start[1, 2], dtype), leaf(np.ones((0, 3)), dtype)
        weights = [plain, columns, strided, single, empty]
        arrays = [weight.array for weight in weights]
        optimizer = kind(weights, **options)
        for gradient in gradients:
            for weight in (plain, columns, strided):
                weight.grad = minitorch.tensor(gradient)
                weight.grad.array = np.repeat(gradient, 2, axis=0)[::2]
            single.grad = minitorch.tensor(gradient[1, 2])
            empty.grad = minitorch.tensor(np.ones((0, 3), dtype))
            optimizer.step()
        expected = np.array(_of_each(textbook, start, gradients, options)).reshape(4, 6)
        results = expected, expected, expected, expected[1, 2], np.ones((0, 3))
        for weight, array, result in zip(weights, arrays, results, strict=True):
            assert weight.array is array
            limit = tolerance * float(np.finfo(dtype).eps)
            np.testing.assert_allclose(array, result, rtol=limit, atol=limit)
            for name in optimizer.array_state(optimizer.param_groups[0], weight.shape):
                assert optimizer.state[weight][name].array.dtype == dtype


def _of_each(textbook: Textbook, start: Any, gradients: Any, options: Options) -> Sequence[float]:
    columns = gradients.reshape(len(gradients), -1).T
    return [
        textbook(float(weight), list(map(float, column)), **options)
        for weight, column in zip(start.reshape(-1), columns, strict=True)
    ]


def check_silence(kind: Callable[..., Optimizer], **options: Any) -> None:
    """A diverging run does not warn; a warning is an error in these tests."""
    weight = leaf([1e38, 1.0, 0.0], np.float32)
    gradient = np.array([3e38, np.inf, np.nan], np.float32)
    optimizer = kind([weight], lr=1e38, **options)
    for sign in (1, -1, 1):
        weight.grad = minitorch.tensor(sign * gradient)
        optimizer.step()


def check_choices(kind: Callable[..., Optimizer], *choices: str) -> None:
    """PyTorch's choices of an implementation are kept in the group and make no difference."""
    results = []
    for choice in (None, *choices):
        weight = leaf([1.0, 2.0])
        optimizer = kind([weight], **({choice: True} if choice else {}))
        run(optimizer, [[1.0, -2.0], [3.0, 1.0]])
        assert choice is None or optimizer.param_groups[0][choice] is True
        results.append(weight.array.tolist())
    assert results == [results[0]] * len(results)
