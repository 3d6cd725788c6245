"""Running statistics, modes, states and blocks of batch normalization."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from minitorch.nn.modules import standardize
from minitorch.nn.modules.batchnorm import _BatchNorm
from tests.helpers import check_gradients


def test_worked_example() -> None:
    """The two channels of three samples, by hand: means 3 and 10, variances 8/3 and 0."""
    layer = nn.BatchNorm1d(2, eps=1 / 3, dtype=minitorch.float64)
    layer.weight.array[:] = [2.0, 5.0]
    layer.bias.array[:] = [1.0, -1.0]
    output = layer(np.array([[1.0, 10.0], [3.0, 10.0], [5.0, 10.0]]))
    step = 4 / math.sqrt(3)
    np.testing.assert_allclose(output, [[1 - step, -1], [1, -1], [1 + step, -1]], rtol=1e-12)
    np.testing.assert_allclose(layer.running_mean.array, [0.3, 1.0])
    np.testing.assert_allclose(layer.running_var.array, [0.9 + 0.1 * 4, 0.9])  # 8/2, unbiased
    grad_input = layer.backward(np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]))
    # s = 1/√3, x̂ = (-2, 0, 2) s: dL/dx = 2 s (g - 1/3 - x̂ (-2 s) / 3)
    s = 1 / math.sqrt(3)
    expected = [2 * s * (1 - 1 / 3 - 4 / 9), 2 * s * (-1 / 3), 2 * s * (-1 / 3 + 4 / 9)]
    np.testing.assert_allclose(grad_input[:, 0], expected, rtol=1e-12)
    np.testing.assert_allclose(layer.weight.grad.array, [-2 * s, 0], atol=1e-15)
    np.testing.assert_allclose(layer.bias.grad.array, [1, 1])


@pytest.mark.parametrize("momentum", [0.1, 0.7, 1.0, 0.0, None])
@pytest.mark.parametrize("by_hand", [True, False])
def test_running_statistics(momentum: Any, by_hand: bool, rng: np.random.Generator) -> None:
    layer = nn.BatchNorm1d(3, momentum=momentum, dtype=minitorch.float64)
    means, variances = np.zeros(3), np.ones(3)
    for number in range(1, 4):
        x = rng.standard_normal((4, 3, 2)) * number + 1
        y = layer(x if by_hand else minitorch.tensor(x, requires_grad=True))
        factor = 1 / number if momentum is None else momentum
        means = (1 - factor) * means + factor * x.mean((0, 2))
        variances = (1 - factor) * variances + factor * x.var((0, 2), ddof=1)
        if by_hand:
            layer.backward(np.ones_like(y))
        else:
            y.sum().backward()
        np.testing.assert_allclose(layer.running_mean.array, means, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(layer.running_var.array, variances, rtol=1e-12)
        assert layer.num_batches_tracked.item() == number
    layer.eval()
    expected = (x - means[:, None]) / np.sqrt(variances + 1e-5)[:, None]
    np.testing.assert_allclose(layer(x), expected, rtol=1e-12)
    assert layer.num_batches_tracked.item() == 3
    layer.reset_running_stats()
    assert layer.running_mean.tolist() == [0, 0, 0]
    assert layer.running_var.tolist() == [1, 1, 1]
    assert layer.num_batches_tracked.item() == 0


@pytest.mark.parametrize("bad", [(1, 3), (4, 2), (4,), (4, 3, 2, 1)])
def test_an_error_changes_no_statistics(bad: tuple[int, ...]) -> None:
    layer = nn.BatchNorm1d(3)
    before = copy.deepcopy(layer.state_dict())
    with pytest.raises((ValueError, RuntimeError)):
        layer(minitorch.ones(*bad))
    for name, value in layer.state_dict().items():
        np.testing.assert_array_equal(value.array, before[name].array)


def test_statistics_follow_under_no_grad_and_are_marked_as_changed() -> None:
    layer = nn.BatchNorm1d(1)
    version = layer.running_mean._version
    with minitorch.no_grad():
        layer(minitorch.tensor([[1.0], [3.0]]))
    assert layer.running_mean.item() == pytest.approx(0.2)
    assert layer.running_mean._version == version + 1


def test_statistics_that_move_on_do_not_spoil_an_earlier_gradient(
    rng: np.random.Generator,
) -> None:
    """In evaluation mode backward uses the statistics of its own call."""
    layer = nn.BatchNorm1d(2, dtype=minitorch.float64).eval()
    x = minitorch.tensor(rng.standard_normal((4, 2)), requires_grad=True)
    loss = (layer(x) * x.detach()).sum()
    layer.train()(x.detach() * 100)
    loss.backward()
    np.testing.assert_allclose(x.grad.array, x.array / math.sqrt(1 + 1e-5), rtol=1e-12)
    np.testing.assert_allclose(
        layer.weight.grad.array, (x.array**2).sum(0) / math.sqrt(1 + 1e-5), rtol=1e-12
    )


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("frozen", [("weight",), ("bias",), ("weight", "bias"), ("input",)])
def test_frozen(training: bool, frozen: tuple[str, ...], rng: np.random.Generator) -> None:
    layer = nn.BatchNorm1d(2, dtype=minitorch.float64).train(training)
    full = copy.deepcopy(layer)
    x = rng.standard_normal((5, 2))
    grads = []
    for module, stopped in ((full, ()), (layer, frozen)):
        for name in set(stopped) - {"input"}:
            getattr(module, name).requires_grad_(False)
        input = minitorch.tensor(x, requires_grad="input" not in stopped)
        (module(input) * minitorch.tensor(x**2)).sum().backward()
        grads.append([input.grad, module.weight.grad, module.bias.grad])
    for name, mine, its in zip(("input", "weight", "bias"), grads[1], grads[0], strict=True):
        assert (mine is None) == (name in frozen)
        if mine is not None:
            np.testing.assert_allclose(mine.array, its.array, rtol=1e-12)


@pytest.mark.parametrize("shape", [(5, 7, 3), (6, 7), (3, 7, 200)])
@pytest.mark.parametrize("training", [True, False])
def test_blocks_make_no_difference(
    shape: tuple[int, ...],
    training: bool,
    rng: np.random.Generator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x, grad = rng.standard_normal((2, *shape))
    results = []
    for size in (1, 40, 10**6):
        monkeypatch.setattr(standardize, "_BLOCK", size)
        layer = nn.BatchNorm1d(7, dtype=minitorch.float64).train(training)
        output = layer(x)
        results.append([output, layer.backward(grad), layer.weight.grad.array])
        results[-1] += [layer.bias.grad.array, layer.running_var.array]
    for other in results[1:]:
        for mine, its in zip(results[0], other, strict=True):
            np.testing.assert_allclose(mine, its, rtol=1e-10, atol=1e-12)


def test_the_same_layer_twice(rng: np.random.Generator) -> None:
    layer = nn.BatchNorm1d(3, dtype=minitorch.float64)
    check_gradients(rng, nn.Sequential(layer, nn.Sigmoid(), layer), rng.standard_normal((5, 3)))


def test_output_may_be_changed_in_place(rng: np.random.Generator) -> None:
    """What follows it may write over its output, as `ReLU(inplace=True)` does."""
    x = minitorch.tensor(rng.standard_normal((4, 3)), requires_grad=True)
    output = nn.BatchNorm1d(3, affine=False, dtype=minitorch.float64)(x)
    output.mul_(2)
    output.sum().backward()
    np.testing.assert_allclose(x.grad.array, 0, atol=1e-12)


@pytest.mark.parametrize("metadata", [True, False])
def test_old_states_lack_the_number_of_batches(metadata: bool) -> None:
    layer = nn.BatchNorm1d(2)
    state = layer.state_dict()
    del state["num_batches_tracked"]
    layer.num_batches_tracked.fill_(7)
    if metadata:  # which says that it is of version 2
        with pytest.raises(RuntimeError, match="num_batches_tracked"):
            layer.load_state_dict(state)
    else:
        layer.load_state_dict(dict(state))
        assert layer.num_batches_tracked.item() == 7
    assert layer.state_dict()._metadata[""]["version"] == 2


def test_kept_under_pytorchs_names() -> None:
    for each in (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d):
        assert issubclass(each, _BatchNorm)
    assert nn.modules.batchnorm._BatchNorm is _BatchNorm


def test_arrays_given_to_the_function_follow() -> None:
    mean, var = np.zeros(1), np.ones(1)
    output = F.batch_norm(np.array([[1.0], [3.0]]), mean, var, training=True, momentum=0.5)
    assert isinstance(output, np.ndarray)
    assert (mean[0], var[0]) == (1.0, 1.5)


def test_half_precision_computes_in_single() -> None:
    layer = nn.BatchNorm1d(1)
    x = minitorch.tensor([[60000.0], [50000.0]]).half().requires_grad_()
    output = layer(x)
    output.sum().backward()
    assert (output.dtype, x.grad.dtype) == (minitorch.float16, minitorch.float16)
    assert output.tolist() == [[1.0], [-1.0]]
    assert layer.weight.grad.dtype == minitorch.float32
