"""Memory formats: names that PyTorch's scripts give and that change no value."""

from __future__ import annotations

import copy
import pickle

import pytest

import minitorch

FORMATS = ["preserve_format", "contiguous_format", "channels_last", "channels_last_3d"]


@pytest.mark.parametrize("name", FORMATS)
def test_functions_accept_them(name: str) -> None:
    order = getattr(minitorch, name)
    w = minitorch.tensor([[1.0, 2.0], [3.0, 4.0]]).t()
    assert minitorch.zeros_like(w, memory_format=order).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    for same in (
        w.clone(memory_format=order),
        w.to(memory_format=order),
        w.contiguous(memory_format=order),
    ):
        assert same.tolist() == [[1.0, 3.0], [2.0, 4.0]]


@pytest.mark.parametrize("name", FORMATS)
def test_there_is_one_of_each(name: str) -> None:
    order = getattr(minitorch, name)
    assert isinstance(order, minitorch.memory_format)
    assert repr(order) == f"minitorch.{name}"
    assert pickle.loads(pickle.dumps(order)) is order
    assert copy.deepcopy(order) is order
