"""Tests of `minitorch.ops.linalg`."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import Tensor
from minitorch.autograd.gradcheck import gradcheck, gradgradcheck

MATRIX = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


def tensor(data: Any, **options: Any) -> Tensor:
    return minitorch.tensor(data, dtype=minitorch.float64, **options)


def leaf(*shape: int) -> Tensor:
    """Random elements in memory of another order, with a gradient."""
    array = np.asarray(np.random.standard_normal(shape[::-1])).T
    return minitorch.from_numpy(array).requires_grad_()


def check(result: Any, expected: Any) -> None:
    """Compare values, to rounding, and shape."""
    assert isinstance(result, Tensor)
    np.testing.assert_allclose(result.array, expected, rtol=1e-12, atol=1e-12)
    assert result.array.shape == np.shape(expected)


def sum_of_products(equation: str, *arrays: np.ndarray) -> np.ndarray:
    """Einsum by its definition: a loop over every value of every letter."""
    left, output = equation.split("->")
    terms = left.split(",")
    sizes = {
        letter: size
        for term, array in zip(terms, arrays, strict=True)
        for letter, size in zip(term, array.shape, strict=True)
    }
    result = np.zeros([sizes[letter] for letter in output])
    for values in itertools.product(*(range(size) for size in sizes.values())):
        at = dict(zip(sizes, values, strict=True))
        factors = [
            array[tuple(at[letter] for letter in term)]
            for term, array in zip(terms, arrays, strict=True)
        ]
        result[tuple(at[letter] for letter in output)] += np.prod(factors)
    return result


# -- values -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (lambda x: x @ x.T, [[14.0, 32.0], [32.0, 77.0]]),
        (lambda x: x @ x[0], [14.0, 32.0]),
        (lambda x: x[:, 0] @ x, [17.0, 22.0, 27.0]),
        (lambda x: x[0] @ x[1], 32.0),
        (lambda x: x.mm(x.T), [[14.0, 32.0], [32.0, 77.0]]),
        (lambda x: x.mv(x[1]), [32.0, 77.0]),
        (lambda x: x.unsqueeze(0).bmm(x.T.unsqueeze(0)), [[[14.0, 32.0], [32.0, 77.0]]]),
        (lambda x: x[0].dot(x[1]), 32.0),
        (lambda x: x[0].vdot(x[1]), 32.0),
        (lambda x: x.inner(x[:1]), [[14.0], [32.0]]),
        (lambda x: x.inner(tensor(2.0)), [[2.0, 4.0, 6.0], [8.0, 10.0, 12.0]]),
        (lambda x: x[:, 0].outer(x[0]), [[1.0, 2.0, 3.0], [4.0, 8.0, 12.0]]),
        (lambda x: x[0, :2].addmm(x, x.T, beta=2, alpha=-1), [[-12.0, -28.0], [-30.0, -73.0]]),
        (lambda x: x[:, 0].addmv(x, x[0], beta=10), [24.0, 72.0]),
        (lambda x: tensor(1.0).baddbmm(x[None], x.T[None]), [[[15.0, 33.0], [33.0, 78.0]]]),
        (lambda x: minitorch.einsum("ij,kj->ik", x, x), [[14.0, 32.0], [32.0, 77.0]]),
        (lambda x: minitorch.tensordot(x, x, 2), 91.0),
        (lambda x: minitorch.tensordot(x, x, ([0], [0]))[0], [17.0, 22.0, 27.0]),
        (lambda x: x[:1, :2].kron(x[:, :1]), [[1.0, 2.0], [4.0, 8.0]]),
        (lambda x: x.tril(), [[1.0, 0.0, 0.0], [4.0, 5.0, 0.0]]),
        (lambda x: x.triu(1), [[0.0, 2.0, 3.0], [0.0, 0.0, 6.0]]),
        (lambda x: x.diag(), [1.0, 5.0]),
        (lambda x: x[0, :2].diag(-1), [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 2.0, 0.0]]),
        (lambda x: x.diagonal(1), [2.0, 6.0]),
        (lambda x: x.expand(2, 2, 3).diagonal(0, 0, 2), [[1.0, 2.0], [4.0, 5.0]]),
        (lambda x: x.trace(), 6.0),
    ],
)
def test_values(result: Callable[[Tensor], Tensor], expected: Any) -> None:
    check(result(tensor(MATRIX)), expected)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((3,), (3,)),
        ((3,), (3, 2)),
        ((3,), (4, 3, 2)),
        ((2, 3), (3,)),
        ((2, 3), (4, 3, 2)),
        ((4, 2, 3), (3,)),
        ((4, 2, 3), (3, 5)),
        ((4, 2, 3), (4, 3, 5)),
        ((4, 1, 2, 3), (6, 3, 5)),
        ((0, 2, 3), (3, 5)),
        ((2, 0), (0, 3)),
        ((4, 2, 0), (4, 0, 3)),
    ],
)
def test_matmul_against_numpy(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    """NumPy's rules for vectors and batches are the same."""
    x, y = leaf(*first), leaf(*second)
    check(x @ y, np.matmul(x.array, y.array))


