"""Hooks of modules: when they fire, in which order, with what, as in PyTorch."""

from __future__ import annotations

import collections
import copy
import pickle
import warnings
from typing import Any

import pytest

from tests.parity.side_by_side import message, outcome, side_by_side

Pair = collections.namedtuple("Pair", "first second")


def module(torch: Any, forward: Any) -> Any:
    """A module with a given function as forward."""

    class Given(torch.nn.Module):
        def forward(self, *args, **kwargs):
            return forward(*args, **kwargs)

    return Given()


def double(torch: Any) -> Any:
    return module(torch, lambda input: input * 2)


def leaf(torch: Any, *values: float) -> Any:
    return torch.tensor(values, requires_grad=True)


def network(torch: Any) -> Any:
    """Linear(2, 2), Sigmoid, Linear(2, 1) with fixed weights."""
    nn = torch.nn
    model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))
    for number, parameter in enumerate(model.parameters()):
        nn.init.constant_(parameter, 0.1 * (number + 1))
    return model


def each(values: Any) -> Any:
    """Numbers of a tuple of tensors, where there are any."""
    if isinstance(values, tuple):
        return [each(value) for value in values]
    return None if values is None else [round(x, 5) for x in values.reshape(-1).tolist()]


# -- the order of everything --------------------------------------------------------------


@pytest.mark.parametrize("needs", [True, False])
@side_by_side
def test_order_of_firing(torch: Any, needs: bool) -> Any:
    hooks = torch.nn.modules.module
    model, seen = network(torch), []
    names = {m: name or "model" for name, m in model.named_modules()}
    handles = []
    for number in (1, 2):
        for scope, register in (
            ("global forward pre", hooks.register_module_forward_pre_hook),
            ("global forward", hooks.register_module_forward_hook),
            ("global backward pre", hooks.register_module_full_backward_pre_hook),
            ("global backward", hooks.register_module_full_backward_hook),
        ):
            handles.append(
                register(
                    lambda m, *given, scope=scope, number=number: seen.append(
                        (scope, number, names[m], [each(g) for g in given])
                    )
                )
            )
        for part, name in names.items():
            for kind in ("forward_pre", "forward", "full_backward_pre", "full_backward"):
                getattr(part, f"register_{kind}_hook")(
                    lambda m, *given, kind=kind, name=name, number=number: seen.append(
                        (kind, number, name, [each(g) for g in given])
                    )
                )
    for name, parameter in model.named_parameters():
        parameter.register_hook(lambda grad, name=name: seen.append(("tensor", name, each(grad))))
        parameter.register_post_accumulate_grad_hook(
            lambda p, name=name: seen.append(("accumulated", name, each(p.grad)))
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=needs)
            if needs:
                x.register_hook(lambda grad: seen.append(("input", each(grad))))
            output = model(x)
            output.register_hook(lambda grad: seen.append(("output", each(grad))))
            seen.append("backward")
            output.sum().backward()
    finally:
        for handle in handles:
            handle.remove()
    return seen


