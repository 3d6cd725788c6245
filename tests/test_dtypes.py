"""Tests of `minitorch.dtypes`."""

import copy
import pickle

import numpy as np
import pytest

import minitorch
from minitorch.dtypes import from_numpy_dtype, to_numpy_dtype

FLOATS = [minitorch.float16, minitorch.float32, minitorch.float64]
INTEGERS = [
    minitorch.uint8, minitorch.uint16, minitorch.uint32, minitorch.uint64,
    minitorch.int8, minitorch.int16, minitorch.int32, minitorch.int64,
]  # fmt: skip
ALL = [*FLOATS, *INTEGERS, minitorch.bool]


@pytest.mark.parametrize("dtype", ALL, ids=repr)
def test_a_dtype_is_numpys_of_the_same_name(dtype: minitorch.dtype) -> None:
    numpy_dtype = np.dtype(dtype.name)
    assert np.zeros(1, dtype=dtype).dtype == numpy_dtype
    assert dtype.itemsize == numpy_dtype.itemsize
    assert from_numpy_dtype(numpy_dtype) is dtype
    assert to_numpy_dtype(dtype) == to_numpy_dtype(numpy_dtype) == numpy_dtype
    assert repr(dtype) == f"minitorch.{dtype.name}"
    assert pickle.loads(pickle.dumps(dtype)) is dtype
    assert copy.deepcopy(dtype) is dtype


def test_kinds() -> None:
    assert [dtype for dtype in ALL if dtype.is_floating_point] == FLOATS
    signed = [minitorch.int8, minitorch.int16, minitorch.int32, minitorch.int64]
    assert [dtype for dtype in ALL if dtype.is_signed] == FLOATS + signed
    assert not any(dtype.is_complex for dtype in ALL)
    assert minitorch.float64.to_real() is minitorch.float64


def test_other_names() -> None:
    assert minitorch.half is minitorch.float16
    assert minitorch.float is minitorch.float32
    assert minitorch.double is minitorch.float64
    assert minitorch.short is minitorch.int16
    assert minitorch.int is minitorch.int32
    assert minitorch.long is minitorch.int64


def test_python_types_stand_for_dtypes() -> None:
    assert to_numpy_dtype(float) == np.float64
    assert to_numpy_dtype(int) == np.int64
    assert to_numpy_dtype(bool) == np.bool_


@pytest.mark.parametrize("wrong", ["float32", 3, None, object()])
def test_what_is_no_dtype_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match=r"must be a minitorch\.dtype"):
        to_numpy_dtype(wrong)


@pytest.mark.parametrize("name", ["complex64", "object", "<U3", ">f4"])
def test_numpy_dtypes_that_tensors_cannot_hold(name: str) -> None:
    with pytest.raises(TypeError, match="The only supported types are"):
        from_numpy_dtype(np.dtype(name))


def test_the_default_dtype_can_be_set() -> None:
    assert minitorch.get_default_dtype() is minitorch.float32
    minitorch.set_default_dtype(minitorch.float64)
    try:
        assert minitorch.tensor(1.5).dtype is minitorch.float64
        assert minitorch.zeros(2).dtype is minitorch.float64
        assert minitorch.finfo().bits == 64
        assert repr(minitorch.zeros(1)) == "tensor([0.])"
    finally:
        minitorch.set_default_dtype(minitorch.float32)


@pytest.mark.parametrize("wrong", [minitorch.int64, "float32", float])
def test_the_default_dtype_must_be_floating_point(wrong: object) -> None:
    with pytest.raises(TypeError, match="only floating-point types"):
        minitorch.set_default_dtype(wrong)  # type: ignore[arg-type]


def test_finfo_of_float16() -> None:
    info = minitorch.finfo(minitorch.float16)
    assert (info.bits, info.dtype) == (16, "float16")
    assert info.max == 65504.0 == -info.min  # (2 - 2**-10) * 2**15
    assert info.eps == 2.0**-10
    assert info.tiny == info.smallest_normal == 2.0**-14
    assert info.resolution == 0.001


def test_finfo_is_printed_and_compared() -> None:
    info = minitorch.finfo(minitorch.float32)
    assert repr(info) == (
        "finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, "
        "smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=float32)"
    )
    assert info == minitorch.finfo() != minitorch.finfo(minitorch.float64)
    assert hash(info) == hash(minitorch.finfo())
    assert info != "float32"


def test_iinfo() -> None:
    info = minitorch.iinfo(minitorch.int16)
    assert (info.bits, info.min, info.max, info.dtype) == (16, -32768, 32767, "int16")
    assert minitorch.iinfo(minitorch.uint64).max == 2**64 - 1
    assert repr(minitorch.iinfo(minitorch.uint8)) == "iinfo(min=0, max=255, dtype=uint8)"


def test_limits_of_the_wrong_kind_of_dtype() -> None:
    with pytest.raises(TypeError, match=r"use iinfo\(\)"):
        minitorch.finfo(minitorch.int32)
    with pytest.raises(TypeError, match=r"use finfo\(\)"):
        minitorch.iinfo(minitorch.float32)
    with pytest.raises(TypeError, match="integer dtype"):
        minitorch.iinfo(minitorch.bool)
    with pytest.raises(TypeError, match=r"expects a minitorch\.dtype, got str"):
        minitorch.finfo("float32")  # type: ignore[arg-type]


def test_promote_types() -> None:
    promote = minitorch.promote_types
    assert promote(minitorch.int8, minitorch.uint8) is minitorch.int16
    assert promote(minitorch.int64, minitorch.float16) is minitorch.float16
    assert promote(minitorch.float16, minitorch.float64) is minitorch.float64
    assert promote(minitorch.bool, minitorch.uint8) is minitorch.uint8
    assert promote(minitorch.uint16, minitorch.uint16) is minitorch.uint16


def test_wide_unsigned_integers_are_not_promoted() -> None:
    with pytest.raises(RuntimeError, match="not supported"):
        minitorch.promote_types(minitorch.uint16, minitorch.int32)
    with pytest.raises(TypeError, match=r"expects a minitorch\.dtype"):
        minitorch.promote_types(minitorch.int8, 2)  # type: ignore[arg-type]


def test_result_type() -> None:
    integers = minitorch.tensor([1, 2])
    scalar = minitorch.tensor(1.5, dtype=minitorch.float64)
    vector = minitorch.tensor([1.5])
    assert minitorch.result_type(integers, 2.5) is minitorch.float32
    assert minitorch.result_type(integers, scalar) is minitorch.float64
    assert minitorch.result_type(vector, scalar) is minitorch.float32
    assert minitorch.result_type(True, integers) is minitorch.int64
    assert minitorch.result_type(1, 2.5) is minitorch.float32
    assert minitorch.result_type(np.ones(2, np.int8), 2) is minitorch.int8
    with pytest.raises(TypeError, match="expected a Tensor, an array or a number, got str"):
        minitorch.result_type("a", integers)


def test_can_cast() -> None:
    assert minitorch.can_cast(minitorch.float64, minitorch.float16)
    assert minitorch.can_cast(minitorch.int64, minitorch.uint8)
    assert minitorch.can_cast(minitorch.bool, minitorch.int8)
    assert not minitorch.can_cast(minitorch.float32, minitorch.int64)
    assert not minitorch.can_cast(minitorch.int8, minitorch.bool)


def test_is_floating_point() -> None:
    assert minitorch.is_floating_point(minitorch.tensor(1.5))
    assert not minitorch.is_floating_point(np.arange(2))
    with pytest.raises(TypeError, match="expects a Tensor or an array, got int"):
        minitorch.is_floating_point(3)
