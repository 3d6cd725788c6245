"""Recurrent layers and cells."""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from ...autograd.variable import Array
from ...ops.creation import empty
from ...quiet import Silence
from ...tensor import Tensor
from .. import init
from ..module import Module
from ..parameter import Parameter
from ..stateless import stateless
from ..utils.rnn import PackedSequence
from .checks import check_array, check_dtype
from .dropout import Dropout
from .recurrence import (
    GRURecurrence,
    LSTMRecurrence,
    Recurrence,
    ReLURecurrence,
    TanhRecurrence,
    Trace,
    Weights,
    columns,
    steps_of,
)

_RECURRENCES: dict[str, Recurrence] = {
    "RNN_TANH": TanhRecurrence(),
    "RNN_RELU": ReLURecurrence(),
    "LSTM": LSTMRecurrence(),
    "GRU": GRURecurrence(),
}
_NONLINEARITIES = {"tanh": "RNN_TANH", "relu": "RNN_RELU"}

# -- how the rows of a batch came ---------------------------------------------------------


class _Dense:
    """A batch of sequences of the same length, (L, N, features) or (N, L, features).

    `to_rows` and `from_rows` serve inputs and outputs and their gradients alike; so do `sort` and
    `restore` for the states, (layers and directions, N, features).

    Args:
        shape: of the input.
        batch_first: N comes before L.
    """

    def __init__(self, shape: tuple[int, ...], batch_first: bool) -> None:
        self.batch_first = batch_first
        self.length, self.batch = (shape[1], shape[0]) if batch_first else shape[:2]
        self.batch_sizes = (self.batch,) * self.length

    def to_rows(self, array: Array) -> Array:
        """As rows, step after step."""
        if self.batch_first:
            array = array.swapaxes(0, 1)
        return array.reshape(self.length * self.batch, array.shape[2])

    def from_rows(self, rows: Array) -> Array:
        """As it came."""
        array = rows.reshape(self.length, self.batch, rows.shape[1])
        return array.swapaxes(0, 1) if self.batch_first else array

    def sort(self, states: Array) -> Array:
        """States in the order of the rows of a step."""
        return states

    def restore(self, states: Array) -> Array:
        """States in the order of the batch."""
        return states

    def shape_of_states(self, count: int, features: int) -> tuple[int, ...]:
        """The shape in which states come."""
        return count, self.batch, features


