"""Operations in place: who is changed, whose history follows, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.autograd.gradcheck import gradcheck, gradgradcheck
from minitorch.autograd.inplace import apply_in_place


def leaf(*values: float) -> minitorch.Tensor:
    return minitorch.tensor(values, dtype=minitorch.float64, requires_grad=True)


# -- gradients against central differences ------------------------------------------------------


def base_with_views(x: Any, w: Any) -> Any:
    base = x * 1
    row, column, corner = base[0], base[:, 1], base[:2, :2]
    row.mul_(w[0])
    base.mul_(w)
    column.add_(row[0] * 2)
    corner[1] = w[2, 1:]
    return base, row, column, corner


def views_of_views(x: Any, w: Any) -> Any:
    base = x * 1
    outer = base.t()
    middle = outer[1:]
    inner = middle[:, ::2]
    inner.mul_(w[1:, 1:])
    outer.add_(w.t())
    middle[0, 0] = w[2, 2]
    return base, outer, middle, inner


def shapes(x: Any, w: Any) -> Any:
    base = x.reshape(-1) * 1
    square, front = base.view(3, 3), base.unsqueeze(0)
    square[1].mul_(w[1])
    front[:, 2:5].add_(w[0])
    square.t()[2].mul_(w[2])
    return base, square, front.squeeze(0)


def base_in_another_order(x: Any, w: Any) -> Any:
    """The base's elements do not lie in memory in index order."""
    base = minitorch.from_numpy(np.asfortranarray(np.ones((3, 3))))
    view = base[1:, :2]
    view.mul_(w[:2, :2])
    base.add_(x)
    view.mul_(2)
    return base, view


def widened(x: Any, w: Any) -> Any:
    base = x[:1] * 1
    wide = base.expand(3, 3)
    base.mul_(w[:1])
    wide[1].add_(w[1])
    return base, wide


def windows(x: Any, w: Any) -> Any:
    base = x * 1
    seen = base.unfold(1, 2, 1)
    base.mul_(w)
    seen[0, 1].add_(w[0, :2])
    return base, seen


def used_in_between(x: Any, w: Any) -> Any:
    base = x * 1
    view = base[0]
    before = base + view
    view.add_(w[0])
    between = base * 1.0
    base.add_(w)
    return before, between, view, base


def into_constants(x: Any, w: Any) -> Any:
    base = minitorch.zeros(3, 3, dtype=minitorch.float64)
    row = base[1]
    row.copy_(x[0] * w[0])
    base[0] = x[1]
    base[minitorch.tensor([2, 2]), minitorch.tensor([0, 1])] = w[0, :2]
    base[:, 2].masked_fill_(x[0] > 100, 0.0)
    return base, row


def overwritten(x: Any, w: Any) -> Any:
    base = x * w
    base[0].zero_()
    base[1:, 1].fill_(2.0)
    base[2] = w[0]
    return base


def outputs_of_one_call(x: Any, w: Any) -> Any:
    """Their base may change, and so may one of them if it has no history yet."""
    base = x * 1
    first, second = base.split([1, 2])
    base.mul_(w)
    constant = minitorch.ones(3, 3, dtype=minitorch.float64)
    top, bottom = constant.split([1, 2])
    top.mul_(w[:1])
    return base, first, second, constant, bottom


