"""Which backward belongs to which forward, in which mode a call runs, and what a container is.

Every sentence of "The one idea", and of "Which class is paired with which" and "Which mode" in the
contract, has a test here; what one call keeps is in test_record.py, and array mode's memory in
test_array_mode.py.
"""

import collections
import functools
import inspect
from unittest import mock

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from tests.helpers import (
    DerivedScale,
    Product,
    Scale,
    Square,
    check_gradients,
    leaf,
    linear64,
)


def gradient(module, *values):
    """d(sum of module(x))/dx by hand and by autograd, which have to agree."""
    x = np.array(values)
    output = module(x)
    by_hand = module.backward(np.ones_like(output))
    tensor = leaf(*values)
    module(tensor).sum().backward()
    np.testing.assert_array_equal(by_hand, tensor.grad.array)
    return by_hand.tolist()


class Layer(nn.Module):
    """The linear layer of the design document."""

    def __init__(self, in_features, out_features):
        super().__init__()
        weight = np.random.standard_normal((out_features, in_features))
        self.weight = nn.Parameter(minitorch.tensor(weight))

    def forward(self, input):
        self.save_for_backward(input, self.weight)
        return np.dot(input, self.weight.array.T)

    def backward(self, grad_output):
        input, weight = self.saved_tensors
        weight.accumulate_grad(np.dot(grad_output.T, input))
        return np.dot(grad_output, weight.array)


class Traced(nn.Module):
    """Notes in a list when its forward and backward run, and on what."""

    def __init__(self, name, trace):
        super().__init__()
        self.name, self.trace = name, trace

    def forward(self, input):
        self.trace.append(("forward", self.name, type(input)))
        return input * 2

    def backward(self, grad_output):
        self.trace.append(("backward", self.name, type(grad_output)))
        return grad_output * 2


# -- the checker itself -------------------------------------------------------------------


def test_the_checker_rejects_an_input_gradient_that_is_wrong_by_a_twentieth_of_a_percent(rng):
    class Wrong(Square):
        def backward(self, grad_output):
            return super().backward(grad_output) * 1.0005

    with pytest.raises(AssertionError, match="gradient of input by hand"):
        check_gradients(rng, Wrong(), rng.standard_normal(3))


def test_the_checker_rejects_a_weight_gradient_that_is_wrong_by_a_twentieth_of_a_percent(rng):
    class Wrong(Scale):
        def backward(self, grad_output):
            input, weight = self.saved_tensors
            weight.accumulate_grad(grad_output * input * 1.0005)
            return grad_output * weight.array

    with pytest.raises(AssertionError, match="gradient of weight by hand"):
        check_gradients(rng, Wrong(1.0, 2.0), rng.standard_normal(2))


# -- the one idea -------------------------------------------------------------------------


def test_a_module_is_a_pair_forward_on_arrays_and_backward_on_the_gradient_array(rng):
    check_gradients(rng, Layer(3, 2), rng.standard_normal((4, 3)))


def test_autograd_only_decides_who_calls_backward():
    trace = []
    model = nn.Sequential(Traced("a", trace), Traced("b", trace))
    model(np.ones(2))
    model.backward(np.ones(2))
    by_hand = trace.copy()
    trace.clear()
    model(leaf(1.0, 1.0)).sum().backward()
    assert trace == by_hand
    assert [(what, name) for what, name, _ in trace] == [
        ("forward", "a"),
        ("forward", "b"),
        ("backward", "b"),
        ("backward", "a"),
    ]
    assert {kind for _, _, kind in trace} == {np.ndarray}


def test_arrays_in_arrays_out_and_backward_by_hand_returns_the_gradient_of_the_input():
    layer = Layer(2, 1)
    layer.weight.array[...] = [[3.0, 4.0]]
    y = layer(np.array([[1.0, 2.0]]))
    assert type(y) is np.ndarray
    assert y.tolist() == [[11.0]]
    assert layer.backward(np.array([[10.0]])).tolist() == [[30.0, 40.0]]
    assert layer.weight.grad.tolist() == [[10.0, 20.0]]


def test_backward_by_hand_adds_to_every_parameters_grad():
    model = nn.Sequential(Scale(2.0), Scale(3.0))
    for _ in range(2):
        model(np.array([5.0]))
        model.backward(np.array([1.0]))
    assert [weight.grad.tolist() for weight in model.parameters()] == [[30.0], [20.0]]


def test_tensors_in_a_tensor_out_and_loss_backward_goes_back():
    layer = Layer(2, 1)
    layer.weight.array[...] = [[3.0, 4.0]]
    x = minitorch.tensor([[1.0, 2.0]], dtype=minitorch.float64, requires_grad=True)
    y = layer(x)
    assert isinstance(y, minitorch.Tensor)
    y.sum().backward()
    assert x.grad.tolist() == [[3.0, 4.0]]
    assert layer.weight.grad.tolist() == [[1.0, 2.0]]


def test_forward_alone_gets_a_derived_backward_in_both_modes(rng):
    check_gradients(rng, DerivedScale(2.0, 3.0), rng.standard_normal(2))


def test_a_derived_module_may_call_written_and_derived_modules_and_operators(rng):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.written, self.derived = Scale(0.5, -1.0), DerivedScale(2.0, 3.0)
            self.product = Product()

        def forward(self, input):
            hidden = self.written(input).exp() + self.derived(input)
            return self.product(hidden, input) * input

    check_gradients(rng, Net(), rng.standard_normal(2))


def test_backward_works_on_every_module_there_is(rng):
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = linear64(3, 3)

        def forward(self, input):
            return self.fc(input) + input

    model = nn.Sequential(
        linear64(4, 3), nn.Sigmoid(), Block(), nn.Identity(), nn.Sequential(nn.Flatten(), Block())
    )
    check_gradients(rng, model, rng.standard_normal((2, 4)))


