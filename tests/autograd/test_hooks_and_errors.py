"""Module hooks in both modes, and what an error inside a child says.

Every sentence of "Hooks" and of "Errors inside a child" in the contract has a test here.
"""

from collections import OrderedDict

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_full_backward_hook,
    register_module_full_backward_pre_hook,
)
from tests.helpers import DerivedScale, Product, Scale, Square, array, check_gradients, leaf

ONE = np.array([1.0])


class Parent(nn.Module):
    """A hand-written parent around one child."""

    def __init__(self, child):
        super().__init__()
        self.child = child

    def forward(self, input):
        return self.child(input * 2)

    def backward(self, grad_output):
        return self.child.backward(grad_output) * 2


MODULES = pytest.mark.parametrize(
    "make",
    [
        Square,
        lambda: Scale(6.0),
        lambda: DerivedScale(6.0),
        lambda: nn.Sequential(DerivedScale(2.0), Scale(3.0)),
        lambda: Parent(DerivedScale(3.0)),
    ],
    ids=["weightless", "written", "derived", "container", "parent"],
)


def describe(values):
    """Types and numbers of a tuple of arrays or Tensors."""
    return [(type(value).__name__, None if value is None else value.tolist()) for value in values]


# -- hooks --------------------------------------------------------------------------------


@MODULES
@pytest.mark.parametrize("mode", [array, leaf])
def test_forward_hooks_fire_through_call_in_both_modes_with_what_was_passed(make, mode):
    module, seen = make(), []
    kind = "ndarray" if mode is array else "Tensor"
    module.register_forward_pre_hook(lambda m, args: seen.append(("pre", m, describe(args))))
    module.register_forward_hook(
        lambda m, args, output: seen.append(("post", m, describe((*args, output))))
    )
    output = module(mode(3.0))
    assert seen == [
        ("pre", module, [(kind, [3.0])]),
        ("post", module, [(kind, [3.0]), (kind, output.tolist())]),
    ]


@pytest.mark.parametrize("mode", [array, leaf])
def test_forward_called_directly_fires_no_hook(mode):
    module, seen = Square(), []
    module.register_forward_pre_hook(lambda *given: seen.append(given))
    module.forward(mode(3.0))
    assert seen == []


@pytest.mark.parametrize("mode", [array, leaf])
def test_hooks_of_a_child_fire_with_arrays_inside_a_written_parent(mode):
    child, seen = Square(), []
    child.register_forward_hook(lambda m, args, output: seen.append(describe((*args, output))))
    Parent(child)(mode(3.0))
    assert seen == [[("ndarray", [6.0]), ("ndarray", [36.0])]]


@pytest.mark.parametrize("mode", [array, leaf])
def test_hooks_of_a_child_fire_with_tensors_inside_a_derived_parent(mode):
    class Derived(nn.Module):
        def __init__(self):
            super().__init__()
            self.child = Square()

        def forward(self, input):
            return self.child(input)

    module, seen = Derived(), []
    module.child.register_forward_hook(lambda m, args, output: seen.append(describe(args)))
    module(mode(3.0))
    assert seen == [[("Tensor", [3.0])]]


@MODULES
def test_full_backward_hooks_fire_by_hand_and_by_autograd(make):
    seen = []

    def pre_hook(module, grad_output):
        seen.append(("pre", describe(grad_output)))

    def hook(module, grad_input, grad_output):
        seen.append(("post", describe(grad_input), describe(grad_output)))

    def register(module):
        module.register_full_backward_pre_hook(pre_hook)
        module.register_full_backward_hook(hook)
        return module

    register(make())(leaf(3.0)).sum().backward()
    module = register(make())
    module(array(3.0))
    module.backward(ONE)
    slope = 6.0
    assert seen == [
        ("pre", [("Tensor", [1.0])]),
        ("post", [("Tensor", [slope])], [("Tensor", [1.0])]),
        ("pre", [("ndarray", [1.0])]),
        ("post", [("ndarray", [slope])], [("ndarray", [1.0])]),
    ]


def test_full_backward_hooks_of_children_fire_when_the_parent_goes_back_by_hand():
    for wrap in (Parent, nn.Sequential, lambda child: nn.Sequential(nn.Sequential(child))):
        child, seen = Square(), []
        child.register_full_backward_hook(lambda *given, seen=seen: seen.append(given))
        model = wrap(child)
        model(array(3.0))
        model.backward(ONE)
        assert len(seen) == 1
        model(leaf(3.0)).sum().backward()
        assert len(seen) == 2


def test_full_backward_hooks_fire_once_though_backward_calls_super():
    class Twofold(Square):
        def backward(self, grad_output):
            return super().backward(grad_output) * 2

    module, seen = Twofold(), []
    module.register_full_backward_hook(lambda m, grads, _: seen.append(grads[0].tolist()))
    module(array(3.0))
    module.backward(ONE)
    module(leaf(3.0)).sum().backward()
    assert seen == [[12.0], [12.0]]


