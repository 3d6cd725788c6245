"""Tests of `minitorch.device`."""

import pickle

import pytest

import minitorch
from minitorch import device


def test_the_cpu_with_and_without_a_number() -> None:
    plain, first = device("cpu"), device("cpu:0")
    assert (plain.type, plain.index) == ("cpu", None)
    assert (first.type, first.index) == ("cpu", 0)
    assert (repr(plain), str(plain)) == ("device(type='cpu')", "cpu")
    assert (repr(first), str(first)) == ("device(type='cpu', index=0)", "cpu:0")
    assert first == device("cpu", 0) == device(first) != plain
    assert hash(first) == hash(device("cpu", 0))
    assert plain != "cpu"
    assert pickle.loads(pickle.dumps(first)) == first


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "mps", "cpu:x", "", 0])
def test_other_devices_are_refused(name: object) -> None:
    with pytest.raises(RuntimeError, match="NumPy on the CPU"):
        device(name)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="NumPy on the CPU"):
        minitorch.zeros(2, device=name)


def test_two_numbers_are_refused() -> None:
    with pytest.raises(RuntimeError):
        device("cpu:0", 0)


def test_what_names_no_device() -> None:
    with pytest.raises(TypeError, match="expects a string such as 'cpu', got NoneType"):
        device(None)  # type: ignore[arg-type]


def test_every_tensor_is_on_the_cpu() -> None:
    assert minitorch.zeros(2, device="cpu").device == device("cpu")
