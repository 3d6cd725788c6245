"""One recurrent layer in one direction: a pass over time, and backpropagation through time.

All sequences of a batch lie as rows of one matrix, step after step: first the first elements of
all sequences, then the second elements of those that have one, the longest sequence first. A step
works on some consecutive rows, so sequences of different lengths need no padding, and what does
not depend on the step before is one matrix product for all steps. Backward likewise: the
derivatives of the gates are computed for many steps at once, only the gradient that comes from
later steps is carried from step to step, and each weight's gradient is one product at the end.

Source: Werbos, Backpropagation through time: what it does and how to do it (1990).
"""

from __future__ import annotations

import functools
import itertools
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ...autograd.variable import Array
from ...ops.promotion import constant, ones

# -- which rows belong together -----------------------------------------------------------

Rows: TypeAlias = "slice | Array"


class Step(NamedTuple):
    """One step in time.

    Attributes:
        rows: its rows.
        before: where the states are that it starts from, in a matrix that `Steps.start` made.
        size: how many sequences take part: the first so many.
    """

    rows: slice
    before: Rows
    size: int


class Block(NamedTuple):
    """Steps one after another, few enough that their gates stay in the processor's cache.

    Attributes:
        rows: the rows of all of them.
        before: where the states are that they start from.
        steps: each one's rows, counted from the block's first, and its number of sequences, in
            the order of backward.
    """

    rows: slice
    before: Rows
    steps: list[tuple[slice, int]]


