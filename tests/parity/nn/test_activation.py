"""Activations beside PyTorch's: what the table of cases cannot say."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from tests.parity.side_by_side import outcome, side_by_side

MODULES = {
    "ReLU": lambda nn: nn.ReLU(),
    "LeakyReLU": lambda nn: nn.LeakyReLU(0.1),
    "PReLU": lambda nn: nn.PReLU(),
    "ELU": lambda nn: nn.ELU(),
    "GELU": lambda nn: nn.GELU(),
    "GELU tanh": lambda nn: nn.GELU("tanh"),
    "SiLU": lambda nn: nn.SiLU(),
    "Tanh": lambda nn: nn.Tanh(),
    "Softplus": lambda nn: nn.Softplus(),
    "LogSigmoid": lambda nn: nn.LogSigmoid(),
    "Hardtanh": lambda nn: nn.Hardtanh(),
    "ReLU6": lambda nn: nn.ReLU6(),
    "Softmax": lambda nn: nn.Softmax(0),
    "LogSoftmax": lambda nn: nn.LogSoftmax(0),
    "GLU": lambda nn: nn.GLU(0),
}


@pytest.mark.parametrize("name", MODULES)
@side_by_side
def test_how_a_result_is_printed(torch: Any, name: str) -> Any:
    x = torch.tensor([-1.0, 2.0, 0.5, 0.25], requires_grad=True)
    return str(MODULES[name](torch.nn)(x))


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"GELU", "GELU tanh", "GLU"}))
@side_by_side(rtol=1e-6)
def test_what_is_not_finite(torch: Any, name: str) -> Any:
    x = torch.tensor([float("nan"), float("inf"), -float("inf")], requires_grad=True)
    output = MODULES[name](torch.nn)(x)
    return output


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"PReLU"}))
@side_by_side(rtol=2e-3, atol=2e-3)
def test_half_precision(torch: Any, name: str) -> Any:
    x = torch.tensor([-60.0, -3.0, -0.5, 0.25, 2.0, 60.0], dtype=torch.float16, requires_grad=True)
    output = MODULES[name](torch.nn)(x)
    output.sum().backward()
    return output, x.grad


@pytest.mark.parametrize("name", ["ReLU", "Tanh", "Softmax", "LogSoftmax"])
@side_by_side(rtol=1e-10, atol=1e-12)
def test_second_derivatives(torch: Any, name: str) -> Any:
    values = np.random.default_rng(0).standard_normal((3, 2))
    x = torch.tensor(values, requires_grad=True)
    output = MODULES[name](torch.nn)(x * x)
    (first,) = torch.autograd.grad((output * output).sum(), x, create_graph=True)
    return first, torch.autograd.grad((first * first).sum(), x)


@pytest.mark.parametrize("function", ["softmax", "log_softmax"])
@side_by_side(rtol=1e-6)
def test_forms_of_softmax(torch: Any, function: str) -> Any:
    F, x = torch.nn.functional, torch.arange(6.0).reshape(2, 3)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        implicit = getattr(F, function)(x)
    return (
        implicit,
        [warning.category for warning in caught],
        getattr(F, function)(x, -1, dtype=torch.float64),
        getattr(F, function)(x.long(), 0, dtype=torch.float32),
        getattr(torch, function)(x, dim=0),
        getattr(x, function)(1),
        outcome(getattr(F, function), x, 2),
        outcome(getattr(torch, function), x, None),
    )


@side_by_side
def test_written_over_the_input(torch: Any) -> Any:
    nn, found = torch.nn, []
    for layer in (nn.ReLU, nn.ReLU6, nn.Hardtanh, nn.LeakyReLU, nn.ELU, nn.SiLU):
        leaf = torch.tensor([-1.0, 2.0], requires_grad=True)
        plain = torch.tensor([-1.0, 2.0])
        computed = leaf * 2
        output = layer(inplace=True)(computed)
        found += [
            outcome(layer(inplace=True), leaf),
            layer(inplace=True)(plain) is plain,
            output is computed,
            computed._version,
            outcome(layer(inplace=True), torch.tensor([1, 2])) is None,
            repr(layer(inplace=True)),
        ]
    return found


@side_by_side
def test_attributes(torch: Any) -> Any:
    nn = torch.nn
    return (
        nn.PReLU(3).num_parameters, nn.PReLU(init=0.5).init, nn.GELU().approximate,
        nn.Softplus(2).beta, nn.Softplus().threshold, nn.ELU().alpha, nn.GLU().dim,
        nn.ReLU6().min_val, nn.ReLU6().max_val, nn.LeakyReLU().negative_slope, nn.Softmax().dim,
        isinstance(nn.ReLU6(), nn.Hardtanh), list(nn.PReLU().state_dict()),
    )  # fmt: skip
