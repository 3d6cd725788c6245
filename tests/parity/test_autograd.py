"""Autograd side by side with PyTorch: each case is one script that runs in both libraries.

What a script returns must agree in nesting, values, dtypes and need for a gradient; what it
raises or warns of must agree in type.
"""

from __future__ import annotations

import collections
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

import minitorch

Script = Callable[[Any], Any]
SCRIPTS: dict[str, Script] = {}


def case(script: Script) -> Script:
    SCRIPTS[script.__name__] = script
    return script


def without_library(library: Any, value: Any) -> Any:
    """A result in Python's own types."""
    if isinstance(value, library.Tensor):
        array = value.detach().numpy()
        return "tensor", value.requires_grad, str(array.dtype), array.shape, array.tolist()
    if isinstance(value, (tuple, list)):
        return type(value).__name__, [without_library(library, item) for item in value]
    return value


def outcome(library: Any, script: Script) -> Any:
    """What a script gives in one library: its result or error, and its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = without_library(library, script(library))
        except Exception as error:
            result = ("raised", type(error).__name__, str(error))
    return result, sorted({each.category.__name__ for each in caught})


def assert_same(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, tuple) and theirs[:1] == ("raised",):
        assert ours[:2] == theirs[:2], (ours, theirs)
    elif isinstance(theirs, (tuple, list)):
        assert type(ours) is type(theirs), (ours, theirs)
        assert len(ours) == len(theirs), (ours, theirs)
        for mine, other in zip(ours, theirs, strict=True):
            assert_same(mine, other)
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, rel=1e-5, abs=1e-6), (ours, theirs)
    else:
        assert ours == theirs, (ours, theirs)


# -- helpers of the scripts ---------------------------------------------------------------


def leaf(lib: Any, *values: float) -> Any:
    return lib.tensor(values or (1.0, 2.0), requires_grad=True)


def grads(lib: Any, output: Any, *inputs: Any, **options: Any) -> Any:
    """The gradients of the sum of `output`."""
    return lib.autograd.grad(output.sum(), inputs, **options)


def attempt(script: Callable[[], Any]) -> Any:
    """A result, or the type of the error."""
    try:
        return script()
    except Exception as error:
        return type(error).__name__


def make(lib: Any, forward: Any, backward: Any, setup: Any = None) -> Any:
    """A custom function named Made."""
    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    if setup is not None:
        methods["setup_context"] = staticmethod(setup)
    return type("Made", (lib.autograd.Function,), methods)


def save_input(ctx: Any, input: Any) -> Any:
    ctx.save_for_backward(input)
    return input * input


def twice_saved(ctx: Any, grad: Any) -> Any:
    (input,) = ctx.saved_tensors
    return 2 * input * grad


def pass_on(ctx: Any, *grads: Any) -> Any:
    return grads[0]


def square(lib: Any) -> Any:
    return make(lib, save_input, twice_saved)


def returning(lib: Any, result: Any, *more: Any) -> Any:
    """The gradient of a function whose backward returns `result(grad)`."""
    x = leaf(lib)
    made = make(lib, lambda ctx, *args: args[0] * 1, lambda ctx, grad: result(grad))
    return grads(lib, made.apply(x, *more), x, allow_unused=True)


# -- Function: calls ----------------------------------------------------------------------


@case
def function_value_and_gradient(lib):
    x = leaf(lib)
    y = square(lib).apply(x)
    y.sum().backward()
    return y, x.grad, y.grad_fn.name(), y.is_leaf


@case
def function_repr(lib):
    return repr(square(lib).apply(leaf(lib)))


@case
def function_subclass_name(lib):
    class Sub(square(lib)):
        pass

    return Sub.apply(leaf(lib)).grad_fn.name()


@case
def function_without_gradient(lib):
    return square(lib).apply(lib.tensor([1.0, 2.0]))


@case
def function_under_no_grad(lib):
    seen = []

    def forward(ctx, input, number, other):
        seen.append(ctx.needs_input_grad)
        return input * number

    with lib.no_grad():
        y = make(lib, forward, pass_on).apply(leaf(lib), 3, lib.ones(2))
    return y, seen


@case
def function_needs_input_grad(lib):
    seen = []

    def forward(ctx, *args):
        seen.append(ctx.needs_input_grad)
        return args[0] * 1

    def backward(ctx, grad):
        seen.append(ctx.needs_input_grad)
        return grad, None, None

    x = leaf(lib)
    return grads(lib, make(lib, forward, backward).apply(x, 2, lib.ones(2)), x), seen


@case
def function_modes(lib):
    seen = []
    x = leaf(lib)

    def forward(ctx, input):
        ctx.save_for_backward(input)
        seen.append((lib.is_grad_enabled(), input is x, input.requires_grad))
        return input * input

    def backward(ctx, grad):
        (input,) = ctx.saved_tensors
        seen.append((lib.is_grad_enabled(), input is x, grad.requires_grad))
        return 2 * input * grad

    made = make(lib, forward, backward)
    return grads(lib, made.apply(x), x), grads(lib, made.apply(x), x, create_graph=True), seen


@case
def function_of_keywords(lib):
    class Scale(lib.autograd.Function):
        @staticmethod
        def forward(ctx, input, factor):
            ctx.factor = factor
            return input * factor

        @staticmethod
        def backward(ctx, grad):
            return grad * ctx.factor, None

    x = leaf(lib)
    return grads(lib, Scale.apply(factor=4, input=x), x), attempt(lambda: Scale.apply(x, k=1))


@case
def function_keyword_only(lib):
    class Scale(lib.autograd.Function):
        @staticmethod
        def forward(ctx, input, *, factor=2):
            return input * factor

    return Scale.apply(leaf(lib), factor=4)


@case
def function_defaults(lib):
    class Scale(lib.autograd.Function):
        @staticmethod
        def forward(ctx, input, factor=3):
            ctx.factor = factor
            return input * factor

        @staticmethod
        def backward(ctx, grad):
            return grad * ctx.factor, None

    x = leaf(lib)
    return grads(lib, Scale.apply(x), x), grads(lib, Scale.apply(x, 5), x)


@case
def function_setup_context(lib):
    seen = []

    def setup(ctx, inputs, output):
        seen.append((inputs[1], lib.is_grad_enabled()))
        ctx.factor = inputs[1]
        ctx.save_for_backward(inputs[0], output)

    def backward(ctx, grad):
        input, output = ctx.saved_tensors
        return grad * (input + output), None

    x = leaf(lib)
    made = make(lib, lambda input, factor=2: input * factor, backward, setup)
    return made.apply(x), grads(lib, made.apply(x), x), grads(lib, made.apply(x, factor=5), x), seen


@case
def function_setup_context_and_ctx(lib):
    made = make(lib, lambda ctx, a, b: a * b, pass_on, lambda ctx, inputs, output: None)
    return made.apply(leaf(lib), leaf(lib))


@case
def function_missing_argument(lib):
    return square(lib).apply()


@case
def function_base(lib):
    return lib.autograd.Function.apply(leaf(lib))


@case
def function_without_backward(lib):
    class Half(lib.autograd.Function):
        @staticmethod
        def forward(ctx, input):
            return input * 1

    Half.apply(leaf(lib)).sum().backward()


@case
def function_vjp(lib):
    class Seven(lib.autograd.Function):
        @staticmethod
        def forward(ctx, input):
            return input * 1

        @staticmethod
        def vjp(ctx, grad):
            return grad * 7

    x = leaf(lib)
    return grads(lib, Seven.apply(x), x)


@case
def function_backward_and_vjp(lib):
    made = make(lib, lambda ctx, input: input * 1, pass_on)
    made.vjp = staticmethod(pass_on)
    x = leaf(lib)
    return grads(lib, made.apply(x), x)


@case
def function_methods_not_static(lib):
    class Loose(lib.autograd.Function):
        def forward(ctx, input):  # noqa: N805
            return input * 1

        def backward(ctx, grad):  # noqa: N805
            return grad * 10

    class OfClass(lib.autograd.Function):
        @classmethod
        def forward(cls, ctx, input):
            return input * 1

        @classmethod
        def backward(cls, ctx, grad):
            return grad * 20

    x = leaf(lib)
    return grads(lib, Loose.apply(x), x), grads(lib, OfClass.apply(x), x)


@case
def function_instance_is_refused(lib):
    return square(lib)()(leaf(lib))


@case
def function_instance_apply(lib):
    return square(lib)().apply(leaf(lib))


@case
def function_methods_of_the_base(lib):
    base = lib.autograd.Function
    return [
        attempt(lambda method=method: method(1, 2, 3))
        for method in (base.setup_context, base.backward, base.jvp)
    ]


@case
def function_error_in_forward(lib):
    def forward(ctx, input):
        raise KeyError("forward")

    before = lib.is_grad_enabled()
    kind = attempt(lambda: make(lib, forward, pass_on).apply(leaf(lib)))
    return before, kind, lib.is_grad_enabled()


@case
def function_error_in_backward(lib):
    def backward(ctx, grad):
        raise KeyError("backward")

    x = leaf(lib)
    kind = attempt(make(lib, lambda ctx, input: input * 1, backward).apply(x).sum().backward)
    return kind, lib.is_grad_enabled(), x.grad


@case
def function_tensors_in_a_list_are_constants(lib):
    x = leaf(lib)
    made = make(lib, lambda ctx, a, rest: a + rest[0], lambda ctx, grad: (grad * 10, None))
    return grads(lib, made.apply(x, [x]), x)


# -- Function: what backward returns ------------------------------------------------------

RETURNS = {
    "one_too_many": (lambda grad: (grad, grad), 0),
    "too_many_none": (lambda grad: (grad, None, None), 0),
    "too_few": (lambda grad: grad, 1),
    "float": (lambda grad: 1.0, 0),
    "list": (lambda grad: [grad], 0),
    "array": (lambda grad: grad.numpy(), 0),
    "none": (lambda grad: None, 0),
    "empty_tuple": (lambda grad: (), 0),
    "float64": (lambda grad: grad.double(), 0),
    "integer": (lambda grad: grad.long(), 0),
    "second_for_a_number": (lambda grad: (grad, grad), 2),
    "float_for_a_number": (lambda grad: (grad, 1.0), 2),
    "second_for_a_constant": (lambda grad: (grad, grad), 1),
    "wrong_shape_for_a_constant": (lambda grad: (grad, grad[0]), 1),
    "string_for_a_constant": (lambda grad: (grad, "a"), 1),
}


@pytest.mark.parametrize("name", RETURNS)
def test_what_backward_returns(name: str) -> None:
    result, extra = RETURNS[name]

    def script(lib):
        more = [(), (lib.ones(2),), (2,)][extra]
        return returning(lib, result, *more)

    assert_same(outcome(minitorch, script), outcome(torch, script))


@pytest.mark.parametrize("shape", [(3,), (3, 2), (1,), (), (2, 1), (2, 2, 2)])
def test_shape_that_backward_returns(shape: tuple[int, ...]) -> None:
    def script(lib):
        return returning(lib, lambda grad: lib.ones(shape))

    assert_same(outcome(minitorch, script), outcome(torch, script))


@pytest.mark.parametrize("name", ["one_too_many", "too_few", "float", "second_for_a_number"])
def test_message_about_what_backward_returns(name: str) -> None:
    result, extra = RETURNS[name]

    def script(lib):
        return returning(lib, result, *[(), (lib.ones(2),), (2,)][extra])

    assert outcome(minitorch, script)[0] == outcome(torch, script)[0]


# -- Function: outputs --------------------------------------------------------------------

OUTPUTS = {
    "none": lambda input: None,
    "number": lambda input: 3,
    "string": lambda input: "a",
    "list": lambda input: [input * 1, input * 2],
    "tuple_of_one": lambda input: (input * 1,),
    "empty_tuple": lambda input: (),
    "with_none": lambda input: (input * 1, None),
    "with_number": lambda input: (input * 1, 3),
    "integer": lambda input: input.long(),
    "integer_too": lambda input: (input * 1, input.long()),
    "float64_too": lambda input: (input * 1, input.double()),
    "namedtuple": lambda input: collections.namedtuple("Pair", "a b")(input * 1, input * 2),
    "input": lambda input: input,
    "input_twice": lambda input: (input, input),
    "view": lambda input: input.view(2, 1),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs(name: str) -> None:
    def script(lib):
        x = leaf(lib)
        received = []

        def backward(ctx, *grads):
            received.append(grads)
            return grads[0].view(2)

        output = make(lib, lambda ctx, input: OUTPUTS[name](input), backward).apply(x)
        first = output[0] if isinstance(output, tuple) and output else output
        if not isinstance(first, lib.Tensor) or not first.requires_grad:
            return output
        (first * 3).sum().backward()
        return output, received, x.grad

    assert_same(outcome(minitorch, script), outcome(torch, script))


@case
def output_that_is_the_input(lib):
    x = leaf(lib)
    z = x * 1
    made = make(lib, lambda ctx, input: input, lambda ctx, grad: grad * 5)
    y = made.apply(z)
    constant = lib.ones(2)
    return y is z, made.apply(constant) is constant, grads(lib, y, x)


@case
def output_that_is_the_saved_input(lib):
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input

    x = leaf(lib)
    y = make(lib, forward, twice_saved).apply(x)
    (first,) = grads(lib, y, x, create_graph=True)
    return first, grads(lib, first, x)


@case
def output_not_used(lib):
    received = []

    def backward(ctx, a, b):
        received.append((a, b))
        return a

    x = leaf(lib)
    y, _ = make(lib, lambda ctx, input: (input * 1, input * 2), backward).apply(x)
    return grads(lib, y, x), received


@case
def output_not_used_not_materialized(lib):
    received = []

    def forward(ctx, input):
        ctx.set_materialize_grads(False)
        return input * 1, input * 2

    def backward(ctx, a, b):
        received.append((a, b))
        return a

    x = leaf(lib)
    return grads(lib, make(lib, forward, backward).apply(x)[0], x), received


@case
def outputs_both_used(lib):
    x = leaf(lib)
    made = make(lib, lambda ctx, input: (input * 1, input * 2), lambda ctx, a, b: a + 10 * b)
    y, z = made.apply(x)
    return y, z, grads(lib, y * 2 + z * 3 + y * z, x)


@case
def output_marked_as_constant(lib):
    received = []

    def forward(ctx, input):
        marked = input * 2
        ctx.mark_non_differentiable(marked)
        return input * 3, marked

    def backward(ctx, a, b):
        received.append((a, b))
        return a * 3

    x = leaf(lib)
    y, marked = make(lib, forward, backward).apply(x)
    return y, marked, marked.is_leaf, grads(lib, y, x), received


@case
def output_indices(lib):
    def forward(ctx, input):
        values, indices = input.sort(descending=True)
        ctx.mark_non_differentiable(indices)
        ctx.save_for_backward(indices)
        return values, indices

    def backward(ctx, grad, _):
        (indices,) = ctx.saved_tensors
        return lib.zeros(2).index_put((indices,), grad)

    x = leaf(lib)
    values, indices = make(lib, forward, backward).apply(x)
    return values, indices, grads(lib, values * lib.tensor([1.0, 10.0]), x)


@case
def output_input_marked_as_constant(lib):
    def forward(ctx, input):
        ctx.mark_non_differentiable(input)
        return input

    x = leaf(lib)
    return make(lib, forward, pass_on).apply(x), x


@case
def mark_something_else(lib):
    def forward(ctx, input):
        ctx.mark_non_differentiable(3)
        return input * 1

    return make(lib, forward, pass_on).apply(leaf(lib))


@case
def output_with_a_graph_of_its_own(lib):
    def forward(ctx, input):
        with lib.enable_grad():
            return input * 2

    x = leaf(lib)
    return grads(lib, make(lib, forward, lambda ctx, grad: grad * 7).apply(x), x)


@case
def hooks_on_outputs(lib):
    seen = []

    def backward(ctx, a, b):
        seen.append((a, b))
        return a + b

    x = leaf(lib)
    y, z = make(lib, lambda ctx, input: (input * 1, input * 2), backward).apply(x)
    y.register_hook(lambda grad: grad * 10)
    z.retain_grad()
    (y + z * 3).sum().backward()
    return x.grad, z.grad, seen


# -- Function: changes in place -----------------------------------------------------------


def triple_in_place(ctx: Any, input: Any, *others: Any) -> Any:
    ctx.mark_dirty(input)
    input.mul_(3)
    return input


@case
def dirty_input(lib):
    x = leaf(lib)
    z = x * 1
    y = make(lib, triple_in_place, lambda ctx, grad: grad * 3).apply(z)
    return y is z, z, z.grad_fn.name(), grads(lib, z, x)


@case
def dirty_leaf(lib):
    return make(lib, triple_in_place, lambda ctx, grad: grad * 3).apply(leaf(lib))


@case
def dirty_constant(lib):
    z = lib.ones(2)
    y = make(lib, triple_in_place, lambda ctx, grad: grad * 3).apply(z)
    return y is z, z, z._version > 0


@case
def dirty_constant_beside_a_variable(lib):
    x, z = leaf(lib), lib.ones(2)
    y = make(lib, triple_in_place, lambda ctx, grad: (grad * 3, grad * 5)).apply(z, x)
    return y is z, z, grads(lib, z, x)


@case
def dirty_view(lib):
    x = leaf(lib)
    z = x * 1
    view = z[0:1]
    make(lib, triple_in_place, lambda ctx, grad: grad * 3).apply(view)
    return z, view, grads(lib, z, x)


@case
def dirty_view_and_another_output(lib):
    def forward(ctx, input):
        ctx.mark_dirty(input)
        return input.mul_(3), input.clone()

    made = make(lib, forward, lambda ctx, a, b: a * 3 + b)
    return made.apply((leaf(lib) * 1)[0:1])


@case
def dirty_not_returned(lib):
    def forward(ctx, input):
        ctx.mark_dirty(input)
        input.mul_(3)
        return input * 1

    return make(lib, forward, pass_on).apply(leaf(lib) * 1)


@case
def dirty_that_is_no_input(lib):
    def forward(ctx, input):
        output = input * 1
        ctx.mark_dirty(output)
        return output

    return make(lib, forward, pass_on).apply(leaf(lib) * 1)


@case
def dirty_by_setup_context(lib):
    made = make(
        lib,
        lambda input: input.mul_(3),
        lambda ctx, grad: grad * 3,
        lambda ctx, inputs, output: ctx.mark_dirty(inputs[0]),
    )
    x = leaf(lib)
    z = x * 1
    return made.apply(z) is z, grads(lib, z, x)


@case
def dirty_and_saved(lib):
    def forward(ctx, input):
        ctx.mark_dirty(input)
        ctx.save_for_backward(input)
        return input.exp_()

    def backward(ctx, grad):
        (output,) = ctx.saved_tensors
        return grad * output

    x = leaf(lib)
    z = x * 1
    made = make(lib, forward, backward)
    made.apply(z)
    (first,) = grads(lib, z, x, create_graph=True)
    return z, first, grads(lib, first, x)


@case
def dirty_saved_by_someone_else(lib):
    x = leaf(lib)
    z = x * 1
    y = z * z
    make(lib, triple_in_place, lambda ctx, grad: grad * 3).apply(z)
    y.sum().backward()


@case
def change_of_an_input_that_was_not_marked(lib):
    x = leaf(lib)
    z = x * 1
    y = make(lib, lambda ctx, input: input.mul_(3), lambda ctx, grad: grad * 3).apply(z)
    return y is z, z, y, grads(lib, y, x)


@case
def change_of_a_saved_input(lib):
    z = leaf(lib) * 1
    y = square(lib).apply(z)
    z.mul_(2)
    y.sum().backward()


@case
def change_of_a_saved_output(lib):
    def forward(ctx, input):
        output = input.exp()
        ctx.save_for_backward(output)
        return output

    y = make(lib, forward, twice_saved).apply(leaf(lib))
    y.mul_(2)
    y.sum().backward()


@case
def change_of_a_saved_intermediate(lib):
    def forward(ctx, input):
        ctx.kept = input * 3
        ctx.save_for_backward(ctx.kept)
        return ctx.kept * 1

    def backward(ctx, grad):
        ctx.kept.mul_(2)
        return grad * ctx.saved_tensors[0]

    make(lib, forward, backward).apply(leaf(lib)).sum().backward()


@case
def change_after_saving_inside_forward(lib):
    def forward(ctx, input):
        kept = input * 3
        ctx.save_for_backward(kept)
        kept.mul_(2)
        return kept * 1

    x = leaf(lib)
    return grads(lib, make(lib, forward, twice_saved).apply(x), x)


@case
def change_of_a_detached_saved_input(lib):
    z = leaf(lib) * 1
    y = square(lib).apply(z)
    z.detach().mul_(2)
    y.sum().backward()


def view_of_function(lib: Any) -> tuple[Any, Any]:
    z = leaf(lib) * 1
    made = make(lib, lambda ctx, input: input.view(2, 1), lambda ctx, grad: grad.view(2) * 5)
    return z, made.apply(z)


@case
def change_of_a_view_from_a_function(lib):
    view_of_function(lib)[1].mul_(2)


@case
def change_of_a_view_of_a_view_from_a_function(lib):
    view_of_function(lib)[1][0:1].mul_(2)


@case
def change_of_an_input_returned(lib):
    make(lib, lambda ctx, input: input, pass_on).apply(leaf(lib) * 1).mul_(2)


@case
def change_of_the_base_of_a_view_from_a_function(lib):
    base, view = view_of_function(lib)
    base.mul_(2)
    return grads(lib, view, base)


@case
def change_of_one_of_several_views_from_a_function(lib):
    made = make(lib, lambda ctx, input: (input.view(2), input * 1), pass_on)
    made.apply(leaf(lib) * 1)[0].mul_(2)


@case
def change_of_a_view_without_gradient(lib):
    z = lib.ones(2)
    y = make(lib, lambda ctx, input: input.view(2, 1), pass_on).apply(z)
    y.mul_(2)
    return y, z


# -- Function: what is saved --------------------------------------------------------------


@case
def saved_nothing(lib):
    seen = []

    def backward(ctx, grad):
        seen.append(ctx.saved_tensors)
        return grad

    x = leaf(lib)
    y = make(lib, lambda ctx, input: input * 1, backward).apply(x).sum()
    y.backward()
    y.backward()
    return x.grad, seen


@case
def saved_none(lib):
    def forward(ctx, input):
        ctx.save_for_backward(None, input)
        return input * 1

    return make(lib, forward, pass_on).apply(leaf(lib)).grad_fn.saved_tensors


@case
def saved_number(lib):
    def forward(ctx, input):
        ctx.save_for_backward(3)
        return input * 1

    return make(lib, forward, pass_on).apply(leaf(lib))


@case
def saved_list(lib):
    def forward(ctx, input):
        ctx.save_for_backward([input])
        return input * 1

    return make(lib, forward, pass_on).apply(leaf(lib))


@case
def saved_twice(lib):
    def forward(ctx, input):
        ctx.save_for_backward(input, input)
        ctx.save_for_backward(input)
        return input * input

    x = leaf(lib)
    return grads(lib, make(lib, forward, twice_saved).apply(x), x)


@case
def saved_seen_in_forward(lib):
    seen = []

    def forward(ctx, input):
        ctx.save_for_backward(input)
        seen.append(ctx.saved_tensors)
        return input * 1

    make(lib, forward, pass_on).apply(leaf(lib))
    return seen


@case
def saved_seen_from_outside(lib):
    def forward(ctx, input):
        output = input.exp()
        ctx.number = 3
        ctx.save_for_backward(input, output)
        return output

    node = make(lib, forward, pass_on).apply(leaf(lib)).grad_fn
    return node.saved_tensors, node.number, node.needs_input_grad, attempt(lambda: node.missing)


@case
def saved_freed(lib):
    y = square(lib).apply(leaf(lib)).sum()
    y.backward()
    return attempt(y.backward)


@case
def saved_retained(lib):
    x = leaf(lib)
    y = square(lib).apply(x).sum()
    y.backward(retain_graph=True)
    y.backward()
    return x.grad, attempt(y.backward)


@case
def ctx_attributes(lib):
    def forward(ctx, input):
        ctx.shape, ctx.dtype, ctx.saved, ctx.edges, ctx.outputs = 1, 2, 3, 4, 5
        return input * 1

    def backward(ctx, grad):
        return grad * (ctx.shape + ctx.dtype + ctx.saved + ctx.edges + ctx.outputs)

    x = leaf(lib)
    return grads(lib, make(lib, forward, backward).apply(x), x)


# -- Function: higher derivatives ---------------------------------------------------------


def derivatives(lib: Any, made: Any, x: Any, order: int = 3) -> Any:
    found, y = [], made.apply(x)
    for _ in range(order):
        (y,) = grads(lib, y, x, create_graph=True)
        found.append(y)
    return found


@case
def derivatives_of_saved_input(lib):
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input * input * input * input

    def backward(ctx, grad):
        (input,) = ctx.saved_tensors
        return 4 * input * input * input * grad

    return derivatives(lib, make(lib, forward, backward), leaf(lib))


@case
def derivatives_of_saved_output(lib):
    def forward(ctx, input):
        output = input.exp()
        ctx.save_for_backward(output)
        return output

    def backward(ctx, grad):
        (output,) = ctx.saved_tensors
        return output * grad

    return derivatives(lib, make(lib, forward, backward), leaf(lib))


@case
def derivatives_of_several_saved_outputs(lib):
    def forward(ctx, input):
        exponential, square = input.exp(), input * input
        ctx.save_for_backward(exponential, square, input)
        return exponential, square

    def backward(ctx, a, b):
        exponential, _, input = ctx.saved_tensors
        return a * exponential + b * 2 * input

    x = leaf(lib)
    y, z = make(lib, forward, backward).apply(x)
    (first,) = grads(lib, y * z * z, x, create_graph=True)
    (second,) = grads(lib, first, x, create_graph=True)
    return first, second, grads(lib, second, x)


@case
def derivatives_of_an_input_kept_as_attribute(lib):
    def forward(ctx, input):
        ctx.input = input
        return input * input

    def backward(ctx, grad):
        return 2 * ctx.input * grad

    x = leaf(lib)
    (first,) = grads(lib, make(lib, forward, backward).apply(x), x, create_graph=True)
    return first, grads(lib, first, x)


@case
def derivatives_of_nested_functions(lib):
    inner = square(lib)

    def backward(ctx, grad):
        (input,) = ctx.saved_tensors
        return 4 * inner.apply(input) * input * grad

    def forward(ctx, input):
        ctx.save_for_backward(input)
        return inner.apply(inner.apply(input))

    return derivatives(lib, make(lib, forward, backward), leaf(lib))


@case
def backward_inside_backward(lib):
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input * input * input

    def backward(ctx, grad):
        (input,) = ctx.saved_tensors
        with lib.enable_grad():
            again = input.detach().requires_grad_()
            (again * again * again).backward(grad)
        return again.grad

    x = leaf(lib)
    return grads(lib, make(lib, forward, backward).apply(x) * 2, x)


@case
def weight_gets_its_gradient_inside_backward(lib):
    """A checkpoint: what lies inside is computed again, and its weight's gradient added."""
    w = leaf(lib, 3.0, 4.0)

    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input * w

    def backward(ctx, grad):
        again = ctx.saved_tensors[0].detach().requires_grad_()
        with lib.enable_grad():
            output = again * w
        lib.autograd.backward(output, grad)
        return again.grad

    x = leaf(lib)
    (make(lib, forward, backward).apply(x * 2) + w).sum().backward()
    return x.grad, w.grad


