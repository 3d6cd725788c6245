"""`autograd.Function`: calls, what is saved, outputs, changes in place, what backward returns."""

import gc
import threading
import warnings
import weakref

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.autograd.engine import backward, grad
from minitorch.autograd.function import Function, FunctionCtx, once_differentiable
from minitorch.autograd.gradcheck import gradcheck, gradgradcheck


def leaf(*values: float) -> minitorch.Tensor:
    return minitorch.tensor(values or (1.0, 2.0), dtype=minitorch.float64, requires_grad=True)


def ones(*shape: int) -> minitorch.Tensor:
    return minitorch.ones(shape, dtype=minitorch.float64)


def assert_values(tensor, expected) -> None:
    assert isinstance(tensor, minitorch.Tensor)
    np.testing.assert_allclose(tensor.array, expected, rtol=1e-12)


def make(forward, backward=lambda ctx, *grads: grads[0]):
    """A Function named Made."""
    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type("Made", (Function,), methods)


class Cube(Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input * input * input

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * 3 * input * input


class Exp(Function):
    """Saves its output."""

    @staticmethod
    def forward(ctx, input):
        output = input.exp()
        ctx.save_for_backward(output)
        return output

    @staticmethod
    def backward(ctx, grad_output):
        (output,) = ctx.saved_tensors
        return grad_output * output


class Scale(Function):
    """With `setup_context`, a default, and an argument that is no Tensor."""

    @staticmethod
    def forward(input, factor=2.0):
        return input * factor

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, ctx.factor = inputs

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * ctx.factor, None


class ExpAndSquare(Function):
    """Two outputs, both saved."""

    @staticmethod
    def forward(ctx, input):
        exponential, square = input.exp(), input * input
        ctx.save_for_backward(input, exponential, square)
        return exponential, square

    @staticmethod
    def backward(ctx, by_exponential, by_square):
        input, exponential, _ = ctx.saved_tensors
        return by_exponential * exponential + by_square * 2 * input


class TripleInPlace(Function):
    @staticmethod
    def forward(ctx, input, *others):
        ctx.mark_dirty(input)
        input.mul_(3)
        return input

    @staticmethod
    def backward(ctx, grad_output):
        return (grad_output * 3, *(grad_output * 5 for _ in ctx.needs_input_grad[1:]))


# -- calls --------------------------------------------------------------------------------


def test_value_gradient_and_name():
    x = leaf()
    y = Cube.apply(x)
    assert_values(y.detach(), [1, 8])
    assert y.requires_grad
    assert not y.is_leaf
    assert y.grad_fn.name() == "CubeBackward"
    assert repr(y.grad_fn) == "<CubeBackward>"
    assert "grad_fn=<CubeBackward>" in repr(y)
    assert y.grad_fn.next_functions[0][0].variable is x
    y.sum().backward()
    assert_values(x.grad, [3, 12])


def test_derivatives_against_central_differences():
    x = leaf(0.3, -0.7, 1.5)
    for function in (
        Cube.apply,
        Exp.apply,
        ExpAndSquare.apply,
        lambda x: Scale.apply(x, 3.0),
        lambda x: Cube.apply(Exp.apply(x) + x) * x,
        lambda x: ExpAndSquare.apply(x)[1],
    ):
        assert gradcheck(function, x, rtol=1e-6)
        assert gradgradcheck(function, x, rtol=1e-6)


def test_nothing_requires_a_gradient():
    y = Cube.apply(ones(2) * 2)
    assert_values(y, [8, 8])
    assert y.is_leaf


def test_under_no_grad():
    with minitorch.no_grad():
        y = Cube.apply(leaf())
    assert not y.requires_grad


def test_needs_input_grad():
    seen = []

    def forward(ctx, *args):
        seen.append(ctx.needs_input_grad)
        return args[0] * 1

    def backward(ctx, grad):
        seen.append(ctx.needs_input_grad)
        return grad, None, None

    made = make(forward, backward)
    made.apply(leaf(), 3, ones(2)).sum().backward()
    assert seen == [(True, False, False)] * 2


def test_modes_inside():
    x = leaf()
    seen = []

    def forward(ctx, input):
        assert input is x
        assert isinstance(ctx, FunctionCtx)
        seen.append((minitorch.is_grad_enabled(), (input * 2).requires_grad))
        return input * 1

    def backward(ctx, grad):
        seen.append((minitorch.is_grad_enabled(), grad.requires_grad))
        return grad

    y = make(forward, backward).apply(x)
    grad(y.sum(), x, retain_graph=True)
    grad(y.sum(), x, create_graph=True)
    assert seen == [(False, False), (False, False), (True, False)]
    assert minitorch.is_grad_enabled()


def test_modes_where_a_gradient_is_handed_over_by_hand():
    seen = []

    def backward(ctx, grad):
        seen.append(minitorch.is_grad_enabled())
        return grad * 3

    x = leaf()
    make(lambda ctx, input: input * 1, backward).apply(x).accumulate_grad(np.array([1.0, 2.0]))
    assert seen == [False]
    assert_values(x.grad, [3, 6])


def test_modes_after_errors():
    def fail(ctx, input):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make(fail).apply(leaf())
    assert minitorch.is_grad_enabled()
    x = leaf()
    with pytest.raises(ZeroDivisionError):
        make(lambda ctx, input: input * 1, fail).apply(x).sum().backward()
    assert minitorch.is_grad_enabled()
    assert x.grad is None


def test_setup_context_and_defaults():
    x = leaf()
    assert_values(grad(Scale.apply(x).sum(), x)[0], [2, 2])
    assert_values(grad(Scale.apply(x, 5.0).sum(), x)[0], [5, 5])


def test_setup_context_does_not_record():
    seen = []

    class Watched(Scale):
        @staticmethod
        def setup_context(ctx, inputs, output):
            seen.append((inputs[1], output.requires_grad, minitorch.is_grad_enabled()))
            ctx.factor = inputs[1]

    assert Watched.apply(leaf()).requires_grad
    assert seen == [(2.0, False, False)]


def test_keywords_become_positions():
    class Two(Function):
        @staticmethod
        def forward(ctx, input, factor):
            ctx.factor = factor
            return input * factor

        @staticmethod
        def backward(ctx, grad):
            return grad * ctx.factor, None

    x = leaf()
    assert_values(grad(Two.apply(factor=4, input=x).sum(), x)[0], [4, 4])
    assert_values(grad(Scale.apply(x, factor=4).sum(), x)[0], [4, 4])
    with pytest.raises(TypeError, match="wrong"):
        Two.apply(x, 2, wrong=3)


def test_keyword_only_arguments_are_refused():
    with pytest.raises(TypeError, match="factor"):
        make(lambda ctx, input, *, factor=2: input * factor).apply(leaf(), factor=4)


def test_missing_argument():
    with pytest.raises(TypeError, match="input"):
        Cube.apply()


def test_methods_of_other_kinds():
    class Loose(Function):
        def forward(ctx, input):  # noqa: N805
            return input * 1

        def backward(ctx, grad):  # noqa: N805
            return grad * 10

    class OfClass(Function):
        @classmethod
        def forward(cls, ctx, input):
            return input * 1

        @classmethod
        def backward(cls, ctx, grad):
            return grad * 20

    x = leaf()
    (Loose.apply(x) + OfClass.apply(x)).sum().backward()
    assert_values(x.grad, [30, 30])


def test_subclass_inherits():
    class Sub(Cube):
        pass

    x = leaf()
    assert Sub.apply(x).grad_fn.name() == "SubBackward"
    assert_values(grad(Sub.apply(x).sum(), x)[0], [3, 12])


def test_vjp_is_another_name_of_backward():
    class Seven(Function):
        @staticmethod
        def forward(ctx, input):
            return input * 1

        @staticmethod
        def vjp(ctx, grad):
            return grad * 7

    x = leaf()
    assert_values(grad(Seven.apply(x).sum(), x)[0], [7, 7])
    Seven.backward = staticmethod(lambda ctx, grad: grad)
    with pytest.raises(RuntimeError, match="only implement one of them"):
        Seven.apply(x).sum().backward()


def test_what_is_not_written():
    class Empty(Function):
        pass

    class Half(Function):
        @staticmethod
        def forward(ctx, input):
            return input * 1

    with pytest.raises(NotImplementedError, match="forward function"):
        Empty.apply(leaf())
    with pytest.raises(NotImplementedError, match="backward or vjp"):
        Half.apply(leaf()).sum().backward()
    with pytest.raises(NotImplementedError, match="setup_context"):
        Function.setup_context(None, (), None)
    with pytest.raises(NotImplementedError, match="jvp"):
        Function.jvp(None)


def test_instances():
    with pytest.warns(DeprecationWarning, match="should not be instantiated"):
        instance = Cube()
    with pytest.raises(RuntimeError, match=r"static forward method.*Cube\.apply"):
        instance(leaf())


def test_tensors_inside_a_list_are_constants():
    x = leaf()
    made = make(lambda ctx, input, rest: input + rest[0], lambda ctx, grad: (grad * 10, None))
    assert_values(grad(made.apply(x, [x]).sum(), x)[0], [10, 10])


# -- arrays -------------------------------------------------------------------------------


def test_arrays_in_arrays_out():
    for value in (np.array([1.0, 2.0]), np.float64(2.0), np.array(2.0)):
        result = Cube.apply(value)
        assert type(result) is np.ndarray
        np.testing.assert_allclose(result, value**3)
    first, second = ExpAndSquare.apply(np.array([2.0]))
    assert type(first) is type(second) is np.ndarray
    assert type(Scale.apply(np.ones(2), 3.0)) is np.ndarray


def test_arrays_beside_tensors_are_passed_on():
    seen = []

    def forward(ctx, input, mask):
        seen.append(type(mask))
        return input * minitorch.from_numpy(mask)

    made = make(forward, lambda ctx, grad: (grad, None))
    assert isinstance(made.apply(leaf(), np.ones(2)), minitorch.Tensor)
    assert seen == [np.ndarray]


def test_no_tensor_and_no_array():
    assert make(lambda ctx, a: a + 1).apply(3) == 4


def test_arrays_are_not_modified():
    given = np.array([1.0, 2.0])
    Cube.apply(given)
    assert given.tolist() == [1, 2]


# -- what is saved ------------------------------------------------------------------------


def test_saved_input_is_the_input():
    x = leaf()
    y = Cube.apply(x)
    assert y.grad_fn.saved_tensors[0] is x


def test_saved_output_leads_back_into_the_graph():
    y = Exp.apply(leaf())
    (saved,) = y.grad_fn.saved_tensors
    assert saved is not y
    assert saved.array is y.array
    assert saved.grad_fn is y.grad_fn
    first, second = ExpAndSquare.apply(leaf())
    _, exponential, square = first.grad_fn.saved_tensors
    assert (exponential * 1).grad_fn.next_functions[0] == (first.grad_fn, 0)
    assert (square * 1).grad_fn.next_functions[0] == (second.grad_fn, 1)


def test_none_may_be_saved():
    def forward(ctx, input):
        ctx.save_for_backward(None, input)
        return input * 1

    x = leaf()
    assert make(forward).apply(x).grad_fn.saved_tensors == (None, x)


@pytest.mark.parametrize("item", [3, [1], np.ones(2), "a"])
def test_what_may_not_be_saved(item):
    def forward(ctx, input):
        ctx.save_for_backward(input, item)
        return input * 1

    with pytest.raises(TypeError, match=f"argument 1 is of type {type(item).__name__}"):
        make(forward).apply(leaf())


def test_saving_again_replaces():
    def forward(ctx, input):
        ctx.save_for_backward(input, input)
        ctx.save_for_backward(input)
        assert ctx.saved_tensors == ()  # not before the call is over
        return input * 1

    x = leaf()
    assert make(forward).apply(x).grad_fn.saved_tensors == (x,)


def test_nothing_saved():
    def backward(ctx, grad):
        assert ctx.saved_tensors == ()
        return grad

    x = leaf()
    y = make(lambda ctx, input: input * 1, backward).apply(x)
    y.backward(ones(2))
    with pytest.raises(RuntimeError, match="second time"):  # as in PyTorch, even of nothing
        y.backward(ones(2))
    assert_values(x.grad, [1, 1])


def test_freed_after_backward():
    x = leaf()
    y = Cube.apply(x).sum()
    node = y.grad_fn.next_functions[0][0]
    y.backward(retain_graph=True)
    y.backward()
    assert_values(x.grad, [6, 24])
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()
    with pytest.raises(RuntimeError, match=r"second time.*CubeBackward"):
        node.saved_tensors  # noqa: B018
    assert_values(x.grad, [6, 24])


def test_attributes_of_ctx_may_have_any_name():
    def forward(ctx, input):
        ctx.shape, ctx.dtype, ctx.saved, ctx.edges, ctx.outputs, ctx.sequence = range(6)
        return input * 1

    def backward(ctx, grad):
        numbers = (ctx.shape, ctx.dtype, ctx.saved, ctx.edges, ctx.outputs, ctx.sequence)
        assert numbers == tuple(range(6))
        return grad * 10

    x = leaf()
    y = make(forward, backward).apply(x)
    y.sum().backward()
    assert_values(x.grad, [10, 10])


def test_attributes_of_ctx_are_seen_on_the_node():
    def forward(ctx, input):
        ctx.number = 3
        return input * 1

    node = make(forward).apply(leaf()).grad_fn
    assert node.number == 3
    assert node.needs_input_grad == (True,)
    with pytest.raises(AttributeError, match="missing"):
        node.missing  # noqa: B018


def test_save_for_forward_is_accepted():
    def forward(ctx, input):
        ctx.save_for_forward(input)
        return input * 1

    make(forward).apply(leaf()).sum().backward()


# -- changes in place ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "change", "noticed"),
    [
        (Cube, lambda z, y: z, True),
        (Cube, lambda z, y: z.detach(), True),
        (Cube, lambda z, y: z[0:1], True),
        (Cube, lambda z, y: y, False),
        (Exp, lambda z, y: y, True),
        (Exp, lambda z, y: z, False),
    ],
)
def test_change_of_what_was_saved(function, change, noticed):
    x = leaf()
    z = x * 1
    y = function.apply(z)
    with minitorch.no_grad():
        change(z, y).add_(1)
    if noticed:
        with pytest.raises(RuntimeError, match=r"inplace operation.*(Cube|Exp)Backward"):
            y.sum().backward()
        assert x.grad is None
    else:
        y.sum().backward()


