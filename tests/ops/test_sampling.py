"""Drawing functions: shapes, dtypes, gradients, and what errors leave untouched."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import Tensor

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


def test_gradients_end_at_a_draw():
    p = minitorch.full((3,), 0.5, requires_grad=True)
    mean = minitorch.zeros(3, 1, requires_grad=True)
    (minitorch.bernoulli(p).sum() + minitorch.normal(mean, minitorch.ones(3, 2)).sum()).backward()
    assert p.grad.tolist() == [0, 0, 0]
    assert mean.grad.tolist() == [[0], [0], [0]]


ERRORS = [
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
    # What is no generator comes before anything else that is wrong.
    (lambda x: minitorch.rand(-1, generator=5), TypeError, "generator"),
    (lambda x: minitorch.randn(-1, generator=5), TypeError, "generator"),
    (lambda x: minitorch.randint(0, 3, (-1,), generator=5), TypeError, "generator"),
    (lambda x: minitorch.randperm(-1, generator=5), TypeError, "generator"),
    (lambda x: minitorch.rand_like(x.long(), generator=5), TypeError, "generator"),
    (lambda x: minitorch.randn_like(x.long(), generator=5), TypeError, "generator"),
    (lambda x: minitorch.randint_like(x, 3, 3, generator=5), TypeError, "generator"),
    (lambda x: minitorch.normal(x, -1.0, generator=5), TypeError, "generator"),
    (lambda x: minitorch.normal(0.0, -1.0, (2,), generator=5), TypeError, "generator"),
    (lambda x: minitorch.bernoulli(2 * x, generator=5), TypeError, "generator"),
    (lambda x: minitorch.multinomial(-x, 1, generator=5), TypeError, "generator"),
]


@pytest.mark.parametrize(("call", "error", "match"), ERRORS)
def test_what_is_refused_changes_and_draws_nothing(call, error, match):
    x: Tensor = minitorch.ones(3)
    minitorch.manual_seed(0)
    with pytest.raises(error, match=match):
        call(x)
    assert x.tolist() == [1, 1, 1]
    after = minitorch.rand(1).item()
    minitorch.manual_seed(0)
    assert after == minitorch.rand(1).item()


@pytest.mark.parametrize(
    "call",
    [
        lambda: minitorch.randint(0, 2**25, (3,), dtype=minitorch.float32),
        lambda: minitorch.randint_like(minitorch.ones(3), 0, 2**25),
    ],
)
def test_a_warning_of_bounds_names_the_caller(call):
    with pytest.warns(UserWarning, match="out of bounds") as caught:
        call()
    assert [warning.filename for warning in caught] == [__file__]
