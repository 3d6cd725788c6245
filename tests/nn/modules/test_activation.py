"""Activations: exact and silent over the whole range; in place; what the table cannot say."""

from __future__ import annotations

import math
import warnings
from decimal import Decimal, getcontext

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from tests.helpers import central_difference, check_gradients

FLOATS = ["float32", "float64"]


def exact(x: float) -> float:
    """σ(x) in 60 digits."""
    getcontext().prec = 60
    return float(1 / (1 + (-Decimal(float(x))).exp()))


def silent(module, x):
    """What a module makes of an array; whatever NumPy could report is an error."""
    with warnings.catch_warnings(), np.errstate(all="raise"):  # underflow, too
        warnings.simplefilter("error")
        return module(x)


# -- values -------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOATS)
def test_values_to_the_last_digits(dtype):
    x = np.concatenate([np.linspace(-80, 80, 801), np.linspace(-1, 1, 201), [1e-8, -1e-8, 0.0]])
    x = x.astype(dtype)
    expected = np.array([exact(each) for each in x])
    found = silent(nn.Sigmoid(), x)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", FLOATS)
def test_the_whole_range_from_minus_to_plus_ten_thousand(dtype):
    x = np.sort(np.concatenate([np.linspace(-1e4, 1e4, 20001), np.linspace(-800, 800, 16001)]))
    y = silent(nn.Sigmoid(), x.astype(dtype))
    assert np.isfinite(y).all()
    assert (np.diff(y) >= 0).all()
    assert y[0] == 0.0
    assert y[-1] == 1.0
    smallest = np.finfo(dtype).tiny
    expected = np.array([exact(each) for each in x[::100].astype(dtype)])
    np.testing.assert_allclose(y[::100], expected, rtol=1e-6, atol=smallest)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (-709.0, 1.2167807506234229e-308),  # e⁻⁷⁰⁹
        (709.0, 1.0),
        (-88.0, 6.054601895401186e-39),  # e⁻⁸⁸
        (88.0, 1.0),
        (-1e4, 0.0),
        (1e4, 1.0),
        (0.0, 0.5),
        (math.log(3), 0.75),
        (-math.log(3), 0.25),
        (-math.inf, 0.0),
        (math.inf, 1.0),
    ],
)
def test_known_values(x, expected):
    assert silent(nn.Sigmoid(), np.array([x]))[0] == pytest.approx(expected, rel=1e-15)
    single = silent(nn.Sigmoid(), np.array([x], np.float32))[0]
    assert single == pytest.approx(expected, rel=1e-6, abs=1.2e-38)


def test_not_a_number_stays_so():
    assert np.isnan(silent(nn.Sigmoid(), np.array([np.nan]))).all()


@pytest.mark.parametrize("dtype", FLOATS)
def test_symmetry(dtype):
    """σ(-x) = 1 - σ(x)."""
    x = np.linspace(0, 1000, 5001, dtype=dtype)
    layer = nn.Sigmoid()
    np.testing.assert_allclose(
        silent(layer, -x), 1 - silent(layer, x), rtol=0, atol=np.finfo(dtype).eps
    )


def test_half_precision():
    x = np.array([-16.0, -12.0, -8.0, 0.0, 8.0, 100.0, -100.0], np.float16)
    y = silent(nn.Sigmoid(), x)
    assert y.dtype == np.float16
    np.testing.assert_allclose(y, [exact(each) for each in x], rtol=1e-3, atol=6e-8)


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "bool"])
def test_integers_become_the_default_dtype(dtype):
    x = np.array([0, 1, 1], dtype)
    for y in (nn.Sigmoid()(x), nn.Sigmoid()(minitorch.tensor(x)).array):
        assert y.dtype == np.float32
        np.testing.assert_allclose(y, [0.5, exact(1), exact(1)], rtol=1e-6)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0, 3), (2, 3)])
