"""Compares indexing, picking and placing with PyTorch: results, derivatives and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from tests.parity.compare import both, check_refused, check_same, check_values

RANDOM = np.random.default_rng(11)
A23 = RANDOM.standard_normal((2, 3))
B23 = RANDOM.standard_normal((2, 3))
A234 = RANDOM.standard_normal((2, 3, 4))
A5 = RANDOM.standard_normal(5)
A3 = RANDOM.standard_normal(3)
A03 = np.zeros((0, 3))
EMPTY = np.zeros(0)
SCALAR = np.array(2.5)
INTS = np.arange(6).reshape(2, 3)
BYTES = INTS.astype(np.uint8)
FLOAT32 = A23.astype(np.float32)
MASK = np.array([[True, False, True], [False, True, True]])
TIES = np.array([[1.0, 2.0, 2.0], [2.0, 2.0, 1.0]])
ZEROS = np.array([[0.0, 2.0, 0.0], [3.0, 0.0, 4.0]])

# What stands between the brackets; `m` is the library, for tensors of indices.
INDICES: dict[str, Any] = {
    "int": lambda m: 1,
    "negative": lambda m: -2,
    "ints": lambda m: (1, 2),
    "all": lambda m: (1, 2, 3),
    "numpy_int": lambda m: np.int64(1),
    "slice": lambda m: slice(1, None),
    "slices": lambda m: (slice(None), slice(0, 2)),
    "step": lambda m: (slice(None), slice(0, None, 2), slice(1, None, 2)),
    "negative_slice": lambda m: (slice(None), slice(-2, -1)),
    "empty_slice": lambda m: slice(1, 0),
    "far_slice": lambda m: slice(5, None),
    "full": lambda m: slice(None),
    "tensor_slice": lambda m: slice(m.tensor(0), m.tensor(1)),
    "none": lambda m: None,
    "nones": lambda m: (None, 0, None, slice(None), None),
    "ellipsis": lambda m: ...,
    "ellipsis_first": lambda m: (..., 1),
    "ellipsis_middle": lambda m: (0, ..., 1),
    "ellipsis_none": lambda m: (0, 1, 2, ...),
    "two_ellipses": lambda m: (..., 0, ...),
    "nothing": lambda m: (),
    "true": lambda m: True,
    "false": lambda m: False,
    "true_and_int": lambda m: (True, 0),
    "tensor_scalar": lambda m: m.tensor(1),
    "tensor_scalar_int16": lambda m: m.tensor(1, dtype=m.int16),
    "array_scalar": lambda m: np.array(1),
    "bool_scalar": lambda m: m.tensor(True),
    "list": lambda m: [0, 1, 0],
    "list_negative": lambda m: [-1, 0],
    "list_empty": lambda m: [],
    "list_bool": lambda m: [True, False],
    "range": lambda m: range(2),
    "tensor": lambda m: m.tensor([1, 1, 0]),
    "tensor_2d": lambda m: m.tensor([[1, 1, 0], [0, 0, 1]]),
    "tensor_int32": lambda m: m.tensor([1, 0], dtype=m.int32),
    "tensor_empty": lambda m: m.tensor([], dtype=m.int64),
    "array": lambda m: np.array([1, 0]),
    "second": lambda m: (slice(None), [2, 0, 0]),
    "last": lambda m: (..., [3, 0, 0]),
    "pair": lambda m: ([0, 1, 1], [2, 0, 0]),
    "pair_broadcast": lambda m: (m.tensor([[0], [1]]), m.tensor([2, 0, 0])),
    "pair_last": lambda m: (slice(None), [0, 1, 0], [3, 0, 3]),
    "pair_apart": lambda m: ([0, 1, 1], slice(None), [3, 0, 0]),
    "pair_apart_behind": lambda m: (slice(None), [0, 1, 1], None, [3, 0, 0]),
    "pair_apart_2d": lambda m: (m.tensor([[0, 1]]), slice(1, None), m.tensor([[3], [0]])),
    "triple": lambda m: ([0, 1, 1], [2, 0, 0], [3, 1, 1]),
    "int_apart": lambda m: (0, slice(None), m.tensor([1, 1])),
    "tensor_int_apart": lambda m: (m.tensor(0), slice(None), [1, 1]),
    "int_then_list": lambda m: (slice(None), 0, [3, 3]),
    "list_then_int": lambda m: ([1, 1], 0),
    "none_between": lambda m: ([0, 1], None, [1, 2]),
    "none_beside": lambda m: (None, [0, 1], None),
    "slice_then_list": lambda m: (slice(0, 1), slice(1, 3), [0, 2, 2]),
    "list_then_ellipsis": lambda m: ([1, 0], ..., [2, 2]),
    "tuples": lambda m: ((0, 1), (1, 2)),
    "mask": lambda m: m.tensor(MASK),
    "mask_array": lambda m: MASK,
    "mask_first": lambda m: m.tensor([True, False]),
    "mask_second": lambda m: (slice(None), m.tensor([True, False, True])),
    "mask_last": lambda m: (..., m.tensor([True, False, True, True])),
    "mask_and_list": lambda m: (m.tensor([True, True]), [0, 2]),
    "mask_and_slice": lambda m: (m.tensor(MASK), slice(1, 3)),
    "mask_and_int": lambda m: (m.tensor(MASK), 1),
    "mask_last_two": lambda m: (1, m.tensor(np.arange(12).reshape(3, 4) % 5 == 0)),
    "mask_none": lambda m: m.tensor(MASK & False),
    "mask_full": lambda m: m.tensor(np.arange(24).reshape(2, 3, 4) % 3 == 0),
    "mask_byte": lambda m: m.tensor([1, 0], dtype=m.uint8),
    "true_and_list": lambda m: (True, [0, 1, 1]),
    "legacy_list": lambda m: [[0, 1], [1, 0]],
    "legacy_slice": lambda m: [0, slice(1, None)],
    "legacy_tensors": lambda m: [m.tensor(0), m.tensor(1)],
    "legacy_none": lambda m: [0, None],
}


@pytest.mark.parametrize("case", INDICES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_getitem(case: str) -> None:
    check_same(lambda m, x: x[INDICES[case](m)], A234)


def assigned(x: Any, index: Any, value: Any) -> Any:
    """A copy of `x` with `value` at `index`."""
    x = x.clone()
    x[index] = value
    return x


@pytest.mark.parametrize("case", INDICES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_setitem(case: str) -> None:
    index = INDICES[case]
    shape = tuple(torch.tensor(A234)[index(torch)].shape)
    if case == "mask_byte":  # PyTorch takes it for reading, but not for writing a number
        return
    check_values(*both(lambda m, x: assigned(x, index(m), 7), A234))
    value = RANDOM.standard_normal(shape)
    if _has_repetitions(index) or case == "false":
        return  # which one stays is not defined; and PyTorch forgets `y` where nothing is written
    check_same(lambda m, x, y: assigned(x, index(m), y), A234, value)
    check_same(lambda m, x, y: assigned(x, index(m), y), A234, SCALAR)
    check_same(lambda m, x, y: assigned(x, index(m), y[None, None]), A234, value)
    if shape:
        check_same(lambda m, x, y: assigned(x, index(m), y), A234, value[..., :1])


def _has_repetitions(index: Any) -> bool:
    places = torch.arange(24).reshape(2, 3, 4)[index(torch)].flatten()
    return len(set(places.tolist())) != len(places)


BAD_INDICES: dict[str, Any] = {
    "float": lambda m: 1.0,
    "set": lambda m: {1},
    "float_tensor": lambda m: m.tensor([1.0]),
    "float_scalar": lambda m: m.tensor(1.0),
    "int16": lambda m: m.tensor([1], dtype=m.int16),
    "int8": lambda m: m.tensor([1], dtype=m.int8),
    "outside": lambda m: 2,
    "outside_negative": lambda m: -3,
    "outside_second": lambda m: (0, 4),
    "too_many": lambda m: (0, 0, 0, 0),
    "too_many_lists": lambda m: ([0], [0], [0], [0]),
    "negative_step": lambda m: slice(None, None, -1),
    "zero_step": lambda m: slice(None, None, 0),
    "float_slice": lambda m: slice(0, 1.0),
    "outside_tensor": lambda m: m.tensor([5]),
    "outside_tensor_negative": lambda m: (slice(None), m.tensor([-4])),
    "broadcast": lambda m: ([0, 1], [0, 1, 2]),
    "mask_shape": lambda m: m.tensor([True, False, True]),
    "mask_shape_2d": lambda m: m.tensor(MASK.T),
    "mask_too_many": lambda m: m.tensor(np.ones((2, 3, 4, 1), bool)),
    "false_and_list": lambda m: (False, [0, 1]),
    "numpy_bool": lambda m: np.True_,
}


@pytest.mark.parametrize("case", BAD_INDICES)
@pytest.mark.parametrize("kind", ["get", "set"])
def test_bad_index(case: str, kind: str) -> None:
    index = BAD_INDICES[case]
    if kind == "get":
        check_refused(lambda m, x: x[index(m)], A234)
    else:
        check_refused(lambda m, x: assigned(x, index(m), 1.0), A234)


@pytest.mark.parametrize("index", [0, (), None, True, ..., (None, ...)], ids=str)
def test_scalar(index: Any) -> None:
    if index == 0 and index is not False:
        check_refused(lambda m, x: x[index], SCALAR)
    else:
        check_same(lambda m, x: x[index], SCALAR)


def test_empty() -> None:
    check_refused(lambda m, x: x[0], EMPTY)
    check_refused(lambda m, x: x[[0]], A03)
    check_same(lambda m, x: x[m.tensor([], dtype=m.int64)], A03)
    check_same(lambda m, x: x[:, [0, 1]], A03)
    check_same(lambda m, x: x[[0, 1]], A03.T)


# x, index, value: dtypes that meet in an assignment
VALUES: dict[str, tuple[Any, Any, Any]] = {
    "float_into_int": (INTS, lambda m: 0, lambda m: 2.7),
    "nan_into_int": (INTS, lambda m: 0, lambda m: float("nan")),
    "inf_into_float": (FLOAT32, lambda m: 0, lambda m: float("inf")),
    "float_tensor_into_int": (INTS, lambda m: 0, lambda m: m.tensor([1.5, -2.5, 3.5])),
    "bool_into_int": (INTS, lambda m: 0, lambda m: True),
    "int_into_bool": (MASK, lambda m: 0, lambda m: 2),
    "float_into_bool": (MASK, lambda m: 0, lambda m: m.tensor(0.5)),
    "large_into_byte": (BYTES, lambda m: 0, lambda m: 300),
    "negative_into_byte": (BYTES, lambda m: 0, lambda m: -1),
    "double_into_float": (FLOAT32, lambda m: 0, lambda m: m.tensor(0.1, dtype=m.float64)),
    "int_into_float": (FLOAT32, lambda m: (slice(None), 0), lambda m: m.tensor([1, 2])),
    "list": (FLOAT32, lambda m: 0, lambda m: [1, 2, 3]),
    "string": (FLOAT32, lambda m: 0, lambda m: "a"),
    "none": (FLOAT32, lambda m: 0, lambda m: None),
    "too_many_dims": (FLOAT32, lambda m: 0, lambda m: m.zeros(2, 3)),
    "wrong_size": (FLOAT32, lambda m: slice(0, 1), lambda m: m.zeros(2, 3)),
    "wrong_size_list": (FLOAT32, lambda m: [0], lambda m: m.zeros(2)),
    "wrong_size_mask": (FLOAT32, lambda m: m.tensor(MASK), lambda m: m.zeros(3)),
    "leading_ones_mask": (FLOAT32, lambda m: m.tensor(MASK), lambda m: m.ones(1, 4)),
    "empty_value": (FLOAT32, lambda m: [0], lambda m: m.zeros(0)),
    "number_by_list": (INTS, lambda m: [0], lambda m: 1.5),
    "other_dtype_by_list": (INTS, lambda m: [0], lambda m: m.tensor([1.5])),
    "other_dtype_by_list_scalar": (FLOAT32, lambda m: [0], lambda m: m.tensor(1)),
    "other_dtype_by_mask": (FLOAT32, lambda m: m.tensor(MASK), lambda m: m.tensor([7])),
    "other_dtype_by_masks": (FLOAT32, lambda m: m.tensor(MASK), lambda m: m.tensor([7, 8, 9, 1])),
}


@pytest.mark.parametrize("case", VALUES)
def test_assigned_values(case: str) -> None:
    array, index, value = VALUES[case]
    ours, theirs = both(lambda m, x: assigned(x, index(m), value(m)), array)
    if isinstance(theirs, Exception):
        assert type(ours) is type(theirs), (ours, theirs)
    else:
        check_values(ours, theirs)


def index(m: Any) -> Any:
    return m.tensor([[0, 1, 0]])


def rows(m: Any) -> Any:
    return m.tensor([[0, 1, 1], [1, 1, 0]])


CASES: dict[str, tuple[Any, ...]] = {
    "gather": (lambda m, x: x.gather(0, index(m)), A23),
    "gather_repeated": (lambda m, x: m.gather(x, 1, m.tensor([[0, 0], [2, 0]])), A23),
    "gather_int32": (lambda m, x: x.gather(0, index(m).to(m.int32)), A23),
    "gather_keyword": (lambda m, x: m.gather(x, dim=0, index=index(m), sparse_grad=False), A23),
    "gather_3d": (lambda m, x: x.gather(-1, m.tensor([[[3], [0]], [[1], [1]]])), A234),
    "gather_scalar": (lambda m, x: x.gather(0, m.tensor([0, 0])), SCALAR),
    "gather_by_scalar": (lambda m, x: x.gather(0, m.tensor(1)), A3),
    "gather_nothing": (lambda m, x: x.gather(0, m.tensor([], dtype=m.int64)), INTS),
    "gather_nothing_2d": (lambda m, x: x.gather(1, m.zeros((1, 0), dtype=m.int64)), INTS),
    "scatter": (lambda m, x, y: x.scatter(0, index(m), y[:1]), A23, B23),
    "scatter_value": (lambda m, x: x.scatter(0, index(m), 5), A23),
    "scatter_keyword": (lambda m, x: m.scatter(x, 0, index(m), value=0.5), A23),
    "scatter_src": (
        lambda m, x, y: m.scatter(x, 1, m.tensor([[2, 1, 0], [0, 2, 1]]), src=y), A23, B23,
    ),
    "scatter_value_int": (lambda m, x: x.scatter(0, index(m), 2.5), INTS),
    "scatter_nothing": (lambda m, x: x.scatter(0, m.zeros(0, dtype=m.int64), 1), INTS),
    "scatter_add": (lambda m, x, y: x.scatter_add(0, rows(m), y), A23, B23),
    "scatter_add_last": (
        lambda m, x, y: m.scatter_add(x, 1, m.tensor([[0, 0], [2, 2]]), y), A23, A23[:, :2],
    ),
    "scatter_add_wide": (
        lambda m, x, y: x.scatter_add(1, m.tensor([[0, 0, 1, 1, 2]]), y), A23, A5[None],
    ),
    "scatter_sum": (lambda m, x, y: x.scatter_reduce(0, rows(m), y, "sum"), A23, B23),
    "scatter_sum_others": (
        lambda m, x, y: x.scatter_reduce(0, index(m), y, reduce="sum", include_self=False),
        A23, B23[:1],
    ),
    "scatter_mean": (lambda m, x, y: x.scatter_reduce(0, rows(m), y, "mean"), A23, B23),
    "scatter_mean_others": (
        lambda m, x, y: x.scatter_reduce(0, rows(m) * 0, y, "mean", include_self=False), A23, B23,
    ),
    "scatter_amax": (lambda m, x, y: x.scatter_reduce(0, rows(m), y, "amax"), A23, B23),
    "scatter_amax_ties": (lambda m, x, y: x.scatter_reduce(0, rows(m), y, "amax"), TIES, TIES),
    "scatter_amin": (lambda m, x, y: x.scatter_reduce(1, rows(m), y, "amin"), A23, B23),
    "scatter_amin_others": (
        lambda m, x, y: x.scatter_reduce(0, index(m), y, "amin", include_self=False), A23, B23[:1],
    ),
    "index_select": (lambda m, x: x.index_select(0, m.tensor([1, 0, 1])), A23),
    "index_select_dim": (lambda m, x: m.index_select(x, -2, m.tensor([2, 2])), A234),
    "index_select_int32": (lambda m, x: x.index_select(1, m.tensor([1], dtype=m.int32)), A23),
    "index_select_scalar_index": (lambda m, x: x.index_select(1, m.tensor(1)), A23),
    "index_select_nothing": (lambda m, x: x.index_select(1, m.zeros(0, dtype=m.int64)), A23),
    "index_select_scalar": (lambda m, x: x.index_select(0, m.tensor([0])), SCALAR),
    "index_add": (lambda m, x, y: x.index_add(0, m.tensor([1, 1]), y), A23, B23),
    "index_add_alpha": (
        lambda m, x, y: x.index_add(1, m.tensor([0, 2, 0]), y, alpha=-2.5), A23, B23,
    ),
    "index_add_scalar_index": (lambda m, x, y: m.index_add(x, 0, m.tensor(1), y), A23, B23[:1]),
    "index_copy": (lambda m, x, y: x.index_copy(0, m.tensor([1, 0]), y), A23, B23),
    "index_copy_dim": (lambda m, x, y: m.index_copy(x, 1, m.tensor([2]), y), A23, B23[:, :1]),
    "index_fill": (lambda m, x: x.index_fill(1, m.tensor([0, -1]), 5), A23),
    "index_fill_tensor": (lambda m, x, y: x.index_fill(0, m.tensor([1]), y), A23, SCALAR),
    "index_fill_repeated": (lambda m, x, y: x.index_fill(0, m.tensor([1, 1]), y), A23, SCALAR),
    "index_fill_scalar_index": (lambda m, x: m.index_fill(x, 0, m.tensor(1), value=5), A23),
    "masked_fill": (lambda m, x: x.masked_fill(m.tensor(MASK), 5), A23),
    "masked_fill_inf": (lambda m, x: m.masked_fill(x, m.tensor(MASK), -np.inf)[:, 1:2], A23[:1]),
    "masked_fill_tensor": (lambda m, x, y: x.masked_fill(m.tensor(MASK), y), A23, SCALAR),
    "masked_fill_widens": (lambda m, x: x.masked_fill(m.tensor(MASK), value=5), A3),
    "masked_fill_row": (lambda m, x: x.masked_fill(mask=m.tensor(MASK[0]), value=5), A23),
    "masked_select": (lambda m, x: x.masked_select(m.tensor(MASK)), A23),
    "masked_select_row": (lambda m, x: m.masked_select(x, m.tensor(MASK[0])), A23),
    "masked_select_widens": (lambda m, x: x.masked_select(m.tensor(MASK)), A3),
    "masked_select_scalar": (lambda m, x: x.masked_select(m.tensor(True)), SCALAR),
    "masked_scatter": (lambda m, x, y: x.masked_scatter(m.tensor(MASK), y), A23, B23),
    "masked_scatter_widens": (lambda m, x, y: m.masked_scatter(x, m.tensor(MASK), y), A3, A5),
    "take": (lambda m, x: x.take(m.tensor([0, 5, 5])), A23),
    "take_2d": (lambda m, x: m.take(x, m.tensor([[0, -1]])), A23),
    "take_scalar": (lambda m, x: x.take(m.tensor(3)), A23),
    "take_nothing": (lambda m, x: x.take(m.zeros(0, dtype=m.int64)), EMPTY),
    "take_along_dim": (lambda m, x: x.take_along_dim(index(m), 0), A23),
    "take_along_dim_flat": (
        lambda m, x: m.take_along_dim(x.contiguous(), m.tensor([5, 0, 0])), A23,
    ),
    "take_along_dim_wide": (lambda m, x: x.take_along_dim(indices=m.tensor([[0, -1]]), dim=1), A23),
    "take_along_dim_input": (lambda m, x: x.take_along_dim(rows(m), dim=0), A23[:, :1]),
    "repeat_interleave": (lambda m, x: x.repeat_interleave(2), A23),
    "repeat_interleave_dim": (lambda m, x: m.repeat_interleave(x, 2, 1), A23),
    "repeat_interleave_tensor": (lambda m, x: x.repeat_interleave(m.tensor([1, 2, 0]), dim=1), A23),
    "repeat_interleave_one": (lambda m, x: x.repeat_interleave(m.tensor([2]), dim=0), A23),
    "repeat_interleave_scalar": (lambda m, x: x.repeat_interleave(m.tensor(2), dim=0), A23),
    "repeat_interleave_of_scalar": (lambda m, x: x.repeat_interleave(3), SCALAR),
    "repeat_interleave_size": (lambda m, x: x.repeat_interleave(2, 1, output_size=6), A23),
    "index_put": (lambda m, x, y: x.index_put((m.tensor([0]), m.tensor([1])), y), A23, SCALAR),
    "index_put_row": (lambda m, x, y: m.index_put(x, (m.tensor([1]),), y), A23, B23[:1]),
    "index_put_list": (lambda m, x, y: m.index_put(x, [m.tensor([1])], y), A23, B23[0]),
    "index_put_mask": (lambda m, x, y: x.index_put((m.tensor(MASK),), y), A23, SCALAR),
    "index_put_masked": (lambda m, x, y: x.index_put((m.tensor(MASK),), y[:4]), A23, A5),
    "index_put_adds": (
        lambda m, x, y: x.index_put((m.tensor([0, 0, 1]), m.tensor([1, 1, 2])), y, accumulate=True),
        A23, A3,
    ),
    "index_put_adds_rows": (
        lambda m, x, y: x.index_put((m.tensor([0, 0]),), y, accumulate=True), A23, A3,
    ),
    "index_put_scalar_index": (lambda m, x, y: x.index_put((m.tensor(0),), y), A23, A3),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_same(case: str) -> None:
    call, *arrays = CASES[case]
    check_same(call, *arrays)


PLAIN: dict[str, tuple[Any, ...]] = {
    "nonzero": (lambda m, x: x.nonzero(), INTS),
    "nonzero_tuple": (lambda m, x: m.nonzero(x, as_tuple=True), INTS),
    "nonzero_scalar": (lambda m, x: x.nonzero(), SCALAR),
    "nonzero_of_zero": (lambda m, x: x.nonzero(), SCALAR * 0),
    "nonzero_scalar_tuple": (lambda m, x: x.nonzero(as_tuple=True), SCALAR),
    "nonzero_empty": (lambda m, x: x.nonzero(), EMPTY),
    "nonzero_mask": (lambda m, x: m.nonzero(x), MASK),
    "nonzero_gradient": (lambda m, x: x.requires_grad_().nonzero(), A23),
    "argwhere": (lambda m, x: m.argwhere(x), ZEROS),
    "argwhere_scalar": (lambda m, x: x.argwhere(), SCALAR),
    "repeat_interleave_indices": (lambda m, x: m.repeat_interleave(x), np.array([1, 2, 0])),
    "scatter_add_reduce": (lambda m, x, y: x.scatter(0, rows(m), y, reduce="add"), A23, B23),
    "scatter_multiply": (lambda m, x, y: x.scatter(0, rows(m), y, reduce="multiply"), A23, B23),
    "scatter_multiply_value": (lambda m, x: x.scatter(0, rows(m), 2, reduce="multiply"), A23),
    "scatter_max": (lambda m, x, y: x.scatter_reduce(0, rows(m), y, "max"), A23, B23),
    "scatter_min": (lambda m, x, y: x.scatter_reduce(1, rows(m), y, "min"), A23, B23),
    "scatter_prod": (lambda m, x, y: x.scatter_reduce(0, rows(m), y, "prod"), A23, B23),
    "scatter_mean_ints": (
        lambda m, x, y: x.scatter_reduce(0, index(m), y, "mean"), INTS, np.array([[-6, 8, 2]]),
    ),
    "scatter_amax_ints": (
        lambda m, x, y: x.scatter_reduce(0, index(m), y, "amax", include_self=False),
        INTS, np.array([[-7, -8, -2]]),
    ),
    "scatter_amax_nan": (
        lambda m, x, y: x.scatter_reduce(0, rows(m), y, "amax"),
        A23, B23 * np.array([1, np.nan, 1]),
    ),
    "index_add_ints": (lambda m, x: x.index_add(0, m.tensor([1]), x[:1], alpha=2), INTS),
    "index_fill_ints": (lambda m, x: x.index_fill(0, m.tensor(1), 5.5), INTS),
    "masked_fill_ints": (lambda m, x: x.masked_fill(m.tensor(MASK), 5.5), INTS),
    "masked_fill_bools": (lambda m, x: x.masked_fill(x, 2), MASK),
    "masked_fill_cast": (lambda m, x: x.masked_fill(m.tensor(MASK), m.tensor(5)), FLOAT32),
    "masked_fill_down": (lambda m, x: x.masked_fill(m.tensor(MASK), m.tensor(5.5)), INTS),
    "index_is_contiguous": (lambda m, x: x[:, :, m.tensor([0, 1])].stride(), A234),
    "index_of_transposed": (lambda m, x: x.t()[m.tensor([0, 1])].stride(), A23),
}  # fmt: skip


@pytest.mark.parametrize("case", PLAIN)
def test_same_values(case: str) -> None:
    call, *arrays = PLAIN[case]
    check_values(*both(call, *arrays))


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("array", [A23, ZEROS, ZEROS[::-1].copy()], ids=["plain", "zeros", "other"])
def test_product_gradient(array: Any, include_self: bool) -> None:
    """Once only: the backward of our products works on arrays."""
    seen = []
    for library in (minitorch, torch):
        x, y = (library.tensor(each).requires_grad_() for each in (array, B23 * (array != 3)))
        result = x.scatter_reduce(0, rows(library), y, "prod", include_self=include_self)
        (result * library.tensor(A23)).sum().backward()
        seen.append([x.grad.tolist(), y.grad.tolist()])
    np.testing.assert_allclose(seen[0], seen[1], rtol=1e-12)


REFUSED: dict[str, tuple[Any, ...]] = {
    "gather_int16": (lambda m, x: x.gather(0, index(m).to(m.int16)), A23),
    "gather_float": (lambda m, x: x.gather(0, index(m).to(m.float32)), A23),
    "gather_list": (lambda m, x: x.gather(0, [[0, 1, 0]]), A23),
    "gather_outside": (lambda m, x: x.gather(0, index(m) + 5), A23),
    "gather_negative": (lambda m, x: x.gather(0, index(m) - 1), A23),
    "gather_dims": (lambda m, x: x.gather(0, m.tensor([0])), A23),
    "gather_size": (lambda m, x: x.gather(0, m.zeros((2, 4), dtype=m.int64)), A23),
    "gather_dim": (lambda m, x: x.gather(2, index(m)), A23),
    "scatter_dtype": (lambda m, x, y: x.scatter(0, index(m), y), A23, FLOAT32),
    "scatter_outside": (lambda m, x: x.scatter(0, index(m) + 5, 1), A23),
    "scatter_negative": (lambda m, x: x.scatter(0, index(m) - 1, 1), A23),
    "scatter_size": (lambda m, x, y: x.scatter(0, m.zeros((1, 4), dtype=m.int64), y), A23, A234[0]),
    "scatter_src_size": (lambda m, x, y: x.scatter(0, index(m), y), A23, A23[:, :2]),
    "scatter_src_dims": (lambda m, x, y: x.scatter(0, index(m), y), A23, SCALAR),
    "scatter_dim": (lambda m, x: x.scatter(2, index(m), 1), A23),
    "scatter_reduction": (lambda m, x, y: x.scatter(0, index(m), y, reduce="mul"), A23, B23),
    "scatter_add_number": (lambda m, x: x.scatter_add(0, index(m), 1), A23),
    "scatter_add_dtype": (lambda m, x, y: x.scatter_add(0, index(m), y), A23, FLOAT32),
    "scatter_reduce_name": (lambda m, x, y: x.scatter_reduce(0, index(m), y, "most"), A23, B23),
    "index_select_float": (lambda m, x: x.index_select(0, m.tensor([1.0])), A23),
    "index_select_2d": (lambda m, x: x.index_select(0, m.tensor([[1]])), A23),
    "index_select_outside": (lambda m, x: x.index_select(0, m.tensor([2])), A23),
    "index_select_negative": (lambda m, x: x.index_select(0, m.tensor([-1])), A23),
    "index_select_dim": (lambda m, x: x.index_select(2, m.tensor([0])), A23),
    "index_select_list": (lambda m, x: x.index_select(0, [1]), A23),
    "index_select_scalar": (lambda m, x: x.index_select(0, m.tensor([0, 0])), SCALAR),
    "index_add_count": (lambda m, x, y: x.index_add(0, m.tensor([1]), y), A23, B23),
    "index_add_size": (lambda m, x, y: x.index_add(0, m.tensor([1, 1]), y), A23, B23[:, :2]),
    "index_add_outside": (lambda m, x, y: x.index_add(0, m.tensor([1, 2]), y), A23, B23),
    "index_add_negative": (lambda m, x, y: x.index_add(0, m.tensor([1, -1]), y), A23, B23),
    "index_add_float": (lambda m, x, y: x.index_add(0, m.tensor([1.0, 1.0]), y), A23, B23),
    "index_add_dtype": (lambda m, x, y: x.index_add(0, m.tensor([1, 1]), y), A23, FLOAT32),
    "index_add_2d": (lambda m, x, y: x.index_add(0, m.tensor([[1]]), y), A23, B23[:1]),
    "index_add_dims": (lambda m, x, y: x.index_add(0, m.tensor(1), y), A3, SCALAR),
    "index_copy_size": (lambda m, x, y: x.index_copy(0, m.tensor([1, 0]), y), A23, B23[:, :2]),
    "index_copy_int32": (
        lambda m, x, y: x.index_copy(0, m.tensor([1, 0], dtype=m.int32), y), A23, B23,
    ),
    "index_copy_outside": (lambda m, x, y: x.index_copy(0, m.tensor([1, 2]), y), A23, B23),
    "index_copy_negative": (lambda m, x, y: x.index_copy(0, m.tensor([-1]), y), A23, B23[:1]),
    "index_copy_dtype": (lambda m, x, y: x.index_copy(0, m.tensor([1, 0]), y), A23, FLOAT32),
    "index_copy_dims": (lambda m, x, y: x.index_copy(0, m.tensor(1), y), A23, A3),
    "index_copy_count": (lambda m, x, y: x.index_copy(0, m.tensor([1]), y), A23, B23),
    "index_fill_dims": (lambda m, x: x.index_fill(0, m.tensor([1]), m.tensor([5.0])), A23),
    "index_fill_outside": (lambda m, x: x.index_fill(0, m.tensor([2]), 5), A23),
    "index_fill_int32": (lambda m, x: x.index_fill(0, m.tensor([1], dtype=m.int32), 5), A23),
    "index_fill_2d": (lambda m, x: x.index_fill(0, m.tensor([[1]]), 5), A23),
    "masked_fill_dims": (lambda m, x: x.masked_fill(m.tensor(MASK), m.tensor([5.0])), A23),
    "masked_fill_ints": (lambda m, x: x.masked_fill(m.tensor(INTS), 5), A23),
    "masked_fill_shape": (lambda m, x: x.masked_fill(m.tensor([True, False]), 5), A23),
    "masked_fill_overflow": (lambda m, x: x.masked_fill(m.tensor(MASK), np.inf), INTS),
    "masked_fill_byte": (lambda m, x: x.masked_fill(m.tensor(MASK), 300), BYTES),
    "masked_select_ints": (lambda m, x: x.masked_select(m.tensor(INTS)), A23),
    "masked_select_shape": (lambda m, x: x.masked_select(m.tensor([True, False])), A23),
    "masked_scatter_few": (lambda m, x, y: x.masked_scatter(m.tensor(MASK), y), A23, A3),
    "masked_scatter_dtype": (lambda m, x, y: x.masked_scatter(m.tensor(MASK), y), A23, INTS),
    "masked_scatter_ints": (lambda m, x, y: x.masked_scatter(m.tensor(INTS), y), A23, B23),
    "take_outside": (lambda m, x: x.take(m.tensor([6])), A23),
    "take_negative": (lambda m, x: x.take(m.tensor([-7])), A23),
    "take_int32": (lambda m, x: x.take(m.tensor([0], dtype=m.int32)), A23),
    "take_empty": (lambda m, x: x.take(m.tensor([0])), EMPTY),
    "take_along_dim_int32": (lambda m, x: x.take_along_dim(index(m).to(m.int32), 0), A23),
    "take_along_dim_dims": (lambda m, x: x.take_along_dim(m.tensor([0]), 0), A23),
    "repeat_interleave_count": (
        lambda m, x: x.repeat_interleave(m.tensor([1, 2, 0]), dim=0), A23,
    ),
    "repeat_interleave_negative": (
        lambda m, x: x.repeat_interleave(m.tensor([1, -2, 0]), dim=1), A23,
    ),
    "repeat_interleave_float": (
        lambda m, x: x.repeat_interleave(m.tensor([1.0, 2, 0]), dim=1), A23,
    ),
    "repeat_interleave_int": (lambda m, x: x.repeat_interleave(-1), A23),
    "repeat_interleave_size": (lambda m, x: x.repeat_interleave(2, 1, output_size=5), A23),
    "repeat_interleave_list": (lambda m, x: x.repeat_interleave([1, 2, 0], 1), A23),
    "repeat_interleave_2d": (lambda m, x: x.repeat_interleave(m.tensor([[1, 2, 0]]), 1), A23),
    "repeat_interleave_scalar": (lambda m, x: x.repeat_interleave(3, 0), SCALAR),
    "index_put_dtype": (lambda m, x: x.index_put((m.tensor([0]),), m.tensor(5)), A23),
    "index_put_number": (lambda m, x: x.index_put((m.tensor([0]),), 5), A23),
    "index_put_none": (lambda m, x, y: x.index_put((None, m.tensor([0])), y), A23, SCALAR),
    "index_put_list": (lambda m, x, y: x.index_put(([0],), y), A23, SCALAR),
    "index_put_tensor": (lambda m, x, y: x.index_put(m.tensor([0]), y), A23, SCALAR),
    "index_put_nothing": (lambda m, x, y: x.index_put((), y), A23, SCALAR),
    "index_put_leading": (lambda m, x, y: x.index_put((m.tensor([1]),), y), A23, B23[None, :1]),
    "index_put_shape": (lambda m, x, y: x.index_put((m.tensor([0, 1]),), y), A23, A5[:2]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    call, *arrays = REFUSED[case]
    check_refused(call, *arrays)


@pytest.mark.parametrize("seed", range(60))
def test_random_index(seed: int) -> None:
    """A random mixture of every kind of index, for reading and for writing."""
    random = np.random.default_rng(seed)
    shape = tuple(int(size) for size in random.integers(1, 5, random.integers(1, 5)))
    lists = tuple(int(size) for size in random.integers(1, 3, random.integers(1, 3)))
    items: list[Any] = []
    dim = 0
    while dim < len(shape):
        size, kind = shape[dim], random.integers(0, 8)
        if kind == 0:
            items.append(int(random.integers(-size, size)))
        elif kind in (1, 2):
            start, stop = sorted(int(each) for each in random.integers(-size, size + 1, 2))
            items.append(slice(start, stop or None, int(random.integers(1, 3))))
        elif kind in (3, 4):
            items.append(random.integers(-size, size, lists))
        elif kind == 5:
            items.append(None)
            continue
        elif kind == 6 and Ellipsis not in [each for each in items if each is Ellipsis]:
            items.append(...)
            dim += int(random.integers(0, 2))
            continue
        elif dim + 1 < len(shape) and not any(isinstance(each, np.ndarray) for each in items):
            items.append(random.random(shape[dim : dim + 2]) < 0.5)
            dim += 1
        dim += 1
    array = random.standard_normal(shape)

    def chosen(m: Any) -> Any:
        return tuple(m.tensor(each) if isinstance(each, np.ndarray) else each for each in items)

    try:
        picked = torch.arange(array.size).reshape(shape)[chosen(torch)]
    except IndexError:
        check_refused(lambda m, x: x[chosen(m)], array)
        return
    check_same(lambda m, x: x[chosen(m)], array)
    if len(set(picked.flatten().tolist())) == picked.numel():
        value = random.standard_normal(tuple(picked.shape))
        check_same(lambda m, x, y: assigned(x, chosen(m), y), array, value)
