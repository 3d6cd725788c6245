"""The means of windows that slide over planes, and their gradient.

A plane is one channel of one sample. The functions take arrays (planes, *sizes). A window's sum is
computed one dimension after the other.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ....autograd.variable import Array
from ....ops.promotion import constant, ones

LONG_SUM = 4096  # from here on a sum is added up in pairs, so that its error stays small


class Spans:
    """The windows along one dimension: window i holds the numbers from starts[i] to ends[i] - 1.

    Args:
        size: of the dimension.
        starts: where each window begins; what lies in the padding is left out.
        ends: where each window ends.
        lengths: by how many numbers each window's sum is divided.
        regular: (first start, kernel, stride) where every window has the same size, some of it
            maybe in the padding; None where sizes differ. Default: None.

    Attributes:
        size, starts, ends, lengths, regular: the arguments.
    """

    def __init__(
        self,
        size: int,
        starts: tuple[int, ...],
        ends: tuple[int, ...],
        lengths: tuple[int, ...],
        regular: tuple[int, int, int] | None = None,
    ) -> None:
        self.size = size
        self.starts = starts
        self.ends = ends
        self.lengths = lengths
        self.regular = regular

    @functools.cached_property
    def places(self) -> list[tuple[slice, slice]] | None:
        """For each place in the kernel, the windows that have a number there, and the numbers.

        Those that all windows have come first. None where it takes fewer steps to go through the
        windows themselves.
        """
        if self.regular is None or self.regular[1] > len(self.starts):
            return None
        first, kernel, stride = self.regular
        found = []
        for start in range(first, first + kernel):
            low = max(-(start // stride), 0)
            high = min((self.size - 1 - start) // stride + 1, len(self.starts))
            if low < high:
                numbers = slice(start + low * stride, start + (high - 1) * stride + 1, stride)
                found.append((slice(low, high), numbers))
        return sorted(found, key=lambda place: place[0].start - place[0].stop)

    @functools.cached_property
    def apart(self) -> bool:
        """Whether no number is in two windows."""
        return all(end <= start for end, start in zip(self.ends, self.starts[1:], strict=False))

    @functools.cached_property
    def complete(self) -> bool:
        """Whether every number is in just one window."""
        return sum(self.ends) - sum(self.starts) == self.size and self.apart

    @property
    def whole(self) -> bool:
        """Whether there is one window, of all numbers."""
        return len(self.starts) == 1 and self.complete


class Means:
    """Windows over a plane whose numbers are averaged.

    Args:
        spans: for each dimension.
        divisor_override: what sums are divided by. Default: None, the sizes of the windows.

    Attributes:
        spans, divisor_override: the arguments.
    """

    def __init__(self, spans: tuple[Spans, ...], divisor_override: int | None = None) -> None:
        self.spans = spans
        self.divisor_override = divisor_override

    @functools.cached_property
    def counts(self) -> tuple[int, ...]:
        """How many windows there are in each dimension."""
        return tuple(len(span.starts) for span in self.spans)

    @functools.cached_property
    def sizes(self) -> tuple[int, ...]:
        """The plane's."""
        return tuple(span.size for span in self.spans)

    @functools.cached_property
    def whole(self) -> bool:
        """Whether there is one window, of all numbers of the plane."""
        return all(span.whole for span in self.spans)

    @functools.cached_property
    def _divisors(self) -> Array:
        """By what the sums are divided: (*counts), or without dimensions if it is one number."""
        if self.divisor_override is not None:
            return np.asarray(self.divisor_override)
        product = functools.reduce(np.multiply.outer, [np.asarray(s.lengths) for s in self.spans])
        first = product.reshape(-1)[:1]
        return first.reshape(()) if first.size and (product == first).all() else product

    def divisor(self, dtype: np.dtype[Any]) -> Any:
        """By what the sums are divided, in their dtype."""
        if self._divisors.ndim:
            return self._divisors.astype(dtype)
        return constant(int(self._divisors), dtype)


