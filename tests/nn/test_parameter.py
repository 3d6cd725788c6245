"""Parameter and Buffer: tensors that a module registers."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import minitorch
from minitorch import nn


def test_a_parameter_shares_its_buffer_and_requires_a_gradient():
    data = minitorch.ones(2)
    parameter = nn.Parameter(data)
    assert parameter.array is data.array
    assert parameter.requires_grad
    assert not data.requires_grad
    assert parameter.is_leaf
    assert isinstance(parameter, minitorch.Tensor)
    assert not isinstance(data, nn.Parameter)


def test_without_data_it_is_empty():
    assert nn.Parameter().shape == nn.Buffer().shape == (0,)
    assert nn.Parameter().requires_grad
    assert not nn.Buffer().requires_grad


def test_frozen_and_integer_parameters():
    assert not nn.Parameter(minitorch.ones(1), requires_grad=False).requires_grad
    assert nn.Parameter(minitorch.tensor(3), requires_grad=False).dtype is minitorch.int64
    with pytest.raises(RuntimeError, match="only Tensors of floating point dtype can require"):
        nn.Parameter(minitorch.tensor(3))


@pytest.mark.parametrize("kind", [nn.Parameter, nn.Buffer])
@pytest.mark.parametrize("data", [[1.0], 3, np.ones(2), "text"])
def test_data_that_is_no_tensor(kind, data):
    with pytest.raises(
        TypeError, match=f"{kind.__name__} expected a Tensor.*{type(data).__name__}"
    ):
        kind(data)


def test_of_a_computed_tensor_it_is_a_leaf():
    base = minitorch.ones(2, requires_grad=True)
    parameter = nn.Parameter(base * 2)
    assert parameter.is_leaf
    (parameter * 3).sum().backward()
    assert parameter.grad.tolist() == [3.0, 3.0]
    assert base.grad is None


def test_a_change_of_the_data_is_noticed_before_backward():
    data = minitorch.ones(2)
    parameter = nn.Parameter(data)
    loss = (parameter * parameter).sum()
    data.add_(1)
    assert parameter.tolist() == [2.0, 2.0]
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_results_are_plain_tensors():
    parameter = nn.Parameter(minitorch.ones(2))
    for result in (
        parameter + 1,
        parameter[0],
        parameter.data,
        parameter.detach(),
        parameter.double(),
    ):
        assert type(result) is minitorch.Tensor
    assert parameter.float() is parameter


def test_repr():
    assert repr(nn.Parameter(minitorch.ones(1))) == (
        "Parameter containing:\ntensor([1.], requires_grad=True)"
    )
    frozen = nn.Parameter(minitorch.ones(1), requires_grad=False)
    assert repr(frozen) == "Parameter containing:\ntensor([1.])"
    assert repr(nn.Buffer(minitorch.ones(1))) == "tensor([1.])"


def test_buffers():
    buffer = nn.Buffer(minitorch.ones(2))
    assert buffer.persistent
    assert not nn.Buffer(minitorch.ones(2), persistent=False).persistent
    assert nn.Buffer(minitorch.ones(1, requires_grad=True)).requires_grad
    with pytest.raises(TypeError):
        nn.Buffer(minitorch.ones(2), False)  # a keyword alone


def test_deep_copies_have_no_gradient():
    parameter = nn.Parameter(minitorch.tensor([[1.0, 2.0], [3.0, 4.0]]).T)
    (parameter * 2).sum().backward()
    parameter.requires_grad_(False)
    twin, same = copy.deepcopy([parameter, parameter])
    assert twin is same
    assert type(twin) is nn.Parameter
    assert twin.tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert twin.array is not parameter.array
    assert twin.grad is None
    assert not twin.requires_grad
    parameter.fill_(0)
    assert twin.tolist() == [[1.0, 3.0], [2.0, 4.0]]


@pytest.mark.parametrize("way", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_of_buffers_and_subclasses(way):
    buffer = way(nn.Buffer(minitorch.ones(2), persistent=False))
    assert type(buffer) is nn.Buffer
    assert not buffer.persistent
    special = way(Special(minitorch.zeros(1)))
    assert type(special) is Special
    assert special.requires_grad
    assert special.tolist() == [0.0]


class Special(nn.Parameter):
    """A parameter of a user's own class."""


def test_a_subclass_of_parameter_is_registered():
    module = nn.Module()
    module.weight = Special(minitorch.ones(1))
    assert [type(parameter) for parameter in module.parameters()] == [Special]
