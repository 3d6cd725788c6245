"""Backward: where gradients go, what is kept and freed, hooks, errors, memory, threads."""

import gc
import sys
import threading
import weakref

import numpy as np
import pytest

import minitorch
from minitorch.autograd.engine import backward, grad
from minitorch.autograd.operator import Operator


def leaf(*values: float) -> minitorch.Tensor:
    return minitorch.tensor(values or (1.0, 2.0), dtype=minitorch.float64, requires_grad=True)


def assert_values(tensor, expected) -> None:
    assert isinstance(tensor, minitorch.Tensor)
    np.testing.assert_allclose(tensor.array, expected, rtol=1e-12)


class Failing(Operator):
    """The identity; its backward raises."""

    def forward(self, input):
        return input.copy()

    def backward(self, grad):
        raise ZeroDivisionError("on purpose")


class Halves(Operator):
    """Two outputs, input and 2 * input."""

    def forward(self, input):
        return input * 1, input * 2

    def backward(self, first, second):
        return first + second * 2


# -- values -------------------------------------------------------------------------------


def test_product_and_sum():
    x, y = leaf(2.0, 3.0), leaf(5.0, 7.0)
    (x * y + x).sum().backward()
    assert_values(x.grad, [6, 8])
    assert_values(y.grad, [2, 3])


def test_gradients_accumulate():
    x = leaf()
    (x * 3).sum().backward()
    (x * 4).sum().backward()
    assert_values(x.grad, [7, 7])


def test_one_input_used_twice():
    x = leaf(3.0)
    (x * x * x).sum().backward()
    assert_values(x.grad, [27])


def test_diamond():
    # y = 2x; f = y * y + y * exp(0 * y) = 4x^2 + 2x, so f' = 8x + 2.
    x = leaf(1.0, 3.0)
    y = x * 2
    (y * y + y * (y * 0).exp()).sum().backward()
    # d/dy (y * exp(0 * y)) = 1 + 0
    assert_values(x.grad, [10, 26])


def test_wide_diamonds_in_a_row():
    """Each layer doubles the number of paths: 2**60 of them, each node visited once."""
    x = leaf(1.0)
    y = x
    for _ in range(60):
        y = y + y
    y.sum().backward()
    assert_values(x.grad, [2.0**60])


def test_broadcast_dimensions_are_summed():
    x, y = leaf(1.0, 2.0), leaf(3.0).reshape(1, 1).detach().requires_grad_()
    z = minitorch.ones(3, 1, dtype=minitorch.float64, requires_grad=True)
    (x * y * z).sum().backward()
    assert_values(x.grad, [9, 9])
    assert_values(y.grad, [[9]])
    assert_values(z.grad, [[9], [9], [9]])


def test_gradient_has_the_dtype_of_its_leaf():
    x = minitorch.ones(2, requires_grad=True)
    y = leaf(2.0, 3.0)
    (x * y).sum().backward()
    assert x.grad.dtype is minitorch.float32
    assert y.grad.dtype is minitorch.float64


def test_zero_size():
    x = minitorch.ones(0, 3, requires_grad=True)
    (x * 2).sum().backward()
    assert x.grad.shape == (0, 3)


def test_several_outputs_of_a_call():
    x = leaf(3.0)
    first, second = Halves.apply(x)
    (first * second).sum().backward()
    assert_values(x.grad, [12])  # 2x^2


def test_unused_output_of_a_call_gives_zeros():
    x = leaf(3.0)
    Halves.apply(x)[1].sum().backward()
    assert_values(x.grad, [2])


def test_long_chain_is_built_walked_and_deleted_without_recursion():
    length = 100_000
    assert length > 10 * sys.getrecursionlimit()
    x = leaf(1.0)
    y = x
    for _ in range(length):
        y = y + 1
    y.sum().backward()
    assert_values(x.grad, [1])
    last = weakref.ref(y.grad_fn)
    del y
    gc.collect()
    assert last() is None


def test_long_chain_is_deleted_without_backward():
    x = leaf(1.0)
    y = x
    for _ in range(100_000):
        y = y * 1
    last = weakref.ref(y.grad_fn)
    del y
    assert last() is None


def test_long_chain_with_a_search():
    x = leaf(1.0)
    y = x
    for _ in range(30_000):
        y = y * 1
    assert_values(grad(y.sum(), x)[0], [1])


