"""What belongs to a call: saved items, weights, children, in-place changes, higher derivatives.

Every sentence of "What belongs to a call", "In-place changes" and "Higher derivatives" in the
contract has a test here.
"""

import copy
import gc
import pickle
import threading
import warnings
import weakref
from unittest import mock

import numpy as np
import pytest

import minitorch
from minitorch import nn
from tests.helpers import (
    DerivedScale,
    Product,
    Scale,
    Square,
    central_difference,
    check_gradients,
    linear64,
)

ONE = np.array([1.0])
MODIFIED = "modified by an inplace operation"


def array(*values):
    return np.array(values, dtype=np.float64)


def leaf(*values):
    return minitorch.tensor(values, dtype=minitorch.float64, requires_grad=True)


def constant(*values):
    return minitorch.tensor(values, dtype=minitorch.float64)


def by_hand(module, *values):
    output = module(array(*values))
    module.backward(np.ones_like(output))


def by_autograd(module, *values):
    module(leaf(*values)).sum().backward()


BOTH_MODES = pytest.mark.parametrize("run", [by_hand, by_autograd])


class Parent(nn.Module):
    """A hand-written parent: its forward and backward call one child each."""

    def __init__(self, child):
        super().__init__()
        self.child = child

    def forward(self, input):
        return self.child(input * 2)

    def backward(self, grad_output):
        return self.child.backward(grad_output) * 2


class PassOn(nn.Module):
    """A hand-written parent that hands its input on as it is, so that the child saves it."""

    def __init__(self, child):
        super().__init__()
        self.child = child

    def forward(self, input):
        return self.child(input)

    def backward(self, grad_output):
        return self.child.backward(grad_output)


# -- what a record holds ------------------------------------------------------------------


@pytest.mark.parametrize("mode", [array, leaf])
def test_a_record_holds_anything(mode):
    marker, weight = object(), nn.Parameter(minitorch.ones(1, dtype=minitorch.float64))
    found = []

    class Hoarder(nn.Module):
        def forward(self, input):
            self.save_for_backward(
                input, weight, input.shape, None, 3, "text", marker, {"a": [input, (weight,)]}
            )
            return input * 2

        def backward(self, grad_output):
            found.extend(self.saved_tensors)
            return grad_output * 2

    module = Hoarder()
    output = module(mode(5.0))
    if mode is array:
        module.backward(ONE)
    else:
        output.sum().backward()
    assert found[0].tolist() == [5.0]
    assert found[1] is weight
    assert found[2:7] == [(1,), None, 3, "text", marker]
    assert found[7]["a"][1][0] is weight


def test_each_call_has_a_record_of_its_own_a_module_used_twice_in_one_graph():
    module = Square()
    x, y = leaf(3.0), leaf(5.0)
    (module(x) + module(y) * 10).sum().backward()
    assert (x.grad.item(), y.grad.item()) == (6.0, 100.0)


@pytest.mark.parametrize("cls", [Scale, DerivedScale])
def test_a_module_used_twice_in_a_row_in_one_graph(cls, rng):
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = cls(2.0, 3.0)

        def forward(self, input):
            return self.scale(self.scale(input) + input)

    check_gradients(rng, Twice(), rng.standard_normal(2))


def test_graphs_may_be_gone_through_in_any_order():
    module = Scale(2.0)
    first, second = leaf(3.0), leaf(5.0)
    losses = [module(first).sum(), module(second).sum()]
    losses[0].backward()
    assert module.weight.grad.tolist() == [3.0]
    losses[1].backward()
    assert module.weight.grad.tolist() == [8.0]


def test_each_class_that_wrote_a_pair_has_a_slot_of_its_own(rng):
    class Sine(Square):
        def forward(self, input):
            self.save_for_backward(input)
            return super().forward(np.sin(input))

        def backward(self, grad_output):
            (input,) = self.saved_tensors
            grad = super().backward(grad_output) * np.cos(input)
            assert self.saved_tensors[0] is input  # super() has not replaced it
            return grad

    class Cubed(Sine):
        def forward(self, input):
            output = super().forward(input**3)
            self.save_for_backward(input)  # after super().forward, which has a slot of its own
            return output

        def backward(self, grad_output):
            grad = super().backward(grad_output)
            (input,) = self.saved_tensors
            return grad * 3 * input**2

    check_gradients(rng, Cubed(), rng.standard_normal(3))


def test_super_forward_called_twice_is_gone_back_through_latest_first(rng):
    class FourthPower(Square):
        def forward(self, input):
            return super().forward(super().forward(input))

        def backward(self, grad_output):
            return super().backward(super().backward(grad_output))

    check_gradients(rng, FourthPower(), rng.standard_normal(3))


def test_save_for_backward_works_only_inside_a_written_forward():
    class Derived(nn.Module):
        def forward(self, input):
            self.save_for_backward(input)
            return input

    for call in (
        lambda: Square().save_for_backward(ONE),
        lambda: Derived()(ONE),
        lambda: Derived()(leaf(1.0)),
    ):
        with pytest.raises(RuntimeError, match="save_for_backward"):
            call()


def test_saved_tensors_and_needs_input_grad_are_there_only_inside_backward():
    module = Square()
    module(array(3.0))
    for name in ("saved_tensors", "needs_input_grad"):
        with pytest.raises(RuntimeError, match=name):
            getattr(module, name)


