"""The distributions by their definitions: from the bits of MT19937, and by their statistics."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minitorch import streams
from minitorch.random import Generator

SINGLE, DOUBLE, HALF = np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.float16)


def generator(seed: int = 5) -> Generator:
    return Generator().manual_seed(seed)


def words(count: int, seed: int = 5) -> list[int]:
    """The 32-bit numbers of the stream, by NumPy's own MT19937."""
    bits = np.random.MT19937()
    bits._legacy_seeding(seed)
    return [int(word) & 0xFFFFFFFF for word in bits.random_raw(count)]


def units(count: int, seed: int = 5) -> list[float]:
    """Uniform numbers of 53 bits."""
    drawn = words(2 * count, seed)
    pairs = zip(drawn[::2], drawn[1::2], strict=True)
    return [((high << 32 | low) & (2**53 - 1)) * 2.0**-53 for high, low in pairs]


def test_normal_numbers_come_in_pairs_and_one_is_kept():
    u, v, s, t = units(4)
    radius, other = math.sqrt(-2 * math.log1p(-v)), math.sqrt(-2 * math.log1p(-t))
    expected = [
        radius * math.cos(2 * math.pi * u),
        radius * math.sin(2 * math.pi * u),
        other * math.cos(2 * math.pi * s),
        other * math.sin(2 * math.pi * s),
    ]
    source = generator()
    drawn = [streams.normal(source, count, 0, 1, DOUBLE) for count in (1, 2, 1)]
    assert np.concatenate(drawn) == pytest.approx(expected, rel=1e-15)
    assert source.take_normal() == []


@pytest.mark.parametrize(("dtype", "tolerance"), [(SINGLE, 1e-6), (DOUBLE, 1e-14)])
def test_normal_numbers_in_rows(dtype, tolerance):
    """Sixteen by sixteen; what is left over is made anew together with the numbers before it."""
    if dtype == DOUBLE:
        uniform = units(20 + 16)
    else:
        uniform = [(word & 0xFFFFFF) * 2.0**-24 for word in words(20 + 16)]

    def row(numbers):
        radius = [math.sqrt(-2 * math.log(1 - u)) for u in numbers[:8]]
        angle = [2 * math.pi * v for v in numbers[8:]]
        return [
            r * turn(a) for turn in (math.cos, math.sin) for r, a in zip(radius, angle, strict=True)
        ]

    expected = row(uniform[:16])[:4] + row(uniform[20:])
    drawn = streams.normal(generator(), 20, 0, 1, dtype)
    assert drawn == pytest.approx(expected, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE])
@pytest.mark.parametrize("exact", [True, False])
def test_polynomials_agree_with_the_library(dtype, exact):
    """Logarithm, sine and cosine over their whole range, at both ends of it and in between."""
    make = streams._rows_single if dtype == SINGLE else streams._rows_double
    edge = 2.0**-24
    heads = np.concatenate([np.linspace(0, 1 - edge, 4000), edge * np.arange(8)])
    turns = np.concatenate([np.linspace(0, 1 - edge, 4000)[::-1], edge * np.arange(8)])
    rows = np.stack([heads.reshape(-1, 8), turns.reshape(-1, 8)], 1).astype(dtype)
    drawn = make(rows.reshape(-1), 0.0, 1.0, exact).reshape(-1, 2, 8)
    radius = np.sqrt(-2 * np.log(1 - rows[:, 0].astype(np.float64)))
    angle = 2 * np.pi * rows[:, 1].astype(np.float64)
    tolerance = 4e-6 if dtype == SINGLE else 1e-14
    np.testing.assert_allclose(drawn[:, 0], radius * np.cos(angle), atol=tolerance)
    np.testing.assert_allclose(drawn[:, 1], radius * np.sin(angle), atol=tolerance)


CONTINUOUS = {
    "uniform": (lambda g, n, d: streams.uniform(g, n, -1, 3, d), lambda x: (x + 1) / 4),
    "normal": (
        lambda g, n, d: streams.normal(g, n, 1.0, 2.0, d),
        lambda x: (1 + math.erf((x - 1) / 2 / math.sqrt(2))) / 2,
    ),
    "normal, scattered": (
        lambda g, n, d: streams.normal(g, n, 1.0, 2.0, d, contiguous=False),
        lambda x: (1 + math.erf((x - 1) / 2 / math.sqrt(2))) / 2,
    ),
    "exponential": (
        lambda g, n, d: streams.exponential(g, n, 2.0, d),
        lambda x: 1 - math.exp(-2 * x),
    ),
    "log-normal": (
        lambda g, n, d: streams.log_normal(g, n, 1.0, 2.0, d),
        lambda x: (1 + math.erf((math.log(x) - 1) / 2 / math.sqrt(2))) / 2 if x else 0.0,
    ),
    "Cauchy": (
        lambda g, n, d: streams.cauchy(g, n, 1.0, 2.0, d),
        lambda x: 0.5 + math.atan((x - 1) / 2) / math.pi,
    ),
}


