"""What belongs to a call: saved items, children, copies, memory; and higher derivatives.

Every sentence of "What belongs to a call" and of "Higher derivatives" in the contract has a test
here or, where weights are concerned, in test_weights.py.
"""

import copy
import gc
import pickle
import threading
import warnings
import weakref

import numpy as np
import pytest

import minitorch
from minitorch import nn
from tests.helpers import (
    DerivedScale,
    Doubling,
    PassOn,
    Product,
    Rewired,
    Scale,
    Square,
    array,
    by_autograd,
    by_hand,
    change,
    check_gradients,
    constant,
    leaf,
    leaves,
    linear64,
)

ONE = np.array([1.0])
MODIFIED = "modified by an inplace operation"
BOTH_MODES = pytest.mark.parametrize("run", [by_hand, by_autograd])


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


@pytest.mark.parametrize("nest", [list, tuple, lambda items: {"deep": [items]}])
def test_weights_saved_inside_other_structures_are_parents_too(nest):
    class SavesNested(Scale):
        def forward(self, input):
            self.save_for_backward(nest([self.weight]), input)
            return input * self.weight.array

        def backward(self, grad_output):
            structure, input = self.saved_tensors
            (weight,) = leaves(structure)
            weight.accumulate_grad(grad_output * input)
            return grad_output * weight.array

    module = SavesNested(2.0)
    output = module(constant(5.0))
    assert output.requires_grad
    output.sum().backward()
    assert module.weight.grad.tolist() == [5.0]
    assert minitorch.autograd.grad(module(constant(5.0)).sum(), module.weight)[0].item() == 5.0


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
    model = nn.Sequential(Scale(2.0), Doubling(Scale(3.0)))
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
        trained = Doubling(make(2.0))
        output = trained(constant(5.0))
        assert output.requires_grad
        output.sum().backward()
        assert trained.child.weight.grad.tolist() == [10.0]
        frozen = Doubling(make(2.0)).requires_grad_(False)
        assert not frozen(constant(5.0)).requires_grad
        assert frozen(leaf(5.0)).requires_grad


def test_the_childrens_weights_are_parents_in_the_graph():
    module = Doubling(Doubling(Scale(2.0)))
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


def test_a_written_backward_runs_under_no_grad():
    seen = []

    class Asks(Square):
        def backward(self, grad_output):
            seen.append(minitorch.is_grad_enabled())
            return super().backward(grad_output)

    for run in (by_hand, by_autograd):
        run(Asks(), 3.0)
        run(DerivedAround(Asks()), 3.0)
        run(Doubling(Asks()), 3.0)
        assert minitorch.is_grad_enabled()
    assert seen == [False] * 6


class DerivedAround(nn.Module):
    def __init__(self, child):
        super().__init__()
        self.child = child

    def forward(self, input):
        return self.child(input)


def test_a_derived_forward_may_take_gradients_itself():
    class SlopeSquared(DerivedScale):
        """(d(w x³)/dx)² = 9 w² x⁴, with the slope computed by autograd."""

        def forward(self, input):
            total = (input * input * input * self.weight).sum()
            (slope,) = minitorch.autograd.grad(total, input, create_graph=True)
            return slope * slope

    for run in (by_hand, by_autograd):
        module = SlopeSquared(2.0, 3.0)
        run(module, 0.5, -1.0)
        expected = [18 * w * x**4 for w, x in ((2.0, 0.5), (3.0, -1.0))]
        assert module.weight.grad.tolist() == pytest.approx(expected)
    x, weight = leaf(0.5), 2.0
    SlopeSquared(weight)(x).sum().backward()
    assert x.grad.tolist() == pytest.approx([36 * weight**2 * 0.5**3])


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