# -- what to start from -------------------------------------------------------------------


def test_given_gradient():
    x = leaf()
    (x * 2).backward(minitorch.tensor([3.0, 4.0]))
    assert_values(x.grad, [6, 8])


def test_given_array():
    x = leaf()
    (x * 2).backward(np.array([3.0, 4.0]))
    assert_values(x.grad, [6, 8])


def test_leaf_itself():
    x = leaf()
    given = minitorch.tensor([3.0, 4.0], dtype=minitorch.float64)
    x.backward(given)
    assert_values(x.grad, [3, 4])
    assert x.grad is not given
    assert not np.shares_memory(x.grad.array, given.array)


def test_single_element_with_dimensions():
    x = leaf(3.0)
    (x * 2).reshape(1, 1).backward()
    assert_values(x.grad, [2])


def test_several_tensors():
    x = leaf()
    given = minitorch.tensor([10.0, 20.0])
    backward([(x * x).sum(), x * 3], [None, given])
    assert_values(x.grad, [2 + 30, 4 + 60])


def test_the_same_tensor_twice():
    x = leaf()
    y = (x * x).sum()
    backward([y, y])
    assert_values(x.grad, [4, 8])


def test_missing_gradient():
    x = leaf()
    with pytest.raises(RuntimeError, match=r"only for scalar outputs.*shape \[2\].*\.sum\(\)"):
        (x * 2).backward()


def test_gradient_of_the_wrong_shape():
    with pytest.raises(RuntimeError, match=r"Mismatch in shape.*\[3\].*\[2\]"):
        leaf().backward(minitorch.ones(3))


@pytest.mark.parametrize("given", [1.0, [1.0, 2.0], "ones"])
def test_gradient_of_the_wrong_type(given):
    with pytest.raises(TypeError):
        leaf().backward(given)


def test_number_of_gradients():
    x = leaf()
    with pytest.raises(RuntimeError, match="2 tensors to differentiate and 1 gradients"):
        backward([x.sum(), x.sum()], [minitorch.tensor(1.0)])


@pytest.mark.parametrize(
    "make",
    [
        lambda x: minitorch.ones(2).sum(),
        lambda x: x.detach().sum(),
        lambda x: minitorch.tensor([1, 2]).sum(),
    ],
)
def test_nothing_requires_a_gradient(make):
    with pytest.raises(RuntimeError, match="does not require grad and does not have a grad_fn"):
        make(leaf()).backward()


def test_old_name_of_grad_tensors():
    x = leaf()
    with pytest.warns(FutureWarning, match="grad_variables"):
        backward([x * 2], grad_variables=[minitorch.ones(2)])
    assert_values(x.grad, [2, 2])
    with (
        pytest.warns(FutureWarning, match="grad_variables"),
        pytest.raises(RuntimeError, match="both"),
    ):
        backward([x * 2], [minitorch.ones(2)], grad_variables=[minitorch.ones(2)])


# -- what is kept -------------------------------------------------------------------------


def test_second_backward_is_an_error():
    x = leaf()
    y = (x * x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match=r"second time.*retain_graph=True"):
        y.backward()
    assert_values(x.grad, [2, 4])


def test_retain_graph():
    x = leaf()
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert_values(x.grad, [4, 8])
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_grad_frees_and_create_graph_keeps():
    x = leaf()
    y = (x * x).sum()
    grad(y, x, create_graph=True)
    grad(y, x)
    with pytest.raises(RuntimeError, match="second time"):
        grad(y, x)


def test_shared_part_is_freed_by_the_first_backward():
    x = leaf()
    shared = x * x
    shared.sum().backward()
    with pytest.raises(RuntimeError, match=r"second time.*MulBackward0"):
        (shared + 1).sum().backward()


def test_backward_frees_the_saved_arrays():
    x = leaf()
    hidden = x * 2
    kept = weakref.ref(hidden.array)
    y = hidden.exp().sum() + (hidden * hidden).sum()
    del hidden
    assert kept() is not None
    y.backward()
    assert kept() is None


def test_dropped_results_are_freed_at_once():
    """The graph has no reference cycles, so that memory does not wait for the collector."""
    x = leaf()
    gc.disable()
    try:
        for make in (
            lambda: x * x,
            lambda: x.exp(),  # saves its output
            lambda: Halves.apply(x)[0],
            lambda: x.unbind()[1],
            lambda: x.reshape(2, 1).t(),
        ):
            output = make()
            node, array = weakref.ref(output.grad_fn), weakref.ref(output.array)
            del output
            assert node() is None
            assert array() is None
    finally:
        gc.enable()