def test_change_of_a_saved_intermediate():
    def forward(ctx, input):
        ctx.kept = input * 3
        ctx.save_for_backward(ctx.kept)
        return ctx.kept * 1

    def backward(ctx, grad):
        ctx.kept.mul_(2)
        return grad * ctx.saved_tensors[0]

    with pytest.raises(RuntimeError, match="inplace operation"):
        make(forward, backward).apply(leaf()).sum().backward()


def test_change_of_a_saved_output_inside_backward():
    def backward(ctx, grad):
        (output,) = ctx.saved_tensors
        return grad * output.mul_(2)

    def forward(ctx, input):
        output = input.exp()
        ctx.save_for_backward(output)
        return output

    y = make(forward, backward).apply(leaf()).sum()
    y.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="inplace operation"):
        y.backward()


def test_change_inside_forward_after_saving():
    def forward(ctx, input):
        kept = input * 3
        ctx.save_for_backward(kept)
        kept.mul_(2)
        return kept * 1

    x = leaf()
    y = make(forward, lambda ctx, grad: grad * ctx.saved_tensors[0]).apply(x)
    assert_values(grad(y.sum(), x)[0], [6, 12])


def test_dirty_input():
    x = leaf()
    z = x * 1
    assert TripleInPlace.apply(z) is z
    assert z.grad_fn.name() == "TripleInPlaceBackward"
    assert_values(z.detach(), [3, 6])
    z.sum().backward()
    assert_values(x.grad, [3, 3])


