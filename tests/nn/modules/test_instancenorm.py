"""Running statistics and states of instance normalization."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F


def test_running_statistics_are_means_over_the_samples(rng: np.random.Generator) -> None:
    layer = nn.InstanceNorm1d(3, momentum=0.5, track_running_stats=True, dtype=minitorch.float64)
    x = rng.standard_normal((4, 3, 5))
    layer(x)
    np.testing.assert_allclose(layer.running_mean.array, 0.5 * x.mean((0, 2)), rtol=1e-12)
    expected = 0.5 + 0.5 * x.var(2, ddof=1).mean(0)
    np.testing.assert_allclose(layer.running_var.array, expected, rtol=1e-12)
    assert layer.num_batches_tracked.item() == 0
    layer.eval()
    mean, var = layer.running_mean.array[:, None], layer.running_var.array[:, None]
    np.testing.assert_allclose(layer(x), (x - mean) / np.sqrt(var + 1e-5), rtol=1e-12)


def test_samples_do_not_mix(rng: np.random.Generator) -> None:
    x = rng.standard_normal((4, 3, 5, 2))
    layer = nn.InstanceNorm2d(3, affine=True, dtype=minitorch.float64)
    together = layer(x)
    for sample, output in zip(x, together, strict=True):
        np.testing.assert_allclose(layer(sample), output, rtol=1e-12)


def test_no_samples() -> None:
    layer = nn.InstanceNorm1d(3, affine=True, track_running_stats=True)
    x = minitorch.ones(0, 3, 4).requires_grad_()
    layer(x).sum().backward()
    assert x.grad.shape == (0, 3, 4)
    assert layer.weight.grad.tolist() == [0, 0, 0]
    assert layer.running_var.tolist() == [1, 1, 1]


def test_another_number_of_channels_without_weights() -> None:
    with pytest.warns(UserWarning, match="num_features=4 channels, and the input has 2") as seen:
        output = nn.InstanceNorm1d(4)(minitorch.tensor([[1.0, 3.0], [3.0, 1.0]]))
    assert seen[0].filename == __file__  # it points to the call
    np.testing.assert_allclose(output.array, [[-1, 1], [1, -1]], rtol=1e-4)


def test_a_state_with_statistics_that_are_not_kept() -> None:
    state = {"running_mean": minitorch.zeros(3), "running_var": minitorch.ones(3)}
    with pytest.raises(RuntimeError, match=r"running_var.*track_running_stats"):
        nn.InstanceNorm1d(3).load_state_dict(state)
    nn.InstanceNorm1d(3, track_running_stats=True).load_state_dict(state)


def test_output_may_be_changed_in_place(rng: np.random.Generator) -> None:
    x = minitorch.tensor(rng.standard_normal((2, 3, 4)), requires_grad=True)
    output = nn.InstanceNorm1d(3)(x)
    output.mul_(2)
    output.sum().backward()
    np.testing.assert_allclose(x.grad.array, 0, atol=1e-12)


def test_arrays_given_to_the_function_follow() -> None:
    mean, var = np.zeros(1), np.ones(1)
    F.instance_norm(np.array([[[1.0, 3.0]], [[5.0, 5.0]]]), mean, var, momentum=0.5)
    assert (mean[0], var[0]) == (1.75, 1.0)