class _Single:
    """One sequence without a batch, (L, features): its elements are the rows."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.length = shape[0]
        self.batch_sizes = (1,) * self.length

    def to_rows(self, array: Array) -> Array:
        return array

    from_rows = to_rows

    def sort(self, states: Array) -> Array:
        return states[:, None]

    def restore(self, states: Array) -> Array:
        return states[:, 0]

    def shape_of_states(self, count: int, features: int) -> tuple[int, ...]:
        return count, features


class _Packed:
    """Sequences of several lengths, whose rows are in order already."""

    def __init__(self, packed: PackedSequence) -> None:
        self.batch_sizes = tuple(packed.batch_sizes.tolist())
        self.length = len(self.batch_sizes)
        self.sorted_indices = packed.sorted_indices
        self.unsorted_indices = packed.unsorted_indices

    def to_rows(self, array: Array) -> Array:
        return array

    from_rows = to_rows

    def sort(self, states: Array) -> Array:
        order = self.sorted_indices
        return states if order is None else states[:, order]

    def restore(self, states: Array) -> Array:
        order = self.unsorted_indices
        return states if order is None else states[:, order]

    def shape_of_states(self, count: int, features: int) -> tuple[int, ...]:
        return count, self.batch_sizes[0], features


_Layout: TypeAlias = "_Dense | _Single | _Packed"


# -- layers -------------------------------------------------------------------------------


class RNNBase(Module):
    """What the recurrent layers share: their weights, and the way through layers and directions.

    Each layer goes over the output of the layer below, in one direction or in both, which have
    weights of their own and whose outputs stand side by side. `RNN`, `LSTM` and `GRU` add
    forward and backward; by itself this class has none.

    Args:
        mode: "RNN_TANH", "RNN_RELU", "LSTM" or "GRU".
        input_size: the number of features of each element.
        hidden_size: the number of features of the hidden state.
        num_layers: how many layers stand one upon another. Default: 1.
        bias: add learnt biases. Default: True.
        batch_first: inputs and outputs are (N, L, features), not (L, N, features); states stay
            as they are. Default: False.
        dropout: the probability with which an element of a layer's output, but for the last
            layer's, is left out in training. Default: 0.
        bidirectional: go in both directions. Default: False.
        proj_size: of an LSTM, the number of features to which the hidden state is projected;
            0 for no projection. Default: 0.
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of the weights. Default: the default dtype, float32.

    Attributes:
        weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_hr_l0: the weights of layer 0,
            those of the gates one below another; the names for layer k end in `_lk`, and for the
            reverse direction in `_lk_reverse`. All are drawn from U(-s, s) with
            s = 1/sqrt(hidden_size).
        all_weights: these, a list for each layer and direction.

    Raises:
        ValueError: a size is not positive, `dropout` is no probability, `mode` is unknown, or
            `proj_size` is negative, not less than hidden_size, or not an LSTM's.
        TypeError: hidden_size is no integer.

    Example:
        >>> from minitorch import nn
        >>> isinstance(nn.LSTM(3, 2), nn.RNNBase)
        True

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.RNNBase.html
    """

    hidden_size: Any
    dropout: Any
    weight_ih_l0: Tensor

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = dropout
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._check_arguments()
        for number in range(num_layers * self._directions):
            for name, shape in self._shapes(number).items():
                weight = Parameter(empty(*shape, device=device, dtype=dtype))
                self.register_parameter(name, weight)
        self.reset_parameters()

    def _check_arguments(self) -> None:
        """Refuse what makes no layer; warn of a dropout that drops nothing."""
        layer, dropout = type(self).__name__, self.dropout
        is_number = isinstance(dropout, numbers.Number) and not isinstance(dropout, bool)
        if not is_number or not 0 <= dropout <= 1:
            raise ValueError(f"{layer}: dropout must be a number from 0 to 1, got {dropout!r}")
        self.dropout = float(dropout)
        if not isinstance(self.hidden_size, int):
            kind = type(self.hidden_size).__name__
            raise TypeError(f"{layer}: hidden_size must be an int, got {kind}")
        for name in ("input_size", "hidden_size", "num_layers"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{layer}: {name} must be positive, got {getattr(self, name)}")
        if self.mode not in _RECURRENCES:
            modes = ", ".join(_RECURRENCES)
            raise ValueError(f"{layer}: mode must be one of {modes}, got {self.mode!r}")
        if self.proj_size and self.mode != "LSTM":
            raise ValueError(f"{layer}: only LSTM has proj_size, got proj_size={self.proj_size}")
        if not 0 <= self.proj_size < self.hidden_size:
            raise ValueError(
                f"{layer}: proj_size must be positive and less than hidden_size, or 0 for no "
                f"projection, got proj_size={self.proj_size} and hidden_size={self.hidden_size}"
            )
        if self.dropout > 0 and self.num_layers == 1:
            warnings.warn(
                f"{layer}: dropout leaves out elements between layers, so dropout={dropout} does "
                "nothing with num_layers=1",
                stacklevel=4,
            )

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _output_size(self) -> int:
        """The number of features of the hidden state as it is given out."""
        return self.proj_size or self.hidden_size

    def _shapes(self, number: int) -> dict[str, tuple[int, ...]]:
        """The names and shapes of the weights, counting layers and in them directions."""
        layer, direction = divmod(number, self._directions)
        suffix = f"_l{layer}" + "_reverse" * direction
        rows, output_size = _RECURRENCES[self.mode].gates * self.hidden_size, self._output_size
        features = self._directions * output_size if layer else self.input_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih" + suffix: (rows, features),
            "weight_hh" + suffix: (rows, output_size),
        }
        if self.bias:
            shapes |= {"bias_ih" + suffix: (rows,), "bias_hh" + suffix: (rows,)}
        if self.proj_size:
            shapes["weight_hr" + suffix] = (self.proj_size, self.hidden_size)
        return shapes

    def _weights(self, number: int) -> Weights:
        """The weights, as `_shapes` counts them."""
        layer, direction = divmod(number, self._directions)
        suffix = f"_l{layer}" + "_reverse" * direction
        return Weights(
            getattr(self, "weight_ih" + suffix),
            getattr(self, "weight_hh" + suffix),
            getattr(self, "bias_ih" + suffix) if self.bias else None,
            getattr(self, "bias_hh" + suffix) if self.bias else None,
            getattr(self, "weight_hr" + suffix) if self.proj_size else None,
        )

    @property
    def all_weights(self) -> list[list[Any]]:
        """The weights, a list for each layer and direction."""
        every = [self._weights(number) for number in range(self.num_layers * self._directions)]
        return [[weight for weight in weights if weight is not None] for weights in every]

    def reset_parameters(self) -> None:
        """Draw all weights and biases afresh."""
        draw(self)

    def flatten_parameters(self) -> None:
        """Does nothing; PyTorch lays weights side by side for a GPU."""

    def extra_repr(self) -> str:
        options = {
            "proj_size": 0,
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0,
            "bidirectional": False,
        }
        told = [
            f"{name}={getattr(self, name)}"
            for name, usual in options.items()
            if getattr(self, name) != usual
        ]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *told])

    # -- through layers and directions ----------------------------------------------------

    def _forward(self, input: Any, first: Sequence[Any] | None) -> tuple[Any, list[Array]]:
        """Run all layers.

        Args:
            input: an array, or a PackedSequence of arrays.
            first: the states to start from; None for zeros.

        Returns:
            The output, as the input came, and the last states.
        """
        layout = _check_input(self, input)
        is_packed = isinstance(input, PackedSequence)
        rows = layout.to_rows(input.data if is_packed else input)
        starts: Sequence[Any] = [None] * _RECURRENCES[self.mode].states
        if first is not None:
            _check_states(self, first, layout, rows.dtype)
            starts = [layout.sort(each) for each in first]
        traces: list[Trace] = []
        drops: list[Any] = []
        last: list[list[Array]] = []
        with Silence():
            for layer in range(self.num_layers):
                outputs = []
                for number in self._numbers(layer):
                    output, states, trace = self._run(number, rows, starts, layout.batch_sizes)
                    outputs.append(output)
                    last.append(states)
                    traces.append(trace)
                is_top = layer == self.num_layers - 1
                # The output of the top is copied, since the caller may change it.
                rows = np.concatenate(outputs, 1) if is_top or len(outputs) > 1 else outputs[0]
                drops.append(None if is_top else self._make_dropout())
                if drops[layer] is not None:
                    rows = drops[layer](rows)
        seen = traces[0].input, *(weight for trace in traces for weight in trace.weights)
        self.save_for_backward(traces, drops, layout, first is not None, *seen)
        result: Any = layout.from_rows(rows)
        if is_packed:
            result = input._replace(data=result)
        return result, [layout.restore(np.stack(each)) for each in zip(*last, strict=True)]

    def _backward(self, grad_output: Array, grads: Sequence[Array]) -> tuple[Any, ...]:
        """Go back through all layers, the top one first.

        Args:
            grad_output: dL/d(output).
            grads: dL/d(the other outputs), of which the states are the last.
        """
        traces, drops, layout, starts_given, *_ = self.saved_tensors
        recurrent = _RECURRENCES[self.mode]
        grad_last = [layout.sort(each) for each in grads[-recurrent.states :]]
        grad_first = [np.empty_like(each) for each in grad_last]
        needs = self.needs_input_grad
        rows = layout.to_rows(grad_output)
        for layer in range(self.num_layers - 1, -1, -1):
            if drops[layer] is not None:
                rows = drops[layer].backward(rows)
            numbers = self._numbers(layer)
            by_inputs = []
            for number, by_output in zip(numbers, columns(rows, len(numbers)), strict=True):
                ends = [each[number] for each in grad_last]
                needed = layer > 0 or needs[0]
                by_input, by_starts = recurrent.run_back(by_output, ends, traces[number], needed)
                by_inputs.append(by_input)
                for every, grad in zip(grad_first, by_starts, strict=True):
                    every[number] = grad
            rows = by_inputs[0]
            if rows is not None and len(by_inputs) > 1:
                rows += by_inputs[1]
        states = [layout.restore(each) for each in grad_first] if starts_given else []
        # The other inputs are the integers of a PackedSequence.
        others = [None] * (len(needs) - 1 - len(states))
        return (None if rows is None else layout.from_rows(rows), *others, *states)

    def _numbers(self, layer: int) -> range:
        """The numbers of a layer's directions, where all layers' are counted."""
        return range(layer * self._directions, (layer + 1) * self._directions)

    def _run(
        self, number: int, rows: Array, starts: Sequence[Any], batch_sizes: tuple[int, ...]
    ) -> tuple[Array, list[Array], Trace]:
        """Run one layer in one direction."""
        start = [None if each is None else each[number] for each in starts]
        steps = steps_of(batch_sizes, reverse=number % self._directions == 1)
        return _RECURRENCES[self.mode].run(rows, start, self._weights(number), steps)

    def _make_dropout(self) -> Any:
        """What leaves out elements between two layers, if anything does."""
        if not self.dropout or not self.training:
            return None
        return stateless(Dropout, p=self.dropout, inplace=False, training=True)


def draw(module: RNNBase | RNNCellBase) -> None:
    """Draw all parameters from U(-s, s) with s = 1/sqrt(hidden_size)."""
    size = module.hidden_size
    bound = 1 / math.sqrt(size) if size > 0 else 0
    for weight in module.parameters():
        init.uniform_(weight, -bound, bound)


def _check_input(module: RNNBase, input: Any) -> _Layout:
    """Refuse an input that does not fit; say how it is laid out.

    Raises:
        AttributeError: it is neither an array nor a PackedSequence.
        ValueError: its dtype, or its number of dimensions, is another.
        RuntimeError: a size does not fit.
    """
    layer, is_packed = type(module).__name__, isinstance(input, PackedSequence)
    array = input.data if is_packed else input
    check_array(module, array, error=AttributeError)
    if is_packed and array.ndim != 2:
        raise RuntimeError(
            f"{layer} expected a PackedSequence whose data has 2 dimensions, (elements, "
            f"input_size), got shape {list(array.shape)}"
        )
    if array.ndim not in (2, 3):
        raise ValueError(
            f"{layer} expected an input of 3 dimensions, or of 2 without a batch, got shape "
            f"{list(array.shape)}"
        )
    check_dtype(module, "input", array.dtype, module.weight_ih_l0.array.dtype, ValueError)
    if array.shape[-1] != module.input_size:
        raise RuntimeError(
            f"{layer} expected an input whose last dimension is input_size={module.input_size}, "
            f"got shape {list(array.shape)}"
        )
    layout: _Layout
    if is_packed:
        layout = _Packed(input)
        if sum(layout.batch_sizes) != len(array):
            raise RuntimeError(
                f"{layer} expected a PackedSequence of sum(batch_sizes)="
                f"{sum(layout.batch_sizes)} elements, got {len(array)}"
            )
    else:
        layout = (
            _Single(array.shape) if array.ndim == 2 else _Dense(array.shape, module.batch_first)
        )
    if not layout.batch_sizes:
        raise RuntimeError(f"{layer} expected a sequence of at least one element, got length 0")
    return layout


def _check_states(module: RNNBase, states: Sequence[Any], layout: _Layout, dtype: Any) -> None:
    """Refuse states to start from that do not fit.

    Raises:
        AttributeError: one is no array.
        RuntimeError: its dtype or its shape is another.
    """
    layer, count = type(module).__name__, module.num_layers * module._directions
    sizes = (module._output_size, module.hidden_size)
    for name, state, size in zip(("h_0", "c_0"), states, sizes, strict=False):
        check_array(module, state, name, error=AttributeError)
        expected = layout.shape_of_states(count, size)
        if state.shape != expected:
            raise RuntimeError(
                f"{layer} expected {name} of shape {list(expected)} beside this input, got "
                f"{list(state.shape)}"
            )
        check_dtype(module, name, state.dtype, dtype)


def _as_pair(module: Module, states: Any) -> Any:
    """The two states of an LSTM, which come as a pair, or None.

    Raises:
        RuntimeError: it is no pair.
    """
    if states is None or (isinstance(states, (tuple, list)) and len(states) == 2):
        return states
    raise RuntimeError(
        f"{type(module).__name__} expected hx to be a pair (h_0, c_0), got {type(states).__name__}"
    )


class RNN(RNNBase):
    r"""Elman's recurrent network: h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh).

    Layers above the first take h_t of the layer below, in both directions if there are two, as
    their x_t.

    Shapes, for D directions: input (L, N, input_size), with batch_first (N, L, input_size),
    without a batch (L, input_size), or a PackedSequence; h_0 and h_n (D · num_layers, N,
    hidden_size), or (D · num_layers, hidden_size); output as the input, with D · hidden_size.

    Args:
        input_size: the number of features of each element.
        hidden_size: the number of features of the hidden state.
        num_layers: how many layers stand one upon another. Default: 1.
        nonlinearity: "tanh", or "relu" for max(·, 0) in its place. Default: "tanh".
        bias, batch_first, dropout, bidirectional, proj_size, device, dtype: as `RNNBase`;
            proj_size must be 0.

    Returns:
        From forward(input, hx=None), where hx is h_0 or None for zeros: the output, which is h_t
        of the top layer for all t, and h_n, which is the last h_t of every layer.

        After a PackedSequence of arrays, `backward` by hand takes and returns a gradient for each
        of its arrays, None for the integers: backward(g, None, g_h), or backward(g, None, None,
        None, g_h) if the sequences had to be sorted, where g is dL/d(output.data), and g_h is
        dL/dh_n; it returns (dL/d(data), None, ...), and dL/dh_0 at the end if h_0 was given.

    Raises:
        ValueError: `nonlinearity` is unknown; as `RNNBase`; or the input has not 2 or 3
            dimensions, or another dtype than the weights.
        RuntimeError: the size of an input or a state does not fit, or the length is 0.
        AttributeError: an input is neither a Tensor nor an array.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> rnn = nn.RNN(3, 2)
        >>> output, hidden = rnn(minitorch.ones(5, 4, 3))
        >>> output.shape, hidden.shape
        (minitorch.Size([5, 4, 2]), minitorch.Size([1, 4, 2]))

    Source: Elman, Finding structure in time (1990);
    https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in _NONLINEARITIES:
            raise ValueError(f"RNN: nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")
        super().__init__(
            _NONLINEARITIES[nonlinearity], input_size, hidden_size, num_layers, bias, batch_first,
            dropout, bidirectional, proj_size, device, dtype,
        )  # fmt: skip
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Any:
        output, (hidden,) = self._forward(input, None if hx is None else (hx,))
        return output, hidden

    def backward(self, grad_output: Any, *grads: Any) -> Any:
        return self._backward(grad_output, grads)