def means(planes: Array, over: Means, output: Array) -> None:
    """Write the mean of each window into `output`.

    Args:
        planes: (planes, *sizes).
        over: the windows.
        output: (planes, *counts), to be written.
    """
    if planes.dtype == np.float16:  # is added up in single precision, as in PyTorch
        planes = planes.astype(np.float32)
    if over.whole:
        rows = planes.reshape(len(planes), math.prod(over.sizes))
        sums = _row_sums(rows).reshape(output.shape)
    else:
        sums = planes
        for axis, span in enumerate(over.spans, 1):
            sums = _sums_along(sums, axis, span)
    divisor = over.divisor(sums.dtype)
    if sums.dtype.kind == "f":
        np.divide(sums, divisor, out=output, casting="same_kind")
    else:  # rounded towards zero
        np.multiply(np.abs(sums) // np.abs(divisor), np.sign(sums) * np.sign(divisor), out=output)


def _row_sums(rows: Array) -> Array:
    """The sum of each row. A product with ones is quick, but inaccurate where rows are long."""
    size = rows.shape[1]
    if rows.dtype.kind != "f" or size >= LONG_SUM:
        return np.add.reduce(rows, 1)  # type: ignore[no-any-return]
    return rows.dot(ones(size, rows.dtype))  # type: ignore[no-any-return]


def _sums_along(array: Array, axis: int, span: Spans) -> Array:
    """The sums of the windows along one dimension."""
    before: Any = (slice(None),) * axis
    sums: Array
    if span.places is None:
        shape = (*array.shape[:axis], len(span.starts), *array.shape[axis + 1 :])
        sums = np.empty(shape, array.dtype)
        for place, (start, end) in enumerate(zip(span.starts, span.ends, strict=True)):
            part = array[(*before, slice(start, end))]
            np.add.reduce(part, axis, out=sums[(*before, place)])
        return sums
    (outputs, inputs), *others = span.places
    if outputs.stop - outputs.start == len(span.starts):
        sums = array[(*before, inputs)]
        if others and others[0][0] == outputs:
            sums = np.add(sums, array[(*before, others.pop(0)[1])])
        elif others:
            sums = sums.copy()
    else:
        sums = np.zeros(
            (*array.shape[:axis], len(span.starts), *array.shape[axis + 1 :]), array.dtype
        )
        others = span.places
    for outputs, inputs in others:
        sums[(*before, outputs)] += array[(*before, inputs)]
    return sums


def give_to_all(grad_output: Array, over: Means, grad_input: Array) -> None:
    """Write into `grad_input` what each number gets: the share of each window that it is in.

    Args:
        grad_output: (planes, *counts).
        over: the windows.
        grad_input: (planes, *sizes), to be written.
    """
    grad: Array = np.divide(grad_output, over.divisor(grad_output.dtype))
    if over.whole:
        grad_input[...] = grad
        return
    for axis in range(len(over.spans), 0, -1):
        span = over.spans[axis - 1]
        shape = (*grad.shape[:axis], span.size, *grad.shape[axis + 1 :])
        target = grad_input if axis == 1 else np.empty(shape, grad.dtype)
        _spread_along(grad, axis, span, target)
        grad = target


def _spread_along(grad: Array, axis: int, span: Spans, target: Array) -> None:
    """Write the gradients of the windows along one dimension into all of their numbers."""
    before = (slice(None),) * axis
    if not span.complete:
        target.fill(0)
    places: Any = span.places
    if places is None:
        starts = zip(span.starts, span.ends, strict=True)
        places = [(slice(i, i + 1), slice(*ends)) for i, ends in enumerate(starts)]
    for outputs, inputs in places:
        numbers, given = target[(*before, inputs)], grad[(*before, outputs)]
        if span.apart:
            np.copyto(numbers, given)
        else:
            np.add(numbers, given, out=numbers)
