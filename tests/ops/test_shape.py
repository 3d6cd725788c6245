"""The operators of shape: literal results, derivatives, shared memory, arrays, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.autograd.gradcheck import gradcheck, gradgradcheck
from minitorch.ops import shape

ONE_TO_SIX = np.arange(1.0, 7.0).reshape(2, 3)

# call, input, expected: written out by hand
LITERAL: dict[str, tuple[Callable[[Any], Any], Any, Any]] = {
    "reshape": (lambda x: shape.reshape(x, 3, -1), ONE_TO_SIX, [[1, 2], [3, 4], [5, 6]]),
    "reshape_transposed": (lambda x: shape.reshape(shape.t(x), 6), ONE_TO_SIX, [1, 4, 2, 5, 3, 6]),
    "view": (lambda x: shape.view(x, 6), ONE_TO_SIX, [1, 2, 3, 4, 5, 6]),
    "unsqueeze": (lambda x: shape.unsqueeze(x, -1), [1.0, 2.0], [[1], [2]]),
    "squeeze": (lambda x: shape.squeeze(x), [[[1.0], [2.0]]], [1, 2]),
    "squeeze_one": (lambda x: shape.squeeze(x, 0), [[[1.0], [2.0]]], [[1], [2]]),
    "flatten": (lambda x: shape.flatten(x, 1), [[[1.0, 2.0], [3.0, 4.0]]], [[1, 2, 3, 4]]),
    "unflatten": (lambda x: shape.unflatten(x, 0, (2, -1)), [1.0, 2.0, 3.0, 4.0], [[1, 2], [3, 4]]),
    "transpose": (lambda x: shape.transpose(x, 0, 1), ONE_TO_SIX, [[1, 4], [2, 5], [3, 6]]),
    "permute": (
        lambda x: shape.permute(x, 1, 2, 0), [[[1.0, 2.0]], [[3.0, 4.0]]], [[[1, 3], [2, 4]]],
    ),
    "movedim": (lambda x: shape.movedim(x, 0, 2), [[[1.0, 2.0]], [[3.0, 4.0]]], [[[1, 3], [2, 4]]]),
    "numpy_transpose": (lambda x: shape.numpy_transpose(x), ONE_TO_SIX, [[1, 4], [2, 5], [3, 6]]),
    "matrix_transpose": (lambda x: shape.matrix_transpose(x), [[[1.0, 2.0]]], [[[1], [2]]]),
    "expand": (lambda x: shape.expand(x, -1, 3), [[1.0], [2.0]], [[1, 1, 1], [2, 2, 2]]),
    "cat": (lambda x: shape.cat([x, x], 1), [[1.0], [2.0]], [[1, 1], [2, 2]]),
    "stack": (lambda x: shape.stack([x, x], 1), [1.0, 2.0], [[1, 1], [2, 2]]),
    "hstack": (lambda x: shape.hstack([x, x]), [1.0, 2.0], [1, 2, 1, 2]),
    "vstack": (lambda x: shape.vstack([x, x]), [1.0, 2.0], [[1, 2], [1, 2]]),
    "dstack": (lambda x: shape.dstack([x, x]), [1.0, 2.0], [[[1, 1], [2, 2]]]),
    "column_stack": (lambda x: shape.column_stack([x, x]), [1.0, 2.0], [[1, 1], [2, 2]]),
    "split": (lambda x: shape.split(x, 2, 1)[1], ONE_TO_SIX, [[3], [6]]),
    "split_sections": (lambda x: shape.split(x, [1, 2], 1)[1], ONE_TO_SIX, [[2, 3], [5, 6]]),
    "chunk": (lambda x: shape.chunk(x, 2, 1)[0], ONE_TO_SIX, [[1, 2], [4, 5]]),
    "tensor_split": (lambda x: shape.tensor_split(x, (1,), 1)[1], ONE_TO_SIX, [[2, 3], [5, 6]]),
    "unbind": (lambda x: shape.unbind(x, 1)[1], ONE_TO_SIX, [2, 5]),
    "narrow": (lambda x: shape.narrow(x, 1, 1, 2), ONE_TO_SIX, [[2, 3], [5, 6]]),
    "select": (lambda x: shape.select(x, 1, -1), ONE_TO_SIX, [3, 6]),
    "repeat": (lambda x: shape.repeat(x, 2, 1, 2), [[1.0, 2.0]], [[[1, 2, 1, 2]], [[1, 2, 1, 2]]]),
    "tile": (lambda x: shape.tile(x, 2), [[1.0], [2.0]], [[1, 1], [2, 2]]),
    "flip": (lambda x: shape.flip(x, 0, 1), ONE_TO_SIX, [[6, 5, 4], [3, 2, 1]]),
    "roll": (lambda x: shape.roll(x, 1), ONE_TO_SIX, [[6, 1, 2], [3, 4, 5]]),
    "roll_dim": (lambda x: shape.roll(x, -1, 1), ONE_TO_SIX, [[2, 3, 1], [5, 6, 4]]),
    "rot90": (lambda x: shape.rot90(x), ONE_TO_SIX, [[3, 6], [2, 5], [1, 4]]),
    "unfold": (lambda x: shape.unfold(x, 1, 2, 1), ONE_TO_SIX[:1], [[[1, 2], [2, 3]]]),
    "meshgrid": (lambda x: shape.meshgrid(x, x, indexing="ij")[0], [1.0, 2.0], [[1, 1], [2, 2]]),
    "meshgrid_xy": (lambda x: shape.meshgrid(x, x, indexing="xy")[0], [1.0, 2.0], [[1, 2], [1, 2]]),
    "cartesian_prod": (
        lambda x: shape.cartesian_prod(x, x), [1.0, 2.0], [[1, 1], [1, 2], [2, 1], [2, 2]],
    ),
    "atleast_3d": (lambda x: shape.atleast_3d(x), [1.0, 2.0], [[[1], [2]]]),
}  # fmt: skip


@pytest.mark.parametrize("case", LITERAL)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool"])
def test_values(case: str, dtype: str) -> None:
    call, given, expected = LITERAL[case]
    array = np.array(given).astype(dtype)
    before = array.copy()
    result = call(minitorch.tensor(array))
    assert isinstance(result, minitorch.Tensor)
    np.testing.assert_array_equal(result.array, np.array(expected).astype(dtype), strict=True)
    from_array = call(array)
    assert type(from_array) is np.ndarray
    np.testing.assert_array_equal(from_array, result.array, strict=True)
    np.testing.assert_array_equal(array, before)


A232 = (2, 3, 2)
# call, shapes of the inputs
DERIVATIVES: dict[str, tuple[Callable[..., Any], tuple[int, ...], tuple[int, ...]]] = {
    "reshape": (lambda x, y: shape.reshape(x, 4, 3), A232, ()),
    "view": (lambda x, y: shape.view(shape.contiguous(x), -1, 2), A232, ()),
    "unsqueeze": (lambda x, y: shape.unsqueeze(x, 1), A232, ()),
    "squeeze": (lambda x, y: shape.squeeze(x), (2, 1, 3), ()),
    "flatten": (lambda x, y: shape.flatten(x, 1), A232, ()),
    "transpose": (lambda x, y: shape.transpose(x, 0, 2), A232, ()),
    "permute": (lambda x, y: shape.permute(x, 1, 2, 0), A232, ()),
    "movedim": (lambda x, y: shape.movedim(x, (0, 1), (2, 0)), A232, ()),
    "t": (lambda x, y: shape.t(x), (2, 3), ()),
    "contiguous": (lambda x, y: shape.contiguous(shape.t(x)), (2, 3), ()),
    "expand": (lambda x, y: shape.expand(x, 2, 3, 4), (3, 1), ()),
    "expand_scalar": (lambda x, y: shape.expand(x, 2, 2), (), ()),
    "broadcast_tensors": (lambda x, y: shape.broadcast_tensors(x, y), (3, 1), (2, 1, 2)),
    "cat": (lambda x, y: shape.cat([x, y, x], 1), (2, 3), (2, 1)),
    "cat_empty": (lambda x, y: shape.cat([x, y]), (2, 3), (0,)),
    "stack": (lambda x, y: shape.stack([x, y], 1), (2, 3), (2, 3)),
    "stack_scalars": (lambda x, y: shape.stack([x, y]), (), ()),
    "split": (lambda x, y: shape.split(x, 2, 1), (2, 5), ()),
    "split_used_partly": (lambda x, y: shape.split(x, 2, 1)[1], (2, 5), ()),
    "unbind": (lambda x, y: shape.unbind(x, 1), A232, ()),
    "unbind_used_partly": (lambda x, y: shape.unbind(x, 1)[2], A232, ()),
    "tensor_split": (lambda x, y: shape.tensor_split(x, (3, 1), 1), (2, 5), ()),
    "select": (lambda x, y: shape.select(x, 1, 2), A232, ()),
    "repeat": (lambda x, y: shape.repeat(x, 2, 1, 2), (2, 3), ()),
    "repeat_none": (lambda x, y: shape.repeat(x, 0, 2), (2, 3), ()),
    "flip": (lambda x, y: shape.flip(x, 0, 2), A232, ()),
    "roll": (lambda x, y: shape.roll(x, (1, -1), (0, 2)), A232, ()),
    "roll_flat": (lambda x, y: shape.roll(x, 5), A232, ()),
    "rot90": (lambda x, y: shape.rot90(x, -1, (0, 2)), A232, ()),
    "unfold": (lambda x, y: shape.unfold(x, 1, 3, 2), (2, 7), ()),
    "unfold_twice": (lambda x, y: shape.unfold(shape.unfold(x, 0, 2, 1), 1, 2, 2), (3, 5), ()),
    "meshgrid": (lambda x, y: shape.meshgrid(x, y, indexing="xy"), (2,), (3,)),
    "cartesian_prod": (lambda x, y: shape.cartesian_prod(x, y), (2,), (3,)),
}  # fmt: skip


@pytest.mark.parametrize("case", DERIVATIVES)
@pytest.mark.parametrize("layout", ["plain", "gaps", "reversed"])
def test_derivatives(case: str, layout: str, rng: np.random.Generator) -> None:
    call, *sizes = DERIVATIVES[case]
    points = tuple(leaf(rng, size, layout) for size in sizes)

    def squared(x: Any, y: Any) -> Any:  # so that the second derivative is not zero
        results = call(x, y)
        results = results if isinstance(results, tuple) else (results,)
        return tuple(each * each * y.sum() for each in results)

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


def test_backward_twice_without_retaining() -> None:
    """A view saves nothing, so its graph is not used up."""
    x = minitorch.ones(2, 3, requires_grad=True)
    y = x.reshape(3, 2).transpose(0, 1).unsqueeze(0).expand(2, 2, 3)[0, 1:]
    for _ in range(2):
        y.backward(minitorch.ones(1, 3))
    assert x.grad is not None
    assert x.grad.tolist() == [[0, 2, 0], [2, 0, 2]]


def test_only_needed_gradients() -> None:
    weight = minitorch.ones(2, requires_grad=True)
    (minitorch.cat([minitorch.zeros(2), weight]) * minitorch.arange(4)).sum().backward()
    assert weight.grad is not None
    assert weight.grad.tolist() == [2, 3]


def test_dtypes_are_promoted() -> None:
    half, single = minitorch.zeros(1, dtype=minitorch.float16), minitorch.zeros(1)
    integer, flag = minitorch.zeros(1, dtype=minitorch.int64), minitorch.zeros(1) > 0
    assert minitorch.cat([half, single]).dtype == minitorch.float32
    assert minitorch.cat([half, integer]).dtype == minitorch.float16
    assert minitorch.stack([flag, integer]).dtype == minitorch.int64
    assert minitorch.cat([flag, flag]).dtype == minitorch.bool


def test_gradients_have_their_inputs_dtype() -> None:
    single = minitorch.zeros(1, requires_grad=True)
    double = minitorch.zeros(1, dtype=minitorch.float64, requires_grad=True)
    minitorch.cat([single, double]).sum().backward()
    assert single.grad is not None and double.grad is not None
    assert (single.grad.dtype, double.grad.dtype) == (minitorch.float32, minitorch.float64)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x.reshape(-1),
        lambda x: x.view(3, 2),
        lambda x: x.unsqueeze(0),
        lambda x: x.t(),
        lambda x: x.permute(1, 0),
        lambda x: x.expand(2, 2, 3)[1],
        lambda x: x.split(2, 1)[0],
        lambda x: x.unbind(0)[0],
        lambda x: x.unfold(1, 2, 1),
        lambda x: x.narrow(0, 0, 1),
        lambda x: x.view(minitorch.int32),
    ],
)
def test_views_share_memory(call: Callable[[Any], Any]) -> None:
    x = minitorch.zeros(2, 3)
    view = call(x)
    assert np.shares_memory(view.array, x.array)
    x[0, 0] = 5
    assert view.array.reshape(-1)[0] != 0
    assert view._version == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x.t().reshape(-1),
        lambda x: x.t().contiguous(),
        lambda x: x.repeat(1, 1),
        lambda x: x.flip(()),
        lambda x: x.roll(0),
        lambda x: x.rot90(0),
        lambda x: minitorch.cat([x]),
        lambda x: minitorch.stack([x]),
    ],
)
def test_copies_do_not_share_memory(call: Callable[[Any], Any]) -> None:
    x = minitorch.zeros(2, 3)
    assert not np.shares_memory(call(x).array, x.array)


def test_row_of_an_expanded_tensor_is_writable() -> None:
    x = minitorch.zeros(3)
    x.expand(2, 3)[1] = 7
    assert x.tolist() == [7, 7, 7]


def test_bytes_of_another_dtype() -> None:
    x = minitorch.tensor([1.0, -2.0], requires_grad=True)
    bits = x.view(minitorch.int32)
    assert bits.tolist() == [0x3F800000, 0xC0000000 - (1 << 32)]  # IEEE 754
    assert bits.requires_grad is False
    assert np.array_equal(shape.view(x.array, np.dtype(np.int32)), bits.array)
    assert x.view(minitorch.float16).shape == (4,)


def test_empty_dimensions() -> None:
    x = minitorch.zeros(0, 3)
    assert x.reshape(3, 0, 2).shape == (3, 0, 2)
    assert x.expand(4, 0, 3).shape == (4, 0, 3)
    assert minitorch.cat([x, minitorch.ones(2, 3)]).shape == (2, 3)
    assert [tuple(part.shape) for part in x.split(2)] == [(0, 3)]
    assert x.repeat(2, 2).shape == (0, 6)
    assert x.flip(0).roll(1, 1).rot90().shape == (3, 0)


def test_what_comes_back_itself() -> None:
    x, matrix = minitorch.zeros(3), minitorch.zeros(2, 3)
    assert x.flatten() is x
    assert matrix.contiguous() is matrix
    assert shape.atleast_1d(x) is x


def test_meshgrid_warns_without_indexing() -> None:
    with pytest.warns(UserWarning, match='indexing="ij"'):
        rows, _ = minitorch.meshgrid(minitorch.arange(2), minitorch.arange(3))
    assert rows.tolist() == [[0, 0, 0], [1, 1, 1]]


X = minitorch.zeros(2, 3)
MESSAGES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: X.reshape(4, 2), RuntimeError, r"shape '\[4, 2\]' is invalid for input of size 6"),
    (lambda: X.reshape(-1, -1), RuntimeError, "only one dimension can be inferred"),
    (lambda: X.reshape(), TypeError, "missing the argument 'shape'"),
    (lambda: X.reshape(1.5), TypeError, "shape must be ints, got float: 1.5"),
    (lambda: X.t().view(6), RuntimeError, r"Use .reshape\(...\) instead"),
    (lambda: X.unsqueeze(3), IndexError, r"range of \[-3, 2\], but got 3"),
    (lambda: X.expand(4, 3), RuntimeError, r"\(4\) must match the existing size \(2\)"),
    (lambda: X.permute(0, 0), RuntimeError, r"duplicate dims are not allowed, got \[0, 0\]"),
    (lambda: minitorch.cat([]), ValueError, "non-empty list"),
    (lambda: minitorch.cat(X), TypeError, "tuple or list of Tensors, not Tensor"),  # type: ignore[arg-type]
    (
        lambda: minitorch.cat([X, minitorch.zeros(2, 2)]),
        RuntimeError,
        "Expected size 3 but got size 2 for tensor number 1",
    ),
    (
        lambda: minitorch.stack([X, minitorch.zeros(3)]),
        RuntimeError,
        r"got \[2, 3\] at entry 0 and \[3\] at entry 1",
    ),
    (lambda: X.split([1, 1], 1), RuntimeError, r"sum exactly to 3 .*split_sizes=\[1, 1\]"),
    (lambda: X.narrow(1, 2, 2), RuntimeError, r"start \(2\) \+ length \(2\) exceeds"),
    (lambda: X.unfold(1, 4, 1), RuntimeError, "maximum size for tensor at dimension 1 is 3"),
]


@pytest.mark.parametrize("number", range(len(MESSAGES)))
def test_messages(number: int) -> None:
    call, kind, message = MESSAGES[number]
    with pytest.raises(kind, match=message):
        call()