class LSTM(RNNBase):
    r"""Long short-term memory: gates decide what a cell keeps, takes in and shows.

        i, f, o = σ(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh), for each gate its own rows
        g       = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh), likewise
        c_t     = f ∘ c_(t-1) + i ∘ g
        h_t     = o ∘ tanh(c_t), or W_hr (o ∘ tanh(c_t)) if proj_size is not 0

    The rows of the weights are those of i, f, g, o in this order. Layers above the first take h_t
    of the layer below, in both directions if there are two, as their x_t.

    Shapes, for D directions and H = proj_size or else hidden_size: input (L, N, input_size), with
    batch_first (N, L, input_size), without a batch (L, input_size), or a PackedSequence; h_0 and
    h_n (D · num_layers, N, H) and c_0 and c_n (D · num_layers, N, hidden_size), without N if the
    input has no batch; output as the input, with D · H.

    Args:
        input_size: the number of features of each element.
        hidden_size: the number of features of the cell.
        num_layers: how many layers stand one upon another. Default: 1.
        bias, batch_first, dropout, bidirectional, proj_size, device, dtype: as `RNNBase`.

    Returns:
        From forward(input, hx=None), where hx is (h_0, c_0) or None for zeros: the output, which
        is h_t of the top layer for all t, and (h_n, c_n), the last ones of every layer.

        After a PackedSequence of arrays, `backward` by hand takes and returns a gradient for each
        of its arrays, None for the integers, as in `RNN`: backward(g, None, g_h, g_c), or
        backward(g, None, None, None, g_h, g_c) if the sequences had to be sorted.

    Raises:
        ValueError: as `RNNBase`; or the input has not 2 or 3 dimensions, or another dtype than
            the weights.
        RuntimeError: the size of an input or a state does not fit, hx is no pair, or the length
            is 0.
        AttributeError: an input is neither a Tensor nor an array.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> lstm = nn.LSTM(3, 2, bidirectional=True)
        >>> output, (hidden, cell) = lstm(minitorch.ones(5, 4, 3))
        >>> output.shape, hidden.shape
        (minitorch.Size([5, 4, 4]), minitorch.Size([2, 4, 2]))

    Source: Hochreiter and Schmidhuber, Long short-term memory (1997); with forget gates, Gers et
    al., Learning to forget (2000); https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            "LSTM", input_size, hidden_size, num_layers, bias, batch_first, dropout,
            bidirectional, proj_size, device, dtype,
        )  # fmt: skip

    def forward(self, input: Any, hx: Any = None) -> Any:
        output, states = self._forward(input, _as_pair(self, hx))
        return output, tuple(states)

    def backward(self, grad_output: Any, *grads: Any) -> Any:
        return self._backward(grad_output, grads)


class GRU(RNNBase):
    r"""Gated recurrent units: a gate decides how much of the hidden state is kept.

        r   = σ(W_ir x_t + b_ir + W_hr h_(t-1) + b_hr)
        z   = σ(W_iz x_t + b_iz + W_hz h_(t-1) + b_hz)
        n   = tanh(W_in x_t + b_in + r ∘ (W_hn h_(t-1) + b_hn))
        h_t = (1 - z) ∘ n + z ∘ h_(t-1)

    The rows of the weights are those of r, z, n in this order. The reset gate r is applied after
    the product with W_hn, which differs from the paper and is PyTorch's choice. Layers above the
    first take h_t of the layer below, in both directions if there are two, as their x_t.

    Shapes: as `RNN`.

    Args:
        input_size: the number of features of each element.
        hidden_size: the number of features of the hidden state.
        num_layers: how many layers stand one upon another. Default: 1.
        bias, batch_first, dropout, bidirectional, proj_size, device, dtype: as `RNNBase`;
            proj_size must be 0.

    Returns:
        From forward(input, hx=None), as `RNN`: the output and h_n. So are the arguments of
        `backward` by hand after a PackedSequence.

    Raises:
        ValueError: as `RNNBase`; or the input has not 2 or 3 dimensions, or another dtype than
            the weights.
        RuntimeError: the size of an input or a state does not fit, or the length is 0.
        AttributeError: an input is neither a Tensor nor an array.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> gru = nn.GRU(3, 2, batch_first=True)
        >>> output, hidden = gru(minitorch.ones(4, 5, 3))
        >>> output.shape, hidden.shape
        (minitorch.Size([4, 5, 2]), minitorch.Size([1, 4, 2]))

    Source: Cho et al., Learning phrase representations using RNN encoder-decoder for statistical
    machine translation (2014); https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            "GRU", input_size, hidden_size, num_layers, bias, batch_first, dropout,
            bidirectional, proj_size, device, dtype,
        )  # fmt: skip

    def forward(self, input: Any, hx: Any = None) -> Any:
        output, (hidden,) = self._forward(input, None if hx is None else (hx,))
        return output, hidden

    def backward(self, grad_output: Any, *grads: Any) -> Any:
        return self._backward(grad_output, grads)


