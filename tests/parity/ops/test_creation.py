"""Compares the creating functions with PyTorch's: values, dtypes, strides, and refusals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import minitorch

ATOL_STEPS = 4  # of a float32 or float64: PyTorch rounds the terms of a range in vector lanes

DATA: list[Any] = [
    3, -2.5, True, 0, [1, 2], [1, 2.5], [True, 2], [True, 2.5], [[1, 2], [3, 4]], [], [[], []],
    [[[]]], (1, (2)), [(1, 2), [3, 4]], range(4), np.float64(1.5), np.float32(1.5), np.int8(3),
    np.bool_(True), [np.float64(1.5)], [np.float32(1), 2], [np.float32(1), 2.5],
    [np.int32(1), np.int32(2)], [np.int8(1), True], np.array(5), np.array([1.5, 2]),
    np.arange(6, dtype=np.int16).reshape(2, 3), np.zeros((2, 0)), [math.nan, math.inf], [1e40],
    2**63 - 1, -(2**63),
]  # fmt: skip
REFUSED: list[Any] = [
    "a", ["a"], b"a", [b"a"], None, [None], {}, {1, 2}, object(), float, iter([1]),
    [1, "a"], ["a", 1], [[1], ["a"]],
    [[1], [1, 2]], [[1, 2], [1]], [[1, 2], 3], [1, [2]], [[[1], [2]], [[3], [4, 5]]],
    [[1], []], 2**63, [2**64], np.array([None]), np.array(["a"]), np.array([1.0], ">f4"),
    [np.ones(2), np.ones(1)],
]  # fmt: skip
DTYPES = ["float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"]


def dtypes(name: str | None) -> tuple[Any, Any]:
    return (None, None) if name is None else (getattr(minitorch, name), getattr(torch, name))


def check(ours: Any, theirs: Any) -> None:
    """The same values, dtype, strides and need for a gradient."""
    assert ours.dtype.name == str(theirs.dtype).removeprefix("torch.")
    assert ours.requires_grad == theirs.requires_grad
    assert tuple(ours.shape) == tuple(theirs.shape)
    np.testing.assert_array_equal(ours.detach().numpy(), theirs.detach().numpy(), strict=True)
    if theirs.numel() > 1:
        assert ours.stride() == theirs.stride()


def both(call: Callable[[Any], Any]) -> tuple[Any, Any]:
    """What a call gives or raises here and there."""
    results = []
    for library in (minitorch, torch):
        try:
            results.append(call(library))
        except Exception as error:
            results.append(error)
    return results[0], results[1]


@pytest.mark.parametrize("dtype", [None, *DTYPES])
@pytest.mark.parametrize("data", DATA, ids=repr)
@pytest.mark.filterwarnings("ignore:Creating a tensor from a list:UserWarning")
def test_tensor(data: Any, dtype: str | None) -> None:
    ours, theirs = dtypes(dtype)
    try:
        expected = torch.tensor(data, dtype=theirs)
    except TypeError:
        return  # PyTorch refuses NumPy's numbers where `dtype` is an integer's; here they are cast
    except RuntimeError as error:
        with pytest.raises(RuntimeError, match="without overflow"):
            minitorch.tensor(data, dtype=ours)
        assert "without overflow" in str(error)
        return
    check(minitorch.tensor(data, dtype=ours), expected)


@pytest.mark.parametrize("data", REFUSED, ids=repr)
@pytest.mark.filterwarnings("ignore:Creating a tensor from a list:UserWarning")
def test_tensor_refuses(data: Any) -> None:
    ours, theirs = both(lambda library: library.tensor(data))
    assert isinstance(theirs, Exception)
    assert type(ours) is type(theirs)


@pytest.mark.parametrize(
    "number", [300, 256, 255, -1, -255, -256, 128, -129, 127.5, -0.5, 1e30, math.nan]
)
@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "int64", "bool", "float16"])
def test_numbers_at_the_limits(number: float, dtype: str) -> None:
    ours, theirs = both(lambda library: library.tensor([number], dtype=getattr(library, dtype)))
    if isinstance(theirs, Exception):
        assert type(ours) is type(theirs)
    else:
        check(ours, theirs)


CALLS: dict[str, Callable[[Any], Any]] = {
    "zeros": lambda lib: lib.zeros(2, 3),
    "zeros tuple": lambda lib: lib.zeros((2, 3), dtype=lib.int16),
    "zeros size": lambda lib: lib.zeros(size=(2, 3), requires_grad=True),
    "zeros scalar": lambda lib: lib.zeros(()),
    "zeros none": lambda lib: lib.zeros(),
    "zeros numpy size": lambda lib: lib.zeros(np.int64(2)),
    "zeros tensor size": lambda lib: lib.zeros(lib.tensor(2), 3),
    "zeros Size": lambda lib: lib.zeros(lib.Size([2, 1])),
    "zeros float": lambda lib: lib.zeros(2.0),
    "zeros bool": lambda lib: lib.zeros(True),
    "zeros string": lambda lib: lib.zeros("a"),
    "zeros two": lambda lib: lib.zeros((2,), 3),
    "zeros negative": lambda lib: lib.zeros(-1),
    "zeros python dtype": lambda lib: lib.zeros(2, dtype=float),
    "zeros string dtype": lambda lib: lib.zeros(2, dtype="float32"),
    "zeros integer grad": lambda lib: lib.zeros(2, dtype=lib.int64, requires_grad=True),
    "ones": lambda lib: lib.ones(3, 1),
    "ones bool": lambda lib: lib.ones(3, dtype=lib.bool),
    "full int": lambda lib: lib.full((2,), 1),
    "full bool": lambda lib: lib.full((2,), True),
    "full float": lambda lib: lib.full((2, 2), 1.5),
    "full cast": lambda lib: lib.full((2,), 2.7, dtype=lib.int64),
    "full overflow": lambda lib: lib.full((2,), 300, dtype=lib.uint8),
    "full tensor": lambda lib: lib.full((2,), lib.tensor(1.5, dtype=lib.float64)),
    "full tensor grad": lambda lib: lib.full((2,), lib.tensor(1.5, requires_grad=True)),
    "full numpy": lambda lib: lib.full((2,), np.float32(2)),
    "full string": lambda lib: lib.full((2,), "a"),
    "full int size": lambda lib: lib.full(2, 1.5),
    "full negative": lambda lib: lib.full((-1,), 2),
    "zeros_like": lambda lib: lib.zeros_like(lib.tensor([True, False])),
    "zeros_like leaf": lambda lib: lib.zeros_like(lib.ones(2, requires_grad=True)),
    "ones_like strides": lambda lib: lib.ones_like(lib.ones(2, 3).t()),
    "ones_like dtype": lambda lib: lib.ones_like(lib.arange(3), dtype=lib.float32),
    "full_like": lambda lib: lib.full_like(lib.arange(3), 3.7),
    "full_like grad": lambda lib: lib.full_like(lib.ones(3), 3, requires_grad=True),
    "full_like overflow": lambda lib: lib.full_like(lib.ones(3, dtype=lib.int8), 200),
    "empty_like list": lambda lib: lib.empty_like([1]),
    "arange": lambda lib: lib.arange(5),
    "arange float": lambda lib: lib.arange(5.0),
    "arange two": lambda lib: lib.arange(1, 5),
    "arange step": lambda lib: lib.arange(1, 6, 2),
    "arange back": lambda lib: lib.arange(5, 1, -2),
    "arange quarter": lambda lib: lib.arange(0, 2, 0.25),
    "arange truncated": lambda lib: lib.arange(0.5, 9.7, 1.7, dtype=lib.int64),
    "arange keyword": lambda lib: lib.arange(end=3),
    "arange keywords": lambda lib: lib.arange(start=1, end=6, step=3),
    "arange tensor": lambda lib: lib.arange(lib.tensor(3.0)),
    "arange tensor 1-d": lambda lib: lib.arange(lib.tensor([3])),
    "arange bool": lambda lib: lib.arange(True),
    "arange to bool": lambda lib: lib.arange(2, dtype=lib.bool),
    "arange half": lambda lib: lib.arange(7, dtype=lib.float16),
    "arange empty": lambda lib: lib.arange(0),
    "arange zero step": lambda lib: lib.arange(1, 5, 0),
    "arange wrong way": lambda lib: lib.arange(5, 1),
    "arange infinite": lambda lib: lib.arange(math.inf),
    "arange nothing": lambda lib: lib.arange(),
    "arange string": lambda lib: lib.arange("a"),
    "linspace": lambda lib: lib.linspace(0, 1, 5),
    "linspace int": lambda lib: lib.linspace(-3, 11, 6, dtype=lib.int64),
    "linspace back": lambda lib: lib.linspace(11, -3, 6, dtype=lib.int32),
    "linspace one": lambda lib: lib.linspace(3, 4, 1),
    "linspace none": lambda lib: lib.linspace(3, 4, 0),
    "linspace negative": lambda lib: lib.linspace(3, 4, -1),
    "linspace fraction": lambda lib: lib.linspace(0, 1, 2.5),
    "logspace": lambda lib: lib.logspace(0, 2, 3, dtype=lib.float64),
    "logspace two": lambda lib: lib.logspace(0, 5, 6, 2),
    "logspace int": lambda lib: lib.logspace(0, 2, 5, dtype=lib.int64),
    "eye": lambda lib: lib.eye(3),
    "eye wide": lambda lib: lib.eye(2, 3, dtype=lib.bool),
    "eye empty": lambda lib: lib.eye(0),
    "eye negative": lambda lib: lib.eye(2, -1),
    "eye float": lambda lib: lib.eye(2.0),
    "scalar_tensor": lambda lib: lib.scalar_tensor(3),
    "scalar_tensor string": lambda lib: lib.scalar_tensor("a"),
    "tril_indices": lambda lib: lib.tril_indices(3, 4),
    "tril_indices below": lambda lib: lib.tril_indices(4, 3, -1),
    "tril_indices above": lambda lib: lib.tril_indices(2, 5, 2, dtype=lib.int32),
    "triu_indices": lambda lib: lib.triu_indices(3, 4),
    "triu_indices above": lambda lib: lib.triu_indices(3, 2, 1),
    "triu_indices empty": lambda lib: lib.triu_indices(0, 2),
    "triu_indices negative": lambda lib: lib.triu_indices(-1, 2),
    "as_tensor": lambda lib: lib.as_tensor([1, 2.5]),
    "as_tensor dtype": lambda lib: lib.as_tensor(np.ones(2), dtype=lib.float32),
    "as_tensor scalar": lambda lib: lib.as_tensor(np.float64(3)),
    "as_tensor leaf": lambda lib: lib.as_tensor(lib.ones(2, requires_grad=True)),
    "from_numpy": lambda lib: lib.from_numpy(np.arange(6.0).reshape(2, 3).T),
    "from_numpy list": lambda lib: lib.from_numpy([1]),
    "from_numpy scalar": lambda lib: lib.from_numpy(np.float64(1)),
    "from_numpy strings": lambda lib: lib.from_numpy(np.array(["a"])),
    "asarray": lambda lib: lib.asarray([1.0, 2], requires_grad=True),
    "asarray list": lambda lib: lib.asarray([1, 2], dtype=lib.float64),
    "asarray detached": lambda lib: lib.asarray(
        lib.ones(2, requires_grad=True) * 2, requires_grad=False
    ),
    "asarray no copy": lambda lib: lib.asarray([1, 2], copy=False),
    "asarray cast": lambda lib: lib.asarray(np.ones(2), copy=False, dtype=lib.float32),
    "tensor of tensors": lambda lib: lib.tensor([lib.tensor(1, dtype=lib.int8), 2]),
    "tensor of 1-d": lambda lib: lib.tensor([lib.tensor([1.5]), lib.tensor([2.5])]),
    "tensor of several": lambda lib: lib.tensor([lib.ones(2), lib.ones(2)]),
    "tensor grad": lambda lib: lib.tensor([1.0, 2.0], requires_grad=True),
    "tensor integer grad": lambda lib: lib.tensor([1, 2], requires_grad=True),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_calls(call: Callable[[Any], Any]) -> None:
    ours, theirs = both(call)
    if isinstance(theirs, Exception):
        assert type(ours) is type(theirs), ours
    else:
        assert not isinstance(ours, Exception), ours
        check(ours, theirs)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", ["arange", "linspace", "logspace"])
def test_ranges_of_random_bounds(function: str, dtype: str, rng: np.random.Generator) -> None:
    ours, theirs = dtypes(dtype)
    spacing = np.finfo(dtype).eps
    for _ in range(50):
        start, length = float(rng.uniform(-3, 3)), float(rng.uniform(0.1, 3))
        if function == "arange":
            rest: tuple[float, ...] = (float(rng.uniform(0.01, 0.5)),)
        else:
            rest = (int(rng.integers(1, 200)),)
        arguments = (start, start + length, *rest)
        got = getattr(minitorch, function)(*arguments, dtype=ours).numpy()
        expected = getattr(torch, function)(*arguments, dtype=theirs).numpy()
        tolerance = ATOL_STEPS * spacing
        np.testing.assert_allclose(got, expected, rtol=4 * tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_linspace_bit_for_bit(dtype: str, rng: np.random.Generator) -> None:
    for count in [0, 1, 2, 3, 10, 49, 50, *rng.integers(1, 3000, 40).tolist()]:
        start, end = (rng.normal(size=2) * 10.0 ** rng.integers(-3, 5)).tolist()
        ours = minitorch.linspace(start, end, count, dtype=getattr(minitorch, dtype))
        theirs = torch.linspace(start, end, count, dtype=getattr(torch, dtype))
        np.testing.assert_array_equal(ours.array, theirs.numpy(), strict=True)


@pytest.mark.parametrize("dtype", ["int64", "int32"])
def test_linspace_of_integers(dtype: str, rng: np.random.Generator) -> None:
    for count in range(1, 60):
        start, end = rng.integers(-100, 100, 2).tolist()
        ours = minitorch.linspace(start, end, count, dtype=getattr(minitorch, dtype))
        theirs = torch.linspace(start, end, count, dtype=getattr(torch, dtype))
        np.testing.assert_array_equal(ours.array, theirs.numpy(), strict=True)
