"""Dropout: what is drawn, how it is scaled, and that backward has the same mask."""

from __future__ import annotations

import copy
import math
import pickle
import warnings

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from tests.helpers import check_gradients, linear64

ELEMENTS = [nn.Dropout, nn.AlphaDropout]
CHANNELS = [nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.FeatureAlphaDropout]
ALPHAS = [nn.AlphaDropout, nn.FeatureAlphaDropout]
PLAIN = [nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d]
LAYERS = [*ELEMENTS, *CHANNELS]
SHAPES = {  # one that each layer takes without a word
    nn.Dropout: (4, 3),
    nn.AlphaDropout: (4, 3),
    nn.Dropout1d: (4, 3, 2),
    nn.Dropout2d: (4, 3, 2, 2),
    nn.Dropout3d: (4, 3, 2, 1, 2),
    nn.FeatureAlphaDropout: (4, 3, 2),
}


class Repeated(nn.Module):
    """A layer that draws the same numbers at every call."""

    transparent = True

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.state = minitorch.get_rng_state()

    def forward(self, input):
        minitorch.set_rng_state(self.state)
        return self.layer(input)

    def backward(self, grad_output):
        return self.layer.backward(grad_output)


def stream():
    """Where the stream stands."""
    return minitorch.get_rng_state().tolist()


def buffer(value):
    """The array of a Tensor, or an array itself."""
    return value if isinstance(value, np.ndarray) else value.array


def within_five_deviations(count, n, p):
    """Whether `count` of `n` is what a probability `p` may give: one in a million is not."""
    return abs(count - n * p) < 5 * math.sqrt(n * p * (1 - p))


# -- what is drawn ------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0.01, 0.1, 0.5, 0.9])
def test_the_share_of_zeros_and_the_scale(p):
    minitorch.manual_seed(1)
    y = nn.Dropout(p)(np.ones(20_000))
    assert within_five_deviations((y == 0).sum(), y.size, p)
    np.testing.assert_allclose(y[y != 0], 1 / (1 - p), rtol=1e-15)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_call_draws_anew_and_a_seed_repeats_it(layer):
    minitorch.manual_seed(1)
    module, x = layer(), np.ones((16, 8, 2, 2, 2)[: len(SHAPES[layer])])
    first, second = module(x), module(x)
    assert (first != second).any()
    minitorch.manual_seed(1)
    np.testing.assert_array_equal(module(x), first)
    np.testing.assert_array_equal(module(x), second)


def test_neighbours_are_independent():
    minitorch.manual_seed(1)
    kept = nn.Dropout(0.5)(np.ones((300, 300))) != 0
    for neighbour in (kept[1:, :-1], kept[:-1, 1:], kept[1:, 1:]):
        equal = (kept[:-1, :-1] == neighbour).sum()
        assert within_five_deviations(equal, neighbour.size, 0.5)


@pytest.mark.parametrize(
    ("layer", "shape", "leading"),
    [
        (nn.Dropout1d, (40, 50, 3), 2),
        (nn.Dropout1d, (2000, 3), 1),
        (nn.Dropout2d, (40, 50, 3, 2), 2),
        (nn.Dropout3d, (40, 50, 3, 1, 2), 2),
        (nn.Dropout3d, (2000, 3, 1, 2), 1),
        (nn.FeatureAlphaDropout, (40, 50), 2),
        (nn.FeatureAlphaDropout, (40, 50, 3), 2),
        (nn.FeatureAlphaDropout, (40, 50, 1, 2, 3), 2),
    ],
)
def test_channels_are_left_out_as_a_whole(layer, shape, leading):
    minitorch.manual_seed(1)
    y = layer(0.3)(np.ones(shape))
    maps = y.reshape((*shape[:leading], -1))
    np.testing.assert_array_equal(maps, np.broadcast_to(maps[..., :1], maps.shape))
    numbers = maps[..., 0]
    out = numbers == numbers.min()
    assert within_five_deviations(out.sum(), numbers.size, 0.3)
    if leading == 2:  # independent from sample to sample, and from channel to channel
        for same in (out[1:] == out[:-1], out[:, 1:] == out[:, :-1]):
            assert within_five_deviations(same.sum(), same.size, 0.7**2 + 0.3**2)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_two_draws_for_each_number_of_the_mask(layer, dtype):
    shape = SHAPES[layer]
    count = math.prod(shape) if layer in ELEMENTS else math.prod(shape[:2])
    minitorch.manual_seed(1)
    layer()(np.ones(shape, dtype))
    found = minitorch.rand(3)
    minitorch.manual_seed(1)
    minitorch.rand(2 * count)  # in float32, one draw each
    assert minitorch.equal(minitorch.rand(3), found)


