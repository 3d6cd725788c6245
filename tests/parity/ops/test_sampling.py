"""Drawing functions: their arguments, errors, gradients and what they leave untouched."""

from __future__ import annotations

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
        lambda: torch.normal(torch.zeros(2, dtype=torch.int64), -1.0),
        lambda: torch.normal(torch.zeros(2, dtype=torch.int64), torch.ones(3)),
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
def test_arguments_of_randperm(torch: Any) -> Any:
    torch.manual_seed(0)
    return [
        torch.randperm(torch.tensor(4)),
        torch.randperm(0),
        torch.randperm(5, dtype=torch.float32, requires_grad=True),
        outcome(torch.randperm, -1),
        outcome(torch.randperm, 2.5),
        outcome(torch.randperm, 300, dtype=torch.uint8),
        outcome(torch.randperm, 3, dtype=torch.bool),
        torch.rand(1),
    ]


NO_GENERATOR: list[Callable[[Any], Any]] = [
    lambda torch: torch.rand(-1, generator=0),
    lambda torch: torch.randn(-1, generator=0),
    lambda torch: torch.randint(3, 3, (-2,), generator=0),
    lambda torch: torch.randperm(-1, generator=0),
    lambda torch: torch.rand_like(torch.ones(2, dtype=torch.int64), generator=0),
    lambda torch: torch.randn_like(torch.ones(2, dtype=torch.int64), generator=0),
    lambda torch: torch.randint_like(torch.ones(2), 5, 5, generator=0),
    lambda torch: torch.normal(torch.zeros(2), -1.0, generator=0),
    lambda torch: torch.normal(torch.zeros(2), torch.ones(3), generator=0),
    lambda torch: torch.normal(0.0, -1.0, (-2,), generator=0),
    lambda torch: torch.bernoulli(torch.full((2,), 1.5), generator=0),
    lambda torch: torch.multinomial(torch.ones(3, dtype=torch.int64), 1, generator=0),
    lambda torch: torch.multinomial(-torch.ones(3), 0, generator=0),
]


@pytest.mark.parametrize("call", NO_GENERATOR, ids=range(len(NO_GENERATOR)))
@side_by_side
def test_no_generator_comes_before_other_errors(torch: Any, call: Callable[[Any], Any]) -> Any:
    torch.manual_seed(0)
    return outcome(call, torch), torch.rand(1)


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
        outcome(torch.randn, 2, dtype=torch.int64, requires_grad=True),
        outcome(torch.randn, "2"),
        outcome(torch.randn, 2, generator=0),
        outcome(torch.randn, 2, device="elsewhere"),
        torch.rand(1),
    ]
