"""Recurrent layers: worked examples, packed sequences, and what the table of cases cannot say."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence
from tests.helpers import change, check_gradients

KINDS = ["RNN", "LSTM", "GRU"]


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def with_weights(module: nn.Module, **weights: object) -> nn.Module:
    """The module in float64 with these weights."""
    module.double()
    for name, values in weights.items():
        weight = module.get_parameter(name)
        weight.array[...] = np.reshape(values, weight.shape)
    return module


def states_of(result: object) -> list[np.ndarray]:
    return list(result) if isinstance(result, tuple) else [result]


# -- worked examples ----------------------------------------------------------------------


def test_rnn_by_hand():
    layer = with_weights(
        nn.RNN(1, 1), weight_ih_l0=0.5, weight_hh_l0=-2.0, bias_ih_l0=0.1, bias_hh_l0=0.2
    )
    first = math.tanh(0.5 * 1.0 - 2.0 * 0.25 + 0.3)
    second = math.tanh(0.5 * -3.0 - 2.0 * first + 0.3)
    output, hidden = layer(np.array([[1.0], [-3.0]]), np.array([[0.25]]))
    np.testing.assert_allclose(output, [[first], [second]], rtol=1e-14)
    np.testing.assert_allclose(hidden, [[second]], rtol=1e-14)
    grad_input, grad_first = layer.backward(np.array([[0.0], [1.0]]), np.zeros((1, 1)))
    by_second = 1 - second**2
    by_first = by_second * -2.0 * (1 - first**2)
    np.testing.assert_allclose(grad_input, [[by_first * 0.5], [by_second * 0.5]], rtol=1e-14)
    np.testing.assert_allclose(grad_first, [[by_first * -2.0]], rtol=1e-14)
    expected = by_first * 1.0 + by_second * -3.0
    np.testing.assert_allclose(layer.weight_ih_l0.grad.array, [[expected]], rtol=1e-14)
    expected = by_first * 0.25 + by_second * first
    np.testing.assert_allclose(layer.weight_hh_l0.grad.array, [[expected]], rtol=1e-14)
    assert layer.bias_ih_l0.grad.tolist() == layer.bias_hh_l0.grad.tolist()
    assert layer.bias_ih_l0.grad is not layer.bias_hh_l0.grad


def test_lstm_by_hand():
    ih, hh, bias = [0.5, -1.0, 2.0, 0.25], [1.5, 0.5, -0.5, 1.0], [0.1, 0.2, 0.3, 0.4]
    layer = with_weights(
        nn.LSTM(1, 1), weight_ih_l0=ih, weight_hh_l0=hh, bias_ih_l0=bias, bias_hh_l0=bias
    )
    hidden, cell, outputs = 0.7, -0.4, []
    for value in (1.0, -2.0):
        i, f, g, o = (a * value + b * hidden + 2 * c for a, b, c in zip(ih, hh, bias, strict=True))
        cell = sigmoid(f) * cell + sigmoid(i) * math.tanh(g)
        hidden = sigmoid(o) * math.tanh(cell)
        outputs.append([hidden])
    start = np.array([[0.7]]), np.array([[-0.4]])
    output, (last_hidden, last_cell) = layer(np.array([[1.0], [-2.0]]), start)
    np.testing.assert_allclose(output, outputs, rtol=1e-14)
    np.testing.assert_allclose(last_hidden, [[hidden]], rtol=1e-14)
    np.testing.assert_allclose(last_cell, [[cell]], rtol=1e-14)


def test_gru_by_hand():
    """The reset gate multiplies what comes from the hidden state, its bias included."""
    ih, hh, bias = [0.5, -1.0, 2.0], [1.5, 0.5, -0.5], [0.1, 0.2, 0.3]
    cell = with_weights(
        nn.GRUCell(1, 1), weight_ih=ih, weight_hh=hh, bias_ih=bias, bias_hh=[0.4, 0.5, 0.6]
    )
    x, h = 1.25, -0.75
    r = sigmoid(0.5 * x + 1.5 * h + 0.5)
    z = sigmoid(-1.0 * x + 0.5 * h + 0.7)
    n = math.tanh(2.0 * x + 0.3 + r * (-0.5 * h + 0.6))
    np.testing.assert_allclose(
        cell(np.array([x]), np.array([h])), [(1 - z) * n + z * h], rtol=1e-14
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_is_its_cell_step_by_step(kind, rng):
    layer, cell = getattr(nn, kind)(3, 4).double(), getattr(nn, f"{kind}Cell")(3, 4).double()
    for name, weight in cell.named_parameters():
        weight.array[...] = layer.get_parameter(f"{name}_l0").array
    inputs = minitorch.tensor(rng.standard_normal((5, 2, 3)))
    state = None
    hidden = []
    for each in inputs:
        state = cell(each, state)
        hidden.append(state[0] if kind == "LSTM" else state)
    expected = minitorch.stack(hidden)
    output, _ = layer(inputs)
    np.testing.assert_allclose(output.array, expected.array, rtol=1e-12, atol=1e-14)
    weights = minitorch.tensor(rng.standard_normal((5, 2, 4)))
    (output * weights).sum().backward()
    (expected * weights).sum().backward()
    for name, weight in cell.named_parameters():
        found = layer.get_parameter(f"{name}_l0").grad
        np.testing.assert_allclose(found.array, weight.grad.array, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_reverse_direction(kind, rng):
    """It is a layer of its own, on the elements from the last to the first."""
    both, alone = getattr(nn, kind)(3, 4, bidirectional=True).double(), getattr(nn, kind)(3, 4)
    alone.double()
    for name, weight in alone.named_parameters():
        weight.array[...] = both.get_parameter(f"{name}_reverse").array
    inputs = rng.standard_normal((5, 2, 3))
    output, last = both(inputs)
    expected, its_last = alone(inputs[::-1])
    np.testing.assert_allclose(output[..., 4:], expected[::-1], rtol=1e-12, atol=1e-14)
    for one, two in zip(states_of(its_last), states_of(last), strict=True):
        np.testing.assert_allclose(one[0], two[1], rtol=1e-12, atol=1e-14)


# -- packed sequences ---------------------------------------------------------------------


class Packing(nn.Module):
    """A recurrent layer on packed sequences, from padded to padded."""

    def __init__(self, layer: nn.RNNBase, lengths: list[int]) -> None:
        super().__init__()
        self.layer = layer
        self.lengths = lengths

    def forward(self, input, *states):
        packed = pack_padded_sequence(
            input, self.lengths, self.layer.batch_first, enforce_sorted=False
        )
        hx = None if not states else states if len(states) > 1 else states[0]
        output, last = self.layer(packed, hx)
        return pad_packed_sequence(output, self.layer.batch_first)[0], last


@pytest.mark.parametrize("lengths", [[4, 2, 1], [1, 4, 4], [3, 3, 3]])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_through_packed_sequences(kind, options, lengths, rng):
    layer = getattr(nn, kind)(2, 2, **options).double()
    count = 4 if options else 1
    states = [rng.standard_normal((count, 3, 2)) for _ in range(1 + (kind == "LSTM"))]
    check_gradients(rng, Packing(layer, lengths), rng.standard_normal((4, 3, 2)), *states)


@pytest.mark.parametrize("kind", KINDS)
def test_packed_is_each_sequence_alone(kind, rng):
    layer = getattr(nn, kind)(2, 3, 2, bidirectional=True, batch_first=True).double()
    inputs, lengths = rng.standard_normal((3, 6, 2)), [2, 6, 3]
    packed = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    output, last = layer(packed)
    padded, found = pad_packed_sequence(output, batch_first=True)
    assert isinstance(output, PackedSequence)
    assert isinstance(padded, np.ndarray)
    assert found.tolist() == lengths
    for number, length in enumerate(lengths):
        alone, its_last = layer(inputs[number, :length])
        np.testing.assert_allclose(padded[number, :length], alone, rtol=1e-12, atol=1e-14)
        assert not padded[number, length:].any()
        for one, all_of_them in zip(states_of(its_last), states_of(last), strict=True):
            np.testing.assert_allclose(one, all_of_them[:, number], rtol=1e-12, atol=1e-14)


def test_packed_by_hand():
    """Arrays in, arrays out; a gradient for each array, None for the integers."""
    layer = nn.GRU(2, 3)
    packed = pack_padded_sequence(np.ones((4, 2, 2), np.float32), [4, 2])
    output, last = layer(packed)
    assert isinstance(output.data, np.ndarray)
    grad, none = layer.backward(np.ones_like(output.data), None, np.zeros_like(last))
    assert grad.shape == (6, 2)
    assert none is None
    sequences = packed._replace(data=minitorch.tensor(packed.data).requires_grad_())
    layer(sequences)[0].data.sum().backward()
    np.testing.assert_array_equal(sequences.data.grad.array, grad)


def test_packed_and_sorted_by_hand():
    """The two orders that sequences were sorted by are arrays too, and states come behind them."""
    layer = nn.LSTM(2, 3)
    packed = pack_padded_sequence(np.ones((4, 2, 2), np.float32), [2, 4], enforce_sorted=False)
    first = np.zeros((1, 2, 3), np.float32)
    output, (hidden, cell) = layer(packed, (first, first))
    ends = (np.ones_like(hidden), np.ones_like(cell))
    grads = layer.backward(np.ones_like(output.data), None, None, None, *ends)
    assert [None if each is None else each.shape for each in grads] == [
        (6, 2), None, None, None, (1, 2, 3), (1, 2, 3),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_bad_packed_sequences(kind):
    layer = getattr(nn, kind)(2, 3)
    sizes = minitorch.tensor([2, 1])
    for data, message in [
        (minitorch.ones(3, 4), "input_size=2"),
        (minitorch.ones(3), "2 dimensions"),
        (minitorch.ones(3, 1, 2), "2 dimensions"),
        (minitorch.ones(4, 2), r"sum\(batch_sizes\)=3"),
    ]:
        with pytest.raises(RuntimeError, match=message):
            layer(PackedSequence(data, sizes))
    state = minitorch.ones(1, 1, 3)
    with pytest.raises(RuntimeError, match=r"h_0 of shape \[1, 2, 3\]"):
        layer(
            PackedSequence(minitorch.ones(3, 2), sizes),
            (state, state) if kind == "LSTM" else state,
        )


# -- behaviour ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_may_be_changed(kind, rng):
    """Output and last state are the caller's: changing them spoils no gradient."""
    layer = getattr(nn, kind)(2, 3).double()
    inputs = minitorch.tensor(rng.standard_normal((4, 2, 2))).requires_grad_()
    output, _ = layer(inputs)
    output.sum().backward()
    expected, inputs.grad = inputs.grad, None
    output, last = layer(inputs)
    output.add_(1)
    for each in states_of(last):
        each.mul_(0)
    output.sum().backward()
    np.testing.assert_array_equal(inputs.grad.array, expected.array)