# -- cells --------------------------------------------------------------------------------


class RNNCellBase(Module):
    """What the cells share: their weights, and one step of a recurrent layer.

    `RNNCell`, `LSTMCell` and `GRUCell` add forward and backward; by itself this class has none.

    Args:
        input_size: the number of features of the input.
        hidden_size: the number of features of the hidden state.
        bias: add learnt biases.
        num_chunks: into how many parts of hidden_size rows the weights are divided.
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of the weights. Default: the default dtype, float32.

    Attributes:
        weight_ih: (num_chunks · hidden_size, input_size).
        weight_hh: (num_chunks · hidden_size, hidden_size).
        bias_ih, bias_hh: (num_chunks · hidden_size), or None. All are drawn from U(-s, s) with
            s = 1/sqrt(hidden_size).

    Example:
        >>> from minitorch import nn
        >>> isinstance(nn.GRUCell(3, 2), nn.RNNCellBase)
        True

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.RNNCell.html
    """

    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor | None
    bias_hh: Tensor | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows = num_chunks * hidden_size
        self.weight_ih = Parameter(empty(rows, input_size, device=device, dtype=dtype))
        self.weight_hh = Parameter(empty(rows, hidden_size, device=device, dtype=dtype))
        for name in ("bias_ih", "bias_hh"):
            weight = Parameter(empty(rows, device=device, dtype=dtype)) if bias else None
            self.register_parameter(name, weight)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all weights and biases afresh."""
        draw(self)

    def extra_repr(self) -> str:
        told = "" if self.bias else ", bias=False"
        return f"{self.input_size}, {self.hidden_size}{told}"

    def _forward(self, mode: str, input: Any, first: Sequence[Any] | None) -> list[Array]:
        """Run one step.

        Args:
            mode: as `RNNBase`.
            input: an array.
            first: the states to start from; None for zeros.

        Returns:
            The new states.
        """
        recurrent = _RECURRENCES[mode]
        _check_cell(self, input, first)
        is_single = input.ndim == 1
        rows = input[None] if is_single else input
        if first is None:
            first = [None] * recurrent.states
        weights = Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        with Silence():
            _, states, trace = recurrent.run(rows, first, weights, steps_of((len(rows),)))
        self.save_for_backward(recurrent, trace, is_single, trace.input, *weights)
        return [each[0].copy() if is_single else each.copy() for each in states]

    def _backward(self, grads: Sequence[Array]) -> tuple[Any, ...]:
        """Go back through the step.

        Args:
            grads: dL/d(each of the new states).
        """
        recurrent, trace, is_single, *_ = self.saved_tensors
        if is_single:
            grads = [each[None] for each in grads]
        needs = self.needs_input_grad
        # The hidden state is the step's output, and nobody uses it a second time.
        ends = [np.zeros_like(grads[0]), *grads[1:]]
        by_input, by_states = recurrent.run_back(grads[0], ends, trace, needs[0])
        found = [by_input, *by_states][: len(needs)]
        if is_single:
            return tuple([None if each is None else each[0] for each in found])
        return tuple(found)


def _check_cell(module: RNNCellBase, input: Any, states: Sequence[Any] | None) -> None:
    """Refuse an input or states that do not fit.

    Raises:
        AttributeError: one is no array.
        ValueError: it has not 1 or 2 dimensions.
        RuntimeError: a size or a dtype does not fit.
    """
    layer, dtype = type(module).__name__, module.weight_ih.array.dtype
    expected = {"input": ("input_size", module.input_size)}
    for name in ("h_0", "c_0")[: len(states or ())]:
        expected[name] = ("hidden_size", module.hidden_size)
    arrays = (input, *(states or ()))
    for (name, (size_name, size)), array in zip(expected.items(), arrays, strict=True):
        check_array(module, array, name, error=AttributeError)
        if array.ndim not in (1, 2):
            raise ValueError(
                f"{layer} expected {name} of 2 dimensions, or of 1 without a batch, got shape "
                f"{list(array.shape)}"
            )
        if array.shape[-1] != size:
            raise RuntimeError(
                f"{layer} expected {name} to have {size_name}={size} in its last dimension, got "
                f"shape {list(array.shape)}"
            )
        if array.shape[:-1] != input.shape[:-1]:
            raise RuntimeError(
                f"{layer} expected {name} for a batch as the input's, of shape "
                f"{[*input.shape[:-1], size]}, got {list(array.shape)}"
            )
        check_dtype(module, name, array.dtype, dtype)


class RNNCell(RNNCellBase):
    r"""One step of an `RNN`: h' = tanh(W_ih x + b_ih + W_hh h + b_hh).

    Shapes: input (N, input_size), hidden state (N, hidden_size); both may come without N.

    Args:
        input_size: the number of features of the input.
        hidden_size: the number of features of the hidden state.
        bias: add learnt biases. Default: True.
        nonlinearity: "tanh", or "relu" for max(·, 0) in its place. Default: "tanh".
        device, dtype: as `RNNCellBase`, as are the weights.

    Returns:
        From forward(input, hx=None), where hx is h or None for zeros: h'.

    Raises:
        ValueError: an input has not 1 or 2 dimensions.
        RuntimeError: a size or dtype does not fit, or `nonlinearity` is unknown.
        AttributeError: an input is neither a Tensor nor an array.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> cell = nn.RNNCell(3, 2)
        >>> hidden = None
        >>> for element in minitorch.ones(5, 4, 3):
        ...     hidden = cell(element, hidden)
        >>> hidden.shape
        minitorch.Size([4, 2])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.RNNCell.html
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Any:
        mode = _NONLINEARITIES.get(self.nonlinearity)
        if mode is None:
            raise RuntimeError(
                f"RNNCell: nonlinearity must be 'tanh' or 'relu', got {self.nonlinearity!r}"
            )
        (hidden,) = self._forward(mode, input, None if hx is None else (hx,))
        return hidden

    def backward(self, grad_hidden: Any) -> Any:
        return self._backward((grad_hidden,))

    def extra_repr(self) -> str:
        told = "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}"
        return super().extra_repr() + told