# -- grad ---------------------------------------------------------------------------------


def test_grad_touches_no_grad():
    x, w = leaf(), leaf()
    (found,) = grad((x * w).sum(), x)
    assert_values(found, [1, 2])
    assert x.grad is None
    assert w.grad is None


def test_grad_of_computed_tensors():
    x = leaf()
    z = x * 3
    by_z, by_x = grad((z * z).sum(), [z, x])
    assert_values(by_z, [6, 12])
    assert_values(by_x, [18, 36])


def test_grad_goes_only_where_it_must():
    """What does not lead to the inputs is not gone through, so its error does not matter."""
    x, w = leaf(), leaf()
    y = (x * 2 + Failing.apply(w)).sum()
    assert_values(grad(y, x)[0], [2, 2])
    y = (x * 2 + Failing.apply(w)).sum()
    y.backward(inputs=[x])
    assert_values(x.grad, [2, 2])


def test_grad_stops_at_a_computed_input():
    x = leaf()
    z = Failing.apply(x)
    assert_values(grad((z * 2).sum(), z)[0], [2, 2])


def test_grad_of_several_outputs():
    x = leaf()
    given = minitorch.tensor([10.0, 20.0])
    assert_values(grad([(x * x).sum(), x * 3], x, [None, given])[0], [32, 64])


def test_grad_of_a_tensor_by_itself():
    x = leaf()
    z = x * 2
    given = minitorch.tensor([3.0, 4.0], dtype=minitorch.float64)
    assert_values(grad(z, z, given)[0], [3, 4])
    assert_values(grad(x, x, given)[0], [3, 4])


def test_grad_of_the_same_input_twice():
    x = leaf()
    first, second = grad((x * x).sum(), [x, x])
    assert_values(first, [2, 4])
    assert_values(second, [2, 4])


def test_grad_by_one_of_several_outputs():
    x = leaf(3.0)
    first, second = Halves.apply(x)
    by_first, by_second, by_x = grad((first * second).sum(), [first, second, x])
    assert_values(by_first, [6])
    assert_values(by_second, [3])
    assert_values(by_x, [12])


def test_unused_input():
    x, unused = leaf(), leaf()
    with pytest.raises(RuntimeError, match=r"at index 1 .*allow_unused=True"):
        grad(x.sum(), [x, unused])
    assert grad(x.sum(), [x, unused], allow_unused=True)[1] is None
    zeros = grad(x.sum(), [x, unused], materialize_grads=True)[1]
    assert_values(zeros, [0, 0])
    with pytest.raises(ValueError, match="allow_unused"):
        grad(x.sum(), [x, unused], allow_unused=False, materialize_grads=True)


def test_input_without_gradient():
    with pytest.raises(RuntimeError, match="does not require grad"):
        grad(leaf().sum(), minitorch.ones(2))


def test_batched_gradients_are_not_offered():
    x = leaf()
    with pytest.raises(NotImplementedError, match="is_grads_batched"):
        grad(x * 2, x, minitorch.eye(2), is_grads_batched=True)


def test_result_can_be_written_to():
    x = minitorch.tensor(2.0, requires_grad=True)
    (found,) = grad(x, x)
    found.add_(1)
    assert found.item() == 2
    assert_values(grad(x, x)[0], 1)


# -- higher derivatives -------------------------------------------------------------------


def test_derivatives_of_x_to_the_fourth():
    x = leaf(3.0)
    y = x * x * x * x
    for expected in (4 * 27, 12 * 9, 24 * 3, 24, 0):
        (y,) = grad(y.sum(), x, create_graph=True, materialize_grads=True)
        assert_values(y, [expected])
        if not y.requires_grad:
            break


def test_derivatives_of_exp():
    x = leaf(0.5)
    y = x.exp()
    for _ in range(4):
        (y,) = grad(y.sum(), x, create_graph=True)
        assert_values(y, [np.exp(0.5)])


def test_mixed_derivative():
    x, w = leaf(2.0), leaf(5.0)
    (by_x,) = grad((x * x * w).sum(), x, create_graph=True)  # 2xw
    by_x.sum().backward()
    assert_values(x.grad, [10])
    assert_values(w.grad, [4])