def test_derived_modules_work_as_children_of_a_sequential(rng):
    model = nn.Sequential(DerivedScale(2.0, 3.0), Square(), DerivedScale(-1.0, 0.5))
    check_gradients(rng, model, rng.standard_normal(2))


def test_overriding_forward_alone_undoes_the_inherited_backward(rng):
    class WithAdapter(nn.Linear):
        def __init__(self):
            super().__init__(3, 2, dtype=minitorch.float64)
            self.adapter = linear64(3, 2, bias=False)

        def forward(self, input):
            return super().forward(input) + self.adapter(input)

    check_gradients(rng, WithAdapter(), rng.standard_normal((4, 3)))


def test_overriding_backward_alone_pairs_it_with_the_inherited_forward():
    class DoubleGradient(Square):
        def backward(self, grad_output):
            (input,) = self.saved_tensors
            return 2 * (2 * input * grad_output)

    assert gradient(DoubleGradient(), 3.0) == [12.0]


def test_a_straight_through_estimator_is_three_lines():
    class Step(nn.Module):
        def forward(self, input):
            return (input > 0).double()

    class StraightThrough(Step):
        def backward(self, grad_output):
            return grad_output

    assert gradient(StraightThrough(), -1.0, 2.0) == [1.0, 1.0]
    x = leaf(-1.0, 2.0)
    assert StraightThrough()(x).tolist() == [0.0, 1.0]


def test_containers_are_transparent_with_tensors_each_child_is_recorded_on_its_own():
    model = nn.Sequential(Square(), nn.Sequential(Scale(2.0)))
    output = model(leaf(3.0))
    assert output.grad_fn.name().startswith("Scale")
    assert output.grad_fn.next_functions[0][0].name().startswith("Square")


def test_containers_call_their_children_so_a_child_may_have_a_call_of_its_own():
    class Counted(Square):
        calls = 0

        def __call__(self, input):
            self.calls += 1
            return super().__call__(input) * 2

    module = Counted()
    model = nn.Sequential(Square(), module, Square())
    x = leaf(3.0)
    assert model(x).tolist() == [(2 * 81.0) ** 2]
    assert module.calls == 1
    calls = mock.Mock(return_value=x)
    with mock.patch.object(Scale, "__call__", calls):
        assert nn.Sequential(Square(), Scale(2.0))(x) is x
    assert calls.call_count == 1
    assert nn.Sequential(Square(), Scale(2.0))(x).tolist() == [18.0]


def test_containers_are_the_two_loops_that_one_would_write_by_hand(rng):
    layers = [linear64(3, 4), nn.Sigmoid(), linear64(4, 2)]
    x, grad = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
    y = x
    for layer in layers:
        y = layer(y)
    by_loop = grad
    for layer in reversed(layers):
        by_loop = layer.backward(by_loop)
    model = nn.Sequential(*layers)
    np.testing.assert_array_equal(model(x), y)
    np.testing.assert_array_equal(model.backward(grad), by_loop)


def test_autograd_function_is_offered_as_pytorch_has_it():
    class Cube(minitorch.autograd.Function):
        @staticmethod
        def forward(ctx, input):
            ctx.save_for_backward(input)
            return input * input * input

        @staticmethod
        def backward(ctx, grad_output):
            (input,) = ctx.saved_tensors
            return 3 * input * input * grad_output

    x = leaf(2.0)
    Cube.apply(x).sum().backward()
    assert x.grad.tolist() == [12.0]


# -- which class is paired with which -----------------------------------------------------


class Base(nn.Module):
    """y = 2x, and a gradient of 2."""

    def forward(self, input):
        return input * 2

    def backward(self, grad_output):
        return grad_output * 2


class ForwardOnly(Base):
    """Adds x² to what comes after it in the MRO, so that the slope at x is 2x more."""

    def forward(self, input):
        return super().forward(input) + input * input


class BackwardOnly(Base):
    """Multiplies by 10 whatever the backward after it in the MRO gives."""

    def backward(self, grad_output):
        return super().backward(grad_output) * 10


def test_a_class_that_writes_both_has_a_written_pair():
    assert gradient(Base(), 3.0) == [2.0]


def test_a_class_that_writes_neither_inherits_the_pair():
    class Same(Base):
        pass

    assert gradient(Same(), 3.0) == [2.0]


def test_where_forwards_class_comes_earlier_backward_is_derived():
    assert gradient(ForwardOnly(), 3.0) == [2.0 + 6.0]


def test_where_backwards_class_comes_earlier_it_is_a_written_pair():
    assert gradient(BackwardOnly(), 3.0) == [20.0]


def test_overriding_again_and_again_alternates_between_written_and_derived():
    class Third(BackwardOnly):  # derived: through the pair of BackwardOnly
        def forward(self, input):
            return super().forward(input) * input

    class Fourth(Third):  # written again, on top of a derived forward
        def backward(self, grad_output):
            return super().backward(grad_output) + 1

    # d(2x * x) with a factor of 10 for what goes back through the pair: 2x + 20x
    assert gradient(Third(), 3.0) == [66.0]
    assert gradient(Fourth(), 3.0) == [67.0]


def test_a_backward_on_top_of_a_derived_forward_replays_it_with_super(rng):
    class Same(DerivedScale):
        def backward(self, grad_output):
            return super().backward(grad_output)

    check_gradients(rng, Same(2.0, 3.0), rng.standard_normal(2))


