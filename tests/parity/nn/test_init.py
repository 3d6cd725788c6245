"""nn.init, as in PyTorch: values, warnings, errors, and where it leaves the random stream."""

from __future__ import annotations

import functools
import inspect
import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch

import minitorch
from tests.parity.side_by_side import outcome, side_by_side

Fill = Callable[..., Any]  # of the package `nn.init`, a tensor, and perhaps options

SEEDS = [0, 1, 42, 2**31, 2**40]
DTYPES = ["float32", "float64"]
SHAPES = [
    (), (1,), (7,), (16,), (3, 5), (5, 3), (23, 17), (4, 3, 3), (6, 2, 3, 3), (2, 3, 2, 2, 2),
    (0, 3), (0, 0), (2, 3, 0),
]  # fmt: skip

# How a tensor of a shape is made, from `torch.empty` or the like.
LAYOUTS: dict[str, Callable[[Any, tuple[int, ...]], Any]] = {
    "contiguous": lambda make, shape: make(shape),
    "transposed": lambda make, shape: make(shape[::-1]).permute(tuple(range(len(shape)))[::-1]),
    "strided": lambda make, shape: make((*shape[:-1], 2 * shape[-1]))[..., ::2],
    "offset": lambda make, shape: make((*shape[:-1], shape[-1] + 1))[..., 1:],
    "rolled": lambda make, shape: make((*shape[1:], 2 * shape[0]))[..., ::2].movedim(-1, 0),
}

# What draws nothing.
CONSTANT: dict[str, Fill] = {
    "constant": lambda init, x: init.constant_(x, 0.3),
    "ones": lambda init, x: init.ones_(x),
    "zeros": lambda init, x: init.zeros_(x),
    "eye": lambda init, x: init.eye_(x),
    "dirac": lambda init, x: init.dirac_(x),
    "dirac in 2 groups": lambda init, x: init.dirac_(x, 2),
    "dirac in 3 groups": lambda init, x: init.dirac_(x, groups=3),
    "dirac in -2 groups": lambda init, x: init.dirac_(x, -2),
}
DRAWN: dict[str, Fill] = {
    "uniform": lambda init, x, **g: init.uniform_(x, **g),
    "uniform between": lambda init, x, **g: init.uniform_(x, -2.0, 3.3, **g),
    "normal": lambda init, x, **g: init.normal_(x, **g),
    "normal of": lambda init, x, **g: init.normal_(x, 0.7, 0.02, **g),
    "xavier_uniform": lambda init, x, **g: init.xavier_uniform_(x, **g),
    "xavier_uniform gain": lambda init, x, **g: init.xavier_uniform_(x, 5 / 3, **g),
    "xavier_normal": lambda init, x, **g: init.xavier_normal_(x, **g),
    "xavier_normal gain": lambda init, x, **g: init.xavier_normal_(x, gain=0.3, **g),
    "kaiming_uniform": lambda init, x, **g: init.kaiming_uniform_(x, **g),
    "kaiming_uniform a": lambda init, x, **g: init.kaiming_uniform_(x, 5**0.5, "FAN_IN", **g),
    "kaiming_uniform out": lambda init, x, **g: init.kaiming_uniform_(x, 0.2, "fan_out", **g),
    "kaiming_normal": lambda init, x, **g: init.kaiming_normal_(x, **g),
    "kaiming_normal a": lambda init, x, **g: init.kaiming_normal_(x, 0.1, **g),
    "kaiming_normal out": lambda init, x, **g: init.kaiming_normal_(x, 0, "FAN_OUT", "tanh", **g),
    "sparse": lambda init, x, **g: init.sparse_(x, 0.4, **g),
    "sparse std": lambda init, x, **g: init.sparse_(x, sparsity=0.1, std=2.0, **g),
    "sparse everywhere": lambda init, x, **g: init.sparse_(x, 1.5, **g),
    "sparse nowhere": lambda init, x, **g: init.sparse_(x, 0, **g),
    "sparse but some": lambda init, x, **g: init.sparse_(x, -0.5, **g),
}
# The first five take what normal numbers are inside, the others refuse uniform ones.
TRUNCATED: list[dict[str, Any]] = [
    {}, {"std": 0.02, "a": -0.04, "b": 0.04}, {"a": -math.inf, "b": 0.0},
    {"mean": 1.0, "std": 2.0, "a": -1, "b": 2}, {"a": -0.38, "b": 0.4},
    {"a": -0.37, "b": 0.39}, {"a": -0.1, "b": 0.3}, {"a": 2.0, "b": 3.0}, {"mean": 4.5},
    {"mean": -3.5, "std": 0.7}, {"std": 0.02}, {"a": 1.0, "b": 1.0},
    {"mean": 0.1, "std": -0.3, "a": 0.0, "b": 0.1},
]  # fmt: skip
DRAWN.update(
    (f"trunc_normal {options}", lambda init, x, options=options, **g: init.trunc_normal_(
        x, **options, **g
    ))
    for options in TRUNCATED
)  # fmt: skip