@pytest.mark.parametrize("layer", LAYERS)
def test_nothing_is_drawn_where_the_result_is_certain(layer):
    x = np.ones(SHAPES[layer])
    before = stream()
    layer(0.5).eval()(x)
    layer(0)(x)
    layer(1)(x)
    for empty in (x[:0], x[..., :0]):
        assert layer(0.5)(empty) is empty
    assert stream() == before


@pytest.mark.parametrize("layer", LAYERS)
def test_with_p_1_all_is_multiplied_by_0(layer):
    x = np.full(SHAPES[layer], -2.0)
    x.flat[0], x.flat[1] = np.inf, np.nan
    module = layer(1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = module(x)
    assert np.isnan(y.flat[:2]).all()
    assert (y.flat[2:] == 0).all()
    assert (module.backward(np.ones_like(x)) == 0).all()


# -- memory -------------------------------------------------------------------------------

DENSE = [
    lambda x: x,
    lambda x: x.T,
    lambda x: x.transpose(1, 0, 2),
    lambda x: x.transpose(2, 0, 1),
    lambda x: x[:, None].transpose(3, 1, 0, 2),
]


@pytest.mark.parametrize("layer", ELEMENTS)
@pytest.mark.parametrize("layout", DENSE, ids=range(len(DENSE)))
def test_the_mask_lies_in_memory_as_the_input_does(layer, layout, rng):
    x = rng.standard_normal((4, 3, 2))
    module = Repeated(layer(0.5))
    expected = layout(module(x))
    y = module(layout(x))
    np.testing.assert_array_equal(y, expected)
    kept = [axis for axis in range(y.ndim) if y.shape[axis] > 1]
    assert [y.strides[axis] for axis in kept] == [expected.strides[axis] for axis in kept]


@pytest.mark.parametrize("layer", ELEMENTS)
def test_where_the_input_has_gaps_its_order_counts(layer, rng):
    x = rng.standard_normal((6, 8))
    module = Repeated(layer(0.5))
    for part in (x[:, ::2], x[::2], x[1:, 2:5]):
        np.testing.assert_array_equal(module(part), module(part.copy()))
        np.testing.assert_array_equal(module(part.T), module(part.copy()).T)


@pytest.mark.parametrize("layer", ELEMENTS)
@pytest.mark.parametrize("shape", [(1, 3), (4, 1), ()])
def test_each_copy_of_an_expanded_element_has_its_own_number(layer, shape, rng):
    x = np.broadcast_to(rng.standard_normal(shape), (4, 3))
    module = Repeated(layer(0.5))
    np.testing.assert_array_equal(module(x), module(x.copy()))


@pytest.mark.parametrize("layer", CHANNELS)
def test_channels_are_drawn_in_plain_order(layer, rng):
    x = rng.standard_normal(SHAPES[layer])
    module = Repeated(layer(0.5))
    np.testing.assert_array_equal(module(np.asfortranarray(x)), module(x))


@pytest.mark.parametrize("layer", LAYERS)
def test_the_input_and_the_gradient_are_left_alone(layer, rng):
    x, grad = rng.standard_normal((2, *SHAPES[layer]))
    kept = x.copy(), grad.copy()
    module = layer()
    module(x)
    module.backward(grad)
    np.testing.assert_array_equal((x, grad), kept)


# -- values -------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", PLAIN)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_an_element_is_0_or_scaled(layer, dtype, rng):
    x = rng.standard_normal(SHAPES[layer]).astype(dtype)
    y = layer(0.75)(x)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, np.where(y == 0, 0, 4 * x))