@pytest.mark.parametrize(
    "equation",
    [
        "ij,jk->ik",
        "ij,jk->ki",
        "ij,jk->",
        "ij,kl->jl",
        "bij,bjk->bik",
        "ij->j",
        "ijk->kij",
        "i,j,k->kji",
        "ij,jk,kl->li",
        "ii->i",
        "iji->j",
        "iij,jj->i",
        ",ij->ji",
    ],
)
def test_einsum_against_its_definition(equation: str) -> None:
    sizes = dict(zip("bijkl", (2, 3, 4, 2, 5), strict=True))
    terms = equation.split("->")[0].split(",")
    arrays = [np.random.standard_normal([sizes[letter] for letter in term]) for term in terms]
    result = minitorch.einsum(equation, *(minitorch.from_numpy(np.asarray(a)) for a in arrays))
    check(result, sum_of_products(equation, *map(np.asarray, arrays)))


@pytest.mark.parametrize(
    ("equation", "same"),
    [
        ("ij,jk", "ij,jk->ik"),
        ("kj,ji", "kj,ji->ik"),
        ("ii", "ii->"),
        (" ij , jk -> ik ", "ij,jk->ik"),
        ("...j,jk", "ij,jk->ik"),
        ("...,...->...", "ij,ij->ij"),
    ],
)
def test_einsum_short_forms(equation: str, same: str) -> None:
    x = leaf(3, 3)
    operands = (x,) * (1 + equation.count(","))
    check(minitorch.einsum(equation, *operands), minitorch.einsum(same, list(operands)).array)


def test_einsum_with_numbers() -> None:
    x, y = leaf(2, 3), leaf(3, 4)
    check(minitorch.einsum(x, [5, 9], y, [9, 7], [7, 5]), (x.array @ y.array).T)
    check(minitorch.einsum(x, [..., 1], y, [1, 0]), x.array @ y.array)


# -- extreme values, dtypes, memory -------------------------------------------------------


@pytest.mark.parametrize(
    "product",
    [
        lambda x: x @ x,
        lambda x: x @ x[0],
        lambda x: x[0] @ x[0],
        lambda x: x.expand(2, 2, 2) @ x.expand(2, 2, 2),
        lambda x: x[0].outer(x[0]),
        lambda x: x.addmm(x, x),
        lambda x: minitorch.einsum("ij,jk->ik", x, x),
        lambda x: minitorch.tensordot(x, x, 1),
        lambda x: x.kron(x),
    ],
)
def test_overflow_is_silent(product: Callable[[Tensor], Tensor]) -> None:
    """Forward and backward give infinity or NaN without a warning."""
    x = minitorch.full((2, 2), 3e38, requires_grad=True)
    output = product(x)
    assert not minitorch.isfinite(output).any()
    output.sum().backward()


