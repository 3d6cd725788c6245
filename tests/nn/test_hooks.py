"""Hooks of modules: when they fire, in which order, with what, and what they may replace."""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any, NamedTuple

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn.modules import module as module_hooks

KINDS = ["forward_pre", "forward", "full_backward_pre", "full_backward"]


class Function(nn.Module):
    """A module with a given function as forward; backward is derived."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *args, **kwargs):
        return self.function(*args, **kwargs)


def double():
    return Function(lambda input: input * 2)


def leaf(*values):
    return minitorch.tensor(values, requires_grad=True)


def numbers(grads):
    return tuple(None if grad is None else grad.tolist() for grad in grads)


def watched(function):
    """A module whose backward hooks write down what they get."""
    module, seen = Function(function), []
    module.register_full_backward_pre_hook(lambda m, grads: seen.append(numbers(grads)))
    module.register_full_backward_hook(
        lambda m, *grads: seen.append(tuple(numbers(each) for each in grads))
    )
    return module, seen


# -- order --------------------------------------------------------------------------------


def everything(model, seen):
    """Hang every kind of hook on every part of a model."""
    names = {module: name or "model" for name, module in model.named_modules()}
    for module, name in names.items():
        for kind in KINDS:
            getattr(module, f"register_{kind}_hook")(
                lambda *given, kind=kind, name=name: seen.append(f"{name} {kind}")
            )
    return [
        getattr(module_hooks, f"register_module_{kind}_hook")(
            lambda module, *given, kind=kind: seen.append(f"{names[module]} global {kind}")
        )
        for kind in KINDS
    ]


def test_order_of_firing():
    model, seen = nn.Sequential(nn.Linear(1, 1), nn.Sigmoid()), []
    handles = everything(model, seen)
    for name, parameter in model.named_parameters():
        parameter.register_hook(lambda grad, name=name: seen.append(f"{name} tensor hook"))
    x = leaf(1.0)
    x.register_hook(lambda grad: seen.append("input tensor hook"))
    try:
        output = model(x)
        output.register_hook(lambda grad: seen.append("output tensor hook"))
        seen.append("--")
        output.sum().backward()
    finally:
        for handle in handles:
            handle.remove()
    parameter_hooks = [line for line in seen if line.startswith("0.")]
    assert sorted(parameter_hooks) == ["0.bias tensor hook", "0.weight tensor hook"]
    assert [line for line in seen if line not in parameter_hooks] == [
        "model global forward_pre", "model forward_pre",
        "0 global forward_pre", "0 forward_pre", "0 global forward", "0 forward",
        "1 global forward_pre", "1 forward_pre", "1 global forward", "1 forward",
        "model global forward", "model forward",
        "--",
        "output tensor hook",
        "model global full_backward_pre", "model full_backward_pre",
        "1 global full_backward_pre", "1 full_backward_pre",
        "1 global full_backward", "1 full_backward",
        "0 global full_backward_pre", "0 full_backward_pre",
        "0 global full_backward", "0 full_backward",
        "model global full_backward", "model full_backward",
        "input tensor hook",
    ]  # fmt: skip


def test_order_of_firing_by_hand():
    model, seen = nn.Sequential(nn.Linear(1, 1), nn.Sigmoid()), []
    handles = everything(model, seen)
    try:
        model(np.ones(1, np.float32))
        seen.append("--")
        model.backward(np.ones(1, np.float32))
    finally:
        for handle in handles:
            handle.remove()
    assert seen == [
        "model global forward_pre", "model forward_pre",
        "0 global forward_pre", "0 forward_pre", "0 global forward", "0 forward",
        "1 global forward_pre", "1 forward_pre", "1 global forward", "1 forward",
        "model global forward", "model forward",
        "--",
        "model global full_backward_pre", "model full_backward_pre",
        "1 global full_backward_pre", "1 full_backward_pre",
        "1 global full_backward", "1 full_backward",
        "0 global full_backward_pre", "0 full_backward_pre",
        "0 global full_backward", "0 full_backward",
        "model global full_backward", "model full_backward",
    ]  # fmt: skip


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_order_of_several_hooks(kind, by_hand):
    module, seen = double(), []
    register = getattr(module, f"register_{kind}_hook")
    register(lambda *given: seen.append(1))
    register(lambda *given: seen.append(2))
    register(lambda *given: seen.append(0), prepend=True)
    if by_hand:
        module(np.ones(1))
        module.backward(np.ones(1))
    else:
        module(leaf(1.0)).sum().backward()
    assert seen == [0, 1, 2]


# -- handles ------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["module", "global"])
@pytest.mark.parametrize("kind", KINDS)
def test_handles(kind, scope):
    module, seen = double(), []
    if scope == "module":
        register = getattr(module, f"register_{kind}_hook")
    else:
        register = getattr(module_hooks, f"register_module_{kind}_hook")
    first = register(lambda *given: seen.append("first"))
    with register(lambda *given: seen.append("inside")):
        module(leaf(1.0)).sum().backward()
    assert seen == ["first", "inside"]
    with register(lambda *given: seen.append("second")):
        first.remove()
        first.remove()
        module(leaf(1.0)).sum().backward()
    module(leaf(1.0)).sum().backward()
    assert seen == ["first", "inside", "second"]


def test_a_handle_outlives_its_module():
    handle = double().register_forward_hook(lambda *given: None)
    handle.remove()


def test_a_hook_may_remove_itself():
    module, seen = double(), []

    def once(*given):
        seen.append("once")
        handle.remove()

    handle = module.register_forward_hook(once)
    module.register_forward_hook(lambda *given: seen.append("always"))
    module(leaf(1.0))
    module(leaf(1.0))
    assert seen == ["once", "always", "always"]


def tenfold(module, args, output):
    return output * 10


def plus_one(module, args, kwargs):
    return (args[0] + 1,), kwargs


def gradient_tenfold(module, grad_input, grad_output):
    return (grad_input[0] * 10,)


def gradient_threefold(module, grad_output):
    return (grad_output[0] * 3,)


@pytest.mark.parametrize("way", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_have_the_hooks(way):
    module = nn.Identity()
    handle = module.register_forward_hook(tenfold)
    module.register_forward_pre_hook(plus_one, with_kwargs=True)
    module.register_full_backward_hook(gradient_tenfold)
    module.register_full_backward_pre_hook(gradient_threefold)
    twin = way(module)
    handle.remove()
    for each, expected, slope in ((module, 2.0, 30.0), (twin, 20.0, 300.0)):
        x = leaf(1.0)
        output = each(x)
        output.sum().backward()
        assert output.item() == expected
        assert x.grad.item() == slope


def test_a_bound_method_as_hook_belongs_to_the_copy():
    class Counts(nn.Module):
        def __init__(self):
            super().__init__()
            self.calls = 0
            self.register_forward_hook(self.count)

        def forward(self, input):
            return input

        def count(self, module, args, output):
            assert module is self
            self.calls += 1

    module = Counts()
    twin = copy.deepcopy(module)
    twin(leaf(1.0))
    assert (module.calls, twin.calls) == (0, 1)


# -- forward ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(lambda x: None, 2.0), (lambda x: x * 3, 6.0), (lambda x: (x * 3,), 6.0)],
)
def test_what_a_pre_hook_returns(answer, expected):
    module = double()
    module.register_forward_pre_hook(lambda m, args: answer(args[0]))
    x = leaf(1.0)
    output = module(x)
    output.sum().backward()
    assert output.item() == x.grad.item() == expected


def test_a_pre_hook_with_keywords():
    module, seen = Function(lambda input, scale=2: input * scale), []
    module.register_forward_pre_hook(
        lambda m, args, kwargs: ((), {"input": args[0], "scale": 5, **kwargs}), with_kwargs=True
    )
    module.register_forward_pre_hook(
        lambda m, args, kwargs: seen.append((len(args), sorted(kwargs))), with_kwargs=True
    )
    assert module(leaf(1.0)).item() == 5.0
    assert module(leaf(1.0), scale=3).item() == 3.0
    assert seen == [(0, ["input", "scale"])] * 2


@pytest.mark.parametrize("answer", [5, [(), {}], ((),), ((), {}, 5)])
def test_a_pre_hook_with_keywords_that_returns_no_pair(answer):
    module = double()
    module.register_forward_pre_hook(lambda m, args, kwargs: answer, with_kwargs=True)
    with pytest.raises(RuntimeError, match="must return None or a tuple of"):
        module(leaf(1.0))


def test_each_forward_hook_gets_what_the_one_before_returned():
    module, seen = double(), []
    module.register_forward_hook(lambda m, args, output: output + 1)
    module.register_forward_hook(lambda m, args, output: seen.append((args, output)))
    module.register_forward_hook(lambda m, args, output: (output, "more"))
    x = leaf(1.0)
    output, more = module(x)
    assert more == "more"
    assert seen[0][0] == (x,)
    assert seen[0][1] is output
    assert output.item() == 3.0


def test_forward_hooks_with_keywords():
    module, seen = Function(lambda input, scale=2: input * scale), []
    module.register_forward_hook(lambda m, *given: seen.append(given), with_kwargs=True)
    module.register_forward_hook(lambda m, *given: seen.append(given))
    with module_hooks.register_module_forward_hook(
        lambda m, *given: seen.append(given), with_kwargs=True
    ):
        x = leaf(1.0)
        output = module(x, scale=3)
    assert seen == [((x,), {"scale": 3}, output)] * 2 + [((x,), output)]


class RefusedError(Exception):
    pass


def refuse(*given):
    raise RefusedError("on purpose")


@pytest.mark.parametrize("given", [lambda: leaf(1.0), lambda: np.ones(1)])
def test_always_called_hooks(given):
    module, seen = Function(refuse), []
    module.register_forward_hook(lambda m, args, output: seen.append("not always"))
    module.register_forward_hook(lambda m, args, output: seen.append(output), always_call=True)
    module.register_forward_hook(
        lambda m, args, kwargs, output: seen.append(kwargs), always_call=True, with_kwargs=True
    )
    with (
        module_hooks.register_module_forward_hook(
            lambda m, args, output: seen.append("global"), always_call=True
        ),
        pytest.raises(RefusedError),
    ):
        module(given())
    assert seen == ["global", None, {}]


def test_an_always_called_hook_is_called_once_if_a_later_hook_raises():
    module, seen = double(), []
    module.register_forward_hook(lambda m, args, output: seen.append(output), always_call=True)
    module.register_forward_hook(lambda m, args, output: output * 10)
    module.register_forward_hook(refuse)
    module.register_forward_hook(lambda m, args, output: seen.append(output), always_call=True)
    with pytest.raises(RefusedError):
        module(leaf(1.0))
    assert [output.item() for output in seen] == [2.0, 20.0]


def test_an_always_called_hook_that_raises_too_becomes_a_warning():
    module, seen = Function(refuse), []

    def fail(*given):
        raise KeyError("another")

    module.register_forward_hook(fail, always_call=True)
    module.register_forward_hook(lambda *given: seen.append("called"), always_call=True)
    with pytest.warns(UserWarning, match="silenced.*another"), pytest.raises(RefusedError):
        module(leaf(1.0))
    assert seen == ["called"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_in_a_hook_comes_through_and_does_no_harm(kind):
    layer = nn.Linear(1, 1)
    handle = getattr(layer, f"register_{kind}_hook")(refuse)
    x = leaf(1.0)
    with pytest.raises(RefusedError):
        layer(x).sum().backward()
    assert layer.weight.grad is layer.bias.grad is x.grad is None
    handle.remove()
    layer(x).sum().backward()
    assert layer.bias.grad.item() == 1.0


# -- backward -----------------------------------------------------------------------------


def test_gradients_of_arguments_that_are_no_tensors_are_none():
    module, seen = watched(lambda a, number, nothing, b: a * number * b)
    module(leaf(2.0), 3, None, leaf(5.0)).sum().backward()
    assert seen == [([1.0],), (([15.0], None, None, [6.0]), ([1.0],))]


def test_gradients_of_tensors_that_need_none_are_zeros():
    module, seen = watched(lambda a, b, c, d: (a * b * c)[:1])
    integers = minitorch.tensor([1, 2])
    x, unused = leaf(2.0, 3.0), leaf(1.0)
    module(x, minitorch.tensor([5.0, 5.0]), integers, unused).sum().backward()
    zeros = [0.0, 0.0]
    assert seen == [([1.0],), (([5.0, 0.0], zeros, [0, 0], [0.0]), ([1.0],))]
    assert x.grad.tolist() == [5.0, 0.0]


def test_gradients_of_outputs_that_are_not_used_are_none():
    module, seen = watched(lambda a: (a * 2, a * 3, "text"))
    module(leaf(1.0))[1].sum().backward()
    assert seen == [(None, [1.0], None), (([3.0],), (None, [1.0], None))]


class Outputs(NamedTuple):
    first: Any
    second: Any


@pytest.mark.parametrize("kind", [tuple, list, lambda pair: Outputs(*pair)])
def test_several_outputs_keep_their_type(kind):
    module, seen = watched(lambda a: kind((a * 2, a * 3)))
    x = leaf(1.0)
    output = module(x)
    assert type(output) is type(kind((1, 2)))
    (output[0] + output[1] * 10).sum().backward()
    assert seen == [([1.0], [10.0]), (([32.0],), ([1.0], [10.0]))]
    assert x.grad.item() == 32.0


@pytest.mark.parametrize("output", [5, None, "text", {"a": 1}])
def test_an_output_without_gradients_says_that_hooks_will_not_fire(output):
    module, seen = watched(lambda a: output)
    with pytest.warns(UserWarning, match="For backward hooks to be called, module output should"):
        assert module(leaf(1.0)) == output
    with minitorch.no_grad():
        assert module(leaf(1.0)) == output
    assert seen == []


def test_no_input_needs_a_gradient():
    weight = leaf(3.0)
    module, seen = watched(lambda a, number: a * weight * number)
    loss = module(minitorch.tensor([2.0]), 1).sum()
    with pytest.warns(UserWarning, match="no inputs of Function require gradients"):
        loss.backward()
    assert seen == [([1.0],), ((None, None), ([1.0],))]
    assert weight.grad.item() == 2.0


@pytest.mark.parametrize("answer", [minitorch.ones(1), (minitorch.ones(1),)])
def test_no_gradient_can_be_returned_where_no_input_needs_one(answer):
    weight = leaf(3.0)
    module = Function(lambda a: a * weight)
    module.register_full_backward_hook(lambda *given: answer)
    with (
        pytest.warns(UserWarning, match="no inputs of Function"),
        pytest.raises(RuntimeError, match="no input requires gradient should always return None"),
    ):
        module(minitorch.ones(1)).sum().backward()
    assert weight.grad is None


def test_nothing_needs_a_gradient():
    module, seen = watched(lambda a: a * 2)
    assert not module(minitorch.ones(1)).requires_grad
    with minitorch.no_grad():
        assert not module(leaf(1.0)).requires_grad
    assert seen == []


@pytest.mark.parametrize("kind", ["full_backward_pre", "full_backward"])
@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize("answer", [tuple, list])
def test_what_a_backward_hook_returns(answer, by_hand, kind):
    module = Function(lambda a, b: (a * 2, b * 3))
    getattr(module, f"register_{kind}_hook")(
        lambda m, grads, *rest: answer(grad * 10 for grad in grads)
    )
    if by_hand:
        module(np.ones(1), np.ones(1))
        found = module.backward(np.ones(1), np.ones(1))
    else:
        tensors = leaf(1.0), leaf(1.0)
        first, second = module(*tensors)
        (first + second).sum().backward()
        found = [tensor.grad for tensor in tensors]
    assert numbers(found) == ([20.0], [30.0])


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("full_backward_pre", "Backward pre hook returned an invalid number of grad_output"),
        ("full_backward", "Backward hook returned an invalid number of grad_input"),
    ],
)
@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_backward_hook_that_returns_too_few_or_too_many(count, by_hand, kind, message):
    module = Function(lambda a, b: (a * 2, b * 3))
    getattr(module, f"register_{kind}_hook")(lambda m, grads, *rest: (grads * 2)[:count])
    with pytest.raises(RuntimeError, match=f"{message}, got {count}, but expected 2"):
        if by_hand:
            module(np.ones(1), np.ones(1))
            module.backward(np.ones(1), np.ones(1))
        else:
            first, second = module(leaf(1.0), leaf(1.0))
            (first + second).sum().backward()


def test_a_single_gradient_may_stand_alone():
    module = double()
    module.register_full_backward_hook(lambda m, grads, _: grads[0] * 10)
    x = leaf(1.0, 2.0)
    module(x).sum().backward()
    assert x.grad.tolist() == [20.0, 20.0]


def test_a_module_called_twice_fires_for_each_call():
    module, seen = watched(lambda a: a * a)
    x = leaf(3.0)
    module(module(x)).sum().backward()
    assert seen == [([1.0],), (([18.0],), ([1.0],)), ([18.0],), (([108.0],), ([18.0],))]
    assert x.grad.item() == 108.0


def test_going_back_twice_fires_twice():
    module, seen = watched(lambda a: a * a)
    loss = module(leaf(3.0)).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    assert seen == [([1.0],), (([6.0],), ([1.0],))] * 2


def test_a_gradient_that_does_not_come_by_the_output():
    kept = []

    def forward(input):
        kept.append(input * 5)
        return input * 2

    module, seen = watched(forward)
    x = leaf(3.0)
    module(x)
    kept[0].sum().backward()
    assert seen == []
    assert x.grad.item() == 5.0


def test_second_derivatives_go_through_hooks():
    module = Function(lambda a: a * a * a)
    module.register_full_backward_pre_hook(lambda m, grads: (grads[0] * 2,))
    module.register_full_backward_hook(lambda m, grads, _: (grads[0] * grads[0],))
    x = leaf(3.0)
    (grad,) = minitorch.autograd.grad(module(x).sum(), x, create_graph=True)
    assert grad.item() == (2 * 27) ** 2  # (2 · 3x²)²
    (second,) = minitorch.autograd.grad(grad.sum(), x)
    assert second.item() == 144 * 27  # 36 · 4x³


def test_hooks_with_autograd_grad():
    module, seen = watched(lambda a: a * a)
    x = leaf(3.0)
    (grad,) = minitorch.autograd.grad(module(x).sum(), x)
    assert grad.item() == 6.0
    assert x.grad is None
    assert seen == [([1.0],), (([6.0],), ([1.0],))]


def test_the_graph_shows_pytorchs_name():
    module, _ = watched(lambda a: a * 2)
    assert repr(module(leaf(1.0))) == "tensor([2.], grad_fn=<BackwardHookFunctionBackward>)"


def test_frozen_layers_before_a_hooked_one():
    model, seen = nn.Sequential(nn.Linear(1, 1), nn.Sigmoid(), nn.Linear(1, 1)), []
    model[0].requires_grad_(False)
    for name, part in model.named_children():
        part.register_full_backward_hook(lambda m, grads, _, name=name: seen.append(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the last layer's input needs no gradient
        model(minitorch.ones(1, 1)).sum().backward()
    assert seen == ["2"]
    assert [parameter.grad is None for parameter in model.parameters()] == [
        True,
        True,
        False,
        False,
    ]
