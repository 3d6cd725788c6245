"""Tests of `minitorch.ops.reduction`."""

import itertools
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import Tensor
from minitorch.autograd.engine import grad
from minitorch.autograd.gradcheck import gradcheck, gradgradcheck
from minitorch.autograd.nest import leaves

INF, NAN = math.inf, math.nan
MATRIX = [[1.0, 5.0, 3.0], [4.0, 2.0, 6.0]]


def tensor(data: Any, dtype: Any = minitorch.float64, **options: Any) -> Tensor:
    return minitorch.tensor(data, dtype=dtype, **options)


def leaf(*shape: int) -> Tensor:
    """Random elements in memory of another order, with a gradient."""
    array = np.random.standard_normal(shape[::-1]).T
    return minitorch.from_numpy(array).requires_grad_()


def check(result: Any, expected: Any) -> None:
    """Compare values, to rounding, and shape."""
    assert isinstance(result, Tensor)
    np.testing.assert_allclose(result.array, expected, rtol=1e-12, atol=1e-12)
    assert result.array.shape == np.shape(expected)


# -- values -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (lambda x: x.sum(), 21.0),
        (lambda x: x.sum(0), [5.0, 7.0, 9.0]),
        (lambda x: x.sum(-1, keepdim=True), [[9.0], [12.0]]),
        (lambda x: x.sum((0, 1), True), [[21.0]]),
        (lambda x: x.mean(), 3.5),
        (lambda x: x.mean(1), [3.0, 4.0]),
        (lambda x: x.prod(), 720.0),
        (lambda x: x.prod(0), [4.0, 10.0, 18.0]),
        (lambda x: x.var(), 3.5),
        (lambda x: x.var(1), [4.0, 4.0]),
        (lambda x: x.var(1, unbiased=False), [8 / 3, 8 / 3]),
        (lambda x: x.var(False), 17.5 / 6),
        (lambda x: x.var(0, correction=0, keepdim=True), [[2.25, 2.25, 2.25]]),
        (lambda x: x.std(1), [2.0, 2.0]),
        (lambda x: x.std((0, 1), True), math.sqrt(3.5)),
        (lambda x: minitorch.var_mean(x, 1)[0], [4.0, 4.0]),
        (lambda x: minitorch.var_mean(x, 1)[1], [3.0, 4.0]),
        (lambda x: minitorch.std_mean(x, 1, correction=1)[0], [2.0, 2.0]),
        (lambda x: x.max(), 6.0),
        (lambda x: x.min(), 1.0),
        (lambda x: x.max(1).values, [5.0, 6.0]),
        (lambda x: x.max(1).indices, [1, 2]),
        (lambda x: x.min(0, keepdim=True)[1], [[0, 1, 0]]),
        (lambda x: x.max(minitorch.tensor(3.5)), [[3.5, 5.0, 3.5], [4.0, 3.5, 6.0]]),
        (lambda x: x.amax((0, 1)), 6.0),
        (lambda x: x.amin(1, True), [[1.0], [2.0]]),
        (lambda x: x.aminmax().max, 6.0),
        (lambda x: x.aminmax(dim=0).min, [1.0, 2.0, 3.0]),
        (lambda x: x.argmax(), 5),
        (lambda x: x.argmax(0), [1, 0, 1]),
        (lambda x: x.argmin(1, keepdim=True), [[0], [1]]),
        (lambda x: x.median(), 3.0),
        (lambda x: x.median(1).values, [3.0, 4.0]),
        (lambda x: x.median(0).indices, [0, 1, 0]),
        (lambda x: x.kthvalue(2).values, [3.0, 4.0]),
        (lambda x: x.kthvalue(3).indices, [1, 2]),
        (lambda x: x.topk(2).values, [[5.0, 3.0], [6.0, 4.0]]),
        (lambda x: x.topk(1, largest=False).indices, [[0], [1]]),
        (lambda x: x.sort().values, [[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]),
        (lambda x: x.sort(0, descending=True).indices, [[1, 0, 1], [0, 1, 0]]),
        (lambda x: x.argsort(), [[0, 2, 1], [1, 0, 2]]),
        (lambda x: x.cummax(1).values, [[1.0, 5.0, 5.0], [4.0, 4.0, 6.0]]),
        (lambda x: x.cummin(1).indices, [[0, 0, 0], [0, 1, 1]]),
        (lambda x: x.cumsum(1), [[1.0, 6.0, 9.0], [4.0, 6.0, 12.0]]),
        (lambda x: x.cumprod(0), [[1.0, 5.0, 3.0], [4.0, 10.0, 18.0]]),
        (lambda x: x.log().logsumexp(1), [math.log(9), math.log(12)]),
        (lambda x: x.log().logcumsumexp(1).exp(), [[1.0, 6.0, 9.0], [4.0, 6.0, 12.0]]),
        (lambda x: x.log().softmax(0), [[1 / 5, 5 / 7, 3 / 9], [4 / 5, 2 / 7, 6 / 9]]),
        (lambda x: x.log().log_softmax(1).exp()[0], [1 / 9, 5 / 9, 3 / 9]),
        (lambda x: x.norm(), math.sqrt(91)),
        (lambda x: x.norm(1, 0), [5.0, 7.0, 9.0]),
        (lambda x: x.norm(INF, 1), [5.0, 6.0]),
        (lambda x: x.norm(-INF), 1.0),
        (lambda x: x.norm(0), 6.0),
        (lambda x: x.norm(3, 1, keepdim=True), [[153 ** (1 / 3)], [288 ** (1 / 3)]]),
        (lambda x: x.norm(-1, 0), [4 / 5, 10 / 7, 2.0]),
        (lambda x: (x - 3).count_nonzero(), 5),
        (lambda x: (x - 3).count_nonzero(dim=1), [2, 3]),
        (lambda x: (x - 3).all(1), [False, True]),
        (lambda x: (x - 3).any((0, 1), keepdim=True), [[True]]),
        (lambda x: (x % 3).unique(), [0.0, 1.0, 2.0]),
        (lambda x: (x % 3).unique(return_inverse=True)[1], [[1, 2, 0], [1, 2, 0]]),
        (lambda x: (x % 3).unique(dim=0, return_counts=True)[1], [2]),
        (lambda x: x.long()[0].bincount(), [0, 1, 0, 1, 0, 1]),
        (lambda x: x.long()[0].bincount(x[1], 7), [0.0, 4.0, 0.0, 6.0, 0.0, 2.0, 0.0]),
    ],
)
def test_values(result: Callable[[Tensor], Tensor], expected: Any) -> None:
    check(result(tensor(MATRIX)), expected)