# -- copies, pickles, threads -------------------------------------------------------------


def through_pickle(module):
    return pickle.loads(pickle.dumps(module))


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, through_pickle])
def test_records_are_never_copied_or_pickled(duplicate):
    model = nn.Sequential(Scale(2.0), DerivedScale(3.0), Square())
    model(array(5.0))
    twin = duplicate(model)
    if duplicate is copy.copy:  # it shares the children, and only those
        with pytest.raises(RuntimeError, match="call forward first"):
            twin.backward(ONE)
    else:
        for module in (twin, *twin):
            with pytest.raises(RuntimeError, match="call forward first"):
                module.backward(ONE)
    assert model.backward(ONE).tolist() == [2 * 30.0 * 6.0]
    if duplicate is not copy.copy:
        assert [weight.grad for weight in twin.parameters()] == [None, None]
        twin(array(5.0))
        assert twin.backward(ONE).tolist() == [2 * 30.0 * 6.0]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, through_pickle])
def test_a_module_copied_between_a_tensor_call_and_its_backward_leaves_the_graph_alone(duplicate):
    model = nn.Sequential(Scale(2.0), Parent(Scale(3.0)))
    x = leaf(5.0)
    loss = model(x).sum()
    twin = duplicate(model)
    loss.backward()
    assert x.grad.tolist() == [12.0]
    assert [weight.grad.item() for weight in model.parameters()] == [30.0, 20.0]
    assert [weight.grad for weight in twin.parameters()] == [None, None]


def test_a_copy_made_inside_a_written_forward_has_no_part_in_the_call():
    copies = []

    class CopiesItself(Scale):
        def forward(self, input):
            copies.append(copy.deepcopy(self))
            return super().forward(input)

        def backward(self, grad_output):
            return super().backward(grad_output)

    module = CopiesItself(2.0)
    x = leaf(5.0)
    module(x).sum().backward()
    assert x.grad.tolist() == [2.0]
    with pytest.raises(RuntimeError, match="save_for_backward"):
        copies[0].save_for_backward(ONE)


def test_a_deep_copy_of_a_module_with_an_assigned_pair_calls_its_own_children():
    module = Scale(2.0)
    module.backward = lambda grad_output: grad_output * 7
    twin = copy.deepcopy(module)
    twin.weight.array[...] = 10.0
    assert twin(array(5.0)).tolist() == [50.0]
    assert twin.backward(ONE).tolist() == [7.0]
    with pytest.raises(RuntimeError, match="call forward first"):
        module.backward(ONE)


def test_records_are_thread_local_while_they_are_made():
    child = Square()

    class CallsInAThread(nn.Module):
        def __init__(self):
            super().__init__()
            self.child = child

        def forward(self, input):
            output = self.child(input)
            thread = threading.Thread(target=child, args=(array(100.0),))
            thread.start()
            thread.join()
            return output

        def backward(self, grad_output):
            return self.child.backward(grad_output)

    x = leaf(3.0)
    CallsInAThread()(x).sum().backward()
    assert x.grad.tolist() == [6.0]


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


def swap(module, weight):
    """Put another tensor in the place of the module's weight, as `functional_call` does."""
    old = module.weight
    del module.weight
    module.weight = weight
    return old


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
    check_gradients(rng, Parent(Pruned(2.0, 3.0)), rng.standard_normal(2))


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


def test_a_frozen_linear_computes_one_product_less():
    products = []
    for frozen in (False, True):
        module = linear64(3, 2)
        module.weight.requires_grad_(not frozen)
        x = minitorch.ones(4, 3, dtype=minitorch.float64, requires_grad=True)
        loss = module(x).sum()
        with mock.patch.object(np, "dot", wraps=np.dot) as dot:
            loss.backward()
        products.append(dot.call_count)
    assert products[0] - products[1] == 1


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
        lambda: Parent(Scale(2.0)),
        lambda: Parent(DerivedScale(2.0)),
        lambda: Parent(Parent(nn.Sequential(Scale(2.0), DerivedScale(3.0)))),
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
    module = Parent(Scale(2.0))
    x = leaf(5.0)
    module(x).sum().backward(inputs=[module.child.weight])
    assert module.child.weight.grad.tolist() == [10.0]
    assert x.grad is None


# -- children -----------------------------------------------------------------------------


class Branching(nn.Module):
    """Calls children one after another, beside one another, and one of them twice."""

    def __init__(self, make):
        super().__init__()
        self.shared, self.left, self.right = (
            make(*values) for values in ((2.0, 0.5), (3.0, 1.0), (-1.0, 4.0))
        )

    def forward(self, input):
        hidden = self.shared(input)
        left, right = self.left(hidden), self.right(hidden)
        self.save_for_backward(left, right)
        return self.shared(left * right)

    def backward(self, grad_output):
        left, right = self.saved_tensors
        grad = self.shared.backward(grad_output)
        grad = self.left.backward(grad * right) + self.right.backward(grad * left)
        return self.shared.backward(grad)


