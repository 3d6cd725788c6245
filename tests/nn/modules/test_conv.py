"""Convolution: worked examples, sums by loops, and what the table of cases cannot say."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from minitorch.nn.modules import columns
from tests.helpers import check_gradients


def by_loops(x, weight, stride, padding, dilation, groups):
    """y[n, o, w] = ∑ W[o, c, k] · x[n, c, w·stride + k·dilation - padding], by loops."""
    n = len(stride)
    padded = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)])
    per_group, outputs = weight.shape[1], len(weight)
    counts = [
        (size - d * (k - 1) - 1) // s + 1
        for size, k, s, d in zip(padded.shape[2:], weight.shape[2:], stride, dilation, strict=True)
    ]
    y = np.zeros((len(x), outputs, *counts))
    for sample, out in itertools.product(range(len(x)), range(outputs)):
        first = out // (outputs // groups) * per_group
        for window in np.ndindex(*counts):
            for channel, *place in np.ndindex(per_group, *weight.shape[2:]):
                at = [window[i] * stride[i] + place[i] * dilation[i] for i in range(n)]
                y[(sample, out, *window)] += (
                    weight[(out, channel, *place)] * padded[(sample, first + channel, *at)]
                )
    return y


SETTINGS = [
    ((2, 2, 7), (4, 2, 3), (1,), (0,), (1,), 1),
    ((2, 2, 7), (4, 1, 3), (2,), (1,), (2,), 2),
    ((2, 3, 5, 6), (2, 3, 3, 2), (2, 1), (1, 2), (1, 2), 1),
    ((1, 4, 4, 4), (8, 1, 2, 2), (1, 3), (0, 1), (1, 1), 4),
    ((1, 2, 3, 4, 3), (2, 1, 2, 2, 2), (1, 2, 1), (1, 0, 1), (2, 1, 1), 2),
]


@pytest.mark.parametrize(("shape", "kernel", "stride", "padding", "dilation", "groups"), SETTINGS)
def test_values(shape, kernel, stride, padding, dilation, groups, rng):
    x, weight = rng.standard_normal(shape), rng.standard_normal(kernel)
    convolve = (F.conv1d, F.conv2d, F.conv3d)[len(stride) - 1]
    output = convolve(x, weight, None, stride, padding, dilation, groups)
    expected = by_loops(x, weight, stride, padding, dilation, groups)
    np.testing.assert_allclose(output, expected, rtol=1e-10, atol=1e-12, strict=True)


@pytest.mark.parametrize(("shape", "kernel", "stride", "padding", "dilation", "groups"), SETTINGS)
def test_transposed_is_the_transposed_map(shape, kernel, stride, padding, dilation, groups, rng):
    """⟨conv(x), y⟩ = ⟨x, conv_transpose(y)⟩ for every x and y."""
    x, weight = rng.standard_normal(shape), rng.standard_normal(kernel)
    convolved = by_loops(x, weight, stride, padding, dilation, groups)
    y = rng.standard_normal(convolved.shape)
    n = len(stride)
    transposed = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[n - 1](
        kernel[0], shape[1], kernel[2:], stride, padding, 0, groups, False, dilation,
        dtype=minitorch.float64,
    )  # fmt: skip
    transposed.weight.array[...] = weight
    back = transposed(minitorch.tensor(y), output_size=shape[2:]).array
    assert back.shape == x.shape
    np.testing.assert_allclose((convolved * y).sum(), (x * back).sum(), rtol=1e-10)


@pytest.mark.parametrize("images", [1, 2, 3])
@pytest.mark.parametrize("options", [{"stride": 2}, {"padding": 1}, {"groups": 2}])
@pytest.mark.parametrize("kind", [nn.Conv1d, nn.ConvTranspose1d])
def test_blocks(kind, options, images, monkeypatch, rng):
    """Seven images, so many at a time: buffers are used again, and the last ones are fewer."""
    layer = kind(4, 2, 3, dtype=minitorch.float64, **options)
    x = rng.standard_normal((7, 4, 5))
    expected = np.stack([layer(image) for image in x])
    windows = 5 if kind is nn.ConvTranspose1d else expected.shape[-1]
    monkeypatch.setattr(columns, "BLOCK", 0)
    monkeypatch.setattr(columns, "LONG", images * windows)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-12)
    check_gradients(rng, layer, x)


def test_an_edge_filter():
    """The vertical edge of a bright square: its columns' differences."""
    image = np.zeros((1, 1, 4, 4), np.float32)
    image[..., 2:] = 1.0
    sobel = np.array([[[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]]], np.float32)
    np.testing.assert_array_equal(F.conv2d(image, sobel), [[[[4, 4], [4, 4]]]])
    np.testing.assert_array_equal(
        F.conv2d(image, sobel, padding=1)[0, 0],
        [[0, 3, 3, -3], [0, 4, 4, -4], [0, 4, 4, -4], [0, 3, 3, -3]],
    )