@case
def once_differentiable_first_derivative(lib):
    class Square(lib.autograd.Function):
        @staticmethod
        def forward(ctx, input):
            ctx.save_for_backward(input)
            return input * input

        @staticmethod
        @lib.autograd.function.once_differentiable
        def backward(ctx, grad):
            assert not lib.is_grad_enabled()
            return 2 * ctx.saved_tensors[0] * grad

    x = leaf(lib)
    given = lib.ones(2, requires_grad=True)
    (first,) = lib.autograd.grad(Square.apply(x), x, given, create_graph=True)
    return grads(lib, Square.apply(x), x), first, attempt(first.sum().backward)


@case
def module_with_a_function(lib):
    made = square(lib)

    class Net(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = lib.nn.Parameter(lib.tensor([3.0, 4.0]))

        def forward(self, input):
            return made.apply(input * self.weight) + input

    net, x = Net(), leaf(lib)
    net(x).sum().backward()
    return x.grad, net.weight.grad


# -- gradcheck ----------------------------------------------------------------------------


def leaf64(lib: Any, *shape: int) -> Any:
    count = 1
    for size in shape:
        count *= size
    values = lib.tensor([0.3 + 0.7 * i for i in range(count)], dtype=lib.float64)
    return values.reshape(shape).requires_grad_()


GRADCHECKS = {
    "product": lambda lib, check: check(lambda a, b: a * b, (leaf64(lib, 2, 3), leaf64(lib, 3))),
    "single": lambda lib, check: check(lambda a: a.exp(), leaf64(lib, 2)),
    "list": lambda lib, check: check(lambda a, b: a * b, [leaf64(lib, 2), leaf64(lib, 2)]),
    "several": lambda lib, check: check(lambda a: (a * 1, [a * a][0]), leaf64(lib, 2)),
    "integer_output": lambda lib, check: check(lambda a: (a * a, a.long()), leaf64(lib, 2)),
    "constant_output": lambda lib, check: check(lambda a: lib.ones(2).double(), leaf64(lib, 2)),
    "returned": lambda lib, check: check(lambda a: a, leaf64(lib, 2)),
    "unused": lambda lib, check: check(lambda a, b: a * a, (leaf64(lib, 2), leaf64(lib, 2))),
    "not_contiguous": lambda lib, check: check(lambda a: a.exp(), leaf64(lib, 2, 3).t()),
    "number": lambda lib, check: check(lambda a, k: a * a * k, (leaf64(lib, 2), 3)),
    "empty": lambda lib, check: check(lambda a: a * a, leaf64(lib, 0)),
    "no_gradient": lambda lib, check: check(lambda a: a * a, lib.ones(2).double()),
    "no_tensor": lambda lib, check: check(lambda a: a, (3,)),
    "expanded": lambda lib, check: check(lambda a: a * a, leaf64(lib, 3).expand(2, 3)),
}


@pytest.mark.parametrize("name", GRADCHECKS)
def test_gradcheck(name: str) -> None:
    def script(lib):
        return GRADCHECKS[name](lib, lib.autograd.gradcheck)

    assert_same(outcome(minitorch, script), outcome(torch, script))


# PyTorch wants gradients for outputs that have none, and a Tensor among the inputs.
@pytest.mark.parametrize(
    "name", sorted(GRADCHECKS.keys() - {"integer_output", "constant_output", "no_tensor"})
)
def test_gradgradcheck(name: str) -> None:
    def script(lib):
        return GRADCHECKS[name](lib, lib.autograd.gradgradcheck)

    assert_same(outcome(minitorch, script), outcome(torch, script))


@case
def gradcheck_detached(lib):
    return lib.autograd.gradcheck(lambda a: a.detach() * 2, leaf64(lib, 2))


@case
def gradcheck_wrong(lib):
    made = make(lib, save_input, lambda ctx, grad: 3 * ctx.saved_tensors[0] * grad)
    x = leaf64(lib, 2)
    quiet = lib.autograd.gradcheck(made.apply, x, raise_exception=False)
    return quiet, attempt(lambda: lib.autograd.gradcheck(made.apply, x))


@case
def gradcheck_single_precision(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    return lib.autograd.gradcheck(lambda a: a * a, x, eps=1e-2, atol=1e-2)


@case
def gradcheck_not_reentrant(lib):
    def backward(ctx, grad):
        ctx.calls = getattr(ctx, "calls", 0) + 1
        return grad * (1 + 1e-9 * ctx.calls)

    made = make(lib, lambda ctx, input: input * 1, backward)
    x = leaf64(lib, 2)
    return lib.autograd.gradcheck(made.apply, x, nondet_tol=1e-6), attempt(
        lambda: lib.autograd.gradcheck(made.apply, x)
    )


@case
def gradgradcheck_wrong(lib):
    def forward(ctx, input):
        ctx.constant = input.detach()
        return input * input

    made = make(lib, forward, lambda ctx, grad: 2 * ctx.constant * grad)
    x = leaf64(lib, 2)
    return lib.autograd.gradcheck(made.apply, x), attempt(
        lambda: lib.autograd.gradgradcheck(made.apply, x)
    )


# -- backward -----------------------------------------------------------------------------


@case
def accumulation(lib):
    x = leaf(lib)
    (x * x).sum().backward()
    held = x.grad
    (x * 3).sum().backward()
    return x.grad, held is x.grad


@case
def accumulation_with_create_graph(lib):
    x = leaf(lib)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (x * x).sum().backward(create_graph=True)
        held = x.grad
        (x * 3).sum().backward(create_graph=True)
    return held, x.grad, held is x.grad


@case
def diamond(lib):
    x = leaf(lib)
    y = x * 2
    left, right = y.exp(), y * y
    (left * right + y).sum().backward()
    return x.grad


@case
def broadcasting(lib):
    x, y = leaf(lib), lib.tensor([[1.0], [2.0], [3.0]], requires_grad=True)
    (x * y + y).sum().backward()
    return x.grad, y.grad


@case
def used_twice_by_one_operation(lib):
    x = leaf(lib)
    (x * x).sum().backward()
    return x.grad


@case
def retain_graph(lib):
    x = leaf(lib)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    return x.grad, attempt(y.backward)


@case
def second_backward_where_nothing_was_saved(lib):
    x = leaf(lib)
    y, given = x + x, lib.ones(2)
    y.backward(given)
    y.backward(given)
    return x.grad


@case
def grad_frees_too(lib):
    x = leaf(lib)
    y = (x * x).sum()
    lib.autograd.grad(y, x)
    return attempt(y.backward)


@case
def create_graph_retains(lib):
    x = leaf(lib)
    y = (x * x).sum()
    lib.autograd.grad(y, x, create_graph=True)
    y.backward()
    return x.grad


@case
def create_graph_without_retaining(lib):
    x = leaf(lib)
    y = (x * x).sum()
    lib.autograd.grad(y, x, create_graph=True, retain_graph=False)
    return attempt(y.backward)


BACKWARDS = {
    "not_scalar": lambda lib, x: (x * 2).backward(),
    "one_element": lambda lib, x: (x * 2)[:1].backward(),
    "given": lambda lib, x: (x * 2).backward(lib.tensor([3.0, 4.0])),
    "given_by_name": lambda lib, x: (x * 2).backward(gradient=lib.tensor([3.0, 4.0])),
    "given_wrong_shape": lambda lib, x: (x * 2).backward(lib.ones(3)),
    "given_broadcast": lambda lib, x: (x * 2).backward(lib.ones(1)),
    "given_float64": lambda lib, x: (x * 2).backward(lib.ones(2).double()),
    "given_integers": lambda lib, x: (x * 2).backward(lib.ones(2).long()),
    "given_number": lambda lib, x: (x * 2).sum().backward(1.0),
    "given_list": lambda lib, x: (x * 2).backward([1.0, 2.0]),
    "no_gradient": lambda lib, x: lib.ones(2).sum().backward(),
    "integers": lambda lib, x: lib.ones(2).long().sum().backward(),
    "detached": lambda lib, x: (x * 2).detach().sum().backward(),
    "leaf": lambda lib, x: x.backward(lib.tensor([3.0, 4.0])),
    "several": lambda lib, x: lib.autograd.backward([(x * x).sum(), x.sum()]),
    "several_given": lambda lib, x: lib.autograd.backward(
        [(x * x).sum(), x.sum()], [lib.tensor(2.0), None]
    ),
    "several_same": lambda lib, x: lib.autograd.backward([(x * x).sum()] * 2),
    "nothing": lambda lib, x: lib.autograd.backward([], []),
    "grad_variables": lambda lib, x: lib.autograd.backward([x * 2], grad_variables=[lib.ones(2)]),
    "inputs": lambda lib, x: (x * x).sum().backward(inputs=[x]),
    "inputs_single": lambda lib, x: (x * x).sum().backward(inputs=x),
    "inputs_twice": lambda lib, x: (x * x).sum().backward(inputs=[x, x]),
    "inputs_elsewhere": lambda lib, x: (x * x).sum().backward(inputs=[leaf(lib)]),
    "inputs_empty": lambda lib, x: (x * x).sum().backward(inputs=[]),
    "inputs_without_gradient": lambda lib, x: (x * x).sum().backward(inputs=[lib.ones(2)]),
}


@pytest.mark.parametrize("name", BACKWARDS)
def test_backward(name: str) -> None:
    def script(lib):
        x = leaf(lib)
        BACKWARDS[name](lib, x)
        return x.grad

    assert_same(outcome(minitorch, script), outcome(torch, script))


@case
def inputs_computed(lib):
    x = leaf(lib)
    z = x * 2
    y = (z * z).sum()
    y.backward(inputs=[z, x, z], retain_graph=True)
    first = z.grad.clone(), x.grad.clone()
    y.backward(inputs=[z])
    return first, z.grad, x.grad


@case
def inputs_leave_others_alone(lib):
    x, w = leaf(lib), leaf(lib)
    (x * w).sum().backward(inputs=[w])
    return x.grad, w.grad


@case
def given_gradient_is_not_taken(lib):
    x = leaf(lib)
    given = lib.tensor([3.0, 4.0])
    x.backward(given)
    (x * 2).backward(given)
    return x.grad is given, x.grad, given


GRADS = {
    "leaf": lambda lib, x, z: lib.autograd.grad(z.sum(), x),
    "list": lambda lib, x, z: lib.autograd.grad([z.sum()], [x]),
    "computed": lambda lib, x, z: lib.autograd.grad((z * z).sum(), z),
    "both": lambda lib, x, z: lib.autograd.grad((z * z).sum(), [z, x]),
    "both_other_order": lambda lib, x, z: lib.autograd.grad((z * z).sum(), [x, z]),
    "same_twice": lambda lib, x, z: lib.autograd.grad((z * z).sum(), [x, x]),
    "of_itself": lambda lib, x, z: lib.autograd.grad(z, z, lib.tensor([3.0, 4.0])),
    "of_a_leaf": lambda lib, x, z: lib.autograd.grad(x, x, lib.tensor([3.0, 4.0])),
    "several": lambda lib, x, z: lib.autograd.grad([z.sum(), (x * x).sum()], x),
    "several_given": lambda lib, x, z: lib.autograd.grad(
        [z, x.sum()], x, [lib.tensor([3.0, 4.0]), None]
    ),
    "same_output_twice": lambda lib, x, z: lib.autograd.grad([z.sum()] * 2, x),
    "not_scalar": lambda lib, x, z: lib.autograd.grad(z, x),
    "unused": lambda lib, x, z: lib.autograd.grad(z.sum(), [x, leaf(lib)]),
    "unused_allowed": lambda lib, x, z: lib.autograd.grad(
        z.sum(), [x, leaf(lib)], allow_unused=True
    ),
    "unused_zeros": lambda lib, x, z: lib.autograd.grad(
        z.sum(), [x, leaf(lib)], materialize_grads=True
    ),
    "unused_zeros_refused": lambda lib, x, z: lib.autograd.grad(
        z.sum(), [x, leaf(lib)], materialize_grads=True, allow_unused=False
    ),
    "unused_computed": lambda lib, x, z: lib.autograd.grad(x.sum(), [x, z], allow_unused=True),
    "without_gradient": lambda lib, x, z: lib.autograd.grad(z.sum(), lib.ones(2)),
    "output_without_gradient": lambda lib, x, z: lib.autograd.grad(lib.ones(2).sum(), x),
    "create_graph": lambda lib, x, z: lib.autograd.grad((z * z).sum(), x, create_graph=True),
    "create_graph_linear": lambda lib, x, z: lib.autograd.grad(z.sum(), x, create_graph=True),
    "given_with_graph": lambda lib, x, z: lib.autograd.grad(
        (z * z).sum(), x, lib.tensor(2.0, requires_grad=True), create_graph=True
    ),
    "given_wrong_shape": lambda lib, x, z: lib.autograd.grad(z, x, lib.ones(3)),
    "only_inputs": lambda lib, x, z: lib.autograd.grad(z, x, lib.ones(2), only_inputs=True),
    "not_only_inputs": lambda lib, x, z: lib.autograd.grad(z.sum(), x, only_inputs=False),
    "by_position": lambda lib, x, z: lib.autograd.grad(
        z.sum(), lib.ones(1), None, None, False, True, True
    ),
}


@pytest.mark.parametrize("name", GRADS)
def test_grad(name: str) -> None:
    def script(lib):
        x = leaf(lib)
        return GRADS[name](lib, x, x * 3), x.grad

    assert_same(outcome(minitorch, script), outcome(torch, script))


@case
def higher_derivatives(lib):
    x = leaf(lib)
    y = (x * x * x * x.exp()).sum()
    found = []
    for _ in range(4):
        (gradient,) = lib.autograd.grad(y, x, create_graph=True)
        found.append(gradient)
        y = gradient.sum()
    return found


@case
def powers_are_differentiated_until_nothing_is_left(lib):
    found = []
    for power in (lambda x: x**4, lambda x: x.pow(2.0), lambda x: x.square()):
        x = leaf(lib)
        y = power(x)
        while y.requires_grad:
            (y,) = lib.autograd.grad(y.sum(), x, create_graph=True)
            found.append((y, y.requires_grad))
    return found


@case
def gradient_penalty(lib):
    x, w = leaf(lib), leaf(lib, 3.0, 4.0)
    output = (x * w * w).sum()
    (gradient,) = lib.autograd.grad(output, x, create_graph=True)
    (output + (gradient * gradient).sum()).backward()
    return x.grad, w.grad


@case
def hessian_vector_product(lib):
    x, v = leaf(lib), lib.tensor([1.0, -1.0])
    (gradient,) = lib.autograd.grad((x * x * x).sum() * x.sum(), x, create_graph=True)
    return lib.autograd.grad(gradient, x, v)


# -- hooks --------------------------------------------------------------------------------


@case
def hook_order_and_replacement(lib):
    seen = []
    x = leaf(lib)
    z = x * 2
    z.register_hook(lambda grad: (seen.append(("first", grad.clone())), grad * 10)[1])
    z.register_hook(lambda grad: seen.append(("second", grad.clone())))
    z.register_hook(lambda grad: grad + 1)
    z.sum().backward()
    return seen, x.grad


@case
def hook_removed(lib):
    x = leaf(lib)
    handle = x.register_hook(lambda grad: grad * 10)
    handle.remove()
    handle.remove()
    x.sum().backward()
    return x.grad


@case
def leaf_hook_sees_the_total(lib):
    seen = []
    x = leaf(lib)
    x.register_hook(lambda grad: (seen.append(grad.clone()), grad * 10)[1])
    ((x * 2).sum() + (x * 3).sum()).backward()
    return seen, x.grad


@case
def leaf_hook_and_accumulation(lib):
    seen = []
    x = leaf(lib)
    x.register_hook(lambda grad: seen.append(grad.clone()))
    x.sum().backward()
    (x * 3).sum().backward()
    return seen, x.grad


@case
def retain_grad_after_hooks(lib):
    x = leaf(lib)
    z = x * 2
    z.retain_grad()
    z.register_hook(lambda grad: grad * 10)
    z.sum().backward()
    return z.grad, z.retains_grad, x.retains_grad, x.grad


@case
def retain_grad_accumulates(lib):
    x = leaf(lib)
    z = x * 2
    z.retain_grad()
    z.retain_grad()
    (z * z).sum().backward(retain_graph=True)
    (z * 3).sum().backward()
    return z.grad


@case
def retain_grad_with_grad_and_inputs(lib):
    x = leaf(lib)
    found = []
    for run in (
        lambda y, z: lib.autograd.grad(y, x),
        lambda y, z: y.backward(inputs=[x]),
        lambda y, z: y.backward(inputs=[z]),
        lambda y, z: lib.autograd.grad(y, z),
    ):
        z = x * 2
        z.retain_grad()
        run(z.sum(), z)
        found.append(z.grad)
    return found


@case
def retain_grad_and_change_in_place(lib):
    x = leaf(lib)
    z = x * 2
    z.retain_grad()
    z.mul_(3)
    (z * 1).sum().backward()
    return z.grad, x.grad


@case
def hook_and_change_in_place(lib):
    x = leaf(lib)
    z = x * 2
    z.register_hook(lambda grad: grad * 10)
    z.mul_(3)
    z.register_hook(lambda grad: grad + 1)
    z.sum().backward()
    return x.grad


@case
def hook_on_captured_tensors(lib):
    x = leaf(lib)
    x.register_hook(lambda grad: grad * 10)
    z = x * 2
    z.register_hook(lambda grad: grad * 100)
    # Not both at once: PyTorch then leaves out the hook of z, for z alone.
    return lib.autograd.grad(z.sum(), z), lib.autograd.grad(z.sum(), x)


@case
def post_accumulate_hook(lib):
    seen = []
    x = leaf(lib)
    x.register_post_accumulate_grad_hook(lambda leaf: seen.append(leaf.grad.clone()))
    for _ in range(2):
        ((x * 2).sum() + (x * 3).sum()).backward()
    lib.autograd.grad(x.sum(), x)
    return seen, x.grad


@case
def post_accumulate_hook_clears(lib):
    x = leaf(lib)
    x.register_post_accumulate_grad_hook(lambda leaf: setattr(leaf, "grad", None))
    x.sum().backward()
    return x.grad


@case
def hooks_in_grad(lib):
    seen = []
    x = leaf(lib)
    x.register_hook(lambda grad: seen.append("hook"))
    x.register_post_accumulate_grad_hook(lambda leaf: seen.append("post"))
    lib.autograd.grad(x.sum(), x)
    x.sum().backward()
    return seen


@case
def hook_recorded_with_create_graph(lib):
    x = leaf(lib)
    z = x * x
    z.register_hook(lambda grad: grad * x)
    (first,) = lib.autograd.grad(z.sum(), x, create_graph=True)
    return first, lib.autograd.grad(first.sum(), x)


HOOKS = {
    "number": lambda grad: 3,
    "other_shape": lambda grad: grad.sum(),
    "other_dtype": lambda grad: grad.double(),
    "in_place": lambda grad: grad.mul_(2),
    "none": lambda grad: None,
    "detached": lambda grad: grad.detach() * 3,
}


@pytest.mark.parametrize("name", HOOKS)
@pytest.mark.parametrize("on_leaf", [True, False])
@pytest.mark.parametrize("scalar", [True, False])
def test_what_a_hook_returns(name: str, on_leaf: bool, scalar: bool) -> None:
    def script(lib):
        x = leaf(lib)
        z = x * 2
        hooked = x if on_leaf else z.sum() if scalar else z
        hooked.register_hook(HOOKS[name])
        ((hooked if hooked is not x else z) * lib.ones(())).sum().backward()
        return x.grad

    assert_same(outcome(minitorch, script), outcome(torch, script))


REGISTRATIONS = {
    "hook": lambda lib, x: lib.ones(2).register_hook(print),
    "post": lambda lib, x: lib.ones(2).register_post_accumulate_grad_hook(print),
    "post_computed": lambda lib, x: (x * 2).register_post_accumulate_grad_hook(print),
    "retain": lambda lib, x: lib.ones(2).retain_grad(),
    "retain_leaf": lambda lib, x: x.retain_grad(),
}


@pytest.mark.parametrize("name", REGISTRATIONS)
def test_registration(name: str) -> None:
    def script(lib):
        return REGISTRATIONS[name](lib, leaf(lib)) is None

    assert_same(outcome(minitorch, script), outcome(torch, script))


# -- attributes of tensors ----------------------------------------------------------------

ATTRIBUTES = {
    "leaf": lambda lib, x: (x.is_leaf, x.requires_grad, x.grad_fn, x.grad),
    "computed": lambda lib, x: ((x * 2).is_leaf, (x * 2).requires_grad),
    "detached": lambda lib, x: ((x * 2).detach().is_leaf, (x * 2).detach()),
    "detached_in_place": lambda lib, x: (x * 2).detach_(),
    "detached_view_in_place": lambda lib, x: (x * 2)[0:1].detach_(),
    "detached_leaf_in_place": lambda lib, x: x.detach_(),
    "switch_leaf": lambda lib, x: x.requires_grad_(False).requires_grad_(),
    "switch_computed": lambda lib, x: (x * 2).requires_grad_(False),
    "switch_integers": lambda lib, x: lib.ones(2).long().requires_grad_(),
    "switch_integers_off": lambda lib, x: lib.ones(2).long().requires_grad_(False),
    "make_integers": lambda lib, x: lib.tensor([1, 2], requires_grad=True),
    "assign_grad_number": lambda lib, x: setattr(x, "grad", 3),
    "assign_grad_shape": lambda lib, x: setattr(x, "grad", lib.ones(3)),
    "assign_grad_dtype": lambda lib, x: setattr(x, "grad", lib.ones(2).double()),
    "assign_grad_itself": lambda lib, x: setattr(x, "grad", x),
    "assign_grad": lambda lib, x: (setattr(x, "grad", lib.ones(2)), x.grad),
    "grad_of_computed": lambda lib, x: (x * 2).grad,
    "name": lambda lib, x: (x * 2).grad_fn.name(),
    "next": lambda lib, x: (
        (x * 2 + 1).grad_fn.next_functions[0][0].name(),
        (x * x).grad_fn.next_functions[1][0].variable is x,
        (x * 2).grad_fn.next_functions[1],
        (x * 2).grad_fn.next_functions[0][0].next_functions,
    ),
    "output_number": lambda lib, x: x.unbind()[1].grad_fn.name(),
    "next_of_several": lambda lib, x: (x.unbind()[1] * 2).grad_fn.next_functions[0][1],
}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attributes(name: str) -> None:
    def script(lib):
        return ATTRIBUTES[name](lib, leaf(lib))

    assert_same(outcome(minitorch, script), outcome(torch, script))


@case
def versions(lib):
    a = lib.ones(2)
    view, detached, data = a[0:1], a.detach(), a.data
    found = [a._version]
    for change in (a, view, detached, data):
        change.add_(1)
        found.append((a._version, view._version, detached._version))
    return found, a


@case
def frozen_after_forward(lib):
    x, w = leaf(lib), leaf(lib)
    y = (x * w).sum()
    x.requires_grad_(False)
    y.backward()
    return w.grad


@case
def change_of_saved_tensors(lib):
    def change(use, changed):
        x = leaf(lib)
        z = x * 1
        y = use(z)
        with lib.no_grad():
            changed(z, y).add_(1)
        return attempt(lambda: grads(lib, y, x))

    return [
        change(lambda z: z * z, lambda z, y: z),
        change(lambda z: z.exp(), lambda z, y: z),
        change(lambda z: z.exp(), lambda z, y: y),
        change(lambda z: z + z, lambda z, y: z),
        change(lambda z: z * z, lambda z, y: z.detach()),
        change(lambda z: z * z, lambda z, y: z[0:1]),
        change(lambda z: z * z, lambda z, y: z.data),
    ]


# -- modes --------------------------------------------------------------------------------


def states(lib: Any) -> tuple[bool, bool]:
    """Whether calls are recorded, and whether it is inference mode, where they never are.

    `enable_grad` inside inference mode only changes what PyTorch's `is_grad_enabled` says.
    """
    inference = lib.is_inference_mode_enabled()
    return lib.is_grad_enabled() and not inference, inference


def contexts(lib: Any) -> dict[str, Callable[[], Any]]:
    return {
        "no_grad": lib.no_grad,
        "enable_grad": lib.enable_grad,
        "set_true": lambda: lib.set_grad_enabled(True),
        "set_false": lambda: lib.set_grad_enabled(False),
        "inference": lib.inference_mode,
        "inference_false": lambda: lib.inference_mode(False),
    }


CONTEXTS = ["no_grad", "enable_grad", "set_true", "set_false", "inference", "inference_false"]


@pytest.mark.parametrize("outer", CONTEXTS)
@pytest.mark.parametrize("inner", CONTEXTS)
def test_nested_modes(outer: str, inner: str) -> None:
    def script(lib):
        x = leaf(lib)
        found = [states(lib)]
        with contexts(lib)[outer]():
            found.append((states(lib), (x * 2).requires_grad))
            with contexts(lib)[inner]():
                found.append((states(lib), (x * 2).requires_grad))
            found.append((states(lib), (x * 2).requires_grad))
        found.append(states(lib))
        return found

    assert_same(outcome(minitorch, script), outcome(torch, script))


@pytest.mark.parametrize("name", CONTEXTS)
def test_mode_as_decorator(name: str) -> None:
    def script(lib):
        @contexts(lib)[name]()
        def function(depth):
            inside = states(lib)
            return [inside, function(depth - 1), states(lib)] if depth else inside

        before = states(lib)
        return before, function(2), function.__name__, states(lib)

    assert_same(outcome(minitorch, script), outcome(torch, script))


@pytest.mark.parametrize("name", ["no_grad", "enable_grad", "inference_mode"])
def test_mode_as_bare_decorator(name: str) -> None:
    def script(lib):
        @getattr(lib, name)
        def function():
            return states(lib)

        with lib.no_grad():
            inside = function()
        return function(), inside, function.__name__, states(lib)

    assert_same(outcome(minitorch, script), outcome(torch, script))


@pytest.mark.parametrize("name", CONTEXTS)
def test_mode_of_a_generator(name: str) -> None:
    def script(lib):
        found = []

        @contexts(lib)[name]()
        def numbers() -> Iterator[int]:
            try:
                while True:
                    found.append((states(lib), (yield states(lib))))
            except ValueError:
                found.append(("thrown", states(lib)))
                yield -1
            finally:
                found.append(("closed", states(lib)))

        generator = numbers()
        results = [next(generator), states(lib), generator.send("sent"), states(lib)]
        results += [generator.throw(ValueError()), states(lib)]
        generator.close()
        return results, found, states(lib)

    assert_same(outcome(minitorch, script), outcome(torch, script))


@pytest.mark.parametrize("name", CONTEXTS)
def test_mode_after_an_exception(name: str) -> None:
    def script(lib):
        context = contexts(lib)[name]
        try:
            with context():
                raise KeyError
        except KeyError:
            pass
        found = [states(lib)]

        @context()
        def fails():
            raise KeyError

        return found, attempt(fails), states(lib)

    assert_same(outcome(minitorch, script), outcome(torch, script))


@case
def set_grad_enabled_as_function(lib):
    x = leaf(lib)
    found = []
    lib.set_grad_enabled(False)
    found.append((x * 2).requires_grad)
    lib.set_grad_enabled(True)
    found.append((x * 2).requires_grad)
    return found


@case
def leaf_under_no_grad(lib):
    with lib.no_grad():
        x = leaf(lib)
        x.mul_(3)
        y = x * 2
    return x, y, x.is_leaf, grads(lib, x * 2, x)


@case
def modes_belong_to_threads(lib):
    found = []
    inside, leave = threading.Event(), threading.Event()

    def work():
        with lib.no_grad():
            inside.set()
            leave.wait()
            found.append(states(lib))

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait()
    found.append(states(lib))
    leave.set()
    thread.join()
    return found


@pytest.mark.parametrize("name", SCRIPTS)
def test_script(name: str) -> None:
    assert_same(outcome(minitorch, SCRIPTS[name]), outcome(torch, SCRIPTS[name]))
