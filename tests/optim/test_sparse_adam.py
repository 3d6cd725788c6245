"""SparseAdam: every gradient here is dense, and that is an error."""

from __future__ import annotations

from typing import Any

import pytest

import minitorch
from minitorch.optim import SparseAdam
from tests.optim.textbook import Options, leaf


def test_a_gradient_is_refused_and_nothing_changed() -> None:
    idle, weight = leaf([5.0]), leaf([[1.0, 2.0]])
    square = (weight * weight).sum()
    square.backward(retain_graph=True)
    optimizer = SparseAdam([idle, weight])
    with pytest.raises(RuntimeError, match=r"consider Adam instead.* shape \[1, 2\] is dense"):
        optimizer.step()
    assert weight.array.tolist() == [[1.0, 2.0]] and optimizer.state_dict()["state"] == {}
    square.backward()  # would be refused if the weight counted as changed


def test_without_gradients_a_step_returns_the_loss() -> None:
    optimizer = SparseAdam([leaf([1.0])])
    assert optimizer.step() is None
    with minitorch.no_grad():
        assert optimizer.step(minitorch.is_grad_enabled) is True


def test_hooks_are_called() -> None:
    optimizer, calls = SparseAdam([leaf([1.0])]), []
    optimizer.register_step_pre_hook(lambda *_: calls.append("pre"))
    optimizer.register_step_post_hook(lambda *_: calls.append("post"))
    optimizer.step()
    assert calls == ["pre", "post"]


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"lr": 0}, ValueError, "Invalid learning rate: 0; lr must be above 0"),
        ({"lr": minitorch.ones(2)}, ValueError, "Tensor lr must be 1-element"),
        ({"lr": "0.1"}, TypeError, "lr must be a number, got str"),
        ({"eps": 0}, ValueError, "Invalid epsilon value: 0; eps must be above 0"),
        ({"eps": float("nan")}, ValueError, "Invalid epsilon value: nan; eps must be above 0"),
        ({"betas": (1.0, 0.9)}, ValueError, "index 0: 1.0; betas.0. must be at least 0 and below"),
        ({"betas": 0.9}, TypeError, "betas must be a pair of numbers, got 0.9"),
    ],
)
def test_wrong_options_are_refused(options: Options, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        SparseAdam([leaf([1.0])], **options)
