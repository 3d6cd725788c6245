"""Compares operations in place with PyTorch: values and gradients of bases and views, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.parity.compare import both, check_refused, check_same
from tests.parity.side_by_side import side_by_side

RANDOM = np.random.default_rng(5)
X = RANDOM.standard_normal((3, 4))
W = RANDOM.standard_normal((3, 4))


def base_after_view(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    base[1].mul_(w[0])
    return base


def view_after_base(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    view = base[:, 1:3]
    base.mul_(w)
    return view, base


def other_view_after_view(m: Any, x: Any, w: Any) -> Any:
    base = x * 2
    row, column = base[1], base[:, 1]
    row.mul_(w[0])
    column.add_(w[:, 0])
    return row, column, base


def view_used_before_and_after(m: Any, x: Any, w: Any) -> Any:
    base = x + 0
    view = base[0]
    before = view * 3
    base.add_(w)
    after = view * 5
    return before, after, base


def view_of_view(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    outer = base[1:]
    inner = outer[:, ::2]
    inner.mul_(w[1:, 1:3])
    return base, outer, inner


def outer_after_inner(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    outer = base[1:]
    inner = outer[0]
    outer.mul_(w[1:])
    inner.add_(w[0])
    return base, outer, inner


def transposed(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    view = base.t()
    view.mul_(w.t())
    base[0].add_(w[1])
    return base, view


def strided(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    view = base[::2, 1::2]
    view.add_(w[1:, :2])
    view.mul_(view.detach() * 0 + 2)
    return base, view


def reshaped(m: Any, x: Any, w: Any) -> Any:
    base = x.contiguous() * 1
    view = base.view(2, 6)
    view[1].mul_(w.reshape(2, 6)[0])
    base.view(-1)[::5].mul_(3)
    return view, base


def permuted_base(m: Any, x: Any, w: Any) -> Any:
    base = x.reshape(3, 2, 2).permute(2, 0, 1) * 1
    view = base[:, 1]
    view.mul_(w[:2, :2])
    return base, view


def unfolded_base(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    windows = base.unfold(1, 2, 1)
    base.mul_(w)
    return windows, base


def expanded_row(m: Any, x: Any, w: Any) -> Any:
    base = x[:1] * 1
    wide = base.expand(3, 4)
    base.mul_(w[:1])
    return wide, base


def row_of_expanded(m: Any, x: Any, w: Any) -> Any:
    base = x[0] * 1
    wide = base.expand(3, 4)
    wide[1].mul_(w[0])
    return wide, base


def diagonal_by_stride(m: Any, x: Any, w: Any) -> Any:
    base = x.contiguous() * 1
    view = base.view(-1)[::5]
    view.mul_(w[:, 0])
    return base


def view_without_gradient(m: Any, x: Any, w: Any) -> Any:
    base = m.ones(3, 4, dtype=m.float64)
    view = base[1]
    view.mul_(w[0])
    return base, view


def base_without_gradient(m: Any, x: Any, w: Any) -> Any:
    base = m.ones(3, 4, dtype=m.float64)
    view = base[1]
    base.mul_(w)
    return view, base


def chain(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    row = base[0]
    row.add_(w[0])
    base.mul_(2)
    row.mul_(w[1])
    base[:, 0].add_(row[1])
    base.add_(w)
    row.mul_(3)
    return base, row


def set_item(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    base[1] = w[0]
    base[:, 2] = w[:, 1] * base[0, 0].clone()
    base[m.tensor([0, 2]), m.tensor([1, 1])] = w[0, :2]
    base[x > 1] = w[0, 0]
    return base


def set_item_of_view(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    view = base.t()
    view[1] = w[:, 0]
    view[:, 0][1:3] = w[0, :2]
    base[0] = 7
    return base, view


def set_item_from_itself(m: Any, x: Any, w: Any) -> Any:
    base = x * w
    base[0] = base[1].clone() * base[2].clone()
    base[1] = base[0]
    return base


def set_item_into_constant(m: Any, x: Any, w: Any) -> Any:
    base = m.zeros(3, 4, dtype=m.float64)
    for row in range(3):
        base[row] = x[row] * w[row]
    return base


def set_item_under_views(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    view = base[1:]
    base[1, 1:3] = w[0, :2]
    view[0, 0] = w[1, 1]
    return view, base


def set_numbers(m: Any, x: Any, w: Any) -> Any:
    base = x * w
    base[1, :2] = 0
    base[:, -1] = 3.5
    return base


def own_operand(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    base.add_(base)
    base.sub_(base.clone() * w)
    return base


def functions(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    view = base[1]
    base.sub_(w)
    view.div_(w[0])
    base.neg_()
    view.exp_()
    return base, view


def filled(m: Any, x: Any, w: Any) -> Any:
    base = x * w
    base[0].zero_()
    base[:, 1].fill_(3.0)
    base[2].copy_(w[1])
    return base


def copied(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    base.t().copy_(w.t())
    base[0].copy_(x[1])
    return base


def masked(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    base.masked_fill_(w > 0, 2.0)
    base[1].index_add_(0, m.tensor([0, 0, 1]), w[0, :3])
    base.t().scatter_add_(0, m.tensor([[0, 1, 0]]), w[:, :1].t())
    base.index_put_((m.tensor([2]), m.tensor([3])), w[0, 0])
    return base


def no_grad_scaling(m: Any, x: Any, w: Any) -> Any:
    base = x + w
    with m.no_grad():
        base.mul_(2)
        base[0].add_(1)
    return base, base[0]


def no_grad_view(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    with m.no_grad():
        view = base[0]
    base.mul_(w)
    return base, view.detach() * w[0]


def split_under_no_grad(m: Any, x: Any, w: Any) -> Any:
    base = x + 0
    first, _ = base.split(2, 1)
    with m.no_grad():
        first.mul_(2)
    return base


def detached(m: Any, x: Any, w: Any) -> Any:
    base = x + 0
    base.detach().mul_(3)
    return base, base * 2


def detached_then_recorded(m: Any, x: Any, w: Any) -> Any:
    base = x + 0
    other = base.detach()
    other.mul_(w)
    return base + 0, other


def squeezed(m: Any, x: Any, w: Any) -> Any:
    base = x * 1
    view = base.unsqueeze(0).squeeze(0)[1:2].squeeze()
    view.mul_(w[0])
    return base, view


def swapped(m: Any, x: Any, w: Any) -> Any:
    base = (x * 1).reshape(3, 2, 2)
    view = base.movedim(0, 2)[0].flatten(1)
    base.swapaxes(1, 2)[0].mul_(w[:2, :2])
    return base, view


PROGRAMS = [
    base_after_view, view_after_base, other_view_after_view, view_used_before_and_after,
    view_of_view, outer_after_inner, transposed, strided, reshaped, permuted_base, unfolded_base,
    expanded_row, row_of_expanded, diagonal_by_stride, view_without_gradient,
    base_without_gradient, chain, set_item, set_item_of_view, set_item_from_itself,
    set_item_into_constant, set_item_under_views, set_numbers, own_operand, functions, filled,
    copied, masked, no_grad_scaling, no_grad_view, split_under_no_grad, detached,
    detached_then_recorded, squeezed, swapped,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_same(program: Any) -> None:
    check_same(program, X, W)


@pytest.mark.parametrize("seed", range(100))
def test_random_programs(seed: int) -> None:
    """Random views of random views, changed in random order; some are used in between."""
    random = np.random.default_rng(seed)
    steps = [[int(each) for each in random.integers(0, 1 << 20, 4)] for _ in range(12)]
    array, weights = random.standard_normal((2, 4, 3))

    def call(m: Any, x: Any, w: Any) -> Any:
        tensors, used = [x * 1], []
        for which, kind, first, second in steps:
            tensor = tensors[which % len(tensors)]
            if tensor.ndim == 0:
                tensor = tensors[0]
            kind %= 9
            weight = w.reshape(-1)[first % 12]
            if kind == 0:
                tensors.append(tensor[first % tensor.shape[0]])
            elif kind == 1:
                tensors.append(tensor[first % tensor.shape[0] :: 1 + second % 2])
            elif kind == 2:
                tensors.append(tensor.transpose(0, -1))
            elif kind == 3:
                tensors.append(tensor.unsqueeze(first % 2))
            elif kind == 4:
                tensor.mul_(weight)
            elif kind == 5:
                tensor.add_(weight)
            elif kind == 6:
                tensor[first % tensor.shape[0]] = weight
            elif kind == 7:
                used.append(tensor + weight)
            else:
                tensor[second % tensor.shape[0]] = used[-1].sum() if used else 0.5
        return (*tensors, *used)

    check_same(call, array, weights, rtol=1e-12)


def leaf(m: Any, *size: int) -> Any:
    return m.ones(*size, requires_grad=True)


def changed_after_saved(m: Any) -> None:
    x = leaf(m, 3) * 2
    y = x * x
    x.add_(1)
    y.sum().backward()


def changed_by_view(m: Any) -> None:
    x = leaf(m, 3) * 2
    y = x * x
    x[0].add_(1)
    y.sum().backward()


def base_changed_after_view_saved(m: Any) -> None:
    x = leaf(m, 3) * 2
    y = x[:2] * x[1:]
    x[0] = 5
    y.sum().backward()


def changed_by_detached(m: Any) -> None:
    x = leaf(m, 3)
    y = x * x
    x.detach().add_(1)
    y.sum().backward()


def leaf_changed_under_no_grad(m: Any) -> None:
    x = leaf(m, 3)
    y = x * x
    with m.no_grad():
        x.mul_(2)
    y.sum().backward()


def own_factor(m: Any) -> None:
    x = leaf(m, 3) * 2
    x.mul_(x)
    x.sum().backward()


def index_changed(m: Any) -> None:
    index = m.tensor([0, 1])
    y = (leaf(m, 3) * 1)[index]
    index.add_(1)
    y.sum().backward()


def mask_changed(m: Any) -> None:
    mask = m.tensor([True, False, True])
    y = (leaf(m, 3) * 1).masked_fill(mask, 0.0)
    mask[1] = True
    y.sum().backward()


def gather_index_changed(m: Any) -> None:
    index = m.tensor([0, 1])
    y = (leaf(m, 3) * 1).gather(0, index)
    index[0] = 2
    y.sum().backward()


def leaf_changed(m: Any) -> None:
    leaf(m, 3).mul_(2)


def leaf_set(m: Any) -> None:
    leaf(m, 3)[0] = 2


def leaf_filled(m: Any) -> None:
    leaf(m, 3).zero_()


def view_of_leaf_changed(m: Any) -> None:
    leaf(m, 3)[:2].mul_(2)


def view_of_view_of_leaf_changed(m: Any) -> None:
    leaf(m, 3, 3)[:2].t()[0].mul_(2)


def view_of_leaf_set(m: Any) -> None:
    leaf(m, 3)[:2][0] = 1


def one_of_split_changed(m: Any) -> None:
    (leaf(m, 4) * 1).split(2)[0].mul_(2)


def one_of_unbound_changed(m: Any) -> None:
    (leaf(m, 4, 2) * 1).unbind(1)[1].zero_()


def one_of_chunks_set(m: Any) -> None:
    (leaf(m, 4) * 1).chunk(2)[0][:] = 1


def row_changed_in_loop(m: Any) -> None:
    for row in leaf(m, 3, 2) * 1:
        row.mul_(2)


def view_made_without_grad(m: Any) -> None:
    x = leaf(m, 4) * 1
    with m.no_grad():
        view = x[:2]
    view.mul_(2)


def chunk_made_without_grad(m: Any) -> None:
    x = leaf(m, 4) * 1
    with m.no_grad():
        first = x.chunk(2)[0]
    first.mul_(2)


def expanded_changed(m: Any) -> None:
    m.zeros(3).expand(2, 3).add_(1)


def expanded_set(m: Any) -> None:
    m.zeros(3).expand(2, 3)[:] = 1


def broadcast_result(m: Any) -> None:
    m.zeros(3).add_(m.zeros(2, 3))


def float_into_int(m: Any) -> None:
    m.zeros(3, dtype=m.int64).add_(1.5)


def int_into_bool(m: Any) -> None:
    m.zeros(3, dtype=m.bool).add_(1)


MISTAKES = [
    changed_after_saved, changed_by_view, base_changed_after_view_saved, changed_by_detached,
    leaf_changed_under_no_grad, own_factor, index_changed, mask_changed, gather_index_changed,
    leaf_changed, leaf_set, leaf_filled, view_of_leaf_changed, view_of_view_of_leaf_changed,
    view_of_leaf_set, one_of_split_changed, one_of_unbound_changed, one_of_chunks_set,
    row_changed_in_loop, view_made_without_grad, chunk_made_without_grad, expanded_changed,
    expanded_set, broadcast_result, float_into_int,
    int_into_bool,
]  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_refused(mistake: Any) -> None:
    check_refused(mistake)


def retained(m: Any) -> Any:
    x = leaf(m, 2) * 1
    x.retain_grad()
    x.mul_(3)
    (x * 5).sum().backward()
    return x.grad.tolist(), x.retains_grad


def retained_by_base(m: Any) -> Any:
    x = leaf(m, 2) * 1
    x.retain_grad()
    x[0].mul_(3)
    (x * 5).sum().backward()
    return x.grad.tolist(), x.retains_grad


def hooked(m: Any) -> Any:
    seen = []
    x = leaf(m, 2) * 1
    x.register_hook(lambda grad: seen.append(grad.tolist()))
    x.mul_(3)
    (x * 5).sum().backward()
    return seen


def versions(m: Any) -> Any:
    x = m.zeros(3)
    view, detached, data = x[0], x.detach(), x.data
    seen = [x._version]
    for change in (x, view, detached, data):
        change.add_(1)
        seen += [x._version, view._version, detached._version]
    x[1] = 4
    with m.no_grad():
        x.mul_(2)
    return [*seen, x._version, view._version]


def leaves(m: Any) -> Any:
    x, constant = leaf(m, 3) * 1, m.zeros(3)
    view, part = x[0], constant[1]
    before = [each.is_leaf for each in (x, view, constant, part)]
    constant.add_(x)
    x.zero_()
    return before, [each.is_leaf for each in (x, view, constant, part)], part.requires_grad


def flags(m: Any) -> Any:
    """What becomes of a tensor that is overwritten."""
    x = leaf(m, 2) * 1
    x.copy_(m.tensor([1, 2]))
    integers = m.zeros(2, dtype=m.int64)
    integers[0] = leaf(m, 1)[0]
    return x.requires_grad, integers.requires_grad, x.grad_fn is None


def saved_result_is_not_input(m: Any) -> Any:
    """Adding saves nothing, so a later change does no harm."""
    start = leaf(m, 3)
    x = start * 2
    y = x + 1
    x.add_(1)
    y.sum().backward()
    return start.grad.tolist()


def dtypes_kept(m: Any) -> Any:
    x = m.zeros(3, dtype=m.float32)
    x.add_(m.ones(3, dtype=m.float64))
    y = m.zeros(3, dtype=m.int32)
    y.add_(m.ones(3, dtype=m.int64))
    return str(x.dtype).split(".")[1], str(y.dtype).split(".")[1], x.tolist(), y.tolist()


OBSERVED = [
    retained, retained_by_base, hooked, versions, leaves, flags, saved_result_is_not_input,
    dtypes_kept,
]  # fmt: skip


@pytest.mark.parametrize("program", OBSERVED, ids=lambda program: program.__name__)
def test_observed(program: Any) -> None:
    ours, theirs = both(program)
    assert not isinstance(ours, Exception), ours
    assert ours == theirs


@side_by_side
def test_expanded_tensors_can_be_filled_with_one_value(torch: Any) -> Any:
    """Elements that lie at one place in memory all get the same."""
    row = torch.ones(3)
    wide = row.expand(2, 3)
    first = wide.fill_(2).clone()
    second = torch.nn.init.constant_(wide, 5).clone()
    return first, second, wide.zero_(), row, row._version
