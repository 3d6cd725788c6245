"""Array mode: its memory of calls, and what backward takes and returns.

Every sentence of "Array mode's memory" and of "backward's signature" in the contract has a test
here.
"""

import sys
import threading

import numpy as np
import pytest

import minitorch
from minitorch import nn
from tests.helpers import (
    DerivedScale,
    Product,
    Scale,
    Square,
    array,
    arrays_in,
    check_gradients,
    leaf,
    linear64,
)

ONE = np.array([1.0])
NO_RECORD = "call forward first"


# -- array mode's memory ------------------------------------------------------------------


def test_a_child_used_twice_in_one_call_is_right_since_each_backward_takes_the_latest(rng):
    shared = Square()
    check_gradients(rng, nn.Sequential(shared, Scale(2.0, 3.0), shared), rng.standard_normal(2))


def test_a_weighted_child_used_three_times_in_one_call_is_right(rng):
    shared = linear64(3, 3)
    model = nn.Sequential(shared, nn.Sigmoid(), shared, nn.Sequential(shared, nn.Sigmoid()))
    check_gradients(rng, model, rng.standard_normal((2, 3)))


@pytest.mark.parametrize("cls", [Scale, DerivedScale])
def test_a_child_used_twice_in_one_by_hand_loop_is_right(cls):
    class Twice(nn.Module):
        transparent = True

        def __init__(self):
            super().__init__()
            self.scale = cls(2.0)

        def forward(self, input):
            return self.scale(self.scale(input))

        def backward(self, grad_output):
            return self.scale.backward(self.scale.backward(grad_output))

    module = Twice()
    module(array(5.0))
    assert module.backward(ONE).tolist() == [4.0]
    assert module.scale.weight.grad.tolist() == [2 * 2.0 * 5.0]  # d(w²x)/dw


def test_layers_called_one_by_one_at_top_level_keep_their_records():
    first, second = Scale(2.0), Scale(3.0)
    second(first(array(5.0)))
    grad = second.backward(ONE)
    assert first.backward(grad).tolist() == [6.0]
    assert first.weight.grad.tolist() == [15.0]
    assert second.weight.grad.tolist() == [10.0]


def test_a_later_outermost_call_that_reaches_a_module_starts_its_records_afresh():
    module = Square()
    module(array(3.0))
    module(array(5.0))
    assert module.backward(ONE).tolist() == [10.0]
    with pytest.raises(RuntimeError, match=NO_RECORD):
        module.backward(ONE)


def test_a_later_outermost_call_starts_every_record_afresh_that_it_reaches():
    shared = Square()
    model = nn.Sequential(shared, shared)
    model(array(3.0))
    model(array(2.0))
    assert model.backward(ONE).tolist() == [4 * 2.0**3]
    with pytest.raises(RuntimeError, match=NO_RECORD):
        shared.backward(ONE)
    with pytest.raises(RuntimeError, match=NO_RECORD):
        model.backward(ONE)


def test_a_later_outermost_call_does_not_touch_modules_that_it_does_not_reach():
    first, second = Square(), Square()
    first(array(3.0))
    second(array(5.0))
    assert first.backward(ONE).tolist() == [6.0]
    assert second.backward(ONE).tolist() == [10.0]


def test_a_container_does_not_go_back_through_a_later_call_of_its_child():
    shared = Square()
    first, second = nn.Sequential(shared), nn.Sequential(shared)
    first(array(3.0))
    second(array(5.0))
    with pytest.raises(RuntimeError):  # 10, the slope of another call, would be silently wrong
        first.backward(ONE)


def test_calling_a_child_alone_in_between_does_not_spoil_its_containers_backward():
    inner = Square()
    model = nn.Sequential(inner)
    model(array(3.0))
    inner(array(5.0))
    with pytest.raises(RuntimeError):
        model.backward(ONE)