def test_shapes(shape, rng):
    x = rng.standard_normal(shape)
    y = nn.Sigmoid()(x)
    assert type(y) is np.ndarray
    assert y.shape == shape
    assert nn.Sigmoid()(minitorch.tensor(x)).shape == shape


def test_the_input_is_left_alone(rng):
    x = rng.standard_normal((3, 4))
    kept = x.copy()
    layer = nn.Sigmoid()
    layer(x)
    layer.backward(np.ones((3, 4)))
    np.testing.assert_array_equal(x, kept)


def test_every_form_is_the_same(rng):
    x = rng.standard_normal((3, 4))
    expected = nn.Sigmoid()(x)
    for function in (minitorch.sigmoid, F.sigmoid):
        np.testing.assert_array_equal(function(x), expected)
        np.testing.assert_array_equal(function(minitorch.tensor(x)).array, expected)


# -- derivatives --------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2)])
def test_gradients(shape, rng):
    check_gradients(rng, nn.Sigmoid(), rng.standard_normal(shape))


@pytest.mark.parametrize("layout", [lambda x: x.T, lambda x: x[:, ::2], lambda x: x[::-1]])
def test_gradients_of_views(layout, rng):
    check_gradients(rng, nn.Sigmoid(), layout(rng.standard_normal((4, 4))))


@pytest.mark.parametrize("dtype", FLOATS)
def test_the_derivative_is_silent_and_right_far_out(dtype):
    """dσ/dx = σ(x) (1 - σ(x)); it is 0 on both ends."""
    x = np.array([-1e4, -709, -88, -20, 0, 20, 88, 709, 1e4], dtype)
    layer = nn.Sigmoid()
    silent(layer, x)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        grad = layer.backward(np.ones_like(x))
    expected = [exact(each) * exact(-each) for each in x]
    np.testing.assert_allclose(
        grad, expected, rtol=1e-5, atol=max(np.finfo(dtype).tiny, 3 * np.finfo(dtype).eps * 1e-1)
    )
    assert grad[0] == grad[-1] == 0


def test_higher_derivatives():
    """σ' = σ(1-σ), σ'' = σ'(1-2σ), σ''' = σ'(1-6σ+6σ²)."""
    points = [-20.0, -1.0, 0.0, 0.5, 3.0]
    x = minitorch.tensor(points, dtype=minitorch.float64, requires_grad=True)
    found = [nn.Sigmoid()(x)]
    for _ in range(3):
        found.append(minitorch.autograd.grad(found[-1].sum(), x, create_graph=True)[0])
    s = np.array([exact(point) for point in points])
    slope = s * (1 - s)
    expected = [s, slope, slope * (1 - 2 * s), slope * (1 - 6 * s + 6 * s * s)]
    for order, (mine, right) in enumerate(zip(found, expected, strict=True)):
        np.testing.assert_allclose(mine.array, right, rtol=1e-12, err_msg=f"order {order}")


def test_second_derivatives_inside_a_network(rng):
    """The derivative of |dL/dx|² by x, against central differences of it."""
    x = minitorch.tensor(rng.standard_normal((2, 3)), requires_grad=True)
    weight = minitorch.tensor(rng.standard_normal((3, 3)), requires_grad=True)
    layer = nn.Sigmoid()

    def penalty():
        output = (layer(x @ weight) * layer(x)).sum()
        grads = minitorch.autograd.grad(output, (x, weight), create_graph=True)
        return sum((grad * grad).sum() for grad in grads)

    found = minitorch.autograd.grad(penalty(), (x, weight))
    for grad, leaf in zip(found, (x, weight), strict=True):
        expected = central_difference(lambda: penalty().item(), leaf.array)
        np.testing.assert_allclose(grad.array, expected, rtol=1e-6, atol=1e-8)


def test_a_change_of_the_output_is_noticed():
    x = minitorch.ones(2, requires_grad=True)
    y = nn.Sigmoid()(x)
    y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


