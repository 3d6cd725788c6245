"""What becomes of a generator's bits: the numbers of each distribution, as PyTorch makes them.

Each function states the rule it follows. The rules are facts about PyTorch 2.13 on the CPU, found
by comparing the two; `tests/parity/test_streams.py` holds them to it. Functions return a flat array
of `count` numbers and advance the generator by exactly the draws that PyTorch takes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .autograd.variable import Array
from .exact import (
    c_function,
    log_single,
    multiply_add,
    multiply_add_single,
    sine_and_cosine_single,
)
from .quiet import quiet
from .random import Generator

_BLOCK = 65536  # numbers whose intermediate results stay in the processor's cache
_ROW = 16  # normal numbers are filled in rows of so many
# Up to so many numbers, logarithms and the like are PyTorch's to the last bit. Beyond, NumPy's own
# take their place: several times faster, and apart by a few units in the last place.
_EXACT = 2**19


# -- uniform ------------------------------------------------------------------------------


def unit_single(generator: Generator, count: int) -> Array:
    """Float32 numbers from [0, 1): the low 24 bits of one 32-bit draw, times 2⁻²⁴."""
    drawn = generator.draw(count)
    drawn &= np.uint32(2**24 - 1)
    result: Array = drawn.view(np.int32).astype(np.float32)
    result *= np.float32(2.0**-24)
    return result


def unit_double(generator: Generator, count: int) -> Array:
    """Float64 numbers from [0, 1): the low 53 bits of two draws, the first one high, times 2⁻⁵³."""
    drawn = generator.draw_pairs(count)
    drawn &= np.uint64(2**53 - 1)
    result: Array = drawn.view(np.int64).astype(np.float64)
    result *= 2.0**-53
    return result


def unit(generator: Generator, count: int, dtype: np.dtype[Any]) -> Array:
    """Numbers from [0, 1); float16 is float32 that is rounded, and rounded to 1 becomes 0."""
    if dtype == np.float64:
        return unit_double(generator, count)
    numbers = unit_single(generator, count)
    if dtype == np.float32:
        return numbers
    rounded: Array = numbers.astype(dtype)
    rounded[rounded == 1] = 0
    return rounded


def uniform(
    generator: Generator, count: int, low: float, high: float, dtype: np.dtype[Any]
) -> Array:
    """Numbers from [low, high): low + (high - low) · u, u from [0, 1).

    The bounds are rounded to the dtype, and scaling is a fused multiply-add, rounded once. A
    number that rounding has made the upper bound becomes the lower one.
    """
    if low == 0 and high == 1:
        return unit(generator, count, dtype)
    wide = np.promote_types(dtype, np.float32)
    start = np.asarray(low, wide)
    width = float(np.asarray(high, wide) - start)
    if wide == np.float64:
        scaled = multiply_add(unit_double(generator, count), width, float(start))
    else:  # float64 holds the product exactly
        scaled = unit_single(generator, count) * np.float64(width)
        scaled += float(start)
    result: Array = scaled.astype(wide, copy=False).astype(dtype, copy=False)
    result[result == np.asarray(high, dtype)] = np.asarray(low, dtype)
    return result


# -- normal -------------------------------------------------------------------------------


def normal(
    generator: Generator,
    count: int,
    mean: float,
    deviation: float,
    dtype: np.dtype[Any],
    contiguous: bool = True,
) -> Array:
    """Numbers of the normal distribution.

    Sixteen or more that lie side by side in memory are made in rows of sixteen
    (`_normal_in_rows`), others in pairs (`normal_in_pairs`). Up to 2¹⁹ of them are PyTorch's to the
    last bit. Of more, one in seven differs by a few units in the last place (in float64 one in
    600), since they are made with NumPy's faster functions.
    """
    if count < _ROW or not contiguous:
        numbers = normal_in_pairs(generator, count)
        return _cast(_shifted(numbers, mean, deviation, numbers.dtype), dtype)
    return _normal_in_rows(generator, count, mean, deviation, dtype)


def normal_in_pairs(generator: Generator, count: int) -> Array:
    """Standard normal numbers in float64, by the method of Box and Muller.

    From two uniform numbers u, v in float64 come √(-2 log(1 - v)) · cos 2πu and, with sin, a
    second number, which the generator keeps for the next call.

    Source: Box and Muller, A note on the generation of random normal deviates (1958).
    """
    result = np.empty(count, np.float64)
    kept = generator.take_normal() if count else []
    result[: len(kept)] = kept
    result[len(kept) :] = _normal_pairs(generator, count - len(kept))
    return result


def _normal_pairs(generator: Generator, count: int) -> Array:
    """New numbers; of an odd count the generator keeps one that was made too many."""
    numbers = unit_double(generator, count + count % 2)
    angle = numbers[0::2] * (2 * math.pi)
    radius = np.sqrt(-2 * _log1p(-numbers[1::2], count <= _EXACT))
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(-1)
    if count % 2:
        generator.keep_normal(float(pairs[-1]))
    return pairs[:count]


def _normal_in_rows(
    generator: Generator, count: int, mean: float, deviation: float, dtype: np.dtype[Any]
) -> Array:
    """Normal numbers in rows of sixteen, each made of sixteen uniform ones.

    All uniform numbers are drawn first. Of each row the first eight, u, and the last eight, v,
    give √(-2 log(1 - u)) · cos 2πv and the same with sin. A row that `count` leaves unfinished
    is not used: sixteen new uniform numbers make the last sixteen. (In float16 they are made of
    float32 numbers, and none are drawn for the unfinished row.)
    """
    wide = np.promote_types(dtype, np.float32)
    make = _rows_double if wide == np.float64 else _rows_single
    exact = count <= _EXACT
    whole = count - count % _ROW
    uniform_numbers = unit(generator, count if wide == dtype else whole, wide)
    result = np.empty(count, dtype)
    for start in range(0, whole, _BLOCK):
        block = slice(start, min(start + _BLOCK, whole))
        result[block] = make(uniform_numbers[block], mean, deviation, exact)
    if whole < count:
        result[-_ROW:] = make(unit(generator, _ROW, wide), mean, deviation, exact)
    return result


def _rows_double(numbers: Array, mean: float, deviation: float, exact: bool) -> Array:
    """Uniform to normal numbers in float64, as the C library's functions do."""
    rows = numbers.reshape(-1, 2, _ROW // 2)
    radius = np.sqrt(-2 * c_function(math.log, np.log, 1 - rows[:, 0], exact))
    angle = rows[:, 1] * (2 * math.pi)
    result = np.empty_like(rows)
    np.multiply(radius, np.cos(angle), out=result[:, 0])
    np.multiply(radius, np.sin(angle), out=result[:, 1])
    return _shifted(result.reshape(-1), mean, deviation, numbers.dtype)


def _rows_single(numbers: Array, mean: float, deviation: float, exact: bool) -> Array:
    """Uniform to normal numbers in float32, as PyTorch's vectorised functions do."""
    eight = np.dtype("V32")  # eight float32 are moved at once
    halves = numbers.view(eight).reshape(-1, 2)
    radius = np.float32(1) - halves[:, 0].copy().view(np.float32)
    radius = log_single(radius) if exact else np.log(radius, out=radius)
    radius *= np.float32(-2)
    np.sqrt(radius, out=radius)
    angle = halves[:, 1].copy().view(np.float32)
    angle *= np.float32(2 * math.pi)
    sine, cosine = sine_and_cosine_single(angle) if exact else (np.sin(angle), np.cos(angle))
    cosine *= radius
    sine *= radius
    result = np.empty_like(halves)
    result[:, 0], result[:, 1] = cosine.view(eight), sine.view(eight)
    return _shifted(result.reshape(-1).view(np.float32), mean, deviation, numbers.dtype)


def _cast(numbers: Array, dtype: np.dtype[Any]) -> Array:
    """Float64 numbers in another dtype; to float16 they are rounded twice, as in PyTorch."""
    if dtype == np.float16:
        numbers = numbers.astype(np.float32)
    return numbers.astype(dtype, copy=False)


def _shifted(numbers: Array, mean: float, deviation: float, dtype: np.dtype[Any]) -> Array:
    """`numbers * deviation + mean`, rounded once."""
    if mean == 0 and deviation == 1:
        return numbers
    if dtype == np.float64:
        return multiply_add(numbers, float(deviation), float(mean))
    constants = np.asarray([deviation, mean], dtype).astype(np.float64)
    return multiply_add_single(numbers, constants[0], constants[1])


def _log1p(x: Array, exact: bool) -> Array:
    return c_function(math.log1p, np.log1p, x, exact)


# -- other distributions of real numbers --------------------------------------------------
#
# All are computed in float64. As of normal numbers, 2¹⁹ in a call are PyTorch's to the last bit.


def _is_exact(count: int, dtype: np.dtype[Any]) -> bool:
    """Whether the last bit of a float64 function counts: a result in another dtype hides it."""
    return count <= _EXACT and dtype == np.float64


def exponential(generator: Generator, count: int, rate: float, dtype: np.dtype[Any]) -> Array:
    """-log(1 - u) / rate."""
    logarithm = _log1p(-unit_double(generator, count), _is_exact(count, dtype))
    with np.errstate(over="ignore"):
        return _cast(logarithm * (-1 / rate), dtype)


def log_normal(
    generator: Generator, count: int, mean: float, deviation: float, dtype: np.dtype[Any]
) -> Array:
    """exp(n), n normal numbers made in pairs, however many."""
    numbers = normal_in_pairs(generator, count)
    exponent = _shifted(numbers, mean, deviation, numbers.dtype)
    with np.errstate(over="ignore", under="ignore"):
        return _cast(c_function(_exp, np.exp, exponent, _is_exact(count, dtype)), dtype)


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def cauchy(
    generator: Generator, count: int, median: float, sigma: float, dtype: np.dtype[Any]
) -> Array:
    """median + sigma · tan(π(u - ½))."""
    angle = math.pi * (unit_double(generator, count) - 0.5)
    tangent = c_function(math.tan, np.tan, angle, _is_exact(count, dtype))
    with np.errstate(over="ignore"):
        return _cast(_shifted(tangent, median, sigma, tangent.dtype), dtype)


def geometric(generator: Generator, count: int, p: float, dtype: np.dtype[Any]) -> Array:
    """⌈log u / log(1 - p)⌉: trials until the first success."""
    numbers = unit_double(generator, count)
    trials = quiet.run(np.log, numbers)
    trials /= math.log1p(-p)
    return quiet.run(np.ceil(trials).astype, dtype)  # type: ignore[no-any-return]


# -- whole numbers ------------------------------------------------------------------------


def bernoulli(generator: Generator, count: int, p: float) -> Array:
    """Booleans: whether u < p, for numbers u of 53 bits, whatever the dtype."""
    drawn = generator.draw_pairs(count)
    drawn &= np.uint64(2**53 - 1)
    return drawn < np.uint64(math.ceil(p * 2**53))


def bernoulli_each(generator: Generator, count: int, probabilities: Array) -> Array:
    """Booleans: whether u < p for each p, u of the probabilities' dtype, float32 at least."""
    wide = np.promote_types(probabilities.dtype, np.float32)
    return unit(generator, count, wide) < probabilities


def integers(generator: Generator, count: int, low: int, width: int, dtype: np.dtype[Any]) -> Array:
    """Whole numbers from [low, low + width): a draw modulo `width`.

    From a width of 2²⁸ on, each is made of two draws. Wrapping round in 64 bits is meant; with a
    width of 2⁶⁴, two draws are the number themselves.
    """
    drawn = generator.draw_pairs(count) if width >= 2**28 else generator.draw(count)
    if width == 2**64:
        return drawn.view(np.int64).astype(dtype, copy=False)
    drawn %= drawn.dtype.type(width)
    wide: Array = drawn.astype(np.uint64, copy=False).view(np.int64)
    wide += np.int64(low)
    return wide.astype(dtype, copy=False)


def integers_of_dtype(generator: Generator, count: int, dtype: np.dtype[Any]) -> Array:
    """Whole numbers from 0 to the largest of an integer dtype, or to 2ᵈ in a dtype of d digits.

    One draw each, modulo that count; two in int64 and float64. A boolean is the lowest bit.
    """
    drawn = generator.draw_pairs(count) if dtype.itemsize == 8 else generator.draw(count)
    drawn %= drawn.dtype.type(whole_numbers(dtype)[1] + 1)
    return drawn.astype(dtype)


def whole_numbers(dtype: np.dtype[Any]) -> tuple[int, int]:
    """The smallest and the largest whole number that a dtype holds, with all between them."""
    if dtype.kind == "f":
        largest = int(2 ** (np.finfo(dtype).nmant + 1))
        return -largest, largest
    if dtype.kind == "b":
        return 0, 1
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)


