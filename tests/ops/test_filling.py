"""Filling in place: order in memory, gradients, views, and what errors leave untouched."""

from __future__ import annotations

import pytest

import minitorch
from minitorch import Tensor


def first_number() -> float:
    """The number that follows seed 0, if nothing else was drawn."""
    minitorch.manual_seed(0)
    return minitorch.rand(1).item()


FILLS = {
    "uniform_": lambda x: x.uniform_(),
    "normal_": lambda x: x.normal_(),
    "bernoulli_": lambda x: x.bernoulli_(),
    "bernoulli_ of a tensor": lambda x: x.bernoulli_(minitorch.tensor(0.5)),
    "random_": lambda x: x.random_(100),
    "exponential_": lambda x: x.exponential_(),
    "log_normal_": lambda x: x.log_normal_(),
    "geometric_": lambda x: x.geometric_(0.1),
    "cauchy_": lambda x: x.cauchy_(),
}


@pytest.mark.parametrize("name", FILLS)
def test_each_seed_has_its_own_numbers(name):
    drawn = []
    for seed in (0, 0, 1):
        minitorch.manual_seed(seed)
        drawn.append(FILLS[name](minitorch.empty(3, 4)))
    assert drawn[0].shape == (3, 4)
    assert drawn[0].tolist() == drawn[1].tolist() != drawn[2].tolist()


@pytest.mark.parametrize("name", FILLS)
def test_numbers_are_not_drawn_twice(name):
    minitorch.manual_seed(0)
    x = minitorch.empty(3, 4)
    assert FILLS[name](x).tolist() != FILLS[name](x).tolist()


@pytest.mark.parametrize("name", FILLS)
def test_a_transpose_is_filled_column_by_column(name):
    minitorch.manual_seed(0)
    flat = FILLS[name](minitorch.empty(3, 5))  # fewer than sixteen: in pairs either way
    minitorch.manual_seed(0)
    turned = FILLS[name](minitorch.empty(3, 5).T)
    assert turned.T.tolist() == flat.tolist()


@pytest.mark.parametrize("name", FILLS)
def test_gradients_end_at_a_draw(name):
    x = minitorch.ones(3, requires_grad=True)
    y = x * 2
    assert FILLS[name](y) is y
    (y * 3).sum().backward()
    assert x.grad.tolist() == [0, 0, 0]


@pytest.mark.parametrize("name", FILLS)
def test_leaves_are_filled_only_without_gradient(name):
    x = minitorch.full((3,), 0.25, requires_grad=True)
    minitorch.manual_seed(0)
    with pytest.raises(RuntimeError, match="leaf"):
        FILLS[name](x)
    assert x.tolist() == [0.25, 0.25, 0.25]
    assert minitorch.rand(1).item() == first_number()
    with minitorch.no_grad():
        FILLS[name](x)
    assert 0.25 not in x.tolist()
    assert x.requires_grad


def test_a_view_is_filled_within_its_base():
    base = minitorch.zeros(4, 4)
    base[1:3, ::2].bernoulli_(1.0)
    assert base.tolist() == [[0, 0, 0, 0], [1, 0, 1, 0], [1, 0, 1, 0], [0, 0, 0, 0]]


def test_a_read_only_array_is_not_filled():
    x = minitorch.ones(3)
    x.array.flags.writeable = False
    minitorch.manual_seed(0)
    with pytest.raises(ValueError, match="read-only"):
        x.uniform_()
    assert x.tolist() == [1, 1, 1]
    assert minitorch.rand(1).item() == first_number()


ERRORS = [
    (lambda x: x.uniform_(2, 1), RuntimeError, "from=2 > to=1"),
    (lambda x: x.normal_(0, -1), RuntimeError, "std -1"),
    (lambda x: x.bernoulli_(1.5), RuntimeError, "p=1.5"),
    (lambda x: x.bernoulli_(minitorch.tensor([0.5, 2.0, 0.5])), RuntimeError, r"in \[0, 1\]"),
    (lambda x: x.bernoulli_(minitorch.ones(2)), RuntimeError, r"\[2\]"),
    (lambda x: x.bernoulli_(minitorch.ones(3, dtype=minitorch.int64)), NotImplementedError, "int"),
    (lambda x: x.random_(3, 3), RuntimeError, "from=3 >= to=3"),
    (lambda x: x.random_(1, 2, 3), TypeError, "high"),
    (lambda x: x.random_(0.5), TypeError, "float"),
    (lambda x: x.exponential_(0), RuntimeError, "lambda=0"),
    (lambda x: x.log_normal_(0, 0), RuntimeError, "std=0"),
    (lambda x: x.geometric_(1), RuntimeError, "p=1"),
    (lambda x: x.cauchy_(0, -1), RuntimeError, "sigma=-1"),
    (lambda x: x.to(minitorch.int64).normal_(), NotImplementedError, "int64"),
    (lambda x: x.to(minitorch.int64).exponential_(), RuntimeError, "int64"),
    (lambda x: x.to(minitorch.bool).geometric_(0.5), NotImplementedError, "boolean"),
    (lambda x: x.to(minitorch.uint8).random_(0, 300), RuntimeError, "299"),
    (lambda x: x.to(minitorch.uint16).random_(), NotImplementedError, "uint16"),
    (lambda x: x.expand(2, 3).normal_(), RuntimeError, "single memory location"),
    # What is no generator comes before anything else that is wrong.
    (lambda x: x.uniform_(2, 1, generator=5), TypeError, "generator"),
    (lambda x: x.normal_(0, -1, generator=5), TypeError, "generator"),
    (lambda x: x.bernoulli_(2, generator=5), TypeError, "generator"),
    (lambda x: x.random_(3, 3, generator=5), TypeError, "generator"),
    (lambda x: x.exponential_(0, generator=5), TypeError, "generator"),
    (lambda x: x.log_normal_(0, 0, generator=5), TypeError, "generator"),
    (lambda x: x.geometric_(1, generator=5), TypeError, "generator"),
    (lambda x: x.cauchy_(0, -1, generator=5), TypeError, "generator"),
]


@pytest.mark.parametrize(("call", "error", "match"), ERRORS)
def test_what_is_refused_changes_and_draws_nothing(call, error, match):
    x: Tensor = minitorch.ones(3)
    minitorch.manual_seed(0)
    with pytest.raises(error, match=match):
        call(x)
    assert x.tolist() == [1, 1, 1]
    assert minitorch.rand(1).item() == first_number()


def test_whole_numbers_beyond_what_floats_hold():
    with pytest.warns(UserWarning, match=r"out of bounds \[-16777216, 16777216\]") as caught:
        minitorch.empty(3).random_(0, 2**25)
    assert [warning.filename for warning in caught] == [__file__]
    drawn = minitorch.empty(100).random_()
    assert drawn.max() <= 2**24
    assert (drawn == drawn.round()).all()


def test_up_to_the_largest_number():
    minitorch.manual_seed(0)
    drawn = minitorch.empty(2000, dtype=minitorch.uint8).random_(250, None)
    assert sorted(set(drawn.tolist())) == [250, 251, 252, 253, 254, 255]
