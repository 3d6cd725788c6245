"""What was saved and is changed before backward, and whose memory a gradient is.

Every sentence of "In-place changes" in the contract has a test here.
"""

import gc

import numpy as np
import pytest

import minitorch
from minitorch import nn
from tests.helpers import (
    DerivedScale,
    Doubling,
    PassOn,
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
    swap,
)

ONE = np.array([1.0])
MODIFIED = "modified by an inplace operation"
BOTH_MODES = pytest.mark.parametrize("run", [by_hand, by_autograd])


# -- in-place changes ---------------------------------------------------------------------


@BOTH_MODES
@pytest.mark.parametrize("cls", [Scale, DerivedScale])
@pytest.mark.parametrize("wrap", [lambda module: module, Doubling, nn.Sequential])
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


@BOTH_MODES
@pytest.mark.parametrize("wrap", [lambda module: module, Doubling, nn.Sequential])
def test_a_swapped_or_computed_weight_changed_before_backward_is_a_runtime_error(run, wrap):
    for weight in (leaf(3.0), leaf(3.0) * 2):
        module = Scale(2.0)
        swap(module, weight)
        model = wrap(module)
        output = model(array(5.0) if run is by_hand else leaf(5.0))
        change(weight)
        with pytest.raises(RuntimeError, match=MODIFIED):
            if run is by_hand:
                model.backward(ONE)
            else:
                output.sum().backward()


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
        lambda: PassOn(Around(Square())),
        lambda: PassOn(Around(PassOn(Square()))),
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
        "written in derived in written",
        "parent in derived in written",
    ],
)


class Around(nn.Module):
    """A derived parent."""

    def __init__(self, child):
        super().__init__()
        self.child = child

    def forward(self, input):
        return self.child(input)


class SumOfSquares(nn.Module):
    """Calls a child twice, on views of its input, which is a single number."""

    def __init__(self):
        super().__init__()
        self.square = Square()

    def forward(self, input):
        return self.square(input[:1]) + self.square(input[-1:])

    def backward(self, grad_output):
        return self.square.backward(grad_output) + self.square.backward(grad_output)


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
    """Returns one of its inputs as it is, or a view of it."""

    def __init__(self, place, view):
        super().__init__()
        self.place, self.view = place, view

    def forward(self, *inputs):
        chosen = inputs[self.place]
        return chosen[:] if self.view else chosen

    def backward(self, grad_output):
        grads = [None, None, None]
        grads[self.place] = grad_output
        return tuple(grads)


@pytest.mark.parametrize("view", [False, True])
@pytest.mark.parametrize(("count", "place"), [(1, 0), (2, 0), (2, 1), (3, 0), (3, 2)])
def test_an_in_place_change_of_an_input_that_was_returned_re_bases_it(count, place, view):
    root = leaf(2.0)
    inputs = [root * 3 for _ in range(count)]
    squares = (inputs[place] * inputs[place]).sum()  # saves what is changed below
    y = Chooses(place, view)(*inputs)
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


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("swapped", [False, True])
def test_in_array_mode_a_view_of_a_weight_comes_back_read_only(whole, swapped):
    module = Row(whole)
    if swapped:
        swap(module, minitorch.ones(3, 2, dtype=minitorch.float64, requires_grad=True))
    y = module(array(0.0))
    before = y.copy()
    with pytest.raises(ValueError, match="read-only"):
        y -= 1
    assert y.tolist() == before.tolist()


def test_a_view_that_a_module_made_of_a_constant_shares_its_version_counter():
    x = minitorch.ones(2, 2, dtype=minitorch.float64)
    y = nn.Flatten()(x)
    root = minitorch.ones(2, 2, dtype=minitorch.float64, requires_grad=True)
    loss = (root * x).sum()
    y.add_(1)
    with pytest.raises(RuntimeError, match=MODIFIED):
        loss.backward()


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
