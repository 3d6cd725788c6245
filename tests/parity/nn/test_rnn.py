"""Recurrent layers and packed sequences beside PyTorch, where the table of cases does not reach."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.parity.side_by_side import outcome, side_by_side

LENGTHS = [[4, 2, 1], [4, 4, 4], [1, 4, 2], [2, 2, 1], [1, 1, 1], [3, 3, 3]]


def numbers(torch: Any, *shape: int) -> Any:
    return torch.tensor(np.random.default_rng(0).standard_normal(shape))


def gradient_of(outputs: list[Any], leaf: Any) -> Any:
    """The gradient of a weighted sum of all outputs."""
    total: Any = 0
    for place, output in enumerate(outputs):
        total = total + (output * output * (place + 1)).sum()
    total.backward()
    return leaf.grad


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("rest", [(), (2,), (2, 3)], ids=str)
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
@side_by_side(rtol=1e-12)
def test_packing_and_padding(torch: Any, lengths: Any, rest: Any, batch_first: bool) -> Any:
    rnn = torch.nn.utils.rnn
    shape = (3, 4) if batch_first else (4, 3)
    leaf = numbers(torch, *shape, *rest).requires_grad_()
    packed = rnn.pack_padded_sequence(
        leaf, torch.tensor(lengths), batch_first, enforce_sorted=lengths == sorted(lengths)[::-1]
    )
    padded, found = rnn.pad_packed_sequence(packed, batch_first, -1.0, total_length=6)
    apart = rnn.unpack_sequence(packed)
    again = rnn.unpad_sequence(padded * 1, found, batch_first)  # PyTorch's turns its argument over
    results = [packed.data, padded, *apart, *again]
    return list(packed), results, found, gradient_of(results, leaf)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("batch_first", [False, True])
@side_by_side
def test_pad_sequence(torch: Any, batch_first: bool, side: str) -> Any:
    rnn = torch.nn.utils.rnn
    sequences = [numbers(torch, length, 2) for length in (3, 0, 5, 1)]
    mixed = [torch.tensor([1, 2]), torch.tensor([0.5])], [torch.ones(1), torch.tensor([2, 3])]
    return (
        rnn.pad_sequence(sequences, batch_first, 0.5, padding_side=side),
        rnn.pad_sequence(iter(sequences), batch_first, padding_side=side),
        rnn.pad_sequence(sequences[0]),
        [rnn.pad_sequence(each, batch_first, 7, padding_side=side) for each in mixed],
        list(rnn.pack_sequence(sequences[::2], enforce_sorted=False)),
    )


@side_by_side
def test_packed_sequence(torch: Any) -> Any:
    rnn = torch.nn.utils.rnn
    packed = rnn.pack_sequence([torch.ones(2), torch.ones(3)], enforce_sorted=False)
    names = ("half", "float", "double", "byte", "char", "short", "int", "long", "cpu")
    return (
        [list(getattr(packed, name)()) for name in names],
        list(packed.to(torch.float64)),
        list(packed.to(numbers(torch, 1))),
        packed.to("cpu") is packed,
        packed.is_cuda,
        packed.is_pinned(),
        list(packed._replace(data=torch.zeros(1))),
        list(rnn.PackedSequence(packed.data, packed.batch_sizes, torch.tensor([1, 0]))),
        repr(packed),
        type(packed).__mro__[1].__name__,
        rnn.invert_permutation(torch.tensor([2, 0, 1])),
        rnn.invert_permutation(None),
    )


@side_by_side
def test_errors(torch: Any) -> Any:
    rnn = torch.nn.utils.rnn
    padded = torch.ones(4, 3, 2)
    lengths = [[1, 4, 2], [4, 2, 0], [4, 2], torch.tensor([[4, 2, 1]])]
    packed = rnn.pack_padded_sequence(padded, [4, 2, 1])
    return [
        *(outcome(rnn.pack_padded_sequence, padded, each) for each in lengths),
        outcome(rnn.pack_padded_sequence, padded, [4, 0, 2], enforce_sorted=False),
        outcome(rnn.pack_padded_sequence, torch.ones(4), [4]),
        outcome(rnn.pack_padded_sequence, torch.ones(4, 0, 2), []),
        outcome(rnn.pack_padded_sequence, [[1.0]], [1]),
        outcome(rnn.pack_sequence, [torch.ones(1), torch.ones(2)]),
        outcome(rnn.pad_packed_sequence, packed, total_length=3),
        outcome(rnn.pad_sequence, []),
        outcome(rnn.pad_sequence, 3),
        outcome(rnn.pad_sequence, [torch.ones(())]),
        outcome(rnn.pad_sequence, [torch.ones(2, 3), torch.ones(2, 4)]),
        outcome(rnn.pad_sequence, [torch.ones(2)], padding_side="top"),
        outcome(rnn.unpad_sequence, padded, torch.tensor([1, 1, 1]), batch_first=True),
        outcome(rnn.PackedSequence, padded),
        outcome(torch.nn.RNNBase, "FOO", 2, 3),
        outcome(torch.nn.RNNBase("LSTM", 2, 3), padded),
        outcome(torch.nn.RNNCellBase(2, 3, True, 1), padded),
    ]


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@side_by_side(rtol=1e-5, atol=1e-6)
def test_a_training_run(torch: Any, kind: str) -> Any:
    """Eight steps of a small classifier of sequences with dropout, on packed sequences."""
    torch.manual_seed(0)
    layer = getattr(torch.nn, kind)(2, 4, 2, dropout=0.2, bidirectional=True)
    head = torch.nn.Linear(8, 1)
    optimizer = torch.optim.SGD([*layer.parameters(), *head.parameters()], lr=0.05)
    inputs, targets = torch.randn(6, 5, 2), torch.randn(5, 1)
    losses = []
    for _ in range(8):
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            inputs, [3, 6, 2, 6, 1], enforce_sorted=False
        )
        output, _ = layer(packed)
        padded, _ = torch.nn.utils.rnn.pad_packed_sequence(output)
        loss = ((head(padded.mean(0)) - targets) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, dict(layer.named_parameters())