def test_replaying_a_derived_forward_with_another_gradient_scales_the_weights_too():
    class Tenfold(DerivedScale):
        def backward(self, grad_output):
            return super().backward(grad_output * 10)

    module = Tenfold(2.0, 3.0)
    module(np.array([5.0, 7.0]))
    assert module.backward(np.array([1.0, 1.0])).tolist() == [20.0, 30.0]
    assert module.weight.grad.tolist() == [50.0, 70.0]
    module.zero_grad()
    x = leaf(5.0, 7.0)
    module(x).sum().backward()
    assert x.grad.tolist() == [20.0, 30.0]
    assert module.weight.grad.tolist() == [50.0, 70.0]


def test_a_backward_that_replaces_a_written_one_calls_it_with_super(rng):
    class Same(Scale):
        def backward(self, grad_output):
            return super().backward(grad_output)

    class Again(Same):
        def backward(self, grad_output):
            return super().backward(grad_output)

    check_gradients(rng, Again(2.0, 3.0), rng.standard_normal(2))


def test_a_written_pair_calls_super_forward_and_super_backward(rng):
    class Shifted(Scale):
        def __init__(self, *values):
            super().__init__(*values)
            self.shift = nn.Parameter(minitorch.ones(len(values), dtype=minitorch.float64))

        def forward(self, input):
            self.save_for_backward(self.shift)
            return super().forward(input * input) + self.shift.array

        def backward(self, grad_output):
            (shift,) = self.saved_tensors
            shift.accumulate_grad(grad_output)
            return super().backward(grad_output)

    class Right(Shifted):
        def forward(self, input):
            self.save_for_backward(input)
            return super().forward(input)

        def backward(self, grad_output):
            (input,) = self.saved_tensors
            return super().backward(grad_output) * 2 * input

    check_gradients(rng, Right(2.0, 3.0), rng.standard_normal(2))


def test_a_written_pair_calls_the_derived_pair_of_its_base_class(rng):
    class OfSquare(DerivedScale):
        def forward(self, input):
            self.save_for_backward(input)
            return super().forward(input * input)

        def backward(self, grad_output):
            (input,) = self.saved_tensors
            return super().backward(grad_output) * 2 * input

    check_gradients(rng, OfSquare(2.0, 3.0), rng.standard_normal(2))


def test_what_the_framework_put_on_a_class_does_not_count_as_written():
    class Wrapped(Base):  # inherits both; a subclass has to look past whatever stands here
        scale = 1

    class Derived(Wrapped):
        def forward(self, input):
            return super().forward(input) * input

    class Plain(Derived):
        pass

    class Paired(Plain):
        def backward(self, grad_output):
            return grad_output * 100

    assert gradient(Derived(), 3.0) == [12.0]
    assert gradient(Plain(), 3.0) == [12.0]
    assert gradient(Paired(), 3.0) == [100.0]


def test_methods_taken_over_from_another_class_are_its_own():
    class Borrower(nn.Module):
        forward = Square.forward
        backward = Square.backward

    class BorrowsBackward(Base):
        backward = BackwardOnly.backward

    class Doubled(Square):
        def backward(self, grad_output):
            (input,) = self.saved_tensors
            return 4 * input * grad_output

    class BorrowsInherited(nn.Module):
        forward = Doubled.forward
        backward = Doubled.backward

    assert gradient(Borrower(), 3.0) == [6.0]
    assert gradient(BorrowsInherited(), 3.0) == [12.0]
    with pytest.raises(TypeError, match="super"):  # as Python has it: super() names its class
        gradient(BorrowsBackward(), 3.0)


def test_a_forward_taken_back_from_a_base_class_has_its_backward():
    class Cubed(Square):
        def forward(self, input):
            return super().forward(input) * input

    class Again(Cubed):
        forward = Square.forward

    assert gradient(Again(), 3.0) == [6.0]
    with mock.patch.object(Cubed, "forward", Square.forward):
        assert gradient(Cubed(), 3.0) == [6.0]
    assert gradient(Cubed(), 3.0) == [27.0]


# -- mixins and diamonds ------------------------------------------------------------------


class PlainAddsSquare:
    def forward(self, input):
        return super().forward(input) + input * input


class PlainTenfold:
    def backward(self, grad_output):
        return super().backward(grad_output) * 10


class PlainPair:
    def forward(self, input):
        return super().forward(input * 3)

    def backward(self, grad_output):
        return super().backward(grad_output) * 3


class ModuleAddsSquare(nn.Module):
    def forward(self, input):
        return super().forward(input) + input * input


class ModuleTenfold(nn.Module):
    def backward(self, grad_output):
        return super().backward(grad_output) * 10


class ModulePair(nn.Module):
    def forward(self, input):
        return super().forward(input * 3)

    def backward(self, grad_output):
        return super().backward(grad_output) * 3


@pytest.mark.parametrize("mixin", [PlainAddsSquare, ModuleAddsSquare])
def test_a_mixin_with_forward_alone_makes_backward_derived(mixin):
    class Mixed(mixin, Base):
        pass

    assert gradient(Mixed(), 3.0) == [2.0 + 6.0]


@pytest.mark.parametrize("mixin", [PlainTenfold, ModuleTenfold])
def test_a_mixin_with_backward_alone_is_paired_with_the_forward_behind_it(mixin):
    class Mixed(mixin, Base):
        pass

    class MixedDerived(mixin, ForwardOnly):
        pass

    assert gradient(Mixed(), 3.0) == [20.0]
    assert gradient(MixedDerived(), 3.0) == [80.0]


@pytest.mark.parametrize("mixin", [PlainPair, ModulePair])
def test_a_mixin_with_both_is_a_written_pair_around_the_one_behind_it(mixin):
    class Mixed(mixin, Square):
        pass

    class MixedDerived(mixin, ForwardOnly):
        pass

    assert gradient(Mixed(), 5.0) == [90.0]  # d(3x)²
    assert gradient(MixedDerived(), 5.0) == [3 * (2 + 2 * 15.0)]