# -- bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("text", "Sigmoid: argument 'input' must be a Tensor or a NumPy array, not str"),
        (None, "not NoneType"),
        (1.0, "not float"),
        ([1.0], "not list; convert it with minitorch.tensor"),
        (np.ones(2, object), "must be an array of real numbers, not of dtype object"),
        (np.array(["a"]), "not of dtype <U1"),
        (np.ones(2, complex), "not of dtype complex128"),
    ],
)
def test_bad_input(bad, message):
    model = nn.Sequential(nn.Identity(), nn.Sigmoid())
    with pytest.raises(TypeError) as caught:
        model(bad)
    assert message in str(caught.value)
    assert any("'1': Sigmoid()" in note for note in caught.value.__notes__)


def test_constructor():
    assert repr(nn.Sigmoid()) == "Sigmoid()"
    with pytest.raises(TypeError):
        nn.Sigmoid(5)


# -- the others ---------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gelu_beside_the_error_function(dtype):
    x = np.linspace(-12, 12, 20001).astype(dtype)
    expected = [each * 0.5 * math.erfc(-each / math.sqrt(2)) for each in x.tolist()]
    found = silent_run(nn.GELU(), x)
    tolerance = 8e-7 if dtype == "float32" else 1e-15  # a few roundings of Φ, times x
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
    assert abs(found[0]) < 1e-30


def test_softmax_by_hand():
    x = np.log([[1.0, 2.0, 5.0], [3.0, 3.0, 3.0]])
    np.testing.assert_allclose(nn.Softmax(1)(x), [[1 / 8, 2 / 8, 5 / 8], [1 / 3] * 3])
    np.testing.assert_allclose(nn.LogSoftmax(1)(x), np.log([[1 / 8, 2 / 8, 5 / 8], [1 / 3] * 3]))


def silent_run(module, x):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return module(x)


EXTREME = [nn.ReLU(), nn.LeakyReLU(), nn.ELU(), nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.Tanh(),
           nn.Softplus(), nn.LogSigmoid(), nn.Hardtanh(), nn.ReLU6(), nn.Softmax(0),
           nn.LogSoftmax(0)]  # fmt: skip


@pytest.mark.parametrize("module", EXTREME, ids=repr)
def test_finite_and_silent_far_out(module):
    x = np.concatenate([np.linspace(-1e4, 1e4, 4001), np.linspace(-120, 120, 2401)])
    x = x.astype(np.float32)
    y = silent_run(module, x)
    assert y.dtype == np.float32
    assert np.isfinite(y).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(module.backward(np.ones_like(y))).all()


@pytest.mark.parametrize("module", [nn.LeakyReLU(0.0), nn.PReLU(init=0.0)], ids=repr)
def test_infinity_times_a_slope_of_0_is_silent(module):
    output = silent_run(module, np.array([-np.inf, np.inf], np.float32))
    np.testing.assert_array_equal(output, [np.nan, np.inf])


@pytest.mark.parametrize("size", [3, 10_000])  # a mask made of bits serves the longer
@pytest.mark.parametrize("module", [nn.ReLU(), nn.Hardtanh(), nn.ReLU6()], ids=repr)
def test_a_masked_gradient_is_zero_even_if_it_is_infinite(module, size):
    x = np.full(size, -2.0)
    x[0] = 0.5
    module(x)
    grad = np.full(size, np.inf)
    grad[2] = np.nan
    assert module.backward(grad).tolist() == [np.inf, *[0.0] * (size - 1)]


@pytest.mark.parametrize(
    "module", [nn.ReLU(), nn.Tanh(), nn.Softmax(1), nn.LogSoftmax(1)], ids=repr
)
def test_second_derivatives(module, rng):
    x = minitorch.tensor(rng.standard_normal((2, 3)), requires_grad=True)
    assert minitorch.autograd.gradcheck(lambda x: module(x * x), x)
    assert minitorch.autograd.gradgradcheck(lambda x: module(x * x), x)