def made(torch: Any, layout: str, shape: tuple[int, ...], dtype: str) -> Any:
    """A tensor of zeros in some layout."""
    return LAYOUTS[layout](functools.partial(torch.zeros, dtype=getattr(torch, dtype)), shape)


def fill(torch: Any, call: Fill, x: Any, **options: Any) -> Any:
    """What a call leaves behind: in the tensor, in the stream, and as warnings."""
    before = x.clone()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = outcome(call, torch.nn.init, x, **options)
    categories = [warning.category for warning in caught]
    if isinstance(result, Exception):
        assert torch is not minitorch or torch.equal(x, before), "half filled"
        return result, categories
    return result is x, x, x.is_leaf, categories, torch.rand(2)


# -- values -------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*DTYPES, "float16", "int64", "uint8", "bool"])
@pytest.mark.parametrize("name", CONSTANT)
@side_by_side
def test_what_draws_nothing(torch: Any, name: str, dtype: str) -> Any:
    torch.manual_seed(0)
    return [
        fill(torch, CONSTANT[name], torch.ones(shape, dtype=getattr(torch, dtype)))
        for shape in SHAPES
    ]


@pytest.mark.parametrize(
    ("dtype", "seed"), [("float16", 0), *((dtype, seed) for dtype in DTYPES for seed in SEEDS)]
)
@pytest.mark.parametrize("name", DRAWN)
@side_by_side
def test_draws(torch: Any, name: str, dtype: str, seed: int) -> Any:
    torch.manual_seed(seed)
    return [
        fill(
            torch, DRAWN[name],
            torch.zeros(shape, dtype=getattr(torch, dtype), requires_grad=True),
        )
        for shape in SHAPES
    ]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [*CONSTANT, *DRAWN])
@side_by_side
def test_memory_layouts(torch: Any, name: str, dtype: str, layout: str) -> Any:
    torch.manual_seed(1)
    return [
        fill(torch, {**CONSTANT, **DRAWN}[name], made(torch, layout, shape, dtype))
        for shape in SHAPES[2:-1]
    ]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", DRAWN)
@side_by_side
def test_draws_from_a_generator(torch: Any, name: str, dtype: str) -> Any:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(2**40 + 1)
    results = [
        fill(torch, DRAWN[name], torch.zeros(shape, dtype=getattr(torch, dtype)), generator=source)
        for shape in ((5, 3), (23, 17))
        for source in (generator, None, generator)
    ]
    return results, torch.rand(2), torch.rand(2, generator=generator)