def test_backward_with_create_graph():
    x = leaf(3.0)
    (x * x * x).sum().backward(create_graph=True)
    assert x.grad.requires_grad
    (second,) = grad(x.grad.sum(), x)
    assert_values(second, [18])


def test_create_graph_through_broadcasting():
    x, y = leaf(1.0, 2.0), leaf(3.0)
    (by_y,) = grad((x * y * y).sum(), y, create_graph=True)  # 2y * sum(x)
    assert_values(grad(by_y.sum(), x)[0], [6, 6])


def test_create_graph_where_it_cannot():
    class Once(Operator):
        differentiable_backward = False

        def forward(self, input):
            return input * 2

        def backward(self, grad):
            return grad * 2

    x = leaf()
    with pytest.raises(NotImplementedError, match="OnceBackward0"):
        grad(Once.apply(x).sum(), x, create_graph=True)


# -- backward(inputs=...) -----------------------------------------------------------------


def test_inputs_alone_are_accumulated():
    x, w = leaf(), leaf()
    (x * w).sum().backward(inputs=[w])
    assert x.grad is None
    assert_values(w.grad, [1, 2])
    (x * w).sum().backward(inputs=w)
    assert_values(w.grad, [2, 4])


def test_computed_inputs():
    x = leaf()
    z = x * 2
    y = (z * z).sum()
    y.backward(inputs=[z, z], retain_graph=True)
    assert x.grad is None
    z.retain_grad()
    assert_values(z.grad, [4, 8])
    y.backward(inputs=[z, x])
    assert_values(z.grad, [8, 16])
    assert_values(x.grad, [8, 16])


def test_no_inputs():
    with pytest.raises(RuntimeError, match="cannot be empty"):
        leaf().sum().backward(inputs=[])


def test_inputs_that_nothing_leads_to():
    x, other = leaf(), leaf()
    x.sum().backward(inputs=[other])
    assert x.grad is None
    assert other.grad is None


# -- hooks --------------------------------------------------------------------------------


def test_hooks_run_in_order_and_replace():
    x = leaf()
    z = x * 2
    seen = []
    z.register_hook(lambda grad: seen.append(grad.tolist()))
    z.register_hook(lambda grad: grad * 10)
    z.register_hook(lambda grad: seen.append(grad.tolist()))
    z.sum().backward()
    assert seen == [[1, 1], [10, 10]]
    assert_values(x.grad, [20, 20])


def test_removed_hook():
    x = leaf()
    handle = x.register_hook(lambda grad: grad * 10)
    handle.remove()
    handle.remove()
    x.sum().backward()
    assert_values(x.grad, [1, 1])
    with x.register_hook(lambda grad: grad * 10):
        x.sum().backward()
    x.sum().backward()
    assert_values(x.grad, [12, 12])


def test_leaf_hook_fires_once_with_the_total():
    x = leaf()
    seen = []
    x.register_hook(lambda grad: seen.append(grad.tolist()))
    y = x * 3
    (y + x * x + x).sum().backward()
    assert seen == [[6, 8]]
    assert_values(x.grad, [6, 8])


def test_leaf_hook_sees_each_backward_alone():
    x = leaf()
    seen = []
    x.register_hook(lambda grad: seen.append(grad.tolist()))
    x.sum().backward()
    (x * 2).sum().backward()
    assert seen == [[1, 1], [2, 2]]
    assert_values(x.grad, [3, 3])


def test_hook_of_a_computed_tensor_fires_once_with_the_total():
    x = leaf()
    z = x * 1
    seen = []
    z.register_hook(lambda grad: seen.append(grad.tolist()))
    (z * 2 + z * z).sum().backward()
    assert seen == [[4, 6]]


def test_hook_on_one_of_several_outputs():
    x = leaf(3.0)
    first, second = Halves.apply(x)
    first.register_hook(lambda grad: grad * 100)
    (first + second).sum().backward()
    assert_values(x.grad, [102])


def test_retain_grad_sees_what_hooks_made():
    x = leaf()
    z = x * 2
    z.retain_grad()
    z.register_hook(lambda grad: grad * 10)
    assert z.retains_grad
    assert not x.retains_grad
    z.sum().backward()
    assert_values(z.grad, [10, 10])
    assert_values(x.grad, [20, 20])


