"""Every distribution, bit for bit, and where the stream stands afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch as reference

import minitorch
from tests.parity.side_by_side import side_by_side

SEEDS = [0, 1, 42, 2**31, 2**40]
SIZES = [1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 623, 624, 625, 1000, 4097, 100_000]
FLOATING = ["float32", "float64"]
WHOLE = ["uint8", "int8", "int16", "int32", "int64"]


def probabilities(torch: Any, size: int, dtype: str) -> Any:
    return torch.from_numpy(np.random.default_rng(size).random(size)).to(getattr(torch, dtype))


def empty(torch: Any, size: int, dtype: str) -> Any:
    return torch.empty(size, dtype=getattr(torch, dtype))


DRAWS: dict[str, tuple[list[str], Callable[[Any, int, str], Any]]] = {
    "rand": (FLOATING, lambda t, n, d: t.rand(n, dtype=getattr(t, d))),
    "randn": (FLOATING, lambda t, n, d: t.randn(n, dtype=getattr(t, d))),
    "rand_like": (FLOATING, lambda t, n, d: t.rand_like(empty(t, n, d))),
    "randn_like": (FLOATING, lambda t, n, d: t.randn_like(empty(t, n, d))),
    "uniform": (FLOATING, lambda t, n, d: empty(t, n, d).uniform_(-1.3, 0.7)),
    "normal": (FLOATING, lambda t, n, d: empty(t, n, d).normal_(0.3, 1.7)),
    "narrow normal": (FLOATING, lambda t, n, d: empty(t, n, d).normal_(0, 0.02)),
    "normal of numbers": (FLOATING, lambda t, n, d: t.normal(1.0, 2.5, (n,), dtype=getattr(t, d))),
    "normal of means": (FLOATING, lambda t, n, d: t.normal(probabilities(t, n, d), 2.5)),
    "normal of deviations": (FLOATING, lambda t, n, d: t.normal(1.25, probabilities(t, n, d))),
    "normal of both": (
        FLOATING,
        lambda t, n, d: t.normal(probabilities(t, n, d), probabilities(t, n, d) * 3),
    ),
    "one normal after another": (
        FLOATING,
        lambda t, n, d: t.empty(n, 2, dtype=getattr(t, d))[:, 0].normal_(0.3, 1.7),
    ),
    "log-normal": (FLOATING, lambda t, n, d: empty(t, n, d).log_normal_(0.3, 1.7)),
    "exponential": (FLOATING, lambda t, n, d: empty(t, n, d).exponential_(1.7)),
    "Cauchy": (FLOATING, lambda t, n, d: empty(t, n, d).cauchy_(0.3, 1.7)),
    "geometric": ([*FLOATING, *WHOLE], lambda t, n, d: empty(t, n, d).geometric_(0.3)),
    "bernoulli_": ([*FLOATING, *WHOLE, "bool"], lambda t, n, d: empty(t, n, d).bernoulli_(0.3)),
    "bernoulli": (FLOATING, lambda t, n, d: t.bernoulli(probabilities(t, n, d))),
    "bernoulli_ of a tensor": (
        [*FLOATING, "int64", "bool"],
        lambda t, n, d: empty(t, n, d).bernoulli_(probabilities(t, n, "float64")),
    ),
    "bernoulli of p": (FLOATING, lambda t, n, d: t.bernoulli(probabilities(t, n, d), 0.2)),
    "random_": ([*FLOATING, *WHOLE, "bool"], lambda t, n, d: empty(t, n, d).random_()),
    "random_ to": ([*FLOATING, *WHOLE], lambda t, n, d: empty(t, n, d).random_(100)),
    "random_ from": ([*FLOATING, "int64"], lambda t, n, d: empty(t, n, d).random_(-5, 17)),
    "random_ from on": (["int64", "int32"], lambda t, n, d: empty(t, n, d).random_(7, None)),
    "random_ of 64 bits": (["int64"], lambda t, n, d: empty(t, n, d).random_(-(2**63), None)),
    "randint": ([*FLOATING, *WHOLE], lambda t, n, d: t.randint(0, 10, (n,), dtype=getattr(t, d))),
    "randint, two draws": (["int64", "int32"], lambda t, n, d: t.randint(-3, 2**28 - 3, (n,))),
    "randint, one draw": (["int64", "int32"], lambda t, n, d: t.randint(-3, 2**28 - 4, (n,))),
    "randint, wide": (["int64"], lambda t, n, d: t.randint(-(2**40), 2**62, (n,))),
    "randint, widest": (["int64"], lambda t, n, d: t.randint(-(2**63), 2**63 - 1, (n,))),
    "randint_like": ([*FLOATING, "int64"], lambda t, n, d: t.randint_like(empty(t, n, d), 3, 9)),
    "randperm": (["int64", "float32"], lambda t, n, d: t.randperm(n, dtype=getattr(t, d))),
    "multinomial": (
        FLOATING,
        lambda t, n, d: t.multinomial(probabilities(t, 40, d), min(n, 40)),
    ),
    "multinomial, rows": (
        FLOATING,
        lambda t, n, d: t.multinomial(probabilities(t, 40, d).reshape(5, 8), min(n, 8)),
    ),
    "multinomial, one": (FLOATING, lambda t, n, d: t.multinomial(probabilities(t, n, d), 1)),
    "multinomial, replaced": (
        FLOATING,
        lambda t, n, d: t.multinomial(probabilities(t, 40, d).reshape(5, 8), n, replacement=True),
    ),
}
CASES = [(name, dtype) for name, (dtypes, _) in DRAWS.items() for dtype in dtypes]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_draws_of_every_size(name: str, dtype: str, seed: int) -> None:
    """One after another from one stream, so that each must leave it where PyTorch does."""
    draw = DRAWS[name][1]
    for library in (minitorch, reference):
        library.manual_seed(seed)
    for size in SIZES:
        ours, theirs = (draw(library, size, dtype).numpy() for library in (minitorch, reference))
        np.testing.assert_array_equal(ours, theirs, strict=True, err_msg=f"{size} numbers")
        states = (library.get_rng_state().numpy() for library in (minitorch, reference))
        np.testing.assert_array_equal(*states, err_msg=f"state after {size} numbers")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("dtype", FLOATING)
@side_by_side
def test_any_mixture(torch: Any, dtype: str, seed: int) -> Any:
    """A long sequence of different draws, in an order that is itself drawn."""
    order = np.random.default_rng(seed)
    torch.manual_seed(seed)
    drawn = []
    for _ in range(150):
        name = str(order.choice(list(DRAWS)))
        size = int(order.integers(1, 70))
        dtypes, draw = DRAWS[name]
        drawn.append(draw(torch, size, dtype if dtype in dtypes else dtypes[0]))
    return drawn, torch.get_rng_state()


@pytest.mark.parametrize("name", ["uniform", "one normal after another", "bernoulli_", "normal"])
@pytest.mark.parametrize("size", [16, 17, 1000])
@side_by_side
def test_float16(torch: Any, name: str, size: int) -> Any:
    torch.manual_seed(3)
    return DRAWS[name][1](torch, size, "float16"), torch.rand(2)


LAYOUTS = {
    "transposed": lambda x: x.T,
    "a column": lambda x: x[:, 1],
    "every other row": lambda x: x[::2],
    "three dimensions turned": lambda x: x.reshape(6, 2, 3).permute(2, 0, 1),
    "part of a transpose": lambda x: x.T[1:4, 2:5],
    "an added dimension": lambda x: x.T[:, None],
}
FILLS = {
    "uniform": lambda x: x.uniform_(),
    "normal": lambda x: x.normal_(1, 2),
    "bernoulli": lambda x: x.bernoulli_(0.4),
    "bernoulli of a tensor": lambda x: x.bernoulli_(x.detach().clone().fill_(0.4)),
    "random": lambda x: x.random_(0, 50),
    "exponential": lambda x: x.exponential_(),
}


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("layout", LAYOUTS)
@side_by_side
def test_order_in_memory(torch: Any, layout: str, fill: str) -> Any:
    torch.manual_seed(1)
    base = torch.zeros(6, 6)
    view = LAYOUTS[layout](base)
    result = FILLS[fill](view)
    return result is view, base, torch.rand_like(view), torch.randn_like(view), torch.rand(1)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("dtype", FLOATING)
@pytest.mark.parametrize("name", ["randn", "log-normal", "exponential", "Cauchy"])
def test_more_numbers_than_are_made_exactly(name: str, dtype: str, exact: bool) -> None:
    size = 2**19 + (0 if exact else 16)
    drawn = []
    for library in (minitorch, reference):
        library.manual_seed(9)
        drawn.append(DRAWS[name][1](library, size, dtype).numpy())
    if exact:
        np.testing.assert_array_equal(*drawn, strict=True)
    else:  # NumPy's functions, which are not the same on all processors
        tolerance = 8 * np.finfo(dtype).eps
        np.testing.assert_allclose(*drawn, rtol=tolerance, atol=tolerance, strict=True)
    assert minitorch.rand(1).item() == reference.rand(1).item()


@pytest.mark.parametrize("count", [255, 256, 257, 5000, 60000, 65536, 65537, 200_001])
@side_by_side
def test_large_permutations(torch: Any, count: int) -> Any:
    torch.manual_seed(count)
    return torch.randperm(count), torch.rand(1)


@side_by_side
def test_functions_of_a_generator_leave_the_default_one(torch: Any) -> Any:
    torch.manual_seed(0)
    own = torch.Generator().manual_seed(5)
    weights = torch.ones(4) / 4
    return (
        torch.randn(20, generator=own),
        torch.randint(5, (3,), generator=own),
        torch.randperm(5, generator=own),
        torch.normal(0.0, 1.0, (3,), generator=own),
        torch.normal(weights, weights, generator=own),
        torch.bernoulli(weights, generator=own),
        torch.multinomial(weights, 2, generator=own),
        torch.rand_like(weights, generator=own),
        torch.randn_like(weights, generator=own),
        torch.randint_like(weights, 9, generator=own),
        torch.empty(3).uniform_(generator=own),
        torch.empty(3).normal_(generator=own),
        torch.empty(3).bernoulli_(generator=own),
        torch.empty(3).random_(generator=own),
        torch.empty(3).exponential_(generator=own),
        torch.empty(3).log_normal_(generator=own),
        torch.empty(3).geometric_(0.5, generator=own),
        torch.empty(3).cauchy_(generator=own),
        own.get_state(),
        torch.rand(2),
    )