def test_half_precision_products_are_accurate() -> None:
    ones = minitorch.ones(1, 3000, dtype=minitorch.float16)
    for result in (ones @ ones.T, ones[0] @ ones[0], minitorch.einsum("ij,ij->", ones, ones)):
        assert result.dtype == minitorch.float16
        assert result.item() == 3000


def test_beta_of_zero_ignores_the_input() -> None:
    x = tensor(MATRIX)
    check(minitorch.addmm(tensor(np.nan), x, x.T, beta=0), [[14.0, 32.0], [32.0, 77.0]])


def test_integers() -> None:
    x = minitorch.tensor([[1, 2], [3, 4]], dtype=minitorch.int32)
    assert (x @ x).tolist() == [[7, 10], [15, 22]]
    assert (x @ x).dtype == minitorch.int32
    assert x.trace().dtype == minitorch.int64
    assert minitorch.addmm(x, x, x, beta=0.5).tolist() == [[7, 10], [15, 22]]


def test_a_diagonal_is_a_view() -> None:
    x = leaf(3, 3)
    y = x * 1
    y.diagonal().mul_(5)
    y.sum().backward()
    check(x.grad, np.ones((3, 3)) + 4 * np.eye(3))


def test_the_diagonal_of_diag_is_a_copy() -> None:
    x = tensor(MATRIX)
    x.diag().mul_(0)
    check(x, MATRIX)


def test_saved_operands_are_watched() -> None:
    x = tensor(MATRIX, requires_grad=True)
    y = tensor(MATRIX)
    output = x @ y.T
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        output.sum().backward()


# -- derivatives --------------------------------------------------------------------------