def test_retain_grad_accumulates_and_is_a_copy():
    x = leaf()
    z = x + 1
    z.retain_grad()
    z.retain_grad()
    y = z.sum()
    y.backward(retain_graph=True)
    held = z.grad.array
    assert not np.shares_memory(held, x.grad.array)
    y.backward()
    assert_values(z.grad, [2, 2])
    assert held.tolist() == [1, 1]


def test_retain_grad_does_not_keep_the_tensor():
    x = leaf()
    z = x * 2
    z.retain_grad()
    y = z.sum()
    kept = weakref.ref(z)
    del z
    assert kept() is None
    y.backward()
    assert_values(x.grad, [2, 2])


def test_grad_of_a_computed_tensor_warns():
    z = leaf() * 2
    with pytest.warns(UserWarning, match="not a leaf"):
        assert z.grad is None


def test_post_accumulate_hook_sees_the_sum():
    x = leaf()
    seen = []
    handle = x.register_post_accumulate_grad_hook(lambda leaf: seen.append(leaf.grad.tolist()))
    for _ in range(2):
        (x * 2 + x).sum().backward()
    handle.remove()
    x.sum().backward()
    assert seen == [[3, 3], [6, 6]]


def test_post_accumulate_hook_waits_for_the_last_contribution():
    x = leaf()
    seen = []
    x.register_post_accumulate_grad_hook(lambda leaf: seen.append(leaf.grad.tolist()))
    (x + (x * 0).exp() * x + (x * 0).exp()).sum().backward()
    (x + x.exp() * 0).sum().backward()
    (x.exp() * 0 + x).sum().backward()
    assert seen == [[2, 2], [3, 3], [4, 4]]


def test_post_accumulate_hook_may_clear():
    x = leaf()

    def step(leaf):
        with minitorch.no_grad():
            leaf.sub_(leaf.grad)
        leaf.grad = None

    x.register_post_accumulate_grad_hook(step)
    (x * 3).sum().backward()
    assert x.grad is None
    assert_values(x.detach(), [-2, -1])


def test_post_accumulate_hook_runs_as_soon_as_the_leaf_is_complete():
    first, last = leaf(), leaf()
    seen = []
    hidden = first * 2
    hidden.register_hook(lambda grad: seen.append("hidden"))
    last.register_post_accumulate_grad_hook(lambda leaf: seen.append("last"))
    first.register_post_accumulate_grad_hook(lambda leaf: seen.append("first"))
    (hidden * last).sum().backward()
    assert seen == ["last", "hidden", "first"]


def test_hooks_run_in_grad_but_not_post_accumulate_hooks():
    x = leaf()
    z = x * 2
    seen = []
    x.register_hook(lambda grad: grad * 10)
    z.register_hook(lambda grad: grad * 100)
    x.register_post_accumulate_grad_hook(seen.append)
    y = z.sum()
    assert_values(grad(y, z, retain_graph=True)[0], [100, 100])
    assert_values(grad(y, x)[0], [2000, 2000])
    assert seen == []


def test_hook_may_write_to_the_gradient():
    x = minitorch.tensor(3.0, requires_grad=True)
    x.register_hook(lambda grad: grad.mul_(2))
    for _ in range(2):
        x.backward()
    assert_values(x.grad, 4)


@pytest.mark.parametrize("on_leaf", [True, False])
@pytest.mark.parametrize(
    ("result", "error", "message"),
    [
        (lambda grad: 3, TypeError, "returned 'int'"),
        (lambda grad: grad.sum(), RuntimeError, "size"),
        (lambda grad: grad.float(), RuntimeError, "type"),
    ],
)
def test_what_a_hook_must_not_return(on_leaf, result, error, message):
    x = leaf()
    z = x * 2
    (x if on_leaf else z).register_hook(result)
    with pytest.raises(error, match=message):
        z.sum().backward()
    assert x.grad is None


def test_hooks_where_there_is_no_gradient():
    constant, computed = minitorch.ones(2), leaf() * 2
    with pytest.raises(RuntimeError, match="doesn't require gradient"):
        constant.register_hook(print)
    with pytest.raises(RuntimeError, match="doesn't require gradient"):
        constant.register_post_accumulate_grad_hook(print)
    with pytest.raises(RuntimeError, match="non-leaf"):
        computed.register_post_accumulate_grad_hook(print)
    with pytest.raises(RuntimeError, match="requires_grad=False"):
        constant.retain_grad()


