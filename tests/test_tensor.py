"""Tests of `minitorch.tensor`: what a Tensor is, says, becomes and leaves behind."""

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import Tensor


@pytest.fixture
def leaf() -> Tensor:
    return minitorch.tensor([1.0, 2.0], requires_grad=True)


# -- the class holds no functions of its own ----------------------------------------------


@pytest.mark.parametrize("name", ["exp", "sum", "matmul", "reshape", "gather", "eq", "clone"])
def test_methods_are_the_functions(name: str) -> None:
    assert vars(Tensor)[name] is getattr(minitorch, name)


# -- the old constructor ------------------------------------------------------------------


def test_data_are_converted_to_the_default_dtype() -> None:
    for data in ([1, 2], (1, 2), range(1, 3), np.array([1, 2])):
        made = Tensor(data)
        assert made.dtype is minitorch.float32
        assert made.tolist() == [1, 2]


def test_sizes_make_an_uninitialised_tensor() -> None:
    assert Tensor().shape == (0,)
    assert Tensor(2, 3).shape == (2, 3)
    assert Tensor(5).shape == Tensor(np.int64(5)).shape == (5,)
    assert Tensor(minitorch.Size([2, 3])).shape == (2, 3)


def test_a_tensor_is_shared_with_its_dtype_and_history(leaf: Tensor) -> None:
    integers = minitorch.tensor([1, 2])
    assert np.shares_memory(Tensor(integers).array, integers.array)
    assert Tensor(integers).dtype is minitorch.int64
    Tensor(leaf).sum().backward()
    assert leaf.grad is not None


@pytest.mark.parametrize("wrong", [2.5, None, np.float32(2), "a", True])
def test_what_is_neither_data_nor_size(wrong: Any) -> None:
    with pytest.raises(TypeError):
        Tensor(wrong)


def test_subclasses_are_made_of_their_class() -> None:
    class Special(Tensor):
        pass

    assert type(Special([1, 2])) is Special
    assert type(Special(2, 3)) is Special
    assert type(Special([1, 2]) * 2) is Tensor


# -- what it is ---------------------------------------------------------------------------


def test_shape_and_size() -> None:
    x = minitorch.zeros(2, 3)
    assert type(x.shape) is type(x.size()) is minitorch.Size
    assert x.shape == x.size() == (2, 3)
    assert (x.size(0), x.size(-1), x.size(dim=1)) == (2, 3, 3)
    assert (x.ndim, x.dim(), x.ndimension()) == (2, 2, 2)
    assert x.numel() == x.nelement() == 6
    with pytest.raises(IndexError, match="Dimension out of range"):
        x.size(2)
    with pytest.raises(IndexError, match="tensor has no dimensions"):
        minitorch.tensor(1).size(0)


def test_dtype_and_bytes() -> None:
    x = minitorch.zeros(2, 3, dtype=minitorch.int16)
    assert x.dtype is minitorch.int16
    assert (x.itemsize, x.element_size(), x.nbytes) == (2, 2, 12)
    assert not x.is_floating_point()
    assert x.is_signed()
    assert not x.is_complex()
    assert x.real is x


def test_place() -> None:
    x = minitorch.zeros(2)
    assert x.device == minitorch.device("cpu")
    assert x.is_cpu
    assert not x.is_cuda
    assert x.cpu() is x
    assert x.data_ptr() == x.detach().data_ptr() != 0
    assert minitorch.zeros(0).data_ptr() == 0
    with pytest.raises(RuntimeError, match="there is no CUDA here"):
        x.cuda()


def test_transposes() -> None:
    x = minitorch.arange(6).reshape(1, 2, 3)
    assert x[0].T.tolist() == x[0].H.tolist() == [[0, 3], [1, 4], [2, 5]]
    assert x.mT.shape == (1, 3, 2)
    with pytest.raises(RuntimeError, match=r"tensor\.H is only supported on matrices"):
        _ = x.H


# -- to Python ----------------------------------------------------------------------------


def test_item_and_tolist() -> None:
    assert minitorch.tensor([[2.5]]).item() == 2.5
    assert minitorch.tensor(True).item() is True
    assert type(minitorch.tensor(3).item()) is int
    assert minitorch.tensor([[1], [2]]).tolist() == [[1], [2]]
    assert minitorch.tensor(1.5).tolist() == 1.5
    for x in (minitorch.ones(3), minitorch.zeros(0)):
        with pytest.raises(
            RuntimeError, match=f"a Tensor with {x.numel()} elements cannot be converted to Scalar"
        ):
            x.item()


