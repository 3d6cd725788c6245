"""The five notebooks' printed numbers, from the examples that reproduce them.

Each script's functions run with Tensors and with arrays, and each script runs as a user runs it.
What the notebooks printed is written here as they printed it, save that zeros which NumPy strips
from the end of a number are put back: in `[ 0.24, -0.46]` each number has eight decimals.
"""

import functools
import importlib.util
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import minitorch
from minitorch import nn
from tests.helpers import check_gradients

ROOT = Path(__file__).parent.parent
both_modes = pytest.mark.parametrize("by_hand", [False, True], ids=["tensors", "by hand"])
both_orders = pytest.mark.parametrize("update_first", [True, False], ids=["notebook", "sgd"])

HIDDEN_TO_OUTPUT = "0.00804047 0.00555918"
INPUT_TO_HIDDEN = """
    1.77005547e-04 -5.11178506e-04
    3.54011093e-05 -1.02235701e-04
    -7.08022187e-05 2.04471402e-04
"""


def load(name):
    """An example as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(name, by_hand):
    """What an example prints for a user."""
    command = [sys.executable, "-W", "error", ROOT / "examples" / f"{name}.py"]
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [*command, "--by-hand"] if by_hand else command,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def data(rows, by_hand):
    """Numbers as an array, or as a Tensor."""
    array = np.array(rows)
    return array if by_hand else minitorch.tensor(array)


def assert_printed(values, printed):
    """Check numbers to within one unit of the last digit that a notebook printed.

    Where it printed the seventeenth significant digit, which two neighbouring numbers of float64
    need not share, they may be neighbours.
    """
    values, printed = np.ravel(values), [Decimal(word) for word in printed.split()]
    assert len(values) == len(printed)
    for value, number in zip(values, printed, strict=True):
        unit = Decimal((0, (1,), number.as_tuple().exponent))
        tolerance = max(unit, Decimal(np.spacing(abs(float(number)))))
        assert abs(Decimal(float(value)) - number) <= tolerance, f"{value} is not {number}"


def assert_output(output, label, printed):
    """Check the numbers that a script printed directly after `label`."""
    _, found, rest = output.partition(label)
    assert found, f"{label!r} is not in the output"
    numbers = re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", rest)
    assert_printed([float(number) for number in numbers[: len(printed.split())]], printed)


def assert_changes_of_three_neurons(output):
    """Check the changes of the 3-2-1 network's weights in what a script printed."""
    assert_output(output, "between hidden neurons and output move by", HIDDEN_TO_OUTPUT)
    assert_output(output, "(rows) and hidden neurons (columns) move by", INPUT_TO_HIDDEN)


# -- the check itself ---------------------------------------------------------------------


def test_a_number_two_units_off_is_noticed():
    assert_printed([0.24, 0.00804048], "0.24000000 0.00804047")
    with pytest.raises(AssertionError, match="is not"):
        assert_printed([0.00804049], "0.00804047")
    with pytest.raises(AssertionError, match="is not"):
        assert_output("moves by 0.0080", "moves by", "0.00804047")


# -- 000: one step ------------------------------------------------------------------------


@both_modes
def test_one_step(by_hand):
    script = load("backprop_step")
    x, target = data(script.FEATURES, by_hand), data(script.TARGET, by_hand)
    go_back = script.backpropagate_by_hand if by_hand else script.backpropagate
    input_to_hidden, hidden_to_output = script.take_step(script.build_network(), x, target, go_back)
    assert input_to_hidden.shape == (3, 2)
    assert_printed(hidden_to_output, HIDDEN_TO_OUTPUT)
    assert_printed(input_to_hidden, INPUT_TO_HIDDEN)


@both_modes
def test_one_step_printed(by_hand):
    assert_changes_of_three_neurons(run("backprop_step", by_hand))


# -- 001: every number in between ---------------------------------------------------------

FORWARD = {
    "hidden_sum": "0.24000000 -0.46000000",
    "hidden": "0.55971365 0.38698582",
    "output_sum": "-0.06012438223148006",
}
ERRORS = {
    "output": "0.11502656915007464",
    "output_sum": "0.028730669543515018",
    "hidden": "0.00287307 -0.00861920",
    "hidden_sum": "0.00070802 -0.00204471",
}


