"""Clipping gradients, as in PyTorch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parity.side_by_side import outcome, side_by_side

INFINITE = float("inf")
GRADIENTS = {
    "two": [[3.0, 4.0], [[1.0, -2.0], [0.5, 0.0]]],
    "small": [[1e-3, 2e-3]],
    "zero": [[0.0, 0.0]],
    "not a number": [[float("nan"), 1.0]],
    "infinite": [[INFINITE, 1.0]],
    "large": [[3e30, 4e30]],
    "none": [None, [1.0, 1.0]],
    "a number": [5.0],
    "empty": [],
}


def parameters(torch: Any, grads: Any, dtypes: Any = ("float32",)) -> list[Any]:
    """A parameter for each gradient."""
    result = []
    for place, grad in enumerate(grads):
        dtype = getattr(torch, dtypes[place % len(dtypes)])
        values = torch.tensor([0.0, 0.0] if grad is None else grad, dtype=dtype)
        weight = torch.nn.Parameter(torch.zeros_like(values))
        weight.grad = None if grad is None else values
        result.append(weight)
    return result


@pytest.mark.parametrize("order", [2.0, 1, 3, 0.5, 0, INFINITE, -INFINITE, "inf", -1])
@pytest.mark.parametrize("grads", GRADIENTS)
@side_by_side(rtol=2e-6)
def test_norm(torch: Any, grads: str, order: Any) -> Any:
    weights = parameters(torch, GRADIENTS[grads])
    norm = torch.nn.utils.clip_grad_norm_(weights, 1.0, norm_type=order)
    return norm, norm.dtype, [weight.grad for weight in weights]


@pytest.mark.parametrize("dtypes", [("float64",), ("float32", "float64"), ("float64", "float32")])
@pytest.mark.parametrize("max_norm", [0.5, 100, -1.0, 0.0, "2"])
@side_by_side(rtol=2e-6)
def test_dtypes_and_limits(torch: Any, dtypes: Any, max_norm: Any) -> Any:
    weights = parameters(torch, GRADIENTS["two"], dtypes)
    norm = torch.nn.utils.clip_grad_norm_(iter(weights), max_norm)
    return norm, [(weight.grad, weight.grad.dtype) for weight in weights]


@side_by_side(rtol=2e-3)
def test_half_precision(torch: Any) -> Any:
    weights = parameters(torch, [[3.0, 4.0]], ("float16",))
    norm = torch.nn.utils.clip_grad_norm_(weights, 1.0)
    return norm, norm.dtype, weights[0].grad


@pytest.mark.parametrize("bound", [0.75, 10, -1.0, "1", 0])
@pytest.mark.parametrize("grads", sorted(GRADIENTS.keys() - {"empty"}))
@side_by_side
def test_value(torch: Any, grads: str, bound: Any) -> Any:
    weights = parameters(torch, GRADIENTS[grads])
    return torch.nn.utils.clip_grad_value_(weights, bound), [weight.grad for weight in weights]


@pytest.mark.parametrize("given", ["tensor", "list", "generator"])
@side_by_side(rtol=2e-6)
def test_ways_to_give_parameters(torch: Any, given: str) -> Any:
    (weight,) = parameters(torch, [[3.0, 4.0]])
    ways = {"tensor": weight, "list": [weight], "generator": (each for each in [weight])}
    return torch.nn.utils.clip_grad_norm_(ways[given], 1.0, foreach=False), weight.grad


@side_by_side
def test_errors(torch: Any) -> Any:
    utils = torch.nn.utils
    bad = parameters(torch, [[float("nan"), 1.0]])
    return [
        outcome(utils.clip_grad_norm_, bad, 1.0, error_if_nonfinite=True),
        outcome(utils.clip_grad_norm_, [[1.0]], 1.0),
        outcome(utils.clip_grad_norm_, 3.0, 1.0),
        outcome(utils.clip_grad_value_, bad, "x"),
        outcome(utils.get_total_norm, [torch.tensor([1, 2])]),
        outcome(utils.get_total_norm, bad, 2.0, True),
        outcome(utils.clip_grads_with_norm_, bad, 1.0, 5.0),
    ]


@side_by_side(rtol=2e-5, atol=1e-7)
def test_a_network_that_is_trained(torch: Any) -> Any:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Sigmoid(), torch.nn.Linear(8, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    x, y = torch.ones(3, 4), torch.zeros(3, 2)
    norms = []
    for _ in range(5):
        optimizer.zero_grad()
        torch.nn.MSELoss()(model(x), y).backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 0.2))
        optimizer.step()
    return norms, [(weight, weight.grad) for weight in model.parameters()]