def test_hooks_are_recorded_with_create_graph():
    x = leaf(2.0)
    z = x * x
    z.register_hook(lambda grad: grad * x)
    (first,) = grad(z.sum(), x, create_graph=True)  # 2x * x
    assert_values(first, [8])
    assert_values(grad(first.sum(), x)[0], [8])  # 4x


# -- who holds which array ----------------------------------------------------------------


def test_two_leaves_never_share_a_gradient():
    def check(x, y):
        assert x.grad is not y.grad
        assert not np.shares_memory(x.grad.array, y.grad.array)
        before = y.grad.array.copy()
        x.grad.add_(5)
        np.testing.assert_array_equal(y.grad.array, before)

    for create_graph in (False, True):
        x, y = leaf(), leaf()
        (x + y).sum().backward(create_graph=create_graph)
        with minitorch.no_grad():
            check(x, y)

    x, y = leaf(), leaf()
    (x + y).backward(minitorch.ones(2, dtype=minitorch.float64))
    check(x, y)

    x, y = leaf(), leaf()
    (x.reshape(2, 1) + y.reshape(2, 1)).reshape(2).exp().sum().backward()
    check(x, y)

    x, y = leaf(), leaf()
    backward([x, y], [given := minitorch.ones(2, dtype=minitorch.float64), given])
    check(x, y)
    assert_values(given, [1, 1])


def test_given_gradient_is_not_taken_nor_changed():
    x = leaf()
    given = minitorch.tensor([3.0, 4.0], dtype=minitorch.float64)
    for _ in range(3):
        (x + 0).backward(given)
    assert_values(x.grad, [9, 12])
    assert_values(given, [3, 4])


def test_held_arrays_do_not_change_and_the_tensor_stays():
    x = leaf()
    (x * 3).sum().backward()
    tensor, array = x.grad, x.grad.array
    (x * 4).sum().backward()
    assert x.grad is tensor
    assert_values(tensor, [7, 7])
    assert array.tolist() == [3, 3]


def test_gradient_held_by_a_hook_does_not_change():
    x = leaf()
    z = x + 1
    held = []
    z.register_hook(held.append)
    x.register_hook(held.append)
    z.sum().backward(retain_graph=True)
    z.sum().backward()
    assert [tensor.tolist() for tensor in held] == [[1, 1]] * 4
    assert_values(x.grad, [2, 2])


def test_gradient_that_is_a_saved_array():
    """dL/dx of x * w is w: it must not become a second name of the weight."""
    x, w = leaf(), leaf(3.0, 4.0)
    (x * w).backward(minitorch.ones(2, dtype=minitorch.float64))
    (x * w).backward(minitorch.ones(2, dtype=minitorch.float64))
    assert_values(w.detach(), [3, 4])

    class Weight(Operator):
        def forward(self, input, weight):
            self.save_for_backward(weight)
            return input * weight

        def backward(self, grad):
            return self.saved_tensors[0], None

    x = leaf()
    Weight.apply(x, w.detach()).sum().backward()
    assert not np.shares_memory(x.grad.array, w.array)
    x.grad.zero_()
    assert_values(w.detach(), [3, 4])


@pytest.mark.parametrize(
    "use",
    [
        lambda x: x.sum(),
        lambda x: x.expand(3, 2).sum(),
        lambda x: x.reshape(2, 1).t().sum(),
        lambda x: x[0],
        lambda x: (x * x).sum(),
        lambda x: x.exp().sum(),
    ],
)
def test_gradient_can_be_written_to(use):
    x = leaf()
    use(x).backward()
    assert x.grad.array.flags.writeable
    x.grad.fill_(7)
    use(x).backward()
    x.grad.mul_(2)


def test_accumulate_after_the_gradient_was_replaced():
    x = leaf()
    x.grad = given = minitorch.tensor([5.0, 6.0], dtype=minitorch.float64)
    array = given.array
    x.sum().backward()
    assert x.grad is given
    assert_values(x.grad, [6, 7])
    assert array.tolist() == [5, 6]
    x.grad = None
    x.sum().backward()
    assert_values(x.grad, [1, 1])


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (3, TypeError),
        (np.ones(2), TypeError),
        (minitorch.ones(3, dtype=minitorch.float64), RuntimeError),
        (minitorch.ones(2, dtype=minitorch.float32), RuntimeError),
    ],
)
def test_assigning_what_is_no_gradient(value, error):
    x = leaf()
    with pytest.raises(error, match="grad"):
        x.grad = value