@both_modes
def test_every_intermediate(by_hand):
    script = load("every_intermediate")
    model = script.build_network()
    x, target = data(script.FEATURES, by_hand), data(script.TARGET, by_hand)
    watch = script.watch_by_hand if by_hand else script.watch
    values, gradients = watch(model, x, target)
    for name, printed in FORWARD.items():
        assert_printed(values[name], printed)
    for name, printed in ERRORS.items():
        assert_printed(-gradients[name], printed)
    assert_printed(-0.5 * model.output_sum.weight.grad.numpy(), HIDDEN_TO_OUTPUT)
    assert_printed(-0.5 * model.hidden_sum.weight.grad.numpy().T, INPUT_TO_HIDDEN)


@both_modes
def test_every_intermediate_printed(by_hand):
    output = run("every_intermediate", by_hand)
    assert "shape of the input: (3,)\n" in output
    assert "shape of the weights into the hidden layer: (3, 2)\n" in output
    assert_output(output, "sums into the hidden neurons", FORWARD["hidden_sum"])
    assert_output(output, "outputs of the hidden neurons", FORWARD["hidden"])
    assert_output(output, "sum into the output neuron", FORWARD["output_sum"])
    assert_output(output, "error of the output", ERRORS["output"])
    assert_output(output, "... of the sum before it", ERRORS["output_sum"])
    assert_output(output, "errors of the hidden outputs", ERRORS["hidden"])
    assert_output(output, "... of the sums before them", ERRORS["hidden_sum"])
    assert_output(output, "of the weights from hidden neurons to output", HIDDEN_TO_OUTPUT)
    assert_output(output, "(rows) to hidden neurons (columns)", INPUT_TO_HIDDEN)


# -- 002: layers written by hand ----------------------------------------------------------


@both_modes
def test_hand_written_layers(by_hand):
    script = load("hand_written_layers")
    x, target = data(script.FEATURES, by_hand), data(script.TARGET, by_hand)
    go_back = script.backpropagate_by_hand if by_hand else script.backpropagate
    input_to_hidden, hidden_to_output = script.take_step(script.build_network(), x, target, go_back)
    assert_printed(hidden_to_output, HIDDEN_TO_OUTPUT)
    assert_printed(input_to_hidden, INPUT_TO_HIDDEN)


@both_modes
def test_hand_written_layers_printed(by_hand):
    assert_changes_of_three_neurons(run("hand_written_layers", by_hand))


def test_gradients_of_hand_written_layers(rng):
    script = load("hand_written_layers")
    check_gradients(rng, script.WeightedSums(rng.standard_normal((3, 2))), rng.random((5, 3)))
    check_gradients(rng, script.Sigmoid(), rng.standard_normal((5, 3)))
    check_gradients(rng, script.build_network(), rng.standard_normal((5, 3)))


# -- 003: one neuron, then three ----------------------------------------------------------

NEURON_OUTPUT = "0.689974481128"
NEURON_ERROR = "-0.189974481128"
NEURON_CHANGES = "-0.02031869 -0.04063738 -0.06095608 -0.08127477"


@both_modes
def test_one_neuron(by_hand):
    script = load("one_neuron")
    output, (changes,) = script.learn(script.build_neuron(), [1.0, 2.0, 3.0, 4.0], 0.5, by_hand)
    assert_printed(output, NEURON_OUTPUT)
    assert_printed(0.5 - output, NEURON_ERROR)
    assert_printed(changes, NEURON_CHANGES)


@both_modes
def test_three_neurons(by_hand):
    script = load("one_neuron")
    _, (input_to_hidden, hidden_to_output) = script.learn(
        script.build_network(), [0.5, 0.1, -0.2], 0.6, by_hand
    )
    assert_printed(hidden_to_output, HIDDEN_TO_OUTPUT)
    assert_printed(input_to_hidden, INPUT_TO_HIDDEN)


@both_modes
def test_one_neuron_printed(by_hand):
    output = run("one_neuron", by_hand)
    assert_output(output, "output: ", NEURON_OUTPUT)
    assert_output(output, "error, target minus output: ", NEURON_ERROR)
    assert_output(output, "weights move by", NEURON_CHANGES)
    assert_changes_of_three_neurons(output)


# -- 004: the order of the updates --------------------------------------------------------
#
# The notebook's starting weights have no seed, so the outputs that it printed cannot come back;
# its loop can, from weights that have one.

# uniform in [0, 1): what torch.manual_seed(0) and torch.rand give in PyTorch 2.13
STARTING_WEIGHTS = [
    [
        [0.9700530018065531, 0.707819864399788, 0.45938294312745087, 0.9207476841219603],
        [0.6450241201227648, 0.7911478921803037, 0.17860617520075095, 0.3511076243939284],
    ],
    [[0.5813409198075745], [0.2882358921361502], [0.4528688488811142], [0.17679952620371409]],
]


