"""Functions: arrays in, arrays out; the layers' own pairs; no random numbers."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from minitorch.nn.functions import activation
from tests.helpers import central_difference


def operands(rng, bias=True):
    arrays = [rng.standard_normal(shape) for shape in ((4, 3), (2, 3), (2,))]
    return arrays if bias else arrays[:2]


def mixes(arrays):
    """Each way to give some of the arrays as Tensors."""
    for bits in range(1, 2 ** len(arrays)):
        yield [
            minitorch.tensor(array, requires_grad=True) if bits >> place & 1 else array
            for place, array in enumerate(arrays)
        ]


# -- arrays in, arrays out ----------------------------------------------------------------

CALLS = {
    "linear": (F.linear, ((4, 3), (2, 3), (2,))),
    "linear without bias": (F.linear, ((4, 3), (2, 3))),
    "linear of a vector": (F.linear, ((3,), (3,))),
    "linear with a wide bias": (F.linear, ((4, 3), (2, 3), (4, 2))),
    "sigmoid": (F.sigmoid, ((4, 3),)),
    "mse_loss": (F.mse_loss, ((4, 3), (4, 3))),
    "mse_loss sum": (lambda x, y: F.mse_loss(x, y, reduction="sum"), ((4, 3), (4, 3))),
    "mse_loss none": (lambda x, y: F.mse_loss(x, y, reduction="none"), ((4, 3), (4, 3))),
    "weighted": (lambda x, y, w: F.mse_loss(x, y, weight=w), ((4, 3),) * 3),
    "weighted sum": (lambda x, y, w: F.mse_loss(x, y, reduction="sum", weight=w), ((4, 3),) * 3),
    "weighted none": (lambda x, y, w: F.mse_loss(x, y, reduction="none", weight=w), ((4, 3),) * 3),
}


@pytest.mark.parametrize("call", CALLS)
def test_arrays_in_arrays_out_and_tensors_in_tensors_out(call, rng):
    function, shapes = CALLS[call]
    arrays = [rng.standard_normal(shape) for shape in shapes]
    kept = [array.copy() for array in arrays]
    expected = function(*arrays)
    assert type(expected) is np.ndarray
    for array, copy in zip(arrays, kept, strict=True):
        np.testing.assert_array_equal(array, copy)
    for mixed in mixes(arrays):
        found = function(*mixed)
        assert type(found) is minitorch.Tensor
        assert found.requires_grad
        np.testing.assert_allclose(found.array, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("call", CALLS)
def test_gradients_of_what_is_given_as_a_tensor(call, rng):
    function, shapes = CALLS[call]
    arrays = [rng.standard_normal(shape) for shape in shapes]
    weights = rng.standard_normal(function(*arrays).shape)
    expected = [
        central_difference(lambda: float((function(*arrays) * weights).sum()), array)
        for array in arrays
    ]
    for mixed in mixes(arrays):
        (function(*mixed) * minitorch.tensor(weights)).sum().backward()
        for item, right in zip(mixed, expected, strict=True):
            if isinstance(item, minitorch.Tensor):
                np.testing.assert_allclose(item.grad.array, right, rtol=1e-6, atol=1e-8)


def test_a_call_with_arrays_leaves_no_record(rng):
    """Nobody holds the module of a function, so that nobody could go back through it."""
    F.sigmoid(np.ones(2))
    module = activation._sigmoid
    assert vars(module).get("_array_records") is None or not module._records.stack


def test_functions_inside_a_module_by_hand(rng):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(minitorch.tensor(rng.standard_normal((2, 3))))

        def forward(self, x):
            return F.sigmoid(F.linear(x, self.weight))

    model, x = Model(), rng.standard_normal((4, 3))
    grad = rng.standard_normal((4, 2))

    def loss():
        with minitorch.no_grad():
            return float((model(x) * grad).sum())

    model(x)
    found = model.backward(grad)
    np.testing.assert_allclose(found, central_difference(loss, x), rtol=1e-6, atol=1e-8)
    expected = central_difference(loss, model.weight.array)
    np.testing.assert_allclose(model.weight.grad.array, expected, rtol=1e-6, atol=1e-8)


def test_no_gradient_is_recorded_where_none_is_wanted(rng):
    x, weight, bias = (minitorch.tensor(array, requires_grad=True) for array in operands(rng))
    with minitorch.no_grad():
        assert not F.linear(x, weight, bias).requires_grad
    assert not F.linear(x.detach(), weight.detach(), bias.detach()).requires_grad


def test_no_random_numbers_are_drawn():
    minitorch.manual_seed(0)
    expected = minitorch.rand(1).item()
    minitorch.manual_seed(0)
    F.linear(np.ones((4, 3)), np.ones((2, 3)), np.ones(2))
    F.linear(minitorch.ones(4, 3), minitorch.ones(2, 3))
    F.sigmoid(minitorch.ones(2))
    F.mse_loss(minitorch.ones(2), minitorch.ones(2))
    assert minitorch.rand(1).item() == expected


# -- linear -------------------------------------------------------------------------------


def test_plain_and_computed_tensors_as_weights():
    base = minitorch.tensor([[1.0, 2.0]], requires_grad=True)
    frozen = minitorch.tensor([5.0])
    output = F.linear(minitorch.tensor([[3.0, 4.0]]), base * 2, frozen)
    assert output.tolist() == [[27.0]]  # 3·2 + 4·4 + 5
    output.sum().backward()
    assert base.grad.tolist() == [[6.0, 8.0]]
    assert frozen.grad is None


def test_a_weight_used_twice():
    weight = minitorch.tensor([[2.0]], requires_grad=True)
    F.linear(F.linear(minitorch.tensor([[3.0]]), weight), weight).sum().backward()
    assert weight.grad.tolist() == [[12.0]]  # d(3w²)/dw


def test_integers():
    x = np.array([[1, 2], [3, 4]])
    assert F.linear(x, x, x[0]).tolist() == [[6, 13], [12, 27]]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((np.ones((4, 3)), [[1.0]]), TypeError, "argument 'weight' must be a Tensor.*not list"),
        ((np.ones((4, 3)), None), TypeError, "argument 'weight' must be a Tensor.*not NoneType"),
        ((np.ones((4, 3)), np.ones((2, 3)), 5.0), TypeError, "argument 'bias'.*not float"),
        (("text", np.ones((2, 3))), TypeError, "argument 'input'.*not str"),
        ((np.ones((4, 3)), np.ones(())), RuntimeError, "weight must have 1 or 2 dimensions"),
        ((np.ones((4, 3)), np.ones((1, 2, 3))), RuntimeError, r"has shape \[1, 2, 3\]"),
        ((np.ones((4, 3)), np.ones((2, 5))), RuntimeError, r"in_features=5, got shape \[4, 3\]"),
        ((np.ones((4, 3)), np.ones((2, 3)), np.ones(3)), RuntimeError, r"bias of shape \[3\]"),
        ((np.ones(()), np.ones((2, 3))), RuntimeError, "at least 1 dimension"),
        ((np.ones((4, 3), "f4"), np.ones((2, 3))), RuntimeError, "got float32 and float64"),
        ((np.ones((4, 3), object), np.ones((2, 3))), TypeError, "array of real numbers"),
    ],
    ids=range(11),
)
def test_what_linear_refuses(arguments, error, message):
    with pytest.raises(error, match=message):
        F.linear(*arguments)


# -- mse_loss -----------------------------------------------------------------------------


def test_the_weighted_mean_is_divided_by_the_weights():
    x, y, weight = np.array([1.0, 2.0]), np.array([0.0, 4.0]), np.array([3.0, 1.0])
    assert F.mse_loss(x, y, weight=weight) == (3 * 1 + 1 * 4) / 4
    assert F.mse_loss(x, y, reduction="sum", weight=weight) == 7.0
    assert F.mse_loss(x, y, reduction="none", weight=weight).tolist() == [3.0, 4.0]


def test_options_of_mse_loss():
    x, y = np.array([1.0, 2.0]), np.array([0.0, 4.0])
    assert F.mse_loss(x, y, None, None, "sum") == 5.0
    with pytest.warns(UserWarning, match="reduction='sum' instead"):
        assert F.mse_loss(x, y, size_average=False) == 5.0
    with pytest.raises(ValueError, match="average is not a valid value for reduction"):
        F.mse_loss(x, y, reduction="average")
    with pytest.raises(ValueError, match="Weights and input must have the same size"):
        F.mse_loss(x, y, weight=np.ones(1))
    with pytest.warns(UserWarning, match="Using a target size"):
        F.mse_loss(x, y[:1])


# -- dropout ------------------------------------------------------------------------------

DROPOUTS = {  # the layer, the input's shape, and whether it is in training by default
    "dropout": (nn.Dropout, (4, 3), True),
    "alpha_dropout": (nn.AlphaDropout, (4, 3), False),
    "dropout1d": (nn.Dropout1d, (4, 3, 2), True),
    "dropout2d": (nn.Dropout2d, (4, 3, 2, 2), True),
    "dropout3d": (nn.Dropout3d, (4, 3, 2, 1, 2), True),
    "feature_alpha_dropout": (nn.FeatureAlphaDropout, (4, 3, 2), False),
}


@pytest.mark.parametrize("name", DROPOUTS)
def test_dropout_draws_what_its_layer_draws(name, rng):
    layer, shape, _ = DROPOUTS[name]
    function, x = getattr(F, name), rng.standard_normal(shape)
    module, grad = layer(0.3), rng.standard_normal(shape)
    minitorch.manual_seed(4)
    expected = module(x)
    expected_grad = module.backward(grad)
    minitorch.manual_seed(4)
    found = function(x, 0.3, True)
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, expected)
    leaf = minitorch.tensor(x, requires_grad=True)
    minitorch.manual_seed(4)
    found = function(leaf, p=0.3, training=True)
    np.testing.assert_array_equal(found.array, expected)
    found.backward(minitorch.tensor(grad))
    np.testing.assert_array_equal(leaf.grad.array, expected_grad)


@pytest.mark.parametrize("name", DROPOUTS)
def test_defaults_of_dropout(name):
    """p = 0.5, and only some functions drop unless they are told to."""
    layer, shape, training = DROPOUTS[name]
    x = minitorch.ones(shape)
    minitorch.manual_seed(4)
    expected = layer().train(training)(x)
    minitorch.manual_seed(4)
    found = getattr(F, name)(x)
    assert minitorch.equal(found, expected)
    assert (found is x) is not training
    assert getattr(F, name)(x, 0.5, False) is x
    array = np.ones(shape)
    assert getattr(F, name)(array, 0.5, False) is array


@pytest.mark.parametrize("name", DROPOUTS)
def test_dropout_in_place(name, rng):
    _, shape, _ = DROPOUTS[name]
    function, x = getattr(F, name), rng.standard_normal(shape)
    minitorch.manual_seed(4)
    expected = function(x, 0.5, True)
    for make in (minitorch.tensor, np.array):
        other = make(x)
        minitorch.manual_seed(4)
        assert function(other, 0.5, True, True) is other
        np.testing.assert_array_equal(other, expected)


@pytest.mark.parametrize("name", DROPOUTS)
def test_what_dropout_refuses(name):
    function, x = getattr(F, name), np.ones(DROPOUTS[name][1])
    for flag in (1, None, "yes"):
        with pytest.raises(TypeError, match="training must be True or False, not"):
            function(x, 0.5, flag)
    for p in (-0.5, 1.5):
        for training in (True, False):
            with pytest.raises(ValueError, match=f"from 0 to 1, but got p={p}"):
                function(x, p, training)
    with pytest.raises(RuntimeError, match=r"convert the input with \.float"):
        function(x.astype(int), 0.5, True)
    with pytest.raises((TypeError, AttributeError), match="argument 'input' must be"):
        function("text")


PACKAGE_DROPOUTS = {
    "dropout": F.dropout,
    "alpha_dropout": F.alpha_dropout,
    "feature_dropout": F.dropout2d,
    "feature_alpha_dropout": F.feature_alpha_dropout,
}


@pytest.mark.parametrize("name", PACKAGE_DROPOUTS)
def test_dropout_of_the_package(name, rng):
    function, x = getattr(minitorch, name), rng.standard_normal((4, 3, 2, 2))
    for training in (True, False):
        minitorch.manual_seed(4)
        expected = PACKAGE_DROPOUTS[name](x, 0.3, training)
        minitorch.manual_seed(4)
        np.testing.assert_array_equal(function(x, 0.3, training), expected)
        minitorch.manual_seed(4)
        found = function(minitorch.tensor(x), p=0.3, train=training)
        np.testing.assert_array_equal(found.array, expected)
    with pytest.raises(RuntimeError, match="from 0 to 1"):
        function(x, 2.0, True)
    with pytest.raises(TypeError, match="training must be True or False, not 1 of"):
        function(x, 0.5, 1)
    with pytest.raises(TypeError, match="argument 'input' must be"):
        function("text", 0.5, True)


def test_hooks_on_all_modules_do_not_see_functions():
    seen = []
    with nn.modules.module.register_module_forward_hook(lambda *given: seen.append(given)):
        F.dropout(minitorch.ones(2))
        minitorch.dropout(minitorch.ones(2), 0.5, True)
        F.linear(minitorch.ones(1, 2), minitorch.ones(1, 2))
        F.sigmoid(minitorch.ones(1))
        F.mse_loss(minitorch.ones(1), minitorch.ones(1))
    assert seen == []