def test_dirty_input_that_someone_saved():
    x = leaf()
    z = x * 1
    y = z * z
    TripleInPlace.apply(z)
    with pytest.raises(RuntimeError, match="inplace operation"):
        y.sum().backward()


def test_dirty_constant():
    z = ones(2)
    assert TripleInPlace.apply(z) is z
    assert not z.requires_grad
    assert z._version > 0
    x = leaf()
    TripleInPlace.apply(z, x)
    z.sum().backward()
    assert_values(x.grad, [5, 5])
    assert_values(z.detach(), [9, 9])


def test_dirty_leaf():
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        TripleInPlace.apply(leaf())


def test_dirty_view():
    x = leaf()
    z = x * 1
    TripleInPlace.apply(z[0:1])
    assert_values(z.detach(), [3, 2])
    (z * 1).sum().backward()
    assert_values(x.grad, [3, 1])


def test_dirty_view_with_a_second_output():
    def forward(ctx, input):
        ctx.mark_dirty(input)
        return input.mul_(3), input.clone()

    with pytest.raises(RuntimeError, match="cannot return more than one Tensor"):
        make(forward).apply((leaf() * 1)[0:1])


def test_dirty_and_saved():
    def forward(ctx, input):
        ctx.mark_dirty(input)
        ctx.save_for_backward(input)
        return input.exp_()

    made = make(forward, lambda ctx, grad: grad * ctx.saved_tensors[0])
    x = leaf(0.5, 1.0)
    assert gradgradcheck(lambda x: made.apply(x * 1), x)
    z = x * 1
    made.apply(z)
    z.mul_(2)
    with pytest.raises(RuntimeError, match="inplace operation"):
        z.sum().backward()