def network(script, update_first, rate):
    """The example's network for one order of updates."""
    layer = script.UpdatesFirst(4, 1, rate) if update_first else nn.Linear(4, 1, bias=False)
    return script.build_network(0, layer)


def starting_matrices():
    return [np.array(matrix) for matrix in STARTING_WEIGHTS]


def plain_epoch(into_hidden, into_output, rate, update_first):
    """Train two matrices in place for an epoch, in NumPy; return the squared error before it."""
    x = np.array([[1, 1], [1, 2], [2, 1], [2, 2]])
    y = np.array([[0], [1], [2], [3]])
    hidden = 1 / (1 + np.exp(-(x @ into_hidden)))
    error = y - hidden @ into_output
    returning = into_output.copy()  # what the error goes back through
    into_output += rate * hidden.T @ error
    if update_first:
        returning = into_output
    into_hidden += rate * x.T @ (error @ returning.T * hidden * (1 - hidden))
    return np.sum(error**2)


@functools.cache
def plain_errors(rate, update_first):
    """The squared error of each of 10,000 epochs."""
    matrices = starting_matrices()
    return [plain_epoch(*matrices, rate, update_first) for _ in range(10_000)]


def compare(update_first, rate, by_hand, epochs, tolerance, every=1):
    """Train the example beside the plain loop and compare weights; return the last error."""
    script = load("update_order")
    model, matrices = network(script, update_first, rate), starting_matrices()
    training = script.train(model, rate, epochs, by_hand)
    for epoch, found in enumerate(training, start=1):
        expected = plain_epoch(*matrices, rate, update_first)
        if epoch % every == 0:
            assert abs(found - expected) < 10 * tolerance, f"error of epoch {epoch}"
            for weight, matrix in zip(model.parameters(), matrices, strict=True):
                distance = np.max(np.abs(weight.array.T - matrix))
                assert distance < tolerance, f"weights after epoch {epoch}"
    assert epoch == epochs
    return found


@both_orders
def test_starting_weights(update_first):
    model = network(load("update_order"), update_first, rate=0.1)
    for weight, matrix in zip(model.parameters(), starting_matrices(), strict=True):
        np.testing.assert_array_equal(weight.array.T, matrix)


@both_modes
def test_the_orders_part_in_the_first_epoch(by_hand):
    script = load("update_order")
    models = [network(script, update_first, rate=0.1) for update_first in (True, False)]
    for model in models:
        list(script.train(model, 0.1, 1, by_hand))
    first, after = models
    assert np.max(np.abs(first[0].weight.array - after[0].weight.array)) > 1e-3
    np.testing.assert_allclose(first[2].weight.array, after[2].weight.array, rtol=1e-14)


@both_modes
@both_orders
def test_first_hundred_epochs_at_the_notebooks_rate(update_first, by_hand):
    # Later on this training hops between two errors; by epoch 1,000 rounding grows to 1e-3.
    compare(update_first, 0.1, by_hand, epochs=100, tolerance=1e-12)


@both_modes
@both_orders
def test_ten_thousand_epochs_at_a_rate_that_converges(update_first, by_hand):
    error = compare(update_first, 0.02, by_hand, epochs=10_000, tolerance=1e-11, every=100)
    assert error < 0.08


@both_modes
def test_update_order_printed(by_hand):
    lines = run("update_order", by_hand).split("\n\n")[0].splitlines()
    heading = "epoch rate 0.1 rate 0.1, update first rate 0.02 rate 0.02, update first"
    columns = [(0.1, False), (0.1, True), (0.02, False), (0.02, True)]
    if not by_hand:
        heading = "epoch rate 0.1 rate 0.02"
        columns = [(0.1, False), (0.02, False)]
    assert lines[0] == "summed squared error"
    assert lines[1].split() == heading.split()
    table = {int(words[0]): words[1:] for words in map(str.split, lines[2:])}
    assert list(table) == [1, 2, 10, 100, 500, 9_999, 10_000]
    for column, (rate, update_first) in enumerate(columns):
        errors = plain_errors(rate, update_first)
        printed = {epoch: words[column] for epoch, words in table.items()}
        for epoch in [1, 2, 10, 100, 500] if rate == 0.1 else table:
            difference = float(printed[epoch]) - errors[epoch - 1]
            assert abs(difference) < 1e-6, f"epoch {epoch}, rate {rate}"
        if rate == 0.1:  # it hops
            low, high = sorted(errors[-2:])
            assert printed[9_999] == printed[10_000] == f"{low:.1f}/{high:.1f}"