@pytest.mark.parametrize("forward_mixin", [PlainAddsSquare, ModuleAddsSquare])
@pytest.mark.parametrize("backward_mixin", [PlainTenfold, ModuleTenfold])
def test_the_order_of_two_mixins_decides(forward_mixin, backward_mixin):
    class ForwardFirst(forward_mixin, backward_mixin, Base):
        pass

    class BackwardFirst(backward_mixin, forward_mixin, Base):
        pass

    # x² and, tenfold, 2x: the pair of the second mixin lies inside the first mixin's forward.
    assert gradient(ForwardFirst(), 3.0) == [6.0 + 20.0]
    assert gradient(BackwardFirst(), 3.0) == [10 * (6.0 + 2.0)]


def test_a_mixin_behind_the_class_that_wrote_both_changes_nothing():
    class Mixed(Base, PlainTenfold):
        pass

    assert gradient(Mixed(), 3.0) == [2.0]


def test_a_diamond_with_backwards_class_first_is_a_written_pair():
    class Diamond(BackwardOnly, ForwardOnly):
        pass

    assert gradient(Diamond(), 3.0) == [10 * (2.0 + 6.0)]


def test_a_diamond_with_forwards_class_first_is_derived():
    class Diamond(ForwardOnly, BackwardOnly):
        pass

    # Python calls ForwardOnly.forward, then what BackwardOnly inherits, whose pair it re-made.
    assert gradient(Diamond(), 3.0) == [20.0 + 6.0]


def test_super_in_a_diamond_goes_where_python_says():
    class Tripled(BackwardOnly, ForwardOnly):
        def forward(self, input):
            return super().forward(input) * 3

    module = Tripled()
    # BackwardOnly wrote no forward, so super() finds ForwardOnly's: 3 (2x + x²).
    assert module(np.array([5.0])).tolist() == [105.0]
    assert module(leaf(5.0)).tolist() == [105.0]
    # The pair behind super() is ForwardOnly.forward with BackwardOnly.backward.
    assert gradient(module, 5.0) == [3 * 10 * (2.0 + 10.0)]


def test_super_in_a_written_diamond_goes_where_python_says():
    class Cooperative(BackwardOnly, ForwardOnly):
        def forward(self, input):
            return super().forward(input * 3)

        def backward(self, grad_output):
            return super().backward(grad_output) * 3

    assert Cooperative()(np.array([5.0])).tolist() == [2 * 15.0 + 15.0**2]
    assert gradient(Cooperative(), 5.0) == [3 * 10 * (2.0 + 2 * 15.0)]


def test_a_diamond_of_written_pairs_calls_each_once(rng):
    class Left(Scale):
        def forward(self, input):
            self.save_for_backward(input)
            return super().forward(np.sin(input))

        def backward(self, grad_output):
            (input,) = self.saved_tensors
            return super().backward(grad_output) * np.cos(input)

    class Right(Scale):
        def forward(self, input):
            self.save_for_backward(input)
            return super().forward(input**3)

        def backward(self, grad_output):
            (input,) = self.saved_tensors
            return super().backward(grad_output) * 3 * input**2

    class Bottom(Left, Right):
        pass

    module = Bottom(2.0)
    assert module(np.array([0.5])).tolist() == pytest.approx([2 * np.sin(0.5) ** 3])
    check_gradients(rng, Bottom(2.0, 3.0), rng.standard_normal(2))


def test_calling_a_base_classes_backward_by_name_runs_that_backward():
    class Reversed(Scale):
        def backward(self, grad_output):
            return -super().backward(grad_output)

        def true_gradient(self, grad_output):
            return super().backward(grad_output)

    module = Reversed(2.0)
    module(np.array([5.0]))
    assert module.backward(np.array([1.0])).tolist() == [-2.0]
    module(np.array([5.0]))
    assert module.true_gradient(np.array([1.0])).tolist() == [2.0]
    module(np.array([5.0]))
    assert Scale.backward(module, np.array([1.0])).tolist() == [2.0]


# -- assigning ----------------------------------------------------------------------------


def test_assigning_backward_to_a_class_settles_it_again():
    class Changed(Base):
        pass

    class Below(Changed):
        pass

    Changed.backward = lambda self, grad_output: grad_output * 7
    assert gradient(Changed(), 3.0) == [7.0]
    assert gradient(Below(), 3.0) == [7.0]
    assert gradient(Base(), 3.0) == [2.0]
    del Changed.backward
    assert gradient(Changed(), 3.0) == [2.0]
    assert gradient(Below(), 3.0) == [2.0]


def test_assigning_forward_to_a_class_settles_it_again():
    class Changed(Base):
        pass

    class Below(Changed):
        def backward(self, grad_output):
            return super().backward(grad_output) * 10

    Changed.forward = lambda self, input: input * input
    assert gradient(Changed(), 3.0) == [6.0]
    assert gradient(Below(), 3.0) == [60.0]
    del Changed.forward
    assert gradient(Changed(), 3.0) == [2.0]
    assert gradient(Below(), 3.0) == [20.0]


def test_assigning_forward_to_the_class_that_wrote_both_keeps_them_a_pair():
    class Changed(nn.Module):
        def forward(self, input):
            return input * 2

        def backward(self, grad_output):
            return grad_output * 2

    def forward(self, input):
        assert type(input) is np.ndarray
        return input * 5

    Changed.forward = forward
    assert gradient(Changed(), 3.0) == [2.0]  # same class: a written pair