def permutation(generator: Generator, count: int) -> Array:
    """The numbers below `count` in random order, by the method of Fisher and Yates.

    Place i is exchanged with place i + (draw mod (count - i)), for i from the first to the last
    but one: one draw each.

    Source: Durstenfeld, Algorithm 235: Random permutation (1964).
    """
    partner = np.arange(count, dtype=np.int64)
    if count < 2:
        return partner
    drawn = generator.draw(count - 1)
    drawn %= np.arange(count, 1, -1, dtype=np.uint32)
    partner[:-1] += drawn
    return _exchanged_in_turn(partner) if count < 256 else _exchanged_at_once(partner)


def _exchanged_in_turn(partner: Array) -> Array:
    """0, 1, 2, ... after each place, in turn, was exchanged with its partner."""
    order = list(range(partner.size))
    for i, j in enumerate(partner.tolist()):
        order[i], order[j] = order[j], order[i]
    return np.array(order)


def _exchanged_at_once(partner: Array) -> Array:
    """The same for many places, without making one exchange after another.

    Place i gets what lies at its partner j ≥ i at that moment: j itself or, if an earlier place had
    the same partner, what the last such place held when its turn came. And that was brought there
    by the last exchange with that place as partner, or is its own number. All these references are
    followed at once. `partner` is overwritten.
    """
    turns, partners = _sorted_turns(partner)
    same = np.flatnonzero(partners[1:] == partners[:-1])
    before, after = turns.take(same), turns[1:].take(same)  # turns that have a partner in common
    place = np.arange(partner.size)
    own = np.flatnonzero(partner == place)
    brought = place.copy()  # by which turn each place got what it holds at its own
    brought[partner] = place  # of several turns, the last one stays
    # But what a place does at its own turn, the last with it as partner, is too late.
    earlier = np.searchsorted(partners, own.astype(partners.dtype), "right") - 2
    found = partners[earlier] == own  # from the end of the array, where there is none, it differs
    brought[own[found]] = turns[earlier[found]]
    partner[after] = _followed(before, brought)
    return partner


