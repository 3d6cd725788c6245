"""Transformers beside PyTorch: training, and what the table leaves out, as PyTorch warns of it."""

from typing import Any

import numpy as np
import pytest
import torch

import minitorch

# PyTorch says so wherever its nested tensors, which minitorch has not, could not be used.
pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor is True:UserWarning")


@pytest.mark.parametrize(
    "options",
    [{}, {"norm_first": True}, {"bias": False}, {"activation": "gelu"}, {"batch_first": True}],
    ids=str,
)
def test_training(options: dict[str, Any]) -> None:
    """Three steps with dropout and masks leave the same weights."""

    def train(torch: Any) -> dict[str, np.ndarray]:
        torch.manual_seed(0)
        model = torch.nn.Transformer(8, 2, 2, 2, 12, 0.2, **options)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        source, target = torch.randn(4, 4, 8), torch.randn(4, 4, 8)
        mask = model.generate_square_subsequent_mask(4)
        padding = torch.tensor([[False, False, False, True]] + [[False] * 4] * 3)
        for _ in range(3):
            optimizer.zero_grad()
            output = model(
                source, target, tgt_mask=mask, src_key_padding_mask=padding,
                memory_key_padding_mask=padding,
            )  # fmt: skip
            (output * target).mean().backward()
            optimizer.step()
        return {name: value.detach().numpy() for name, value in model.state_dict().items()}

    ours, theirs = train(minitorch), train(torch)
    assert list(ours) == list(theirs)
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-4, atol=1e-5, err_msg=name)


def test_evaluation_without_gradients_takes_pytorchs_fast_path() -> None:
    def run(torch: Any) -> np.ndarray:
        torch.manual_seed(0)
        layer = torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        encoder = torch.nn.TransformerEncoder(layer, 2).eval()
        source = torch.randn(2, 3, 8)
        with torch.no_grad():
            return encoder(
                source, mask=torch.nn.Transformer.generate_square_subsequent_mask(3)
            ).numpy()

    np.testing.assert_allclose(run(minitorch), run(torch), rtol=1e-4, atol=1e-6)


def test_default_transformer_has_the_same_start_and_repr() -> None:
    torch.manual_seed(0)
    theirs = torch.nn.Transformer(8, 2, 2, 1, 16)
    minitorch.manual_seed(0)
    ours = minitorch.nn.Transformer(8, 2, 2, 1, 16)
    assert repr(ours) == repr(theirs)
    for (name, value), (other, expected) in zip(
        ours.state_dict().items(), theirs.state_dict().items(), strict=True
    ):
        assert name == other
        np.testing.assert_array_equal(value.array, expected.numpy())
