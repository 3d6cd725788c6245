"""Drawing functions: their arguments, errors, gradients and what they leave untouched."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.parity.side_by_side import outcome, side_by_side


@side_by_side
def test_arguments_of_randint(torch: Any) -> Any:
    torch.manual_seed(0)
    calls: list[Callable[[], Any]] = [
        lambda: torch.randint(3, (2,)),
        lambda: torch.randint(1, 3, (2, 2)),
        lambda: torch.randint(3, size=(2,)),
        lambda: torch.randint(1, 3, size=[2]),
        lambda: torch.randint(high=3, size=(2,)),
        lambda: torch.randint(low=1, high=3, size=(2,)),
        lambda: torch.randint(1, high=3, size=(2,)),
        lambda: torch.randint(-5, -2, ()),
        lambda: torch.randint(0, 3, (2, 0)),
        lambda: torch.randint(0, 2, (3,), dtype=torch.bool),
        lambda: torch.randint(0, 5, (2,), dtype=torch.float32, requires_grad=True),
        lambda: torch.randint(torch.tensor(3), (2,)),
        lambda: torch.randint(0, 256, (2,), dtype=torch.uint8),
        lambda: torch.randint(3, torch.ones(2, 2).shape, device="cpu"),
        lambda: torch.randint(0, 10),
        lambda: torch.randint(0, 3, 2),
        lambda: torch.randint((2,)),
        lambda: torch.randint(0, 3.5, (2,)),
        lambda: torch.randint(3, 3, (2,)),
        lambda: torch.randint(5, 3, (2,)),
        lambda: torch.randint(0, 3, (-1,)),
        lambda: torch.randint(0, 257, (2,), dtype=torch.uint8),
        lambda: torch.randint(-1, 3, (2,), dtype=torch.uint8),
        lambda: torch.randint(0, 3, (2,), dtype=torch.bool),
        lambda: torch.randint(0, 5, (2,), requires_grad=True),
        lambda: torch.randint(0, 5, (2,), generator=3),
        lambda: torch.randint_like(torch.ones(2, 2), 5),
        lambda: torch.randint_like(torch.ones(2), 2, 5),
        lambda: torch.randint_like(torch.ones(2), low=2, high=5),
        lambda: torch.randint_like(torch.ones(2), 5, dtype=torch.int64),
        lambda: torch.randint_like(torch.ones(2), 5, 5),
        lambda: torch.rand(2),
    ]
    return [outcome(call) for call in calls]


@side_by_side
def test_arguments_of_normal(torch: Any) -> Any:
    torch.manual_seed(0)
    calls: list[Callable[[], Any]] = [
        lambda: torch.normal(0, 1, (2,)),
        lambda: torch.normal(0.5, 2.0, (2, 3)),
        lambda: torch.normal(0.5, 2.0, size=(2,), dtype=torch.float64),
        lambda: torch.normal(0.0, 1.0, (2,), requires_grad=True),
        lambda: torch.normal(torch.zeros(2)),
        lambda: torch.normal(mean=torch.zeros(2), std=3.0),
        lambda: torch.normal(std=torch.ones(2), mean=1.0),
        lambda: torch.normal(1.0, torch.ones(2, dtype=torch.float64)),
        lambda: torch.normal(torch.zeros(2, 1), torch.ones(3)),
        lambda: torch.normal(torch.zeros(2), torch.ones(2, dtype=torch.float64)),
        lambda: torch.normal(torch.zeros(2, dtype=torch.float64), torch.ones(2)),
        lambda: torch.normal(torch.zeros(20), torch.ones(()) * 2),
        lambda: torch.normal(torch.zeros(0), 1.0),
        lambda: torch.normal(0.0, 0.0, (3,)),
        lambda: torch.normal(torch.ones(3), torch.zeros(3)),
        lambda: torch.normal(torch.zeros(3), np.float32(5)),
        lambda: torch.normal(torch.zeros(3), np.int64(5)),
        lambda: torch.normal(np.float64(2), torch.ones(3)),
        lambda: torch.normal(torch.zeros(3), None),
        lambda: torch.normal(None, torch.zeros(3)),
        lambda: torch.normal(torch.zeros(3), float("nan")),
        lambda: torch.normal(torch.zeros(3), torch.full((3,), float("nan"))),
        lambda: torch.normal(torch.tensor(2.0), torch.tensor(0.5), size=(3,)),
        lambda: torch.normal(torch.tensor(2.0), 0.5, (3,)),
        lambda: torch.normal(torch.zeros(3), 1.0, (3,)),
        lambda: torch.normal(0.0, 1.0),
        lambda: torch.normal(0.0, -1.0, (2,)),
        lambda: torch.normal(torch.zeros(2), -1.0),
        lambda: torch.normal(torch.zeros(2), -torch.ones(2)),
        lambda: torch.normal(torch.zeros(2), torch.ones(3)),
        lambda: torch.normal(torch.zeros(2, dtype=torch.int64), 1.0),
        lambda: torch.normal(torch.zeros(2), torch.ones(2), generator="text"),
        lambda: torch.rand(2),
    ]
    return [outcome(call) for call in calls]


@side_by_side
def test_arguments_of_bernoulli(torch: Any) -> Any:
    torch.manual_seed(0)
    calls: list[Callable[[], Any]] = [
        lambda: torch.bernoulli(torch.full((2, 3), 0.5)),
        lambda: torch.bernoulli(torch.tensor(0.5)),
        lambda: torch.bernoulli(torch.ones(2, dtype=torch.int64), 0.5),
        lambda: torch.bernoulli(torch.ones(2), p=0.0),
        lambda: torch.bernoulli(torch.tensor([0.0, 1.0])),
        lambda: torch.ones(2).bernoulli(),
        lambda: torch.ones(2).bernoulli(0.5),
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
        lambda: torch.bernoulli(torch.tensor([1.5])),
        lambda: torch.bernoulli(torch.tensor([float("nan")])),
        lambda: torch.bernoulli(torch.tensor([1])),
        lambda: torch.bernoulli(torch.ones(2), 1.5),
        lambda: torch.bernoulli(torch.ones(2), generator=0),
    ]
    return [outcome(call) for call in calls]


@side_by_side
def test_arguments_of_multinomial(torch: Any) -> Any:
    torch.manual_seed(0)
    nan, inf = float("nan"), float("inf")
    calls: list[Callable[[], Any]] = [
        lambda: torch.multinomial(torch.tensor([1.0, 3.0, 2.0]), 2),
        lambda: torch.multinomial(torch.tensor([1.0, 3.0, 2.0]), 5, True),
        lambda: torch.multinomial(torch.tensor([[0.0, 3.0], [2.0, 0.0]]), 1),
        lambda: torch.multinomial(torch.tensor([[0.0, 3.0], [2.0, 0.0]]), 4, replacement=True),
        lambda: torch.multinomial(input=torch.ones(4), num_samples=4),
        lambda: torch.ones(3).multinomial(2),
        lambda: torch.multinomial(torch.ones(0, 3), 1),
        lambda: torch.multinomial(torch.tensor([1e-30, 1.0, 0.0]), 1),
        lambda: torch.multinomial(torch.ones(2, requires_grad=True), 1),
        lambda: torch.multinomial(torch.tensor([0.5, -0.1]), 1),
        lambda: torch.multinomial(torch.tensor([0.5, -0.1]), 1, True),
        lambda: torch.multinomial(torch.tensor([0.5, nan]), 1),
        lambda: torch.multinomial(torch.tensor([0.5, inf]), 2, True),
        lambda: torch.multinomial(torch.zeros(2), 1),
        lambda: torch.multinomial(torch.zeros(2), 2, True),
        lambda: torch.multinomial(torch.tensor([[1.0, 1.0], [0.0, 0.0]]), 1),
        lambda: torch.multinomial(torch.ones(3, 5), 2).view(-1),
        lambda: torch.multinomial(torch.ones(6).expand(4, 6), 2),
        lambda: torch.multinomial(torch.ones(2), True),
        lambda: torch.multinomial(torch.ones(2), 1.0),
        lambda: torch.multinomial(torch.ones(2), 1, 1),
        lambda: torch.multinomial(torch.ones(2), 3),
        lambda: torch.multinomial(torch.ones(2), 0),
        lambda: torch.multinomial(torch.ones(2), -1),
        lambda: torch.multinomial(torch.ones(0), 1),
        lambda: torch.multinomial(torch.ones(2, 2, 2), 1),
        lambda: torch.multinomial(torch.tensor(1.0), 1),
        lambda: torch.multinomial(torch.tensor([1, 2]), 1),
        lambda: torch.multinomial(torch.ones(2), 1, generator=0),
    ]
    return [outcome(call) for call in calls]


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
def test_gradients_of_what_gives_a_distribution(torch: Any) -> Any:
    torch.manual_seed(0)
    mean = torch.ones(3, requires_grad=True)
    std = torch.ones(2, 1, requires_grad=True)
    p = torch.full((3,), 0.5, requires_grad=True)
    drawn = [
        torch.normal(mean, 1.0),
        torch.normal(mean, torch.ones(3)),
        torch.normal(torch.zeros(3), std),
        torch.normal(mean, std),
        torch.bernoulli(p),
    ]
    sum(item.sum() for item in drawn).backward()
    return drawn, mean.grad, std.grad, p.grad


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
        torch.randperm(torch.tensor(4)),
        torch.rand(1),
    ]


@side_by_side
def test_weights_in_any_order_and_number(torch: Any) -> Any:
    torch.manual_seed(0)
    weights = torch.rand(10, 3)
    many = torch.rand(300)
    drawn = [
        torch.multinomial(weights.t(), 5),
        torch.multinomial(weights.t(), 1),
        torch.multinomial(weights.t(), 5, replacement=True),
        torch.multinomial(weights[::2], 2),
        torch.multinomial(many.half(), 50, replacement=True),
        torch.multinomial(many.double(), 50, replacement=True),
    ]
    empty = [(torch.rand(4, 0), 2, True), (torch.rand(0), 2, True), (torch.rand(0), 1)]
    return drawn, [outcome(torch.multinomial, *arguments) for arguments in empty], torch.rand(1)


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


EXPANDED: list[Callable[[Any], Any]] = [
    lambda torch: torch.ones(2).expand(3, 2),
    lambda torch: torch.ones(3, 1).expand(3, 4),
    lambda torch: torch.ones(2, 3).t().unsqueeze(0).expand(4, 3, 2),
    lambda torch: torch.ones(4, 1, 3).permute(2, 1, 0).expand(3, 5, 4),
    lambda torch: torch.ones(1).expand(3, 3, 5),
    lambda torch: torch.ones(5, 1).expand(5, 7).t(),
    lambda torch: torch.ones(6, 4)[::2].t(),
    lambda torch: torch.ones(2, 3, 4).permute(1, 2, 0)[:, ::2],
]


@pytest.mark.parametrize("number", range(len(EXPANDED)))
@side_by_side
def test_like_expanded_tensors(torch: Any, number: int) -> Any:
    """Made without gaps: in which order the axes lie shows in what is drawn, and in strides."""
    torch.manual_seed(0)
    x = EXPANDED[number](torch)
    made = [torch.empty_like(x), torch.zeros_like(x), torch.ones_like(x), torch.full_like(x, 3)]
    return (
        torch.rand_like(x),
        torch.randn_like(x),
        torch.randint_like(x, 50),
        [list(each.stride()) for each in made],
        made[1:],
        torch.nn.functional.dropout(x, 0.4),
        torch.rand(1),
    )


@pytest.mark.parametrize("name", ["rand_like", "randn_like"])
@side_by_side
def test_arguments_of_like(torch: Any, name: str) -> Any:
    torch.manual_seed(0)
    draw = getattr(torch, name)
    x = torch.ones(2, 3, requires_grad=True)
    return [
        draw(x),
        draw(x, dtype=torch.float64),
        draw(x, requires_grad=True),
        draw(torch.ones(2, dtype=torch.int64), dtype=torch.float32),
        draw(torch.ones(())),
        draw(torch.ones(0, 2)),
        outcome(draw, torch.ones(2, dtype=torch.int64)),
        outcome(draw, torch.ones(2, dtype=torch.bool)),
        outcome(draw, x, generator=0),
        torch.rand(1),
    ]


@side_by_side
def test_arguments_of_randn(torch: Any) -> Any:
    torch.manual_seed(0)
    return [
        torch.randn(()),
        torch.randn(2, 3),
        torch.randn((2, 3)),
        torch.randn(size=(2,)),
        torch.randn(0, 3),
        torch.randn(2, dtype=torch.float64, requires_grad=True),
        torch.randn(2, dtype=torch.float16),
        outcome(torch.randn, -1),
        outcome(torch.randn, 2, dtype=torch.int64),
        outcome(torch.randn, "2"),
        outcome(torch.randn, 2, generator=0),
        outcome(torch.randn, 2, device="elsewhere"),
        torch.rand(1),
    ]
