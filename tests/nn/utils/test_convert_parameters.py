"""Parameters as one vector: what becomes of memory, gradients and errors."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn.utils import parameters_to_vector, vector_to_parameters


def test_there_and_back():
    layer = nn.Linear(2, 3)
    vector = parameters_to_vector(layer.parameters())
    expected = np.concatenate([layer.weight.array.reshape(-1), layer.bias.array])
    np.testing.assert_array_equal(vector.array, expected)
    weight, before = layer.weight, layer.weight.array.copy()
    vector_to_parameters(vector * 2, layer.parameters())
    assert layer.weight is weight
    np.testing.assert_array_equal(weight.array, before * 2)


def test_gradients_flow_through_the_vector():
    layer = nn.Linear(2, 1)
    (parameters_to_vector(layer.parameters()) * minitorch.arange(3.0)).sum().backward()
    assert layer.weight.grad.tolist() == [[0.0, 1.0]]
    assert layer.bias.grad.tolist() == [2.0]


def test_the_parameters_are_views_and_go_on_to_be_trained():
    layer, vector = nn.Linear(2, 1), minitorch.arange(3.0)
    vector_to_parameters(vector, layer.parameters())
    layer(minitorch.ones(1, 2)).sum().backward()
    minitorch.optim.SGD(layer.parameters(), lr=1.0).step()
    assert vector.tolist() == [-1.0, 0.0, 1.0]


def test_an_error_changes_nothing():
    layer = nn.Linear(2, 3)
    before = layer.weight.array
    with pytest.raises(RuntimeError, match=r"9 numbers, got shape \[5\]"):
        vector_to_parameters(minitorch.ones(5), layer.parameters())
    assert layer.weight.array is before
    with pytest.raises(RuntimeError, match=r"\[3, 3\]"):
        vector_to_parameters(minitorch.ones(3, 3), layer.parameters())
    with pytest.raises(TypeError, match="list"):
        vector_to_parameters([1.0], layer.parameters())
    with pytest.raises(ValueError, match="at least one"):
        parameters_to_vector([])