def test_nansum() -> None:
    x = tensor([[1.0, NAN], [NAN, NAN]], requires_grad=True)
    check(x.nansum(1), [1.0, 0.0])
    x.nansum().backward()
    check(x.grad, [[1.0, 0.0], [0.0, 0.0]])


@pytest.mark.parametrize("dim", [0, 1, 2, (0, 1), (0, 2), (2, 1), (0, 1, 2)])
def test_dimensions_against_a_loop(dim: Any, rng: np.random.Generator) -> None:
    """Sums over `dim` computed one element at a time."""
    array = rng.standard_normal((2, 3, 4))
    dims = dim if isinstance(dim, tuple) else (dim,)
    expected = np.zeros(tuple(1 if d in dims else n for d, n in enumerate(array.shape)))
    for place in itertools.product(*map(range, array.shape)):
        expected[tuple(0 if d in dims else i for d, i in enumerate(place))] += array[place]
    x = minitorch.from_numpy(array)
    check(x.sum(dim, keepdim=True), expected)
    check(x.sum(dim), expected.squeeze(dims))


def test_numpy_keywords() -> None:
    check(tensor(MATRIX).sum(axis=1, keepdims=True), [[9.0], [12.0]])
    check(tensor(MATRIX).max(axis=1)[1], [1, 2])


