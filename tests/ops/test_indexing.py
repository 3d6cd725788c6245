"""Indexing, picking and placing: literal results, derivatives, arrays, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.autograd.gradcheck import gradcheck, gradgradcheck
from minitorch.ops import indexing

TWO_ROWS = np.arange(6.0).reshape(2, 3)
CUBE = np.arange(24.0).reshape(2, 3, 4)
MASK = np.array([[True, False, True], [False, False, True]])
AT = np.array([[0, 0, 1]])

# index into CUBE, expected: worked out by hand from element [i, j, k] = 12 i + 4 j + k
READ: dict[str, tuple[Any, Any]] = {
    "ints": ((1, 2, -1), 23),
    "slices": ((1, slice(1, None), slice(0, None, 3)), [[16, 19], [20, 23]]),
    "ellipsis": ((..., 0), [[0, 4, 8], [12, 16, 20]]),
    "none": ((0, None, 0, None, slice(2)), [[[0, 1]]]),
    "list": ((0, [2, 0, 2], 1), [9, 1, 9]),
    "pair": (([0, 1], [1, 2], 3), [7, 23]),
    "int_is_taken_first": ((0, slice(None, 2), [0, 3]), [[0, 3], [4, 7]]),
    "pair_apart": (([0, 1], slice(None, 2), [0, 3]), [[0, 4], [15, 19]]),
    "broadcast": (([[0], [1]], 0, [1, 2]), [[1, 2], [13, 14]]),
    "mask": ((MASK, 0), [0, 8, 20]),
    "mask_last": ((0, 0, np.array([True, False, False, True])), [0, 3]),
    "mask_and_list": ((0, np.array([True, False, True]), [1, 2]), [1, 10]),
    "nothing": (([], 0, 0), []),
    "true": ((True, 0, 0, 0), [0]),
    "false": ((False, 0, 0, 0), []),
}


@pytest.mark.parametrize("case", READ)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_getitem(case: str, dtype: str) -> None:
    index, expected = READ[case]
    array = CUBE.astype(dtype)
    result = minitorch.tensor(array)[index]
    np.testing.assert_array_equal(result.array, np.array(expected, dtype), strict=True)
    from_array = indexing.getitem(array, index)  # type: ignore[arg-type]
    assert type(from_array) is np.ndarray
    np.testing.assert_array_equal(from_array, result.array, strict=True)


@pytest.mark.parametrize("case", READ)
def test_setitem(case: str) -> None:
    index, expected = READ[case]
    x = minitorch.tensor(CUBE)
    x[index] = -1
    changed = set(np.array(expected).reshape(-1).tolist())
    for number, now in zip(CUBE.reshape(-1), x.array.reshape(-1), strict=True):
        assert now == (-1 if number in changed else number)


# call on arrays, expected
LITERAL: dict[str, tuple[Callable[..., Any], list[Any], Any]] = {
    "gather": (lambda x, at: indexing.gather(x, 0, at), [TWO_ROWS, AT], [[0, 1, 5]]),
    "scatter": (
        lambda x, at, y: indexing.scatter(x, 0, at, y),
        [TWO_ROWS, AT, np.array([[7.0, 8.0, 9.0]])], [[7, 8, 2], [3, 4, 9]],
    ),
    "scatter_value": (
        lambda x, at: indexing.scatter(x, 0, at, 7), [TWO_ROWS, AT], [[7, 7, 2], [3, 4, 7]],
    ),
    "scatter_add_reduction": (
        lambda x, at: indexing.scatter(x, 0, at, 7, reduce="add"),
        [TWO_ROWS, AT], [[7, 8, 2], [3, 4, 12]],
    ),
    "scatter_multiply": (
        lambda x, at: indexing.scatter(x, 0, at, 2, reduce="multiply"),
        [TWO_ROWS, AT], [[0, 2, 2], [3, 4, 10]],
    ),
    "scatter_add": (
        lambda x, at, y: indexing.scatter_add(x, 1, at, y),
        [TWO_ROWS, AT, np.array([[7.0, 8.0, 9.0]])], [[15, 10, 2], [3, 4, 5]],
    ),
    "scatter_sum": (
        lambda x, at, y: indexing.scatter_reduce(x, 1, at, y, "sum", include_self=False),
        [TWO_ROWS, AT, np.array([[7.0, 8.0, 9.0]])], [[15, 9, 2], [3, 4, 5]],
    ),
    "scatter_mean": (
        lambda x, at, y: indexing.scatter_reduce(x, 1, at, y, "mean"),
        [TWO_ROWS, AT, np.array([[7.0, 8.0, 9.0]])], [[5, 5, 2], [3, 4, 5]],
    ),
    "scatter_prod": (
        lambda x, at, y: indexing.scatter_reduce(x, 1, at, y, "prod", include_self=False),
        [TWO_ROWS, AT, np.array([[7.0, 8.0, 9.0]])], [[56, 9, 2], [3, 4, 5]],
    ),
    "scatter_amax": (
        lambda x, at, y: indexing.scatter_reduce(x, 1, at, y, "amax"),
        [TWO_ROWS, AT, np.array([[-7.0, -8.0, 9.0]])], [[0, 9, 2], [3, 4, 5]],
    ),
    "scatter_amin": (
        lambda x, at, y: indexing.scatter_reduce(x, 1, at, y, "amin", include_self=False),
        [TWO_ROWS, AT, np.array([[7.0, 8.0, 9.0]])], [[7, 9, 2], [3, 4, 5]],
    ),
    "index_select": (
        lambda x, at: indexing.index_select(x, 1, at),
        [TWO_ROWS, np.array([2, 0])], [[2, 0], [5, 3]],
    ),
    "index_add": (
        lambda x, at, y: indexing.index_add(x, 0, at, y, alpha=2),
        [TWO_ROWS, np.array([1, 1]), np.ones((2, 3))], [[0, 1, 2], [7, 8, 9]],
    ),
    "index_copy": (
        lambda x, at, y: indexing.index_copy(x, 1, at, y),
        [TWO_ROWS, np.array([1]), np.array([[8.0], [9.0]])], [[0, 8, 2], [3, 9, 5]],
    ),
    "index_fill": (
        lambda x, at: indexing.index_fill(x, 1, at, 7),
        [TWO_ROWS, np.array([0, -1])], [[7, 1, 7], [7, 4, 7]],
    ),
    "masked_fill": (
        lambda x, at: indexing.masked_fill(x, at, 7), [TWO_ROWS, MASK], [[7, 1, 7], [3, 4, 7]],
    ),
    "masked_select": (lambda x, at: indexing.masked_select(x, at), [TWO_ROWS, MASK], [0, 2, 5]),
    "masked_scatter": (
        lambda x, at, y: indexing.masked_scatter(x, at, y),
        [TWO_ROWS, MASK, np.array([7.0, 8.0, 9.0, 10.0])], [[7, 1, 8], [3, 4, 9]],
    ),
    "take": (lambda x, at: indexing.take(x, at), [TWO_ROWS, np.array([[0, -1]])], [[0, 5]]),
    "take_along_dim": (
        lambda x, at: indexing.take_along_dim(x, at, 1), [TWO_ROWS, np.array([[-1]])], [[2], [5]],
    ),
    "repeat_interleave": (
        lambda x, at: indexing.repeat_interleave(x, at, 1),
        [TWO_ROWS, np.array([0, 2, 1])], [[1, 1, 2], [4, 4, 5]],
    ),
    "index_put": (
        lambda x, at, y: indexing.index_put(x, (at, at), y),
        [TWO_ROWS, np.array([0, 1]), np.array([7.0, 8.0])], [[7, 1, 2], [3, 8, 5]],
    ),
    "index_put_adds": (
        lambda x, at, y: indexing.index_put(x, (at,), y, accumulate=True),
        [TWO_ROWS, np.array([1, 1]), np.array([7.0, 8.0, 9.0])], [[0, 1, 2], [17, 20, 23]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LITERAL)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_values(case: str, dtype: str) -> None:
    call, arrays, expected = LITERAL[case]
    given = [array.astype(dtype) if array.dtype.kind == "f" else array for array in arrays]
    before = [array.copy() for array in given]
    from_arrays = call(*given)
    assert type(from_arrays) is np.ndarray
    np.testing.assert_array_equal(from_arrays, np.array(expected, dtype), strict=True)
    from_tensors = call(*map(minitorch.tensor, given))
    assert isinstance(from_tensors, minitorch.Tensor)
    np.testing.assert_array_equal(from_tensors.array, from_arrays, strict=True)
    beside_arrays = call(minitorch.tensor(given[0]), *given[1:])
    assert isinstance(beside_arrays, minitorch.Tensor)
    for array, old in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, old)


def assigned(x: Any, index: Any, value: Any) -> Any:
    x = x.clone()
    x[index] = value
    return x


INT = np.array
# call, shapes of the inputs
DERIVATIVES: dict[str, tuple[Callable[..., Any], tuple[int, ...], tuple[int, ...]]] = {
    "slices": (lambda x, y: x[1, ..., ::2], (2, 3, 2), ()),
    "none": (lambda x, y: x[None, 1:, None], (2, 3), ()),
    "repeated": (lambda x, y: x[[1, 1, 0]], (2, 3), ()),
    "repeated_last": (lambda x, y: x[..., [1, 1, 0]], (2, 3), ()),
    "apart": (lambda x, y: x[[0, 1, 1], :, [1, 0, 0]], (2, 3, 2), ()),
    "apart_behind": (lambda x, y: x[:, [0, 1, 1], :, [1, 0, 0]], (2, 2, 2, 2), ()),
    "adjacent": (lambda x, y: x[:, [0, 1, 1], [1, 0, 0]], (2, 3, 2), ()),
    "negative": (lambda x, y: x[[-1, 1], [0, -3]], (2, 3), ()),
    "mask": (lambda x, y: x[MASK], (2, 3), ()),
    "mask_between": (lambda x, y: x[:, MASK[0], [1, 1]], (2, 3, 2), ()),
    "set_slice": (lambda x, y: assigned(x, slice(1, None), y), (3, 2), (2, 2)),
    "set_broadcast": (lambda x, y: assigned(x, (slice(None), 0), y), (3, 2), (1,)),
    "set_scalar": (lambda x, y: assigned(x, (1, 1), y), (3, 2), ()),
    "set_list": (lambda x, y: assigned(x, [2, 0], y), (3, 2), (2, 2)),
    "set_int_and_list": (lambda x, y: assigned(x, (0, slice(None), [1, 0]), y), (1, 3, 2), (3, 2)),
    "set_mask": (lambda x, y: assigned(x, MASK, y), (2, 3), (3,)),
    "set_leading_ones": (lambda x, y: assigned(x, 0, y), (2, 3), (1, 1, 3)),
    "gather": (lambda x, y: indexing.gather(x, 0, INT([[0, 0, 1], [1, 0, 1]])), (2, 3), ()),
    "scatter": (lambda x, y: indexing.scatter(x, 0, INT(AT), y), (2, 3), (2, 3)),
    "scatter_add": (lambda x, y: indexing.scatter_add(x, 1, INT(AT), y), (2, 3), (1, 3)),
    "scatter_sum": (
        lambda x, y: indexing.scatter_reduce(x, 1, INT(AT), y, "sum", include_self=False),
        (2, 3), (1, 3),
    ),
    "scatter_mean": (
        lambda x, y: indexing.scatter_reduce(x, 1, INT(AT), y, "mean"), (2, 3), (1, 3),
    ),
    "scatter_amax": (
        lambda x, y: indexing.scatter_reduce(x, 1, INT(AT), y, "amax"), (2, 3), (1, 3),
    ),
    "scatter_amin": (
        lambda x, y: indexing.scatter_reduce(x, 1, INT(AT), y, "amin", include_self=False),
        (2, 3), (1, 3),
    ),
    "index_select": (lambda x, y: indexing.index_select(x, 1, INT([2, 2, 0])), (2, 3), ()),
    "index_add": (
        lambda x, y: indexing.index_add(x, 1, INT([2, 2]), y, alpha=3), (2, 3), (2, 2),
    ),
    "index_copy": (lambda x, y: indexing.index_copy(x, 0, INT([1]), y), (2, 3), (1, 3)),
    "index_fill": (lambda x, y: indexing.index_fill(x, 1, INT([0, 0, 2]), y), (2, 3), ()),
    "masked_fill": (lambda x, y: indexing.masked_fill(x, MASK, y), (3,), ()),
    "masked_select": (lambda x, y: indexing.masked_select(x, MASK), (3,), ()),
    "masked_scatter": (lambda x, y: indexing.masked_scatter(x, MASK, y), (1, 3), (2, 2)),
    "take": (lambda x, y: indexing.take(x, INT([0, -1, 5])), (2, 3), ()),
    "take_along_dim": (lambda x, y: indexing.take_along_dim(x, INT([[0, -1]]), 1), (2, 3), ()),
    "repeat_interleave": (
        lambda x, y: indexing.repeat_interleave(x, INT([2, 0, 1]), 1), (2, 3), (),
    ),
    "index_put": (lambda x, y: indexing.index_put(x, (INT([1, 0]),), y), (2, 3), (3,)),
    "index_put_adds": (
        lambda x, y: indexing.index_put(x, (INT([1, 1]), INT([2, 2])), y, accumulate=True),
        (2, 3), (2,),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DERIVATIVES)
@pytest.mark.parametrize("layout", ["plain", "gaps", "reversed"])
def test_derivatives(case: str, layout: str, rng: np.random.Generator) -> None:
    call, *sizes = DERIVATIVES[case]
    points = tuple(leaf(rng, size, layout) for size in sizes)

    def squared(x: Any, y: Any) -> Any:  # so that the second derivative is not zero
        result = call(x, y)
        return result * result * y.sum()

    assert gradcheck(squared, points)
    if layout == "plain":
        assert gradgradcheck(squared, points)


def leaf(rng: np.random.Generator, size: tuple[int, ...], layout: str) -> minitorch.Tensor:
    """A random tensor that requires a gradient and lies in memory in some way."""
    if layout == "gaps" and size:
        array = rng.standard_normal((*size[:-1], 2 * size[-1]))[..., ::2]
    elif layout == "reversed":
        array = rng.standard_normal(size[::-1]).transpose()
    else:
        array = rng.standard_normal(size)
    return minitorch.from_numpy(np.asarray(array)).requires_grad_()


@pytest.mark.parametrize("zeros", [(), (0,), (0, 1), (2,), (0, 2)])
@pytest.mark.parametrize("include_self", [True, False])
def test_product_derivative_with_zeros(
    zeros: tuple[int, ...], include_self: bool, rng: np.random.Generator
) -> None:
    factors = rng.uniform(0.5, 2, 4)
    factors[list(zeros)] = 0
    x, y = (minitorch.tensor(part).requires_grad_() for part in (factors[:1], factors[1:]))
    at = np.array([0, 0, 0])
    assert gradcheck(
        lambda x, y: indexing.scatter_reduce(x, 0, at, y, "prod", include_self=include_self), (x, y)
    )


def test_product_has_no_second_derivative() -> None:
    x = minitorch.ones(2, requires_grad=True)
    y = indexing.scatter_reduce(x, 0, minitorch.tensor([0]), x[:1] * 2, "prod")
    with pytest.raises(NotImplementedError, match="ScatterMultiply"):
        minitorch.autograd.grad(y.sum(), x, create_graph=True)


def test_ties_share_the_gradient() -> None:
    x = minitorch.tensor([5.0], requires_grad=True)
    y = minitorch.tensor([5.0, 1.0, 5.0, 5.0], requires_grad=True)
    at = minitorch.tensor([0, 0, 0, 0])
    indexing.scatter_reduce(x, 0, at, y, "amax").sum().backward()
    assert x.grad is not None and y.grad is not None
    assert (x.grad.tolist(), y.grad.tolist()) == ([0.25], [0.25, 0, 0.25, 0.25])


def test_excluded_input_takes_no_share() -> None:
    """It plays no part in the result, even where it equals it."""
    x = minitorch.tensor([5.0], requires_grad=True)
    y = minitorch.tensor([5.0], requires_grad=True)
    at = minitorch.tensor([0])
    indexing.scatter_reduce(x, 0, at, y, "amax", include_self=False).sum().backward()
    assert x.grad is not None and y.grad is not None
    assert (x.grad.tolist(), y.grad.tolist()) == ([0], [1])


@pytest.mark.parametrize("repetitions", [1, 3, 200])
@pytest.mark.parametrize("width", [1, 70])
def test_gradient_of_many_rows(repetitions: int, width: int, rng: np.random.Generator) -> None:
    """Each way of adding rows: in rounds, one by one, and as numbers; against a loop."""
    rows = 600
    index = rng.permutation(np.repeat(np.arange(rows // repetitions), repetitions))
    gradient = rng.standard_normal((len(index), width))
    expected = np.zeros((700, width))
    for number, row in zip(index, gradient, strict=True):
        expected[number] += row
    x = minitorch.zeros(700, width, dtype=minitorch.float64, requires_grad=True)
    x[index - 700].backward(minitorch.tensor(gradient))
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.array, expected, rtol=1e-12)


def test_views_and_copies() -> None:
    x = minitorch.zeros(2, 3)
    for index in (0, (0, 1), slice(1), None, ..., (), minitorch.tensor(1)):
        assert np.shares_memory(x[index].array, x.array), index
    for index in ([0], minitorch.tensor([0]), minitorch.ones(2, 3) > 0, True):
        assert not np.shares_memory(x[index].array, x.array), index


def test_assignment_to_overlapping_memory() -> None:
    x = minitorch.arange(5)
    x[1:] = x[:-1]
    assert x.tolist() == [0, 0, 1, 2, 3]


def test_assignment_casts() -> None:
    x = minitorch.zeros(3, dtype=minitorch.int64)
    x[0], x[1] = 2.9, minitorch.tensor(-2.9)
    x[2:] = np.array([7.5])
    assert x.tolist() == [2, -2, 7]
    with np.errstate(all="raise"):
        x[0] = minitorch.tensor(float("nan"))


def test_assignment_takes_arrays_and_numpy_numbers() -> None:
    x = minitorch.zeros(2, 2)
    x[0] = np.array([1.0, 2.0])
    x[1, [0, 1]] = np.array([3.0, 4.0])
    x[0, 0] = np.float64(5)
    assert x.tolist() == [[5, 2], [3, 4]]
    assert x.dtype == minitorch.float32


def test_nonzero() -> None:
    x = minitorch.tensor([[0, 5], [6, 0]])
    assert x.nonzero().tolist() == [[0, 1], [1, 0]]
    assert [each.tolist() for each in x.nonzero(as_tuple=True)] == [[0, 1], [1, 0]]
    assert x.nonzero().dtype == minitorch.int64
    assert type(indexing.nonzero(np.ones(2))) is np.ndarray  # type: ignore[arg-type]
    assert indexing.repeat_interleave(minitorch.tensor([2, 0, 1])).tolist() == [0, 0, 2]


@pytest.mark.parametrize("call", [lambda x: x[[[0], [1]]], lambda x: x[[0, slice(None)]]])
def test_list_of_indices_warns(call: Callable[[Any], Any]) -> None:
    with pytest.warns(UserWarning, match=r"x\[tuple\(index\)\]"):
        call(minitorch.zeros(2, 3))


def test_byte_mask_warns() -> None:
    with pytest.warns(UserWarning, match="dtype bool"):
        picked = minitorch.tensor([1, 2])[minitorch.tensor([0, 1], dtype=minitorch.uint8)]
    assert picked.tolist() == [2]


X = minitorch.zeros(2, 3)
MESSAGES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: X[2], IndexError, "index 2 is out of bounds for dimension 0 with size 2"),
    (lambda: X[0, 0, 0], IndexError, "too many indices for tensor of dimension 2: got 3"),
    (lambda: X[1.5], IndexError, r"valid indices \(got float\)"),
    (lambda: X[::-1], ValueError, "step must be greater than zero, got -1"),
    (lambda: X[minitorch.tensor([0.5])], IndexError, "bool tensors, got float32"),
    (lambda: X[[5]], IndexError, "index 5 is out of bounds"),
    (lambda: X[[0], [0, 3]], IndexError, r"index 3 is out of bounds .*\(shape \[2, 3\]\)"),
    (lambda: assigned(X, 0, "a"), TypeError, "can't assign a str"),
    (lambda: assigned(X, 0, minitorch.zeros(2)), RuntimeError, r"shape \[2\] cannot be broadcast"),
    (
        lambda: assigned(X, [0], minitorch.tensor([1])),
        RuntimeError,
        "float32 for the destination and int64 for the source",
    ),
    (
        lambda: X.gather(0, minitorch.tensor([[2]])),
        RuntimeError,
        "index 2 is out of bounds for dimension 0 with size 2",
    ),
    (lambda: X.gather(0, minitorch.tensor([0])), RuntimeError, "got 1 and 2"),
    (lambda: X.masked_fill(X, 1), RuntimeError, "mask with dtype float32; compare with 0"),
    (lambda: X.take(minitorch.tensor([6])), IndexError, "index 6 is out of bounds"),
    (
        lambda: X.scatter_reduce(0, minitorch.tensor([[0]]), X, "median"),
        RuntimeError,
        "got median",
    ),
]


@pytest.mark.parametrize("number", range(len(MESSAGES)))
def test_messages(number: int) -> None:
    call, kind, message = MESSAGES[number]
    with pytest.raises(kind, match=message):
        call()