@pytest.mark.parametrize("name", [*KINDS, "RNNCell", "LSTMCell", "GRUCell"])
def test_changes_before_backward_are_noticed(name):
    layer = getattr(nn, name)(2, 3)
    weight = next(layer.parameters())
    for changed in ("input", "weight"):
        inputs = minitorch.ones(4, 2)
        output = layer(inputs)
        output = output[0] if isinstance(output, tuple) else output
        change(inputs if changed == "input" else weight)
        with pytest.raises(RuntimeError, match=f"an array that {name} saved was changed"):
            output.sum().backward()


@pytest.mark.parametrize("kind", KINDS)
def test_frozen_weights_and_inputs(kind):
    layer = getattr(nn, kind)(2, 3, 2)
    for name, weight in layer.named_parameters():
        weight.requires_grad_(name.startswith("weight_hh"))
    inputs = minitorch.ones(4, 2, 2)
    layer(inputs)[0].sum().backward()
    assert inputs.grad is None
    for name, weight in layer.named_parameters():
        assert (weight.grad is None) is not name.startswith("weight_hh")


def test_a_layer_used_twice(rng):
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.LSTM(2, 2).double()

        def forward(self, input):
            output, states = self.layer(input)
            return self.layer(output * 2, states)

    check_gradients(rng, Twice(), rng.standard_normal((3, 2, 2)))