def test_dirty_but_not_returned():
    def forward(ctx, input):
        ctx.mark_dirty(input)
        return input.mul_(3) * 1

    with pytest.raises(RuntimeError, match="must all be outputs"):
        make(forward).apply(leaf() * 1)


def test_dirty_that_is_no_input():
    def forward(ctx, input):
        output = input * 2
        ctx.mark_dirty(output)
        return output

    with pytest.warns(UserWarning, match="not an input"):
        make(forward).apply(leaf())


@pytest.mark.parametrize("method", ["mark_dirty", "mark_non_differentiable"])
def test_marking_what_is_no_tensor(method):
    def forward(ctx, input):
        getattr(ctx, method)(3)
        return input * 1

    with pytest.raises(RuntimeError, match=f"{method} only accepts"):
        make(forward).apply(leaf())


@pytest.mark.parametrize("result", [lambda input: input.view(2, 1), lambda input: input])
def test_views_from_a_function_keep_their_history(result):
    made = make(lambda ctx, input: result(input), lambda ctx, grad: grad.view(2) * 5)
    x = leaf()
    z = x * 1
    y = made.apply(z)
    assert np.shares_memory(y.array, z.array)
    assert_values(grad(y.sum(), x, retain_graph=True)[0], [5, 5])
    for view in (y, y[0:1]):
        with pytest.raises(RuntimeError, match="made inside a custom Function"):
            view.mul_(2)
    assert_values(z.detach(), [1, 2])
    z.mul_(2)
    with pytest.raises(RuntimeError, match="has a base that was modified"):
        grad(y.sum(), x)
    assert_values(grad(z.sum(), x)[0], [2, 2])