def test_numpy_is_the_buffer(leaf: Tensor) -> None:
    x = minitorch.ones(2)
    assert x.numpy() is x.array
    assert leaf.numpy(force=True) is leaf.array
    with pytest.raises(RuntimeError, match=r"Use tensor\.detach\(\)\.numpy\(\) instead"):
        leaf.numpy()
    with minitorch.no_grad(), pytest.raises(RuntimeError, match="Can't call numpy"):
        leaf.numpy()


def test_numbers_of_one_element() -> None:
    x = minitorch.tensor([[2.75]])
    assert (int(x), float(x), bool(x)) == (2, 2.75, True)
    assert math.sqrt(minitorch.tensor(4.0)) == 2
    assert [10, 11, 12][minitorch.tensor(2)] == 12
    assert [10, 11][minitorch.tensor([True])] == 11
    assert list(range(minitorch.tensor(2))) == [0, 1]


def test_numbers_of_several_elements_are_refused() -> None:
    x = minitorch.ones(3)
    for convert in (int, float):
        with pytest.raises(ValueError, match="only one element tensors can be converted"):
            convert(x)
    with pytest.raises(RuntimeError, match="more than one value is ambiguous"):
        bool(x)
    with pytest.raises(RuntimeError, match="no values is ambiguous"):
        bool(minitorch.zeros(0))
    for wrong in (x.long(), minitorch.tensor(1.0)):
        with pytest.raises(TypeError, match="only integer tensors of a single element"):
            [1, 2][wrong]


def test_length_and_iteration(leaf: Tensor) -> None:
    assert len(minitorch.zeros(3, 2)) == 3
    first, second = leaf * 2
    assert (first.item(), second.item()) == (2, 4)
    assert first.requires_grad
    (first * second).backward()
    assert leaf.grad is not None
    assert leaf.grad.tolist() == [8, 4]
    assert [x.shape for x in minitorch.zeros(2, 0)] == [(0,), (0,)]
    assert list(minitorch.zeros(0, 2)) == []
    assert [x.item() for x in reversed(minitorch.arange(3))] == [2, 1, 0]
    with pytest.raises(TypeError, match="len\\(\\) of a 0-d tensor"):
        len(minitorch.tensor(1))
    with pytest.raises(TypeError, match="iteration over a 0-d tensor"):
        iter(minitorch.tensor(1))


def test_contains() -> None:
    x = minitorch.tensor([1, 2])
    assert 1 in x
    assert 3 not in x
    assert minitorch.tensor(2) in x
    with pytest.raises(RuntimeError, match="only supports Tensor or scalar"):
        _ = "a" in x


# -- text ---------------------------------------------------------------------------------


def test_repr_says_what_is_not_obvious(leaf: Tensor) -> None:
    assert repr(minitorch.tensor([1.0, 2.5])) == "tensor([1.0000, 2.5000])"
    assert repr(minitorch.tensor([1, 2])) == "tensor([1, 2])"
    assert repr(minitorch.tensor([True])) == "tensor([True])"
    assert repr(minitorch.tensor([1, 2]).int()) == "tensor([1, 2], dtype=minitorch.int32)"
    assert repr(minitorch.zeros(0, dtype=minitorch.int64)) == "tensor([], dtype=minitorch.int64)"
    assert repr(leaf) == "tensor([1., 2.], requires_grad=True)"
    assert repr(leaf * 2) == "tensor([2., 4.], grad_fn=<MulBackward0>)"
    assert repr(leaf.double()) == (
        "tensor([1., 2.], dtype=minitorch.float64, grad_fn=<ToCopyBackward0>)"
    )
    assert str(leaf.detach()) == "tensor([1., 2.])"


def test_format(leaf: Tensor) -> None:
    assert f"{minitorch.tensor(1.5):.3f}" == "1.500"
    assert f"{(leaf * 2)[1]:>5}" == "  4.0"
    assert f"{leaf}" == repr(leaf)
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{leaf:.2f}"


# -- copies of the object -----------------------------------------------------------------


def test_pickle_keeps_a_leaf_with_its_attributes(leaf: Tensor) -> None:
    leaf.sum().backward()
    leaf.label = "weights"  # type: ignore[attr-defined]
    leaf.register_hook(lambda grad: grad * 2)
    loaded = pickle.loads(pickle.dumps(leaf))
    assert type(loaded) is Tensor
    assert loaded.tolist() == [1, 2]
    assert loaded.requires_grad
    assert loaded.label == "weights"
    assert loaded.grad is None
    loaded.sum().backward()
    assert loaded.grad.tolist() == [1, 1]


def test_pickle_of_a_computed_tensor_is_a_leaf(leaf: Tensor) -> None:
    loaded = pickle.loads(pickle.dumps(leaf * 2))
    assert loaded.is_leaf
    assert loaded.requires_grad
    assert loaded.tolist() == [2, 4]