def test_dropout_between_layers():
    layer = nn.GRU(3, 4, 2, dropout=0.5)
    inputs = minitorch.ones(5, 2, 3)
    minitorch.manual_seed(0)
    first, second = (layer(inputs)[0].array for _ in range(2))
    assert (first != second).any()
    layer.eval()
    np.testing.assert_array_equal(layer(inputs)[0].array, layer(inputs)[0].array)
    with pytest.warns(UserWarning, match=r"dropout=0\.5 does nothing with num_layers=1"):
        nn.GRU(3, 4, dropout=0.5)


def test_attributes():
    layer = nn.LSTM(3, 4, 2, bidirectional=True, proj_size=2)
    assert isinstance(layer, nn.RNNBase)
    assert isinstance(nn.GRUCell(2, 2), nn.RNNCellBase)
    assert (layer.mode, nn.RNN(2, 2, nonlinearity="relu").mode) == ("LSTM", "RNN_RELU")
    assert layer.flatten_parameters() is None
    names = list(layer.state_dict())
    assert names[4:7] == ["weight_hr_l0", "weight_ih_l0_reverse", "weight_hh_l0_reverse"]
    for found, expected in zip(
        [weight for weights in layer.all_weights for weight in weights],
        layer.parameters(),
        strict=True,
    ):
        assert found is expected
    with pytest.raises(ValueError, match=r"mode must be one of RNN_TANH, .*got 'FOO'"):
        nn.RNNBase("FOO", 2, 3)


def test_copies():
    layer = nn.LSTM(3, 4)
    inputs = minitorch.ones(2, 3)
    expected = layer(inputs)[0].tolist()
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert other(inputs)[0].tolist() == expected
    fresh = nn.LSTM(3, 4)
    fresh.load_state_dict(layer.state_dict())
    assert fresh(inputs)[0].tolist() == expected


def test_a_weight_of_another_maker():
    """A weight that was computed, as weight normalisation does, passes its gradient on."""
    layer = nn.GRU(2, 2)
    base = layer.weight_hh_l0
    del layer.weight_hh_l0
    layer.weight_hh_l0 = base * 2
    layer(minitorch.ones(3, 2))[0].sum().backward()
    assert base.grad is not None


def test_create_graph_is_refused():
    inputs = minitorch.ones(3, 2, requires_grad=True)
    output, _ = nn.LSTM(2, 2)(inputs)
    with pytest.raises(NotImplementedError, match="LSTM"):
        minitorch.autograd.grad(output.sum(), inputs, create_graph=True)