# -- extreme values -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (lambda: tensor([INF, -INF]).sum(), NAN),
        (lambda: tensor([INF, -INF]).mean(), NAN),
        (lambda: tensor([INF, 1.0]).var(), NAN),
        (lambda: tensor([1e300, 1e300]).prod(), INF),
        (lambda: tensor([1e300, 1e300]).norm(), INF),
        (lambda: tensor([1.0, NAN]).max(), NAN),
        (lambda: tensor([1.0, NAN, 2.0, NAN]).min(0).indices, 1),
        (lambda: tensor([1.0, NAN, 2.0]).median(), NAN),
        (lambda: tensor([1.0, NAN, 2.0]).median(0).indices, 1),
        (lambda: tensor([1.0, NAN, 2.0]).sort().indices, [0, 2, 1]),
        (lambda: tensor([1.0, NAN, 2.0]).topk(2).indices, [1, 2]),
        (lambda: tensor([1.0, NAN, 2.0, NAN]).cummax(0).indices, [0, 1, 1, 3]),
        (lambda: tensor([1000.0, 1000.0]).logsumexp(0), 1000.0 + math.log(2)),
        (lambda: tensor([-1000.0, -1000.0]).logsumexp(0), -1000.0 + math.log(2)),
        (lambda: tensor([-INF, -INF]).logsumexp(0), -INF),
        (lambda: tensor([1.0, INF]).logsumexp(0), INF),
        (lambda: tensor([0.0, 800.0, 800.0]).logcumsumexp(0)[2], 800.0 + math.log(2)),
        (lambda: tensor([-INF, 0.0]).logcumsumexp(0), [-INF, 0.0]),
        (lambda: tensor([400.0, -400.0]).softmax(0), [1.0, math.exp(-800)]),
        (lambda: tensor([400.0, -400.0]).log_softmax(0), [0.0, -800.0]),
        (lambda: tensor([-INF, 0.0]).softmax(0), [0.0, 1.0]),
        (lambda: tensor([1e8, 1e8 + 1, 1e8 + 2]).var(), 1.0),
    ],
)
def test_extreme_values(result: Callable[[], Tensor], expected: Any) -> None:
    """As PyTorch without a warning, which the tests' configuration makes an error."""
    check(result(), expected)


# -- shapes without elements or dimensions ------------------------------------------------


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (lambda x: x.sum(0), [0.0, 0.0, 0.0]),
        (lambda x: x.mean(0), [NAN, NAN, NAN]),
        (lambda x: x.prod(), 1.0),
        (lambda x: x.amax(1), np.zeros(0)),
        (lambda x: x.max(1).indices, np.zeros(0)),
        (lambda x: x.median(), NAN),
        (lambda x: x.all(), True),
        (lambda x: x.any(0), [False, False, False]),
        (lambda x: x.logsumexp((0, 1)), -INF),
        (lambda x: x.norm(), 0.0),
        (lambda x: x.cumsum(0), np.zeros((0, 3))),
        (lambda x: x.cummax(1).values, np.zeros((0, 3))),
        (lambda x: x.sort(0).values, np.zeros((0, 3))),
        (lambda x: x.topk(0, 0).values, np.zeros((0, 3))),
        (lambda x: x.softmax(0), np.zeros((0, 3))),
        (lambda x: x.unique(), np.zeros(0)),
        (lambda x: x.count_nonzero(0), [0, 0, 0]),
    ],
)
def test_no_elements(result: Callable[[Tensor], Tensor], expected: Any) -> None:
    check(result(minitorch.zeros(0, 3, dtype=minitorch.float64)), expected)