@MODULES
def test_a_full_backward_hook_may_replace_the_gradient_in_both_modes(make):
    module = make()
    module.register_full_backward_hook(lambda m, grad_input, grad_output: (grad_input[0] * 10,))
    module(array(3.0))
    assert module.backward(ONE).tolist() == [60.0]
    x = leaf(3.0)
    module(x).sum().backward()
    assert x.grad.tolist() == [60.0]


@MODULES
def test_a_backward_pre_hook_may_replace_the_gradient_in_both_modes(make):
    module = make()
    module.register_full_backward_pre_hook(lambda m, grad_output: (grad_output[0] * 10,))
    module(array(3.0))
    assert module.backward(ONE).tolist() == [60.0]
    x = leaf(3.0)
    module(x).sum().backward()
    assert x.grad.tolist() == [60.0]


def test_hooks_see_gradients_of_several_inputs_and_outputs():
    class Both(Product):
        def forward(self, left, right):
            return super().forward(left, right), left + right

        def backward(self, grad_product, grad_sum):
            left, right = super().backward(grad_product)
            return left + grad_sum, right + grad_sum

    module, seen = Both(), []
    module.register_full_backward_hook(
        lambda m, grad_input, grad_output: seen.append(
            [[grad.tolist() for grad in grads] for grads in (grad_input, grad_output)]
        )
    )
    module(array(2.0), array(3.0))
    module.backward(array(10.0), array(1.0))
    product, total = module(leaf(2.0), leaf(3.0))
    (product * 10 + total).sum().backward()
    assert seen == [[[[31.0], [21.0]], [[10.0], [1.0]]]] * 2


def test_global_hooks_fire_in_both_modes():
    seen = []
    handles = [
        register_module_forward_pre_hook(lambda m, args: seen.append("forward pre")),
        register_module_forward_hook(lambda m, args, output: seen.append("forward")),
        register_module_full_backward_pre_hook(lambda m, grads: seen.append("backward pre")),
        register_module_full_backward_hook(lambda m, grads, _: seen.append("backward")),
    ]
    try:
        module = Square()
        module(leaf(3.0)).sum().backward()
        with_tensors = seen.copy()
        seen.clear()
        module(array(3.0))
        module.backward(ONE)
        with_arrays = seen.copy()
    finally:
        for handle in handles:
            handle.remove()
    seen.clear()
    module(array(3.0))
    module.backward(ONE)
    assert seen == []
    assert with_tensors == ["forward pre", "forward", "backward pre", "backward"]
    assert with_arrays == with_tensors


@MODULES
def test_a_hook_that_replaces_the_input_in_array_mode_is_an_error_that_says_to_use_tensors(make):
    module = make()
    handle = module.register_forward_pre_hook(lambda m, args: (args[0] * 2,))
    with pytest.raises(RuntimeError, match="Tensors"):
        module(array(3.0))
    with pytest.raises(RuntimeError, match="Tensors"):
        Parent(module)(leaf(3.0))  # inside a written parent, too
    expected = make()(leaf(6.0)).tolist()
    assert module(leaf(3.0)).tolist() == expected
    handle.remove()
    module(array(3.0))


@MODULES
def test_a_hook_that_replaces_the_output_in_array_mode_is_an_error_that_says_to_use_tensors(make):
    module = make()
    module.register_forward_hook(lambda m, args, output: output * 2)
    with pytest.raises(RuntimeError, match="Tensors"):
        module(array(3.0))
    with pytest.raises(RuntimeError, match="Tensors"):
        Parent(module)(leaf(3.0))
    x = leaf(3.0)
    module(x).sum().backward()
    assert x.grad.tolist() == [12.0]


@MODULES
def test_a_hook_that_returns_what_it_was_given_replaces_nothing(make):
    module = make()
    module.register_forward_pre_hook(lambda m, args: args)
    module.register_forward_pre_hook(lambda m, args, kwargs: (args, kwargs), with_kwargs=True)
    module.register_forward_hook(lambda m, args, output: output)
    module(array(3.0))
    assert module.backward(ONE).tolist() == [6.0]


@MODULES
def test_a_call_that_a_hook_refused_leaves_no_record(make):
    module = make()
    module(array(3.0))
    module.register_forward_hook(lambda m, args, output: output * 2)
    with pytest.raises(RuntimeError, match="Tensors"):
        module(array(5.0))
    with pytest.raises(RuntimeError, match="call forward first"):
        module.backward(ONE)


@MODULES
def test_gradients_are_right_under_hooks_that_only_look(make, rng):
    module = make()
    for each in module.modules():
        each.register_forward_pre_hook(lambda m, args: None)
        each.register_forward_hook(lambda m, args, output: None)
        each.register_full_backward_pre_hook(lambda m, grads: None)
        each.register_full_backward_hook(lambda m, grads, _: None)
    check_gradients(rng, module, rng.standard_normal(1))


