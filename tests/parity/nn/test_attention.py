"""Attention beside PyTorch, where it takes several calls: training, streams, loading."""

import numpy as np
import pytest
import torch

import minitorch


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("batch_first", [True, False])
def test_dropout_after_attention_draws_the_same_mask(need_weights: bool, batch_first: bool) -> None:
    """A dropout draws in the order of memory, so the output's order must be PyTorch's."""

    def outputs(torch: object) -> list[np.ndarray]:
        torch.manual_seed(0)
        attention = torch.nn.MultiheadAttention(8, 2, dropout=0.3, batch_first=batch_first)
        dropout = torch.nn.Dropout(0.5)
        input = torch.randn(3, 4, 8)
        found = []
        for _ in range(3):
            output, _ = attention(input, input, input, need_weights=need_weights)
            found.append(dropout(output).detach().numpy())
        return found

    for ours, theirs in zip(outputs(minitorch), outputs(torch), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("options", [{}, {"kdim": 3}, {"add_bias_kv": True}, {"bias": False}])
def test_pytorch_loads_our_state(options: dict[str, int]) -> None:
    minitorch.manual_seed(1)
    ours = minitorch.nn.MultiheadAttention(4, 2, **options)
    theirs = torch.nn.MultiheadAttention(4, 2, **options)
    state = {name: torch.from_numpy(value.array) for name, value in ours.state_dict().items()}
    theirs.load_state_dict(state)
    query, key, value = (
        torch.randn(2, 3, 4),
        torch.randn(5, 3, options.get("kdim", 4)),
        torch.randn(5, 3, 4),
    )
    expected, _ = theirs(query, key, value)
    found, _ = ours(query.numpy(), key.numpy(), value.numpy())
    np.testing.assert_allclose(found, expected.detach().numpy(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("shape", [(6, 5, 8), (2, 3, 5, 8)])
def test_dropout_of_a_function_leaves_the_stream_where_pytorch_does(shape: tuple[int, ...]) -> None:
    def run(torch: object) -> list[float]:
        torch.manual_seed(3)
        torch.nn.functional.scaled_dot_product_attention(*[torch.randn(*shape)] * 3, dropout_p=0.2)
        return torch.rand(2).tolist()

    assert run(minitorch) == run(torch)


def test_evaluation_without_gradients_takes_pytorchs_fast_path() -> None:
    for batch_first in (True, False):
        torch.manual_seed(0)
        theirs = torch.nn.MultiheadAttention(16, 4, batch_first=batch_first).eval()
        minitorch.manual_seed(0)
        ours = minitorch.nn.MultiheadAttention(16, 4, batch_first=batch_first).eval()
        input = np.random.default_rng(0).standard_normal((3, 5, 16)).astype(np.float32)
        with torch.no_grad():
            expected, weights = theirs(*[torch.from_numpy(input)] * 3)
        output, our_weights = ours(input, input, input)
        np.testing.assert_allclose(output, expected.numpy(), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(our_weights, weights.numpy(), rtol=1e-4, atol=1e-6)
