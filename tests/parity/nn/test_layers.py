"""Linear, Identity, Sigmoid, MSELoss, Flatten and their functions, as in PyTorch."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from tests.parity.side_by_side import message, outcome, side_by_side

DTYPES = ["float32", "float64"]


def random(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).standard_normal(shape)


def tensor(torch: Any, array: Any, dtype: str = "float32", needs: bool = True) -> Any:
    result = torch.tensor(array, dtype=getattr(torch, dtype))
    return result.requires_grad_() if needs else result


def went_back(output: Any, *tensors: Any) -> Any:
    """Go back from a weighted sum of the output; the output and all gradients."""
    if output.requires_grad:
        weights = np.linspace(-1, 1, output.numel()).reshape(tuple(output.shape))
        (output * type(output.detach())(weights).to(output.dtype)).sum().backward()
    return output, [item.grad for item in tensors]


# -- Linear -------------------------------------------------------------------------------

SHAPES = [(3,), (4, 3), (2, 4, 3), (1, 2, 1, 3), (0, 3), (2, 0, 3), (1, 3)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
@side_by_side(rtol=1e-5, atol=1e-6)
def test_linear(torch: Any, shape: tuple[int, ...], bias: bool, dtype: str) -> Any:
    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 2, bias=bias, dtype=getattr(torch, dtype))
    x = tensor(torch, random(0, *shape), dtype)
    return went_back(layer(x), x, *layer.parameters())


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.T,
        lambda x: x[:, ::2],
        lambda x: x[::2, 1::2],
        lambda x: x[:1, :3].expand(5, 3),
        lambda x: x.T[:, :3],
        lambda x: x[None].transpose(0, 2),
    ],
    ids=range(6),
)
@side_by_side(rtol=1e-5, atol=1e-6)
def test_linear_on_a_view(torch: Any, change: Any) -> Any:
    x = tensor(torch, random(1, 6, 6))
    view = change(x)
    layer = torch.nn.Linear(view.shape[-1], 2)
    torch.nn.init.constant_(layer.weight, 0.5)
    torch.nn.init.constant_(layer.bias, 0.25)
    return went_back(layer(view), x, *layer.parameters())


@pytest.mark.parametrize("sizes", [(0, 2), (2, 0), (0, 0), (1, 1)])
@side_by_side
def test_linear_without_features(torch: Any, sizes: tuple[int, int]) -> Any:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.manual_seed(0)
        layer = torch.nn.Linear(*sizes)
    x = torch.ones(3, sizes[0], requires_grad=True)
    return (
        went_back(layer(x), x, *layer.parameters()),
        dict(layer.state_dict()),
        [warning.category for warning in caught],
    )


@side_by_side
def test_attributes_of_linear(torch: Any) -> Any:
    layer = torch.nn.Linear(3, 2, bias=False)
    return (
        (layer.in_features, layer.out_features, layer.bias),
        type(layer.weight),
        tuple(layer.weight.shape),
        layer.weight.requires_grad,
        repr(layer),
    )


@side_by_side(rtol=1e-6)
def test_linear_with_replaced_weights(torch: Any) -> Any:
    layer = torch.nn.Linear(2, 1, bias=False)
    layer.bias = torch.nn.Parameter(torch.ones(1))
    layer.weight = torch.nn.Parameter(torch.ones(1, 2))
    first = layer(torch.ones(3, 2))
    layer.bias = None
    second = layer(torch.ones(3, 2))
    del layer.weight
    base = torch.ones(1, 2, requires_grad=True)
    layer.weight = base * 2
    layer(torch.ones(3, 2)).sum().backward()
    return first, second, base.grad, [name for name, _ in layer.named_parameters()]


@side_by_side
def test_second_derivative_of_linear(torch: Any) -> Any:
    x = torch.tensor([[1.0, 2.0]], dtype=torch.float64, requires_grad=True)
    w = torch.tensor([[3.0, 4.0]], dtype=torch.float64, requires_grad=True)
    first = (x @ w.T) ** 2
    (grad,) = torch.autograd.grad(first.sum(), x, create_graph=True)
    return torch.autograd.grad(grad.sum(), (x, w))


BAD_INPUTS = {
    "wrong size": lambda t: t.ones(4, 5),
    "wrong size, 1-d": lambda t: t.ones(5),
    "wrong size, 3-d": lambda t: t.ones(2, 4, 5),
    "transposed": lambda t: t.ones(3, 4),
    "empty": lambda t: t.ones(0),
    "no dimensions": lambda t: t.tensor(1.0),
    "float64": lambda t: t.ones(4, 3, dtype=t.float64),
    "float16": lambda t: t.ones(4, 3, dtype=t.float16),
    "integers": lambda t: t.ones(4, 3, dtype=t.int64),
    "booleans": lambda t: t.ones(4, 3, dtype=t.bool),
    "list": lambda t: [[1.0, 2.0, 3.0]],
    "string": lambda t: "text",
    "number": lambda t: 1.0,
    "None": lambda t: None,
    "list of tensors": lambda t: [t.ones(3)],
    "dict": lambda t: {"input": t.ones(3)},
}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("bad", BAD_INPUTS)
@side_by_side
def test_bad_input_of_linear(torch: Any, bad: str, bias: bool) -> Any:
    layer = torch.nn.Linear(3, 2, bias=bias)
    result = outcome(layer, BAD_INPUTS[bad](torch))
    assert isinstance(result, Exception)
    return result, layer.weight.grad


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(4, 5), (2, 4, 5), (5,)])
@side_by_side
def test_message_of_a_wrong_size(torch: Any, shape: tuple[int, ...], bias: bool) -> Any:
    kind, text = message(torch.nn.Linear(3, 2, bias=bias), torch.ones(shape))
    if len(shape) == 1 and not bias:
        return kind  # PyTorch says something else there
    return kind, text.partition(":")[0]


BAD_SIZES = [(-1, 2), (2, -1), (1.5, 2), ("2", 2), (None, 2), (2,), (2, 3, True, None, "text")]


@pytest.mark.parametrize("sizes", BAD_SIZES)
@side_by_side
def test_bad_sizes_of_linear(torch: Any, sizes: tuple[Any, ...]) -> Any:
    return outcome(torch.nn.Linear, *sizes)


# -- functional.linear --------------------------------------------------------------------

OPERANDS: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...] | None]] = [
    ((4, 3), (2, 3), (2,)),
    ((4, 3), (2, 3), None),
    ((3,), (2, 3), (2,)),
    ((2, 4, 3), (2, 3), (2,)),
    ((4, 3), (3,), None),
    ((3,), (3,), None),
    ((2, 4, 3), (3,), None),
    ((3,), (3,), ()),
    ((4, 3), (2, 3), ()),
    ((4, 3), (2, 3), (1,)),
    ((4, 3), (2, 3), (4, 2)),
    ((4, 3), (2, 3), (1, 2)),
    ((4, 3), (2, 3), (3,)),
    ((4, 3), (2, 4), None),
    ((4, 3), (1, 2, 3), None),
    ((4, 3), (), None),
    ((), (2, 3), None),
]


@pytest.mark.parametrize("shapes", OPERANDS, ids=str)
@side_by_side(rtol=1e-12)
def test_functional_linear(torch: Any, shapes: Any) -> Any:
    tensors = [
        None if shape is None else tensor(torch, random(place, *shape), "float64")
        for place, shape in enumerate(shapes)
    ]
    output = outcome(torch.nn.functional.linear, *tensors)
    if isinstance(output, Exception):
        return output
    return went_back(output, *(item for item in tensors if item is not None))


@pytest.mark.parametrize("needs", ["input", "weight", "bias", "none"])
@side_by_side(rtol=1e-5)
def test_functional_linear_with_plain_tensors(torch: Any, needs: str) -> Any:
    shapes = {"input": (4, 3), "weight": (2, 3), "bias": (2,)}
    tensors = {
        name: tensor(torch, random(place, *shape), needs=name == needs)
        for place, (name, shape) in enumerate(shapes.items())
    }
    computed = {name: item * 2 for name, item in tensors.items()}
    output = torch.nn.functional.linear(**computed)
    return went_back(output, *tensors.values())


@side_by_side
def test_functions_draw_no_random_numbers(torch: Any) -> Any:
    functional = torch.nn.functional
    torch.manual_seed(0)
    functional.linear(torch.ones(4, 3), torch.ones(2, 3), torch.ones(2))
    functional.sigmoid(torch.ones(2))
    functional.mse_loss(torch.ones(2), torch.zeros(2))
    return torch.rand(3)


BAD_OPERANDS = [
    lambda t: (t.ones(4, 3), [[1.0, 2.0, 3.0]]),
    lambda t: (t.ones(4, 3), t.ones(2, 3), 5.0),
    lambda t: (t.ones(4, 3), None),
    lambda t: ("text", t.ones(2, 3)),
    lambda t: (t.ones(4, 3), t.ones(2, 3, dtype=t.float64)),
    lambda t: (t.ones(4, 3), t.ones(2, 3), t.ones(2, dtype=t.float64)),
    lambda t: (t.ones(4, 3), t.ones(2, 3, dtype=t.int64)),
]


@pytest.mark.parametrize("bad", BAD_OPERANDS, ids=range(len(BAD_OPERANDS)))
@side_by_side
def test_bad_operands_of_functional_linear(torch: Any, bad: Any) -> Any:
    return outcome(torch.nn.functional.linear, *bad(torch))


@side_by_side
def test_functional_linear_of_integers(torch: Any) -> Any:
    x = torch.tensor([[1, 2], [3, 4]])
    return torch.nn.functional.linear(x, x), torch.nn.functional.linear(x, x, x[0])


# -- Sigmoid ------------------------------------------------------------------------------

POINTS = [-1e4, -750.0, -709.0, -500.0, -100.0, -88.0, -50.0, -20.0, -5.0, -1.0, -1e-3, -1e-8]
POINTS += [0.0, *(-x for x in reversed(POINTS)), np.inf, -np.inf, np.nan]


@pytest.mark.parametrize("dtype", DTYPES)
@side_by_side(rtol=3e-7)
def test_sigmoid(torch: Any, dtype: str) -> Any:
    results = []
    for function in (torch.nn.Sigmoid(), torch.sigmoid, torch.nn.functional.sigmoid):
        x = tensor(torch, POINTS, dtype)
        results.append(went_back(function(x), x))
    return results


@side_by_side(rtol=1e-15)
def test_sigmoid_in_full_precision(torch: Any) -> Any:
    x = tensor(torch, random(0, 1000) * 10, "float64")
    return torch.nn.Sigmoid()(x)


@side_by_side(rtol=2e-3)
def test_sigmoid_in_half_precision(torch: Any) -> Any:
    return torch.nn.Sigmoid()(torch.tensor([-15.0, -12.0, -5.0, 0.0, 5.0, 12.0]).half())


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "bool", "float16"])
@side_by_side(rtol=1e-6)
def test_sigmoid_of_other_dtypes(torch: Any, dtype: str) -> Any:
    return torch.nn.Sigmoid()(torch.tensor([0, 1, 1], dtype=getattr(torch, dtype)))


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0, 3), (2, 3)])
@side_by_side(rtol=1e-6)
def test_shapes_of_sigmoid(torch: Any, shape: tuple[int, ...]) -> Any:
    x = tensor(torch, random(0, *shape))
    return went_back(torch.nn.Sigmoid()(x), x)


@side_by_side(rtol=1e-12)
def test_higher_derivatives_of_sigmoid(torch: Any) -> Any:
    x = tensor(torch, [-20.0, -1.0, 0.0, 0.5, 3.0], "float64")
    results = [torch.nn.Sigmoid()(x)]
    for _ in range(4):
        results.append(torch.autograd.grad(results[-1].sum(), x, create_graph=True)[0])
    return results


@side_by_side(rtol=1e-12)
def test_second_derivative_with_respect_to_the_gradient(torch: Any) -> Any:
    x = tensor(torch, [-1.0, 0.5], "float64")
    v = tensor(torch, [2.0, 3.0], "float64")
    (grad,) = torch.autograd.grad(torch.nn.Sigmoid()(x), x, v, create_graph=True)
    return torch.autograd.grad((grad * grad).sum(), (x, v))


@pytest.mark.parametrize("bad", ["text", None, 1.0, [1.0], {}])
@side_by_side
def test_bad_input_of_sigmoid(torch: Any, bad: Any) -> Any:
    return outcome(torch.nn.Sigmoid(), bad)


@side_by_side
def test_arguments_of_the_constructor(torch: Any) -> Any:
    return (
        outcome(torch.nn.Sigmoid, 5),
        outcome(torch.nn.Sigmoid, inplace=True),
        torch.nn.Identity(5, x=2),
        outcome(torch.nn.Flatten, 0, 1, 2),
    )


# -- MSELoss ------------------------------------------------------------------------------

PAIRS = [
    ((4,), (4,)),
    ((4, 3), (4, 3)),
    ((), ()),
    ((1,), (1,)),
    ((2, 3, 4), (2, 3, 4)),
    ((0,), (0,)),
    ((2, 0), (2, 0)),
    ((4, 1), (4,)),
    ((4,), (4, 1)),
    ((4, 3), (3,)),
    ((3,), ()),
    ((), (3,)),
    ((2, 1, 3), (1, 4, 3)),
    ((4, 3), (4,)),
    ((2,), (3,)),
    ((1,), (0,)),
]


@pytest.mark.parametrize("functional", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shapes", PAIRS, ids=str)
@side_by_side(rtol=1e-6, atol=1e-12)
def test_mse_loss(torch: Any, shapes: Any, reduction: str, dtype: str, functional: bool) -> Any:
    tensors = [tensor(torch, random(n, *shape), dtype) for n, shape in enumerate(shapes)]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if functional:
            loss = outcome(torch.nn.functional.mse_loss, *tensors, reduction=reduction)
        else:
            loss = outcome(torch.nn.MSELoss(reduction=reduction), *tensors)
    said = [
        (item.category, str(item.message).replace("torch.Size(", "").replace(")", ""))
        for item in caught
        if "using a target size" in str(item.message).lower()
    ]
    if isinstance(loss, Exception):
        return loss, said
    return went_back(loss, *tensors), said


@pytest.mark.parametrize("needs", [(True, False), (False, True), (False, False)])
@side_by_side(rtol=1e-6)
def test_which_gets_a_gradient(torch: Any, needs: tuple[bool, bool]) -> Any:
    tensors = [tensor(torch, random(n, 3), needs=need) for n, need in enumerate(needs)]
    return went_back(torch.nn.MSELoss()(*tensors), *tensors)


DTYPE_PAIRS = [
    ("float32", "float64"),
    ("float64", "float32"),
    ("float32", "float16"),
    ("float16", "float16"),
    ("float32", "int64"),
    ("int64", "float32"),
    ("float64", "bool"),
    ("int64", "int64"),
    ("bool", "bool"),
    ("int32", "uint8"),
]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("dtypes", DTYPE_PAIRS, ids=str)
@side_by_side(rtol=2e-3)
def test_dtypes_of_mse_loss(torch: Any, dtypes: tuple[str, str], reduction: str) -> Any:
    tensors = [
        torch.tensor(values, dtype=getattr(torch, name))
        for name, values in zip(dtypes, ([1, 0, 1], [0, 0, 1]), strict=True)
    ]
    for item in tensors:
        if item.is_floating_point():
            item.requires_grad_()
    loss = outcome(torch.nn.MSELoss(reduction=reduction), *tensors)
    if isinstance(loss, Exception):
        return loss
    return outcome(went_back, loss, *tensors)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@side_by_side(rtol=2e-3)
def test_many_elements_in_half_precision(torch: Any, reduction: str) -> Any:
    x = torch.ones(5000).half().requires_grad_()
    return went_back(torch.nn.MSELoss(reduction=reduction)(x, torch.zeros(5000).half()), x)


@side_by_side(rtol=1e-6)
def test_loss_of_a_tensor_with_itself(torch: Any) -> Any:
    x = tensor(torch, [1.0, 2.0])
    return went_back(torch.nn.MSELoss(reduction="sum")(x, x * 3), x)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", [(3,), (1,), (2, 3)])
@side_by_side(rtol=1e-6)
def test_weighted_mse_loss(torch: Any, shape: tuple[int, ...], reduction: str) -> Any:
    x, y = tensor(torch, random(0, 2, 3)), tensor(torch, random(1, 2, 3))
    weight = tensor(torch, abs(random(2, *shape)))
    result = outcome(torch.nn.functional.mse_loss, x, y, reduction=reduction, weight=weight)
    return result if isinstance(result, Exception) else went_back(result, x, y, weight)


LEGACY = [
    {"size_average": False},
    {"size_average": True},
    {"reduce": False},
    {"reduce": True},
    {"size_average": False, "reduce": False},
    {"size_average": False, "reduce": True},
    {"size_average": False, "reduction": "mean"},
]


@pytest.mark.parametrize("options", LEGACY, ids=str)
@side_by_side(rtol=1e-6)
def test_former_options_of_mse_loss(torch: Any, options: dict[str, Any]) -> Any:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        criterion = torch.nn.MSELoss(**options)
        x, y = torch.ones(2), torch.zeros(2)
        losses = criterion(x, y), torch.nn.functional.mse_loss(x, y, **options)
    return losses, criterion.reduction, [(w.category, str(w.message)) for w in caught]


@side_by_side
def test_positional_options_of_mse_loss(torch: Any) -> Any:
    return torch.nn.MSELoss(None, None, "sum")(torch.ones(2), torch.zeros(2))


BAD_TARGETS = [
    lambda t: (t.ones(2), [1.0, 2.0]),
    lambda t: (t.ones(2), 1.0),
    lambda t: (t.ones(2), None),
    lambda t: ("text", t.ones(2)),
    lambda t: ([1.0], [1.0]),
    lambda t: (t.ones(2),),
    lambda t: (t.ones(2), t.ones(3)),
]


@pytest.mark.parametrize("bad", BAD_TARGETS, ids=range(len(BAD_TARGETS)))
@side_by_side
def test_bad_arguments_of_mse_loss(torch: Any, bad: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            outcome(torch.nn.MSELoss(), *bad(torch)),
            outcome(torch.nn.functional.mse_loss, *bad(torch)),
        ]


@side_by_side
def test_a_wrong_reduction(torch: Any) -> Any:
    function = torch.nn.functional.mse_loss
    return outcome(function, torch.ones(1), torch.ones(1), reduction="other")


@side_by_side(rtol=1e-12)
def test_second_derivative_of_the_loss_by_operators(torch: Any) -> Any:
    x = tensor(torch, [1.0, 2.0], "float64")
    y = tensor(torch, [0.0, 4.0], "float64")
    loss = ((torch.nn.Sigmoid()(x) - y) ** 2).mean()
    (grad,) = torch.autograd.grad(loss, x, create_graph=True)
    return torch.autograd.grad((grad**2).sum(), (x, y))


# -- Identity and Flatten -----------------------------------------------------------------


@side_by_side
def test_identity(torch: Any) -> Any:
    layer, x = torch.nn.Identity(), torch.ones(2)
    return layer(x) is x, layer(5), layer(None), layer([x])[0] is x, list(layer.state_dict())


@pytest.mark.parametrize("dims", [(), (0,), (1,), (2,), (-1,), (0, -1), (0, 1), (1, 2), (-2, -1)])
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (2, 3, 4), (2, 3), (0, 3, 4), (2, 0, 4)])
@side_by_side
def test_flatten(torch: Any, shape: tuple[int, ...], dims: tuple[int, ...]) -> Any:
    layer, x = torch.nn.Flatten(*dims), tensor(torch, random(0, *shape), "float64")
    output = outcome(layer, x)
    result = output if isinstance(output, Exception) else went_back(output, x)
    return result, repr(layer)


@pytest.mark.parametrize("dims", [(2, 1), (5, 6), (0, 7), (-9, 1)])
@side_by_side
def test_bad_dimensions_of_flatten(torch: Any, dims: tuple[int, int]) -> Any:
    return outcome(torch.nn.Flatten(*dims), torch.ones(2, 3, 4))


@side_by_side
def test_flatten_of_few_dimensions(torch: Any) -> Any:
    return [
        outcome(torch.nn.Flatten(), torch.ones(3)),
        outcome(torch.nn.Flatten(), torch.tensor(1.0)),
        outcome(torch.nn.Flatten(0), torch.tensor(1.0)),
        outcome(torch.nn.Flatten(0), torch.ones(3)),
        outcome(torch.nn.Flatten(), "text"),
        outcome(torch.nn.Flatten(), [[1.0]]),
    ]


@side_by_side
def test_flatten_of_a_view_and_its_memory(torch: Any) -> Any:
    x = torch.arange(24.0).reshape(2, 3, 4)
    flat, copied = torch.nn.Flatten()(x), torch.nn.Flatten()(x.transpose(0, 1))
    x[0, 0, 0] = 100.0
    return flat, copied


# -- initial values -----------------------------------------------------------------------

INITS = {
    "uniform": lambda t, x: t.nn.init.uniform_(x),
    "uniform between": lambda t, x: t.nn.init.uniform_(x, -2.0, 3.0),
    "uniform point": lambda t, x: t.nn.init.uniform_(x, 2.0, 2.0),
    "uniform reversed": lambda t, x: t.nn.init.uniform_(x, 3.0, 2.0),
    "uniform integers": lambda t, x: t.nn.init.uniform_(x, -1, 1),
    "constant": lambda t, x: t.nn.init.constant_(x, 0.3),
    "zeros": lambda t, x: t.nn.init.zeros_(x),
    "ones": lambda t, x: t.nn.init.ones_(x),
    "kaiming": lambda t, x: t.nn.init.kaiming_uniform_(x),
    "kaiming sqrt 5": lambda t, x: t.nn.init.kaiming_uniform_(x, a=5**0.5),
    "kaiming out": lambda t, x: t.nn.init.kaiming_uniform_(x, mode="fan_out"),
    "kaiming OUT": lambda t, x: t.nn.init.kaiming_uniform_(x, mode="FAN_OUT"),
    "kaiming relu": lambda t, x: t.nn.init.kaiming_uniform_(x, nonlinearity="relu"),
    "kaiming mode": lambda t, x: t.nn.init.kaiming_uniform_(x, mode="other"),
    "kaiming unknown": lambda t, x: t.nn.init.kaiming_uniform_(x, nonlinearity="other"),
}


@pytest.mark.parametrize("shape", [(3, 2), (4, 3, 2, 2), (5,), (), (0, 3), (3, 0), (1, 1, 1)])
@pytest.mark.parametrize("dtype", [*DTYPES, "float16"])
@pytest.mark.parametrize("init", INITS)
@side_by_side
def test_initializers(torch: Any, init: str, dtype: str, shape: tuple[int, ...]) -> Any:
    torch.manual_seed(3)
    x = torch.zeros(shape, dtype=getattr(torch, dtype), requires_grad=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = outcome(INITS[init], torch, x)
    return (
        result if isinstance(result, Exception) else result is x,
        x,
        x.is_leaf,
        [warning.category for warning in caught],
        torch.rand(1),
    )


@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
@pytest.mark.parametrize("init", ["uniform", "constant", "zeros", "ones", "kaiming"])
@side_by_side
def test_initializers_of_integers(torch: Any, init: str, dtype: str) -> Any:
    x = torch.tensor([[1, 0], [1, 1]]).to(getattr(torch, dtype))
    return outcome(INITS[init], torch, x), x


@side_by_side
def test_initializer_with_a_generator(torch: Any) -> Any:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(5)
    x, y = torch.empty(3), torch.empty(2, 3)
    torch.nn.init.uniform_(x, generator=generator)
    torch.nn.init.kaiming_uniform_(y, generator=generator)
    return x, y, torch.rand(1)


GAINS: list[tuple[Any, ...]] = [
    *((name,) for name in ("linear", "conv1d", "conv2d", "conv3d", "sigmoid", "tanh", "relu")),
    *((f"conv_transpose{n}d",) for n in (1, 2, 3)),
    ("leaky_relu",),
    ("leaky_relu", 0.2),
    ("leaky_relu", 2),
    ("leaky_relu", True),
    ("leaky_relu", "0.2"),
    ("leaky_relu", None),
    ("selu",),
    ("relu", 5),
    ("unknown",),
]


@pytest.mark.parametrize("arguments", GAINS, ids=str)
@side_by_side(rtol=1e-15)
def test_gains(torch: Any, arguments: tuple[Any, ...]) -> Any:
    return outcome(torch.nn.init.calculate_gain, *arguments)


@side_by_side
def test_initializing_notes_the_change(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    output = (x * x).sum()
    torch.nn.init.zeros_(x)
    return outcome(output.backward)