def test_a_softmax_without_a_dimension_warns():
    for shape, dim in [((3,), 0), ((2, 3), 1), ((2, 3, 4), 0), ((2, 3, 4, 5), 1)]:
        x = np.ones(shape)
        with pytest.warns(UserWarning, match="implicit choice of a dimension"):
            found = nn.Softmax()(x)
        np.testing.assert_array_equal(found, nn.Softmax(dim)(x))


def test_former_keywords_of_hardtanh():
    with pytest.warns(FutureWarning, match="min_val"):
        module = nn.Hardtanh(min_value=-3.0)
    assert (module.min_val, module.max_val) == (-3.0, 1.0)


# -- in place -----------------------------------------------------------------------------

IN_PLACE = [nn.ReLU, nn.ReLU6, nn.Hardtanh, nn.LeakyReLU, nn.ELU, nn.SiLU]


@pytest.mark.parametrize("layer", IN_PLACE)
def test_an_array_is_written_over(layer, rng):
    x = rng.standard_normal((3, 4))
    expected = layer()(x)
    module, kept, grad = layer(inplace=True), x.copy(), rng.standard_normal((3, 4))
    assert module(x) is x
    np.testing.assert_array_equal(x, expected)
    plain = layer()
    plain(kept)
    np.testing.assert_array_equal(module.backward(grad), plain.backward(grad))


@pytest.mark.parametrize("layer", IN_PLACE)
def test_a_tensor_is_written_over(layer, rng):
    x = minitorch.tensor(rng.standard_normal((3, 4)), requires_grad=True)
    y = x * 2
    expected = layer()(x * 2)
    assert layer(inplace=True)(y) is y
    np.testing.assert_array_equal(y.detach().array, expected.detach().array)
    found, wanted = (minitorch.autograd.grad(out.sum(), x)[0] for out in (y, expected))
    np.testing.assert_array_equal(found.array, wanted.array)


@pytest.mark.parametrize("layer", IN_PLACE)
def test_in_place_within_a_network(layer, rng):
    model = nn.Sequential(nn.Linear(3, 4), layer(inplace=True), nn.Linear(4, 2)).double()
    check_gradients(rng, model, rng.standard_normal((5, 3)))


def test_what_cannot_be_written_over_is_left_alone():
    module = nn.ReLU(inplace=True)
    leaf = minitorch.tensor([-1.0, 1.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable"):
        module(leaf)
    assert leaf.tolist() == [-1.0, 1.0]
    read_only = np.broadcast_to(np.array(-1.0), (3,))
    with pytest.raises(RuntimeError, match="ReLU with inplace=True was given a read-only array"):
        module(read_only)


def test_what_an_earlier_layer_saved_is_not_spoilt_in_silence():
    model = nn.Sequential(nn.Sigmoid(), nn.ReLU(inplace=True))
    with pytest.raises(RuntimeError, match="a read-only array"):
        model(np.ones((2, 3)))
    y = model(minitorch.ones(2, 3, requires_grad=True))
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_a_subclass_with_a_forward_of_its_own_decides_for_itself():
    class Shifted(nn.ReLU):
        def forward(self, input):
            return super().forward(input - 1) * 2

    x = minitorch.tensor([0.0, 3.0])
    assert Shifted(inplace=True)(x).tolist() == [0.0, 4.0]
    assert x.tolist() == [0.0, 3.0]


def test_in_place_an_input_may_be_given_by_its_name_and_is_missed():
    x = np.array([-1.0, 2.0])
    assert nn.ReLU(inplace=True)(input=x) is x
    with pytest.raises(TypeError, match="input"):
        nn.ReLU(inplace=True)()


def test_inplace_may_change_later():
    module = nn.ReLU()
    x = minitorch.tensor([-1.0, 2.0])
    assert module(x) is not x
    module.inplace = True
    assert module(x) is x
    assert module(input=x) is x


def test_functions_in_place():
    for function in (F.relu_, F.elu_, F.hardtanh_, F.leaky_relu_):
        x = np.array([-2.0, 0.5])
        expected = getattr(F, function.__name__[:-1])(x)
        assert function(x) is x
        np.testing.assert_array_equal(x, expected)