@pytest.mark.parametrize("count", [20_001, 2**19 + 1])
@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE])
@pytest.mark.parametrize("name", CONTINUOUS)
def test_distribution_functions(name, dtype, count):
    """The largest distance from the true distribution function, by Kolmogorov and Smirnov."""
    draw, distribution = CONTINUOUS[name]
    drawn = np.sort(draw(generator(), count, dtype))[:: count // 1000]
    assert drawn.dtype == dtype
    expected = np.array([distribution(float(x)) for x in drawn])
    reached = np.arange(0, count, count // 1000) / count
    assert np.abs(expected - reached).max() < 2.5 / math.sqrt(count)


def test_geometric_numbers_count_trials():
    drawn = streams.geometric(generator(), 50_000, 0.25, SINGLE)
    assert drawn.min() == 1
    for trials in range(1, 6):
        assert (drawn == trials).mean() == pytest.approx(0.25 * 0.75 ** (trials - 1), abs=0.01)


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 1.0])
def test_bernoulli_numbers(p):
    assert streams.bernoulli(generator(), 1000, p).tolist() == [u < p for u in units(1000)]
    each = streams.bernoulli_each(generator(), 1000, np.full(1000, p))
    assert each.tolist() == [u < p for u in units(1000)]


@pytest.mark.parametrize(("low", "width"), [(0, 1), (0, 7), (-3, 100), (5, 2**28 - 1)])
def test_integers_are_a_draw_modulo_the_width(low, width):
    drawn = streams.integers(generator(), 100, low, width, np.dtype(np.int64))
    assert drawn.tolist() == [low + word % width for word in words(100)]


@pytest.mark.parametrize(("low", "width"), [(0, 2**28), (-(2**40), 2**50), (-(2**63), 2**64 - 1)])
def test_wide_integers_are_two_draws(low, width):
    drawn = words(200)
    pairs = [high << 32 | low for high, low in zip(drawn[::2], drawn[1::2], strict=True)]
    result = streams.integers(generator(), 100, low, width, np.dtype(np.int64))
    assert result.tolist() == [low + pair % width for pair in pairs]


@pytest.mark.parametrize(
    ("dtype", "width"),
    [
        (np.bool_, 2),
        (np.uint8, 2**8),
        (np.int8, 2**7),
        (np.int16, 2**15),
        (np.int32, 2**31),
        (np.float16, 2**11 + 1),
        (np.float32, 2**24 + 1),
    ],
)
def test_integers_of_a_whole_dtype(dtype, width):
    drawn = streams.integers_of_dtype(generator(), 100, np.dtype(dtype))
    assert drawn.tolist() == [dtype(word % width).item() for word in words(100)]


@pytest.mark.parametrize("count", [0, 1, 2, 100, 255, 256, 257, 3000, 65536, 65537, 140_000])
def test_permutations_exchange_one_place_after_another(count):
    order = list(range(count))
    for place, word in enumerate(words(max(count - 1, 0))):
        other = place + word % (count - place)
        order[place], order[other] = order[other], order[place]
    source = generator()
    assert streams.permutation(source, count).tolist() == order
    assert source.draw(1).tolist() == words(max(count, 1))[-1:]


@pytest.mark.parametrize("size", range(2, 7))
def test_every_sequence_of_exchanges(size):
    """All of them, followed at once as in large permutations, against one after another."""
    for choice in np.ndindex(*range(size, 0, -1)):
        place = np.arange(size)
        partner = place + np.array(choice)
        order = place.tolist()
        for i, j in enumerate(partner.tolist()):
            order[i], order[j] = order[j], order[i]
        assert streams._exchanged_at_once(partner).tolist() == order


@pytest.mark.parametrize("choose", ["replacement", "no replacement"])
def test_categories_are_drawn_in_proportion(choose):
    weights = np.tile(np.array([[1.0, 0.0, 3.0, 4.0]]), (20_000, 1))
    if choose == "replacement":
        drawn = streams.categories_with_replacement(generator(), weights[:1], 20_000)[0]
    else:
        clocks = streams.exponential(generator(), weights.size, 1.0, DOUBLE).reshape(weights.shape)
        drawn = streams.categories_without_replacement(weights, clocks, 1)[:, 0]
    shares = np.bincount(drawn, minlength=4) / 20_000
    np.testing.assert_allclose(shares, [0.125, 0, 0.375, 0.5], atol=0.015)


def test_categories_without_replacement_differ():
    clocks = streams.exponential(generator(), 3000, 1.0, DOUBLE).reshape(500, 6)
    drawn = streams.categories_without_replacement(np.ones((500, 6)), clocks, 6)
    assert (np.sort(drawn, axis=1) == np.arange(6)).all()
    assert np.bincount(drawn[:, 0]).min() > 500 / 6 - 5 * math.sqrt(500 / 6)


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 624, 16384, 16385, 40_001])
def test_draws_are_the_twister_s(count):
    source = generator()
    assert source.draw(count).tolist() == words(count)
    assert source.draw(3).tolist() == words(count + 3)[count:]