def _sorted_turns(partner: Array) -> tuple[Array, Array]:
    """The turns in the order of their partners, and these; those with one partner in turn.

    NumPy sorts numbers of 16 bits in linear time, so they are sorted by 16 bits after 16 bits.
    """
    low = partner.astype(np.uint16)
    turns = np.argsort(low, kind="stable")
    if partner.size <= 2**16:
        return turns, low.take(turns)
    for bits in range(16, (partner.size - 1).bit_length(), 16):
        higher = (partner.take(turns) >> bits).astype(np.uint16)
        turns = turns.take(np.argsort(higher, kind="stable"))
    return turns, partner.take(turns)


def _followed(start: Array, reference: Array) -> Array:
    """Where the references lead from each start, followed until they refer to themselves."""
    for _ in range(2):  # most are short: four at a time end nearly all of them
        reference = reference.take(reference)
    end = reference.take(start)
    further = reference.take(end)
    unfinished = np.flatnonzero(further != end)
    end = further
    while unfinished.size:
        reached = end.take(unfinished)
        further = reference.take(reached)
        end[unfinished] = further
        unfinished = unfinished[further != reached]
    return end


# -- categories ---------------------------------------------------------------------------


def categories_with_replacement(generator: Generator, weights: Array, count: int) -> Array:
    """For each row of weights, `count` indices: where u falls among the cumulated weights.

    The weights are added up in their own dtype, at least in float32, and divided by their sum, and
    the last is set to 1; u has 53 bits.
    """
    result = np.empty((len(weights), count), np.int64)
    for row, index in zip(weights, result, strict=True):
        cumulated = np.cumsum(row, dtype=np.promote_types(row.dtype, np.float32))
        cumulated /= cumulated[-1]
        cumulated[-1] = 1
        index[:] = np.searchsorted(cumulated.astype(np.float64), unit_double(generator, count))
    return result


def categories_without_replacement(weights: Array, clocks: Array, count: int) -> Array:
    """For each row of weights w, the indices of the `count` largest w / q, in falling order.

    q are the clocks, `exponential` numbers of rate 1, one for each weight: with a rate of w
    instead, the first clock to ring is the largest w / q. Equal ones come in the order of their
    indices.

    Source: Efraimidis and Spirakis, Weighted random sampling with a reservoir (2006).
    """
    ratio = quiet.run(np.divide, weights, clocks)
    if count == 1:
        chosen: Array = ratio.argmax(axis=-1, keepdims=True)
    else:
        chosen = np.argsort(-ratio, axis=-1, kind="stable")[..., :count].copy()
    return chosen