@pytest.mark.parametrize("dim", [0, -1])
@pytest.mark.parametrize(
    ("result", "expected", "derivative"),
    [
        (lambda x, dim: x.sum(dim), 3.0, 1.0),
        (lambda x, dim: x.mean(dim), 3.0, 1.0),
        (lambda x, dim: x.prod(dim), 3.0, 1.0),
        (lambda x, dim: x.var(dim, correction=0), 0.0, 0.0),
        (lambda x, dim: x.amax(dim), 3.0, 1.0),
        (lambda x, dim: x.min(dim, keepdim=True)[0], 3.0, 1.0),
        (lambda x, dim: x.median(dim)[0], 3.0, 1.0),
        (lambda x, dim: x.kthvalue(1, dim)[0], 3.0, 1.0),
        (lambda x, dim: x.topk(1, dim)[0], 3.0, 1.0),
        (lambda x, dim: x.sort(dim)[0], 3.0, 1.0),
        (lambda x, dim: x.cummax(dim)[0], 3.0, 1.0),
        (lambda x, dim: x.cumsum(dim), 3.0, 1.0),
        (lambda x, dim: x.cumprod(dim), 3.0, 1.0),
        (lambda x, dim: x.logsumexp(dim), 3.0, 1.0),
        (lambda x, dim: x.logcumsumexp(dim), 3.0, 1.0),
        (lambda x, dim: x.softmax(dim), 1.0, 0.0),
        (lambda x, dim: x.log_softmax(dim), 0.0, 0.0),
        (lambda x, dim: x.norm(2, dim), 3.0, 1.0),
    ],
)
def test_no_dimensions(
    result: Callable[[Tensor, int], Tensor], dim: int, expected: float, derivative: float
) -> None:
    x = tensor(3.0, requires_grad=True)
    output = result(x, dim)
    check(output, expected)
    output.backward()
    check(x.grad, derivative)


# -- dtypes -------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["bool", "uint8", "int32", "int64"])
@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda x: x.sum(), "int64"),
        (lambda x: x.sum(dtype=minitorch.int32), "int32"),
        (lambda x: x.prod(0), "int64"),
        (lambda x: x.cumsum(0), "int64"),
        (lambda x: x.mean(dtype=minitorch.float64), "float64"),
        (lambda x: x.logsumexp(0), "float32"),
        (lambda x: x.softmax(0, dtype=minitorch.float16), "float16"),
        (lambda x: x.count_nonzero(), "int64"),
        (lambda x: x.sort()[1], "int64"),
        (lambda x: x.max(0)[1], "int64"),
    ],
)
def test_dtypes(given: str, call: Callable[[Tensor], Tensor], expected: str) -> None:
    x = minitorch.from_numpy(np.ones(3, given))
    assert call(x).array.dtype == expected
    assert x.max().array.dtype == given
    assert x.all().array.dtype == ("uint8" if given == "uint8" else "bool")


def test_small_integers_do_not_overflow() -> None:
    assert minitorch.full((10,), 100, dtype=minitorch.int8).sum().item() == 1000


def test_half_precision_sums_are_accurate() -> None:
    """Adding ones in float16 one by one would stop at 2048; the total alone overflows at 65504."""
    ones = minitorch.ones(3000, 1, dtype=minitorch.float16)
    assert ones.sum(0).item() == 3000
    assert ones.cumsum(0)[-1].item() == 3000
    assert ones.norm(1, 0).item() == 3000
    many = minitorch.ones(100_000, 1, dtype=minitorch.float16)
    assert many.mean(0).item() == 1
    assert many.mean(0).dtype == minitorch.float16
    assert many.var(0).item() == 0


# -- derivatives --------------------------------------------------------------------------

