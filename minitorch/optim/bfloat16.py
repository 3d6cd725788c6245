"""The numbers of bfloat16, a dtype that NumPy lacks, kept in float32 arrays.

A bfloat16 is the upper half of a float32: 8 bits of precision, and float32's range.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..autograd.variable import Array

# Arrays without dimensions, which ufuncs take in half the time of Python numbers.
DROPPED_BITS: Final = np.array(16, np.uint32)
LAST_BIT: Final = np.array(1, np.uint32)
BELOW_HALF: Final = np.array(0x7FFF, np.uint32)
KEPT: Final = np.array(0xFFFF0000, np.uint32)


def to_bfloat16(values: Any) -> Array:
    """A new contiguous float32 array of the nearest numbers that bfloat16 has."""
    array = np.array(values, np.float32, order="C")
    np.copyto(array, np.nan, where=np.isnan(array))  # others' bits might carry over to zero
    round_to_bfloat16(array, np.empty_like(array))
    return array


def round_to_bfloat16(array: Array, spare: Array) -> None:
    """Round a contiguous float32 array to bfloat16 in place, ties to even.

    Args:
        array: the numbers; NaNs should be those that arithmetic makes.
        spare: a contiguous array to compute in, of at least as many bytes.
    """
    bits = array.reshape(-1).view(np.uint32)
    carry = spare.reshape(-1).view(np.uint32)[: bits.size]
    # Just under half of the last place that stays, and one more if that place is odd.
    np.right_shift(bits, DROPPED_BITS, carry)
    np.bitwise_and(carry, LAST_BIT, carry)
    np.add(carry, BELOW_HALF, carry)
    np.add(bits, carry, bits)
    np.bitwise_and(bits, KEPT, bits)
