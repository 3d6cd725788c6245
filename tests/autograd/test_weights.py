"""Weights: swapped, shared, computed, pruned, parametrised, frozen, hooked.

"Every saved Tensor is a parent in the graph; backward hands its gradient to that very Tensor."
"""

from unittest import mock

import numpy as np
import pytest

import minitorch
from minitorch import nn
from tests.helpers import (
    DerivedScale,
    Doubling,
    Scale,
    Square,
    array,
    by_autograd,
    by_hand,
    central_difference,
    check_gradients,
    constant,
    leaf,
    linear64,
    swap,
)

ONE = np.array([1.0])
MODIFIED = "modified by an inplace operation"
BOTH_MODES = pytest.mark.parametrize("run", [by_hand, by_autograd])


# -- weights ------------------------------------------------------------------------------


@pytest.mark.parametrize("run", [by_hand, by_autograd])
def test_every_saved_tensor_gets_its_gradient_a_shared_weight_the_sum(run):
    first, second = Scale(2.0), Scale(2.0)
    second.weight = first.weight
    run(nn.Sequential(first, second), 5.0)
    assert first.weight.grad.tolist() == [2 * 2.0 * 5.0]


def test_a_saved_weight_is_a_parent_of_the_output_even_of_a_constant_input():
    module = Scale(2.0)
    output = module(constant(5.0))
    assert output.requires_grad
    output.sum().backward()
    assert module.weight.grad.tolist() == [5.0]


def test_a_call_with_nothing_that_needs_a_gradient_is_not_recorded():
    module = Scale(2.0).requires_grad_(False)
    output = module(constant(5.0))
    assert not output.requires_grad
    assert output.grad_fn is None


@BOTH_MODES
def test_the_gradient_goes_to_the_very_tensor_that_was_saved(run):
    # The weight is swapped for one call and is back in its place before backward.
    module = Scale(2.0)
    other = leaf(10.0)
    x = array(5.0) if run is by_hand else leaf(5.0)
    old = swap(module, other)
    output = module(x)
    swap(module, old)
    if run is by_hand:
        assert module.backward(ONE).tolist() == [10.0]
    else:
        output.sum().backward()
        assert x.grad.tolist() == [10.0]
    assert other.grad.tolist() == [5.0]
    assert module.weight is old
    assert old.grad is None


@BOTH_MODES
def test_a_weight_replaced_before_backward_gets_nothing(run):
    module = Scale(2.0)
    old = module.weight
    x = array(5.0) if run is by_hand else leaf(5.0)
    output = module(x)
    module.weight = nn.Parameter(minitorch.tensor([70.0], dtype=minitorch.float64))
    if run is by_hand:
        assert module.backward(ONE).tolist() == [2.0]
    else:
        output.sum().backward()
        assert x.grad.tolist() == [2.0]
    assert old.grad.tolist() == [5.0]
    assert module.weight.grad is None


@BOTH_MODES
def test_a_computed_weight_hands_its_gradient_on_to_what_it_was_computed_from(run):
    module = Scale(0.0)
    left, right = leaf(3.0), leaf(4.0)
    swap(module, left * right)
    run(module, 5.0)
    assert left.grad.tolist() == [20.0]
    assert right.grad.tolist() == [15.0]


def test_a_computed_weight_of_linear_against_central_differences(rng):
    module = linear64(3, 2)
    left, right = (minitorch.tensor(rng.standard_normal(s)) for s in ((2, 4), (4, 3)))
    x, grad = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
    del module.weight

    def loss():
        return float(np.sum((x @ (left.array @ right.array).T + module.bias.array) * grad))

    expected = [central_difference(loss, factor.array) for factor in (left, right)]
    for call in ("by hand", "by autograd"):
        for factor in (left, right):
            factor.requires_grad_()
            factor.grad = None
        module.weight = left @ right
        if call == "by hand":
            module(x)
            module.backward(grad)
        else:
            module(minitorch.tensor(x)).backward(minitorch.tensor(grad))
        for factor, wanted in zip((left, right), expected, strict=True):
            np.testing.assert_allclose(factor.grad.array, wanted, rtol=1e-6, atol=1e-8)