DIFFERENTIABLE: dict[str, tuple[Callable[..., Any], tuple[int, ...]]] = {
    "sum": (lambda x: x.sum(), (3, 4)),
    "sum-dims": (lambda x: x.sum((0, -1)), (3, 2, 4)),
    "sum-keepdim": (lambda x: x.sum(1, True) * x, (3, 4)),
    "nansum": (lambda x: x.nansum(1), (3, 4)),
    "mean": (lambda x: x.mean() * x, (3, 4)),
    "mean-dim": (lambda x: x.mean(0), (3, 4)),
    "prod": (lambda x: x.prod(), (4,)),
    "prod-dim": (lambda x: x.prod(1), (3, 4)),
    "var": (lambda x: x.var(), (3, 4)),
    "var-dim": (lambda x: x.var((0, 2), correction=2, keepdim=True), (3, 2, 4)),
    "std": (lambda x: x.std(), (3, 4)),
    "std-dim": (lambda x: x.std(1, unbiased=False), (3, 4)),
    "var_mean": (lambda x: minitorch.var_mean(x, 0), (3, 4)),
    "std_mean": (lambda x: minitorch.std_mean(x, 0), (3, 4)),
    "max": (lambda x: x.max() * x, (3, 4)),
    "max-dim": (lambda x: x.max(1)[0] * x.sum(1), (3, 4)),
    "min-dim": (lambda x: x.min(0, keepdim=True)[0] * x, (3, 4)),
    "amax": (lambda x: x.amax((0, 1)), (3, 4, 2)),
    "amin": (lambda x: x.amin(1, True) * x, (3, 4)),
    "aminmax": (lambda x: x.aminmax(dim=1), (3, 4)),
    "median": (lambda x: x.median() * x, (3, 4)),
    "median-dim": (lambda x: x.median(1)[0], (3, 4)),
    "kthvalue": (lambda x: x.kthvalue(2, 0)[0], (3, 4)),
    "topk": (lambda x: x.topk(2, 0)[0] * x[:2], (3, 4)),
    "sort": (lambda x: x.sort(1)[0] * x, (3, 4)),
    "cummax": (lambda x: x.cummax(1)[0] * x, (3, 4)),
    "cummin": (lambda x: x.cummin(0)[0], (3, 4)),
    "cumsum": (lambda x: x.cumsum(0) * x, (3, 4)),
    "cumprod": (lambda x: x.cumprod(1), (3, 4)),
    "logsumexp": (lambda x: x.logsumexp((0, 1)), (3, 4)),
    "softmax": (lambda x: x.softmax(1), (3, 4)),
    "log_softmax": (lambda x: x.log_softmax(0), (3, 4)),
    "norm": (lambda x: x.norm(), (3, 4)),
    "norm-1": (lambda x: x.norm(1, 0) * x, (3, 4)),
    "norm-3": (lambda x: x.norm(3, 1), (3, 4)),
    "norm-fraction": (lambda x: x.norm(1.5, (0, 1), True), (3, 4)),
    "norm-negative": (lambda x: x.norm(-2, 1), (3, 4)),
    "norm-inf": (lambda x: x.norm(INF, 1), (3, 4)),
}


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_derivatives(name: str) -> None:
    function, shape = DIFFERENTIABLE[name]
    x = leaf(*shape)
    assert gradcheck(function, (x,), atol=1e-7, rtol=1e-6)
    assert gradgradcheck(function, (x,), atol=1e-6, rtol=1e-5)


def test_derivative_of_logcumsumexp() -> None:
    x = leaf(3, 4)
    assert gradcheck(lambda x: x.logcumsumexp(1), (x,), atol=1e-7, rtol=1e-6)
    output = x.logcumsumexp(1).sum()
    with pytest.raises(NotImplementedError, match="Logcumsumexp"):
        grad(output, x, create_graph=True)