@pytest.mark.parametrize("layer", ALPHAS)
@pytest.mark.parametrize("p", [0.05, 0.3, 0.5, 0.9])
def test_alpha_dropout_keeps_mean_and_variance(layer, p):
    """Of x with mean 0 and variance 1, a x + b with probability 1 - p and d with p has them too.

    Mean (1 - p) b + p d = 0 and variance (1 - p)(a² + b²) + p d² = 1.
    """
    minitorch.manual_seed(1)
    module = Repeated(layer(p))
    shape = (100, 100)
    zeros, ones = module(np.zeros(shape)), module(np.ones(shape))
    kept = zeros != ones
    assert within_five_deviations(kept.sum(), kept.size, 1 - p)
    (b,), (d,), (sum_,) = np.unique(zeros[kept]), np.unique(zeros[~kept]), np.unique(ones[kept])
    a = sum_ - b
    assert (1 - p) * b + p * d == pytest.approx(0, abs=1e-14)
    assert (1 - p) * (a**2 + b**2) + p * d**2 == pytest.approx(1, rel=1e-14, abs=0)
    # What is left out was at the limit of SELU, -λα with the paper's λ and α, before a and b.
    assert (d - b) / a == pytest.approx(-1.0507009873554805 * 1.6732632423543772, rel=1e-14, abs=0)


def test_alpha_dropout_of_normal_numbers(rng):
    minitorch.manual_seed(1)
    y = nn.AlphaDropout(0.4)(rng.standard_normal(200_000))
    assert abs(y.mean()) < 0.02
    assert abs(y.std() - 1) < 0.02


@pytest.mark.parametrize("layer", LAYERS)
def test_infinite_numbers_are_silent(layer):
    x = np.full(SHAPES[layer], np.inf)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = layer(0.5)(x)
    assert np.isin(y, [np.inf]).any()
    assert (np.isnan(y) | (y == np.inf)).all()  # 0 · ∞ is not a number


@pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 0, 3)])
@pytest.mark.parametrize("layer", ELEMENTS)
def test_shapes(layer, shape):
    module, x = layer(), np.ones(shape, np.float32)
    y = module(x)
    assert type(y) is np.ndarray
    assert (y.shape, y.dtype) == (shape, np.float32)
    assert module.backward(np.ones(shape, np.float32)).shape == shape
    t = minitorch.ones(shape, requires_grad=True)
    y = module(t)
    assert y.shape == shape
    y.sum().backward()
    np.testing.assert_array_equal(t.grad.array > 0, y.array > 0)


# -- derivatives --------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0, 0.3, 1])
@pytest.mark.parametrize("layer", LAYERS)
def test_gradients(layer, p, rng):
    check_gradients(rng, Repeated(layer(p)), rng.standard_normal(SHAPES[layer]))
    check_gradients(rng, Repeated(layer(p)).eval(), rng.standard_normal(SHAPES[layer]))


@pytest.mark.parametrize("layout", [lambda x: x.T, lambda x: x[:, ::2], lambda x: x[::-1]])
@pytest.mark.parametrize("layer", ELEMENTS)
def test_gradients_of_views(layer, layout, rng):
    check_gradients(rng, Repeated(layer()), layout(rng.standard_normal((4, 4))))


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4)])
def test_gradients_without_a_batch(shape, rng):
    check_gradients(rng, Repeated(nn.Dropout1d()), rng.standard_normal(shape))
    check_gradients(rng, Repeated(nn.Dropout3d()), rng.standard_normal((*shape, 1, 2)[-4:]))


