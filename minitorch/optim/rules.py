"""Operations on arrays that several update rules have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import Array
from .work import Constants


def lerp(average: Array, value: Array, weight: Any, constants: Constants, scratch: Array) -> None:
    """Move a moving average towards a value, in place: average + weight (value - average).

    From a weight of ½ on it is computed from the other end, so that 1 gives the value itself.
    """
    np.subtract(value, average, scratch)
    if weight < 0.5:
        np.multiply(scratch, constants[weight], scratch)
        np.add(average, scratch, average)
    else:
        np.multiply(scratch, constants[1 - weight], scratch)
        np.subtract(value, scratch, average)


def average_square(
    average: Array, value: Array, decay: Any, constants: Constants, scratch: Array
) -> None:
    """Let a moving average take in a value's square, in place: β average + (1 - β) value²."""
    np.multiply(average, constants[decay], average)
    np.multiply(value, constants[1 - decay], scratch)
    np.multiply(scratch, value, scratch)
    np.add(average, scratch, average)
