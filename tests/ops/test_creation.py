"""Tests of `minitorch.ops.creation`."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import Tensor


def check(result: Tensor, expected: Any, dtype: str) -> None:
    """Compare values, shape and dtype exactly."""
    assert isinstance(result, Tensor)
    assert result.array.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(result.array, np.array(expected, dtype), strict=True)


# -- tensor -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (3, "int64"),
        (2.5, "float32"),
        (True, "bool"),
        ([1, 2], "int64"),
        ([1, 2.5, True], "float32"),
        ([True, 2], "int64"),
        ([True, False], "bool"),
        ([[1.5, 2], [3, 4]], "float32"),
        ((1, (2)), "int64"),
        (range(3), "int64"),
        ([range(2), (5, 6)], "int64"),
        ([np.float64(1.5)], "float64"),
        ([np.float32(1.5), 2], "float32"),
        ([np.int32(1), np.int32(2)], "int32"),
        ([np.array([1, 2], np.int8), [3, 4]], "int64"),
        ([np.array([1.5, 2.0])], "float64"),
        (np.float64(1.5), "float64"),
        (np.bool_(True), "bool"),
        (np.array([1, 2], np.uint8), "uint8"),
        (np.zeros((2, 0)), "float64"),
        ([], "float32"),
        ([[], []], "float32"),
        ([[[]]], "float32"),
    ],
)
def test_tensor_infers_the_dtype(data: Any, dtype: str) -> None:
    check(minitorch.tensor(data), np.array(data), dtype)


@pytest.mark.parametrize(
    ("data", "dtype", "expected"),
    [
        ([1.9, -1.9], "int64", [1, -1]),
        ([1, 0], "bool", [True, False]),
        ([math.nan, 0.0], "bool", [True, False]),
        ([1, 2], "float64", [1.0, 2.0]),
        ([-1, -255], "uint8", [255, 1]),
        ([1e40, 2], "float32", [math.inf, 2.0]),
        (2**64 - 1, "uint64", 2**64 - 1),
        (np.array([300, 1]), "uint8", [44, 1]),
        (np.array([1e5]), "float16", [math.inf]),
    ],
)
def test_tensor_converts_to_a_given_dtype(data: Any, dtype: str, expected: Any) -> None:
    check(minitorch.tensor(data, dtype=getattr(minitorch, dtype)), expected, dtype)


def test_floats_are_rounded_once() -> None:
    # 1 + 2**-24 + 2**-53 is above the middle of two float32; through float64 and back it stays so.
    assert minitorch.tensor([1 + 2**-24 + 2**-50]).item() == 1 + 2**-23


def test_tensors_within_sequences_become_numbers() -> None:
    half = minitorch.tensor(0.5, requires_grad=True)
    result = minitorch.tensor([half, minitorch.tensor([2.0])])
    check(result, [0.5, 2.0], "float32")
    assert not result.requires_grad
    check(minitorch.tensor([minitorch.tensor(1, dtype=minitorch.int8), 2]), [1, 2], "int64")


@pytest.mark.parametrize("data", [np.arange(3.0), minitorch.arange(3.0)])
def test_tensor_always_copies(data: Any) -> None:
    result = minitorch.tensor(data)
    data[0] = 7
    assert result.tolist() == [0, 1, 2]


def test_a_copy_has_no_history() -> None:
    x = minitorch.ones(2, requires_grad=True)
    assert minitorch.tensor(x * 2).is_leaf
    assert not minitorch.tensor(x).requires_grad
    assert minitorch.tensor(x, requires_grad=True).requires_grad


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ([[1], [1, 2]], ValueError, r"expected sequence of length 1 at dim 1 \(got 2\)"),
        ([[1, 2], [1]], ValueError, r"expected sequence of length 2 at dim 1 \(got 1\)"),
        ([[[1], [2]], [[3], [4, 5]]], ValueError, r"length 1 at dim 2 \(got 2\)"),
        ([[1], []], ValueError, r"expected sequence of length 1 at dim 1 \(got 0\)"),
        ([np.ones(2), np.ones(1)], ValueError, r"expected sequence of length 2 at dim 1 \(got 1"),
        ([[1, 2], 3], TypeError, "not a sequence: expected one of length 2 at dim 1"),
        ([1, [2]], TypeError, "expected a number at dim 1, got a sequence of length 1"),
        ("1", TypeError, "invalid data type 'str'"),
        (b"1", TypeError, "invalid data type 'bytes'"),
        (["1"], ValueError, "too many dimensions 'str'"),
        ([1, "1"], TypeError, "invalid data type 'str'"),
        ([[b"1"]], TypeError, "invalid data type 'bytes'"),
        ([1j], TypeError, "invalid data type 'complex'"),
        (None, RuntimeError, "Could not infer dtype of NoneType"),
        ([None], RuntimeError, "Could not infer dtype of NoneType"),
        ({1: 2}, RuntimeError, "Could not infer dtype of dict"),
        (object(), RuntimeError, "Could not infer dtype of object"),
        (float, RuntimeError, "Could not infer dtype of type"),
        (np.array([None]), TypeError, "can't convert np.ndarray of type object"),
        (np.array(["a"]), TypeError, "can't convert np.ndarray of type <U1"),
        (np.array([1j]), TypeError, "can't convert np.ndarray of type complex128"),
        (np.array([1.0], ">f4"), ValueError, "byte order different from the native"),
        ([2**63], ValueError, "Overflow"),
        (-(2**63) - 1, ValueError, "Overflow"),
    ],
)
def test_tensor_refuses(data: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        minitorch.tensor(data)


@pytest.mark.parametrize(
    ("data", "dtype"),
    [([300], "uint8"), ([-256], "uint8"), ([-1.0], "uint8"), ([128], "int8"), ([-129], "int8"),
     (127.5, "int8"),
     ([1e30], "int64"), ([math.nan], "int32"), (math.inf, "int64")],
)  # fmt: skip
def test_numbers_that_do_not_fit_the_dtype(data: Any, dtype: str) -> None:
    with pytest.raises(RuntimeError, match=f"cannot be converted to type {dtype} without overflow"):
        minitorch.tensor(data, dtype=getattr(minitorch, dtype))


def test_several_elements_within_a_sequence() -> None:
    with pytest.raises(ValueError, match=r"only one element tensors .* minitorch\.stack"):
        minitorch.tensor([minitorch.ones(2), minitorch.ones(2)])


def test_only_floating_point_requires_grad() -> None:
    for make in (
        lambda: minitorch.tensor([1, 2], requires_grad=True),
        lambda: minitorch.zeros(2, dtype=minitorch.int64, requires_grad=True),
        lambda: minitorch.arange(3, requires_grad=True),
    ):
        with pytest.raises(RuntimeError, match="only Tensors of floating point dtype"):
            make()
    assert minitorch.tensor([1.0], requires_grad=True).requires_grad


# -- sharing ------------------------------------------------------------------------------


def test_from_numpy_shares_memory() -> None:
    array = np.zeros(2)
    x = minitorch.from_numpy(array)
    x[0] = 5
    array[1] = 6
    assert array.tolist() == x.tolist() == [5, 6]
    assert x.array is array


def test_from_numpy_takes_arrays_only() -> None:
    with pytest.raises(TypeError, match=r"expected np\.ndarray \(got list\)"):
        minitorch.from_numpy([1])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="can't convert"):
        minitorch.from_numpy(np.array([None]))


def test_as_tensor_shares_where_it_can() -> None:
    x = minitorch.ones(2, requires_grad=True)
    assert minitorch.as_tensor(x) is x
    array = np.zeros(2)
    assert minitorch.as_tensor(array).array is array
    cast = minitorch.as_tensor(array, dtype=minitorch.float32)
    assert cast.dtype is minitorch.float32
    assert not np.shares_memory(cast.array, array)
    check(minitorch.as_tensor([1, 2]), [1, 2], "int64")


def test_as_tensor_records_a_cast() -> None:
    x = minitorch.ones(2, requires_grad=True)
    minitorch.as_tensor(x, dtype=minitorch.float64).sum().backward()
    assert x.grad is not None
    check(x.grad, [1, 1], "float32")


def test_asarray_copies_as_asked() -> None:
    array = np.zeros(2)
    assert np.shares_memory(minitorch.asarray(array).array, array)
    assert np.shares_memory(minitorch.asarray(array, copy=False).array, array)
    assert not np.shares_memory(minitorch.asarray(array, copy=True).array, array)
    with pytest.raises(ValueError, match="copy=False"):
        minitorch.asarray(array, dtype=minitorch.float32, copy=False)
    with pytest.raises(ValueError, match="copy=False"):
        minitorch.asarray([1, 2], copy=False)


def test_asarray_and_gradients() -> None:
    x = minitorch.ones(2, requires_grad=True)
    assert minitorch.asarray(x) is x
    assert not minitorch.asarray(x, requires_grad=False).requires_grad
    assert minitorch.asarray(x * 2).grad_fn is not None
    assert not minitorch.asarray(x, copy=True, requires_grad=True).is_leaf
    assert minitorch.asarray([1.0, 2.0], requires_grad=True).is_leaf


def test_scalar_tensor_has_the_default_dtype() -> None:
    check(minitorch.scalar_tensor(3), 3, "float32")
    check(minitorch.scalar_tensor(True, dtype=minitorch.int32), 1, "int32")
    with pytest.raises(TypeError, match="'s' must be a number, not str"):
        minitorch.scalar_tensor("a")


# -- filled -------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "value"), [(minitorch.zeros, 0), (minitorch.ones, 1)])
def test_zeros_and_ones(make: Callable[..., Tensor], value: int) -> None:
    expected = np.full((2, 3), value)
    for sizes in ((2, 3), ((2, 3),), ([2, 3],), (minitorch.Size([2, 3]),),
                  (np.int64(2), minitorch.tensor(3)), ((minitorch.tensor(2), 3),)):  # fmt: skip
        check(make(*sizes), expected, "float32")
    check(make(size=(2, 3)), expected, "float32")
    check(make(()), value, "float32")
    check(make(0, 2), np.zeros((0, 2)), "float32")
    check(make(2, dtype=minitorch.bool), [value, value], "bool")
    assert make(2, requires_grad=True).requires_grad


def test_empty_has_shape_and_dtype() -> None:
    made = minitorch.empty(2, 3, dtype=minitorch.int8, device="cpu")
    assert (made.shape, made.dtype) == ((2, 3), minitorch.int8)


@pytest.mark.parametrize("make", [minitorch.zeros, minitorch.ones, minitorch.empty])
def test_sizes_that_are_refused(make: Callable[..., Tensor]) -> None:
    for wrong in ((2.0,), ("a",), (True,), (None,), ((2, 3.0),), ((2,), 3), ()):
        with pytest.raises(TypeError):
            make(*wrong)
    with pytest.raises(RuntimeError, match=r"negative dimension: \[2, -1\]"):
        make(2, -1)


def test_full_infers_the_dtype() -> None:
    check(minitorch.full((2,), 1), [1, 1], "int64")
    check(minitorch.full((2,), True), [True, True], "bool")
    check(minitorch.full([2], 1.5), [1.5, 1.5], "float32")
    check(minitorch.full((), 3), 3, "int64")
    check(minitorch.full((2,), 2.7, dtype=minitorch.int64), [2, 2], "int64")
    check(minitorch.full((1,), minitorch.tensor(1.5, dtype=minitorch.float64)), [1.5], "float32")
    check(minitorch.full((1,), np.int32(2)), [2], "int64")


def test_full_refuses() -> None:
    with pytest.raises(TypeError, match="'size' must be a tuple of ints, got int"):
        minitorch.full(2, 1.5)
    with pytest.raises(TypeError, match="'fill_value' must be a number, not str"):
        minitorch.full((2,), "a")
    with pytest.raises(TypeError, match="'fill_value' must be a number, not Tensor"):
        minitorch.full((2,), minitorch.tensor(2.0, requires_grad=True))
    with pytest.raises(RuntimeError, match="without overflow"):
        minitorch.full((2,), 300, dtype=minitorch.uint8)


def test_like_forms() -> None:
    x = minitorch.tensor([[1, 2, 3]])
    check(minitorch.zeros_like(x), [[0, 0, 0]], "int64")
    check(minitorch.ones_like(x, dtype=minitorch.float64), [[1, 1, 1]], "float64")
    check(minitorch.full_like(x, 3.7), [[3, 3, 3]], "int64")
    assert minitorch.empty_like(x).shape == (1, 3)
    leaf = minitorch.ones(2, requires_grad=True)
    assert not minitorch.zeros_like(leaf).requires_grad
    assert minitorch.zeros_like(leaf, requires_grad=True).requires_grad


def test_like_forms_of_arrays_are_arrays() -> None:
    array = np.ones((2, 3), np.int8)
    for made in (minitorch.zeros_like(array), minitorch.ones_like(array),
                 minitorch.empty_like(array), minitorch.full_like(array, 2)):  # fmt: skip
        assert type(made) is np.ndarray
        assert (made.shape, made.dtype) == (array.shape, array.dtype)


def test_like_forms_keep_the_order_in_memory() -> None:
    assert minitorch.zeros_like(minitorch.ones(2, 3).t()).stride() == (1, 3)


def test_like_forms_refuse_lists() -> None:
    with pytest.raises(TypeError, match="'input' must be a Tensor or an array, not list"):
        minitorch.zeros_like([1])  # type: ignore[arg-type]


# -- ranges and patterns ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected", "dtype"),
    [
        ((3,), [0, 1, 2], "int64"),
        ((1, 4), [1, 2, 3], "int64"),
        ((5, 0, -2), [5, 3, 1], "int64"),
        ((0,), [], "int64"),
        ((2.0,), [0, 1], "float32"),
        ((0, 1, 0.25), [0, 0.25, 0.5, 0.75], "float32"),
        ((1, 0, -0.5), [1, 0.5], "float32"),
        ((np.float64(2),), [0, 1], "float32"),
        ((minitorch.tensor(2),), [0, 1], "int64"),
    ],
)
def test_arange(arguments: tuple[Any, ...], expected: list[float], dtype: str) -> None:
    check(minitorch.arange(*arguments), expected, dtype)


def test_arange_with_keywords_and_dtype() -> None:
    check(minitorch.arange(end=3), [0, 1, 2], "int64")
    check(minitorch.arange(start=1, end=4, step=2), [1, 3], "int64")
    check(minitorch.arange(3, dtype=minitorch.float64), [0, 1, 2], "float64")
    check(minitorch.arange(0.5, 3.7, dtype=minitorch.int64), [0, 1, 2], "int64")


def test_arange_does_not_add_up_errors() -> None:
    values = minitorch.arange(0, 1000, 0.1, dtype=minitorch.float64).array
    assert values[-1] == pytest.approx(999.9, rel=1e-15)
    assert len(values) == 10_000


def test_arange_refuses() -> None:
    for wrong, message in [
        ((1, 5, 0), "step must be nonzero"),
        ((5, 1), "inconsistent with step sign"),
        ((1, 5, -1), "inconsistent with step sign"),
        ((math.inf,), "unsupported range"),
        ((math.nan,), "unsupported range"),
    ]:
        with pytest.raises(RuntimeError, match=message):
            minitorch.arange(*wrong)
    for several in ((), (1, 2, 3, 4), ("a",), (minitorch.tensor([3]),)):
        with pytest.raises(TypeError):
            minitorch.arange(*several)
    with pytest.raises(NotImplementedError):
        minitorch.arange(2, dtype=minitorch.bool)


def test_linspace() -> None:
    check(minitorch.linspace(0, 1, 5), [0, 0.25, 0.5, 0.75, 1], "float32")
    check(minitorch.linspace(0, 10, 5, dtype=minitorch.int64), [0, 2, 5, 7, 10], "int64")
    check(minitorch.linspace(3, 9, 1), [3], "float32")
    check(minitorch.linspace(3, 9, 0), [], "float32")
    check(minitorch.linspace(minitorch.tensor(0.0), 2, 3), [0, 1, 2], "float32")
    ends = minitorch.linspace(-1.1, 0.3, 77, dtype=minitorch.float64).array
    assert (ends[0], ends[-1]) == (-1.1, 0.3)
    with pytest.raises(RuntimeError, match="number of steps must be non-negative"):
        minitorch.linspace(0, 1, -1)
    with pytest.raises(TypeError, match="steps must be int"):
        minitorch.linspace(0, 1, 2.5)  # type: ignore[arg-type]


def test_logspace() -> None:
    check(minitorch.logspace(0, 2, 3), [1, 10, 100], "float32")
    check(minitorch.logspace(0, 3, 4, base=2), [1, 2, 4, 8], "float32")
    check(minitorch.logspace(0, 400, 2, dtype=minitorch.float64), [1, math.inf], "float64")


def test_eye() -> None:
    check(minitorch.eye(2), [[1, 0], [0, 1]], "float32")
    check(minitorch.eye(2, 3, dtype=minitorch.int64), [[1, 0, 0], [0, 1, 0]], "int64")
    assert minitorch.eye(0).shape == (0, 0)
    with pytest.raises(RuntimeError, match="m must be greater or equal to 0, got -1"):
        minitorch.eye(2, -1)
    with pytest.raises(TypeError):
        minitorch.eye(2.0)  # type: ignore[arg-type]


def test_indices_of_triangles() -> None:
    check(minitorch.tril_indices(2, 3), [[0, 1, 1], [0, 0, 1]], "int64")
    check(minitorch.tril_indices(2, 3, -1), [[1], [0]], "int64")
    check(minitorch.triu_indices(3, 2, 1, dtype=minitorch.int32), [[0], [1]], "int32")
    assert minitorch.tril_indices(0, 3).shape == (2, 0)
    with pytest.raises(RuntimeError, match="negative"):
        minitorch.tril_indices(-1, 2)


# -- questions ----------------------------------------------------------------------------


def test_questions() -> None:
    x = minitorch.ones(2, 3)
    assert minitorch.is_tensor(x)
    assert not minitorch.is_tensor(x.array)
    assert minitorch.numel(x) == minitorch.numel(x.array) == 6
    assert minitorch.is_nonzero(minitorch.tensor([[0.5]]))
    assert not minitorch.is_nonzero(np.array(0))
    with pytest.raises(RuntimeError, match="no values is ambiguous"):
        minitorch.is_nonzero(minitorch.empty(0))
    with pytest.raises(TypeError, match=r"numel\(\): 'input' must be a Tensor or an array"):
        minitorch.numel([1])  # type: ignore[arg-type]
