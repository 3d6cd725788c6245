"""Sequences of different lengths: packed one step after another, padded to one length, or apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Self

import numpy as np

from ... import dtypes
from ...autograd.variable import Array, buffer, ndarray, wrap
from ...ops.indexing import IndexCopy, IndexSelect
from ...ops.shape import cat
from ...tensor import Tensor


class PackedSequence_(NamedTuple):  # noqa: N801 - PyTorch's name
    """The fields of a `PackedSequence`."""

    data: Any
    batch_sizes: Any
    sorted_indices: Any = None
    unsorted_indices: Any = None


def _caster(name: str, dtype: Any) -> Callable[[PackedSequence], PackedSequence]:
    """The method `name`, which converts the data to a dtype."""

    def cast(self: PackedSequence) -> PackedSequence:
        return self.to(dtype)

    cast.__name__ = name
    cast.__doc__ = f"The same with data of {dtype}."
    return cast


class PackedSequence(PackedSequence_):
    """Sequences of different lengths, without padding: what the recurrent layers take and return.

    The elements lie as a recurrent layer needs them: first the first elements of all sequences,
    the longest sequence first, then the second elements of those that have one, and so on. Made by
    `pack_padded_sequence` and `pack_sequence`.

    Args:
        data: the elements, (sum of lengths, *).
        batch_sizes: int64, for each step the number of sequences that have such an element.
        sorted_indices: the place in the batch of each sequence, longest first; None where they
            were in this order already.
        unsorted_indices: the inverse. Default: computed from `sorted_indices`.

    Raises:
        AssertionError: there are no `batch_sizes`, and `data` is no pair of both.

    Example:
        >>> import minitorch
        >>> from minitorch.nn.utils.rnn import pack_sequence
        >>> packed = pack_sequence([minitorch.tensor([1, 2, 3]), minitorch.tensor([4])])
        >>> packed.data, packed.batch_sizes
        (tensor([1, 4, 2, 3]), tensor([2, 1, 1]))

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html
    """

    def __new__(
        cls,
        data: Any,
        batch_sizes: Any = None,
        sorted_indices: Any = None,
        unsorted_indices: Any = None,
    ) -> Self:
        if batch_sizes is None:
            if not isinstance(data, (tuple, list)) or len(data) != 2:
                raise AssertionError(
                    "PackedSequence expected batch_sizes, or data to be a pair (data, batch_sizes)"
                )
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The same with its data converted, as `Tensor.to`; itself if there is nothing to do."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else self._replace(data=data)

    def cpu(self) -> PackedSequence:
        """Itself: it is on the CPU."""
        return self

    def cuda(self, *args: Any, **kwargs: Any) -> Any:
        """Not offered.

        Raises:
            RuntimeError: always.
        """
        return self.data.cuda(*args, **kwargs)

    half = _caster("half", dtypes.float16)
    float = _caster("float", dtypes.float32)
    double = _caster("double", dtypes.float64)
    byte = _caster("byte", dtypes.uint8)
    char = _caster("char", dtypes.int8)
    short = _caster("short", dtypes.int16)
    int = _caster("int", dtypes.int32)
    long = _caster("long", dtypes.int64)

    @property
    def is_cuda(self) -> bool:
        """False: everything is on the CPU."""
        return False

    def is_pinned(self) -> bool:
        """False: memory is never pinned."""
        return False


def invert_permutation(permutation: Any) -> Any:
    """The permutation that undoes `permutation`; None for None.

    Example:
        >>> import minitorch
        >>> from minitorch.nn.utils.rnn import invert_permutation
        >>> invert_permutation(minitorch.tensor([2, 0, 1]))
        tensor([1, 2, 0])
    """
    if permutation is None:
        return None
    order = buffer(permutation)
    inverse = np.empty_like(order)
    inverse[order] = np.arange(order.size, dtype=order.dtype)
    return _as(permutation, inverse)


# -- packing ------------------------------------------------------------------------------


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack padded sequences: leave out their padding.

    Args:
        input: (L, N, *), or (N, L, *) with `batch_first`.
        lengths: of the sequences: N positive integers, none greater than L.
        batch_first: N comes before L. Default: False.
        enforce_sorted: expect the longest sequence first, and none to be longer than the one
            before. Default: True. Otherwise they are sorted, and the result knows their order.

    Raises:
        RuntimeError: there are not N lengths, one is not positive or too great, they are not
            sorted though they should be, or there is no sequence at all.
        IndexError: the input has less than 2 dimensions.
        TypeError: it is neither a Tensor nor an array.

    Example:
        >>> import minitorch
        >>> from minitorch.nn.utils.rnn import pack_padded_sequence
        >>> padded = minitorch.tensor([[1, 4], [2, 0], [3, 0]])
        >>> pack_padded_sequence(padded, [3, 1]).data
        tensor([1, 4, 2, 3])
    """
    if not isinstance(input, (Tensor, ndarray)):
        raise TypeError(
            f"pack_padded_sequence expected a Tensor or an array, got {type(input).__name__}"
        )
    if input.ndim < 2:
        raise IndexError(
            "pack_padded_sequence expected an input of at least 2 dimensions, of steps and "
            f"sequences, got shape {list(input.shape)}"
        )
    shape = tuple(input.shape)
    length, batch = (shape[1], shape[0]) if batch_first else shape[:2]
    sizes = _lengths(lengths)
    _check_lengths(sizes, length, batch)
    order = None
    if not enforce_sorted:
        order = np.argsort(-sizes, kind="stable")
        sizes = sizes[order]
    elif (sizes[1:] > sizes[:-1]).any():
        raise RuntimeError(
            "pack_padded_sequence expected lengths in decreasing order, got "
            f"{sizes.tolist()}: sort the sequences, or give enforce_sorted=False"
        )
    steps, places, batch_sizes = _elements(sizes)
    numbers = places if order is None else order[places]
    index = numbers * length + steps if batch_first else steps * batch + numbers
    data = IndexSelect.apply(_joined(input), index, dim=0)
    return PackedSequence(data, _as(data, batch_sizes), None if order is None else _as(data, order))


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Any, Any]:
    """Pad packed sequences: the inverse of `pack_padded_sequence`.

    Args:
        sequence: packed sequences.
        batch_first: give (N, L, *), not (L, N, *). Default: False.
        padding_value: what stands behind the shorter ones. Default: 0.
        total_length: L. Default: the length of the longest.

    Returns:
        The padded sequences in the order in which they came, and their lengths, int64.

    Raises:
        ValueError: `total_length` is less than the length of the longest sequence.

    Example:
        >>> import minitorch
        >>> from minitorch.nn.utils.rnn import pack_sequence, pad_packed_sequence
        >>> packed = pack_sequence([minitorch.tensor([1, 2, 3]), minitorch.tensor([4])])
        >>> pad_packed_sequence(packed, batch_first=True)
        (tensor([[1, 2, 3],
                [4, 0, 0]]), tensor([3, 1]))
    """
    batch_sizes = buffer(sequence.batch_sizes)
    longest, batch = len(batch_sizes), int(batch_sizes[0])
    length = longest if total_length is None else total_length
    if length < longest:
        raise ValueError(
            "pad_packed_sequence expected total_length to be at least the length of the longest "
            f"sequence, got total_length={length} and a sequence of {longest}"
        )
    sizes = (batch_sizes[:, None] > np.arange(batch)).sum(0)
    steps, places, _ = _elements(sizes)
    if sequence.unsorted_indices is not None:
        order = buffer(sequence.unsorted_indices)
        sizes, places = sizes[order], invert_permutation(order)[places]
    padded = _place(sequence.data, steps, places, (length, batch), batch_first, padding_value)
    return padded, _as(sequence.data, sizes)