class LSTMCell(RNNCellBase):
    r"""One step of an `LSTM`, from (h, c) to (h', c'); the equations stand there.

    Shapes: input (N, input_size), hidden state and cell (N, hidden_size); all may come without N.

    Args:
        input_size: the number of features of the input.
        hidden_size: the number of features of the hidden state and of the cell.
        bias: add learnt biases. Default: True.
        device, dtype: as `RNNCellBase`, as are the weights.

    Returns:
        From forward(input, hx=None), where hx is (h, c) or None for zeros: (h', c').

    Raises:
        ValueError: an input has not 1 or 2 dimensions.
        RuntimeError: a size or dtype does not fit, or hx is no pair.
        AttributeError: an input is neither a Tensor nor an array.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> hidden, cell = nn.LSTMCell(3, 2)(minitorch.ones(4, 3))
        >>> hidden.shape, cell.shape
        (minitorch.Size([4, 2]), minitorch.Size([4, 2]))

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        return tuple(self._forward("LSTM", input, _as_pair(self, hx)))

    def backward(self, grad_hidden: Any, grad_cell: Any) -> Any:
        return self._backward((grad_hidden, grad_cell))


class GRUCell(RNNCellBase):
    r"""One step of a `GRU`, from h to h'; the equations stand there.

    Shapes: input (N, input_size), hidden state (N, hidden_size); both may come without N.

    Args:
        input_size: the number of features of the input.
        hidden_size: the number of features of the hidden state.
        bias: add learnt biases. Default: True.
        device, dtype: as `RNNCellBase`, as are the weights.

    Returns:
        From forward(input, hx=None), where hx is h or None for zeros: h'.

    Raises:
        ValueError: an input has not 1 or 2 dimensions.
        RuntimeError: a size or dtype does not fit.
        AttributeError: an input is neither a Tensor nor an array.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.GRUCell(3, 2)(minitorch.ones(4, 3)).shape
        minitorch.Size([4, 2])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.GRUCell.html
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        (hidden,) = self._forward("GRU", input, None if hx is None else (hx,))
        return hidden

    def backward(self, grad_hidden: Any) -> Any:
        return self._backward((grad_hidden,))
