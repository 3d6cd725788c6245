"""What pooling layers do with windows: their places in a plane, maxima with winners, sums.

A plane is one channel of one sample. The functions here take arrays (planes, *sizes), and compute
many planes at once. Where each window lies is worked out once for each shape and kept.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...autograd.variable import Array
from ...ops.promotion import constant, ones
from .spatial import windows

BLOCK = 2**16  # so many numbers of the input at once: they and the results stay in the cache
FEW_PLANES = 16  # with fewer, numbers of a row are better neighbours than those of other planes
MANY_PLACES = 32  # from here on a kernel is searched by argmax, if that needs no large copy
CACHE_DISTANCE = 1024  # bytes; see `_staggered`
LONG_SUM = 4096  # from here on a sum is added up in pairs, so that its error stays small

Index = tuple[slice, ...]


# -- maxima -------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows over a plane, as places in what is called the frame.

    The frame is the plane with its padding, as far as windows reach. Where windows differ in size
    (adaptive pooling), it is the plane's numbers repeated so that they do not.

    Attributes:
        sizes: of the plane.
        counts: of windows, in each dimension.
        kernel: the window's size in each dimension.
        stride: the step from window to window.
        dilation: the step within a window.
        padding: how far the frame begins before the plane.
        repeated: for each dimension the plane's coordinate of each one in the frame, or None.
    """

    sizes: tuple[int, ...]
    counts: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: tuple[int, ...]
    repeated: tuple[Array, ...] | None = None

    @functools.cached_property
    def frame(self) -> tuple[int, ...]:
        """The frame's sizes."""
        spans = zip(self.counts, self.stride, self.dilation, self.kernel, strict=True)
        return tuple((count - 1) * step + spread * (k - 1) + 1 for count, step, spread, k in spans)

    @functools.cached_property
    def inside(self) -> tuple[Index, Index] | None:
        """Where in the frame the plane lies, and which part of it; None if it is all of both."""
        if self.repeated is not None or (not any(self.padding) and self.frame == self.sizes):
            return None
        ends = [
            min(pad + size, extent)
            for pad, size, extent in zip(self.padding, self.sizes, self.frame, strict=True)
        ]
        target = tuple(slice(pad, end) for pad, end in zip(self.padding, ends, strict=True))
        source = tuple(
            slice(0, max(end - pad, 0)) for pad, end in zip(self.padding, ends, strict=True)
        )
        return (slice(None), *target), (slice(None), *source)

    @functools.cached_property
    def places(self) -> list[Index]:
        """For each place in the kernel, which numbers of the frame all windows have there."""
        per_dimension = [
            [slice(j * spread, j * spread + (count - 1) * step + 1, step) for j in range(k)]
            for count, step, spread, k in zip(
                self.counts, self.stride, self.dilation, self.kernel, strict=True
            )
        ]
        return [(slice(None), *place) for place in itertools.product(*per_dimension)]

    @functools.cached_property
    def winner_dtype(self) -> np.dtype[Any]:
        """The smallest dtype that numbers the places in the kernel."""
        return np.min_scalar_type(math.prod(self.kernel) - 1)

    @functools.cached_property
    def first(self) -> Array | None:
        """The first place in each window that is not padding, (*counts); None if it is always 0."""
        firsts = self._firsts()
        if not any(first.any() for first in firsts):
            return None
        return _flat(firsts, self.kernel).astype(self.winner_dtype)

    @property
    def has_empty(self) -> bool:
        """Whether a window steps over the plane, from the padding before it to that behind."""
        return any(
            (start + spread * first >= size).any()
            for start, spread, first, size in zip(
                self._starts(), self.dilation, self._firsts(), self.sizes, strict=True
            )
        )

    @functools.cached_property
    def offsets(self) -> Array:
        """How far each place in the kernel is from a window's start, in a flat plane."""
        steps = [
            spread * np.arange(k) for spread, k in zip(self.dilation, self.kernel, strict=True)
        ]
        return _flat(steps, self._flat_sizes()).reshape(-1)

    @functools.cached_property
    def starts(self) -> Array:
        """Where each window starts in a flat plane: before it, if it starts in the padding."""
        return _flat(self._starts(), self._flat_sizes())

    @functools.cached_property
    def _origins(self) -> Array | None:
        """The flat place in the plane of each one in a frame of repeated numbers."""
        return None if self.repeated is None else _flat(self.repeated, self.sizes).reshape(-1)

    @functools.cached_property
    def by_argmax(self) -> bool:
        """Whether windows are few and large, so that copying each is better than many calls."""
        places = math.prod(self.kernel)
        return places >= MANY_PLACES and places * math.prod(self.counts) <= 2 * math.prod(
            self.frame
        )

    def indices(self, winners: Array) -> Array:
        """The flat index in the plane of each window's winner, (planes, *counts)."""
        index: Array = self.offsets.take(winners)
        index += self.starts
        return index if self._origins is None else self._origins.take(index)

    def _starts(self) -> list[Array]:
        """In each dimension, where windows start."""
        axes = zip(self.padding, self.stride, self.counts, strict=True)
        return [-pad + step * np.arange(count) for pad, step, count in axes]

    def _firsts(self) -> list[Array]:
        """In each dimension, which of a window's numbers is the first that is not padding."""
        axes = zip(self._starts(), self.dilation, strict=True)
        return [np.maximum(-(start // spread), 0) for start, spread in axes]

    def _flat_sizes(self) -> tuple[int, ...]:
        """The sizes in which starts and offsets are flat."""
        return self.sizes if self.repeated is None else self.frame


def _flat(coordinates: Any, sizes: tuple[int, ...]) -> Array:
    """The flat index of each combination of coordinates, one array for each dimension."""
    index: Array = np.zeros((), np.intp)
    for coordinate, size in zip(coordinates, sizes, strict=True):
        index = (index * size)[..., None] + coordinate
    return index


def maxima(planes: Array, over: Windows, output: Array) -> Array:
    """Write the largest number of each window into `output`; return the winners.

    A winner is the place in the kernel of the largest number: of several the first, but of several
    that are not a number the last, as in PyTorch.

    Args:
        planes: (planes, *sizes).
        over: the windows.
        output: (planes, *counts), to be written.
    """
    winners = np.empty(output.shape, over.winner_dtype)
    if not output.size:
        return winners
    search = _by_argmax if over.by_argmax else _one_after_another
    planes_last = len(planes) >= FEW_PLANES and not over.by_argmax
    for part, frame in _frames(planes, over, planes_last):
        if planes_last:
            best = _planes_last(output[part].shape, output.dtype)
            winner = _planes_last(best.shape, winners.dtype)
            search(frame, over, best, winner)
            output[part], winners[part] = best, winner
        else:
            search(frame, over, output[part], winners[part])
    return winners


def _frames(planes: Array, over: Windows, planes_last: bool) -> Iterator[tuple[slice, Array]]:
    """A few planes at a time: which they are, and their frames, (planes, *frame).

    With `planes_last` the planes come last in memory. Then neighbours are at the same place in
    their windows, and NumPy works through them at full speed, whatever the stride.
    """
    count = len(planes)
    step = min(count, max(FEW_PLANES if planes_last else 1, BLOCK // math.prod(over.frame)))
    frame = None
    if over.repeated is not None:
        pass  # each has a new one
    elif planes_last:
        frame = _planes_last((step, *over.frame), planes.dtype)
    elif over.inside is not None:
        frame = np.empty((step, *over.frame), planes.dtype)
    if frame is not None and over.inside is not None:
        frame[...] = lowest(planes.dtype)
    for start in range(0, count, step):
        part = slice(start, min(start + step, count))
        yield part, _fill(frame, planes[part], over, planes_last)


def _fill(frame: Array | None, planes: Array, over: Windows, planes_last: bool) -> Array:
    """Copy planes into their frames; without those the planes are frames themselves."""
    if planes_last:
        planes = _staggered(planes)
    if over.repeated is not None:
        return _repeat(planes, over.repeated, planes_last)
    if frame is None:
        return planes
    frame = frame[: len(planes)]
    if over.inside is None:
        np.copyto(frame, planes)
    else:
        target, source = over.inside
        np.copyto(frame[target], planes[source])
    return frame


def _repeat(planes: Array, repeated: tuple[Array, ...], planes_last: bool) -> Array:
    """The frames of planes whose numbers are repeated."""
    if planes_last:
        together = _planes_last(planes.shape, planes.dtype)
        np.copyto(together, planes)
        planes = together
    last = planes.ndim - 1
    memory = planes.transpose(*range(1, last + 1), 0) if planes_last else planes
    for axis, coordinates in enumerate(repeated, 0 if planes_last else 1):
        memory = memory.take(coordinates, axis)
    return memory.transpose(last, *range(last)) if planes_last else memory


def _planes_last(shape: tuple[int, ...], dtype: Any) -> Array:
    """An uninitialised array (planes, *sizes) that has the planes last in memory."""
    array = np.empty((*shape[1:], shape[0]), dtype)
    return array.transpose(len(shape) - 1, *range(len(shape) - 1))


def _staggered(planes: Array) -> Array:
    """The same planes, at distances in memory that are no multiple of a large power of two.

    The processor's cache can hold few numbers at such distances, which made moving the planes last
    five times as slow.
    """
    if planes.strides[0] % CACHE_DISTANCE:
        return planes
    size = math.prod(planes.shape[1:])
    apart = np.empty((len(planes), size + 64 // planes.itemsize), planes.dtype)
    copy = apart[:, :size].reshape(planes.shape)  # a view
    np.copyto(copy, planes)
    return copy


def _one_after_another(frame: Array, over: Windows, best: Array, winner: Array) -> None:
    """Find the largest number of each window by going through the kernel's places."""
    values = [frame[place] for place in over.places]
    if len(values) == 1:
        np.copyto(best, values[0])
        winner[...] = 0
        return
    larger = np.greater(values[1], values[0], out=np.empty_like(best, bool))
    np.maximum(values[0], values[1], out=best)
    np.copyto(winner, larger)
    if over.first is not None:
        np.maximum(winner, over.first, out=winner)
    if len(values) > 2:
        candidate, as_number = np.empty_like(winner), larger.view(np.uint8)
    for place, value in enumerate(values[2:], 2):
        np.greater(value, best, out=larger)
        np.maximum(value, best, out=best)
        # A later place has a higher number. This is ten times as fast as to copy where `larger`.
        np.multiply(as_number, constant(place, winner.dtype), out=candidate)
        np.maximum(winner, candidate, out=winner)
    highest = np.maximum.reduce(best, None)
    if highest != highest:  # there is something that is not a number
        for place, value in enumerate(values):
            np.copyto(winner, place, where=np.isnan(value))


def _by_argmax(frame: Array, over: Windows, best: Array, winner: Array) -> None:
    """Find the largest number of each window in a copy of it."""
    rows = windows(frame, over.kernel, over.stride, over.dilation).reshape(best.size, -1)
    place = rows.argmax(1)
    value = rows[np.arange(best.size), place]
    strange = np.flatnonzero(np.isnan(value))
    if strange.size:
        place[strange] = rows.shape[1] - 1 - np.isnan(rows[strange, ::-1]).argmax(1)
    best[...] = value.reshape(best.shape)
    winner[...] = place.reshape(best.shape)
    if over.first is not None:
        np.copyto(winner, over.first, where=best == lowest(best.dtype))


def lowest(dtype: np.dtype[Any]) -> Any:
    """What no number of a dtype is smaller than."""
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def give_to_winners(grad_output: Array, winners: Array, over: Windows, grad_input: Array) -> None:
    """Add each window's gradient to that of its winner.

    Args:
        grad_output: (planes, *counts).
        winners: from `maxima`.
        over: the windows.
        grad_input: (planes, *sizes), zeros at first.
    """
    size, outputs = math.prod(over.sizes), math.prod(over.counts)
    step = max(1, BLOCK // max(size, outputs, 1))
    planes_start = (size * np.arange(min(step, len(winners)))).reshape(-1, *(1,) * len(over.counts))
    for start in range(0, len(winners), step):
        part = slice(start, start + step)
        index = over.indices(winners[part])
        index += planes_start[: len(index)]
        grads = grad_output[part].reshape(-1)
        np.add.at(grad_input[part].reshape(-1), index.reshape(-1), grads)


# -- sums ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Spans:
    """The windows along one dimension: window i holds the numbers from starts[i] to ends[i] - 1.

    Attributes:
        size: of the dimension.
        starts: where each window begins; what lies in the padding is left out.
        ends: where each window ends.
        lengths: by how many numbers each window's sum is divided.
        regular: (first start, kernel, stride) where every window has the same size, some of it
            maybe in the padding; None where sizes differ.
    """

    size: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    lengths: tuple[int, ...]
    regular: tuple[int, int, int] | None = None

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


@dataclass(frozen=True, eq=False)
class Means:
    """Windows over a plane whose numbers are averaged.

    Attributes:
        spans: for each dimension.
        divisor_override: what sums are divided by, or None: the sizes of the windows.
    """

    spans: tuple[Spans, ...]
    divisor_override: int | None = None

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
