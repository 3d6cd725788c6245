"""Pooling: worked examples, who wins, several outputs by hand, many shapes beside plain loops."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from minitorch.nn.modules import pooling
from tests.helpers import check_gradients

NAN, INF = np.nan, np.inf
MAX = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
AVG = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}
ADAPTIVE_MAX = {1: nn.AdaptiveMaxPool1d, 2: nn.AdaptiveMaxPool2d, 3: nn.AdaptiveMaxPool3d}
ADAPTIVE_AVG = {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d, 3: nn.AdaptiveAvgPool3d}


# -- worked examples ----------------------------------------------------------------------


def test_a_maximum_gives_its_gradient_to_the_winner():
    pool = nn.MaxPool2d(2)
    x = np.array([[[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 0.0, 9.0]]])
    assert pool(x).tolist() == [[[5.0, 9.0]]]
    grad = pool.backward(np.array([[[10.0, 20.0]]]))
    assert grad.tolist() == [[[0, 10, 0, 0], [0, 0, 0, 20]]]


def test_a_number_that_wins_in_several_windows_gets_the_sum():
    pool = nn.MaxPool1d(3, 1)
    assert pool(np.array([[1.0, 2.0, 9.0, 3.0, 4.0]])).tolist() == [[9.0, 9.0, 9.0]]
    assert pool.backward(np.array([[1.0, 10.0, 100.0]])).tolist() == [[0, 0, 111, 0, 0]]


def test_a_mean_shares_its_gradient_out():
    pool = nn.AvgPool2d(2)
    x = np.array([[[1.0, 2.0, 5.0, 6.0], [3.0, 4.0, 7.0, 8.0]]])
    assert pool(x).tolist() == [[[2.5, 6.5]]]
    assert pool.backward(np.array([[[4.0, 8.0]]])).tolist() == [[[1, 1, 2, 2], [1, 1, 2, 2]]]


def test_what_a_mean_is_divided_by():
    x = np.array([[2.0, 4.0, 6.0]])
    assert nn.AvgPool1d(2, 2, 1)(x).tolist() == [[1.0, 5.0]]
    assert nn.AvgPool1d(2, 2, 1, count_include_pad=False)(x).tolist() == [[2.0, 5.0]]
    assert nn.AvgPool1d(2, ceil_mode=True)(x).tolist() == [[3.0, 6.0]]
    assert nn.AvgPool2d((1, 2), divisor_override=3)(x[None]).tolist() == [[[2.0]]]


def test_adaptive_windows_overlap_where_sizes_do_not_divide():
    x = np.array([[1.0, 2.0, 3.0, 4.0, 5.0]])
    pool = nn.AdaptiveAvgPool1d(3)
    assert pool(x).tolist() == [[1.5, 3.0, 4.5]]  # of 0-1, 1-3 and 3-4
    grad = pool.backward(np.array([[6.0, 12.0, 18.0]]))
    assert grad.tolist() == [[3.0, 7.0, 4.0, 13.0, 9.0]]


def test_means_of_whole_numbers_are_rounded_towards_zero():
    assert F.avg_pool1d(np.array([[-3, -2, 5, 6, 7, -8]]), 2).tolist() == [[-2, 5, 0]]
    large = np.array([[2**60 + 1, 2**60 + 3]])
    assert F.avg_pool1d(large, 2).tolist() == [[2**60 + 2]]


def test_means_are_accurate_where_many_numbers_are_added_up():
    x = np.full((1, 1, 1000, 1000), 0.1, np.float32)
    for output in (F.adaptive_avg_pool2d(x, 1), F.avg_pool2d(x, 1000)):
        np.testing.assert_allclose(output, 0.1, rtol=1e-6)
    half = np.full((1, 1, 100, 100), 60000.0, np.float16)
    assert F.avg_pool2d(half, 50).tolist() == [[[[60000.0] * 2] * 2]]


# -- who wins -----------------------------------------------------------------------------


@pytest.mark.parametrize("planes", [1, 40])  # a few are laid out in another way than many
@pytest.mark.parametrize("kernel", [4, 40])  # a small kernel is searched in another way
def test_the_first_of_equal_numbers_wins_but_the_last_that_is_none(planes, kernel):
    rows = {
        (2.0, 3.0, 3.0, 1.0): 1,
        (-INF, -INF, -INF, -INF): 0,
        (INF, 1.0, INF, 0.0): 0,
        (1.0, NAN, NAN, INF): 2,
        (NAN, 5.0, 1.0, 2.0): 0,
    }
    for row, winner in rows.items():
        filler = [-INF] * (kernel - 4)
        x = np.tile(np.array([*row, *filler], np.float32), (planes, 1))
        pool = nn.MaxPool1d(kernel, return_indices=True)
        output, indices = pool(x)
        np.testing.assert_array_equal(output, [[row[winner]]] * planes)
        assert indices.tolist() == [[winner]] * planes


def test_of_several_rows_the_first_in_order_wins():
    x = np.zeros((1, 3, 3))
    x[0, 1, 0] = x[0, 0, 1] = 1.0
    assert F.max_pool2d(x, 3, return_indices=True)[1].item() == 1


@pytest.mark.parametrize("kernel", [3, 40])
def test_the_padding_never_wins(kernel):
    pool = nn.MaxPool1d(kernel, 1, kernel // 2, return_indices=True)
    output, indices = pool(np.full((2, 60), -INF))
    starts = np.arange(indices.shape[1]) - kernel // 2
    assert indices.tolist() == [np.maximum(starts, 0).tolist()] * 2
    assert (output == -INF).all()
    lowest = np.full((1, 60), np.iinfo(np.int64).min)
    assert F.max_pool1d(lowest, kernel, 1, kernel // 2).max() == lowest[0, 0]


def test_a_window_that_steps_over_the_input_is_refused():
    with pytest.raises(RuntimeError, match="only padding"):
        nn.MaxPool1d(2, 1, 1, dilation=3)(minitorch.zeros(1, 2))


# -- several outputs ----------------------------------------------------------------------


@pytest.mark.parametrize("grads", ["None", "zeros", "integers"])
def test_indices_have_no_gradient_by_hand(grads):
    pool = nn.MaxPool1d(2, return_indices=True)
    output, indices = pool(np.array([[1.0, 4.0, 3.0, 2.0]]))
    assert output.tolist() == [[4.0, 3.0]]
    assert indices.tolist() == [[1, 2]]
    assert indices.dtype == np.int64
    second = {"None": None, "zeros": np.zeros((1, 2)), "integers": np.zeros((1, 2), int)}[grads]
    assert pool.backward(np.array([[5.0, 7.0]]), second).tolist() == [[0.0, 5.0, 7.0, 0.0]]


def test_indices_require_no_gradient():
    x = minitorch.tensor([[1.0, 4.0, 3.0]], requires_grad=True)
    for pool in (nn.MaxPool1d(2, 1, return_indices=True), nn.AdaptiveMaxPool1d(2, True)):
        x.grad = None
        output, indices = pool(x)
        assert output.requires_grad
        assert not indices.requires_grad
        output.sum().backward()
        assert x.grad.tolist() == [[0.0, 2.0, 0.0]]


def test_a_gradient_goes_through_pooling_and_back_by_hand(rng):
    class PoolAndBack(nn.Module):
        def __init__(self):
            super().__init__()
            self.pool = nn.MaxPool2d(2, return_indices=True)
            self.back = nn.MaxUnpool2d(2)

        def forward(self, input):
            output, indices = self.pool(input)
            return self.back(output, indices, output_size=input.shape)

    x = rng.permutation(60).reshape(1, 3, 4, 5).astype(np.float64)
    output = PoolAndBack()(x)
    assert sorted(output[output > 0].tolist()) == sorted(F.max_pool2d(x, 2).ravel().tolist())
    check_gradients(rng, PoolAndBack(), x)


def test_the_last_of_equal_indices_counts_and_all_get_its_gradient():
    unpool = nn.MaxUnpool1d(2)
    assert unpool(np.array([[4.0, 7.0]]), np.array([[1, 1]])).tolist() == [[0, 7, 0, 0]]
    grad, nothing = unpool.backward(np.array([[1.0, 2.0, 3.0, 4.0]]))
    assert grad.tolist() == [[2.0, 2.0]]
    assert nothing is None


def test_unpooling_takes_arrays_with_gaps(rng):
    x, indices = rng.standard_normal((3, 2, 4))[..., ::2], np.array([[[0, 9], [2, 9], [3, 9]]])
    unpool = nn.MaxUnpool1d(2)
    output = unpool(x.transpose(1, 0, 2)[:1], indices[..., :1].repeat(2, 2) * [1, 0])
    assert output.shape == (1, 3, 4)
    check_gradients(rng, unpool, x[:1, :, :], np.array([[[0, 3], [1, 2]]]))


# -- many shapes beside plain loops -------------------------------------------------------


def plain_windows(size, kernel, stride, padding, dilation, ceil_mode):
    """For each window the coordinates in the input, and how many in the padded input."""
    found, start = [], -padding
    while True:
        places = [start + dilation * j for j in range(kernel)]
        fits = places[-1] < size + padding
        begun = places[-1] - stride < size + padding - 1 and start < size
        if not (fits or (ceil_mode and begun)):
            return found
        inside = [place for place in places if 0 <= place < size]
        found.append((inside, min(start + kernel, size + padding) - start))
        start += stride


@pytest.mark.parametrize("seed", range(40))
def test_maxima_and_means_are_those_of_plain_loops(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 3))
    sizes = rng.integers(4, 9, n).tolist()
    kernel, stride = rng.integers(1, 4, n).tolist(), rng.integers(1, 4, n).tolist()
    padding = [int(rng.integers(0, k // 2 + 1)) for k in kernel]
    ceil_mode = bool(rng.integers(2))
    planes = int(rng.choice([1, 2, 50]))
    x = rng.permutation(planes * int(np.prod(sizes))).reshape(planes, *sizes).astype(np.float64)
    axes = [
        plain_windows(*each, 1, ceil_mode)
        for each in zip(sizes, kernel, stride, padding, strict=True)
    ]
    maxima = np.empty((planes, *map(len, axes)))
    means = np.empty_like(maxima)
    for place in np.ndindex(*map(len, axes)):
        chosen = [axis[i] for axis, i in zip(axes, place, strict=True)]
        values = x[np.ix_(range(planes), *(inside for inside, _ in chosen))].reshape(planes, -1)
        maxima[(slice(None), *place)] = values.max(1)
        means[(slice(None), *place)] = values.sum(1) / np.prod([count for _, count in chosen])
    options = {"stride": stride, "padding": padding, "ceil_mode": ceil_mode}
    np.testing.assert_array_equal(MAX[n](kernel, **options)(x), maxima)
    np.testing.assert_allclose(AVG[n](kernel, **options)(x), means)


@pytest.mark.parametrize("block", [1, 50, 10**6])
@pytest.mark.parametrize("pool", [nn.MaxPool2d(3, 2, 1), nn.AdaptiveMaxPool2d((3, 2))])
def test_it_does_not_matter_how_many_planes_are_computed_at_once(monkeypatch, rng, block, pool):
    x = rng.permutation(21 * 30).reshape(21, 5, 6).astype(np.float64)
    expected = np.stack([pool(plane[None])[0] for plane in x])
    grad = rng.standard_normal(expected.shape)
    grads = []
    for plane, its_grad in zip(x, grad, strict=True):
        pool(plane[None])
        grads.append(pool.backward(its_grad[None])[0])
    monkeypatch.setattr(pooling.maxima, "BLOCK", block)
    np.testing.assert_array_equal(pool(x), expected)
    np.testing.assert_array_equal(pool.backward(grad), np.stack(grads))


def test_planes_that_lie_a_power_of_two_apart(rng):
    x = rng.standard_normal((40, 16, 16)).astype(np.float32)
    output = nn.MaxPool2d(2)(x)
    np.testing.assert_array_equal(output, x.reshape(40, 8, 2, 8, 2).max((2, 4)))


# -- the layers as objects ----------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3])
def test_no_windows_at_all(n):
    for pool in (ADAPTIVE_MAX[n](0), ADAPTIVE_AVG[n](0)):
        x = np.ones((2, *(3,) * n))
        assert pool(x).shape == (2, *(0,) * n)
        assert pool.backward(np.ones((2, *(0,) * n))).tolist() == np.zeros_like(x).tolist()


def test_arguments_are_read_at_each_call():
    pool = nn.MaxPool1d(2)
    x = np.arange(6.0).reshape(1, 6)
    assert pool(x).tolist() == [[1.0, 3.0, 5.0]]
    pool.kernel_size, pool.stride = 3, 3
    assert pool(x).tolist() == [[2.0, 5.0]]
    pool.stride = 0
    with pytest.raises(RuntimeError, match="stride must be greater than zero"):
        pool(x)


def test_a_number_that_is_no_integer_is_refused_also_after_an_equal_one():
    x = np.ones((1, 4, 4))
    for kernel in (2, (2, 2)):
        F.max_pool2d(x, kernel)
        F.adaptive_avg_pool2d(x, kernel)
    for kernel in (2.0, (2.0, 2.0), "2", None):
        with pytest.raises(TypeError, match="kernel_size"):
            F.max_pool2d(x, kernel)
        with pytest.raises(TypeError, match="output_size"):
            F.adaptive_avg_pool2d(x, kernel)
    assert F.max_pool2d(x, np.int64(2)).shape == (1, 2, 2)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64, np.uint8])
def test_the_dtype_stays(dtype):
    x = np.arange(16).reshape(1, 4, 4).astype(dtype)
    output, indices = F.max_pool2d(x, 2, return_indices=True)
    assert (output.dtype, indices.dtype) == (dtype, np.int64)
    assert output.tolist() == [[[5, 7], [13, 15]]]
    if dtype not in (np.int64, np.uint8):
        assert nn.AvgPool2d(2)(x).dtype == dtype
        tensor = minitorch.tensor(x).requires_grad_()
        nn.AvgPool2d(3, 1, 1)(tensor).sum().backward()
        assert tensor.grad.array.dtype == dtype


def test_inputs_are_left_alone(rng):
    x = rng.standard_normal((20, 3, 8, 8))
    before = x.copy()
    for pool in (nn.MaxPool2d(2), nn.AvgPool2d(1), nn.AvgPool2d(3, 1, 1), nn.AdaptiveAvgPool2d(8)):
        output = pool(x)
        assert not np.shares_memory(output, x)
        grad = np.ones_like(output)
        assert not np.shares_memory(pool.backward(grad), grad)
        assert (grad == 1).all()
    np.testing.assert_array_equal(x, before)


def test_layers_are_copied_and_pickled_after_a_call():
    pool = nn.MaxPool2d(2, return_indices=True)
    x = np.arange(16.0).reshape(1, 4, 4)
    pool(x)
    for copied in (copy.deepcopy(pool), pickle.loads(pickle.dumps(pool))):
        np.testing.assert_array_equal(copied(x)[1], [[[5, 7], [13, 15]]])


def test_in_place_changes_of_the_result_do_no_harm():
    """As in PyTorch, where the layer after a pooling may work in place."""
    x = minitorch.tensor([[1.0, 3.0, 2.0, -5.0]], requires_grad=True)
    for pool in (F.max_pool1d, F.avg_pool1d):
        x.grad = None
        output = pool(x, 2)
        output.mul_(2)
        output.sum().backward()
        assert x.grad.sum().item() == 4.0
