"""Dropout as in PyTorch: the same masks, to the bit, and the same place in the stream after."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest

from tests.parity.side_by_side import outcome, side_by_side

SEEDS = [0, 1, 42, 2**31, 2**40]
FLOATS = ["float16", "float32", "float64"]
LAYERS = {  # with the numbers of dimensions that each is meant for
    "Dropout": (0, 1, 2, 3),
    "AlphaDropout": (0, 1, 2, 3),
    "FeatureAlphaDropout": (2, 3, 4, 5),
    "Dropout1d": (2, 3),
    "Dropout2d": (4,),
    "Dropout3d": (4, 5),
}
FUNCTIONS = {
    "Dropout": "dropout",
    "AlphaDropout": "alpha_dropout",
    "FeatureAlphaDropout": "feature_alpha_dropout",
    "Dropout1d": "dropout1d",
    "Dropout2d": "dropout2d",
    "Dropout3d": "dropout3d",
}
SHAPES = [(), (1,), (7,), (37,), (3, 5), (1, 1), (4, 3, 2), (2, 3, 2, 2), (3, 2, 1, 2, 2), (0, 3)]
MEANT = [
    (name, shape) for name, counts in LAYERS.items() for shape in SHAPES if len(shape) in counts
]
LAYOUTS = {
    "plain": lambda x: x,
    "transposed": lambda x: x.permute(tuple(reversed(range(x.ndim)))),
    "rotated": lambda x: x.permute((*range(1, x.ndim), 0)),
    "strided": lambda x: x[..., ::2],
    "strided and transposed": lambda x: x[::2].transpose(0, -1),
    "cut": lambda x: x[:, 1:],
    "one sample": lambda x: x[:1].transpose(0, 1),
    "channels last": lambda x: x.permute((0, x.ndim - 1, *range(1, x.ndim - 1))),
    "expanded": lambda x: x[:, :1].expand(x.shape),
    "expanded samples": lambda x: x[:1].expand(x.shape),
}


def random(*shape: int) -> Any:
    return np.random.default_rng(0).standard_normal(shape)


def tensor(torch: Any, array: Any, dtype: str = "float32", needs: bool = True) -> Any:
    result = torch.tensor(np.asarray(array), dtype=getattr(torch, dtype))
    return result.requires_grad_() if needs else result


def bits(value: Any) -> Any:
    """A tensor's elements bit by bit, so that -0 is not 0."""
    array = value.detach().numpy()
    return array.dtype.name, np.frombuffer(array.tobytes(), f"u{array.itemsize}")


def went_back(torch: Any, output: Any, input: Any) -> Any:
    """Output, gradient, and the next numbers of the stream."""
    grad = tensor(torch, random(*output.shape), str(output.dtype).rpartition(".")[2], needs=False)
    output.backward(grad)
    return bits(output), bits(input.grad), tuple(output.shape), torch.rand(2)


# -- values, gradients and the stream -----------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "shape"), MEANT)
@side_by_side
def test_layers(torch: Any, name: str, shape: tuple[int, ...], seed: int) -> Any:
    results = []
    for dtype in FLOATS:
        for p in (0, 0.1, 0.5, 0.73, 1 - 1e-9, 1):
            torch.manual_seed(seed)
            layer = getattr(torch.nn, name)(p)
            for _ in range(2):  # the second call goes on in the stream
                x = tensor(torch, random(*shape), dtype)
                results.append(went_back(torch, layer(x), x))
    return results


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "shape"), MEANT)
@side_by_side
def test_functions(torch: Any, name: str, shape: tuple[int, ...], seed: int) -> Any:
    function = getattr(torch.nn.functional, FUNCTIONS[name])
    results = []
    for arguments in ((), (0.3, True), (0.3, False), (1.0, True), (0.0, True)):
        torch.manual_seed(seed)
        x = tensor(torch, random(*shape))
        results.append(went_back(torch, function(x, *arguments), x))
        torch.manual_seed(seed)
        y = x.detach() * 1
        results.append((function(y, *arguments, inplace=True) is y, bits(y), torch.rand(2)))
    return results


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", LAYERS)
@side_by_side
def test_layouts(torch: Any, name: str, layout: str) -> Any:
    """The mask is drawn in the order of the elements in memory, that of channels in plain order."""
    results = []
    for ndim in LAYERS[name]:
        if ndim < 2:
            continue
        for seed in SEEDS:
            torch.manual_seed(seed)
            x = tensor(torch, random(6, 4, 2, 3, 5)[(..., *(0,) * (5 - ndim))], "float64")
            changed = LAYOUTS[layout](x)
            output = getattr(torch.nn, name)(0.4)(changed)
            results.append(went_back(torch, output, x))
            if "expanded" not in layout:
                y = LAYOUTS[layout](x.detach() * 1)
                results.append(bits(getattr(torch.nn, name)(0.4, inplace=True)(y)))
                results.append(bits(y))
    return results