class Nest(nn.Module):
    """A hand-written module around another, with a weight of its own."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.shift = nn.Parameter(minitorch.ones(2, dtype=minitorch.float64))

    def forward(self, input):
        self.save_for_backward(self.shift)
        return self.inner(input + self.shift.array)

    def backward(self, grad_output):
        (shift,) = self.saved_tensors
        grad = self.inner.backward(grad_output)
        shift.accumulate_grad(grad)
        return grad


MAKERS = pytest.mark.parametrize(
    "make",
    [
        Scale,
        DerivedScale,
        lambda *values: nn.Sequential(Scale(*values), nn.Sigmoid(), DerivedScale(*values)),
        lambda *values: Nest(DerivedScale(*values)),
    ],
    ids=["written", "derived", "container", "nested"],
)


@MAKERS
def test_a_written_parents_backward_finds_its_childrens_records_latest_first(make, rng):
    check_gradients(rng, Branching(make), rng.standard_normal(2))


@MAKERS
def test_written_parents_nested_three_deep(make, rng):
    check_gradients(rng, Nest(Nest(Branching(make))), rng.standard_normal(2))


@MAKERS
def test_a_written_parent_used_twice(make, rng):
    shared = Branching(make)

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.shared = shared

        def forward(self, input):
            return self.shared(self.shared(input)) + self.shared(input * 0.5)

    check_gradients(rng, Twice(), rng.standard_normal(2) * 0.3)
    check_gradients(rng, nn.Sequential(shared, Nest(shared)), rng.standard_normal(2) * 0.3)


def test_children_are_collected_across_a_derived_module_in_between(rng):
    class Derived(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, input):
            return self.inner(input) * input + input.exp()

    model = Nest(Derived(Nest(Derived(Scale(2.0, 3.0)))))
    check_gradients(rng, model, rng.standard_normal(2))


def test_requires_grad_is_the_union_of_inputs_saved_tensors_and_children():
    for make in (Scale, DerivedScale):
        trained = Parent(make(2.0))
        output = trained(constant(5.0))
        assert output.requires_grad
        output.sum().backward()
        assert trained.child.weight.grad.tolist() == [10.0]
        frozen = Parent(make(2.0)).requires_grad_(False)
        assert not frozen(constant(5.0)).requires_grad
        assert frozen(leaf(5.0)).requires_grad


def test_the_childrens_weights_are_parents_in_the_graph():
    module = Parent(Parent(Scale(2.0)))
    output = module(leaf(5.0))
    leaves = [getattr(node, "variable", None) for node, _ in output.grad_fn.next_functions]
    assert any(variable is module.child.child.weight for variable in leaves)


def test_a_written_forward_does_not_run_under_no_grad():
    seen = []

    class Asks(nn.Module):
        def forward(self, input):
            seen.append(minitorch.is_grad_enabled())
            return input * 2

        def backward(self, grad_output):
            return grad_output * 2

    Asks()(array(1.0))
    Asks()(leaf(1.0))
    with minitorch.no_grad():
        Asks()(leaf(1.0))
    assert seen == [True, True, False]


def test_a_weight_may_be_computed_inside_a_written_forward(rng):
    class Normalised(Scale):
        def forward(self, input):
            weight = self.weight / (self.weight * self.weight).sum()
            self.save_for_backward(input, weight)
            return input * weight.array

        def backward(self, grad_output):
            input, weight = self.saved_tensors
            weight.accumulate_grad(grad_output * input)
            return grad_output * weight.array

    check_gradients(rng, Normalised(2.0, 3.0), rng.standard_normal(2))
    check_gradients(rng, Nest(Normalised(2.0, 3.0)), rng.standard_normal(2))


def test_a_child_called_under_no_grad_inside_a_written_forward_is_no_part_of_the_call():
    class Features(nn.Module):
        def __init__(self):
            super().__init__()
            self.fixed, self.head = Scale(2.0), Scale(3.0)

        def forward(self, input):
            with minitorch.no_grad():
                hidden = self.fixed(input)
            return self.head(hidden)

        def backward(self, grad_output):
            self.head.backward(grad_output)
            return np.zeros_like(grad_output)

    for run in (by_hand, by_autograd):
        module = Features()
        run(module, 5.0)
        assert module.fixed.weight.grad is None
        assert module.head.weight.grad.tolist() == [10.0]


def test_recursion_of_a_written_module(rng):
    class Power(Scale):
        """weight^depth * input, by calling itself."""

        def forward(self, input, depth=3):
            self.save_for_backward(input, self.weight, depth)
            inner = input if depth == 1 else self(input, depth - 1)
            self.save_for_backward(inner, self.weight, depth)
            return inner * self.weight.array

        def backward(self, grad_output):
            inner, weight, depth = self.saved_tensors
            weight.accumulate_grad(grad_output * inner)
            grad = grad_output * weight.array
            return grad if depth == 1 else self.backward(grad)

    class Scaled(Power):
        """The same with a backward that calls the one it replaces."""

        def backward(self, grad_output):
            return super().backward(grad_output)

    check_gradients(rng, Power(2.0, 3.0), rng.standard_normal(2))
    check_gradients(rng, Nest(Power(2.0, 3.0)), rng.standard_normal(2))
    check_gradients(rng, Scaled(2.0, 3.0), rng.standard_normal(2))


def test_recursion_of_a_derived_module(rng):
    class Power(DerivedScale):
        def forward(self, input, depth=3):
            return input if depth == 0 else self(input * self.weight, depth - 1)

    check_gradients(rng, Power(2.0, 3.0), rng.standard_normal(2))
    check_gradients(rng, Nest(Power(2.0, 3.0)), rng.standard_normal(2))


def test_children_with_several_inputs_and_outputs_inside_a_written_parent(rng):
    class Split(nn.Module):
        def forward(self, input, *, factor):
            self.save_for_backward(input, factor)
            return input * factor, [input + factor]

        def backward(self, grad_product, grad_sum):
            input, factor = self.saved_tensors
            return grad_product * factor + grad_sum, grad_product * input + grad_sum

    class Uses(nn.Module):
        def __init__(self):
            super().__init__()
            self.split, self.product = Split(), Product()

        def forward(self, input, other):
            product, (total,) = self.split(input, factor=other)
            return self.product(product, total)

        def backward(self, grad_output):
            return self.split.backward(*self.product.backward(grad_output))

    check_gradients(rng, Uses(), rng.standard_normal(2), rng.standard_normal(2))


def test_a_backward_may_run_a_childs_forward_again_with_gradients_enabled():
    class Checkpoint(nn.Module):
        def __init__(self, child):
            super().__init__()
            self.child = child

        def forward(self, input):
            self.save_for_backward(input, *self.child.parameters())
            with minitorch.no_grad():
                return self.child(input)

        def backward(self, grad_output):
            input = self.saved_tensors[0]
            with minitorch.enable_grad():
                self.child(input)
            return self.child.backward(grad_output)

    for make in (Scale, DerivedScale):
        for run in (by_hand, by_autograd):
            module = Checkpoint(make(2.0))
            run(module, 5.0)
            assert module.child.weight.grad.tolist() == [5.0]


def test_retain_graph_goes_back_through_collected_children_again():
    def grandchild(value):
        return PassOn(nn.Sequential(PassOn(Scale(value)), nn.Identity()))

    for make in (Scale, DerivedScale, grandchild):
        module = Parent(make(2.0))
        weight = next(module.parameters())
        x = leaf(5.0)
        loss = module(x).sum()
        loss.backward(retain_graph=True)
        loss.backward(retain_graph=True)
        loss.backward()
        assert x.grad.tolist() == [12.0]
        assert weight.grad.tolist() == [30.0]
        with pytest.raises(RuntimeError, match="a second time"):
            loss.backward()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Scale(2.0),
        lambda: DerivedScale(2.0),
        lambda: Parent(Scale(2.0)),
        lambda: Parent(DerivedScale(2.0)),
        lambda: nn.Sigmoid(),
    ],
)
def test_a_second_backward_without_retain_graph_is_an_error(make):
    loss = make()(leaf(5.0)).sum()
    loss.backward()
    with pytest.raises(RuntimeError, match="a second time"):
        loss.backward()


# -- nothing stays ------------------------------------------------------------------------


class Holds(nn.Module):
    """Saves an array that nothing else holds, and leaves a weak reference to it."""

    def __init__(self):
        super().__init__()
        self.references = []

    def forward(self, input):
        kept = np.cos(input)
        self.references.append(weakref.ref(kept))
        self.save_for_backward(kept)
        return np.sin(input)

    def backward(self, grad_output):
        (kept,) = self.saved_tensors
        return grad_output * kept


class HoldsOutput(nn.Module):
    """Saves its output, with a backward that can be differentiated."""

    differentiable_backward = True

    def __init__(self):
        super().__init__()
        self.references = []

    def forward(self, input):
        output = np.exp(input)
        self.references.append(weakref.ref(input))
        self.references.append(weakref.ref(output))
        self.save_for_backward(input, output)
        return output

    def backward(self, grad_output):
        _, output = self.saved_tensors
        return grad_output * output


class DerivedHolds(nn.Module):
    """Computes inside with operators and a written module."""

    def __init__(self):
        super().__init__()
        self.holds = Holds()

    def forward(self, input):
        return self.holds(input * 2) * 3

    @property
    def references(self):
        return self.holds.references


HOLDERS = pytest.mark.parametrize(
    "make",
    [
        Holds,
        HoldsOutput,
        DerivedHolds,
        lambda: Parent(Holds()),
        lambda: Parent(DerivedHolds()),
        lambda: Parent(Parent(Holds())),
        lambda: nn.Sequential(Holds(), Holds()),
    ],
)


def references(module):
    return [ref for each in module.modules() for ref in vars(each).get("references", ())]


@HOLDERS
def test_after_backward_by_hand_nothing_is_kept(make):
    module = make()
    module(array(1.0, 2.0))
    assert any(reference() is not None for reference in references(module))
    module.backward(np.ones(2))
    gc.collect()
    assert [reference() for reference in references(module)] == [None] * len(references(module))


@HOLDERS
def test_after_backward_the_graph_keeps_no_arrays_though_the_loss_is_held(make):
    module = make()
    x = leaf(1.0, 2.0)
    loss = module(x * 1).sum()
    loss.backward()
    gc.collect()
    assert [reference() for reference in references(module)] == [None] * len(references(module))
    assert loss.requires_grad


@HOLDERS
def test_without_backward_the_graph_goes_with_its_output(make):
    module = make()
    loss = module(leaf(1.0, 2.0) * 1).sum()
    del loss
    gc.collect()
    assert [reference() for reference in references(module)] == [None] * len(references(module))


@HOLDERS
def test_under_no_grad_nothing_is_kept(make):
    module = make()
    with minitorch.no_grad():
        module(array(1.0, 2.0))
        module(leaf(1.0, 2.0))
    gc.collect()
    assert [reference() for reference in references(module)] == [None] * len(references(module))


def test_a_graph_is_freed_without_the_garbage_collector():
    gc.collect()
    gc.disable()
    try:
        for make in (Holds, DerivedHolds, lambda: Parent(Holds())):
            module = make()
            module(leaf(1.0)).sum().backward()
            assert all(reference() is None for reference in references(module))
    finally:
        gc.enable()


# -- the habit self.x = x -----------------------------------------------------------------


@pytest.mark.parametrize("mode", [array, leaf])
def test_assigning_an_array_inside_a_written_forward_warns_once_and_names_save_for_backward(mode):
    class Habit(nn.Module):
        def forward(self, input):
            self.input = input
            return input * input

        def backward(self, grad_output):
            return 2 * self.input * grad_output

    module = Habit()
    with pytest.warns(UserWarning, match="save_for_backward") as caught:
        module(mode(3.0))
    assert len(caught) == 1
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module(mode(3.0))
        Habit()(mode(3.0))


@pytest.mark.parametrize("mode", [array, leaf])
def test_buffers_and_other_values_are_exempt_from_the_warning(mode):
    class Counts(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("total", minitorch.zeros(1, dtype=minitorch.float64))

        def forward(self, input):
            self.total = self.total + input.sum()
            self.total.array[...] += 1
            self.shape, self.count, self.cached = input.shape, 3, None
            return input * 2

        def backward(self, grad_output):
            return grad_output * 2

    module = Counts()
    module(mode(3.0))
    assert module.total.tolist() == [4.0]


def test_assigning_an_array_elsewhere_does_not_warn():
    class Elsewhere(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = np.ones(3)

        def forward(self, input):
            return input * 2

        def backward(self, grad_output):
            self.latest_gradient = grad_output
            return grad_output * 2

    class Derived(nn.Module):
        def forward(self, input):
            self.table = np.ones(3)
            return input * 2

    for cls in (Elsewhere, Derived):
        for run in (by_hand, by_autograd):
            module = cls()
            run(module, 3.0)
            module.table = np.ones(3)


# -- in-place changes ---------------------------------------------------------------------


def change(tensor):
    with minitorch.no_grad():
        tensor.add_(1)


@BOTH_MODES
@pytest.mark.parametrize("cls", [Scale, DerivedScale])
@pytest.mark.parametrize("wrap", [lambda module: module, Parent, nn.Sequential])
def test_a_weight_changed_before_backward_is_a_runtime_error(cls, run, wrap):
    module = cls(2.0)
    model = wrap(module)
    output = model(array(5.0) if run is by_hand else leaf(5.0))
    change(module.weight)
    with pytest.raises(RuntimeError, match=MODIFIED):
        if run is by_hand:
            model.backward(ONE)
        else:
            output.sum().backward()
    assert module.weight.grad is None


def test_a_weight_changed_by_an_optimizer_or_by_loading_is_seen():
    from minitorch import optim

    module = Scale(2.0)
    optimizer = optim.SGD(module.parameters(), lr=0.1)
    by_autograd(module, 1.0)
    for update in (optimizer.step, lambda: module.load_state_dict(Scale(3.0).state_dict())):
        loss = module(leaf(5.0)).sum()
        update()
        with pytest.raises(RuntimeError, match=MODIFIED):
            loss.backward()


def test_a_change_between_two_calls_is_none_of_the_later_ones_business():
    module = Scale(2.0)
    change(module.weight)
    by_autograd(module, 5.0)
    assert module.weight.grad.tolist() == [5.0]


SAVES_ITS_INPUT = pytest.mark.parametrize(
    "make",
    [
        Square,
        lambda: Scale(2.0),
        lambda: DerivedScale(2.0),
        lambda: PassOn(Square()),
        lambda: SumOfSquares(),
        lambda: Rewired(2.0),
        lambda: PassOn(DerivedScale(2.0)),
        lambda: PassOn(PassOn(Rewired(2.0))),
        lambda: nn.Sequential(PassOn(Square())),
    ],
    ids=[
        "written",
        "weighted",
        "derived",
        "parent",
        "several calls",
        "re-paired",
        "derived child",
        "re-paired grandchild",
        "container",
    ],
)


class SumOfSquares(nn.Module):
    """Calls a child twice, on views of its input, which is a single number."""

    def __init__(self):
        super().__init__()
        self.square = Square()

    def forward(self, input):
        return self.square(input[:1]) + self.square(input[-1:])

    def backward(self, grad_output):
        return self.square.backward(grad_output) + self.square.backward(grad_output)


class Rewired(DerivedScale):
    """A derived forward with a backward that replays it."""

    def backward(self, grad_output):
        return super().backward(grad_output)


@SAVES_ITS_INPUT
def test_an_input_changed_before_backward_is_a_runtime_error(make):
    root = leaf(5.0)
    x = root * 1
    loss = make()(x).sum()
    change(x)
    with pytest.raises(RuntimeError, match=MODIFIED):
        loss.backward()
    assert root.grad is None


@SAVES_ITS_INPUT
@pytest.mark.parametrize(
    "share", [lambda x: x[:], lambda x: x.view(1), lambda x: x.detach(), lambda x: x.detach()[0]]
)
def test_views_and_detach_share_the_version_counter(make, share):
    x = leaf(5.0) * 1
    other = share(x)
    loss = make()(x).sum()
    change(other)
    with pytest.raises(RuntimeError, match=MODIFIED):
        loss.backward()


@SAVES_ITS_INPUT
def test_a_constant_input_changed_before_backward_is_one_too(make):
    module = make()
    x = constant(5.0)
    loss = module(x).sum()
    if loss.requires_grad:
        x.add_(1)
        with pytest.raises(RuntimeError, match=MODIFIED):
            loss.backward()


class CubeFunction(minitorch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input * input * input

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return 3 * input * input * grad_output


class CallsFunction(nn.Module):
    """A derived module around an `autograd.Function`."""

    def forward(self, input):
        return CubeFunction.apply(input)


@pytest.mark.parametrize("wrap", [lambda module: module, PassOn, nn.Sequential])
def test_an_autograd_function_inside_a_module(wrap, rng):
    module = wrap(CallsFunction())
    check_gradients(rng, module, rng.standard_normal(3))
    x = leaf(5.0) * 1
    loss = module(x).sum()
    change(x)
    with pytest.raises(RuntimeError, match=MODIFIED):
        loss.backward()


class SavesSlice(nn.Module):
    """Saves a view of its input."""

    def forward(self, input):
        self.save_for_backward(input[:1])
        return input[:1] ** 2

    def backward(self, grad_output):
        (first,) = self.saved_tensors
        return 2 * first * grad_output


@pytest.mark.parametrize("share", [lambda x: x, lambda x: x[:], lambda x: x.view(1)])
def test_a_saved_view_of_an_input_is_watched(share):
    x = leaf(5.0) * 1
    loss = SavesSlice()(share(x)).sum()  # nothing else holds the view that is given
    gc.collect()
    change(x)
    with pytest.raises(RuntimeError, match=MODIFIED):
        loss.backward()


class ExpPair(nn.Module):
    def forward(self, input):
        output = np.exp(input)
        self.save_for_backward(output)
        return output

    def backward(self, grad_output):
        (output,) = self.saved_tensors
        return grad_output * output


class ExpDerived(nn.Module):
    def forward(self, input):
        return input.exp()


class ExpRewired(ExpDerived):
    def backward(self, grad_output):
        return super().backward(grad_output)


@pytest.mark.parametrize(
    "make",
    [
        ExpPair,
        ExpDerived,
        ExpRewired,
        nn.Sigmoid,
        lambda: PassOn(ExpPair()),
        lambda: PassOn(ExpDerived()),
        lambda: PassOn(PassOn(ExpRewired())),
    ],
)
def test_a_saved_output_changed_before_backward_is_a_runtime_error(make):
    y = make()(leaf(1.0))
    y.mul_(2)
    with pytest.raises(RuntimeError, match=MODIFIED):
        y.sum().backward()


def test_a_weights_buffer_saved_as_an_array_is_watched():
    class SavesBuffer(Scale):
        def forward(self, input):
            self.save_for_backward(input, self.weight.array, self.weight)
            return input * self.weight.array

        def backward(self, grad_output):
            input, array, weight = self.saved_tensors
            weight.accumulate_grad(grad_output * input)
            return grad_output * array

    class SavesOnlyBuffer(Scale):
        def forward(self, input):
            self.save_for_backward(self.weight.array)
            return input * self.weight.array

        def backward(self, grad_output):
            (array,) = self.saved_tensors
            return grad_output * array

    for cls in (SavesBuffer, SavesOnlyBuffer):
        module = cls(2.0)
        loss = module(leaf(5.0)).sum()
        change(module.weight)
        with pytest.raises(RuntimeError, match=MODIFIED):
            loss.backward()


def test_a_change_of_something_that_was_not_saved_is_fine():
    class Doubles(nn.Module):
        def forward(self, input):
            return input * 2

        def backward(self, grad_output):
            return grad_output * 2

    root = leaf(5.0)
    x = root * 1
    y = Doubles()(x)
    loss = y.sum()
    change(x)
    change(y)
    loss.backward()
    assert root.grad.tolist() == [2.0]


def test_a_change_after_backward_is_fine():
    module = Scale(2.0)
    for _ in range(2):
        by_autograd(module, 5.0)
        change(module.weight)
    assert module.weight.grad.tolist() == [10.0]


def test_an_in_place_change_of_a_modules_view_re_bases_or_raises():
    # Flatten returns a view of its input: changing it changes the input too.
    root = minitorch.ones(2, 2, dtype=minitorch.float64, requires_grad=True)
    x = root * 1
    y = nn.Flatten()(x)
    y.mul_(3)
    assert x.tolist() == [[3.0, 3.0], [3.0, 3.0]]
    (x * x).sum().backward()  # 9 r², so 18 r
    assert root.grad.tolist() == [[18.0, 18.0], [18.0, 18.0]]


class Chooses(nn.Module):
    """Returns one of its inputs as it is."""

    def __init__(self, place):
        super().__init__()
        self.place = place

    def forward(self, *inputs):
        return inputs[self.place]

    def backward(self, grad_output):
        grads = [None, None, None]
        grads[self.place] = grad_output
        return tuple(grads)


@pytest.mark.parametrize(("count", "place"), [(1, 0), (2, 0), (2, 1), (3, 0), (3, 2)])
def test_an_in_place_change_of_an_input_that_was_returned_re_bases_it(count, place):
    root = leaf(2.0)
    inputs = [root * 3 for _ in range(count)]
    squares = (inputs[place] * inputs[place]).sum()  # saves what is changed below
    y = Chooses(place)(*inputs)
    y.mul_(10)
    assert inputs[place].tolist() == [60.0]
    inputs[place].sum().backward()
    assert root.grad.tolist() == [30.0]
    with pytest.raises(RuntimeError, match=MODIFIED):
        squares.backward()


def test_an_in_place_change_of_a_view_of_a_leaf_raises():
    y = nn.Flatten()(minitorch.ones(2, 2, requires_grad=True))
    with pytest.raises(RuntimeError, match="leaf"):
        y.mul_(3)


class Row(nn.Module):
    """Returns a view of its weight."""

    def __init__(self, whole):
        super().__init__()
        self.whole = whole
        self.weight = nn.Parameter(minitorch.ones(3, 2, dtype=minitorch.float64))

    def forward(self, input):
        self.save_for_backward(self.weight)
        return self.weight.array if self.whole else self.weight.array[1]

    def backward(self, grad_output):
        (weight,) = self.saved_tensors
        grad = np.zeros_like(weight.array)
        grad[slice(None) if self.whole else 1] = grad_output
        weight.accumulate_grad(grad)


@pytest.mark.parametrize("whole", [False, True])
def test_an_in_place_change_of_a_view_of_a_weight_is_no_silence(whole):
    module = Row(whole)
    y = module(constant(0.0))
    squares = (module.weight * module.weight).sum()  # saves the weight
    with pytest.raises(RuntimeError):
        y.mul_(3)
        squares.backward()


@pytest.mark.parametrize("whole", [False, True])
def test_an_in_place_change_of_a_view_of_a_swapped_weight_is_no_silence(whole):
    module = Row(whole)
    weight = minitorch.ones(3, 2, dtype=minitorch.float64, requires_grad=True)
    swap(module, weight)
    y = module(constant(0.0))
    squares = (weight * weight).sum()
    with pytest.raises(RuntimeError):
        y.mul_(3)
        squares.backward()


class GivesWeight(nn.Module):
    """Returns its child's result and, beside it, the child's weight."""

    def __init__(self):
        super().__init__()
        self.child = Scale(2.0)

    def forward(self, input):
        return self.child(input), self.child.weight.array

    def backward(self, grad_output, grad_weight):
        self.child.weight.accumulate_grad(grad_weight)
        return self.child.backward(grad_output)


@pytest.mark.parametrize("mode", [array, constant])
def test_a_weight_that_a_call_returned_can_still_be_updated(mode):
    for module in (Row(whole=True), Row(whole=False), GivesWeight()):
        weight = next(module.parameters())
        module(mode(0.0))
        change(weight)
        assert weight.array.flags.writeable
    module = Row(whole=True)
    weight = minitorch.ones(3, 2, dtype=minitorch.float64, requires_grad=True)
    swap(module, weight)
    module(mode(0.0))
    change(weight)


def test_in_array_mode_a_view_of_a_weight_comes_back_read_only():
    y = Row(whole=True)(array(0.0))
    before = y.copy()
    with pytest.raises(ValueError, match="read-only"):
        y -= 1
    assert y.tolist() == before.tolist()


def test_a_gradient_is_never_accumulated_in_place_into_an_array_the_framework_did_not_make():
    mine = array(7.0)

    class GivesMine(Scale):
        def backward(self, grad_output):
            self.saved_tensors[1].accumulate_grad(mine)
            return mine

    for run in (by_hand, by_autograd):
        module = nn.Sequential(GivesMine(2.0), GivesMine(2.0))
        for _ in range(3):
            run(module, 5.0)
        assert mine.tolist() == [7.0]
        assert module[0].weight.grad.tolist() == [21.0]
    grad = constant(7.0)
    x = leaf(1.0)
    for _ in range(3):
        (x * 1).backward(grad)
        nn.Identity()(x).backward(grad)
    assert grad.tolist() == [7.0]
    assert x.grad.tolist() == [42.0]


def test_a_given_gradient_is_not_changed_by_backward_by_hand():
    grad = array(1.0, 2.0)
    model = nn.Sequential(nn.Identity(), Scale(2.0, 3.0), nn.Identity())
    for _ in range(2):
        model(array(5.0, 7.0))
        result = model.backward(grad)
        result *= 100
    assert grad.tolist() == [1.0, 2.0]
    assert model[1].weight.grad.tolist() == [2 * 5.0, 2 * 14.0]


@BOTH_MODES
def test_a_gradient_is_never_accumulated_in_place_into_an_array_that_somebody_holds(run):
    held = []

    class Holder(Scale):
        def backward(self, grad_output):
            input, weight = self.saved_tensors
            grad = grad_output * input
            held.append(grad)
            weight.accumulate_grad(grad)
            return grad_output * weight.array

    module = Holder(2.0)
    run(module, 5.0)
    first = module.weight.grad
    buffer = first.array
    run(module, 7.0)
    assert [grad.tolist() for grad in held] == [[5.0], [7.0]]
    assert buffer.tolist() == [5.0]
    assert module.weight.grad.tolist() == [12.0]


def test_one_array_handed_to_two_weights_is_no_shared_memory():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = (
                nn.Parameter(minitorch.ones(1, dtype=minitorch.float64)) for _ in range(2)
            )

        def forward(self, input):
            self.save_for_backward(self.first, self.second)
            return input + self.first.array + self.second.array

        def backward(self, grad_output):
            for weight in self.saved_tensors:
                weight.accumulate_grad(grad_output)
            return grad_output

    for run in (by_hand, by_autograd):
        module = Two()
        for _ in range(2):
            run(module, 5.0)
        module.first.grad.zero_()
        assert module.second.grad.tolist() == [2.0]


def test_an_error_in_backward_leaves_every_grad_as_it_was():
    class Fails(nn.Module):
        def forward(self, input):
            return input * 2

        def backward(self, grad_output):
            raise ValueError("on purpose")

    for run in (by_hand, by_autograd):
        model = nn.Sequential(Fails(), Scale(2.0))
        with pytest.raises(ValueError, match="on purpose"):
            run(model, 5.0)
        assert model[1].weight.grad is None
        model = nn.Sequential(Square(), Scale(2.0))
        run(model, 5.0)  # the failed run has left nothing behind
        assert model[1].weight.grad.tolist() == [25.0]


# -- higher derivatives -------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: linear64(1, 1),
        Square,
        lambda: Parent(Square()),
        lambda: nn.Sequential(Square(), Square()),
        lambda: Rewired(2.0),
        ExpRewired,
    ],
)
def test_create_graph_through_a_pair_on_arrays_is_a_not_implemented_error(make):
    module = make()
    x = leaf(3.0)
    with pytest.raises(NotImplementedError, match=r"Linear|Square|Parent|Rewired"):
        minitorch.autograd.grad((module(x) * x).sum(), x, create_graph=True)
    with pytest.raises(NotImplementedError, match="create_graph"):
        module(x).sum().backward(create_graph=True)


def test_the_not_implemented_error_names_the_module():
    class Peculiar(Square):
        pass

    with pytest.raises(NotImplementedError, match="Peculiar"):
        Peculiar()(leaf(3.0)).sum().backward(create_graph=True)


def test_create_graph_differentiates_through_operators_of_derived_modules():
    class Cube(nn.Module):
        def forward(self, input):
            return input * input * input

    x = leaf(2.0)
    (first,) = minitorch.autograd.grad(nn.Sequential(Cube())(x).sum(), x, create_graph=True)
    (second,) = minitorch.autograd.grad(first.sum(), x, create_graph=True)
    (third,) = minitorch.autograd.grad(second.sum(), x)
    assert [grad.item() for grad in (first, second, third)] == [12.0, 12.0, 6.0]


def test_create_graph_differentiates_a_module_whose_backward_is_written_in_tensor_operators(rng):
    values = rng.standard_normal(3)
    x = leaf(*values)
    (first,) = minitorch.autograd.grad(nn.Sigmoid()(x).sum(), x, create_graph=True)
    (second,) = minitorch.autograd.grad(first.sum(), x, create_graph=True)
    (third,) = minitorch.autograd.grad(second.sum(), x)

    def derivative(order):
        s = 1 / (1 + np.exp(-values))
        return {
            1: s * (1 - s),
            2: s * (1 - s) * (1 - 2 * s),
            3: s * (1 - s) * (1 - 6 * s + 6 * s * s),
        }[order]

    for order, grad in enumerate((first, second, third), start=1):
        np.testing.assert_allclose(grad.array, derivative(order), rtol=1e-10)


class SmoothProduct(Product):
    """A written pair whose backward is in operators that Tensors have too."""

    differentiable_backward = True


@pytest.mark.parametrize(
    "other", [array(3.0), constant(3.0), leaf(3.0)], ids=["array", "constant", "leaf"]
)
@pytest.mark.parametrize("swapped", [False, True])
def test_create_graph_goes_through_a_module_with_a_constant_input(other, swapped):
    x = leaf(2.0)
    product = SmoothProduct()
    y = product(other, x) if swapped else product(x, other)
    y = product(y, y)  # (3x)²
    (first,) = minitorch.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = minitorch.autograd.grad(first.sum(), x)
    assert (first.item(), second.item()) == (36.0, 18.0)


def test_create_graph_never_returns_a_constant():
    x = leaf(2.0)
    for y in ((x * x).exp(), nn.Sigmoid()(x), nn.Sequential(nn.Identity(), nn.Sigmoid())(x) * x):
        (first,) = minitorch.autograd.grad(y.sum(), x, create_graph=True)
        assert first.requires_grad
