"""Flatten."""

from __future__ import annotations

import pytest

import minitorch
from minitorch import nn
from tests.helpers import check_gradients, linear64


@pytest.mark.parametrize(
    ("shape", "dims", "expected"),
    [
        ((2, 3, 4), (), (2, 12)),
        ((2, 3, 4), (0,), (24,)),
        ((2, 3, 4), (0, 1), (6, 4)),
        ((2, 3, 4), (1, 2), (2, 12)),
        ((2, 3, 4), (2,), (2, 3, 4)),
        ((2, 3, 4), (-2, -1), (2, 12)),
        ((2, 3), (), (2, 3)),
        ((0, 3, 4), (), (0, 12)),
        ((2, 0, 4), (), (2, 0)),
        ((3,), (0,), (3,)),
        ((), (0,), (1,)),
    ],
)
def test_values_and_gradients(shape, dims, expected, rng):
    x = rng.standard_normal(shape)
    layer = nn.Flatten(*dims)
    output = layer(x)
    assert output.shape == expected
    assert output.ravel().tolist() == x.ravel().tolist()
    assert layer(minitorch.tensor(x)).shape == expected
    check_gradients(rng, layer, x)


def test_order_of_a_transposed_input(rng):
    x = rng.standard_normal((3, 2, 4)).transpose(1, 0, 2)
    assert nn.Flatten()(x).tolist() == [list(x[0].ravel()), list(x[1].ravel())]
    check_gradients(rng, nn.Flatten(), x)


def test_it_is_a_view_where_it_can():
    x = minitorch.arange(6.0).reshape(1, 2, 3)
    flat = nn.Flatten()(x)
    x[0, 0, 0] = 7.0
    assert flat[0, 0].item() == 7.0


def test_inside_a_network(rng):
    model = nn.Sequential(nn.Flatten(), linear64(6, 2))
    check_gradients(rng, model, rng.standard_normal((4, 2, 3)))


@pytest.mark.parametrize(
    ("dims", "error"),
    [((2, 1), RuntimeError), ((5, 6), IndexError), ((0, 7), IndexError), ((-9, 1), IndexError)],
)
def test_bad_dimensions(dims, error):
    with pytest.raises(error):
        nn.Flatten(*dims)(minitorch.ones(2, 3, 4))


def test_too_few_dimensions():
    with pytest.raises(IndexError):
        nn.Flatten()(minitorch.ones(3))


@pytest.mark.parametrize("bad", ["text", [[1.0]], None])
def test_bad_input(bad):
    """PyTorch raises AttributeError here too: a list has no flatten()."""
    with pytest.raises(AttributeError, match=f"Flatten: argument 'input'.*{type(bad).__name__}"):
        nn.Flatten()(bad)


def test_repr():
    assert repr(nn.Flatten()) == "Flatten(start_dim=1, end_dim=-1)"
    assert repr(nn.Flatten(0, 2)) == "Flatten(start_dim=0, end_dim=2)"