@pytest.mark.parametrize("zeros", [(), (1,), (0, 2), (0, 1, 3)])
@pytest.mark.parametrize(
    "function", [lambda x: x.prod(), lambda x: x.prod(0), lambda x: x.cumprod(0)]
)
def test_products_with_zeros(function: Callable[..., Any], zeros: tuple[int, ...]) -> None:
    array = np.random.standard_normal(4)
    array[list(zeros)] = 0
    x = minitorch.from_numpy(array).requires_grad_()
    assert gradcheck(function, (x,), atol=1e-8, rtol=1e-6)
    assert gradgradcheck(function, (x,), atol=1e-7, rtol=1e-5)


def test_third_derivative_of_a_product_with_zeros() -> None:
    """∂³(xyz)/∂x∂y∂z is 1 wherever it is taken."""
    x = tensor([0.0, 0.0, 2.0], requires_grad=True)
    (first,) = grad(x.prod(), x, create_graph=True)
    (second,) = grad(first[0], x, create_graph=True)
    (third,) = grad(second[1], x)
    check(third, [0.0, 0.0, 1.0])


@pytest.mark.parametrize(
    ("function", "data", "expected"),
    [
        (lambda x: x.max(), [1.0, 2.0, 2.0], [0.0, 0.5, 0.5]),
        (lambda x: x.min(), [1.0, 1.0, 1.0], [1 / 3, 1 / 3, 1 / 3]),
        (lambda x: x.amax(0), [1.0, 2.0, 2.0], [0.0, 0.5, 0.5]),
        (lambda x: x.max(0)[0], [1.0, 2.0, 2.0], [0.0, 1.0, 0.0]),
        (lambda x: x.median(), [1.0, 2.0, 2.0, 3.0], [0.0, 0.5, 0.5, 0.0]),
        (lambda x: x.max(), [1.0, NAN, NAN], [0.0, 0.5, 0.5]),
        (lambda x: x.sort(stable=True)[0][1], [2.0, 1.0, 2.0], [1.0, 0.0, 0.0]),
        (lambda x: x.cummax(0)[0].sum(), [3.0, 1.0, 3.0], [2.0, 0.0, 1.0]),
        (lambda x: x.norm(), [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        (lambda x: x.norm(1), [0.0, -2.0, 1.0], [0.0, -1.0, 1.0]),
        (lambda x: x.norm(3), [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        (lambda x: x.norm(0.5), [0.0, 4.0, 0.0], [0.0, 1.0, 0.0]),
        (lambda x: x.norm(-1), [0.0, 4.0, 1.0], [0.0, 0.0, 0.0]),
        (lambda x: x.norm(INF), [3.0, -4.0, 4.0], [0.0, -0.5, 0.5]),
        (lambda x: x.std(0), [2.0, 2.0, 2.0], [0.0, 0.0, 0.0]),
        (lambda x: x.logsumexp(0), [0.0, -INF, 0.0], [0.5, 0.0, 0.5]),
        (lambda x: x.softmax(0)[0], [-INF, 0.0, 0.0], [0.0, 0.0, 0.0]),
        (lambda x: x.log_softmax(0)[1], [-INF, 0.0, 0.0], [0.0, 0.5, -0.5]),
    ],
)
def test_derivatives_at_ties_and_limits(
    function: Callable[[Tensor], Tensor], data: list[float], expected: list[float]
) -> None:
    x = tensor(data, requires_grad=True)
    function(x).backward()
    check(x.grad, expected)


def test_the_gradient_takes_the_dtype_of_the_input() -> None:
    x = tensor([1.0, 2.0], minitorch.float32, requires_grad=True)
    x.sum(dtype=minitorch.float64).backward()
    assert x.grad is not None
    assert x.grad.dtype == minitorch.float32


def test_a_changed_output_that_backward_needs_is_an_error() -> None:
    x = tensor([1.0, 2.0], requires_grad=True)
    y = x.softmax(0)
    y.detach().mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_indices_have_no_gradient() -> None:
    values, indices = tensor(MATRIX, requires_grad=True).max(1)
    assert values.requires_grad
    assert not indices.requires_grad


# -- arrays, order, named results ---------------------------------------------------------

ON_ARRAYS: dict[str, Callable[..., Any]] = {
    "sum": lambda x: minitorch.sum(x, 1),
    "sum-all": lambda x: minitorch.sum(x),
    "nansum": lambda x: minitorch.nansum(x),
    "mean": lambda x: minitorch.mean(x, (0, 1)),
    "prod": lambda x: minitorch.prod(x, 0),
    "var": lambda x: minitorch.var(x),
    "std": lambda x: minitorch.std(x, 0),
    "var_mean": lambda x: minitorch.var_mean(x, 0),
    "max": lambda x: minitorch.max(x),
    "max-dim": lambda x: minitorch.max(x, 0),
    "max-binary": lambda x: minitorch.max(x, x),
    "amin": lambda x: minitorch.amin(x, 0),
    "aminmax": lambda x: minitorch.aminmax(x),
    "argmax": lambda x: minitorch.argmax(x),
    "median": lambda x: minitorch.median(x),
    "median-dim": lambda x: minitorch.median(x, 1),
    "kthvalue": lambda x: minitorch.kthvalue(x, 1),
    "topk": lambda x: minitorch.topk(x, 2),
    "sort": lambda x: minitorch.sort(x, descending=True),
    "argsort": lambda x: minitorch.argsort(x),
    "cummax": lambda x: minitorch.cummax(x, 0),
    "unique": lambda x: minitorch.unique(x, return_counts=True),
    "all": lambda x: minitorch.all(x),
    "count_nonzero": lambda x: minitorch.count_nonzero(x),
    "cumsum": lambda x: minitorch.cumsum(x, 0),
    "cumprod": lambda x: minitorch.cumprod(x, 0),
    "logsumexp": lambda x: minitorch.logsumexp(x, 0),
    "logcumsumexp": lambda x: minitorch.logcumsumexp(x, 0),
    "softmax": lambda x: minitorch.softmax(x, 0),
    "log_softmax": lambda x: minitorch.log_softmax(x, 0),
    "norm": lambda x: minitorch.norm(x),
}


@pytest.mark.parametrize("name", ON_ARRAYS)
def test_arrays_in_arrays_out(name: str) -> None:
    """The same numbers as with Tensors, and the array is not written to."""
    array = np.array(MATRIX)
    array.flags.writeable = False
    on_arrays, on_tensors = ON_ARRAYS[name](array), ON_ARRAYS[name](tensor(MATRIX))
    assert type(on_arrays) is type(on_tensors) or not isinstance(on_arrays, tuple)
    for one, two in zip(leaves(on_arrays), leaves(on_tensors), strict=True):
        assert type(one) is np.ndarray
        np.testing.assert_array_equal(one, two.array, strict=True)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32"])
def test_sort_keeps_the_order_of_equals(dtype: str, descending: bool) -> None:
    array = np.random.randint(0, 2, (3, 40)).astype(dtype)
    values, indices = minitorch.from_numpy(array).sort(1, descending)
    for row, got_values, got_indices in zip(array, values.array, indices.array, strict=True):
        expected = sorted(range(40), key=lambda i: (-int(row[i]) if descending else int(row[i]), i))
        assert got_indices.tolist() == expected
        assert got_values.tolist() == row[expected].tolist()


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("k", [0, 1, 5, 19, 20])
def test_topk_is_the_start_of_a_sort(k: int, largest: bool) -> None:
    x = leaf(20, 3)
    values, indices = x.topk(k, 0, largest)
    expected, places = x.sort(0, largest)
    np.testing.assert_array_equal(values.array, expected.array[:k])
    np.testing.assert_array_equal(indices.array, places.array[:k])
    unordered, at = x.topk(k, 0, largest, sorted=False)
    np.testing.assert_array_equal(np.sort(unordered.array, 0), np.sort(values.array, 0))
    np.testing.assert_array_equal(np.take_along_axis(x.array, at.array, 0), unordered.array)


def test_named_results() -> None:
    result = tensor([1.0, 3.0, 2.0]).max(0)
    values, indices = result
    assert values is result.values
    assert indices is result[1]
    assert isinstance(result, minitorch.return_types.max)
    assert repr(tensor([1, 2], minitorch.int64).aminmax()) == (
        "minitorch.return_types.aminmax(\nmin=tensor(1),\nmax=tensor(2))"
    )
    plain = minitorch.sort(np.array([3, 1, 2]))
    restored = pickle.loads(pickle.dumps(plain))
    assert type(restored) is minitorch.return_types.sort
    assert restored.indices.tolist() == [1, 2, 0]


# -- errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: x.sum(2), IndexError, r"expected to be in range of \[-2, 1\], but got 2"),
        (lambda x: x.sum((0, -2)), RuntimeError, "dim 0 appears multiple times"),
        (lambda x: x.sum(1.0), TypeError, "must be int, not float"),
        (lambda x: x.long().mean(), RuntimeError, "Got: int64"),
        (lambda x: x.long().var(), RuntimeError, "only support floating point"),
        (lambda x: x.var(0, True, correction=1), TypeError, "either unbiased or correction"),
        (lambda x: x[:0].max(), RuntimeError, r"got shape \[0, 3\]"),
        (lambda x: x[:0].max(0), IndexError, "reduction dim 0 to have non-zero size"),
        (lambda x: x[:0].argmin(), IndexError, "reduction dim to be specified"),
        (lambda x: x.max(keepdim=True), TypeError, "takes a dimension with keepdim"),
        (lambda x: x.max("a"), TypeError, "must be int, not str"),
        (lambda x: x.bool().argmax(), RuntimeError, "does not support bool"),
        (lambda x: x.bool().median(), NotImplementedError, "bool"),
        (lambda x: x.kthvalue(4), RuntimeError, "expected 1 to 3, got 4"),
        (lambda x: x.topk(4), RuntimeError, "expected 0 to 3, got 4"),
        (lambda x: x.unique(dim=2), IndexError, "out of range"),
        (lambda x: x[0].bincount(), NotImplementedError, "float64"),
        (lambda x: x.long().bincount(), RuntimeError, r"got shape \[2, 3\]"),
        (lambda x: (-x.long()[0]).bincount(), RuntimeError, "smallest -5"),
        (lambda x: x.long()[0].bincount(minlength=-1), RuntimeError, "minlength"),
        (lambda x: x.long()[0].bincount(x), RuntimeError, r"\[2, 3\] and \[3\]"),
        (lambda x: x.long().softmax(0), NotImplementedError, "int64"),
        (lambda x: x.logsumexp(None), TypeError, "not None"),
        (lambda x: x.long().logcumsumexp(0), NotImplementedError, "int64"),
        (lambda x: x.long().norm(), RuntimeError, "Got int64"),
        (lambda x: x.norm("nuc"), NotImplementedError, "nuc"),
        (lambda x: x.norm("foo"), RuntimeError, "Order foo not supported"),
        (lambda x: x[:0].norm(INF, 0), RuntimeError, "empty dimensions"),
    ],
)
def test_errors(call: Callable[[Tensor], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(tensor(MATRIX))


def test_no_derivative() -> None:
    x = tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(NotImplementedError, match="unique"):
        x.unique().sum().backward()
    with pytest.raises(RuntimeError, match="bincount"):
        minitorch.tensor([0, 1]).bincount(x).sum().backward()


@pytest.mark.parametrize("function", [minitorch.var, minitorch.std])
def test_too_few_elements_for_a_variance(function: Callable[..., Tensor]) -> None:
    with pytest.warns(UserWarning, match="degrees of freedom is <= 0"):
        result = function(tensor([2.0]))
    check(result, NAN)
