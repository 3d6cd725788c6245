"""Tests of `minitorch.ops.conversion`: casts, clones, and values written into a tensor."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import Tensor
from minitorch.ops import conversion


def leaf(*values: float, dtype: minitorch.dtype = minitorch.float64) -> Tensor:
    return minitorch.tensor(values, dtype=dtype, requires_grad=True)


# -- to another dtype ---------------------------------------------------------------------


def test_to_returns_the_tensor_itself_where_nothing_changes() -> None:
    x = minitorch.ones(2)
    for same in (
        x.to(minitorch.float32),
        x.to("cpu"),
        x.to(x),
        x.to(),
        x.to(device="cpu", dtype=minitorch.float32),
        x.float(),
        x.type(minitorch.float32),
        x.type_as(x),
    ):
        assert same is x
    assert x.to(minitorch.float32, copy=True) is not x


@pytest.mark.parametrize(
    "convert",
    [
        lambda x: x.to(minitorch.int16),
        lambda x: x.to("cpu", minitorch.int16),
        lambda x: x.to(minitorch.device("cpu"), minitorch.int16, True, False),
        lambda x: x.to(minitorch.zeros(1, dtype=minitorch.int16)),
        lambda x: x.to(dtype=minitorch.int16, non_blocking=True),
        lambda x: x.short(),
        lambda x: x.type(minitorch.int16),
        lambda x: x.type("torch.ShortTensor"),
        lambda x: x.type_as(minitorch.zeros(1, dtype=minitorch.int16)),
    ],
)
def test_ways_to_another_dtype(convert: Callable[[Tensor], Tensor]) -> None:
    x = minitorch.tensor([1.9, -1.9])
    result = convert(x)
    assert result.dtype is minitorch.int16
    assert result.tolist() == [1, -1]
    assert x.dtype is minitorch.float32


def test_to_refuses() -> None:
    x = minitorch.ones(2)
    with pytest.raises(RuntimeError, match="NumPy on the CPU"):
        x.to("cuda")
    with pytest.raises(RuntimeError, match="NumPy on the CPU"):
        x.to(minitorch.float64, device="mps")
    with pytest.raises(TypeError, match="two flags"):
        x.to(minitorch.float64, True, True, True)
    with pytest.raises(TypeError):
        x.to([1])
    with pytest.raises(ValueError, match="invalid type: 'FloatTensor'"):
        x.type("FloatTensor")


def test_too_large_numbers_are_silently_infinite() -> None:
    assert minitorch.tensor([1e300], dtype=minitorch.float64).float().tolist() == [np.inf]


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("half", "float16"), ("float", "float32"), ("double", "float64"), ("byte", "uint8"),
     ("char", "int8"), ("short", "int16"), ("int", "int32"), ("long", "int64"), ("bool", "bool")],
)  # fmt: skip
def test_casts_by_name(name: str, dtype: str) -> None:
    cast = getattr(Tensor, name)
    assert cast.__name__ == name
    result = cast(minitorch.tensor([0.0, 2.5]))
    assert result.array.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(result.array, np.array([0.0, 2.5]).astype(dtype))


def test_the_gradient_of_a_cast_has_the_input_s_dtype() -> None:
    x = leaf(1.0, 2.0)
    y = x.float()
    assert repr(y.grad_fn) == "<ToCopyBackward0>"
    (y * 3).sum().backward()
    assert x.grad is not None
    assert x.grad.dtype is minitorch.float64
    assert x.grad.tolist() == [3, 3]


def test_casts_to_integers_end_the_graph() -> None:
    assert not leaf(1.0).long().requires_grad


def test_a_cast_can_be_differentiated_twice() -> None:
    x = leaf(2.0)
    (first,) = minitorch.autograd.grad((x.float() ** 3).sum(), x, create_graph=True)
    (second,) = minitorch.autograd.grad(first.sum(), x)
    assert first.item() == 12.0
    assert second.item() == 12.0


def test_conversions_of_arrays_are_arrays() -> None:
    array = np.array([1.5, 2.5])
    assert type(conversion.to(array, minitorch.int64)) is np.ndarray  # type: ignore[arg-type]
    copy = conversion.clone(array)  # type: ignore[arg-type]
    assert type(copy) is np.ndarray
    assert not np.shares_memory(copy, array)


# -- clone --------------------------------------------------------------------------------


def test_clone_copies_and_passes_the_gradient() -> None:
    x = leaf(1.0, 2.0)
    y = x.clone()
    assert not np.shares_memory(x.array, y.array)
    (y * y).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2, 4]


def test_clone_keeps_the_order_in_memory() -> None:
    assert minitorch.ones(2, 3).t().clone().stride() == (1, 3)
    assert minitorch.ones(2, 3).expand(2, 2, 3).clone().stride() == (6, 3, 1)
    assert minitorch.zeros(0, 2).clone().shape == (0, 2)


# -- fill_, zero_ and copy_ ---------------------------------------------------------------


def test_fill_writes_into_the_buffer() -> None:
    x = minitorch.zeros(2, dtype=minitorch.int64)
    buffer = x.array
    assert x.fill_(2.7) is x
    assert buffer.tolist() == [2, 2]
    assert x.zero_().tolist() == [0, 0]
    assert x.fill_(minitorch.tensor(5)).tolist() == [5, 5]
    assert x._version == 3


def test_the_gradient_of_filled_values_goes_to_the_value() -> None:
    x, value = leaf(1.0, 2.0), minitorch.tensor(3.0, dtype=minitorch.float64, requires_grad=True)
    y = x * 2
    y.fill_(value)
    (y * minitorch.tensor([2.0, 5.0])).sum().backward()
    assert x.grad is not None
    assert value.grad is not None
    assert x.grad.tolist() == [0, 0]
    assert value.grad.item() == 7


def test_zero_ends_the_old_gradient() -> None:
    x = leaf(1.0, 2.0)
    y = x * 2
    y.zero_()
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 0]


def test_part_of_a_tensor_is_filled() -> None:
    x = leaf(1.0, 2.0)
    y = x * 2
    y[0].fill_(7.0)
    assert y.tolist() == [7, 4]
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 2]


def test_fill_refuses() -> None:
    with pytest.raises(RuntimeError, match="0-dimension value tensor but got tensor with 1 dim"):
        minitorch.zeros(2).fill_(minitorch.ones(1))
    with pytest.raises(TypeError, match="'value' must be a number, not str"):
        minitorch.zeros(2).fill_("a")
    with pytest.raises(RuntimeError, match="without overflow"):
        minitorch.zeros(2, dtype=minitorch.int8).fill_(128)
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
        leaf(1.0).fill_(2.0)


def test_fill_out_of_place() -> None:
    x = leaf(1.0, 2.0)
    assert minitorch.fill(x, 3).tolist() == [3, 3]
    assert x.tolist() == [1, 2]
    array = np.zeros(2, np.float32)
    filled: Any = minitorch.fill(array, 3)  # type: ignore[arg-type]
    assert type(filled) is np.ndarray
    assert filled.dtype == np.float32


def test_copy_broadcasts_and_casts() -> None:
    x = minitorch.zeros(2, 2, dtype=minitorch.int64)
    assert x.copy_(minitorch.tensor([1.7, -2.7])) is x
    assert x.tolist() == [[1, -2], [1, -2]]
    assert x.copy_(np.array(9)).tolist() == [[9, 9], [9, 9]]  # type: ignore[arg-type]


def test_the_gradient_of_copied_values_goes_to_the_source() -> None:
    x = leaf(1.0, 2.0)
    source = minitorch.tensor([5.0], dtype=minitorch.float32, requires_grad=True)
    y = x * 2
    y.copy_(source)
    assert repr(y.grad_fn) == "<CopyBackwards>"
    (y * minitorch.tensor([2.0, 5.0])).sum().backward()
    assert x.grad is not None
    assert source.grad is not None
    assert x.grad.tolist() == [0, 0]
    assert source.grad.dtype is minitorch.float32
    assert source.grad.tolist() == [7]


def test_copy_can_be_differentiated_twice() -> None:
    x = leaf(2.0)
    y = minitorch.zeros(1, dtype=minitorch.float64)
    y.copy_(x)
    (first,) = minitorch.autograd.grad((y**3).sum(), x, create_graph=True)
    (second,) = minitorch.autograd.grad(first.sum(), x)
    assert (first.item(), second.item()) == (12, 12)


def test_copy_refuses() -> None:
    with pytest.raises(RuntimeError, match=r"shape \[3\] into one of shape \[2\]"):
        minitorch.zeros(2).copy_(minitorch.ones(3))
    with pytest.raises(TypeError, match="'src' must be a Tensor or an array, not list"):
        minitorch.zeros(2).copy_([1, 2])  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
        leaf(1.0).copy_(minitorch.ones(1))


def test_leaves_are_filled_and_copied_under_no_grad() -> None:
    x = leaf(1.0, 2.0)
    with minitorch.no_grad():
        x.copy_(minitorch.tensor([3.0, 4.0]))
        assert x.tolist() == [3, 4]
        x.zero_()
    assert x.tolist() == [0, 0]
    assert x.is_leaf
    assert x.requires_grad
