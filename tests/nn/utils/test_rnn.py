"""Packing, padding, and what packed sequences can do."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn.utils.rnn import (
    PackedSequence,
    invert_permutation,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpack_sequence,
    unpad_sequence,
)
from tests.helpers import check_gradients

SEQUENCES = [[1.0, 2.0], [3.0, 4.0, 5.0], [6.0]]


def tensors(sequences=SEQUENCES):
    return [minitorch.tensor(each) for each in sequences]


def test_packing_by_hand():
    """The longest sequence comes first: 3 4 5, 1 2, 6; then it goes step by step."""
    packed = pack_sequence(tensors(), enforce_sorted=False)
    assert packed.data.tolist() == [3.0, 1.0, 6.0, 4.0, 2.0, 5.0]
    assert packed.batch_sizes.tolist() == [3, 2, 1]
    assert packed.sorted_indices.tolist() == [1, 0, 2]
    assert packed.unsorted_indices.tolist() == [1, 0, 2]
    assert [each.tolist() for each in unpack_sequence(packed)] == SEQUENCES
    padded, lengths = pad_packed_sequence(packed, padding_value=-1.0)
    assert padded.tolist() == [[1.0, 3.0, 6.0], [2.0, 4.0, -1.0], [-1.0, 5.0, -1.0]]
    assert lengths.tolist() == [2, 3, 1]


def test_padding_by_hand():
    assert pad_sequence(tensors(), True, 9.0).tolist() == [[1, 2, 9], [3, 4, 5], [6, 9, 9]]
    left = pad_sequence(tensors(), True, 9.0, padding_side="left")
    assert left.tolist() == [[9, 1, 2], [3, 4, 5], [9, 9, 6]]


def test_arrays_in_arrays_out():
    arrays = [np.array(each) for each in SEQUENCES]
    packed = pack_sequence(arrays, enforce_sorted=False)
    assert all(isinstance(each, np.ndarray) for each in packed)
    assert isinstance(pad_sequence(arrays), np.ndarray)
    padded, lengths = pad_packed_sequence(packed)
    assert isinstance(padded, np.ndarray)
    assert isinstance(lengths, np.ndarray)
    for found, expected in zip(unpad_sequence(padded, lengths), arrays, strict=True):
        np.testing.assert_array_equal(found, expected)
        assert isinstance(found, np.ndarray)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("rest", [(), (2,), (2, 3)])
def test_there_and_back(rest, batch_first, rng):
    class ThereAndBack(nn.Module):
        def forward(self, input):
            packed = pack_padded_sequence(input, [2, 4, 1], batch_first, enforce_sorted=False)
            padded, lengths = pad_packed_sequence(packed, batch_first, total_length=5)
            return packed.data, padded, *unpad_sequence(padded, lengths, batch_first)

    shape = (3, 4, *rest) if batch_first else (4, 3, *rest)
    check_gradients(rng, ThereAndBack(), rng.standard_normal(shape))


@pytest.mark.parametrize("side", ["left", "right"])
def test_gradients_of_padding(side, rng):
    class Pad(nn.Module):
        def forward(self, *sequences):
            return pad_sequence(sequences, padding_value=3.0, padding_side=side)

    check_gradients(rng, Pad(), *(rng.standard_normal((length, 2)) for length in (2, 0, 3)))


def test_copies_are_apart():
    padded = minitorch.ones(2, 3)
    for each in unpad_sequence(padded, minitorch.tensor([3, 2]), batch_first=True):
        each.zero_()
    assert padded.sum().item() == 6.0


def test_packed_sequence():
    packed = pack_sequence(tensors(), enforce_sorted=False)
    assert packed._fields == ("data", "batch_sizes", "sorted_indices", "unsorted_indices")
    assert len(packed) == 4
    assert packed.cpu() is packed.to("cpu") is packed.float() is packed
    assert not packed.is_cuda
    assert not packed.is_pinned()
    double = packed.to(minitorch.float64)
    assert isinstance(double, PackedSequence)
    assert double.data.dtype is minitorch.float64
    assert double.batch_sizes is packed.batch_sizes
    assert packed.long().data.dtype is packed.to(dtype=minitorch.int64).data.dtype
    with pytest.raises(RuntimeError, match="CUDA"):
        packed.cuda()
    for other in (copy.deepcopy(packed), pickle.loads(pickle.dumps(packed))):
        assert isinstance(other, PackedSequence)
        assert [each.tolist() for each in other] == [each.tolist() for each in packed]
    made = PackedSequence((packed.data, packed.batch_sizes))
    assert made.unsorted_indices is None
    made = PackedSequence(packed.data, packed.batch_sizes, minitorch.tensor([2, 0, 1]))
    assert made.unsorted_indices.tolist() == [1, 2, 0]
    with pytest.raises(AssertionError, match="pair"):
        PackedSequence(packed.data)


def test_invert_permutation():
    assert invert_permutation(None) is None
    assert invert_permutation(minitorch.tensor([2, 0, 1])).tolist() == [1, 2, 0]
    assert invert_permutation(np.array([1, 2, 0])).tolist() == [2, 0, 1]


PADDED = minitorch.ones(4, 3, 2)


@pytest.mark.parametrize(
    ("input", "lengths", "error", "message"),
    [
        (PADDED, [1, 4, 2], RuntimeError, r"decreasing order, got \[1, 4, 2\].*enforce_sorted"),
        (PADDED, [4, 2, 0], RuntimeError, r"lengths from 1 to the input's 4, got \[4, 2, 0\]"),
        (PADDED, [5, 2, 1], RuntimeError, r"lengths from 1 to the input's 4, got \[5, 2, 1\]"),
        (PADDED, [4, 2], RuntimeError, "each of 3 sequences, got 2"),
        (PADDED, [[4, 2, 1]], RuntimeError, r"one-dimensional, got shape \[1, 3\]"),
        (minitorch.ones(4), [4], IndexError, r"at least 2 dimensions.*\[4\]"),
        (minitorch.ones(4, 0, 2), [], RuntimeError, "at least one sequence"),
        ([[1.0]], [1], TypeError, "Tensor or an array, got list"),
    ],
)
def test_bad_packing(input, lengths, error, message):
    with pytest.raises(error, match=message):
        pack_padded_sequence(input, lengths)


def test_bad_padding():
    with pytest.raises(ValueError, match="total_length=2 and a sequence of 3"):
        pad_packed_sequence(pack_sequence(tensors(), enforce_sorted=False), total_length=2)
    with pytest.raises(ValueError, match="each of 2 sequences, got 3"):
        unpad_sequence(minitorch.ones(2, 3), minitorch.tensor([1, 1, 1]), batch_first=True)
    for sequences, message in [
        ([], "at least one"),
        (3, "iterable of sequences, got int"),
        ([minitorch.ones(())], r"got shapes \[\[\]\]"),
        ([minitorch.ones(2, 3), minitorch.ones(2, 4)], r"got shapes \[\[2, 3\], \[2, 4\]\]"),
    ]:
        with pytest.raises(RuntimeError, match=message):
            pad_sequence(sequences)
    with pytest.raises(RuntimeError, match="'left' or 'right', got 'top'"):
        pad_sequence(tensors(), padding_side="top")
