"""Rounding to bfloat16: 1 sign, 8 exponent and 7 stored mantissa bits."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minitorch.optim.bfloat16 import round_to_bfloat16, to_bfloat16

STEP = 2.0**-7  # between the numbers from 1 to 2


@pytest.mark.parametrize(
    ("value", "nearest"),
    [
        (1.0, 1.0),
        (1 + STEP, 1 + STEP),
        (1 + STEP / 2, 1.0),  # a tie goes to the even neighbour, below
        (1 + STEP * 3 / 2, 1 + 2 * STEP),  # or above
        (1 + STEP / 2 + 2.0**-23, 1 + STEP),
        (1 + STEP * 3 / 2 - 2.0**-23, 1 + STEP),
        (2 - 2.0**-23, 2.0),  # the carry reaches the exponent
        (1 + STEP / 2 + 2.0**-40, 1.0),  # rounded to float32 first, so it is a tie
        (0.1, 0.10009765625),
        (math.pi, 3.140625),
        (3.4e38, math.inf),
        (3.39e38, 255 * 2.0**120),  # the largest
        (2.0**-133, 2.0**-133),  # the smallest
        (2.0**-135, 0.0),
        (0.0, 0.0),
        (math.inf, math.inf),
    ],
)
def test_literal_values(value: float, nearest: float) -> None:
    assert to_bfloat16([value, -value]).tolist() == [nearest, -nearest]
    assert np.signbit(to_bfloat16(-value))


@pytest.mark.parametrize("bits", [0x7F800001, 0x7FC00000, 0x7FFFFFFF, 0xFF800001, 0xFFFFFFFF])
def test_every_nan_stays_one(bits: int) -> None:
    assert np.isnan(to_bfloat16(np.array([bits], np.uint32).view(np.float32))).all()


def test_no_neighbour_is_nearer(rng: np.random.Generator) -> None:
    values = (rng.normal(size=5000) * 2.0 ** rng.integers(-100, 100, 5000)).astype(np.float32)
    rounded = to_bfloat16(values)
    bits = rounded.view(np.uint32)
    assert not (bits & 0xFFFF).any()
    distance = np.abs(rounded.astype(np.float64) - values)
    for step in (np.uint32(0x10000), np.uint32(0xFFFF0000)):  # one up, one down
        other = (bits + step).view(np.float32).astype(np.float64)
        assert (distance <= np.abs(other - values)).all()


def test_any_layout_and_dtype() -> None:
    values = np.arange(1000.0, 1012.0).reshape(3, 4)  # the numbers of bfloat16 are 4 apart here
    expected = [[1000, 1000, 1000, 1004], [1004, 1004, 1008, 1008], [1008, 1008, 1008, 1012]]
    for array in (values, np.asfortranarray(values), np.repeat(values, 2, 1)[:, ::2]):
        before = array.copy()
        result = to_bfloat16(array)
        assert result.dtype == np.float32 and result.flags.c_contiguous
        assert result.tolist() == expected
        np.testing.assert_array_equal(array, before)


def test_rounding_in_place() -> None:
    array = np.array([[1.001, -2.999]], np.float32)
    round_to_bfloat16(array, np.empty(5, np.float32))
    assert array.tolist() == [[1.0, -3.0]]