def test_same_padding_puts_the_odd_one_after():
    x, weight = np.arange(1.0, 5.0).reshape(1, 1, 4), np.ones((1, 1, 2))
    np.testing.assert_array_equal(F.conv1d(x, weight, padding="same"), [[[3, 5, 7, 4]]])


def test_half_precision_sums_in_single(rng):
    layer = nn.Conv2d(64, 1, 3, bias=False, dtype=minitorch.float16)
    layer.weight.array[...] = 1
    x = minitorch.full((1, 64, 3, 3), 0.1, dtype=minitorch.float16, requires_grad=True)
    output = layer(x)
    output.backward()
    assert output.dtype is x.grad.dtype is layer.weight.grad.dtype is minitorch.float16
    assert abs(float(output) - 57.6) < 0.05


def test_a_gradient_without_memory_of_its_own(rng):
    """The gradient of a sum is one number that is repeated."""
    layer = nn.Conv2d(2, 3, 3)
    x = minitorch.tensor(rng.standard_normal((2, 2, 5, 5)), dtype=minitorch.float32)
    layer(x).sum().backward()
    np.testing.assert_allclose(layer.bias.grad.array, [18, 18, 18])
    expected = [[x.array[:, c, i : i + 3, j : j + 3].sum() for i, j in np.ndindex(3, 3)]
                for c in range(2)]  # fmt: skip
    for grad in layer.weight.grad.array:
        np.testing.assert_allclose(grad.reshape(2, 9), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.ConvTranspose2d])
def test_a_frozen_weight_gets_no_gradient(kind):
    layer = kind(2, 3, 3)
    layer.weight.requires_grad_(False)
    x = minitorch.ones(1, 2, 5, 5, requires_grad=True)
    layer(x).sum().backward()
    assert layer.weight.grad is None
    assert layer.bias.grad is not None
    assert x.grad.shape == x.shape


def test_infinities_do_not_warn():
    x = np.array([[[np.inf, 1.0, -np.inf]]])
    output = F.conv1d(x, np.ones((1, 1, 2)))
    np.testing.assert_array_equal(output, [[[np.inf, -np.inf]]])
    assert np.isnan(F.conv1d(x, np.ones((1, 1, 3)))).all()


@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"groups": 8}])
def test_memory_is_that_of_a_few_images(options):
    """Beside the results, forward and backward need less than a fifth of the batch's columns."""
    layer = nn.Conv2d(16, 16, 3, padding=1, **options)
    x = minitorch.zeros(128, 16, 16, 16, requires_grad=True)
    layer(x).sum().backward()
    x.grad = None
    tracemalloc.start()
    output = layer(x)
    output.backward(minitorch.ones_like(output))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    results = 2 * output.array.nbytes + x.array.nbytes
    columns = 9 * output.array.nbytes
    assert peak - results < columns / 5


def test_shared_base():
    """Libraries find convolutions by the class that they share."""
    base = nn.modules.conv._ConvNd
    kinds = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
    transposed = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
    assert all(issubclass(kind, base) and not kind.transposed for kind in kinds)
    assert all(issubclass(kind, base) and kind.transposed for kind in transposed)


def test_a_refused_call_leaves_no_gradient():
    layer = nn.Conv2d(2, 3, 3)
    with pytest.raises(RuntimeError, match=r"3 channels|2 channels"):
        layer(minitorch.ones(1, 3, 5, 5))
    assert layer.weight.grad is None


@pytest.mark.parametrize("option", ["stride", "padding", "dilation"])
@pytest.mark.parametrize("name", ["Conv2d", "ConvTranspose2d", "Unfold"])
def test_a_number_that_is_no_integer_is_refused_after_an_equal_one(name, option):
    kind = getattr(nn, name)
    sizes = (2,) if name == "Unfold" else (1, 1, 2)
    image = minitorch.ones(1, 1, 6, 6)
    kind(*sizes, **{option: 1})(image)
    with pytest.raises(TypeError, match=option):
        kind(*sizes, **{option: 1.0})(image)


# -- `_conv_forward`, which libraries call and override -----------------------------------


def standardised(weight):
    """A weight with mean 0 for each output."""
    return weight - weight.mean((1, 2, 3), keepdim=True)


