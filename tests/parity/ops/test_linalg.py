"""Compares matrix operators with PyTorch's: values, dtypes, shapes, two derivatives, errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from minitorch import from_numpy
from minitorch.autograd.engine import backward, grad

TOLERANCE = {"float64": 1e-12, "float32": 1e-5, "float16": 5e-3}
NAN = float("nan")

Call = Callable[..., Any]
Case = tuple[str, Call, list[tuple[int, ...]]]

CASES: list[Case] = [
    ("matmul-1-1", lambda m, x, y: m.matmul(x, y), [(3,), (3,)]),
    ("matmul-2-1", lambda m, x, y: m.matmul(x, y), [(2, 3), (3,)]),
    ("matmul-1-2", lambda m, x, y: m.matmul(x, y), [(3,), (3, 2)]),
    ("matmul-2-2", lambda m, x, y: m.matmul(x, y), [(2, 3), (3, 4)]),
    ("matmul-3-1", lambda m, x, y: m.matmul(x, y), [(5, 2, 3), (3,)]),
    ("matmul-1-3", lambda m, x, y: m.matmul(x, y), [(3,), (5, 3, 2)]),
    ("matmul-3-2", lambda m, x, y: m.matmul(x, y), [(5, 2, 3), (3, 4)]),
    ("matmul-2-3", lambda m, x, y: m.matmul(x, y), [(2, 3), (5, 3, 4)]),
    ("matmul-3-3", lambda m, x, y: m.matmul(x, y), [(5, 2, 3), (5, 3, 4)]),
    ("matmul-broadcast", lambda m, x, y: m.matmul(x, y), [(5, 1, 2, 3), (4, 3, 2)]),
    ("matmul-broadcast-1", lambda m, x, y: m.matmul(x, y), [(1, 2, 3), (4, 3, 2)]),
    ("matmul-4-1", lambda m, x, y: m.matmul(x, y), [(5, 2, 4, 3), (3,)]),
    ("matmul-1-4", lambda m, x, y: m.matmul(x, y), [(3,), (5, 2, 3, 4)]),
    ("matmul-empty", lambda m, x, y: m.matmul(x, y), [(2, 0), (0, 3)]),
    ("matmul-empty-rows", lambda m, x, y: m.matmul(x, y), [(0, 2), (2, 3)]),
    ("matmul-empty-vector", lambda m, x, y: m.matmul(x, y), [(0,), (0,)]),
    ("matmul-empty-batch", lambda m, x, y: m.matmul(x, y), [(0, 2, 3), (3, 4)]),
    ("matmul-empty-inner", lambda m, x, y: m.matmul(x, y), [(2, 3, 0), (2, 0, 4)]),
    ("mm", lambda m, x, y: m.mm(x, y), [(2, 3), (3, 4)]),
    ("mm-self", lambda m, x: m.mm(x, x), [(3, 3)]),
    ("mv", lambda m, x, y: m.mv(x, y), [(2, 3), (3,)]),
    ("bmm", lambda m, x, y: m.bmm(x, y), [(5, 2, 3), (5, 3, 4)]),
    ("dot", lambda m, x, y: m.dot(x, y), [(4,), (4,)]),
    ("vdot", lambda m, x, y: m.vdot(x, y), [(4,), (4,)]),
    ("inner-vectors", lambda m, x, y: m.inner(x, y), [(4,), (4,)]),
    ("inner", lambda m, x, y: m.inner(x, y), [(2, 3, 4), (5, 4)]),
    ("inner-vector", lambda m, x, y: m.inner(x, y), [(2, 3), (3,)]),
    ("inner-0d", lambda m, x, y: m.inner(x, y), [(), (2, 3)]),
    ("outer", lambda m, x, y: m.outer(x, y), [(2,), (3,)]),
    ("addmm", lambda m, a, x, y: m.addmm(a, x, y), [(2, 4), (2, 3), (3, 4)]),
    ("addmm-row", lambda m, a, x, y: m.addmm(a, x, y, beta=2, alpha=-3), [(4,), (2, 3), (3, 4)]),
    ("addmm-column", lambda m, a, x, y: m.addmm(a, x, y, alpha=0.5), [(2, 1), (2, 3), (3, 4)]),
    ("addmm-0d", lambda m, a, x, y: m.addmm(a, x, y), [(), (2, 3), (3, 4)]),
    ("addmm-no-input", lambda m, a, x, y: m.addmm(a * NAN, x, y, beta=0), [(4,), (2, 3), (3, 4)]),
    ("addmv", lambda m, a, x, y: m.addmv(a, x, y, beta=0.5, alpha=2), [(2,), (2, 3), (3,)]),
    ("addmv-0d", lambda m, a, x, y: m.addmv(a, x, y), [(), (2, 3), (3,)]),
    ("baddbmm", lambda m, a, x, y: m.baddbmm(a, x, y), [(5, 2, 4), (5, 2, 3), (5, 3, 4)]),
    ("baddbmm-row", lambda m, a, x, y: m.baddbmm(a, x, y, beta=3), [(4,), (5, 2, 3), (5, 3, 4)]),
    ("einsum-matmul", lambda m, x, y: m.einsum("ij,jk->ik", x, y), [(2, 3), (3, 4)]),
    ("einsum-implicit", lambda m, x, y: m.einsum("ij,jk", x, y), [(2, 3), (3, 4)]),
    ("einsum-spaces", lambda m, x, y: m.einsum("ij , jk -> ki", x, y), [(2, 3), (3, 4)]),
    ("einsum-list", lambda m, x, y: m.einsum("ij,jk", [x, y]), [(2, 3), (3, 4)]),
    ("einsum-batch", lambda m, x, y: m.einsum("bij,bkj->bik", x, y), [(5, 2, 3), (5, 4, 3)]),
    ("einsum-all", lambda m, x, y: m.einsum("ij,ij->", x, y), [(2, 3), (2, 3)]),
    ("einsum-outer", lambda m, x, y: m.einsum("i,j->ji", x, y), [(2,), (3,)]),
    ("einsum-transpose", lambda m, x: m.einsum("ij->ji", x), [(2, 3)]),
    ("einsum-alphabetical", lambda m, x: m.einsum("ba", x), [(2, 3)]),
    ("einsum-upper-case", lambda m, x: m.einsum("bA", x), [(2, 3)]),
    ("einsum-sum", lambda m, x: m.einsum("ijk->j", x), [(2, 3, 4)]),
    ("einsum-0d", lambda m, x, y: m.einsum(",ij->ij", x, y), [(), (2, 3)]),
    ("einsum-alone", lambda m, x, y: m.einsum("ij,k->k", x, y), [(2, 3), (4,)]),
    (
        "einsum-three",
        lambda m, x, y, z: m.einsum("ij,jk,kl->il", x, y, z),
        [(2, 3), (3, 4), (4, 2)],
    ),
    (
        "einsum-bilinear",
        lambda m, x, w, y: m.einsum("bi,oij,bj->bo", x, w, y),
        [(5, 2), (3, 2, 4), (5, 4)],
    ),
    ("einsum-trace", lambda m, x: m.einsum("ii", x), [(3, 3)]),
    ("einsum-diagonal", lambda m, x: m.einsum("ii->i", x), [(3, 3)]),
    ("einsum-diagonal-middle", lambda m, x, y: m.einsum("iji,j->ij", x, y), [(3, 2, 3), (2,)]),
    ("einsum-thrice", lambda m, x: m.einsum("iii->i", x), [(3, 3, 3)]),
    ("einsum-ellipsis", lambda m, x, y: m.einsum("...ij,jk->...ik", x, y), [(5, 6, 2, 3), (3, 4)]),
    ("einsum-ellipses", lambda m, x, y: m.einsum("...a,...b->b...", x, y), [(2, 1, 4), (3, 5)]),
    (
        "einsum-ellipsis-implicit",
        lambda m, x, y: m.einsum("b...i,b...i", x, y),
        [(5, 2, 3), (5, 2, 3)],
    ),
    ("einsum-ellipsis-summed", lambda m, x: m.einsum("...ij->ij", x), [(5, 2, 3)]),
    ("einsum-ellipsis-empty", lambda m, x: m.einsum("ij...->...ji", x), [(2, 3)]),
    ("einsum-size-1", lambda m, x, y: m.einsum("ij,ij->ij", x, y), [(2, 3), (1, 3)]),
    ("einsum-size-1-summed", lambda m, x, y: m.einsum("ij,ij->", x, y), [(2, 3), (1, 3)]),
    ("einsum-size-1-contracted", lambda m, x, y: m.einsum("ij,jk->ik", x, y), [(2, 3), (1, 4)]),
    ("einsum-empty", lambda m, x, y: m.einsum("ij,jk->ik", x, y), [(2, 0), (0, 4)]),
    ("einsum-numbers", lambda m, x, y: m.einsum(x, [0, 1], y, [2, 1], [0, 2]), [(2, 3), (4, 3)]),
    (
        "einsum-numbers-implicit",
        lambda m, x, y: m.einsum(x, [0, ...], y, [..., 0]),
        [(2, 3), (3, 2)],
    ),
    ("tensordot", lambda m, x, y: m.tensordot(x, y), [(5, 2, 3), (2, 3, 4)]),
    ("tensordot-1", lambda m, x, y: m.tensordot(x, y, 1), [(2, 3), (3, 4)]),
    ("tensordot-0", lambda m, x, y: m.tensordot(x, y, 0), [(2, 3), (4,)]),
    (
        "tensordot-lists",
        lambda m, x, y: m.tensordot(x, y, ([0, -1], [1, 0])),
        [(2, 5, 3), (3, 2, 4)],
    ),
    ("tensordot-size-1", lambda m, x, y: m.tensordot(x, y, ([1], [1])), [(2, 3), (2, 1)]),
    ("kron", lambda m, x, y: m.kron(x, y), [(2, 3), (3, 2)]),
    ("kron-ndim", lambda m, x, y: m.kron(x, y), [(2,), (3, 2, 2)]),
    ("kron-0d", lambda m, x, y: m.kron(x, y), [(), (3, 2)]),
    ("tril", lambda m, x: m.tril(x), [(3, 4)]),
    ("tril-batch", lambda m, x: m.tril(x, diagonal=-1), [(2, 4, 3)]),
    ("triu", lambda m, x: m.triu(x), [(3, 4)]),
    ("triu-offset", lambda m, x: m.triu(x, 2), [(2, 4, 3)]),
    ("diag-vector", lambda m, x: m.diag(x), [(3,)]),
    ("diag-vector-offset", lambda m, x: m.diag(x, -2), [(3,)]),
    ("diag-matrix", lambda m, x: m.diag(x, 1), [(3, 4)]),
    ("diag-outside", lambda m, x: m.diag(x, 5), [(3, 4)]),
    ("diag-empty", lambda m, x: m.diag(x), [(0,)]),
    ("diagonal", lambda m, x: m.diagonal(x), [(3, 4)]),
    ("diagonal-offset", lambda m, x: m.diagonal(x, -1), [(3, 4)]),
    ("diagonal-dims", lambda m, x: m.diagonal(x, 1, -1, 0), [(3, 4, 2)]),
    ("diagonal-outside", lambda m, x: m.diagonal(x, offset=9), [(3, 4)]),
    ("trace", lambda m, x: m.trace(x), [(3, 4)]),
    ("trace-empty", lambda m, x: m.trace(x), [(0, 4)]),
]
BY_NAME = pytest.mark.parametrize(
    ("name", "call", "shapes"), CASES, ids=[case[0] for case in CASES]
)


def ours(array: np.ndarray, layout: str = "contiguous") -> Any:
    """A leaf of the framework; `strided` is a view with gaps, its dimensions reversed."""
    if layout == "strided" and array.ndim:
        spread = np.zeros((*array.T.shape, 2), array.dtype)
        spread[..., 1] = array.T
        array = spread[..., 1].T
    return from_numpy(array).requires_grad_(array.dtype.kind == "f")


def theirs(array: np.ndarray) -> torch.Tensor:
    return torch.tensor(array, requires_grad=array.dtype.kind == "f")


def numpy(tensor: Any) -> np.ndarray:
    return tensor.array if isinstance(tensor, minitorch.Tensor) else tensor.numpy(force=True)


def check(actual: Any, expected: Any, tolerance: float) -> None:
    actual, expected = numpy(actual), numpy(expected)
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


def random(shapes: Sequence[tuple[int, ...]], rng: np.random.Generator) -> list[np.ndarray]:
    return [np.asarray(rng.standard_normal(shape)) for shape in shapes]


@BY_NAME
@pytest.mark.parametrize(
    ("dtype", "layout"),
    [
        ("float64", "contiguous"),
        ("float64", "strided"),
        ("float32", "strided"),
        ("float16", "contiguous"),
    ],
)
def test_values_and_gradients(
    name: str,
    call: Call,
    shapes: list[tuple[int, ...]],
    dtype: str,
    layout: str,
    rng: np.random.Generator,
) -> None:
    arrays = [each.astype(dtype) for each in random(shapes, rng)]
    mine, other = [ours(each, layout) for each in arrays], [theirs(each) for each in arrays]
    actual, expected = call(minitorch, *mine), call(torch, *other)
    check(actual, expected, TOLERANCE[dtype])
    cotangent = random([expected.shape], rng)[0].astype(dtype)
    backward(actual, from_numpy(cotangent))
    expected.backward(torch.tensor(cotangent))
    for one, two in zip(mine, other, strict=True):
        check(one.grad, two.grad, TOLERANCE[dtype])


@BY_NAME
def test_second_derivatives(
    name: str, call: Call, shapes: list[tuple[int, ...]], rng: np.random.Generator
) -> None:
    arrays = random(shapes, rng)
    mine, other = [ours(each) for each in arrays], [theirs(each) for each in arrays]
    actual, expected = call(minitorch, *mine), call(torch, *other)
    cotangent = random([expected.shape], rng)[0]
    first = grad(actual, mine, ours(cotangent), create_graph=True)
    reference = torch.autograd.grad(expected, other, theirs(cotangent), create_graph=True)
    directions = random([each.shape for each in reference], rng)
    for one, two in zip(first, reference, strict=True):
        check(one, two, 1e-12)
    second = grad(first, mine, [from_numpy(each) for each in directions], allow_unused=True)
    reference = torch.autograd.grad(
        reference, other, [torch.tensor(each) for each in directions], allow_unused=True
    )
    for one, two, array in zip(second, reference, arrays, strict=True):
        zeros = np.zeros_like(array)
        check(
            from_numpy(zeros) if one is None else one,
            torch.tensor(zeros) if two is None else two,
            1e-11,
        )


def test_random_batches(rng: np.random.Generator) -> None:
    """Matrix products of every number of dimensions, with batches that broadcast."""
    for _ in range(60):
        n, k, m = rng.integers(0, 4, 3).tolist()
        batch = tuple(rng.integers(1, 4, 3).tolist())
        first = tuple(1 if rng.random() < 0.3 else size for size in batch)[rng.integers(0, 4) :]
        second = tuple(1 if rng.random() < 0.3 else size for size in batch)[rng.integers(0, 4) :]
        first += (k,) if not first and rng.random() < 0.5 else (n, k)
        second += (k,) if not second and rng.random() < 0.5 else (k, m)
        arrays = random([first, second], rng)
        mine, other = [ours(each, "strided") for each in arrays], [theirs(each) for each in arrays]
        actual, expected = minitorch.matmul(*mine), torch.matmul(*other)
        check(actual, expected, 1e-12)
        cotangent = random([expected.shape], rng)[0]
        backward(actual, from_numpy(cotangent))
        expected.backward(torch.tensor(cotangent))
        for one, two in zip(mine, other, strict=True):
            check(one.grad, two.grad, 1e-12)


INTEGERS: list[Case] = [
    ("matmul", lambda m, x, y: m.matmul(x, y), [(2, 3), (3, 4)]),
    ("matmul-3", lambda m, x, y: m.matmul(x, y), [(5, 2, 3), (5, 3, 4)]),
    ("mv", lambda m, x, y: m.mv(x, y), [(2, 3), (3,)]),
    ("dot", lambda m, x, y: m.dot(x, y), [(3,), (3,)]),
    ("addmm", lambda m, a, x, y: m.addmm(a, x, y, beta=2), [(4,), (2, 3), (3, 4)]),
    ("addmm-beta", lambda m, a, x, y: m.addmm(a, x, y, beta=0.5), [(4,), (2, 3), (3, 4)]),
    ("outer", lambda m, x, y: m.outer(x, y), [(2,), (3,)]),
    ("kron", lambda m, x, y: m.kron(x, y), [(2, 3), (3, 2)]),
    ("einsum", lambda m, x, y: m.einsum("ij,jk->ik", x, y), [(2, 3), (3, 4)]),
    ("einsum-sum", lambda m, x: m.einsum("ij->i", x), [(2, 3)]),
    ("tensordot", lambda m, x, y: m.tensordot(x, y), [(5, 2, 3), (2, 3, 4)]),
    ("tril", lambda m, x: m.tril(x), [(3, 4)]),
    ("diag", lambda m, x: m.diag(x, 1), [(3,)]),
    ("trace", lambda m, x: m.trace(x), [(3, 4)]),
]


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "int32", "int64"])
@pytest.mark.parametrize(("name", "call", "shapes"), INTEGERS, ids=[case[0] for case in INTEGERS])
def test_integers(
    name: str,
    call: Call,
    shapes: list[tuple[int, ...]],
    dtype: str,
    rng: np.random.Generator,
) -> None:
    arrays = [rng.integers(0, 3, shape).astype(dtype) for shape in shapes]
    try:
        expected = call(torch, *(torch.tensor(array) for array in arrays))
    except NotImplementedError:
        with pytest.raises(NotImplementedError):
            call(minitorch, *(from_numpy(array) for array in arrays))
        return
    check(call(minitorch, *(from_numpy(array) for array in arrays)), expected, 0)


# x is (2, 3), v is (3), b is (2, 3, 4), z has no dimensions, d is (2, 3) in another dtype.
ERRORS: list[tuple[str, Call]] = [
    ("matmul-2-2", lambda m, x, v, b, z, d: m.matmul(x, x)),
    ("matmul-2-1", lambda m, x, v, b, z, d: m.matmul(x, x[0][:2])),
    ("matmul-1-2", lambda m, x, v, b, z, d: m.matmul(v, x)),
    ("matmul-1-1", lambda m, x, v, b, z, d: m.matmul(v, v[:2])),
    ("matmul-3-1", lambda m, x, v, b, z, d: m.matmul(b, v)),
    ("matmul-3-2", lambda m, x, v, b, z, d: m.matmul(b, x)),
    ("matmul-1-3", lambda m, x, v, b, z, d: m.matmul(v[:2], b)),
    ("matmul-3-3", lambda m, x, v, b, z, d: m.matmul(b, b)),
    ("matmul-0d", lambda m, x, v, b, z, d: m.matmul(z, x)),
    ("matmul-by-0d", lambda m, x, v, b, z, d: m.matmul(x, z)),
    ("matmul-number", lambda m, x, v, b, z, d: m.matmul(x, 3)),
    ("matmul-dtype", lambda m, x, v, b, z, d: m.matmul(x, d.T)),
    ("matmul-dtype-3", lambda m, x, v, b, z, d: m.matmul(b.mT, d)),
    ("mm-vector", lambda m, x, v, b, z, d: m.mm(x, v)),
    ("mm-shapes", lambda m, x, v, b, z, d: m.mm(x, x)),
    ("mm-dtype", lambda m, x, v, b, z, d: m.mm(d, x.T)),
    ("mv-matrix", lambda m, x, v, b, z, d: m.mv(x, x)),
    ("mv-shapes", lambda m, x, v, b, z, d: m.mv(x, v[:2])),
    ("mv-dtype", lambda m, x, v, b, z, d: m.mv(d, v)),
    ("bmm-matrices", lambda m, x, v, b, z, d: m.bmm(x, x)),
    ("bmm-batches", lambda m, x, v, b, z, d: m.bmm(b, b.mT[:1])),
    ("bmm-shapes", lambda m, x, v, b, z, d: m.bmm(b, b)),
    ("dot-matrix", lambda m, x, v, b, z, d: m.dot(x, v)),
    ("dot-shapes", lambda m, x, v, b, z, d: m.dot(v, v[:2])),
    ("dot-dtype", lambda m, x, v, b, z, d: m.dot(v, d[0])),
    ("vdot-shapes", lambda m, x, v, b, z, d: m.vdot(v, v[:2])),
    ("inner-shapes", lambda m, x, v, b, z, d: m.inner(x, v[:2])),
    ("inner-dtype", lambda m, x, v, b, z, d: m.inner(x, d)),
    ("outer-matrix", lambda m, x, v, b, z, d: m.outer(x, v)),
    ("addmm-shapes", lambda m, x, v, b, z, d: m.addmm(x, x, x)),
    ("addmm-input", lambda m, x, v, b, z, d: m.addmm(v, x, x.T)),
    ("addmm-input-ndim", lambda m, x, v, b, z, d: m.addmm(b, x, x.T)),
    ("addmm-dtype", lambda m, x, v, b, z, d: m.addmm(d[0][:2], x, x.T)),
    ("addmm-number", lambda m, x, v, b, z, d: m.addmm(1, x, x.T)),
    ("addmv-shapes", lambda m, x, v, b, z, d: m.addmv(v, x, x[0][:2])),
    ("addmv-input", lambda m, x, v, b, z, d: m.addmv(v, x, v)),
    ("baddbmm-input", lambda m, x, v, b, z, d: m.baddbmm(x, b, b.mT)),
    ("baddbmm-shapes", lambda m, x, v, b, z, d: m.baddbmm(z, b, b)),
    ("einsum-nothing", lambda m, x, v, b, z, d: m.einsum("ij->ij")),
    ("einsum-few", lambda m, x, v, b, z, d: m.einsum("ij,jk->ik", x)),
    ("einsum-many", lambda m, x, v, b, z, d: m.einsum("ij->ij", x, x)),
    ("einsum-ndim", lambda m, x, v, b, z, d: m.einsum("ijk->ij", x)),
    ("einsum-ndim-ellipsis", lambda m, x, v, b, z, d: m.einsum("...ijk->ij", x)),
    ("einsum-sizes", lambda m, x, v, b, z, d: m.einsum("ij,jk->ik", x, x)),
    ("einsum-diagonal", lambda m, x, v, b, z, d: m.einsum("ii->i", x)),
    ("einsum-output", lambda m, x, v, b, z, d: m.einsum("ij->ik", x)),
    ("einsum-output-twice", lambda m, x, v, b, z, d: m.einsum("ij->iji", x)),
    ("einsum-subscript", lambda m, x, v, b, z, d: m.einsum("i1->i", x)),
    ("einsum-dot", lambda m, x, v, b, z, d: m.einsum("i.j->ij", x)),
    ("einsum-two-ellipses", lambda m, x, v, b, z, d: m.einsum("......ij->ij", x)),
    ("einsum-two-arrows", lambda m, x, v, b, z, d: m.einsum("ij->i->j", x)),
    ("einsum-dtype", lambda m, x, v, b, z, d: m.einsum("ij,ij->i", x, d)),
    ("einsum-number", lambda m, x, v, b, z, d: m.einsum(x, [0, 52])),
    ("tensordot-sizes", lambda m, x, v, b, z, d: m.tensordot(x, x, 1)),
    ("tensordot-negative", lambda m, x, v, b, z, d: m.tensordot(x, x, -1)),
    ("tensordot-many", lambda m, x, v, b, z, d: m.tensordot(x, x, 3)),
    ("tensordot-lists", lambda m, x, v, b, z, d: m.tensordot(x, x, ([0], [0, 1]))),
    ("tensordot-range", lambda m, x, v, b, z, d: m.tensordot(x, x, ([2], [0]))),
    ("tensordot-dtype", lambda m, x, v, b, z, d: m.tensordot(x, d, 2)),
    ("tril-vector", lambda m, x, v, b, z, d: m.tril(v)),
    ("triu-0d", lambda m, x, v, b, z, d: m.triu(z)),
    ("diag-0d", lambda m, x, v, b, z, d: m.diag(z)),
    ("diag-3d", lambda m, x, v, b, z, d: m.diag(b)),
    ("diagonal-same", lambda m, x, v, b, z, d: m.diagonal(x, 0, 1, -1)),
    ("diagonal-range", lambda m, x, v, b, z, d: m.diagonal(x, 0, 0, 2)),
    ("diagonal-vector", lambda m, x, v, b, z, d: m.diagonal(v)),
    ("trace-vector", lambda m, x, v, b, z, d: m.trace(v)),
]


@pytest.mark.parametrize(("name", "call"), ERRORS, ids=[case[0] for case in ERRORS])
def test_errors(name: str, call: Call) -> None:
    arrays = [np.ones(shape) for shape in [(2, 3), (3,), (2, 3, 4), ()]]
    arrays.append(np.ones((2, 3), np.float32))
    with pytest.raises(Exception) as expected:
        call(torch, *(torch.tensor(array) for array in arrays))
    with pytest.raises(expected.type) as actual:
        call(minitorch, *(from_numpy(array) for array in arrays))
    assert actual.type is expected.type


NAMES: list[Case] = [
    ("mm", lambda m, x, y: m.matmul(x, y), [(2, 3), (3, 4)]),
    ("mv", lambda m, x, y: m.matmul(x, y), [(2, 3), (3,)]),
    ("dot", lambda m, x, y: m.matmul(x, y), [(3,), (3,)]),
    ("bmm", lambda m, x, y: m.bmm(x, y), [(5, 2, 3), (5, 3, 4)]),
    ("vdot", lambda m, x, y: m.vdot(x, y), [(3,), (3,)]),
    ("outer", lambda m, x, y: m.outer(x, y), [(3,), (2,)]),
    ("addmm", lambda m, a, x, y: m.addmm(a, x, y), [(4,), (2, 3), (3, 4)]),
    ("addmv", lambda m, a, x, y: m.addmv(a, x, y), [(2,), (2, 3), (3,)]),
    ("baddbmm", lambda m, a, x, y: m.baddbmm(a, x, y), [(4,), (5, 2, 3), (5, 3, 4)]),
    ("tril", lambda m, x: m.tril(x), [(2, 3)]),
    ("triu", lambda m, x: m.triu(x), [(2, 3)]),
    ("diag-vector", lambda m, x: m.diag(x), [(3,)]),
    ("diag-matrix", lambda m, x: m.diag(x), [(3, 2)]),
    ("diagonal", lambda m, x: m.diagonal(x), [(3, 2)]),
    ("trace", lambda m, x: m.trace(x), [(3, 3)]),
]


@pytest.mark.parametrize(("name", "call", "shapes"), NAMES, ids=[case[0] for case in NAMES])
def test_names_of_recorded_calls(name: str, call: Call, shapes: list[tuple[int, ...]]) -> None:
    arrays = [np.ones(shape) for shape in shapes]
    actual = call(minitorch, *(ours(array) for array in arrays))
    expected = call(torch, *(theirs(array) for array in arrays))
    assert actual.grad_fn.name() == expected.grad_fn.name()


@pytest.mark.parametrize(
    "call",
    [
        lambda m, x: m.diagonal(x),
        lambda m, x: m.diag(x),
        lambda m, x: m.tril(x),
        lambda m, x: m.einsum("ij->ji", x),
        lambda m, x: m.einsum("ii->i", x),
    ],
)
def test_results_that_share_memory(call: Call) -> None:
    """A change of the input is seen in the result exactly where it is in PyTorch's."""
    mine, other = from_numpy(np.ones((3, 3))), torch.ones(3, 3, dtype=torch.float64)
    actual, expected = call(minitorch, mine), call(torch, other)
    mine.array[...] = 5
    other.fill_(5)
    check(actual, expected, 0)


def test_a_diagonal_is_written_through() -> None:
    mine, other = (
        from_numpy(np.zeros((2, 3, 3))),
        torch.zeros(2, 3, 3, dtype=torch.float64),
    )
    minitorch.diagonal(mine, 1, 1, 2).array[...] = 7
    torch.diagonal(other, 1, 1, 2).fill_(7)
    check(mine, other, 0)