PROGRAMS = [
    base_with_views, views_of_views, shapes, base_in_another_order, widened, windows,
    used_in_between, into_constants, overwritten, outputs_of_one_call,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_derivatives(program: Callable[..., Any], rng: np.random.Generator) -> None:
    points = [minitorch.tensor(rng.standard_normal((3, 3))).requires_grad_() for _ in range(2)]

    def squared(x: Any, w: Any) -> Any:  # so that the second derivative is not zero
        results = program(x, w)
        results = results if isinstance(results, tuple) else (results,)
        return tuple(each * each for each in results)

    assert gradcheck(squared, points)
    assert gradgradcheck(squared, points)


# -- whose values and whose history -------------------------------------------------------------


def test_the_tensor_itself_comes_back() -> None:
    x = leaf(1, 2) * 2
    buffer = x.array
    assert apply_in_place(minitorch.mul, x, 3) is x
    assert x.array is buffer
    assert x.tolist() == [6, 12]


def test_history_of_base_and_view() -> None:
    start = leaf(1, 2, 3)
    base = start * 2
    view = base[:2]
    apply_in_place(minitorch.mul, view, 5)
    assert base.tolist() == [10, 20, 6]
    base.backward(minitorch.tensor([1.0, 1.0, 1.0], dtype=minitorch.float64))
    assert start.grad is not None
    assert start.grad.tolist() == [10, 10, 2]


def test_a_constant_becomes_computed() -> None:
    weight, base = leaf(2.0), minitorch.ones(3, dtype=minitorch.float64)
    view, other = base[:1], base[1:]
    view.mul_(weight)
    assert base.requires_grad and not base.is_leaf
    assert other.requires_grad  # it shows elements of a computed tensor now
    (base.sum() + other.sum()).backward()
    assert weight.grad is not None
    assert weight.grad.tolist() == [1]


def test_without_recording_only_values_change() -> None:
    start = leaf(1, 2)
    x = start * 3
    node = x.grad_fn
    with minitorch.no_grad():
        x[0].mul_(10)
    assert x.grad_fn is node
    assert x.tolist() == [30, 6]
    x.sum().backward()
    assert start.grad is not None
    assert start.grad.tolist() == [3, 3]


def test_a_leaf_may_change_without_recording() -> None:
    x = leaf(1, 2)
    with minitorch.no_grad():
        x.add_(1)
        x[0] = 7
    assert x.tolist() == [7, 3]
    assert x.is_leaf and x.requires_grad


def test_detached_shares_values_and_version_only() -> None:
    x = leaf(1, 2) * 1
    cut = x.detach()
    cut.mul_(3)
    assert x.tolist() == [3, 6]
    assert (x._version, cut._version) == (1, 1)
    assert not cut.requires_grad
    x.data.mul_(2)
    assert x.tolist() == [6, 12]
    assert x._version == 1


def test_versions_are_shared_by_all_views() -> None:
    x = minitorch.zeros(2, 2)
    row, turned = x[0], x.t()
    row.add_(1)
    turned[1] = 2
    x.mul_(2)
    assert x._version == row._version == turned._version == turned[0]._version == 3
    assert x.tolist() == [[2, 4], [0, 4]]


def test_dtype_stays() -> None:
    x = minitorch.zeros(2, dtype=minitorch.float32)
    x.add_(minitorch.ones(2, dtype=minitorch.float64))
    assert x.dtype == minitorch.float32
    weight = leaf(1, 2)
    x.mul_(weight)
    x.sum().backward()
    assert weight.grad is not None
    assert weight.grad.dtype == minitorch.float64


def test_kept_gradient_is_that_of_the_new_value() -> None:
    x = leaf(1, 2) * 1
    x.retain_grad()
    x.mul_(3)
    base = leaf(1, 2) * 1
    base.retain_grad()
    base[0] = 9
    (x * 5 + base).sum().backward()
    assert x.grad is not None and base.grad is not None
    assert (x.grad.tolist(), base.grad.tolist()) == ([5, 5], [1, 1])


def test_hook_stays_with_the_old_value() -> None:
    seen = []
    x = leaf(1, 2) * 1
    x.register_hook(lambda grad: seen.append(grad.tolist()))
    x.mul_(3)
    x.sum().backward()
    assert seen == [[3, 3]]


def test_a_result_without_gradient_leaves_the_history() -> None:
    integers = minitorch.zeros(2, dtype=minitorch.int64)
    integers[0] = leaf(3.0)[0]
    assert integers.tolist() == [3, 0]
    assert not integers.requires_grad


def test_saved_results_survive_later_changes() -> None:
    """The result of exp_ that was saved for backward lies in a buffer of its own."""
    start = leaf(0.0, 1.0)
    x = (start * 1).exp_()
    x.add_(1)
    x.sum().backward()
    assert start.grad is not None
    np.testing.assert_allclose(start.grad.array, [1, np.e])


# -- refusals -----------------------------------------------------------------------------------


def changed_after_it_was_saved(x: Any) -> None:
    y = x * 1
    z = y * y
    y[0] = 5
    z.sum().backward()


def changed_by_a_view_before_backward(x: Any) -> None:
    y = x * 1
    view, z = y[1:], y * y
    with minitorch.no_grad():
        view.add_(1)
    z.sum().backward()


def view_was_saved(x: Any) -> None:
    y = x * 1
    z = y[0] * y[1]
    y.add_(1)
    z.backward()


def index_changed(x: Any) -> None:
    index = minitorch.tensor([0, 1])
    y = x[index]
    index[0] = 1
    y.sum().backward()


def no_grad_view_changed(x: Any) -> None:
    y = x * 1
    with minitorch.no_grad():
        view = y[0]
    view.mul_(2)


MISTAKES: list[tuple[Callable[[Any], Any], str]] = [
    (changed_after_it_was_saved, "modified by an inplace operation"),
    (changed_by_a_view_before_backward, "modified by an inplace operation"),
    (view_was_saved, "modified by an inplace operation"),
    (index_changed, "modified by an inplace operation"),
    (lambda x: x.mul_(2), "a leaf Variable that requires grad"),
    (lambda x: x.__setitem__(0, 1), "a leaf Variable that requires grad"),
    (lambda x: x[:1].mul_(2), "a view of a leaf Variable"),
    (lambda x: x.view(1, 2)[0].add_(1), "a view of a leaf Variable"),
    (lambda x: (x * 1).split(1)[1].mul_(2), "Output 1 of SplitBackward0 is a view"),
    (lambda x: (x * 1).unbind()[0].mul_(2), "Output 0 of UnbindBackward0 is a view"),
    (no_grad_view_changed, "A view was created in no_grad mode"),
    (lambda x: minitorch.zeros(2).expand(3, 2).add_(1), r"Please clone\(\) the tensor"),
    (lambda x: minitorch.zeros(2).expand(3, 2).__setitem__(..., 1), r"Please clone\(\)"),
    (
        lambda x: minitorch.zeros(2).add_(minitorch.zeros(3, 2)),
        r"output with shape \[2\] doesn't match the broadcast shape \[3, 2\]",
    ),
    (
        lambda x: minitorch.zeros(2, dtype=minitorch.int64).mul_(0.5),
        "result type float32 can't be cast to the desired output type int64",
    ),
    (lambda x: (minitorch.zeros(2) > 0).add_(1), "can't be cast to the desired output type bool"),
]


@pytest.mark.parametrize("number", range(len(MISTAKES)))
def test_refused(number: int) -> None:
    mistake, message = MISTAKES[number]
    with pytest.raises(RuntimeError, match=message):
        mistake(leaf(1, 2))


@pytest.mark.parametrize("number", range(4, len(MISTAKES)))
def test_refused_changes_leave_everything_as_it_was(number: int) -> None:
    mistake, _ = MISTAKES[number]
    x = leaf(1, 2)
    with pytest.raises(RuntimeError):
        mistake(x)
    assert x.tolist() == [1, 2]
    assert x._version == 0