@pytest.mark.parametrize("layer", LAYERS)
def test_second_derivatives(layer, rng):
    """L = Σ (m x²)² has dL/dx = 4 m² x³ and d(Σ dL/dx)/dx = 12 m² x², for a layer y = m x + c.

    With the shift c there is a 4 m c x more in the first, and a 4 m c in the second.
    """
    module = Repeated(layer(0.4))
    shift = module(np.zeros(SHAPES[layer]))
    m = module(np.ones(SHAPES[layer])) - shift
    array = rng.standard_normal(SHAPES[layer])
    x = minitorch.tensor(array, requires_grad=True)
    y = module(x * x)
    (first,) = minitorch.autograd.grad((y * y).sum(), x, create_graph=True)
    (second,) = minitorch.autograd.grad(first.sum(), x)
    expected = 4 * m**2 * array**3 + 4 * m * shift * array
    np.testing.assert_allclose(first.array, expected, rtol=1e-12, atol=1e-12)
    expected = 12 * m**2 * array**2 + 4 * m * shift
    np.testing.assert_allclose(second.array, expected, rtol=1e-12, atol=1e-12)


def test_a_second_backward_needs_retain_graph():
    x = minitorch.ones(4, requires_grad=True)
    y = nn.Dropout()(x).sum()
    y.backward(retain_graph=True)
    y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_a_layer_used_twice_has_two_masks(rng):
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.drop = nn.Dropout(0.5)

        def forward(self, x):
            return self.drop(self.drop(x) * 3)

    check_gradients(rng, Repeated(Twice()), rng.standard_normal((4, 5)))
    drop = nn.Dropout(0.5)
    check_gradients(rng, Repeated(nn.Sequential(drop, drop)), rng.standard_normal((4, 5)))


# -- evaluation ---------------------------------------------------------------------------


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("layer", LAYERS)
def test_evaluation_is_the_identity(layer, inplace):
    module = layer(0.5, inplace).eval()
    x, grad = np.ones(SHAPES[layer]), np.ones(SHAPES[layer])
    assert module(x) is x
    assert module.backward(grad) is grad
    leaf = minitorch.tensor(x, requires_grad=True)
    assert module(leaf) is leaf
    assert leaf._version == 0


def test_modes_may_change_between_calls(rng):
    """Each backward belongs to a call, whatever the mode is by then."""
    module, x, grad = nn.Dropout(0.5), np.ones((3, 4)), np.ones((3, 4))
    y = module(x)
    module.eval()
    np.testing.assert_array_equal(module.backward(grad), y)
    module(x)
    module.train()
    assert module.backward(grad) is grad

    class Switching(nn.Module):
        transparent = True

        def __init__(self):
            super().__init__()
            self.drop = nn.Dropout(0.5)

        def forward(self, x):
            x = self.drop.train()(x)
            return self.drop.train()(self.drop.eval()(x))

        def backward(self, grad):
            for _ in range(3):
                grad = self.drop.backward(grad)
            return grad

    check_gradients(rng, Repeated(Switching()), rng.standard_normal((3, 4)))


@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_whole_numbers_pass_where_nothing_is_scaled(dtype):
    x = np.ones((2, 3), dtype)
    assert nn.Dropout(0.5).eval()(x) is x
    assert nn.Dropout(0)(x) is x
    y = nn.Dropout(1)(x)
    assert y.dtype == dtype
    assert not y.any()


# -- in place -----------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0.5, 1])
@pytest.mark.parametrize("layer", PLAIN)
def test_in_place(layer, p, rng):
    x = rng.standard_normal(SHAPES[layer])
    module = Repeated(layer(p))
    expected = module(x)
    slope = module.backward(np.ones_like(x))
    module.layer.inplace = True

    array = x.copy()
    assert module(array) is array
    np.testing.assert_array_equal(array, expected)
    np.testing.assert_array_equal(module.backward(np.ones_like(x)), slope)

    plain = minitorch.tensor(x)
    assert module(plain) is plain
    assert not plain.requires_grad
    np.testing.assert_array_equal(plain.array, expected)

    leaf = minitorch.tensor(x, requires_grad=True)
    computed = leaf * 3
    assert module(computed) is computed
    np.testing.assert_allclose(computed.array, 3 * expected)
    computed.sum().backward()
    np.testing.assert_allclose(leaf.grad.array, 3 * slope)


