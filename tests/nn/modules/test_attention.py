"""What the table of cases cannot say of attention: worked examples, sharing of inputs, extremes."""

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from tests.helpers import check_gradients


def test_worked_example() -> None:
    """Logits 0 and log 3 give weights 1/4 and 3/4."""
    query = np.array([[1.0]])
    key = np.array([[0.0], [np.log(3.0)]])
    value = np.array([[4.0, 0.0], [8.0, 4.0]])
    np.testing.assert_allclose(F.scaled_dot_product_attention(query, key, value), [[7.0, 3.0]])


def test_worked_derivative() -> None:
    """At equal weights, dY/dz = (v₁ - v₂) / 4 for the first logit, and its opposite."""
    mask = minitorch.zeros(1, 2, requires_grad=True)
    value = minitorch.tensor([[2.0], [10.0]])
    F.scaled_dot_product_attention(
        minitorch.zeros(1, 1), minitorch.zeros(2, 1), value, mask
    ).sum().backward()
    assert mask.grad is not None
    np.testing.assert_allclose(mask.grad.array, [[-2.0, 2.0]])


def test_enormous_logits_choose_one_value() -> None:
    query = np.full((1, 1), 1e4, np.float32)
    key = np.array([[1.0], [-1.0], [0.5]], np.float32)
    value = np.array([[1.0], [2.0], [3.0]], np.float32)
    assert F.scaled_dot_product_attention(query, key, value).tolist() == [[1.0]]


def test_hidden_values_have_no_influence() -> None:
    rng = np.random.default_rng(0)
    query, key, value = rng.standard_normal((3, 2, 4, 3))
    before = F.scaled_dot_product_attention(query, key, value, is_causal=True)
    np.testing.assert_array_equal(before[:, 0], value[:, 0])  # it sees itself alone
    key[:, 2:] = value[:, 2:] = 1e4
    after = F.scaled_dot_product_attention(query, key, value, is_causal=True)
    np.testing.assert_array_equal(after[:, :2], before[:, :2])


def test_half_precision_is_computed_in_single() -> None:
    rng = np.random.default_rng(0)
    query, key, value = rng.standard_normal((3, 2, 4, 8)).astype(np.float16)
    output = F.scaled_dot_product_attention(query, key, value)
    assert output.dtype == np.float16
    wide = F.scaled_dot_product_attention(*(a.astype(np.float32) for a in (query, key, value)))
    np.testing.assert_allclose(output, wide, rtol=1e-3, atol=1e-4)


class ToItself(nn.Module):
    """Self-attention as a module of one input, whose projections are one product."""

    def __init__(self, **options: bool) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, dtype=minitorch.float64, **options)

    def forward(self, input: minitorch.Tensor) -> tuple[minitorch.Tensor, minitorch.Tensor | None]:
        output, weights = self.attention(input, input, input)
        return output, weights


@pytest.mark.parametrize(
    "options", [{}, {"batch_first": True}, {"add_bias_kv": True, "add_zero_attn": True}]
)
def test_derivatives_of_self_attention(options: dict[str, bool]) -> None:
    minitorch.manual_seed(0)
    input = np.random.default_rng(0).standard_normal((3, 2, 4))
    check_gradients(np.random.default_rng(1), ToItself(**options), input)


def test_two_tensors_over_one_buffer_are_two_inputs() -> None:
    """Only the same Tensor is one input: a detached one shares numbers, but no gradient."""
    minitorch.manual_seed(0)
    attention = nn.MultiheadAttention(4, 2)
    input = minitorch.randn(3, 2, 4, requires_grad=True)
    other = minitorch.tensor(input.array, requires_grad=True)
    attention(input, input.detach(), input.detach(), need_weights=False)[0].sum().backward()
    attention(other, minitorch.tensor(input.array), minitorch.tensor(input.array))[
        0
    ].sum().backward()
    assert input.grad is not None and other.grad is not None
    np.testing.assert_allclose(input.grad.array, other.grad.array, rtol=1e-5, atol=1e-7)


def test_frozen_projections_get_no_gradient() -> None:
    attention = nn.MultiheadAttention(4, 2)
    attention.in_proj_weight.requires_grad_(False)
    input = minitorch.ones(3, 2, 4)
    attention(input, input, input)[0].sum().backward()
    assert attention.in_proj_weight.grad is None
    assert attention.out_proj.weight.grad is not None


def test_only_the_value_needs_a_gradient() -> None:
    rng = np.random.default_rng(0)
    query, key, value = map(minitorch.tensor, rng.standard_normal((3, 2, 3, 4)))
    value.requires_grad_()
    F.scaled_dot_product_attention(query, key, value).sum().backward()
    assert value.grad is not None
    assert query.grad is None and key.grad is None
    # Each row of weights sums to one, so the sum of all outputs counts each value's weight.
    np.testing.assert_allclose(value.grad.sum(1).array, np.full((2, 4), 3.0))


def test_masks_of_two_kinds_warn() -> None:
    attention = nn.MultiheadAttention(4, 2)
    input = minitorch.ones(3, 2, 4)
    padding = minitorch.zeros(2, 3, dtype=minitorch.bool)
    with pytest.warns(UserWarning, match=r"key_padding_mask is of minitorch\.bool"):
        attention(input, input, input, padding, attn_mask=minitorch.zeros(3, 3))


def test_weights_are_distributions() -> None:
    minitorch.manual_seed(0)
    attention = nn.MultiheadAttention(4, 2, batch_first=True)
    input = minitorch.randn(2, 3, 4)
    _, weights = attention(input, input, input, average_attn_weights=False)
    assert weights.shape == (2, 2, 3, 3)
    np.testing.assert_allclose(weights.sum(-1).array, np.ones((2, 2, 3)), rtol=1e-6)


def test_by_hand_each_input_has_its_gradient() -> None:
    minitorch.manual_seed(0)
    attention = nn.MultiheadAttention(4, 2)
    input = np.random.default_rng(0).standard_normal((3, 2, 4)).astype(np.float32)
    output, weights = attention(input, input, input)
    grads = attention.backward(np.ones_like(output), np.zeros_like(weights))
    tensor = minitorch.tensor(input, requires_grad=True)
    attention(tensor, tensor, tensor)[0].sum().backward()
    assert tensor.grad is not None
    np.testing.assert_allclose(sum(grads), tensor.grad.array, rtol=1e-4, atol=1e-6)
