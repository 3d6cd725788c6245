"""Filling in place: arguments, errors, gradients and what is left untouched."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

from tests.parity.side_by_side import outcome, side_by_side

IN_PLACE: list[Callable[[Any, Any], Any]] = [
    lambda t, x: x.uniform_(),
    lambda t, x: x.uniform_(1, 1),
    lambda t, x: x.uniform_(-1, to=2),
    lambda t, x: x.normal_(1),
    lambda t, x: x.normal_(mean=1, std=0),
    lambda t, x: x.bernoulli_(0.5),
    lambda t, x: x.random_(),
    lambda t, x: x.random_(3),
    lambda t, x: x.random_(to=3),
    lambda t, x: x.random_(1, 3),
    lambda t, x: x.random_(1, to=3),
    lambda t, x: x.random_(5, None),
    lambda t, x: x.exponential_(),
    lambda t, x: x.exponential_(lambd=3),
    lambda t, x: x.log_normal_(),
    lambda t, x: x.geometric_(0.5),
    lambda t, x: x.geometric_(p=0.001),
    lambda t, x: x.cauchy_(),
    lambda t, x: x.uniform_(1, 0),
    lambda t, x: x.normal_(0, -1),
    lambda t, x: x.random_(3, 3),
    lambda t, x: x.random_(0),
    lambda t, x: x.random_(-5),
    lambda t, x: x.random_(2.5),
    lambda t, x: x.random_(1, 2, 3),
    lambda t, x: x.random_(-1, 3),
    lambda t, x: x.random_(0, 300),
    lambda t, x: x.random_(0, 2**40),
    lambda t, x: x.exponential_(0),
    lambda t, x: x.exponential_(-1),
    lambda t, x: x.log_normal_(0, 0),
    lambda t, x: x.geometric_(0),
    lambda t, x: x.geometric_(1),
    lambda t, x: x.cauchy_(0, 0),
    lambda t, x: x.cauchy_(sigma=-1),
    lambda t, x: x.uniform_("low"),
    lambda t, x: x.normal_("mean"),
    lambda t, x: x.normal_(generator=0),
    lambda t, x: x.random_(generator=0),
    lambda t, x: x.uniform_(generator=0),
    lambda t, x: x.exponential_(generator=0),
    lambda t, x: x.uniform_(1, 0, generator=0),  # no generator comes before other errors
    lambda t, x: x.normal_(0, -1, generator=0),
    lambda t, x: x.bernoulli_(1.5, generator=0),
    lambda t, x: x.random_(3, 3, generator=0),
    lambda t, x: x.exponential_(0, generator=0),
    lambda t, x: x.log_normal_(0, 0, generator=0),
    lambda t, x: x.geometric_(0, generator=0),
    lambda t, x: x.cauchy_(0, 0, generator=0),
]
DTYPES = ["float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("call", IN_PLACE, ids=range(len(IN_PLACE)))
@side_by_side
def test_filling(torch: Any, call: Callable[[Any, Any], Any], dtype: str) -> Any:
    """Results and errors in every dtype; after an error nothing has changed or been drawn."""
    torch.manual_seed(2)
    x = torch.ones(5, dtype=getattr(torch, dtype))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = outcome(call, torch, x)
    return (
        x if isinstance(result, Exception) else result is x,
        result,
        x,
        torch.rand(1),
        [warning.category for warning in caught],
    )


@side_by_side
def test_arguments_of_bernoulli(torch: Any) -> Any:
    torch.manual_seed(0)
    calls: list[Callable[[], Any]] = [
        lambda: torch.empty(3).bernoulli_(),
        lambda: torch.empty(3).bernoulli_(1),
        lambda: torch.empty(3).bernoulli_(torch.tensor(0.5)),
        lambda: torch.empty(2, 3).bernoulli_(torch.tensor([0.0, 0.5, 1.0])),
        lambda: torch.empty(3).bernoulli_(torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64)),
        lambda: torch.empty(0).bernoulli_(0.5),
        lambda: torch.empty(3).bernoulli_(1.5),
        lambda: torch.empty(3).bernoulli_(-0.1),
        lambda: torch.empty(3).bernoulli_(float("nan")),
        lambda: torch.empty(3).bernoulli_("half"),
        lambda: torch.empty(2).bernoulli_(torch.tensor([1.5, 0.2])),
        lambda: torch.empty(2).bernoulli_(torch.tensor([0.5, 0.5, 0.2])),
        lambda: torch.empty(2).bernoulli_(torch.tensor([1, 0])),
        lambda: torch.rand(1),
    ]
    return [outcome(call) for call in calls]


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64"])
@side_by_side
def test_whole_numbers_of_unsigned_dtypes(torch: Any, dtype: str) -> Any:
    torch.manual_seed(0)
    x = torch.ones(5, dtype=getattr(torch, dtype))
    return outcome(x.random_), outcome(x.random_, -1, 3), x.random_(0, 300), torch.rand(1)


@pytest.mark.filterwarnings("ignore:.*is out of bounds")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("bits", [23, 24, 25, 30, 40, 53, 54, 60, 62])
@side_by_side
def test_bounds_that_a_floating_dtype_rounds(torch: Any, bits: int, dtype: str) -> Any:
    torch.manual_seed(0)
    x = torch.ones(4, dtype=getattr(torch, dtype))
    drawn = []
    for change in (-3, -1, 0, 1, 4, 7, 64):
        drawn.append(x.random_(0, 2**bits + change).clone())
        drawn.append(x.random_(-(2**bits) + change, 2**bits + change).clone())
        drawn.append(x.random_(-(2**bits) + change, 5).clone())
    return drawn


@pytest.mark.parametrize("number", [0, 3, 5, 6, 8, 12, 14, 15, 17])
@side_by_side
def test_gradients_end_at_a_draw(torch: Any, number: int) -> Any:
    torch.manual_seed(0)
    x = torch.ones(4, requires_grad=True)
    y = x * 2
    IN_PLACE[number](torch, y)
    (y * 3).sum().backward()
    leaf = torch.ones(2, requires_grad=True)
    refused = outcome(IN_PLACE[number], torch, leaf)
    with torch.no_grad():
        IN_PLACE[number](torch, leaf)
    return y, x.grad, refused, leaf, leaf.is_leaf, torch.rand(1)


@side_by_side
def test_tensors_of_one_number_as_parameters(torch: Any) -> Any:
    torch.manual_seed(0)
    two, half = torch.tensor(2.0), torch.tensor(0.5)
    return [
        torch.empty(3).exponential_(two),
        torch.empty(3).log_normal_(half, half),
        torch.empty(3).geometric_(half),
        torch.empty(3).cauchy_(half, two),
        torch.empty(3).normal_(half, two),
        torch.empty(3).uniform_(half, two),
        outcome(torch.empty(3).log_normal_, "a"),
        outcome(torch.empty(3).cauchy_, "a"),
        outcome(torch.empty(3).exponential_, "a"),
        outcome(torch.empty(3).geometric_, "a"),
        torch.rand(1),
    ]


@side_by_side
def test_filling_what_lies_on_itself(torch: Any) -> Any:
    torch.manual_seed(0)
    return [
        outcome(torch.empty(1).expand(3).normal_),
        outcome(torch.empty(3).expand(2, 3).uniform_),
        outcome(torch.empty(3).expand(1, 3).uniform_),
        torch.rand(1),
    ]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@side_by_side
def test_bounds_beyond_the_dtype(torch: Any, dtype: str) -> Any:
    torch.manual_seed(0)
    x = torch.ones(3, dtype=getattr(torch, dtype))
    largest = torch.finfo(x.dtype).max
    inf, nan = float("inf"), float("nan")
    bounds = [(0, inf), (-inf, 0), (nan, 1), (0, nan), (inf, inf), (-largest, largest)]
    errors = [outcome(x.uniform_, *pair) for pair in [*bounds, (0, largest * 2), (-1e39, 0)]]
    return errors, x, x.uniform_(0, largest / 2), torch.rand(1)


@side_by_side
def test_filling_changes_the_version(torch: Any) -> Any:
    x = torch.ones(3, requires_grad=True)
    y = x * 2
    z = y * y
    with torch.no_grad():
        y.uniform_()
    return y._version, outcome(z.sum().backward)
