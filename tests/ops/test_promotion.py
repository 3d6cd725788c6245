"""Which dtype an operation is computed in, after PyTorch's published rules."""

import numpy as np
import pytest

from minitorch import dtypes
from minitorch.ops import promotion

F16, F32, F64 = (np.dtype(name) for name in ("float16", "float32", "float64"))
BOOL, U8, I8, I16, I32, I64 = (
    np.dtype(name) for name in ("bool", "uint8", "int8", "int16", "int32", "int64")
)
VECTOR, SCALAR = 3, ()  # shapes


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (BOOL, BOOL, BOOL),
        (BOOL, U8, U8),
        (BOOL, F16, F16),
        (U8, I8, I16),
        (U8, I64, I64),
        (I8, I32, I32),
        (I64, F16, F16),
        (I64, F32, F32),
        (F16, F32, F32),
        (F32, F64, F64),
        (np.dtype("uint16"), np.dtype("uint16"), np.dtype("uint16")),
        (np.dtype("uint64"), F32, F32),
    ],
)
def test_promote_types(first, second, expected):
    assert promotion.promote_types(first, second) == expected
    assert promotion.promote_types(second, first) == expected


@pytest.mark.parametrize("other", ["bool", "uint8", "int64", "uint32"])
def test_wide_unsigned_integers_are_not_promoted(other):
    with pytest.raises(RuntimeError, match="uint64 types is not supported"):
        promotion.promote_types(np.dtype("uint64"), np.dtype(other))


@pytest.mark.parametrize(
    ("operands", "expected"),
    [
        # numbers do not widen an array of their category, nor of a higher one
        ([(F16, VECTOR), 2.5], F16),
        ([(F32, VECTOR), 2], F32),
        ([(I8, VECTOR), 300], I8),
        ([(U8, VECTOR), True], U8),
        # but lift one of a lower category
        ([(I8, VECTOR), 2.5], F32),
        ([(BOOL, VECTOR), 2], I64),
        ([(BOOL, VECTOR), 2.5], F32),
        # an array without dimensions counts like a number
        ([(F32, VECTOR), (F64, SCALAR)], F32),
        ([(I32, VECTOR), (I64, SCALAR)], I32),
        ([(I32, VECTOR), (F64, SCALAR)], F64),
        ([(I32, VECTOR), (F16, SCALAR)], F16),
        # and before a number
        ([(F16, SCALAR), 2.5], F16),
        ([(I32, SCALAR), 2.5], F32),
        ([(F64, SCALAR), (F32, SCALAR)], F64),
        # a NumPy scalar is a number beside an array, and itself without one
        ([(F32, VECTOR), np.float64(2)], F32),
        ([(I32, VECTOR), np.float64(2)], F32),
        ([np.float64(2), 1], F64),
        ([np.int32(2), np.int8(1)], I32),
        # three kinds at once
        ([(I8, VECTOR), (I64, SCALAR), 2.5], F32),
        ([(F16, VECTOR), (F64, SCALAR), 2], F16),
        ([1, 2], I64),
        ([1, 2.0], F32),
        ([True, False], BOOL),
    ],
)
def test_result_dtype(operands, expected):
    values = [
        np.ones(shape, dtype) for operand in operands if isinstance(operand, tuple)
        for dtype, shape in [operand]
    ] + [operand for operand in operands if not isinstance(operand, tuple)]  # fmt: skip
    assert promotion.result_dtype(*values) == expected
    assert promotion.result_dtype(*reversed(values)) == expected
    if len(values) == 2:
        for pair in (values, values[::-1]):
            assert [array.dtype for array in promotion.promote(*pair)] == [expected] * 2


def test_the_default_dtype_is_that_of_fractions():
    dtypes.set_default_dtype(dtypes.float64)
    try:
        assert promotion.result_dtype(np.ones(2, I64), 0.5) == F64
        assert promotion.floating(np.ones(2, I64)).dtype == F64
    finally:
        dtypes.set_default_dtype(dtypes.float32)
    assert promotion.floating(np.ones(2, bool)).dtype == F32


def test_arrays_of_one_dtype_pass_untouched():
    first, second = np.ones(2), np.ones(3)
    assert promotion.promote(first, second)[0] is first
    assert promotion.promote(first, second)[1] is second
    assert promotion.promote_floating(first, second)[1] is second
    assert promotion.floating(first) is first
    assert promotion.as_array(first) is first


def test_integers_divide_in_floating_point():
    assert [x.dtype for x in promotion.promote_floating(np.ones(2, I64), 3)] == [F32] * 2
    assert [x.dtype for x in promotion.promote_floating(np.ones(2, I8), np.ones(2, F16))] == [
        F16, F16,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "dtype", "expected"),
    [
        (300, I8, 44),
        (-1, U8, 255),
        (2**63, I64, -(2**63)),
        (1e300, F32, np.inf),
        (70000, F16, np.inf),
    ],
)
def test_numbers_beyond_the_range(number, dtype, expected):
    array = promotion.convert(number, dtype)
    assert array.dtype == dtype and array == expected


def test_no_such_operand():
    for value in ("1", [1, 2], None, 1j):
        with pytest.raises(TypeError, match=f"got {type(value).__name__}"):
            promotion.promote(np.ones(2), value)
        with pytest.raises(TypeError, match=f"got {type(value).__name__}"):
            promotion.as_array(value)
        with pytest.raises(TypeError, match=f"got {type(value).__name__}"):
            promotion.floating(value)
    with pytest.raises(OverflowError):
        promotion.convert(2**70, I64)


def test_constants_are_shared_and_read_only():
    one = promotion.constant(1.0, F32)
    assert one is promotion.constant(1.0, F32)
    assert one.dtype == F32 and one.shape == () and not one.flags.writeable
