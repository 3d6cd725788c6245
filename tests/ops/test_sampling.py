"""Drawing functions: shapes, dtypes, gradients, order in memory, and what errors leave."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import Tensor


def after_seed(seed: int = 0) -> float:
    minitorch.manual_seed(seed)
    return minitorch.rand(1).item()


DRAWS = {
    "rand": lambda: minitorch.rand(3, 4),
    "randn": lambda: minitorch.randn(3, 4),
    "randint": lambda: minitorch.randint(5, (3, 4)),
    "rand_like": lambda: minitorch.rand_like(minitorch.zeros(3, 4)),
    "randn_like": lambda: minitorch.randn_like(minitorch.zeros(3, 4)),
    "randint_like": lambda: minitorch.randint_like(minitorch.zeros(3, 4), 5),
    "normal": lambda: minitorch.normal(minitorch.zeros(3, 4), 1.0),
    "bernoulli": lambda: minitorch.bernoulli(minitorch.full((3, 4), 0.5)),
    "multinomial": lambda: minitorch.multinomial(minitorch.ones(3, 5), 4),
    "uniform_": lambda: minitorch.empty(3, 4).uniform_(),
    "exponential_": lambda: minitorch.empty(3, 4).exponential_(),
    "geometric_": lambda: minitorch.empty(3, 4).geometric_(0.1),
    "log_normal_": lambda: minitorch.empty(3, 4).log_normal_(),
    "cauchy_": lambda: minitorch.empty(3, 4).cauchy_(),
    "random_": lambda: minitorch.empty(3, 4).random_(100),
}


@pytest.mark.parametrize("name", DRAWS)
def test_each_seed_has_its_own_numbers(name):
    drawn = []
    for seed in (0, 0, 1):
        minitorch.manual_seed(seed)
        drawn.append(DRAWS[name]())
    assert drawn[0].shape == (3, 4)
    assert drawn[0].tolist() == drawn[1].tolist() != drawn[2].tolist()


@pytest.mark.parametrize("name", DRAWS)
def test_numbers_are_not_drawn_twice(name):
    minitorch.manual_seed(0)
    assert DRAWS[name]().tolist() != DRAWS[name]().tolist()


def test_arrays_in_arrays_out():
    array = np.full((3, 4), 0.5)
    for drawn in (
        minitorch.rand_like(array),
        minitorch.randn_like(array),
        minitorch.randint_like(array, 3),
        minitorch.bernoulli(array),
        minitorch.multinomial(array, 4),
        minitorch.normal(array, 1.0),
        minitorch.normal(0.0, array),
    ):
        assert isinstance(drawn, np.ndarray)
        assert drawn.shape == (3, 4)
    assert (array == 0.5).all()


@pytest.mark.parametrize("fill", ["uniform_", "normal_", "exponential_"])
def test_a_transpose_is_filled_column_by_column(fill):
    minitorch.manual_seed(0)
    flat = getattr(minitorch.empty(3, 5), fill)()
    minitorch.manual_seed(0)
    turned = getattr(minitorch.empty(3, 5).T, fill)()
    if fill == "normal_":  # fewer than sixteen: in pairs either way
        assert flat.numel() < 16
    assert turned.T.tolist() == flat.tolist()


def test_gradients_end_at_a_draw():
    x = minitorch.ones(3, requires_grad=True)
    y = x * 2
    assert y.uniform_() is y
    (y * 3).sum().backward()
    assert x.grad.tolist() == [0, 0, 0]
    p = minitorch.full((3,), 0.5, requires_grad=True)
    mean = minitorch.zeros(3, 1, requires_grad=True)
    (minitorch.bernoulli(p).sum() + minitorch.normal(mean, minitorch.ones(3, 2)).sum()).backward()
    assert p.grad.tolist() == [0, 0, 0]
    assert mean.grad.tolist() == [[0], [0], [0]]


def test_leaves_are_filled_only_without_gradient():
    x = minitorch.ones(3, requires_grad=True)
    minitorch.manual_seed(0)
    with pytest.raises(RuntimeError, match="leaf"):
        x.normal_()
    assert x.tolist() == [1, 1, 1]
    assert minitorch.rand(1).item() == after_seed()
    with minitorch.no_grad():
        x.normal_()
    assert x.tolist() != [1, 1, 1]
    assert x.requires_grad


def test_a_view_is_filled_within_its_base():
    base = minitorch.zeros(4, 4)
    base[1:3, ::2].bernoulli_(1.0)
    assert base.tolist() == [[0, 0, 0, 0], [1, 0, 1, 0], [1, 0, 1, 0], [0, 0, 0, 0]]


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
    (lambda x: x.uniform_(generator=5), TypeError, "generator"),
    (lambda x: x.to(minitorch.int64).normal_(), NotImplementedError, "int64"),
    (lambda x: x.to(minitorch.int64).exponential_(), RuntimeError, "int64"),
    (lambda x: x.to(minitorch.bool).geometric_(0.5), NotImplementedError, "boolean"),
    (lambda x: x.to(minitorch.uint8).random_(0, 300), RuntimeError, "299"),
    (lambda x: x.to(minitorch.uint16).random_(), NotImplementedError, "uint16"),
    (lambda x: x.expand(2, 3).normal_(), RuntimeError, "single memory location"),
    (lambda x: minitorch.normal(x, -1.0), RuntimeError, "std >= 0"),
    (lambda x: minitorch.normal(x, minitorch.ones(2)), RuntimeError, "broadcast"),
    (lambda x: minitorch.normal(0.0, 1.0), TypeError, "size"),
    (lambda x: minitorch.normal(x, 1.0, (3,)), TypeError, "mean"),
    (lambda x: minitorch.multinomial(x, 2.0), TypeError, "num_samples"),
    (lambda x: minitorch.multinomial(x, True), TypeError, "num_samples"),
    (lambda x: minitorch.multinomial(x, 2, 1), TypeError, "replacement"),
    (lambda x: minitorch.randint(3), TypeError, "size"),
    (lambda x: minitorch.randint((3,)), TypeError, "high"),
    (lambda x: minitorch.randint(3, (2,), size=(2,)), TypeError, "twice"),
    (lambda x: minitorch.randint(1, 2, 3, (2,)), TypeError, "once each"),
    (lambda x: minitorch.randint(3, 3, (2,)), RuntimeError, "from=3 >= to=3"),
    (lambda x: minitorch.multinomial(x, 4), RuntimeError, "4 of 3"),
    (lambda x: minitorch.multinomial(x, 0), RuntimeError, "n_sample <= 0"),
    (lambda x: minitorch.multinomial(-x, 1), RuntimeError, "element < 0"),
    (lambda x: minitorch.multinomial(x * 0, 1), RuntimeError, "sum of probabilities"),
    (lambda x: minitorch.multinomial(x / 0, 1), RuntimeError, "inf"),
    (lambda x: minitorch.multinomial(x.reshape(1, 1, 3), 1), RuntimeError, "1 or 2 dim"),
    (lambda x: minitorch.multinomial(x.to(minitorch.int64), 1), RuntimeError, "floating"),
]


@pytest.mark.parametrize(("call", "error", "match"), ERRORS)
def test_what_is_refused_changes_and_draws_nothing(call, error, match):
    x: Tensor = minitorch.ones(3)
    minitorch.manual_seed(0)
    with pytest.raises(error, match=match):
        call(x)
    assert x.tolist() == [1, 1, 1]
    assert minitorch.rand(1).item() == after_seed()


def test_whole_numbers_beyond_what_floats_hold():
    with pytest.warns(UserWarning, match=r"out of bounds \[-16777216, 16777216\]"):
        minitorch.empty(3).random_(0, 2**25)
    drawn = minitorch.empty(100).random_()
    assert drawn.max() <= 2**24
    assert (drawn == drawn.round()).all()


def test_up_to_the_largest_number():
    minitorch.manual_seed(0)
    drawn = minitorch.empty(2000, dtype=minitorch.uint8).random_(250, None)
    assert sorted(set(drawn.tolist())) == [250, 251, 252, 253, 254, 255]