def test_views_of_constants_may_be_changed():
    z = ones(2)
    y = make(lambda ctx, input: input.view(2, 1)).apply(z)
    y.mul_(2)
    assert_values(z, [2, 2])
    with pytest.raises(RuntimeError, match="made inside a custom Function"):
        y.mul_(leaf(3.0))


# -- outputs ------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, 3, "a", (), {"a": 1}])
def test_outputs_that_are_no_tensors(value):
    assert make(lambda ctx, input: value).apply(leaf()) == value


def test_tensors_in_a_list_have_no_gradient():
    (output,) = make(lambda ctx, input: [input * 2]).apply(leaf())
    assert not output.requires_grad


def test_tuple_of_one():
    x = leaf()
    (y,) = make(lambda ctx, input: (input * 1,)).apply(x)
    y.sum().backward()
    assert_values(x.grad, [1, 1])


def test_numbers_among_outputs():
    received = []

    def backward(ctx, *grads):
        received.extend(grads)
        return grads[2] * 10

    x = leaf()
    first, number, third = make(lambda ctx, input: (input * 1, 3, input * 2), backward).apply(x)
    assert number == 3
    assert first.requires_grad
    third.sum().backward()
    assert_values(received[0], [0, 0])
    assert received[1] is None
    assert_values(received[2], [1, 1])
    assert_values(x.grad, [10, 10])


def test_unused_outputs_as_none():
    received = []

    def forward(ctx, input):
        ctx.set_materialize_grads(False)
        return input * 1, input * 2

    def backward(ctx, first, second):
        received.extend((first, second))
        return first

    make(forward, backward).apply(leaf())[0].sum().backward()
    assert received[1] is None


def test_outputs_used_together():
    x = leaf()
    y, z = make(lambda ctx, a: (a * 1, a * 2), lambda ctx, a, b: a + 10 * b).apply(x)
    (y * 2 + z * 3 + y * z).sum().backward()
    assert_values(x.grad, [2 + 2 + 30 + 10, 2 + 4 + 30 + 20])


def test_non_differentiable_output():
    received = []

    def forward(ctx, input):
        constant = input * 2
        ctx.mark_non_differentiable(constant)
        return input * 3, constant

    def backward(ctx, first, second):
        received.append(second)
        return first * 3

    x = leaf()
    y, constant = make(forward, backward).apply(x)
    assert constant.is_leaf
    assert not constant.requires_grad
    (y * constant).sum().backward()
    assert_values(x.grad, [6, 12])
    assert_values(received[0], [0, 0])


