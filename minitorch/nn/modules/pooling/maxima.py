"""The largest number of each window that slides over planes, and who gets its gradient.

A plane is one channel of one sample. The functions take arrays (planes, *sizes), and compute many
planes at once. What follows from the windows alone is worked out once for each shape and kept.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ....autograd.variable import Array
from ....ops.promotion import constant
from ..spatial import Windows, window_view

BLOCK = 2**16  # so many numbers of the input at once: they and the results stay in the cache
FEW_PLANES = 16  # with fewer, numbers of a row are better neighbours than those of other planes
MANY_PLACES = 32  # from here on a kernel is searched by argmax, if that needs no large copy
CACHE_DISTANCE = 1024  # bytes; see `_staggered`


class PoolingWindows(Windows):
    """Windows whose numbers have an index in the plane, by which the winner of each is named.

    Args:
        sizes, counts, kernel, stride, dilation, padding: as `Windows`.
        repeated: for windows that differ in size (adaptive pooling): the frame is the plane's
            numbers repeated so that they do not, and this is for each dimension the plane's
            coordinate of each one in the frame. Default: None.
    """

    def __init__(self, *places: tuple[int, ...], repeated: tuple[Array, ...] | None = None) -> None:
        super().__init__(*places)
        self.repeated = repeated

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


def maxima(planes: Array, over: PoolingWindows, output: Array) -> Array:
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


def _frames(
    planes: Array, over: PoolingWindows, planes_last: bool
) -> Iterator[tuple[slice, Array]]:
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


def _fill(frame: Array | None, planes: Array, over: PoolingWindows, planes_last: bool) -> Array:
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


def _one_after_another(frame: Array, over: PoolingWindows, best: Array, winner: Array) -> None:
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


def _by_argmax(frame: Array, over: PoolingWindows, best: Array, winner: Array) -> None:
    """Find the largest number of each window in a copy of it."""
    rows = window_view(frame, over.kernel, over.stride, over.dilation).reshape(best.size, -1)
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


def give_to_winners(
    grad_output: Array, winners: Array, over: PoolingWindows, grad_input: Array
) -> None:
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