@pytest.mark.parametrize(
    "module",
    [Square(), DerivedScale(2.0), nn.Sequential(Square()), nn.Identity(), nn.Sequential()],
    ids=lambda module: type(module).__name__,
)
def test_more_backwards_than_calls_is_an_error(module):
    module(array(3.0))
    module.backward(ONE)
    with pytest.raises(RuntimeError, match=NO_RECORD):
        module.backward(ONE)


@pytest.mark.parametrize("cls", [Scale, DerivedScale])
def test_more_backwards_than_calls_inside_a_parent_is_an_error(cls):
    class Greedy(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = cls(2.0)

        def forward(self, input):
            return self.scale(input)

        def backward(self, grad_output):
            return self.scale.backward(self.scale.backward(grad_output))

    module = Greedy()
    module.scale(array(7.0))  # an older call's record must not stand in
    module(array(3.0))
    with pytest.raises(RuntimeError, match=NO_RECORD):
        module.backward(ONE)
    module.scale(array(7.0))
    with pytest.raises(RuntimeError, match=NO_RECORD):
        module(leaf(3.0)).sum().backward()


def test_a_parents_backward_does_not_take_what_another_parent_recorded():
    class Parent(nn.Module):
        def __init__(self, child, times):
            super().__init__()
            self.child, self.times = child, times

        def forward(self, input):
            return self.child(input)

        def backward(self, grad_output):
            for _ in range(self.times):
                grad_output = self.child.backward(grad_output)
            return grad_output

    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            shared = Square()
            self.greedy, self.modest = Parent(shared, 2), Parent(shared, 1)

        def forward(self, input):
            return self.greedy(self.modest(input))

        def backward(self, grad_output):
            return self.modest.backward(self.greedy.backward(grad_output))

    module = Both()
    module(array(3.0))
    with pytest.raises(RuntimeError, match=NO_RECORD):
        module.backward(ONE)


@pytest.mark.parametrize("cls", [Scale, DerivedScale])
def test_tensor_calls_never_touch_the_records(cls):
    model = nn.Sequential(cls(2.0), Square())
    model(array(3.0))
    model(leaf(7.0)).sum().backward()
    model.zero_grad()
    assert model.backward(ONE).tolist() == [2 * 6.0 * 2.0]
    assert model[0].weight.grad.tolist() == [2 * 6.0 * 3.0]
    with pytest.raises(RuntimeError, match=NO_RECORD):
        model.backward(ONE)


def test_a_tensor_call_of_a_parent_never_touches_its_childrens_records():
    class Parent(nn.Module):
        def __init__(self):
            super().__init__()
            self.child = Square()

        def forward(self, input):
            return self.child(input)

        def backward(self, grad_output):
            return self.child.backward(grad_output)

    module = Parent()
    module.child(array(3.0))
    module(leaf(7.0))
    assert module.child.backward(ONE).tolist() == [6.0]
    module(leaf(7.0)).sum().backward()
    with pytest.raises(RuntimeError, match=NO_RECORD):
        module.child.backward(ONE)


@pytest.mark.parametrize(
    "module",
    [Square(), DerivedScale(2.0), nn.Sequential(Square(), DerivedScale(2.0))],
    ids=lambda module: type(module).__name__,
)
def test_a_call_under_no_grad_clears_the_records(module):
    module(array(3.0))
    with minitorch.no_grad():
        module(array(5.0))
    with pytest.raises(RuntimeError, match=NO_RECORD):
        module.backward(ONE)
    for child in module.children():
        with pytest.raises(RuntimeError, match=NO_RECORD):
            child.backward(ONE)


def test_a_call_under_no_grad_clears_the_records_of_a_written_parents_children():
    class Parent(nn.Module):
        def __init__(self):
            super().__init__()
            self.child = Square()

        def forward(self, input):
            return self.child(input)

        def backward(self, grad_output):
            return self.child.backward(grad_output)

    module = Parent()
    module(array(3.0))
    with minitorch.no_grad():
        module(array(5.0))
    for each in (module, module.child):
        with pytest.raises(RuntimeError, match=NO_RECORD):
            each.backward(ONE)


class Raising(nn.Module):
    def __init__(self, message="refused"):
        super().__init__()
        self.message = message

    def forward(self, input):
        if input[0] < 0:
            raise ValueError(self.message)
        return input * 2

    def backward(self, grad_output):
        return grad_output * 2


def test_a_call_that_raises_clears_the_records():
    model = nn.Sequential(Square(), Scale(-1.0), Raising())
    model[1].weight.array[...] = 1.0
    model(array(3.0))
    model[1].weight.array[...] = -1.0
    with pytest.raises(ValueError, match="refused"):
        model(array(5.0))
    for module in (model, *model):
        with pytest.raises(RuntimeError, match=NO_RECORD):
            module.backward(ONE)
    model[1].weight.array[...] = 1.0
    model(array(3.0))
    assert model.backward(ONE).tolist() == [12.0]


def test_a_call_that_raises_inside_a_parent_that_goes_on_leaves_no_record():
    class Careful(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = Scale(-1.0)
            self.risky = nn.Sequential(self.first, Raising())

        def forward(self, input):
            try:
                return self.risky(input)
            except ValueError:
                return self.first(input * 10)

        def backward(self, grad_output):
            return self.first.backward(grad_output) * 10

    module = Careful()
    module(array(3.0))
    assert module.backward(ONE).tolist() == [-10.0]
    assert module.first.weight.grad.tolist() == [30.0]
    with pytest.raises(RuntimeError, match=NO_RECORD):
        module.first.backward(ONE)


def test_backward_without_a_record_is_a_runtime_error_that_says_to_call_forward_first():
    for module in (Square(), DerivedScale(2.0), nn.Sequential(Square()), nn.MSELoss()):
        with pytest.raises(RuntimeError, match=NO_RECORD):
            module.backward(ONE)


def test_backward_by_hand_after_a_tensor_call_is_that_error_too():
    module = Square()
    module(leaf(3.0))
    with pytest.raises(RuntimeError, match=NO_RECORD):
        module.backward(ONE)


class SavesOutput(nn.Module):
    def forward(self, input):
        output = np.exp(input)
        self.save_for_backward(output)
        return output

    def backward(self, grad_output):
        (output,) = self.saved_tensors
        return grad_output * output


class DerivedSavesOutput(nn.Module):
    def forward(self, input):
        return input.exp()


class ReturnsView(nn.Module):
    def forward(self, input):
        output = np.exp(input)
        self.save_for_backward(output)
        return output.reshape(-1, 1)

    def backward(self, grad_output):
        (output,) = self.saved_tensors
        return grad_output.reshape(-1) * output


class SavesView(nn.Module):
    def forward(self, input):
        output = np.exp(input)
        self.save_for_backward(output[:1], output[1:])
        return output

    def backward(self, grad_output):
        return grad_output * np.concatenate(self.saved_tensors)


class ParentOfSaving(nn.Module):
    def __init__(self):
        super().__init__()
        self.child = SavesOutput()

    def forward(self, input):
        return self.child(input)

    def backward(self, grad_output):
        return self.child.backward(grad_output)


class SavesDict(nn.Module):
    def forward(self, input):
        output = np.exp(input)
        self.save_for_backward({"outputs": [output]})
        return output

    def backward(self, grad_output):
        return grad_output * self.saved_tensors[0]["outputs"][0]


SAVING = [
    SavesOutput,
    DerivedSavesOutput,
    ReturnsView,
    SavesView,
    ParentOfSaving,
    SavesDict,
    nn.Sigmoid,
    lambda: nn.Sequential(nn.Sigmoid()),
]


@pytest.mark.parametrize("make", SAVING)
def test_an_array_that_is_both_saved_and_returned_comes_back_read_only(make, rng):
    module = make()
    y = module(array(1.0, 2.0))
    with pytest.raises(ValueError, match="read-only"):
        y -= 1.0
    check_gradients(rng, make(), rng.standard_normal(3))


@pytest.mark.parametrize("cls", [Square, DerivedScale, nn.Identity])
def test_an_array_that_is_only_returned_belongs_to_the_caller(cls):
    module = cls(2.0) if cls is DerivedScale else cls()
    x = array(3.0)
    y = module(x)
    y -= 1.0


def test_an_input_that_is_saved_and_returned_stays_writeable_for_its_owner():
    class SavesInput(nn.Module):
        def forward(self, input):
            self.save_for_backward(input)
            return input

        def backward(self, grad_output):
            return grad_output

    x = array(3.0)
    y = SavesInput()(x)
    with pytest.raises(ValueError, match="read-only"):
        y -= 1.0
    x -= 1.0


def test_each_thread_has_records_of_its_own():
    module = nn.Sequential(Square(), DerivedScale(1.0))
    barrier = threading.Barrier(2, timeout=20)
    slopes = {}

    def work(value):
        for _ in range(20):
            module(array(value))
            barrier.wait()
            slopes.setdefault(value, []).append(module.backward(ONE).item())
            barrier.wait()

    threads = [threading.Thread(target=work, args=(value,)) for value in (3.0, 5.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert slopes == {3.0: [6.0] * 20, 5.0: [10.0] * 20}


def test_another_threads_call_is_no_record_for_this_one():
    module = Square()
    thread = threading.Thread(target=module, args=(array(3.0),))
    thread.start()
    thread.join()
    with pytest.raises(RuntimeError, match=NO_RECORD):
        module.backward(ONE)


def test_one_module_in_several_threads_with_tensors():
    class Parent(nn.Module):
        def __init__(self):
            super().__init__()
            self.child = Square()

        def forward(self, input):
            hidden = self.child(input)
            barrier.wait()
            return self.child(hidden)

        def backward(self, grad_output):
            grad_output = self.child.backward(grad_output)
            barrier.wait()
            return self.child.backward(grad_output)

    module, barrier, slopes = Parent(), threading.Barrier(2, timeout=20), {}

    def work(value):
        x = leaf(value)
        module(x).sum().backward()
        slopes[value] = x.grad.item()

    threads = [threading.Thread(target=work, args=(value,)) for value in (3.0, 5.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert slopes == {3.0: 4 * 27.0, 5.0: 4 * 125.0}


# -- what backward takes ------------------------------------------------------------------


class Several(nn.Module):
    """Nested outputs: {"sum": a + b, "rest": [a * b, (3 * a, None)]}."""

    def forward(self, a, b):
        self.save_for_backward(a, b)
        return {"sum": a + b, "rest": [a * b, (3 * a, None)]}

    def backward(self, *grads):
        assert all(type(grad) is np.ndarray for grad in grads)
        of_sum, of_product, of_triple = grads
        a, b = self.saved_tensors
        return of_sum + of_product * b + 3 * of_triple, of_sum + of_product * a


class DerivedSeveral(nn.Module):
    def forward(self, a, b):
        return {"sum": a + b, "rest": [a * b, (3 * a, None)]}


class RewiredSeveral(DerivedSeveral):
    def backward(self, *grads):
        return super().backward(*grads)


SEVERAL = pytest.mark.parametrize("cls", [Several, DerivedSeveral, RewiredSeveral])


@SEVERAL
def test_backward_takes_one_gradient_per_output_in_order_nested_outputs_flattened(cls, rng):
    check_gradients(rng, cls(), rng.standard_normal(3), rng.standard_normal(3))


@SEVERAL
def test_backward_takes_gradients_in_the_outputs_own_nesting_too(cls):
    module = cls()
    module(array(2.0), array(5.0))
    grads = {"sum": array(1.0), "rest": [array(10.0), (array(100.0), None)]}
    flat = [array(1.0), array(10.0), array(100.0)]
    expected = [[1 + 50 + 300], [1 + 20]]
    assert [grad.tolist() for grad in module.backward(*flat)] == expected
    module(array(2.0), array(5.0))
    assert [grad.tolist() for grad in module.backward(*arrays_in(grads))] == expected


@SEVERAL
def test_unused_outputs_get_zeros(cls):
    module = cls()
    a, b = leaf(2.0), leaf(5.0)
    module(a, b)["rest"][0].sum().backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([5.0], [2.0])
    module(array(2.0), array(5.0))
    grads = module.backward(None, array(1.0), None)
    assert [grad.tolist() for grad in grads] == [[5.0], [2.0]]


def test_python_numbers_are_accepted():
    criterion = nn.MSELoss()
    criterion(array(3.0, 1.0), array(1.0, 2.0))
    assert criterion.backward(0.5).tolist() == [1.0, -0.5]
    criterion(array(3.0, 1.0), array(1.0, 2.0))
    assert criterion.backward(2).tolist() == [4.0, -2.0]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_scalar_loss_defaults_to_one(reduction):
    criterion = nn.MSELoss(reduction=reduction)
    criterion(array(3.0), array(1.0))
    by_default = criterion.backward()
    criterion(array(3.0), array(1.0))
    np.testing.assert_array_equal(by_default, criterion.backward(1.0))
    assert by_default.tolist() == [4.0]


def test_a_scalar_output_of_any_module_defaults_to_one():
    class Total(nn.Module):
        def forward(self, input):
            return (input * input).sum()

    module = Total()
    module(array(3.0, 5.0))
    assert module.backward().tolist() == [6.0, 10.0]
    model = nn.Sequential(Square(), Total())
    model(array(2.0))
    assert model.backward().tolist() == [32.0]


def test_several_outputs_have_no_default():
    class TwoTotals(nn.Module):
        def forward(self, input):
            return input.sum(), (input * 2).sum()

    module = TwoTotals()
    module(array(3.0))
    with pytest.raises(RuntimeError, match="expected 2 gradients"):
        module.backward()


def test_an_output_of_several_elements_has_no_default():
    module = Square()
    module(array(3.0, 5.0))
    with pytest.raises(RuntimeError, match="1 gradient"):
        module.backward()
    assert module.backward(array(1.0, 1.0)).tolist() == [6.0, 10.0]  # the record is still there


# -- what backward returns ----------------------------------------------------------------


class Ordered(nn.Module):
    """a + 10 b + 100 c, so that each argument can be told by its gradient."""

    def forward(self, a, b, *, c, d=None):
        return a + 10 * b + 100 * c

    def backward(self, grad_output):
        return grad_output, 10 * grad_output, 100 * grad_output


class DerivedOrdered(nn.Module):
    def forward(self, a, b, *, c, d=None):
        return a + 10 * b + 100 * c


@pytest.mark.parametrize("cls", [Ordered, DerivedOrdered])
def test_one_gradient_per_array_argument_positional_or_keyword_in_signature_order(cls, rng):
    module = cls()
    for args, kwargs in (
        ((ONE, ONE), {"c": ONE}),
        ((ONE,), {"c": ONE, "b": ONE}),
        ((), {"c": ONE, "d": None, "b": ONE, "a": ONE}),
    ):
        module(*args, **kwargs)
        assert [grad.tolist() for grad in module.backward(ONE)] == [[1.0], [10.0], [100.0]]
        tensors = [leaf(1.0) for _ in args]
        keywords = {key: value if value is None else leaf(1.0) for key, value in kwargs.items()}
        module(*tensors, **keywords).sum().backward()
        named = dict(zip("ab", tensors, strict=False)) | keywords
        assert [named[name].grad.item() for name in "abc"] == [1.0, 10.0, 100.0]
    check_gradients(rng, module, rng.standard_normal(2), c=rng.standard_normal(2), b=np.ones(2))


class Nested(nn.Module):
    """Takes arrays from tuples, lists and dicts: x * y + scale * z."""

    def forward(self, pair, options, scale=2.0):
        x, (y, nothing) = pair
        assert nothing is None
        self.save_for_backward(x, y, scale)
        return x * y + scale * options["z"][0]

    def backward(self, grad_output):
        x, y, scale = self.saved_tensors
        return grad_output * y, grad_output * x, grad_output * scale


class DerivedNested(nn.Module):
    def forward(self, pair, options, scale=2.0):
        x, (y, _) = pair
        return x * y + scale * options["z"][0]


@pytest.mark.parametrize("cls", [Nested, DerivedNested])
def test_arrays_inside_tuples_lists_and_dicts_are_arguments_too(cls, rng):
    x, y, z = rng.standard_normal((3, 2))
    check_gradients(rng, cls(), [x, (y, None)], {"z": [z]})
    check_gradients(rng, cls(), (x, [y, None]), options={"z": (z,)}, scale=3)


class Lookup(nn.Module):
    """Rows of a table by integer index."""

    def forward(self, index, table):
        self.save_for_backward(index, table.shape)
        return table[index]

    def backward(self, grad_output):
        index, shape = self.saved_tensors
        grad = np.zeros(shape)
        np.add.at(grad, index, grad_output)
        return None, grad


class DerivedLookup(nn.Module):
    def forward(self, index, table):
        return table[index]


@pytest.mark.parametrize("cls", [Lookup, DerivedLookup])
def test_where_there_is_no_gradient_backward_returns_none(cls, rng):
    check_gradients(rng, cls(), np.array([2, 0, 2]), rng.standard_normal((3, 2)))
    module = cls()
    module(np.array([1]), np.ones((3, 2)))
    assert module.backward(np.ones((1, 2)))[0] is None


def test_a_derived_module_that_ignores_an_input_returns_none_for_it():
    class Ignores(nn.Module):
        def forward(self, used, unused):
            return used * 2

    module = Ignores()
    module(array(3.0), array(5.0))
    grads = module.backward(ONE)
    assert grads[0].tolist() == [2.0]
    assert grads[1] is None


class First(nn.Module):
    """The first argument, whatever the others are; its gradient is a bare array."""

    def forward(self, first, *others):
        return first * 2

    def backward(self, grad_output):
        return grad_output * 2


def test_a_bare_array_stands_for_the_first_alone():
    x = leaf(3.0)
    First()(x, np.ones(1)).sum().backward()
    assert x.grad.tolist() == [2.0]
    x = leaf(3.0)
    First()(x, minitorch.ones(1), None, 3).sum().backward()
    assert x.grad.tolist() == [2.0]


def test_a_bare_array_is_an_error_if_another_input_needs_a_gradient():
    with pytest.raises(RuntimeError, match="one gradient"):
        First()(leaf(3.0), leaf(5.0)).sum().backward()
    with pytest.raises(RuntimeError, match="one gradient"):
        First()(minitorch.ones(1), leaf(5.0)).sum().backward()


def test_in_array_mode_a_loss_returns_the_gradient_of_its_first_input_only():
    criterion = nn.MSELoss()
    criterion(array(3.0), array(1.0))
    grad = criterion.backward()
    assert type(grad) is np.ndarray
    assert grad.tolist() == [4.0]


def test_with_tensors_a_loss_gives_its_target_a_gradient_too():
    output, target = leaf(3.0), leaf(1.0)
    nn.MSELoss()(output, target).backward()
    assert (output.grad.item(), target.grad.item()) == (4.0, -4.0)


def test_needs_input_grad_tells_which_gradients_are_wanted():
    seen = []

    class Asks(Product):
        def backward(self, grad_output):
            seen.append(self.needs_input_grad)
            return super().backward(grad_output)

    module = Asks()
    module(leaf(2.0), minitorch.ones(1, dtype=minitorch.float64)).sum().backward()
    module(np.ones(1), leaf(2.0)).sum().backward()
    module(array(2.0), array(3.0))
    module.backward(ONE)
    assert seen == [(True, False), (False, True), (True, True)]


# -- what is checked ----------------------------------------------------------------------


class Returns(nn.Module):
    """Returns from backward what it was made with."""

    def __init__(self, result):
        super().__init__()
        self.result = (result,)

    def forward(self, input, *others):
        return input * 2

    def backward(self, grad_output):
        return self.result[0]


def run_by_hand(module, count):
    module(*[np.ones(2) for _ in range(count)])
    return module.backward(np.ones(2))


def run_by_autograd(module, count):
    module(*[minitorch.ones(2, requires_grad=True) for _ in range(count)]).sum().backward()


BOTH_MODES = pytest.mark.parametrize("run", [run_by_hand, run_by_autograd])


@BOTH_MODES
@pytest.mark.parametrize(
    ("count", "result"),
    [(1, (np.ones(2), np.ones(2))), (2, (np.ones(2),)), (2, ()), (2, (np.ones(2),) * 3)],
)
def test_a_wrong_count_of_returned_gradients_is_a_runtime_error(run, count, result):
    with pytest.raises(RuntimeError, match="incorrect number of gradients"):
        run(Returns(result), count)


@BOTH_MODES
@pytest.mark.parametrize("result", [np.ones(3), np.ones((2, 1)), np.ones(0)])
def test_a_wrong_shape_of_a_returned_gradient_is_a_runtime_error(run, result):
    with pytest.raises(RuntimeError, match="invalid gradient"):
        run(Returns(result), 1)


@BOTH_MODES
@pytest.mark.parametrize(
    "result", [np.array([None, None]), np.array(["a", "b"]), "text", minitorch.ones(2)]
)
def test_a_wrong_type_of_a_returned_gradient_is_a_type_error(run, result):
    with pytest.raises(TypeError):
        run(Returns(result), 1)


@pytest.mark.parametrize("module", [Square(), DerivedScale(1.0, 1.0)])
@pytest.mark.parametrize("count", [0, 2])
def test_a_wrong_count_of_given_gradients_is_a_runtime_error(module, count):
    module(np.ones(2))
    with pytest.raises(RuntimeError, match="expected 1 gradient"):
        module.backward(*[np.ones(2)] * count)


@pytest.mark.parametrize("module", [Square(), DerivedScale(1.0, 1.0), nn.Sequential(Square())])
@pytest.mark.parametrize("grad", [np.ones(3), np.ones((1, 2)), np.ones((2, 1)), 1.0])
def test_a_wrong_shape_of_a_given_gradient_is_a_runtime_error(module, grad):
    module(np.ones(2))
    with pytest.raises(RuntimeError, match="shape"):
        module.backward(grad)


@pytest.mark.parametrize("grad", ["text", np.array(["a", "b"]), np.array([None, None])])
def test_a_wrong_type_of_a_given_gradient_is_a_type_error(grad):
    module = Square()
    module(np.ones(2))
    with pytest.raises(TypeError):
        module.backward(grad)


def test_gradients_of_another_floating_dtype_are_cast_as_pytorch_does():
    module = Square()
    module(np.array([3.0], np.float32))
    grad = module.backward(np.array([0.5], np.float64))
    assert grad.dtype == np.float32
    assert grad.tolist() == [3.0]

    class Wide(nn.Module):
        def forward(self, input):
            return input * 2

        def backward(self, grad_output):
            return grad_output.astype(np.float64) * 2

    x = minitorch.ones(2, requires_grad=True)
    Wide()(x).sum().backward()
    assert x.grad.dtype == minitorch.float32
    module = Wide()
    module(np.ones(2, np.float32))
    assert module.backward(np.ones(2, np.float32)).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_gradient_that_arrives_has_the_outputs_shape_and_dtype(dtype):
    seen = []

    class Watches(nn.Module):
        def forward(self, input, other=None):
            return input * 2

        def backward(self, grad_output):
            seen.append((grad_output.dtype, grad_output.shape))
            return grad_output * 2

    class Wide(nn.Module):
        """Its backward gives float64, and a dimension that was broadcast."""

        def forward(self, input):
            return np.broadcast_to(input, (4, *input.shape)).copy()

        def backward(self, grad_output):
            return grad_output.astype(np.float64)

    x = np.ones((3, 2), dtype)
    model = nn.Sequential(Watches(), Wide(), nn.Identity())
    model(minitorch.tensor(x).requires_grad_()).sum().backward()
    model(x)
    model.backward(np.ones((4, 3, 2), dtype))
    two = Watches()(minitorch.tensor(x).requires_grad_(), minitorch.tensor(x))
    Wide()(two).sum().backward()
    assert seen == [(np.dtype(dtype), (3, 2))] * 3


def test_a_failed_check_leaves_every_grad_as_it_was():
    model = nn.Sequential(Returns(np.ones(7)), Scale(2.0, 3.0))
    model(np.ones(2))
    with pytest.raises(RuntimeError):
        model.backward(np.ones(2))
    assert model[1].weight.grad is None


# -- calls within a pair ------------------------------------------------------------------


class Peeking(nn.Module):
    """Calls its child again in backward, to look at the output."""

    def __init__(self, child):
        super().__init__()
        self.child = child

    def forward(self, input):
        self.save_for_backward(input)
        return self.child(input)

    def backward(self, grad_output):
        (input,) = self.saved_tensors
        self.child(input)
        return self.child.backward(grad_output)


class Recomputing(Peeking):
    """Records its child only in backward, to save memory."""

    def forward(self, input):
        self.save_for_backward(input)
        with minitorch.no_grad():
            return self.child(input)

    def backward(self, grad_output):
        (input,) = self.saved_tensors
        with minitorch.enable_grad():
            self.child(input)
        return self.child.backward(grad_output)


@pytest.mark.parametrize("cls", [Peeking, Recomputing])
@pytest.mark.parametrize("shared_first", [True, False])
def test_an_unrecorded_call_within_a_pair_spares_the_childs_other_records(cls, shared_first, rng):
    shared = linear64(3, 3)
    modules = [shared, cls(shared)] if shared_first else [cls(shared), shared]
    x = rng.standard_normal((2, 3))
    expected_model = nn.Sequential(shared, shared)
    expected_model(x)
    expected = expected_model.backward(np.ones((2, 3))), shared.weight.grad.numpy().copy()
    shared.zero_grad()
    model = nn.Sequential(*modules)
    model(x)
    np.testing.assert_allclose(model.backward(np.ones((2, 3))), expected[0])
    np.testing.assert_allclose(shared.weight.grad.numpy(), expected[1])


def test_a_returned_buffer_comes_back_read_only():
    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("value", minitorch.zeros(2))

        def forward(self, input):
            return self.value.array

        def backward(self, grad_output):
            return np.zeros(2)

    assert not Constant()(np.ones(2)).flags.writeable


def test_an_input_of_integers_has_no_gradient():
    sigmoid = nn.Sigmoid()
    sigmoid(np.array([0, 1]))
    assert sigmoid.backward(np.ones(2, np.float32)) is None


def test_threads_that_call_a_new_module_at_once_keep_their_own_records():
    errors = []

    def work(module, barrier):
        barrier.wait()
        try:
            module(np.ones(2))
            module.backward(np.ones(2))
        except RuntimeError as error:
            errors.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(50):
            barrier = threading.Barrier(4)
            arguments = (Square(), barrier)
            threads = [threading.Thread(target=work, args=arguments) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not errors