def test_integer_output():
    x = leaf(3.0, 1.0)
    values, indices = make(
        lambda ctx, input: input.sort(), lambda ctx, by_values, by_indices: by_values
    ).apply(x)
    assert not indices.requires_grad
    assert values.requires_grad
    assert not make(lambda ctx, input: input.long()).apply(x).requires_grad


def test_saved_indices():
    def forward(ctx, input):
        values, indices = input.sort()
        ctx.mark_non_differentiable(indices)
        ctx.save_for_backward(indices)
        return values, indices

    def backward(ctx, grad, _):
        (indices,) = ctx.saved_tensors
        assert indices.tolist() == [1, 0]
        assert not indices.requires_grad
        return grad[indices]

    x = leaf(3.0, 1.0)
    values, _ = make(forward, backward).apply(x)
    (values * minitorch.tensor([1.0, 10.0])).sum().backward()
    assert_values(x.grad, [10, 1])


def test_input_returned_as_it_is():
    made = make(lambda ctx, input: input, lambda ctx, grad: grad * 5)
    x = leaf()
    y = made.apply(x)
    assert y is not x
    assert x.is_leaf
    y.sum().backward()
    assert_values(x.grad, [5, 5])
    constant = ones(2)
    assert made.apply(constant) is not constant


def test_input_returned_and_saved():
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input

    made = make(forward, lambda ctx, grad: grad * ctx.saved_tensors[0] * 2)
    x = leaf(3.0)
    (first,) = grad(made.apply(x).sum(), x, create_graph=True)
    assert_values(first, [6])
    assert_values(grad(first.sum(), x)[0], [2])


def test_one_tensor_returned_twice():
    def forward(ctx, input):
        output = input * 1
        return output, output

    x = leaf()
    y, z = make(forward, lambda ctx, a, b: a + 10 * b).apply(x)
    (y + 2 * z).sum().backward()
    assert_values(x.grad, [21, 21])


def test_input_marked_as_non_differentiable():
    def forward(ctx, input):
        ctx.mark_non_differentiable(input)
        return input

    x = leaf()
    assert not make(forward).apply(x).requires_grad
    assert x.requires_grad


def test_weight_from_outside_is_left_alone():
    weight = leaf(5.0, 6.0)
    x = leaf()
    y = make(lambda ctx, input: weight, lambda ctx, grad: grad * 3).apply(x)
    assert weight.is_leaf
    y.sum().backward()
    assert_values(x.grad, [3, 3])
    assert weight.grad is None


def test_output_with_a_graph_of_its_own():
    def forward(ctx, input):
        with minitorch.enable_grad():
            ctx.recorded = input * 2
        return ctx.recorded

    x = leaf()
    y = make(forward, lambda ctx, grad: grad * 7).apply(x)
    assert_values(grad(y.sum(), x)[0], [7, 7])


def test_hooks_and_retained_gradients_of_outputs():
    x = leaf()
    y, z = make(lambda ctx, a: (a * 1, a * 2), lambda ctx, a, b: a + b).apply(x)
    y.register_hook(lambda grad: grad * 10)
    z.retain_grad()
    (y + 3 * z).sum().backward()
    assert_values(z.grad, [3, 3])
    assert_values(x.grad, [13, 13])


# -- what backward returns ----------------------------------------------------------------


def returned_by(result, *more):
    x = leaf()
    made = make(lambda ctx, *args: args[0] * 1, lambda ctx, grad: result(grad))
    return grad(made.apply(x, *more).sum(), x, allow_unused=True)[0]


@pytest.mark.parametrize(
    ("result", "more", "message"),
    [
        (
            lambda g: (g, g),
            (),
            r"function MadeBackward returned an incorrect number of gradients "
            r"\(expected 1, got 2\)",
        ),
        (lambda g: g, (ones(2),), r"\(expected 2, got 1\)"),
        (lambda g: (), (), r"\(expected 1, got 0\)"),
        (lambda g: 1.0, (), r"expected Variable or None \(got float\)"),
        (lambda g: [g], (), r"expected Variable or None \(got list\)"),
        (lambda g: g.numpy(), (), r"expected Variable or None \(got ndarray\)"),
        (lambda g: (g, "a"), (ones(2),), r"expected Variable or None \(got str\)"),
        (
            lambda g: (g, g),
            (2,),
            r"different than None at position 2, but the corresponding forward input was not",
        ),
        (
            lambda g: ones(3),
            (),
            r"Function MadeBackward returned an invalid gradient at index 0 - got \[3\] but "
            r"expected shape compatible with \[2\]",
        ),
        (lambda g: ones(1), (), r"got \[1\] but expected shape compatible with \[2\]"),
        (lambda g: ones(), (), r"got \[\] but expected"),
    ],
)
def test_what_backward_must_not_return(result, more, message):
    with pytest.raises(RuntimeError, match=message):
        returned_by(result, *more)