class Pruned(Scale):
    """A weight that a forward pre-hook recomputes from weight_orig * mask before each call."""

    def __init__(self, *values):
        super().__init__(*values)
        self.weight_orig = nn.Parameter(self.weight.detach().clone())
        del self.weight
        self.register_buffer("mask", minitorch.tensor([0.0, 1.0], dtype=minitorch.float64))
        self.register_forward_pre_hook(Pruned.recompute)

    def recompute(self, args):
        self.weight = self.weight_orig * self.mask


@BOTH_MODES
def test_a_pruned_weight(run):
    module = Pruned(2.0, 3.0)
    run(module, 5.0, 7.0)
    assert module.weight_orig.grad.tolist() == [0.0, 7.0]
    run(module, 5.0, 7.0)
    assert module.weight_orig.grad.tolist() == [0.0, 14.0]


def test_a_pruned_weight_against_central_differences(rng):
    check_gradients(rng, Pruned(2.0, 3.0), rng.standard_normal(2))
    check_gradients(rng, nn.Sequential(Square(), Pruned(2.0, 3.0)), rng.standard_normal(2))
    check_gradients(rng, Doubling(Pruned(2.0, 3.0)), rng.standard_normal(2))


class Parametrised(nn.Module):
    """Input times a weight that is a property, computed afresh whenever it is read."""

    def __init__(self, *values):
        super().__init__()
        self.logarithm = nn.Parameter(minitorch.tensor(values, dtype=minitorch.float64).log())

    @property
    def weight(self):
        return self.logarithm.exp()

    def forward(self, input):
        weight = self.weight
        self.save_for_backward(input, weight)
        return input * weight.array

    def backward(self, grad_output):
        input, weight = self.saved_tensors
        weight.accumulate_grad(grad_output * input)
        return grad_output * weight.array


def test_a_parametrised_weight(rng):
    module = Parametrised(2.0, 3.0)
    check_gradients(rng, module, rng.standard_normal(2))
    check_gradients(rng, nn.Sequential(module, module), rng.standard_normal(2))


class Watched(Scale):
    """Notes what its backward computed."""

    def __init__(self, *values):
        super().__init__(*values)
        self.computed = []

    def backward(self, grad_output):
        input, weight = self.saved_tensors
        if weight.requires_grad:
            self.computed.append("weight")
            weight.accumulate_grad(grad_output * input)
        if self.needs_input_grad[0]:
            self.computed.append("input")
            return grad_output * weight.array
        return None


@BOTH_MODES
def test_a_frozen_weight_gets_no_gradient(run):
    module = nn.Sequential(Scale(2.0), Scale(3.0))
    module[0].requires_grad_(False)
    run(module, 5.0)
    assert module[0].weight.grad is None
    assert module[1].weight.grad.tolist() == [10.0]


def test_a_backward_need_not_ask_whether_a_weight_is_frozen():
    class Careless(Scale):
        def backward(self, grad_output):
            input, weight = self.saved_tensors
            weight.accumulate_grad(grad_output * input)
            return grad_output * weight.array

    for run in (by_hand, by_autograd):
        module = Careless(2.0).requires_grad_(False)
        run(module, 5.0)
        assert module.weight.grad is None


def test_a_frozen_weight_costs_no_work():
    module = Watched(2.0).requires_grad_(False)
    module(leaf(5.0)).sum().backward()
    assert module.computed == ["input"]


def test_a_frozen_layer_in_front_is_not_gone_back_through_at_all():
    frozen, trained = Watched(2.0).requires_grad_(False), Watched(3.0)
    nn.Sequential(frozen, trained)(constant(5.0)).sum().backward()
    assert frozen.computed == []
    assert trained.computed == ["weight"]


def test_a_frozen_linear_hands_its_weight_nothing():
    handed = []
    for frozen in (False, True):
        module = linear64(3, 2)
        module.weight.requires_grad_(not frozen)
        x = minitorch.ones(4, 3, dtype=minitorch.float64, requires_grad=True)
        loss = module(x).sum()
        with mock.patch.object(minitorch.Tensor, "accumulate_grad", autospec=True) as hand_over:
            loss.backward()
        handed.append([call.args[0] is module.weight for call in hand_over.call_args_list])
    assert handed[0].count(True) == 1
    assert handed[1].count(True) == 0