class Steps:
    """The steps of a pass over time.

    The states of all steps are kept in one matrix with those that the pass starts from, which
    stand before the others, or after them if the pass goes from the last step to the first. So,
    where all sequences have the same length, the states before all steps are a slice of it.

    Args:
        batch_sizes: the number of sequences in each step, which never grows.
        reverse: go from the last step to the first.

    Attributes:
        batch: the number of sequences.
        forward: the steps in the order of the pass.
        initial: the rows of the states that the pass starts from.
        own: the rows of the states that the steps compute.
        before: for each of these, where the state is that it was computed from.
        last: for each sequence, which of these is its last.
    """

    def __init__(self, batch_sizes: Sequence[int], reverse: bool) -> None:
        self.batch = batch_sizes[0]
        stops = list(itertools.accumulate(batch_sizes))
        total = stops[-1]
        rows = [slice(stop - size, stop) for stop, size in zip(stops, batch_sizes, strict=True)]
        order = rows[::-1] if reverse else rows
        self.own = slice(0, total) if reverse else slice(self.batch, self.batch + total)
        self.initial = slice(total, total + self.batch) if reverse else slice(0, self.batch)
        place = np.arange(self.initial.start, self.initial.stop)  # of each sequence's state
        before = np.empty(total, np.int64)
        for step in order:
            count = step.stop - step.start
            before[step] = place[:count]
            place[:count] = np.arange(step.start, step.stop) + self.own.start
        self._numbers = before
        self.before = as_slice(before)
        self.last = as_slice(place - self.own.start)
        self.forward = [
            Step(each, as_slice(before[each]), each.stop - each.start) for each in order
        ]
        self._blocks: dict[int, list[Block]] = {}

    def start(self, first: Array | None, width: int, dtype: Any) -> Array:
        """A matrix for the states of all steps, with the `first` ones, or zeros, in place."""
        states = np.empty((self.own.stop - self.own.start + self.batch, width), dtype)
        states[self.initial] = 0 if first is None else first
        return states

    def backward(self, width: int) -> list[Block]:
        """The steps in the order of backward, in blocks, for matrices of `width` columns."""
        size = max(1, _CACHED // max(width, 1))
        if size not in self._blocks:
            self._blocks[size] = self._make_blocks(size)
        return self._blocks[size]

    def _make_blocks(self, size: int) -> list[Block]:
        """Blocks of at most `size` rows, or of a single step."""
        blocks: list[list[slice]] = []
        filled = size
        for step in reversed(self.forward):
            filled += step.size
            if filled > size or not blocks:
                blocks.append([])
                filled = step.size
            blocks[-1].append(step.rows)
        return [self._make_block(steps) for steps in blocks]

    def _make_block(self, steps: list[slice]) -> Block:
        start, stop = min(each.start for each in steps), max(each.stop for each in steps)
        return Block(
            slice(start, stop),
            as_slice(self._numbers[start:stop]),
            [
                (slice(each.start - start, each.stop - start), each.stop - each.start)
                for each in steps
            ],
        )


_CACHED = 1 << 15  # how many numbers of a matrix are worked on at a time


def as_slice(numbers: Array) -> Rows:
    """Row numbers as a slice where they follow one another: NumPy then need not copy."""
    if not numbers.size:
        return slice(0, 0)
    if (numbers[1:] - numbers[:-1] == 1).all():
        return slice(int(numbers[0]), int(numbers[-1]) + 1)
    return numbers


@functools.lru_cache(maxsize=64)
def steps_of(batch_sizes: tuple[int, ...], reverse: bool = False) -> Steps:
    """The steps for these batch sizes, kept from call to call."""
    return Steps(batch_sizes, reverse)


# -- what the layers share ----------------------------------------------------------------


class Weights(NamedTuple):
    """The weights of one layer in one direction, as Tensors.

    Attributes:
        ih: of the input, (gates x hidden_size, features).
        hh: of the hidden state, (gates x hidden_size, size of the hidden state).
        bias_ih, bias_hh: (gates x hidden_size), or None.
        hr: the projection of an LSTM, (proj_size, hidden_size), or None.
    """

    ih: Any
    hh: Any
    bias_ih: Any = None
    bias_hh: Any = None
    hr: Any = None


class Trace:
    """What a pass over time leaves for its backward."""

    __slots__ = ("activations", "input", "states", "steps", "weights")

    def __init__(
        self,
        input: Array,
        states: tuple[Array, ...],
        activations: tuple[Array, ...],
        weights: Weights,
        steps: Steps,
    ) -> None:
        self.input = input
        self.states = states
        self.activations = activations
        self.weights = weights
        self.steps = steps


class Recurrence(ABC):
    """A layer's equations: a forward over all steps, and the backward that belongs to it.

    Attributes:
        gates: into how many parts of hidden_size rows the weights are divided.
        states: how many states are carried from step to step.
    """

    gates: int = 1
    states: int = 1

    @abstractmethod
    def forward(
        self, input: Array, first: Sequence[Any], weights: Weights, steps: Steps
    ) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        """Go over time.

        Args:
            input: a row per step and sequence.
            first: the states to start from; None for zeros.
            weights: the layer's.
            steps: which rows belong together.

        Returns:
            The states, of which the first is the output, and the activations for backward.
        """

    @abstractmethod
    def backward(
        self, grad_output: Array, grad_states: Sequence[Array], trace: Trace
    ) -> tuple[Array, Array]:
        """Go back over time.

        Args:
            grad_output: dL/d(output), a row per step and sequence.
            grad_states: dL/d(last states); in the end, what it is for the first ones.
            trace: what forward left.

        Returns:
            dL/d(W_ih x) and dL/d(W_hh h), a row per step and sequence.
        """

    def run(
        self, input: Array, first: Sequence[Any], weights: Weights, steps: Steps
    ) -> tuple[Array, list[Array], Trace]:
        """Run forward.

        Returns:
            The output, a row per step and sequence; the states at each sequence's end; what
            `run_back` needs. Output and states may be views of what that is.
        """
        states, activations = self.forward(input, first, weights, steps)
        last = [each[steps.own][steps.last] for each in states]
        return states[0][steps.own], last, Trace(input, states, activations, weights, steps)

    def run_back(
        self, grad_output: Array, grad_last: Sequence[Array], trace: Trace, needs_input_grad: bool
    ) -> tuple[Array | None, list[Array]]:
        """Run backward, and give the weights their gradients.

        Returns:
            dL/d(input), if it is needed, and dL/d(each of the first states).
        """
        grad_states = [np.array(each, order="C") for each in grad_last]
        by_input, by_hidden = self.backward(grad_output, grad_states, trace)
        weights = trace.weights
        # dL/dW_ih is the sum of (dL/d(W_ih x)) xᵀ over steps and sequences: one product.
        if weights.ih.requires_grad:
            weights.ih.accumulate_grad(by_input.T.dot(trace.input))
        if weights.hh.requires_grad:
            before = trace.states[0][trace.steps.before]
            weights.hh.accumulate_grad(by_hidden.T.dot(before))
        for bias, grad in ((weights.bias_ih, by_input), (weights.bias_hh, by_hidden)):
            if bias is not None and bias.requires_grad:
                bias.accumulate_grad(ones(len(grad), grad.dtype).dot(grad))
        return by_input.dot(weights.ih.array) if needs_input_grad else None, grad_states


def signed(weight: Any, sign: Array) -> Array:
    """The rows of a weight with changed signs."""
    return weight.array * sign[:, None]  # type: ignore[no-any-return]


def transposed(matrix: Array, steps: Steps) -> Array:
    """Wᵀ, laid out for a product at each step: for more than one, a copy is faster."""
    return matrix.T if len(steps.forward) == 1 else np.ascontiguousarray(matrix.T)


def columns(matrix: Array, count: int) -> list[Array]:
    """A matrix cut into `count` equal parts, side by side; they are views."""
    size = matrix.shape[1] // count
    return [matrix[:, start * size : (start + 1) * size] for start in range(count)]


@functools.lru_cache(maxsize=64)
def signs(sigmoids: tuple[bool, ...], size: int, dtype: Any) -> Array:
    """-1 for the rows of the gates that are sigmoids, 1 for the others, each `size` rows.

    Weights times these give the sums a of a sigmoid as -a, from where it is 1 / (1 + exp(-a)).
    """
    result = np.repeat([-1 if sigmoid else 1 for sigmoid in sigmoids], size).astype(dtype)
    result.flags.writeable = False
    return result


def sigmoid_of_negated(sums: Array) -> None:
    """Write σ(a) = 1 / (1 + exp(-a)) over -a."""
    np.exp(sums, sums)
    sums += constant(1.0, sums.dtype)
    np.reciprocal(sums, sums)


# -- the equations ------------------------------------------------------------------------


class TanhRecurrence(Recurrence):
    """h_t = tanh(a_t) with a_t = W_ih x_t + b_ih + W_hh h_(t-1) + b_hh."""

    def forward(
        self, input: Array, first: Sequence[Any], weights: Weights, steps: Steps
    ) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        weight = transposed(weights.hh.array, steps)
        from_input = input.dot(weights.ih.array.T)
        if weights.bias_ih is not None:
            from_input += weights.bias_ih.array + weights.bias_hh.array
        states = steps.start(first[0], weight.shape[0], input.dtype)
        own = states[steps.own]
        for rows, before, _ in steps.forward:
            hidden = np.dot(states[before], weight, own[rows])
            hidden += from_input[rows]
            self.activate(hidden)
        return (states,), ()

    def backward(
        self, grad_output: Array, grad_states: Sequence[Array], trace: Trace
    ) -> tuple[Array, Array]:
        # dL/da_t = dL/dh_t ∘ f'(a_t), where dL/dh_t = dL/d(output_t) + W_hhᵀ dL/da_(t+1)
        steps, weight = trace.steps, trace.weights.hh.array
        own = trace.states[0][steps.own]
        grad = np.empty_like(own)
        for block in steps.backward(own.shape[1]):
            by_sum, arriving = grad[block.rows], grad_output[block.rows]
            self.slope(own[block.rows], by_sum)
            for rows, count in block.steps:
                by_hidden = grad_states[0][:count]
                by_hidden += arriving[rows]
                by_sum[rows] *= by_hidden
                np.dot(by_sum[rows], weight, by_hidden)
        return grad, grad

    def activate(self, hidden: Array) -> None:
        """Write f(a) over a."""
        np.tanh(hidden, hidden)

    def slope(self, hidden: Array, output: Array) -> None:
        """Write f'(a) = 1 - tanh(a)² into `output`, given f(a)."""
        np.multiply(hidden, hidden, output)
        np.subtract(constant(1.0, output.dtype), output, output)


class ReLURecurrence(TanhRecurrence):
    """h_t = max(a_t, 0) with a_t = W_ih x_t + b_ih + W_hh h_(t-1) + b_hh."""

    def activate(self, hidden: Array) -> None:
        np.maximum(hidden, constant(0.0, hidden.dtype), out=hidden)

    def slope(self, hidden: Array, output: Array) -> None:
        """Write f'(a), which is 1 where a is positive and 0 elsewhere, into `output`."""
        output[...] = hidden > constant(0.0, hidden.dtype)


class LSTMRecurrence(Recurrence):
    r"""Long short-term memory.

    With x = x_t, h = h_(t-1) and c = c_(t-1),

        i = σ(W_ii x + b_ii + W_hi h + b_hi)     how much of the candidate is written
        f = σ(W_if x + b_if + W_hf h + b_hf)     how much of the cell is kept
        g = tanh(W_ig x + b_ig + W_hg h + b_hg)  the candidate
        o = σ(W_io x + b_io + W_ho h + b_ho)     how much of the cell is shown
        c_t = f ∘ c + i ∘ g
        h_t = o ∘ tanh(c_t), or W_hr (o ∘ tanh(c_t)) with a projection
    """

    gates = 4
    states = 2
    sigmoids = (True, True, False, True)

    def forward(
        self, input: Array, first: Sequence[Any], weights: Weights, steps: Steps
    ) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        size, dtype = weights.ih.array.shape[0] // 4, input.dtype
        sign = signs(self.sigmoids, size, dtype)
        weight = transposed(signed(weights.hh, sign), steps)
        gates = input.dot(signed(weights.ih, sign).T)
        if weights.bias_ih is not None:
            gates += (weights.bias_ih.array + weights.bias_hh.array) * sign
        projection = None if weights.hr is None else transposed(weights.hr.array, steps)
        hidden = steps.start(first[0], weight.shape[0], dtype)
        cells = steps.start(first[1], size, dtype)
        own_hidden, own_cells = hidden[steps.own], cells[steps.own]
        i, f, g, o = columns(gates, 4)
        from_hidden = np.empty((steps.batch, 4 * size), dtype)
        room = np.empty((steps.batch, size), dtype)
        for rows, before, count in steps.forward:
            gate, scratch = gates[rows], room[:count]
            gate += np.dot(hidden[before], weight, from_hidden[:count])
            candidate = np.tanh(g[rows], scratch)
            sigmoid_of_negated(gate)  # of g too, which is put back
            g[rows] = candidate
            cell = np.multiply(f[rows], cells[before], own_cells[rows])
            cell += np.multiply(i[rows], g[rows], scratch)
            np.tanh(cell, scratch)
            if projection is None:
                np.multiply(o[rows], scratch, own_hidden[rows])
            else:
                scratch *= o[rows]
                np.dot(scratch, projection, own_hidden[rows])
        return (hidden, cells), (gates,)

    def backward(
        self, grad_output: Array, grad_states: Sequence[Array], trace: Trace
    ) -> tuple[Array, Array]:
        """Go back over time.

        With dh = dL/dh_t, which a projection takes through W_hrᵀ, and dc = dL/dc_t,

            dc  <- dc + dh ∘ o ∘ (1 - tanh²(c_t))
            dL/d(sums of i, f, g, o) = dc ∘ g ∘ i(1 - i),  dc ∘ c ∘ f(1 - f),
                                       dc ∘ i ∘ (1 - g²),  dh ∘ tanh(c_t) ∘ o(1 - o)
            dc  <- dc ∘ f  and  dh <- W_hhᵀ dL/d(sums),  for the step before

        What stands beside dc and dh is computed for a block of steps at once.
        """
        steps, weights, (gates,) = trace.steps, trace.weights, trace.activations
        cells, own_cells = trace.states[1], trace.states[1][steps.own]
        size = own_cells.shape[1]
        grad = np.empty_like(gates)
        shown = None if weights.hr is None else np.empty_like(trace.states[0][steps.own])
        room = np.empty((steps.batch, size), gates.dtype)
        for block in steps.backward(4 * size):
            by_gates, arriving = grad[block.rows], grad_output[block.rows]
            gate = gates[block.rows]
            by_cell = self._factors(by_gates, gate, cells[block.before], own_cells[block.rows])
            apart = by_gates.reshape(len(by_gates), 4, size)
            forget = columns(gate, 4)[1]
            for rows, count in block.steps:
                by_hidden, grad_cell = grad_states[0][:count], grad_states[1][:count]
                by_hidden += arriving[rows]
                by_output = by_hidden
                if shown is not None:
                    shown[block.rows][rows] = by_hidden
                    by_output = by_hidden.dot(weights.hr.array)
                grad_cell += np.multiply(by_output, by_cell[rows], room[:count])
                apart[rows, :3] *= grad_cell[:, None]
                apart[rows, 3] *= by_output
                grad_cell *= forget[rows]
                np.dot(by_gates[rows], weights.hh.array, by_hidden)
        if shown is not None and weights.hr.requires_grad:
            output = np.tanh(own_cells)
            output *= columns(gates, 4)[3]
            weights.hr.accumulate_grad(shown.T.dot(output))
        return grad, grad

    def _factors(self, output: Array, gates: Array, before: Array, cells: Array) -> Array:
        """Write what stands beside dc and dh into `output`; return o ∘ (1 - tanh²(c_t))."""
        one = constant(1.0, gates.dtype)
        i, _, g, o = columns(gates, 4)
        beside_i, beside_f, beside_g, beside_o = columns(output, 4)
        np.subtract(one, gates, output)
        output *= gates  # σ' = σ (1 - σ)
        beside_i *= g
        beside_f *= before
        shown = np.tanh(cells)
        beside_o *= shown
        np.multiply(g, g, beside_g)
        np.subtract(one, beside_g, beside_g)
        beside_g *= i
        shown *= shown
        np.subtract(one, shown, shown)
        shown *= o
        return shown


class GRURecurrence(Recurrence):
    r"""Gated recurrent unit.

    With x = x_t and h = h_(t-1),

        r = σ(W_ir x + b_ir + W_hr h + b_hr)           how much of the past the candidate sees
        z = σ(W_iz x + b_iz + W_hz h + b_hz)           how much of the past is kept
        n = tanh(W_in x + b_in + r ∘ (W_hn h + b_hn))  the candidate
        h_t = (1 - z) ∘ n + z ∘ h

    The reset gate r stands outside the product W_hn h, as in PyTorch, not inside as in the paper.
    """

    gates = 3
    sigmoids = (True, True, False)

    def forward(
        self, input: Array, first: Sequence[Any], weights: Weights, steps: Steps
    ) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        size, dtype = weights.ih.array.shape[0] // 3, input.dtype
        sign = signs(self.sigmoids, size, dtype)
        weight = transposed(signed(weights.hh, sign), steps)
        gates = input.dot(signed(weights.ih, sign).T)
        bias = constant(0.0, dtype)  # b_hn
        if weights.bias_ih is not None:
            gates += weights.bias_ih.array * sign
            gates[:, : 2 * size] -= weights.bias_hh.array[: 2 * size]
            bias = weights.bias_hh.array[2 * size :]
        hidden = steps.start(first[0], size, dtype)
        own = hidden[steps.own]
        past = np.empty_like(own)  # W_hn h + b_hn
        r, z, n = columns(gates, 3)
        r_and_z = gates[:, : 2 * size]
        product = np.empty((steps.batch, 3 * size), dtype)
        room = np.empty((steps.batch, size), dtype)
        for rows, before, count in steps.forward:
            from_hidden, gate, candidate = product[:count], r_and_z[rows], n[rows]
            np.dot(hidden[before], weight, from_hidden)
            gate += from_hidden[:, : 2 * size]
            sigmoid_of_negated(gate)
            np.add(from_hidden[:, 2 * size :], bias, past[rows])
            candidate += np.multiply(r[rows], past[rows], room[:count])
            np.tanh(candidate, candidate)
            new = np.subtract(hidden[before], candidate, own[rows])
            new *= z[rows]  # n + z ∘ (h - n)
            new += candidate
        return (hidden,), (gates, past)

    def backward(
        self, grad_output: Array, grad_states: Sequence[Array], trace: Trace
    ) -> tuple[Array, Array]:
        """Go back over time.

        With dh = dL/dh_t and p = W_hn h + b_hn,

            dL/d(sum of n) = dn = dh ∘ (1 - z) ∘ (1 - n²)
            dL/d(sum of z) = dh ∘ (h - n) ∘ z(1 - z)
            dL/d(sum of r) = dn ∘ p ∘ r(1 - r)
            dL/dp          = dn ∘ r
            dh <- dh ∘ z + W_hhᵀ dL/d(sums of r and z, and p),  for the step before

        What stands beside dh is computed for a block of steps at once.
        """
        steps, weight = trace.steps, trace.weights.hh.array
        (hidden,), (gates, past) = trace.states, trace.activations
        size = hidden.shape[1]
        by_sums, by_products = np.empty_like(gates), np.empty_like(gates)
        room = np.empty((steps.batch, size), gates.dtype)
        for block in steps.backward(3 * size):
            by_input, by_past = by_sums[block.rows], by_products[block.rows]
            gate, arriving = gates[block.rows], grad_output[block.rows]
            self._factors(by_input, gate, hidden[block.before], past[block.rows])
            apart = by_input.reshape(len(by_input), 3, size)
            r, z, _ = columns(gate, 3)
            by_r_and_z, by_candidate = by_input[:, : 2 * size], by_input[:, 2 * size :]
            past_r_and_z, past_candidate = by_past[:, : 2 * size], by_past[:, 2 * size :]
            for rows, count in block.steps:
                by_hidden = grad_states[0][:count]
                by_hidden += arriving[rows]
                apart[rows] *= by_hidden[:, None]
                past_r_and_z[rows] = by_r_and_z[rows]
                np.multiply(by_candidate[rows], r[rows], past_candidate[rows])
                by_hidden *= z[rows]
                by_hidden += np.dot(by_past[rows], weight, room[:count])
        return by_sums, by_products

    def _factors(self, output: Array, gates: Array, before: Array, past: Array) -> None:
        """Write what stands beside dh into `output`."""
        one = constant(1.0, gates.dtype)
        _, z, n = columns(gates, 3)
        beside_r, beside_z, beside_n = columns(output, 3)
        np.subtract(one, gates, output)
        np.multiply(n, n, beside_n)
        np.subtract(one, beside_n, beside_n)
        beside_n *= beside_z  # still 1 - z
        r_and_z = output[:, : 2 * z.shape[1]]
        r_and_z *= gates[:, : 2 * z.shape[1]]  # σ' = σ (1 - σ)
        beside_r *= past
        beside_r *= beside_n
        beside_z *= before - n
