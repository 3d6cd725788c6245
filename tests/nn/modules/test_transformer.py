"""What the table of cases cannot say of transformers: attributes, copies, the order of time."""

from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import nn


def test_later_positions_do_not_reach_earlier_ones() -> None:
    minitorch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, norm_first=True)
    encoder = nn.TransformerEncoder(layer, 2)
    source = minitorch.randn(4, 1, 8, requires_grad=True)
    mask = nn.Transformer.generate_square_subsequent_mask(4)
    encoder(source, mask)[1].sum().backward()
    assert source.grad is not None
    reached = np.abs(source.grad.array).max((1, 2)) > 0
    assert reached.tolist() == [True, True, False, False]


def test_padding_does_not_reach_others() -> None:
    minitorch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    source = minitorch.randn(1, 3, 8)
    padding = minitorch.tensor([[False, False, True]])
    before = layer(source, src_key_padding_mask=padding)
    source[0, 2] = 100.0
    after = layer(source, src_key_padding_mask=padding)
    np.testing.assert_allclose(after[0, :2].array, before[0, :2].array, rtol=1e-5)


def test_copies_start_alike_and_learn_apart() -> None:
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 2)
    first, second = encoder.layers
    assert first is not second
    assert first.linear1.weight is not second.linear1.weight
    np.testing.assert_array_equal(first.linear1.weight.array, second.linear1.weight.array)


def test_copies_keep_an_activation_that_is_a_module() -> None:
    decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 8, activation=nn.GELU()), 1)
    assert isinstance(decoder.layers[0].activation, nn.GELU)
    assert isinstance(
        nn.Transformer(4, 2, 1, 1, 8, activation=nn.ELU()).decoder.layers[0].activation, nn.ELU
    )


class Count(nn.Module):
    """Stands for an encoder or a decoder, and notes its keywords."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[dict[str, Any]] = []

    def forward(self, *inputs: minitorch.Tensor, **options: Any) -> minitorch.Tensor:
        self.seen.append(options)
        return inputs[0] * 2


def test_custom_encoder_and_decoder() -> None:
    encoder, decoder = Count(), Count()
    model = nn.Transformer(4, custom_encoder=encoder, custom_decoder=decoder)
    source, target = minitorch.ones(3, 2, 4), minitorch.ones(5, 2, 4)
    np.testing.assert_array_equal(model(source, target).array, np.full((5, 2, 4), 2.0))
    assert encoder.seen == [{"mask": None, "src_key_padding_mask": None, "is_causal": None}]
    assert decoder.seen[0]["memory_is_causal"] is False


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ([[0.0, -np.inf], [0.0, 0.0]], True),
        ([[False, True], [False, False]], True),
        ([[0.0, 0.0], [0.0, 0.0]], False),
        ([[0.0, -np.inf, 0.0], [0.0, 0.0, 0.0]], False),
        (None, False),
    ],
)
def test_a_causal_mask_is_noticed(mask: Any, expected: bool) -> None:
    class Layer(Count):
        def forward(self, src: minitorch.Tensor, **options: Any) -> minitorch.Tensor:
            return super().forward(src, **options)

    encoder = nn.TransformerEncoder(Layer(), 1)
    encoder(minitorch.ones(2, 1, 4), None if mask is None else minitorch.tensor(mask))
    assert encoder.layers[0].seen[0]["is_causal"] is expected


def test_activation_is_found_by_name() -> None:
    layer = nn.TransformerEncoderLayer(4, 2, 8, activation="gelu")
    assert layer.activation is nn.functional.gelu
    assert layer.activation_relu_or_gelu == 2
    assert nn.TransformerEncoderLayer(4, 2, 8).activation_relu_or_gelu == 1
    assert (
        nn.TransformerEncoderLayer(4, 2, 8, activation=minitorch.tanh).activation_relu_or_gelu == 0
    )


def test_square_subsequent_mask() -> None:
    mask = nn.Transformer.generate_square_subsequent_mask(2, dtype=minitorch.float64)
    assert mask.tolist() == [[0.0, -np.inf], [0.0, 0.0]]
    assert mask.dtype == minitorch.float64
    assert nn.Transformer.generate_square_subsequent_mask(0).shape == (0, 0)