@pytest.mark.parametrize("name", LAYERS)
@side_by_side
def test_many_elements(torch: Any, name: str) -> Any:
    torch.manual_seed(3)
    shape = (700, 113) if LAYERS[name][0] < 2 else (90, 20, 3, 5)[: max(LAYERS[name])]
    x = tensor(torch, random(*shape))
    return went_back(torch, getattr(torch.nn, name)(0.3)(x), x)


@pytest.mark.parametrize("p", [1e-300, 1e-17, 1e-9, 2**-24, 1 - 2**-24, 1 - 2**-53])
@pytest.mark.parametrize("dtype", FLOATS)
@side_by_side
def test_probabilities_near_0_and_1(torch: Any, dtype: str, p: float) -> Any:
    torch.manual_seed(0)
    return [
        went_back(torch, torch.nn.functional.dropout(x, p), x)
        for x in (tensor(torch, random(50), dtype),)
    ]


@pytest.mark.parametrize("dtype", FLOATS)
@side_by_side
def test_rounding(torch: Any, dtype: str) -> Any:
    """1 / (1 - p), and the constants of alpha dropout, for many p."""
    results = []
    for p in np.random.default_rng(1).random(200).tolist():
        for function in (torch.nn.functional.dropout, torch.nn.functional.alpha_dropout):
            torch.manual_seed(0)
            results.append(bits(function(tensor(torch, random(8), dtype), p, True)))
    return results


@pytest.mark.parametrize("name", FUNCTIONS.values())
@side_by_side
def test_what_is_not_finite(torch: Any, name: str) -> Any:
    numbers = [np.nan, np.inf, -np.inf, -1.0, 0.0, -0.0]
    results = []
    for p in (0.0, 0.5, 0.999999, 1.0):
        torch.manual_seed(0)
        x = tensor(torch, np.reshape(numbers, (6, 1, 1, 1)[: 3 if name == "dropout1d" else 4]))
        y = getattr(torch.nn.functional, name)(x, p, True)
        y.backward(x.detach())
        results.append((y, x.grad))
    return results


@pytest.mark.parametrize("name", LAYERS)
@side_by_side
def test_evaluation_draws_nothing(torch: Any, name: str) -> Any:
    torch.manual_seed(0)
    layer = getattr(torch.nn, name)(0.5).eval()
    results = []
    for ndim in LAYERS[name]:
        x = tensor(torch, random(*(2, 3, 2, 2, 2)[:ndim]))
        y = layer(x)
        y.sum().backward()
        # PyTorch gives a view where it added a dimension for the batch.
        same = y is x or (name, ndim) in {("Dropout1d", 2), ("Dropout3d", 4)}
        results.append((same, y, x.grad))
    return results, torch.rand(2)


