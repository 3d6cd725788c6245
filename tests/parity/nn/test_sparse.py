"""Embedding beside PyTorch's: what several calls do, attributes and the random stream."""

from __future__ import annotations

from typing import Any

from tests.parity.side_by_side import side_by_side


@side_by_side(rtol=1e-6)
def test_training_with_max_norm(torch: Any) -> Any:
    torch.manual_seed(0)
    table = torch.nn.Embedding(5, 3, padding_idx=1, max_norm=1.0)
    optimizer = torch.optim.SGD(table.parameters(), lr=0.5)
    for _ in range(4):
        optimizer.zero_grad()
        (table(torch.tensor([[0, 1], [3, 3]])) ** 2).sum().backward()
        optimizer.step()
    return table.weight, table.weight.grad, torch.rand(2)


@side_by_side(rtol=1e-6)
def test_version_of_a_table_that_is_shortened(torch: Any) -> Any:
    weight = torch.full((2, 2), 9.0)
    version = weight._version
    first = torch.nn.functional.embedding(torch.tensor([0]), weight, max_norm=1.0)
    return first, weight, weight._version - version


@side_by_side
def test_attributes(torch: Any) -> Any:
    table = torch.nn.Embedding(4, 2, -1, 2.0, 1.0, True, True)
    names = (
        "num_embeddings", "embedding_dim", "padding_idx", "max_norm", "norm_type",
        "scale_grad_by_freq", "sparse",
    )  # fmt: skip
    return repr(table), [getattr(table, name) for name in names]