# -- errors inside a child ----------------------------------------------------------------


class RefusedError(Exception):
    pass


class Refuses(nn.Module):
    """Raises in forward, or in backward."""

    def __init__(self, where):
        super().__init__()
        self.where = where

    def forward(self, input):
        if self.where == "forward":
            raise RefusedError("on purpose")
        return input * 2

    def backward(self, grad_output):
        if self.where == "backward":
            raise RefusedError("on purpose")
        return grad_output * 2


class Block(nn.Module):
    """A derived parent."""

    def __init__(self, fc1):
        super().__init__()
        self.fc1 = fc1

    def forward(self, input):
        return self.fc1(input)


class WrittenBlock(Block):
    def forward(self, input):
        return self.fc1(input)

    def backward(self, grad_output):
        return self.fc1.backward(grad_output)


BLOCKS = pytest.mark.parametrize(
    "block", [Block, WrittenBlock, lambda fc1: nn.Sequential(collected(fc1))]
)


def collected(module):
    """What makes a Sequential name its child fc1."""
    return OrderedDict(fc1=module)


def notes_of(error):
    return [note for note in getattr(error, "__notes__", []) if "fc1" in note or "module" in note]


@BLOCKS
@pytest.mark.parametrize("mode", [array, leaf])
def test_an_error_keeps_its_type_and_carries_one_note_with_the_dotted_path(block, mode):
    model = nn.Sequential(nn.Identity(), block(Refuses("forward")))
    with pytest.raises(RefusedError, match="on purpose") as caught:
        model(mode(1.0))
    notes = notes_of(caught.value)
    assert len(notes) == 1
    assert "'1.fc1'" in notes[0]
    assert "Refuses" in notes[0]


@pytest.mark.parametrize("mode", [array, leaf])
def test_an_error_in_a_direct_child_of_a_container_carries_the_note(mode):
    model = nn.Sequential(Square(), Refuses("forward"), Square())
    with pytest.raises(RefusedError) as caught:
        model(mode(1.0))
    (note,) = notes_of(caught.value)
    assert "'1'" in note


@pytest.mark.parametrize("mode", [array, leaf])
def test_an_error_in_a_module_that_is_no_child_has_no_path(mode):
    class Hides(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = [Refuses("forward")]

        def forward(self, input):
            return self.hidden[0](input)

    with pytest.raises(RefusedError) as caught:
        nn.Sequential(Hides())(mode(1.0))
    assert not any("''" in note for note in notes_of(caught.value))


@BLOCKS
def test_the_path_is_that_from_the_outermost_module(block):
    model = nn.Sequential(nn.Sequential(nn.Identity(), block(Refuses("forward"))))
    for module, path in ((model, "'0.1.fc1'"), (model[0], "'1.fc1'"), (model[0][1], "'fc1'")):
        with pytest.raises(RefusedError) as caught:
            module(array(1.0))
        (note,) = notes_of(caught.value)
        assert path in note


def test_an_error_in_the_outermost_module_itself_needs_no_note():
    with pytest.raises(RefusedError) as caught:
        Refuses("forward")(array(1.0))
    assert notes_of(caught.value) == []


@BLOCKS
def test_an_error_in_a_childs_backward_by_hand_carries_the_note_too(block):
    model = nn.Sequential(nn.Identity(), block(Refuses("backward")))
    model(array(1.0))
    with pytest.raises(RefusedError) as caught:
        model.backward(ONE)
    (note,) = notes_of(caught.value)
    assert "'1.fc1'" in note


def test_an_error_of_a_layer_keeps_its_type_too():
    model = nn.Sequential(nn.Sigmoid(), Block(nn.Linear(3, 2)))
    for x in (np.ones((2, 4), np.float32), minitorch.ones(2, 4)):
        with pytest.raises(RuntimeError, match="shapes cannot be multiplied") as caught:
            model(x)
        (note,) = notes_of(caught.value)
        assert "'1.fc1'" in note


def test_one_error_raised_twice_still_carries_one_note():
    error = RefusedError("the same object")

    class Same(nn.Module):
        def forward(self, input):
            raise error

    model = nn.Sequential(nn.Identity(), Block(Same()))
    for _ in range(2):
        with pytest.raises(RefusedError):
            model(array(1.0))
        (note,) = notes_of(error)
        assert "'1.fc1'" in note


def test_an_error_that_a_parent_handles_leaves_no_note_elsewhere():
    class Handles(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = Refuses("forward"), Refuses("forward")

        def forward(self, input):
            try:
                return self.first(input)
            except RefusedError:
                return self.second(input)

    with pytest.raises(RefusedError) as caught:
        Handles()(array(1.0))
    (note,) = notes_of(caught.value)
    assert "'second'" in note