class CallsConvForward(nn.Conv2d):
    def forward(self, input):
        return self._conv_forward(input, standardised(self.weight), self.bias)


class OverridesConvForward(nn.Conv2d):
    def _conv_forward(self, input, weight, bias):
        return super()._conv_forward(input, standardised(weight), bias)


class Standardises:
    def _conv_forward(self, input, weight, bias):
        return super()._conv_forward(input, standardised(weight), bias)


class MixesIn(Standardises, nn.Conv2d):
    pass


class Passes(nn.Conv2d):
    def forward(self, input):
        return -self._conv_forward(-input, self.weight, None) + self.bias_or_zero()

    def bias_or_zero(self):
        return 0.0 if self.bias is None else self.bias[:, None, None]


class OverridesBelowForward(Standardises, Passes):
    pass


OPTIONS = [
    {},
    {"stride": 2, "padding": 1, "groups": 2, "dilation": 2},
    {"padding": (2, 1), "padding_mode": "reflect"},
    {"padding": "same", "padding_mode": "circular", "bias": False},
]


@pytest.mark.parametrize(
    "kind", [CallsConvForward, OverridesConvForward, MixesIn, OverridesBelowForward]
)
@pytest.mark.parametrize("options", OPTIONS)
def test_another_weight_in_conv_forward(kind, options, rng):
    layer = kind(2, 4, 3, **options).double()
    plain = nn.Conv2d(2, 4, 3, **options).double()
    plain.load_state_dict({**layer.state_dict(), "weight": standardised(layer.weight).detach()})
    x = rng.standard_normal((2, 2, 7, 6))
    ours, theirs = minitorch.tensor(x, requires_grad=True), minitorch.tensor(x, requires_grad=True)
    output, expected = layer(ours), plain(theirs)
    np.testing.assert_allclose(output.array, expected.array, rtol=1e-12, atol=1e-14)
    grad = minitorch.tensor(rng.standard_normal(output.shape))
    output.backward(grad)
    expected.backward(grad)
    np.testing.assert_allclose(ours.grad.array, theirs.grad.array, rtol=1e-12, atol=1e-14)
    # the derivative of w - mean(w), with which the mean of the gradient goes too
    by_weight = standardised(plain.weight.grad).array
    np.testing.assert_allclose(layer.weight.grad.array, by_weight, rtol=1e-9, atol=1e-12)
    if layer.bias is not None:
        np.testing.assert_allclose(layer.bias.grad.array, plain.bias.grad.array, rtol=1e-12)


def test_conv_forward_by_hand(rng):
    layer = OverridesConvForward(2, 4, 3).double()
    x = rng.standard_normal((2, 2, 5, 5))
    grad = rng.standard_normal((2, 4, 3, 3))
    assert isinstance(layer(x), np.ndarray)
    by_hand = layer.backward(grad)
    weight = layer.weight.grad.array
    layer.zero_grad()
    tensor = minitorch.tensor(x, requires_grad=True)
    layer(tensor).backward(minitorch.tensor(grad))
    np.testing.assert_array_equal(tensor.grad.array, by_hand)
    np.testing.assert_array_equal(layer.weight.grad.array, weight)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_conv_forward_is_the_functional_form(count, rng):
    layer = getattr(nn, f"Conv{count}d")(2, 4, 2, stride=2, padding=1)
    x = minitorch.tensor(rng.standard_normal((1, 2, *(4,) * count)).astype(np.float32))
    weight = minitorch.ones_like(layer.weight, requires_grad=True)
    output = layer._conv_forward(x, weight, None)
    expected = getattr(F, f"conv{count}d")(x, weight, None, 2, 1)
    np.testing.assert_array_equal(output.array, expected.array)
    output.sum().backward()
    assert weight.grad is not None
    assert layer.weight.grad is None
    with pytest.raises(TypeError, match=f"Conv{count}d: argument 'weight'"):
        layer._conv_forward(x, [1.0], None)


def test_a_replaced_conv_forward_is_not_passed_over_in_silence():
    class Doubled(nn.Conv1d):
        def _conv_forward(self, input, weight, bias):
            return super()._conv_forward(input, 2 * weight, bias)

        def forward(self, input):
            return super().forward(input) + 1

    with pytest.raises(NotImplementedError, match="Doubled replaces _conv_forward"):
        Doubled(1, 1, 1)(minitorch.ones(1, 1, 3))
    layer = nn.Conv1d(1, 1, 1)
    layer._conv_forward = lambda input, weight, bias: input
    with pytest.raises(NotImplementedError, match="Conv1d replaces _conv_forward"):
        layer(np.ones((1, 1, 3), np.float32))