def pad_sequence(
    sequences: Any,
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Any:
    """Put sequences of different lengths into one tensor, padded to the length of the longest.

    Args:
        sequences: tensors or arrays (L_i, *), alike but for their lengths; the dtype is the
            first one's.
        batch_first: give (N, L, *), not (L, N, *). Default: False.
        padding_value: what the shorter ones are filled up with. Default: 0.
        padding_side: "right", or "left" to fill up before them. Default: "right".

    Raises:
        RuntimeError: there is no sequence, one has no dimensions, or their other dimensions
            differ; `sequences` is not iterable, or `padding_side` is unknown.

    Example:
        >>> import minitorch
        >>> from minitorch.nn.utils.rnn import pad_sequence
        >>> pad_sequence([minitorch.ones(1), minitorch.ones(3)], batch_first=True)
        tensor([[1., 0., 0.],
                [1., 1., 1.]])
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence expected an iterable of sequences, got {type(sequences).__name__}"
        )
    if padding_side not in ("left", "right"):
        raise RuntimeError(
            f"pad_sequence expected padding_side to be 'left' or 'right', got {padding_side!r}"
        )
    members = list(sequences)
    shapes = [tuple(each.shape) for each in members]
    if not members or any(not shape or shape[1:] != shapes[0][1:] for shape in shapes):
        raise RuntimeError(
            "pad_sequence expected sequences (L_i, *) that differ only in their lengths, at least "
            f"one, got shapes {[list(shape) for shape in shapes]}"
        )
    sizes = np.array([shape[0] for shape in shapes])
    length, batch = int(sizes.max()), len(members)
    places = np.repeat(np.arange(batch), sizes)
    steps = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    if padding_side == "left":
        steps += (length - sizes)[places]
    dtype = members[0].dtype
    data = cat([each if each.dtype == dtype else _cast(each, dtype) for each in members])
    return _place(data, steps, places, (length, batch), batch_first, padding_value)


def pack_sequence(sequences: Any, enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences (L_i, *) of different lengths: see `pack_padded_sequence`.

    Raises:
        RuntimeError: as `pad_sequence` and `pack_padded_sequence`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn.utils.rnn import pack_sequence
        >>> pack_sequence([minitorch.tensor([1, 2, 3]), minitorch.tensor([4])]).data
        tensor([1, 4, 2, 3])
    """
    lengths = [each.shape[0] for each in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Any]:
    """The sequences that were padded, apart, as copies.

    Args:
        padded_sequences: (L, N, *), or (N, L, *) with `batch_first`.
        lengths: of the sequences.
        batch_first: N comes before L. Default: False.

    Raises:
        ValueError: there are not N lengths.

    Example:
        >>> import minitorch
        >>> from minitorch.nn.utils.rnn import unpad_sequence
        >>> unpad_sequence(minitorch.tensor([[1, 2, 3], [4, 0, 0]]), minitorch.tensor([3, 1]), True)
        [tensor([1, 2, 3]), tensor([4])]
    """
    sizes, batch = _lengths(lengths), padded_sequences.shape[0 if batch_first else 1]
    if len(sizes) != batch:
        raise ValueError(
            f"unpad_sequence expected a length for each of {batch} sequences, got {len(sizes)}"
        )
    sequences = padded_sequences if batch_first else padded_sequences.swapaxes(0, 1)
    return [
        IndexSelect.apply(sequences[number], np.arange(size), dim=0)
        for number, size in enumerate(sizes)
    ]


def unpack_sequence(packed_sequences: PackedSequence) -> list[Any]:
    """The sequences that were packed, apart, in the order in which they came.

    Example:
        >>> import minitorch
        >>> from minitorch.nn.utils.rnn import pack_sequence, unpack_sequence
        >>> unpack_sequence(pack_sequence([minitorch.tensor([1, 2, 3]), minitorch.tensor([4])]))
        [tensor([1, 2, 3]), tensor([4])]
    """
    return unpad_sequence(
        *pad_packed_sequence(packed_sequences, batch_first=True), batch_first=True
    )


# -- where the elements are ---------------------------------------------------------------


def _elements(lengths: Array) -> tuple[Array, Array, Array]:
    """Step and sequence of each element, in the order of packing, and the batch sizes.

    Args:
        lengths: of the sequences, the longest first.
    """
    exists = np.arange(lengths.max(initial=0))[:, None] < lengths
    steps, places = exists.nonzero()
    return steps, places, exists.sum(1)


def _joined(input: Any) -> Any:
    """The elements of a padded batch as rows."""
    first, second, *rest = input.shape
    return input.reshape(first * second, *rest)


def _place(
    data: Any, steps: Array, places: Array, sizes: tuple[int, int], batch_first: bool, value: float
) -> Any:
    """Put elements at steps and places of a batch of length L and N sequences.

    Args:
        data: the elements.
        steps: the step to which each of them belongs.
        places: the sequence to which it belongs.
        sizes: L and N.
        batch_first: give (N, L, *), not (L, N, *).
        value: what stands where there is no element.
    """
    length, batch = sizes
    rest = tuple(data.shape[1:])
    padding = np.full((length * batch, *rest), value, buffer(data).dtype)
    index = places * length + steps if batch_first else steps * batch + places
    padded = IndexCopy.apply(padding, index, data, dim=0)
    front = (batch, length) if batch_first else (length, batch)
    return padded.reshape(*front, *rest)


def _as(example: Any, array: Array) -> Any:
    """An array, as a Tensor where `example` is one."""
    return wrap(array) if isinstance(example, Tensor) else array


def _cast(sequence: Any, dtype: Any) -> Any:
    """A sequence in another dtype."""
    return sequence.to(dtype) if isinstance(sequence, Tensor) else sequence.astype(dtype)


def _lengths(lengths: Any) -> Array:
    """Lengths as int64.

    Raises:
        RuntimeError: they are not one-dimensional.
    """
    sizes = np.asarray(buffer(lengths)).astype(np.int64)
    if sizes.ndim != 1:
        raise RuntimeError(f"expected lengths to be one-dimensional, got shape {list(sizes.shape)}")
    return sizes


def _check_lengths(sizes: Array, length: int, batch: int) -> None:
    """Refuse lengths that do not fit a padded batch.

    Raises:
        RuntimeError: they do not.
    """
    if not batch:
        raise RuntimeError("pack_padded_sequence expected at least one sequence, got none")
    if len(sizes) != batch:
        raise RuntimeError(
            f"pack_padded_sequence expected a length for each of {batch} sequences, got "
            f"{len(sizes)}"
        )
    if sizes.min() <= 0 or sizes.max() > length:
        raise RuntimeError(
            f"pack_padded_sequence expected lengths from 1 to the input's {length}, got "
            f"{sizes.tolist()}"
        )