def test_assigning_a_tensor_to_itself():
    x = leaf()
    with pytest.raises(RuntimeError, match="its own grad"):
        x.grad = x


# -- errors -------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [None, 5.0])
def test_error_in_backward_leaves_every_grad_unchanged(before):
    x, w = leaf(), leaf()
    failing = Failing.apply(x)
    z = leaf() * 1
    z.retain_grad()
    for tensor in (x, w):
        if before is not None:
            tensor.grad = minitorch.full((2,), before, dtype=minitorch.float64)
    loss = (failing + w * z).sum()  # backward reaches w and z before what fails
    with pytest.raises(ZeroDivisionError, match="on purpose"):
        loss.backward()
    for tensor in (x, w):
        if before is None:
            assert tensor.grad is None
        else:
            assert_values(tensor.grad, [before, before])
    assert z._grad is None


def test_error_in_a_leaf_hook_leaves_every_grad_unchanged():
    x, w = leaf(), leaf()

    def fail(grad):
        raise ZeroDivisionError

    for first, second in ((x, w), (w, x)):
        handle = first.register_hook(fail)
        with pytest.raises(ZeroDivisionError):
            (first * second).sum().backward()
        handle.remove()
        assert x.grad is None
        assert w.grad is None


def test_state_after_an_error():
    x = leaf()
    with pytest.raises(ZeroDivisionError):
        Failing.apply(x).sum().backward()
    assert minitorch.is_grad_enabled()
    (x * x).sum().backward()
    assert_values(x.grad, [2, 4])


def test_backward_under_no_grad():
    x = leaf()
    y = (x * x).sum()
    with minitorch.no_grad():
        y.backward()
    assert_values(x.grad, [2, 4])


def test_backward_inside_a_hook():
    x, w = leaf(), leaf()
    z = x * 2

    def again(grad):
        with minitorch.enable_grad():
            (w * w).sum().backward()

    z.register_hook(again)
    z.sum().backward()
    assert_values(x.grad, [2, 2])
    assert_values(w.grad, [2, 4])


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (lambda grad: (grad, grad), r"incorrect number of gradients \(expected 1, got 2\)"),
        (lambda grad: np.ones(3), r"got \[3\] but expected shape compatible with \[2\]"),
        (lambda grad: np.ones(()), r"got \[\] but expected shape compatible with \[2\]"),
    ],
)
def test_what_a_backward_must_not_return(result, message):
    class Wrong(Operator):
        def forward(self, input):
            return input * 1

        def backward(self, grad):
            return result(grad)

    x = leaf()
    with pytest.raises(RuntimeError, match=message):
        Wrong.apply(x).sum().backward()
    assert x.grad is None


# -- leaves and histories -----------------------------------------------------------------


def test_detach():
    x = leaf()
    z = x * 2
    cut = z.detach()
    assert cut.is_leaf
    assert not cut.requires_grad
    assert cut.array is z.array
    (z * cut).sum().backward()
    assert_values(x.grad, [4, 8])


def test_detach_in_place():
    x = leaf()
    z = x * 2
    assert z.detach_() is z
    assert z.is_leaf
    assert z.grad_fn is None
    with pytest.raises(RuntimeError, match="views"):
        (x * 2)[0:1].detach_()


def test_switching_requires_grad():
    x = minitorch.ones(2)
    assert x.requires_grad_() is x
    assert x.requires_grad
    x.requires_grad = False
    assert not (x * 2).requires_grad
    with pytest.raises(RuntimeError, match="leaf"):
        (leaf() * 2).requires_grad = False
    with pytest.raises(RuntimeError, match="floating point"):
        minitorch.tensor([1, 2]).requires_grad_()


def test_leaf_frozen_after_forward():
    x, w = leaf(), leaf()
    y = (x * w).sum()
    x.requires_grad_(False)
    y.backward()
    assert x.grad is None
    assert_values(w.grad, [1, 2])