@pytest.mark.parametrize("layer", ALPHAS)
def test_alpha_layers_do_not_work_in_place_but_their_functions_do(layer, rng):
    x = rng.standard_normal(SHAPES[layer])
    kept = x.copy()
    module = Repeated(layer(0.5, inplace=True))
    expected = module(x)
    assert expected is not x
    np.testing.assert_array_equal(x, kept)
    function = F.alpha_dropout if layer is nn.AlphaDropout else F.feature_alpha_dropout
    minitorch.set_rng_state(module.state)
    assert function(x, 0.5, True, inplace=True) is x
    np.testing.assert_array_equal(x, expected)


def test_a_view_changed_in_place_changes_its_base():
    x = minitorch.ones(4, 6, requires_grad=True)
    base = x * 2
    part = base[1:3]
    nn.Dropout(0.5, inplace=True)(part)
    assert set(part.array.ravel()) == {0.0, 4.0}
    np.testing.assert_array_equal(base.array[1:3], part.array)
    base.sum().backward()
    expected = np.full((4, 6), 2.0)
    expected[1:3] = part.array
    np.testing.assert_array_equal(x.grad.array, expected)


REFUSED = {
    "leaf": (lambda: minitorch.ones(3, 4, requires_grad=True), "a leaf Variable"),
    "view of a leaf": (lambda: minitorch.ones(3, 4, requires_grad=True)[1:], "a view of a leaf"),
    "expanded": (lambda: minitorch.ones(3, 1).expand(3, 4), "single memory location"),
    "integers": (lambda: minitorch.ones(3, 4).long(), "cannot be of the input's dtype int64"),
    "read-only": (lambda: np.broadcast_to(np.ones(4), (3, 4)), "a read-only array"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_changed_in_place_is_left_alone(case):
    make, message = REFUSED[case]
    x = make()
    kept, before = np.array(buffer(x)), stream()
    with pytest.raises(RuntimeError, match=message):
        nn.Dropout(0.5, inplace=True)(x)
    assert stream() == before
    np.testing.assert_array_equal(buffer(x), kept)
    if isinstance(x, minitorch.Tensor):
        assert x._version == 0
    assert nn.Dropout(0, inplace=True)(x) is x  # where nothing changes, all may pass


def test_a_leaf_may_be_changed_under_no_grad():
    x = minitorch.ones(30, requires_grad=True)
    with minitorch.no_grad():
        assert nn.Dropout(0.5, inplace=True)(x) is x
    assert set(x.tolist()) == {0.0, 2.0}
    assert x.is_leaf


def test_what_an_earlier_layer_saved_is_not_spoilt_in_silence():
    model = nn.Sequential(nn.Sigmoid(), nn.Dropout(0.5, inplace=True))
    with pytest.raises(RuntimeError, match="Dropout with inplace=True was given a read-only"):
        model(np.ones((2, 3)))
    y = model(minitorch.ones(2, 3, requires_grad=True))
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_in_place_within_a_network(rng):
    model = nn.Sequential(linear64(3, 4), nn.Dropout(0.5, inplace=True), linear64(4, 2))
    check_gradients(rng, Repeated(model), rng.standard_normal((5, 3)))


# -- in networks --------------------------------------------------------------------------


class Written(nn.Module):
    """A hand-written parent."""

    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, input):
        return 2 * self.drop(3 * self.drop(input))

    def backward(self, grad_output):
        return 3 * self.drop.backward(self.drop.backward(2 * grad_output))


class Noisy(nn.Dropout):
    """A subclass that writes forward alone."""

    def forward(self, input):
        return super().forward(input) * input


class Unscaled(nn.Dropout):
    """Another, over a function."""

    def forward(self, input):
        return F.dropout(input, self.p, self.training) * (1 - self.p)


@pytest.mark.parametrize("module", [Written, Noisy, Unscaled])
@pytest.mark.parametrize("training", [True, False])
def test_parents_and_subclasses(module, training, rng):
    check_gradients(rng, Repeated(module().train(training)), rng.standard_normal((4, 3)))


def test_a_subclass_that_writes_backward_alone():
    class StraightThrough(nn.Dropout):
        def backward(self, grad_output):
            return grad_output

    class Twofold(nn.Dropout):
        def backward(self, grad_output):
            return 2 * super().backward(grad_output)

    grad = np.linspace(1, 2, 6)
    for layer, factor in ((StraightThrough, None), (Twofold, 2)):
        module = layer(0.5)
        y = module(np.ones(6))
        expected = grad if factor is None else factor * grad * y
        np.testing.assert_array_equal(module.backward(grad), expected)
        x = minitorch.ones(6, dtype=minitorch.float64, requires_grad=True)
        y = module(x)
        y.backward(minitorch.tensor(grad))
        expected = grad if factor is None else factor * grad * y.array
        np.testing.assert_array_equal(x.grad.array, expected)


def test_training_a_network_in_both_modes(rng):
    """By hand and by autograd, the same seed gives the same weights, and both learn."""
    x, target = rng.standard_normal((64, 4)), rng.standard_normal((64, 1)) * 0.01
    target += np.tanh(x[:, :1] - 2 * x[:, 1:2])

    def train(by_hand):
        minitorch.manual_seed(5)
        model = nn.Sequential(
            linear64(4, 32), nn.Sigmoid(), nn.Dropout(0.2), linear64(32, 8), nn.AlphaDropout(0.1),
            nn.Sequential(nn.Sigmoid(), nn.Dropout(0.1, inplace=False), linear64(8, 1)),
        )  # fmt: skip
        criterion = nn.MSELoss()
        optimizer = minitorch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
        wrap = (lambda array: array) if by_hand else minitorch.tensor
        for _ in range(150):
            optimizer.zero_grad()
            loss = criterion(model(wrap(x)), wrap(target))
            if by_hand:
                model.backward(criterion.backward())
            else:
                loss.backward()
            optimizer.step()
        model.eval()
        return float(criterion(model(wrap(x)), wrap(target))), model[0].weight.array

    error, weight = train(by_hand=True)
    other_error, other_weight = train(by_hand=False)
    assert error < 0.2 * target.var()
    assert other_error == pytest.approx(error, rel=1e-9)
    np.testing.assert_allclose(other_weight, weight, rtol=1e-9)


def test_nothing_is_recorded_under_no_grad():
    module, x = nn.Dropout(0.5), minitorch.ones(3, requires_grad=True)
    with minitorch.no_grad():
        assert not module(x).requires_grad
        module(np.ones(3))
    with pytest.raises(RuntimeError, match="call forward first"):
        module.backward(np.ones(3))
    assert not module(minitorch.ones(3)).requires_grad


def test_one_backward_for_each_call():
    module = nn.Dropout(0.5)
    module(np.ones(3))
    module(np.ones(3))
    module.backward(np.ones(3))
    with pytest.raises(RuntimeError, match="call forward first"):
        module.backward(np.ones(3))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", [np.ones, minitorch.ones])
def test_hooks(kind, training):
    module, seen = nn.Dropout(0.5).train(training), []
    module.register_forward_hook(lambda module, given, output: seen.append(output))
    module.register_full_backward_hook(lambda module, grads, given: seen.append((grads, given)))
    x = kind((3, 4))
    if isinstance(x, np.ndarray):
        y = module(x)
        module.backward(np.ones((3, 4)))
    else:
        y = module(x.requires_grad_())
        y.sum().backward()
    (output, ((grad,), (given,))) = seen
    scale = 2 if training else 1
    assert {0.0, scale} >= set(np.unique(buffer(grad)))
    np.testing.assert_array_equal(buffer(output), buffer(y))
    np.testing.assert_array_equal(buffer(grad), buffer(y))
    np.testing.assert_array_equal(buffer(given), np.ones((3, 4)))


def test_copies():
    module = nn.Dropout(0.25, inplace=True).eval()
    module(np.ones(3))
    for other in (copy.copy(module), copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert repr(other) == "Dropout(p=0.25, inplace=True)"
        assert not other.training
        with pytest.raises(RuntimeError, match="call forward first"):
            copy.deepcopy(other).backward(np.ones(3))
    assert list(module.children()) == []
    assert module.state_dict() == {}


# -- bad arguments ------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_representation(layer):
    assert repr(layer()) == f"{layer.__name__}(p=0.5, inplace=False)"
    assert repr(layer(0.1, inplace=True)) == f"{layer.__name__}(p=0.1, inplace=True)"


@pytest.mark.parametrize("p", [-0.01, 1.01, 2, -1, math.nan, math.inf])
@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_no_probability(layer, p):
    with pytest.raises(ValueError, match=f"from 0 to 1, but got p={p}"):
        layer(p)
    module, before = layer(), stream()
    module.p = p
    for training in (True, False):
        with pytest.raises(ValueError, match=f"but got p={p}"):
            module.train(training)(np.ones(SHAPES[layer]))
    assert stream() == before


@pytest.mark.parametrize("bad", ["text", None, 1.0, [1.0]], ids=str)
@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_no_array(layer, bad):
    error = AttributeError if layer in CHANNELS[:3] else TypeError
    message = f"{layer.__name__}: argument 'input' must be a Tensor or a NumPy array, not "
    for training in (True, False):
        with pytest.raises(error, match=message):
            layer().train(training)(bad)


@pytest.mark.parametrize("array", [np.ones(2, object), np.array(["a"]), np.ones(2, complex)])
def test_arrays_of_something_else(array):
    for training in (True, False):
        with pytest.raises(TypeError, match="must be an array of real numbers"):
            nn.Dropout().train(training)(array)


@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
@pytest.mark.parametrize("layer", LAYERS)
def test_whole_numbers_cannot_be_scaled(layer, dtype):
    before = stream()
    for x in (np.ones(SHAPES[layer], dtype), minitorch.tensor(np.ones(SHAPES[layer], dtype))):
        with pytest.raises(RuntimeError, match=rf"dtype {dtype}: convert the input with .float"):
            layer()(x)
    assert stream() == before


@pytest.mark.parametrize("ndim", [0, 1, 4, 5])
@pytest.mark.parametrize("training", [True, False])
def test_dimensions_of_dropout1d(ndim, training):
    with pytest.raises(RuntimeError, match=f"2 or 3 dimensions.*got one of {ndim}"):
        nn.Dropout1d().train(training)(np.ones((2,) * ndim))


@pytest.mark.parametrize(
    ("layer", "ndim", "message"),
    [
        (nn.Dropout2d, 3, r"for \(N, C, L\).*use Dropout1d"),
        (nn.Dropout2d, 2, r"expected an input \(N, C, H, W\), got one of 2 dimensions"),
        (nn.Dropout2d, 5, "got one of 5 dimensions"),
        (nn.Dropout3d, 3, r"expected an input \(C, D, H, W\) or \(N, C, D, H, W\), got one of 3"),
        (nn.Dropout3d, 1, "got one of 1 dimensions"),
        (nn.Dropout3d, 6, "got one of 6 dimensions"),
    ],
)
def test_unusual_dimensions_are_warned_of(layer, ndim, message):
    x = np.ones((3, 5, 2, 2, 2, 2)[:ndim])
    for training in (True, False):
        with pytest.warns(UserWarning, match=message) as caught:
            y = layer().train(training)(x)
        assert len(caught) == 1
        assert y.shape == x.shape


@pytest.mark.parametrize(
    ("layer", "ndim", "least"),
    [
        (nn.Dropout2d, 0, 2),
        (nn.Dropout2d, 1, 2),
        (nn.Dropout3d, 0, 1),
        (nn.FeatureAlphaDropout, 1, 2),
    ],
)
def test_too_few_dimensions_for_channels(layer, ndim, least):
    x, before = np.ones((2,) * ndim), stream()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(RuntimeError, match=f"expected an input of at least {least} dimensions"):
            layer()(x)
        assert stream() == before
        assert layer(0)(x) is x