def test_deleting_backward_from_a_class_leaves_it_derived():
    class Changed(nn.Module):
        def forward(self, input):
            return input * 2

        def backward(self, grad_output):
            return grad_output * 7

    del Changed.backward
    assert gradient(Changed(), 3.0) == [2.0]


@pytest.mark.parametrize("method", ["forward", "backward"])
@pytest.mark.parametrize("cls", [Square, BackwardOnly, ForwardOnly, nn.Sigmoid])
def test_patching_a_class_restores_what_was_there(cls, method):
    before = gradient(cls(), 3.0)
    with mock.patch.object(cls, method, lambda self, item: item * 11):
        if method == "backward":
            assert gradient(cls(), 3.0) == [11.0]
        else:
            assert cls()(np.array([3.0])).tolist() == [33.0]
    assert gradient(cls(), 3.0) == before


def test_patching_a_container_restores_what_was_there():
    with mock.patch.object(nn.Sequential, "forward", lambda self, input: input * 11):
        assert nn.Sequential(Square())(np.array([3.0])).tolist() == [33.0]
        assert nn.Sequential(Square())(leaf(3.0)).tolist() == [33.0]
    with mock.patch.object(nn.Sequential, "backward", lambda self, grad_output: grad_output * 11):
        model = nn.Sequential(Square())
        model(np.array([3.0]))
        assert model.backward(np.array([1.0])).tolist() == [11.0]
    assert gradient(nn.Sequential(Square()), 3.0) == [6.0]
    assert nn.Sequential(Square())(leaf(3.0)).grad_fn.name().startswith("Square")


def test_patching_with_pytests_monkeypatch_restores_what_was_there():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BackwardOnly, "backward", lambda self, grad_output: grad_output * 3)
        assert gradient(BackwardOnly(), 3.0) == [3.0]
    assert gradient(BackwardOnly(), 3.0) == [20.0]


def test_assigning_forward_to_an_instance_makes_backward_derived():
    module, other = Base(), Base()
    original = module.forward
    module.forward = lambda input: original(input) * input
    assert module(np.array([3.0])).tolist() == [18.0]
    assert gradient(module, 3.0) == [12.0]
    assert gradient(other, 3.0) == [2.0]
    del module.forward
    assert gradient(module, 3.0) == [2.0]


def test_assigning_backward_to_an_instance_pairs_it_with_its_classes_forward():
    module = Square()
    module.backward = lambda grad_output: grad_output * 7
    assert gradient(module, 3.0) == [7.0]
    del module.backward
    assert gradient(module, 3.0) == [6.0]


def test_assigning_backward_to_an_instance_of_a_derived_class_replays_the_original():
    module = ForwardOnly()
    original = module.backward
    module.backward = lambda grad_output: original(grad_output) * 10
    assert gradient(module, 3.0) == [80.0]
    del module.backward
    assert gradient(module, 3.0) == [8.0]


def test_assigning_both_to_an_instance_makes_them_a_written_pair():
    module = Base()
    forward, backward = module.forward, module.backward

    def tripled(input):
        assert type(input) is np.ndarray
        return forward(input * 3)

    module.forward = tripled
    module.backward = lambda grad_output: backward(grad_output) * 3
    assert gradient(module, 5.0) == [6.0]
    del module.backward
    with pytest.raises(AssertionError):  # derived now, so tripled gets Tensors
        module(np.array([5.0]))
    del module.forward
    assert gradient(module, 5.0) == [2.0]


def test_assigning_the_original_back_to_an_instance_restores_it():
    module = Square()
    original = module.forward
    module.forward = lambda input: original(input) * 5
    assert gradient(module, 3.0) == [30.0]
    module.forward = original
    assert gradient(module, 3.0) == [6.0]


def test_assigning_a_base_classes_method_to_an_instance_runs_that_method():
    class Cubed(Square):
        def forward(self, input):
            return super().forward(input) * input

    module = Cubed()
    assert gradient(module, 3.0) == [27.0]
    module.forward = Square.forward.__get__(module)
    assert module(np.array([3.0])).tolist() == [9.0]
    assert gradient(module, 3.0) == [6.0]
    del module.forward
    module.forward = super(Cubed, module).forward
    assert gradient(module, 3.0) == [6.0]
    del module.forward
    assert gradient(module, 3.0) == [27.0]


def test_assigning_a_base_classes_backward_to_an_instance_runs_that_backward():
    module = BackwardOnly()
    module.backward = super(BackwardOnly, module).backward
    assert gradient(module, 3.0) == [2.0]
    del module.backward
    assert gradient(module, 3.0) == [20.0]


@pytest.mark.parametrize("method", ["forward", "backward"])
def test_patching_an_instance_restores_what_was_there(method):
    module = Square()
    with mock.patch.object(module, method, lambda item: item * 11):
        assert gradient(module, 3.0) == [11.0]
    assert gradient(module, 3.0) == [6.0]


def test_patching_an_instance_restores_a_pair_that_was_assigned_to_it():
    module = Square()

    def forward(input):
        module.save_for_backward(input)
        return input * 5

    def backward(grad_output):
        (input,) = module.saved_tensors
        return grad_output * 5 + 0 * input

    module.forward, module.backward = forward, backward
    assert gradient(module, 3.0) == [5.0]
    with mock.patch.object(module, "forward", lambda input: input * 11):
        assert module(np.array([3.0])).tolist() == [33.0]
    assert gradient(module, 3.0) == [5.0]
    with mock.patch.object(module, "backward", lambda grad_output: grad_output * 11):
        assert gradient(module, 3.0) == [11.0]
    assert gradient(module, 3.0) == [5.0]


# -- transparent containers ---------------------------------------------------------------