def test_leaf_hidden_by_a_change_of_its_data():
    x = leaf()
    x.data = minitorch.tensor([5.0, 6.0, 7.0], dtype=minitorch.float64)
    (x * x).sum().backward()
    assert_values(x.grad, [10, 12, 14])


def test_versions_are_shared_by_views_and_detached_tensors():
    a = minitorch.ones(2)
    view, cut, data = a[0:1], a.detach(), a.data
    a.add_(1)
    view.add_(1)
    cut.add_(1)
    assert (a._version, view._version, cut._version) == (3, 3, 3)
    data.add_(1)
    assert a._version == 3
    assert_values(a, [5, 4])


@pytest.mark.parametrize(
    ("use", "changed", "noticed"),
    [
        (lambda z: z * z, lambda z, y: z, True),
        (lambda z: z * z, lambda z, y: z.detach(), True),
        (lambda z: z * z, lambda z, y: z[0:1], True),
        (lambda z: z[0:1] * z[1:2], lambda z, y: z, True),
        (lambda z: z.exp(), lambda z, y: y, True),
        (lambda z: z.exp(), lambda z, y: z, False),
        (lambda z: z * z, lambda z, y: y, False),
        (lambda z: z + z, lambda z, y: z, False),
        (lambda z: z * z, lambda z, y: z.data, False),
    ],
)
def test_change_of_a_saved_array(use, changed, noticed):
    x = leaf()
    z = x * 1
    y = use(z)
    with minitorch.no_grad():
        changed(z, y).add_(1)
    if noticed:
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            y.sum().backward()
        assert x.grad is None
    else:
        y.sum().backward()


def test_change_of_a_leaf_that_requires_a_gradient():
    x = leaf()
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        x.add_(1)
    with pytest.raises(RuntimeError, match="a view of a leaf"):
        x[0:1].add_(1)
    with minitorch.no_grad():
        x.add_(1)
    assert_values(x.detach(), [2, 3])


def test_names_and_next_functions():
    x = leaf()
    z = x * 2 + 1
    assert repr(z.grad_fn) == "<AddBackward0>"
    assert z.grad_fn.name() == "AddBackward0"
    (product, index), (constant, _) = z.grad_fn.next_functions
    assert (product.name(), index, constant) == ("MulBackward0", 0, None)
    (accumulate, _), nothing = product.next_functions
    assert accumulate.variable is x
    assert accumulate.next_functions == ()
    assert accumulate.name() == "torch::autograd::AccumulateGrad"
    assert "[2]" in repr(accumulate)
    assert nothing == (None, 0)
    assert x.grad_fn is None


def test_next_functions_of_several_outputs():
    first, second = Halves.apply(leaf())
    assert first.grad_fn is second.grad_fn
    assert first.grad_fn.name() == "HalvesBackward0"
    (call, index), _ = (second * 3).grad_fn.next_functions
    assert (call, index) == (second.grad_fn, 1)


# -- threads ------------------------------------------------------------------------------


def run_in_threads(count, work):
    errors, barrier = [], threading.Barrier(count)

    def guarded(number):
        try:
            barrier.wait()
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_forward_and_backward_in_several_threads():
    def work(number):
        for step in range(50):
            x = leaf(float(number), float(step))
            y = x
            for _ in range(5):
                y = y * x + x.exp() * 0
            y.sum().backward()
            np.testing.assert_allclose(x.grad.array, 6 * x.array**5, rtol=1e-12)

    run_in_threads(8, work)


def test_each_thread_differentiates_a_shared_leaf_on_its_own():
    shared = leaf(2.0, 3.0)

    def work(number):
        for _ in range(50):
            (found,) = grad((shared * shared * number).sum(), shared)
            np.testing.assert_allclose(found.array, [4 * number, 6 * number])

    run_in_threads(8, work)
    assert shared.grad is None


def test_graph_of_one_thread_backward_in_another():
    x = leaf()
    y = (x * x).sum()
    run_in_threads(1, lambda number: y.backward())
    assert_values(x.grad, [2, 4])


def test_error_in_one_thread_does_not_disturb_another():
    def work(number):
        for _ in range(30):
            x = leaf()
            if number % 2:
                with pytest.raises(ZeroDivisionError):
                    Failing.apply(x).sum().backward()
                assert x.grad is None
            else:
                (x * x).sum().backward()
                np.testing.assert_allclose(x.grad.array, [2, 4])

    run_in_threads(4, work)