def test_a_weight_that_was_thawed_after_the_call_gets_no_gradient_for_it():
    module = Scale(2.0).requires_grad_(False)
    x = leaf(5.0)
    loss = module(x).sum()
    module.requires_grad_(True)
    loss.backward()
    assert x.grad.tolist() == [2.0]


def test_functional_call_like_swaps_for_several_layers(rng):
    model = nn.Sequential(linear64(3, 2), nn.Sigmoid(), linear64(2, 2))
    own = dict(model.named_parameters())
    stand_ins = {name: weight.detach().clone().requires_grad_() for name, weight in own.items()}
    for name, weight in stand_ins.items():
        path, _, attribute = name.rpartition(".")
        delattr(model.get_submodule(path), attribute)
        setattr(model.get_submodule(path), attribute, weight)
    output = model(minitorch.tensor(rng.standard_normal((4, 3))))
    for name, weight in own.items():
        path, _, attribute = name.rpartition(".")
        delattr(model.get_submodule(path), attribute)
        setattr(model.get_submodule(path), attribute, weight)
    output.sum().backward()
    assert all(weight.grad is not None for weight in stand_ins.values())
    assert all(weight.grad is None for weight in own.values())


@BOTH_MODES
def test_a_hook_on_a_weight_gets_the_whole_gradient_once_and_may_replace_it(run):
    model = nn.Sequential(Scale(2.0), Scale(2.0))
    model[1].weight = model[0].weight
    seen = []

    def hook(grad):
        seen.append(grad.tolist())
        return grad * 10

    model[0].weight.register_hook(hook)
    run(model, 5.0)
    assert seen == [[20.0]]
    assert model[0].weight.grad.tolist() == [200.0]


@BOTH_MODES
def test_a_hook_on_a_computed_weight_fires(run):
    module = Scale(0.0)
    root = leaf(3.0)
    weight = root * 2
    weight.register_hook(lambda grad: grad * 10)
    swap(module, weight)
    run(module, 5.0)
    assert root.grad.tolist() == [100.0]


@BOTH_MODES
def test_a_post_accumulate_hook_fires_after_grad_was_written(run):
    module, seen = Scale(2.0), []
    module.weight.register_post_accumulate_grad_hook(lambda weight: seen.append(weight.grad.item()))
    run(module, 5.0)
    assert seen == [5.0]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Scale(2.0),
        lambda: DerivedScale(2.0),
        lambda: Doubling(Scale(2.0)),
        lambda: Doubling(DerivedScale(2.0)),
        lambda: Doubling(Doubling(nn.Sequential(Scale(2.0), DerivedScale(3.0)))),
    ],
)
def test_autograd_grad_redirects_the_hand_over_and_touches_no_grad(make):
    module = make()
    weights = list(module.parameters())
    x = leaf(5.0)
    expected = minitorch.autograd.grad(module(x).sum(), [x, *weights])
    assert x.grad is None
    assert all(weight.grad is None for weight in weights)
    module(x).sum().backward()
    found = [x.grad, *(weight.grad for weight in weights)]
    assert [grad.tolist() for grad in found] == [grad.tolist() for grad in expected]
    # Each alone, too.
    for target, wanted in zip([x, *weights], expected, strict=True):
        (grad,) = minitorch.autograd.grad(module(x).sum(), target)
        assert grad.tolist() == wanted.tolist()


def test_autograd_grad_of_a_computed_weight():
    module = Scale(0.0)
    root = leaf(3.0)
    weight = root * 2
    swap(module, weight)
    (grad,) = minitorch.autograd.grad(module(constant(5.0)).sum(), weight)
    assert grad.tolist() == [5.0]
    assert root.grad is None


def test_backward_with_inputs_writes_only_to_those():
    module = Doubling(Scale(2.0))
    x = leaf(5.0)
    module(x).sum().backward(inputs=[module.child.weight])
    assert module.child.weight.grad.tolist() == [10.0]
    assert x.grad is None