DIFFERENTIABLE: dict[str, tuple[Callable[..., Any], list[tuple[int, ...]]]] = {
    "matmul-1-1": (minitorch.matmul, [(3,), (3,)]),
    "matmul-1-2": (minitorch.matmul, [(3,), (3, 2)]),
    "matmul-2-1": (minitorch.matmul, [(2, 3), (3,)]),
    "matmul-2-2": (minitorch.matmul, [(2, 3), (3, 4)]),
    "matmul-1-3": (minitorch.matmul, [(3,), (2, 3, 2)]),
    "matmul-3-1": (minitorch.matmul, [(2, 2, 3), (3,)]),
    "matmul-3-2": (minitorch.matmul, [(2, 2, 3), (3, 2)]),
    "matmul-2-3": (minitorch.matmul, [(2, 3), (2, 3, 2)]),
    "matmul-broadcast": (minitorch.matmul, [(2, 1, 2, 3), (2, 3, 1)]),
    "mm-reused": (lambda x: x @ x @ x, [(2, 2)]),
    "mv": (minitorch.mv, [(2, 3), (3,)]),
    "bmm": (minitorch.bmm, [(2, 2, 3), (2, 3, 2)]),
    "dot": (minitorch.dot, [(3,), (3,)]),
    "inner": (minitorch.inner, [(2, 3), (2, 2, 3)]),
    "outer": (minitorch.outer, [(2,), (3,)]),
    "addmm": (
        lambda a, x, y: minitorch.addmm(a, x, y, beta=2, alpha=3),
        [(2,), (2, 3), (3, 2)],
    ),
    "addmv": (minitorch.addmv, [(1,), (2, 3), (3,)]),
    "baddbmm": (minitorch.baddbmm, [(2, 1), (2, 2, 3), (2, 3, 2)]),
    "einsum": (lambda x, y: minitorch.einsum("bij,bkj->bik", x, y), [(2, 2, 3), (2, 2, 3)]),
    "einsum-summed-alone": (lambda x, y: minitorch.einsum("ij,k->k", x, y), [(2, 3), (2,)]),
    "einsum-diagonal": (lambda x, y: minitorch.einsum("iji,j->i", x, y), [(2, 3, 2), (3,)]),
    "einsum-ellipsis": (
        lambda x, y: minitorch.einsum("...i,...ij->j...", x, y),
        [(2, 1, 2), (3, 2, 2)],
    ),
    "einsum-size-1": (lambda x, y: minitorch.einsum("ij,jk->k", x, y), [(2, 3), (1, 2)]),
    "tensordot": (lambda x, y: minitorch.tensordot(x, y, ([0, 2], [1, 0])), [(2, 3, 2), (2, 2)]),
    "kron": (minitorch.kron, [(2,), (2, 2)]),
    "tril": (lambda x: x.tril(-1) * x, [(3, 3)]),
    "triu": (lambda x: x.triu() * x, [(2, 2, 3)]),
    "diag-vector": (lambda x: x.diag(1) ** 2, [(3,)]),
    "diag-matrix": (lambda x: x.diag(-1) ** 2, [(3, 2)]),
    "diagonal": (lambda x: x.diagonal(1, 2, 0) ** 2, [(3, 2, 3)]),
    "trace": (lambda x: x.trace() * x, [(2, 3)]),
}


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_derivatives(name: str) -> None:
    function, shapes = DIFFERENTIABLE[name]
    leaves = tuple(leaf(*shape) for shape in shapes)
    assert gradcheck(function, leaves, atol=1e-7, rtol=1e-6)
    assert gradgradcheck(function, leaves, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("index", [0, 1])
def test_only_what_is_needed(index: int) -> None:
    """A constant operand has no gradient, and the other's is not changed by that."""
    operands = [tensor(MATRIX), tensor(MATRIX).T]
    operands[index].requires_grad_()
    (operands[0] @ operands[1]).sum().backward()
    assert operands[1 - index].grad is None
    check(operands[index].grad, [[[5.0, 7.0, 9.0]] * 2, [[5.0] * 2, [7.0] * 2, [9.0] * 2]][index])


# -- arrays -------------------------------------------------------------------------------

ON_ARRAYS: dict[str, Callable[..., Any]] = {
    "matmul": lambda x: minitorch.matmul(x, x),
    "matmul-1-2": lambda x: minitorch.matmul(x[0], x),
    "matmul-3-2": lambda x: minitorch.matmul(x[None], x),
    "matmul-1-1": lambda x: minitorch.matmul(x[0], x[1]),
    "mv": lambda x: minitorch.mv(x, x[0]),
    "bmm": lambda x: minitorch.bmm(x[None], x[None]),
    "inner": lambda x: minitorch.inner(x, x),
    "outer": lambda x: minitorch.outer(x[0], x[1]),
    "addmm": lambda x: minitorch.addmm(x, x, x, beta=2, alpha=3),
    "einsum": lambda x: minitorch.einsum("ij,jj->i", x, x),
    "tensordot": lambda x: minitorch.tensordot(x, x, 1),
    "kron": lambda x: minitorch.kron(x, x),
    "tril": lambda x: minitorch.tril(x),
    "diag": lambda x: minitorch.diag(x),
    "diag-vector": lambda x: minitorch.diag(x[0]),
    "diagonal": lambda x: minitorch.diagonal(x),
    "trace": lambda x: minitorch.trace(x),
}


@pytest.mark.parametrize("name", ON_ARRAYS)
def test_arrays_in_arrays_out(name: str) -> None:
    """The same numbers as with Tensors, and the array is not written to."""
    data = [[1.0, 2.0], [3.0, 4.0]]
    array = np.array(data)
    array.flags.writeable = False
    result = ON_ARRAYS[name](array)
    assert type(result) is np.ndarray
    np.testing.assert_array_equal(result, ON_ARRAYS[name](tensor(data)).array, strict=True)


def test_an_array_beside_a_tensor_is_a_constant() -> None:
    x = tensor(MATRIX, requires_grad=True)
    (x @ np.array([1.0, 2.0, 3.0])).sum().backward()
    check(x.grad, [[1.0, 2.0, 3.0]] * 2)


# -- errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: x @ x, RuntimeError, r"cannot be multiplied \(2x3 and 2x3\)"),
        (lambda x: x @ x[0, :2], RuntimeError, r"shape \[2, 3\] needs .* \[3\], got \[2\]"),
        (lambda x: x[0] @ x, RuntimeError, r"\(1x3 and 2x3\)"),
        (lambda x: x[0] @ x[0, :2], RuntimeError, r"shapes \[3\] and \[2\]"),
        (lambda x: x[None] @ x, RuntimeError, r"\(2x3 and 2x3\)"),
        (lambda x: x[None] @ x[None], RuntimeError, r"\[1, 2, 3\] and \[1, 2, 3\]"),
        (lambda x: x.expand(2, 2, 3) @ x.T.expand(3, 3, 2), RuntimeError, "must match"),
        (lambda x: x.sum() @ x, RuntimeError, "they are 0D and 2D"),
        (lambda x: x.matmul(3), TypeError, "expected a Tensor, got int"),
        (lambda x: x @ x.T.float(), RuntimeError, "same dtype, but got: float64 != float32"),
        (lambda x: x.bool() @ x.T.bool(), NotImplementedError, "bool"),
        (lambda x: x.mm(x[0]), RuntimeError, r"mat2 must be a matrix, got shape \[3\]"),
        (lambda x: x.mv(x), RuntimeError, "vec must be a vector"),
        (lambda x: x.bmm(x), RuntimeError, "batch1 must be a 3D tensor"),
        (lambda x: x[None].bmm(x.T.expand(2, 3, 2)), RuntimeError, "as many matrices"),
        (lambda x: x.dot(x[0]), RuntimeError, "got 2D and 1D"),
        (lambda x: x.inner(x[0, :2]), RuntimeError, r"shapes \[2, 3\] and \[2\]"),
        (lambda x: x.outer(x), RuntimeError, "self must be a vector"),
        (lambda x: x.addmm(x, x.T), RuntimeError, r"\[2, 3\] cannot be expanded .* \[2, 2\]"),
        (lambda x: x[0].float().addmm(x, x.T), RuntimeError, "got float32 and float64"),
        (lambda x: minitorch.einsum("ij,jk->ik", x, x), RuntimeError, "j has size 2 .* size 3"),
        (lambda x: minitorch.einsum("ij,jk->ik", x), RuntimeError, "fewer operands"),
        (lambda x: minitorch.einsum("ij->ij", x, x), RuntimeError, "more operands"),
        (lambda x: minitorch.einsum("ijk->i", x), RuntimeError, r"\(3\) does not match .* \(2\)"),
        (lambda x: minitorch.einsum("ii->i", x), RuntimeError, "3 != 2"),
        (lambda x: minitorch.einsum("ij->ik", x), RuntimeError, "k does not appear"),
        (lambda x: minitorch.einsum("ij->ii", x), RuntimeError, "more than once"),
        (lambda x: minitorch.einsum("i2->i", x), RuntimeError, "invalid subscript '2'"),
        (lambda x: minitorch.einsum("ij"), ValueError, "at least one operand"),
        (lambda x: minitorch.einsum(x, [0, 60]), ValueError, "got 60"),
        (lambda x: minitorch.tensordot(x, x, 1), RuntimeError, "size 3 in dim 1 .* 2 in dim 0"),
        (lambda x: minitorch.tensordot(x, x, 3), RuntimeError, "from 0 to 2, but got dims=3"),
        (lambda x: minitorch.tensordot(x, x, (0, 1)), TypeError, "two lists"),
        (lambda x: minitorch.tensordot(x, x, ([0], [0, 1])), RuntimeError, "same length"),
        (lambda x: x[0].tril(), RuntimeError, "at least 2 dimensions"),
        (lambda x: x[None].diag(), RuntimeError, "Got 3D"),
        (lambda x: x.diagonal(0, 1, -1), RuntimeError, "identical 1, -1"),
        (lambda x: x.diagonal(0, 0, 2), IndexError, "out of range"),
        (lambda x: x[0].trace(), RuntimeError, "dim 1"),
        (lambda x: x.bool().trace(), NotImplementedError, "bool"),
    ],
)
def test_errors(call: Callable[[Tensor], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(tensor(MATRIX))