@side_by_side
def test_order_in_a_branching_network(torch: Any) -> Any:
    class Branches(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.left, self.right = double(torch), double(torch)

        def forward(self, input):
            return self.left(input) + self.right(input) * self.left(input)

    model, seen = Branches(), []
    for name, part in model.named_modules():
        part.register_full_backward_pre_hook(
            lambda m, grads, name=name: seen.append((name, "pre", each(grads)))
        )
        part.register_full_backward_hook(
            lambda m, grads, _, name=name: seen.append((name, each(grads)))
        )
    model(leaf(torch, 1.0, 2.0)).sum().backward()
    return seen


# -- forward ------------------------------------------------------------------------------

ANSWERS = {
    "nothing": lambda m, args: None,
    "tensor": lambda m, args: args[0] * 3,
    "tuple": lambda m, args: (args[0] * 3,),
    "list": lambda m, args: [args[0] * 3],
    "too many": lambda m, args: (args[0], args[0]),
    "number": lambda m, args: 5,
}


@pytest.mark.parametrize("answer", ANSWERS)
@side_by_side
def test_what_a_pre_hook_returns(torch: Any, answer: str) -> Any:
    model = double(torch)
    model.register_forward_pre_hook(ANSWERS[answer])
    x = leaf(torch, 1.0)
    output = outcome(model, x)
    if isinstance(output, torch.Tensor):
        output.sum().backward()
    return output, x.grad


ANSWERS_WITH_KEYWORDS = {
    "nothing": lambda m, args, kwargs: None,
    "pair": lambda m, args, kwargs: (args, {"scale": 5}),
    "moved": lambda m, args, kwargs: ((), {"input": args[0] * 2}),
    "tuple": lambda m, args, kwargs: args,
    "list": lambda m, args, kwargs: [args, kwargs],
    "number": lambda m, args, kwargs: 5,
}


@pytest.mark.parametrize("answer", ANSWERS_WITH_KEYWORDS)
@side_by_side
def test_what_a_pre_hook_with_keywords_returns(torch: Any, answer: str) -> Any:
    model, seen = module(torch, lambda input, scale=2: input * scale), []
    model.register_forward_pre_hook(ANSWERS_WITH_KEYWORDS[answer], with_kwargs=True)
    model.register_forward_pre_hook(
        lambda m, args, kwargs: seen.append((args, kwargs)), with_kwargs=True
    )
    return outcome(model, leaf(torch, 1.0)), outcome(model, leaf(torch, 1.0), scale=3), seen


@side_by_side
def test_message_of_a_wrong_pair(torch: Any) -> Any:
    model = double(torch)
    model.register_forward_pre_hook(lambda m, args, kwargs: 5, with_kwargs=True)
    return message(model, torch.ones(1))


@pytest.mark.parametrize("prepend", [False, True])
@side_by_side
def test_order_of_hooks_on_one_module(torch: Any, prepend: bool) -> Any:
    model, seen = double(torch), []
    for kind in ("forward_pre", "forward", "full_backward_pre", "full_backward"):
        register = getattr(model, f"register_{kind}_hook")
        for number in range(3):
            register(
                lambda *given, kind=kind, number=number: seen.append((kind, number)),
                prepend=prepend,
            )
    model(leaf(torch, 1.0)).sum().backward()
    return seen


@side_by_side
def test_what_a_forward_hook_returns(torch: Any) -> Any:
    model, seen = double(torch), []
    model.register_forward_hook(lambda m, args, output: output + 1)
    model.register_forward_hook(lambda m, args, output: seen.append(output))
    model.register_forward_hook(lambda m, args, output: (output, "more"))
    return model(leaf(torch, 1.0)), seen


@side_by_side
def test_forward_hooks_with_keywords(torch: Any) -> Any:
    model, seen = module(torch, lambda input, scale=2: input * scale), []
    model.register_forward_hook(lambda *given: seen.append(given[1:]), with_kwargs=True)
    model.register_forward_hook(lambda *given: seen.append(given[1:]))
    model.register_forward_pre_hook(lambda *given: seen.append(given[1:]))
    model(torch.ones(1), scale=3)
    model(input=torch.ones(1))
    return seen


@side_by_side
def test_global_forward_hooks_with_keywords(torch: Any) -> Any:
    register = torch.nn.modules.module.register_module_forward_hook
    model, seen = module(torch, lambda input, scale=2: input * scale), []
    with register(lambda *given: seen.append(given[1:]), with_kwargs=True):
        output = model(torch.ones(1), scale=3)
    model(torch.ones(1))
    return output, seen


def failing(torch: Any) -> Any:
    def forward(input):
        raise ValueError("on purpose")

    return module(torch, forward)


@pytest.mark.parametrize("where", ["pre-hook", "forward", "hook before", "hook after"])
@side_by_side
def test_always_called_hooks(torch: Any, where: str) -> Any:
    model, seen = failing(torch) if where == "forward" else double(torch), []

    def fail(*given):
        raise KeyError("on purpose")

    if where == "pre-hook":
        model.register_forward_pre_hook(fail)
    if where == "hook before":
        model.register_forward_hook(lambda m, args, output: output * 10)
        model.register_forward_hook(fail)
    model.register_forward_hook(lambda *given: seen.append(("not always", given[1:])))
    model.register_forward_hook(lambda *given: seen.append(("always", given[1:])), always_call=True)
    model.register_forward_hook(
        lambda *given: seen.append(("kwargs", given[1:])), always_call=True, with_kwargs=True
    )
    if where == "hook after":
        model.register_forward_hook(fail)
    return outcome(model, torch.ones(1)), seen


@side_by_side
def test_an_always_called_hook_that_fails_too(torch: Any) -> Any:
    model, seen = failing(torch), []

    def fail(*given):
        seen.append("called")
        raise KeyError("on purpose")

    model.register_forward_hook(fail, always_call=True)
    model.register_forward_hook(lambda *given: seen.append(given[1:]), always_call=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = outcome(model, torch.ones(1))
    return result, seen, [warning.category for warning in caught]


@side_by_side
def test_global_always_called_hooks(torch: Any) -> Any:
    register = torch.nn.modules.module.register_module_forward_hook
    seen: list[Any] = []
    model = torch.nn.Sequential(failing(torch))
    with register(lambda m, args, output: seen.append(output), always_call=True):
        result = outcome(model, torch.ones(1))
    return result, seen


@side_by_side
def test_errors_in_hooks_come_through(torch: Any) -> Any:
    def fail(*given):
        raise KeyError("on purpose")

    results = []
    for kind in ("forward_pre", "forward", "full_backward_pre", "full_backward"):
        model = double(torch)
        handle = getattr(model, f"register_{kind}_hook")(fail)
        results.append(outcome(lambda model=model: model(leaf(torch, 1.0)).sum().backward()))
        handle.remove()
        results.append(outcome(lambda model=model: model(leaf(torch, 1.0)).sum().backward()))
    return results


# -- handles ------------------------------------------------------------------------------


@side_by_side
def test_handles(torch: Any) -> Any:
    model, seen = double(torch), []
    for kind in ("forward_pre", "forward", "full_backward_pre", "full_backward"):
        register = getattr(model, f"register_{kind}_hook")
        handle = register(lambda *given, kind=kind: seen.append(("removed", kind)))
        register(lambda *given, kind=kind: seen.append(("kept", kind)))
        with register(lambda *given, kind=kind: seen.append(("inside", kind))):
            model(leaf(torch, 1.0)).sum().backward()
        handle.remove()
        handle.remove()
    seen.append("now")
    model(leaf(torch, 1.0)).sum().backward()
    return seen


@side_by_side
def test_a_handle_outlives_its_module(torch: Any) -> Any:
    handle = double(torch).register_forward_hook(lambda *given: None)
    return handle.remove()


@pytest.mark.parametrize("way", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
@side_by_side
def test_hooks_are_copied(torch: Any, way: Any) -> Any:
    model = torch.nn.Identity()
    handle = model.register_forward_hook(tenfold)
    model.register_forward_pre_hook(with_scale, with_kwargs=True)
    model.register_full_backward_hook(tenfold_gradient)
    model.register_full_backward_pre_hook(tenfold_pre)
    twin = way(model)
    handle.remove()  # of the original alone
    results = []
    for each_model in (model, twin):
        x = leaf(torch, 1.0)
        output = each_model(x)
        output.sum().backward()
        results.append((output, x.grad))
    return results


def tenfold(module: Any, args: Any, output: Any) -> Any:
    return output * 10


def with_scale(module: Any, args: Any, kwargs: Any) -> Any:
    return (args[0] + 1,), kwargs


def tenfold_gradient(module: Any, grad_input: Any, grad_output: Any) -> Any:
    return (grad_input[0] * 10,)


def tenfold_pre(module: Any, grad_output: Any) -> Any:
    return (grad_output[0] * 3,)


# -- backward -----------------------------------------------------------------------------


def watched(torch: Any, forward: Any) -> tuple[Any, list[Any]]:
    """A module whose backward hooks write down what they get."""
    model, seen = module(torch, forward), []
    model.register_full_backward_pre_hook(lambda m, grads: seen.append(("pre", each(grads))))
    model.register_full_backward_hook(
        lambda m, grad_input, grad_output: seen.append(
            ("post", each(grad_input), each(grad_output))
        )
    )
    return model, seen


def backward(torch: Any, output: Any) -> Any:
    """Go back through the sum of all tensors in an output, the second times ten."""
    if isinstance(output, dict):
        output = tuple(output.values())
    outputs = output if isinstance(output, (tuple, list)) else (output,)
    terms = [
        item.sum() * 10**place
        for place, item in enumerate(outputs)
        if isinstance(item, torch.Tensor) and item.requires_grad
    ]
    sum(terms[1:], terms[0]).backward()


CALLS = {
    "one": (lambda t, a: a * 2, lambda t: (leaf(t, 1.0),)),
    "two": (lambda t, a, b: a * b, lambda t: (leaf(t, 2.0), leaf(t, 3.0))),
    "constant second": (lambda t, a, b: a * b, lambda t: (leaf(t, 2.0), t.ones(1))),
    "constant first": (lambda t, a, b: a * b, lambda t: (t.ones(1), leaf(t, 2.0))),
    "number second": (lambda t, a, b: a * b, lambda t: (leaf(t, 2.0), 3)),
    "number first": (lambda t, a, b: a * b, lambda t: (3, leaf(t, 2.0))),
    "None between": (lambda t, a, n, b: a * b, lambda t: (leaf(t, 2.0), None, leaf(t, 3.0))),
    "unused": (lambda t, a, b: a * 2, lambda t: (leaf(t, 2.0), leaf(t, 3.0))),
    "integers": (lambda t, a, b: a * b, lambda t: (leaf(t, 2.0), t.tensor([3]))),
    "in a list": (lambda t, a, b: a[0] * b, lambda t: ([leaf(t, 2.0)], leaf(t, 3.0))),
    "same twice": (lambda t, a, b: a * b, lambda t: (leaf(t, 2.0),) * 2),
    "tuple": (lambda t, a: (a * 2, a * 3), lambda t: (leaf(t, 1.0),)),
    "tuple with more": (lambda t, a: (a * 2, 5, None), lambda t: (leaf(t, 1.0),)),
    "namedtuple": (lambda t, a: Pair(a * 2, a * 3), lambda t: (leaf(t, 1.0),)),
    "constant output": (lambda t, a: (a * 2, t.ones(1)), lambda t: (leaf(t, 1.0),)),
    "integer output": (lambda t, a: (a * 2, t.tensor([1])), lambda t: (leaf(t, 1.0),)),
    "the input itself": (lambda t, a: a, lambda t: (leaf(t, 1.0),)),
    "a view of it": (lambda t, a: a.view(-1), lambda t: (leaf(t, 1.0),)),
    "the same twice": (lambda t, a: (a * 2,) * 2, lambda t: (leaf(t, 1.0),)),
    "detached": (lambda t, a: (a.detach() * 2, a * 2), lambda t: (leaf(t, 1.0),)),
    "matrix": (lambda t, a: a.sum(0), lambda t: (t.ones(2, 3, requires_grad=True),)),
}


@pytest.mark.parametrize("case", CALLS)
@side_by_side
def test_full_backward_hooks(torch: Any, case: str) -> Any:
    function, arguments = CALLS[case]
    model, seen = watched(torch, lambda *args: function(torch, *args))
    args = arguments(torch)
    output = model(*args)
    backward(torch, output)
    return output, seen, [arg.grad if isinstance(arg, torch.Tensor) else None for arg in args]


@pytest.mark.parametrize("outputs", ["first", "second"])
@side_by_side
def test_gradients_of_unused_outputs(torch: Any, outputs: str) -> Any:
    model, seen = watched(torch, lambda a: (a * 2, a * 3))
    x = leaf(torch, 1.0)
    first, second = model(x)
    (first if outputs == "first" else second).sum().backward()
    return seen, x.grad


@pytest.mark.parametrize(
    "forward", [lambda a: {"first": a * 2}, lambda a: 5, lambda a: None, lambda a: "text"]
)
@side_by_side
def test_outputs_without_backward_hooks(torch: Any, forward: Any) -> Any:
    model, _ = watched(torch, forward)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        output = model(leaf(torch, 1.0))
    return output, [(warning.category, str(warning.message)[:31]) for warning in caught]


@side_by_side
def test_no_input_requires_a_gradient(torch: Any) -> Any:
    weight = leaf(torch, 3.0)
    model, seen = watched(torch, lambda a: a * weight)
    output = model(torch.tensor([2.0]))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        output.sum().backward()
    return seen, weight.grad, [(item.category, str(item.message)[:31]) for item in caught]


@side_by_side
def test_a_replacement_where_no_input_requires_a_gradient(torch: Any) -> Any:
    results = []
    for answer in (torch.ones(1), (torch.ones(1),), (None,), None):
        weight = leaf(torch, 3.0)
        model = module(torch, lambda a, weight=weight: a * weight)
        model.register_full_backward_hook(lambda *given, answer=answer: answer)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results.append(outcome(model(torch.ones(1)).sum().backward))
            results.append(weight.grad)
    return results


@side_by_side
def test_nothing_requires_a_gradient(torch: Any) -> Any:
    model, seen = watched(torch, lambda a: a * 2)
    x = leaf(torch, 1.0)
    with torch.no_grad():
        without = model(x)
    return without, model(torch.ones(1)), seen


REPLACEMENTS = {
    "nothing": lambda grads: None,
    "tuple": lambda grads: tuple(grad * 10 for grad in grads),
    "list": lambda grads: [grad * 10 for grad in grads],
    "too few": lambda grads: grads[:1],
    "too many": lambda grads: (*grads, grads[0]),
    "None": lambda grads: (None, grads[1]),
    "empty": lambda grads: (),
}


@pytest.mark.parametrize("answer", REPLACEMENTS)
@side_by_side
def test_what_backward_hooks_return(torch: Any, answer: str) -> Any:
    results = []
    for kind in ("pre", "post", "both"):
        model, seen = module(torch, lambda a, b: (a * 2, b * 3)), []
        if kind != "post":
            model.register_full_backward_pre_hook(lambda m, grads: REPLACEMENTS[answer](grads))
        if kind != "pre":
            model.register_full_backward_hook(lambda m, grads, _: REPLACEMENTS[answer](grads))
        model.register_full_backward_hook(
            lambda m, *grads, seen=seen: seen.append([each(tuple(grad)) for grad in grads])
        )
        a, b = leaf(torch, 1.0), leaf(torch, 1.0)
        result = outcome(lambda model=model, a=a, b=b: backward(torch, model(a, b)))
        if isinstance(result, Exception):
            results.append((result, str(result)))
        else:
            results.append((seen, a.grad, b.grad))
    return results


@side_by_side
def test_a_module_called_twice(torch: Any) -> Any:
    model, seen = watched(torch, lambda a: a * a)
    x = leaf(torch, 3.0)
    model(model(x)).sum().backward()
    return seen, x.grad


@side_by_side
def test_going_back_twice(torch: Any) -> Any:
    model, seen = watched(torch, lambda a: a * a)
    x = leaf(torch, 3.0)
    output = model(x).sum()
    output.backward(retain_graph=True)
    output.backward()
    return seen, x.grad


@side_by_side
def test_a_gradient_that_does_not_pass_the_output(torch: Any) -> Any:
    kept = []

    def forward(input):
        kept.append(input * 5)
        return input * 2

    model, seen = watched(torch, forward)
    x = leaf(torch, 3.0)
    model(x)
    kept[0].sum().backward()
    return seen, x.grad


@side_by_side
def test_hooks_with_autograd_grad(torch: Any) -> Any:
    model, seen = watched(torch, lambda a: a * a)
    x = leaf(torch, 3.0)
    (grad,) = torch.autograd.grad(model(x).sum(), x)
    return grad, seen, x.grad


@side_by_side
def test_second_derivatives_through_hooks(torch: Any) -> Any:
    model, seen = watched(torch, lambda a: a * a * a)
    model.register_full_backward_hook(lambda m, grad_input, _: (grad_input[0] * 2,))
    x = leaf(torch, 3.0)
    (grad,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(grad.sum(), x)
    return grad, second, len(seen)


@side_by_side
def test_in_place_on_what_a_hooked_module_got(torch: Any) -> Any:
    model, _ = watched(torch, lambda a: a.mul_(2))
    return outcome(model, leaf(torch, 1.0) * 1)


@side_by_side
def test_in_place_on_what_a_hooked_module_gave(torch: Any) -> Any:
    model, _ = watched(torch, lambda a: a * 2)
    output = model(leaf(torch, 1.0))
    return outcome(lambda: output.add_(1))


@side_by_side
def test_frozen_parameters_and_hooks(torch: Any) -> Any:
    model, seen = network(torch), []
    model[0].requires_grad_(False)
    for name, part in model.named_children():
        part.register_full_backward_hook(
            lambda m, grads, _, name=name: seen.append((name, each(grads)))
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model(torch.ones(1, 2)).sum().backward()
    return seen, [parameter.grad for parameter in model.parameters()]


@side_by_side(rtol=1e-6)
def test_gradient_clipping_by_hooks(torch: Any) -> Any:
    """A use that is common: hooks that change the gradients of weights and activations."""
    model = network(torch)
    for parameter in model.parameters():
        parameter.register_hook(lambda grad: grad.clamp(-0.01, 0.01))
    model[1].register_full_backward_hook(lambda m, grads, _: (grads[0] * 100,))
    model(torch.ones(3, 2)).sum().backward()
    return [parameter.grad for parameter in model.parameters()]
