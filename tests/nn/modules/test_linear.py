"""Linear and Identity."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import minitorch
from minitorch import nn
from tests.helpers import check_gradients, linear64

SHAPES = [(3,), (1, 3), (4, 3), (2, 4, 3), (1, 2, 1, 3), (0, 3), (2, 0, 3)]


def by_loops(x, weight, bias):
    """y = x Wᵀ + b, one product at a time."""
    rows = x.reshape(-1, x.shape[-1])
    result = np.zeros((len(rows), len(weight)))
    for row in range(len(rows)):
        for out in range(len(weight)):
            total = 0.0 if bias is None else bias[out]
            for place in range(x.shape[-1]):
                total += rows[row, place] * weight[out, place]
            result[row, out] = total
    return result.reshape(*x.shape[:-1], len(weight))


def with_weights(rng, bias=True, dtype=minitorch.float64):
    """A Linear(3, 2) with known weights, and these."""
    layer = nn.Linear(3, 2, bias=bias, dtype=dtype)
    weight, offset = rng.standard_normal((2, 3)), rng.standard_normal(2)
    layer.weight.array[...] = weight
    if bias:
        layer.bias.array[...] = offset
    return layer, weight, offset if bias else None


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_values(shape, bias, rng):
    layer, weight, offset = with_weights(rng, bias)
    x = rng.standard_normal(shape)
    expected = by_loops(x, weight, offset)
    output = layer(x)
    assert type(output) is np.ndarray
    np.testing.assert_allclose(output, expected, rtol=1e-12, strict=True)
    np.testing.assert_allclose(layer(minitorch.tensor(x)).array, expected, rtol=1e-12, strict=True)


@pytest.mark.parametrize("dtype", [minitorch.float32, minitorch.float64, minitorch.float16])
def test_the_dtype_stays(dtype, rng):
    layer, weight, offset = with_weights(rng, dtype=dtype)
    x = minitorch.tensor(rng.standard_normal((4, 3)), dtype=dtype, requires_grad=True)
    output = layer(x)
    assert output.dtype is dtype
    np.testing.assert_allclose(
        output.array.astype(float), by_loops(x.array, weight, offset), rtol=1e-2, atol=1e-2
    )
    output.sum().backward()
    assert x.grad.dtype is layer.weight.grad.dtype is layer.bias.grad.dtype is dtype


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_gradients(shape, bias, rng):
    check_gradients(rng, linear64(3, 2, bias=bias), rng.standard_normal(shape))


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x.T,
        lambda x: x[:, ::2],
        lambda x: x[::-1, 1:4],
        lambda x: np.broadcast_to(x[0], (5, 6)),
        lambda x: x[None].transpose(2, 0, 1),
        lambda x: np.asfortranarray(x),
    ],
    ids=range(6),
)
def test_inputs_that_are_not_contiguous(view, rng):
    x = view(rng.standard_normal((6, 6)))
    layer = linear64(x.shape[-1], 2)
    expected = by_loops(x, layer.weight.array, layer.bias.array)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-12)
    x = x.copy("K") if x.flags.writeable else x.copy()
    check_gradients(rng, layer, x)


def test_weights_that_are_not_contiguous(rng):
    layer = linear64(3, 2)
    layer.weight = nn.Parameter(minitorch.tensor(rng.standard_normal((3, 2))).T)
    layer.bias = nn.Parameter(minitorch.tensor(rng.standard_normal(4))[::2])
    check_gradients(rng, layer, rng.standard_normal((4, 3)))


def test_an_empty_batch_has_gradients_of_zero():
    layer = nn.Linear(3, 2)
    x = np.zeros((0, 3), np.float32)
    assert layer(x).shape == (0, 2)
    assert layer.backward(np.zeros((0, 2), np.float32)).shape == (0, 3)
    assert layer.weight.grad.tolist() == [[0.0] * 3] * 2
    assert layer.bias.grad.tolist() == [0.0, 0.0]


def test_no_features(rng):
    with pytest.warns(UserWarning, match="zero-element tensors"):
        none_in = nn.Linear(0, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        none_out = nn.Linear(2, 0, bias=False)
    assert none_in.bias.tolist() == [0.0, 0.0]
    assert none_in(np.zeros((3, 0), np.float32)).tolist() == [[0.0, 0.0]] * 3
    assert none_in.backward(np.ones((3, 2), np.float32)).shape == (3, 0)
    assert none_in.bias.grad.tolist() == [3.0, 3.0]
    assert none_out(np.ones((3, 2), np.float32)).shape == (3, 0)
    assert none_out.backward(np.ones((3, 0), np.float32)).tolist() == [[0.0, 0.0]] * 3


def test_the_input_is_left_alone(rng):
    layer = linear64(3, 2)
    x, grad = rng.standard_normal((4, 3)), rng.standard_normal((4, 2))
    kept, kept_grad = x.copy(), grad.copy()
    layer(x)
    layer.backward(grad)
    np.testing.assert_array_equal(x, kept)
    np.testing.assert_array_equal(grad, kept_grad)


# -- initial weights ----------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [minitorch.float32, minitorch.float64, minitorch.float16])
def test_initial_weights_fill_their_range(dtype):
    minitorch.manual_seed(0)
    layer = nn.Linear(100, 2000, dtype=dtype)
    bound = 1 / np.sqrt(100)
    for parameter, count in ((layer.weight, 200000), (layer.bias, 2000)):
        values = parameter.array.astype(np.float64)
        assert parameter.dtype is dtype
        assert values.size == count
        assert np.abs(values).max() <= bound * 1.001
        assert np.abs(values).max() > bound * 0.99
        assert values.mean() == pytest.approx(0, abs=5 * bound / np.sqrt(3 * count))
        assert values.std() == pytest.approx(bound / np.sqrt(3), rel=0.05)


def test_initial_weights_come_from_the_seed():
    """PyTorch 2.13 prints these for manual_seed(0); the whole streams are compared in parity."""
    minitorch.manual_seed(0)
    layer = nn.Linear(2, 2)
    assert repr(layer.weight) == (
        "Parameter containing:\ntensor([[-0.0053,  0.3793],\n        [-0.5820, -0.5204]], "
        "requires_grad=True)"
    )
    first = layer.weight.tolist()
    layer.reset_parameters()
    assert layer.weight.tolist() != first
    minitorch.manual_seed(0)
    layer.reset_parameters()
    assert layer.weight.tolist() == first


def test_attributes():
    layer = nn.Linear(3, 2, bias=False)
    assert (layer.in_features, layer.out_features, layer.bias) == (3, 2, None)
    assert layer.weight.shape == (2, 3)
    assert list(layer.state_dict()) == ["weight"]
    assert repr(layer) == "Linear(in_features=3, out_features=2, bias=False)"
    assert repr(nn.Linear(1, 2)) == "Linear(in_features=1, out_features=2, bias=True)"
    assert list(nn.Linear(3, 2).state_dict()) == ["weight", "bias"]


def test_weights_may_be_replaced(rng):
    layer = linear64(3, 2, bias=False)
    layer.bias = nn.Parameter(minitorch.ones(2, dtype=minitorch.float64))
    check_gradients(rng, layer, rng.standard_normal((4, 3)))
    layer.bias = None
    check_gradients(rng, layer, rng.standard_normal((4, 3)))


def test_weights_may_be_computed():
    layer = nn.Linear(2, 1, bias=False)
    del layer.weight
    base = minitorch.ones(1, 2, requires_grad=True)
    layer.weight = base * 2
    layer(minitorch.tensor([[3.0, 4.0]])).sum().backward()
    assert base.grad.tolist() == [[6.0, 8.0]]


def test_frozen_weights_get_no_gradient():
    layer = nn.Linear(2, 1)
    layer.weight.requires_grad_(False)
    layer(minitorch.ones(1, 2)).sum().backward()
    assert layer.weight.grad is None
    assert layer.bias.grad.tolist() == [1.0]


# -- bad input ----------------------------------------------------------------------------

BAD_INPUTS = [
    (np.ones((4, 5), np.float32), RuntimeError, "(4x5 and 3x2)", "in_features=3, got shape [4, 5]"),
    (np.ones((2, 4, 5), np.float32), RuntimeError, "(8x5 and 3x2)", "got shape [2, 4, 5]"),
    (np.ones(5, np.float32), RuntimeError, "in_features=3", "got shape [5]"),
    (np.zeros((4, 0), np.float32), RuntimeError, "(0x0 and 3x2)", "got shape [4, 0]"),
    (np.ones((), np.float32), RuntimeError, "at least 1 dimension", "in_features=3"),
    (np.ones((4, 3)), RuntimeError, "got float64 and float32", "or the module (.double())"),
    (np.ones((4, 3), np.float16), RuntimeError, "got float16 and float32", ".half()"),
    (np.ones((4, 3), np.int64), RuntimeError, "got int64 and float32", ".to(minitorch.float32)"),
    (np.ones((4, 3), bool), RuntimeError, "got bool and float32", "convert the input"),
    (np.ones((4, 3), object), TypeError, "'input' must be an array of real numbers", "object"),
    (np.array([["a", "b", "c"]]), TypeError, "'input' must be an array of real numbers", "<U1"),
    (np.ones((4, 3), complex), TypeError, "must be an array of real numbers", "complex128"),
    ([[1.0, 2.0, 3.0]], TypeError, "be a Tensor or a NumPy array, not list", "minitorch.tensor"),
    ("text", TypeError, "must be a Tensor or a NumPy array, not str", "minitorch.tensor"),
    (1.5, TypeError, "not float", "minitorch.tensor"),
    (None, TypeError, "not NoneType", "minitorch.tensor"),
]  # fmt: skip


def notes(error):
    return "\n".join(getattr(error, "__notes__", []))


def as_tensors(cases):
    """The cases whose array a Tensor can hold, as Tensors."""
    for bad, *rest in cases:
        if isinstance(bad, np.ndarray) and bad.dtype.kind not in "OUc":
            yield minitorch.tensor(bad), *rest


@pytest.mark.parametrize(
    ("bad", "error", "expected", "got"), [*BAD_INPUTS, *as_tensors(BAD_INPUTS)]
)
def test_bad_input(bad, error, expected, got):
    """The error names the module and its path, what was expected and what came."""
    layer = nn.Linear(3, 2)
    block = nn.Sequential()
    block.add_module("fc1", layer)
    model = nn.Sequential(nn.Identity(), nn.Identity(), block)
    model(minitorch.ones(1, 3)).sum().backward()
    before = layer.weight.grad.tolist(), layer.bias.grad.tolist(), layer.weight.tolist()
    with pytest.raises(error) as caught:
        model(bad)
    assert type(caught.value) is error
    assert "Linear" in str(caught.value)
    assert expected in str(caught.value)
    assert got in str(caught.value)
    assert "'2.fc1': Linear(in_features=3, out_features=2, bias=True)" in notes(caught.value)
    assert before == (layer.weight.grad.tolist(), layer.bias.grad.tolist(), layer.weight.tolist())


@pytest.mark.parametrize(
    ("bias", "message"),
    [
        (minitorch.ones(3), r"bias of shape \[3\] cannot be added to an output of shape \[4, 2\]"),
        (minitorch.ones(2, dtype=minitorch.float64), "bias and weight must have the same dtype"),
        (minitorch.ones(2, dtype=minitorch.float16), "got float16 and float32"),
    ],
)
def test_a_bias_that_does_not_fit(bias, message):
    layer = nn.Linear(3, 2)
    layer.bias = nn.Parameter(bias)
    with pytest.raises(RuntimeError, match=message):
        layer(np.ones((4, 3), np.float32))


@pytest.mark.parametrize("grad", [np.ones((4, 3)), np.ones((3, 2)), np.ones(2)])
def test_a_gradient_that_does_not_fit(grad):
    layer = linear64(3, 2)
    layer(np.ones((4, 3)))
    with pytest.raises(RuntimeError, match=r"Linear.*shape \[4, 2\]"):
        layer.backward(grad)
    assert layer.weight.grad is None
    assert layer.backward(np.ones((4, 2))).shape == (4, 3)  # the call is still there


@pytest.mark.parametrize(
    ("sizes", "error"),
    [((-1, 2), RuntimeError), ((1.5, 2), TypeError), (("2", 2), TypeError), ((2,), TypeError)],
)
def test_bad_sizes(sizes, error):
    with pytest.raises(error):
        nn.Linear(*sizes)


def test_overflow_is_silent():
    layer = nn.Linear(2, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer.weight.array[...] = 3e38
        assert layer(np.full((1, 2), 3e38, np.float32)).tolist() == [[np.inf]]
        assert np.isnan(layer(np.array([[np.inf, -np.inf]], np.float32))).all()


# -- Identity -----------------------------------------------------------------------------


def test_identity():
    layer = nn.Identity(54, unused=True)
    x, array = minitorch.ones(2, requires_grad=True), np.ones(2)
    assert layer(x) is x
    np.testing.assert_array_equal(layer(array), array)
    assert layer.backward(np.array([3.0, 4.0])).tolist() == [3.0, 4.0]
    assert layer("text") == "text"
    assert list(layer.state_dict()) == []
    assert repr(layer) == "Identity()"


def test_gradients_through_identity(rng):
    check_gradients(rng, nn.Sequential(nn.Identity(), linear64(3, 2)), rng.standard_normal((4, 3)))