class Residual(nn.Module):
    """A container of the reader's own: input + inner(input)."""

    transparent = True

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, input):
        return input + self.inner(input)

    def backward(self, grad_output):
        return grad_output + self.inner.backward(grad_output)


def test_a_container_declares_itself(rng):
    check_gradients(rng, Residual(linear64(3, 3)), rng.standard_normal((2, 3)))
    check_gradients(rng, Residual(Residual(DerivedScale(2.0))), rng.standard_normal(1))
    output = Residual(Square())(leaf(3.0))
    assert output.grad_fn.name().startswith("Add")


def test_a_container_works_inside_a_written_and_a_derived_parent(rng):
    class Written(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(linear64(3, 3), Residual(nn.Sigmoid()))

        def forward(self, input):
            return self.body(input * 2)

        def backward(self, grad_output):
            return self.body.backward(grad_output) * 2

    class Derived(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(linear64(3, 3), Residual(Written()))

        def forward(self, input):
            return self.body(input * 2)

    check_gradients(rng, Written(), rng.standard_normal((2, 3)))
    check_gradients(rng, Derived(), rng.standard_normal((2, 3)))


def test_a_container_subclass_that_writes_neither_stays_transparent():
    class Named(nn.Sequential):
        pass

    assert Named(Square())(leaf(3.0)).grad_fn.name().startswith("Square")


def test_a_container_subclass_that_writes_both_is_recorded_as_one(rng):
    class Doubled(nn.Sequential):
        def forward(self, input):
            for module in self:
                input = module(input)
            assert type(input) is np.ndarray
            return input * 2

        def backward(self, grad_output):
            grad_output = grad_output * 2
            for module in reversed(list(self)):
                grad_output = module.backward(grad_output)
            return grad_output

    model = Doubled(linear64(3, 2), nn.Sigmoid())
    check_gradients(rng, model, rng.standard_normal((2, 3)))
    output = model(minitorch.ones(1, 3, dtype=minitorch.float64))
    assert output.grad_fn.name().startswith("Doubled")


def test_a_container_subclass_that_writes_forward_alone_is_derived(rng):
    class Skipping(nn.Sequential):
        def forward(self, input):
            for module in self:
                input = input + module(input)
            return input

    model = Skipping(linear64(3, 3), nn.Sigmoid())
    check_gradients(rng, model, rng.standard_normal((2, 3)))


def test_a_container_subclass_that_writes_backward_alone_is_recorded_as_one():
    class Stopped(nn.Sequential):
        def backward(self, grad_output):
            return grad_output

    assert gradient(Stopped(Square(), Square()), 3.0) == [1.0]


def test_a_container_subclass_that_calls_super_forward_stays_transparent():
    class Announced(nn.Sequential):
        def forward(self, input):
            return super().forward(input)

    model = Announced(Square(), Scale(2.0))
    assert model(leaf(3.0)).grad_fn.name().startswith("Scale")
    assert gradient(model, 3.0) == [12.0]


def test_a_container_subclass_that_calls_super_in_both_gets_its_childrens_gradients(rng):
    class Doubled(nn.Sequential):
        def forward(self, input):
            return super().forward(input) * 2

        def backward(self, grad_output):
            return super().backward(grad_output * 2)

    class BackwardAlone(nn.Sequential):
        def backward(self, grad_output):
            return super().backward(grad_output)

    x = rng.standard_normal((2, 3))
    check_gradients(rng, Doubled(linear64(3, 2), nn.Sigmoid()), x)
    check_gradients(rng, BackwardAlone(linear64(3, 2), nn.Sigmoid()), x)
    check_gradients(rng, nn.Sequential(Doubled(linear64(3, 2)), BackwardAlone(linear64(2, 2))), x)


# -- wrappers -----------------------------------------------------------------------------


def test_wrappers_keep_signature_and_docstring():
    class Documented(nn.Module):
        def forward(self, input, scale: float = 2.0, *, shift=None):
            """Scale the input."""
            return input * scale

        def backward(self, grad_output, *, unused=None):
            """Scale the gradient."""
            return grad_output * 2.0

    class Below(Documented):
        pass

    for cls in (Documented, Below):
        assert list(inspect.signature(cls.forward).parameters) == [
            "self",
            "input",
            "scale",
            "shift",
        ]
        assert inspect.signature(cls().forward).parameters["scale"].default == 2.0
        assert inspect.getdoc(cls.forward) == "Scale the input."
        assert cls.forward.__name__ == "forward"
        assert cls.forward.__qualname__.endswith("Documented.forward")
        assert list(inspect.signature(cls().backward).parameters) == ["grad_output", "unused"]
        assert inspect.getdoc(cls.backward) == "Scale the gradient."


def test_wrappers_of_assigned_functions_keep_signature_and_docstring():
    def forward(input, power=2):
        """Raise to a power."""
        return input**power

    module = Square()
    module.forward = forward
    assert list(inspect.signature(module.forward).parameters) == ["input", "power"]
    assert inspect.getdoc(module.forward) == "Raise to a power."


def test_forward_may_be_any_callable():
    class OfPartial(nn.Module):
        forward = functools.partialmethod(lambda self, factor, input: input * factor, 3)

    class OfStaticMethod(nn.Module):
        @staticmethod
        def forward(input):
            return input * 3

    class Tripler:
        def __call__(self, input):
            return input * 3

    class OfObject(nn.Module):
        forward = Tripler()

    assert gradient(OfPartial(), 5.0) == [3.0]
    assert gradient(OfStaticMethod(), 5.0) == [3.0]
    assert gradient(OfObject(), 5.0) == [3.0]


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match=r'missing the required "forward"'):
        nn.Module()(np.ones(2))


# -- which mode ---------------------------------------------------------------------------


class Recorder(nn.Module):
    """A written pair that returns its arguments and notes what it was given."""

    def forward(self, *args, **kwargs):
        self.seen = (args, kwargs)
        return args, kwargs

    def backward(self, *grads):
        return grads


class DerivedRecorder(nn.Module):
    """The same with forward alone."""

    def forward(self, *args, **kwargs):
        self.seen = (args, kwargs)
        return args, kwargs


def kinds(structure):
    """The structure with each Tensor and array replaced by a word."""
    if isinstance(structure, (tuple, list)):
        return type(structure)(kinds(item) for item in structure)
    if isinstance(structure, dict):
        return {key: kinds(item) for key, item in structure.items()}
    if isinstance(structure, minitorch.Tensor):
        return "Tensor"
    return "array" if type(structure) is np.ndarray else structure


ARRAY = np.ones(2)
TENSOR = minitorch.ones(2)


@pytest.mark.parametrize(
    ("args", "kwargs", "mode"),
    [
        ((ARRAY,), {}, "array"),
        ((TENSOR,), {}, "Tensor"),
        ((ARRAY, TENSOR), {}, "Tensor"),
        ((ARRAY,), {"key": TENSOR}, "Tensor"),
        ((3,), {"key": ARRAY}, "array"),
        (([3, (None, {"deep": ARRAY})],), {}, "array"),
        ((ARRAY, [3, (None, {"deep": TENSOR})]), {}, "Tensor"),
        ((np.float64(2.0),), {}, "array"),
        ((np.float64(2.0), TENSOR), {}, "Tensor"),
        ((np.array(2.0),), {}, "array"),
    ],
)
@pytest.mark.parametrize("cls", [Recorder, DerivedRecorder])
def test_the_arguments_decide_the_mode(cls, args, kwargs, mode):
    outputs = cls()(*args, **kwargs)

    def expected(structure):
        if isinstance(structure, (tuple, list)):
            return type(structure)(expected(item) for item in structure)
        if isinstance(structure, dict):
            return {key: expected(item) for key, item in structure.items()}
        return (
            mode if isinstance(structure, (minitorch.Tensor, np.ndarray, np.generic)) else structure
        )

    assert kinds(outputs) == expected((args, kwargs))


@pytest.mark.parametrize("mode", [np.ones, minitorch.ones])
def test_a_written_forward_gets_arrays_and_other_values_untouched(mode):
    marker = object()
    module = Recorder()
    module(mode(2), 3, [mode(1), None], marker, text="x", deep={"a": (mode(1), True)})
    args, kwargs = module.seen
    assert kinds(args) == ("array", 3, ["array", None], marker)
    assert kinds(kwargs) == {"text": "x", "deep": {"a": ("array", True)}}


def test_a_written_forward_gets_numpy_numbers_as_arrays():
    module = Recorder()
    outputs, _ = module(np.float32(1.5), np.ones(2))
    args, _ = module.seen
    assert kinds(args) == ("array", "array")
    assert args[0].dtype == np.float32
    assert kinds(outputs) == ("array", "array")


@pytest.mark.parametrize("mode", [np.ones, minitorch.ones])
def test_a_python_float_that_a_written_forward_returns_is_an_output(mode):
    class Total(nn.Module):
        def forward(self, input):
            self.save_for_backward(input.shape)
            return float(input.sum()), 3, True

        def backward(self, grad_output):
            (shape,) = self.saved_tensors
            return np.full(shape, grad_output)

    total, count, flag = Total()(mode(2))
    assert kinds(total) == ("array" if mode is np.ones else "Tensor")
    assert total.shape == ()
    assert float(total) == 2.0
    assert (count, flag) == (3, True)


@pytest.mark.parametrize("mode", [np.ones, minitorch.ones])
def test_a_derived_forward_always_gets_tensors(mode):
    marker = object()
    module = DerivedRecorder()
    module(mode(2), 3, [mode(1), None], marker, text="x", deep={"a": (mode(1), True)})
    args, kwargs = module.seen
    assert kinds(args) == ("Tensor", 3, ["Tensor", None], marker)
    assert kinds(kwargs) == {"text": "x", "deep": {"a": ("Tensor", True)}}


def test_a_derived_forward_gets_arrays_beside_tensors_as_tensors_too():
    module = DerivedRecorder()
    module(minitorch.ones(2), np.ones(2), np.float64(1.0))
    args, _ = module.seen
    assert kinds(args) == ("Tensor", "Tensor", "Tensor")
    assert not args[1].requires_grad


def test_a_derived_forward_gets_numpy_numbers_as_tensors():
    module = DerivedRecorder()
    module(np.float64(1.5), np.int64(2))
    args, _ = module.seen
    assert kinds(args) == ("Tensor", "Tensor")
    assert [item.array.dtype for item in args] == [np.float64, np.int64]


def test_arrays_beside_tensors_are_constants():
    x, y = leaf(2.0, 3.0), np.array([5.0, 7.0])
    output = Product()(x, y)
    output.sum().backward()
    assert x.grad.tolist() == [5.0, 7.0]

    class DerivedProduct(nn.Module):
        def forward(self, left, right):
            return left * right

    x = leaf(2.0, 3.0)
    DerivedProduct()(y, x).sum().backward()
    assert x.grad.tolist() == [5.0, 7.0]


def test_neither_tensors_nor_arrays_is_tensor_mode():
    class Weights(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(minitorch.ones(3))

        def forward(self, count):
            self.save_for_backward(self.weight)
            return self.weight.array[:count] * 2

        def backward(self, grad_output):
            (weight,) = self.saved_tensors
            grad = np.zeros_like(weight.array)
            grad[: grad_output.size] = 2 * grad_output
            weight.accumulate_grad(grad)

    class DerivedWeights(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(minitorch.ones(3))

        def forward(self, count=2):
            return self.weight[:count] * 2

    for module in (Weights(), DerivedWeights()):
        output = module(2)
        assert isinstance(output, minitorch.Tensor)
        output.sum().backward()
        assert module.weight.grad.tolist() == [2.0, 2.0, 0.0]
    assert isinstance(DerivedWeights()(), minitorch.Tensor)


def test_containers_give_arrays_for_numpy_numbers_too():
    for model in (nn.Identity(), nn.Sequential(), nn.Sequential(nn.Identity(), Square())):
        output = model(np.float64(2.0))
        assert type(output) is np.ndarray
        assert output.shape == ()


class Sum(nn.Module):
    """A written pair with a NumPy number as output."""

    def forward(self, input):
        self.save_for_backward(input.shape)
        return np.sum(input)

    def backward(self, grad_output):
        (shape,) = self.saved_tensors
        return np.broadcast_to(grad_output, shape)


class DerivedSum(nn.Module):
    def forward(self, input):
        return input.sum()


@pytest.mark.parametrize("cls", [Sum, DerivedSum])
def test_in_array_mode_outputs_are_arrays_0d_included(cls, rng):
    output = cls()(np.array([1.0, 2.0]))
    assert type(output) is np.ndarray
    assert output.shape == ()
    assert output.dtype == np.float64
    check_gradients(rng, cls(), rng.standard_normal((2, 3)))


@pytest.mark.parametrize("cls", [Recorder, DerivedRecorder])
@pytest.mark.parametrize("mode", [np.ones, minitorch.ones])
def test_outputs_keep_their_nesting(cls, mode):
    Point = collections.namedtuple("Point", "x y")
    outputs, _ = cls()(
        mode(1), [mode(2), (mode(3), None)], {"a": mode(4), "b": 7}, Point(mode(5), 1)
    )
    what = "array" if mode is np.ones else "Tensor"
    assert kinds(outputs[:3]) == (what, [what, (what, None)], {"a": what, "b": 7})
    assert type(outputs[3]) is Point
    assert tuple(outputs[3].x.shape) == (5,)


def test_a_derived_modules_inside_is_recorded_and_its_arrays_are_leaves():
    class Curious(nn.Module):
        def forward(self, input):
            self.is_leaf, self.requires_grad = input.is_leaf, input.requires_grad
            self.recording = minitorch.is_grad_enabled()
            output = input * input
            self.maker = output.grad_fn
            return output

    module = Curious()
    module(np.ones(2))
    assert module.is_leaf
    assert module.requires_grad
    assert module.recording
    assert module.maker is not None


def test_a_derived_forward_also_gets_tensors_when_a_subclass_re_pairs_it():
    class Derived(nn.Module):
        def forward(self, input):
            assert isinstance(input, minitorch.Tensor)
            return input * input

    class Paired(Derived):
        def backward(self, grad_output):
            assert type(grad_output) is np.ndarray
            return super().backward(grad_output) * 10

    assert gradient(Paired(), 3.0) == [60.0]


def test_what_a_re_paired_derived_forward_saw_of_tensors_is_cut_off_from_the_graph():
    class Derived(nn.Module):
        def forward(self, input):
            return input * input

    class Through(Derived):
        def backward(self, grad_output):
            return grad_output

    x = leaf(3.0)
    y = Through()(x * 1)
    y.sum().backward()
    assert x.grad.tolist() == [1.0]  # 7 if the graph of forward were followed as well


@pytest.mark.parametrize("mode", [np.ones, minitorch.ones])
def test_a_written_forward_that_returns_a_tensor_is_a_type_error_that_names_array(mode):
    class Wrong(nn.Module):
        def forward(self, input):
            return minitorch.tensor(input)

        def backward(self, grad_output):
            return grad_output

    with pytest.raises(TypeError, match=r"\.array"):
        Wrong()(mode(2))


@pytest.mark.parametrize("mode", [np.ones, minitorch.ones])
def test_a_written_forward_that_returns_an_object_array_is_a_type_error_that_names_array(mode):
    class Wrong(nn.Module):
        def forward(self, input):
            return np.array([None, input], dtype=object)

        def backward(self, grad_output):
            return grad_output

    with pytest.raises(TypeError, match=r"\.array"):
        Wrong()(mode(2))


def test_functionals_follow_the_same_rule():
    x, weight = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])
    for output in (
        F.linear(x, weight),
        F.sigmoid(x),
        F.mse_loss(x, weight),
        minitorch.exp(x),
        minitorch.add(x, weight),
        minitorch.mul(x, 2),
    ):
        assert type(output) is np.ndarray
    for output in (
        F.linear(minitorch.tensor(x), weight),
        F.linear(x, minitorch.tensor(weight)),
        F.sigmoid(minitorch.tensor(x)),
        F.mse_loss(x, minitorch.tensor(weight)),
        minitorch.exp(minitorch.tensor(x)),
        minitorch.add(minitorch.tensor(x), weight),
        minitorch.mul(x, minitorch.tensor(2.0)),
    ):
        assert isinstance(output, minitorch.Tensor)


def test_a_functional_result_on_arrays_belongs_to_the_caller():
    y = F.sigmoid(np.zeros(2))  # there is no backward by hand that a change could spoil
    y *= 2
    assert y.tolist() == [1.0, 1.0]


def test_operators_between_a_tensor_and_an_array_give_tensors_on_either_side():
    x, array = leaf(2.0, 3.0), np.array([5.0, 7.0])
    for output in (x * array, array * x):
        assert isinstance(output, minitorch.Tensor)
        (grad,) = minitorch.autograd.grad(output.sum(), x)
        assert grad.tolist() == [5.0, 7.0]