def test_pickle_keeps_strides_and_identity() -> None:
    x = minitorch.ones(2, 3).t()
    assert pickle.loads(pickle.dumps(x)).stride() == (1, 3)
    first, second = pickle.loads(pickle.dumps([x, x]))
    assert first is second


def test_a_shallow_copy_shares_memory(leaf: Tensor) -> None:
    copied = copy.copy(leaf)
    assert copied is not leaf
    assert copied.array is leaf.array
    assert copied.requires_grad


def test_a_deep_copy_keeps_gradient_and_attributes(leaf: Tensor) -> None:
    leaf.sum().backward()
    leaf.label = ["weights"]  # type: ignore[attr-defined]
    first, second = copy.deepcopy([leaf, leaf])
    assert first is second
    assert first.requires_grad
    assert not np.shares_memory(first.array, leaf.array)
    assert first.grad is not None
    assert leaf.grad is not None
    assert first.grad.tolist() == [1, 1]
    assert not np.shares_memory(first.grad.array, leaf.grad.array)
    assert first.label == ["weights"]
    assert first.label is not leaf.label  # type: ignore[attr-defined]


def test_a_deep_copy_of_a_tensor_that_refers_to_itself(leaf: Tensor) -> None:
    leaf.itself = leaf  # type: ignore[attr-defined]
    copied: Any = copy.deepcopy(leaf)
    assert copied.itself is copied


def test_a_deep_copy_has_a_version_of_its_own() -> None:
    x = minitorch.ones(2)
    x.add_(1)
    copied = copy.deepcopy(x)
    copied.add_(1)
    assert x.tolist() == [2, 2]
    assert copied.tolist() == [3, 3]


def test_computed_tensors_are_not_deep_copied(leaf: Tensor) -> None:
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user"):
        copy.deepcopy(leaf * 2)
    assert copy.deepcopy((leaf * 2).detach()).tolist() == [2, 4]


class Special(Tensor):
    """A subclass that copies must keep."""


def test_copies_keep_the_class() -> None:
    special = Special([1.0, 2.0])
    for copied in (
        copy.copy(special),
        copy.deepcopy(special),
        pickle.loads(pickle.dumps(special)),
    ):
        assert type(copied) is Special
        assert copied.tolist() == [1, 2]


# -- new tensors of the same dtype --------------------------------------------------------


def test_new_tensors() -> None:
    x = minitorch.zeros(1, dtype=minitorch.int16)
    for made, expected in [
        (x.new_tensor([1.5, 2]), [1, 2]),
        (x.new_zeros(2), [0, 0]),
        (x.new_ones((2,)), [1, 1]),
        (x.new_full((2,), 3.5), [3, 3]),
    ]:
        assert made.dtype is minitorch.int16
        assert made.tolist() == expected
    assert x.new_empty(2, 3).shape == (2, 3)
    assert x.new_zeros(2, dtype=minitorch.float64, requires_grad=True).requires_grad


# -- what needs a word of its own ---------------------------------------------------------


def test_where_takes_the_condition_first(leaf: Tensor) -> None:
    result = leaf.where(leaf > 1.5, 7.0)
    assert result.tolist() == [7, 2]
    result.sum().backward()
    assert leaf.grad is not None
    assert leaf.grad.tolist() == [0, 1]


def test_sigmoid(leaf: Tensor) -> None:
    expected = 1 / (1 + np.exp([-1.0, -2.0]))
    np.testing.assert_allclose(leaf.sigmoid().detach().array, expected, rtol=1e-6)
    np.testing.assert_allclose(leaf.clone().sigmoid_().detach().array, expected, rtol=1e-6)


@pytest.mark.parametrize("value", [minitorch.ones(2), minitorch.tensor([True])])
def test_invert(value: Tensor) -> None:
    if value.is_floating_point():
        with pytest.raises(TypeError, match="integer and Boolean-type tensors"):
            _ = ~value
    else:
        assert (~value).tolist() == [False]


def test_attributes_are_kept(leaf: Tensor) -> None:
    leaf.note = "seen"  # type: ignore[attr-defined]
    leaf.add(1)
    assert leaf.note == "seen"  # type: ignore[attr-defined]


def test_indexing(leaf: Tensor) -> None:
    x: Any = minitorch.zeros(2, 2)
    x[0] = leaf
    x[:, 1] += 1
    assert x.tolist() == [[1, 3], [0, 1]]
    assert x[0, 1].item() == 3
    x.sum().backward()
    assert leaf.grad is not None
    assert leaf.grad.tolist() == [1, 1]
