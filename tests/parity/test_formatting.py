"""Compares the text of tensors with PyTorch's, character for character."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch._tensor_str import printoptions as torch_printoptions

from minitorch.formatting import format_tensor, printoptions

Array = NDArray[Any]

SHAPES: list[tuple[int, ...]] = [
    (),
    (1,),
    (7,),
    (40,),
    (1000,),
    (1001,),
    (0,),
    (0, 3),
    (3, 1),
    (5, 30),
    (40, 40),
    (1200, 1),
    (2, 0, 4),
    (2, 3, 4),
    (9, 8, 20),
    (2, 1, 3, 2),
    (8, 2, 7, 12),
    (6, 6, 6, 6),
]
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float16", "float32", "float64"]
OPTIONS: list[dict[str, Any]] = [
    {"precision": 0},
    {"precision": 7, "sci_mode": False},
    {"precision": 2, "sci_mode": True},
    {"threshold": 0, "edgeitems": 1},
    {"threshold": 10, "edgeitems": 5, "linewidth": 33},
    {"threshold": 10, "edgeitems": 0},
    {"edgeitems": 0},
    {"linewidth": 1},
    {"linewidth": 47},
    {"linewidth": 200},
    {"profile": "short"},
    {"profile": "full"},
    {"profile": "short", "precision": 6, "linewidth": 61},
]


@contextmanager
def both_printoptions(options: dict[str, Any]) -> Iterator[None]:
    with printoptions(**options), torch_printoptions(**options):
        yield


def assert_same_text(array: Array, *, requires_grad: bool = False) -> None:
    tensor = torch.from_numpy(array.copy()).requires_grad_(requires_grad)
    implied = [torch.float32] if array.size == 0 else [torch.float32, torch.int64, torch.bool]
    suffixes = [] if tensor.dtype in implied else [f"dtype={tensor.dtype}"]
    if requires_grad:
        suffixes.append("requires_grad=True")
    assert format_tensor(array, suffixes=suffixes) == repr(tensor)


def random_floats(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Array:
    """Draw one of the kinds of numbers that PyTorch prints differently."""
    kind = rng.integers(5)
    if kind == 0:
        values = rng.standard_normal(shape)
    elif kind == 1:
        values = rng.standard_normal(shape) * 10.0 ** rng.integers(-12, 13)
    elif kind == 2:
        values = rng.standard_normal(shape) * 10.0 ** rng.integers(-12, 13, shape)
    elif kind == 3:
        values = np.round(rng.standard_normal(shape) * 10.0 ** rng.integers(0, 5))
    else:
        values = np.round(rng.uniform(-1, 1, shape) * 10.0 ** rng.uniform(6, 10))
    if rng.random() < 0.4:
        special = rng.choice([np.nan, np.inf, -np.inf, 0.0, -0.0], shape)
        values = np.where(rng.random(shape) < rng.choice([0.1, 0.5, 1.0]), special, values)
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(values).astype(dtype)


def random_integers(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Array:
    limits = np.iinfo(dtype)
    largest = min(int(limits.max), 10 ** int(rng.integers(0, 20)))
    smallest = max(int(limits.min), -largest)
    return np.asarray(rng.integers(smallest, largest, shape, dtype=dtype, endpoint=True))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", FLOATS)
def test_floats(dtype: str, shape: tuple[int, ...], rng: np.random.Generator) -> None:
    for trial in range(12):
        assert_same_text(random_floats(rng, shape, dtype), requires_grad=trial % 3 == 0)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers(dtype: str, shape: tuple[int, ...], rng: np.random.Generator) -> None:
    for _ in range(3):
        assert_same_text(random_integers(rng, shape, dtype))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_booleans(shape: tuple[int, ...], rng: np.random.Generator) -> None:
    for chance_of_true in (0.0, 0.5, 1.0):
        assert_same_text(np.asarray(rng.random(shape) < chance_of_true))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_print_options(
    options: dict[str, Any], shape: tuple[int, ...], rng: np.random.Generator
) -> None:
    with both_printoptions(options):
        assert_same_text(random_integers(rng, shape, "int64"))
        for dtype in FLOATS:
            assert_same_text(random_floats(rng, shape, dtype), requires_grad=True)


def around(limit: float, dtype: str) -> list[Any]:
    """Return the two neighbours of a limit in a dtype, with the limit between them."""
    value = np.array(limit, dtype=dtype)
    zero, infinity = np.array([0.0, np.inf], dtype=dtype)
    return [np.nextafter(value, zero), value, np.nextafter(value, infinity)]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("limit", [1e-4, 1.0, 1000.0, 1e8])
def test_neighbours_of_the_limits_of_scientific_notation(limit: float, dtype: str) -> None:
    with np.errstate(over="ignore"):
        numbers = around(limit, dtype)
    for number in numbers:
        assert_same_text(np.array(number))
        assert_same_text(np.array([number, 1.0], dtype=dtype))
        assert_same_text(np.array([number, 0.1], dtype=dtype))


@pytest.mark.parametrize("dtype", FLOATS)
def test_extremes_of_the_dtype(dtype: str) -> None:
    limits = np.finfo(dtype)
    extremes = np.array([limits.max, limits.min, limits.tiny, limits.smallest_subnormal], dtype)
    assert_same_text(extremes)
    for number in extremes:
        assert_same_text(np.array(number))
    with both_printoptions({"sci_mode": False}):
        assert_same_text(extremes)


@pytest.mark.parametrize("linewidth", range(20, 90))
def test_place_of_the_suffixes(linewidth: int) -> None:
    with both_printoptions({"linewidth": linewidth}):
        assert_same_text(np.ones(3), requires_grad=True)
        assert_same_text(np.ones((2, 6)), requires_grad=True)
        assert_same_text(np.ones((0, 6)), requires_grad=True)


def test_gradient_function() -> None:
    tensor = torch.linspace(0, 1, 20, requires_grad=True) + 1
    expected = repr(tensor)
    assert format_tensor(tensor.detach().numpy(), suffixes=["grad_fn=<AddBackward0>"]) == expected


def test_subclass_prefix() -> None:
    class Measurement(torch.Tensor):
        pass

    values = np.linspace(0, 1, 30, dtype="float32")
    expected = repr(torch.from_numpy(values).as_subclass(Measurement))
    assert format_tensor(values, prefix="Measurement(") == expected


def test_views() -> None:
    values = np.arange(24.0, dtype="float32").reshape(2, 3, 4)
    for view in (values.T, values[:, ::2], values[..., 1], np.broadcast_to(values[0], (5, 3, 4))):
        assert format_tensor(view) == repr(torch.from_numpy(values).new_tensor(view.tolist()))