def test_a_written_forward_may_call_modules_with_tensors_too():
    class UsesTensors(nn.Module):
        def __init__(self):
            super().__init__()
            self.square, self.product = Square(), Product()

        def forward(self, input):
            with minitorch.no_grad():
                norm = self.square(minitorch.tensor(input)).sum()
            scale = self.product(norm, norm).array
            self.save_for_backward(scale)  # this call's record is still the one in force
            return input * scale

        def backward(self, grad_output):
            (scale,) = self.saved_tensors
            return grad_output * scale

    x = leaf(2.0)
    UsesTensors()(x).sum().backward()
    assert x.grad.tolist() == [16.0]
    module = UsesTensors()
    module(array(2.0))
    assert module.backward(ONE).tolist() == [16.0]


def test_a_tensor_that_a_written_forward_computed_and_saved_leads_back_to_its_weights():
    class OwnGraph(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = Scale(3.0)

        def forward(self, input):
            with minitorch.enable_grad():
                factor = self.scale(constant(2.0))
            self.save_for_backward(input, factor)
            return input * factor.array

        def backward(self, grad_output):
            input, factor = self.saved_tensors
            factor.accumulate_grad(grad_output * input)
            return grad_output * factor.array

    for run in (by_hand, by_autograd):
        module = OwnGraph()
        run(module, 5.0)
        assert module.scale.weight.grad.tolist() == [10.0]


def test_what_a_derived_child_does_with_arrays_is_no_part_of_its_parents_call():
    shared = Square()

    class Measures(nn.Module):
        def forward(self, input):
            shared(input.array * 100)  # of no consequence for the output
            return input * 2

    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.shared, self.measures = shared, Measures()

        def forward(self, input):
            return self.measures(self.shared(input))

        def backward(self, grad_output):
            return self.shared.backward(self.measures.backward(grad_output))

    x = leaf(3.0)
    Both()(x).sum().backward()
    assert x.grad.tolist() == [12.0]
    module = Both()
    module(array(3.0))
    assert module.backward(ONE).tolist() == [12.0]


def test_a_parent_of_two_inputs_with_children_goes_through_them_again_and_again(rng):
    class Mixes(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale, self.derived = Scale(2.0, 3.0), DerivedScale(-1.0, 0.5)

        def forward(self, left, right):
            return self.derived(self.scale(left) + right)

        def backward(self, grad_output):
            grad = self.derived.backward(grad_output)
            return self.scale.backward(grad), grad

    check_gradients(rng, Mixes(), rng.standard_normal(2), rng.standard_normal(2))
    module, left, right = Mixes(), leaf(5.0, 7.0), leaf(1.0, 1.0)
    loss = module(left, right).sum()
    for _ in range(3):
        loss.backward(retain_graph=True)
    assert left.grad.tolist() == [-6.0, 4.5]
    assert module.scale.weight.grad.tolist() == [-15.0, 10.5]
    change(module.derived.weight)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_a_parent_that_asks_a_child_which_it_did_not_call_is_told_so():
    class Forgetful(nn.Module):
        def __init__(self):
            super().__init__()
            self.child = Square()

        def forward(self, input):
            return input * 2

        def backward(self, grad_output):
            return self.child.backward(grad_output)

    for run in (by_hand, by_autograd):
        module = Forgetful()
        module.child(array(3.0))
        with pytest.raises(RuntimeError, match="call forward first"):
            run(module, 5.0)


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
        module = Doubling(make(2.0))
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
        lambda: Doubling(Scale(2.0)),
        lambda: Doubling(DerivedScale(2.0)),
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
        lambda: Doubling(Holds()),
        lambda: Doubling(DerivedHolds()),
        lambda: Doubling(Doubling(Holds())),
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
        for make in (Holds, DerivedHolds, lambda: Doubling(Holds())):
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


# -- higher derivatives -------------------------------------------------------------------


class Exponential(nn.Module):
    def forward(self, input):
        return input.exp()


class RewiredExponential(Exponential):
    def backward(self, grad_output):
        return super().backward(grad_output)


@pytest.mark.parametrize(
    "make",
    [
        lambda: linear64(1, 1),
        Square,
        lambda: Doubling(Square()),
        lambda: nn.Sequential(Square(), Square()),
        lambda: Rewired(2.0),
        RewiredExponential,
    ],
)
def test_create_graph_through_a_pair_on_arrays_is_a_not_implemented_error(make):
    module = make()
    x = leaf(3.0)
    with pytest.raises(NotImplementedError, match=r"Linear|Square|Doubling|Rewired"):
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


class SmoothSquare(Square):
    differentiable_backward = True


@pytest.mark.parametrize("wrap", [lambda module: module, nn.Sequential])
def test_create_graph_goes_through_a_module_that_saved_its_input(wrap):
    x = leaf(3.0)
    y = wrap(SmoothSquare())(x * x)  # x⁴
    (first,) = minitorch.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = minitorch.autograd.grad(first.sum(), x)
    assert (first.item(), second.item()) == (4 * 27.0, 12 * 9.0)


def test_create_graph_never_returns_a_constant():
    x = leaf(2.0)
    for y in ((x * x).exp(), nn.Sigmoid()(x), nn.Sequential(nn.Identity(), nn.Sigmoid())(x) * x):
        (first,) = minitorch.autograd.grad(y.sum(), x, create_graph=True)
        assert first.requires_grad


class SmoothParent(PassOn):
    differentiable_backward = True


class SmoothRewired(Rewired):
    differentiable_backward = True


@pytest.mark.parametrize("make", [lambda: SmoothParent(Square()), lambda: SmoothRewired(2.0)])
def test_create_graph_through_records_inside_a_call_is_a_not_implemented_error(make):
    with pytest.raises(NotImplementedError, match="Smooth"):
        make()(leaf(3.0)).sum().backward(create_graph=True)


def test_create_graph_refuses_a_saved_array_that_is_neither_input_nor_output():
    class SavesSlope(nn.Module):
        differentiable_backward = True

        def forward(self, input):
            slope = 3 * input**2
            self.save_for_backward(None, input.shape, slope)
            return input**3

        def backward(self, grad_output):
            *_, slope = self.saved_tensors
            return grad_output * slope

    x = leaf(2.0)
    with pytest.raises(NotImplementedError, match="SavesSlope"):
        minitorch.autograd.grad(SavesSlope()(x).sum(), x, create_graph=True)


def test_create_graph_with_other_saved_items_than_arrays():
    class Power(nn.Module):
        differentiable_backward = True

        def forward(self, input, power):
            self.save_for_backward(power, None, input.shape, input)
            return input**power

        def backward(self, grad_output):
            power, nothing, shape, input = self.saved_tensors
            assert nothing is None
            assert shape == (1,)
            return grad_output * (power * input ** (power - 1))

    x = leaf(2.0)
    (first,) = minitorch.autograd.grad(Power()(x, 4).sum(), x, create_graph=True)
    (second,) = minitorch.autograd.grad(first.sum(), x)
    assert (first.item(), second.item()) == (32.0, 48.0)


class SquareOfTanh(nn.Module):
    """NumPy makes a scalar of a result without dimensions; it is still the output that is saved."""

    differentiable_backward = True

    def __init__(self, save_between):
        super().__init__()
        self.save_between = save_between

    def forward(self, input):
        between = np.tanh(input)
        output = between * between
        self.save_for_backward(between if self.save_between else output)
        return output

    def backward(self, grad_output):
        (saved,) = self.saved_tensors
        return grad_output * saved


@pytest.mark.parametrize("shape", [(), (1,)])
def test_a_saved_output_without_dimensions_leads_back_into_the_graph(shape):
    x = minitorch.full(shape, 0.7, dtype=minitorch.float64).requires_grad_()
    (first,) = minitorch.autograd.grad(SquareOfTanh(False)(x).sum(), x, create_graph=True)
    assert first.requires_grad
    (second,) = minitorch.autograd.grad(first.sum(), x)
    np.testing.assert_allclose(second.array, first.detach().array)  # d(saved) = saved again
    between = SquareOfTanh(True)(x).sum()
    with pytest.raises(NotImplementedError, match="SquareOfTanh"):
        minitorch.autograd.grad(between, x, create_graph=True)