@pytest.mark.parametrize("name", LAYERS)
@side_by_side(rtol=1e-13)
def test_second_derivatives(torch: Any, name: str) -> Any:
    torch.manual_seed(0)
    x = tensor(torch, random(*(3, 4, 2, 2)[: LAYERS[name][-1]]), "float64")
    y = getattr(torch.nn, name)(0.3)(x * x)
    (first,) = torch.autograd.grad((y * y).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad((first * first).sum(), x, create_graph=True)
    (third,) = torch.autograd.grad(second.sum(), x)
    return first, second, third


# -- dimensions ---------------------------------------------------------------------------


def warned(call: Any, *args: Any) -> Any:
    """What a call gives, and the categories of its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = outcome(call, *args)
    return result, [warning.category.__name__ for warning in caught]


@pytest.mark.parametrize("ndim", range(7))
@pytest.mark.parametrize("name", LAYERS)
@side_by_side
def test_dimensions(torch: Any, name: str, ndim: int) -> Any:
    results = []
    for p in (0, 0.5, 1):
        for training in (True, False):
            torch.manual_seed(0)
            layer = getattr(torch.nn, name)(p).train(training)
            for size in (2, 0):
                x = tensor(torch, random(*(3, size, 2, 1, 2, 2)[:ndim]))
                results.append((*warned(layer, x), torch.rand(1)))
    return results


# -- in place -----------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", LAYERS)
@side_by_side
def test_layers_in_place(torch: Any, name: str, training: bool, p: float) -> Any:
    torch.manual_seed(0)
    layer = getattr(torch.nn, name)(p, inplace=True).train(training)
    x = tensor(torch, random(*(3, 4, 2, 2)[: LAYERS[name][-1]]), "float64")
    plain = x.detach() * 1
    y = x * 2
    result = layer(y)
    (result * result).sum().backward()
    return layer(plain) is plain, result is y, bits(plain), bits(y), bits(x.grad)


@pytest.mark.parametrize("function", ["dropout", "alpha_dropout", "feature_alpha_dropout"])
@side_by_side
def test_views_in_place(torch: Any, function: str) -> Any:
    call = getattr(torch.nn.functional, function)
    results = []
    for view in (lambda x: x[1:], lambda x: x.T, lambda x: x[:, ::2], lambda x: x.reshape(-1, 2)):
        torch.manual_seed(0)
        x = tensor(torch, random(4, 6), "float64")
        y = x * 1
        part = view(y)
        other = view(y)
        call(part, 0.4, True, True)
        (y * y).sum().backward()
        results.append((bits(y), bits(part), bits(other), x.grad))
    return results


@side_by_side
def test_what_cannot_be_changed_in_place(torch: Any) -> Any:
    functional = torch.nn.functional
    leaf = tensor(torch, random(3, 4))
    functions = (functional.dropout, functional.alpha_dropout, functional.feature_alpha_dropout)
    results = []
    for function, p, training in itertools.product(functions, (0.0, 0.5, 1.0), (True, False)):
        expanded, whole = torch.ones(3, 1).expand(3, 4), torch.ones(3, 4).long()
        for x in (leaf, leaf[1:], leaf.T, expanded, whole):
            result = outcome(function, x, p, training, True)
            results.append(result if isinstance(result, Exception) else result is x)
    with torch.no_grad():
        torch.manual_seed(0)
        results.append(functional.dropout(leaf, inplace=True) is leaf)
    return results, leaf


@side_by_side
def test_a_change_of_what_was_saved_is_noticed(torch: Any) -> Any:
    x = tensor(torch, random(3, 4))
    y = torch.sigmoid(x)
    z = torch.nn.Dropout(0.5, inplace=True)(y)
    first = outcome(z.sum().backward)
    square = x * x
    torch.nn.functional.dropout(square, inplace=True)
    square.sum().backward()
    return first, x.grad is not None


@side_by_side
def test_versions(torch: Any) -> Any:
    results = []
    for training in (True, False):
        x = torch.ones(4)
        torch.nn.functional.dropout(x, 0.5, training, True)
        results.append(x._version)
    return results


# -- arguments ----------------------------------------------------------------------------


@pytest.mark.parametrize("p", [-0.1, 1.1, 5, -1, "a", None, "0.5", float("inf")])
@pytest.mark.parametrize("name", LAYERS)
@side_by_side
def test_what_is_no_probability(torch: Any, name: str, p: Any) -> Any:
    x = torch.ones((2,) * LAYERS[name][-1])
    function = getattr(torch.nn.functional, FUNCTIONS[name])
    layer = getattr(torch.nn, name)()
    layer.p = p
    made = outcome(getattr(torch.nn, name), p)
    called = [outcome(layer.train(training), x) for training in (True, False)]
    return made, called, outcome(function, x, p, True), outcome(function, x, p, False)


@pytest.mark.parametrize("x", ["text", None, 1.0, [1.0], 3], ids=str)
@pytest.mark.parametrize("name", LAYERS)
@side_by_side
def test_what_is_no_tensor(torch: Any, name: str, x: Any) -> Any:
    layer = getattr(torch.nn, name)()
    return outcome(layer, x), outcome(layer.eval(), x)


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "bool"])
@pytest.mark.parametrize("name", LAYERS)
@side_by_side
def test_whole_numbers(torch: Any, name: str, dtype: str) -> Any:
    x = tensor(torch, np.ones((2,) * LAYERS[name][-1]), dtype, needs=False)
    function = getattr(torch.nn.functional, FUNCTIONS[name])
    return [
        outcome(function, x, p, training) for p in (0.0, 0.5, 1.0) for training in (True, False)
    ]


@side_by_side
def test_flags(torch: Any) -> Any:
    dropout, x = torch.nn.functional.dropout, torch.ones(3)
    return [outcome(dropout, x, 0.5, flag) for flag in (1, 0, None, "yes")]


@pytest.mark.parametrize("name", LAYERS)
@side_by_side
def test_representation_and_attributes(torch: Any, name: str) -> Any:
    make = getattr(torch.nn, name)
    layers = [make(), make(0.25), make(p=1), make(0.1, True), make(inplace=True).eval()]
    wrong = outcome(make, rate=0.5), outcome(make, 0.5, True, 1)
    attributes = [(layer.p, layer.inplace, layer.training) for layer in layers]
    return list(map(repr, layers)), attributes, wrong, dict(layers[0].state_dict())


@side_by_side
def test_the_functions_of_the_package(torch: Any) -> Any:
    results = []
    for name in ("dropout", "alpha_dropout", "feature_dropout", "feature_alpha_dropout"):
        function = getattr(torch, name)
        for p in (0.0, 0.3, 1.0):
            for training in (True, False):
                torch.manual_seed(1)
                x = tensor(torch, random(4, 3, 2))
                results.append(went_back(torch, function(x, p, training), x))
        x = torch.ones(3)
        results += [outcome(function, x, p, training) for p in (2.0, -1.0) for training in (0, 1)]
        results += [outcome(function, x, 2.0, True), outcome(function, x, 2.0, False)]
        results += [outcome(function, x, 0.5), outcome(function, "text", 0.5, True)]
    return results, outcome(torch.feature_dropout, torch.ones(3), 0.5, True)


# -- in networks --------------------------------------------------------------------------


@side_by_side(rtol=1e-9, atol=1e-12)
def test_training_a_network(torch: Any) -> Any:
    nn = torch.nn
    torch.manual_seed(7)
    model = nn.Sequential(
        nn.Dropout(0.2),
        nn.Linear(5, 16),
        nn.Sigmoid(),
        nn.AlphaDropout(0.1),
        nn.Linear(16, 8),
        nn.Dropout(0.5, inplace=True),
        nn.Sequential(nn.Linear(8, 2), nn.Dropout(0.0)),
    ).double()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    x, y = (tensor(torch, random(12, size), "float64", needs=False) for size in (5, 2))
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        loss = nn.MSELoss()(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    return losses, model(x), torch.rand(2)


@side_by_side
def test_hooks(torch: Any) -> Any:
    torch.manual_seed(0)
    seen = []
    results = []
    for layer in (torch.nn.Dropout(0.5), torch.nn.Dropout(0.5).eval(), torch.nn.Dropout(0.5, True)):
        layer.register_forward_hook(lambda module, given, output: seen.append(output))
        layer.register_full_backward_hook(lambda module, grads, given: seen.append((grads, given)))
        x = tensor(torch, random(3, 4))
        output = outcome(lambda layer=layer, x=x: layer(x * 1))
        results.append(output)
        if not isinstance(output, Exception):
            output.sum().backward()
            results.append(x.grad)
    return results, seen