@pytest.mark.parametrize("options", TRUNCATED, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
@side_by_side
def test_many_truncated_numbers(torch: Any, dtype: str, options: dict[str, Any]) -> Any:
    torch.manual_seed(3)
    x = torch.zeros(40, 500, dtype=getattr(torch, dtype))
    return fill(torch, lambda init, x: init.trunc_normal_(x, **options), x)


def check_orthogonal(dtype: str, seed: int, layout: str, gain: float) -> None:
    rtol, atol = {"float32": (1e-5, 2e-6), "float64": (1e-12, 1e-14)}[dtype]

    @side_by_side(rtol=rtol, atol=atol)
    def run(torch: Any) -> Any:
        results = []
        for shape in SHAPES if layout == "contiguous" else SHAPES[2:-1]:
            torch.manual_seed(seed)  # afresh, since PyTorch draws before it refuses a layout
            x = made(torch, layout, shape, dtype)
            results.append(fill(torch, lambda init, x: init.orthogonal_(x, gain), x))
        return results

    run()


@pytest.mark.parametrize("gain", [1, 5 / 3])
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_orthogonal_matrices(dtype: str, seed: int, gain: float) -> None:
    check_orthogonal(dtype, seed, "contiguous", gain)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_layouts_of_orthogonal_matrices(dtype: str, layout: str) -> None:
    check_orthogonal(dtype, 42, layout, 0.5)


@side_by_side(rtol=1e-12)
def test_orthogonal_matrix_from_a_generator(torch: Any) -> Any:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(5)
    x = torch.zeros(7, 4, dtype=torch.float64, requires_grad=True)
    torch.nn.init.orthogonal_(x, generator=generator)
    return x, torch.rand(2), torch.rand(2, generator=generator)


# -- numbers about tensors ----------------------------------------------------------------

GAINS: list[tuple[Any, ...]] = [
    *((name,) for name in ("linear", "conv1d", "conv2d", "conv3d", "sigmoid", "tanh", "relu")),
    *((f"conv_transpose{n}d",) for n in (1, 2, 3)),
    *(("leaky_relu", slope) for slope in (0.2, 2, 0, -1.5, None, True, "0.2", [1])),
    ("leaky_relu",), ("selu",), ("relu", 5), ("linear", "text"), ("unknown",), (None,),
]  # fmt: skip


@pytest.mark.parametrize("arguments", GAINS, ids=str)
@side_by_side
def test_gains(torch: Any, arguments: tuple[Any, ...]) -> Any:
    gain = outcome(torch.nn.init.calculate_gain, *arguments)
    return gain, type(gain)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@side_by_side
def test_fans(torch: Any, shape: tuple[int, ...]) -> Any:
    return outcome(torch.nn.init._calculate_fan_in_and_fan_out, torch.zeros(shape))


# -- names and signatures -----------------------------------------------------------------


def test_names() -> None:
    assert set(minitorch.nn.init.__all__) == set(torch.nn.init.__all__)


@pytest.mark.parametrize(
    "name", [name for name in torch.nn.init.__all__ if name.endswith("_") or "_gain" in name]
)
def test_signatures(name: str) -> None:
    ours, theirs = (
        [
            (parameter.name, parameter.default, parameter.kind)
            for parameter in inspect.signature(getattr(library.nn.init, name)).parameters.values()
        ]
        for library in (minitorch, torch)
    )
    assert ours == theirs


FORMER: dict[str, Fill] = {
    "uniform": lambda init, x: init.uniform(x, -1, b=1),
    "normal": lambda init, x: init.normal(x, std=0.1),
    "constant": lambda init, x: init.constant(x, 0.3),
    "eye": lambda init, x: init.eye(x),
    "dirac": lambda init, x: init.dirac(x[None]),
    "xavier_uniform": lambda init, x: init.xavier_uniform(tensor=x),
    "xavier_normal": lambda init, x: init.xavier_normal(x, 2.0),
    "kaiming_uniform": lambda init, x: init.kaiming_uniform(x, mode="fan_out"),
    "kaiming_normal": lambda init, x: init.kaiming_normal(x, 0.1),
    "orthogonal": lambda init, x: init.orthogonal(x),
    "sparse": lambda init, x: init.sparse(x, 0.5),
}


def test_every_former_name_is_in_the_table() -> None:
    names = {name for name in torch.nn.init.__all__ if not name.endswith("_")}
    assert names - {"calculate_gain"} == FORMER.keys()


@pytest.mark.parametrize("name", FORMER)
@side_by_side(rtol=1e-12)
def test_former_names(torch: Any, name: str) -> Any:
    torch.manual_seed(0)
    x = torch.zeros(5, 3, dtype=torch.float64)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        FORMER[name](torch.nn.init, x)
    (warning,) = caught
    function = getattr(torch.nn.init, name)
    assert warning.filename == __file__
    return x, warning.category, str(warning.message), function.__name__, torch.rand(2)


# -- errors -------------------------------------------------------------------------------

REFUSED: dict[str, Callable[[Any], Any]] = {
    "bounds reversed": lambda t: t.nn.init.uniform_(t.ones(2), 3, 2),
    "a bound of text": lambda t: t.nn.init.uniform_(t.ones(2), "a"),
    "no generator": lambda t: t.nn.init.uniform_(t.ones(2), generator=5),
    "negative deviation": lambda t: t.nn.init.normal_(t.ones(2), 0, -1),
    "deviation nan": lambda t: t.nn.init.normal_(t.ones(2), 0, math.nan),
    "constant of text": lambda t: t.nn.init.constant_(t.ones(2), "a"),
    "constant None": lambda t: t.nn.init.constant_(t.ones(2), None),
    "constant too large": lambda t: t.nn.init.constant_(t.ones(2, dtype=t.uint8), 300),
    "constant with dimensions": lambda t: t.nn.init.constant_(t.ones(2), t.ones(2)),
    "eye of a vector": lambda t: t.nn.init.eye_(t.ones(2)),
    "eye of three dimensions": lambda t: t.nn.init.eye_(t.ones(2, 2, 2)),
    "dirac of a matrix": lambda t: t.nn.init.dirac_(t.ones(2, 2)),
    "dirac of six dimensions": lambda t: t.nn.init.dirac_(t.ones(1, 1, 1, 1, 1, 1)),
    "dirac in groups of unequal size": lambda t: t.nn.init.dirac_(t.ones(3, 2, 1), 2),
    "dirac in no groups": lambda t: t.nn.init.dirac_(t.ones(3, 2, 1), 0),
    "dirac in 2.0 groups": lambda t: t.nn.init.dirac_(t.ones(4, 2, 1), 2.0),
    "dirac in groups of text": lambda t: t.nn.init.dirac_(t.ones(4, 2, 3), "2"),
    "dirac without a kernel": lambda t: t.nn.init.dirac_(t.ones(4, 2, 0)),
    "truncated: bounds reversed": lambda t: t.nn.init.trunc_normal_(t.ones(2), a=2, b=1),
    "truncated: no deviation": lambda t: t.nn.init.trunc_normal_(t.ones(2), std=0),
    "truncated: text": lambda t: t.nn.init.trunc_normal_(t.ones(2), "a"),
    "xavier: a gain of text": lambda t: t.nn.init.xavier_normal_(t.ones(2, 2), "a"),
    "xavier_uniform: negative gain": lambda t: t.nn.init.xavier_uniform_(t.ones(2, 3), -1),
    "xavier_normal: negative gain": lambda t: t.nn.init.xavier_normal_(t.ones(2, 3), -1),
    "kaiming: unknown mode": lambda t: t.nn.init.kaiming_normal_(t.ones(2), mode="x"),
    "kaiming: no mode": lambda t: t.nn.init.kaiming_uniform_(t.ones(2, 2), mode=3),
    "kaiming: nonlinearity": lambda t: t.nn.init.kaiming_normal_(t.ones(2, 2), nonlinearity="x"),
    "kaiming: slope": lambda t: t.nn.init.kaiming_uniform_(t.ones(2, 2), "a"),
    "orthogonal: a vector": lambda t: t.nn.init.orthogonal_(t.ones(3)),
    "orthogonal: half precision": lambda t: t.nn.init.orthogonal_(t.ones(3, 2).half()),
    "orthogonal: permuted": lambda t: t.nn.init.orthogonal_(t.ones(3, 2, 4).permute(0, 2, 1)),
    "orthogonal: a gain of text": lambda t: t.nn.init.orthogonal_(t.ones(2, 2), "a"),
    "sparse: a vector": lambda t: t.nn.init.sparse_(t.ones(2), 0.5),
    "sparse: negative deviation": lambda t: t.nn.init.sparse_(t.ones(2, 2), 0.5, -1),
    "sparse: text": lambda t: t.nn.init.sparse_(t.ones(2, 2), "a"),
    "sparse: nan": lambda t: t.nn.init.sparse_(t.ones(2, 2), math.nan),
    "no tensor": lambda t: t.nn.init.uniform_("a"),
    "a list": lambda t: t.nn.init.orthogonal_([1.0]),
    "None": lambda t: t.nn.init.kaiming_uniform_(None),
    "a number": lambda t: t.nn.init.dirac_(3),
    "no number of dimensions": lambda t: t.nn.init.xavier_normal_(3),
    "elements in one place": lambda t: t.nn.init.normal_(t.ones(2, 1).expand(2, 3)),
    "truncated in one place": lambda t: t.nn.init.trunc_normal_(t.ones(1).expand(3), a=3, b=4),
    "orthogonal in one place": lambda t: t.nn.init.orthogonal_(t.ones(2, 1).expand(2, 3)),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore:.*mean:UserWarning")
@side_by_side
def test_errors(torch: Any, name: str) -> Any:
    error = outcome(REFUSED[name], torch)
    assert isinstance(error, Exception), error
    return error


@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
@pytest.mark.parametrize("name", DRAWN)
@side_by_side
def test_integers_cannot_be_drawn(torch: Any, name: str, dtype: str) -> Any:
    return fill(torch, DRAWN[name], torch.ones(4, 3, dtype=getattr(torch, dtype)))


@pytest.mark.parametrize("dtype", ["int64", "bool"])
@side_by_side
def test_orthogonal_integers(torch: Any, dtype: str) -> Any:
    return outcome(torch.nn.init.orthogonal_, torch.ones(3, 2, dtype=getattr(torch, dtype)))


# -- parameters ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*CONSTANT, *DRAWN])
@side_by_side
def test_backward_notices_the_change(torch: Any, name: str) -> Any:
    shape = (6, 3, 3) if "dirac" in name else (4, 3)
    x = torch.nn.Parameter(torch.ones(shape))
    loss = (x * x).sum()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        {**CONSTANT, **DRAWN}[name](torch.nn.init, x)
    return outcome(loss.backward), x.requires_grad, x.grad