def test_what_backward_may_return():
    assert returned_by(lambda g: None) is None
    assert_values(returned_by(lambda g: (g * 2, None, None)), [2, 2])
    assert_values(returned_by(lambda g: (g * 2, g[0]), ones(2)), [2, 2])
    assert_values(returned_by(lambda g: ones(3, 2)), [3, 3])
    for other in (returned_by(lambda g: g.float()), returned_by(lambda g: g.long())):
        assert other.dtype is minitorch.float64
        assert_values(other, [1, 1])


def test_backward_may_return_what_was_saved():
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input * input * 0.5

    x = leaf()
    make(forward, lambda ctx, grad: ctx.saved_tensors[0]).apply(x).sum().backward()
    assert not np.shares_memory(x.grad.array, x.array)


def test_backward_may_write_to_a_gradient_that_is_a_constant():
    x = minitorch.tensor(3.0, requires_grad=True)
    made = make(lambda ctx, input: input * 1, lambda ctx, grad: grad.mul_(2))
    for _ in range(2):
        made.apply(x).backward()
    assert x.grad.item() == 4


# -- higher derivatives -------------------------------------------------------------------


@pytest.mark.parametrize("value", [0.5, 2.0])
def test_third_derivatives(value):
    x = leaf(value)
    for function, expected in (
        (Cube, [3 * value**2, 6 * value, 6]),
        (Exp, [np.exp(value)] * 3),
    ):
        y = function.apply(x)
        for derivative in expected:
            (y,) = grad(y.sum(), x, create_graph=True)
            assert_values(y, [derivative])


def test_third_derivative_through_several_saved_outputs():
    # f = e^x * x^4: f' = e^x (x^4 + 4x^3), f'' = e^x (x^4 + 8x^3 + 12x^2),
    # f''' = e^x (x^4 + 12x^3 + 36x^2 + 24x).
    x = leaf(2.0)
    exponential, square = ExpAndSquare.apply(x)
    y = exponential * square * square
    for polynomial in (16 + 32, 16 + 64 + 48, 16 + 96 + 144 + 48):
        (y,) = grad(y.sum(), x, create_graph=True)
        assert_values(y, [np.exp(2.0) * polynomial])


def test_gradient_of_the_given_gradient():
    x = leaf(2.0)
    given = leaf(5.0)
    (first,) = grad(Cube.apply(x), x, given, create_graph=True)  # 3x^2 * given
    by_x, by_given = grad(first.sum(), [x, given])
    assert_values(by_x, [60])
    assert_values(by_given, [12])


def test_functions_inside_functions():
    class Ninth(Function):
        """x^9, with other functions in both methods."""

        @staticmethod
        def forward(ctx, input):
            ctx.save_for_backward(input)
            return Cube.apply(Cube.apply(input))

        @staticmethod
        def backward(ctx, grad):
            (input,) = ctx.saved_tensors
            return 9 * grad * Cube.apply(input * input) * input * input

    x = leaf(0.5, 1.1)
    assert gradcheck(Ninth.apply, x)
    assert gradgradcheck(Ninth.apply, x)
    assert gradgradcheck(lambda x: Cube.apply(Ninth.apply(x) + Exp.apply(x)), x)


def test_backward_inside_backward():
    weight = leaf(3.0, 4.0)

    class Checkpoint(Function):
        """Computes its inside once more in backward, and adds the weight's gradient."""

        @staticmethod
        def forward(ctx, input):
            ctx.save_for_backward(input)
            return input * input * weight

        @staticmethod
        def backward(ctx, grad_output):
            again = ctx.saved_tensors[0].detach().requires_grad_()
            with minitorch.enable_grad():
                output = again * again * weight
            backward(output, grad_output)
            return again.grad

    x = leaf()
    Checkpoint.apply(x * 2).sum().backward()
    assert_values(x.grad, [24, 64])
    assert_values(weight.grad, [4, 16])


# -- once_differentiable ------------------------------------------------------------------


class OnceSquare(Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input * input

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_output):
        """Its docstring."""
        assert not minitorch.is_grad_enabled()
        return grad_output * 2 * ctx.saved_tensors[0]


