"""Embedding: its table, what changes it, and the sums of gradients."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F


def summed(ids, grads, count):
    """The gradient of a table, row by row."""
    total = np.zeros((count, grads.shape[-1]))
    for number, grad in zip(ids.reshape(-1), grads.reshape(-1, grads.shape[-1]), strict=True):
        total[number] += grad
    return total


@pytest.mark.parametrize(
    ("count", "width", "shape"),
    [(3, 1, (50,)), (100, 16, (8, 10)), (2000, 32, (40, 50)), (5, 64, (40, 50)), (4, 3, ())],
)
def test_the_gradient_is_a_sum_over_places(count, width, shape, rng):
    ids, grads = rng.integers(0, count, shape), rng.standard_normal((*shape, width))
    table = nn.Embedding(count, width, dtype=minitorch.float64)
    table(minitorch.tensor(ids)).backward(minitorch.tensor(grads))
    np.testing.assert_allclose(table.weight.grad.array, summed(ids, grads, count), rtol=1e-12)
    by_hand = nn.Embedding(count, width, dtype=minitorch.float64)
    assert type(by_hand(ids)) is np.ndarray
    assert by_hand.backward(grads) is None
    np.testing.assert_allclose(by_hand.weight.grad.array, summed(ids, grads, count), rtol=1e-12)


def test_sparse_asks_for_the_same_numbers():
    ids = minitorch.tensor([1, 1, 0])
    table = nn.Embedding(3, 2, sparse=True)
    table(ids).sum().backward()
    assert table.weight.grad.tolist() == [[1.0, 1.0], [2.0, 2.0], [0.0, 0.0]]


def test_the_padding_row_starts_at_zero_and_stays():
    table = nn.Embedding(3, 2, padding_idx=-1)
    assert table.padding_idx == 2
    assert table.weight[2].tolist() == [0.0, 0.0]
    table(minitorch.tensor([2, 2, 1])).sum().backward()
    assert table.weight.grad.tolist() == [[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]


def test_a_given_table_is_not_copied():
    values = minitorch.ones(3, 2)
    table = nn.Embedding.from_pretrained(values)
    assert not table.weight.requires_grad
    assert np.shares_memory(table.weight.array, values.array)
    assert nn.Embedding.from_pretrained(values, freeze=False).weight.requires_grad
    assert (table.num_embeddings, table.embedding_dim) == (3, 2)

    class Words(nn.Embedding):
        pass

    assert type(Words.from_pretrained(values)) is Words


def test_long_rows_are_shortened_where_they_are_looked_up():
    values = minitorch.tensor([[3.0, 4.0], [0.3, 0.4], [30.0, 40.0]])
    table = nn.Embedding.from_pretrained(values, freeze=False, max_norm=1.0)
    np.testing.assert_allclose(
        table(minitorch.tensor([0, 1, 0])).detach().array,
        [[0.6, 0.8], [0.3, 0.4], [0.6, 0.8]], rtol=1e-6,
    )  # fmt: skip
    np.testing.assert_allclose(values.array, [[0.6, 0.8], [0.3, 0.4], [30.0, 40.0]], rtol=1e-6)


def test_shortening_is_a_change_in_place():
    table = nn.Embedding.from_pretrained(minitorch.ones(2, 2) * 9, freeze=False, max_norm=1.0)
    before = (table.weight * table.weight).sum()
    looked_up = table(minitorch.tensor([0])).sum()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        (before + looked_up).backward()
    two = table(minitorch.tensor([0])) + table(minitorch.tensor([1]))  # each after the change
    two.sum().backward()
    assert table.weight.grad.tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_a_weight_that_was_computed():
    base = minitorch.ones(3, 2, requires_grad=True)
    F.embedding(minitorch.tensor([0, 0]), base * 2).sum().backward()
    assert base.grad.tolist() == [[4.0, 4.0], [0.0, 0.0], [0.0, 0.0]]
    (grad,) = minitorch.autograd.grad(F.embedding(minitorch.tensor([1]), base).sum(), base)
    assert grad.tolist() == [[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]


def test_inside_another_pair():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(3, 2, max_norm=0.1)

        def forward(self, input):
            return self.table(input) + self.table(input)

    for ids in (minitorch.tensor([0, 2]), np.array([0, 2])):
        model = Twice()
        if isinstance(ids, np.ndarray):
            model(ids)
            model.backward(np.ones((2, 2), np.float32))
        else:
            model(ids).sum().backward()
        assert model.table.weight.grad.tolist() == [[2.0, 2.0], [0.0, 0.0], [2.0, 2.0]]


def test_two_calls_add_up():
    table = nn.Embedding(3, 2)
    (table(minitorch.tensor([0])) * 2 + table(minitorch.tensor([0, 1]))).sum().backward()
    assert table.weight.grad.tolist() == [[5.0, 5.0], [1.0, 1.0], [0.0, 0.0]]


def test_a_change_of_the_numbers_is_noticed():
    table, ids = nn.Embedding(3, 2), minitorch.tensor([0, 1])
    output = table(ids).sum()
    ids.add_(1)
    with pytest.raises(RuntimeError):
        output.backward()


def test_under_no_grad_and_frozen():
    table = nn.Embedding(3, 2, _freeze=True)
    assert not table(minitorch.tensor([0])).requires_grad
    with minitorch.no_grad():
        assert not nn.Embedding(3, 2)(minitorch.tensor([0])).requires_grad


def test_one_hot_of_an_array():
    result = F.one_hot(np.array([[2], [0]]))
    assert type(result) is np.ndarray
    assert result.tolist() == [[[0, 0, 1]], [[1, 0, 0]]]
