"""Compares reductions with PyTorch's: values, dtypes, shapes, two derivatives, errors, names."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from minitorch import from_numpy
from minitorch.autograd.engine import backward, grad

TOLERANCE = {"float64": 1e-12, "float32": 1e-5, "float16": 2e-3}
INF, NAN = float("inf"), float("nan")

Call = Callable[..., Any]


class Case:
    """A call on tensors that are given by shape, to be filled at random, or by value.

    `second` says whether second derivatives are compared, `half` whether float16 is: its
    rounding of large numbers is no rounding error afterwards.
    """

    def __init__(
        self, name: str, call: Call, *inputs: Any, second: bool = True, half: bool = True
    ) -> None:
        self.name, self.call, self.inputs = name, call, inputs
        self.second, self.half = second, half

    def arrays(self, rng: np.random.Generator) -> list[np.ndarray]:
        return [
            np.asarray(rng.standard_normal(each) if isinstance(each, tuple) else each, np.float64)
            for each in self.inputs
        ]


ZEROS = [[1.5, 0.0, -2.0, 3.0], [0.5, 2.0, 0.0, 0.0], [-1.0, 2.0, 0.25, 3.0], [0.0, 0.0, 0.0, 1.0]]
TIES = [[1.0, 3.0, 3.0], [3.0, 0.0, 0.0], [2.0, 2.0, 2.0]]

CASES = [
    Case("sum", lambda m, x: m.sum(x), (3, 4)),
    Case("sum-0d", lambda m, x: m.sum(x), ()),
    Case("sum-0d-dim", lambda m, x: m.sum(x, 0), ()),
    Case("sum-dim", lambda m, x: m.sum(x, 1), (3, 4, 2)),
    Case("sum-negative-dim", lambda m, x: m.sum(x, -3, True), (3, 4, 2)),
    Case("sum-dims", lambda m, x: m.sum(x, (0, -1)), (3, 4, 2)),
    Case("sum-dims-keepdim", lambda m, x: m.sum(x, dim=[2, 0], keepdim=True), (3, 4, 2)),
    Case("sum-no-dims", lambda m, x: m.sum(x, ()), (3, 4)),
    Case("sum-empty", lambda m, x: m.sum(x, 0), (0, 3)),
    Case("sum-axis", lambda m, x: m.sum(x, axis=1, keepdims=True), (3, 4)),
    Case("sum-float64", lambda m, x: m.sum(x, 1, dtype=m.float64), (3, 4)),
    Case("sum-float32", lambda m, x: m.sum(x, dtype=m.float32), (3, 4), second=False),
    Case("nansum", lambda m, x: m.nansum(x), [[1.0, NAN], [2.0, 3.0]]),
    Case("nansum-dim", lambda m, x: m.nansum(x, 0, True), [[1.0, NAN], [2.0, NAN]]),
    Case("mean", lambda m, x: m.mean(x), (3, 4)),
    Case("mean-dim", lambda m, x: m.mean(x, -2), (3, 4, 2)),
    Case("mean-dims", lambda m, x: m.mean(x, (0, 2), True), (3, 4, 2)),
    Case("mean-empty", lambda m, x: m.mean(x), (0, 3)),
    Case("mean-float64", lambda m, x: m.mean(x, dtype=m.float64), (3, 4)),
    Case("prod", lambda m, x: m.prod(x), (3, 4)),
    Case("prod-0d", lambda m, x: m.prod(x), ()),
    Case("prod-dim", lambda m, x: m.prod(x, 1), (3, 4, 2)),
    Case("prod-keepdim", lambda m, x: m.prod(x, -1, True), (3, 4)),
    Case("prod-empty", lambda m, x: m.prod(x, 0), (0, 3)),
    Case("prod-zeros-rows", lambda m, x: m.prod(x, 1), ZEROS),
    Case("prod-zeros-columns", lambda m, x: m.prod(x, 0, True), ZEROS),
    Case("prod-zeros", lambda m, x: m.prod(x), ZEROS),
    Case("prod-one-zero", lambda m, x: m.prod(x), [1.0, 0.0, 3.0]),
    Case("prod-two-zeros", lambda m, x: m.prod(x), [1.0, 0.0, 3.0, 0.0]),
    Case("prod-0d-zero", lambda m, x: m.prod(x), 0.0),
    Case("var", lambda m, x: m.var(x), (3, 4)),
    Case("var-biased", lambda m, x: m.var(x, False), (3, 4)),
    Case("var-dim", lambda m, x: m.var(x, 1), (3, 4, 2)),
    Case("var-dim-biased", lambda m, x: m.var(x, (0, 2), unbiased=False), (3, 4, 2)),
    Case("var-positions", lambda m, x: m.var(x, (0, 1), False, True), (3, 4, 2)),
    Case("var-correction", lambda m, x: m.var(x, 1, correction=2, keepdim=True), (3, 4, 2)),
    Case("var-fraction", lambda m, x: m.var(x, correction=0.5), (3, 4)),
    Case("var-0d", lambda m, x: m.var(x, correction=0), ()),
    Case("var-offset", lambda m, x: m.var(x + 100.0), (3, 4)),
    Case("std", lambda m, x: m.std(x), (3, 4)),
    Case("std-dim", lambda m, x: m.std(x, 0, keepdim=True), (3, 4)),
    Case("std-biased", lambda m, x: m.std(x, -1, unbiased=False), (3, 4)),
    Case("std-correction", lambda m, x: m.std(x, (0, 1), correction=3), (3, 4)),
    Case("std-equal", lambda m, x: m.std(x, 1), [[2.0, 2.0], [1.0, 2.0]], second=False),
    Case("var_mean", lambda m, x: m.var_mean(x, 1), (3, 4)),
    Case("std_mean", lambda m, x: m.std_mean(x, (0, 1), correction=0, keepdim=True), (3, 4)),
    Case("std_mean-whole", lambda m, x: m.std_mean(x, unbiased=False), (3, 4)),
    Case("max", lambda m, x: m.max(x), (3, 4)),
    Case("max-0d", lambda m, x: m.max(x), ()),
    Case("max-ties", lambda m, x: m.max(x), TIES),
    Case("max-nan", lambda m, x: m.max(x), [1.0, NAN, NAN]),
    Case("max-dim", lambda m, x: m.max(x, 1), (3, 4, 2)),
    Case("max-dim-ties", lambda m, x: m.max(x, 1, True), TIES),
    Case("max-dim-nan", lambda m, x: m.max(x, 0), [1.0, NAN, 2.0, NAN]),
    Case("max-dim-0d", lambda m, x: m.max(x, -1, keepdim=True), ()),
    Case("max-dim-empty", lambda m, x: m.max(x, 1), (0, 3)),
    Case("max-binary", lambda m, x, y: m.max(x, y), (3, 4), (4,)),
    Case("max-other", lambda m, x, y: m.max(x, other=y), (3, 4), (3, 1)),
    Case("min", lambda m, x: m.min(x), (3, 4)),
    Case("min-ties", lambda m, x: m.min(x), TIES),
    Case("min-dim", lambda m, x: m.min(x, -1), (3, 4, 2)),
    Case("min-dim-ties", lambda m, x: m.min(x, 0), TIES),
    Case("min-dim-nan", lambda m, x: m.min(x, 0), [1.0, NAN, 2.0, NAN]),
    Case("min-binary", lambda m, x, y: m.min(x, y), (3, 4), ()),
    Case("amax", lambda m, x: m.amax(x), (3, 4)),
    Case("amax-dims", lambda m, x: m.amax(x, (0, 2), True), (3, 4, 2)),
    Case("amax-ties", lambda m, x: m.amax(x, 1), TIES),
    Case("amax-nan", lambda m, x: m.amax(x, 0), [1.0, NAN, 2.0]),
    Case("amin", lambda m, x: m.amin(x, -1), (3, 4)),
    Case("amin-ties", lambda m, x: m.amin(x), TIES),
    Case("amin-empty", lambda m, x: m.amin(x, 1), (0, 3)),
    Case("aminmax", lambda m, x: m.aminmax(x), (3, 4)),
    Case("aminmax-dim", lambda m, x: m.aminmax(x, dim=1, keepdim=True), TIES),
    Case("argmax", lambda m, x: m.argmax(x), (3, 4)),
    Case("argmax-keepdim", lambda m, x: m.argmax(x, keepdim=True), TIES),
    Case("argmax-dim", lambda m, x: m.argmax(x, 1, True), TIES),
    Case("argmax-0d", lambda m, x: m.argmax(x, 0), ()),
    Case("argmax-nan", lambda m, x: m.argmax(x), [1.0, NAN, 2.0]),
    Case("argmin", lambda m, x: m.argmin(x, 0), TIES),
    Case("argmin-whole", lambda m, x: m.argmin(x), (3, 4)),
    Case("median", lambda m, x: m.median(x), (3, 4)),
    Case("median-odd", lambda m, x: m.median(x), (3, 3)),
    Case("median-ties", lambda m, x: m.median(x), [1.0, 2.0, 2.0, 2.0, 3.0]),
    Case("median-nan", lambda m, x: m.median(x), [1.0, NAN, 2.0]),
    Case("median-empty", lambda m, x: m.median(x), (0,)),
    Case("median-dim", lambda m, x: m.median(x, 1), (3, 4, 2)),
    Case("median-dim-nan", lambda m, x: m.median(x, 0, True), [1.0, NAN, 2.0, 4.0, 5.0]),
    Case("median-dim-0d", lambda m, x: m.median(x, 0), ()),
    Case("kthvalue", lambda m, x: m.kthvalue(x, 2), (3, 4)),
    Case("kthvalue-dim", lambda m, x: m.kthvalue(x, 3, 0, True), (3, 4)),
    Case("kthvalue-nan", lambda m, x: m.kthvalue(x, 3), [1.0, NAN, 2.0]),
    Case("kthvalue-0d", lambda m, x: m.kthvalue(x, 1), ()),
    Case("topk", lambda m, x: m.topk(x, 2), (3, 5)),
    Case("topk-smallest", lambda m, x: m.topk(x, 3, 0, False), (5, 3)),
    Case("topk-all", lambda m, x: m.topk(x, 5, largest=False), (3, 5)),
    Case("topk-none", lambda m, x: m.topk(x, 0), (3, 5)),
    Case("topk-nan", lambda m, x: m.topk(x, 2), [1.0, NAN, 2.0]),
    Case("topk-0d", lambda m, x: m.topk(x, 1), ()),
    Case("sort", lambda m, x: m.sort(x), (3, 4)),
    Case("sort-dim", lambda m, x: m.sort(x, 0, True), (3, 4, 2)),
    Case("sort-stable", lambda m, x: m.sort(x, stable=True, dim=1), TIES),
    Case("sort-descending", lambda m, x: m.sort(x, stable=True, dim=1, descending=True), TIES),
    Case("sort-nan", lambda m, x: m.sort(x, 0, True), [1.0, NAN, 2.0, NAN]),
    Case("sort-0d", lambda m, x: m.sort(x), ()),
    Case("sort-empty", lambda m, x: m.sort(x, 0), (0, 3)),
    Case("argsort", lambda m, x: m.argsort(x, -1), (3, 4)),
    Case("argsort-stable", lambda m, x: m.argsort(x, dim=0, descending=True, stable=True), TIES),
    Case("argsort-0d", lambda m, x: m.argsort(x), ()),
    Case("cummax", lambda m, x: m.cummax(x, 1), (3, 5)),
    Case("cummax-ties", lambda m, x: m.cummax(x, 0), TIES),
    Case("cummax-nan", lambda m, x: m.cummax(x, 0), [1.0, NAN, 2.0, NAN]),
    Case("cummax-0d", lambda m, x: m.cummax(x, 0), ()),
    Case("cummin", lambda m, x: m.cummin(x, -1), (3, 5)),
    Case("cummin-ties", lambda m, x: m.cummin(x, 1), TIES),
    Case("unique", lambda m, x: m.unique(x).detach(), TIES),
    Case("unique-all", lambda m, x: m.unique(x.detach(), True, True, True), TIES),
    Case("unique-nan", lambda m, x: m.unique(x.detach(), return_inverse=True), [NAN, 1.0, NAN]),
    Case("unique-dim", lambda m, x: m.unique(x.detach(), True, True, True, 0), [TIES[0]] * 2),
    Case("unique-dim-1", lambda m, x: m.unique(x.detach(), dim=1, return_counts=True), TIES),
    Case("unique-0d", lambda m, x: m.unique(x.detach(), return_inverse=True), ()),
    Case("all", lambda m, x: m.all(x), ZEROS),
    Case("all-dim", lambda m, x: m.all(x, 1, True), ZEROS),
    Case("all-dims", lambda m, x: m.all(x, (0, 1)), ZEROS),
    Case("all-no-dims", lambda m, x: m.all(x, ()), ZEROS),
    Case("all-empty", lambda m, x: m.all(x, 0), (0, 3)),
    Case("any", lambda m, x: m.any(x, 0), ZEROS),
    Case("any-nan", lambda m, x: m.any(x), [NAN]),
    Case("count_nonzero", lambda m, x: m.count_nonzero(x), ZEROS),
    Case("count_nonzero-dim", lambda m, x: m.count_nonzero(x, (1,)), ZEROS),
    Case("cumsum", lambda m, x: m.cumsum(x, 0), (3, 4)),
    Case("cumsum-dim", lambda m, x: m.cumsum(x, -2), (3, 4, 2)),
    Case("cumsum-0d", lambda m, x: m.cumsum(x, 0), ()),
    Case("cumsum-empty", lambda m, x: m.cumsum(x, 0), (0, 3)),
    Case("cumsum-dtype", lambda m, x: m.cumsum(x, 0, dtype=m.float64), (3, 4)),
    Case("cumprod", lambda m, x: m.cumprod(x, 1), (3, 4)),
    Case("cumprod-0d", lambda m, x: m.cumprod(x, -1), ()),
    Case("cumprod-zeros", lambda m, x: m.cumprod(x, 1), ZEROS),
    Case("cumprod-zeros-columns", lambda m, x: m.cumprod(x, 0), ZEROS),
    Case("logcumsumexp", lambda m, x: m.logcumsumexp(x, 1), (3, 4), second=False),
    Case("logcumsumexp-0d", lambda m, x: m.logcumsumexp(x, 0), (), second=False),
    Case(
        "logcumsumexp-large",
        lambda m, x: m.logcumsumexp(x * 300.0, 0),
        (3, 4),
        second=False,
        half=False,
    ),
    Case("logcumsumexp-inf", lambda m, x: m.logcumsumexp(x, 0), [1.0, -INF, 2.0], second=False),
    Case("logsumexp", lambda m, x: m.logsumexp(x, 1), (3, 4)),
    Case("logsumexp-dims", lambda m, x: m.logsumexp(x, (0, 2), True), (3, 4, 2)),
    Case("logsumexp-large", lambda m, x: m.logsumexp(x * 300.0, 0), (3, 4), half=False),
    Case("logsumexp-inf", lambda m, x: m.logsumexp(x, 0), [1.0, -INF, 2.0], second=False),
    Case("logsumexp-all-inf", lambda m, x: m.logsumexp(x, 0), [-INF, -INF], second=False),
    Case("logsumexp-plus-inf", lambda m, x: m.logsumexp(x, 0), [1.0, INF], second=False),
    Case("logsumexp-empty", lambda m, x: m.logsumexp(x, 0), (0, 3)),
    Case("softmax", lambda m, x: m.softmax(x, 1), (3, 4)),
    Case("softmax-dim", lambda m, x: m.softmax(x, dim=-2), (3, 4, 2)),
    Case("softmax-0d", lambda m, x: m.softmax(x, 0), ()),
    Case("softmax-large", lambda m, x: m.softmax(x * 300.0, 0), (3, 4), half=False),
    Case("softmax-inf", lambda m, x: m.softmax(x, 0), [-INF, 1.0, 2.0]),
    Case("softmax-nan", lambda m, x: m.softmax(x, 0), [-INF, -INF], second=False),
    Case("softmax-empty", lambda m, x: m.softmax(x, 0), (0, 3)),
    Case("softmax-dtype", lambda m, x: m.softmax(x, 0, dtype=m.float64), (3, 4)),
    Case("log_softmax", lambda m, x: m.log_softmax(x, 1), (3, 4)),
    Case("log_softmax-0d", lambda m, x: m.log_softmax(x, -1), ()),
    Case("log_softmax-large", lambda m, x: m.log_softmax(x * 300.0, 0), (3, 4), half=False),
    Case("log_softmax-inf", lambda m, x: m.log_softmax(x, 0), [-INF, 1.0, 2.0], second=False),
    Case("log_softmax-dtype", lambda m, x: m.log_softmax(x, 0, dtype=m.float64), (3, 4)),
    Case("norm", lambda m, x: m.norm(x), (3, 4)),
    Case("norm-0d", lambda m, x: m.norm(x), ()),
    Case("norm-zero", lambda m, x: m.norm(x), [0.0, 0.0], second=False),
    Case("norm-fro", lambda m, x: m.norm(x, "fro", (0, 2), True), (3, 4, 2)),
    Case("norm-none", lambda m, x: m.norm(x, None, 1), (3, 4)),
    Case("norm-1", lambda m, x: m.norm(x, 1, 0), ZEROS),
    Case("norm-2", lambda m, x: m.norm(x, 2, -1, True), (3, 4)),
    Case("norm-2-zero-row", lambda m, x: m.norm(x, 2, 1), [[0.0, 0.0], [3.0, 4.0]], second=False),
    Case("norm-3", lambda m, x: m.norm(x, 3, 1), ZEROS),
    Case("norm-3-zero", lambda m, x: m.norm(x, 3), [0.0, 0.0], second=False),
    Case("norm-half", lambda m, x: m.norm(x, 0.5), ZEROS, second=False),
    Case("norm-1.5", lambda m, x: m.norm(x, 1.5), (3, 4)),
    Case("norm-negative", lambda m, x: m.norm(x, -1, 1), (3, 4)),
    Case("norm-negative-zero", lambda m, x: m.norm(x, -1), [0.0, 1.0], second=False),
    Case("norm-inf", lambda m, x: m.norm(x, INF), (3, 4)),
    Case("norm-inf-ties", lambda m, x: m.norm(x, INF, 1), [[3.0, -4.0, 4.0], [0.0, 0.0, 0.0]]),
    Case("norm-minus-inf", lambda m, x: m.norm(x, -INF, 0), (3, 4)),
    Case("norm-0", lambda m, x: m.norm(x, 0, 1).detach(), ZEROS),
    Case("norm-empty", lambda m, x: m.norm(x, 2, 0), (0, 3)),
    Case("norm-dtype", lambda m, x: m.norm(x, dtype=m.float64), (3, 4)),
]


def flat(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple) else [result]


def numpy(tensor: Any) -> np.ndarray:
    return tensor.array if isinstance(tensor, minitorch.Tensor) else tensor.numpy(force=True)


def ours(array: np.ndarray, layout: str = "contiguous") -> Any:
    """A leaf of the framework; `strided` is a view with gaps, its last dimension first."""
    if layout == "strided" and array.ndim:
        spread = np.zeros((*array.T.shape, 2), array.dtype)
        spread[..., 1] = array.T
        array = spread[..., 1].T
    return from_numpy(array).requires_grad_(array.dtype.kind == "f")


def theirs(array: np.ndarray) -> torch.Tensor:
    return torch.tensor(array, requires_grad=array.dtype.kind == "f")


def check(actual: Any, expected: Any, tolerance: float) -> None:
    actual, expected = numpy(actual), numpy(expected)
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


def differentiable(outputs: Sequence[Any]) -> list[Any]:
    return [each for each in outputs if each.requires_grad]


def cotangents(outputs: Sequence[Any], rng: np.random.Generator) -> list[np.ndarray]:
    return [
        np.asarray(rng.standard_normal(numpy(each).shape), numpy(each).dtype) for each in outputs
    ]


@pytest.mark.parametrize(
    ("case", "dtype", "layout"),
    [
        pytest.param(case, dtype, layout, id=f"{case.name}-{dtype}")
        for dtype, layout in [
            ("float64", "contiguous"),
            ("float32", "strided"),
            ("float16", "contiguous"),
        ]
        for case in CASES
        if case.half or dtype != "float16"
    ],
)
def test_values_and_gradients(
    case: Case, dtype: str, layout: str, rng: np.random.Generator
) -> None:
    arrays = [np.asarray(array, dtype) for array in case.arrays(rng)]
    mine, other = [ours(each, layout) for each in arrays], [theirs(each) for each in arrays]
    actual, expected = flat(case.call(minitorch, *mine)), flat(case.call(torch, *other))
    assert len(actual) == len(expected)
    for one, two in zip(actual, expected, strict=True):
        check(one, two, TOLERANCE[dtype])
        assert one.requires_grad == two.requires_grad
    actual, expected = differentiable(actual), differentiable(expected)
    if not actual:
        return
    given = cotangents(actual, rng)
    backward(actual, [from_numpy(each) for each in given])
    torch.autograd.backward(expected, [torch.tensor(each) for each in given])
    for one, two in zip(mine, other, strict=True):
        check(one.grad, two.grad, TOLERANCE[dtype])


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.second],
    ids=[case.name for case in CASES if case.second],
)
def test_second_derivatives(case: Case, rng: np.random.Generator) -> None:
    """The gradient of the gradient, along a random direction, times a random cotangent."""
    arrays = case.arrays(rng)
    mine, other = [ours(each) for each in arrays], [theirs(each) for each in arrays]
    actual = differentiable(flat(case.call(minitorch, *mine)))
    expected = differentiable(flat(case.call(torch, *other)))
    if not actual:
        return
    given = cotangents(actual, rng)
    first = grad(actual, mine, [ours(each) for each in given], create_graph=True)
    reference = torch.autograd.grad(
        expected, other, [theirs(each) for each in given], create_graph=True
    )
    for one, two in zip(first, reference, strict=True):
        check(one, two, TOLERANCE["float64"])
    directions = cotangents(first, rng)
    pairs = [
        (one, two, direction)
        for one, two, direction in zip(first, reference, directions, strict=True)
        if one.requires_grad and two.requires_grad
    ]
    if not pairs:
        return
    ones, twos, along = zip(*pairs, strict=True)
    second = grad(ones, mine, [from_numpy(each) for each in along], allow_unused=True)
    reference = torch.autograd.grad(
        twos, other, [torch.tensor(each) for each in along], allow_unused=True
    )
    for one, two, array in zip(second, reference, arrays, strict=True):
        zeros = np.zeros_like(array)
        check(
            from_numpy(zeros) if one is None else one,
            torch.tensor(zeros) if two is None else two,
            1e-10,
        )


OVER_DIMS: dict[str, Call] = {
    "sum": lambda m, x, d, k: m.sum(x, d, k),
    "nansum": lambda m, x, d, k: m.nansum(x, d, k),
    "mean": lambda m, x, d, k: m.mean(x, d, k),
    "var": lambda m, x, d, k: m.var(x, d, correction=0, keepdim=k),
    "std": lambda m, x, d, k: m.std(x, d, correction=0.5, keepdim=k),
    "amax": lambda m, x, d, k: m.amax(x, d, k),
    "amin": lambda m, x, d, k: m.amin(x, d, k),
    "logsumexp": lambda m, x, d, k: m.logsumexp(x, d, k),
    "norm": lambda m, x, d, k: m.norm(x, 3, d, k),
    "all": lambda m, x, d, k: m.all(x, d, k),
    "any": lambda m, x, d, k: m.any(x, d, k),
}
ALONG_ONE: dict[str, Call] = {
    "prod": lambda m, x, d, k: m.prod(x, d, k),
    "max": lambda m, x, d, k: m.max(x, d, k),
    "min": lambda m, x, d, k: m.min(x, d, k),
    "median": lambda m, x, d, k: m.median(x, d, k),
    "kthvalue": lambda m, x, d, k: m.kthvalue(x, 1, d, k),
    "argmax": lambda m, x, d, k: m.argmax(x, d, k),
    "topk": lambda m, x, d, k: m.topk(x, 1, d, k),
    "sort": lambda m, x, d, k: m.sort(x, d, k),
    "argsort": lambda m, x, d, k: m.argsort(x, d, k),
    "cummax": lambda m, x, d, k: m.cummax(x, d),
    "cumsum": lambda m, x, d, k: m.cumsum(x, d),
    "cumprod": lambda m, x, d, k: m.cumprod(x, d),
    "logcumsumexp": lambda m, x, d, k: m.logcumsumexp(x, d),
    "softmax": lambda m, x, d, k: m.softmax(x, d),
    "log_softmax": lambda m, x, d, k: m.log_softmax(x, d),
}


@pytest.mark.parametrize("name", [*OVER_DIMS, *ALONG_ONE])
def test_random_shapes_and_dimensions(name: str, rng: np.random.Generator) -> None:
    for _ in range(20):
        ndim = int(rng.integers(1, 5))
        array = rng.standard_normal(tuple(rng.integers(1, 4, ndim)))
        dims = tuple(rng.permutation(ndim)[: rng.integers(1, ndim + 1)].tolist())
        dims = tuple(dim - ndim if rng.random() < 0.5 else dim for dim in dims)
        keepdim = bool(rng.integers(2))
        call, dim = (OVER_DIMS[name], dims) if name in OVER_DIMS else (ALONG_ONE[name], dims[0])
        mine, other = ours(array, "strided"), theirs(array)
        actual = flat(call(minitorch, mine, dim, keepdim))
        expected = flat(call(torch, other, dim, keepdim))
        for one, two in zip(actual, expected, strict=True):
            check(one, two, 1e-11)
        if not actual[0].requires_grad:
            continue
        cotangent = cotangents(actual, rng)[0]
        backward(actual[0], from_numpy(cotangent))
        expected[0].backward(torch.tensor(cotangent))
        check(mine.grad, other.grad, 1e-11)


INTEGERS: list[tuple[str, Call]] = [
    ("sum", lambda m, x: m.sum(x)),
    ("sum-dim", lambda m, x: m.sum(x, 1)),
    ("sum-float", lambda m, x: m.sum(x, dtype=m.float32)),
    ("sum-int32", lambda m, x: m.sum(x, dtype=m.int32)),
    ("nansum", lambda m, x: m.nansum(x, 0)),
    ("mean-float", lambda m, x: m.mean(x, dtype=m.float32)),
    ("prod", lambda m, x: m.prod(x, 0)),
    ("max", lambda m, x: m.max(x)),
    ("max-dim", lambda m, x: m.max(x, 1)),
    ("min-dim", lambda m, x: m.min(x, 0)),
    ("amax", lambda m, x: m.amax(x, 0)),
    ("aminmax", lambda m, x: m.aminmax(x)),
    ("sort", lambda m, x: m.sort(x, stable=True, dim=1, descending=True)),
    ("argsort", lambda m, x: m.argsort(x, dim=1, stable=True)),
    ("cummax", lambda m, x: m.cummax(x, 1)),
    ("cumsum", lambda m, x: m.cumsum(x, 1)),
    ("cumprod", lambda m, x: m.cumprod(x, 1)),
    ("all", lambda m, x: m.all(x, 1)),
    ("any", lambda m, x: m.any(x)),
    ("count_nonzero", lambda m, x: m.count_nonzero(x, 1)),
    ("logsumexp", lambda m, x: m.logsumexp(x, 1)),
    ("softmax", lambda m, x: m.softmax(x, 1, dtype=m.float64)),
    ("unique", lambda m, x: m.unique(x, return_inverse=True, return_counts=True)),
]
NOT_BOOL: list[tuple[str, Call]] = [
    ("argmax", lambda m, x: m.argmax(x, 1)),
    ("median", lambda m, x: m.median(x)),
    ("kthvalue", lambda m, x: m.kthvalue(x, 1)[0]),
    ("topk", lambda m, x: m.topk(x, 2)[0]),
    ("bincount", lambda m, x: m.bincount(x[0])),
]


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "int32", "int64"])
@pytest.mark.parametrize(
    ("name", "call"), INTEGERS + NOT_BOOL, ids=[case[0] for case in INTEGERS + NOT_BOOL]
)
def test_integers(name: str, call: Call, dtype: str, rng: np.random.Generator) -> None:
    array = rng.integers(0, 4, (3, 4)).astype(dtype)
    if dtype == "bool" and (name, call) in NOT_BOOL:
        with pytest.raises((RuntimeError, NotImplementedError)) as expected:
            call(torch, torch.tensor(array))
        with pytest.raises(expected.type):
            call(minitorch, from_numpy(array))
        return
    actual, expected = (
        call(minitorch, from_numpy(array)),
        call(torch, torch.tensor(array)),
    )
    for one, two in zip(flat(actual), flat(expected), strict=True):
        check(one, two, 1e-6)


@pytest.mark.parametrize("weights", [None, "float32", "float64", "int64"])
@pytest.mark.parametrize("minlength", [0, 3, 9])
def test_bincount(weights: str | None, minlength: int, rng: np.random.Generator) -> None:
    array = rng.integers(0, 6, 20)
    given = None if weights is None else (rng.standard_normal(20) * 9).astype(weights)
    actual = minitorch.bincount(
        from_numpy(array),
        None if given is None else from_numpy(given),
        minlength,
    )
    expected = torch.bincount(
        torch.tensor(array), None if given is None else torch.tensor(given), minlength
    )
    check(actual, expected, 1e-6)


# A tensor of shape (2, 3), one without rows, one without dimensions, and one of integers.
ERRORS: list[tuple[str, Call]] = [
    ("sum-range", lambda m, x, e, z, i: m.sum(x, 2)),
    ("sum-negative-range", lambda m, x, e, z, i: m.sum(x, -3)),
    ("sum-0d-range", lambda m, x, e, z, i: m.sum(z, 1)),
    ("sum-twice", lambda m, x, e, z, i: m.sum(x, (0, -2))),
    ("sum-0d-twice", lambda m, x, e, z, i: m.sum(z, (0, -1))),
    ("sum-float-dim", lambda m, x, e, z, i: m.sum(x, 1.0)),
    ("sum-bool-dim", lambda m, x, e, z, i: m.sum(x, True)),
    ("sum-str-dim", lambda m, x, e, z, i: m.sum(x, "a")),
    ("mean-integers", lambda m, x, e, z, i: m.mean(i)),
    ("mean-to-integers", lambda m, x, e, z, i: m.mean(x, dtype=m.int64)),
    ("prod-dims", lambda m, x, e, z, i: m.prod(x, (0, 1))),
    ("var-integers", lambda m, x, e, z, i: m.var(i)),
    ("var-both", lambda m, x, e, z, i: m.var(x, 0, unbiased=True, correction=1)),
    ("var-twice", lambda m, x, e, z, i: m.var(x, (1, 1))),
    ("std-range", lambda m, x, e, z, i: m.std(x, 7)),
    ("max-empty", lambda m, x, e, z, i: m.max(e)),
    ("max-empty-dim", lambda m, x, e, z, i: m.max(e, 0)),
    ("max-range", lambda m, x, e, z, i: m.max(x, 3)),
    ("max-dims", lambda m, x, e, z, i: m.max(x, (0, 1))),
    ("max-float", lambda m, x, e, z, i: m.max(x, 2.0)),
    ("max-keepdim-alone", lambda m, x, e, z, i: m.max(x, keepdim=True)),
    ("max-binary-keepdim", lambda m, x, e, z, i: m.max(x, x, True)),
    ("min-empty", lambda m, x, e, z, i: m.min(e)),
    ("amax-empty", lambda m, x, e, z, i: m.amax(e)),
    ("amax-empty-dim", lambda m, x, e, z, i: m.amax(e, 0)),
    ("amin-twice", lambda m, x, e, z, i: m.amin(x, (0, 0))),
    ("aminmax-empty", lambda m, x, e, z, i: m.aminmax(e)),
    ("aminmax-empty-dim", lambda m, x, e, z, i: m.aminmax(e, dim=0)),
    ("argmax-empty", lambda m, x, e, z, i: m.argmax(e)),
    ("argmax-empty-dim", lambda m, x, e, z, i: m.argmax(e, 0)),
    ("argmax-range", lambda m, x, e, z, i: m.argmax(x, 2)),
    ("argmax-float", lambda m, x, e, z, i: m.argmax(x, 1.0)),
    ("median-empty-dim", lambda m, x, e, z, i: m.median(e, 0)),
    ("median-range", lambda m, x, e, z, i: m.median(x, 2)),
    ("kthvalue-zero", lambda m, x, e, z, i: m.kthvalue(x, 0)),
    ("kthvalue-large", lambda m, x, e, z, i: m.kthvalue(x, 4)),
    ("kthvalue-empty", lambda m, x, e, z, i: m.kthvalue(e, 1, 0)),
    ("topk-large", lambda m, x, e, z, i: m.topk(x, 4)),
    ("topk-negative", lambda m, x, e, z, i: m.topk(x, -1)),
    ("topk-range", lambda m, x, e, z, i: m.topk(x, 1, 5)),
    ("sort-range", lambda m, x, e, z, i: m.sort(x, 2)),
    ("argsort-range", lambda m, x, e, z, i: m.argsort(x, 2)),
    ("cummax-range", lambda m, x, e, z, i: m.cummax(x, 2)),
    ("unique-range", lambda m, x, e, z, i: m.unique(x, dim=2)),
    ("unique-0d", lambda m, x, e, z, i: m.unique(z, dim=0)),
    ("unique-empty", lambda m, x, e, z, i: m.unique(e, dim=1)),
    ("all-range", lambda m, x, e, z, i: m.all(x, 2)),
    ("any-twice", lambda m, x, e, z, i: m.any(x, (0, 0))),
    ("count_nonzero-range", lambda m, x, e, z, i: m.count_nonzero(x, 2)),
    ("bincount-float", lambda m, x, e, z, i: m.bincount(x[0])),
    ("bincount-2d", lambda m, x, e, z, i: m.bincount(i)),
    ("bincount-negative", lambda m, x, e, z, i: m.bincount(i[0] * -1)),
    ("bincount-weights", lambda m, x, e, z, i: m.bincount(i[0], x)),
    ("bincount-minlength", lambda m, x, e, z, i: m.bincount(i[0], minlength=-1)),
    ("cumsum-range", lambda m, x, e, z, i: m.cumsum(x, 2)),
    ("cumprod-none", lambda m, x, e, z, i: m.cumprod(x, None)),
    ("logcumsumexp-integers", lambda m, x, e, z, i: m.logcumsumexp(i, 0)),
    ("logsumexp-none", lambda m, x, e, z, i: m.logsumexp(x, None)),
    ("logsumexp-twice", lambda m, x, e, z, i: m.logsumexp(x, (0, 0))),
    ("softmax-integers", lambda m, x, e, z, i: m.softmax(i, 0)),
    ("softmax-range", lambda m, x, e, z, i: m.softmax(x, 2)),
    ("softmax-none", lambda m, x, e, z, i: m.softmax(x, None)),
    ("log_softmax-to-integers", lambda m, x, e, z, i: m.log_softmax(x, 0, dtype=m.int64)),
    ("norm-integers", lambda m, x, e, z, i: m.norm(i)),
    ("norm-unknown", lambda m, x, e, z, i: m.norm(x, "foo")),
    ("norm-empty-inf", lambda m, x, e, z, i: m.norm(e, INF)),
    ("norm-empty-dim", lambda m, x, e, z, i: m.norm(e, -1, 0)),
    ("norm-range", lambda m, x, e, z, i: m.norm(x, 2, 5)),
]


@pytest.mark.parametrize(("name", "call"), ERRORS, ids=[case[0] for case in ERRORS])
def test_errors(name: str, call: Call) -> None:
    arrays = [np.ones((2, 3)), np.ones((0, 3)), np.ones(()), np.ones((2, 3), np.int64)]
    with pytest.raises(Exception) as expected:
        call(torch, *(torch.tensor(array) for array in arrays))
    with pytest.raises(expected.type) as actual:
        call(minitorch, *(from_numpy(array) for array in arrays))
    assert actual.type is expected.type


@pytest.mark.parametrize("values", [[2.0], [2.0, 5.0, 3.0]])
@pytest.mark.parametrize("function", ["var", "std"])
@pytest.mark.parametrize("correction", [1, 3, 5])
def test_too_few_degrees_of_freedom(function: str, correction: int, values: list[float]) -> None:
    mine, other = ours(np.array(values)), theirs(np.array(values))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        actual = getattr(minitorch, function)(mine, 0, correction=correction)
    with warnings.catch_warnings(record=True) as expected_warnings:
        warnings.simplefilter("always")
        expected = getattr(torch, function)(other, 0, correction=correction)
    assert [each.category for each in caught] == [each.category for each in expected_warnings]
    check(actual, expected, 1e-12)
    backward(actual)
    expected.backward()
    check(mine.grad, other.grad, 1e-12)


NAMES: list[tuple[str, Call]] = [
    ("sum", lambda m, x: m.sum(x)),
    ("sum-dim", lambda m, x: m.sum(x, 0)),
    ("nansum", lambda m, x: m.nansum(x)),
    ("mean", lambda m, x: m.mean(x)),
    ("mean-dim", lambda m, x: m.mean(x, 0)),
    ("prod", lambda m, x: m.prod(x)),
    ("prod-dim", lambda m, x: m.prod(x, 0)),
    ("var", lambda m, x: m.var(x)),
    ("std", lambda m, x: m.std(x, 0)),
    ("max", lambda m, x: m.max(x)),
    ("max-dim", lambda m, x: m.max(x, 0)[0]),
    ("min", lambda m, x: m.min(x)),
    ("min-dim", lambda m, x: m.min(x, 0)[0]),
    ("amax", lambda m, x: m.amax(x)),
    ("amin", lambda m, x: m.amin(x)),
    ("median", lambda m, x: m.median(x)),
    ("median-dim", lambda m, x: m.median(x, 0)[0]),
    ("kthvalue", lambda m, x: m.kthvalue(x, 1)[0]),
    ("topk", lambda m, x: m.topk(x, 1)[0]),
    ("sort", lambda m, x: m.sort(x)[0]),
    ("cummax", lambda m, x: m.cummax(x, 0)[0]),
    ("cummin", lambda m, x: m.cummin(x, 0)[0]),
    ("cumsum", lambda m, x: m.cumsum(x, 0)),
    ("cumprod", lambda m, x: m.cumprod(x, 0)),
    ("logsumexp", lambda m, x: m.logsumexp(x, 0)),
    ("logcumsumexp", lambda m, x: m.logcumsumexp(x, 0)),
    ("softmax", lambda m, x: m.softmax(x, 0)),
    ("log_softmax", lambda m, x: m.log_softmax(x, 0)),
    ("norm", lambda m, x: m.norm(x)),
    ("norm-1", lambda m, x: m.norm(x, 1, 0)),
]


@pytest.mark.parametrize(("name", "call"), NAMES, ids=[case[0] for case in NAMES])
def test_names_of_recorded_calls(name: str, call: Call) -> None:
    array = np.arange(6.0).reshape(2, 3)
    assert call(minitorch, ours(array)).grad_fn.name() == call(torch, theirs(array)).grad_fn.name()


def test_norm_0_has_no_gradient() -> None:
    mine, other = ours(np.array([0.0, 2.0])), theirs(np.array([0.0, 2.0]))
    backward(minitorch.norm(mine, 0))
    torch.norm(other, 0).backward()
    assert mine.grad is None
    assert other.grad is None


@pytest.mark.parametrize(
    "call",
    [lambda m, x, i: m.unique(x), lambda m, x, i: m.bincount(i, x)],
    ids=["unique", "bincount"],
)
def test_no_derivative(call: Call) -> None:
    array, integers = np.array([1.0, 2.0]), np.array([0, 1])
    with pytest.raises(RuntimeError) as error:
        call(torch, theirs(array), torch.tensor(integers)).sum().backward()
    with pytest.raises(error.type):
        call(minitorch, ours(array), from_numpy(integers)).sum().backward()


@pytest.mark.parametrize("given", [[1.0, 2.0], None, "a"], ids=["list", "None", "str"])
@pytest.mark.parametrize("name", ["sum", "mean", "max", "std", "argmax", "sort", "all", "nonzero"])
def test_what_is_no_tensor(name: str, given: Any) -> None:
    for library in (minitorch, torch):
        with pytest.raises(TypeError):
            getattr(library, name)(given)


@pytest.mark.parametrize("name", ["max", "min"])
def test_error_names_the_function(name: str) -> None:
    with pytest.raises(RuntimeError, match=rf"^{name}\(\): Expected reduction dim"):
        getattr(minitorch, name)(minitorch.tensor([]))