def test_once_differentiable():
    x = leaf()
    assert OnceSquare.backward.__doc__ == "Its docstring."
    y = OnceSquare.apply(x).sum()
    assert_values(grad(y, x, retain_graph=True)[0], [2, 4])
    (first,) = grad(y, x, create_graph=True)
    assert_values(first, [2, 4])
    assert "Error" in repr(first.grad_fn)
    for differentiate in (first.sum().backward, lambda: grad(first.sum(), x)):
        with pytest.raises(RuntimeError, match="once_differentiable"):
            differentiate()
    assert x.grad is None


def test_once_differentiable_with_several_inputs():
    class Product(Function):
        @staticmethod
        def forward(ctx, a, b, number):
            ctx.save_for_backward(a, b)
            return a * b * number

        @staticmethod
        @once_differentiable
        def backward(ctx, grad):
            a, b = ctx.saved_tensors
            return grad * b * 2, grad * a * 2, None

    x, y = leaf(), leaf()
    by_x, by_y = grad(Product.apply(x, y, 2).sum(), [x, y], create_graph=True)
    assert_values(by_x, [2, 4])
    with pytest.raises(RuntimeError, match="once_differentiable"):
        by_y.sum().backward()


# -- modules ------------------------------------------------------------------------------


class Net(nn.Module):
    """A derived module that calls functions."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(minitorch.tensor([3.0, 4.0], dtype=minitorch.float64))

    def forward(self, input):
        return Cube.apply(input * self.weight) + Exp.apply(input)


def test_function_in_a_module_with_tensors():
    net = Net()
    assert gradcheck(net, leaf(0.3, 0.5))
    assert gradgradcheck(net, leaf(0.3, 0.5))


def test_function_in_a_module_by_hand():
    net = Net()
    x = np.array([0.3, 0.5])
    y = net(x)
    assert type(y) is np.ndarray
    by_x = net.backward(np.ones(2))
    w = np.array([3.0, 4.0])
    np.testing.assert_allclose(by_x, 3 * (x * w) ** 2 * w + np.exp(x))
    assert_values(net.weight.grad, 3 * (x * w) ** 2 * x)


def test_module_in_a_function():
    class Through(Function):
        @staticmethod
        def forward(ctx, input, layer):
            ctx.save_for_backward(input)
            ctx.layer = layer
            return layer(input)

        @staticmethod
        def backward(ctx, grad_output):
            with minitorch.enable_grad():
                input = ctx.saved_tensors[0].detach().requires_grad_()
                output = ctx.layer(input)
            output.backward(grad_output)
            return input.grad, None

    layer = nn.Linear(2, 3, dtype=minitorch.float64)
    x, y = leaf(), leaf()
    layer(x).sum().backward()
    expected = layer.weight.grad.clone()
    layer.zero_grad()
    Through.apply(y, layer).sum().backward()
    assert_values(y.grad, x.grad.array)
    assert_values(layer.weight.grad, expected.array)


# -- memory and threads -------------------------------------------------------------------


def test_dropped_results_are_freed_at_once():
    x = leaf()
    gc.disable()
    try:
        for make_output in (
            lambda: Cube.apply(x),
            lambda: Exp.apply(x),
            lambda: ExpAndSquare.apply(x)[0],
            lambda: TripleInPlace.apply(x * 1),
            lambda: Exp.apply(x * 1).exp(),
        ):
            output = make_output()
            node = weakref.ref(output.grad_fn)
            ctx = weakref.ref(output.grad_fn.ctx) if hasattr(output.grad_fn, "ctx") else node
            del output
            assert node() is None
            assert ctx() is None
    finally:
        gc.enable()


def test_backward_frees_what_was_saved():
    x = leaf()
    hidden = x * 2
    kept = weakref.ref(hidden.array)
    y = Cube.apply(hidden).sum()
    del hidden
    assert kept() is not None
    y.backward()
    assert kept() is None


def test_long_chain():
    x = leaf(1.0)
    y = x
    for _ in range(5_000):
        y = Scale.apply(y, 1.0)
    y.sum().backward()
    assert_values(x.grad, [1])


def test_threads():
    errors = []

    def work(number):
        try:
            for _ in range(20):
                x = leaf(float(number))
                (Cube.apply(x) + Exp.apply(x)).sum().backward()
                assert_values(x.grad, [3 * number**2 + np.exp(number)])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Cube.apply(leaf()).sum().backward()
