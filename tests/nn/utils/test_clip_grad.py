"""Clipping gradients: worked examples, and gradients that nobody has looked at yet."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn.utils import (
    clip_grad_norm,
    clip_grad_norm_,
    clip_grad_value_,
    clip_grads_with_norm_,
    get_total_norm,
)


def parameter(*grad, dtype="float32"):
    """A parameter with this gradient."""
    result = nn.Parameter(minitorch.zeros(len(grad), dtype=getattr(minitorch, dtype)))
    result.grad = minitorch.tensor(grad, dtype=result.dtype)
    return result


def test_by_hand():
    """The norm of (3, 4, 12) is 13, so each is multiplied by 1/13."""
    first, second, without = parameter(3.0, 4.0), parameter(12.0), nn.Parameter(minitorch.ones(2))
    norm = clip_grad_norm_([first, without, second], 1.0)
    assert isinstance(norm, minitorch.Tensor)
    assert norm.shape == ()
    assert norm.item() == 13.0
    assert not norm.requires_grad
    np.testing.assert_allclose(first.grad.array, [3 / 13, 4 / 13], rtol=1e-6)
    np.testing.assert_allclose(second.grad.array, [12 / 13], rtol=1e-6)
    assert without.grad is None


def test_a_small_norm_is_left_alone():
    weight = parameter(0.3, 0.4)
    clip_grad_norm_(weight, 1.0)
    assert weight.grad.array.tolist() == parameter(0.3, 0.4).grad.array.tolist()


def test_the_gradient_stays_the_same_tensor_and_counts_the_change():
    weight = parameter(3.0, 4.0)
    grad, version = weight.grad, weight.grad._version
    clip_grad_norm_([weight], 1.0)
    clip_grad_value_([weight], 0.5)
    assert weight.grad is grad
    assert grad._version == version + 2


@pytest.mark.parametrize("looked_at", [False, True])
@pytest.mark.parametrize("hook", [False, True])
@pytest.mark.parametrize("clip", [clip_grad_norm_, clip_grad_value_])
def test_a_training_step(looked_at, hook, clip, rng):
    """A gradient is a bare array until somebody looks at it; the optimizer sees it clipped."""
    layer = nn.Linear(3, 2)
    if hook:
        layer.weight.register_hook(lambda grad: grad * 2)
        layer.bias.register_post_accumulate_grad_hook(lambda tensor: None)
    before = layer.weight.array.copy()
    x = minitorch.tensor(rng.standard_normal((5, 3)), dtype=minitorch.float32)
    (layer(x) * 100).sum().backward()
    if looked_at:
        assert layer.weight.grad is not None
    clip(layer.parameters(), 0.1)
    minitorch.optim.SGD(layer.parameters(), lr=1.0).step()
    step = before - layer.weight.array
    np.testing.assert_allclose(step, layer.weight.grad.array, rtol=1e-4, atol=1e-6)
    grads = np.concatenate([weight.grad.array.reshape(-1) for weight in layer.parameters()])
    size = np.abs(grads).max() if clip is clip_grad_value_ else np.linalg.norm(grads)
    np.testing.assert_allclose(size, 0.1, rtol=1e-4)


def test_a_gradient_that_is_a_constant():
    weight = nn.Parameter(minitorch.tensor(2.0))
    weight.backward()  # the gradient is the 1 at which backward begins
    clip_grad_value_(weight, 0.25)
    assert weight.grad.item() == 0.25
    other = nn.Parameter(minitorch.tensor(2.0))
    other.backward()
    assert other.grad.item() == 1.0


def test_not_finite():
    weight = parameter(np.inf, 1.0)
    with pytest.raises(RuntimeError, match=r"order 2\.0 is inf.*error_if_nonfinite=False"):
        clip_grad_norm_([weight], 1.0, error_if_nonfinite=True)
    assert weight.grad.tolist() == [np.inf, 1.0]
    assert clip_grad_norm_([parameter(3e38, 3e38)], 1.0).item() == np.inf


def test_the_two_halves():
    first, second = parameter(3.0, 4.0), parameter(12.0)
    norm = get_total_norm([first.grad, second.grad])
    assert norm.item() == 13.0
    clip_grads_with_norm_((weight for weight in (first, second)), 13.0, norm)
    np.testing.assert_allclose(first.grad.array, [3.0, 4.0], rtol=1e-6)
    with pytest.raises(TypeError, match=r"total_norm.*5\.0.*get_total_norm"):
        clip_grads_with_norm_([first], 1.0, 5.0)


def test_a_generator_that_is_used_up():
    with pytest.warns(UserWarning, match="generator"):
        assert clip_grad_norm_((weight for weight in ()), 1.0).item() == 0.0


def test_the_former_name():
    weight = parameter(3.0, 4.0)
    with pytest.warns(FutureWarning, match="clip_grad_norm_"):
        assert clip_grad_norm([weight], 1.0).item() == 5.0


def test_what_is_no_tensor():
    with pytest.raises(AttributeError, match="list"):
        clip_grad_norm_([[1.0]], 1.0)
    with pytest.raises(TypeError):
        clip_grad_norm_(3.0, 1.0)
    with pytest.raises(RuntimeError, match="floating point"):
        get_total_norm([minitorch.tensor([1, 2])])
